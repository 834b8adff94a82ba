"""Blocks on a terminal: mathematics in two dimensions, drawn networks, curves of characters.

Everything a colour says is also said by words, places or signs, so that the same text without
colours carries the same information. No text is read as markup.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final, TextIO

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from tracer.errors import printable_text
from tracer.expression.notation import Notation
from tracer.expression.syntax import Call, Node, Number
from tracer.narrative.blocks import (
    Block,
    Cell,
    EquationLine,
    Graph,
    Heading,
    Paragraph,
    Plot,
    Table,
)
from tracer.narrative.messages import Sentence, Translate
from tracer.narrative.words import extent_words
from tracer.operations.numbers import figure_node
from tracer.render import plots
from tracer.render.block_writer import BlockWriter, SentenceWriter, is_item
from tracer.render.boxes import Layout, Role, aligned, part_lines, wrapped
from tracer.render.marked_text import bare_text, hidden_marks, marked_formula, marked_lines
from tracer.render.network_text import network_text
from tracer.render.plain import PLOT_DIGITS, graph_lines
from tracer.render.screen_lines import in_ascii

__all__ = ["terminal"]

LEAST_ROOM = 20
MOST_WORDS = 100  # columns of a line of words; longer ones are hard to read
PLOT_ROWS = 10
MOST_PLOT_COLUMNS = 72
MOST_NETWORK_ROWS = 60

# Of the sixteen colours that a terminal's own theme defines, two that read on dark and on light.
_ACCENT, _NUMBERS = "cyan", "magenta"
_ROLES: Final[dict[Role, str]] = {
    "space": "",
    "left": "bold",
    "sign": "",
    "formula": "",
    "numbers": _NUMBERS,
    "result": f"bold {_ACCENT}",
}
_HEADING, _LABEL, _FORMULA, _FAINT = f"bold {_ACCENT}", "bold", _ACCENT, "dim"

_HIDDEN: Final = re.compile(f"[{hidden_marks}\u200e\u200f\u2066-\u2069\ufeff]")


def terminal(
    blocks: Iterable[Block],
    notation: Notation,
    translate: Translate = str,
    *,
    width: int | None = None,
    unicode: bool = True,
    color: bool = True,
    file: TextIO,
) -> None:
    """Print blocks, each as soon as it comes; `width` is the terminal's unless it is given."""
    console = _Console(
        file=file,
        width=width,
        force_terminal=color,
        color_system="standard" if color else None,
        no_color=not color,
        force_jupyter=False,
        highlight=False,
        markup=False,
        emoji=False,
    )
    writer = _TerminalWriter(console, width or console.width, notation, translate, unicode)
    for block in blocks:
        writer.print(block)


class _Console(Console):
    """A console that leaves a broken pipe to the command line."""

    def on_broken_pipe(self) -> None:
        raise  # what Rich has caught when it calls this


Line = list[tuple[str, str]]


