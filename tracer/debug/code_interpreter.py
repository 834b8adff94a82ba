"""Python and NumPy read statement by statement, without Python running any of it.

The statements that networks by hand are made of are followed with real numbers: assignments,
loops, decisions, functions, classes, NumPy's array functions, and drawn numbers from a generator
of our own. Nothing else is reached: no file, no module, no attribute that is not in a table here,
and no array or count beyond the bounds. What cannot be followed is unknown, and so is what it is
assigned to.
"""

from __future__ import annotations

import ast
import math
import operator
import re
import time
import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from tracer.check_code.code_names import is_gradient, is_loss
from tracer.debug.gradient_names import gradient_word
from tracer.debug.namespaces import ValuePath
from tracer.debug.observation import EnoughSeen, Observation, ObservedCall, SourceText
from tracer.program.recorder import Tracer

__all__ = [
    "BINARY",
    "DRAWING",
    "CodeInterpreter",
    "Frame",
    "FunctionReturn",
    "InterpretedFunction",
    "KnownModule",
    "Names",
    "NotFollowed",
    "arguments_by_name",
]

MOST_ENTRIES: Final = 200_000  # of an array
MOST_WRITTEN: Final = 16_000_000  # entries of all arrays that names or calls got
MOST_ITEMS: Final = 2_000  # of a list
MOST_STEPS: Final = 400_000  # nodes that are followed
MOST_STATEMENTS: Final = 3_000
SECONDS: Final = 2.0  # that the walk over the whole code may take
DEEPEST: Final = 24  # calls in calls
SETTING: Final = re.compile(r"(?:float|int|uint|bool|[fiu])\d{0,2}|[CFK]|fro|ij|xy")
LONGEST_TEXT: Final = 200
ENOUGH_TURNS: Final = 3  # of a training
LARGEST: Final = 10**15  # of whole numbers

Names = dict[str, Any]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


BINARY: Final[Mapping[type[ast.operator], Callable[[Any, Any], Any]]] = {
    **{ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul},
    **{ast.Div: operator.truediv, ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod},
    **{ast.Pow: operator.pow, ast.MatMult: operator.matmul},
    **{ast.BitAnd: operator.and_, ast.BitOr: operator.or_, ast.BitXor: operator.xor},
}
IN_PLACE: Final[Mapping[type[ast.operator], Callable[[Any, Any], Any]]] = {
    **BINARY,
    **{ast.Add: operator.iadd, ast.Sub: operator.isub, ast.Mult: operator.imul},
    **{ast.Div: operator.itruediv, ast.Pow: operator.ipow, ast.MatMult: operator.imatmul},
}
UNARY: Final[Mapping[type[ast.unaryop], Callable[[Any], Any]]] = {
    **{ast.USub: operator.neg, ast.UAdd: operator.pos},
    **{ast.Not: operator.not_, ast.Invert: operator.invert},
}
COMPARED: Final[Mapping[type[ast.cmpop], Callable[[Any, Any], Any]]] = {
    **{ast.Gt: operator.gt, ast.GtE: operator.ge, ast.Lt: operator.lt, ast.LtE: operator.le},
    **{ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Is: operator.is_},
    **{ast.IsNot: operator.is_not, ast.In: lambda a, b: a in b},
    ast.NotIn: lambda a, b: a not in b,
}
ELEMENTWISE: Final = _words(
    "exp log log1p log2 log10 expm1 sqrt square abs absolute sign sin cos tan tanh sinh cosh"
    " maximum minimum add subtract multiply divide true_divide power float_power negative"
    " reciprocal greater greater_equal less less_equal equal not_equal logical_and logical_or"
    " logical_not isnan isfinite logaddexp where clip round floor ceil"
)
REDUCING: Final = _words(
    "sum mean max min amax amin var std prod cumsum argmax argmin argsort sort all any"
    " count_nonzero average median size shape ndim reshape ravel transpose swapaxes moveaxis"
    " expand_dims squeeze copy zeros_like ones_like empty_like full_like tril triu trace"
    " allclose array_equal flip roll atleast_2d asarray array float32 float64 int32 int64"
    " linalg.norm nan_to_num isclose unique diag diagonal take"
)
JOINING: Final = _words("concatenate stack vstack hstack column_stack")
PRODUCTS: Final = _words("dot matmul inner outer tensordot einsum")
FILLING: Final = _words("zeros ones empty full arange linspace eye identity")
DRAWING: Final = _words(
    "randn rand random normal uniform standard_normal random_sample randint integers permutation"
    " choice seed shuffle"
)
CONSTANTS: Final = {"pi": math.pi, "e": math.e, "inf": math.inf, "newaxis": None}
OF_NUMBERS: Final = _words("exp log sqrt tanh sin cos pow fabs floor ceil log1p")
ARRAY_FIELDS: Final = frozenset(["shape", "T", "size", "ndim", "dtype"])
ARRAY_METHODS: Final = _words(
    "sum mean max min dot reshape transpose swapaxes squeeze flatten ravel copy argmax argmin"
    " var std clip astype item tolist cumsum prod any all round"
)
CONTAINER_METHODS: Final[Mapping[type, frozenset[str]]] = {
    list: frozenset(["append", "extend", "insert", "pop", "reverse", "copy", "index"]),
    dict: frozenset(["get", "items", "keys", "values", "update", "setdefault", "copy", "pop"]),
    tuple: frozenset(["index", "count"]),
}
SPECIAL_METHODS: Final = frozenset(["__init__", "__call__"])


