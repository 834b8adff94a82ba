"""A person's own backward pass beside the traced gradients: the first wrong one, and its slip.

The code is run once and watched. Its forward part is traced; what its backward part gives names is
compared with the traced gradients in the order of the program, each against what it should be for
the person's own earlier values. For the first that is wrong, slips are undone one after the other
in the statements behind it until one gives the right numbers.
"""

from __future__ import annotations

import ast
import math
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from tracer.check.model.finding import SlipKind
from tracer.check.model.statements import find_cell_line
from tracer.check_code.code_names import SIZES, is_loss
from tracer.debug.forward_replay import ForwardPass, replay_forward
from tracer.debug.gradient_names import GradientNames, base_name, gradient_word
from tracer.debug.mutations import Mutation, Scope, mutations
from tracer.debug.namespaces import ValuePath, arrays_in, is_number, mapped
from tracer.debug.observation import COMPOUND, ExecutedStatement, Observation, ObservedCall
from tracer.errors import RunError
from tracer.program.lower import gradient_name
from tracer.program.program import names_in
from tracer.recorded.recorded_values import AgreementRule, Departure, compare
from tracer.recorded.rounding_bounds import BoundedValue
from tracer.sentences import Sentence, plain, say

__all__ = ["BackwardReport", "Correction", "GradientOutcome", "examine", "find_forward"]

SECONDS: Final = 10.0  # that the search for the slip may take
MOST_LISTED: Final = 12
FORWARD: Final = ("forward", "loss", "network", "model", "predict")


class GradientOutcome(NamedTuple):
    """A gradient that the code names: of what, where, and whether it is right."""

    quantity: str  # dloss/dW1
    name: str  # what the code calls it: dW1, self.grads['W1']
    line: int
    is_right: bool


class Correction(NamedTuple):
    """A change that gives the right numbers: the line, what is wrong there, and what belongs.

    `below` is the line below which the statement belongs, unchanged; None: it stays where it is.
    """

    line: int
    kind: SlipKind
    words: Sentence
    text: str
    below: int | None = None


class BackwardReport(NamedTuple):
    """What came of checking a backward pass.

    `outcomes` are the gradients that were compared, in the order in which they were computed.
    `wrong` is the first that is wrong, `line` and `text` the statement that is to be changed;
    `correction` how, where a known slip explains the numbers.
    """

    path: str
    outcomes: tuple[GradientOutcome, ...]
    cells: tuple[tuple[int, int], ...] = ()  # of a notebook: each cell and its first line
    wrong: GradientOutcome | None = None
    departure: Departure | None = None
    line: int | None = None
    text: str = ""
    correction: Correction | None = None
    loss: str = ""  # what the code calls the loss, or the function that returns it
    carried: frozenset[str] = frozenset()  # wrong gradients that follow from another one
    uncompared: tuple[tuple[str, int], ...] = ()  # gradients that the trace has not, their lines

    @property
    def passed(self) -> bool:
        """Whether every gradient is right."""
        return self.wrong is None

    def __bool__(self) -> bool:
        return self.passed

    def place(self, line: int) -> str:
        """Return the file and the line as people see them; a notebook's lines are in its cells."""
        cell, line = find_cell_line(self.cells, line)
        return f"{self.path}:{line}" if cell is None else f"{self.path}#cell {cell}:{line}"

    def as_dictionary(self) -> dict[str, Any]:
        """Return the report as plain data."""
        found = self.correction
        return {
            "version": 1,
            "path": self.path,
            "passed": self.passed,
            "gradients": [item._asdict() for item in self.outcomes],
            "wrong": None if self.wrong is None else self.wrong.name,
            "place": None if self.line is None else self.place(self.line),
            "text": self.text,
            "correction": None
            if found is None
            else {
                "kind": found.kind,
                "words": str(found.words),
                "text": found.text,
                "below": None if found.below is None else self.place(found.below),
            },
        }

    def sentences(self) -> Iterator[Sentence]:
        """Yield what is to be said."""
        count = len(self.outcomes)
        if self.wrong is None:
            yield say("all {count} gradients are right", count=count)
            return
        assert self.line is not None
        where = self.place(self.line)
        yield say(
            "{where}: {name} is the first wrong gradient ({quantity})",
            where=where,
            name=self.wrong.name,
            quantity=self.wrong.quantity,
        )
        yield say("written: {text}", text=self.text)
        if self.correction is not None:
            yield say("what is wrong: {words}", words=self.correction.words)
            if self.correction.below is not None:
                below = find_cell_line(self.cells, self.correction.below)[1]
                yield say("it belongs after line {line}", line=below)
            else:
                yield say("right: {text}", text=self.correction.text)
        elif self.departure is not None:
            for cause in self.departure.causes[:2]:
                yield say("what is wrong: {words}", words=cause.words)
            if not self.departure.causes:
                yield say("no known slip gives these numbers")
        wrong = [item.name for item in self.outcomes if not item.is_right]
        yield say(
            "{count} gradients compared, {wrong} wrong: {names}",
            count=count,
            wrong=len(wrong),
            names=", ".join(wrong[:MOST_LISTED]) + (", …" if len(wrong) > MOST_LISTED else ""),
        )

    def __str__(self) -> str:
        return "\n".join(plain(sentence, str) for sentence in self.sentences())


