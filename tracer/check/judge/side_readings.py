"""All readings of a side over one spelling of its names, sums over an index written out."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import partial, reduce
from typing import Final

from tracer.check.compare.bounded_values import KnownValue
from tracer.check.compare.canonical_trees import slope_of
from tracer.check.compare.rounding_habit import significant_digits
from tracer.check.model.statements import EquationChain
from tracer.check.model.written_trees import (
    calls_in,
    is_matrix,
    names_in,
    negate,
    replace_part,
    rewrite,
    rewrite_calls,
    signed_terms,
    with_parts,
)
from tracer.check.trace.aliases import key
from tracer.expression.syntax import Array, Call, Name, Node, Number
from tracer.intervals import Interval, Value, value_or_none
from tracer.lazy_regex import lazy_regex
from tracer.run.interpret import shape_of

__all__ = ["are_all_readings", "readings_of"]

INDEXED: Final = lazy_regex(
    r"(?P<base>.+?)(?:_(?P<under>[a-z])"
    r"|(?:\[|_\()(?P<inside>[a-z])(?: ?(?P<sign>[+-]) ?(?P<shift>\d))?[\])])"
    r"(?P<primes>'*)"
)

MOST_TERMS: Final = 256  # entries of an array, or terms of a sum, that are written out
SINGLE_DIGITS: Final = 7  # of a number of 32 bits, as which a longer figure may be meant
SAME_SIGN: Final = {"matmul": "multiply", "dot": "multiply", "log2": "log", "log10": "log"}
"""Operations that one sign may mean, by one of them."""
SCRIPTED: Final = ("transpose_last", "power")
DIFFERENTIALS: Final = ("d", "D", "Δ", "δ", "∂", "«")
FIRST_PLACES: Final = (1, 0)  # of an index
CONVENTIONS: Final = {"step": "01", "heaviside": "01", "sign": "01-", "sgn": "01-"}
"""What functions may be worth at their jump, at 0: there `-` is −1."""
_SHORT: Final = lazy_regex(r"(?:(?:(?<=[0-9])_)?[A-Za-zα-ω]_?[0-9]{0,2}){2,3}")
MOST_FACTORS: Final = 3  # that are written as one name
MOST_SIGNS: Final = 24  # of such a name
MOST_PLACES: Final = 64  # that a sum is written out over


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
    if "sum" not in node.content.operations:
        return node
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
    if not sizes or math.prod(sizes.values()) > MOST_TERMS:
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


def readings_of(
    chain: EquationChain,
    named_sides: Mapping[Node, str],
    known: Callable[[str], KnownValue | None],
    formula_of: Callable[[str], Node | None],
) -> list[list[Node]]:
    """Return the readings of each side, with its sums written out as far as names are known."""
    readings = [[*side.readings] for side in chain.sides]
    if named_sides:
        readings = [[_with_names(tree, named_sides) for tree in trees] for trees in readings]
    readings[1:] = [[_with_products(t, known) for t in trees] for trees in readings[1:]]
    for trees in readings:
        at_inputs = [rewrite_calls(tree, partial(_at_input, formula_of)) for tree in trees]
        trees += [other for other, tree in zip(at_inputs, trees, strict=True) if other != tree]

    def value(node: Node, *, is_rounded: bool = False) -> Value | None:
        values = {
            name: found.bounds if is_rounded else found.printed
            for name in names_in(node)
            if (found := known(name))
        }
        return value_or_none(node, values)

    return [
        [
            each
            for tree in trees
            for each in _by_conventions(
                with_sums_written_out(tree, _places_in(known, after), value),
                partial(value, is_rounded=True),
            )
        ]
        for trees, after in zip(readings, [*readings[1:], []], strict=True)
    ]


def _at_input(formula_of: Callable[[str], Node | None], call: Call) -> Node:
    """Return the slope `σ'(h)` of a stated `h = σ(z)` at z, which is meant by some."""
    if not call.arguments or call.arguments[0].end > 0:
        return call  # as it is written: a slope is worked out, and has no place
    for name in names_in(call):
        formula = formula_of(name)
        if isinstance(formula, Call) and call == slope_of(formula.operation, Name(name)):
            return slope_of(formula.operation, formula.arguments[0]) or call
    return call


def _by_conventions(tree: Node, value: Callable[[Node], Value | None]) -> Sequence[Node]:
    """Return a tree with each value that its first function at a jump may have there."""
    for call in calls_in(tree, CONVENTIONS):
        at = value(call.arguments[0])
        if isinstance(at, Interval) and at.is_exact and not at.low:
            one = Number("1", Fraction(1), call.start, call.end)
            worth = {
                "0": Number("0", Fraction(0), call.start, call.end),
                "1": one,
                "-": negate(one),
            }
            others = (replace_part(tree, call, worth[w]) for w in CONVENTIONS[call.operation])
            return [each for other in others for each in _by_conventions(other, value)]
    return [tree]


def are_all_readings(*sides: Sequence[Node]) -> bool:
    """Tell whether the readings of each side differ in the kind of a product or a logarithm only.

    Those are all that there are, so a pair that holds in none of them differs.
    """
    return all(len({rewrite(tree, _in_one_reading) for tree in trees}) == 1 for trees in sides)


def _in_one_reading(node: Node) -> Node:
    if isinstance(node, Number) and significant_digits(node) > SINGLE_DIGITS:
        value = Decimal(node.value.numerator) / node.value.denominator
        return Number("", Fraction(format(value, f".{SINGLE_DIGITS - 1}e")))
    if is_matrix(node):
        is_column = all(isinstance(row, Array) and len(row.items) == 1 for row in node.items)
        vector = [entry for row in node.items for entry in row.children()]
        return Array(tuple(vector)) if is_column or len(node.items) == 1 else node
    if not isinstance(node, Call):
        return node
    return Call(SAME_SIGN.get(node.operation, node.operation), node.arguments, node.keywords)


def _places_in(
    known: Callable[[str], KnownValue | None], after: Sequence[Node]
) -> Callable[[set[str]], Sequence[int]]:
    """Return which places an index runs over: where the indexed names have values.

    Where none of them has one, there are as many places as the next side has terms.
    """

    def places_of(names: set[str]) -> Sequence[int]:
        for first in FIRST_PLACES:
            having = [name for name in names if known(indexed_name(name, first)) is not None]
            place = first
            while having and all(known(indexed_name(name, place)) is not None for name in having):
                place += 1
                if place > MOST_PLACES:
                    break
            if place > first + 1:
                return range(first, place)
        terms = max((len(signed_terms(tree)) for tree in after), default=1)
        return range(1, terms + 1) if terms > 1 else ()

    return places_of


def _with_products(node: Node, known: Callable[[str], KnownValue | None]) -> Node:
    """Return a tree with each product of known quantities written as one name: `XW_V`, `wx`.

    Of numbers those have one letter and a figure at most. `dW` is a name of its own; of `QK^T`
    nobody knows whether all of it is turned.
    """
    if (
        isinstance(node, Call)
        and node.operation in SCRIPTED
        and isinstance(node.arguments[0], Name)
    ):
        return node
    if not isinstance(node, Name):
        return with_parts(node, partial(_with_products, known=known))
    is_own = node.id[:1] in DIFFERENTIALS or known(node.id) is not None
    if is_own or len(node.id) > MOST_SIGNS:
        return node
    factors = _known_factors(node.id, known, MOST_FACTORS)
    values = [known(key(each)) for each in factors]
    are_arrays = all(value and isinstance(value.printed, tuple) for value in values)
    if not are_arrays and not _SHORT.fullmatch(node.id):
        return node
    found: Node = node
    end = node.start
    for number, factor in enumerate(factors):
        start, end = end, end + len(factor) if node.start >= 0 else end
        name = Name(key(factor), start, end)
        found = Call("multiply", (found, name), (), node.start, end) if number else name
    return found


def _known_factors(name: str, known: Callable[[str], KnownValue | None], most: int) -> list[str]:
    """Return names with a value, at the most so many, that make up a name; none where none do."""
    if known(key(name)) is not None:
        return [name]
    for at in range(1, len(name) if most > 1 else 0):
        if known(key(name[:at])) is not None:
            rest = name[at:].removeprefix("_") if name[at - 1].isdigit() else name[at:]
            others = _known_factors(rest, known, most - 1)  # `x1_w1` of `x₁w₁`
            if others:
                return [name[:at], *others]
    return []


def _with_names(node: Node, named_sides: Mapping[Node, str]) -> Node:
    """Return a tree with each left side of an earlier line as the name that it is."""
    name = named_sides.get(node)
    if name is not None:
        return Name(name, node.start, node.end)
    return with_parts(node, partial(_with_names, named_sides=named_sides))
