"""Running a scenario: which samples each step sees, which plan computes it, what is kept."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from tracer.errors import LimitError, ScenarioError
from tracer.expression.syntax import Call, walk
from tracer.operations import bound
from tracer.program.build import Built, build
from tracer.program.elements import UnknownInteger
from tracer.program.given import Given
from tracer.program.program import names_in
from tracer.program.scenario import Scenario
from tracer.run.layout import Batch
from tracer.run.scalars import ScalarFault, ScalarPlan
from tracer.run.trace import Fault, Segment, Trace

if TYPE_CHECKING:
    from tracer.run.arrays import ArrayPlan

__all__ = ["Record", "run_scenario"]

Record = Literal["all", "gradients", "none"]
Progress = Callable[[int, int], None]

CHUNK_BYTES = 8 * 1024 * 1024
BUDGET_BYTES = 1024 * 1024 * 1024
SCALAR_ENTRIES = 500  # arrays below this many entries in all run as scalars
MOST_STEPS = 10_000_000


def run_scenario(
    scenario: Scenario,
    *,
    record: Record = "all",
    progress: Progress | None = None,
    budget: int = BUDGET_BYTES,
) -> Trace:
    """Run a scenario and return its trace.

    `record` says what is kept: all quantities, all but parameters and optimizer state
    ('gradients'), or only what the next step needs ('none'). `progress(done, all)` is called now
    and then. Raises LimitError where the record would take more than `budget` bytes, before
    anything is computed, and the errors of `build`.
    """
    return _Run(scenario, record, progress, budget).trace()


class _Run:
    """One run, from the schedule to the trace."""

    def __init__(
        self, scenario: Scenario, record: Record, progress: Progress | None, budget: int
    ) -> None:
        self.scenario = scenario
        self.record = record
        self.progress = progress
        self.budget = budget
        self.plans: dict[int | None, ScalarPlan | ArrayPlan] = {}
        self.builts: dict[int | None, Built] = {}
        self.arrays_only = scenario.dtype != "float64"

    def trace(self) -> Trace:
        steps = self.steps()
        first = self.built(steps[0])
        check_integers(self.scenario, first)
        self.check_budget(steps)
        carried = self.start(first)
        initial = dict(carried)
        segments: list[Segment] = []
        fault: Fault | None = None
        stopped = False
        done = 0
        for group in _groups(steps, self.rows_per_chunk):
            segment, carried, stopped, fault = self.segment(done + 1, group, carried)
            done += segment.store.count
            segments.append(segment)
            if self.progress:
                self.progress(done, len(steps))
            if stopped or fault:
                break
            if segment.store.count < len(group):  # a scalar fault: arrays do the rest
                rest = steps[done:]
                for again in _groups(rest, self.rows_per_chunk):
                    segment, carried, stopped, fault = self.segment(done + 1, again, carried)
                    done += segment.store.count
                    segments.append(segment)
                    if stopped or fault:
                        break
                break
        segments = [segment for segment in segments if segment.store.count]
        return Trace(self.scenario, segments, initial, fault=fault, stopped=stopped)

    # The schedule -------------------------------------------------------------------------------

    def steps(self) -> list[Batch]:
        """Return the batch of every step. Raises LimitError where there are too many."""
        training = self.scenario.training
        count = self.samples()
        if training is None:
            return [Batch(1, None)]
        if training.sample is not None:
            chosen: Sequence[int] = [training.sample]
        elif training.samples is not None:
            chosen = list(training.samples)
        else:
            chosen = range(count) if count is not None else []
        size = training.batch_size or max(len(chosen), 1)
        epoch_length = max(math.ceil(len(chosen) / size), 1)
        total = training.iterations
        if total is None:
            total = (training.epochs or 1) * epoch_length
        if total > MOST_STEPS:
            raise LimitError(
                "too many iterations", found=str(total), expected=f"at most {MOST_STEPS}"
            )
        if epoch_length == 1 and not training.shuffle:
            places = chosen if count is not None else None
            by_epoch = training.epochs is not None
            whole = [Batch(epoch + 1 if by_epoch or True else 1, places) for epoch in range(total)]
            return whole
        return list(_batches(chosen, size, total, training.seed if training.shuffle else None))

    def samples(self) -> int | None:
        """Return how many samples the data has; None where its arrays differ in length."""
        lengths = {given.shape[0] for given in self.scenario.data.values() if given.shape}
        return lengths.pop() if len(lengths) == 1 else None

    # Plans --------------------------------------------------------------------------------------

    def key(self, batch: Batch) -> int | None:
        return None if batch.places is None else len(batch.places)

    def varies(self) -> bool:
        training = self.scenario.training
        return training is not None and (training.batch_size is not None or training.shuffle)

    def data(self, batch: Batch) -> dict[str, Given]:
        """Return the data of a batch."""
        training = self.scenario.training
        if batch.places is None or training is None:
            return dict(self.scenario.data)
        result: dict[str, Given] = {}
        for name, given in self.scenario.data.items():
            if not given.shape:
                result[name] = given
            elif training.sample is not None:
                result[name] = given.row(training.sample)
            elif len(batch.places) == given.shape[0] and not self.varies() and list(
                batch.places
            ) == list(range(given.shape[0])):
                result[name] = given
            else:
                result[name] = given.rows(batch.places)
        return result

    def built(self, batch: Batch) -> Built:
        key = self.key(batch)
        if key not in self.builts:
            shapes = {name: given.shape for name, given in self.data(batch).items()}
            self.builts[key] = build(self.scenario, shapes)
        return self.builts[key]

    def plan(self, batch: Batch) -> ScalarPlan | ArrayPlan:
        key = self.key(batch)
        if key not in self.plans:
            self.plans[key] = self.compiled(self.built(batch), batch)
        return self.plans[key]

    def compiled(self, built: Built, batch: Batch) -> ScalarPlan | ArrayPlan:
        data = self.data(batch)
        varying: dict[str, Given] = {}
        fixed: dict[str, Given] = dict(built.settings)
        for name, given in data.items():
            if self.varies() and given.shape:
                varying[name] = self.scenario.data[name]
            else:
                fixed[name] = given
        fixed.update(self.scenario.constants)
        fixed.update(self.scenario.parameters)
        recorded = self.recorded(built)
        if not self.arrays_only and _is_small(built):
            try:
                return ScalarPlan(built, fixed, varying, recorded)
            except UnknownInteger:
                pass  # labels that differ from step to step: arrays take them as they come
        from tracer.run.arrays import ArrayPlan

        return ArrayPlan(built, fixed, varying, recorded, self.scenario.dtype)

    def recorded(self, built: Built) -> frozenset[str] | None:
        """Return the names to keep; None means all."""
        if self.record == "all":
            return None
        if self.record == "none":
            return frozenset()
        return frozenset(
            equation.name for equation in built.program.equations if equation.phase != "update"
        )

    @property
    def rows_per_chunk(self) -> Callable[[Batch], int]:
        def rows(batch: Batch) -> int:
            size = self.plan(batch).row_bytes
            return max(1, CHUNK_BYTES // size) if size else 100_000

        return rows

    def check_budget(self, steps: list[Batch]) -> None:
        """Say before the run where its record would not fit."""
        sizes = {self.key(batch): self.plan(batch).row_bytes for batch in steps}
        total = sum(sizes[self.key(batch)] for batch in steps)
        if total > self.budget:
            raise LimitError(
                "the record of this run is too large",
                found=f"{total / 1e6:,.0f} MB for {len(steps):,} iterations",
                expected=f"at most {self.budget / 1e6:,.0f} MB; fewer iterations, or "
                "record='none'",
            )

    # Steps --------------------------------------------------------------------------------------

    def start(self, built: Built) -> dict[str, Any]:
        """Return the first values of all that is carried from step to step."""
        result: dict[str, Any] = {}
        for name in built.program.carried:
            if name in self.scenario.parameters:
                result[name] = self.scenario.parameters[name].floats()
            else:
                result[name] = [0.0] * math.prod(built.shapes[name])
        return result

    def segment(
        self, first: int, batches: list[Batch], carried: Mapping[str, Any]
    ) -> tuple[Segment, dict[str, Any], bool, Fault | None]:
        plan = self.plan(batches[0])
        stopped = False
        try:
            store, after, stopped = plan.run(carried, first, batches)
        except ScalarFault as fault:
            # Python refused what IEEE 754 has a value for: go on with arrays from there.
            self.arrays_only = True
            self.plans.clear()
            store, after = fault.store, dict(fault.carried)
        built = self.built(batches[0])
        found = store.first_non_finite()
        names: frozenset[str] | None = None
        fault_found: Fault | None = None
        if found is not None:
            row, name = found
            store.cut(row + 1)
            values = store.floats(name, row)
            kind = _kind(next(value for value in values if not math.isfinite(value)))
            fault_found = Fault(first + row, name, kind)
            order = list(store.names())
            names = frozenset(order[: order.index(name) + 1])
        segment = Segment(first, store, built, batches, dict(carried), names)
        return segment, after, stopped, fault_found


def _kind(value: float) -> Literal["inf", "-inf", "nan"]:
    if math.isnan(value):
        return "nan"
    return "inf" if value > 0 else "-inf"


def _batches(
    chosen: Sequence[int], size: int, total: int, seed: int | None
) -> Iterator[Batch]:
    """Yield batches, epoch after epoch; shuffled anew in each where there is a seed."""
    generator = None
    if seed is not None:
        import numpy as np

        generator = np.random.default_rng(seed)
    done = 0
    epoch = 0
    while True:
        epoch += 1
        order = list(chosen)
        if generator is not None:
            order = [order[place] for place in generator.permutation(len(order)).tolist()]
        for begin in range(0, len(order), size):
            if done == total:
                return
            yield Batch(epoch, order[begin : begin + size])
            done += 1


def _groups(steps: list[Batch], rows: Callable[[Batch], int]) -> Iterator[list[Batch]]:
    """Yield consecutive steps of one batch size, at most a chunk at a time."""
    begin = 0
    while begin < len(steps):
        size = _length(steps[begin])
        most = rows(steps[begin])
        end = begin
        while end < len(steps) and end - begin < most and _length(steps[end]) == size:
            end += 1
        yield steps[begin:end]
        begin = end


def _length(batch: Batch) -> int:
    return -1 if batch.places is None else len(batch.places)


def _is_small(built: Built) -> bool:
    """Tell whether a program runs quicker as scalars than as arrays."""
    shapes = built.shapes
    entries = sum(math.prod(item.shape) for item in built.program.inputs.values())
    entries += sum(math.prod(equation.shape) for equation in built.program.equations)
    if entries > SCALAR_ENTRIES:
        return False
    return _products(built, shapes) <= 20 * SCALAR_ENTRIES


def _products(built: Built, shapes: Any) -> int:
    """Return about how many scalar operations a step would take."""
    total = 0
    for equation in built.program.equations:
        for part in walk(equation.expression):
            if isinstance(part, Call):
                _, operands, _ = bound(part)
                total += max(math.prod(shapes.of(node)) for node in (part, *operands))
    return total


def check_integers(scenario: Scenario, built: Built) -> None:
    """Check that labels and ids are whole numbers in range. Raises ScenarioError."""
    given = {**scenario.constants, **scenario.data}
    for equation in built.program.equations:
        for part in walk(equation.expression):
            if not isinstance(part, Call):
                continue
            row, operands, attributes = bound(part)
            if not row.integers:
                continue
            limit = (
                row.limit(*(built.shapes.of(operand) for operand in operands), **attributes)
                if row.limit
                else None
            )
            for operand_name, operand in zip(row.operands, operands, strict=True):
                if operand_name in row.integers:
                    for name in names_in(operand):
                        if name in given:
                            _check_labels(scenario, name, given[name], limit)


def _check_labels(scenario: Scenario, name: str, given: Given, limit: int | None) -> None:
    place = f"{scenario.path or scenario.name}: {name}"
    if not given.are_whole():
        raise ScenarioError(
            f"{name} is used as labels or ids", where=place, expected="whole numbers"
        )
    values = given.floats()
    if limit is not None and values and not 0 <= min(values) <= max(values) < limit:
        wrong = next(value for value in values if not 0 <= value < limit)
        raise ScenarioError(
            f"{name} is used as labels or ids",
            where=place,
            found=f"{wrong:g}",
            expected=f"whole numbers from 0 to {limit - 1}",
        )


