"""Follow a document line by line: judge each chain in the worlds that are admissible there.

A chain is right if it holds in the cheapest world; carried forward if it holds only where an
earlier slip is part of the world; a slip if it holds in none. Then what it says is noted.

Figures may stand beside a formula that was set apart from them: further up, in a list of formulas.
It says which name each figure was put in for, so a stale or a wrong one is seen though what follows
from it is right.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Iterator, Sequence
from fractions import Fraction
from functools import cache, partial
from typing import Final

from tracer.check.bind.document_parts import DocumentPart, names_of
from tracer.check.bind.hypotheses import (
    adopted_convention,
    with_sigma_as_name,
)
from tracer.check.bind.worlds import (
    MOST_RESTATED,
    RunView,
    WritersRun,
    WritersWorld,
    carried_as,
    is_value_of_run,
)
from tracer.check.compare.bounded_values import (
    RoundingHabit,
    Spot,
    around,
    do_meet,
    entries_of,
    half_place,
    has_fine_figure,
    have_one_shape,
    is_about,
    is_telling,
    may_have_drifted,
    observe_rounding,
)
from tracer.check.compare.side_comparison import figures_put_in
from tracer.check.compare.value_comparison import Agreement
from tracer.check.judge.admissible_worlds import AdmissibleWorld, admissible_worlds
from tracer.check.judge.chain_work import ChainWork
from tracer.check.judge.derivative_slips import ShownSlope, SlopeAnswer, UnknownSlope
from tracer.check.judge.evidence import WRONG, WrongPart
from tracer.check.judge.judged_results import join_to_run, note_printed, note_result
from tracer.check.judge.judgement import (
    NO_QUANTITY,
    ChainJudgement,
    as_open,
    judgement_on,
    with_repair,
)
from tracer.check.judge.own_quantities import (
    counted_as_written,
    is_large_run,
    runs_of_samples,
)
from tracer.check.judge.part_runs import iteration_worked, parts_with_runs
from tracer.check.judge.part_state import LEAST_AGREEING, PartState
from tracer.check.judge.stated_derivatives import answer_on, answer_on_identity, is_no_slope
from tracer.check.judge.stated_formulas import head_of
from tracer.check.judge.stated_functions import StatedFunction, with_functions
from tracer.check.judge.stated_values import breaks_an_equation, note_statement
from tracer.check.judge.tables_of_values import judge_table
from tracer.check.judge.update_steps import answer_on_step
from tracer.check.judge.world_verdict import (
    OF_DOUBTFUL_LINE,
    OTHER_READING,
    ROUNDED_FIGURES,
    TOLD_ANEW,
    UPDATED_IN_STEP,
    JudgedPair,
    WorldVerdict,
)
from tracer.check.model.finding import Verdict
from tracer.check.model.statements import (
    CodeListing,
    EquationChain,
    StageMarker,
    Statement,
    TableOfValues,
    WorkedDocument,
)
from tracer.check.model.written_trees import is_literal, names_in, numbers_in
from tracer.check.slips.roles import role_of
from tracer.check.trace.aliases import DIGITS, derivative_of
from tracer.expression.syntax import Array, Call, Name, Node, Number
from tracer.frozen import replace
from tracer.sentences import Sentence

WORKED: Final = frozenset(".+*")  # in a name: it stands for an expression
SHOWN: Final = (JudgedPair(0, Agreement.HOLDS),)  # of a derivative in symbols
UNBLAMED: Final = ("correct", "rounding", "undecided")
FIGURES: Final = 2  # the position of figures behind a formula, which stands behind its name
SIGNS: Final = {"add", "subtract"}
OTHER_SIGN: Final = ("sign_of_own_name",)


def judge_chains(
    statements: Sequence[Statement],
    state: PartState,
    functions: dict[str, StatedFunction],
) -> Iterator[ChainJudgement]:
    """Judge the chains of one part of a document in their order, beside a run or without one.

    `functions` are those that were stated above; what the part says of one is added, but for a
    derivative that is wrong.
    """
    for statement in with_functions(statements, functions):
        if isinstance(statement, StageMarker):
            state.mark(statement)
        elif isinstance(statement, CodeListing):
            state.formulas.note_code(statement, state.run)
        elif isinstance(statement, TableOfValues):
            yield from judge_table(state, statement)
        else:
            state.count(statement)
            statement = state.as_in_listing(statement)
            judge = _judge_assumption if "supposed" in statement.doubts else _judge_chain
            judgement = judge(state, statement)
            is_right = judgement is None or judgement.outcome in UNBLAMED
            state.note_formula(statement, is_right=is_right)
            if judgement is not None:
                differs = any(pair.agreement in WRONG for pair in judgement.pairs)
                agrees = not differs and judgement.outcome not in ("undecided", "not_checked")
                state.note_in_listing(statement, agrees - LEAST_AGREEING * differs)
                blame, head = judgement.blame, statement.sides[0].tree
                if blame is not None and blame.part == "derivative" and isinstance(head, Name):
                    functions.pop(head_of(head.id), None)
                yield judgement


def habit_of(document: WorkedDocument) -> RoundingHabit:
    """Return how the writer of a document rounds: the literals at the ends of worked chains.

    A value that a name has after an iteration was worked out too.
    """
    ends = (
        (each.iteration or len(each.sides) > 2, each.sides[-2].tree, each.sides[-1].tree)
        for each in document.chains()
    )
    results = [
        (before, last)
        for is_result, before, last in ends
        if before is not None and last is not None and not is_literal(before) and is_literal(last)
        if is_result or not isinstance(before, Name)
    ]
    return observe_rounding(results)


def _judge_assumption(state: PartState, chain: EquationChain) -> ChainJudgement | None:
    """Judge the figures of a chain that says what would be; its names may have other values."""
    world = AdmissibleWorld("writers_own", WritersWorld(WritersRun()))
    work = ChainWork(chain, PartState(state.habit, None))
    state.run.suppose([work.target or ""])  # in what follows it may have this value
    if (tree := chain.sides[1].tree) is not None and names_in(tree):
        state.formulas.note(chain, work.target, work.readings, state.run)  # or this formula
    spots = () if state.view is None else state.view.spots(work.target or "", is_target=False)
    if work.is_worked and not work.is_statement:
        return judgement_on(WorldVerdict(work, world), state)
    return ChainJudgement(chain, "undecided", (), 0, world) if spots else None


def _judge_chain(state: PartState, chain: EquationChain) -> ChainJudgement | None:
    """Return what is found in a chain; None where nothing is worked. Note what it states."""
    state.worked_out.clear()
    state.run.open_aside(chain.place.line, chain.headings)
    chain = state.as_marked(chain)
    as_written = work = ChainWork(chain, state)
    state.run.words_line = state.run.words_line if chain.follows_on else chain.place.line
    right = work.trees[1]
    if chain.printed is not None and len(work.trees) == 2 and (right is None or names_in(right)):
        note_printed(state, work, chain.printed)
        return None
    work, judgement = _judged_behind_its_formula(state, work)
    is_stated = judgement is None and note_statement(state, work)
    answer = _answer_on_formula(state, as_written, work.target)
    before = state.run.known_value(work.target or "")
    if before is None or not work.is_of_another_case(before):  # `the best w = y/x` binds no names
        state.formulas.note(chain, work.target, as_written.readings, state.run)
    unvalued = work.names_of_result() if state.view is None else ()  # before it is their value
    is_formula = state.view is None and (is_stated or not work.is_worked)
    if not is_formula and judgement is None:
        judgement = _judge_worlds(state, work, is_stated=is_stated)
    if judgement is not None and _may_be_of_a_sample(state, work, judgement):
        of_sample = _of_one_sample(state, chain, judgement)
        if of_sample is not None:
            state, work, judgement = of_sample
        elif judgement.outcome == "correct":
            judgement = as_open(judgement, NO_QUANTITY)
    is_wrong = isinstance(answer, WrongPart)
    if judgement is not None and judgement.outcome in ("correct", "undecided") and not is_wrong:
        work, judgement = _by_figures_put_in(state, work, judgement)
    if work.target and work.has_another_rule and not work.is_worked:
        state.run.suppose([work.target])  # it is something else now, and may have another value
    is_other = isinstance(answer, UnknownSlope) and answer.why == "stated_otherwise"
    if judgement is None and answer is not None and (is_stated or not is_other):
        world = AdmissibleWorld("writers_own", WritersWorld(state.run))
        is_shown = isinstance(answer, ShownSlope)
        outcome: Verdict = "correct" if is_shown else "undecided"
        judgement = ChainJudgement(chain, outcome, SHOWN if is_shown else (), 0, world)
    if judgement is not None and not isinstance(answer, ShownSlope | None):
        if work is not as_written:  # the formula from above is a side of its own
            answer = replace(answer, position=answer.position + 1)
        judgement = _with_answer(state, work, judgement, answer)
        if judgement.blame is not None and judgement.blame.part == "derivative":
            state.formulas.forget(chain)
    if judgement is None or is_stated or is_formula:
        return judgement
    judgement = _noted(state, work, judgement)
    names = tuple(name for each in unvalued for name in names_in(each))
    are_names = all(isinstance(each, Name) for each in unvalued)
    is_right = judgement.outcome == "correct" and bool(names)
    if is_right and are_names and WORKED.isdisjoint("".join(names)):
        return None  # a given value; `f(0.5)`, `g(x + y)`, the function of a name were worked out
    return _with_unknown(judgement, names)


def _answer_on_formula(
    state: PartState, as_written: ChainWork, target: str | None
) -> SlopeAnswer | None:
    """Return what is known of a formula from what the part states; nothing of one of the run."""
    chain, readings = as_written.chain, as_written.readings
    if state.view is not None and state.view.spots(target or "", is_target=True):
        return None
    answer: SlopeAnswer | None = (
        answer_on_step(chain, target, readings, state.formulas, state.own_world(state.run))
        or answer_on(state.formulas, chain, target, readings, state.run)
        or answer_on_identity(chain, readings)
    )
    if answer is None and target and not chain.is_qualified:
        is_other = state.has_another_formula(target, as_written.formulas, chain)
        return UnknownSlope(1, "stated_otherwise") if is_other else None
    return answer


def _noted(state: PartState, work: ChainWork, judgement: ChainJudgement) -> ChainJudgement:
    """Return the judgement on a chain that is worked out, and note what it says of its names."""
    chain, blame = work.chain, judgement.blame
    is_beside = blame is not None and blame.position > 1 and blame.part != "either"
    are_figures_wrong = is_beside and judgement.is_repairable  # with them mended the formula holds
    # A formula may have the operation that its figures have, which may be the wrong one.
    may_be_wrong = blame is not None and blame.part == "either" and isinstance(blame.mended, Call)
    if (
        not are_figures_wrong
        and any(
            each.position == 1 and each.agreement not in (Agreement.HOLDS, Agreement.UNKNOWN)
            for each in judgement.pairs
        )
    ) or may_be_wrong:
        state.formulas.forget(chain)
    judgement = _with_unknown(judgement, _doubtful_names(state, work, judgement))
    if judgement.outcome == "correct" and state.view is None and breaks_an_equation(state, work):
        judgement = as_open(judgement, ("breaks_an_equation",))
        state.formulas.forget(chain)
    note_result(state, work, judgement)
    state.run.told_again.update(_name_with_another_value(state, work, judgement))
    if chain.printed is not None:
        note_printed(state, work, chain.printed, judgement)
    join_to_run(state, work, judgement)
    state.run.departs = state.run.departs or _departs(work, judgement)
    return judgement


def _departs(work: ChainWork, judgement: ChainJudgement) -> bool:
    """Tell whether a line has, or may have, another value than belongs there: more may follow."""
    result = work.trees[-1]
    has_value = result is not None and not names_in(result)  # from a formula alone none follows
    is_open = judgement.outcome == "undecided" and any(
        pair.uncertain or pair.agreement not in (Agreement.UNKNOWN, None, Agreement.HOLDS)
        for pair in judgement.pairs
    )
    return (is_open and has_value) or judgement.outcome in ("slip", "carried_forward")


def _name_with_another_value(
    state: PartState, work: ChainWork, judgement: ChainJudgement
) -> Collection[str]:
    """Return the name of which a line says another value than it has, and all else holds.

    That is σ in `σ² = exp(-0.6) = 0.5488` where σ is 0.5488: nobody knows which one is wrong.
    """
    head, pairs = work.trees[0], judgement.pairs
    names = names_in(head) if isinstance(head, Call) and state.view is None else ()
    is_first = [pair.position for pair in pairs if pair.agreement is not Agreement.HOLDS] == [0]
    return names if is_first and len(names) == 1 and judgement.outcome != "correct" else ()


def _may_be_of_a_sample(state: PartState, work: ChainWork, judgement: ChainJudgement) -> bool:
    """Tell whether a line is not right in the batch, or right by itself for what a sample has."""
    if judgement.outcome not in ("correct", "rounding"):
        return True
    view, target = state.view, work.target or ""
    if view is None or not view.has(target) or any(pair.with_run for pair in judgement.pairs):
        return False
    samples = state.samples_of(state.iteration)
    return any(alone.spots(target, is_target=True) for alone, _ in samples)


def _of_one_sample(
    state: PartState, chain: EquationChain, of_all: ChainJudgement
) -> tuple[PartState, ChainWork, ChainJudgement] | None:
    """Return what is known of the sample of which a chain is right, with its judgement there.

    A batch's update is of none of them; what the batch has, the sample has to have as well.
    """
    for iteration, alone in state.of_samples():
        work = ChainWork(chain, alone)
        judgement = _judge_worlds(alone, work, is_stated=False)
        if judgement is None or judgement.outcome not in ("correct", "rounding"):
            continue
        spot, view = judgement.admitted.spot, alone.view
        if (
            any(pair.with_run for pair in of_all.pairs)
            if spot is None or view is None
            else view.phase(spot) == "update"
        ):
            continue
        if iteration > state.iteration:
            state.begin_iteration(iteration)
        return alone, work, judgement
    return None


def _by_figures_put_in(
    state: PartState, work: ChainWork, judgement: ChainJudgement
) -> tuple[ChainWork, ChainJudgement]:
    """Return a chain as the figures say that right lines have put in for its names.

    They confirm what is open, and leave open what they contradict: another example may have begun,
    and so they hold no more. A line is as it was where they leave another name without a value.
    """
    shown = state.with_figures_put_in(work.chain, work.worked, work.trees[work.begin :])
    if shown is None:
        return work, judgement
    again = ChainWork(work.chain, shown)
    by_figures = _judge_worlds(shown, again, is_stated=False)
    if by_figures is None or by_figures.outcome not in ("correct", "slip", "undecided"):
        return work, judgement
    if any(pair.agreement in (Agreement.UNKNOWN, None) for pair in by_figures.pairs):
        return work, judgement
    if by_figures.outcome == "correct":
        return again, by_figures
    state.run.begin_example(work.chain.place.line)
    return work, as_open(by_figures, TOLD_ANEW)


def _with_unknown(judgement: ChainJudgement, names: Sequence[str]) -> ChainJudgement:
    """Return a right line as undecided where there are names that nobody knows the value of."""
    if judgement.outcome != "correct" or not names:
        return judgement
    position = min(1, len(judgement.chain.sides) - 2)  # `a*b = 2*3` begins with its formula
    pair = JudgedPair(position, Agreement.UNKNOWN, (), tuple(names))
    return replace(judgement, outcome="undecided", pairs=(pair,))


def _doubtful_names(
    state: PartState, work: ChainWork, judgement: ChainJudgement
) -> tuple[str, ...]:
    """Return the names of which nobody knows whether the figures put in for them are theirs."""
    if state.view is not None or not any(pair.unknown for pair in judgement.pairs):
        return ()
    return tuple(
        name
        for name, figures in figures_put_in(work.trees, state.run)
        if is_literal(figures)
        if state.may_have_another_value(name, figures, work.chain)
        or is_no_slope(state.formulas, name, figures, work.chain, state.run)
    )


def _with_answer(
    state: PartState, work: ChainWork, judgement: ChainJudgement, answer: SlopeAnswer
) -> ChainJudgement:
    """Return a judgement with what is known of a formula that stands for a derivative.

    A wrong one is a slip, unless anything before it is, or carried from where it was made first.
    One that may be meant otherwise is undecided: its figures do not show it. Where nothing that is
    stated can be compared with it, it says itself what the derivative is.
    """
    blame = judgement.blame
    is_first = blame is None and judgement.outcome in (*UNBLAMED, "carried_forward")
    if isinstance(answer, UnknownSlope) and is_first:
        open_pair = JudgedPair(answer.position - 1, Agreement.OPEN, (answer.why,))
        others = [pair for pair in judgement.pairs if pair.position != open_pair.position]
        ordered = sorted([*others, open_pair], key=lambda pair: pair.position)
        return replace(judgement, outcome="undecided", pairs=tuple(ordered))
    if not isinstance(answer, WrongPart):
        return judgement
    if not is_first and (blame is None or blame.position <= answer.position):
        return judgement
    line = judgement.chain.place.line
    first = state.formulas.note_slip(answer, line)
    if first == line:
        slip = replace(judgement, outcome="slip", blame=answer)
        return with_repair(slip, answer, WorldVerdict(work, judgement.admitted), state)
    if blame is not None:
        return judgement  # of the same slip in the formula only what follows is charged
    return replace(judgement, outcome="carried_forward", error_line=first)


def _judge_worlds(state: PartState, work: ChainWork, *, is_stated: bool) -> ChainJudgement | None:
    """Judge a chain in the cheapest world in which it holds."""
    best: WorldVerdict | None = None
    own: WorldVerdict | None = None
    is_alone = state.view is None and work.target is not None
    of_step = state.runs_of_step(work.target or "", work.formulas) if is_alone else ()
    for world in admissible_worlds(
        state, work.chain, work.target, of_step, is_statement=work.is_statement
    ):
        verdict = WorldVerdict(work, world)
        if world.is_shown_by_result and not verdict.has_the_result:
            continue
        if world.name == "writers_own":
            if own is None or _verdict_rank(verdict) < _verdict_rank(own):
                own = verdict
        elif isinstance(world.names, WritersWorld):
            others = [each.worst for each in (own, best) if each is not None]
            if own is not None and verdict.worst < min(*others, Agreement.UNKNOWN):
                state.begin_iteration(state.iteration + 1)
                own = best = verdict
        elif (
            best is None
            or verdict.worst < best.worst
            or (verdict.worst == best.worst and _is_turned(verdict))
        ):
            best = verdict
        if verdict.worst is Agreement.HOLDS and verdict.pairs and not verdict.error_line:
            break
    best = best or own
    assert best is not None
    is_compared = any(pair.with_run for pair in best.pairs)
    if state.view is not None and not is_compared and not work.is_worked:
        return None  # a formula, or a value, of which the run says nothing
    if is_stated and state.view is not None:
        of_statement = _judge_statement(state, work, best)
        if of_statement is not None and of_statement.outcome != "undecided":
            join_to_run(state, work, of_statement)
        elif of_statement is not None and work.target is not None:
            state.run.departs = state.run.departs or not state.view.is_given(work.target)
            state.run.told_again.add(work.target)  # nobody knows what it is worth
            state.run.suppose([] if work.chain.is_certain else [work.target])
        return of_statement
    if best.world.name != "writers_own":
        _move_to_iteration(state, work.chain, best)
    if work.is_worked and not work.is_statement:
        state.run.worked_under = work.chain.headings
    if best.worst > Agreement.ROUNDING and own is not None and own is not best:
        later = _verdict_rank(own)[1:3] < _verdict_rank(best)[1:3]
        carried = own.error_line and later
        # The run has another shape, as a batch has: it contradicts nothing.
        holds = bool(own.pairs) and own.worst is Agreement.HOLDS
        is_part = holds and best.worst is Agreement.UNKNOWN
        if carried or is_part or not is_compared:
            best = own
    judgement = judgement_on(best, state)
    differs_from_run = all(pair.with_run for pair in best.pairs if pair.agreement in WRONG)
    if judgement.outcome == "slip" and differs_from_run:
        if _is_of_another_time(state, work, is_later=True):
            return as_open(judgement, TOLD_ANEW)
        if _is_of_another_name(state, best, is_worked=True):
            return as_open(judgement, OTHER_READING)
    blames_result = judgement.blame is not None and judgement.blame.node == work.trees[-1]
    if (
        own is not None
        and own.worst is Agreement.HOLDS
        and blames_result
        and _is_about_the_run(work, best)
    ):
        # That the run does not have just this value is known.
        if _has_drifted(state, work):
            return replace(judgement_on(own, state), outcome="correct", pairs=tuple(own.pairs))
        if _has_drifted(state, work, state.run.doubtful_figures):
            return as_open(judgement, ROUNDED_FIGURES)
    is_unread = own is not None and own.worst is Agreement.UNKNOWN
    if is_unread and blames_result and _is_about_the_run(work, best):
        return as_open(judgement, ROUNDED_FIGURES)  # it may follow from what lines above show
    if judgement.outcome == "slip" and state.run.departs:
        contradicts_itself = own is not None and own.worst is Agreement.DIFFERS
        if not contradicts_itself and _may_follow(state, work, judgement.blame):
            return as_open(judgement, OF_DOUBTFUL_LINE)
    if not of_step or judgement.outcome not in ("correct", "rounding"):
        return judgement
    if isinstance(best.world.names, WritersWorld) and best.world.names.writer in of_step[1:]:
        return as_open(judgement, UPDATED_IN_STEP)
    if any(name in state.run.updated for name, _ in judgement.put_in):
        state.takes_values_before = True
    return judgement


def _is_turned(verdict: WorldVerdict) -> bool:
    """Tell whether a gradient by a name of the writer's own is that of a world but for its sign."""
    wrong = [pair.uncertain for pair in verdict.pairs if pair.agreement in WRONG]
    return bool(wrong) and all(uncertain == OTHER_SIGN for uncertain in wrong)


