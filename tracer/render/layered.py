"""Where the boxes and lines of a network's drawing go: layers from left to right or downwards.

Pure geometry in units of the caller; it knows neither words nor a picture format.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

__all__ = ["Drawing", "Edge", "Point", "layered_drawing", "ordered_layers"]

MOST_SWEEPS = 8


class Point(NamedTuple):
    """A place, x to the right and y downwards."""

    x: float
    y: float


class Edge(NamedTuple):
    """A line from box to box: its first and last place, and two for each layer it passes."""

    source: str
    target: str
    points: Sequence[Point]


class Drawing(NamedTuple):
    """The middles of the boxes, the lines and the size of the whole.

    `across` says that the layers stand side by side, from left to right.
    """

    places: Mapping[str, Point]
    edges: Sequence[Edge]
    width: float
    height: float
    across: bool


def layered_drawing(
    sizes: Mapping[str, tuple[float, float]],
    edges: Iterable[tuple[str, str]],
    *,
    gap: float,
    between: float,
    widest: float,
) -> Drawing:
    """Return where everything goes.

    `sizes` are the boxes' widths and heights; `gap` is the room between two of a layer, `between`
    that between two layers. The layers stand side by side if that is not over `widest`, else one
    below the other. Edges from or to unknown boxes, loops and what closes a circle are left out.
    """
    edges = _without_circles(sizes, edges)
    layers = _layers(sizes, edges)
    count = max(layers.values(), default=-1) + 1
    columns = [
        max((sizes[id][0] for id in sizes if layers[id] == at), default=0.0) for at in range(count)
    ]
    across = sum(columns) + between * max(count - 1, 0) <= widest
    ways: dict[tuple[str, str], list[str]] = {}
    thick = {id: size if across else (size[1], size[0]) for id, size in sizes.items()}
    order: list[list[str]] = [[] for _ in range(count)]
    for id in sizes:
        order[layers[id]].append(id)
    links: dict[str, list[str]] = {id: [] for id in sizes}
    backs: dict[str, list[str]] = {id: [] for id in sizes}
    for number, (source, target) in enumerate(edges):
        way = [source]
        for layer in range(layers[source] + 1, layers[target]):
            bend = f" {number} {layer}"  # no id of a box
            order[layer].append(bend)
            thick[bend] = (0.0, 0.0)
            links[bend], backs[bend] = [], []
            way.append(bend)
        way.append(target)
        ways[source, target] = way
        for one, other in pairwise(way):
            links[one].append(other)
            backs[other].append(one)
    _untangle(order, links, backs)
    depths = [max((thick[id][0] for id in layer), default=0.0) for layer in order]
    starts = [sum(depths[:at]) + between * at for at in range(count)]
    side = _side_by_side(order, thick, links, backs, gap)
    places: dict[str, tuple[float, float]] = {}
    for at, ids in enumerate(order):
        for id in ids:
            places[id] = (starts[at] + depths[at] / 2, side[id])
    low = min((side[id] - thick[id][1] / 2 for id in side), default=0.0)
    high = max((side[id] + thick[id][1] / 2 for id in side), default=0.0)

    def point(along: float, beside: float) -> Point:
        return Point(along, beside - low) if across else Point(beside - low, along)

    lines = []
    for (source, target), way in ways.items():
        line = []
        for at, id in enumerate(way):
            along, beside = places[id]
            half = thick[id][0] / 2
            layer = layers[source] + at
            if id in sizes:
                line.append((along + (half if at == 0 else -half), beside))
            else:
                # Straight through the layer, so that no box of it is crossed.
                line.append((starts[layer], beside))
                line.append((starts[layer] + depths[layer], beside))
        lines.append(Edge(source, target, [point(*spot) for spot in line]))
    length = starts[-1] + depths[-1] if count else 0.0
    size = (length, high - low) if across else (high - low, length)
    return Drawing({id: point(*places[id]) for id in sizes}, lines, *size, across)


def _without_circles(
    sizes: Mapping[str, object], edges: Iterable[tuple[str, str]]
) -> list[tuple[str, str]]:
    kept: list[tuple[str, str]] = []
    after: dict[str, set[str]] = {id: {id} for id in sizes}
    for source, target in dict.fromkeys(edges):
        if source in sizes and target in sizes and source not in after[target]:
            kept.append((source, target))
            for reached in after.values():
                if source in reached:
                    reached |= after[target]
    return kept


def _layers(sizes: Mapping[str, object], edges: Sequence[tuple[str, str]]) -> dict[str, int]:
    """Return the layer of each box: behind all that it needs, and no earlier than it is used."""
    layers = dict.fromkeys(sizes, 0)
    changed = True
    while changed:
        changed = False
        for source, target in edges:
            if layers[target] <= layers[source]:
                layers[target] = layers[source] + 1
                changed = True
    has_source = {target for _, target in edges}
    for id in sizes:
        users = [layers[target] for source, target in edges if source == id]
        if id not in has_source and users:
            layers[id] = min(users) - 1
    return layers


def ordered_layers(layers: Mapping[str, int], steps: Iterable[tuple[str, str]]) -> list[list[str]]:
    """Return the boxes of each layer in the order in which few of the lines between them cross.

    `steps` are lines from a layer to the next.
    """
    order: list[list[str]] = [[] for _ in range(max(layers.values(), default=-1) + 1)]
    for id, layer in layers.items():
        order[layer].append(id)
    links: dict[str, list[str]] = {id: [] for id in layers}
    backs: dict[str, list[str]] = {id: [] for id in layers}
    for one, other in steps:
        links[one].append(other)
        backs[other].append(one)
    _untangle(order, links, backs)
    return order


def _untangle(
    order: list[list[str]], links: Mapping[str, Sequence[str]], backs: Mapping[str, Sequence[str]]
) -> None:
    """Sort each layer by the middle of the neighbours, to and fro."""
    for sweep in range(MOST_SWEEPS):
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


def _side_by_side(
    order: Sequence[Sequence[str]],
    thick: Mapping[str, tuple[float, float]],
    links: Mapping[str, Sequence[str]],
    backs: Mapping[str, Sequence[str]],
    gap: float,
) -> dict[str, float]:
    """Return each box's place beside the others of its layer: near its neighbours, none over."""
    side: dict[str, float] = {}
    for layer in order:
        whole = sum(thick[id][1] for id in layer) + gap * max(len(layer) - 1, 0)
        at = -whole / 2
        for id in layer:
            side[id] = at + thick[id][1] / 2
            at += thick[id][1] + gap
    # Boxes in the middle of things should lie on a line rather than those at the rim.
    weight = {id: float(len(links[id]) + len(backs[id])) ** 3 for id in side}
    for sweep in range(MOST_SWEEPS):
        for layer in order if sweep % 2 == 0 else reversed(order):
            wanted = {}
            for id in layer:
                near = [(side[other], weight[other]) for other in (*links[id], *backs[id])]
                heavy = sum(share for _, share in near)
                wanted[id] = (
                    sum(place * share for place, share in near) / heavy if near else side[id]
                )
            _placed(layer, wanted, weight, thick, gap, side)
    return side


def _placed(
    layer: Sequence[str],
    wanted: Mapping[str, float],
    weight: Mapping[str, float],
    thick: Mapping[str, tuple[float, float]],
    gap: float,
    side: dict[str, float],
) -> None:
    """Put a layer's boxes where they want to be; those that would overlap share the middle."""
    # Ids, the place that the first of them wants (weighed by all), the weight, the breadth.
    groups: list[tuple[list[str], float, float, float]] = []
    for id in layer:
        ids, start, heavy, breadth = (
            [id],
            wanted[id] - thick[id][1] / 2,
            weight[id] or 1.0,
            thick[id][1],
        )
        while groups and groups[-1][1] + groups[-1][3] + gap > start:
            before = groups.pop()
            start = (before[1] * before[2] + (start - before[3] - gap) * heavy) / (
                before[2] + heavy
            )
            ids, heavy = [*before[0], *ids], before[2] + heavy
            breadth = before[3] + gap + breadth
        groups.append((ids, start, heavy, breadth))
    for ids, at, _, _ in groups:
        for id in ids:
            side[id] = at + thick[id][1] / 2
            at += thick[id][1] + gap
