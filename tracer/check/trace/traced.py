"""A traced run as the checker sees it: names, values with bounds, formulas, iterations.

A document's names are bound to the run's quantities (`binding`), its lines to iterations
(`clock`); `conventions` has the runs that a writer with other conventions would have made.
"""

from __future__ import annotations

import math
import sys
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Final, NamedTuple

from tracer.check.trace.binding import Names, Spot
from tracer.check.trace.clock import Clock
from tracer.check.trace.traced_formulas import Formulas
from tracer.errors import RunError, TracerError, UnknownNameError
from tracer.expression.syntax import Node
from tracer.intervals import Interval, Value
from tracer.operations import Shape
from tracer.run.exact import Exact, given_fractions
from tracer.run.interpret import nested
from tracer.run.scalars import places
from tracer.run.trace import Iteration, Trace

if TYPE_CHECKING:
    from tracer.check.numbers.figures import Figure
    from tracer.narrative.messages import Sentence

__all__ = ["Clock", "Place", "Traced", "nearest_float", "offered", "part_of"]

MOST_VALUES: Final = 4096  # entries of an array whose value is given
MOST_SEARCHED: Final = 64  # entries of an array that is searched for a value
MOST_SEARCHED_IN_ALL: Final = 4000
MOST_PLACES: Final = 12
MOST_ITERATIONS: Final = 1000  # to which a run is extended
MOST_KEPT: Final = 2000  # values, and searched iterations, that are kept
MOST_EXACT: Final = 300  # entries of all quantities, of a run that is worked out in fractions
MOST_EXACT_ITERATIONS: Final = 100
RELATIVE: Final = {"float64": Fraction(1, 10**12), "float32": Fraction(1, 10**5)}
ABSOLUTE: Final = {"float64": Fraction(1, 10**16), "float32": Fraction(1, 10**8)}


class Place(NamedTuple):
    """A quantity of the record (`w`, `w'`, `dloss/dw`), an index (() for all of it), a time."""

    quantity: str
    index: tuple[int, ...]  # type: ignore[assignment]  # nobody asks a place for tuple.index
    iteration: int


