"""An analysis as blocks: the update as a map, curvature, gradients, units, costs, landscape."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Any, Final

from tracer.expression import Call, Name, Node
from tracer.narrative.blocks import (
    AxisSpan,
    Block,
    Cell,
    Heading,
    Paragraph,
    Plot,
    Series,
    Table,
    equality,
    item_blocks,
    present,
)
from tracer.narrative.pictures import way_to_loss
from tracer.narrative.run_verdict import converging_rates, verdict_blocks
from tracer.narrative.textbook_blocks import in_textbook, textbook_for
from tracer.narrative.words import shape_words
from tracer.operations import exact_node, number_node, rough_node, short_text, unravel
from tracer.operations.textbook import Textbook
from tracer.program.elements import place_node
from tracer.program.program import Program
from tracer.run.analysis import MOST_CURVED, Analysis
from tracer.run.gradient_flow import FlowRow, TimeFlow
from tracer.run.landscape import Landscape
from tracer.run.unit_states import UnitState
from tracer.run.update_map import UpdateMap
from tracer.sentences import Sentence, say

DIGITS: Final = 6
FEW: Final = 4
MOST_DECIMALS: Final = 8  # of a fraction that is written as a decimal
MOST_ROWS: Final = 30
MOST_PLACES: Final = 12  # of the trained numbers that are listed
FACTOR_HEAD: Final = say("compared with what it feeds")
TABLE_POINTS: Final = 11  # along an axis of a landscape's table

_rough_node: Final = partial(rough_node, digits=FEW)


def analysis_blocks(analysis: Analysis) -> Iterator[Block]:
    """Yield the blocks of an analysis. Raises RunError for a landscape that is not there."""
    trace = analysis.trace
    landscape = list(landscape_blocks(analysis.landscape))  # what is wrong is said before the rest
    extent = [
        say("Trained numbers: {count}.", count=analysis.surface.size),
        say(
            "The figures are those of iteration {number}, before its update.",
            number=analysis.number,
        ),
    ]
    update_map = analysis.update_map
    blocks = (
        Heading(1, say("Analysis: {title}", title=trace.scenario.heading)),
        Paragraph(extent),
        *([] if update_map is None else _map_blocks(analysis, update_map)),
        *_curvature_blocks(analysis),
        *_flow_blocks(analysis),
        *_unit_blocks(analysis.units),
        *_mode_blocks(analysis),
        Heading(2, say("The loss as a landscape")),
        *landscape,
    )
    yield from in_textbook(blocks, Textbook(lambda node: ()))  # all its formulas are numbers
    of_program = textbook_for(trace.iteration(1).built)
    yield from in_textbook(verdict_blocks(analysis.diagnosis), of_program)


# Numbers ----------------------------------------------------------------------------------------


def _figure_node(value: Any) -> Node:
    """Return an exact number as a decimal or a fraction, another one rounded."""
    if isinstance(value, (Fraction, int)):
        exact = Fraction(value)
        if 10**MOST_DECIMALS % exact.denominator == 0:
            return number_node(f"{Decimal(exact.numerator) / exact.denominator:f}")
        if max(abs(exact.numerator), exact.denominator) < 10**6:
            return exact_node(exact)
    return rough_node(float(value), DIGITS)


def _linear_form(factor: Any, name: Node, offset: Any) -> Node:
    """Return factor · name + offset."""
    if factor == 0 or offset == 0:
        product: Node = name if factor == 1 else Call("multiply", (_figure_node(factor), name))
        return product if factor else _figure_node(offset)
    operation = "add" if offset > 0 else "subtract"
    return Call(operation, (_linear_form(factor, name, 0), _figure_node(abs(offset))))


# The map ----------------------------------------------------------------------------------------


def _map_blocks(analysis: Analysis, update_map: UpdateMap) -> Iterator[Block]:
    yield Heading(2, say("The update as a map"))
    plain = _one_number if update_map.trained_count == 1 else _several_numbers
    yield from (plain if update_map.is_plain else _with_state)(analysis, update_map)
    limit, fastest = update_map.rate_limit, update_map.fastest_rate if update_map.is_plain else None
    if limit is not None and update_map.rate is not None:
        limit_figure = rough_node(float(limit), DIGITS)
        yield from item_blocks(converging_rates(limit_figure, _figure_node(update_map.rate)))
    if fastest is not None:
        slots = {"rate": _figure_node(fastest[0]), "factor": _figure_node(fastest[1])}
        yield from item_blocks(
            say(
                "It is fastest at the rate {rate}, where the slowest direction has the factor "
                "{factor}.",
                **slots,
            )
            if fastest[1]
            else say("At the rate {rate} one step leads there.", **slots)
        )
    if update_map.settled_loss is not None and len(update_map.fixed_point or ()) <= MOST_PLACES:
        yield Paragraph(
            present(
                say("The loss there is {lowest}.", lowest=_figure_node(update_map.settled_loss)),
                say("No number of iterations brings it below that, at any learning rate.")
                if update_map.settled_loss > 0 and update_map.minimum is not None
                else None,
            )
        )
    if analysis.number != 1:
        yield Paragraph([say("The map and its updates are counted from iteration 1.")])


def _one_number(analysis: Analysis, update_map: UpdateMap) -> Iterator[Block]:
    """Tell the map of one number under plain descent, with its closed form."""
    (name, _), slope = update_map.places[0], update_map.hessian[0][0]
    weight = Name(name)
    gradient = Name(analysis.surface.gradients[name])
    factor, start = update_map.matrix[0][0], update_map.start[0]
    yield Paragraph(
        [
            say(
                "The gradient is an affine function of {name}: {gradient}. So each step is affine "
                "too, and its effect is known for all iterations at once.",
                name=weight,
                gradient=equality(gradient, _linear_form(slope, weight, update_map.slope[0])),
            )
        ]
    )
    yield from item_blocks(
        say(
            "A step: {name} becomes {formula}.",
            name=weight,
            formula=_linear_form(factor, weight, update_map.offset[0]),
        )
    )
    if update_map.fixed_point is None:
        return
    point = update_map.fixed_point[0]
    at = _figure_node(point)
    if not slope:
        words = say("The gradient is 0 everywhere: {name} stays at {point}.", name=weight, point=at)
        yield from item_blocks(words)
        return
    distance, count = start - point, Name("t")
    power = Call("power", (_figure_node(factor), count))
    share = Call("multiply", (_figure_node(update_map.rate), _figure_node(slope)))
    way = Call("multiply", (_figure_node(abs(distance)), power))
    yield from item_blocks(
        say(
            "It leaves one point unchanged, the fixed point {point}: there the gradient is zero.",
            point=at,
        ),
        say(
            "It multiplies the distance from there by {formula}.",
            formula=equality(Call("subtract", (number_node("1"), share)), _figure_node(factor)),
        ),
        say(
            "After {count} updates {name} is {closed}.",
            count=count,
            name=weight,
            closed=Call("add" if distance > 0 else "subtract", (at, way))
            if point
            else Call("multiply", (_figure_node(distance), power)),
        )
        if distance
        else None,
    )
    yield from item_blocks(
        say("The loss curves downwards: descent leaves the fixed point at any rate.")
        if update_map.fastest_rate is None
        else None
    )


def _several_numbers(analysis: Analysis, update_map: UpdateMap) -> Iterator[Block]:
    """Tell the map of several numbers under plain descent: a factor for each direction."""
    yield Paragraph(
        [
            say(
                "The gradient is affine in the trained numbers. Along each eigenvector of the "
                "Hessian a step multiplies the distance from the fixed point by 1 − η·λ, with the "
                "eigenvalue λ and the learning rate η, here {rate}.",
                rate=_figure_node(update_map.rate),
            )
        ]
    )
    yield Table(
        [say("eigenvalue"), say("factor"), say("iterations to a tenth")],
        [
            [_figure_node(value), _figure_node(factor), _to_a_tenth(abs(float(factor)))]
            for value, factor in zip(update_map.eigenvalues, update_map.factors, strict=True)
        ],
    )
    if update_map.flat_directions and update_map.minimum is not None:
        yield Paragraph(
            [
                say(
                    "Where the eigenvalue is 0 the loss does not change at all: descent stays "
                    "where it began in that direction, and there are many minima.",
                )
            ]
        )
    yield from _fixed_point(update_map)


def _to_a_tenth(size: float) -> str:
    """Return how many iterations with a factor of a size leave a tenth of a distance."""
    if 0 < size < 1 - 1e-12:
        return str(math.ceil(math.log(0.1) / math.log(size)))
    return "–" if size else "1"


def _fixed_point(update_map: UpdateMap) -> Iterator[Block]:
    """Tell where the steps lead, or would if the rate were another, and what that point is."""
    point = update_map.fixed_point
    if point is None or len(point) > MOST_PLACES:
        return
    sizes = Counter(name for name, _ in update_map.places[: update_map.trained_count])
    entries = [
        equality(Name(name) if sizes[name] == 1 else place_node(name, (at,)), _figure_node(value))
        for (name, at), value in zip(update_map.places, point, strict=False)
    ]
    yield from item_blocks(
        present(
            say("Descent goes to {entries}.", entries=entries) if update_map.converges else None,
            say("The minimum is at {entries}.", entries=entries)
            if update_map.minimum is not None
            else None,
            say(
                "The stationary point is at {entries}: the loss curves downwards from there, so "
                "descent leaves it at any rate.",
                entries=entries,
            )
            if update_map.is_stationary
            else None,
            say("The fixed point is at {entries}.", entries=entries),
        )[0]
    )


def _with_state(analysis: Analysis, update_map: UpdateMap) -> Iterator[Block]:
    """Tell the map of a rule with state, such as momentum."""
    radius = update_map.radius()
    yield Paragraph(
        [
            say(
                "A step is affine in the trained numbers and the state of the optimizer. Over many "
                "steps it multiplies the distance from its fixed point by the largest modulus of "
                "an eigenvalue of the whole map, {radius}.",
                radius=_rough_node(radius),
            )
        ]
    )
    yield from _fixed_point(update_map)


# Curvature --------------------------------------------------------------------------------------


def _curvature_blocks(analysis: Analysis) -> Iterator[Block]:
    """Tell the eigenvalues of the Hessian, where the map has not told them."""
    if analysis.update_map is not None:
        return
    yield Heading(2, say("Curvature"))
    bends = analysis.curvature
    if bends is None:
        surface = analysis.surface
        yield Paragraph(
            present(
                say("The network is too large for products with its Hessian.")
                if surface.size > MOST_CURVED
                else None,
                say(
                    "The loss is not differentiable here: the gradient jumps where the trained "
                    "numbers change a little, so the Hessian has no value and no limit of the "
                    "learning rate follows from it."
                )
                if surface.size <= MOST_CURVED and surface.uncertainty(surface.start()) is None
                else None,
                say("The gradients near these parameters are not finite."),
            )[:1]
        )
        return
    yield Paragraph(
        [
            say("The curvature is {largest}.", largest=_rough_node(bends.largest))
            if analysis.surface.size == 1
            else say(
                "The largest eigenvalue of the Hessian is {largest}, the smallest {smallest}. "
                "This took {count} {count:product|products} of the Hessian with a vector, each the "
                "difference of two gradients.",
                largest=_rough_node(bends.largest),
                smallest=_rough_node(bends.smallest),
                count=bends.products,
            )
        ]
    )
    limit = bends.rate_limit
    if limit is None:
        yield Paragraph([say("The loss curves upwards in no direction here.")])
        return
    rate = analysis.diagnosis.learning_rate
    rate_figure = None if rate is None else rough_node(rate.floats()[0], DIGITS)
    is_plain, losses = analysis.diagnosis.is_plain_descent, analysis.diagnosis.losses
    other_rates = analysis.diagnosis.other_rates
    lower = [item.rate for item in other_rates if item.loss < losses[0] and item.rate > limit]
    formula = equality(
        Call("divide", (number_node("2"), _rough_node(bends.largest))), _rough_node(limit)
    )
    yield Paragraph(
        present(
            say(
                "Near this point plain descent needs a learning rate below {formula}: above it, "
                "the steps along the most curved direction go too far, each farther than the one "
                "before. Elsewhere the loss may curve differently.",
                formula=formula,
            ),
            say("This optimizer changes the steps, so its own limit differs.")
            if rate_figure is not None and not is_plain
            else None,
            say(
                "The rate of the run, {rate}, is above it.",
                rate=rate_figure,
            )
            if rate is not None
            and rate_figure is not None
            and is_plain
            and rate.floats()[0] > limit
            else None,
            say("The rate of the run, {rate}, is below it.", rate=rate_figure)
            if rate is not None
            and rate_figure is not None
            and is_plain
            and rate.floats()[0] <= limit
            else None,
            say(
                "With {rate}, which is above it, the first step alone still ends lower than it "
                "began; as long as the loss curves as it does here, the steps at that rate get "
                "longer and longer.",
                rate=_rough_node(lower[0]),
            )
            if lower and is_plain
            else None,
            say(
                "The smallest eigenvalue is below 0: in that direction the loss curves downwards, "
                "and as long as it does, no minimum lies there."
            )
            if bends.smallest < 0
            else None,
        )
    )


# Gradients --------------------------------------------------------------------------------------


def _flow_blocks(analysis: Analysis) -> Iterator[Block]:
    flow = analysis.flow
    if len(flow.parameters) < 2 and len(flow.layers) < 2:
        return
    yield Heading(2, say("Gradients in the backward pass"))
    factors = step_factors(flow.layers, _rough_node)
    rows = [[*_flow_cells(row), factor] for row, factor in zip(flow.layers, factors, strict=True)]
    head: list[Cell] = [say("quantity"), say("shape"), say("size"), say("size of its gradient")]
    if rows:
        yield Paragraph(
            [
                say(
                    "From the data to the loss (root mean squares of the entries; – where several "
                    "quantities, or the loss itself, send it back):"
                )
            ]
        )
        yield Table([*head, FACTOR_HEAD], rows[-MOST_ROWS:])
    yield from way_back(analysis.trace.program, flow.layers, _rough_node)
    if flow.parameters:
        yield Paragraph([say("The parameters, in the order in which the network uses them:")])
        flow_rows = [
            [*_flow_cells(row), "–" if row.ratio is None else _rough_node(row.ratio)]
            for row in flow.parameters[:MOST_ROWS]
        ]
        yield Table([*head, say("first step relative to its size")], flow_rows)
        yield Paragraph(
            [
                say(
                    "A rule of thumb: a step of about a thousandth of the parameter. As a rule a "
                    "tenth is too much, and a millionth hardly moves it."
                )
            ]
        )
    tendency = {
        "vanishes": say(
            "The gradient vanishes: the first parameters get less than a thousandth of it."
        ),
        "explodes": say(
            "The gradient explodes: the first parameters get over a thousand times as much."
        ),
    }.get(flow.tendency or "")
    if tendency is not None:
        yield Paragraph([tendency])
    yield from item_blocks(*map(_time_words, flow.times))


def step_factors(layers: Sequence[FlowRow], write: Callable[[float], Node]) -> Iterator[Cell]:
    """Yield what a gradient is multiplied by on its way back from the one quantity it comes from.

    Nothing is said of one that several quantities share in.
    """
    sizes = {row.name: row.gradient for row in layers}
    for row in layers:
        before = sizes.get(row.layer, 0.0)
        yield (
            say(
                "{factor} times that of {name}",
                factor=write(row.gradient / before),
                name=Name(row.layer),
            )
            if before
            else "–"
        )


def way_back(
    program: Program, layers: Sequence[FlowRow], write: Callable[[float], Node]
) -> Iterator[Block]:
    """Say what the gradient is multiplied by from the last quantity on the first one's way."""
    way = way_to_loss(program, layers[0].name) if layers else []
    way_layers = [row for row in layers if row.name in way]
    if len(way_layers) > 1 and way_layers[-1].gradient:
        yield Paragraph(
            [
                say(
                    "On its way back from {last} to {first} the size of the gradient is multiplied "
                    "by {factor}.",
                    last=Name(way_layers[-1].name),
                    first=Name(way_layers[0].name),
                    factor=write(way_layers[0].gradient / way_layers[-1].gradient),
                )
            ]
        )


