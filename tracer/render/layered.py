"""Where the boxes and lines of a network's drawing go: layers from left to right or downwards.

Pure geometry in units of the caller; it knows neither words nor a picture format. Edges stand in
the order of the equations, each behind those that lead to its beginning, and make no circle.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from graphlib import TopologicalSorter
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from tracer.narrative.blocks import Arrow

MOST_SWEEPS = 8
DIGITS = 3  # decimals of a place


class Point(NamedTuple):
    """A place, x to the right and y downwards."""

    x: float
    y: float


class Edge(NamedTuple):
    """A line from box to box: its first and last place, and two for each layer it passes."""

    source: str
    target: str
    points: Sequence[Point]

    def pieces(self, across: bool) -> Iterator[Sequence[Point]]:
        """Yield the ends of what it consists of, before each bow the two points that bend it.

        It is level where it leaves, passes a layer, and arrives.
        """
        for number, (before, point) in enumerate(pairwise(self.points)):
            if number % 2:  # through a layer, straight
                yield (point,)
            elif across:
                middle = (before.x + point.x) / 2
                yield Point(middle, before.y), Point(middle, point.y), point
            else:
                middle = (before.y + point.y) / 2
                yield Point(before.x, middle), Point(point.x, middle), point


class Drawing(NamedTuple):
    """The middles of the boxes, the lines and the size of the whole.

    `across` says that the layers stand side by side, from left to right.
    """

    places: Mapping[str, Point]
    edges: Sequence[Edge]
    width: float
    height: float
    across: bool


class Layers(NamedTuple):
    """The layer of each box and bend, the lines from layer to layer, and those of each edge.

    An edge that passes layers goes through a bend in each; edges from one box share theirs.
    """

    places: Mapping[str, int]
    steps: Sequence[Arrow]
    ways: Mapping[Arrow, Sequence[Arrow]]


def layered_drawing(
    sizes: Mapping[str, tuple[float, float]],
    edges: Sequence[Arrow],
    *,
    gap: float,
    between: float,
    widest: float,
) -> Drawing:
    """Return where everything goes.

    `sizes` are the boxes' widths and heights; `gap` is the room between two of a layer, `between`
    that between two layers. The layers stand side by side if that is not over `widest`, else one
    below the other.
    """
    layered = layers_of(sizes, edges)
    layers, count = layered.places, max(layered.places.values(), default=-1) + 1

    def depth(at: int, side: int) -> float:
        return max((sizes[id][side] for id in sizes if layers[id] == at), default=0.0)

    across = sum(depth(at, 0) for at in range(count)) + between * max(count - 1, 0) <= widest
    depths = [depth(at, 0 if across else 1) for at in range(count)]
    starts = [sum(depths[:at]) + between * at for at in range(count)]

    def half(id: str) -> float:
        """Return half of what a box takes beside others; a bend takes nothing."""
        return sizes[id][1 if across else 0] / 2 if id in sizes else 0.0

    side = placed_rows(layered, sizes, lambda one, other: half(one) + gap + half(other), DIGITS)
    low = min((side[id] - half(id) for id in side), default=0.0)
    high = max((side[id] + half(id) for id in side), default=0.0)

    def point(along: float, id: str) -> Point:
        return Point(along, side[id] - low) if across else Point(side[id] - low, along)

    def middle(id: str, way: int = 0) -> Point:
        """Return the middle of a box, or of its side where lines end (-1) or begin (1)."""
        own = way * sizes[id][0 if across else 1] / 2
        return point(starts[layers[id]] + depths[layers[id]] / 2 + own, id)

    lines = []
    for (source, target), steps in layered.ways.items():
        # Straight through each layer that is passed, so that no box of it is crossed.
        inner_points = [
            point(starts[layers[bend]] + along, bend)
            for bend, _ in steps[1:]
            for along in (0.0, depths[layers[bend]])
        ]
        lines.append(Edge(source, target, [middle(source, 1), *inner_points, middle(target, -1)]))
    length = starts[-1] + depths[-1] if count else 0.0
    size = (length, high - low) if across else (high - low, length)
    return Drawing({id: middle(id) for id in sizes}, lines, *size, across)


def layers_of(boxes: Iterable[str], edges: Sequence[Arrow]) -> Layers:
    """Return the layer of each box: behind all that it needs, and no earlier than it is used."""
    layers = dict.fromkeys(boxes, 0)
    for source, target in edges:
        layers[target] = max(layers[target], layers[source] + 1)
    targets = {target for _, target in edges}
    for id in layers:
        users = [layers[target] for source, target in edges if source == id]
        if id not in targets and users:
            layers[id] = min(users) - 1
    steps: dict[Arrow, None] = {}
    ways: dict[Arrow, Sequence[Arrow]] = {}
    for source, target in edges:
        between = range(layers[source] + 1, layers[target])
        bends = {f"{source}\0{layer}": layer for layer in between}
        layers.update(bends)
        ways[source, target] = list(pairwise([source, *bends, target]))
        steps.update(dict.fromkeys(ways[source, target]))
    return Layers(layers, list(steps), ways)


def placed_rows(
    layers: Layers,
    boxes: Container[str],
    least: Callable[[str, str], float],
    digits: int | None = None,
) -> dict[str, float]:
    """Return the row of each box and bend, a whole number unless it has digits.

    `least` says how far a box or bend of a layer is at least below the one above it. What lies on
    one straight line is a chain and has one row (Brandes and Koepf, "Fast and simple horizontal
    coordinate assignment", 2001). Chains are put as high as the boxes above them allow, and then
    move, as far as there is room, to the middle of what their other lines lead to.
    """
    order = _order_boxes(layers)
    chain = _straight_chains(boxes, order, layers.steps)
    apart: dict[Arrow, float] = {}  # the least rows from one chain to one below it
    for layer in order:
        for one, other in pairwise(layer):
            pair = chain[one], chain[other]
            apart[pair] = max(least(one, other), apart.get(pair, 0))
    below, above = _neighbours(chain.values(), apart)
    bent = [(chain[one], chain[other]) for one, other in layers.steps if chain[one] != chain[other]]
    targets, sources = _neighbours(chain.values(), bent)
    beside = {id: [*sources[id], *targets[id]] for id in targets}
    downwards = list(TopologicalSorter(above).static_order())
    row: dict[str, float] = {}
    for id in downwards:
        row[id] = max((row[one] + apart[one, id] for one in above[id]), default=0)
    for sweep in range(MOST_SWEEPS):
        for id in downwards if sweep % 2 else reversed(downwards):
            if beside[id]:
                position: float = round(median(row[other] for other in beside[id]), digits)
                for one in above[id]:
                    position = max(position, row[one] + apart[one, id])
                for other in below[id]:
                    position = min(position, row[other] - apart[id, other])
                row[id] = position
    return {id: row[chain[id]] for id in layers.places}


def _straight_chains(
    boxes: Container[str], order: Sequence[Sequence[str]], steps: Sequence[Arrow]
) -> dict[str, str]:
    """Return for each box and bend the first one of the straight line that it lies on.

    Long lines come first: they bend only at their ends. Then a box is joined to the one that is
    the middle of its neighbours, where that holds both ways; beside what is computed, what is
    given does not count. No two such lines cross.
    """
    place = {id: (at, row) for at, layer in enumerate(order) for row, id in enumerate(layer)}
    in_order = sorted(steps, key=lambda step: (place[step[0]], place[step[1]]))
    links, backs = _neighbours(place, in_order)

    def rank(step: Arrow) -> int:
        one, other = step
        bends = sum(id not in boxes for id in step)
        computed = [id for id in backs[other] if backs[id]]
        ways = (links[one], other), (computed or backs[other], one)
        middle = all(len(near) % 2 and near[len(near) // 2] == id for near, id in ways)
        return (1 if middle else 3, 2, 0)[bends]

    straight: list[list[tuple[int, int]]] = [[] for _ in order]
    before: dict[str, str] = {}
    for one, other in sorted((step for step in steps if rank(step) < 3), key=rank):
        (at, start), (_, end) = place[one], place[other]
        if all((start - first) * (end - second) > 0 for first, second in straight[at]):
            straight[at].append((start, end))
            before[other] = one
    chain: dict[str, str] = {}
    for layer in order:
        for id in layer:
            chain[id] = chain[before[id]] if id in before else id
    return chain


def _neighbours(
    ids: Iterable[str], steps: Iterable[Arrow]
) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Return what each box leads to, and what leads to it, in the order of the steps."""
    links: dict[str, list[str]] = {id: [] for id in ids}
    backs: dict[str, list[str]] = {id: [] for id in links}
    for one, other in steps:
        links[one].append(other)
        backs[other].append(one)
    return links, backs


def _order_boxes(layers: Layers) -> list[list[str]]:
    """Return the boxes of each layer in the order in which few of the lines between them cross."""
    order = [
        [id for id, layer in layers.places.items() if layer == at]
        for at in range(max(layers.places.values(), default=-1) + 1)
    ]
    links, backs = _neighbours(layers.places, layers.steps)
    for sweep in range(MOST_SWEEPS):  # sort each layer by the middle of the neighbours, to and fro
        forward = sweep % 2 == 0
        near = backs if forward else links
        steps = range(1, len(order)) if forward else range(len(order) - 2, -1, -1)
        for at in steps:
            beside = order[at - 1 if forward else at + 1]
            place = {id: number / max(len(beside) - 1, 1) for number, id in enumerate(beside)}
            count = max(len(order[at]) - 1, 1)
            weight = {
                id: sum(place[other] for other in near[id]) / len(near[id])
                if near[id]
                else number / count
                for number, id in enumerate(order[at])
            }
            order[at].sort(key=weight.__getitem__)
    return order
