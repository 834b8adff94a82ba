"""Recorded values beside the trace, step by step in the order of the program.

Each value is held against its equation, worked out from what was recorded of its operands, within
the rounding that the graph explains. So the first value that departs is found however long the
run was, and of the later ones it is said which follow from it: put into their equation, what was
recorded gives what was recorded. A departure is explained by the causes that hand calculations
have: a factor, a sign, a transpose, a stale value, another quantity.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple, cast

from tracer.check.model.finding import SlipKind
from tracer.errors import RunError, TracerError, UnknownNameError, nearest
from tracer.expression import render
from tracer.frozen import Frozen
from tracer.lazy_numpy import NDArray, np
from tracer.operations import Shape, number_text, shape_text, vocabulary
from tracer.option_limits import check_share
from tracer.program.program import Equation, names_in, needed_for
from tracer.program.scenario import Scenario
from tracer.recorded.recorded_files import (
    MAX_ITERATIONS,
    RawValues,
    Recorded,
    arrays_by_iteration,
    decimals_of,
    iterations_of,
    raw_values,
)
from tracer.recorded.rounding_bounds import BoundedValue, BoundedValues
from tracer.run.memory import BUDGET_BYTES
from tracer.run.runner import run_scenario
from tracer.run.trace import Iteration, Trace
from tracer.sentences import Sentence, Text, say

UNIT: Final = {"float64": 2.0**-53, "float32": 2.0**-24, "float16": 2.0**-11}
SLACK: Final = {"float64": 2**10, "float32": 2, "float16": 2}
"""How many times the bound a value may be off: another order of the same sums. Doubles have digits
to spare, with which also an algebraically equal formula passes."""
SHARE: Final = 1e-3  # relative to the largest entry; below it an entry counts as 0
Follows = Literal["first", "follows", "depends", "own"]
MOST_COMPARED: Final = 4096


class Cause(NamedTuple):
    """What explains a departure: the kind of slip, and words."""

    kind: SlipKind
    words: Sentence


class Departure(NamedTuple):
    """A recorded value that is not the traced one; numbers are those of its worst entry.

    `expected` is the whole array that its equation gives for what was recorded of its operands.
    `follows` says whether it is the first, follows from an earlier one, depends on one (whose
    shape is wrong), or departs by itself.
    """

    iteration: int
    name: str
    index: tuple[int, ...]  # type: ignore[assignment]  # nobody asks it for tuple.index
    recorded: float
    traced: float
    absolute: float
    relative: float
    ulps: float
    differing: int
    entries: int
    causes: tuple[Cause, ...]
    follows: Follows
    expected: BoundedValue


class RecordedComparison(NamedTuple):
    """What came of comparing recorded values with a run.

    `tolerance` is the relative one that was asked for; None: the rounding that the graph explains.
    """

    scenario: str
    values: int
    iterations: int
    dtype: str
    tolerance: float | None
    decimals: int | None
    departures: tuple[Departure, ...]
    unknown: tuple[tuple[str, Text], ...]  # a name, and what is near it
    missing: tuple[str, ...]


def compare_with_scenario(
    raw: RawValues,
    scenario: Scenario,
    tolerance: float | None = None,
    *,
    budget: int = BUDGET_BYTES,
    watch: Callable[[int, int], object] | None = None,
) -> RecordedComparison:
    """Return the comparison of recorded values with a scenario's run.

    The run is as long as the record, and may take `budget` bytes. `watch` is told how many
    iterations are compared, and of how many. Raises as `compare`.
    """
    return compare(lengthened_run(raw, scenario, budget), raw, tolerance=tolerance, watch=watch)


def compare(
    trace: Trace,
    recorded: RawValues | Mapping[int, Mapping[str, Any]] | Mapping[str, Any],
    *,
    tolerance: float | None = None,
    watch: Callable[[int, int], object] | None = None,
) -> RecordedComparison:
    """Return the comparison of values that were recorded elsewhere with a trace.

    `recorded` are arrays by iteration (from 1) and name, or by name with the iteration as first
    axis (left out where there is one); names are those of the trace. A value may be as far off as
    the rounding of its dtype explains, worked out from the terms that its equation sums;
    `tolerance`, from 0 to 1, is a relative one in its place. Raises TracerError where no name is
    one of the trace.
    """
    if tolerance is not None:
        check_share("tolerance", tolerance)
    raw = recorded if isinstance(recorded, RawValues) else raw_values(recorded)
    known = _names_of(trace)
    unknown = tuple((name, nearest(name, known)) for name in raw.names() if name not in known)
    by_iteration = arrays_by_iteration(raw, trace)
    dtype = _recorded_dtype(raw, trace)
    decimals = decimals_of(raw) if raw.decimals is None and dtype == "float32" else raw.decimals
    comparer = _Comparer(trace, AgreementRule(dtype, tolerance, decimals))
    last = min(max(by_iteration, default=0), len(trace))
    # What was not recorded is rounded too, and what follows from it is as far off.
    walked = sorted({*by_iteration, *range(max(1, last - MOST_COMPARED), last + 1)})
    departures: list[Departure] = []
    for done, number in enumerate(walked):
        if watch is not None:
            watch(done, len(walked))
        departures += comparer.departures(number, by_iteration.get(number, {}))
    there = {name for values in by_iteration.values() for name in values}
    missing = [
        item.name
        for item in trace.program.equations
        if item.phase != "metric" and item.name not in there and "#" not in item.name
    ]
    return comparer.comparison(departures, unknown, missing)


def lengthened_run(raw: RawValues, scenario: Scenario, budget: int) -> Trace:
    """Return the run of a scenario, as long as the record. Raises TracerError: too long."""
    trace = run_scenario(scenario, budget=budget)
    wanted = iterations_of(raw, trace.iteration(1).built.shapes)
    if wanted <= len(trace) or scenario.training is None or trace.stopped or trace.fault:
        return trace
    if wanted > MAX_ITERATIONS:
        raise TracerError(
            say("too many iterations"), found=str(wanted), expected=f"{MAX_ITERATIONS}"
        )
    longer = scenario.with_overrides([f"training.iterations={wanted}"])
    return run_scenario(longer, budget=budget)


def _recorded_dtype(raw: RawValues, trace: Trace) -> str:
    """Return which numbers were recorded: those of the arrays, or what JSON's can be."""
    arrays = raw.arrays()
    kinds = {str(array.dtype) for array in arrays} & set(UNIT)
    if kinds - {"float64"}:
        return min(kinds, key=lambda kind: int(kind[5:]))
    wide = [array.astype("float64") for array in arrays]
    with np.errstate(over="ignore"):
        is_single = all(
            np.array_equal(each.astype("float32").astype("float64"), each, equal_nan=True)
            for each in wide
        )
    is_long = any(len(repr(float(entry))) > 12 for each in wide for entry in each.ravel()[:64])
    return "float32" if is_single and is_long else trace.scenario.dtype


