"""Exact numbers and intervals of them, for scalars and for arrays; knows nothing of formulas.

Every number is a fraction. Functions without exact values (exp, log, roots) are worked out to 50
digits, far beyond any figure that a document prints.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction
from typing import Final, TypeAlias

__all__ = [
    "Array",
    "Interval",
    "UndefinedValueError",
    "apply_entrywise",
    "exp",
    "gate",
    "interval_sum",
    "is_disjoint",
    "log",
    "log10",
    "matrix_product",
    "outer_product",
    "point",
    "power",
    "relu",
    "shape_of",
    "sigmoid",
    "square_root",
    "tanh",
    "transpose",
]

CONTEXT: Final = Context(prec=50, Emin=-9999, Emax=9999)
LONGEST_DENOMINATOR: Final = 400  # bits; beyond them a fraction is rounded to TIDY places
TIDY: Final = 10**60
LARGEST_EXPONENT: Final = 200  # of e: no worked example is near it


class UndefinedValueError(ArithmeticError):
    """A value that does not exist: a division by 0, the logarithm of a negative number."""


@dataclass(frozen=True, slots=True)
class Interval:
    """All numbers from `low` to `high`; a number is an interval without width."""

    low: Fraction
    high: Fraction

    @property
    def width(self) -> Fraction:
        """How far the ends are apart."""
        return self.high - self.low

    def __add__(self, other: Interval) -> Interval:
        return _tidied(self.low + other.low, self.high + other.high)

    def __neg__(self) -> Interval:
        return Interval(-self.high, -self.low)

    def __sub__(self, other: Interval) -> Interval:
        return self + -other

    def __mul__(self, other: Interval) -> Interval:
        if not self.width and not other.width:
            product = self.low * other.low
            return _tidied(product, product)
        ends = [a * b for a in (self.low, self.high) for b in (other.low, other.high)]
        return _tidied(min(ends), max(ends))

    def __truediv__(self, other: Interval) -> Interval:
        if other.low <= 0 <= other.high:
            raise UndefinedValueError("division by 0")
        return self * Interval(1 / other.high, 1 / other.low)

    def widened(self, half: Fraction) -> Interval:
        """Return the interval with `half` more on both sides."""
        return Interval(self.low - half, self.high + half) if half else self

    def distance(self, other: Interval) -> Fraction:
        """Return how far the two are apart; 0 where they meet."""
        return max(self.low - other.high, other.low - self.high, Fraction(0))


Array: TypeAlias = "Interval | tuple[Array, ...]"


def _tidied(low: Fraction, high: Fraction) -> Interval:
    return Interval(_shortened(low), _shortened(high))


def _shortened(number: Fraction) -> Fraction:
    if number.denominator.bit_length() <= LONGEST_DENOMINATOR:
        return number
    return Fraction(round(number * TIDY), TIDY)


def point(number: Fraction | int | str) -> Interval:
    """Return a number as an interval."""
    exact = Fraction(number)
    return Interval(exact, exact)


# ---- functions


def _decimal(number: Fraction) -> Decimal:
    return CONTEXT.divide(Decimal(number.numerator), Decimal(number.denominator))


def _exp(number: Fraction) -> Fraction:
    if abs(number) > LARGEST_EXPONENT:
        raise UndefinedValueError("e to a huge power")
    return Fraction(CONTEXT.exp(_decimal(number))) if number else Fraction(1)


def _log(number: Fraction) -> Fraction:
    if number <= 0:
        raise UndefinedValueError("the logarithm of a number that is not positive")
    return Fraction(CONTEXT.ln(_decimal(number)))


def _square_root(number: Fraction) -> Fraction:
    if number < 0:
        raise UndefinedValueError("the root of a negative number")
    return Fraction(CONTEXT.sqrt(_decimal(number)))


def _sigmoid(number: Fraction) -> Fraction:
    return 1 / (1 + _exp(-number))


def _tanh(number: Fraction) -> Fraction:
    double = _exp(2 * number)
    return (double - 1) / (double + 1)


def _rising(function: Callable[[Fraction], Fraction]) -> Callable[[Interval], Interval]:
    """Return a rising function of numbers as one of intervals."""

    def of_interval(value: Interval) -> Interval:
        low = function(value.low)
        return _tidied(low, function(value.high) if value.width else low)

    return of_interval


exp: Final = _rising(_exp)
log: Final = _rising(_log)
square_root: Final = _rising(_square_root)
sigmoid: Final = _rising(_sigmoid)
tanh: Final = _rising(_tanh)
relu: Final = _rising(lambda number: max(number, Fraction(0)))
gate: Final = _rising(lambda number: Fraction(number > 0))  # the derivative of relu


def log10(value: Interval) -> Interval:
    """Return the logarithm with base 10."""
    return log(value) / log(point(10))


def power(base: Interval, exponent: Interval) -> Interval:
    """Return a whole power; Raises UndefinedValueError for any other exponent."""
    if exponent.width or exponent.low.denominator != 1 or not 0 <= exponent.low <= 50:
        raise UndefinedValueError("an exponent that is no small whole number")
    count = int(exponent.low)
    ends = sorted((base.low**count, base.high**count))
    if count % 2 == 0 and base.low < 0 < base.high:
        ends[0] = Fraction(0)
    return _tidied(*ends)


# ---- arrays


def shape_of(value: Array) -> tuple[int, ...]:
    """Return the sizes of all axes; () for a number."""
    return () if isinstance(value, Interval) else (len(value), *shape_of(value[0]))


def apply_entrywise(function: Callable[..., Interval], *values: Array) -> Array:
    """Apply a function entry by entry; a number goes with each entry of an array.

    Raises UndefinedValueError where shapes differ.
    """
    arrays = [value for value in values if not isinstance(value, Interval)]
    if not arrays:
        return function(*values)
    if len({len(array) for array in arrays}) > 1:
        raise UndefinedValueError("arrays of different shapes")
    return tuple(
        apply_entrywise(function, *(v if isinstance(v, Interval) else v[i] for v in values))
        for i in range(len(arrays[0]))
    )


def interval_sum(value: Array) -> Interval:
    """Return the sum of all entries."""
    if isinstance(value, Interval):
        return value
    total = point(0)
    for entry in value:
        total = total + interval_sum(entry)
    return total


def _dot(left: Array, right: Array) -> Interval:
    return interval_sum(apply_entrywise(lambda a, b: a * b, left, right))


def transpose(value: Array) -> Array:
    """Return rows as columns; a vector stays as it is."""
    if len(shape_of(value)) != 2 or isinstance(value, Interval):
        return value
    rows = [row for row in value if not isinstance(row, Interval)]
    return tuple(zip(*rows, strict=True))


def matrix_product(left: Array, right: Array) -> Array:
    """Return the product; a vector is a row on the left and a column on the right.

    Raises UndefinedValueError where the inner sizes differ or a number is multiplied.
    """
    shapes = shape_of(left), shape_of(right)
    if isinstance(left, Interval) or isinstance(right, Interval):
        raise UndefinedValueError("a matrix product with a number")
    if shapes[0][-1] != shapes[1][0]:
        raise UndefinedValueError("inner sizes differ")
    if len(shapes[0]) == 2:
        return tuple(matrix_product(row, right) for row in left)
    if len(shapes[1]) == 2:
        columns = transpose(right)
        assert not isinstance(columns, Interval)
        return tuple(_dot(left, column) for column in columns)
    return _dot(left, right)


def outer_product(left: Array, right: Array) -> Array:
    """Return the matrix of all products of an entry of one vector with one of the other."""
    if len(shape_of(left)) != 1 or len(shape_of(right)) != 1 or isinstance(left, Interval):
        raise UndefinedValueError("an outer product of what are no vectors")
    return tuple(apply_entrywise(lambda a, b: a * b, entry, right) for entry in left)


def is_disjoint(left: Array, right: Array) -> bool:
    """Say whether no choice of numbers makes the two equal; arrays of other shapes never are."""
    if isinstance(left, Interval) and isinstance(right, Interval):
        return left.distance(right) > 0
    if isinstance(left, Interval) or isinstance(right, Interval) or len(left) != len(right):
        return True
    return any(map(is_disjoint, left, right))
