"""The slip behind a wrong gradient: the change of one statement that makes it right.

Slips are undone one after the other. First in the statements of the call that made the value, which
are executed again; where that finds nothing, in all statements on the way, and the whole code is
followed again. A change counts where it gives right values at the numbers of the code and at all
others.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Final, NamedTuple

import numpy as np

from tracer.check.model.finding import SlipKind
from tracer.check_code.code_names import SIZES
from tracer.debug.backward_report import BackwardReport, GradientOutcome
from tracer.debug.chain_rule import chain_rule_corrections
from tracer.debug.examination import Examination
from tracer.debug.forward_search import stored_names
from tracer.debug.gradient_names import base_name
from tracer.debug.mutations import Mutation, Scope, mutations
from tracer.debug.observation import (
    COMPOUND,
    ExecutedStatement,
    ObservedCall,
    ValuePath,
    Version,
    arrays_in,
    as_assignment,
    attributes_of,
    expression_of,
    is_number,
    map_arrays,
    same_numbers,
)
from tracer.debug.provenance import paths_read
from tracer.recorded.recorded_values import Departure
from tracer.recorded.rounding_bounds import BoundedValue
from tracer.sentences import say

WORDS: Final = re.compile(r"[^\W\d]\w*")
Targets = Callable[[Examination, Version], Sequence[BoundedValue]]


class StatementChange(NamedTuple):
    """A statement that ran, for the first time of some, and what belongs in its place."""

    moment: ExecutedStatement
    mutation: Mutation


class SlipSearch:
    """The search at the numbers of one examination; a correction must hold in the others too."""

    def __init__(self, examination: Examination, others: Sequence[Examination], most: int) -> None:
        self.here = examination
        self.others = others
        self.followed = [at for at in others if at.follow is not None]
        self.left = most  # statements that may be executed, so that no machine's load says what
        self.floor = 0.0  # work that is kept for later searches
        self.suspects: set[ast.stmt] = set()  # statements that may hold the slip; empty: all
        self.right_forms: set[str] = set()  # forms of statements whose updates are right
        self.known_options: dict[tuple[object, ...], tuple[Scope, list[Mutation]]] = {}
        self.partial: StatementChange | None = None  # the first that mends a part of what is wrong
        made = {  # the statement that made each gradient, in a method perhaps
            name: examination.making_place(name).moment.statement for name in examination.chosen
        }
        self.right_statements = {*made.values()} - {
            statement for name, statement in made.items() if name in examination.departures
        }

    def locate_slip(self, report: BackwardReport) -> BackwardReport:
        """Return the report with the slip behind the first wrong gradient."""
        name = self.here.wrong[0]
        item = self.here.making_place(name)
        if item.moment not in self.here.suspects:
            self.suspects = {each.statement for each in self.here.suspects}
        outcome = next(each for each in report.outcomes if each.quantity == name)
        ratio = self.ratio(name)
        # Where all pass, a right value shows nothing.
        is_shown = not all(at.passed for at in self.followed)
        most = self.left
        found = self.change_to_gradient(item) if is_shown else None
        self.floor = most / 2
        found = found or self.change_of(item, _targets_of(name))
        self.floor = 0
        if not self.followed:  # then no other numbers speak against what a change gives by chance
            found = found or self.change_to_gradient(item)
        if found is None and self.partial is None:
            item = self.here.origin(name)
        if is_shown:
            found = found or self.change_of_all(item)
        for _, _, step in self.here.observed_updates():
            if self.here.provenance.is_made_of(step, item):
                found = found or self.change_of_step(step)
        found = found or self.partial or self.change_by_chain_rule(name)
        report = self.place_slip(report, outcome, self.here.departures[name], item, found)
        wrong = [other for other in report.outcomes if not other.is_right]
        is_all = self.here.suspects if found is None else self.is_mended(found.mutation)
        report = report._replace(
            hides_others=len(wrong) > 1 and not is_all,
            equal_corrections=tuple(self.equal_change(found)),
        )
        if ratio is None:
            return report
        alike = []
        for other in report.outcomes:
            is_same = other.quantity != name and not other.is_right
            if is_same and other.line != outcome.line and self.ratio(other.quantity) == ratio:
                version = self.here.making_place(other.quantity)
                change = self.change_of(version, _targets_of(other.quantity))
                alike.append((other, None if change is None else change.mutation))
        sizes = {size for value in self.here.forward.seen.values() for size in np.shape(value)} - {
            1
        }
        return report._replace(ratio=ratio, counts=tuple(sorted(sizes)), alike=tuple(alike))

    def equal_change(self, found: StatementChange | None) -> list[Mutation]:
        """Return the first change of another factor that gives the same, if there is one."""
        if found is None:
            return []
        statement = found.moment.statement
        runs = [each for each in self.here.changes if each.moment.statement is statement]
        return [
            other
            for other in self.options(found.moment, unlikely=False)
            if other.is_other_factor(found.mutation)
            and all(  # each time that the statement runs
                self.gives_same(run, other, found.mutation) for run in runs
            )
        ][:1]

    def gives_same(self, run: Version, *changes: Mutation) -> bool:
        """Tell whether two changes of a statement give the same numbers."""
        first, second = (outcome_of(self.here, run.moment, run, each) for each in changes)
        return first is not None and second is not None and same_numbers(first, second)

    def ratio(self, name: str) -> float | None:
        """Return the ratio of a gradient to the right one; None where it is none everywhere."""
        found = {at.ratio(name) for at in (self.here, *self.others)}
        return found.pop() if len(found) == 1 else None

    def place_slip(
        self,
        report: BackwardReport,
        outcome: GradientOutcome,
        departure: Departure | None,
        item: Version,
        change: StatementChange | None,
    ) -> BackwardReport:
        """Return the report with the statement that is to be changed."""
        moment = item.moment if change is None else change.moment
        source = moment.call.source
        return report._replace(
            path=source.path,
            cells=source.cells,
            wrong=outcome,
            departure=departure,
            statement=moment.statement,
            text=source.statement_text(moment.statement),
            correction=None if change is None else change.mutation,
        )

    def options(
        self, moment: ExecutedStatement, unlikely: bool, only: SlipKind | None = None
    ) -> list[Mutation]:
        """Return all changes of a statement, the usual ones or those that are unlikely.

        Or those of one kind. They are the same in another turn of a loop.
        """
        key, scope = (moment.statement, unlikely, only), self.scope(moment)
        if key not in self.known_options or self.known_options[key][0] != scope:
            found = mutations(moment.statement, scope, unlikely=unlikely, only=only)
            self.known_options[key] = scope, found
        return self.known_options[key][1]

    def first_change(
        self,
        moments: Sequence[ExecutedStatement],
        options: Callable[[ExecutedStatement, bool], Iterable[Mutation]],
        holds: Callable[[Mutation, ExecutedStatement], bool],
    ) -> StatementChange | None:
        """Return the first change of some statements that holds; None after too much work.

        `options` gives the changes of a statement, the usual ones or those that are unlikely.
        """
        for unlikely in (False, True):
            for moment in moments:
                for mutation in options(moment, unlikely):
                    if self.left < self.floor:
                        return None
                    self.left -= 1
                    if holds(mutation, moment):
                        return StatementChange(moment, mutation)
        return None

    def change_of(
        self,
        item: Version,
        targets: Targets,
        *,
        kind: SlipKind | None = None,
        accepts: Callable[[Mutation], bool] = lambda mutation: True,
    ) -> StatementChange | None:
        """Return the first change of a statement that gives one of the targets everywhere."""
        moments = self.here.provenance.followed_back(item)[0]
        wanted = targets(self.here, item)
        first = self.here.provenance.first_runs(item)
        last = {moment.statement: place for place, moment in enumerate(moments)}
        # What is written like the same step of a parameter whose update is right comes last.
        order = sorted(last, key=lambda each: (form_of(each) in self.right_forms, -last[each]))

        def options_here(moment: ExecutedStatement, unlikely: bool) -> Iterator[Mutation]:
            statement, place = moment.statement, last[moment.statement]
            is_right = statement in self.right_statements and place != len(moments) - 1
            is_elsewhere = self.suspects and statement not in self.suspects  # others stay wrong
            if not unlikely:
                yield from self.too_early(place, moments)
            # Any other change makes a right value wrong.
            yield from self.options(
                moment, unlikely, "stale_value" if is_right or is_elsewhere else None
            )

        def holds(mutation: Mutation, moment: ExecutedStatement) -> bool:
            is_wanted = kind in (None, mutation.kind)
            if not (
                is_wanted
                and accepts(mutation)
                and self.gives_target(
                    outcome_of(self.here, moment, item, mutation), wanted, item.value
                )
                and self.holds(mutation, item, targets, is_update=kind is not None)
            ):
                return False
            is_one_of_several = kind or mutation.below is not None or not self.here.suspects
            if is_one_of_several or self.is_mended(mutation):
                return True
            self.partial = self.partial or StatementChange(moment, mutation)
            return False

        return self.first_change([first[each] for each in order], options_here, holds)

    def change_of_step(self, item: Version) -> StatementChange | None:
        """Return the change with which an update goes down its gradient, as others do.

        Only where it is written like the update of another parameter, whose step is a multiple of
        its gradient: what that optimizer does is known then.
        """
        is_alike = any(
            form_of(other.moment.statement) == form_of(item.moment.statement)
            and self.here.step_ratio(self.here.gradient(leaf)) is not None
            for *_, other in self.here.observed_updates()
            if (leaf := self.here.updated_leaf(other)) is not None
        )
        is_right = self.gives_target(item.value, stepped_as_others(self.here, item), item.value)
        return self.change_of(item, stepped_as_others) if is_alike and not is_right else None

    def change_by_chain_rule(self, name: str) -> StatementChange | None:
        """Return the change of a gradient's own statement to what the chain rule says."""
        item = self.here.making_place(name)
        scope = self.scope(item.moment)
        values = {
            text: self.here.value_of(expression_of(text), item.moment)
            for text in (*scope.arrays, *scope.numbers)
        }
        for mutation in chain_rule_corrections(self.here, item, values, name):
            new = outcome_of(self.here, item.moment, item, mutation)
            is_right = self.gives_target(new, self.here.targets(name), item.value)
            if is_right and self.holds(mutation, item, _targets_of(name), is_update=False):
                return StatementChange(item.moment, mutation)
        return None

    def change_to_gradient(self, item: Version) -> StatementChange | None:
        """Return the change of a suspect before a value that gives no gradient, and then gives one.

        Or only what comes back along some of the ways, and then the whole gradient. The first of
        them is where the code leaves the way back through the forward pass, whatever
        its names say; a change of it is looked at alone before the code is followed with it.
        """
        first = {
            version.moment.statement: version
            for version in reversed(self.here.changes)
            if version.moment in self.here.suspects and version.moment.done <= item.moment.done
        }
        odd = {
            each: version
            for each, version in first.items()
            if not self.here.is_gradient(version.value, whole=True)
        }
        shares = {each for each, version in odd.items() if self.here.is_gradient(version.value)}
        inner = (
            version.moment
            for version in odd.values()
            if not any(
                self.here.provenance.calls(version.moment, each) for each in self.here.suspects
            )
        )

        shapes = {
            (id(version.moment), version.path): self.here.iteration.shape(name)
            for name, version in self.here.chosen.items()
        }

        def holds(mutation: Mutation, moment: ExecutedStatement) -> bool:
            version = odd[moment.statement]
            value = outcome_of(self.here, moment, version, mutation)
            shape = shapes.get((id(version.moment), version.path), np.shape(value))
            is_fitting = np.squeeze(value).shape == tuple(size for size in shape if size != 1)
            return (
                is_fitting
                and self.here.is_gradient(value, whole=moment.statement in shares)
                and bool(np.any(value))
                and self.is_mended(mutation)
            )

        order = sorted(inner, key=lambda each: each.done)
        return self.first_change(order, self.options, holds)

    def change_of_all(self, item: Version) -> StatementChange | None:
        """Return the change of a suspect with which the code as a whole gives right gradients.

        The code is followed again for each, which helpers, loops and methods need.
        """
        every = sorted(
            self.here.suspects,
            key=lambda each: (
                not self.here.provenance.calls(item.moment, each),
                each is not item.moment,
                each.done > item.moment.done,  # what is nearest before it comes first
                -each.done,
            ),
        )
        first = {moment.statement: moment for moment in every[::-1]}
        tried: set[tuple[object, ...]] = set()
        return self.first_change(
            [*dict.fromkeys(first[each.statement] for each in every)],
            self.options,
            lambda mutation, _: self.is_new(mutation, tried) and self.is_mended(mutation),
        )

    def is_new(self, mutation: Mutation, tried: set[tuple[object, ...]]) -> bool:
        """Tell whether a change gives other numbers than those before it."""
        numbers: tuple[object, ...] = (
            mutation.statement,
            *(
                np.asarray(outcome_of(self.here, version.moment, version, mutation)).tobytes()
                for version in self.here.changes
                if version.moment.statement is mutation.statement
            ),
        )
        is_new = len(numbers) == 1 or numbers not in tried
        tried.add(numbers)
        return is_new

    def is_mended(self, mutation: Mutation) -> bool:
        """Tell whether a change is all that is wrong, as far as the code can be followed again.

        Gradients of parameters that are wrong must be right with it, and the others stay as they
        are.
        """
        for at in self.followed:
            assert at.follow is not None
            compared = {version.moment.statement for version in at.chosen.values()}
            again = at.follow({mutation.statement: mutation.statements}, compared)
            after_change = again.moments
            self.left -= len(after_change)
            for name, version in at.chosen.items():
                if not at.is_leaf(name) or at.is_blank(name):  # what cancels shows nothing
                    continue
                before, after = (
                    [each for each in moments if each.statement is version.moment.statement]
                    for moments in (at.observation.moments, after_change)
                )
                place = before.index(version.moment)
                found = arrays_in(after[place].after, again.own) if place < len(after) else {}
                _, value = found.get(version.path.text, (None, None))
                is_right = name not in self.here.departures and name not in at.departures
                wanted = _right_value(at, version) if is_right else at.right_values(name)
                is_part = value is not None and at.is_share(name, version, value)
                if not (self.gives_target(value, wanted, version.value) or is_part):
                    return False
        return True

    def holds(
        self, mutation: Mutation, item: Version, targets: Targets, *, is_update: bool
    ) -> bool:
        """Tell whether a change gives right values elsewhere too.

        That is at the other numbers, in other calls of its function, and where parameters are made
        of the value, for one of them: a name that holds a multiple on purpose is not right by being
        made the gradient.
        """

        def is_right(at: Examination, version: Version, wanted: Sequence[BoundedValue]) -> bool:
            moment = at.provenance.first_runs(version).get(mutation.statement)
            return moment is None or self.gives_target(  # the code went another way there
                outcome_of(at, moment, version, mutation), wanted, version.value
            )

        index = [id(each) for each in self.here.provenance.versions_of(item)].index(id(item))
        holds = all(
            is_right(at, version, targets(at, version))
            for at in self.others
            for version in at.provenance.versions_of(item)[index : index + 1]  # at the same time
        )
        if is_update or not holds:
            return holds
        made = [
            is_right(self.here, version, self.here.targets(name))
            for name, version in self.here.chosen.items()
            if version is not item
            and name in self.here.departures
            and self.here.is_leaf(name)
            and version.moment.call is item.moment.call
            and self.here.provenance.is_made_of(version, item)
        ]
        return (not made or any(made)) and all(
            is_right(self.here, other, self.here.targets(name))
            for name in self.here.chosen
            for other in [self.here.making_place(name)]
            if other.moment.statement is item.moment.statement
            and other.moment.call is not item.moment.call
        )

    def too_early(self, place: int, moments: Sequence[ExecutedStatement]) -> Iterator[Mutation]:
        """Yield the change that leaves out an update where the old value is used later."""
        touched = {
            base_name(item.path)
            for item in self.here.changes
            if item.moment is moments[place] and self.here.updated_leaf(item)
        }
        if touched and place + 1 < len(moments):
            words = say(
                "{name} is updated before its old value was used for the last time",
                name=", ".join(sorted(touched)),
            )
            below = moments[-1].statement.lineno
            yield Mutation("stale_value", words, moments[place].statement, [ast.Pass()], below)

    def scope(self, moment: ExecutedStatement) -> Scope:
        """Return what a statement can use."""
        found = arrays_in(moment.before, self.here.own).items()
        lists = {text[: text.rindex("[")] for text, (path, _) in found if _is_place(path.parts[-1])}
        values = {  # one of many is meant by another index
            text: value for text, (path, value) in found if not any(map(_is_place, path.parts))
        }
        turns = sorted(_loop_names(moment.call))  # loop variables are places, no sizes
        counts = [
            text for text in _names_of_counts(moment.before, self.here.own) if text not in turns
        ]
        numbers = [*counts, *(text for text, value in values.items() if is_number(value))]
        # One array may have several names, of which the statement reads another one.
        read = [*_indexed_entries(moment.call, lists), *paths_read(moment.statement)]
        values |= {text: self.here.value_of(expression_of(text), moment) for text in read}
        arrays = {
            text: value.shape
            for text, value in values.items()
            if isinstance(value, np.ndarray) and value.shape
        }
        target = next(
            (np.shape(each.value) for each in self.here.changes if each.moment is moment), None
        )
        return Scope(
            arrays,
            numbers,
            target,
            frozenset([*counts, *(text for text in numbers if text in SIZES)]),
            moment.call.source.shares,
            turns,
            self.unused_versions,
            moment.call.source.has_roots,
        )

    @cached_property
    def unused_versions(self) -> set[str]:
        """What the backward pass computes and makes no gradient of: a path may end there."""
        used = {
            moment.statement
            for version in self.here.chosen.values()
            for moment in self.here.provenance.slice_of(version).values()
        }
        return {item.path.text for item in self.here.changes if item.moment.statement not in used}

    def gives_target(self, value: Any, targets: Sequence[BoundedValue], written: Any) -> bool:
        """Tell whether a value agrees with one of some targets, whatever its axes of length 1.

        A shape that is neither that of what is written nor the target's may not broadcast to more.
        """
        try:
            array = np.asarray(value, dtype=float)
        except (TypeError, ValueError):
            return False
        for target in targets:
            shape = target.value.shape
            is_same = array.squeeze().shape == target.value.squeeze().shape
            if is_same and array.shape != np.shape(written):  # axes of length 1 in front at most
                is_same = array.shape == shape[len(shape) - array.ndim :]
            if is_same and (self.here.rule.agree(array.reshape(shape), target)):
                return True
        return False