class AgreementRule(NamedTuple):
    """How far a value may be from another one."""

    dtype: str
    relative: float | None = None
    decimals: int | None = None

    @property
    def unit(self) -> float:
        """The unit roundoff of the numbers that were recorded."""
        return UNIT[self.dtype]

    @property
    def rounding(self) -> float:
        """How far a written value may be from what its program had: half of the last decimal."""
        return 0.0 if self.decimals is None else 0.5001 * 10.0**-self.decimals

    def allowed(self, right: BoundedValue) -> NDArray[Any]:
        """Return how far each entry may be."""
        if self.relative is not None:
            return cast("NDArray[Any]", self.relative * _entry_sizes(right.value) + self.unit)
        bound = right.bound + self.unit * np.abs(right.value)
        return cast("NDArray[Any]", SLACK[self.dtype] * bound + self.rounding)

    def agree(self, one: NDArray[Any], right: BoundedValue) -> bool:
        """Tell whether all entries agree; what is not finite agrees with the same."""
        if one.shape != right.value.shape:
            return False
        with np.errstate(all="ignore"):
            near = np.abs(one - right.value) <= self.allowed(right)
            same = (one == right.value) | (np.isnan(one) & np.isnan(right.value))
        return bool((near | same).all())

    def alike(self, one: NDArray[Any], other: NDArray[Any], bound: Any = 0.0) -> bool:
        """Tell whether a value can be another one: as near as single roundings explain."""
        return self.agree(one, BoundedValue(other, bound + 64 * self.unit * _entry_sizes(other)))