class _TerminalWriter(BlockWriter[list[Line]], SentenceWriter):
    """Prints blocks in one notation and one width."""

    def __init__(
        self,
        console: Console,
        width: int,
        notation: Notation,
        translate: Translate,
        unicode: bool,
    ) -> None:
        super().__init__(notation, translate)
        self.console = console
        self.unicode = unicode
        self.dialect = "unicode" if unicode else "ascii"
        self.layout = Layout(self.vocabulary, self.notation, self.dialect)
        self.room = max(width, LEAST_ROOM)
        self.margin = "    " if self.room >= 40 else "  "
        self.encoding = getattr(console.file, "encoding", None) or "utf-8"
        self.rule = "─" if unicode else "-"
        self.before: Block | None = None

    def print(self, block: Block) -> None:
        """Print one block, an empty line before it where it begins something."""
        gap: list[Line] = []
        if self.before is not None and not self.joins(self.before, block):
            gap = [[]]
        self.write([*gap, *self.block(block)])
        self.before = block

    def joins(self, before: Block, block: Block) -> bool:
        """Say whether a block stands right below the one before it."""
        if isinstance(before, Heading):
            return not isinstance(block, Heading)
        if isinstance(before, Paragraph) and before.kind == "label":
            return True
        if isinstance(block, Paragraph):
            if block.kind == "item":
                return is_item(before)
            return block.kind == "text" and isinstance(before, EquationLine)
        return False

    def write(self, lines: Iterable[Line]) -> None:
        """Print lines as they are: nothing is wrapped, cut or read as markup."""
        text = Text(no_wrap=True, overflow="ignore", end="")
        for line in lines:
            for piece, style in _merged_pieces(line):
                text.append(self.sendable(piece), style)
            text.append("\n")
        self.console.print(text, crop=False, end="", soft_wrap=True)

    def sendable(self, text: str) -> str:
        """Return a text with ? for what the file cannot take, of the same width."""
        try:
            text.encode(self.encoding)
        except UnicodeEncodeError:
            return "".join(map(self.sendable_character, text))
        return text

    def sendable_character(self, character: str) -> str:
        try:
            character.encode(self.encoding)
        except UnicodeEncodeError:
            return "?" * max(cell_len(character), 1 if "\ud800" <= character <= "\udfff" else 0)
        return character

    # Words

    def escaped(self, text: str) -> str:
        """Return a user's text on one line, without control characters."""
        return self.spelled(_HIDDEN.sub("�", " ".join(printable_text(text).split())))

    def spelled(self, text: str) -> str:
        return text if self.unicode else in_ascii(text)

    def formula(self, node: Node) -> str:
        return self.layout.line(node)

    def marked(self, formula: str) -> str:
        return marked_formula(formula)

    def template(self, text: str) -> str:
        return self.spelled(self.translate(text))

    def words(self, sentence: Sentence) -> str:
        """Return a sentence without the marks around its formulas."""
        return bare_text(self.sentence(sentence))

    def lines(self, text: str, room: int, style: str = "") -> list[Line]:
        """Return a marked text in lines of at most `room` columns."""
        return marked_lines(text, room, style, _FORMULA)

    def heading(self, heading: Heading) -> list[Line]:
        text = self.words(heading.text)
        lines = self.lines(text, self.room, _HEADING)
        if heading.level > 2:
            return lines
        columns = max(sum(cell_len(piece) for piece, _ in line) for line in lines)
        rule = ("═" if self.unicode else "=") if heading.level == 1 else self.rule
        return [*lines, [(rule * columns, _HEADING)]]

    def paragraph(self, paragraph: Paragraph) -> list[Line]:
        text = self.joined(paragraph.sentences)
        room = min(self.room, MOST_WORDS)
        if paragraph.kind == "label":
            return self.lines(text, room, _LABEL)
        if paragraph.kind == "item":
            first, margin = ("• " if self.unicode else "- "), "  "
        else:
            first = margin = self.margin if isinstance(self.before, EquationLine) else ""
        lines = self.lines(text, room - len(margin))
        return [[(margin if place else first, ""), *line] for place, line in enumerate(lines)]

    # Equations

    def equation(self, line: EquationLine) -> list[Line]:
        lines: list[Line] = []
        for row in self.layout.equation(line, self.room - len(self.margin)):
            lines += [[(text, _ROLES[role]) for text, role in line] for line in part_lines(row)]
        if line.result is None and line.extent is not None:
            words = self.sentence(extent_words(line))
            lines += self.lines(words, min(self.room, MOST_WORDS) - len(self.margin))
        return [[(self.margin, ""), *line] for line in lines]

    # Tables

    def table(self, table: Table) -> list[Line]:
        """Return a table; where it is too wide its columns follow in groups behind the first."""
        columns = [self.column(cells) for cells in zip(table.head, *table.rows, strict=True)]
        if not columns:
            return []
        widths = [max(cell_len(bare_text(text)) for text in column) for column in columns]
        room = self.room
        if len(columns) > 1:
            widths[0] = min(widths[0], room // 2)
        lines: list[Line] = []
        start = 1
        while start < len(columns) or not lines:
            used, end = widths[0], start
            while end < len(columns) and used + 2 + widths[end] <= room:
                used += 2 + widths[end]
                end += 1
            if end < len(columns) and room - used - 2 >= max(room // 3, 12):
                end += 1  # what is left of the line is wide enough for words in several lines
            elif end == start < len(columns):
                end += 1
            if lines:
                lines.append([])
            chosen = [0, *range(start, end)]
            rooms = [widths[place] for place in chosen]
            rooms[-1] = min(rooms[-1], room - sum(rooms[:-1]) - 2 * (len(rooms) - 1))
            lines += self.rows([columns[place] for place in chosen], rooms)
            start = end
        return lines

    def column(self, cells: Sequence[Cell]) -> list[str]:
        """Return a column's texts, the head first; numbers with their points in line."""
        head, *texts = map(self.cell, cells)
        if any(map(_is_number, cells[1:])) and all(
            _is_number(cell) or cell in ("", "…") for cell in cells[1:]
        ):
            places = [place for place, cell in enumerate(cells[1:]) if _is_number(cell)]
            numbers = aligned([bare_text(texts[place]) for place in places])
            for place, text in zip(places, numbers, strict=True):
                texts[place] = text
        return [head, *texts]

    def rows(self, columns: Sequence[Sequence[str]], rooms: Sequence[int]) -> list[Line]:
        """Return rows of cells, each in as many lines as it needs."""
        found: list[Line] = []
        for place, row in enumerate(zip(*columns, strict=True)):
            style = _LABEL if place == 0 else ""
            cells = [self.cell_lines(text, room) for text, room in zip(row, rooms, strict=True)]
            for at in range(max(map(len, cells))):
                line: Line = []
                for lines, room in zip(cells, rooms, strict=True):
                    text = lines[at] if at < len(lines) else ""
                    line.append((text + " " * (room - cell_len(text) + 2), style))
                found.append(line)
            if place == 0:
                rule = "  ".join(self.rule * room for room in rooms)
                found.append([(rule, _FAINT)])
        return found

    def cell_lines(self, text: str, room: int) -> list[str]:
        if cell_len(bare_text(text)) <= room:
            return [bare_text(text)]
        return ["".join(piece for piece, _ in line) for line in self.lines(text, room)]

    # Pictures

    def graph(self, graph: Graph) -> list[Line]:
        labels = {node.id: self.layout.line(node.label) for node in graph.nodes}
        noted = {
            node.id: f"{labels[node.id]} {self.escaped(node.note)}"
            if node.note
            else labels[node.id]
            for node in graph.nodes
        }
        room = self.room - len(self.margin)
        inputs = plots.inputs_of(list(noted), graph.edges)
        drawing = network_text(noted, inputs, room, MOST_NETWORK_ROWS, unicode=self.unicode)
        if not drawing:
            for line in graph_lines(graph, labels, "→" if self.unicode else "->"):
                first, *rest = wrapped(self.escaped(line), room - 2)
                drawing += [first, *("  " + text for text in rest)]
        lines: list[Line] = [[(self.margin + line, "")] for line in drawing]
        return [*self.caption(graph.caption), [], *lines] if lines else self.caption(graph.caption)

    def caption(self, sentence: Sentence) -> list[Line]:
        return self.lines(self.sentence(sentence), min(self.room, MOST_WORDS))

    def plot(self, plot: Plot) -> list[Line]:
        """Return curves in a frame: the highest and lowest values, the axes' words, a legend."""
        curves = [series.points for series in plot.series]
        across = plots.limits(x for points in curves for x, _ in points)
        up = plots.limits(y for points in curves for _, y in points)
        caption = self.caption(plot.caption)
        if across is None or up is None:
            return caption
        low, high = map(self.number, up)
        labels = max(cell_len(low), cell_len(high))
        apart = labels > self.room // 3  # then they stand above and below the frame
        labels = 0 if apart else labels
        columns = min(self.room - len(self.margin) - labels - 2, MOST_PLOT_COLUMNS)
        columns = max(columns, 4)
        if self.unicode and len(curves) == 1 and len(curves[0]) > 1:
            drawing = plots.braille(curves[0], across, up, columns, PLOT_ROWS)
        else:
            drawing = plots.marks(curves, across, up, columns, PLOT_ROWS)
        side, corner = ("│", "└") if self.unicode else ("|", "+")
        sides = {0: high, PLOT_ROWS - 1: low}
        if up[0] == up[1]:
            sides = {(PLOT_ROWS - 1) // 2: high}
        found = [*caption, [], *self.indented(self.words(plot.vertical))]
        if apart:
            found += self.indented(high)
        for place, row in enumerate(drawing):
            label = "" if apart else sides.get(place, "")
            label = " " * (labels - cell_len(label)) + label
            found.append([(f"{self.margin}{label} {side}", ""), (row, _ACCENT)])
        if apart and low != high:
            found += self.indented(low)
        margin = self.margin + " " * (labels + 1)
        signs = (self.rule, "═", "▲") if self.unicode else (self.rule, "=", "^")
        ends = [(span.low, span.high) for span in plot.spans]
        found.append([(f"{margin}{corner}{plots.marked_axis(ends, across, columns, signs)}", "")])
        words = self.words(plot.horizontal)
        left, right = map(self.number, across)
        if across[0] == across[1]:
            left = right = ""
            words = f"{words} = {self.number(across[0])}"
        room = columns - cell_len(left) - cell_len(right)
        if cell_len(words) + 4 <= room:
            before = (room - cell_len(words)) // 2
            after = room - cell_len(words) - before
            found.append([(f"{margin} {left}{' ' * before}{words}{' ' * after}{right}", "")])
        else:
            if left and room > 0:
                found.append([(f"{margin} {left}{' ' * room}{right}", "")])
            elif left:
                found += self.indented(f"{left} {'…' if self.unicode else '...'} {right}")
            found += self.indented(words)
        if len(curves) > 1:
            for place, series in enumerate(plot.series):
                mark = plots.MARKS[place % len(plots.MARKS)]
                found += self.indented(f"{mark} {self.words(series.name)}")
        if plot.spans:
            names = {
                signs[1 + (span.low == span.high)]: self.words(span.name) for span in plot.spans
            }
            text = "   ".join(f"{sign} {name}" for sign, name in names.items())
            found += self.indented(text)
        return found

    def indented(self, text: str) -> list[Line]:
        room = self.room - len(self.margin)
        return [[(self.margin, ""), *line] for line in self.lines(text, room)]

    def number(self, value: float) -> str:
        return self.layout.line(figure_node(value, PLOT_DIGITS))


def _merged_pieces(line: Line) -> Line:
    """Return a line without spaces at its end, pieces of one style joined."""
    found: Line = []
    for text, style in line:
        if found and (style == found[-1][1] or text.isspace()):
            found[-1] = (found[-1][0] + text, found[-1][1])
        elif text:
            found.append((text, "" if text.isspace() else style))
    if found:
        found[-1] = (found[-1][0].rstrip(), found[-1][1])
    return found


def _is_number(cell: Cell) -> bool:
    if isinstance(cell, Call) and cell.operation == "negative" and len(cell.arguments) == 1:
        return isinstance(cell.arguments[0], Number)
    if isinstance(cell, str):
        return cell.isdigit()
    return isinstance(cell, Number)
