"""Do two sides of a relation say the same? Trees are set side by side first, then values.

A pair holds if either way shows it. It differs only where no admissible value of any of its
figures and names makes it hold: then the difference is proved.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import IntEnum
from fractions import Fraction
from functools import reduce
from typing import Final, Literal, Protocol

from tracer.check.arithmetic.figures import figure, written_like
from tracer.check.compare.bounded_values import (
    LEAST_DIGITS_PUT_IN,
    NO_HABIT,
    ROUNDED_SHARE,
    KnownValue,
    RoundingHabit,
    are_within_units,
    around,
    column_of,
    column_of_row,
    common_part,
    do_meet,
    entries_of,
    half_place,
    have_one_shape,
    is_about,
    is_one_digit,
    is_result,
    is_telling,
    largest_entry,
    last_place,
    relative_width,
    row_of,
    significant_digits,
    vector_of,
    widen,
    zeros_at_end,
)
from tracer.check.compare.canonical_trees import NOUGHT, ONE, written_out
from tracer.check.model.statements import DOTS
from tracer.check.model.written_trees import (
    CONSTANTS,
    is_literal,
    names_in,
    negate,
    numbers_in,
    rewrite_calls,
    signed_factors,
    signed_terms,
)
from tracer.expression.syntax import Array, Call, Name, Node, Number, walk, with_parts
from tracer.intervals import Interval, Products, Value, value_of, value_or_none
from tracer.operations import table
from tracer.program.program import substitute
from tracer.run.interpret import shape_of

Column = Literal["unrounded", "printed", "bounds"]
COLUMNS: Final[tuple[Column, ...]] = ("unrounded", "printed", "bounds")

MOST_SHUFFLED: Final = 4  # terms or factors that are tried in any order; 5 have 120 orders
DEEPEST_SHUFFLE: Final = 3
DEEPEST: Final = 40
PINNED_UNITS: Final = 4  # units of a result that rounded figures may leave open
WIDEST_BOTH: Final = Fraction(1, 5)  # of its size, of an expression that may equal another one
NEGLIGIBLE: Final = Fraction(1, 20_000)  # of a sum: no figure of four digits shows it
IDENTITY_SEEDS: Final = (7, 31)
REFERENCE: Final = Name("#reference")
"""Stands for the value that the run has."""
CUSTOMARY: Final[Mapping[str, Node]] = {"e": Call("exp", (ONE,)), "epsilon": NOUGHT}
"""What a name is where nobody states it: ε shows in no digit. It may be another, so it refutes
nothing."""
FLOAT_NOISE: Final = Fraction(1, 2**51)
"""Of the largest figure: what doubles leave of it where terms cancel, `4.6 - 2.4 - 2.2`."""
MOST_NOISE: Final = Fraction(1, 10**6)  # of sin(1e20) it would hide everything
DECIMALS: Final = 10**40  # what divides it are the denominators of all figures that are read
JUST_BELOW: Final = Fraction(999, 1000)  # of a unit: what is cut off is less than all of it
NO_UNIT: Final = Fraction(1, 10**12)  # stands for the last place of an exact figure
ARITHMETIC: Final = frozenset(("add", "subtract", "multiply", "divide", "negative", "matmul"))
HIDING: Final = frozenset(("max", "maximum", "min", "minimum", "relu"))
"""Functions whose value does not show all of their operands."""
PRODUCTS: Final = ("matmul", "dot")
ANY_PRODUCT: Final = (*PRODUCTS, "multiply")
FACTORS: Final = frozenset(("multiply", "divide", "power", "negative"))  # none cancels another


_Part = tuple[int, Node]
_Parts = Sequence[_Part]
FORMS_OF_FACTORS: Final[Sequence[Mapping[str, bool]]] = (
    {"has_signs": True, "has_fractions": True},
    {"has_signs": True},
    {},
)
"""How a product may be taken apart, where a minus or a line of fraction stands in it."""


PRODUCT_KINDS: Final[tuple[Products, ...]] = ("matrix", "entries")
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


class SideComparison:
    """The sides of one chain in one world.

    `ranges` says, by the `id` of a figure's node, what a computed figure may stand for. After
    `compare`, `confirmed` and `contradicted` are the names whose figures fit
    what is known of them or do not, `unknown` those without a value, and `error_line` is the line
    of a slip whose result was used.
    """

    def __init__(
        self,
        world: World,
        habit: RoundingHabit,
        ranges: Mapping[int, Interval],
        worked_out: WorkedOut | None = None,
    ) -> None:
        self.world: Final = world
        self.habit: Final = habit
        self.ranges: Final = dict(ranges)
        self.standing_for: dict[str, Value] = {}
        self.placements: dict[int, tuple[Node, Node]] = {}  # figures put in, and for what
        self.confirmed: set[str] = set()
        self.contradicted: set[str] = set()
        self.unknown: set[str] = set()
        self.error_line = 0
        self._agreed: list[tuple[Node, Node]] = []  # figures, each with what stands before them
        self.equated: tuple[str, ...] = ()  # two names, one without a value, for one thing
        self.composed: dict[str, str] = {}  # powers and functions with a figure, each with its name
        self.is_approximate = False  # whether the sides that are compared are joined by `≈`
        self._reference: KnownValue | None = None  # the run's value of what a side is for
        self.worked_out: Final[WorkedOut] = {} if worked_out is None else worked_out

    def afresh(self) -> SideComparison:
        """Return a comparison in the same world of which nothing is known yet."""
        return SideComparison(self.world, self.habit, self.ranges, self.worked_out)

    # Values -----------------------------------------------------------------------------------

    def value(
        self,
        node: Node,
        column: Column = "printed",
        *,
        instead: Mapping[str, KnownValue] | None = None,
        products: Products = "entries",
        layout: Layout | None = None,
    ) -> Value | None:
        """Return what a tree is worth; None where a name has no value or the tree has none.

        `layout` says what stands for its columns or vectors.
        """
        known: dict[str, Value] = {}
        for name in names_in(node):
            found = (instead or {}).get(name) or self.world.known_value(name)
            if name == REFERENCE.id:
                found = self._reference
            if found is None:
                self.unknown.add(name)
                return None
            value: Value | None = getattr(found, column)
            if value is None:
                return None
            known[name] = value
        numbers = map(id, numbers_in(node)) if column == "bounds" else ()
        ranges = {each: self.ranges[each] for each in numbers if each in self.ranges}
        return self._value_with(node, known, ranges, products, layout)

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
        found = self.worked_out.get(key)
        if found is None:
            known = {name: layout(value) for name, value in values.items()} if layout else values
            is_written = layout not in (None, column_of_row)  # of a name alone, nobody sees a row
            tree = _laid_out(node, known, ranges, layout) if layout and is_written else node
            if layout and tree is node and all(known[name] is values[name] for name in values):
                value = self._value_with(node, values, ranges, products, None)  # as it stands
            else:
                value = value_or_none(tree, known, ranges, products=products)
            found = self.worked_out[key] = value, node, parts
        return found[0]

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
        """Return how far each figure of a literal may be from what it stands for."""
        numbers = numbers_in(literal)
        return [self.habit.half_unit(number, is_rounded=is_rounded) for number in numbers]

    # By value ---------------------------------------------------------------------------------

    def by_value(self, left: Node, right: Node, *, is_rounded: bool = False) -> Agreement:
        """Compare two trees by what they are worth."""
        if is_literal(right):
            return self._result(left, right, is_rounded=is_rounded)
        found = Agreement.UNKNOWN
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
                found = Agreement.DIFFERS
        is_cut_off = found is Agreement.DIFFERS and self._are_cut_off(left, right)
        return Agreement.ROUNDING if is_cut_off else found

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
        figures = numbers_in(literal if working.content.operations <= FACTORS else working)
        noise = min(FLOAT_NOISE * max((each.value for each in figures), default=0), MOST_NOISE)
        bounds = widen(printed, [half + noise for half in halves])
        units = [2 * half for half in halves]
        found = Agreement.UNKNOWN
        is_repeated = is_literal(working) and (  # 6.3 is never 6.4
            [*map(half_place, numbers_in(working))] == [*map(half_place, numbers_in(literal))]
        )
        for column in COLUMNS[:-1] if is_repeated else COLUMNS:
            for value in self.values(working, column):
                if not have_one_shape(value, printed):
                    continue
                if do_meet(value, bounds):
                    is_wide = column == "bounds" and not _is_pinned(value, units)
                    is_open = is_wide or self._is_as_before(working, value, printed, literal)
                    return Agreement.OPEN if is_open else Agreement.HOLDS
                if column == "printed" and _is_rounded_to_whole(value, literal):
                    return Agreement.HOLDS
                if self._is_stated_coarsely(working, value, literal):
                    found = Agreement.DIFFERS
                elif self._is_last_digit(value, self.value(working) or value, literal, units):
                    found = Agreement.ROUNDING
                elif found is Agreement.UNKNOWN:
                    found = Agreement.DIFFERS
        return found

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

        `w - 0.1 * g = 0.8` rounds 0.78, or nothing was worked out where w is 0.8.
        """
        return self._is_too_coarse(value, literal) and any(
            known is not None and known.printed == printed
            for known in map(self.world.known_value, names_in(working))
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
        for (entry, exactly, number, unit), written in zip(parts, figures, strict=True):
            gap = max(written.low - entry.high, entry.low - written.high)
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
        is_product = any(_has_call(each, *ANY_PRODUCT) for each in figures)
        is_array = is_literal(result) and isinstance(value_or_none(result), tuple)
        if not is_product or not is_array:
            return False
        printed = self.stands_for(result)
        in_rows = (
            self.value(side, "bounds", products="matrix", layout=row_of) for side in formulas
        )
        found = itertools.chain(*(self.values(side, "bounds") for side in formulas), in_rows)
        ours = [each for each in found if each is not None and have_one_shape(each, printed)]
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

    def with_reference(self, node: Node, reference: KnownValue, *, is_rounded: bool) -> Agreement:
        """Compare a side with the value that its name has in the run."""
        self._reference = reference
        found = self.by_value(REFERENCE, node, is_rounded=is_rounded)
        placed = self._values_put_in(node)
        if found is not Agreement.UNKNOWN or not placed:
            return found
        value = self.value(node, "bounds", instead=placed)
        if value is None or relative_width(value) > WIDEST_BOTH:
            return found
        return Agreement.HOLDS if do_meet(value, reference.printed) else found

    # By tree ----------------------------------------------------------------------------------

    def align(self, left: Node, right: Node, depth: int = 0) -> Agreement:
        """Compare a formula with what was put in for it, where their trees differ."""
        if depth > DEEPEST:
            return Agreement.UNKNOWN
        left = left if depth else self._of_numbers(left, right)
        if isinstance(left, Name) and (left.id not in CONSTANTS or not names_in(right)):
            if isinstance(right, Name) and left.id == right.id:
                return Agreement.HOLDS
            if isinstance(right, Name) or names_in(right):
                return self._equated(left, right)
            return self._put_in(left, right)
        if is_literal(right):
            self.placements[id(right)] = left, right
        if not names_in(left) and left == right:
            return Agreement.HOLDS
        if is_literal(left) and is_literal(right):
            return self.by_value(left, right)
        ours = signed_terms(left)
        if not is_literal(right) or _are_alike(left, right):  # a result has no parts
            by_parts = self._by_parts(left, ours, right, depth)
            if by_parts is not None:
                return by_parts
        found = self.by_value(left, right)
        if found is Agreement.HOLDS and is_literal(right):
            self._note_exact(left, right)
        if found is Agreement.DIFFERS and len(ours) > 1:
            shown = self._without_negligible(left, ours)
            if len(shown) < len(ours):
                signed = (term if sign > 0 else negate(term) for sign, term in shown)
                total = reduce(lambda one, other: Call("add", (one, other)), signed)
                return self.align(total, right, depth + 1)
        return self._as_one_figure(left, right) if found is Agreement.UNKNOWN else found

    def _by_parts(self, left: Node, ours: _Parts, right: Node, depth: int) -> Agreement | None:
        """Compare sums, products, squares or one operation part by part; None of anything else."""
        sums = [signed_terms(right, as_written=True), signed_terms(right)]
        fitting = [theirs for theirs in sums if len(theirs) == len(ours)]
        if len(ours) > 1:
            return self._matched(ours, fitting, depth, is_sum=True) if fitting else None
        if len(sums[0]) > 1:
            return None
        found = self._factors(left, right, depth)
        if found is not None:
            return found
        ours_squared, theirs_squared = _base_of_square(left), _base_of_square(right)
        if ours_squared is not None and theirs_squared is not None:
            forms = [[(1, theirs_squared)], [(1, negate(theirs_squared))]]
            return self._matched([(1, ours_squared)], forms, depth, is_sum=False)
        if not _are_alike(left, right):
            definition = written_out(left)
            return None if definition is None else self.align(definition, right, depth + 1)
        pairs = zip(left.children(), right.children(), strict=True)
        return max((self.align(a, b, depth + 1) for a, b in pairs), default=Agreement.HOLDS)

    def _without_negligible(self, whole: Node, terms: _Parts) -> _Parts:
        """Return the terms of a sum that show in its digits: the ε of `√v + ε` may be left out."""
        total, *values = (self.value(each) for each in (whole, *(term for _, term in terms)))
        least = NEGLIGIBLE * largest_entry(total) if total is not None else 0
        sizes = [Fraction(0) if value is None else largest_entry(value) for value in values]
        return [term for term, size in zip(terms, sizes, strict=True) if not 0 < size <= least]

    def _note_exact(self, left: Node, right: Node) -> None:
        """Let figures be exact that give just what stands before them: nothing was rounded.

        What `≈` leads to is never taken for exact.
        """
        if self.is_approximate or names_in(right):
            return
        numbers = [*map(id, numbers_in(right))]
        self._agreed.append((left, right))  # few ask whether a figure is: it is seen then
        if not self.ranges.keys().isdisjoint(numbers) and self.gives_exactly(
            left, self.value(right)
        ):
            for number in numbers:
                self.ranges.pop(number, None)

    def gives_exactly(self, node: Node, printed: Value | None) -> bool:
        """Tell whether a tree gives just what is printed: nothing in it was rounded."""
        known = [each.bounds for each in map(self.world.known_value, names_in(node)) if each]
        return (
            printed is not None
            and all(each.is_exact for value in (*known, printed) for each in entries_of(value))
            and self.value(node, "bounds") == printed
        )

    def is_exact(self, number: Number) -> bool:
        """Tell whether a figure was found to be exactly what it stands for."""
        return any(
            each is number and self.gives_exactly(left, self.value(right))
            for left, right in self._agreed
            for each in numbers_in(right)
        )

    def _of_numbers(self, left: Node, right: Node, count: int | None = None) -> Node:
        """Return a formula with products of numbers for matrix products, where no array is put in.

        That of two vectors is the sum of the products of their entries; of two without a value
        there are as many as terms are put in (`count`) for the whole formula.
        """
        are_numbers = not (names_in(right) or Array in right.content.kinds)
        known = map(self.world.known_value, names_in(left))
        is_of_numbers = all(each and isinstance(each.printed, Interval) for each in known)
        changing = PRODUCTS if is_of_numbers else ANY_PRODUCT
        if not isinstance(left, Call) or not (are_numbers and _has_call(left, *changing)):
            return left
        if left.operation in ANY_PRODUCT and left.sign != "⊙":
            terms = len(signed_terms(right)) if count is None else count
            entries = self._entries_of_vectors(left, terms)
            if entries:
                products = [Call("multiply", pair) for pair in entries]
                return reduce(lambda one, other: Call("add", (one, other)), products)
        node = with_parts(left, lambda part: self._of_numbers(part, right, 0))
        if not isinstance(node, Call) or node.operation != "matmul":
            return node
        return Call("multiply", node.arguments, node.keywords, node.start, node.end)

    def _entries_of_vectors(self, product: Call, count: int) -> list[tuple[Name, Name]]:
        """Return the names of the entries of two vectors, pair by pair; none of anything else."""
        names = [
            part.children()[0]  # each way round it is one vector
            if isinstance(part, Call) and part.operation == "transpose_last"
            else part
            for part in product.arguments
        ]
        known = [
            self.world.known_value(each.id) if isinstance(each, Name) else None for each in names
        ]
        values = [None if value is None else vector_of(value.printed) for value in known]
        vectors = [value for value in values if value is not None]
        if any(len(shape_of(value)) != 1 for value in vectors):
            return []
        lengths = {shape_of(value)[0] for value in vectors} or {count}
        if lengths == {1} or (product.operation == "multiply" and None in values):
            return []
        entries: list[list[Name]] = []
        for name, whole, value in zip(names, known, values, strict=True):
            index = ", 0" if whole is not None and whole.printed != value else ""
            if not isinstance(name, Name) or len(lengths) > 1:
                return []
            entries.append([Name(f"{name.id}[{at}{index}]") for at in range(*lengths)])
            if whole is not None and any(self.world.known_value(e.id) is None for e in entries[-1]):
                return []
        return list(zip(*entries, strict=True))

    def _equated(self, left: Name, right: Node) -> Agreement:
        """Compare a name with another: one that is not known has the other's value throughout.

        Two of one family, as `z_1` and `z_2`, are two quantities.
        """
        found = self.by_value(left, right)
        if found is not Agreement.UNKNOWN or not isinstance(right, Name):
            return found
        names = left.id, right.id
        families = {"".join(itertools.filterfalse(str.isdecimal, name)) for name in names}
        is_one = self.equated in ((), names) and len(families) > 1
        if not is_one or all(self.world.known_value(name) is not None for name in names):
            return found
        self.equated = names
        return Agreement.HOLDS

    def _as_one_figure(self, left: Node, right: Node) -> Agreement:
        """Compare what has no value with a figure put in for it.

        Where its names stand for figures it has their value; the power of a name that stands for
        none, or a function of it, is one quantity itself.
        """
        value = None if names_in(right) or not is_result(right) else self.value(right)
        if value is None:
            return Agreement.UNKNOWN
        bounds = self.stands_for(right) if is_literal(right) else value
        left = rewrite_calls(
            left, lambda call: Name(str(call)) if str(call) in self.composed else call
        )
        unknown = {name for name in names_in(left) if self.world.known_value(name) is None}
        if unknown <= self.standing_for.keys():
            ours = self.value(left, "bounds", instead=self._values_put_in(left))
            agrees = ours is not None and do_meet(ours, bounds)
            return Agreement.HOLDS if agrees else Agreement.UNKNOWN
        is_entry = isinstance(left, Call) and left.operation == "index"  # `E[X]` is one quantity
        is_whole = len(unknown) <= 1 or is_entry
        if not is_whole or Array in left.content.kinds or _has_call(left, *ARITHMETIC):
            return Agreement.UNKNOWN
        key = str(left)
        self.composed[key] = unknown.pop()
        before = self.standing_for.setdefault(key, bounds)
        return Agreement.HOLDS if do_meet(before, bounds) else Agreement.UNKNOWN

    def _values_put_in(self, node: Node) -> dict[str, KnownValue]:
        """Return the figures put in for those names of a tree that have no value."""
        return {
            name: KnownValue(value, value, None, is_given=False, line=0)
            for name in names_in(node)
            if (value := self.standing_for.get(name)) and self.world.known_value(name) is None
        }

    def _put_in(self, name: Name, figures: Node) -> Agreement:
        """Compare a name with what was put in for it: it stands for one thing throughout."""
        value = self.value(figures, "bounds")
        if value is None:
            return Agreement.UNKNOWN
        if is_literal(figures) and any(map(half_place, numbers_in(figures))):
            value = self.stands_for(figures)
        before = self.standing_for.get(name.id)
        self.placements[id(figures)] = name, figures
        if before is not None and not do_meet(before, value):
            return Agreement.DIFFERS
        known = self.world.known_value(name.id)
        if known is None:
            self.unknown.add(name.id)
            if not is_result(figures):
                return Agreement.UNKNOWN  # it stands for one figure, and nobody knows which
            self.standing_for[name.id] = value
            return Agreement.HOLDS
        printed, earlier = self.value(figures), self.world.earlier(name.id)
        # Where a rate was given as 0.1 and is 0.05 now, 0.1 is no rounding.
        is_former = printed in [each.printed for each in earlier if each.is_given]
        is_former &= printed != known.printed
        if known.fits(value) and not (is_former and known.is_given):
            self.standing_for[name.id] = value
            is_coarse = is_literal(figures) and self._is_too_coarse(known.printed, figures)
            if is_coarse or is_former:
                return Agreement.OPEN  # it may be another value, or a wrong one
            self.confirmed.add(name.id)
            self.error_line = known.error_line or self.error_line
            self._sharpen(known, figures)
            return Agreement.HOLDS
        if not is_former and is_literal(figures) and self._is_off_by_rounding(known, figures):
            self.standing_for[name.id] = value
            return Agreement.ROUNDING
        self.standing_for[name.id] = printed or value
        if any(other.fits(value) for other in earlier):
            self.confirmed.add(name.id)
            return Agreement.EARLIER
        self.contradicted.add(name.id)
        return Agreement.DIFFERS

    def names_put_in(self) -> list[tuple[str, Node]]:
        """Return the names for which figures were put in, with these."""
        placements = self.placements.values()
        return [(placed.id, node) for placed, node in placements if isinstance(placed, Name)]

    def value_of_placed(self, placed: Node) -> KnownValue | None:
        """Return the value of what a figure was put in for: a name, or a calculation."""
        if isinstance(placed, Name):
            return self.world.known_value(placed.id)
        value, bounds = self.value(placed), self.value(placed, "bounds")
        if value is None:
            return None
        return KnownValue(value, bounds or value, None, is_given=False, line=0)

    def _sharpen(self, known: KnownValue, figures: Node) -> None:
        """Let the figures put in for a name be as exact as the name is known to be.

        Those of fewer digits than a given value are rounded.
        """
        if known.unrounded is None or not is_literal(figures):
            return
        ends = ((abs(each.low), abs(each.high)) for each in entries_of(known.unrounded))
        for number, (one, other) in zip(numbers_in(figures), ends, strict=False):
            near = around(number.value, max(abs(one - number.value), abs(other - number.value)))
            here = self.ranges.get(id(number), Interval(number.value))
            # Another result with the same figure says nothing of what this one was rounded from.
            is_rounded = abs(one - number.value) <= (half_place(number) or 0)
            is_of_another = is_rounded and not here.is_exact and not here.low <= one <= here.high
            if known.is_given or is_of_another:
                here = near
            self.ranges[id(number)] = common_part(here, near)
            if self.ranges[id(number)].is_exact:
                del self.ranges[id(number)]

    def _is_off_by_rounding(self, known: KnownValue, figures: Node) -> bool:
        """Tell whether figures are less than a unit from the value that they stand for."""
        units = [last_place(number) for number in numbers_in(figures)]
        printed = self.value(figures)
        if printed is None or not have_one_shape(printed, known.printed):
            return False
        places = [unit for unit in units if unit and any(map(is_telling, numbers_in(figures)))]
        return len(places) == len(units) and any(
            value is not None and are_within_units(value, printed, places)
            for value in (known.unrounded, known.bounds)
        )

    def _factors(self, left: Node, right: Node, depth: int) -> Agreement | None:
        """Compare two products, factor by factor; None where they are none, or of other sizes."""
        our_sign, ours = signed_factors(left)
        if len(ours) < 2:
            return None
        forms = FORMS_OF_FACTORS[: None if _has_call(right, "negative", "divide") else 1]
        written = [signed_factors(right, **form) for form in forms]
        levels = _fraction_levels(ours)
        products = [each for each in written if _fraction_levels(each[1]) == levels]
        if not products:  # a half of it is as good as it by 2
            ours, written = _without_ones(ours), [(sign, _without_ones(f)) for sign, f in written]
            products = [
                each for each in written if _fraction_levels(each[1]) == _fraction_levels(ours)
            ]
        if len(ours) < 2 or not products:
            return None
        # What stands above the line comes first: `1/n · A` then has the order of `B/2`.
        ours = _above_first(ours)
        products = [(sign, _above_first(factors)) for sign, factors in products]
        theirs = products[-1][1]
        has_nought = any(_is_nought(each) for _, each in theirs)
        fitting = [factors for sign, factors in products if sign == our_sign]
        if fitting and not has_nought:
            return self._matched(ours, fitting, depth, is_sum=False)
        # The sign may stand in one of the figures, of a name that is known to be negative.
        turned = [
            [*theirs[:place], (level, negate(factor)), *theirs[place + 1 :]]
            for place, (level, factor) in enumerate(theirs)
        ]
        if has_nought:  # it has no sign
            all_forms = [*(factors for _, factors in products), *turned]
            return self._matched(ours, all_forms, depth, is_sum=False)
        before = dict(self.standing_for)
        found = self._matched(ours, turned, depth, is_sum=False)
        if found is Agreement.HOLDS and self._has_unknown(left):
            return Agreement.UNKNOWN
        if found < Agreement.UNKNOWN:
            return found
        self.standing_for = before
        return self.by_value(left, right)

    def _has_unknown(self, node: Node) -> bool:
        return any(self.world.known_value(name) is None for name in names_in(node))

    def _part(self, ours: _Part, theirs: _Part, depth: int, *, is_sum: bool) -> Agreement:
        """Compare two terms or factors; the sign of a term may have moved into it."""
        if ours[0] == theirs[0]:
            return self.align(ours[1], theirs[1], depth + 1)
        if not is_sum:
            return Agreement.DIFFERS
        is_figure = is_literal(theirs[1]) and not isinstance(ours[1], Name)  # it can be blamed
        turned = (negate(ours[1]), theirs[1]) if is_figure else (ours[1], negate(theirs[1]))
        before = dict(self.standing_for), dict(self.placements)
        found = self.align(*turned, depth + 1)
        if found is Agreement.DIFFERS and names_in(ours[1]):  # the sign may be wrong, and no figure
            after = self.standing_for, self.placements
            self.standing_for, self.placements = before
            if self.align(ours[1], theirs[1], depth + 1) is not Agreement.HOLDS:
                self.standing_for, self.placements = after
        is_left_out = isinstance(ours[1], Name) and ours[1].id.startswith(DOTS)  # of either sign
        if found is Agreement.HOLDS and self._has_unknown(ours[1]) and not is_left_out:
            return Agreement.UNKNOWN  # nobody knows that the name has the sign that moved into it
        if found is Agreement.HOLDS and _is_nought(theirs[1]):
            return Agreement.CHANCE  # a 0 has no sign that could have moved into it
        return found

    def _matched(
        self, ours: _Parts, forms: Sequence[_Parts], depth: int, *, is_sum: bool
    ) -> Agreement:
        """Compare parts with each form of others, in any order, and keep the best of all."""
        before, placed = dict(self.standing_for), dict(self.placements)
        best: tuple[Agreement, int] | None = None  # how many parts differ says which order is meant
        kept, kept_placed = before, placed
        for is_shuffled, order in _orders_of_parts(forms, depth):
            self.standing_for, self.placements = dict(before), dict(placed)
            found, differing = Agreement.HOLDS, 0
            for our, their in zip(ours, order, strict=True):
                agreement = self._part(our, their, depth, is_sum=is_sum)
                if agreement is Agreement.UNKNOWN and is_shuffled and not self._has_unknown(our[1]):
                    agreement = Agreement.DIFFERS  # a number in the place of an array, and no name
                found = max(found, agreement)
                differing += agreement >= Agreement.EARLIER
                if is_shuffled and best is not None and (found, differing) >= best:
                    break  # in order every part is looked at: those that fit confirm the example
            is_open = is_shuffled and found is Agreement.HOLDS
            if is_open and any(self._has_unknown(our) for _, our in ours):
                found = Agreement.UNKNOWN  # nobody knows which figure stands for which name
            if best is None or (found, differing) < best:
                best, kept, kept_placed = (found, differing), self.standing_for, self.placements
            if best[0] is Agreement.HOLDS:
                break
        self.standing_for, self.placements = kept, kept_placed
        return Agreement.HOLDS if best is None else best[0]

    # Both -------------------------------------------------------------------------------------

    def compare(self, left: Node, right: Node, *, is_rounded: bool = False) -> Agreement:
        """Compare one side with the next."""
        before = dict(self.standing_for)
        self.is_approximate = is_rounded
        self.unknown, self.confirmed, self.contradicted = set(), set(), set()
        self.equated, self.composed = (), {}
        by_tree = self.align(left, right)
        if by_tree is Agreement.UNKNOWN or self.composed:
            by_tree = self.align(left, right)  # by now more names stand for figures
        if by_tree <= Agreement.ROUNDING:
            self._note_exact(left, right)
            return by_tree
        unknown = set(self.unknown)
        self.standing_for = before
        by_value = self.by_value(left, right, is_rounded=is_rounded)
        if by_value <= Agreement.ROUNDING:
            formula = self._of_numbers(left, right)
            is_misfit = by_tree is Agreement.DIFFERS and (
                self.has_one_misfit(formula) or self._has_other_part(left, right)
            )
            if is_misfit or by_tree is Agreement.CHANCE:
                return by_tree  # the values are equal by chance
            self._note_exact(left, right)
            return by_value
        if by_tree is Agreement.EARLIER:
            return by_tree
        if Agreement.UNKNOWN in (by_tree, by_value):
            self.unknown |= unknown
            return self._with_customary_values(left, right, is_rounded=is_rounded)
        return Agreement.OPEN if Agreement.OPEN in (by_tree, by_value) else Agreement.DIFFERS

    def _with_customary_values(self, left: Node, right: Node, *, is_rounded: bool) -> Agreement:
        """Compare two sides, one of which has no value, with what its names are by custom."""
        if not self.unknown or not self.unknown <= CUSTOMARY.keys():
            return Agreement.UNKNOWN
        one, other = (substitute(side, CUSTOMARY) for side in (left, right))
        if self.by_value(one, other, is_rounded=is_rounded) is not Agreement.HOLDS:
            return Agreement.UNKNOWN
        self.unknown = set()
        return Agreement.HOLDS

    def _has_other_part(self, left: Node, right: Node) -> bool:
        """Tell whether figures have a part worth something else that does not show in the value.

        What a bend cuts off, `max(0, 1 - 1.2)` and `max(0, -0.5)`, nobody writes otherwise, nor
        what stands beside a factor 0.
        """
        parts = left.children()
        is_hidden = isinstance(left, Call) and (
            left.operation in HIDING
            or (left.operation == "multiply" and any(map(_is_nought, parts)))
        )
        return (
            not names_in(left)
            and is_hidden
            and _are_alike(left, right)
            and not any(
                all(
                    self.by_value(*pair) is not Agreement.DIFFERS
                    for pair in zip(parts, theirs, strict=True)
                )
                for theirs in itertools.permutations(right.children())
            )
        )

    def has_one_misfit(self, formula: Node) -> bool:
        """Tell whether of the figures put in for a whole formula one alone is not what it is for.

        Figures that stand in another order are not those of several names.
        """
        placed = [*self.placements.values()]
        misfits = {
            str(part): part
            for part, node in placed
            for known in [self.value_of_placed(part)]
            if not (known and is_literal(node) and known.fits(self.stands_for(node)))
            or self._is_too_coarse(known.printed, node)
        }
        names = {name for part, _ in placed for name in names_in(part)}
        is_leaf = all(isinstance(part, (Name, Number)) for part in misfits.values())
        return len(misfits) == 1 and is_leaf and names >= set(names_in(formula)) > set()

    def factors_left_out(self, formula: Node, figures: Node) -> list[tuple[int, Node]]:
        """Return the factors without any of which a formula is what figures are.

        With each stands 1, or -1 for a divisor. One name at least has its value among the figures,
        and no figure stands for a factor that nobody knows: it may be that one times the other.
        """
        found: list[tuple[int, Node]] = []
        sign, factors = signed_factors(formula, has_fractions=True)
        _, theirs = signed_factors(figures, has_signs=True)
        is_nought = self.value(figures) == Interval(Fraction(0))
        open_factors = {id(factor) for _, factor in factors if self.value(factor) is None}
        for level, factor in () if is_nought or len(theirs) >= len(factors) else factors:
            value, rest = self.value(factor), self.afresh()
            if value is not None and value != Interval(Fraction(1)):
                shorter = _product_of(sign, [each for each in factors if each[1] is not factor])
                is_rest = rest.compare(shorter, figures) is Agreement.HOLDS
                placed = {id(each) for each, _ in rest.placements.values()}
                is_rest = is_rest and open_factors.isdisjoint(placed)
                is_of_numbers = isinstance(value, Interval) and not rest.unknown
                if is_rest and (rest.confirmed or is_of_numbers):
                    found.append((level, factor))
        return found

    def is_name(self, node: Node) -> bool:
        """Tell whether a side only names the value: a name, an entry or a function, not known."""
        is_one = isinstance(node, (Name, Call)) and not _has_call(node, *ARITHMETIC, "power")
        return is_one and self._has_unknown(node)


WorkedOut = dict[tuple[object, ...], tuple[Value | None, Node, Sequence[object]]]
"""What trees are worth, each with itself and what it is made of, so that their ids stay."""


def figures_put_in(trees: Sequence[Node | None], world: World) -> Iterator[tuple[str, Node]]:
    """Yield the names of formulas, each with the figures that the next side puts in for it."""
    for left, right in itertools.pairwise(trees):
        if left is not None and right is not None and names_in(left) and not names_in(right):
            comparison = SideComparison(world, NO_HABIT, {})
            comparison.align(left, right)
            yield from comparison.names_put_in()


def _orders_of_parts(forms: Sequence[_Parts], depth: int) -> Iterator[tuple[bool, _Parts]]:
    """Yield each form of some parts as it is written, then in any other order where they are few.

    With each stands whether it is in another order.
    """
    for at, form in enumerate(forms):
        if at and form == forms[0]:
            continue
        shuffled = len(form) <= MOST_SHUFFLED and depth <= DEEPEST_SHUFFLE
        orders = itertools.permutations(form) if shuffled else (form,)
        yield from ((number > 0, order) for number, order in enumerate(orders))


def _is_nought(node: Node) -> bool:
    return isinstance(node, Number) and not node.value


def _has_call(node: Node, *operations: str) -> bool:
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


def _fraction_levels(factors: Sequence[_Part]) -> list[int]:
    """Return how many factors stand above and below the line of a fraction."""
    return sorted(level for level, _ in factors)


def _above_first(factors: Sequence[_Part]) -> list[_Part]:
    """Return factors with those above the line of fraction first, else in their order."""
    return sorted(factors, key=lambda part: -part[0])


def _without_ones(factors: Sequence[_Part]) -> list[_Part]:
    """Return factors without the 1 that stands above a line, as in ½."""
    return [part for part in factors if part[0] < 0 or part[1] != ONE]


def _product_of(sign: int, factors: _Parts) -> Node:
    """Return the product of some factors, those above the line of fraction first."""
    first, *others = _above_first(factors)
    product = first[1] if first[0] > 0 else Call("divide", (ONE, first[1]))
    for level, factor in others:
        product = Call("multiply" if level > 0 else "divide", (product, factor))
    return product if sign > 0 else negate(product)


def _is_pinned(value: Value, units: Sequence[Fraction]) -> bool:
    """Tell whether rounded figures fix a result: to a few units, or a small part of its size."""
    allowed = ROUNDED_SHARE * largest_entry(value)
    return all(
        entry.high - entry.low <= max(PINNED_UNITS * unit, allowed)
        for entry, unit in zip(entries_of(value), units, strict=True)
    )


def _is_rounded_to_whole(value: Value, literal: Node) -> bool:
    """Tell whether a whole number is rounded from what no figure is exact for.

    That is the value of a function, which is no fraction, or, of three digits and more, a quotient
    that does not come out: `1000/7 = 143`.
    """
    if not isinstance(value, Interval) or not isinstance(literal, Number):
        return False
    like, digits = figure(literal), significant_digits(literal) - zeros_at_end(literal)
    is_endless = DECIMALS % value.low.denominator and digits >= LEAST_DIGITS_PUT_IN
    return (
        like is not None
        and is_telling(literal)
        and last_place(literal) is None
        and bool(is_endless or not value.is_exact)
        and written_like(value, like) == like.text
    )


def _base_of_square(node: Node) -> Node | None:
    """Return what is squared, in which a sign does not matter; None where nothing is."""
    match node:
        case Call(operation="square", arguments=(base,)):
            return base
        case Call(operation="power", arguments=(base, Number(value=2))):
            return base
    return None


def _are_alike(left: Node, right: Node) -> bool:
    """Tell whether two trees are one operation or arrays of one size, whatever their parts."""
    if isinstance(left, Array) and isinstance(right, Array):
        return len(left.items) == len(right.items) and not is_literal(right)
    if not isinstance(left, Call) or not isinstance(right, Call):
        return False
    kinds = [(call.operation, len(call.arguments), call.keywords) for call in (left, right)]
    return kinds[0] == kinds[1]
