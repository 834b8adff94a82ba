"""Sweeps: runs that go together come to what each comes to by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest

from tests.case_lists import crossed
from tests.run.networks import NETWORKS, OPTIMIZERS, scenario, written
from tracer.errors import RunError
from tracer.program.scenario import Scenario, load, loads
from tracer.program.sweep_axes import SweepAxis, read_axis, seed_axis, sweep_points
from tracer.run import sweep_runs as sweeps
from tracer.run.runner import run_scenario
from tracer.run.sweep_runs import RunFigures, Sweep, figures_of, run_sweep

RATES = "learning_rate=0.01:1.5:4"


def _each(network: Scenario, axes: Sequence[SweepAxis]) -> list[RunFigures]:
    """Return what each run comes to by itself."""
    return [figures_of(run_scenario(point.scenario)) for point in sweep_points(network, axes)]


def _swept(network: Scenario, *axes: str, together: bool = True) -> tuple[Sweep, list[RunFigures]]:
    read = [read_axis(text) for text in axes]
    sweep = run_sweep(network, read)
    assert sweep.together == (len(sweep.runs) if together else 0)
    return sweep, _each(network, read)


@pytest.mark.parametrize(("network", "optimizer"), crossed(NETWORKS, OPTIMIZERS))
def test_runs_together_have_the_bits_of_single_runs(network: str, optimizer: str) -> None:
    """Of every optimizer and network: functions too are those of a run by itself."""
    training = f'iterations = 12\noptimizer = "{optimizer}"'
    sweep, alone = _swept(scenario(network, training), RATES)
    assert [run.figures for run in sweep.runs] == alone


def test_a_run_that_multiplies_each_difference_is_the_single_run() -> None:
    """Where a last place would become a tenth of the loss in 500 iterations."""
    sweep, alone = _swept(load("xor"), "optimizer=rmsprop", "learning_rate=0.1,0.5,2")
    assert [run.figures for run in sweep.runs] == alone


@pytest.mark.parametrize(
    "axes", [["learning_rate=0.1"], ["optimizer=sgd,adam"], ["iterations=1,3,7"]]
)
def test_a_run_may_have_a_program_or_a_length_of_its_own(axes: list[str]) -> None:
    """Nothing then differs between the runs that go together."""
    for name in ("one_weight", "linear_regression"):
        sweep, alone = _swept(load(name), *axes)
        assert [run.figures for run in sweep.runs] == alone


def test_a_run_that_diverges_ends_where_it_ends_alone() -> None:
    """The first value that is not finite: its iteration, its name and its kind; others go on."""
    network = written(
        "x = 2", "w = 3", "p = w * x\nloss = p**2", "learning_rate = 1\niterations = 400"
    )
    sweep, alone = _swept(network, "learning_rate=0.1:40:9")
    assert [run.figures for run in sweep.runs] == alone
    faults = [run.figures.fault for run in sweep.runs]
    assert faults[0] is None
    assert len({fault.iteration for fault in faults if fault is not None}) > 2


@pytest.mark.parametrize("w", ["exp(w * x * 300)", "1 / (w - 1)", "log(w) + x", "sqrt(w - 1)"])
def test_a_fault_of_one_run_leaves_the_others_as_they_are(w: str) -> None:
    """Overflow, a pole, the logarithm of 0 and a root below 0, each in some of the runs."""
    network = written("x = 1", "w = 2", f"loss = {w}", "learning_rate = 0.001\niterations = 5")
    sweep, alone = _swept(network, "w=0:4:9")
    faults = [run.figures.fault for run in sweep.runs]
    assert any(faults)
    assert not all(faults)
    assert [run.figures for run in sweep.runs] == alone


def test_what_python_refuses_in_all_runs_is_a_fault_of_each() -> None:
    """A division by zero that no value of the sweep changes ends each run in its first step."""
    network = written(
        "x = 1", "w = 2", "k = 1 / (x - 1)\nloss = k * w", "learning_rate = 1\niterations = 3"
    )
    sweep, alone = _swept(network, RATES)
    assert [run.figures for run in sweep.runs] == alone
    assert {run.figures.outcome for run in sweep.runs} == {"fault"}


def test_masks_of_minus_infinity_are_no_faults() -> None:
    """A causal mask before a softmax holds it in every run, and each goes on."""
    network = written(
        "x = [[0.5, -1], [1.5, 2]]\ny = [[1, 0], [0.5, 0.5]]",
        "W = [[0.1, -0.2], [0.4, 0.3]]",
        "s = causal_mask(x @ W)\np = softmax(s)\nloss = sum((p - y)**2)",
        "learning_rate = 0.1\niterations = 6",
    )
    sweep, alone = _swept(network, RATES)
    assert [run.figures for run in sweep.runs] == alone
    assert {run.figures.fault for run in sweep.runs} == {None}


def test_each_run_stops_when_its_own_loss_is_reached() -> None:
    """`stop_when` ends a run, and the others go on."""
    network = written(
        *("x = 1", "w = 3", "loss = (w - x)**2"),
        'learning_rate = 0.1\niterations = 60\nstop_when = "loss < 0.001"',
    )
    sweep, alone = _swept(network, "learning_rate=0.02:0.9:12")
    assert [run.figures for run in sweep.runs] == alone
    assert len({run.figures.iterations for run in sweep.runs if run.figures.stopped}) > 3
    assert not all(run.figures.stopped for run in sweep.runs)


@pytest.mark.parametrize("order", ["", "shuffle = true\nseed = 3\n"])
def test_batches_are_those_of_the_single_run(order: str) -> None:
    """A smaller last batch has a program of its own; shuffled samples come in the same order."""
    network = scenario("matrices", f"epochs = 5\nbatch_size = 2\n{order}")
    sweep, alone = _swept(network, RATES)
    assert [run.figures for run in sweep.runs] == alone


def test_seeds_draw_parameters_and_data_of_each_run() -> None:
    """Drawn values differ from seed to seed, and runs with them go together all the same."""
    network = loads(
        '[random]\nseed = 1\n[data]\nx = {shape = [4, 2], init = "normal"}\ny = [1, 0, 1, 1]\n'
        '[parameters]\nw = {shape = [2], init = "normal"}\n'
        '[network]\nequations = "loss = sum((x @ w - y)**2)"\n'
        "[training]\nlearning_rate = 0.01\nepochs = 3\nbatch_size = 2\nshuffle = true\nseed = 4\n"
    )
    axes = [read_axis("learning_rate=0.01:0.05:3"), seed_axis(network, 4)]
    assert axes[1].keys == ("random.seed", "training.seed")
    sweep = run_sweep(network, axes)
    alone = _each(network, axes)
    assert sweep.together == len(sweep.runs) == 12
    assert len({run.figures.first_loss for run in sweep.runs}) == 4
    assert [run.figures for run in sweep.runs] == alone


def test_other_labels_are_other_programs() -> None:
    """What a label chooses is decided before the run, so runs with other labels go apart."""
    network = scenario("classes")
    sweep, alone = _swept(network, "labels=[0, 2, 1, 1, 0],[1, 1, 1, 0, 2]", RATES)
    assert sweep.runs[0].figures.first_loss != sweep.runs[-1].figures.first_loss
    assert [run.figures for run in sweep.runs] == alone


def test_large_programs_run_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the way that the caller hands in, and to the same figures."""
    network = scenario("matrices")
    monkeypatch.setattr(sweeps, "is_small", lambda built: False)
    taken: list[int] = []

    def mapped(function: Callable[[Any], Any], tasks: Sequence[Any]) -> Iterable[tuple[int, Any]]:
        taken.append(len(tasks))
        return enumerate(map(function, tasks))

    axes = [read_axis("learning_rate=0.1:0.5:4"), read_axis("optimizer=sgd,adam")]
    sweep = run_sweep(network, axes, run_tasks=mapped)
    assert (taken, sweep.together) == ([8], 0)
    assert [run.figures for run in sweep.runs] == _each(network, axes)


