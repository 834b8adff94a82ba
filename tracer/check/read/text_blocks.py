"""The blocks of a Markdown text: fences, tables, formulas, indented code, headings, paragraphs.

They stand at the margin, in an item of a list or in a quote. Rows count from 0, and each is looked
at once.
"""

from __future__ import annotations

import sys
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile
from typing import Final, Literal

from tracer.frozen import Frozen
from tracer.lazy_regex import lazy_regex

ENVIRONMENTS: Final = (
    "align|aligned|gather|gathered|equation|eqnarray|IEEEeqnarray|multline|split|flalign|alignat"
    "|displaymath|math"
)
OPENING_DISPLAY: Final = lazy_regex(r"\$\$|\\\[|\\begin\{(?:" + ENVIRONMENTS + r")\*?\}")
_MARGIN: Final = " \t>\r\n"  # what stands before the text of a row
_DEEPEST: Final = 6  # level of a heading
_LONG_NUMBER: Final = 10  # characters of a formula's number after its closing sign
_CLOSING: Final = {
    "$$": "$$", "$`": "`$", "\\(": "\\)", "\\[": "\\]", "[ ": " ]", "( ": " )", "[": "\n]",
    "stem:[": "]", "latexmath:[": "]", ":math:`": "`",
}  # fmt: skip
_ITEM: Final = lazy_regex(r"\s*(?:>\s*)*(?:[-*+•]\s|[0-9]{1,9}[.)、]\s)")
LEAST_ROWS: Final = 3  # of a table without a rule
_CODE_INDENT: Final = 4  # blanks before code without a fence
_LONG_MARGIN: Final = 80  # characters; no text begins further to the right
_NO_MATHEMATICS: Final = frozenset(
    (
        "console", "powershell", "c", "cpp", "c++", "java", "js",
        "javascript", "ts", "typescript", "html", "css", "json", "yaml", "yml", "toml", "xml",
        "mermaid", "dot", "graphviz", "r", "julia", "go", "rust", "sql", "diff", "makefile",
        "dockerfile", "cuda", "matlab", "octave", "ini", "csharp", "swift", "kotlin", "scala",
        "php", "ruby", "perl", "lua", "haskell", "zig", "dart", "fortran",
    )
)  # fmt: skip
_OF_CELLS: Final = ("csv", "tsv")
_COMMANDS: Final = frozenset(("bash", "sh", "shell", "zsh"))


class TextBlock(Frozen):
    """Rows of one kind, half open. `level` is that of a heading.

    `indents` say how many characters of each row do not belong to code, or of the first row to a
    formula: the mark of an item; `cell_sign` stands between the cells of a table.
    """

    kind: Literal[
        "prose", "heading", "table", "formula", "code", "verbatim", "other code", "commands"
    ]
    first: int
    last: int
    level: int = 0
    indents: tuple[int, ...] = ()
    cell_sign: str = "|"


