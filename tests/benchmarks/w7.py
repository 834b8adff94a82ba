"""W7: how long a process of tracer takes, beside one that does nothing."""

from __future__ import annotations

from collections.abc import Iterator

from tests.benchmarks.measure import Figure
from tests.benchmarks.process import processes
from tests.benchmarks.w1 import STEPS

TITLE = "process start: --help, derive one_weight, W1 recorded and printed"
LAST_STEP = f"""
import tracer
trace = tracer.load("one_weight").set("training.iterations={STEPS}").run()
print(dict(trace.iteration({STEPS})))
"""
COMMANDS = {
    "python -c pass": ["-c", "pass"],
    "import argparse": ["-c", "import argparse"],
    "tracer --help": ["-m", "tracer", "--help"],
    "tracer derive one_weight": ["-m", "tracer", "derive", "one_weight"],
    "W1 recorded, last step printed": ["-c", LAST_STEP],
}
GOALS = {
    "tracer --help": (4, 3),
    "tracer derive one_weight": (8, 5),
    "W1 recorded, last step printed": (12, 8),
}


def measure(rounds: int) -> Iterator[Figure]:
    """Yield all figures of W7."""
    yield from processes("W7", COMMANDS, rounds, GOALS)
