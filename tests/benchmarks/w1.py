"""W1: the one-weight demo, 100,000 iterations, every value kept."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from tests.benchmarks.measure import Figure
from tests.benchmarks.scalar_network import ScalarNetwork, figures

TITLE = "the one-weight demo, 100,000 iterations"
STEPS = 100_000


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
