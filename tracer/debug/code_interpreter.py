"""Python and NumPy read statement by statement, without Python running any of it.

The statements that networks by hand are made of are followed with real numbers: assignments,
loops, decisions, functions, classes, NumPy's array functions, and drawn numbers from a generator
of our own. Nothing else is reached: no file, no module, no attribute that is not in a table here,
and no array or count beyond the bounds. What cannot be followed is unknown, and so is what it is
assigned to.
"""

from __future__ import annotations

import ast
import collections
import dataclasses
import inspect
import re
import types
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import Any, Final, cast

import numpy as np

from tracer.check_code.code_names import is_gradient, is_loss
from tracer.check_code.labels import names_stored
from tracer.debug.gradient_names import word_gradient
from tracer.debug.numpy_functions import (
    ARRAY_FIELDS,
    ATTRIBUTES,
    BINARY,
    BUILT_IN,
    COMPARED,
    DRAWING,
    ENTRIES_OF_ITEM,
    FILLING,
    GENERATORS,
    IN_PLACE,
    MOST_ENTRIES,
    MOST_ITEMS,
    UNARY,
    KnownModule,
    NotFollowed,
    bound_count,
    bounded_list,
    broadcast_size,
    join_lists,
    key_text,
    module_attribute,
    product_size,
    with_bounds,
)
from tracer.debug.observation import (
    EnoughSeen,
    Leaving,
    Names,
    Observation,
    RandomSource,
    SourceText,
)
from tracer.debug.other_numbers import OtherNumbers
from tracer.debug.unknown_values import PLOTS, UNKNOWN, Frame, UnknownValues
from tracer.program.recorder import Filled, Tracer, traced_function

MOST_WRITTEN: Final = 16_000_000  # entries of all arrays that names or calls got
MOST_STEPS: Final = 400_000  # nodes that are followed
MOST_STATEMENTS: Final = 3_000
DEEPEST: Final = 24  # calls in calls
ENOUGH_TURNS: Final = 3  # passes of a training loop that are followed
LARGEST: Final = 10**15  # largest whole number that is computed with


LIBRARIES: Final = {name: name for name in ("numpy", "math", "numpy.random")} | {
    "jax.numpy": "numpy"
}
POST_INIT: Final = "__post_init__"  # called by the constructor of a dataclass
SPECIAL_METHODS: Final = frozenset(["__init__", "__call__", POST_INIT])


class FunctionReturn(Exception):  # noqa: N818 - how a walk leaves a function: with its value
    """Ends the walk over a function's body."""


class _Break(Exception):  # noqa: N818 - how a walk leaves a loop
    pass


class _Continue(Exception):  # noqa: N818 - how a walk leaves a turn of a loop
    pass


class InterpretedFunction:
    """A function of the code."""

    def __init__(
        self,
        interpreter: CodeInterpreter,
        node: ast.FunctionDef | ast.Lambda,
        frame: Frame,
        name: str,
        signature: inspect.Signature,
    ) -> None:
        self.interpreter = interpreter
        self.node = node
        self.frame = frame
        self.name = name
        self.signature = signature
        self.reads, self.is_generator = _read_function(node)

    def __get__(self, owner: Any, kind: Any = None) -> Any:
        return self if owner is None else types.MethodType(self, owner)

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        """Return what the function gives, followed by the interpreter."""
        return self.interpreter.call_function(self, arguments, keywords)


@lru_cache(maxsize=1024)  # code is followed at other numbers and with changes again
def _read_function(node: ast.FunctionDef | ast.Lambda) -> tuple[frozenset[str], bool]:
    """Return the names that a function looks up around it, and whether it is a generator."""
    parts = [*ast.walk(node)]
    names = (part.id for part in parts if isinstance(part, ast.Name))
    shared = (part.names for part in parts if isinstance(part, (ast.Global, ast.Nonlocal)))
    is_generator = any(isinstance(part, (ast.Yield, ast.YieldFrom)) for part in parts)
    return frozenset(names) - names_stored(node).difference(*shared), is_generator


