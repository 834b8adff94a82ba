"""A program as straight-line NumPy: one call an operation, results written where they are kept.

The source is generated from the tree with names of its own; no text of a user is in it. A
recorded quantity is computed straight into its column, so recording copies nothing. What an update
computes entry by entry of the other columns is not kept, nor are gradients that are larger than
what they are made of, nor a ReLU: they are computed again when they are asked for.
"""

# ruff: noqa: D102 - an override is described where it is first defined, in `layout`

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from itertools import repeat
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tracer.frozen import replace
from tracer.memo import PROGRAMS
from tracer.operations import Shape, kernels
from tracer.program.given_array import GivenArray, read_only_view
from tracer.program.program import BuiltProgram
from tracer.run.array_source import ArrayLoop, rounded_number
from tracer.run.layout import ARRAY_BYTES, STORE_BYTES, Batch, Plan, RowStore, StackedValues
from tracer.run.loop_lines import CACHE_LINE
from tracer.run.scalar_code import compile_source

Arrays = dict[str, Any]

BATCHES = 32  # batches whose sample indices are made at once
LARGE_PAGE = 2 * 1024 * 1024
LONG_LINES = 64  # a quantity of so many lines begins at a line of its own, which takes one at most


class ArrayStore(RowStore):
    """A column for each quantity: an array whose first axis is the iteration.

    Those that are None are computed by `derive`, which returns them by their names. `doubtful` are
    the names of those whose values may not all be finite (None: all), but for the minus infinity of
    what is `masked`.
    """

    def __init__(
        self,
        columns: Mapping[str, NDArray[Any] | None],
        count: int,
        masked: frozenset[str] = frozenset(),
        doubtful: Collection[str] | None = None,
        derive: Callable[[], Mapping[str, NDArray[Any]]] = dict,
    ) -> None:
        self.quantities = columns
        self._derive = derive
        self._masked = masked
        self._doubtful = columns if doubtful is None else doubtful
        self.count = count

    def column(self, name: str) -> NDArray[Any]:
        return read_only_view(self._values(name)[: self.count])

    def first_non_finite(self) -> tuple[int, str] | None:
        doubtful = [name for name in self.quantities if name in self._doubtful]
        for row in range(self.count if doubtful else 0):
            for name in doubtful:
                values = self._values(name)[row]
                finite = np.isfinite(values)
                if name in self._masked:
                    finite |= np.isneginf(values)
                if not finite.all():
                    return row, name
        return None

    def cut(self, count: int) -> None:
        self.count = count

    def size(self) -> int:
        columns = (column for column in self.quantities.values() if column is not None)
        return sum(column[: self.count].nbytes for column in columns)

    def _values(self, name: str) -> NDArray[Any]:
        column = self.quantities[name]
        return self._derive()[name] if column is None else column


