"""What is found in a chain, once the world is chosen in which it is judged: verdict and repair."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from fractions import Fraction
from typing import Final

from tracer.check.arithmetic.figures import (
    AS_STATED,
    AS_WRITTEN,
    Precision,
    figure,
    printed_instead,
    tier,
)
from tracer.check.bind.worlds import RunWorld
from tracer.check.compare.bounded_values import (
    ROUNDED_SHARE,
    entries_of,
    half_place,
    precision_beside,
    widen,
    with_entries,
    with_value,
)
from tracer.check.compare.value_comparison import Agreement
from tracer.check.judge.admissible_worlds import AdmissibleWorld
from tracer.check.judge.blame_finder import find_blame
from tracer.check.judge.chain_work import ChainWork
from tracer.check.judge.derivative_slips import with_what_is_missing
from tracer.check.judge.evidence import WRONG, Evidence, WrongPart
from tracer.check.judge.part_state import PartState
from tracer.check.judge.uncertainty import (
    Uncertainty,
)
from tracer.check.judge.world_verdict import JudgedPair, WorldVerdict
from tracer.check.model.finding import Verdict
from tracer.check.model.statements import EquationChain
from tracer.check.model.written_trees import (
    calls_in,
    entries_in,
    is_literal,
    names_in,
    numbers_in,
    signed_figures,
)
from tracer.check.trace.aliases import ENTRY, derivative_of, is_loss
from tracer.expression.syntax import Array, Node, walk
from tracer.frozen import Frozen, replace
from tracer.intervals import Interval, Value, value_or_none

LEAST_DIGITS_CUT: Final = 4  # that are left of a figure: to cut off more is to take another one
LEAST_OF_BLOCK: Final = 4  # entries that no array has as a block by chance
FUNCTIONS_OF_COUNTS: Final = ("log", "exp", "sqrt")
NO_QUANTITY: Final[tuple[Uncertainty, ...]] = ("no_quantity_of_the_run",)


class ChainJudgement(Frozen):
    """What is found in a chain, and in which world.

    `error_line` is the line of the slip that a carried chain follows from; `coincides` is true
    where a formula holds only at the numbers of this run; `blame` says what is wrong in a slip,
    `mended` what its side is worth without it, where that is known. `following` are the results
    after it, by position, with what they become, `mended_figures` the figures between, with what
    the formula lacked; `is_repairable` is true where the chain holds with all of that, and figures
    of the `precision` that its writer has. `put_in` are the figures that stand for names.
    """

    chain: EquationChain
    outcome: Verdict
    pairs: tuple[JudgedPair, ...]
    error_line: int
    admitted: AdmissibleWorld
    coincides: bool = False
    blame: WrongPart | None = None
    mended: Value | None = None
    following: tuple[tuple[int, Value], ...] = ()
    mended_figures: tuple[WrongPart, ...] = ()
    is_repairable: bool = False
    precision: Precision = AS_WRITTEN
    put_in: Sequence[tuple[str, Node]] = ()

    @property
    def is_result_right(self) -> bool | None:
        """Whether the result of a slip is right although its working is not; None if nobody knows.

        Only a run says so.
        """
        last = len(self.chain.sides) - 1
        if self.blame is not None and (self.blame.position, self.blame.part) == (last, "result"):
            return False
        return _is_result_right(self.pairs, self.chain)


def _is_result_right(pairs: Sequence[JudgedPair], chain: EquationChain) -> bool | None:
    """Tell whether the run has the result of a chain; None where it says nothing of it."""
    last = len(chain.sides) - 1
    results = (pair for pair in pairs if pair.with_run and pair.position == last)
    agreement = next((pair.agreement for pair in results), None)
    return None if agreement is None else agreement <= Agreement.ROUNDING


def as_open(judgement: ChainJudgement, why: tuple[Uncertainty, ...]) -> ChainJudgement:
    """Return a judgement as undecided, for a reason."""
    pairs = [replace(pair, uncertain=why) for pair in judgement.pairs]
    return replace(judgement, outcome="undecided", pairs=tuple(pairs), blame=None)


def judgement_on(found: WorldVerdict, state: PartState) -> ChainJudgement:
    """Return what is found in a chain, in the world that was chosen."""
    work, outcome, coincides = found.work, _outcome_of(found), False
    if outcome in ("correct", "rounding", "carried_forward"):
        # `w = w - 0.1 * (-3)` is figures with a name left in them.
        formulas = [each for each in work.formulas if set(names_in(each)) != {work.target}]
        spot = found.world.spot
        if spot is None and state.view is not None and outcome == "carried_forward":
            spot = next(iter(state.view.spots(work.target or "", is_target=True)), None)
        coincides = state.is_only_here(formulas, spot)
        outcome = "undecided" if coincides else outcome
    if outcome == "correct" and _is_of_no_quantity(found, state):
        pairs = [replace(pair, uncertain=NO_QUANTITY) for pair in found.pairs]
        return ChainJudgement(work.chain, "undecided", tuple(pairs), 0, found.world)
    blame = find_blame(_evidence_of(found, state)) if outcome == "slip" else None
    # Nobody knows which side of an inequality is wrong; of bytes and GB the value is in the former.
    if blame is not None and (work.chain.is_inequality or _changes_unit(work.chain, blame)):
        blame = replace(blame, expected=None, slips=("plain_slip",))
    error_line = 0 if blame is not None else found.error_line
    if blame is not None and _is_cut_off(blame):
        outcome = "rounding"
    if blame is not None and (line := _slip_carried_by(blame, work)):
        outcome, blame, error_line = "carried_forward", None, line
    judgement = ChainJudgement(
        work.chain,
        outcome,
        found.pairs,
        error_line,
        found.world,
        coincides,
        blame,
        put_in=found.comparison.names_put_in(),
    )
    return judgement if blame is None else with_repair(judgement, blame, found, state)


def _changes_unit(chain: EquationChain, blame: WrongPart) -> bool:
    """Tell whether the side that is wrong is in another unit than the one before it."""
    before, units = (side.units for side in chain.sides[max(blame.position - 1, 0) :][:2])
    return bool(before and units and before != units)


def _is_cut_off(blame: WrongPart) -> bool:
    """Tell whether a figure is the right one with fewer digits, none of them rounded."""
    like, expected = figure(blame.node), blame.expected
    if blame.part != "figure" or like is None or not isinstance(expected, Interval):
        return False
    return like.digits >= LEAST_DIGITS_CUT and tier(like, expected) == "chopped"


def _slip_carried_by(blame: WrongPart, work: ChainWork) -> int:
    """Return the line of the slip that a wrong figure is the result of; 0 where it is its own.

    The name for which it is put in may be another one than the slip has: σ(z) for a = σ(z).
    """
    figures, expected, run = signed_figures(blame.node), blame.expected, work.run
    above = (tree for tree in work.trees[work.begin : blame.position] if tree is not None)
    is_worked_out = any(numbers_in(tree) and not names_in(tree) for tree in above)
    if len(figures) != 1 or is_worked_out or blame.node == work.trees[blame.position]:
        return 0  # a result of this line
    ((signed, number),) = figures
    right = run.right_figures.get(number.value)
    belongs = expected if signed >= 0 or not isinstance(expected, Interval) else -expected
    is_same = right is not None and isinstance(belongs, Interval) and belongs.meets(right)
    return run.wrong_figures.get(signed, 0) if is_same else 0


def _is_of_no_quantity(found: WorldVerdict, state: PartState) -> bool:
    """Tell whether figures have a result that the run does not have, or not for what is its data.

    The line is right by itself, and nobody has compared it with the run.
    """
    work, view, target = found.work, state.view, found.work.target or ""
    value, result = work.value_in_run(), work.trees[-1]
    slope = derivative_of(target)
    above, _ = slope or ("loss", "")
    is_compared = found.world.reference is not None or not is_loss(above)  # a local derivative
    if view is None or value is None or result is None or is_compared or not work.is_worked:
        return False
    data = [spot for spot in view.spots(target, is_target=True)[:1] if spot[0] in view.data]
    entry = ENTRY.fullmatch(target)
    if entry is not None and not view.spots(target, is_target=True):  # of a row, say
        arrays = {name for name, _ in view.spots(entry[1] + entry[3], is_target=True)}
        data = [spot for spot in view.all_spots() if spot[0] in arrays]
    # A definition of the writer's own says what the name is; of a derivative of the loss the run
    # does, but not of one by an expression: ∂g/∂(-w²/v).
    if ((work.formulas and slope is None) or "(" in target) and not data:
        return False
    printed = work.comparison.stands_for(result) if is_literal(result) else value
    if work.formulas:  # that are right by themselves: its figures may have been rounded before
        printed = widen(printed, [ROUNDED_SHARE * abs(each.low) for each in entries_of(printed)])
    is_known = state.is_in_run((value, printed), data, must_tell=True)
    is_aside = not target and (_is_of_arrays_of_run(work, state) or _goes_on(work))
    return not (is_known or is_aside)


def _goes_on(work: ChainWork) -> bool:
    """Say whether all that is worked with is from right lines above, or a function of counts."""
    right = work.run.computed_figures.keys() - work.run.doubtful_figures
    sides = [tree for tree in work.trees[work.begin : -1] if tree is not None]
    numbers = [each for tree in sides for each in numbers_in(tree) if half_place(each)]
    is_function = any(calls_in(tree, FUNCTIONS_OF_COUNTS) for tree in sides)
    return all(each.value in right for each in numbers) if numbers else is_function


def _is_of_arrays_of_run(work: ChainWork, state: PartState) -> bool:
    """Say whether all that is worked with are arrays of the run, or blocks of them: a patch."""
    tree = work.trees[work.begin]
    if tree is None or names_in(tree):
        return False
    arrays = [*_whole_arrays(tree)]
    figures = [len(numbers_in(each)) for each in arrays]
    if not arrays or min(figures) < LEAST_OF_BLOCK or sum(figures) < len(numbers_in(tree)):
        return False
    return all(state.is_block_of_run(work.comparison.stands_for(each)) for each in arrays)


def _whole_arrays(tree: Node) -> Iterator[Node]:
    """Yield the arrays of a tree that stand in no other one."""
    if isinstance(tree, Array):
        yield tree
    else:
        for part in tree.children():
            yield from _whole_arrays(part)


def with_repair(
    judgement: ChainJudgement, blame: WrongPart, found: WorldVerdict, state: PartState
) -> ChainJudgement:
    """Return a slip with what its side is worth without it, and whether the chain holds so.

    What is judged is what will be printed: no side that changes may differ from the next one, or be
    open, and the others have one reading.
    """
    work, side = found.work, found.work.trees[blame.position]
    tree = None if side is None else blame.mended_in(side)
    if side is None or tree is None:
        # Only a name that the formula and the result are of is known to be right.
        return replace(judgement, is_repairable=bool(blame.belongs))
    arrays = (part for part in walk(side) if isinstance(part, Array))
    lists = (entries for array in arrays if blame.node in (entries := entries_in(array)))
    others = Array(tuple(it for it in next(lists, ()) if it != blame.node))
    precision = precision_beside(others, value_or_none(others), state.habit.precision)
    judgement = replace(judgement, mended=work.comparison.value(tree), precision=precision)
    if blame.expected is not None:
        own = AS_STATED if blame.line else precision
        part = replace(blame, expected=_as_printed(blame.node, blame.expected, own))
        tree = part.mended_in(side)
    value = None if tree is None else work.comparison.value(tree)
    following = () if blame.is_all else tuple(_following_results(judgement, blame, value))
    results = ((place, work.chain.sides[place].tree, worth) for place, worth in following)
    figures = tuple(_mended_figures(judgement, blame))
    trees: dict[int, Node | None] = {each.position: each.mended for each in figures}
    trees |= {blame.position: tree} | {
        place: with_value(result, result, _as_printed(result, worth, precision))
        for place, result, worth in results
        if result is not None
    }
    sides = [
        side if (new := trees.get(position)) is None else replace(side, readings=(new,))
        for position, side in enumerate(work.chain.sides)
    ]
    repaired = ChainWork(replace(work.chain, sides=tuple(sides)), state)
    count = sum(pair.agreement in WRONG for pair in found.pairs)
    # A figure that differs from the value of its name may be right, and the name wrong: not where
    # none is written, or the formula was stated above.
    stated = [side.tree for side in state.formulas_of(work.target or "", work.chain)]
    is_certain = (
        blame.other == blame.name
        or blame.is_all
        or count > 1
        or blame.part == "derivative"
        or not work.formulas
        or work.formulas[0] in stated
    )
    worst = Agreement.OPEN if blame.is_all else Agreement.UNKNOWN
    is_repairable = is_certain and all(
        (pair.agreement or Agreement.HOLDS) <= worst
        if not trees.keys().isdisjoint((pair.position, pair.position + (not pair.with_run)))
        else "other_reading" not in pair.uncertain
        for pair in WorldVerdict(repaired, found.world).pairs
    )
    return replace(
        judgement, following=following, mended_figures=figures, is_repairable=is_repairable
    )


def _mended_figures(judgement: ChainJudgement, blame: WrongPart) -> Iterator[WrongPart]:
    """Yield the figures put in for a wrong derivative, with the factor or sign that it lacks."""
    if blame.part != "derivative" or blame.mended is None:
        return
    after = blame.position + 1
    for position, side in enumerate(judgement.chain.sides[after:], after):
        if side.tree is not None and not is_literal(side.tree):
            mended = with_what_is_missing(side.tree, blame.slips)
            yield replace(blame, position=position, node=side.tree, mended=mended)


def _as_printed(node: Node, value: Value, precision: Precision) -> Value:
    """Return a value with its figures as they are printed in the place of those of a literal."""
    likes = iter([*map(figure, entries_in(node))])
    precision = precision_beside(node, value, precision)

    def rounded(entry: Interval) -> Interval:
        like = next(likes, None)
        text = "" if like is None else printed_instead(entry, like, precision)
        with suppress(ValueError):
            return Interval(Fraction(text))
        return entry

    return with_entries(value, rounded)


def _following_results(
    judgement: ChainJudgement, blame: WrongPart, value: Value | None
) -> Iterator[tuple[int, Value]]:
    """Yield the results that follow from what belongs in a side: they become its `value`."""
    sides = judgement.chain.sides
    tree = sides[blame.position].tree
    is_unknown = tree is None or (names_in(tree) and blame.part != "derivative")
    if is_unknown or (blame.part == "figure" and judgement.is_result_right):
        return
    for position, later in enumerate(sides[blame.position + 1 :], blame.position + 1):
        if value is None or later.tree is None:
            return
        if is_literal(later.tree):
            yield position, value
        elif blame.part != "derivative":
            return  # other figures would have to be worked out anew


def _outcome_of(found: WorldVerdict) -> Verdict:
    work, agreements = found.work, [pair.agreement for pair in found.pairs]
    first = work.trees[0]
    is_equation = len(work.trees) == 2 and work.target is None and first and names_in(first)
    if is_equation and agreements != [Agreement.HOLDS]:
        return "undecided"  # `2x = 6`: it may be confirmed, and never refuted
    if any(agreement in WRONG for agreement in agreements):
        return "slip" if any(_proved_pairs(found)) else "undecided"
    problems = [side.problem.reason for side in work.chain.sides if side.problem]
    is_blank = "blank" in problems and work.trees[-1] is None
    compared = [pair for pair in found.pairs if pair.agreement is not None]
    if not compared or (is_blank and all(pair.with_run for pair in compared)):
        return "not_checked"
    is_told = work.is_statement and (work.chain.refers_elsewhere or work.is_of_state)
    is_of_old = found.world.name == "earlier_iteration" and not is_told
    if found.worst > Agreement.ROUNDING or "cut_off" in work.chain.doubts or is_of_old:
        return "undecided"  # words may speak of an old value, or of something else
    if found.error_line:
        return "carried_forward"
    rounded = [pair for pair in found.pairs if pair.agreement is Agreement.ROUNDING]
    return "correct" if all(_has_figures_of_run(found, pair) for pair in rounded) else "rounding"


def _has_figures_of_run(found: WorldVerdict, pair: JudgedPair) -> bool:
    """Say whether a side that is a unit off, of the one before or the run, has the run's figures.

    Either its figure is rounded from the run's unrounded value, and not from what was printed; or
    it is the result of figures that were rounded so.
    """
    names, right = found.world.names, found.work.trees[pair.position + 1 - pair.with_run]
    holding = {each.position + 1 for each in found.pairs if each.agreement is Agreement.HOLDS}
    if pair.with_run and pair.position in holding:
        right = found.work.trees[pair.position - 1]
    if not isinstance(names, RunWorld) or right is None or is_literal(right):
        return False
    if pair.with_run and names_in(right):
        return False  # nobody sees what was put in
    return all(
        half_place(number) is None
        or names.view.has_one_of(
            [found.comparison.stands_for(number)], found.world.iteration, must_tell=True
        )
        for number in numbers_in(right)
    )


def _proved_pairs(found: WorldVerdict) -> Iterator[JudgedPair]:
    """Yield the pairs that differ in a certain reading.

    In a chain with a doubt that is only a result beside its figures, apart from where it begins.
    Where no more than that is doubted, it is figures put in too.
    """
    chain, trees = found.work.chain, found.work.trees
    for pair in found.pairs:
        right = None if pair.with_run or pair.unknown else trees[pair.position + 1]
        is_worked = right is not None and (
            is_literal(right) or not ("end" in chain.doubts or names_in(right))
        )
        certain = chain.is_certain or (is_worked and chain.is_pair_certain(pair.position))
        if pair.agreement in WRONG and certain and not pair.uncertain:
            yield pair


def _evidence_of(found: WorldVerdict, state: PartState) -> Evidence:
    """Return what says what is wrong in a chain that differs."""
    work, world = found.work, found.world
    proved = list(_proved_pairs(found))
    pairs = [pair for pair in found.pairs if pair.agreement in WRONG]
    pair = pairs[0] if work.chain.is_certain else proved[0]
    formula, *figures = work.chain.sides[pair.position : pair.position + 2]
    return Evidence(
        work.trees,
        work.target,
        pair.position,
        pair.with_run,
        found.comparison,
        work.run,
        work.view,
        world.spot,
        world.reference,
        max(world.iteration, 1),
        any(formula.written.last_line < each.written.place(0, 1).line for each in figures)
        or formula.tree in (s.tree for s in state.formulas_of(work.target or "", work.chain)),
        bool(_is_result_right(found.pairs, work.chain)),
        state.updated_values,
        [pair.position for pair in pairs if pair not in proved],
        next((pair.position for pair in proved if not pair.with_run), pair.position),
    )
