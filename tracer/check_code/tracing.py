"""Straight-line Python as equations: the tree is walked, each operation is written down.

No code is executed: a value is a number, a stand-in that writes equations, or unknown. A loop's
body is read once, or once for each sample where the loop counts samples. The parameters keep
their values while they are updated, so that all gradients are those of one step.
"""

from __future__ import annotations

import ast
import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from typing import Any, Final, NamedTuple

from tracer.check_code.code_names import RATES, role_of
from tracer.check_code.code_values import (
    BINARY,
    COMPARED,
    METHODS,
    Function,
    Leaf,
    Module,
    Opaque,
    Size,
    arithmetic,
    numpy_function,
)
from tracer.errors import ShapeError, TracerError
from tracer.expression.syntax import Name
from tracer.program.elements import UnknownInteger
from tracer.program.program import names_in
from tracer.program.recorder import Recorder, Tracer

__all__ = ["Event", "Tracing"]

MOST_STEPS = 20_000  # nodes that are walked
MOST_DEPTH = 12  # of calls and of expressions in calls
MOST_ENTRIES = 20_000  # of the arrays that the code states
MOST_TURNS = 12  # of a loop over samples
TINY = 1.1e-3  # a number as small as that is a guard against 0, or a step: it is kept
FAILURES: Final = (
    *(TracerError, TypeError, ValueError, IndexError, KeyError, AttributeError),
    *(ArithmeticError, AssertionError, UnknownInteger),
)
DRAWN: Final = frozenset(
    ["randn", "rand", "random", "normal", "uniform", "standard_normal", "random_sample"]
)
STATED: Final = frozenset(
    ["zeros", "ones", "full", "empty", "arange", "linspace", "eye", "randint"]
)
SIZES: Final = frozenset(
    [
        "n",
        "N",
        "m",
        "M",
        "k",
        "K",
        "num",
        "count",
        "batch",
        "batch_size",
        "n_samples",
        "num_samples",
    ]
)


BUILT_IN: Final[Mapping[str, Callable[..., Any]]] = {
    "len": lambda items: Size(len(items)),
    "range": range,
    "float": lambda number: number,
    "round": lambda number, *_: number,
    "abs": abs,
    "sum": lambda items, *_: sum(items),
    "zip": lambda *columns: list(zip(*map(list, columns), strict=False)),
    "reversed": lambda items: list(items)[::-1],
    "enumerate": lambda items, *_: list(enumerate(items)),
}
OF_SHORT: Final = frozenset(("sum", "zip", "reversed", "enumerate"))  # whose arguments are walked


class Event(NamedTuple):
    """A name got a value, or (`update`) a parameter a new one, which is not put in.

    `function` is the function of the document where that happened, '' outside.
    """

    name: str
    value: Any
    node: ast.stmt | ast.expr
    function: str
    update: Leaf | None = None


class _Return(Exception):  # noqa: N818 - how a walk leaves a function's body: with its value
    pass


class OutOfSteps(Exception):  # noqa: N818 - the end of a walk that takes too long
    """More nodes than anybody reads."""


