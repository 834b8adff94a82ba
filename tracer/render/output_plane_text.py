"""What a network answers over the plane of its two inputs, in characters: shades and samples.

The shades go from the lowest target to the highest; half of them lie below the middle, so that the
boundary between two classes is seen without colours. A table beside them has the samples.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from tracer.render.plots import (
    PICTURE_SIGNS,
    CellDrawing,
    axis_text,
    labelled_lines,
    scale_row,
    share_between,
)
from tracer.render.screen_lines import Line, Piece, line_width
from tracer.run.output_plane import OutputPlane
from tracer.text_width import column_lines, width

LEAST_ROOM: Final = 6  # columns of the plane
LEAST_ROWS: Final = 3
LABELLED_ROOM: Final = 20  # columns of the plane and its labels, from which on it has them
GAP: Final = 1  # column before the table


def plane_legend(plane: OutputPlane, name: str, *, unicode: bool) -> Line:
    """Return the scale of the shades: the output's name, what is below the middle and above."""
    signs = PICTURE_SIGNS[unicode]
    half = len(signs["shades"]) // 2
    return [
        (f"{name} ", ""),
        (signs["shades"][:half], "negative"),
        (" < ", "faint"),
        (axis_text(plane.middle, unicode), ""),
        (" < ", "faint"),
        (signs["shades"][half:], "positive"),
    ]


def output_plane_lines(
    plane: OutputPlane,
    names: Sequence[str],
    columns: int,
    rows: int,
    *,
    unicode: bool,
) -> list[Line]:
    """Return the plane with its samples and, where there is room, their table beside it or below.

    `names` are those of the inputs, the target and the output. Nothing where there is too little
    room.
    """
    table = sample_table(plane, names, unicode)
    beside, under = max(map(line_width, table)) + GAP, rows - len(table)
    # A square is twice as many columns as rows: where it is larger, the table stands below it.
    if under >= LEAST_ROWS and min(columns, 2 * under) > min(columns - beside, 2 * rows):
        return [*_plane_lines(plane, columns, under, unicode), *table]
    if len(table) > rows or columns - beside < LEAST_ROOM:
        table, beside = [], 0
    room = columns - beside
    if room < LEAST_ROOM or rows < LEAST_ROWS:
        return []
    lines = _plane_lines(plane, room, rows, unicode)
    return [
        [*line, (" " * (room - line_width(line) + GAP), ""), *table[at]]
        if at < len(table)
        else line
        for at, line in enumerate(lines)
    ]


def _plane_lines(plane: OutputPlane, columns: int, rows: int, unicode: bool) -> list[Line]:
    """Return the shades and the samples, with the ends of both axes where there is room."""
    across, up = ((axis[0], axis[-1]) for axis in (plane.across, plane.up))
    sides = [axis_text(value, unicode) for value in (up[1], up[0])]
    labels = max(map(width, sides))
    is_labelled = columns >= LABELLED_ROOM + labels and rows > LEAST_ROWS
    room, height = (columns - labels - 1, rows - 1) if is_labelled else (columns, rows)
    columns_shown = [_nearest_point(x, room, len(plane.across)) for x in range(room)]
    rows_shown = [_nearest_point(y, height, len(plane.up)) for y in reversed(range(height))]
    cells = [
        [_output_shade(plane, plane.values[row][at], unicode) for at in columns_shown]
        for row in rows_shown
    ]
    signs = PICTURE_SIGNS[unicode]
    draw = CellDrawing(cells, across, up, unicode)
    right = plane.right or [True] * len(plane.samples)
    for point, target, is_right in zip(plane.samples, plane.targets, right, strict=True):
        sign = signs["filled"] if target > plane.middle else signs["hollow"]
        draw.sign(point, sign, "sample" if is_right else "mark")
    if not is_labelled:
        return [line[1:] for line in labelled_lines(cells, {}, 0)]
    texts = [
        (0, axis_text(across[0], unicode), "faint"),
        (room, axis_text(across[1], unicode), "faint"),
    ]
    cells.append(scale_row(texts, room))
    return labelled_lines(cells, {0: sides[0], height - 1: sides[1]}, labels)


def _nearest_point(at: int, room: int, points: int) -> int:
    """Return which of some points is nearest to a cell, both spread over the same axis."""
    return round(at * (points - 1) / max(room - 1, 1))


def _output_shade(plane: OutputPlane, value: float, unicode: bool) -> Piece:
    """Return the shade of an output and its role; one that is not finite has none."""
    if not math.isfinite(value):
        return " ", ""
    shades = PICTURE_SIGNS[unicode]["shades"]
    half = len(shades) // 2
    low, high = plane.limits
    if value > plane.middle:
        level = half + min(int(share_between(value, plane.middle, high) * half), half - 1)
        return shades[level], "positive"
    return shades[min(int(share_between(value, low, plane.middle) * half), half - 1)], "negative"


def sample_table(plane: OutputPlane, names: Sequence[str], unicode: bool) -> list[Line]:
    """Return a row for each sample: inputs, target, prediction, and whether that is right."""
    inputs, target, output = names
    rows = [
        [axis_text(value, unicode) for value in (*sample, target_value, prediction)]
        for sample, target_value, prediction in zip(
            plane.samples, plane.targets, plane.predictions, strict=True
        )
    ]
    texts = column_lines([[inputs, "", target, output], *rows], between=" ")
    signs = PICTURE_SIGNS[unicode]
    high_or_low = [
        signs["filled"] if target_value > plane.middle else signs["hollow"]
        for target_value in plane.targets
    ]
    lines: list[Line] = [[("  " + texts[0], "faint")]]
    right: Sequence[bool | None] = plane.right or [None] * len(rows)
    for sign, text, is_right in zip(high_or_low, texts[1:], right, strict=True):
        line: Line = [(f"{sign} ", "sample"), (text, "")]
        if is_right is not None:
            mark, role = (signs["right"], "good") if is_right else (signs["wrong"], "bad")
            line = [*line, (f" {mark}", role)]
        lines.append(line)
    return lines
