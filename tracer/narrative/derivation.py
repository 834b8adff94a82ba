"""A trace told as a worked derivation, with the table of all iterations and what they come to."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

from tracer.errors import UnknownNameError, known_name
from tracer.expression.syntax import Name, Node
from tracer.narrative.blocks import (
    Block,
    Cell,
    EquationLine,
    Heading,
    Paragraph,
    Table,
)
from tracer.narrative.derivation_opening import alike_words, opening, updated_alike, value_node
from tracer.narrative.derivation_options import PHASES, Options, shown_iterations
from tracer.narrative.messages import Equality, Sentence, say
from tracer.narrative.pictures import loss_plot, wished_plot
from tracer.narrative.program_notation import notation_of
from tracer.narrative.run_verdict import remarks
from tracer.narrative.step_lines import Narrator
from tracer.narrative.step_reasons import ReasonPage
from tracer.narrative.steps import Step
from tracer.narrative.textbook_blocks import in_textbook
from tracer.operations.numbers import (
    figure_node,
    number_node,
    number_text,
    sample_number,
)
from tracer.program.program import Phase, Program
from tracer.run.diagnosis import diagnose
from tracer.run.trace import Iteration, Trace
from tracer.sentences import few

__all__ = ["derivation", "iteration_blocks", "step_blocks"]

MOST_ROWS = 24  # of the table of all iterations
MOST_COLUMNS = 8
MOST_SAMPLES = 6  # whose numbers are named
MOST_STATED = 6  # entries of data that the words of an iteration state


def derivation(trace: Trace, options: Options) -> Iterator[Block]:
    """Yield the blocks of a derivation, one iteration at a time.

    Raises RunError, LanguageError or UnknownNameError where the options ask for what is not there.
    """
    shown = shown_iterations(trace, options.show)
    source = Narrator(trace, options)
    if shown:
        source.check(shown[0])
    first = source.textbook(trace.iteration(1)) if len(trace) else None
    yield from in_textbook(opening(trace, options, shown), first)
    if options.detail != "summary":
        for number in shown:
            yield from iteration_blocks(source, number, begins=number == shown[0])
    yield from in_textbook(_after(trace, options), first)


def _after(trace: Trace, options: Options) -> Iterator[Block]:
    """Tell what stands behind the iterations: the table, the curve, what the run came to."""
    yield from _stopped(trace)
    yield from wished_plot(trace)
    if trace.program.loss is not None and (len(trace) > 1 or options.detail == "summary"):
        yield from _summary(trace, options.digits)
        yield from loss_plot(trace, options.digits)
    yield from _verdict(trace)


def _stopped(trace: Trace) -> Iterator[Block]:
    """Tell the condition that ended a run early."""
    if trace.stopped:
        training = trace.scenario.training
        assert training is not None
        yield Paragraph(
            [
                say(
                    "The run stops after iteration {number}: {condition}.",
                    number=len(trace),
                    condition=training.stop_when or "",
                )
            ]
        )


def _verdict(trace: Trace) -> Iterator[Block]:
    """Tell what the run comes to, and why: of a single iteration only what went wrong."""
    if trace.program.loss is None or (len(trace) < 2 and trace.fault is None):
        return
    yield Heading(2, say("What happened"))
    for remark in remarks(diagnose(trace)):
        yield Paragraph([remark.sentence], kind="item")


def _summary(trace: Trace, digits: int) -> Iterator[Block]:
    """Tell all iterations in one table: single numbers before, on the way, and after."""
    yield Heading(2, say("All iterations"))
    columns = _columns(trace)
    head: list[Cell] = [say("iteration")]
    for name in columns:
        if name in trace.program.carried:
            head.append(say("{name} before", name=Name(name)))
        elif name in trace.program.carried.values():
            head.append(say("{name} after", name=Name(name.removesuffix("'"))))
        else:
            head.append(Name(name))
    count = len(trace)
    numbers = list(range(1, count + 1))
    if count > MOST_ROWS:
        half = MOST_ROWS // 2
        numbers = [*range(1, half + 1), 0, *range(count - half + 1, count + 1)]
    rows: list[Sequence[Cell]] = []
    for number in numbers:
        if number == 0:
            rows.append(["…"] * len(head))
            continue
        iteration = trace.iteration(number)
        rows.append([str(number), *(_cell(iteration, name, digits) for name in columns)])
    yield Table(head, rows)


def _cell(iteration: Iteration, name: str, digits: int) -> Cell:
    if name not in set(iteration):
        return ""
    value = iteration.floats(name)[0]
    if not math.isfinite(value):
        return number_text(value, digits)
    return figure_node(value, digits)


def _columns(trace: Trace) -> list[str]:
    """Choose the single numbers of the table: parameters, predictions, loss, gradients."""
    program = trace.program
    before = [
        name
        for name in program.carried
        if name in program.parameters and not program.inputs[name].shape
    ]
    middle = [
        equation.name
        for equation in program.equations
        if not equation.shape
        and not equation.base
        and (
            equation.phase in ("forward", "loss", "metric")
            or (
                equation.phase == "backward" and equation.wrt in before and "#" not in equation.name
            )
        )
    ]
    after = [program.carried[name] for name in before]
    columns = [*before, *middle, *after]
    if len(columns) <= MOST_COLUMNS:
        return columns
    return [
        equation.name
        for equation in program.equations
        if not equation.shape and equation.phase in ("loss", "metric")
    ]


def step_blocks(source: Narrator, number: int, name: str) -> Iterator[Block]:
    """Yield one step of an iteration, without a head: its line and what is said of it.

    An update is named by what it updates. Raises UnknownNameError where there is no such step.
    """
    iteration = source.iteration(number)
    steps = {step.name: step for step in source.steps(number)}
    meant = notation_of(source.trace).id_shown_as(name, steps)
    if meant is None:
        raise UnknownNameError(
            say("there is no step {name}", name=name),
            expected=known_name(name, steps),
        )
    lines = source.lines(iteration, steps[meant], set())
    told = _line_blocks(steps[meant], lines, begins=False, page=ReasonPage())
    return in_textbook(told, source.textbook(iteration))


def iteration_blocks(source: Narrator, number: int, *, begins: bool = False) -> Iterator[Block]:
    """Yield one iteration's blocks; where it begins a derivation, with why 1 stands first."""
    iteration = source.iteration(number)
    return in_textbook(_iteration(source, iteration, begins), source.textbook(iteration))


