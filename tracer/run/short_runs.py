"""Which scenarios are read and run at once, and a run for the interface. No terminal."""

from __future__ import annotations

import math
from pathlib import Path

from tracer.bounded_read import read_text
from tracer.errors import LimitError, TracerError, printable, printable_text
from tracer.frozen import replace
from tracer.lazy_regex import lazy_regex
from tracer.program.given_array import GivenArray
from tracer.program.scenario import Scenario
from tracer.run.memory import KEEP_ALL, Recording
from tracer.run.runner import Progress as Progress
from tracer.run.runner import run_scenario, schedule_of_run
from tracer.run.trace import Trace
from tracer.sentences import say

QUICK_TEXT = 30_000  # bytes of a scenario that is read, or changed, at once
QUICK_LINES = 100  # equations that are differentiated and compiled at once
QUICK = 20_000  # numbers that a run may touch before it is given to a worker
_RANGE = lazy_regex(r"\brange\s*\((.*)\)\s*:")


def is_quick_to_read(source: str | Path) -> bool:
    """Tell whether a scenario is read at once: a bundled one, or a short file without data files.

    What cannot be looked at is: the error comes at once.
    """
    if isinstance(source, str):
        return True
    try:
        return "file" not in read_text(source, most=QUICK_TEXT)
    except LimitError:
        return False
    except TracerError:
        return True


def is_quick(scenario: Scenario) -> bool:
    """Tell whether a run takes no noticeable time; estimated from the text of its scenario."""
    if len(scenario.text) > QUICK_TEXT or _equation_count(scenario) > QUICK_LINES:
        return False
    tables = (scenario.parameters, scenario.data)
    size = sum(math.prod(given.shape) for table in tables for given in table.values())
    try:
        return len(schedule_of_run(scenario)) * max(size, 5) <= QUICK
    except LimitError:
        return False


def _equation_count(scenario: Scenario) -> float:
    """Return about how many equations the network has once its loops are written out, or more.

    Each loop is taken for one inside the loop before it, and a bound that is worked out for a large
    one.
    """

    def bound(text: str) -> float:
        given = scenario.constants.get(text, GivenArray.of(2 * QUICK_LINES))
        return float(text) if text.isascii() and text.isdigit() else max(given.floats())

    loops = _RANGE.findall(scenario.equations)
    rounds = [max(bound(part.strip()) for part in bounds.split(",")) for bounds in loops]
    return scenario.equations.count("\n") * math.prod(max(count, 1) for count in rounds)


def without_control_characters(scenario: Scenario) -> Scenario:
    """Return the scenario without control characters in what is printed of it."""
    return replace(
        scenario,
        name=printable(scenario.name),
        title=printable(scenario.title),
        description=printable_text(scenario.description),
    )


def run(
    scenario: Scenario,
    progress: Progress | None = None,
    recording: Recording = KEEP_ALL,
) -> Trace:
    """Run a scenario, with a clean name and title. Raises TracerError."""
    clean = without_control_characters(scenario)
    trace = run_scenario(clean, record=recording.record, budget=recording.budget, progress=progress)
    if not len(trace):
        raise TracerError(say("the run has no iteration"), expected=say("iterations = 1 or more"))
    return trace
