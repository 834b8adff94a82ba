"""One interpreter of trees: the value of an expression, in any arithmetic.

An `Algebra` says what a number is and which operations it computes itself. Every other operation
of the table is reached through its definition or its element form, so that a new arithmetic needs
elementary functions only. Arrays are nested tuples. Nothing here recurses into operands: a sum of
thousands of terms is a tree too deep for that.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from types import MappingProxyType
from typing import Any, ClassVar, Final, Generic, TypeVar, cast

from tracer.errors import RunError, ShapeError, UnknownNameError
from tracer.expression.syntax import Array, Call, Name, Node, Number, Tuple
from tracer.operations import (
    Entries,
    Operation,
    Shape,
    Term,
    bound,
    broadcast_shape,
    lookup,
    table,
    usage,
)
from tracer.sentences import say

__all__ = ["Algebra", "Bound", "Interpreter", "ValueLeaf", "interpret", "nested", "shape_of"]

V = TypeVar("V")
Function = Callable[..., V]
Nested = Any  # a V, or nested tuples of them: an array by its rows
Attributes = Mapping[str, Any]
Bound = tuple[Operation | None, Sequence[Node], Attributes]
"""A call's row, operands and attributes. No row: an array of the operands."""

NO_ATTRIBUTES: Final[Attributes] = MappingProxyType({})


class Algebra(Generic[V]):
    """An arithmetic. Where `stable` is set, forms that cannot overflow are preferred."""

    stable: ClassVar[bool] = True

    def __init__(self) -> None:
        self._plain: dict[str, tuple[Operation, Function[V]]] = {}

    def number(self, value: Fraction) -> V:
        """Return a literal's value."""
        raise NotImplementedError  # pragma: no cover - each algebra has its own

    def function(self, row: Operation, operands: Sequence[Node]) -> Function[V] | None:
        """Return what computes an elementwise operation; None where its definition does.

        The operands' trees tell which of them are literals: a square may be a product.
        """
        raise NotImplementedError  # pragma: no cover - each algebra has its own

    def plain(self, name: str) -> Function[V] | None:
        """Return the function of an operation that is the same for all operands, else None."""
        row = table().get(name)
        known = self._plain.get(name)
        if known is not None and known[0] is row:
            return known[1]
        if row is None or not row.elementwise or row.variadic or not isinstance(row.scalar, str):
            return None
        function = self.function(row, ())
        if function is not None:
            self._plain[name] = row, function
        return function


def interpret(node: Node, algebra: Algebra[V], leaf: Callable[[Node], Nested]) -> Nested:
    """Return the value of an expression.

    `leaf` gives the value of a name, or of an entry of a name (`W[0, 1]`); None where it has none:
    the entry is then taken from the array. Raises UnknownNameError for a name without a value,
    ShapeError, RunError for an operation that the algebra cannot reach, and what its functions
    raise.
    """
    return Interpreter(algebra, leaf).value(node)


class ValueLeaf(Name):
    """A leaf that carries its value: what definitions and element forms are written over."""

    __slots__ = ("value",)

    def __init__(self, value: Nested) -> None:
        super().__init__("·")  # a name that nobody can write
        self.value: Final = value

    def key(self) -> tuple[object, ...]:
        """Return what tells it from others: its value."""
        return (self.value,)


