"""The blocks of a Markdown text of the usual kind, without the library: it takes 40 ms to load.

Fences, tables and formulas stand at the margin or in an item of a list; whatever needs to know
more (indented code, quotes with blocks in them) is left to the library. Rows count from 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, Literal, NamedTuple

from tracer.lazy_regex import lazy_regex

__all__ = [
    "ENVIRONMENTS",
    "LONG_NUMBER",
    "OPENING_DISPLAY",
    "PlainMarkdown",
    "TextBlock",
    "UnusualMarkdownError",
    "closing_sign",
    "code_block",
    "is_list_item",
    "prose_blocks",
]

ENVIRONMENTS: Final = (
    "align|aligned|gather|gathered|equation|eqnarray|multline|split|flalign|alignat"
    "|displaymath|math"
)
OPENING_DISPLAY: Final = lazy_regex(r"\$\$|\\\[|\\begin\{(?:" + ENVIRONMENTS + r")\*?\}")
_DEEPEST: Final = 6  # level of a heading
LONG_NUMBER: Final = 10  # characters of a formula's number after its closing sign
_CLOSING: Final = {"$$": "$$", "$`": "`$", "\\(": "\\)", "\\[": "\\]"}
_ITEM: Final = lazy_regex(r"\s*(?:>\s*)*(?:[-*+•]\s|[0-9]{1,9}[.)、]\s)")
_PYTHON: Final = frozenset(("python", "py", "python3", "ipython", "ipython3", "pycon"))
_FORMULAS: Final = frozenset(("math", "latex", "tex", "katex"))
_NO_MATHEMATICS: Final = frozenset(
    (
        "bash", "sh", "shell", "console", "zsh", "powershell", "c", "cpp", "c++", "java", "js",
        "javascript", "ts", "typescript", "html", "css", "json", "yaml", "yml", "toml", "xml",
        "mermaid", "dot", "graphviz", "r", "julia", "go", "rust", "sql", "diff", "makefile",
        "dockerfile", "cuda", "matlab", "octave", "ini", "csharp", "swift", "kotlin", "scala",
    )
)  # fmt: skip


class TextBlock(NamedTuple):
    """Rows of one kind, half open. `level` is that of a heading.

    `indents` say how many characters of each row do not belong to code.
    """

    kind: Literal["prose", "heading", "table", "formula", "code", "verbatim"]
    first: int
    last: int
    level: int = 0
    indents: tuple[int, ...] = ()


class UnusualMarkdownError(Exception):
    """Something that only the library reads rightly."""


class PlainMarkdown:
    """Goes along the rows; `start` is where the paragraph began."""

    def __init__(self, lines: Sequence[str], last: int) -> None:
        self.lines = lines
        self.last = last
        self.start = 0
        self.blocks: list[TextBlock] = []
        self.never: set[str] = set()  # closing signs that do not come again
        self.closing_rows: dict[str, int] = {}  # where each closing sign comes next

    def read(self, row: int) -> list[TextBlock]:
        """Return the blocks from a row on."""
        self.start = row
        while row < self.last:
            line = self.lines[row]
            text = line.strip()
            if not text:
                self.flush(row, row + 1)
                row += 1
                continue
            after = self.take(row, line, text)
            if after == row:
                row += 1
            else:
                self.start = row = after
        self.flush(self.last, self.last)
        return self.blocks

    def flush(self, row: int, start: int) -> None:
        """End the paragraph before a row."""
        if self.start < row:
            self.blocks += prose_blocks(self.lines, self.start, row)
        self.start = start

    def take(self, row: int, line: str, text: str) -> int:
        """Take a block that is no paragraph; return the row after it, or its own if it is one."""
        if line[0] in " \t" and ("\t" in line[:4] or line.startswith("    ")):
            raise UnusualMarkdownError
        if text.startswith(("```", "~~~")) and "`" not in text.lstrip("`"):
            return self.fence(row, line, text)
        if text[0] in "$\\" and (opening := OPENING_DISPLAY.match(text)):
            return self.display(row, line, opening[0])
        if text[0] in "-*+>0123456789" and _holds_block(text):
            raise UnusualMarkdownError
        if "|" in text and row + 1 < self.last and _is_rule(self.lines[row + 1]):
            return self.table(row)
        return row

    def fence(self, row: int, line: str, text: str) -> int:
        """Take code between fences; without an end it goes on to the end of the text."""
        info = text.lstrip(text[0])
        sign = text[: len(text) - len(info)]
        indent = len(line) - len(line.lstrip())
        end = row + 1
        while end < self.last:
            text = self.lines[end].strip()
            if text.startswith(sign) and not text.strip(sign[0]):
                break
            end += 1
        if end == self.last and indent:
            raise UnusualMarkdownError
        self.flush(row, row)
        indents = [
            min(indent, len(inside) - len(inside.lstrip(" ")))
            for inside in self.lines[row + 1 : end]
        ]
        self.blocks += code_block(info, row + 1, end, tuple(indents))
        return min(end + 1, self.last)

    def display(self, row: int, line: str, sign: str) -> int:
        """Take a formula that has rows of its own; the last block of a text may lack its end."""
        closing = closing_sign(sign)
        if closing in self.never:
            return row
        place = line.index(sign) + len(sign)
        nearest = self.closing_rows.get(closing, -1)
        if self.lines[row].find(closing, place) < 0:
            row_from, place = max(row + 1, nearest), 0
        else:
            row_from = row
        for end in range(row_from, self.last):
            found = self.lines[end].find(closing, place)
            if found >= 0:
                self.closing_rows[closing] = end
                if len(self.lines[end][found + len(closing) :].strip()) > LONG_NUMBER:
                    return row  # prose goes on there
                self.flush(row, row)
                self.blocks.append(TextBlock("formula", row, end + 1))
                return end + 1
            place = 0
        self.never.add(closing)
        last = self.last
        while last and not self.lines[last - 1].strip():
            last -= 1
        if any(not line.strip() for line in self.lines[row:last]):
            return row
        self.flush(row, row)
        self.blocks.append(TextBlock("formula", row, last))
        return last

    def table(self, row: int) -> int:
        """Take the rows of a table."""
        self.flush(row, row)
        start = row
        while row < self.last and "|" in self.lines[row]:
            row += 1
        self.blocks.append(TextBlock("table", start, row))
        return row


def prose_blocks(lines: Sequence[str], first: int, last: int) -> Iterator[TextBlock]:
    """Yield the paragraphs, the items of lists and the headings of some rows of prose."""
    start = first
    for row in range(first, last):
        line = lines[row]
        lead = line.lstrip()[:1]
        signs = line.split(maxsplit=1)[0] if lead == "#" else ""
        if signs and len(signs) <= _DEEPEST and not signs.strip("#"):
            if start < row:
                yield TextBlock("prose", start, row)
            yield TextBlock("heading", row, row + 1, len(signs))
            start = row + 1
        elif lead in "=-" and start < row and len(line.strip()) > 2 and not line.strip(" =-"):
            # A row of signs below a line makes it a heading.
            if row - 1 > start:
                yield TextBlock("prose", start, row - 1)
            yield TextBlock("heading", row - 1, row, 1 if lead == "=" else 2)
            start = row + 1
        elif lead and lead in "-*+•>0123456789" and row > start and _ITEM.match(line):
            yield TextBlock("prose", start, row)
            start = row
    if start < last:
        yield TextBlock("prose", start, last)


def is_list_item(line: str) -> bool:
    """Say whether a line begins an item of a list."""
    return _ITEM.match(line) is not None


def _holds_block(text: str) -> bool:
    """Say whether an item of a list or a quote begins with a block of its own."""
    return "```" in text or "~~~" in text or text.count("$$") % 2 == 1 or "\\[" in text


def _is_rule(line: str) -> bool:
    """Say whether a line is the rule below the head of a table."""
    text = line.strip()
    return "-" in text and "|" in text and not text.strip("|-: ")


def closing_sign(sign: str) -> str:
    """Return what closes a formula."""
    return _CLOSING.get(sign) or sign.replace("begin", "end")


def code_block(info: str, first: int, last: int, indents: tuple[int, ...]) -> Iterator[TextBlock]:
    """Yield a block of code by its language; some languages hold no mathematics."""
    language = info.strip().split(" ")[0].strip("{}.,").lower()
    if language in _PYTHON:
        yield TextBlock("code", first, last, 0, indents)
    elif language in _FORMULAS:
        yield TextBlock("formula", first, last)
    elif language not in _NO_MATHEMATICS:
        yield TextBlock("verbatim", first, last, 0, indents)
