"""Small networks that the tests of runs share, and ways to run them."""

from __future__ import annotations

import struct

import pytest

from tracer.program.optimizers import OPTIMIZERS
from tracer.program.scenario import Scenario, loads
from tracer.run import plans
from tracer.run.runner import run_scenario
from tracer.run.trace import Trace

__all__ = [
    "NETWORKS",
    "OPTIMIZERS",
    "bits",
    "record_bits",
    "run_on_arrays",
    "scenario",
    "written",
]

NETWORKS = {
    "number": (
        "x = 0.7\ny = 0.2",
        "w = 0.4\nb = -0.3",
        "p = tanh(w * x + b)\nloss = (p - y)**2",
    ),
    "matrices": (
        "x = [[0.5, -1], [1.5, 2], [-0.25, 0.75]]\ny = [[1, 0], [0, 1], [0.5, 0.5]]",
        "W1 = [[0.1, -0.2], [0.4, 0.3]]\nb1 = [0.1, -0.1]\nW2 = [[0.7, -0.5], [-0.3, 0.2]]",
        "h = sigmoid(x @ W1.T + b1)\np = softmax(h @ W2.T)\nloss = mse(p, y)",
    ),
    "classes": (
        "x = [[0.5, -1], [1.5, 2], [-0.25, 0.75], [1, 1], [0, -2]]\nlabels = [0, 2, 1, 1, 0]",
        "W = [[0.1, -0.2], [0.4, 0.3], [-0.6, 0.2]]\nb = [0, 0.1, -0.1]",
        "z = relu(x @ W.T + b) + x @ W.T\nloss = cross_entropy(z, labels)",
    ),
    "shared": (
        "x = [0.3, -0.8, 1.2]\ny = [1, 0, 1]",
        "w = [0.2, -0.1, 0.5]\nc = 1.5",
        "h = exp(-(w * x)**2) + c * w\np = sigmoid(h + c)\nloss = bce(p, y) + sum(w**2) / 10",
    ),
}


def scenario(network: str, training: str = "iterations = 4", rate: float = 0.1) -> Scenario:
    """Return one of the networks with these keys of `[training]`."""
    data, parameters, equations = NETWORKS[network]
    return written(data, parameters, equations, f"learning_rate = {rate}\n{training}")


def written(data: str, parameters: str, equations: str, training: str) -> Scenario:
    """Return a scenario from its tables."""
    text = (
        f"[data]\n{data}\n[parameters]\n{parameters}\n"
        f'[network]\nequations = """\n{equations}\n"""\n[training]\n{training}\n'
    )
    return loads(text, name="network")


def run_on_arrays(network: Scenario, monkeypatch: pytest.MonkeyPatch, **options: object) -> Trace:
    """Run a scenario on arrays, however small it is."""
    with monkeypatch.context() as patch:
        patch.setattr(plans, "is_small", lambda built: False)
        return run_scenario(network, **options)  # type: ignore[arg-type]


def bits(values: list[float]) -> bytes:
    """Return what tells floats apart to the last bit; -0.0 from 0.0 and nan from nan as well."""
    return struct.pack(f"{len(values)}d", *values)


def record_bits(trace: Trace) -> list[tuple[int, str, bytes]]:
    """Return all quantities of all iterations to the last bit."""
    return [
        (iteration.number, name, bits(iteration.floats(name)))
        for iteration in trace.iterations()
        for name in iteration
    ]
