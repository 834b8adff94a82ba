"""What a trace says of a run: its values, its names, its questions that have no answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tracer
from tests.run.networks import OPTIMIZERS, bits, record_bits, scenario, written
from tracer.errors import LimitError, RunError, UnknownNameError
from tracer.memo import PROGRAMS
from tracer.program.scenario import Scenario, load
from tracer.run.layout import RECORDS, Record
from tracer.run.run_report import RunReport
from tracer.run.runner import run_scenario


def test_one_weight_is_as_in_the_article() -> None:
    """The demo's three iterations have exactly the article's numbers."""
    trace = tracer.load("one_weight").run()
    names = ("y_pred", "loss", "dloss/dw", "w'")
    assert [[iteration[name] for name in names] for iteration in trace.iterations()] == [
        [0.5, 2.25, -3.0, 0.8],
        [0.8, 1.44, -2.4, 1.04],
        [1.04, 0.9216, -1.92, 1.232],
    ]
    assert trace.values("w").tolist() == [0.5, 0.8, 1.04, 1.232]
    assert trace.loss.tolist() == [2.25, 1.44, 0.9216]
    assert trace.iteration(2)["w"] == 0.8


def test_parameter_before_and_after() -> None:
    """`w` is what an iteration used and `w'` what it left; `values("w")` has one entry more."""
    trace = run_scenario(scenario("matrices"))
    for number in range(2, len(trace) + 1):
        before = trace.iteration(number)["W1"]
        assert np.array_equal(before, trace.iteration(number - 1)["W1'"])
    assert trace.values("W1").shape == (5, 2, 2)
    assert trace.values("W1'").shape == (4, 2, 2)
    assert np.array_equal(trace.values("W1")[1:], trace.values("W1'"))
    assert trace.values("W1")[0].tolist() == [[0.1, -0.2], [0.4, 0.3]]


def test_values_are_those_of_the_iterations() -> None:
    """A column holds what the iterations say, and `floats` the same without NumPy."""
    trace = run_scenario(scenario("matrices", "iterations = 7"))
    for name in ("p", "dloss/dW1", "loss"):
        column = trace.values(name)
        rows = [trace.iteration(number)[name] for number in range(1, 8)]
        assert np.array_equal(column, np.array(rows))
    assert trace.floats("loss") == trace.loss.tolist()


def test_chunks_join_without_a_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    """A record of many chunks is the same as one of a single chunk."""
    network = scenario("matrices", 'iterations = 50\noptimizer = "adam"')
    whole = run_scenario(network)
    monkeypatch.setattr("tracer.run.runner.CHUNK_BYTES", 3000)
    parts = run_scenario(network)
    assert len(whole.segments) == 1 < len(parts.segments)
    assert record_bits(parts) == record_bits(whole)
    assert np.array_equal(parts.values("W1"), whole.values("W1"))
    assert parts.floats("loss") == whole.floats("loss")


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_recording_changes_no_bit(optimizer: str) -> None:
    """Parameters and state come out the same to the last bit, whatever is recorded."""
    network = scenario("matrices", f'iterations = 30\noptimizer = "{optimizer}"')
    finals = [run_scenario(network, record=record).final for record in RECORDS]
    ends = [{name: bits(values) for name, values in final.items()} for final in finals]
    assert all(end == ends[0] for end in ends)
    assert len(ends[0]) >= 3


def test_final_is_what_the_last_iteration_left() -> None:
    """`final` holds the updated parameters, `initial` those of the start."""
    trace = run_scenario(scenario("matrices"))
    assert trace.final["W1"] == trace.iteration(4).floats("W1'")
    assert trace.initial["W1"] == [0.1, -0.2, 0.4, 0.3]


@pytest.mark.parametrize("record", RECORDS)
def test_what_is_not_kept_is_computed_again(record: Record) -> None:
    """Every quantity of every iteration can be had of every record, in any order."""
    network = scenario("matrices", 'iterations = 30\noptimizer = "adam"')
    whole, trace = run_scenario(network), run_scenario(network, record=record)
    assert trace.record == record
    assert trace.nbytes <= whole.nbytes
    assert record_bits(trace) == record_bits(whole)
    for name in ("W1", "W1'", "dloss/dW1", "h", "loss"):
        assert np.array_equal(trace.values(name), whole.values(name))
    for number in (30, 1, 17, 16, 2):
        assert dict(trace.iteration(number)).keys() == dict(whole.iteration(number)).keys()
        assert trace.iteration(number).floats("W2") == whole.iteration(number).floats("W2")


def test_records_from_most_to_least() -> None:
    """Each level of recording keeps less than the one before."""
    network = scenario("matrices", 'iterations = 3000\noptimizer = "adam"')
    sizes = [run_scenario(network, record=record).nbytes for record in RECORDS]
    assert sizes == sorted(sizes, reverse=True)
    assert len(set(sizes)) == len(RECORDS)


def test_arrays_are_read_only() -> None:
    """Nobody can change a record through what it hands out."""
    trace = run_scenario(scenario("matrices"))
    for array in (trace.values("W1"), trace.values("p"), trace.loss, trace.iteration(1)["p"]):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_unknown_name_lists_what_is_near() -> None:
    """A name that is not there brings the names that are near it."""
    trace = run_scenario(scenario("matrices"))
    for ask in (lambda: trace.values("los"), lambda: trace.iteration(1)["los"]):
        with pytest.raises(UnknownNameError, match=r"no quantity 'los'.*did you mean loss"):
            ask()
    with pytest.raises(UnknownNameError, match="x is given"):
        trace.values("x")


@pytest.mark.parametrize("number", [0, -1, 5, 1.5])
def test_iteration_that_is_not_there(number: float) -> None:
    """Iterations count from 1; there is none before and none after the last."""
    trace = run_scenario(scenario("number"))
    with pytest.raises(RunError, match=rf"no iteration {number}; expected .* from 1 to 4"):
        trace.iteration(number)  # type: ignore[arg-type] # what a person may pass


def test_too_many_iterations() -> None:
    """More iterations than tracer runs are refused before the first."""
    training = "learning_rate = 0.1\nepochs = 6000000\nbatch_size = 1"
    with pytest.raises(LimitError, match="too many iterations"):
        run_scenario(written("x = [1, 2]", "w = 0.5", "loss = mean((w * x)**2)", training))


@pytest.mark.parametrize("name", ["np", "lambda", "out", "t", "offset", "pack", "v1", "c0", "K0"])
def test_parameter_with_a_name_of_the_plan(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A parameter may be called like anything in the generated source, or like a word of Python."""
    training = "learning_rate = 0.1\niterations = 3"
    network = written("x = 1", f"{name} = 0.5", f"loss = ({name} * x - 2)**2", training)
    for small in (True, False):
        monkeypatch.setattr("tracer.run.plans.is_small", lambda built, small=small: small)
        assert run_scenario(network).values(name).tolist() == pytest.approx([0.5, 0.8, 1.04, 1.232])


