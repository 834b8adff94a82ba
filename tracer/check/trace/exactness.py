"""Exact values of a run, as far as they are fractions of what the scenario writes.

`run.exact` gives all of an iteration or nothing; a checker also wants the net input in front of
a sigmoid. So here each equation is worked out by itself, and one that is no fraction is left out
with all that depends on it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Final

from tracer.errors import TracerError
from tracer.expression.syntax import Call, Name, Node
from tracer.operations import Shape
from tracer.operations.arrangement import ravel
from tracer.program.elements import Elements, UnknownInteger, place_node
from tracer.program.program import Equation, names_in
from tracer.run.exact import Exact
from tracer.run.scalars import places
from tracer.run.trace import Iteration, Trace

__all__ = ["Exactness"]

MOST_ENTRIES: Final = 300  # of all quantities together
MOST_BITS: Final = 200  # of a numerator or a denominator
MOST_ITERATIONS: Final = 100


class Exactness:
    """The exact entries of quantities, worked out iteration after iteration on demand."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._exact: Exact | None = None
        self._known: dict[int, Mapping[str, Sequence[Fraction]]] = {}
        self._small: bool | None = None
        self._elements: tuple[object, Elements] | None = None

    def values(self, name: str, iteration: Iteration) -> Sequence[Fraction] | None:
        """Return the entries of a quantity, row by row; None where they are not known exactly."""
        if not self._is_small() or iteration.number > MOST_ITERATIONS:
            return self._given(name, iteration)
        for number in range(len(self._known) + 1, iteration.number + 1):
            self._known[number] = self._worked_out(self._trace.iteration(number))
        return self._known[iteration.number].get(name)

    def _is_small(self) -> bool:
        """Tell whether the program is small enough, and has no order that is drawn."""
        if self._small is None:
            training = self._trace.scenario.training
            self._small = False
            if training is None or not training.shuffle:
                program = self._trace.program
                shapes = self._trace.segments[0].built.shapes
                names = [*program.inputs, *(item.name for item in program.equations)]
                if len(names) <= MOST_ENTRIES:
                    self._small = sum(math.prod(shapes[name]) for name in names) <= MOST_ENTRIES
        if self._small and self._exact is None:
            self._exact = Exact(self._trace)
        return self._small

    def _given(self, name: str, iteration: Iteration) -> Sequence[Fraction] | None:
        given = iteration.given(name) if name in iteration.program.inputs else None
        if given is None or given.exact is None:
            return None
        return [Fraction(entry) for entry in given.exact]

    def _worked_out(self, iteration: Iteration) -> Mapping[str, Sequence[Fraction]]:
        values: dict[str, Sequence[Fraction]] = {}
        leaves: dict[Node, Fraction] = {}
        before = self._known.get(iteration.number - 1, {})
        for name, item in iteration.program.inputs.items():
            carried = iteration.program.carried.get(name)
            found = before.get(carried) if carried is not None else None
            if found is None and (iteration.number == 1 or carried is None):
                found = self._given(name, iteration)
                if found is None and item.kind in ("state", "counter"):
                    found = [Fraction(entry) for entry in iteration.floats(name)]
            if found is not None:
                self._keep(values, leaves, name, item.shape, found)
        there = frozenset(iteration)
        elements = self._elements_of(iteration)
        for equation in iteration.program.equations:
            if equation.phase == "metric" or equation.name not in there:
                continue
            if all(name in values for name in names_in(equation.expression)):
                found = self._entries(equation, elements, leaves)
                if found is not None:
                    self._keep(values, leaves, equation.name, equation.shape, found)
        return values

    def _keep(
        self,
        values: dict[str, Sequence[Fraction]],
        leaves: dict[Node, Fraction],
        name: str,
        shape: Shape,
        entries: Sequence[Fraction],
    ) -> None:
        values[name] = entries
        for index, entry in zip(places(shape), entries, strict=True):
            leaves[place_node(name, index)] = entry

    def _entries(
        self, equation: Equation, elements: Elements, leaves: Mapping[Node, Fraction]
    ) -> list[Fraction] | None:
        """Return the entries of an equation; None where one is no fraction, or too long a one."""
        assert self._exact is not None
        found: list[Fraction] = []
        try:
            for index in places(equation.shape):
                node = elements.entry(equation.expression, index).node
                if not _is_known(node, leaves):
                    return None
                found.append(Fraction(self._exact.evaluate(node, leaves)))
        except (TracerError, UnknownInteger, ArithmeticError, ValueError):
            return None
        bits = max(
            max(entry.numerator.bit_length(), entry.denominator.bit_length()) for entry in found
        )
        return found if bits <= MOST_BITS else None

    def _elements_of(self, iteration: Iteration) -> Elements:
        """Return the element forms, shared by iterations that have no labels of their own."""
        integers = {name for name, item in iteration.program.inputs.items() if item.integer}
        if not integers and self._elements and self._elements[0] is iteration.built:
            return self._elements[1]

        def integer(name: str, index: Shape) -> int | None:
            if name not in integers:
                return None
            return int(iteration.floats(name)[ravel(index, iteration.shape(name))])

        self._elements = iteration.built, Elements(iteration.built.shapes, integer)
        return self._elements[1]


def _is_known(node: Node, leaves: Mapping[Node, Fraction]) -> bool:
    """Tell whether every quantity in a scalar expression has a value."""
    waiting = [node]
    while waiting:
        part = waiting.pop()
        if part in leaves:
            continue
        if isinstance(part, Name) or (isinstance(part, Call) and part.operation == "index"):
            return False
        waiting.extend(part.children())
    return True
