"""Which figure of a differing chain is wrong, what belongs there, and which slip explains it.

The verdict is known already; here is only why. Of the changes that make the line hold, the
smallest is taken: a figure that was put in, a sign of operation in the formula, the result. A slip
is named only where exactly one explains what was written.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType
from typing import Final, Literal

from tracer.check.arithmetic.figures import figure, written_like
from tracer.check.bind.worlds import RunView, RunWorld, WritersRun
from tracer.check.compare.bounded_values import (
    KnownValue,
    Spot,
    do_meet,
    entries_of,
    half_of,
    have_one_shape,
    is_result,
    is_telling,
    is_turned,
    significant_digits,
    widen,
    with_entries,
    with_value,
)
from tracer.check.compare.side_comparison import ARITHMETIC, SideComparison, without_common_names
from tracer.check.compare.value_comparison import Agreement
from tracer.check.model.written_trees import (
    CONSTANTS,
    calls_in,
    entries_in,
    is_literal,
    names_in,
    negate,
    numbers_in,
    replace_parts,
    signed_terms,
    with_operation,
)
from tracer.check.slips.causes import SLIPS
from tracer.check.slips.digit_slips import digit_slips
from tracer.check.slips.mal_rules import Suspect, mal_rules
from tracer.check.slips.rewriting import ONE, SUM, is_call, is_number, part_places
from tracer.check.slips.roles import DATA, Roles, guess_roles, role_of
from tracer.check.slips.single_changes import (
    OPERATIONS_LEFT_OUT,
    SingleChange,
    figures_of,
    single_changes,
)
from tracer.expression.syntax import Array, Call, Name, Node, Number, Tuple, count_number, walk
from tracer.frozen import Frozen, replace
from tracer.intervals import Interval, Value, value_of
from tracer.run.interpret import shape_of

FEW_DIGITS: Final = 2  # any two figures of two digits are nearly the same
SURE_DIGITS: Final = 4  # of a result that other figures hardly give by chance
WRONG: Final = (Agreement.DIFFERS, Agreement.EARLIER)
RANK_OF_VALUES: Final = 3
AGREED: Final = (Agreement.HOLDS, Agreement.ROUNDING, Agreement.OPEN)
OPERATIONS: Final = ("add", "subtract", "multiply", "divide")
SUM_SIGNS: Final = {"add", "subtract"}
HALF: Final = Fraction(1, 2)
LARGE: Final = 10**6  # a figure of which the point is seldom misplaced
MOST_WRITTEN: Final = 8  # signs of a factor that was left out; longer ones nobody writes
MOST_WORK: Final = 10_000
"""Operations on numbers with which causes are tried: they take a third of a second at the most."""
WORKING_OUT: Final = ("minus_times_minus", "negative_square", "order_of_operations")
"""Slips in working out figures that stand there; they come before slips of the formula."""
OF_OTHER_FIGURES: Final = frozenset(("error_reversed", "other_sample"))
"""Slips of a formula: they cannot have been made where all its figures stand on the line."""

NET_INPUTS: Final = ("z", "net")
OF_AN_ERROR: Final = frozenset(("error", "target"))
"""Roles that make a difference one of prediction and target."""

BlamedPart = Literal["figure", "figures", "formula", "derivative", "either", "result"]


class WrongPart(Frozen):
    """What is wrong in a chain: a part of the side at `position`, and what belongs there.

    `part` is "figures" where several are wrong, "either" where nobody knows whether a sign of the
    formula or the figures after it are, "derivative" where a formula is not that of `name`, stated
    on `line`. `expected` is a value, or None where an expression is; `slips` are the ids of all
    slips that explain it, the likeliest first. `name` is the quantity that the figure should print,
    `line` where its value was stated (0: in the run), `other` the one whose value was written.
    """

    position: int
    node: Node
    expected: Value | None
    part: BlamedPart
    slips: tuple[str, ...] = ()
    name: str = ""
    line: int = 0
    other: str = ""
    mended: Node | None = None  # what belongs in the place of a wrong calculation or figure
    entry: Sequence[int] = ()  # the place, from 1, of a figure in an array
    belongs: str = ""  # the name that belongs there, or on the left
    is_all: bool = False  # whether the whole chain holds with what belongs there, and no more

    @property
    def cause(self) -> str | None:
        """The slip, where exactly one explains the figure."""
        return self.slips[0] if len(self.slips) == 1 else None

    def mended_in(self, side: Node) -> Node | None:
        """Return the side with what belongs in the wrong part's place; None where nobody knows."""
        belongs = Name(self.belongs) if self.belongs and self.position else self.mended
        if belongs is not None:
            return replace_parts(side, [(self.node, belongs)])
        return None if self.expected is None else with_value(side, self.node, self.expected)


