"""A person's code while it runs: which statements ran, and what the names held before and after.

Python calls a trace function before each of its instructions (`sys.settrace`), whose place in the
source says to which statement it belongs; names are then the frame's local variables, and the
global ones that its code uses. Only frames of the observed files are looked at, and nothing of the
code is changed. One walk goes through what names hold: lists, dictionaries and objects of the
person's own classes; whatever else there is stays as it is. Single statements can be executed again
on such names; what a search asks of that is the same whether Python does it or `code_interpreter`.
"""

from __future__ import annotations

import ast
import copy
import pickle
import random
import re
import sys
import types
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property, lru_cache
from operator import attrgetter
from types import CodeType, FrameType, SimpleNamespace
from typing import Any, Final, NamedTuple, Protocol

import numpy as np

from tracer.program.given_array import plain_array
from tracer.program.program import all_sources
from tracer.program.recorder import Filled, Tracer, traced_numpy

DEEPEST: Final = 6  # containers in containers that are looked through

# What holds no array: most of what a namespace has.
PLAIN: Final = frozenset(
    [str, bool, type(None), type, types.ModuleType, types.FunctionType, types.BuiltinFunctionType]
)

NUMERIC: Final = "biufc"  # the kinds of NumPy's numbers

Change = Callable[[Any, "ValuePath"], Any]


class ValuePath(NamedTuple):
    """Where a value is: a name, then keys and attributes: `grads["W1"]`, `self.W1`."""

    text: str  # the path in Python: `self.W[0]`
    parts: tuple[str, ...]  # the name, the attributes and the keys

    def attribute(self, name: str) -> ValuePath:
        """Return the path of an attribute."""
        return ValuePath(f"{self.text}.{name}", (*self.parts, name))

    def key(self, key: object) -> ValuePath:
        """Return the path of an entry."""
        return ValuePath(f"{self.text}[{key!r}]", (*self.parts, str(key)))


def is_number(value: Any) -> bool:
    """Tell whether a value is a float: Python's or NumPy's."""
    return isinstance(value, (float, np.floating))


def is_whole_number(value: Any) -> bool:
    """Tell whether a value is a whole number of Python."""
    return type(value) is int


def is_array(value: Any) -> bool:
    """Tell whether a value is an array of NumPy or of another library."""
    if isinstance(value, (np.ndarray, type)):
        return isinstance(value, np.ndarray)  # np.float32 has what its numbers have
    return hasattr(value, "__array__") and hasattr(value, "shape") and not np.isscalar(value)


def map_arrays(
    namespace: Mapping[str, Any],
    change: Change,
    own: Callable[[type], bool],
    shown: Callable[[Any], Any] = lambda value: value,
    counts: Callable[[Any], bool] = is_number,
) -> dict[str, Any]:
    """Return names with every array and number changed; containers are copied, each once.

    `own` tells of which classes objects are looked through, `shown` what stands for a value,
    `counts` what is a number.
    """
    walk = _Walk(change, own, shown, counts)
    return {
        name: value
        if type(value) in PLAIN or name.startswith("__")
        else walk.value(value, ValuePath(name, (name,)), 0)
        for name, value in namespace.items()
    }


class _Walk:
    def __init__(
        self,
        change: Change,
        own: Callable[[type], bool],
        shown: Callable[[Any], Any],
        counts: Callable[[Any], bool],
    ) -> None:
        self.change = change
        self.own = own
        self.shown = shown
        self.counts = counts
        # Objects seen; holding them keeps their ids unique.
        self.known: dict[int, tuple[Any, Any]] = {}

    def value(self, value: Any, path: ValuePath, depth: int) -> Any:
        if type(value) in PLAIN:
            return value
        if id(value) in self.known:
            return self.known[id(value)][1]
        value = self.shown(value)
        is_counted = self.counts(value)
        if is_counted or is_array(value) or isinstance(value, Tracer):
            new = self.change(value, path)
            if not is_counted:
                self.known[id(value)] = value, new
            return new
        if depth == DEEPEST:
            return value
        fields = getattr(value, "_fields", None)
        if type(value) is tuple or (isinstance(value, tuple) and fields):
            paths = map(path.attribute, fields) if fields else map(path.key, range(len(value)))
            items = (
                self.value(item, own, depth + 1) for item, own in zip(value, paths, strict=True)
            )
            return type(value)._make(items) if fields else tuple(items)  # type: ignore[attr-defined] # of a tuple with names
        is_table = isinstance(value, (list, dict))
        if not (is_table or self.own(type(value)) or isinstance(value, SimpleNamespace)):
            return value
        new = copy.copy(value)
        self.known[id(value)] = value, new
        if is_table:
            for key in range(len(new)) if isinstance(new, list) else list(new):
                new[key] = self.value(new[key], path.key(key), depth + 1)
            return new
        dictionary = getattr(new, "__dict__", {})
        for name, part in attributes_of(new).items():
            changed = self.value(part, path.attribute(name), depth + 1)
            if name in dictionary:
                dictionary[name] = changed
            else:
                object.__setattr__(new, name, changed)
        return new


