"""The network as a graph and the loss as a curve, with what they show said in words."""

from __future__ import annotations

import math
from collections.abc import Container, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from tracer.expression import Name, Node
from tracer.narrative.blocks import (
    Arrow,
    Block,
    Graph,
    GraphNode,
    Heading,
    NodeKind,
    Plot,
    Series,
    Table,
    equality,
    present,
)
from tracer.narrative.derivation_options import is_iterated
from tracer.narrative.entry_functions import leaves_of, place_of
from tracer.narrative.printed_values import value_node
from tracer.narrative.steps import gradient_of
from tracer.narrative.words import shape_words, shown_figure
from tracer.operations import figure_node, number_text
from tracer.program.elements import Elements, UnknownInteger
from tracer.program.program import (
    BuiltProgram,
    Equation,
    Program,
    names_in,
    substitute,
    unnamed_values,
)
from tracer.run.trace import Iteration, Trace
from tracer.sentences import Slot, say

MOST_NODES = 60
MOST_SAMPLES = 6  # points of a curve that are told as numbers
PLOT_DIGITS = 4
MOST_PICTURED = 4  # entries of a quantity whose numbers stand in the drawing


def way_to_loss(program: Program, name: str) -> list[str]:
    """Return a quantity and all that is computed from it on the way to the loss, in order."""
    needed = program.needed_by_loss
    names = [name] if name in needed else []
    for equation in program.phase("forward", "loss"):
        if equation.name in needed and not set(names).isdisjoint(names_in(equation.expression)):
            names.append(equation.name)
    return names


class Wiring(NamedTuple):
    """The boxes and edges of a program: what it is given and uses, and what it computes."""

    boxes: dict[str, Equation | None]
    edges: list[Arrow]


def network_wiring(program: Program, signs: Container[str] = ()) -> Wiring:
    """Return what is computed from what on the way to the loss.

    A part of an equation has no name of its own: it is inside the box of the whole, unless a
    reader knows it by a sign.
    """
    computed = [*program.phase("forward", "loss")]
    parts = unnamed_values(computed, signs)
    equations = [
        item._replace(expression=substitute(item.expression, parts))
        for item in computed
        if item.name not in parts
    ]
    used = {name for equation in equations for name in names_in(equation.expression)}
    boxes: dict[str, Equation | None] = {
        name: None
        for name, item in program.inputs.items()
        if name in used and item.kind in ("data", "parameter", "constant")
    }
    edges: list[Arrow] = []
    for equation in equations:
        boxes[equation.name] = equation
        edges += [
            (name, equation.name)
            for name in dict.fromkeys(names_in(equation.expression))
            if name in boxes and name != equation.name
        ]
    return Wiring(boxes, edges)


@lru_cache(4)
def neuron_wiring(built: BuiltProgram, signs: frozenset[str], most: int) -> Wiring | None:
    """Return the network with a box for each entry of a vector, `z@0`; parameters stay whole.

    None where no vector is computed, where there are more than `most` boxes, and where labels
    decide what is computed from what.
    """
    whole = network_wiring(built.program, signs)
    shapes, elements = built.shapes, Elements(built.shapes)
    vectors = {
        name: [f"{name}@{at}" for at in range(shapes[name][0])]
        for name, equation in whole.boxes.items()
        if len(shapes[name]) == 1 < shapes[name][0]
        and (equation or built.program.inputs[name].kind == "data")
    }
    ids = {name: vectors.get(name, [name]) for name in whole.boxes}
    if not any(map(whole.boxes.get, vectors)) or sum(map(len, ids.values())) > most:
        return None
    boxes = {id: whole.boxes[name] for name in ids for id in ids[name]}
    edges: dict[Arrow, None] = {}
    for name, equation in whole.boxes.items():
        for at, id in enumerate(ids[name] if equation is not None else ()):
            assert equation is not None
            if name in vectors:
                try:
                    entry = elements.entry(equation.expression, (at,)).node
                except UnknownInteger:
                    return None
                places = map(place_of, leaves_of(entry))
                used = [ids[each][index[0]] if each in vectors else each for each, index in places]
            else:
                used = [one for each in names_in(equation.expression) for one in ids.get(each, ())]
            edges |= dict.fromkeys((one, id) for one in used if one in boxes)
    return Wiring(boxes, list(edges))


def _node_kind(program: Program, name: str, equation: Equation | None) -> NodeKind:
    if equation is not None:
        return "loss" if equation.phase == "loss" else "value"
    kind = program.inputs[name].kind
    return kind if kind == "parameter" or kind == "constant" else "data"


def _small_figures(iteration: Iteration, *names: str, digits: int) -> Sequence[Node]:
    """Return the value of a small quantity, and of others where it has one; else nothing."""
    figures: list[Node] = []
    for name in names:
        shape = iteration.shape(name) if name in frozenset(iteration) else (0, 0, 0)
        is_small = math.prod(shape) <= MOST_PICTURED and len(shape) < 3
        if not (is_small and all(map(math.isfinite, iteration.floats(name)))):
            break
        figures.append(equality(Name(name), value_node(iteration, name, digits)))
    return figures


