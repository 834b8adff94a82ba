"""The record of a run: every equation of every iteration, as columns of numbers.

A trace knows no words and no markup. Iterations count from 1, as people count them; what is
inside an array is indexed from 0.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from tracer.errors import RunError, UnknownNameError, nearest
from tracer.operations import Shape
from tracer.program.build import Built
from tracer.program.given import Given
from tracer.program.program import Program
from tracer.run.layout import Batch, Store

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tracer.program.scenario import Scenario

__all__ = ["Epoch", "Fault", "Iteration", "Segment", "Trace"]


@dataclass(frozen=True, slots=True)
class Fault:
    """The first value that is not finite: its iteration, its quantity, and what it is."""

    iteration: int
    name: str
    kind: Literal["inf", "-inf", "nan"]


@dataclass(frozen=True, slots=True)
class Epoch:
    """What one pass over the data gave: the mean of its batches, and of its samples."""

    number: int
    last: int  # its last iteration
    batches: int
    mean_of_batches: float
    mean_of_samples: float
    accuracy: float | None = None
    evaluation: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """Some consecutive iterations of one program, and what they started from.

    `names` are the quantities of the last row where a fault cut it short, else None.
    """

    first: int
    store: Store
    built: Built
    batches: Sequence[Batch]
    start: Mapping[str, Any]
    names: frozenset[str] | None = None

    @property
    def last(self) -> int:
        """The number of the last iteration."""
        return self.first + self.store.count - 1


class Trace:
    """A run. `iteration(k)` gives one iteration, `values(name)` a quantity in all of them."""

    def __init__(
        self,
        scenario: Scenario,
        segments: Sequence[Segment],
        initial: Mapping[str, list[float]],
        *,
        fault: Fault | None = None,
        stopped: bool = False,
    ) -> None:
        self.scenario = scenario
        self.segments = tuple(segments)
        self.initial = dict(initial)
        self.fault = fault
        self.stopped = stopped
        self._firsts = [segment.first for segment in self.segments]

    def __len__(self) -> int:
        return self.segments[-1].last if self.segments else 0

    def __repr__(self) -> str:
        return f"<Trace of {self.scenario.name}: {len(self)} iterations>"

    @property
    def program(self) -> Program:
        """The program of the first iteration; a batch of another size has one of its own."""
        return self.segments[0].built.program

    @property
    def loss(self) -> NDArray[Any]:
        """The loss of every iteration, before its update. Raises RunError without a loss."""
        if self.program.loss is None:
            raise RunError("the scenario has no loss", expected="[network] loss or a [training]")
        return self.values(self.program.loss)

    def iteration(self, number: int) -> Iteration:
        """Return one iteration, counted from 1. Raises RunError where there is none."""
        if not isinstance(number, int) or not 1 <= number <= len(self):
            raise RunError(
                f"there is no iteration {number}",
                expected=f"an iteration from 1 to {len(self)}",
            )
        segment = self.segments[bisect_right(self._firsts, number) - 1]
        return Iteration(self, segment, number)

    def iterations(self) -> Iterator[Iteration]:
        """Yield all iterations in order."""
        return (self.iteration(number) for number in range(1, len(self) + 1))

    def values(self, name: str) -> NDArray[Any]:
        """Return a quantity in all iterations, the first axis being the iteration; read-only.

        A parameter (or an optimizer's state) has one entry more: its first value comes first.
        Raises UnknownNameError.
        """
        import numpy as np

        after = self.program.carried.get(name)
        wanted = after or name
        parts = [self._column(segment, wanted) for segment in self.segments]
        if not self.segments or all(part is None for part in parts):
            raise self._unknown(name)
        columns = [part for part in parts if part is not None]
        if after is not None:
            shape = self.segments[0].built.shapes[name]
            columns.insert(0, np.array(self.initial[name], dtype=float).reshape(1, *shape))
        result = columns[0] if len(columns) == 1 else np.concatenate(columns)
        result = result.view()
        result.setflags(write=False)
        return result

    def floats(self, name: str) -> list[float]:
        """Return a single number of every iteration, without NumPy."""
        result: list[float] = []
        for segment in self.segments:
            for row in range(segment.store.count):
                if _has(segment, name, row):
                    result.append(segment.store.floats(name, row)[0])
        return result

    def _column(self, segment: Segment, name: str) -> NDArray[Any] | None:
        if name not in segment.store.names():
            return None
        column = segment.store.column(name)
        if segment.names is not None and name not in segment.names:
            column = column[:-1]
        return column

    def _unknown(self, name: str) -> UnknownNameError:
        known = [equation.name for equation in self.program.equations]
        known += list(self.program.inputs)
        if name in known:
            return UnknownNameError(f"{name} was not recorded", expected="record='all'")
        return UnknownNameError(
            f"there is no quantity {name!r}",
            expected=nearest(name, known) or f"one of {', '.join(known[:12])}",
        )


def _has(segment: Segment, name: str, row: int) -> bool:
    if name not in segment.store.names():
        return False
    if segment.names is None or row < segment.store.count - 1:
        return True
    return name in segment.names


class Iteration(Mapping[str, Any]):
    """One iteration: its quantities by name, single numbers as floats, arrays read-only.

    A parameter's own name gives the value that the iteration used, the primed name (`w'`) the
    value after its update.
    """

    def __init__(self, trace: Trace, segment: Segment, number: int) -> None:
        self._trace = trace
        self._segment = segment
        self.number = number
        self._row = number - segment.first

    @property
    def program(self) -> Program:
        """The program that this iteration ran."""
        return self._segment.built.program

    @property
    def built(self) -> Built:
        """The program with its shapes and settings."""
        return self._segment.built

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
        return self._segment.built.shapes[name]

    def floats(self, name: str) -> list[float]:
        """Return the entries of a quantity, row by row. Raises UnknownNameError."""
        program = self.program
        if name in program.carried:
            return self._before(name)
        if name in program.inputs:
            return self._given(name).floats() if name != self._counter() else [float(self.number)]
        if _has(self._segment, name, self._row):
            return self._segment.store.floats(name, self._row)
        fault = self._trace.fault
        if fault and fault.iteration == self.number:
            raise UnknownNameError(
                f"{name} has no value in iteration {self.number}",
                found=f"{fault.name} = {fault.kind}, which comes before it",
            )
        raise self._trace._unknown(name)  # noqa: SLF001 - the two are one room

    def given(self, name: str) -> Given | None:
        """Return an input as it was given, with the digits it was written with, else None."""
        if name in self.program.inputs and name not in self.program.carried:
            return None if name == self._counter() else self._given(name)
        if name in self.program.carried and self.number == 1:
            return self._trace.scenario.parameters.get(name)
        return None

    def _counter(self) -> str:
        for name, item in self.program.inputs.items():
            if item.kind == "counter":
                return name
        return ""

    def _before(self, name: str) -> list[float]:
        """Return a carried quantity as the iteration found it."""
        if self._row > 0:
            return self._segment.store.floats(self.program.carried[name], self._row - 1)
        start = self._segment.start[name]
        if isinstance(start, list):
            return start
        return [float(start)] if not hasattr(start, "ravel") else start.ravel().tolist()

    def _given(self, name: str) -> Given:
        scenario = self._trace.scenario
        if name in self._segment.built.settings:
            return self._segment.built.settings[name]
        if name in scenario.data:
            given = scenario.data[name]
            places = self._segment.batches[self._row].places
            if places is None or not given.shape:
                return given
            training = scenario.training
            if training is not None and training.sample is not None:
                return given.row(places[0])
            return given if len(places) == given.shape[0] and list(places) == list(
                range(len(places))
            ) else given.rows(places)
        for table in (scenario.constants, scenario.parameters):
            if name in table:
                return table[name]
        raise self._trace._unknown(name)  # noqa: SLF001 - the two are one room

    def __getitem__(self, name: str) -> Any:
        values = self.floats(name)
        shape = self.shape(name)
        if not shape:
            return values[0]
        import numpy as np

        array = np.array(values, dtype=float).reshape(shape)
        array.setflags(write=False)
        return array

    def __iter__(self) -> Iterator[str]:
        yield from self.program.inputs
        for equation in self.program.equations:
            if _has(self._segment, equation.name, self._row):
                yield equation.name

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __repr__(self) -> str:
        return f"<iteration {self.number} of {self._trace.scenario.name}>"
