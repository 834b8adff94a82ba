"""Web pages read as Markdown, sign by sign: whatever stands in a page keeps its line and column.

Of a formula in MathML its plain text is read or the LaTeX that it was made from, and so is LaTeX
that a script of the page would set.
"""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser
from itertools import accumulate
from typing import Final

from tracer.lazy_regex import lazy_regex

BLANK: Final = "\u00a0"
"""What stands for a tag at the begin of a line: a blank that indents nothing."""
_HIDDEN: Final = frozenset(
    ("head", "script", "style", "svg", "template", "noscript", "math", "nav", "button")
)
"""Elements whose text is none of the page's, or is read from what describes them."""
_LEFT: Final = frozenset(("sub", "sup", "code"))
"""Elements that Markdown has too."""
_PLAIN_FORMULA: Final = lazy_regex(r"\balttext=([\"'])(.*?)\1", re.DOTALL)
_REFERENCE: Final = lazy_regex(r"&(?:#\d+|#[xX][0-9a-fA-F]+|\w+);")
_SIGN: Final = lazy_regex(r"[^\n]")
_HEADS: Final = ("h1", "h2", "h3", "h4", "h5", "h6")
_TEX: Final = "x-tex"


def as_markdown(page: str) -> str:
    """Return a page as Markdown that has each sign where the page has it."""
    reader = _PageReader(page)
    reader.feed(page)
    reader.close()
    lines = "".join(reader.signs).split("\n")
    for line, cells in reader.rows.items():
        if line < len(lines) and not lines[line].strip():
            lines[line] = "|-" * cells + "|"
    return "\n".join(each.lstrip().rjust(len(each), BLANK) for each in map(str.rstrip, lines))


class _PageReader(HTMLParser):
    """Writes over the blanks of a page what is to be read of it."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=False)
        self.page: Final = page
        self.signs: Final = [*_SIGN.sub(" ", page)]
        self.rows: Final[dict[int, int]] = {}  # the blank line below heads of columns, and cells
        self._starts = [0, *accumulate(len(line) + 1 for line in page.split("\n"))]
        self._hidden = ""
        self._depth = 0
        self._is_tex = False
        self._formula = range(0)  # where the plain text of one stands
        self._heads = self._cells = 0

    @property
    def _place(self) -> int:
        line, column = self.getpos()
        return self._starts[line - 1] + column

    def _write(self, place: int, text: str) -> None:
        self.signs[place : place + len(text)] = [*text]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        text = self.get_starttag_text() or ""
        if self._hidden:
            self._depth += tag == self._hidden
            self._is_tex = tag == "annotation" and any(_TEX in (value or "") for _, value in attrs)
            if self._is_tex:
                self._write(self._formula.start, " " * len(self._formula))
                self._write(self._place + len(text) - 1, "$")
        elif tag in _HIDDEN:
            self._hidden, self._depth, self._formula = tag, 1, range(0)
            formula = _PLAIN_FORMULA.search(text) if tag == "math" else None
            if formula is not None:
                first, plain = self._place + formula.start(2) - 1, _marked(_plain(formula[2]))
                self._formula = range(first, first + len(plain))
                self._write(first, plain)
        elif tag in _LEFT:
            self._write(self._place, "`" if tag == "code" else text)
        elif tag in ("td", "th"):
            self._write(self._place, "|" if self._cells else " ")
            self._cells += 1
            self._heads += tag == "th"
        elif tag in _HEADS:
            self._write(self._place, "#" * int(tag[1]))
        elif tag == "li":
            self._write(self._place, "-")
        elif tag == "tr":
            start = self._starts[self.getpos()[0] - 1]
            is_first = not "".join(self.signs[start : self._place]).strip()
            self._write(start if is_first else self._place, "|")
            self._heads = self._cells = 0

    def handle_endtag(self, tag: str) -> None:
        if self._hidden:
            if self._is_tex and tag == "annotation":
                self._write(self._place, "$")
                self._is_tex = False
            self._depth -= tag == self._hidden
            self._hidden = self._hidden if self._depth else ""
        elif tag in _LEFT:
            self._write(self._place, "`" if tag == "code" else f"</{tag}>")
        elif tag == "tr":
            self._write(self._place, "|")
            if self._heads == self._cells:
                self.rows[self.getpos()[0]] = self._cells

    def handle_data(self, data: str) -> None:
        if not self._hidden or self._is_tex:
            self._write(self._place, data)

    def handle_entityref(self, name: str) -> None:
        self._reference(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self._reference(f"&#{name};")

    def _reference(self, text: str) -> None:
        if not self._hidden or self._is_tex:
            self._write(self._place, _plain(text))


def _marked(formula: str) -> str:
    """Return a formula in the marks of Markdown: those of LaTeX, else of what is read as it is."""
    mark = "$" if "\\" in formula else "`"
    return f"{mark}{formula}{mark}"


def _plain(text: str) -> str:
    """Return a text with its references as the signs that they stand for, as long as before."""
    return _REFERENCE.sub(lambda found: unescape(found[0]).ljust(len(found[0])), text)
