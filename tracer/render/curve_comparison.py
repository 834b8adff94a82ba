"""Two curves in one picture, told apart by their signs: the run now, and the one before.

A value that is not finite is left out; it is marked where it happened. Nothing here can fail on
odd numbers.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from tracer.render.plots import (
    PICTURE_SIGNS,
    CellDrawing,
    Cells,
    Point,
    Span,
    axis_text,
    empty_cells,
    labelled_lines,
    marked_rows,
    put_lines,
    scale_row,
    value_limits,
)
from tracer.render.screen_lines import Line
from tracer.text_width import padded, width

LOGARITHMIC: Final = 1000.0  # times from the lowest to the highest, above which powers are told
LEAST_ROOM: Final = 10  # columns of a curve beside its limits
SPARSE: Final = 4  # columns an iteration must have for its own mark


class Picture(NamedTuple):
    """Both curves without a cursor: what a long run is drawn from once."""

    cells: Cells
    across: Span
    high: str
    low: str
    logarithmic: bool


def comparison_picture(
    losses: Sequence[float],
    earlier: Sequence[float],
    fault: int,
    columns: int,
    rows: int,
    *,
    unicode: bool,
) -> Picture | None:
    """Return the losses now and before in a room; None in too little of it, or without any.

    `fault` is the iteration that ended the run, or 0.
    """
    every = [value for value in (*losses, *earlier) if math.isfinite(value)]
    logarithmic = bool(every) and min(every) > 0 and max(every) / min(every) > LOGARITHMIC
    now, before = (_curve_points(each, logarithmic) for each in (losses, earlier))
    up = value_limits(y for _, y in (*now, *before))
    if up is None or rows < 3:
        return None
    last = max(len(losses), len(earlier), fault, 2)
    across = (1.0, float(last))
    high, low = (axis_text(end, unicode) for end in (max(every), min(every)))
    room, height = columns - _label_width(high, low) - 1, rows - 1
    if room < LEAST_ROOM:
        return None
    cells = empty_cells(room, height)
    draw, used = CellDrawing(cells, across, up, unicode), PICTURE_SIGNS[unicode]
    dots = marked_rows([before], across, up, room, height)
    put_lines(cells, [re.sub(r"\S", used["between"], line) for line in dots], "faint")
    for point in before:
        draw.sign(point, used["hollow"], "faint")
    over = empty_cells(room, height)
    CellDrawing(over, across, up, unicode and len(now) > 1).curve(now, "curve")
    for y, row in enumerate(over):
        cells[y] = [new if new[1] else old for new, old in zip(row, cells[y], strict=True)]
    for point in now if len(now) * SPARSE <= room else ():
        draw.sign(point, used["filled"], "curve")
    if fault:
        cells[0][draw.column(float(fault))] = (used["wrong"], "bad")
    return Picture(cells, across, high, low, logarithmic)


def compared_lines(picture: Picture | None, at: int, *, unicode: bool) -> list[Line]:
    """Return the lines with a cursor at an iteration: limits at the left, iterations below."""
    if picture is None:
        return []
    room = len(picture.cells[0])
    labels = _label_width(picture.high, picture.low)
    cursor = CellDrawing(picture.cells, picture.across, picture.across, unicode).column(float(at))
    rows = [list(row) for row in picture.cells]
    for row in rows:
        sign, role = row[cursor]
        if role != "bad":
            row[cursor] = (PICTURE_SIGNS[unicode]["cursor"] if sign == " " else sign, "mark")
    last = int(picture.across[1])
    texts = [(cursor, str(at), "mark"), (0, "1", "faint"), (room, str(last), "faint")]
    scale = padded("log" if picture.logarithmic else "", labels)
    is_flat = picture.high == picture.low
    ends = (
        {len(rows) // 2: picture.high} if is_flat else {0: picture.high, len(rows) - 1: picture.low}
    )
    sides = {**ends, len(rows): scale}
    return labelled_lines([*rows, scale_row(texts, room)], sides, labels)


def _label_width(high: str, low: str) -> int:
    """Return the columns before the curves: for both limits, or the word for powers."""
    return max(width(high), width(low), 3)


def _curve_points(values: Sequence[float], logarithmic: bool) -> list[Point]:
    return [
        (float(number), math.log10(value) if logarithmic else value)
        for number, value in enumerate(values, start=1)
        if math.isfinite(value)
    ]
