"""Values that are known before the run, as trees and back: numbers, tuples, slices, True, None."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from tracer.errors import LanguageError
from tracer.expression.display_forms import count_number
from tracer.expression.syntax import Array, Call, Name, Node, Number, Slice, Tuple
from tracer.operations.signature import CONSTANTS, decimal_text
from tracer.sentences import say


def literal(node: Node) -> Fraction | None:
    """Return the value of a literal number or of its negative, else None."""
    if type(node) is Name:
        return None
    if isinstance(node, Number):
        return node.value
    if isinstance(node, Call) and node.operation == "negative":
        inner = literal(node.arguments[0])
        return None if inner is None else -inner
    return None


def number(value: int | float | Fraction) -> Node:
    """Return a literal; negative values are the negative of one."""
    if type(value) is int and value >= 0:
        return count_number(value)
    if value < 0:
        return Call("negative", (number(-value),))
    if isinstance(value, Fraction):
        return Number(decimal_text(value), value)
    return Number(repr(value), Fraction(repr(value)))


def attribute_node(value: Any) -> Node:
    """Return a static attribute as a tree."""
    match value:
        case None | bool():
            return Name(str(value))
        case tuple() | list():
            return Tuple(tuple(attribute_node(item) for item in value))
        case slice():
            parts = (value.start, value.stop, value.step)
            first, last, step = (None if part is None else number(part) for part in parts)
            return Slice(first, last, step)
        case _:
            return number(value)


def static_value(node: Node) -> Any:
    """Return the value of a static argument: a number, True, False, None, a tuple or a Slice.

    Raises LanguageError where the argument is not known before the run.
    """
    match node:
        case Number():
            return int(node.value) if node.value.denominator == 1 else node.value
        case Name() if node.id in CONSTANTS:
            return CONSTANTS[node.id]
        case Call(operation="negative"):
            return -static_value(node.arguments[0])
        case Tuple() | Array():
            return tuple(static_value(item) for item in node.items)
        case Slice():
            parts = (node.first, node.last, node.step)
            return slice(*(None if part is None else static_value(part) for part in parts))
    raise LanguageError(
        say("an argument must be known before the run"),
        start=node.start,
        found=say("an expression"),
        expected=say("a number, a tuple of numbers, True, False or None"),
    )
