"""Ideas that a run can show: a row each, with a scenario and what to look at in it.

The page of an idea is put together from sentences, laws and what is shown of runs of its scenario.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from types import MappingProxyType
from typing import Final

from tracer.expression import Name, Node, parse, walk
from tracer.frozen import Frozen
from tracer.narrative.analysis_blocks import FACTOR_HEAD, step_factors, way_back
from tracer.narrative.blocks import Block, Cell, EquationLine, Paragraph, Table, equality
from tracer.narrative.dependence import dependence_tables, dependences_of
from tracer.narrative.derivation import line_blocks
from tracer.narrative.derivation_options import Options
from tracer.narrative.examples import example_network, toml_array
from tracer.narrative.run_verdict import shortest_number
from tracer.narrative.step_lines import Narrator
from tracer.narrative.step_reasons import ReasonPage
from tracer.narrative.textbook_blocks import in_textbook, law_blocks, textbook_for
from tracer.operations import figure_node, nested_array, number_text, vocabulary
from tracer.operations.law import LawLine
from tracer.operations.textbook import DrawnPart, Textbook
from tracer.program.program import Program, names_in
from tracer.program.scenario import Scenario, load
from tracer.program.shapes import Shapes
from tracer.run.diagnosis import MARKS, Diagnosis
from tracer.run.forward import Forward
from tracer.run.gradient_flow import gradient_flow
from tracer.run.runner import run_scenario
from tracer.run.trace import Trace
from tracer.sentences import Sentence, say

AT: Final = (1, 2, 3)  # iterations of a comparison, and the last one
LAST: Final = 20
NUDGE: Final = 0.001
STEPS: Final = tuple(10.0**-power for power in range(1, 13))  # of differences
ROUGH: Final = 2  # digits of an error
MOST_GIVEN: Final = 12  # entries of a given array that is told


class IdeaRuns:
    """Runs of one scenario under several settings, each done once, and the digits to show.

    `page` knows what has been said of their steps.
    """

    def __init__(self, scenario: Scenario, digits: int) -> None:
        self.scenario = scenario
        self.digits = digits
        self.page = ReasonPage()
        self.traces: dict[tuple[str, ...], Trace] = {}  # so far, by their settings

    def trace(self, settings: Sequence[str] = ()) -> Trace:
        """Return the run with further settings."""
        key = tuple(settings)
        if key not in self.traces:
            self.traces[key] = run_scenario(self.scenario.with_overrides(key))
        return self.traces[key]

    def node(self, value: float) -> Node:
        """Return a number as it is shown."""
        return figure_node(value, self.digits)


IdeaPart = Sentence | LawLine | Callable[..., Iterator[Block]]
"""A part of a page: a sentence, a line that holds for any size, or what is shown of runs."""


def worked_lines(
    runs: IdeaRuns,
    names: tuple[str, ...],
    settings: tuple[str, ...] = (),
    *,
    opened: bool = False,
    begins: bool = False,
) -> Iterator[Block]:
    """Yield steps of the first iteration with their numbers, and one entry of each in full.

    Where a page `begins` with gradients, the lines of the forward pass stand before them.
    """
    trace = runs.trace(settings)
    iteration = trace.iteration(1)
    source = Narrator(trace, Options(runs.digits))
    steps = list(source.steps(1))
    begins = begins and all(it.phase == "backward" for it in steps if it.name in names)
    yield from [Paragraph([say("The forward pass:")])] if begins else []
    for step in steps:
        if begins and step.phase in ("forward", "loss"):
            yield from source.lines(iteration, step, set())
        if step.name in names:
            yield from line_blocks(source, iteration, step, set(), runs.page, opened=opened)
            yield from source.tell_entry(iteration, step) if opened else ()


def given_values(
    runs: IdeaRuns,
    changed: tuple[str, ...],
    settings: tuple[str, ...],
    shown: frozenset[str],
    *,
    first: bool,
) -> Iterator[Block]:
    """Yield the given values that were `changed` from the scenario's; at `first` all short ones.

    Of the short ones those are told that the quantities that are `shown` are computed from.
    """
    iteration = runs.trace(settings).iteration(1)
    named = {item.partition("=")[0] for item in changed}
    used = _sources(iteration.program, shown)
    values = [
        equality(Name(name), nested_array([*map(runs.node, entries)], iteration.shape(name)))
        for name in iteration.program.inputs
        if name in named or (first and math.prod(iteration.shape(name)) <= MOST_GIVEN)
        if name in used
        for entries in (iteration.floats(name),)
    ]
    if values:
        yield Paragraph([say("Here {values}.", values=values)])


def _sources(program: Program, names: frozenset[str]) -> frozenset[str]:
    """Return quantities and all that they are computed from."""
    equations = {item.name: item for item in program.equations}
    waiting, found = {*names}, set[str]()
    while waiting:
        found.add(name := waiting.pop())
        if name in equations:
            waiting |= {*names_in(equations[name].expression)} - found
    return frozenset(found)


def flow_table(runs: IdeaRuns) -> Iterator[Block]:
    """Yield the size of the gradient at each quantity, in the order of the forward pass."""
    trace = runs.trace()
    layers = gradient_flow(trace, 1).layers
    yield Table(
        [say("quantity"), say("root mean square of its gradient"), FACTOR_HEAD],
        [
            [Name(row.name), runs.node(row.gradient), factor]
            for row, factor in zip(layers, step_factors(layers, runs.node), strict=True)
        ],
    )
    yield from way_back(trace.program, layers, runs.node)


def nudged_loss(runs: IdeaRuns, parameter: str) -> Iterator[Block]:
    """Yield the loss at a parameter and a little further, and what the difference comes to."""
    trace = runs.trace()
    loss = trace.program.loss or ""
    here = trace.iteration(1).floats(parameter)[0]
    before, after = (
        runs.trace(settings).iteration(1).floats(loss)[0]
        for settings in ((), (f"{parameter}={here + NUDGE!r}",))
    )
    quotient = (after - before) / NUDGE
    digits = runs.digits  # and as many more as the quotient of what is printed needs
    while digits < sys.float_info.dig and number_text(quotient, runs.digits) != number_text(
        (float(f"{after:.{digits}g}") - float(f"{before:.{digits}g}")) / NUDGE, runs.digits
    ):
        digits += 1
    yield Paragraph(
        [
            say(
                "At {here} the loss is {before}, at {there} it is {after}: the change divided "
                "by {step} is {quotient}.",
                here=runs.node(here),
                there=runs.node(here + NUDGE),
                before=figure_node(before, digits),
                after=figure_node(after, digits),
                step=runs.node(NUDGE),
                quotient=runs.node(quotient),
            )
        ]
    )


def rate_table(runs: IdeaRuns, rates: tuple[str, ...]) -> Iterator[Block]:
    """Yield the losses of the first iterations and of the last, for each learning rate.

    Where each step multiplies the error by one factor, the factor stands beside them.
    """
    traces = [
        runs.trace((f"training.learning_rate={rate}", f"training.iterations={LAST}"))
        for rate in rates
    ]
    courses = [trace.floats(trace.program.loss or "") for trace in traces]
    rows: list[list[Cell]] = [
        [rate, *(runs.node(losses[number - 1]) for number in (*AT, len(losses)))]
        for rate, losses in zip(rates, courses, strict=True)
    ]
    head: list[Cell] = [say("learning rate"), *map(str, (*AT, len(courses[-1])))]
    factors = (Diagnosis(trace).common_factor for trace in traces)
    common_factors = [factor for factor in factors if factor is not None]
    if len(common_factors) == len(rows):
        head.append(say("factor"))
        for row, factor in zip(rows, common_factors, strict=True):
            row.append(shortest_number(factor, *MARKS))
    yield Table(head, rows)


def kept_values(runs: IdeaRuns) -> Iterator[Block]:
    """Yield what the backward pass needs of the forward pass, and how many numbers that is."""
    program = runs.trace().program
    used = {name for item in program.phase("backward") for name in names_in(item.expression)}
    equations = [item for item in program.phase("forward") if item.name in used]
    yield Paragraph(
        [
            say(
                "Beside the data and the parameters, the backward pass needs {names} of the "
                "forward pass: {count} numbers that are kept until it comes by. That is why "
                "training takes more memory than prediction, and the more the more layers and "
                "samples there are.",
                names=[Name(item.name) for item in equations],
                count=sum(math.prod(item.shape) for item in equations),
            )
        ]
    )


def reach_picture(
    runs: IdeaRuns, equations: str, operands: tuple[str, ...], result: str
) -> Iterator[Block]:
    """Yield which entry of some quantities of the scenario reaches which of a result."""
    iteration = runs.trace().iteration(1)
    shapes = {name: iteration.shape(name) for name in operands}
    yield from dependence_tables(dependences_of(equations, shapes, {}, result))


def one_line(runs: IdeaRuns, equation: str, size: str, vector: str) -> Iterator[Block]:
    """Yield an equation as a textbook writes it; `size` stands for that of a row of a matrix."""
    iteration = runs.trace().iteration(1)
    sides = [parse(side, vocabulary=vocabulary()) for side in equation.split(" = ")]
    names = {item.id for side in sides for item in walk(side) if isinstance(item, Name)}
    shapes = Shapes({size: (), **{name: iteration.shape(name) for name in names - {size}}})
    left, right = (DrawnPart(Textbook(shapes.of).expression(side)) for side in sides)
    yield EquationLine(left, right)
    yield Paragraph(
        [
            say(
                "{d} is the number of entries in a row of {x}, here {count}.",
                d=Name(size),
                x=Name(vector),
                count=iteration.shape(vector)[-1],
            )
        ]
    )


def unit_table(runs: IdeaRuns, settings: tuple[str, ...] = ()) -> Iterator[Block]:
    """Yield the rows of W1, a unit each, before each update and after the last one."""
    trace = runs.trace(settings)
    after = trace.program.carried["W1"]
    values = [iteration.entries("W1") for iteration in trace.iterations()]
    values.append(trace.iteration(len(trace)).entries(after))
    units, inputs = trace.iteration(1).shape("W1")
    rows: list[list[Cell]] = []
    for count, entries in enumerate(values):
        nodes = [runs.node(float(value)) for value in entries]
        vectors = (nodes[unit * inputs : (unit + 1) * inputs] for unit in range(units))
        rows.append([str(count), *(nested_array(vector, (1, inputs)) for vector in vectors)])
    heads = [say("weights of unit {number}", number=unit + 1) for unit in range(units)]
    yield Table([say("updates"), *heads], rows)


def outcome_table(
    runs: IdeaRuns, outcomes: tuple[tuple[Sentence, tuple[str, ...]], ...], names: tuple[str, ...]
) -> Iterator[Block]:
    """Yield where some parameters of one number are after the last update, of several runs."""
    rows: list[list[Cell]] = []
    for words, settings in outcomes:
        trace = runs.trace(settings)
        last = trace.iteration(len(trace))
        after = [last.floats(trace.program.carried[name])[0] for name in names]
        rows.append([words, *map(runs.node, after)])
        rate = runs.node(last.floats("learning_rate")[0])
    words = say("Iterations: {count}; learning rate {rate}.", count=len(trace), rate=rate)
    yield Paragraph([words])
    yield Table([say("method"), *map(Name, names)], rows)


def scale_table(
    runs: IdeaRuns, scales: tuple[float, ...], parameters: tuple[str, ...]
) -> Iterator[Block]:
    """Yield the size of each weight's gradient, with all weights a number of times as large."""
    weights = {name: runs.scenario.parameters[name] for name in parameters}
    rows: list[list[Cell]] = []
    for scale in scales:
        settings = [
            f"{name}={toml_array([scale * value for value in item.floats()], item.shape)}"
            for name, item in weights.items()
        ]
        sizes = {
            row.name: row.gradient for row in gradient_flow(runs.trace(settings), 1).parameters
        }
        rows.append([runs.node(scale), *(runs.node(sizes[name]) for name in weights)])
    heads = [say("gradient of {x}", x=Name(name)) for name in weights]
    yield Table([say("factor of the weights"), *heads], rows)


