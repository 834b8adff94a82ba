"""Sums over an index, written out over the places of the index."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial, reduce
from typing import Final

from tracer.check.model.written_trees import names_in, rewrite, with_parts
from tracer.check.trace.aliases import key
from tracer.expression.syntax import Call, Name, Node, Number

__all__ = ["indexed_name", "with_sums_written_out"]

INDEXED: Final = re.compile(
    r"(?P<base>.+?)(?:_(?P<under>[a-z])"
    r"|(?:\[|_\()(?P<inside>[a-z])(?: ?(?P<sign>[+-]) ?(?P<shift>\d))?[\])])"
    r"(?P<primes>'*)"
)


def _indices_of(node: Node) -> dict[str, set[str]]:
    """Return the names in a tree that end in a letter as an index, by letter: {i: {x_i, y_i}}."""
    found: dict[str, set[str]] = {}
    for name in names_in(node):
        match = INDEXED.fullmatch(name)
        if match:
            found.setdefault(match["under"] or match["inside"], set()).add(name)
    return found


def indexed_name(name: str, place: int) -> str:
    """Return the name of one member of a family: x3 for `x_i` at 3, h2 for `h[t - 1]` at 3."""
    match = INDEXED.fullmatch(name)
    assert match is not None
    shift = int(f"{match['sign'] or '+'}{match['shift'] or 0}")
    return key(f"{match['base']}_{place + shift}{match['primes']}")


def with_sums_written_out(node: Node, places_of: Callable[[set[str]], Sequence[int]]) -> Node:
    """Return a tree with each sum over an index written out over the places that it has."""
    node = with_parts(node, partial(with_sums_written_out, places_of=places_of))
    if not isinstance(node, Call) or node.operation != "sum" or len(node.arguments) > 1:
        return node
    (summand,) = node.arguments
    families = list(_indices_of(summand).values())
    names = families[0] if len(families) == 1 else set()
    terms = [
        rewrite(summand, partial(_member_of, names=names, place=place))
        for place in (places_of(names) if names else ())
    ]
    if not terms:
        return node
    return reduce(lambda total, term: Call("add", (total, term), (), node.start, node.end), terms)


def _member_of(part: Node, names: set[str], place: int) -> Node:
    """Return a leaf of a summand with its index put in, with a new Number at every place."""
    if isinstance(part, Name) and part.id in names:
        return Name(indexed_name(part.id, place), part.start, part.end)
    if isinstance(part, Number):
        return Number(part.text, part.value, part.start, part.end)
    return part