class Evidence(Frozen):
    """A chain with a differing pair, as it was judged.

    `position` is the left side of the first pair that differs; `with_run` is true where that side
    differs from the run instead. `reference` is what the run says of the target, at `spot`;
    `is_stated` is true where that side is what the document says the target to be on another line,
    `is_result_right` where the run has the result. `updated_values` are those of names after their
    updates, which may stand further down. `doubted` are the pairs that prove nothing,
    `proved` is the first one that differs beside them.
    """

    trees: Sequence[Node | None]
    target: str | None
    position: int
    with_run: bool
    comparison: SideComparison
    writer: WritersRun
    view: RunView | None = None
    spot: Spot | None = None
    reference: KnownValue | None = None
    iteration: int = 1
    is_stated: bool = False
    is_result_right: bool = False
    updated_values: Mapping[str, Sequence[Node]] = MappingProxyType({})
    doubted: Collection[int] = ()
    proved: int = 0

    def side(self, position: int) -> Node:
        """Return a side that was read."""
        tree = self.trees[position]
        assert tree is not None
        return tree

    @property
    def result(self) -> Node | None:
        """The literal at the end of the chain."""
        last = self.trees[-1]
        return last if last is not None and is_literal(last) else None


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
    if other is None and not is_explained and not is_known:
        other = _other_working(evidence)
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
        if len(tried) > _most_trials(side, None):
            return None
        for change in tried:
            if _does_chain_hold(evidence, position, change.put_into) and _is_shown(
                evidence, position, change
            ):
                is_same, agreement = _how_near(evidence, position, change.whole)
                order = (not is_same, change.rank, agreement)
                changes.append((order, _part_of_change(evidence, position, change)))
    if changes and is_literal(evidence.side(at + 1)) and _is_part_left_out(evidence):
        return None
    changes.sort(key=lambda each: each[0])
    best = [part for order, part in changes if order == changes[0][0]]
    return best[0] if len(best) == 1 else None


def _is_part_left_out(evidence: Evidence) -> bool:
    """Tell whether a result is that of the side before it without one term or factor."""
    left, result = evidence.side(evidence.position), evidence.side(evidence.position + 1)
    return any(
        _trees_agree(evidence.comparison, place.rewritten(rest), result)
        for place in part_places(left)
        for rest in _without_one_part(place.node)
    )


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
        return _put_in_for(evidence, position, change.new, change.node, known)
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
    if evidence.reference is not None and not _is_as_in_run(evidence, mended):
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
    other_name = "" if reference is None else _other_name(evidence, reference)
    is_gradient = view and spot and view.phase(spot) == "backward"
    # What a gradient is made of: the rest was left out, or the name is another's.
    is_factor = is_gradient and any(other_name in names_in(f) for f in _run_formulas(evidence))
    if other_name and not is_factor:
        slips = ("other_name_on_left",)
        return WrongPart(0, evidence.side(0), None, "formula", slips, belongs=other_name)
    if evidence.with_run and reference is not None:
        return _against_the_run(evidence, reference, other_name)
    left, right = evidence.side(evidence.position), evidence.side(evidence.position + 1)
    if evidence.comparison.has_another_shape(left, right):
        part: BlamedPart = "result" if is_literal(right) else "formula"
        value = evidence.comparison.value(left)
        return WrongPart(evidence.position + 1, right, value, part, ("wrong_shape",))
    multiples = without_common_names(left, right)
    if multiples is not None:
        ours, theirs = multiples
        if not is_literal(theirs):
            return WrongPart(evidence.position + 1, right, None, "formula")
        value = evidence.comparison.value(ours)
        return WrongPart(evidence.position + 1, theirs, value, "result", ("plain_slip",))
    if not is_result(right) or (names_in(left) and not is_literal(right)):  # `3/4` may be either
        other = _other_operation(evidence, left, right)
        is_uphill = other.cause == "plus_for_minus" and other.position == evidence.position
        in_figures = other.mended is not None and other.position > evidence.position
        lost = _factor_left_out(evidence, left, right)
        put_in = None if _is_as_in_run(evidence, right) else _put_in_after(evidence, left)
        is_of_one_name = put_in is not None and put_in.part == "figure" and bool(put_in.name)
        return (
            (put_in if is_of_one_name and not is_uphill else None)
            or _turned_round(evidence, left, right)
            or (other if is_uphill else None)
            or (lost if lost and (not in_figures or lost.part == "formula") else None)
            or put_in
            or other
        )
    put_in = None if is_literal(right) else _put_in_after(evidence, left)
    return put_in or _worked_out(evidence, left, right)


