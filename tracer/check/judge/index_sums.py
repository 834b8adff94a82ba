"""Sums and arrays over an index, written out over the places that it has."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import partial, reduce
from typing import Final

from tracer.check.compare.bounded_values import (
    KnownValue,
)
from tracer.check.model.written_trees import (
    calls_in,
    names_in,
    signed_factors,
    signed_terms,
)
from tracer.check.trace.aliases import quantity_key
from tracer.expression.syntax import Array, Call, Name, Node, Number, walk, with_parts
from tracer.intervals import Interval, Value, value_or_none
from tracer.lazy_regex import lazy_regex
from tracer.operations import Shape
from tracer.operations.array_shape import nested
from tracer.run.interpret import shape_of

INDEXED: Final = lazy_regex(
    r"(?P<base>.+?)(?:_(?P<row>\d?)(?P<under>[a-z])(?P<column>\d?)"
    r"|(?:\[|_\()(?P<inside>[a-z])(?: ?(?P<sign>[+-]) ?(?P<shift>\d))?[\])])"
    r"(?P<primes>'*\)?)"
)
OF_TWO_INDICES: Final = lazy_regex(r"(.+_)([a-z])([a-z])")
JOINED: Final = {"sum": "add", "max": "maximum", "min": "minimum"}
"""Operations over an index, and what joins two of their terms."""
WRITTEN_OUT: Final = frozenset((*JOINED, "index"))
LIMITS: Final = ("over", "first", "last")
"""What a sum says of its index: its letter, where it begins and where it ends."""
COUNTING: Final = frozenset("ijkst")
"""Letters that count the places of sums: as their last one they may be any of them."""
MOST_TERMS: Final = 256  # entries of an array, or terms of a sum, that are written out
MOST_PLACES: Final = 64  # that a sum is written out over
MOST_PLACES_APART: Final = 10  # members of one digit, in which another is looked for behind a gap


def index_of(name: str) -> str:
    """Return the letter that a name ends in as an index; nothing where there is none."""
    match = INDEXED.fullmatch(name)
    return (match["under"] or match["inside"]) if match else ""


def _indices_of(node: Node) -> dict[str, set[str]]:
    """Return the names in a tree that end in a letter as an index, by letter: {i: {x_i, y_i}}."""
    names_by_index: dict[str, set[str]] = {}
    for name in filter(index_of, names_in(node)):
        names_by_index.setdefault(index_of(name), set()).add(name)
    return names_by_index


def indexed_name(name: str, place: int) -> str:
    """Return the name of one member of a family: x3 for `x_i` at 3, h2 for `h[t - 1]` at 3."""
    match = INDEXED.fullmatch(name)
    assert match is not None
    shift = int(f"{match['sign'] or '+'}{match['shift'] or 0}")
    row, column = match["row"] or "", match["column"] or ""
    return quantity_key(f"{match['base']}_{row}{place + shift}{column}{match['primes']}")


def with_sums_written_out(
    node: Node,
    places_of: Callable[[set[str]], Sequence[int]],
    value: Callable[[Node], Value | None],
    shape: Callable[[], Shape],
) -> Node:
    """Return a tree with each sum over an index written out over the places that it has.

    So is an array that is written by its entries, `(a[i, j] * b[j])[i, j]`; `shape` tells that
    of what the line computes.
    """
    if WRITTEN_OUT.isdisjoint(node.content.operations):
        return node
    inner = partial(with_sums_written_out, places_of=places_of, value=value, shape=shape)
    node = with_parts(node, inner)
    if not isinstance(node, Call):
        return node
    arguments = node.arguments
    if node.operation == "index":
        letters = list(map(_letter_of, arguments[1:]))
        return _array_by_entries(arguments[0], letters, value, shape()) or _entry_at_worked_place(
            node, value
        )
    joined = JOINED.get(node.operation)
    if not joined or len(arguments) != 1:
        return node
    limits = dict(node.keywords)
    if not limits.keys() <= set(LIMITS):
        return node
    terms = _terms_of_sum(arguments[0], limits, places_of, value)
    if terms:
        return reduce(
            lambda total, term: Call(joined, (total, term), (), node.start, node.end), terms
        )
    if terms is None or not limits:
        return node  # with its limits nobody works it out
    return Call(node.operation, arguments, (), node.start, node.end)


def _terms_of_sum(
    summand: Node,
    limits: Mapping[str, Node],
    places_of: Callable[[set[str]], Sequence[int]],
    value: Callable[[Node], Value | None],
) -> Sequence[Node] | None:
    """Return the terms of a sum over an index; none where there is nothing to write out.

    None where nobody knows which terms are within the limits.
    """
    families, over = _indices_of(summand), limits.get("over")
    letter = over.id if isinstance(over, Name) else next(iter(families), "")
    is_number = letter in names_in(summand)  # `i x_i`
    is_family = len(families) == 1 and letter in families
    sizes = {} if is_family else _sizes_of_letters(summand, value) or {}
    is_counted = is_number and not (families or sizes) and "last" in limits  # `Σ_{t=0}^{T} q^t`
    if not (is_family or is_counted or (sizes and math.prod(sizes.values()) <= MOST_TERMS)):
        return []
    if is_family or is_counted or (limits and letter in sizes):
        places = places_of_letter(summand, letter, places_of, value)
        arrays = (INDEXED.fullmatch(name) for name in families.get(letter, ()))
        are_arrays = not is_family or any(each and value(Name(each["base"])) for each in arrays)
        within = _places_within(places, limits, value, is_number=is_number, may_shift=are_arrays)
        if within is None or (is_counted and not within):
            return None
        return [at_places(summand, {letter: place - 1}) for place in within]
    places_of_all = itertools.product(*(range(size) for size in sizes.values()))
    return [at_places(summand, dict(zip(sizes, each, strict=True))) for each in places_of_all]


def places_of_letter(
    node: Node,
    letter: str,
    places_of: Callable[[set[str]], Sequence[int]],
    value: Callable[[Node], Value | None],
) -> Sequence[int]:
    """Return the places that an index in a tree has."""
    families = _indices_of(node).get(letter)
    if families:
        return places_of(families)
    return range(1, (_sizes_of_letters(node, value) or {}).get(letter, 0) + 1)


def _places_within(
    places: Sequence[int],
    limits: Mapping[str, Node],
    value: Callable[[Node], Value | None],
    *,
    is_number: bool,
    may_shift: bool,
) -> Sequence[int] | None:
    """Return those of some places that are within the limits of a sum; None where nobody knows.

    A last one without a value, `n`, is that of all places, but for one that counts, `k`. Places
    that are counted from 0 in a sum are those from 1, but for an index that is a number in it.
    Entries that are stated whole `may_shift`; those that are stated singly have their numbers.
    """
    if "last" not in limits:
        return places
    first, last = (whole_number(value(limits[each])) for each in LIMITS[1:])
    if first is None:
        return None
    is_shifted = first == 0 and bool(places) and places[0] == 1
    if is_shifted and is_number:
        return None
    end = limits["last"]
    if last is None and (not isinstance(end, Name) or end.id in COUNTING):
        return None
    if last is None:
        return [place for place in places if place >= first]
    within = range(first, last + 1)
    if not places or set(within) <= set(places):
        # Of a vector that is counted from 0, all but the first are those from 1 to n - 1.
        is_either = may_shift and isinstance(end, Call) and first == 1 and last == len(places) - 1
        return None if is_either or len(within) > MOST_TERMS or not within else within
    return places if is_shifted and len(within) == len(places) else None


def whole_number(value: Value | None) -> int | None:
    """Return an exact whole number."""
    is_whole = isinstance(value, Interval) and value.is_exact and value.low == int(value.low)
    return int(value.low) if isinstance(value, Interval) and is_whole else None


def _entry_at_worked_place(call: Call, value: Callable[[Node], Value | None]) -> Node:
    """Return an entry whose place is worked out, `p[y[i] + 1 - 1]`, by its figures where known.

    Of several places at once it is a choice of rows.
    """
    base, *places = call.arguments
    indices = [value(place) if isinstance(place, Call) else None for place in places]
    if len(places) == 1 and isinstance(indices[0], tuple):
        return Call("gather", (base, places[0]), (), call.start, call.end)
    figures = [
        Number(str(index.low), index.low, place.start, place.end)
        if isinstance(index, Interval) and index.is_exact and index.low in range(MOST_TERMS)
        else place
        for place, index in zip(places, indices, strict=True)
    ]
    return at_places(Call("index", (base, *figures), (), call.start, call.end), {})


def _array_by_entries(
    entry: Node, letters: Sequence[str], value: Callable[[Node], Value | None], shape: Shape
) -> Node | None:
    """Return the array with these entries; None where they are none, or nobody knows how many.

    A letter that counts nothing (that of a class, `y_i = j`) counts what the line computes.
    """
    are_letters = all(letters) and len({*letters}) == len(letters)
    if not are_letters or not any(_letter_of(part) in letters for part in walk(entry)):
        return None
    sizes = _sizes_of_letters(entry, value)
    if sizes is None:
        return None
    if len(shape) > len(letters):
        shape = tuple(size for size in shape if size > 1)  # an axis of one entry has no letter
    if len(shape) >= len(letters):  # the entry may be a row
        sizes = dict(zip(letters, shape, strict=False)) | sizes
    is_known = sizes.keys() >= set(letters)
    if not is_known or math.prod(sizes[letter] for letter in letters) > MOST_TERMS:
        return None

    size = tuple(sizes[letter] for letter in letters)
    places = itertools.product(*map(range, size))
    entries = [at_places(entry, dict(zip(letters, at, strict=True))) for at in places]
    array: Array = nested(entries, size, lambda row: Array(tuple(row), entry.start, entry.end))
    return array


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
        if len(long := tuple(size for size in shape if size > 1)) == len(letters):
            shape = long  # an axis of one entry has no letter
        if len(shape) < len(letters):
            return None
        for letter, size in zip(letters, shape, strict=False):
            if letter and sizes.setdefault(letter, size) != size:
                return None
    return sizes


def at_places(node: Node, at: Mapping[str, int]) -> Node:
    """Return a tree with figures for its indices, with a new Number at every place."""
    if isinstance(node, Name):
        letter, two = index_of(node.id), OF_TWO_INDICES.fullmatch(node.id)
        if two is not None and not at.keys().isdisjoint(two.groups()):
            signs = (str(at[each] + 1) if each in at else each for each in two.groups()[1:])
            return Name(quantity_key("".join((two[1], *signs))), node.start, node.end)
        if letter in at:
            return Name(indexed_name(node.id, at[letter] + 1), node.start, node.end)
        if node.id not in at:
            return node
        return Number(str(at[node.id] + 1), Fraction(at[node.id] + 1), node.start, node.end)
    if isinstance(node, Number):
        return Number(node.text, node.value, node.start, node.end)
    if not isinstance(node, Call) or node.operation != "index":
        return with_parts(node, partial(at_places, at=at))
    base = at_places(node.arguments[0], at)
    places = [_place_at(part, at) for part in node.arguments[1:]]
    figures = [int(part.value) for part in places if isinstance(part, Number)]
    if len(figures) == len(places):
        if isinstance(base, Name):
            return Name(f"{base.id}[{', '.join(map(str, figures))}]", node.start, node.end)
        while places and isinstance(base, Array):
            figure, size = figures[-len(places)], len(base.items)
            if figure not in range(-size, size):
                break
            base = base.items[figure]
            places.pop(0)
    return Call("index", (base, *places), (), node.start, node.end) if places else base


def _place_at(part: Node, at: Mapping[str, int]) -> Node:
    """Return a place with figures for its letters: from 0 where it is one, else worked out."""
    letter = _letter_of(part)
    if letter in at:
        return Number(str(at[letter]), Fraction(at[letter]), part.start, part.end)
    worked = value_or_none(at_places(part, at)) if isinstance(part, Call) else None
    if not isinstance(worked, Interval) or not worked.is_exact or worked.low.denominator > 1:
        return part
    return Number(str(worked.low), worked.low, part.start, part.end)


def places_in(
    known: Callable[[str], KnownValue | None], after: Sequence[Node], beside: int = 0
) -> Callable[[set[str]], Sequence[int]]:
    """Return which places an index runs over: where the indexed names have values.

    Where none of them has one, there are as many places as the next side, or a factor of it, has
    terms, but for those that stand `beside` the sum: `1 - Σ p_i² = 1 - (0.6² + 0.4²)`.
    """

    def places_of(names: set[str]) -> Sequence[int]:
        having = [n for n in names if any(known(indexed_name(n, p)) for p in range(MOST_PLACES))]

        def are_known(place: int) -> bool:
            return bool(having) and all(known(indexed_name(name, place)) for name in having)

        places = itertools.dropwhile(lambda place: not are_known(place), range(MOST_PLACES))
        shared = [*itertools.takewhile(are_known, places)]
        if any(map(are_known, range(shared[-1] + 2, MOST_PLACES_APART) if shared else ())):
            return ()  # who knows which ones lie between
        factors = itertools.chain(*(signed_factors(tree)[1] for tree in after))
        terms = max((len(signed_terms(each)) for _, each in factors), default=1) - beside
        if len(shared) > 1:  # 0 may be that of a bias, or a start
            return () if shared[:3] == [0, 1, 2] and len(shared) != terms else shared
        return range(1, terms + 1) if terms > 1 else shared

    return places_of
