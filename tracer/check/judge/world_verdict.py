"""A chain in one world: each side compared with the next one, formulas and result with the run."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Final

from tracer.check.arithmetic.unit_scales import in_other_unit, is_count
from tracer.check.bind.worlds import RunWorld, WritersWorld
from tracer.check.compare.bounded_values import (
    KnownValue,
    around,
    do_meet,
    half_place,
    has_fine_figure,
    have_one_shape,
    is_about,
    is_result,
    is_telling,
    is_turned,
    range_of_both,
)
from tracer.check.compare.side_comparison import SideComparison
from tracer.check.compare.value_comparison import Agreement, ValueComparison
from tracer.check.judge.admissible_worlds import AdmissibleWorld
from tracer.check.judge.chain_work import ChainWork, join_rows
from tracer.check.judge.evidence import AGREED, WRONG
from tracer.check.judge.part_state import EPSILON, is_without
from tracer.check.judge.side_readings import (
    are_all_readings,
    with_matrix_products,
    with_powers_of_matrices,
)
from tracer.check.judge.stated_formulas import head_of
from tracer.check.judge.uncertainty import (
    OF_ANOTHER_EXAMPLE,
    Difference,
    Uncertainty,
    is_given_otherwise,
    is_told_of_another_time,
    uncertainties_of,
)
from tracer.check.model.statements import DOTS
from tracer.check.model.written_trees import (
    is_literal,
    names_in,
    numbers_in,
    signed_figures,
)
from tracer.check.read.document_entry import read_document
from tracer.check.trace.aliases import derivative_of
from tracer.expression.syntax import Call, Name, Node, walk
from tracer.frozen import Frozen, replace
from tracer.intervals import Interval, Value
from tracer.program.program import substitute
from tracer.run.interpret import shape_of

NO_NUMBERS: Final = frozenset(("nan", "inf", "infty", "infinity", "∞"))
"""What no name stands for: `inf - inf` is not 0."""
MOST_READINGS: Final = 12  # pairs of readings of two sides that are tried
ROUNDED_FIGURES: Final[tuple[Uncertainty, ...]] = ("figures_are_rounded",)
UPDATED_IN_STEP: Final[tuple[Uncertainty, ...]] = ("updated_in_step",)
TOLD_ANEW: Final[tuple[Uncertainty, ...]] = ("told_of_another_time",)
FROM_BELOW: Final[tuple[Uncertainty, ...]] = ("worked_out_below",)
OF_DOUBTFUL_LINE: Final[tuple[Uncertainty, ...]] = ("figure_of_a_doubtful_line",)
OTHER_READING: Final[tuple[Uncertainty, ...]] = ("other_reading",)


class JudgedPair(Frozen):
    """Two neighbouring sides, by the position of the left one; None where one was not read.

    `with_run` is true where a side (at `position`) is compared with the run instead.
    """

    position: int
    agreement: Agreement | None
    uncertain: tuple[Uncertainty, ...] = ()
    unknown: tuple[str, ...] = ()
    with_run: bool = False
    value: Value | None = None  # of the left side, where an uncertain pair differs
    has_two_shapes: bool = False


class WorldVerdict:
    """A chain judged in one world: its pairs, and the line of the slip that it rests on (0: none).

    Names of formulas and printed figures say that only where names have the writer's own values.
    """

    def __init__(self, work: ChainWork, world: AdmissibleWorld) -> None:
        self.work: Final = work
        self.world: Final = world
        self.comparison: Final = work.comparison_in(world.names)
        self.pairs: Final = tuple(self._judged_pairs())
        self.error_line: Final = self.comparison.error_line or self._find_error_line()

    @property
    def first_wrong(self) -> int:
        """The right side of the first pair that differs; behind all sides where none does."""
        places = (
            pair.position + (not pair.with_run) for pair in self.pairs if pair.agreement in WRONG
        )
        return min(places, default=len(self.work.trees))

    @property
    def has_the_result(self) -> bool:
        """Whether the printed result is the run's own value of what the chain works out.

        Few digits may be so by chance, unless the figures that were put in are the run's too.
        """
        result, reference = self.work.trees[-1], self.world.reference
        if result is None or reference is None or not is_literal(result):
            return False
        if self.comparison.value(result) is None:
            return False  # rows of different lengths
        if not has_fine_figure(result) and (self.misfits or not self.comparison.names_put_in()):
            return False
        value = self.comparison.stands_for(result)
        return have_one_shape(value, reference.printed) and do_meet(value, reference.printed)

    @property
    def misfits(self) -> int:
        """How many figures were put in that none of the names has here for which some were."""
        put_in = self.comparison.names_put_in()
        known_values = [
            value for name, _ in put_in if (value := self.world.names.known_value(name))
        ]
        figures = [self.comparison.stands_for(node) for _, node in put_in if is_literal(node)]
        return sum(not any(each.fits(value) for each in known_values) for value in figures)

    @property
    def worst(self) -> Agreement:
        """The worst agreement of its pairs; a side that was not read is unknown."""
        return max(
            (p.agreement if p.agreement is not None else Agreement.UNKNOWN for p in self.pairs),
            default=Agreement.HOLDS,
        )

    def _judged_pairs(self) -> Sequence[JudgedPair]:
        work = self.work
        places = range(work.begin, len(work.trees) - 1)
        pairs = [self._beside_result(pair) for pair in map(self._judged, places)]
        reference = self.world.reference
        if reference is None:
            return pairs
        with_run = [*self._with_run(pairs, reference)]
        if any("worked_out_below" in pair.uncertain for pair in pairs):
            with_run = [replace(each, uncertain=FROM_BELOW) for each in with_run]
        results = [pair.agreement for pair in with_run if pair.position == len(work.trees) - 1]
        if results == [Agreement.HOLDS]:
            pairs = [*self._beside_the_run(pairs, with_run)]
        # Where the run has the result the line is of no other example.
        closed = OF_ANOTHER_EXAMPLE if results == [Agreement.HOLDS] else frozenset[str]()
        return [
            replace(each, uncertain=tuple(why for why in each.uncertain if why not in closed))
            if each.uncertain
            else each
            for each in (*pairs, *with_run)
        ]

    # Neighbouring sides -----------------------------------------------------------------------

    def _judged(self, position: int) -> JudgedPair:
        """Compare a side with the next one, in each reading of the two."""
        work, comparison = self.work, self.comparison
        lefts, rights = work.readings[position], work.readings[position + 1]
        relation = work.chain.sides[position + 1].relation
        if not lefts or not rights:
            return JudgedPair(position, None)
        names = {*names_in(lefts[0]), *names_in(rights[0])}
        if endless := tuple(sorted(name for name in names if name.lower() in NO_NUMBERS)):
            return JudgedPair(position, Agreement.UNKNOWN, (), endless)
        if work.chain.is_inequality:
            both = itertools.product(lefts, rights)
            return JudgedPair(
                position, min(comparison.inequality(*pair, relation) for pair in both)
            )
        is_rounded = relation == "≈"
        if any(map(self._counts_by_a_factor, (position, position + 1))):
            return JudgedPair(position, Agreement.OPEN, OTHER_READING)
        if (in_units := self._in_one_unit(position, is_rounded=is_rounded)) is not None:
            return in_units
        readings = list(itertools.islice(itertools.product(lefts, rights), MOST_READINGS))
        best, unknown, meant, blamed = self._best_of(readings, is_rounded=is_rounded)
        results = [tree for tree in work.trees[position + 2 : position + 3] if tree is not None]
        if best is Agreement.HOLDS and any(
            comparison.is_of_other_order(lefts, rights, each) for each in results
        ):
            best, blamed = Agreement.DIFFERS, meant
        names_the_next = (
            bool(position)
            and comparison.is_name(lefts[0])
            and not _is_of_another_name(comparison, lefts[0], rights[0])
        )
        if unknown and blamed and (best is Agreement.HOLDS or names_the_next):
            # What has a value in another reading is not shown by a name without one.
            return JudgedPair(position, Agreement.OPEN, OTHER_READING, unknown)
        if best is Agreement.UNKNOWN and (
            names_the_next
            or Agreement.HOLDS in (comparison.as_identity(*pair) for pair in readings)
        ):
            return JudgedPair(position, Agreement.HOLDS)
        is_open = best in (Agreement.UNKNOWN, Agreement.DIFFERS)
        is_all = is_open and are_all_readings(*self._of_the_likeliest_shape(readings))
        if best is Agreement.UNKNOWN and is_all and "e" not in unknown:
            is_refuted = blamed or all(comparison.has_another_shape(*pair) for pair in readings)
            best = Agreement.DIFFERS if is_refuted else best  # its shapes fit there, or nowhere
        if best is Agreement.UNKNOWN and is_all and _is_another_product(comparison, *meant):
            best = Agreement.DIFFERS
        best = self._from_unrounded(position, best, is_rounded=is_rounded)
        product = with_matrix_products(meant[0], comparison.value)
        product = with_powers_of_matrices(product, comparison.value)
        is_other = best is Agreement.HOLDS and product is not meant[0]
        if is_other and comparison.by_value(product, meant[1]) is Agreement.DIFFERS:
            return JudgedPair(position, Agreement.OPEN, OTHER_READING)
        if best not in WRONG:
            has_two = best is Agreement.UNKNOWN and self._are_of_two_shapes(lefts[0], rights[0])
            return JudgedPair(position, best, (), unknown, has_two_shapes=has_two)
        if best is Agreement.DIFFERS and not is_all:
            return JudgedPair(position, Agreement.OPEN, OTHER_READING)
        difference = Difference(work, position, lefts[0], rights[0], relation, comparison)
        if best is Agreement.EARLIER:
            is_told = is_told_of_another_time(difference) or is_given_otherwise(difference)
            return JudgedPair(position, best, TOLD_ANEW if is_told else (), unknown)
        comparison.compare(*(blamed or readings[0]), is_rounded=is_rounded)
        value = comparison.value(lefts[0])
        return JudgedPair(position, best, uncertainties_of(difference), value=value)

    def _best_of(
        self, readings: Sequence[tuple[Node, Node]], *, is_rounded: bool
    ) -> tuple[Agreement, tuple[str, ...], tuple[Node, Node], tuple[Node, Node] | None]:
        """Return the best agreement of two sides, the names it leaves open, and its reading.

        The last is the first reading in which they differ, if there is one.
        """
        comparison = self.comparison
        put_in = self.work.run.put_in if self.work.view is None else {}
        best, blamed, meant = Agreement.DIFFERS, None, readings[0]
        unknown: tuple[str, ...] = ()
        has_another: tuple[str, ...] = ()
        for number, pair in enumerate(readings):
            agreement = comparison.compare(*pair, is_rounded=is_rounded)
            if agreement is Agreement.DIFFERS:
                blamed = blamed or pair
            if not number or agreement < best:
                best, unknown, meant = agreement, tuple(sorted(comparison.unknown)), pair
                has_another = tuple(
                    name
                    for call, name in comparison.composed.items()
                    if len(put_in.get(name, ())) == 1 or self._has_stated_members(call, name)
                )
            if best is Agreement.HOLDS and not unknown:
                break
        if best is Agreement.HOLDS:
            # Right lines have a figure for this name: the world of those says what its power is.
            others = has_another or self._names_with_another_formula()
            best, unknown = (Agreement.UNKNOWN, others) if others else (best, unknown)
        return best, unknown, meant, blamed

    def _has_stated_members(self, call: str, name: str) -> bool:
        """Tell whether a figure was put in for an extreme of what the document states."""
        family = head_of(name)
        stated = (head_of(each) for each, _ in self.work.run.named_values() if "(" in each)
        return call.startswith(("Call('max", "Call('min")) and family in stated

    def _names_with_another_formula(self) -> tuple[str, ...]:
        """Return the names for which a sum was put in that their stated formula does not give."""
        sums = [each for each in self.comparison.names_put_in() if not is_result(each[1])]
        formulas = ((name, self.work.formula_of(name), figures) for name, figures in sums)
        return tuple(
            name
            for name, formula, figures in formulas
            if formula is not None
            and self.comparison.afresh().align(formula, figures) is not Agreement.HOLDS
        )

    def _counts_by_a_factor(self, position: int) -> bool:
        """Tell whether a word behind a figure is a name of another value: `2 momentum * 3`."""
        side, tree = self.work.chain.sides[position], self.work.trees[position]
        known_values = filter(None, map(self.work.run.known_value, side.units))
        figures = [Interval(number.value) for number in numbers_in(tree)] if tree else []
        return any(each.printed not in figures for each in known_values)

    def _in_one_unit(self, position: int, *, is_rounded: bool) -> JudgedPair | None:
        """Return that a side is the next one in another unit, or in two units the same figure."""
        left, right = self.work.trees[position : position + 2]
        units = [side.units for side in self.work.chain.sides[position : position + 2]]
        if left is None or right is None or not (others := in_other_unit(left, *units)):
            return None
        one_unit = JudgedPair(position, Agreement.OPEN, OTHER_READING)
        holds = self.comparison.compare(left, right, is_rounded=is_rounded) is Agreement.HOLDS
        if holds and not all(units):
            return None
        for each in others:
            agreement = self.comparison.compare(each, right, is_rounded=is_rounded)
            if agreement is Agreement.HOLDS and not self.comparison.unknown:
                is_meant = all(units) or is_count([*itertools.chain(*units)])
                return JudgedPair(position, agreement) if is_meant else one_unit
        return one_unit if holds else None

    def _are_of_two_shapes(self, left: Node, right: Node) -> bool:
        one, other = self.comparison.value(left), self.comparison.value(right)
        return one is not None and other is not None and not have_one_shape(one, other)

    def _of_the_likeliest_shape(
        self, readings: Sequence[tuple[Node, Node]]
    ) -> tuple[Sequence[Node], Sequence[Node]]:
        """Return the readings of two sides without those of another shape than the side beside.

        All of them are returned where the likeliest ones are of two shapes themselves.
        """
        fitting = [pair for pair in readings if not self._are_of_two_shapes(*pair)]
        lefts, rights = zip(*(fitting if readings[0] in fitting else readings), strict=True)
        return lefts, rights

    def _from_unrounded(self, position: int, found: Agreement, *, is_rounded: bool) -> Agreement:
        """Return how a result agrees with any earlier side, whose figures are less rounded.

        Where a formula has the result and its figures do not, these may have been read wrongly.
        """
        result = self.work.trees[position + 1]
        is_open = found in (Agreement.ROUNDING, Agreement.OPEN, Agreement.DIFFERS)
        if not is_open or result is None or not is_literal(result):
            return found
        if found is Agreement.DIFFERS and self.work.view is None and not self._are_about(position):
            return found
        for earlier in filter(None, self.work.trees[self.work.begin : position]):
            other = self.comparison.by_value(earlier, result, is_rounded=is_rounded)
            found = found if other is Agreement.UNKNOWN else min(found, other)
        reference = self.world.reference
        if found is Agreement.ROUNDING and reference and position == len(self.work.trees) - 2:
            in_run = self.comparison.with_reference(result, reference, is_rounded=is_rounded)
            return min(found, in_run)  # the run rounds to it, where the figures were rounded before
        return found

    def _are_about(self, position: int) -> bool:
        """Tell whether a side is worth what the next one is, but for what rounding may change.

        Its figures may be shown with fewer digits than those that it was worked out of.
        """
        left, right = self.work.trees[position : position + 2]
        if left is None or right is None:
            return True
        one, other = self.comparison.value(left), self.comparison.value(right)
        if one is None or other is None or is_about(one, other):
            return True
        numbers = ((each, half_place(each)) for each in numbers_in(left))
        shown = {id(each): around(each.value, half) for each, half in numbers if half is not None}
        rounded = ValueComparison(self.world.names, self.work.habit, shown)
        return rounded.by_value(left, right) in AGREED

    def _beside_result(self, pair: JudgedPair) -> JudgedPair:
        """Return a formula and its figures as the result after both shows them.

        Where the values above give the formula that result and the figures between do not, these
        are wrong in any example and in any step.
        """
        if not pair.uncertain and pair.agreement not in (Agreement.UNKNOWN, Agreement.OPEN):
            return pair
        formulas, readings, *after = self.work.readings[pair.position : pair.position + 3]
        result = after[0][0] if after and after[0] else None
        if result is None or not is_literal(result):
            return pair
        by_value = self.comparison.by_value
        formula = next((f for f in formulas if by_value(f, result) is Agreement.HOLDS), None)
        differ = (by_value(figures, result) is Agreement.DIFFERS for figures in readings)
        if formula is None or names_in(readings[0]) or not all(differ):
            return pair
        self.comparison.compare(formula, readings[0])  # what was put in is known from now on
        is_read = OF_ANOTHER_EXAMPLE.issuperset(pair.uncertain)
        if not (is_read or self.comparison.has_one_misfit(formula)):
            return pair
        return JudgedPair(pair.position, Agreement.DIFFERS, value=pair.value)

    # The run ----------------------------------------------------------------------------------

    def _with_run(self, pairs: Sequence[JudgedPair], reference: KnownValue) -> Iterator[JudgedPair]:
        """Compare formulas and the result with what the run says of the target."""
        work, last = self.work, len(self.work.trees) - 1
        for position, tree in enumerate(work.trees):
            if tree is None or not position:
                continue
            names = names_in(tree)
            if position < last and (not names or any(name.startswith(DOTS) for name in names)):
                continue  # what dots stand for, only the figures after them say
            is_rounded = work.chain.sides[position].relation == "≈"
            agreement = min(
                self.comparison.with_reference(each, reference, is_rounded=is_rounded)
                for each in work.readings[position]
            )
            if names and agreement > Agreement.ROUNDING and self._is_as_in_run(position, tree):
                agreement = Agreement.HOLDS
            if position < last and agreement in WRONG and self._is_of_a_part(reference):
                agreement = Agreement.UNKNOWN
            if agreement is Agreement.ROUNDING and work.is_exact(position):
                agreement = Agreement.DIFFERS
            may_be_carried = agreement in (Agreement.DIFFERS, Agreement.ROUNDING)
            if may_be_carried and position == last and not names:
                agreement = min(agreement, self._allowed(pairs, tree, reference))
            why = self._why_beside_run(tree, pairs, reference) if agreement in WRONG else ()
            yield JudgedPair(position, agreement, why, (), True)

    def _is_of_a_part(self, reference: KnownValue) -> bool:
        """Tell whether the figures have fewer axes than the run has: they are of a row."""
        result = self.work.trees[-1]
        value = None if result is None else self.comparison.value(result)
        whole = shape_of(reference.printed)
        return value is not None and 0 < len(shape_of(value)) < len(whole)

    def _is_as_in_run(self, position: int, tree: Node) -> bool:
        """Tell whether a side is the formula of the target as tracer prints it, sign by sign.

        That has the run's value however large it is, and whatever its signs leave unsaid: over
        which axes a convolution sums, and how far apart it is laid. Only ε may be left out.
        """
        view, spot = self.work.view, self.world.spot
        if view and spot and is_without((EPSILON,), tree, spot, self.comparison, view):
            return True
        printed = view.printed_formula(spot[0]) if view and spot and not spot[1] else ""
        readings = self.work.chain.sides[position].readings
        ours = _readings_with_signs(printed) if printed else ()
        return any(_with_signs(tree) in ours for tree in readings)

    def _beside_the_run(
        self, pairs: Sequence[JudgedPair], with_run: Sequence[JudgedPair]
    ) -> Iterator[JudgedPair]:
        """Yield pairs of which both sides have the run's value, whatever they say of each other.

        What is too large or says too little to be worked out has it from the side beside.
        """
        fitting = {pair.position for pair in with_run if pair.agreement is Agreement.HOLDS}
        for pair in (*pairs, *reversed(pairs)):
            sides = {pair.position, pair.position + 1}
            if pair.agreement is Agreement.HOLDS and sides & fitting:
                fitting |= sides
        for pair in pairs:
            is_open = pair.agreement in (Agreement.UNKNOWN, Agreement.OPEN) and not pair.uncertain
            is_open |= pair.uncertain == ROUNDED_FIGURES
            if is_open and {pair.position, pair.position + 1} <= fitting:
                pair = replace(pair, agreement=Agreement.HOLDS, uncertain=())
            yield pair

    def _why_beside_run(
        self, tree: Node, pairs: Sequence[JudgedPair], reference: KnownValue
    ) -> tuple[Uncertainty, ...]:
        """Return why a side that differs from the run may be meant otherwise; the first reason."""
        work, names = self.work, names_in(tree)
        value = self.comparison.value(tree, "bounds")
        # The figures of this step that stand for the names of a formula say that it is none.
        is_of_words = not any(
            pair.agreement is Agreement.HOLDS and names_in(work.trees[pair.position] or tree)
            for pair in pairs
        ) and work.is_of_another_case(self.world.names.known_value(work.target or ""))
        has_own = any(pair.unknown for pair in pairs) or (  # it is as the writer rounded it
            work.view is not None
            and any(not work.view.spots(name, is_target=False) for name in names)
        )
        known_values = (
            each for each in map(self.world.names.known_value, names) if each is not None
        )
        # A quotient of differences is near a derivative.
        is_slope = derivative_of(work.target or "") is not None and any(
            each.operation == "divide" for each in (work.trees[1],) if isinstance(each, Call)
        )
        reasons: Sequence[tuple[Uncertainty, bool]] = (
            (
                "told_of_another_time",
                work.chain.refers_elsewhere
                or is_of_words
                or not work.run.supposed.isdisjoint(work.run.told_again),
            ),
            # Nobody sees what it was worked out from.
            (
                "figures_are_rounded",
                (has_own or (bool(names) and work.run.has_fine_figure(tree)))
                and value is not None
                and is_about(value, reference.printed),
            ),
            ("figures_are_rounded", is_slope and work.chain.sides[1].relation == "≈"),
            ("sign_of_own_name", self._is_other_sign(tree)),
            (
                "figure_of_a_doubtful_line",
                any(each.error_line for each in known_values) or self._rests_on_disputed_figures(),
            ),
        )
        return tuple(why for why, holds in reasons if holds)[:1]

    def _rests_on_disputed_figures(self) -> bool:
        """Tell whether a figure of its working is the result of a line that may be wrong."""
        run, trees = self.work.run, self.work.trees[1:-1]
        worked = {n.value for tree in trees if tree is not None for n in numbers_in(tree)}
        return not worked.isdisjoint(run.disputed_figures - run.given_figures)

    def _is_other_sign(self, tree: Node) -> bool:
        """Tell whether a gradient with a name of its own, a delta, is the run's but for its sign.

        Whoever defines it as target minus output and adds the step computes the same. Who has
        another entry of it as the run has it does not.
        """
        view, spot, reference = self.work.view, self.world.spot, self.world.reference
        formulas, is_own = self.work.formulas, "/" not in (self.work.target or "/")
        if view is None or spot is None or reference is None or not is_own:
            return False
        names = self.world.names
        if isinstance(names, RunWorld) and spot[0] in names.joined.upright:
            return False
        return view.phase(spot) == "backward" and all(
            self.comparison.with_reference(each, reference.negative, is_rounded=False)
            <= Agreement.UNKNOWN
            for each in (tree, *formulas)  # a formula with the run's sign says it is lost
        )

    def _allowed(
        self, pairs: Sequence[JudgedPair], result: Node, reference: KnownValue
    ) -> Agreement:
        """Return how a result agrees with what the run gives from the writer's own figures.

        Where they were rounded rightly, what follows from them by a right formula is right too.
        """
        work, comparison = self.work, self.comparison
        if not is_literal(result) and self._may_give(result, reference):
            return Agreement.HOLDS
        of_figures = (
            pair.agreement
            for pair in pairs
            if pair.agreement is not None and not names_in(work.trees[pair.position] or result)
        )
        if any(agreement > Agreement.ROUNDING for agreement in of_figures):
            return Agreement.DIFFERS
        value = work.value_in_run()
        if value is not None and do_meet(value, reference.printed):
            return Agreement.HOLDS
        put_in = (tree for tree in work.trees[1:] if tree is not None and not names_in(tree))
        ends = (next(put_in, result), result)  # what was put in, and what was worked out of it
        formulas = [tree for tree in work.formulas if tree is not result]
        if work.view is not None and self.world.spot is not None:
            formulas += work.view.formulas(self.world.spot)
        figures = next((tree for tree in work.trees[1:-1] if tree and not names_in(tree)), result)
        best = Agreement.DIFFERS
        for formula in formulas:
            if comparison.with_reference(formula, reference, is_rounded=False) is Agreement.HOLDS:
                if self._are_put_in(formula, figures, reference):
                    return Agreement.HOLDS
                best = min(best, *(comparison.by_value(formula, each) for each in ends))
        if best is Agreement.ROUNDING and work.is_exact(len(work.trees) - 1):
            return Agreement.DIFFERS
        return Agreement.OPEN if best is Agreement.UNKNOWN else best

    def _may_give(self, working: Node, reference: KnownValue) -> bool:
        """Tell whether working without a result may give the run's, rounded as its figures are."""
        halves = ((each, half_place(each)) for each in numbers_in(working) if is_telling(each))
        ranges = {id(each): around(each.value, half) for each, half in halves if half is not None}
        wide = ValueComparison(self.world.names, self.work.habit, ranges).value(working, "bounds")
        return wide is not None and do_meet(wide, reference.printed)

    def _are_put_in(self, formula: Node, figures: Node, reference: KnownValue) -> bool:
        """Tell whether figures are those of a right formula, rounded, and may give its value."""
        put_in = self.comparison.afresh()
        ranges: dict[int, Interval] = {}
        if put_in.align(formula, figures) is not Agreement.HOLDS or put_in.unknown:
            return False
        for placed, node in put_in.placements.values():
            known_value = put_in.value_of_placed(placed)
            if known_value is None or known_value.printed == put_in.value(node):
                continue
            before = known_value.bounds  # it reaches to what a right line of the writer's has
            for signed, each in signed_figures(node):
                if not is_telling(each):
                    return False  # 0.1 is next to anything
                near = around(each.value, half_place(each) or Fraction(0))
                if isinstance(before, Interval):
                    near = range_of_both(near, before if signed >= 0 else -before)
                ranges[id(each)] = near
        wide = ValueComparison(self.world.names, self.work.habit, ranges).value(figures, "bounds")
        return wide is not None and do_meet(wide, reference.printed)

    # What it rests on -------------------------------------------------------------------------

    def _find_error_line(self) -> int:
        """Return the line of a slip whose result is used by its figure or by name; 0 for none.

        A name for which a figure was put in is worth that figure, wrong or not. A figure that a
        right line has printed too is that one, unless it is put in for the wrong one's name. What
        is worked out of figures alone, for nothing that the run has, is the writer's own.
        """
        is_own = self.world.reference is None and not self.work.formulas
        if self.world.name != "writers_own" and not is_own:
            return 0
        run, given_figures = self.work.run, self.work.run.given_figures
        before = run.known_value((self.work.target or "").rstrip("'"))
        corrects = isinstance(self.world.names, WritersWorld) and self.world.names.corrects
        has_names = corrects and self.work.formulas  # they have their right values
        placed = {name for name, _ in self.comparison.names_put_in()}

        def error_of(names: Iterable[str]) -> int:
            known_values = map(self.world.names.known_value, names)
            return max((value.error_line for value in known_values if value is not None), default=0)

        for tree in () if has_names or not run.wrong_figures else self.work.trees[:-1]:
            for signed, number in () if tree is None else signed_figures(tree):
                line, printed = run.wrong_figures.get(signed, 0), Interval(signed)
                if not line or number.value in given_figures:
                    continue
                is_own = before is not None and before.printed == printed
                is_other = not error_of(placed) and any(
                    each.printed == printed and not each.error_line for each in run.all_values()
                )
                # Beside a run a figure of one digit is no chance: the line differs without it.
                is_meant = is_telling(number) or self.work.view is not None
                if is_own or (is_meant and not is_other):
                    return line
        names = {name for formula in self.work.formulas for name in names_in(formula)}
        return error_of(names - placed)


