"""Follow a document line by line: judge each chain in the worlds that are admissible there.

A chain is right if it holds in the cheapest world; carried forward if it holds only where an
earlier slip is part of the world; a slip if it holds in none. Then what it says is noted.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Final, Literal

from tracer.check.bind.document_parts import parts_of
from tracer.check.bind.hypotheses import adopted_convention
from tracer.check.bind.perturbed import perturbed_view
from tracer.check.bind.run_world import RunView, RunWorld, WritersWorld
from tracer.check.bind.writers_run import WritersRun
from tracer.check.compare.bounded_values import do_meet
from tracer.check.compare.known_value import KnownValue
from tracer.check.compare.rounding_habit import (
    RoundingHabit,
    last_place,
    observe_rounding,
    significant_digits,
)
from tracer.check.compare.side_comparison import Agreement, SideComparison, World
from tracer.check.compare.written_trees import canonical_tree, is_literal, names_in, numbers_in
from tracer.check.judge.blame_finder import Evidence, WrongPart, explain
from tracer.check.judge.uncertainty import Difference, Uncertainty, uncertainties_of
from tracer.check.model.statements import EquationChain, StageMarker, Statement, WorkedDocument
from tracer.check.trace.binding import Spot
from tracer.expression.syntax import Array, Call, Name, Node, Number
from tracer.frozen import Frozen, replace
from tracer.intervals import Value

__all__ = ["ChainJudgement", "JudgedPair", "Outcome", "WorldName", "follow"]

Outcome = Literal["correct", "slip", "rounding", "carried_forward", "undecided", "not_checked"]
WorldName = Literal["run", "run_as_rounded", "next_iteration", "writers_own"]
MOST_READINGS: Final = 12  # pairs of readings of two sides that are tried
MOST_TARGETS: Final = 3  # quantities that a name on the left may mean
WRONG: Final = (Agreement.DIFFERS, Agreement.EARLIER)
INEQUALITIES: Final = ("<", ">", "≤", "≥")
MOST_LINES_BETWEEN: Final = 2  # a formula and its figures; further apart, another may be meant
NO_NAME: Final = frozenset(("add", "subtract", "multiply", "negative", "matmul"))


class AdmissibleWorld(Frozen):
    """One answer to what names mean on a line. The cheapest in which it holds is the one meant.

    `reference` is what the chain's target is there, None where no run says.
    """

    name: WorldName
    price: int
    names: World
    iteration: int = 0
    spot: Spot | None = None
    reference: KnownValue | None = None


class JudgedPair(Frozen):
    """Two neighbouring sides, by the position of the left one; None where one was not read.

    `with_run` is true where a side (at `position`) is compared with the run instead.
    """

    position: int
    agreement: Agreement | None
    uncertain: tuple[Uncertainty, ...] = ()
    unknown: tuple[str, ...] = ()
    with_run: bool = False


class ChainJudgement(Frozen):
    """What is found in a chain, and in which world.

    `error_line` is the line of the slip that a carried chain follows from; `coincides` is true
    where a formula holds only at the numbers of this run; `blame` says what is wrong in a slip.
    """

    chain: EquationChain
    outcome: Outcome
    pairs: tuple[JudgedPair, ...]
    error_line: int = 0
    world: WorldName = "writers_own"
    coincides: bool = False
    blame: WrongPart | None = None


class _InWorld(Frozen):
    """A chain judged in one world."""

    world: AdmissibleWorld
    pairs: tuple[JudgedPair, ...]
    error_line: int

    @property
    def worst(self) -> Agreement:
        """The worst agreement of its pairs; a side that was not read is unknown."""
        unread = Agreement.UNKNOWN
        return max(
            (unread if pair.agreement is None else pair.agreement for pair in self.pairs),
            default=Agreement.HOLDS,
        )


def follow(document: WorkedDocument, view: RunView | None = None) -> list[ChainJudgement]:
    """Judge the chains of a document in their order, beside a traced run or without one."""
    habit = observe_rounding(_results_of(document))
    found: list[ChainJudgement] = []
    for part in parts_of(document, view, habit):
        bound = view if part.is_bound else None
        adopted = None if bound is None else adopted_convention(document, part, bound, habit)
        follower = _Follower(habit, bound if adopted is None else adopted.view)
        for statement in joined_chains(document.statements[part.first : part.last]):
            if isinstance(statement, StageMarker):
                follower.mark(statement)
            elif isinstance(statement, EquationChain) and "supposed" not in statement.doubts:
                judgement = follower.judge(statement)
                if judgement is not None:
                    found.append(judgement)
    return found


def joined_chains(statements: Sequence[Statement]) -> Iterator[Statement]:
    """Yield statements, a formula and the figures for it on the line below as one chain.

    `y = w*x` and then `y = 0.5*2 = 1`: both say what y is, so each side follows from the one above.
    """
    waiting: EquationChain | None = None
    for statement in statements:
        if waiting is not None:
            if isinstance(statement, EquationChain) and _goes_on(waiting, statement):
                waiting = _joined(waiting, statement)
                continue
            yield waiting
            waiting = None
        if isinstance(statement, EquationChain) and _is_formula(statement):
            waiting = statement
        else:
            yield statement
    if waiting is not None:
        yield waiting


def _is_formula(chain: EquationChain) -> bool:
    """Tell whether a chain says by which formula a name is computed, and has no figures put in."""
    left, right = chain.sides[0].tree, chain.sides[-1].tree
    if chain.is_claim or left is None or right is None or is_literal(right):
        return False
    return bool(names_in(right)) and all(
        side.tree is not None and names_in(side.tree) for side in chain.sides
    )


def _goes_on(formula: EquationChain, chain: EquationChain) -> bool:
    """Tell whether a chain puts figures into the formula right above it."""
    if chain.is_claim or chain.place.line - formula.last_line > MOST_LINES_BETWEEN:
        return False
    name, left, right = formula.sides[0].tree, chain.sides[0].tree, chain.sides[1].tree
    if (
        name is None
        or left is None
        or right is None
        or canonical_tree(name) != canonical_tree(left)
    ):
        return False
    return not names_in(right) and (len(chain.sides) > 2 or not is_literal(right))


def _joined(formula: EquationChain, chain: EquationChain) -> EquationChain:
    doubts = tuple(dict.fromkeys((*formula.doubts, *chain.doubts)))
    return EquationChain(
        (*formula.sides, *chain.sides[1:]),
        formula.place,
        f"{formula.text}\n{chain.text}",
        doubts,
        False,
        chain.headings,
        chain.iteration or formula.iteration,
        chain.sample or formula.sample,
    )


class _Follower:
    """What one pass over a part of a document knows so far."""

    def __init__(self, habit: RoundingHabit, view: RunView | None) -> None:
        self.run: Final = WritersRun()
        self.habit: Final = habit
        self.view: Final = view
        self.named_sides: Final[dict[Node, str]] = {}  # left sides that stand for one quantity
        self.iteration = 1
        self.has_updated = False
        self.has_slip = False
        self._perturbed: RunView | None = None
        self._is_perturbed = False

    def mark(self, marker: StageMarker) -> None:
        """Go to the iteration that words name."""
        if marker.kind in ("iteration", "epoch"):
            self.run.begin_iteration()
            self.iteration, self.has_updated = max(marker.number, 1), False

    def worlds(self, work: _Work) -> Iterator[AdmissibleWorld]:
        """Yield the worlds that are admissible on a line, the cheapest first.

        In `w = 0.5` w is what it is now, and then what it becomes; in an update the other way.
        """
        chain, target = work.chain, work.target
        price = 0
        if self.view is not None:
            iterations = [chain.iteration or self.iteration]
            if self.has_updated and chain.iteration is None:
                iterations.append(self.iteration + 1)
            half = self.habit.finest / 2 if self.habit.finest else None
            spots: Sequence[Spot | None] = (None,)
            if target is not None:
                found = [*self.view.spots(target, is_target=True)]
                if work.is_statement:
                    found = [*self.view.spots(target, is_target=False), *found]
                spots = [*dict.fromkeys(found)][:MOST_TARGETS] or [None]
            for iteration in iterations:
                name: WorldName = "run" if iteration == iterations[0] else "next_iteration"
                for spot in spots:
                    reference = None if spot is None else self.view.value(spot, iteration)
                    exact = RunWorld(self.view, self.run, iteration)
                    yield AdmissibleWorld(name, price, exact, iteration, spot, reference)
                    price += 1
                    if half is not None:
                        rounded = RunWorld(self.view, self.run, iteration, half)
                        yield AdmissibleWorld(
                            "run_as_rounded", price, rounded, iteration, spot, reference
                        )
                        price += 1
        run = None if self.view is None else RunWorld(self.view, self.run, self.iteration)
        yield AdmissibleWorld("writers_own", price, WritersWorld(self.run, run))

    def judge(self, chain: EquationChain) -> ChainJudgement | None:
        """Return what is found in a chain; None where nothing is worked. Note what it states."""
        work = _Work(chain, self)
        is_stated = len(chain.sides) == 2 and work.target is not None and self._state(work)
        if is_stated and self.view is None:
            return None
        if not is_stated and not work.is_worked and self.view is None:
            return None
        judgement = self._judged(work, is_stated=is_stated)
        if judgement is None or is_stated:
            return judgement
        self._note(work, judgement)
        self.has_slip = self.has_slip or judgement.outcome in ("slip", "carried_forward")
        return judgement

    def _judged(self, work: _Work, *, is_stated: bool) -> ChainJudgement | None:
        """Judge a chain in the cheapest world in which it holds."""
        first: _InWorld | None = None
        best: _InWorld | None = None
        own: _InWorld | None = None
        for world in self.worlds(work):
            found = work.judged_in(world)
            if first is None:
                first = found
            if world.name == "writers_own":
                own = found
            elif best is None or found.worst < best.worst:
                best = found
            if world.name != "writers_own" and found.worst is Agreement.HOLDS and found.pairs:
                break
        if best is None:
            best = own
        assert best is not None
        is_compared = any(pair.with_run for pair in best.pairs)
        if self.view is not None and not is_compared and not work.is_worked:
            return None  # a formula, or a value, of which the run says nothing
        if is_stated and self.view is not None:
            return self._judged_statement(work, best)
        if best.world.name != "writers_own":
            self._move(best)
        if best.worst > Agreement.ROUNDING and own is not None and own is not best:
            carried = own.error_line and own.worst <= Agreement.ROUNDING
            if carried or not is_compared:
                best = own
        return work.judgement(best, self)

    def _judged_statement(self, work: _Work, best: _InWorld) -> ChainJudgement | None:
        """Judge a value that is only stated: a given one, or a result without working."""
        if best.worst is Agreement.UNKNOWN:
            return None
        judgement = work.judgement(best, self)
        if judgement.outcome == "slip" and self._may_follow_from_a_slip(work):
            judgement = replace(judgement, outcome="undecided", blame=None)
        if judgement.outcome == "slip" and work.target is not None:
            known = self.run.known(work.target)
            if known is not None:
                line = work.chain.place.line
                self.run.state(
                    work.target,
                    KnownValue(
                        known.printed, known.bounds, None, False, line, line, known.headings
                    ),
                )
        elif judgement.outcome in ("correct", "rounding"):
            self._move(best)
        return judgement

    def _may_follow_from_a_slip(self, work: _Work) -> bool:
        """Tell whether a result without working may come from a figure that was wrong before."""
        is_given = self.view is not None and self.view.is_given(work.target or "")
        return self.has_slip and not is_given

    def _move(self, found: _InWorld) -> None:
        """Go to the iteration in which a chain holds, and note an update."""
        if found.worst > Agreement.ROUNDING or self.view is None:
            return
        if found.world.iteration > self.iteration:
            self.iteration, self.has_updated = found.world.iteration, False
        spot = found.world.spot
        if spot is not None and self.view.phase(spot) == "update":
            self.has_updated = True

    def only_here(self, work: _Work, spot: Spot | None) -> bool:
        """Tell whether a formula of the chain fails at other numbers than those of the run."""
        if self.view is None or spot is None:
            return False
        formulas = [tree for tree in work.trees[1:] if tree is not None and names_in(tree)]
        if not formulas:
            return False
        if not self._is_perturbed:
            self._perturbed, self._is_perturbed = perturbed_view(self.view), True
        if self._perturbed is None:
            return False
        reference = self._perturbed.value(spot, 1)
        if reference is None or self.iteration > 1:
            return False
        comparison = SideComparison(RunWorld(self._perturbed, WritersRun(), 1), self.habit, {})
        return any(
            comparison.with_reference(formula, reference, is_rounded=False) is Agreement.DIFFERS
            for formula in formulas
        )

    def _state(self, work: _Work) -> bool:
        """Note a value that is only stated, `x = 2` or `z = 0.3 * 2`; tell whether it is."""
        right, target = work.trees[1], work.target
        assert target is not None
        if right is None or names_in(right):
            return False
        value = work.comparison.value(right)
        if value is None:
            return is_literal(right)
        chain = work.chain
        if not is_literal(right):
            bounds = work.comparison.value(right, "bounds") or value
            known = KnownValue(value, bounds, None, False, chain.place.line, 0, chain.headings)
            self.run.state(target, known)
            return True
        numbers = numbers_in(right)
        is_computed = chain.sides[1].relation == "≈" or all(
            last_place(number) is not None and number.value in self.run.computed_figures
            for number in numbers
        )
        bounds = work.comparison.stands_for(right)[0] if is_computed else value
        before = self.run.known(target)
        if before is not None and do_meet(before.bounds, bounds):
            return True  # said again
        unrounded = None if is_computed else value
        line = chain.place.line
        self.run.state(
            target, KnownValue(value, bounds, unrounded, not is_computed, line, 0, chain.headings)
        )
        for number in numbers:
            if not is_computed:
                self.run.given_figures.add(number.value)
            elif last_place(number) is not None:
                self.run.computed_figures.setdefault(number.value, 0)
        return True

    def _note(self, work: _Work, judgement: ChainJudgement) -> None:
        """Note the result of a chain for the lines that follow."""
        chain, result = work.chain, work.trees[-1]
        outcome = judgement.outcome
        for tree in work.trees:
            if tree is not None and not is_literal(tree):
                self.run.shown_figures |= {
                    number.value for number in numbers_in(tree) if significant_digits(number) > 1
                }
        if result is None or not is_literal(result) or len(chain.sides) < 2:
            return
        printed = work.comparison.value(result)
        if printed is None:
            return
        rounded = chain.sides[-1].relation == "≈"
        bounds, _ = work.comparison.stands_for(result, is_rounded=rounded)
        unrounded: Value | None = None
        begin = 0 if work.target is None else 1
        formulas = [tree for tree in work.trees[begin:-1] if tree is not None and names_in(tree)]
        rests_on = judgement.error_line
        if outcome == "slip":
            rests_on = chain.place.line
            last = len(work.trees) - 1
            with_run = [p.agreement for p in judgement.pairs if p.with_run and p.position == last]
            if with_run:  # a result that the run has is right, whatever stands before it
                rests_on = 0 if with_run[0] is not Agreement.DIFFERS else rests_on
            elif any(
                work.comparison.by_value(formula, result) is Agreement.HOLDS for formula in formulas
            ):
                rests_on = 0  # and so is one that its formula gives
        else:
            for formula in formulas:
                value = work.comparison.value(formula, "unrounded")
                if value is not None and do_meet(value, bounds):
                    unrounded = value
                    break
        if work.target is not None:
            line = chain.place.line
            known = KnownValue(printed, bounds, unrounded, False, line, rests_on, chain.headings)
            self.run.state(work.target, known)
        has_formula = bool(formulas)
        for number in numbers_in(result):
            if last_place(number) is not None or (has_formula and number.value > 0):
                self.run.computed_figures[number.value] = rests_on


class _Work:
    """One chain, ready to be judged: its trees, its target, and how exact its figures are."""

    def __init__(self, chain: EquationChain, follower: _Follower) -> None:
        self.chain: Final = chain
        self.run: Final = follower.run
        self.readings: Final = [
            [_with_names(canonical_tree(tree), follower.named_sides) for tree in side.readings]
            for side in chain.sides
        ]
        self.trees: Final[list[Node | None]] = [each[0] if each else None for each in self.readings]
        self.habit: Final = follower.habit
        self.halves: Final = self._halves(follower.habit)
        self.comparison: Final = SideComparison(follower.run, follower.habit, self.halves)
        self.target: Final = self._find_target(follower.named_sides)

    @property
    def is_worked(self) -> bool:
        """Whether figures stand in it beside a name, or on both sides of a relation."""
        return any(
            tree is not None and not names_in(tree) and not isinstance(tree, Name)
            for tree in self.trees
        ) or any(not each for each in self.readings)

    @property
    def is_statement(self) -> bool:
        """Whether a name and a literal are all there is."""
        right = self.trees[-1]
        return len(self.trees) == 2 and right is not None and is_literal(right)

    def _find_target(self, named_sides: dict[Node, str]) -> str | None:
        """Return the name that the chain gives a value, which may be written as an expression."""
        first = self.trees[0]
        if first is None:
            return f"«{self.chain.sides[0].written.text.strip()}»"
        if isinstance(first, Name):
            return first.id
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
        after the first side of figures; every other figure is data and exact.
        """
        halves: dict[int, Fraction] = {}
        seen: dict[Fraction, Fraction] = {}
        has_figures = False
        for position, trees in enumerate(self.readings):
            tree = trees[0] if trees else None
            if tree is None or (position == len(self.readings) - 1 and is_literal(tree)):
                continue
            for number in (number for each in trees for number in numbers_in(each)):
                half = self._half_of(number, seen, habit, is_first=not has_figures)
                if half:
                    halves[id(number)] = half
            has_figures = has_figures or bool(numbers_in(tree) and not names_in(tree))
        return halves

    def _half_of(
        self,
        number: Number,
        seen: dict[Fraction, Fraction],
        habit: RoundingHabit,
        *,
        is_first: bool,
    ) -> Fraction:
        value, unit = number.value, last_place(number)
        is_given = value in self.run.given_figures
        is_computed = value in self.run.computed_figures or -value in self.run.computed_figures
        if unit is None:
            return habit.half_unit(number) if is_computed and not is_given else Fraction(0)
        if value not in seen:
            is_exact = (is_given and not is_computed) or (is_first and not is_computed)
            seen[value] = Fraction(0) if is_exact else unit / 2
        return seen[value]

    # Judging ----------------------------------------------------------------------------------

    def judged_in(self, world: AdmissibleWorld) -> _InWorld:
        """Compare each side with the next one, and with the run, in a world."""
        comparison = SideComparison(world.names, self.habit, self.halves)
        begin = 0 if self.target is None else 1
        pairs = [
            self._judged(place, begin, comparison) for place in range(begin, len(self.trees) - 1)
        ]
        if world.reference is not None:
            pairs += self._with_run(world, comparison, pairs)
        error_line = comparison.error_line
        if world.name == "writers_own":
            error_line = error_line or self._error_line_of_figures()
        return _InWorld(world, tuple(pairs), error_line)

    def _judged(self, position: int, begin: int, comparison: SideComparison) -> JudgedPair:
        lefts, rights = self.readings[position], self.readings[position + 1]
        relation = self.chain.sides[position + 1].relation
        if not lefts or not rights:
            return JudgedPair(position, None)
        if relation in INEQUALITIES:
            return JudgedPair(position, comparison.inequality(lefts[0], rights[0], relation))
        combinations = list(itertools.islice(itertools.product(lefts, rights), MOST_READINGS))
        best: Agreement | None = None
        unknown: set[str] = set()
        for left, right in combinations:
            agreement = comparison.compare(left, right, is_rounded=relation == "≈")
            if best is None or agreement < best:
                best, unknown = agreement, set(comparison.unknown)
            if best is Agreement.HOLDS:
                break
        assert best is not None
        best = self._from_unrounded(position, begin, best, comparison, is_rounded=relation == "≈")
        if best is not Agreement.DIFFERS:
            return JudgedPair(position, best, (), tuple(sorted(unknown)))
        if len(combinations) > 1:
            return JudgedPair(position, Agreement.OPEN)
        comparison.compare(lefts[0], rights[0], is_rounded=relation == "≈")
        difference = Difference(
            self.trees, position, relation, comparison, self.run, self.chain.headings
        )
        return JudgedPair(position, best, uncertainties_of(difference))

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
            if position < last and not names_in(tree):
                continue
            relation = self.chain.sides[position].relation
            agreement = comparison.with_reference(tree, world.reference, is_rounded=relation == "≈")
            if agreement is Agreement.DIFFERS and position == last and is_literal(tree):
                follows = bool(pairs) and all(
                    pair.agreement is not None and pair.agreement <= Agreement.ROUNDING
                    for pair in pairs
                )
                if follows and self._allows(world, comparison):
                    agreement = Agreement.HOLDS  # it follows from figures that were rounded rightly
            yield JudgedPair(position, agreement, (), (), True)

    def _allows(self, world: AdmissibleWorld, comparison: SideComparison) -> bool:
        """Tell whether a side before the result may be what the run has, its figures rounded."""
        assert world.reference is not None
        for tree in self.trees[1:-1]:
            if tree is None or (names_in(tree) and world.name != "run_as_rounded"):
                continue
            value = comparison.value(tree, "bounds")
            if value is not None and do_meet(value, world.reference.printed):
                return True
        return False

    def judgement(self, found: _InWorld, follower: _Follower) -> ChainJudgement:
        """Return what is found in the chain, in the world that was chosen."""
        pairs, name = found.pairs, found.world.name
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
        elif all(agreement is None for agreement in agreements):
            outcome = "not_checked"
        elif any(agreement in WRONG for agreement in agreements):
            certain = self.chain.is_certain and not any(
                pair.uncertain for pair in pairs if pair.agreement is Agreement.DIFFERS
            )
            outcome = "slip" if certain else "undecided"
        elif found.worst > Agreement.ROUNDING:
            outcome = "undecided"
        elif error_line:
            outcome = "carried_forward"
        else:
            outcome = "rounding" if Agreement.ROUNDING in agreements else "correct"
            coincides = follower.only_here(self, found.world.spot)
            if coincides:
                outcome = "undecided"
        blame: WrongPart | None = None
        if outcome == "slip":
            error_line, blame = 0, self._explained(found, follower)
        return ChainJudgement(self.chain, outcome, pairs, error_line, name, coincides, blame)

    def _explained(self, found: _InWorld, follower: _Follower) -> WrongPart | None:
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
                follower.view,
                found.world.spot,
                found.world.reference,
            )
        )

    def _error_line_of_figures(self) -> int:
        """Return the line of a slip whose printed result is used here; 0 for none."""
        for tree in self.trees[:-1]:
            for number in () if tree is None else numbers_in(tree):
                line = self.run.computed_figures.get(number.value, 0)
                if line and significant_digits(number) > 1 and not self._is_given(number):
                    return line
        return 0

    def _is_given(self, number: Number) -> bool:
        return number.value in self.run.given_figures


def _with_names(node: Node, named_sides: Mapping[Node, str]) -> Node:
    """Return a tree with each left side of an earlier line as the name that it is."""
    name = named_sides.get(node)
    if name is not None:
        return Name(name, node.start, node.end)
    if isinstance(node, Call):
        arguments = tuple(_with_names(part, named_sides) for part in node.arguments)
        if all(new is old for new, old in zip(arguments, node.arguments, strict=True)):
            return node
        return Call(node.operation, arguments, node.keywords, node.start, node.end)
    if isinstance(node, Array):
        items = tuple(_with_names(part, named_sides) for part in node.items)
        return Array(items, node.start, node.end)
    return node


def _results_of(document: WorkedDocument) -> list[Node]:
    """Return the literals at the ends of worked chains."""
    found: list[Node] = []
    for chain in document.chains():
        before, last = chain.sides[-2].tree, chain.sides[-1].tree
        if before is None or last is None or is_literal(before) or not is_literal(last):
            continue
        if len(chain.sides) > 2 or not isinstance(before, Name):
            found.append(last)
    return found
