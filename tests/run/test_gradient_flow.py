"""Gradients by layer and by time step."""

from __future__ import annotations

import math

import pytest

from tests.run.networks import written
from tracer.run.gradient_flow import GradientFlow, gradient_flow
from tracer.run.runner import run_scenario


def _flow(weight: float, steps: int = 12) -> GradientFlow:
    """Return the flow of h[t + 1] = w·h[t]: each step back multiplies the gradient by w."""
    equations = f"h[0] = u * x\nfor t in range({steps}):\n    h[t + 1] = w * h[t]\n"
    network = written(
        "x = 1\ny = 0",
        f"u = 1\nw = {weight}",
        f"{equations}loss = (h[{steps}] - y)**2",
        "learning_rate = 0.001\niterations = 1",
    )
    return gradient_flow(run_scenario(network))


@pytest.mark.parametrize(
    ("weight", "tendency"),
    [(0.5, "vanishes"), (0.9, "shrinks"), (1, "keeps"), (1.1, "grows"), (2, "explodes")],
)
def test_a_gradient_over_time_is_multiplied_by_the_weight(weight: float, tendency: str) -> None:
    """From 2⁻¹⁰ and 2¹⁰ on, a thousandth and a thousandfold, it has vanished or exploded."""
    (time,) = _flow(weight).times
    assert time.family == "h"
    assert math.isclose(time.factor, weight, rel_tol=1e-12)
    assert time.tendency == tendency
    assert [number for number, _ in time.sizes] == list(range(13))


def test_layers_and_parameters_have_their_sizes() -> None:
    """Root mean squares of the recorded values and gradients, and the first step by its size."""
    network = written(
        "x = [3, 4]\ny = 1",
        "W = [[1, 0], [0, 1]]\nv = [1, 1]",
        "h = W @ x\nloss = (sum(v * h) - y)**2",
        "learning_rate = 0.01\niterations = 1",
    )
    flow = gradient_flow(run_scenario(network))
    (hidden,) = flow.layers
    assert (hidden.name, hidden.shape) == ("h", (2,))
    assert math.isclose(hidden.value, math.sqrt(25 / 2))
    assert math.isclose(hidden.gradient, 12)  # 2 · (7 − 1) for each entry
    first, second = flow.parameters
    assert (first.name, second.name) == ("W", "v")
    assert math.isclose(second.gradient, 12 * math.sqrt(25 / 2))
    assert second.ratio is not None
    assert math.isclose(second.ratio, 0.01 * 12 * 5 / math.sqrt(2))
    assert flow.tendency == "keeps"
    sizes = {"value": hidden.value, "gradient": hidden.gradient, "ratio": None}
    data = flow.as_dictionary()
    assert data["layers"] == [{"name": "h", "shape": [2], **sizes}]
    assert [row["ratio"] for row in data["parameters"]] == [first.ratio, second.ratio]


def test_a_gradient_is_compared_with_the_one_that_all_of_it_comes_from() -> None:
    """One layer after the other; h feeds two, so that neither is where its gradient comes from."""
    network = written(
        "x = 1\ny = 0",
        "u = 1\nw = 0.5",
        "h = u * x\na = w * h\nb = tanh(a)\nc = sin(h)\nd = b + c\nunused = b * b\n"
        "loss = (d - y)**2",
        "learning_rate = 0.001\niterations = 1",
    )
    layers = {row.name: row.layer for row in gradient_flow(run_scenario(network)).layers}
    assert layers == {"h": "", "a": "b", "b": "d", "c": "d", "d": ""}


def test_parameters_of_one_layer_have_no_tendency() -> None:
    """An offset that has no gradient beside a weight is in the same layer: nothing vanishes."""
    network = ("x = [1, 2]\ny = [3, 1]", "c = 3\nw = 0.5", "loss = mse(w * x, y) + 0 * c")
    trace = run_scenario(written(*network, "learning_rate = 0.1\niterations = 2"))
    assert gradient_flow(trace).tendency is None


def test_only_what_the_gradient_passes_through_from_step_to_step_has_a_flow() -> None:
    """No o[t] is computed from another; where the loss looks at each, it reaches each h[t] anew."""
    for seen, families in (("o[3]", ["h"]), ("o[1] + o[2] + o[3]", [])):
        network = written(
            "x = 1\ny = 0",
            "u = 1\nw = 0.5",
            "h[0] = u * x\nfor t in range(3):\n    h[t + 1] = w * h[t]\n"
            f"    o[t + 1] = u * h[t + 1]\nloss = ({seen} - y)**2",
            "learning_rate = 0.001\niterations = 1",
        )
        assert [flow.family for flow in gradient_flow(run_scenario(network)).times] == families