class Interpreter(Generic[V]):
    """The walk over trees in one algebra, with the values of the leaves.

    Subclasses read trees with more context: text that a person wrote, a plan's variables.
    """

    def __init__(self, algebra: Algebra[V], leaf: Callable[[Node], Nested]) -> None:
        self.algebra: Final = algebra
        self.leaf: Final = leaf
        self._arithmetic: dict[str, Function[V]] = {}

    def value(self, root: Node, seen: dict[int, Nested] | None = None) -> Nested:
        """Return the value of a tree. A node that stands in several places is worked out once.

        `seen` gives the values of some nodes beforehand, by their `id`.
        """
        seen = {} if seen is None else seen
        leaf, plain = self.leaf, self.plain
        done: list[Nested] = []
        waiting: list[Any] = [root]
        while waiting:
            node = waiting.pop()
            kind = type(node)
            if kind is Call:
                value = seen.get(id(node))
                if value is None:
                    function = plain(node.operation)
                    operands = node.arguments
                    if function is not None and len(operands) == 2 and not node.keywords:
                        waiting += ((node, function), operands[1], operands[0])
                        continue
                    value = self.known(node)
                    if value is None:
                        bound = self.bind(node)
                        waiting.append((node, *bound))
                        waiting.extend(bound[1][::-1])
                        continue
            elif kind is Name:
                value = leaf(node)
                if value is None:
                    raise _unknown(node.id)
            elif kind is Number:
                value = self.number(node)
            elif kind is tuple:  # a call whose operands are done
                call = node[0]
                if len(node) == 2:
                    right = done.pop()
                    left = done.pop()
                    if type(left) is tuple or type(right) is tuple:
                        value = self.each(node[1], (left, right))
                    else:
                        value = node[1](left, right)
                else:
                    first = len(done) - len(node[2])
                    value = self.apply(node[0], node[1], node[2], done[first:], node[3])
                    del done[first:]
                seen[id(call)] = value
            elif kind is ValueLeaf:
                value = node.value
            elif kind is Parameter:
                value = seen[id(node)]
            else:
                bound = self.bind(node)
                waiting.append((node, *bound))
                waiting.extend(bound[1][::-1])
                continue
            done.append(value)
        return done[0]

    def number(self, node: Number) -> Nested:
        """Return the value of a literal."""
        return self.algebra.number(node.value)

    def plain(self, name: str) -> Function[V] | None:
        """Return the function of an operation whose operands need no look at, else None."""
        return self.algebra.plain(name)

    def known(self, call: Call) -> Nested:
        """Return the value of a call that needs no operands, None where there is none."""
        return self.leaf(call) if call.operation == "index" else None

    def bind(self, node: Node) -> Bound:
        """Return what is to be done at a node, and with which operands. Raises LanguageError."""
        if isinstance(node, Call):
            row = table().get(node.operation)
            arguments = node.arguments
            plain = row is not None and row.elementwise and not (node.keywords or row.variadic)
            if row is not None and plain and len(arguments) == len(row.operands):
                return row, arguments, NO_ATTRIBUTES
            return bound(node)
        if isinstance(node, (Array, Tuple)):
            return None, node.items, NO_ATTRIBUTES
        raise RunError(say("a slice is no number"))

    def apply(
        self,
        node: Node,
        row: Operation | None,
        operands: Sequence[Node],
        values: Sequence[Nested],
        attributes: Attributes,
    ) -> Nested:
        """Return the value of an operation on values."""
        if row is None:
            return self.array(values)
        if row.elementwise:
            return self.each(self.function(row, operands), values)
        return self.expanded(row, values, attributes)

    def function(self, row: Operation, operands: Sequence[Node] = ()) -> Function[V]:
        """Return an elementwise operation as a function of numbers."""
        own = self.algebra.function(row, operands)
        if own is not None:
            return own
        if row.definition is None:
            raise _no_reading(row)
        tree = _definition(row.definition, len(row.operands))
        return lambda *numbers: self.value(tree, dict(zip(_PLACES, numbers, strict=False)))

    def array(self, items: Sequence[Nested]) -> Nested:
        """Return values of one shape as an array. Raises ShapeError."""
        if len(set(map(shape_of, items))) != 1:
            raise ShapeError(
                say("the rows of an array differ in length")
                if items
                else say("an array without entries")
            )
        return tuple(items)

    def count(self, work: int) -> None:
        """Count entries that are read and numbers that are computed."""

    def each(self, function: Function[V], values: Sequence[Nested]) -> Nested:
        """Return a function of numbers, entry by entry, broadcast as NumPy does."""
        for value in values:
            if type(value) is tuple:
                break
        else:
            self.count(1)
            return function(*values)
        shape = broadcast_shape("the operation", *map(shape_of, values))
        self.count(math.prod(shape))

        def build(parts: Sequence[Nested], axes: int) -> Nested:
            if not axes:
                return function(*parts)
            deep = [len(shape_of(part)) == axes for part in parts]
            return tuple(
                [
                    build(
                        [
                            part[at if len(part) > 1 else 0] if is_deep else part
                            for part, is_deep in zip(parts, deep, strict=True)
                        ],
                        axes - 1,
                    )
                    for at in range(shape[len(shape) - axes])
                ]
            )

        return build(values, len(shape))

    def expanded(
        self, row: Operation, values: Sequence[Nested], attributes: Attributes = NO_ATTRIBUTES
    ) -> Nested:
        """Return an operation on arrays through its element form or its definition."""
        shapes = [shape_of(value) for value in values]
        shape = row.shape(*shapes, **attributes)
        self.check(row, values, shapes, shape, attributes)
        form = (row.stable if self.algebra.stable else None) or row.element
        if form is None and row.definition is None:
            raise _no_reading(row)
        if form is None:
            return self.defined(cast("Callable[..., Term]", row.definition), values, attributes)
        entries = [self._entries(value, size) for value, size in zip(values, shapes, strict=True)]

        def build(index: Shape) -> Nested:
            if len(index) == len(shape):
                return self.value(form(index, *entries, **attributes).node)
            return tuple([build((*index, at)) for at in range(shape[len(index)])])

        return build(())

    def check(
        self,
        row: Operation,
        values: Sequence[Nested],
        shapes: Sequence[Shape],
        shape: Shape,
        attributes: Attributes,
    ) -> None:
        """Check an operation on arrays and the shape of its result."""

    def defined(
        self,
        definition: Callable[..., Term],
        values: Sequence[Nested],
        attributes: Attributes = NO_ATTRIBUTES,
    ) -> Nested:
        """Return an operation on arrays through its definition."""
        terms = [Term(ValueLeaf(value), shape_of(value)) for value in values]
        return self.value(definition(*terms, **attributes).node)

    def _entries(self, value: Nested, shape: Shape) -> Entries:
        """Return access to the entries of a value."""

        def entry(index: Shape) -> Nested:
            self.count(1)
            found = value
            for at in index:
                found = found[at]
            return found

        return Entries(
            shape, lambda index: _Entry(self, entry(index)), lambda index: int(entry(index))
        )

    def arithmetic(self, name: str) -> Function[V]:
        """Return an operation on two numbers."""
        function = self._arithmetic.get(name)
        if function is None:
            function = self._arithmetic[name] = self.function(lookup(name))
        return function


