"""The record of a run: every equation of every iteration, as columns of numbers.

A trace knows no words and no markup. Iterations count from 1, as people count them; what is
inside an array is indexed from 0.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, Literal, cast

from tracer.errors import RunError, UnknownNameError, known_name
from tracer.expression import render
from tracer.frozen import Value
from tracer.lazy_numpy import NDArray, np
from tracer.operations import Shape, vocabulary
from tracer.program.given_array import GivenArray, read_only_view
from tracer.program.program import Program, needed_for
from tracer.program.scenario import Scenario
from tracer.run.checkpoints import Checkpoints, Segment, place_of
from tracer.run.layout import Batch, Record, carried_entries
from tracer.run.memory import size_text
from tracer.run.plans import Plans, seen_samples
from tracer.sentences import join_by_and, say

LARGE = 1000  # entries of an array that stays one of NumPy's
MOST_LOOKED_AT: Final = 2000  # iterations whose samples or errors are compared


FaultKind = Literal["inf", "-inf", "nan"]


class Fault(Value):
    """The first value that is not finite: its iteration, its quantity, and what it is."""

    iteration: int
    name: str
    kind: FaultKind


def fault_kind(value: float) -> FaultKind:
    """Return what a value that is not finite is."""
    if math.isnan(value):
        return "nan"
    return "inf" if value > 0 else "-inf"


class Trace:
    """A run. `iteration(k)` gives one iteration, `values(name)` a quantity in all of them.

    `record` says what was kept; what was not is computed again when somebody asks for it.
    `budget` are the bytes that it may take.
    """

    def __init__(
        self,
        scenario: Scenario,
        segments: Sequence[Segment],
        initial: Mapping[str, Any],
        *,
        final: Mapping[str, Any],
        checkpoints: Checkpoints,
        fault: Fault | None = None,
        stopped: bool = False,
        record: Record = "all",
        budget: int,
    ) -> None:
        self.scenario = scenario
        self.segments = tuple(segments)
        self._initial = dict(initial)
        self._final = dict(final)
        self._checkpoints = checkpoints
        self.fault = fault
        self.stopped = stopped
        self.record = record
        self.budget = budget

    def __len__(self) -> int:
        return self.segments[-1].last if self.segments else 0

    def __repr__(self) -> str:
        return f"<Trace of {self.scenario.name}: {len(self)} iterations>"

    @property
    def program(self) -> Program:
        """The program of the first iteration; a batch of another size has one of its own."""
        return self.segments[0].built.program

    @property
    def initial(self) -> dict[str, list[float]]:
        """The entries of the parameters and of the optimizer's state before the first iteration."""
        return {name: carried_entries(value) for name, value in self._initial.items()}

    def initial_entries(self, name: str) -> Sequence[float]:
        """Return a carried quantity's entries before the first iteration, without copying many."""
        return cast("Sequence[float]", self._initial[name])

    @property
    def nbytes(self) -> int:
        """The bytes of the numbers that it keeps, and of those that it has computed again."""
        states = [self._initial, self._final, *(segment.start for segment in self.segments)]
        states_kept = {id(value): value for state in states for value in state.values()}
        stores = sum(segment.store.size() for segment in self.segments)
        return stores + sum(map(_carried_bytes, states_kept.values())) + self._checkpoints.nbytes

    @property
    def final(self) -> dict[str, list[float]]:
        """The entries of the parameters and of the optimizer's state after the last iteration.

        Where a fault ended the run, what its last iteration found.
        """
        return {name: carried_entries(value) for name, value in self._final.items()}

    def parameters_at(self, number: int) -> dict[str, list[float]]:
        """Return the entries of all parameters as an iteration finds them, or after the last."""
        given = self.scenario.parameters
        if number > len(self):
            final = self.final
            return {name: final.get(name) or item.floats() for name, item in given.items()}
        iteration = self.iteration(number)
        return {name: iteration.floats(name) for name in given}

    @property
    def loss(self) -> NDArray[Any]:
        """The loss of every iteration, before its update. Raises RunError without a loss."""
        if self.program.loss is None:
            raise RunError(
                say("the scenario has no loss"), expected=say("[network] loss or a [training]")
            )
        return self.values(self.program.loss)

    def iteration(self, number: int) -> Iteration:
        """Return one iteration, counted from 1. Raises RunError where there is none."""
        if number not in range(1, len(self) + 1):
            raise RunError(
                say("there is no iteration {number}", number=repr(number)),
                expected=say("an iteration from 1 to {count}", count=len(self)),
            )
        return Iteration(self, self.segments[place_of(self.segments, number)], number)

    def iterations(self) -> Iterator[Iteration]:
        """Yield all iterations in order."""
        return (self.iteration(number) for number in range(1, len(self) + 1))

    def values(self, name: str) -> NDArray[Any]:
        """Return a quantity in all iterations, the first axis being the iteration; read-only.

        A parameter (or an optimizer's state) has one entry more: its first value comes first.
        What was not kept is computed again. Raises UnknownNameError, and RunError where that
        would take more memory than the run was given.
        """
        after = self.program.carried.get(name)
        column = after or name
        if any(column not in segment.store for segment in self.segments):
            raise self._unknown(name)
        counts = [_row_count(segment, column) for segment in self.segments]
        if after is None and len(counts) == 1:
            return self.segments[0].store.column(column)[: counts[0]]
        shapes = {segment.built.shapes[column] for segment in self.segments}
        if len(shapes) > 1:
            raise RunError(
                say("{name} has different shapes in different iterations", name=name),
                found=join_by_and(map(str, shapes)),
                expected=f"iteration(k)[{name!r}]",
            )
        begin = 0 if after is None else 1
        result_shape = (begin + sum(counts), *shapes.pop())
        size = 8 * math.prod(result_shape)
        if self.record != "all" and size > self.budget:
            raise RunError(
                say("the values of {name} in all iterations do not fit into memory", name=name),
                found=size_text(size),
                expected=say(
                    "at most {budget}, or iteration(k)[{name}]",
                    budget=size_text(self.budget),
                    name=repr(name),
                ),
            )
        result = np.empty(result_shape, self.scenario.dtype)
        if begin:
            result[0] = np.asarray(self._initial[name]).reshape(result_shape[1:])
        for segment, count in zip(self.segments, counts, strict=True):
            if count:
                result[begin : begin + count] = segment.store.column(column)[:count]
            begin += count
        return read_only_view(result)

    def floats(self, name: str) -> list[float]:
        """Return a single number of every iteration, without NumPy."""
        return self.packed(name).tolist()

    def packed(self, name: str) -> array[float]:
        """Return a single number of every iteration, eight bytes each."""
        result = array("d")
        for segment in self.segments:
            if count := _row_count(segment, name):
                result.extend(segment.store.numbers(name)[:count])
        return result

    def _unknown(self, name: str) -> UnknownNameError:
        if name in self.program.inputs:
            return UnknownNameError(
                say("{name} is given, not computed", name=name),
                expected=f"iteration(k)[{name!r}]",
            )
        return UnknownNameError(
            say("there is no quantity {name}", name=repr(name)),
            expected=known_name(name, self.program.reader_names),
        )


