"""What a chain says from now on: values that are stated, and results that were judged."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from tracer.check.bind.joined_names import OwnName
from tracer.check.bind.run_view import RunView
from tracer.check.bind.run_world import RunWorld
from tracer.check.compare.bounded_values import do_meet, entries_of, have_one_shape, with_value
from tracer.check.compare.known_value import KnownValue
from tracer.check.compare.rounding_habit import (
    last_place,
    shorter_forms,
    significant_digits,
)
from tracer.check.compare.side_comparison import Agreement
from tracer.check.judge.blame_finder import WrongPart
from tracer.check.judge.chain_work import ChainWork
from tracer.check.judge.outcomes import ChainJudgement
from tracer.check.judge.part_state import PartState
from tracer.check.judge.world_verdict import WRONG
from tracer.check.model.statements import EquationChain
from tracer.check.model.written_trees import (
    is_literal,
    names_in,
    numbers_in,
    signed_figures,
)
from tracer.expression.syntax import Array, Name, Node, Number, Tuple
from tracer.intervals import Value

__all__ = ["join_to_run", "note_result", "note_statement", "note_update"]


def note_statement(state: PartState, work: ChainWork) -> bool:
    """Note a value that is only stated, `x = 2` or `z = 0.3 * 2`; tell whether it is."""
    right, target = work.trees[1], work.target
    assert target is not None
    if right is None or names_in(right):
        _note_update(state, work)
        return False
    if not is_literal(right):
        return _state_value(state, work, target, right)
    value = work.comparison.value(right)
    if value is None:
        return True
    chain, numbers = work.chain, numbers_in(right)
    is_computed = (
        chain.sides[1].relation == "≈"
        or target.endswith("'")
        or all(
            last_place(number) is not None and number.value in state.run.computed_figures
            for number in numbers
        )
    )
    bounds = work.comparison.stands_for(right)[0] if is_computed else value
    before = state.run.known(target)
    if before is not None and do_meet(before.bounds, bounds):
        return True  # said again
    had = state.run.put_in.get(target.rstrip("'"), set())
    is_put_in = before is not None and any(number.value in had for number in numbers[:1])
    is_earlier = any(do_meet(each.bounds, bounds) for each in state.run.earlier(target))
    if (is_put_in or is_earlier) and not (is_earlier and _begins_beside(chain, before)):
        state.run.told_again.add(target)
        return True
    unrounded = None if is_computed else value
    line = chain.place.line
    state.run.state(
        target, KnownValue(value, bounds, unrounded, not is_computed, line, 0, chain.headings)
    )
    for number in numbers:
        if not is_computed:
            state.run.given_figures.add(number.value)
        elif last_place(number) is not None:
            _note_computed(state, number)
    return True


def _begins_beside(chain: EquationChain, before: KnownValue | None) -> bool:
    """Tell whether a value is stated under a heading beside the one that a result stands under."""
    if before is None or before.is_given or len(chain.headings) != len(before.headings):
        return False
    return chain.headings[-1:] != before.headings[-1:]


def _note_update(state: PartState, work: ChainWork) -> None:
    """Note what `w -= lr * g` makes of w, which may be the rule or the step: w has it next."""
    change, target = work.trees[1], work.target
    if change is None or target not in names_in(change) or target.endswith("'"):
        return
    if work.chain.sides[1].relation == "←":
        _state_value(state, work, target + "'", change)


def _state_value(
    state: PartState, work: ChainWork, name: str, node: Node, error_line: int = 0
) -> bool:
    """Note that a name has the value of a tree from now on; tell whether it has one."""
    value, bounds = work.comparison.value(node), work.comparison.value(node, "bounds")
    if value is None:
        return False
    line, headings = work.chain.place.line, work.chain.headings
    known = KnownValue(value, bounds or value, None, False, line, error_line, headings)
    state.run.state(name, known)
    return True


def note_update(state: PartState, work: ChainWork) -> None:
    """Note an update without its value, `w = w - lr*dw`, and values stated all at once."""
    left, right = work.trees[0], work.trees[-1]
    if left is None or right is None or len(work.trees) != 2:
        return
    if work.chain.sides[1].relation == "←":
        return  # a step, which `note_statement` has noted
    lists = (Array, Tuple)
    line, headings = work.chain.place.line, work.chain.headings
    if isinstance(left, lists) and isinstance(right, lists) and is_literal(right):
        for name, item in zip(left.items, right.items, strict=False):
            value = work.comparison.value(item)
            if isinstance(name, Name) and value is not None:
                known = KnownValue(value, value, value, True, line, headings=headings)
                state.run.state(name.id, known)
    elif work.target is not None and work.target.rstrip("'") in names_in(right):
        _state_value(state, work, work.target, right)


def note_result(state: PartState, work: ChainWork, judgement: ChainJudgement) -> None:
    """Note the result of a chain for the lines that follow."""
    chain, result = work.chain, work.trees[-1]
    outcome = judgement.outcome
    meant = work.reading_that_holds()
    for tree in work.trees:
        if tree is not None and not is_literal(tree):
            state.run.shown_figures |= {
                number.value for number in numbers_in(tree) if significant_digits(number) > 1
            }
    if result is None or len(chain.sides) < 2:
        return
    if not is_literal(result):
        _note_working(state, work, judgement, result)
        return
    if outcome == "correct":
        _note_put_in(state, work)
    printed = work.comparison.value(meant or result)
    if printed is None:
        return
    rounded = chain.sides[-1].relation == "≈"
    reference = judgement.admitted.reference
    if reference is not None:
        is_exact = reference.printed == printed
    else:
        is_exact = any(
            _is_exact(work, tree) and value == printed
            for tree in work.trees[work.begin : -1]
            if tree is not None and (value := work.comparison.value(tree, "bounds")) is not None
        )
    bounds, _ = work.comparison.stands_for(result, is_rounded=rounded)
    is_wrong = judgement.blame is not None and judgement.blame.part == "result"
    bounds = printed if is_exact or is_wrong else bounds  # a slip rounds nothing
    unrounded: Value | None = None
    formulas = [tree for tree in work.trees[work.begin : -1] if tree is not None and names_in(tree)]
    rests_on = judgement.error_line
    if outcome == "slip":
        rests_on = chain.place.line
        last = len(work.trees) - 1
        with_run = [p.agreement for p in judgement.pairs if p.with_run and p.position == last]
        if with_run:  # a result that the run has is right, whatever stands before it
            rests_on = 0 if with_run[0] is not Agreement.DIFFERS else rests_on
        elif any(
            work.comparison.by_value(tree, result) is Agreement.HOLDS
            for tree in (*formulas, *_sides_before_the_slip(work, judgement))
        ):
            rests_on = 0  # and so is one that its formula gives, or figures above the slip
        elif _is_in_letters(work, judgement.blame):
            rests_on = 0  # and one that its figures give, where the letters are wrong
    else:
        for formula in formulas:
            value = work.comparison.value(formula, "unrounded")
            if value is not None and do_meet(value, bounds):
                unrounded = value
                break
    # Of two shapes nobody knows which one the name has: nothing follows from it.
    has_value = outcome != "undecided" or not any(pair.has_two_shapes for pair in judgement.pairs)
    if work.target and has_value and not _is_retold(state, chain, work.target, bounds):
        line = chain.place.line
        known = KnownValue(printed, bounds, unrounded, False, line, rests_on, chain.headings)
        state.run.state(work.target, known)
        if outcome == "undecided" and any(p.agreement in WRONG for p in judgement.pairs):
            state.run.told_again.add(work.target)  # nobody knows if what follows starts from it
        right = None if judgement.blame is None else _right_result(work, judgement.blame)
        if right is not None:
            state.run.corrected[work.target] = KnownValue(
                right, right, None, False, line, headings=chain.headings
            )
    has_formula = bool(formulas)
    figures = {number.value for number in numbers_in(result)}
    if outcome == "undecided":
        state.run.doubtful_figures |= figures
    blame = judgement.blame
    if blame is not None and blame.part == "result":
        state.run.exact_figures |= figures  # it rounds nothing, so nothing else may be meant
    elif is_exact and not rounded:  # `≈` claims no such thing: 0.5·0.00019 + 0.5·0.00019 ≈ 0.00019
        state.run.exact_figures |= figures.difference(state.run.computed_figures)
    else:
        state.run.exact_figures -= figures
    for signed, number in signed_figures(result):
        if last_place(number) is not None or (has_formula and number.value > 0):
            _note_computed(state, number)
        if rests_on and number.value not in state.run.shown_figures:
            state.run.wrong_figures[signed] = rests_on
        else:
            state.run.wrong_figures.pop(signed, None)


def _note_working(state: PartState, work: ChainWork, judgement: ChainJudgement, last: Node) -> None:
    """Note what a right line that ends in figures, `1/2` or `0.5 * 3`, makes of its target."""
    if judgement.outcome != "correct" or work.target is None or names_in(last):
        return
    _state_value(state, work, work.target, last, judgement.error_line)


def _note_computed(state: PartState, number: Number) -> None:
    """Note a printed result; it may be put in with fewer digits."""
    computed, half = state.run.computed_figures, (last_place(number) or Fraction(0)) / 2
    computed[number.value] = half
    for shorter, unit in shorter_forms(number):
        computed.setdefault(shorter, unit / 2)


def _is_exact(work: ChainWork, tree: Node) -> bool:
    """Tell whether no figure of a side may have been rounded."""
    return all(id(number) not in work.halves for number in numbers_in(tree))


def _note_put_in(state: PartState, work: ChainWork) -> None:
    """Note which figure stands for which name on a right line."""
    comparison = work.comparison_in(state.run)
    for left, right in zip(work.trees[1:], work.trees[2:], strict=False):
        if left is not None and right is not None and names_in(left) and not names_in(right):
            comparison.align(left, right)
    for name, node in comparison.placements.values():
        if isinstance(node, Number):
            state.run.put_in.setdefault(name.rstrip("'"), set()).add(node.value)


def _is_retold(state: PartState, chain: EquationChain, target: str, bounds: Value) -> bool:
    """Tell whether a line repeats what its target was at an earlier time, as its words say."""
    values = (state.run.known(target), *state.run.earlier(target))
    return chain.refers_elsewhere and any(
        value is not None and do_meet(value.bounds, bounds) for value in values
    )


def _sides_before_the_slip(work: ChainWork, judgement: ChainJudgement) -> Sequence[Node]:
    """Return the sides of figures above the first pair that differs: they are right."""
    wrong = [p.position for p in judgement.pairs if p.agreement in WRONG and not p.with_run]
    sides = work.trees[work.begin : min(wrong, default=work.begin - 1) + 1]
    return [tree for tree in sides if tree is not None]


def _is_in_letters(work: ChainWork, blame: WrongPart | None) -> bool:
    """Tell whether a formula is wrong, and not the figures that stand for it."""
    tree = None if blame is None else work.trees[blame.position]
    if blame is None or tree is None or blame.part != "formula" or not names_in(tree):
        return False
    return any(each is not None and not names_in(each) for each in work.trees[1:-1])


def _right_result(work: ChainWork, blame: WrongPart) -> Value | None:
    """Return what the result would be without the slip, where that is known."""
    if blame.part == "result":
        return blame.expected if blame.array is None else blame.array
    tree, right = work.trees[blame.position], blame.expected
    if blame.part != "figure" or tree is None or right is None:
        return None
    mended = with_value(tree, blame.node, right)
    return None if mended is None else work.comparison.value(mended)


def join_to_run(state: PartState, work: ChainWork, judgement: ChainJudgement) -> None:
    """Note what a right result is in the run, where rounding has led the writer off it."""
    target, result = work.target, work.trees[-1]
    if state.view is None or target is None or judgement.outcome in ("slip", "carried_forward"):
        return
    world = judgement.admitted
    if world.reference is not None:
        value: Value | None = world.reference.printed
    else:
        value = _own_value(state, work, target, state.view)
    if value is None or result is None or not is_literal(result):
        return
    if work.comparison.value(result) is None:
        return  # the rows of an array differ in length
    bounds, _ = work.comparison.stands_for(result)
    if not have_one_shape(value, bounds):
        return
    spot = world.spot or (target, ())
    printed = work.comparison.value(result)
    iteration = world.iteration or state.iteration
    state.joined.note_result(state.view.carried, spot, iteration, printed or bounds)
    for number, entry in zip(numbers_in(result), entries_of(value), strict=True):
        if not work.is_given(number):
            ends = abs(abs(entry.low) - number.value), abs(abs(entry.high) - number.value)
            before = state.joined.drifts.get(number.value, Fraction(0))
            state.joined.drifts[number.value] = max(*ends, before)


def _own_value(state: PartState, work: ChainWork, target: str, view: RunView) -> Value | None:
    """Return what a name of the writer's own is in the run, which does not have it.

    It means what its formula says, where that fits the result; else what the figures give.
    """
    own_names = state.joined.own_names
    if view.spots(target, is_target=True):
        return None
    formulas = work.formulas
    if any(target.rstrip("'") in names_in(formula) for formula in formulas):
        own_names.pop(target, None)  # its own update: from now on it is what was stated
        return None
    allowed = work.value_in_run()
    if formulas:
        own_names[target] = OwnName(formulas[0], None, state.iteration)
        world = RunWorld(view, state.run, state.iteration, None, state.joined)
        known = world.as_defined(target)
        if known is not None and (allowed is None or do_meet(known.printed, allowed)):
            return known.printed
    in_run = None if allowed is None else KnownValue(allowed, allowed, allowed, False, 0)
    own_names[target] = OwnName(None, in_run, state.iteration)
    return allowed
