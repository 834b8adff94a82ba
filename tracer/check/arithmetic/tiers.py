"""How well a written figure follows from what stands left of it: seven tiers, in order.

No tolerance is fixed: half a unit in the last printed place decides. Where bounds are too wide to
decide, the answer leans to the side of the writer: a right figure is never called wrong.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from tracer.check.arithmetic.figures import Figure
from tracer.check.model.finding import Tier
from tracer.intervals import Interval

__all__ = ["NOISE", "tier", "tier_between"]

ZERO: Final = Fraction(0)
NOISE_DECIMALS: Final = 13
NOISE: Final = Fraction(1, 10**NOISE_DECIMALS)
LEFT_DECIMALS: Final = 15
LEFT: Final = Fraction(1, 10**LEFT_DECIMALS)  # what floats near 1 lose where they cancel
FLOAT_DIGITS: Final = 16  # from which a figure is a float as a program prints it, not a person
FLOAT_NOISE: Final = Fraction(1, 10**14)  # of its size
LEAST_DIGITS: Final = 2  # of a figure whose last place can be off by one without being another


def tier(right: Figure, exact: Interval, wide: Interval, unrounded: Interval | None = None) -> Tier:
    """Return how a figure follows from a value.

    `exact` is the value of the printed literals, `wide` the same with each computed literal moved
    by up to half a unit, `unrounded` the value from unrounded working, where every literal is a
    right rounding of it. A value halfway between two figures may be printed as either, but nobody
    rounds 0.5 to 1: there a factor ½ was left out.

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
    values = [exact] if unrounded is None else [exact, unrounded]
    if unrounded is not None and _distance(value, unrounded) <= half:
        return "rounded_from_unrounded"
    if any(_is_chopped(right, item) for item in values):
        return "chopped"
    if _distance(value, wide) <= half:
        return "within_rounding"
    if any(_is_off_by_one(right, item) for item in values):
        return "last_digit"
    return "wrong"


def tier_between(
    left: Interval, right: Interval, exact_left: Interval, exact_right: Interval
) -> Tier:
    """Return how one expression of figures follows from another.

    `left` and `right` are what they may be where each computed literal moves by up to half a unit,
    `exact_left` and `exact_right` the values of the printed literals. An expression whose figures
    may be rounded so that it gives the value on its left is `rounded`; so `right` should move only
    literals that were rounded on the way, none that stand on the left too.
    """
    if exact_left.meets(exact_right):
        return "exact" if exact_left == exact_right else "rounded"
    if exact_left.meets(right):
        return "rounded"
    return "within_rounding" if left.meets(right) else "wrong"


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
        return figure.decimals >= LEAST_DIGITS and _near_zero(exact, unit)
    low, high = (exact.low, exact.high) if figure.value > 0 else (-exact.high, -exact.low)
    size = abs(figure.value)
    return high >= size and low < size + unit


def _near_zero(exact: Interval, unit: Fraction) -> bool:
    return exact.low < unit and exact.high > -unit


def _is_off_by_one(figure: Figure, exact: Interval) -> bool:
    """Tell whether a figure may be one unit in its last place from a right rounding."""
    unit = 2 * figure.half
    if not unit or figure.digits < LEAST_DIGITS:
        return False
    if exact.is_exact and (exact.low / unit).denominator == 1:
        return False
    return _distance(figure.value, exact) <= 3 * figure.half
