"""Sums over an index, `sum(e_i * x_i)`, written out over the places that the index has."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from tracer.check.compare.written_trees import names_in
from tracer.check.trace.aliases import key
from tracer.expression.syntax import Array, Call, Name, Node, Number

__all__ = ["indexed_name", "with_sums_written_out"]

INDEXED: Final = re.compile(
    r"(?P<base>.+?)(?:_(?P<under>[a-z])"
    r"|(?:\[|_\()(?P<inside>[a-z])(?: ?(?P<sign>[+-]) ?(?P<shift>\d))?[\])])"
    r"(?P<primes>'*)"
)

ENTRY: Final = re.compile(r"(?P<base>.+?)_(?P<places>[ijklmn1]{2,4})")


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
    if isinstance(node, Array):
        items = tuple(with_sums_written_out(item, places_of) for item in node.items)
        return Array(items, node.start, node.end)
    if not isinstance(node, Call):
        return node
    arguments = tuple(with_sums_written_out(part, places_of) for part in node.arguments)
    if node.operation == "sum" and len(arguments) == 1:
        families = _indices_of(arguments[0])
        names = next(iter(families.values()), set()) if len(families) == 1 else set()
        places = places_of(names) if names else ()
        terms = [_member_of(arguments[0], names, place) for place in places]
        if terms:
            total = terms[0]
            for term in terms[1:]:
                total = Call("add", (total, term), (), node.start, node.end)
            return total
        whole = _of_whole_arrays(arguments[0])
        if whole is not None:
            return Call("sum", (whole,), (), node.start, node.end)
    if all(new is old for new, old in zip(arguments, node.arguments, strict=True)):
        return node
    return Call(node.operation, arguments, node.keywords, node.start, node.end)


def _of_whole_arrays(node: Node) -> Node | None:
    """Return a summand of entries `a_ij` as one of the arrays `a`; None where indices differ."""
    places: set[str] = set()

    def without_places(part: Node) -> Node:
        if isinstance(part, Name):
            match = ENTRY.fullmatch(part.id)
            places.update([match["places"].replace("1", "")] if match else ())
            return Name(key(match["base"]), part.start, part.end) if match else part
        if not isinstance(part, Call):
            return part
        base, *items = part.arguments
        if part.operation == "index" and any(isinstance(item, Name) for item in items):
            # An axis of one entry has its place, 1, written for it.
            places.add("".join(item.id for item in items if isinstance(item, Name)))
            return base
        arguments = tuple(map(without_places, part.arguments))
        return Call(part.operation, arguments, part.keywords, part.start, part.end)

    whole = without_places(node)
    return whole if len(places) == 1 else None


def _member_of(node: Node, names: set[str], place: int) -> Node:
    """Return a summand with its index put in, with a new Number at every place."""
    if isinstance(node, Name):
        return (
            Name(indexed_name(node.id, place), node.start, node.end) if node.id in names else node
        )
    if isinstance(node, Number):
        return Number(node.text, node.value, node.start, node.end)
    if isinstance(node, Call):
        arguments = tuple(_member_of(part, names, place) for part in node.arguments)
        return Call(node.operation, arguments, node.keywords, node.start, node.end)
    return node