class Traced:
    """A run, asked by written names. Iterations count from 1.

    Three conventions of writers are answered without another run: `turned` gradients point
    downhill, and the update adds them; `swapped` matrices have their axes exchanged; subscripts
    count from `first`.
    """

    def __init__(
        self, trace: Trace, *, turned: bool = False, swapped: bool = False, first: int = 1
    ) -> None:
        self.trace = trace
        self.turned = turned
        self.swapped = swapped
        self.first = first
        built = trace.segments[0].built
        self.program = built.program
        self._built = built
        self._names = Names(trace.scenario, built, first=first, swapped=swapped)
        self._phases = {item.name: item.phase for item in self.program.equations}
        self._exact = _small_exact(trace)
        self._formulas: Formulas | None = None
        self._entries: dict[tuple[str, int], tuple[Shape, Sequence[Interval]] | None] = {}
        self._searched: dict[int, tuple[list[float], list[Spot]]] = {}

    @property
    def scenario_name(self) -> str:
        """The name of the scenario."""
        return self.trace.scenario.name

    @property
    def iterations(self) -> int:
        """How many iterations were traced."""
        return len(self.trace)

    # Names

    def quantities(self, written: str | Node, *, target: bool) -> tuple[Spot, ...]:
        """Return the quantities that a written name may mean, the likeliest first; () if none.

        Each is a canonical name with the index of an entry (from 0; fewer indices than axes are a
        row, () is all of it). In a target `w` means the value after the update, then the one
        before; elsewhere the one before. Give the tree where there is one: it says more.
        """
        return self._names.meant(written, target=target)

    def given(self, quantity: str, iteration: int = 1) -> bool:
        """Tell whether a quantity is data, a constant, a setting or a parameter's first value."""
        if quantity in self.program.carried:
            return iteration <= 1
        return quantity in self.program.inputs

    def samples(self, quantity: str) -> Sequence[Fraction]:
        """Return the entries of a datum for all samples, those that the step does not see too.

        Only what the scenario writes out, up to 4,096 entries.
        """
        datum = self.trace.scenario.data.get(quantity)
        if datum is None or datum.exact is None or len(datum.exact) > MOST_VALUES:
            return ()
        return [Fraction(entry) for entry in datum.exact]

    def phase(self, quantity: str) -> str:
        """Return forward, loss, backward, update or given."""
        phase = self._phases.get(quantity, "given")
        return "loss" if phase == "metric" else str(phase)

    # Values

    def value(self, quantity: str, index: Shape, iteration: int) -> Value | None:
        """Return what a quantity, an entry or a row is in an iteration.

        It is exact where the program makes fractions of what the scenario writes; else an interval
        round the float, 1e-12 of it to each side (1e-5 for float32). Arrays are nested tuples, up
        to 4,096 entries. None where there is no such value, or it is not finite.
        """
        found = self._values(quantity, iteration)
        if found is None:
            return self._of_large(quantity, index, iteration)
        shape, values = found
        if self.swapped and len(shape) == 2:
            shape, values = _swapped(shape, values)
        part = part_of(shape, index)
        return None if part is None else nested(shape[len(index) :], values[part])

    def _values(self, name: str, iteration: int) -> tuple[Shape, Sequence[Interval]] | None:
        at = name, iteration
        if at not in self._entries:
            if len(self._entries) >= MOST_KEPT:
                self._entries.clear()
            self._entries[at] = self._bounded(name, iteration)
        return self._entries[at]

    def _bounded(self, name: str, number: int) -> tuple[Shape, Sequence[Interval]] | None:
        """Return the entries of a quantity with bounds, its gradient turned where that is asked."""
        iteration = self._iteration(number)
        if iteration is None:
            return None
        sign = -1 if self._is_turned(name) else 1
        try:
            shape = iteration.shape(name)
            if math.prod(shape) > MOST_VALUES:
                return None
            if self._exact is not None and number <= MOST_EXACT_ITERATIONS:
                exact = self._exact.entries(name, number)
            else:
                exact = given_fractions(name, iteration)
            if exact is not None:
                return shape, [Interval(sign * entry, sign * entry) for entry in exact]
            floats = iteration.floats(name)
        except (KeyError, RunError, UnknownNameError):
            return None
        if not all(map(math.isfinite, floats)):
            return None
        dtype = self.trace.scenario.dtype
        return shape, [_around(sign * entry, dtype) for entry in floats]

    def _of_large(self, name: str, index: Shape, number: int) -> Value | None:
        """Return an entry or a row of an array that is not given whole."""
        iteration = self._iteration(number)
        if iteration is None or name not in self._names.known or not index:
            return None
        shape = iteration.shape(name)
        if self.swapped and len(shape) == 2:
            index = index[::-1]
            if len(index) < 2:
                return None
        part = part_of(shape, index)
        if part is None or part.stop - part.start > MOST_VALUES:
            return None
        try:
            floats = [float(entry) for entry in iteration.entries(name)[part]]
        except (RunError, UnknownNameError):
            return None
        if not all(map(math.isfinite, floats)):
            return None
        sign = -1 if self._is_turned(name) else 1
        dtype = self.trace.scenario.dtype
        entries = [_around(sign * entry, dtype) for entry in floats]
        value: Value = nested(shape[len(index) :], entries)
        return value

    def _iteration(self, number: int) -> Iteration | None:
        return self.trace.iteration(number) if 1 <= number <= len(self.trace) else None

    def _is_turned(self, name: str) -> bool:
        return self.turned and self._phases.get(name) == "backward"

    # Formulas

    def formulas(self, quantity: str, index: Shape) -> Sequence[Node]:
        """Return the ways to compute a quantity, over canonical names, the shortest first.

        The traced equation; the same with the gradients in it put in, one step and through to the
        data; with forward quantities put in. Entries are written out as scalars over entries
        (`W[0, 1]`). At most 6 trees, each of fewer than 400 parts; () for what is given.
        """
        if self._formulas is None:
            self._formulas = Formulas(self.trace, turned=self.turned, swapped=self.swapped)
        return self._formulas.of(quantity, index)

    # Search

    def same_value(self, target: Interval, iteration: int) -> Sequence[Place]:
        """Return what has a value in an interval, single numbers before entries.

        Of this iteration first, then of the one before, then of the next; at most 12. Arrays of
        more than 64 entries are not searched.
        """
        found: list[Place] = []
        for number in (iteration, iteration - 1, iteration + 1):
            if not 1 <= number <= len(self.trace):
                continue
            values, spots = self._index(number)
            begin = bisect_left(values, _below(target.low))
            end = bisect_right(values, _above(target.high))
            near = [
                Place(name, index, number)
                for name, index in spots[begin:end]
                if number == iteration or self._is_own(name, number > iteration)
            ]
            near.sort(key=lambda place: (len(place.index), place.quantity.count("#")))
            found += near
        return found[:MOST_PLACES]

    def _is_own(self, name: str, later: bool) -> bool:
        """Tell whether a quantity of the next or last iteration is not also one of this."""
        if name in self.program.carried:
            return not later  # w of the next iteration is w' of this one
        if name in self._names.unnamed:
            return False
        return name in self._phases and (later or name not in self.program.carried.values())

    def _index(self, number: int) -> tuple[list[float], list[Spot]]:
        """Return the small quantities of an iteration, in the order of their values."""
        if number not in self._searched:
            if len(self._searched) >= MOST_KEPT // 10:
                self._searched.clear()
            self._searched[number] = self._sorted(number)
        return self._searched[number]

    def _sorted(self, number: int) -> tuple[list[float], list[Spot]]:
        iteration = self.trace.iteration(number)
        pairs: list[tuple[float, Spot]] = []
        for name in iteration:
            shape = iteration.shape(name)
            if math.prod(shape) > MOST_SEARCHED or name in self._names.unnamed:
                continue
            if self._phases.get(name) == "metric":
                continue
            sign = -1.0 if self._is_turned(name) else 1.0
            swap = self.swapped and len(shape) == 2
            for index, entry in zip(places(shape), iteration.floats(name), strict=True):
                if math.isfinite(entry):
                    pairs.append((sign * entry, (name, index[::-1] if swap else index)))
            if len(pairs) > MOST_SEARCHED_IN_ALL:
                break
        pairs.sort(key=lambda pair: pair[0])
        return [value for value, _ in pairs], [spot for _, spot in pairs]

    # Other runs

    def extend(self, iterations: int) -> bool:
        """Trace more iterations, up to 1,000; tell whether there are that many now."""
        scenario = self.trace.scenario
        if iterations <= len(self.trace):
            return True
        ended = self.trace.stopped or self.trace.fault is not None or scenario.training is None
        if ended or iterations > MOST_ITERATIONS:
            return False
        from tracer.run.runner import run_scenario

        try:
            longer = run_scenario(
                scenario.with_overrides([f"training.iterations={iterations}"]),
                record=self.trace.record,
                budget=self.trace.budget,
            )
        except TracerError:
            return False
        self.trace = longer
        self._exact = _small_exact(longer)
        return len(longer) >= iterations

    def alternatives(self) -> Iterator[tuple[Sentence, Traced]]:
        """Yield the run under other conventions, with a sentence on each. See `conventions`."""
        from tracer.check.trace.conventions import alternatives

        return alternatives(self)


