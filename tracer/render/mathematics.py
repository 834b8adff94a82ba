"""Steps as lines of the screen: aligned rows of symbols, numbers and result, and words.

It draws with the boxes of `render` and knows no terminal library.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from tracer.expression.syntax import Number
from tracer.narrative.messages import Sentence
from tracer.narrative.words import extent_words
from tracer.operations import Shape
from tracer.program.elements import place_node
from tracer.render.block_writer import SentenceWriter
from tracer.render.boxes import Box, Layout, Part, one_line, wrapped
from tracer.render.members import members
from tracer.render.screen_lines import Line, safe
from tracer.text_width import padded, width

if TYPE_CHECKING:
    from tracer.expression.notation import Notation
    from tracer.expression.syntax import Node
    from tracer.narrative.blocks import EquationLine
    from tracer.render.screen_words import Words

__all__ = ["Mathematics"]

_START, _END = "\ue000", "\ue001"  # around formulas in a sentence
# An index of two digits, which the language keeps together: of a vector it can be no other.
_ONE_INDEX: Final = re.compile(r"_\{\{(\d+)\}\}")
_DIGITS: Final = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_MARKS: Final = re.compile(f"[{_START}{_END}]")
_WIDE: Final = "\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60"
_TOKEN: Final = re.compile(rf"\s+|[{_WIDE}]|[^\s{_WIDE}]+")
_NOT_FIRST: Final = frozenset("，。、；：！？）》」』】〉”’,.;:!?)]}%")


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
        return _MARKS.sub("", self.sentence(sentence))

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
        return f"{_START}{formula}{_END}"

    def wrapped(self, text: str, room: int, role: str = "words") -> list[Line]:
        """Return a text in lines; words stay whole where they fit, formulas too."""
        room = max(room, 4)
        lines: list[list[tuple[str, str]]] = [[]]
        columns = 0
        for word in _words(_tokens(text, room)):
            size = sum(width(token) for token, _ in word)
            if word[0][0].isspace():
                if columns and columns + size <= room:
                    lines[-1].append((" ", role))
                    columns += 1
                continue
            if columns and columns + size > room:
                lines.append([])
                columns = 0
            for token, is_formula in word:
                for piece in wrapped(token, room):
                    if columns + width(piece) > room:
                        lines.append([])
                        columns = 0
                    lines[-1].append((piece, "inline" if is_formula else role))
                    columns += width(piece)
        return [line for line in lines if line]


def _lowered(found: re.Match[str]) -> str:
    return found[1].translate(_DIGITS)


def _tokens(text: str, room: int) -> Iterator[tuple[str, bool]]:
    for place, part in enumerate(_MARKS.split(text)):
        if place % 2 == 0:
            yield from ((token, False) for token in _TOKEN.findall(part))
        elif width(part) <= room:
            yield part, True
        else:
            for at, piece in enumerate(wrapped(part, room)):
                if at:
                    yield " ", False
                yield piece, True


def _words(tokens: Iterable[tuple[str, bool]]) -> Iterator[list[tuple[str, bool]]]:
    """Yield what stays together: a token with the signs behind it that begin no line."""
    word: list[tuple[str, bool]] = []
    for token, is_formula in tokens:
        if word and token[0] in _NOT_FIRST and not word[-1][0].isspace():
            word.append((token, is_formula))
            continue
        if word:
            yield word
        word = [(token, is_formula)]
    if word:
        yield word


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
    """Return boxes side by side as lines, each piece with its role."""
    above = max(part.box.above for part in row)
    below = max(part.box.below for part in row)
    lines: list[list[tuple[str, str]]] = [[] for _ in range(above + below + 1)]
    for role, box in row:
        start = above - box.above
        for place, line in enumerate(lines):
            inside = start <= place < start + len(box.lines)
            line.append((safe(box.lines[place - start]) if inside else " " * box.width, role))
    return list(lines)


def _apart(rows: Sequence[list[Line]]) -> list[list[Line]]:
    """Return rows with an empty line between two of several lines each, which would touch."""
    found: list[list[Line]] = []
    for place, row in enumerate(rows):
        touches = place > 0 and len(row) > 1 and len(rows[place - 1]) > 1
        found.append([[], *row] if touches else list(row))
    return found