class ArrayPlan(Plan):
    """The loop over arrays, compiled when it first runs.

    Data that vary are taken from `varying` a batch at a time. Plans may share the arrays of what
    is given in `shared`. What the record of another plan leaves out is `derived` by a plan of it.
    """

    def __init__(
        self,
        built: BuiltProgram,
        fixed: Mapping[str, GivenArray],
        varying: Mapping[str, GivenArray],
        recorded: frozenset[str] | None,
        dtype: str = "float64",
        shared: dict[tuple[GivenArray, str], Any] | None = None,
        derived: frozenset[str] = frozenset(),
    ) -> None:
        self._built = built
        self._dtype = np.dtype(dtype)
        self._carried = tuple(built.program.carried)
        self._shared = {} if shared is None else shared
        self._loop: ArrayLoop = PROGRAMS.result(
            (ArrayLoop, *built.structure, tuple(varying), recorded, dtype, derived),
            lambda: ArrayLoop(built, varying.keys(), recorded, dtype, derived),
            lambda loop: len(loop.source),
        )
        self.source = self._loop.source
        self._recorded = self._loop.recorded
        self._stored = [name for name in self._recorded if name not in self._loop.derived]
        self.row_bytes = self._dtype.itemsize * sum(map(self._size, self._recorded))
        self._places, self._gaps, self._checked, self._width = self._row_places()
        self._varies = bool(varying)
        stacks = {name: self._loop.stack_of.get(name) for name in self._carried}
        self._parts = {
            name: None if stack is None else (stack.members, *stack.entries(name))
            for name, stack in stacks.items()
        }
        # Inputs are handed over by their position: no name of a user stands in the source.
        self._given: dict[int, GivenArray] = {}
        self._integers: set[int] = set()
        for position, (name, item) in enumerate(built.program.inputs.items()):
            given = varying.get(name) or fixed.get(name)
            if given is not None and name not in built.program.carried:
                self._given[position] = given
                if item.integer:
                    self._integers.add(position)
        itemsize = self._dtype.itemsize
        copied = built.program.carried.keys() - {  # of what is recorded it has a view
            old for old, new in built.program.carried.items() if new in self._stored
        }
        self.state_bytes = ARRAY_BYTES * len(self._carried) + itemsize * sum(
            map(self._size, copied)
        )
        kinds = [(given, self._dtype) for given in self._given.values() if given.shape]
        kinds += [(self._given[place], np.dtype("int64")) for place in self._integers]
        self.data_bytes = sum(
            ARRAY_BYTES + (0 if given.is_stored_as(str(kind)) else kind.itemsize * given.size)
            for given, kind in kinds
        )
        self.held_bytes = ARRAY_BYTES * len(self._loop.block_of) + sum(
            _room_of(itemsize * size) for size in self._loop.blocks
        )
        self._run: Callable[..., Any] | None = None
        self._lock = Lock()
        if recorded is not None:  # what is derived then needs nothing that is carried
            inputs = dict(built.program.inputs)
            for name in built.program.carried:
                del inputs[name]
            built = replace(built, program=replace(built.program, inputs=inputs, carried={}))
        self._arguments = replace(built, stop=None), fixed, varying, recorded, dtype, shared
        self._derived: tuple[object, Mapping[str, NDArray[Any]]] | None = None  # the last store
        self._deriving = Lock()

    def compile(self) -> Callable[..., Any]:
        if self._run is None:
            dtype = str(self._dtype)
            loop = self._loop
            blocks = [_aligned_block(1, size, self._dtype)[0] for size in loop.blocks]
            self._temporaries = [
                blocks[block][: math.prod(shape)].reshape(shape)
                for block, shape in zip(loop.block_of, loop.temporary_shapes, strict=True)
            ]
            self._fixed = {place: self._value(item, dtype) for place, item in self._given.items()}
            self._whole = {
                place: self._value(self._given[place], "int64") for place in self._integers
            }
            namespace: dict[str, Any] = {
                "np": np,
                "kernels": kernels,
                "dtype": self._dtype,
                "literals": [np.array(item, dtype=dtype) for item in self._loop.literals],
            }
            self._run = compile_source(self.source, namespace)
        return self._run

    def _value(self, given: GivenArray, dtype: str) -> Any:
        """Return given numbers as the loop takes them: a float, or an array that none changes."""
        if not given.shape and dtype != "int64":
            return rounded_number(given.floats()[0], dtype)
        if (given, dtype) not in self._shared:
            self._shared[given, dtype] = given.read_only(dtype)
        return self._shared[given, dtype]

    def store_bytes(self, count: int) -> int:
        columns = STORE_BYTES + ARRAY_BYTES * len(self._recorded)
        return columns + _room_of(count * self._width * self._dtype.itemsize)

    def work_bytes(self, count: int) -> int:
        # A large quantity is looked through for what is not finite with a byte for each number.
        size = ARRAY_BYTES * len(self._carried) + max(map(self._size, self._recorded), default=0)
        return size + self.derived_bytes(count)

    def derived_bytes(self, count: int) -> int:
        if not self._loop.derived:
            return 0
        numbers = count * sum(map(self._size, self._loop.derived))
        held = ARRAY_BYTES * len(self._loop.derived) + self.held_bytes
        return held + _room_of(numbers * self._dtype.itemsize)

    def _size(self, name: str) -> int:
        """Return how many numbers a quantity has."""
        return math.prod(self._built.shapes[name])

    def run(
        self,
        carried: Mapping[str, Any],
        first: int,
        batches: Sequence[Batch],
        read: Arrays | None = None,
    ) -> tuple[ArrayStore, StackedValues, bool]:
        """Run steps; see `Plan`. One thread at a time: a run writes into the plan's temporaries.

        What is derived is derived from the columns that are `read`.
        """
        with self._lock:
            return self._steps(carried, first, batches, read or {})

    def _steps(
        self, carried: Mapping[str, Any], first: int, batches: Sequence[Batch], read: Arrays
    ) -> tuple[ArrayStore, StackedValues, bool]:
        run = self.compile()
        count = len(batches)
        block = _aligned_block(count, self._width, self._dtype)
        for gap in self._gaps:
            block[:, gap] = 0
        columns = dict(read)
        for name, (begin, end, shape) in self._places.items():
            columns[name] = block[:, begin:end].reshape(count, *shape)
        start = [self._start(name, carried) for name in self._loop.carried]
        places: Iterable[Any] = _places_of(batches) if self._varies else repeat(None)
        with np.errstate(all="ignore"):
            done, end, stopped, squares = run(
                zip(range(count), places),  # noqa: B905 - what repeats has no end
                float(first),
                block[:, self._checked],
                [columns[name] for name in self._loop.places],
                self._temporaries,
                start,
                self._fixed,
                self._whole,
            )
            if self._loop.lasting:
                squares += sum(float(np.vdot(value, value)) for value in end)
        doubtful = self._built.masked if math.isfinite(squares) else None
        store = ArrayStore(
            {name: columns.get(name) for name in self._recorded},
            done,
            self._built.masked,
            doubtful,
            partial(self._derive, object(), carried, first, batches[:done], columns)
            if self._loop.derived
            else dict,
        )
        return store, self._members(dict(zip(self._loop.carried, end, strict=True))), stopped

    @cached_property
    def _deriving_plan(self) -> ArrayPlan:
        """The plan that computes what this one leaves out of its record."""
        return ArrayPlan(*self._arguments, self._loop.derived)

    def _derive(
        self,
        store: object,
        carried: Mapping[str, Any],
        first: int,
        batches: Sequence[Batch],
        columns: Arrays,
    ) -> Mapping[str, NDArray[Any]]:
        """Return what is derived from the columns of a store; of the last one it stays."""
        with self._deriving:
            if self._derived is None or self._derived[0] is not store:
                self._derived = None
                again, _, _ = self._deriving_plan.run(carried, first, batches, columns)
                self._derived = store, {name: again.column(name) for name in again.names()}
            return self._derived[1]

    def _row_places(self) -> tuple[dict[str, tuple[int, int, Shape]], list[slice], slice, int]:
        """Return where each quantity, and each stack of some, stands in a row, the gaps between
        them, what of it is to be checked after each step, and its width.

        Long quantities, and those of whole lines of the processor's cache, begin at a line in all
        rows: what is written across lines takes up to twice as long. What may be masked comes
        last; all other numbers have to be finite, those in the gaps behind long ones too.
        """
        line = CACHE_LINE // self._dtype.itemsize
        shapes = self._loop.columns
        sizes = {name: math.prod(shape) for name, shape in shapes.items()}
        room = {
            name: size if size < LONG_LINES * line else _whole_units(size, line)
            for name, size in sizes.items()
        }
        rest = sizes.keys() - self._built.masked - self._loop.lasting

        def order(name: str) -> tuple[bool, bool, bool]:
            is_odd = room[name] % line > 0
            return name in self._built.masked, is_odd, is_odd != (name in rest)

        places: dict[str, tuple[int, int, Shape]] = {}
        end = 0
        for name in sorted(sizes, key=order):
            begin, end = end, end + room[name]
            places[name] = begin, begin + sizes[name], shapes[name]
        gaps = [slice(places[name][1], places[name][0] + room[name]) for name in sizes]
        for name in self._stored:
            if name in self._loop.stack_of:
                stack = self._loop.stack_of[name]
                first, last, shape = stack.entries(name)
                begin = places[stack.name][0]
                places[name] = begin + first, begin + last, shape
        width = end if end < line else _whole_units(end, line)
        begin = min((places[name][0] for name in rest), default=0)
        checked = slice(begin, begin + sum(room[name] for name in rest))
        return places, [gap for gap in gaps if gap.start < gap.stop], checked, width

    def _members(self, values: Arrays) -> StackedValues:
        """Return what is carried with each quantity by its own name."""
        stacks = self._loop.stacks
        vectors = {stacks[name].members: value for name, value in values.items() if name in stacks}
        alone = {
            name: array("d", [value]) if isinstance(value, float) else value
            for name, value in values.items()
            if name not in stacks
        }
        return StackedValues(alone, vectors, self._parts)

    def _start(self, name: str, carried: Mapping[str, Any]) -> Any:
        """Return a carried value as the loop takes it: a float, or an array.

        The array is the loop's own where it writes into it.
        """
        stack = self._loop.stacks.get(name)
        is_home = name in self._loop.at_home
        if stack is not None:
            if isinstance(carried, StackedValues) and stack.members in carried.vectors:
                return self._take_values(carried.vectors[stack.members], is_home)
            parts = [np.asarray(carried[item], self._dtype).ravel() for item in stack.members]
            return self._take_values(np.concatenate(parts), is_home)
        shape = self._built.shapes[name]
        if not shape:
            return rounded_number(np.ravel(carried[name])[0], str(self._dtype))
        return self._take_values(carried[name], is_home).reshape(shape)

    def _take_values(self, values: Any, is_home: bool) -> NDArray[Any]:
        """Return values as an array of the dtype, as a copy at a line where that is its home."""
        numbers: NDArray[Any] = np.asarray(values, self._dtype)
        if not is_home:
            return numbers
        home: NDArray[Any] = _aligned_block(1, numbers.size, self._dtype)[0]
        home[:] = numbers.ravel()
        return home


