"""Recorded values beside the trace, step by step in the order of the program.

The first value that departs is explained by the causes that hand calculations have: a factor, a
sign, a transpose, a stale value, another quantity. Of the later ones it is said which follow from
it: put into their equation, what was recorded gives what was recorded.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from tracer.check.model.finding import SlipKind
from tracer.errors import RunError, TracerError, UnknownNameError, nearest
from tracer.narrative.messages import Sentence, say
from tracer.narrative.steps import Teller
from tracer.operations import shape_text
from tracer.operations.numbers import number_text
from tracer.program.elements import UnknownInteger, place_node
from tracer.program.program import Equation, names_in
from tracer.recorded.recorded_files import (
    MAX_ITERATIONS,
    Raw,
    Recorded,
    decimals_of,
    iterations_of,
    placed,
)
from tracer.run.memory import BUDGET_BYTES
from tracer.run.runner import run_scenario
from tracer.run.scalar_code import float_value
from tracer.run.scalars import places
from tracer.sentences import Text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tracer.program.scenario import Scenario
    from tracer.run.trace import Iteration, Trace

__all__ = ["Cause", "Departure", "RecordedComparison", "compared"]

RELATIVE: Final = {"float64": 1e-9, "float32": 1e-4, "float16": 1e-2}
ABSOLUTE: Final = {"float64": 1e-12, "float32": 1e-7, "float16": 1e-4}
SHARE: Final = 1e-3  # of an array's largest entry, below which an entry is as good as 0
MOST_EVALUATED: Final = 400  # entries of a line that is worked out from recorded values

Follows = Literal["first", "follows", "depends", "own"]


class Cause(NamedTuple):
    """What explains a departure: the kind of slip, and words."""

    kind: SlipKind
    words: Sentence


class Departure(NamedTuple):
    """A recorded value that is not the traced one; numbers are those of its worst entry.

    `follows` says whether it is the first, follows from an earlier one, depends on one (that was
    not worked out), or departs by itself.
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


class RecordedComparison(NamedTuple):
    """What came of comparing a file with a run."""

    scenario: str
    values: int
    iterations: int
    dtype: str
    tolerance: float
    decimals: int | None
    departures: tuple[Departure, ...]
    unknown: tuple[tuple[str, Text], ...]  # a name, and what is near it
    missing: tuple[str, ...]


def compared(
    raw: Raw,
    scenario: Scenario,
    tolerance: float | None = None,
    *,
    budget: int = BUDGET_BYTES,
) -> RecordedComparison:
    """Return the comparison of recorded values with a scenario's run.

    The run is as long as the record, and may take `budget` bytes. `tolerance` is relative; left
    out, it is that of the numbers: 1e-9, 1e-4 for float32. Raises TracerError where no name is one
    of the scenario.
    """
    trace = _long_enough(raw, scenario, budget)
    known = [*trace.program.inputs, *(item.name for item in trace.program.equations)]
    unknown = tuple((name, nearest(name, known)) for name in raw.names() if name not in known)
    recorded = placed(raw, trace)
    dtype = _dtype(raw, trace)
    decimals = decimals_of(raw) if raw.decimals is None and dtype == "float32" else raw.decimals
    rule = _Rule(dtype, RELATIVE[dtype] if tolerance is None else tolerance, decimals)
    comparer = _Comparer(trace, recorded, rule)
    departures = tuple(comparer.departures())
    if not comparer.values:
        name, near = unknown[0] if unknown else ("", "")
        raise TracerError(
            say("no recorded value is one of the scenario"),
            found=name,
            expected=near or say("its names"),
        )
    there = {name for values in recorded.values() for name in values}
    missing = [
        item.name
        for item in trace.program.equations
        if item.phase != "metric" and item.name not in there and "#" not in item.name
    ]
    return RecordedComparison(
        trace.scenario.name, comparer.values, len(comparer.iterations), dtype, rule.relative,
        decimals, departures, unknown, tuple(missing),
    )  # fmt: skip


def _long_enough(raw: Raw, scenario: Scenario, budget: int) -> Trace:
    """Return the run of a scenario, as long as the record."""
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


