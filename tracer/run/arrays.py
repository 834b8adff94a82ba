"""A program as straight-line NumPy: one call an operation, results written where they are kept.

The source is generated from the tree with names of its own; no text of a user is in it. A
recorded quantity is computed straight into its column, so recording copies nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import repeat
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tracer.expression.syntax import Array, Call, Name, Node
from tracer.operations import Shape, bound, kernels, literal
from tracer.program.built import Built
from tracer.program.given import Given
from tracer.run.layout import ARRAY_BYTES, STORE_BYTES, Batch

__all__ = ["ArrayPlan", "ArrayStore"]

Arrays = dict[str, Any]


class ArrayStore:
    """A column for each quantity: an array whose first axis is the iteration."""

    def __init__(
        self,
        columns: dict[str, NDArray[Any]],
        count: int,
        masked: frozenset[str] = frozenset(),
    ) -> None:
        self._columns = columns
        self._masked = masked
        self.count = count

    def names(self) -> Sequence[str]:
        """Return the recorded quantities in the order they are computed."""
        return tuple(self._columns)

    def __contains__(self, name: object) -> bool:
        return name in self._columns

    def floats(self, name: str, row: int) -> list[float]:
        """Return the entries of a quantity in one iteration, row by row."""
        values: list[float] = self._columns[name][row].ravel().tolist()
        return values

    def entries(self, name: str, row: int) -> NDArray[Any]:
        """Return the entries of a quantity in one iteration as a read-only array of one axis."""
        values: NDArray[Any] = self._columns[name][row].reshape(-1).view()
        values.setflags(write=False)
        return values

    def several(self, names: tuple[str, ...], row: int) -> Sequence[float]:
        """Return the entries of several quantities in one iteration, one after the other."""
        return [value for name in names for value in self.floats(name, row)]

    def numbers(self, name: str) -> list[float]:
        """Return a single number in all iterations."""
        values: list[float] = self._columns[name][: self.count].tolist()
        return values

    def column(self, name: str) -> NDArray[Any]:
        """Return a quantity in all iterations, the first axis being the iteration; read-only."""
        values = self._columns[name][: self.count].view()
        values.setflags(write=False)
        return values

    def first_non_finite(self) -> tuple[int, str] | None:
        """Return the first row with a value that is not finite, and the quantity."""
        found: tuple[int, int, str] | None = None
        for position, (name, column) in enumerate(self._columns.items()):
            values = column[: self.count]
            finite = np.isfinite(values)
            if name in self._masked:
                finite |= np.isneginf(values)
            finite = finite.reshape(self.count, -1).all(axis=1)
            if not finite.all():
                candidate = (int(np.argmin(finite)), position, name)
                found = candidate if found is None else min(found, candidate)
        return None if found is None else (found[0], found[2])

    def cut(self, count: int) -> None:
        """Forget the rows from `count` on."""
        self.count = count

    def size(self) -> int:
        """Return the bytes that the values take."""
        return sum(column[: self.count].nbytes for column in self._columns.values())


class ArrayPlan:
    """The loop over arrays, compiled when it first runs.

    Data that vary are taken from `varying` a batch at a time. Plans may share the arrays of what
    is given in `shared`.
    """

    def __init__(
        self,
        built: Built,
        fixed: Mapping[str, Given],
        varying: Mapping[str, Given],
        recorded: frozenset[str] | None,
        dtype: str = "float64",
        shared: dict[tuple[Given, str], Any] | None = None,
    ) -> None:
        self._built = built
        self._dtype = np.dtype(dtype)
        self._carried = tuple(built.program.carried)
        self._shared = {} if shared is None else shared
        source = _Source(built, tuple(varying), recorded, dtype)
        self.source = source.text()
        self._recorded = source.recorded_names
        self.row_bytes = self._dtype.itemsize * sum(map(self._size, self._recorded))
        self._literals = source.literals
        self._buffer_shapes = source.buffers
        self._varies = bool(varying)
        # Inputs are handed over by their position: no name of a user stands in the source.
        self._given: dict[int, Given] = {}
        self._integers: set[int] = set()
        for position, (name, item) in enumerate(built.program.inputs.items()):
            given = varying.get(name) or fixed.get(name)
            if given is not None and name not in built.program.carried:
                self._given[position] = given
                if item.integer:
                    self._integers.add(position)
        self._run: Callable[..., Any] | None = None
        self._lock = Lock()

    def compile(self) -> Callable[..., Any]:
        """Return the loop as a function; compiled once."""
        if self._run is None:
            dtype = str(self._dtype)
            self._buffers = [np.empty(shape, self._dtype) for shape in self._buffer_shapes]
            self._fixed = {place: self._value(item, dtype) for place, item in self._given.items()}
            self._whole = {
                place: self._value(self._given[place], "int64") for place in self._integers
            }
            namespace: dict[str, Any] = {
                "np": np,
                "kernels": kernels,
                "dtype": self._dtype,
                "literals": [np.array(item, dtype=dtype) for item in self._literals],
            }
            exec(compile(self.source, "<plan>", "exec"), namespace)  # noqa: S102 - our own source
            self._run = namespace["run"]
        return self._run

    def _value(self, given: Given, dtype: str) -> Any:
        """Return given numbers as the loop takes them: a float, or an array that none changes."""
        if not given.shape and dtype != "int64":
            return _single(given.floats()[0], dtype)
        if (given, dtype) not in self._shared:
            self._shared[given, dtype] = given.read_only(dtype)
        return self._shared[given, dtype]

    @property
    def state_bytes(self) -> int:
        """The bytes that what is carried on takes, as `run` returns it."""
        columns = set(self._recorded)  # it is a view of these
        copied = [old for old, new in self._built.program.carried.items() if new not in columns]
        return ARRAY_BYTES * len(self._carried) + self._dtype.itemsize * sum(
            map(self._size, copied)
        )

    @property
    def data_bytes(self) -> int:
        """The bytes that its own copies of the given numbers take; plans of one size share them."""
        kinds = [(given, self._dtype) for given in self._given.values() if given.shape]
        kinds += [(self._given[place], np.dtype("int64")) for place in self._integers]
        return sum(
            ARRAY_BYTES + (0 if given.is_stored_as(str(kind)) else kind.itemsize * given.size)
            for given, kind in kinds
        )

    @property
    def held_bytes(self) -> int:
        """The bytes of the buffers that stay from run to run."""
        entries = sum(map(math.prod, self._buffer_shapes))
        return ARRAY_BYTES * len(self._buffer_shapes) + self._dtype.itemsize * entries

    def store_bytes(self, count: int) -> int:
        """The bytes that the store of so many steps takes, its objects included."""
        return STORE_BYTES + ARRAY_BYTES * len(self._recorded) + count * self.row_bytes

    def work_bytes(self, count: int) -> int:
        """The bytes that a run of so many steps takes beside its store and what it returns."""
        start = sum(map(self._size, self._carried))
        look = count * max(map(self._size, self._recorded), default=0)  # for what is not finite
        return ARRAY_BYTES * len(self._carried) + self._dtype.itemsize * start + look

    def _size(self, name: str) -> int:
        """Return how many numbers a quantity has."""
        return math.prod(self._built.shapes[name])

    def run(
        self, carried: Mapping[str, Any], first: int, batches: Sequence[Batch]
    ) -> tuple[ArrayStore, Arrays, bool]:
        """Run steps; see `Plan`. One thread at a time: a run writes into the plan's buffers."""
        with self._lock:
            return self._steps(carried, first, batches)

    def _steps(
        self, carried: Mapping[str, Any], first: int, batches: Sequence[Batch]
    ) -> tuple[ArrayStore, Arrays, bool]:
        run = self.compile()
        count = len(batches)
        shapes = self._built.shapes
        columns = {name: np.empty((count, *shapes[name]), self._dtype) for name in self._recorded}
        start = [self._start(name, carried[name]) for name in self._carried]
        places = (np.asarray(batch.places) for batch in batches) if self._varies else repeat(None)
        with np.errstate(all="ignore"):
            done, end, stopped = run(
                zip(range(count), places),  # noqa: B905 - what repeats has no end
                float(first),
                list(columns.values()),
                self._buffers,
                start,
                self._fixed,
                self._whole,
            )
        store = ArrayStore(columns, done, self._built.masked)
        result: Arrays = {}
        for (old, new), value in zip(self._built.program.carried.items(), end, strict=True):
            is_buffer = isinstance(value, np.ndarray) and new not in columns and new != old
            result[old] = value.copy() if is_buffer else value  # a buffer is used again
        return store, result, stopped

    def _start(self, name: str, value: Any) -> Any:
        """Return a carried value as the loop takes it: a float, or an array of its own."""
        shape = self._built.shapes[name]
        if not shape:
            return _single(np.ravel(value)[0], str(self._dtype))
        if self._built.program.carried[name] == name:  # nothing writes to it
            return np.asarray(value, dtype=self._dtype).reshape(shape)
        return np.array(value, dtype=self._dtype).reshape(shape)


