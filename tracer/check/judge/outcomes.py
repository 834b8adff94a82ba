"""What is found in a chain, once the world is chosen in which it is judged."""

from __future__ import annotations

from tracer.check.compare.side_comparison import Agreement
from tracer.check.judge.admissible_worlds import AdmissibleWorld
from tracer.check.judge.blame_finder import Evidence, WrongPart, explain
from tracer.check.judge.part_state import PartState
from tracer.check.judge.world_verdict import WRONG, JudgedPair, WorldVerdict
from tracer.check.model.finding import Verdict
from tracer.check.model.statements import EquationChain
from tracer.check.model.written_trees import names_in
from tracer.frozen import Frozen

__all__ = ["ChainJudgement", "judgement_on"]


class ChainJudgement(Frozen):
    """What is found in a chain, and in which world.

    `error_line` is the line of the slip that a carried chain follows from; `coincides` is true
    where a formula holds only at the numbers of this run; `blame` says what is wrong in a slip.
    """

    chain: EquationChain
    outcome: Verdict
    pairs: tuple[JudgedPair, ...]
    error_line: int
    admitted: AdmissibleWorld
    coincides: bool = False
    blame: WrongPart | None = None


def judgement_on(found: WorldVerdict, state: PartState) -> ChainJudgement:
    """Return what is found in a chain, in the world that was chosen."""
    outcome, blame = _outcome_of(found), None
    coincides = False
    if outcome in ("correct", "rounding"):
        # `w = w - 0.1 * (-3)` is figures with a name left in them.
        target = {found.work.target}
        formulas = [each for each in found.work.formulas if set(names_in(each)) != target]
        coincides = state.is_only_here(formulas, found.world.spot)
        outcome = "undecided" if coincides else outcome
    if outcome == "slip":
        blame = explain(_evidence_of(found))
    error_line = 0 if blame else found.error_line
    return ChainJudgement(
        found.work.chain, outcome, found.pairs, error_line, found.world, coincides, blame
    )


def _outcome_of(found: WorldVerdict) -> Verdict:
    work, agreements = found.work, [pair.agreement for pair in found.pairs]
    first = work.trees[0]
    is_equation = len(work.trees) == 2 and work.target is None and first and names_in(first)
    if is_equation and agreements != [Agreement.HOLDS]:
        return "undecided"  # `2x = 6`: it may be confirmed, and never refuted
    if any(agreement in WRONG for agreement in agreements):
        is_proved = any(pair.agreement in WRONG and not pair.uncertain for pair in found.pairs)
        return "slip" if work.chain.is_certain and is_proved else "undecided"
    is_blank = work.has_blank and work.trees[-1] is None
    compared = [pair for pair in found.pairs if pair.agreement is not None]
    if not compared or (is_blank and all(pair.with_run for pair in compared)):
        return "not_checked"
    is_of_old = found.world.name == "earlier_iteration" and not work.is_statement
    if found.worst > Agreement.ROUNDING or "cut_off" in work.chain.doubts or is_of_old:
        return "undecided"  # words may speak of an old value, or of something else
    if found.error_line:
        return "carried_forward"
    return "rounding" if Agreement.ROUNDING in agreements else "correct"


def _evidence_of(found: WorldVerdict) -> Evidence:
    """Return what says what is wrong in a chain that differs."""
    work, world = found.work, found.world
    pair = next(pair for pair in found.pairs if pair.agreement in WRONG)
    comparison = work.comparison_in(world.names)
    for place in range(work.begin, min(pair.position + 1, len(work.trees) - 1)):
        left, right = work.trees[place], work.trees[place + 1]
        if left is not None and right is not None:
            comparison.align(left, right)  # notes which figure stands for which name
    return Evidence(
        work.trees,
        work.target,
        pair.position,
        pair.with_run,
        comparison,
        work.run,
        work.view,
        world.spot,
        world.reference,
        max(world.iteration, 1),
    )
