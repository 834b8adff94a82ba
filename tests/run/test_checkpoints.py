"""A record of checkpoints: little is kept, and everything can be asked for, to the last bit."""

from __future__ import annotations

import random
import sys
from threading import Thread
from typing import Any

import numpy as np
import pytest

import tracer
from tests.run.networks import NETWORKS, record_bits, run_on_arrays, scenario, written
from tracer.errors import RunError
from tracer.program.scenario import Scenario
from tracer.run import plans, runner
from tracer.run.layout import RECORDS, Record
from tracer.run.memory import MemoryLimitError
from tracer.run.runner import Run, run_scenario
from tracer.run.scalars import ScalarPlan
from tracer.run.trace import Trace

TRAINING = "learning_rate = 1\niterations = 20"
BATCHES = "epochs = 9\nbatch_size = 2\nshuffle = true\nseed = 5"


@pytest.fixture(autouse=True)
def short_stretches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set a checkpoint every seven steps, so that short runs have many."""
    monkeypatch.setattr(runner, "WINDOW_STEPS", 7)
    monkeypatch.setattr(runner, "CHECKPOINT_STEPS", 7)


def assert_same(checkpoints: Trace, whole: Trace) -> None:
    """Both traces say the same to the last bit, in order and from back to front."""
    assert checkpoints.record == "checkpoints"
    assert whole.record == "all"
    assert (checkpoints.fault, checkpoints.stopped) == (whole.fault, whole.stopped)
    expected = record_bits(whole)
    assert record_bits(checkpoints) == expected
    for number in range(len(whole), 0, -5):
        for name, value in whole.iteration(number).items():
            assert np.array_equal(checkpoints.iteration(number)[name], value, equal_nan=True)
    assert checkpoints.final == whole.final
    assert checkpoints.floats("loss") == whole.floats("loss")


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
@pytest.mark.parametrize("network", NETWORKS)
def test_scalars_are_computed_again(network: str, optimizer: str) -> None:
    """On scalars every iteration is the same as where all is kept."""
    setting = scenario(network, f'iterations = 40\noptimizer = "{optimizer}"')
    trace = run_scenario(setting, record="checkpoints")
    assert len(trace.segments) == 6
    assert_same(trace, run_scenario(setting))


@pytest.mark.parametrize("network", NETWORKS)
def test_arrays_are_computed_again(network: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """On arrays every iteration is the same as where all is kept."""
    setting = scenario(network, 'iterations = 40\noptimizer = "adam"')
    with monkeypatch.context() as patch:
        patch.setattr("tracer.run.plans.is_small", lambda built: False)
        assert_same(run_scenario(setting, record="checkpoints"), run_scenario(setting))


@pytest.mark.parametrize("arrays", [False, True])
def test_batches_are_computed_again(arrays: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Shuffled batches with a smaller last one are the same as where all is kept."""
    setting = scenario("matrices", BATCHES)
    if arrays:
        monkeypatch.setattr("tracer.run.plans.is_small", lambda built: False)
    assert_same(run_scenario(setting, record="checkpoints"), run_scenario(setting))


def test_values_are_computed_again() -> None:
    """A column of all iterations is put together stretch by stretch."""
    setting = scenario("matrices", "iterations = 40")
    trace, whole = run_scenario(setting, record="checkpoints"), run_scenario(setting)
    for name in ("W1", "W1'", "p", "dloss/dW2", "loss"):
        values = trace.values(name)
        assert np.array_equal(values, whole.values(name))
        assert not values.flags.writeable


def test_values_that_do_not_fit_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A column larger than the run's memory is refused; its iterations can still be had."""
    monkeypatch.setattr(runner, "CHECKPOINT_STEPS", 100)
    setting = scenario("matrices", "iterations = 40000")
    trace = run_scenario(setting, record="checkpoints", budget=1_500_000)
    assert len(trace.loss) == 40_000
    with pytest.raises(RunError, match=r"values of h .* do not fit into memory; found 1.83 MiB"):
        trace.values("h")
    assert trace.iteration(40_000)["h"].shape == (3, 2)


def test_a_stop_is_computed_again() -> None:
    """A run that ends early is the same as where all is kept."""
    setting = scenario("number", 'iterations = 500\nstop_when = "loss < 0.01"', 0.5)
    trace = run_scenario(setting, record="checkpoints")
    assert trace.stopped
    assert_same(trace, run_scenario(setting))