def _single(value: float, dtype: str) -> float:
    """Return a single number as the run has it: a Python float with the digits of the dtype."""
    return float(value) if dtype == "float64" else float(np.dtype(dtype).type(value))


class _Source:
    """Writes the source of one loop over arrays."""

    def __init__(
        self, built: Built, varying: tuple[str, ...], recorded: frozenset[str] | None, dtype: str
    ) -> None:
        self.built = built
        self.program = built.program
        self.shapes = built.shapes
        self.varying = varying
        self.recorded = recorded
        self.recorded_names = [
            equation.name
            for equation in built.program.equations
            if recorded is None or equation.name in recorded
        ]
        self.places = {name: place for place, name in enumerate(self.recorded_names)}
        self.dtype = dtype
        self.variables: dict[Node, str] = {}
        self.integers: dict[Node, str] = {}
        self.literals: list[Any] = []
        self.buffers: list[Shape] = []
        self.head: list[str] = []
        self.lines: list[str] = []
        self.swaps: list[str] = []
        self.count = 0

    def text(self) -> str:
        """Return the source of the function `run`."""
        carried = [self.carry(position, name) for position, name in enumerate(self.program.carried)]
        for position, (name, item) in enumerate(self.program.inputs.items()):
            self.input(position, name, item.kind, integer=item.integer)
        after = dict(self.program.carried)
        for equation in self.program.equations:
            self.equation(
                equation.name, equation.expression, carried=equation.name in after.values()
            )
        ends = [self.variables[Name(new)] for new in after.values()]
        stop = self.stop()
        body = [*self.lines]
        if stop:
            body.append(f"stopped = {stop}")
        if carried:
            body.append(f"{', '.join(carried)}, = {', '.join(ends)},")
        body += [*self.swaps, "t += 1.0"]
        if stop:
            body += ["if stopped:", "  break"]
        signature = "steps, t, columns, buffers, carried, fixed, whole"
        lines = [f"def run({signature}):", "  stopped = False"]
        if carried:
            lines.append(f"  {', '.join(carried)}, = carried")
        lines += [f"  {line}" for line in self.head]
        lines.append("  for i, p in steps:")
        lines += [f"    {line}" for line in body]
        lines.append(f"  return i + 1, [{', '.join(carried)}], stopped")
        return "\n".join(lines) + "\n"

    def carry(self, position: int, name: str) -> str:
        variable = f"c{position}"
        self.variables[Name(name)] = variable
        return variable

    def input(self, position: int, name: str, kind: str, *, integer: bool) -> None:
        """Give an input its variable; data that vary are taken anew in each step."""
        node = Name(name)
        if node in self.variables:
            return
        if kind == "counter":
            self.variables[node] = "t"
            return
        variable = self.variables[node] = f"k{position}"
        if name in self.varying:
            self.head.append(f"K{position} = fixed[{position}]")
            self.lines.append(f"{variable} = np.take(K{position}, p, axis=0)")
            if integer:
                self.integers[node] = f"j{position}"
                self.head.append(f"J{position} = whole[{position}]")
                self.lines.append(f"j{position} = np.take(J{position}, p, axis=0)")
            return
        self.head.append(f"{variable} = fixed[{position}]")
        if integer:
            self.integers[node] = f"j{position}"
            self.head.append(f"j{position} = whole[{position}]")

    def equation(self, name: str, node: Node, *, carried: bool) -> None:
        shape = self.shapes[name]
        column = ""
        position = self.places.get(name)
        if position is not None:
            column = f"o{position}"
            self.head.append(f"{column} = columns[{position}]")
        if column and shape and self.writes(node):
            self.lines.append(f"r = {column}[i]")
            variable = self.call(node, "r", keep=True)
        else:
            own = self.writes(node)
            variable = self.value(node, swap=carried)
            if column:
                self.lines.append(f"{column}[i] = {variable}")
            if carried and shape and (column or not own):  # else the next step may write over it
                source = f"{column}[i]" if column else f"np.array({variable})"
                variable = self.new()
                self.lines.append(f"{variable} = {source}")
        self.variables[Name(name)] = variable

    def writes(self, node: Node) -> bool:
        """Tell whether a value can be computed straight into its column."""
        if not isinstance(node, Call) or node in self.variables:
            return False
        row, operands, _ = bound(node)
        return "{out}" in _template(row.array, operands)

    def new(self) -> str:
        self.count += 1
        return f"v{self.count}"

    def value(self, node: Node, *, swap: bool = False) -> str:
        """Return the variable or the number that a value is."""
        known = self.variables.get(node)
        if known is not None:
            return known
        exact = literal(node)
        if exact is not None:
            number = _single(float(exact), self.dtype)
            return repr(number) if math.isfinite(number) else f"float({str(number)!r})"
        if isinstance(node, Array):
            self.literals.append(_nested(node))
            variable = self.new()
            self.head.append(f"{variable} = literals[{len(self.literals) - 1}]")
            self.variables[node] = variable
            return variable
        variable = self.call(node, "", swap=swap)
        self.variables[node] = variable
        return variable

    def call(self, node: Node, out: str, *, keep: bool = False, swap: bool = False) -> str:
        """Write one operation; `out` is where its result goes, '' for a buffer of its own."""
        assert isinstance(node, Call), node
        row, operands, attributes = bound(node)
        template = _template(row.array, operands)
        if not template:
            assert row.definition is not None
            terms = [self.shapes.term(operand) for operand in operands]
            written = row.definition(*terms, **attributes)
            if keep and self.writes(written.node):
                return self.call(written.node, out, keep=True)
            value = self.value(written.node, swap=swap)
            if out:
                self.lines.append(f"{out}[...] = {value}")
                value = out
            if keep:
                variable = self.new()
                self.lines.append(f"{variable} = {value}")
                return variable
            return value
        arguments = [
            self.integer(operand) if name in row.integers else self.value(operand)
            for name, operand in zip(
                row.operands * (len(operands) if row.variadic else 1), operands, strict=False
            )
        ]
        shape = self.shapes.of(node)
        if "{out}" in template and not out:
            out = self.buffer(shape, swap=swap) if shape else "None"
        text = template.format(*arguments, all=", ".join(arguments), out=out, **attributes)
        variable = self.new()
        if not shape:
            text = f"float({text})" if self.dtype == "float64" else f"float(dtype.type({text}))"
        self.lines.append(f"{variable} = {text}")
        return variable

    def buffer(self, shape: Shape, *, swap: bool) -> str:
        """Return a buffer; a carried value has two, so that the old one stays while it is read."""
        position = len(self.buffers)
        self.buffers.append(shape)
        self.head.append(f"b{position} = buffers[{position}]")
        if swap:
            self.buffers.append(shape)
            self.head.append(f"b{position + 1} = buffers[{position + 1}]")
            self.swaps.append(f"b{position}, b{position + 1} = b{position + 1}, b{position}")
        return f"b{position}"

    def integer(self, node: Node) -> str:
        """Return labels or ids as whole numbers."""
        known = self.integers.get(node)
        if known is not None:
            return known
        if isinstance(node, Call):
            row, operands, attributes = bound(node)
            if row.view:
                inner = self.integer(operands[0])
                variable = self.new()
                text = _template(row.array, operands).format(inner, **attributes)
                self.lines.append(f"{variable} = {text}")
                self.integers[node] = variable
                return variable
        return f"np.asarray({self.value(node)}).astype(np.intp)"

    def stop(self) -> str:
        stop = self.built.stop
        if stop is None:
            return ""
        return f"{self.value(stop.left)} {stop.comparison} {self.value(stop.right)}"


def _template(code: Any, operands: Sequence[Node]) -> str:
    return code if isinstance(code, str) else str(code([literal(item) for item in operands]))


def _nested(node: Node) -> Any:
    if isinstance(node, Array):
        return [_nested(item) for item in node.items]
    exact = literal(node)
    assert exact is not None
    return float(exact)
