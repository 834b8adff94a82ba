"""The scale of a plot: its limits and the round numbers on them. Pure arithmetic, no words."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tracer.narrative.blocks import Plot
from tracer.operations.numbers import short_text
from tracer.render.plots import limits, share

__all__ = ["Axis", "Tick", "axes"]

DIGITS = 6


class Tick(NamedTuple):
    """A round number and where it stands, from 0 to 1."""

    place: float
    text: str


class Axis(NamedTuple):
    """Limits, and the round numbers between them."""

    low: float
    high: float
    ticks: Sequence[Tick]

    def place(self, value: float) -> float:
        """Return where a value lies, from 0 to 1."""
        return share(value, self.low, self.high)


def axes(plot: Plot) -> tuple[Axis, Axis]:
    """Return the horizontal and the vertical axis of a plot."""
    points = [point for series in plot.series for point in series.points]
    across = limits(x for x, _ in points) or (0.0, 1.0)
    up = limits(y for _, y in points) or (0.0, 1.0)
    if 0 < up[0] < up[1] / 2:
        up = (0.0, up[1])  # what falls towards 0 is seen against 0
    whole = all(x == math.floor(x) for x, _ in points)
    return axis(*across, 8, whole=whole), axis(*up, 5)


def axis(low: float, high: float, count: int, *, whole: bool = False) -> Axis:
    """Return an axis with about so many round numbers, whole ones where all values are."""
    if low == high:
        room = abs(low) / 2 or 0.5
        return Axis(low - room, high + room, [Tick(0.5, short_text(low, DIGITS))])
    span = high - low
    if not math.isfinite(span) or span < 1e-300 or span < 1e-9 * max(abs(low), abs(high)):
        return Axis(
            low, high, [Tick(0, short_text(low, DIGITS)), Tick(1, short_text(high, DIGITS))]
        )
    step = _round_step(span / count)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    if whole and step < 1:
        step = 1.0
        first, last = int(low), int(high)
    return Axis(low, high, list(_ticks(low, high, step, range(first, last + 1))))


def _ticks(low: float, high: float, step: float, multiples: Iterable[int]) -> Iterable[Tick]:
    for multiple in multiples:
        value = multiple * step
        yield Tick(share(value, low, high), short_text(value, DIGITS))


def _round_step(least: float) -> float:
    """Return the smallest of 1, 2, 5, 10, … times a power of ten that is not below."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(factor * power for factor in (1, 2, 5, 10, 20) if factor * power >= least)
