"""Expressions with shapes, written by rules: what derivatives and element forms are made of.

A `Term` is a tree with its shape; arithmetic on terms writes larger trees. Only rewrites that no
reader would miss are made while writing: ×1, +0, −−, a broadcast under an elementwise operation
of full shape, transposes of transposes and of products, nested reshapes, and division by a count
last. Nothing is reordered and no two numbers are folded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import lru_cache
from typing import Any

from tracer.expression.syntax import Array, Call, Name, Node, Number, Slice, Tuple
from tracer.operations.operation import (
    REQUIRED,
    Operation,
    Shape,
    bound,
    broadcast_shape,
    lookup,
)

__all__ = [
    "Entries",
    "Term",
    "apply",
    "constant",
    "literal",
    "number",
    "rebuilt",
    "term",
    "written",
]


class Term:
    """A tree and its shape. Operators write trees; numbers may stand for terms.

    `parts` are the terms it was written from, so that rewrites can look inside; a term that
    stands for a tree of the program has none, and is left as it is.
    """

    __slots__ = ("node", "parts", "shape")

    def __init__(self, node: Node, shape: Shape = (), parts: tuple[Term, ...] = ()) -> None:
        self.node = node
        self.shape = shape
        self.parts = parts

    def __add__(self, other: Operand) -> Term:
        return apply("add", self, other)

    def __radd__(self, other: Operand) -> Term:
        return apply("add", other, self)

    def __sub__(self, other: Operand) -> Term:
        return apply("subtract", self, other)

    def __rsub__(self, other: Operand) -> Term:
        return apply("subtract", other, self)

    def __mul__(self, other: Operand) -> Term:
        return apply("multiply", self, other)

    def __rmul__(self, other: Operand) -> Term:
        return apply("multiply", other, self)

    def __truediv__(self, other: Operand) -> Term:
        return apply("divide", self, other)

    def __rtruediv__(self, other: Operand) -> Term:
        return apply("divide", other, self)

    def __pow__(self, other: Operand) -> Term:
        return apply("power", self, other)

    def __matmul__(self, other: Term) -> Term:
        return apply("matmul", self, other)

    def __neg__(self) -> Term:
        return apply("negative", self)

    def __repr__(self) -> str:
        return f"Term({self.node!r}, {self.shape})"

    @property
    def literal(self) -> Fraction | None:
        """The value where the term is a literal number, else None."""
        return literal(self.node)


Operand = Term | int | float | Fraction


class Entries:
    """The entries of one operand: `entries(i, j)` a term, `entries.integer(i)` a whole number."""

    __slots__ = ("_at", "_integer", "shape")

    def __init__(
        self,
        shape: Shape,
        at: Callable[[Shape], Term],
        integer: Callable[[Shape], int] | None = None,
    ) -> None:
        self.shape = shape
        self._at = at
        self._integer = integer

    def __call__(self, *index: int) -> Term:
        """Return the entry at an index, counted from 0."""
        return self._at(index)

    def integer(self, *index: int) -> int:
        """Return an entry's value; labels and ids are known where element forms are made."""
        if self._integer is None:
            raise ValueError("a label's value is not known here")
        return self._integer(index)


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
        return _whole(value)
    if value < 0:
        return Call("negative", (number(-value),))
    if isinstance(value, Fraction):
        if value.denominator == 1:
            value = value.numerator
        else:
            return Number(repr(float(value)), value)
    return Number(repr(value), Fraction(repr(value)))


@lru_cache(1024)
def _whole(value: int) -> Number:
    return Number(str(value), Fraction(value))


def term(value: Operand) -> Term:
    """Return a number as a term; a term as it is."""
    return value if isinstance(value, Term) else Term(number(value))


def constant(value: Any) -> Node:
    """Return a static attribute as a tree."""
    if value is None or isinstance(value, bool):
        return Name(str(value))
    if isinstance(value, (tuple, list)):
        return Tuple(tuple(constant(item) for item in value))
    if isinstance(value, slice):
        first, last, step = (
            None if part is None else number(part) for part in (value.start, value.stop, value.step)
        )
        return Slice(first, last, step)
    return number(value)