def _may_follow(state: PartState, work: ChainWork, blame: WrongPart | None) -> bool:
    """Tell whether a line goes on with what one above has that may not belong there.

    Its figures are right by themselves. None is shown, or one that the run does not have; where
    such a figure stands for a quantity, it is from a line above.
    """
    if state.view is None or is_large_run(state.view):
        return False
    put_in = _figures_put_in(work)
    if put_in is None:
        return False
    if blame is not None and blame.part == "figure":
        return all(map(state.run.has_shown, numbers_in(blame.node)))
    return not (put_in and all(_is_in_run(each, state) for each in put_in))


def _has_drifted(
    state: PartState, work: ChainWork, others: Collection[Fraction] = frozenset()
) -> bool:
    """Tell whether a result is right for what lines above have rounded, or for `others`."""
    put_in, run = _figures_put_in(work), state.run
    if not put_in or len(work.trees) < FIGURES + 1:
        return False
    rounded = run.computed_figures.keys() - run.doubtful_figures - {*map(abs, run.wrong_figures)}
    return all(
        each.value in rounded or each.value in others or _is_in_run(each, state) for each in put_in
    )


def _is_about_the_run(work: ChainWork, best: WorldVerdict) -> bool:
    """Tell whether a result is what the run has, but for figures that were rounded on the way."""
    reference, result = best.world.reference, work.trees[-1]
    value = None if result is None else work.comparison.value(result)
    return (
        value is not None
        and reference is not None
        and have_one_shape(value, reference.printed)
        and is_about(value, reference.printed)
    )


