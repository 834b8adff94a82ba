"""A network as characters: layers from left to right, lines that join, cross over and light up.

The order of the boxes comes from `render.layered`; here they get rows and columns of text. What
is drawn is decided by ids only: labels and lit parts may change without a new layout.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import reduce
from graphlib import CycleError, TopologicalSorter
from itertools import accumulate
from operator import or_
from typing import Final, NamedTuple

from tracer.narrative.blocks import Arrow
from tracer.render.layered import Layers, layers_of, placed_rows
from tracer.render.screen_lines import Line, Piece, joined_pieces, line_text, line_width
from tracer.text_width import padded, width

LEFT, RIGHT, UP, DOWN = 1, 2, 4, 8
_UNICODE: Final = {
    **{0: " ", 1: "─", 2: "─", 3: "─", 4: "│", 8: "│", 12: "│", 9: "┐", 5: "┘", 13: "┤"},
    **{10: "┌", 6: "└", 14: "├", 11: "┬", 7: "┴", 15: "┼"},
}
_ASCII: Final = dict.fromkeys(range(16), "+") | {
    **{0: " ", 1: "-", 2: "-", 3: "-", 4: "|", 8: "|", 12: "|"}
}
_FRAME: Final = ("╭─╮", "│ │", "╰─╯")
_ASCII_FRAME: Final = ("+-+", "| |", "+-+")
WIDEST_GAP: Final = 4  # columns that a gap may get besides those it needs
WIDEST_FRAMED: Final = 24  # the same between framed boxes, which are drawn where there is much room
MOST_ABREAST: Final = 8  # boxes that one line of a drawing may have room for
ARROW: Final = 2  # columns from an arrow to its label

Cell = tuple[int, int]  # a column and a line
Sizes = Mapping[str, Cell]  # how many columns and lines the label of an id takes
Stretch = tuple[int, int]  # where something begins and ends, in rows or in columns


class Net(NamedTuple):
    """What is computed from what: ids with the columns and lines of their labels, and edges.

    Where the labels are `framed` the lines begin and end at the frames; where they are `signed` a
    sign or a blank is the first column of each.
    """

    sizes: Sizes
    edges: Sequence[Arrow]
    framed: bool = False
    signed: bool = False

    @property
    def arrow(self) -> int:
        """The columns from an arrow to its label."""
        return 1 if self.framed or self.signed else ARROW

    def lines(self, id: str) -> int:
        """Return the lines of a label; of a bend one."""
        return self.sizes[id][1] if id in self.sizes else 1


class _Wire(NamedTuple):
    """One cell of an edge: what its line does there."""

    x: int
    y: int
    bits: int


class NetworkLayout(NamedTuple):
    """Where each label begins, the cells of each line, and the size of the whole.

    An edge goes along one line or several, from layer to layer: `ways` says which. Between two
    layers the drawing may be folded, at the columns of `seams`.
    """

    places: Mapping[str, Cell]
    wires: Mapping[Arrow, Sequence[_Wire]]
    ways: Mapping[Arrow, Sequence[Arrow]]
    arrows: Mapping[str, Cell]  # before each label that something leads to
    seams: Sequence[int]
    width: int
    height: int


class _Hop(NamedTuple):
    """A line from one layer to the next, by rows. Edges that begin in one box share their hops."""

    source: str
    target: str
    start: int
    end: int


def laid_out(net: Net, room: int, gap: int = 0) -> NetworkLayout:
    """Return a network's layout; where there is room the gaps between layers are wider.

    `gap` is how many lines are left free between two labels of a layer.
    """
    layered = layers_of(net.sizes, net.edges)
    layers, steps, ways = layered
    tops = _first_rows(net, layered, gap)
    rows = {id: top + (net.lines(id) - 1) // 2 for id, top in tops.items()}
    count = max(layers.values(), default=-1) + 1
    hops = [
        [_Hop(one, other, rows[one], rows[other]) for one, other in steps if layers[one] == at]
        for at in range(count)
    ]
    tracks = [_turning_tracks(group) for group in hops]
    breadths = [
        max((columns for id, (columns, _) in net.sizes.items() if layers[id] == at), default=0)
        for at in range(count)
    ]
    needed = [len(set(track.values())) for track in tracks]
    between = 2 if net.signed else 3  # columns of a gap besides those in which lines turn
    least = sum(breadths) + sum(max(size, 1) + between for size in needed[:-1])
    most = WIDEST_FRAMED if net.framed else WIDEST_GAP
    spare = min(max((room - least) // max(count - 1, 1), 0), most)
    steps_between = (
        breadth + max(size, 1) + between + spare
        for breadth, size in zip(breadths, needed, strict=True)
    )
    starts = [*accumulate(steps_between, initial=0)]
    wires = {
        (hop.source, hop.target): _lay_wires(
            hop, starts[at : at + 2], breadths[at], tracks[at], net
        )
        for at, group in enumerate(hops)
        for hop in group
    }
    places = {id: (starts[layers[id]], tops[id]) for id in net.sizes}
    targets = {target for _, target in ways}
    arrows = {id: (x - net.arrow, rows[id]) for id, (x, _) in places.items() if id in targets}
    height = max((top + net.lines(id) for id, top in tops.items()), default=0)
    whole = starts[count - 1] + breadths[count - 1] if count else 0
    seams = [start - ARROW for start in starts[1:count]]
    return NetworkLayout(places, wires, ways, arrows, seams, whole, height)


def _first_rows(net: Net, layers: Layers, gap: int) -> dict[str, int]:
    """Return the first row of each box and bend: no two of a layer share one."""
    middle = {id: (net.lines(id) - 1) // 2 for id in layers.places}

    def apart(one: str, other: str) -> int:
        is_box = one in net.sizes or other in net.sizes
        return net.lines(one) - middle[one] + middle[other] + (gap if is_box else 0)

    row = placed_rows(layers, net.sizes, apart)
    tops = {id: int(row[id]) - middle[id] for id in middle}
    low = min(tops.values(), default=0)
    return {id: top - low for id, top in tops.items()}


def _turning_tracks(hops: Sequence[_Hop]) -> dict[str, int]:
    """Return the track of each target whose lines turn: columns in which no two overlap.

    A line that ends in a row must turn before one that begins there and leads elsewhere does.
    """
    spans: dict[str, Stretch] = {}
    for hop in hops:
        if any(other.start != other.end for other in hops if other.target == hop.target):
            low, high = spans.get(hop.target, (hop.end, hop.end))
            spans[hop.target] = (min(low, hop.start), max(high, hop.start))
    # In the order of the edges, which no hash decides: a drawing is the same on every run.
    after: dict[str, dict[str, None]] = {target: {} for target in spans}
    for hop in hops:
        for other in hops:
            foreign = other.target != hop.target and other.source != hop.source
            turning = hop.target in spans and other.target in spans
            if foreign and turning and other.end == hop.start:
                after[other.target][hop.target] = None
    tracks: dict[str, int] = {}
    used: list[list[Stretch]] = []
    for target in _sort_targets(spans, after):
        low, high = spans[target]
        first = max((tracks[before] + 1 for before in after[target] if before in tracks), default=0)
        free = (
            track
            for track in range(first, len(used))
            if all(high < one or other < low for one, other in used[track])
        )
        tracks[target] = next(free, len(used))
        if tracks[target] == len(used):
            used.append([])
        used[tracks[target]].append((low, high))
    return tracks


def _sort_targets(spans: Mapping[str, Stretch], after: Mapping[str, Collection[str]]) -> list[str]:
    """Return targets so that each comes behind those it must be right of; circles are cut."""
    order: list[str] = []
    visited: set[str] = set()

    def visit(target: str) -> None:
        if target in visited:
            return
        visited.add(target)
        for before in after[target]:
            visit(before)
        order.append(target)

    for target in sorted(spans, key=lambda each: spans[each]):
        visit(target)
    return order


def _lay_wires(
    hop: _Hop, starts: Sequence[int], breadth: int, tracks: Mapping[str, int], net: Net
) -> list[_Wire]:
    """Return the cells of a line: along its row, up or down its track, along the other row."""
    begin = starts[0]  # below the label, which is not always as wide as it may become
    end = starts[1] - (1 + net.arrow if hop.target in net.sizes else 1)
    if hop.start == hop.end:
        return [_Wire(x, hop.start, LEFT | RIGHT) for x in range(begin, end + 1)]
    turn = starts[0] + breadth + 1 + tracks[hop.target]
    down = hop.end > hop.start
    between = range(hop.start + 1, hop.end) if down else range(hop.end + 1, hop.start)
    return [
        *(_Wire(x, hop.start, LEFT | RIGHT) for x in range(begin, turn)),
        _Wire(turn, hop.start, LEFT | (DOWN if down else UP)),
        *(_Wire(turn, y, UP | DOWN) for y in between),
        _Wire(turn, hop.end, RIGHT | (UP if down else DOWN)),
        *(_Wire(x, hop.end, LEFT | RIGHT) for x in range(turn + 1, end + 1)),
    ]


def paint_drawing(
    layout: NetworkLayout,
    labels: Mapping[str, Sequence[Line]],
    lit: Collection[Arrow],
    *,
    back: bool = False,
    unicode: bool = True,
) -> list[Line]:
    """Return the drawing with these labels, line by line, and some edges lit.

    With `back` the lit edges are walked from the right to the left: gradients flow back.
    """
    signs = _UNICODE if unicode else _ASCII
    lines = {line for edge in lit for line in layout.ways.get(edge, ())}
    cells = _drawing_cells(layout, lines, signs)
    head, tail = ("▶", "◀") if unicode else (">", "<")
    lit_targets = {target for _, target in lit}
    for id, (x, y) in layout.arrows.items():
        is_lit = id in lit_targets
        cells[x, y] = (tail if is_lit and back else head, "wire-lit" if is_lit else "wire")
    grid: list[dict[int, Piece]] = [{} for _ in range(layout.height)]
    for (x, y), cell in cells.items():
        grid[y][x] = cell
    for id, (x, top) in layout.places.items():
        for y, line in enumerate(labels[id], start=top):
            column = x
            for text, role in line:
                grid[y][column] = (text, role)
                column += width(text)
    return [_drawing_row(row) for row in grid]


def _drawing_row(row: Mapping[int, Piece]) -> Line:
    line: list[Piece] = []
    column = 0
    for x in sorted(row):
        text, role = row[x]
        columns = width(text)
        if x < column:
            continue  # under a label
        if x > column:
            line.append((padded("", x - column), ""))
        line.append((text, role))
        column = x + columns
    if line[-1:] == [(" ", "")]:
        line.pop()  # the gap behind a label that no line leaves
    return joined_pieces(line)


def frame_rows(
    title: Line, rows: Sequence[Line], columns: int, role: str, *, unicode: bool = True
) -> list[Line]:
    """Return rows in a frame of so many columns, the title in its upper line."""
    (left, bar, right), (side, _, _), (low, base, end) = _FRAME if unicode else _ASCII_FRAME
    rest = bar * max(columns - 3 - line_width(title), 0) + right
    inner = [
        [(side, role), *row, (" " * max(columns - 2 - line_width(row), 0), ""), (side, role)]
        for row in rows
    ]
    head: Line = [(left + bar, role), *title, (rest, role)]
    return [head, *inner, [(low + base * (columns - 2) + end, role)]]


def _drawing_cells(
    layout: NetworkLayout, lit: Collection[Arrow], signs: Mapping[int, str]
) -> dict[Cell, Piece]:
    """Return the sign of each cell; where two lines only cross, the one up and down is seen."""
    through: dict[Cell, list[tuple[int, Arrow]]] = {}
    for edge, wires in layout.wires.items():
        for x, y, bits in wires:
            through.setdefault((x, y), []).append((bits, edge))
    cells: dict[Cell, Piece] = {}
    for place, parts in through.items():
        flat = [edge for bits, edge in parts if bits == LEFT | RIGHT]
        steep = [edge for bits, edge in parts if bits == UP | DOWN]
        joined = any(one[0] == other[0] or one[1] == other[1] for one in flat for other in steep)
        if flat and steep and len(flat) + len(steep) == len(parts) and not joined:
            parts = [(UP | DOWN, edge) for edge in steep]
        bits = reduce(or_, (part for part, _ in parts))
        is_lit = any(edge in lit for _, edge in parts)
        cells[place] = (signs[bits], "wire-lit" if is_lit else "wire")
    return cells


# Folding ----------------------------------------------------------------------------------------


class Fold(NamedTuple):
    """A wide drawing in bands below each other: the columns at which each begins and ends."""

    bands: Sequence[Stretch]
    height: int

    @classmethod
    def of(cls, layout: NetworkLayout, columns: int, rows: int) -> Fold | None:
        """Return the fold that fits into a room; None where there is none."""
        bands: list[Stretch] = []
        begin = 0
        ends = [*layout.seams, layout.width]
        for place, end in enumerate(ends):
            last = place == len(ends) - 1
            room = columns - (begin > 0)  # a sign of what went before
            if end - begin > room - (not last):  # what follows needs a column too
                return None
            if not last and ends[place + 1] - begin > room - (place + 1 < len(ends) - 1):
                bands.append((begin, end))
                begin = end
        bands.append((begin, layout.width))
        fold = cls(bands, layout.height)
        return fold if len(bands) * (layout.height + 1) - 1 <= rows else None

    @property
    def width(self) -> int:
        """The columns of the drawing before it is folded."""
        return self.bands[-1][1]


def fold_drawing(lines: Sequence[Line], fold: Fold, *, unicode: bool = True) -> list[Line]:
    """Return the lines of a drawing in bands; a line that is cut says so on both sides."""
    band_lines: list[Line] = []
    for begin, end in fold.bands:
        if band_lines:
            band_lines.append([])
        for line in lines:
            start = [_seam_sign(line, begin, unicode)] if begin else []
            rest = [_seam_sign(line, end, unicode)] if end < fold.width else []
            band_lines.append([*start, *_line_part(line, begin, end), *rest])
    return band_lines


def _seam_sign(line: Line, seam: int, unicode: bool) -> Piece:
    """Return the sign of a line that goes over a seam, in the role it has there; else a blank."""
    crossing = _line_part(line, seam, seam + 1)
    if not crossing or not crossing[0][0].strip():
        return (" ", "")
    return ("┈" if unicode else "~", crossing[0][1])


def _line_part(line: Line, begin: int, end: int) -> list[Piece]:
    """Return what stands between two columns; no label is cut there."""
    pieces: list[Piece] = []
    column = 0
    for text, role in line:
        for character in text:
            if begin <= column < end:
                pieces.append((character, role))
            column += width(character)
    missing = end - max(begin, column)
    return [*joined_pieces(pieces), *([(" " * missing, "")] if missing > 0 else [])]


# Without roles ----------------------------------------------------------------------------------


def network_text(
    labels: Mapping[str, Sequence[str]],
    inputs: Mapping[str, Sequence[str]],
    columns: int,
    rows: int,
    *,
    unicode: bool = True,
) -> list[str]:
    """Return a network as lines of text, folded where it is too wide; a label has some lines.

    `inputs` says what each quantity is computed from. There are no lines where there is no room,
    and none for a network that goes in circles.
    """
    try:
        order = list(TopologicalSorter(inputs).static_order())
    except CycleError:
        return []
    if len(order) > rows * MOST_ABREAST:
        return []
    # A blank behind each label, and a piece of its line before others cross it.
    sizes = {
        id: (max(map(width, labels[id])) + 1, len(labels[id]))
        for id in sorted(order, key=list(labels).index)
    }
    net = Net(sizes, [(one, id) for id in order for one in inputs[id]])
    is_high = any(high > 1 for _, high in sizes.values())
    layout = laid_out(net, columns, gap=int(is_high))
    fold = Fold.of(layout, columns, rows) if layout.width > columns else None
    if layout.height > rows or (fold is None and layout.width > columns):
        return []
    pieces = {id: [[(f"{line} ", "")] for line in label] for id, label in labels.items()}
    lines = paint_drawing(layout, pieces, (), unicode=unicode)
    if fold is not None:
        lines = fold_drawing(lines, fold, unicode=unicode)
    texts = [line_text(line).rstrip() for line in lines]
    return [text for text, before in zip(texts, ["", *texts], strict=False) if text or before]
