"""The loss over one or two numbers as a picture: a curve, or a map with the way of the run.

On a map each cell is the darker the lower the loss is, by rank (as many cells of each shade), so
that a steep rim does not hide the valley.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from tracer.expression import Name, Notation
from tracer.narrative.analysis_blocks import landscape_blocks
from tracer.narrative.blocks import Paragraph, Plot
from tracer.program.elements import place_node
from tracer.render.block_writer import SentenceWriter
from tracer.render.plots import number_axis
from tracer.render.svg import PlotFrame, frame_picture, svg, text_element
from tracer.run.landscape import Landscape
from tracer.sentences import Translate

WIDTH: Final = 560.0
HEIGHT: Final = 420.0
LEFT: Final = 72.0
TOP: Final = 40.0
BELOW: Final = 60.0
RIGHT: Final = 20.0
SHADES: Final = 12
DARKEST: Final = 0.85
TICKS: Final = 6


def landscape_svg(landscape: Landscape, notation: Notation, translate: Translate = str) -> str:
    """Return the picture of a landscape, with a title and a description."""
    writer = SentenceWriter(notation, translate)
    blocks = list(landscape_blocks(landscape))
    plot = next((block for block in blocks if isinstance(block, Plot)), None)
    if plot is not None:
        return svg(plot, notation, translate)
    captions = [block.sentences[0] for block in blocks if isinstance(block, Paragraph)]
    text = " ".join(map(writer.sentence, captions))
    names = [writer.formula(place_node(axis.name, axis.index)) for axis in landscape.axes]
    loss = writer.formula(Name(landscape.loss))
    body = list(_contour_map(landscape, names))
    size = (LEFT + WIDTH + RIGHT, TOP + HEIGHT + BELOW)
    return "".join(frame_picture(size, body, f"{loss} / {names[0]}, {names[1]}", text))


def shade_ranks(losses: Sequence[Sequence[float]]) -> list[list[int | None]]:
    """Return the shade of each loss by its rank, from 0 for the lowest; None where not finite."""
    finite = sorted({loss for row in losses for loss in row if math.isfinite(loss)})
    rank = {loss: at * SHADES // len(finite) for at, loss in enumerate(finite)}
    return [[rank.get(loss) for loss in row] for row in losses]


def _contour_map(landscape: Landscape, names: Sequence[str]) -> Iterator[str]:
    first, second = landscape.axes
    across = number_axis(first.values[0], first.values[-1], TICKS)
    up = number_axis(second.values[0], second.values[-1], TICKS)
    frame = PlotFrame(LEFT, TOP, WIDTH, HEIGHT, across, up)
    wide = WIDTH / (len(first.values) - 1)
    high = HEIGHT / (len(second.values) - 1)
    yield (
        f'<clipPath id="map"><rect x="{LEFT}" y="{TOP}" width="{WIDTH}" height="{HEIGHT}"/>'
        "</clipPath>"
    )
    yield '<g clip-path="url(#map)">'
    for row, line in zip(first.values, shade_ranks(landscape.losses), strict=True):
        for column, shade in zip(second.values, line, strict=True):
            if shade is not None:
                x, y = frame.x(across.place(row)), frame.y(up.place(column))
                opacity = DARKEST * (1 - shade / (SHADES - 1)) if shade < SHADES - 1 else 0
                if opacity:
                    yield (
                        f'<rect x="{x - wide / 2:.1f}" y="{y - high / 2:.1f}" width="{wide:.1f}" '
                        f'height="{high:.1f}" style="fill:var(--curve-0)" '
                        f'fill-opacity="{opacity:.2f}"/>'
                    )
    places = [(frame.x(across.place(x)), frame.y(up.place(y))) for x, y in landscape.way]
    yield from (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
        'style="stroke:var(--curve-1)" stroke-width="2"/>'
        for (x1, y1), (x2, y2) in pairwise(places)
    )
    yield from (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" style="fill:var(--curve-1)"/>' for x, y in places
    )
    yield "</g>"
    yield from frame.scale()
    bottom = TOP + HEIGHT + BELOW - 12
    yield text_element(LEFT + WIDTH / 2, bottom, names[0])
    yield text_element(16, TOP - 14, names[1], "start")
