"""The numbers of quantities as they are printed: given ones as written, rounding left out."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Final, NamedTuple
from weakref import ref

from tracer.errors import TracerError
from tracer.expression import Call, Node, walk
from tracer.intervals import INTERVALS, Interval, Unevaluable
from tracer.narrative.entry_functions import MOST_KEPT, EntryFunctions, place_of
from tracer.operations import array_node, lookup, number_texts, ravel, written_text
from tracer.program.elements import Elements, UnknownInteger
from tracer.program.program import BuiltProgram, Equation, names_in
from tracer.run.interpret import interpret
from tracer.run.trace import Iteration

MOST_SHOWN = 64  # arrays up to this many entries are printed, and put into lines
UNSEEN: Final = 1e-8  # share of a number that none of its printed digits shows
CANCELLED: Final = 1e-10  # below it a number may be what rounding has left of larger ones


def value_texts(iteration: Iteration, name: str, digits: int) -> list[str]:
    """Return the figures of a quantity, entry by entry: a given one's as they were written."""
    input_value = iteration.given_value(name)
    if input_value is None or input_value.exact is None:
        return number_texts(printed_values(iteration, name, iteration.floats(name)), digits)
    return list(map(written_text, input_value.exact))


def printed_values(iteration: Iteration, name: str, values: Sequence[float]) -> Sequence[float]:
    """Return values as they are printed: 0 for what only rounding has left of a quantity's."""
    places, _ = rounding_left(iteration, name, values)
    return [0.0 if at in places else value for at, value in enumerate(values)] if places else values


def rounding_left(
    iteration: Iteration, name: str, values: Sequence[float]
) -> tuple[Collection[int], Collection[int]]:
    """Return the places of values, if they are a quantity's, that only rounding has left of 0.

    Floats are rounded, so 0.1 + 0.2 - 0.3 leaves 5.6e-17. Nothing is that could be seen beside
    another number which is small too: lines with 0 put in would not add up. The second places are
    those where a function with a corner at 0 is applied: what follows from them depends on the
    side on which rounding has put them, so they stand as the run has them.
    """
    if len(values) > MOST_SHOWN or not any(0 < abs(value) < CANCELLED for value in values):
        return (), ()
    found = (each.get(name, ((), ())) for each in _rounding_of(iteration))
    noughts, at_corners = (places if [*values] == numbers else () for numbers, places in found)
    return noughts, at_corners


def _rounding_of(iteration: Iteration) -> RoundingLeft:
    reference, found = _last_rounding[0] if _last_rounding else (None, NO_ROUNDING)
    last_iteration = None if reference is None else reference()
    if last_iteration is None or not last_iteration.has_record_of(iteration):
        found = _rounding_in(iteration)
        _last_rounding[:] = [(ref(iteration), found)]
    return found


Places = Mapping[str, tuple[Sequence[float], Sequence[int]]]
"""By quantity its entries, and some places of them."""


class RoundingLeft(NamedTuple):
    """What only rounding has left of 0: where it is 0, and where a corner of a function is."""

    noughts: Places = MappingProxyType({})
    at_corners: Places = MappingProxyType({})


NO_ROUNDING: Final = RoundingLeft()


_last_rounding: Final[list[tuple[ref[Iteration], RoundingLeft]]] = []
"""What rounding has left in the iteration that was asked about last: each of its lines asks."""


@lru_cache(MOST_KEPT)
def _entries_of(built: BuiltProgram, equation: Equation) -> EntryFunctions:
    return EntryFunctions(Elements(built.shapes, stable=True), equation)


@lru_cache(MOST_KEPT)
def _met_by_corners(built: BuiltProgram) -> Collection[str]:
    """Return the names that operations are applied to which are not smooth everywhere."""
    return frozenset(
        name
        for equation in built.program.equations
        if equation.phase != "metric"  # which compares entries with each other, not with 0
        for part in walk(equation.expression)
        if isinstance(part, Call) and not lookup(part.operation).analytic
        for name in names_in(part)
    )


def _rounding_in(iteration: Iteration) -> RoundingLeft:
    """Return what only rounding has left of 0 in an iteration.

    0 is then among the values that the entry may have, each number that it is made of rounded.
    Of what is no rounding the smallest is far larger. A function with a corner or a step, such as
    ReLU, sees on which side of 0 a number lies: what it is applied to stands as the run has it.
    """
    places_by_name: dict[str, list[int]] = {}
    corners: dict[str, list[int]] = {}
    floats = cache(iteration.floats)
    unit = 2**-20 if iteration.scenario.dtype == "float32" else 2**-49

    @cache
    def range_of(each: str, at: int) -> Interval:
        number = floats(each)[at]
        share = 1 if at in places_by_name.get(each, ()) else unit
        low, high = sorted((number * (1 - share), number * (1 + share)))
        return Interval(Fraction(low), Fraction(high))

    cornered = _met_by_corners(iteration.built)
    small = (
        (equation, at)
        for equation in iteration.program.equations
        if math.prod(equation.shape) <= MOST_SHOWN and equation.name in iteration
        for at, value in enumerate(floats(equation.name))
        if 0 < abs(value) < CANCELLED
    )
    least = math.inf  # of the small numbers that are what they are
    for equation, at in small:
        try:
            entry, places = _entries_of(iteration.built, equation).entry(at)
            ranges = {leaf: range_of(*place) for leaf, place in places.items()}
            is_left = interpret(entry, INTERVALS, ranges.get).holds(Fraction(0))
        except (UnknownInteger, Unevaluable, TracerError, ArithmeticError, ValueError):
            is_left = False
        if is_left:
            kept = corners if equation.name in cornered else places_by_name
            kept.setdefault(equation.name, []).append(at)
        elif equation.name not in cornered:
            least = min(least, abs(floats(equation.name)[at]))
    found, at_corners = (
        {name: (floats(name), places) for name, places in each.items()}
        for each in (places_by_name, corners)
    )
    largest = max((abs(all[at]) for all, places in found.values() for at in places), default=0)
    return RoundingLeft(found if largest < least * UNSEEN else {}, at_corners)


def value_node(iteration: Iteration, name: str, digits: int) -> Node:
    """Return the numbers of a quantity; what is given as it was written."""
    return array_node(value_texts(iteration, name, digits), iteration.shape(name))


def written_entry(iteration: Iteration, leaf: Node) -> str | None:
    """Return a given entry as it was written, else None."""
    name, index = place_of(leaf)
    input_value = iteration.given_value(name)
    if input_value is None or input_value.exact is None:
        return None
    return written_text(input_value.exact[ravel(index, input_value.shape)])
