"""What the table knows of an operation: one frozen record with all its readings.

A record that lacks a reading is an error at import; so is a second row of the same name. Nothing
outside the table branches on an operation's name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from tracer.errors import LanguageError, ShapeError, UnknownNameError, nearest
from tracer.expression.look import Look, Vocabulary
from tracer.expression.syntax import Array, Call, Name, Node, Number, Slice, Tuple
from tracer.frozen import Value
from tracer.sentences import Sentence, both, say

if TYPE_CHECKING:
    from tracer.operations.term import Term

__all__ = [
    "Operation",
    "Shape",
    "bound",
    "check_attributes",
    "lookup",
    "operation",
    "shape_text",
    "static",
    "table",
    "vocabulary",
]

Shape = tuple[int, ...]
Attributes = dict[str, Any]  # decoded: int, tuple, bool, None or Slice items; checked by the rows

# A source template, or a function that picks one by what the operands literally are.
Code = str | Callable[[Sequence[Fraction | None]], str]

REQUIRED = object()


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_count(value: Any) -> bool:
    return _is_whole(value) and value >= 0


def _is_number(value: Any) -> bool:
    return _is_whole(value) or isinstance(value, Fraction)


def _are_wholes(value: Any) -> bool:
    return isinstance(value, tuple) and all(map(_is_whole, value))


# What the static attributes of all rows are, by name: a test, and what a message expects.
KINDS: Mapping[str, tuple[Callable[[Any], bool], Sentence]] = {
    "axes": (_are_wholes, say("a tuple of axes, as (0, 2, 1)")),
    "axis": (lambda axis: _is_whole(axis) or _are_wholes(axis), say("an axis, or a tuple of axes")),
    "classes": (_is_count, say("a whole number from 0 on")),
    "epsilon": (_is_number, say("a number")),
    "items": (lambda items: isinstance(items, tuple), say("a tuple of indices, as (1, 2)")),
    "keepdims": (lambda value: isinstance(value, bool), say("True or False")),
    "padding": (
        lambda size: _is_whole(size) or _are_wholes(size),
        say("one number, or one an axis"),
    ),
    "rate": (_is_number, say("a number")),
    "rows": (_is_count, say("a whole number from 0 on")),
    "seed": (_is_count, say("a whole number from 0 on")),
    "shape": (_are_wholes, say("a tuple of sizes, as (2, 3)")),
    "size": (lambda size: _is_whole(size) or _are_wholes(size), say("one number, or one an axis")),
    "start": (_is_whole, say("an axis")),
    "stride": (
        lambda size: _is_whole(size) or _are_wholes(size),
        say("one number, or one an axis"),
    ),
}


class Operation(Value):
    """One row of the table.

    `operands` are array arguments, `attributes` static ones with their defaults; `integers` names
    the operands that must be whole numbers (labels, ids). A row computes either with code of its
    own (`scalar` for floats and `array` for NumPy, as source templates) or, without it, through
    its `definition` in other operations. `definition` is also what the witnesses know of it.
    """

    name: str
    operands: tuple[str, ...]
    attributes: Mapping[str, Any]
    defaults: Mapping[str, Fraction]  # operands that may be left out
    integers: frozenset[str]
    variadic: bool  # one operand name stands for a list of them: concat([a, b])
    shape: Callable[..., Shape]
    derivative: Callable[..., Sequence[Term | None]] | None
    element: Callable[..., Term] | None
    stable: Callable[..., Term] | None
    definition: Callable[..., Term] | None
    scalar: Code
    array: Code
    metric: Callable[..., Term] | None  # the metric that goes with a loss on classes
    limit: Callable[..., int] | None  # integer operands are below this; None: no bound
    view: bool  # the array form is a view of its operand
    elementwise: bool
    infinite: bool  # its result may rightly be minus infinity: a mask for a softmax
    passes_mask: bool  # where an operand is such a mask, so is the result
    training_only: bool  # evaluation and prediction pass its first operand through
    analytic: bool  # complex step holds
    inner: bool  # a helper of element forms, not part of the language
    look: Look
    rule: str
    words: str
    example: str  # a call with its numbers: 'a + b; a = 0.5; b = -1.2'
    convention: str
    source: str


_TABLE: dict[str, Operation] = {}


def operation(
    name: str,
    signature: str,
    *,
    shape: Callable[..., Shape],
    derivative: Callable[..., Sequence[Term | None]] | None,
    rule: str,
    words: str,
    example: str = "",
    element: Callable[..., Term] | None = None,
    stable: Callable[..., Term] | None = None,
    definition: Callable[..., Term] | None = None,
    scalar: Code = "",
    array: Code = "",
    metric: Callable[..., Term] | None = None,
    limit: Callable[..., int] | None = None,
    view: bool = False,
    elementwise: bool = False,
    infinite: bool = False,
    passes_mask: bool = False,
    training_only: bool = False,
    analytic: bool = True,
    inner: bool = False,
    look: Look | None = None,
    convention: str = "",
    source: str = "",
) -> Operation:
    """Add a row. `signature` reads 'x, slope=0.01; axis=-1': operands, then static attributes.

    `derivative` is None where no gradient flows (a step, an index). Raises ValueError where a
    reading is missing or the name is taken.
    """
    if name in _TABLE:
        raise ValueError(f"the table has a row for {name!r} already")
    operands, attributes, defaults, integers = _read_signature(signature)
    if not (array or definition or inner):
        raise ValueError(f"{name} has neither code nor a definition")
    if not (elementwise or element or definition):
        raise ValueError(f"{name} has no element form")
    if unknown := attributes.keys() - KINDS:
        raise ValueError(f"{name}: what is the attribute {min(unknown)}?")
    row = Operation(
        name=name,
        operands=tuple(operand.lstrip("*") for operand in operands),
        attributes=attributes,
        defaults=defaults,
        integers=frozenset(integers),
        variadic=any(operand.startswith("*") for operand in operands),
        shape=shape,
        derivative=derivative,
        element=element,
        stable=stable,
        definition=definition,
        scalar=scalar,
        array=array,
        metric=metric,
        limit=limit,
        view=view,
        elementwise=elementwise,
        infinite=infinite,
        passes_mask=passes_mask,
        training_only=training_only,
        analytic=analytic,
        inner=inner,
        look=look or Look(name),
        rule=rule,
        words=words,
        example=example,
        convention=convention,
        source=source,
    )
    _TABLE[name] = row
    return row


def _read_signature(
    signature: str,
) -> tuple[list[str], dict[str, Any], dict[str, Fraction], list[str]]:
    """Read 'x, labels:int, slope=0.01; axis=-1, keepdims=False' into its parts."""
    if not any(sign in signature for sign in ";=:"):
        return signature.split(", ") if signature else [], {}, {}, []
    operand_text, _, attribute_text = signature.partition(";")
    operands: list[str] = []
    defaults: dict[str, Fraction] = {}
    integers: list[str] = []
    for part in filter(None, (part.strip() for part in operand_text.split(","))):
        name, _, default = part.partition("=")
        name, _, kind = name.partition(":")
        operands.append(name)
        if kind == "int":
            integers.append(name)
        if default:
            defaults[name] = Fraction(default)
    attributes: dict[str, Any] = {}
    words = {"None": None, "False": False, "True": True}
    for part in filter(None, (part.strip() for part in attribute_text.split(","))):
        name, equals, default = part.partition("=")
        attributes[name] = (
            REQUIRED if not equals else words[default] if default in words else _number(default)
        )
    return operands, attributes, defaults, integers


def _number(text: str) -> int | Fraction:
    value = Fraction(text)
    return int(value) if value.denominator == 1 else value


def table() -> Mapping[str, Operation]:
    """Return the whole table, by name."""
    return _TABLE


def lookup(name: str) -> Operation:
    """Return a row. Raises UnknownNameError, which lists what is near the name."""
    try:
        return _TABLE[name]
    except KeyError:
        known = [row.name for row in _TABLE.values() if not row.inner]
        raise UnknownNameError(
            say("there is no operation {name}", name=repr(name)),
            found=name,
            expected=nearest(name, known)
            or say("an operation of the table (tracer list --operations)"),
        ) from None


def vocabulary() -> Vocabulary:
    """Return the looks of all operations, for the parser and the printer."""
    return _vocabulary(len(_TABLE))


@lru_cache(1)
def _vocabulary(rows: int) -> Vocabulary:
    """Return the vocabulary of a table of so many rows; rows are only ever added."""
    return Vocabulary({row.name: row.look for row in _TABLE.values() if not row.inner})


def static(node: Node) -> Any:
    """Return the value of a static argument: a number, True, False, None, a tuple or a Slice.

    Raises LanguageError where the argument is not known before the run.
    """
    if isinstance(node, Number):
        return int(node.value) if node.value.denominator == 1 else node.value
    if isinstance(node, Name) and node.id in ("True", "False", "None"):
        return {"True": True, "False": False, "None": None}[node.id]
    if isinstance(node, Call) and node.operation == "negative":
        return -static(node.arguments[0])
    if isinstance(node, (Tuple, Array)):
        return tuple(static(item) for item in node.items)
    if isinstance(node, Slice):
        parts = (node.first, node.last, node.step)
        return slice(*(None if part is None else static(part) for part in parts))
    raise LanguageError(
        say("an argument must be known before the run"),
        start=node.start,
        found=say("an expression"),
        expected=say("a number, a tuple of numbers, True, False or None"),
    )


def bound(call: Call) -> tuple[Operation, tuple[Node, ...], Attributes]:
    """Return the row of a call, its operands in order (defaults put in), and its attributes.

    Raises LanguageError naming the call where arguments are missing, unknown or too many.
    """
    row = lookup(call.operation)
    arguments = list(call.arguments)
    if row.name == "index":
        if any(isinstance(item, (Name, Call)) and not _whole(item) for item in arguments[1:]):
            return lookup("gather"), (arguments[0], arguments[1]), {}
        return row, (arguments[0],), {"items": tuple(static(item) for item in arguments[1:])}
    plain = not (row.attributes or row.variadic or call.keywords)
    if plain and len(arguments) == len(row.operands):
        return row, call.arguments, {}
    operands = _operands(row, call, arguments)
    attributes: Attributes = {}
    given = dict(call.keywords)
    if not row.operands and "shape" in row.attributes and arguments:
        attributes["shape"] = tuple(static(item) for item in arguments)  # zeros(2, 3)
        if len(arguments) == 1 and isinstance(arguments[0], (Tuple, Array)):
            attributes["shape"] = static(arguments[0])
        arguments.clear()
    for name in row.attributes:
        if name in attributes:
            continue
        if arguments or name in given:
            value = static(arguments.pop(0) if arguments else given.pop(name))
            whole = name == "shape" and isinstance(value, int)  # reshape(x, 6), zeros(shape=6)
            attributes[name] = (value,) if whole else value
        elif row.attributes[name] is REQUIRED:
            raise LanguageError(
                say("{name} needs {key}", name=row.name, key=name),
                start=call.start,
                expected=usage(row),
            )
        else:
            attributes[name] = row.attributes[name]
    given = {name: value for name, value in given.items() if name not in row.operands}
    if arguments or given:
        extra = next(iter(given), None)
        raise LanguageError(
            say("{name} does not take {key}", name=row.name, key=extra)
            if extra
            else say("{name} does not take so many arguments", name=row.name),
            start=call.start,
            expected=usage(row),
        )
    return row, operands, attributes


def _operands(row: Operation, call: Call, arguments: list[Node]) -> tuple[Node, ...]:
    """Take the operands off the front of the arguments, or from keywords and defaults."""
    if row.variadic:
        if arguments and isinstance(arguments[0], Array):
            return arguments.pop(0).items  # type: ignore[attr-defined,no-any-return]
        if row.inner:
            taken, arguments[:] = tuple(arguments), []
            return taken
        raise LanguageError(
            say("{name} needs a list", name=row.name), start=call.start, expected=usage(row)
        )
    taken_operands: list[Node] = []
    given = dict(call.keywords)
    for name in row.operands:
        if arguments:
            taken_operands.append(arguments.pop(0))
        elif name in given:
            taken_operands.append(given[name])
        elif name in row.defaults:
            value = row.defaults[name]
            taken_operands.append(Number(_decimal(value), value))
        else:
            raise LanguageError(
                say("{name} needs {key}", name=row.name, key=name),
                start=call.start,
                expected=usage(row),
            )
    return tuple(taken_operands)


def check_attributes(row: Operation, attributes: Attributes) -> None:
    """Check what a person wrote for the static attributes of a row. Raises LanguageError."""
    for name, value in attributes.items():
        is_right, expected = KINDS[name]
        if value is not row.attributes[name] and not is_right(value):
            raise LanguageError(
                say("{name}: the {key} {value}", name=row.name, key=name, value=str(value)),
                expected=expected,
            )


def _decimal(value: Fraction) -> str:
    return str(value.numerator) if value.denominator == 1 else repr(float(value))


def _whole(node: Node) -> bool:
    if isinstance(node, (Tuple, Array)):
        return all(_whole(item) for item in node.items)
    if isinstance(node, Call) and node.operation == "negative":
        return _whole(node.arguments[0])
    return isinstance(node, Number)


def usage(row: Operation) -> str:
    """Return how a row is called: 'softmax(z, axis=-1)'."""
    parts = ["[" + row.operands[0] + ", …]"] if row.variadic else list(row.operands)
    parts = [
        f"{part}={_decimal(row.defaults[part])}" if part in row.defaults else part for part in parts
    ]
    parts += [
        name
        if default is REQUIRED
        else f"{name}={_decimal(default) if isinstance(default, Fraction) else default}"
        for name, default in row.attributes.items()
    ]
    return f"{row.name}({', '.join(parts)})"


def shape_text(shape: Shape) -> str:
    """Return a shape as people write it: (2, 3); a single number has the shape ()."""
    return f"({shape[0]},)" if len(shape) == 1 else f"({', '.join(map(str, shape))})"


def broadcast_shape(name: str, *shapes: Shape) -> Shape:
    """Return the shape NumPy's broadcasting gives. Raises ShapeError, naming the shapes."""
    result: list[int] = []
    for axis in range(1, max(map(len, shapes), default=0) + 1):
        sizes = {shape[-axis] for shape in shapes if len(shape) >= axis} - {1}
        if len(sizes) > 1:
            raise ShapeError(
                say(
                    "{name}: the shapes {shapes} do not fit",
                    name=name,
                    shapes=both(map(shape_text, shapes)),
                ),
                expected=say("equal sizes, counted from the last axis, or 1"),
            )
        result.append(sizes.pop() if sizes else 1)
    return tuple(reversed(result))
