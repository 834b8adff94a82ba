"""Do two sides say the same by what they are worth, for every value that their figures may have?"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import IntEnum
from fractions import Fraction
from typing import Final, Literal, Protocol

from tracer.check.arithmetic.figures import figure, written_like
from tracer.check.compare.bounded_values import (
    LEAST_DIGITS_PUT_IN,
    NO_HABIT,
    ROUNDED_SHARE,
    KnownValue,
    RoundingHabit,
    around,
    column_of,
    column_of_row,
    do_meet,
    entries_of,
    half_place,
    have_one_shape,
    is_about,
    is_one_digit,
    is_telling,
    largest_entry,
    last_place,
    relative_width,
    row_of,
    significant_digits,
    vector_of,
    widen,
    with_entries,
)
from tracer.check.model.written_trees import (
    is_literal,
    names_in,
    numbers_in,
)
from tracer.expression.syntax import Array, Call, Name, Node, Number, walk, with_parts
from tracer.frozen import replace
from tracer.intervals import Interval, Products, Value, value_of, value_or_none
from tracer.intervals.interval import HALF
from tracer.operations import table

Column = Literal["unrounded", "printed", "bounds"]
COLUMNS: Final[tuple[Column, ...]] = ("unrounded", "printed", "bounds")
PINNED_UNITS: Final = 4  # units of a result that rounded figures may leave open
WIDEST_BOTH: Final = Fraction(1, 5)  # of its size, of an expression that may equal another one
IDENTITY_SEEDS: Final = (7, 31)
REFERENCE: Final = Name("#reference")
"""Stands for the value that the run has."""
FLOAT_NOISE: Final = Fraction(1, 2**51)
"""Of a figure: what doubles leave of it where terms cancel, `4.6 - 2.4 - 2.2`."""
MOST_NOISE: Final = Fraction(1, 10**6)  # of sin(1e20) it would hide everything
JUST_BELOW: Final = Fraction(999, 1000)  # of a unit: what is cut off is less than all of it
NO_UNIT: Final = Fraction(1, 10**12)  # stands for the last place of an exact figure
PRODUCTS: Final = ("matmul", "dot")
ANY_PRODUCT: Final = (*PRODUCTS, "multiply")
Layout = Callable[[Value], Value]
READINGS: Final[tuple[tuple[Products, Layout | None], ...]] = (
    ("entries", None),
    ("matrix", None),
    ("matrix", vector_of),
    ("entries", vector_of),
    ("entries", column_of),
    ("matrix", column_of_row),
)
"""How products of arrays are read, and what stands for columns or vectors, the likeliest first.

