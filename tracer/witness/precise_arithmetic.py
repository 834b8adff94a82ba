"""Arithmetic at a chosen number of digits: elementary functions of real and complex numbers.

No power overflows here, so that definitions in plain exponentials hold at any input. A function
that has no real value at a place gives nan there, never an exception or a complex number: a
choice (`where`) may still pass it over. The only module that knows mpmath.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import mpmath  # type: ignore[import-untyped]

from tracer.witness.elementary_algebra import Elementary

Value = Any  # mpf or mpc: mpmath has no types


class Precise(Elementary[Value]):
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
