"""Curves and networks as characters: pure functions from points and edges to lines.

They know no words, no colours and no terminal; nothing here can fail on odd numbers.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Final

from tracer.text_width import padded, width

__all__ = [
    "MARKS",
    "braille",
    "inputs_of",
    "limits",
    "marked_axis",
    "marks",
    "network",
    "reduced",
    "share",
]

Point = tuple[float, float]

MARKS: Final = "*+ox#@%&"
"""What tells several curves apart, in this order; a place that two share shows the later."""


# Curves


def limits(values: Iterable[float]) -> tuple[float, float] | None:
    """Return the lowest and highest finite value; None where there is none."""
    finite = [value for value in values if math.isfinite(value)]
    return (min(finite), max(finite)) if finite else None


def share(value: float, low: float, high: float) -> float:
    """Return where a value lies between two limits, 0 to 1; in the middle where they are equal."""
    span = high / 2 - low / 2  # halves: the difference of two huge numbers may be infinite
    if span <= 0:
        return 0.5
    return min(max((value / 2 - low / 2) / span, 0.0), 1.0)


def reduced(points: Sequence[Point], columns: int) -> list[Point]:
    """Return at most four points a column: its first, lowest, highest and last."""
    points = [point for point in points if math.isfinite(point[0]) and math.isfinite(point[1])]
    across = limits(point[0] for point in points)
    if across is None or len(points) <= 4 * columns:
        return points
    found: list[Point] = []
    column: list[Point] = []
    here = -1
    for point in points:
        place = _place(point[0], across, columns)
        if place != here and column:
            found += _extremes(column)
            column = []
        here = place
        column.append(point)
    return found + _extremes(column)


def _extremes(points: Sequence[Point]) -> list[Point]:
    """Return the first, lowest, highest and last of some points, in their order."""
    low = min(range(len(points)), key=lambda place: points[place][1])
    high = max(range(len(points)), key=lambda place: points[place][1])
    return [points[place] for place in sorted({0, low, high, len(points) - 1})]


def _place(value: float, between: tuple[float, float], cells: int) -> int:
    return min(int(share(value, *between) * (cells - 1) + 0.5), cells - 1)


def _dots(
    points: Sequence[Point],
    across: tuple[float, float],
    up: tuple[float, float],
    columns: int,
    rows: int,
) -> set[tuple[int, int]]:
    """Return the dots of a curve, rows from the top; what lies between two points is a line."""
    places = [
        (_place(x, across, columns), rows - 1 - _place(y, up, rows))
        for x, y in reduced(points, columns)
    ]
    dots = set(places)
    for (x1, y1), (x2, y2) in pairwise(places):
        steps = max(abs(x2 - x1), abs(y2 - y1))
        for step in range(1, steps):
            dots.add((round(x1 + (x2 - x1) * step / steps), round(y1 + (y2 - y1) * step / steps)))
    return dots


_BITS: Final = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))


def braille(
    points: Sequence[Point],
    across: tuple[float, float],
    up: tuple[float, float],
    columns: int,
    rows: int,
) -> list[str]:
    """Return one curve in braille characters, two dots by four in each."""
    cells = [[0] * columns for _ in range(rows)]
    for x, y in _dots(points, across, up, 2 * columns, 4 * rows):
        cells[y // 4][x // 2] |= _BITS[y % 4][x % 2]
    return ["".join(chr(0x2800 + bits) if bits else " " for bits in row) for row in cells]


def marks(
    curves: Sequence[Sequence[Point]],
    across: tuple[float, float],
    up: tuple[float, float],
    columns: int,
    rows: int,
) -> list[str]:
    """Return curves in plain characters, each with a mark of its own."""
    cells = [[" "] * columns for _ in range(rows)]
    for place, points in enumerate(curves):
        for x, y in _dots(points, across, up, columns, rows):
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
        first, last = _place(low, across, columns), _place(high, across, columns)
        cells[first : last + 1] = [signs[1 if low < high else 2]] * (last - first + 1)
    return "".join(cells)


# Networks


def inputs_of(ids: Sequence[str], edges: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Return what each quantity is computed from, once each, in the order of the edges."""
    inputs: dict[str, list[str]] = {id: [] for id in ids}
    for source, target in edges:
        if source in inputs and target in inputs and source not in inputs[target]:
            inputs[target].append(source)
    return inputs


