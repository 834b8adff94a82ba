"""The same scenario at other numbers, so that no formula holds only because x is 1."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

from tracer.operations.array_shape import nested
from tracer.program.given import Given
from tracer.program.overrides import toml_of
from tracer.program.program import Program, names_in
from tracer.program.scenario import Scenario

__all__ = ["redrawn_settings"]

SEED = 20  # the same numbers for each check of the same document
LOWEST, HIGHEST = 0.3, 1.7  # positive, so that logarithms and roots of data stay defined
MOST_ENTRIES = 400  # of all given values; larger scenarios are not run a second time


def redrawn_settings(scenario: Scenario, program: Program) -> Sequence[str]:
    """Return the settings that give a scenario random values; () where it has too many.

    Labels and ids stay, and so do signs. So do targets of zeros and ones, which are labels too:
    data that nothing but the loss is computed from.
    """
    tables = {
        "data": scenario.data,
        "parameters": scenario.parameters,
        "constants": scenario.constants,
    }
    count = sum(math.prod(given.shape) for table in tables.values() for given in table.values())
    if count > MOST_ENTRIES:
        return ()
    source = random.Random(SEED)
    return [
        f"{table}.{name}={toml_of(nested(_redrawn(given, source), given.shape))}"
        for table, entries in tables.items()
        for name, given in entries.items()
        if not _is_label(program, name, given)
    ]


def _is_label(program: Program, name: str, given: Given) -> bool:
    """Tell whether a value is a label or an id, which has to stay what it is."""
    item = program.inputs.get(name)
    if item is None or item.integer:
        return True
    if item.kind != "data" or not set(given.floats()) <= {0.0, 1.0}:
        return False
    used = {each.name for each in program.equations if name in names_in(each.expression)}
    forward = {each.name for each in program.equations if each.phase == "forward"}
    loss = program.loss
    read = set() if loss is None else set(names_in(program.equation(loss).expression))
    return used & forward <= read  # nothing before the loss, but what it reads, as an error


def _redrawn(given: Given, source: random.Random) -> Sequence[float]:
    return [
        math.copysign(round(source.uniform(LOWEST, HIGHEST), 3), entry) for entry in given.floats()
    ]
