"""W7: how long a process takes from its start, beside one that does nothing."""

from __future__ import annotations

from collections.abc import Iterator

from tests.benchmarks.measure import Figure
from tests.benchmarks.process import processes

TITLE = "process start: --help, derive one_weight"
NOTHING = "python -c pass"
DERIVE = ["-m", "tracer", "derive", "one_weight"]


def measure(rounds: int) -> Iterator[Figure]:
    """Yield the figures of W7."""
    commands = {
        NOTHING: ["-c", "pass"],
        "tracer --help": ["-m", "tracer", "--help"],
        "tracer derive one_weight": [*DERIVE, "--format", "markdown"],
    }
    goals = {"tracer --help": (4.0, 3.0), "tracer derive one_weight": (8.0, 5.0)}
    yield from processes("W7", commands, rounds, goals)