def _targets_of(name: str) -> Targets:
    """Return what gives the right values of a gradient."""
    return lambda at, _: at.targets(name)


def _right_value(at: Examination, version: Version) -> list[BoundedValue]:
    """Return the value of a version as the right value."""
    right = np.asarray(version.value, dtype=float)
    return [BoundedValue(right, 64 * at.rule.unit * np.abs(right))]


def form_of(statement: ast.stmt) -> str:
    """Return a statement with numbered names: `w += vw` and `b += vb` have one form."""
    places: dict[str, str] = {}
    return WORDS.sub(
        lambda match: places.setdefault(match[0], f"_{len(places)}"),
        ast.unparse(statement),
    )


def stepped_value(at: Examination, leaf: str, rate: float) -> BoundedValue:
    """Return where a step down the gradient leads from the value of a parameter."""
    start, slope = np.asarray(at.forward.seen[leaf]), at.slope(at.gradient(leaf))
    return BoundedValue(start + rate * slope, 1e-8 * np.abs(rate * slope) + at.rule.unit * 64)


def stepped_as_others(at: Examination, version: Version) -> list[BoundedValue]:
    """Return what an update would give that takes the rate of another one down its gradient."""
    leaf = at.updated_leaf(version)
    if leaf is None:
        return []
    rates = {at.step_ratio(at.gradient(each)) for each in at.forward.leaves - {leaf}}
    return [stepped_value(at, leaf, rate) for rate in rates if rate is not None and rate < 0]