class MarkdownBlocks:
    """Goes along the rows; `start` is where the paragraph began."""

    def __init__(self, lines: Sequence[str], last: int, margins: Iterable[int] = (0,)) -> None:
        self.lines = lines
        self.last = last
        self.first = self.start = 0
        self.margins = [*margins]  # where the text begins of each item that the rows stand in
        self.blocks: list[TextBlock] = []
        self.closing_rows: dict[str, list[int]] = {}  # in which rows each closing sign stands

    def read(self, row: int) -> list[TextBlock]:
        """Return the blocks from a row on."""
        self.first = self.start = row
        while row < self.last:
            text = self.lines[row].lstrip(_MARGIN)
            is_blank = not text.strip()
            after = row if is_blank else self.take(row, self.lines[row], text)
            if is_blank:
                self.flush(row, row + 1)
            elif after > row:
                self.start = after
            row = max(after, row + 1)
        self.flush(self.last, self.last)
        return self.blocks

    def flush(self, row: int, start: int) -> None:
        """End the paragraph before a row."""
        if self.start < row:
            self.blocks += prose_blocks(self.lines, self.start, row)
        self.start = start

    def take(self, row: int, line: str, text: str) -> int:
        """Take a block that is no paragraph; return the row after it, or its own if it is one."""
        indent = _indent_of(line)
        item = _ITEM.match(line) if text[0] in "-*+0123456789" else None
        is_new = self.start == row or item is not None
        while is_new and indent < self.margins[-1] and len(self.margins) > 1:
            self.margins.pop()
        if self.start == row and indent >= self.margins[-1] + _CODE_INDENT:
            return self.indented(row)
        lead = len(line) - len(text)
        if item is not None:
            self.margins.append(item.end())
            lead, text = item.end(), line[item.end() :].rstrip()
        if text.startswith(("```", "~~~")) and "`" not in text.lstrip("`"):
            return self.fence(row, lead, text)
        if text.startswith(("$", "\\")) and (opening := OPENING_DISPLAY.match(text)):
            return self.display(row, line, opening[0])
        if text.rstrip() == "[":
            return self.display(row, line, "[")  # that has lost its backslash in copying
        sign = cell_sign(self.lines[row : self.last])
        return self.table(row, sign) if sign else row

    def indented(self, row: int) -> int:
        """Take code without a fence: what stands four blanks within the text around it."""
        width = self.margins[-1] + _CODE_INDENT
        full_lines = (at for at in range(row, self.last) if self.lines[at].strip())
        inside = takewhile(lambda at: _indent_of(self.lines[at]) >= width, full_lines)
        end = max(inside, default=row - 1) + 1
        indents = tuple(
            1 if line[:1] == "\t" else min(width, len(line) - len(line.lstrip()))
            for line in self.lines[row:end]
        )
        self.blocks += code_block("", row, end, indents)
        return end

    def fence(self, row: int, lead: int, text: str) -> int:
        """Take code between fences; without an end it goes on to the end of the text."""
        info = text.lstrip(text[0])
        sign = text[: len(text) - len(info)]
        below = ((at, self.lines[at].strip(_MARGIN)) for at in range(row + 1, self.last))
        closing = (at for at, each in below if each.startswith(sign) and not each.strip(sign[0]))
        end = next(closing, self.last)
        self.flush(row, row)
        if info.strip().lower() in _OF_CELLS and (sign := cell_sign(self.lines[row + 1 : end])):
            self.blocks.append(TextBlock("table", row + 1, end, cell_sign=sign))
            return min(end + 1, self.last)
        indents = [
            min(lead, len(inside) - len(inside.lstrip(_MARGIN)))
            for inside in self.lines[row + 1 : end]
        ]
        self.blocks += code_block(info, row + 1, end, tuple(indents))
        return min(end + 1, self.last)

    def display(self, row: int, line: str, sign: str) -> int:
        """Take a formula that has rows of its own."""
        closing = closing_sign(sign)
        if closing not in self.closing_rows:
            below = range(self.first, self.last)
            rows = [at for at in below if closing in f"\n{self.lines[at].lstrip(_MARGIN)}"]
            self.closing_rows[closing] = [*rows, self.last]
        text = line[line.index(sign) + len(sign) :]
        rows, end = self.closing_rows[closing], row
        if closing not in text:
            end = rows[bisect_right(rows, row)]
            text = f"\n{self.lines[end].lstrip(_MARGIN)}" if end < self.last else ""
        is_lost = sign == "["
        inside = [each for each in map(str.strip, self.lines[row + 1 : end]) if each]
        # Without a backslash it is one equation, or the rows that it goes on in.
        is_list = is_lost and not any("\\" in each for each in inside)
        is_list &= "=" not in "".join(inside) or any(each[0] != "=" for each in inside[1:])
        if is_list or end == self.last or len(text.partition(closing)[2].strip()) > _LONG_NUMBER:
            return row  # it has no end, or prose goes on there
        self.flush(row, row)
        indents = () if is_lost else (line.index(sign),)
        self.blocks.append(TextBlock("formula", row + is_lost, end + 1 - is_lost, indents=indents))
        return end + 1

    def table(self, row: int, sign: str) -> int:
        """Take the rows of a table, with a sign between their cells."""
        self.flush(row, row)
        end = next((at for at in range(row, self.last) if sign not in self.lines[at]), self.last)
        self.blocks.append(TextBlock("table", row, end, cell_sign=sign))
        return end


