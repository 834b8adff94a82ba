"""Blocks as lines of a screen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

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
from tracer.narrative.messages import Sentence
from tracer.render.block_writer import BlockWriter
from tracer.render.boxes import wrapped
from tracer.render.mathematics import Mathematics
from tracer.render.plain import samples
from tracer.render.screen_lines import Line
from tracer.text_width import padded, width

__all__ = ["block_lines", "table_lines"]


def block_lines(blocks: Iterable[Block], mathematics: Mathematics, room: int) -> list[Line]:
    """Return blocks as lines of at most `room` columns; a curve is told by some of its points."""
    writer = _LineWriter(mathematics, room)
    lines: list[Line] = []
    for block in blocks:
        if lines and lines[-1] and not isinstance(block, EquationLine):
            lines.append([])
        lines += writer.block(block)
    return lines


class _LineWriter(BlockWriter[list[Line]]):
    """Writes blocks as lines of a screen."""

    def __init__(self, mathematics: Mathematics, room: int) -> None:
        self.mathematics = mathematics
        self.room = room

    def heading(self, heading: Heading) -> list[Line]:
        role = "title" if heading.level == 1 else "label"
        lines = self.mathematics.sentences([heading.text], self.room)
        return [[(text, role) for text, _ in line] for line in lines]

    def paragraph(self, paragraph: Paragraph) -> list[Line]:
        return self.mathematics.sentences(paragraph.sentences, self.room)

    def equation(self, line: EquationLine) -> list[Line]:
        room = self.room - 2
        drawn = [*self.mathematics.equation(line, room), *self.mathematics.extent(line, room)]
        return [*([("  ", ""), *row] for row in drawn), []]

    def table(self, table: Table) -> list[Line]:
        rows = [[self.cell(cell) for cell in row] for row in (table.head, *table.rows)]
        return table_lines(rows, self.room, head=True)

    def graph(self, graph: Graph) -> list[Line]:
        return self.mathematics.sentences([graph.caption], self.room)

    def plot(self, plot: Plot) -> list[Line]:
        caption = self.mathematics.sentences([plot.caption], self.room)
        return [*caption, *self.table(samples(plot))]

    def cell(self, cell: Cell) -> str:
        if isinstance(cell, Sentence):
            return self.mathematics.text(cell)
        words = self.mathematics.words
        return words(cell) if isinstance(cell, str) else self.mathematics.inline(cell)


def table_lines(rows: Sequence[Sequence[str]], room: int, *, head: bool = False) -> list[Line]:
    """Return rows of cells in columns; the last one goes on below where it is too long."""
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    left = sum(widths[:-1]) + 2 * (len(widths) - 1)
    found: list[Line] = []
    for number, row in enumerate(rows):
        start = "".join(
            padded(cell, size) + "  " for cell, size in zip(row[:-1], widths[:-1], strict=True)
        )
        role = "faint" if head and number == 0 else "words"
        for place, piece in enumerate(wrapped(row[-1], max(room - left, 12)) or [""]):
            first = start if place == 0 else " " * left
            found.append([(first, "faint" if head and number == 0 else "strong"), (piece, role)])
    return found