class CodeInterpreter:
    """Follows code; an execution of its statements (`tracer.debug.observation`) as well."""

    def __init__(
        self,
        source: SourceText,
        numbers: OtherNumbers | None = None,
        changes: Mapping[ast.stmt, Sequence[ast.stmt]] = types.MappingProxyType({}),
        noted: Collection[ast.stmt] | None = None,
    ) -> None:
        self.source = source
        self.numbers = numbers  # in the place of those that the code states; None: they stay
        self.changes = changes  # statements that are followed in the place of others
        self.noted = noted  # after which names are looked at; None: all
        self.classes: set[type] = {types.SimpleNamespace}
        self.built_in: Final = {
            **BUILT_IN,
            **{"vars": self.attributes_of, "setattr": self.set_attribute},
            "getattr": lambda owner, name, *default: (
                self.attribute(owner, name) if not default or hasattr(owner, name) else default[0]
            ),
            "hasattr": hasattr,
            "namedtuple": self.tuple_class,  # imported by this name
        }
        self.seed = 0 if numbers is None else numbers.seed
        self.generators: list[RandomSource] = []  # one, once the code draws a number
        self.filled: Filled | None = None
        self.numpy: Any = KnownModule("numpy")
        self.unknown = UnknownValues(self.value, self.classes, BUILT_IN)
        self.observation = Observation(
            {source.path: source},
            lambda kind: kind in self.classes,
            self,
            MOST_STATEMENTS,
            self.unknown.known_value,
        )
        self.is_watched = False
        self.steps = 0
        self.written = 0
        self.depth = 0
        self.leaving: Leaving | None = None

    def observe(self) -> Observation:
        """Follow the whole code once and return what was seen."""
        names: Names = {"__name__": "__main__", "np": self.numpy}
        call = self.observation.begin(self.source, "<module>", names, self.source)
        frame = Frame(names, (), names, call)
        self.is_watched = True
        leaving = (EnoughSeen, RecursionError, FunctionReturn, _Break, _Continue)
        with suppress(*leaving), np.errstate(all="ignore"):  # what was seen until then is right
            self.block(self.source.tree.body, frame)
        self.is_watched = False
        self.observation.leave(call, None, lambda: self.visible_names(frame))
        return self.observation

    # An execution of single statements

    def execute(self, statement: ast.stmt, names: Names, leaving: Leaving | None = None) -> None:
        """Follow one statement. Raises what it raises, or NotFollowed where it is not followed."""
        self.leaving = leaving
        self.walk_alone(self.statement, statement, names)

    def evaluate(self, expression: ast.expr, names: Names) -> Any:
        """Return the value of an expression. Raises as `execute` does."""
        return self.walk_alone(self.value, expression, names)

    def walk_alone(self, walk: Callable[[Any, Frame], Any], node: ast.AST, names: Names) -> Any:
        """Return what a walk over one node gives, within bounds of its own."""
        self.steps = self.written = 0
        try:
            return walk(node, Frame(names, (), names))
        except EnoughSeen:
            raise NotFollowed("code that takes long") from None

    def rebound(self, value: Any, old: Names, names: Names) -> Any:
        """Return a function of the code with other global names."""
        if not isinstance(value, InterpretedFunction) or value.frame.globals is not old:
            return value
        outer = tuple(names if item is old else item for item in value.frame.outer)
        frame = Frame(names if value.frame.names is old else value.frame.names, outer, names)
        return InterpretedFunction(self, value.node, frame, value.name, value.signature)

    def read_names(self, value: Any, names: Mapping[str, Any]) -> Iterable[str] | None:
        """Return the names that a function looks up in `names`."""
        if isinstance(value, InterpretedFunction) and value.frame.globals is names:
            return value.reads
        return None

    # Statements

    def visible_names(self, frame: Frame) -> dict[str, Any]:
        """Return a copy of the names that a frame sees."""
        around = {
            name: scope[name]
            for scope in (frame.globals, *frame.outer[::-1])
            for name in frame.used
            if name in scope
        }
        return self.observation.snapshot({**around, **frame.names})

    def block(self, body: Sequence[ast.stmt], frame: Frame) -> None:
        """Follow statements in order; what one of them assigns and is unknown has no name."""
        for statement in body:
            self.reach(statement, frame)
            start = self.steps
            try:
                for each in self.changes.get(statement, (statement,)):
                    self.statement(each, frame)
            except (FunctionReturn, _Break, _Continue, RecursionError):
                raise
            except Exception as error:
                if not self.is_watched:
                    raise
                if frame.call is not None:  # whatever a value does there, it is unknown
                    self.observation.failures.append((frame.call.moments[-1], error))
                self.unknown.forget(statement, frame, start)
                if isinstance(statement, ast.Return):
                    raise FunctionReturn(UNKNOWN) from None

    def reach(self, statement: ast.stmt, frame: Frame) -> None:
        """Note a statement before it is followed."""
        self.count_step()
        call = frame.call
        if self.is_watched and call is not None:
            last = call.moments[-1].statement if call.moments else None
            is_noted = self.noted is None or last in self.noted
            self.observation.reach(call, statement, self.visible_names(frame) if is_noted else {})

    def count_step(self) -> None:
        """Count a node. Raises EnoughSeen where there are too many."""
        self.steps += 1
        if self.steps > MOST_STEPS or self.written > MOST_WRITTEN:
            raise EnoughSeen

    def statement(self, node: ast.stmt, frame: Frame) -> None:
        """Follow one statement."""
        match node:
            case ast.Assign():
                value = self.value(node.value, frame)
                if (
                    self.numbers is not None
                    and not isinstance(value, Tracer)  # what stands for an array that is filled
                    and _is_stated(node, self.numbers.parameters)
                ):
                    value = self.replace_stated(node.targets[0], value, self.numbers)
                for target in node.targets:
                    self.assign(target, value, frame)
            case ast.AnnAssign(value=ast.expr() as written):
                self.assign(node.target, self.value(written, frame), frame)
            case ast.AugAssign():
                sides = self.value(node.target, frame), self.value(node.value, frame)
                self.assign(node.target, self.combine(IN_PLACE, node.op, *sides), frame)
            case ast.Expr():
                self.expression(node.value, frame)
            case ast.FunctionDef():
                frame.home(node.name)[node.name] = self.function(node, frame)
            case ast.ClassDef():
                frame.home(node.name)[node.name] = self.class_of(node, frame)
            case ast.Return():
                raise FunctionReturn(None if node.value is None else self.value(node.value, frame))
            case ast.For() | ast.While():
                self.loop(node, frame)
            case ast.If():
                self.block(node.body if self.value(node.test, frame) else node.orelse, frame)
            case ast.With() | ast.Try():
                self.block(node.body, frame)
            case ast.Break():
                raise _Break
            case ast.Continue():
                raise _Continue
            case ast.Import() | ast.ImportFrom():
                _import(node, frame.names, self.attribute)
            case ast.Delete():
                self.unknown.forget(node, frame, self.steps)
            case ast.Global() | ast.Nonlocal():
                self.declare(node, frame)
            case ast.Pass() | ast.Assert() | ast.AnnAssign():
                pass
            case _:
                raise NotFollowed(type(node).__name__)

    def expression(self, node: ast.expr, frame: Frame) -> None:
        """Follow what stands for its effect; what that may be is unknown where it cannot be."""
        start = self.steps
        try:
            self.value(node, frame)
        except (NotFollowed, TypeError, AttributeError):
            if not self.is_watched and not isinstance(node, ast.Call):
                raise
            self.unknown.forget(node, frame, start)

    def declare(self, node: ast.Global | ast.Nonlocal, frame: Frame) -> None:
        """Let names be those of another frame."""
        if not isinstance(frame.declared, dict):
            return  # outside a function they are global
        for name in node.names:
            around = [names for names in frame.outer if name in names]
            if isinstance(node, ast.Global):
                frame.declared[name] = frame.globals
            elif around:
                frame.declared[name] = around[0]

    def loop(self, node: ast.For | ast.While, frame: Frame) -> None:
        """Follow a loop's body once for each turn."""
        for _ in self.loop_turns(node, frame):
            try:
                self.block(node.body, frame)
            except _Break:
                return
            except _Continue:
                continue
        self.block(node.orelse, frame)

    def loop_turns(self, node: ast.For | ast.While, frame: Frame) -> Iterator[None]:
        """Yield as often as a loop goes on; its target has the next item then."""
        if isinstance(node, ast.While):
            while self.value(node.test, frame):
                yield
                self.reach(node, frame)
            return
        items = self.value(node.iter, frame)
        is_training = self.is_watched and isinstance(items, range) and _is_training(node)
        for place, item in enumerate(items):
            if place == ENOUGH_TURNS and is_training:
                raise EnoughSeen
            if place:
                self.reach(node, frame)
            self.assign(node.target, item, frame)
            yield

    def function(self, node: ast.FunctionDef | ast.Lambda, frame: Frame) -> InterpretedFunction:
        """Return a function as it is defined in a frame."""
        signature = _signature(node.args, lambda default: self.value(default, frame))
        name = node.name if isinstance(node, ast.FunctionDef) else "<lambda>"
        own = Frame(frame.names, frame.outer, frame.globals)
        return InterpretedFunction(self, node, own, name, signature)

    def class_of(self, node: ast.ClassDef, frame: Frame) -> type:
        """Return a class of the code: its methods and what its body assigns."""
        items = [item for item in node.body if isinstance(item, ast.AnnAssign)]
        fields = {ast.unparse(item.target): item.value for item in items}
        defaults = {name: self.value(item, frame) for name, item in fields.items() if item}
        if any(ast.unparse(base).endswith("NamedTuple") for base in node.bases):
            return self.tuple_class(node.name, fields, defaults=defaults.values())
        bases = tuple(self.value(base, frame) for base in node.bases)
        if any(base not in self.classes and base is not object for base in bases):
            raise NotFollowed("a class of a library")
        is_dataclass = any("dataclass" in ast.unparse(each) for each in node.decorator_list)
        body: Names = defaults if is_dataclass else {}
        inner = Frame(body, (frame.names, *frame.outer), frame.globals)
        for item in node.body:
            if is_dataclass and isinstance(item, ast.AnnAssign):
                continue  # a field
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
        new_class = type(node.name, bases or (object,), body)
        if is_dataclass:
            new_class.__annotations__ = dict.fromkeys(fields, object)
            new_class = dataclasses.dataclass(eq=False, repr=False)(new_class)
        self.classes.add(new_class)
        return new_class

    def tuple_class(self, name: str, fields: Any, *, defaults: Iterable[Any] = ()) -> type:
        """Return a class of tuples whose items have names."""
        new_class: type = getattr(collections, "namedtuple")(name, fields, defaults=defaults)  # noqa: B009 - mypy wants to know the names
        self.classes.add(new_class)
        return new_class

    def replace_stated(self, target: ast.expr, value: Any, numbers: OtherNumbers) -> Any:
        """Return other numbers in the place of stated ones; each of several names has its own."""
        if isinstance(target, ast.Tuple) and type(value) is tuple:
            pairs = zip(target.elts, value, strict=False)
            return *(self.replace_stated(*pair, numbers) for pair in pairs), *value[
                len(target.elts) :
            ]
        name = ast.unparse(_without_indices(target))
        return numbers.with_other_numbers(name, value, self.observation.own)

    def assign(self, target: ast.expr, value: Any, frame: Frame) -> None:
        """Give a target its value."""
        if isinstance(value, np.ndarray):
            self.written += value.size
        match target:
            case ast.Name():
                frame.home(target.id)[target.id] = value
            case ast.Tuple() | ast.List():
                self.unpack(target.elts, value, frame)
            case ast.Subscript():
                owner = self.value(target.value, frame)
                if not isinstance(owner, (list, dict, tuple, np.ndarray, Tracer)):
                    raise NotFollowed(type(owner).__name__)
                index = self.value(target.slice, frame)
                if isinstance(owner, dict) and len(owner) > MOST_ITEMS:
                    raise NotFollowed("a long list")
                owner[index] = value  # type: ignore[index] # of a tuple Python says that it cannot
            case ast.Attribute():
                self.set_attribute(self.value(target.value, frame), target.attr, value)
            case _:
                raise NotFollowed(type(target).__name__)

    def unpack(self, targets: Sequence[ast.expr], value: Any, frame: Frame) -> None:
        """Give each of several targets its part."""
        parts = bounded_list(value)
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
        result = self.any_value(node, frame)
        if self.unknown.is_gone(result):
            raise NotFollowed("an unknown value")
        return result

    def any_value(self, node: ast.expr, frame: Frame) -> Any:
        """Return the value of an expression, which may be unknown."""
        self.count_step()
        match node:
            case ast.Constant():
                return node.value
            case ast.Name():
                return self.look_up(node.id, frame)
            case ast.BinOp():
                sides = self.value(node.left, frame), self.value(node.right, frame)
                return self.combine(BINARY, node.op, *sides)
            case ast.UnaryOp():
                return UNARY[type(node.op)](self.value(node.operand, frame))
            case ast.BoolOp():
                return self.logical_value(node, frame)
            case ast.Compare():
                return self.comparison_value(node, frame)
            case ast.Call():
                return self.call(node, frame)
            case ast.Attribute():
                return self.attribute(self.value(node.value, frame), node.attr)
            case ast.Subscript():
                return self.entry_value(
                    self.value(node.value, frame), self.value(node.slice, frame)
                )
            case ast.Tuple():
                return tuple(self.list_value(node.elts, frame))
            case ast.List():
                return self.list_value(node.elts, frame)
            case ast.Dict():
                return self.table_value(node, frame)
            case ast.Slice():
                ends = (node.lower, node.upper, node.step)
                return slice(*(None if end is None else self.value(end, frame) for end in ends))
            case ast.IfExp():
                chosen = node.body if self.value(node.test, frame) else node.orelse
                return self.value(chosen, frame)
            case ast.Lambda():
                return self.function(node, frame)
            case ast.Yield() | ast.YieldFrom() if frame.yielded is not None:
                sent: Any = None if node.value is None else self.value(node.value, frame)
                items = [sent] if isinstance(node, ast.Yield) else bounded_list(sent)
                frame.yielded.extend(items)
                bound_count(len(frame.yielded) * ENTRIES_OF_ITEM)
                return None
            case ast.ListComp() | ast.GeneratorExp() | ast.DictComp():
                return self.comprehension(node, frame)
            case ast.JoinedStr():
                return "".join(self.part_of_text(item, frame) for item in node.values)
            case _:
                raise NotFollowed(type(node).__name__)

    def look_up(self, name: str, frame: Frame) -> Any:
        """Return what a name stands for."""
        for names in (frame.home(name), *frame.outer, frame.globals, self.built_in):
            if name in names:
                return names[name]
        raise NotFollowed(name)

    def combine(
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
        sides = left, right
        is_joined = any(isinstance(side, (list, tuple, str)) for side in sides)
        if is_joined and not any(isinstance(side, (np.ndarray, Tracer)) for side in sides):
            return join_lists(kind, left, right)
        size = product_size if isinstance(kind, ast.MatMult) else broadcast_size
        bound_count(size(left, right))
        if isinstance(left, int) and isinstance(right, int):
            is_high = isinstance(kind, ast.Pow) and abs(right) > 64
            if is_high or max(abs(left), abs(right)) > LARGEST:
                raise NotFollowed("a large number")
        return function(left, right)

    def logical_value(self, node: ast.BoolOp, frame: Frame) -> Any:
        """Return what `and` or `or` gives."""
        value: Any = None
        for part in node.values:
            value = self.value(part, frame)
            if bool(value) == isinstance(node.op, ast.Or):
                return value
        return value

    def comparison_value(self, node: ast.Compare, frame: Frame) -> Any:
        """Return a comparison, or a chain of them."""
        left = self.value(node.left, frame)
        result: Any = True
        for kind, side in zip(node.ops, node.comparators, strict=True):
            right = self.value(side, frame)
            bound_count(broadcast_size(left, right))
            result = COMPARED[type(kind)](left, right)
            if len(node.ops) > 1 and not result:
                return result
            left = right
        return result

    def list_value(self, nodes: Sequence[ast.expr], frame: Frame) -> list[Any]:
        """Return the items of a list as it is written."""
        return [
            item
            for node in nodes
            for item in (
                bounded_list(self.value(node.value, frame))
                if isinstance(node, ast.Starred)
                else [self.value(node, frame)]
            )
        ]

    def table_value(self, node: ast.Dict, frame: Frame) -> dict[Any, Any]:
        """Return a table as it is written."""
        entries: dict[Any, Any] = {}
        for key, item in zip(node.keys, node.values, strict=True):
            own = self.value(item, frame)
            entries.update(own if key is None else {self.value(key, frame): own})
        return entries

    def part_of_text(self, node: ast.expr, frame: Frame) -> str:
        """Return a part of a formatted text; '' for a figure with a format of its own."""
        if isinstance(node, ast.FormattedValue):
            return "" if node.format_spec else key_text(self.value(node.value, frame))
        return key_text(self.value(node, frame))

    def comprehension(
        self, node: ast.ListComp | ast.GeneratorExp | ast.DictComp, frame: Frame
    ) -> Any:
        """Return the list or the table that a comprehension makes."""
        inner = Frame({}, (frame.names, *frame.outer), frame.globals)

        def loop_turns(generators: Sequence[ast.comprehension]) -> Iterator[None]:
            for first in generators[:1]:
                for item in bounded_list(self.value(first.iter, inner)):
                    self.assign(first.target, item, inner)
                    if all(self.value(test, inner) for test in first.ifs):
                        yield from loop_turns(generators[1:])
            if not generators:
                yield

        every = loop_turns(node.generators)
        if isinstance(node, ast.DictComp):
            return {self.value(node.key, inner): self.value(node.value, inner) for _ in every}
        return [self.value(node.elt, inner) for _ in every]

    def attribute(self, owner: Any, name: str) -> Any:
        """Return what an object, an array or a module has under a name."""
        if isinstance(owner, KnownModule):
            if owner.name == "numpy.random" and name == "seed" and self.seed:
                return lambda *_: None
            if owner.name == "numpy.random" and name in DRAWING:
                if not self.generators:
                    self.generators.append(np.random.RandomState(self.seed))
                    self.observation.note_drawn(self.generators[0])
                return with_bounds(getattr(self.generators[0], name), name)
            if owner.name == "numpy.random" and name in ("default_rng", "RandomState"):
                return lambda seed=0: getattr(np.random, name)(
                    self.seed + (seed if isinstance(seed, int) else 0)
                )
            return traced_function(name, module_attribute(owner.name, name), self.filled)
        is_own = type(owner) in self.classes or (isinstance(owner, type) and owner in self.classes)
        allowed = next((names for kind, names in ATTRIBUTES if isinstance(owner, kind)), ())
        is_known = is_own or isinstance(owner, Tracer) or name in allowed
        if not is_known or (name.startswith("__" if is_own else "_") and name != POST_INIT):
            raise NotFollowed(f".{name}")
        result = getattr(owner, name)
        is_number = isinstance(owner, (np.ndarray, np.generic, *GENERATORS))
        if not is_number or name in ARRAY_FIELDS:
            return result
        return with_bounds(result, name, *(() if isinstance(owner, GENERATORS) else (owner,)))

    def attributes_of(self, owner: Any) -> dict[str, Any]:
        """Return the attributes of an object of the code."""
        if type(owner) not in self.classes:
            raise NotFollowed("vars")
        return cast("dict[str, Any]", vars(owner))

    def set_attribute(self, owner: Any, name: str, value: Any) -> None:
        """Give an attribute of an object of the code a value."""
        if name.startswith("__"):
            raise NotFollowed(f".{name}")
        self.attributes_of(owner)[name] = value

    def entry_value(self, owner: Any, index: Any) -> Any:
        """Return an entry or a part."""
        if isinstance(owner, np.ndarray):
            parts = index if isinstance(index, tuple) else (index,)
            chosen = max((np.size(item) for item in parts if np.ndim(item)), default=1)
            if chosen * owner.size // max(len(owner) if owner.ndim else 1, 1) > MOST_ENTRIES:
                raise NotFollowed("a large array")
        elif not isinstance(owner, (list, tuple, dict, str, Tracer, range)):
            raise NotFollowed(type(owner).__name__)
        return owner[index]

    # Calls

    def call(self, node: ast.Call, frame: Frame) -> Any:
        """Return what a call gives."""
        function = self.value(node.func, frame)
        arguments = self.list_value(node.args, frame)
        keywords: dict[str, Any] = {}
        for item in node.keywords:
            own = self.value(item.value, frame)
            keywords.update(own if item.arg is None else {item.arg: own})
        result = self.apply_function(function, arguments, keywords)
        self.unknown.completed[node] = self.steps
        return result

    def apply_function(
        self, function: Any, arguments: Sequence[Any], keywords: Mapping[str, Any]
    ) -> Any:
        """Return what a function gives for its arguments, within the bounds."""
        if not callable(function):
            raise NotFollowed(type(function).__name__)
        self.depth += 1
        try:
            if self.depth > DEEPEST:
                raise NotFollowed("a call in a call in a call")
            is_own = isinstance(function, (InterpretedFunction, types.MethodType, type))
            handed = () if is_own else (*arguments, *keywords.values())
            if any(self.unknown.is_gone(item, anywhere=True) for item in handed):
                raise NotFollowed("an unknown value")
            result = function(*arguments, **keywords)
        finally:
            self.depth -= 1
        if isinstance(result, np.ndarray):
            bound_count(result.size)
            self.written += result.size
            numbers = (Tracer, float, np.floating)  # whole numbers of Python know no bounds
            if result.dtype.kind == "O" and not all(isinstance(i, numbers) for i in result.flat):
                raise NotFollowed("an array of objects")
        return result

    def call_function(
        self, function: InterpretedFunction, arguments: Sequence[Any], keywords: Mapping[str, Any]
    ) -> Any:
        """Return what a function of the code gives for these arguments."""
        outer = (function.frame.names, *function.frame.outer)
        bound = function.signature.bind(*arguments, **keywords)
        bound.apply_defaults()
        names: Names = dict(bound.arguments)
        node, call = function.node, None
        if self.is_watched and not isinstance(node, ast.Lambda):
            call = self.observation.begin(node, function.name, function.frame.globals, self.source)
        around = function.frame.globals
        used = function.reads | self.observation.names_looked_up(function.reads, around)
        frame = Frame(names, outer, around, call, used, {}, [])
        if isinstance(node, ast.Lambda):
            return self.value(node.body, frame)
        returned, failed = None, len(self.observation.failures)
        try:
            self.block(node.body, frame)
        except FunctionReturn as left:
            returned = left.args[0]
        if function.is_generator:
            if len(self.observation.failures) > failed:  # a failed body may give more, or less
                raise NotFollowed("a generator")
            returned = frame.yielded
        if self.leaving is not None:
            self.leaving(function.name, names)
        if call is not None:
            self.observation.leave(call, returned, lambda: self.visible_names(frame))
        return returned


def follow_code(
    source: SourceText,
    numbers: OtherNumbers | None = None,
    changes: Mapping[ast.stmt, Sequence[ast.stmt]] = types.MappingProxyType({}),
    noted: Collection[ast.stmt] | None = None,
) -> Observation:
    """Return what is seen of code that is followed, with other numbers where they are given.

    `changes` are the statements that stand in the place of others, `noted` those after which names
    are looked at; without it after all.
    """
    return CodeInterpreter(source, numbers, changes, noted).observe()


def _signature(arguments: ast.arguments, value: Callable[[ast.expr], Any]) -> inspect.Signature:
    """Return the signature of a function; `value` gives its defaults."""
    kind = inspect.Parameter
    positional = [*arguments.posonlyargs, *arguments.args]
    without = [None] * (len(positional) - len(arguments.defaults))
    count = len(arguments.posonlyargs)
    kinds = [
        kind.POSITIONAL_ONLY if place < count else kind.POSITIONAL_OR_KEYWORD
        for place in range(len(positional))
    ]
    every = [
        *zip(positional, kinds, (*without, *arguments.defaults), strict=True),
        (arguments.vararg, kind.VAR_POSITIONAL, None),
        *(
            (item, kind.KEYWORD_ONLY, default)
            for item, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
        ),
        (arguments.kwarg, kind.VAR_KEYWORD, None),
    ]
    return inspect.Signature(
        [
            kind(item.arg, each, default=kind.empty if default is None else value(default))
            for item, each, default in every
            if item is not None
        ]
    )


@lru_cache(maxsize=4096)  # asked each time that the statement runs
def _is_stated(node: ast.Assign, parameters: frozenset[str]) -> bool:
    """Tell whether a statement states numbers: it reads no name, and draws or fills nothing.

    What fills an array for one of some parameters states where that starts.
    """
    is_start = isinstance(node.targets[0], ast.Name) and any(
        word in parameters for word in re.findall(r"\w+", ast.unparse(node))
    )
    is_filled = re.match(r"(?:np|numpy)\.(?:zeros|ones|full)\(", ast.unparse(node.value))
    return bool(is_start and is_filled) or not any(
        (isinstance(part, ast.Name) and part.id not in ("np", "numpy", "float", "int"))
        or (
            isinstance(part, ast.Attribute)
            and part.attr in (DRAWING if is_start else DRAWING | FILLING)
        )
        for part in ast.walk(node.value)
    )


def _without_indices(target: ast.expr) -> ast.expr:
    """Return what is given entries: `onehot` for `onehot[rows, labels]`; a key stays."""
    while isinstance(target, ast.Subscript) and not isinstance(target.slice, ast.Constant):
        target = target.value
    return target


def _is_training(node: ast.For) -> bool:
    """Tell whether each turn of a loop is a pass over the same data, with its loss and gradients.

    Then the index chooses nothing.
    """
    parts = [part for item in node.body for part in ast.walk(item)]
    all_names = frozenset(
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
        and any(map(is_loss, all_names))
        and any(
            is_gradient(name) or "back" in name or word_gradient(name, all_names)
            for name in all_names
        )
    )


def _import(
    node: ast.Import | ast.ImportFrom, names: Names, attribute: Callable[[Any, str], Any]
) -> None:
    """Know NumPy and math by the names they are given; other modules are unknown."""
    is_part = isinstance(node, ast.ImportFrom)
    for item in node.names:
        own = item.asname or item.name.split(".")[0]
        names.pop(own, None)
        whole = item.name if item.asname else own
        library = (node.module or "") if isinstance(node, ast.ImportFrom) else whole
        if library.split(".")[0] == PLOTS.name:
            names[own] = PLOTS
        elif library in LIBRARIES:
            module = KnownModule(LIBRARIES[library])
            with suppress(NotFollowed):
                names[own] = attribute(module, item.name) if is_part else module