def _dtype(raw: Raw, trace: Trace) -> str:
    """Return which numbers were recorded: those of the arrays, or what JSON's can be."""
    import numpy as np

    if raw.stacked and not raw.by_iteration:
        kinds = {str(array.dtype) for array in raw.stacked.values()} & set(RELATIVE)
        if kinds - {"float64"}:
            return min(kinds, key=lambda kind: int(kind[5:]))
    arrays = [*raw.stacked.values(), *(a for v in raw.by_iteration.values() for a in v.values())]
    long = False
    for array in arrays:
        wide = array.astype("float64")
        with np.errstate(over="ignore"):
            if not np.array_equal(wide.astype("float32").astype("float64"), wide, equal_nan=True):
                return trace.scenario.dtype
        long = long or any(len(repr(float(entry))) > 12 for entry in wide.ravel()[:64])
    return "float32" if long else trace.scenario.dtype


class _Rule(NamedTuple):
    """How far a value may be from the traced one."""

    dtype: str
    relative: float
    decimals: int | None

    def allowed(self, traced: NDArray[Any]) -> NDArray[Any]:
        """Return how far each entry may be."""
        import numpy as np

        size = np.abs(traced)
        floor = SHARE * (size.max() if size.size else 0)
        allowed: NDArray[Any] = self.relative * np.maximum(size, floor) + ABSOLUTE[self.dtype]
        if self.decimals is not None:
            allowed = np.maximum(allowed, 0.5001 * 10.0**-self.decimals)
        return allowed

    def agree(self, one: NDArray[Any], traced: NDArray[Any]) -> bool:
        """Tell whether all entries agree."""
        if one.shape != traced.shape:
            return False
        return bool((abs(one - traced) <= self.allowed(traced)).all())


