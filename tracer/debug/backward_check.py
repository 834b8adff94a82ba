"""A person's own backward pass beside the traced gradients: the first wrong one, and its slip.

The code is examined at its own numbers, in the second pass of a training too, and at others of the
same shapes. What is wrong at its own is wrong. What is right there and not at the others may be
right by chance, where no gate is closed or an input is 1; or the code relies on what only its own
numbers have, labels that fit a table of ones, say. Nobody can know which, so it is said and not
counted as wrong.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import chain
from typing import Final

import numpy as np

from tracer.check_code.code_names import role_of
from tracer.debug.backward_report import BackwardReport, join_reports, name_list
from tracer.debug.examination import Examination, NoGradientError, examine_at_ties
from tracer.debug.forward_search import Candidate, find_losses, pass_bounds
from tracer.debug.gradient_names import base_name
from tracer.debug.observation import COMPOUND, Observation, ObservedCall
from tracer.debug.other_numbers import SEEDS, OtherNumbers
from tracer.debug.update_search import UpdateSearch
from tracer.errors import RunError, TracerError
from tracer.sentences import say

MOST_WORK: Final = 20_000  # statements that the search for the slip may execute

Walk = Callable[..., Observation]  # follows the code at other numbers or with changed statements


def examine(
    observation: Observation,
    wanted: Callable[[ObservedCall], bool] | None,
    walk: Walk,
    *,
    is_followed: bool = False,
    most_work: int = MOST_WORK,
) -> BackwardReport:
    """Return the report on what was seen, and on the same code at other numbers.

    `wanted` picks the call that computes the loss; `walk` follows the code at other numbers;
    `is_followed`: with changed statements too. Where there are several losses, each with gradients
    of its own, as of two networks that play against each other, each is examined; one that cannot
    be traced is listed as not compared. Raises TracerError where that is the first.
    """
    mains, others = find_losses(observation, wanted)
    examined = [_examine_largest(observation, mains)]
    untraced: list[tuple[str, ast.stmt]] = []
    for other in others:
        known = {id(item.moment) for each in examined for item in each.chosen.values()}
        is_part = any(id(other.last) in each.of_loss for each in examined)
        if is_part or other.gradients <= known:
            continue
        try:
            stated = _examine_loss(observation, other)
        except NoGradientError:  # a loss that is printed only
            continue
        except Exception:  # noqa: BLE001 - whatever a second loss is: it is listed
            untraced.append((other.name, other.last.statement))
            continue
        if known.isdisjoint(id(item.moment) for item in stated.chosen.values()):
            examined.append(stated)
    examined.sort(key=lambda each: each.forward.last.done)
    reports = [
        _report_on(stated, walk, is_followed=is_followed, most_work=most_work)
        for stated in examined
    ]
    report = join_reports(reports)
    return report._replace(uncompared=(*report.uncompared, *untraced))


def _examine_largest(observation: Observation, candidates: Sequence[Candidate]) -> Examination:
    """Return the examination of a loss, or of what calls for it, with the most gradients.

    What calls is looked at where gradients are left for which the loss alone has no value.
    """
    found: Examination | None = None
    fault: TracerError | None = None
    for candidate in candidates:
        if found is not None and len(found.chosen) >= len(candidate.gradients):
            break
        try:
            stated = _examine_loss(observation, candidate)
        except TracerError as error:
            fault = fault or error
            continue
        if found is None or len(stated.chosen) > len(found.chosen):
            found = stated
    if found is None:
        assert fault is not None
        raise fault
    return found


def _examine_loss(observation: Observation, candidate: Candidate) -> Examination:
    """Return the examination of the gradients of a loss.

    Whether the targets are held, as those of a value function are, the code does not say: they are
    where fewer gradients are wrong then, and none is lost.
    """
    build = partial(Examination, observation, candidate.call, candidate.last, candidate.name)
    stated = examine_at_ties(build)
    if (stated.passed and not stated.unowned) or not stated.forward.has_targets:
        return stated
    try:
        held = examine_at_ties(partial(build, holds_targets=True))
    except TracerError:  # the loss is made of what is called a target alone
        return stated
    is_whole = stated.chosen.keys() <= held.chosen.keys()
    return held if is_whole and len(held.departures) <= len(stated.departures) else stated


def _report_on(
    stated: Examination, walk: Walk, *, is_followed: bool, most_work: int
) -> BackwardReport:
    """Return the report on the gradients of one loss."""
    own = [stated, *_examine_second_pass(stated)]
    others = list(_examine_other_numbers(stated, walk, is_followed=is_followed))
    _refute_decays([stated, *others])
    is_right_as_written = all(item.passed for item in own)
    if not is_right_as_written:
        # Where more is wrong at other numbers, they are numbers that the code is not made for.
        found = {name for item in own for name in item.departures}
        others = [item for item in others if found.issuperset(item.wrong)]
    every = others if is_right_as_written else own
    wrong = {name for item in every for name in item.wrong if name in stated.chosen}
    order = list(stated.chosen)
    failing = sorted(
        (item for item in every if not item.passed), key=lambda item: order.index(item.wrong[0])
    )
    first = failing[0] if failing else stated
    search = UpdateSearch(first, [item for item in (*own, *others) if item is not first], most_work)
    report = first.report(wrong | set(first.departures))
    if not failing:
        report = search.updates(report)
        if not report.outcomes:  # steps of which nobody knows what they are
            raise RunError(
                say("no gradient was found for {names}", names=name_list(report.missing)),
                where=report.path,
            )
        is_whole = any(stated.is_leaf(item.quantity) for item in report.outcomes)
        # Gradients on the way are right; what they are for was not seen, as it has no such name.
        return (
            report if is_whole else report._replace(missing=stated.without_gradient(any_name=True))
        )
    return search.locate_slip(report)._replace(is_right_as_written=is_right_as_written)


def _refute_decays(examinations: Sequence[Examination]) -> None:
    """Refute the decay of a parameter of one number that has not the same rate at other numbers.

    Any difference of one number is a multiple of it: only a second one shows that it decays. The
    next pass shows nothing, as a rate may follow a schedule.
    """
    for name in {name for item in examinations for name in item.decays}:
        rates = [item.decays.get(name, np.nan) for item in examinations]
        if not np.allclose(rates, rates[0], rtol=1e-6):
            for item in examinations:
                item.refuted.add(name)
                item.scales.clear()
                item.compare_gradients()


def _examine_second_pass(stated: Examination) -> Iterator[Examination]:
    """Yield the examination of the second pass of a training, where there is one.

    Its loss is given by as many executions of the same statement again as that of the first. A
    sum over samples in a loop is no training: no parameter changes in between.
    """
    if not any(stated.observed_updates()):
        return
    last = stated.forward.last
    same = [item for item in stated.observation.moments if item.statement is last.statement]
    place = 2 * same.index(last) + 1
    if place >= len(same) or same[place].done < 0:
        return
    again = same[place]
    name = stated.loss_name if stated.loss_name != stated.call.name else ""
    try:
        after, _ = pass_bounds(stated.observation, again.call, again)
        other = examine_at_ties(
            partial(
                Examination,
                *(stated.observation, again.call, again, name, after),
                holds_targets=stated.holds_targets,
            )
        )
    except Exception:  # noqa: BLE001 - whatever a second pass is of code that is not a training
        return
    if _is_comparable(stated, other):
        yield other


def _is_comparable(stated: Examination, other: Examination) -> bool:
    """Tell whether the same statements give the same gradients, of a loss that is a number.

    Their order may be another one: where a parameter is 1, a gradient is found earlier. That of
    data, by which nothing is changed, may be told by its numbers alone.
    """
    of_data = {
        each.gradient(leaf)
        for each in (stated, other)
        for leaf in each.forward.leaves
        if role_of(base_name(each.forward.paths[leaf])) in ("data", "target")
    }
    made, again = (
        {name: item.moment.statement for name, item in each.chosen.items() if name not in of_data}
        for each in (stated, other)
    )
    return bool(np.isfinite(other.iteration[other.loss]).all()) and made == again


def _examine_other_numbers(
    stated: Examination, walk: Walk, *, is_followed: bool
) -> Iterator[Examination]:
    """Yield examinations of the same code at other numbers, where its forward pass allows them."""
    statements = {
        moment.statement
        for moment in stated.observation.moments
        if moment.done <= stated.forward.last.done and not isinstance(moment.statement, COMPOUND)
    }
    names = frozenset(
        node.id if isinstance(node, ast.Name) else node.attr
        for node in chain.from_iterable(map(ast.walk, statements))
        if isinstance(node, (ast.Name, ast.Attribute)) and isinstance(node.ctx, ast.Load)
    )
    paths = stated.forward.paths
    parameters = frozenset(
        base_name(paths[leaf])
        for leaf in stated.forward.leaves
        if stated.gradient(leaf) in stated.of_parameters.intersection(stated.chosen)
    )
    for seed in SEEDS:
        for keeps_signs in (False, True):
            numbers = partial(OtherNumbers, seed, names, parameters, keeps_signs=keeps_signs)
            try:
                other = _examine_walk(stated, walk(numbers()))
            except Exception:  # noqa: BLE001 - whatever the code does with numbers it was not made for
                continue
            if other is not None:
                if is_followed:
                    other.follow = lambda *what, drawn=numbers: walk(drawn(), *what)
                yield other
                break


def _examine_walk(stated: Examination, observation: Observation) -> Examination | None:
    """Return the examination of another walk; None where the code went another way there."""
    statement = stated.forward.last.statement
    mains, others = find_losses(
        observation, lambda call: any(item.statement is statement for item in call.moments)
    )
    found = next((item for item in (*mains, *others) if item.last.statement is statement), None)
    if found is None:
        return None
    other = examine_at_ties(
        partial(
            Examination,
            *(observation, found.call, found.last, found.name),
            holds_targets=stated.holds_targets,
        )
    )
    return other if _is_comparable(stated, other) else None
