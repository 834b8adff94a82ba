"""Running a scenario: stretch after stretch of steps, and what is kept of them."""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

from tracer.errors import LimitError
from tracer.lazy_numpy import np
from tracer.memo import COMPILED_BYTES, EQUATION_BYTES
from tracer.program.program import BuiltProgram
from tracer.program.scenario import Scenario
from tracer.program.schema import MAX_STEPS
from tracer.run.checkpoints import WINDOWS, CarriedValues, Checkpoints, RecomputedStore, Segment
from tracer.run.forward import evaluation_bytes
from tracer.run.layout import (
    ARRAY_BYTES,
    Batch,
    Plan,
    Record,
    StackedValues,
    Store,
    non_finite_places,
)
from tracer.run.memory import BUDGET_BYTES, RUN_BYTES, MemoryLimitError, compile_bytes
from tracer.run.plans import Plans, RecordedNames, check_integers
from tracer.run.schedule import Schedule
from tracer.run.trace import Fault, Trace, fault_kind
from tracer.sentences import say

Progress = Callable[[int, int], None]

CHUNK_BYTES = 32 * 1024 * 1024  # size of a block of a record; larger blocks come in larger pages
CHUNK_STEPS = 4  # steps of a block at the least, so that what is done once a block costs little
WINDOW_BYTES = 2 * 1024 * 1024  # size of what is computed again at once
WINDOW_STEPS = 250
CHECKPOINT_BYTES = 16 * 1024 * 1024  # size of all that is computed between checkpoints
CHECKPOINT_STEPS = 1000
WINDOW_SHARE = 64  # a window may take one part in so many of a run's memory
UNKEPT_STEPS = 100_000  # steps between checks of a run that records nothing, each of which
UNKEPT_BYTES = 1024**3  # copies what is carried on; so many bytes are computed between them

SEGMENT_BYTES = 600  # memory for the objects that say which steps a segment has
RECOMPUTED_BYTES = 600  # memory for the objects that say how steps are computed again
COUNTED = 1000  # segments counted one by one; further ones are estimated from them


def run_scenario(
    scenario: Scenario,
    *,
    record: Record = "all",
    progress: Progress | None = None,
    budget: int = BUDGET_BYTES,
    read_back: bool = True,
) -> Trace:
    """Run a scenario and return its trace.

    `record` says what is kept: all quantities; all but the update's ('gradients'); loss, metric,
    parameters and optimizer state ('parameters'); loss and metric, with parameters and state every
    so many steps ('checkpoints'); or nothing ('none'). What is not kept is computed again when
    somebody asks for it, from the nearest parameters before that are kept. `budget` are the bytes
    that the run may take; `tracer.run.memory` says what is counted: also what is computed again
    afterwards, unless nothing is kept and nothing `read_back`. A record that does not fit
    becomes one of checkpoints, which are set the further apart the less room there is. A value
    that is not finite ends the run once it is seen in what is kept, in a parameter or in the
    state; the first is then found.
    `progress(done, all)` is called now and then, with 0 before the first iteration too: who no
    longer wants the run raises in it. Raises MemoryLimitError where it does not fit, before a step
    is computed, LimitError where there are too many steps, and the errors of `build`.
    """
    run = Run(scenario, record, progress, budget, read_back=read_back)
    run.begin()
    while not run.is_over:
        run.advance()
    return run.trace()


def schedule_of_run(scenario: Scenario) -> Schedule:
    """Return the batch of every step of a run. Raises LimitError where there are too many."""
    return Run(scenario, "none").schedule


def first_program(scenario: Scenario) -> BuiltProgram:
    """Return the program that the first step of a run would have. Raises the errors of `build`."""
    return Plans(scenario).built(schedule_of_run(scenario)[0])


