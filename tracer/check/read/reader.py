"""From lines to a worked document: blocks, their tokens, the chains in them, what is unread.

Nothing is judged and nothing is executed. Each kind of file has its blocks; all share the reading
of one block.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from tracer.check.model.mapped_text import MappedText, TextPlace
from tracer.check.model.statements import (
    CodeListing,
    DocumentKind,
    EquationChain,
    Side,
    StageMarker,
    Statement,
    UnreadPiece,
    WorkedDocument,
)
from tracer.check.read.chain_finder import FoundChain, find_chains
from tracer.check.read.claims import find_claims
from tracer.check.read.doubts import ChainContext, doubts_of
from tracer.check.read.inline_spans import without_escapes
from tracer.check.read.lazy_regex import lazy_regex
from tracer.check.read.markdown_blocks import split_markdown
from tracer.check.read.python_lines import code_runs, comments_in, is_collapsed, looks_like_python
from tracer.check.read.side_parser import SideParser, unread_piece
from tracer.check.read.stage_markers import (
    completed_iterations,
    find_stage,
    may_hold_stage,
)
from tracer.check.read.text_blocks import TextBlock, prose_blocks
from tracer.check.read.tokens import DocumentTokens, tokenize_block
from tracer.errors import LimitError, printable
from tracer.expression import Call, Name, Node, Notation, Number, walk
from tracer.sentences import say

__all__ = ["MAX_BYTES", "MAX_LINES", "DocumentReader", "check_size"]

MAX_BYTES: Final = 1_000_000
MAX_LINES: Final = 20_000
MAX_LINE: Final = 4_000

_RELATION: Final = lazy_regex(
    r"[=≈≃≐≅←⟵≔＝→]|->|<- |\\(?:approx|simeq|gets|leftarrow|coloneqq|cong|doteq|lt|gt)(?![a-z])"
    r"|[0-9)²³] ?(?:equals|is|gives|yields|makes|等于|得到|得出|得|是|为)"
)
_CLAIM: Final = lazy_regex(
    r"\b(?:is|are|equals|becomes|of|to|at|be|as|by)\s+(?:about |approximately |now |roughly "
    r"|equal to )?"
    r"[-+−$]{0,2}[0-9]|[为是取等成了约到于]\s*[-+−$]{0,2}\s*[0-9]"
)
_GOES_ON: Final = lazy_regex(r"[\s>\u200b]*(?:\$\s*)?(?:&\s*)?(?:=(?![=>])|:=|[≈≃≐≅≔＝])")
_TEX_VERBATIM: Final = lazy_regex(
    r"\\begin\{(verbatim|lstlisting|minted|tikzpicture|pgfpicture|comment|thebibliography|axis)\}"
)
_TEX_HEADING: Final = lazy_regex(r"\s*\\(chapter|section|subsection|subsubsection|paragraph)\*?\{")
_TEX_LEVELS: Final = ("chapter", "section", "subsection", "subsubsection", "paragraph")
_BARE_FORMULA: Final = lazy_regex(
    r"\\(?:[dt]?frac|cdot|times|approx|sqrt|hat|partial|sigma|exp|ln|log|tanh|begin"
    r"|left)(?![A-Za-z])"
)
_SAID_IN_FORMULA: Final = lazy_regex(
    r"\\(?:text|mathrm|textbf|mathbf|operatorname|tag) ?\{[^{}]*\}"
)
_WORDS_OF_PROSE: Final = lazy_regex(r"(?<![\\A-Za-z{_])[A-Za-z]{3,}|[\u4e00-\u9fff]|\\n")
_DECIMAL_COMMA: Final = lazy_regex(r"(?<![\w.,(\[])[0-9]+,(?:[0-9]{1,2}|[0-9]{4,})(?![\w,.])")
_NAME_E: Final = lazy_regex(r"(?<![\w\\^.])e\s*=(?!=)")
_DECIMAL_POINT: Final = lazy_regex(r"[0-9]\.[0-9]")


def check_size(lines: Sequence[str], path: str) -> None:
    """Raise LimitError where there are more than 20,000 lines."""
    if len(lines) > MAX_LINES:
        raise LimitError(
            say("the file has too many lines"),
            where=printable(path),
            found=str(len(lines)),
            expected=say("at most {most}", most=MAX_LINES),
        )


class DocumentReader:
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
        self.statements: list[Statement] = []
        self.unread: list[UnreadPiece] = []
        self.formulas = 0
        self.headings: list[tuple[int, int]] = []  # level and line of those that hold here
        self.lead = ""  # the sentence that introduces what comes next
        whole = "\n".join(lines)
        self.commas = bool(_DECIMAL_COMMA.search(whole)) and not _DECIMAL_POINT.search(whole)
        self.euler = "e =" not in whole or _NAME_E.search(whole) is None

    def document(
        self,
        path: str,
        kind: DocumentKind,
        scenario: str | None,
        cells: Sequence[tuple[int, int]] = (),
    ) -> WorkedDocument:
        """Return what was found, in order."""
        self.statements.sort(key=_order)
        self.unread.sort(key=lambda piece: piece.place)
        return WorkedDocument(
            path, kind, self.lines, tuple(self.statements), tuple(self.unread), scenario,
            cells, self.formulas,
        )  # fmt: skip

    def front_matter(self) -> int:
        """Return the row after the front matter, 0 where there is none."""
        if self.lines[0].rstrip() != "---":
            return 0
        for row in range(1, min(len(self.lines), 200)):
            if self.lines[row].rstrip() in ("---", "..."):
                return row + 1
        return 0

    def read(self, kind: DocumentKind, first: int, last: int) -> None:
        """Read rows of a kind of text."""
        if kind == "md":
            self.read_blocks(split_markdown(self.lines, first, last), markdown=True)
        elif kind == "tex":
            self.read_tex(first, last)
        elif kind == "py":
            self.read_code(first, last)
        else:
            self.read_text(first, last)

    # Kinds of text

    def read_text(self, first: int, last: int) -> None:
        """Read plain text, which may hold code without marks around it."""
        row = first
        for start, end in [*code_runs(self.lines[first:last]), (last - first, last - first)]:
            self.read_blocks([*self.paragraphs(row, first + start)], markdown=False)
            if start < end:
                self.read_code(first + start, first + end)
            row = first + end

    def paragraphs(self, first: int, last: int) -> Iterator[TextBlock]:
        """Yield the blocks of plain text: what stands between blank lines."""
        start = first
        for row in range(first, last + 1):
            if row == last or not self.lines[row].strip():
                if start < row:
                    yield from prose_blocks(self.lines, start, row)
                start = row + 1

    def read_tex(self, first: int, last: int) -> None:
        """Read a LaTeX file: what stands in the document, without comments."""
        begin = (row for row in range(first, last) if "\\begin{document}" in self.lines[row])
        row = next(begin, first - 1) + 1
        texts: list[MappedText] = []
        while row < last:
            line = self.lines[row]
            verbatim = _TEX_VERBATIM.search(line)
            if verbatim:
                end = row + 1
                while end < last and f"\\end{{{verbatim[1]}}}" not in self.lines[end]:
                    end += 1
                self.read_paragraph(texts, tex=True)
                texts = []
                if verbatim[1] in ("verbatim", "lstlisting", "minted"):
                    self.read_verbatim(row + 1, end, (0,) * (end - row - 1))
                row = end + 1
                continue
            comment = line.find("%")
            while comment > 0 and line[comment - 1] == "\\":
                comment = line.find("%", comment + 1)
            heading = _TEX_HEADING.match(line)
            if heading is not None or not line.strip():
                self.read_paragraph(texts, tex=True)
                texts = []
            if heading is not None:
                self.begin_section(row, _TEX_LEVELS.index(heading[1]))
            elif line.strip():
                texts += self.row_text(row, 0, comment if comment >= 0 else None)
            row += 1
        self.read_paragraph(texts, tex=True)

    def read_blocks(self, blocks: Sequence[TextBlock], *, markdown: bool) -> None:
        """Read blocks; one that begins with a relation goes on with the one before."""
        place = 0
        while place < len(blocks):
            block = blocks[place]
            last = block.last
            while (
                block.kind == "prose"
                and place + 1 < len(blocks)
                and blocks[place + 1].kind == "prose"
                and blocks[place + 1].first - last <= 2
                and _GOES_ON.match(self.lines[blocks[place + 1].first])
            ):
                place += 1
                last = blocks[place].last
            place += 1
            if block.kind == "prose":
                self.read_rows(block.first, last, markdown)
            elif block.kind == "heading":
                self.begin_section(block.first, block.level)
                self.read_rows(block.first, block.last, markdown)
            elif block.kind == "table":
                self.read_table(block)
            elif block.kind == "formula":
                self.read_display(block)
            elif block.kind == "code":
                self.read_code(block.first, block.last, block.indents)
            else:
                self.read_verbatim(block.first, block.last, block.indents)

    def begin_section(self, row: int, level: int) -> None:
        """Note a heading."""
        self.headings = [heading for heading in self.headings if heading[0] < level]
        self.headings.append((level, row + 1))
        self.lead = ""
        place = TextPlace(row + 1, 0, max(len(self.lines[row]), 1))
        self.statements.append(StageMarker("heading", level, place))

    def read_rows(self, first: int, last: int, markdown: bool) -> None:
        """Read rows of prose as one paragraph."""
        texts = [text for row in range(first, last) for text in self.row_text(row)]
        self.read_paragraph(texts, markdown=markdown)

    def read_table(self, block: TextBlock) -> None:
        """Read the cells of a table, each as a text of its own."""
        for row in range(block.first, block.last):
            for text in self.row_text(row):
                start = 0
                for cell in text.text.replace("\\|", "  ").split("|"):
                    if cell.strip():
                        self.read_paragraph([text.cut(start, start + len(cell))], markdown=True)
                    start += len(cell) + 1

    def read_display(self, block: TextBlock) -> None:
        """Read a formula that has rows of its own."""
        texts: list[MappedText] = []
        for row in range(block.first, block.last):
            line = self.lines[row]
            start = len(line) - len(line.lstrip(" \t>"))
            texts += self.row_text(row, start)
        whole = _join_rows(texts)
        fenced = not any(sign in whole.text for sign in ("$$", "\\[", "\\begin"))
        self.read_text_block(whole, latex=fenced, formula=True)

    def read_verbatim(self, first: int, last: int, indents: Sequence[int]) -> None:
        """Read a block of code without a language: Python where it looks like it, else lines."""
        lines = [
            self.lines[row][indent:]
            for row, indent in zip(range(first, last), indents, strict=True)
        ]
        if looks_like_python(lines):
            self.read_code(first, last, indents)
            return
        texts = [
            text
            for row, indent in zip(range(first, last), indents, strict=True)
            for text in self.row_text(row, indent)
        ]
        self.read_paragraph(texts)

    def read_code(self, first: int, last: int, indents: Sequence[int] = ()) -> None:
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
        self.statements.append(CodeListing("\n".join(lines), first + 1, indent, collapsed))
        if collapsed:  # a comment goes on with code
            return
        for place, column, text in comments_in(lines):
            if _RELATION.search(text):
                for comment in self.row_text(first + place, cut[place] + column):
                    self.read_paragraph([comment])

    def read_output(self, first: int, last: int) -> None:
        """Read what a program printed: only what shows its working, values are no statements."""
        before = len(self.statements)
        for row in range(first, last):
            self.read_paragraph(self.row_text(row))
        printed = self.statements[before:]
        self.statements[before:] = [
            each
            for each in printed
            if isinstance(each, EquationChain) and any(_is_worked(side) for side in each.sides)
        ]

    # One block

    def row_text(self, row: int, start: int = 0, end: int | None = None) -> list[MappedText]:
        """Return a row, or a part of it; nothing where it is too long, which is noted."""
        line = self.lines[row]
        if len(line) <= MAX_LINE:
            return [MappedText.of_line(line[start:end], row + 1, start)]
        if _RELATION.search(line):
            why = LimitError(
                say("the line is too long"),
                found=say("{count} characters", count=len(line)),
                expected=say("at most {most}", most=MAX_LINE),
            )
            self.unread.append(
                unread_piece(MappedText.of_line(line[:60], row + 1), "limit", why.sentence())
            )
        return []

    def read_paragraph(
        self, texts: Sequence[MappedText], *, markdown: bool = False, tex: bool = False
    ) -> None:
        """Read rows that belong together, and what their words say."""
        texts = [text for text in texts if text.text]
        if not texts:
            return
        whole = _join_rows(texts)
        if may_hold_stage(whole.text):
            self.statements += [
                marker for text in texts if (marker := find_stage(text)) is not None
            ]
        if (markdown or tex) and "\\" in whole.text:
            whole = without_escapes(whole)
        bare = "\\" in whole.text and not tex and _is_bare_formula(whole.text)
        self.read_text_block(whole, markdown=markdown, tex=tex, latex=bare)
        self.lead = _introduction(whole.text)

    def read_text_block(
        self,
        text: MappedText,
        *,
        markdown: bool = False,
        tex: bool = False,
        latex: bool = False,
        formula: bool = False,
    ) -> None:
        """Read the chains and the claims of one block."""
        if self.watch is not None:
            self.watch()
        written = text.text
        related = "=" in written or "≈" in written or _RELATION.search(written) is not None
        claiming = not formula and _CLAIM.search(written) is not None
        if not (related or claiming):
            return
        tokens = tokenize_block(text.text, markdown=markdown, latex=latex, tex=tex)
        parser = SideParser(text, tokens, self.notation, self.commas)
        parser.euler = self.euler
        taken: list[tuple[int, int]] = []
        if related:
            chains = find_chains(tokens)
            if chains:
                context = ChainContext(tokens, text.text, self.lead, chains, formula=formula)
                for chain in chains:
                    taken.append((chain.first, chain.last))
                    self.keep_chain(chain, context, parser)
        if claiming:
            headings = tuple(line for _, line in self.headings)
            verbs = [found.start() for found in _CLAIM.finditer(text.text)]
            found, unread = find_claims(text, tokens, parser, (taken, verbs), headings)
            self.statements += found
            self.unread += unread

    def keep_chain(self, found: FoundChain, context: ChainContext, parser: SideParser) -> None:
        """Parse the sides of a chain and keep it, or say that it was not read."""
        tokens = context.tokens
        start, end = tokens.starts[found.first], tokens.ends[found.last - 1]
        whole = parser.text.cut(start, end)
        arrows = [number for number, side in enumerate(found.sides) if side.relation == "→"]
        if arrows and (self.keep_arrows(found, context, parser, whole) or arrows[0] < 2):
            return
        if arrows:  # what the arrow says is not part of the chain
            found = found._replace(sides=found.sides[: arrows[0]])
            whole = parser.text.cut(start, tokens.ends[found.last - 1])
        parser.doubtful = False
        parser.has_hundred = "100" in tokens.texts[found.first : found.last]
        sides = tuple(parser.side(side, found.times) for side in found.sides)
        if found.step:
            sides = _step_sides(sides, found.step)
        figures = sum(_has_figure(tokens, side.first, side.last) for side in found.sides)
        problems = [side.problem for side in sides if side.problem is not None]
        if problems and len(problems) == len(sides):
            if figures > 1 or any(problem.reason == "blank" for problem in problems):
                first = problems[0]
                self.unread.append(unread_piece(whole, first.reason, first.message))
            else:
                self.formulas += figures == 0
            return
        if not figures:
            if not any(tokens.latex[found.first : found.last]) and _is_talk(tokens, found, sides):
                return
            self.formulas += 1
        elif (
            problems
            and figures < 2
            and not any(problem.reason in ("blank", "limit") for problem in problems)
        ) and all(problem.reason == "unreadable" for problem in problems):
            return  # prose beside a figure
        doubts = doubts_of(context.at(found, sides, parser.doubtful))
        self.statements.append(
            EquationChain(
                sides,
                whole.place(),
                printable(whole.text),
                doubts,
                False,
                tuple(line for _, line in self.headings),
                completed_iterations(_before(context)),
            )
        )

    def keep_arrows(
        self, found: FoundChain, context: ChainContext, parser: SideParser, whole: MappedText
    ) -> bool:
        """Keep `w = 0.5 → 0.8 → 1.04` as a value of the name after each iteration."""
        sides = [parser.side(side, found.times) for side in found.sides]
        name = sides[0]
        named = isinstance(name.tree, Name) and [side.relation for side in found.sides[2:]] == [
            "→"
        ] * (len(sides) - 2)
        if not named or len(sides) < 3:
            worked = _has_operator(context.tokens, found) and found.sides[1].relation == "→"
            if worked and "." in whole.text:
                why = say("an arrow may say more than an equals sign")
                self.unread.append(unread_piece(whole, "unreadable", why))
            return False
        doubts = doubts_of(context.at(found, tuple(sides[:2]), False))
        for number, side in enumerate(sides[1:]):
            value = Side(side.written, "=", side.readings, side.problem)
            self.statements.append(
                EquationChain(
                    (name, value),
                    name.written.place() if number == 0 else side.written.place(),
                    printable(whole.text),
                    doubts,
                    False,
                    tuple(line for _, line in self.headings),
                    number or None,
                )
            )
        return True


def _order(statement: Statement) -> tuple[int, int]:
    """Return where a statement stands; code comes before its comments."""
    if isinstance(statement, CodeListing):
        return statement.line, -1
    place = statement.place
    return place.line, place.start - (isinstance(statement, StageMarker))


def _is_worked(side: Side) -> bool:
    """Say whether a side works with a figure."""
    if not isinstance(side.tree, Call) or side.tree.operation == "negative":
        return False
    return any(isinstance(part, Number) for part in walk(side.tree))


def _join_rows(texts: Sequence[MappedText]) -> MappedText:
    """Return rows as one text with a line end after each but the last."""
    if len(texts) == 1:
        return texts[0]
    pieces: list[str] = []
    lines: list[int] = []
    columns: list[int] = []
    for text in texts:
        if pieces:
            pieces.append("\n")
            lines.append(lines[-1])
            columns.append(columns[-1] + 1)
        pieces.append(text.text)
        lines.extend(text.lines)
        columns.extend(text.columns)
    return MappedText("".join(pieces), lines, columns)


def _is_bare_formula(text: str) -> bool:
    """Say whether a text is a formula in LaTeX without dollar signs, and no prose."""
    if any(sign in text for sign in ("$", "\\(", "\\[", "\\begin{")):
        return False
    text = _SAID_IN_FORMULA.sub(" ", text)
    return _BARE_FORMULA.search(text) is not None and _WORDS_OF_PROSE.search(text) is None


def _introduction(text: str) -> str:
    """Return the last sentence of a block where it introduces the next one."""
    stripped = text.rstrip().rstrip("*_`")
    if not stripped.endswith((":", "：", ",", "，", "that")):
        return ""
    cut = max(stripped.rfind(end) for end in (". ", "。", "! ", "? ", "\n\n"))
    return stripped[cut + 1 :]


def _has_figure(tokens: DocumentTokens, first: int, last: int) -> bool:
    """Say whether a figure stands among some tokens that is no index."""
    if "symbol" in tokens.kinds[first:last] and "number" in tokens.kinds[first:last]:
        return True  # the bounds of a sum
    scripts = 0
    for place in range(first, last):
        kind = tokens.kinds[place]
        if kind == "script":
            following = tokens.match[place + 1] if tokens.kind(place + 1) == "open" else place + 1
            scripts = max(scripts, following + 1)
        elif kind == "number" and place >= scripts:
            return True
    return False


def _has_operator(tokens: DocumentTokens, found: FoundChain) -> bool:
    return "operator" in tokens.kinds[found.first : found.last]


def _is_talk(tokens: DocumentTokens, found: FoundChain, sides: Sequence[Side]) -> bool:
    """Say whether a chain without figures joins words of prose: `input = features`."""
    kinds = set(tokens.kinds[found.first : found.last])
    if any(side.problem is not None for side in sides):
        return True
    return "word" in kinds and kinds.isdisjoint(("operator", "open", "prefix", "name"))


def _step_sides(sides: tuple[Side, ...], sign: str) -> tuple[Side, ...]:
    """Return the sides of `w -= g`: the name, and what it becomes."""
    target, change, *more = sides
    if not isinstance(target.tree, Name) or change.tree is None or more:
        why = say("ambiguous: what stands before it may belong to it")
        piece = unread_piece(change.written, "ambiguous", why)
        return (target, Side(change.written, change.relation, (), piece), *more)
    operation = "add" if sign == "+=" else "subtract"
    trees: list[Node] = [
        Call(
            operation,
            (Name(target.tree.id, tree.start, tree.start + 1), tree),
            (),
            tree.start,
            tree.end,
        )
        for tree in change.readings
    ]
    return target, Side(change.written, "←", tuple(trees))


def _before(context: ChainContext) -> str:
    """Return the sentence before a chain, up to it."""
    start = context.tokens.starts[context.chain.first]
    text = context.text[max(start - 120, 0) : start]
    cut = max(text.rfind(end) for end in (". ", "。", ";", "；", "\n"))
    return text[cut + 1 :]
