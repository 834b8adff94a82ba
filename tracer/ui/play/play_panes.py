"""Panes of the play: what is given, a row each, one of them chosen; and what the run comes to."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from typing import Final, NamedTuple

from textual import events
from textual.geometry import Size

from tracer.expression import Name
from tracer.narrative.iteration_table import Column, table_columns
from tracer.narrative.run_verdict import verdict_remarks
from tracer.operations import lookup, number_node, unravel
from tracer.program.loss_form import loss_of
from tracer.program.scenario import Scenario
from tracer.program.scenario_edits import EditableField, editable_fields, entry_text
from tracer.render.screen_lines import Line, cut_text, line_width
from tracer.run.diagnosis import Diagnosis
from tracer.sentences import Sentence, say
from tracer.text_width import padded, width
from tracer.ui.parts.host import Host
from tracer.ui.parts.tracer_screen import Pane
from tracer.ui.play import LESS, MORE, PLAY

MOST_ROWS: Final = 12  # entries of an array that each have a row
MOST_NAME: Final = 16
HEADS: Final[dict[str, Sentence]] = {
    "training": say("Training"),
    "loss": say("Loss"),
    "parameters": say("Parameters: initial values"),
    "data": say("Data"),
    "constants": say("Constants"),
    "random": say("Random numbers"),
}


NAMES: Final[dict[str, Sentence]] = {
    "learning_rate": say("learning rate"),
    "optimizer": say("optimizer"),
    "iterations": say("iterations"),
    "epochs": say("epochs"),
    "batch_size": say("batch size"),
    "sample": say("sample"),
    "seed": say("seed"),
}
"""What a reader calls a key of the file."""


OF_ITS_OWN: Final[dict[str, Sentence]] = {
    "loss": say("of its own"),
    "optimizer": say("rule of its own"),
}
"""What stands for a choice that has no name."""


class GivenRow(NamedTuple):
    """A row: what is changed there, and its value as TOML; `place` is the entry of an array."""

    field: EditableField
    place: int | None
    written: str

    @property
    def key(self) -> tuple[object, ...]:
        """The identity of the row, whatever its value."""
        return (self.field.path, self.field.kind, self.place)

    def label(self, host: Host) -> str:
        """Return what the row is called."""
        field = self.field
        if field.kind == "loss":
            return host.text(say("form"))
        if field.group in ("parameters", "data", "constants"):
            name = host.mathematics.inline(Name(field.name))
            if self.place is None:
                return name
            return host.mathematics.entry(field.name, unravel(self.place, field.shape))
        return host.text(NAMES.get(field.name, field.name))

    def value(self, host: Host) -> str:
        """Return the value of the row as it is shown."""
        field = self.field
        if field.kind == "array" and self.place is None:
            return host.words.shape(field.shape)
        if field.kind in OF_ITS_OWN:
            if field.kind == "loss" and self.written:
                title = lookup(self.written).title
                return host.text(say(title))
            return self.written or host.text(OF_ITS_OWN[field.kind])
        return host.mathematics.inline(number_node(field.spoken_value(self.written)))


def change_texts(host: Host, before: Scenario, after: Scenario) -> list[str]:
    """Return what another scenario changed, row by row: `learning rate 0.1 → 1.1`."""
    rows_before = {row.key: row for row in given_rows(before)}
    pairs = ((rows_before.get(row.key), row) for row in given_rows(after))
    arrow = host.words.terminal_text(" → ")
    return [
        f"{row.label(host)} {old.value(host)}{arrow}{row.value(host)}"
        for old, row in pairs
        if old is not None and old.written != row.written
    ]


class PlayPane(Pane, keys=PLAY.keys[:2]):
    """A pane of the play: left and right change the chosen number, whichever pane has the focus."""


class GivenPane(PlayPane):
    """The rows; the cursor is on one of them."""

    NUMBER = 1
    NAME = say("What is given")

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[GivenRow] = []
        self.at = 0
        self._taken: Scenario | None = None
        self._source: Scenario | None = None  # the one that was loaded
        self._loaded: dict[tuple[object, ...], str] = {}
        self._ys: list[int | None] = []  # the row of each line; None: the head of a group
        self._arrows = (0, 0)  # the columns of both signs on the chosen row

    def take(self, scenario: Scenario, loaded: Scenario) -> None:
        """Show a scenario, and what differs from the one that was loaded."""
        if scenario is self._taken and loaded is self._source:
            return  # from step to step it stays the same
        key = self.chosen_row.key if self.rows else None
        self._taken, self._source, self.rows = scenario, loaded, [*given_rows(scenario)]
        self._loaded = {row.key: row.written for row in given_rows(loaded)}
        keys = [row.key for row in self.rows]
        self.at = keys.index(key) if key in keys else max(min(self.at, len(keys) - 1), 0)

    @property
    def chosen_row(self) -> GivenRow:
        """The row of the cursor."""
        return self.rows[self.at]

    def changed_rows(self) -> list[GivenRow]:
        """Return the rows that differ from what was loaded."""
        return [row for row in self.rows if self._loaded.get(row.key) != row.written]

    # Showing ------------------------------------------------------------------------------------

    def draw(self) -> None:
        """Draw all rows and keep the chosen one in sight."""
        lines: list[Line] = []
        self._ys = []
        names = min(max((width(row.label(self.tracer)) for row in self.rows), default=0), MOST_NAME)
        for group, rows in groupby(enumerate(self.rows), lambda row: row[1].field.group):
            places = dict(rows)
            lines.append([(self.tracer.text(HEADS[group]), "label")])
            lines += [self._line(row, names, is_here=at == self.at) for at, row in places.items()]
            self._ys += [None, *places]
        self.show(lines, home=False)
        y = self._ys.index(self.at) if self.rows else 0
        self.reveal(0 if y == 1 else y)

    def _line(self, row: GivenRow, names: int, *, is_here: bool) -> Line:
        unicode = self.tracer.words.unicode
        room = max(self.room.width, 12)
        left, right = ("◂ ", " ▸") if unicode else ("< ", " >")
        ellipsis = self.tracer.words.ellipsis
        label = padded(cut_text(row.label(self.tracer), names, ellipsis), names)
        start = f"{'▸' if unicode else '>'} {label}  " if is_here else f"  {label}  "
        ends = 4 if is_here else 0
        text = cut_text(row.value(self.tracer), max(room - width(start) - ends, 4), ellipsis)
        if is_here:
            x = width(start)
            self._arrows = (x, x + 2 + width(text))
            room -= width(start + left + text + right) + 1
            note = padded(self._note(row, room), max(room, 0), "right")
            return [(f"{start}{left}{text}{right}{note} ", "cursor")]
        pieces: Line = [(start, "words"), (text, "faint" if row.field.is_default else "result")]
        note = self._note(row, room - line_width(pieces) - 1)
        return [*pieces, (" " + note, "changed")] if note else pieces

    def _note(self, row: GivenRow, room: int) -> str:
        """Return what a changed value was, if there is room; a sign where there is little."""
        before = self._loaded.get(row.key)
        unused = self.tracer.text(say("not used")) if self.is_unused(row) else ""
        if before == row.written or unused:
            words = self.tracer.text(say("default")) if row.field.is_default else unused
            return words if width(words) <= room else ""
        old = before if before is not None else ""
        former = row._replace(written=old).value(self.tracer) if old else ""
        words = self.tracer.text(say("was {value}", value=former)) if former else ""
        if words and width(words) < room:
            return words
        return self.tracer.words.terminal_text("●") if room > 0 else ""

    def is_unused(self, row: GivenRow) -> bool:
        """Whether a row is a number of a sample that the training does not see."""
        training = None if self._taken is None else self._taken.training
        if training is None or row.field.group != "data" or row.place is None:
            return False
        samples = training.samples if training.sample is None else (training.sample,)
        return samples is not None and unravel(row.place, row.field.shape)[0] not in samples

    # Moving -------------------------------------------------------------------------------------

    def action_move(self, by: int) -> None:
        """Choose a row further down, or up."""
        at = min(max(self.at + by, 0), len(self.rows) - 1)
        if at != self.at:
            self.at = at
            self.call_later(self.screen.run_action, "show_row")
            self.draw()

    async def on_click(self, event: events.Click) -> None:
        """Choose what is clicked; on what is chosen, its signs change it and the rest opens it."""
        x, y = self.place_at(event)
        place = self._ys[y] if 0 <= y < len(self._ys) else None
        if place is None:
            return
        if place != self.at:
            self.action_move(place - self.at)
            return
        is_less, is_more = (at <= x < at + 2 for at in self._arrows)
        factor = LESS if is_less else MORE
        action = f"scale({factor!r})" if is_less or is_more else "edit"
        await self.screen.run_action(action)


def given_rows(scenario: Scenario) -> Iterator[GivenRow]:
    """Yield the rows of a scenario: one for each number, arrays with few entries by entries."""
    for field in editable_fields(scenario):
        if field.kind == "loss":
            loss = loss_of(scenario)
            yield GivenRow(field, None, "" if loss is None else loss.form)
        elif field.kind != "array":
            yield GivenRow(field, None, field.written)
        elif math.prod(field.shape) <= MOST_ROWS:
            for place in range(math.prod(field.shape)):
                yield GivenRow(field, place, entry_text(scenario, field, place))
        else:  # what tells the array from a changed one, which has written numbers
            exact = getattr(scenario, field.group)[field.name].exact
            yield GivenRow(field, None, "" if exact is None else str(hash(exact)))


MOST_MEASURED: Final = 200  # rows that decide on the width of a column
WIDEST: Final = 12


class CoursePane(PlayPane):
    """Words first, then a table that draws only the rows that are seen."""

    NUMBER = 3
    NAME = say("What happens")

    def __init__(self) -> None:
        super().__init__()
        self._diagnose = lru_cache(1)(Diagnosis)
        self._head: list[Line] = []
        self._columns: list[tuple[Column, int]] = []
        self._numbers = 0  # how many columns the numbers of the iterations take
        self._here = 0  # the iteration that was last brought into sight; the words come first

    def draw(self) -> None:
        """Draw the words and the head of the table; rows are made when they are seen."""
        room = max(self.room.width, 12)
        head: list[Line] = []
        for remark in verdict_remarks(self._diagnose(self.session.trace)):
            head += self.remark_lines(remark, room)
        self._columns = list(self._fitting(room))
        titles = [self._title(column) for column, _ in self._columns]
        head += [[], [(self._row(self.tracer.text(say("it.")), titles), "label")]]
        self._head = head
        count = self.session.count
        self.virtual_size = Size(room, len(head) + count)
        here = self.session.place.iteration
        if self._here and here != self._here:
            is_near = len(head) + here <= self.room.height
            self.reveal(0 if is_near else len(head) + here - 1)
        self._here = here
        self.subtitle(None)
        self.refresh()

    # The table ----------------------------------------------------------------------------------

    def _fitting(self, room: int) -> list[tuple[Column, int]]:
        """Return the columns that fit, with their widths; the least important go first."""
        self._numbers = max(len(str(self.session.count)), 3)
        count = min(self.session.count, MOST_MEASURED)
        fitting = []
        for column in table_columns(self._diagnose(self.session.trace), self.session.earlier):
            texts = [self._text(column.value, number) for number in range(1, count + 1)]
            wide = max(width(self._title(column)), *map(width, texts))
            fitting.append((column, min(wide, WIDEST)))
        while fitting and self._numbers + sum(wide + 1 for _, wide in fitting) > room:
            fitting.remove(max(reversed(fitting), key=lambda each: each[0].rank))
        return fitting

    def _title(self, column: Column) -> str:
        title = column.title
        if isinstance(title, Sentence):
            return self.tracer.text(title)
        return self.tracer.mathematics.inline(title)

    def _text(self, value: Callable[[int], float | None], number: int) -> str:
        number_shown = value(number)
        if number_shown is None:
            return self.tracer.words.terminal_text("–")
        return self.tracer.number(number_shown)

    def line(self, y: int) -> Line:
        """Return a line of the words or a row of the table."""
        if y < len(self._head):
            return self._head[y]
        number = y - len(self._head) + 1
        if number > self.session.count:
            return ()
        role = "cursor" if number == self.session.place.iteration else "words"
        texts = [self._text(column.value, number) for column, _ in self._columns]
        return [(self._row(str(number), texts), role)]

    def _row(self, number: str, texts: Sequence[str]) -> str:
        cells = zip(
            (number, *texts), (self._numbers, *(wide for _, wide in self._columns)), strict=True
        )
        ellipsis = self.tracer.words.ellipsis
        return " ".join(
            padded(cut_text(text, wide, ellipsis), wide, "right") for text, wide in cells
        )

    def on_click(self, event: events.Click) -> None:
        """Go to the iteration of the row that is clicked."""
        number = self.place_at(event).y - len(self._head) + 1
        if 1 <= number <= self.session.count:
            self.go(number)
