"""What every witness computes with: elementary functions; choices are reduced to two of them.

An algebra of `run.interpret` that knows nothing of an operation but its definition: neither the
code of a plan nor a derivative rule. What bends or jumps is made of `step` and `where`, and
follows the documented conventions at ties.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import partial
from typing import ClassVar, TypeVar

from tracer.expression.syntax import Node
from tracer.operations import Operation
from tracer.run.interpret import Algebra

V = TypeVar("V")

WRITTEN = frozenset(
    {"add", "subtract", "multiply", "divide", "negative", "power", "exp", "log", "sqrt"}
    | {"sin", "cos", "erf", "where", "pi", "minus_infinity"}
)


class Elementary(Algebra[V]):
    """Elementary functions of some kind of number, by name, and `step`: 1 above 0, else 0."""

    stable: ClassVar[bool] = False
    functions: Mapping[str, Callable[..., V]]

    def __init__(self) -> None:
        super().__init__()
        self.reduced: Mapping[str, Callable[..., V]] = {
            "abs": self.absolute,
            "sign": lambda x: self.write("subtract", self.above(x), self.above(self.negative(x))),
            "step": self.above,
            "maximum": self.maximum,
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
