"""Forward equations written out as elementary operations on single numbers.

Every entry of every quantity becomes a step, an operation on earlier steps; the same operation
on the same steps is one step. What an operation is made of comes from its element form and its
definition alone. Choices are all reduced to `step` and `where`, following the documented
conventions at ties, and the places where they bend are noted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from itertools import product
from typing import Any, NamedTuple

from tracer.expression.syntax import Call, Name, Node, Number
from tracer.frozen import Value
from tracer.operations import Shape, Term, lookup
from tracer.program.elements import Elements
from tracer.program.program import Equation
from tracer.program.shapes import Shapes
from tracer.witness.precise import Precise, as_float

__all__ = ["Bend", "Scalars", "Step", "TooLargeError", "Values", "evaluate", "places", "write_out"]

Values = Mapping[str, tuple[Shape, Sequence[float]]]  # of each input: its shape, its entries
Entry = tuple[str, Shape]

WIDEST = 6  # terms of a sum that are kept together; a wider one becomes a sum of sums


class TooLargeError(Exception):
    """The equations have more steps than the caller wants."""


class Step(NamedTuple):
    """An elementary operation on earlier steps; `value` is that of a number or an input."""

    operation: str
    operands: tuple[int, ...] = ()
    value: float = 0.0


class Bend(Value):
    """A place where a function bends or jumps: where a step is 0, or where two are equal."""

    equation: str
    operation: str
    index: Shape
    left: int
    right: int | None = None


class Scalars:
    """Steps in the order they are computed.

    `entries` gives the step of each entry of each quantity; `cells` are the steps at which an
    element form ends: entries, and sums that were cut out of wide ones.
    """

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.entries: dict[Entry, int] = {}
        self.cells: set[int] = set()
        self.bends: list[Bend] = []

    def needed(self, *last: int) -> list[int]:
        """Return the steps that some steps depend on, themselves included, in order."""
        seen = set(last)
        for place in range(max(last, default=-1), -1, -1):
            if place in seen:
                seen.update(self.steps[place].operands)
        return sorted(seen)

    def depending(
        self, first: set[int], among: Sequence[int], *, smoothly: bool = False
    ) -> set[int]:
        """Return those steps among some, in order, that depend on any of the first.

        With `smoothly` only those to which a derivative can flow: none does through a step.
        """
        found = set(first)
        for place in among:
            step = self.steps[place]
            if smoothly and step.operation == "step":
                continue
            if any(operand in found for operand in step.operands):
                found.add(place)
        return found


def places(shape: Shape) -> list[Shape]:
    """Return the index of each entry, row by row."""
    return list(product(*map(range, shape)))


def write_out(equations: Sequence[Equation], values: Values, shapes: Shapes, most: int) -> Scalars:
    """Return lowered equations as steps. Raises TooLargeError where they are more than `most`."""
    return _Writer(values, shapes, most).written(equations)


def evaluate(
    scalars: Scalars,
    order: Sequence[int],
    arithmetic: Precise,
    changed: Mapping[int, Any] | None = None,
    known: Mapping[int, Any] | None = None,
) -> dict[int, Any]:
    """Return the values of the steps in `order`.

    `changed` gives some inputs another value; `known` gives values of steps outside `order`.
    """
    changed = changed or {}
    result: dict[int, Any] = dict(known or {})
    functions = arithmetic.functions
    for place in order:
        operation, operands, value = scalars.steps[place]
        if operation in ("input", "number"):
            result[place] = changed[place] if place in changed else arithmetic.number(value)
        else:
            result[place] = functions[operation](*[result[operand] for operand in operands])
    return result


class _Writer:
    """Writes element forms as steps; no step is written twice."""

    def __init__(self, values: Values, shapes: Shapes, most: int) -> None:
        self.values = values
        self.elements = Elements(shapes, self.integer)
        self.most = most
        self.scalars = Scalars()
        self.known: dict[tuple[Any, ...], int] = {}
        self.definitions: dict[str, Node] = {}
        self.equation = ""
        self.operation = ""
        self.index: Shape = ()
        self.reduced: dict[str, Callable[..., int]] = {
            "abs": self.absolute,
            "sign": lambda x: self.write("subtract", self.above(x), self.above(self.negative(x))),
            "step": self.above,
            "maximum": self.maximum,
            "minimum": lambda a, b: self.negative(self.maximum(self.negative(a), self.negative(b))),
            "equal": self.equal,
            "largest": self.largest,
            "largest_shared": self.largest_shared,
            "add": self.sum,
        }

    def written(self, equations: Sequence[Equation]) -> Scalars:
        for equation in equations:
            node = equation.expression
            self.equation = equation.base or equation.name
            self.operation = node.operation if isinstance(node, Call) else ""
            for index in places(equation.shape):
                self.index = index
                step = self.form(self.elements.entry(node, index).node)
                self.scalars.entries[equation.name, index] = step
                self.scalars.cells.add(step)
        return self.scalars

    def integer(self, name: str, index: Shape) -> int:
        """Return the value of a label or an id, which element forms need while they are made."""
        step = self.entry(name, index)
        arithmetic = Precise(20)
        return round(as_float(evaluate(self.scalars, self.scalars.needed(step), arithmetic)[step]))

    def entry(self, name: str, index: Shape) -> int:
        """Return the step of an entry; an input gets its step where it is first used."""
        known = self.scalars.entries.get((name, index))
        if known is None:
            shape, flat = self.values[name]
            position = 0
            for part, size in zip(index, shape, strict=True):
                position = position * size + part
            known = self.append(Step("input", (), float(flat[position])))
            self.scalars.entries[name, index] = known
            self.scalars.cells.add(known)
        return known

    # Trees to steps ---------------------------------------------------------------------------

    def form(self, root: Node, names: Mapping[str, int] | None = None) -> int:
        """Return the step of a scalar expression, without recursion: sums may be deep."""
        done: list[int] = []
        waiting: list[tuple[Node, int]] = [(root, -1)]  # -1: not looked at; else: operand count
        while waiting:
            node, count = waiting.pop()
            if count >= 0:
                assert isinstance(node, Call)
                operands = done[len(done) - count :]
                del done[len(done) - count :]
                done.append(self.apply(node.operation, operands))
            elif isinstance(node, Number):
                done.append(self.number(float(node.value)))
            elif isinstance(node, Name):
                done.append(names[node.id] if names else self.entry(node.id, ()))
            elif isinstance(node, Call) and node.operation == "index":
                name, *index = node.arguments
                assert isinstance(name, Name)
                place = tuple(int(item.value) for item in index if isinstance(item, Number))
                done.append(self.entry(name.id, place))
            else:
                assert isinstance(node, Call), node
                parts = _terms(node) if node.operation == "add" else list(node.arguments)
                waiting.append((node, len(parts)))
                waiting.extend((part, -1) for part in reversed(parts))
        (result,) = done
        return result

    def apply(self, operation: str, operands: list[int]) -> int:
        """Return the step of an operation; one that is not elementary goes by its definition."""
        if operation in self.reduced:
            return self.reduced[operation](*operands)
        if operation in _ELEMENTARY:
            return self.write(operation, *operands)
        names = [f"{place}" for place in range(len(operands))]
        if operation not in self.definitions:
            definition = lookup(operation).definition
            assert definition is not None, operation
            self.definitions[operation] = definition(*(Term(Name(name)) for name in names)).node
        return self.form(self.definitions[operation], dict(zip(names, operands, strict=True)))

    def write(self, operation: str, *operands: int) -> int:
        key = (operation, operands)
        if key not in self.known:
            self.known[key] = self.append(Step(operation, operands))
        return self.known[key]

    def number(self, value: float) -> int:
        key = ("number", value)
        if key not in self.known:
            self.known[key] = self.append(Step("number", (), value))
        return self.known[key]

    def append(self, step: Step) -> int:
        if len(self.scalars.steps) >= self.most:
            raise TooLargeError
        self.scalars.steps.append(step)
        return len(self.scalars.steps) - 1

    # Operations reduced to simpler ones -------------------------------------------------------

    def sum(self, *terms: int) -> int:
        """A wide sum is a sum of sums, so that none has many terms."""
        while len(terms) > WIDEST:
            self.scalars.cells.update(terms)
            groups = [terms[at : at + WIDEST] for at in range(0, len(terms), WIDEST)]
            terms = tuple(self.write("add", *group) if group[1:] else group[0] for group in groups)
            self.scalars.cells.update(terms)
        return self.write("add", *terms)

    def negative(self, x: int) -> int:
        return self.write("negative", x)

    def bend(self, left: int, right: int | None = None) -> None:
        self.scalars.bends.append(Bend(self.equation, self.operation, self.index, left, right))

    def above(self, x: int) -> int:
        """1 where x > 0, else 0."""
        self.bend(x)
        return self.write("step", x)

    def greater(self, a: int, b: int) -> int:
        """1 where a > b, else 0."""
        return self.write("step", self.write("subtract", a, b))

    def absolute(self, x: int) -> int:
        """The number above 0, its negative below, 0 between: the derivative at 0 is 0."""
        zero, less = self.number(0.0), self.negative(x)
        below = self.write("where", self.write("step", less), less, zero)
        return self.write("where", self.above(x), x, below)

    def maximum(self, a: int, b: int) -> int:
        """The larger; half of each where they are equal."""
        self.bend(a, b)
        both = self.write("divide", self.write("add", a, b), self.number(2.0))
        otherwise = self.write("where", self.greater(b, a), b, both)
        return self.write("where", self.greater(a, b), a, otherwise)

    def equal(self, a: int, b: int) -> int:
        """1 where neither is larger."""
        self.bend(a, b)
        either = self.write("add", self.greater(a, b), self.greater(b, a))
        return self.write("subtract", self.number(1.0), either)

    def largest(self, *parts: int) -> int:
        """The largest; the first of equal ones. Halves are compared, so that no form is deep."""
        if len(parts) == 1:
            return parts[0]
        first = self.largest(*parts[: len(parts) // 2])
        second = self.largest(*parts[len(parts) // 2 :])
        self.bend(first, second)
        self.scalars.cells.update((first, second))
        return self.write("where", self.greater(second, first), second, first)

    def largest_shared(self, *parts: int) -> int:
        """The mean of all that equal the largest: equal ones share its derivative evenly."""
        top = self.largest(*parts)
        bends = len(self.scalars.bends)
        hits = [self.equal(part, top) for part in parts]
        del self.scalars.bends[bends:]  # the largest is equal to itself
        total = self.sum(*(self.write("multiply", *pair) for pair in zip(parts, hits, strict=True)))
        return self.write("divide", total, self.sum(*hits))


_ELEMENTARY = frozenset(
    {"subtract", "multiply", "divide", "negative", "power", "exp", "log", "sqrt"}
    | {"sin", "cos", "erf", "where", "pi", "minus_infinity"}
)


def _terms(node: Call) -> list[Node]:
    """Return the terms of a sum that is written from the left: a + b + c."""
    terms: list[Node] = []
    current: Node = node
    while isinstance(current, Call) and current.operation == "add":
        current, last = current.arguments
        terms.append(last)
    return [current, *reversed(terms)]


def exact(value: float) -> Fraction:
    """Return the fraction a float's shortest decimal text says."""
    return Fraction(repr(value))
