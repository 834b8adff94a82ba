"""Where each key of a TOML text stands. It knows TOML's shape, and nothing of what a key means.

`tomllib` does not say where a key stood. This scanner reads a text that tomllib has accepted; on
any other text it stops early, without an error.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from contextlib import suppress
from typing import Final, NamedTuple

from tracer.frozen import Frozen, replace

KeyPath = tuple[str | int, ...]  # ("parameters", "w"), ("variants", 0, "name")

# A quote may be escaped, and up to two may stand before the three that end a long text. A number
# or a date is one token, and so is a dotted key without quotes. Blanks and comments are none.
_TOKEN: Final = re.compile(
    r'''(?P<text>"""[^\\"]*(?:(?:\\.|"(?!""))[^\\"]*)*"{3,5}|\'{3}[^']*(?:'(?!'')[^']*)*'{3,5}'''
    r"""|"[^\\"]*(?:\\.[^\\"]*)*"|'[^']*')"""
    r"""|(?P<word>[^\s\[\]{}=,#"']+(?:[ \t]+[^\s\[\]{}=,#"']+)*)"""
    r"""|(?P<sign>[\[\]{}=,])|\#[^\n]*""",
    re.DOTALL,
)


class KeyPlace(Frozen):
    """The line of a key, its offset, and the line where its text begins if it is a text."""

    line: int
    offset: int
    text_line: int


class _Token(NamedTuple):
    kind: str  # 'text', 'word' or 'sign'
    text: str
    start: int


def key_places(text: str) -> dict[KeyPath, KeyPlace]:
    """Return the place of every key and table; an entry of an array of tables has its number."""
    scanner = _Scanner(text.replace("\r\n", "\n"))
    # The end of the text; or it is no TOML.
    with suppress(StopIteration, KeyError, RecursionError, tomllib.TOMLDecodeError):
        scanner.scan()
    return scanner.found


class _Scanner:
    """Walks over the text once."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = (
            _Token(match.lastgroup, match[0], match.start())
            for match in _TOKEN.finditer(text)
            if match.lastgroup
        )
        self.starts = [0, *(match.end() for match in re.finditer("\n", text))]
        self.found: dict[KeyPath, KeyPlace] = {}
        self.lengths: dict[KeyPath, int] = {}  # the number of tables in each array of tables

    def scan(self) -> None:
        """Note all keys. Raises StopIteration at the end of the text."""
        base: KeyPath = ()
        while True:
            token = next(self.tokens)
            if token.text == "[":
                base = self.header(token.start)
            else:
                path = self.note(base, token)
                self.value(next(self.tokens), path)

    def line(self, position: int) -> int:
        return bisect_right(self.starts, position)

    def key(self, token: _Token, end: str) -> list[str]:
        """Return the parts of a dotted key, and go past the sign after it."""
        parts: list[str] = []
        while token.text != end:
            if token.kind == "text":
                parts.append(tomllib.loads(f"key = {token.text}")["key"])
            else:
                parts += filter(None, map(str.strip, token.text.split(".")))
            token = next(self.tokens)
        return parts

    def note(self, base: KeyPath, token: _Token) -> KeyPath:
        """Keep the place of the dotted key that begins here, and of the tables that it opens."""
        place = KeyPlace(self.line(token.start), token.start, 0)
        path = base
        for part in self.key(token, "="):
            path = (*path, part)
            self.found.setdefault(path, place)
        return path

    def header(self, start: int) -> KeyPath:
        """Read `[table]` or `[[array]]`; return the table that the next keys belong to."""
        many = self.text.startswith("[[", start)
        token = next(self.tokens)
        parts = self.key(next(self.tokens) if many else token, "]")
        path: KeyPath = ()
        place = KeyPlace(self.line(start), start, 0)
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
        if many:
            next(self.tokens)
        elif path in self.found:
            # A table that a longer header has opened before stands where its own header is.
            self.found[path] = place
        return path

    def value(self, token: _Token, path: KeyPath) -> None:
        """Step over the value of a key, or over a bracket; note the keys of inline tables."""
        if token.kind == "text":
            # A line end right after three quotes is not in the text.
            skipped = self.text.startswith(('"""\n', "'''\n"), token.start)
            line = self.line(token.start) + skipped
            self.found[path] = replace(self.found[path], text_line=line)
        elif token.text == "{":
            while (token := next(self.tokens)).text != "}":
                if token.text != ",":
                    inner = self.note(path, token)
                    self.value(next(self.tokens), inner)
        elif token.text == "[":
            index = 0
            while (token := next(self.tokens)).text != "]":
                if token.kind == "sign" and token.text != ",":
                    self.value(token, (*path, index))
                index += token.text == ","
