"""Many runs of one scenario that differ in some values, and what each came to.

Small runs that differ in single numbers alone go together: one NumPy call for all of them. Others
run one by one; who asks may hand in a way to do that in several processes.

Of runs that go together each number is an entry of a vector, and each statement of the scalar plan
one NumPy call for all runs. What is the same in all of them stays a number. Sums, differences,
products and quotients have the bits of a run by itself; functions such as exp may differ in the
last place, as NumPy's do from Python's. A run that has ended is computed on, unseen.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import Any, Final, Literal, TypeAlias

from tracer.errors import RunError
from tracer.expression.syntax import Node
from tracer.frozen import Frozen, Value
from tracer.lazy_numpy import NDArray, np
from tracer.operations import Operation, Shape, code_template, kernels
from tracer.program.elements import UnknownInteger
from tracer.program.program import BuiltProgram
from tracer.program.scenario import Scenario, loads
from tracer.program.sweep_axes import SweepAxis, SweepPoint, sweep_points
from tracer.run.layout import Batch, row_parts
from tracer.run.memory import BUDGET_BYTES
from tracer.run.plans import ProgramPlans, check_integers, is_small
from tracer.run.runner import Run, first_program, run_scenario
from tracer.run.scalar_code import NAMESPACE, compile_source
from tracer.run.scalars import LoopSource
from tracer.run.trace import Fault, Trace, fault_kind
from tracer.sentences import say

# One plan for many runs ---------------------------------------------------------------------------

Values: TypeAlias = "NDArray[np.float64]"
Column: TypeAlias = "float | Values"  # an entry of an input: one number, or one for each run


class VectorRecord:
    """What is kept of so many runs: how far each came, and some single numbers of it.

    `figures` are the names of these. Of each the first, the last and the lowest value are kept, of
    iterations that were computed to their end. `faults` has the first value of each run that is
    not finite, where there is one.
    """

    def __init__(self, count: int, figures: Sequence[str]) -> None:
        self.count = count
        self.running = np.ones(count, bool)
        self.stopped = np.zeros(count, bool)
        self.iterations = np.zeros(count, np.int64)
        self.first = {name: np.full(count, np.nan) for name in figures}
        self.last = {name: np.full(count, np.nan) for name in figures}
        self.lowest = {name: np.full(count, np.nan) for name in figures}
        self.faults: dict[int, Fault] = {}
        self.slots: Mapping[str, tuple[Shape, tuple[int, ...]]] = {}
        self.masked: Collection[str] = ()

    def look(self, step: int, *entries: Column) -> None:
        """Take note of an iteration, counted from 0, whose values these are."""
        total = sum(entries)  # is not finite where one of the entries is not
        if not np.isfinite(total).all(where=self.running):
            self._find_faults(step, entries)
        np.add(self.iterations, self.running, out=self.iterations)
        for name, last in self.last.items():
            value = entries[self.slots[name][1][0]]
            np.copyto(last, value, where=self.running)
            np.fmin(self.lowest[name], value, out=self.lowest[name], where=self.running)
            if not step:
                np.copyto(self.first[name], value, where=self.running)

    def _find_faults(self, step: int, entries: Sequence[Column]) -> None:
        """Look for the first value of each run that is not finite, in the program's order."""
        for name, (_, slots) in self.slots.items():
            for slot in slots:
                values = np.broadcast_to(entries[slot], self.count)
                odd = ~np.isfinite(values) & self.running
                if name in self.masked:  # there, minus infinity is no fault
                    odd &= ~np.isneginf(values)
                for run in np.flatnonzero(odd).tolist():
                    self.faults[run] = Fault(step + 1, name, fault_kind(values[run]))
                self.running &= ~odd

    def end(self, stopped: Any) -> None:
        """End the runs whose condition says so."""
        self.stopped |= self.running & np.asarray(stopped, bool)
        self.running &= ~self.stopped