def _iteration(source: Narrator, iteration: Iteration, begins: bool) -> Iterator[Block]:
    trace, options, number = source.trace, source.options, iteration.number
    yield Heading(2, say("Iteration {number}", number=number))
    words = list(_iteration_words(trace, iteration, options.digits))
    if words:
        yield Paragraph(words)
    alike = frozenset[str]() if source.focused else updated_alike(iteration.program)
    phase: Phase | None = None
    defined: set[Node] = set()
    for step in source.steps(number):
        if step.phase == "update" and step.equation.wrt in alike:
            continue
        chain = None
        if options.chain and step.phase == "backward":
            chain = source.chain(iteration, step)
        if begins and step.phase == "backward" != phase and not source.focused:
            yield Paragraph([say(PHASES[step.phase])], kind="label")
            yield from _loss_by_itself(iteration.program, step.equation.of)
            phase = step.phase
        lines = list(source.lines(iteration, step, defined))
        yield from _line_blocks(
            step, lines, begins=step.phase != phase, page=source.page, chain=chain
        )
        yield from source.opened(iteration, step)
        phase = step.phase
    yield from alike_words(alike)
    yield from source.whole_chain(iteration)


def _loss_by_itself(program: Program, loss: str) -> Iterator[Block]:
    """Tell where the walk back begins, and what it does not come to."""
    yield EquationLine(Name(f"d{loss}/d{loss}"), number_node("1"))
    yield Paragraph(
        [
            say(
                "The backward pass starts with 1: if {loss} changes a little, {loss} changes by "
                "just as much.",
                loss=Name(loss),
            )
        ]
    )
    needed = program.needed_by_loss
    forward = [item.name for item in program.phase("forward") if not item.base]
    aside = [Name(name) for name in forward if name not in needed]
    if aside:
        words = say(
            "{loss} does not depend on {names}, so no gradient comes back there.",
            loss=Name(loss),
            names=aside,
        )
        yield Paragraph([words])


