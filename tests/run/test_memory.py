"""What a run takes of the memory is what was said before, whatever is kept of it."""

from __future__ import annotations

import gc
import re
import tracemalloc
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from itertools import pairwise
from multiprocessing import get_context

import numpy as np
import pytest

import tracer
from tests.case_lists import crossed
from tests.run.networks import scenario
from tracer.errors import TracerError
from tracer.frozen import replace
from tracer.memo import PROGRAMS
from tracer.program.scenario import Scenario, load, loads
from tracer.run.layout import RECORDS, Record
from tracer.run.memory import BUDGET_BYTES, MemoryLimitError, size_text
from tracer.run.run_report import run_report
from tracer.run.runner import Run, run_scenario

BATCHES = "epochs = 30\nbatch_size = 2\nshuffle = true\nseed = 3\noptimizer = 'adam'"


def classifier(
    layers: tuple[int, ...], training: str, *, samples: int = 100, others: int = 0
) -> Scenario:
    """Return a classifier with ReLU between its layers; `others` are samples to evaluate it on."""
    pairs = list(enumerate(pairwise(layers), 1))

    def data(count: int) -> str:
        return (
            f"X = {{shape = [{count}, {layers[0]}], init = 'uniform', seed = 1}}\n"
            f"labels = {{shape = [{count}], init = 'integers', high = {layers[-1]}, seed = 2}}\n"
        )

    parameters = "".join(
        f"W{place} = {{shape = [{before}, {after}], init = 'glorot', seed = {place}}}\n"
        f"b{place} = {{shape = [{after}], init = 'zeros'}}\n"
        for place, (before, after) in pairs
    )
    lines = [
        f"h{place} = relu({'X' if place == 1 else f'h{place - 1}'} @ W{place} + b{place})\n"
        for place, _ in pairs
    ]
    evaluation = f"[evaluation]\nmetrics = ['loss']\n[evaluation.data]\n{data(others)}"
    return loads(
        f"[data]\n{data(samples)}[parameters]\n{parameters}"
        f"[network]\nequations = '''\n{''.join(lines)}loss = cross_entropy(h{len(lines)}, labels)\n"
        f"'''\n[training]\nlearning_rate = 0.001\n{training}\n{evaluation if others else ''}",
        name="classifier",
    )


LAYERS = (784, 128, 64, 10)
TRAINING = "optimizer = 'adam'\nbatch_size = 32\nshuffle = true\nseed = 6\niterations = "


RUNS: dict[str, Callable[[], Scenario]] = {
    "one step": lambda: load("one_weight", settings=["iterations=1"]),
    "one weight": lambda: load("one_weight", settings=["iterations=30000"]),
    "mlp_2_2_2": lambda: load("mlp_2_2_2"),
    "xor": lambda: load("xor"),
    "digit_cnn": lambda: load("digit_cnn"),
    "scalars in batches": lambda: scenario("classes", BATCHES),
    "arrays": lambda: classifier((40, 30, 10), "iterations = 40"),
    "float32": lambda: replace(
        classifier((40, 30, 10), "iterations = 40\noptimizer = 'adam'"), dtype="float32"
    ),
    "arrays in batches": lambda: classifier(
        (40, 30, 10), "epochs = 8\nbatch_size = 32\nshuffle = true\nseed = 3\noptimizer = 'adam'"
    ),
    "evaluation": lambda: classifier((40, 30, 10), "iterations = 3", others=5000),
    "large layers": lambda: classifier((300, 64, 10), TRAINING + "12"),
}
LARGE_RUNS: dict[str, Callable[[], Scenario]] = {
    "a million": lambda: load("one_weight", settings=["iterations=1000000"]),
    "rnn_language_model": lambda: load("rnn_language_model"),
    "transformer_block": lambda: load("transformer_block"),
    "gpt2_mlp": lambda: load("gpt2_mlp"),
    "four_layer_classifier": lambda: load("four_layer_classifier"),
    "four_layer_classifier, float32": lambda: replace(
        load("four_layer_classifier"), dtype="float32"
    ),
    "784-128-64-10": lambda: classifier(LAYERS, TRAINING + "250"),
}