def _flow_cells(row: FlowRow) -> list[Cell]:
    return [
        Name(row.name),
        shape_words(row.shape) if row.shape else "",
        _rough_node(row.value),
        _rough_node(row.gradient),
    ]


def _time_words(flow: TimeFlow) -> Sentence:
    slots = {
        "name": Name(flow.family),
        "factor": number_node(short_text(flow.factor, 3)),
        "last": _rough_node(flow.sizes[-1][1]),
        "first": _rough_node(flow.sizes[0][1]),
    }
    words = {
        "vanishes": say(
            "Over time, {name}: the gradient vanishes, on average {factor} times as large with "
            "each step back, from {last} at the end to {first} at the beginning.",
            **slots,
        ),
        "explodes": say(
            "Over time, {name}: the gradient explodes, on average {factor} times as large with "
            "each step back, from {last} at the end to {first} at the beginning.",
            **slots,
        ),
        "shrinks": say(
            "Over time, {name}: the gradient is on average {factor} times as large with each step "
            "back, from {last} at the end to {first} at the beginning.",
            **slots,
        ),
    }
    return words.get(flow.tendency, words["shrinks"])


def _unit_blocks(states: Sequence[UnitState]) -> Iterator[Block]:
    rows: list[Sequence[Cell]] = [
        [
            Name(state.name),
            state.operation,
            str(state.units),
            str(len(state.dead)),
            str(len(state.saturated)),
        ]
        for state in states[:MOST_ROWS]
    ]
    head = [say("quantity"), say("function"), say("units"), say("dead"), say("saturated")]
    meaning = [
        say("A dead unit has the slope 0 for every sample, so that no gradient passes."),
        say("A saturated one has less than a twentieth of the steepest slope for every sample."),
    ]
    if rows:
        yield from (Heading(2, say("Units")), Table(head, rows), Paragraph(meaning))


