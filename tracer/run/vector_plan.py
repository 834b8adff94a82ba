"""A small program for many runs at once: the scalar plan's statements over vectors of runs.

Each number of a run is an entry of a vector, and each statement one NumPy call for all runs. What
is the same in all runs stays a number. Sums, differences, products and quotients have the bits of
a run by itself; functions such as exp may differ in the last place, as NumPy's do from Python's.
A run that has ended is computed on and no longer looked at.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from tracer.expression.syntax import Node, Number
from tracer.lazy_numpy import NDArray, np
from tracer.operations import Operation, Shape, code_template, kernels
from tracer.program.given import Given
from tracer.program.program import Built
from tracer.run.interpret import Attributes
from tracer.run.layout import Batch, row_parts
from tracer.run.scalar_code import NAMESPACE, compile_source
from tracer.run.scalars import LoopSource
from tracer.run.trace import Fault, fault_kind

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
    """The loop of all runs, compiled. `vectors` are the inputs that differ between runs.

    Raises UnknownInteger where labels are not known before the run.
    """

    def __init__(
        self,
        built: Built,
        fixed: Mapping[str, Given],
        varying: Mapping[str, Given],
        vectors: Collection[str],
    ) -> None:
        source = _VectorSource(built, fixed, tuple(varying), vectors)
        statements = source.statements()
        names = [equation.name for equation in built.program.equations]
        self.source, self._slots, _ = statements.recording(names)
        carried = built.program.carried
        self._carried = row_parts({name: math.prod(built.shapes[name]) for name in carried})
        self._masked = built.masked
        self.fixed = source.fixed_names
        self.varying = tuple(varying)
        self._namespace: dict[str, Any] = {
            **NAMESPACE,
            "np": np,
            "kernels": kernels,
            "pack": VectorRecord.look,
            "end": VectorRecord.end,
        }
        self._run = compile_source(self.source, self._namespace)

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
        one. Raises ArithmeticError or ValueError where Python refuses what is the same in all.
        """
        record.slots, record.masked = self._slots, self._masked
        count = record.count
        self._namespace["empty"] = lambda: np.empty(count)
        start = [value for name in self._carried for value in carried[name]]
        constants = [value for name in self.fixed for value in columns[name]]
        steps = self._steps(record, first, batches, rows)
        with np.errstate(all="ignore"):
            _, end, _ = self._run(steps, record, float(first), start, constants)
        return {name: end[part] for name, part in self._carried.items()}

    def _steps(
        self,
        record: VectorRecord,
        first: int,
        batches: Sequence[Batch],
        rows: Mapping[str, Sequence[Sequence[Column]]],
    ) -> Iterator[Any]:
        for step, batch in enumerate(batches, first - 1):
            if step >= first and not record.running.any():
                return
            if not self.varying:
                yield step
                continue
            entries = [
                entry
                for name in self.varying
                for place in batch.places or ()
                for entry in rows[name][place]
            ]
            yield step, entries


class _VectorSource(LoopSource):
    """Writes the statements of the loop; what is the same in all runs as numbers."""

    def __init__(
        self,
        built: Built,
        fixed: Mapping[str, Given],
        varying: tuple[str, ...],
        vectors: Collection[str],
    ) -> None:
        super().__init__(built, fixed, varying)
        self.vectors = vectors
        self.uniform = {"t"}
        self.fixed_names: tuple[str, ...] = ()

    def declare(self, letter: str, names: list[str]) -> list[str]:
        """Give the entries of some inputs their variables."""
        result = super().declare(letter, names)
        if letter == "k":
            self.fixed_names = tuple(names)
        sizes = {name: math.prod(self.shapes[name]) for name in names}
        parts = row_parts(sizes).items() if letter != "c" else ()
        self.uniform.update(*(result[part] for name, part in parts if name not in self.vectors))
        return result

    def stop_lines(self) -> list[str]:
        """Return the statement that ends some runs; the steps end when none goes on."""
        return ["end(buffer, stopped)"]

    def template(self, row: Operation, operands: Sequence[Node], values: Sequence[str]) -> str:
        """Return the code for numbers, or that for arrays with a new vector as its result."""
        code = super().template(row, operands, values)
        if not code or self.uniform.issuperset(values):
            return code
        return code_template(row.array, operands).replace("{out}", "empty()")

    def apply(
        self,
        node: Node,
        row: Operation | None,
        operands: Sequence[Node],
        values: Sequence[str],
        attributes: Attributes,
    ) -> str:
        """Return the source of an operation; what it is made of says whether it is uniform."""
        result = super().apply(node, row, operands, values, attributes)
        if self.uniform.issuperset(values):
            self.uniform.add(result)
        return result

    def new_variable(self, text: str) -> str:
        """Return a new variable that holds a value."""
        variable = super().new_variable(text)
        if text in self.uniform:
            self.uniform.add(variable)
        return variable

    def number(self, node: Number) -> str:
        """Return a literal, which is the same in all runs."""
        text = super().number(node)
        self.uniform.add(text)
        return text