def difference_table(runs: IdeaRuns, parameter: str) -> Iterator[Block]:
    """Yield the slope of the loss in a parameter of one number, by differences of several steps."""
    iteration = runs.trace().iteration(1)
    loss = iteration.program.loss or ""
    exact = iteration.floats(f"d{loss}/d{parameter}")[0]
    forward = Forward(runs.scenario, runs.scenario.data, outputs=(loss,), evaluate=False)
    values = {name: iteration.floats(name) for name in iteration.program.parameters}
    here = values[parameter][0]

    def loss_at(place: float) -> float:
        return forward({**values, parameter: [place]})[loss][0]

    middle = loss_at(here)
    errors: list[tuple[float, float, float]] = []
    for step in STEPS:
        right, left = loss_at(here + step), loss_at(here - step)
        one, two = (right - middle) / step, (right - left) / (2 * step)
        errors.append((step, abs(one / exact - 1), abs(two / exact - 1)))
    yield Paragraph(
        [
            say(
                "The gradient at {w} is {exact}. Here are the relative errors of the two "
                "quotients:",
                w=Name(parameter),
                exact=runs.node(exact),
            )
        ]
    )
    yield Table(
        [say("step h"), say("relative error, one-sided"), say("two-sided")],
        [[figure_node(value, ROUGH) for value in row] for row in errors],
    )
    best_one, best_two = (min(errors, key=lambda row: row[place]) for place in (1, 2))
    fine = sys.float_info.epsilon
    yield Paragraph(
        [
            say(
                "The best step is {one} for the one-sided quotient and {two} for the two-sided "
                "one. The rule of thumb is the square root and the cube root of the spacing of "
                "numbers near 1, {fine}: {root} and {cube}.",
                one=figure_node(best_one[0], ROUGH),
                two=figure_node(best_two[0], ROUGH),
                fine=figure_node(fine, ROUGH),
                root=figure_node(fine ** (1 / 2), ROUGH),
                cube=figure_node(fine ** (1 / 3), ROUGH),
            )
        ]
    )


