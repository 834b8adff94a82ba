"""How many digits each number of a line needs, so that the result follows from what is printed.

Results have N significant digits and givens stand as they were written. Where a line does not
follow from its printed numbers, all its computed ones get more digits together until it does, and
then each gets as few as it can. The digits belong to this line, not to the value.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tracer.narrative.numbers import number_text

__all__ = ["Line", "chosen_digits"]

MOST_DIGITS = 17  # what a double can tell


@dataclass(frozen=True, slots=True)
class Line:
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
    printed = tuple(number_text(value, digits) for value in result)
    fixed = {name: tuple(map(float, texts)) for name, texts in given.items()}
    need = dict.fromkeys(computed, digits)

    def texts() -> dict[str, tuple[str, ...]]:
        return {
            name: tuple(number_text(value, need[name]) for value in values)
            for name, values in computed.items()
        }

    def follows() -> bool:
        values: dict[str, Sequence[float]] = dict(fixed)
        values.update({name: tuple(map(float, item)) for name, item in texts().items()})
        return all(
            _agree(value, shown, digits)
            for value, shown in zip(evaluate(values), printed, strict=True)
        )

    found = follows()
    while not found and computed and max(need.values()) < MOST_DIGITS:
        need = {name: count + 1 for name, count in need.items()}
        found = follows()
    if found and any(count > digits for count in need.values()):
        for name in need:
            best = need[name]
            for count in range(digits, best):
                need[name] = count
                if follows():
                    break
            else:
                need[name] = best
    if not found:
        need = dict.fromkeys(computed, digits)
    return Line({**given, **texts()}, printed, found)


def _agree(value: float, printed: str, digits: int) -> bool:
    """Tell whether a printed figure is the value rounded to so many significant digits."""
    if not math.isfinite(value):
        return number_text(value, digits) == printed
    shown = float(printed)
    noise = 4 * math.ulp(max(abs(value), abs(shown)))
    if shown == 0:
        return abs(value) <= noise
    half = 0.5 * 10.0 ** (math.floor(math.log10(abs(shown))) - digits + 1)
    return abs(value - shown) <= min(half, 0.5) + noise