def _mode_blocks(analysis: Analysis) -> Iterator[Block]:
    modes = analysis.modes
    if modes is None:
        return
    yield Heading(2, say("Why the backward pass"))
    yield Paragraph(
        [
            say(
                "How many scalar operations do all derivatives with respect to the trained numbers "
                "take? They are counted one by one. The network and its loss take "
                "{forward}, the backward pass {backward}, and a forward pass that carries along "
                "the derivative with respect to one number {tangent}.",
                forward=modes.forward_pass,
                backward=modes.backward_pass,
                tangent=modes.tangent_pass,
            ),
            say("A difference takes two runs, a subtraction and a division."),
        ]
    )
    name, place = modes.example
    surface = analysis.surface
    entry = place_node(surface.gradients[name], unravel(place, surface.shapes[name]))
    reverse, forward, difference = modes.by_mode

    def row(words: Sentence, count: int, value: float) -> Sequence[Cell]:
        return [words, str(count), rough_node(value, DIGITS)]

    yield Table(
        [say("mode"), say("operations"), entry],
        [
            row(say("reverse mode: one backward pass for all"), modes.reverse_mode, reverse),
            row(say("forward mode: one pass for each number"), modes.forward_mode, forward),
            row(say("differences: two runs for each number"), modes.differences, difference),
        ],
    )