def truncation_table(
    runs: IdeaRuns, parameter: str, settings: tuple[str, ...] = ()
) -> Iterator[Block]:
    """Yield the gradient of what every time step uses, with the last k of its shares only."""
    iteration = runs.trace(settings).iteration(1)
    whole = f"d{iteration.program.loss}/d{parameter}"
    shares = [
        iteration.floats(equation.name)
        for equation in iteration.program.phase("backward")
        if equation.name.startswith(f"{whole}#")
    ]  # in the order of time
    length = math.hypot(*iteration.floats(whole))
    rows: list[list[Cell]] = []
    for count, share in enumerate(reversed(shares), start=1):
        left_out = map(math.fsum, zip(*shares[:-count], strict=True))
        rows.append(
            [
                str(count),
                runs.node(math.hypot(*share)),
                figure_node(math.hypot(*left_out) / length, ROUGH),
            ]
        )
    yield Table(
        [
            say("steps back"),
            say("length of this step's share"),
            say("relative error of the sum so far"),
        ],
        rows,
    )


class Idea(Frozen):
    """An idea: what it is, a scenario, and what is shown of it.

    The scenario is a bundled one, or a variant of it, under `settings`; where it has no name, the
    network of `equations`, `parameters` and `data`.
    """

    words: Sentence
    parts: tuple[IdeaPart, ...]
    scenario: str = ""
    variant: str = ""
    settings: tuple[str, ...] = ()
    equations: str = ""
    parameters: Mapping[str, str] = MappingProxyType({})
    data: Mapping[str, str] = MappingProxyType({})


