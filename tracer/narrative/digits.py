"""How many digits each number of a line needs, so that the result follows from what is printed.

Results have N significant digits and givens stand as they were written. Where a line does not
follow from its printed numbers, all its computed ones get more digits together until it does, and
then each gets as few as it can. The digits belong to this line, not to the value.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from tracer.frozen import Value
from tracer.narrative.numbers import number_text, number_texts

__all__ = ["MOST_DIGITS", "Line", "chosen_digits", "half_units", "is_near"]

MOST_DIGITS = 17  # what a double can tell


class Line(Value):
    """The texts of a line's numbers. `follows` is false where no digits make the line true."""

    operands: Mapping[str, tuple[str, ...]]
    result: tuple[str, ...]
    follows: bool


def chosen_digits(
    given: Mapping[str, tuple[str, ...]],
    computed: Mapping[str, Sequence[float]],
    result: Sequence[float],
    digits: int,
    evaluate: Callable[[Mapping[str, Sequence[float]]], Sequence[float]],
) -> Line:
    """Choose the texts of a line.

    `given` holds texts as they were written, `computed` values of the record; `evaluate` works
    the line out from numbers. Only computed operands are changed.
    """
    printed = tuple(number_texts(result, digits))
    shown = [float(text) for text in printed]
    halves = half_units(shown, digits)
    fixed = {name: tuple(map(float, texts)) for name, texts in given.items()}
    names = list(computed)
    known: dict[tuple[str, int], tuple[str, ...]] = {}

    def texts(name: str, count: int) -> tuple[str, ...]:
        found = known.get((name, count))
        if found is None:
            found = known[name, count] = tuple(number_texts(computed[name], count))
        return found

    def follows(counts: Sequence[int]) -> bool:
        values: dict[str, Sequence[float]] = dict(fixed)
        for name, count in zip(names, counts, strict=True):
            values[name] = tuple(map(float, texts(name, count)))
        return all(
            _agree(value, near, half, text, digits)
            for value, near, half, text in zip(
                evaluate(values), shown, halves, printed, strict=True
            )
        )

    counts: Sequence[int] | None = [digits] * len(names)
    if not follows(counts or ()):
        counts = _more_digits(len(names), digits, follows)
    found = counts is not None
    chosen = {
        name: texts(name, count)
        for name, count in zip(names, counts or [digits] * len(names), strict=True)
    }
    return Line({**given, **chosen}, printed, found)


def _more_digits(
    operands: int, digits: int, follows: Callable[[Sequence[int]], bool]
) -> list[int] | None:
    """Return how many digits each operand of a line needs; None where no digits suffice.

    The line does not follow where all have `digits`; `follows` tries other counts.
    """
    if not operands:
        return None
    most = digits + 1
    while most <= MOST_DIGITS and not follows([most] * operands):
        most += 1
    if most > MOST_DIGITS:
        return None
    counts = [most] * operands
    for place in range(operands):
        for count in range(digits, most):
            counts[place] = count
            # Fewer digits for all of them were tried on the way up.
            if counts.count(count) != operands and follows(counts):
                break
        else:
            counts[place] = most
    return counts


def half_units(shown: Sequence[float], digits: int) -> list[float]:
    """Return how far values may be from the figures that they are rounded to."""
    halves = _HALVES[digits]
    try:
        powers = map(math.floor, map(math.log10, map(abs, shown)))
        return list(map(halves.__getitem__, powers))
    except (ValueError, OverflowError):  # a zero, or not finite
        return [
            halves[math.floor(math.log10(abs(value)))] if value and math.isfinite(value) else 0.0
            for value in shown
        ]


class _Halves(dict[int, float]):
    """Half a unit in the last of so many digits, by the power of the first one."""

    def __init__(self, digits: int) -> None:
        self.digits = digits

    def __missing__(self, power: int) -> float:
        half = self[power] = min(0.5 * 10.0 ** (power - self.digits + 1), 0.5)
        return half


_HALVES = {digits: _Halves(digits) for digits in range(MOST_DIGITS + 1)}


def is_near(value: float, shown: float, half: float) -> bool:
    """Tell whether a value is at most half a unit from a figure, but for the last bits."""
    if not math.isfinite(value):
        return False
    return abs(value - shown) <= half + 4 * math.ulp(max(abs(value), abs(shown)))


def _agree(value: float, shown: float, half: float, printed: str, digits: int) -> bool:
    """Tell whether a printed figure is the value rounded to so many significant digits."""
    if not math.isfinite(value):
        return number_text(value, digits) == printed
    return is_near(value, shown, half)
