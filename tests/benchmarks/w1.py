"""W1: the one-weight demo, 100,000 iterations, every value kept."""

from __future__ import annotations

import os
import resource
import struct
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from tests.benchmarks.measure import Figure, in_turns
from tests.benchmarks.scalar_network import ScalarNetwork, figures

TITLE = "the one-weight demo, 100,000 iterations"
STEPS = 100_000
ROOT = Path(__file__).resolve().parents[2]
LAST_STEP = f"""
import tracer
trace = tracer.load("one_weight").set("training.iterations={STEPS}").run()
print(dict(trace.iteration({STEPS})))
"""


def recorded(steps: int) -> tuple[bytearray, list[float]]:
    """The demo by hand, with a row of five doubles a step."""
    w, x, y, learning_rate = 0.5, 1.0, 2.0, 0.1
    row = struct.Struct("=5d")
    pack, size = row.pack_into, row.size
    buffer = bytearray(steps * size)
    for offset in range(0, steps * size, size):
        y_pred = w * x
        error = y_pred - y
        loss = error * error
        dy_pred = 2.0 * error
        dw = dy_pred * x
        w = w - learning_rate * dw
        pack(buffer, offset, y_pred, loss, dy_pred, dw, w)
    return buffer, [w]


def bare(steps: int) -> list[float]:
    """The same without the rows."""
    w, x, y, learning_rate = 0.5, 1.0, 2.0, 0.1
    for _ in range(steps):
        y_pred = w * x
        error = y_pred - y
        loss = error * error  # noqa: F841 - it belongs to the step
        dy_pred = 2.0 * error
        dw = dy_pred * x
        w = w - learning_rate * dw
    return [w]


def measure(rounds: int) -> Iterator[Figure]:
    """Yield all figures of W1."""
    yield from figures(ScalarNetwork("W1", "one_weight", STEPS, 5, recorded, bare), rounds)
    yield from _process(rounds)


def _process(rounds: int) -> Iterator[Figure]:
    """A process that records W1 and prints its last step, beside one that does nothing."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # as users have it: compiled once

    def run(text: str) -> None:
        command = [sys.executable, "-c", text]
        subprocess.run(command, env=environment, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)

    def clock() -> float:
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime

    processes = {"python -c pass": "pass", "recorded, last step printed": LAST_STEP}
    times = in_turns({name: partial(run, text) for name, text in processes.items()}, rounds, clock)
    for name, must_hold, aim in zip(processes, (None, 12), (None, 8), strict=True):
        yield Figure(
            "W1",
            name,
            "process ÷ python -c pass",
            times.ratio(name, "python -c pass"),
            times.median(name) * 1e3,
            "ms",
            must_hold,
            aim,
        )
