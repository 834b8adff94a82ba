"""What a name without a value is on a line: how many terms or rows there are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import Final

from tracer.check.compare.bounded_values import KnownValue
from tracer.check.judge.index_sums import (
    COUNTING,
    LIMITS,
    places_in,
    places_of_letter,
    whole_number,
)
from tracer.check.judge.part_state import PartState
from tracer.check.model.statements import EquationChain
from tracer.check.model.written_trees import calls_in, names_in
from tracer.check.slips.roles import DATA, role_of
from tracer.expression.syntax import Name, Node, walk
from tracer.intervals import Interval, Value, value_or_none
from tracer.run.interpret import shape_of

SUM: Final = frozenset(("sum",))
LEAST_SAMPLES: Final = 2  # one row may be a vector that is written as one


@contextmanager
def counted(state: PartState, chain: EquationChain) -> Iterator[None]:
    """Give names their counts while a chain is judged; they may confirm it and refute nothing."""
    for name, count in _counts_in(chain, state.present_world().known_value).items():
        value, line, headings = Interval(Fraction(count)), chain.place.line, chain.headings
        state.run.count(name, KnownValue(value, value, value, True, line, 0, headings))
    try:
        yield
    finally:
        state.run.end_counts()


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
