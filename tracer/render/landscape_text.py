"""The loss around one step of a run in characters: a curve with its tangent, or a map.

On a curve the point, the tangent and the step stand where they are; below it an arrow goes from the
number before the step to the one after it. On a map lines of equal loss are drawn, as many cells
between two as between any others, so that a steep rim does not hide the valley.
"""

from __future__ import annotations

import math
from bisect import bisect
from collections.abc import Mapping, Sequence
from itertools import groupby, pairwise
from typing import Final, NamedTuple

from tracer.operations.numbers import short_text
from tracer.render.plots import braille, braille_dots, limits, marks, share
from tracer.render.screen_lines import Line
from tracer.run.landscape import StepLandscape
from tracer.text_width import padded, width

__all__ = ["LandscapeSigns", "StepParts", "landscape_lines", "landscape_signs"]

DIGITS: Final = 3
LEAST_ROOM: Final = 10  # columns beside the limits
LEAST_ROWS: Final = 2  # of a curve
BELOW: Final = 2  # rows below a curve: the arrow and the numbers
LEVELS: Final = 7  # lines of equal loss on a map, at most
TANGENT: Final = 0.3  # of the width, to either side of the point

Point = tuple[float, float]
Span = tuple[float, float]
Cells = list[list[tuple[str, str]]]


class StepParts(NamedTuple):
    """What of a step is shown: a walk shows each when it has come to it."""

    tangent: bool = True
    step: bool = True


class LandscapeSigns(NamedTuple):
    """What a landscape is drawn with; `heads` are the heads of an arrow by its direction.

    They begin with the right and go round by eighths, upwards first.
    """

    here: str
    other: str
    line: str
    heads: str


def landscape_signs(*, unicode: bool) -> LandscapeSigns:
    """Return the signs of a terminal."""
    if unicode:
        return LandscapeSigns("●", "○", "─", "→↗↑↖←↙↓↘")
    return LandscapeSigns("@", "o", "-", ">/^\\</v\\")


def landscape_lines(
    shown: StepLandscape,
    names: Sequence[str],
    columns: int,
    rows: int,
    parts: StepParts = StepParts(),  # noqa: B008 - it cannot be changed
    *,
    unicode: bool,
) -> list[Line]:
    """Return the picture in a room, `names` at its axes; nothing where there is too little of it.

    A curve has one name, a map two: across and up.
    """
    is_map = len(shown.landscape.axes) > 1
    return (_map_lines if is_map else _curve_lines)(shown, names, columns, rows, parts, unicode)


# One number


def _curve_lines(
    shown: StepLandscape,
    names: Sequence[str],
    columns: int,
    rows: int,
    parts: StepParts,
    unicode: bool,
) -> list[Line]:
    (axis,) = shown.landscape.axes
    losses = [row[0] for row in shown.landscape.losses]
    points = [
        (value, loss)
        for value, loss in zip(axis.values, losses, strict=True)
        if math.isfinite(loss)
    ]
    here = (shown.here[0], shown.loss_here)
    up = limits(loss for _, loss in (*points, here))
    if up is None:
        return []
    across = (axis.values[0], axis.values[-1])
    sides = [_told(value, unicode) for value in (up[1], up[0])]
    labels = max(*map(width, sides), width(names[0]))
    room, height = columns - labels - 1, rows - BELOW
    if room < LEAST_ROOM or height < LEAST_ROWS:
        return []
    cells = _empty(room, height)
    draw = _Drawing(cells, across, up, unicode)
    draw.curve(points, "curve")
    if parts.tangent and shown.slope is not None and math.isfinite(shown.slope):
        draw.curve(_tangent(here, shown.slope, across, up), "result")
    signs = landscape_signs(unicode=unicode)
    for (place,) in shown.landscape.way[:-1]:
        draw.sign((place, _between(points, place)), signs.other, "faint")
    target = shown.target[0] if parts.step and shown.target is not None else None
    if target is not None and shown.loss_target is not None:
        draw.sign((target, shown.loss_target), signs.other, "result")
    draw.sign(here, signs.here, "mark")
    cells.append(_arrow(draw.column(here[0]), target, draw, signs))
    texts = [(draw.column(here[0]), _told(here[0], unicode), "mark")]
    if target is not None:
        texts.append((draw.column(target), _told(target, unicode), "result"))
    texts += [(0, _told(across[0], unicode), "faint"), (room, _told(across[1], unicode), "faint")]
    cells.append(_scale(texts, room))
    return _labelled(cells, {0: sides[0], height - 1: sides[1], height + 1: names[0]}, labels)