A vector beside a matrix goes with each row, as in NumPy, or with each column, as one is printed.
What a name has as the row of one sample is a column in a textbook.
"""


class Agreement(IntEnum):
    """How two sides agree, from the best to the worst."""

    HOLDS = 0
    ROUNDING = 1  # off by less than a unit of the last place
    CHANCE = 2  # the sides are worth the same, but a sign is another one beside a 0
    UNKNOWN = 3  # a name has no value, or a side has none
    OPEN = 4  # the rounded figures allow it, and much else
    EARLIER = 5  # it holds with a value that a name had before
    DIFFERS = 6


class World(Protocol):
    """Which values names have."""

    def known_value(self, name: str) -> KnownValue | None:
        """Return the value of a name."""

    def earlier(self, name: str) -> Sequence[KnownValue]:
        """Return other values that the name has had."""


class ValueComparison:
    """What the sides of one chain are worth in one world.

    `ranges` says, by the `id` of a figure's node, what a computed figure may stand for. `unknown`
    are names that were asked for and have no value.
    """

    def __init__(
        self,
        world: World,
        habit: RoundingHabit = NO_HABIT,
        ranges: Mapping[int, Interval] | None = None,
        worked_out: WorkedOut | None = None,
    ) -> None:
        self.world: Final = world
        self.habit: Final = habit
        self.ranges: Final = dict(ranges or {})
        self.unknown: set[str] = set()
        self._reference: KnownValue | None = None  # the run's value of what a side is for
        self.worked_out: Final[WorkedOut] = {} if worked_out is None else worked_out

    def value(
        self,
        node: Node,
        column: Column = "printed",
        *,
        instead: Mapping[str, KnownValue] | None = None,
        products: Products = "entries",
        layout: Layout | None = None,
        ranges: Mapping[int, Interval] | None = None,
    ) -> Value | None:
        """Return what a tree is worth; None where a name has no value or the tree has none.

        `layout` says what stands for its columns or vectors, `ranges` what for its figures; else
        these stand for themselves, among bounds for what the comparison says.
        """
        values: dict[str, Value] = {}
        for name in names_in(node):
            known_value = (instead or {}).get(name) or self.world.known_value(name)
            if name == REFERENCE.id:
                known_value = self._reference
            if known_value is None:
                self.unknown.add(name)
                return None
            value: Value | None = getattr(known_value, column)
            if value is None:
                return None
            values[name] = value
        if ranges is None:
            numbers = map(id, numbers_in(node)) if column == "bounds" else ()
            ranges = {each: self.ranges[each] for each in numbers if each in self.ranges}
        return self._value_with(node, values, ranges, products, layout)

    def _value_with(
        self,
        node: Node,
        values: dict[str, Value],
        ranges: Mapping[int, Interval],
        products: Products,
        layout: Layout | None,
    ) -> Value | None:
        """Return what a tree is worth with these values of its names, worked out once.

        The columns of most values are one and the same.
        """
        parts = (*values.values(), *ranges.values())
        key = (id(node), len(ranges), products, layout, *map(id, parts), *ranges)
        entry = self.worked_out.get(key)
        if entry is None:
            laid_out = {name: layout(value) for name, value in values.items()} if layout else values
            is_written = layout not in (None, column_of_row)  # of a name alone, nobody sees a row
            tree = _laid_out(node, laid_out, ranges, layout) if layout and is_written else node
            if layout and tree is node and all(laid_out[name] is values[name] for name in values):
                value = self._value_with(node, values, ranges, products, None)  # as it stands
            else:
                value = value_or_none(tree, laid_out, ranges, products=products)
            entry = self.worked_out[key] = value, node, parts
        return entry[0]

    def values(self, node: Node, column: Column) -> Iterator[Value]:
        """Yield the value of a tree, with products of arrays entry by entry and as matrices.

        In a product a column may be meant as a vector, or a vector as a column.
        """
        seen: list[Value] = []
        for products, layout in READINGS:
            value = self.value(node, column, products=products, layout=layout)
            if value is not None and value not in seen:
                seen.append(value)
                yield value
            if isinstance(value, Interval):
                return

    def stands_for(self, node: Node, *, is_rounded: bool = False) -> Value:
        """Return what a literal may stand for."""
        return widen(value_of(node), self._half_units(node, is_rounded=is_rounded))

    def _half_units(self, literal: Node, *, is_rounded: bool) -> list[Fraction]:
        """Return how far each figure of a literal may be from what it stands for.

        In `(3.7, 14)` 14 is rounded to as many digits as 3.7.
        """
        numbers = numbers_in(literal)
        digits = {significant_digits(each) for each in numbers if half_place(each) is not None}
        is_alike = [
            {significant_digits(each)} == digits != {1} and half_place(each) is None
            for each in numbers
        ]
        halves = [self.habit.half_unit(each, is_rounded=is_rounded) for each in numbers]
        return [max(half, HALF * alike) for half, alike in zip(halves, is_alike, strict=True)]

    def by_value(self, left: Node, right: Node, *, is_rounded: bool = False) -> Agreement:
        """Compare two trees by what they are worth."""
        if is_literal(right):
            return self._result(left, right, is_rounded=is_rounded)
        agreement = Agreement.UNKNOWN
        for column in COLUMNS:
            self.value(right, column)  # a name without a value is noted, whatever the left is worth
            values = ((a, b) for a in self.values(left, column) for b in self.values(right, column))
            for one, other in values:
                if not have_one_shape(one, other):
                    continue
                if do_meet(one, other):
                    widths = map(relative_width, (one, other) if column == "bounds" else ())
                    is_wide = max(widths, default=0) > WIDEST_BOTH
                    return Agreement.OPEN if is_wide else Agreement.HOLDS
                agreement = Agreement.DIFFERS
        is_cut_off = agreement is Agreement.DIFFERS and self._are_cut_off(left, right)
        return Agreement.ROUNDING if is_cut_off else agreement

    def _are_cut_off(self, left: Node, right: Node) -> bool:
        """Tell whether figures worked out for the right side are cut off where they are rounded."""
        if names_in(left) or names_in(right):
            return False
        numbers = [each for each in numbers_in(right) if id(each) in self.ranges]
        places = [(n, last_place(n)) for n in numbers if significant_digits(n) > 1]
        cut = {id(n): Interval(n.value, n.value + unit * JUST_BELOW) for n, unit in places if unit}
        exact, value = self.value(left), self._value_with(right, {}, cut, "entries", None)
        return bool(cut) and exact is not None and value is not None and do_meet(exact, value)

    def _result(self, working: Node, literal: Node, *, is_rounded: bool) -> Agreement:
        """Compare working with a printed result: unrounded, as printed, within its rounding."""
        printed = self.value(literal)
        if printed is None:
            return Agreement.UNKNOWN
        halves = self._half_units(literal, is_rounded=is_rounded)
        bounds = widen(printed, halves)
        nearby = widen(bounds, [MOST_NOISE] * len(halves))
        units = [2 * half for half in halves]
        agreement = Agreement.UNKNOWN
        is_repeated = is_literal(working) and (  # 6.3 is never 6.4
            [*map(half_place, numbers_in(working))] == [*map(half_place, numbers_in(literal))]
        )
        for column in COLUMNS[:-1] if is_repeated else COLUMNS:
            has_value = False
            for value in self.values(working, column):
                has_value = True
                if not have_one_shape(value, printed):
                    continue
                if do_meet(value, bounds) or (
                    do_meet(value, nearby) and self._is_noise(working, column, bounds)
                ):
                    is_wide = column == "bounds" and not _is_pinned(value, units)
                    is_open = is_wide or self._is_as_before(working, value, printed, literal)
                    return Agreement.OPEN if is_open else Agreement.HOLDS
                if column == "printed" and _is_rounded_to_whole(value, literal):
                    return Agreement.HOLDS
                if self._is_stated_coarsely(working, value, literal):
                    agreement = Agreement.DIFFERS
                elif self._is_last_digit(value, self.value(working) or value, literal, units):
                    agreement = Agreement.ROUNDING
                elif agreement is Agreement.UNKNOWN:
                    agreement = Agreement.DIFFERS
            if agreement is Agreement.DIFFERS and not has_value:
                return Agreement.OPEN  # rounded figures leave open whether a divisor is 0
        return agreement

    def _is_noise(self, working: Node, column: Column, bounds: Value) -> bool:
        """Tell whether a result is what doubles leave of terms that cancel: `0.1 + 0.2 - 0.3`."""
        if column == "bounds":
            return False
        noise = {
            id(each): around(each.value, min(FLOAT_NOISE * each.value, MOST_NOISE))
            for each in numbers_in(working)
        }
        known = {name: self.world.known_value(name) for name in names_in(working)}
        noisy = {name: _with_noise(each) for name, each in known.items() if each is not None}
        value = self.value(working, column, instead=noisy, ranges=noise)
        return (
            value is not None
            and have_one_shape(value, bounds)
            and do_meet(value, bounds)
            # No step of a function lies there, as that of 1[2 = 2]
            and all(entry.high - entry.low < MOST_NOISE for entry in entries_of(value))
        )

    def _is_stated_coarsely(self, working: Node, value: Value, literal: Node) -> bool:
        """Tell whether a value that no figures were put in for is printed with too few digits.

        `w = 0.5 → 0.8 → 1.04 → 1.3` is no rounding of 1.232: the others of the run are finer. What
        is cut off may be a habit.
        """
        return bool(names_in(working)) and any(
            abs(number.value) > abs(entry).high and self.habit.is_coarse(number, ())
            for number, entry in zip(numbers_in(literal), entries_of(value), strict=True)
        )

    def _is_as_before(self, working: Node, value: Value, printed: Value, literal: Node) -> bool:
        """Tell whether a coarse result is what a name in its formula was worth before.

        `w - 0.1 * g = 0.8` rounds 0.78, or nothing was worked out where w is 0.8; and 0.1 for `λ/2`
        is λ, where that is 0.1. From p = 0.8 it follows that `p - 0` is 0.8.
        """
        is_coarse = isinstance(literal, Number) and is_one_digit(literal)
        is_coarse = is_coarse or self._is_too_coarse(value, literal)
        return (
            is_coarse
            and self.value(working) != printed
            and any(
                known is not None and known.printed == printed
                for known in map(self.world.known_value, names_in(working))
            )
        )

    def _is_too_coarse(self, value: Value, literal: Node) -> bool:
        """Tell whether a figure misses a value by more than this writer's finest results would."""
        numbers, finest = numbers_in(literal), self.habit.finest
        if finest is None or not all(self.habit.is_coarse(number, ()) for number in numbers):
            return False
        near = widen(value_of(literal), [finest / 2 for _ in numbers])
        return have_one_shape(value, near) and not do_meet(value, near)

    def _is_last_digit(
        self, value: Value, exact: Value, literal: Node, units: Sequence[Fraction]
    ) -> bool:
        """Tell whether figures are cut off, or off by one in the last digit.

        That is so only where there was something to round: the value of the figures as they are
        printed (`exact`) has more digits. A figure of one digit has no last one to be off by one.
        """
        if not have_one_shape(exact, value):
            return False
        parts = zip(entries_of(value), entries_of(exact), numbers_in(literal), units, strict=True)
        figures = entries_of(value_of(literal))
        for (entry, exactly, number, unit), figure_value in zip(parts, figures, strict=True):
            gap = max(figure_value.low - entry.high, entry.low - figure_value.high)
            if gap <= 0:
                continue
            is_whole = unit and exactly.is_exact and (exactly.low / unit).denominator == 1
            if gap >= (unit or NO_UNIT) or is_whole or is_one_digit(number):
                return False
        return True

    def has_another_shape(self, left: Node, right: Node) -> bool:
        """Tell whether no product of written arrays has the shape of the figures that follow.

        Of arithmetic and of functions entry by entry everybody knows the shape; of nothing else.
        """
        if names_in(left) or names_in(right) or Array not in left.content.kinds:
            return False
        if not all(map(_keeps_shape, (*walk(left), *walk(right)))):
            return False
        values, others = (list(self.values(side, "printed")) for side in (left, right))
        pairs = itertools.product(values, others)
        return bool(values and others) and not any(have_one_shape(*pair) for pair in pairs)

    def is_of_other_order(
        self, formulas: Sequence[Node], figures: Sequence[Node], result: Node
    ) -> bool:
        """Tell whether arrays put in stand in another order than in the formula: `x dᵀ` for `d xᵀ`.

        In the readings of the figures that give the printed result they are no product that the
        formula has in any of its own, and not for being rounded.
        """
        is_product = any(has_call(each, *ANY_PRODUCT) for each in figures)
        is_array = is_literal(result) and isinstance(value_or_none(result), tuple)
        if not is_product or not is_array:
            return False
        printed = self.stands_for(result)
        in_rows = (
            self.value(side, "bounds", products="matrix", layout=row_of) for side in formulas
        )
        formula_values = itertools.chain(
            *(self.values(side, "bounds") for side in formulas), in_rows
        )
        ours = [
            each for each in formula_values if each is not None and have_one_shape(each, printed)
        ]
        if any(is_about(printed, each) for each in ours):
            return False
        values = itertools.chain(*(self.values(side, "bounds") for side in figures))
        theirs = [each for each in values if do_meet(each, printed)]
        pairs = itertools.product(theirs, ours)
        return bool(ours and theirs) and not any(is_about(*pair) for pair in pairs)

    def as_identity(self, *sides: Node) -> Agreement:
        """Compare two sides, whatever the names are worth that have no value.

        Formulas that differ have few points in common: two chosen ones, without a pattern, show it.
        """
        names = dict.fromkeys(name for side in sides for name in names_in(side))
        unknown = [name for name in names if self.world.known_value(name) is None]
        if not unknown:
            return Agreement.UNKNOWN
        for seed in IDENTITY_SEEDS:
            chosen = (Interval(Fraction(seed + 3 * n * n, 10 + n)) for n in itertools.count())
            instead = {
                name: KnownValue(value, value, value, is_given=True, line=0)
                for name, value in zip(unknown, chosen, strict=False)
            }
            one, other = (self.value(each, "bounds", instead=instead) for each in sides)
            if one is None or other is None:
                return Agreement.UNKNOWN
            if not do_meet(one, other):
                return Agreement.DIFFERS
        return Agreement.HOLDS

    def inequality(self, left: Node, right: Node, relation: str) -> Agreement:
        """Compare two sides joined by <, >, ≤ or ≥."""
        one, other = self.value(left, "bounds"), self.value(right, "bounds")
        if not isinstance(one, Interval) or not isinstance(other, Interval):
            return Agreement.UNKNOWN
        if relation in (">", "≥"):
            one, other = other, one
        allows_equal = relation in ("≤", "≥")
        if one.high < other.low or (allows_equal and one.high == other.low):
            return Agreement.HOLDS
        if one.low > other.high or (not allows_equal and one.low == other.high):
            return Agreement.DIFFERS
        return Agreement.OPEN


