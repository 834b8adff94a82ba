"""A network as characters: layers from left to right, lines that join, cross over and light up.

The order of the boxes comes from `render.layered`; here they get rows and columns of text. What
is drawn is decided by ids only: labels and lit parts may change without a new layout.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from tracer.render.boxes import padded
from tracer.render.layered import drawn
from tracer.ui.text import Line

__all__ = ["Layout", "Net", "laid_out", "painted"]

LEFT, RIGHT, UP, DOWN = 1, 2, 4, 8
_UNICODE: Final = {
    **{0: " ", 1: "─", 2: "─", 3: "─", 4: "│", 8: "│", 12: "│", 9: "┐", 5: "┘", 13: "┤"},
    **{10: "┌", 6: "└", 14: "├", 11: "┬", 7: "┴", 15: "┼"},
}
_ASCII: Final = dict.fromkeys(range(16), "+") | {
    **{0: " ", 1: "-", 2: "-", 3: "-", 4: "|", 8: "|", 12: "|"}
}
WIDEST_GAP: Final = 4  # columns that a gap may get besides those it needs


class Net(NamedTuple):
    """What is computed from what: ids with the widths of their labels, and edges."""

    widths: Mapping[str, int]
    edges: Sequence[tuple[str, str]]


class _Wire(NamedTuple):
    """One cell of an edge: what its line does there."""

    x: int
    y: int
    bits: int


class Layout(NamedTuple):
    """Where each label begins, the cells of each line, and the size of the whole.

    An edge goes along one line or several, from layer to layer: `ways` says which.
    """

    places: Mapping[str, tuple[int, int]]
    wires: Mapping[tuple[str, str], Sequence[_Wire]]
    ways: Mapping[tuple[str, str], Sequence[tuple[str, str]]]
    arrows: Mapping[str, tuple[int, int]]  # before each label that something leads to
    width: int
    height: int


class _Hop(NamedTuple):
    """A line from one layer to the next, by rows. Edges that begin in one box share their hops."""

    source: str
    target: str
    start: int
    end: int


def laid_out(net: Net, room: int) -> Layout:
    """Return a network's layout; where there is room the gaps between layers are wider."""
    layers = _layers(net)
    steps, ways = _steps(net, layers)
    rows = _rows(layers, steps)
    count = max(layers.values(), default=-1) + 1
    hops: list[list[_Hop]] = [[] for _ in range(count)]
    for one, other in steps:
        hops[layers[one]].append(_Hop(one, other, rows[one], rows[other]))
    tracks = [_tracks(group) for group in hops]
    breadths = [0] * count
    for id, layer in layers.items():
        breadths[layer] = max(breadths[layer], net.widths.get(id, 0))
    needed = [len(set(track.values())) for track in tracks]
    least = sum(breadths) + sum(max(size, 1) + 3 for size in needed[:-1])
    spare = min(max((room - least) // max(count - 1, 1), 0), WIDEST_GAP)
    starts = [0]
    for breadth, size in zip(breadths, needed, strict=True):
        starts.append(starts[-1] + breadth + max(size, 1) + 3 + spare)
    wires = {
        (hop.source, hop.target): _laid(hop, starts[at : at + 2], breadths[at], tracks[at], net)
        for at, group in enumerate(hops)
        for hop in group
    }
    places = {id: (starts[layers[id]], rows[id]) for id in net.widths}
    targets = {target for _, target in ways}
    arrows = {id: (x - 2, y) for id, (x, y) in places.items() if id in targets}
    height = max(rows.values(), default=-1) + 1
    whole = starts[count - 1] + breadths[count - 1] if count else 0
    return Layout(places, wires, ways, arrows, whole, height)


def _layers(net: Net) -> dict[str, int]:
    """Return the layer of each box: behind all that it needs, and no earlier than it is used."""
    layers = dict.fromkeys(net.widths, 0)
    for source, target in net.edges:  # in the order of the equations: each behind its inputs
        layers[target] = max(layers[target], layers[source] + 1)
    targets = {target for _, target in net.edges}
    for id in layers:
        users = [layers[target] for source, target in net.edges if source == id]
        if id not in targets and users:
            layers[id] = min(users) - 1
    return layers


def _steps(
    net: Net, layers: dict[str, int]
) -> tuple[list[tuple[str, str]], dict[tuple[str, str], list[tuple[str, str]]]]:
    """Return lines from layer to layer, and those that each edge goes along.

    An edge that passes layers goes through a bend in each; edges from one box share theirs. The
    bends are added to the layers.
    """
    steps: dict[tuple[str, str], None] = {}
    ways: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for source, target in net.edges:
        way = [source]
        for layer in range(layers[source] + 1, layers[target]):
            bend = f"{source}\0{layer}"
            layers[bend] = layer
            way.append(bend)
        pairs = list(pairwise([*way, target]))
        ways[source, target] = pairs
        steps.update(dict.fromkeys(pairs))
    return list(steps), ways


def _rows(layers: Mapping[str, int], steps: Sequence[tuple[str, str]]) -> dict[str, int]:
    """Return the row of each box and bend: no two of a layer in one."""
    drawing = drawn(dict.fromkeys(layers, (1.0, 1.0)), steps, gap=0.0, between=1.0, widest=math.inf)
    rows: dict[str, int] = {}
    free: dict[int, int] = {}
    for id in sorted(layers, key=lambda id: drawing.places[id].y):
        row = max(free.get(layers[id], 0), round(drawing.places[id].y - 0.5))
        rows[id] = row
        free[layers[id]] = row + 1
    low = min(rows.values(), default=0)
    return {id: row - low for id, row in rows.items()}


def _tracks(hops: Sequence[_Hop]) -> dict[str, int]:
    """Return the track of each target whose lines turn: columns in which no two overlap.

    A line that ends in a row must turn before one that begins there and leads elsewhere does.
    """
    spans: dict[str, tuple[int, int]] = {}
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
    found: dict[str, int] = {}
    used: list[list[tuple[int, int]]] = []
    for target in _sorted(spans, after):
        low, high = spans[target]
        first = max((found[before] + 1 for before in after[target] if before in found), default=0)
        for track in range(first, len(used) + 1):
            if track == len(used):
                used.append([])
            if all(high < one or other < low for one, other in used[track]):
                used[track].append((low, high))
                found[target] = track
                break
        else:
            used.append([(low, high)])
            found[target] = len(used) - 1
    return found


def _sorted(
    spans: Mapping[str, tuple[int, int]], after: Mapping[str, Collection[str]]
) -> list[str]:
    """Return targets so that each comes behind those it must be right of; circles are cut."""
    order: list[str] = []
    seen: set[str] = set()

    def visit(target: str) -> None:
        if target in seen:
            return
        seen.add(target)
        for before in after[target]:
            visit(before)
        order.append(target)

    for target in sorted(spans, key=lambda each: spans[each]):
        visit(target)
    return order


def _laid(
    hop: _Hop, starts: Sequence[int], breadth: int, tracks: Mapping[str, int], net: Net
) -> list[_Wire]:
    """Return the cells of a line: along its row, up or down its track, along the other row."""
    own = net.widths.get(hop.source)  # a bend has none: the line goes straight through
    begin = starts[0] if own is None else starts[0] + own + 1
    end = starts[1] - (3 if hop.target in net.widths else 1)
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


def painted(
    layout: Layout,
    labels: Mapping[str, tuple[str, str]],
    lit: Collection[tuple[str, str]],
    *,
    back: bool = False,
    unicode: bool = True,
) -> list[Line]:
    """Return the drawing with these labels (text and role) and some edges lit.

    With `back` the lit edges are walked from the right to the left: gradients flow back.
    """
    signs = _UNICODE if unicode else _ASCII
    lines = {line for edge in lit for line in layout.ways.get(edge, ())}
    cells = _cells(layout, lines, signs)
    head, tail = ("▶", "◀") if unicode else (">", "<")
    lit_targets = {target for _, target in lit}
    for id, (x, y) in layout.arrows.items():
        is_lit = id in lit_targets
        cells[x, y] = (tail if is_lit and back else head, "wire-lit" if is_lit else "wire")
    grid: list[dict[int, tuple[str, str, int]]] = [{} for _ in range(layout.height)]
    for (x, y), (sign, role) in cells.items():
        grid[y][x] = (sign, role, 1)
    for id, (x, y) in layout.places.items():
        text, role = labels[id]
        grid[y][x] = (text, role, _columns(text))
    return [_row(row) for row in grid]


def _columns(text: str) -> int:
    from tracer.render.boxes import width

    return width(text)


def _row(row: Mapping[int, tuple[str, str, int]]) -> Line:
    line: list[tuple[str, str]] = []
    column = 0
    for x in sorted(row):
        text, role, columns = row[x]
        if x < column:
            continue  # under a label
        if x > column:
            line.append((padded("", x - column), ""))
        if line and line[-1][1] == role and columns == 1:
            line[-1] = (line[-1][0] + text, role)
        else:
            line.append((text, role))
        column = x + columns
    return line


def _cells(
    layout: Layout, lit: Collection[tuple[str, str]], signs: Mapping[int, str]
) -> dict[tuple[int, int], tuple[str, str]]:
    """Return the sign of each cell; where two lines only cross, the one up and down is seen."""
    through: dict[tuple[int, int], list[tuple[int, tuple[str, str]]]] = {}
    for edge, wires in layout.wires.items():
        for x, y, bits in wires:
            through.setdefault((x, y), []).append((bits, edge))
    cells: dict[tuple[int, int], tuple[str, str]] = {}
    for place, parts in through.items():
        flat = [edge for bits, edge in parts if bits == LEFT | RIGHT]
        steep = [edge for bits, edge in parts if bits == UP | DOWN]
        joined = any(one[0] == other[0] or one[1] == other[1] for one in flat for other in steep)
        bits = 0
        for part, _ in parts:
            bits |= part
        if flat and steep and len(flat) + len(steep) == len(parts) and not joined:
            bits = UP | DOWN
            shown = steep
        else:
            shown = [edge for _, edge in parts]
        is_lit = any(edge in lit for edge in shown)
        cells[place] = (signs[bits], "wire-lit" if is_lit else "wire")
    return cells
