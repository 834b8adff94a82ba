"""Results that do not follow from their working, or are not those of the run."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from fractions import Fraction
from typing import Final

from tracer.check.bind.worlds import RunWorld
from tracer.check.compare.bounded_values import (
    KnownValue,
    do_meet,
    entries_of,
    have_one_shape,
    is_telling,
    last_place,
    significant_digits,
    with_entries,
    with_value,
)
from tracer.check.compare.side_comparison import SideComparison
from tracer.check.compare.value_comparison import Agreement
from tracer.check.judge.blame_of_figures import blame_put_in, blame_put_in_before
from tracer.check.judge.blame_of_formulas import SUM_SIGNS
from tracer.check.judge.evidence import Evidence, WrongPart, is_as_in_run, run_formulas, trees_agree
from tracer.check.judge.explaining_slips import (
    WORKING_OUT,
    formula_slips,
    slips_of_formula,
    with_digits,
)
from tracer.check.model.written_trees import (
    is_literal,
    names_in,
    negate,
    numbers_in,
    replace_parts,
)
from tracer.check.slips.rewriting import Place, is_call, is_number, part_places
from tracer.expression.syntax import Name, Node, Number, count_number
from tracer.intervals import Interval, Value

SURE_DIGITS: Final = 4  # of a result that other figures hardly give by chance
DIGITS_MORE: Final = 4  # that it has than a short figure which gives it
ZERO, ONE = count_number(0), count_number(1)
OF_OTHER_FIGURES: Final = frozenset(("error_reversed", "other_sample"))
"""Slips of a formula: they cannot have been made where all its figures stand on the line."""


def blame_worked_out(evidence: Evidence, left: Node, right: Node) -> WrongPart:
    """Blame the result, a figure put in whose right value gives it, or the formula before it.

    A working that has the value of the run is right: the result is not, and the run has what it is.
    """
    comparison = evidence.comparison
    repaired = blame_put_in(
        evidence, evidence.position, lambda side: trees_agree(comparison, side, right)
    )
    if repaired is not None:
        return repaired
    is_right = is_as_in_run(evidence, left)
    if is_as_in_run(evidence, right) and not is_right:
        slips = slips_of_formula(evidence, left, right)
        wrong = WrongPart(evidence.position, left, None, "formula", slips)
        return blame_put_in_before(evidence) or wrong
    value = _value_beside(comparison, left, right) or comparison.value(left, products="matrix")
    slips = _result_slips(evidence, left, right, value)
    if is_right and value is not None and evidence.reference is not None:
        in_run = evidence.reference.printed
        value = in_run if have_one_shape(in_run, value) else value
    return WrongPart(evidence.position + 1, right, value, "result", slips or ("plain_slip",))


def _value_beside(comparison: SideComparison, left: Node, right: Node) -> Value | None:
    """Return what a side is worth, in the shape of the result beside it."""
    page_value = comparison.value(right)
    values = (*comparison.values(left, "unrounded"), *comparison.values(left, "printed"))
    value = next(
        (v for v in values if page_value is not None and have_one_shape(v, page_value)), None
    )
    if page_value is None or value is None:
        return None
    entries = iter([*entries_of(value)])
    return with_entries(page_value, lambda _: next(entries))


def _result_slips(
    evidence: Evidence, left: Node, right: Node, value: Value | None
) -> tuple[str, ...]:
    """Return the slips that give a written result from right figures."""
    comparison = evidence.comparison
    bounds = comparison.stands_for(right)
    names = [  # a 2 that was put in for x is no 2 of a square
        (node, name)
        for name, node in comparison.placements.values()
        if isinstance(name, Name) and comparison.world.known_value(name.id)
    ]
    slips = formula_slips(evidence, [left], bounds, right)
    worked_out = [slip for slip in slips if slip in WORKING_OUT]
    if evidence.position:
        named = formula_slips(evidence, [replace_parts(left, names)], bounds, right)
        slips = worked_out or [slip for slip in named if slip not in OF_OTHER_FIGURES]
    is_bare = not any(tree is not None and names_in(tree) for tree in evidence.trees[1:])
    if is_bare and value is not None and do_meet(with_entries(value, lambda each: -each), bounds):
        slips = worked_out  # no more than a sign is lost
    return with_digits(slips, right, value)


def blame_working(evidence: Evidence) -> WrongPart | None:
    """Blame a figure, or the result, which only another figure gives to its digits.

    That is one of the page or a short one, `0.6` for `0.35`; so do two that stand the other way
    round in a quotient, and an exponent without its sign. Nobody knows which of the two is meant.
    """
    left, right = evidence.side(evidence.position), evidence.side(evidence.position + 1)
    are_sure = all(significant_digits(each) >= SURE_DIGITS for each in numbers_in(right))
    is_worked = is_literal(right) and not is_literal(left) and evidence.view is None
    if not (are_sure and is_worked) or is_part_left_out(evidence):
        return None
    writer, bounds = evidence.writer, evidence.comparison.stands_for(right)
    has_formula = any(tree and names_in(tree) for tree in evidence.trees[1 : evidence.position + 1])
    known_values = (known.printed for _, known in writer.named_values())
    entries = (abs(each.low) for value in known_values for each in entries_of(value))
    values = {*entries, *writer.computed_figures, *writer.given_figures, *map(Fraction, range(21))}
    changes: dict[tuple[int, Node], Node] = {}
    for place in part_places(left):
        node = place.node
        others: list[Node | None] = []
        if is_call(node, "divide") and not is_number(node.arguments[0], 1):
            others = [replace_parts(node, zip(node.arguments, node.arguments[::-1], strict=True))]
        elif place.parent and is_call(place.parent.node, "exp") and not is_call(node, "negative"):
            others = [negate(node)]  # a sign is lost; nobody adds one
        elif isinstance(node, Number) and not has_formula:
            is_count = "." not in node.text
            fitting = (each for each in values if is_count or each.denominator > 1)
            others = [
                count_number(int(each))
                if each.denominator == 1
                else with_value(node, node, Interval(each))
                for each in fitting
            ]
            if not (is_count or evidence.is_stated):  # a formula of several rows has its own
                others.append(_short_figure(evidence.comparison, place, right))
        for other in others:
            value = None if other is None else evidence.comparison.value(place.rewritten(other))
            if other is not None and value is not None and do_meet(value, bounds):
                changes[node.start, other] = node
    if len(changes) != 1:
        return None
    ((_, other), node), *_ = changes.items()
    return WrongPart(evidence.position, node, None, "either", (), mended=other)


def _short_figure(comparison: SideComparison, place: Place, result: Node) -> Node | None:
    """Return the figure with as many decimals as one that a result is nearest to, if it is shown.

    The side is taken for linear in it: whoever asks works it out. That so short a figure gives a
    result of many more digits is no chance.
    """
    node, printed = place.node, comparison.value(result)
    if not isinstance(node, Number):
        return None
    unit, digits = last_place(node), min(map(significant_digits, numbers_in(result)), default=0)
    if unit is None or digits < significant_digits(node) + DIGITS_MORE:
        return None
    start, end = (comparison.value(place.rewritten(each)) for each in (ZERO, ONE))
    if not (isinstance(start, Interval) and isinstance(end, Interval)):
        return None
    slope = end.low - start.low
    if not slope or not isinstance(printed, Interval):
        return None
    value = (printed.low - start.low) / slope
    return with_value(node, node, Interval(round(value / unit) * unit))


def is_part_left_out(evidence: Evidence) -> bool:
    """Tell whether a result is that of the side before it without one term or factor."""
    left, result = evidence.side(evidence.position), evidence.side(evidence.position + 1)
    return any(
        trees_agree(evidence.comparison, place.rewritten(rest), result)
        for place in part_places(left)
        for rest in _without_one_part(place.node)
    )


def _without_one_part(node: Node) -> Iterator[Node]:
    """Yield a sum without a term, and a product without a factor."""
    if is_call(node, *SUM_SIGNS):
        left, right = node.arguments
        yield from (left, right if node.operation == "add" else negate(right))
    elif is_call(node, "multiply", "divide"):
        yield from node.arguments[: 1 if node.operation == "divide" else 2]


def blame_against_the_run(evidence: Evidence, reference: KnownValue, other: str) -> WrongPart:
    """Blame the result that is not the run's; the formula where the result is right.

    What a formula is worth in the run says more of the slip in it than its rounded result. The line
    may be of the `other` quantity, of which the target is made.
    """
    side, result = evidence.side(evidence.position), evidence.result
    comparison = evidence.comparison
    value = comparison.value(side) if names_in(side) else None
    last, view, name = len(evidence.trees) - 1, evidence.view, evidence.target or ""
    put_in = None if result is None else blame_put_in_before(evidence)
    if put_in is not None:
        return put_in
    if result is None or (
        comparison.with_reference(result, reference, is_rounded=False) is not Agreement.DIFFERS
    ):
        value = comparison.value(side)
        causes = () if value is None else formula_slips(evidence, run_formulas(evidence), value)
        return WrongPart(evidence.position, side, None, "formula", tuple(causes))
    is_given = view is not None and last == 1 and view.is_given(name)
    if is_given and (evidence.spot is None or (view and view.phase(evidence.spot) == "given")):
        return WrongPart(1, result, reference.printed, "figure", ("given_differs",), name)
    bounds = comparison.stands_for(result)
    before = evidence.spot and view and view.value(evidence.spot, evidence.iteration - 1)
    if view and last == 1 and before and before.fits(bounds):
        old = "old_value_in_next_step" if name in view.carried else "previous_gradient_again"
        return WrongPart(1, result, reference.printed, "result", (old,))
    coarse = None if value else result
    causes = formula_slips(evidence, run_formulas(evidence), value or bounds, coarse)
    if other:
        causes = [*(causes or ("inner_derivative_left_out",)), "other_name_on_left"]
    slips = with_digits(causes, result, reference.printed if value is None else None)
    return WrongPart(last, result, reference.printed, "result", slips)


def name_of_another(evidence: Evidence, reference: KnownValue) -> str:
    """Return the quantity of the run that all of a line but its name is of; "" for none."""
    world, result, comparison = evidence.comparison.world, evidence.result, evidence.comparison
    formulas = [tree for tree in evidence.trees[1:-1] if tree is not None and names_in(tree)]
    if result is None or not isinstance(world, RunWorld) or not formulas:
        return ""
    in_run = comparison.with_reference(result, reference, is_rounded=False)
    if in_run is not Agreement.DIFFERS or not any(map(is_telling, numbers_in(result))):
        return ""
    view, now = world.view, evidence.iteration
    # What is said of the target anew may have led to the next iteration.
    for name, time in itertools.product(view.names, {now, max(now - 1, 1)}):
        spot = (name, ())
        is_own = spot == evidence.spot  # of the iteration before: it is stale, and no other
        value = None if is_own or view.is_given(name) or "#" in name else view.value(spot, time)
        if value is None or not value.fits(comparison.stands_for(result)):
            continue
        there = RunWorld(view, evidence.writer, time, spot, world.joined)
        of_it = SideComparison(there, comparison.habit, comparison.ranges)
        if all(
            of_it.with_reference(side, value, is_rounded=False) is Agreement.HOLDS
            for side in (*formulas, result)
        ):
            return name
    return ""