def apply(name: str, *operands: Operand, **attributes: Any) -> Term:
    """Write an operation on terms, simplified where a reader would; the shape is checked.

    Raises ShapeError where the operands do not fit.
    """
    row = lookup(name)
    single = row.elementwise
    terms: list[Term] = []
    for item in operands:
        operand = item if isinstance(item, Term) else term(item)
        terms.append(operand)
        if operand.shape:
            single = False
    if row.elementwise and len(terms) > 1 and not single:
        _drop_broadcasts(row.shape, terms)
        outside = _broadcast_outside(name, terms)
        if outside is not None:
            return outside
    rewrite = _REWRITES.get(name)
    if rewrite is not None:
        simpler = rewrite(*terms, **attributes)
        if simpler is not None:
            return simpler
    if single and not row.attributes:  # most of what element forms write
        return Term(Call(row.name, tuple([item.node for item in terms])), (), tuple(terms))
    attributes = {key: attributes.get(key, default) for key, default in row.attributes.items()}
    shape = row.shape(*(item.shape for item in terms), **attributes)
    parts = (term(1),) if name == "ones" else tuple(terms)  # ones are a 1, repeated
    return Term(written(row, tuple(item.node for item in terms), attributes), shape, parts)


def _drop_broadcasts(shape: Callable[..., Shape], terms: list[Term]) -> None:
    """Take the operand out of a broadcast that an elementwise operation does by itself."""
    full: Shape | None = None
    for position, item in enumerate(terms):
        if not _is_repeated(item):
            continue
        full = full or shape(*(other.shape for other in terms))
        inner = item.parts[0]
        others = [other.shape for other in terms]
        others[position] = inner.shape
        if shape(*others) == full:
            terms[position] = inner


def _broadcast_outside(name: str, terms: list[Term]) -> Term | None:
    """Write a broadcast last, where an operation joins what is repeated with numbers only."""
    repeated = [item for item in terms if _is_repeated(item)]
    if not repeated or any(item.shape and not _is_repeated(item) for item in terms):
        return None
    shape = broadcast_shape(name, *(item.shape for item in repeated))
    inner = [item.parts[0] if _is_repeated(item) else item for item in terms]
    return apply("broadcast", apply(name, *inner), shape=shape)


def _is_repeated(item: Term) -> bool:
    return _is(item, "broadcast") or _is(item, "ones")


def _is_repeated_number(item: Term) -> bool:
    return _is_repeated(item) and not item.parts[0].shape


def _operation(item: Term) -> str:
    """Return the operation that a term was written with; '' for a tree of the program."""
    return item.node.operation if item.parts and isinstance(item.node, Call) else ""


def _is(item: Term, name: str) -> bool:
    return _operation(item) == name


def _is_number(item: Term, value: int) -> bool:
    if item.shape or type(item.node) is Name:
        return False
    found = literal(item.node)
    return found is not None and found == value


def _add(left: Term, right: Term) -> Term | None:
    if _is_number(left, 0):
        return right
    return left if _is_number(right, 0) else None


def _subtract(left: Term, right: Term) -> Term | None:
    if _is_number(right, 0):
        return left
    if _is_number(left, 0):
        return -right
    return left + right.parts[0] if _is(right, "negative") else None


def _multiply(left: Term, right: Term) -> Term | None:
    for item, other in ((left, right), (right, left)):
        value = None if item.shape else literal(item.node)
        if value == 1:
            return other
        if value == -1:
            return -other
    first, second = _operation(left), _operation(right)
    # A count divides last: 2 * (a - b) / 4, never (1 / 4) * 2 * (a - b).
    if first == "divide" and left.parts[1].literal is not None:
        return (left.parts[0] * right) / left.parts[1]
    if second == "divide" and right.parts[1].literal is not None:
        return (left * right.parts[0]) / right.parts[1]
    if first == "divide" and _is_number(left.parts[0], 1):
        return right / left.parts[1]
    # Products are written from the left: a * b * c, not a * (b * c).
    if second == "multiply":
        return left * right.parts[0] * right.parts[1]
    return None


def _divide(left: Term, right: Term) -> Term | None:
    if _is_number(right, 1):
        return left
    if _is(left, "divide") and left.parts[1].literal is not None and right.literal is None:
        return (left.parts[0] / right) / left.parts[1]
    return None


def _negative(inner: Term) -> Term | None:
    if _is(inner, "negative"):
        return inner.parts[0]
    for name in ("multiply", "divide"):
        if _is(inner, name) and _is(inner.parts[0], "negative"):
            return apply(name, -inner.parts[0], inner.parts[1])
    return None


def _power(base: Term, exponent: Term) -> Term | None:
    return base if _is_number(exponent, 1) else None