def quantity_text(program: Program, name: str) -> str:
    """Return what a reader calls a quantity, in the language of equations."""
    return render(program.written_form(name), vocabulary=vocabulary())


def _row_count(segment: Segment, name: str) -> int:
    """Return how many rows of a segment have a quantity; its last may end before it."""
    if name not in segment.store:
        return 0
    return segment.store.count - (segment.names is not None and name not in segment.names)


def _carried_bytes(value: Any) -> int:
    """Return the bytes of what is carried, but for a part of an array that is kept elsewhere."""
    if isinstance(value, array):
        return 8 * len(value)
    is_part = value.base is not None and value.base.nbytes > 2 * value.nbytes
    return 0 if is_part else int(value.nbytes)


class Iteration(Mapping[str, Any]):
    """One iteration: its quantities by name, single numbers as floats, arrays read-only.

    Arrays are of floats, but labels and ids of whole numbers where they were given as such.
    A parameter's own name gives the value that the iteration used, the primed name (`w'`) the
    value after its update.
    """

    def __init__(self, trace: Trace, segment: Segment, number: int) -> None:
        self._trace = trace
        self.scenario: Final = trace.scenario
        self.built: Final = segment.built  # the program with its shapes and settings
        self.program: Final = segment.built.program
        self._segment = segment
        self.number = number
        self._row = number - segment.first

    @property
    def trace(self) -> Trace:
        """The run that it is part of."""
        return self._trace

    def has_record_of(self, other: Iteration) -> bool:
        """Tell whether its values are those of another one: the same one, and neither is nudged."""
        return self._segment is other._segment and self.number == other.number

    def following(self) -> Iteration | None:
        """Return the next iteration; None after the last."""
        at = self.number + 1
        return Trace.iteration(self.trace, at) if at <= len(self.trace) else None

    @property
    def batch(self) -> Batch:
        """The samples it saw, and its epoch."""
        return self._segment.batches[self._row]

    @property
    def epoch(self) -> int:
        """The pass over the data it belongs to, from 1."""
        return self._segment.batches[self._row].epoch

    @property
    def samples(self) -> tuple[int, ...] | None:
        """The places of the samples it saw, from 0; None where data has no samples' axis."""
        places = self._segment.batches[self._row].places
        return None if places is None else tuple(places)

    def shape(self, name: str) -> Shape:
        """Return the shape of a quantity."""
        return self.built.shapes[name]

    def floats(self, name: str) -> list[float]:
        """Return the entries of a quantity, row by row. Raises UnknownNameError."""
        program = self.program
        if name in program.carried:
            return carried_entries(self._before(name))
        if name in program.inputs:
            return self._given_input(name).floats()
        if self._row < _row_count(self._segment, name):
            return self._segment.store.floats(name, self._row)
        fault = self.trace.fault
        if fault and fault.iteration == self.number:
            raise UnknownNameError(
                say("{name} has no value in iteration {number}", name=name, number=self.number),
                found=say(
                    "{name} = {kind}, which comes before it",
                    name=quantity_text(program, fault.name),
                    kind=fault.kind,
                ),
            )
        raise self.trace._unknown(name)

    def entries(self, name: str) -> Sequence[float]:
        """Return the entries as `floats` does, of a large array as a read-only NumPy array."""
        large = math.prod(self.built.shapes[name]) > LARGE
        if large and name in self.program.carried:
            return cast("Sequence[float]", read_only_view(np.ravel(self._before(name))))
        if large and self._row < _row_count(self._segment, name):
            return cast("Sequence[float]", self._segment.store.entries(name, self._row))
        return self.floats(name)

    def given_value(self, name: str) -> GivenArray | None:
        """Return an input as it was given, with the digits it was written with, else None."""
        if name in self.program.inputs and name not in self.program.carried:
            return None if self._is_counter(name) else self._given_input(name)
        if name in self.program.carried and self.number == 1:
            first = self._segment.built.first_values
            return self.trace.scenario.parameters.get(name) or first.get(name)
        return None

    def _is_counter(self, name: str) -> bool:
        return self.program.inputs[name].kind == "counter"

    def _before(self, name: str) -> Any:
        """Return a carried quantity as the iteration found it, and as that is kept."""
        if self._row == 0 and name in self._segment.start:
            return self._segment.start[name]
        return Trace.iteration(self.trace, self.number - 1).entries(self.program.carried[name])

    def _given_input(self, name: str) -> GivenArray:
        scenario = self.trace.scenario
        if self._is_counter(name):
            return GivenArray.of(float(self.number))
        if name in scenario.data:
            return seen_samples(scenario, scenario.data[name], self.batch)
        for table in (self.built.settings, scenario.constants, scenario.parameters):
            if name in table:
                return table[name]
        raise self.trace._unknown(name)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and (
            name in self.program.inputs or self._row < _row_count(self._segment, name)
        )

    def get(self, name: str, default: Any = None) -> Any:
        """Return a quantity, or the default where there is none of that name."""
        if name not in self:
            return default
        return self[name]

    def __getitem__(self, name: str) -> Any:
        values = self.floats(name)
        shape = self.shape(name)
        if not shape:
            return values[0]
        given = None if name in self.program.carried else self.program.inputs.get(name)
        is_whole = given and (given.integer or self._given_input(name).holds_integers)
        kind = int if is_whole else float
        return read_only_view(np.array(values, dtype=kind).reshape(shape))

    def __iter__(self) -> Iterator[str]:
        computed = (equation.name for equation in self.program.equations)
        yield from (*self.program.inputs, *filter(self.__contains__, computed))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __repr__(self) -> str:
        return f"<iteration {self.number} of {self.trace.scenario.name}>"