def _listed(items: Iterable[Any]) -> list[Any]:
    found = []
    for item in items:
        found.append(item)
        if len(found) > MOST_ITEMS:
            raise NotFollowed("a long list")
    return found


BUILT_IN: Final[Mapping[str, Callable[..., Any]]] = {
    **{"len": len, "range": range, "float": float, "int": int, "bool": bool, "abs": abs},
    **{"sum": lambda items, *start: sum(_listed(items), *start), "round": round},
    **{"min": lambda *items: min(*items), "max": lambda *items: max(*items)},
    "zip": lambda *columns, **_: list(zip(*map(_listed, columns), strict=False)),
    "enumerate": lambda items, start=0: list(enumerate(_listed(items), start)),
    "reversed": lambda items: _listed(items)[::-1],
    **{"list": lambda items=(): _listed(items), "tuple": lambda items=(): tuple(_listed(items))},
    "dict": lambda *items, **named: dict(*items, **named),
    "sorted": lambda items, **named: sorted(_listed(items), **named),
    **{"str": lambda value: _text(value), "print": lambda *_, **__: None},
    **{"isinstance": isinstance, "slice": slice, "object": object},
}


def _text(value: Any) -> str:
    """Return a short text, as keys of tables have it."""
    if isinstance(value, (str, int, float)):
        return f"{value}"[:LONGEST_TEXT]
    return ""


class NotFollowed(Exception):  # noqa: N818 - what it is, not how it went wrong
    """Code that is in no table here, or beyond the bounds."""


class KnownModule(NamedTuple):
    """NumPy, math, or a part of NumPy: `numpy.random`."""

    name: str


class FunctionReturn(Exception):  # noqa: N818 - how a walk leaves a function: with its value
    """Ends the walk over a function's body."""


class _Break(Exception):  # noqa: N818 - how a walk leaves a loop
    pass


class _Continue(Exception):  # noqa: N818 - how a walk leaves a turn of a loop
    pass


class Frame(NamedTuple):
    """Where a walk stands: the names, those around them, the global ones, and what notes it."""

    names: Names
    outer: tuple[Names, ...]
    globals: Names
    call: ObservedCall | None = None
    used: frozenset[str] = frozenset()  # of the names around it


class InterpretedFunction:
    """A function of the code."""

    def __init__(
        self,
        interpreter: CodeInterpreter,
        node: ast.FunctionDef | ast.Lambda,
        frame: Frame,
        name: str,
        defaults: Mapping[str, Any],
    ) -> None:
        self.interpreter = interpreter
        self.node = node
        self.frame = frame
        self.name = name
        self.defaults = defaults
        self.reads = frozenset(part.id for part in ast.walk(node) if isinstance(part, ast.Name))

    def __get__(self, owner: Any, kind: Any = None) -> Any:
        return self if owner is None else types.MethodType(self, owner)

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        """Return what the function gives, followed by the interpreter."""
        return self.interpreter.called(self, arguments, keywords)


