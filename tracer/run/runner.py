"""Running a scenario: stretch after stretch of steps, and what is kept of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Literal

from tracer.errors import LimitError
from tracer.program.build import Built
from tracer.program.scenario import Scenario
from tracer.run.checkpoints import Recomputed, Replayed
from tracer.run.checks import check_integers
from tracer.run.layout import Batch, Record, Store
from tracer.run.plans import Kept, Plans
from tracer.run.scalars import ScalarFault
from tracer.run.schedule import Schedule
from tracer.run.trace import Fault, Segment, Trace
from tracer.sentences import say

__all__ = ["Record", "first_batch", "first_program", "run_scenario"]

Progress = Callable[[int, int], None]
Carried = Mapping[str, Any]

CHUNK_BYTES = 8 * 1024 * 1024  # of a record
STRETCH_BYTES = 16 * 1024 * 1024  # of what is computed again from a checkpoint
STRETCH_STEPS = 1000
UNKEPT_STEPS = 100_000  # between looks at a run that keeps nothing
STATE_BYTES = 40  # of one number in a checkpoint of a scalar program: a float in a list
BUDGET_BYTES = 1024 * 1024 * 1024
MOST_STEPS = 10_000_000


def run_scenario(
    scenario: Scenario,
    *,
    record: Record = "all",
    progress: Progress | None = None,
    budget: int = BUDGET_BYTES,
) -> Trace:
    """Run a scenario and return its trace.

    `record` says what is kept: all quantities; all but the update's ('gradients'); the loss, with
    parameters and optimizer state every so many steps, from which all else is computed again on
    demand ('checkpoints'); or only what the next step needs ('none'). A record that would take
    more than `budget` bytes becomes one of checkpoints. A value that is not finite ends the run
    once it is seen in what is kept, in a parameter or in the state; the first is then found.
    `progress(done, all)` is called now and then, with 0 before the first iteration too: who no
    longer wants the run raises in it. Raises LimitError where checkpoints do not fit
    either, before anything is computed, and the errors of `build`.
    """
    return _Run(scenario, record, progress, budget).trace()


def first_batch(scenario: Scenario) -> Batch:
    """Return the batch that the first step of a run would see."""
    return _Run(scenario, "none", None, BUDGET_BYTES).schedule()[0]


def first_program(scenario: Scenario) -> Built:
    """Return the program that the first step of a run would have. Raises the errors of `build`."""
    return Plans(scenario).built(first_batch(scenario))


class _Run:
    """One run, from the schedule to the trace."""

    def __init__(
        self, scenario: Scenario, record: Record, progress: Progress | None, budget: int
    ) -> None:
        self.scenario = scenario
        self.record = record
        self.progress = progress
        self.budget = budget
        self.plans = Plans(scenario)
        self.replayed = Replayed()

    def trace(self) -> Trace:
        schedule = self.schedule()
        built = self.plans.built(schedule[0])
        self.tell(0, schedule)
        check_integers(self.scenario, built, {**self.scenario.constants, **self.scenario.data})
        self.choose_record(schedule)
        self.tell(0, schedule)
        initial = self.start(built, schedule)
        carried: Carried = initial
        segments: list[Segment] = []
        fault: Fault | None = None
        stopped = False
        done = 0
        while done < len(schedule) and not (stopped or fault):
            count = min(schedule.alike(done), self.steps_at_once(schedule[done]))
            batches = schedule[done : done + count]
            segment, carried, stopped, fault = self.segment(done + 1, batches, carried)
            if segment.store.count:  # none where scalars fault at once: arrays go on
                segments.append(segment)
                done = segment.last
            self.tell(done, schedule)
        return Trace(
            self.scenario,
            segments,
            initial,
            final=carried,
            fault=fault,
            stopped=stopped,
            record=self.record,
            budget=self.budget,
        )

    def tell(self, done: int, schedule: Schedule) -> None:
        """Say how many iterations are done."""
        if self.progress:
            self.progress(done, len(schedule))

    # What is run and kept -----------------------------------------------------------------------

    def schedule(self) -> Schedule:
        """Return the batch of every step. Raises LimitError where there are too many."""
        training = self.scenario.training
        count = self.samples()
        if training is None:
            return Schedule(None, 1)
        chosen: Sequence[int] | None
        if count is None:
            chosen = None
        elif training.sample is not None:
            chosen = [training.sample]
        elif training.samples is not None:
            chosen = training.samples
        else:
            chosen = range(count)
        size = training.batch_size
        total = training.iterations
        if total is None:
            steps = math.ceil(len(chosen) / size) if chosen and size else 1
            total = (training.epochs or 1) * steps
        if total > MOST_STEPS:
            raise LimitError(
                say("too many iterations"),
                found=str(total),
                expected=say("at most {most}", most=MOST_STEPS),
            )
        seed = training.seed if training.shuffle else None
        return Schedule(chosen, total, size=size, seed=seed)

    def samples(self) -> int | None:
        """Return how many samples the data has; None where its arrays differ in length."""
        lengths = {given.shape[0] for given in self.scenario.data.values() if given.shape}
        return lengths.pop() if len(lengths) == 1 else None

    def kept(self, built: Built) -> Kept:
        """Return the names to keep; None means all."""
        program = built.program
        if self.record == "all":
            return None
        if self.record == "gradients":
            return frozenset(item.name for item in program.equations if item.phase != "update")
        if self.record == "checkpoints":
            return frozenset(filter(None, (program.loss, built.metric)))
        return frozenset()

    def choose_record(self, schedule: Schedule) -> None:
        """Keep checkpoints where all would not fit. Raises LimitError where they do not either."""
        size = self.record_bytes(schedule)
        if size > self.budget and self.record in ("all", "gradients"):
            self.record = "checkpoints"
            size = self.record_bytes(schedule)
        if size > self.budget:
            raise LimitError(
                say("the record of this run is too large, even as checkpoints"),
                found=say(
                    "{size} MB for {count} iterations",
                    size=f"{size / 1000000.0:,.1f}",
                    count=f"{len(schedule):,}",
                ),
                expected=say(
                    "at most {budget} MB; fewer iterations, or record='none'",
                    budget=f"{self.budget / 1000000.0:,.1f}",
                ),
            )

    def record_bytes(self, schedule: Schedule) -> int:
        """Return the bytes that the record will take."""
        total = 0
        for batch, steps, stretches in schedule.kinds():
            built = self.plans.built(batch)
            total += steps * self.plans.plan(batch, self.kept(built)).row_bytes
            if self.record == "checkpoints":
                state = sum(math.prod(built.shapes[name]) for name in built.program.carried)
                checkpoints = steps // self.steps_at_once(batch) + stretches
                total += checkpoints * STATE_BYTES * state
        return total

    def steps_at_once(self, batch: Batch) -> int:
        """Return how many steps are run before somebody looks at their values."""
        built = self.plans.built(batch)
        if self.record == "all":
            return max(CHUNK_BYTES // max(self.plans.plan(batch, None).row_bytes, 1), 1)
        size = 4 if self.scenario.dtype == "float32" else 8
        whole = size * sum(math.prod(item.shape) for item in built.program.equations) or 1
        if self.record == "checkpoints":
            return min(max(STRETCH_BYTES // whole, 1), STRETCH_STEPS)
        return min(max(4 * CHUNK_BYTES // whole, 1), UNKEPT_STEPS)

    # Steps --------------------------------------------------------------------------------------

    def start(self, built: Built, schedule: Schedule) -> dict[str, list[float]]:
        """Return the first values of all that is carried from step to step."""
        result: dict[str, list[float]] = {}
        for name in built.program.carried:
            self.tell(0, schedule)
            given = self.scenario.parameters.get(name) or built.first_values.get(name)
            result[name] = given.floats() if given else [0.0] * math.prod(built.shapes[name])
        return result

    def segment(
        self, first: int, batches: Sequence[Batch], carried: Carried
    ) -> tuple[Segment, Carried, bool, Fault | None]:
        """Run some steps, and keep of them what the record keeps.

        Where the record does not keep all and something is not finite, they are run again with
        all kept, so that the first such value is found.
        """
        built = self.plans.built(batches[0])
        kept = self.kept(built)
        if kept is None:
            return self.whole_segment(first, batches, carried)
        arrays = self.plans.arrays_only
        plan = self.plans.plan(batches[0], kept)
        try:
            rows, after, stopped = plan.run(carried, first, batches)
        except ScalarFault:
            return self.whole_segment(first, batches, carried)
        if rows.first_non_finite() or not all(map(_is_finite, after.values())):
            return self.whole_segment(first, batches, carried)
        store: Store = rows
        start = carried if first == 1 or self.record == "checkpoints" else {}
        if self.record == "checkpoints":
            names = [equation.name for equation in built.program.equations]
            again = partial(self.again, first, batches[: rows.count], carried, arrays=arrays)
            store = Recomputed(rows, names, first, again, self.replayed)
        return Segment(first, store, built, batches, start), after, stopped, None

    def whole_segment(
        self, first: int, batches: Sequence[Batch], carried: Carried
    ) -> tuple[Segment, Carried, bool, Fault | None]:
        """Run some steps, keep all of them, and look for the first value that is not finite."""
        built = self.plans.built(batches[0])
        stopped = False
        store: Store
        after: Carried
        try:
            store, after, stopped = self.plans.plan(batches[0], None).run(carried, first, batches)
        except ScalarFault as refused:
            # Python refused what IEEE 754 has a value for: go on with arrays from there.
            self.plans.arrays_only = True
            store, after = refused.store, refused.carried
        found = store.first_non_finite()
        if found is None:
            return Segment(first, store, built, batches, carried), after, stopped, None
        row, name = found
        store.cut(row + 1)
        odd = [value for value in store.floats(name, row) if not math.isfinite(value)]
        if name in built.masked:  # there, minus infinity is no fault
            odd = [value for value in odd if value != -math.inf]
        kind = _kind(odd[0])
        order = list(store.names())
        names = frozenset(order[: order.index(name) + 1])
        if row:
            after = {old: store.floats(new, row - 1) for old, new in built.program.carried.items()}
        else:
            after = carried
        segment = Segment(first, store, built, batches, carried, names)
        return segment, after, False, Fault(first + row, name, kind)

    def again(
        self, first: int, batches: Sequence[Batch], carried: Carried, *, arrays: bool
    ) -> Store:
        """Return all values of some steps that were run before."""
        store, _, _ = self.plans.plan(batches[0], None, arrays=arrays).run(carried, first, batches)
        return store


def _is_finite(value: Any) -> bool:
    """Tell whether a carried quantity is: a number, a list of them, or an array."""
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, list):
        return all(map(math.isfinite, value))
    import numpy as np

    return bool(np.isfinite(value).all())


def _kind(value: float) -> Literal["inf", "-inf", "nan"]:
    if math.isnan(value):
        return "nan"
    return "inf" if value > 0 else "-inf"
