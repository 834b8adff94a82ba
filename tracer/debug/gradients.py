"""Gradients that code computes, held against the derivative of the loss that it computes.

A value is a gradient by its name (`dw`, `grad_b`, `dloss_dw`), or by the update that uses it.
Gradient and update are judged together: `y - y_hat` with `w += …` goes downhill. What differs by
a factor in one of several ways of reading the code counts as right if one way makes it right.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Final, NamedTuple

from tracer.check_code.code_names import (
    GRADIENTS,
    SHORT_LOSSES,
    gradient_of,
    is_loss,
    role_of,
    words_of,
)
from tracer.debug.gradient_ratio import (
    SEEDS,
    GradientFactor,
    Trials,
    factor_of,
    ratio_of,
    same,
)
from tracer.debug.tracing import FAILURES, Event, Opaque, StatedQuantity, Tracing
from tracer.expression.syntax import Name
from tracer.program.recorder import Tracer
from tracer.sentences import Text

__all__ = ["CodeGradients", "GradientComparison", "GradientVerdict"]

MOST_LOSSES = 5
MOST_GRADIENTS = 24
ASCENDING: Final = ("ascent", "climb", "likelihood", "reward", "maximi", "上升", "最大化")


class GradientVerdict(NamedTuple):
    """What was found of a gradient, or of an update (`of_update`).

    `factors` are the simplest that explain the ratio; none: `ratio`, a constant, or no constant.
    """

    factors: tuple[GradientFactor, ...]
    ratio: float | None = None
    of_update: bool = False

    @property
    def is_right(self) -> bool:
        """Whether it is the derivative of the loss."""
        return any(factor.is_right for factor in self.factors)


class GradientComparison(NamedTuple):
    """A gradient that was compared: its name, where it was computed, of which loss."""

    name: str
    node: ast.stmt | ast.expr
    function: str
    loss: Event
    verdict: GradientVerdict | None  # None: it cannot be judged
    shapes: Text = ""  # what does not fit, where an array's shape is wrong


class CodeGradients:
    """All gradients of one walk over the code."""

    def __init__(self, tracing: Tracing, names: frozenset[str], text: str) -> None:
        self.tracing = tracing
        self.names = names
        self.text = text
        self.trials: dict[tuple[int, bool], Trials | None] = {}
        self.kept: list[Tracer] = []  # whose id is a key of the trials

    # What there is ------------------------------------------------------------------------------

    @cached_property
    def losses(self) -> list[Event]:
        """The losses, the last of each name, in the order in which they were computed."""
        last: dict[tuple[str, str, int], Event] = {}
        for event in self.tracing.events:
            value = event.value
            if event.update is not None or not is_loss(event.name):
                continue
            if not isinstance(value, Tracer) or value.place < 0:
                continue
            if not value.shape or event.name not in SHORT_LOSSES:
                key = event.name, event.function, id(event.node)
                last.pop(key, None)
                last[key] = event
        return list(last.values())[-MOST_LOSSES:]

    @cached_property
    def updates(self) -> list[Event]:
        """The updates of parameters, the last of each."""
        found = {id(event.update): event for event in self.tracing.events if event.update}
        return list(found.values())

    @cached_property
    def named(self) -> list[Event]:
        """The gradients by name: the last value of each name, each value once."""
        last: dict[tuple[str, str, int], Event] = {}
        for event in self.tracing.events:
            value = event.value
            computed = isinstance(value, Tracer) and value.place >= 0
            odd = isinstance(value, Opaque) and bool(value.shapes)
            if isinstance(value, Opaque) and not odd:  # an entry of it was changed since
                last.pop((event.name, event.function, 0), None)
            if not (computed or odd) or event.update or is_loss(event.name):
                continue
            if self.is_of_parameter(event.name):
                returned = id(value) if event.name == event.function else 0
                last[event.name, event.function, returned] = event
        found: dict[int, Event] = {}
        for event in last.values():
            found.setdefault(id(event.value), event)
        return list(found.values())[:MOST_GRADIENTS]

    def is_of_parameter(self, name: str) -> bool:
        """Tell whether a name says: gradient of something stated, not of a value on the way."""
        of = gradient_of(name, self.names)
        if not of:
            return of is not None
        if role_of(of) == "target":
            return False  # `dy = y_pred - y` is the gradient of the prediction
        return role_of(of) in ("weight", "bias") or of in self.stated

    @cached_property
    def stated(self) -> frozenset[str]:
        """The names of the quantities that the code states."""
        return frozenset(leaf.name for leaf in self.tracing.leaves.values())

    def leaf_name(self, leaf: StatedQuantity) -> str:
        """Return the name of a stated quantity in the equations."""
        return next(own for own, known in self.tracing.leaves.items() if known is leaf)

    # What is compared ---------------------------------------------------------------------------

    def comparisons(self) -> Iterator[GradientComparison]:
        """Yield what was found of each gradient, then of updates without one."""
        linked: set[int] = set()
        for event in self.named:
            update = self.update_of(event)
            loss = self.loss_of(event)
            node, function = self.origin(event)
            if loss is None:
                continue
            if isinstance(event.value, Opaque):
                yield GradientComparison(event.name, node, function, loss, None, event.value.shapes)
                continue
            verdict = self.verdict(event, loss, update)
            if update is not None:
                linked.add(id(update))
                if verdict is not None and verdict.of_update:
                    yield GradientComparison(
                        update.name, update.node, update.function, loss, verdict
                    )
                    continue
            yield GradientComparison(event.name, node, function, loss, verdict)
        for update in self.updates:
            if id(update) not in linked:
                yield from self.update_alone(update)

    def origin(self, event: Event) -> tuple[ast.stmt | ast.expr, str]:
        """Return where a gradient was computed: in the function that returned it, or here."""
        node, function = self.tracing.origins.get(id(event.value), (event.node, event.function))
        if isinstance(node, ast.expr):
            return node, function
        for other in self.tracing.events:  # it may have had a name before that is no gradient's
            if other.node is node and self.is_of_parameter(other.name):
                return node, function
        return event.node, event.function

    def verdict(self, event: Event, loss: Event, update: Event | None) -> GradientVerdict | None:
        """Compare one gradient with its loss; an excuse is any reading that makes it right."""
        own, sure = self.target(event, loss, update)
        if own is None:
            return None
        found = []
        for verdict in self.readings(event, loss, own, update):
            if verdict is not None and verdict.is_right:
                return verdict
            found.append(verdict)
        first = found[0]
        if first is None:
            return None
        with_labels = found[1]
        if not first.factors and with_labels is not None and with_labels.factors:
            return with_labels
        if first.factors or (sure and self.is_closed(event, loss)):
            return first
        return None

    def readings(
        self, event: Event, loss: Event, own: str, update: Event | None
    ) -> Iterator[GradientVerdict | None]:
        """Yield what a gradient is in each way of reading the code, the plain one first."""
        yield self.compare(event.value, loss, own, update, labels=False)
        yield self.compare(event.value, loss, own, update, labels=True)
        for other in (*self.losses, *self.squares(loss)):
            if other is not loss:
                yield self.compare(event.value, other, own, update, labels=False)
                yield self.compare(event.value, other, own, update, labels=True)
        for earlier in self.tracing.events:  # before it was clipped, scaled, averaged
            if earlier.name == event.name and earlier.value is not event.value:
                yield self.compare(earlier.value, loss, own, update, labels=False)

    def squares(self, loss: Event) -> Iterator[Event]:
        """Yield the mean of squares of which a loss is the root: its gradient is often meant."""
        written = self.tracing.recorder.values[loss.value.place]
        if written.operation == "sqrt" and isinstance(written.arguments[0], Name):
            name = written.arguments[0].id
            if name.startswith("·"):
                place = int(name[1:])
                shape = self.tracing.recorder.shapes[name]
                inner = Tracer(self.tracing.recorder, written.arguments[0], shape, place)
                self.kept.append(inner)
                yield loss._replace(value=inner)

    def is_closed(self, event: Event, loss: Event) -> bool:
        """Tell whether a gradient uses no quantity that the loss does not know."""
        known = self.tracing.leaves_of(loss.value)
        return self.tracing.leaves_of(event.value) <= known

    def compare(
        self, value: object, loss: Event, own: str, update: Event | None, *, labels: bool
    ) -> GradientVerdict | None:
        """Return how a value relates to the derivative of a loss by a quantity."""
        trials = self.trial(loss, labels=labels)
        if trials is None or not isinstance(value, Tracer) or value.place < 0:
            return None
        if own not in trials.leaves or value.node.id not in self.recorded(trials):  # type: ignore[attr-defined] # a stand-in's node is its name
            return None
        ratios: list[float | None] = []
        ascends: list[bool] = []
        bare = update is not None  # the update subtracts just this: it holds its learning rate
        for numbers in self.numbers(trials):
            right = trials.derivative(own, numbers)
            if not any(right):
                return None  # nothing flows there: a step, a closed gate, another parameter
            written = trials.entries(value, numbers)
            ratios.append(ratio_of(written, right))
            if update is not None and update.value.place >= 0:
                new = trials.entries(update.value, numbers)
                step = [b - a for a, b in zip(numbers[own], new, strict=False)]
                ascends.append(sum(s * g for s, g in zip(step, right, strict=False)) > 0)
                bare = bare and abs(ratio_of(step, written) or 0.0) > 1 - 1e-9
        if bare and all(ratios) and not any(ascends):
            return GradientVerdict((GradientFactor(),), None, of_update=True)
        ratio = same(ratios)
        if ratio is None:
            return GradientVerdict(())
        factors = factor_of(ratio, self.counts(trials, own))
        of_output = role_of(self.tracing.leaves[own].name) == "prediction"
        if loss.value.shape or of_output:  # its entries are summed or averaged, now or later
            factors = [factor._replace(counts=0) for factor in factors]
        if update is not None and _divides(update.node):  # w -= lr / n * dw takes a sum
            factors = [factor._replace(counts=min(factor.counts, 0)) for factor in factors]
        return self.with_update(tuple(factors), ratio, ascends)

    def with_update(
        self, factors: tuple[GradientFactor, ...], ratio: float, ascends: Sequence[bool]
    ) -> GradientVerdict:
        """Judge the sign of a gradient together with the update that uses it."""
        may_be_turned = self.may_ascend() or (ascends and not any(ascends))
        if may_be_turned and all(factor.sign < 0 for factor in factors):
            factors = tuple(factor._replace(sign=1) for factor in factors)
        uphill = bool(ascends) and all(ascends) and not self.may_ascend()
        if uphill and any(factor.is_right for factor in factors):
            return GradientVerdict((GradientFactor(sign=-1),), ratio, of_update=True)
        return GradientVerdict(factors, ratio)

    def may_ascend(self) -> bool:
        """Tell whether the text speaks of going uphill."""
        lower = self.text.lower()
        return any(word in lower for word in ASCENDING)

    def update_alone(self, update: Event) -> Iterator[GradientComparison]:
        """Judge the direction of an update that uses no gradient by name."""
        assert update.update is not None
        own = self.leaf_name(update.update)
        for loss in self.losses:
            trials = self.trial(loss, labels=False)
            if trials is None or own not in trials.gradients or update.value.place < 0:
                continue
            if loss.name in SHORT_LOSSES:
                continue
            ratios = []
            for numbers in self.numbers(trials):
                new = trials.entries(update.value, numbers)
                steps = [b - a for a, b in zip(numbers[own], new, strict=False)]
                ratios.append(ratio_of(steps, trials.derivative(own, numbers)))
            if any(ratio is None or ratio == 0 for ratio in ratios):
                continue
            signs = {ratio > 0 for ratio in ratios if ratio is not None}
            if signs == {False}:
                verdict = GradientVerdict((GradientFactor(),), None, of_update=True)
            elif signs == {True} and not self.may_ascend():
                verdict = GradientVerdict((GradientFactor(sign=-1),), None, of_update=True)
            else:
                continue
            yield GradientComparison(update.name, update.node, update.function, loss, verdict)
            return

    # How it is compared -------------------------------------------------------------------------

    @cached_property
    def values(self) -> list[Tracer]:
        """All values that are compared: they are computed beside each loss."""
        candidates = [event.value for event in (*self.named, *self.updates)]
        names = {event.name for event in self.named}
        candidates += [event.value for event in self.tracing.events if event.name in names]
        found = {id(v): v for v in candidates if isinstance(v, Tracer) and v.place >= 0}
        return list(found.values())

    def trial(self, loss: Event, *, labels: bool) -> Trials | None:
        """Return a loss at random numbers; None where it cannot be differentiated."""
        key = id(loss.value), labels
        if key not in self.trials:
            try:
                self.trials[key] = Trials(self.tracing, loss.value, self.values, labels=labels)
            except (*FAILURES, RecursionError):
                self.trials[key] = None
        return self.trials[key]

    def recorded(self, trials: Trials) -> frozenset[str]:
        """Return the names of the values that are computed beside a loss."""
        return frozenset(value.node.id for value in trials.others)  # type: ignore[attr-defined] # a stand-in's node is its name

    def numbers(self, trials: Trials) -> Iterator[dict[str, Sequence[float]]]:
        """Yield the values of some draws."""
        for seed in SEEDS:
            try:
                yield dict(trials.run(seed))
            except FAILURES:
                yield {}

    def counts(self, trials: Trials, own: str) -> list[int]:
        """Return what a mean over samples may divide by: sizes that the parameter has not."""
        leaf = self.tracing.leaves[own]
        sizes = {size for other in trials.leaves.values() for size in other.shape[:2]}
        samples = sizes - set(leaf.shape)
        firsts = {other.shape[0] for other in trials.leaves.values() if other.shape}
        return sorted((samples or firsts) - {1})

    def update_of(self, event: Event) -> Event | None:
        """Return the update that uses a gradient."""
        if not isinstance(event.value, Tracer):
            return None
        of = gradient_of(event.name, self.names)
        own = self.tracing.recorder.own_name(event.value.place)
        users: list[tuple[int, Event]] = []
        for update in self.updates:
            leaf = update.update
            assert leaf is not None
            fits = math.prod(leaf.shape) == math.prod(event.value.shape)
            if of in self.stated and leaf.name != of:
                continue  # two gradients may be one value: dw beside db, the x forgotten
            if fits and own in self.tracing.names_behind(update.value):
                reads = {part.id for part in ast.walk(update.node) if isinstance(part, ast.Name)}
                users.append((2 * (leaf.name == of) + (event.name in reads), update))
        best = max((rank for rank, _ in users), default=0)
        chosen = [update for rank, update in users if rank == best]
        return chosen[0] if best or len(chosen) == 1 else None

    def loss_of(self, event: Event) -> Event | None:
        """Return the loss that a gradient belongs to: the one it names, the nearest before it."""
        order = {id(item): place for place, item in enumerate(self.tracing.events)}
        here = order[id(event)]
        for loss in self.losses:
            if event.name.startswith(f"d{loss.name}_"):
                return loss
        before = [loss for loss in self.losses if order[id(loss)] < here]
        same_function = [loss for loss in self.losses if loss.function == event.function]
        inside = [loss for loss in same_function if event.function]
        chosen = inside[-1:] or before[-1:] or self.losses[:1]
        return chosen[0] if chosen else None

    def target(self, event: Event, loss: Event, update: Event | None) -> tuple[str | None, bool]:
        """Return the quantity a gradient is taken of, and whether that is sure."""
        size = math.prod(event.value.shape)
        if update is not None and update.update is not None:
            return self.leaf_name(update.update), True
        used = self.tracing.leaves_of(loss.value)
        leaves = {own: self.tracing.leaves[own] for own in used}
        fitting = [own for own, leaf in leaves.items() if math.prod(leaf.shape) == size]
        of = gradient_of(event.name, self.names)
        if of:
            named = [own for own in fitting if leaves[own].name == of]
            if named:
                return named[-1], True
            is_there = any(leaf.name == of for leaf in leaves.values())
            if is_there and role_of(of) in ("weight", "bias"):
                return None, False  # it has not the shape of what it is the gradient of
        for roles in (("weight", "bias"), ("other",), ("prediction",)):
            free = [own for own in fitting if role_of(leaves[own].name) in roles]
            if free:
                break
        if len(free) == 1:
            return free[0], set(words_of(event.name)) <= GRADIENTS or event.name == "g"
        return self.proportional(event, loss, free), False

    def proportional(self, event: Event, loss: Event, owns: Sequence[str]) -> str | None:
        """Return the only quantity to whose derivative a gradient is proportional."""
        verdicts = {own: self.compare(event.value, loss, own, None, labels=False) for own in owns}
        found = [own for own, verdict in verdicts.items() if verdict and verdict.factors]
        return found[0] if len(found) == 1 else None


def _divides(statement: ast.stmt | ast.expr) -> bool:
    """Tell whether a statement divides by what it does not write as a number."""
    return any(
        isinstance(node, ast.BinOp)
        and isinstance(node.op, ast.Div)
        and not isinstance(node.right, ast.Constant)
        for node in ast.walk(statement)
    )
