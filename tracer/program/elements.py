"""One entry of an expression, written out as scalars: `(A @ B)[i, j]` is a sum of products.

The plan of a small program, derivations in full detail and the witnesses all read these forms;
they stop at the entries of named quantities.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import lru_cache, reduce
from typing import Final

from tracer.expression import Array, Call, Name, Node, Number
from tracer.operations import Entries, Shape, Term, apply, bound, broadcast_index, literal, number
from tracer.operations.numbers import exact_node
from tracer.program.shapes import Shapes

MOST_ABOVE: Final = 3  # terms of a sum that stand above a bar; a line cannot be broken there


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


def printed_form(node: Node) -> Node:
    """Return an expression of entries as it is printed."""
    return public_form(share_form(node))


@lru_cache(4096)
def share_form(node: Node) -> Node:
    """Return an expression with quotients by a count as shares, as it is written by hand.

    That is 1/2 (a - b) for 2 (a - b) / 4, and a long sum behind its share: 1/6 (a + b + c + ...).
    The minus of a product stands before its first factor.
    """
    if not isinstance(node, Call) or literal(node) is not None:
        return node
    arguments = tuple(map(share_form, node.arguments))
    form = Call(node.operation, arguments, node.keywords)
    if node.operation not in ("divide", "negative"):
        return form
    whole, *others = arguments
    first, *factors = left_operands(whole, "multiply")
    times, count = _ratio(first), _ratio(others[0]) if others else Fraction(-1)
    if not count:
        return form
    if times is None and others and len(left_operands(whole, "add", "subtract")) > MOST_ABOVE:
        first, factors = exact_node(1 / count), [whole]
    elif factors and times is not None:
        first = exact_node(times / count)
    elif factors and not others:
        first = Call("negative", (first,))
    else:
        return form
    return join_trees("multiply", factors if literal(first) == 1 else [first, *factors])


def _ratio(node: Node) -> Fraction | None:
    """Return the value of a whole number or of the fraction of two, None of anything else."""
    match node:
        case Call(operation="divide", arguments=(above, below)):
            top, bottom = _ratio(above), _ratio(below)
            return top / bottom if top is not None and bottom else None
        case Call(operation="negative", arguments=(size,)):
            ratio = _ratio(size)
            return None if ratio is None else -ratio
    value = literal(node)
    return value if value is not None and value.denominator == 1 else None


def left_operands(node: Node, *operations: str) -> list[Node]:
    """Return what operations join from the left; the node itself where it is another."""
    operands: list[Node] = []
    while isinstance(node, Call) and node.operation in operations:
        node, last = node.arguments
        operands.append(last)
    return [node, *reversed(operands)]


def join_trees(operation: str, nodes: Sequence[Node]) -> Node:
    """Return trees joined by an operation of two, from the left."""
    return reduce(lambda one, other: Call(operation, (one, other)), nodes)