@pytest.mark.parametrize("training", ["sample = 1", "samples = [2, 0]", ""])
def test_chosen_samples(training: str) -> None:
    """`sample` sees one without its axis, `samples` these in their order, nothing all of them."""
    trace = run_scenario(scenario("classes", f"iterations = 2\n{training}"))
    seen = {"sample = 1": [1], "samples = [2, 0]": [2, 0], "": [0, 1, 2, 3, 4]}[training]
    iteration = trace.iteration(2)
    x = np.array([[0.5, -1], [1.5, 2], [-0.25, 0.75], [1, 1], [0, -2]])
    expected = x[1] if training == "sample = 1" else x[seen]
    assert iteration["x"].tolist() == expected.tolist()
    assert iteration.samples == tuple(seen)
    z = expected @ iteration["W"].T
    assert np.allclose(iteration["z"], np.maximum(z + iteration["b"], 0) + z)


def test_stop_when() -> None:
    """A run ends after the first iteration that meets its condition, which is still recorded."""
    trace = run_scenario(scenario("number", 'iterations = 500\nstop_when = "loss < 0.01"', 0.5))
    losses = trace.loss.tolist()
    assert trace.stopped
    assert losses[-1] < 0.01 <= min(losses[:-1])
    assert len(trace) == len(losses) < 500


def test_stop_when_reads_the_iteration_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """A condition on a parameter is about `w`, what the iteration used, in both kinds of plan."""
    network = scenario("number", 'iterations = 500\nstop_when = "w > 0.45"', 0.5)
    lengths = []
    for small in (True, False):
        monkeypatch.setattr("tracer.run.plans.is_small", lambda built, small=small: small)
        trace = run_scenario(network)
        lengths.append(len(trace))
        assert trace.stopped
        assert trace.iteration(len(trace) - 1)["w"] <= 0.45 < trace.iteration(len(trace))["w"]
    assert lengths[0] == lengths[1]