def _figures_put_in(work: ChainWork) -> Sequence[Number] | None:
    """Return the telling figures of a line's working; None where it is not right by itself."""
    figures = [tree for tree in work.trees if tree is not None and not names_in(tree)]
    pairs = itertools.pairwise(figures)
    if any(work.comparison.by_value(*pair) is Agreement.DIFFERS for pair in pairs):
        return None
    return [each for tree in figures[:-1] for each in numbers_in(tree) if is_telling(each)]


def _is_in_run(figure: Number, state: PartState) -> bool:
    """Tell whether the run has a value that a figure, or its negative, may be rounded from."""
    size = around(figure.value, half_place(figure) or Fraction(0))
    return state.is_in_run((size, -size))


def _verdict_rank(found: WorldVerdict) -> tuple[int, int, int, int]:
    """Return what makes one verdict better than another: it differs later, it rests on no slip."""
    return found.worst, -found.first_wrong, found.misfits, found.error_line


def _judge_statement(
    state: PartState, work: ChainWork, best: WorldVerdict
) -> ChainJudgement | None:
    """Judge a value that is only stated: a given one, or a result without working."""
    if not best.pairs or best.worst is Agreement.UNKNOWN:
        return None  # the run has no such quantity
    judgement = judgement_on(best, state)
    if judgement.outcome in ("correct", "rounding"):
        _move_to_iteration(state, work.chain, best)
    if judgement.outcome != "slip":
        return judgement
    run, view, target = state.run, state.view, work.target or ""
    is_made = view is not None and target in view.carried and run.worked_under is not None
    if is_made and run.worked_under != work.chain.headings:
        run.departs = True
        return as_open(judgement, TOLD_ANEW)  # a step has made it so, or another example begins
    is_given = view is not None and view.is_given(target) and not is_made
    if run.departs and not is_given:  # it may follow from that
        return replace(judgement, outcome="undecided", blame=None)
    if _is_of_another_time(state, work, is_later=state.marked_line > 0):
        return as_open(judgement, TOLD_ANEW)
    if _is_of_another_name(state, best):
        return as_open(judgement, OTHER_READING)
    result, reference = work.trees[-1], best.world.reference
    is_drifted = (
        reference is not None
        and result is not None
        and is_literal(result)
        and may_have_drifted(result, reference.printed)
    )
    if is_drifted and not (is_given or state.is_one_example):
        return as_open(judgement, ROUNDED_FIGURES)
    run.departs = True
    known_value = run.known_value(target)
    if is_made:  # a result without its working
        note_result(state, work, judgement)
        state.has_updated = True
    elif known_value is not None:
        line = work.chain.place.line
        run.state(target, replace(known_value, unrounded=None, line=line, error_line=line))
    return judgement


