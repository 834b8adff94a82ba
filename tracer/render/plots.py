"""Curves as characters, and the scale of a plot: its limits and the round numbers on them.

These are pure functions from points to lines and places. They know no words, no colours and no
terminal; nothing here can fail on odd numbers.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import groupby, pairwise
from typing import Final

from tracer.frozen import Frozen
from tracer.narrative.blocks import Plot
from tracer.operations.numbers import short_text

Point = tuple[float, float]

STRETCHES: Final = 100  # of a curve in a picture, each with at most four points

DIGITS: Final = 6  # of a number on a scale

MARKS: Final = "*+ox#@%&"
"""What tells several curves apart, in this order; a place that two share shows the later."""


# Curves


def value_limits(values: Iterable[float]) -> tuple[float, float] | None:
    """Return the lowest and highest finite value; None where there is none."""
    finite = [value for value in values if math.isfinite(value)]
    return (min(finite), max(finite)) if finite else None


def share_between(value: float, low: float, high: float) -> float:
    """Return where a value lies between two limits, 0 to 1; in the middle where they are equal."""
    span = high / 2 - low / 2  # halves: the difference of two huge numbers may be infinite
    if span <= 0:
        return 0.5
    return min(max((value / 2 - low / 2) / span, 0.0), 1.0)


def reduce_points(points: Sequence[Point], columns: int) -> list[Point]:
    """Return at most four points a column: its first, lowest, highest and last."""
    points = [point for point in points if math.isfinite(point[0]) and math.isfinite(point[1])]
    across = value_limits(point[0] for point in points)
    if across is None or len(points) <= 4 * columns:
        return points
    groups = groupby(points, lambda point: cell_place(point[0], across, columns))
    return [point for _, column in groups for point in _extreme_points([*column])]


def _extreme_points(points: Sequence[Point]) -> list[Point]:
    """Return the first, lowest, highest and last of some points, in their order."""
    low = min(range(len(points)), key=lambda place: points[place][1])
    high = max(range(len(points)), key=lambda place: points[place][1])
    return [points[place] for place in sorted({0, low, high, len(points) - 1})]


def cell_place(value: float, between: tuple[float, float], cells: int) -> int:
    """Return which of some cells along an axis a value lies in."""
    return min(int(share_between(value, *between) * (cells - 1) + 0.5), cells - 1)


def _curve_dots(
    points: Sequence[Point],
    across: tuple[float, float],
    up: tuple[float, float],
    columns: int,
    rows: int,
) -> set[tuple[int, int]]:
    """Return the dots of a curve, rows from the top; what lies between two points is a line."""
    places = [
        (cell_place(x, across, columns), rows - 1 - cell_place(y, up, rows))
        for x, y in reduce_points(points, columns)
    ]
    return set(places) | {
        (round(x1 + (x2 - x1) * step / steps), round(y1 + (y2 - y1) * step / steps))
        for (x1, y1), (x2, y2) in pairwise(places)
        for steps in (max(abs(x2 - x1), abs(y2 - y1)),)
        for step in range(1, steps)
    }


_BITS: Final = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))


def braille_rows(
    points: Sequence[Point],
    across: tuple[float, float],
    up: tuple[float, float],
    columns: int,
    rows: int,
) -> list[str]:
    """Return one curve in braille characters, two dots by four in each."""
    return braille_dots(_curve_dots(points, across, up, 2 * columns, 4 * rows), columns, rows)


def braille_dots(dots: Iterable[tuple[int, int]], columns: int, rows: int) -> list[str]:
    """Return dots, each a column and a row from the top, in braille characters."""
    cells = [[0] * columns for _ in range(rows)]
    for x, y in dots:
        cells[y // 4][x // 2] |= _BITS[y % 4][x % 2]
    return ["".join(chr(0x2800 + bits) if bits else " " for bits in row) for row in cells]


def marked_rows(
    curves: Sequence[Sequence[Point]],
    across: tuple[float, float],
    up: tuple[float, float],
    columns: int,
    rows: int,
) -> list[str]:
    """Return curves in plain characters, each with a mark of its own."""
    cells = [[" "] * columns for _ in range(rows)]
    for place, points in enumerate(curves):
        for x, y in _curve_dots(points, across, up, columns, rows):
            cells[y][x] = MARKS[place % len(MARKS)]
    return ["".join(row) for row in cells]


def marked_axis(
    spans: Iterable[tuple[float, float]],
    across: tuple[float, float],
    columns: int,
    signs: tuple[str, str, str],
) -> str:
    """Return an axis by its own sign, that of a stretch, and that of a place: both ends are one."""
    cells = [signs[0]] * columns
    for low, high in spans:
        first, last = cell_place(low, across, columns), cell_place(high, across, columns)
        cells[first : last + 1] = [signs[1 if low < high else 2]] * (last - first + 1)
    return "".join(cells)


# The scale of a plot


class Tick(Frozen):
    """A round number and where it stands, from 0 to 1."""

    place: float
    text: str


class Axis(Frozen):
    """Limits, and the round numbers between them."""

    low: float
    high: float
    ticks: Sequence[Tick]

    def place(self, value: float) -> float:
        """Return where a value lies, from 0 to 1."""
        return share_between(value, self.low, self.high)


def plot_axes(plot: Plot) -> tuple[Axis, Axis]:
    """Return the horizontal and the vertical axis of a plot."""
    points = [point for series in plot.series for point in series.points]
    across = value_limits(x for x, _ in points) or (0.0, 1.0)
    up = value_limits(y for _, y in points) or (0.0, 1.0)
    if 0 < up[0] < up[1] / 2:
        up = (0.0, up[1])  # what falls towards 0 is seen against 0
    whole = all(x == math.floor(x) for x, _ in points)
    return number_axis(*across, 8, whole=whole), number_axis(*up, 5)


def number_axis(low: float, high: float, count: int, *, whole: bool = False) -> Axis:
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
    values = [multiple * step for multiple in range(first, last + 1)]
    ticks = [Tick(share_between(value, low, high), short_text(value, DIGITS)) for value in values]
    return Axis(low, high, ticks)


def _round_step(least: float) -> float:
    """Return the smallest of 1, 2, 5, 10, … times a power of ten that is not below."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(factor * power for factor in (1, 2, 5, 10, 20) if factor * power >= least)


# Networks


def inputs_of(ids: Sequence[str], edges: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Return what each quantity is computed from, once each, in the order of the edges."""
    inputs: dict[str, list[str]] = {id: [] for id in ids}
    for source, target in edges:
        if source in inputs and target in inputs and source not in inputs[target]:
            inputs[target].append(source)
    return inputs
