"""Many runs of one scenario that differ in some values, and what each came to.

Runs whose programs are the same, and small, go together: one NumPy call for all of them. Larger
ones run one by one; who asks may hand in a way to do that in several processes.

Of runs that go together each number is an entry of a vector, and each statement of the scalar plan
one NumPy call for all runs. What is the same in all of them stays a number. Functions such as exp,
in which NumPy may differ from Python in the last place, are Python's, called for each run: so all
has the bits of a run by itself. A run that has ended is computed on, unseen.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from itertools import chain
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from tracer.errors import RunError, TracerError
from tracer.expression import Node
from tracer.frozen import Frozen, Value
from tracer.lazy_numpy import NDArray, np
from tracer.operations import Operation, Shape, code_template, kernels
from tracer.program.elements import UnknownInteger
from tracer.program.given_array import GivenArray
from tracer.program.overrides import setting_place
from tracer.program.program import BuiltProgram
from tracer.program.scenario import Scenario, loads
from tracer.program.sweep_axes import SweepAxis, SweepPoint, sweep_points
from tracer.run.layout import Batch, row_parts
from tracer.run.memory import BUDGET_BYTES
from tracer.run.plans import Plans, check_integers, is_small
from tracer.run.runner import run_scenario, schedule_of_run
from tracer.run.scalar_code import NAMESPACE, compile_source
from tracer.run.scalars import LoopSource
from tracer.run.schedule import Schedule
from tracer.run.trace import Fault, Trace, fault_kind
from tracer.sentences import say

# One plan for many runs ---------------------------------------------------------------------------

Values: TypeAlias = "NDArray[np.float64]"
Column: TypeAlias = "float | Values"  # an entry of an input: one number, or one for each run


class VectorRecord:
    """The record of several runs: how far each came, and some single numbers of each.

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
        if not (np.isfinite(total) | ~self.running).all():
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
                if name in self.masked:  # minus infinity in a mask is no fault
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

    Raises UnknownInteger where labels are not known before the run.
    """

    def __init__(
        self,
        built: BuiltProgram,
        fixed: Mapping[str, GivenArray],
        varying: Mapping[str, GivenArray],
    ) -> None:
        statements = _VectorSource.shared_statements(built, fixed, tuple(varying))
        names = [equation.name for equation in built.program.equations]
        source, self._slots, _ = statements.recording(names)
        carried = built.program.carried
        self._carried = row_parts({name: math.prod(built.shapes[name]) for name in carried})
        self._masked = built.masked
        self.fixed = statements.fixed_names
        self.varying = tuple(varying)
        functions = {"pack": VectorRecord.look, "end": VectorRecord.end, "each_run": _each_run}
        self._run = compile_source(source, {**NAMESPACE, "np": np, "kernels": kernels, **functions})

    def run(
        self,
        record: VectorRecord,
        carried: Mapping[str, Sequence[Column]],
        first: int,
        batches: Sequence[Batch],
        columns: Mapping[str, Sequence[Column]],
        rows: Mapping[str, Sequence[Sequence[Column]]],
    ) -> dict[str, Sequence[Column]]:
        """Run steps numbered from `first`, while any run goes on; return what is carried on.

        `columns` has the entries of each fixed input, `rows` those of each sample of a varying
        one.
        """
        record.slots, record.masked = self._slots, self._masked
        start = [value for name in self._carried for value in carried[name]]
        constants = [value for name in self.fixed for value in columns[name]]

        def steps() -> Iterator[Any]:
            for step, batch in enumerate(batches, first - 1):
                if step >= first and not record.running.any():
                    return
                samples = [
                    rows[name][place] for name in self.varying for place in batch.places or ()
                ]
                yield (step, [*chain.from_iterable(samples)]) if self.varying else step

        with np.errstate(all="ignore"):
            _, end, _ = self._run(steps(), record, float(first), start, constants)
        return {name: end[part] for name, part in self._carried.items()}


# Functions of the scalar code that NumPy may round otherwise: all but those that are exact.
_UNLIKE: Final = re.compile(rf"\b({'|'.join({*NAMESPACE} - {'sqrt', 'abs', 'max', 'nan'})})\(")


class _VectorSource(LoopSource):
    """Writes the statements of the loop in NumPy's functions, which take numbers and vectors."""

    stop_lines = ("end(buffer, stopped)",)  # ends some runs; the steps end when none goes on

    def template(self, row: Operation, operands: Sequence[Node]) -> str:
        """Return the code for arrays, with a new one as its result; or a call for each run."""
        scalar = super().template(row, operands)
        if not scalar:
            return ""
        code = code_template(row.array, operands).replace("{out}", "None")
        if not row.derivative:
            return f"1.0 * {code}"  # comparisons are of truth values
        if _UNLIKE.search(scalar) is None:
            return code
        names = [f"x{place}" for place in range(len(operands))]
        functions = [f"lambda {', '.join(names)}: {it.format(*names)}" for it in (scalar, code)]
        places = [f"{{{place}}}" for place in range(len(operands))]
        return f"each_run({', '.join([*functions, *places])})"