class _Comparer:
    """The comparison, value by value."""

    def __init__(self, trace: Trace, recorded: Recorded, rule: _Rule) -> None:
        self.trace = trace
        self.recorded = recorded
        self.rule = rule
        self.values = 0
        self.iterations: set[int] = set()
        self.departed: set[tuple[int, str]] = set()
        self.tainted: set[tuple[int, str]] = set()
        # What was not recorded, worked out from departed values.
        self.derived: dict[tuple[int, str], NDArray[Any]] = {}
        self.teller = Teller()

    def departures(self) -> Iterator[Departure]:
        """Yield what departs, in the order of the program."""
        for number, values in self.recorded.items():
            if not 1 <= number <= len(self.trace):
                continue
            iteration = self.trace.iteration(number)
            for name in iteration.program.inputs:
                yield from self.value(iteration, name, None, values.get(name))
            for equation in iteration.program.equations:
                if equation.phase != "metric" or equation.name in values:
                    yield from self.value(
                        iteration, equation.name, equation, values.get(equation.name)
                    )

    def value(
        self, iteration: Iteration, name: str, equation: Equation | None, own: NDArray[Any] | None
    ) -> Iterator[Departure]:
        """Yield the departure of one value, if it departs; note what depends on departed ones."""
        at = iteration.number, name
        sources = self.sources(iteration, name, equation)
        if own is None:
            if any(source in self.tainted for source in sources):
                self.tainted.add(at)
                derived = self.again(iteration, name, equation, sources)
                if derived is not None:
                    self.derived[at] = derived
            return
        traced = self.traced(iteration, name)
        if traced is None:
            return
        self.values += 1
        self.iterations.add(iteration.number)
        own = _fitted(own, traced)
        if self.rule.agree(own, traced):
            return
        follows, start = self.follows(iteration, name, equation, own, sources)
        causes: tuple[Cause, ...] = ()
        if follows in ("first", "own"):
            right = traced if start is None or start.shape != own.shape else start
            causes = tuple(self.causes(iteration, name, own, right))
        yield _departure(at, own, traced, self.rule, causes, follows)
        self.departed.add(at)
        self.tainted.add(at)

    def traced(self, iteration: Iteration, name: str) -> NDArray[Any] | None:
        """Return the traced value, None where the run did not come to it."""
        import numpy as np

        try:
            entries = iteration.entries(name)
        except (UnknownNameError, RunError):
            return None
        return np.array(entries, dtype="float64").reshape(iteration.shape(name))

    # What follows from what

    def sources(
        self, iteration: Iteration, name: str, equation: Equation | None
    ) -> list[tuple[int, str]]:
        """Return the values that one is computed from: iteration and name."""
        number = iteration.number
        if equation is not None:
            return [(number, used) for used in dict.fromkeys(names_in(equation.expression))]
        after = iteration.program.carried.get(name)
        return [(number - 1, after)] if after is not None and number > 1 else []

    def follows(
        self,
        iteration: Iteration,
        name: str,
        equation: Equation | None,
        own: NDArray[Any],
        sources: Sequence[tuple[int, str]],
    ) -> tuple[Follows, NDArray[Any] | None]:
        """Say whether a departure follows from earlier ones, and what should follow from them."""
        if not self.departed:
            return "first", None
        if not any(source in self.tainted for source in sources):
            return "own", None
        again = self.again(iteration, name, equation, sources)
        if again is None:
            return "depends", None
        loose = self.rule._replace(relative=20 * self.rule.relative)
        return ("follows" if loose.agree(own, again) else "own"), again

    def again(
        self,
        iteration: Iteration,
        name: str,
        equation: Equation | None,
        sources: Sequence[tuple[int, str]],
    ) -> NDArray[Any] | None:
        """Return a value worked out from recorded ones; None where some of them are not there."""
        import numpy as np

        operands: dict[str, NDArray[Any]] = {}
        for number, source in sources:
            earlier = self.trace.iteration(number)
            traced = self.traced(earlier, source)
            own = self.recorded.get(number, {}).get(source)
            if own is None:
                own = self.derived.get((number, source))
            if traced is None or (own is None and (number, source) in self.tainted):
                return None
            operands[source] = traced if own is None else _fitted(own, traced)
            if operands[source].shape != traced.shape:
                return None
        if equation is None:
            return next(iter(operands.values()))
        size = math.prod(equation.shape) + sum(item.size for item in operands.values())
        if size > MOST_EVALUATED:
            return None
        at = {
            place_node(source, index): float(array[index])
            for source, array in operands.items()
            for index in places(array.shape)
        }
        try:
            entries = [float_value(node, at) for node in self.teller.entries(iteration, equation)]
        except (UnknownInteger, TracerError):
            return None
        return np.array(entries).reshape(equation.shape)

    # Causes

    def causes(
        self, iteration: Iteration, name: str, own: NDArray[Any], traced: NDArray[Any]
    ) -> Iterator[Cause]:
        """Yield what explains a departure; where nothing does, nothing."""
        if not bool((abs(own) < math.inf).all()):
            return
        if own.shape != traced.shape:
            yield from self.shapes(own, traced)
            return
        if own.ndim == 2 and self.rule.agree(own.T, traced):
            yield Cause("transpose_shape", say("it is transposed"))
        yield from self.stale(iteration, name, own)
        yield from self.factors(iteration, name, own, traced)
        yield from self.others(iteration, name, own)

    def shapes(self, own: NDArray[Any], traced: NDArray[Any]) -> Iterator[Cause]:
        """Yield what explains another shape."""
        if own.ndim == 2 and own.T.shape == traced.shape and self.rule.agree(own.T, traced):
            yield Cause("transpose_shape", say("it is transposed"))
        else:
            yield Cause(
                "transpose_shape",
                say(
                    "its shape is {own}, that of the trace {traced}",
                    own=_shape_words(own.shape),
                    traced=_shape_words(traced.shape),
                ),
            )

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
        last = self.recorded.get(number - 1, {}).get(name)
        is_last = last is not None and bool(last.any()) and self.rule.agree(own, last)
        if is_last or self.is_value(number - 1, name, own):
            yield Cause("stale_value", say("it is the value of the iteration before"))
        elif self.is_value(number + 1, name, own) and name not in carried:
            yield Cause(
                "stale_value",
                say("it is the value of the next iteration, after the update"),
            )

    def is_value(self, number: int, name: str, own: NDArray[Any]) -> bool:
        """Tell whether a quantity has this value, and not only zeros."""
        if not 1 <= number <= len(self.trace):
            return False
        iteration = self.trace.iteration(number)
        if name not in iteration.program.inputs and name not in set(iteration):
            return False
        traced = self.traced(iteration, name)
        return traced is not None and bool(traced.any()) and self.rule.agree(own, traced)

    def factors(
        self, iteration: Iteration, name: str, own: NDArray[Any], traced: NDArray[Any]
    ) -> Iterator[Cause]:
        """Yield the factor between what was recorded and what was traced, or between changes."""
        found = self.factor(iteration, own, traced)
        if found is not None:
            kind, text = found
            yield Cause(kind, say("it is {factor} times the traced value", factor=text))
            return
        before = next(
            (key for key, after in iteration.program.carried.items() if after == name), None
        )
        start = None if before is None else self.traced(iteration, before)
        if start is None or start.shape != own.shape:
            return
        found = self.factor(iteration, own - start, traced - start)
        if found is not None:
            kind, text = found
            yield Cause(kind, say("its change is {factor} times the traced one", factor=text))

    def factor(
        self, iteration: Iteration, own: NDArray[Any], traced: NDArray[Any]
    ) -> tuple[SlipKind, str] | None:
        """Return the kind and the name of a constant ratio, None where there is none."""
        for value, kind, text in _named_factors(self.trace, iteration):
            if traced.any() and self.rule.agree(own, value * traced):
                return kind, text
        nonzero = abs(traced) > 0
        if traced.size > 1 and nonzero.sum() > 1:
            ratio = float((own[nonzero] / traced[nonzero]).mean())
            if ratio and self.rule.agree(own, ratio * traced):
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
    for equation in iteration.program.phase("loss"):
        if equation.name == loss:
            counts += [math.prod(iteration.shape(name)) for name in names_in(equation.expression)]
    for count in dict.fromkeys(counts):
        if count > 2:
            yield float(count), "missing_1_over_n", f"n = {count}"
            yield 1 / count, "missing_1_over_n", f"1/n = 1/{count}"
    training = trace.scenario.training
    if training is not None and training.learning_rate is not None:
        rate = training.learning_rate.floats()[0]
        if rate not in (0.0, 1.0):
            yield rate, "wrong_formula", f"learning_rate = {number_text(rate, 6)}"
            yield -rate, "wrong_formula", f"-learning_rate = {number_text(-rate, 6)}"
            yield 1 / rate, "wrong_formula", f"1/learning_rate = {number_text(1 / rate, 6)}"


