"""The gradients that code gives names: of which quantity of the forward pass each one is.

The forward part of the code is traced. Which gradient a name holds its word says, the object or the
table that it is in, its shape, and the updates that use it.
"""

from __future__ import annotations

import ast
import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import accumulate, combinations
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from tracer.check_code.code_names import role_of
from tracer.debug.forward_replay import ForwardReplay
from tracer.debug.forward_search import forward_words, gradient_window, grown_list, losses_of
from tracer.debug.gradient_names import GradientNames, base_name, gradient_word
from tracer.debug.observation import (
    COMPOUND,
    ExecutedStatement,
    Observation,
    ObservedCall,
    ValuePath,
    Version,
    arrays_in,
    same_numbers,
)
from tracer.debug.other_numbers import TINY
from tracer.debug.provenance import Provenance, is_target
from tracer.debug.unknown_values import UnfollowedValue
from tracer.expression import Call, Name, Node, Number, walk
from tracer.operations import Shape
from tracer.program.differentiate import gradient_name

MOST_SHARES: Final = 8  # most shares of a gradient whose sums are compared
TURNED: Final = ".T"  # behind the name of a gradient: transposed
SMALL: Final = 1e-3  # a probability that is small
GUARD_ENTRIES: Final = 100  # entries of a sum that may cancel but for what a guard makes of one
NO_SIDES: Final[Mapping[int, bool]] = MappingProxyType({})
ASCENDING: Final = ("ascent", "climb", "likelihood", "reward", "maximi", "上升", "最大化")


