"""How an operation is called: its operands and its static attributes, read from one line of text.

`x, labels:int, slope=0.01; axis:axes=None, keepdims:flag=False`: operands first, `*` before one
that stands for a list, `int` where whole numbers are needed; then attributes, each with its kind
and, where it may be left out, its default. Values that are known before the run (numbers, tuples,
slices, True, None) are read from trees and written as trees.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, Final

from tracer.errors import LanguageError
from tracer.expression import Array, Call, Name, Node, Number, Slice, Tuple, count_number
from tracer.frozen import Value
from tracer.sentences import Sentence, say

CONSTANTS: Final[Mapping[str, bool | None]] = {"None": None, "False": False, "True": True}


REQUIRED: Final = object()
"""The default of an attribute that has none."""


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _are_wholes(value: Any) -> bool:
    return isinstance(value, tuple) and all(map(_is_whole, value))


def _is_whole_or_wholes(value: Any) -> bool:
    return _is_whole(value) or _are_wholes(value)


class AttributeKind(Value):
    """What an attribute may be: a test of a value, and what a message expects."""

    fits: Callable[[Any], bool]
    expected: Sentence


KINDS: Final[Mapping[str, AttributeKind]] = {
    "axis": AttributeKind(_is_whole, say("an axis")),
    "axes": AttributeKind(_is_whole_or_wholes, say("an axis, or a tuple of axes")),
    "count": AttributeKind(
        lambda value: _is_whole(value) and value >= 0, say("a whole number, 0 or more")
    ),
    "flag": AttributeKind(lambda value: isinstance(value, bool), say("True or False")),
    "indices": AttributeKind(
        lambda items: isinstance(items, tuple), say("a tuple of indices, such as (1, 2)")
    ),
    "number": AttributeKind(
        lambda value: _is_whole(value) or isinstance(value, Fraction), say("a number")
    ),
    "positive": AttributeKind(
        lambda value: (_is_whole(value) or isinstance(value, Fraction)) and value > 0,
        say("a number above 0"),
    ),
    "permutation": AttributeKind(_are_wholes, say("a tuple of axes, such as (0, 2, 1)")),
    "shape": AttributeKind(_are_wholes, say("a tuple of sizes, such as (2, 3)")),
    "sizes": AttributeKind(_is_whole_or_wholes, say("one number, or one for each axis")),
}
"""The kinds of attributes, by the word that a signature has for them."""


def read_signature(text: str) -> dict[str, Any]:
    """Return the operands and attributes that a text writes, as fields of an `Operation`.

    Raises: ValueError where an attribute has no kind, or a kind is not known.
    """
    operand_text, _, attribute_text = text.partition(";")
    operands: list[str] = []
    defaults: dict[str, Fraction] = {}
    operand_kinds: dict[str, set[str]] = {"int": set(), "probability": set(), "": set()}
    for part in _split_arguments(operand_text):
        name, kind, default = _split_argument(part)
        operands.append(name.lstrip("*"))
        if kind not in operand_kinds:
            raise ValueError(f"the operand {part!r} is of no kind that is known")
        operand_kinds[kind].add(name)
        if default:
            defaults[name] = Fraction(default)
    attributes: dict[str, Any] = {}
    kinds: dict[str, AttributeKind] = {}
    for part in _split_arguments(attribute_text):
        name, kind, default = _split_argument(part)
        if kind not in KINDS:
            raise ValueError(f"the attribute {part!r} needs a kind, one of {', '.join(KINDS)}")
        attributes[name] = _default(default) if default else REQUIRED
        kinds[name] = KINDS[kind]
    return {
        "operands": tuple(operands),
        "defaults": defaults,
        "integers": frozenset(operand_kinds["int"]),
        "probabilities": frozenset(operand_kinds["probability"]),
        "variadic": "*" in operand_text,
        "attributes": attributes,
        "kinds": kinds,
    }


def _split_arguments(text: str) -> list[str]:
    return [part.strip() for part in text.split(",")] if text.strip() else []


def _split_argument(part: str) -> tuple[str, str, str]:
    """Return the name, the kind and the default of 'axis:axis=-1'; '' for what is left out."""
    name, _, default = part.partition("=")
    name, _, kind = name.partition(":")
    return name, kind, default


def _default(text: str) -> Any:
    if text in CONSTANTS:
        return CONSTANTS[text]
    value = Fraction(text)
    return int(value) if value.denominator == 1 else value


def decimal_text(value: Fraction) -> str:
    """Return a number as a person writes it in a call."""
    return str(value.numerator) if value.denominator == 1 else repr(float(value))


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
