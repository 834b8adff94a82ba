"""How wide a text is in a terminal, in columns."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Literal
from unicodedata import category, east_asian_width

Side = Literal["left", "right", "centre"]


@lru_cache(maxsize=8192)
def width(text: str) -> int:
    """Return how many columns a text takes: wide characters two, combining marks none."""
    return len(text) if text.isascii() else sum(map(_character_columns, text))


@lru_cache(maxsize=8192)
def _character_columns(character: str) -> int:
    if category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if east_asian_width(character) in "WF" else 1


def padded(text: str, columns: int, side: Side = "left") -> str:
    """Return a text with spaces up to a width; `side` is where the text stands."""
    room = max(columns - width(text), 0)
    before = {"left": 0, "right": room, "centre": room // 2}[side]
    return " " * before + text + " " * (room - before)


def column_lines(
    rows: Sequence[Sequence[str]], side: Side = "left", between: str = "  "
) -> list[str]:
    """Return rows of cells as lines, a column below the other."""
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    return [
        between.join(padded(cell, size, side) for cell, size in zip(row, widths, strict=True))
        for row in rows
    ]
