"""What the result of a chain says from now on, as it was judged."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial, reduce
from itertools import takewhile
from typing import Final

from tracer.check.bind.worlds import OwnName, RunWorld, WritersRun, WritersWorld
from tracer.check.compare.bounded_values import (
    FINE_PLACE,
    KnownValue,
    coarsest_place,
    common_part,
    do_meet,
    entries_of,
    half_place,
    have_one_shape,
    hull,
    in_shape_of,
    is_about,
    is_result,
    is_telling,
    last_place,
    range_of_both,
    widen,
)
from tracer.check.compare.value_comparison import Agreement
from tracer.check.judge.chain_work import ChainWork
from tracer.check.judge.evidence import AGREED, WRONG, WrongPart
from tracer.check.judge.judgement import ChainJudgement
from tracer.check.judge.part_state import PartState
from tracer.check.judge.stated_values import (
    is_computed,
    note_computed,
    state_known_value,
    state_roots,
    state_value,
)
from tracer.check.model.statements import EquationChain, Side
from tracer.check.model.written_trees import (
    is_literal,
    names_in,
    numbers_in,
    signed_figures,
    signed_terms,
)
from tracer.expression.syntax import Name, Node, Number
from tracer.frozen import replace
from tracer.intervals import Interval, Value, value_of

UNEXPLAINED: Final = frozenset(("plain_slip",))


def note_result(state: PartState, work: ChainWork, judgement: ChainJudgement) -> None:
    """Note the result of a chain for the lines that follow."""
    workings = (tree for tree in work.trees if tree is not None and not is_literal(tree))
    state.run.shown_figures.update(
        number.value for tree in workings for number in numbers_in(tree) if is_telling(number)
    )
    if judgement.blame is not None:
        _note_wrong_figure(state.run, judgement.blame, work.chain.place.line)
    result, is_right = work.trees[-1], judgement.outcome == "correct"
    if result is not None and not is_literal(result):  # it ends in figures, `1/2` or `0.5 * 3`
        if work.target and not names_in(result) and (is_right or is_result(result)):
            rests_on = _line_behind(work, judgement, result)
            state_value(state, work, work.target, result, error_line=rests_on)
            if judgement.outcome == "undecided":
                state.run.told_again.add(work.target)
    elif result is not None:
        if is_right:
            _note_working(state.run, work, judgement)
            result = _as_it_was_read(work, result)
        printed = work.comparison.value(result)
        if printed is not None:
            _JudgedResult(state, work, judgement, result, printed).note()


def _note_wrong_figure(run: WritersRun, blame: WrongPart, line: int) -> None:
    """Note a figure that nothing explains, and what belongs there: put in again it is carried."""
    figures, is_explained = signed_figures(blame.node), bool({*blame.slips} - UNEXPLAINED)
    if blame.part != "figure" or len(figures) != 1 or is_explained:
        return
    ((signed, number),) = figures
    if is_telling(number) and isinstance(blame.expected, Interval):
        run.wrong_figures.setdefault(signed, line)
        run.right_figures[number.value] = blame.expected if signed >= 0 else -blame.expected


def _note_working(run: WritersRun, work: ChainWork, judgement: ChainJudgement) -> None:
    """Note what a right line has worked out and put in: it goes on with the values it puts in."""
    if not run.worked.isdisjoint(work.worked):
        run.begin_example(work.chain.place.line)
    run.worked |= work.worked
    for name, node in judgement.put_in:
        if is_literal(node):
            _note_put_in(run, work, name, node)
        known_value = judgement.admitted.names.known_value(name)
        if (
            known_value
            and known_value.is_given
            and known_value.fits(work.comparison.stands_for(node))
        ):
            run.told_again.discard(name)


def _note_put_in(run: WritersRun, work: ChainWork, name: str, literal: Node) -> None:
    """Note what a right line has put in for a name; a fine figure may have been rounded."""
    chain, value = work.chain, value_of(literal)
    is_fine = 0 < coarsest_place(literal) <= FINE_PLACE
    bounds = work.comparison.stands_for(literal) if is_fine else value
    line, headings = chain.place.line, chain.headings
    known_value = KnownValue(value, bounds, None, False, line, 0, headings)
    run.put_in.setdefault(name, {})[value] = known_value


def _as_it_was_read(work: ChainWork, result: Node) -> Node:
    """Return a right result in the reading that follows: `100,352` has two."""
    before = work.trees[-2]
    if before is None:
        return result
    by_value = partial(work.comparison.by_value, before)
    literals = filter(is_literal, work.readings[-1])
    alike = (each for each in literals if _digits_of(each) == _digits_of(result))
    return next((each for each in alike if by_value(each) is Agreement.HOLDS), result)


def _digits_of(literal: Node) -> list[str]:
    """Return the digits of figures, whatever their signs and points."""
    return [number.text.replace(".", "") for number in numbers_in(literal)]


class _JudgedResult:
    """The figures that a chain ends in, with what they may stand for and rest on."""

    def __init__(
        self,
        state: PartState,
        work: ChainWork,
        judgement: ChainJudgement,
        result: Node,
        printed: Value,
    ) -> None:
        self.state: Final = state
        self.work: Final = work
        self.judgement: Final = judgement
        self.result: Final = result
        self.printed: Final = printed
        self.run: Final = state.run
        self.chain: Final = work.chain
        self.blame: Final = judgement.blame
        self.figures: Final = {number.value for number in numbers_in(result)}
        self.is_rounded: Final = work.chain.sides[-1].relation == "≈"
        self.is_stated: Final = not self.is_rounded and all(
            each and not (each.content.operations or numbers_in(each)) for each in work.trees[:-1]
        )
        self.is_given: Final = self.is_stated and not is_computed(
            state, work.chain, work.target or "", result
        )
        self.is_exact: Final = self.is_given or _is_exactly(work, judgement, printed)
        self.is_wrong: Final = self.blame is not None and self.blame.part == "result"
        self.worth: Final = _worth(work, judgement, printed)
        self.rests_on: Final = _line_behind(work, judgement, result)

    def note(self) -> None:
        """Note the value of the name, then what is known of the figures, wherever they stand."""
        # Of two shapes nobody knows which one the name has: nothing follows from it.
        # Nor where the name is the end of a side that was not read whole, `… + b = 0.5`.
        is_open = "cut_off" in self.chain.doubts or any(
            pair.has_two_shapes for pair in self.judgement.pairs
        )
        target, bounds = self.work.target, self.bounds()
        if target and not is_open and not _is_retold(self.state, self.chain, target, bounds):
            self.note_value(target, bounds)
        self.note_exactness()
        self.note_figures()

    # The value of the name --------------------------------------------------------------------

    def bounds(self) -> Value:
        """Return what the result may stand for."""
        comparison, result, judgement = self.work.comparison, self.result, self.judgement
        bounds = self.printed
        if not (self.is_exact or self.is_of_whole_units()):
            bounds = comparison.stands_for(result, is_rounded=self.is_rounded)
        if self.worth is not None and isinstance(bounds, Interval):
            is_whole_number = isinstance(result, Number) and last_place(result) is None
            bounds = self.worth if is_whole_number else common_part(bounds, self.worth)
        before = self.work.trees[-2]
        if judgement.outcome == "rounding" and before is not None:
            cut = comparison.value(before)
            bounds = bounds if cut is None or not have_one_shape(cut, bounds) else hull(bounds, cut)
        return bounds

    def is_of_whole_units(self) -> bool:
        """Tell whether what belongs in the place of a slip has no more decimals than that."""
        result, mended = self.result, self.judgement.mended
        return (
            self.is_wrong
            and isinstance(result, Number)
            and isinstance(mended, Interval)
            and mended.is_exact
            and (mended.low / (last_place(result) or 1)).denominator == 1
        )

    def note_value(self, target: str, bounds: Value) -> None:
        """Note that a name has this value from now on, and what belongs there where it is wrong."""
        state, run, work = self.state, self.run, self.work
        in_full = (work.comparison.value(formula, "unrounded") for formula in work.formulas)
        meeting = (in_shape_of(it, bounds) for it in in_full if it and do_meet(it, bounds))
        unrounded = next(meeting, None)
        line, headings = self.chain.place.line, self.chain.headings
        known_value = KnownValue(
            self.printed, bounds, unrounded, False, line, self.rests_on, headings
        )
        state.note_update(target, work.formulas)
        for name in (target, *self.names_beside()):
            state_known_value(run, work, name, known_value, is_worked=not self.is_stated)
        state_roots(state, self.chain.sides[0].tree, known_value)
        if self.is_doubtful():
            run.told_again.add(target)  # nobody knows if what follows starts from it
        base = target.rstrip("0123456789").rstrip("_")
        if base != target and any(base in names_in(each) for each in work.formulas):
            run.told_again.add(base)  # from the next step on w may be what w_1 is
        right = self.value_instead()
        if right is not None and not self.is_of_unknown_formula():
            run.corrected[target] = replace(
                known_value, printed=right, bounds=right, unrounded=None, error_line=0
            )

    def names_beside(self) -> Iterator[str]:
        """Yield the other names that a right line has for its result, `c = d = 2*3 = 6`."""
        trees = self.work.trees[1:-1]
        others = (each.id if isinstance(each, Name) else "" for each in trees)
        is_known = self.judgement.outcome == "correct" and self.state.view is None
        valueless = takewhile(lambda name: name and self.run.known_value(name) is None, others)
        yield from valueless if is_known else ()

    def is_doubtful(self) -> bool:
        """Tell whether nobody knows if the result, or its formula, is what was meant."""
        return self.is_of_unknown_formula() or (
            self.judgement.outcome == "undecided"
            and any(
                pair.agreement in (*WRONG, Agreement.OPEN) or "slope_of_a_part" in pair.uncertain
                for pair in self.judgement.pairs
            )
        )

    def is_of_unknown_formula(self) -> bool:
        """Tell whether a formula, or what was put in for it, is wrong: which one, nobody knows."""
        return self.blame is not None and self.blame.part in ("derivative", "formula", "either")

    def value_instead(self) -> Value | None:
        """Return what belongs in the place of the result, where something is wrong."""
        work, formula = self.work, next(iter(self.work.formulas), None)
        if self.judgement.outcome == "carried_forward" and formula is not None:
            return work.comparison_in(WritersWorld(self.run, corrects=True)).value(formula)
        if self.blame is not None and self.blame.part == "figures":  # it has one of them mended
            return None if formula is None else work.comparison.value(formula)
        return self.judgement.mended

    # The figures ------------------------------------------------------------------------------

    @property
    def is_nameless(self) -> bool:
        """Whether a formula that has no name is worked out, which may be an update of its own."""
        head = self.work.trees[0]
        return self.work.target is None and head is not None and bool(names_in(head))

    @property
    def is_equation(self) -> bool:
        """Whether the figure is that of an equation, `0.5 a + 2 b = 0.4`, and no result.

        Nobody is asked for an x that is about right, and `x W = 1.1316` asks for none.
        """
        is_open = self.is_nameless and self.judgement.outcome == "undecided"
        is_open = is_open and len(self.work.trees) == 2 and not self.is_rounded
        return is_open and bool(numbers_in(self.work.trees[0] or self.result))

    def note_exactness(self) -> None:
        """Note which figures stand for themselves alone, and of which nobody knows."""
        run, head = self.run, self.work.trees[0]
        is_sum = self.is_nameless and head is not None and len(signed_terms(head)) > 1
        if self.judgement.outcome == "undecided" or is_sum:
            run.doubtful_figures |= self.figures
            is_disputed = any(pair.uncertain for pair in self.judgement.pairs)
            run.disputed_figures |= self.figures if is_disputed else set()
        if self.is_wrong and not self.is_rounding_of_working():
            run.exact_figures |= self.figures  # a slip rounds nothing, so nothing else may be meant
        elif self.is_exact and not self.is_rounded:  # `… ≈ 0.00019` claims no such thing
            run.exact_figures |= self.figures.difference(run.computed_figures)
        elif not self.is_equation:
            run.exact_figures -= self.figures

    def is_rounding_of_working(self) -> bool:
        """Tell whether a result is rounded from its working, in which alone something is wrong."""
        before, comparison = self.work.trees[-2], self.work.comparison
        return (
            before is not None
            and comparison.by_value(before, self.result) in AGREED
            and not comparison.gives_exactly(before, self.printed)
        )

    def note_figures(self) -> None:
        """Note what each figure stands for where it is put in further down, and what is wrong."""
        run, state, is_cut = self.run, self.state, self.judgement.outcome == "rounding"
        mended = self.entries_instead()
        for at, (signed, number) in enumerate(signed_figures(self.result)):
            if self.is_given:
                run.given_figures.add(number.value)  # `a = b = 0.5`, `v = [a, b] = [0.5, 2]`
            elif not self.is_equation and (
                half_place(number) or self.is_rounded or (self.work.formulas and number.value > 0)
            ):
                size = mended[at] if is_cut and at < len(mended) else self.worth
                size = size if size is None or signed >= 0 else -size
                note_computed(state, number, size, is_rounded=self.is_rounded)
            run.wrong_figures.pop(signed, None)
            entry = widen(Interval(signed), [state.habit.half_unit(number)])
            is_right_entry = at < len(mended) and do_meet(entry, mended[at])
            if self.is_wrong and at < len(mended) and (mended[at].low < 0) == (signed < 0):
                run.right_figures[number.value] = mended[at] if signed >= 0 else -mended[at]
            if self.is_wrong and is_right_entry:
                run.exact_figures.discard(number.value)  # another entry of the array is the slip
            if self.rests_on and number.value not in run.shown_figures and not is_right_entry:
                run.wrong_figures[signed] = self.rests_on

    def entries_instead(self) -> list[Interval]:
        """Return what belongs in the places of the figures that are wrong or cut off, if known."""
        comparison, before = self.work.comparison, self.work.trees[-2]
        right = self.judgement.mended
        if before is not None:
            right = comparison.value(before) if self.judgement.outcome == "rounding" else right
            worked = comparison.value(before, "bounds")
            if right is not None and worked is not None and do_meet(right, worked):
                right = worked  # of figures that may stand for finer ones
        return [] if right is None else [*entries_of(right)]


def _is_exactly(work: ChainWork, judgement: ChainJudgement, printed: Value) -> bool:
    """Tell whether a result is just what it stands for: in the run, or by exact figures.

    What was put in first says so: figures that are worked out of it are no more exact.
    """
    reference = judgement.admitted.reference
    if reference is not None:
        return reference.printed == printed
    trees = [tree for tree in work.trees[work.begin : -1] if tree is not None]
    put_in = [tree for tree in trees if not names_in(tree)][:1]
    return any(
        work.ranges.keys().isdisjoint(map(id, numbers_in(tree)))
        and work.comparison.gives_exactly(tree, printed)
        for tree in (*filter(names_in, trees), *put_in)
    )


def _line_behind(work: ChainWork, judgement: ChainJudgement, result: Node) -> int:
    """Return the line of the slip that a result rests on; 0 where it is right itself.

    It is where the run has it, whatever stands before it; where a formula gives it, or figures
    above the slip; and where its figures do and the letters alone are wrong.
    """
    if judgement.outcome != "slip":
        return judgement.error_line
    line, last = work.chain.place.line, len(work.trees) - 1
    for pair in judgement.pairs:
        if pair.with_run and pair.position == last:
            return line if pair.agreement is Agreement.DIFFERS else 0
    if judgement.blame is not None and judgement.blame.part == "derivative":
        return line  # its figures are those of the wrong formula
    if judgement.blame is not None and judgement.blame.part == "either":
        return 0  # it may be the right one
    wrong = [pair.position for pair in judgement.pairs if pair.agreement in WRONG]
    above = work.trees[work.begin : min(wrong, default=-1) + 1]
    does_hold = any(
        tree is not None and work.comparison.by_value(tree, result) is Agreement.HOLDS
        for tree in (*work.formulas, *above)
    )
    return 0 if does_hold or _is_in_letters(work, judgement.blame) else line


def _worth(work: ChainWork, judgement: ChainJudgement, printed: Value) -> Interval | None:
    """Return what a right result stands for: as printed, what its working is worth, or between.

    None where that is not known to be a single number, of any side that has no names, or where a
    fine figure that nobody has stated stands there, which may have been rounded itself.
    """
    if judgement.outcome != "correct" or not isinstance(printed, Interval):
        return None
    sides = [tree for tree in work.trees[work.begin : -1] if tree is not None]
    if any(map(work.run.has_fine_figure, sides)):
        return None
    values = [(tree, work.comparison.value(tree, "bounds")) for tree in sides]
    intervals = [value for _, value in values if isinstance(value, Interval)]
    is_known = all(isinstance(value, Interval) or names_in(tree) for tree, value in values)
    return reduce(range_of_both, intervals, printed) if intervals and is_known else None


def _is_retold(state: PartState, chain: EquationChain, target: str, bounds: Value) -> bool:
    """Tell whether a line repeats what its target was at an earlier time, as its words say."""
    values = (state.run.known_value(target), *state.run.earlier(target))
    return chain.refers_elsewhere and any(
        value is not None and do_meet(value.bounds, bounds) for value in values
    )


def _is_in_letters(work: ChainWork, blame: WrongPart | None) -> bool:
    """Tell whether a formula is wrong, and not the figures that stand for it."""
    tree = None if blame is None or blame.part != "formula" else work.trees[blame.position]
    has_figures = any(each is not None and not names_in(each) for each in work.trees[1:-1])
    return tree is not None and bool(names_in(tree)) and has_figures


def note_printed(
    state: PartState, work: ChainWork, printed: Side, judgement: ChainJudgement | None = None
) -> None:
    """Note the result that a worksheet has printed behind a chain, and the writer's own of it.

    Either may be put in on the lines that follow: his own is that of his figures, else that of the
    formula with what he has for its names.
    """
    view, target, tree = state.view, work.target or "", printed.tree
    spots = () if view is None else view.spots(target, is_target=True)
    known_value = None if view is None or not spots else view.value(spots[0], state.iteration)
    if view is None or known_value is None or tree is None:
        return
    for number in numbers_in(tree):
        note_computed(state, number, is_rounded=printed.relation == "≈")
    own = work.comparison_in(WritersWorld(state.run, state.present_world()))
    is_open = judgement is not None and judgement.outcome in ("undecided", "not_checked")
    sides = () if is_open else filter(None, reversed(work.trees[1:]))
    side = next((each for each in sides if own.value(each) is not None), None)
    names = () if side is None else map(own.world.known_value, names_in(side))
    line, rests_on = work.chain.place.line, max((n.error_line for n in names if n), default=0)
    if judgement is not None:
        rests_on = line if judgement.outcome == "slip" else judgement.error_line
    value, bounds = None, None
    if side is not None:
        value, bounds = own.value(side), own.value(side, "bounds")
    if bounds is not None and not rests_on:
        state.joined.note_result(view.carried, spots[0], state.iteration, bounds)
    state.run.state(
        target,
        replace(
            known_value,
            printed=value or known_value.printed,
            bounds=bounds or known_value.bounds,
            unrounded=known_value.printed,
            line=line,
            error_line=rests_on,
            headings=work.chain.headings,
        ),
    )


def join_to_run(state: PartState, work: ChainWork, judgement: ChainJudgement) -> None:
    """Note what a right result is in the run, where rounding has led the writer off it.

    What differs from the run is no rounding of it, whether it is a slip or nobody knows.
    """
    target, result, view = work.target, work.trees[-1], state.view
    is_turned = any("sign_of_own_name" in pair.uncertain for pair in judgement.pairs)
    (state.joined.turned.add if is_turned else state.joined.turned.discard)(target or "")
    is_other = not judgement.is_result_right and any(
        pair.with_run and pair.agreement in WRONG for pair in judgement.pairs
    )
    is_unfit = (
        is_other
        or judgement.outcome == "carried_forward"
        or (judgement.blame is not None and judgement.blame.part == "derivative")  # no meaning
    )
    world = judgement.admitted
    right, reference = state.run.corrected.get(target or ""), world.reference
    if (
        is_other
        and view
        and world.spot
        and reference
        and right
        and is_about(right.printed, reference.printed)
    ):
        # What belongs there is rounded as the writer's figures are: it is put in further down.
        state.joined.note_result(view.carried, world.spot, world.iteration, right.printed)
    if view is None or target is None or is_unfit:
        return
    printed = allowed = None
    is_working = judgement.outcome == "correct" and result and not names_in(result)
    if result is not None and (is_result(result) or is_working):
        printed = work.comparison.value(result)
        allowed = printed and work.value_in_run()
        if printed and not allowed:
            allowed = work.comparison.stands_for(result) if is_literal(result) else printed
    if reference is None and not view.spots(target, is_target=True):
        _note_own_name(state, work, judgement, allowed)
    if printed is not None and (reference is None or have_one_shape(reference.printed, printed)):
        spot, iteration = world.spot or (target, ()), world.iteration or state.iteration
        state.joined.note_result(view.carried, spot, iteration, printed)


def _note_own_name(
    state: PartState, work: ChainWork, judgement: ChainJudgement, allowed: Value | None
) -> None:
    """Note what a name of the writer's own is in the run, which does not have it.

    It means what its formula says, where that fits the result or, read in one way, was worked out
    to it; else what the figures have `allowed`, unless nobody knows whether these are right.
    """
    own_names, formulas, target = state.joined.own_names, work.formulas, work.target or ""
    is_worked = max(map(len, work.readings)) == 1 and all(
        pair.agreement is Agreement.HOLDS and not pair.unknown for pair in judgement.pairs
    )
    if any(target.rstrip("'") in names_in(formula) for formula in formulas):
        own_names.pop(target, None)  # its own update: from now on it is what was stated
        return
    if formulas and state.view is not None:
        own_names[target] = OwnName(formulas[0], None, state.iteration)
        world = RunWorld(state.view, state.run, state.iteration, None, state.joined)
        known_value = world.as_defined(target)
        if known_value is not None and (
            allowed is None
            or do_meet(known_value.printed, allowed)
            or (is_worked and have_one_shape(known_value.printed, allowed))
        ):
            return
    in_run = (
        KnownValue(allowed, allowed, allowed, False, 0)
        if allowed is not None and judgement.outcome != "undecided"
        else None
    )
    own_names[target] = OwnName(None, in_run, state.iteration)
