"""A backward pass at one set of numbers: which of its gradients are right.

What the backward part of the code gives names is compared with the traced gradients in the order
of the program, each against what it should be for the code's own earlier values.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Collection, Container, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cached_property, lru_cache
from operator import attrgetter
from typing import Any, Final

import numpy as np

from tracer.check_code.code_breaks import is_update
from tracer.check_code.code_names import role_of
from tracer.debug.backward_report import BackwardReport, GradientOutcome
from tracer.debug.forward_replay import evaluation_with
from tracer.debug.forward_search import stored_names
from tracer.debug.gradient_names import base_name, gradient_word
from tracer.debug.named_gradients import NO_SIDES, NamedGradients, is_near, ratio_of, sums_of_some
from tracer.debug.observation import (
    COMPOUND,
    RETURNED,
    ExecutedStatement,
    Observation,
    ObservedCall,
    Version,
    arrays_in,
    expression_of,
    same_numbers,
)
from tracer.debug.other_numbers import TINY
from tracer.debug.provenance import is_part, paths_read
from tracer.errors import RunError, TracerError
from tracer.expression import Call
from tracer.program.program import names_in, needed_for
from tracer.recorded.recorded_values import AgreementRule, Departure, compare
from tracer.recorded.rounding_bounds import BoundedValue
from tracer.sentences import say

Changes = Mapping[ast.stmt, Sequence[ast.stmt]]
BLANK: Final = 1e-12  # relative to the largest gradient; below it an entry is 0
MOST_TIES: Final = 6  # up to so many ties each is examined alone


class NoGradientError(RunError):
    """After the loss the code names no gradient."""


class Examination(NamedGradients):
    """The comparison of one backward pass with the traced forward pass."""

    def __init__(
        self,
        observation: Observation,
        call: ObservedCall,
        last: ExecutedStatement,
        loss: str,
        after: float = -1,
        *,
        holds_targets: bool = False,
        sides: Mapping[int, bool] = NO_SIDES,
    ) -> None:
        super().__init__(
            observation, call, last, loss, after, holds_targets=holds_targets, sides=sides
        )
        self.rule = AgreementRule("float64", self.guarded)
        self.decays: dict[str, float] = {}  # decay rates of parameters of one number
        self.refuted: set[str] = set()  # gradients whose decay is one at these numbers only
        self.sides = sides
        self.alternatives: Sequence[Examination] = ()  # the same with other slopes at kinks
        self.chosen: dict[str, Version] = {}  # a gradient's value, in the order of the program
        self.departures: dict[str, Departure] = {}
        # Follows the code with the numbers of this examination and other statements in places, and
        # looks at the names after some.
        self.follow: Callable[[Changes, Collection[ast.stmt]], Observation] | None = None
        self.compare_gradients()

    def compare_gradients(self) -> None:
        """Compare the gradients. Raises RunError where there is none."""
        versions = self.versions()
        if not versions and not any(self.observed_updates()):
            raise NoGradientError(
                say("no gradient was found in the backward pass"),
                where=self.call.source.path,
                expected=say("names such as dW1, grad_W1 or grads['W1'] for W1"),
            )
        first: dict[str, Version] = {}
        later: dict[str, Version] = {}
        for quantity, items in versions.items():
            name = self.gradient(quantity)
            items = sorted(items, key=lambda item: item.moment.done)
            # What a function adds to a sum is no gradient yet.
            items = [item for item in items if not self.is_share(name, item)] or items
            if name in self.of_parameters:
                later.update(
                    (name, item) for item in items if not self.is_near(item.value, quantity)
                )
            first[name] = items[0]
        if first:
            self.compare_versions(first)
        if self.passed and any(item is not first[name] for name, item in later.items()):
            self.compare_versions({**first, **later})

    def compare_versions(self, chosen: Mapping[str, Version]) -> None:
        """Compare one value for each gradient, and note which departs from its equation."""
        names = {None, *self.forward.paths, *map(self.gradient, self.forward.paths)}
        recorded = dict(self.forward.seen)
        recorded.update({name: item.value for name, item in chosen.items()})
        while True:
            comparison = compare(self.trace, {1: recorded}, tolerance=self.guarded)
            departures = {  # without causes that name what the code has no name for
                item.name: item._replace(
                    causes=tuple(
                        each for each in item.causes if each.words.slots.get("name") in names
                    )
                )
                for item in comparison.departures
            }
            for name in filter(self.forward.seen.__contains__, departures):
                raise RunError(
                    say("{name} has another value when the forward pass is run again", name=name),
                    where=self.call.source.path,
                    expected=say("a forward pass that gives the same numbers each time"),
                )
            self.chosen, self.departures = {**chosen}, departures
            excused = {
                name
                for name in departures
                if any(  # then it holds something else, a sum that is divided by n later, say
                    (name not in self.of_parameters or self.ratio(name) is not None)
                    and leaf not in self.departures
                    and not self.is_blank(leaf)
                    and not self.is_blind(leaf, name, chosen[name])
                    for leaf in self.made_of(name, chosen[name])
                )
                or self.is_of_right_update(name, chosen[name])
                or (self.is_added_to(chosen[name]) and self.is_share(name, chosen[name]))
                or self.is_moved(name, chosen[name])
                or self.is_step(name, chosen[name])
                or self.is_decayed(name, chosen[name])
                or self.is_mean_of_turns(name, chosen[name])
            }
            unknown = {
                name
                for name in departures.keys() - excused
                if not self.made_of(name, chosen[name])
                and (self.is_share(name, chosen[name]) or self.is_of_none(name, chosen[name]))
            }
            self.unowned += map(chosen.__getitem__, unknown)
            if not excused | unknown:
                break
            follows = {
                name
                for name, item in departures.items()
                if item.follows == "follows" and not self.is_leaf(name)
            }
            self.scales |= {
                other.recorded / other.traced
                for other in map(departures.__getitem__, excused)
                if math.isfinite(other.recorded) and other.traced
            }
            for name in excused | unknown | follows:
                recorded.pop(name, None)
            chosen = {name: chosen[name] for name in chosen if name not in unknown}
        self.rule = AgreementRule(comparison.dtype, self.guarded)
        self.chosen = {
            name: chosen[name]
            for name in sorted(chosen, key=lambda each: self.making_place(each).moment.done)
        }

    @property
    def wrong(self) -> list[str]:
        """The gradients that are wrong by themselves, in the order of the program."""
        return [
            name
            for name in self.chosen
            if name in self.departures and self.departures[name].follows in ("first", "own")
        ]

    @property
    def passed(self) -> bool:
        """Whether no gradient is wrong."""
        return not self.wrong

    @property
    def distance(self) -> tuple[int, float]:
        """How far off its gradients are: how many, and by how much in all."""
        sizes = (
            np.abs(np.asarray(self.chosen[name].value, dtype=float) - item.expected.value).sum()
            if np.shape(self.chosen[name].value) == item.expected.value.shape
            else np.inf
            for name, item in self.departures.items()
            if name in self.chosen
        )
        return len(self.departures), float(sum(sizes))

    def report(self, wrong: Container[str]) -> BackwardReport:
        """Return the report on all gradients, of which some are wrong here or at other numbers."""
        outcomes = tuple(
            GradientOutcome(
                name,
                # What a function returns has the name of its key.
                base_name(item.path) if item.path.parts[0] == RETURNED else item.path.text,
                self.making_place(name).moment.statement,
                name not in wrong,
            )
            for name, item in self.chosen.items()
        )
        compared = {item.statement for item in outcomes}
        names = {base_name(item.path) for item in self.chosen.values()}
        uncompared = {
            item.path.text: statement
            for item in self.named
            if base_name(item.path) not in names
            and id(item) not in self.of_methods
            and not self.is_gradient(
                item.value, whole=item.moment.call is self.call and not self.is_added_to(item)
            )
            and (statement := self.provenance.making_version(item).moment.statement) not in compared
        }
        # Where a statement on the way may be wrong that gives no gradient, what it leads to is not
        # wrong by itself.
        makers = {name: self.making_place(name) for name in self.chosen}
        unknown = {id(each) for each in self.suspects} - {
            id(each.moment) for each in makers.values()
        }
        carried = {
            name
            for name, item in self.departures.items()
            if item.follows == "follows"
            or not unknown.isdisjoint(self.provenance.slice_of(makers[name]))
        }
        uncompared |= {
            item.path.text: self.provenance.making_version(item).moment.statement
            for item in self.unowned
            if not any(  # the same under another name
                same_numbers(item.value, other.value)
                and gradient_word(other.path, self.names.known)
                in (None, gradient_word(item.path, self.names.known))
                for other in self.chosen.values()
            )
        }
        return BackwardReport(
            self.call.source.path,
            outcomes,
            self.call.source.cells,
            loss=self.loss_name,
            wholes={name: self.gradient(leaf) for name, leaf in self.leaves.items()},
            uncompared=tuple(uncompared.items()),
            carried=frozenset(carried),
            missing=() if uncompared else self.without_gradient(),
        )

    def without_gradient(self, *, any_name: bool = False) -> tuple[str, ...]:
        """Return what has no gradient: parameters of whose name another has one, as W of layers.

        With `any_name` all that the loss begins with: parameters, or data where there are none.
        """
        paths = {name: self.forward.paths[name] for name in sorted(self.forward.leaves)}
        owned = {base_name(path) for name, path in paths.items() if self.has_gradient(name)}
        missing = [
            path
            for name, path in paths.items()
            if (any_name or base_name(path) in owned)
            and self.gradient(name) in self.equations
            and not self.has_gradient(name)
        ]
        trained = [path for path in missing if role_of(base_name(path)) not in ("data", "target")]
        return tuple(path.text for path in trained or missing)

    def targets(self, name: str) -> list[BoundedValue]:
        """Return the values of a gradient that count as right where only its own line changes.

        That is what its equation gives for the earlier values of the code, and for right ones.
        """
        expected = [
            each.departures[name].expected
            for each in (self, *self.alternatives)
            if name in each.departures
        ]
        return [*expected, *self.right_values(name)]

    def right_values(self, name: str) -> list[BoundedValue]:
        """Return what a gradient is, and the multiples of it that others hold on purpose.

        With each of the slopes that it may have at the edge of a ramp.
        """
        others = [
            value
            for each in self.alternatives
            if name in each.equations
            for value in each.right_values(name)
        ]
        traced = np.asarray(self.iteration[name])
        bound = 64 * self.rule.unit * np.abs(traced)
        if self.is_blank(name):
            bound = bound + BLANK * self.largest
        if name in self.departures:
            bound = np.maximum(bound, self.departures[name].expected.bound)
        scales = () if self.is_leaf(name) else self.scales
        own = [BoundedValue(traced * each, abs(each) * bound) for each in (1.0, *scales)]
        return [*own, *others]

    def has_gradient(self, leaf: str) -> bool:
        """Tell whether the code has a gradient of a leaf, or of what is read of it."""
        return any(self.leaves.get(each) == leaf for each in self.chosen)

    def making_place(self, name: str) -> Version:
        """Return where a gradient was made: in a function that its statement calls, perhaps.

        What is wrong and has the numbers of the right gradient of another quantity, it has from its
        own statement.
        """
        item = self.chosen[name]
        inner = self.provenance.making_version(item)
        is_of_another = name in self.departures and any(
            (
                same_numbers(self.chosen[other].value, item.value)
                and self.provenance.making_version(self.chosen[other]).moment is inner.moment
            )
            if other not in self.departures
            else other != name and is_near(item.value, np.asarray(self.iteration[other]))
            for other in self.chosen
        )
        return item if is_of_another else inner

    def made_of(self, name: str, part: Version) -> list[str]:
        """Return the gradients of parameters and data that are computed from a gradient."""
        maker = self.making_place(name).moment
        return [
            leaf
            for leaf, item in self.chosen.items()
            if leaf != name and self.is_leaf(leaf) and self.provenance.is_made_of(item, part, maker)
        ]

    def is_blind(self, leaf: str, name: str, part: Version) -> bool:
        """Tell whether a leaf's gradient stays the same with this value for another gradient.

        Where the inputs of a sample are 0, those of the weights show nothing of it.
        """
        right = self.iteration[name]
        if np.shape(part.value) != np.shape(right):
            return False
        values = {name: np.asarray(part.value, dtype=float)}
        evaluation = evaluation_with(lambda each: values.get(each, self.iteration[each]))
        for each in self.equations.values():
            if each.phase == "backward" and not values.keys().isdisjoint(names_in(each.expression)):
                values.setdefault(each.name, evaluation.value(each.expression).value)
        return leaf in values and is_near(values[leaf], np.asarray(self.iteration[leaf]))

    def is_of_right_update(self, name: str, part: Version) -> bool:
        """Tell whether the step along a gradient that has no name is made of a value.

        Where the value is no multiple of what its name says, the step alone can be the wrong way,
        or the value a part of the gradient of that parameter, to which another call gives the rest.
        """
        own = self.leaves.get(name)
        is_no_multiple = np.size(part.value) > 1 and self.ratio(name) is None
        return any(
            ratio < 0 and slope.size > 1
            if leaf == own
            else self.may_ascend or ratio < 0 or (slope.size > 1 and is_no_multiple)
            for leaf in self.forward.leaves
            if (is_no_multiple if leaf == own else not self.has_gradient(leaf))
            for change, slope, item in self.observed_steps(self.gradient(leaf))
            if (ratio := ratio_of(change, slope)) is not None
            and self.provenance.is_made_of(item, part)
        )

    def is_added_to(self, part: Version) -> bool:
        """Tell whether a later statement adds something to a value: it was not all yet.

        A velocity that starts at 0 adds nothing; a sum does that gets more in this pass.
        """
        return any(
            same_numbers(self.value_of(side, moment), part.value)
            and (
                any(_has_call(each) or np.any(self.value_of(each, moment)) for each in others)
                or self.grows(moment)
            )
            for moment in self.observation.moments
            if moment.done > part.moment.done and not isinstance(moment.statement, COMPOUND)
            for side, others in _addends_in(moment.statement)
        )

    def grows(self, moment: ExecutedStatement) -> bool:
        """Tell whether what a statement gives a name is another value later in this pass."""
        given = [each for each in self.changes if each.moment is moment]
        return any(
            other.path.text == each.path.text and other.moment.done > moment.done
            for each in given
            for other in self.changes
        )

    def is_blank(self, name: str) -> bool:
        """Tell whether a gradient is 0 but for rounding: of what cancels, which shows nothing."""
        return bool(np.abs(self.iteration[name]).max(initial=0) <= BLANK * self.largest)

    @cached_property
    def largest(self) -> float:
        """The largest entry of all gradients of parameters."""
        gradients = {self.gradient(leaf) for leaf in self.forward.leaves} & self.equations.keys()
        return max((float(np.abs(self.iteration[each]).max()) for each in gradients), default=0.0)

    def is_share(self, name: str, item: Version, value: Any = None) -> bool:
        """Tell whether a name that may hold a part of a gradient holds one.

        That is what comes back along some of the ways. With another `value`, whether that is one.
        """
        value = item.value if value is None else value
        shares = [
            np.asarray(self.iteration[each])
            for each in self.equations
            if each.startswith(f"{name}#")
        ]
        if not any(is_near(value, some) for some in sums_of_some(shares)):
            return False
        if not np.any(value):  # adds nothing, as beside a first state of zeros
            turns = self.provenance.versions_of(item)
            return any(np.any(each.value) and self.is_share(name, each) for each in turns)
        return self.may_be_part(name, item)

    def is_of_none(self, name: str, item: Version) -> bool:
        """Tell whether a name that only its shape gives to data holds another gradient or a part.

        `grad` is what comes back along the network, also where the data are in the loss again.
        """
        is_unnamed = gradient_word(item.path, self.names.known) is None
        return is_unnamed and name not in self.of_parameters and self.is_gradient(item.value)

    def may_be_part(self, name: str, item: Version) -> bool:
        """Tell whether a name may hold a part of a gradient: others are added to it, or may be.

        What a function was handed may be used elsewhere too, as beside a residual connection.
        Parameters of which nothing is made later, and what a loop gives again and again, are all
        its own, and so is what nothing is made of where every way back from the loss comes
        through the function: there a sum was forgotten.
        """
        turns = [each.moment.call for each in self.provenance.versions_of(item)]
        is_own = self.provenance.making_version(item).moment.call is self.call
        if self.is_added_to(item) or is_own or turns.count(item.moment.call) > 1:
            return self.is_added_to(item)
        return any(
            self.provenance.is_made_of(each, item)
            for each in (self.named if name in self.of_parameters else self.changes)
            if each.moment.done > item.moment.done and not same_numbers(each.value, item.value)
        ) or not (
            name in self.of_parameters
            or any(
                base_name(each.path) == base_name(item.path)
                and ast.unparse(each.moment.statement).startswith(f"{each.path.text} = ")
                and self.has_every_way(name, each)
                for each in self.changes
                if same_numbers(each.value, item.value)
            )
        )

    def has_every_way(self, name: str, item: Version) -> bool:
        """Tell whether all that a gradient is made of comes through the function that gives it.

        Each way from its quantity to the loss leads through the values whose gradients the function
        was handed, whichever have these numbers; or it was handed none.
        """
        names, begun = self.provenance.followed_back(item)[1][-1]
        handed = [
            value
            for text, (path, value) in arrays_in(begun.before, self.own).items()
            if any(is_part(text, each) for each in names)
            if self.provenance.last_version(value, item.moment.call.started)
            or self.provenance.computed_argument(item.moment.call, path, value)
        ]
        run = self.forward.in_full()
        equations = run.program.equations
        traced = {each.name: run.iteration(1)[each.name] for each in equations}
        quantity = next(each for each in self.forward.seen if self.gradient(each) == name)
        return not any(
            quantity in needed_for([self.loss], [each for each in equations if each is not through])
            for through in equations
            if (gradient := self.gradient(through.name)) in traced
            and any(is_near(value, np.asarray(traced[gradient])) for value in handed)
        )

    def is_moved(self, name: str, item: Version) -> bool:
        """Tell whether a gradient has the right entries at other places, in another shape.

        `dO` may be split into heads where the forward pass calls O what is put together again.
        """
        own, right = np.asarray(item.value), np.asarray(self.iteration[name])
        return (
            own.size == right.size
            and np.squeeze(own).shape not in (right.squeeze().shape, right.T.squeeze().shape)
            and np.allclose(np.sort(own, axis=None), np.sort(right, axis=None), rtol=1e-6)
        )

    def is_step(self, name: str, gradient: Version) -> bool:
        """Tell whether a multiple of a gradient is a step down it, by the update that takes it.

        `w += dw` takes the gradient the other way round, `w -= dw` one that holds the rate, and
        `w -= lr / n * dw` the sum over the samples.
        """
        own_gradient, right = np.asarray(gradient.value), np.asarray(self.iteration[name])
        ratio = ratio_of(own_gradient, right)
        if ratio is None or own_gradient.shape != right.shape:
            return False
        root = self.equations[self.loss].expression
        if (
            isinstance(root, Call)
            and root.operation == "sqrt"
            and math.isclose(ratio, 2 * float(self.iteration[self.loss]), rel_tol=1e-5)
        ):
            return True  # the gradient of the mean of squares, of which the root is printed
        for change, slope, item in self.observed_steps(name):
            is_down = self.may_ascend or float((change * slope).sum()) < 0
            changed, own = change[change != 0], own_gradient[own_gradient != 0]
            is_bare = changed.shape == own.shape and np.allclose(np.abs(changed), np.abs(own))
            if is_down and (ratio < 0 or is_bare or (ratio > 2 and self.divides(item, ratio))):
                return True
        return False

    def divides(self, item: Version, number: float) -> bool:
        """Tell whether a statement divides by a number."""
        divisors = (
            self.value_of(node.right, item.moment)
            for node in ast.walk(item.moment.statement)
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)
        )
        return any(
            each is not None and np.shape(each) == () and math.isclose(each, number, rel_tol=1e-5)
            for each in divisors
        )

    def is_mean_of_turns(self, name: str, item: Version) -> bool:
        """Tell whether a gradient is added up in the turns of a loop, divided by a count.

        The loss is then that of one turn, of a micro-batch or a sample, and this its share.
        """
        statement = item.moment.statement
        turns = [each for each in item.moment.call.moments if each.statement is statement]
        ratio = ratio_of(item.value, np.asarray(self.iteration[name]))
        return (
            is_update(statement)
            and len(turns) > len(self.provenance.versions_of(item)) == 1
            and ratio is not None
            and self.divides(item, 1 / ratio)
        )

    def is_decayed(self, name: str, item: Version) -> bool:
        """Tell whether a gradient is right but for a multiple of its parameter.

        That is weight decay, where the loss has no penalty: only one equation uses the parameter.
        """
        leaf = next((each for each in self.forward.seen if self.gradient(each) == name), None)
        if leaf is None or not self.is_leaf(name):
            return False
        uses = [one for one in self.equations.values() if leaf in names_in(one.expression)]
        if sum(one.phase in ("forward", "loss") for one in uses) > 1:
            return False
        start = np.asarray(self.forward.seen[leaf], dtype=float)
        own = np.asarray(item.value, dtype=float)
        if start.shape != own.shape or not start.any():
            return False
        more = own - np.asarray(self.iteration[name])
        ratio = float((more * start).sum() / (start * start).sum())
        scale = float(np.abs(own).max())
        if start.size == 1 and abs(more.item()) > TINY * scale:  # not of a step, `loss(w + h)`
            self.decays[name] = ratio
        return (
            0 < ratio < 1
            and name not in self.refuted
            and np.allclose(more, ratio * start, rtol=1e-6, atol=1e-9 * scale)
        )

    def ratio(self, name: str) -> float | None:
        """Return the ratio of a gradient to what it should be; None where entries differ in it."""
        if name not in self.departures:
            return 1.0
        own = np.asarray(self.chosen[name].value, dtype=float)
        return ratio_of(own, np.asarray(self.departures[name].expected.value))

    def step_ratio(self, gradient: str, other: str | None = None) -> float | None:
        """Return the ratio of the first update of a parameter to its gradient, as `ratio` does.

        Or to another gradient.
        """
        step = next(self.observed_steps(gradient), None)
        if step is None:
            return None
        return ratio_of(step[0], self.slope(other or gradient))

    @cached_property
    def suspects(self) -> list[ExecutedStatement]:
        """The statements on the way to the wrong gradients of all parameters, and to no right one.

        One slip that explains all that is wrong is in one of them; none: there are several.
        """
        leaves = [self.making_place(each) for each in self.departures if self.is_leaf(each)]
        wrong = [self.provenance.slice_of(each) for each in leaves]
        right = {
            key
            for each, version in self.chosen.items()
            if each not in self.departures and not self.is_blank(each)
            if self.is_gradient(version.value)  # not only not compared
            for key, moment in self.provenance.slice_of(
                self.provenance.making_version(version)
            ).items()
            if not isinstance(getattr(moment.statement, "value", None), ast.Tuple)  # gives others
        }
        # A sum over what cancels is right although it is made of what is wrong.
        right -= {id(self.chosen[each].moment) for each in self.departures if each in self.chosen}
        right |= self.of_loss
        end = min((each.moment.done for each in leaves), default=0)
        is_turned = any((self.ratio(each) or 0) < 0 for each in self.departures)
        return [
            moment
            for key, moment in (wrong[0] if wrong else {}).items()
            if not isinstance(moment.statement, COMPOUND)
            and moment.done <= end
            and key not in right
            and all(key in other for other in wrong)
            and not (is_turned and _is_count(moment))  # no count turns a gradient round
        ]

    def origin(self, name: str) -> Version:
        """Return what the first suspect makes of gradients that is none, or the wrong gradient.

        Where there is none, what gives only a part of one: there a way back is forgotten.
        """
        item = self.making_place(name)

        def values_read(moment: ExecutedStatement) -> list[Any]:
            before = arrays_in(moment.before, self.own)
            return [before[text][1] for text in paths_read(moment.statement) if text in before]

        on_way = [
            each
            for each in self.changes
            if each.moment.done <= item.moment.done and each.moment in self.suspects
        ]
        for whole in (False, True):
            for each in on_way:
                is_other = not self.is_gradient(each.value, whole=whole)
                if is_other and any(map(self.is_gradient, values_read(each.moment))):
                    return each
        # A name that only takes over what another one holds is not where it was made.
        return next(
            (
                each
                for each in self.changes
                if each.moment.call is item.moment.call
                and each.moment.done <= item.moment.done
                and same_numbers(each.value, item.value)
                and not self.is_gradient(each.value)
            ),
            item,
        )


def examine_at_ties(build: Callable[..., Examination]) -> Examination:
    """Return the examination with the slopes at the edges of ramps that leave the least wrong.

    `build` returns it with some `sides`. Code may use either slope there, another one in each
    layer; what is wrong with each of them is wrong.
    """
    best = build()
    examinations = [best]
    ties = () if best.passed else best.forward.ties()
    options = [dict.fromkeys(ties, side) for side in (False, True)] if ties else []
    options += [{place: side} for place in ties[:MOST_TIES] for side in (False, True)]
    for sides in options:
        with suppress(TracerError):  # the pass gives something else then
            examinations.append(build(sides={**best.sides, **sides}))
            best = min(best, examinations[-1], key=attrgetter("distance"))
        if best.passed:
            return best
    best.alternatives = [each for each in examinations if each is not best]
    return best


@lru_cache(4096)  # a loop executes each statement many times
def _addends_in(statement: ast.stmt) -> list[tuple[ast.expr, list[ast.expr]]]:
    """Return what a statement adds to something, each with that; no call, it may change more."""
    return [
        (side, [each for each in (*whole, *sides) if each is not side])
        for node in ast.walk(statement)
        for whole, sides in _sums(node)
        for side in sides
        if not _has_call(side)
    ]


def _sums(node: ast.AST) -> Iterator[tuple[list[ast.expr], list[ast.expr]]]:
    """Yield what is added to what: `c += a`, `a + b`, `sum([a, b])`, `np.add(a, b)`."""
    match node:
        case ast.BinOp(left, ast.Add(), right):
            yield [], [left, right]
            if len(terms := _terms(node)) > 2:
                yield [], terms
        case ast.AugAssign(target, ast.Add(), value):
            yield [expression_of(ast.unparse(target))], [value]
        case ast.Call(
            ast.Name("sum") | ast.Attribute(attr="sum"), [ast.List(parts) | ast.Tuple(parts), *_]
        ):
            yield [], parts
        case ast.Call(ast.Attribute(attr="add"), parts):
            yield [], parts
        case ast.Call(ast.Attribute(ast.Attribute(attr="add"), "at"), [whole, _, part]):
            yield [], [whole, part]


def _terms(node: ast.expr) -> list[ast.expr]:
    """Return the terms of a sum of several."""
    match node:
        case ast.BinOp(left, ast.Add(), right):
            return [*_terms(left), *_terms(right)]
    return [node]


def _has_call(node: ast.expr) -> bool:
    return any(isinstance(part, ast.Call) for part in ast.walk(node))


def _is_count(moment: ExecutedStatement) -> bool:
    """Tell whether a statement only names whole numbers."""
    values = [moment.after.get(name) for name in stored_names(moment.statement)]
    return bool(values) and all(isinstance(value, (int, np.integer)) for value in values)