def _entry_sizes(value: NDArray[Any]) -> NDArray[Any]:
    """Return how large each entry is; what is tiny beside the largest counts as a share of it."""
    sizes = np.abs(value)
    return cast("NDArray[Any]", np.maximum(sizes, SHARE * sizes.max(initial=0)))


class _Comparer:
    """The comparison, iteration by iteration and value by value."""

    def __init__(self, trace: Trace, rule: AgreementRule) -> None:
        self.trace = trace
        self.before: Recorded = {}  # recorded values of the iteration before
        self.rule = rule
        self.values = 0
        self.iterations: set[int] = set()
        self.has_departed = False
        # What departs or is made of it: whether a shape is wrong there.
        self.tainted: dict[tuple[int, str], bool] = {}
        # What each value is for the equations that use it, in this iteration and the one before.
        self.current: dict[tuple[int, str], BoundedValue] = {}

    def departures(self, number: int, values: Mapping[str, NDArray[Any]]) -> Iterator[Departure]:
        """Yield what departs in an iteration, in the order of the program."""
        if not 1 <= number <= len(self.trace):
            return
        iteration = self.trace.iteration(number)
        program = iteration.program
        after = program.carried.values()  # needed in the next iteration
        self.current = {at: value for at, value in self.current.items() if at[0] == number - 1}
        if self.is_repeated(iteration, values):
            self.values += len(values)
            self.iterations.add(number)
            self.current = {(number, name): self.as_recorded(values[name]) for name in after}
        else:
            for name in program.inputs:
                yield from self.value(iteration, name, None, values.get(name))
            wanted = needed_for({*values, *after}, program.equations)
            for equation in program.equations:
                if (name := equation.name) in wanted:
                    yield from self.value(iteration, name, equation, values.get(name))
        self.before = {number: values}

    def is_repeated(self, iteration: Iteration, values: Mapping[str, NDArray[Any]]) -> bool:
        """Tell whether an iteration was recorded number by number as it was traced.

        Then rounding explains nothing, and need not be bounded. What the next iteration begins
        with must have been recorded.
        """
        if self.tainted or not {*iteration.program.carried.values()} <= {*values} <= {*iteration}:
            return False
        return all(
            np.array_equal(own, traced_value(iteration, name)) for name, own in values.items()
        )

    def comparison(
        self,
        departures: Sequence[Departure],
        unknown: Sequence[tuple[str, Text]],
        missing: Sequence[str] = (),
    ) -> RecordedComparison:
        """Return what came of it. Raises TracerError where nothing could be compared."""
        if not self.values:
            name, near = unknown[0] if unknown else ("", "")
            raise TracerError(
                say("none of the recorded values belongs to the scenario"),
                found=name,
                expected=near or say("its names"),
            )
        return RecordedComparison(
            self.trace.scenario.name, self.values, len(self.iterations), *self.rule,
            tuple(departures), tuple(unknown), tuple(missing),
        )  # fmt: skip

    def value(
        self, iteration: Iteration, name: str, equation: Equation | None, own: NDArray[Any] | None
    ) -> Iterator[Departure]:
        """Yield the departure of one value, if it departs; note what depends on departed ones."""
        at = iteration.number, name
        traced = self.traced(iteration, name)
        if traced is None:
            return
        sources = self.sources(iteration, name, equation)
        right = self.current[at] = self.expected(iteration, equation, sources, traced)
        inherited = [self.tainted[source] for source in sources if source in self.tainted]
        if inherited:
            self.tainted[at] = any(inherited)
        if own is None:
            return
        self.values += 1
        self.iterations.add(iteration.number)
        own = as_floats_of(own, traced.shape)
        is_shaped = own.shape == traced.shape
        if is_shaped:
            self.current[at] = self.as_recorded(own)
        as_traced = right._replace(value=traced)
        if inherited and self.rule.agree(own, as_traced):
            del self.tainted[at]  # a value that agrees is right, whatever it was made of
            return
        follows: Follows = "depends" if any(inherited) else "own" if self.has_departed else "first"
        if follows != "depends" and self.rule.agree(own, right):
            if not inherited:
                return
            follows = "follows"
        is_by_itself = follows in ("first", "own")
        causes = tuple(self.causes(iteration, name, own, right)) if is_by_itself else ()
        yield self.departure(at, own, as_traced, causes, follows, right)
        self.has_departed = True
        self.tainted[at] = any(inherited) or not is_shaped

    def as_recorded(self, own: NDArray[Any]) -> BoundedValue:
        """Return a recorded value, and how far it may be from what its program had."""
        return BoundedValue(own, np.full(own.shape, self.rule.rounding))

    def traced(self, iteration: Iteration, name: str) -> NDArray[Any] | None:
        """Return the traced value, None where the run did not come to it."""
        try:
            return traced_value(iteration, name)
        except (UnknownNameError, RunError):
            return None

    def sources(
        self, iteration: Iteration, name: str, equation: Equation | None
    ) -> list[tuple[int, str]]:
        """Return the values that one is computed from: iteration and name."""
        number = iteration.number
        if equation is not None:
            return [(number, used) for used in dict.fromkeys(names_in(equation.expression))]
        after = iteration.program.carried.get(name)
        return [(number - 1, after)] if after is not None and number > 1 else []

    def expected(
        self,
        iteration: Iteration,
        equation: Equation | None,
        sources: Sequence[tuple[int, str]],
        traced: NDArray[Any],
    ) -> BoundedValue:
        """Return what a value should be, from what was recorded of its operands."""
        given = BoundedValue(traced, self.rule.unit * np.abs(traced))
        if equation is None:
            return next((self.current[at] for at in sources if at in self.current), given)
        number = iteration.number

        def leaf(name: str) -> BoundedValue:
            return self.current[number, name]

        values = BoundedValues(self.rule.unit, leaf)
        try:
            found = values.value(equation.expression)
        except KeyError:  # an operand that the run did not come to
            return given
        return BoundedValue(*(np.broadcast_to(part, traced.shape) for part in found))

    def departure(
        self,
        at: tuple[int, str],
        own: NDArray[Any],
        traced: BoundedValue,
        causes: Sequence[Cause],
        follows: Follows,
        expected: BoundedValue,
    ) -> Departure:
        """Return a departure with the numbers of the entry that is farthest off."""
        right = traced.value
        if own.shape != right.shape:
            nan = math.nan
            return Departure(
                *at, (), nan, nan, nan, nan, nan, right.size, right.size, tuple(causes), follows,
                expected,
            )  # fmt: skip
        # Which entry departs is asked of its own operands, unless the whole value follows.
        judged = traced if follows in ("follows", "depends") else expected
        allowed = self.rule.allowed(judged)
        with np.errstate(all="ignore"):
            beyond = np.abs(own - judged.value) / allowed
            beyond = np.where(np.isfinite(beyond), beyond, math.inf)
            beyond = np.where(own == judged.value, 0.0, beyond)
            difference = np.abs(own - right)
        index = np.unravel_index(int(beyond.argmax()), beyond.shape) if beyond.ndim else ()
        place = tuple(int(item) for item in index)
        wanted, found = float(right[place]), float(own[place])
        absolute = float(difference[place])
        spacing = float(np.spacing(np.abs(np.array(wanted, dtype=self.rule.dtype))))
        return Departure(
            *at, place, found, wanted, absolute, absolute / abs(wanted) if wanted else math.inf,
            absolute / spacing, int((beyond > 1).sum()), own.size, tuple(causes),
            follows, expected,
        )  # fmt: skip

    # Causes

    def causes(
        self, iteration: Iteration, name: str, own: NDArray[Any], right: BoundedValue
    ) -> Iterator[Cause]:
        """Yield what explains a departure; where nothing does, nothing."""
        if not bool((abs(own) < math.inf).all()):
            return
        is_transposed = own.ndim == 2 and self.rule.agree(own.T, right)
        if is_transposed:
            yield Cause("transpose_shape", say("it is transposed"))
        if own.shape != right.value.shape:
            own_shape, shape = shape_text(own.shape), shape_text(right.value.shape)
            words = say("its shape is {own}, expected {traced}", own=own_shape, traced=shape)
            yield from () if is_transposed else [Cause("transpose_shape", words)]
            return
        yield from self.stale(iteration, name, own)
        yield from self.added_up(iteration, name, own, right)
        yield from self.factors(iteration, name, own, right)
        yield from self.others(iteration, name, own)

    def stale(self, iteration: Iteration, name: str, own: NDArray[Any]) -> Iterator[Cause]:
        """Yield the same quantity at another time."""
        carried = iteration.program.carried
        number = iteration.number
        if name in carried and self.is_value(number, carried[name], own):
            yield Cause("stale_value", say("it is the value after the update"))
        elif name in carried.values():
            before = next(key for key, after in carried.items() if after == name)
            if self.is_value(number, before, own):
                yield Cause("stale_value", say("it is the value before the update"))
        last = self.before.get(number - 1, {}).get(name)
        is_last = last is not None and bool(last.any()) and self.rule.alike(own, last)
        if is_last or self.is_value(number - 1, name, own):
            yield Cause("stale_value", say("it is the value of the iteration before"))
        elif self.is_value(number + 1, name, own) and name not in carried:
            yield Cause(
                "stale_value",
                say("it is the value of the next iteration, after the update"),
            )

    def added_up(
        self, iteration: Iteration, name: str, own: NDArray[Any], right: BoundedValue
    ) -> Iterator[Cause]:
        """Yield that a gradient was added to what was recorded of it one iteration before."""
        last = self.before.get(iteration.number - 1, {}).get(name)
        is_gradient = any(item.name == name for item in iteration.program.phase("backward"))
        if not is_gradient or last is None or not last.any():
            return
        if self.rule.alike(own - last, right.value, right.bound):
            words = say(
                "it is this gradient and that of the iteration before, added up: gradients must "
                "be set to 0 before each backward pass"
            )
            yield Cause("stale_value", words)

    def is_value(self, number: int, name: str, own: NDArray[Any]) -> bool:
        """Tell whether a quantity has this value, and not only zeros."""
        if not 1 <= number <= len(self.trace):
            return False
        traced = self.traced(self.trace.iteration(number), name)
        return traced is not None and bool(traced.any()) and self.rule.alike(own, traced)

    def factors(
        self, iteration: Iteration, name: str, own: NDArray[Any], right: BoundedValue
    ) -> Iterator[Cause]:
        """Yield the factor between what was recorded and what was traced, or between changes."""
        found = self.factor(iteration, own, right)
        if found is not None:
            yield Cause(found[0], say("it is {factor} times the expected value", factor=found[1]))
            return
        before = next(
            (key for key, after in iteration.program.carried.items() if after == name), None
        )
        start = None if before is None else self.traced(iteration, before)
        if start is None or start.shape != own.shape:
            return
        change = BoundedValue(right.value - start, right.bound + self.rule.unit * abs(start))
        found = self.factor(iteration, own - start, change)
        if found is not None:
            words = say("its change is {factor} times the expected one", factor=found[1])
            yield Cause(found[0], words)

    def factor(
        self, iteration: Iteration, own: NDArray[Any], right: BoundedValue
    ) -> tuple[SlipKind, str] | None:
        """Return the kind and the name of a constant ratio, None where there is none."""
        traced = right.value
        for value, kind, text in _named_factors(self.trace, iteration):
            if traced.any() and self.rule.alike(own, value * traced, abs(value) * right.bound):
                return kind, text
        nonzero = abs(traced) > 0
        if traced.size > 1 and nonzero.sum() > 1:
            ratio = float((own[nonzero] / traced[nonzero]).mean())
            if ratio and self.rule.alike(own, ratio * traced, abs(ratio) * right.bound):
                return "wrong_formula", number_text(ratio, 6)
        return None

    def others(self, iteration: Iteration, name: str, own: NDArray[Any]) -> Iterator[Cause]:
        """Yield another quantity of the iteration that has this value."""
        carried = iteration.program.carried
        same = {name, carried.get(name, ""), *(k for k, after in carried.items() if after == name)}
        for other in iteration:
            alike = other not in same and iteration.shape(other) == own.shape
            if alike and self.is_value(iteration.number, other, own):
                yield Cause("wrong_substitution", say("it is the value of {name}", name=other))
                return


