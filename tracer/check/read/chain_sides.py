"""The sides of a chain as they are meant, which the other sides and the words beside them say.

A side is parsed by itself. What is beside it tells whether `6×6` is a size, `[3, 4] @ [4, 2]` are
shapes, `8.25M` counts by 1024, and whose `w` a `w` is.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import compress
from typing import Final

from tracer.check.arithmetic.figures import BY_1024, scientific_parts
from tracer.check.model.statements import Side
from tracer.check.model.written_trees import names_in, numbers_in
from tracer.check.read.claims import named_by_words, noun_before, other_quantity
from tracer.check.read.prose_clusters import FoundChain, FoundSide
from tracer.check.read.side_parser import SideParser, has_figure, is_value, unread_piece
from tracer.check.read.tokens import OF_TWO, DocumentTokens
from tracer.check.read.tree_readings import (
    fill_form,
    has_four_entries,
    result_of_shapes,
    with_inverses,
)
from tracer.expression import Array, Call, Name, Node, Number, Tuple, walk
from tracer.frozen import replace
from tracer.sentences import Text, say

_FEWEST_DIGITS: Final = 3  # of a figure that counts by 1024: fewer may agree by chance


class SidesOfChains:
    """Reads the sides of the chains of a document, with what earlier ones say of their names."""

    def __init__(self) -> None:
        self.nouns: dict[str, str] = {}  # of each name, what stood before it when it was stated
        self.matrices: set[str] = set()  # the names of those with two rows and two columns

    def read(
        self, chain: FoundChain, tokens: DocumentTokens, parser: SideParser
    ) -> tuple[Side, ...]:
        """Return the sides of a chain, each with its readings or with why it has none."""
        sides = tuple(parser.side(side) for side in chain.sides)
        goes_on = tokens.kind(tokens.after(chain.last - 1, "delimiter")) in ("word", "stop word")
        is_place = len(sides) == 2 and goes_on  # `the gradient for w = 0.5 is 2`
        if isinstance(sides[0].tree, Name) and not is_place:
            named = named_by_words(tokens, parser, chain.first, chain.sides[0].last)
            sides = (replace(sides[0], readings=(named,)), *sides[1:]) if named else sides
        if self.matrices:
            sides = tuple(
                replace(
                    side, readings=tuple(with_inverses(t, self.matrices) for t in side.readings)
                )
                for side in sides
            )
        sides = self._named_by_nouns(sides, chain, tokens, parser)
        if is_value(sides[-1]):
            # A result stands without its working too, whose blank is left out, and without the
            # name said again, `e = p - t = e = 0.5`.
            name = sides[0].tree if isinstance(sides[0].tree, Name) else None
            worked = (
                side
                for side, each in zip(sides[1:], chain.sides[1:], strict=True)
                if {*tokens.kinds[each.first : each.last]} != {"blank"}
                and (name is None or side.tree != name)
            )
            sides = (sides[0], *worked)
        sides = (*sides[:-1], _with_size(sides[-1]))
        sides = _with_shapes(_with_binary_scale(sides))
        sides = (_with_power_of_ten(sides[0]), *sides[1:-1], _with_power_of_ten(sides[-1]))
        return _step_sides(sides, chain.step) if chain.step else sides

    def _named_by_nouns(
        self,
        sides: tuple[Side, ...],
        chain: FoundChain,
        tokens: DocumentTokens,
        parser: SideParser,
    ) -> tuple[Side, ...]:
        """Return sides of which the first is another quantity where another noun is before it."""
        name, following = (side.tree for side in sides[:2])
        if not isinstance(name, Name):
            return sides
        if has_four_entries(sides[-1].tree):
            self.matrices.add(name.id)
        if following is None:
            return sides
        noun = noun_before(tokens, parser, chain.first, name, following)
        whole_array = self.nouns.get(name.id.rstrip("_0123456789"))  # w of w1
        stated = self.nouns.setdefault(name.id, noun)
        if not noun or "" not in (stated, whole_array):
            return sides
        return replace(sides[0], readings=(other_quantity(noun, name),)), *sides[1:]


def sides_of_two(tokens: DocumentTokens, sides: Sequence[FoundSide]) -> tuple[FoundSide, ...]:
    """Return those of some sides that have two values, `3 ± √4 = 3 ± 2`; else all of them.

    What stands beside them is one of the values, or has both: nobody says which.
    """
    are_two = [not OF_TWO.keys().isdisjoint(tokens.texts[each.first : each.last]) for each in sides]
    problem = "ambiguous", say("ambiguous: ± stands for two values")
    is_range = are_two == [False, True] and not has_figure(tokens, sides[0].first, sides[0].last)
    if is_range or are_two.count(True) > 1:
        sides = [*compress(sides, are_two)]
    else:
        sides = [
            replace(side, problem=problem) if is_two else side
            for side, is_two in zip(sides, are_two, strict=True)
        ]
    return replace(sides[0], relation=""), *sides[1:]


def _with_size(side: Side) -> Side:
    """Return a result `6×6` with the length of the sides of that size as its second reading."""
    match side.tree:
        case Call(operation="multiply", arguments=(Number() as one, Number(text=text))) if (
            one.text == text
        ):
            return replace(side, readings=(*side.readings, one))
    return side


def _with_shapes(sides: tuple[Side, ...]) -> tuple[Side, ...]:
    """Return sides where what is worked out beside a row may be of shapes, `[3, 4] @ [4, 2]`."""
    if not any(isinstance(side.tree, (Array, Tuple)) for side in sides):
        return sides
    shapes = [side.tree and result_of_shapes(side.tree) for side in sides]
    return tuple(
        side
        if shape is None or shape is side.tree
        else replace(side, readings=(*side.readings, shape), has_choice=True)
        for side, shape in zip(sides, shapes, strict=True)
    )


def _with_power_of_ten(side: Side) -> Side:
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


def _with_binary_scale(sides: tuple[Side, ...]) -> tuple[Side, ...]:
    """Return sides of which the result, as `8.25M`, has a second reading: M counts by 1024².

    So does what it is worked out from, divided by that; not where that has a scale of its own, for
    then both count alike.
    """
    *others, worked, result = sides
    tree, before = result.tree, worked.tree
    size = BY_1024.get(result.written.text.rstrip("}) ")[-1:], "")
    if not (size and before and isinstance(tree, Number) and tree.text[-2:-1] == "e"):
        return sides
    plain = tree.text.partition("e")[0]
    has_scale = any("e" in number.text for number in numbers_in(before))
    if has_scale or len(plain.replace(".", "").lstrip("0")) < _FEWEST_DIGITS:
        return sides
    counted = fill_form(f"x0 / {size}", before)  # the result without M is a reading of it already
    return (*others, replace(worked, readings=(*worked.readings, counted)), result)


def is_talk(tokens: DocumentTokens, found: FoundChain, sides: Sequence[Side]) -> bool:
    """Say whether a chain without figures joins words of prose: `input = features`, `x = True`."""
    kinds = set(tokens.kinds[found.first : found.last])
    is_said = any(isinstance(side.tree, Name) and not names_in(side.tree) for side in sides)
    return (
        any(side.problem is not None for side in sides)
        or is_said
        or ("word" in kinds and kinds.isdisjoint(("operator", "open", "prefix", "name")))
    )


def is_worked(side: Side) -> bool:
    """Say whether a side works with a figure."""
    return not (not isinstance(side.tree, Call) or side.tree.operation == "negative") and any(
        isinstance(part, Number) for part in walk(side.tree)
    )


def _step_sides(sides: tuple[Side, ...], sign: str) -> tuple[Side, ...]:
    """Return the sides of `w -= g = …`: what the name becomes, and the step or that.

    What follows the first change may be written either way, so it has both readings.
    """
    target, change, *more = sides
    name = target.tree
    if not isinstance(name, Name):
        why = say("ambiguous: what comes before it may belong to it")
        return (target, _ambiguous_side(change, why), *more)

    def becomes(tree: Node) -> Node:
        old = Name(name.id, tree.start, tree.start + 1)
        return fill_form("x1 + x0" if sign == "+=" else "x1 - x0", tree, old)

    result = [replace(change, relation="←", readings=tuple(map(becomes, change.readings)))]
    for side in more:
        if side.tree == change.tree and is_value(side) and not is_worked(side):
            side = _ambiguous_side(side, say("ambiguous: this may only repeat the step"))
        result.append(replace(side, readings=(*side.readings, *map(becomes, side.readings))))
    return target, *result


def _ambiguous_side(side: Side, why: Text) -> Side:
    """Return a side that is not read, with the reason."""
    return Side(side.written, side.relation, (), unread_piece(side.written, "ambiguous", why))
