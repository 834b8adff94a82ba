"""Follow a document line by line: judge each chain, and note what it says of its names."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Final, Literal

from tracer.check.bind.known_value import KnownValue
from tracer.check.bind.writers_run import WritersRun
from tracer.check.judge.certainty import Difference, Uncertainty, uncertainties_of
from tracer.check.judge.comparison import Agreement, Comparison
from tracer.check.judge.intervals import do_meet
from tracer.check.judge.precision import (
    RoundingHabit,
    last_place,
    observe_rounding,
    significant_digits,
)
from tracer.check.judge.trees import canonical_tree, is_literal, names_in, numbers_in
from tracer.check.model.statements import EquationChain, StageMarker, WorkedDocument
from tracer.check.numbers.enclosures import Value
from tracer.expression.syntax import Array, Call, Name, Node, Number
from tracer.frozen import Frozen

__all__ = ["ChainJudgement", "JudgedPair", "Outcome", "follow"]

Outcome = Literal["correct", "slip", "rounding", "carried_forward", "undecided", "not_checked"]
MOST_READINGS: Final = 12  # pairs of readings of two sides that are tried
NO_NAME: Final = frozenset(("add", "subtract", "multiply", "negative", "matmul"))


class JudgedPair(Frozen):
    """Two neighbouring sides, by the position of the left one; None where one was not read."""

    position: int
    agreement: Agreement | None
    uncertain: tuple[Uncertainty, ...] = ()
    unknown: tuple[str, ...] = ()


class ChainJudgement(Frozen):
    """What is found in a chain. `error_line` is the slip that a carried line follows from."""

    chain: EquationChain
    outcome: Outcome
    pairs: tuple[JudgedPair, ...]
    error_line: int = 0


def follow(document: WorkedDocument) -> list[ChainJudgement]:
    """Judge the chains of a document in their order, without a scenario."""
    follower = _Follower(document)
    found: list[ChainJudgement] = []
    for statement in document.statements:
        if isinstance(statement, StageMarker):
            if statement.kind in ("iteration", "epoch"):
                follower.run.begin_iteration()
        elif isinstance(statement, EquationChain) and "supposed" not in statement.doubts:
            judgement = follower.judge(statement)
            if judgement is not None:
                found.append(judgement)
    return found


class _Follower:
    """What one pass over a document knows so far."""

    def __init__(self, document: WorkedDocument) -> None:
        self.run: Final = WritersRun()
        self.habit: Final = observe_rounding(_results_of(document))
        self.named_sides: Final[dict[Node, str]] = {}  # left sides that stand for one quantity

    def judge(self, chain: EquationChain) -> ChainJudgement | None:
        """Return what is found in a chain; None where nothing is worked. Note what it states."""
        work = _Work(chain, self)
        if len(chain.sides) == 2 and work.target is not None and self._is_stated(work):
            return None
        if not work.is_worked:
            return None
        pairs = work.judged_pairs()
        outcome, error_line = work.outcome(pairs)
        self._note(work, outcome, error_line)
        return ChainJudgement(chain, outcome, tuple(pairs), error_line)

    def _is_stated(self, work: _Work) -> bool:
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

    def _note(self, work: _Work, outcome: Outcome, error_line: int) -> None:
        """Note the result of a chain for the lines that follow."""
        chain, result = work.chain, work.trees[-1]
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
        rests_on = error_line
        if outcome == "slip":
            rests_on = chain.place.line
            for formula in formulas:  # a result that its formula gives is right all the same
                if work.comparison.by_value(formula, result) is Agreement.HOLDS:
                    rests_on = 0
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
        self.halves: Final = self._halves(follower.habit)
        self.comparison: Final = Comparison(follower.run, follower.habit, self.halves)
        self.target: Final = self._find_target(follower.named_sides)

    @property
    def is_worked(self) -> bool:
        """Whether figures stand in it beside a name, or on both sides of a relation."""
        return any(
            tree is not None and not names_in(tree) and not isinstance(tree, Name)
            for tree in self.trees
        ) or any(not each for each in self.readings)

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

    def judged_pairs(self) -> list[JudgedPair]:
        """Compare each side with the next one."""
        begin = 0 if self.target is None else 1
        return [self._judged(place, begin) for place in range(begin, len(self.trees) - 1)]

    def _judged(self, position: int, begin: int) -> JudgedPair:
        lefts, rights = self.readings[position], self.readings[position + 1]
        relation = self.chain.sides[position + 1].relation
        if not lefts or not rights:
            return JudgedPair(position, None)
        combinations = list(itertools.islice(itertools.product(lefts, rights), MOST_READINGS))
        best: Agreement | None = None
        unknown: set[str] = set()
        for left, right in combinations:
            agreement = self.comparison.compare(left, right, is_rounded=relation == "≈")
            if best is None or agreement < best:
                best, unknown = agreement, set(self.comparison.unknown)
            if best is Agreement.HOLDS:
                break
        assert best is not None
        best = self._from_unrounded(position, begin, best, is_rounded=relation == "≈")
        if best is not Agreement.DIFFERS:
            return JudgedPair(position, best, (), tuple(sorted(unknown)))
        if len(combinations) > 1:
            return JudgedPair(position, Agreement.OPEN)
        self.comparison.compare(lefts[0], rights[0], is_rounded=relation == "≈")
        difference = Difference(
            self.trees, position, relation, self.comparison, self.run, self.chain.headings
        )
        return JudgedPair(position, best, uncertainties_of(difference))

    def _from_unrounded(
        self, position: int, begin: int, found: Agreement, *, is_rounded: bool
    ) -> Agreement:
        """Return how a result agrees with any earlier side, whose figures are less rounded."""
        result = self.trees[position + 1]
        if found < Agreement.ROUNDING or result is None or not is_literal(result):
            return found
        if found in (Agreement.UNKNOWN, Agreement.EARLIER):
            return found
        for earlier in self.trees[begin:position][::-1]:
            if earlier is not None:
                other = self.comparison.by_value(earlier, result, is_rounded=is_rounded)
                if other is not Agreement.UNKNOWN:
                    found = min(found, other)
        return found

    def outcome(self, pairs: Sequence[JudgedPair]) -> tuple[Outcome, int]:
        """Return the verdict of a chain, and the line of the slip that it follows from."""
        agreements = [pair.agreement for pair in pairs]
        first = self.trees[0]
        is_equation = len(self.trees) == 2 and self.target is None and first and names_in(first)
        if is_equation and agreements != [Agreement.HOLDS]:
            return "undecided", 0  # `2x = 6`: it may be confirmed, and never refuted
        if all(agreement is None for agreement in agreements):
            return "not_checked", 0
        error_line = self.comparison.error_line or self._error_line_of_figures()
        if Agreement.DIFFERS in agreements:
            certain = self.chain.is_certain and not any(pair.uncertain for pair in pairs)
            return ("slip", 0) if certain else ("undecided", error_line)
        if any(agreement is None or agreement > Agreement.ROUNDING for agreement in agreements):
            return "undecided", error_line
        if error_line:
            return "carried_forward", error_line
        return ("rounding", 0) if Agreement.ROUNDING in agreements else ("correct", 0)

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
