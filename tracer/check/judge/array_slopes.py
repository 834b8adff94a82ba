"""Derivatives by arrays beside a document's own formulas, at the values that it states.

Of `z = W x` and δ = ∂L/∂z the derivative ∂L/∂x is Wᵀδ, whatever the loss is: what a small change of
each entry does to z, times δ.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from fractions import Fraction
from typing import Final

from tracer.check.compare.bounded_values import do_meet, entries_of, with_entries
from tracer.expression.syntax import Node
from tracer.intervals import Interval, Products, Unevaluable, Value, value_of, value_or_none
from tracer.run.interpret import shape_of

__all__ = ["differs_from_slope"]

STEP: Final = Fraction(1, 4096)  # of a central difference, which is then right to seven digits
NEAR: Final = Fraction(1, 10**4)  # of the largest entry
SLACK: Final = 2  # widths of what rounded figures give, which the slope does not have
MOST_ENTRIES: Final = 64
READINGS: Final[tuple[Products, ...]] = ("matrix", "entries")


def differs_from_slope(
    tree: Node,
    formula: Node,
    variable: str,
    values: Mapping[str, Value],
    bounds: Mapping[str, Value],
    result: Value,
    above: Value,
) -> bool:
    """Tell whether a tree is for certain no derivative by an array that only one formula leads to.

    `result` is what that formula is worth at some values, `above` the derivative of the loss by
    it; figures of other names may be rounded within `bounds`. False where anything has no value.
    A factor says nothing: a mean may be taken in either place, and δ may have the other sign. Nor
    is a matrix turned by mistake for certain, but where a column leads to a column.
    """
    slope = _slope(formula, variable, values, result, above)
    if slope is None or not any(slope):
        return False
    ways = [slope]
    shape = shape_of(values[variable])
    if len(shape) > 1 and not (shape_of(result) == shape_of(above) and shape_of(above)[-1] == 1):
        width = shape[-1]
        ways.append([slope[at] for first in range(width) for at in range(first, len(slope), width)])
    found = [
        entries
        for value in _values(tree, bounds)
        if len(entries := [*entries_of(value)]) == len(slope)
    ]
    return bool(found) and not any(_are_multiples(each, way) for each in found for way in ways)


def _slope(
    formula: Node, variable: str, values: Mapping[str, Value], result: Value, above: Value
) -> list[Fraction] | None:
    """Return the derivative of a loss by each entry of an array; None where it has no value."""
    weights = _numbers(above)
    count = len([*entries_of(values[variable])])
    if len(weights) != len([*entries_of(result)]) or not 1 < count <= MOST_ENTRIES:
        return None
    for products in READINGS:
        with suppress(Unevaluable):
            if not do_meet(value_of(formula, values, products=products), result):
                continue
            slope = []
            for place in range(count):
                sides = [
                    value_of(formula, {**values, variable: array}, products=products)
                    for step in (STEP, -STEP)
                    for array in (_with_step(values[variable], place, step),)
                ]
                changes = zip(weights, *map(_numbers, sides), strict=True)
                slope.append(sum((g * (a - b) for g, a, b in changes), Fraction(0)) / (2 * STEP))
            return slope
    return None


def _values(tree: Node, values: Mapping[str, Value]) -> Iterator[Value]:
    found = (value_or_none(tree, values, products=products) for products in READINGS)
    yield from (value for value in found if value is not None)


def _with_step(value: Value, place: int, step: Fraction) -> Value:
    """Return an array with one entry, counted row by row, moved by a step."""
    steps = itertools.chain(
        itertools.repeat(Fraction(0), place), (step,), itertools.repeat(Fraction(0))
    )
    return with_entries(value, lambda entry: Interval(_middle(entry) + next(steps)))


def _numbers(value: Value) -> list[Fraction]:
    """Return the entries of a value, row by row."""
    return [*map(_middle, entries_of(value))]


def _middle(entry: Interval) -> Fraction:
    return (entry.low + entry.high) / 2


def _are_multiples(entries: Sequence[Interval], slope: Sequence[Fraction]) -> bool:
    """Tell whether one factor leads from a slope to other numbers: a mean, or the other sign."""
    numbers = [*map(_middle, entries)]
    largest = max(range(len(slope)), key=lambda at: abs(slope[at]))
    factor = numbers[largest] / slope[largest]
    rounded = max(entry.high - entry.low for entry in entries)
    most = NEAR * max(map(abs, numbers)) + SLACK * rounded
    return all(abs(a - factor * b) <= most for a, b in zip(numbers, slope, strict=True))