def _is_of_another_time(state: PartState, work: ChainWork, *, is_later: bool) -> bool:
    """Tell whether the run has a value in another iteration, and no words say of which it is.

    Words further above that number one leave open where the next ones begin: who has the figures
    of a later one is there. So is who works them out; by old values nobody works out earlier ones.
    """
    result, view, name = work.trees[-1], state.view, work.target or ""
    value = None if result is None else work.comparison.value(result, "bounds")
    if value is None or result is None or view is None or state.is_numbered(work.chain):
        return False
    if name in view.carried and not is_later:
        bounds = work.comparison.stands_for(result) if work.is_statement else value
        return is_value_of_run(view, name, value, bounds)
    first = state.iteration + 1 if is_later else 1
    last = min(view.iterations, first + MOST_RESTATED) + 1
    spots = view.spots(name, is_target=False)
    is_told = state.marked_line > 0 or work.is_statement
    is_fine = has_fine_figure(result) or (not is_told and _are_whole(view, spots, range(1, last)))
    if not is_fine:
        last = first if is_later else 0  # some iteration may have it by chance
    of_samples = () if state.marked_line else view.rest_of_epoch(state.iteration)
    times = [*range(first, last + 1), *of_samples]
    known_values = (view.value(*place) for place in itertools.product(spots, times))
    return any(it is not None and do_meet(it.printed, value) for it in known_values)