def _small_exact(trace: Trace) -> Exact | None:
    """Return the run in fractions, where it is small and no order is drawn."""
    training = trace.scenario.training
    if training is not None and training.shuffle:
        return None
    shapes = trace.segments[0].built.shapes
    names = [*trace.program.inputs, *(item.name for item in trace.program.equations)]
    if len(names) > MOST_EXACT or sum(math.prod(shapes[name]) for name in names) > MOST_EXACT:
        return None
    return Exact(trace)


def part_of(shape: Shape, index: Shape) -> slice | None:
    """Return where an entry, a row or all of an array stands among its entries; None: nowhere."""
    if len(index) > len(shape):
        return None
    start, size = 0, math.prod(shape)
    for place, length in zip(index, shape, strict=False):
        if not 0 <= place < length:
            return None
        size //= length
        start += place * size
    return slice(start, start + size)


def _around(value: float, dtype: str) -> Interval:
    """Return bounds for the exact value of what was computed in floating point."""
    centre = Fraction(value)
    half = abs(centre) * RELATIVE[dtype]
    if value:
        half += ABSOLUTE[dtype]  # what cancelled in a difference
    return Interval(centre - half, centre + half)


def _swapped(shape: Shape, values: Sequence[Interval]) -> tuple[Shape, Sequence[Interval]]:
    rows, columns = shape
    return (columns, rows), [
        values[row * columns + column] for column in range(columns) for row in range(rows)
    ]


def _below(bound: Fraction) -> float:
    value = nearest_float(bound)
    return value - _room(value)


def _above(bound: Fraction) -> float:
    value = nearest_float(bound)
    return value + _room(value)


def _room(value: float) -> float:
    """Return how far a float may be from what it stands for; no room makes infinity finite."""
    return 1e-12 * min(abs(value), sys.float_info.max)


def nearest_float(bound: Fraction) -> float:
    """Return a number as a float, infinity where it is too large for one."""
    try:
        return float(bound)
    except OverflowError:
        return math.inf if bound > 0 else -math.inf


def offered(
    figures: Sequence[tuple[str, Figure]], names: Sequence[str], limit_seconds: float = 0.3
) -> str | None:
    """Return the bundled scenario whose numbers fit named results of a document; None if none.

    Those with some `names` (`shortlist`) are tried, as long as the time lasts. A fit needs
    three figures that are distinct and not small whole numbers; all figures that a scenario has
    names for must be its values, but for one in five, which may be slips.
    """
    from tracer.check.trace.offers import fitting

    return fitting(figures, names, limit_seconds)
