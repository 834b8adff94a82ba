"""A small program as straight-line Python on floats: one statement a value, one row a step.

The source is generated from the tree with names of its own (`v1`, `n0`, …): no text of a user is
in it. Every array is written out entry by entry through the element forms, so NumPy is not
needed. Faults that Python raises and NumPy does not (1/0, exp(710)) end the loop; the caller
goes on with arrays, whose arithmetic is IEEE 754's. The loop counts nothing for the sake of a
fault: where it stood is read off the offset of its row, and the steps before are run again.
"""

# ruff: noqa: D102 - an override is described where it is first defined, in `layout`

from __future__ import annotations

import math
import struct
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache, partial
from typing import Any, ClassVar, Final

from tracer.expression import Call, Name, Node, Number
from tracer.frozen import Frozen
from tracer.lazy_numpy import NDArray, np
from tracer.memo import PROGRAMS
from tracer.operations import Operation, Shape, code_template, indices_of
from tracer.program.elements import Elements, place_node
from tracer.program.given_array import GivenArray, read_only_view
from tracer.program.program import BuiltProgram
from tracer.run.interpret import Algebra, Attributes, Interpreter
from tracer.run.layout import (
    ARRAY_BYTES,
    FLOAT_BYTES,
    STORE_BYTES,
    Batch,
    Plan,
    RowStore,
    carried_entries,
    non_finite_places,
    row_parts,
)
from tracer.run.scalar_code import NAMESPACE, compile_source

# Scalar expressions as Python source, made of the table's own code --------------------------------

DEEPEST: Final = 40  # brackets in one generated expression; Python's own limit is 200


class _Expressions(Algebra[str]):
    """Expressions of source; what is more than a name or a number is put in brackets."""

    def number(self, value: Fraction) -> str:
        return repr(float(value))

    def function(self, row: Operation, operands: Sequence[Node]) -> Callable[..., str] | None:
        template = code_template(row.scalar, operands)
        return partial(_fill_template, template) if template else None

    def whole(self, value: str) -> int:
        return int(float(value))  # a literal; other labels are known to the plan only


def _fill_template(template: str, *texts: str) -> str:
    parts = [text if _is_atom(text) else f"({text})" for text in texts]
    return template.format(*parts, all=", ".join(parts))


@lru_cache(4096)
def _is_atom(text: str) -> bool:
    return text.isidentifier() or (text[0].isdigit() and " " not in text)


SOURCE: Final = _Expressions()


class Writer(Interpreter[str]):
    """Writes values as statements (`lines`) and expressions.

    `variables` holds the source of what is known already; what needs only `before` (variables and
    numbers that never change) is written once, into `prelude`.
    """

    def __init__(self) -> None:
        self.variables: dict[Node, str] = {}
        super().__init__(SOURCE, self.variables.get)
        self.uses: defaultdict[Node, int] = defaultdict(int)
        self.prelude: list[str] = []
        self.lines: list[str] = []
        self.before: set[str] = set()
        self._held = 0

    def count_uses(self, nodes: Iterable[Node]) -> None:
        """Count how often each part of the expressions is used: what is used twice is held."""
        waiting = [*nodes]
        while waiting:
            part = waiting.pop()
            self.uses[part] = count = self.uses[part] + 1
            if count == 1 and isinstance(part, Call) and part.operation != "index":
                waiting += part.arguments

    def template(self, row: Operation, operands: Sequence[Node]) -> str:
        """Return the source of an operation; '' where its definition stands."""
        return code_template(row.scalar, operands)

    def new_variable(self, text: str) -> str:
        """Return a new variable that holds a value."""
        self._held += 1
        variable = f"v{self._held}"
        self.lines.append(f"{variable} = {text}")
        return variable

    def number(self, node: Number) -> str:
        """Return a literal, which never changes."""
        text = SOURCE.number(node.value)
        self.before.add(text)
        return text

    def value_before_operands(self, call: Call) -> str | None:
        """Return the variable of a value that was computed before."""
        return self.variables.get(call)

    def apply(
        self,
        node: Node,
        row: Operation | None,
        operands: Sequence[Node],
        values: Sequence[str],
        attributes: Attributes,
    ) -> str:
        """Return the source of an operation: an expression, or the variable that holds it."""
        assert row is not None, node
        template = self.template(row, operands)
        texts = [
            self.new_variable(item)
            if not _is_atom(item)
            and (template.count(f"{{{place}}}") > 1 or item.count("(") > DEEPEST)
            else item
            for place, item in enumerate(values)
        ]
        text = (
            _fill_template(template, *texts)
            if template
            else super().apply(node, row, operands, texts, attributes)
        )
        if self.before.issuperset(texts):
            variable = f"n{len(self.prelude)}"
            self.prelude.append(f"{variable} = {text}")
            self.before.add(variable)
        elif self.uses[node] > 1:
            variable = self.new_variable(text)
        else:
            return text
        self.variables[node] = variable
        return variable


