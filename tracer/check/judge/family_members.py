"""Derivatives of a member of a family by another one, held against formulas for all members.

`∂p_i/∂z_j = -p_i p_j` beside `p_k = e^{z_k}/Σ_j e^{z_j}` is worked out for a few members: two
letters are two places.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Final

from tracer.check.bind.worlds import WritersRun
from tracer.check.judge.index_sums import (
    LIMITS,
    at_places,
    index_of,
    indexed_name,
    with_sums_written_out,
)
from tracer.check.judge.slopes import SlopePlace, SlopeQuestion
from tracer.check.model.written_trees import calls_in, names_in, rewrite
from tracer.check.trace.aliases import derivative_of
from tracer.expression.syntax import Name, Node, Number
from tracer.intervals import Value, value_or_none
from tracer.lazy_regex import lazy_regex

MEMBERS: Final = 3
KRONECKER: Final = lazy_regex(r"(?:δ|delta)_?\{?(\w),? ?(\w)\}?")
"""A sign for equal places, δ_ij; δ_12 at places that are chosen."""


def is_derivative_of_members(
    of: str, by: str, trees: Sequence[Node], formulas: Mapping[str, Node], run: WritersRun
) -> bool:
    """Tell whether trees are the derivative of a member by a member, or of what they make up.

    What has a sign for equal places, `δ_ij`, has to hold for equal and for different ones.
    """
    above, below = index_of(of), index_of(by)
    names = {name for tree in trees for name in names_in(tree)}
    if not below or not trees or any(map(derivative_of, names)):
        return False
    counts = {
        limit.id
        for tree in (*formulas.values(), *trees)
        for call in calls_in(tree, ("sum",))
        if isinstance(limit := dict(call.keywords).get(LIMITS[2]), Name)
    }
    places = [{above: 0, below: 1}] if above and above != below else [{below: 0}]
    has_sign = any(map(KRONECKER.fullmatch, names))
    places += [{above: 0, below: 0}] if has_sign and above != below else []
    members = dict(_of_all_members(formulas, counts))
    return all(
        _is_slope_there(of, by, [_at(tree, each, counts) for tree in trees], each, members, run)
        for each in places
    )


def _is_slope_there(
    of: str,
    by: str,
    trees: Sequence[Node],
    places: Mapping[str, int],
    members: Mapping[str, Node],
    run: WritersRun,
) -> bool:
    name, variable = (
        indexed_name(each, places[index_of(each)] + 1) if index_of(each) else each
        for each in (of, by)
    )
    place = SlopePlace(question := SlopeQuestion(members, run, name, variable), question.points[0])
    return name in members and all(map(place.is_known_slope, trees))


def _of_all_members(
    formulas: Mapping[str, Node], counts: Collection[str]
) -> Iterator[tuple[str, Node]]:
    """Yield the formulas of families for each of a few members, and those of other names."""
    for name, tree in formulas.items():
        letter = index_of(name)
        for place in range(MEMBERS) if letter else ():
            yield indexed_name(name, place + 1), _at(tree, {letter: place}, counts)
        if not letter:
            yield name, _at(tree, {}, counts)


def _at(tree: Node, places: Mapping[str, int], counts: Collection[str]) -> Node:
    """Return a tree at some places of its letters, with its sums over all members written out.

    `counts` are the names for how many there are.
    """

    def value(node: Node) -> Value | None:
        return value_or_none(rewrite(node, put_in))

    def put_in(part: Node) -> Node:
        sign = KRONECKER.fullmatch(part.id) if isinstance(part, Name) else None
        if sign is None and not (isinstance(part, Name) and part.id in counts):
            return part
        number = MEMBERS if sign is None else int(sign[1] == sign[2])
        return Number(str(number), Fraction(number), part.start, part.end)

    there = at_places(tree, places)
    written = with_sums_written_out(there, lambda _: range(1, MEMBERS + 1), value, tuple)
    return rewrite(written, put_in)
