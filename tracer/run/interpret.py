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
from itertools import repeat
from types import MappingProxyType
from typing import Any, ClassVar, Final, Generic, TypeVar, cast

from tracer.errors import RunError, ShapeError, UnknownNameError
from tracer.expression import Array, Call, Name, Node, Number, Tuple
from tracer.operations import Entries, Operation, Shape, Term, bound, broadcast_shape, usage
from tracer.sentences import say

V = TypeVar("V")
Function = Callable[..., V]
Nested = Any  # a V, or nested tuples of them: an array by its rows
Attributes = Mapping[str, Any]
Bound = tuple[Operation | None, Sequence[Node], Attributes]
"""A call's row, operands and attributes. No row: an array of the operands."""

NO_ATTRIBUTES: Final[Attributes] = MappingProxyType({})


class Algebra(Generic[V]):
    """An arithmetic. Where `stable` is set, steps that cannot overflow are preferred."""

    stable: ClassVar[bool] = True

    def number(self, value: Fraction) -> V:
        """Return a literal's value."""
        raise NotImplementedError  # pragma: no cover - each algebra has its own

    def function(self, row: Operation, operands: Sequence[Node]) -> Function[V] | None:
        """Return what computes an elementwise operation; None where its definition does.

        The operands' trees tell which of them are literals: a square may be a product.
        """
        raise NotImplementedError  # pragma: no cover - each algebra has its own

    def whole(self, value: V) -> int:
        """Return the whole number that a label or an id is."""
        return int(cast("Any", value))


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

    def value(self, root: Node) -> Nested:
        """Return the value of a tree. A call that stands in several places is worked out once."""
        leaf = self.leaf
        values_of_calls: dict[int, Nested] = {}
        values: list[Nested] = []
        waiting: list[Any] = []  # operands, and what is done with them after they are
        node: Any = root
        while True:
            kind = type(node)
            if kind is Call:
                value = values_of_calls.get(id(node))
                if value is None:
                    value = self.value_before_operands(node)
            elif kind is Number:
                value = self.number(node)
            elif kind is Name:
                value = leaf(node)
                if value is None:
                    what = say("the value of {name} is not known", name=node.id)
                    raise UnknownNameError(what, found=node.id)
            elif kind is ValueLeaf:
                value = node.value
            else:
                value = None
            if value is None:
                row, operands, attributes = self.bind(node)
                if operands:
                    waiting.append((node, row, operands, attributes))
                    waiting.extend(operands[:0:-1])
                    node = operands[0]
                    continue
                value = self.apply(node, row, operands, (), attributes)
            while waiting:
                node = waiting.pop()
                if type(node) is not tuple:
                    values.append(value)
                    break
                call, row, operands, attributes = node
                values.append(value)
                first = len(values) - len(operands)
                value = self.apply(call, row, operands, values[first:], attributes)
                del values[first:]
                values_of_calls[id(call)] = value
            else:
                return value

    def number(self, node: Number) -> Nested:
        """Return the value of a literal."""
        return self.algebra.number(node.value)

    def value_before_operands(self, call: Call) -> Nested:
        """Return the value of a call that needs no operands, None where there is none."""
        return self.leaf(call) if call.operation == "index" else None

    def bind(self, node: Node) -> Bound:
        """Return what is to be done at a node, and with which operands. Raises LanguageError."""
        if isinstance(node, Call):
            return bound(node)
        if isinstance(node, (Array, Tuple)):
            return None, node.items, NO_ATTRIBUTES
        raise RunError(say("a slice is not a number"))

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
        return self.expand_call(row, values, attributes)

    def function(self, row: Operation, operands: Sequence[Node] = ()) -> Function[V]:
        """Return an elementwise operation as a function of numbers."""
        own = self.algebra.function(row, operands)
        if own is not None:
            return own
        definition = _definition_of(row)
        return lambda *numbers: cast("V", self.apply_definition(definition, numbers))

    def array(self, items: Sequence[Nested]) -> Nested:
        """Return values of one shape as an array. Raises ShapeError."""
        if len({*map(shape_of, items)}) != 1:
            raise ShapeError(
                say("the rows of an array differ in length")
                if items
                else say("an array without entries")
            )
        self.count(0, (len(items), *shape_of(items[0])))
        return tuple(items)

    def count(self, work: int, shape: Shape = ()) -> None:
        """Count entries that are read or computed, and look at the shape of a new array."""

    def each(self, function: Function[V], values: Sequence[Nested]) -> Nested:
        """Return a function of numbers, entry by entry, broadcast as NumPy does."""
        if tuple not in map(type, values):
            self.count(1)
            return function(*values)
        shapes = [*map(shape_of, values)]
        shape = broadcast_shape("the operation", *shapes)
        self.count(math.prod(shape), shape)

        def build(parts: Sequence[Nested], axes: int) -> Nested:
            rows: list[Any] = [
                repeat(part)
                if len(own) < axes
                else part
                if len(part) == shape[-axes]
                else repeat(part[0])
                for part, own in zip(parts, shapes, strict=True)
            ]
            if axes == 1:
                return tuple(map(function, *rows))
            return tuple([build(row, axes - 1) for row in zip(*rows)])  # noqa: B905 - some repeat

        return build(values, len(shape))

    def expand_call(
        self, row: Operation, values: Sequence[Nested], attributes: Attributes = NO_ATTRIBUTES
    ) -> Nested:
        """Return an operation on arrays through its element form or its definition."""
        shapes = [shape_of(value) for value in values]
        shape = row.shape(*shapes, **attributes)
        self.count(0, shape)
        self.check(row, values, shapes, attributes)
        definition = row.entry_definition(stable=self.algebra.stable)
        form = row.element
        if definition is not None or form is None:
            return self.apply_definition(definition or _definition_of(row), values, attributes)
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
        attributes: Attributes,
    ) -> None:
        """Check the operands of an operation on arrays."""

    def apply_definition(
        self,
        definition: Callable[..., Term],
        values: Sequence[Nested],
        attributes: Attributes = NO_ATTRIBUTES,
    ) -> Nested:
        """Return an operation on values through its definition."""
        terms = [Term(ValueLeaf(value), shape_of(value)) for value in values]
        return self.value(definition(*terms, **attributes).node)

    def _entries(self, value: Nested, shape: Shape) -> Entries:
        """Return access to the entries of a value."""

        def entry(index: Shape) -> Nested:
            self.count(1)
            part = value
            for at in index:
                part = part[at]
            return part

        return Entries(
            shape,
            lambda index: Term(ValueLeaf(entry(index))),
            lambda index: self.algebra.whole(entry(index)),
        )


def _definition_of(row: Operation) -> Callable[..., Term]:
    """Return what an operation is in others. Raises RunError where only its own code says it."""
    if row.definition is None:
        raise RunError(say("{usage} cannot be worked out here", usage=usage(row)))
    return row.definition


def shape_of(value: Nested) -> Shape:
    """Return the shape of a value whose rows are known to be of one length."""
    shape: list[int] = []
    while type(value) is tuple:
        shape.append(len(value))
        value = value[0] if value else None
    return tuple(shape)