class Version(NamedTuple):
    """A value that a name had when it was used, or at the end."""

    path: ValuePath
    value: Any
    moment: ExecutedStatement


def find_forward(
    observation: Observation, wanted: Callable[[ObservedCall], bool] | None = None
) -> tuple[ObservedCall, ExecutedStatement, str]:
    """Return the call that computes the loss, the statement that does, and the loss's name.

    `wanted` picks the call; without it, it is the one that has the most of the names whose
    gradients are worked out. Raises RunError where there is none.
    """
    found: list[tuple[int, int, ObservedCall, ExecutedStatement, str]] = []
    gradients = _gradient_paths(observation)
    for place, call in enumerate(observation.calls):
        if wanted is not None and not wanted(call):
            continue
        best: tuple[int, ExecutedStatement, str] | None = None
        for moment, loss in _losses(call):
            words = frozenset(
                base_name(path) for path, _ in arrays_in(moment.after, observation.own).values()
            )
            after = {
                (gradient_word(path, words), done) for path, done in gradients if done > moment.done
            }
            score = len({word for word, _ in after} - {None})
            begun = best is not None and any(
                best[1].done < done < moment.done and gradient_word(path, words)
                for path, done in gradients
            )
            if begun:
                break  # the loss of the next pass
            if score or wanted is not None:
                best = score, moment, loss  # terms are added to a loss: the last one counts
        if best is not None:
            found.append((best[0], -place, call, best[1], best[2]))
    if not found:
        raise RunError(
            say("no forward pass was found"),
            expected=say("a function that returns the loss, or a name such as loss, and gradients"),
        )
    _, _, call, last, loss = max(found, key=lambda item: item[:2])
    return call, last, loss


def _losses(call: ObservedCall) -> Iterator[tuple[ExecutedStatement, str]]:
    """Yield the statements of a call that may give the loss: by its name, then what it returns."""
    for moment in call.moments:
        for name in _targets(moment.statement):
            value = moment.after.get(name)
            if value is not None and is_loss(name) and np.shape(value) == ():
                yield moment, name
    last = call.moments[-1] if call.moments else None
    if last is not None and isinstance(last.statement, ast.Return):
        returned = call.returned if isinstance(call.returned, tuple) else (call.returned,)
        if any(is_number(item) for item in returned):
            yield last, ""


def _targets(statement: ast.stmt) -> Iterator[str]:
    targets = getattr(statement, "targets", None) or [getattr(statement, "target", None)]
    for target in targets:
        for node in ast.walk(target) if target is not None else ():
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                yield node.id


def _gradient_paths(observation: Observation) -> list[tuple[ValuePath, int]]:
    return [(version.path, version.moment.done) for version in _changes(observation, -1)]


def _changes(observation: Observation, after: int) -> Iterator[Version]:
    """Yield what each statement gave a name, of the statements that ended after a moment."""
    known: dict[int, dict[str, tuple[ValuePath, Any]]] = {}

    def arrays(names: Mapping[str, Any]) -> dict[str, tuple[ValuePath, Any]]:
        if id(names) not in known:
            known[id(names)] = arrays_in(names, observation.own)
        return known[id(names)]

    for moment in observation.moments():
        if moment.done <= after or isinstance(moment.statement, COMPOUND):
            continue
        before = arrays(moment.before)
        for text, (path, value) in arrays(moment.after).items():
            old = before.get(text)
            if old is None or not (old[1] is value or _same(old[1], value)):
                yield Version(path, value, moment)


