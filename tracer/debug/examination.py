"""A backward pass at one set of numbers: which of its gradients are right.

The forward part of the code is traced; what its backward part gives names is compared with the
traced gradients in the order of the program, each against what it should be for the code's own
earlier values.
"""

from __future__ import annotations

import ast
import math
from collections import defaultdict
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import accumulate, combinations
from typing import Any, Final

import numpy as np

from tracer.check_code.code_breaks import is_update
from tracer.check_code.code_names import role_of
from tracer.debug.backward_report import BackwardReport, GradientOutcome
from tracer.debug.execution import RETURNED
from tracer.debug.forward_replay import ForwardPass, grown_list, replay_forward
from tracer.debug.forward_search import (
    forward_words,
    gradient_window,
    losses_of,
    stored_names,
)
from tracer.debug.gradient_names import GradientNames, base_name, gradient_word
from tracer.debug.namespaces import ValuePath, arrays_in, same_numbers
from tracer.debug.observation import (
    COMPOUND,
    ExecutedStatement,
    Observation,
    ObservedCall,
    Version,
)
from tracer.debug.other_numbers import TINY
from tracer.debug.provenance import Provenance, is_part, paths_read
from tracer.debug.unknown_values import UnfollowedValue
from tracer.errors import RunError
from tracer.expression.syntax import Call, Name, Node, Number, walk
from tracer.operations import Shape
from tracer.program.lower import gradient_name
from tracer.program.program import names_in, needed_for
from tracer.recorded.recorded_values import AgreementRule, Departure, compare
from tracer.recorded.rounding_bounds import BoundedValue
from tracer.sentences import say

Changes = Mapping[ast.stmt, Sequence[ast.stmt]]
BLANK: Final = 1e-12  # of the largest gradient: what rounding leaves of 0
TURNED: Final = ".T"  # behind the name of a gradient: transposed
MOST_SHARES: Final = 8  # of a gradient, whose sums are compared
SMALL: Final = 1e-3  # a probability that is small
GUARD_ENTRIES: Final = 100  # of which a sum may cancel but for what a guard makes of one
ASCENDING: Final = ("ascent", "climb", "likelihood", "reward", "maximi", "上升", "最大化")


class NoGradientError(RunError):
    """Nothing that follows a loss is called a gradient of what it is made of."""