def compile_expressions(
    nodes: Sequence[Node], leaves: Sequence[Node]
) -> Callable[..., Sequence[float]]:
    """Return scalar expressions as one function of their leaves, by the code of a plan."""
    writer = Writer()
    names = [f"x{place}" for place in range(len(leaves))]
    writer.variables.update(zip(leaves, names, strict=True))
    writer.count_uses(nodes)
    values = ", ".join(map(writer.value, nodes))
    head = f"def run({', '.join(names)}):"
    lines = [head, *writer.prelude, *writer.lines, f"return [{values}]"]
    return compile_source("\n  ".join(lines), {**NAMESPACE})


# The loop -----------------------------------------------------------------------------------------

ROW_BYTES = 64  # memory for the list that holds the entries of a sample
LINE_BYTES = 100  # memory for a line of the source
LARGE = (b"\x7f", b"\xff")  # the top byte of a number that is not finite, or nearly so


class ScalarStore(RowStore):
    """Rows of doubles in one buffer; a quantity's column is a strided view of it."""

    def __init__(
        self,
        slots: Mapping[str, tuple[Shape, tuple[int, ...]]],
        width: int,
        count: int,
        masked: frozenset[str] = frozenset(),
    ) -> None:
        self.quantities = slots
        self._width = width
        self._masked = masked
        self.count = count
        self.buffer = bytearray(count * width * 8)

    def floats(self, name: str, row: int) -> list[float]:
        _, slots = self.quantities[name]
        values = memoryview(self.buffer).cast("d")
        first = row * self._width
        return [values[first + slot] for slot in slots]

    def numbers(self, name: str) -> list[float]:
        _, (slot,) = self.quantities[name]
        end = self.count * self._width
        values: list[Any] = memoryview(self.buffer).cast("d")[slot : end : self._width].tolist()
        return values

    def column(self, name: str) -> NDArray[Any]:
        shape, slots = self.quantities[name]
        if not slots:
            return np.empty((self.count, *shape))
        rows = np.frombuffer(self.buffer, dtype=np.float64)[: self.count * self._width]
        rows = rows.reshape(self.count, self._width)
        first, last = slots[0], slots[0] + len(slots)
        is_block = slots == tuple(range(first, last))
        values = rows[:, first:last] if is_block else rows[:, list(slots)]
        return read_only_view(values.reshape(self.count, *shape))

    def first_non_finite(self) -> tuple[int, str] | None:
        # A number that is not finite has an exponent of ones only. The top byte of each double
        # shows whether one may be there, at a small part of the cost of looking at the numbers.
        top = self.buffer[7 : self.count * self._width * 8 : 8]
        candidates = [place for sign in LARGE if (place := top.find(sign)) >= 0]
        first = min(candidates, default=len(top)) // (self._width or 1)
        for row in range(first, self.count if self._width else 0):
            line = top[row * self._width : (row + 1) * self._width]
            if any(sign in line for sign in LARGE):
                for name in self.quantities:
                    if non_finite_places(self.floats(name, row), is_masked=name in self._masked):
                        return row, name
        return None

    def cut(self, count: int) -> None:
        self.count = count
        del self.buffer[count * self._width * 8 :]

    def size(self) -> int:
        return len(self.buffer)


