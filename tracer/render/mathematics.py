"""Steps as lines of the screen: aligned rows of symbols, numbers and result, and words.

It draws with the boxes of `render` and knows no terminal library.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from tracer.expression.syntax import Number
from tracer.narrative.messages import Sentence
from tracer.narrative.words import extent_words
from tracer.operations import Shape
from tracer.program.elements import place_node
from tracer.render.block_writer import SentenceWriter
from tracer.render.boxes import Box, Layout, Part, one_line, part_lines, wrapped
from tracer.render.marked_text import bare_text, marked_formula, marked_lines
from tracer.render.members import members
from tracer.render.screen_lines import Line, safe
from tracer.text_width import padded, width

if TYPE_CHECKING:
    from tracer.expression.notation import Notation
    from tracer.expression.syntax import Node
    from tracer.narrative.blocks import EquationLine
    from tracer.render.screen_words import Words

__all__ = ["Mathematics"]

# An index of two digits, which the language keeps together: of a vector it can be no other.
_ONE_INDEX: Final = re.compile(r"_\{\{(\d+)\}\}")
_DIGITS: Final = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


class _OnScreen(Layout):
    """A layout whose text nobody reads back: indices of two digits need no braces."""

    __slots__ = ()

    def line(self, node: Node) -> str:
        """Return a tree on one line."""
        if self.dialect == "ascii":
            return super().line(node).replace("…", "...")
        return _ONE_INDEX.sub(_lowered, super().line(node))

    def box(self, node: Node, after: bool = False) -> Box:
        """Return a tree's drawing."""
        if isinstance(node, Number):
            return one_line(self.line(node))
        return super().box(node, after)


class Mathematics(SentenceWriter):
    """Draws equations and sentences in one notation, language and set of characters."""

    def __init__(self, notation: Notation, words: Words) -> None:
        super().__init__(notation, words.translate)
        self.words = words
        self.dialect = "unicode" if words.unicode else "ascii"
        self.layout = _OnScreen(self.vocabulary, self.notation, self.dialect)

    def inline(self, node: Node) -> str:
        """Return a tree on one line."""
        return safe(self.layout.line(node))

    def entry(self, name: str, index: Shape) -> str:
        """Return what an entry is called: `(W₁)₁₂`, counted from 1, or in ASCII `W1[0, 1]`."""
        return self.inline(place_node(name, index))

    def one_line(self, line: EquationLine) -> str:
        """Return the symbols of an equation on one line: `ŷ = w·x`."""
        sign = self.layout.signs.arrow if line.arrow else " = "
        return f"{self.inline(line.left)}{sign}{self.inline(line.formula)}"

    def equation(self, line: EquationLine, room: int, height: int = 1000) -> list[Line]:
        """Return three aligned rows: symbols, numbers put in, result.

        Where they are higher than `height` they are written in the one-line form; a row that is
        too wide goes on below, broken at its signs, and nothing is left out.
        """
        room = max(room, 8)
        drawn = [line for row in self._rows(line, room) for line in row]
        if len(drawn) <= height:
            return drawn
        flat = self._flat(line, room)
        return flat if len(flat) < len(drawn) else drawn

    def _rows(self, line: EquationLine, room: int) -> list[list[Line]]:
        rows = self.layout.equation(line, room)
        if len(rows) > 1:
            return [_lines(row) for row in rows]
        return _apart([_lines(row) for row in _parted(rows[0])])

    def _flat(self, line: EquationLine, room: int) -> list[Line]:
        """Return the one-line form of each row."""
        left = self.inline(line.left)
        sides = [
            (self.layout.relations[relation], role, node) for relation, node, role in members(line)
        ]
        indent = width(left) if width(left) <= room // 3 else 1
        lines: list[Line] = []
        start: list[tuple[str, str]] = [(left, "left")]
        if indent == 1 and width(left) > 1:
            lines += [[(text, "left")] for text in wrapped(left, room)]
            start = [(" ", "")]
        for sign, role, node in sides:
            sign = padded(sign, max(width(each) for each, _, _ in sides), "right")
            rest = max(room - indent - width(sign), 4)
            for place, text in enumerate(wrapped(self.inline(node), rest)):
                if place == 0:
                    lines.append([*start, (sign, "sign"), (text, role)])
                    start = [(" " * indent, "")]
                else:
                    lines.append([(" " * (indent + width(sign)), ""), (text, role)])
        return lines

    def extent(self, line: EquationLine, room: int) -> list[Line]:
        """Return what is said of a value that is too large to print; nothing of one that is not."""
        if line.result is not None or line.extent is None:
            return []
        return self.sentences([extent_words(line)], room)

    def text(self, sentence: Sentence) -> str:
        """Return a sentence on one line."""
        return bare_text(self.sentence(sentence))

    def sentences(
        self, sentences: Sequence[Sentence], room: int, role: str = "words"
    ) -> list[Line]:
        """Return sentences in lines of at most `room` columns, their formulas told apart."""
        return self.wrapped(self.joined(sentences), room, role)

    def template(self, text: str) -> str:
        """Return a message in the language and the characters."""
        return self.words.spelled(self.translate(text))

    def escaped(self, text: str) -> str:
        """Return a user's text without what would change the screen."""
        return self.words.spelled(safe(text))

    def formula(self, node: Node) -> str:
        """Return a tree on one line."""
        return self.inline(node)

    def marked(self, formula: str) -> str:
        """Return a formula between marks."""
        return marked_formula(formula)

    def wrapped(self, text: str, room: int, role: str = "words") -> list[Line]:
        """Return a text in lines; words stay whole where they fit, formulas too."""
        return [line for line in marked_lines(text, max(room, 4), role, "inline") if line]


def _lowered(found: re.Match[str]) -> str:
    return found[1].translate(_DIGITS)


def _parted(row: Sequence[Part]) -> list[list[Part]]:
    """Return a row that fits as rows below each other, aligned at the signs."""
    left, *rest = row
    pairs = list(zip(rest[::2], rest[1::2], strict=True))
    signs = max(sign.box.width for sign, _ in pairs)
    rows: list[list[Part]] = []
    start = left
    for sign, side in pairs:
        text = padded(sign.box.lines[0], signs, "right")
        rows.append([start, Part("sign", one_line(text)), side])
        start = Part("space", one_line(" " * left.box.width))
    return rows


def _lines(row: Sequence[Part]) -> list[Line]:
    """Return boxes side by side as lines that may be shown."""
    return [[(safe(text), role) for text, role in line] for line in part_lines(row)]


def _apart(rows: Sequence[list[Line]]) -> list[list[Line]]:
    """Return rows with an empty line between two of several lines each, which would touch."""
    found: list[list[Line]] = []
    for place, row in enumerate(rows):
        touches = place > 0 and len(row) > 1 and len(rows[place - 1]) > 1
        found.append([[], *row] if touches else list(row))
    return found