# Figures put in for names ---------------------------------------------------------------------


def _put_in(
    evidence: Evidence, position: int, does_hold: Callable[[Node], bool]
) -> WrongPart | None:
    """Blame what a side has for a name and is not its value, where the right value makes it hold.

    Of several figures that only together make it hold the first is named, and none is repaired.
    """
    comparison, side = evidence.comparison, evidence.side(position)
    parts: list[WrongPart] = []
    wrong: list[WrongPart] = []
    names: set[str] = set()  # that wrong figures were put in for
    every: Node | None = side
    turned = {id(call.arguments[0]) for call in calls_in(side, frozenset(("negative",)))}
    placements = sorted(comparison.placements.values(), key=lambda placed: placed[1].start)
    for placed, node in placements:
        known_value = comparison.value_of_placed(placed)
        if (
            known_value is None
            or not any(each.node is node for each in part_places(side))
            or not is_literal(node)
        ):
            continue
        signed = negate(node) if id(node) in turned else node  # a sign may stand before it
        if known_value.fits(comparison.stands_for(signed)):
            continue
        blame = _put_in_for(evidence, position, placed, node, known_value)
        wrong.append(blame)
        names.update(names_in(placed))
        mended = with_value(side, node, known_value.printed)
        every = every and with_value(every, node, known_value.printed)
        if mended is not None and does_hold(mended):
            parts.append(blame)
    if parts:  # of `-0.4` for -z it is the figure that is wrong
        inner = {id(each.node) for each in parts}
        parts = [each for each in parts if inner.isdisjoint(map(id, each.node.children()))]
        return parts[0] if len(parts) == 1 else None
    # What is worked out may be grouped in several ways: only of one name, β and 1 - β, are two
    # figures wrong together.
    are_of_names = all(each.name for each in wrong) or len(names) == 1
    if len(wrong) > 1 and every and are_of_names and does_hold(every):
        return replace(wrong[0], part="figures")
    return None


def _turned_round(evidence: Evidence, left: Node, right: Node) -> WrongPart | None:
    """Blame a difference that was taken the other way round: the figures', or the formula's.

    A gradient is of prediction minus target; where its formula has target minus prediction and
    the result is that of the figures, the formula is wrong.
    """
    operations = _fitting_operations(evidence, right, left, is_turned=True)
    if len(operations) != 1:
        return None
    roles = guess_roles(names_in(left), evidence.target, left)
    begins_with_target = [
        (node, mended)
        for node, mended in _fitting_operations(evidence, left, right, is_turned=True)
        if roles.of.get(getattr(node.arguments[0], "id", "")) == "target"
    ]
    result = evidence.result
    if (
        begins_with_target
        and roles.phase == "backward"
        and not any(calls_in(left, frozenset(("negative",))))
        and (result is None or _trees_agree(evidence.comparison, right, result))
    ):
        node, mended = begins_with_target[0]
        slips = ("error_reversed",)
        return WrongPart(evidence.position, node, None, "formula", slips, mended=mended)
    is_of_error = not OF_AN_ERROR.isdisjoint(roles.of.values()) and not begins_with_target
    slip = "error_reversed" if is_of_error else "difference_reversed"
    node, mended = operations[0]
    return WrongPart(evidence.position + 1, node, None, "figure", (slip,), mended=mended)