class Replay:
    """Replays iterations of a trace, operation by operation, through the same kind of plan.

    `iteration(number)` has the values of every operation; the latest is kept.
    """

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._plans = Plans(trace.scenario, operations=True)
        self.iteration = lru_cache(1)(self._replay_iteration)

    def _replay_iteration(self, number: int) -> Iteration:
        recorded = self._trace.iteration(number)
        carried = {name: array("d", recorded.floats(name)) for name in recorded.program.carried}
        batch = recorded.batch
        # Arrays have a value where Python would refuse the arithmetic (1/0, exp(710)).
        fault = self._trace.fault
        arrays = True if fault is not None and fault.iteration == number else None
        plan = self._plans.plan(batch, None, arrays=arrays)
        store, _, _ = plan.run(carried, number, [batch])
        built = self._plans.built(batch)
        names = None
        fault_place = store.first_non_finite()
        if fault_place is not None:
            order = store.names()
            names = frozenset(order[: order.index(fault_place[1]) + 1])
        return Iteration(
            self._trace, Segment(number, store, built, [batch], carried, names), number
        )


def is_same_data(trace: Trace) -> bool:
    """Whether all iterations of a run have their loss and updates from the same samples."""
    training, program = trace.scenario.training, trace.program
    if (
        training is None
        or (training.batch_size is None and not training.shuffle)
        or program.data.isdisjoint(
            needed_for([program.loss or "", *program.carried.values()], program.equations)
        )
    ):
        return True
    first = trace.iteration(1).samples
    numbers = range(2, min(len(trace), MOST_LOOKED_AT) + 1)
    return all(trace.iteration(number).samples == first for number in numbers)


def gradient_names(trace: Trace) -> dict[str, str]:
    """Return the name of each trained parameter's gradient, whole, in the order of the scenario."""
    gradients = {
        equation.wrt: equation.name
        for equation in trace.program.phase("backward")
        if "#" not in equation.name
    }
    return {name: gradients[name] for name in trace.program.carried if name in gradients}