class _Entry(Term):
    """A number that element forms compute with at once, instead of writing a tree."""

    __slots__ = ("interpreter", "value")

    def __init__(self, interpreter: Interpreter[Any], value: Any) -> None:
        super().__init__(ValueLeaf(value))
        self.interpreter = interpreter
        self.value = value

    def __add__(self, other: Any) -> Term:
        return self._joined("add", other) or super().__add__(other)

    def __sub__(self, other: Any) -> Term:
        return self._joined("subtract", other) or super().__sub__(other)

    def __mul__(self, other: Any) -> Term:
        return self._joined("multiply", other) or super().__mul__(other)

    def _joined(self, operation: str, other: Any) -> _Entry | None:
        if type(other) is not _Entry:
            return None
        self.interpreter.count(1)
        function = self.interpreter.arithmetic(operation)
        return _Entry(self.interpreter, function(self.value, other.value))


class Parameter(Node):
    """An operand in the definition of an operation on numbers."""

    __slots__ = ("place",)

    def __init__(self, place: int) -> None:
        self.place: Final = place
        self.start = self.end = -1

    def key(self) -> tuple[object, ...]:
        """Return what tells it from others: its place."""
        return (self.place,)


_PARAMETERS: Final = tuple(map(Parameter, range(8)))
_PLACES: Final = tuple(map(id, _PARAMETERS))


@lru_cache(256)
def _definition(definition: Callable[..., Term], count: int) -> Node:
    """Return the definition of an operation on numbers, over the parameters."""
    return definition(*map(Term, _PARAMETERS[:count])).node


def _unknown(name: str) -> UnknownNameError:
    return UnknownNameError(say("the value of {name} is not known", name=name), found=name)


def _no_reading(row: Operation) -> RunError:
    return RunError(say("{usage} cannot be worked out here", usage=usage(row)))


def shape_of(value: Nested) -> Shape:
    """Return the shape of a value whose rows are known to be of one length."""
    shape: list[int] = []
    while type(value) is tuple:
        shape.append(len(value))
        if not value:
            break
        value = value[0]
    return tuple(shape)


def nested(shape: Shape, entries: Sequence[V]) -> Nested:
    """Return entries, row by row, as nested tuples."""
    if not shape:
        return entries[0]
    size = len(entries) // shape[0] if shape[0] else 0
    return tuple(
        nested(shape[1:], entries[row * size : (row + 1) * size]) for row in range(shape[0])
    )