class Run:
    """One run, from the schedule to the trace: `begin`, then `advance` until it `is_over`.

    It may be left after any `advance`; `trace` is then the run so far.
    """

    def __init__(
        self,
        scenario: Scenario,
        record: Record,
        progress: Progress | None = None,
        budget: int = BUDGET_BYTES,
        *,
        read_back: bool = True,
    ) -> None:
        self.scenario = scenario
        self.record = record
        self.progress = progress
        self.budget = budget
        self.read_back = read_back
        self.plans = Plans(scenario)
        self.spread = 1  # how many times as far apart as they might be checkpoints are
        self.segments: list[Segment] = []
        self.checkpoints = Checkpoints(self.plans, self.segments, self.window_steps)
        self.carried: CarriedValues = {}  # what the next iteration starts from
        self.fault: Fault | None = None
        self.stopped = False
        self._initial: CarriedValues = {}
        self._kept_at = 0  # the step before which what is carried was last kept

    @property
    def done(self) -> int:
        """How many iterations are done."""
        return self.segments[-1].last if self.segments else 0

    @property
    def is_over(self) -> bool:
        """Whether the run has come to its end, to its stop or to a value that is not finite."""
        return self.done >= len(self.schedule) or self.stopped or self.fault is not None

    def begin(self) -> None:
        """Get ready for the first step. Raises as `run_scenario` does."""
        built = self.plans.built(self.schedule[0])
        self.tell()
        check_integers(self.scenario, built, {**self.scenario.constants, **self.scenario.data})
        self.choose_record()
        self.tell()
        self._initial = self.carried = self.start(built)

    def advance(self) -> None:
        """Run the next segment."""
        done = self.done
        count, is_kept = self.next_segment(done, self._kept_at)
        batches = self.schedule[done : done + count]
        segment, self.carried, self.stopped, self.fault = self.segment(
            done + 1, batches, self.carried, is_kept=is_kept
        )
        if segment.store.count:  # none where scalars fault at once: arrays go on
            self.segments.append(segment)
            self._kept_at = done if is_kept else self._kept_at
        self.tell()

    def trace(self) -> Trace:
        """Return what is done of the run."""
        return Trace(
            self.scenario,
            self.segments,
            self._initial,
            final=self.carried,
            checkpoints=self.checkpoints,
            fault=self.fault,
            stopped=self.stopped,
            record=self.record,
            budget=self.budget,
        )

    # A run that was saved -----------------------------------------------------------------------

    def restore_start(self) -> None:
        """Start as the run did, without a look at what all of it would take."""
        self._initial = self.carried = self.start(self.plans.built(self.schedule[0]))

    def restore_segment(
        self,
        recorded: Store,
        start: CarriedValues | None,
        names: frozenset[str] | None,
        *,
        arrays: bool,
    ) -> None:
        """Take the next segment as it was recorded; `start` is what was kept of where it began.

        `names` and `arrays` are those of a `Segment`.
        """
        first = self.done + 1
        batches = self.schedule[first - 1 : first - 1 + recorded.count]
        every = self.plans.of_size(batches[0]).names
        if len(recorded.names()) < len(every):
            recorded = RecomputedStore(recorded, every, first, self.checkpoints)
        built = self.plans.built(batches[0])
        self.segments.append(Segment(first, recorded, built, batches, start or {}, names, arrays))
        self.plans.arrays_only = arrays
        self._kept_at = self._kept_at if start is None else first - 1

    def tell(self) -> None:
        """Say how many iterations are done."""
        if self.progress:
            self.progress(self.done, len(self.schedule))

    @cached_property
    def evaluating(self) -> int:
        """The bytes that the evaluation and the prediction take."""
        return evaluation_bytes(self.scenario)

    # What is run and kept -----------------------------------------------------------------------

    @cached_property
    def schedule(self) -> Schedule:
        """The batch of every step. Raises LimitError where there are too many."""
        training = self.scenario.training
        if training is None:
            return Schedule(None, 1)
        lengths = {given.shape[0] for given in self.scenario.data.values() if given.shape}
        count = lengths.pop() if len(lengths) == 1 else None  # none where they differ
        named = training.samples if training.sample is None else [training.sample]
        chosen = None if count is None else named or range(count)
        size = training.batch_size
        total = training.iterations
        if total is None:
            steps = math.ceil(len(chosen) / size) if chosen and size else 1
            total = (training.epochs or 1) * steps
        if total > MAX_STEPS:
            raise LimitError(
                say("too many iterations"),
                found=str(total),
                expected=say("at most {most}", most=MAX_STEPS),
            )
        seed = training.seed if training.shuffle else None
        return Schedule(chosen, total, size=size, seed=seed)

    def names_to_keep(self, built: BuiltProgram) -> RecordedNames:
        """Return the names to keep; None means all."""
        program = built.program
        figures = frozenset(filter(None, (program.loss, built.metric)))
        match self.record:
            case "all":
                return None
            case "gradients":
                return frozenset(item.name for item in program.equations if item.phase != "update")
            case "parameters":
                return figures | frozenset(program.carried.values())
            case "checkpoints":
                return figures
            case "none":
                return frozenset()

    def choose_record(self) -> None:
        """Keep less where the record would not fit. Raises MemoryLimitError where all is too much.

        What does not fit becomes a record of checkpoints, which are set further apart until it
        does, or until longer ways back to them no longer make it smaller. A run that has begun
        keeps what it kept so far.
        """
        needed = self.memory()
        is_rich = self.record in ("all", "gradients", "parameters")
        if needed > self.budget and is_rich and not self.segments:
            self.record = "checkpoints"
            needed = self.memory()
        while needed > self.budget and self.record == "checkpoints":
            self.spread *= 2
            apart = self.memory()
            if apart >= needed:
                break
            needed = apart
        if needed > self.budget:
            record, self.record = self.record, "none"
            least = self.memory()
            budget, self.budget, self.record = self.budget, 0, record
            while needed > self.budget:  # windows are the longer the more memory there is
                self.budget = needed
                needed = self.memory()
            fixed = least - self.schedule.nbytes
            raise MemoryLimitError(self.budget, budget, len(self.schedule), record, least, fixed)

    def memory(self) -> int:
        """Return the bytes that the run takes at the most.

        Beside the given numbers and the programs, these are first compiled. Then comes the record,
        and beside it, one after the other: working out its steps; compiling what is computed again;
        the windows of that, and with them computing one, or the evaluation.
        """
        runs: set[Plan] = set()
        again: set[Plan] = set()
        equations = working = windows = reading = derived = 0
        is_read = self.read_back or self.record != "none"
        for batch, alike in self.schedule.kinds().items():
            built, plan = self.plans.built(batch), self.plan(batch)
            equations += len(built.program.equations)
            count = min(self.longest(batch) * 3 // 2, alike)
            working = max(working, _work_bytes(plan, count))
            derived += plan.derived_bytes(count)  # of its last store, as long as there is a run
            runs.add(plan)
            if self.record == "all" or not is_read:
                continue
            whole = self.plans.plan(batch, None)
            steps = min(self.window_steps(batch), count)
            window_starts = range(0, min(WINDOWS * steps, len(self.schedule)), steps)
            sizes = [min(steps, len(self.schedule) - first) for first in window_starts]
            stored = sum(map(whole.store_bytes, sizes)) + len(sizes) * whole.state_bytes
            windows = max(windows, stored)
            reading = max(reading, _work_bytes(whole, steps))
            again.add(whole)
            if len(self.schedule) > steps:
                way = self.plans.plan(batch, frozenset())
                reading = max(reading, way.store_bytes(count) + _work_bytes(way, count))
                again.add(way)
        plans = runs | again
        tables = (self.scenario.data, self.scenario.parameters, self.scenario.constants)
        fixed = sum(given.nbytes for table in tables for given in table.values())
        fixed += self.schedule.nbytes + max(plan.data_bytes for plan in plans)
        first = [math.prod(built.shapes[name]) for name in built.program.carried]
        fixed += ARRAY_BYTES * len(first) + 8 * sum(first)  # the first of all that is carried
        afterwards = derived + windows + max(reading, self.evaluating if is_read else 0)
        run = self.record_bytes() + max(working, compile_bytes(again - runs), afterwards)
        fixed += RUN_BYTES + EQUATION_BYTES * equations
        fixed += sum(COMPILED_BYTES * len(plan.source) + plan.held_bytes for plan in plans)
        return fixed + max(compile_bytes(runs), run)

    def record_bytes(self) -> int:
        """Return the bytes that the record takes, with its checkpoints and all its objects."""
        plans = {batch: self.plan(batch) for batch in self.schedule.kinds()}
        segment = SEGMENT_BYTES + (0 if self.record == "all" else RECOMPUTED_BYTES)
        total = begin = kept_at = segments = 0
        while begin < len(self.schedule) and segments < COUNTED:
            count, is_kept = self.next_segment(begin, kept_at)
            plan = plans[self.schedule.like(begin)]
            # What the first starts from are the first values, which are counted with the scenario.
            total += segment + plan.store_bytes(count)
            total += plan.state_bytes if is_kept and begin else 0
            kept_at = begin if is_kept else kept_at
            begin += count
            segments += 1
        return total * len(self.schedule) // (begin or 1)

    def next_segment(self, begin: int, kept_at: int) -> tuple[int, bool]:
        """Return how many steps the segment from `begin` has, and if what it starts from is kept.

        Steps count from 0; the last checkpoint was at `kept_at`.
        """
        longest = self.longest(self.schedule.like(begin))
        alike = self.schedule.alike(begin)
        if self.record == "checkpoints":  # right up to the next one, so that no way is longer
            left = kept_at + longest - begin
            return min(alike, left if left > 0 else longest), left <= 0 or not begin
        parts = max(round(alike / longest), 1)  # parts of one length leave no short rest
        return math.ceil(alike / parts), self.record in ("all", "parameters") or not begin

    def plan(self, batch: Batch) -> Plan:
        """Return the plan that runs such batches and keeps what the record keeps."""
        return self.plans.plan(batch, self.names_to_keep(self.plans.built(batch)))

    def longest(self, batch: Batch) -> int:
        """Return how many such steps are run at once, or at most half as many more."""
        whole = max(self.plans.plan(batch, None).row_bytes, 1)
        if self.record == "all":
            return max(CHUNK_BYTES // whole, CHUNK_STEPS)
        if self.record in ("parameters", "checkpoints"):
            steps = max(CHECKPOINT_BYTES // whole, CHUNK_STEPS)
            return min(steps, CHECKPOINT_STEPS) * self.spread
        size = UNKEPT_BYTES if self.record == "none" else 4 * CHUNK_BYTES
        return min(max(size // whole, 1), UNKEPT_STEPS)

    def window_steps(self, batch: Batch) -> int:
        """Return how many steps with such batches are computed again at once."""
        whole = max(self.plans.plan(batch, None).row_bytes, 1)
        size = min(WINDOW_BYTES, self.budget // WINDOW_SHARE)
        return min(max(size // whole, 1), WINDOW_STEPS)

    # Steps --------------------------------------------------------------------------------------

    def start(self, built: BuiltProgram) -> dict[str, array[float]]:
        """Return the first values of all that is carried from step to step."""
        result: dict[str, array[float]] = {}
        for name in built.program.carried:
            self.tell()
            given = self.scenario.parameters.get(name) or built.first_values.get(name)
            zeros = array("d", [0.0]) * (0 if given else math.prod(built.shapes[name]))
            result[name] = given.packed() if given else zeros
        return result

    def segment(
        self, first: int, batches: Sequence[Batch], carried: CarriedValues, *, is_kept: bool
    ) -> tuple[Segment, CarriedValues, bool, Fault | None]:
        """Run some steps, and keep of them what the record keeps.

        Where the record does not keep all and something is not finite, they are run again with
        all kept, window by window, so that the first such value is found. Then only the steps
        before that window are done; it is the next segment.
        """
        batch = batches[0]
        built = self.plans.built(batch)
        if self.record == "all":
            return self.whole_segment(first, batches, carried)
        arrays = self.plans.arrays_only
        after: CarriedValues
        rows, after, stopped = self.plan(batch).run(carried, first, batches)
        are_done = stopped or rows.count == len(batches)
        # Each look at an array has its price, so what lies in one vector is looked at as one.
        wholes: Mapping[Any, Any] = (
            {**after.alone, **after.vectors} if isinstance(after, StackedValues) else after
        )
        if are_done and not rows.first_non_finite() and all(map(_is_finite, wholes.values())):
            store = RecomputedStore(rows, self.plans.of_size(batch).names, first, self.checkpoints)
            start = carried if is_kept else {}
            segment = Segment(first, store, built, batches[: rows.count], start, None, arrays)
            return segment, after, stopped, None
        count = self.steps_before_fault(first, batches, carried)
        if 0 < count < len(batches):
            return self.segment(first, batches[:count], carried, is_kept=is_kept)
        return self.whole_segment(first, batches[: count or self.window_steps(batch)], carried)

    def steps_before_fault(
        self, first: int, batches: Sequence[Batch], carried: CarriedValues
    ) -> int:
        """Return how many steps come before the window with the first value that is not finite."""
        length = self.window_steps(batches[0])
        done = 0
        while done < len(batches):
            part = batches[done : done + length]
            store, carried, _ = self.plans.plan(part[0], None).run(carried, first + done, part)
            if store.count < len(part) or store.first_non_finite():
                break
            done += len(part)
        return done

    def whole_segment(
        self, first: int, batches: Sequence[Batch], carried: CarriedValues
    ) -> tuple[Segment, CarriedValues, bool, Fault | None]:
        """Run some steps, keep all of them, and look for the first value that is not finite."""
        built = self.plans.built(batches[0])
        arrays = self.plans.arrays_only
        after: CarriedValues
        store, after, stopped = self.plans.plan(batches[0], None).run(carried, first, batches)
        # Where Python refused what IEEE 754 has a value for, arrays go on.
        self.plans.arrays_only |= store.count < len(batches) and not stopped
        fault_place = store.first_non_finite()
        if fault_place is None:
            done = batches[: store.count]
            segment = Segment(first, store, built, done, carried, None, arrays)
            return segment, after, stopped, None
        row, name = fault_place
        store.cut(row + 1)
        values, order = store.floats(name, row), store.names()
        odd = values[non_finite_places(values, is_masked=name in built.masked)[0]]
        names = frozenset(order[: order.index(name) + 1])
        if row:
            names_after = built.program.carried.items()
            after = {old: array("d", store.floats(new, row - 1)) for old, new in names_after}
        else:
            after = carried
        segment = Segment(first, store, built, batches[: row + 1], carried, names, arrays)
        return segment, after, False, Fault(first + row, name, fault_kind(odd))


def _work_bytes(plan: Plan, count: int) -> int:
    """Return the bytes that running steps takes beside their values; two states meet there."""
    return plan.work_bytes(count) + 2 * plan.state_bytes


def _is_finite(value: Any) -> bool:
    """Tell whether numbers are, packed or as NumPy's arrays."""
    if isinstance(value, array):
        return all(map(math.isfinite, value))
    with np.errstate(over="ignore", invalid="ignore"):
        squares = np.vdot(value, value)
    return bool(np.isfinite(squares) or np.isfinite(value).all())  # a finite sum has finite terms