def test_float32_runs_one_by_one() -> None:
    """Vectors are doubles; a run in single precision stays what it is."""
    network = scenario("number").with_overrides(["dtype=float32"])
    sweep, alone = _swept(network, RATES, together=False)
    assert [run.figures for run in sweep.runs] == alone


def test_a_variant_is_swept_as_it_is_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Values go on top of the variant, in vectors and one by one."""
    network = load("optimizers")
    network = network.variant(network.variants[1].name).with_overrides(["iterations=5"])
    axes = [read_axis("learning_rate=0.01:0.1:3")]
    together = run_sweep(network, axes)
    monkeypatch.setattr(sweeps, "is_small", lambda built: False)
    alone = run_sweep(network, axes)
    assert (together.together, alone.together) == (3, 0)
    assert together.runs == alone.runs
    assert {run.figures.iterations for run in alone.runs} == {5}


def test_a_scenario_without_a_loss_is_refused() -> None:
    """There is nothing to compare its runs by."""
    network = loads('[data]\nx = 1\n[network]\nequations = "y = 2 * x"\n')
    with pytest.raises(RunError, match="no loss") as caught:
        run_sweep(network, [read_axis("x=1:2:3")])
    assert caught.value.expected


def test_more_runs_than_a_vector_holds_are_taken_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The runs of all parts come in the order of the values, and progress counts them."""
    monkeypatch.setattr(sweeps, "CHUNK", 3)
    counts: list[tuple[int, int]] = []
    axes = [read_axis("learning_rate=0.1:0.8:8")]
    sweep = run_sweep(load("one_weight"), axes, progress=lambda *done: counts.append(done))
    assert [run.figures for run in sweep.runs] == _each(load("one_weight"), axes)
    assert counts == [(3, 8), (6, 8), (8, 8)]
