"""Where the values of a backward pass come from: the statements that ran, followed back.

What a statement reads was given by the last one before it that gave it; what a call or a turn of a
loop was handed, by the last one that gave a name these numbers. So functions, loops and lists are
followed in one way.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Collection, Container, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import islice
from typing import Any

import numpy as np

from tracer.debug.forward_search import stored_names
from tracer.debug.observation import (
    COMPOUND,
    RETURNED,
    ExecutedStatement,
    Observation,
    ObservedCall,
    ValuePath,
    Version,
    arrays_in,
    same_numbers,
)


class Provenance:
    """Which statements and versions each version of a backward pass was computed from.

    Its statements are done after `start`; `shared` are the functions that the forward pass calls
    too.
    """

    def __init__(
        self,
        observation: Observation,
        changes: Sequence[Version],
        start: float,
        shared: Collection[object],
    ) -> None:
        self.observation = observation
        self.own = observation.own
        self.changes = changes
        self.start = start
        self.shared = shared
        self.slices: dict[tuple[int, str], dict[int, ExecutedStatement]] = {}  # see `slice_of`
        self.handed: dict[tuple[int, str], list[Version]] = {}  # see `handed_from`

    def making_version(self, item: Version) -> Version:
        """Return where a value was made: in a function that the statement calls, perhaps."""
        handing = self.handed_from(item)
        return self.making_version(handing[0]) if handing else item

    def handed_from(self, item: Version) -> list[Version]:
        """Return the versions in other calls that a value was handed on from, as it is.

        Where some have its name, they are those: what is wrong may have the numbers of another one.
        """
        key = id(item.moment), item.path.text
        if key not in self.handed:
            versions = [
                other
                for other in self.changes
                if other.moment.call is not item.moment.call
                and other.moment.call.code not in self.shared
                and other.moment.call.started <= item.moment.done
                and other.moment.done < item.moment.done
                and same_numbers(other.value, item.value)
            ]
            named = [other for other in versions if other.path.parts[-1] == item.path.parts[-1]]
            self.handed[key] = named or versions
        return self.handed[key]

    def slice_of(self, item: Version) -> dict[int, ExecutedStatement]:
        """Return the statements of all functions that a value may be made by, by their ids.

        What a function was handed was made by the last statement that gave a name these numbers.
        """
        key = id(item.moment), item.path.text
        if key in self.slices:
            return self.slices[key]
        moments_by_id = self.slices[key] = {}
        waiting, visited = [item], set[tuple[int, str]]()
        while waiting:
            item = waiting.pop()
            place = id(item.moment), item.path.text  # one statement may return several values
            if place in visited:
                continue
            visited.add(place)
            handing = self.handed_from(item)
            if handing:  # its own statements only hand it on
                moments_by_id.update((id(each.moment), each.moment) for each in (item, *handing))
                waiting.append(handing[0])
                continue
            moments, handed = self.followed_back(item)
            loops = [moment for _, moment in handed[:-1]]
            moments_by_id.update((id(moment), moment) for moment in (*moments, *loops))
            waiting += [
                each
                for each in self.returned_values
                if any(self.calls(moment, each.moment) for moment in moments)
                and not any(self.is_for_others(each, moment, moments, item) for moment in moments)
            ]
            for paths, moment in handed:
                is_loop = moment in loops
                names = moment.after if is_loop else moment.before
                begun = moment.done if is_loop else item.moment.call.started
                roots = {re.split(r"[.[]", each)[0] for each in paths}
                for text, (path, value) in arrays_in(names, self.own, roots).items():
                    if any(is_part(each, text) for each in paths):
                        makers = self.last_version(value, begun)
                        waiting += makers or self.computed_argument(item.moment.call, path, value)
        return moments_by_id

    def is_for_others(
        self,
        returned: Version,
        moment: ExecutedStatement,
        moments: Sequence[ExecutedStatement],
        item: Version,
    ) -> bool:
        """Tell whether a statement gave what a call returned to a name that nothing here reads.

        `dq, dk = merge(dq), merge(dk)` calls one function for several names.
        """
        later = [each.statement for each in moments if each.done > moment.done]
        paths_read_later = [item.path.text, *(text for each in later for text in _paths_of(each))]
        own_paths = [
            each.path.text
            for each in self.changes
            if each.moment is moment and same_numbers(each.value, returned.value)
        ]
        return bool(own_paths) and not any(
            is_part(text, other) or is_part(other, text)
            for text in own_paths
            for other in paths_read_later
        )

    def computed_argument(self, call: ObservedCall, path: ValuePath, value: Any) -> list[Version]:
        """Return what a function was handed that no name has, as in `f(dy + dh)`: of its caller."""
        if len(path.parts) > 1 or np.asarray(value).dtype.kind != "f":
            return []
        callers = [
            each
            for each in self.observation.moments
            if each.begun < call.started <= each.done and not isinstance(each.statement, COMPOUND)
        ]
        if not callers:
            return []
        caller = max(callers, key=lambda each: each.begun)
        arrays = arrays_in(caller.before, self.own).values()
        if caller.done <= self.start or any(same_numbers(each, value) for _, each in arrays):
            return []
        return [Version(path, value, caller)]

    def last_version(self, value: Any, until: float) -> list[Version]:
        """Return the last version with these numbers, whatever its shape, before a moment."""
        flat = np.ravel(value)
        makers = (
            other
            for other in reversed(self.changes)
            if other.moment.done < until
            and np.size(other.value) == flat.size
            and same_numbers(np.ravel(other.value), flat)
        )
        return [*islice(makers, 1)]

    @cached_property
    def returned_values(self) -> list[Version]:
        """What functions returned that the forward pass does not call."""
        return [
            item
            for item in self.changes
            if item.path.parts[0] == RETURNED and item.moment.call.code not in self.shared
        ]

    def calls(self, moment: ExecutedStatement, inner: ExecutedStatement) -> bool:
        """Tell whether a statement calls the function that another one is in."""
        return moment.begun < inner.call.started <= moment.done

    def followed_back(
        self, item: Version
    ) -> tuple[list[ExecutedStatement], list[tuple[set[str], ExecutedStatement]]]:
        """Return the statements of its call that may have made a value, and what those were handed.

        Its own statement is the last. What was handed to them is what the turns of loops gave
        names, each with the loop, and what the call began with, which belongs to its first
        statement.
        """
        own = item.moment.call
        needed: set[str] = set()
        path_back: list[ExecutedStatement] = []
        handed: list[tuple[set[str], ExecutedStatement]] = []
        for moment in reversed(own.moments):
            statement = moment.statement
            is_loop = isinstance(statement, ast.For)
            is_other = isinstance(statement, COMPOUND) and not is_loop
            if is_other or not self.start < moment.done <= item.moment.done:
                continue
            stored = self.paths_by_statement[id(moment)]
            if moment is not item.moment and not any(
                is_part(text, path) or is_part(path, text) for text in stored for path in needed
            ):
                continue
            before = set(needed)
            if isinstance(statement, (ast.Assign, ast.For)):  # what was there is gone
                names = [*stored_names(statement)]
                needed = {path for path in needed if not any(is_part(path, name) for name in names)}
            if is_loop:
                handed.append((before - needed, moment))
                continue
            path_back.append(moment)
            entries = {text.rpartition("[")[0] for text in stored}
            targets = {item.path.text} if moment is item.moment else before
            sides = given_by(statement, targets) or [part_of(statement, item.path)]
            needed |= {text for side in sides for text in paths_read(side, entries)}
        return path_back[::-1], [*handed, (needed, own.moments[0])]

    def first_runs(self, item: Version) -> dict[ast.stmt, ExecutedStatement]:
        """Return the statements of a call that may have made a value, each as it first ran."""
        makers = {moment.statement for moment in self.followed_back(item)[0]}
        return {
            moment.statement: moment
            for moment in reversed(item.moment.call.moments)
            if moment.statement in makers and self.start < moment.done <= item.moment.done
        }

    @cached_property
    def paths_by_statement(self) -> Mapping[int, set[str]]:
        """The paths to which each statement gave a value, by its id."""
        stored: dict[int, set[str]] = defaultdict(set)
        for change in self.changes:
            stored[id(change.moment)].add(change.path.text)
        for moment in self.observation.moments:  # `dc = dc` changes no number, but may be wrong
            stored[id(moment)].update(stored_names(moment.statement))
        return stored

    def is_made_of(
        self, item: Version, part: Version, made: ExecutedStatement | None = None
    ) -> bool:
        """Tell whether a value is computed from another one, not only by its statement's others.

        `made` is the statement that made the other one, where that is known.
        """
        made, last = made or self.making_version(part).moment, self.making_version(item).moment
        moments = self.slice_of(item)
        if id(made) not in moments or made in (item.moment, last):
            return False
        text = part.path.text
        return made.call is not last.call or any(
            is_part(text, read) or is_part(read, text)
            for moment in moments.values()
            if moment.done > made.done
            for read in _paths_of(getattr(moment.statement, "iter", moment.statement))
        )

    def is_drawn_anew(self, item: Version) -> bool:
        """Tell whether a name is given a value that is computed from nothing that it held."""
        text, statement = item.path.text, item.moment.statement
        return is_target(text, statement) and not any(
            is_part(text, read) or is_part(read, text)
            for moment in self.followed_back(item)[0]
            for read in _paths_of(moment.statement)
        )

    def versions_of(self, item: Version) -> list[Version]:
        """Return what the statement of a version gave its name, each time that it ran."""
        return [
            other
            for other in self.changes
            if other.path.text == item.path.text and other.moment.statement is item.moment.statement
        ]


# What single statements read and give -----------------------------------------------------------


def part_of(statement: ast.stmt, path: ValuePath) -> ast.AST:
    """Return the part of a tuple or a table, as it is written, that a path is; or the statement.

    Also of one that is appended to a list.
    """
    node: ast.AST = statement
    inside = getattr(statement, "value", None)
    steps = path.parts[1:]
    match inside:
        case ast.Call(ast.Attribute(attr="append"), [part]):
            inside = part
            steps = steps[next((at for at, key in enumerate(steps) if key.isdigit()), -1) + 1 :]
    for key in steps:
        match inside:
            case ast.Tuple(elts) | ast.List(elts) if key.isdigit() and int(key) < len(elts):
                inside = node = elts[int(key)]
            case ast.Dict(keys, values):
                written = [
                    str(each.value) if isinstance(each, ast.Constant) else "" for each in keys
                ]
                inside = node = values[written.index(key)] if key in written else statement
            case _:
                break
    return node


def given_by(statement: ast.stmt, wanted: Collection[str]) -> list[ast.AST]:
    """Return what `a, b = c, d` gives some paths; nothing for another statement."""
    match statement:
        case ast.Assign([ast.Tuple(targets)], ast.Tuple(values)) if len(targets) == len(values):
            texts = map(ast.unparse, targets)
            return [
                value
                for text, value in zip(texts, values, strict=True)
                if any(is_part(text, path) or is_part(path, text) for path in wanted)
            ]
    return []


def paths_read(node: ast.AST, entries: Container[str] = ()) -> Iterator[str]:
    """Yield the texts of the longest paths that a statement names: `self.h.T`, `grads['W1']`.

    A method may read all of its object, and an index that is no constant any entry, but where it
    gives one of a list or a table, of `entries`, a value.
    """
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        yield from paths_read(node.func.value, entries)
        children: list[ast.AST] = [*node.args, *node.keywords]
    elif _is_path(node):
        yield ast.unparse(node)
        return
    elif isinstance(node, ast.Assign):
        # Of an entry that is given a value its index and its array are read, of one of a table the
        # index alone; a name or an attribute is replaced.
        nodes = (
            next((part for part in ast.walk(target) if isinstance(part, ast.Subscript)), None)
            for target in node.targets
        )
        parts = [
            each.slice if ast.unparse(each.value) in entries else each for each in nodes if each
        ]
        children = [*parts, node.value]
    else:
        children = list(ast.iter_child_nodes(node))
    for child in children:
        yield from paths_read(child, entries)


@lru_cache(maxsize=4096)  # each part of the code is read once
def _paths_of(node: ast.AST) -> tuple[str, ...]:
    return tuple(paths_read(node))


def is_target(path: str, statement: ast.stmt) -> bool:
    """Tell whether a statement, which is no loop, gives a value to a path itself."""
    match statement:
        case ast.Assign(targets):
            return any(ast.unparse(node) == path for each in targets for node in ast.walk(each))
        case ast.AugAssign(target):
            return ast.unparse(target) == path
    return False


def _is_path(node: ast.AST) -> bool:
    """Tell whether an expression is a name, or attributes and constant keys of one."""
    while not isinstance(node, ast.Name):
        is_entry = isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant)
        if not (is_entry or isinstance(node, ast.Attribute)):
            return False
        node = node.value  # type: ignore[attr-defined]
    return True


def is_part(inner: str, outer: str) -> bool:
    """Tell whether a path is another one, or a part of what that one holds."""
    return inner == outer or inner.startswith((f"{outer}.", f"{outer}["))
