"""What the page of an idea is put together from: each part is made of runs of its scenario."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from tracer.expression.syntax import Name, Node
from tracer.narrative.blocks import Block, Cell, Paragraph, Table
from tracer.narrative.dependence import dependence_tables, dependences
from tracer.narrative.derivation_options import Options
from tracer.narrative.examples import toml_array
from tracer.narrative.messages import Sentence, say
from tracer.narrative.run_verdict import shortest_number
from tracer.narrative.step_lines import Narrator
from tracer.narrative.textbook_blocks import in_textbook, textbook_of
from tracer.operations import Shape
from tracer.operations.law import LawLine
from tracer.operations.numbers import figure_node, nested_array
from tracer.program.program import names_in
from tracer.program.scenario import Scenario
from tracer.run.diagnosis import MARKS, diagnose
from tracer.run.forward import Forward
from tracer.run.gradient_flow import gradient_flow
from tracer.run.runner import run_scenario
from tracer.run.trace import Trace

__all__ = [
    "IdeaPart",
    "IdeaRuns",
    "difference_table",
    "flow_table",
    "kept_values",
    "nudged_loss",
    "outcome_table",
    "rate_table",
    "reach_picture",
    "scale_table",
    "truncation_table",
    "unit_table",
    "worked_lines",
]

AT: Final = (1, 2, 3)  # iterations of a comparison, and the last one
LAST: Final = 20
NUDGE: Final = 0.001
STEPS: Final = tuple(10.0**-power for power in range(1, 13))  # of differences
ROUGH: Final = 2  # digits of an error


class IdeaRuns:
    """Runs of one scenario under several settings, each done once, and the digits to show."""

    def __init__(self, scenario: Scenario, digits: int) -> None:
        self.scenario = scenario
        self.digits = digits
        self._traces: dict[tuple[str, ...], Trace] = {}

    def trace(self, settings: Sequence[str] = ()) -> Trace:
        """Return the run with further settings."""
        key = tuple(settings)
        if key not in self._traces:
            self._traces[key] = run_scenario(self.scenario.with_overrides(key))
        return self._traces[key]

    def traces(self) -> Collection[Trace]:
        """Return the runs so far."""
        return self._traces.values()

    def node(self, value: float) -> Node:
        """Return a number as it is shown."""
        return figure_node(value, self.digits)


IdeaPart = Sentence | LawLine | Callable[[IdeaRuns], Iterator[Block]]
"""A part of a page: a sentence, a line that holds for any size, or what is shown of runs."""


def worked_lines(
    runs: IdeaRuns, names: tuple[str, ...], settings: tuple[str, ...] = ()
) -> Iterator[Block]:
    """Yield steps of the first iteration with their numbers."""
    trace = runs.trace(settings)
    iteration = trace.iteration(1)
    source = Narrator(trace, Options(runs.digits))
    for step in source.steps(1):
        if step.name in names:
            shown: list[Block] = [*source.lines(iteration, step, set())]
            if step.sentence is not None:
                shown.append(Paragraph([step.sentence]))
            yield from in_textbook(shown, textbook_of(iteration))


def flow_table(runs: IdeaRuns) -> Iterator[Block]:
    """Yield the size of the gradient at each quantity, in the order of the forward pass."""
    trace = runs.trace()
    layers = gradient_flow(trace, 1).layers
    rows: list[list[Cell]] = [[Name(row.name), runs.node(row.gradient)] for row in layers]
    head: list[Cell] = [say("quantity"), say("root mean square of its gradient")]
    last, first = layers[-1], layers[0]
    shown: list[Block] = [Table(head, rows)]
    if last.gradient:
        words = say(
            "On its way back from {last} to {first} the gradient is multiplied by {factor}.",
            last=Name(last.name),
            first=Name(first.name),
            factor=runs.node(first.gradient / last.gradient),
        )
        shown.append(Paragraph([words]))
    yield from in_textbook(shown, textbook_of(trace.iteration(1)))


def nudged_loss(runs: IdeaRuns, parameter: str) -> Iterator[Block]:
    """Yield the loss at a parameter and a little further, and what the difference comes to."""
    trace = runs.trace()
    loss = trace.program.loss or ""
    here = trace.iteration(1).floats(parameter)[0]
    before, after = (
        runs.trace(settings).iteration(1).floats(loss)[0]
        for settings in ((), (f"{parameter}={here + NUDGE!r}",))
    )
    yield Paragraph(
        [
            say(
                "At {here} the loss is {before}, at {there} it is {after}: the change divided "
                "by {step} is {quotient}.",
                here=runs.node(here),
                there=runs.node(here + NUDGE),
                before=runs.node(before),
                after=runs.node(after),
                step=runs.node(NUDGE),
                quotient=runs.node((after - before) / NUDGE),
            )
        ]
    )


def rate_table(runs: IdeaRuns, rates: tuple[str, ...]) -> Iterator[Block]:
    """Yield the losses of the first iterations and of the last, for each learning rate.

    Where each step multiplies the error by one factor, the factor stands beside them.
    """
    rows: list[list[Cell]] = []
    factors: list[float | None] = []
    last = 0
    for rate in rates:
        trace = runs.trace((f"training.learning_rate={rate}", f"training.iterations={LAST}"))
        losses = trace.floats(trace.program.loss or "")
        last = len(losses)
        chosen = [*(losses[number - 1] for number in AT), losses[-1]]
        rows.append([rate, *map(runs.node, chosen)])
        factors.append(diagnose(trace).common_factor)
    head: list[Cell] = [say("learning rate")]
    head += [str(number) for number in (*AT, last)]
    known = [factor for factor in factors if factor is not None]
    if len(known) == len(rows):
        head.append(say("factor"))
        for row, factor in zip(rows, known, strict=True):
            row.append(shortest_number(factor, *MARKS))
    yield Table(head, rows)


def kept_values(runs: IdeaRuns) -> Iterator[Block]:
    """Yield what the backward pass needs of the forward pass, and how many numbers that is."""
    program = runs.trace().program
    used = {name for item in program.phase("backward") for name in names_in(item.expression)}
    kept = [item for item in program.phase("forward") if item.name in used]
    words = say(
        "Of the forward pass the backward pass needs {names}: {count} numbers that are kept "
        "until it comes by. That is why training takes more memory than prediction, and the "
        "more the more layers and samples there are.",
        names=[Name(item.name) for item in kept],
        count=sum(math.prod(item.shape) for item in kept),
    )
    yield from in_textbook([Paragraph([words])], textbook_of(runs.trace().iteration(1)))


def reach_picture(
    runs: IdeaRuns, equations: str, operands: Mapping[str, Shape] = MappingProxyType({})
) -> Iterator[Block]:
    """Yield which entry of the operands reaches which of a result y."""
    yield from dependence_tables(dependences(equations, operands, {}))


def unit_table(runs: IdeaRuns, parameter: str, settings: tuple[str, ...] = ()) -> Iterator[Block]:
    """Yield the rows of a weight matrix, a unit each, before each update and after the last one."""
    trace = runs.trace(settings)
    after = trace.program.carried[parameter]
    values = [iteration.entries(parameter) for iteration in trace.iterations()]
    values.append(trace.iteration(len(trace)).entries(after))
    units, inputs = trace.iteration(1).shape(parameter)
    rows: list[list[Cell]] = []
    for count, entries in enumerate(values):
        nodes = [runs.node(float(value)) for value in entries]
        vectors = (nodes[unit * inputs : (unit + 1) * inputs] for unit in range(units))
        rows.append([str(count), *(nested_array(vector, (inputs,)) for vector in vectors)])
    head: list[Cell] = [say("updates")]
    head += [say("weights of unit {number}", number=unit + 1) for unit in range(units)]
    yield Table(head, rows)


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
    yield Table([say("kind"), *map(Name, names)], rows)


def scale_table(
    runs: IdeaRuns, scales: tuple[float, ...], parameters: tuple[str, ...]
) -> Iterator[Block]:
    """Yield the size of each weight's gradient, with all weights a number of times as large."""
    given = {name: runs.scenario.parameters[name] for name in parameters}
    rows: list[list[Cell]] = []
    for scale in scales:
        settings = [
            f"{name}={toml_array([scale * value for value in item.floats()], item.shape)}"
            for name, item in given.items()
        ]
        sizes = {
            row.name: row.gradient for row in gradient_flow(runs.trace(settings), 1).parameters
        }
        rows.append([runs.node(scale), *(runs.node(sizes[name]) for name in given)])
    head: list[Cell] = [say("weights times")]
    head += [say("gradient of {x}", x=Name(name)) for name in given]
    yield Table(head, rows)


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
    rows: list[list[Cell]] = [[figure_node(value, ROUGH) for value in row] for row in errors]
    head: list[Cell] = [say("step h"), say("relative error, one side"), say("both sides")]
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
    yield Table(head, rows)
    best_one, best_two = (min(errors, key=lambda row: row[place]) for place in (1, 2))
    fine = sys.float_info.epsilon
    yield Paragraph(
        [
            say(
                "From one side the step {one} is best, from both sides {two}. The rule of "
                "thumb is the square root and the cube root of the spacing of numbers near "
                "1, {fine}: {root} and {cube}.",
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
    head: list[Cell] = [
        say("steps back"),
        say("length of this step's share"),
        say("relative error of the sum so far"),
    ]
    yield Table(head, rows)