def test_progress_ends_at_the_end() -> None:
    """Progress is told from before the first iteration on, up to the number of iterations."""
    told: list[tuple[int, int]] = []
    run_scenario(
        scenario("number", "iterations = 5000"),
        record="checkpoints",
        progress=lambda done, count: told.append((done, count)),
    )
    assert told[0] == (0, 5000)
    assert [each for each in told if each[0]] == [(1000 * part, 5000) for part in range(1, 6)]


def test_memory_grows_with_the_values_only() -> None:
    """A long run on all samples holds its rows, and nothing else for each step."""
    import tracemalloc

    network = tracer.load("one_weight").set("training.iterations=50000")
    network.run()
    tracemalloc.start()
    trace = network.run()
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(trace) == 50_000
    assert size < 1.02 * 50_000 * 5 * 8


def test_a_name_that_is_wider_than_its_figures_has_several_rows() -> None:
    """So that the table of a run fits into a terminal."""
    trace = run_scenario(load("one_weight"))
    rows = [{"loss (mean of batches)": 1.5, "loss": 0.25}, {"loss (mean of batches)": 0.75}]
    assert [*RunReport(trace, "epoch", rows, {}, {}).lines()] == [
        "           loss",
        "       (mean of",
        "epoch  batches)  loss",
        "    1       1.5  0.25",
        "    2      0.75",
    ]


ADAM = "optimizer = 'adam'\niterations = 3"
STEPS = "iterations = 2\nlearning_rate = 0.1"
PARTS = "y = labels[0:2]\nloss = cross_entropy(logits, y)"  # labels that have a name of their own
WITH_LABELS = written("labels = [0, 1, 2]", "logits = [[1, 2, 3], [4, 5, 7]]", PARTS, STEPS)
SUMS = "loss = sum(sum(w * x, axis=n)**2)"
WITH_AXIS = written("x = [[1, 2], [3, 5]]\n[constants]\nn = 0", "w = 3", SUMS, STEPS)
PAIRS: dict[str, tuple[Scenario, Scenario]] = {
    name: (first, first.with_overrides(settings))
    for name, first, settings in (
        (
            "numbers",
            load("one_weight"),
            ["x=[3, 5, 7]", "w=0.25", "training.learning_rate=0.03", "training.iterations=2"],
        ),
        ("the optimizer's settings", scenario("shared", ADAM), ["training.beta1=0.5"]),
        ("labels", load("losses"), ["label=1", "labels=[2, 1, 0]"]),
        ("parts of labels", WITH_LABELS, ["labels=[2, 0, 1]"]),
        ("targets that are no classes", scenario("shared"), ["y=[0.5, 0, 1]"]),
        ("shapes", scenario("matrices"), ["x=[[0.5, -1]]", "y=[[1, 0]]"]),
        ("a constant that is an axis", WITH_AXIS, ["n=1"]),
    )
}


@pytest.mark.parametrize("pair", PAIRS)
def test_a_run_after_one_of_like_equations_is_as_if_it_were_alone(pair: str) -> None:
    """Programs are shared, and no number of a run: data, settings, labels, first values."""
    PROGRAMS.clear()
    alone = record_bits(run_scenario(PAIRS[pair][1]))
    PROGRAMS.clear()
    run_scenario(PAIRS[pair][0])
    assert record_bits(run_scenario(PAIRS[pair][1])) == alone


def test_nothing_is_built_or_compiled_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not for other numbers, another length or another record; on arrays too."""
    makers: list[str] = []
    original = PROGRAMS.result

    def result(key: Any, make: Callable[[], Any], *rest: Any, **named: Any) -> Any:
        def counted() -> Any:
            makers.append(key[0].__name__)
            return make()

        return original(key, counted, *rest, **named)

    monkeypatch.setattr(PROGRAMS, "result", result)
    PROGRAMS.clear()
    for name in ("one_weight", "digit_cnn"):
        first = load(name, settings=["training.iterations=1"])
        run_scenario(first)
        makers.clear()
        run_scenario(first.with_overrides(["training.iterations=2", "training.learning_rate=0.02"]))
        assert not makers