def _tangent(here: Point, slope: float, across: Span, up: Span) -> list[Point]:
    """Return the ends of the tangent: so far to either side, within the limits of the picture."""
    reach = TANGENT * (across[1] - across[0])
    if slope:
        reach = min(reach, (up[1] - up[0]) / abs(slope))
    ends = []
    for way in (-reach, reach):
        x, y = here[0] + way, here[1] + slope * way
        if slope and not up[0] <= y <= up[1]:
            y = min(max(y, up[0]), up[1])
            x = here[0] + (y - here[1]) / slope
        ends.append((x, y))
    return ends


def _between(points: Sequence[Point], at: float) -> float:
    """Return the loss at a place between those that are drawn, on the line between them."""
    for (x1, y1), (x2, y2) in pairwise(points):
        if x1 <= at <= x2:
            return y1 + (y2 - y1) * (at - x1) / (x2 - x1)
    return math.nan


def _arrow(
    start: int, target: float | None, draw: _Drawing, signs: LandscapeSigns
) -> list[tuple[str, str]]:
    """Return the row of the step: from its first column to its last, with a head."""
    row = [(" ", "")] * draw.columns
    if target is None or (end := draw.column(target)) == start:
        row[start] = (signs.here, "mark")
        return row
    for column in range(min(start, end), max(start, end) + 1):
        row[column] = (signs.line, "mark")
    row[start] = (signs.here, "mark")
    row[end] = (signs.heads[0 if end > start else 4], "mark")
    return row


# Two numbers