class VectorPlan:
    """The loop of all runs, compiled: what is the same in all of them stays a number.

    `varied` has a number for each run in the place of some single inputs. Raises UnknownInteger
    where labels are not known before the run.
    """

    def __init__(self, plans: ProgramPlans, varied: Mapping[str, Values]) -> None:
        built, (fixed, varying) = plans.built, plans.inputs
        statements = _VectorSource(built, fixed, tuple(varying)).statements()
        source, self._slots, _ = statements.recording([*plans.names])
        carried = built.program.carried
        self._carried = row_parts({name: math.prod(built.shapes[name]) for name in carried})
        self._masked = built.masked
        self._constants = [
            value
            for name in statements.fixed_names
            for value in ([varied[name]] if name in varied else fixed[name].floats())
        ]
        self._samples = [
            [given.row(place).floats() for place in range(given.shape[0])]
            for given in varying.values()
        ]
        functions = {"pack": VectorRecord.look, "end": VectorRecord.end}
        self._run = compile_source(source, {**NAMESPACE, "np": np, "kernels": kernels, **functions})

    def run(
        self,
        record: VectorRecord,
        carried: Mapping[str, Sequence[Column]],
        first: int,
        batches: Sequence[Batch],
    ) -> dict[str, Sequence[Column]]:
        """Run steps numbered from `first`, while any run goes on; return what is carried on."""
        record.slots, record.masked = self._slots, self._masked
        start = [value for name in self._carried for value in carried[name]]

        def steps() -> Iterator[Any]:
            for step, batch in enumerate(batches, first - 1):
                if step >= first and not record.running.any():
                    return
                rows = [samples[place] for samples in self._samples for place in batch.places or ()]
                yield (step, [*chain.from_iterable(rows)]) if self._samples else step

        with np.errstate(all="ignore"):
            _, end, _ = self._run(steps(), record, float(first), start, self._constants)
        return {name: end[part] for name, part in self._carried.items()}


class _VectorSource(LoopSource):
    """Writes the statements of the loop in NumPy's functions, which take numbers and vectors."""

    stop_lines = ("end(buffer, stopped)",)  # ends some runs; the steps end when none goes on

    def template(self, row: Operation, operands: Sequence[Node]) -> str:
        """Return the code for arrays, with a new one as its result."""
        if not super().template(row, operands):
            return ""
        code = code_template(row.array, operands).replace("{out}", "None")
        return code if row.derivative else f"1.0 * {code}"  # comparisons are of truth values


# Sweeps -------------------------------------------------------------------------------------------

CHUNK: Final = 4096  # runs in a vector: what a program of some ten numbers has in a core's cache

Outcome = Literal["falls", "rises", "constant", "single", "fault", "lost"]
# Gives the number and the result of each task, in any order.
RunTasks = Callable[[Callable[[Any], Any], Sequence[Any]], Iterable[tuple[int, Any]]]


class RunFigures(Value):
    """What a run came to: its loss, and the last value of its metric, where it has one.

    `iterations` counts those that were computed to their end, and the losses are theirs; None
    where there is none.
    """

    iterations: int
    first_loss: float | None
    last_loss: float | None
    lowest_loss: float | None
    metric: float | None
    stopped: bool
    fault: Fault | None

    @property
    def outcome(self) -> Outcome:
        """Where the loss went from the first iteration to the last."""
        if self.fault is not None:
            return "fault"
        if self == LOST:
            return "lost"
        if self.first_loss is None or self.last_loss is None or self.iterations < 2:
            return "single"
        if self.first_loss == self.last_loss:
            return "constant"
        return "falls" if self.last_loss < self.first_loss else "rises"


# Of a run whose process died.
LOST: Final = RunFigures(
    iterations=0,
    first_loss=None,
    last_loss=None,
    lowest_loss=None,
    metric=None,
    stopped=False,
    fault=None,
)


class SweepRun(Value):
    """One run of a sweep: the axes' values, as TOML, and what it came to."""

    values: tuple[str, ...]
    figures: RunFigures


class Sweep(Frozen):
    """All runs of a sweep, the last axis changing first; `together` of them ran as vectors."""

    scenario: Scenario
    axes: tuple[SweepAxis, ...]
    runs: tuple[SweepRun, ...]
    loss: str
    metric: str | None
    together: int


def run_sweep(
    scenario: Scenario,
    axes: Sequence[SweepAxis],
    *,
    budget: int = BUDGET_BYTES,
    run_tasks: RunTasks = lambda function, tasks: enumerate(map(function, tasks)),
    known: Callable[[SweepPoint], RunFigures | None] = lambda _: None,
    finished: Callable[[SweepPoint, RunFigures], object] = lambda *_: None,
    progress: Callable[[int, int], object] = lambda *_: None,
) -> Sweep:
    """Run a scenario with all combinations of the axes' values.

    `run_tasks` works on runs that cannot go together; `budget` are the bytes that each of
    them may take. What `known` returns of a run is not worked out; `finished` takes what is, at
    once. `progress(done, all)` counts runs. Raises the errors of `sweep_points` and of
    the runs.
    """
    points = list(sweep_points(scenario, axes))
    found = [known(point) for point in points]
    built = first_program(points[0].template)
    if built.program.loss is None:
        raise RunError(
            say("the scenario has no loss to compare its runs by"),
            where=scenario.label,
            expected=say("a loss in [network]"),
        )
    done = sum(item is not None for item in found)
    together = 0
    alike: dict[int, list[int]] = {}  # the places of runs that differ in numbers alone
    for place, item in enumerate(found):
        if item is None:
            alike.setdefault(id(points[place].template), []).append(place)
    for group in alike.values():
        for places, figures in _run_together(points, group):
            for place, item in zip(places, figures, strict=True):
                found[place] = item
                finished(points[place], item)
            together += len(places)
            progress(done + together, len(points))
    done += together
    rest = [place for place, item in enumerate(found) if item is None]
    tasks = [_scenario_recipe(points[place]) for place in rest]
    for number, item in run_tasks(partial(_run_recipe, budget), tasks):
        found[rest[number]] = item
        finished(points[rest[number]], item)
        done += 1
        progress(done, len(points))
    runs = tuple(
        SweepRun(point.values, figures)
        for point, figures in zip(points, found, strict=True)
        if figures is not None
    )
    return Sweep(scenario, tuple(axes), runs, built.program.loss, built.metric, together)


