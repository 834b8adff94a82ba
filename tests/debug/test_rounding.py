"""Values in single precision: right runs pass, and a small error is found."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

import tracer

SMALL = (40, 16, 8, 5)
LARGE = (784, 128, 64, 10)
SINGLE = np.float32
Recorded = dict[int, dict[str, Any]]


def adam_run(layers: Sequence[int], seed: int, steps: int) -> tuple[dict[str, Any], Recorded]:
    """Return the start of a classifier and what a float32 run of NumPy with Adam records."""
    rng = np.random.default_rng(seed)
    count = 32
    inputs: dict[str, Any] = {
        "X": rng.random((count, layers[0])).astype(SINGLE),
        "y": rng.integers(0, layers[-1], count),
    }
    for place, (ins, outs) in enumerate(pairwise(layers), 1):
        weights = rng.normal(size=(ins, outs)) / np.sqrt(ins)
        inputs[f"W{place}"] = weights.astype(SINGLE)
        inputs[f"b{place}"] = np.zeros(outs, SINGLE)
    parameters = {name: value.copy() for name, value in inputs.items() if name not in "Xy"}
    last = len(layers) - 1
    first_moments = {name: np.zeros_like(value) for name, value in parameters.items()}
    second_moments = {name: np.zeros_like(value) for name, value in parameters.items()}
    rate, keep, keep_square, small = map(SINGLE, (1e-3, 0.9, 0.999, 1e-8))
    recorded: Recorded = {}
    for step in range(1, steps + 1):
        found = {name: value.copy() for name, value in parameters.items()}
        h: Any = inputs["X"]
        outputs: list[Any] = [h]
        for place in range(1, last + 1):
            found[f"z{place}"] = z = h @ parameters[f"W{place}"] + parameters[f"b{place}"]
            if place < last:
                found[f"h{place}"] = h = np.maximum(z, SINGLE(0))
                outputs.append(h)
        e = np.exp(z - z.max(1, keepdims=True))
        p = e / e.sum(1, keepdims=True)
        rows = np.arange(count)
        found["loss"] = -np.log(p[rows, inputs["y"]]).mean()
        dz = p.copy()
        dz[rows, inputs["y"]] -= 1
        dz /= SINGLE(count)
        for place in range(last, 0, -1):
            found[f"dloss/dz{place}"] = dz
            found[f"dloss/dW{place}"] = outputs[place - 1].T @ dz
            found[f"dloss/db{place}"] = dz.sum(0)
            if place > 1:
                found[f"dloss/dh{place - 1}"] = dh = dz @ parameters[f"W{place}"].T
                dz = dh * (found[f"z{place - 1}"] > 0)
        for name in parameters:
            g = found[f"dloss/d{name}"]
            m = first_moments[name] = keep * first_moments[name] + (1 - keep) * g
            v = second_moments[name] = keep_square * second_moments[name] + (1 - keep_square) * g**2
            corrected = m / (1 - keep ** SINGLE(step))
            spread = np.sqrt(v / (1 - keep_square ** SINGLE(step))) + small
            parameters[name] = parameters[name] - rate * corrected / spread
            found[f"{name}'"] = parameters[name]
        recorded[step] = found
    return inputs, recorded


@cache
def short_run(layers: Sequence[int]) -> tuple[tracer.Trace, Recorded]:
    """Return a classifier, traced, and what a run of two steps records."""
    inputs, recorded = adam_run(layers, 0, 2)
    return traced(layers, inputs, 2), recorded


def traced(layers: Sequence[int], inputs: dict[str, Any], steps: int) -> tracer.Trace:
    """Return the trace of a classifier from the same start."""
    last = len(layers) - 1
    lines = []
    before = "X"
    for place in range(1, last + 1):
        lines.append(f"z{place} = {before} @ W{place} + b{place}")
        if place < last:
            before = f"h{place}"
            lines.append(f"{before} = relu(z{place})")
    lines.append(f"loss = cross_entropy(z{last}, y)")
    return tracer.trace(
        equations="\n".join(lines),
        data={name: inputs[name] for name in ("X", "y")},
        parameters={name: value for name, value in inputs.items() if name not in "Xy"},
        optimizer="adam",
        learning_rate=1e-3,
        iterations=steps,
        record="checkpoints",
    )


def departures(layers: Sequence[int], seed: int, steps: int) -> list[Any]:
    """Return what departs of a recorded run from the traced one."""
    inputs, recorded = adam_run(layers, seed, steps)
    return list(tracer.compare(traced(layers, inputs, steps), recorded).departures)


@pytest.mark.parametrize("seed", range(3))
def test_right_runs_in_single_precision_pass(seed: int) -> None:
    """Errors do not add up: each value is held against its own operands."""
    assert departures(SMALL, seed, 6) == []


@pytest.mark.parametrize(
    "layers",
    [pytest.param(SMALL, id="small"), pytest.param(LARGE, id="large", marks=pytest.mark.proof)],
)
@pytest.mark.parametrize(
    "name", ["z1", "h2", "z3", "dloss/dz3", "dloss/dh1", "dloss/dW1", "dloss/db2", "W2'", "b1'"]
)
def test_a_small_error_in_one_entry_is_found(name: str, layers: Sequence[int]) -> None:
    """One entry, off by a thousandth of itself, is the first that departs, and nothing before."""
    trace, recorded = short_run(layers)
    array = recorded[2][name].copy()
    place = np.unravel_index(np.abs(array).argmax(), array.shape)
    array[place] *= SINGLE(1.001)
    wrong = {**recorded, 2: {**recorded[2], name: array}}
    first = tracer.compare(trace, wrong).departures[0]
    assert (first.iteration, first.name, first.index) == (2, name, tuple(map(int, place)))


@pytest.mark.proof
@pytest.mark.parametrize("seed", range(200))
def test_right_runs_of_a_large_classifier_pass(seed: int) -> None:
    """784-128-64-10 with Adam, 20 steps, all values, gradients and updates: nothing departs."""
    assert departures(LARGE, seed, 20) == []


def test_iterations_that_were_not_recorded_are_rounded_too() -> None:
    """A record of the last step alone: its parameters are as far off as the steps before it."""
    inputs, recorded = adam_run(SMALL, 0, 6)
    trace = traced(SMALL, inputs, 6)
    assert not tracer.compare(trace, {6: recorded[6]}).departures
    values = recorded[6]["h2"].copy()
    values[values.argmax() // 8, values.argmax() % 8] *= SINGLE(1.001)
    [first, *_] = tracer.compare(trace, {6: {**recorded[6], "h2": values}}).departures
    assert first.name == "h2"


@pytest.mark.parametrize("condition", ["step(z)", "1 - step(z)", "step(z) * step(1 - z)"])
def test_a_condition_is_not_rounded(condition: str) -> None:
    """What a condition chooses has no wider bounds than its two sides."""
    trace = tracer.trace(
        equations=f"z = X @ w\nh = where({condition}, z, 0.1 * z)\nloss = mse(h, y)",
        data={"X": [[1.1, 0.4], [-0.3, -0.7]], "y": [0.3, 0.6]},
        parameters={"w": [0.7, -0.6]},
        learning_rate=0.1,
        iterations=1,
    )
    step = trace.iteration(1)
    for name in ("h", "loss", "dloss/dw"):
        [found] = tracer.compare(trace, {1: {name: step[name] * (1 + 1e-9)}}).departures
        assert found.name == name


def test_what_a_causal_mask_closes_leaves_the_rest_its_bounds() -> None:
    """Minus infinity is not rounded, and what is made of it is right to the last bits."""
    rng = np.random.default_rng(0)
    trace = tracer.trace(
        equations="""
        s = X @ W @ X.T
        a = softmax(causal_mask(s))
        h = a @ X
        loss = mse(h @ U, y)
        """,
        data={"X": rng.normal(size=(4, 3)), "y": rng.normal(size=(4, 2))},
        parameters={"W": rng.normal(size=(3, 3)), "U": rng.normal(size=(3, 2))},
        learning_rate=0.1,
        iterations=1,
    )
    step = trace.iteration(1)
    near = {name: np.nextafter(step[name], np.inf) for name in ("h", "dloss/dW", "dloss/da")}
    assert not tracer.compare(trace, {1: near}).departures
    far = {name: step[name] * (1 + 1e-9) for name in near}
    assert {item.name for item in tracer.compare(trace, {1: far}).departures} == {*near}