# Two hidden units that start alike, and ones that start at 0.
ALIKE: Final = (
    "W1=[[0.1, -0.2], [0.1, -0.2]]",
    "b1=[0.1, 0.1]",
    "W2=[[0.7, 0.7], [-0.3, -0.3]]",
)


ZERO: Final = ("W1=[[0, 0], [0, 0]]", "b1=[0, 0]", "W2=[[0, 0], [0, 0]]")


EIGHT_STEPS: Final = (
    "x=[[1, 0], [0, 1], [1, -1], [0, 1], [1, 1], [-1, 0], [0, 1], [1, 0]]",
    'network.equations="""\n'
    "h[0] = zeros(2)\n"
    "for t in range(8):\n"
    "    z[t + 1] = W_x @ x[t] + W_h @ h[t] + b\n"
    "    h[t + 1] = tanh(z[t + 1])\n"
    'loss = half_squared_error(h[8], y)\n"""',
)


NOISE: Final = (
    "training.batch_size=1",
    "training.iterations=100",
    "training.learning_rate=0.01",
)


DECAY: Final = "training.weight_decay=0.1"


L2: Final = " + 0.1 / 2 * (a**2 + b**2)"


def penalized_settings(penalty: str) -> tuple[str, ...]:
    """Return the settings of two weights that the error draws to 1 and to 0.05, and a penalty."""
    return (
        f'network.equations="""E = ((a - 1)**2 + (b - 0.05)**2) / 2\nloss = E{penalty}\n"""',
        "training.iterations=500",
    )


