"""A text that can be read and scrolled: help, and what the glossary says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar, Final

from tracer.narrative.blocks import Block, EquationLine, Graph, Heading, Paragraph, Plot, Table
from tracer.narrative.messages import Sentence
from tracer.render.plain import samples
from tracer.text_width import padded, width
from tracer.ui.keys import PANE, bindings
from tracer.ui.widgets.lines import Lines

if TYPE_CHECKING:
    from textual.binding import BindingType

    from tracer.expression.syntax import Node
    from tracer.ui.mathematics import Mathematics
    from tracer.ui.text import Line

__all__ = ["Told", "block_lines", "table_lines"]

_SCROLLS: Final = tuple(key for key in PANE if key.action not in ("left", "right"))


class Told(Lines):
    """Lines with the keys that scroll them."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(_SCROLLS)]


def block_lines(blocks: Iterable[Block], mathematics: Mathematics, room: int) -> list[Line]:
    """Return blocks as lines of at most `room` columns; a curve is told by some of its points."""
    lines: list[Line] = []
    for block in blocks:
        if lines and lines[-1] and not isinstance(block, EquationLine):
            lines.append([])
        lines += _lines(block, mathematics, room)
    return lines


def _lines(block: Block, mathematics: Mathematics, room: int) -> list[Line]:
    if isinstance(block, Heading):
        role = "title" if block.level == 1 else "label"
        return [[(text, role) for text, _ in line] for line in _said(block.text, mathematics, room)]
    if isinstance(block, Paragraph):
        return mathematics.sentences(block.sentences, room)
    if isinstance(block, EquationLine):
        drawn = [*mathematics.equation(block, room - 2), *mathematics.extent(block, room - 2)]
        return [*([("  ", ""), *line] for line in drawn), []]
    if isinstance(block, Table):
        rows = [[_cell(cell, mathematics) for cell in row] for row in (block.head, *block.rows)]
        return table_lines(rows, room, head=True)
    if isinstance(block, Plot):
        return [
            *_said(block.caption, mathematics, room),
            *_lines(samples(block), mathematics, room),
        ]
    assert isinstance(block, Graph)
    return _said(block.caption, mathematics, room)


def _said(sentence: Sentence, mathematics: Mathematics, room: int) -> list[Line]:
    return mathematics.sentences([sentence], room)


def _cell(cell: Node | Sentence | str, mathematics: Mathematics) -> str:
    if isinstance(cell, Sentence):
        return mathematics.text(cell)
    return mathematics.words(cell) if isinstance(cell, str) else mathematics.inline(cell)


def table_lines(rows: Sequence[Sequence[str]], room: int, *, head: bool = False) -> list[Line]:
    """Return rows of cells in columns; the last one goes on below where it is too long."""
    from tracer.render.boxes import wrapped

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