WorkedOut = dict[tuple[object, ...], tuple[Value | None, Node, Sequence[object]]]
"""What trees are worth, each with itself and what it is made of, so that their ids stay."""


def has_call(node: Node, *operations: str) -> bool:
    """Tell whether a tree has one of some operations."""
    return not node.content.operations.isdisjoint(operations)


def _keeps_shape(node: Node) -> bool:
    """Tell whether a part is a matrix of figures at the most, or an operation entry by entry."""
    if isinstance(node, Array):
        rows = [item.items for item in node.items if isinstance(item, Array)]
        return is_literal(node) and not any(isinstance(each, Array) for row in rows for each in row)
    if not isinstance(node, Call) or node.operation in PRODUCTS:
        return True
    row = table().get(node.operation)
    return row is not None and row.elementwise


def _laid_out(
    node: Node, known: dict[str, Value], ranges: Mapping[int, Interval] | None, layout: Layout
) -> Node:
    """Return a tree with each literal array, or part of one, as a name; its value is laid out."""
    is_array = isinstance(node, Array)
    if not is_array:
        node = with_parts(node, lambda part: _laid_out(part, known, ranges, layout))
    is_part = isinstance(node, Call) and node.operation == "index"
    value = value_or_none(node, known, ranges) if is_array or is_part else None
    laid_out = value if value is None else layout(value)
    if laid_out is None or laid_out is value:
        return node
    name = f"#{len(known)}"
    known[name] = laid_out
    return Name(name, node.start, node.end)


