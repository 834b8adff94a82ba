"""What a chain says from now on where it states values."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from tracer.check.bind.document_parts import were_printed
from tracer.check.bind.worlds import RunView, WritersRun
from tracer.check.compare.bounded_values import (
    FINE_PLACE,
    KnownValue,
    around,
    coarsest_place,
    common_part,
    do_meet,
    half_place,
    is_telling,
    last_place,
    range_of_both,
    shorter_forms,
    with_entries,
)
from tracer.check.compare.side_comparison import ARITHMETIC
from tracer.check.compare.value_comparison import Agreement
from tracer.check.judge.chain_work import ChainWork
from tracer.check.judge.derivative_slips import GIVEN_ROLES
from tracer.check.judge.part_state import PartState
from tracer.check.model.statements import EquationChain
from tracer.check.model.written_trees import (
    entries_in,
    is_literal,
    names_in,
    numbers_in,
)
from tracer.check.slips.roles import role_of
from tracer.check.trace.aliases import derivative_of
from tracer.expression.syntax import Array, Call, Name, Node, Number, Tuple, walk
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
    lefts = [side.tree for side in work.chain.sides]
    first, last = lefts[0], work.trees[-1]
    if isinstance(first, LISTS) and isinstance(last, LISTS) and is_literal(last) and not is_pair:
        for name, item in _figures_of_names(first, last):  # `(p, q) = (4, 1) - 0.1*v = (3, 0)`
            state_value(state, work, name, item)
    is_told = False
    for left, figures in zip(lefts, work.trees[1:], strict=False):
        if isinstance(left, LISTS) and isinstance(figures, LISTS) and is_literal(figures):
            is_told |= _state_members(state, work, left, figures, are_new=not is_pair)
    if not is_pair or target is None or right is None:
        return is_told and is_pair
    if target.rstrip("'") in names_in(right) and _is_step(target.rstrip("'"), right):
        is_step = work.chain.sides[1].relation == "←" and not target.endswith("'")
        state_value(state, work, target + "'" * is_step, right)
    if names_in(right) and not (right.content.operations or numbers_in(right)):
        known_values = [state.run.known_value(n) for n in (target, *names_in(right))]
        if known_values[0] is None:  # `∂L/∂b = ∂L/∂z`, `p = [p_1, p_2]`
            lines = (each.error_line for each in known_values if each is not None)
            state_value(state, work, target, right, error_line=max(lines, default=0))
    if names_in(right):
        return False
    if not is_literal(right):
        return state_value(state, work, target, right)
    value = work.comparison.value(right)
    if value is not None:
        _note_literal(state, work, target, right, value)
    return True


def _is_step(name: str, tree: Node) -> bool:
    """Tell whether a tree gives a name its next value: it adds to it, or takes a multiple of it.

    In `a = 1 / (1 + e^a)` another name is meant.
    """
    around = (each for each in walk(tree) if isinstance(each, Call) and name in names_in(each))
    return all(each.operation in ARITHMETIC for each in around)


def _state_members(
    state: PartState, work: ChainWork, names: Node, figures: Node, *, are_new: bool
) -> bool:
    """State the names in a list or a matrix, each with the figure in its place; tell if any was.

    Where they `are_new` only those are stated that have no value yet, and none beside a name with
    another one: nobody knows then of which example these figures are. Values that all names have
    are said again. Of more figures than names each name may stand for several.
    """
    members = _figures_of_names(names, figures)
    values = [state.run.known_value(name) for name, _ in members]
    do_fit = [
        value is None or value.fits(work.comparison.stands_for(item))
        for value, (_, item) in zip(values, members, strict=True)
    ]
    if None not in values if all(do_fit) else are_new:
        return False
    for (name, item), value in zip(members, values, strict=True):
        if not are_new or value is None:
            state_value(state, work, name, item, is_given=True)
    return bool(members)


def _figures_of_names(names: Node, figures: Node) -> Sequence[tuple[str, Node]]:
    """Return the names in a list or a matrix, each with the figure in its place."""
    entries, others = entries_in(names), entries_in(figures)
    pairs = zip(entries, others, strict=True) if len(entries) == len(others) else ()
    return [(name.id, item) for name, item in pairs if isinstance(name, Name)]


def _note_literal(
    state: PartState, work: ChainWork, target: str, right: Node, value: Value
) -> None:
    """Note the value that a name is said to have: given, or computed and so rounded."""
    chain, numbers, run = work.chain, numbers_in(right), state.run
    was_computed = is_computed(state, chain, target, right)
    is_exact = run.exact_figures.issuperset(each.value for each in numbers)
    is_rounded = chain.sides[-1].relation == "≈"  # a whole number too
    figures = work.comparison.stands_for(right, is_rounded=is_rounded)
    bounds = figures if was_computed and not is_exact else value
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
        if before is not None and before.is_given and not was_computed:  # `x = 1, then x = -1`
            state_value(state, work, target, right, is_given=True)
        run.told_again.add(target)
        return
    by_formula = state.defined_names(run).known_value(target)
    worked_out = run.worked_out(target)
    if before is None and chain.is_of_clause and state.before is not None:
        worked_out = state.before.worked_out(target)
    state_value(state, work, target, right, is_given=not was_computed, bounds=bounds)
    if worked_out is not None and state.view is None:
        is_in_clause = chain.is_of_clause or bool(chain.qualified_by)
        run.set_aside(target, worked_out, is_in_clause=is_in_clause)
    if "end" in chain.doubts or (by_formula is not None and not by_formula.fits(bounds)):
        run.told_again.add(target)  # it is more than that, of another example, or wrong
    for number in numbers:
        if not was_computed:
            run.given_figures.add(number.value)
        elif half_place(number) is not None:
            note_computed(state, number)


def is_computed(state: PartState, chain: EquationChain, target: str, right: Node) -> bool:
    """Tell whether figures that a name is said to be were worked out elsewhere, and so rounded."""
    numbers, view = numbers_in(right), state.view
    results = [each for each in numbers if each.value in state.run.computed_figures]
    is_of_run = (
        view is not None
        and bool(view.spots(target, is_target=True))
        and (not view.is_given(target) or _has_been_updated(view, target, right))
    )
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
        or is_of_run
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


def _has_been_updated(view: RunView, target: str, right: Node) -> bool:
    """Tell whether a parameter has another value than it begins with."""
    spots = [spot for spot in view.spots(target, is_target=False)[:1] if spot[0] in view.carried]
    begins = view.value(spots[0], 1) if spots else None
    value = value_or_none(right)
    return begins is not None and value is not None and not do_meet(begins.printed, value)


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


def state_value(
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
    state_known_value(state.run, work, name, known_value, is_worked=not is_literal(node))
    state_roots(state, chain.sides[0].tree, known_value)
    return True


def state_known_value(
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


def state_roots(state: PartState, left: Node | None, known: KnownValue) -> None:
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


def note_computed(
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