IDEAS: Final[Mapping[str, Idea]] = {
    "gradient": Idea(
        say(
            "The gradient says how much the loss changes when a parameter is moved a little: its "
            "sign gives the direction, its size the steepness."
        ),
        (
            say(
                "Move the parameter by a thousandth and compare: the change of the loss, "
                "divided by that thousandth, is close to the gradient."
            ),
            partial(worked_lines, names=("dloss/dw",)),
            partial(nudged_loss, parameter="w"),
            say(
                "The gradient of a weight is its input times what comes in from the loss. So a "
                "weight behind a small input learns slowly; and data ten times as large make the "
                "gradients of the weights that they meet ten times as large, for the same errors."
            ),
        ),
        "one_weight",
    ),
    "backpropagation": Idea(
        say(
            "Backpropagation walks from the loss back to the parameters. Each step multiplies "
            "what arrives by one local derivative; where several paths meet, their shares add "
            "up. A gradient that is worked out once serves all that lies before it."
        ),
        (
            say(
                "From the output to the first layer: the gradient at the output layer's z makes "
                "the gradient of its weights, and goes on through those weights to the layer "
                "before."
            ),
            partial(
                worked_lines,
                names=(
                    "dloss/da2",
                    "dloss/dz2",
                    "dloss/dW2",
                    "dloss/da1",
                    "dloss/dz1",
                    "dloss/dW1",
                ),
            ),
            kept_values,
            say(
                "One backward pass gives all gradients, for about the work of one or two forward "
                "passes. Differences would take two forward passes for each weight. tracer analyse "
                "counts the operations of both."
            ),
            say(
                "Of several samples each has a gradient of its own, unless an operation mixes "
                "them, as batch normalization does. The loss of all of them is the sum or the "
                "mean of their losses, and so is its gradient."
            ),
            say(
                "A gradient has the shape of what it is the gradient of. Where a product of "
                "matrices is differentiated and their sizes all differ, that alone tells where the"
                " transpose belongs and which factor comes first. With a square matrix, such as W2"
                " here, the shapes leave it open whether it is transposed."
            ),
        ),
        "mlp_2_2_2",
    ),
    "four-equations": Idea(
        say(
            "Four equations are all that backpropagation needs in a network of layers "
            "z = W a + b, each followed by an activation of single entries. The error of a layer, "
            "the gradient at its z, comes first; the gradients of its bias and of its weights are "
            "read off it."
        ),
        (
            say("BP1, the error of the output layer, here layer 2:"),
            LawLine(
                "d(L, z2[i]) = d(L, a2[i]) * d(a2[i], z2[i])",
                "How fast the loss changes with an output, times how steep the activation is "
                "at that output: each unit by itself, since the activation mixes no entries.",
            ),
            partial(worked_lines, names=("dloss/da2", "dloss/dz2")),
            say("BP2, the error of a layer from the error of the next:"),
            LawLine(
                "d(L, z1[j]) = over(i, n, d(L, z2[i]) * W2[i, j]) * d(a1[j], z1[j])",
                "Unit j feeds all n units of the next layer. Their errors come back along the "
                "same weights and add up: that is W transposed times the error. Then comes "
                "the steepness of the unit's own activation.",
            ),
            partial(worked_lines, names=("dloss/da1", "dloss/dz1")),
            say("BP3, the gradient of a bias:"),
            LawLine(
                "d(L, b1[i]) = d(L, z1[i])",
                "A bias is added to z with the factor 1, so its gradient is the error itself.",
            ),
            partial(worked_lines, names=("dloss/db1",)),
            say("BP4, the gradient of a weight:"),
            LawLine(
                "d(L, W2[i, j]) = d(L, z2[i]) * a1[j]",
                "The error at the weight's end times the activation at its beginning. Where "
                "little goes in, little is learnt.",
            ),
            partial(worked_lines, names=("dloss/dW2",)),
            say(
                "In BP1 and BP2 the steepness is a factor: a saturated unit has a small error, "
                "so its weights learn slowly, and little comes back through it to the layer before."
            ),
        ),
        "mlp_2_2_2",
    ),
    "gates": Idea(
        say(
            "Each operation treats the gradient in a way of its own. An addition copies: all its "
            "terms get the gradient whole. A multiplication swaps: each factor gets the gradient "
            "times the other factor. A maximum routes: the larger input gets all, the other "
            "nothing."
        ),
        (
            say("One network with the three of them, forward:"),
            partial(worked_lines, names=("s", "p", "loss")),
            say(
                "And back. The maximum sends the gradient to p; there the multiplication gives "
                "s the value of c and c the value of s; and the addition hands what s gets to "
                "a and to b alike."
            ),
            partial(
                worked_lines,
                names=("dloss/dp", "dloss/dd", "dloss/ds", "dloss/dc", "dloss/da", "dloss/db"),
            ),
            say(
                "So the size of one factor decides how fast the other one learns: with inputs a "
                "thousand times as large, the gradients of the weights they are multiplied by "
                "are a thousand times as large too, for the same errors."
            ),
        ),
        equations="s = a + b\np = s * c\nloss = maximum(p, d)",
        parameters={"a": "2", "b": "1", "c": "4", "d": "5"},
    ),
    "learning-rate": Idea(
        say(
            "The learning rate says how far a step goes against the gradient. Too small, and "
            "nothing much happens; too large, and each step overshoots by more than the one before."
        ),
        (
            say("The loss of one network with five learning rates, in four of its iterations:"),
            partial(rate_table, rates=("0.01", "0.1", "0.5", "0.9", "1.1")),
            say(
                "The gradient grows with the distance from the best weight, so each step "
                "multiplies that distance by one factor: 1 minus the rate times the curvature, "
                "here 2. Between −1 and 1 it shrinks the distance, below 0 the step lands on "
                "the other side, and below −1 it lands farther away than it began. Where the "
                "loss is no parabola the curvature changes on the way, and with it the rates "
                "that are too large."
            ),
            say(
                "Networks have many weights and no one factor to read off. A rule of thumb looks "
                "at how long a step is beside the weights that it moves: about a thousandth of "
                "their length. A tenth is too much as a rule, a millionth hardly moves them. "
                "tracer analyse prints this ratio for each parameter."
            ),
        ),
        "one_weight",
    ),
    "initialization": Idea(
        say(
            "How the weights start decides whether a network can learn at all. They are drawn at "
            "random so that no two units start alike, and of a size at which signals neither fade "
            "nor blow up from layer to layer."
        ),
        (
            say(
                "Two hidden units that start with the same weights, in and out, compute the "
                "same, get the same gradient and take the same step. They stay alike for ever, "
                "and the network has one hidden unit, computed twice:"
            ),
            partial(worked_lines, names=("dloss/dz1", "dloss/dW1"), settings=ALIKE),
            partial(unit_table, settings=ALIKE),
            say("With different initial weights they develop differently:"),
            unit_table,
            say(
                "Where all weights start at 0, nothing comes back to the first layer in the first "
                "step: the gradient would have to pass through weights that are 0."
            ),
            partial(worked_lines, names=("dloss/da1",), settings=ZERO),
            say(
                "The size counts too. With small weights little of the gradient passes through the"
                " second layer; with large ones the sigmoids saturate. The root mean square of "
                "each gradient:"
            ),
            partial(scale_table, scales=(0.01, 0.1, 1.0, 10.0, 100.0), parameters=("W1", "W2")),
            say(
                "Which size keeps signals as they are? A sum of n products of independent numbers "
                "with mean 0 has n times the variance of one product, so weights of the variance "
                "1/n leave the variance of what comes in as it is. On the way forward n is the "
                "number of inputs of a unit, on the way back the number of outputs. Glorot's rule "
                "draws weights with the variance 2 / (inputs + outputs), between the two; He's "
                "with 2 / inputs for ReLUs, which shut off about half of what comes in."
            ),
        ),
        "mlp_2_2_2",
    ),
    "regularization": Idea(
        say(
            "A network with many weights can learn its samples by heart, noise included. "
            "Regularization puts a price on that: large weights cost something, or no unit can "
            "rely on another. The fit to the samples becomes a little worse, to new ones often "
            "better."
        ),
        (
            say("L2 adds the squares of the weights to the error E:"),
            LawLine("L = E + strength / 2 * over(i, n, w[i]**2)"),
            LawLine(
                "d(L, w[k]) = d(E, w[k]) + strength * w[k]",
                "The square brings down a 2, which the ½ cancels. So every weight is drawn "
                "towards 0, in proportion to its size.",
            ),
            partial(
                worked_lines,
                names=("E", "loss", "dloss/da", "dloss/db"),
                settings=penalized_settings(L2),
            ),
            say("L1 adds their absolute values instead:"),
            LawLine(
                "d(L, w[k]) = d(E, w[k]) + strength * sign(w[k])",
                "The slope of an absolute value is 1 or −1. So every weight is drawn towards 0 "
                "equally hard, and one that the error hardly needs is drawn all the way.",
            ),
            say(
                "Two weights, of which the error alone would make 1 and 0.05, after 500 "
                "steps. L2 divides both by 1 plus the strength. L1 takes the strength off "
                "each, and what is left of the small one trembles around 0. Far too strong, L2 "
                "leaves little of either: the network can no longer fit what is there."
            ),
            partial(
                outcome_table,
                outcomes=(
                    (say("no penalty"), penalized_settings("")),
                    (say("L2, strength 0.1"), penalized_settings(L2)),
                    (say("L1, strength 0.1"), penalized_settings(" + 0.1 * (abs(a) + abs(b))")),
                    (say("L2, strength 10"), penalized_settings(" + 10 / 2 * (a**2 + b**2)")),
                ),
                names=("a", "b"),
            ),
            say(
                "Weight decay does without the penalty and shrinks the weights in the update. "
                "With plain gradient descent that is the same as L2:"
            ),
            LawLine(
                "w[t + 1] = w[t] - learning_rate * (d(E, w) + strength * w[t])"
                " = (1 - learning_rate * strength) * w[t] - learning_rate * d(E, w)",
                "Multiplied out: a share of the weight goes, and then comes the usual step.",
            ),
            say(
                "With Adam it is not. There the whole gradient, penalty included, is divided "
                "by the usual size of gradients, so what is left of the pull depends on how "
                "steep the error is in that weight. AdamW keeps the two apart. Here are 100 "
                "steps with two weights that begin at 1. Their gradients change sign from "
                "sample to sample and are 10 and 0.1 in size, so the error itself asks for "
                "nothing:"
            ),
            partial(
                outcome_table,
                outcomes=(
                    (say("Adam, no decay"), (*NOISE, 'training.optimizer="adam"')),
                    (say("gradient descent, L2 of 0.1"), (*NOISE, DECAY)),
                    (say("Adam, L2 of 0.1"), (*NOISE, DECAY, 'training.optimizer="adam"')),
                    (say("AdamW, decay of 0.1"), (*NOISE, DECAY, 'training.optimizer="adamw"')),
                ),
                names=("a", "b"),
            ),
            say(
                "Under Adam, L2 hardly touches the weight with the large gradients and takes "
                "more than half of the other. AdamW shrinks both by the same share."
            ),
            say(
                "Dropout is a penalty too. In front of a unit that adds up, the squared error, "
                "averaged over all masks, is:"
            ),
            LawLine(
                "L = (over(i, n, w[i] * x[i]) - t)**2"
                " + rate / (1 - rate) * over(i, n, (w[i] * x[i])**2)",
                "Each mask keeps the sum right on average and adds a variance. That variance "
                "is an L2 penalty in which each weight counts with the square of its input: "
                "spread over many inputs it is small.",
            ),
            say(
                "Max-norm is no penalty but a limit. After each update the weights w that lead "
                "into one unit are put back to the length c where they have become longer:"
            ),
            LawLine(
                "h[k] = w[k] * minimum(1, c / sqrt(over(i, n, w[i]**2)))",
                "The root is the length of w. Up to the limit nothing draws the weights towards "
                "0, and beyond it no learning rate, however large, lets them grow.",
            ),
        ),
        equations="loss = sum(10 * x * a + 0.1 * x * b)",
        parameters={"a": "1", "b": "1"},
        data={"x": "[1, -1]"},
    ),
    "broadcasting": Idea(
        say(
            "A smaller array is used as if it were repeated until it fits the larger one. What was "
            "used many times gets a gradient from each use, and they add up."
        ),
        (
            say(
                "Here one bias is added to the result of every sample, so its gradient is a "
                "sum over the samples."
            ),
            partial(worked_lines, names=("y_pred", "dloss/dy_pred", "dloss/db")),
        ),
        "linear_regression",
    ),
    "vanishing-gradients": Idea(
        say(
            "On its way back a gradient is multiplied by a weight and a slope at each layer or "
            "time step. Where their product is smaller in size than 1 it shrinks with each of "
            "them, and the first ones hardly learn."
        ),
        (
            say(
                "The gradients of the last weight and of the first, then the size of the "
                "gradient at each quantity on the way, in the order of the forward pass:"
            ),
            partial(worked_lines, names=("dloss/dw6", "dloss/da1_1", "dloss/dw1")),
            flow_table,
        ),
        "deep_sigmoid",
    ),
    "exploding-gradients": Idea(
        say(
            "On its way back a gradient is multiplied by a weight and a slope at each layer or "
            "time step. Where their product is larger in size than 1 it grows with each of them, "
            "and one step can throw the first weights far away."
        ),
        (
            say(
                "Its network with ReLUs and with weights that are all 2: each layer doubles "
                "the signal on its way forward and the gradient on its way back."
            ),
            flow_table,
            partial(worked_lines, names=("dloss/dw1", "w1")),
            say(
                "The loss in some iterations. One step has thrown every weight below 0, "
                "where no ReLU lets anything through: from then on all gradients are 0."
            ),
            partial(rate_table, rates=("0.05",)),
            say(
                "What helps: weights that start smaller, normalization between the layers, or "
                "clipping. It puts h in the place of g, all gradients in one row:"
            ),
            LawLine(
                "h[k] = g[k] * minimum(1, c / sqrt(over(i, n, g[i]**2)))",
                "The root is the length of g. A longer one than c is brought to the length c and "
                "keeps its direction; a shorter one stays as it is.",
            ),
        ),
        "deep_sigmoid",
        variant="relu",
        settings=tuple(f"w{number}=2" for number in range(1, 7)),
    ),
    "truncated-backpropagation": Idea(
        say(
            "Backpropagation through time walks back over all steps of a sequence, and a long "
            "sequence takes much memory and time. Truncated, it stops after k steps: what lies "
            "further back counts as a constant that was given."
        ),
        (
            say(
                "The scenario's network, run over eight time steps, each with a row of x; the loss "
                "looks at the last state. "
                "Each step brings a share of the gradient of W_h, and the whole "
                "gradient is their sum. The share of the first step is 0, since the state "
                "before it is 0."
            ),
            partial(truncation_table, parameter="W_h", settings=EIGHT_STEPS),
            say(
                "Where shares shrink with each step back, a few steps give nearly the whole "
                "gradient. The price: no gradient comes back to what lies more than k steps "
                "back. It is used only as far as the state happens to carry it already."
            ),
            say(
                "Randomized truncation lets chance say how far back to go: each further step is "
                "taken with probability p, and what comes from beyond it is divided by p. So a "
                "share from s steps back counts with probability p to the power of s, divided "
                "by just that: on average the whole gradient comes out right. A single gradient "
                "scatters, the more the smaller p is."
            ),
        ),
        "rnn_step",
    ),
    "saturation": Idea(
        say(
            "A unit is saturated where its activation is flat: whatever gradient comes back to "
            "it is multiplied by a slope close to 0."
        ),
        (
            say(
                "A network of sigmoids whose inputs are fifty times too large: its hidden "
                "units lie on the flat parts. The gradient before and behind them; the factor "
                "between is the slope, at most a quarter where a sigmoid is steepest, and here "
                "next to nothing."
            ),
            partial(worked_lines, names=("dloss/da1", "dloss/dz1")),
            flow_table,
        ),
        "mlp_2_2_2",
        settings=("x=[[30, -20]]",),
    ),
    "gradient-checking": Idea(
        say(
            "A gradient that was derived can be checked without any derivation: move the parameter "
            "by a small step h, look how the loss changes, and divide. Only the forward pass is "
            "needed, twice for each parameter; that is why it serves to check and not to train."
        ),
        (
            say(
                "From one side, (L(w + h) − L(w)) / h, the error is about h/2 times the "
                "curvature of the loss. From both sides, (L(w + h) − L(w − h)) / (2h), the "
                "curvature pushes both losses up alike and cancels: what is left is about h² "
                "times a constant. So a tenth of the step makes the first ten times as good, "
                "the second a hundred times. But a loss has some 16 digits, and the smaller "
                "the step, the more of them the two losses share: the difference is then made "
                "of rounding errors, and dividing by h makes them large."
            ),
            partial(difference_table, parameter="w1"),
            say(
                "Judge by the relative error. Above a hundredth the gradient is almost surely "
                "wrong, below a millionth almost surely right. A kink between w − h and w + h, "
                "such as a ReLU's, gives a large error though nothing is wrong; and dropout must "
                "drop the same units each time."
            ),
        ),
        "neuron",
    ),
    "attention": Idea(
        say(
            "Attention mixes rows: every row asks with a query, all rows answer with a key, and "
            "the softmax of how well they agree says how much of each row's value is taken."
        ),
        (
            say(
                "In one line; the root keeps the scores of comparable size, however long queries "
                "and keys are:"
            ),
            partial(
                one_line,
                equation="context = softmax(Q @ K.T / sqrt(d)) @ V",
                size="d",
                vector="K",
            ),
            say("In numbers, with single entries worked out:"),
            partial(worked_lines, names=("Q", "K", "V", "products", "scores", "A"), opened=True),
            partial(worked_lines, names=("context",), opened=True),
            say("From the scores to the mixture, and the gradient back to the scores:"),
            flow_table,
            partial(
                reach_picture,
                equations="context = softmax(Q @ K.T / sqrt(2)) @ V",
                operands=("Q", "K", "V"),
                result="context",
            ),
        ),
        "self_attention",
    ),
    "batch-normalization": Idea(
        say(
            "Batch normalization moves what a unit computes to mean 0 and spread 1 over the "
            "batch, so that the next layer always sees numbers of comparable size; a gain and a "
            "shift, which are trained, may undo it."
        ),
        (
            say(
                "Mean and spread belong to the batch, so a sample reaches the results of all "
                "others, and its gradient is a sum over three paths: directly, by the mean and by "
                "the spread. What would only shift all samples alike comes back as 0; so does, "
                "but for the small number under the root, what would only stretch them."
            ),
            partial(
                worked_lines,
                names=("z", "m", "s", "z_hat", "dloss/dz_hat", "dloss/ds", "dloss/dm", "dloss/dz"),
            ),
            partial(
                reach_picture,
                equations="m = mean(z, axis=0)\n"
                "z_hat = (z - m) / sqrt(mean((z - m)**2, axis=0) + 0.00001)",
                operands=("z",),
                result="z_hat",
            ),
        ),
        "batch_norm",
    ),
}