def goes_on_as_sum(lines: Iterable[str]) -> Iterator[bool]:
    """Tell of each row of a paragraph whether its plus goes on with a formula, and is no bullet.

    It stands further right than the row of the last relation, or below that sign.
    """
    from_left, is_sign = sys.maxsize, False
    for line in lines:
        bare = line.lstrip(" \t")
        indent = len(line) - len(bare)
        yield bare[:1] == "+" and indent >= from_left + (not is_sign)
        if "=" in bare or "≈" in bare:
            from_left, is_sign = indent, bare[0] in "=≈"


def prose_blocks(lines: Sequence[str], first: int, last: int) -> Iterator[TextBlock]:
    """Yield the paragraphs, the items of lists and the headings of some rows of prose."""
    start = first
    sums = goes_on_as_sum(lines[first:last])
    for row, goes_on in zip(range(first, last), sums, strict=True):
        line = lines[row]
        text = line.lstrip(_MARGIN)
        lead = text[:1]
        signs = text.split(maxsplit=1)[0] if lead == "#" else ""
        begin, level = row, 0
        if signs and len(signs) <= _DEEPEST and not signs.strip("#"):
            level = len(signs)
        elif lead in "=-" and start < row and len(line.strip()) > 2 and not line.strip(" =-"):
            begin, level = row - 1, 1 if lead == "=" else 2  # signs below a line make it a heading
        elif goes_on or not (lead and lead in "-*+•0123456789" and _ITEM.match(line)):
            continue
        if start < begin:
            yield TextBlock("prose", start, begin)
        if level:
            yield TextBlock("heading", begin, begin + 1, level)
        start = row + (level > 0)
    if start < last:
        yield TextBlock("prose", start, last)


def _indent_of(line: str) -> int:
    """Return how many blanks a line begins with, a tab being four, in the quotes around it."""
    line = line[:_LONG_MARGIN]
    while line.lstrip().startswith(">"):
        line = line.lstrip()[1:].removeprefix(" ")
    line = line.expandtabs(_CODE_INDENT)
    return len(line) - len(line.lstrip())


def cell_sign(lines: Sequence[str]) -> str:
    """Return the sign between the cells of a table that begins with these lines; "" for none.

    Where it has no rule and no bars around its rows, words without a figure head its columns.
    """
    head, *below = lines[:LEAST_ROWS]
    if "|" in head and below:
        is_table = _is_rule(below[0]) or (_is_between_bars(head) and _is_between_bars(below[0]))
        return "|" if is_table else ""
    has_figures = any(each in "=.:" or each.isdigit() for each in head)
    is_headed = len(below) == LEAST_ROWS - 1 and not has_figures
    counts = ((sign, head.count(sign)) for sign in ("\t;," if is_headed else ""))
    return next(
        (
            sign
            for sign, count in counts
            if count > 1 and not (sign == "," and ", " in head)
            if all(line.count(sign) == count for line in below)
        ),
        "",
    )


def _is_rule(line: str) -> bool:
    """Say whether a line is the rule below the head of a table."""
    text = line.strip(_MARGIN)
    return "-" in text and "|" in text and not text.strip("|-:+ ")


def _is_between_bars(line: str) -> bool:
    """Say whether a line is a row of cells; `|x| = |y|` has magnitudes."""
    text = line.strip()
    return text.startswith("| ") and text.endswith("|") and text.count("|") > 2


def closing_sign(sign: str) -> str:
    """Return what closes a formula."""
    return _CLOSING.get(sign) or sign.replace("begin", "end")


def code_block(info: str, first: int, last: int, indents: tuple[int, ...]) -> Iterator[TextBlock]:
    """Yield a block of code by its language; some hold no mathematics but in their comments."""
    language = info.strip().split(" ")[0].strip("{}.,").lower()
    if language in ("python", "py", "python3", "ipython", "ipython3", "pycon"):
        yield TextBlock("code", first, last, 0, indents)
    elif language in ("math", "latex", "tex", "katex"):
        yield TextBlock("formula", first, last)
    elif language in _NO_MATHEMATICS:
        yield TextBlock("other code", first, last, 0, indents)
    elif language in _COMMANDS:
        yield TextBlock("commands", first, last, 0, indents)
    else:
        yield TextBlock("verbatim", first, last, 0, indents)
