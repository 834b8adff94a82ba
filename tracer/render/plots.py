"""Curves and pictures as characters, and the scale of a plot: its limits, the round numbers on it.

These are pure functions from points to lines and places. They know no words, no colours and no
terminal; nothing here can fail on odd numbers.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby, pairwise
from typing import Final

from tracer.frozen import Frozen
from tracer.narrative.blocks import Arrow, Plot
from tracer.operations import short_text
from tracer.render.screen_lines import Line, Piece, joined_pieces
from tracer.text_width import padded, width

Point = tuple[float, float]
Span = tuple[float, float]
"""A lower and an upper limit."""

STRETCHES: Final = 100  # stretches of a curve in a picture, with up to four points each

DIGITS: Final = 6  # digits of a number on a scale

MARKS: Final = "*+ox#@%&"
"""What tells several curves apart, in this order; a place that two share shows the later."""


# Curves


def value_limits(values: Iterable[float]) -> Span | None:
    """Return the lowest and highest finite value; None where there is none."""
    finite = [value for value in values if math.isfinite(value)]
    return (min(finite), max(finite)) if finite else None


def share_between(value: float, low: float, high: float) -> float:
    """Return where a value lies between two limits, 0 to 1; in the middle where they are equal."""
    span = high / 2 - low / 2  # halves: the difference of two huge numbers may be infinite
    return 0.5 if span <= 0 else min(max((value / 2 - low / 2) / span, 0.0), 1.0)


def reduce_points(points: Sequence[Point], columns: int) -> list[Point]:
    """Return at most four points a column: its first, lowest, highest and last."""
    points = [point for point in points if math.isfinite(point[0]) and math.isfinite(point[1])]
    across = value_limits(point[0] for point in points)
    if across is None or len(points) <= 4 * columns:
        return points
    reduced_points: list[Point] = []
    for _, group in groupby(points, lambda point: cell_place(point[0], across, columns)):
        column = [*group]
        heights = [height for _, height in column]
        low, high = heights.index(min(heights)), heights.index(max(heights))
        reduced_points += [column[place] for place in sorted({0, low, high, len(column) - 1})]
    return reduced_points


def cell_place(value: float, between: Span, cells: int) -> int:
    """Return which of some cells along an axis a value lies in."""
    return min(int(share_between(value, *between) * (cells - 1) + 0.5), cells - 1)


def _curve_dots(
    points: Sequence[Point],
    across: Span,
    up: Span,
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
    across: Span,
    up: Span,
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
    across: Span,
    up: Span,
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
    spans: Iterable[Span],
    across: Span,
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
    power = 10.0 ** math.floor(math.log10(span / count))
    step = next(it * power for it in (1, 2, 5, 10, 20) if it * power >= span / count)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    if whole and step < 1:
        step = 1.0
        first, last = int(low), int(high)
    values = [multiple * step for multiple in range(first, last + 1)]
    ticks = [Tick(share_between(value, low, high), short_text(value, DIGITS)) for value in values]
    return Axis(low, high, ticks)


# Networks


def inputs_of(ids: Sequence[str], edges: Iterable[Arrow]) -> dict[str, list[str]]:
    """Return what each quantity is computed from, once each, in the order of the edges."""
    inputs: dict[str, list[str]] = {id: [] for id in ids}
    for source, target in edges:
        if source in inputs and target in inputs and source not in inputs[target]:
            inputs[target].append(source)
    return inputs


# A picture in the cells of a terminal -------------------------------------------------------------

AXIS_DIGITS: Final = 3  # digits of a number at an axis

PICTURE_SIGNS: Final[Mapping[bool, Mapping[str, str]]] = {
    True: {
        "filled": "●", "hollow": "○", "between": "·", "cursor": "┊", "line": "─",
        "heads": "→↗↑↖←↙↓↘", "shades": "░▒▓█", "right": "✓", "wrong": "✗",
    },
    False: {
        "filled": "@", "hollow": "o", "between": ".", "cursor": ":", "line": "-",
        "heads": ">/^\\<</v\\", "shades": ".:*#", "right": "+", "wrong": "x",
    },
}  # fmt: skip
"""What pictures are drawn with, in Unicode or in ASCII.

The heads of an arrow begin with the right and go round by eighths, upwards first; shades go from
low to high.
"""

Cells = list[list[Piece]]
"""Rows of signs, each with its role."""


class CellDrawing:
    """Cells with a scale: what is put at a place of the picture."""

    def __init__(self, cells: Cells, across: Span, up: Span, unicode: bool) -> None:
        self.cells = cells
        self.columns = len(cells[0])
        self._across = across
        self._up = up
        self._unicode = unicode

    def column(self, x: float) -> int:
        """Return the column of a number."""
        return cell_place(x, self._across, self.columns)

    def row(self, y: float) -> int:
        """Return the row of a number, from the top."""
        return len(self.cells) - 1 - cell_place(y, self._up, len(self.cells))

    def curve(self, points: Sequence[Point], role: str) -> None:
        """Draw lines from point to point; dots that are there stay."""
        rows = len(self.cells)
        if self._unicode:
            curve_rows = braille_rows(points, self._across, self._up, self.columns, rows)
        else:
            curves = [points] if role == "curve" else [[], points]  # each with its own mark
            curve_rows = marked_rows(curves, self._across, self._up, self.columns, rows)
        put_lines(self.cells, curve_rows, role)

    def sign(self, point: Point, sign: str, role: str) -> None:
        """Put a sign at a point, where it is one."""
        if all(map(math.isfinite, point)):
            self.cells[self.row(point[1])][self.column(point[0])] = (sign, role)


def empty_cells(columns: int, rows: int) -> Cells:
    """Return cells with nothing in them."""
    return [[(" ", "")] * columns for _ in range(rows)]


def put_lines(cells: Cells, lines: Sequence[str], role: str) -> None:
    """Put a drawing over what is there; dots of braille join those below them."""
    for y, line in enumerate(lines):
        for x, sign in enumerate(line):
            if sign != " ":
                below = cells[y][x][0]
                if _is_braille(sign) and _is_braille(below):
                    sign = chr(ord(sign) | ord(below))
                cells[y][x] = (sign, role)


def _is_braille(sign: str) -> bool:
    return 0x2800 <= ord(sign) < 0x2900


def axis_text(value: float, unicode: bool) -> str:
    """Return a number at an axis."""
    text = short_text(value, AXIS_DIGITS)
    return text.replace("-", "−") if unicode else text


def scale_row(texts: Sequence[tuple[int, str, str]], room: int) -> list[Piece]:
    """Return the row of numbers: each below its column, the first of two that would touch."""
    row = [(" ", "")] * room
    for column, text, role in texts:
        start = min(max(column - width(text) // 2, 0), room - width(text))
        around = row[max(start - 1, 0) : start + width(text) + 1]
        if start >= 0 and all(sign == " " for sign, _ in around):
            row[start : start + width(text)] = [(sign, role) for sign in text]
    return row


def labelled_lines(cells: Cells, labels: Mapping[int, str], columns: int) -> list[Line]:
    """Return the rows with what stands at their left, and neighbours of one role as one piece."""
    return [
        [(padded(labels.get(y, ""), columns, "right") + " ", "faint"), *joined_pieces(row)]
        for y, row in enumerate(cells)
    ]
