"""Iterations that are computed again when somebody asks for them, the same to the last bit.

A run keeps what it carried into some of its iterations. Any other is computed from the nearest of
these before it, in windows of consecutive iterations of which the last few stay.
"""

# ruff: noqa: D102 - an override is described where it is first defined, in `layout`

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from threading import Lock
from typing import Any

from tracer.frozen import Frozen
from tracer.lazy_numpy import NDArray, np
from tracer.program.given_array import read_only_view
from tracer.program.program import BuiltProgram
from tracer.run.layout import Batch, Store
from tracer.run.plans import Plans

CarriedValues = Mapping[str, Any]

WINDOWS = 2  # windows kept in memory, so that a reader can step back into the last one


class Segment(Frozen):
    """Some consecutive iterations of one program, and what they started from where that is kept.

    `names` are the quantities of the last row where a fault cut it short, else None. `arrays` says
    whether it was run on arrays because floats had refused its arithmetic.
    """

    first: int
    store: Store
    built: BuiltProgram
    batches: Sequence[Batch]
    start: CarriedValues
    names: frozenset[str] | None = None
    arrays: bool = False

    @property
    def last(self) -> int:
        """The number of the last iteration."""
        return self.first + self.store.count - 1

    @property
    def has_start(self) -> bool:
        """Whether what it started from is kept, or is nothing."""
        return bool(self.start) or not self.built.program.carried


def place_of(segments: Sequence[Segment], number: int) -> int:
    """Return which of a run's segments has an iteration."""
    return bisect_right(segments, number, key=lambda segment: segment.first) - 1


class Checkpoints:
    """Computes iterations from what the segments of a run have kept of what they started from.

    `length(batch)` says how many steps with batches of its size a window has.
    """

    def __init__(
        self,
        plans: Plans,
        segments: Sequence[Segment],
        length: Callable[[Batch], int],
    ) -> None:
        self.plans = plans
        self._segments = segments
        self._length = length
        # By its first iteration each window with all its values, and what its last carried on.
        self._windows: OrderedDict[int, tuple[Store, CarriedValues]] = OrderedDict()
        self._lock = Lock()  # a check, an export and the reader may ask at the same time

    def window(self, number: int) -> tuple[int, Store]:
        """Return the first iteration and the values of the window that has an iteration."""
        segment = self._segments[place_of(self._segments, number)]
        length = self._length(segment.batches[0])
        row = (number - segment.first) // length * length
        first = segment.first + row
        with self._lock:
            window = self._windows.pop(first, None)
            if window is None:
                carried = self._carried_into(first)
                while len(self._windows) >= WINDOWS:
                    self._windows.popitem(last=False)
                batches = segment.batches[row : row + length]
                plan = self.plans.plan(batches[0], None, arrays=segment.arrays)
                window = plan.run(carried, first, batches)[:2]
            self._windows[first] = window
            return first, window[0]

    @property
    def nbytes(self) -> int:
        """The bytes of the windows that stay."""
        return sum(store.size() for store, _ in self._windows.copy().values())

    def _carried_into(self, number: int) -> CarriedValues:
        """Run on from the nearest iteration before of which it is known, and keep nothing."""
        place = place_of(self._segments, number)
        while not self._segments[place].has_start:
            place -= 1
        begin, carried = self._segments[place].first, self._segments[place].start
        for first, (store, after) in self._windows.items():
            if begin < first + store.count <= number:
                begin, carried = first + store.count, after
        while begin < number:
            segment = self._segments[place_of(self._segments, begin)]
            batches = segment.batches[begin - segment.first : number - segment.first]
            plan = self.plans.plan(batches[0], frozenset(), arrays=segment.arrays)
            _, carried, _ = plan.run(carried, begin, batches)
            begin += len(batches)
        return carried


class RecomputedStore(Store):
    """A store that keeps the columns that a run has `recorded`; it runs again for the others."""

    def __init__(
        self, kept: Store, names: Mapping[str, Any], first: int, checkpoints: Checkpoints
    ) -> None:
        self.recorded = kept
        self.quantities = names
        self._first = first
        self._checkpoints = checkpoints
        self.count = kept.count

    def floats(self, name: str, row: int) -> list[float]:
        store, row = self._with(name, row)
        return store.floats(name, row)

    def entries(self, name: str, row: int) -> NDArray[Any]:
        store, row = self._with(name, row)
        return store.entries(name, row)

    def numbers(self, name: str) -> list[float]:
        return [value for _, store in self._stores_with(name) for value in store.numbers(name)]

    def column(self, name: str) -> NDArray[Any]:
        parts = self._stores_with(name)
        row, store = next(parts)
        values = store.column(name)
        if store.count == self.count:
            return values
        result = np.empty((self.count, *values.shape[1:]), values.dtype)
        result[: store.count] = values
        for row, store in parts:
            result[row : row + store.count] = store.column(name)
        return read_only_view(result)

    def size(self) -> int:
        return self.recorded.size()

    def _with(self, name: str, row: int) -> tuple[Store, int]:
        """Return a store that has this quantity in this row, and the row there."""
        if name in self.recorded:
            return self.recorded, row
        first, store = self._checkpoints.window(self._first + row)
        return store, self._first + row - first

    def _stores_with(self, name: str) -> Iterator[tuple[int, Store]]:
        """Yield the stores that have this quantity, each with its first row."""
        if name in self.recorded:
            yield 0, self.recorded
            return
        row = 0
        while row < self.count:
            _, store = self._checkpoints.window(self._first + row)
            yield row, store
            row += store.count
