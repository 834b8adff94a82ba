"""A person's code while it runs: which statements ran, and what the names held before and after.

The interpreter calls a trace function before each line (`sys.settrace`); names are then the frame's
local variables, and the global ones that its code uses. Only frames of the observed files are
looked at, and nothing of the code is changed.
"""

from __future__ import annotations

import ast
import sys
from bisect import bisect_right
from collections.abc import Callable, Mapping
from types import FrameType
from typing import Any, Final

from tracer.debug.execution import RETURNED, Execution
from tracer.debug.namespaces import Snapshots

__all__ = [
    "EnoughSeen",
    "ExecutedStatement",
    "Observation",
    "ObservedCall",
    "SourceText",
    "observe",
]

MOST_MOMENTS: Final = 20_000  # ends of statements, and their beginnings
COMPOUND: Final = (
    *(ast.For, ast.While, ast.If, ast.With, ast.Try),
    *(ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef),
)


class EnoughSeen(BaseException):
    """Ends a run of which enough was seen; no `except Exception` of the person's code stops it."""


class SourceText:
    """The source of a file: which statement a line belongs to.

    `cells` are those of a notebook, each with its number and its first line; `about` is text that
    belongs to it beside its own.
    """

    def __init__(
        self,
        path: str,
        text: str,
        cells: tuple[tuple[int, int], ...] = (),
        about: str = "",
    ) -> None:
        self.path = path
        self.about = about
        self.words = f"{text}\n{about}".lower()
        self.cells = cells
        self.lines = text.splitlines()
        self.tree = ast.parse(text, path)
        statements = [node for node in ast.walk(self.tree) if isinstance(node, ast.stmt)]
        self._statements = sorted(statements, key=lambda node: node.lineno)
        self._starts = [node.lineno for node in self._statements]

    def statement(self, line: int) -> ast.stmt | None:
        """Return the innermost statement that a line belongs to."""
        for node in reversed(self._statements[: bisect_right(self._starts, line)]):
            if line <= (node.end_lineno or node.lineno):
                return node
        return None

    def changed(self, line: int, text: str) -> SourceText:
        """Return the source with another text in the place of the statement on a line."""
        old = self.statement(line)
        assert old is not None
        first, end = old.lineno - 1, old.end_lineno or old.lineno
        before = self.lines[first].encode()[: old.col_offset].decode()
        after = self.lines[end - 1].encode()[old.end_col_offset :].decode()
        blank = [""] * (end - first - 1)
        lines = [*self.lines[:first], f"{before}{text}{after}", *blank, *self.lines[end:]]
        return SourceText(self.path, "\n".join(lines), self.cells, self.about)

    def line(self, statement: ast.stmt) -> str:
        """Return a statement as it is written, in one line."""
        lines = self.lines[statement.lineno - 1 : statement.end_lineno]
        return " ".join(line.strip() for line in lines)


class ExecutedStatement:
    """One statement that ran: the names before and after it, and when it was done."""

    def __init__(self, call: ObservedCall, statement: ast.stmt, before: Mapping[str, Any]) -> None:
        self.call = call
        self.statement = statement
        self.before = before
        self.after: Mapping[str, Any] = before
        self.done = -1  # the place in the order in which statements end


class ObservedCall:
    """One call of a function, or the run of a module: its statements in order."""

    def __init__(
        self, code: object, name: str, names: Mapping[str, Any], source: SourceText
    ) -> None:
        self.code = code  # the same for all calls of a function
        self.name = name
        self.globals = names
        self.source = source
        self.moments: list[ExecutedStatement] = []
        self.started = 0

    @property
    def surroundings(self) -> dict[str, Any]:
        """What a statement needs beside the names that were noted."""
        return {name: value for name, value in self.globals.items() if name.startswith("__")}


class Observation:
    """What was seen: the calls in the order in which they began.

    `execution` executes single statements of the code once more; `shown` returns what stands for
    a value.
    """

    def __init__(
        self,
        sources: Mapping[str, SourceText],
        own: Callable[[type], bool],
        execution: Execution,
        most: int = MOST_MOMENTS,
        shown: Callable[[Any], Any] = lambda value: value,
    ) -> None:
        self.sources = sources
        self.own = own
        self.execution: Final = execution
        self.most = most
        self.calls: list[ObservedCall] = []
        self.failures: list[tuple[ExecutedStatement, Exception]] = []
        self.count = 0
        self._snapshots = Snapshots(own, shown)

    def moments(self) -> list[ExecutedStatement]:
        """Return all statements in the order in which they were done."""
        found = [moment for call in self.calls for moment in call.moments if moment.done >= 0]
        return sorted(found, key=lambda moment: moment.done)

    def trace(self, frame: FrameType, event: str, argument: Any) -> Any:
        """Look at a call, where it is one of an observed file."""
        code = frame.f_code
        source = self.sources.get(code.co_filename)
        if source is None or (code.co_name.startswith("<") and code.co_name != "<module>"):
            return None
        call = self.begin(code, code.co_qualname, frame.f_globals, source)
        is_module = frame.f_locals is frame.f_globals

        def names() -> dict[str, Any]:
            if is_module:
                return self.snapshot(frame.f_locals)
            used = {
                name: frame.f_globals[name] for name in code.co_names if name in frame.f_globals
            }
            return self.snapshot({**used, **frame.f_locals})

        def watch(frame: FrameType, event: str, argument: Any) -> Any:
            if event == "line":
                statement = call.source.statement(frame.f_lineno)
                last = call.moments[-1] if call.moments else None
                again = last is not None and last.statement is statement
                if statement is None or (again and not isinstance(statement, COMPOUND)):
                    return watch  # another line of the same statement
                self.reach(call, statement, names())
            elif event == "return":
                self.leave(call, argument, names)
            return watch

        return watch

    def begin(
        self, code: object, name: str, names: Mapping[str, Any], source: SourceText
    ) -> ObservedCall:
        """Note that a function is called."""
        call = ObservedCall(code, name, names, source)
        call.started = self.count
        self.calls.append(call)
        return call

    def reach(self, call: ObservedCall, statement: ast.stmt, now: Mapping[str, Any]) -> None:
        """Note that a statement is executed next. Raises EnoughSeen after too many."""
        self.finish(call.moments[-1] if call.moments else None, now)
        call.moments.append(ExecutedStatement(call, statement, now))
        self.count += 1
        if self.count > self.most:
            raise EnoughSeen

    def leave(
        self, call: ObservedCall, returned: Any, names: Callable[[], Mapping[str, Any]]
    ) -> None:
        """Note what a call returns."""
        if call.moments:
            is_value = isinstance(call.moments[-1].statement, ast.Return)
            value = self.snapshot({RETURNED: returned}) if is_value else {}
            self.finish(call.moments[-1], {**names(), **value})

    def snapshot(self, names: Mapping[str, Any]) -> dict[str, Any]:
        """Return what names hold now."""
        return self._snapshots.take(names)

    def finish(self, moment: ExecutedStatement | None, now: Mapping[str, Any]) -> None:
        """Note what the names hold after a statement."""
        if moment is not None and moment.done < 0:
            moment.after = now
            moment.done = self.count
            self.count += 1


def observe(observation: Observation, run: Callable[[], Any]) -> Any:
    """Return what `run` returns; its statements are noted."""
    before = sys.gettrace()
    sys.settrace(observation.trace)
    try:
        return run()
    except EnoughSeen:
        return None
    finally:
        sys.settrace(before)
