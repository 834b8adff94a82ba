"""A strip of text with the raw place of each of its characters. It knows nothing of mathematics."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from tracer.check.written import Span

__all__ = ["Strip", "joined"]


class Strip:
    """Text that is read as one line; `rows[i]`, `columns[i]` say where its i-th character stands.

    Signs of markup may have been taken out of it, or replaced by as many blanks, and it may have
    been put together from several lines.
    """

    __slots__ = ("columns", "rows", "text")

    def __init__(self, text: str, rows: Sequence[int], columns: Sequence[int]) -> None:
        self.text: Final = text
        self.rows: Final = rows
        self.columns: Final = columns

    @classmethod
    def of_line(cls, text: str, row: int, column: int = 0) -> Strip:
        """Return the strip of a piece of one raw line that begins at a column."""
        return cls(text, (row,) * len(text), range(column, column + len(text)))

    def cut(self, start: int, end: int | None = None) -> Strip:
        """Return a part of the strip."""
        return Strip(self.text[start:end], self.rows[start:end], self.columns[start:end])

    def replaced(self, text: str) -> Strip:
        """Return the same places with another text of the same length."""
        return Strip(text, self.rows, self.columns)

    def without(self, places: Iterable[int]) -> Strip:
        """Return the strip without the characters at some places."""
        gone = set(places)
        if not gone:
            return self
        kept = [place for place in range(len(self.text)) if place not in gone]
        return Strip(
            "".join([self.text[place] for place in kept]),
            [self.rows[place] for place in kept],
            [self.columns[place] for place in kept],
        )

    def span(self, start: int = 0, end: int | None = None) -> Span:
        """Return the raw place of a part, as far as it stands on its first line."""
        last = (len(self.text) if end is None else end) - 1
        row = self.rows[start]
        while last > start and self.rows[last] != row:
            last -= 1
        return Span(row, self.columns[start], self.columns[last] + 1)


def joined(strips: Sequence[Strip]) -> Strip:
    """Return strips as one, with a blank between two."""
    if len(strips) == 1:
        return strips[0]
    text: list[str] = []
    rows: list[int] = []
    columns: list[int] = []
    for strip in strips:
        if not strip.text:
            continue
        if text:
            # The blank between two lines stands where the first of them ends.
            text.append(" ")
            rows.append(rows[-1])
            columns.append(columns[-1] + 1)
        text.append(strip.text)
        rows.extend(strip.rows)
        columns.extend(strip.columns)
    return Strip("".join(text), rows, columns)
