"""The sides of a chain seen together: sizes, powers of ten, roundings, units, steps."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from tracer.check.arithmetic.figures import scientific_parts
from tracer.check.model.statements import (
    Side,
)
from tracer.check.model.written_trees import names_in, numbers_in
from tracer.check.read.cluster_collector import FoundChain
from tracer.check.read.side_parser import unread_piece
from tracer.check.read.tokens import DocumentTokens
from tracer.expression import Call, Name, Node, Number, walk
from tracer.frozen import replace
from tracer.sentences import say

__all__ = [
    "has_figure",
    "is_talk",
    "is_value",
    "is_worked",
    "rounded_sides",
    "step_sides",
    "with_power_of_ten",
    "with_size",
]


def is_worked(side: Side) -> bool:
    """Say whether a side works with a figure."""
    return not (not isinstance(side.tree, Call) or side.tree.operation == "negative") and any(
        isinstance(part, Number) for part in walk(side.tree)
    )


def is_value(side: Side) -> bool:
    """Say whether a side has figures and no names: a value, or what is worked out to one."""
    tree = side.tree
    return tree is not None and not names_in(tree) and bool(numbers_in(tree))


def with_size(side: Side) -> Side:
    """Return a result `6×6` with the length of the sides of that size as its second reading."""
    tree = side.tree
    if not isinstance(tree, Call) or tree.operation != "multiply":
        return side
    one, other = tree.arguments
    if not isinstance(one, Number) or not isinstance(other, Number) or one.text != other.text:
        return side
    return replace(side, readings=(*side.readings, one))


def with_power_of_ten(side: Side) -> Side:
    """Return a result `2.5 × 10^5` as one figure, which has the digits of its first factor."""
    tree = side.tree
    mantissa, exponent, is_negative = (tree and scientific_parts(tree)) or (None, 0, False)
    if tree is None or mantissa is None or "e" in mantissa.text.lower():
        return side
    value = mantissa.value * Fraction(10) ** exponent
    reading: Node = Number(f"{mantissa.text}e{exponent}", value, tree.start, tree.end)
    if is_negative:
        reading = Call("negative", (reading,), (), tree.start, tree.end)
    return replace(side, readings=(reading, *side.readings[1:]))


def rounded_sides(sides: tuple[Side, ...]) -> tuple[Side, ...]:
    """Return sides without `round(…)` around one: it says that what comes next is rounded."""
    found = list(sides)
    for number, side in enumerate(sides):
        if isinstance(side.tree, Call) and side.tree.operation == "round":
            inside = side.tree.arguments[:1]
            found[number] = Side(side.written, "≈" if side.relation else "", inside)
            if number + 1 < len(sides) and sides[number + 1].relation == "=":
                after = sides[number + 1]
                found[number + 1] = Side(after.written, "≈", after.readings, after.problem)
    return tuple(found)


def has_figure(tokens: DocumentTokens, first: int, last: int) -> bool:
    """Say whether a figure stands among some tokens that is no index."""
    if "symbol" in tokens.kinds[first:last] and "number" in tokens.kinds[first:last]:
        return True  # the bounds of a sum
    scripts = 0
    for place in range(first, last):
        kind = tokens.kinds[place]
        if kind == "script":
            following = tokens.match[place + 1] if tokens.kind(place + 1) == "open" else place + 1
            scripts = max(scripts, following + 1)
        elif kind == "number" and place >= scripts:
            return True
    return False


def is_talk(tokens: DocumentTokens, found: FoundChain, sides: Sequence[Side]) -> bool:
    """Say whether a chain without figures joins words of prose: `input = features`."""
    kinds = set(tokens.kinds[found.first : found.last])
    return any(side.problem is not None for side in sides) or (
        "word" in kinds and kinds.isdisjoint(("operator", "open", "prefix", "name"))
    )


def step_sides(sides: tuple[Side, ...], sign: str) -> tuple[Side, ...]:
    """Return the sides of `w -= g = …`: what the name becomes, and the step or that.

    What follows the first change may be written either way, so it has both readings.
    """
    target, change, *more = sides
    name = target.tree
    if not isinstance(name, Name):
        why = say("ambiguous: what comes before it may belong to it")
        piece = unread_piece(change.written, "ambiguous", why)
        return (target, Side(change.written, change.relation, (), piece), *more)

    def becomes(tree: Node) -> Node:
        old = Name(name.id, tree.start, tree.start + 1)
        operation = "add" if sign == "+=" else "subtract"
        return Call(operation, (old, tree), (), tree.start, tree.end)

    result = [Side(change.written, "←", tuple(map(becomes, change.readings)), change.problem)]
    for side in more:
        if side.tree == change.tree and is_value(side) and not is_worked(side):
            why = say("ambiguous: this may only repeat the step")
            problem = unread_piece(side.written, "ambiguous", why)
            side = Side(side.written, side.relation, (), problem)
        readings = (*side.readings, *map(becomes, side.readings))
        result.append(Side(side.written, side.relation, readings, side.problem))
    return target, *result