class CodeInterpreter:
    """Follows code; an execution of its statements (`tracer.debug.execution`) as well."""

    def __init__(self, source: SourceText) -> None:
        self.source = source
        self.classes: set[type] = set()
        self.observation = Observation(
            {source.path: source}, lambda kind: kind in self.classes, self, MOST_STATEMENTS
        )
        self.is_watched = False
        self.steps = 0
        self.written = 0
        self.depth = 0
        self.end = math.inf
        self.generator = np.random.RandomState(0)

    def observe(self) -> Observation:
        """Follow the whole code once and return what was seen."""
        names: Names = {"__name__": "__main__", "np": KnownModule("numpy")}
        call = self.observation.begin(self.source, "<module>", names, self.source)
        frame = Frame(names, (), names, call)
        self.is_watched = True
        self.end = time.monotonic() + SECONDS
        try:
            with np.errstate(all="ignore"):
                self.block(self.source.tree.body, frame)
        except (EnoughSeen, RecursionError, FunctionReturn, _Break, _Continue):
            pass  # what was seen until then is right
        finally:
            self.is_watched = False
            self.end = math.inf
        self.observation.leave(call, None, lambda: self.visible(frame))
        return self.observation

    # An execution of single statements

    def execute(self, statement: ast.stmt, names: Names) -> None:
        """Follow one statement. Raises what it raises, or NotFollowed where it is not followed."""
        self.alone(self.statement, statement, names)

    def evaluate(self, expression: ast.expr, names: Names) -> Any:
        """Return the value of an expression. Raises as `execute` does."""
        return self.alone(self.value, expression, names)

    def alone(self, walk: Callable[[Any, Frame], Any], node: ast.AST, names: Names) -> Any:
        """Return what a walk over one node gives, within bounds of its own."""
        self.steps = self.written = 0
        try:
            return walk(node, Frame(names, (), names))
        except EnoughSeen:
            raise NotFollowed("code that takes long") from None

    def rebound(self, value: Any, old: Mapping[str, Any], names: Names) -> Any:
        """Return a function of the code with other global names."""
        if not isinstance(value, InterpretedFunction) or value.frame.globals is not old:
            return value
        outer = tuple(names if item is old else item for item in value.frame.outer)
        frame = Frame(names if value.frame.names is old else value.frame.names, outer, names)
        return InterpretedFunction(self, value.node, frame, value.name, value.defaults)

    def read_names(self, value: Any, names: Names) -> Iterable[str] | None:
        """Return the names that a function looks up in `names`."""
        if isinstance(value, InterpretedFunction) and value.frame.globals is names:
            return value.reads
        return None

    # Statements

    def visible(self, frame: Frame) -> dict[str, Any]:
        """Return a copy of the names that a frame sees."""
        around = {
            name: found[name]
            for found in (frame.globals, *frame.outer[::-1])
            for name in frame.used
            if name in found
        }
        return self.observation.snapshot({**around, **frame.names})

    def block(self, body: Sequence[ast.stmt], frame: Frame) -> None:
        """Follow statements in order; what one of them assigns and is unknown has no name."""
        for statement in body:
            self.reach(statement, frame)
            if not self.is_watched:
                self.statement(statement, frame)
                continue
            try:
                self.statement(statement, frame)
            except (FunctionReturn, _Break, _Continue, RecursionError):
                raise
            except Exception:  # noqa: BLE001 - whatever a value does there, it is unknown
                _forget(statement, frame.names)

    def reach(self, statement: ast.stmt, frame: Frame) -> None:
        """Note a statement before it is followed."""
        self.step()
        if self.is_watched and frame.call is not None:
            self.observation.reach(frame.call, statement, self.visible(frame))

    def step(self) -> None:
        """Count a node. Raises EnoughSeen where there are too many."""
        self.steps += 1
        is_late = not self.steps % 64 and time.monotonic() > self.end
        if is_late or self.steps > MOST_STEPS or self.written > MOST_WRITTEN:
            raise EnoughSeen

    def statement(self, node: ast.stmt, frame: Frame) -> None:
        """Follow one statement."""
        match node:
            case ast.Assign():
                value = self.value(node.value, frame)
                for target in node.targets:
                    self.assign(target, value, frame)
            case ast.AnnAssign(value=ast.expr() as written):
                self.assign(node.target, self.value(written, frame), frame)
            case ast.AugAssign():
                sides = self.value(node.target, frame), self.value(node.value, frame)
                self.assign(node.target, self.combined(IN_PLACE, node.op, *sides), frame)
            case ast.Expr():
                self.expression(node.value, frame)
            case ast.FunctionDef():
                frame.names[node.name] = self.function(node, frame)
            case ast.ClassDef():
                frame.names[node.name] = self.class_of(node, frame)
            case ast.Return():
                raise FunctionReturn(None if node.value is None else self.value(node.value, frame))
            case ast.For():
                self.loop(node, frame)
            case ast.While():
                self.repeat(node, frame)
            case ast.If():
                self.block(node.body if self.value(node.test, frame) else node.orelse, frame)
            case ast.With() | ast.Try():
                self.block(node.body, frame)
            case ast.Break():
                raise _Break
            case ast.Continue():
                raise _Continue
            case ast.Import() | ast.ImportFrom():
                _import(node, frame.names)
            case ast.Delete():
                _forget(node, frame.names)
            case ast.Pass() | ast.Assert() | ast.AnnAssign() | ast.Global() | ast.Nonlocal():
                pass
            case _:
                raise NotFollowed(type(node).__name__)

    def expression(self, node: ast.expr, frame: Frame) -> None:
        """Follow what stands for its effect; what has none here is passed over."""
        try:
            self.value(node, frame)
        except (NotFollowed, TypeError, AttributeError):
            if not self.is_watched and not isinstance(node, ast.Call):
                raise

    def loop(self, node: ast.For, frame: Frame) -> None:
        """Follow a loop's body once for each item."""
        items = self.value(node.iter, frame)
        is_training = self.is_watched and isinstance(items, range) and _is_training(node)
        for place, item in enumerate(items):
            if place == ENOUGH_TURNS and is_training:
                raise EnoughSeen
            if place:
                self.reach(node, frame)
            self.assign(node.target, item, frame)
            try:
                self.block(node.body, frame)
            except _Break:
                return
            except _Continue:
                continue
        self.block(node.orelse, frame)

    def repeat(self, node: ast.While, frame: Frame) -> None:
        """Follow a loop's body as long as its condition holds."""
        while self.value(node.test, frame):
            try:
                self.block(node.body, frame)
            except _Break:
                return
            except _Continue:
                pass
            self.reach(node, frame)

    def function(self, node: ast.FunctionDef | ast.Lambda, frame: Frame) -> InterpretedFunction:
        """Return a function as it is defined in a frame."""
        wanted = node.args
        names = [item.arg for item in (*wanted.posonlyargs, *wanted.args)]
        values = [self.value(item, frame) for item in wanted.defaults]
        defaults = dict(zip(names[len(names) - len(values) :], values, strict=True))
        for item, default in zip(wanted.kwonlyargs, wanted.kw_defaults, strict=True):
            if default is not None:
                defaults[item.arg] = self.value(default, frame)
        name = node.name if isinstance(node, ast.FunctionDef) else "<lambda>"
        own = Frame(frame.names, frame.outer, frame.globals)
        return InterpretedFunction(self, node, own, name, defaults)

    def class_of(self, node: ast.ClassDef, frame: Frame) -> type:
        """Return a class of the code: its methods and what its body assigns."""
        bases = tuple(self.value(base, frame) for base in node.bases)
        if any(base not in self.classes and base is not object for base in bases):
            raise NotFollowed("a class of a library")
        body: Names = {}
        inner = Frame(body, (frame.names, *frame.outer), frame.globals)
        for item in node.body:
            if not isinstance(item, ast.FunctionDef):
                self.statement(item, inner)
            elif not item.name.startswith("__") or item.name in SPECIAL_METHODS:
                if any(not isinstance(each, ast.Name) for each in item.decorator_list):
                    raise NotFollowed("a decorator")
                method: Any = self.function(item, Frame(frame.names, frame.outer, frame.globals))
                method.name = f"{node.name}.{item.name}"
                for each in item.decorator_list:
                    method = {"staticmethod": staticmethod, "property": property}[each.id](method)  # type: ignore[attr-defined] # names, as was seen
                body[item.name] = method
        for name in [name for name in body if name[:2] == "__" and name not in SPECIAL_METHODS]:
            del body[name]
        made = type(node.name, bases or (object,), body)
        self.classes.add(made)
        return made

    def assign(self, target: ast.expr, value: Any, frame: Frame) -> None:
        """Give a target its value."""
        if isinstance(value, np.ndarray):
            self.written += value.size
        match target:
            case ast.Name():
                frame.names[target.id] = value
            case ast.Tuple() | ast.List():
                self.unpack(target.elts, value, frame)
            case ast.Subscript():
                owner = self.value(target.value, frame)
                if not isinstance(owner, (list, dict, np.ndarray, Tracer)):
                    raise NotFollowed(type(owner).__name__)
                index = self.value(target.slice, frame)
                if isinstance(owner, dict) and len(owner) > MOST_ITEMS:
                    raise NotFollowed("a long list")
                owner[index] = value
            case ast.Attribute():
                owner = self.value(target.value, frame)
                if type(owner) not in self.classes or target.attr.startswith("__"):
                    raise NotFollowed(f".{target.attr}")
                vars(owner)[target.attr] = value
            case _:
                raise NotFollowed(type(target).__name__)

    def unpack(self, targets: Sequence[ast.expr], value: Any, frame: Frame) -> None:
        """Give each of several targets its part."""
        parts = _listed(value)
        for place, target in enumerate(targets):
            if isinstance(target, ast.Starred):
                after = len(targets) - place - 1
                self.assign(target.value, parts[place : len(parts) - after], frame)
                parts[place : len(parts) - after] = [None]
        if len(parts) != len(targets):
            raise ValueError("as many values as names")
        for target, part in zip(targets, parts, strict=True):
            if not isinstance(target, ast.Starred):
                self.assign(target, part, frame)

    # Expressions

    def value(self, node: ast.expr, frame: Frame) -> Any:
        """Return the value of an expression. Raises what its operations raise, or NotFollowed."""
        self.step()
        match node:
            case ast.Constant():
                return node.value
            case ast.Name():
                return self.looked_up(node.id, frame)
            case ast.BinOp():
                sides = self.value(node.left, frame), self.value(node.right, frame)
                return self.combined(BINARY, node.op, *sides)
            case ast.UnaryOp():
                return UNARY[type(node.op)](self.value(node.operand, frame))
            case ast.BoolOp():
                return self.decided(node, frame)
            case ast.Compare():
                return self.compared(node, frame)
            case ast.Call():
                return self.call(node, frame)
            case ast.Attribute():
                return self.attribute(self.value(node.value, frame), node.attr)
            case ast.Subscript():
                return self.entry(self.value(node.value, frame), self.value(node.slice, frame))
            case ast.Tuple():
                return tuple(self.items(node.elts, frame))
            case ast.List():
                return self.items(node.elts, frame)
            case ast.Dict():
                return self.table(node, frame)
            case ast.Slice():
                ends = (node.lower, node.upper, node.step)
                return slice(*(None if end is None else self.value(end, frame) for end in ends))
            case ast.IfExp():
                chosen = node.body if self.value(node.test, frame) else node.orelse
                return self.value(chosen, frame)
            case ast.Lambda():
                return self.function(node, frame)
            case ast.ListComp() | ast.GeneratorExp() | ast.DictComp():
                return self.comprehension(node, frame)
            case ast.JoinedStr():
                return "".join(self.part_of_text(item, frame) for item in node.values)
            case _:
                raise NotFollowed(type(node).__name__)

    def looked_up(self, name: str, frame: Frame) -> Any:
        """Return what a name stands for."""
        for names in (frame.names, *frame.outer, frame.globals, BUILT_IN):
            if name in names:
                return names[name]
        raise NotFollowed(name)

    def combined(
        self,
        table: Mapping[type[ast.operator], Callable[[Any, Any], Any]],
        kind: ast.operator,
        left: Any,
        right: Any,
    ) -> Any:
        """Return one operation on two values, within the bounds."""
        function = table.get(type(kind))
        if function is None:
            raise NotFollowed(type(kind).__name__)
        listed, arrays = (list, tuple, str), (np.ndarray, Tracer)
        sides = (left, right)
        if any(isinstance(side, listed) for side in sides) and not any(
            isinstance(side, arrays) for side in sides
        ):
            return _joined(kind, left, right)
        if isinstance(kind, ast.MatMult):
            _bound_product(left, right)
        else:
            _bound_shapes(left, right)
        if isinstance(left, int) and isinstance(right, int):
            if isinstance(kind, ast.Pow) and (abs(right) > 64 or abs(left) > LARGEST):
                raise NotFollowed("a large number")
            if max(abs(left), abs(right)) > LARGEST:
                raise NotFollowed("a large number")
        return function(left, right)

    def decided(self, node: ast.BoolOp, frame: Frame) -> Any:
        """Return what `and` or `or` gives."""
        value: Any = None
        for part in node.values:
            value = self.value(part, frame)
            if bool(value) == isinstance(node.op, ast.Or):
                return value
        return value

    def compared(self, node: ast.Compare, frame: Frame) -> Any:
        """Return a comparison, or a chain of them."""
        left = self.value(node.left, frame)
        result: Any = True
        for kind, side in zip(node.ops, node.comparators, strict=True):
            right = self.value(side, frame)
            result = self.related(kind, left, right)
            if len(node.ops) > 1 and not result:
                return result
            left = right
        return result

    def related(self, kind: ast.cmpop, left: Any, right: Any) -> Any:
        """Return one comparison of two values, within the bounds."""
        _bound_shapes(left, right)
        return COMPARED[type(kind)](left, right)

    def items(self, nodes: Sequence[ast.expr], frame: Frame) -> list[Any]:
        """Return the items of a list as it is written."""
        found: list[Any] = []
        for node in nodes:
            if isinstance(node, ast.Starred):
                found += _listed(self.value(node.value, frame))
            else:
                found.append(self.value(node, frame))
        return found

    def table(self, node: ast.Dict, frame: Frame) -> dict[Any, Any]:
        """Return a table as it is written."""
        found: dict[Any, Any] = {}
        for key, item in zip(node.keys, node.values, strict=True):
            if key is None:
                found.update(self.value(item, frame))
            else:
                found[self.value(key, frame)] = self.value(item, frame)
        return found

    def part_of_text(self, node: ast.expr, frame: Frame) -> str:
        """Return a part of a formatted text; '' for a figure with a format of its own."""
        if isinstance(node, ast.FormattedValue):
            return "" if node.format_spec else _text(self.value(node.value, frame))
        return _text(self.value(node, frame))

    def comprehension(
        self, node: ast.ListComp | ast.GeneratorExp | ast.DictComp, frame: Frame
    ) -> Any:
        """Return the list or the table that a comprehension makes."""
        inner = Frame({}, (frame.names, *frame.outer), frame.globals)
        found: list[Any] = []

        def turn(generators: Sequence[ast.comprehension]) -> None:
            if not generators:
                if isinstance(node, ast.DictComp):
                    found.append((self.value(node.key, inner), self.value(node.value, inner)))
                else:
                    found.append(self.value(node.elt, inner))
                return
            first = generators[0]
            for item in _listed(self.value(first.iter, inner)):
                self.assign(first.target, item, inner)
                if all(self.value(test, inner) for test in first.ifs):
                    turn(generators[1:])

        turn(node.generators)
        return dict(found) if isinstance(node, ast.DictComp) else found

    def attribute(self, owner: Any, name: str) -> Any:
        """Return what an object, an array or a module has under a name."""
        if isinstance(owner, KnownModule):
            if owner.name == "numpy.random" and name in DRAWING:
                return lambda *arguments, **keywords: _drawn(
                    self.generator, name, arguments, keywords
                )
            return _of_module(owner.name, name)
        if name.startswith("__"):
            raise NotFollowed(f".{name}")
        if type(owner) in self.classes or (isinstance(owner, type) and owner in self.classes):
            return getattr(owner, name)
        if isinstance(owner, (np.ndarray, np.generic)):
            if name in ARRAY_FIELDS:
                return getattr(owner, name)
            if name in ARRAY_METHODS:
                return lambda *arguments, **keywords: _array_method(
                    owner, name, arguments, keywords
                )
        elif isinstance(owner, Tracer):
            if not name.startswith("_"):
                return getattr(owner, name)
        elif isinstance(owner, (np.random.Generator, np.random.RandomState)):
            if name in DRAWING and hasattr(owner, name):
                return lambda *arguments, **keywords: _drawn(owner, name, arguments, keywords)
        elif name in CONTAINER_METHODS.get(type(owner), ()):
            return getattr(owner, name)
        raise NotFollowed(f".{name}")

    def entry(self, owner: Any, index: Any) -> Any:
        """Return an entry or a part."""
        if isinstance(owner, np.ndarray):
            parts = index if isinstance(index, tuple) else (index,)
            chosen = max((np.size(item) for item in parts if np.ndim(item)), default=1)
            if chosen * owner.size // max(len(owner) if owner.ndim else 1, 1) > MOST_ENTRIES:
                raise NotFollowed("a large array")
        elif not isinstance(owner, (list, tuple, dict, Tracer, range)):
            raise NotFollowed(type(owner).__name__)
        return owner[index]

    # Calls

    def call(self, node: ast.Call, frame: Frame) -> Any:
        """Return what a call gives."""
        function = self.value(node.func, frame)
        arguments = self.items(node.args, frame)
        keywords: dict[str, Any] = {}
        for item in node.keywords:
            if item.arg is None:
                keywords.update(self.value(item.value, frame))
            else:
                keywords[item.arg] = self.value(item.value, frame)
        return self.applied(function, arguments, keywords)

    def applied(self, function: Any, arguments: Sequence[Any], keywords: Mapping[str, Any]) -> Any:
        """Return what a function gives for its arguments, within the bounds."""
        if not callable(function):
            raise NotFollowed(type(function).__name__)
        self.depth += 1
        try:
            if self.depth > DEEPEST:
                raise NotFollowed("a call in a call in a call")
            result = function(*arguments, **keywords)
        finally:
            self.depth -= 1
        if isinstance(result, np.ndarray):
            _bound_count(result.size)
            self.written += result.size
            numbers = (Tracer, float, np.floating)  # whole numbers of Python know no bounds
            if result.dtype.kind == "O" and not all(isinstance(i, numbers) for i in result.flat):
                raise NotFollowed("an array of objects")
        return result

    def called(
        self, function: InterpretedFunction, arguments: Sequence[Any], keywords: Mapping[str, Any]
    ) -> Any:
        """Return what a function of the code gives for these arguments."""
        outer = (function.frame.names, *function.frame.outer)
        names = arguments_by_name(function, arguments, keywords)
        node, call = function.node, None
        if self.is_watched and not isinstance(node, ast.Lambda):
            call = self.observation.begin(node, function.name, function.frame.globals, self.source)
        frame = Frame(names, outer, function.frame.globals, call, function.reads)
        if isinstance(node, ast.Lambda):
            return self.value(node.body, frame)
        returned = None
        try:
            self.block(node.body, frame)
        except FunctionReturn as left:
            returned = left.args[0]
        if call is not None:
            self.observation.leave(call, returned, lambda: self.visible(frame))
        return returned