@pytest.mark.parametrize("arrays", [False, True])
@pytest.mark.parametrize("rate", [1.2, 3.0, 1e200])
def test_a_fault_is_found_again(rate: float, arrays: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that diverges ends at the same value as where all is kept."""
    setting = diverging(rate)
    if arrays:
        monkeypatch.setattr("tracer.run.plans.is_small", lambda built: False)
    whole = run_scenario(setting)
    assert whole.fault is not None
    assert_same(run_scenario(setting, record="checkpoints"), whole)


@pytest.mark.parametrize("record", RECORDS)
@pytest.mark.parametrize("rate", [3.0, 100.0])
def test_a_fault_far_from_a_checkpoint(record: Record, rate: float) -> None:
    """It is looked for window by window, and no more than one of them is kept whole."""
    whole = run_scenario(diverging(rate))
    budget = Run(diverging(rate), "checkpoints").memory() * 2 // 3
    trace = run_scenario(diverging(rate), record=record, budget=budget)
    assert whole.fault is not None
    assert (trace.fault, trace.final) == (whole.fault, whole.final)
    assert record_bits(trace) == record_bits(whole)
    if trace.record in ("checkpoints", "none"):
        assert all(segment.store.size() <= 7 * 5 * 8 for segment in trace.segments)


@pytest.mark.parametrize("record", RECORDS)
def test_python_refuses_the_first_step(record: Record) -> None:
    """Arrays go on where scalars have no value for the very first step."""
    setting = written("x = 1", "w = 800", "h = 1 / (1 + exp(w))\nloss = -w * x", TRAINING)
    trace = run_scenario(setting, record=record)
    assert (trace.fault, len(trace)) == (None, 20)
    assert record_bits(trace) == record_bits(run_scenario(setting))


def diverging(rate: float) -> Scenario:
    """Return the demo with a learning rate that is too large."""
    return tracer.load("one_weight").set("iterations=2000", f"learning_rate={rate!r}").scenario


def test_arithmetic_that_python_refuses_is_computed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that goes on with arrays after 1/0 or exp(710) is the same as where all is kept."""
    v = [0.1 * place for place in range(11)]
    equations = "h = 1 / (1 + exp(w))\nq = sum(cos(v * w) / 3)\nloss = -w * x"
    training = "learning_rate = 30\niterations = 60"
    setting = written(f"x = 1\nv = {v}", "w = 0", equations, training)
    whole = run_scenario(setting)
    assert len(whole) == 60
    on_arrays = run_on_arrays(setting, monkeypatch)
    assert on_arrays.floats("q")[:24] != whole.floats("q")[:24]  # NumPy adds in another order
    assert on_arrays.floats("q")[24:] == whole.floats("q")[24:]
    assert_same(run_scenario(setting, record="checkpoints"), whole)


def test_checkpoints_where_all_does_not_fit() -> None:
    """A record larger than the memory for it becomes one of checkpoints by itself."""
    setting = scenario("matrices", "iterations = 2000")
    whole = run_scenario(setting)
    size = Run(setting, "all").memory()
    assert run_scenario(setting, budget=size).record == "all"
    trace = run_scenario(setting, budget=size - 1)
    assert trace.nbytes < whole.nbytes / 5
    assert_same(trace, whole)


def test_checkpoints_are_set_apart_where_they_do_not_fit() -> None:
    """The less memory there is, the further checkpoints are apart; all can still be had."""
    setting = scenario("matrices", 'iterations = 4000\noptimizer = "adam"')
    size = Run(setting, "checkpoints").memory()
    close = run_scenario(setting, record="checkpoints", budget=size)
    apart = run_scenario(setting, record="checkpoints", budget=size // 2)
    starts = [sum(bool(segment.start) for segment in trace.segments) for trace in (close, apart)]
    assert starts[0] == 572 > 3 * starts[1] > 9
    assert_same(apart, run_scenario(setting))


def test_checkpoints_of_batches_are_as_far_apart_as_others() -> None:
    """A smaller last batch of each epoch begins a segment, and not always a checkpoint."""
    setting = scenario("classes", 'epochs = 40\nbatch_size = 2\noptimizer = "adam"')
    trace = run_scenario(setting, record="checkpoints")
    starts = [segment.first for segment in trace.segments if segment.start]
    assert starts == list(range(1, len(trace) + 1, 7))
    assert_same(trace, run_scenario(setting))


def test_neither_fits() -> None:
    """Where even checkpoints do not fit, the run is refused before its first step."""
    with pytest.raises(
        MemoryLimitError, match="this run does not fit into the memory that it may use"
    ):
        run_scenario(scenario("matrices", "iterations = 4000"), budget=10_000)


@pytest.mark.parametrize("record", ["checkpoints", "none", "gradients"])
def test_a_window_is_computed_once_for_a_reader_in_order(
    record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who reads all iterations in order has each step computed once, wherever it starts from."""
    trace = run_scenario(scenario("number", "iterations = 35"), record=record)
    steps = []
    run = ScalarPlan.run

    def counted(plan: ScalarPlan, carried: Any, first: int, batches: Any) -> Any:
        steps.append((first, len(batches)))
        return run(plan, carried, first, batches)

    monkeypatch.setattr(ScalarPlan, "run", counted)
    assert len(record_bits(trace)) > 35
    assert steps == [(1, 7), (8, 7), (15, 7), (22, 7), (29, 7)]


def test_memory_of_checkpoints() -> None:
    """A stretch costs its parameters and a loss a step, not its record."""
    setting = scenario("matrices", "iterations = 4000")
    whole = run_scenario(setting)
    trace = run_scenario(setting, record="checkpoints")
    assert sum(segment.store.size() for segment in trace.segments) == 8 * 4000
    assert sum(segment.store.size() for segment in whole.segments) > 300 * 4000


def test_threads_that_ask_at_the_same_time_get_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """The interface reads a trace while a check does; a plan has one set of buffers."""
    monkeypatch.setattr(plans, "is_small", lambda built: False)
    trace = run_scenario(scenario("matrices", "iterations = 140"), record="checkpoints")
    names = [equation.name for equation in trace.program.equations]
    places = [(number, name) for number in range(7, 141, 7) for name in names]
    expected = {(number, name): trace.iteration(number)[name] for number, name in places}
    wrong: list[tuple[int, str]] = []

    def read(seed: int) -> None:
        for number, name in random.Random(seed).choices(places, k=300):
            if not np.array_equal(trace.iteration(number)[name], expected[number, name]):
                wrong.append((number, name))

    threads = [Thread(target=read, args=(seed,)) for seed in range(3)]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert wrong == []