def _are_whole(view: RunView, spots: Sequence[Spot], times: Iterable[int]) -> bool:
    """Tell whether quantities have whole numbers alone, as those of a perceptron."""
    known_values = (view.value(*place) for place in itertools.product(spots, times))
    entries = [entry for it in known_values if it is not None for entry in entries_of(it.printed)]
    return bool(entries) and all(entry.low.denominator == 1 for entry in entries)


def _is_of_another_name(state: PartState, found: WorldVerdict, *, is_worked: bool = False) -> bool:
    """Tell whether a result is what the run calls otherwise: Adam's v, beside momentum's.

    What is worked out may be so of the states of optimizers alone.
    """
    view, spot, result = state.view, found.world.spot, found.work.trees[-1]
    if view is None or spot is None or result is None or is_large_run(view):
        return False
    # An optimizer's: v of one is none of another's.
    is_state = view.kind((carried_as(view, spot[0]), spot[1])) == "state"
    if not is_state and (is_worked or view.given(spot[0])):
        return False
    if derivative_of(found.work.target or "") is not None:
        return False  # which says what it is of
    names = {name for formula in view.formulas(spot) for name in names_in(formula)}
    used = {other for name in names for other, _ in view.spots(name, is_target=False)}
    alike = [
        each
        for each in view.all_spots()  # what it is made of may be left as it is
        if each[0] not in {spot[0], *used} and (is_state or view.phase(each) == view.phase(spot))
    ]
    near = range(max(found.world.iteration - 1, 1), found.world.iteration + 2)
    known_values = (view.value(each, time) for each in alike for time in near)
    value = found.comparison.stands_for(result)
    return any(map(is_telling, numbers_in(result))) and any(
        each is not None and have_one_shape(each.printed, value) and do_meet(each.printed, value)
        for each in known_values
    )


