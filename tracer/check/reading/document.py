"""From a text to what is written in it: chains, stated values, markers, code, and what is unread.

Nothing is judged and nothing is executed. Each kind of file has its blocks; all share the reading
of a paragraph, of lines and of formulas.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from tracer.bounded_read import read_text
from tracer.check.read.lazy_regex import lazy_regex
from tracer.check.read.python_lines import code_runs, comments_in, is_collapsed, looks_like_python
from tracer.check.reading.chains import Found, line_chains
from tracer.check.reading.formulas import formula_chains
from tracer.check.reading.markup import (
    BREAK,
    formulas_in,
    macro_formula,
    plain_markdown,
    plain_tex,
    plain_text,
    runs_of_formulas,
)
from tracer.check.reading.members import unread
from tracer.check.reading.prose import markers, scenario_named, stated_values
from tracer.check.reading.spoken import HAS_WORDS, OTHER_NUMBERS, with_signs
from tracer.check.reading.strips import Strip, joined
from tracer.check.reading.units import HAS_UNIT, without_units
from tracer.check.written import Chain, CodeBlock, Document, Item, Kind, Marker, Unread
from tracer.errors import LimitError, TracerError, printable
from tracer.expression import Notation
from tracer.sentences import say

__all__ = ["MAX_BYTES", "MAX_LINES", "is_read", "kind_of", "read_document", "read_file"]

_SENTENCE_END: Final = lazy_regex(r"[;；。!！]|\.(?![0-9])")
_GOES_ON: Final = lazy_regex(r"[^.,;，；。]{1,24}")  # `1 (mod 12)`, `10 in base 2`
MAX_BYTES: Final = 1_000_000
MAX_LINES: Final = 20_000
MAX_LINE: Final = 4_000
MAX_JOINED: Final = 70  # lines that one chain may run over: a matrix has at most 64 rows

_KINDS: Final[dict[str, Kind]] = {
    ".md": "md", ".markdown": "md", ".mdown": "md", ".qmd": "md", ".rmd": "md",
    ".txt": "txt", ".text": "txt", "": "txt",
    ".tex": "tex", ".latex": "tex",
    ".ipynb": "ipynb",
    ".py": "py",
}  # fmt: skip
_REFUSED: Final = {
    ".docx": say("save it as plain text, or as Markdown with `pandoc notes.docx -o notes.md`"),
    ".doc": say("save it as plain text"),
    ".odt": say("save it as plain text, or as Markdown with `pandoc notes.odt -o notes.md`"),
    ".rtf": say("save it as plain text"),
    ".pdf": say("check the file that the PDF was made from, or copy its text into a .txt file"),
    ".html": say("save the page as plain text"),
    ".htm": say("save the page as plain text"),
    ".rst": say("save it as plain text (.txt) or Markdown"),
    ".png": say("type the lines into a .txt file"),
    ".jpg": say("type the lines into a .txt file"),
    ".jpeg": say("type the lines into a .txt file"),
}
_LINE_END: Final = lazy_regex(r"\r\n|\r|\n")
_RELATION: Final = lazy_regex(r"[=≈≃≐≅←⟵≔＝]|<- ")
_BEGINS_WITH_RELATION: Final = lazy_regex(r"\s*(?:&\s*)?(?:=(?![=>])|:=|[≈≃≐≅←⟵≔＝])")
_ENDS_OPEN: Final = lazy_regex(r"(?:(?<![=<>!])=|[≈＝])$")
_BEGINS_WITH_FIGURE: Final = lazy_regex(
    r"\s*[-−+]?\s*(?:[0-9]+(?:\.[0-9]+)?(?![0-9.]*[.、)）]\s)|[(\[√])"
)
_ENDS_WITH_OPERATOR: Final = lazy_regex(r"[0-9)\]]\s*(?:[+×·⋅/*]|(?<=\s)[-−–])\s*$")
_ENDS_WITH_FIGURE: Final = lazy_regex(r"[0-9)\]]\s*$")
_OPERATOR_FIRST: Final = lazy_regex(r"(?P<space>\s*)(?P<sign>[+−×·⋅])\s*[-−]?[0-9.(\[√]")
# A sentence that says what would be, up to its equation.
_SUPPOSED: Final = lazy_regex(
    r"(?:\b(?:would|instead|suppose|imagine|what if|otherwise|alternatively|conventions?"
    r"|if (?:we|you|one) (?:had|used?|took|take|chose|choose))\b"
    r"|若|如果|假如|假设|倘若|要是|换成|改为)(?:[^.。]|\.(?=\d))*$|\b(?:for|when|if)\s*$",
    re.IGNORECASE,
)
_LABEL: Final = lazy_regex(
    r"\s*(?:[>*+•·▪◦‣\-]+\s+|#{1,6}\s+|\(?[0-9]{1,3}(?:[.、]|\)(?!\())(?![0-9])\s*|（[0-9]{1,3}）\s*"
    r"|\([0-9a-z]{1,3}\)\s+(?=[^\W\d])|\((?:[a-h]|i{1,3}|iv|v)\)\s+(?=[0-9])|[①-⓿]\s*"
    # The number of a section, not a factor as in `0.5 x = 2` or `1.5 sqrt(4) = 3`.
    r"|[1-9][0-9]?(?:\.[0-9]{1,2}){1,3}\s+(?!(?:ln|log|exp|sin|cos|tan|tanh|sqrt)\b)"
    r"(?=[^\W\d]\w*\s*=|[^\W\d_]{2,}(?![\w(])))"
)
_COMMENT: Final = lazy_regex(r"(?:^|\s)#(?![0-9]).*$|\s//\s.*$")
_TRAILING: Final = " \t.,;。，；、"
_FIGURES: Final = lazy_regex(
    r"[0-9]\s*(?:[-+*/×·−∗]|\\(?:times|cdot))\s*[(−-]?\s*[0-9]"
    r"|\\(?:log|ln|lg|exp|sqrt)(?![A-Za-z])[^=]{0,40}[0-9][)}\s]*=\s*[-−]?[0-9]"
)
_DISPLAY_SIGNS: Final = lazy_regex(
    r"^[ \t>]*(?:\$\$|\\\[)?|(?:\$\$|\\\])[ \t]*(?:\([^()]*\))?[ \t]*$"
)
_CHINESE: Final = lazy_regex(r"[\u4e00-\u9fff]")
_STYLED: Final = lazy_regex(
    r"[0-9](?:\s|~|\\[,;:! ])*(?:\\(?:text|mathrm|rm|mbox|oper)|[\u4e00-\u9fff])"
)
_TEX_VERBATIM: Final = lazy_regex(
    r"\\begin\{(verbatim|lstlisting|minted|tikzpicture|pgfpicture|comment|thebibliography)\}"
)
_TEX_FORMULA: Final = lazy_regex(
    r"\\(?:[dt]?frac|cdot|times|approx|sqrt|hat|partial|sigma|exp|ln|log|tanh)(?![A-Za-z])"
)
_TEX_PROSE: Final = lazy_regex(r"(?<![\\A-Za-z{_])[A-Za-z]{3,}|[\u4e00-\u9fff]")
_TEX_WORDS: Final = lazy_regex(r"\\[A-Za-z]{2,}")


def _is_bare_formula(text: str) -> bool:
    """Say whether a line is a formula in LaTeX without dollar signs, and no prose."""
    return bool(_RELATION.search(text) or r"\approx" in text) and bool(
        _TEX_FORMULA.search(text) and not _TEX_PROSE.search(text)
    )


def is_read(path: Path) -> bool:
    """Say whether a file in a folder is one to read, by the ending of its name."""
    return path.suffix != "" and path.suffix.lower() in _KINDS


def kind_of(path: str) -> Kind:
    """Return how a file is read, by its name.

    Raises: TracerError, which says what to do instead, for files that are no text.
    """
    suffix = Path(path).suffix.lower()
    kind = _KINDS.get(suffix)
    if kind is None or (suffix == "" and path == "-"):
        if path == "-":
            return "md"
        raise TracerError(
            say("tracer does not read {suffix} files", suffix=suffix),
            where=printable(path),
            expected=_REFUSED.get(suffix, say(".md, .txt, .tex, .ipynb or .py")),
        )
    return kind


def read_file(path: str) -> Document:
    """Return what a file holds.

    Raises: TracerError for a file that cannot be read or is no UTF-8; LimitError over 1 MB or
    20,000 lines.
    """
    kind = kind_of(path)
    return read_document(read_text(path, most=MAX_BYTES), kind, path)


def read_document(
    text: str,
    kind: Kind,
    path: str = "<text>",
    *,
    notation: Notation | None = None,
    watch: Callable[[], object] | None = None,
) -> Document:
    """Return what a text of a kind holds, in the order in which it stands.

    `watch` is called now and then: who no longer wants the text read raises in it.

    Raises: LimitError over 1 MB or 20,000 lines; TracerError for a notebook that is none, or a
    comment that names a file as scenario.
    """
    if len(text) > MAX_BYTES or len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise LimitError(
            say("the file is too large"), where=printable(path), expected=say("at most 1 MB")
        )
    if kind == "ipynb":
        from tracer.check.reading.notebook_cells import read_notebook  # few documents are notebooks

        return read_notebook(text, path, notation)
    lines = _LINE_END.split(text.removeprefix("\ufeff"))
    check_lines(lines, path)
    reader = Reader(lines, notation, watch)
    front = reader.front_matter() if kind == "md" else 0
    scenario = scenario_named(text, "\n".join(lines[:front]), path)
    reader.read(kind, front, len(lines))
    return reader.document(path, kind, scenario)


def check_lines(lines: Sequence[str], path: str) -> None:
    """Raise LimitError where there are more than 20,000 lines."""
    if len(lines) > MAX_LINES:
        raise LimitError(
            say("the file has too many lines"),
            where=printable(path),
            found=str(len(lines)),
            expected=say("at most {most}", most=MAX_LINES),
        )


class Reader:
    """Reads the lines of one document and collects what they hold. Rows here count from 0."""

    def __init__(
        self,
        lines: Sequence[str],
        notation: Notation | None,
        watch: Callable[[], object] | None = None,
    ) -> None:
        self.lines = lines
        self.notation = notation
        self.watch = watch
        self.items: list[Item] = []
        self.unread: list[Unread] = []
        self.units: dict[int, str] = {}  # of each dimension, as the document has it

    def document(
        self,
        path: str,
        kind: Kind,
        scenario: str | None,
        cells: Sequence[tuple[int, int]] = (),
    ) -> Document:
        """Return what was found, in order."""
        self.items.sort(key=_place)
        self.unread.sort(key=lambda each: each.span)
        return Document(path, kind, self.lines, self.items, self.unread, scenario, cells)

    def front_matter(self) -> int:
        """Return the row after the front matter, 0 where there is none."""
        if self.lines[0].rstrip() != "---":
            return 0
        for row in range(1, min(len(self.lines), 200)):
            if self.lines[row].rstrip() in ("---", "..."):
                return row + 1
        return 0

    def read(self, kind: Kind, first: int, last: int) -> None:
        """Read rows of a kind of text."""
        if kind == "md":
            self.markdown(first, last)
        elif kind == "tex":
            self.tex(first, last)
        elif kind == "py":
            self.code(first, last)
        else:
            self.text(first, last)

    # Blocks

    def text(self, first: int, last: int) -> None:
        """Read plain text, which may hold code without marks around it."""
        runs = code_runs(self.lines[first:last])
        row = first
        for start, end in [*runs, (last - first, last - first)]:
            self.plain(row, first + start)
            if start < end:
                self.code(first + start, first + end)
            row = first + end

    def plain(self, first: int, last: int) -> None:
        """Read rows of prose: blocks between blank lines, or between items of a list.

        A line that begins with an equals sign belongs to the block before it.
        """
        block: list[int] = []
        for row in range(first, last):
            line = self.lines[row]
            if not line.strip():
                following = self.lines[row + 1] if row + 1 < last else ""
                if block and _BEGINS_WITH_RELATION.match(following):
                    continue
                self.paragraph(block, markdown=False)
                block = []
            else:
                block.append(row)
        self.paragraph(block, markdown=False)

    def markdown(self, first: int, last: int) -> None:
        """Read Markdown."""
        from tracer.check.reading.blocks import blocks_of  # other kinds of text have no blocks

        for block in blocks_of(self.lines, first, last):
            rows = range(block.first, block.last)
            if block.kind == "prose":
                self.paragraph(rows, markdown=True)
            elif block.kind == "cells":
                for cell in block.cells:
                    self.prose(cell, markdown=True)
            elif block.kind == "formula":
                self.display(rows)
            elif block.kind == "code":
                self.code(block.first, block.last, block.indents)
            elif block.kind == "lines":
                self.verbatim(block.first, block.last, block.indents)

    def tex(self, first: int, last: int) -> None:
        """Read a LaTeX file: what stands in the document, without comments."""
        begin = next(
            (row for row in range(first, last) if "\\begin{document}" in self.lines[row]), first - 1
        )
        strips: list[Strip] = []
        row = begin + 1
        while row < last:
            line = self.lines[row]
            verbatim = _TEX_VERBATIM.search(line)
            if verbatim:
                end = row + 1
                while end < last and f"\\end{{{verbatim[1]}}}" not in self.lines[end]:
                    end += 1
                if verbatim[1] in ("verbatim", "lstlisting", "minted"):
                    self.verbatim(row + 1, end, [0] * (end - row - 1))
                row = end + 1
                strips.append(Strip("", (), ()))
                continue
            comment = re.search(r"(?<!\\)%", line)
            strips.append(self.strip(row, end=comment.start() if comment else None))
            row += 1
        self.passage(strips, markdown=False, tex=True)

    def verbatim(self, first: int, last: int, indents: Sequence[int]) -> None:
        """Read a block of code without a language: Python where it looks like it, else lines."""
        lines = [
            self.lines[row][indent:]
            for row, indent in zip(range(first, last), indents, strict=True)
        ]
        if looks_like_python(lines):
            self.code(first, last, indents)
            return
        strips = []
        for row, indent in zip(range(first, last), indents, strict=True):
            if len(self.lines[row]) > MAX_LINE:
                self.too_long(row)
            elif self.lines[row].strip():
                strips.append(self.strip(row, indent))
        self.read_lines(strips, verbatim=True)

    def code(self, first: int, last: int, indents: Sequence[int] = ()) -> None:
        """Keep rows as Python, and read the equations in its comments."""
        while first < last and not self.lines[first].strip():
            first, indents = first + 1, indents[1:]
        while last > first and not self.lines[last - 1].strip():
            last -= 1
        if first == last:
            return
        lines = list(self.lines[first:last])
        indent = min(
            (len(line) - len(line.lstrip(" ")) for line in lines if line.strip()), default=0
        )
        if indents:
            indent = max(indents[0], 0)
            cut = [max(each, 0) for each in indents[: len(lines)]]
        else:
            cut = [indent] * len(lines)
        lines = [line[each:] for line, each in zip(lines, cut, strict=True)]
        collapsed = is_collapsed(lines)
        self.items.append(CodeBlock("\n".join(lines), first + 1, indent, collapsed))
        if collapsed:  # a comment goes on with code
            return
        for place, column, text in comments_in(lines):
            if _RELATION.search(text) and len(text) <= MAX_LINE:
                begin = cut[place] + column
                self.read_lines([self.strip(first + place, begin)], verbatim=True)

    # Paragraphs

    def strip(self, row: int, start: int = 0, end: int | None = None) -> Strip:
        """Return a row, or a part of it, as a strip."""
        return Strip.of_line(self.lines[row][start:end], row + 1, start)

    def too_long(self, row: int) -> None:
        """Note a line that is not read for its length, where it has an equals sign."""
        if _RELATION.search(self.lines[row]):
            why = LimitError(
                say("the line is too long"),
                found=say("{count} characters", count=len(self.lines[row])),
                expected=say("at most {most}", most=MAX_LINE),
            )
            strip = self.strip(row, 0, 60)
            self.unread.append(unread(strip, "limit", why.sentence()))

    def paragraph(self, rows: Sequence[int], *, markdown: bool) -> None:
        """Read the rows of one paragraph."""
        strips = []
        for row in rows:
            if len(self.lines[row]) > MAX_LINE:
                self.too_long(row)
            else:
                strips.append(self.strip(row))
        self.passage(strips, markdown=markdown)

    def passage(self, strips: Sequence[Strip], *, markdown: bool, tex: bool = False) -> None:
        """Read strips in which formulas may stand, also over several of them."""
        if not any("$" in strip.text or "\\" in strip.text for strip in strips):
            self.prose_lines(strips, markdown=markdown)
            return
        whole = _with_line_ends(strips)
        text = whole.text
        formulas = list(formulas_in(text, code_spans=markdown))
        prose: list[str] = []
        last = 0
        for start, end, inner in runs_of_formulas(text, formulas):
            prose += [text[last:start], _broken(text[start:end])]
            last = end
            self.formula(whole.replaced(inner).cut(start, end))
        prose.append(text[last:])
        plain = whole.replaced("".join(prose))
        said = whole.replaced(text.replace("$", " ")) if formulas else plain
        lines = _lines_of(plain)
        self.said(_lines_of(said), markdown=markdown)
        if tex:
            self.tex_lines(lines)
            return
        bare = [] if formulas else [line for line in lines if _is_bare_formula(line.text)]
        for line in bare:
            self.formula(line)
        lines = [line for line in lines if line not in bare]
        self.read_lines([plain_markdown(line) if markdown else plain_text(line) for line in lines])

    def tex_lines(self, lines: Sequence[Strip]) -> None:
        """Read the lines of a LaTeX file between its formulas."""
        plain: list[Strip] = []
        for line in lines:
            formula = macro_formula(line) if "\\" in line.text else None
            if formula is None:
                plain.append(plain_tex(line))
            else:
                self.formula(formula)
        self.read_lines(plain)

    def prose_lines(self, strips: Sequence[Strip], *, markdown: bool) -> None:
        """Read lines without formulas."""
        if markdown:
            strips = [plain_markdown(line) for line in strips]
        self.said(strips, markdown=False)
        self.read_lines(strips if markdown else [plain_text(line) for line in strips])

    def prose(self, strip: Strip, *, markdown: bool) -> None:
        """Read one strip as a passage of its own."""
        self.passage([strip], markdown=markdown)

    def said(self, strips: Sequence[Strip], *, markdown: bool) -> None:
        """Collect what words say in some lines."""
        for strip in strips:
            if not strip.text.strip():
                continue
            line = plain_markdown(strip) if markdown else strip
            if not markdown and strip.text.lstrip().startswith("\\"):
                line = plain_tex(strip)  # a heading is a command here
            self.items.extend(markers(line))
            self.keep(stated_values(line, self.notation))

    def formula(self, strip: Strip) -> None:
        """Read one formula in LaTeX."""
        if _RELATION.search(strip.text) or "\\" in strip.text:
            self.take(formula_chains(self.bare_figures(strip, latex=True), self.notation))

    def display(self, rows: Sequence[int]) -> None:
        """Read a formula that has rows of its own, with its signs on the first and last."""
        strips = []
        for row in rows:
            if len(self.lines[row]) > MAX_LINE:
                self.too_long(row)
                continue
            strip = self.strip(row)
            strips.append(strip.replaced(_DISPLAY_SIGNS.sub(_blanks, strip.text)))
        if strips:
            self.formula(joined(strips))

    def keep(self, chains: Iterable[Chain]) -> None:
        """Keep chains, each with what its sentence says it is."""
        if self.watch is not None:
            self.watch()
        for chain in chains:
            chain.beside = self.lines[chain.place.line - 1]
            before = chain.beside[: chain.place.start]
            chain.supposed = _SUPPOSED.search(before) is not None
            if _has_other_numbers(chain):
                place, why = chain.place, say("ambiguous: another base or modulus may be meant")
                self.unread.append(Unread(place, "ambiguous", chain.text, why))
            else:
                self.items.append(chain)

    def take(self, found: Found) -> None:
        """Keep what a line holds."""
        self.keep(found.chains)
        self.unread.extend(found.unread)

    # Lines

    def read_lines(self, strips: Sequence[Strip], *, verbatim: bool = False) -> None:
        """Read plain lines; one that begins with an equals sign goes on with the one before."""
        for line in _logical(strips, verbatim=verbatim):
            strip = self.signs(line) if HAS_WORDS.search(line.text) else line
            if not _RELATION.search(strip.text):
                continue
            if len(strip.text) > MAX_LINE:
                note = unread(strip.cut(0, 60), "limit", say("the equation is too long"))
                self.unread.append(note)
            elif "\\" in strip.text and _TEX_WORDS.search(strip.text):
                for piece in re.finditer(f"[^{BREAK}]+", strip.text):
                    self.loose_formula(strip.cut(*piece.span()))
            else:
                found = line_chains(self.bare_figures(strip), self.notation)
                self.take(found if strip is line else _as_written(found, line))

    def signs(self, strip: Strip) -> Strip:
        """Return a line with signs for the words of a calculation: `3 plus 4 equals 7`."""
        text, unclear = with_signs(strip.text)
        for start, end, why, reason in unclear:
            self.unread.append(unread(strip.cut(start, end), reason, why))
        return strip.replaced(text)

    def bare_figures(self, strip: Strip, *, latex: bool = False) -> Strip:
        """Return a line without units; what mixes them is noted as unread."""
        if not (_STYLED if latex else HAS_UNIT).search(strip.text):
            return strip
        text, mixed = without_units(strip.text, self.units, latex=latex)
        for start, end in mixed:
            start += len(strip.text[start:end]) - len(strip.text[start:end].lstrip())
            self.unread.append(unread(strip.cut(start, end), "unreadable", say("its units differ")))
        return strip.replaced(text)

    def loose_formula(self, strip: Strip) -> None:
        """Read a line of LaTeX that no dollar signs enclose.

        A page copied from the web shows each formula several times without what tells its parts
        apart: such a line is not read.
        """
        found = formula_chains(strip, self.notation)
        doubtful = _is_repeated(strip.text) or bool(_CHINESE.search(strip.text))
        doubtful = doubtful or any(
            member.problem is not None for chain in found.chains for member in chain.members
        )
        if not doubtful:
            self.take(found)
        elif (found.chains or found.unread) and _FIGURES.search(strip.text):
            note = say("this formula has no signs around it and cannot be told from the text")
            self.unread.append(unread(strip, "unreadable", note))


def _as_written(found: Found, line: Strip) -> Found:
    """Return what a line holds with the words that were written, for the report to quote."""
    place = {where: at for at, where in enumerate(zip(line.rows, line.columns, strict=True))}
    chains = []
    for chain in found.chains:
        last = chain.members[-1]
        low = place[chain.place.line, chain.place.start]
        high = place[last.rows[-1], last.columns[-1]] + 1
        text = printable(line.text[low:high])
        chains.append(Chain(chain.members, chain.place, text, stated=chain.stated))
    return Found(chains, found.unread)


def _has_other_numbers(chain: Chain) -> bool:
    """Say whether the words beside worked figures name a base or a modulus."""
    if sum(any(map(str.isdigit, member.text)) for member in chain.members) < 2:
        return False
    if OTHER_NUMBERS.search(chain.beside) is None:
        return False
    before = _SENTENCE_END.split(chain.beside[: chain.place.start])[-1]
    last = chain.members[-1].span()
    after = _GOES_ON.match(chain.beside, last.end) if last.line == chain.place.line else None
    return OTHER_NUMBERS.search(before + (after[0] if after else "")) is not None


def _blanks(found: re.Match[str]) -> str:
    return " " * len(found[0])


def _place(item: Item) -> tuple[int, int]:
    if isinstance(item, Chain):
        return item.place.line, item.place.start
    if isinstance(item, Marker):
        return item.span.line, item.span.start - 1
    return item.line, -1


def _with_line_ends(strips: Sequence[Strip]) -> Strip:
    """Return strips as one, with a line end after each."""
    text: list[str] = []
    rows: list[int] = []
    columns: list[int] = []
    for strip in strips:
        text += [strip.text, "\n"]
        rows += strip.rows
        columns += strip.columns
        rows.append(rows[-1] if rows else 1)
        columns.append((columns[-1] + 1 if strip.text else columns[-1]) if columns else 0)
    return Strip("".join(text), rows, columns)


def _lines_of(strip: Strip) -> list[Strip]:
    """Return a strip cut at its line ends."""
    lines: list[Strip] = []
    start = 0
    for line in strip.text.split("\n"):
        lines.append(strip.cut(start, start + len(line)))
        start += len(line) + 1
    return lines


def _broken(text: str) -> str:
    """Return signs that break prose, as many as a formula has; its line ends stay."""
    return "".join("\n" if character == "\n" else BREAK for character in text)


def _logical(strips: Sequence[Strip], *, verbatim: bool) -> Iterator[Strip]:
    """Yield lines without labels and comments, joined where one goes on with the one before."""
    waiting: list[Strip] = []
    opened = 0
    for strip in strips:
        line = _bare(strip, verbatim=verbatim)
        text = line.text
        if not text.strip():
            continue
        if waiting and len(waiting) < MAX_JOINED:
            before = waiting[-1]
            if _BEGINS_WITH_RELATION.match(text):
                waiting[-1] = before.cut(0, len(before.text.rstrip(_TRAILING)))
                waiting.append(line)
                continue
            if _goes_on(before.text, strip.text):
                waiting.append(strip if _OPERATOR_FIRST.match(strip.text) else line)
                continue
            open_end = _ENDS_OPEN.search(before.text.rstrip()[-3:]) and _BEGINS_WITH_FIGURE.match(
                strip.text
            )
            if opened > 0 or open_end:
                waiting.append(line)
                opened = _open_after(opened, text)
                continue
        if waiting:
            yield joined(waiting)
        waiting = [line]
        opened = _open_after(0, text) if _RELATION.search(text) else 0
    if waiting:
        yield joined(waiting)


def _goes_on(before: str, text: str) -> bool:
    """Say whether an equation was broken beside an operator.

    `+ 0.4` may also be an item of a list, so that it has to stand further in.
    """
    if not _RELATION.search(before):
        return False
    if _ENDS_WITH_OPERATOR.search(before[-40:]):
        return _BEGINS_WITH_FIGURE.match(text) is not None
    begins = _OPERATOR_FIRST.match(text)
    if begins is None or not _ENDS_WITH_FIGURE.search(before[-40:]):
        return False
    return begins["sign"] != "+" or len(begins["space"]) > len(before) - len(before.lstrip())


def _open_after(opened: int, text: str) -> int:
    return opened + text.count("[") - text.count("]")


def _bare(strip: Strip, *, verbatim: bool) -> Strip:
    """Return a line without its label, and without its comment where it is code."""
    text = strip.text
    start = 0
    if not text[:1].isalpha():
        while True:
            label = _LABEL.match(text, start)
            if label is None or label.end() == start:
                break
            start = label.end()
    end = len(text)
    if verbatim:
        comment = _COMMENT.search(text, start)
        end = comment.start() if comment else end
    return strip if start == 0 and end == len(text) else strip.cut(start, end)


def _is_repeated(text: str) -> bool:
    """Say whether what stands left of the first equals sign stands left of another one."""
    squeezed = "".join(text.split())
    left, sign, right = squeezed.partition("=")
    return bool(sign) and (not left or f"{left[-12:]}=" in right or right.count(f"{left[-1]}=") > 0)