def idea_scenario(idea: Idea) -> Scenario:
    """Return what an idea's numbers come from."""
    if not idea.scenario:
        return example_network("example", idea.equations, idea.parameters, data=idea.data)
    scenario = load(idea.scenario)
    chosen = scenario.variant(idea.variant) if idea.variant else scenario
    return chosen.with_overrides(idea.settings)


def _shown_quantities(idea: Idea, program: Program) -> frozenset[str]:
    """Return the quantities of lines; all of the program where more than lines is shown."""
    shown: set[str] = set()
    for part in idea.parts:
        if isinstance(part, partial) and part.func is worked_lines:
            shown.update(part.keywords["names"])
        elif not isinstance(part, Sentence | LawLine):
            shown.update(item.name for item in program.equations)
    return frozenset(shown)


def idea_blocks(idea: Idea, runs: IdeaRuns) -> Iterator[Block]:
    """Yield what is shown of an idea's runs, with what is given, and later what differs from it."""
    shown_settings: set[tuple[str, ...]] = set()
    worked: set[tuple[str, ...]] = set()  # settings of which steps are worked out
    announced: list[Block] = []  # words that what follows begins with
    for part in idea.parts:
        if isinstance(part, Sentence):
            yield from announced
            announced = [Paragraph([part])]
        elif isinstance(part, LawLine):
            yield from (*announced, *law_blocks([part]))
            announced = []
        else:
            settings = part.keywords.get("settings", ()) if isinstance(part, partial) else ()
            changed = (*idea.settings, *settings)
            if isinstance(part, partial) and part.func is worked_lines:
                blocks = part(runs, begins=settings not in worked)
                worked.add(settings)
            else:
                blocks = part(runs)
            blocks = chain(announced, blocks)
            if changed not in shown_settings:
                shown = _shown_quantities(idea, runs.trace(settings).iteration(1).program)
                given = given_values(runs, changed, settings, shown, first=not shown_settings)
                shown_settings.add(changed)
                blocks = chain(given, blocks)
            announced = []
            yield from in_textbook(blocks, textbook_for(runs.trace(settings).iteration(1).built))
    yield from announced
