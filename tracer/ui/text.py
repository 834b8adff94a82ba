"""The one way of dynamic text to the screen: as it is, never markup, without control characters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from tracer.errors import printable_text
from tracer.text_width import width

if TYPE_CHECKING:
    from textual.content import Content

__all__ = ["Line", "ascii_only", "content", "cut", "cut_line", "line_width", "plain", "safe"]

Line = Sequence[tuple[str, str]]
"""A line of the screen: pieces of text, each with the role that decides on its colour."""

# What has no width of its own would shift all that follows it.
_HIDDEN: Final = re.compile("[\u200b-\u200f\u2060-\u2064\u2066-\u2069\ufeff\ufff9-\ufffb]")


def safe(text: str, *, lines: bool = False) -> str:
    """Return a text that may be shown: signs for control characters, tabs and lines as spaces.

    With `lines` line ends stay.
    """
    text = _HIDDEN.sub("�", printable_text(text)).replace("\t", "    ")
    text = text.encode("utf-8", "replace").decode("utf-8")
    return text if lines else text.replace("\n", "␊")


def content(*pieces: str | tuple[str, str]) -> Content:
    """Return text for a widget of Textual's; a piece may have a style, as ("✓ ok", "$success")."""
    from textual.content import Content

    return Content("").join(
        Content(safe(piece, lines=True))
        if isinstance(piece, str)
        else Content.styled(safe(piece[0], lines=True), piece[1])
        for piece in pieces
    )


def plain(line: Line) -> str:
    """Return a line's text."""
    return "".join(text for text, _ in line)


def line_width(line: Line) -> int:
    """Return how many columns a line takes."""
    return sum(width(text) for text, _ in line)


def cut(text: str, columns: int, ellipsis: str = "…") -> str:
    """Return a text of at most so many columns, with a sign where something is left out."""
    if width(text) <= columns:
        return text
    if columns < width(ellipsis):
        return ""
    room = columns - width(ellipsis)
    kept = ""
    for character in text:
        room -= width(character)
        if room < 0:
            break
        kept += character
    return kept + ellipsis


def cut_line(line: Line, columns: int, ellipsis: str = "…") -> Line:
    """Return a line of at most so many columns, cut as a text is."""
    if line_width(line) <= columns:
        return line
    kept: list[tuple[str, str]] = []
    room = columns
    for text, role in line:
        begin = cut(text + ellipsis, room, ellipsis)
        if begin != text + ellipsis:  # there is room for no more
            return [*kept, (begin, role)]
        kept.append((text, role))
        room = columns - line_width(kept)
    return kept


def ascii_only(lines: Iterable[Line]) -> list[Line]:
    """Return lines with mathematical signs spelled in ASCII."""
    from tracer.render.plain import in_ascii

    return [[(in_ascii(text), role) for text, role in line] for line in lines]
