"""Text of which each character knows its place in the raw document. It knows no mathematics."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple


class TextPlace(NamedTuple):
    """A piece of one raw line: `line` from 1, columns from 0 and half open, in code points."""

    line: int
    start: int
    end: int


def pieces_between(text: str, signs: str) -> Iterator[tuple[int, int]]:
    """Yield where each piece of a text begins and ends that some signs divide; none is empty."""
    start = 0
    for end in (*(at for at, sign in enumerate(text) if sign in signs), len(text)):
        if start < end:
            yield start, end
        start = end + 1


class MappedText:
    """Text read as one line; `lines[i]` and `columns[i]` say where its i-th character stands.

    Marks of markup may have been taken out, or replaced by as many blanks, and several raw lines
    may have been joined. Lines count from 1, columns from 0.
    """

    __slots__ = ("columns", "lines", "text")

    def __init__(self, text: str, lines: Sequence[int], columns: Sequence[int]) -> None:
        self.text: Final = text
        self.lines: Final = lines
        self.columns: Final = columns

    @classmethod
    def of_line(cls, text: str, line: int, column: int = 0) -> MappedText:
        """Return a piece of one raw line that begins at a column."""
        return cls(text, (line,) * len(text), range(column, column + len(text)))

    def cut(self, start: int, end: int | None = None) -> MappedText:
        """Return a part of the text with its places."""
        return MappedText(self.text[start:end], self.lines[start:end], self.columns[start:end])

    def without(self, positions: Iterable[int]) -> MappedText:
        """Return the text without the characters at some positions."""
        gone = set(positions)
        left = [position for position in range(len(self.text)) if position not in gone]
        return MappedText(
            "".join(self.text[position] for position in left),
            [self.lines[position] for position in left],
            [self.columns[position] for position in left],
        )

    def with_sign(self, position: int, sign: str) -> MappedText:
        """Return the text with another sign at a position."""
        text = f"{self.text[:position]}{sign}{self.text[position + 1 :]}"
        return MappedText(text, self.lines, self.columns)

    def place(self, start: int = 0, end: int | None = None) -> TextPlace:
        """Return the raw place of a part, as far as it stands on the line where it begins."""
        last = (len(self.text) if end is None else end) - 1
        line = self.lines[start]
        while last > start and self.lines[last] != line:
            last -= 1
        return TextPlace(line, self.columns[start], self.columns[last] + 1)

    @property
    def last_line(self) -> int:
        """The raw line on which the text ends."""
        return max(self.lines)