def _move_to_iteration(state: PartState, chain: EquationChain, found: WorldVerdict) -> None:
    """Go to the iteration in which a chain holds, unless it tells of one; note an update.

    After an update, right or not, the next iteration may begin.
    """
    world, view = found.world, state.view
    if view is None:
        return
    holds = found.worst <= Agreement.ROUNDING and chain.iteration is None
    if holds and world.iteration > state.iteration:
        is_shown = state.has_updated or state.is_numbered(chain)
        state.begin_iteration(world.iteration)
        state.is_begun = is_shown
    if world.spot is None or world.iteration != state.iteration:
        return
    # What a step has left as it was is told behind what was worked out in it.
    name, place = world.spot
    before, updated = world.reference, view.carried.get(name)
    after = None if updated is None else view.value((updated, place), world.iteration)
    has_worked = holds and state.run.worked_under is not None
    is_left = has_worked and bool(before and after and before.printed == after.printed)
    if is_left or view.phase(world.spot) == "update":
        state.has_updated = True


def judge_parts(
    document: WorkedDocument, view: RunView | None, *, is_one_example: bool = False
) -> Iterator[tuple[DocumentPart, Iterator[ChainJudgement], Sentence | None]]:
    """Yield the parts of a document in their order, each judged beside the run that it is of.

    With each stand the judgements on its chains, made as they are asked for, and the convention
    that its writer keeps, None where it is the scenario's.
    """
    habit = habit_of(document)
    above: PartState | None = None
    functions: dict[str, StatedFunction] = {}
    view = view and counted_as_written(document.statements, view)
    whole = DocumentPart(0, len(document.statements), view is not None)
    parts = parts_with_runs(document, view, habit)
    for part, bound in [(whole, view)] if is_one_example else parts:
        statements, words = document.statements[part.first : part.last], None
        if bound is None:
            statements = with_sigma_as_name(document, statements, habit)
        elif not is_one_example:
            bound, words = adopted_convention(document, part, bound, habit) or (bound, None)
        before = None if bound is not None else above
        names = names_of(statements)
        state = PartState(habit, bound, before, names, statements, is_one_example=is_one_example)
        if bound is not None and not is_one_example:
            state.samples_of = cache(partial(runs_of_samples, statements, bound))
            own = state.comparison_in(WritersWorld(state.run))
            state.iteration = iteration_worked(statements, bound, own.stands_for)
        yield part, judge_chains(statements, state, functions), words
        above = state


