"""A document's code as equations: the numbers that it states are quantities, all else is computed.

The code is followed as `code_interpreter` does, with stand-ins in the place of its numbers, so that
formulas can be held against each other at other numbers than those. What cannot be followed is
`Opaque`, and so is what comes of it. A loop's body is read once, or once for each sample where the
loop counts samples. The parameters keep their values while they are updated, so that all gradients
are those of one step.
"""

from __future__ import annotations

import ast
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from typing import Any, Final, NamedTuple

import numpy as np

from tracer.check_code.code_names import RATES, SIZES, role_of
from tracer.debug.code_interpreter import (
    BINARY,
    CodeInterpreter,
    Frame,
    FunctionReturn,
    InterpretedFunction,
    Names,
    arguments_by_name,
)
from tracer.debug.numpy_functions import DRAWING, KnownModule, NotFollowed
from tracer.debug.observation import EnoughSeen, SourceText
from tracer.errors import ShapeError, TracerError
from tracer.expression.syntax import Name, Node
from tracer.program.elements import UnknownInteger
from tracer.program.program import names_in
from tracer.program.recorder import Recorder, Tracer
from tracer.sentences import Text

__all__ = ["FAILURES", "Event", "Opaque", "StatedQuantity", "Tracing"]

MOST_STEPS: Final = 20_000  # nodes that are walked
MOST_ENTRIES: Final = 20_000  # of the arrays that the code states
MOST_TURNS: Final = 12  # of a loop over samples
TINY: Final = 1.1e-3  # a number as small as that is a guard against 0, or a step: it is kept
FAILURES: Final = (
    *(TracerError, TypeError, ValueError, IndexError, KeyError, AttributeError),
    *(ArithmeticError, AssertionError, UnknownInteger, NotFollowed),
)
STATED: Final = frozenset(
    ["zeros", "ones", "full", "empty", "arange", "linspace", "eye", "randint"]
)
USUAL: Final = frozenset(["sigmoid", "relu", "exp", "log", "tanh", "sqrt"])  # what nobody defines


class Opaque:
    """A value that cannot be followed; `shapes` says where shapes do not fit."""

    __slots__ = ("shapes",)

    def __init__(self, shapes: Text = "") -> None:
        self.shapes = shapes

    def __bool__(self) -> bool:
        raise NotFollowed("a decision on an unknown value")


class StatedQuantity:
    """A quantity that the code states: an array, a number, an argument of a function.

    `values` are those written or drawn, None where they are unknown; `read` is the number of the
    statement that first used it.
    """

    __slots__ = ("name", "read", "shape", "values")

    def __init__(self, name: str, shape: tuple[int, ...], values: list[float] | None) -> None:
        self.name = name
        self.shape = shape
        self.values = values
        self.read: int | None = None

    @property
    def is_zero(self) -> bool:
        """Whether it starts as zeros: a parameter, a state or a sum."""
        return self.values is not None and not any(self.values)


class Event(NamedTuple):
    """A name got a value, or (`update`) a parameter a new one, which is not put in.

    `function` is the function of the document where that happened, '' outside.
    """

    name: str
    value: Any
    node: ast.stmt | ast.expr
    function: str
    update: StatedQuantity | None = None


class _QuantityRecorder(Recorder):
    """A recorder to which an array from outside is a quantity that the code states."""

    def __init__(self, tracing: Tracing) -> None:
        super().__init__({})
        self.tracing = tracing

    def _constant(self, array: Any) -> Node:
        quantity = self.tracing.quantity_of("", array)
        if isinstance(quantity, Opaque):
            raise NotFollowed("a large array")
        node: Node = quantity.node
        return node


