"""Tensors are taken wherever arrays of NumPy are."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np
import pytest

import tracer

pytestmark = pytest.mark.proof


@pytest.fixture(name="torch", scope="module")
def _torch() -> Any:
    pytest.importorskip("torch")
    return import_module("torch")


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "bfloat16"])
def test_data_parameters_and_constants_are_tensors(dtype: str, torch: Any) -> None:
    """Of each floating type, also with a gradient; labels are whole."""
    X = torch.tensor([[1.0, 2.0], [0.5, -1.0]], dtype=getattr(torch, dtype))
    W = torch.nn.Parameter(torch.tensor([[0.5, -0.25], [1.0, 2.0]], dtype=getattr(torch, dtype)))
    trace = tracer.trace(
        equations="loss = k * cross_entropy(X @ W, labels)",
        data={"X": X, "labels": torch.tensor([1, 0])},
        parameters={"W": W},
        constants={"k": torch.tensor(2.0)},
        iterations=1,
        learning_rate=0.1,
    )
    wanted = 2 * torch.nn.functional.cross_entropy(X.double() @ W.double(), torch.tensor([1, 0]))
    assert trace.loss[0] == pytest.approx(wanted.item(), rel=1e-14)


def test_a_traced_function_has_tensors_from_outside(torch: Any) -> None:
    """On either side of an operator."""
    outside = torch.tensor([1.0, 3.0])

    def network(x: Any, w: Any) -> Any:
        return np.mean((outside * (x @ w) - w * outside) ** 2)

    data = {"x": torch.eye(2)}
    trace = tracer.trace(
        network, data=data, parameters={"w": torch.ones(2)}, iterations=1, learning_rate=0.1
    )
    assert trace.loss[0] == 0


def test_recorded_values_are_tensors(torch: Any) -> None:
    """By iteration and name, as the gradients of a module are at hand."""
    run = tracer.load("one_weight").run()
    recorded = {1: {"w": torch.tensor(0.5, requires_grad=True), "dloss/dw": torch.tensor(3.0)}}
    [departure] = tracer.compare(run, recorded).departures
    assert departure.name == "dloss/dw"
    assert tracer.compare(run, {int(np.int64(1)): recorded[1]}).departures[0].recorded == 3.0


def forward(x: Any, t: Any, w: Any) -> Any:
    """Return a mean square."""
    pred = x @ w
    return np.mean((pred - t) ** 2)


def backward(x: Any, t: Any, pred: Any) -> Any:
    """Return the gradient of the weights, with a factor missing."""
    dpred = (pred - t) / len(t)
    dw = x.T @ dpred
    return dw


def test_a_backward_pass_is_given_arrays(torch: Any) -> None:
    """NumPy code is checked with inputs that are tensors."""
    inputs = {"x": torch.randn(4, 2), "t": torch.randn(4), "w": torch.randn(2, requires_grad=True)}
    report = tracer.check_backward(forward, backward, inputs)
    assert report.wrong is not None
    assert report.wrong.name == "dpred"


def test_arrays_of_jax_are_taken_too() -> None:
    """As data, parameters and constants, outside a traced function, and recorded."""
    jnp = pytest.importorskip("jax").numpy
    trace = tracer.trace(
        equations="loss = k * cross_entropy(X @ W, labels)",
        data={"X": jnp.array([[1.0, 2.0], [0.5, -1.0]]), "labels": jnp.array([1, 0])},
        parameters={"W": jnp.array([[0.5, -0.25], [1.0, 2.0]], dtype=jnp.bfloat16)},
        constants={"k": jnp.array(2.0)},
        iterations=1,
        learning_rate=0.1,
    )
    assert trace.iteration(1)["labels"].tolist() == [1, 0]
    outside = jnp.array([1.0, 3.0])

    def network(x: Any, w: Any) -> Any:
        return np.mean((outside * (x @ w) - w * outside) ** 2)

    function = tracer.trace(
        network,
        data={"x": jnp.eye(2)},
        parameters={"w": jnp.ones(2)},
        iterations=1,
        learning_rate=0.1,
    )
    assert function.loss[0] == 0
    run = tracer.load("one_weight").run()
    recorded = {1: {"w": jnp.array(0.5), "dloss/dw": jnp.array(3.0)}}
    [departure] = tracer.compare(run, recorded).departures
    assert departure.name == "dloss/dw"
    inputs = {"x": jnp.ones((4, 2)), "t": jnp.arange(4.0), "w": jnp.ones(2)}
    report = tracer.check_backward(forward, backward, inputs)
    assert report.wrong is not None
    assert report.wrong.name == "dpred"