def _each_run(
    scalar: Callable[..., float], array: Callable[..., Values], *operands: Column
) -> Values:
    """Return a function of each run's entries; where Python refuses them, that of arrays."""
    columns = np.broadcast_arrays(*map(np.atleast_1d, operands))
    rows = [column.tolist() for column in columns]
    try:
        return np.array([*map(scalar, *rows)])
    except (ArithmeticError, ValueError):
        values = array(*columns)
        for run, entries in enumerate(zip(*rows, strict=True)):
            with suppress(ArithmeticError, ValueError):
                values[run] = scalar(*entries)
        return values


# Sweeps -------------------------------------------------------------------------------------------

CHUNK: Final = 4096  # runs in a vector: what a program of some ten numbers has in a core's cache

# A plan, its inputs, its samples.
_SizePlan = tuple[Any, dict[str, list[Any]], dict[str, list[list[Any]]]]
Outcome = Literal["falls", "rises", "constant", "single", "fault", "lost"]
# Gives the number and the result of each task, in any order.
RunTasks = Callable[[Callable[[Any], Any], Sequence[Any]], Iterable[tuple[int, Any]]]


class RunFigures(Value):
    """The results of a run: its losses, and the last value of its metric, where it has one.

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

    `run_tasks` works on runs that are too large to go together; `budget` are the bytes that each of
    them may take. What `known` returns of a run is not worked out; `finished` takes what is, at
    once. `progress(done, all)` counts runs. Raises the errors of `sweep_points` and of
    the runs.
    """
    points = list(sweep_points(scenario, axes))
    outcomes = [known(point) for point in points]
    families = _run_families(points, outcomes)
    built = families[0].built
    if built.program.loss is None:
        raise RunError(
            say("the scenario has no loss to compare its runs by"),
            where=scenario.label,
            expected=say("a loss in [network]"),
        )
    done = sum(item is not None for item in outcomes)
    together = 0
    for family in families:
        for places, figures in _run_together(family, points):
            for place, item in zip(places, figures, strict=True):
                outcomes[place] = item
                finished(points[place], item)
            together += len(places)
            progress(done + together, len(points))
    done += together
    rest = [place for place, item in enumerate(outcomes) if item is None]
    tasks = [_scenario_recipe(points[place]) for place in rest]
    for number, item in run_tasks(partial(_run_recipe, budget), tasks):
        outcomes[rest[number]] = item
        finished(points[rest[number]], item)
        done += 1
        progress(done, len(points))
    runs = tuple(
        SweepRun(point.values, figures)
        for point, figures in zip(points, outcomes, strict=True)
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
    scenario = loads(**recipe)
    try:
        return figures_of(run_scenario(scenario, record="checkpoints", budget=budget))
    except TracerError as error:
        raise error.at(" ".join(map(setting_place, scenario.overrides))) from None


# Together -----------------------------------------------------------------------------------------


class _Family(NamedTuple):
    """Points whose programs are the same: their places, and each one's template by number."""

    built: BuiltProgram
    plans: list[Plans]
    schedule: Schedule
    places: list[int]
    templates: list[int]


def _run_families(
    points: Sequence[SweepPoint], found: Sequence[RunFigures | None]
) -> list[_Family]:
    """Return the points that are not found by what they compute; each template is built once."""
    families: dict[object, _Family] = {}
    of_template: dict[int, tuple[_Family, int]] = {}
    for place, point in enumerate(points):
        template = point.template
        if id(template) not in of_template:
            schedule = schedule_of_run(template)
            plans = Plans(template)
            built = plans.built(schedule[0])
            given = {**template.constants, **template.data}
            check_integers(template, built, given)
            key = _run_kind(template, built, given, len(schedule))
            family = families.setdefault(key, _Family(built, [], schedule, [], []))
            of_template[id(template)] = family, len(family.plans)
            family.plans.append(plans)
        family, number = of_template[id(template)]
        if found[place] is None:
            family.places.append(place)
            family.templates.append(number)
    return list(families.values())


def _run_kind(
    scenario: Scenario, built: BuiltProgram, given: Mapping[str, GivenArray], iterations: int
) -> tuple[object, ...]:
    """Return what two runs have in common that can go together."""
    training = scenario.training
    seen = training and (
        *(training.batch_size, training.samples, training.sample),
        training.seed if training.shuffle else None,
    )
    labels = tuple(
        (name, tuple(given[name].floats()))
        for name, item in built.program.inputs.items()
        if item.integer and name in given
    )
    samples = tuple((name, item.shape) for name, item in scenario.data.items())
    return (
        *built.structure,
        *(built.program.loss, built.metric, tuple(built.setting_names.items())),
        *(scenario.dtype, iterations, seen, labels, samples),
    )


def _run_together(
    family: _Family, points: Sequence[SweepPoint]
) -> Iterator[tuple[Sequence[int], Sequence[RunFigures]]]:
    """Yield what the runs of a family came to, some at a time; nothing where they cannot be one."""
    if not family.places or family.plans[0].arrays_only or not is_small(family.built):
        return
    columns = _Columns(family, points)
    if any(family.built.program.inputs[name].integer for name in columns.varied):
        return
    figures = [name for name in (family.built.program.loss, family.built.metric) if name]
    for begin in range(0, len(family.places), CHUNK):
        part = slice(begin, min(begin + CHUNK, len(family.places)))
        record = VectorRecord(part.stop - begin, figures)
        try:
            columns.run(record, part)
        except UnknownInteger:
            return
        yield family.places[part], _record_figures(record, figures, family.built)


def _record_figures(
    record: VectorRecord, names: Sequence[str], built: BuiltProgram
) -> list[RunFigures]:
    """Return what each run of a record came to."""

    def numbers(values: Any) -> list[float | None]:
        return [None if math.isnan(value) else value for value in values.tolist()]

    loss, metric = names[0], built.metric
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


class _Columns:
    """The inputs of a family's runs: a number where all have the same, else a vector of runs."""

    def __init__(self, family: _Family, points: Sequence[SweepPoint]) -> None:
        self.family = family
        self.templates = np.array(family.templates)
        own = family.built.setting_names
        #: the numbers that stand instead of the template's, by the program's names
        self.varied: dict[str, Any] = {
            name: np.array([points[place].numbers[key] for place in family.places])
            for key in points[family.places[0]].numbers
            for name in [own.get(key[1], "") if key[0] == "training" else key[1]]
            if name in family.built.program.inputs  # the update may not use a setting
        }
        self.plans: dict[int | None, _SizePlan] = {}

    def run(self, record: VectorRecord, part: slice) -> None:
        """Run a part of the runs to their end."""
        schedule = self.family.schedule
        carried = self.start(part)
        done = 0
        while done < len(schedule) and record.running.any():
            count = schedule.alike(done)
            batches = schedule[done : done + count]
            plan, fixed, rows = self.plan(schedule.like(done))
            inputs = {name: self.part(fixed[name], part) for name in plan.fixed}
            samples = {name: [self.part(row, part) for row in rows[name]] for name in plan.varying}
            carried = plan.run(record, carried, done + 1, batches, inputs, samples)
            done += count

    def start(self, part: slice) -> dict[str, Sequence[Column]]:
        """Return the first values of all that is carried from step to step."""
        result: dict[str, Sequence[Column]] = {}
        first = [plans.built(self.family.schedule[0]) for plans in self.family.plans]
        for name in self.family.built.program.carried:
            givens = [
                plans.scenario.parameters.get(name) or built.first_values.get(name)
                for plans, built in zip(self.family.plans, first, strict=True)
            ]
            size = math.prod(self.family.built.shapes[name])
            floats = [[0.0] * size if given is None else given.floats() for given in givens]
            result[name] = self.part(self.columns(name, floats), part)
        return result

    def plan(self, batch: Batch) -> _SizePlan:
        """Return the plan for a batch, and the inputs of all runs; made once for each size."""
        size = None if batch.places is None else len(batch.places)
        if size not in self.plans:
            inputs = [plans.of_size(batch).inputs for plans in self.family.plans]
            fixed = {
                name: self.columns(name, [own[name].floats() for own, _ in inputs])
                for name in inputs[0][0]
            }
            rows = {
                name: self.rows(name, [varying[name] for _, varying in inputs])
                for name in inputs[0][1]
            }
            plan = VectorPlan(self.family.plans[0].built(batch), *inputs[0])
            self.plans[size] = plan, fixed, rows
        return self.plans[size]

    def columns(self, name: str, floats: Sequence[Sequence[float]]) -> list[Column]:
        """Return the entries of an input, given those of each template."""
        if name in self.varied:
            return [self.varied[name]]
        if all(item == floats[0] for item in floats[1:]):
            return list(floats[0])
        return list(np.array(floats).T[:, self.templates])

    def rows(self, name: str, givens: Sequence[GivenArray]) -> list[list[Column]]:
        """Return the entries of each sample of a datum."""
        size = math.prod(givens[0].shape[1:])
        entries = self.columns(name, [given.floats() for given in givens])
        return [entries[row * size : (row + 1) * size] for row in range(givens[0].shape[0])]

    def part(self, entries: Sequence[Column], part: slice) -> list[Column]:
        """Return the entries of some of the runs."""
        return [item if isinstance(item, float) else item[part] for item in entries]
