"""Trees of written expressions, looked at as sums, products and leaves. It knows no values."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from copy import copy
from fractions import Fraction
from functools import partial
from typing import Final, TypeGuard, TypeVar

from tracer.expression.syntax import Array, Call, Name, Node, Number, Tuple, walk, with_parts

_AnyNode = TypeVar("_AnyNode", bound=Node)
CONSTANTS: Final = frozenset(("pi", "True", "False", "None"))
"""Names that everybody gives the same value, or that are no quantities."""
DIFFERENTIALS: Final = ("d", "D", "Δ", "δ", "∂", "«")
"""With what the name of a difference begins, of whatever follows."""
_SEVERAL_MEANINGS: Final = frozenset(
    ("std", "var", "variance", "cov", "argmax", "argmin", "mod", "median", "standardize",
     "deviation")
)  # fmt: skip
"""Functions that people compute in two ways: by n or n - 1, from 0 or 1."""


def numbers_in(node: Node) -> Sequence[Number]:
    """Return the figures of a tree from left to right."""
    return node.content.numbers


def signed_figures(node: Node) -> list[tuple[Fraction, Number]]:
    """Return the figures of a tree with the sign that stands before each, −0.5 for `-0.5`."""
    negated = {id(call.arguments[0]) for call in calls_in(node, ("negative",))}
    return [(-part.value if id(part) in negated else part.value, part) for part in numbers_in(node)]


def names_in(node: Node) -> Sequence[str]:
    """Return the names of quantities in a tree, each as often as it stands there."""
    names = node.content.names
    if CONSTANTS.isdisjoint(names):
        return names
    return tuple(name for name in names if name not in CONSTANTS)


def has_several_meanings(tree: Node) -> bool:
    """Say whether people mean different things by an operation, or by a list and what follows.

    The sign of a matrix product between figures, `8 × 4 @ 4 × 8`, joins sizes.
    """
    signs = ("multiply", "matmul") if Tuple in tree.content.kinds else ("matmul",)
    return not _SEVERAL_MEANINGS.isdisjoint(tree.content.operations) or any(
        isinstance(call.arguments[0], Tuple)
        or (call.sign == "@" and any(isinstance(part, Number) for part in call.arguments))
        for call in calls_in(tree, signs)
    )


def calls_in(node: Node, operations: Collection[str]) -> Iterator[Call]:
    """Yield the calls of some operations in a tree."""
    if node.content.operations.isdisjoint(operations):
        return iter(())
    calls = (part for part in walk(node) if isinstance(part, Call))
    return (call for call in calls if call.operation in operations)


def is_literal(node: Node) -> bool:
    """Tell whether a tree is a figure, with a sign or without, or an array of such."""
    if isinstance(node, Call):
        return node.operation == "negative" and isinstance(node.arguments[0], Number)
    if isinstance(node, (Array, Tuple)):
        return bool(node.items) and all(map(is_literal, node.items))
    return isinstance(node, Number)


def is_matrix(node: Node) -> TypeGuard[Array]:
    """Tell whether a tree is an array of arrays."""
    return isinstance(node, Array) and any(isinstance(row, Array) for row in node.items)


def entries_in(node: Node) -> list[Node]:
    """Return the entries of a written array, row by row; anything else is its own."""
    if isinstance(node, (Array, Tuple)):
        return [entry for item in node.items for entry in entries_in(item)]
    return [node]


def negate(node: Node) -> Node:
    """Return the negative of a tree; a double minus is none."""
    if isinstance(node, Call) and node.operation == "negative":
        return node.arguments[0]
    return Call("negative", (node,), (), node.start, node.end)


def signed_terms(node: Node, *, as_written: bool = False) -> list[tuple[int, Node]]:
    """Return a sum as its terms, each with 1 or -1 as its sign; anything else is one term.

    With `as_written` the sign of a figure stays with it: `2 + (-3)` adds -3.
    """
    terms: list[tuple[int, Node]] = []
    waiting = [(1, node)]
    while waiting:  # a sum of thousands of terms is too deep for recursion
        sign, node = waiting.pop()
        match node:
            case Call(operation="add", arguments=(left, right), keywords=()):
                waiting += [(sign, right), (sign, left)]
            case Call(operation="subtract", arguments=(left, right), keywords=()):
                waiting += [(-sign, right), (sign, left)]
            case Call(operation="negative", arguments=(only,), keywords=()) if not (
                as_written and isinstance(only, Number)
            ):
                waiting.append((-sign, only))
            case _:
                terms.append((sign, node))
    return terms


def signed_factors(
    node: Node, *, has_signs: bool = False, has_fractions: bool = False
) -> tuple[int, list[tuple[int, Node]]]:
    """Return a product as a sign and its factors: 1 above the line of fraction, -1 below.

    With `has_signs` the sign of a figure stays with it; with `has_fractions` a fraction of two
    figures is one factor.
    """
    sign = 1
    factors: list[tuple[int, Node]] = []
    waiting = [(1, node)]
    while waiting:
        above, node = waiting.pop()
        match node:
            case Call(operation="multiply", arguments=(left, right), keywords=()):
                waiting += [(above, right), (above, left)]
            case Call(operation="divide", arguments=(left, right), keywords=()) if not (
                has_fractions and isinstance(left, Number) and isinstance(right, Number)
            ):
                waiting += [(-above, right), (above, left)]
            case Call(operation="negative", arguments=(only,), keywords=()) if not (
                has_signs and isinstance(only, Number)
            ):
                sign = -sign
                waiting.append((above, only))
            case _:
                factors.append((above, node))
    return sign, factors


def at_place(node: _AnyNode, start: int, end: int) -> _AnyNode:
    """Return a node with another place; its parts keep theirs."""
    moved = copy(node)
    moved.start, moved.end = start, end
    return moved


def rewrite(node: Node, change: Callable[[Node], Node]) -> Node:
    """Return a tree of which every part was changed, the leaves first; itself where none was."""
    return change(with_parts(node, partial(rewrite, change=change)))


def rewrite_calls(
    node: Node, change: Callable[[Call], Node], operations: Collection[str] | None = None
) -> Node:
    """Return a tree of which every operation was changed, the innermost first.

    Where `operations` are named only those are, and nothing is looked at that has none of them.
    """

    def rewritten(part: Node) -> Node:
        is_array_of_figures = isinstance(part, Array) and not part.content.operations
        if is_array_of_figures or isinstance(part, (Name, Number)):
            return part
        part = with_parts(part, rewritten)
        if isinstance(part, Call) and (operations is None or part.operation in operations):
            return change(part)
        return part

    present = node.content.operations
    has_some = bool(present) if operations is None else not present.isdisjoint(operations)
    return rewritten(node) if has_some else node


def entry_by_entry(product: Call) -> Call:
    """Return a product of arrays as that of their entries, `a ⊙ b`."""
    return Call("multiply", product.arguments, (), product.start, product.end, "⊙")


def rename_calls(node: Node, names: Mapping[str, str]) -> Node:
    """Return a tree in which some operations are others, each by its name."""
    return rewrite_calls(node, lambda call: with_operation(names[call.operation], call), names)


def with_operation(operation: str, call: Call) -> Call:
    """Return a call of another operation, in the same place and with the same sign."""
    return Call(operation, call.arguments, call.keywords, call.start, call.end, call.sign)


def regroup_quotients(node: Node) -> Node:
    """Return the tree with each `a / b * c` as `a / (b * c)`, which some people mean by it."""
    return rewrite_calls(node, _regroup_product, ("multiply",))


def _regroup_product(call: Call) -> Call:
    match call:
        case Call(
            operation="multiply",
            arguments=(Call(operation="divide", arguments=(above, below)), right),
        ):
            return Call("divide", (above, Call("multiply", (below, right))))
    return call


def replace_parts(node: Node, parts: Iterable[tuple[Node, Node]]) -> Node:
    """Return a tree with some of its parts, found by identity, replaced by others."""
    new = {id(old): part for old, part in parts}
    return rewrite(node, lambda part: new.get(id(part), part))
