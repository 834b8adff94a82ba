"""A trace told as a worked derivation, with the table of all iterations and what they come to."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from tracer.expression.syntax import Name
from tracer.narrative.blocks import (
    Block,
    Cell,
    Heading,
    Paragraph,
    Table,
)
from tracer.narrative.derivation_opening import opening
from tracer.narrative.derivation_options import Options, shown_iterations
from tracer.narrative.iteration_blocks import iteration_blocks
from tracer.narrative.messages import say
from tracer.narrative.pictures import loss_plot, wished_plot
from tracer.narrative.run_verdict import remarks
from tracer.narrative.step_lines import Narrator
from tracer.narrative.textbook_blocks import in_textbook
from tracer.operations.numbers import (
    figure_node,
    number_text,
)
from tracer.run.diagnosis import diagnose
from tracer.run.trace import Iteration, Trace

__all__ = ["derivation"]

MOST_ROWS = 24  # of the table of all iterations


MOST_COLUMNS = 8


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
