"""Steps as lines of the screen: aligned rows of symbols, numbers and result, and words.

It draws with the boxes of `render` and knows no terminal library.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from tracer.operations import Shape
from tracer.operations.numbers import number_node, number_text
from tracer.program.elements import place_node
from tracer.render.block_writer import SentenceWriter
from tracer.render.boxes import Layout, part_lines
from tracer.render.marked_text import bare_text, marked_formula, marked_lines
from tracer.render.screen_lines import Line, safe_text
from tracer.sentences import Sentence

if TYPE_CHECKING:
    from tracer.expression.notation import Notation
    from tracer.expression.syntax import Node
    from tracer.narrative.blocks import EquationLine
    from tracer.render.screen_words import Words

ENDLESS: Final = 10_000  # columns, in which every formula is a line
# An index of two digits, which the language keeps together: of a vector it can be no other.
_ONE_INDEX: Final = re.compile(r"_\{\{(\d+)\}\}")
_BRACED: Final = re.compile(r"_\{(\w+)\}")  # a name below another: z_{mem₁}
_DIGITS: Final = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


class OnScreen(Layout):
    """A layout whose text nobody reads back: indices of two digits and names need no braces."""

    __slots__ = ()

    def drawing_text(self, text: str) -> str:
        """Return the printer's text as it stands in a drawing."""
        if self.dialect == "ascii":
            return text.replace("…", "...")
        text = _ONE_INDEX.sub(lambda found: found[1].translate(_DIGITS), text)
        return _BRACED.sub(r"_\1", text)


class Mathematics(SentenceWriter):
    """Draws equations and sentences in one notation, language and set of characters."""

    def __init__(self, notation: Notation, words: Words, layout: type[Layout] = OnScreen) -> None:
        super().__init__(notation, words.translate)
        self.words = words
        self.dialect = "unicode" if words.unicode else "ascii"
        self.layout = layout(self.vocabulary, self.notation, self.dialect)

    def inline(self, node: Node) -> str:
        """Return a tree on one line."""
        return safe_text(self.layout.line(node))

    formula = inline

    def number(self, value: float, digits: int) -> str:
        """Return a number at so many digits, as a reader writes it."""
        text = number_text(value, digits)
        return self.inline(number_node(text)) if math.isfinite(value) else text

    def entry(self, name: str, index: Shape) -> str:
        """Return what an entry is called: `(W₁)₁₂`, counted from 1, or in ASCII `W1[0, 1]`."""
        return self.inline(place_node(name, index))

    def one_line(self, line: EquationLine) -> str:
        """Return the symbols of an equation on one line: `ŷ = w·x`; alone what has no name."""
        if line.left == line.formula:
            return self.inline(line.left)
        sign = self.layout.characters.arrow if line.arrow else " = "
        return f"{self.inline(line.left)}{sign}{self.inline(line.formula)}"

    def in_one_row(self, line: EquationLine) -> str:
        """Return symbols, numbers and result behind each other: `ŷ = w·x = 0.5·1 = 0.5`."""
        rows = self._rows(line, ENDLESS, flat=True)
        return " ".join("".join(text for text, _ in row).strip() for row in rows)

    def equation(self, line: EquationLine, room: int, height: int = 1000) -> list[Line]:
        """Return three aligned rows: symbols, numbers put in, result.

        Where they are higher than `height` they are written in the one-line form, if need be from
        the left; a row that is too wide goes on below, broken at its signs, and nothing is left
        out.
        """
        forms: list[list[Line]] = []
        for form in ({}, {"flat": True}, {"flat": True, "hanging": True}):
            forms.append(self._rows(line, max(room, 8), **form))
            if len(forms[-1]) <= height:
                return forms[-1]
        return min(forms, key=len)

    def _rows(self, line: EquationLine, room: int, **form: bool) -> list[Line]:
        """Return symbols, numbers and result below each other, as lines that may be shown."""
        rows = self.layout.equation(line, room, apart=True, **form)
        return [
            [(safe_text(text), role) for text, role in line if text]
            for row in rows
            for line in part_lines(row)
        ]

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
        return self.words.terminal_text(self.translate(text))

    def escaped(self, text: str) -> str:
        """Return a user's text on one line, without what would change the screen."""
        return self.words.terminal_text(" ".join(safe_text(text, lines=True).split()))

    def marked(self, formula: str) -> str:
        """Return a formula between marks."""
        return marked_formula(formula)

    def wrapped(self, text: str, room: int, role: str = "words") -> list[Line]:
        """Return a text in lines; words stay whole where they fit, formulas too."""
        return [line for line in marked_lines(text, max(room, 4), role, "inline") if line]