def _fitted(own: NDArray[Any], traced: NDArray[Any]) -> NDArray[Any]:
    """Return a recorded array as floats; axes of length 1 more or less make no difference."""
    own = own.astype("float64")
    if own.shape != traced.shape and own.squeeze().shape == traced.squeeze().shape:
        return own.reshape(traced.shape)
    return own


def _departure(
    at: tuple[int, str],
    own: NDArray[Any],
    traced: NDArray[Any],
    rule: _Rule,
    causes: Sequence[Cause],
    follows: Follows,
) -> Departure:
    """Return a departure with the numbers of the entry that is farthest off."""
    import numpy as np

    if own.shape != traced.shape:
        return Departure(
            *at, (), math.nan, math.nan, math.nan, math.nan, math.nan, traced.size, traced.size,
            tuple(causes), follows,
        )  # fmt: skip
    allowed = rule.allowed(traced)
    difference = np.abs(own - traced)
    beyond = np.where(np.isfinite(difference), difference / allowed, math.inf)
    index = np.unravel_index(int(beyond.argmax()), beyond.shape) if beyond.ndim else ()
    place = tuple(int(item) for item in index)
    right, found = float(traced[place]), float(own[place])
    absolute = float(difference[place])
    spacing = float(np.spacing(np.abs(np.array(right, dtype=rule.dtype))))
    return Departure(
        *at, place, found, right, absolute, absolute / abs(right) if right else math.inf,
        absolute / spacing, int((~(difference <= allowed)).sum()), own.size, tuple(causes), follows,
    )  # fmt: skip


def _shape_words(shape: tuple[int, ...]) -> str:
    return shape_text(shape) if shape else "()"


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
