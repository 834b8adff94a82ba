"""A formula with one of its parts written otherwise, as a law or its opposite has it.

A pattern is a formula whose names stand for parts. Sums and products are taken as their terms and
factors in any order, so that `a * (1 - a)` is found in `2 * (1 - a) * x * a`; what it leaves of
them stays. A name that begins with `rest` stands for all terms or factors that are left. Nodes
that a rewriting does not touch stay the same objects, so that positions in the text remain right.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from fractions import Fraction
from typing import Final, TypeGuard

from tracer.check.model.written_trees import negate, rewrite
from tracer.expression.syntax import Array, Call, Name, Node, Number, count_number, with_parts
from tracer.frozen import Frozen
from tracer.intervals import ALSO

SUM: Final = ("add", "subtract")
PRODUCT: Final = ("multiply", "divide", "negative")
FAMILIES: Final = {operation: family for family in (SUM, PRODUCT) for operation in family}
ONE: Final = count_number(1)
TWO: Final = count_number(2)
MINUS: Final = Call("negative", (ONE,))
UNDO_THEMSELVES: Final = ("negative", "transpose_last")
BINARY: Final = (*SUM, "multiply", "divide", "power")
REORDERED: Final = (*BINARY, "negative")
ASSOCIATIVE: Final = frozenset(
    (first, second)
    for first, others in (("add", SUM), ("multiply", PRODUCT), ("negative", PRODUCT))
    for second in others
)
"""Operations, the first before the second, that may be done in either order."""

Bindings = Mapping[str, Node]
Admits = Callable[[str, Node], bool]
Parts = Sequence[tuple[int, Node]]


class Place(Frozen):
    """A node, what it is part of, and as which argument."""

    node: Node
    parent: Place | None = None
    position: int = 0

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
    places = itertools.count()
    return with_parts(node, lambda part: child if next(places) == position else part)


def part_places(formula: Node) -> Iterator[Place]:
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


def is_call(node: Node, *operations: str) -> TypeGuard[Call]:
    """Say whether a node is one of the operations."""
    return isinstance(node, Call) and node.operation in operations


def is_number(node: Node, *values: int) -> bool:
    """Say whether a node is one of some whole numbers, written without a point."""
    return isinstance(node, Number) and node.text.isdigit() and node.value in values


# Sums and products --------------------------------------------------------------------------------


def parts_of(node: Node, family: tuple[str, ...]) -> list[tuple[int, Node]]:
    """Return the terms of a sum or the factors of a product, with -1 what the inverse joins to it.

    A minus in a product is a factor of its own; a sum in brackets is one term.
    """
    if not is_call(node, *family):
        return [(1, node)]
    if node.operation == "negative":
        return [(1, MINUS), *parts_of(node.arguments[0], family)]
    left, right = node.arguments
    sign = 1 if node.operation == family[0] else -1
    others = parts_of(right, family) if family is PRODUCT else [(1, right)]
    turned = [(level if part is MINUS else sign * level, part) for level, part in others]
    return [*parts_of(left, family), *turned]


def _whole_of(parts: Parts, family: tuple[str, ...]) -> Node:
    """Return the sum or the product of some parts."""
    whole: Node | None = None
    for level, part in parts:
        if part is MINUS:
            continue
        if whole is not None:
            whole = Call(family[0] if level > 0 else family[1], (whole, part))
        else:
            inverse = negate(part) if family is SUM else Call("divide", (ONE, part))
            whole = part if level > 0 else inverse
    whole = ONE if whole is None else whole
    return negate(whole) if sum(part is MINUS for _, part in parts) % 2 else whole


# Patterns -----------------------------------------------------------------------------------------


def may_fit(pattern: Node, operations: Set[str]) -> bool:
    """Tell whether a pattern may be found in a formula that has these operations.

    All that is left of a sum or a product, with its signs, is a term or a factor as well; `1 - 0.6`
    is written as 0.4 too.
    """
    first = (family[0] for family in (SUM, PRODUCT) if not operations.isdisjoint(family))
    return pattern.content.operations <= {"subtract", *operations, *first}


def rewritings(
    right: Node, wrong: Callable[[], Node], place: Place, admits: Admits
) -> Iterator[Node]:
    """Yield what stands at a place where one pattern is written for another.

    `wrong` returns the other pattern; `admits` says of a name of the pattern whether it may stand
    for a node.
    """
    family = FAMILIES.get(right.operation) if isinstance(right, Call) else None
    if family is None:
        for matched in _unify(right, place.node, {}, admits):
            yield _fill_pattern(wrong(), matched)
    elif not place.is_in(*family) or (family is SUM and place.position > 0):
        # The sum or the product does not go on around the place.
        parts = parts_of(place.node, family)
        for matched, remaining in _unified_parts(
            _order_parts(right, family), parts, {}, admits, family
        ):
            new = _fill_pattern(wrong(), matched)
            yield _whole_of([(1, new), *remaining], family) if remaining else new


@functools.cache
def _order_parts(pattern: Node, family: tuple[str, ...]) -> Parts:
    """Return the parts of a pattern, with what takes all that is left as the last."""
    return sorted(parts_of(pattern, family), key=lambda part: _takes_rest(part[1]))


def _takes_rest(pattern: Node) -> TypeGuard[Name]:
    return isinstance(pattern, Name) and pattern.id.startswith("rest")


def _unify(pattern: Node, node: Node, found: Bindings, admits: Admits) -> Iterator[Bindings]:
    if isinstance(pattern, Name):
        before = found.get(pattern.id)
        if before == node or (before is None and admits(pattern.id, node)):
            yield {**found, pattern.id: node}
    elif isinstance(pattern, Number):
        if (
            isinstance(node, Number)
            and pattern.value == node.value
            and pattern.text.isdigit() == node.text.isdigit()  # 2.0 is no 2
        ):
            yield found
    elif not isinstance(pattern, Call):
        return
    elif isinstance(node, Number):
        if pattern.operation == "subtract" and (
            _complement_value(_fill_pattern(pattern, found)) == node.value
        ):
            yield found
    elif (family := FAMILIES.get(pattern.operation)) is not None:
        parts = parts_of(node, family)
        for each, remaining in _unified_parts(
            _order_parts(pattern, family), parts, found, admits, family
        ):
            if not remaining:
                yield each
    elif (
        isinstance(node, Call)
        and ALSO.get(node.operation, node.operation) == pattern.operation
        and len(node.arguments) == len(pattern.arguments)
    ):
        yield from _unified_all(pattern.arguments, node.arguments, found, admits)


def _complement_value(node: Node) -> Fraction | None:
    """Return the value of `1 - 0.6`, which is written as 0.4 where figures are put in."""
    if not is_call(node, "subtract"):
        return None
    whole, part = node.arguments
    if not is_number(whole, 1) or not isinstance(part, Number):
        return None
    return 1 - part.value if 0 < part.value < 1 else None


def _unified_all(
    patterns: Sequence[Node], nodes: Sequence[Node], found: Bindings, admits: Admits
) -> Iterator[Bindings]:
    if not patterns:
        yield found
        return
    for each in _unify(patterns[0], nodes[0], found, admits):
        yield from _unified_all(patterns[1:], nodes[1:], each, admits)


def _unified_parts(
    patterns: Parts, parts: Parts, found: Bindings, admits: Admits, family: tuple[str, ...]
) -> Iterator[tuple[Bindings, Parts]]:
    """Yield what the names stand for, and the parts for which none does."""
    if not patterns:
        yield found, parts
        return
    level, first = patterns[0]
    if _takes_rest(first):
        if parts:
            left = [(level * sign, part) for sign, part in parts]
            yield {**found, first.id: _whole_of(left, family)}, ()
        return
    for at, (sign, part) in enumerate(parts):
        if sign != level or (part is MINUS) != (first is MINUS):
            continue
        others = [*parts[:at], *parts[at + 1 :]]
        for each in (found,) if part is MINUS else _unify(first, part, found, admits):
            yield from _unified_parts(patterns[1:], others, each, admits, family)
        if part is MINUS:
            return  # all minuses are alike


def _fill_pattern(pattern: Node, found: Bindings) -> Node:
    """Return a pattern with parts of a formula for its names; what undoes itself is left out."""

    def put_in(part: Node) -> Node:
        if isinstance(part, Name):
            return found.get(part.id, part)
        if is_call(part, *UNDO_THEMSELVES) and is_call(part.arguments[0], part.operation):
            return part.arguments[0].arguments[0]
        return part

    return rewrite(pattern, put_in)


# The order of operations --------------------------------------------------------------------------


def change_order(place: Place) -> Node | None:
    """Return the formula with the operation at a place done after those that it is a part of.

    So `2 * (a - b) * c` becomes `2 * a - b * c`, `a + b * c` becomes `(a + b) * c`; None where the
    order changes nothing.
    """
    inner, above, position = place.node, place.parent, place.position
    while above is not None and is_call(above.node, *REORDERED) and is_call(inner, *BINARY):
        outer, (left, right) = above.node, inner.arguments
        is_last = position == len(outer.arguments) - 1
        if is_last:
            pair = (outer.operation, inner.operation)
            left = Call(outer.operation, (*outer.arguments[:-1], left))
        else:
            pair = (inner.operation, outer.operation)
            right = Call(outer.operation, (right, *outer.arguments[1:]))
        inner = Call(inner.operation, (left, right))
        has_lost_brackets = is_call(place.node, *SUM) and above.is_in("multiply", "divide")
        if pair not in ASSOCIATIVE and not has_lost_brackets:
            is_exponent = inner.operation == "power" and not is_last
            return None if is_exponent else above.rewritten(inner)
        position, above = above.position, above.parent
    return None
