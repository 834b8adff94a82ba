"""W2: a 2-2-2 sigmoid network with squared error, 10,000 iterations, every value kept."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from math import exp

from tests.benchmarks.measure import Figure
from tests.benchmarks.scalar_network import ScalarNetwork, compiling, figures

TITLE = "a 2-2-2 sigmoid network, 10,000 iterations"
STEPS = 10_000
START = (0.1, -0.2, 0.4, 0.3, 0.1, -0.1, 0.7, -0.5, -0.3, 0.2, 0.2, 0.0)


def recorded(steps: int) -> tuple[bytearray, list[float]]:
    """The network by hand, with a row of 37 doubles a step; equal gradients stand there once."""
    w1, w2, w3, w4, b1, b2, w5, w6, w7, w8, b3, b4 = START
    x1, x2, y1, y2, rate = 0.6, -0.4, 0.9, 0.2, 0.5
    row = struct.Struct("=37d")
    pack, size = row.pack_into, row.size
    buffer = bytearray(steps * size)
    for offset in range(0, steps * size, size):
        z1 = w1 * x1 + w2 * x2 + b1
        z2 = w3 * x1 + w4 * x2 + b2
        a1 = 1.0 / (1.0 + exp(-z1))
        a2 = 1.0 / (1.0 + exp(-z2))
        z3 = w5 * a1 + w6 * a2 + b3
        z4 = w7 * a1 + w8 * a2 + b4
        a3 = 1.0 / (1.0 + exp(-z3))
        a4 = 1.0 / (1.0 + exp(-z4))
        da3 = a3 - y1
        da4 = a4 - y2
        loss = (da3 * da3 + da4 * da4) / 2.0
        dz3 = da3 * a3 * (1.0 - a3)
        dz4 = da4 * a4 * (1.0 - a4)
        dw5 = dz3 * a1
        dw6 = dz3 * a2
        dw7 = dz4 * a1
        dw8 = dz4 * a2
        da1 = w5 * dz3 + w7 * dz4
        da2 = w6 * dz3 + w8 * dz4
        dz1 = da1 * a1 * (1.0 - a1)
        dz2 = da2 * a2 * (1.0 - a2)
        dw1 = dz1 * x1
        dw2 = dz1 * x2
        dw3 = dz2 * x1
        dw4 = dz2 * x2
        w1 = w1 - rate * dw1
        w2 = w2 - rate * dw2
        w3 = w3 - rate * dw3
        w4 = w4 - rate * dw4
        b1 = b1 - rate * dz1
        b2 = b2 - rate * dz2
        w5 = w5 - rate * dw5
        w6 = w6 - rate * dw6
        w7 = w7 - rate * dw7
        w8 = w8 - rate * dw8
        b3 = b3 - rate * dz3
        b4 = b4 - rate * dz4
        pack(
            buffer, offset, z1, z2, a1, a2, z3, z4, a3, a4, loss, da3, da4, dz3, dz4,
            dw5, dw6, dw7, dw8, da1, da2, dz1, dz2, dw1, dw2, dw3, dw4,
            w1, w2, w3, w4, b1, b2, w5, w6, w7, w8, b3, b4,
        )  # fmt: skip
    return buffer, [w1, w2, w3, w4, b1, b2, w5, w6, w7, w8, b3, b4]


def bare(steps: int) -> list[float]:
    """The same without the rows."""
    w1, w2, w3, w4, b1, b2, w5, w6, w7, w8, b3, b4 = START
    x1, x2, y1, y2, rate = 0.6, -0.4, 0.9, 0.2, 0.5
    for _ in range(steps):
        z1 = w1 * x1 + w2 * x2 + b1
        z2 = w3 * x1 + w4 * x2 + b2
        a1 = 1.0 / (1.0 + exp(-z1))
        a2 = 1.0 / (1.0 + exp(-z2))
        z3 = w5 * a1 + w6 * a2 + b3
        z4 = w7 * a1 + w8 * a2 + b4
        a3 = 1.0 / (1.0 + exp(-z3))
        a4 = 1.0 / (1.0 + exp(-z4))
        da3 = a3 - y1
        da4 = a4 - y2
        loss = (da3 * da3 + da4 * da4) / 2.0  # noqa: F841 - it belongs to the step
        dz3 = da3 * a3 * (1.0 - a3)
        dz4 = da4 * a4 * (1.0 - a4)
        da1 = w5 * dz3 + w7 * dz4
        da2 = w6 * dz3 + w8 * dz4
        dz1 = da1 * a1 * (1.0 - a1)
        dz2 = da2 * a2 * (1.0 - a2)
        w1 = w1 - rate * (dz1 * x1)
        w2 = w2 - rate * (dz1 * x2)
        w3 = w3 - rate * (dz2 * x1)
        w4 = w4 - rate * (dz2 * x2)
        b1 = b1 - rate * dz1
        b2 = b2 - rate * dz2
        w5 = w5 - rate * (dz3 * a1)
        w6 = w6 - rate * (dz3 * a2)
        w7 = w7 - rate * (dz4 * a1)
        w8 = w8 - rate * (dz4 * a2)
        b3 = b3 - rate * dz3
        b4 = b4 - rate * dz4
    return [w1, w2, w3, w4, b1, b2, w5, w6, w7, w8, b3, b4]


def measure(rounds: int) -> Iterator[Figure]:
    """Yield all figures of W2."""
    network = ScalarNetwork("W2", "mlp_2_2_2", STEPS, 37, recorded, bare)
    yield from figures(network, rounds)
    yield from compiling(network, rounds)
