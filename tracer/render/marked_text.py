"""Sentences with formulas marked in them, broken into lines: words and short formulas stay whole.

Lines break at spaces and beside wide characters, but not before a mark that closes or behind one
that opens.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from tracer.render.boxes import wrap_formula
from tracer.text_width import width

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

Pieces = list[tuple[str, str]]


class _Word(NamedTuple):
    """Pieces of text with their styles that stay together."""

    pieces: Pieces
    spaced: bool  # a space stands before it, unless it begins a line

    @property
    def columns(self) -> int:
        return sum(width(text) for text, _ in self.pieces)


def marked_formula(formula: str) -> str:
    """Return a formula between marks."""
    return f"{_START}{formula}{_END}"


def bare_text(text: str) -> str:
    """Return a marked text without its marks."""
    return _MARKS.sub("", text)


def marked_lines(text: str, room: int, style: str, formula_style: str) -> list[Pieces]:
    """Return a marked text in lines of at most `room` columns, each piece with its style."""
    found: list[Pieces] = []
    line: Pieces = []
    columns = 0
    for word in _breakable_words(text, room, style, formula_style):
        if line and columns + word.spaced + word.columns > room:
            found.append(line)
            line, columns = [], 0
        if word.spaced and line:
            line.append((" ", style))
            columns += 1
        line += word.pieces
        columns += word.columns
    return [*found, line]


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


def _text_tokens(text: str, room: int) -> Iterator[tuple[str, bool]]:
    for place, part in enumerate(_MARKS.split(text)):
        if place % 2 == 0:
            yield from ((token, False) for token in _TOKEN.findall(part))
        elif width(part) <= room // 2:
            yield part, True
        else:
            for at, line in enumerate(wrap_formula(part, room)):
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
