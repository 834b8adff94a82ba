"""Numbers with bounds: exact fractions, or all numbers between two fractions.

Each result holds every value that the operands may have. Arithmetic on exact numbers is exact;
what has too many digits is rounded outward, and what is too large is refused.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final, Literal

from tracer.sentences import Sentence, say

MOST_EXACT_BITS: Final = 2000  # bits of a numerator or denominator; beyond, a number is rounded
MOST_BOUND_BITS: Final = 400  # bits of an end of an interval; beyond, it is rounded
KEPT_BITS: Final = 200  # bits that an end keeps when it is rounded outward
MOST_MAGNITUDE: Final = 8192  # bits before the point of a number or of its reciprocal

ZERO: Final = Fraction(0)

Reason = Literal["unreadable", "ambiguous", "unknown_quantity", "undefined", "limit"]
"""Why an expression has no value."""


class Unevaluable(Exception):  # noqa: N818 - a turn of the work, nobody's error
    """A value that cannot be worked out: why, in words, and the name that is not known."""

    def __init__(self, reason: Reason, message: Sentence, name: str = "") -> None:
        super().__init__(message)
        self.reason: Final[Reason] = reason
        self.message: Final = message
        self.name: Final = name


class Interval:
    """All numbers from `low` to `high`, both included; one exact number where `high` is left out.

    Operators give bounds of the result, the narrowest that their operands' bounds allow. Raises
    Unevaluable where a divisor may be 0, and where a result is too large.
    """

    __slots__ = ("high", "low")

    def __init__(self, low: Fraction, high: Fraction | None = None) -> None:
        self.low: Final = low
        self.high: Final = low if high is None else high

    @property
    def is_exact(self) -> bool:
        """Whether it holds one number only."""
        return self.low is self.high or self.low == self.high

    def holds(self, number: Fraction) -> bool:
        """Tell whether a number is within the bounds."""
        return self.low <= number <= self.high

    def meets(self, other: Interval) -> bool:
        """Tell whether two intervals have a number in common."""
        # As whole numbers: `<=` of fractions first looks for what kind of number the other is.
        ends = self.low, self.high, other.low, other.high
        (a, unit_a), (b, unit_b), (c, unit_c), (d, unit_d) = map(Fraction.as_integer_ratio, ends)
        return a * unit_d <= d * unit_a and c * unit_b <= b * unit_c

    def __eq__(self, other: object) -> bool:
        if type(other) is Interval:
            same = self.low is other.low or self.low == other.low
            return same and (self.high is other.high or self.high == other.high)
        return NotImplemented

    def __hash__(self) -> int:
        return hash((self.low, self.high))

    def __repr__(self) -> str:
        return f"Interval({self.low})" if self.is_exact else f"Interval({self.low}, {self.high})"

    def __add__(self, other: Interval) -> Interval:
        if self.low is self.high and other.low is other.high:
            return _exact_or_bounds(self.low + other.low)
        return interval_between(self.low + other.low, self.high + other.high)

    def __sub__(self, other: Interval) -> Interval:
        if self.low is self.high and other.low is other.high:
            return _exact_or_bounds(self.low - other.low)
        return interval_between(self.low - other.high, self.high - other.low)

    def __mul__(self, other: Interval) -> Interval:
        low, high = self.low, self.high
        if low is high and other.low is other.high:
            return _exact_or_bounds(low * other.low)
        if low.numerator < 0 and high.numerator <= 0:
            return -(-self * other)
        if low.numerator < 0:
            if other.low.numerator >= 0 or other.high.numerator <= 0:
                return other * self
            ends = [x * y for x in (low, high) for y in (other.low, other.high)]
            return interval_between(min(ends), max(ends))
        return interval_between(
            other.low * (low if other.low.numerator >= 0 else high),
            other.high * (high if other.high.numerator >= 0 else low),
        )

    def __truediv__(self, other: Interval) -> Interval:
        if other.low.numerator <= 0 <= other.high.numerator:
            raise Unevaluable("undefined", say("a division by 0"))
        if self.low is self.high and other.low is other.high:
            return _exact_or_bounds(self.low / other.low)
        return self * Interval(1 / other.high, 1 / other.low)

    def __neg__(self) -> Interval:
        return (
            exact_interval(-self.low) if self.low is self.high else Interval(-self.high, -self.low)
        )

    def __abs__(self) -> Interval:
        if self.low >= 0:
            return self
        return -self if self.high <= 0 else interval_between(ZERO, max(-self.low, self.high))


def exact_interval(number: Fraction | int) -> Interval:
    """Return a number as the interval that holds nothing else."""
    return Interval(number if type(number) is Fraction else Fraction(number))


def interval_between(low: Fraction, high: Fraction) -> Interval:
    """Return what lies between two bounds, rounded outward where they have too many digits."""
    if low is high or low == high:
        return _exact_or_bounds(low)
    return Interval(_round_bound(low, up=False), _round_bound(high, up=True))


def _exact_or_bounds(x: Fraction) -> Interval:
    """Return an exact number as it is, or bounds of it where it has too many digits."""
    if x.denominator.bit_length() <= MOST_EXACT_BITS >= x.numerator.bit_length():
        return Interval(x)
    return Interval(_round_bound(x, up=False), _round_bound(x, up=True))


def _round_bound(x: Fraction, *, up: bool) -> Fraction:
    """Return a bound with few digits. Raises Unevaluable where it is too large."""
    above, below = x.numerator, x.denominator
    if above.bit_length() <= MOST_BOUND_BITS >= below.bit_length():
        return x
    magnitude = above.bit_length() - below.bit_length()
    if magnitude > MOST_MAGNITUDE:
        raise Unevaluable("limit", say("the number is too large"))
    if magnitude < -MOST_MAGNITUDE:
        tiny = Fraction(1, 1 << MOST_MAGNITUDE)
        return (tiny if above > 0 else ZERO) if up else (ZERO if above > 0 else -tiny)
    shift = magnitude - KEPT_BITS
    scaled, divisor = (above << -shift, below) if shift < 0 else (above, below << shift)
    whole = -(-scaled // divisor) if up else scaled // divisor
    return Fraction(whole << shift) if shift >= 0 else Fraction(whole, 1 << -shift)