def _same(one: Any, other: Any) -> bool:
    return np.shape(one) == np.shape(other) and bool(np.array_equal(one, other, equal_nan=True))


def examine(
    observation: Observation,
    call: ObservedCall,
    last: ExecutedStatement,
    loss: str,
    *,
    seconds: float = SECONDS,
) -> BackwardReport:
    """Return the report on what was seen. Raises TracerError where it cannot be traced."""
    return _Examination(observation, call, last, loss, seconds).report()


class _Examination:
    """The comparison of one backward pass with the traced forward pass."""

    def __init__(
        self,
        observation: Observation,
        call: ObservedCall,
        last: ExecutedStatement,
        loss: str,
        seconds: float,
    ) -> None:
        self.observation = observation
        self.own = observation.own
        self.call = call
        end = self._end(call, last)
        self.changes = [item for item in _changes(observation, last.done) if item.moment.done < end]
        visible = arrays_in(last.after, self.own)
        words = frozenset(base_name(path) for path, _ in visible.values())
        of_gradients = [item for item in self.changes if gradient_word(item.path, words)]
        wanted = {gradient_word(item.path, words) for item in of_gradients}
        begun = min((item.moment.done for item in of_gradients), default=math.inf)
        another = min(
            (each.done for each, name in _losses(call) if name and each.done > begun),
            default=math.inf,
        )
        self.changes = [item for item in self.changes if item.moment.done < another]
        self.named = [item for item in of_gradients if item.moment.done < another]
        self.forward: ForwardPass = replay_forward(
            call, last, loss, lambda path: base_name(path) in wanted, observation
        )
        self.trace = self.forward.trace
        self.iteration = self.trace.iteration(1)
        self.loss = self.trace.program.loss or ""
        self.names = GradientNames(self.forward.paths)
        self.equations = {item.name: item for item in self.trace.program.equations}
        self.rule = AgreementRule("float64")
        self.loss_name = loss or call.name
        self.scales: set[float] = set()  # of gradients that hold a multiple on purpose
        self.counted: dict[int, set[str]] = {}  # names of loops, by call
        self.end = time.monotonic() + seconds

    def _end(self, call: ObservedCall, last: ExecutedStatement) -> float:
        """Return when the next forward pass begins: later gradients are of that one."""
        again = [
            other.started
            for other in self.observation.calls
            if other.code is call.code and other.started > last.done
        ]
        same = [
            moment.done
            for moment in call.moments
            if moment.statement is last.statement and moment.done > last.done
        ]
        return min([*again, *same], default=float("inf"))

    # What is compared

    def versions(self) -> dict[str, list[Version]]:
        """Return the values of each gradient, by its name in the trace, in their order."""
        groups: dict[tuple[int, str], list[Version]] = defaultdict(list)
        for item in self.changes:
            groups[id(item.moment.call), item.path.text].append(item)
        found: dict[str, list[Version]] = defaultdict(list)
        for group in groups.values():
            quantities = [
                name
                for name in self.names.quantities(group[0].path)
                if gradient_name(self.loss, name) in self.equations
            ]
            if not quantities:
                continue
            used = [
                item
                for place, item in enumerate(group)
                if place + 1 == len(group) or self.is_used(item, group[place + 1])
            ]
            if len(quantities) == 1:
                # A name may go on to hold something else: dh is masked in place and is then dz.
                right = [item for item in group if self.is_near(item.value, quantities[0])]
                found[quantities[0]].append((right or used)[-1])
                continue
            for place, item in enumerate(used):
                near = [name for name in quantities if self.is_near(item.value, name)]
                at = len(quantities) - 1 - place  # a loop backward through time
                if not near and not (len(used) == len(quantities) and at >= 0):
                    continue
                found[near[0] if near else quantities[at]].append(item)
        return found

    def is_used(self, item: Version, following: Version) -> bool:
        """Tell whether a value was read before its name got the next one."""
        for moment in item.moment.call.moments:
            if not item.moment.done < moment.done < following.moment.done:
                continue
            text = (
                ast.unparse(moment.statement) if not isinstance(moment.statement, COMPOUND) else ""
            )
            if item.path.text in text and moment.statement is not following.moment.statement:
                return True
        return False

    def right_value(self, quantity: str) -> Any:
        return np.asarray(self.iteration[gradient_name(self.loss, quantity)])

    def is_near(self, value: Any, quantity: str) -> bool:
        right = self.right_value(quantity)
        single = getattr(value, "dtype", None) == np.float32
        if np.squeeze(value).shape != np.squeeze(right).shape:
            return False
        scale = float(np.abs(right).max()) if right.size else 0.0
        near = 1e-4 if single else 1e-9
        return bool(np.allclose(np.squeeze(value), np.squeeze(right), rtol=near, atol=near * scale))

    # The report

    def report(self) -> BackwardReport:
        """Compare, and find the slip behind the first wrong gradient."""
        versions = self.versions()
        if not versions:
            raise RunError(
                say("no gradient was found in the backward pass"),
                where=self.call.source.path,
                expected=say("names such as dW1, grad_W1 or grads['W1'] for W1"),
            )
        first = {
            gradient_name(self.loss, quantity): min(items, key=lambda item: item.moment.done)
            for quantity, items in versions.items()
        }
        report = self.compared(first)
        later = {
            gradient_name(self.loss, quantity): item
            for quantity, items in versions.items()
            for item in items
            if quantity in self.forward.leaves and not self.is_near(item.value, quantity)
        }
        if report.passed and any(item is not first[name] for name, item in later.items()):
            again = self.compared({**first, **later})
            report = report if again.passed else again
        return report if not report.passed else self.updates(report)

    def compared(self, chosen: Mapping[str, Version]) -> BackwardReport:
        """Return the report on one value for each gradient."""
        recorded = dict(self.forward.seen)
        recorded.update({name: item.value for name, item in chosen.items()})
        while True:
            found = compare(self.trace, {1: recorded})
            departures = {item.name: item for item in found.departures}
            self.check_forward(departures)
            excused = {
                name
                for name in departures
                if self.is_excused(name, chosen, departures)
                or self.is_step(name, chosen)
                or self.is_decayed(name, chosen)
            }
            if not excused:
                break
            follows = {
                name
                for name, item in departures.items()
                if item.follows == "follows" and not self.is_leaf(name)
            }
            for name in excused:
                other = departures[name]
                if math.isfinite(other.recorded) and other.traced:
                    self.scales.add(other.recorded / other.traced)
            for name in excused | follows:
                recorded.pop(name, None)
                departures.pop(name)
        outcomes = tuple(
            GradientOutcome(
                name,
                item.path.text,
                self.innermost(item).moment.statement.lineno,
                name not in departures,
            )
            for name, item in sorted(chosen.items(), key=lambda pair: pair[1].moment.done)
        )
        self.rule = AgreementRule(found.dtype)
        lines = {item.line for item in outcomes}
        known = {base_name(item.path) for item in chosen.values()}
        uncompared = {
            item.path.text: line
            for item in self.named
            if base_name(item.path) not in known
            and (line := self.innermost(item).moment.statement.lineno) not in lines
        }
        report = BackwardReport(
            self.call.source.path,
            outcomes,
            self.call.source.cells,
            loss=self.loss_name,
            uncompared=tuple(uncompared.items()),
            carried=frozenset(
                item.name for item in departures.values() if item.follows == "follows"
            ),
        )
        wrong = [item for item in departures.values() if item.follows in ("first", "own")]
        if not wrong:
            return report
        earliest = min(wrong, key=lambda item: chosen[item.name].moment.done)
        source = chosen[earliest.name].moment
        made = {
            item.name for item in wrong if source in self.backward_moments(chosen[item.name])[:-1]
        }
        report = report._replace(carried=report.carried | made)
        return self.located(report, earliest, chosen[earliest.name])

    def is_leaf(self, name: str) -> bool:
        return name in {gradient_name(self.loss, leaf) for leaf in self.forward.leaves}

    def is_excused(
        self, name: str, chosen: Mapping[str, Version], departures: Mapping[str, Departure]
    ) -> bool:
        """Tell whether a right gradient of a parameter is made of this one.

        Then it holds something else than the gradient, a sum that is divided by n later, say.
        """
        return name in chosen and any(
            chosen[name].moment in self.backward_moments(item)[:-1]
            for leaf, item in chosen.items()
            if leaf != name and leaf not in departures and self.is_leaf(leaf)
        )

    def is_step(self, name: str, chosen: Mapping[str, Version]) -> bool:
        """Tell whether a multiple of a gradient is a step down it, by the update that takes it.

        `w += dw` takes the gradient the other way round, `w -= dw` one that holds the rate, and
        `w -= lr / n * dw` the sum over the samples.
        """
        if name not in chosen:
            return False
        written, right = np.asarray(chosen[name].value), np.asarray(self.iteration[name])
        place = np.unravel_index(np.argmax(np.abs(right)), right.shape)
        if written.shape != right.shape or not right[place]:
            return False
        ratio = float(written[place] / right[place])
        if not np.allclose(written, ratio * right, rtol=1e-6, atol=1e-9 * abs(right[place])):
            return False
        for change, slope, item in self.steps_seen(name):
            is_down = float((change * slope).sum()) < 0
            is_bare = change.shape == written.shape and np.allclose(np.abs(change), np.abs(written))
            if is_down and (ratio < 0 or is_bare or self.divides(item, ratio)):
                return True
        return False

    def divides(self, item: Version, number: float) -> bool:
        """Tell whether a statement divides by a number, other than 1 and 2."""
        names = {**item.moment.call.surroundings, **item.moment.before}
        for node in ast.walk(item.moment.statement):
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and number > 2:
                try:
                    divisor = self.observation.execution.evaluate(node.right, names)
                except Exception:  # noqa: BLE001 - what has no value here is no such number
                    continue
                if np.shape(divisor) == () and math.isclose(divisor, number, rel_tol=1e-6):
                    return True
        return False

    def is_decayed(self, name: str, chosen: Mapping[str, Version]) -> bool:
        """Tell whether a gradient is right but for a multiple of its parameter.

        That is weight decay, where the loss has no penalty: only one equation uses the parameter.
        """
        leaf = next((leaf for leaf in self.forward.leaves if self.gradient(leaf) == name), None)
        if leaf is None or name not in chosen:
            return False
        equations = self.equations.values()
        uses = [one for one in equations if leaf in names_in(one.expression)]
        if sum(one.phase in ("forward", "loss") for one in uses) > 1:
            return False
        start = np.asarray(self.forward.seen[leaf], dtype=float)
        written = np.asarray(chosen[name].value, dtype=float)
        if start.shape != written.shape or not start.any():
            return False
        more = written - np.asarray(self.iteration[name])
        ratio = float((more * start).sum() / (start * start).sum())
        scale = float(np.abs(written).max())
        return 0 < ratio < 1 and np.allclose(more, ratio * start, rtol=1e-6, atol=1e-9 * scale)

    def gradient(self, quantity: str) -> str:
        """Return the name of a quantity's gradient in the trace."""
        return gradient_name(self.loss, quantity)

    def steps_seen(self, gradient: str) -> Iterator[tuple[Any, Any, Version]]:
        """Yield how the parameter of a gradient was changed, with the gradient and the version."""
        for item in self.changes:
            name = self.forward.names.get(item.path.text)
            if name not in self.forward.leaves or gradient_name(self.loss, name) != gradient:
                continue
            start = np.asarray(self.forward.seen[name])
            if gradient in self.equations and np.shape(item.value) == start.shape:
                slope = np.asarray(self.iteration[gradient])
                yield np.asarray(item.value, dtype=float) - start, slope, item

    def check_forward(self, departures: Mapping[str, Departure]) -> None:
        """Raise RunError where the traced forward pass is not what the code computed."""
        for name in departures:
            if name in self.forward.seen:
                raise RunError(
                    say("{name} has another value when the forward pass is run again", name=name),
                    where=self.call.source.path,
                    expected=say("a forward pass that gives the same numbers each time"),
                )

    def located(self, report: BackwardReport, wrong: Departure, item: Version) -> BackwardReport:
        """Return the report with the slip behind a wrong gradient."""
        rule = self.rule
        item = self.innermost(item)
        outcome = next(each for each in report.outcomes if each.quantity == wrong.name)
        targets = [wrong.expected]
        traced = np.asarray(self.iteration[wrong.name])
        slight = 64 * rule.unit * np.abs(traced)
        if not rule.agree(traced, wrong.expected):
            targets.append(BoundedValue(traced, wrong.expected.bound))
        targets += [
            BoundedValue(traced * scale, abs(scale) * (wrong.expected.bound + slight))
            for scale in self.scales
        ]
        others = [
            other
            for other in self.changes
            if other.path == item.path and other.moment.call is item.moment.call
        ]
        correction = None
        for other in (item, *(each for each in reversed(others) if each is not item)):
            correction = correction or self.correction(other, targets)
        return self.placed(report, outcome, wrong, item, correction)

    def innermost(self, item: Version) -> Version:
        """Return where a value was made: in a function that the statement calls, perhaps."""
        for other in self.changes:
            call = other.moment.call
            inside = call is not item.moment.call and call.started <= item.moment.done
            if inside and other.moment.done < item.moment.done and _same(other.value, item.value):
                return other
        return item

    def placed(
        self,
        report: BackwardReport,
        outcome: GradientOutcome,
        departure: Departure | None,
        item: Version,
        correction: Correction | None,
    ) -> BackwardReport:
        statement = item.moment.statement
        line = statement.lineno if correction is None else correction.line
        written = item.moment.call.source.statement(line) or statement
        return report._replace(
            path=item.moment.call.source.path,
            cells=item.moment.call.source.cells,
            wrong=outcome,
            departure=departure,
            line=line,
            text=item.moment.call.source.line(written),
            correction=correction,
        )

    # Updates

    def updates(self, report: BackwardReport) -> BackwardReport:
        """Look whether the updates that were seen go down the gradient."""
        leaves = [gradient_name(self.loss, name) for name in self.forward.paths]
        seen = (step for name in leaves if self.is_leaf(name) for step in self.steps_seen(name))
        for change, slope, item in sorted(seen, key=lambda step: step[2].moment.done):
            if not float((change * slope).sum()) > 0:
                continue
            gradient = gradient_name(self.loss, self.forward.names[item.path.text])
            start = np.asarray(item.value, dtype=float) - change
            outcome = GradientOutcome(
                gradient, item.path.text, item.moment.statement.lineno, is_right=False
            )
            mirrored = BoundedValue(start - change, self.rule.unit * 64 * np.abs(start))
            correction = self.correction(item, [mirrored], signs=True)
            report = report._replace(outcomes=(*report.outcomes, outcome))
            item = self.innermost(item)
            return self.placed(report, outcome, None, item, correction)
        return report

    # The slip

    def correction(
        self,
        item: Version,
        targets: Sequence[BoundedValue],
        *,
        signs: bool = False,
    ) -> Correction | None:
        """Return the first change of a statement that gives one of the targets."""
        moments = self.backward_moments(item)
        last = {id(moment.statement): place for place, moment in enumerate(moments)}
        for unlikely in (False, True):
            for place in sorted(last.values(), reverse=True):
                statement = moments[place].statement
                first = next(at for at, each in enumerate(moments) if each.statement is statement)
                scope = self.scope(moments[first])
                for mutation in (
                    *(() if unlikely else self.too_early(place, moments)),
                    *mutations(statement, scope, unlikely=unlikely),
                ):
                    if signs and mutation.kind != "sign_error":
                        continue
                    if time.monotonic() > self.end:
                        return None
                    new = self.outcome(moments[first], item, mutation, statement)
                    if new is not None and any(self.gives(new, target) for target in targets):
                        return self.corrected(mutation, statement, moments)
        return None

    def backward_moments(self, item: Version) -> list[ExecutedStatement]:
        """Return the statements that a value may be made by, its own the last."""
        own = item.moment.call
        start = self.forward.last.done
        given: dict[int, set[str]] = defaultdict(set)
        for change in self.changes:
            given[id(change.moment)].add(change.path.parts[0])
        needed: set[str] = set()
        found: list[ExecutedStatement] = []
        for moment in reversed(own.moments):
            statement = moment.statement
            if not start < moment.done <= item.moment.done or isinstance(
                statement, (ast.Return, *COMPOUND)
            ):
                continue
            if moment is item.moment or given[id(moment)] & needed:
                found.append(moment)
                needed |= {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}
        return found[::-1]

    def too_early(self, place: int, moments: Sequence[ExecutedStatement]) -> Iterator[Mutation]:
        """Yield the change that leaves out an update where the old value is used later."""
        touched = {base_name(path) for path in self.updated(moments[place])}
        if touched and place + 1 < len(moments):
            words = say(
                "{name} is updated before its old value was used for the last time",
                name=", ".join(sorted(touched)),
            )
            yield Mutation(
                "stale_value", words, ast.copy_location(ast.Pass(), moments[-1].statement)
            )

    def updated(self, moment: ExecutedStatement) -> Iterator[ValuePath]:
        """Yield the parameters that a statement changes."""
        for item in self.changes:
            if item.moment is moment:
                name = self.forward.names.get(item.path.text)
                if name in self.forward.leaves:
                    yield item.path

    def scope(self, moment: ExecutedStatement) -> Scope:
        """Return what a statement can use."""
        arrays: dict[str, tuple[int, ...]] = {}
        numbers: list[str] = []
        for text, (path, value) in arrays_in(moment.before, self.own).items():
            if any(part.lstrip("-").isdigit() for part in path.parts):
                continue  # one of many, which another index means
            if np.shape(value):
                arrays[text] = np.shape(value)
            elif is_number(value):
                numbers.append(text)
        counts = list(_counts(moment.before, self.own))
        numbers[:0] = counts
        target = next(
            (np.shape(each.value) for each in self.changes if each.moment is moment), None
        )
        forward = (
            each.statement for each in self.call.moments if each.done <= self.forward.last.done
        )
        return Scope(
            arrays,
            numbers,
            target,
            frozenset(self.forward.names),
            frozenset([*counts, *(text for text in numbers if text in SIZES)]),
            is_halved=_has_half(forward),
        )

    def outcome(self, first: ExecutedStatement, item: Version, new: Mutation, old: ast.stmt) -> Any:
        """Return what a name would hold with a statement changed, None where it fails."""
        execution = self.observation.execution
        own = first.call.moments
        moments = [
            moment
            for moment in own[own.index(first) : own.index(item.moment) + 1]
            if not isinstance(moment.statement, (ast.Return, *COMPOUND))
        ]
        names = {**first.call.surroundings, **mapped(first.before, _copied, self.own)}
        names.setdefault("np", np)
        loops = self.loop_names(first.call)
        try:
            with np.errstate(all="ignore"):
                for moment in moments:
                    # Loops are not run again: their names get the values that they had.
                    names.update(
                        (name, moment.before[name]) for name in loops if name in moment.before
                    )
                    is_old = moment.statement is old
                    for statement in new.statements() if is_old else [moment.statement]:
                        execution.execute(statement, names)
            return execution.evaluate(ast.parse(item.path.text, mode="eval").body, names)
        except Exception:  # noqa: BLE001 - a change that does not fit is none
            return None

    def loop_names(self, call: ObservedCall) -> set[str]:
        if id(call) not in self.counted:
            loops = {
                id(moment.statement): moment.statement
                for moment in call.moments
                if isinstance(moment.statement, ast.For)
            }
            self.counted[id(call)] = {name for each in loops.values() for name in _targets(each)}
        return self.counted[id(call)]

    def gives(self, value: Any, target: BoundedValue) -> bool:
        try:
            array = np.asarray(value, dtype=float)
        except (TypeError, ValueError):
            return False
        if array.shape != target.value.shape and array.size == target.value.size:
            if array.squeeze().shape != target.value.squeeze().shape:
                return False
            array = array.reshape(target.value.shape)
        return self.rule.agree(array, target)

    def corrected(
        self, mutation: Mutation, statement: ast.stmt, moments: Sequence[ExecutedStatement]
    ) -> Correction:
        if isinstance(mutation.statement, ast.Pass):
            return Correction(
                statement.lineno, mutation.kind, mutation.words, ast.unparse(statement),
                moments[-1].statement.lineno,
            )  # fmt: skip
        return Correction(statement.lineno, mutation.kind, mutation.words, mutation.text())


def _has_half(statements: Iterable[ast.stmt]) -> bool:
    """Tell whether statements have a factor ½: 0.5, or a division by 2."""
    for node in (node for each in statements for node in ast.walk(each)):
        divisor = (
            node.right if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) else None
        )
        for item, half in ((node, 0.5), (divisor, 2)):
            if isinstance(item, ast.Constant) and item.value == half:
                return True
    return False


def _counts(names: Mapping[str, Any], own: Callable[[type], bool]) -> Iterator[str]:
    """Yield the names and attributes that hold whole numbers above 1: counts and sizes."""
    for name, value in names.items():
        found = {name: value}
        if own(type(value)) and hasattr(value, "__dict__"):
            found = {f"{name}.{key}": item for key, item in vars(value).items()}
        for text, number in found.items():
            is_whole = isinstance(number, (int, np.integer)) and not isinstance(number, bool)
            if is_whole and number > 1 and not text.startswith("__"):
                yield text


def _copied(value: Any, path: ValuePath) -> Any:
    return value if is_number(value) else np.array(value)
