"""Pane 3 of the play: what the run comes to in words, and its numbers iteration by iteration."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from textual.geometry import Size

from tracer.narrative.iteration_table import Column, columns
from tracer.narrative.run_verdict import remarks
from tracer.operations.numbers import short_text
from tracer.render.screen_lines import Line, cut
from tracer.run.diagnosis import Diagnosis, diagnose
from tracer.sentences import Sentence, say
from tracer.text_width import padded, width
from tracer.ui.parts.pane import PlaceChosen
from tracer.ui.play.given_pane import Swept, signed

if TYPE_CHECKING:
    from textual import events


__all__ = ["CoursePane"]

DIGITS: Final = 5
MOST_MEASURED: Final = 200  # rows that decide on the width of a column
WIDEST: Final = 12


class CoursePane(Swept):
    """Words first, then a table that draws only the rows that are seen."""

    NUMBER = 3
    NAME = say("What happens")

    def __init__(self) -> None:
        super().__init__()
        self._diagnose = lru_cache(1)(diagnose)
        self._head: list[Line] = []
        self._columns: list[tuple[Column, int]] = []
        self._here = 0  # the iteration that was last brought into sight; the words come first

    @property
    def diagnosis(self) -> Diagnosis:
        """What the record of the present run says."""
        return self._diagnose(self.session.trace)

    def draw(self) -> None:
        """Draw the words and the head of the table; rows are made when they are seen."""
        room = max(self.room.width, 12)
        head: list[Line] = []
        for remark in remarks(self.diagnosis):
            head += self.remark_lines(remark, room)
        self._columns = list(self._fitting(room))
        ellipsis = self.tracer.words.ellipsis
        titles = [
            padded(cut(self._title(column), wide, ellipsis), wide, "right")
            for column, wide in self._columns
        ]
        number = padded(self.tracer.text(say("it.")), self._numbers, "right")
        head += [[], [(" ".join([number, *titles]), "label")]]
        self._head = head
        count = self.session.count
        self.virtual_size = Size(room, len(head) + count)
        here = self.session.place.iteration
        if self._here and here != self._here:
            is_near = len(head) + here <= self.room.height
            self.reveal(0 if is_near else len(head) + here - 1)
        self._here = here
        self.refresh()

    # The table ----------------------------------------------------------------------------------

    @property
    def _numbers(self) -> int:
        """How many columns the numbers of the iterations take."""
        return max(len(str(self.session.count)), 3)

    def _fitting(self, room: int) -> list[tuple[Column, int]]:
        """Return the columns that fit, with their widths; the least important go first."""
        count = min(self.session.count, MOST_MEASURED)
        found = []
        for column in columns(self.diagnosis, self.session.earlier):
            texts = [self._text(column.value, number) for number in range(1, count + 1)]
            wide = max(width(self._title(column)), *map(width, texts))
            found.append((column, min(wide, WIDEST)))
        while found and self._numbers + sum(wide + 1 for _, wide in found) > room:
            worst = max(column.rank for column, _ in found)
            place = max(at for at, (column, _) in enumerate(found) if column.rank == worst)
            del found[place]
        return found

    def _title(self, column: Column) -> str:
        title = column.title
        if isinstance(title, Sentence):
            return self.tracer.text(title)
        return self.tracer.mathematics.inline(title)

    def _text(self, value: Callable[[int], float | None], number: int) -> str:
        found = value(number)
        if found is None:
            return self.tracer.words.spelled("–")
        return self.tracer.words.spelled(signed(short_text(found, DIGITS)))

    def line(self, y: int) -> Line:
        """Return a line of the words or a row of the table."""
        if y < len(self._head):
            return self._head[y]
        number = y - len(self._head) + 1
        if number > self.session.count:
            return ()
        is_here = number == self.session.place.iteration
        role = "cursor" if is_here else "words"
        ellipsis = self.tracer.words.ellipsis
        texts = [
            padded(cut(self._text(column.value, number), room, ellipsis), room, "right")
            for column, room in self._columns
        ]
        return [(" ".join([padded(str(number), self._numbers, "right"), *texts]), role)]

    def on_click(self, event: events.Click) -> None:
        """Go to the iteration of the row that is clicked."""
        number = self.row_at(event) - len(self._head) + 1
        if 1 <= number <= self.session.count:
            self.post_message(PlaceChosen(number))
