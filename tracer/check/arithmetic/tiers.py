"""How well a written figure follows from the value of the printed figures left of it: its tier.

No tolerance is fixed: half a unit in the last printed place decides. Where bounds are too wide to
decide, the answer leans to the side of the writer: a right figure is never called wrong. What
follows from figures that may have been rounded is for the comparison of sides to say.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from tracer.check.arithmetic.figures import Figure
from tracer.check.model.finding import Tier
from tracer.intervals import Interval

__all__ = ["NOISE", "tier"]

ZERO: Final = Fraction(0)
NOISE_DECIMALS: Final = 13
NOISE: Final = Fraction(1, 10**NOISE_DECIMALS)
LEFT_DECIMALS: Final = 15
LEFT: Final = Fraction(1, 10**LEFT_DECIMALS)  # what floats near 1 lose where they cancel
FLOAT_DIGITS: Final = 16  # from which a figure is a float as a program prints it, not a person
FLOAT_NOISE: Final = Fraction(1, 10**14)  # of its size
LEAST_DIGITS: Final = 2  # of a figure whose last place can be off by one without being another


def tier(right: Figure, exact: Interval) -> Tier:
    """Return how a figure follows from the value of the printed figures before it.

    A value halfway between two figures may be printed as either, but nobody rounds 0.5 to 1: there
    a factor ½ was left out.

    Chopped is cut off toward 0; cutting toward minus infinity is no habit of people. A last digit
    that is off by one is a matter of rounding only where there was something to round: 3.76 for
    the exact 3.75 is wrong, and so is 5 for 3.7, which has no digit but the last.
    """
    value, half = right.value, right.half
    if value == exact.low and exact.is_exact:
        return "exact"
    if _is_half_off(right, exact):
        return "wrong"
    tiny = right.decimals >= NOISE_DECIMALS and 0 < abs(value) < NOISE
    if tiny and _distance(ZERO, exact) < NOISE:
        return "within_rounding"  # what floats leave where the exact result is 0
    if _distance(value, exact) <= half:
        return "rounded" if half else "exact"
    noise = abs(value) * FLOAT_NOISE if half and right.digits >= FLOAT_DIGITS else half
    if _distance(value, exact) <= noise:
        return "rounded"  # 0.30000000000000004 for 0.1 + 0.2
    if right.decimals >= LEFT_DECIMALS and _distance(value, exact) < LEFT:
        return "within_rounding"  # 8.0000002e-9 for the 8e-9 by which two numbers near 1 differ
    if _is_chopped(right, exact):
        return "chopped"
    if _is_off_by_one(right, exact):
        return "last_digit"
    return "wrong"


def _is_half_off(right: Figure, exact: Interval) -> bool:
    """Tell whether 1 stands for exactly one half."""
    if right.decimals or abs(right.value) != 1 or not exact.is_exact:
        return False
    return exact.low == right.value / 2


def _distance(value: Fraction, interval: Interval) -> Fraction:
    """Return how far a number is from the nearest of an interval."""
    if value > interval.high:
        return value - interval.high
    return interval.low - value if value < interval.low else ZERO


def _is_chopped(figure: Figure, exact: Interval) -> bool:
    """Tell whether a figure may be a value cut off at its last place, toward 0."""
    if figure.decimals < 1 and figure.digits < LEAST_DIGITS:
        return False
    unit = 2 * figure.half
    if figure.value == 0:
        return figure.decimals >= LEAST_DIGITS and exact.low < unit and exact.high > -unit
    low, high = (exact.low, exact.high) if figure.value > 0 else (-exact.high, -exact.low)
    size = abs(figure.value)
    return high >= size and low < size + unit


def _is_off_by_one(figure: Figure, exact: Interval) -> bool:
    """Tell whether a figure may be one unit in its last place from a right rounding."""
    unit = 2 * figure.half
    if not unit or figure.digits < LEAST_DIGITS:
        return False
    if exact.is_exact and (exact.low / unit).denominator == 1:
        return False
    return _distance(figure.value, exact) <= 3 * figure.half