class Examination:
    """The comparison of one backward pass with the traced forward pass.

    The forward pass begins with the call's first statement that is done `after` some moment.
    `holds_targets`: what it calls a target or an advantage has no gradient.
    """

    def __init__(
        self,
        observation: Observation,
        call: ObservedCall,
        last: ExecutedStatement,
        loss: str,
        after: float = -1,
        *,
        holds_targets: bool = False,
    ) -> None:
        self.observation = observation
        self.own = observation.own
        self.call = call
        window = gradient_window(observation, call, last)
        begun = min((item.moment.done for item in window.gradients), default=math.inf)
        another = min(
            (
                each.done
                for each, name in losses_of(call)
                if name and each.done > max(begun, last.done)
            ),
            default=math.inf,
        )
        self.start = window.start
        self.may_ascend = any(word in call.source.words for word in ASCENDING)
        self.changes, self.named, self.unnamed = (
            [item for item in items if item.moment.done < another and not _is_forgotten(item)]
            for items in (window.changes, window.gradients, window.unnamed)
        )
        visible = forward_words(observation, call, last)
        wanted = {
            *(gradient_word(item.path, visible) for item in self.named),
            *(base_name(item.path) for item in window.updates),
        }
        shared = {  # gave right values in the forward pass
            each.code
            for each in observation.calls
            if last.done <= self.start and max(after, call.started) < each.started <= last.done
        }
        self.provenance = Provenance(observation, self.changes, self.start, shared)
        # What a gradient is taken of that does not say so, its shape or an update will show.
        is_open = bool(self.unnamed) or any(word and role_of(word) == "data" for word in wanted)
        self.forward: ForwardPass = replay_forward(
            call,
            last,
            loss,
            frozenset(filter(None, wanted)),
            observation,
            is_open=is_open,
            after=after,
            holds_targets=holds_targets,
        )
        self.holds_targets = holds_targets
        self.trace = self.forward.trace
        self.iteration = self.trace.iteration(1)
        self.loss = self.trace.program.loss or ""
        # By their gradients: what is read of a leaf is a leaf for those who differentiate by it.
        own = {leaf: leaf for leaf in self.forward.leaves}
        self.leaves = {
            self.gradient(part): leaf for part, leaf in {**own, **self.forward.parts}.items()
        }
        self.names = GradientNames(self.forward.paths)
        self.equations = {item.name: item for item in self.trace.program.equations}
        self.guarded = self.guarded_share()
        self.rule = AgreementRule("float64", self.guarded)
        self.loss_name = loss or call.name
        self.scales: set[float] = set()  # of gradients that hold a multiple on purpose
        self.decays: dict[str, float] = {}  # of parameters of one number, the rate of their decay
        self.refuted: set[str] = set()  # gradients whose decay is one at these numbers only
        self.chosen: dict[str, Version] = {}  # a gradient's value, in the order of the program
        self.departures: dict[str, Departure] = {}
        # Follows the code with the numbers of this examination and other statements in places.
        self.follow: Callable[[Changes], Observation] | None = None
        self.of_methods: set[int] = set()  # ids of gradients of what a method was given
        self.unowned: list[Version] = []  # of one of several parameters, unknown of which
        self.compare_gradients()

    def guarded_share(self) -> float | None:
        """Return how much of a gradient a guard makes which nobody differentiates; None for none.

        That is what keeps a logarithm from 0, `log(p + 1e-12)`.
        """
        shares = [0.0]
        made = [each for each in self.equations.values() if each.phase in ("forward", "loss")]
        for node in (node for each in made for node in walk(each.expression)):
            inner = (
                node.arguments[0] if isinstance(node, Call) and node.operation == "log" else node
            )
            if inner is node or not isinstance(inner, Call) or inner.operation != "add":
                continue
            value, guard = inner.arguments
            if isinstance(guard, Number) and guard.value < TINY:
                known = np.asarray(SMALL)
                if isinstance(value, Name):
                    slope = self.gradient(value.id)
                    asked = np.asarray(self.iteration[slope]) if slope in self.equations else 1.0
                    known = np.abs(self.iteration[value.id])[asked != 0]  # else it guards nothing
                size = float(guard.value)
                shares.append(size / max(size, float(known.min(initial=1.0))))  # all of a 0
        return min(GUARD_ENTRIES * max(shares), TINY) or None

    # What is compared

    def versions(self) -> dict[str, list[Version]]:
        """Return the values of each gradient, by its name in the trace, in their order."""
        groups: dict[tuple[int, str], list[Version]] = defaultdict(list)
        before_loss = self.of_loss - {id(each.moment) for each in self.losses}
        for item in self.changes:
            if id(item) not in self.added_to and id(item.moment) not in before_loss:
                groups[id(item.moment.call), item.path.text].append(item)
        found: dict[str, list[Version]] = defaultdict(list)
        for group in sorted(  # a longer path says more of whose it is
            groups.values(),
            key=lambda each: (each[0].moment.call is not self.call, -len(each[0].path.parts)),
        ):
            # What a loop backward appends is in the order of that loop.
            is_in_order = grown_list(group[-1].moment.statement) is None
            named = self.names.quantities(group[0].path, is_in_order=is_in_order)
            shape = np.squeeze(group[-1].value).shape
            is_of_data = named and role_of(base_name(self.forward.paths[named[0]])) == "data"
            if not named or (is_of_data and np.squeeze(self.right_value(named[0])).shape != shape):
                named = self.parameter_of(group)
            quantities = [name for name in named if self.gradient(name) in self.equations]
            if len({self.forward.paths[name] for name in quantities}) > 1:
                # A value on the way may be that of several times; a parameter is one of its own.
                is_on_way = not self.forward.leaves.issuperset(quantities)
                owned = self.owned(group[-1], quantities)
                if any(
                    same_numbers(item.value, group[-1].value)
                    for name in quantities
                    for item in found[name]
                ):
                    continue  # it has a name of its own where the forward pass is
                if not owned and not is_on_way:
                    self.unowned.append(group[-1])
                quantities = owned or (quantities if is_on_way else [])
            fitting = self.of_shape(group[-1], quantities)
            if not fitting:
                self.unowned += group[-1:] if quantities else []
                continue
            quantities = fitting
            methods = self.begun_methods(group[-1].moment.call)
            if self.is_of_others(group[-1], methods, quantities):
                self.of_methods.update(map(id, group))
                continue  # what the method gives back has a name where it is called
            own = [item for item in group if not self.is_of_others(item, [item.moment], quantities)]
            if len(own) < len(group):  # with what a loop adds to, which is nothing yet
                own = [item for item in own if np.any(item.value)]
            if not own:
                self.unowned.append(group[-1])
                continue
            group = own
            used = [
                item
                for place, item in enumerate(group)
                if place + 1 == len(group) or self.is_used(item, group[place + 1])
            ]
            if len(quantities) == 1:
                # A name may go on to hold something else: dh is masked in place and is then dz.
                right = [item for item in group if self.is_near(item.value, quantities[0])]
                if quantities[0] in self.forward.leaves and self.is_scaled_by_count(group[-1]):
                    right = []  # that is the gradient which the update takes
                found[quantities[0]].append((right or used)[-1])
                continue
            for place, item in enumerate(used):
                near = [name for name in quantities if self.is_near(item.value, name)]
                if not near and len(group) == 1:
                    seen = self.seen_beside(item, quantities)
                    near = seen if len(seen) == 1 else []
                at = len(quantities) - 1 - place  # a loop backward through time
                if not near and not (len(used) == len(quantities) and at >= 0):
                    continue
                found[near[0] if near else quantities[at]].append(item)
        return {name: items for name, items in found.items() if items}

    @cached_property
    def losses(self) -> list[Version]:
        """The values that are the loss, under all its names."""
        loss = np.asarray(self.iteration[self.loss])
        return [each for each in self.changes if same_numbers(each.value, loss)]

    @cached_property
    def of_loss(self) -> set[int]:
        """The ids of the statements that the loss is made of: what is differentiated is right."""
        return {key for each in self.losses for key in self.provenance.slice_of(each)}

    @cached_property
    def added_to(self) -> set[int]:
        """The ids of values that a later call adds to or replaces: none of a gradient yet."""
        found: set[int] = set()
        for item in self.changes:
            is_change = isinstance(item.moment.statement, (ast.Assign, ast.AugAssign))
            if is_change and len(item.path.parts) > 1:
                before = arrays_in(item.moment.before, self.own).get(item.path.text)
                found.update(
                    id(other)
                    for other in self.changes
                    if before is not None
                    and other.path.text == item.path.text
                    and other.moment.call is not item.moment.call
                    and other.moment.done < item.moment.done
                    and same_numbers(other.value, before[1])
                )
        return found

    def owned(self, item: Version, quantities: Sequence[str]) -> list[str]:
        """Return those of some quantities which are in the same object or table as a gradient.

        What an object has beside `self.dW` under the name of the parameter, `self.W`, has the
        numbers of that parameter in the forward pass; objects themselves are copies by then. What
        has the same key in another table, `self.p["q"]` for `self.g["q"]`, comes before an
        attribute of that name, and so does what is under the same attributes, `self.bn.b` for
        `net.bn.db`. Where that leaves several, as for biases that are all 0, it is the
        one at the same place, or the only one of the gradient's shape. No choice depends on the
        gradient's value.
        """
        paths = self.forward.paths
        beside = self.beside(item)
        shape = np.squeeze(item.value).shape
        same_place = {path for path, _ in beside if item.moment.call is self.call}
        for found in (
            {
                paths[name]
                for name in quantities
                if paths[name].parts[-1] == item.path.parts[-1]
                and len(paths[name].parts) == len(item.path.parts)
            },
            {paths[name] for name in quantities if paths[name] in same_place},
            {
                paths[name]
                for name in quantities
                if paths[name].parts[1:-1] == item.path.parts[1:-1] != ()
                and all(not part.isdigit() for part in item.path.parts)  # lists may be reversed
            },
            {paths[name] for name in self.seen_beside(item, quantities)},
            {
                paths[name]
                for name in quantities
                if np.squeeze(self.forward.seen[name]).shape == shape
            },
        ):
            if len(found) == 1:
                return [name for name in quantities if paths[name] in found]
        return []

    def beside(self, item: Version) -> list[tuple[ValuePath, Any]]:
        """Return what a gradient's function has, or of an attribute or entry what is beside it."""
        return [
            (path, value)
            for path, value in arrays_in(item.moment.before, self.own).values()
            if len(item.path.parts) == 1
            or path.parts[:-1] == item.path.parts[: len(path.parts) - 1] != ()
        ]

    def seen_beside(self, item: Version, quantities: Sequence[str]) -> list[str]:
        """Return those of some quantities whose numbers are beside a gradient under their name."""
        beside = self.beside(item)
        return [
            name
            for name in quantities
            if any(
                base_name(path) == base_name(self.forward.paths[name])
                and same_numbers(value, self.forward.seen[name])
                for path, value in beside
            )
        ]

    def begun_methods(self, call: ObservedCall) -> list[ExecutedStatement]:
        """Return the first statements of the other methods that a method's class ran before it."""
        owner = call.name.rpartition(".")[0]
        return [
            each.moments[0]
            for each in self.observation.calls
            if owner and each.moments and each.started < call.started
            if each.name.rpartition(".")[0] == owner and each.name != call.name
        ]

    def is_of_others(
        self, item: Version, moments: Sequence[ExecutedStatement], quantities: Sequence[str]
    ) -> bool:
        """Tell whether a gradient is that of what its function has, and none of some quantities.

        `dx` beside an `x` with other numbers than those of the data X is the gradient of that x,
        also where it is kept, as `cache["x"]`, or where another method of the class was given it.
        `moments` are those before which that is looked for.
        """
        if item.moment.call is self.call or len(item.path.parts) > 1:
            return False
        held = [
            (base_name(path), value)
            for moment in moments
            for path, value in arrays_in(moment.before, self.own).values()
        ]
        of = gradient_word(item.path, frozenset(name for name, _ in held))
        beside = [
            value for name, value in held if name == of and np.shape(value) == np.shape(item.value)
        ]
        return bool(beside) and not any(
            np.size(seen) == np.size(value) and same_numbers(np.ravel(seen), np.ravel(value))
            for seen in map(self.forward.seen.__getitem__, quantities)
            for value in beside
        )

    def of_shape(self, item: Version, quantities: Sequence[str]) -> list[str]:
        """Return of some quantities those of a gradient's shape, or what is read of them in it.

        A gradient that lacks axes of a value on the way is that of some entries. What is read at
        several places under names of its own has no gradient that all of these uses give.
        """
        shape = np.shape(np.squeeze(item.value))

        def shape_of(quantity: str) -> Shape:
            return np.shape(np.squeeze(self.right_value(quantity)))

        def is_of_part(quantity: str) -> bool:
            axes = iter(whole := shape_of(quantity))
            is_fewer = len(shape) < len(whole) and all(size in axes for size in shape)
            return is_fewer and not self.is_leaf(self.gradient(quantity))

        parts = [
            part
            for part, leaf in self.forward.parts.items()
            if leaf in quantities and shape_of(leaf) != shape == shape_of(part)
        ]
        if parts:
            read = {self.equations[part].expression for part in parts}
            return parts if len(read) == len(parts) else []
        return [name for name in quantities if not is_of_part(name)]

    def parameter_of(self, group: Sequence[Version]) -> list[str]:
        """Return the parameter whose gradient a name holds that does not say of what.

        It is the one whose update uses it, else the only one of its shape. What has the name and
        the shape of an array that was not traced is of that array.
        """
        moments = {id(item.moment) for item in group}
        is_known = any(
            same_numbers(item.value, other.value)
            for item in group
            for other in self.named
            if other.path != item.path
        )
        of_gradients = {id(item) for item in (*self.unnamed, *self.named)}
        if is_known or not any(id(item) in of_gradients for item in group):
            return []
        updated = [
            name
            for item in self.changes
            if (name := self.updated_leaf(item)) is not None
            and any(id(moment) in moments for moment in self.provenance.followed_back(item)[0][:-1])
        ]
        shape = np.squeeze(group[-1].value).shape
        arrays = arrays_in(group[-1].moment.before, self.own).values()
        same = frozenset(base_name(path) for path, value in arrays if np.shape(value) == shape)
        is_of_another = gradient_word(group[-1].path, same) in same
        fitting = [
            name
            for name in updated or (() if is_of_another else self.forward.asked)
            if np.squeeze(self.forward.seen[name]).shape == shape
        ]
        return fitting if len(set(fitting)) == 1 else []

    def is_used(self, item: Version, following: Version) -> bool:
        """Tell whether a value was read before its name got the next one."""
        return any(
            item.moment.done < moment.done < following.moment.done
            and not isinstance(moment.statement, COMPOUND)
            and moment.statement is not following.moment.statement
            and item.path.text in ast.unparse(moment.statement)
            for moment in item.moment.call.moments
        )

    @cached_property
    def gradients(self) -> Mapping[tuple[Shape, bool], Sequence[float]]:
        """The gradients of all values in the forward pass, each as one number, by their shapes.

        Also of those without a name, the multiples that names hold on purpose, and what comes back
        along some of the ways to one: the key says whether they are whole.
        """
        run = self.forward.in_full()
        # The gradient of `-v` in `exp(-v)`, of `1 - z`, of a target is another one turned round.
        turned = {
            self.gradient(each.name)
            for each in run.program.equations
            if each.name not in self.equations and _turns_round(each.expression)
        } | {
            self.gradient(leaf)
            for leaf in self.forward.leaves
            if role_of(base_name(self.forward.paths[leaf])) == "target"
        }
        backward = [
            item.name
            for item in run.program.equations
            if item.phase == "backward" and item.name.partition("#")[0] not in turned
        ]
        found: dict[tuple[Shape, bool], list[float]] = defaultdict(list)
        for name in backward:
            shares = [run.iteration(1)[each] for each in backward if each.startswith(f"{name}#")]
            for place, value in enumerate((run.iteration(1)[name], *_sums_of_some(shares))):
                key = np.squeeze(value).shape, not place and "#" not in name
                found[key] += [_as_number(value) * each for each in (1.0, *self.scales)]
        return found

    def is_gradient(self, value: Any, *, whole: bool = False) -> bool:
        """Tell whether a value is the gradient of one in the forward pass, named or not.

        Or what comes back along some of the ways to it, unless it has to be `whole`.
        """
        keys = [(np.squeeze(value).shape, each) for each in {whole, True}]
        same = [number for key in keys for number in self.gradients.get(key, ())]
        return np.asarray(value).dtype.kind == "f" and bool(
            np.isclose(same, _as_number(value), rtol=1e-6, atol=0).any()
        )

    def right_value(self, quantity: str) -> Any:
        """Return the gradient of a quantity as it is traced."""
        return np.asarray(self.iteration[self.gradient(quantity)])

    def is_near(self, value: Any, quantity: str) -> bool:
        """Tell whether a value is the gradient of a quantity, as near as rounding comes."""
        return _is_near(value, self.right_value(quantity))

    # The comparison

    def compare_gradients(self) -> None:
        """Compare the gradients. Raises RunError where there is none."""
        versions = self.versions()
        if not versions and not any(self.updates_seen()):
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
            if self.passed:
                self.compare_versions(first)

    def compare_versions(self, chosen: Mapping[str, Version]) -> None:
        """Compare one value for each gradient, and note which departs from its equation."""
        recorded = dict(self.forward.seen)
        recorded.update({name: item.value for name, item in chosen.items()})
        while True:
            found = compare(self.trace, {1: recorded}, tolerance=self.guarded)
            departures = {item.name: self.in_words_of_code(item) for item in found.departures}
            self.check_forward(departures)
            self.chosen, self.departures = {**chosen}, departures
            excused = {
                name
                for name in departures
                if self.is_excused(name, chosen[name])
                or self.is_moved(name, chosen[name])
                or self.is_step(name, chosen[name])
                or self.is_decayed(name, chosen[name])
                or self.is_mean_of_turns(name, chosen[name])
            }
            unknown = {
                name
                for name in departures.keys() - excused
                if not self.made_of(name, chosen[name]) and self.is_share(name, chosen[name])
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
                departures.pop(name)
            chosen = {name: chosen[name] for name in chosen if name not in unknown}
        self.rule = AgreementRule(found.dtype, self.guarded)
        self.chosen = {
            name: chosen[name]
            for name in sorted(chosen, key=lambda each: self.made(each).moment.done)
        }

    def in_words_of_code(self, departure: Departure) -> Departure:
        """Return a departure without causes that name what the code has no name for."""
        known = {None, *self.forward.paths, *map(self.gradient, self.forward.paths)}
        return departure._replace(
            causes=tuple(each for each in departure.causes if each.words.slots.get("name") in known)
        )

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

    def report(self, wrong: Container[str]) -> BackwardReport:
        """Return the report on all gradients, of which some are wrong here or at other numbers."""
        outcomes = tuple(
            GradientOutcome(
                name,
                # What a function returns has the name of its key.
                base_name(item.path) if item.path.parts[0] == RETURNED else item.path.text,
                self.made(name).moment.statement,
                name not in wrong,
            )
            for name, item in self.chosen.items()
        )
        compared = {item.statement for item in outcomes}
        known = {base_name(item.path) for item in self.chosen.values()}
        uncompared = {
            item.path.text: statement
            for item in self.named
            if base_name(item.path) not in known
            and id(item) not in self.of_methods
            and not self.is_gradient(
                item.value, whole=item.moment.call is self.call and not self.is_added_to(item)
            )
            and (statement := self.provenance.innermost(item).moment.statement) not in compared
        }
        # Where a statement on the way may be wrong that gives no gradient, what it leads to is not
        # wrong by itself.
        made = {name: self.made(name) for name in self.chosen}
        unknown = {id(each) for each in self.suspects} - {id(each.moment) for each in made.values()}
        carried = {
            name
            for name, item in self.departures.items()
            if item.follows == "follows"
            or not unknown.isdisjoint(self.provenance.slice_of(made[name]))
        }
        uncompared |= {
            item.path.text: self.provenance.innermost(item).moment.statement
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

        With `any_name` all that the loss begins with.
        """
        paths = {name: self.forward.paths[name] for name in sorted(self.forward.leaves)}
        owned = {base_name(path) for name, path in paths.items() if self.has_gradient(name)}
        return tuple(
            path.text
            for name, path in paths.items()
            if (any_name or base_name(path) in owned)
            and self.gradient(name) in self.equations
            and not self.has_gradient(name)
        )

    def targets(self, name: str) -> list[BoundedValue]:
        """Return the values of a gradient that count as right where only its own line changes.

        That is what its equation gives for the earlier values of the code, and for right ones.
        """
        departure = self.departures.get(name)
        return [*(() if departure is None else (departure.expected,)), *self.right_values(name)]

    def right_values(self, name: str) -> list[BoundedValue]:
        """Return what a gradient is, and the multiples of it that others hold on purpose."""
        traced = np.asarray(self.iteration[name])
        bound = 64 * self.rule.unit * np.abs(traced)
        if self.is_blank(name):
            bound = bound + BLANK * self.largest
        if name in self.departures:
            bound = np.maximum(bound, self.departures[name].expected.bound)
        scales = () if self.is_leaf(name) else self.scales
        return [BoundedValue(traced * each, abs(each) * bound) for each in (1.0, *scales)]

    def counterpart(self, item: Version, index: int) -> Version | None:
        """Return what the same statement gave the same name here, for the same time."""
        same = self.provenance.versions_of(item)
        return same[index] if index < len(same) else None

    def is_leaf(self, name: str) -> bool:
        """Tell whether a gradient is that of a quantity which no equation gives."""
        return name in self.leaves

    def has_gradient(self, leaf: str) -> bool:
        """Tell whether the code has a gradient of a leaf, or of what is read of it."""
        return any(self.leaves.get(each) == leaf for each in self.chosen)

    def made(self, name: str) -> Version:
        """Return where a gradient was made: in a function that its statement calls, perhaps.

        What is wrong and has the numbers of the right gradient of another quantity, it has from its
        own statement.
        """
        item = self.chosen[name]
        inner = self.provenance.innermost(item)
        is_of_another = name in self.departures and any(
            other not in self.departures
            and self.provenance.innermost(self.chosen[other]).moment is inner.moment
            for other in self.chosen
        )
        return item if is_of_another else inner

    def is_excused(self, name: str, part: Version) -> bool:
        """Tell whether a right gradient of a parameter, or its update, is made of this one.

        Then it holds something else than the gradient, a sum that is divided by n later, say.
        """
        return (
            any(
                leaf not in self.departures and not self.is_blank(leaf)
                for leaf in self.made_of(name, part)
            )
            or self.is_of_right_update(name, part)
            or (self.is_added_to(part) and self.is_share(name, part))
        )

    def made_of(self, name: str, part: Version) -> list[str]:
        """Return the gradients of parameters and data that are computed from a gradient."""
        made = self.made(name).moment
        return [
            leaf
            for leaf, item in self.chosen.items()
            if leaf != name and self.is_leaf(leaf) and self.provenance.is_made_of(item, part, made)
        ]

    def is_of_right_update(self, name: str, part: Version) -> bool:
        """Tell whether the step along a gradient that has no name is made of a value.

        Where the value is no multiple of what its name says, the step alone can be the wrong way,
        or the value a part of the gradient of that parameter, to which another call gives the rest.
        """
        own, right = self.leaves.get(name), np.asarray(self.iteration[name])
        is_no_multiple = any(  # of a single number another one beside it shows it
            np.size(item.value) > 1 and self.ratio(each) is None
            for each, item in [(name, part), *self.chosen.items()]
            if item is part
            or (np.size(right) == 1 and item.path.parts[:-1] == part.path.parts[:-1])
        )
        return any(
            ratio < 0
            if leaf == own
            else self.may_ascend or ratio < 0 or (slope.size > 1 and is_no_multiple)
            for leaf in self.forward.leaves
            if (is_no_multiple if leaf == own else not self.has_gradient(leaf))
            for change, slope, item in self.steps_seen(self.gradient(leaf))
            if (ratio := ratio_of(change, slope)) is not None
            and self.provenance.is_made_of(item, part)
        )

    def is_added_to(self, part: Version) -> bool:
        """Tell whether a later statement adds something to a value: it was not all yet."""
        return any(
            same_numbers(self.value_of(side, moment), part.value)
            for moment in self.observation.moments()
            if moment.done > part.moment.done and not isinstance(moment.statement, COMPOUND)
            for node in ast.walk(moment.statement)
            for side in _addends(node)
            if not any(isinstance(node, ast.Call) for node in ast.walk(side))  # it may change more
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
        if not any(_is_near(value, some) for some in _sums_of_some(shares)):
            return False
        if not np.any(value):  # adds nothing, as beside a first state of zeros
            turns = self.provenance.versions_of(item)
            return any(np.any(each.value) and self.is_share(name, each) for each in turns)
        return self.may_be_part(name, item)

    def may_be_part(self, name: str, item: Version) -> bool:
        """Tell whether a name may hold a part of a gradient: others are added to it, or may be.

        What a function was handed may be used elsewhere too, as beside a residual connection.
        Parameters of which nothing is made later, and what a loop gives again and again, are all
        its own, and so is what nothing is made of where every way back from the loss comes
        through the function: there a sum was forgotten.
        """
        turns = [each.moment.call for each in self.provenance.versions_of(item)]
        is_own = self.provenance.innermost(item).moment.call is self.call
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
            if self.provenance.last_made(value, item.moment.call.started)
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
            and any(_is_near(value, np.asarray(traced[gradient])) for value in handed)
        )

    def is_moved(self, name: str, item: Version) -> bool:
        """Tell whether a gradient has the right entries at other places, in another shape.

        `dO` may be split into heads where the forward pass calls O what is put together again.
        """
        written, right = np.asarray(item.value), np.asarray(self.iteration[name])
        return (
            written.size == right.size
            and np.squeeze(written).shape not in (right.squeeze().shape, right.T.squeeze().shape)
            and np.allclose(np.sort(written, axis=None), np.sort(right, axis=None), rtol=1e-6)
        )

    def is_step(self, name: str, gradient: Version) -> bool:
        """Tell whether a multiple of a gradient is a step down it, by the update that takes it.

        `w += dw` takes the gradient the other way round, `w -= dw` one that holds the rate, and
        `w -= lr / n * dw` the sum over the samples.
        """
        written, right = np.asarray(gradient.value), np.asarray(self.iteration[name])
        ratio = ratio_of(written, right)
        if ratio is None or written.shape != right.shape:
            return False
        root = self.equations[self.loss].expression
        if (
            isinstance(root, Call)
            and root.operation == "sqrt"
            and math.isclose(ratio, 2 * float(self.iteration[self.loss]), rel_tol=1e-5)
        ):
            return True  # the gradient of the mean of squares, of which the root is printed
        for change, slope, item in self.steps_seen(name):
            is_down = self.may_ascend or float((change * slope).sum()) < 0
            changed, own = change[change != 0], written[written != 0]
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

    def is_scaled_by_count(self, item: Version) -> bool:
        """Tell whether a statement multiplies or divides by a number that the code writes out.

        Or by a size, where the loss is a mean already: no sum is made a mean there.
        """
        statement = item.moment.statement
        if not isinstance(statement, ast.AugAssign):
            return False
        if not isinstance(statement.op, (ast.Mult, ast.Div)):
            return False
        root = self.equations[self.loss].expression
        is_mean = isinstance(root, Call) and root.operation in ("mean", "divide")
        factor = self.value_of(statement.value, item.moment)
        is_count = isinstance(factor, int) and is_mean
        return isinstance(statement.value, ast.Constant) or is_count

    def value_of(self, node: ast.expr, moment: ExecutedStatement) -> Any:
        """Return the value of an expression before a statement; None where it has none."""
        names = {**moment.call.surroundings, **moment.before}
        try:
            return self.observation.execution.evaluate(node, names)
        except Exception:  # noqa: BLE001 - a name without a value, an entry that is not there
            return None

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
        written = np.asarray(item.value, dtype=float)
        if start.shape != written.shape or not start.any():
            return False
        more = written - np.asarray(self.iteration[name])
        ratio = float((more * start).sum() / (start * start).sum())
        scale = float(np.abs(written).max())
        if start.size == 1 and abs(more.item()) > TINY * scale:  # not of a step, `loss(w + h)`
            self.decays[name] = ratio
        return (
            0 < ratio < 1
            and name not in self.refuted
            and np.allclose(more, ratio * start, rtol=1e-6, atol=1e-9 * scale)
        )

    def refute_decay(self, name: str) -> None:
        """Compare the gradients again, one of them without a decay."""
        self.refuted.add(name)
        self.scales.clear()
        self.compare_gradients()

    def gradient(self, quantity: str) -> str:
        """Return the name of a quantity's gradient in the trace."""
        return gradient_name(self.loss, quantity)

    def steps_seen(self, gradient: str) -> Iterator[tuple[Any, Any, Version]]:
        """Yield how the parameter of a gradient was changed, with the gradient and the version."""
        for name, item in self.updates:
            whole = self.gradient(name)
            if name == self.leaves.get(gradient) and whole in self.equations:
                start = np.asarray(self.forward.seen[name])
                slope = np.asarray(self.iteration[whole])
                yield np.asarray(item.value, dtype=float) - start, slope, item

    @cached_property
    def updates(self) -> list[tuple[str, Version]]:
        """The versions that take a parameter's place, each with the parameter."""
        leaves = ((self.updated_leaf(item), item) for item in self.changes)
        return [
            (leaf, item)
            for leaf, item in leaves
            if leaf is not None and not self.provenance.is_drawn_anew(item)
        ]

    def updated_leaf(self, item: Version) -> str | None:
        """Return the parameter in whose place a value comes; a local name may just begin with one.

        An optimizer knows it under a path of its own, which ends with the same word: it is the one
        with these numbers. Zeros are no sign of it.
        """
        if base_name(item.path) not in self.forward.words:
            return None
        _, start = arrays_in(item.moment.before, self.own, {item.path.parts[0]}).get(
            item.path.text, (None, None)
        )
        if start is None or np.shape(item.value) != np.shape(start):
            return None
        name = self.forward.names.get(item.path.text)
        leaves = self.forward.leaves if name is None else self.forward.leaves & {name}
        same = [
            leaf
            for leaf in leaves
            if np.shape(self.forward.seen[leaf]) == np.shape(start)
            and (
                leaf == name
                or (
                    base_name(self.forward.paths[leaf]) == base_name(item.path)
                    and np.any(start)
                    and same_numbers(start, self.forward.seen[leaf])
                )
            )
        ]
        return same[0] if len(same) == 1 else None

    @cached_property
    def of_parameters(self) -> set[str]:
        """The gradients of quantities that no equation gives and that are no data by their name."""
        return {
            name
            for name, leaf in self.leaves.items()
            if role_of(base_name(self.forward.paths[leaf])) != "data"
        }

    def ratio(self, name: str) -> float | None:
        """Return the ratio of a gradient to what it should be; None where entries differ in it."""
        if name not in self.departures:
            return 1.0
        written = np.asarray(self.chosen[name].value, dtype=float)
        return ratio_of(written, np.asarray(self.departures[name].expected.value))

    def step_ratio(self, gradient: str, other: str | None = None) -> float | None:
        """Return the ratio of the first update of a parameter to its gradient, as `ratio` does.

        Or to another gradient.
        """
        found = next(self.steps_seen(gradient), None)
        if found is None:
            return None
        return ratio_of(found[0], self.slope(other or gradient))

    def slope(self, gradient: str) -> Any:
        """Return a gradient as it is traced, transposed where its name says so."""
        value = np.asarray(self.iteration[gradient.removesuffix(TURNED)])
        return value.T if gradient.endswith(TURNED) else value

    def updates_seen(self) -> Iterator[tuple[Any, Any, Version]]:
        """Yield the updates of all parameters that were seen, as `steps_seen` does."""
        for name in self.forward.leaves:
            yield from self.steps_seen(self.gradient(name))

    def check_forward(self, departures: Mapping[str, Departure]) -> None:
        """Raise RunError where the traced forward pass is not what the code computed."""
        for name in departures:
            if name in self.forward.seen:
                raise RunError(
                    say("{name} has another value when the forward pass is run again", name=name),
                    where=self.call.source.path,
                    expected=say("a forward pass that gives the same numbers each time"),
                )

    @cached_property
    def suspects(self) -> list[ExecutedStatement]:
        """The statements on the way to the wrong gradients of all parameters, and to no right one.

        One slip that explains all that is wrong is in one of them; none: there are several.
        """
        leaves = [self.made(each) for each in self.departures if self.is_leaf(each)]
        wrong = [self.provenance.slice_of(each) for each in leaves]
        right = {
            key
            for each, version in self.chosen.items()
            if each not in self.departures and not self.is_blank(each)
            if self.is_gradient(version.value)  # not only not compared
            for key, moment in self.provenance.slice_of(self.provenance.innermost(version)).items()
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
        item = self.made(name)
        on_way = [
            each
            for each in self.changes
            if each.moment.done <= item.moment.done and each.moment in self.suspects
        ]
        for each, whole in [
            *((each, False) for each in on_way),
            *((each, True) for each in on_way),
        ]:
            if not self.is_gradient(each.value, whole=whole):
                before = arrays_in(each.moment.before, self.own)
                read = (before.get(text) for text in paths_read(each.moment.statement))
                if any(found is not None and self.is_gradient(found[1]) for found in read):
                    return each
        return item


def _is_forgotten(item: Version) -> bool:
    """Tell whether a later statement that was not followed may have changed what a name held."""
    name = item.path.parts[0]
    return any(
        moment.done > item.moment.done and isinstance(moment.after.get(name), UnfollowedValue)
        for moment in item.moment.call.moments
    )


def _sums_of_some(shares: Sequence[Any]) -> Iterator[Any]:
    """Yield the sums of some shares of a gradient, each of some of them.

    Of many, as a loop gives them, each alone and the sums of the first and of the last.
    """
    if len(shares) > MOST_SHARES:
        yield from (*shares, *accumulate(shares[:-1]), *accumulate(shares[:0:-1]))
        return
    for count in range(1, len(shares)):
        yield from map(sum, combinations(shares, count))


def _as_number(value: Any) -> float:
    """Return a number that another array has only by a rare chance."""
    with np.errstate(all="ignore"):  # what a change makes of numbers may be none
        return float(np.ravel(value) @ np.sin(np.arange(np.size(value)) + 1.0))


def _addends(node: ast.AST) -> list[ast.expr]:
    """Return what `a + b`, `c += a`, `sum([a, b])`, `np.add(a, b)` or `np.add.at(a, i, b)` adds."""
    match node:
        case ast.BinOp(left, ast.Add(), right):
            return [left, right]
        case ast.AugAssign(op=ast.Add(), value=value):
            return [value]
        case ast.Call(
            ast.Name("sum") | ast.Attribute(attr="sum"), [ast.List(parts) | ast.Tuple(parts), *_]
        ):
            return parts
        case ast.Call(ast.Attribute(attr="add"), parts):
            return parts
        case ast.Call(ast.Attribute(ast.Attribute(attr="add"), "at"), [whole, _, part]):
            return [whole, part]
    return []


def _is_near(value: Any, right: Any) -> bool:
    """Tell whether a value is another one, as near as rounding comes."""
    is_same = same_numbers(np.squeeze(value), np.squeeze(right))  # zeros have no ratio
    return is_same or ratio_of(value, right) == 1


def _turns_round(expression: Node) -> bool:
    """Tell whether an expression takes a value with the other sign, and nothing else of it."""
    return isinstance(expression, Call) and (
        expression.operation == "negative"
        or (expression.operation == "subtract" and isinstance(expression.arguments[0], Number))
    )


def ratio_of(written: Any, right: Any) -> float | None:
    """Return the ratio that all entries of two arrays have; None where there is none."""
    if np.squeeze(written).shape != np.squeeze(right).shape or not right.any():
        return None
    written, right = np.ravel(written), np.ravel(right)
    place = int(np.argmax(np.abs(right)))
    ratio = float(f"{written[place] / right[place]:.6g}")
    near = np.allclose(written, ratio * right, rtol=1e-5, atol=1e-5 * abs(right[place]))
    return ratio if near and ratio else None


def _is_count(moment: ExecutedStatement) -> bool:
    """Tell whether a statement only names whole numbers."""
    values = [moment.after.get(name) for name in stored_names(moment.statement)]
    return bool(values) and all(isinstance(value, (int, np.integer)) for value in values)