# The landscape ----------------------------------------------------------------------------------


def landscape_blocks(landscape: Landscape) -> Iterator[Block]:
    """Yield the loss over one number as a curve, over two as a table."""
    names = [place_node(axis.name, axis.index) for axis in landscape.axes]
    if landscape.lowest is None:
        yield Paragraph([say("The loss is finite nowhere near these parameters.")])
        return
    lowest, place = landscape.lowest
    words, start = (
        [equality(name, rough_node(value, DIGITS)) for name, value in zip(names, at, strict=False)]
        for at in (place, next(iter(landscape.way), ()))
    )
    caption = say(
        "{loss} over {names}: of the points that are drawn, the lowest, {lowest}, is at {place}.",
        loss=Name(landscape.loss),
        names=names,
        lowest=number_node(short_text(lowest, FEW)),
        place=words,
    )
    remarks = present(
        say("The run starts at {place}.", place=start) if start else None,
        say("The other {count} trained numbers stay as they are.", count=landscape.others)
        if landscape.others
        else None,
        say("The lowest is at the edge of what is drawn: beyond it the loss may be lower still.")
        if landscape.is_lowest_at_edge
        else None,
    )
    yield from [Paragraph(remarks)] if remarks else []
    if len(landscape.axes) == 1:
        values = landscape.axes[0].values
        points = [
            (at, row[0])
            for at, row in zip(values, landscape.losses, strict=True)
            if math.isfinite(row[0])
        ]
        loss = say("{name}", name=Name(landscape.loss))
        spans = [AxisSpan(say("start"), step[0], step[0]) for step in landscape.way[:1]]
        axis = say("{name}", name=names[0])
        yield Plot(caption, axis, loss, [Series(loss, points)], spans=spans)
        return
    yield Paragraph([caption])
    first, second = landscape.axes
    rows, columns = (
        _table_places(axis.values, at) for axis, at in zip(landscape.axes, place, strict=True)
    )
    corner = say("{row} down, {column} across", row=names[0], column=names[1])
    yield Table(
        [corner, *(number_node(short_text(second.values[at], FEW)) for at in columns)],
        [
            [
                number_node(short_text(first.values[at], FEW)),
                *(
                    number_node(short_text(value, 3)) if math.isfinite(value) else "–"
                    for value in (landscape.losses[at][other] for other in columns)
                ),
            ]
            for at in rows
        ],
    )


def _table_places(values: Sequence[float], lowest: float) -> list[int]:
    """Return places along an axis for a table; that of the lowest loss is one of them."""
    step = max(math.ceil((len(values) - 1) / (TABLE_POINTS - 1)), 1)
    return list(range([*values].index(lowest) % step, len(values), step))
