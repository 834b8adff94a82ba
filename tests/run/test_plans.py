"""Two kinds of plan, one result: a program as Python floats and as NumPy arrays."""

from __future__ import annotations

import numpy as np
import pytest

from tests.run.networks import (
    NETWORKS,
    OPTIMIZERS,
    bits,
    record_bits,
    run_on_arrays,
    scenario,
    written,
)
from tracer.frozen import replace
from tracer.program.scenario import Scenario
from tracer.run import scalars
from tracer.run.layout import Record
from tracer.run.plans import Plans
from tracer.run.runner import run_scenario
from tracer.run.schedule import Schedule
from tracer.run.trace import Replay, Trace


def assert_agree(one: Trace, other: Trace) -> None:
    """Both traces have the same names in the same iterations, and nearly the same numbers."""
    assert len(one) == len(other)
    for ours, theirs in zip(one.iterations(), other.iterations(), strict=True):
        assert list(ours) == list(theirs)
        for name in ours:
            assert np.allclose(ours[name], theirs[name], rtol=1e-11, atol=1e-14), name


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("network", NETWORKS)
def test_scalars_and_arrays_agree(
    network: str, optimizer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every quantity of every iteration is the same on both, with every optimizer."""
    setting = scenario(network, f'iterations = 5\noptimizer = "{optimizer}"')
    on_scalars = run_scenario(setting)
    on_arrays = run_on_arrays(setting, monkeypatch)
    assert type(on_scalars.segments[0].store) is not type(on_arrays.segments[0].store)
    assert_agree(on_scalars, on_arrays)


@pytest.mark.parametrize("network", ["matrices", "classes"])
def test_they_agree_on_batches(network: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches, the smaller last one of an epoch too, are the same on both."""
    setting = scenario(network, "epochs = 4\nbatch_size = 2\nshuffle = true\nseed = 3")
    on_arrays = run_on_arrays(setting, monkeypatch)
    assert len(on_arrays) == 4 * (2 if network == "matrices" else 3)
    assert_agree(run_scenario(setting), on_arrays)


@pytest.mark.parametrize("network", NETWORKS)
def test_recording_changes_no_bit_on_arrays(network: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Results written into columns and into buffers of the plan are the same to the last bit."""
    setting = scenario(network, 'iterations = 12\noptimizer = "adam"')
    recorded = run_on_arrays(setting, monkeypatch)
    off = run_on_arrays(setting, monkeypatch, record="none")
    assert {name: bits(values) for name, values in recorded.final.items()} == {
        name: bits(values) for name, values in off.final.items()
    }


DELAYED = """
v' = g
u' = v
W' = W - learning_rate * (u + v) / 2
"""
TURNED = """
b' = a + g
a' = b
W' = W - learning_rate * (a' + a)
"""


@pytest.mark.parametrize("update", [DELAYED, TURNED], ids=["delayed", "exchanged"])
@pytest.mark.parametrize("record", ["all", "none"])
def test_state_that_only_moves(update: str, record: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A state that another takes over is the one of before, in whichever way it is kept."""
    setting = written(
        "x = [0.5, -1]\ny = 0.3",
        "W = [0.4, 0.1]",
        "loss = (W @ x - y)**2",
        f'learning_rate = 0.2\niterations = 9\n[training.update]\nequations = """{update}"""',
    )
    names = "vu" if update is DELAYED else "ab"
    W = np.array([0.4, 0.1])
    x = np.array([0.5, -1])
    first = second = np.zeros(2)
    for _ in range(9):
        g = 2 * (W @ x - 0.3) * x
        if update is DELAYED:
            first, second, W = g, first, W - 0.2 * (second + first) / 2
        else:
            first, second, W = second, first + g, W - 0.2 * (second + first)
    for trace in (
        run_scenario(setting, record=record),  # type: ignore[arg-type]
        run_on_arrays(setting, monkeypatch, record=record),
    ):
        assert np.allclose(trace.final["W"], W, rtol=1e-12)
        assert np.allclose([trace.final[name] for name in names], [first, second], rtol=1e-12)


def plan_of(setting: Scenario) -> scalars.ScalarPlan:
    """Return the plan on scalars of a scenario."""
    plan = Plans(setting).plan(Schedule(None, 1)[0], None)
    assert isinstance(plan, scalars.ScalarPlan)
    return plan


def test_what_does_not_change_is_computed_once() -> None:
    """Arithmetic on settings and data alone stands before the loop."""
    setting = written(
        "x = 0.5",
        "w = 2",
        "h = tanh(x * 2 + 1)\nloss = (w * h)**2",
        'learning_rate = 0.1\niterations = 3\noptimizer = "adam"',
    )
    before, _, loop = plan_of(setting).source.partition("  for ")
    assert before.count("1.0 - k") == 2  # 1 - beta1 and 1 - beta2
    assert before.count("tanh(") == 1
    assert "1.0 - k" not in loop
    assert "tanh" not in loop


def test_equal_values_stand_in_a_row_once() -> None:
    """Gradients that are the same number share a column."""
    setting = scenario("number")
    trace = run_scenario(setting)
    names = trace.segments[0].store.names()
    assert plan_of(setting).row_bytes < 8 * len(names)


def test_a_long_sum_is_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Brackets in the source do not go deeper than Python allows."""
    x = [0.01 * place for place in range(300)]
    training = "learning_rate = 0.1\niterations = 3"
    setting = written(f"x = {x}", "w = 0.5", "loss = mean((x - w)**2)", training)
    assert_agree(run_scenario(setting), run_on_arrays(setting, monkeypatch))


def test_float32_runs_on_arrays() -> None:
    """A scenario in float32 is computed and recorded in float32."""
    trace = run_scenario(replace(scenario("matrices"), dtype="float32"))
    assert trace.values("W1").dtype == trace.values("p").dtype == np.float32
    assert np.allclose(trace.values("W1"), run_scenario(scenario("matrices")).values("W1"), 1e-4)


def test_large_arrays_run_as_arrays() -> None:
    """Above some 500 entries a program runs on arrays; its record is the same kind of record."""
    setting = written(
        "x = {shape = [40, 30], init = 'normal', seed = 1}\n"
        "y = {shape = [40, 3], init = 'normal', seed = 2}",
        "W = {shape = [30, 3], init = 'normal', seed = 3}",
        "loss = mse(tanh(x @ W), y)",
        "learning_rate = 0.1\niterations = 6",
    )
    trace = run_scenario(setting)
    assert trace.values("W").shape == (7, 30, 3)
    assert trace.loss[-1] < trace.loss[0]
    checkpoints = run_scenario(setting, record="checkpoints")
    assert record_bits(checkpoints) == record_bits(trace)


@pytest.mark.parametrize("record", ["all", "checkpoints"])
def test_single_numbers_of_float32_are_what_is_recorded(record: Record) -> None:
    """Each step starts from the numbers that are shown: replaying one gives its record."""
    network = written(
        "x = [1.1, 2.3]",
        "w = 0.1\nb = [0.1, 0.2]",
        "y = w * x + b\nq = w * w * 0.1\nloss = sum(y**2) + q",
        'optimizer = "adam"\nlearning_rate = 0.1\niterations = 3',
    )
    trace = run_scenario(replace(network, dtype="float32"), record=record)
    assert trace.values("q").dtype == np.float32
    for step in trace.iterations():
        again = Replay(trace).iteration(step.number)
        for equation in step.program.equations:
            assert np.array_equal(step[equation.name], again[equation.name]), equation.name
    x, b = np.array([1.1, 2.3], np.float32), np.array([0.1, 0.2], np.float32)
    tenth = np.float32(0.1)
    assert trace.iteration(1)["y"].tolist() == (tenth * x + b).tolist()
    assert trace.iteration(1)["q"] == tenth * tenth * tenth
