"""What a name without a value is on a line: how many terms or rows there are, the identity."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import Final

from tracer.check.compare.bounded_values import KnownValue
from tracer.check.judge.part_state import PartState
from tracer.check.judge.side_readings import (
    COUNTING,
    LIMITS,
    places_in,
    places_of_letter,
    whole_number,
)
from tracer.check.model.statements import EquationChain
from tracer.check.model.written_trees import calls_in, is_literal, names_in
from tracer.check.slips.roles import DATA, role_of
from tracer.expression.syntax import Name, Node, walk
from tracer.intervals import Interval, Value, value_or_none
from tracer.run.interpret import shape_of

IDENTITY: Final = "I"
SUM: Final = frozenset(("sum",))
LEAST_SAMPLES: Final = 2  # one row may be a vector that is written as one


@contextmanager
def counted(state: PartState, chain: EquationChain) -> Iterator[None]:
    """Give names their counts while a chain is judged; they may confirm it and refute nothing.

    Nor does I, which is the identity where it has no value: it may be an image as well.
    """
    known = state.present_world().known_value
    counts = {name: Interval(Fraction(each)) for name, each in _counts_in(chain, known).items()}
    for name, value in {**counts, **_identities_in(chain, known)}.items():
        line, headings = chain.place.line, chain.headings
        state.run.count(name, KnownValue(value, value, value, True, line, 0, headings))
    try:
        yield
    finally:
        state.run.end_counts()


def _identities_in(
    chain: EquationChain, known: Callable[[str], KnownValue | None]
) -> dict[str, Value]:
    """Return the names of a chain that are the identity of the size of its only matrix."""
    trees = [side.tree for side in chain.sides if side.tree is not None]
    arrays = [value_or_none(tree) for tree in trees if is_literal(tree)]
    shapes = {shape for array in arrays if array is not None and (shape := shape_of(array))}
    size = next(iter(shapes))[0] if len(shapes) == 1 else 0
    if shapes != {(size, size)}:
        return {}
    names = {name for tree in trees for name in names_in(tree)}
    rows = range(size)
    identity = tuple(tuple(Interval(Fraction(at == row)) for at in rows) for row in rows)
    meant = names & {IDENTITY, f"{IDENTITY}{size}", *(f"{IDENTITY}_{each}" for each in "dn")}
    return {name: identity for name in meant if known(name) is None}


def _counts_in(chain: EquationChain, known: Callable[[str], KnownValue | None]) -> dict[str, int]:
    """Return the names of a chain that count something, with the only number that they may have."""

    def value(node: Node) -> Value | None:
        values = {name: each.printed for name in names_in(node) if (each := known(name))}
        return value_or_none(node, values)

    counts: dict[str, set[int]] = {}
    for tree in [tree for side in chain.sides for tree in side.readings]:
        for name, count in (*_last_places(tree, known, value), *_rows_of(tree, value)):
            if known(name) is None and count >= LEAST_SAMPLES:
                counts.setdefault(name, set()).add(count)
    target = chain.sides[0].tree
    own = target.id if isinstance(target, Name) else ""
    return {name: each.pop() for name, each in counts.items() if len(each) == 1 and name != own}


def _last_places(
    tree: Node,
    known: Callable[[str], KnownValue | None],
    value: Callable[[Node], Value | None],
) -> Iterator[tuple[str, int]]:
    """Yield the name that a sum ends at with the last place of its terms that has a value.

    `Σ_{i=1}^n (u_i - 1)²` has two terms where u_1 and u_2 are known: n is 2.
    """
    for call in calls_in(tree, SUM):
        limits = dict(call.keywords)
        last = limits.get("last")
        if limits.keys() != set(LIMITS) or not isinstance(last, Name) or last.id in COUNTING:
            continue
        first, over = whole_number(value(limits["first"])), limits["over"]
        letter = over.id if isinstance(over, Name) else ""
        places = places_of_letter(call.arguments[0], letter, places_in(known, ()), value)
        if places and first is not None and places[0] <= first:
            yield last.id, places[-1]


def _rows_of(tree: Node, value: Callable[[Node], Value | None]) -> Iterator[tuple[str, int]]:
    """Yield the names that a formula divides by, with the rows that its data have.

    Without data all arrays in it have as many.
    """
    names = {part.id for part in walk(tree) if isinstance(part, Name)}
    arrays = {name: shape_of(array) for name in names if (array := value(Name(name)))}
    of_data = [shape for name, shape in arrays.items() if role_of(name) in DATA]
    rows = {shape[0] for shape in of_data or arrays.values() if shape}
    for quotient in calls_in(tree, ("divide",)) if len(rows) == 1 else ():
        for name in names_in(quotient.arguments[1]):
            if role_of(name) == "sample_count":
                yield name, next(iter(rows))