@lru_cache(maxsize=64)
def _readings_with_signs(printed: str) -> Sequence[tuple[Node, list[str]]]:
    """Return the readings of a formula in LaTeX, each with the signs of its products."""
    chains = join_rows(read_document(f"$$q = {printed}$$", "md")).chains()
    return [_with_signs(tree) for chain in chains for tree in chain.sides[-1].readings]


def _with_signs(tree: Node) -> tuple[Node, list[str]]:
    """Return a tree with the signs of its products, which do not tell trees apart."""
    calls = (part for part in walk(tree) if isinstance(part, Call))
    return tree, [call.sign for call in calls if call.operation == "multiply"]


def _is_of_another_name(comparison: SideComparison, left: Node, right: Node) -> bool:
    """Tell whether a side is the one before of another name: `σ(z_1) = 1/(1 + e^{-z_2})`."""
    of_left, of_right = set(names_in(left)), set(names_in(right))
    match (*(of_left - of_right),), (*(of_right - of_left),):
        case (name,), (other,):
            renamed = substitute(right, {other: Name(name)})
            return comparison.as_identity(left, renamed) is Agreement.HOLDS
    return False


def _is_another_product(comparison: SideComparison, formula: Node, figures: Node) -> bool:
    """Tell whether figures lack a factor of a formula, whatever some names are worth.

    Or they are the matrix that it is worth with rows and columns swapped.
    """
    if is_literal(figures):
        return any(is_turned(figures, each) for each in comparison.values(formula, "bounds"))
    return not names_in(figures) and bool(comparison.factors_left_out(formula, figures))