class ScalarPlan(Plan):
    """The loop, compiled when it first runs.

    `fixed` are the inputs that do not change; `varying` data come a batch at a time. Plans may
    share the rows of these in `shared`.
    Raises UnknownInteger where labels are not known before the run.
    """

    def __init__(
        self,
        built: BuiltProgram,
        fixed: Mapping[str, GivenArray],
        varying: Mapping[str, GivenArray],
        recorded: frozenset[str] | None,
        shared: dict[tuple[GivenArray, str], Any] | None = None,
    ) -> None:
        program = built.program
        self._masked = built.masked
        self._carried = tuple(program.carried)
        self._data = tuple(varying.values())
        self._shared = {} if shared is None else shared
        statements = LoopSource.shared_statements(built, fixed, tuple(varying))
        names = [item.name for item in program.equations]
        chosen = names if recorded is None else [name for name in names if name in recorded]
        self.source, self._slots, self._width = statements.recording(chosen)
        self.row_bytes = self._width * 8
        self._inputs = [entry for name in statements.fixed_names for entry in fixed[name].floats()]
        self._parts = row_parts({name: math.prod(built.shapes[name]) for name in self._carried})
        self._carried_size: int = sum(part.stop - part.start for part in self._parts.values())
        self.state_bytes = ARRAY_BYTES * len(self._carried) + 8 * self._carried_size
        numbers = len(self._inputs) + sum(given.size for given in self._data)
        rows = sum(given.shape[0] for given in self._data)
        self.data_bytes = ROW_BYTES * rows + FLOAT_BYTES * numbers
        self.held_bytes = 0
        self._run: Callable[..., Any] | None = None

    def compile(self) -> Callable[..., Any]:
        if self._run is None:
            pack = struct.Struct(f"={self._width}d").pack_into
            self._varying = [self._sample_rows(given) for given in self._data]
            self._run = compile_source(self.source, {**NAMESPACE, "pack": pack})
        return self._run

    def _sample_rows(self, given: GivenArray) -> list[list[float]]:
        """Return the entries of each sample."""
        rows: list[list[float]] | None = self._shared.get((given, "rows"))
        if rows is None:
            entries = given.floats()
            size = math.prod(given.shape[1:])
            rows = [entries[row * size : (row + 1) * size] for row in range(given.shape[0])]
            self._shared[given, "rows"] = rows
        return rows

    def store_bytes(self, count: int) -> int:
        return STORE_BYTES + count * self.row_bytes

    def work_bytes(self, count: int) -> int:
        look = count * self._width  # the top byte of each number, where a fault is looked for
        return look + FLOAT_BYTES * 2 * self._carried_size

    def run(
        self, carried: Mapping[str, Sequence[float]], first: int, batches: Sequence[Batch]
    ) -> tuple[ScalarStore, dict[str, array[float]], bool]:
        """Run steps; see `Plan`. They end before one whose arithmetic Python refuses."""
        self.compile()  # takes more memory for a moment than a short store
        store = ScalarStore(self._slots, self._width, len(batches), self._masked)
        start = [value for name in self._carried for value in carried_entries(carried[name])]
        try:
            done, end, stopped = self._loop(store, first, start, batches)
        except (ArithmeticError, ValueError) as fault:
            done, end, stopped = self._steps_done(fault), start, False
            if done:
                _, end, _ = self._loop(store, first, start, batches[:done])
        store.cut(done)
        after = {name: array("d", end[part]) for name, part in self._parts.items()}
        return store, after, stopped

    def _loop(
        self, store: ScalarStore, first: int, start: list[float], batches: Sequence[Batch]
    ) -> tuple[int, list[float], bool]:
        """Return how many steps were done, what is carried on, and whether the run ends here."""
        run = self.compile()
        size = self._width * 8 or 1
        offsets = range(0, len(batches) * size, size)
        entries = (
            [
                entry
                for rows in self._varying
                for place in batch.places or ()
                for entry in rows[place]
            ]
            for batch in batches
        )
        steps = zip(offsets, entries, strict=True) if self._data else offsets
        offset, end, stopped = run(steps, store.buffer, float(first), start, self._inputs)
        return offset // size + 1, end, stopped

    def _steps_done(self, fault: BaseException) -> int:
        """Return how many steps the loop had done when it was ended by a fault."""
        traceback = fault.__traceback__
        while traceback is not None and traceback.tb_frame.f_code.co_filename != "<plan>":
            traceback = traceback.tb_next
        assert traceback is not None
        offset: int = traceback.tb_frame.f_locals.get("offset", 0)  # none yet before the loop
        return offset // (self._width * 8 or 1)


class LoopStatements(Frozen):
    """A loop before it is said which values it records: the lines around the record.

    `entries` has the shape of each computed quantity, and the sources of its entries;
    `fixed_names` are the inputs whose entries it takes as `fixed`; `labels` stand in the lines.
    """

    head: list[str]
    body: list[str]
    tail: list[str]
    end: str
    entries: dict[str, tuple[Shape, list[str]]]
    fixed_names: list[str]
    labels: Mapping[tuple[str, Shape], int | None]

    def recording(
        self, names: Sequence[str]
    ) -> tuple[str, dict[str, tuple[Shape, tuple[int, ...]]], int]:
        """Return the source that records some quantities, their slots in a row, and its width.

        Entries that only repeat others share their slots.
        """
        packed: dict[str, int] = {}
        slots: dict[str, tuple[Shape, tuple[int, ...]]] = {}
        for name in names:
            shape, texts = self.entries[name]
            slots[name] = (shape, tuple(packed.setdefault(text, len(packed)) for text in texts))
        body = [*self.body]
        if packed:
            body.append(f"pack(buffer, offset, {', '.join(packed)})")
        body = [f"    {line}" for line in [*body, *self.tail] or ["pass"]]
        lines = [*self.head, *body, self.end]
        return "\n".join(lines) + "\n", slots, len(packed)


