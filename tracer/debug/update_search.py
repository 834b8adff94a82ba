"""The slip behind a wrong update: a step that does not go down its gradient as it should.

Uphill, along another gradient, or otherwise than the updates of other parameters are made.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, islice
from typing import Any, Final, NamedTuple

import numpy as np

from tracer.debug.backward_report import BackwardReport, GradientOutcome
from tracer.debug.examination import Examination
from tracer.debug.gradient_names import base_name
from tracer.debug.mutations import Mutation
from tracer.debug.named_gradients import TURNED, is_near
from tracer.debug.observation import (
    ExecutedStatement,
    ValuePath,
    Version,
    expression_of,
    same_numbers,
)
from tracer.debug.parameter_steps import NEAR, ParameterStep, are_bounded, is_no_decay
from tracer.debug.provenance import paths_read
from tracer.debug.slip_search import (
    WORDS,
    SlipSearch,
    StatementChange,
    form_of,
    outcome_of,
    stepped_as_others,
    stepped_value,
)
from tracer.recorded.rounding_bounds import BoundedValue
from tracer.sentences import say

MOST_ROUNDED: Final = 0.01  # relative rounding error above which a step's rate is unknown


class UsualStep(NamedTuple):
    """How a parameter is updated beside others: its rate at each set of numbers."""

    rates: tuple[float | None, ...]  # None where there is none
    gradient: str
    item: Version  # the version that the update makes


@dataclass
class WrongUpdates:
    """The updates of a pass that are not right, by what is wrong, each with what it gives."""

    report: BackwardReport
    crossed: list[tuple[GradientOutcome, Version, str]] = field(default_factory=list)
    twice: list[tuple[GradientOutcome, Version]] = field(default_factory=list)
    astray: list[tuple[GradientOutcome, Version]] = field(default_factory=list)
    uphill: list[tuple[GradientOutcome, Version]] = field(default_factory=list)
    unknown: list[tuple[str, Version]] = field(default_factory=list)
    unmoved: list[str] = field(default_factory=list)

    def note(
        self,
        gradient: str,
        item: Version,
        *,
        name: str = "",
        taken: str = "",
        is_right: bool = False,
    ) -> GradientOutcome:
        """Add a wrong update to the report, under the name of its parameter or another one."""
        outcome = GradientOutcome(
            gradient, name or item.path.text, item.moment.statement, is_right, True, taken
        )
        self.report = self.report._replace(outcomes=(*self.report.outcomes, outcome))
        return outcome

    def report_hiding_others(self, *wrong: tuple[GradientOutcome, Version]) -> BackwardReport:
        """Return the report, which says of more than one wrong statement that there are others."""
        statements = {each.statement for each, _ in wrong}
        return self.report._replace(hides_others=len(statements) > 1 or bool(self.uphill))


class UpdateSearch(SlipSearch):
    """The search for a slip where all gradients are right: in what is done with them."""

    def updates(self, report: BackwardReport) -> BackwardReport:
        """Look whether the updates that were seen go down the gradient.

        Where a step is no gradient by its name, that is known if it is a multiple of it.
        """
        found = self.wrong_updates(report)
        if found.crossed:
            return self.report_crossed(found)
        for gradient, item in [] if found.uphill else found.unknown:
            change = self.change_of_step(item)
            if change is not None:
                outcome = found.note(gradient, item)
                missing = tuple(name for name in report.missing if name != item.path.text)
                return self.place_slip(
                    found.report._replace(missing=missing), outcome, None, item, change
                )
        if found.twice:
            return self.report_twice(found)
        if found.astray:
            return self.report_astray(found)
        return self.report_uphill(found) if found.uphill else found.report

    def wrong_updates(self, report: BackwardReport) -> WrongUpdates:
        """Return the updates that are not right, by what is wrong, and note the forms of others."""
        found = WrongUpdates(report)
        seen: dict[str, Version] = {}
        for change, slope, item in sorted(
            self.here.observed_updates(), key=lambda step: step[2].moment.done
        ):
            gradient = self.here.gradient(self.here.updated_leaf(item) or "")
            if seen.setdefault(gradient, item) is not item:
                continue
            found.twice += [
                (found.note(gradient, again), again)
                for again in self.here.changes
                if _is_again(item, again, np.asarray(item.value) - change)
            ]
            ratios = [at.step_ratio(gradient) for at in (self.here, *self.others)]
            is_compared = self.here.has_gradient(self.here.leaves[gradient])
            if not is_compared and None in ratios:
                missing = (*found.report.missing, item.path.text)
                found.report = found.report._replace(missing=missing)
                found.unknown.append((gradient, item))
                continue
            taken = self.gradient_used(gradient, item)
            if taken is not None:
                own = self.here.chosen[taken.removesuffix(TURNED)].path.text
                name = f"{own}{TURNED}" if taken.endswith(TURNED) else own
                found.crossed.append((found.note(gradient, item, taken=name), item, taken))
                continue
            is_down = (
                self.here.may_ascend
                or float((change * slope).sum()) <= 0
                or self.here.is_blank(gradient)
            )
            goes_anywhere = not is_down and is_compared and not self.is_mirrored(gradient)
            if is_compared and (goes_anywhere or self.is_astray(gradient, item)):
                found.astray.append((found.note(gradient, item), item))
            elif not is_down:
                found.uphill.append((found.note(gradient, item), item))
            else:
                inner = self.here.provenance.making_version(item)
                self.right_forms |= {
                    form_of(moment.statement)
                    for moment in self.here.provenance.followed_back(inner)[0]
                }
                if not is_compared:
                    found.note(gradient, item, is_right=True)
        for gradient, taking in self.gradients_without_update(
            {self.here.leaves.get(each) for each in seen}
        ):
            name = self.here.forward.paths[self.here.leaves[gradient]].text
            if taking is None:
                found.report = found.report._replace(unmoved=(*found.report.unmoved, name))
                found.unmoved.append(gradient)
            else:
                found.astray.append((found.note(gradient, taking, name=name), taking))
        return found

    def report_crossed(self, found: WrongUpdates) -> BackwardReport:
        """Return the report with the first update that takes the gradient of another parameter."""
        outcome, item, taken = found.crossed[0]
        step = partial(_stepped_along, outcome.quantity, taken)
        change = self.change_of(item, step, kind="wrong_substitution")
        has_others = len(found.crossed) > 1 or bool(found.uphill)
        report = found.report._replace(hides_others=has_others)
        return self.place_slip(
            report, outcome, None, self.here.provenance.making_version(item), change
        )

    def report_twice(self, found: WrongUpdates) -> BackwardReport:
        """Return the report with the first step that another statement has taken before."""
        outcome, item = found.twice[0]
        options = (self.change_to_update(each, item, outcome.quantity) for each in found.unmoved)
        report = found.report_hiding_others(*found.twice, *found.astray)
        return self.place_slip(report, outcome, None, item, next(filter(None, options), None))

    def report_astray(self, found: WrongUpdates) -> BackwardReport:
        """Return the report with the first step that is not made as those of other parameters."""
        outcome, item = found.astray[0]
        is_here = any(each is item for each in self.here.changes)
        change = self.change_to_usual_form(outcome.quantity, item) if is_here else None
        report = found.report_hiding_others(*found.astray)
        return self.place_slip(
            report, outcome, None, self.here.provenance.making_version(item), change
        )

    def report_uphill(self, found: WrongUpdates) -> BackwardReport:
        """Return the report with the first update that goes up its gradient, and those like it."""
        # What a second pass starts with was made by the wrong step: momentum, averages.
        self.others = [at for at in self.others if at.observation is not self.here.observation]
        turned = [
            (outcome, self.change_of(item, _mirrored_update, kind="sign_error"))
            for outcome, item in found.uphill
            if self.is_mirrored(outcome.quantity)
        ]
        outcome, item = found.uphill[0]
        first = dict(turned).get(outcome)
        report = self.place_slip(
            found.report, outcome, None, self.here.provenance.making_version(item), first
        )
        if not turned or turned[0][0] is not outcome:  # the first wrong step is no mirrored one
            statements = {each.statement for each, _ in found.uphill}
            return report._replace(hides_others=len(statements) > 1)
        alike = [
            (outcome, None if change is None else change.mutation) for outcome, change in turned[1:]
        ]
        return report._replace(ratio=-1.0, alike=tuple(alike))

    def gradients_without_update(
        self, updated: Container[str | None]
    ) -> Iterator[tuple[str, Version | None]]:
        """Yield the gradients of parameters that no update was seen of, where those of others are.

        Each with what takes the place of the parameter all the same, or None: `W = lr * dW` loses
        its old value; a wrong step may be 0 at the first numbers.
        """
        for gradient, taken in self.here.chosen.items():
            leaf = self.here.leaves.get(gradient)
            if (
                gradient not in self.here.of_parameters
                or leaf in updated
                or self.here.is_blank(gradient)
            ):
                continue
            usual = self.usual_step(gradient)
            if usual is None:
                continue
            anew = (
                item
                for item in self.here.changes
                if self.here.forward.names.get(item.path.text) == leaf
                and self.here.provenance.is_drawn_anew(item)
                and self.here.provenance.is_made_of(item, taken)
            )
            elsewhere = (
                item
                for at, rate in zip(self.others, usual.rates[1:], strict=True)
                for _, _, item in islice(at.observed_steps(gradient), 1)
                if at.step_ratio(gradient) != rate
            )
            yield gradient, next(chain(anew, elsewhere), None)

    def first_steps(self, gradient: str) -> list[ParameterStep]:
        """Return the first step of a parameter in all, at each set of numbers where it takes one.

        What a second pass starts with was made by the first: momentum, averages.
        """
        sets = (at for at in self.others if at.observation is not self.here.observation)
        return [step for at in (self.here, *sets) if (step := step_of(at, gradient))]

    def is_mirrored(self, gradient: str) -> bool:
        """Tell whether a step goes down its gradient when it is turned round, in each entry."""
        steps = self.first_steps(gradient)
        return all(each._replace(change=-each.change).is_down for each in steps)

    def usual_step(self, gradient: str) -> UsualStep | None:
        """Return how others step down their gradients, by the rate at each set of numbers.

        Two others that share it show it, or the only one where it is the same everywhere; none for
        an optimizer whose steps are no multiples of gradients. Those of momentum are it at first.
        """
        shared = defaultdict(list)
        for each in self.here.chosen:
            if each != gradient and each in self.here.of_parameters:
                rates = tuple(at.step_ratio(each) for at in (self.here, *self.others))
                shared[rates].append(each)
        rates, names = max(shared.items(), key=lambda item: len(item[1]), default=((), []))
        is_shown = len(names) > 1 or (len(shared) == 1 and len({*rates}) == 1)
        is_known = bool(rates) and rates[0] is not None
        if not (is_shown and is_known and all(each is None or each < 0 for each in rates)):
            return None
        _, _, item = next(self.here.observed_steps(names[0]))
        return UsualStep(rates, names[0], item)

    def work_between(self, gradient: str, item: Version) -> int:
        """Return how many values are made of a gradient before the step that takes it."""
        taken, last = self.here.chosen[gradient], self.here.provenance.making_version(item).moment
        moments = self.here.provenance.slice_of(item)
        return sum(
            each.path == taken.path
            or (id(each.moment) in moments and self.here.provenance.is_made_of(each, taken))
            for each in self.here.changes
            if taken.moment.done < each.moment.done < item.moment.done and each.moment is not last
        )

    def is_astray(self, gradient: str, item: Version) -> bool:
        """Tell whether a step is no multiple of its gradient where those of others are.

        Or the whole gradient, without a rate. Another rate, weight decay, and what more is done
        than for others, in this statement or before it, are on purpose.
        """
        own = self.here.chosen.get(gradient)  # not that of a row
        if own is None or not is_near(own.value, np.asarray(self.here.iteration[gradient])):
            return False
        taken = self.first_steps(gradient)
        is_foreign = self.is_of_others_alone(gradient, item)
        is_repeated = all(each.is_repeated for each in taken) and self.is_spread(gradient, item)
        is_odd = is_foreign or is_repeated
        if (is_odd and not all(each.is_down for each in taken)) or is_no_decay(taken):
            return True
        usual = self.usual_step(gradient)
        if usual is None:
            return False
        last, other = (
            self.here.provenance.making_version(each).moment for each in (item, usual.item)
        )
        more = _length_of(last.statement) - _length_of(other.statement)
        work = self.work_between(gradient, item)
        is_longer = more > 0 or work > self.work_between(usual.gradient, usual.item)
        if is_longer and not is_foreign:
            return False
        at_sets = zip((self.here, *self.others), usual.rates, strict=True)
        sets = [(at, rate) for at, rate in at_sets if rate is not None]
        steps = [next(at.observed_steps(gradient), None) for at, _ in sets]
        taking = [_rate_of(*each) for each in steps if each is not None]
        if len(taking) < len(steps) or any(near > MOST_ROUNDED for _, near in taking):
            return False
        near = max(near for _, near in taking)
        both = zip(taking, sets, strict=True)
        relations = [rate / each for (rate, _), (_, each) in both if rate is not None]
        if len(relations) < len(taking) or np.ptp(relations) > near * np.abs(relations).max():
            seen = [step for at, _ in sets if (step := step_of(at, gradient))]
            return is_foreign or not are_bounded(seen, [rate for _, rate in sets])
        is_whole = all(rate is not None and abs(rate + 1) < near for rate, _ in taking)
        return more < 0 and is_whole and {*usual.rates} != {-1.0}

    def is_spread(self, gradient: str, item: Version) -> bool:
        """Tell whether a sum in a step spreads a term along axes that it lacks.

        Who wants the same step in all entries writes `* np.ones_like(b)`.
        """
        inner = self.here.provenance.making_version(item)
        return any(
            np.shape(self.here.value_of(one, moment)) != np.shape(self.here.value_of(other, moment))
            for moment in self.here.provenance.followed_back(inner)[0]
            if moment.done > self.here.chosen[gradient].moment.done
            for one, other in _joined_in(moment.statement)
        )

    def is_of_others_alone(self, gradient: str, item: Version) -> bool:
        """Tell whether a step is made of the gradients of other parameters and not of its own."""
        made_of = {
            name
            for name, version in self.here.chosen.items()
            if name in self.here.of_parameters and self.here.provenance.is_made_of(item, version)
        }
        return bool(made_of) and gradient not in made_of

    def gradient_used(self, gradient: str, item: Version) -> str | None:
        """Return the gradient that an update takes in the place of its own, which is there too.

        It must be a multiple of that one and not of its own, and be computed from it: the steps of
        Adam are multiples of nearly any gradient of two entries. Or it is its own one, transposed.
        """
        is_number = (
            np.size(self.here.iteration[gradient]) == 1
        )  # one number is a multiple of any other

        def is_taken(other: str) -> bool:
            rates = (
                (at.step_ratio(gradient), at.step_ratio(gradient, other), at.step_ratio(other))
                for at in (self.here, *self.others)
            )
            return all(
                rate is not None and (rate == usual != right if is_number else right is None)
                for right, rate, usual in rates
            )

        made_of = [
            name
            for name, version in self.here.chosen.items()
            if self.here.provenance.is_made_of(item, version)
        ]
        others = (each for each in made_of if each in self.here.of_parameters and each != gradient)
        options = [f"{gradient}{TURNED}"] if gradient in made_of else []
        options += [] if is_number and gradient in made_of else others
        return next(filter(is_taken, options if gradient in self.here.chosen else ()), None)

    def change_to_update(self, gradient: str, item: Version, taken: str) -> StatementChange | None:
        """Return the change of a step that was taken already to that of what nothing updates."""
        leaf, statement = self.here.leaves[gradient], item.moment.statement
        one, own = base_name(item.path), base_name(self.here.forward.paths[leaf])
        path, text = (
            WORDS.sub(lambda match: match[0].replace(one, own), each)
            for each in (item.path.text, ast.unparse(statement))
        )
        words = say("{name} belongs here, not {other}", name=path, other=item.path.text)
        mutation = Mutation("wrong_substitution", words, statement, ast.parse(text).body)
        made = item._replace(path=ValuePath(path, (own,)))
        value = outcome_of(self.here, item.moment, made, mutation)
        rate = self.here.step_ratio(taken)
        is_right = rate is not None and self.gives_target(
            value, [stepped_value(self.here, leaf, rate)], value
        )
        return StatementChange(item.moment, mutation) if is_right else None

    def change_to_usual_form(self, gradient: str, item: Version) -> StatementChange | None:
        """Return the change with which an update is written like that of another parameter.

        A known slip that leads to one says what is wrong; any other change comes last.
        """
        usual, change = self.usual_step(gradient), None
        if is_no_decay(self.first_steps(gradient)):
            change = self.change_of(item, _decayed_update, kind="sign_error")
        rates = {
            self.here.step_ratio(each) for each in self.here.chosen.keys() & self.here.of_parameters
        }
        is_unknown = self.here.step_ratio(gradient) == -1 and len(rates - {None, -1.0}) > 1
        if change is not None or usual is None or is_unknown:  # any of several rates may be meant
            return change
        others = zip(self.others, usual.rates[1:], strict=True)
        self.others = [at for at, rate in others if rate is not None]
        statement = self.here.provenance.making_version(usual.item).moment.statement
        form, moment = form_of(statement), self.here.provenance.making_version(item).moment
        one, own = base_name(usual.item.path), base_name(item.path)  # W2 and W1; vW2 and vW1
        text = WORDS.sub(lambda match: match[0].replace(one, own), ast.unparse(statement))
        if ast.unparse(moment.statement) == text:  # what it takes was made wrong
            return self.change_of(
                item,
                stepped_as_others,
                accepts=lambda mutation: mutation.statement is not moment.statement,
            )
        change = self.change_of(
            item,
            stepped_as_others,
            accepts=lambda mutation: form in map(form_of, mutation.statements),
        )
        if change is None and not self.work_between(usual.gradient, usual.item):  # no momentum
            change = self.change_of_operand(gradient, item)
        if change is not None:
            return change
        words = say("it is not made like the update of {name}", name=usual.item.path.text)
        alike = Mutation("wrong_formula", words, moment.statement, ast.parse(text).body)
        if self.holds(alike, item, stepped_as_others, is_update=True):
            return StatementChange(moment, alike)
        return self.change_of(item, stepped_as_others)

    def change_of_operand(self, gradient: str, item: Version) -> StatementChange | None:
        """Return the change of a name with which a step is a multiple of its gradient.

        The same one everywhere: the rate that is written there stays.
        """
        start = np.asarray(self.here.forward.seen[self.here.leaves[gradient]], dtype=float)
        own = self.here.chosen[gradient].value

        def holds(mutation: Mutation, moment: ExecutedStatement) -> bool:
            value = outcome_of(self.here, moment, item, mutation)
            if value is None or np.shape(value) != start.shape or not np.isfinite(value).all():
                return False
            rate, near = _rate_of(value - start, self.here.slope(gradient), item)
            return (
                rate is not None
                and rate < 0
                and abs(rate + 1) > near  # the bare gradient has lost its rate
                and any(
                    same_numbers(self.here.value_of(expression_of(text), moment), own)
                    for statement in mutation.statements
                    for text in paths_read(statement)
                )
                and self.holds(mutation, item, partial(_stepped_by, rate), is_update=True)
            )

        return self.first_change(
            [self.here.provenance.making_version(item).moment],
            lambda moment, unlikely: self.options(moment, unlikely, "wrong_substitution"),
            holds,
        )


def _is_again(first: Version, item: Version, start: Any) -> bool:
    """Tell whether a statement takes the step that another one took of a parameter before it."""
    if first.path != item.path or first.moment.call is not item.moment.call:
        return False
    step, more = np.asarray(first.value) - start, np.asarray(item.value) - first.value
    near = NEAR * np.abs(step).max(initial=0)
    is_same = bool(near and np.abs(more - step).max() <= near)
    return is_same and first.moment.statement is not item.moment.statement


def step_of(at: Examination, gradient: str) -> ParameterStep | None:
    """Return how a parameter is changed first at some numbers; None where it is not."""
    return next(
        (
            ParameterStep(change, slope, np.asarray(item.value, dtype=float) - change)
            for change, slope, item in at.observed_steps(gradient)
            if change.any()
        ),
        None,
    )


def _joined_in(statement: ast.stmt) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Yield what a statement adds or subtracts, each with that from which it does."""
    for node in ast.walk(statement):
        match node:
            case ast.BinOp(one, ast.Add() | ast.Sub(), other):
                yield one, other
            case ast.AugAssign(target, ast.Add() | ast.Sub(), other):
                yield expression_of(ast.unparse(target)), other


