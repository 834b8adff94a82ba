"""Steps as lines of the screen: aligned rows of symbols, numbers and result, and words.

It draws with the boxes of `render` and knows no terminal library. A line of words is broken at
spaces and beside wide characters, but not before a mark that closes or behind one that opens.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from tracer.expression import Node, Notation
from tracer.narrative.blocks import EquationLine
from tracer.narrative.words import shape_words
from tracer.operations import Shape, number_node, number_text, vocabulary
from tracer.program.elements import place_node
from tracer.render.block_writer import SentenceWriter
from tracer.render.boxes import Layout, part_lines, wrap_formula
from tracer.render.screen_lines import Line, Piece, in_ascii, safe_text
from tracer.sentences import Code, Sentence, Text, Translate, plain_text
from tracer.text_width import width


class Words:
    """Turns sentences into text of one language, in Unicode or ASCII."""

    def __init__(self, translate: Translate = str, *, unicode: bool = True) -> None:
        self.unicode = unicode
        self.translate = translate

    @property
    def language(self) -> str:
        """The code of the language."""
        return self.translate("en")  # a catalogue gives its own code

    @property
    def ellipsis(self) -> str:
        """What stands for what has no room."""
        return "…" if self.unicode else "..."

    def shape(self, shape: Shape) -> str:
        """Return the shape of an array as none of its values could be written: 4 × 2, 2 numbers."""
        return self(shape_words(shape))

    def dimensions(self, shape: Shape) -> str:
        """Return a shape for the box of a drawing, where there is little room: 4×2, ⟨2⟩."""
        if len(shape) == 1:
            return f"⟨{shape[0]}⟩" if self.unicode else f"<{shape[0]}>"
        return ("×" if self.unicode else "x").join(map(str, shape))

    def __call__(self, text: Text) -> str:
        """Return a sentence without formulas, or a text, as it may be shown."""
        return self.terminal_text(safe_text(plain_text(text, self.translate)))

    def terminal_text(self, text: str) -> str:
        """Return a text as the terminal can show it."""
        return text if self.unicode else in_ascii(text)


# Around formulas in a filled sentence, so that they can be told from the words.
_START, _END = "\ue000", "\ue001"
_MARKS: Final = re.compile(f"[{_START}{_END}]")
_WIDE: Final = (
    "\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6"
    "\U0001f300-\U0001faff\U00020000-\U0003ffff"
)
_TOKEN: Final = re.compile(rf"\s+|[{_WIDE}]|[^\s{_WIDE}]+")
_NOT_FIRST: Final = frozenset("，。、；：！？）》」』】〉”’,.;:!?)]}%")
_NOT_LAST: Final = frozenset("（《「『【〈“‘([{")

_QUOTED: Final = re.compile("'[^']*'")

Pieces = list[Piece]


class _Word(NamedTuple):
    """Pieces of text with their styles that stay together."""

    pieces: Pieces
    spaced: bool  # a space stands before it, unless it begins a line

    @property
    def columns(self) -> int:
        return sum(width(text) for text, _ in self.pieces)


def bare_text(text: str) -> str:
    """Return a marked text without its marks."""
    return _MARKS.sub("", text)


def marked_lines(text: str, room: int, style: str, formula_style: str) -> list[Pieces]:
    """Return a marked text in lines of at most `room` columns, each piece with its style."""
    lines: list[Pieces] = []
    line: Pieces = []
    columns = 0
    for word in _breakable_words(text, room, style, formula_style):
        if line and columns + word.spaced + word.columns > room:
            lines.append(line)
            line, columns = [], 0
        if word.spaced and line:
            line.append((" ", style))
            columns += 1
        line += word.pieces
        columns += word.columns
    return [*lines, line]


def _breakable_words(text: str, room: int, style: str, formula_style: str) -> Iterator[_Word]:
    """Yield what a marked text may be broken between."""
    pieces: Pieces = []
    spaced = space = glued = False
    for token, formula in _text_tokens(text, room):
        if token.isspace():
            space = True
            continue
        wide = formula or bool(re.match(f"[{_WIDE}]", token))
        ends = pieces[-1][0][-1] if pieces else ""
        apart = space or ((wide or glued) and ends not in _NOT_LAST)
        if pieces and (not apart or (token[0] in _NOT_FIRST and not space)):
            pieces.append((token, formula_style if formula else style))
        else:
            if pieces:
                yield from _chop_word(_Word(pieces, spaced), room)
            pieces, spaced = [(token, formula_style if formula else style)], space
        space, glued = False, wide and not formula
    if pieces:
        yield from _chop_word(_Word(pieces, spaced), room)


_BEFORE_RELATION: Final = re.compile(r" (?=[=≈] )")


def _text_tokens(text: str, room: int) -> Iterator[tuple[str, bool]]:
    for place, part in enumerate(_MARKS.split(text)):
        if place % 2 == 0:
            yield from ((token, False) for token in _TOKEN.findall(part))
        elif width(part) <= room // 2:
            yield part, True
        else:
            sides = _BEFORE_RELATION.split(part)  # an equation is broken there before anywhere else
            lines = (line for side in sides for line in wrap_formula(side, room))
            for at, line in enumerate(lines):
                if at:
                    yield " ", False
                yield line, True


def _chop_word(word: _Word, room: int) -> Iterator[_Word]:
    """Yield a word, in pieces where it is longer than a line."""
    if word.columns <= room:
        yield word
        return
    spaced = word.spaced
    for text, style in word.pieces:
        for line in wrap_formula(text, room):
            yield _Word([(line, style)], spaced)
            spaced = False


ENDLESS: Final = 10_000  # columns, in which every formula is a line


class Mathematics(SentenceWriter):
    """Draws equations and sentences in one notation, language and set of characters."""

    def __init__(self, notation: Notation, words: Words) -> None:
        super().__init__(notation, words.translate)
        self.words = words
        self.dialect = "unicode" if words.unicode else "ascii"
        self.layout = Layout(vocabulary(), self.notation, self.dialect)

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
        """Return a user's text on one line, without what would change the screen.

        An argument in quotes is not broken: a shell would take the end of the line as a part of it.
        """
        terminal_text = self.words.terminal_text(" ".join(safe_text(text, lines=True).split()))
        is_code = isinstance(text, Code)
        return (
            _QUOTED.sub(lambda part: self.marked(part[0]), terminal_text)
            if is_code
            else terminal_text
        )

    def marked(self, formula: str) -> str:
        """Return a formula between marks."""
        return f"{_START}{formula}{_END}"

    def wrapped(self, text: str, room: int, role: str = "words") -> list[Line]:
        """Return a text in lines; words stay whole where they fit, formulas too."""
        return [line for line in marked_lines(text, max(room, 4), role, "inline") if line]
