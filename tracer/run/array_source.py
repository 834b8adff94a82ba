"""The source of one loop over arrays, and the memory that its temporaries share.

Only what is recorded, carried to the next step or read by one of these is computed. What is
recorded is computed straight into its column, unless it is derived from the other columns when
somebody asks for it, by a loop over these. What is carried is written over where nothing reads
the old value any more. A temporary takes the memory of one that has ended. Numbers and views
that are the same in every step are made once.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import numpy as np

from tracer.expression import Array, Call, Name, Node
from tracer.operations import Shape, bound, code_template, literal, static_value
from tracer.program.program import BuiltProgram, Equation, all_sources, names_in
from tracer.run.loop_lines import NONE, LoopLine, in_pieces, share_memory
from tracer.run.update_stacks import Stack, is_elementwise, stack_updates

PLAIN = ("{0} + {1}", "{0} - {1}", "{0} * {1}")  # Python's own code, which refuses no numbers

# Of how many of its operands an operation is not finite where one of them is not.
LASTING = {
    "add": 2,
    "subtract": 2,
    "multiply": 2,
    "divide": 1,
    "negative": 1,
    "square": 1,
    "sqrt": 1,
}

# Operations entry by entry that nothing is rounded in, and that make nothing larger.
ROUNDED_NEVER = frozenset(("relu", "abs", "negative", "step"))

FUNCTION = re.compile(r"\b(?:np|kernels)\.[\w.]+(?=\()")


class ArrayLoop:
    """The source of a function `run`, and what it takes; no text of a user is in it.

    The loop of a program over arrays records some names (None: all). Of `varying` inputs each step
    takes the rows of its batch. The loop that computes what another has `derived` reads all else
    from the columns of that one.

    The arguments of `run` are: pairs of a row and the places of a batch; the number of the first
    step; the part of each row whose values have to be finite, of which it returns the sum of the
    squares; the columns of `places`; the temporaries, each of which has its shape
    (`temporary_shapes`) and its block of memory (`block_of`), each of which holds so many numbers
    (`blocks`); the first values of `carried`; and the inputs, as numbers of the dtype and as whole
    numbers, by their position in the program.

    Those of `recorded` that are `derived` have no column. `columns` has the shape of each of the
    others, stacks in the place of their members. What is `lasting` is finite in all steps if what
    is carried is at the end. The new values of what is `at_home` are written over the old ones.
    """

    def __init__(
        self,
        built: BuiltProgram,
        varying: Collection[str],
        recorded: frozenset[str] | None,
        dtype: str,
        derived: frozenset[str] = frozenset(),
    ) -> None:
        self.recorded = [
            equation.name
            for equation in built.program.equations
            if recorded is None or equation.name in recorded
        ]
        program = self._program = stack_updates(built.program, built.shapes, set(self.recorded))
        self.stacks = program.stacks
        self.carried = tuple(program.carried)
        self.stack_of: dict[str, Stack] = {
            name: stack for stack in self.stacks.values() for name in stack.members
        }
        every = tuple(dict.fromkeys(map(self._stack_of, self.recorded)))
        late = set(map(self._stack_of, derived))
        self._read = frozenset(every) - late if derived else frozenset()  # columns of another loop
        shapes = self._shapes = program.shapes
        self.columns = {name: shapes[name] for name in every if name not in self._read}
        self.places: dict[str, str] = {}  # the variables of columns
        self.literals: list[Any] = []
        self.temporary_shapes: list[Shape] = []
        self._built = built
        self._positions = {name: place for place, name in enumerate(built.program.inputs)}
        self._old = {new: old for old, new in program.carried.items() if new != old}
        self._equations = self._needed_equations()
        self.lasting = self._lasting_names()
        self.derived: frozenset[str] = frozenset()
        if derived:
            self.recorded = [name for name in self.recorded if name in derived]
        else:
            # Updates of arrays, entry by entry of what is recorded, and what is larger than all
            # it is made of, as a gradient of weights is. Nobody looks at them, so that nothing of
            # them is infinite has to show at the end of the run, or in what they are made of.
            late = self._late_names(recorded) - self._built.masked
            self.columns = {name: shapes[name] for name in every if name not in late}
            self.derived = frozenset(name for name in self.recorded if self._stack_of(name) in late)
        self._last_read = self._last_reads()
        self._varying = varying
        self._dtype = dtype
        self._variables: dict[Node, str] = {}
        self._integers: dict[Node, str] = {}
        # By name: the temporaries that it may be a view of.
        self._looks_into: dict[str, frozenset[int]] = {}
        self._same_rows: set[str] = set()  # variables with the same memory in every step
        self._constant: set[str] = set()  # variables with the same values in every step
        self._head: list[str] = []
        self._rows: list[str] = []  # takes the places of a step's values
        self._lines: list[LoopLine] = []
        self._copies: list[LoopLine] = []  # copies made at the end of a step
        self._whole: dict[str, Shape] = {}  # variables of whole arrays, which can be cut in pieces
        self._refreshed: dict[str, str] = {}  # members of what is carried in columns
        self._count = 0
        self.source = self._text()
        self.at_home = frozenset(filter(self._is_at_home, self._old.values()))
        for name in [name for name in vars(self) if name[0] == "_"]:
            delattr(self, name)  # only the writing needs it, and it takes more than the source

    def _stack_of(self, name: str) -> str:
        """Return the stack in whose place a quantity stands, or the quantity."""
        return self.stack_of[name].name if name in self.stack_of else name

    def _needed_equations(self) -> list[Equation]:
        """Return the equations that are computed, in order."""
        columns = {*self.columns, *self._program.carried.values()}
        columns.update(map(self._stack_of, self._names_at_end()))
        result = []
        for equation in reversed(self._program.equations):
            name = self._stack_of(equation.name)
            if name in columns and name not in self._read:
                result.append(equation)
                columns.update(map(self._stack_of, names_in(equation.expression)))
        return result[::-1]

    def _late_names(self, recorded: frozenset[str] | None) -> set[str]:
        """Return what is soon computed again, or takes more memory than what it is made of.

        Where not all is recorded, it is made of what is, and of what is given.
        """
        equations_of: dict[str, list[Equation]] = {}
        for item in self._equations:
            equations_of.setdefault(self._stack_of(item.name), []).append(item)
        inputs = self._built.program.inputs.keys() - self._built.program.carried.keys()
        result = set()
        for name, items in equations_of.items():
            operands = {other for item in items for other in names_in(item.expression)}
            size = math.prod(self._shapes[name])
            read_size = sum(math.prod(self._shapes[each]) for each in operands)
            is_update = all(
                item.phase == "update" and is_elementwise(item.expression) for item in items
            )
            is_late = bool(self._shapes[name]) if is_update else size > read_size
            is_late &= name in self.lasting
            is_late |= operands.isdisjoint(inputs | self._built.masked) and all(
                _is_no_larger(item.expression) for item in items
            )
            if (
                is_late
                and self._shapes[name]
                and (recorded is None or operands <= inputs | recorded)
            ):
                result.add(name)
        return result

    def _is_in_columns(self, name: str | None) -> bool:
        return name in self.columns or name in self._read

    def _names_at_end(self) -> list[str]:
        stop = self._built.stop
        return [] if stop is None else [*names_in(stop.left), *names_in(stop.right)]

    def _last_reads(self) -> dict[str, int]:
        """Return where each carried quantity is last read, views of it included."""
        views: dict[str, set[str]] = {name: {name} for name in self.carried}
        result: dict[str, int] = {}
        for place, equation in enumerate(self._equations):
            operands = self._viewed_names(names_in(equation.expression), views)
            result.update(dict.fromkeys(operands, place))
            if not self._writes(equation.expression):
                views[equation.name] = operands
        at_end = self._viewed_names(self._names_at_end(), views)
        result.update(dict.fromkeys(at_end, len(self._equations)))
        self._may_show = views
        return result

    def _viewed_names(self, names: Iterable[str], shown: dict[str, set[str]]) -> set[str]:
        """Return the carried quantities that some names are or may be views of."""
        return set().union(
            *(shown.get(self._stack_of(name), shown.get(name, ())) for name in names)
        )

    # The loop -----------------------------------------------------------------------------------

    def _text(self) -> str:
        """Return the source of the function `run`."""
        for place, name in enumerate(self.carried):
            variable = self._variables[Name(name)] = f"c{place}"
            self._whole[variable] = self._shapes[name]
            if self._is_at_home(name):
                self._same_rows.add(variable)
                if self._program.carried[name] == name:
                    self._constant.add(variable)
        for place, equation in enumerate(self._equations):
            self._equation(place, equation)
        stop = self._stop()
        self._lines += self._copies
        ends = [
            (f"c{place}", self._value(Name(new)))
            for place, (old, new) in enumerate(self._program.carried.items())
            if not self._is_at_home(old)
        ]
        self.blocks: list[int] = []
        self.block_of = [-1] * len(self.temporary_shapes)
        loop = list(in_pieces(self._lines, np.dtype(self._dtype).itemsize))
        share_memory(loop, self.temporary_shapes, self.block_of, self.blocks, [])
        body = [*self._rows, *(text for line in loop for text in line.texts)]
        if ends:
            body.append(f"{', '.join(old for old, _ in ends)}, = {', '.join(v for _, v in ends)},")
        body += [f"{variable} = {column}[i]" for variable, column in self._refreshed.items()]
        if self.columns and not self._read:
            body += ["row = rows[i]", "squares += row.dot(row)"]
        body.append("t += 1.0")
        if stop:
            body += [f"stopped = {stop}", "if stopped:", "  break"]
        variables = [f"c{place}" for place in range(len(self.carried))]
        # A function is looked up once, and not in each step: that takes a tenth of a short call.
        functions = dict.fromkeys(FUNCTION.findall("\n".join(body)))
        lines = [
            "def run(steps, t, rows, columns, temporaries, carried, fixed, whole):",
            "  stopped, single, squares = False, dtype.type, 0.0",
            *([f"  {', '.join(variables)}, = carried"] if variables else ()),
            *(f"  {line}" for line in self._head),
            *(f"  {name.replace('.', '_')} = {name}" for name in functions),
            "  for i, p in steps:",
            *(f"    {FUNCTION.sub(lambda it: it[0].replace('.', '_'), line)}" for line in body),
            f"  return i + 1, [{', '.join(variables)}], stopped, squares",
        ]
        return "\n".join(lines) + "\n"

    def _lasting_names(self) -> frozenset[str]:
        """Return what is not finite at the end of the run where it was not in any step.

        That is what is carried by operations that make nothing finite again, and what these read.
        """
        expressions = {equation.name: equation.expression for equation in self._equations}

        def sources(node: Node) -> Sequence[Node]:
            if isinstance(node, Name):
                return [expressions.get(node.id, node)]
            row, operands, _ = bound(node) if isinstance(node, Call) else (None, (), {})
            return operands[: 0 if row is None else LASTING.get(row.name, 0)]

        result: set[str] = set()
        for old, new in self._program.carried.items():
            start: Node = Name(new)
            nodes = all_sources([start], sources)
            reached = {node.id for node in nodes if isinstance(node, Name)}
            result |= reached if old in reached else set()
        return frozenset(result)

    def _is_at_home(self, name: str) -> bool:
        """Tell whether what is carried stays in one place of memory."""
        new = self._program.carried[name]
        return bool(self._shapes[name]) and not self._is_in_columns(new)

    def _stop(self) -> str:
        stop = self._built.stop
        if stop is None:
            return ""
        left, right = self._value(stop.left), self._value(stop.right)
        variable = self._variable()
        self._line(f"{variable} = {left} {stop.comparison} {right}", (left, right))
        return variable

    def _equation(self, place: int, equation: Equation) -> None:
        name, node = equation.name, equation.expression
        old = self._old.get(name)
        out, buffer = self._target(place, equation)
        if out and self._writes(node):
            variable = self._call(node, out, buffer)
        else:
            variable = self._value(node)
            if self._stack_of(name) in self.columns or out:
                column = out or f"{self._column(name)}[i]"
                text = f"{column}[...]" if out else column
                self._line(f"{text} = {variable}", (variable,), buffer)
                variable = out or variable
        if old is not None and self._is_at_home(old) and out != self._variables[Name(old)]:
            self._copy_home(equation, self._variables[Name(old)], variable)
        self._variables[Name(name)] = variable

    def _target(self, place: int, equation: Equation) -> tuple[str, int | None]:
        """Return the memory that an equation writes, and the temporary that it is part of."""
        name, node = equation.name, equation.expression
        if not equation.shape:
            return "", None
        if self._stack_of(name) in self.columns:
            return self._place(name), None
        if name in self.stack_of:
            variable = self._member(name)
            return variable, next(iter(self._looks_into[variable]))
        old = self._old.get(name)
        if old is not None and self._last_read.get(old, -1) <= place and self._writes(node):
            inner = self._code_call(node)
            if isinstance(inner, Call) and bound(inner)[0].elementwise:
                return self._variables[Name(old)], None
        return "", None

    def _copy_home(self, equation: Equation, home: str, variable: str) -> None:
        """Write a new value over the old one at the end of the step."""
        if self._may_show.get(equation.name):  # what it looks into may be written over till then
            buffer, number = self._temporary(equation.shape)
            self._line(f"np.copyto({buffer}, {variable})", (variable,), number)
            variable = buffer
        text = f"np.copyto({home}, {variable})"
        self._copies.append(LoopLine(text, self._looks_into.get(variable, NONE)))

    # Values -------------------------------------------------------------------------------------

    def _value(self, node: Node) -> str:
        """Return the variable or the number that a value is."""
        known = self._variables.get(node)
        if known is not None:
            return known
        exact = literal(node)
        if exact is not None:
            number = rounded_number(float(exact), self._dtype)
            return repr(number) if math.isfinite(number) else f"float({str(number)!r})"
        if isinstance(node, Array):
            self.literals.append(static_value(node))
            variable = self._define(f"literals[{len(self.literals) - 1}]", (), view=True)
        else:
            variable = self._quantity(node.id) if isinstance(node, Name) else self._call(node)
        self._variables[node] = variable
        return variable

    def _quantity(self, name: str) -> str:
        """Return the variable of what no equation before has given one."""
        if name in self.stack_of:
            return self._member(name)
        if self._is_in_columns(name):  # computed by another loop or, a stack, member by member
            return self._place(name)
        if name in self.stacks:
            return self._temporary(self._shapes[name])[0]
        item = self._built.program.inputs[name]
        if item.kind == "counter":
            return "t"
        position = self._positions[name]
        if name in self._varying:
            self._head.append(f"k{position} = fixed[{position}]")
            variable, number = self._temporary(item.shape)
            text = f'k{position}.take(p, 0, {variable}, "clip")'  # np.take asks which array it has
            self._line(text, (), number)
            return variable
        variable = self._define(f"fixed[{position}]", (), view=True)
        self._whole[variable] = item.shape
        return variable

    def _member(self, name: str) -> str:
        """Return the part of a stack that a quantity is."""
        stack = self.stack_of[name]
        begin, end, shape = stack.entries(name)
        whole = self._value(Name(stack.name))
        part = f"{whole}[{begin}:{end}].reshape({shape!r})"
        new = self._program.carried.get(stack.name)
        if self._is_in_columns(new):  # carried in columns
            variable = self._variable()
            self._head.append(f"{variable} = {part}")
            self._refreshed[variable] = self._column(self._built.program.carried[name])
        elif self._is_in_columns(stack.name):
            variable = self._place(name)
        else:
            variable = self._define(part, (whole,), view=True)
            if whole in self._same_rows:
                self._same_rows.add(variable)
        self._variables[Name(name)] = variable
        return variable

    def _writes(self, node: Node) -> bool:
        """Tell whether a value can be computed straight into a place."""
        inner = self._code_call(node)
        if not isinstance(inner, Call):
            return False
        row, operands, _ = bound(inner)
        return "{out}" in code_template(row.array, operands)

    def _code_call(self, node: Node) -> Node:
        """Return a call in other operations until its own has code for arrays."""
        while isinstance(node, Call):
            row, operands, attributes = bound(node)
            form = row.steps or row.definition
            if row.array or form is None:
                break
            node = form(*map(self._shapes.term, operands), **attributes).node
        return node

    def _call(self, node: Node, out: str = "", buffer: int | None = None) -> str:
        """Write one operation, its result into `out` or, where that is '', into a temporary."""
        inner = self._code_call(node)
        if inner is not node and not out:
            return self._value(inner)
        assert isinstance(inner, Call), inner
        row, operands, attributes = bound(inner)
        shape = self._shapes.of(inner)
        divisor = literal(operands[1]) if row.name == "divide" else None
        is_plain = row.scalar in PLAIN or (divisor is not None and divisor >= 1)
        template = code_template(row.scalar if is_plain and not shape else row.array, operands)
        arguments = [
            self._integer(operand) if name in row.integers else self._value(operand)
            for name, operand in zip(
                row.operands * (len(operands) if row.variadic else 1), operands, strict=False
            )
        ]
        number = buffer
        if "{out}" in template and shape and not out:
            out, number = self._temporary(shape)
        joined = ", ".join(arguments)
        text = template.format(*arguments, all=joined, out=out or "None", **attributes)
        if not shape:
            as_float = "float({})" if self._dtype == "float64" else "float(single({}))"
            return self._define(as_float.format(text), arguments, number=True)
        if "{out}" not in template:
            return self._define(text, arguments, view=row.view)
        arrays = {
            item for item, node in zip(arguments, operands, strict=True) if self._shapes.of(node)
        }
        arrays.add(out)
        whole = row.elementwise and all(self._whole.get(item) == shape for item in arrays)
        self._line(text, arguments, number, row.elementwise, arrays if whole else (), shape)
        return out

    def _integer(self, node: Node) -> str:
        """Return labels or ids as whole numbers."""
        integer = self._integers.get(node)
        if integer is not None:
            return integer
        variable = ""
        if isinstance(node, Call):
            row, operands, attributes = bound(node)
            if row.view:
                inner = self._integer(operands[0])
                text = code_template(row.array, operands).format(inner, **attributes)
                variable = self._define(text, (inner,), view=True)
        elif isinstance(node, Name) and node.id in self._positions:
            position = self._positions[node.id]
            if self._built.program.inputs[node.id].integer:
                variable = self._define(f"whole[{position}]", (), view=True)
                if node.id in self._varying:
                    everything, variable = variable, self._variable()
                    self._line(f"{variable} = {everything}.take(p, 0)", ())
        if not variable:
            value = self._value(node)
            variable = self._define(f"np.asarray({value}).astype(np.intp)", (value,))
        self._integers[node] = variable
        return variable

    # Lines --------------------------------------------------------------------------------------

    def _variable(self) -> str:
        self._count += 1
        return f"v{self._count}"

    def _are(self, arguments: Iterable[str], kind: set[str]) -> bool:
        """Tell whether all arguments are numbers or variables of a kind."""
        return all(not item.isidentifier() or item in kind for item in arguments)

    def _define(
        self, text: str, arguments: Sequence[str], *, view: bool = False, number: bool = False
    ) -> str:
        """Give a value a variable; numbers and views that stay are made before the loop.

        A view of what does not lie row after row, such as a transposed matrix, may be a copy.
        """
        variable = self._variable()
        constant = (view or number) and self._are(arguments, self._constant)
        if constant or (view and self._are(arguments, self._same_rows)):
            self._head.append(f"{variable} = {text}")
            if constant:
                self._constant.add(variable)
        else:
            self._line(f"{variable} = {text}", arguments)
        if not number:  # a value that is no number may be a view
            self._looks_into[variable] = self._temporaries_of(arguments)
        return variable

    def _temporaries_of(self, arguments: Iterable[str]) -> frozenset[int]:
        return NONE.union(*(self._looks_into.get(item, NONE) for item in arguments))

    def _line(
        self,
        text: str,
        arguments: Sequence[str],
        writes: int | None = None,
        elementwise: bool = False,
        arrays: Iterable[str] = (),
        shape: Shape = (),
    ) -> None:
        self._lines.append(
            LoopLine(
                text,
                self._temporaries_of(arguments),
                NONE if writes is None else frozenset((writes,)),
                elementwise,
                frozenset(arrays),
                shape,
            )
        )

    def _place(self, name: str) -> str:
        """Return the variable of the place where a step's value of a quantity is kept."""
        variable, shape = self._variable(), self._shapes[name]
        entry = f"{self._column(name)}[i]"
        self._rows.append(f"{variable} = {entry if shape else f'float({entry})'}")
        self._whole[variable] = shape
        return variable

    def _column(self, name: str) -> str:
        """Return the variable of a column."""
        if name not in self.places:
            number = len(self.places)
            self._head.append(f"o{number} = columns[{number}]")
            self.places[name] = f"o{number}"
        return self.places[name]

    # Memory -------------------------------------------------------------------------------------

    def _temporary(self, shape: Shape) -> tuple[str, int]:
        """Return a temporary and its number."""
        number = len(self.temporary_shapes)
        variable = f"b{number}"
        self.temporary_shapes.append(shape)
        self._head.append(f"{variable} = temporaries[{number}]")
        self._same_rows.add(variable)
        self._looks_into[variable] = frozenset((number,))
        self._whole[variable] = shape
        return variable, number


def _is_no_larger(node: Node) -> bool:
    """Tell whether an array has, entry by entry, 0 or what it is made of: relu(z), g * step(z)."""
    if not isinstance(node, Call):
        return False
    row, operands, _ = bound(node)
    if row.name == "multiply":
        operands = tuple(each for each in operands if getattr(each, "operation", "") != "step")
    elif row.name not in ROUNDED_NEVER:
        return False
    return len(operands) == 1 and (isinstance(operands[0], Name) or _is_no_larger(operands[0]))


def rounded_number(value: float, dtype: str) -> float:
    """Return a single number as a run has it: a Python float with the digits of the dtype."""
    return float(value) if dtype == "float64" else float(np.dtype(dtype).type(value))