def _named_factors(trace: Trace, iteration: Iteration) -> Iterator[tuple[float, SlipKind, str]]:
    """Yield the factors that slips make, and their kinds."""
    yield from (
        (-1.0, "sign_error", "-1"),
        (2.0, "missing_factor_2", "2"),
        (0.5, "missing_factor_2", "1/2"),
        (-2.0, "sign_error", "-2"),
        (-0.5, "sign_error", "-1/2"),
    )
    samples = iteration.samples
    counts = [] if samples is None else [len(samples)]
    loss = iteration.program.loss
    counts += [
        math.prod(iteration.shape(name))
        for equation in iteration.program.phase("loss")
        if equation.name == loss
        for name in names_in(equation.expression)
    ]
    for count in dict.fromkeys(each for each in counts if each > 2):
        yield float(count), "missing_1_over_n", f"n = {count}"
        yield 1 / count, "missing_1_over_n", f"1/n = 1/{count}"
    training = trace.scenario.training
    if training is not None and training.learning_rate is not None:
        rate = training.learning_rate.floats()[0]
        powers = () if rate in (0.0, 1.0) else (("", rate), ("-", -rate), ("1/", 1 / rate))
        for sign, factor in powers:
            yield factor, "wrong_formula", f"{sign}learning_rate = {number_text(factor, 6)}"