def _places_of(batches: Sequence[Batch]) -> Iterator[NDArray[np.intp]]:
    """Yield the places of batches of one size, made for some of them at a time."""
    for begin in range(0, len(batches), BATCHES):
        places: list[Any] = [batch.places for batch in batches[begin : begin + BATCHES]]
        if isinstance(places[0], array):
            flat = np.frombuffer(b"".join(places), np.uintc)
            yield from flat.astype(np.intp).reshape(len(places), -1)
        else:
            yield from np.array(places, np.intp)


def _aligned_block(count: int, width: int, dtype: np.dtype[Any]) -> NDArray[Any]:
    """Return an empty array of two axes that begins at a line of the cache, or at a large page.

    For a large one NumPy asks the system for large pages. Memory is taken page by page when it is
    first written to, and each page costs a while. What lies before the first is never written.
    """
    size = count * width * dtype.itemsize
    room = np.empty(_room_of(size), np.uint8)
    begin = -room.ctypes.data % (_room_of(size) - size)
    return room[begin : begin + size].view(dtype).reshape(count, width)


def _room_of(size: int) -> int:
    """Return the bytes that a block is asked for with, so that it can begin where it should."""
    return size + (CACHE_LINE if size < 2 * LARGE_PAGE else LARGE_PAGE)


def _whole_units(size: int, unit: int) -> int:
    """Return a size, rounded up to whole units."""
    return -(-size // unit) * unit
