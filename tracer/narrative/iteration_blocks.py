"""One iteration told as blocks, or one step of it."""

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
from tracer.narrative.derivation_opening import alike_words, updated_alike, value_node
from tracer.narrative.derivation_options import PHASES
from tracer.narrative.messages import Equality, Sentence, say
from tracer.narrative.program_notation import notation_of
from tracer.narrative.step_lines import Narrator
from tracer.narrative.step_reasons import ReasonPage
from tracer.narrative.steps import Step
from tracer.narrative.textbook_blocks import in_textbook
from tracer.operations.numbers import (
    number_node,
    sample_number,
)
from tracer.program.program import Phase, Program
from tracer.run.trace import Iteration, Trace
from tracer.sentences import few

__all__ = ["iteration_blocks", "step_blocks"]

MOST_SAMPLES = 6  # whose numbers are named


MOST_STATED = 6  # entries of data that the words of an iteration state


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