def traced_value(iteration: Iteration, name: str) -> NDArray[Any]:
    """Return a value of a run as floats. Raises UnknownNameError, RunError: it has none."""
    return np.array(iteration.entries(name), "float64").reshape(iteration.shape(name))


def as_floats_of(own: NDArray[Any], shape: Shape) -> NDArray[Any]:
    """Return a recorded array as floats; axes of length 1 more or less make no difference."""
    own = own.astype("float64")
    sizes = tuple(size for size in shape if size != 1)
    return own.reshape(shape) if own.squeeze().shape == sizes else own


def data_of(found: RecordedComparison, words: Mapping[Cause, str]) -> dict[str, Any]:
    """Return a comparison as plain data; `words` has the causes in the reader's language."""
    return {
        "version": 1,
        "scenario": found.scenario,
        "values": found.values,
        "iterations": found.iterations,
        "dtype": found.dtype,
        "tolerance": found.tolerance,
        "rounded_to_decimals": found.decimals,
        "departures": [
            {
                "iteration": item.iteration,
                "name": item.name,
                "entry": list(item.index),
                "recorded": item.recorded,
                "traced": item.traced,
                "absolute": item.absolute,
                "relative": item.relative,
                "ulps": item.ulps,
                "differing": item.differing,
                "entries": item.entries,
                "follows": item.follows,
                "causes": [{"kind": cause.kind, "words": words[cause]} for cause in item.causes],
            }
            for item in found.departures
        ],
        "unknown": [{"name": name, "near": str(near)} for name, near in found.unknown],
        "missing": list(found.missing),
    }