def arguments_by_name(
    function: InterpretedFunction, arguments: Sequence[Any], keywords: Mapping[str, Any]
) -> Names:
    """Return the names of a function's arguments with their values. Raises TypeError."""
    wanted = function.node.args
    names = [item.arg for item in (*wanted.posonlyargs, *wanted.args)]
    every = [*names, *(item.arg for item in wanted.kwonlyargs)]
    found: Names = dict(function.defaults)
    found.update(zip(names, arguments, strict=False))
    rest = arguments[len(names) :]
    others = {key: value for key, value in keywords.items() if key not in every}
    found.update({key: value for key, value in keywords.items() if key in every})
    if wanted.vararg is not None:
        found[wanted.vararg.arg] = tuple(rest)
    if wanted.kwarg is not None:
        found[wanted.kwarg.arg] = others
    is_odd = (rest and not wanted.vararg) or (others and not wanted.kwarg)
    if is_odd or any(name not in found for name in every):
        raise TypeError("other arguments")
    return found


def _is_training(node: ast.For) -> bool:
    """Tell whether each turn of a loop is a pass over the same data, with its loss and gradients.

    Then the index chooses nothing.
    """
    parts = [part for item in node.body for part in ast.walk(item)]
    known = frozenset(
        part.attr if isinstance(part, ast.Attribute) else part.id
        for part in parts
        if isinstance(part, (ast.Attribute, ast.Name))
    )
    chosen = {
        name.id
        for part in parts
        if isinstance(part, ast.Subscript)
        for name in ast.walk(part.slice)
        if isinstance(name, ast.Name)
    }
    return (
        isinstance(node.target, ast.Name)
        and node.target.id not in chosen
        and any(map(is_loss, known))
        and any(
            is_gradient(name) or "back" in name or gradient_word(ValuePath(name, (name,)), known)
            for name in known
        )
    )


