"""Marks as unknown all values that code which was not followed may have changed.

A statement that was not followed to its end may have changed its targets, what it handed to
functions, and all that holds those.
"""

from __future__ import annotations

import ast
import types
from collections.abc import Callable, Container, Iterable, Mapping
from contextlib import suppress
from typing import Any, Final, NamedTuple

import numpy as np

from tracer.debug.numpy_functions import CHANGING, KnownModule, NotFollowed
from tracer.debug.observation import Names, ObservedCall, expression_of
from tracer.program.recorder import Tracer

NUMBERS: Final = (int, float, str, np.generic)  # nothing changes them
READ: Final = (ast.Name, ast.Attribute, ast.Subscript, ast.Constant)
PLOTS: Final = KnownModule("matplotlib")  # drawing changes nothing of what is handed over


class UnfollowedValue:
    """What a name holds once code that was not followed may have changed it."""

    __slots__ = ()

    def __bool__(self) -> bool:
        raise NotFollowed("a decision on an unknown value")


UNKNOWN: Final = UnfollowedValue()
EMPTY: Final = ()  # one object for all


class Frame(NamedTuple):
    """Where a walk stands: the names, those around them, the global ones, and what notes it."""

    names: Names
    outer: tuple[Names, ...]
    globals: Names
    call: ObservedCall | None = None
    used: frozenset[str] = frozenset()  # names of outer scopes that it uses
    # The scope of each `global` or `nonlocal` name.
    declared: Mapping[str, Names] = types.MappingProxyType({})
    yielded: list[Any] | None = None  # values that a generator has yielded

    def home(self, name: str) -> Names:
        """Return the names among which a name is given a value here."""
        return self.declared.get(name, self.names)


