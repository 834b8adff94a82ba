"""Sums over an index, written out over the places of the index."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import partial, reduce
from typing import Final

from tracer.check.model.written_trees import calls_in, names_in, rewrite, with_parts
from tracer.check.trace.aliases import key
from tracer.expression.syntax import Array, Call, Name, Node, Number
from tracer.intervals import Value
from tracer.run.interpret import shape_of

__all__ = ["indexed_name", "with_sums_written_out"]

INDEXED: Final = re.compile(
    r"(?P<base>.+?)(?:_(?P<under>[a-z])"
    r"|(?:\[|_\()(?P<inside>[a-z])(?: ?(?P<sign>[+-]) ?(?P<shift>\d))?[\])])"
    r"(?P<primes>'*)"
)

MOST_ENTRIES: Final = 256  # of an array, or terms of a sum, that are written out


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


def with_sums_written_out(
    node: Node,
    places_of: Callable[[set[str]], Sequence[int]],
    value: Callable[[Node], Value | None],
) -> Node:
    """Return a tree with each sum over an index written out over the places that it has."""
    node = with_parts(node, partial(with_sums_written_out, places_of=places_of, value=value))
    if not isinstance(node, Call):
        return node
    arguments = node.arguments
    if node.operation == "sum" and len(arguments) == 1:
        families = _indices_of(arguments[0])
        names = next(iter(families.values()), set()) if len(families) == 1 else set()
        places = places_of(names) if names else ()
        terms = [
            rewrite(arguments[0], partial(_member_of, names=names, place=place)) for place in places
        ]
        terms = terms or _terms_over_letters(arguments[0], value)
        if terms:
            return reduce(
                lambda total, term: Call("add", (total, term), (), node.start, node.end), terms
            )
    return node


def _letter_of(place: Node) -> str:
    """Return the letter that stands for a place; nothing for a figure or anything else."""
    return place.id if isinstance(place, Name) and len(place.id) == 1 else ""


def _sizes_of_letters(node: Node, value: Callable[[Node], Value | None]) -> dict[str, int] | None:
    """Return how many places each index in a tree has; None where an array has other axes."""
    sizes: dict[str, int] = {}
    for call in calls_in(node, frozenset(("index",))):
        base, *places = call.arguments
        letters = list(map(_letter_of, places))
        if not any(letters):
            continue
        array = value(base)
        shape = () if array is None else shape_of(array)
        if len(shape) != len(letters):
            return None
        for letter, size in zip(letters, shape, strict=True):
            if letter and sizes.setdefault(letter, size) != size:
                return None
    return sizes


def _terms_over_letters(node: Node, value: Callable[[Node], Value | None]) -> list[Node]:
    """Return the terms of a sum over all the indices of a summand."""
    sizes = _sizes_of_letters(node, value)
    if not sizes or math.prod(sizes.values()) > MOST_ENTRIES:
        return []
    places = itertools.product(*(range(size) for size in sizes.values()))
    return [_at_places(node, dict(zip(sizes, each, strict=True))) for each in places]


def _at_places(node: Node, at: Mapping[str, int]) -> Node:
    """Return a tree with figures for its indices, with a new Number at every place."""
    if isinstance(node, Name):
        if node.id not in at:
            return node
        return Number(str(at[node.id] + 1), Fraction(at[node.id] + 1), node.start, node.end)
    if isinstance(node, Number):
        return Number(node.text, node.value, node.start, node.end)
    if not isinstance(node, Call) or node.operation != "index":
        return with_parts(node, partial(_at_places, at=at))
    base = _at_places(node.arguments[0], at)
    places = [
        Number(str(at[letter]), Fraction(at[letter]), part.start, part.end)
        if (letter := _letter_of(part)) in at
        else part
        for part in node.arguments[1:]
    ]
    figures = [int(part.value) for part in places if isinstance(part, Number)]
    if len(figures) == len(places):
        if isinstance(base, Name):
            return Name(f"{base.id}[{', '.join(map(str, figures))}]", node.start, node.end)
        while places and isinstance(base, Array) and figures[-len(places)] < len(base.items):
            base = base.items[figures[-len(places)]]
            places.pop(0)
    return Call("index", (base, *places), (), node.start, node.end) if places else base


def _member_of(part: Node, names: set[str], place: int) -> Node:
    """Return a leaf of a summand with its index put in, with a new Number at every place."""
    if isinstance(part, Name) and part.id in names:
        return Name(indexed_name(part.id, place), part.start, part.end)
    if isinstance(part, Number):
        return Number(part.text, part.value, part.start, part.end)
    return part
