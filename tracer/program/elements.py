"""One entry of an expression, written out as scalars: `(A @ B)[i, j]` is a sum of products.

The plan of a small program, derivations in full detail and the witnesses all read these forms;
they stop at the entries of named quantities.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from tracer.expression.syntax import Array, Call, Name, Node, Number
from tracer.operations import (
    Entries,
    Shape,
    Term,
    apply,
    bound,
    broadcast_index,
    number,
)
from tracer.program.shapes import Shapes


class UnknownInteger(Exception):  # noqa: N818 - a turn of the work, nobody's error
    """A label or id whose value is not known where an element form needs it."""


@lru_cache(4096)
def place_node(name: str, index: Shape) -> Node:
    """Return an entry of a named quantity as a tree: `w`, or `W[0, 1]`."""
    if not index:
        return Name(name)
    return Call("index", (Name(name), *map(number, index)))


class Elements:
    """Entries of expressions as terms over entries of named quantities.

    `integer` gives the value of an entry of a quantity that holds labels or ids (None where it is
    not known). With `stable`, steps that cannot overflow are used where an operation has some.
    """

    def __init__(
        self,
        shapes: Shapes,
        integer: Callable[[str, Shape], int | None] | None = None,
        *,
        stable: bool = False,
    ) -> None:
        self.shapes = shapes
        self.stable = stable
        self._integer = integer
        self._known: dict[tuple[Node, Shape], Term] = {}

    def entry(self, node: Node, index: Shape) -> Term:
        """Return one entry of an expression. Raises UnknownInteger."""
        if isinstance(node, Name):
            return Term(place_node(node.id, index))
        key = (node, index)
        term = self._known.get(key)
        if term is None:
            term = self._known[key] = self._element_term(node, index)
        return term

    def _element_term(self, node: Node, index: Shape) -> Term:
        if isinstance(node, Number):
            return Term(node)
        if isinstance(node, Array):
            for place in index:
                assert isinstance(node, Array)
                node = node.items[place]
            return Term(node)
        assert isinstance(node, Call), node
        row, operands, attributes = bound(node)
        if row.elementwise:
            entries = [
                self.entry(operand, index and broadcast_index(index, self.shapes.of(operand)))
                for operand in operands
            ]
            if row.scalar or row.definition is None:
                return apply(row.name, *entries)
            return row.definition(*entries)
        definition = row.entry_definition(stable=self.stable)
        if definition is None:
            assert row.element is not None
            return row.element(index, *map(self.entries, operands), **attributes)
        terms = [self.shapes.term(operand) for operand in operands]
        return self.entry(definition(*terms, **attributes).node, index)

    def entries(self, operand: Node) -> Entries:
        """Return access to the entries of an operand."""

        def integer(index: Shape) -> int:
            return self.whole(self.entry(operand, index).node)

        return Entries(self.shapes.of(operand), lambda index: self.entry(operand, index), integer)

    def whole(self, node: Node) -> int:
        """Return the value of an entry that is a label or an id. Raises UnknownInteger."""
        if isinstance(node, Number):
            return int(node.value)
        name: Node = node
        index: Shape = ()
        if isinstance(node, Call) and node.operation == "index":
            name = node.arguments[0]
            index = tuple(
                int(item.value) for item in node.arguments[1:] if isinstance(item, Number)
            )
        value = (
            self._integer(name.id, index)
            if self._integer is not None and isinstance(name, Name)
            else None
        )
        if value is None:
            raise UnknownInteger
        return value


def public_form(node: Node) -> Node:
    """Write the largest of some numbers as the language does: max([a, b])."""
    if not isinstance(node, Call):
        return node
    arguments = tuple(map(public_form, node.arguments))
    if node.operation.startswith("largest"):
        return Call("max", (Array(arguments),))
    if all(new is old for new, old in zip(arguments, node.arguments, strict=True)):
        return node
    return Call(node.operation, arguments, node.keywords)