class Tracing(CodeInterpreter):
    """One walk over a document's code."""

    def __init__(self, tree: ast.Module) -> None:
        super().__init__(SourceText("<code>", ""))
        self.recorder = _QuantityRecorder(self)
        self.leaves: dict[str, StatedQuantity] = {}
        self.events: list[Event] = []
        self.origins: dict[int, tuple[ast.stmt | ast.expr, str]] = {}
        self.kept: list[Any] = []  # whose id is in origins: they must stay alive
        numpy = KnownModule("numpy")
        self.globals: Names = {"__name__": "__main__", "np": numpy, "numpy": numpy}
        self.top = Frame(self.globals, (), self.globals)
        self.within = [""]  # the functions that are walked
        self.current: ast.stmt = ast.Pass()
        self.left = ""  # the function whose call has just ended
        self.whole = _whole_names(tree)
        self.updated = _updated_names(tree)
        self.lengths = _lengths(tree)
        self.statement_number = 0

    # What is asked of it ------------------------------------------------------------------------

    def run(self, body: Sequence[ast.stmt]) -> None:
        """Walk the statements of the top level."""
        with suppress(FunctionReturn, EnoughSeen, RecursionError), np.errstate(all="ignore"):
            self.block(body, self.top)  # what was read up to the end of a walk is still right

    def result_of(
        self,
        function: InterpretedFunction | ast.FunctionDef | ast.Lambda,
        arguments: Mapping[str, Any],
    ) -> Any:
        """Return what a function of the document gives; Opaque where it cannot be followed."""
        if not isinstance(function, InterpretedFunction):
            function = self.function(function, self.top)
        try:
            with np.errstate(all="ignore"):
                return self.called(function, (), arguments)
        except (EnoughSeen, RecursionError):
            return Opaque()

    def ask(self, wanted: Callable[[str], bool]) -> None:
        """Note what functions give for the quantities that their arguments are named after.

        A gradient check calls its loss for shifted parameters only.
        """
        for function in self.functions():
            names = [item.arg for item in function.node.args.args]
            known = {name: self.globals[name] for name in names if name in self.globals}
            if wanted(function.name) and len(known) == len(names):
                value = self.result_of(function, known)
                if isinstance(function.node, ast.FunctionDef):
                    self.events.append(Event(function.name, value, function.node, ""))

    def functions(self) -> list[InterpretedFunction]:
        """Return the functions that the code defines."""
        return [item for item in self.globals.values() if isinstance(item, InterpretedFunction)]

    def leaf(self, name: str, shape: tuple[int, ...], values: list[float] | None = None) -> Any:
        """Return a new quantity that nothing computes."""
        if math.prod(shape) > MOST_ENTRIES:
            return Opaque()
        own = f"q{len(self.leaves)}"
        self.leaves[own] = StatedQuantity(name, shape, values)
        self.recorder.shapes.add(own, shape)
        return Tracer(self.recorder, Name(own), shape)

    def quantity_of(self, name: str, value: Any) -> Any:
        """Return a quantity in the place of an array of numbers; any other value as it is."""
        if not isinstance(value, np.ndarray):
            return value
        if value.dtype.kind not in "biuf" or value.size > MOST_ENTRIES:
            return Opaque()
        return self.leaf(name, value.shape, value.astype(float).ravel().tolist())

    def names_behind(self, *values: Tracer) -> set[str]:
        """Return the quantities and the values that some values are computed from, with these."""
        found: set[str] = set()
        waiting = [name for value in values for name in names_in(value.node)]
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                if name.startswith("·"):
                    waiting.extend(names_in(self.recorder.values[int(name[1:])]))
        return found

    def leaves_of(self, value: Tracer) -> set[str]:
        """Return the quantities that a value is computed from."""
        return self.names_behind(value) & self.leaves.keys()

    # Statements ---------------------------------------------------------------------------------

    def block(self, body: Sequence[ast.stmt], frame: Frame) -> None:
        """Walk statements in order; what has no meaning here is passed over."""
        for statement in body:
            self.statement_number += 1
            self.step()
            with suppress(*FAILURES):
                self.statement(statement, frame)

    def step(self) -> None:
        """Count a node. Raises EnoughSeen where there are too many."""
        super().step()
        if self.steps > MOST_STEPS:
            raise EnoughSeen

    def statement(self, node: ast.stmt, frame: Frame) -> None:
        """Walk one statement."""
        match node:
            case ast.Assign() | ast.AnnAssign(value=ast.expr()):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                value = self.value(node.value, frame)  # type: ignore[arg-type] # an expression, as was seen
                for target in targets:
                    self.current = node
                    self.assign(target, value, frame)
            case ast.AugAssign():
                sides = self.value(node.target, frame), self.value(node.value, frame)
                value = self.known(lambda: self.combined(BINARY, node.op, *sides))
                self.current = node
                self.assign(node.target, value, frame)
            case ast.Return():
                value = None if node.value is None else self.value(node.value, frame)
                if node.value is not None:
                    self.came_from(value, node.value)
                raise FunctionReturn(value)
            case ast.While():
                self.block(node.body, frame)
            case ast.If():
                self.choose(node, frame)
            case ast.ClassDef():
                frame.names[node.name] = Opaque()
            case ast.Expr():
                start = self.steps
                if isinstance(self.value(node.value, frame), Opaque):
                    self.forget(node, frame, start)
            case ast.Break() | ast.Continue():
                pass
            case _:
                super().statement(node, frame)

    def choose(self, node: ast.If, frame: Frame) -> None:
        """Walk the branch that is known to be taken; else forget what the branches assign."""
        condition = self.value(node.test, frame)
        if isinstance(condition, (bool, np.bool_)):
            self.block(node.body if condition else node.orelse, frame)
            return
        for part in ast.walk(node):
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                frame.names[part.id] = Opaque()

    def loop(self, node: ast.For, frame: Frame) -> None:
        """Walk a loop's body once, or for each sample."""
        items = self.loop_items(node, frame)
        if items is not None and 0 < len(items) <= MOST_TURNS:
            for item in items:
                self.current = node
                self.assign(node.target, item, frame)
                self.block(node.body, frame)
            return
        epochs = _is_range(node.iter) and items is None
        self.current = node
        self.assign(node.target, 0 if _is_range(node.iter) else Opaque(), frame)
        self.block(node.body, frame)
        if not epochs:  # sums over samples are not whole
            for part in ast.walk(node):
                if isinstance(part, ast.AugAssign) and isinstance(part.target, ast.Name):
                    frame.names[part.target.id] = Opaque()

    def loop_items(self, node: ast.For, frame: Frame) -> list[Any] | None:
        """Return what a loop over samples counts; None for any other loop."""
        if _is_range(node.iter):
            counted = {
                name.id
                for part in ast.walk(node)
                if isinstance(part, ast.Subscript)
                for name in ast.walk(part.slice)
                if isinstance(name, ast.Name)
            }
            if not isinstance(node.target, ast.Name) or node.target.id not in counted:
                return None
        found = self.quantity_of("", self.value(node.iter, frame))
        if isinstance(found, Tracer):
            return list(found) if found.shape and found.shape[0] <= MOST_TURNS else None
        if not isinstance(found, (list, tuple, range)):
            return None
        return list(islice(found, MOST_TURNS + 1))

    def assign(self, target: ast.expr, value: Any, frame: Frame) -> None:
        """Give a target its value: a name, each of several, an entry."""
        match target:
            case ast.Name():
                self.bind(target.id, value, frame)
            case ast.Tuple() | ast.List():
                self.unpack(target.elts, value, frame)
            case ast.Subscript(value=ast.Name() as owner):
                self.assign_entry(target, owner.id, value, frame)

    def unpack(self, targets: Sequence[ast.expr], value: Any, frame: Frame) -> None:
        """Give each of several targets its part."""
        is_array = isinstance(value, Tracer) and bool(value.shape)
        count = len(value) if is_array or isinstance(value, (tuple, list)) else -1
        parts = value if count == len(targets) else [Opaque()] * len(targets)
        for target, part in zip(targets, parts, strict=True):
            self.assign(target, part, frame)

    def assign_entry(self, target: ast.Subscript, name: str, value: Any, frame: Frame) -> None:
        """Follow `table["W"] = value` and `z[condition] = value`; forget an array otherwise."""
        node, function = self.current, self.within[-1]
        owner, index = self.value(target.value, frame), self.value(target.slice, frame)
        if isinstance(owner, dict) and isinstance(index, (str, int)):
            if isinstance(node, ast.Assign):
                value = self.stated(str(index), value, node)
            updated = self.updated_quantity(owner.get(index), value)
            if updated is None:
                self.came_from(value, node)
                owner[index] = value
            name = index if isinstance(index, str) else name
            self.events.append(Event(name, value, node, function, updated))
        elif isinstance(owner, Tracer):
            kept: Any = Opaque()
            if isinstance(index, Tracer) and index.is_condition:
                kept = self.known(lambda: self.recorder.apply("where", index, value, owner))
            frame.names[name] = kept
            self.events.append(Event(name, kept, node, function))

    def bind(self, name: str, value: Any, frame: Frame) -> None:
        """Give a name its value; an update of a parameter is noted, and not put in."""
        node, function = self.current, self.within[-1]
        names = frame.home(name)
        old = names.get(name)
        if isinstance(node, (ast.Assign, ast.AnnAssign)):
            value = self.stated(name, value, node)
        if (updated := self.updated_quantity(old, value)) is not None:
            self.events.append(Event(name, value, node, function, updated))
            return
        names[name] = value
        if not isinstance(value, InterpretedFunction):
            self.came_from(value, node)
            self.events.append(Event(name, value, node, function))

    def updated_quantity(self, old: Any, new: Any) -> StatedQuantity | None:
        """Return the parameter that a new value `old + …` or `old - …` updates."""
        if not isinstance(old, Tracer) or not isinstance(new, Tracer) or old.place >= 0:
            return None
        leaf = self.leaves[old.node.id]  # type: ignore[attr-defined] # a leaf's node is its name
        if leaf.read is None or leaf.read >= self.statement_number or new.place < 0:
            return None
        written = self.recorder.values[new.place]
        sides = written.arguments[:1] if written.operation == "subtract" else written.arguments
        return leaf if written.operation in ("add", "subtract") and old.node in sides else None

    def stated(self, name: str, value: Any, node: ast.Assign | ast.AnnAssign) -> Any:
        """Return a quantity in place of the numbers that the code writes for it."""
        if isinstance(value, np.ndarray):
            return self.quantity_of(name, value)
        whole = self.whole.get(self.within[-1], frozenset())
        if name in whole or name in SIZES or isinstance(value, bool):
            return value
        if isinstance(value, (int, float)):
            kept = isinstance(value, int) and value > 1 and value in self.lengths
            simple = isinstance(node.value, (ast.Constant, ast.UnaryOp))
            if isinstance(node.value, ast.Tuple):  # `w, b = 0.5, 0.0`, but no `two, half = 2, 0.5`
                simple = role_of(name) != "other" or name in RATES or name in self.updated
            simple = simple or (isinstance(value, float) and _is_drawn(node))
            if kept or not simple or 0 < abs(value) < TINY:
                return value
            return self.leaf(name, (), [float(value)])
        if isinstance(value, (list, tuple)):
            numbers = None if _shape(value) is None else np.array(value, dtype=float)
            return value if numbers is None else self.quantity_of(name, numbers)
        if isinstance(value, Tracer) and value.place < 0:
            leaf = self.leaves[value.node.id]  # type: ignore[attr-defined] # a leaf's node is its name
            leaf.name = leaf.name or name
        return value

    def came_from(self, value: Any, node: ast.stmt | ast.expr) -> None:
        """Note where a value, or each value of a tuple, was first named or returned."""
        if isinstance(value, (tuple, list)):
            parts = node.elts if isinstance(node, ast.Tuple) else [node] * len(value)
            for item, part in zip(value, parts, strict=False):
                self.came_from(item, part)
        elif isinstance(value, (Tracer, Opaque)) and id(value) not in self.origins:
            self.origins[id(value)] = (node, self.within[-1])
            self.kept.append(value)

    # Expressions --------------------------------------------------------------------------------

    def known(self, work: Callable[[], Any]) -> Any:
        """Return what some work gives; Opaque where it cannot be followed."""
        try:
            return work()
        except ShapeError as error:
            return Opaque(error.sentence())
        except FAILURES:
            return Opaque()

    def value(self, node: ast.expr, frame: Frame) -> Any:
        """Return the value of an expression."""
        found = self.known(lambda: super(Tracing, self).value(node, frame))
        if isinstance(node, (ast.List, ast.Tuple, ast.ListComp)) and isinstance(
            found, (list, tuple)
        ):
            return type(found)(self.quantity_of("", item) for item in found)
        return found

    def looked_up(self, name: str, frame: Frame) -> Any:
        """Return what a name stands for, and note that it was read."""
        try:
            value = super().looked_up(name, frame)
        except NotFollowed:
            if name not in USUAL:
                raise
            return lambda argument: self.recorder.apply(name, argument)
        if isinstance(value, Tracer) and isinstance(value.node, Name):
            leaf = self.leaves.get(value.node.id)
            if leaf is not None and leaf.read is None:
                leaf.read = self.statement_number
        return value

    def combined(self, table: Any, kind: ast.operator, left: Any, right: Any) -> Any:
        """Return one operation on two values."""
        for side in (left, right):
            if isinstance(side, Opaque):
                return side
        return super().combined(table, kind, left, right)

    def related(self, kind: ast.cmpop, left: Any, right: Any) -> Any:
        """Return one comparison of two values."""
        if isinstance(left, Opaque) or isinstance(right, Opaque):
            raise NotFollowed("an unknown value")
        return super().related(kind, left, right)

    def table(self, node: ast.Dict, frame: Frame) -> dict[Any, Any]:
        """Return a table by names; its entries are called after their keys."""
        found = super().table(node, frame)
        for key, value in found.items():
            found[key] = self.quantity_of(str(key), value)
            if isinstance(value, Tracer) and value.place < 0:
                leaf = self.leaves[value.node.id]  # type: ignore[attr-defined] # a leaf's node is its name
                leaf.name = leaf.name or str(key)
        return found

    def attribute(self, owner: Any, name: str) -> Any:
        """Return what an array or a module has under a name."""
        if isinstance(owner, KnownModule) and name in ("array", "asarray"):
            return self.array
        if isinstance(owner, Tracer) and name in ("astype", "item", "tolist"):
            return lambda *_: owner
        return super().attribute(owner, name)

    def array(self, value: Any, *settings: Any, **named: Any) -> Any:
        """Return np.array of numbers, or of what is computed."""
        if isinstance(value, Tracer):
            return value
        if (
            isinstance(value, (list, tuple))
            and any(isinstance(item, (list, tuple, Tracer, Opaque)) for item in value)
            and _shape(value) is None
        ):
            parts = (self.array(item) for item in value)
            return self.recorder.apply("stack", *parts, axis=0)
        make = super().attribute(KnownModule("numpy"), "array")
        return make(value, *settings, **named)

    # Calls --------------------------------------------------------------------------------------

    def call(self, node: ast.Call, frame: Frame) -> Any:
        """Return what a call gives, and note it under the function's own name."""
        result = super().call(node, frame)
        name, self.left = self.left, ""
        if name:
            self.returned(name, result, node)
        return result

    def applied(self, function: Any, arguments: Sequence[Any], keywords: Mapping[str, Any]) -> Any:
        """Return what a function gives; Opaque where an argument is."""
        self.left = ""
        if not isinstance(function, InterpretedFunction):
            for item in (*arguments, *keywords.values()):
                if isinstance(item, Opaque):
                    return item
            if function in (float, round) and arguments and isinstance(arguments[0], Tracer):
                return arguments[0]
        return super().applied(function, arguments, keywords)

    def called(
        self, function: InterpretedFunction, arguments: Sequence[Any], keywords: Mapping[str, Any]
    ) -> Any:
        """Return what a function of the document gives for these arguments."""
        node, wanted = function.node, function.node.args
        is_lambda = isinstance(node, ast.Lambda)
        if (not is_lambda and function.name in self.within) or wanted.vararg or wanted.kwarg:
            return Opaque()  # a function that calls itself is not followed
        every = [*wanted.posonlyargs, *wanted.args][len(arguments) :] + wanted.kwonlyargs
        missing = {item.arg: Opaque() for item in every if item.arg not in function.defaults}
        try:
            names = arguments_by_name(function, arguments, {**missing, **keywords})
        except TypeError:
            return Opaque()
        names = {name: self.quantity_of(name, value) for name, value in names.items()}
        outer = (function.frame.names, *function.frame.outer)
        frame = Frame(names, outer, function.frame.globals, declared={})
        self.active.append(names)
        self.within.append(self.within[-1] if is_lambda else function.name)
        try:
            if isinstance(node, ast.Lambda):
                return self.value(node.body, frame)
            self.block(node.body, frame)
        except FunctionReturn as left:
            self.left = function.name
            return left.args[0]
        finally:
            self.active.pop()
            self.within.pop()
        return None

    def returned(self, name: str, value: Any, node: ast.Call | ast.stmt) -> None:
        """Note what a function gave, under its own name."""
        for part in value if isinstance(value, (tuple, list)) else (value,):
            if isinstance(part, Tracer):
                self.events.append(Event(name, part, node, name))


