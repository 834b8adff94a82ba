"""Every activation, loss, gradient and updated parameter is PyTorch's, to 1e-10, in both plans.

make.py wrote the scenarios (`name.toml`) and what PyTorch computed (`name.json`).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tracer.narrative.derivation import derivation
from tracer.narrative.derivation_options import Options
from tracer.operations import table
from tracer.program.optimizers import OPTIMIZERS
from tracer.program.scenario import Scenario, load
from tracer.run.runner import run_scenario
from tracer.run.scalars import ScalarStore
from tracer.run.trace import Trace

HERE = Path(__file__).parent
NAMES = sorted(path.stem for path in HERE.glob("*.toml"))
TOLERANCE = 1e-10
MOST_BYTES = 600_000

CALLED = """abs avg_pool1d avg_pool2d bce bce_with_logits causal_mask concat conv1d conv2d cos
    cross_entropy deviation dropout_with elu erf exp flatten gelu gelu_tanh half_squared_error
    layer_norm leaky_relu log log_softmax logsumexp mae max max_pool1d max_pool2d maximum mean min
    minimum mse nll one_hot outer pick prelu relu reshape sigmoid sign silu sin softmax softplus
    sqrt square squared_error stack standardize step sum tanh transpose where zeros"""

# Labels that change from step to step keep these from the scalar plan.
ONLY_ARRAYS = {"ragged_batches", "ragged_embedding"}
# PyTorch keeps the 1e-12 of its binary cross-entropy in single precision: 9.99999996e-13.
LOOSER = {("saturated_sigmoid", "dloss/dp"): 5e-9}


def run(scenario: Scenario, *, arrays: bool) -> Trace:
    """Return the trace of a run on arrays, or on scalars where labels are known before it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tracer.run.plans.is_small", lambda built: not arrays)
        return run_scenario(scenario)


def differences(trace: Trace, name: str) -> dict[tuple[int, str], float]:
    """Return how far each value is from PyTorch's: |a - b| / max(1, |b|), the largest entry."""
    reference = json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))
    assert len(trace) == len(reference)
    found = {}
    for step, iteration in zip(reference, trace.iterations(), strict=True):
        assert step["samples"] is None or list(iteration.samples or ()) == step["samples"]
        for quantity, value in step["values"].items():
            theirs = np.array(value, dtype=float)
            ours = np.array(iteration[quantity])
            assert ours.shape == theirs.shape, quantity
            assert np.all(np.isfinite(ours)), quantity
            error = np.abs(ours - theirs) / np.maximum(1, np.abs(theirs))
            found[iteration.number, quantity] = float(error.max())
    return found


@pytest.mark.parametrize("arrays", [False, True], ids=["scalars", "arrays"])
@pytest.mark.parametrize("name", NAMES)
def test_every_value_is_that_of_pytorch(name: str, arrays: bool) -> None:
    """Values, gradients and updates of every step, relative or absolute 1e-10."""
    trace = run(load(HERE / f"{name}.toml"), arrays=arrays)
    assert trace.fault is None
    scalars = {isinstance(segment.store, ScalarStore) for segment in trace.segments}
    assert scalars == {not arrays and name not in ONLY_ARRAYS}
    found = differences(trace, name)
    wrong = {
        (number, quantity): error
        for (number, quantity), error in found.items()
        if not error <= LOOSER.get((name, quantity), TOLERANCE)
    }
    assert not wrong


@pytest.mark.parametrize("name", NAMES)
def test_every_equation_and_parameter_was_compared(name: str) -> None:
    """No named quantity, no gradient of a parameter and no update is left out of a reference."""
    trace = run(load(HERE / f"{name}.toml"), arrays=True)
    [step, *_] = json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))
    program = trace.program
    trained = {name for name in program.carried if name in program.parameters}
    wanted = {f"{name}'" for name in trained} | {f"dloss/d{name}" for name in program.parameters}
    assert wanted <= set(step["values"])
    assert program.loss in step["values"]


def _calls() -> str:
    return "\n".join((HERE / f"{name}.toml").read_text(encoding="utf-8") for name in NAMES)


@pytest.mark.parametrize("operation", CALLED.split())
def test_every_operation_a_scenario_calls_is_in_some_network(operation: str) -> None:
    """The references cover the language."""
    assert operation in table()
    assert f"{operation}(" in _calls()


@pytest.mark.parametrize(
    "optimizer", [name for name, rule in OPTIMIZERS.items() if "PyTorch" in rule.frameworks]
)
def test_every_optimizer_runs_with_its_defaults_and_with_other_settings(optimizer: str) -> None:
    """Each that PyTorch has is in a network without settings, and in one that names them all."""
    training: list[dict[str, Any]] = []
    for name in NAMES:
        found = load(HERE / f"{name}.toml").training
        assert found is not None
        if found.optimizer == optimizer:
            training.append(dict(found.settings))
    wanted = "tests/references/make.py is to have a network that "
    assert {} in training, f"{wanted}leaves all its settings out"
    assert any("weight_decay" in settings for settings in training), f"{wanted}has weight_decay"
    named = {key for settings in training for key in settings}
    assert set(OPTIMIZERS[optimizer].defaults) <= named, f"{wanted}names all its settings"


def test_the_references_are_small() -> None:
    """They are part of the repository."""
    data = [*HERE.glob("*.toml"), *HERE.glob("*.json")]
    assert sum(path.stat().st_size for path in data) < MOST_BYTES


def worst() -> list[tuple[float, str, str, int, str]]:
    """Return the largest difference of each network and plan; `python -m` prints them."""
    result = []
    for name in NAMES:
        for arrays in (False, True):
            trace = run(load(HERE / f"{name}.toml"), arrays=arrays)
            (number, quantity), error = max(
                differences(trace, name).items(), key=lambda item: item[1]
            )
            plan = "arrays" if arrays else "scalars"
            result.append((error, name, plan, number, quantity))
    return sorted(result, reverse=True)


if __name__ == "__main__":
    for line in worst():
        print(*line)


def test_a_last_batch_on_numbers_goes_on_from_steps_on_arrays() -> None:
    """Of 5 images in batches of 2 the last one is small enough to be computed number by number."""
    scenario = load(str(HERE / "image_convolution.toml"))
    mixed, whole = run_scenario(scenario), run(scenario, arrays=True)
    loss = [trace.floats("loss") for trace in (mixed, whole)]
    assert loss[0] == pytest.approx(loss[1], rel=TOLERANCE)


def test_an_entry_is_told_by_those_of_an_equal_part() -> None:
    """Two equations have the product d W_2 in them; the second one's line names the first."""
    trace = run_scenario(load(str(HERE / "dropout_mask.toml")))
    assert list(derivation(trace, Options()))