def _factor_left_out(evidence: Evidence, left: Node, right: Node) -> WrongPart | None:
    """Blame the figures that lack one factor of their formula and agree with it otherwise.

    Where they have the value of the run, the formula is wrong.
    """
    comparison = evidence.comparison
    if _is_as_in_run(evidence, right):
        return None
    left_term, right_term = comparison.term_apart(left, right)
    lost = comparison.factors_left_out(left_term, right_term)
    halves = ((1, Interval(HALF)), (-1, Interval(Fraction(2))))
    if len(lost) == 2 and all((at, comparison.value(each)) in halves for at, each in lost):
        return WrongPart(
            evidence.position, left_term, None, "formula", ("half_applied_twice",)
        )  # `½·½·e²`
    meant = {(level, comparison.value(factor)) for level, factor in lost}
    if len(meant) != 1:
        return None
    ((level, value),) = meant
    factor = lost[0][1]
    match factor:
        case Call(operation="divide", arguments=(Number(text=one), Number(text=other))):
            text = f"{one}/{other}"
        case _:
            number = None if value is None else with_value(ONE, ONE, value)
            text = number.text.removesuffix(".0") if isinstance(number, Number) else ""
    size = value.low if isinstance(value, Interval) and text else Fraction(1)  # of no array
    if not size:
        return None
    put_in = Number(text, size) if level > 0 else Number(f"1/{text}", 1 / size)
    causes = [
        _slips_of_lost(evidence, (factor, level, put_in.value), right_term)
        for level, factor in lost
    ]
    slips = tuple(dict.fromkeys(itertools.chain(*causes)))
    if not slips and right_term is not right:
        return None  # of an update others know more
    mended = Call("multiply", (put_in, right_term)) if 0 < len(text) <= MOST_WRITTEN else None
    return WrongPart(evidence.position + 1, right_term, None, "figure", slips, mended=mended)


def _slips_of_lost(
    evidence: Evidence, lost: tuple[Node, int, Fraction], figures: Node
) -> Iterator[str]:
    """Yield the slips that leave out a factor of a formula, or a divisor, in its figures."""
    factor, level, value = lost
    backward = _roles(evidence, evidence.side(evidence.position)).phase == "backward"
    if names_in(factor):
        if isinstance(factor, Name) and role_of(factor.id) == "sample_count":
            yield "sum_for_mean"
        elif level > 0 and backward:
            yield "inner_derivative_left_out"
        return
    terms = len(signed_terms(figures))
    rows = (
        ("factor_2_left_out", value == 2 and backward),
        ("half_left_out", value == HALF),
        ("sum_for_mean", terms > 1 and value == Fraction(1, terms)),
    )
    yield from (slip for slip, holds in rows if holds)


def _without_one_part(node: Node) -> Iterator[Node]:
    """Yield a sum without a term, and a product without a factor."""
    if is_call(node, *SUM_SIGNS):
        left, right = node.arguments
        yield from (left, right if node.operation == "add" else negate(right))
    elif is_call(node, "multiply", "divide"):
        yield from node.arguments[: 1 if node.operation == "divide" else 2]


def _put_in_after(evidence: Evidence, formula: Node) -> WrongPart | None:
    """Blame what was put in for a name of a formula, on the side after it.

    The other figures of that side may be coarse.
    """
    fresh = evidence.comparison.afresh
    return _put_in(
        evidence, evidence.position + 1, lambda side: fresh().compare(formula, side) in AGREED
    )