class LoopSource(Writer):
    """Writes the statements of one loop, which ends by `stop_lines` where `stopped` says so."""

    stop_lines: ClassVar[Sequence[str]] = ("if stopped:", "  break")

    def __init__(
        self, built: BuiltProgram, fixed: Mapping[str, GivenArray], varying: tuple[str, ...]
    ) -> None:
        super().__init__()
        self.program = built.program
        self.shapes = built.shapes
        self.built = built
        self.varying = varying
        self.computed: dict[str, tuple[Shape, list[str]]] = {
            equation.name: (equation.shape, []) for equation in built.program.equations
        }
        self.fixed = fixed
        self.labels: dict[tuple[str, Shape], int | None] = {}  # labels that were asked for
        self.elements = Elements(built.shapes, self.label, stable=True)

    @classmethod
    def shared_statements(
        cls, built: BuiltProgram, fixed: Mapping[str, GivenArray], varying: tuple[str, ...]
    ) -> LoopStatements:
        """Return the statements of a loop, which are written once. Raises UnknownInteger."""
        source = cls(built, fixed, varying)
        return PROGRAMS.result(
            (cls, *built.structure, frozenset(fixed), varying),
            source.statements,
            lambda statements: LINE_BYTES * len(statements.body),
            is_valid=lambda statements: all(
                source.label(*place) == value for place, value in statements.labels.items()
            ),
        )

    def label(self, name: str, index: Shape) -> int | None:
        """Return an entry of an input; None where the input is not known before the run."""
        given = self.fixed.get(name)
        if given is not None:
            entry = float(given.written_entry(indices_of(given.shape).index(index)))
        self.labels[name, index] = value = None if given is None else int(entry)
        return value

    def statements(self) -> LoopStatements:
        """Return the statements of `run(steps, buffer, t, carried, fixed)`."""
        carried = self.declare("c", list(self.program.carried))
        fixed = [
            name
            for name, item in self.program.inputs.items()
            if name in self.fixed and name not in self.program.carried and item.kind != "counter"
        ]
        constants = self.declare("k", fixed)
        self.before.update(constants)
        data = self.declare("d", list(self.varying))
        for name, item in self.program.inputs.items():
            if item.kind == "counter":
                self.variables[Name(name)] = "t"
        entries = [
            (equation.name, index, self.elements.entry(equation.expression, index).node)
            for equation in self.program.equations
            for index in indices_of(equation.shape)
        ]
        self.count_uses(node for _, _, node in entries)
        for name, index, node in entries:
            text = self.value(node)
            if not text.isidentifier():  # a bare name only repeats another value
                variable = self.new_variable(text)
                if not isinstance(node, Number):  # what stands before the loop knows no `v`
                    self.variables.setdefault(node, variable)
                text = variable
            self.variables[place_node(name, index)] = text
            self.computed[name][1].append(text)
        after = [
            self.variables[place_node(new, index)]
            for old, new in self.program.carried.items()
            for index in indices_of(self.shapes[old])
        ]
        stop = self.stop()
        tail = [f"stopped = {stop}"] if stop else []
        if set(after).isdisjoint(carried):
            tail += map("{} = {}".format, carried, after)
        else:  # one takes what another had before
            tail.append(f"{', '.join(carried)}, = {', '.join(after)},")
        if "t" in self.variables.values():
            tail.append("t += 1.0")
        if stop:
            tail += self.stop_lines
        target = f"offset, [{', '.join(data)}]" if data else "offset"
        head = ["def run(steps, buffer, t, carried, fixed):", "  stopped = False"]
        if carried:
            head.append(f"  {', '.join(carried)}, = carried")
        if constants:
            head.append(f"  {', '.join(constants)}, = fixed")
        head += [f"  {line}" for line in self.prelude]
        head.append(f"  for {target} in steps:")
        end = f"  return offset, [{', '.join(carried)}], stopped"
        return LoopStatements(head, self.lines, tail, end, self.computed, fixed, self.labels)

    def declare(self, letter: str, names: list[str]) -> list[str]:
        """Give the entries of some inputs their variables."""
        result: list[str] = []
        for name in names:
            for index in indices_of(self.shapes[name]):
                variable = f"{letter}{len(result)}"
                self.variables[place_node(name, index)] = variable
                result.append(variable)
        return result

    def stop(self) -> str:
        """Return the condition that ends the run; '' where there is none."""
        stop = self.built.stop
        if stop is None:
            return ""
        left = self.value(self.elements.entry(stop.left, ()).node)
        right = self.value(self.elements.entry(stop.right, ()).node)
        return f"({left}) {stop.comparison} ({right})"