def _line_blocks(
    step: Step,
    lines: Iterable[EquationLine],
    *,
    begins: bool,
    page: ReasonPage,
    chain: EquationLine | None = None,
) -> Iterator[Block]:
    """Tell a step by its lines, with the name of its phase where it is the first."""
    if begins:
        yield Paragraph([say(PHASES[step.phase])], kind="label")
    yield from lines
    if step.paths:
        yield _path_table(step)
    if chain is not None:
        yield Paragraph([say("In one line, without the intermediate gradients:")])
        yield chain
    words = _step_words(step, page)
    if words:
        yield Paragraph(words)


def _path_table(step: Step) -> Table:
    """Tell a sum over paths as a table: a row a term, and the sum."""
    rows: list[Sequence[Cell]] = []
    for path in step.paths:
        label: Cell = (
            say("directly") if path.through is None else say("through {name}", name=path.through)
        )
        term: Cell = path.term
        if path.substituted is not None:
            term = say("{equality}", equality=Equality(path.term, path.substituted))
        rows.append([label, term, path.result or ""])
    rows.append([say("sum over paths"), step.left, step.result or ""])
    return Table([say("path"), say("term"), say("value")], rows)


def _iteration_words(trace: Trace, iteration: Iteration, digits: int) -> Iterator[Sentence]:
    """Say which samples the step sees and where its parameters stand."""
    training = trace.scenario.training
    samples = iteration.samples
    count = _sample_count(trace)
    is_part = False  # of the data: else they are what the table of what is given says
    if _names_epochs(trace):
        yield say("Epoch {epoch}.", epoch=iteration.epoch)
    if samples is not None and count is not None and count > 1 and training is not None:
        is_part = training.sample is not None or len(samples) < count
        if training.sample is not None:
            yield say("Sample {number} of {count}.", number=sample_number(samples[0]), count=count)
        elif len(samples) < count:
            yield say(
                "Samples {numbers} ({number} of {count}).",
                number=len(samples),
                count=count,
                numbers=few(list(map(sample_number, samples)), MOST_SAMPLES),
            )
        elif any(len(given.shape) > 1 for given in trace.scenario.data.values()):
            yield say("All {count} rows of the data are used.", count=count)
    for name, item in iteration.program.inputs.items():
        if is_part and item.kind == "data" and math.prod(item.shape) <= MOST_STATED:
            yield say(
                "{equality}.", equality=Equality(Name(name), value_node(iteration, name, digits))
            )
        elif item.kind == "parameter" and not item.shape:
            value = value_node(iteration, name, digits)
            if iteration.number == 1:
                yield say("{name} starts at {value}.", name=Name(name), value=value)
            else:
                yield say("{name} is {value}.", name=Name(name), value=value)


def _names_epochs(trace: Trace) -> bool:
    training = trace.scenario.training
    return training is not None and training.epochs is not None and training.batch_size is not None


def _sample_count(trace: Trace) -> int | None:
    """Return how many samples there are: the length that several data have in common."""
    lengths = [given.shape[0] for given in trace.scenario.data.values() if given.shape]
    return lengths[0] if len(lengths) > 1 and len(set(lengths)) == 1 else None


def _step_words(step: Step, page: ReasonPage) -> list[Sentence]:
    """Say why a step is as it is; where no reason holds, by which rules."""
    if step.reasons:
        return page.choose(step.reasons)
    words: list[Sentence] = []
    if step.phase == "backward" and step.equation.wrt:
        words.append(say("By: {rules}.", rules=step.rules))
    if step.sentence is not None:
        words.append(step.sentence)
    return words