# One by one ---------------------------------------------------------------------------------------


def figures_of(trace: Trace) -> RunFigures:
    """Return what a run came to."""
    whole = len(trace) - (trace.fault is not None)
    loss, metric = trace.program.loss, trace.iteration(1).built.metric
    losses = trace.floats(loss)[:whole] if loss is not None and whole else []
    metrics = trace.floats(metric)[:whole] if metric is not None and whole else []
    return RunFigures(
        iterations=whole,
        first_loss=losses[0] if losses else None,
        last_loss=losses[-1] if losses else None,
        lowest_loss=min(losses) if losses else None,
        metric=metrics[-1] if metrics else None,
        stopped=trace.stopped,
        fault=trace.fault,
    )


def _scenario_recipe(point: SweepPoint) -> dict[str, Any]:
    """Return what a scenario is read from again in another process."""
    base = point.template
    own = base.overrides[: len(base.overrides) - len(point.settings)]
    return {
        "text": base.text,
        "name": base.name,
        "path": base.path,
        "settings": (*own, *point.settings),
        "variant": base.variant_name,
    }


def _run_recipe(budget: int, recipe: Mapping[str, Any]) -> RunFigures:
    return figures_of(run_scenario(loads(**recipe), record="checkpoints", budget=budget))


# Together -----------------------------------------------------------------------------------------


def _run_together(
    points: Sequence[SweepPoint], places: Sequence[int]
) -> Iterator[tuple[Sequence[int], Sequence[RunFigures]]]:
    """Yield what runs of one template came to, some at a time; nothing where they cannot be one."""
    run = Run(points[places[0]].template, "none")
    if len(places) < 2 or run.plans.arrays_only:
        return
    scenario, built = run.scenario, run.plans.built(run.schedule[0])
    check_integers(scenario, built, {**scenario.constants, **scenario.data})
    numbers = {
        name: np.array([points[place].numbers[key] for place in places])
        for key in points[places[0]].numbers
        for name in [built.setting_names.get(key[1], "") if key[0] == "training" else key[1]]
        if name in built.program.inputs  # the update may not use a setting
    }
    if not is_small(built) or any(built.program.inputs[name].integer for name in numbers):
        return
    for begin in range(0, len(places), CHUNK):
        part = slice(begin, begin + CHUNK)
        try:
            varied = {name: item[part] for name, item in numbers.items()}
            record = _run_vectors(run, varied, len(places[part]))
        except UnknownInteger:
            return
        yield places[part], _record_figures(record, built)


def _run_vectors(run: Run, varied: Mapping[str, Values], count: int) -> VectorRecord:
    """Run a scenario to its end, as many times as it has other numbers."""
    schedule, built = run.schedule, run.plans.built(run.schedule[0])
    record = VectorRecord(count, [*filter(None, (built.program.loss, built.metric))])
    carried: dict[str, Sequence[Column]] = {
        name: [varied[name]] if name in varied else entries.tolist()
        for name, entries in run.start(built).items()
    }
    plans: dict[Batch, VectorPlan] = {}
    done = 0
    while done < len(schedule) and record.running.any():
        batch, steps = schedule.like(done), schedule.alike(done)
        if batch not in plans:
            plans[batch] = VectorPlan(run.plans.of_size(batch), varied)
        carried = plans[batch].run(record, carried, done + 1, schedule[done : done + steps])
        done += steps
    return record


def _record_figures(record: VectorRecord, built: BuiltProgram) -> list[RunFigures]:
    """Return what each run of a record came to."""

    def numbers(values: Any) -> list[float | None]:
        return [None if math.isnan(value) else value for value in values.tolist()]

    loss, metric = str(built.program.loss), built.metric
    nothing: list[float | None] = [None] * record.count
    rows = zip(
        record.iterations.tolist(),
        numbers(record.first[loss]),
        numbers(record.last[loss]),
        numbers(record.lowest[loss]),
        nothing if metric is None else numbers(record.last[metric]),
        record.stopped.tolist(),
        (record.faults.get(run) for run in range(record.count)),
        strict=True,
    )
    return [RunFigures(*row) for row in rows]
