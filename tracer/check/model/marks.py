"""The points of a worksheet: a part of the report on it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal, NamedTuple

from tracer.frozen import Value
from tracer.sentences import Sentence, say

MOST_LISTED: Final = 20  # blanks of one file that are listed

Mark = Literal["earned", "lost", "carried", "blank", "unread"]


class LineMarks(NamedTuple):
    """The points of one line: of its working and of its result, None where nothing was asked."""

    label: str
    method: Mark | None
    accuracy: Mark | None
    line: int  # of the file; 0 where the line is not there
    notes: tuple[Sentence, ...] = ()
    unread: tuple[str, ...] = ()  # what stands in blanks and could not be read

    @property
    def points(self) -> int:
        """How many points the line earned."""
        return sum(mark in ("earned", "carried") for mark in (self.method, self.accuracy))

    @property
    def possible(self) -> int:
        """How many points the line can earn."""
        return sum(mark is not None for mark in (self.method, self.accuracy))


class Marks(Value):
    """The points of a worksheet."""

    lines: tuple[LineMarks, ...]
    seed: int
    notes: tuple[Sentence, ...] = ()

    @property
    def is_there(self) -> bool:
        """Whether any line of the worksheet is in the file."""
        return any(line.line for line in self.lines)

    @property
    def points(self) -> int:
        """How many points were earned."""
        return sum(line.points for line in self.lines)

    @property
    def possible(self) -> int:
        """How many points there are."""
        return sum(line.possible for line in self.lines)

    @property
    def method(self) -> tuple[int, int]:
        """Method points earned and possible."""
        marks = [line.method for line in self.lines if line.method is not None]
        return marks.count("earned"), len(marks)

    @property
    def accuracy(self) -> tuple[int, int]:
        """Accuracy points earned and possible, without the results that are carried forward."""
        marks = [line.accuracy for line in self.lines if line.accuracy is not None]
        return marks.count("earned"), len(marks) - marks.count("carried")

    @property
    def carried(self) -> int:
        """Points of results that are right from a wrong start."""
        return sum(line.accuracy == "carried" for line in self.lines)

    @property
    def by_hand(self) -> int:
        """Points that wait for a person: what was written could not be read."""
        return sum((line.method, line.accuracy).count("unread") for line in self.lines)

    def total(self) -> Sentence:
        """Return the sum in words."""
        earned, possible = self.method
        right, asked = self.accuracy
        return say(
            "{points} of {possible} points: method {method}, accuracy {accuracy}, "
            "carried forward {carried}",
            points=self.points,
            possible=self.possible,
            method=f"{earned}/{possible}",
            accuracy=f"{right}/{asked}",
            carried=f"{self.carried}/{self.carried}",
        )

    def all_notes(self) -> Iterator[Sentence]:
        """Yield what else there is to say of the whole."""
        yield from self.notes
        if self.by_hand:
            stood = [f"{line.label}: {text}" for line in self.lines for text in line.unread]
            more = ["…"] if len(stood) > MOST_LISTED else []
            yield say(
                "blanks that could not be read, to be marked by hand: {count} ({text})",
                count=self.by_hand,
                text="; ".join([*stood[:MOST_LISTED], *more]),
            )