def _is_drawn(statement: ast.Assign | ast.AnnAssign) -> bool:
    """Tell whether a statement draws a number."""
    return any(
        isinstance(node, ast.Attribute) and node.attr in DRAWING for node in ast.walk(statement)
    )


def _is_range(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "range"
    )


def _shape(value: Any) -> tuple[int, ...] | None:
    """Return the shape of nested lists of numbers; None for anything else."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return ()
    if not isinstance(value, (list, tuple)) or not value:
        return None
    inner = {_shape(item) for item in value}
    first = inner.pop()
    return None if inner or first is None else (len(value), *first)


def _updated_names(tree: ast.Module) -> frozenset[str]:
    """Return the names that get a value more than once, or that something is added to."""
    found = Counter(
        part.id
        for part in ast.walk(tree)
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
    )
    return frozenset(name for name, count in found.items() if count > 1)


def _whole_names(tree: ast.Module) -> dict[str, frozenset[str]]:
    """Return the names that stand where Python wants a whole number, by function ('': outside)."""
    functions = {item.name: item for item in tree.body if isinstance(item, ast.FunctionDef)}
    whole = {name: _whole_in([*item.body]) for name, item in functions.items()}
    outside = [item for item in tree.body if not isinstance(item, (ast.FunctionDef, ast.ClassDef))]
    names = set(_whole_in(outside))
    for node in (part for item in outside for part in ast.walk(item)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            function = functions.get(node.func.id)
            if function is not None:
                names.update(_passed_on(node, function, whole[function.name]))
    return {**whole, "": frozenset(names)}


def _whole_in(body: Sequence[ast.stmt]) -> frozenset[str]:
    """Return the names in sizes, indices, counts of loops and exponents."""
    names: set[str] = set()
    for node in (part for item in body for part in ast.walk(item)):
        inside: list[ast.expr] = []
        if isinstance(node, ast.Subscript) and not isinstance(node.slice, ast.Compare):
            inside.append(node.slice)
        elif isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            plain = node.func.id if isinstance(node.func, ast.Name) else ""
            if plain == "range" or called in DRAWING | STATED:
                inside += [*node.args, *(item.value for item in node.keywords)]
            elif called == "reshape":
                inside += node.args[1:] if len(node.args) > 1 else node.args
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
            inside.append(node.right)
        for part in inside:
            names.update(item.id for item in ast.walk(part) if isinstance(item, ast.Name))
    return frozenset(names)


def _passed_on(node: ast.Call, function: ast.FunctionDef, whole: frozenset[str]) -> set[str]:
    """Return the names that a call hands to arguments which must be whole numbers."""
    names = [item.arg for item in function.args.args]
    given = [*zip(names, node.args, strict=False)]
    given += [(item.arg, item.value) for item in node.keywords if item.arg]
    return {value.id for name, value in given if name in whole and isinstance(value, ast.Name)}


def _lengths(tree: ast.Module) -> frozenset[int]:
    """Return how many entries the written arrays have."""
    return frozenset(
        len(node.elts) for node in ast.walk(tree) if isinstance(node, ast.List) and node.elts
    )