def _length_of(statement: ast.stmt) -> int:
    """Return how much a statement does: its operands, operators and calls."""
    return sum(isinstance(node, (ast.expr, ast.operator)) for node in ast.walk(statement))


def _rate_of(change: Any, slope: Any, item: Version) -> tuple[float | None, float]:
    """Return by what a step multiplies its gradient, and how near that is known.

    None where it is no multiple. A step that is small beside the parameter is rounded with it.
    """
    size = float(np.abs(change).max())
    if not size or not slope.any():
        return None, np.inf  # a step or a gradient of 0 shows nothing
    unit = float(np.finfo(np.result_type(item.value, np.float16)).eps)
    near = 1e-5 + 64 * unit * float(np.abs(item.value).max()) / size
    rate = float(np.vdot(change, slope) / np.vdot(slope, slope))
    return (rate if np.abs(change - rate * slope).max() <= near * size else None), near


def _mirrored_update(at: Examination, version: Version) -> list[BoundedValue]:
    """Return the result of the update with the sign of its step reversed."""
    start = np.asarray(at.forward.seen[at.updated_leaf(version) or ""])
    bound = at.rule.unit * 64 * np.abs(start)
    return [BoundedValue(2 * start - np.asarray(version.value, dtype=float), bound)]


def _decayed_update(at: Examination, version: Version) -> list[BoundedValue]:
    """Return the result of the update with the sign of its decay reversed."""
    leaf = at.updated_leaf(version)
    step = None if leaf is None else step_of(at, at.gradient(leaf))
    if step is None or step.shares is None or step.shares[1] > 0:
        return []
    right = step.start + step.change + 2 * step.shares[1] * step.start
    return [BoundedValue(right, np.asarray(step.size))]


def _stepped_by(rate: float, at: Examination, version: Version) -> list[BoundedValue]:
    """Return what an update would give that takes a rate down its gradient."""
    leaf = at.updated_leaf(version)
    return [] if leaf is None else [stepped_value(at, leaf, rate)]


def _stepped_along(
    gradient: str, taken: str, at: Examination, version: Version
) -> list[BoundedValue]:
    """Return what an update would give that takes its own gradient, not another one."""
    start = np.asarray(at.forward.seen[at.updated_leaf(version) or ""])
    step = np.asarray(version.value, dtype=float) - start
    other = at.slope(taken)
    rate = np.vdot(step, other) / np.vdot(other, other)
    right = start + rate * np.asarray(at.iteration[gradient])
    return [BoundedValue(right, 64 * at.rule.unit * (np.abs(start) + np.abs(right)))]
