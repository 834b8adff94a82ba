"""Which values names may have on a line: the worlds that are admissible, the cheapest first."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import Final, Literal

from tracer.check.bind.worlds import (
    RowWorld,
    RunView,
    RunWorld,
    WritersRun,
    WritersWorld,
    entry_of_known,
)
from tracer.check.compare.bounded_values import (
    KnownValue,
    Spot,
    do_meet,
    half_place,
    is_one_of,
    is_result,
)
from tracer.check.compare.value_comparison import ValueComparison, World
from tracer.check.judge.part_state import MOST_EARLIER, PartState
from tracer.check.model.statements import EquationChain
from tracer.check.model.written_trees import is_literal, names_in, numbers_in
from tracer.expression.syntax import Call, Node
from tracer.frozen import Frozen
from tracer.intervals import value_or_none
from tracer.run.interpret import shape_of

WorldName = Literal["run", "next_iteration", "earlier_iteration", "writers_own"]
MOST_TARGETS: Final = 3  # quantities that a name on the left may mean


class AdmissibleWorld(Frozen):
    """One answer to what names mean on a line. The cheapest in which it holds is the one meant.

    `spot` is what the chain's target means in the run, and `reference` what it is there in an
    iteration; None where no run says. One that `is_shown_by_result` is meant only where the result
    is just that.
    """

    name: WorldName
    names: World
    iteration: int = 0
    spot: Spot | None = None
    reference: KnownValue | None = None
    is_shown_by_result: bool = False


def admissible_worlds(
    state: PartState,
    chain: EquationChain,
    target: str | None,
    of_step: Sequence[WritersRun] = (),
    *,
    is_statement: bool,
) -> Iterator[AdmissibleWorld]:
    """Yield the worlds that are admissible on a line, the cheapest first.

    The run in this iteration, then in the next one, where that may have begun; in one before,
    where a value is only stated or words say so; what the writer has stated himself; without a
    run that as the next iteration would begin.
    """
    view, run = state.view, state.run
    if view is None:
        own = next(iter(of_step), run)
        yield AdmissibleWorld("writers_own", state.own_world(own))
        if run.corrected:
            yield AdmissibleWorld("writers_own", WritersWorld(own, corrects=True))
        if state.before is not None:
            yield AdmissibleWorld("writers_own", WritersWorld(own, state.before))
        if (worked_out := own.without_aside(chain.place.line, chain.headings)) is not None:
            yield AdmissibleWorld("writers_own", WritersWorld(worked_out, state.before))
        if target and (anew := state.worked_out_anew(chain, target.rstrip("'"))):
            yield AdmissibleWorld("writers_own", WritersWorld(own.with_values(anew)))
        known_value = None if target is None else run.known_value(target)
        is_given = known_value is not None and known_value.is_given
        for later in of_step[1:]:
            yield AdmissibleWorld("writers_own", WritersWorld(later))
        if target is not None and run.updates() and not is_given and not of_step:
            # After an update it repeats one.
            yield AdmissibleWorld("next_iteration", WritersWorld(run.next_iteration()))
        return
    is_as_before = is_statement and chain.iteration is None and run.worked_under is None
    spots = _spots_of(view, target, is_statement=is_as_before)
    sides = [side.tree for side in chain.sides[1:] if side.tree is not None]
    if any(target in names_in(tree) for tree in sides) or (
        state.iteration == 1
        and any(isinstance(tree, Call) and not is_result(tree) for tree in sides)
    ):  # it is worked out, so it is not what it is given as
        spots = [spot for spot in spots if spot is None or not view.given(spot[0])] or spots
    if not is_statement and spots[0] is not None and spots[0][0] in view.data:
        spots = (None,)  # a formula for what the run has as data: the writer means something else
    if (
        spots[0] is not None
        and not spots[0][1]
        and view.phase(spots[0]) != "backward"
        and (target or "")[-1:].isdigit()
        and not spots[0][0].rstrip("']")[-1:].isdigit()
    ):
        spots = (*spots, None)  # a part of the loss, E1, and a step have their own values
    elif spots[0] is not None and target and _may_be_own(state, view, target, spots[0], sides):
        spots = (*spots, None)
    is_again = any((spot, state.iteration) in state.joined.results for spot in spots)
    times = list(_possible_iterations(state, chain, is_again=is_again, is_statement=is_statement))
    updated = None if target is None else view.carried.get(target)
    if chain.iteration is not None and is_statement and updated is not None:
        # Said to be so after an iteration: what its update has made of it, and nothing before.
        times = [("run", chain.iteration)]
        spots = [spot for spot in spots if spot is not None and spot[0] == updated] or spots
    elif chain.iteration is not None and is_statement and target in view.data:
        spots = (*spots, None)  # `x = 1 → 0.69 → 0.70`: what it leads to, as no update changes it
    # A run may have a parameter's entry by a name of its own too: that is known from the start.
    updates = [spot for spot in spots if spot is not None and view.phase(spot) == "update"]
    is_known = ((*updates, spots[0])[0], state.iteration) in state.joined.results
    if state.has_updated and len(times) > 1 and is_known and not is_statement:
        times[:2] = times[1::-1]  # computed anew after an update: of the next iteration
    timed = None if target is None else view.step_of(target)
    if timed is not None:
        times = [("run", max(timed[1], 1))]
        spots = view.spots(timed[0], is_target=timed[1] > 0)[:1]
    begun: Sequence[int] = ()
    if is_statement and chain.iteration is None:  # of any sample that an epoch goes through
        begun = view.rest_of_epoch(state.iteration)
        times += [("next_iteration", at) for at in begun]
    for (name, time), spot in itertools.product(times, spots):
        is_next = time == state.iteration + 1 and chain.iteration is None
        if is_next and time not in begun and not _may_begin(state, view, spot):
            continue
        names = RunWorld(view, run, time, spot, state.joined, state.batch)
        reference = None if spot is None else view.value(spot, time)
        yield AdmissibleWorld(name, names, time, spot, reference)
    result = chain.sides[-1].tree
    if result is not None:
        ours = [spot for spot in spots if spot is not None]
        yield from _rows_shown(state, view, result, ours)
        is_tried = ("next_iteration", state.iteration + 1) in times
        if not (is_tried or state.is_numbered(chain)):
            yield from _next_iteration_shown(state, view, ours)
    yield AdmissibleWorld("writers_own", WritersWorld(run, state.present_world()))
    # What is worked out again, after updates, is of the next iteration.
    if not is_statement and target in run.stated_in_step and run.updates():
        names = RunWorld(view, run, state.iteration + 1, None, state.joined, state.batch)
        yield AdmissibleWorld("next_iteration", WritersWorld(run.next_iteration(), names))


def _next_iteration_shown(
    state: PartState, view: RunView, spots: Iterable[Spot]
) -> Iterator[AdmissibleWorld]:
    """Yield the next iteration: nobody has the figures of a later one by mistake."""
    time = state.iteration + 1
    for spot in spots:
        reference = view.value(spot, time)
        if reference is not None and _may_begin(state, view, spot):
            names = RunWorld(view, state.run, time, spot, state.joined, state.batch)
            yield AdmissibleWorld("next_iteration", names, time, spot, reference, True)


def _rows_shown(
    state: PartState, view: RunView, result: Node, spots: Iterable[Spot]
) -> Iterator[AdmissibleWorld]:
    """Yield the rows of what a line is of, where its result may be one: of a token, a position."""
    value = value_or_none(result) if is_literal(result) else None
    for spot in spots:
        reference = view.value(spot, state.iteration)
        if reference is None or value is None or view.is_trained(spot):
            continue
        shape, (name, index) = shape_of(reference.printed), spot
        if len(shape) < 2 or shape[1:] != shape_of(value):
            continue
        names = RunWorld(view, state.run, state.iteration, spot, state.joined, state.batch)
        figures = ValueComparison(names, state.habit).stands_for(result)
        for row in range(shape[0]):
            of_row = entry_of_known(reference, (row,), may_be_row=True)
            if of_row is not None and do_meet(figures, of_row.printed):
                world, row_spot = RowWorld(names, spot, row, shape[0]), (name, (*index, row))
                yield AdmissibleWorld("run", world, state.iteration, row_spot, of_row, True)


def _possible_iterations(
    state: PartState, chain: EquationChain, *, is_again: bool, is_statement: bool
) -> Iterator[tuple[WorldName, int]]:
    """Yield the iterations of the run that a line may be of, the likeliest first.

    A target that was worked out in this one `is_again`: that may be of the next one.
    What is said to be of the time after some iterations may be the loss that the last one had, or
    what it leads to.
    """
    if chain.iteration is not None:
        yield "run", chain.iteration
        yield "next_iteration", chain.iteration + 1
        return
    yield "run", state.iteration
    is_beside_words = chain.place.line == state.marked_line
    if state.has_updated or (is_beside_words if is_statement else is_again):
        yield "next_iteration", state.iteration + 1
    if state.furthest > state.iteration + state.has_updated and not is_beside_words:
        yield "next_iteration", state.furthest
    if not is_beside_words and (is_statement or chain.refers_elsewhere or not state.is_begun):
        first = max(state.iteration - MOST_EARLIER, 1)
        yield from (("earlier_iteration", at) for at in range(state.iteration - 1, first - 1, -1))


def _may_be_own(
    state: PartState, view: RunView, target: str, spot: Spot, sides: Sequence[Node]
) -> bool:
    """Tell whether a name that a run has by another one, is given or updates may be the writer's.

    That is so where nothing is put in of which the run makes it: `p_2 = 2.7183/6.3248` is a share,
    and not the parameter p. An array of which a computed entry was right is the run's.
    """
    if spot[1] and view.phase(spot) == "backward" and spot[0] in state.joined.upright:
        return False
    numbers = [number for side in sides[:-1] for number in numbers_in(side)]
    if not numbers or (view.has(target) and view.phase(spot) not in ("given", "update")):
        return False
    names = {name for formula in view.formulas(spot) for name in names_in(formula)}
    used = {
        quantity
        for side in sides
        for name in names_in(side)
        for quantity, _ in view.spots(name, is_target=False)
    }
    world = RunWorld(view, state.run, state.iteration, spot, state.joined)
    either = (where.known_value(name) for where in (world, state.run) for name in names)
    values = [value for value in either if value is not None]
    return used.isdisjoint(names) and not any(
        is_one_of(number.value, values, half_place(number) or Fraction(0)) for number in numbers
    )


def _spots_of(view: RunView, target: str | None, *, is_statement: bool) -> Sequence[Spot | None]:
    """Return what a target may mean in a run; (None,) where it means nothing there.

    In `w = 0.5` w is what it is now, and then what it becomes; in an update the other way.
    """
    if target is None:
        return (None,)
    before = view.spots(target, is_target=False) if is_statement else ()
    spots = dict.fromkeys((*before, *view.spots(target, is_target=True)))
    return [*spots][:MOST_TARGETS] or [None]


def _may_begin(state: PartState, view: RunView, spot: Spot | None) -> bool:
    """Tell whether a line may begin the next iteration: a forward one, or one worked before."""
    if spot is None or view.phase(spot) not in ("backward", "update"):
        return True
    updated_names = {name for (name, _), time in state.joined.results if time == state.iteration}
    return (spot, state.iteration) in state.joined.results or updated_names.issuperset(
        view.carried.values()
    )
