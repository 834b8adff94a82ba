"""A plot or a network as SVG text: with a title and a description, and nothing from outside.

A picture of its own brings its background, light or dark as the reader's system is; inside an
HTML page it takes the colours of the page.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from tracer.errors import printable_text
from tracer.expression import Notation
from tracer.lazy_regex import lazy_regex
from tracer.narrative.blocks import AxisSpan, Graph, GraphNode, Plot, Series
from tracer.render.block_writer import SentenceWriter
from tracer.render.boxes import wrap_formula
from tracer.render.layered import Edge, layered_drawing
from tracer.render.plots import STRETCHES, Axis, plot_axes, reduce_points
from tracer.sentences import Translate
from tracer.text_width import width

# Text for XML and HTML: the signs that mean something there, and those that may not be there ------

_ESCAPED: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})
_FORBIDDEN: Final = lazy_regex("[\ud800-\udfff\ufffe\uffff\u2066-\u2069]")


def xml_text(text: str) -> str:
    """Return a text as it may stand in an element or in double quotes."""
    return _FORBIDDEN.sub("�", printable_text(text)).translate(_ESCAPED)


# Pictures -----------------------------------------------------------------------------------------

# One size of letters; a column is about as wide as a digit.
LETTERS: Final = 14
COLUMN: Final = 7.8
LINE: Final = 18
MARGIN: Final = 16
LABEL: Final = 36  # columns of a line in a network's box

PLOT_WIDTH: Final = 640
PLOT_HEIGHT: Final = 300
BOLD: Final = '"3"'  # the width of a line that is drawn bold
FAINT: Final = 'stroke-opacity="0.75"'
MOST_DOTS: Final = 30  # points of a curve that are marked one by one

DASHES: Final = ("", "8 4", "2 4", "10 4 2 4", "6 3 1 3 1 3", "14 5")
"""What tells curves apart besides their colour."""

_STYLE: Final = """\
.tracer-picture{color:#1f2328;--paper:#fff;--curve-0:#0860ca;--curve-1:#b35900;--curve-2:#1a7f37;\
--curve-3:#8250df}
@media(prefers-color-scheme:dark){.tracer-picture{color:#e6edf3;--paper:#0d1117;\
--curve-0:#58a6ff;--curve-1:#f0a04b;--curve-2:#56d364;--curve-3:#bc8cff}}
"""
COLOURS: Final = 4


def svg(
    block: Plot | Graph,
    notation: Notation,
    translate: Translate = str,
    *,
    inline: bool = False,
    id: str = "picture",
) -> str:
    """Return a picture.

    With `inline` it stands in an HTML page, which says what `--curve-0` and its kin are; `id`
    tells its parts from those of other pictures there.
    """
    writer = _SvgWriter(notation, translate)
    if isinstance(block, Plot):
        size, body = writer.plot(block)
        title = f"{writer.sentence(block.vertical)} / {writer.sentence(block.horizontal)}"
    else:
        size, body = writer.graph(block, id)
        title = writer.sentence(block.caption)
    return "".join(frame_picture(size, body, title, writer.sentence(block.caption), inline, id))


def frame_picture(
    size: tuple[float, float],
    body: Sequence[str],
    title: str,
    text: str,
    inline: bool = False,
    id: str = "picture",
) -> Iterator[str]:
    """Yield a picture with its title and description around the elements of its body."""
    wide, high = map(_decimal, size)
    name = "" if inline else ' xmlns="http://www.w3.org/2000/svg"'
    yield (
        f'<svg{name} class="tracer-picture" viewBox="0 0 {wide} {high}" width="{wide}" '
        f'height="{high}" role="img" aria-labelledby="{id}-title {id}-text" '
        f'font-family="system-ui, sans-serif" font-size="{LETTERS}">\n'
    )
    yield f'<title id="{id}-title">{xml_text(title)}</title>\n'
    yield f'<desc id="{id}-text">{xml_text(text)}</desc>\n'
    if not inline:
        yield f"<style>{_STYLE}</style>\n"
        yield f'<rect width="{wide}" height="{high}" rx="6" style="fill:var(--paper)"/>\n'
    yield from (f"{line}\n" for line in body)
    yield "</svg>\n"


def _decimal(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".") if abs(value) >= 0.05 else "0"


def text_element(x: float, y: float, text: str, anchor: str = "middle", extra: str = "") -> str:
    """Return a text at a place."""
    return (
        f'<text x="{_decimal(x)}" y="{_decimal(y)}" text-anchor="{anchor}" fill="currentColor"'
        f"{extra}>{xml_text(text)}</text>"
    )


def _line_element(x1: float, y1: float, x2: float, y2: float, extra: str = "") -> str:
    ends = f'x1="{_decimal(x1)}" y1="{_decimal(y1)}" x2="{_decimal(x2)}" y2="{_decimal(y2)}"'
    return f'<line {ends} stroke="currentColor"{extra}/>'


class _SvgWriter(SentenceWriter):
    """Draws in one notation and one language."""

    # A plot

    def plot(self, plot: Plot) -> tuple[tuple[float, float], list[str]]:
        """Return the size and the elements of a plot."""
        across, up = plot_axes(plot)
        names = [self.sentence(series.name) for series in plot.series]
        legend = names if len(names) > 1 else []
        left = MARGIN + COLUMN * max((width(tick.text) for tick in up.ticks), default=1) + 10
        top = MARGIN + LINE + 8 + LINE * len(legend)
        frame = PlotFrame(left, top, PLOT_WIDTH - left - 2 * MARGIN, PLOT_HEIGHT, across, up)
        body = [text_element(MARGIN, MARGIN + LETTERS, self.sentence(plot.vertical), "start")]
        for place, name in enumerate(legend):
            y = MARGIN + LINE * (place + 1) + LETTERS
            ends = f'x1="{MARGIN}" y1="{y - 5}" x2="{MARGIN + 34}" y2="{y - 5}"'
            body.append(f"<line {ends}{_stroke(place)}/>")
            body.append(text_element(MARGIN + 42, y, name, "start"))
        for span in plot.spans:
            body += frame.span(span, self.sentence(span.name))
        body += frame.scale()
        for place, series in enumerate(plot.series):
            body += frame.curve(series, place)
        bottom = frame.top + frame.height + LINE + 4
        middle = frame.left + frame.width / 2
        body.append(text_element(middle, bottom + LINE + 2, self.sentence(plot.horizontal)))
        return (PLOT_WIDTH, bottom + LINE + MARGIN), body

    # A network

    def graph(self, graph: Graph, id: str) -> tuple[tuple[float, float], list[str]]:
        """Return the size and the elements of a network's drawing."""
        labels = {
            node.id: [part for line in self.node_lines(node) for part in wrap_formula(line, LABEL)]
            for node in graph.nodes
        }
        sizes = {
            node: (max(34.0, COLUMN * max(map(width, lines)) + 24), LINE * len(lines) + 12.0)
            for node, lines in labels.items()
        }
        drawing = layered_drawing(sizes, graph.edges, gap=18, between=36, widest=760)
        body = [
            f'<defs><marker id="{id}-arrow" viewBox="0 0 8 8" refX="7.5" refY="4" '
            'markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto">'
            '<path d="M0 0.5 8 4 0 7.5z" fill="currentColor"/></marker></defs>',
            f'<g transform="translate({MARGIN} {MARGIN})">',
            *(
                _arrow_path(edge, id, drawing.across, {edge.source, edge.target} <= graph.lit_nodes)
                for edge in drawing.edges
            ),
        ]
        for node in graph.nodes:
            middle = drawing.places[node.id]
            lit = node.id in graph.lit_nodes
            body += _box_elements(node, *middle, *sizes[node.id], labels[node.id], lit=lit)
        body.append("</g>")
        return (drawing.width + 2 * MARGIN, drawing.height + 2 * MARGIN), body


class PlotFrame:
    """The part of a plot where the curves are."""

    def __init__(
        self, left: float, top: float, width: float, height: float, across: Axis, up: Axis
    ) -> None:
        self.left, self.top, self.width, self.height = left, top, width, height
        self.across, self.up = across, up

    def x(self, share: float) -> float:
        """Return where a share of the width stands."""
        return self.left + share * self.width

    def y(self, share: float) -> float:
        """Return where a share of the height, from below, stands."""
        return self.top + (1 - share) * self.height

    def scale(self) -> Iterator[str]:
        """Yield both axes with their numbers."""
        bottom, right = self.top + self.height, self.left + self.width
        for tick in self.up.ticks:
            y = self.y(tick.place)
            yield _line_element(self.left, y, right, y, ' stroke-opacity="0.2"')
            yield text_element(self.left - 8, y + 5, tick.text, "end")
        end = -1e9
        for tick in self.across.ticks:
            x, half = self.x(tick.place), COLUMN * width(tick.text) / 2
            yield _line_element(x, bottom, x, bottom + 5)
            if x - half > end:
                end = x + half + 6
                yield text_element(x, bottom + LINE + 4, tick.text)
        yield _line_element(self.left, bottom, right, bottom)
        yield _line_element(self.left, self.top, self.left, bottom)

    def span(self, span: AxisSpan, name: str) -> Iterator[str]:
        """Yield a part of the horizontal axis as a shade, a single place as a dashed line."""
        left, right = (self.x(self.across.place(end)) for end in (span.low, span.high))
        middle, bottom = (left + right) / 2, self.top + self.height
        if left == right:
            yield _line_element(left, self.top, left, bottom, ' stroke-dasharray="2 4"')
        else:
            yield (
                f'<rect x="{_decimal(left)}" y="{_decimal(self.top)}" '
                f'width="{_decimal(right - left)}" height="{_decimal(self.height)}" '
                'fill="currentColor" fill-opacity="0.08"/>'
            )
        room = COLUMN * width(name) / 2
        middle = min(max(middle, self.left + room + 4), self.left + self.width - room - 4)
        yield text_element(middle, bottom - 8, name, extra=' font-size="12"')

    def curve(self, series: Series, place: int) -> Iterator[str]:
        """Yield one curve."""
        points = [
            (self.x(self.across.place(x)), self.y(self.up.place(y)))
            for x, y in reduce_points(series.points, STRETCHES)
        ]
        marked = len(points) <= MOST_DOTS
        if len(points) > 1:
            text = " ".join(f"{_decimal(x)},{_decimal(y)}" for x, y in points)
            yield f'<polyline points="{text}" fill="none" stroke-linejoin="round"{_stroke(place)}/>'
        for x, y in points if marked else []:
            yield (
                f'<circle cx="{_decimal(x)}" cy="{_decimal(y)}" r="3.5" '
                f'style="fill:var(--curve-{place % COLOURS})"/>'
            )


def _stroke(place: int) -> str:
    dash = DASHES[place % len(DASHES)]
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return f' stroke-width="2"{dashed} style="stroke:var(--curve-{place % COLOURS})"'


def _arrow_path(edge: Edge, id: str, across: bool, lit: bool) -> str:
    """Return an edge as a smooth line: level where it leaves, passes a layer, and arrives."""
    path = [f"M{_decimal(edge.points[0].x)} {_decimal(edge.points[0].y)}"]
    for points in edge.pieces(across):
        numbers = " ".join(_decimal(number) for point in points for number in point)
        path.append(("L" if len(points) == 1 else "C") + numbers)
    return (
        f'<path d="{"".join(path)}" fill="none" stroke="currentColor" '
        f"{'stroke-width=' + BOLD if lit else FAINT} "
        f'marker-end="url(#{id}-arrow)"/>'
    )


def _box_elements(
    node: GraphNode,
    x: float,
    y: float,
    wide: float,
    high: float,
    lines: Sequence[str],
    *,
    lit: bool,
) -> Iterator[str]:
    """Yield a quantity: the kind is told by the form, not by colour."""
    left, top = x - wide / 2, y - high / 2
    looks = {
        "data": f' rx="{_decimal(high / 2)}"',
        "value": ' rx="8"',
        "loss": ' rx="8"',
        "constant": ' stroke-dasharray="4 3"',
    }
    bold = f" stroke-width={BOLD}" if lit or node.kind == "loss" else ""
    look = f'stroke="currentColor" style="fill:var(--paper)"{looks.get(node.kind, "")}{bold}'
    yield (
        f'<rect x="{_decimal(left)}" y="{_decimal(top)}" width="{_decimal(wide)}" '
        f'height="{_decimal(high)}" {look}/>'
    )
    for place, text in enumerate(lines):
        small = ' font-size="12" fill-opacity="0.85"' if place and not node.figures else ""
        yield text_element(x, top + 6 + LINE * place + LETTERS - 1, text, extra=small)