def used(setting: Scenario, record: Record, *, read_back: bool = True) -> int:
    """Return the bytes that a run takes at the most, and the look at its iterations after it."""
    PROGRAMS.clear()  # a run whose program is there already takes less
    gc.collect()
    tracemalloc.start()
    trace = run_scenario(setting, record=record, budget=100 * BUDGET_BYTES, read_back=read_back)
    if not read_back:
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most
    names = [equation.name for equation in trace.program.equations]
    # The middle and the beginning, not the short last batch of an epoch: windows of full length.
    for number in (len(trace), len(trace) // 3 or 1, len(trace) // 2 + 1, 1):
        iteration = trace.iteration(number)
        for name in filter(iteration.__contains__, names):
            iteration.entries(name)
    if setting.evaluation is not None:
        run_report(trace)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


def part_used(name: str, record: Record, *, read_back: bool = True) -> float:
    """Return which part of the bytes that were said a run takes."""
    setting = {**RUNS, **LARGE_RUNS}[name]()
    said = Run(setting, record, read_back=read_back).memory()
    return used(setting, record, read_back=read_back) / said


@pytest.fixture(scope="module")
def measuring() -> Iterator[Executor]:
    """A process that has run nothing else: what other tests leave behind is not counted."""
    context = get_context("spawn")
    with ProcessPoolExecutor(1, context, load_all) as process:
        yield process


def load_all() -> None:
    """Run once on scalars and on arrays: what is loaded then is no part of a run.

    Nor is it garbage, for which each of the runs looks.
    """
    for name in ("one_weight", "digit_cnn"):
        run_scenario(load(name), record="checkpoints").iteration(1).floats("loss")
    gc.collect()
    gc.freeze()


@pytest.mark.parametrize(("name", "record"), crossed(RUNS, RECORDS))
def test_the_estimate_is_what_is_used(name: str, record: Record, measuring: Executor) -> None:
    """Runs of all sizes, on scalars and arrays, take what was said before they began."""
    assert 0.8 < measuring.submit(part_used, name, record).result() < 1.3


@pytest.mark.parametrize("name", RUNS)
def test_a_run_of_which_nobody_asks_for_an_iteration(name: str, measuring: Executor) -> None:
    """In Python, nothing is computed again of a run that records nothing."""
    assert 0.8 < measuring.submit(part_used, name, "none", read_back=False).result() < 1.3


@pytest.mark.proof
@pytest.mark.parametrize("record", RECORDS)
@pytest.mark.parametrize("name", LARGE_RUNS)
def test_the_estimate_is_what_large_runs_use(
    name: str, record: Record, measuring: Executor
) -> None:
    """Long runs and large networks take what was said before they began."""
    assert 0.8 < measuring.submit(part_used, name, record).result() < 1.3


def test_a_large_network_runs_as_checkpoints() -> None:
    """784-128-64-10 with Adam has room for two thousand iterations, and for far more."""
    trained = classifier(LAYERS, TRAINING + "2000", samples=256)
    assert Run(trained, "all").memory() > 3 * BUDGET_BYTES
    assert 0.7 * BUDGET_BYTES < Run(trained, "checkpoints").memory() < 2 * BUDGET_BYTES


@pytest.mark.proof
@pytest.mark.parametrize("budget", [BUDGET_BYTES, 100 * 1024**2])
def test_a_large_network_is_trained_in_little_memory(budget: int) -> None:
    """It is run to its end, and gives back an iteration in the middle as it is without a record."""
    trained = classifier(LAYERS, TRAINING + "2000", samples=256)
    trace = run_scenario(trained, budget=budget)
    assert (trace.record, len(trace)) == ("checkpoints", 2000)
    assert trace.nbytes < budget
    half = run_scenario(classifier(LAYERS, TRAINING + "1000", samples=256), record="none")
    assert trace.iteration(1000).floats("W1'") == half.final["W1"]


@pytest.mark.parametrize("record", RECORDS)
def test_what_does_not_fit_says_what_would(record: Record) -> None:
    """The message has what was needed, what there is, and what can be done in Python."""
    network = tracer.load("xor").set("iterations=100000")
    with pytest.raises(MemoryLimitError) as raised:
        network.run(record=record, budget=500_000)
    message = str(raised.value)
    kept = "none" if record == "none" else "checkpoints"
    assert message.startswith("this run does not fit into the memory that it may use; found ")
    assert f"for 100,000 iterations, recorded as {kept}; expected at most 488 KiB; " in message
    enough = re.search(r"; budget=(\d+) \* 1024\*\*2 or a smaller network$", message)
    assert enough is not None
    assert network.run(record=record, budget=int(enough[1]) * 1024**2).fault is None


def test_fewer_iterations_fit() -> None:
    """Where a run without a record would fit, the message says so."""
    network = tracer.load("one_weight").set("iterations=1000000")
    with pytest.raises(MemoryLimitError, match=r"budget=8 \* 1024\*\*2, record='none' or fewer "):
        network.run(budget=2 * 1024**2)
    assert network.run(record="none", budget=2 * 1024**2).final["w"] == pytest.approx([2])


def test_the_orders_of_many_epochs_are_fewer_in_fewer_iterations() -> None:
    """What grows with the iterations though nothing is kept is no matter of the network's size."""
    network = tracer.load("four_layer_classifier").set("epochs=200000")
    with pytest.raises(MemoryLimitError, match=r"1024\*\*2 or fewer iterations$"):
        network.run(record="none")


def test_a_record_that_is_not_there_is_refused() -> None:
    """A level that nobody knows is a message that lists those there are."""
    with pytest.raises(TracerError, match="unknown way to record; found 'some'; expected 'all'"):
        tracer.load("one_weight").run(record="some")  # type: ignore[arg-type]
    with pytest.raises(TracerError, match="does not fit into the memory"):
        tracer.trace(
            equations="loss = (w * x)**2",
            data={"x": np.ones(3).tolist()[0]},
            parameters={"w": 1},
            budget=1000,
        )


@pytest.mark.parametrize(
    ("size", "text"),
    [(7, "7 B"), (2048, "2 KiB"), (1_500_000, "1.43 MiB"), (1024**3, "1 GiB"), (10**12, "931 GiB")],
)
def test_sizes_are_written_as_the_command_line_takes_them(size: int, text: str) -> None:
    """Bytes are told in the unit that leaves a short figure."""
    assert size_text(size) == text
