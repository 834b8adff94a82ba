"""Whole processes, measured from outside, beside one that does nothing."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from tests.benchmarks.measure import Figure, in_turns

__all__ = ["ROOT", "children_clock", "environment", "peak_memory", "processes", "standard_output"]

ROOT = Path(__file__).resolve().parents[2]


def processes(
    work: str,
    commands: Mapping[str, Sequence[str]],
    rounds: int,
    goals: Mapping[str, tuple[float, float]],
    codes: Collection[int] = (0,),
) -> Iterator[Figure]:
    """Yield the CPU time of each command (arguments of Python), over that of the first.

    `goals` gives the ratio that must hold and the aim, by command; each ends with one of `codes`.
    """

    def run(arguments: Sequence[str]) -> None:
        command = [sys.executable, *arguments]
        quiet = subprocess.DEVNULL
        ended = subprocess.run(command, env=environment(), cwd=ROOT, stdout=quiet, stderr=quiet)
        assert ended.returncode in codes, command

    first = next(iter(commands))
    for arguments in commands.values():
        run(arguments)  # writes the bytecode
    work_of = {name: partial(run, arguments) for name, arguments in commands.items()}
    times = in_turns(work_of, rounds, children_clock)
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


# A process counts what the one that started it held, so it is started by one that holds little.
MEMORY = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def peak_memory(arguments: Sequence[str]) -> float:
    """Return the largest resident size of a command (arguments of Python), in MB."""
    kilobytes = int(standard_output(["-c", MEMORY, sys.executable, *arguments]))
    return kilobytes * 1024 / 1e6


def standard_output(arguments: Sequence[str]) -> str:
    """Return what a command (arguments of Python) prints."""
    command = [sys.executable, *arguments]
    ended = subprocess.run(
        command, env=environment(), cwd=ROOT, check=True, text=True, stdout=subprocess.PIPE
    )
    return ended.stdout


def children_clock() -> float:
    """Return the processor time of all processes that were started and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def environment() -> dict[str, str]:
    """Return the environment with our package, and bytecode compiled once as users have it."""
    own = {name: text for name, text in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**own, "PYTHONPATH": str(ROOT)}
