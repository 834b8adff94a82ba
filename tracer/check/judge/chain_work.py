"""One chain, ready to be judged: compared with itself and with the run, in any world."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Final, Literal

from tracer.check.compare.bounded_values import do_meet, have_one_shape
from tracer.check.compare.rounding_habit import (
    RoundingHabit,
    last_place,
    significant_digits,
)
from tracer.check.compare.side_comparison import Agreement, SideComparison
from tracer.check.judge.admissible_worlds import AdmissibleWorld, WorldName
from tracer.check.judge.blame_finder import Evidence, WrongPart, explain
from tracer.check.judge.part_state import PartState
from tracer.check.judge.side_readings import are_all_readings, readings_of
from tracer.check.judge.uncertainty import (
    Difference,
    Uncertainty,
    is_told_of_another_time,
    uncertainties_of,
)
from tracer.check.model.statements import DOTS, EquationChain
from tracer.check.model.written_trees import (
    calls_in,
    is_literal,
    names_in,
    negate,
    numbers_in,
    signed_figures,
)
from tracer.expression.syntax import Call, Name, Node, Number, walk
from tracer.frozen import Frozen, replace
from tracer.intervals import Value

__all__ = [
    "ChainJudgement",
    "ChainWork",
    "JudgedPair",
    "Outcome",
    "WorldVerdict",
]

Outcome = Literal["correct", "slip", "rounding", "carried_forward", "undecided", "not_checked"]
EXACT: Final = frozenset(
    ("add", "subtract", "multiply", "negative", "power", "matmul", "dot", "sum", "transpose_last")
)
"""Operations whose results a writer need not round."""
POWERS: Final = frozenset(("power",))
ARITHMETIC: Final = frozenset(("add", "subtract", "multiply", "divide"))
ZERO: Final = Fraction(0)
MOST_SIDES: Final = 10_000  # more than any chain has
MOST_READINGS: Final = 12  # pairs of readings of two sides that are tried
WRONG: Final = (Agreement.DIFFERS, Agreement.EARLIER)
INEQUALITIES: Final = ("<", ">", "≤", "≥")
IDENTITY_SEEDS: Final = (7, 31)
PRODUCTS: Final = ("matmul", "dot")
OF_ANOTHER_EXAMPLE: Final = frozenset(("another_example", "given_twice", "given_elsewhere"))
NO_NAME: Final = frozenset(("add", "subtract", "multiply", "negative", "matmul"))


_Figure = tuple[Fraction, Fraction | None]
"""A value with the unit of its last decimal: 1.0 may have been rounded where 1 was not."""


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


class ChainJudgement(Frozen):
    """What is found in a chain, and in which world.

    `error_line` is the line of the slip that a carried chain follows from; `coincides` is true
    where a formula holds only at the numbers of this run; `blame` says what is wrong in a slip.
    """

    chain: EquationChain
    outcome: Outcome
    pairs: tuple[JudgedPair, ...]
    error_line: int
    admitted: AdmissibleWorld
    coincides: bool = False
    blame: WrongPart | None = None

    @property
    def world(self) -> WorldName:
        """The name of the world in which it was judged."""
        return self.admitted.name


class WorldVerdict(Frozen):
    """A chain judged in one world."""

    world: AdmissibleWorld
    pairs: tuple[JudgedPair, ...]
    error_line: int

    @property
    def first_wrong(self) -> int:
        """The right side of the first pair that differs; behind all sides where none does."""
        places = (
            pair.position + (not pair.with_run) for pair in self.pairs if pair.agreement in WRONG
        )
        return min(places, default=MOST_SIDES)

    @property
    def worst(self) -> Agreement:
        """The worst agreement of its pairs; a side that was not read is unknown."""
        unread = Agreement.UNKNOWN
        return max(
            (unread if pair.agreement is None else pair.agreement for pair in self.pairs),
            default=Agreement.HOLDS,
        )


def _are_of_two_shapes(one: Value | None, other: Value | None) -> bool:
    return one is not None and other is not None and not have_one_shape(one, other)


def _of_the_likeliest_shape(
    comparison: SideComparison, combinations: Sequence[tuple[Node, Node]]
) -> tuple[Sequence[Node], Sequence[Node]]:
    """Return the readings of two sides without those of another shape than the side beside them.

    All of them are returned where the likeliest ones are of two shapes themselves.
    """
    fitting = [
        pair for pair in combinations if not _are_of_two_shapes(*map(comparison.value, pair))
    ]
    pairs = fitting if combinations[0] in fitting else combinations
    lefts, rights = zip(*pairs, strict=True)
    return lefts, rights


class ChainWork:
    """One chain, ready to be judged: its trees, its target, and how exact its figures are."""

    def __init__(self, chain: EquationChain, state: PartState) -> None:
        self.chain: Final = chain
        self.run: Final = state.run
        self.joined: Final = state.joined
        self.view: Final = state.view
        self.readings: Final = readings_of(chain, state.named_sides, state.present_world().known)
        self.trees: Final[list[Node | None]] = [each[0] if each else None for each in self.readings]
        self.habit: Final = state.habit
        self.halves: Final = self._halves(state.habit)
        self.comparison: Final = SideComparison(state.run, state.habit, self.halves)
        self.target: Final = self._find_target(state.named_sides)

    @property
    def formulas(self) -> list[Node]:
        """Its sides with names, but for the first."""
        return [tree for tree in self.trees[1:] if tree is not None and names_in(tree)]

    @property
    def is_worked(self) -> bool:
        """Whether figures stand in it beside a name, or on both sides of a relation.

        Decimals that are worked out in a formula, `w - 0.1 * 0.5`, were put in for names.
        """
        if any(not each for each in self.readings) or any(
            tree is not None and not names_in(tree) for tree in self.trees
        ):
            return True
        parts = (
            part
            for tree in self.trees[1:]
            if tree is not None
            for part in calls_in(tree, ARITHMETIC)
        )
        return len(self.trees) > 2 and any(
            not names_in(part) and any(map(last_place, numbers_in(part))) for part in parts
        )

    @property
    def has_blank(self) -> bool:
        """Whether a side is left blank."""
        problems = (side.problem for side in self.chain.sides)
        return any(problem is not None and problem.reason == "blank" for problem in problems)

    @property
    def is_statement(self) -> bool:
        """Whether a name and a literal are all there is."""
        right = self.trees[-1]
        return len(self.trees) == 2 and right is not None and is_literal(right)

    def names_of_result(self) -> list[Node]:
        """Return the further names that a literal gets, where nobody knows a value to compare.

        There are none where anything else stands before the literal. A function of such a name is
        one too.
        """
        middle, last = self.trees[1:-1], self.trees[-1]
        names = [tree for tree in middle if tree is not None and self.comparison.is_name(tree)]
        is_all = len(names) == len(middle) and last is not None and is_literal(last)
        return names if is_all else []

    def reading_that_holds(self) -> Node | None:
        """Return the reading of the result that its first formula has the value of; else None."""
        earlier = self.trees[0 if self.target is None else 1]
        if earlier is None or len(self.readings[-1]) < 2:
            return None
        agree = (Agreement.HOLDS, Agreement.ROUNDING)
        return next(
            (
                each
                for each in self.readings[-1]
                if self.comparison.by_value(earlier, each) in agree
            ),
            None,
        )

    def _find_target(self, named_sides: dict[Node, str]) -> str | None:
        """Return the name that the chain gives a value, which may be written as an expression."""
        first = self.trees[0]
        if first is None:
            return f"«{self.chain.sides[0].written.text.strip()}»"
        if isinstance(first, Name):
            return first.id
        last = self.trees[-1]
        if last is None or not is_literal(last):
            return None  # a definition: its left side is worth what its formula says
        if is_literal(first) or (isinstance(first, Call) and first.operation in NO_NAME):
            return None
        if self.comparison.value(first, "bounds") is not None or not names_in(first):
            return None
        name = f"«{self.chain.sides[0].written.text.strip()}»"
        named_sides[first] = name
        return name

    def _halves(self, habit: RoundingHabit) -> Mapping[int, Fraction]:
        """Return how far each figure may be from what it stands for.

        A figure is computed, and rounded, if it was printed as a result before, or first appears
        after the first side of figures, or in a side that has fewer functions and quotients than
        the formula above, so that one was worked out; every other figure is data and exact.
        """
        halves: dict[int, Fraction] = {}
        seen: dict[_Figure, Fraction] = {}
        has_figures = False
        most_rounded = 0  # functions and quotients of a formula above
        for position, trees in enumerate(self.readings):
            tree = trees[0] if trees else None
            if tree is None or (position == len(self.readings) - 1 and is_literal(tree)):
                continue
            rounded = sum(isinstance(p, Call) and p.operation not in EXACT for p in walk(tree))
            is_worked_out = rounded < most_rounded
            exponents = {id(call.arguments[1]) for each in trees for call in calls_in(each, POWERS)}
            for number in (number for each in trees for number in numbers_in(each)):
                if id(number) in exponents:
                    continue  # it is of the formula, whatever figures equal it
                is_first = not (has_figures or is_worked_out)
                half = self._half_of(number, seen, habit, is_first=is_first)
                if half:
                    halves[id(number)] = half
            has_figures = has_figures or bool(numbers_in(tree) and not names_in(tree))
            most_rounded = max(most_rounded, rounded if names_in(tree) else 0)
            if names_in(tree):
                seen |= {(n.value, last_place(n)): ZERO for n in numbers_in(tree)}
        return halves

    def _half_of(
        self,
        number: Number,
        seen: dict[_Figure, Fraction],
        habit: RoundingHabit,
        *,
        is_first: bool,
    ) -> Fraction:
        value, unit = number.value, last_place(number)
        is_given = value in self.run.given_figures
        halves: Mapping[Fraction, Fraction] = self.run.computed_figures
        if not is_given and value not in halves and -value not in halves:
            halves = self.run.figures_above
        is_computed = value in halves or -value in halves
        if value in self.run.exact_figures:
            return Fraction(0)
        if unit is None:
            return habit.half_unit(number) if is_computed and not is_given else Fraction(0)
        if (value, unit) not in seen:
            half = min(halves.get(value, unit / 2), unit / 2)
            is_exact = not is_computed and (is_given or is_first)
            seen[value, unit] = Fraction(0) if is_exact else half
        return seen[value, unit]

    # Judging ----------------------------------------------------------------------------------

    def judged_in(self, world: AdmissibleWorld) -> WorldVerdict:
        """Compare each side with the next one, and with the run, in a world."""
        comparison = SideComparison(world.names, self.habit, self.halves)
        begin = 0 if self.target is None else 1
        pairs = [
            self._judged(place, begin, comparison) for place in range(begin, len(self.trees) - 1)
        ]
        if world.reference is not None:
            pairs += self._with_run(world, comparison, pairs)
            pairs = self._closed_by_run(self._certain_by_run(pairs))
        error_line = comparison.error_line
        if world.name == "writers_own":
            placed = {name for name, _ in comparison.placements.values()}
            by_figures = 0 if world.corrects else self._error_line_of_figures()
            error_line = error_line or by_figures or self._error_line_of(world, placed)
        return WorldVerdict(world, tuple(pairs), error_line)

    def _certain_by_run(self, pairs: list[JudgedPair]) -> list[JudgedPair]:
        """Return the pairs without a doubt of another example, where the result is the run's."""
        last = len(self.trees) - 1
        results = [pair.agreement for pair in pairs if pair.with_run and pair.position == last]
        if results != [Agreement.HOLDS]:
            return pairs
        return [
            replace(pair, uncertain=tuple(e for e in pair.uncertain if e not in OF_ANOTHER_EXAMPLE))
            for pair in pairs
        ]

    def _closed_by_run(self, pairs: list[JudgedPair]) -> list[JudgedPair]:
        """Return the pairs with an open one as one that holds, where the run says that it does.

        The printed figures alone leave it open. Formula and result both agree with the run, and
        every other pair of sides holds.
        """
        is_confirmed = self.formulas and pairs[-1].position == len(self.trees) - 1
        is_open = [pair.agreement is Agreement.OPEN for pair in pairs]
        if not is_confirmed or sum(is_open) != 1 or any(pair.unknown for pair in pairs):
            return pairs
        if any(pair.agreement not in (Agreement.HOLDS, Agreement.OPEN) for pair in pairs):
            return pairs
        return [
            JudgedPair(pair.position, Agreement.HOLDS, (), (), pair.with_run) if each else pair
            for pair, each in zip(pairs, is_open, strict=True)
        ]

    def _judged(self, position: int, begin: int, comparison: SideComparison) -> JudgedPair:
        lefts, rights = self.readings[position], self.readings[position + 1]
        relation = self.chain.sides[position + 1].relation
        if not lefts or not rights:
            return JudgedPair(position, None)
        if relation in INEQUALITIES:
            return JudgedPair(position, comparison.inequality(lefts[0], rights[0], relation))
        combinations = list(itertools.islice(itertools.product(lefts, rights), MOST_READINGS))
        differing = None
        best: Agreement | None = None
        unknown: set[str] = set()
        for left, right in combinations:
            agreement = comparison.compare(left, right, is_rounded=relation == "≈")
            if agreement is Agreement.DIFFERS and differing is None:
                differing = left, right
            if best is None or agreement < best:
                best, unknown = agreement, set(comparison.unknown)
            if best is Agreement.HOLDS:
                break
        assert best is not None
        if best is Agreement.UNKNOWN and position and comparison.is_name(lefts[0]):
            return JudgedPair(position, Agreement.HOLDS)  # it names what comes next
        likeliest = _of_the_likeliest_shape(comparison, combinations)
        if best is Agreement.UNKNOWN and are_all_readings(*likeliest):
            if differing is not None:
                best = Agreement.DIFFERS  # the shapes fit in one reading, and it does not hold
            elif all(comparison.has_another_shape(*pair) for pair in combinations):
                best = Agreement.DIFFERS
        best = self._from_unrounded(position, begin, best, comparison, is_rounded=relation == "≈")
        if best not in WRONG:
            values = comparison.value(lefts[0]), comparison.value(rights[0])
            return JudgedPair(
                position,
                best,
                (),
                tuple(sorted(unknown)),
                has_two_shapes=best is Agreement.UNKNOWN and _are_of_two_shapes(*values),
            )
        if best is Agreement.EARLIER:
            difference = Difference(self.chain, self.trees, position, comparison, self.run)
            is_told = is_told_of_another_time(difference)
            told: tuple[Uncertainty, ...] = ("told_of_another_time",) if is_told else ()
            return JudgedPair(position, best, told, tuple(sorted(unknown)))
        if not are_all_readings(*likeliest):
            return JudgedPair(position, Agreement.OPEN, ("other_reading",))
        comparison.compare(*(differing or combinations[0]), is_rounded=relation == "≈")
        difference = Difference(self.chain, self.trees, position, comparison, self.run)
        value = comparison.value(difference.left)
        return JudgedPair(position, best, uncertainties_of(difference), value=value)

    def _from_unrounded(
        self,
        position: int,
        begin: int,
        found: Agreement,
        comparison: SideComparison,
        *,
        is_rounded: bool,
    ) -> Agreement:
        """Return how a result agrees with any earlier side, whose figures are less rounded."""
        result = self.trees[position + 1]
        if found < Agreement.ROUNDING or result is None or not is_literal(result):
            return found
        if found in (Agreement.UNKNOWN, Agreement.EARLIER):
            return found
        for earlier in self.trees[begin:position][::-1]:
            if earlier is not None:
                other = comparison.by_value(earlier, result, is_rounded=is_rounded)
                if other is not Agreement.UNKNOWN:
                    found = min(found, other)
        return found

    def _with_run(
        self, world: AdmissibleWorld, comparison: SideComparison, pairs: Sequence[JudgedPair]
    ) -> Iterator[JudgedPair]:
        """Compare formulas and the result with what the run says of the target."""
        assert world.reference is not None
        last = len(self.trees) - 1
        for position, tree in enumerate(self.trees):
            if tree is None or not position:
                continue
            names = names_in(tree)
            if position < last and (not names or any(name.startswith(DOTS) for name in names)):
                continue  # what dots stand for, only the figures after them say
            relation = self.chain.sides[position].relation
            agreement = min(
                comparison.with_reference(each, world.reference, is_rounded=relation == "≈")
                for each in self.readings[position]
            )
            if agreement is Agreement.ROUNDING and self._is_exact(position):
                agreement = Agreement.DIFFERS
            may_be_carried = agreement in (Agreement.DIFFERS, Agreement.ROUNDING)
            if may_be_carried and position == last and is_literal(tree):
                follows = all(
                    pair.agreement <= Agreement.ROUNDING
                    for pair in pairs
                    if pair.agreement is not None
                    and not names_in(self.trees[pair.position] or tree)
                )
                if follows:
                    are_roundings = bool(self.formulas) and all(
                        pair.agreement is Agreement.HOLDS and not pair.unknown for pair in pairs
                    )
                    carried = self._allowed(world, comparison, are_roundings=are_roundings)
                    agreement = min(agreement, carried)
            uncertain: tuple[Uncertainty, ...] = ()
            if agreement in WRONG and self.chain.refers_elsewhere:
                uncertain = ("told_of_another_time",)
            elif agreement in WRONG and self._is_other_sign(tree, world, comparison):
                uncertain = ("sign_of_own_name",)
            yield JudgedPair(position, agreement, uncertain, (), True)

    def _is_exact(self, position: int) -> bool:
        """Tell whether a result is exactly what the figures before it give: nothing was rounded."""
        before, tree = self.trees[position - 1], self.trees[position]
        if before is None or tree is None or names_in(before) or not is_literal(tree):
            return False
        value = self.comparison.value(before)
        return value is not None and value == self.comparison.value(tree)

    def _is_other_sign(
        self, tree: Node, world: AdmissibleWorld, comparison: SideComparison
    ) -> bool:
        """Tell whether a gradient with a name of its own, a delta, is the run's but for its sign.

        Whoever defines it as target minus output and adds the step computes the same.
        """
        if self.view is None or world.spot is None or world.reference is None:
            return False
        if self.view.phase(world.spot) != "backward" or "/" in (self.target or "/"):
            return False
        found = comparison.with_reference(negate(tree), world.reference, is_rounded=False)
        return found <= Agreement.ROUNDING and bool(self.formulas)

    def _allowed(
        self, world: AdmissibleWorld, comparison: SideComparison, *, are_roundings: bool
    ) -> Agreement:
        """Return how a result agrees with what the run gives from the writer's own figures.

        They were rounded rightly, so what follows from them by a right formula is right too;
        with `are_roundings` each figure is one of what the formula before it has at its place.
        """
        assert world.reference is not None
        value = self.value_drifted(comparison, are_roundings=are_roundings)
        if value is not None and do_meet(value, world.reference.printed):
            return Agreement.HOLDS
        result = self.trees[-1]
        if result is None or self.view is None or world.spot is None:
            return Agreement.DIFFERS
        formulas = [tree for tree in self.trees[1:-1] if tree is not None and names_in(tree)]
        found = Agreement.DIFFERS
        for formula in (*formulas, *self.view.formulas(world.spot)):
            in_run = comparison.with_reference(formula, world.reference, is_rounded=False)
            if in_run is Agreement.HOLDS:
                found = min(found, comparison.by_value(formula, result))
        if found is Agreement.ROUNDING and self._is_exact(len(self.trees) - 1):
            return Agreement.DIFFERS
        return Agreement.OPEN if found is Agreement.UNKNOWN else found

    def value_drifted(
        self, comparison: SideComparison, *, are_roundings: bool = False
    ) -> Value | None:
        """Return what the figures allow, each as far from the run as it is known to have led.

        With `are_roundings` a figure that was not given may be half a unit off in its last place.
        """
        result = None if self.trees[-1] is None else comparison.value(self.trees[-1])
        for readings in self.readings[1:-1]:
            figures = [tree for tree in readings if not names_in(tree)]
            for tree in figures:
                for value in self._drifted(tree, comparison, are_roundings=are_roundings):
                    if result is None or have_one_shape(value, result):
                        return value
            if figures:
                return None
        return None

    def _drifted(
        self, tree: Node, comparison: SideComparison, *, are_roundings: bool
    ) -> Iterator[Value]:
        """Yield what one side of figures allows, with its products read in each way."""
        halves = dict(self.halves)
        for number in numbers_in(tree):
            drift = self.joined.drifts.get(number.value)
            unit = last_place(number)
            if drift is None and are_roundings and unit and not self.is_given(number):
                drift = unit / 2
            if drift is not None:
                halves[id(number)] = drift
        return SideComparison(comparison.world, self.habit, halves).values(tree, "bounds")

    def value_in_run(self) -> Value | None:
        """Return what the run would have for a result of figures, which rounding has led off."""
        result = self.trees[-1]
        if result is None or not is_literal(result) or self.comparison.value(result) is None:
            return None  # the rows of an array may differ in length
        bounds, _ = self.comparison.stands_for(result)
        value = self.value_drifted(self.comparison)
        return value if value is not None and have_one_shape(bounds, value) else bounds

    def judgement(self, found: WorldVerdict, state: PartState) -> ChainJudgement:
        """Return what is found in the chain, in the world that was chosen."""
        pairs = found.pairs
        agreements = [pair.agreement for pair in pairs]
        outcome: Outcome
        coincides = False
        error_line = found.error_line
        first = self.trees[0]
        is_equation = (
            len(self.trees) == 2
            and self.target is None
            and first is not None
            and names_in(first)
            and agreements != [Agreement.HOLDS]
        )
        if is_equation:
            outcome = "undecided"  # `2x = 6`: it may be confirmed, and never refuted
        elif all(agreement is None for agreement in agreements) or (
            self.trees[-1] is None
            and self.has_blank
            and all(
                pair.agreement is None or (pair.with_run and pair.agreement not in WRONG)
                for pair in pairs
            )
        ):
            outcome = "not_checked"
        elif any(agreement in WRONG for agreement in agreements):
            is_proved = any(pair.agreement in WRONG and not pair.uncertain for pair in pairs)
            outcome = "slip" if self.chain.is_certain and is_proved else "undecided"
        elif found.worst > Agreement.ROUNDING or "cut_off" in self.chain.doubts:
            outcome = "undecided"
        elif error_line:
            outcome = "carried_forward"
        else:
            outcome = "rounding" if Agreement.ROUNDING in agreements else "correct"
            # `w = w - 0.1 * (-3)` is figures with a name left in them.
            formulas = [each for each in self.formulas if set(names_in(each)) != {self.target}]
            coincides = state.is_only_here(formulas, found.world.spot)
            if coincides:
                outcome = "undecided"
        blame: WrongPart | None = None
        if outcome == "slip":
            error_line, blame = 0, self._explained(found, state)
        return ChainJudgement(self.chain, outcome, pairs, error_line, found.world, coincides, blame)

    def _explained(self, found: WorldVerdict, state: PartState) -> WrongPart | None:
        """Return what is wrong in a chain that differs."""
        pair = next(pair for pair in found.pairs if pair.agreement in WRONG)
        comparison = SideComparison(found.world.names, self.habit, self.halves)
        for place in range(0 if self.target is None else 1, len(self.trees) - 1):
            left, right = self.trees[place], self.trees[place + 1]
            if left is not None and right is not None and place <= pair.position:
                comparison.align(left, right)  # notes which figure stands for which name
        return explain(
            Evidence(
                self.trees,
                self.target,
                pair.position,
                pair.with_run,
                comparison,
                self.run,
                state.view,
                found.world.spot,
                found.world.reference,
                max(found.world.iteration, 1),
            )
        )

    def _error_line_of_figures(self) -> int:
        """Return the line of a slip whose printed result is used here; 0 for none."""
        for tree in self.trees[:-1]:
            for figure, number in () if tree is None else signed_figures(tree):
                line = self.run.wrong_figures.get(figure, 0)
                if line and significant_digits(number) > 1 and not self.is_given(number):
                    return line
        return 0

    def _error_line_of(self, world: AdmissibleWorld, placed: set[str]) -> int:
        """Return the line of a slip whose result its formulas use by name; 0 for none.

        A name for which a figure was put in is worth that figure, wrong or not.
        """
        names = {name for formula in self.formulas for name in names_in(formula)} - placed
        known = [world.names.known(name) for name in sorted(names)]
        return max((value.error_line for value in known if value is not None), default=0)

    def is_given(self, number: Number) -> bool:
        """Tell whether a figure was stated as data."""
        return number.value in self.run.given_figures