class NamedGradients:
    """A traced forward pass, and the values that the code's backward pass gave names.

    The forward pass begins with the call's first statement that is done `after` some moment.
    `holds_targets`: what it calls a target or an advantage has no gradient. `sides`: how its
    decisions between two equal numbers go, where not as its operations would have it.
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
        sides: Mapping[int, bool] = NO_SIDES,
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
        quantities_named = {
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
        is_open = bool(self.unnamed) or any(
            word and role_of(word) == "data" for word in quantities_named
        )
        self.forward = ForwardReplay(
            call,
            last,
            frozenset(filter(None, quantities_named)),
            observation,
            is_open=is_open,
            after=after,
            holds_targets=holds_targets,
            sides=sides,
        ).run(loss)
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
        self.loss_name = loss or call.name
        self.scales: set[float] = set()  # factors of gradients that are scaled on purpose
        self.of_methods: set[int] = set()  # ids of gradients of what a method was given
        self.unowned: list[Version] = []  # gradients of one of several parameters, unknown which

    def guarded_share(self) -> float | None:
        """Return how much of a gradient a guard makes which nobody differentiates; None for none.

        That is what keeps a logarithm from 0, `log(p + 1e-12)`.
        """
        shares = [0.0]
        equations = [each for each in self.equations.values() if each.phase in ("forward", "loss")]
        for node in (node for each in equations for node in walk(each.expression)):
            match node:
                case Call(
                    operation="log",
                    arguments=(Call(operation="add", arguments=(value, Number(value=guard))), *_),
                ) if guard < TINY:
                    sizes = np.asarray(SMALL)
                    if isinstance(value, Name):
                        slope = self.gradient(value.id)
                        asked = np.asarray(
                            self.iteration[slope] if slope in self.equations else 1.0
                        )
                        # A guard changes nothing where the gradient is 0.
                        sizes = np.abs(self.iteration[value.id])[asked != 0]
                    size = float(guard)
                    shares.append(size / max(size, float(sizes.min(initial=1.0))))  # all of a 0
        return min(GUARD_ENTRIES * max(shares), TINY) or None

    def versions(self) -> dict[str, list[Version]]:
        """Return the values of each gradient, by its name in the trace, in their order."""
        groups: dict[tuple[int, str], list[Version]] = defaultdict(list)
        before_loss = self.of_loss - {id(each.moment) for each in self.losses}
        for item in self.changes:
            is_before = id(item.moment) in before_loss or self.is_of_forward(item)
            if id(item) not in self.added_to and not is_before:
                groups[id(item.moment.call), item.path.text].append(item)
        by_name: dict[str, list[Version]] = defaultdict(list)
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
                owned = self.with_same_owner(group[-1], quantities)
                if any(
                    same_numbers(item.value, group[-1].value)
                    for name in quantities
                    for item in by_name[name]
                ):
                    continue  # the forward pass has a name of its own for it
                if not owned and not is_on_way:
                    self.unowned.append(group[-1])
                quantities = owned or (quantities if is_on_way else [])
            fitting = self.of_shape(group[-1], quantities)
            if not fitting:
                self.unowned += group[-1:] if quantities else []
                continue
            quantities = fitting
            within = group[-1].moment.call
            owner = within.name.rpartition(".")[0]
            methods = [  # the first statements of the other methods of its class before it
                each.moments[0]
                for each in self.observation.calls
                if owner and each.moments and each.started < within.started
                if each.name.rpartition(".")[0] == owner and each.name != within.name
            ]
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
                    right = []  # the update takes the later gradient
                by_name[quantities[0]].append((right or used)[-1])
                continue
            for place, item in enumerate(used):
                near = [name for name in quantities if self.is_near(item.value, name)]
                if not near and len(group) == 1:
                    nearby = self.seen_beside(item, quantities)
                    near = nearby if len(nearby) == 1 else []
                at = len(quantities) - 1 - place  # a loop backward through time
                if not near and not (len(used) == len(quantities) and at >= 0):
                    continue
                by_name[near[0] if near else quantities[at]].append(item)
        return {name: items for name, items in by_name.items() if items}

    def is_of_forward(self, item: Version) -> bool:
        """Tell whether a name that says of nothing that it is a gradient is in the forward pass.

        Under the same word with the same numbers, as the gate `g` that an object keeps.
        """
        return gradient_word(item.path, self.names.known) is None and any(
            base_name(path) == base_name(item.path)
            and same_numbers(self.forward.seen[name], item.value)
            for name, path in self.forward.paths.items()
        )

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
        additions: set[int] = set()
        for item in self.changes:
            is_change = isinstance(item.moment.statement, (ast.Assign, ast.AugAssign))
            if is_change and len(item.path.parts) > 1:
                before = arrays_in(item.moment.before, self.own).get(item.path.text)
                additions.update(
                    id(other)
                    for other in self.changes
                    if before is not None
                    and other.path.text == item.path.text
                    and other.moment.call is not item.moment.call
                    and other.moment.done < item.moment.done
                    and same_numbers(other.value, before[1])
                )
        return additions

    def with_same_owner(self, item: Version, quantities: Sequence[str]) -> list[str]:
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
        for owners in (
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
            if len(owners) == 1:
                return [name for name in quantities if paths[name] in owners]
        return []

    def beside(self, item: Version) -> list[tuple[ValuePath, Any]]:
        """Return the values beside a gradient: of its function, its object or its table."""
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
            expressions = {self.equations[part].expression for part in parts}
            return parts if len(expressions) == len(parts) else []
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
        numbers: dict[tuple[Shape, bool], list[float]] = defaultdict(list)
        for name in backward:
            shares = [run.iteration(1)[each] for each in backward if each.startswith(f"{name}#")]
            for place, value in enumerate((run.iteration(1)[name], *sums_of_some(shares))):
                key = np.squeeze(value).shape, not place and "#" not in name
                numbers[key] += [_as_number(value) * each for each in (1.0, *self.scales)]
        return numbers

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
        return is_near(value, self.right_value(quantity))

    def is_leaf(self, name: str) -> bool:
        """Tell whether a gradient is that of a quantity which no equation gives."""
        return name in self.leaves

    def is_scaled_by_count(self, item: Version) -> bool:
        """Tell whether a statement multiplies or divides by a number that the code writes out.

        Or by a size, where the loss is a mean already: no sum is made a mean there.
        """
        root = self.equations[self.loss].expression
        is_mean = isinstance(root, Call) and root.operation in ("mean", "divide")
        factor = _scale_factor(item.moment.statement)
        if factor is None:
            return False
        is_count = isinstance(self.value_of(factor, item.moment), int) and is_mean
        return isinstance(factor, ast.Constant) or is_count

    def value_of(self, node: ast.expr, moment: ExecutedStatement) -> Any:
        """Return the value of an expression before a statement; None where it has none."""
        names = {**moment.call.surroundings, **moment.before}
        try:
            return self.observation.execution.evaluate(node, names)
        except Exception:  # noqa: BLE001 - a name without a value, an entry that is not there
            return None

    def gradient(self, quantity: str) -> str:
        """Return the name of a quantity's gradient in the trace."""
        return gradient_name(self.loss, quantity)

    def observed_steps(self, gradient: str) -> Iterator[tuple[Any, Any, Version]]:
        """Yield how the parameter of a gradient was changed, with the gradient and the version."""
        for name, item in self.updates:
            whole = self.gradient(name)
            if name == self.leaves.get(gradient) and whole in self.equations:
                start = np.asarray(self.forward.seen[name])
                slope = np.asarray(self.iteration[whole])
                yield np.asarray(item.value, dtype=float) - start, slope, item

    @cached_property
    def updates(self) -> list[tuple[str, Version]]:
        """The versions that take a parameter's place, each with the parameter.

        A name that goes on to another parameter, `layer = layers[i]`, updates none. A number that
        is computed may be that of another parameter by chance.
        """
        leaves = ((self.updated_leaf(item), item) for item in self.changes)
        starts = [self.forward.seen[leaf] for leaf in self.forward.leaves]
        return [
            (leaf, item)
            for leaf, item in leaves
            if leaf is not None
            and not self.provenance.is_drawn_anew(item)
            and (
                is_target(item.path.text, item.moment.statement)
                or not any(same_numbers(item.value, start) for start in starts)
            )
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

    def slope(self, gradient: str) -> Any:
        """Return a gradient as it is traced, transposed where its name says so."""
        value = np.asarray(self.iteration[gradient.removesuffix(TURNED)])
        return value.T if gradient.endswith(TURNED) else value

    def observed_updates(self) -> Iterator[tuple[Any, Any, Version]]:
        """Yield the updates of all parameters that were seen, as `observed_steps` does."""
        for name in sorted(self.forward.leaves):
            yield from self.observed_steps(self.gradient(name))


def _scale_factor(statement: ast.stmt) -> ast.expr | None:
    """Return the factor by which a statement scales the value of a name; None where it does not."""
    match statement:
        case ast.AugAssign(_, ast.Mult() | ast.Div(), factor):
            return factor
        case ast.Assign([target], ast.BinOp(left, ast.Mult() | ast.Div() as operator, right)):
            if ast.unparse(left) == ast.unparse(target):
                return right
            if isinstance(operator, ast.Mult) and ast.unparse(right) == ast.unparse(target):
                return left
    return None


def _is_forgotten(item: Version) -> bool:
    """Tell whether a later statement that was not followed may have changed what a name held."""
    name = item.path.parts[0]
    return any(
        moment.done > item.moment.done and isinstance(moment.after.get(name), UnfollowedValue)
        for moment in item.moment.call.moments
    )


def sums_of_some(shares: Sequence[Any]) -> Iterator[Any]:
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


def is_near(value: Any, right: Any) -> bool:
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
    if not ratio or not math.isfinite(ratio):
        return None
    near = np.allclose(written / ratio, right, rtol=1e-5, atol=1e-5 * abs(right[place]))
    return ratio if near else None
