"""Which figure of a differing chain is wrong, what belongs there, and which slip explains it.

The verdict is known already; here is only why. Of the changes that make the line hold, the
smallest is taken: a figure that was put in, a sign of operation in the formula, the result. A slip
is named only where exactly one explains what was written.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Final

from tracer.check.arithmetic.figures import figure
from tracer.check.compare.bounded_values import (
    do_meet,
    entries_of,
    half_of,
    have_one_shape,
    is_result,
    is_turned,
    significant_digits,
    widen,
    with_value,
)
from tracer.check.compare.side_comparison import ARITHMETIC
from tracer.check.compare.value_comparison import Agreement
from tracer.check.judge.blame_of_figures import (
    blame_factor_left_out,
    blame_figure,
    blame_put_in_after,
)
from tracer.check.judge.blame_of_formulas import blame_operation, blame_turned_round
from tracer.check.judge.blame_of_results import (
    blame_against_the_run,
    blame_worked_out,
    blame_working,
    is_part_left_out,
    name_of_another,
)
from tracer.check.judge.evidence import (
    WRONG,
    BlamedPart,
    Evidence,
    WrongPart,
    is_as_in_run,
    run_formulas,
)
from tracer.check.judge.explaining_slips import FEW_DIGITS, most_trials, slips_of_digits, stem_of
from tracer.check.model.written_trees import (
    entries_in,
    is_literal,
    names_in,
    negate,
    numbers_in,
    with_operation,
)
from tracer.check.slips.causes import SLIPS
from tracer.check.slips.rewriting import SUM, is_call, part_places
from tracer.check.slips.single_changes import (
    OPERATIONS_LEFT_OUT,
    SingleChange,
    figures_of,
    single_changes,
)
from tracer.expression.syntax import Array, Call, Name, Node, Number, Tuple, walk
from tracer.frozen import replace
from tracer.intervals import Interval, value_of
from tracer.run.interpret import shape_of

RANK_OF_VALUES: Final = 3


def find_blame(evidence: Evidence) -> WrongPart:
    """Return what is wrong in a chain that differs."""
    blame = _smallest_change(evidence)
    sources = {SLIPS[slip].source for slip in blame.slips} - {"digits", "calculation"}
    if not (blame.is_all or blame.name or sources) and evidence.position != evidence.proved:
        evidence = replace(evidence, position=evidence.proved)  # of what proves nothing
        blame = _smallest_change(evidence)
    return _as_operation(blame, evidence)


def _as_operation(blame: WrongPart, evidence: Evidence) -> WrongPart:
    """Return the same, but a sign as that of the operation before a figure, and a root as such.

    A square is one where its side has others: it may write all of them out.
    """
    node, value, side = blame.node, blame.expected, evidence.side(blame.position)
    if not is_literal(node) or not isinstance(value, Interval):
        return blame
    has_squares = not side.content.operations.isdisjoint(("power", "square"))
    if blame.cause == "root_left_out" or (blame.cause == "square_left_out" and has_squares):
        raised = OPERATIONS_LEFT_OUT[blame.cause](node)
        worth = evidence.comparison.value(raised)
        if worth is not None and do_meet(worth, value):
            return replace(blame, expected=None, mended=raised)
    if blame.name:
        return blame
    for place in part_places(side):
        above = place.parent.node if place.parent and place.position else node
        if place.node is node and is_call(above, *SUM):
            other = with_operation(SUM[above.operation == SUM[0]], above)
            if do_meet(value, evidence.comparison.stands_for(negate(node))):
                return replace(blame, node=above, expected=None, mended=other)
    return blame


def _smallest_change(evidence: Evidence) -> WrongPart:
    """Return what is wrong in a chain, and its smallest change that makes all of it hold."""
    blame = _narrow_to_entry(_wrong_part(evidence), evidence)
    if evidence.with_run or blame.part in ("derivative", "figures", "either"):
        return blame
    if evidence.doubted:  # what makes them hold too explains more
        clear = replace(evidence, doubted=())
        if (other := _single_change(clear, blame.position)) is not None:
            return replace(other, is_all=True)
    is_all = _does_chain_hold(evidence, blame.position, blame.mended_in)
    is_known = blame.cause not in (None, "plain_slip")
    # A known slip in a formula says more than a sign that may be another one.
    is_of_formula = is_known and SLIPS[blame.slips[0]].source == "formula" and blame.mended
    is_explained = (
        blame.name or is_of_formula or (is_all and is_known) or _is_worked_out(evidence, blame)
    )
    other = None if is_explained else _single_change(evidence, blame.position)
    if blame.cause == "exponent_sign" and (working := blame_working(evidence)) is not None:
        return working
    if other is None and not is_explained and not is_known:
        other = blame_working(evidence)
        return other or replace(blame, is_all=is_all)
    if other is None or (is_known and not other.slips):
        return replace(blame, is_all=is_all)
    return replace(other, is_all=True)


def _is_worked_out(evidence: Evidence, blame: WrongPart) -> bool:
    """Tell whether a wrong figure is what a function of figures was worked out to."""
    before = evidence.side(blame.position - 1) if blame.position > evidence.position else None
    return blame.part == "figure" and any(
        isinstance(part, Call)
        and part.operation not in (*ARITHMETIC, "power")
        and evidence.comparison.value(part) == blame.expected
        for part in (() if before is None else walk(before))
    )


def _single_change(evidence: Evidence, blamed: int) -> WrongPart | None:
    """Blame the one part whose smallest change makes the whole chain hold: its results too.

    There is none where two changes do that, nor where the result is that of the line without a
    part of it. A formula with names is changed where it is `blamed` already.
    """
    at, trees = evidence.position, evidence.trees
    changes: list[tuple[tuple[object, ...], WrongPart]] = []
    for position in (at, at + 1):
        side = trees[position]
        if side is None or is_literal(side) or (names_in(side) and position != blamed):
            continue
        neighbours = (*trees[position - 1 : position], *trees[position + 1 :][:1])
        beside = [tree for tree in neighbours if tree is not None and not is_literal(tree)]
        figures = dict.fromkeys(each for tree in beside for each in figures_of(tree))
        has_roots = any(tree and "sqrt" in tree.content.operations for tree in trees)
        tried = [
            *single_changes(side, [*figures], has_roots=has_roots),
            *_values_instead(evidence, side),
        ]
        if len(tried) > most_trials(side, None):
            return None
        for change in tried:
            if _does_chain_hold(evidence, position, change.put_into) and _is_shown(
                evidence, position, change
            ):
                is_same, agreement = _how_near(evidence, position, change.whole)
                order = (not is_same, change.rank, agreement)
                changes.append((order, _part_of_change(evidence, position, change)))
    if changes and is_literal(evidence.side(at + 1)) and is_part_left_out(evidence):
        return None
    changes.sort(key=lambda each: each[0])
    best = [part for order, part in changes if order == changes[0][0]]
    return best[0] if len(best) == 1 else None


def _values_instead(evidence: Evidence, side: Node) -> Iterator[SingleChange]:
    """Yield a side with figures as the stated value of a name: one of which they are another.

    They are an earlier or later value of it, or that of another index.
    """
    values = evidence.writer.named_values()
    for place in part_places(side):
        node = place.node
        is_count = isinstance(node, Number) and node.text.isdigit()
        is_figure = is_literal(node) and not isinstance(node, (Array, Tuple))
        if not is_figure or is_count or place.is_in("negative"):
            continue
        written = value_of(node)
        stems = {stem_of(name) for name, known in values if known.fits(written)}
        for name, known in values:
            if stem_of(name) in stems and not known.error_line and not known.fits(written):
                whole = with_value(side, node, known.printed)
                if whole is not None:
                    yield SingleChange(node, Name(name), whole, "", RANK_OF_VALUES)


def _part_of_change(evidence: Evidence, position: int, change: SingleChange) -> WrongPart:
    known = None
    if change.rank == RANK_OF_VALUES and isinstance(change.new, Name):
        known = evidence.writer.known_value(change.new.id)
    if known is not None:
        return blame_figure(evidence, position, change.new, change.node, known)
    slips = (change.slip,) if change.slip else ()
    return WrongPart(position, change.node, None, "figure", slips, mended=change.new)


def _is_shown(evidence: Evidence, position: int, change: SingleChange) -> bool:
    """Tell whether figures show a change that makes the chain hold: few digits agree by chance.

    So do 0 and 1, however they are written. Beside few a sign is seen where its side is worth just
    what the next is, which is no result.
    """
    others = [tree for tree in evidence.trees[position + 1 :] if tree is not None]
    numbers = [n for tree in others for n in numbers_in(tree) if n.value not in (0, 1)]
    digits = max(map(significant_digits, numbers), default=0)
    if digits > FEW_DIGITS:
        return True
    is_same, _ = _how_near(evidence, position, change.whole)
    return change.slip == "sign_lost" and len(others) > 1 and is_same


def _how_near(evidence: Evidence, position: int, mended: Node) -> tuple[bool, Agreement]:
    """Return whether a mended side is worth just what the other of its pair is, and agrees."""
    comparison = evidence.comparison.afresh()
    other = evidence.side(2 * evidence.position + 1 - position)
    left, right = (mended, other) if position == evidence.position else (other, mended)
    return comparison.value(left) == comparison.value(right), comparison.align(left, right)


def _does_chain_hold(
    evidence: Evidence, position: int, mended_in: Callable[[Node], Node | None]
) -> bool:
    """Tell whether a chain holds with another side at a position, and all others as they are."""
    side = evidence.side(position)
    mended = mended_in(side)
    if mended is None:
        return False
    if evidence.reference is not None and not is_as_in_run(evidence, mended):
        return False
    first = 0 if evidence.target is None else 1
    trees = [*evidence.trees[:position], mended, *evidence.trees[position + 1 :]]
    for at, (left, right) in enumerate(itertools.pairwise(trees[first:]), first):
        is_compared = at == evidence.position or at not in evidence.doubted
        if left is None or right is None or not is_compared:
            continue
        agreement = evidence.comparison.afresh().compare(left, right)
        if agreement > Agreement.ROUNDING and (agreement in WRONG or at == evidence.position):
            return False
    return True


def _narrow_to_entry(blame: WrongPart, evidence: Evidence) -> WrongPart:
    """Blame the one entry of an array that is wrong; say where all entries have the other sign.

    An entry of a result is right where the rounding of what it was worked out from allows it.
    """
    node, value = blame.node, blame.expected
    if not isinstance(node, (Array, Tuple)) or value is None or isinstance(value, Interval):
        return blame
    page_value, is_open = value_of(node), blame.cause in (None, "plain_slip")
    has_turned = is_open and is_turned(node, value)
    blame = replace(blame, slips=("wrong_layout",)) if has_turned else blame
    if has_turned or not have_one_shape(page_value, value):
        return blame if have_one_shape(page_value, value) else replace(blame, expected=None)
    places_from_one = itertools.product(*(range(1, size + 1) for size in shape_of(page_value)))
    allowed = None
    if blame.part == "result" and not evidence.with_run:
        allowed = evidence.comparison.value(evidence.side(blame.position - 1), "bounds")
    if allowed is None or not have_one_shape(allowed, value):
        allowed = value
    entries = entries_in(node), entries_of(page_value), entries_of(value), entries_of(allowed)
    wrong = [
        (at, entry, is_written, right)
        for at, entry, is_written, right, bounds in zip(places_from_one, *entries, strict=True)
        if not do_meet(
            is_written if (like := figure(entry)) is None else widen(is_written, [half_of(like)]),
            bounds,
        )
    ]
    if len(wrong) == 1:
        at, entry, _, right = wrong[0]
        slips = (is_open and slips_of_digits(entry, right)) or blame.slips
        return replace(blame, node=entry, expected=right, slips=slips, entry=at)
    has_other_sign = all(
        right.low <= -each.low <= right.high or abs(right.low + each.low) <= abs(each.low) / 100
        for *_, each, right in wrong
    )
    return replace(blame, slips=("sign_lost",)) if is_open and wrong and has_other_sign else blame


def _wrong_part(evidence: Evidence) -> WrongPart:
    reference, view, spot = evidence.reference, evidence.view, evidence.spot
    other_name = "" if reference is None else name_of_another(evidence, reference)
    is_gradient = view and spot and view.phase(spot) == "backward"
    # What a gradient is made of: the rest was left out, or the name is another's.
    is_factor = is_gradient and any(other_name in names_in(f) for f in run_formulas(evidence))
    if other_name and not is_factor:
        slips = ("other_name_on_left",)
        return WrongPart(0, evidence.side(0), None, "formula", slips, belongs=other_name)
    if evidence.with_run and reference is not None:
        return blame_against_the_run(evidence, reference, other_name)
    left, right = evidence.side(evidence.position), evidence.side(evidence.position + 1)
    if evidence.comparison.has_another_shape(left, right):
        part: BlamedPart = "result" if is_literal(right) else "formula"
        value = evidence.comparison.value(left)
        return WrongPart(evidence.position + 1, right, value, part, ("wrong_shape",))
    if not is_result(right) or (names_in(left) and not is_literal(right)):  # `3/4` may be either
        other = blame_operation(evidence, left, right)
        is_uphill = other.cause == "plus_for_minus" and other.position == evidence.position
        in_figures = other.mended is not None and other.position > evidence.position
        lost = blame_factor_left_out(evidence, left, right)
        put_in = None if is_as_in_run(evidence, right) else blame_put_in_after(evidence, left)
        is_of_one_name = put_in is not None and put_in.part == "figure" and bool(put_in.name)
        return (
            (put_in if is_of_one_name and not is_uphill else None)
            or blame_turned_round(evidence, left, right)
            or (other if is_uphill else None)
            or (lost if lost and (not in_figures or lost.part == "formula") else None)
            or put_in
            or other
        )
    put_in = None if is_literal(right) else blame_put_in_after(evidence, left)
    return put_in or blame_worked_out(evidence, left, right)
