"""Parts of a formula with their places, and the formula with one part written otherwise.

All nodes that a rewriting does not touch stay the same objects, so that positions in the text and
whatever is kept by identity remain right.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import partial
from typing import Final, NamedTuple, TypeGuard

from tracer.check.model.written_trees import rewrite
from tracer.expression.syntax import Array, Call, Name, Node, Number

__all__ = [
    "PRODUCT",
    "SUM",
    "Factor",
    "Place",
    "add",
    "call",
    "divide",
    "factors",
    "is_call",
    "is_number",
    "literal_value",
    "multiply",
    "negative",
    "number",
    "of_factors",
    "operands",
    "places",
    "substituted",
    "subtract",
    "terms",
    "without",
]

SUM: Final = ("add", "subtract")
PRODUCT: Final = ("multiply", "divide")


class Place:
    """A node, what it is part of, and as which argument."""

    __slots__ = ("node", "parent", "position")

    def __init__(self, node: Node, parent: Place | None = None, position: int = 0) -> None:
        self.node: Final = node
        self.parent: Final = parent
        self.position: Final = position

    def rewritten(self, new: Node) -> Node:
        """Return the whole formula with another node at this place."""
        place: Place | None = self
        while place is not None and place.parent is not None:
            new = _with_child(place.parent.node, place.position, new)
            place = place.parent
        return new

    def is_in(self, *operations: str) -> bool:
        """Say whether this is an argument of one of the operations."""
        return self.parent is not None and is_call(self.parent.node, *operations)


def _with_child(node: Node, position: int, child: Node) -> Node:
    if isinstance(node, Array):
        items = (*node.items[:position], child, *node.items[position + 1 :])
        return Array(items, node.start, node.end)
    assert isinstance(node, Call)
    arguments = (*node.arguments[:position], child, *node.arguments[position + 1 :])
    return Call(node.operation, arguments, node.keywords, node.start, node.end)


def substituted(node: Node, new: Mapping[str, str]) -> Node:
    """Return the formula with other names for some."""

    def renamed(part: Node) -> Node:
        if isinstance(part, Name) and part.id in new:
            return Name(new[part.id], part.start, part.end)
        return part

    return rewrite(node, renamed)


def places(formula: Node) -> Iterator[Place]:
    """Yield the places of all parts, the whole first; indices and settings are left out."""
    waiting = [Place(formula)]
    while waiting:
        place = waiting.pop()
        yield place
        node = place.node
        children: Sequence[Node] = ()
        if isinstance(node, Call):
            children = node.arguments[:1] if node.operation == "index" else node.arguments
        elif isinstance(node, Array):
            children = node.items
        waiting.extend(
            Place(child, place, position) for position, child in reversed(list(enumerate(children)))
        )


# Writing


def call(operation: str, *arguments: Node) -> Call:
    """Return a call without a place in the text."""
    return Call(operation, arguments)


add: Final = partial(call, "add")
subtract: Final = partial(call, "subtract")
multiply: Final = partial(call, "multiply")
divide: Final = partial(call, "divide")


def negative(node: Node) -> Node:
    """Return the node with a minus; two cancel."""
    return node.arguments[0] if is_call(node, "negative") else call("negative", node)


def number(value: int) -> Number:
    """Return a whole number as a literal."""
    return Number(str(value), Fraction(value))


# Reading


def is_call(node: Node, *operations: str) -> TypeGuard[Call]:
    """Say whether a node is one of the operations."""
    return isinstance(node, Call) and node.operation in operations


def operands(node: Node) -> tuple[Node, Node]:
    """Return the two operands of an infix operation."""
    assert isinstance(node, Call)
    left, right = node.arguments
    return left, right


def literal_value(node: Node) -> Fraction | None:
    """Return the value of a number, with a minus of its own or without; None of all else."""
    if isinstance(node, Number):
        return node.value
    if is_call(node, "negative") and isinstance(node.arguments[0], Number):
        return -node.arguments[0].value
    return None


def is_number(node: Node, value: int) -> bool:
    """Say whether a node is a whole number, written without a point."""
    return isinstance(node, Number) and node.text.isdigit() and node.value == value


def terms(node: Node) -> list[Node]:
    """Return what is added in a sum, from left to right; a difference is one term."""
    found: list[Node] = []
    while is_call(node, "add"):
        node, right = operands(node)
        found.append(right)
    return [node, *reversed(found)]


class Factor(NamedTuple):
    """A factor of a chain of products: `operation` joins it to what stands before.

    `until` is the product up to here, as it stands in the formula.
    """

    operation: str
    node: Node
    until: Node


def factors(node: Node) -> list[Factor]:
    """Return the factors of a chain `a * b / c`, from left to right."""
    found: list[Factor] = []
    while is_call(node, *PRODUCT):
        left, right = operands(node)
        found.append(Factor(node.operation, right, node))
        node = left
    found.append(Factor("multiply", node, node))
    return found[::-1]


def of_factors(chain: Sequence[Factor], start: Node | None = None) -> Node:
    """Return the product of a chain, after what stands before it."""
    for factor in chain:
        if start is not None:
            start = call(factor.operation, start, factor.node)
        elif factor.operation == "divide":
            start = divide(number(1), factor.node)
        else:
            start = factor.node
    return number(1) if start is None else start


def without(chain: Sequence[Factor], *dropped: int) -> Node:
    """Return the product of a chain with some factors left out."""
    first = min(dropped)
    kept = [factor for place, factor in enumerate(chain) if place > first and place not in dropped]
    return of_factors(kept, chain[first - 1].until if first else None)