def network(
    labels: Mapping[str, str], inputs: Mapping[str, Sequence[str]], room: int, *, unicode: bool
) -> list[str] | None:
    """Return a network from left to right; None where it does not fit into the room.

    A quantity that several others use, or whose line would be too long, ends a drawing of its
    own; where it is used it stands by its name.
    """
    order = _in_order(inputs)
    if order is None:
        return None
    uses = dict.fromkeys(inputs, 0)
    for sources in inputs.values():
        for source in sources:
            uses[source] += 1
    computed = [id for id in order if inputs[id]]
    ends = {id for id in computed if uses[id] != 1}
    columns: dict[str, int] = {}
    for id in order:
        columns[id] = width(labels[id])
        if inputs[id]:
            columns[id] = _columns_of(id, labels, inputs, columns, ends)
        if columns[id] > room:
            ends.update(source for source in inputs[id] if inputs[source])
            columns[id] = _columns_of(id, labels, inputs, columns, ends) if inputs[id] else room + 1
        if columns[id] > room:
            return None
    signs = _UNICODE if unicode else _ASCII
    lines: list[str] = []
    for id in computed:
        if id in ends:
            if lines:
                lines.append("")
            lines += _Tree(labels, inputs, ends - {id}, signs).drawn(id)[0]
    lone = [labels[id] for id in order if not inputs[id] and not uses[id]]
    return [line.rstrip() for line in [*lines, *lone]]


_ARROW: Final = 5  # columns that ` ─┬─▶ ` takes, but for one space


def _columns_of(
    id: str,
    labels: Mapping[str, str],
    inputs: Mapping[str, Sequence[str]],
    columns: Mapping[str, int],
    ends: Collection[str],
) -> int:
    widest = max(
        width(labels[source]) if source in ends else columns[source] for source in inputs[id]
    )
    return widest + _ARROW + 1 + width(labels[id])


def _in_order(inputs: Mapping[str, Sequence[str]]) -> list[str] | None:
    """Return the quantities, each behind its inputs; None where they go in circles."""
    waiting = {id: len(sources) for id, sources in inputs.items()}
    users: dict[str, list[str]] = {id: [] for id in inputs}
    for id, sources in inputs.items():
        for source in sources:
            users[source].append(id)
    ready = [id for id, count in waiting.items() if not count]
    for id in ready:
        for user in users[id]:
            waiting[user] -= 1
            if not waiting[user]:
                ready.append(user)
    return ready if len(ready) == len(inputs) else None


# What a line does at a place: bits for left, right, up and down.
_LEFT, _RIGHT, _UP, _DOWN = 1, 2, 4, 8
_UNICODE: Final = {
    **{3: "─", 9: "┐", 5: "┘", 13: "┤", 10: "┌", 6: "└", 14: "├"},
    **{11: "┬", 7: "┴", 15: "┼", 12: "│", 0: "▶"},
}
_ASCII: Final = dict.fromkeys(range(16), "+") | {3: "-", 12: "|", 0: ">"}


class _Tree:
    """Draws one quantity with what it is computed from on its left."""

    def __init__(
        self,
        labels: Mapping[str, str],
        inputs: Mapping[str, Sequence[str]],
        leaves: Collection[str],
        signs: Mapping[int, str],
    ) -> None:
        self.labels = labels
        self.inputs = inputs
        self.leaves = leaves
        self.signs = signs

    def drawn(self, id: str) -> tuple[list[str], int]:
        """Return lines of one width, and which of them ends in the quantity's label."""
        label = self.labels[id]
        if not self.inputs[id] or id in self.leaves:
            return [label], 0
        parts = [self.drawn(source) for source in self.inputs[id]]
        columns = max(width(part[0][0]) for part in parts)
        lines: list[str] = []
        rows: list[int] = []
        for part, row in parts:
            rows.append(len(lines) + row)
            for place, line in enumerate(part):
                if place == row:
                    line = f"{line} " + self.signs[3] * (columns - width(line) + 1)
                    lines.append(line)
                else:
                    lines.append(padded(line, columns + 2))
        first, last = rows[0], rows[-1]
        # Where one of the inputs is in the middle the arrow goes on in its line.
        out = min(range(first, last + 1), key=lambda row: (abs(2 * row - first - last), row))
        for row, line in enumerate(lines):
            bits = _LEFT * (row in rows) + _RIGHT * (row == out)
            bits += _UP * (first < row <= last) + _DOWN * (first <= row < last)
            lines[row] = line + (self.signs[bits] if bits else " ")
        arrow = f"{self.signs[3]}{self.signs[0]} {label}"
        blank = " " * width(arrow)
        return [line + (arrow if row == out else blank) for row, line in enumerate(lines)], out
