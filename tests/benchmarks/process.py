"""Whole processes, measured from outside, beside one that does nothing."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from tests.benchmarks.measure import Figure, in_turns

__all__ = ["processes"]

ROOT = Path(__file__).resolve().parents[2]


def processes(
    work: str,
    commands: Mapping[str, Sequence[str]],
    rounds: int,
    goals: Mapping[str, tuple[float, float]],
) -> Iterator[Figure]:
    """Yield the CPU time of each command (arguments of Python), over that of the first.

    `goals` gives the ratio that must hold and the aim, by command.
    """
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # as users have it: compiled once

    def run(arguments: Sequence[str]) -> None:
        command = [sys.executable, *arguments]
        subprocess.run(command, env=environment, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)

    def clock() -> float:
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime

    first = next(iter(commands))
    for arguments in commands.values():
        run(arguments)  # writes the bytecode
    work_of = {name: partial(run, arguments) for name, arguments in commands.items()}
    times = in_turns(work_of, rounds, clock)
    for name in commands:
        must_hold, aim = goals.get(name, (None, None))
        yield Figure(
            work,
            name,
            f"process ÷ {first}",
            times.ratio(name, first),
            times.median(name) * 1e3,
            "ms",
            must_hold,
            aim,
        )
