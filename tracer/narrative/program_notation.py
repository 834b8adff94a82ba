"""The reader's notation for the quantities of a program."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tracer.expression import Notation
from tracer.expression.names import LOSS
from tracer.program.optimizers import LINE_NAMES
from tracer.program.program import Program
from tracer.program.scenario import Scenario
from tracer.run.plans import Plans
from tracer.run.trace import Trace


def notation_for(scenario: Scenario, program: Program) -> Notation:
    """Return how a scenario's names are shown in a program of it.

    An unnamed value that has an equation of its own (`h_2`) is shown as a part of what it was
    taken out of, `h_part2`: as h₂ it would look like an entry or a layer.
    """
    parts = {
        equation.name: f"{stem}_part{count}"
        for equation in program.equations
        if equation.base and not equation.wrt
        for stem, _, count in [equation.name.rpartition("_")]
        if stem and count.isdigit() and stem.isidentifier()
    }
    has_optimizer = scenario.training is not None and scenario.training.optimizer
    lines = [item.name.rstrip("'") for item in program.phase("update") if has_optimizer]
    names = [*program.inputs, *(equation.name for equation in program.equations)]
    used_names = [name for name in names if name not in parts]  # n₁ is an entry of n, not its part
    overrides = {**_term_looks(program, used_names), **line_looks(lines), **scenario.notation}
    return Notation({**parts, **overrides}, loss=program.loss, taken=used_names)


def _term_looks(program: Program, names: Iterable[str]) -> Mapping[str, str]:
    """Return the looks of terms of a loss that are called after it: L with its word below."""
    terms = [name for name in names if program.loss == LOSS and name.startswith(f"{LOSS}_")]
    shown = {name: f"L{name.removeprefix(LOSS)}" for name in terms if name.isidentifier()}
    notation = Notation(taken=[*shown.values()])
    return {name: notation.look(other, "latex") for name, other in shown.items()}


def line_looks(names: Iterable[str]) -> Mapping[str, str]:
    """Return the looks of what an optimizer's lines name by words: g̃ of W for `penalized[W]`."""
    shown = {}
    for name in names:
        head, bracket, place = name.partition("[")
        if head in LINE_NAMES:
            shown[name] = f"{LINE_NAMES[head]}{bracket}{place}"
    notation = Notation(taken=[*shown.values()])
    return {name: notation.look(other, "latex") for name, other in shown.items()}


def notation_of(trace: Trace, *, operations: bool = False) -> Notation:
    """Return the reader's notation for a trace's quantities, or for those of its operations."""
    program = trace.program
    if operations:
        plans = Plans(trace.scenario, operations=True)
        program = plans.built(trace.iteration(1).batch).program
    return notation_for(trace.scenario, program)
