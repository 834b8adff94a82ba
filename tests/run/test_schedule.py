"""Which samples a step sees: epochs, batches with a smaller last one, shuffling."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from tests.run.networks import record_bits, scenario
from tracer.errors import RunError
from tracer.run.runner import run_scenario
from tracer.run.schedule import Schedule


def batches(schedule: Schedule) -> list[tuple[int, list[int]]]:
    """Return the epoch and the samples of every step."""
    return [(batch.epoch, list(batch.places or ())) for batch in schedule]


def test_last_batch_is_smaller() -> None:
    """Batches go through the samples in order; what is left is a batch of its own."""
    assert batches(Schedule(range(5), 7, size=2)) == [
        (1, [0, 1]), (1, [2, 3]), (1, [4]),
        (2, [0, 1]), (2, [2, 3]), (2, [4]),
        (3, [0, 1]),
    ]  # fmt: skip


def test_all_samples_in_each_step() -> None:
    """Without a batch size every iteration is an epoch; data without samples has no places."""
    assert batches(Schedule([3, 1], 2)) == [(1, [3, 1]), (2, [3, 1])]
    assert [(batch.epoch, batch.places) for batch in Schedule(None, 2)] == [(1, None), (2, None)]
    assert batches(Schedule(range(3), 2, size=9)) == [(1, [0, 1, 2]), (2, [0, 1, 2])]


def test_shuffling_is_numpys() -> None:
    """Each epoch is the next permutation of NumPy's generator with this seed."""
    generator = np.random.default_rng(7)
    seen = batches(Schedule([5, 6, 7, 8], 4, size=3, seed=7))
    for epoch in (0, 1):
        order = [5 + place for place in generator.permutation(4).tolist()]
        assert seen[2 * epoch][1] + seen[2 * epoch + 1][1] == order


def test_shuffling_is_repeatable() -> None:
    """The same seed gives the same run to the last bit, another seed another run."""
    runs = [
        run_scenario(
            scenario("classes", f"epochs = 3\nbatch_size = 2\nshuffle = true\nseed = {seed}")
        )
        for seed in (1, 1, 2)
    ]
    assert record_bits(runs[0]) == record_bits(runs[1]) != record_bits(runs[2])
    for epoch in (1, 2, 3):
        seen = [i.samples for i in runs[0].iterations() if i.epoch == epoch]
        assert sorted(place for places in seen for place in places or ()) == [0, 1, 2, 3, 4]


def test_any_step_may_be_asked_first() -> None:
    """A step is the same whether those before were asked for or not."""
    whole = batches(Schedule(range(7), 20, size=3, seed=1))
    fresh = Schedule(range(7), 20, size=3, seed=1)
    assert [(fresh[step].epoch, list(fresh[step].places or ())) for step in (19, 3, 8)] == [
        whole[19], whole[3], whole[8]
    ]  # fmt: skip
    part = fresh[4:11][2:5]
    assert [list(batch.places or ()) for batch in part] == [places for _, places in whole[6:9]]
    with pytest.raises(IndexError):
        fresh[20]


@pytest.mark.parametrize("samples", range(1, 8))
@pytest.mark.parametrize("size", [None, 1, 2, 3, 5, 9])
@pytest.mark.parametrize("total", [1, 2, 5, 12])
def test_kinds_and_stretches_are_counted(samples: int, size: int | None, total: int) -> None:
    """The sizes of batches and the stretches of equal ones are those of a count step by step."""
    schedule = Schedule(range(samples), total, size=size)
    sizes = [len(batch.places or ()) for batch in schedule]
    longest: dict[int, int] = {}
    step = 0
    while step < total:
        count = schedule.alike(step)
        assert len(set(sizes[step : step + count])) == 1
        assert step + count == total or sizes[step + count] != sizes[step]
        assert len(schedule.like(step).places or ()) == sizes[step]
        longest[sizes[step]] = max(count, longest.get(sizes[step], 0))
        step += count
    found = {len(batch.places or ()): count for batch, count in schedule.kinds().items()}
    assert found == longest


def test_a_million_steps_take_no_memory() -> None:
    """Batches are made when somebody asks: a long schedule is as small as a short one."""
    tracemalloc.start()
    schedule = Schedule(range(1000), 1_000_000, size=32)
    assert schedule[999_999].epoch == 31250
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size < 10_000


def test_samples_of_an_iteration() -> None:
    """An iteration says which samples it saw, and gives their data."""
    trace = run_scenario(scenario("classes", "epochs = 2\nbatch_size = 2"))
    assert [iteration.samples for iteration in trace.iterations()] == [(0, 1), (2, 3), (4,)] * 2
    assert [iteration.epoch for iteration in trace.iterations()] == [1, 1, 1, 2, 2, 2]
    assert trace.iteration(3)["x"].tolist() == [[0, -2]]
    assert trace.iteration(5)["labels"].tolist() == [1, 1]
    assert trace.values("W").shape == (7, 3, 2)
    with pytest.raises(RunError, match="z has different shapes"):
        trace.values("z")
