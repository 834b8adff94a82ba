"""What a chain says from now on: values that are stated, and results that were judged."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import partial, reduce
from itertools import takewhile
from typing import Final

from tracer.check.bind.document_parts import were_printed
from tracer.check.bind.worlds import OwnName, RunWorld, WritersRun, WritersWorld
from tracer.check.compare.bounded_values import (
    FINE_PLACE,
    KnownValue,
    around,
    coarsest_place,
    common_part,
    do_meet,
    entries_of,
    half_place,
    have_one_shape,
    hull,
    is_about,
    is_result,
    is_telling,
    last_place,
    range_of_both,
    shorter_forms,
    widen,
    with_entries,
)
from tracer.check.compare.value_comparison import Agreement
from tracer.check.judge.chain_work import ChainWork
from tracer.check.judge.derivative_slips import GIVEN_ROLES
from tracer.check.judge.evidence import WRONG, WrongPart
from tracer.check.judge.part_state import PartState
from tracer.check.judge.world_verdict import ChainJudgement
from tracer.check.model.statements import EquationChain, Side
from tracer.check.model.written_trees import (
    entries_in,
    is_literal,
    names_in,
    numbers_in,
    signed_figures,
    signed_terms,
)
from tracer.check.slips.roles import role_of
from tracer.check.trace.aliases import derivative_of
from tracer.expression.syntax import Array, Call, Name, Node, Number, Tuple
from tracer.frozen import replace
from tracer.intervals import Interval, Value, value_of, value_or_none

LISTS: Final = (Array, Tuple)


def note_statement(state: PartState, work: ChainWork) -> bool:
    """Note what two sides say from now on; tell whether all they do is to state a value.

    That is `x = 2` or `z = 0.3 * 2`. An update, `w = w - lr*dw`, is worked; so is `w -= lr*dw`,
    of which nobody knows if it is the rule or the step: w has its value next.
    """
    right, target, is_pair = work.trees[1], work.target, len(work.trees) == 2
    # As it is written: `(x, y)`, once stated, is a name besides.
    lefts = (side.tree for side in work.chain.sides)
    is_told = False
    for left, figures in zip(lefts, work.trees[1:], strict=False):
        if isinstance(left, LISTS) and isinstance(figures, LISTS) and is_literal(figures):
            is_told |= _state_members(state, work, left, figures, are_new=not is_pair)
    if not is_pair or target is None or right is None:
        return is_told and is_pair
    if target.rstrip("'") in names_in(right):
        is_step = work.chain.sides[1].relation == "←" and not target.endswith("'")
        _state_value(state, work, target + "'" * is_step, right)
    if names_in(right) and not (right.content.operations or numbers_in(right)):
        known_values = [state.run.known_value(n) for n in (target, *names_in(right))]
        if known_values[0] is None:  # `∂L/∂b = ∂L/∂z`, `p = [p_1, p_2]`
            lines = (each.error_line for each in known_values if each is not None)
            _state_value(state, work, target, right, error_line=max(lines, default=0))
    if names_in(right):
        return False
    if not is_literal(right):
        return _state_value(state, work, target, right)
    value = work.comparison.value(right)
    if value is not None:
        _note_literal(state, work, target, right, value)
    return True


def _state_members(
    state: PartState, work: ChainWork, names: Node, figures: Node, *, are_new: bool
) -> bool:
    """State the names in a list or a matrix, each with the figure in its place; tell if any was.

    Where they `are_new` only those are stated that have no value yet, and none beside a name with
    another one: nobody knows then of which example these figures are. Values that all names have
    are said again. Of more figures than names each name may stand for several.
    """
    entries, others = entries_in(names), entries_in(figures)
    if len(entries) != len(others):
        return False
    pairs = zip(entries, others, strict=True)
    members = [(name.id, item) for name, item in pairs if isinstance(name, Name)]
    values = [state.run.known_value(name) for name, _ in members]
    do_fit = [
        value is None or value.fits(work.comparison.stands_for(item))
        for value, (_, item) in zip(values, members, strict=True)
    ]
    if None not in values if all(do_fit) else are_new:
        return False
    for (name, item), value in zip(members, values, strict=True):
        if not are_new or value is None:
            _state_value(state, work, name, item, is_given=True)
    return bool(members)


def _note_literal(
    state: PartState, work: ChainWork, target: str, right: Node, value: Value
) -> None:
    """Note the value that a name is said to have: given, or computed and so rounded."""
    chain, numbers, run = work.chain, numbers_in(right), state.run
    is_computed = _is_computed(state, chain, target, right)
    is_exact = run.exact_figures.issuperset(each.value for each in numbers)
    is_rounded = chain.sides[-1].relation == "≈"  # a whole number too
    figures = work.comparison.stands_for(right, is_rounded=is_rounded)
    bounds = figures if is_computed and not is_exact else value
    before = run.known_value(target)
    if before is not None and do_meet(before.bounds, bounds):
        return  # said again
    is_put_in = before is not None and value in run.put_in.get(target.rstrip("'"), set())
    is_earlier = any(do_meet(each.bounds, bounds) for each in run.earlier(target))
    begins_beside = (  # the heading that a result stands under
        before is not None
        and not before.is_given
        and len(chain.headings) == len(before.headings)
        and chain.headings[-1:] != before.headings[-1:]
    )
    if (is_put_in or is_earlier) and not (is_earlier and begins_beside):
        run.told_again.add(target)
        return
    by_formula = state.defined_names(run).known_value(target)
    worked_out = run.worked_out(target)
    if before is None and chain.is_of_clause and state.before is not None:
        worked_out = state.before.worked_out(target)
    _state_value(state, work, target, right, is_given=not is_computed, bounds=bounds)
    if worked_out is not None and state.view is None:
        is_in_clause = chain.is_of_clause or bool(chain.qualified_by)
        run.set_aside(target, worked_out, is_in_clause=is_in_clause)
    if "end" in chain.doubts or (by_formula is not None and not by_formula.fits(bounds)):
        run.told_again.add(target)  # it is more than that, of another example, or wrong
    for number in numbers:
        if not is_computed:
            run.given_figures.add(number.value)
        elif half_place(number) is not None:
            _note_computed(state, number)


def _is_computed(state: PartState, chain: EquationChain, target: str, right: Node) -> bool:
    """Tell whether figures that a name is said to be were worked out elsewhere, and so rounded."""
    numbers, view = numbers_in(right), state.view
    results = [each for each in numbers if each.value in state.run.computed_figures]
    is_of_run = view is not None and bool(view.spots(target, is_target=True))
    role = role_of(target)
    may_be_data = role in GIVEN_ROLES or (
        role is None
        and derivative_of(target) is None
        and "/" not in target  # nor a share of one, `(∂L/∂b)_{via z}`
        and isinstance(chain.sides[0].tree, Name)
        and not chain.is_claim
    )
    return (
        chain.sides[-1].relation == "≈"
        or (view is not None and is_of_run and not view.is_given(target))
        or (target.endswith("'") and any(map(is_telling, numbers)))
        or all(last_place(each) and each in results for each in numbers)
        or sum(map(is_telling, results)) > 1  # of an array some entries were worked out
        or _are_rounded_shares(numbers)
        or (were_printed(numbers) if may_be_data else were_printed(numbers, 2))
        or (not may_be_data and 0 < coarsest_place(right) <= FINE_PLACE)
        or (
            role not in {None, *GIVEN_ROLES}
            and all(last_place(n) and is_telling(n) for n in numbers)
        )
    )


def _are_rounded_shares(numbers: Sequence[Number]) -> bool:
    """Tell whether entries are shares of 1 that were rounded, `[0.33, 0.33, 0.33]`.

    Those of one decimal may be data, `[0.9, 0.2]`, and those that make up 1, `[0.75, 0.25]`.
    """
    places = [*filter(None, map(last_place, numbers))]  # whole numbers have none
    if not 1 < len(places) == len(numbers) or any(each.value <= 0 for each in numbers):
        return False
    rest = abs(sum((each.value for each in numbers), Fraction(-1)))
    finest = FINE_PLACE if rest == 0 else 10 * FINE_PLACE
    return 2 * rest <= sum(places) and max(places) <= finest


def _state_value(
    state: PartState,
    work: ChainWork,
    name: str,
    node: Node,
    *,
    is_given: bool = False,
    bounds: Value | None = None,
    error_line: int = 0,
) -> bool:
    """Note that a name has the value of a tree from now on; tell whether it has one."""
    value = work.comparison.value(node)
    if value is None:
        return False
    bounds = bounds or work.comparison.value(node, "bounds") or value
    chain, exact = work.chain, value if is_given else None
    known_value = KnownValue(
        value, bounds, exact, is_given, chain.place.line, error_line, chain.headings
    )
    _state(state.run, work, name, known_value, is_worked=not is_literal(node))
    _state_roots(state, chain.sides[0].tree, known_value)
    return True


def _state(
    run: WritersRun, work: ChainWork, name: str, known: KnownValue, *, is_worked: bool
) -> None:
    """Note that a name has a value from now on, which may be that of another case by its words.

    Then it may confirm what follows, and refutes nothing.
    """
    before = run.known_value(name)
    differs = before is not None and not do_meet(before.bounds, known.bounds)
    may_be_other = is_worked or work.is_statement
    is_other = (
        may_be_other and (differs or name in run.told_again) and work.is_of_another_case(before)
    )
    run.state(name, known)
    # However `\\log σ^2` is read, what is written so has this value.
    doubts = {*work.chain.doubts} - ({"other_reading"} if name[0] == "«" else set())
    if is_other or doubts:
        run.told_again.add(name)


def _state_roots(state: PartState, left: Node | None, known: KnownValue) -> None:
    """Note that a name whose square has a value, `σ² = 4`, is one of its roots, if it has no value.

    What refers to another quantity of that name is no slip.
    """
    match left:
        case Call(operation="power", arguments=(Name(id=name), Number(value=2))) if (
            state.run.known_value(name) is None
        ):
            root = value_or_none(Call("sqrt", (Name(name),)), {name: known.bounds})
            if root is not None:
                other = with_entries(root, lambda entry: -entry)
                roots = KnownValue(root, root, other, known.is_given, known.line, known.error_line)
                state.run.state(name, replace(roots, headings=known.headings))
                state.run.told_again.add(name)


def breaks_an_equation(state: PartState, work: ChainWork) -> bool:
    """Tell whether what a line works out for a name does not fit an equation in names above.

    Below `ℓ = log σ²` and ℓ = -0.6 that is so of `σ = exp(ℓ) = 0.5488`.
    """
    chain, target, result = work.chain, work.target or "", work.trees[-1]
    if result is None or not is_literal(result) or state.run.known_value(target) is not None:
        return False
    value = value_of(result)
    bounds = work.comparison.stands_for(result)
    known = KnownValue(value, bounds, None, False, chain.place.line, 0, chain.headings)
    comparison = work.comparison_in(state.own_world(state.run.with_values({target: known})))
    return any(
        all(comparison.by_value(Name(head), each) is Agreement.DIFFERS for each in readings)
        for head, readings in state.equations_above(chain, target)
    )


def note_result(state: PartState, work: ChainWork, judgement: ChainJudgement) -> None:
    """Note the result of a chain for the lines that follow."""
    chain, run, result = work.chain, state.run, work.trees[-1]
    is_right, blame = judgement.outcome == "correct", judgement.blame
    run.shown_figures.update(
        number.value
        for tree in work.trees
        for number in (() if tree is None or is_literal(tree) else numbers_in(tree))
        if is_telling(number)
    )
    if result is None:
        return
    if not is_literal(result):  # it ends in figures, `1/2` or `0.5 * 3`
        if work.target and not names_in(result) and (is_right or is_result(result)):
            rests_on = _line_behind(work, judgement, result)
            _state_value(state, work, work.target, result, error_line=rests_on)
            if judgement.outcome == "undecided":
                run.told_again.add(work.target)
        return
    if is_right:
        if not run.worked.isdisjoint(work.worked):
            run.begin_example(chain.place.line)
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
                run.told_again.discard(name)  # a right line goes on with it
    if is_right and work.trees[-2] is not None:  # `100,352` has the reading that follows
        by_value = partial(work.comparison.by_value, work.trees[-2])
        literals = filter(is_literal, work.readings[-1])
        alike = (each for each in literals if _digits_of(each) == _digits_of(result))
        result = next((each for each in alike if by_value(each) is Agreement.HOLDS), result)
    printed = work.comparison.value(result)
    if printed is None:
        return
    is_rounded = chain.sides[-1].relation == "≈"
    is_stated = not is_rounded and all(
        each and not (each.content.operations or numbers_in(each)) for each in work.trees[:-1]
    )
    figures = {number.value for number in numbers_in(result)}
    is_given = is_stated and not _is_computed(state, chain, work.target or "", result)
    is_exact = is_given or _is_exactly(work, judgement, printed)
    is_wrong = blame is not None and blame.part == "result"
    is_whole = is_exact or (
        is_wrong
        and isinstance(result, Number)
        and isinstance(judgement.mended, Interval)  # with no more decimals than the figure
        and judgement.mended.is_exact
        and (judgement.mended.low / (last_place(result) or 1)).denominator == 1
    )
    bounds = printed if is_whole else work.comparison.stands_for(result, is_rounded=is_rounded)
    worth = _worth(work, judgement, printed)
    if worth is not None and isinstance(bounds, Interval):
        is_whole_number = isinstance(result, Number) and last_place(result) is None
        bounds = worth if is_whole_number else common_part(bounds, worth)
    if judgement.outcome == "rounding" and (before := work.trees[-2]) is not None:
        cut = work.comparison.value(before)
        bounds = bounds if cut is None or not have_one_shape(cut, bounds) else hull(bounds, cut)
    rests_on = _line_behind(work, judgement, result)
    # Of two shapes nobody knows which one the name has: nothing follows from it.
    # Nor where the name is the end of a side that was not read whole, `… + b = 0.5`.
    is_open = "cut_off" in chain.doubts or any(pair.has_two_shapes for pair in judgement.pairs)
    if work.target and not is_open and not _is_retold(state, chain, work.target, bounds):
        in_full = (work.comparison.value(formula, "unrounded") for formula in work.formulas)
        unrounded = next((each for each in in_full if each and do_meet(each, bounds)), None)
        line, headings = chain.place.line, chain.headings
        known_value = KnownValue(printed, bounds, unrounded, False, line, rests_on, headings)
        state.note_update(work.target, work.formulas)
        others = (each.id if isinstance(each, Name) else "" for each in work.trees[1:-1])
        valueless = takewhile(lambda name: name and run.known_value(name) is None, others)
        more = valueless if is_right and state.view is None else ()  # `c = d = 2*3 = 6`
        for name in (work.target, *more):
            _state(run, work, name, known_value, is_worked=not is_stated)
        _state_roots(state, chain.sides[0].tree, known_value)
        is_doubtful = judgement.outcome == "undecided" and any(
            pair.agreement in (*WRONG, Agreement.OPEN) or "slope_of_a_part" in pair.uncertain
            for pair in judgement.pairs
        )
        # Of a formula nobody knows whether it, or what was put in for it, is what was meant.
        is_unknown = blame is not None and blame.part in ("derivative", "formula", "either")
        if is_doubtful or is_unknown:
            run.told_again.add(work.target)  # nobody knows if what follows starts from it
        base = work.target.rstrip("0123456789").rstrip("_")
        if base != work.target and any(base in names_in(each) for each in work.formulas):
            run.told_again.add(base)  # from the next step on w may be what w_1 is
        right = judgement.mended
        if blame is not None and blame.part == "figures":  # it has one of them mended
            right = work.comparison.value(work.formulas[0]) if work.formulas else None
        if judgement.outcome == "carried_forward" and work.formulas:
            right_world = WritersWorld(run, corrects=True)
            right = work.comparison_in(right_world).value(work.formulas[0])
        if right is not None and not is_unknown:
            run.corrected[work.target] = replace(
                known_value, printed=right, bounds=right, unrounded=None, error_line=0
            )
    # A formula that has no name may be the update of one of its own.
    head = work.trees[0]
    is_nameless = work.target is None and head is not None and bool(names_in(head))
    is_sum = is_nameless and head is not None and len(signed_terms(head)) > 1
    if judgement.outcome == "undecided" or is_sum:
        run.doubtful_figures |= figures
    # The figure of an equation, `0.5 a + 2 b = 0.4`, is no result of anything.
    is_equation = is_nameless and judgement.outcome == "undecided" and len(work.trees) == 2
    # Nobody is asked for an x that is about right, and `x W = 1.1316` asks for none.
    is_equation &= not is_rounded and bool(numbers_in(head or result))
    if is_wrong:
        run.exact_figures |= figures  # a slip rounds nothing, so nothing else may be meant
    elif is_exact and not is_rounded:  # `0.5·0.00019 + 0.5·0.00019 ≈ 0.00019` claims no such thing
        run.exact_figures |= figures.difference(run.computed_figures)
    elif not is_equation:
        run.exact_figures -= figures
    is_cut, before = judgement.outcome == "rounding", work.trees[-2]
    right = work.comparison.value(before) if is_cut and before is not None else judgement.mended
    worked = None if before is None else work.comparison.value(before, "bounds")
    if right is not None and worked is not None and do_meet(right, worked):
        right = worked  # of figures that may stand for finer ones
    mended = [] if right is None else [*entries_of(right)]
    for at, (signed, number) in enumerate(signed_figures(result)):
        if is_given:
            run.given_figures.add(number.value)  # `a = b = 0.5`, `v = [a, b] = [0.5, 2]`
        elif not is_equation and (
            half_place(number) or is_rounded or (work.formulas and number.value > 0)
        ):
            size = mended[at] if is_cut and at < len(mended) else worth
            size = size if size is None or signed >= 0 else -size
            _note_computed(state, number, size, is_rounded=is_rounded)
        run.wrong_figures.pop(signed, None)
        entry = widen(Interval(signed), [state.habit.half_unit(number)])
        is_right_entry = at < len(mended) and do_meet(entry, mended[at])
        if is_wrong and at < len(mended) and (mended[at].low < 0) == (signed < 0):
            run.right_figures[number.value] = mended[at] if signed >= 0 else -mended[at]
        if is_wrong and is_right_entry:
            run.exact_figures.discard(number.value)  # another entry of the array is the slip
        if rests_on and number.value not in run.shown_figures and not is_right_entry:
            run.wrong_figures[signed] = rests_on


def _note_put_in(run: WritersRun, work: ChainWork, name: str, literal: Node) -> None:
    """Note what a right line has put in for a name; a fine figure may have been rounded."""
    chain, value = work.chain, value_of(literal)
    is_fine = 0 < coarsest_place(literal) <= FINE_PLACE
    bounds = work.comparison.stands_for(literal) if is_fine else value
    line, headings = chain.place.line, chain.headings
    known_value = KnownValue(value, bounds, None, False, line, 0, headings)
    run.put_in.setdefault(name, {})[value] = known_value


def _digits_of(literal: Node) -> list[str]:
    """Return the digits of figures, whatever their signs and points."""
    return [number.text.replace(".", "") for number in numbers_in(literal)]


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
        _note_computed(state, number, is_rounded=printed.relation == "≈")
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


def _note_computed(
    state: PartState, number: Number, size: Interval | None = None, *, is_rounded: bool = False
) -> None:
    """Note a printed result, said to be rounded or not; it may be put in with fewer digits."""
    computed, half = state.run.computed_figures, half_place(number) or Fraction(is_rounded, 2)
    near, before = around(number.value, half), computed.get(number.value)
    computed[number.value] = near
    if size is not None:
        sizes = range_of_both(size, before or size)
        # A figure that was cut off may stand for what was cut.
        computed[number.value] = (common_part if near.meets(sizes) else range_of_both)(near, sizes)
    forms = ((number.value, half), *shorter_forms(number))
    state.run.rounded_figures.update(dict.fromkeys(forms, computed[number.value]))


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
    if result is not None and is_result(result):
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
