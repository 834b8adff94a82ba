"""Figures beside the formula that was set apart from them: further up, in a list of formulas.

The formula says which name each figure was put in for, so a stale or a wrong one is seen though
what follows from it is right.
"""

from __future__ import annotations

import itertools
from typing import Final

from tracer.check.compare.bounded_values import do_meet, entries_of
from tracer.check.compare.side_comparison import Agreement
from tracer.check.judge.blame_finder import stem_of
from tracer.check.judge.chain_work import MOST_LINES_BETWEEN, ChainWork
from tracer.check.judge.part_state import PartState
from tracer.check.judge.world_verdict import TOLD_ANEW, ChainJudgement, as_open
from tracer.check.model.written_trees import is_literal, names_in
from tracer.check.slips.roles import role_of
from tracer.expression.syntax import Array, Call, Name, Node, Number
from tracer.frozen import replace

FIGURES: Final = 2  # the position of figures behind a formula, which stands behind its name
SIGNS: Final = {"add", "subtract"}


def behind_its_formula(state: PartState, work: ChainWork) -> ChainWork | None:
    """Return the work on a chain with what its name was said to be, before its figures.

    They have its form, or all its names have values: where `z = w*x + b` stands above,
    `z = 0.3*2 + 0.1` was put in for it, `z = 0.6 + 0.1` and `z = 0.7` may be its value. None for
    any others, and beside a run, which has a formula for the name.
    """
    chain, figures = work.chain, work.trees[1]
    if state.view is not None or work.target is None or figures is None or names_in(figures):
        return None
    for formula in state.formulas_of(work.target, chain):
        if not isinstance(formula.tree, Call):
            continue
        names = names_in(formula.tree)
        is_begun_anew = work.target in names and is_literal(figures)
        gives_value = not is_begun_anew and all(map(state.run.known_value, names))
        if gives_value or (not is_literal(figures) and _have_form(formula.tree, figures)):
            sides = (chain.sides[0], formula, *chain.sides[1:])
            return ChainWork(replace(chain, sides=sides), state)
    return None


def shown_behind_its_formula(found: ChainJudgement, work: ChainWork) -> ChainJudgement | None:
    """Return what figures behind their formula show, and do not show alone; None for nothing.

    `found` is what was found in them there. Behind words a wrong value may be another step's.
    Where the name has had the value that the formula gives, a number is moved on purpose; what an
    update makes of it is its value from the formula on.
    """
    if not work.formulas:
        return None
    target, value = work.target or "", work.comparison.value(work.formulas[0])
    values = (work.run.known_value(target), *work.run.earlier(target))
    is_update = target.rstrip("'") in names_in(work.formulas[0])
    line = work.chain.sides[1].written.place(0, 1).line if is_update else 0
    had = [each for each in values if each is not None and each.line != line]
    if found.blame and value and any(each.fits(value) for each in had):
        return None
    if _proves_more(found, work):
        is_told = found.blame is not None and not work.chain.follows_on
        return as_open(found, TOLD_ANEW) if is_told else found
    if len(work.trees) == FIGURES + 1:
        return as_open(found, TOLD_ANEW) if _is_another_value(found, work) else None
    if found.blame is not None and found.blame.position <= FIGURES:
        sides = itertools.pairwise(filter(None, work.trees[FIGURES:]))
        differs = any(work.comparison.by_value(*pair) is Agreement.DIFFERS for pair in sides)
        # Figures that are wrong by themselves are so whatever formula was meant.
        return found if differs else as_open(found, ("other_reading",))
    known = {name: work.run.known_value(name) for name in names_in(work.formulas[0])}
    are_shown = found.pairs[0].agreement is Agreement.HOLDS
    if are_shown or found.outcome != "undecided" or not all(known.values()):
        return None
    result = work.trees[-1] and work.comparison.stands_for(work.trees[-1])
    is_restated = result and any(each.fits(result) for each in had)
    are_of_this = all(
        each and each.headings == work.chain.headings[: len(each.headings)]
        for each in known.values()
    )
    return found if are_of_this and not is_restated else None


def _proves_more(judgement: ChainJudgement, work: ChainWork) -> bool:
    """Tell whether figures behind a formula show a slip that they do not show alone.

    One of them is not what its name is worth, nor what a name is with another index: the formula
    may speak for that one too, but β₂ is no other β₁. A value alone is what the formula gives, or
    given anew.
    """
    blame, result = judgement.blame, work.trees[FIGURES]
    if result is not None and is_literal(result):
        return judgement.outcome == "correct"
    if blame is None:
        return judgement.outcome == "carried_forward"
    if blame.position != FIGURES or not blame.name or not is_literal(blame.node):
        return False
    stem, figures = stem_of(blame.name), work.comparison.stands_for(blame.node)
    return role_of(blame.name) == "beta" or not any(
        do_meet(entry, figures)
        for name, known in work.run.named_values()
        if name != blame.name and stem_of(name) == stem
        for entry in entries_of(known.bounds)
    )


def _is_another_value(judgement: ChainJudgement, work: ChainWork) -> bool:
    """Tell whether a value alone, right below its formula, is not what that gives."""
    _, formula, result = work.chain.sides
    gap = result.written.last_line - formula.written.last_line
    is_below = work.chain.follows_on and 0 < gap <= MOST_LINES_BETWEEN
    is_value = result.tree is not None and is_literal(result.tree)
    return is_below and is_value and judgement.outcome in ("slip", "undecided")


def _have_form(formula: Node, figures: Node) -> bool:
    """Tell whether one figure stands for each name of a formula.

    Signs of addition may be others, and a part may have been worked out: 0.1 of `1 - β`.
    """
    if isinstance(formula, (Name, Call)) and is_literal(figures):
        return True
    if isinstance(formula, Number):
        return isinstance(figures, Number) and figures.value == formula.value
    parts, others = formula.children(), figures.children()
    are_alike = (
        formula.operation == figures.operation or {formula.operation, figures.operation} == SIGNS
        if isinstance(formula, Call) and isinstance(figures, Call)
        else isinstance(formula, Array) and isinstance(figures, Array)
    )
    return are_alike and len(parts) == len(others) and all(map(_have_form, parts, others))
