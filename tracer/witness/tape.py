"""Forward equations written out as elementary operations on single numbers.

Every entry of every quantity becomes a step, an operation on earlier steps; the same operation
on the same steps is one step. What an operation is made of comes from its element form and its
definition alone. A tape is played in any arithmetic: at 40 digits, or in SymPy's symbols.

Trees are interpreted once, by `run.interpret` in the algebra that writes the tape, and not again in
each arithmetic: a difference plays only the steps that depend on the input that it moves, and
entries share steps, which trees do not.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

from tracer.expression import Call, Name, Node, Number
from tracer.frozen import Value, replace
from tracer.operations import Shape, indices_of, lookup, ravel
from tracer.program.elements import Elements, left_operands
from tracer.program.program import Equation, all_sources
from tracer.program.shapes import Shapes
from tracer.run.interpret import NO_ATTRIBUTES, Bound, Interpreter
from tracer.witness.elementary_algebra import ElementaryAlgebra, PreciseAlgebra, as_float

V = TypeVar("V")
Values = Mapping[str, tuple[Shape, Sequence[float]]]  # each input's shape and entries
Entry = tuple[str, Shape]

WIDEST = 6  # terms of a sum that are kept together; a wider one becomes a sum of sums
NEAR = 1e-7
UNDECIDED = 1e-12  # distance from a kink within which rounding may decide the side
LEAVES = frozenset(("input", "number", "argument"))  # steps that compute nothing


class TooLargeError(Exception):
    """The equations have more steps than the caller wants."""


class TapeStep(NamedTuple):
    """An elementary operation on earlier steps; `value` is the float of a number or an input."""

    operation: str
    operands: tuple[int, ...] = ()
    value: Any = 0.0  # each arithmetic takes floats in its own way


class Tape:
    """Steps in the order they are computed.

    `entries` gives the step of each entry of each quantity; `cells` are the steps at which an
    element form ends: entries, and sums that were cut out of wide ones.
    """

    def __init__(self) -> None:
        self.steps: list[TapeStep] = []
        self.entries: dict[Entry, int] = {}
        self.cells: set[int] = set()
        self.bends: list[Kink] = []

    def needed_steps(self, *last: int) -> list[int]:
        """Return the steps that some steps depend on, themselves included, in order."""
        places = set(last)
        for place in range(max(last, default=-1), -1, -1):
            if place in places:
                places.update(self.steps[place].operands)
        return sorted(places)

    def depending(
        self, first: set[int], among: Sequence[int], *, smoothly: bool = False
    ) -> set[int]:
        """Return those steps among some, in order, that depend on any of the first.

        With `smoothly` only those to which a derivative can flow: none does through a step.
        """
        dependent = set(first)
        for place in among:
            step = self.steps[place]
            if smoothly and step.operation == "step":
                continue
            if any(operand in dependent for operand in step.operands):
                dependent.add(place)
        return dependent


def evaluate_steps(
    steps: Sequence[TapeStep],
    order: Iterable[int],
    algebra: ElementaryAlgebra[V],
    changed: Mapping[int, V] = MappingProxyType({}),
    known: Mapping[int, V] = MappingProxyType({}),
) -> dict[int, V]:
    """Return the values of the steps in `order`; `known` gives those of others they depend on.

    `changed` gives some steps that compute nothing another value than their own.
    """
    result: dict[int, V] = dict(known)
    for place in order:
        operation, operands, value = steps[place]
        if place in changed:
            result[place] = changed[place]
        elif operation in LEAVES:
            result[place] = algebra.number(value)
        else:
            result[place] = algebra.functions[operation](*map(result.__getitem__, operands))
    return result


def write_out(equations: Sequence[Equation], values: Values, shapes: Shapes, most: int) -> Tape:
    """Return lowered equations as steps. Raises TooLargeError where they are more than `most`."""
    recorder = _Recorder(most)
    tape = recorder.tape

    def entry(name: str, index: Shape) -> int:
        """Return the step of an entry; an input gets its step where it is first used."""
        place = tape.entries.get((name, index))
        if place is None:
            shape, flat = values[name]
            place = recorder.append(TapeStep("input", (), float(flat[ravel(index, shape)])))
            tape.entries[name, index] = place
            tape.cells.add(place)
        return place

    def integer(name: str, index: Shape) -> int:
        """Return the value of a label or an id, which element forms need while they are made."""
        return round(recorder.value(entry(name, index)))

    def leaf(node: Node) -> int:
        match node:
            case Name():
                return entry(node.id, ())
            case Call(arguments=(Name() as name, *index)):
                places = (int(at.value) for at in index if isinstance(at, Number))
                return entry(name.id, tuple(places))
        raise AssertionError(node)

    elements = Elements(shapes, integer)
    interpreter = _Interpreter(recorder, leaf)
    for equation in equations:
        node = equation.expression
        operation = node.operation if isinstance(node, Call) else ""
        for index in indices_of(equation.shape):
            recorder.place = equation.base or equation.name, operation, index
            step = interpreter.value(elements.entry(node, index).node)
            tape.entries[equation.name, index] = step
            tape.cells.add(step)
    return tape


class _Interpreter(Interpreter[int]):
    """Reads trees with all terms of a sum at once."""

    def bind(self, node: Node) -> Bound:
        """Return the terms of a sum that is written from the left: a + b + c."""
        if not (isinstance(node, Call) and node.operation == "add"):
            return super().bind(node)
        return lookup("add"), left_operands(node, "add"), NO_ATTRIBUTES


class _Recorder(ElementaryAlgebra[int]):
    """An algebra whose values are steps of a tape; no step is written twice."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.tape = Tape()
        self.place: tuple[str, str, Shape] = ("", "", ())  # equation, operation and index
        self._most = most
        self._known: dict[TapeStep, int] = {}
        self._precise = PreciseAlgebra(20)
        self._values: dict[int, Any] = {}

    def append(self, step: TapeStep) -> int:
        if len(self.tape.steps) >= self._most:
            raise TooLargeError
        self.tape.steps.append(step)
        return len(self.tape.steps) - 1

    def once(self, step: TapeStep) -> int:
        """Return where a step is written, now if it was not before."""
        if step not in self._known:
            self._known[step] = self.append(step)
        return self._known[step]

    def write(self, operation: str, *operands: int) -> int:
        return self.once(TapeStep(operation, operands))

    def number(self, value: Fraction) -> int:
        return self.once(TapeStep("number", (), float(value)))

    def value(self, place: int) -> float:
        """Return the value of a step, at the values of the inputs."""
        order = range(len(self._values), place + 1)
        self._values |= evaluate_steps(self.tape.steps, order, self._precise, known=self._values)
        return as_float(self._values[place])

    def constant(self, value: int) -> int:
        """Return a step of its own with this value."""
        return self.append(TapeStep("input", (), self.value(value)))

    def bend(self, left: int, right: int | None = None) -> None:
        self.tape.bends.append(Kink(*self.place, left, right))

    def cut(self, *values: int) -> None:
        self.tape.cells.update(values)

    def sum(self, *terms: int) -> int:
        """A wide sum is a sum of sums, so that none has many terms."""
        while len(terms) > WIDEST:
            self.cut(*terms)
            groups = [terms[at : at + WIDEST] for at in range(0, len(terms), WIDEST)]
            terms = tuple(self.write("add", *group) if group[1:] else group[0] for group in groups)
            self.cut(*terms)
        return self.write("add", *terms)


