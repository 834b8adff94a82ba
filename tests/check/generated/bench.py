"""Working out what a writer works out: a formula at the figures or values that he puts in."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from tests.check.generated.writing import Line, Style, shown
from tracer.errors import TracerError
from tracer.expression.syntax import Node, walk
from tracer.narrative.steps import MOST_SHOWN, Teller
from tracer.operations import Shape
from tracer.program.elements import UnknownInteger, place_node
from tracer.program.program import names_in
from tracer.run.scalar_code import float_value
from tracer.run.scalars import places
from tracer.run.trace import Iteration, Trace

__all__ = ["Bench", "is_seen", "unit_of"]

LEAST_UNITS = 4  # by which a wrong figure differs from the right one, in its last place

Values = Mapping[str, Sequence[float]]


class Bench:
    """A run, whose formulas, right and wrong ones, are worked out."""

    def __init__(self, trace: Trace, style: Style) -> None:
        self.trace: Final = trace
        self.style: Final = style
        self.teller: Final = Teller()
        self._spreads: dict[tuple[int, str], list[float]] = {}

    def shape(self, iteration: Iteration, formula: Node) -> Shape | None:
        """Return the shape of a formula; None where its parts do not fit or are too large."""
        try:
            shape = self.teller.elements(iteration).shapes.of(formula)
        except (TracerError, KeyError):
            return None
        return shape if len(shape) <= 2 and math.prod(shape) <= MOST_SHOWN else None

    def values(
        self, iteration: Iteration, formula: Node, other: Values | None = None
    ) -> list[float] | None:
        """Work a formula out, entry by entry; None where that gives no numbers.

        Names have the values of the run, or those of `other`.
        """
        shape = self.shape(iteration, formula)
        if shape is None:
            return None
        try:
            elements = self.teller.elements(iteration)
            entries = [elements.entry(formula, at).node for at in places(shape)]
        except (UnknownInteger, TracerError, KeyError):
            return None
        at = dict(self._leaves(iteration, formula, other or {}))
        found = [float_value(entry, at) for entry in entries]
        return found if all(map(math.isfinite, found)) else None

    def value(self, iteration: Iteration, formula: Node) -> float | None:
        """Work out a formula of a single number."""
        found = self.values(iteration, formula) if self.shape(iteration, formula) == () else None
        return None if found is None else found[0]

    def figures(self, values: Sequence[float]) -> tuple[str, ...]:
        """Return numbers as they are printed."""
        return shown(values, self.style)

    def operand(self, iteration: Iteration, name: str) -> tuple[str, ...]:
        """Return the figures of a quantity, as they were given or as they are printed."""
        return self.teller.written(iteration, name) or self.figures(iteration.floats(name))

    def spreads(self, line: Line) -> list[float]:
        """Return by how much each entry of a result may be off where all figures are rounded."""
        key = line.iteration, line.equation.name
        known = self._spreads.get(key)
        if known is None:
            known = self._spreads[key] = list(self._spread_entries(line))
        return known

    def _spread_entries(self, line: Line) -> Iterator[float]:
        iteration = self.trace.iteration(line.iteration)
        expression = line.equation.expression
        printed = {
            name: line.operands.get(name) or self.figures(iteration.floats(name))
            for name in names_in(expression)
        }
        rounded = {name: tuple(map(float, texts)) for name, texts in printed.items()}
        at = dict(self._leaves(iteration, expression, rounded))
        units = {
            leaf: unit_of(text)
            for name, texts in printed.items()
            for leaf, text in zip(_places(iteration, name), texts, strict=True)
        }
        try:
            entries = self.teller.entries(iteration, line.equation)
        except UnknownInteger:
            yield from (math.inf for _ in line.result)
            return
        for entry in entries:
            middle = float_value(entry, at)
            own = dict.fromkeys(part for part in walk(entry) if part in units)
            moved = (float_value(entry, {**at, leaf: at[leaf] + units[leaf] / 2}) for leaf in own)
            total = sum(abs(value - middle) for value in moved)
            yield total if math.isfinite(total) else math.inf

    def _leaves(
        self, iteration: Iteration, formula: Node, other: Values
    ) -> Iterator[tuple[Node, float]]:
        for name in dict.fromkeys(names_in(formula)):
            values = other.get(name) or iteration.floats(name)
            yield from zip(_places(iteration, name), values, strict=True)

    def after(self, line: Line, wrong: Sequence[float]) -> dict[tuple[int, str], list[float]]:
        """Work out all that follows from a wrong result, to the end of the next iteration.

        Nothing where a part of that cannot be worked out: the rest would contradict it.
        """
        found: dict[tuple[int, str], list[float]] = {(line.iteration, line.equation.name): [*wrong]}
        changed: dict[str, Sequence[float]] = {line.equation.name: wrong}
        begun = False
        for count in (line.iteration, line.iteration + 1):
            if count > len(self.trace):
                break
            iteration = self.trace.iteration(count)
            for equation in iteration.program.equations:
                is_reached = begun and any(
                    name in changed for name in names_in(equation.expression)
                )
                if is_reached:
                    values = self.values(iteration, equation.expression, changed)
                    if values is None:
                        return {}
                    changed[equation.name] = found[count, equation.name] = values
                begun = begun or equation.name == line.equation.name
            carried = iteration.program.carried.items()
            changed = {name: changed[new] for name, new in carried if new in changed}
        return found


def _places(iteration: Iteration, name: str) -> list[Node]:
    return [place_node(name, place) for place in places(iteration.shape(name))]


def unit_of(text: str) -> float:
    """Return one unit in the last place of a figure."""
    mantissa, _, exponent = text.partition("e")
    decimals = len(mantissa.partition(".")[2])
    return 10.0 ** (int(exponent or "0") - decimals)


def is_seen(wrong: str, right: str, spread: float = 0.0) -> bool:
    """Say whether a wrong figure is more than a matter of rounding."""
    unit = max(unit_of(wrong), unit_of(right)) if "." in right or "e" in right else 1.0
    return abs(float(wrong) - float(right)) > 2 * spread + LEAST_UNITS * unit
