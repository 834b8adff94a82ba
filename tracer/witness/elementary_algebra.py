"""The elementary functions that every witness computes with; choices are reduced to two of them.

An algebra of `run.interpret` that knows nothing of an operation but its definition: neither the
code of a plan nor a derivative rule. What bends or jumps is made of `step` and `where`, and
follows the documented conventions at ties.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import partial
from typing import Any, ClassVar, TypeVar

import mpmath  # type: ignore[import-untyped]

from tracer.expression import Node
from tracer.operations import Operation
from tracer.run.interpret import Algebra

V = TypeVar("V")

WRITTEN = frozenset(
    {"add", "subtract", "multiply", "divide", "negative", "power", "exp", "log", "sqrt"}
    | {"sin", "cos", "erf", "where", "pi", "minus_infinity"}
)


class ElementaryAlgebra(Algebra[V]):
    """Elementary functions of some kind of number, by name, and `step`: 1 above 0, else 0."""

    stable: ClassVar[bool] = False
    functions: Mapping[str, Callable[..., V]]

    def __init__(self) -> None:
        self.reduced: Mapping[str, Callable[..., V]] = {
            "abs": self.absolute,
            "sign": lambda x: self.write("subtract", self.above(x), self.above(self.negative(x))),
            "step": self.above,
            "maximum": self.maximum,
            "at_least": self.maximum,
            "minimum": lambda a, b: self.negative(self.maximum(self.negative(a), self.negative(b))),
            "equal": self.equal,
            "largest": self.largest,
            "largest_shared": self.largest_shared,
            "add": self.sum,
        }

    def write(self, operation: str, *operands: V) -> V:
        """Return an elementary function of values."""
        return self.functions[operation](*operands)

    def bend(self, left: V, right: V | None = None) -> None:
        """Note that a function bends where a value is 0, or where two are equal."""

    def constant(self, value: V) -> V:
        """Return a value as one that moves with nothing."""
        return value

    def cut(self, *values: V) -> None:
        """Note values at which a long form may be cut into shorter ones."""

    def function(self, row: Operation, operands: Sequence[Node]) -> Callable[..., V] | None:
        """Return an elementary function, or what reduces an operation to some."""
        if row.stops:
            return self.constant
        if row.name in self.reduced:
            return self.reduced[row.name]
        return partial(self.write, row.name) if row.name in WRITTEN else None

    def sum(self, *terms: V) -> V:
        """Return the sum of terms."""
        return self.write("add", *terms)

    def negative(self, x: V) -> V:
        """Return -x."""
        return self.write("negative", x)

    def above(self, x: V) -> V:
        """Return 1 where x > 0, else 0."""
        self.bend(x)
        return self.write("step", x)

    def greater(self, a: V, b: V) -> V:
        """Return 1 where a > b, else 0."""
        return self.write("step", self.write("subtract", a, b))

    def absolute(self, x: V) -> V:
        """Return x above 0, -x below, 0 between: the derivative at 0 is 0."""
        zero, less = self.number(Fraction(0)), self.negative(x)
        below = self.write("where", self.write("step", less), less, zero)
        return self.write("where", self.above(x), x, below)

    def maximum(self, a: V, b: V) -> V:
        """Return the larger; half of each where they are equal."""
        self.bend(a, b)
        both = self.write("divide", self.write("add", a, b), self.number(Fraction(2)))
        otherwise = self.write("where", self.greater(b, a), b, both)
        return self.write("where", self.greater(a, b), a, otherwise)

    def equal(self, a: V, b: V) -> V:
        """Return 1 where neither is larger, else 0."""
        self.bend(a, b)
        return self.alike(a, b)

    def alike(self, a: V, b: V) -> V:
        """Return 1 where neither is larger, of values that are known to meet."""
        either = self.write("add", self.greater(a, b), self.greater(b, a))
        return self.write("subtract", self.number(Fraction(1)), either)

    def largest(self, *parts: V) -> V:
        """Return the largest; the first of equal ones. Halves are compared: no form is deep."""
        if len(parts) == 1:
            return parts[0]
        first = self.largest(*parts[: len(parts) // 2])
        second = self.largest(*parts[len(parts) // 2 :])
        self.bend(first, second)
        self.cut(first, second)
        return self.write("where", self.greater(second, first), second, first)

    def largest_shared(self, *parts: V) -> V:
        """Return the mean of all that equal the largest: they share its derivative evenly."""
        top = self.largest(*parts)
        hits = [self.alike(part, top) for part in parts]
        total = self.sum(*(self.write("multiply", *pair) for pair in zip(parts, hits, strict=True)))
        return self.write("divide", total, self.sum(*hits))


# At a chosen number of digits: the only part that knows mpmath ------------------------------------

Value = Any  # mpf or mpc: mpmath has no types


class PreciseAlgebra(ElementaryAlgebra[Value]):
    """Numbers of `digits` decimal digits and the elementary functions of them."""

    def __init__(self, digits: int) -> None:
        super().__init__()
        self.context = mpmath.MPContext()
        self.context.dps = digits
        self.functions = {
            "add": self._add,
            "subtract": lambda a, b: a - b,
            "multiply": self._multiply,
            "divide": lambda a, b: a / b if b else self.context.nan,
            "negative": lambda x: -x,
            "power": self._power,
            "exp": self.context.exp,
            "log": self._log,
            "sqrt": lambda x: self.context.sqrt(x) if x.real >= 0 else self.context.nan,
            "sin": self.context.sin,
            "cos": self.context.cos,
            "erf": self.context.erf,
            "pi": lambda: +self.context.pi,
            "minus_infinity": lambda: -self.context.inf,
            "step": lambda x: self.one if x.real > 0 else self.zero,
            "where": lambda condition, a, b: a if condition else b,
        }
        self.zero: Value = self.context.mpf(0)
        self.one: Value = self.context.mpf(1)

    def number(self, value: float | Fraction | str) -> Value:
        """Return a float exactly, a fraction or a text such as "1e-12" at so many digits."""
        if isinstance(value, Fraction):
            return self.context.mpf(value.numerator) / value.denominator
        return self.context.mpf(value)

    def complex(self, real: float, imaginary: str) -> Value:
        """Return a complex number; the imaginary part is given as text, such as '1e-30'."""
        return self.context.mpc(real, imaginary)

    def _add(self, *terms: Value) -> Value:
        return sum(terms, self.zero)

    def _multiply(self, *factors: Value) -> Value:
        """The product; 0 times the logarithm of 0 is 0, as in the limit: 0**w stays 0."""
        if not all(factors):
            return self.context.nan if any(map(self.context.isnan, factors)) else self.zero
        return math.prod(factors, start=self.one)

    def _log(self, x: Value) -> Value:
        if x.real > 0:
            return self.context.log(x)
        return self.context.nan if x else -self.context.inf

    def _power(self, base: Value, exponent: Value) -> Value:
        if not exponent.imag and self.context.isint(exponent.real):
            whole = int(exponent.real)
            return base**whole if base or whole >= 0 else self.context.nan
        if base.real > 0:
            return self.context.power(base, exponent)
        return self.zero if not base and exponent.real > 0 else self.context.nan


def as_float(value: Value) -> float:
    """Return the nearest float; the real part of a complex number; ±inf where it is too large."""
    try:
        return float(value.real)
    except OverflowError:
        return float("inf") if value.real > 0 else float("-inf")
