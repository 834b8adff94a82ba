"""A remark on a run as lines: its sign, and the sentence beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracer.text_width import width

if TYPE_CHECKING:
    from tracer.narrative.run_verdict import Remark
    from tracer.render.mathematics import Mathematics
    from tracer.render.screen_lines import Line

__all__ = ["remark_lines"]


def remark_lines(mathematics: Mathematics, remark: Remark, room: int) -> list[Line]:
    """Return a remark in lines of at most `room` columns, good news and bad news with a sign."""
    unicode = mathematics.words.unicode
    signs = {"good": "✓ ", "bad": "✗ "} if unicode else {"good": "+ ", "bad": "x "}
    start = signs.get(remark.role, "  ")
    lines = mathematics.sentences([remark.sentence], room - width(start))
    return [
        [(start if y == 0 else " " * width(start), remark.role), *line]
        for y, line in enumerate(lines)
    ]