def outcome_of(
    here: Examination, first: ExecutedStatement, item: Version, mutation: Mutation
) -> Any:
    """Return what a name would hold with a statement changed, None where it fails."""
    execution = here.observation.execution
    own = first.call.moments
    moments = [
        moment
        for moment in own[own.index(first) : own.index(item.moment) + 1]
        if not isinstance(moment.statement, COMPOUND)
    ]
    names = {**first.call.surroundings, **map_arrays(first.before, _copy_value, here.own)}
    names.setdefault("np", execution.numpy)
    loops = _loop_names(first.call)
    try:
        with np.errstate(all="ignore"):
            for moment in moments:
                # Loops are not run again: their names get the values that they had.
                if moment is not first:  # whose names are those that it had
                    counted = {name: moment.before[name] for name in loops & moment.before.keys()}
                    names.update(map_arrays(counted, _copy_value, here.own))
                is_old = moment.statement is mutation.statement
                for statement in mutation.statements if is_old else [moment.statement]:
                    execution.execute(as_assignment(statement), names)
        return np.asarray(execution.evaluate(expression_of(item.path.text), names))
    except Exception:  # noqa: BLE001 - a change that does not fit is none
        return None


def _loop_names(call: ObservedCall) -> set[str]:
    """Return the names that the loops of a call count with."""
    loops = {id(item.statement): item.statement for item in call.moments}
    return {
        name for each in loops.values() if isinstance(each, ast.For) for name in stored_names(each)
    }


