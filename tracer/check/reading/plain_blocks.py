"""The blocks of a Markdown text of the usual kind, without the library: it takes 40 ms to load.

Fences, tables and formulas stand at the margin or in an item of a list; whatever needs to know
more (indented code, HTML, quotes with blocks in them) is left to the library.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, Literal, NamedTuple

from tracer.check.read.lazy_regex import lazy_regex
from tracer.check.reading.markup import ENVIRONMENTS
from tracer.check.reading.strips import Strip

__all__ = ["DISPLAY", "LONG_NUMBER", "Block", "cells_of", "closing_of", "code_of", "plain_blocks"]

DISPLAY: Final = lazy_regex(r"\$\$|\\\[|\\begin\{(?:" + ENVIRONMENTS + r")\*?\}")
LONG_NUMBER: Final = 10  # characters of a formula's number after its closing signs
_CLOSING: Final = {"$$": "$$", "\\[": "\\]"}
_FENCE: Final = lazy_regex(r"(`{3,}|~{3,})([^`]*)$")
_ITEM: Final = lazy_regex(r"\s*(?:[-*+>]\s|#{1,6}\s|[0-9]{1,9}[.)]\s)")
_HTML: Final = lazy_regex(r"</?[a-zA-Z!?]")
_PYTHON: Final = frozenset(("python", "py", "python3", "ipython", "ipython3"))
_LINES: Final = frozenset(("", "text", "txt", "plain", "plaintext", "none", "no-highlight"))
_FORMULAS: Final = frozenset(("math", "latex", "tex", "katex"))


class Block(NamedTuple):
    """Rows of one kind; `indents` say how many characters of each row do not belong to code."""

    kind: Literal["prose", "cells", "formula", "code", "lines"]
    first: int
    last: int
    indents: tuple[int, ...] = ()
    cells: tuple[Strip, ...] = ()


class _UnusualError(Exception):
    """Something that only the library reads rightly."""


def plain_blocks(lines: Sequence[str], first: int, last: int) -> list[Block] | None:
    """Return the blocks between two rows, None where the library has to find them."""
    try:
        return _Reader(lines, last).read(first)
    except _UnusualError:
        return None


class _Reader:
    """Goes along the rows; `start` is where the paragraph began."""

    def __init__(self, lines: Sequence[str], last: int) -> None:
        self.lines = lines
        self.last = last
        self.start = 0
        self.blocks: list[Block] = []
        self.never: set[str] = set()  # closing signs that do not come again

    def read(self, row: int) -> list[Block]:
        """Return the blocks from a row on."""
        self.start = row
        while row < self.last:
            line = self.lines[row]
            text = line.strip()
            if not text or text.startswith("<!--"):
                if text and "-->" not in text:
                    raise _UnusualError
                self.flush(row, row + 1)
                row += 1
                continue
            after = self.block(row, line, text)
            if after == row:
                if row > self.start and _ITEM.match(line):
                    self.flush(row, row)
                row += 1
            else:
                self.start = row = after
        self.flush(self.last, self.last)
        return self.blocks

    def flush(self, row: int, start: int) -> None:
        """End the paragraph before a row."""
        if self.start < row:
            self.blocks.append(Block("prose", self.start, row))
        self.start = start

    def block(self, row: int, line: str, text: str) -> int:
        """Take a block that is no paragraph; return the row after it, or its own if it is one."""
        if line[0] in " \t" and ("\t" in line[:4] or line.startswith("    ")):
            raise _UnusualError
        if text[0] in "`~" and (fence := _FENCE.match(text)):
            return self.fence(row, line, fence)
        if text[0] == "<" and _HTML.match(text):
            raise _UnusualError
        if text[0] in "$\\" and (opening := DISPLAY.match(text)):
            return self.display(row, line, opening[0])
        if text[0] in "-*+>0123456789" and _ITEM.match(line) and _holds_block(text):
            raise _UnusualError
        if "|" in text and row + 1 < self.last and _is_rule(self.lines[row + 1]):
            return self.table(row)
        return row

    def fence(self, row: int, line: str, opening: re.Match[str]) -> int:
        """Take code between fences; without an end it goes on to the end of the text."""
        sign = opening[1]
        indent = len(line) - len(line.lstrip())
        end = row + 1
        while end < self.last:
            text = self.lines[end].strip()
            if text.startswith(sign) and not text.strip(sign[0]):
                break
            end += 1
        if end == self.last and indent:
            raise _UnusualError
        self.flush(row, row)
        indents = [
            min(indent, len(inside) - len(inside.lstrip(" ")))
            for inside in self.lines[row + 1 : end]
        ]
        self.blocks += code_of(opening[2], row + 1, end, tuple(indents))
        return min(end + 1, self.last)

    def display(self, row: int, line: str, sign: str) -> int:
        """Take a formula that has rows of its own."""
        closing = closing_of(sign)
        if closing in self.never:
            return row
        place = line.index(sign) + len(sign)
        for end in range(row, self.last):
            found = self.lines[end].find(closing, place)
            if found >= 0:
                if len(self.lines[end][found + len(closing) :].strip()) > LONG_NUMBER:
                    return row  # prose goes on there
                self.flush(row, row)
                self.blocks.append(Block("formula", row, end + 1))
                return end + 1
            place = 0
        self.never.add(closing)
        return row

    def table(self, row: int) -> int:
        """Take the rows of a table."""
        self.flush(row, row)
        while row < self.last and "|" in self.lines[row]:
            cells = tuple(cells_of(self.lines[row], row))
            self.blocks.append(Block("cells", row, row + 1, cells=cells))
            row += 1
        return row


def _holds_block(text: str) -> bool:
    """Say whether an item of a list or a quote begins with a block of its own."""
    return "```" in text or "~~~" in text or text.count("$$") % 2 == 1 or "\\[" in text


def _is_rule(line: str) -> bool:
    """Say whether a line is the rule below the head of a table."""
    text = line.strip()
    return "-" in text and not text.strip("|-: ")


def closing_of(sign: str) -> str:
    """Return what closes a formula with rows of its own."""
    return _CLOSING.get(sign) or sign.replace("begin", "end")


def code_of(info: str, first: int, last: int, indents: tuple[int, ...]) -> Iterator[Block]:
    """Yield a block of code by its language; other languages than Python hold no mathematics."""
    language = info.strip().split(" ")[0].strip("{}.,").lower()
    if language in _PYTHON:
        yield Block("code", first, last, indents)
    elif language in _FORMULAS:
        yield Block("formula", first, last)
    elif language in _LINES:
        yield Block("lines", first, last, indents)


def cells_of(line: str, row: int) -> Iterator[Strip]:
    """Yield the cells of a table's row."""
    start = 0
    for found in re.finditer(r"(?<!\\)\|", line):
        if line[start : found.start()].strip():
            yield Strip.of_line(line[start : found.start()], row + 1, start)
        start = found.end()
    if line[start:].strip():
        yield Strip.of_line(line[start:], row + 1, start)
