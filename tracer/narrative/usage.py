"""Which bundled scenarios use an operation, an optimizer or a rule."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from tracer.expression.syntax import Call, walk
from tracer.narrative.steps import rules_of
from tracer.operations import bound
from tracer.program.scenario import Scenario, bundled, load
from tracer.run.runner import first_program

__all__ = ["users"]


def users(*names: str) -> list[str]:
    """Return the bundled scenarios that use one of some operations, optimizers or rules."""
    return [scenario for scenario, used in _uses().items() if not used.isdisjoint(names)]


@lru_cache(1)
def _uses() -> Mapping[str, set[str]]:
    return {name: _names_used(load(name)) for name in bundled()}


def _names_used(scenario: Scenario) -> set[str]:
    """Return the operations, optimizers and rules in a scenario and its variants."""
    variants = [scenario, *(scenario.variant(item.name) for item in scenario.variants)]
    found = {item.training.optimizer for item in variants if item.training is not None}
    for equation in first_program(scenario).program.equations:
        calls = (part for part in walk(equation.expression) if isinstance(part, Call))
        found |= {bound(call)[0].name for call in calls}
        if equation.phase in ("backward", "update"):
            found |= {rule.template for rule in rules_of(equation)}
    return found
