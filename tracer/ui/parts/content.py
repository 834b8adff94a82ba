"""The one way of dynamic text to the screen: as it is, never markup, without control characters."""

from __future__ import annotations

from textual.content import Content

from tracer.render.screen_lines import safe

__all__ = ["content"]


def content(*pieces: str | tuple[str, str]) -> Content:
    """Return text for a widget of Textual's; a piece may have a style, as ("✓ ok", "$success")."""
    return Content("").join(
        Content(safe(piece, lines=True))
        if isinstance(piece, str)
        else Content.styled(safe(piece[0], lines=True), piece[1])
        for piece in pieces
    )