# Formulas set apart from their figures ----------------------------------------------------------


def _judged_behind_its_formula(
    state: PartState, work: ChainWork
) -> tuple[ChainWork, ChainJudgement | None]:
    """Return a chain with its formula before its figures, and what that shows; else as it is."""
    put_in = _behind_its_formula(state, work)
    found = None if put_in is None else _judge_worlds(state, put_in, is_stated=False)
    if put_in is None or found is None:
        return work, None
    shown = _with_updated_values(found, put_in, state) or _shown_behind_its_formula(found, put_in)
    return (work, None) if shown is None else (put_in, shown)


def _behind_its_formula(state: PartState, work: ChainWork) -> ChainWork | None:
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
        put_in = ChainWork(replace(chain, sides=(chain.sides[0], formula, *chain.sides[1:])), state)
        tree = put_in.trees[1] or formula.tree  # with its sums written out
        names = names_in(tree)
        is_begun_anew = work.target in names and is_literal(figures)
        gives_value = not is_begun_anew and all(map(state.own_world(state.run).known_value, names))
        if gives_value or (not is_literal(figures) and _have_form(tree, figures)):
            return put_in
    return None


def _shown_behind_its_formula(found: ChainJudgement, work: ChainWork) -> ChainJudgement | None:
    """Return what figures behind their formula show, and do not show alone; None for nothing.

    `found` is what was found in them there. Behind words a wrong value may be another step's.
    Where the name has had the value that the formula gives, a number is moved on purpose; what an
    update makes of it is its value from the formula on.
    """
    if not work.formulas:
        return None
    if found.outcome == "correct":
        return found
    target, value = work.target or "", work.comparison.value(work.formulas[0])
    values = (work.run.known_value(target), *work.run.earlier(target))
    is_update = target.rstrip("'") in names_in(work.formulas[0])
    line = work.chain.sides[1].written.place(0, 1).line if is_update else 0
    had = [each for each in values if each is not None and each.line != line]
    if found.blame and value and any(each.fits(value) for each in had):
        return None
    if _proves_more(found, work):
        is_told = found.blame is not None and bool(work.chain.qualified_by)
        return as_open(found, TOLD_ANEW) if is_told else found
    if len(work.trees) == FIGURES + 1:
        return None
    world = found.admitted.names
    known_values = {name: world.known_value(name) for name in names_in(work.formulas[0])}
    last = work.trees[-1]
    result = work.comparison.stands_for(last) if last is not None and is_literal(last) else None
    is_restated = result is not None and any(each.fits(result) for each in had)
    are_of_this = all(
        each and each.headings == work.chain.headings[: len(each.headings)]
        for each in known_values.values()
    )
    if found.blame is not None and found.blame.position <= FIGURES:
        sides = itertools.pairwise(filter(None, work.trees[FIGURES:]))
        differs = any(work.comparison.by_value(*pair) is Agreement.DIFFERS for pair in sides)
        # Figures that are wrong by themselves are so whatever formula was meant.
        return found if differs else as_open(found, ("stated_otherwise",))
    are_shown = found.pairs[0].agreement is Agreement.HOLDS
    if are_shown or found.outcome != "undecided" or not all(known_values.values()):
        return None
    return found if are_of_this and not is_restated else None


