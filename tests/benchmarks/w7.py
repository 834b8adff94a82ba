"""W7: how long a process of tracer takes, beside one that does nothing.

Bytecode is compiled before, as it is where tracer is installed: each process is run once that is
not counted. Processor time of the whole process, user and system.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from tests.benchmarks.measure import Figure, in_turns
from tests.benchmarks.w1 import LAST_STEP

TITLE = "process start: --help, derive one_weight, W1 recorded and printed"
ROOT = Path(__file__).resolve().parents[2]
NOTHING = "python -c pass"
COMMANDS: dict[str, tuple[list[str], float | None, float | None]] = {
    NOTHING: (["-c", "pass"], None, None),
    "import argparse": (["-c", "import argparse"], None, None),
    "tracer --help": (["-m", "tracer", "--help"], 4, 3),
    "tracer derive one_weight": (["-m", "tracer", "derive", "one_weight"], 8, 5),
    "W1 recorded, last step printed": (["-c", LAST_STEP], 12, 8),
}


def measure(rounds: int) -> Iterator[Figure]:
    """Yield all figures of W7."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": folder}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)

        def run(arguments: list[str]) -> None:
            subprocess.run(
                [sys.executable, *arguments],
                env=environment,
                cwd=folder,
                check=True,
                stdout=subprocess.DEVNULL,
            )

        times = in_turns(
            {name: partial(run, arguments) for name, (arguments, _, _) in COMMANDS.items()},
            rounds,
            _children,
        )
    for name, (_, must_hold, aim) in COMMANDS.items():
        yield Figure(
            "W7",
            name,
            f"process ÷ {NOTHING}",
            times.ratio(name, NOTHING),
            times.median(name) * 1e3,
            "ms",
            must_hold,
            aim,
        )


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
