"""How statements of a person's code are executed: by Python, on their word.

What a search asks is the same whether Python runs the code or `code_interpreter` reads it.
"""

from __future__ import annotations

import ast
import random
import sys
import types
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any, Final, Protocol

import numpy as np

from tracer.program.traced_numpy import traced_numpy

RETURNED: Final = "returned__"  # the name of what a function returns
STATEMENT: Final = "<statement>"  # the file of what is executed by itself

Names = dict[str, Any]
Change = Callable[[Any], Any]
Leaving = Callable[[str, Mapping[str, Any]], None]  # is handed a function's name and its local ones
RandomSource = np.random.Generator | np.random.RandomState | random.Random


def as_assignment(statement: ast.stmt) -> ast.stmt:
    """Return a statement that gives a name what `return` returns; any other as it is."""
    if not isinstance(statement, ast.Return) or statement.value is None:
        return statement
    target = ast.Name(RETURNED, ast.Store())
    return ast.copy_location(ast.Assign([target], statement.value), statement)


def names_of_code(code: types.CodeType) -> set[str]:
    """Return the names that some code looks up, with those of the functions written in it."""
    inner = (each for each in code.co_consts if isinstance(each, types.CodeType))
    return set(code.co_names).union(*map(names_of_code, inner))


class Execution(Protocol):
    """Executes single statements on names; functions of the code look up names there too."""

    generators: Sequence[RandomSource]  # draw where the code names no generator of its own
    filled: Change | None  # returns what stands for an array that NumPy fills; None: itself
    numpy: Any  # NumPy as a value that the code may have

    def execute(self, statement: ast.stmt, names: Names, leaving: Leaving | None = None) -> None:
        """Execute one statement; `leaving` is called where a function of the code ends."""

    def evaluate(self, expression: ast.expr, names: Names) -> Any:
        """Return the value of an expression."""

    def rebound(self, value: Any, old: Names, names: Names) -> Any:
        """Return a function of the code, whose global names were `old`, with others; else value."""

    def read_names(self, value: Any, names: Mapping[str, Any]) -> Iterable[str] | None:
        """Return the names that a function looks up in `names`; None for what is none."""


class PythonExecution:
    """Execution by Python, of code from some files."""

    def __init__(self, files: Collection[str]) -> None:
        self.files = files
        # What the functions of `np.random` and `random` are methods of.
        drawing = (np.random.rand, random.random)
        self.generators: Sequence[RandomSource] = [*map(attrgetter("__self__"), drawing)]
        self.filled: Change | None = None
        self.numpy: Any = np
        self.code_globals: Names = {}  # where methods look up names
        self._codes: dict[int, tuple[ast.AST, types.CodeType]] = {}

    def execute(self, statement: ast.stmt, names: Names, leaving: Leaving | None = None) -> None:
        """Execute one statement; `leaving` is called where a function of the code ends."""

        def watch(frame: types.FrameType, event: str, argument: Any) -> Any:
            code = frame.f_code
            # What a comprehension or a lambda names is none of a function's names.
            if code.co_filename not in (STATEMENT, *self.files) or code.co_name.startswith("<"):
                return None
            if event == "return" and leaving is not None:
                leaving(code.co_qualname, frame.f_locals)
            return watch

        before = sys.gettrace()
        with traced_numpy((names, self.code_globals), self.filled):
            sys.settrace(before if leaving is None else watch)
            try:
                exec(self._code(statement, "exec"), names)  # noqa: S102 - it ran already, or differs by a slip
            finally:
                sys.settrace(before)

    def evaluate(self, expression: ast.expr, names: Names) -> Any:
        """Return the value of an expression."""
        return eval(self._code(expression, "eval"), names)  # noqa: S307 - of code that ran already

    def _code(self, node: ast.stmt | ast.expr, mode: str) -> types.CodeType:
        known = self._codes.get(id(node))
        if known is None:
            tree: ast.Module | ast.Expression = (
                ast.Expression(node) if isinstance(node, ast.expr) else ast.Module([node], [])
            )
            code: types.CodeType = compile(ast.fix_missing_locations(tree), STATEMENT, mode)
            known = self._codes[id(node)] = node, code
        return known[1]

    def rebound(self, value: Any, old: Names, names: Names) -> Any:
        """Return a function of the code with other global names."""
        self.code_globals = old
        if not isinstance(value, types.FunctionType) or value.__globals__ is not old:
            return value
        new = types.FunctionType(
            value.__code__, names, value.__name__, value.__defaults__, value.__closure__
        )
        new.__kwdefaults__ = value.__kwdefaults__
        return new

    def read_names(self, value: Any, names: Mapping[str, Any]) -> Iterable[str] | None:
        """Return the names that a function looks up in `names`."""
        if isinstance(value, types.FunctionType) and value.__globals__ is names:
            return names_of_code(value.__code__)
        return None
