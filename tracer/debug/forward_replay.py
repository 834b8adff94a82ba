"""The forward part of a person's code, run again with stand-ins, as a traced run.

The statements that ran are run once more in their order, on names whose arrays are stand-ins
(`tracer.program.recorder`). Decisions need no stand-in then: it is known how they went. What does
not depend on a stand-in is not run again; its value is the one that was seen.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache, partial, reduce
from itertools import zip_longest
from typing import Any, Final, NamedTuple, cast

import numpy as np

from tracer.check_code.code_breaks import is_update
from tracer.check_code.code_names import Role, is_gradient, role_of
from tracer.debug.decisions import decide_ties, deciding_differences
from tracer.debug.forward_search import losses_of, stored_names
from tracer.debug.gradient_names import base_name, word_gradient
from tracer.debug.observation import (
    RETURNED,
    ExecutedStatement,
    Observation,
    ObservedCall,
    ValuePath,
    arrays_in,
    as_assignment,
    expression_of,
    is_inside,
    is_number,
    map_arrays,
)
from tracer.errors import RunError, TracerError
from tracer.expression import Call, Name, Node, canonical_name
from tracer.lazy_regex import lazy_regex
from tracer.operations import Shape
from tracer.program.function import FunctionEquations, free_name, recorded_equations
from tracer.program.given_array import plain_array
from tracer.program.program import names_in, substitute
from tracer.program.recorder import Recorder, Tracer
from tracer.recorded.rounding_bounds import BoundedValue, BoundedValues
from tracer.run.experiment import trace
from tracer.run.trace import Trace
from tracer.sentences import say

FILLED: Final = ValuePath("filled", ("filled",))  # stands for an array that a function fills
PLACED: Final = "__placed__"  # the name of what is put somewhere, which no walk looks at
TARGET: Final = lazy_regex(r"(?i)target|advantage|(?<![^\W_])(adv|td|baseline)(?![^\W_])")
COPIES: Final = frozenset({"copy", "deepcopy", "items"})  # names of methods that copy
MUTATORS: Final = frozenset({"append", "extend", "insert", "update", "setdefault", "appendleft"})


class ForwardPass(NamedTuple):
    """A traced forward pass: its run, the quantities by their paths, and their values as seen."""

    trace: Trace
    names: Mapping[str, str]  # a quantity by the texts of its paths: "self.W1" is W1
    paths: Mapping[str, ValuePath]  # the path in the code of each quantity
    seen: Mapping[str, Any]  # the values that the code itself had, by quantity
    leaves: frozenset[str]  # quantities that no equation gives
    asked: frozenset[str]  # leaves whose gradients the code may compute
    last: ExecutedStatement  # the statement that gives the loss
    words: frozenset[str]  # the words in the paths of the leaves
    in_full: Callable[[], Trace]  # the same run with a name for each value on the way
    has_targets: bool  # whether targets are computed from parameters
    parts: Mapping[str, str]  # indexed parts of leaves by name: `U[u]` is read of U
    ties: Callable[[], Sequence[int]]  # the places of decisions between two equal numbers


class ForwardReplay:
    """The forward pass of a call, run again from its first statement `after` some moment to `last`.

    `words` are those of the quantities whose gradients the code works out; `is_open`, where it may
    be any of them. `holds_targets`: nothing flows through what is called a target or an advantage.
    `sides`: how decisions between two equal numbers went, by the places of their values.
    """

    def __init__(
        self,
        call: ObservedCall,
        last: ExecutedStatement,
        words: frozenset[str],
        observation: Observation,
        *,
        is_open: bool,
        after: float,
        holds_targets: bool,
        sides: Mapping[int, bool],
    ) -> None:
        self.last = last
        self.sides = sides
        self.call = call
        self.moments = [item for item in call.moments if after < item.done <= last.done]
        self.losses = [*losses_of(call)]
        self.words = words
        self.is_open = is_open
        self.holds_targets = holds_targets
        self.has_targets = False
        self.observation = observation
        self.own = observation.own
        self.execution = observation.execution
        self.changing = {id(item.moment) for item in observation.changes}  # `net.reset()` may be
        self.recorder = Recorder({})
        self.values: dict[str, Any] = {}  # of the leaves
        self.paths: dict[str, ValuePath] = {}  # of the leaves
        self.unpacked: dict[str, set[str]] = defaultdict(set)  # leaves by names that hold them
        self.named: dict[int, ValuePath] = {}  # a value's place, and where it was first seen
        self.seen: dict[int, Any] = {}
        self.local: dict[str, dict[int, ValuePath]] = defaultdict(dict)  # values in functions
        self.functions: dict[str, set[str]] = defaultdict(set)  # by the words of those values
        self.cuts: dict[str, tuple[TracerError, ExecutedStatement]] = {}
        self.failures: list[tuple[TracerError, ExecutedStatement]] = []
        self.loops: dict[int, Iterator[Any]] = {}
        start = self.moments[0].before
        own = {"float": _Float, "max": partial(_extreme, max), "min": partial(_extreme, min)}
        self.names: dict[str, Any] = {**call.surroundings, **own, **self.stand_ins(start)}
        for name, value in list(self.names.items()):
            self.names[name] = self.execution.rebound(value, call.globals, self.names)

    def stand_ins(self, namespace: Mapping[str, Any]) -> dict[str, Any]:
        """Return a namespace whose floats are stand-ins; whole numbers stay what they are."""
        return map_arrays(namespace, self.stand_in, self.own)

    def stand_in(self, value: Any, path: ValuePath) -> Any:
        """Return the stand-in for an array or a number, where it may have a gradient."""
        if is_number(value):
            return self.leaf(value, path) if self.may_have_gradient(path) else value
        array = plain_array(value)
        return self.leaf(array, path) if array.dtype.kind == "f" else array

    def leaf(self, value: Any, path: ValuePath) -> Tracer:
        """Return the stand-in for a value that no statement computes from others."""
        words = [part for part in path.parts if part.isidentifier()] or ["value"]
        numbers = [part for part in path.parts[1:] if part.lstrip("-").isdigit()]
        name = "_".join([words[-1], *(number.lstrip("-") for number in numbers)])
        shapes = self.recorder.shapes
        if canonical_name(name) in shapes and len(words) > 1:
            name = "_".join(words)
        name = free_name(name, shapes)
        shape: Shape = tuple(np.shape(value))
        shapes.add(name, shape)
        self.values[name] = np.asarray(value)
        self.paths[name] = path
        return Tracer(self.recorder, Name(name), shape)

    # Statements

    def run(self, loss: str) -> ForwardPass:
        """Return the traced forward pass; `loss` is the name of the loss, '' where it is returned.

        Raises RunError where something on the way cannot be traced.
        """
        with self.observation.drawing_again():
            for moment, following in zip_longest(self.moments, self.moments[1:]):
                self.step(moment, following)
        value: Any = None
        with suppress(NameError):  # nothing is returned where that could not be traced
            value = self.execution.evaluate(expression_of(loss or RETURNED), self.names)
        result = next(_scalars(value), None)
        if result is None:
            missing = RunError(
                say("no loss was found: a single number that is computed from arrays"),
                expected=say("a function that returns the loss, or a name such as loss"),
            )
            error = next((each for each, cut in self.failures if cut is self.last), missing)
            raise _with_place(error, self.last)
        self.name_local()
        if not loss.isidentifier():  # an entry of a list is called the loss
            self.recorder.names.pop(result.place, None)
            self.named.pop(result.place, None)
        return self.forward_pass(result.place)

    def step(self, moment: ExecutedStatement, following: ExecutedStatement | None) -> None:
        """Run one statement again, or take over what it gave."""
        statement = moment.statement
        if isinstance(statement, ast.For):
            self.next_of_loop(statement, following)
            return
        statement = as_assignment(statement)
        if not _gives_names(statement) and id(moment) not in self.changing:
            return
        is_changed = isinstance(statement, ast.AugAssign)
        used = {
            node.id
            for node in ast.walk(statement)
            if isinstance(node, ast.Name) and (is_changed or isinstance(node.ctx, ast.Load))
        }
        traced_names = [
            name for name in used if name in self.names and self.holds(self.names[name])
        ]
        is_plain = not traced_names and not isinstance(statement, (ast.FunctionDef, ast.ClassDef))
        is_target = not is_plain and any(
            TARGET.search(name)
            or (role_of(name) == "target" and self.roles(traced_names) == {"data"})
            for name in stored_names(statement)
        )
        self.has_targets |= is_target
        if is_plain or self.is_frozen(moment, traced_names) or (is_target and self.holds_targets):
            self.take_over(moment, statement)
            return
        if self.is_descent(moment):
            for item in self.observation.changes:
                if item.moment is moment:
                    self.assign(item.path.text, self.stand_in(item.value, item.path))
            return
        error = self.execute_traced(moment, statement)
        if error is not None:  # an array that a function fills may get entries that are traced
            self.execution.filled = lambda value: self.stand_in(value, FILLED)
            error = self.execute_traced(moment, statement) and error
            self.execution.filled = None
        if error is not None:
            self.take_over_untraced(moment, statement, error, traced_names)
        self.note(moment)

    def is_frozen(self, moment: ExecutedStatement, read: Sequence[str]) -> bool:
        """Tell whether a statement copies parameters which nothing was made of yet.

        Such a copy is a parameter of its own, which stays where it is when the other one is
        updated: the network of the targets, a start that is not to be left far behind. What later
        statements change was copied for that.
        """
        nodes = [*ast.walk(getattr(moment.statement, "value", moment.statement))]
        calls = {ast.unparse(node.func) for node in nodes if isinstance(node, ast.Call)}
        if not COPIES.issuperset(call.rpartition(".")[2] for call in calls) or not calls:
            return False
        changes = [item for item in self.observation.changes if item.moment in self.moments]
        stored = {item.path.text for item in changes if item.moment is moment}
        return self.roles(read).isdisjoint({"data", None}) and not any(
            item.moment.statement is not moment.statement and item.path.text in stored
            for item in changes
        )

    def roles(self, names: Sequence[str]) -> set[Role | None]:
        """Return the roles of the leaves that names hold; None where something is computed."""
        return {
            role_of(base_name(self.paths[item.node.id]))
            if item.place < 0 and isinstance(item.node, Name)
            else None
            for name in names
            for item in _tracers(self.names[name], self.own)
        }

    def is_descent(self, moment: ExecutedStatement) -> bool:
        """Tell whether a statement takes parameters a step down their gradients.

        That is `D -= rate * dD`, or a call that changes parameters. A loss that comes later is one
        of the new ones; nobody differentiates through the step.
        """
        nodes = [*ast.walk(moment.statement)]
        is_call = isinstance(moment.statement, ast.Expr)
        is_step = is_update(moment.statement) and any(isinstance(node, ast.Sub) for node in nodes)
        if not (is_call or is_step):
            return False
        if not any(each in self.moments and each.done < moment.done for each, _ in self.losses):
            return False  # a step in time: `h -= dt * dh`
        paths = [item.path for item in self.observation.changes if item.moment is moment]
        arrays = arrays_in(self.names, self.own)
        words = frozenset(map(base_name, paths))
        words_read = {getattr(node, "id", getattr(node, "attr", "")) for node in nodes}
        held = [arrays.get(path.text, (path, None))[1] for path in paths]
        tracers = [value for value in held if isinstance(value, Tracer)]
        return (
            (is_call or any(word_gradient(word, words) or is_gradient(word) for word in words_read))
            and all(value.place < 0 for value in tracers)
            and len(tracers) == len(held) > 0
        )

    def execute_traced(self, moment: ExecutedStatement, statement: ast.stmt) -> TracerError | None:
        """Execute a statement on stand-ins; return why it cannot be traced."""
        self.observation.rewind(moment)  # a dropout's mask is the one that was drawn
        try:
            self.execution.execute(statement, self.names, self.note_local)
        except TracerError as error:
            return error
        except Exception as error:  # noqa: BLE001 - what a stand-in makes of a person's code
            return RunError(say("{text}", text=f"{type(error).__name__}: {error}"))
        return None

    def next_of_loop(self, statement: Any, following: ExecutedStatement | None) -> None:
        """Give the name of a loop its next value, where the loop went on."""
        if following is None or not is_inside(following.statement, statement):
            self.loops.pop(id(statement), None)
            return
        if id(statement) not in self.loops:
            self.loops[id(statement)] = iter(self.execution.evaluate(statement.iter, self.names))
        item = next(self.loops[id(statement)], RETURNED)
        if item is RETURNED:  # the loop is over, and begins anew
            del self.loops[id(statement)]
            self.next_of_loop(statement, following)
            return
        self.assign(ast.unparse(statement.target), item)

    def holds(self, value: Any) -> bool:
        """Tell whether a value is or holds a stand-in; a function of the code may use one."""
        names_read = self.execution.read_names(value, self.names)
        if names_read is not None:
            values = (self.names[name] for name in names_read if name in self.names)
            return any(
                self.execution.read_names(item, self.names) is None and self.holds(item)
                for item in values
            )
        return any(True for _ in _tracers(value, self.own))

    def take_over(self, moment: ExecutedStatement, statement: ast.stmt) -> None:
        """Give names the values that were seen, with stand-ins for their arrays."""
        stored = {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}
        changed = {
            name: value
            for name, value in moment.after.items()
            if name not in moment.before or (name in stored and moment.before[name] is not value)
        }
        self.names.update(self.stand_ins(changed))

    def may_have_gradient(self, path: ValuePath) -> bool:
        """Tell whether the gradient of a quantity may be worked out."""
        return self.is_open or base_name(path) in self.words

    def is_differentiated(self, names: Sequence[str]) -> bool:
        """Tell whether names hold more than data, which has no gradient that somebody asks for."""
        asked = [name for name, path in self.paths.items() if base_name(path) in self.words]
        return any(
            item.place >= 0 or any(item.node == Name(each) for each in asked)
            for name in names
            for item in _tracers(self.names[name], self.own)
        )

    def take_over_untraced(
        self,
        moment: ExecutedStatement,
        statement: ast.stmt,
        error: TracerError,
        read: Sequence[str],
    ) -> None:
        """Take over what could not be traced; it is an error where a gradient passes there."""
        before = set(self.values)
        matters = self.is_differentiated(read)
        self.names.pop(RETURNED, None)
        self.take_over(moment, statement)
        for name in set(self.values) - before if matters else ():
            self.cuts[name] = error, moment
        self.failures.append((error, moment))

    def note(self, moment: ExecutedStatement) -> None:
        """Give new values the names under which they are found, and note what was seen there.

        An array of floats that depends on no stand-in gets one of its own: an entry of it may be
        given one later.
        """
        arrays = arrays_in(moment.after, self.own)
        for text, (path, value) in arrays_in(self.names, self.own).items():
            if isinstance(value, np.ndarray) and value.dtype.kind == "f" and text in arrays:
                with suppress(SyntaxError, TypeError):  # what is in a tuple stays what it is
                    self.assign(text, self.stand_in(arrays[text][1], path))
        for text, (path, value) in _tracer_paths(self.names, self.own).items():
            if isinstance(value.node, Name) and text.isidentifier():
                self.unpacked[text].add(value.node.id)
            if value.place >= 0 and value.place not in self.named and text in arrays:
                self.named[value.place] = path
                self.seen[value.place] = arrays[text][1]
                if text != RETURNED:  # what has no name is called the loss
                    self.recorder.names[value.place] = base_name(path)

    def assign(self, target: str, value: Any) -> None:
        """Give a value to what Python writes so."""
        self.names[PLACED] = value
        self.execution.execute(ast.parse(f"{target} = {PLACED}").body[0], self.names)

    def note_local(self, function: str, names: Mapping[str, Any]) -> None:
        """Note the values of a function's local names."""
        for path, value in _tracer_paths(names, self.own).values():
            word = base_name(path)
            if value.place >= 0 and word in self.words:
                self.local[word].setdefault(value.place, path)
                self.functions[word].add(function)

    def name_local(self) -> None:
        """Name the values in functions by the words that are used in one function alone."""
        names = {base_name(path) for path in (*self.paths.values(), *self.named.values())}
        for word, places in self.local.items():
            if word in names or len(self.functions[word]) > 1:
                continue
            for place, path in places.items():
                if place not in self.named or not self.named[place].parts[-1].isidentifier():
                    self.named[place] = path
                    self.recorder.names[place] = base_name(path)

    # The run

    def forward_pass(self, result: int) -> ForwardPass:
        """Run the equations of a result once and return what they give."""
        parts_read = self.join_parts()
        for place, is_positive in self.sides.items():
            self.recorder.values[place] = cast(
                "Call", decide_ties(self.recorder.values[place], is_positive=is_positive)
            )
        recorded = recorded_equations(self.recorder, result, ())
        text = recorded.equations
        own = {name.partition("[")[0] for name in recorded.names.values()}
        used = {name for name in self.values if name not in own and _is_used(name, text)}
        for name in used & set(self.cuts):
            raise _with_place(*self.cuts[name])
        in_full = cache(partial(self.traced_in_full, result, used))
        run = self.trace_equations(recorded, used)
        used = {name for name in used if self.paths[name] is not FILLED}  # no name holds these
        paths = {name: self.paths[name] for name in used}
        names = {path.text: name for name, path in paths.items()}
        words = {base_name(path) for path in paths.values()}
        for text, (leaf, *others) in self.unpacked.items():
            is_entry = leaf in used and paths[leaf].text[-1] == "]"
            if is_entry and not others and text not in words:
                # `W, b = params`, and nothing else has that name.
                paths[leaf] = ValuePath(text, (text,))
        asked = {name for name in used if self.may_have_gradient(paths[name])} or used
        values_seen = {name: self.values[name] for name in used}
        for place, name in recorded.names.items():
            if place in self.named:
                traced = run.iteration(1)[name]
                paths[name] = self.named[place]
                # What only says how the decision went is another value where it goes otherwise.
                is_other = (
                    self.sides
                    and place != result
                    and not np.allclose(self.seen.get(place, traced), traced)
                )
                values_seen[name] = traced if is_other else self.seen.get(place, traced)
        names |= {path.text: name for name, path in paths.items()}
        parts = {
            recorded.names[place]: leaf
            for place, leaf in parts_read.items()
            if place in recorded.names and leaf in asked
        }
        values_seen = {**{part: run.iteration(1)[part] for part in parts}, **values_seen}
        words |= {base_name(paths[name]) for name in used}
        return ForwardPass(
            run,
            names,
            paths,
            values_seen,
            frozenset(used),
            frozenset(asked),
            self.last,
            frozenset(words),
            lambda: in_full()[0],
            self.has_targets,
            parts,
            lambda: self.ties(*in_full()),
        )

    def join_parts(self) -> dict[int, str]:
        """Return what is read by an index of leaves that may have a gradient, each with its leaf.

        By the same index it is one value, whose gradient comes from all its uses; what a name
        holds stays a value of its own.
        """
        parts: dict[int, str] = {}
        first: dict[Node, str] = {}
        same: dict[str, Node] = {}
        for place, value in enumerate(self.recorder.values):
            leaf = names_in(value)[0] if value.operation in ("index", "gather") else ""
            if leaf not in self.paths or not self.may_have_gradient(self.paths[leaf]):
                continue
            own = self.recorder.own_name(place)
            if place in self.named or first.setdefault(value, own) == own:
                parts[place] = leaf
                self.recorder.names.setdefault(place, f"{leaf}_part")
            else:
                same[own] = Name(first[value])
        values = (cast("Call", substitute(value, same)) for value in self.recorder.values)
        self.recorder.values[:] = values
        return parts

    def traced_in_full(self, result: int, used: set[str]) -> tuple[Trace, Mapping[int, str]]:
        """Return a run of the equations in which every value has a name, and so a gradient.

        The names are by the places of the values.
        """
        self.recorder.names = {
            place: self.recorder.names.get(place, "value")
            for place in range(len(self.recorder.values))
        }
        recorded = recorded_equations(self.recorder, result, ())
        return self.trace_equations(recorded, used), recorded.names

    def ties(self, run: Trace, names: Mapping[int, str]) -> list[int]:
        """Return the places of the values that a decision between two equal numbers gives.

        The last ones come first. `run` has all values, by their `names`.
        """
        values = run.iteration(1)
        places = {self.recorder.own_name(place): name for place, name in names.items()}
        evaluation = evaluation_with(lambda name: values[places.get(name, name)])
        return [
            place
            for place in sorted(names, reverse=True)
            if any(
                not evaluation.value(difference).value.all()
                for difference in deciding_differences(self.recorder.values[place])
            )
        ]

    def trace_equations(self, recorded: FunctionEquations, used: set[str]) -> Trace:
        """Return a run of the equations, with the gradients of all that they use."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a parameter may be unused by the loss
            try:
                return trace(
                    equations=recorded.equations,
                    data={},
                    parameters={name: self.values[name].astype(float) for name in used},
                    constants=recorded.constants,
                    loss=recorded.loss,
                    name="forward",
                    learning_rate=1.0,
                    iterations=1,
                )
            except TracerError as error:
                raise _with_place(error, self.last) from None


def evaluation_with(value: Callable[[str], Any]) -> BoundedValues:
    """Return what evaluates expressions with the numbers that names have."""
    return BoundedValues(0.0, lambda name: BoundedValue(np.asarray(value(name)), np.zeros(())))


def _with_place(error: TracerError, moment: ExecutedStatement) -> TracerError:
    """Return an error with the file and the line of a statement."""
    error.where = ""
    return error.at(f"{moment.call.source.path}:{moment.statement.lineno}")


class _Float(float):
    """float(…), which stand-ins pass through: they are floats."""

    dtype = np.dtype(float)  # what NumPy asks it for

    def __new__(cls, value: Any = 0.0) -> Any:
        return value if isinstance(value, Tracer) else float(value)


def _extreme(function: Callable[..., Any], *items: Any, **settings: Any) -> Any:
    """max(…) or min(…), of stand-ins as NumPy would do it."""
    values = [*items[0]] if len(items) == 1 else items
    if settings or not any(isinstance(item, Tracer) for item in values):
        return function(values, **settings)
    return reduce(np.maximum if function is max else np.minimum, values)


def _gives_names(statement: ast.stmt) -> bool:
    """Tell whether a statement gives names values; what only prints is left out."""
    if isinstance(statement, ast.Expr):
        call = statement.value
        is_method = isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)
        return is_method and call.func.attr in MUTATORS  # type: ignore[attr-defined]
    return isinstance(
        statement,
        (
            *(ast.Assign, ast.AugAssign, ast.AnnAssign, ast.FunctionDef, ast.ClassDef),
            *(ast.Import, ast.ImportFrom),
        ),
    )


def _tracers(value: Any, own: Callable[[type], bool]) -> Iterator[Tracer]:
    for _, tracer in _tracer_paths({"value": value}, own).values():
        yield tracer


def _tracer_paths(
    names: Mapping[str, Any], own: Callable[[type], bool]
) -> dict[str, tuple[ValuePath, Tracer]]:
    """Return the stand-ins among names: plain names first, then those in containers."""
    tracers = {
        text: (path, value)
        for text, (path, value) in arrays_in(names, own).items()
        if isinstance(value, Tracer)
    }
    return dict(sorted(tracers.items(), key=lambda item: len(item[1][0].parts)))


def _scalars(value: Any) -> Iterator[Tracer]:
    """Yield the single numbers that were computed, in a value or in a tuple of values."""
    if isinstance(value, Tracer) and not value.shape and value.place >= 0:
        yield value
    elif isinstance(value, (tuple, list)):
        for item in value:
            yield from _scalars(item)


def _is_used(name: str, text: str) -> bool:
    return re.search(rf"(?<![\w.]){re.escape(name)}(?![\w'])", text) is not None
