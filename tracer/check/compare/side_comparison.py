"""Do two sides of a relation say the same? Trees are set side by side first, then values.

A pair holds if either way shows it. It differs only where no admissible value of any of its
figures and names makes it hold: then the difference is proved.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import reduce
from typing import Final

from tracer.check.compare.array_entries import product_of_entries, written_by_entries
from tracer.check.compare.bounded_values import (
    NO_HABIT,
    KnownValue,
    RoundingHabit,
    are_within_units,
    around,
    common_part,
    do_meet,
    entries_of,
    half_place,
    have_one_shape,
    is_result,
    is_telling,
    largest_entry,
    last_place,
    relative_width,
    with_entries,
)
from tracer.check.compare.canonical_trees import NOUGHT, gathered_forms, written_out
from tracer.check.compare.value_comparison import (
    ANY_PRODUCT,
    COLUMNS,
    PRODUCTS,
    REFERENCE,
    WIDEST_BOTH,
    Agreement,
    ValueComparison,
    WorkedOut,
    World,
    has_call,
)
from tracer.check.model.statements import DOTS
from tracer.check.model.written_trees import (
    CONSTANTS,
    calls_in,
    is_literal,
    names_in,
    negate,
    numbers_in,
    rewrite,
    rewrite_calls,
    signed_factors,
    signed_terms,
)
from tracer.check.slips.rewriting import ONE
from tracer.check.slips.roles import role_of
from tracer.check.trace.aliases import is_loss
from tracer.expression.syntax import Array, Call, Name, Node, Number, Tuple, walk, with_parts
from tracer.frozen import replace
from tracer.intervals import Interval, Value
from tracer.program.program import substitute

MOST_SHUFFLED: Final = 4  # terms or factors that are tried in any order; 5 have 120 orders
DEEPEST_SHUFFLE: Final = 3
DEEPEST: Final = 40
NOTHING: Final = Interval(Fraction(0))
UNDERFLOW: Final = Interval(Fraction(-1, 1 << 126), Fraction(1, 1 << 126))
"""What floats may have as 0, of e⁻⁸⁰⁰: less than the smallest float32; float64 has smaller yet."""
NEGLIGIBLE: Final = Fraction(1, 20_000)  # of a sum: no figure of four digits shows it
_NO_FIGURES: Final = str.maketrans("", "", "0123456789.+-*/")
CUSTOMARY: Final[Mapping[str, Node]] = {"e": Call("exp", (ONE,)), "epsilon": NOUGHT}
"""What a name is where nobody states it: ε shows in no digit. It may be another, so it refutes
nothing."""
ARITHMETIC: Final = frozenset(("add", "subtract", "multiply", "divide", "negative", "matmul"))
LOGARITHMS_OF_SHARES: Final = ("log", "log2", "log10")
HIDING: Final = frozenset(("max", "maximum", "min", "minimum", "relu", "clamp", "clip"))
"""Functions whose value does not show all of their operands."""


_Part = tuple[int, Node]
_Parts = Sequence[_Part]
FORMS_OF_FACTORS: Final[Sequence[Mapping[str, bool]]] = (
    {"has_signs": True, "has_fractions": True},
    {"has_signs": True},
    {},
)
"""How a product may be taken apart, where a minus or a line of fraction stands in it."""


class SideComparison(ValueComparison):
    """The sides of one chain in one world.

    After `compare`, `confirmed` and `contradicted` are the names whose figures fit what is known of
    them or do not, and `error_line` is the line of a slip whose result was used.
    """

    def __init__(
        self,
        world: World,
        habit: RoundingHabit = NO_HABIT,
        ranges: Mapping[int, Interval] | None = None,
        worked_out: WorkedOut | None = None,
    ) -> None:
        super().__init__(world, habit, ranges, worked_out)
        self.standing_for: dict[str, Value] = {}
        self.placements: dict[int, tuple[Node, Node]] = {}  # figures put in, and for what
        self.confirmed: set[str] = set()
        self.contradicted: set[str] = set()
        self.error_line = 0
        self._agreed: list[tuple[Node, Node]] = []  # figures, each with what stands before them
        self.equated = frozenset[tuple[str, str]]()  # names, each with another of one quantity
        self.composed: dict[str, str] = {}  # powers and functions with a figure, each with its name
        # Their functions, and whether each figure shows that it was applied.
        self.applied: dict[tuple[str, tuple[Node, ...]], bool] = {}
        self.figures: Node | None = None  # the side that is compared with the one before it
        self.is_approximate = False  # whether the sides that are compared are joined by `≈`

    def afresh(self) -> SideComparison:
        """Return a comparison in the same world of which nothing is known yet."""
        return SideComparison(self.world, self.habit, self.ranges, self.worked_out)

    def with_reference(self, node: Node, reference: KnownValue, *, is_rounded: bool) -> Agreement:
        """Compare a side with the value that its name has in the run, where what is tiny is 0."""
        if any(entry == NOTHING for entry in entries_of(reference.printed)):
            printed = with_entries(reference.printed, lambda it: UNDERFLOW if it == NOTHING else it)
            reference = replace(reference, printed=printed)
        self._reference = reference
        agreement = self.by_value(REFERENCE, node, is_rounded=is_rounded)
        placed = self._values_put_in(node)
        if agreement is not Agreement.UNKNOWN or not placed:
            return agreement
        value = self.value(node, "bounds", instead=placed)
        if value is None or relative_width(value) > WIDEST_BOTH:
            return agreement
        return Agreement.HOLDS if do_meet(value, reference.printed) else agreement

    # By tree ----------------------------------------------------------------------------------

    def align(self, left: Node, right: Node, depth: int = 0) -> Agreement:
        """Compare a formula with what was put in for it, where their trees differ."""
        if depth > DEEPEST:
            return Agreement.UNKNOWN
        formula, left = left, left if depth else self._of_numbers(left, right)
        before = self.standing_for if depth else dict(self.standing_for)
        if isinstance(left, Name) and (left.id not in CONSTANTS or not names_in(right)):
            if isinstance(right, Name) and left.id == right.id:
                return Agreement.HOLDS
            if isinstance(right, Name) or names_in(right):
                return self._equate_names(left, right)
            return self._put_in(left, right)
        if is_literal(right):
            self.placements[id(right)] = left, right
        if not names_in(left) and left == right:
            return Agreement.HOLDS
        if is_literal(left) and is_literal(right):
            return self.by_value(left, right)
        if not (depth or is_literal(right)) and isinstance(right, (Array, Tuple)):
            for arrays in gathered_forms(right):  # which may confirm it entry by entry
                if self.afresh().align(left, arrays, 1) is Agreement.HOLDS:
                    return self.align(left, arrays, 1)
        ours = signed_terms(left)
        if not is_literal(right) or _are_alike(left, right):  # a result has no parts
            by_parts = self._by_parts(left, ours, right, depth)
            if by_parts is Agreement.UNKNOWN and not depth:
                by_entries = self._by_entries(formula, right, before)
                return by_parts if by_entries is None else by_entries
            if by_parts is not None:
                return by_parts
        agreement = self.by_value(left, right)
        if agreement is Agreement.HOLDS and is_literal(right):
            self._note_exact(left, right)
        if agreement is Agreement.DIFFERS and len(ours) > 1:
            visible = self._without_negligible(left, ours)
            if len(visible) < len(ours):
                signed = (term if sign > 0 else negate(term) for sign, term in visible)
                total = reduce(lambda one, other: Call("add", (one, other)), signed)
                return self.align(total, right, depth + 1)
        is_worked = isinstance(right, Array) and not is_literal(right)
        if not depth and agreement in (Agreement.UNKNOWN, Agreement.DIFFERS)[: 1 + is_worked]:
            by_entries = self._by_entries(formula, right, before)
            agreement = agreement if by_entries is None else by_entries
        return self._as_one_figure(left, right) if agreement is Agreement.UNKNOWN else agreement

    def _by_entries(
        self, formula: Node, right: Node, standing_for: Mapping[str, Value]
    ) -> Agreement | None:
        """Compare the entries of a formula of arrays with figures; None where they do not hold.

        Names stand for the figures that they have stood for so far.
        """
        if names_in(right):
            return None
        for entries in written_by_entries(formula, right, self.world.known_value):
            if self.afresh().align(entries, right, 1) is Agreement.HOLDS:
                self.standing_for = dict(standing_for)
                return self.align(entries, right, 1)
        return None

    def _by_parts(self, left: Node, ours: _Parts, right: Node, depth: int) -> Agreement | None:
        """Compare sums, products, squares or one operation part by part; None of anything else."""
        sums = [signed_terms(right, as_written=True), signed_terms(right)]
        fitting = [theirs for theirs in sums if len(theirs) == len(ours)]
        if len(ours) > 1:
            return self._match_parts(ours, fitting, depth, is_sum=True) if fitting else None
        if len(sums[0]) > 1:
            return None
        agreement = self._factors(left, right, depth)
        if agreement is not None:
            return agreement
        ours_squared, theirs_squared = _base_of_square(left), _base_of_square(right)
        if ours_squared is not None and theirs_squared is not None:
            forms = [[(1, theirs_squared)], [(1, negate(theirs_squared))]]
            return self._match_parts([(1, ours_squared)], forms, depth, is_sum=False)
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
        name_bounds = [each.bounds for each in map(self.world.known_value, names_in(node)) if each]
        worth = self.value(node, "bounds")
        return (
            printed is not None
            and worth is not None
            and all(
                each.is_exact for value in (*name_bounds, printed) for each in entries_of(value)
            )
            and have_one_shape(worth, printed)
            and [*entries_of(worth)] == [*entries_of(printed)]
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
        known_values = map(self.world.known_value, names_in(left))
        is_of_numbers = all(each and isinstance(each.printed, Interval) for each in known_values)
        changing = PRODUCTS if is_of_numbers else ANY_PRODUCT
        if not isinstance(left, Call) or not (are_numbers and has_call(left, *changing)):
            return left
        if left.operation in ANY_PRODUCT and left.sign != "⊙":
            terms = len(signed_terms(right)) if count is None else count
            written_out = product_of_entries(left, terms, self.world.known_value)
            if written_out is not None:
                return written_out
        node = with_parts(left, lambda part: self._of_numbers(part, right, 0))
        if not isinstance(node, Call) or node.operation != "matmul":
            return node
        return Call("multiply", node.arguments, node.keywords, node.start, node.end)

    def _equate_names(self, left: Name, right: Node) -> Agreement:
        """Compare a name with another: one that is not known has the other's value throughout.

        Two of one family, as `z_1` and `z_2`, are two quantities, and so are `f(1)` and `f(2)`.
        Of two families each member of one may be one of the other: `Σ p_i` is `p(A) + p(B)`.
        """
        agreement = self.by_value(left, right)
        if agreement is not Agreement.UNKNOWN or not isinstance(right, Name):
            return agreement
        names = left.id, right.id
        families = {name.translate(_NO_FIGURES) for name in names}
        if len(families) == 1 or all(self.world.known_value(n) is not None for n in names):
            return agreement
        pairs = {*self.equated, names}
        heads = {tuple(map(_name_of_family, pair)) for pair in pairs}
        each_once = all(len({*members}) == len(pairs) for members in zip(*pairs, strict=True))
        if len(heads) > 1 or not each_once:
            return agreement
        self.equated = frozenset(pairs)
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
            agrees = ours is not None and _do_overlap(ours, bounds)
            return Agreement.HOLDS if agrees else Agreement.UNKNOWN
        is_entry = isinstance(left, Call) and left.operation == "index"  # `E[X]` is one quantity
        is_raised = isinstance(left, Call) and left.operation == "power"
        is_named = is_raised and all(isinstance(each, Name) for each in left.children())
        is_whole = len(unknown) <= 1 or is_entry or is_named  # `b^h`, the bias of a layer
        if is_raised and not is_named and self.figures is not None:
            # Whose square is written beside it, `x^2 + y^2 = 0.6^2 + 0.4`, lacks one here.
            is_whole &= not any(calls_in(self.figures, ("power", "square")))
        if not is_whole or Array in left.content.kinds or has_call(left, *ARITHMETIC):
            return Agreement.UNKNOWN
        if isinstance(left, Call) and not (is_entry or is_named):
            # Of several members figures alone do not show that a function was applied to each:
            # `Σ p_i²` is no sum of 0.6 and 0.4.
            function = left.operation, left.arguments[1:]
            is_another = function in self.applied
            self.applied[function] = _shows(left, value) and self.applied.get(function, True)
            if is_another and not self.applied[function]:
                return Agreement.UNKNOWN
        key = str(left)
        self.composed[key] = unknown.pop()
        before = self.standing_for.setdefault(key, bounds)
        return Agreement.HOLDS if _do_overlap(before, bounds) else Agreement.UNKNOWN

    def _values_put_in(self, node: Node) -> dict[str, KnownValue]:
        """Return the figures put in for those names of a tree that have no value."""
        return {
            name: KnownValue(value, value, None, is_given=False, line=0)
            for name in names_in(node)
            if (value := self.standing_for.get(name)) and self.world.known_value(name) is None
        }

    def _put_in(self, name: Name, figures: Node, *, may_be_product: bool = False) -> Agreement:
        """Compare a name with what was put in for it: it stands for one thing throughout."""
        value = self.value(figures, "bounds")
        if value is None:
            return Agreement.UNKNOWN
        if is_literal(figures) and any(map(half_place, numbers_in(figures))):
            value = self.stands_for(figures)
        before = self.standing_for.get(name.id)
        self.placements[id(figures)] = name, figures
        if before is not None and not _do_overlap(before, value):
            return Agreement.DIFFERS
        known_value = self.world.known_value(name.id)
        if known_value is None:
            self.unknown.add(name.id)
            is_sum = isinstance(figures, Call) and figures.operation in ("add", "subtract")
            if not (is_result(figures) or is_sum or may_be_product):
                return Agreement.UNKNOWN  # `m v²`, for which (2·3)² is put in, is no name
            self.standing_for[name.id] = value
            return Agreement.HOLDS
        printed, earlier = self.value(figures), self.world.earlier(name.id)
        # Where a rate was given as 0.1 and is 0.05 now, 0.1 is no rounding.
        is_former = printed in [each.printed for each in earlier if each.is_given]
        is_former &= printed != known_value.printed
        if known_value.fits(value) and not (is_former and known_value.is_given):
            self.standing_for[name.id] = value
            is_coarse = is_literal(figures) and self._is_too_coarse(known_value.printed, figures)
            if is_coarse or is_former:
                return Agreement.OPEN  # it may be another value, or a wrong one
            self.confirmed.add(name.id)
            self.error_line = known_value.error_line or self.error_line
            self._sharpen(known_value, figures)
            return Agreement.HOLDS
        if not is_former and is_literal(figures) and self._is_off_by_rounding(known_value, figures):
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
        forms = FORMS_OF_FACTORS[: None if has_call(right, "negative", "divide") else 1]
        products_on_right = [signed_factors(right, **form) for form in forms]
        levels = _fraction_levels(ours)
        products = [each for each in products_on_right if _fraction_levels(each[1]) == levels]
        if not products:  # a half of it is as good as it by 2
            ours, products_on_right = (
                _without_ones(ours),
                [(sign, _without_ones(f)) for sign, f in products_on_right],
            )
            products = [
                each
                for each in products_on_right
                if _fraction_levels(each[1]) == _fraction_levels(ours)
            ]
        if len(ours) < 2 or not products:
            return self._compare_groups(our_sign, ours, products_on_right, depth)
        # What stands above the line comes first: `1/n · A` then has the order of `B/2`.
        ours = _above_first(ours)
        products = [(sign, _above_first(factors)) for sign, factors in products]
        theirs = products[-1][1]
        if self._is_mean_of_others(ours, theirs):
            return Agreement.UNKNOWN
        has_nought = any(_is_nought(each) for _, each in theirs)
        fitting = [factors for sign, factors in products if sign == our_sign]
        if fitting and not has_nought:
            return self._match_parts(ours, fitting, depth, is_sum=False)
        # The sign may stand in one of the figures, of a name that is known to be negative.
        turned = [
            [*theirs[:place], (level, negate(factor)), *theirs[place + 1 :]]
            for place, (level, factor) in enumerate(theirs)
        ]
        if has_nought:  # it has no sign
            all_forms = [*(factors for _, factors in products), *turned]
            return self._match_parts(ours, all_forms, depth, is_sum=False)
        before = dict(self.standing_for)
        agreement = self._match_parts(ours, turned, depth, is_sum=False)
        if agreement is Agreement.HOLDS and self._may_be_of_an_unknown(left):
            return Agreement.UNKNOWN
        if agreement < Agreement.UNKNOWN:
            return agreement
        self.standing_for = before
        return self.by_value(left, right)

    def _compare_groups(
        self, sign: int, ours: _Parts, products: Sequence[tuple[int, _Parts]], depth: int
    ) -> Agreement | None:
        """Compare figures of which neighbours were multiplied: `0.5·0.31·0.5` is `0.5·0.16`.

        None unless each part agrees: which were multiplied nobody says.
        """
        sign_of, theirs = products[-1]
        are_figures = not any(names_in(part) for _, part in ours)
        is_product = {level for level, _ in (*ours, *theirs)} == {1}
        is_shorter = 1 < len(theirs) < len(ours) <= MOST_SHUFFLED
        if not (are_figures and is_product and is_shorter and sign == sign_of):
            return None
        for ends in itertools.combinations(range(1, len(ours)), len(theirs) - 1):
            parts = itertools.pairwise((0, *ends, len(ours)))
            groups = [(1, _product_of(1, ours[first:last])) for first, last in parts]
            if self._match_parts(groups, [theirs], depth, is_sum=False) is Agreement.HOLDS:
                return Agreement.HOLDS
        return None

    def _is_mean_of_others(self, ours: _Parts, theirs: _Parts) -> bool:
        """Tell whether an unknown n below a sum is another number than that of its terms.

        Of one sample n is 1, however many classes the sum runs over. What stands below terms that
        are all written is a number of anything, `(TP + TN)/total`, and so is one far above theirs.
        """
        counts = {len(signed_terms(factor)) for level, factor in theirs if level > 0}
        are_written = counts == {len(signed_terms(factor)) for level, factor in ours if level > 0}
        names = [
            part
            for level, part in ours
            if level < 0 and isinstance(part, Name)
            if not are_written or role_of(part.id) == "sample_count"
        ]
        below = [part for level, part in theirs if level < 0 and isinstance(part, Number)]
        is_unknown = any(map(self._has_unknown, names)) and max(counts) > 1
        most = 2 * max(counts) + 1 if are_written else math.inf  # that they may be miscounted as
        wholes = (each.value for each in below if each.value.denominator == 1 < each.value <= most)
        return is_unknown and any(value not in counts for value in wholes)

    def _has_unknown(self, node: Node) -> bool:
        return any(self.world.known_value(name) is None for name in names_in(node))

    def _may_be_of_an_unknown(self, node: Node) -> bool:
        """Tell whether nobody knows of which name a sign is: one has no value.

        It may be that of a factor with a value below 0.
        """
        factors = [factor for _, factor in signed_factors(node)[1] if isinstance(factor, Name)]
        known_values = filter(None, (self.world.known_value(each.id) for each in factors))
        printed = (known_value.printed for known_value in known_values)
        has_own = any(isinstance(each, Interval) and each.high < 0 for each in printed)
        return self._has_unknown(node) and not has_own

    def _part(self, ours: _Part, theirs: _Part, depth: int, *, is_sum: bool) -> Agreement:
        """Compare two terms or factors; the sign of a term may have moved into it."""
        if ours[0] == theirs[0]:
            return self.align(ours[1], theirs[1], depth + 1)
        if not is_sum:
            return Agreement.DIFFERS
        is_figure = is_literal(theirs[1]) and not isinstance(ours[1], Name)  # it can be blamed
        turned = (negate(ours[1]), theirs[1]) if is_figure else (ours[1], negate(theirs[1]))
        before = dict(self.standing_for), dict(self.placements)
        agreement = self.align(*turned, depth + 1)
        # The sign may be wrong, and no figure.
        if agreement is Agreement.DIFFERS and names_in(ours[1]):
            after = self.standing_for, self.placements
            self.standing_for, self.placements = before
            if self.align(ours[1], theirs[1], depth + 1) is not Agreement.HOLDS:
                self.standing_for, self.placements = after
        is_left_out = isinstance(ours[1], Name) and ours[1].id.startswith(DOTS)  # of either sign
        is_open = self._may_be_of_an_unknown(ours[1]) and not is_left_out
        if agreement is Agreement.HOLDS and is_open:
            return Agreement.UNKNOWN
        if agreement is Agreement.HOLDS and _is_nought(theirs[1]) and names_in(ours[1]):
            return Agreement.CHANCE  # a 0 has no sign that could have moved into it
        return agreement

    def _match_parts(
        self, ours: _Parts, forms: Sequence[_Parts], depth: int, *, is_sum: bool
    ) -> Agreement:
        """Compare parts with each form of others, in any order, and keep the best of all."""
        before, placed = dict(self.standing_for), dict(self.placements)
        best: tuple[Agreement, int] | None = None  # how many parts differ says which order is meant
        best_figures, kept_placed = before, placed
        # Of `E = E_1 + E_2` each loss may be worked out in its place.
        are_losses = (
            is_sum
            and all(isinstance(our, Name) and is_loss(_name_of_family(our.id)) for _, our in ours)
            and all(len({*map(_form_of, form)}) == 1 for form in forms)  # worked out alike
        )

        def is_worked(our: _Part, their: _Part) -> bool:
            return our[0] == their[0] and isinstance(their[1], Call) and not names_in(their[1])

        for is_shuffled, order in _orders_of_parts(forms, depth):
            self.standing_for, self.placements = dict(before), dict(placed)
            worst, differing = Agreement.HOLDS, 0
            for our, their in zip(ours, order, strict=True):
                agreement = (
                    self._put_in(our[1], their[1], may_be_product=True)
                    if are_losses and isinstance(our[1], Name) and is_worked(our, their)
                    else self._part(our, their, depth, is_sum=is_sum)
                )
                if agreement is Agreement.UNKNOWN and is_shuffled and not self._has_unknown(our[1]):
                    agreement = Agreement.DIFFERS  # a number in the place of an array, and no name
                worst = max(worst, agreement)
                differing += agreement >= Agreement.EARLIER
                if is_shuffled and best is not None and (worst, differing) >= best:
                    break  # in order every part is looked at: those that fit confirm the example
            is_open = is_shuffled and worst is Agreement.HOLDS
            if is_open and any(self._has_unknown(our) for _, our in ours):
                worst = Agreement.UNKNOWN  # nobody knows which figure stands for which name
            if best is None or (worst, differing) < best:
                best, best_figures, kept_placed = (
                    (worst, differing),
                    self.standing_for,
                    self.placements,
                )
            if best[0] is Agreement.HOLDS:
                break
        self.standing_for, self.placements = best_figures, kept_placed
        return Agreement.HOLDS if best is None else best[0]

    # Both -------------------------------------------------------------------------------------

    def compare(self, left: Node, right: Node, *, is_rounded: bool = False) -> Agreement:
        """Compare one side with the next."""
        before = dict(self.standing_for)
        self.is_approximate, self.figures = is_rounded, right
        self.unknown, self.confirmed, self.contradicted = set(), set(), set()
        self.equated, self.composed, self.applied = frozenset(), {}, {}
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
            if _are_values_of_one_function(left, right):
                return by_value
            is_misfit = by_tree is Agreement.DIFFERS and self.has_one_misfit(formula)
            if is_misfit or by_tree is Agreement.CHANCE:
                return by_tree  # the values are equal by chance
            if by_tree is Agreement.DIFFERS and self._has_other_part(left, right):
                return Agreement.OPEN if names_in(left) else by_tree
            if by_tree is Agreement.DIFFERS and self._has_other_figures(left, right):
                return Agreement.CHANCE
            if by_tree is Agreement.DIFFERS and self._do_meet_by_rounding_alone(left, right):
                return Agreement.OPEN
            self._note_exact(left, right)
            return by_value
        if by_tree is Agreement.EARLIER:
            return by_tree
        if Agreement.UNKNOWN in (by_tree, by_value):
            self.unknown |= unknown
            return self._with_customary_values(left, right, is_rounded=is_rounded)
        return Agreement.OPEN if Agreement.OPEN in (by_tree, by_value) else Agreement.DIFFERS

    def _do_meet_by_rounding_alone(self, left: Node, right: Node) -> bool:
        """Tell whether figures are worth the same only within their rounding, a part of them not.

        What is taken away may be small beside what it is taken from: a step of Newton's method is
        near its root whatever is divided by. A part is worked out on the left, one figure on the
        right; where two figures differ, the trees may be set side by side as nobody meant them.
        """
        is_sum = len(signed_terms(left)) > 1  # each factor of a product shows in its figures
        if is_literal(right) or names_in(left) or names_in(right) or not is_sum:
            return False
        parts = [self.placements[id(part)] for part in walk(right) if id(part) in self.placements]
        differing = [
            part for part, figure in parts if self.by_value(part, figure) is Agreement.DIFFERS
        ]
        if not differing or any(map(is_literal, differing)):
            return False
        return all(
            have_one_shape(one, other) and not do_meet(one, other)
            for column in COLUMNS[:-1]
            for one in self.values(left, column)
            for other in self.values(right, column)
        )

    def _with_customary_values(self, left: Node, right: Node, *, is_rounded: bool) -> Agreement:
        """Compare two sides, one of which has no value, with what its names are by custom."""
        if not self.unknown or not self.unknown <= CUSTOMARY.keys():
            return Agreement.UNKNOWN
        one, other = (substitute(side, CUSTOMARY) for side in (left, right))
        if self.by_value(one, other, is_rounded=is_rounded) is not Agreement.HOLDS:
            return Agreement.UNKNOWN
        self.unknown = set()
        return Agreement.HOLDS

    def _has_other_figures(self, formula: Node, figures: Node) -> bool:
        """Tell whether figures, put in for names or terms of a sum, are not what these are worth.

        That their sum is right may be chance; terms may have changed places, `-2(y - p)` for
        `2(p - y)`, and a fraction may have been reduced.
        """
        placed = [*self.placements.values()]
        put_in = [
            (known, node)
            for part, node in placed
            if is_literal(node) and names_in(part) and (known := self.value_of_placed(part))
        ]
        known_sizes = sorted(largest_entry(known.printed) for known, _ in put_in)
        sizes = sorted(max(number.value for number in numbers_in(node)) for _, node in put_in)
        terms = {term for _, term in signed_terms(self._of_numbers(formula, figures))}
        are_apart = all(isinstance(part, (Name, Number)) or part in terms for part, _ in placed)
        return (
            are_apart
            and len(placed) >= len(numbers_in(figures))
            and sum(not known.fits(self.stands_for(node)) for known, node in put_in) > 1
            and sizes != known_sizes
            and not has_call(figures, "divide")
        )

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
            not names_in(right)
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
            for known_value in [self.value_of_placed(part)]
            if not (known_value and is_literal(node) and known_value.fits(self.stands_for(node)))
            or self._is_too_coarse(known_value.printed, node)
        }
        names = {name for part, _ in placed for name in names_in(part)}
        is_leaf = all(isinstance(part, (Name, Number)) for part in misfits.values())
        return len(misfits) == 1 and is_leaf and names >= set(names_in(formula)) > set()

    def term_apart(self, formula: Node, figures: Node) -> tuple[Node, Node]:
        """Return the only terms of two sums that differ where they stand, else the two."""
        ours, theirs = signed_terms(formula), signed_terms(figures)
        if len(ours) < 2 or [sign for sign, _ in ours] != [sign for sign, _ in theirs]:
            return formula, figures
        pairs = ((our, their) for (_, our), (_, their) in zip(ours, theirs, strict=True))
        apart = [pair for pair in pairs if self.afresh().compare(*pair) is not Agreement.HOLDS]
        return apart[0] if len(apart) == 1 else (formula, figures)

    def factors_left_out(self, formula: Node, figures: Node) -> list[tuple[int, Node]]:
        """Return the factors without any of which a formula is what figures are.

        With each stands 1, or -1 for a divisor. One name at least has its value among the figures,
        and no figure stands for a factor that nobody knows: it may be that one times the other.
        """
        missing: list[tuple[int, Node]] = []
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
                    missing.append((level, factor))
        return missing

    def is_name(self, node: Node) -> bool:
        """Tell whether a side only names the value: a name, an entry or a function, not known."""
        is_one = isinstance(node, (Name, Call)) and not has_call(node, *ARITHMETIC, "power")
        return is_one and self._has_unknown(node)


def figures_put_in(trees: Sequence[Node | None], world: World) -> Iterator[tuple[str, Node]]:
    """Yield the names of formulas, each with the figures that the next side puts in for it."""
    for left, right in itertools.pairwise(trees):
        if left is not None and right is not None and names_in(left) and not names_in(right):
            comparison = SideComparison(world)
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


def _shows(function: Call, value: Value) -> bool:
    """Tell whether a figure may be what it stands for: the square of a decimal, the log of a share.

    An exponential is no whole number but 1.
    """
    if not isinstance(value, Interval):
        return False
    if function.operation in ("power", "square"):
        roots = (math.isqrt(part) ** 2 == part for part in value.low.as_integer_ratio())
        return value.low >= 0 and all(roots)
    if function.operation == "exp":
        return value.low > 0 and (value.low == 1 or value.low.denominator > 1)
    if function.operation == "abs":
        return value.low >= 0
    return function.operation in LOGARITHMS_OF_SHARES and value.high <= 0


def _form_of(part: _Part) -> Node:
    """Return a term with one figure for each of its figures."""
    return rewrite(part[1], lambda node: ONE if isinstance(node, Number) else node)


def _name_of_family(member: str) -> str:
    """Return the p of `p_1`, `p(A)` and `p2`."""
    return member.partition("(")[0].partition("_")[0].translate(_NO_FIGURES)


def _do_overlap(one: Value, other: Value) -> bool:
    """Tell whether values have more than the ends of their ranges in common: 0.6 is never 0.7."""
    return do_meet(one, other) and all(
        a.is_exact or b.is_exact or max(a.low, b.low) < min(a.high, b.high)
        for a, b in zip(entries_of(one), entries_of(other), strict=False)
    )


def _are_values_of_one_function(left: Node, right: Node) -> bool:
    """Tell whether two sides are one function of two figures: `relu(-3) = relu(-1)` holds."""
    sides = [each for each in (left, right) if isinstance(each, Call) and each.arguments]
    names = {each.operation for each in sides} - {*ARITHMETIC}
    arguments = (part for each in sides for part in each.arguments)
    return len(sides) == 2 and len(names) == 1 and all(map(is_literal, arguments))


def _is_nought(node: Node) -> bool:
    return isinstance(node, Number) and not node.value


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
