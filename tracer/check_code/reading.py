"""A piece of Python from a document as a tree whose nodes know their place in the raw file.

Lost line breaks are put back (`code_breaks`), prompts and odd indents are taken off; a part that
is no Python is left out and listed. Nothing is executed and nothing is judged here.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import Final

from tracer.check.model.statements import CodeListing, TextPlace, UnreadPiece, UnreadReason
from tracer.check_code import code_breaks
from tracer.check_code.code_breaks import (
    MOST_CHARACTERS,
    Ambiguous,
    KnownNames,
    Statement,
    comment_start,
    parse_python,
)
from tracer.frozen import Frozen
from tracer.lazy_regex import lazy_regex
from tracer.sentences import Text, say

MOST_JOINED = 60  # lines of one statement in brackets
STEP = 4
PROMPT: Final = lazy_regex(r"(?:>>>|\.\.\.) ?|In ?\[\d*\]: ?")
CODE_IN_COMMENT: Final = lazy_regex(
    r"(?<=[^\x00-\x7f])[ ]?(?=[A-Za-z_]\w*(?:,[ ]?[A-Za-z_]\w*)*[ ]?(?:[-+*/@]?=)(?!=)|return\b)"
)


class CodeLine(Frozen):
    """A line of the code as it is parsed: its text begins at `column` of a raw line."""

    text: str
    row: int  # the raw line, from 1
    column: int
    indent: int  # blanks that were put before it


class CodeReading:
    """Python that was read: its tree, and what was not read."""

    __slots__ = ("_lines", "raw_lines", "tree", "unread")

    def __init__(
        self,
        tree: ast.Module,
        lines: Sequence[CodeLine],
        unread: Sequence[UnreadPiece],
        raw_lines: Sequence[str],
    ) -> None:
        self.tree: Final = tree
        self._lines: Final = lines
        self.unread: Final = tuple(unread)
        self.raw_lines: Final = raw_lines

    @property
    def text(self) -> str:
        """The code as its tree was read from, line by line."""
        return "\n".join(" " * line.indent + line.text for line in self._lines)

    def place(self, line: int, column: int) -> tuple[int, int]:
        """Return the raw line and column of a place as `ast` counts it (bytes of UTF-8)."""
        known = self._lines[line - 1]
        written = " " * known.indent + known.text
        points = len(written.encode()[:column].decode(errors="ignore"))
        return known.row, known.column + max(points - known.indent, 0)

    def span(self, node: ast.expr | ast.stmt, above: int = 0) -> TextPlace:
        """Return the raw place of a node; of one that runs over lines, its part on the first.

        `above` are lines that stand above this code where the node is from.
        """
        first = node.lineno - above
        row, start = self.place(first, node.col_offset)
        last, end = self.place((node.end_lineno or 0) - above, node.end_col_offset or 0)
        if last != row:
            line = self._lines[first - 1]
            end = line.column + len(line.text[: comment_start(line.text)].rstrip())
        return TextPlace(row, start, end)

    def text_of(self, span: TextPlace) -> str:
        """Return what stands at a raw place."""
        return self.raw_lines[span.line - 1][span.start : span.end]


def read_code(block: CodeListing, raw: Sequence[str]) -> CodeReading:
    """Read a block of the document with these lines.

    What is no Python, too long, or can be read in two ways is listed as unread.
    """
    lines = [
        CodeLine(text, row, _raw_column(block, text, raw[row - 1]), 0)
        for row, text in enumerate(block.text.split("\n"), start=block.line)
    ]
    if len(block.text) > MOST_CHARACTERS:
        message = say("a piece of code of more than {most} characters", most=f"{MOST_CHARACTERS:,}")
        return CodeReading(
            ast.Module([], []), (), (_unread_piece(lines[0], "limit", message),), raw
        )
    is_code_lost = block.collapsed and any(  # in comments
        CODE_IN_COMMENT.search(line.text, comment_start(line.text)) for line in lines
    )
    tree = None if is_code_lost else parse_python(block.text)
    if tree is not None:
        return CodeReading(tree, lines, (), raw)
    return _Rebuilt(lines, raw).reading()


def _raw_column(block: CodeListing, text: str, raw: str) -> int:
    """Return the raw column where a line of the block begins."""
    if raw[block.indent :].startswith(text):
        return block.indent
    found = raw.find(text.strip())
    return max(found - (len(text) - len(text.lstrip())), 0) if found >= 0 else 0


def _unread_piece(line: CodeLine, reason: UnreadReason, message: Text) -> UnreadPiece:
    text = line.text.strip()
    start = line.column + len(line.text) - len(line.text.lstrip())
    return UnreadPiece(TextPlace(line.row, start, start + len(text)), reason, text, message)


class _Rebuilt:
    """Code that the parser refuses as it stands, put together again line by line."""

    def __init__(self, lines: Sequence[CodeLine], raw: Sequence[str]) -> None:
        self.given = [_without_prompt(line) for line in lines]
        self.raw = raw
        self.known: KnownNames = code_breaks.written_names(
            "\n".join(line.text for line in self.given)
        )
        self.lines: list[CodeLine] = []
        self.unread: list[UnreadPiece] = []
        self.levels: list[tuple[int, str]] = []  # indent of each open header, and its word
        self.opened = False  # the last line was a header: a deeper one must follow

    def reading(self) -> CodeReading:
        for group in self.groups():
            self.add(group)
        if self.opened:
            self.fill()
        tree = parse_python(self.text(self.lines)) or self.by_parts()
        return CodeReading(tree, self.lines, self.unread, self.raw)

    @staticmethod
    def text(lines: Sequence[CodeLine]) -> str:
        return "\n".join(" " * line.indent + line.text for line in lines)

    def groups(self) -> Iterator[list[CodeLine]]:
        """Yield the lines that brackets join."""
        opened = [  # how many more brackets each line opens than it closes
            sum(
                (token.text in "([{") - (token.text in ")]}")
                for token in code_breaks.python_tokens(line.text)
                if token.kind == "sign"
            )
            for line in self.given
        ]
        place = 0
        while place < len(self.given):
            depth, count = opened[place], 1
            while depth > 0 or self.given[place + count - 1].text.endswith("\\"):
                if count == MOST_JOINED or place + count == len(self.given):
                    count = 1  # a bracket that never closes: the line stands alone
                    break
                depth += opened[place + count]
                count += 1
            if self.given[place].text.strip():
                yield self.given[place : place + count]
            place += count

    def add(self, group: list[CodeLine]) -> None:
        """Add one statement of the given text, or what it turns out to be."""
        first = group[0]
        indent = len(first.text) - len(first.text.lstrip())
        text = "\n".join(line.text for line in group)
        code = text[: comment_start(text)].rstrip() if len(group) == 1 else text.rstrip()
        unread = _unread_piece(first, "unreadable", say("this is not Python"))
        try:
            parts = code_breaks.line_statements(code, self.known) if code.strip() else []
        except Ambiguous:
            parts = None
            message = say("the line breaks of this code are lost, and it can be read in two ways")
            unread = _unread_piece(first, "ambiguous", message)
        if parts is None:
            self.unread.append(unread)
            return
        self.enter(indent)
        for number, part in enumerate(parts):
            self.statement(group, text, part, indent if number == 0 else -1)
        if len(group) == 1:
            self.after_comment(first, len(code))

    def after_comment(self, line: CodeLine, start: int) -> None:
        """Add code behind a comment sign: an assignment that is made nowhere else, a return."""
        match = CODE_IN_COMMENT.search(line.text, start + 1)
        if match is None:
            return
        rest = line.text[match.end() :]
        stop = comment_start(rest)
        try:
            found = code_breaks.line_statements(rest[:stop], self.known)
        except Ambiguous:
            return
        if not found:
            return
        part = CodeLine(rest, line.row, line.column + match.end(), 0)
        if code_breaks.names_of(ast.Module(found[0].body, []))[1] & self.known.defined:
            return  # a comment that quotes a line of the code
        for piece in found:
            self.statement([part], rest, piece, -1)
        self.after_comment(part, stop)

    def enter(self, indent: int) -> None:
        """Close the levels that a line of this indent leaves."""
        if self.opened and self.levels and indent <= self.levels[-1][0]:
            self.fill()
        while self.levels and indent <= self.levels[-1][0]:
            self.levels.pop()

    def fill(self) -> None:
        last = self.lines[-1]
        self.lines.append(CodeLine("pass", last.row, last.column, self.levels[-1][0] + STEP))
        self.opened = False

    def statement(self, group: list[CodeLine], text: str, part: Statement, indent: int) -> None:
        """Write one statement at the level where it stands."""
        if indent < 0 and part.word == "def":
            while any(word == "def" for _, word in self.levels):
                self.levels.pop()
        level = self.levels[-1][0] + STEP if self.levels else 0
        piece = text[part.start : part.end]
        lead = len(piece) - len(piece.lstrip())
        offset = part.start + lead
        for number, (line, column, words) in enumerate(_line_pieces(group, text, offset, part.end)):
            blanks = level if number == 0 else 0
            self.lines.append(CodeLine(words, line.row, line.column + column, blanks))
        self.opened = part.header
        if part.header:
            self.levels.append((max(indent, level), part.word))
        elif part.word == "return" and indent < 0:
            while self.levels and self.levels.pop()[1] != "def":
                pass

    def by_parts(self) -> ast.Module:
        """Return what can be parsed, one statement of the top level at a time."""
        starts = [
            at for at, line in enumerate(self.lines) if line.indent == 0 and line.text.strip()
        ]
        kept: list[CodeLine] = []
        for start, stop in zip(starts, [*starts[1:], len(self.lines)], strict=True):
            part = self.lines[start:stop]
            if parse_python(self.text(part)) is None:
                self.unread.append(_unread_piece(part[0], "unreadable", say("this is not Python")))
            else:
                kept.extend(part)
        self.lines = kept
        return parse_python(self.text(kept)) or ast.Module([], [])


def _line_pieces(
    group: list[CodeLine], text: str, start: int, end: int
) -> Iterator[tuple[CodeLine, int, str]]:
    """Yield the parts of a statement on each of its lines: line, column in it, text."""
    offset = 0
    for line in group:
        stop = offset + len(line.text)
        if start < stop and end > offset:
            first = max(start - offset, 0)
            yield line, first, line.text[first : min(end, stop) - offset].rstrip()
        offset = stop + 1


def _without_prompt(line: CodeLine) -> CodeLine:
    match = PROMPT.match(line.text)
    if match is None:
        return line
    return CodeLine(line.text[match.end() :], line.row, line.column + match.end(), 0)