def _put_in_for(
    evidence: Evidence, position: int, placed: Node, node: Node, known: KnownValue
) -> WrongPart:
    """Return the blame of a figure that stands for a part of a formula, with what explains it."""
    bounds = evidence.comparison.stands_for(node)
    name = placed.id if isinstance(placed, Name) else ""
    own = evidence.writer.known_value(name)
    if own is not None and not own.error_line and known.fits(own.bounds):
        known = replace(known, printed=own.printed)  # as its writer has it
    slips = _stale_slips(evidence, name, node) if name else []
    slips = slips or [*_formula_slips(evidence, [placed], bounds, node)]
    lost = None if name else _factor_left_out(evidence, placed, node)
    if lost is not None:
        return replace(lost, position=position, slips=lost.slips or tuple(slips))
    is_entry = isinstance(placed, Call) and placed.operation == "index"
    is_miscopied = is_literal(placed) and node != ONE  # `b * 3 = 4 * 2`; a 1 may be a lost factor
    if position and not (name or slips or is_entry or is_miscopied):
        sides = evidence.side(position), evidence.side(position - 1)
        slips = [*_slips_of_formula(evidence, *sides)]
    values = evidence.writer.named_values() if name and not slips else ()
    others = (each for each, value in values if each != name and do_meet(value.bounds, bounds))
    other = next(others, name)
    is_turned = not slips and isinstance(bounds, Interval) and do_meet(known.printed, -bounds)
    slips += ["sign_lost"] * is_turned  # or -1 is that of another name
    if other != name and (is_turned or any(map(is_telling, numbers_in(node)))):
        slips.append(_confusion_words(name, other))
    mended, result = with_value(evidence.side(position), node, known.printed), evidence.result
    # The result that the right value gives shows that no more than its copy is wrong.
    is_copy = mended and result and _trees_agree(evidence.comparison, mended, result)
    causes = tuple(slips) or slips_of_digits(node, known.printed, 1 if is_copy else FEW_DIGITS)
    causes = causes or ("plain_slip",) * (not name)
    return WrongPart(position, node, known.printed, "figure", causes, name, known.line, other)


def slips_of_digits(node: Node, value: Value | None, few: int = FEW_DIGITS) -> tuple[str, ...]:
    """Return the slips of the pen by which a figure stands for a value; not of a `few` digits."""
    like = figure(node)
    if like is None or not isinstance(value, Interval):
        return ()
    slips = digit_slips(like.text, written_like(value, like))
    if (
        not slips and value.is_exact and abs(value.low) < LARGE
    ):  # a point in the wrong place has moved its last digits too
        exact = digit_slips(like.text, str(float(value.low)))
        slips = [slip for slip in exact if slip == "decimal_point"]
    return tuple(s for s in slips if s != "digit_miscopied" or like.digits > few)


def _stale_slips(evidence: Evidence, name: str, node: Node) -> list[str]:
    """Return which value of the same name was taken: the updated one, or an old one; or none.

    Data are given anew, for another sample, and not updated.
    """
    if role_of(name) in DATA and name not in evidence.writer.updated:
        return []
    comparison = evidence.comparison
    figures = comparison.stands_for(node)
    updated = comparison.world.known_value(name + "'")
    updates = evidence.updated_values.get(name, ())
    is_told_later = any(map(is_telling, numbers_in(node))) and any(
        do_meet(comparison.stands_for(each), figures) for each in updates
    )
    is_of_own_update = (evidence.target or "").rstrip("'") == name.rstrip("'")
    result = evidence.result if is_of_own_update and evidence.view is None else None
    is_own_result = result is not None and comparison.value(result) == comparison.value(node)
    view, is_later = evidence.view, False
    if view is not None and (name in view.carried or not view.is_given(name)):
        after, before = (
            any(
                (value := view.value(spot, evidence.iteration + step)) and value.fits(figures)
                for spot in view.spots(name, is_target=False)[:1]
            )
            for step in (1, -1)
        )
        is_later = after and not before
    is_updated = is_own_result or (updated is not None and do_meet(updated.printed, figures))
    if is_updated or is_later or is_told_later:
        is_in_step = view is None and name in evidence.writer.updated and not is_of_own_update
        return ["gradient_after_first_update" if is_in_step else "updated_for_old"]
    was_so = any(do_meet(each.bounds, figures) for each in comparison.world.earlier(name))
    old = "previous_gradient_again" if "/d" in name else "old_value_in_next_step"
    return [old] if was_so else []


def stem_of(name: str) -> str:
    """Return a name without its index."""
    return name.rstrip("0123456789_^()[], '")


def _confusion_words(name: str, other: str) -> str:
    """Return how another quantity's value came to be put in for a name."""
    stem, other_stem = stem_of(name), stem_of(other)
    slips = (  # the first that holds
        ("other_index", stem and stem == other_stem),
        ("loss_for_error", (role_of(name), role_of(other)) == ("error", "loss")),
        ("activation_for_net_input", stem in NET_INPUTS and other_stem in ("a", "h", "out")),
        ("other_parameter", True),
    )
    return next(slip for slip, holds in slips if holds)


# Formulas that their figures do not fit -------------------------------------------------------


