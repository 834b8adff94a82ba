"""Where each key of a TOML text stands. It knows TOML's shape, and nothing of what a key means.

`tomllib` does not say where a key stood. This scanner reads a text that tomllib has accepted; on
any other text it stops early, without an error.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from typing import Final

from tracer.frozen import Frozen, replace

__all__ = ["KeyPath", "Place", "places"]

KeyPath = tuple[str | int, ...]  # ("parameters", "w"), ("variants", 0, "name")

_BLANK: Final = re.compile(r"(?:[ \t\n]+|#[^\n]*)*")
_SPACE: Final = re.compile(r"[ \t]*")
_BARE_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")
_SCALAR: Final = re.compile(r"[^,\]}#\n]*")
_REST: Final = re.compile(r"[^\n]*")
_END_OF_BASIC: Final = re.compile(r'\\.|"', re.DOTALL)
_END_OF_LONG: Final = re.compile(r'\\.|"""', re.DOTALL)


class Place(Frozen):
    """The line of a key, its offset, and the line where its text begins if it is a text."""

    line: int
    offset: int
    text_line: int


def places(text: str) -> dict[KeyPath, Place]:
    """Return the place of every key and table; an entry of an array of tables has its number."""
    return _Scanner(text.replace("\r\n", "\n")).scan()


class _NoTomlError(Exception):
    """The text is not TOML after all."""


class _Open:
    """An array or an inline table that has not ended; an array in an array has no path kept."""

    __slots__ = ("end", "index", "path")

    def __init__(self, end: str, path: KeyPath | None) -> None:
        self.end = end
        self.path = path
        self.index = 0


def _path(stack: list[_Open]) -> KeyPath:
    """Return the path of the entry at which the arrays of a stack stand."""
    indices: list[int] = []
    for item in reversed(stack):
        indices.append(item.index)
        if item.path is not None:
            return (*item.path, *reversed(indices))
    return ()


class _Scanner:
    """Walks over the text once."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.starts = [0, *(match.end() for match in re.finditer("\n", text))]
        self.found: dict[KeyPath, Place] = {}
        self.lengths: dict[KeyPath, int] = {}  # of the arrays of tables

    def scan(self) -> dict[KeyPath, Place]:
        position = 0
        base: KeyPath = ()
        try:
            while (position := self.blank(position)) < len(self.text):
                if self.text.startswith("[", position):
                    position, base = self.header(position)
                else:
                    start = position
                    position, parts = self.key(position)
                    path = self.note(base, parts, start)
                    position = self.value(position, path)
                rest = _REST.match(self.text, position)
                position = rest.end() if rest else position
        except (_NoTomlError, IndexError):
            pass
        return self.found

    def line(self, position: int) -> int:
        return bisect_right(self.starts, position)

    def blank(self, position: int) -> int:
        match = _BLANK.match(self.text, position)
        return match.end() if match else position

    def space(self, position: int) -> int:
        match = _SPACE.match(self.text, position)
        return match.end() if match else position

    def note(self, base: KeyPath, parts: list[str], start: int) -> KeyPath:
        """Keep the place of a dotted key, and of the tables that it opens."""
        place = Place(self.line(start), start, 0)
        path = base
        for part in parts:
            path = (*path, part)
            self.found.setdefault(path, place)
        return path

    def header(self, start: int) -> tuple[int, KeyPath]:
        """Read `[table]` or `[[array]]`; return the table that the next keys belong to."""
        many = self.text.startswith("[[", start)
        position, parts = self.key(self.space(start + 1 + many), end="]")
        path: KeyPath = ()
        place = Place(self.line(start), start, 0)
        for number, part in enumerate(parts, 1):
            path = (*path, part)
            self.found.setdefault(path, place)
            if many and number == len(parts):
                index = self.lengths.get(path, 0)
                self.lengths[path] = index + 1
                path = (*path, index)
                self.found[path] = place
            elif path in self.lengths:
                path = (*path, self.lengths[path] - 1)
        if path in self.found and not many and self.found[path].offset != start:
            # A table that a longer header has opened before stands where its own header is.
            self.found[path] = place
        return position + many, path

    def key(self, position: int, end: str = "=") -> tuple[int, list[str]]:
        """Read a dotted key and the sign after it."""
        parts: list[str] = []
        while True:
            start = position
            sign = self.text[position]
            if sign == '"':
                position = self.string(position)
                parts.append(_plain(self.text[start:position]))
            elif sign == "'":
                position = self.string(position)
                parts.append(self.text[start + 1 : position - 1])
            else:
                match = _BARE_KEY.match(self.text, position)
                if match is None:
                    raise _NoTomlError
                position = match.end()
                parts.append(match.group())
            position = self.space(position)
            sign = self.text[position]
            if sign == end:
                return position + 1, parts
            if sign != ".":
                raise _NoTomlError
            position = self.space(position + 1)

    def string(self, position: int) -> int:
        """Return where a string of any of the four kinds ends."""
        quote = self.text[position]
        long = self.text.startswith(quote * 3, position)
        position += 3 if long else 1
        if quote == "'":
            position = self.text.find("'''" if long else "'", position)
            if position < 0:
                raise _NoTomlError
        else:
            pattern = _END_OF_LONG if long else _END_OF_BASIC
            while True:
                match = pattern.search(self.text, position)
                if match is None:
                    raise _NoTomlError
                if match.group()[0] == '"':
                    position = match.start()
                    break
                position = match.end()
        if not long:
            return position + 1
        position += 3
        for _ in range(2):  # up to two quotes may stand before the three that end it
            if self.text.startswith(quote, position):
                position += 1
        return position

    def value(self, position: int, path: KeyPath) -> int:
        """Step over a value; note the keys of inline tables. A stack of its own: no recursion."""
        stack: list[_Open] = []
        own: KeyPath | None = path  # of the value to come; None in an array: found when needed
        while True:
            position = self.blank(position)
            sign = self.text[position]
            opened = sign in "[{"
            if sign in "\"'":
                if own is not None:
                    self.note_text(position, own)
                position = self.string(position)
            elif sign == "[":
                stack.append(_Open("]", own))
                position += 1
            elif sign == "{":
                stack.append(_Open("}", own or _path(stack)))
                position += 1
            else:
                match = _SCALAR.match(self.text, position)
                position = match.end() if match else position
            while stack:
                position = self.blank(position)
                sign = self.text[position]
                top = stack[-1]
                if sign == top.end:
                    stack.pop()
                    position += 1
                    opened = False
                    continue
                if not opened:
                    if sign != ",":
                        raise _NoTomlError
                    position = self.blank(position + 1)
                    top.index += 1
                    if self.text[position] == top.end:  # a comma may stand at the end
                        continue
                own = None
                if top.end == "}":
                    start = position
                    position, parts = self.key(position)
                    own = self.note(top.path or (), parts, start)
                break
            else:
                return position

    def note_text(self, position: int, path: KeyPath) -> None:
        """Keep the line where a text begins: a line end right after three quotes is not in it."""
        after = position + 3
        quotes = self.text[position:after]
        skipped = quotes in ('"""', "'''") and self.text.startswith("\n", after)
        line = self.line(position) + skipped
        self.found[path] = replace(self.found[path], text_line=line)


def _plain(quoted: str) -> str:
    """Return what a quoted key says."""
    if "\\" not in quoted:
        return quoted[1:-1]
    try:
        return str(tomllib.loads(f"key = {quoted}")["key"])
    except tomllib.TOMLDecodeError:
        raise _NoTomlError from None
