"""Blocks as lines of a terminal or a screen: drawn mathematics and networks, curves of characters.

It knows roles, no colours: whoever shows the lines decides on those.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from tracer.expression import Call, Node, Number
from tracer.frozen import replace
from tracer.narrative.blocks import (
    Block,
    Cell,
    EquationLine,
    Graph,
    GraphNode,
    Heading,
    Paragraph,
    Plot,
    Table,
    present,
)
from tracer.narrative.pictures import curve_figure
from tracer.render import plots
from tracer.render.block_writer import BlockWriter, announces, is_item
from tracer.render.boxes import align_texts, boxes_beside, one_line, part_lines, wrap_formula
from tracer.render.mathematics import Mathematics, bare_text, marked_lines
from tracer.render.network_drawing import network_text
from tracer.render.plain import graph_lines
from tracer.render.plots import empty_cells, labelled_lines, put_lines, scale_row
from tracer.render.screen_lines import Line, indented
from tracer.sentences import Sentence
from tracer.text_width import padded, width

LEAST_ROOM: Final = 20
MOST_WORDS: Final = 100  # columns of a line of words; longer ones are hard to read
PLOT_ROWS: Final = 10
MOST_PLOT_COLUMNS: Final = 72
MOST_NETWORK_ROWS: Final = 60


class LineWriter(BlockWriter[list[Line]]):
    """Writes blocks one after the other, in lines of at most `room` columns."""

    def __init__(self, mathematics: Mathematics, room: int) -> None:
        self.mathematics = mathematics
        self.unicode = mathematics.words.unicode
        self.room = max(room, LEAST_ROOM)
        self.margin = "    " if self.room >= 40 else "  "
        self.rule = "─" if self.unicode else "-"
        self.before: Block | None = None
        self.is_of_equation = False  # whether words are said of an equation above them

    def following(self, block: Block) -> list[Line]:
        """Return a block's lines, an empty one before them where it begins something."""
        gap: list[Line] = []
        if self.before is not None and not self.joins(self.before, block):
            gap = [[]]
        lines = [*gap, *self.block(block)]
        self.before = block
        if not isinstance(block, Paragraph) or block.kind != "text":
            self.is_of_equation = isinstance(block, EquationLine)
        return lines

    def joins(self, before: Block, block: Block) -> bool:
        """Say whether a block stands right below the one before it."""
        if isinstance(before, Heading):
            return not isinstance(block, Heading)
        if isinstance(before, Paragraph) and before.kind == "label":
            return True
        if isinstance(block, Paragraph):
            if block.kind == "item":
                return is_item(before)
            is_comment = block.kind == "text" and not announces(block)
            return is_comment and isinstance(before, EquationLine)
        return False

    # Words

    def lines(self, text: str, room: int, role: str = "words") -> list[Line]:
        """Return a marked text in lines of at most `room` columns."""
        return [*marked_lines(text, room, role, "inline")]

    def indented(self, text: str) -> list[Line]:
        """Return a marked text in lines behind the margin."""
        return indented(self.lines(text, self.room - len(self.margin)), self.margin)

    def heading(self, heading: Heading) -> list[Line]:
        """Return a heading; a rule below it says how high it stands."""
        lines = self.lines(self.mathematics.text(heading.text), self.room, "heading")
        if heading.level > 2:
            return lines
        columns = max(sum(width(piece) for piece, _ in line) for line in lines)
        rule = ("═" if self.unicode else "=") if heading.level == 1 else self.rule
        return [*lines, [(rule * columns, "heading")]]

    def paragraph(self, paragraph: Paragraph) -> list[Line]:
        """Return a paragraph; what is said of an equation stands in its column."""
        text = self.mathematics.joined(paragraph.sentences)
        room = min(self.room, MOST_WORDS)
        if paragraph.kind == "label":
            return self.lines(text, room, "label")
        if paragraph.kind == "item":
            first, margin = ("• " if self.unicode else "- "), "  "
        else:
            first = margin = self.margin if self.is_of_equation else ""
        lines = self.lines(text, room - len(margin))
        return [[(margin if place else first, ""), *line] for place, line in enumerate(lines)]

    def caption(self, sentence: Sentence) -> list[Line]:
        """Return what stands above a picture."""
        return self.lines(self.mathematics.sentence(sentence), min(self.room, MOST_WORDS))

    # Equations

    def equation(self, line: EquationLine) -> list[Line]:
        """Return an equation with its numbers, drawn in two dimensions."""
        rows = self.mathematics.layout.equation(line, self.room - len(self.margin))
        lines: list[Line] = [[*line] for row in rows for line in part_lines(row)]
        for sentence in present(line.extent):
            words = self.mathematics.sentence(sentence)
            lines += self.lines(words, min(self.room, MOST_WORDS) - len(self.margin))
        return indented(lines, self.margin)

    # Tables

    def table(self, table: Table) -> list[Line]:
        """Return a table; where it is too wide its columns follow in groups behind the first."""
        columns = [self.column(cells) for cells in zip(table.head, *table.rows, strict=True)]
        if not columns:
            return []
        cells = (cell for row in table.rows for cell in row if isinstance(cell, Node))
        formulas = {self.mathematics.cell(cell): cell for cell in cells}
        widths = [max(width(bare_text(text)) for text in column) for column in columns]
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
            is_wide = room - used - 2 >= max(room // 3, 12)  # enough for words in several lines
            if end < len(columns) and (is_wide or end == start):
                end += 1
            if lines:
                lines.append([])
            chosen = [0, *range(start, end)]
            rooms = [widths[place] for place in chosen]
            rooms[-1] = min(rooms[-1], room - sum(rooms[:-1]) - 2 * (len(rooms) - 1))
            lines += self.rows([columns[place] for place in chosen], rooms, formulas)
            start = end
        return lines

    def column(self, cells: Sequence[Cell]) -> list[str]:
        """Return a column's texts, the head first; numbers with their points in line."""
        head, *texts = map(self.mathematics.cell, cells)
        places = [place for place, cell in enumerate(cells[1:]) if _is_number(cell)]
        if all(_is_number(cell) or cell in ("", "…") for cell in cells[1:]):
            numbers = align_texts([bare_text(texts[place]) for place in places])
            for place, text in zip(places, numbers, strict=True):
                texts[place] = text
        return [head, *texts]

    def rows(
        self, columns: Sequence[Sequence[str]], rooms: Sequence[int], formulas: Mapping[str, Node]
    ) -> list[Line]:
        """Return rows of cells, each in as many lines as it needs; high ones stand apart."""
        result: list[Line] = []
        is_high = False
        for place, row in enumerate(zip(*columns, strict=True)):
            role = "words" if place else "label"
            cells = [
                self.cell_lines(text, room, formulas.get(text))
                for text, room in zip(row, rooms, strict=True)
            ]
            was_high, is_high = is_high, place > 0 and max(map(len, cells)) > 1
            result += [[]] * (place > 1 and (was_high or is_high))
            for at in range(max(map(len, cells))):
                texts = [lines[at] if at < len(lines) else "" for lines in cells]
                padding = [padded(text, room) for text, room in zip(texts, rooms, strict=True)]
                result.append([("  ".join(padding), role)])
            if place == 0:
                result.append([("  ".join(self.rule * room for room in rooms), "faint")])
        return result

    def cell_lines(self, text: str, room: int, formula: Node | None) -> list[str]:
        """Return a cell's text in lines of at most `room` columns; a formula is drawn there."""
        if width(bare_text(text)) <= room:
            return [bare_text(text)]
        if formula is not None:
            return list(self.mathematics.layout.fitted(formula, room).lines)
        return ["".join(piece for piece, _ in line) for line in self.lines(text, room)]

    # Pictures

    def graph(self, graph: Graph) -> list[Line]:
        """Return a network as a drawing; where there is no room, as a list of what leads where.

        Where there is room for names only, the figures follow.
        """
        writer, room = self.mathematics, self.room - len(self.margin)
        inputs = plots.inputs_of([node.id for node in graph.nodes], graph.edges)
        names = {node.id: [writer.node_text(replace(node, figures=()))] for node in graph.nodes}
        figured = {node.id: self.figures(node) or names[node.id] for node in graph.nodes}
        drawing = self.network(figured, inputs)
        rest: Iterator[str] = iter(())
        if not drawing:
            drawing = self.network(names, inputs)
            rest = (
                (writer.node_text(node) for node in graph.nodes if node.figures)
                if drawing
                else graph_lines(graph, writer, "→" if self.unicode else "->")
            )
        for at, text in enumerate(rest):
            first, *others = wrap_formula(writer.escaped(text), room - 2)
            gap = [""] if drawing and not at else []
            drawing += [*gap, first, *(f"  {other}" for other in others)]
        lines: list[Line] = [[(self.margin + line, "")] for line in drawing]
        return [*self.caption(graph.caption), [], *lines] if lines else self.caption(graph.caption)

    def network(
        self, labels: Mapping[str, Sequence[str]], inputs: Mapping[str, Sequence[str]]
    ) -> list[str]:
        """Return the drawing of a network; nothing where there is no room."""
        room = self.room - len(self.margin)
        return network_text(labels, inputs, room, MOST_NETWORK_ROWS, unicode=self.unicode)

    def figures(self, node: GraphNode) -> list[str]:
        """Return the value and the gradient of a quantity, their numbers drawn."""
        layout = self.mathematics.layout
        return [
            line.rstrip()
            for name, value in (it.children() for it in node.figures)
            for line in boxes_beside(
                [one_line(f"{layout.line(name)} = "), layout.write(value)]
            ).lines
        ]

    def plot(self, plot: Plot) -> list[Line]:
        """Return curves in a frame: the highest and lowest values, the axes' words, a legend."""
        curves = [series.points for series in plot.series]
        across = plots.value_limits(x for points in curves for x, _ in points)
        up = plots.value_limits(y for points in curves for _, y in points)
        caption = self.caption(plot.caption)
        if across is None or up is None:
            return caption
        low, high = map(self.number, up)
        labels = max(width(low), width(high))
        columns = min(self.room - len(self.margin) - labels - 2, MOST_PLOT_COLUMNS)
        if columns < 1:  # beside such long numbers there is no room for a curve
            return caption
        cells = empty_cells(columns, PLOT_ROWS)
        drawing = (
            plots.braille_rows(curves[0], across, up, columns, PLOT_ROWS)
            if self.unicode and len(curves) == 1 and len(curves[0]) > 1
            else plots.marked_rows(curves, across, up, columns, PLOT_ROWS)
        )
        put_lines(cells, drawing, "curve")
        sides = {0: high, PLOT_ROWS - 1: low}
        if up[0] == up[1]:
            sides = {(PLOT_ROWS - 1) // 2: high}
        signs = (self.rule, "═", "▲") if self.unicode else (self.rule, "=", "^")
        ends = [(span.low, span.high) for span in plot.spans]
        axis = plots.marked_axis(ends, across, columns, signs)
        words = self.mathematics.text(plot.horizontal)
        left, right = map(self.number, across)
        if across[0] == across[1]:
            left, right, words = "", "", f"{words} = {left}"
        texts = [(0, left, ""), (columns, right, "")]
        has_room = width(left) + width(words) + width(right) + 4 <= columns
        if has_room:
            texts.append((columns // 2, words, ""))
        frame = [*["│" if self.unicode else "|"] * PLOT_ROWS, "└" if self.unicode else "+", " "]
        rows = [*cells, [(axis, "")], scale_row(texts, columns)]
        framed = [[(sign, ""), *row] for sign, row in zip(frame, rows, strict=True)]
        lines = labelled_lines(framed, sides, labels)
        result = [*caption, [], *self.indented(self.mathematics.text(plot.vertical))]
        result += indented(lines, self.margin)
        if not has_room:
            result += self.indented(words)
        if len(curves) > 1:
            for place, series in enumerate(plot.series):
                mark = plots.MARKS[place % len(plots.MARKS)]
                result += self.indented(f"{mark} {self.mathematics.text(series.name)}")
        names = {
            signs[1 + (span.low == span.high)]: self.mathematics.text(span.name)
            for span in plot.spans
        }
        if names:
            text = "   ".join(f"{sign} {name}" for sign, name in names.items())
            result += self.indented(text)
        return result

    def number(self, value: float) -> str:
        """Return a number at an axis."""
        return self.mathematics.formula(curve_figure(value))


def _is_number(cell: Cell) -> bool:
    if isinstance(cell, Call) and cell.operation == "negative" and len(cell.arguments) == 1:
        return isinstance(cell.arguments[0], Number)
    return cell.isdigit() if isinstance(cell, str) else isinstance(cell, Number)