class UnknownValues:
    """Makes names, entries and attributes unknown.

    `value` returns what an expression gives in a frame; `classes` are those of the code.
    """

    def __init__(
        self,
        value: Callable[[ast.expr, Frame], Any],
        classes: set[type],
        built_in: Container[str],
    ) -> None:
        self.value = value
        self.classes = classes
        self.built_in = built_in
        self.gone: dict[int, Any] = {}  # arrays, tables and objects, each by its id
        self.completed: dict[ast.Call, int] = {}  # how many steps were done when a call was done

    def forget(self, node: ast.AST, frame: Frame, start: int) -> None:
        """Make unknown all that a statement may have changed which was not followed to its end.

        `start` are the steps before it: what a call changed that was completed since is known.
        """
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            frame.home(node.name)[node.name] = UNKNOWN
            return
        is_repeated = isinstance(node, ast.stmt) and hasattr(node, "body")
        changed: list[Any] = []
        for part in ast.walk(node):
            if isinstance(part, ast.Call):
                if is_repeated or self.completed.get(part, -1) < start:
                    changed += self.changed_by(part, frame)
            elif isinstance(part, ast.AugAssign) and isinstance(part.target, ast.Name):
                changed += self.known_values([part.target], frame)
        library = None
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            library = self.library_of(node.value, frame)
        for part in ast.walk(node):
            if isinstance(getattr(part, "ctx", None), (ast.Store, ast.Del)):
                changed += self.forget_target(part, frame)
                if library == PLOTS and isinstance(part, ast.Name):
                    frame.home(part.id)[part.id] = PLOTS  # a figure's methods draw too
        self.forget_values(changed)

    def library_of(self, node: ast.expr, frame: Frame) -> KnownModule | None:
        """Return the module that a call like `plt.subplots()[1].plot` begins with."""
        while isinstance(node, (ast.Attribute, ast.Subscript, ast.Call)):
            node = node.func if isinstance(node, ast.Call) else node.value
        values = self.known_values([node], frame) if isinstance(node, ast.Name) else []
        return values[0] if values and isinstance(values[0], KnownModule) else None

    def known_values(self, nodes: Iterable[ast.expr], frame: Frame) -> list[Any]:
        """Return the values of those names, entries and attributes that are known."""
        values = []
        for node in nodes:
            for part in ast.walk(node):
                if isinstance(part, READ):
                    with suppress(Exception):  # what it is then is not known
                        values.append(self.value(expression_of(ast.unparse(part)), frame))
                        if part is node:
                            break
        return values

    def changed_by(self, node: ast.Call, frame: Frame) -> list[Any]:
        """Return the values that a call may change: NumPy's functions change what they say.

        Of other functions it is the object whose method is called, and the arguments.
        """
        arguments = [*node.args, *(item.value for item in node.keywords)]
        if isinstance(node.func, ast.Attribute):
            owners = self.known_values([node.func.value], frame)
            owner = owners[0] if owners else self.library_of(node.func, frame) or UNKNOWN
            is_known = isinstance(owner, (KnownModule, np.ndarray, Tracer, *NUMBERS))
            if is_known and node.func.attr not in CHANGING:
                arguments = [item.value for item in node.keywords if item.arg in ("out", None)]
            elif not isinstance(owner, KnownModule):
                return [*owners, *self.known_values(arguments, frame)]
        elif isinstance(node.func, ast.Name) and node.func.id in self.built_in:
            return []
        return self.known_values(arguments, frame)

    def forget_target(self, node: ast.AST, frame: Frame) -> list[Any]:
        """Make a target unknown; return the values that hold it where no more is known."""
        if isinstance(node, ast.Name):
            frame.home(node.id)[node.id] = UNKNOWN
        if not isinstance(node, (ast.Subscript, ast.Attribute)):
            return []
        owners = self.known_values([node.value], frame)
        owner = owners[0] if owners else UNKNOWN
        if isinstance(node, ast.Attribute):
            table, keys = vars(owner) if type(owner) in self.classes else None, [node.attr]
        else:
            table = owner if isinstance(owner, dict) else None
            is_plain = isinstance(node.slice, READ)
            keys = self.known_values([node.slice], frame) if is_plain else []
        if table is None or len(keys) != 1 or not isinstance(keys[0], (str, int)):
            return [owner]
        table[keys[0]] = UNKNOWN
        return []

    def forget_values(self, values: Iterable[Any]) -> None:
        """Make values unknown that can change, with what they hold."""
        waiting = list(values)
        while waiting:
            value = _base_array(waiting.pop())
            is_array = isinstance(value, (np.ndarray, Tracer))
            is_known = id(value) not in self.gone and value is not EMPTY
            if is_known and (is_array or self.is_holder(value)):
                self.gone[id(value)] = value
                waiting += self.held_by(value)

    def held_by(self, value: Any) -> list[Any]:
        """Return what a list, a table or an object of the code holds."""
        if not self.is_holder(value):
            return []
        table = value if isinstance(value, (dict, list, tuple)) else vars(value)
        return list(table.values() if isinstance(table, dict) else table)

    def is_holder(self, value: Any) -> bool:
        """Tell whether a value is a list, a table or an object of the code."""
        return isinstance(value, (list, dict, tuple)) or type(value) in self.classes

    def is_gone(self, value: Any, *, anywhere: bool = False) -> bool:
        """Tell whether a value is unknown; `anywhere`: or one that it holds."""
        if not self.gone:  # most code has no unknown value, and this is asked for each
            return value is UNKNOWN
        waiting, visited = [value], set[int]()
        while waiting:
            value = waiting.pop()
            if value is UNKNOWN or id(_base_array(value)) in self.gone:
                return True
            if (anywhere or isinstance(value, tuple)) and id(value) not in visited:
                visited.add(id(value))
                waiting += self.held_by(value)
        return False

    def known_value(self, value: Any) -> Any:
        """Return a value as it is known: what is unknown as such."""
        return UNKNOWN if self.is_gone(value) else value


def _base_array(value: Any) -> Any:
    """Return the array whose numbers a view shows; any other value as it is."""
    while isinstance(value, np.ndarray) and isinstance(value.base, np.ndarray):
        value = value.base
    return value
