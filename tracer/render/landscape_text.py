"""The loss around one step of a run in characters: a curve with its tangent, or a map.

On a curve the point, the tangent and the step stand where they are; below it an arrow goes from the
number before the step to the one after it. On a map lines of equal loss are drawn, as many cells
between two as between any others, so that a steep rim does not hide the valley.
"""

from __future__ import annotations

import math
from bisect import bisect
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from tracer.render.plots import (
    PICTURE_SIGNS,
    CellDrawing,
    Cells,
    Point,
    Span,
    axis_text,
    braille_dots,
    empty_cells,
    labelled_lines,
    put_lines,
    scale_row,
    value_limits,
)
from tracer.render.screen_lines import Line, Piece
from tracer.run.landscape import StepLandscape
from tracer.text_width import width

LEAST_ROOM: Final = 10  # columns beside the limits
LEAST_ROWS: Final = 2  # rows of a curve
BELOW: Final = 2  # rows below a curve: the arrow and the numbers
LEVELS: Final = 7  # lines of equal loss on a map, at most
TANGENT: Final = 0.3  # share of the width, to either side of the point


class StepParts(NamedTuple):
    """What of a step is shown: a walk shows each when it has come to it."""

    tangent: bool = True
    step: bool = True


def landscape_lines(
    step_landscape: StepLandscape,
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
    axes = step_landscape.landscape.axes
    is_map = len(axes) > 1
    across, *others = ((axis.values[0], axis.values[-1]) for axis in axes)
    up = others[0] if is_map else value_limits([row[0] for row in step_landscape.landscape.losses])
    if up is None:
        return []
    if not is_map and math.isfinite(step_landscape.loss_here):
        up = (min(up[0], step_landscape.loss_here), max(up[1], step_landscape.loss_here))
    sides = [axis_text(value, unicode) for value in (up[1], up[0])]
    labels = max(*map(width, sides), *map(width, names))
    room, height = columns - labels - 1, rows - (1 if is_map else BELOW)
    if room < LEAST_ROOM or height < LEAST_ROWS + is_map:
        return []
    draw = CellDrawing(empty_cells(room, height), across, up, unicode)
    signs = PICTURE_SIGNS[unicode]
    target = step_landscape.target if parts.step else None
    here = draw.column(step_landscape.here[0])
    texts = [(here, axis_text(step_landscape.here[0], unicode), "mark")]
    left = {0: sides[0], height - 1: sides[1]}
    if is_map:
        _draw_map(draw, step_landscape, target, signs, unicode)
        left[height // 2] = names[1]
        lines = draw.cells
    else:
        _draw_curve(draw, step_landscape, parts, across, up, signs)
        lines = [*draw.cells, _step_arrow(here, target, draw, signs)]
        if target is not None:
            texts.append((draw.column(target[0]), axis_text(target[0], unicode), "result"))
    texts += [
        (0, axis_text(across[0], unicode), "faint"),
        (room, axis_text(across[1], unicode), "faint"),
    ]
    left[len(lines)] = names[0]
    return labelled_lines([*lines, scale_row(texts, room)], left, labels)


# One number


def _draw_curve(
    draw: CellDrawing,
    step_landscape: StepLandscape,
    parts: StepParts,
    across: Span,
    up: Span,
    signs: Mapping[str, str],
) -> None:
    """Draw the loss over one number, its tangent, the way of the run and where the step ends."""
    (axis,) = step_landscape.landscape.axes
    losses = [row[0] for row in step_landscape.landscape.losses]
    points = [
        (value, loss)
        for value, loss in zip(axis.values, losses, strict=True)
        if math.isfinite(loss)
    ]
    here = (step_landscape.here[0], step_landscape.loss_here)
    draw.curve(points, "curve")
    if parts.tangent and step_landscape.slope is not None and math.isfinite(step_landscape.slope):
        draw.curve(_tangent_ends(here, step_landscape.slope, across, up), "result")
    for (place,) in step_landscape.landscape.way[:-1]:
        draw.sign((place, _loss_between(points, place)), signs["hollow"], "faint")
    if parts.step and step_landscape.target is not None and step_landscape.loss_target is not None:
        draw.sign((step_landscape.target[0], step_landscape.loss_target), signs["hollow"], "result")
    draw.sign(here, signs["filled"], "mark")


def _tangent_ends(here: Point, slope: float, across: Span, up: Span) -> list[Point]:
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


def _loss_between(points: Sequence[Point], at: float) -> float:
    """Return the loss at a place between those that are drawn, on the line between them."""
    between = (
        y1 + (y2 - y1) * (at - x1) / (x2 - x1)
        for (x1, y1), (x2, y2) in pairwise(points)
        if x1 <= at <= x2
    )
    return next(between, math.nan)


def _step_arrow(
    start: int, target: Sequence[float] | None, draw: CellDrawing, signs: Mapping[str, str]
) -> list[Piece]:
    """Return the row of the step: from its first column to its last, with a head."""
    row = [(" ", "")] * draw.columns
    end = start if target is None else draw.column(target[0])
    for column in range(min(start, end), max(start, end) + 1):
        row[column] = (signs["line"], "mark")
    row[end] = (signs["heads"][0 if end > start else 4], "mark")
    row[start] = (signs["filled"], "mark")
    return row


# Two numbers


def _draw_map(
    draw: CellDrawing,
    step_landscape: StepLandscape,
    target: Sequence[float] | None,
    signs: Mapping[str, str],
    unicode: bool,
) -> None:
    """Draw lines of equal loss, the way of the run and the arrow of the step."""
    _draw_contours(draw.cells, step_landscape.landscape.losses, unicode)
    way = [(x, y) for x, y in step_landscape.landscape.way]
    draw.curve(way, "result")
    for place in way[:-1]:
        draw.sign(place, signs["hollow"], "result")
    here = way[-1]
    if target is not None:
        end = (target[0], target[1])
        draw.curve([here, end], "mark")
        wide, high = draw.column(end[0]) - draw.column(here[0]), draw.row(here[1])
        high -= draw.row(end[1])
        if wide or high:
            turn = round(math.atan2(2 * high, wide) * 4 / math.pi) % 8  # a row is two columns high
            draw.sign(end, signs["heads"][turn], "mark")
    draw.sign(here, signs["filled"], "mark")


def _draw_contours(cells: Cells, losses: Sequence[Sequence[float]], unicode: bool) -> None:
    """Draw lines of equal loss: dots whose neighbour lies in another level."""
    finite = sorted(loss for row in losses for loss in row if math.isfinite(loss))
    if not finite:
        return
    rows, columns = len(cells), len(cells[0])
    # Around a valley a row or a column meets each line twice.
    count = max(min(LEVELS, rows // (2 if unicode else 3) + 1, columns // 5), 1)
    bounds = [finite[at * len(finite) // (count + 1)] for at in range(1, count + 1)]
    wide, high = (2 * columns, 4 * rows) if unicode else (columns, rows)

    def level(x: int, y: int) -> int | None:
        loss = _interpolate(losses, x / (wide - 1), 1 - y / (high - 1))
        return bisect(bounds, loss) if math.isfinite(loss) else None

    levels = [[level(x, y) for x in range(wide)] for y in range(high)]
    dots = [
        (x, y)
        for y in range(high - 1)
        for x in range(wide - 1)
        if levels[y][x] != levels[y][x + 1] or levels[y][x] != levels[y + 1][x]
    ]
    if unicode:
        put_lines(cells, braille_dots(dots, columns, rows), "faint")
    for x, y in () if unicode else dots:
        cells[y][x] = (".", "faint")


def _interpolate(losses: Sequence[Sequence[float]], x: float, y: float) -> float:
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