# Kinks: where an evaluation stands at or near a place at which a function bends or jumps ----------


class Kink(Value):
    """`equation` stands at (distance 0) or near a kink of `operation` in the entry `index`.

    The function bends or jumps where the step `left` is 0, or equal to the step `right`. The
    distance is relative to the numbers compared, or absolute where they are below 1.
    """

    equation: str
    operation: str
    index: Shape
    left: int
    right: int | None
    distance: float = math.inf

    def __str__(self) -> str:
        """Return the line a person reads."""
        at = "at its kink" if not self.distance else f"{self.distance:.1g} from its kink"
        entry = f" in entry [{', '.join(map(str, self.index))}]" if self.index else ""
        return f"{self.equation}: {self.operation} {at}{entry}"


def find_kinks(tape: Tape, values: Mapping[int, Any], moved: set[int]) -> list[Kink]:
    """Return the kinks among steps that have values and carry a gradient (`moved`)."""
    kinks: list[Kink] = []
    for bend in tape.bends:
        sides = [place for place in (bend.left, bend.right) if place is not None]
        if not values.keys() >= set(sides) or moved.isdisjoint(sides):
            continue
        difference = abs(values[sides[0]] - (values[sides[1]] if sides[1:] else 0))
        scale = max(_largest_term(tape, values, sides), 1)
        if difference <= NEAR * scale:
            kinks.append(replace(bend, distance=as_float(difference / scale)))
    return kinks


def _largest_term(tape: Tape, values: Mapping[int, Any], roots: Sequence[int]) -> Any:
    """Return the largest number that sums and differences were made of."""

    def terms(place: int) -> tuple[int, ...]:
        step = tape.steps[place]
        return step.operands if step.operation in ("add", "subtract", "negative") else ()

    return max(abs(values[place]) for place in all_sources(roots, terms))
