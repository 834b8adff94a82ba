"""W4: steps of the feed-forward block of GPT-2 on 64 tokens, float32, with and without a record.

The limit is NumPy by hand, `out=` everywhere and no temporary that could be written over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

import tracer
from tests.benchmarks.measure import TUNED, Figure, given_arrays, recorded_steps
from tests.benchmarks.peers import peer_steps
from tracer.run.layout import Record

TITLE = "the feed-forward block of GPT-2 on 64 tokens, float32, 10 steps"
STEPS = 10
SIZES = ((768, 3072), (512, 2048))
LIMITS: dict[Record, tuple[float, float]] = {"none": (1.1, 1.02), "all": (1.25, 1.12)}
Floats = NDArray[np.float32]

SCENARIO = """
[data]
x = {{shape = [64, {width}], init = "normal", seed = 1}}
target = {{shape = [64, {width}], init = "normal", seed = 2}}
[parameters]
W1 = {{shape = [{width}, {inner}], init = "normal", std = 0.02, seed = 3}}
b1 = {{shape = [{inner}], init = "zeros"}}
W2 = {{shape = [{inner}, {width}], init = "normal", std = 0.02, seed = 4}}
b2 = {{shape = [{width}], init = "zeros"}}
[network]
equations = '''
z = x @ W1 + b1
h = gelu_tanh(z)
out = h @ W2 + b2
loss = mse(out, target)
'''
[training]
optimizer = "sgd"
learning_rate = 0.1
iterations = 1
"""


def tuned(arrays: Mapping[str, Floats]) -> Callable[[], None]:
    """Return what trains by hand; it has its arrays, and has run one step."""
    x, target = arrays["x"], arrays["target"]
    parameters = [arrays[name].copy() for name in ("W1", "b1", "W2", "b2")]
    w1, b1, w2, b2 = parameters
    gradients = [np.empty_like(item) for item in parameters]
    gw1, gb1, gw2, gb2 = gradients
    z, squared, tanh, h, flow = (np.empty((len(x), len(b1)), np.float32) for _ in range(5))
    out = np.empty_like(target)
    root, cubic = 0.7978845608028654, 0.044715
    losses = []

    def step() -> None:
        np.matmul(x, w1, out=z)
        np.add(z, b1, out=z)
        np.multiply(z, z, out=squared)
        np.multiply(squared, cubic, out=h)
        np.add(h, 1, out=h)
        np.multiply(h, z, out=h)
        np.multiply(h, root, out=h)
        np.tanh(h, out=tanh)
        np.add(tanh, 1, out=h)
        np.multiply(h, z, out=h)
        np.multiply(h, 0.5, out=h)
        np.matmul(h, w2, out=out)
        np.add(out, b2, out=out)
        np.subtract(out, target, out=out)
        losses.append(float(np.vdot(out, out)) / out.size)
        np.multiply(out, 2 / out.size, out=out)
        np.add.reduce(out, axis=0, out=gb2)
        np.matmul(h.T, out, out=gw2)
        np.matmul(out, w2.T, out=flow)
        np.multiply(squared, 3 * cubic, out=squared)  # the slope of GELU from here on
        np.add(squared, 1, out=squared)
        np.multiply(squared, root, out=squared)
        np.multiply(squared, z, out=squared)
        np.multiply(tanh, tanh, out=h)
        np.subtract(1, h, out=h)
        np.multiply(squared, h, out=squared)
        np.add(squared, tanh, out=squared)
        np.add(squared, 1, out=squared)
        np.multiply(squared, 0.5, out=squared)
        np.multiply(flow, squared, out=flow)
        np.add.reduce(flow, axis=0, out=gb1)
        np.matmul(x.T, flow, out=gw1)
        for parameter, gradient in zip(parameters, gradients, strict=True):
            np.multiply(gradient, 0.1, out=gradient)
            np.subtract(parameter, gradient, out=parameter)

    def run() -> None:
        for _ in range(STEPS):
            step()

    step()
    return run


def block_loss(peer: Any, weights: Sequence[Any], batch: Sequence[Any]) -> Any:
    """Return the loss in another library."""
    w1, b1, w2, b2 = weights
    x, target = batch
    return peer.mean_squared_error(peer.gelu(x @ w1 + b1) @ w2 + b2, target)


def measure(rounds: int) -> Iterator[Figure]:
    """Yield all figures of W4."""
    for width, inner in SIZES:
        yield from _figures(width, inner, rounds)


def _figures(width: int, inner: int, rounds: int) -> Iterator[Figure]:
    with TemporaryDirectory() as folder:
        path = Path(folder, "block.toml")
        path.write_text(SCENARIO.format(width=width, inner=inner), "utf-8")
        experiment = tracer.load(path).set("dtype=float32")
    experiment = experiment.set(f"training.iterations={STEPS}")
    arrays = given_arrays(experiment)
    by_hand = {TUNED: lambda: tuned(arrays)}
    size = f"{width}→{inner}→{width}, "
    yield from recorded_steps(
        "W4", size, experiment, by_hand, LIMITS, rounds, steps=STEPS, unit="ms"
    )
    parameters = [arrays[name] for name in ("W1", "b1", "W2", "b2")]
    batches = [(arrays["x"], arrays["target"])] * STEPS
    yield from peer_steps(
        *("W4", size, by_hand[TUNED], parameters, batches, block_loss, rounds),
        rate=0.1,
        adam=False,
        unit="ms",
    )