def _is_place(part: str) -> bool:
    """Tell whether a part of a path is a place in a list."""
    return part.lstrip("-").isdigit()


def _indexed_entries(call: ObservedCall, lists: Collection[str]) -> list[str]:
    """Return the entries of lists by each index that a call's statements use: `zs[i - 1]`."""
    statements = {item.statement for item in call.moments}
    nodes = [node for statement in statements for node in ast.walk(statement)]
    indices = {
        ast.unparse(node.slice)
        for node in nodes
        if isinstance(node, ast.Subscript)
        and isinstance(node.slice, (ast.Name, ast.BinOp))
        and ast.unparse(node.value) in lists
    }
    return sorted(f"{name}[{index}]" for name in lists for index in indices)


def _names_of_counts(names: Mapping[str, Any], own: Callable[[type], bool]) -> Iterator[str]:
    """Yield the names and attributes that hold whole numbers above 1: counts and sizes."""
    for name, value in names.items():
        found = {name: value}
        if own(type(value)):
            found = {f"{name}.{key}": item for key, item in attributes_of(value).items()}
        for text, number in found.items():
            is_whole = isinstance(number, (int, np.integer)) and not isinstance(number, bool)
            if is_whole and number > 1 and not text.startswith("__"):
                yield text


def _copy_value(value: Any, path: ValuePath) -> Any:
    return value if is_number(value) else np.array(value)
