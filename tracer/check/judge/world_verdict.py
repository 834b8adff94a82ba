"""A chain in one world: each side compared with the next one, formulas and result with the run.

Its judgement is what is found in it, once the world is chosen in which it is judged.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from fractions import Fraction
from functools import lru_cache
from typing import Final

from tracer.check.arithmetic.figures import (
    AS_STATED,
    AS_WRITTEN,
    Precision,
    figure,
    printed_instead,
    tier,
)
from tracer.check.bind.worlds import WritersWorld
from tracer.check.compare.bounded_values import (
    KnownValue,
    around,
    do_meet,
    half_place,
    have_one_shape,
    is_about,
    is_result,
    is_telling,
    is_turned,
    precision_beside,
    range_of_both,
    with_entries,
    with_value,
)
from tracer.check.compare.side_comparison import SideComparison
from tracer.check.compare.unit_scales import in_other_unit, is_count
from tracer.check.compare.value_comparison import Agreement, ValueComparison
from tracer.check.judge.admissible_worlds import AdmissibleWorld
from tracer.check.judge.blame_finder import find_blame
from tracer.check.judge.chain_work import ChainWork, join_rows
from tracer.check.judge.derivative_slips import with_what_is_missing
from tracer.check.judge.evidence import AGREED, WRONG, Evidence, WrongPart
from tracer.check.judge.part_state import PartState, is_without_epsilon
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
from tracer.check.model.finding import Verdict
from tracer.check.model.statements import DOTS, EquationChain
from tracer.check.model.written_trees import (
    entries_in,
    is_literal,
    names_in,
    numbers_in,
    signed_figures,
)
from tracer.check.read.document_entry import read_document
from tracer.check.trace.aliases import ENTRY, derivative_of, is_loss
from tracer.expression.syntax import Array, Call, Name, Node, walk
from tracer.frozen import Frozen, replace
from tracer.intervals import Interval, Value, value_or_none
from tracer.program.program import substitute

MOST_READINGS: Final = 12  # pairs of readings of two sides that are tried
ROUNDED_FIGURES: Final[tuple[Uncertainty, ...]] = ("figures_are_rounded",)
LEAST_DIGITS_CUT: Final = 4  # that are left of a figure: to cut off more is to take another one
NO_QUANTITY: Final[tuple[Uncertainty, ...]] = ("no_quantity_of_the_run",)
UPDATED_IN_STEP: Final[tuple[Uncertainty, ...]] = ("updated_in_step",)
TOLD_ANEW: Final[tuple[Uncertainty, ...]] = ("told_of_another_time",)
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
            if agreement is Agreement.ROUNDING and work.is_exact(position):
                agreement = Agreement.DIFFERS
            may_be_carried = agreement in (Agreement.DIFFERS, Agreement.ROUNDING)
            if may_be_carried and position == last and not names:
                agreement = min(agreement, self._allowed(pairs, tree, reference))
            why = self._why_beside_run(tree, pairs, reference) if agreement in WRONG else ()
            yield JudgedPair(position, agreement, why, (), True)

    def _is_as_in_run(self, position: int, tree: Node) -> bool:
        """Tell whether a side is the formula of the target as tracer prints it, sign by sign.

        That has the run's value however large it is, and whatever its signs leave unsaid: over
        which axes a convolution sums, and how far apart it is laid. Only ε may be left out.
        """
        view, spot = self.work.view, self.world.spot
        if view and spot and is_without_epsilon(tree, spot, self.comparison, view):
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
        is_of_words = work.is_of_another_case(self.world.names.known_value(work.target or ""))
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
            ("figure_of_a_doubtful_line", any(each.error_line for each in known_values)),
        )
        return tuple(why for why, holds in reasons if holds)[:1]

    def _is_other_sign(self, tree: Node) -> bool:
        """Tell whether a gradient with a name of its own, a delta, is the run's but for its sign.

        Whoever defines it as target minus output and adds the step computes the same.
        """
        view, spot, reference = self.work.view, self.world.spot, self.world.reference
        formulas, target = self.work.formulas, self.work.target or "/"
        is_own = "/" not in target and (bool(formulas) or target in self.work.run.turned)
        if view is None or spot is None or reference is None or not is_own:
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


class ChainJudgement(Frozen):
    """What is found in a chain, and in which world.

    `error_line` is the line of the slip that a carried chain follows from; `coincides` is true
    where a formula holds only at the numbers of this run; `blame` says what is wrong in a slip,
    `mended` what its side is worth without it, where that is known. `following` are the results
    after it, by position, with what they become, `mended_figures` the figures between, with what
    the formula lacked; `is_repairable` is true where the chain holds with all of that, and figures
    of the `precision` that its writer has. `put_in` are the figures that stand for names.
    """

    chain: EquationChain
    outcome: Verdict
    pairs: tuple[JudgedPair, ...]
    error_line: int
    admitted: AdmissibleWorld
    coincides: bool = False
    blame: WrongPart | None = None
    mended: Value | None = None
    following: tuple[tuple[int, Value], ...] = ()
    mended_figures: tuple[WrongPart, ...] = ()
    is_repairable: bool = False
    precision: Precision = AS_WRITTEN
    put_in: Sequence[tuple[str, Node]] = ()

    @property
    def is_result_right(self) -> bool | None:
        """Whether the result of a slip is right although its working is not; None if nobody knows.

        Only a run says so.
        """
        last = len(self.chain.sides) - 1
        if self.blame is not None and (self.blame.position, self.blame.part) == (last, "result"):
            return False
        return _is_result_right(self.pairs, self.chain)


def _is_result_right(pairs: Sequence[JudgedPair], chain: EquationChain) -> bool | None:
    """Tell whether the run has the result of a chain; None where it says nothing of it."""
    last = len(chain.sides) - 1
    results = (pair for pair in pairs if pair.with_run and pair.position == last)
    agreement = next((pair.agreement for pair in results), None)
    return None if agreement is None else agreement <= Agreement.ROUNDING


def as_open(judgement: ChainJudgement, why: tuple[Uncertainty, ...]) -> ChainJudgement:
    """Return a judgement as undecided, for a reason."""
    pairs = [replace(pair, uncertain=why) for pair in judgement.pairs]
    return replace(judgement, outcome="undecided", pairs=tuple(pairs), blame=None)


def judgement_on(found: WorldVerdict, state: PartState) -> ChainJudgement:
    """Return what is found in a chain, in the world that was chosen."""
    work, outcome, coincides = found.work, _outcome_of(found), False
    if outcome in ("correct", "rounding", "carried_forward"):
        # `w = w - 0.1 * (-3)` is figures with a name left in them.
        formulas = [each for each in work.formulas if set(names_in(each)) != {work.target}]
        spot = found.world.spot
        if spot is None and state.view is not None and outcome == "carried_forward":
            spot = next(iter(state.view.spots(work.target or "", is_target=True)), None)
        coincides = state.is_only_here(formulas, spot)
        outcome = "undecided" if coincides else outcome
    if outcome == "correct" and _is_of_no_quantity(found, state):
        pairs = [replace(pair, uncertain=NO_QUANTITY) for pair in found.pairs]
        return ChainJudgement(work.chain, "undecided", tuple(pairs), 0, found.world)
    blame = find_blame(_evidence_of(found, state)) if outcome == "slip" else None
    if blame is not None and work.chain.is_inequality:  # nobody knows which of its sides is wrong
        blame = replace(blame, expected=None, slips=("plain_slip",))
    error_line = 0 if blame is not None else found.error_line
    if blame is not None and _is_cut_off(blame):
        outcome = "rounding"
    if blame is not None and (line := _slip_carried_by(blame, work)):
        outcome, blame, error_line = "carried_forward", None, line
    judgement = ChainJudgement(
        work.chain,
        outcome,
        found.pairs,
        error_line,
        found.world,
        coincides,
        blame,
        put_in=found.comparison.names_put_in(),
    )
    return judgement if blame is None else with_repair(judgement, blame, found, state)


def _is_cut_off(blame: WrongPart) -> bool:
    """Tell whether a figure is the right one with fewer digits, none of them rounded."""
    like, expected = figure(blame.node), blame.expected
    if blame.part != "figure" or like is None or not isinstance(expected, Interval):
        return False
    return like.digits >= LEAST_DIGITS_CUT and tier(like, expected) == "chopped"


def _slip_carried_by(blame: WrongPart, work: ChainWork) -> int:
    """Return the line of the slip that a wrong figure is the result of; 0 where it is its own.

    The name for which it is put in may be another one than the slip has: σ(z) for a = σ(z).
    """
    figures, expected, run = signed_figures(blame.node), blame.expected, work.run
    above = (tree for tree in work.trees[work.begin : blame.position] if tree is not None)
    is_worked_out = any(numbers_in(tree) and not names_in(tree) for tree in above)
    if len(figures) != 1 or is_worked_out or blame.node == work.trees[blame.position]:
        return 0  # a result of this line
    ((signed, number),) = figures
    right = run.right_figures.get(number.value)
    belongs = expected if signed >= 0 or not isinstance(expected, Interval) else -expected
    is_same = right is not None and isinstance(belongs, Interval) and belongs.meets(right)
    return run.wrong_figures.get(signed, 0) if is_same else 0


def _is_of_no_quantity(found: WorldVerdict, state: PartState) -> bool:
    """Tell whether figures have a result that the run does not have, or not for what is its data.

    The line is right by itself, and nobody has compared it with the run.
    """
    work, view, target = found.work, state.view, found.work.target or ""
    value, result = work.value_in_run(), work.trees[-1]
    above, _ = derivative_of(target) or ("loss", "")
    is_compared = found.world.reference is not None or not is_loss(above)  # a local derivative
    if view is None or value is None or result is None or is_compared or not work.is_worked:
        return False
    data = [spot for spot in view.spots(target, is_target=True)[:1] if spot[0] in view.data]
    entry = ENTRY.fullmatch(target)
    if entry is not None and not view.spots(target, is_target=True):  # of a row, say
        arrays = {name for name, _ in view.spots(entry[1] + entry[3], is_target=True)}
        data = [spot for spot in view.all_spots() if spot[0] in arrays]
    if (work.formulas or "(" in target) and not data:  # of an expression: ∂g/∂(-w²/v)
        return False
    printed = work.comparison.stands_for(result) if is_literal(result) else value
    return not state.is_in_run((value, printed), data)


def with_repair(
    judgement: ChainJudgement, blame: WrongPart, found: WorldVerdict, state: PartState
) -> ChainJudgement:
    """Return a slip with what its side is worth without it, and whether the chain holds so.

    What is judged is what will be printed: no side that changes may differ from the next one, or be
    open, and the others have one reading.
    """
    work, side = found.work, found.work.trees[blame.position]
    tree = None if side is None else blame.mended_in(side)
    if side is None or tree is None:
        # Only a name that the formula and the result are of is known to be right.
        return replace(judgement, is_repairable=bool(blame.belongs))
    arrays = (part for part in walk(side) if isinstance(part, Array))
    lists = (entries for array in arrays if blame.node in (entries := entries_in(array)))
    others = Array(tuple(it for it in next(lists, ()) if it != blame.node))
    precision = precision_beside(others, value_or_none(others), state.habit.precision)
    judgement = replace(judgement, mended=work.comparison.value(tree), precision=precision)
    if blame.expected is not None:
        own = AS_STATED if blame.line else precision
        part = replace(blame, expected=_as_printed(blame.node, blame.expected, own))
        tree = part.mended_in(side)
    value = None if tree is None else work.comparison.value(tree)
    following = () if blame.is_all else tuple(_following_results(judgement, blame, value))
    results = ((place, work.chain.sides[place].tree, worth) for place, worth in following)
    figures = tuple(_mended_figures(judgement, blame))
    trees: dict[int, Node | None] = {each.position: each.mended for each in figures}
    trees |= {blame.position: tree} | {
        place: with_value(result, result, _as_printed(result, worth, precision))
        for place, result, worth in results
        if result is not None
    }
    sides = [
        side if (new := trees.get(position)) is None else replace(side, readings=(new,))
        for position, side in enumerate(work.chain.sides)
    ]
    repaired = ChainWork(replace(work.chain, sides=tuple(sides)), state)
    count = sum(pair.agreement in WRONG for pair in found.pairs)
    # A figure that differs from the value of its name may be right, and the name wrong: not where
    # none is written, or the formula was stated above.
    stated = [side.tree for side in state.formulas_of(work.target or "", work.chain)]
    is_certain = (
        blame.other == blame.name
        or blame.is_all
        or count > 1
        or blame.part == "derivative"
        or not work.formulas
        or work.formulas[0] in stated
    )
    worst = Agreement.OPEN if blame.is_all else Agreement.UNKNOWN
    is_repairable = is_certain and all(
        (pair.agreement or Agreement.HOLDS) <= worst
        if not trees.keys().isdisjoint((pair.position, pair.position + (not pair.with_run)))
        else "other_reading" not in pair.uncertain
        for pair in WorldVerdict(repaired, found.world).pairs
    )
    return replace(
        judgement, following=following, mended_figures=figures, is_repairable=is_repairable
    )


def _mended_figures(judgement: ChainJudgement, blame: WrongPart) -> Iterator[WrongPart]:
    """Yield the figures put in for a wrong derivative, with the factor or sign that it lacks."""
    if blame.part != "derivative" or blame.mended is None:
        return
    after = blame.position + 1
    for position, side in enumerate(judgement.chain.sides[after:], after):
        if side.tree is not None and not is_literal(side.tree):
            mended = with_what_is_missing(side.tree, blame.slips)
            yield replace(blame, position=position, node=side.tree, mended=mended)


def _as_printed(node: Node, value: Value, precision: Precision) -> Value:
    """Return a value with its figures as they are printed in the place of those of a literal."""
    likes = iter([*map(figure, entries_in(node))])
    precision = precision_beside(node, value, precision)

    def rounded(entry: Interval) -> Interval:
        like = next(likes, None)
        text = "" if like is None else printed_instead(entry, like, precision)
        with suppress(ValueError):
            return Interval(Fraction(text))
        return entry

    return with_entries(value, rounded)


def _following_results(
    judgement: ChainJudgement, blame: WrongPart, value: Value | None
) -> Iterator[tuple[int, Value]]:
    """Yield the results that follow from what belongs in a side: they become its `value`."""
    sides = judgement.chain.sides
    tree = sides[blame.position].tree
    is_unknown = tree is None or (names_in(tree) and blame.part != "derivative")
    if is_unknown or (blame.part == "figure" and judgement.is_result_right):
        return
    for position, later in enumerate(sides[blame.position + 1 :], blame.position + 1):
        if value is None or later.tree is None:
            return
        if is_literal(later.tree):
            yield position, value
        elif blame.part != "derivative":
            return  # other figures would have to be worked out anew


def _outcome_of(found: WorldVerdict) -> Verdict:
    work, agreements = found.work, [pair.agreement for pair in found.pairs]
    first = work.trees[0]
    is_equation = len(work.trees) == 2 and work.target is None and first and names_in(first)
    if is_equation and agreements != [Agreement.HOLDS]:
        return "undecided"  # `2x = 6`: it may be confirmed, and never refuted
    if any(agreement in WRONG for agreement in agreements):
        return "slip" if any(_proved_pairs(found)) else "undecided"
    problems = [side.problem.reason for side in work.chain.sides if side.problem]
    is_blank = "blank" in problems and work.trees[-1] is None
    compared = [pair for pair in found.pairs if pair.agreement is not None]
    if not compared or (is_blank and all(pair.with_run for pair in compared)):
        return "not_checked"
    is_told = work.is_statement and (work.chain.refers_elsewhere or work.is_of_state)
    is_of_old = found.world.name == "earlier_iteration" and not is_told
    if found.worst > Agreement.ROUNDING or "cut_off" in work.chain.doubts or is_of_old:
        return "undecided"  # words may speak of an old value, or of something else
    if found.error_line:
        return "carried_forward"
    return "rounding" if Agreement.ROUNDING in agreements else "correct"


def _proved_pairs(found: WorldVerdict) -> Iterator[JudgedPair]:
    """Yield the pairs that differ in a certain reading.

    In a chain with a doubt that is only a result beside its figures, apart from where it begins.
    Where no more than that is doubted, it is figures put in too.
    """
    chain, trees = found.work.chain, found.work.trees
    for pair in found.pairs:
        right = None if pair.with_run or pair.unknown else trees[pair.position + 1]
        is_worked = right is not None and (
            is_literal(right) or not ("end" in chain.doubts or names_in(right))
        )
        certain = chain.is_certain or (is_worked and chain.is_pair_certain(pair.position))
        if pair.agreement in WRONG and certain and not pair.uncertain:
            yield pair


def _evidence_of(found: WorldVerdict, state: PartState) -> Evidence:
    """Return what says what is wrong in a chain that differs."""
    work, world = found.work, found.world
    proved = list(_proved_pairs(found))
    pairs = [pair for pair in found.pairs if pair.agreement in WRONG]
    pair = pairs[0] if work.chain.is_certain else proved[0]
    formula, *figures = work.chain.sides[pair.position : pair.position + 2]
    return Evidence(
        work.trees,
        work.target,
        pair.position,
        pair.with_run,
        found.comparison,
        work.run,
        work.view,
        world.spot,
        world.reference,
        max(world.iteration, 1),
        any(formula.written.last_line < each.written.place(0, 1).line for each in figures)
        or formula.tree in (s.tree for s in state.formulas_of(work.target or "", work.chain)),
        bool(_is_result_right(found.pairs, work.chain)),
        state.updated_values,
        [pair.position for pair in pairs if pair not in proved],
        next((pair.position for pair in proved if not pair.with_run), pair.position),
    )