def _map_lines(
    shown: StepLandscape,
    names: Sequence[str],
    columns: int,
    rows: int,
    parts: StepParts,
    unicode: bool,
) -> list[Line]:
    first, second = shown.landscape.axes
    across, up = ((axis.values[0], axis.values[-1]) for axis in (first, second))
    sides = [_told(value, unicode) for value in (up[1], up[0])]
    labels = max(*map(width, sides), *map(width, names))
    room, height = columns - labels - 1, rows - 1
    if room < LEAST_ROOM or height < LEAST_ROWS + 1:
        return []
    cells = _empty(room, height)
    draw = _Drawing(cells, across, up, unicode)
    _contours(cells, shown.landscape.losses, unicode)
    signs = landscape_signs(unicode=unicode)
    way = [(x, y) for x, y in shown.landscape.way]
    draw.curve(way, "result")
    for place in way[:-1]:
        draw.sign(place, signs.other, "result")
    here = way[-1]
    if parts.step and shown.target is not None:
        target = (shown.target[0], shown.target[1])
        draw.curve([here, target], "mark")
        wide, high = draw.column(target[0]) - draw.column(here[0]), draw.row(here[1])
        high -= draw.row(target[1])
        if wide or high:
            turn = round(math.atan2(2 * high, wide) * 4 / math.pi) % 8  # a row is two columns high
            draw.sign(target, signs.heads[turn], "mark")
    draw.sign(here, signs.here, "mark")
    texts = [
        (draw.column(here[0]), _told(here[0], unicode), "mark"),
        (0, _told(across[0], unicode), "faint"),
        (room, _told(across[1], unicode), "faint"),
    ]
    cells.append(_scale(texts, room))
    left = {height // 2: names[1], 0: sides[0], height - 1: sides[1], height: names[0]}
    return _labelled(cells, left, labels)


def _contours(cells: Cells, losses: Sequence[Sequence[float]], unicode: bool) -> None:
    """Draw lines of equal loss: dots whose neighbour lies in another level."""
    finite = sorted(loss for row in losses for loss in row if math.isfinite(loss))
    if not finite:
        return
    rows, columns = len(cells), len(cells[0])
    count = min(LEVELS, rows // (2 if unicode else 3) + 1)
    bounds = [finite[at * len(finite) // (count + 1)] for at in range(1, count + 1)]
    wide, high = (2 * columns, 4 * rows) if unicode else (columns, rows)

    def level(x: int, y: int) -> int | None:
        loss = _interpolated(losses, x / (wide - 1), 1 - y / (high - 1))
        return bisect(bounds, loss) if math.isfinite(loss) else None

    levels = [[level(x, y) for x in range(wide)] for y in range(high)]
    dots = [
        (x, y)
        for y in range(high - 1)
        for x in range(wide - 1)
        if levels[y][x] != levels[y][x + 1] or levels[y][x] != levels[y + 1][x]
    ]
    if unicode:
        _put(cells, braille_dots(dots, columns, rows), "faint")
    for x, y in () if unicode else dots:
        cells[y][x] = (".", "faint")


def _interpolated(losses: Sequence[Sequence[float]], x: float, y: float) -> float:
    """Return the loss at shares of both axes, from its four neighbours on the grid."""
    across, up = x * (len(losses) - 1), y * (len(losses[0]) - 1)
    left, low = min(int(across), len(losses) - 2), min(int(up), len(losses[0]) - 2)
    one, two = across - left, up - low
    return (
        losses[left][low] * (1 - one) * (1 - two)
        + losses[left + 1][low] * one * (1 - two)
        + losses[left][low + 1] * (1 - one) * two
        + losses[left + 1][low + 1] * one * two
    )


# Cells


class _Drawing:
    """Cells with a scale: what is put at a place of the picture."""

    def __init__(self, cells: Cells, across: Span, up: Span, unicode: bool) -> None:
        self.cells = cells
        self.columns = len(cells[0])
        self._across = across
        self._up = up
        self._unicode = unicode

    def column(self, x: float) -> int:
        """Return the column of a number."""
        return min(int(share(x, *self._across) * (self.columns - 1) + 0.5), self.columns - 1)

    def row(self, y: float) -> int:
        """Return the row of a number, from the top."""
        rows = len(self.cells)
        return rows - 1 - min(int(share(y, *self._up) * (rows - 1) + 0.5), rows - 1)

    def curve(self, points: Sequence[Point], role: str) -> None:
        """Draw lines from point to point; dots that are there stay."""
        rows = len(self.cells)
        if self._unicode:
            drawn = braille(points, self._across, self._up, self.columns, rows)
        else:
            curves = [points] if role == "curve" else [[], points]  # each with its own mark
            drawn = marks(curves, self._across, self._up, self.columns, rows)
        _put(self.cells, drawn, role)

    def sign(self, point: Point, sign: str, role: str) -> None:
        """Put a sign at a point, where it is one."""
        if all(map(math.isfinite, point)):
            self.cells[self.row(point[1])][self.column(point[0])] = (sign, role)


def _empty(columns: int, rows: int) -> Cells:
    return [[(" ", "")] * columns for _ in range(rows)]


def _put(cells: Cells, lines: Sequence[str], role: str) -> None:
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


def _told(value: float, unicode: bool) -> str:
    text = short_text(value, DIGITS)
    return text.replace("-", "−") if unicode else text


def _scale(texts: Sequence[tuple[int, str, str]], room: int) -> list[tuple[str, str]]:
    """Return the row of numbers: each below its column, the first of two that would touch."""
    row = [(" ", "")] * room
    for column, text, role in texts:
        start = min(max(column - width(text) // 2, 0), room - width(text))
        around = row[max(start - 1, 0) : start + width(text) + 1]
        if start >= 0 and all(sign == " " for sign, _ in around):
            row[start : start + width(text)] = [(sign, role) for sign in text]
    return row


def _labelled(cells: Cells, labels: Mapping[int, str], columns: int) -> list[Line]:
    """Return the rows with what stands at their left, and neighbours of one role as one piece."""
    lines: list[Line] = []
    for y, row in enumerate(cells):
        groups = ((role, list(part)) for role, part in groupby(row, lambda cell: cell[1]))
        pieces = [("".join(sign for sign, _ in part), role) for role, part in groups]
        label = padded(labels.get(y, ""), columns, "right") + " "
        lines.append([(label, "faint"), *pieces])
    return lines
