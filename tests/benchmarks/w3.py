"""W3: a classifier 100→128→64→32→10 with Adam, batches of 32, float32; each level of recording.

The limit is NumPy by hand: parameters, gradients and both moments each in one flat vector, `out=`
everywhere, temporaries written over at once. Beside a run that records nothing it keeps nothing;
beside the others it keeps what all of them do, the loss and the accuracy of every step.

Of runs that keep checkpoints, iterations here and there are asked for: how long the slowest of them
takes, and whether they are what the run had.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import pairwise
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

import tracer
from tests.benchmarks.measure import TUNED, Figure, given_arrays, recorded_steps
from tests.benchmarks.peers import peer_steps
from tracer.run.layout import Record
from tracer.run.schedule import Schedule

TITLE = "a classifier of four layers with Adam in batches of 32, float32, 10 epochs"
EPOCHS = 10
LIMITS: dict[Record, tuple[float, float]] = {
    "none": (1.2, 1.06),
    "checkpoints": (1.25, 1.05),
    "gradients": (1.5, 1.25),
    "all": (2.0, 1.7),
}
KILOBYTES = 12  # a step, that a run with checkpoints may take
ASKED = 24  # iterations that are asked for
BACK: dict[str, tuple[str, ...]] = {
    "one_weight": ("iterations=100000",),
    "mlp_2_2_2": ("iterations=20000",),
    "four_layer_classifier": (),
    "four_layer_classifier, float32": ("dtype=float32", f"training.epochs={EPOCHS}"),
}
Floats = NDArray[np.float32]


class TunedClassifier:
    """The bundled scenario by hand; `run` goes through its batches and returns the parameters."""

    def __init__(self, experiment: tracer.Experiment, epochs: int) -> None:
        arrays = given_arrays(experiment)
        self.names = list(experiment.scenario.parameters)
        self.x, self.y = arrays["X"], arrays["y"].astype(np.intp)
        self.shapes = [arrays[name].shape for name in self.names]
        self.start = np.concatenate([arrays[name].ravel() for name in self.names])
        steps = epochs * -(-len(self.x) // 32)
        schedule = Schedule(range(len(self.x)), steps, size=32, seed=42)
        self.batches = [np.asarray(batch.places) for batch in schedule[0:steps]]
        self.temporaries = {size: self.arrays_of(size) for size in {*map(len, self.batches)}}

    def arrays_of(self, size: int) -> list[Any]:
        """Return the arrays that a step over so many samples writes."""
        widths = (100, 128, 64, 32, 10, 32, 64, 128, 32, 64, 128, 1, 1)
        return [*(np.empty((size, width), np.float32) for width in widths), np.arange(size)]

    def parts(self, flat: Floats) -> list[Floats]:
        """Return the part of a flat vector that each parameter is."""
        ends = np.cumsum([0, *(int(np.prod(shape)) for shape in self.shapes)])
        return [
            flat[begin:end].reshape(shape)
            for (begin, end), shape in zip(pairwise(ends), self.shapes, strict=True)
        ]

    def run(self, *, figures: bool) -> Floats:
        """Train from the start; with `figures` the loss and the accuracy of each step are kept."""
        p = self.start.copy()
        g, t, u = np.empty_like(p), np.empty_like(p), np.empty_like(p)
        m, v = np.zeros_like(p), np.zeros_like(p)
        w1, b1, w2, b2, w3, b3, w4, b4 = self.parts(p)
        gw1, gb1, gw2, gb2, gw3, gb3, gw4, gb4 = self.parts(g)
        add, largest = np.add.reduce, np.maximum.reduce
        losses, accuracies = [], []
        for step, places in enumerate(self.batches, start=1):
            count = len(places)
            x, a1, a2, a3, z, d3, d2, d1, k3, k2, k1, top, total, rows = self.temporaries[count]
            np.take(self.x, places, axis=0, out=x, mode="clip")
            labels = self.y[places]
            layers = ((x, w1, b1, a1), (a1, w2, b2, a2), (a2, w3, b3, a3))
            for inputs, weights, bias, outputs in layers:
                np.matmul(inputs, weights, out=outputs)
                np.add(outputs, bias, out=outputs)
                np.maximum(outputs, 0, out=outputs)
            np.matmul(a3, w4, out=z)
            np.add(z, b4, out=z)
            if figures:
                hits = np.equal(z.argmax(axis=1), labels)
                accuracies.append(np.count_nonzero(hits) / count)
            largest(z, axis=1, keepdims=True, out=top)
            np.subtract(z, top, out=z)
            picked = z[rows, labels] if figures else None
            np.exp(z, out=z)
            add(z, axis=1, keepdims=True, out=total)
            if picked is not None:
                losses.append(float(add(np.log(total[:, 0]) - picked)) / count)
            np.divide(z, total, out=z)
            z[rows, labels] -= 1
            np.divide(z, np.float32(count), out=z)
            add(z, axis=0, out=gb4)
            np.matmul(a3.T, z, out=gw4)
            for upstream, weights, active, mask, flow, inputs, gw, gb in (
                (z, w4, a3, k3, d3, a2, gw3, gb3),
                (d3, w3, a2, k2, d2, a1, gw2, gb2),
                (d2, w2, a1, k1, d1, x, gw1, gb1),
            ):
                np.matmul(upstream, weights.T, out=flow)
                np.greater(active, 0, out=mask)
                np.multiply(flow, mask, out=flow)
                add(flow, axis=0, out=gb)
                np.matmul(inputs.T, flow, out=gw)
            np.multiply(m, 0.9, out=m)
            np.multiply(g, 0.1, out=t)
            np.add(m, t, out=m)
            np.multiply(v, 0.999, out=v)
            np.square(g, out=t)
            np.multiply(t, 0.001, out=t)
            np.add(v, t, out=v)
            np.divide(v, 1 - 0.999**step, out=t)
            np.sqrt(t, out=t)
            np.add(t, 1e-8, out=t)
            np.divide(m, 1 - 0.9**step, out=u)
            np.multiply(u, 0.001, out=u)
            np.divide(u, t, out=u)
            np.subtract(p, u, out=p)
        return p


def classifier_loss(peer: Any, weights: Sequence[Any], batch: Sequence[Any]) -> Any:
    """Return the loss of a batch in another library."""
    a, labels = batch
    *hidden, last = zip(weights[::2], weights[1::2], strict=True)
    for w, b in hidden:
        a = peer.relu(a @ w + b)
    return peer.cross_entropy(a @ last[0] + last[1], labels)


def measure(rounds: int) -> Iterator[Figure]:
    """Yield all figures of W3."""
    experiment = tracer.load("four_layer_classifier").set("dtype=float32")
    experiment = experiment.set(f"training.epochs={EPOCHS}")
    tuned = TunedClassifier(experiment, EPOCHS)
    yield _difference(experiment, tuned)
    by_hand = {
        TUNED: lambda: partial(tuned.run, figures=True),
        f"{TUNED}, nothing kept": lambda: partial(tuned.run, figures=False),
    }
    steps = len(tuned.batches)
    yield from recorded_steps("W3", "", experiment, by_hand, LIMITS, rounds, steps=steps, unit="µs")
    parameters = [item.copy() for item in tuned.parts(tuned.start)]
    batches = [(tuned.x[places], tuned.y[places]) for places in tuned.batches]
    yield from peer_steps(
        *("W3", "", by_hand[TUNED], parameters, batches, classifier_loss, rounds),
        rate=0.001,
        adam=True,
        unit="µs",
    )
    for name, settings in BACK.items():
        yield from _iterations_back(name, settings, rounds)


def _iterations_back(name: str, settings: tuple[str, ...], rounds: int) -> Iterator[Figure]:
    """The slowest of some iterations of a run with checkpoints, each in the median of all rounds.

    They are asked for in any order, so that hardly one of them has just been computed.
    """
    experiment = tracer.load(name.split(",")[0]).set(*settings)
    whole, trace = experiment.run(), experiment.run(record="checkpoints")
    kilobytes = trace.nbytes / len(trace) / 1e3
    numbers = [1 + place * (len(trace) - 1) // (ASKED - 1) for place in range(ASKED)]
    first, last = (trace.program.equations[place].name for place in (0, -1))
    milliseconds: dict[int, list[float]] = {number: [] for number in numbers}
    differing = 0
    for seed in range(rounds):
        for number in random.Random(seed).sample(numbers, ASKED):
            begin = time.process_time()
            entries = [trace.iteration(number).entries(item) for item in (first, last)]
            milliseconds[number].append((time.process_time() - begin) * 1e3)
            kept = whole.iteration(number)
            differing += sum(
                int(np.not_equal(found, kept.entries(item)).sum())
                for item, found in zip((first, last), entries, strict=True)
            )
    slowest = max(map(median, milliseconds.values()))
    what = "slowest iteration asked for ÷ 10 ms"
    yield Figure("W3", f"checkpoints, {name}", what, slowest / 10, slowest, "ms", 1, 0.35)
    yield Figure("W3", f"checkpoints, {name}", "numbers that differ", differing, must_hold=0)
    most = 1 if "float32" in name else None  # as the loops above
    what = f"memory ÷ {KILOBYTES} kB a step"
    ratio = kilobytes / KILOBYTES
    yield Figure("W3", f"checkpoints, {name}", what, ratio, kilobytes, "kB a step", most)


def _difference(experiment: tracer.Experiment, tuned: TunedClassifier) -> Figure:
    """The largest difference of a trained parameter in units of the last place of the largest."""
    final = experiment.run(record="none").final
    ours = np.concatenate([np.asarray(final[name], np.float32) for name in tuned.names])
    theirs = tuned.run(figures=True)
    unit = float(np.spacing(np.abs(theirs).max()))
    most = float(np.abs(ours - theirs).max()) / unit
    what = "units that the parameters differ by"
    return Figure("W3", "recording none", what, most, must_hold=100)
