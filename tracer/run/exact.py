"""A small run in fractions: 4/5 instead of 0.8, where every operation is rational.

The same equations, written out entry by entry, with the table's own code on `Fraction`s.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from tracer.errors import LimitError, RunError
from tracer.expression.syntax import Call, Node, Number
from tracer.operations import literal, lookup, usage
from tracer.program.elements import Elements, UnknownInteger, place_node
from tracer.run.scalars import places
from tracer.run.trace import Iteration, Trace
from tracer.run.writer import compiled_operation
from tracer.sentences import say

__all__ = ["Exact"]

MOST_DIGITS = 40  # of a numerator or denominator that a reader can still use
MOST_ENTRIES = 2000


def _power(base: Fraction, exponent: Fraction) -> Fraction:
    if exponent.denominator != 1 or abs(exponent) > 64:
        raise NameError("pow")  # no rational number
    return base ** int(exponent)


NAMESPACE: Mapping[str, object] = {"abs": abs, "max": max, "pow": _power}


class Exact:
    """The exact values of a trace's iterations, worked out from the first on demand.

    Raises RunError where an operation is not rational, naming it, and LimitError where a
    fraction outgrows what can be read.
    """

    def __init__(self, trace: Trace) -> None:
        if trace.scenario.training is not None and trace.scenario.training.shuffle:
            raise RunError(
                say("fractions of a shuffled run"), expected=say("a run in the data's order")
            )
        self._trace = trace
        self._functions: dict[str, Callable[..., Any]] = {}
        self._known: dict[int, dict[str, list[Fraction]]] = {}

    def values(self, number: int) -> Mapping[str, list[Fraction]]:
        """Return the entries of every quantity of an iteration, row by row."""
        for earlier in range(max(self._known, default=0) + 1, number + 1):
            self._known[earlier] = self._iteration(self._trace.iteration(earlier))
        return self._known[number]

    def _iteration(self, iteration: Iteration) -> dict[str, list[Fraction]]:
        values = self._inputs(iteration)
        leaves: dict[Node, Fraction] = {}
        for name, entries in values.items():
            self._keep(iteration, name, entries, leaves)
        integers = {name for name, item in iteration.program.inputs.items() if item.integer}

        def integer(name: str, index: tuple[int, ...]) -> int | None:
            if name not in integers:
                return None
            return int(values[name][places(iteration.shape(name)).index(index)])

        elements = Elements(iteration.built.shapes, integer)
        for equation in iteration.program.equations:
            if equation.phase == "metric":
                continue
            try:
                entries = [
                    self.evaluate(elements.entry(equation.expression, index).node, leaves)
                    for index in places(equation.shape)
                ]
            except (UnknownInteger, ZeroDivisionError):
                raise RunError(
                    say(
                        "{name} has no fraction in iteration {number}",
                        name=equation.name,
                        number=iteration.number,
                    )
                ) from None
            self._check(equation.name, iteration.number, entries)
            values[equation.name] = entries
            self._keep(iteration, equation.name, entries, leaves)
        return values

    def _keep(
        self,
        iteration: Iteration,
        name: str,
        entries: list[Fraction],
        leaves: dict[Node, Fraction],
    ) -> None:
        for index, value in zip(places(iteration.shape(name)), entries, strict=True):
            leaves[place_node(name, index)] = value

    def _inputs(self, iteration: Iteration) -> dict[str, list[Fraction]]:
        before = self._known.get(iteration.number - 1, {})
        total = sum(len(places(item.shape)) for item in iteration.program.inputs.values())
        if total > MOST_ENTRIES:
            raise LimitError(
                say("too many numbers for fractions"),
                expected=say("at most {most}", most=MOST_ENTRIES),
            )
        result: dict[str, list[Fraction]] = {}
        for name, item in iteration.program.inputs.items():
            carried = iteration.program.carried.get(name)
            given = iteration.given(name)
            if carried in before and carried is not None:
                result[name] = before[carried]
            elif given is not None and given.exact is not None:
                result[name] = [Fraction(entry) for entry in given.exact]
            elif item.kind in ("state", "counter"):
                result[name] = [Fraction(entry) for entry in iteration.floats(name)]
            else:
                raise RunError(
                    say("{name} has no exact value", name=name),
                    expected=say("numbers that are written, not drawn"),
                )
        return result

    def evaluate(self, node: Node, leaves: Mapping[Node, Fraction]) -> Fraction:
        """Return the value of a scalar expression. Raises RunError where it is not rational."""
        known = leaves.get(node)
        if known is not None:
            return known
        if isinstance(node, Number):
            return node.value
        assert isinstance(node, Call), node
        operands = [self.evaluate(item, leaves) for item in node.arguments]
        row = lookup(node.operation)
        code = row.scalar
        template = code if isinstance(code, str) else code([literal(i) for i in node.arguments])
        try:
            return Fraction(self._function(template, len(operands))(*operands))
        except NameError:
            raise RunError(
                say("{usage} has no fraction", usage=usage(row)),
                expected=say("a program of + - * / and whole powers; leave out --exact"),
            ) from None

    def _function(self, template: str, count: int) -> Callable[..., Any]:
        key = f"{template}/{count}"
        if key not in self._functions:
            self._functions[key] = compiled_operation(template, count, NAMESPACE)
        return self._functions[key]

    def _check(self, name: str, number: int, entries: list[Fraction]) -> None:
        limit = 10**MOST_DIGITS
        if any(abs(entry.numerator) > limit or entry.denominator > limit for entry in entries):
            raise LimitError(
                say(
                    "the fractions of {name} outgrow {most} digits in iteration {number}",
                    name=name,
                    most=MOST_DIGITS,
                    number=number,
                ),
                expected=say("fewer iterations, or --show of the first ones"),
            )