def network_graph(
    program: Program, focus: str = "", iteration: Iteration | None = None, digits: int = 6
) -> Graph | None:
    """Return what is computed from what; None where a drawing would hold too much to read.

    The way from the quantity in focus to the loss is lit. Small quantities bear their values and
    gradients of an `iteration`; the shares of a gradient are left to the text, as nothing on the
    arrows of the way forward is computed from them.
    """
    boxes, wires = network_wiring(program)
    ids = {name: f"n{number}" for number, name in enumerate(boxes, start=1)}
    nodes = [
        GraphNode(
            ids[name],
            Name(name),
            _node_kind(program, name, equation),
            shape_words(shape) if shape else "",
            ()
            if iteration is None
            else _small_figures(
                iteration, name, *present(gradient_of(program, name)), digits=digits
            ),
        )
        for name, equation in boxes.items()
        for shape in [(equation or program.inputs[name]).shape]
    ]
    if not wires or len(nodes) > MOST_NODES:
        return None
    caption = say(
        "The network: {count} quantities; an arrow leads from each to what is computed from it.",
        count=len(nodes),
    )
    way = [name for name in way_to_loss(program, focus) if name in ids] if focus else []
    most_figures = max(len(node.figures) for node in nodes)
    if iteration is not None and most_figures:
        values = (
            say("their values in iteration {number}", number=iteration.number)
            if is_iterated(iteration.trace)
            else say("their values")
        )
        caption = (
            say("{network} Small quantities show {values}.", network=caption, values=values)
            if most_figures == 1
            else say(
                "{network} Small quantities show {values}, and the gradients that come back to "
                "them.",
                network=caption,
                values=values,
            )
        )
    if way:
        caption = say(
            "{network} The bold path leads from {name} to the loss: {way}.",
            network=caption,
            name=Name(focus),
            way=list(map(Name, way)),
        )
    edges = [(ids[source], ids[target]) for source, target in wires]
    return Graph(nodes, edges, caption, frozenset(ids[name] for name in way))


def wished_plot(trace: Trace) -> Iterator[Block]:
    """Yield the curves that the scenario asks for, from its first iteration."""
    wish = trace.scenario.plot
    if wish is None:
        return
    first = trace.iteration(1)
    names = [name for name in wish.quantities if name in first]
    over = first.floats(wish.over)
    series = [
        Series(
            say("{name}", name=Name(name)),
            sorted(
                point
                for point in zip(over, first.floats(name), strict=True)
                if all(map(math.isfinite, point))
            ),
        )
        for name in names
    ]
    if all(len(item.points) < 2 for item in series):
        return
    yield Heading(2, say("Curves"))
    yield Plot(
        say(
            "Curves over {over}: {names}.",
            over=Name(wish.over),
            names=[item.name for item in series],
        ),
        say("{name}", name=Name(wish.over)),
        say("value"),
        series,
    )


def loss_plot(trace: Trace, loss: str, digits: int) -> Plot | None:
    """Return the curve of the loss over the iterations; None where there is only one."""
    points = [
        (float(number), value)
        for number, value in enumerate(trace.floats(loss), start=1)
        if math.isfinite(value)
    ]
    if len(points) < 2:
        return None
    # Where the loss goes is said with what the run comes to.
    place, lowest = min(points, key=lambda point: point[1])
    slots: dict[str, Slot] = {"name": Name(loss), "count": int(points[-1][0])}
    caption = (
        say("{name} over {count} iterations.", **slots)
        if lowest in (points[0][1], points[-1][1])
        else say(
            "{name} over {count} iterations; its lowest is {lowest} in iteration {place}.",
            **slots,
            lowest=figure_node(lowest, digits),
            place=int(place),
        )
    )
    name = say("{name}", name=Name(loss))
    return Plot(caption, say("iteration"), name, [Series(name, points)], tabled=True)


def curve_figure(value: float) -> Node:
    """Return a number of a curve as a textbook writes it, 1.567·10⁻¹¹."""
    return shown_figure(number_text(value, PLOT_DIGITS))


def curve_samples(plot: Plot) -> Table:
    """Return a few points of each curve as a table: its ends and some between.

    The words beside a single curve may name its lowest point: where that lies between the ends, the
    rows are those in even steps through it.
    """
    only = len(plot.series) == 1
    chosen: set[float] = set()
    for points in (series.points for series in plot.series if series.points):
        last = len(points) - 1
        count = max(min(MOST_SAMPLES - 1, last), 1)
        places: Iterable[int] = (last * step // count for step in range(count + 1))
        heights = [height for _, height in points]
        lowest = heights.index(min(heights))
        if only and 0 < lowest < last:
            step = math.ceil(last / count)
            places = range(lowest % step, last + 1, step)
        chosen.update(points[at][0] for at in places)
    curves = [dict(series.points) for series in plot.series]
    numbers = [[place, *(curve.get(place) for curve in curves)] for place in sorted(chosen)]
    names = [plot.vertical] if only else [series.name for series in plot.series]
    return Table(
        [plot.horizontal, *names],
        [["" if value is None else curve_figure(value) for value in row] for row in numbers],
    )
