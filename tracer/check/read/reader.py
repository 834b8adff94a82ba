"""From lines to a worked document: blocks, their tokens, the chains in them, what is unread.

Nothing is judged and nothing is executed. Each kind of file has its blocks; all share the reading
of one block.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import copy
from itertools import groupby, pairwise, zip_longest
from typing import Final

from tracer.check.model.statements import (
    INEQUALITIES,
    CodeListing,
    DocumentKind,
    EquationChain,
    MappedText,
    Side,
    StageMarker,
    Statement,
    TableOfValues,
    TextPlace,
    UnreadPiece,
    WorkedDocument,
    pieces_between,
)
from tracer.check.model.written_trees import is_literal, names_in
from tracer.check.read.chain_finder import find_chains
from tracer.check.read.chain_sides import SidesOfChains, is_talk, is_worked, sides_of_two
from tracer.check.read.claims import CLAIMING, find_claims
from tracer.check.read.clauses_behind import explained_chain
from tracer.check.read.doubts import INTRODUCING, ChainContext, doubts_of, words_at_end
from tracer.check.read.formula_rows import (
    formulas_apart,
    inside_display,
    is_bare_formula,
    join_rows,
)
from tracer.check.read.inline_spans import without_escapes
from tracer.check.read.lines_as_read import (
    begin_of_comment,
    with_accents,
    with_cells_in_bars,
    with_comment_as_result,
    with_joined_thousands,
    with_marks_of_items,
    with_outputs_as_results,
    without_doubled_backslashes,
    without_joined_thousands,
)
from tracer.check.read.macros import Macros, end_of_group
from tracer.check.read.prose_clusters import FoundChain
from tracer.check.read.python_lines import (
    begins_with_relation,
    code_runs,
    comment_joint,
    comments_in,
    find_workings,
    formulas_assigned,
    given_lines,
    is_collapsed,
    looks_like_python,
    printed_in,
    texts_in,
)
from tracer.check.read.side_parser import SideParser, has_figure, is_value, unread_piece
from tracer.check.read.stage_markers import (
    completed_iterations,
    find_changes,
    find_stages,
    only_goes_on,
)
from tracer.check.read.table_cells import (
    columns_of_working,
    has_relation,
    is_figure_cell,
    is_head_of_values,
    joined_cells,
)
from tracer.check.read.table_columns import (
    RowOfTable,
    aligned_tables,
    cells_behind_head,
    chain_like,
    counts_of,
    headed_cells,
    with_cells,
)
from tracer.check.read.text_blocks import (
    OPENING_DISPLAY,
    MarkdownBlocks,
    TextBlock,
    prose_blocks,
)
from tracer.check.read.tokenizer import tokenize_block
from tracer.check.read.tokens import DocumentTokens
from tracer.check.read.upper_indices import with_upper_indices
from tracer.check.read.word_tables import (
    BASES,
    DENIAL,
    MEANINGS_OF_SIGMA,
    NUMBERED,
    RELATION,
)
from tracer.check.trace.aliases import APPLIED
from tracer.errors import LimitError, printable, printable_text
from tracer.expression import Name, Node
from tracer.frozen import replace
from tracer.lazy_regex import lazy_regex
from tracer.sentences import say

MAX_BYTES: Final = 1_000_000
MAX_LINES: Final = 20_000
MAX_LINE: Final = 4_000
MAX_BLOCK: Final = 50_000  # characters of a paragraph; a longer one is a listing, read in pieces
MAX_DOCUMENT_TOKENS: Final = 300_000  # a megabyte of dense mathematics has half as many,
_SIGNS_OF_FORMULAS: Final = frozenset("=+-−*/^²×·√(_ᵢⱼ0123456789")
DIGITS: Final = frozenset("123456789")
MAX_SIDES: Final = 20_000  # and a third of these
SIDES_OF_VALUE: Final = 2  # its name and its figure
MOST_LINES_BETWEEN: Final = 4  # a line and the clause behind it that states its values

_LAYOUT: Final = " \t>"
_FENCES: Final = ("```", "~~~")
_FORMULA_AS_ITEM: Final = ("- \\(", "* \\(", "+ \\(")
_FIGURES_WORKED: Final = lazy_regex(
    r"\d\)*\s*[-+*/×·⋅−(]\s*[-−]?[\d.]+[^={};\"']*\s[=≈]\s[-−]?[\d.]+(?!.*[;{])"
)
"""Figures put in, and their result; code ends a line with `;` or `{`."""
_PROMPT: Final = lazy_regex(r"\s*\$ ")
_ROW_SIGNS: Final = ("$$", "\\[", "\\]", "$$<br>", "$$<br/>", "<br>", "<br/>", "<br />", "[", "]")

_TEX_CODE: Final = ("verbatim", "lstlisting", "minted")
_TEX_OTHER: Final = ("tikzpicture", "pgfpicture", "comment", "thebibliography", "axis")
_TEX_LEVELS: Final = tuple(
    f"\\{name}"
    for name in (
        "chapter", "section", "subsection", "subsubsection", "paragraph", "subparagraph",
    )
)  # fmt: skip
MOST_ROWS: Final = 64  # of a table that is read as values of the names above its columns
_DECIMAL: Final = lazy_regex(
    r"(?P<comma>(?<![\w.,(\[])(?<!_\{)(?:(?:0,[0-9]+|[0-9]+,(?:[0-9]{1,2}|[0-9]{4,}))(?![\w,.])"
    r"|[1-9][0-9]{0,2}(?:\.[0-9]{3}){2,}(?![0-9]))"
    r"|(?<![\w.])(?:0\{,\}[0-9]+|[0-9]+\{,\}(?:[0-9]{1,2}|[0-9]{4,}))(?![\w.])"
    # Whole numbers have a whole sum and product: `5·5·3·16 + 16 = 1.216` is a thousand.
    r"|(?:(?m:^)|[:：=])[ \t]*(?:[0-9]+ ?[·×*+−-] ?)+[0-9]+ ?= ?[1-9][0-9]{0,2}\.[0-9]{3}"
    r"(?![0-9.]| ?[kKMGB万亿]))"
    r"|(?<![0-9.])(?<!# )(?P<point>0?\.[0-9]|[0-9]+\.(?:[0-9]{1,2}|[0-9]{4,})(?![0-9.]))"
)
# A word that heads a formula is a name behind a figure too, and counts nothing.
_STATED_WORD: Final = lazy_regex(
    r"(?m)(?:^|[$&,;({}]|\\\\|quad)\s*\\text\{([a-z][a-z ]*)\}\s*&?\s*(?:[:≈=]|\\gets|\\approx)"
)
# A letter that gets a value, or is a function; an `x`, or the one with a number, that is no sign
# between figures.
_STATED_LETTER: Final = lazy_regex(
    r"(?<![\w\\^.])(?<![0-9] )"
    r"([ekKMBmsghVAWJNC](?= {0,2}=(?!=))|C(?=\([A-Za-z\\])|(?<=\| )e(?= {0,99}\|)"
    r"|e(?= (?:is|denotes?) | ?为)|(?:\\nabla|∇)(?=_(?:\w|\{[^{}\n]{1,9}(?:\{\w\})?\}) ?&?=))"
    r"|(?<![\w\\)\]}])(?<![0-9)\]}²³] )([xX])(?:_?\{?([0-9]+|[₀-₉]+))?(?![A-Za-z0-9_₀-₉])"
)
_HEADED_BY_DELTA: Final = lazy_regex(  # with the name behind it
    r"(?:\A|[\n$|,;:，：])[ \t>*-]*(\\delta|δ)"
    r"((?: ?(?:\\(?:hat|bar|tilde|dot) ?(?:\{[^{}\n]{1,9}\}|[A-Za-z])|\\[a-z]+|[A-Za-z])"
    r"(?:[_^](?:\w|\{[^{}\n]{1,9}\})|['′])*)?)[ \t]*(?:&?=(?!=)|[|:：])"
)


def check_size(lines: Sequence[str], path: str) -> None:
    """Raise LimitError where there are more than 20,000 lines."""
    if len(lines) > MAX_LINES:
        raise LimitError(
            say("the file has too many lines"),
            where=printable(path),
            found=str(len(lines)),
            expected=say("at most {most}", most=MAX_LINES),
        )


_PLACE: Final = lazy_regex(
    r"(?:\b(?:at|point)|[在点]) ?\$?(?P<place>\( ?[-−]?[\d.]+(?:, ?[-−]?[\d.]+)+ ?\))"
)


class DocumentReader:
    """Reads the lines of one document and collects what they hold. Rows here count from 0."""

    def __init__(self, lines: Sequence[str], watch: Callable[[], object] | None = None) -> None:
        self.written = lines
        self.macros = Macros("\n".join(without_doubled_backslashes(lines)))
        marked = [*with_marks_of_items(self.macros.text.split("\n"))]
        rows = with_cells_in_bars(with_accents(marked))
        self.lines = [*with_outputs_as_results(rows)]
        self.watch = watch
        whole = "\n".join(self.lines)
        self.statements: list[Statement] = list(find_changes(whole))
        self.unread: list[UnreadPiece] = []
        self.formulas = 0
        self.tokens = self.sides = 0  # how many were read
        self.is_refusing = False
        self.headings: list[tuple[int, int]] = []  # level and line of those that hold here
        self.chain_sides = SidesOfChains()
        self.lead = ""  # the sentence that introduces what comes next
        self.above = ""  # the words right above it
        self.listing = 0  # of rows in which a chain is only guessed; 0 elsewhere
        self.is_loose = False  # whether a cell here may be no part of it, or be there as a mistake
        self.decimals = frozenset(
            filter(None, (each.lastgroup for each in _DECIMAL.finditer(whole)))
        )
        self.has_decimal_commas = self.decimals == {"comma"}
        small = whole.lower()
        self.functions = [
            name
            for name, words in (BASES | MEANINGS_OF_SIGMA).items()
            if any(word in small for word in words)
        ]
        self.bases = tuple(name for name in self.functions if name in BASES)
        heads = {(sign, name != "") for sign, name in _HEADED_BY_DELTA.findall(whole)}
        self.stated = frozenset(
            letter or x + "1" * bool(number) for letter, x, number in _STATED_LETTER.findall(whole)
        ).union(
            (sign for sign, is_joined in heads if is_joined and (sign, False) not in heads),
            _STATED_WORD.findall(whole),
        )

    def document(
        self,
        path: str,
        kind: DocumentKind,
        scenario: str | None,
        cells: Sequence[tuple[int, int]] = (),
    ) -> WorkedDocument:
        """Return what was found, in order."""
        self.statements.sort(key=_statement_order)
        self.unread.sort(key=lambda piece: piece.place)
        chains = (each for each in self.statements if isinstance(each, EquationChain))
        heads = {chain.sides[0].tree for chain in chains}
        names = {head.id for head in heads if isinstance(head, Name)}
        statements = tuple(
            replace(each, formulas=tuple(formulas_assigned(each.text, names)))
            if isinstance(each, CodeListing)
            else each
            for each in with_upper_indices(self.statements)
        )
        return WorkedDocument(
            path, kind, self.written, statements, tuple(self.unread), scenario,
            cells, self.formulas, self.functions, self.has_decimal_commas,
        )  # fmt: skip

    def front_matter(self) -> int:
        """Return the row after the front matter, 0 where there is none."""
        marks = [line.rstrip() for line in self.lines[:200]]
        ends = (row + 1 for row, mark in enumerate(marks) if row and mark in ("---", "..."))
        return next(ends, 0) if marks[0] == "---" else 0

    def read(self, kind: DocumentKind, first: int, last: int) -> None:
        """Read rows of a kind of text."""
        if kind == "md":
            self.read_blocks(MarkdownBlocks(self.lines, last).read(first), markdown=True)
        elif kind == "tex":
            self.read_tex(first, last)
        elif kind == "py":
            self.read_code(first, last)
        else:
            self.read_text(first, last)

    @property
    def heading_lines(self) -> tuple[int, ...]:
        """The lines of the headings that hold here, the outermost first."""
        return tuple(line for _, line in self.headings)

    # Kinds of text

    def read_text(self, first: int, last: int) -> None:
        """Read plain text, which may hold code without marks around it."""
        row = first
        for start, end in [*code_runs(self.lines[first:last]), (last - first, last - first)]:
            self.read_blocks([*self.paragraphs(row, first + start)], markdown=False)
            self.read_code(first + start, first + end)
            row = first + end

    def paragraphs(self, first: int, last: int) -> Iterator[TextBlock]:
        """Yield the blocks of plain text: what stands between blank lines."""
        for is_blank, rows in groupby(range(first, last), lambda row: not self.lines[row].strip()):
            if not is_blank:
                start, *more = rows
                yield from prose_blocks(self.lines, start, start + 1 + len(more))

    def read_tex(self, first: int, last: int) -> None:
        """Read a LaTeX file: what stands in the document, without comments."""
        begin = (row for row in range(first, last) if "\\begin{document}" in self.lines[row])
        row = next(begin, first - 1) + 1
        texts: list[MappedText] = []
        while row < last:
            line = self.lines[row]
            begun = line.partition("\\begin{")[2].partition("}")[0]
            command, opening, _ = line.partition("{")
            heading = command.strip().rstrip("*")
            is_skipped = begun in _TEX_CODE or begun in _TEX_OTHER
            if not line.strip() or is_skipped or heading in _TEX_LEVELS:
                self.read_paragraph(texts, tex=True)
                texts = []
            if is_skipped:
                closing = f"\\end{{{begun}}}"
                end = next((at for at in range(row + 1, last) if closing in self.lines[at]), last)
                if begun in _TEX_CODE:
                    indents = (0,) * (end - row - 1)
                    self.read_verbatim(TextBlock("verbatim", row + 1, end, indents=indents))
                row = end
            else:
                comment = line.replace(r"\%", "  ").find("%")
                end = -1
                if heading in _TEX_LEVELS:
                    closed = end_of_group(line, len(command))
                    end = closed - 1 if closed > 0 else len(line)
                    self.begin_section(row, _TEX_LEVELS.index(heading))
                    title = self.row_text(row, len(command + opening), end)
                    self.read_paragraph(title, tex=True)
                if line[end + 1 :].strip():  # a paragraph goes on behind its title
                    texts += self.row_text(row, end + 1, comment if comment >= 0 else None)
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
                and begins_with_relation(self.lines[blocks[place + 1].first])
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
                rows = [self.display_text(block)]
                while text := self.display_below(blocks[place : place + 1]):
                    rows[:1] = [inside_display(rows[0])]
                    rows.append(text)
                    place += 1
                whole = join_rows(rows)
                is_bare = len(rows) > 1 or OPENING_DISPLAY.match(whole.text) is None
                self.read_text_block(whole, latex=is_bare, formula=True)
            else:
                self.read_verbatim(block)

    def display_below(self, blocks: Sequence[TextBlock]) -> MappedText | None:
        """Return the display right below one that goes on with it."""
        if not blocks or blocks[0].kind != "formula":
            return None
        text = inside_display(self.display_text(blocks[0]))
        return text if begins_with_relation(text.text) else None

    def begin_section(self, row: int, level: int) -> None:
        """Note a heading."""
        above = (heading for heading in self.headings if heading[0] < level)
        self.headings = [*above, (level, row + 1)]
        self.lead = ""
        place = TextPlace(row + 1, 0, max(len(self.lines[row]), 1))
        self.statements.append(StageMarker("heading", level, place))

    def read_rows(self, first: int, last: int, markdown: bool) -> None:
        """Read rows of prose as one paragraph."""
        texts = [text for row in range(first, last) for text in self.row_text(row)]
        self.read_paragraph(texts, markdown=markdown)

    def read_table(self, block: TextBlock) -> None:
        """Read the cells of a table, each as a text of its own.

        One that begins with a relation goes on with the cell before it, and a figure in a column
        of values is the value of the name in that cell. A word between the two says of what kind
        the name is. Where the heads of neighbouring columns say that they hold working and its
        results, their cells and the name before them are the sides of one chain. Elsewhere what
        stands beside a calculation may be its result, or something else.
        """
        rows = range(block.first, block.last)
        texts = [text for row in rows for text in self.row_text(row)[:1]]
        self.read_values([with_cells(text, block.cell_sign) for text in texts])
        titles = self.lines[block.first].split(block.cell_sign)
        heads = [*zip(map(is_head_of_values, titles), columns_of_working(titles), strict=True)]
        is_denied = DENIAL.search(self.lines[block.first].lower()) is not None
        is_headed_by_formulas = not _SIGNS_OF_FORMULAS.isdisjoint(self.lines[block.first])
        above: Mapping[str, Node] = {}
        for row in rows:
            for text in self.row_text(row):
                self.is_loose = is_denied  # `| wrong | right |`
                cells = text.text.replace("\\|", "  ").split(block.cell_sign)
                joined, is_guess = joined_cells(cells, heads)
                self.listing = (block.first + 1) * is_guess
                if is_headed_by_formulas and row > block.first + 1:
                    above = self.read_columns(
                        self.row_text(block.first)[0], text, above, may_add_up=row == rows[-1]
                    )
                for start, end in pieces_between(joined, "|"):
                    places = text.cut(start, end)
                    row_text = MappedText(joined[start:end], places.lines, places.columns)
                    self.read_paragraph([row_text], markdown=True)
            self.is_loose, self.listing = False, 0

    def read_values(self, texts: Sequence[MappedText]) -> None:
        """Read a table of figures as what it says of the names that head its columns, or rows."""
        rows = [[*headed_cells(texts[0], text)] for text in texts[1:]]
        columns = [*zip(*(row for row in rows if any(map(_has_figure, row))), strict=False)]
        self.keep_values(columns, texts[0])
        across = [[*cells_behind_head(text)] for text in texts]
        self.keep_values([row for row in across if len(row) == len(across[0])], texts[0])

    def keep_values(self, columns: Sequence[Sequence[MappedText]], text: MappedText) -> None:
        """Keep what columns of headed cells say, or rows; one of them may count iterations."""
        if not columns or not 2 <= len(columns[0]) <= MOST_ROWS:
            return
        counts = [counts_of(column) for column in columns]
        scratch = copy(self)  # what stands in the cells says nothing of the text
        pairs = zip(columns, counts, strict=True)
        chains = [scratch.headed_chains(column) for column, each in pairs if not each]
        self.tokens, self.sides = scratch.tokens, scratch.sides
        if any(chain is not None for column in chains for chain in column):
            self.statements.append(
                TableOfValues(next(filter(None, counts), ()), chains, text.place())
            )

    def headed_chains(self, column: Sequence[MappedText]) -> list[EquationChain | None]:
        """Return what the cells of a column say of its head, which is read once."""
        begin = next((at for at, cell in enumerate(column) if _has_figure(cell)), len(column))
        first = None if begin == len(column) else self.headed_chain(column[begin])
        if first is None:
            return [None] * len(column)
        others = (
            chain_like(first, cell) or self.headed_chain(cell) for cell in column[begin + 1 :]
        )
        return [*[None] * begin, first, *others]

    def headed_chain(self, cell: MappedText) -> EquationChain | None:
        """Return what a cell says of the name that heads its column, if it says anything."""
        if has_relation(cell.text.rpartition("=")[0]) or not _has_figure(cell):
            return None
        self.statements, self.unread, self.chain_sides = [], [], SidesOfChains()
        self.read_paragraph([cell], markdown=True)
        match self.statements:
            case [EquationChain(sides=(first, last)) as chain] if isinstance(first.tree, Name):
                is_figure = last.tree is not None and is_literal(last.tree)
                # Without the marks and blanks of both cells.
                text = " ".join(chain.text.replace("$", "").replace("=", " = ").split())
                return replace(chain, place=last.written.place(), text=text) if is_figure else None
        return None

    def read_columns(
        self, heads: MappedText, row: MappedText, above: Mapping[str, Node], *, may_add_up: bool
    ) -> Mapping[str, Node]:
        """Read the figures of a row as what the formulas are that head their columns.

        Some may be of the row above, whose figures are given; return those of this one. A row that
        `may_add_up` the others has figures of its own below a head that says no name.
        """
        count, unread, formulas = len(self.statements), len(self.unread), self.formulas
        listing, was_loose = self.listing, self.is_loose
        for column, cell in enumerate(headed_cells(heads, row), start=1):
            is_guess = not has_relation(cell.text.rpartition("=")[0])  # `e^2`: its rows say so
            self.listing = (heads.lines[0] * MAX_LINE + column) * is_guess
            self.is_loose = was_loose or (is_guess and may_add_up)
            self.read_paragraph(
                [cell] * is_figure_cell(cell.text.rpartition("=")[2]), markdown=True
            )
        cells = RowOfTable(self.statements[count:], above)
        self.statements[count:] = [*cells.members(), *cells.worked_cells()]
        del self.unread[unread:]
        self.formulas, self.listing, self.is_loose = formulas, listing, was_loose
        return cells.figures

    def display_text(self, block: TextBlock) -> MappedText:
        """Return the rows of a formula as one text."""
        texts: list[MappedText] = []
        rows = range(block.first, block.last)
        for row, indent in zip_longest(rows, block.indents, fillvalue=0):
            line = self.lines[row].lstrip(_LAYOUT)
            is_item = line.startswith(_FORMULA_AS_ITEM)  # its mark is no sign of the formula
            margin = len(self.lines[row]) - len(line) + is_item
            texts += self.row_text(row, max(indent, margin))
        return join_rows(texts)

    def read_verbatim(self, block: TextBlock) -> None:
        """Read a block of code: Python where it is marked as that or looks like it, else lines.

        Of another language only the lines that are comments are read. Commands work nothing out:
        where lines marked as such do, without a prompt, they are text.
        """
        rows = [*zip(range(block.first, block.last), block.indents, strict=True)]
        lines = [text for row, indent in rows for text in self.row_text(row, indent)[:1]]
        for first, last in aligned_tables([text.text for text in lines]):
            self.read_values([with_cells(text, " ") for text in lines[first:last]])
        is_other = block.kind == "other code"
        if block.kind == "commands":
            texts = [self.lines[row] for row, _ in rows]
            is_other = any(map(_PROMPT.match, texts)) or not any(map(_FIGURES_WORKED.search, texts))
        if is_other:
            self.read_results_behind(row for row, _ in rows)
            comments = ((row, begin_of_comment(self.lines[row])) for row, _ in rows)
            rows = [(row, begin) for row, begin in comments if begin >= 0]
        bare = [self.lines[row][indent:] for row, indent in rows]
        if looks_like_python(bare, is_marked=block.kind == "code"):
            self.read_code(block.first, block.last, block.indents)
            return
        self.read_paragraph([text for row, indent in rows for text in self.row_text(row, indent)])

    def read_results_behind(self, rows: Iterable[int]) -> None:
        """Read the rows of code that have what comes out as a comment; it may be something else."""
        for row in rows:
            self.listing = self.listing or row + 1
            line = with_comment_as_result(self.lines[row])
            for text in self.row_text(row) if line != self.lines[row] else ():
                self.read_paragraph([MappedText(line, text.lines, text.columns)])
        self.listing = 0

    def read_code(self, first: int, last: int, indents: Sequence[int] = ()) -> None:
        """Keep rows as Python, and read the equations in its comments."""
        rows = [row for row in range(first, last) if self.lines[row].strip()]
        if not rows:
            return
        common = min(len(self.lines[row]) - len(self.lines[row].lstrip(" ")) for row in rows)
        indents = indents or [common] * (last - first)
        cut = indents[rows[0] - first : rows[-1] + 1 - first]
        first, last = rows[0], rows[-1] + 1
        lines = [line[each:] for line, each in zip(self.written[first:last], cut, strict=True)]
        strings = [*texts_in(lines)]
        quoted = {place for places, _, _ in strings for place in places}
        bare = ["" if place in quoted else line for place, line in enumerate(lines)]
        code, collapsed = [*lines], is_collapsed(bare)
        places_of_givens = given_lines(bare)
        worked = {*places_of_givens, *find_workings(bare)} - quoted
        for place in () if collapsed else sorted(worked):
            before = len(self.statements) + len(self.unread)
            end = cut[place] + len(lines[place].partition("#")[0])
            self.read_paragraph(self.row_text(first + place, cut[place], end))
            is_read = len(self.statements) + len(self.unread) > before
            if is_read and place not in places_of_givens and '"' * 3 not in lines[place]:
                code[place] = ""  # it is no Python
        self.statements.append(CodeListing("\n".join(code), first + 1, cut[0], collapsed))
        if collapsed:  # a comment goes on with code
            return
        above: list[MappedText] = []  # comments that the next one may go on with
        for place, column, text in comments_in(lines):
            if RELATION.search(text) or CLAIMING.search(text):
                statement = lines[place][: column - 1]
                joint = "" if place in places_of_givens else comment_joint(statement, text)
                texts = self.row_text(first + place, cut[place] + column * (not joint))
                if joint:
                    gap = range(len(statement.rstrip()) + 1, column - 1)
                    texts = [each.with_sign(column - 1, joint).without(gap) for each in texts]
                goes_on = not statement.strip() and begins_with_relation(text)
                if not (goes_on and above and above[-1].last_line == first + place):
                    self.read_paragraph(above)
                    above = []
                above += texts
        self.read_paragraph(above)
        others = {*range(len(lines))} - quoted - worked
        self.read_results_behind(first + place for place in sorted(others))
        self.read_printed(
            self.row_text(first + place, cut[place] + start, cut[place] + end)
            for place, start, end in printed_in(lines)
        )
        headings = self.headings
        for places, begin, end in strings:
            here = slice(first + places.start, first + places.stop)
            self.read_string(here, cut[places.start] + begin, cut[places.stop - 1] + end)
        self.headings = headings

    def read_string(self, here: slice, begin: int, end: int) -> None:
        """Read some rows from one column up to another as Markdown, but for code in them."""
        written = self.lines[here]
        rows = [*written[:-1], written[-1][:end]]
        rows[0] = " " * begin + rows[0][begin:]
        for start, stop in code_runs(rows):
            rows[start:stop] = [""] * (stop - start)
        self.lines[here] = rows
        margin = min(
            (len(row) - len(row.lstrip(" ")) for row in rows[1:] if row.strip()), default=0
        )
        blocks = MarkdownBlocks(self.lines, here.stop, (margin, max(margin, begin)))
        self.read_blocks(blocks.read(here.start), markdown=True)
        self.lines[here] = written

    def read_printed(self, rows: Iterable[Sequence[MappedText]]) -> None:
        """Read what a program prints: only what shows its working, values are no statements."""
        before = len(self.statements)
        for texts in rows:
            self.read_paragraph(texts)
        self.statements[before:] = [
            each
            for each in self.statements[before:]
            if isinstance(each, EquationChain) and any(is_worked(side) for side in each.sides)
        ]

    # One block

    def row_text(self, row: int, start: int = 0, end: int | None = None) -> list[MappedText]:
        """Return a row, or a part of it; nothing where it is too long, which is noted."""
        line = self.lines[row]
        if len(line.strip()) <= MAX_LINE:
            return [self.macros.expand(MappedText.of_line(line[start:end], row + 1, start))]
        if RELATION.search(line):
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
        whole, half = join_rows(texts), len(texts) // 2
        is_long, bare = len(whole.text) > MAX_BLOCK, not tex and is_bare_formula(whole.text)
        groups = [texts[:half], texts[half:]] if is_long else formulas_apart(texts)
        if half and (is_long or (len(groups) > 1 and not (bare or tex))):
            for rows in groups:
                self.read_paragraph(rows, markdown=markdown, tex=tex)
            return
        self.statements += [marker for text in texts for marker in find_stages(text)]
        if (markdown or tex) and "\\" in whole.text:
            whole = without_escapes(whole)
        self.read_text_block(whole, markdown=markdown, tex=tex, bare=bare)
        self.read_places(whole)
        last = words_at_end(whole.text, 0)
        self.lead = last if last.endswith(INTRODUCING) else ""  # it introduces the next block

    def read_places(self, text: MappedText) -> None:
        """Read `start at (1, 2)` as values of the names that a function above is of.

        They may be those of other names: they confirm what follows and refute nothing.
        """
        for place in _PLACE.finditer(text.text):
            figures = text.cut(*place.span("place"))
            names = self.inputs_of_function(figures.text.count(",") + 1)
            if names:
                head = f"({', '.join(names)}) = "
                lines, columns = (
                    [each[0]] * len(head) for each in (figures.lines, figures.columns)
                )
                whole = (
                    head + figures.text,
                    [*lines, *figures.lines],
                    [*columns, *figures.columns],
                )
                self.is_loose = True
                self.read_text_block(MappedText(*whole))
                self.is_loose = False

    def inputs_of_function(self, count: int) -> Sequence[str]:
        """Return what the last function of so many names is of, `f(x, y) = …`."""
        heads = (
            each.sides[0].tree
            for each in reversed(self.statements)
            if isinstance(each, EquationChain) and not is_value(each.sides[-1])
        )
        applied = (APPLIED.fullmatch(head.id) for head in heads if isinstance(head, Name))
        inputs = (each[2].replace(" ", "").split(",") for each in applied if each)
        return next((names for names in inputs if len(names) == count), ())

    def read_text_block(
        self,
        text: MappedText,
        *,
        markdown: bool = False,
        tex: bool = False,
        latex: bool = False,
        formula: bool = False,
        bare: bool = False,
    ) -> None:
        """Read the chains and the claims of one block."""
        if self.watch is not None:
            self.watch()
        if self.has_decimal_commas:
            joined = with_joined_thousands(text.text)
            text = MappedText(joined, text.lines, text.columns)
        plain = text.text
        related = "=" in plain or "≈" in plain or RELATION.search(plain) is not None
        claiming = not formula and CLAIMING.search(plain) is not None
        above, self.above = self.above, words_at_end(plain, 0)
        if not (related or claiming):
            return
        if len(plain) > MAX_BLOCK or self.tokens > MAX_DOCUMENT_TOKENS or self.sides > MAX_SIDES:
            self.refuse(text)
            return
        tokens = tokenize_block(
            plain,
            markdown=markdown,
            latex=latex,
            tex=tex,
            bare=bare,
            decimal_commas=self.has_decimal_commas,
        )
        self.tokens += len(tokens)
        parser = SideParser(text, tokens, self.decimals, self.stated, self.bases)
        chains = find_chains(tokens) if related else []
        claims: Sequence[EquationChain] = ()
        if claiming:
            extents = [(chain.first, chain.last) for chain in chains]
            verbs = [match.start() for match in CLAIMING.finditer(plain)]
            claims, unread = find_claims(text, tokens, parser, (extents, verbs), self.heading_lines)
            self.sides += 2 * len(verbs)
            self.unread += unread
            names = (claim.sides[0].tree for claim in claims)
            for each in names:
                if isinstance(each, Name):
                    self.chain_sides.nouns.setdefault(each.id, "")
        if chains:
            self.above = words_at_end(plain, tokens.ends[chains[-1].last - 1])
            context = ChainContext(tokens, plain, self.lead, chains, above=above, formula=formula)
            kept = [len(self.statements) - 1]  # the last statement before each chain
            for chain in chains:
                self.sides += len(chain.sides)
                self.keep_chain(chain, context, parser)
                kept.append(len(self.statements) - 1)
            for number in range(len(chains)):
                user = explained_chain(tokens, chains, number)
                if user is not None and kept[user + 1] >= 0:
                    self.put_before_its_use(kept[number + 1], kept[user + 1])
        self.tokens += 2 * parser.expanded
        self.statements += claims

    def text_as_written(self, text: MappedText) -> str:
        """Return a text as the document has it, with the blanks in its thousands."""
        written = self.macros.as_written(text, self.written)
        return without_joined_thousands(written) if self.has_decimal_commas else written

    def refuse(self, text: MappedText) -> None:
        """Note once that what comes is not read, as the document has too much mathematics."""
        if not self.is_refusing or len(text.text) > MAX_BLOCK:
            why = say("there is too much mathematics to read all of it")
            self.unread.append(unread_piece(text.cut(0, 60), "limit", why))
        self.is_refusing = (
            self.is_refusing or self.tokens > MAX_DOCUMENT_TOKENS or self.sides > MAX_SIDES
        )

    def keep_chain(self, found: FoundChain, context: ChainContext, parser: SideParser) -> None:
        """Keep a chain; arrows in it say what comes out, or after, or divide it like blank rows."""
        has_arrow = any(side.relation == "→" for side in found.sides)
        is_alone = has_arrow and not context.at(found, ()).has_words_beside
        sides = tuple(
            replace(side, relation="=")
            if _comes_out(found, number, context.tokens)
            or (is_alone and _is_applied(found, number, context.tokens))
            else side
            for number, side in enumerate(found.sides)
        )
        found = replace(found, sides=sides)
        cuts = [
            number
            for number, side in enumerate(sides)
            if side.relation == "→" or (number and _begins_anew(found, number, context.tokens))
        ]
        if cuts and self.keep_arrows(found, context, parser):
            return
        for first, last in pairwise((0, *cuts, len(found.sides))):
            sides = (replace(found.sides[first], relation=""), *found.sides[first + 1 : last])
            self.keep_relations(replace(found, sides=sides), context, parser)

    def keep_relations(self, found: FoundChain, context: ChainContext, parser: SideParser) -> None:
        """Keep the equations of a chain, and each inequality alone.

        In `z = 2 > 0` the name is worth 2, and 2 is held against 0.
        """
        cuts = [place for place, side in enumerate(found.sides) if side.relation in INEQUALITIES]
        for first, last in pairwise((0, *cuts, len(found.sides))):
            if first:
                self.keep_equations(found, first - 1, first + 1, context, parser)
            if last - first > 1:
                self.keep_equations(found, first, last, context, parser)

    def keep_equations(
        self, written: FoundChain, first: int, last: int, context: ChainContext, parser: SideParser
    ) -> None:
        """Parse some sides of a chain and keep them, or say that they were not read."""
        tokens = context.tokens
        chain = _part_of_chain(written, first, last, context)
        if len(chain.sides) < 2:
            self.formulas += 1  # `acc = 0.95 ± 0.02`
            return
        texts = tokens.texts[chain.first : chain.last]
        parser.has_hundred = not {"100", "100.0"}.isdisjoint(texts)
        whole = parser.text.cut(tokens.starts[chain.first], tokens.ends[chain.last - 1])
        sides = self.chain_sides.read(chain, tokens, parser)
        sides = self.sides_as_read(tokens, sides, chain, whole)
        if len(sides) < 2:
            return
        is_inner = first > 0 or chain.first > written.first  # it stands behind a relation
        divided = {*["start"] * is_inner, *["end"] * (last < len(written.sides))}
        found_doubts = doubts_of(context.at(written, sides))
        doubts = [doubt for doubt in found_doubts if doubt not in divided]
        doubts += ["other_line"] * self.is_loose
        doubts += ["guessed"] * bool(self.listing)
        place = whole.place()
        self.statements.append(
            EquationChain(
                sides,
                place,
                printable_text(self.text_as_written(whole)),
                tuple(doubts),
                headings=self.heading_lines,
                iteration=completed_iterations(context.words_before)
                or completed_iterations(context.moment_behind),
                listing=self.listing,
                refers_elsewhere=context.refers_elsewhere,
                follows_on=not context.has_words_beside and self.is_next(place.line),
                is_of_clause=context.is_of_clause,
                qualified_by=context.qualified_by,
                figures_before=context.figures_before,
            )
        )

    def sides_as_read(
        self, tokens: DocumentTokens, sides: tuple[Side, ...], chain: FoundChain, whole: MappedText
    ) -> tuple[Side, ...]:
        """Return the sides to keep; none of a chain that was not read or joins words of prose.

        What was not read is noted where figures stand there.
        """
        figures = sum(has_figure(tokens, side.first, side.last) for side in chain.sides)
        problems = [side.problem for side in sides if side.problem is not None]
        is_compared = any(left.readings and right.readings for left, right in pairwise(sides))
        is_blank = any(problem.reason == "blank" for problem in problems)
        is_open = is_blank and not any(map(is_value, sides))  # nobody has worked here
        is_lost = figures > 1 and not is_compared and sides[0].problem is not None
        if problems and (is_lost or is_open or len(problems) == len(sides)):
            if figures > 1 or is_blank:
                problem = problems[0]
                self.unread.append(unread_piece(whole, problem.reason, problem.message))
            self.formulas += figures == 0 and not is_blank
            return ()
        plain = all(problem.reason == "unreadable" for problem in problems)
        if True not in tokens.latex[chain.first : chain.last]:
            is_prose = figures == 1 and problems and plain  # beside a figure
            if is_prose or not (figures or is_blank or not is_talk(tokens, chain, sides)):
                return ()
        self.formulas += not figures and not is_blank
        if not (problems and plain) or any(map(is_value, sides)):
            return sides
        # A formula without a result: there is nothing to compare with what was not read.
        self.formulas += bool(figures)
        if figures > 1 and any(
            side.problem and {"name", "word"}.isdisjoint(tokens.kinds[each.first : each.last])
            for side, each in zip(sides, chain.sides, strict=False)
        ):
            self.unread.append(unread_piece(whole, "unreadable", problems[0].message))
        return tuple(side for side in sides if side.readings)

    def put_before_its_use(self, place: int, user: int) -> None:
        """Let a value stand before the line that uses it, where a clause behind that states it."""
        value, line = self.statements[place], self.statements[user]
        if (
            isinstance(value, EquationChain)
            and isinstance(line, EquationChain)
            and isinstance(name := value.sides[0].tree, Name)
            and len(value.sides) == SIDES_OF_VALUE
            and is_value(value.sides[1])
            and value.headings == line.headings
            and value.place.line - line.last_line <= MOST_LINES_BETWEEN
            and name != line.sides[0].tree
            and any(name.id in names_in(side.tree) for side in line.sides if side.tree)
            and not self.is_stated_otherwise(name, value)
        ):
            self.statements[place] = replace(value, explains=line.place)

    def is_stated_otherwise(self, name: Name, value: EquationChain) -> bool:
        """Tell whether a name has had another value, so that this one may be of another case."""
        return any(
            isinstance(each, EquationChain)
            and each.sides[0].tree == name
            and each.sides[-1].tree != value.sides[-1].tree
            for each in self.statements
        )

    def is_next(self, line: int) -> bool:
        """Tell whether nothing that says more than to go on stands between a statement and a line.

        Blank lines do not, signs of rows, fences, and words such as `so`.
        """
        others = (each for each in reversed(self.statements) if not isinstance(each, TableOfValues))
        before = next(others, None)
        if not isinstance(before, EquationChain):
            return False
        between = (text.strip(_LAYOUT) for text in self.lines[before.last_line : line - 1])
        return all(
            text in ("", *_ROW_SIGNS)
            or text.startswith(_FENCES)
            or (text[0].isalpha() and only_goes_on(text))
            for text in between
        )

    def keep_arrows(self, found: FoundChain, context: ChainContext, parser: SideParser) -> bool:
        """Keep `w = 0.5 → 0.8 → 1.04` as a value of the name after each iteration."""
        relations = [side.relation for side in found.sides[1:]]
        if relations != ["=", *["→"] * (len(relations) - 1)]:
            return False
        name, *values = (parser.side(side) for side in found.sides)
        if not isinstance(name.tree, Name):
            return False
        start, end = context.tokens.starts[found.first], context.tokens.ends[found.last - 1]
        doubts = doubts_of(context.at(found, (name, values[0])))
        for number, side in enumerate(values):
            self.statements.append(
                EquationChain(
                    (name, Side(side.written, "=", side.readings, side.problem)),
                    (side if number else name).written.place(),
                    printable_text(context.text[start:end]),
                    doubts,
                    headings=self.heading_lines,
                    iteration=number or None,
                )
            )
        return True


def _part_of_chain(written: FoundChain, first: int, last: int, context: ChainContext) -> FoundChain:
    """Return some sides of a chain as one, without a figure that is not its beginning.

    That is the rest of what was not read, as the 1 of `(Size - Kernel) + 1`, or says which is
    meant, `for neuron 1 = 0.5 * 2 = 1`.
    """
    tokens = context.tokens
    begin, *others = written.sides[first:last]
    is_rest = tokens.kind(tokens.before(begin.first)) == "operator"
    is_label = tokens.texts[begin.first] in DIGITS and NUMBERED.search(
        context.at(written, ()).words_before.lower()
    )
    is_figure = tokens.kinds[begin.first : begin.last] == ["number"]
    if (is_rest or is_label) and is_figure and len(others) > 1:
        begin, *others = others
    return replace(written, sides=sides_of_two(tokens, (begin, *others)))


def _comes_out(found: FoundChain, number: int, tokens: DocumentTokens) -> bool:
    """Say whether an arrow before a side means that it is what the one before is worth.

    In `a = w*x → 2*3 → 6` figures are put in, and worked out; `n = 28*28 → 14*14` are sizes, and
    so is all that an arrow from a size leads to.
    """
    left, side = found.sides[number - 1], found.sides[number]
    if side.relation != "→" or not (left.relation == "=" or _comes_out(found, number - 1, tokens)):
        return False
    before, after = tokens.kinds[left.first : left.last], tokens.kinds[side.first + 1 : side.last]
    is_applied = before.count("name") > 1 or "function" in before
    return is_applied or (
        "operator" in before[1:] and ("name" in before or "operator" not in after)
    )


def _is_applied(found: FoundChain, number: int, tokens: DocumentTokens) -> bool:
    """Say whether an arrow tells what figures give: `σ(2) → 0.88`, `2*0.5 + 1 → 2.0`.

    A whole number may be a limit, a class or a size.
    """
    left, side = found.sides[number - 1], found.sides[number]
    before = tokens.kinds[left.first : left.last]
    is_worked = tokens.kind(left.first) == "function" or (
        "operator" in before[1:]
        and "name" not in before
        and "operator" not in tokens.kinds[side.first + 1 : side.last]
    )
    return (
        number == 1 == len(found.sides) - 1
        and side.relation == "→"
        and is_worked
        and has_figure(tokens, left.first, left.last)
        and any("." in tokens.texts[at] for at in range(side.first, side.last))
    )


def _begins_anew(found: FoundChain, number: int, tokens: DocumentTokens) -> bool:
    """Say whether a side is worked out below a blank row, though the one before was its result."""
    left, side = found.sides[number - 1], found.sides[number]
    return (
        tokens.kinds[left.last : side.first].count("newline") > 1
        and {"number", "space"}.issuperset(tokens.kinds[left.first + 1 : left.last])
        and tokens.kind(left.last - 1) == "number"
        and "operator" in tokens.kinds[side.first + 1 : side.last]
    )


def _has_figure(cell: MappedText) -> bool:
    """Tell whether a headed cell of a table holds a figure."""
    figure = cell.text.rpartition("=")[2]
    return is_figure_cell(figure) and any(map(str.isdigit, figure))


def _statement_order(statement: Statement) -> tuple[int, int]:
    """Return where a statement stands; code comes before its comments."""
    if isinstance(statement, CodeListing):
        return statement.line, -1
    place = statement.place
    if isinstance(statement, EquationChain) and statement.explains is not None:
        return statement.explains.line, statement.explains.start - 1
    return place.line, place.start - (isinstance(statement, StageMarker))