def _forget(statement: ast.stmt, names: Names) -> None:
    """Take away the names that a statement would have given values."""
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            names.pop(node.id, None)
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.pop(node.name, None)


def _import(node: ast.Import | ast.ImportFrom, names: Names) -> None:
    """Know NumPy and math by the names they are given; other modules are unknown."""
    for item in node.names:
        own = item.asname or item.name.split(".")[0]
        names.pop(own, None)
        if isinstance(node, ast.Import) and item.name == "jax.numpy" and item.asname:
            names[own] = KnownModule("numpy")
        elif isinstance(node, ast.Import) and item.name in ("numpy", "math", "numpy.random"):
            names[own] = KnownModule(item.name if item.asname else own)
        elif isinstance(node, ast.ImportFrom) and node.module in ("numpy", "math", "numpy.random"):
            try:
                names[own] = _of_module(node.module, item.name)
            except NotFollowed:
                continue


# Bounds -------------------------------------------------------------------------------------------


def _bound_count(count: float) -> None:
    """Raise NotFollowed for more entries than an array may have."""
    if not 0 <= count <= MOST_ENTRIES:
        raise NotFollowed("a large array")


def _bound_shapes(*values: Any) -> None:
    """Raise NotFollowed where values broadcast to a large array."""
    shapes = [np.shape(value) for value in values if isinstance(value, (np.ndarray, np.generic))]
    if len(shapes) > 1:
        _bound_count(math.prod(np.broadcast_shapes(*shapes)))


