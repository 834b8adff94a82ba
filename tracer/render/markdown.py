"""Blocks as Markdown with `$…$` and `$$…$$`, as GitHub shows it. No raw HTML."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from tracer.expression import render
from tracer.expression.names import Notation
from tracer.expression.syntax import Node
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
from tracer.narrative.messages import Equality, Sentence, Translate, filled
from tracer.narrative.words import extent_words
from tracer.operations import vocabulary

__all__ = ["markdown"]

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|$~])")


def markdown(
    blocks: Iterable[Block], notation: Notation, translate: Translate = str
) -> Iterator[str]:
    """Yield the text of each block, an empty line after it."""
    writer = _Writer(notation, translate)
    listed = False
    for block in blocks:
        item = isinstance(block, Paragraph) and block.kind == "item"
        if listed and not item:
            yield "\n"
        yield writer.block(block)
        listed = item


def escaped(text: str) -> str:
    """Return a user's text with Markdown's own signs taken literally."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


class _Writer:
    """Writes blocks in one notation."""

    def __init__(self, notation: Notation, translate: Translate) -> None:
        self.notation = notation
        self.translate = translate
        self.vocabulary = vocabulary()

    def block(self, block: Block) -> str:
        if isinstance(block, Heading):
            return f"{'#' * block.level} {self.sentence(block.text)}\n\n"
        if isinstance(block, Paragraph):
            text = " ".join(map(self.sentence, block.sentences))
            if block.kind == "item":
                return f"- {text}\n"
            return f"**{text}**\n\n" if block.kind == "label" else f"{text}\n\n"
        if isinstance(block, Table):
            return self.table(block)
        if isinstance(block, (Graph, Plot)):
            return f"{self.sentence(block.caption)}\n\n"
        return self.equation(block)

    def formula(self, node: Node) -> str:
        return render(node, "latex", vocabulary=self.vocabulary, notation=self.notation)

    def sentence(self, sentence: Sentence) -> str:
        return filled(sentence, self.translate, self.inline, escaped)

    def inline(self, part: Node | Equality) -> str:
        if isinstance(part, Equality):
            return f"${self.formula(part.left)} = {self.formula(part.right)}$"
        return f"${self.formula(part)}$"

    def equation(self, line: EquationLine) -> str:

        parts = [self.formula(line.left), r"\leftarrow" if line.arrow else "="]
        parts.append(self.formula(line.formula))
        same = line.substituted is None or line.substituted == line.formula
        if not same and line.substituted is not None:
            parts += ["=", self.formula(line.substituted)]
        if line.result is not None:
            if line.result != (line.formula if same else line.substituted):
                parts += ["=" if line.follows else r"\approx", self.formula(line.result)]
            return f"$${' '.join(parts)}$$\n\n"
        text = f"$${' '.join(parts)}$$\n\n"
        if line.extent is None:
            return text
        return f"{text}{self.sentence(extent_words(line))}\n\n"

    def table(self, table: Table) -> str:
        lines = [self.row(table.head), "|" + "---|" * len(table.head)]
        lines += [self.row(row) for row in table.rows]
        return "\n".join(lines) + "\n\n"

    def row(self, cells: Iterable[Cell]) -> str:
        return "| " + " | ".join(map(self.cell, cells)) + " |"

    def cell(self, cell: Cell) -> str:
        if isinstance(cell, Node):
            return f"${self.formula(cell)}$".replace("|", r"\vert ")
        return self.sentence(cell) if isinstance(cell, Sentence) else escaped(cell)