def _other_operation(evidence: Evidence, left: Node, right: Node) -> WrongPart:
    """Blame a formula or its figures, and the sign of operation in it that keeps them apart.

    The run, the result or the line that states the formula says which of the two is wrong; where
    none does, it is the formula.
    """
    result = evidence.result
    fitting = _fitting_operations(evidence, left, right)
    is_step = len(fitting) == 1 and _is_step(evidence, *fitting[0])
    agreeing = [
        result and _trees_agree(evidence.comparison, side, result) for side in (left, right)
    ]
    in_figures = is_step and fitting[0][1].operation == "add"  # they have to subtract as it does
    in_figures = in_figures or agreeing == [True, False]  # the odd one of the three
    in_figures = in_figures or (
        not _is_as_in_run(evidence, right)
        and (evidence.is_stated or _is_as_in_run(evidence, left))
        # The result follows from the figures, and a known slip leads from them to the formula.
        and not (
            evidence.reference is None
            and agreeing == [False, True]
            and len(fitting) != 1
            and _slips_of_formula(evidence, left, right)
        )
    )
    in_figures = in_figures or CONSTANTS.issuperset(names_in(left))
    blamed = right if in_figures else left
    fitting = _fitting_operations(evidence, right, left) if in_figures else fitting
    position = evidence.position + in_figures
    if len(fitting) != 1:
        slips = _slips_of_formula(evidence, *((right, left) if in_figures else (left, right)))
        return WrongPart(position, blamed, None, "formula", slips)
    node, mended = fitting[0]
    is_of_sum = {node.operation, mended.operation} == SUM_SIGNS
    slips = ("plus_for_minus" if is_step else "sign_lost" if is_of_sum else "other_operation",)
    is_wrong = in_figures or is_step or _is_as_in_run(evidence, right)
    part: BlamedPart = "formula" if is_wrong else "either"
    return WrongPart(position, node, None, part, slips, mended=mended)


def _fitting_operations(
    evidence: Evidence, side: Node, other: Node | None, *, is_turned: bool = False
) -> list[tuple[Call, Call]]:
    """Return the operations of a side, each with the one that makes it agree with another side.

    Without another side it has to agree with the run.
    With `is_turned` they are its differences, each the other way round. There are none where they
    are too many to try: nobody knows then whether one alone fits.
    """
    instead = ("subtract",) if is_turned else OPERATIONS
    order = -1 if is_turned else 1
    changes = [
        (place, node, Call(operation, node.arguments[::order], (), node.start, node.end))
        for place in part_places(side)
        if isinstance(node := place.node, Call) and node.operation in instead
        if not (node.operation == "multiply" and node.sign in ("", " "))  # no sign was written
        for operation in instead
    ]
    if len(changes) > _most_trials(side, evidence.comparison.value(other or side)):
        return []
    return [
        (node, new)
        for place, node, new in changes
        if new != node
        and (
            _is_as_in_run(evidence, place.rewritten(new))
            if other is None
            else _trees_agree(evidence.comparison, place.rewritten(new), other)
        )
    ]


def _most_trials(side: Node, value: Value | None) -> int:
    """Return how often a side may be worked out in another form while a cause is looked for."""
    numbers = 1 if value is None else len(list(entries_of(value)))
    return MOST_WORK // (numbers * sum(1 for _ in walk(side)))


def _is_as_in_run(evidence: Evidence, node: Node) -> bool:
    """Tell whether a side has the run's value of the target, or gives a result that is right.

    That may be the run's as far as the figures of the line were rounded.
    """
    reference, comparison, result = evidence.reference, evidence.comparison, evidence.result
    if reference is None:
        return False
    in_run = comparison.with_reference(node, reference, is_rounded=False)
    right = result if evidence.is_result_right else None
    return in_run is Agreement.HOLDS or (
        right is not None and _trees_agree(comparison, node, right)
    )


def _slips_of_formula(evidence: Evidence, left: Node, right: Node) -> tuple[str, ...]:
    """Return the slips that turn what the right side works out into the wrong one, the left."""
    value, other = (evidence.comparison.value(side, "bounds") for side in (left, right))
    if value is None or (other is not None and do_meet(value, other)):
        return ()  # a value that both have tells nothing
    figures = None if names_in(left) else left
    slips = _formula_slips(evidence, [*_run_formulas(evidence), right], value, figures)
    return tuple(slip for slip in slips if slip not in WORKING_OUT)