class Tracing:
    """One walk over a document's code."""

    def __init__(self, tree: ast.Module) -> None:
        self.recorder = Recorder({})
        self.leaves: dict[str, Leaf] = {}
        self.events: list[Event] = []
        self.origins: dict[int, tuple[ast.stmt | ast.expr, str]] = {}
        self.kept: list[Any] = []  # whose id is in origins: they must stay alive
        self.reached: set[str] = set()  # functions that were called
        self.globals: dict[str, Any] = {"np": Module("numpy"), "numpy": Module("numpy")}
        self.scopes: list[tuple[str, dict[str, Any]]] = [("", self.globals)]
        self.whole = _whole_names(tree)
        self.updated = _updated_names(tree)
        self.lengths = _lengths(tree)
        self.steps = 0
        self.statement_number = 0

    # What is asked of it ------------------------------------------------------------------------

    def run(self, body: Sequence[ast.stmt]) -> None:
        """Walk the statements of the top level."""
        with suppress(_Return, OutOfSteps, RecursionError):
            self.block(body)  # what was read up to the end of a walk is still right

    def call(self, function: Function, arguments: Mapping[str, Any]) -> Any:
        """Return what a function of the document gives; Opaque where it cannot be followed."""
        try:
            return self.inlined(function, [], arguments)
        except (OutOfSteps, RecursionError):
            return Opaque()

    def ask(self, wanted: Callable[[str], bool]) -> None:
        """Note what functions give for the quantities that their arguments are named after.

        A gradient check calls its loss for shifted parameters only.
        """
        for function in self.functions():
            names = [item.arg for item in function.node.args.args]
            known = {name: self.globals[name] for name in names if name in self.globals}
            if wanted(function.name) and len(known) == len(names):
                value = self.call(function, known)
                if isinstance(function.node, ast.FunctionDef):
                    self.events.append(Event(function.name, value, function.node, ""))

    def functions(self) -> list[Function]:
        """Return the functions that the code defines."""
        return [item for item in self.globals.values() if isinstance(item, Function)]

    def leaf(self, name: str, shape: tuple[int, ...], values: list[float] | None = None) -> Any:
        """Return a new quantity that nothing computes."""
        if math.prod(shape) > MOST_ENTRIES:
            return Opaque()
        own = f"q{len(self.leaves)}"
        self.leaves[own] = Leaf(name, shape, values, self.statement_number)
        self.recorder.shapes.add(own, shape)
        return Tracer(self.recorder, Name(own), shape)

    def leaves_of(self, value: Tracer) -> set[str]:
        """Return the quantities that a value is computed from."""
        found: set[str] = set()
        seen: set[str] = set()
        waiting = names_in(value.node)
        while waiting:
            name = waiting.pop()
            if name in seen:
                continue
            seen.add(name)
            if name in self.leaves:
                found.add(name)
            elif name.startswith("·"):
                waiting.extend(names_in(self.recorder.values[int(name[1:])]))
        return found

    # Statements ---------------------------------------------------------------------------------

    def block(self, body: Sequence[ast.stmt]) -> None:
        """Walk statements in order."""
        for statement in body:
            self.statement_number += 1
            self.step()
            self.statement(statement)

    def step(self) -> None:
        """Count a node. Raises OutOfSteps where there are too many."""
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise OutOfSteps

    @property
    def scope(self) -> dict[str, Any]:
        """The names that are known where the walk stands."""
        return self.scopes[-1][1]

    def statement(self, node: ast.stmt) -> None:
        """Walk one statement; what has no meaning here is passed over."""
        match node:
            case ast.Assign():
                value = self.value(node.value)
                for target in node.targets:
                    self.assign(target, value, node)
            case ast.AnnAssign(value=ast.expr() as written):
                self.assign(node.target, self.value(written), node)
            case ast.AugAssign():
                old = self.value(node.target)
                new = self.guarded(arithmetic, type(node.op), old, self.value(node.value))
                self.assign(node.target, new, node)
            case ast.Expr():
                self.value(node.value)
            case ast.FunctionDef():
                self.scope[node.name] = Function(node.name, node)
            case ast.Return():
                value = None if node.value is None else self.value(node.value)
                if node.value is not None:
                    self.came_from(value, node.value)
                raise _Return(value)
            case ast.For():
                self.loop(node)
            case ast.While() | ast.With() | ast.Try():
                self.block(node.body)
            case ast.If():
                self.choice(node)
            case ast.Import() | ast.ImportFrom():
                self.imported(node)
            case ast.ClassDef():
                self.scope[node.name] = Opaque()

    def imported(self, node: ast.Import | ast.ImportFrom) -> None:
        """Know NumPy and math by the names they are given."""
        for item in node.names:
            source = node.module if isinstance(node, ast.ImportFrom) else item.name
            known: Any = Opaque()
            if isinstance(node, ast.ImportFrom) and source in ("numpy", "math"):
                known = Module(f"{source}.{item.name}")
            elif isinstance(node, ast.Import) and source in ("numpy", "math", "jax.numpy"):
                known = Module("math" if source == "math" else "numpy")
            self.scope[item.asname or item.name.split(".")[0]] = known

    def choice(self, node: ast.If) -> None:
        """Walk the branch that is known to be taken; else forget what the branches assign."""
        text = ast.dump(node.test) if isinstance(node.test, ast.Compare) else ""
        condition = True if "'__name__'" in text else self.value(node.test)
        if isinstance(condition, bool):
            self.block(node.body if condition else node.orelse)
            return
        for part in ast.walk(node):
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                self.scope[part.id] = Opaque()

    def loop(self, node: ast.For) -> None:
        """Walk a loop's body once, or for each sample."""
        items = self.items(node)
        if items is not None and 0 < len(items) <= MOST_TURNS:
            for item in items:
                self.assign(node.target, item, node)
                self.block(node.body)
            return
        epochs = _is_range(node.iter) and items is None
        self.assign(node.target, 0 if _is_range(node.iter) else Opaque(), node)
        self.block(node.body)
        if not epochs:  # sums over samples are not whole
            for part in ast.walk(node):
                if isinstance(part, ast.AugAssign) and isinstance(part.target, ast.Name):
                    self.scope[part.target.id] = Opaque()

    def items(self, node: ast.For) -> list[Any] | None:
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
        found = self.value(node.iter)
        if isinstance(found, Tracer) and found.shape and found.shape[0] <= MOST_TURNS:
            return list(found)
        if not isinstance(found, (list, tuple, range)):
            return None
        return list(islice(found, MOST_TURNS + 1))

    def assign(self, target: ast.expr, value: Any, node: ast.stmt) -> None:
        """Give a target its value: a name, each of several, an entry."""
        match target:
            case ast.Name():
                self.bind(target.id, value, node)
            case ast.Tuple() | ast.List():
                values = self.unpacked(value, len(target.elts))
                for item, part in zip(target.elts, values, strict=True):
                    self.assign(item, part, node)
            case ast.Subscript(value=ast.Name() as owner):
                self.assign_entry(target, owner.id, value, node)

    def unpacked(self, value: Any, count: int) -> Sequence[Any]:
        """Return the parts of a value for so many targets."""
        if isinstance(value, Tracer) and value.shape and value.shape[0] == count:
            return list(value)
        if isinstance(value, (tuple, list)) and len(value) == count:
            return value
        return [Opaque()] * count

    def assign_entry(self, target: ast.Subscript, name: str, value: Any, node: ast.stmt) -> None:
        """Follow `table["W"] = value` and `z[condition] = value`; forget an array otherwise."""
        owner, index = self.looked_up(name), self.value(target.slice)
        function = self.scopes[-1][0]
        if isinstance(owner, dict) and isinstance(index, (str, int)):
            if isinstance(node, ast.Assign):
                value = self.stated(str(index), value, node)
            updated = self.is_update(owner.get(index), value)
            if updated is None:
                self.came_from(value, node)
                owner[index] = value
            name = index if isinstance(index, str) else name
            self.events.append(Event(name, value, node, function, updated))
        elif isinstance(owner, Tracer):
            kept: Any = Opaque()
            if isinstance(index, Tracer) and index.is_condition:
                kept = self.guarded(self.recorder.apply, "where", index, value, owner)
            self.scope[name] = kept
            self.events.append(Event(name, kept, node, function))

    def bind(self, name: str, value: Any, node: ast.stmt) -> None:
        """Give a name its value; an update of a parameter is noted, and not put in."""
        old = self.scope.get(name)
        function = self.scopes[-1][0]
        if isinstance(node, (ast.Assign, ast.AnnAssign)):
            value = self.stated(name, value, node)
        if (updated := self.is_update(old, value)) is not None:
            self.events.append(Event(name, value, node, function, updated))
            return
        self.scope[name] = value
        if not isinstance(value, Function):
            self.came_from(value, node)
            self.events.append(Event(name, value, node, function))

    def is_update(self, old: Any, new: Any) -> Leaf | None:
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
        whole = self.whole.get(self.scopes[-1][0], frozenset())
        if name in whole or name in SIZES or isinstance(value, (bool, Size)):
            return value
        if isinstance(value, (int, float)):
            kept = isinstance(value, int) and value > 1 and value in self.lengths
            simple = isinstance(node.value, (ast.Constant, ast.UnaryOp))
            if isinstance(node.value, ast.Tuple):  # `w, b = 0.5, 0.0`, but no `two, half = 2, 0.5`
                simple = role_of(name) != "other" or name in RATES or name in self.updated
            if kept or not simple or 0 < abs(value) < TINY:
                return value
            return self.leaf(name, (), [float(value)])
        if isinstance(value, (list, tuple)):
            shape = _shape(value)
            return value if shape is None else self.leaf(name, shape, list(_flat(value)))
        if isinstance(value, Tracer) and value.place >= 0:
            used = self.leaves_of(value)
            if used and all(self.leaves[own].born == self.statement_number for own in used):
                return self.leaf(name, value.shape)  # drawn and scaled: W = 0.01 * randn(3, 2)
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
            self.origins[id(value)] = (node, self.scopes[-1][0])
            self.kept.append(value)

    # Expressions --------------------------------------------------------------------------------

    def guarded(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Return what a function gives; Opaque where it fails."""
        try:
            return function(*arguments)
        except ShapeError as error:
            return Opaque(error.sentence())
        except FAILURES:
            return Opaque()

    def value(self, node: ast.expr) -> Any:
        """Return the value of an expression."""
        self.step()
        match node:
            case ast.Constant():
                known = isinstance(node.value, (int, float, str, bool, type(None)))
                return node.value if known else Opaque()
            case ast.Name():
                return self.looked_up(node.id)
            case ast.BinOp():
                if type(node.op) not in BINARY:
                    return Opaque()
                sides = self.value(node.left), self.value(node.right)
                return self.guarded(arithmetic, type(node.op), *sides)
            case ast.UnaryOp():
                return self.unary(node)
            case ast.Compare():
                return self.compared(node)
            case ast.Call():
                return self.called(node)
            case ast.Attribute():
                return self.attribute(node)
            case ast.Subscript():
                return self.entry(node)
            case ast.Tuple() | ast.List():
                items = [self.value(item) for item in node.elts]
                return tuple(items) if isinstance(node, ast.Tuple) else items
            case ast.Dict():
                return self.table(node)
            case ast.Slice():
                ends = (node.lower, node.upper, node.step)
                return slice(*(None if end is None else self.value(end) for end in ends))
            case ast.Lambda():
                return Function("", node)
            case ast.ListComp() | ast.GeneratorExp():
                return self.comprehension(node)
            case ast.JoinedStr():
                return ""
            case _:
                return Opaque()

    def looked_up(self, name: str) -> Any:
        """Return what a name stands for, and note that it was read."""
        value = self.scope.get(name, self.globals.get(name))
        if isinstance(value, Tracer) and isinstance(value.node, Name):
            leaf = self.leaves.get(value.node.id)
            if leaf is not None and leaf.read is None:
                leaf.read = self.statement_number
        return Opaque() if value is None and name not in self.scope else value

    def unary(self, node: ast.UnaryOp) -> Any:
        """Return a value with its sign."""
        value = self.value(node.operand)
        if isinstance(node.op, ast.USub):
            return self.guarded(lambda: -value)
        if isinstance(node.op, ast.UAdd):
            return value
        return not value if isinstance(node.op, ast.Not) and isinstance(value, bool) else Opaque()

    def compared(self, node: ast.Compare) -> Any:
        """Return a comparison: known, or 1 where it holds."""
        left, right = self.value(node.left), self.value(node.comparators[0])
        if len(node.ops) != 1 or type(node.ops[0]) not in COMPARED:
            return Opaque()
        known = (int, float, str, Tracer)
        if not isinstance(left, known) or not isinstance(right, known):
            return Opaque()
        return self.guarded(COMPARED[type(node.ops[0])], left, right)

    def table(self, node: ast.Dict) -> Any:
        """Return a table by names; its entries are called after their keys."""
        keys = [None if key is None else self.value(key) for key in node.keys]
        values = [self.value(value) for value in node.values]
        if not all(isinstance(key, (str, int)) for key in keys):
            return Opaque()
        for key, value in zip(keys, values, strict=True):
            if isinstance(value, Tracer) and value.place < 0:
                leaf = self.leaves[value.node.id]  # type: ignore[attr-defined] # a leaf's node is its name
                leaf.name = leaf.name or str(key)
        return dict(zip(keys, values, strict=True))

    def comprehension(self, node: ast.ListComp | ast.GeneratorExp) -> Any:
        """Return the list that a short comprehension makes."""
        if len(node.generators) != 1 or node.generators[0].ifs:
            return Opaque()
        part = node.generators[0]
        over = self.value(part.iter)
        if isinstance(over, Tracer) and over.shape and over.shape[0] <= MOST_TURNS:
            over = list(over)
        if not isinstance(over, (list, tuple, range)) or len(over) > MOST_TURNS:
            return Opaque()
        result = []
        self.scopes.append((self.scopes[-1][0], dict(self.scope)))
        try:
            for item in over:
                self.assign(part.target, item, ast.Pass())
                result.append(self.value(node.elt))
        finally:
            self.scopes.pop()
        return result

    def attribute(self, node: ast.Attribute) -> Any:
        """Return a part of a module, or what an array says of itself."""
        owner = self.value(node.value)
        if isinstance(owner, Module):
            known = {"pi": math.pi, "e": math.e, "newaxis": None}
            return known.get(node.attr, Module(f"{owner.name}.{node.attr}"))
        if isinstance(owner, Tracer):
            if node.attr == "shape":
                return tuple(map(Size, owner.shape))
            if node.attr in ("size", "ndim"):
                return Size(getattr(owner, node.attr))
            if node.attr == "T":
                return self.guarded(lambda: owner.T)
        return Opaque()

    def entry(self, node: ast.Subscript) -> Any:
        """Return an entry or a part of an array, a list or a table."""
        owner, index = self.value(node.value), self.value(node.slice)
        if isinstance(owner, Tracer) and isinstance(index, tuple) and _has_none(index):
            return self.guarded(_expanded, owner, index)
        if isinstance(owner, Tracer) and index is None:
            return self.guarded(_expanded, owner, (None,))
        if isinstance(owner, (Tracer, list, tuple, dict)):
            return self.guarded(lambda: owner[index])
        return Opaque()

    # Calls --------------------------------------------------------------------------------------

    def called(self, node: ast.Call) -> Any:
        """Return what a call gives."""
        arguments = [self.value(item) for item in node.args if not isinstance(item, ast.Starred)]
        keywords = {item.arg: self.value(item.value) for item in node.keywords if item.arg}
        if len(arguments) != len(node.args) or len(keywords) != len(node.keywords):
            return Opaque()
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name and name not in self.scope and name not in self.globals:
            return self.guarded(self.built_in, name, arguments, keywords)
        if isinstance(node.func, ast.Attribute):
            owner = self.value(node.func.value)
            if not isinstance(owner, Module):
                return self.guarded(self.method, owner, node.func.attr, arguments, keywords)
        function = self.value(node.func)
        if isinstance(function, Function):
            return self.inlined(function, arguments, keywords, node)
        if isinstance(function, Module):
            short = function.name.rpartition(".")[2]
            return self.guarded(self.numpy, short, arguments, keywords)
        return Opaque()

    def inlined(
        self,
        function: Function,
        arguments: Sequence[Any],
        keywords: Mapping[str, Any],
        node: ast.Call | None = None,
    ) -> Any:
        """Return what a function of the document gives for these arguments."""
        wanted = function.node.args
        names = [item.arg for item in (*wanted.posonlyargs, *wanted.args)]
        inside = bool(function.name) and function.name in [name for name, _ in self.scopes]
        if inside or len(self.scopes) > MOST_DEPTH or wanted.vararg or wanted.kwarg:
            return Opaque()  # a function that calls itself is not followed
        if len(arguments) > len(names):
            return Opaque()
        local: dict[str, Any] = dict(zip(names, arguments, strict=False))
        local.update(keywords)
        defaults = dict(zip(names[::-1], wanted.defaults[::-1], strict=False))
        for item, default in zip(wanted.kwonlyargs, wanted.kw_defaults, strict=True):
            names.append(item.arg)
            if default is not None:
                defaults[item.arg] = default
        for name in names:
            if name not in local:
                local[name] = self.value(defaults[name]) if name in defaults else Opaque()
        self.reached.add(function.name)
        self.scopes.append((function.name or self.scopes[-1][0], local))
        try:
            if isinstance(function.node, ast.Lambda):
                return self.value(function.node.body)
            self.block(function.node.body)
        except _Return as left:
            if node is not None and function.name:
                self.returned(function.name, left.args[0], node)
            return left.args[0]
        finally:
            self.scopes.pop()
        return None

    def returned(self, name: str, value: Any, node: ast.Call | ast.stmt) -> None:
        """Note what a function gave, under its own name."""
        for part in value if isinstance(value, (tuple, list)) else (value,):
            if isinstance(part, Tracer):
                self.events.append(Event(name, part, node, name))

    def built_in(self, name: str, arguments: list[Any], keywords: Mapping[str, Any]) -> Any:
        """Return what one of Python's own functions gives."""
        if name in ("sigmoid", "relu", "exp", "log", "tanh", "sqrt"):
            return numpy_function(self.recorder, name, arguments, keywords)
        if name in OF_SHORT and not all(
            map(_is_short, arguments if name == "zip" else arguments[:1])
        ):
            return Opaque()
        return BUILT_IN[name](*arguments) if name in BUILT_IN else Opaque()

    def method(
        self, owner: Any, name: str, arguments: list[Any], keywords: Mapping[str, Any]
    ) -> Any:
        """Return what a method of an array or a list gives."""
        if isinstance(owner, list) and name == "append":
            owner.append(arguments[0])
            return None
        if not isinstance(owner, Tracer):
            return Opaque()
        if name in ("astype", "item", "tolist"):
            return owner
        if name in ("std", "var", "clip"):
            return self.numpy(name, [owner, *arguments], keywords)
        return getattr(owner, name)(*arguments, **keywords) if name in METHODS else Opaque()

    def numpy(self, name: str, arguments: list[Any], keywords: Mapping[str, Any]) -> Any:
        """Return what one of NumPy's functions gives."""
        for item in (*arguments, *keywords.values()):
            if isinstance(item, Opaque):
                return item
        if name in ("array", "asarray"):
            return self.array(arguments[0])
        if name in DRAWN or name in STATED:
            return self.made(name, arguments, keywords)
        if name in ("zeros_like", "ones_like") and isinstance(arguments[0], Tracer):
            shape = arguments[0].shape
            return self.leaf("", shape, [float(name == "ones_like")] * math.prod(shape))
        if name in ("shape",) and isinstance(arguments[0], Tracer):
            return tuple(map(Size, arguments[0].shape))
        return numpy_function(self.recorder, name, arguments, keywords)

    def array(self, value: Any) -> Any:
        """Return np.array of numbers, or of what is computed."""
        if isinstance(value, (int, float, Tracer)):
            return value
        shape = _shape(value)
        if shape is not None:
            return self.leaf("", shape, list(_flat(value)))
        if isinstance(value, (list, tuple)):
            return self.recorder.apply("stack", *(self.array(item) for item in value), axis=0)
        return Opaque()

    def made(self, name: str, arguments: list[Any], keywords: Mapping[str, Any]) -> Any:
        """Return an array that NumPy draws or fills."""
        sized: Any = keywords.get("size", keywords.get("shape"))
        if sized is None:
            skipped = {"normal": 2, "uniform": 2, "randint": 2}.get(name, 0)
            rest = arguments[skipped:] if skipped else arguments
            if name == "linspace":
                rest = arguments[2:] or [50]
            elif name == "arange":
                rest = [len(range(*arguments))]
            elif name in ("zeros", "ones", "full", "empty"):
                rest = arguments[:1]
            elif name == "eye":
                rest = [arguments[0], arguments[0]]
            sized = rest[0] if len(rest) == 1 else tuple(rest)
        shape = (sized,) if isinstance(sized, int) else tuple(sized)
        if not all(isinstance(size, int) and size >= 0 for size in shape):
            return Opaque()
        count = min(math.prod(shape), MOST_ENTRIES + 1)
        fixed = {"zeros": 0.0, "ones": 1.0, "empty": 0.0}.get(name)
        return self.leaf("", tuple(map(int, shape)), None if fixed is None else [fixed] * count)


def _expanded(value: Tracer, index: tuple[Any, ...]) -> Tracer:
    """Return x[:, None] and the like."""
    sizes = list(value.shape)
    shape = [1 if item is None else sizes.pop(0) for item in index]
    if any(item is not None and item != slice(None) for item in index):
        raise TypeError("an index beside a new axis")
    return value.reshape(*shape, *sizes)


def _has_none(index: tuple[Any, ...]) -> bool:
    return any(item is None for item in index)


def _is_short(value: Any) -> bool:
    if isinstance(value, Tracer):
        return bool(value.shape) and value.shape[0] <= MOST_TURNS
    return isinstance(value, (list, tuple, range)) and len(value) <= MOST_TURNS


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


def _flat(value: Any) -> Iterator[float]:
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from _flat(item)
    else:
        yield float(value)


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
            if plain == "range" or called in DRAWN | STATED:
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
