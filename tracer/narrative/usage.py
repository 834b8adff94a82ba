"""Which bundled scenarios use an operation, an optimizer or a rule."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import lru_cache

from tracer.expression.syntax import Call, walk
from tracer.frozen import Value
from tracer.narrative.steps import rules_of
from tracer.operations import bound
from tracer.program.program import Program
from tracer.program.scenario import Scenario, bundled, load
from tracer.run.runner import first_program

__all__ = ["Facts", "users"]


class Facts(Value):
    """What a bundled scenario is made of, by name."""

    scenario: str
    operations: Collection[str]
    optimizers: Collection[str]
    rules: Collection[str]


def users(asked: Callable[[Facts], bool]) -> list[str]:
    """Return the bundled scenarios of which something is true."""
    return [facts.scenario for facts in _all_facts() if asked(facts)]


@lru_cache(1)
def _all_facts() -> tuple[Facts, ...]:
    return tuple(_facts(load(name)) for name in bundled())


def _facts(scenario: Scenario) -> Facts:
    program = first_program(scenario).program
    optimizers = {scenario.training.optimizer} if scenario.training is not None else set()
    for variant in scenario.variants:
        training = scenario.variant(variant.name).training
        if training is not None:
            optimizers.add(training.optimizer)
    return Facts(scenario.name, _operations(program), optimizers, _rules(program))


def _operations(program: Program) -> set[str]:
    return {
        bound(part)[0].name
        for equation in program.equations
        for part in walk(equation.expression)
        if isinstance(part, Call)
    }


def _rules(program: Program) -> set[str]:
    return {
        rule.template
        for equation in program.equations
        if equation.phase in ("backward", "update")
        for rule in rules_of(equation)
    }