def _bound_product(left: Any, right: Any, *, is_outer: bool = False) -> None:
    """Raise NotFollowed where a product of two arrays is large."""
    one, other = np.shape(left), np.shape(right)
    size = math.prod(one) * math.prod(other)
    common = 1 if is_outer or not one or not other else max(one[-1], 1)
    _bound_count(size // common**2)
    _bound_count(size // common // 50)


def _joined(kind: ast.operator, left: Any, right: Any) -> Any:
    """Return two lists or texts joined, or one repeated."""
    if isinstance(kind, ast.Add) and type(left) is type(right):
        _bound_count((len(left) + len(right)) * (MOST_ENTRIES // MOST_ITEMS))
        return left + right
    if isinstance(kind, ast.Mult) and isinstance(left, (list, tuple)) and type(right) is int:
        _bound_count(len(left) * right * (MOST_ENTRIES // MOST_ITEMS))
        return left * right
    raise NotFollowed("an operation on lists")


def _bound_settings(arguments: Sequence[Any], keywords: Mapping[str, Any]) -> None:
    """Raise NotFollowed for a type of entries that is none of NumPy's numbers."""
    if not isinstance(keywords.get("dtype"), (str, type, types.NoneType)):
        raise NotFollowed("dtype")
    for item in (*arguments, *keywords.values()):
        texts = item if isinstance(item, (list, tuple)) else (item,)
        for text in texts:
            if isinstance(text, str) and not SETTING.fullmatch(text):
                raise NotFollowed("dtype")
            if isinstance(text, (list, tuple)) and any(isinstance(part, str) for part in text):
                raise NotFollowed("dtype")


def _bound_lists(value: Any) -> int:
    """Return how many entries nested lists have. Raises NotFollowed for too many."""
    if isinstance(value, (list, tuple)):
        total = 0
        for item in value:
            total += _bound_lists(item)
            _bound_count(total)
        return total
    return int(np.size(value)) if isinstance(value, np.ndarray) else 1


# NumPy --------------------------------------------------------------------------------------------


def _of_module(module: str, name: str) -> Any:
    """Return what a module has under a name. Raises NotFollowed for what is not in the tables."""
    if name in CONSTANTS:
        return CONSTANTS[name]
    if module == "math" and name in OF_NUMBERS:
        return lambda *numbers: _of_numbers(name, numbers)
    if module == "numpy":
        if name in ("random", "linalg"):
            return KnownModule(f"numpy.{name}")
        if name in ("float32", "float64", "int32", "int64"):
            return getattr(np, name)
        if name == "add":
            return _Add
        known = ELEMENTWISE | REDUCING | JOINING | PRODUCTS | FILLING | {"repeat", "broadcast_to"}
        if name in known:
            return lambda *arguments, **keywords: _numpy(name, arguments, keywords)
    if module == "numpy.linalg" and name == "norm":
        return lambda *arguments, **keywords: _numpy("linalg.norm", arguments, keywords)
    if module == "numpy.random":
        if name == "default_rng":
            return lambda seed=0: np.random.default_rng(seed if isinstance(seed, int) else 0)
        if name == "RandomState":
            return lambda seed=0: np.random.RandomState(seed if isinstance(seed, int) else 0)
    raise NotFollowed(f"{module}.{name}")


def _of_numbers(name: str, numbers: Sequence[Any]) -> Any:
    """Return what one of the functions of `math` gives, for stand-ins too."""
    if any(isinstance(number, Tracer) for number in numbers):
        return getattr(np, {"pow": "power", "fabs": "abs"}.get(name, name))(*numbers)
    return getattr(math, name)(*numbers)


class _Add:
    """np.add, whose `at` adds to entries that are named more than once."""

    def __new__(cls, *arguments: Any) -> Any:
        return _numpy("add", arguments, {})

    at = staticmethod(np.add.at)


def _count_of(size: Any) -> int:
    """Return how many entries a shape has."""
    return math.prod(size) if isinstance(size, (tuple, list)) else int(size)


def _filled_count(name: str, arguments: Sequence[Any], keywords: Mapping[str, Any]) -> float:
    """Return how many entries an array gets that NumPy makes."""
    if name == "arange":
        ends = [*arguments[:3], *(keywords[key] for key in ("stop", "step") if key in keywords)]
        start, stop, step = (0, *ends, 1) if len(ends) == 1 else (*ends, 1)[:3]
        return float(max((stop - start) / step, 0))
    if name == "linspace":
        return int(keywords.get("num", arguments[2] if len(arguments) > 2 else 50))
    if name in ("eye", "identity"):
        columns = arguments[1] if len(arguments) > 1 else keywords.get("M", arguments[0])
        return int(arguments[0]) * int(columns)
    return _count_of(arguments[0] if arguments else keywords["shape"])


def _numpy(name: str, arguments: Sequence[Any], keywords: Mapping[str, Any]) -> Any:
    """Return what one of NumPy's functions gives. Raises NotFollowed beyond the bounds."""
    _bound_settings(arguments[1:] if name == "einsum" else arguments, keywords)
    if name in ELEMENTWISE:
        _bound_shapes(*arguments, *keywords.values())
    elif name == "einsum":
        sizes: dict[str, int] = {}
        inputs = arguments[0].split("->")[0].split(",")
        for letters, value in zip(inputs, arguments[1:], strict=True):
            sizes.update(zip(letters.strip(), np.shape(value), strict=True))
        _bound_count(math.prod(sizes.values()) // 50)
    elif name in PRODUCTS:
        _bound_product(*arguments[:2], is_outer=name in ("outer", "tensordot"))
    elif name == "diag":
        _bound_count(np.size(arguments[0]) ** 2)
    elif name in FILLING:
        _bound_count(_filled_count(name, arguments, keywords))
    elif name in JOINING or name in ("array", "asarray"):
        _bound_lists(arguments[0])
    elif name == "repeat":
        repeats = arguments[1] if len(arguments) > 1 else keywords["repeats"]
        _bound_count(np.size(arguments[0]) * max(int(np.max(repeats)), 1))
    elif name == "broadcast_to":
        _bound_count(_count_of(arguments[1] if len(arguments) > 1 else keywords["shape"]))
    function = np.linalg.norm if name == "linalg.norm" else getattr(np, name)
    return function(*arguments, **keywords)


def _array_method(
    owner: Any, name: str, arguments: Sequence[Any], keywords: Mapping[str, Any]
) -> Any:
    """Return what a method of an array gives. Raises NotFollowed beyond the bounds."""
    _bound_settings(arguments, keywords)
    if name == "dot":
        _bound_product(owner, *arguments)
    if name == "tolist" and owner.size > MOST_ITEMS:
        raise NotFollowed("a long list")
    if name == "clip":
        _bound_shapes(owner, *arguments, *keywords.values())
    return getattr(owner, name)(*arguments, **keywords)


def _drawn(owner: Any, name: str, arguments: Sequence[Any], keywords: Mapping[str, Any]) -> Any:
    """Return what a generator draws. Raises NotFollowed beyond the bounds."""
    sizes = [*arguments, *keywords.values()]
    numbers = [int(item) for item in sizes if isinstance(item, (int, np.integer))]
    _bound_count(max((_count_of(item) for item in sizes if isinstance(item, tuple)), default=0))
    _bound_count(math.prod(numbers) if name in ("randn", "rand") else max(numbers, default=0))
    return getattr(owner, name)(*arguments, **keywords)
