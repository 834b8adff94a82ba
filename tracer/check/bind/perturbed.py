"""The same scenario at other numbers, so that no formula holds only because x is 1."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

from tracer.check.bind.run_world import RunView
from tracer.check.trace.traced import Traced
from tracer.errors import TracerError
from tracer.operations import Shape
from tracer.program.given import Given
from tracer.run.runner import run_scenario

__all__ = ["perturbed_view"]

SEED = 20  # the same numbers for each check of the same document
LOWEST, HIGHEST = 0.3, 1.7  # positive, so that logarithms and roots of data stay defined
MOST_ENTRIES = 400  # of all given values; larger scenarios are not run a second time


def perturbed_view(view: RunView) -> RunView | None:
    """Return one iteration of the scenario at random given values; None where it has none.

    Labels and ids stay, and so do signs.
    """
    scenario = view.run.trace.scenario
    tables = {
        "data": scenario.data,
        "parameters": scenario.parameters,
        "constants": scenario.constants,
    }
    count = sum(math.prod(given.shape) for table in tables.values() for given in table.values())
    if count > MOST_ENTRIES:
        return None
    source = random.Random(SEED)
    settings = [
        f"{table}.{name}={_toml(_redrawn(given, source), given.shape)}"
        for table, entries in tables.items()
        for name, given in entries.items()
        if not _is_label(view, name)
    ]
    try:
        changed = scenario.with_overrides([*settings, "training.iterations=1"])
        return RunView(Traced(run_scenario(changed)))
    except TracerError:
        return None


def _is_label(view: RunView, name: str) -> bool:
    """Tell whether a value is a label or an id, which has to stay what it is."""
    item = view.run.program.inputs.get(name)
    return item is None or item.integer


def _redrawn(given: Given, source: random.Random) -> Sequence[float]:
    return [
        math.copysign(round(source.uniform(LOWEST, HIGHEST), 3), entry) for entry in given.floats()
    ]


def _toml(entries: Sequence[float], shape: Shape) -> str:
    """Return an array as TOML writes it, row by row."""
    if not shape:
        return repr(entries[0])
    size = len(entries) // shape[0] if shape[0] else 0
    rows = (entries[row * size : (row + 1) * size] for row in range(shape[0]))
    return f"[{', '.join(_toml(row, shape[1:]) for row in rows)}]"
