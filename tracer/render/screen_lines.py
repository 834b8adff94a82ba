"""Lines of a screen: pieces of text with roles, without what would change the screen."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Final

from tracer.errors import printable_text
from tracer.lazy_regex import lazy_regex
from tracer.text_width import width

Piece = tuple[str, str]
"""A text with the role that decides on its colour."""

Line = Sequence[Piece]
"""A line of the screen: pieces of text, each with its role."""

# What has no width of its own would shift all that follows it; the first two mark formulas.
_HIDDEN: Final = lazy_regex(
    "[\ue000\ue001\u200b-\u200f\u2060-\u2064\u2066-\u2069\ufeff\ufff9-\ufffb]"
)


_SPELLED: Final = str.maketrans(
    {
        **{"−": "-", "–": "-", "—": "-", "·": "*", "×": "x", "÷": "/", "≈": "~=", "≠": "!="},
        **{
            "≤": "<=",
            "≥": ">=",
            "←": "<-",
            "→": "->",
            "∂": "d",
            "…": "...",
            "½": "1/2",
            "¼": "1/4",
        },
        **{"‘": "'", "’": "'", "“": '"', "”": '"', "′": "'", "\u00a0": " ", "•": "-"},
        **{"●": "*", "▸": ">", "✗": "x", "✓": "+", "↷": ">", "○": "o"},
    }
)
_RAISED: Final = lazy_regex("[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+")


def in_ascii(text: str) -> str:
    """Return a text with mathematical signs and accents spelled in ASCII; letters stay."""
    if text.isascii():
        return text
    text = _RAISED.sub(lambda match: f"^{unicodedata.normalize('NFKC', match[0])}", text)
    apart = unicodedata.normalize("NFD", text.translate(_SPELLED))
    letters = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return unicodedata.normalize("NFC", letters)


def safe_text(text: str, *, lines: bool = False) -> str:
    """Return a text that may be shown: signs for control characters, tabs and lines as spaces.

    With `lines` line ends stay.
    """
    text = _HIDDEN.sub("�", printable_text(text)).replace("\t", "    ")
    text = text.encode("utf-8", "replace").decode("utf-8")
    return text if lines else text.replace("\n", "␊")


def joined_pieces(pieces: Iterable[Piece]) -> list[Piece]:
    """Return a line whose neighbours of one role are one piece."""
    groups = groupby(pieces, lambda piece: piece[1])
    return [("".join(text for text, _ in group), role) for role, group in groups]


def indented(lines: Iterable[Line], margin: str = " ") -> list[Line]:
    """Return lines with a margin before each; as they are without one."""
    return [[(margin, ""), *line] for line in lines] if margin else [*lines]


def line_text(line: Line) -> str:
    """Return a line's text."""
    return "".join(text for text, _ in line)


def line_width(line: Line) -> int:
    """Return how many columns a line takes."""
    return sum(width(text) for text, _ in line)


def cut_text(text: str, columns: int, ellipsis: str = "…") -> str:
    """Return a text of at most so many columns, with a sign where something is left out."""
    if width(text) <= columns:
        return text
    if columns < width(ellipsis):
        return ""
    room = columns - width(ellipsis)
    beginning = ""
    for character in text:
        room -= width(character)
        if room < 0:
            break
        beginning += character
    return beginning + ellipsis