def attributes_of(value: Any) -> dict[str, Any]:
    """Return the attributes that an object itself holds, in a dictionary or in slots."""
    state: Any = object.__getstate__(value)
    in_dictionary, in_slots = state if isinstance(state, tuple) else (state, {})
    return {**(in_dictionary or {}), **in_slots}


def arrays_in(
    namespace: Mapping[str, Any],
    own: Callable[[type], bool],
    names: Collection[str] | None = None,
    counts: Callable[[Any], bool] = is_number,
) -> dict[str, tuple[ValuePath, Any]]:
    """Return the arrays and numbers in a namespace, or in its `names`, by their paths' texts."""
    arrays: dict[str, tuple[ValuePath, Any]] = {}

    def note(value: Any, path: ValuePath) -> Any:
        arrays.setdefault(path.text, (path, value))
        return value

    walk = _Walk(note, own, lambda value: value, counts)
    for name, value in namespace.items():
        is_passed = type(value) in PLAIN or name.startswith("__")
        if is_passed or (names is not None and name not in names):
            continue
        walk.known.clear()  # the same array under another name is found under both
        walk.value(value, ValuePath(name, (name,)), 0)
    return arrays


@lru_cache(maxsize=4096)
def expression_of(text: str) -> ast.expr:
    """Return the tree of a Python expression; it is shared and must not be changed."""
    return ast.parse(text, mode="eval").body


def same_numbers(one: Any, other: Any) -> bool:
    """Tell whether two values have the same shape and the same numbers.

    It is asked of all pairs, most of which are one array or differ in their first entry already.
    """
    first, second = np.asarray(one), np.asarray(other)
    if first.shape != second.shape:
        return False
    if first.size and first.dtype.kind == second.dtype.kind == "f":
        if abs(first.item(0) - second.item(0)) > 0:
            return False
        if first.dtype == second.dtype and first.tobytes() == second.tobytes():
            return True
    may_be_nan = first.dtype.kind in NUMERIC and second.dtype.kind in NUMERIC
    return bool(np.array_equal(first, second, equal_nan=may_be_nan))


RETURNED: Final = "returned__"  # the name of what a function returns
STATEMENT: Final = "<statement>"  # the file of what is executed by itself

Names = dict[str, Any]
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

    generators: list[RandomSource]  # draw where the code names no generator of its own
    filled: Filled | None  # returns what stands for an array that NumPy fills; None: itself
    numpy: Any  # NumPy as a value that the code may have

    def execute(self, statement: ast.stmt, names: Names, leaving: Leaving | None = None) -> None:
        """Execute one statement; `leaving` is called where a function of the code ends."""

    def evaluate(self, expression: ast.expr, names: Names) -> Any:
        """Return the value of an expression."""

    def rebound(self, value: Any, old: Names, names: Names) -> Any:
        """Return a function of the code, whose global names were `old`, with others; else value."""

    def read_names(self, value: Any, names: Mapping[str, Any]) -> Iterable[str] | None:
        """Return the names that a function looks up in `names`; None for what is none."""


@lru_cache(maxsize=4096)  # a search executes the statements around a change again and again
def _compile_node(node: ast.stmt | ast.expr, mode: str) -> CodeType:
    tree = ast.Expression(node) if isinstance(node, ast.expr) else ast.Module([node], [])
    code: CodeType = compile(ast.fix_missing_locations(tree), STATEMENT, mode)
    return code


