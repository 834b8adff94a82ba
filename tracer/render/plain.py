"""Blocks as plain lines in Unicode or ASCII: for pipes, logs and screen readers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tracer.expression import render
from tracer.expression.look import Dialect
from tracer.expression.names import Notation
from tracer.expression.syntax import Node
from tracer.narrative.blocks import Block, Cell, EquationLine, Graph, Heading, Paragraph, Plot, Table
from tracer.narrative.messages import Equality, Sentence, Translate, filled
from tracer.narrative.words import extent_words
from tracer.operations import vocabulary

__all__ = ["plain"]


def plain(
    blocks: Iterable[Block],
    notation: Notation,
    translate: Translate = str,
    *,
    unicode: bool = True,
) -> Iterator[str]:
    """Yield the lines of each block."""
    writer = _Writer(notation, translate, "unicode" if unicode else "ascii")
    for block in blocks:
        yield writer.block(block)


class _Writer:
    """Writes blocks in one notation and one dialect."""

    def __init__(self, notation: Notation, translate: Translate, dialect: Dialect) -> None:
        self.notation = notation
        self.translate = translate
        self.dialect: Dialect = dialect
        self.vocabulary = vocabulary()
        self.arrow = "←" if dialect == "unicode" else "<-"
        self.about = "≈" if dialect == "unicode" else "~="

    def block(self, block: Block) -> str:
        if isinstance(block, Heading):
            return f"\n{self.sentence(block.text)}\n"
        if isinstance(block, Paragraph):
            text = " ".join(map(self.sentence, block.sentences))
            if block.kind == "label":
                return f"  {text}\n"
            return f"- {text}\n" if block.kind == "item" else f"      {text}\n"
        if isinstance(block, (Graph, Plot)):
            return f"      {self.sentence(block.caption)}\n"
        return self.table(block) if isinstance(block, Table) else self.equation(block)

    def formula(self, node: Node) -> str:
        return render(node, self.dialect, vocabulary=self.vocabulary, notation=self.notation)

    def sentence(self, sentence: Sentence) -> str:
        return filled(sentence, self.translate, self.inline, str)

    def inline(self, part: Node | Equality) -> str:
        if isinstance(part, Equality):
            return f"{self.formula(part.left)} = {self.formula(part.right)}"
        return self.formula(part)

    def equation(self, line: EquationLine) -> str:
        parts = [self.formula(line.left), self.arrow if line.arrow else "="]
        parts.append(self.formula(line.formula))
        same = line.substituted is None or line.substituted == line.formula
        if not same and line.substituted is not None:
            parts += ["=", self.formula(line.substituted)]
        if line.result is not None:
            if line.result != (line.formula if same else line.substituted):
                parts += ["=" if line.follows else self.about, self.formula(line.result)]
        elif line.extent is not None:
            parts.append(f"   {self.sentence(extent_words(line))}")
        return f"    {' '.join(parts)}\n"

    def table(self, table: Table) -> str:
        rows = [[self.cell(cell) for cell in row] for row in (table.head, *table.rows)]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = [
            "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            for row in rows
        ]
        return "\n".join(line.rstrip() for line in lines) + "\n"

    def cell(self, cell: Cell) -> str:
        if isinstance(cell, Node):
            return self.formula(cell)
        return self.sentence(cell) if isinstance(cell, Sentence) else cell
