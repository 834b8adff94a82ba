"""What stands before the iterations: conventions, what is given, the equations once."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence

from tracer.expression.syntax import Call, Name, Node, walk
from tracer.narrative.blocks import (
    Block,
    Cell,
    EquationLine,
    Heading,
    Paragraph,
    Table,
)
from tracer.narrative.derivation_options import PHASES, Options, Style
from tracer.narrative.entries import read_focus
from tracer.narrative.messages import Sentence, present, say
from tracer.narrative.pictures import network_graph
from tracer.narrative.steps import MOST_SHOWN, public_name, rules_of, value_texts
from tracer.operations import bound, shape_text
from tracer.operations.numbers import (
    array_node,
    figure_node,
    written_text,
)
from tracer.program.draws import INITS, Draw
from tracer.program.optimizers import OPTIMIZERS
from tracer.program.program import Phase, Program
from tracer.program.shapes import Shapes
from tracer.run.trace import Iteration, Trace

__all__ = [
    "alike_words",
    "conventions",
    "first_values",
    "opening",
    "updated_alike",
    "value_node",
    "written_out",
]

MOST_EQUATIONS = 40  # of a step that are listed once in symbols


MOST_UPDATES = 36  # equations of an update; of more, each line is told for one parameter only


MOST_WRITTEN = 10_000  # entries of a given array that `tracer show` writes out


def conventions(trace: Trace, notation: Style = "code") -> list[Sentence]:
    """Return the conventions in force, a sentence each, in the order of their first use.

    A textbook calls an operation by its title, and says nothing of what its formulas show.
    """
    found: dict[str, str] = {}
    textbook = notation == "textbook" and bool(len(trace))
    shapes = trace.iteration(1).built.shapes if textbook else Shapes({})
    for equation in trace.program.phase("forward", "loss", "backward"):
        for part in reversed(list(walk(equation.expression))):
            if isinstance(part, Call):
                row, operands, _ = bound(part)
                shown = textbook and all(len(shapes.of(item)) < 3 for item in operands)
                helps = equation.phase != "backward" or (textbook and not row.elementwise)
                if row.convention and helps and not (row.name == "matmul" and shown):
                    found.setdefault(row.title if textbook else row.name, row.convention)
    training = trace.scenario.training
    if training is not None and training.optimizer:
        found["Update" if textbook else training.optimizer] = OPTIMIZERS[training.optimizer].words
    return [
        say("{name}: {words}", name=say(title) if textbook else title, words=say(words))
        for title, words in found.items()
    ]


def opening(trace: Trace, options: Options, shown: Sequence[int]) -> Iterator[Block]:
    """Tell what stands before the iterations."""
    yield from _head(trace, options)
    if options.detail == "summary":
        return
    focus = ""
    if shown and (options.detail == "element" or options.focus is not None):
        focus = read_focus(options.focus, trace.iteration(shown[0])).name
    graph = network_graph(trace.program, focus)
    if graph is not None:
        yield Heading(2, say("The network"))
        yield graph
    yield from _equations(trace, options)
    if len(shown) < len(trace) and options.show is None:
        yield Paragraph([say("Of {count} iterations the first is shown.", count=len(trace))])


def _equations(trace: Trace, options: Options) -> Iterator[Block]:
    """Tell the equations once, in symbols, with the rule that gives each gradient."""
    program = trace.program
    if len(program.equations) > MOST_EQUATIONS:
        yield Paragraph(
            [
                say(
                    "The {count} equations of a step are too many to list; each iteration shows "
                    "its own.",
                    count=len(program.equations),
                )
            ]
        )
        return
    yield Heading(2, say("The equations"))
    alike = updated_alike(program)
    phase: Phase | None = None
    named: set[str] = set()  # rules, which are named where they are first applied
    for equation in program.equations:
        if equation.phase == "metric" or (equation.phase == "update" and equation.wrt in alike):
            continue
        if equation.phase != phase:
            phase = equation.phase
            yield Paragraph([say(PHASES[phase])], kind="label")
        name = public_name(trace.iteration(1), equation)
        line = EquationLine(Name(name), equation.expression, arrow=name != equation.name)
        yield line
        if equation.phase == "loss" and options.notation == "code":
            for definition in written_out(equation.expression, trace.iteration(1).built.shapes):
                yield Paragraph([say("This loss is, written out:")])
                yield definition
        rules = rules_of(equation)
        if equation.phase == "backward" and str(rules) not in named:
            yield Paragraph([say("By: {rules}.", rules=rules)])
            named.add(str(rules))
    yield from alike_words(alike)


def written_out(expression: Node, shapes: Shapes) -> list[EquationLine]:
    """Return a loss of the table in simpler operations, so that it can be worked by hand."""
    if not isinstance(expression, Call):
        return []
    row, operands, attributes = bound(expression)
    if row.definition is None or len(operands) < 2:
        return []
    definition = row.definition(*map(shapes.term, operands), **attributes)
    return [EquationLine(left=expression, formula=definition.node)]


def updated_alike(program: Program) -> frozenset[str]:
    """Return the parameters whose update is not told: by the same lines as one that is told."""
    updates = list(program.phase("update"))
    lines: dict[str, tuple[int, ...]] = {}
    for equation in updates if len(updates) > MOST_UPDATES else ():
        if equation.wrt:
            lines[equation.wrt] = (*lines.get(equation.wrt, ()), equation.line)
    told = {written: name for name, written in reversed(lines.items())}
    return frozenset(name for name, written in lines.items() if told[written] != name)


def alike_words(alike: Collection[str]) -> Iterator[Block]:
    """Say how many parameters are updated by lines that are told for another one."""
    if alike:
        yield Paragraph(
            [say("The other parameters ({count}) are updated in the same way.", count=len(alike))]
        )


def _head(trace: Trace, options: Options) -> Iterator[Block]:
    digits = options.digits
    scenario = trace.scenario
    yield Heading(1, say("{title}", title=scenario.heading))
    if scenario.description:
        yield Paragraph([say("{text}", text=scenario.purpose)])
    items = conventions(trace, options.notation) + present(
        say(
            "Iterations, samples and subscripts count from 1; an entry of a matrix is named by "
            "row and column."
        ),
        say(
            "Figures have {digits} significant digits; ≈ stands where a result was rounded.",
            digits=digits,
        )
        if not options.exact
        else None,
    )
    yield Heading(2, say("Conventions"))
    for sentence in items:
        yield Paragraph([sentence], kind="item")
    yield Heading(2, say("What is given"))
    first = trace.iteration(1) if len(trace) else None
    kinds = {
        "data": say("data"),
        "parameter": say("parameter"),
        "constant": say("constant"),
        "setting": say("setting"),
    }
    rows: list[Sequence[Cell]] = [
        [Name(name), kinds[item.kind], _value_cell(first, name, digits)]
        for name, item in trace.program.inputs.items()
        if item.kind in kinds and first is not None
    ]
    yield Table([say("quantity"), say("kind"), say("initial value")], rows)
    sizes = [math.prod(item.shape) for item in trace.program.inputs.values()]
    if any(MOST_SHOWN < size <= MOST_WRITTEN for size in sizes):
        yield Paragraph(
            [
                say(
                    "All numbers that are given: tracer show {name} --format json",
                    name=scenario.name,
                )
            ]
        )
    memory = first_values(trace, digits)
    if memory:
        yield Paragraph(memory)


def first_values(trace: Trace, digits: int) -> list[Sentence]:
    """Say where what the optimizer remembers starts; nothing where it remembers nothing."""
    states = [name for name, item in trace.program.inputs.items() if item.kind == "state"]
    if not states or not len(trace):
        return []
    first = trace.iteration(1)
    given = [name for name in states if name in first.built.first_values]
    rest = (
        say("The rest of the optimizer's state starts at 0.")
        if given
        else say("The optimizer's state starts at 0.")
    )
    return [
        *(
            say("{name} starts at {value}.", name=Name(it), value=_value_cell(first, it, digits))
            for it in given
        ),
        *present(rest if len(given) < len(states) else None),
    ]


def _value_cell(iteration: Iteration, name: str, digits: int) -> Cell:
    """Return a quantity's value for a table: its numbers, or its shape and range."""
    shape = iteration.shape(name)
    if math.prod(shape) <= MOST_SHOWN:
        return value_node(iteration, name, digits)
    values = iteration.floats(name)
    extent = say(
        "shape {shape}, from {low} to {high}",
        shape=shape_text(shape),
        low=figure_node(min(values), digits),
        high=figure_node(max(values), digits),
    )
    given = iteration.given(name)
    if given is None or not isinstance(given.origin, Draw):
        return extent
    return say("{extent}; drawn {how}", extent=extent, how=_draw_words(given.origin))


def _draw_words(draw: Draw) -> Sentence:
    """Say how numbers are drawn, so that somebody else can draw the same."""
    settings = "".join(f", {key} = {written_text(value)}" for key, value in draw.options.items())
    how = INITS[draw.init].words
    if draw.seed is None:
        return say(
            "{how}{settings}, in sequence from the shared random stream", how=how, settings=settings
        )
    return say("{how}{settings}, seed {seed}", how=how, settings=settings, seed=draw.seed)


def value_node(iteration: Iteration, name: str, digits: int) -> Node:
    """Return the numbers of a quantity; what is given as it was written."""
    return array_node(value_texts(iteration, name, digits), iteration.shape(name))
