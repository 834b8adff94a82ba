"""Small helpers over values: arrays as rows of entries, room for rounding, formulas in numbers."""

from __future__ import annotations

from collections.abc import Mapping

from tracer.check.numbers.figures import bounds_of, figure
from tracer.check.numbers.tiers import tier
from tracer.expression.syntax import Array, Name, Node, Tuple, walk
from tracer.intervals import Interval, Unevaluable, Value, value_of

__all__ = [
    "entries_of",
    "figure_agrees",
    "figures_of",
    "names_of",
    "printed_value",
    "relaxed",
    "transposed",
    "value_or_none",
]


def value_or_none(node: Node, values: Mapping[str, Value]) -> Value | None:
    """Return the value of an expression; None where it has none."""
    try:
        return value_of(node, values)
    except Unevaluable:
        return None


def names_of(node: Node) -> list[Name]:
    """Return the names in an expression, each time they stand there."""
    return [part for part in walk(node) if isinstance(part, Name)]


def relaxed(value: Value) -> Value:
    """Return the value with room for what a float keeps."""
    if isinstance(value, Interval):
        room = max(abs(value.low), abs(value.high)) / 10**9
        return Interval(value.low - room, value.high + room)
    return tuple(map(relaxed, value))


def entries_of(value: Value) -> list[Interval]:
    """Return the entries of an array, row by row."""
    if isinstance(value, Interval):
        return [value]
    return [entry for part in value for entry in entries_of(part)]


def figures_of(node: Node) -> Value:
    """Return the bounds of all figures of an array."""
    written = figure(node)
    if written is not None:
        return bounds_of(written)
    return tuple(map(figures_of, node.children()))


def printed_value(node: Node) -> Value | None:
    """Return the bounds of a figure or of an array of figures; None for anything else."""
    written = figure(node)
    if written is not None:
        return bounds_of(written)
    if not isinstance(node, (Array, Tuple)):
        return None
    rows = [printed_value(item) for item in node.items]
    return None if None in rows else tuple(row for row in rows if row is not None)


def figure_agrees(node: Node, value: Interval, bound: Interval) -> bool:
    """Say whether a printed entry follows from a value, or from its bounds."""
    written = figure(node)
    return written is not None and tier(written, value, bound) != "wrong"


def transposed(value: Value) -> Value:
    """Return a matrix with rows and columns exchanged; anything else as it is."""
    if isinstance(value, Interval) or any(isinstance(row, Interval) for row in value):
        return value
    rows = [row for row in value if not isinstance(row, Interval)]
    if len({len(row) for row in rows}) != 1:
        return value
    return tuple(zip(*rows, strict=True))