def _is_step(evidence: Evidence, node: Call, other: Call) -> bool:
    """Tell whether an update adds its step or subtracts it, and its figures do the other."""
    first, target = node.arguments[0], (evidence.target or "").rstrip("'")
    before = evidence.writer.known_value(target)
    is_of_target = isinstance(first, Name) and first.id.rstrip("'") == target
    is_of_target |= before is not None and before.printed == evidence.comparison.value(first)
    is_turned = is_of_target and {node.operation, other.operation} == SUM_SIGNS
    return is_turned and _roles(evidence, node).follows_gradient


# Results --------------------------------------------------------------------------------------


def _worked_out(evidence: Evidence, left: Node, right: Node) -> WrongPart:
    """Blame the result, a figure put in whose right value gives it, or the formula before it.

    A working that has the value of the run is right: the result is not, and the run has what it is.
    """
    comparison = evidence.comparison
    repaired = _put_in(
        evidence, evidence.position, lambda side: _trees_agree(comparison, side, right)
    )
    if repaired is not None:
        return repaired
    is_right = _is_as_in_run(evidence, left)
    if _is_as_in_run(evidence, right) and not is_right:
        slips = _slips_of_formula(evidence, left, right)
        wrong = WrongPart(evidence.position, left, None, "formula", slips)
        return _put_in_before(evidence) or wrong
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
    slips = _formula_slips(evidence, [left], bounds, right)
    worked_out = [slip for slip in slips if slip in WORKING_OUT]
    if evidence.position:
        named = _formula_slips(evidence, [replace_parts(left, names)], bounds, right)
        slips = worked_out or [slip for slip in named if slip not in OF_OTHER_FIGURES]
    is_bare = not any(tree is not None and names_in(tree) for tree in evidence.trees[1:])
    if is_bare and value is not None and do_meet(with_entries(value, lambda each: -each), bounds):
        slips = worked_out  # no more than a sign is lost
    return _with_digits(slips, right, value)


def _other_working(evidence: Evidence) -> WrongPart | None:
    """Blame a figure, or the result, which only another figure of the page gives to its digits.

    So do two that stand the other way round in a quotient. Nobody knows which of the two is meant.
    """
    left, right = evidence.side(evidence.position), evidence.side(evidence.position + 1)
    are_sure = all(significant_digits(each) >= SURE_DIGITS for each in numbers_in(right))
    is_worked = is_literal(right) and not is_literal(left) and evidence.view is None
    if not (are_sure and is_worked) or _is_part_left_out(evidence):
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
        elif isinstance(node, Number) and not has_formula:
            is_count = "." not in node.text
            fitting = (each for each in values if is_count or each.denominator > 1)
            others = [
                count_number(int(each))
                if each.denominator == 1
                else with_value(node, node, Interval(each))
                for each in fitting
            ]
        for other in others:
            value = None if other is None else evidence.comparison.value(place.rewritten(other))
            if other is not None and value is not None and do_meet(value, bounds):
                changes[node.start, other] = node
    if len(changes) != 1:
        return None
    ((_, other), node), *_ = changes.items()
    return WrongPart(evidence.position, node, None, "either", (), mended=other)


def _with_digits(found: Sequence[str], right: Node, value: Value | None) -> tuple[str, ...]:
    """Return slips of formulas, and those of the pen that explain a figure besides."""
    slips = list(dict.fromkeys(found))
    for slip in slips_of_digits(right, value):
        if slip == "digit_miscopied" and slips:
            continue
        if not slips or SLIPS[slip].kind not in {SLIPS[each].kind for each in slips}:
            slips.append(slip)
    return tuple(slips)


def _formula_slips(
    evidence: Evidence, formulas: Iterable[Node], written: Value, node: Node | None = None
) -> Sequence[str]:
    """Return the slips whose wrong formula gives what was written, as figures at `node`.

    The first of some formulas that explains it says more than others for the quantity.
    """
    for formula in formulas:
        most = _most_trials(formula, written)
        tried = list(itertools.islice(mal_rules(formula, _roles(evidence, formula)), most + 1))
        slips = _fitting_slips(evidence, tried if len(tried) <= most else (), written, node)
        if slips:
            return slips
    return []