class RunComparison(Frozen):
    """What departs of the second from the first, and the losses of both.

    `compared` is the number of the last iteration whose values were held against one another;
    `names_apart` are the quantities that only the first run has, and those of the second alone.
    """

    values: RecordedComparison
    compared: int
    losses: Sequence[float]
    other_losses: Sequence[float]
    names_apart: tuple[Sequence[str], Sequence[str]] = ((), ())


def compare_runs(trace: Trace, other: Trace, *, tolerance: float | None = None) -> RunComparison:
    """Return what departs of another run from a trace.

    Iterations are held against one another up to the first with a departure, and to
    `MOST_COMPARED`.
    Raises TracerError where no name is one of both.
    """
    dtype = max((trace.scenario.dtype, other.scenario.dtype), key=UNIT.__getitem__)
    comparer = _Comparer(trace, AgreementRule(dtype, tolerance))
    found: list[Departure] = []
    count = 0
    while count < min(len(trace), len(other), MOST_COMPARED) and not found:
        count += 1  # what comes after the first with a departure departs because of it
        iteration = other.iteration(count)
        values = {name: traced_value(iteration, name) for name in iteration}
        found += comparer.departures(count, values)
    names, others = _names_of(trace), _names_of(other)
    apart = (
        [name for name in names if name not in others],
        [name for name in others if name not in names],
    )
    departures = [_explain_departure(item, trace, other) for item in found]
    comparison = comparer.comparison(departures, [(name, "") for name in apart[1]])
    return RunComparison(
        comparison._replace(unknown=()), count, _trace_losses(trace), _trace_losses(other), apart
    )