def _transpose_last(inner: Term) -> Term | None:
    if len(inner.shape) < 2:
        return inner
    if _is(inner, "transpose_last"):
        return inner.parts[0]
    if _is_repeated_number(inner):
        return apply("broadcast", inner.parts[0], shape=inner.shape[::-1])
    if _is(inner, "matmul") and all(len(part.shape) == 2 for part in inner.parts):
        left, right = inner.parts
        return apply("transpose_last", right) @ apply("transpose_last", left)
    return None


def _transpose(inner: Term, axes: tuple[int, ...]) -> Term | None:
    if axes == tuple(range(len(axes))):
        return inner
    if _is_repeated_number(inner):
        shape = tuple(inner.shape[axis] for axis in axes)
        return apply("broadcast", inner.parts[0], shape=shape)
    if _is(inner, "transpose"):
        assert isinstance(inner.node, Call)
        before = bound(inner.node)[2]["axes"]
        return apply("transpose", inner.parts[0], axes=tuple(before[axis] for axis in axes))
    last_two = (*range(len(axes) - 2), len(axes) - 1, len(axes) - 2)
    if _is(inner, "matmul") and axes == last_two:
        left, right = inner.parts
        if len(left.shape) == len(right.shape) == len(axes):
            return apply("transpose", right, axes=axes) @ apply("transpose", left, axes=axes)
    return None


def _reshape(inner: Term, shape: Shape) -> Term | None:
    if inner.shape == shape:
        return inner
    if _is_repeated_number(inner):
        return apply("broadcast", inner.parts[0], shape=shape)
    return apply("reshape", inner.parts[0], shape=shape) if _is(inner, "reshape") else None


def _index(inner: Term, items: tuple[Any, ...]) -> Term | None:
    if not _is_repeated_number(inner):
        return None
    shape = lookup("index").shape(inner.shape, items=items)
    return apply("broadcast", inner.parts[0], shape=shape)


def _broadcast(inner: Term, shape: Shape) -> Term | None:
    if inner.shape == shape:
        return inner
    if _is_number(inner, 1):
        return apply("ones", shape=shape)
    return apply("broadcast", inner.parts[0], shape=shape) if _is_repeated(inner) else None


def _sum_to(inner: Term, shape: Shape) -> Term | None:
    """Write a plain sum where one says the same: readers know `sum`, not `sum_to`."""
    if inner.shape == shape:
        return inner
    if not shape:
        return apply("sum", inner)
    lead = len(inner.shape) - len(shape)
    kept = tuple(
        lead + axis for axis, size in enumerate(shape) if size == 1 != inner.shape[lead + axis]
    )
    if lead and kept:
        return None
    axes = kept or tuple(range(lead))
    return apply("sum", inner, axis=axes[0] if len(axes) == 1 else axes, keepdims=bool(kept))


_REWRITES: dict[str, Callable[..., Term | None]] = {
    "add": _add,
    "broadcast": _broadcast,
    "divide": _divide,
    "index": _index,
    "multiply": _multiply,
    "negative": _negative,
    "power": _power,
    "reshape": _reshape,
    "subtract": _subtract,
    "sum_to": _sum_to,
    "transpose": _transpose,
    "transpose_last": _transpose_last,
}


def written(row: Operation, operands: tuple[Node, ...], attributes: dict[str, Any]) -> Call:
    """Return a call in its one standard form: operands first, then what is not a default."""
    if row.name == "index":
        return Call("index", (*operands, *(constant(item) for item in attributes["items"])))
    if row.name == "gather":
        return Call("index", operands)
    nodes: tuple[Node, ...] = (Array(operands),) if row.variadic and not row.inner else operands
    keywords: list[tuple[str, Node]] = []
    for key, value in attributes.items():
        if row.attributes[key] is not REQUIRED:
            if row.attributes[key] is not value:
                keywords.append((key, constant(value)))
        elif row.operands:
            nodes = (*nodes, constant(value))
        else:
            nodes = (*nodes, *map(constant, value))  # zeros(2, 3)
    return Call(row.name, nodes, tuple(keywords))


def rebuilt(node: Node, shape_of: Callable[[Node], Shape], values: Mapping[str, Term]) -> Term:
    """Return an expression with some names replaced, written anew so that it is simplified."""
    if isinstance(node, Name):
        return values.get(node.id) or Term(node, shape_of(node))
    if not isinstance(node, Call):
        return Term(node, shape_of(node))
    row, operands, attributes = bound(node)
    terms = [rebuilt(item, shape_of, values) for item in operands]
    return apply(row.name, *terms, **attributes)