def _roles(evidence: Evidence, formula: Node) -> Roles:
    """Return how the names behave that a formula has, and those that the document has stated."""
    names = [name for name, _ in evidence.writer.named_values()]
    trees = (formula, *filter(None, evidence.trees))  # figures are those of the line's formula
    of_names = next((tree for tree in trees if not isinstance(tree, Name) and names_in(tree)), None)
    return guess_roles([*names, *names_in(formula)], evidence.target, of_names or formula)


def _fitting_slips(
    evidence: Evidence, suspects: Iterable[Suspect], written: Value, node: Node | None = None
) -> Sequence[str]:
    """Return the slips whose formula gives what was written, each once.

    What figures of one or two digits are rounded from fits one of many formulas by chance, and of
    one digit one of the few ways of working it out, or of the terms that may have been left out.
    Where a value stands alone nobody sees how it was worked out.
    """
    trees = filter(None, evidence.trees)
    is_alone = all(isinstance(each, Name) or is_result(each) for each in trees)
    comparison = evidence.comparison.afresh()
    digits = max(map(significant_digits, numbers_in(node)), default=0) if node is not None else 0
    printed = comparison.value(node) if node is not None and 0 < digits <= FEW_DIGITS else None
    slips: dict[str, None] = {}
    for suspect in suspects:
        value = comparison.value(suspect.node, "bounds")
        is_working = suspect.slip in WORKING_OUT
        if value is None or not do_meet(value, written) or (is_working and is_alone):
            continue
        is_worked_out = is_working and digits > 1
        is_exact = value == printed and (digits > 1 or suspect.slip != "path_left_out")
        if printed is None or is_worked_out or is_exact:
            slips[suspect.slip] = None
    return list(slips)


# Against the run ------------------------------------------------------------------------------


def _against_the_run(evidence: Evidence, reference: KnownValue, other: str) -> WrongPart:
    """Blame the result that is not the run's; the formula where the result is right.

    What a formula is worth in the run says more of the slip in it than its rounded result. The line
    may be of the `other` quantity, of which the target is made.
    """
    side, result = evidence.side(evidence.position), evidence.result
    comparison = evidence.comparison
    value = comparison.value(side) if names_in(side) else None
    last, view, name = len(evidence.trees) - 1, evidence.view, evidence.target or ""
    put_in = None if result is None else _put_in_before(evidence)
    if put_in is not None:
        return put_in
    if result is None or (
        comparison.with_reference(result, reference, is_rounded=False) is not Agreement.DIFFERS
    ):
        value = comparison.value(side)
        causes = () if value is None else _formula_slips(evidence, _run_formulas(evidence), value)
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
    causes = _formula_slips(evidence, _run_formulas(evidence), value or bounds, coarse)
    if other:
        causes = [*(causes or ("inner_derivative_left_out",)), "other_name_on_left"]
    slips = _with_digits(causes, result, reference.printed if value is None else None)
    return WrongPart(last, result, reference.printed, "result", slips)


def _put_in_before(evidence: Evidence) -> WrongPart | None:
    """Blame a figure that was put in for a name of the run's formula, or of a right one here."""
    first = evidence.trees[1]
    is_formula = first is not None and _is_as_in_run(evidence, first) and bool(names_in(first))
    figures = evidence.trees[is_formula + 1] if len(evidence.trees) > is_formula + 2 else None
    if first is None or figures is None or names_in(figures):
        return None
    for formula in [first] if is_formula else _run_formulas(evidence):
        evidence.comparison.align(formula, figures)  # it puts figures into the formula
        part = _put_in_after(replace(evidence, position=int(is_formula)), formula)
        if part is not None:
            return part
    return None


def _other_name(evidence: Evidence, reference: KnownValue) -> str:
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


def _run_formulas(evidence: Evidence) -> Iterator[Node]:
    """Yield the formulas by which the run computes the target."""
    if evidence.view is not None and evidence.spot is not None:
        yield from evidence.view.formulas(evidence.spot)


# Small helpers --------------------------------------------------------------------------------


def _trees_agree(comparison: SideComparison, left: Node, right: Node) -> bool:
    """Tell whether two trees agree, leaving the comparison as it was."""
    return comparison.afresh().compare(left, right) <= Agreement.ROUNDING