def _with_updated_values(
    found: ChainJudgement, work: ChainWork, state: PartState
) -> ChainJudgement | None:
    """Return figures behind a formula as open where only what this step has updated gives them."""
    if found.outcome != "undecided" or not state.runs_of_step(work.target or "", work.formulas):
        return None
    now = WorldVerdict(work, AdmissibleWorld("writers_own", state.own_world(state.run)))
    return as_open(found, UPDATED_IN_STEP) if now.worst is Agreement.HOLDS else None


def _proves_more(judgement: ChainJudgement, work: ChainWork) -> bool:
    """Tell whether figures behind a formula show a slip that they do not show alone.

    One of them is not what its name is worth, nor what a name is with another index: the formula
    may speak for that one too, but β₂ is no other β₁. A value alone is what the formula gives, or
    given anew.
    """
    blame, result = judgement.blame, work.trees[FIGURES]
    if result is not None and is_literal(result):
        return False
    if blame is None:
        return judgement.outcome == "carried_forward"
    if blame.position != FIGURES or not blame.name or not is_literal(blame.node):
        return False
    stem, figures = blame.name.rstrip(DIGITS), work.comparison.stands_for(blame.node)
    is_one_of_several = stem != blame.name and work.target == (work.target or "").rstrip(DIGITS)
    return role_of(blame.name) == "beta" or not any(
        do_meet(entry, figures)
        for name, known in work.run.named_values()
        if is_one_of_several and name != blame.name and name.rstrip(DIGITS) == stem
        for entry in entries_of(known.bounds)
    )


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
