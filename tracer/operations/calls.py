"""Calls and rows: which row a call means, with which operands and attributes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import Any

from tracer.errors import LanguageError
from tracer.expression.syntax import Array, Call, Name, Node, Number, Tuple, walk
from tracer.operations.array_shape import Shape
from tracer.operations.literals import static_value
from tracer.operations.operation import Operation, Term, apply, lookup
from tracer.operations.signature import KINDS, REQUIRED, decimal_text
from tracer.sentences import say

Attributes = dict[str, Any]  # decoded: int, tuple, bool, None or Slice items; checked by the rows


def bound(call: Call) -> tuple[Operation, tuple[Node, ...], Attributes]:
    """Return the row of a call, its operands in order (defaults put in), and its attributes.

    Raises LanguageError naming the call where arguments are missing, unknown or too many.
    """
    row = lookup(call.operation)
    plain = not (row.attributes or row.variadic or call.keywords)
    if plain and len(call.arguments) == len(row.operands):
        return row, call.arguments, {}
    arguments = list(call.arguments)
    if row.name == "index":
        if any(  # an array of ids: a name, an expression, a list of numbers
            isinstance(item, Array) or (isinstance(item, (Name, Call)) and not _is_whole(item))
            for item in arguments[1:]
        ):
            return lookup("gather"), (arguments[0], arguments[1]), {}
        return row, (arguments[0],), {"items": tuple(static_value(item) for item in arguments[1:])}
    operands, arguments = _listed_operands(row, call) if row.variadic else ([], arguments)
    shape = next((name for name, kind in row.kinds.items() if kind is KINDS["shape"]), "")
    is_tuple = len(arguments) == 1 and isinstance(arguments[0], (Tuple, Array))
    if shape and not row.operands and arguments and not is_tuple:
        arguments = [Tuple(tuple(arguments))]  # zeros(2, 3)
    names = [*(() if row.variadic else row.operands), *row.attributes]
    positional = dict(zip(names, arguments, strict=False))
    given = {**dict(call.keywords), **positional}
    twice = positional.keys() & row.attributes.keys()
    known = {*names, *row.operands} - twice
    key, extra = next((item for item in call.keywords if item[0] not in known), ("", None))
    if extra is not None or len(arguments) > len(names):
        raise LanguageError(
            say("too many arguments for {name}", name=row.name)
            if extra is None
            else say("{name} does not take {key}", name=row.name, key=key),
            start=(extra or call).start,
            expected=usage(row),
        )
    attributes: Attributes = {}
    for name in names:
        node = given.get(name)
        if node is None and name in row.defaults:
            node = Number(decimal_text(row.defaults[name]), row.defaults[name])
        if node is None and row.attributes.get(name, REQUIRED) is REQUIRED:
            raise LanguageError(
                say("{name} needs {key}", name=row.name, key=name),
                start=call.start,
                expected=usage(row),
            )
        if name in row.attributes:
            value = row.attributes[name] if node is None else static_value(node)
            whole = node is not None and name == shape and isinstance(value, int)
            attributes[name] = (value,) if whole else value  # reshape(x, 6), zeros(shape=6)
        elif node is not None:
            operands.append(node)
    return row, tuple(operands), attributes


def bound_calls(node: Node) -> Iterator[tuple[Call, Operation, tuple[Node, ...], Attributes]]:
    """Yield each call of a tree with its row, operands and attributes. Raises as `bound`."""
    return ((part, *bound(part)) for part in walk(node) if isinstance(part, Call))


def _listed_operands(row: Operation, call: Call) -> tuple[list[Node], list[Node]]:
    """Return the operands that a call lists, concat([a, b]), and its other arguments."""
    if call.arguments and isinstance(call.arguments[0], Array):
        return list(call.arguments[0].items), list(call.arguments[1:])
    if row.inner:
        return list(call.arguments), []
    raise LanguageError(
        say("{name} needs a list", name=row.name), start=call.start, expected=usage(row)
    )


def is_drawn(node: Node) -> bool:
    """Tell whether a seed decides the value of an expression: without the seed it is given."""
    return isinstance(node, Call) and "seed" in lookup(node.operation).attributes


def check_attributes(row: Operation, attributes: Attributes) -> None:
    """Check what a person wrote for the static attributes of a row. Raises LanguageError."""
    for name, value in attributes.items():
        kind = row.kinds[name]
        if value is not row.attributes[name] and not kind.fits(value):
            raise LanguageError(
                say("{name}: the {key} {value}", name=row.name, key=name, value=str(value)),
                expected=kind.expected,
            )


def _is_whole(node: Node) -> bool:
    match node:
        case Tuple(items=items) | Array(items=items) | Call(operation="negative", arguments=items):
            return all(map(_is_whole, items))
        case _:
            return isinstance(node, Number)


def usage(row: Operation) -> str:
    """Return how a row is called: 'softmax(z, axis=-1)'."""
    parts = ["[" + row.operands[0] + ", …]"] if row.variadic else list(row.operands)
    defaults = {name: decimal_text(value) for name, value in row.defaults.items()}
    parts = [f"{part}={defaults[part]}" if part in defaults else part for part in parts]
    parts += [
        name
        if default is REQUIRED
        else f"{name}={decimal_text(default) if isinstance(default, Fraction) else default}"
        for name, default in row.attributes.items()
    ]
    return f"{row.name}({', '.join(parts)})"


def replace_names(
    node: Node, shape_of: Callable[[Node], Shape], values: Mapping[str, Term]
) -> Term:
    """Return an expression with some names replaced, written anew so that it is simplified."""
    if isinstance(node, Name):
        return values.get(node.id) or Term(node, shape_of(node))
    if not isinstance(node, Call):
        return Term(node, shape_of(node))
    row, operands, attributes = bound(node)
    terms = [replace_names(item, shape_of, values) for item in operands]
    return apply(row.name, *terms, **attributes)