def _explain_departure(departure: Departure, trace: Trace, other: Trace) -> Departure:
    """Return a departure of another run with what explains it: first of all another equation.

    What a run is given (a setting, a datum) is none of its quantities, though numbers be alike.
    """
    causes = departure.causes
    own, others = (_equation_of(departure.name, run) for run in (trace, other))
    if not own or not others:
        causes = tuple(cause for cause in causes if cause.kind != "wrong_substitution")
    elif own != others and departure.follows in ("first", "own"):
        words = say("its equation is {other}, expected {own}", other=others, own=own)
        causes = (Cause("wrong_formula", words),)
    return departure._replace(causes=causes)


def _equation_of(name: str, trace: Trace) -> str:
    """Return the right-hand side of a quantity, empty where it is given."""
    found = (item.expression for item in trace.program.equations if item.name == name)
    return "".join(render(item, "ascii", vocabulary=vocabulary()) for item in found)


def compare_with_values(
    trace: Trace, raw: RawValues, *, tolerance: float | None = None
) -> RunComparison:
    """Return what departs of recorded values from a trace. Raises as `compare`."""
    found = compare(trace, raw, tolerance=tolerance)
    by_iteration = arrays_by_iteration(raw, trace)
    loss = trace.program.loss
    losses = [
        float(np.ravel(values[loss])[0])
        for values in by_iteration.values()
        if loss is not None and loss in values
    ]
    return RunComparison(found, max(by_iteration, default=0), _trace_losses(trace), losses)


def _names_of(trace: Trace) -> list[str]:
    return [*trace.program.inputs, *(item.name for item in trace.program.equations)]


def _trace_losses(trace: Trace) -> Sequence[float]:
    loss = trace.program.loss
    return () if loss is None else trace.packed(loss)