class PythonExecution:
    """Execution by Python, of code from some files."""

    def __init__(self, files: Collection[str]) -> None:
        self.files = files
        # What the functions of `np.random` and `random` are methods of.
        drawing = (np.random.rand, random.random)
        self.generators: list[RandomSource] = [*map(attrgetter("__self__"), drawing)]
        self.filled: Filled | None = None
        self.numpy: Any = np
        self.code_globals: Names = {}  # where methods look up names

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
                exec(_compile_node(statement, "exec"), names)  # noqa: S102 - it ran already, or differs by a slip
            finally:
                sys.settrace(before)

    def evaluate(self, expression: ast.expr, names: Names) -> Any:
        """Return the value of an expression."""
        return eval(_compile_node(expression, "eval"), names)  # noqa: S307 - of code that ran already

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


MOST_MOMENTS: Final = 20_000  # ends of statements, and their beginnings
MOST_ENTRIES: Final = 4_000_000  # largest array that is copied; a larger one is a data set
COMPOUND: Final = (
    *(ast.For, ast.While, ast.If, ast.With, ast.Try),
    *(ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef),
)


class EnoughSeen(BaseException):
    """Ends a run of which enough was seen; no `except Exception` of the person's code stops it."""


class SourceText:
    """The source of a file: which statement an instruction belongs to.

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
        self.text = text
        self.words = f"{text}\n{about}".lower()
        self.cells = cells
        self.tree = ast.parse(text, path)
        numbers = (node for node in ast.walk(self.tree) if isinstance(node, ast.Constant))
        # A leak, a rate, a weight: what a formula may lack that the code writes elsewhere.
        self.shares = sorted(
            {repr(n.value) for n in numbers if type(n.value) is float and 0 < n.value < 1}
        )
        self.has_roots = re.search(r"sqrt|\*\*[( -]*(0?\.5|1\.? */ *2)", text) is not None
        self._statements: dict[CodeType, list[ast.stmt | None]] = {}

    def statements(self, code: CodeType) -> Sequence[ast.stmt | None]:
        """Return the innermost statement that each instruction of some code belongs to."""
        if code not in self._statements:
            outer_first = [node for node in ast.walk(self.tree) if isinstance(node, ast.stmt)]
            places = list(code.co_positions())
            by_place = {place: _innermost(outer_first, place) for place in set(places)}
            self._statements[code] = [by_place[place] for place in places]
        return self._statements[code]

    def statement_text(self, statement: ast.stmt) -> str:
        """Return a statement as it is written, in one line."""
        text = ast.get_source_segment(self.text, statement) or ""
        return " ".join(line.strip() for line in text.splitlines())


def is_inside(inner: ast.stmt, outer: ast.stmt) -> bool:
    """Tell whether a statement is in the body of another one of the same file."""
    end = outer.end_lineno or outer.lineno, outer.end_col_offset or 0
    start = inner.lineno, inner.col_offset
    return (outer.lineno, outer.col_offset) < start < end


def _innermost(nodes: Sequence[ast.stmt], place: tuple[Any, ...]) -> ast.stmt | None:
    """Return the last of some statements that a place is in; None for what has no text."""
    line, end_line, column, end_column = place
    if None in place or (line, column) == (end_line, end_column):  # how a function begins
        return None
    around = [
        node
        for node in nodes
        if (node.lineno, node.col_offset) <= (line, column)
        and (end_line, end_column) <= (node.end_lineno or 0, node.end_col_offset or 0)
    ]
    return around[-1] if around else None


class ExecutedStatement:
    """One statement that ran: the names before and after it, and when it was done."""

    def __init__(
        self, call: ObservedCall, statement: ast.stmt, before: Mapping[str, Any], begun: int
    ) -> None:
        self.call = call
        self.statement = statement
        self.before = before
        self.after: Mapping[str, Any] = before
        self.begun = begun  # the places in the order in which statements begin and end
        self.done = -1


class ObservedCall:
    """One call of a function, or the run of a module: its statements in order."""

    def __init__(
        self, code: object, name: str, names: dict[str, Any], source: SourceText, started: int
    ) -> None:
        self.code = code  # the same for all calls of a function
        self.name = name
        self.globals = names
        self.source = source
        self.moments: list[ExecutedStatement] = []
        self.started = started

    @property
    def surroundings(self) -> dict[str, Any]:
        """What a statement needs beside the names that were noted."""
        return {name: value for name, value in self.globals.items() if name.startswith("__")}


class Version(NamedTuple):
    """A value that a name had when it was used, or at the end."""

    path: ValuePath
    value: Any
    moment: ExecutedStatement


class Observation:
    """A record of executed code: its calls, in the order in which they began.

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
        self.shown = shown
        self._drawn: dict[int, tuple[RandomSource, list[tuple[int, object]]]] = {}
        self._copies: dict[int, tuple[Any, Any]] = {}
        for generator in execution.generators:
            self.note_drawn(generator)

    @cached_property
    def moments(self) -> list[ExecutedStatement]:
        """All statements in the order in which they were done, once all was seen."""
        all_moments = [moment for call in self.calls for moment in call.moments if moment.done >= 0]
        return sorted(all_moments, key=lambda moment: moment.done)

    @cached_property
    def changes(self) -> list[Version]:
        """What each statement gave a name, once all was seen.

        A parameter that starts as a whole number, `w = [0, 0]`, is the float that it becomes.
        """
        versions = self._changes()
        starts = {
            item.path.text
            for item in versions
            if is_number(item.value)
            and item.path.text
            in arrays_in(item.moment.before, self.own, {item.path.parts[0]}, is_whole_number)
        }
        if not starts:
            return versions

        def as_float(value: Any, path: ValuePath) -> Any:
            return float(value) if is_whole_number(value) and path.text in starts else value

        spaces = [
            names
            for call in self.calls
            for moment in call.moments
            for names in (moment.before, moment.after)
        ]
        restored = {
            id(names): map_arrays(names, as_float, self.own, counts=is_whole_number)
            for names in spaces
        }
        for call in self.calls:
            for moment in call.moments:
                moment.before, moment.after = (
                    restored[id(moment.before)],
                    restored[id(moment.after)],
                )
        return self._changes()

    def _changes(self) -> list[Version]:
        versions: list[Version] = []
        for moment in self.moments:
            if isinstance(moment.statement, COMPOUND):
                continue
            # What did not change is the same copy; containers are copied each time.
            changed = {
                name
                for name, value in moment.after.items()
                if type(value) not in PLAIN and moment.before.get(name) is not value
            }
            before = arrays_in(moment.before, self.own, changed)
            for text, (path, value) in arrays_in(moment.after, self.own, changed).items():
                _, old = before.get(text, (None, None))
                if text not in before or not (old is value or same_numbers(old, value)):
                    versions.append(Version(path, value, moment))
        return versions

    def trace(self, frame: FrameType, event: str, argument: Any) -> Any:
        """Look at a call, where it is one of an observed file."""
        code = frame.f_code
        source = self.sources.get(code.co_filename)
        if source is None or (code.co_name.startswith("<") and code.co_name != "<module>"):
            return None
        statements = source.statements(code)
        call = self.begin(code, code.co_qualname, frame.f_globals, source)
        is_module = frame.f_locals is frame.f_globals
        looked_up = self.names_looked_up(names_of_code(code), frame.f_globals)

        def names() -> dict[str, Any]:
            if is_module:
                return self.snapshot(frame.f_locals)
            used = {name: frame.f_globals[name] for name in looked_up}
            return self.snapshot({**used, **frame.f_locals})

        def watch(frame: FrameType, event: str, argument: Any) -> Any:
            if event == "line":
                frame.f_trace_opcodes = True  # Python 3.13 forgets it where a call begins
            elif event == "opcode":
                statement = statements[frame.f_lasti // 2]
                last = call.moments[-1].statement if call.moments else None
                if statement is not None and statement is not last:
                    self.reach(call, statement, names())
            elif event == "return":
                self.leave(call, argument, names)
            return watch

        return watch

    def names_looked_up(self, read: Iterable[str], around: Mapping[str, Any]) -> set[str]:
        """Return the names that code reads around it, with those of the functions it may call."""

        def names_read(name: str) -> Iterable[str]:
            is_there = name in around
            return (self.execution.read_names(around[name], around) or ()) if is_there else ()

        return all_sources(read, names_read) & around.keys()

    def begin(
        self, code: object, name: str, names: dict[str, Any], source: SourceText
    ) -> ObservedCall:
        """Note that a function is called."""
        call = ObservedCall(code, name, names, source, self.count)
        self.calls.append(call)
        return call

    def reach(self, call: ObservedCall, statement: ast.stmt, now: Mapping[str, Any]) -> None:
        """Note that a statement is executed next. Raises EnoughSeen after too many."""
        self.finish(call.moments[-1] if call.moments else None, now)
        call.moments.append(ExecutedStatement(call, statement, now, self.count))
        for generator, _ in [*self._drawn.values()]:
            self.note_drawn(generator)
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
        """Return what names hold now; an array that did not change is copied once."""
        return map_arrays(names, self._copy, self.own, self._shown)

    def _shown(self, value: Any) -> Any:
        if isinstance(value, RandomSource) and id(value) not in self._drawn:
            self.note_drawn(value)
        return self.shown(value)

    def note_drawn(self, generator: RandomSource) -> None:
        """Note how far a generator of random numbers has come, where it has drawn since."""
        _, states = self._drawn.setdefault(id(generator), (generator, []))
        state = random_state(generator)
        if not states or states[-1][1] != state:
            states.append((self.count, state))

    @contextmanager
    def drawing_again(self) -> Iterator[None]:
        """Put the generators of random numbers back in the end to where they are now."""
        states = [(generator, random_state(generator)) for generator, _ in self._drawn.values()]
        try:
            yield
        finally:
            for generator, state in states:
                set_random_state(generator, state)

    def rewind(self, moment: ExecutedStatement) -> None:
        """Let the generators draw the numbers again that they drew from a statement on."""
        for generator, states in self._drawn.values():
            place = bisect_right(states, moment.begun, key=lambda item: item[0])
            set_random_state(generator, states[max(place - 1, 0)][1])

    def _copy(self, value: Any, path: ValuePath) -> Any:
        if is_number(value) or value.size > MOST_ENTRIES:
            return value
        original, last = self._copies.get(id(value), (None, None))
        is_same = original is value and isinstance(value, np.ndarray) and last.dtype == value.dtype
        if is_same and last.shape == value.shape and last.tobytes() == value.tobytes():
            return last
        new = plain_array(value)
        self._copies[id(value)] = value, new
        return new

    def finish(self, moment: ExecutedStatement | None, now: Mapping[str, Any]) -> None:
        """Note what the names hold after a statement."""
        if moment is not None and moment.done < 0:
            moment.after = now
            moment.done = self.count
            self.count += 1


# By the kind of a generator: what tells how far it has come, and what lets it go on from there.
_STATES: Final[tuple[tuple[type, Callable[[Any], object], Callable[[Any, Any], None]], ...]] = (
    (random.Random, random.Random.getstate, random.Random.setstate),
    (
        np.random.RandomState,
        lambda generator: pickle.dumps(generator.get_state(legacy=False)),
        lambda generator, state: generator.set_state(pickle.loads(state)),  # noqa: S301 - our own
    ),
    (
        np.random.Generator,
        lambda generator: pickle.dumps(generator.bit_generator.state),
        lambda generator, state: setattr(
            generator.bit_generator,
            "state",
            pickle.loads(state),  # noqa: S301 - our own
        ),
    ),
)


def random_state(generator: RandomSource) -> object:
    """Return how far a generator of random numbers has come."""
    return next(read(generator) for kind, read, _ in _STATES if isinstance(generator, kind))


def set_random_state(generator: RandomSource, state: Any) -> None:
    """Let a generator go on from where it was."""
    next(write for kind, _, write in _STATES if isinstance(generator, kind))(generator, state)


def observe(observation: Observation, run: Callable[[], Any]) -> Any:
    """Return what `run` returns; its statements are noted."""
    before = sys.gettrace()
    sys._getframe().f_trace_opcodes = True  # Python 3.12 reports instructions only if a frame asks
    sys.settrace(observation.trace)
    try:
        return run()
    except EnoughSeen:
        return None
    finally:
        sys.settrace(before)
