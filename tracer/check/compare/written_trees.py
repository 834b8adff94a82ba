"""Trees of written expressions, looked at as sums, products and leaves. It knows no values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tracer.check.trace.aliases import key_of
from tracer.expression.syntax import Array, Call, Name, Node, Number, Tuple, walk

__all__ = [
    "CONSTANTS",
    "calls_in",
    "canonical_tree",
    "is_literal",
    "names_in",
    "negate",
    "numbers_in",
    "regroup_quotients",
    "signed_factors",
    "signed_terms",
]

CONSTANTS: Final = frozenset(("pi", "True", "False", "None"))
"""Names that everybody gives the same value, or that are no quantities."""


def canonical_tree(node: Node) -> Node:
    """Return the same tree with one spelling for each quantity, and a new Number at every place.

    A figure is told by its place from an equal one, so no two places may share a leaf.
    """
    if isinstance(node, Number):
        return Number(node.text, node.value, node.start, node.end)
    if isinstance(node, (Array, Tuple)):
        return type(node)(tuple(map(canonical_tree, node.items)), node.start, node.end)
    key = key_of(node)
    if key is not None:
        return Name(key, node.start, node.end)
    if isinstance(node, Call):
        keywords = tuple((name, canonical_tree(value)) for name, value in node.keywords)
        arguments = tuple(map(canonical_tree, node.arguments))
        return Call(node.operation, arguments, keywords, node.start, node.end)
    return node


def numbers_in(node: Node) -> list[Number]:
    """Return the figures of a tree from left to right."""
    return [part for part in walk(node) if isinstance(part, Number)]


def names_in(node: Node) -> list[str]:
    """Return the names of quantities in a tree, each as often as it stands there."""
    return [part.id for part in walk(node) if isinstance(part, Name) and part.id not in CONSTANTS]


def calls_in(node: Node, operations: frozenset[str]) -> Iterator[Call]:
    """Yield the calls of some operations in a tree."""
    for part in walk(node):
        if isinstance(part, Call) and part.operation in operations:
            yield part


def is_literal(node: Node) -> bool:
    """Tell whether a tree is a figure, with a sign or without, or an array of such."""
    if isinstance(node, Call):
        return node.operation == "negative" and isinstance(node.arguments[0], Number)
    if isinstance(node, Array):
        return bool(node.items) and all(map(is_literal, node.items))
    return isinstance(node, Number)


def negate(node: Node) -> Node:
    """Return the negative of a tree; a double minus is none."""
    if isinstance(node, Call) and node.operation == "negative":
        return node.arguments[0]
    return Call("negative", (node,), (), node.start, node.end)


def signed_terms(node: Node, sign: int = 1) -> list[tuple[int, Node]]:
    """Return a sum as its terms, each with 1 or -1 as its sign; anything else is one term."""
    terms: list[tuple[int, Node]] = []
    waiting = [(sign, node)]
    while waiting:  # a sum of thousands of terms is too deep for recursion
        sign, node = waiting.pop()
        match node:
            case Call(operation="add", arguments=(left, right), keywords=()):
                waiting += [(sign, right), (sign, left)]
            case Call(operation="subtract", arguments=(left, right), keywords=()):
                waiting += [(-sign, right), (sign, left)]
            case Call(operation="negative", arguments=(only,), keywords=()):
                waiting.append((-sign, only))
            case _:
                terms.append((sign, node))
    return terms


def signed_factors(node: Node) -> tuple[int, list[tuple[int, Node]]]:
    """Return a product as a sign and its factors: 1 above the line of fraction, -1 below."""
    sign = 1
    factors: list[tuple[int, Node]] = []
    waiting = [(1, node)]
    while waiting:
        above, node = waiting.pop()
        match node:
            case Call(operation="multiply", arguments=(left, right), keywords=()):
                waiting += [(above, right), (above, left)]
            case Call(operation="divide", arguments=(left, right), keywords=()):
                waiting += [(-above, right), (above, left)]
            case Call(operation="negative", arguments=(only,), keywords=()):
                sign = -sign
                waiting.append((above, only))
            case _:
                factors.append((above, node))
    return sign, factors


def regroup_quotients(node: Node) -> Node:
    """Return the tree with each `a / b * c` as `a / (b * c)`, which some people mean by it."""
    if not isinstance(node, Call):
        return node
    arguments = tuple(map(regroup_quotients, node.arguments))
    if node.operation == "multiply" and len(arguments) == 2:
        left, right = arguments
        if isinstance(left, Call) and left.operation == "divide":
            below = Call("multiply", (left.arguments[1], right))
            return Call("divide", (left.arguments[0], below))
    if all(new is old for new, old in zip(arguments, node.arguments, strict=True)):
        return node
    return Call(node.operation, arguments, node.keywords, node.start, node.end)
