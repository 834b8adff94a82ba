"""Two curves in one picture, told apart by their signs: the run now, and the one before.

A value that is not finite is left out; it is marked where it happened. Nothing here can fail on
odd numbers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import groupby
from typing import Final, NamedTuple

from tracer.operations.numbers import short_text
from tracer.render.plots import braille, limits, marks, share
from tracer.render.screen_lines import Line
from tracer.text_width import padded, width

__all__ = ["Comparison", "Picture", "compared_lines", "picture", "signs"]

DIGITS: Final = 3
LOGARITHMIC: Final = 1000.0  # times from the lowest to the highest, above which powers are told
LEAST_ROOM: Final = 10  # columns of a curve beside its limits
SPARSE: Final = 4  # columns an iteration must have for its own mark

Point = tuple[float, float]
Cells = list[list[tuple[str, str]]]


class Comparison(NamedTuple):
    """The losses now and before, and the iteration that ended the run (or 0)."""

    now: Sequence[float]
    before: Sequence[float]
    fault: int


class Picture(NamedTuple):
    """Both curves without a cursor: what a long run is drawn from once."""

    cells: Cells
    across: tuple[float, float]
    high: str
    low: str
    logarithmic: bool


class Signs(NamedTuple):
    """What the picture is made of."""

    now: str
    before: str
    between: str
    cursor: str
    fault: str


def signs(*, unicode: bool) -> Signs:
    """Return the signs of a terminal."""
    return Signs("●", "○", "·", "┊", "✗") if unicode else Signs("*", "o", ".", ":", "X")


def picture(shown: Comparison, columns: int, rows: int, *, unicode: bool) -> Picture | None:
    """Return both curves in a room; None where there is too little of it, or no finite loss."""
    every = [value for value in (*shown.now, *shown.before) if math.isfinite(value)]
    logarithmic = bool(every) and min(every) > 0 and max(every) / min(every) > LOGARITHMIC
    now, before = _points(shown.now, logarithmic), _points(shown.before, logarithmic)
    up = limits(y for _, y in (*now, *before))
    if up is None or rows < 3:
        return None
    last = max(len(shown.now), len(shown.before), shown.fault, 2)
    across = (1.0, float(last))
    high, low = (_told(value, logarithmic, unicode) for value in (up[1], up[0]))
    room, height = columns - _label_width(high, low) - 1, rows - 1
    if room < LEAST_ROOM:
        return None
    cells: Cells = [[(" ", "")] * room for _ in range(height)]
    used = signs(unicode=unicode)
    _draw_before(cells, before, across, up, used)
    _draw_now(cells, now, across, up, used, unicode=unicode)
    if shown.fault:
        cells[0][_column(float(shown.fault), across, room)] = (used.fault, "bad")
    return Picture(cells, across, high, low, logarithmic)


def compared_lines(drawn: Picture | None, at: int, *, unicode: bool) -> list[Line]:
    """Return the lines with a cursor at an iteration: limits at the left, iterations below."""
    if drawn is None:
        return []
    room = len(drawn.cells[0])
    labels = _label_width(drawn.high, drawn.low)
    cursor = _column(float(at), drawn.across, room)
    lines: list[Line] = []
    for y, cells in enumerate(drawn.cells):
        label = drawn.high if y == 0 else drawn.low if y == len(drawn.cells) - 1 else ""
        sign, role = cells[cursor]
        mark = (signs(unicode=unicode).cursor if sign == " " else sign, "mark")
        row = [*cells[:cursor], (sign, role) if role == "bad" else mark, *cells[cursor + 1 :]]
        pieces = [
            ("".join(sign for sign, _ in part), role)
            for role, part in ((key, list(group)) for key, group in groupby(row, lambda c: c[1]))
        ]
        lines.append([(padded(label, labels, "right") + " ", "faint"), *pieces])
    scale = padded("log" if drawn.logarithmic else "", labels) + " "
    return [*lines, [(scale, "faint"), *_axis(at, int(drawn.across[1]), room, cursor)]]


def _label_width(high: str, low: str) -> int:
    """Return the columns before the curves: for both limits, or the word for powers."""
    return max(width(high), width(low), 3)


def _points(values: Sequence[float], logarithmic: bool) -> list[Point]:
    return [
        (float(number), math.log10(value) if logarithmic else value)
        for number, value in enumerate(values, start=1)
        if math.isfinite(value)
    ]


def _told(value: float, logarithmic: bool, unicode: bool) -> str:
    text = short_text(10**value if logarithmic else value, DIGITS)
    return text.replace("-", "−") if unicode else text


def _column(value: float, across: tuple[float, float], columns: int) -> int:
    return min(int(share(value, *across) * (columns - 1) + 0.5), columns - 1)


def _row(value: float, up: tuple[float, float], rows: int) -> int:
    return rows - 1 - min(int(share(value, *up) * (rows - 1) + 0.5), rows - 1)


def _draw_before(
    cells: Cells,
    points: Sequence[Point],
    across: tuple[float, float],
    up: tuple[float, float],
    used: Signs,
) -> None:
    """Draw the old curve: a ring at each iteration, dots between."""
    rows, columns = len(cells), len(cells[0])
    _put(cells, marks([points], across, up, columns, rows), "faint", used.between)
    for number, value in points:
        cells[_row(value, up, rows)][_column(number, across, columns)] = (used.before, "faint")


def _draw_now(
    cells: Cells,
    points: Sequence[Point],
    across: tuple[float, float],
    up: tuple[float, float],
    used: Signs,
    *,
    unicode: bool,
) -> None:
    """Draw the new curve over it: a line, and a mark at each iteration where these are few."""
    rows, columns = len(cells), len(cells[0])
    if unicode and len(points) > 1:
        drawn = braille(points, across, up, columns, rows)
    else:
        drawn = marks([points], across, up, columns, rows)
    _put(cells, drawn, "curve")
    if len(points) * SPARSE <= columns:
        for number, value in points:
            cells[_row(value, up, rows)][_column(number, across, columns)] = (used.now, "curve")


def _put(cells: Cells, lines: Sequence[str], role: str, instead: str = "") -> None:
    """Put the signs of a curve into the picture, or one sign instead of each."""
    for y, line in enumerate(lines):
        for x, sign in enumerate(line):
            if sign != " ":
                cells[y][x] = (instead or sign, role)


def _axis(at: int, last: int, room: int, cursor: int) -> Line:
    """Return the line below: the first and last iteration, and the present one at the cursor."""
    here, end = str(at), str(last)
    line = list(" " * room)

    def put(text: str, start: int) -> None:
        line[start : start + len(text)] = text

    put(end, room - len(end))
    put("1", 0)
    begin = min(max(cursor - len(here) // 2, 0), room - len(here))
    for place in range(max(begin - 1, 0), min(begin + len(here) + 1, room)):
        line[place] = " "
    text = "".join(line)
    return [
        (text[:begin], "faint"),
        (here, "mark"),
        (text[begin + len(here) : room], "faint"),
    ]