def _is_pinned(value: Value, units: Sequence[Fraction]) -> bool:
    """Tell whether rounded figures fix a result: to a few units, or a small part of its size."""
    allowed = ROUNDED_SHARE * largest_entry(value)
    return all(
        entry.high - entry.low <= max(PINNED_UNITS * unit, allowed)
        for entry, unit in zip(entries_of(value), units, strict=True)
    )


def _with_noise(known: KnownValue) -> KnownValue:
    """Return a value as far off as doubles may have it."""

    def moved(entry: Interval) -> Interval:
        noise = min(FLOAT_NOISE * max(abs(entry.low), abs(entry.high)), MOST_NOISE)
        return Interval(entry.low - noise, entry.high + noise)

    exact = known.unrounded
    return replace(
        known,
        printed=with_entries(known.printed, moved),
        unrounded=None if exact is None else with_entries(exact, moved),
    )


def _is_rounded_to_whole(value: Value, literal: Node) -> bool:
    """Tell whether a whole number is rounded from the value of a function, which is no fraction.

    One of three digits and more may be rounded from any, `1000/7 = 143`, `1234 * 0.8 = 987`.
    """
    if not isinstance(value, Interval) or not isinstance(literal, Number):
        return False
    like, digits = figure(literal), significant_digits(literal)
    return (
        like is not None
        and is_telling(literal)
        and last_place(literal) is None
        and (digits >= LEAST_DIGITS_PUT_IN or not value.is_exact)
        and written_like(value, like) == like.text
    )
