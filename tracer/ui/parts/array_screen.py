"""One array in full: every entry can be reached; only what is seen is made."""

from __future__ import annotations

from typing import cast

from textual import events
from textual.app import ComposeResult
from textual.geometry import Size
from textual.strip import Strip

from tracer.errors import TracerError
from tracer.expression import Name
from tracer.narrative.words import entry_range
from tracer.operations import ravel, unravel
from tracer.render.array_tables import CELL, ArrayTable, first_index, row_name
from tracer.sentences import Sentence, say
from tracer.text_width import padded
from tracer.ui.parts.dialogs import InputDialog
from tracer.ui.parts.key_bindings import ARRAY, PANE
from tracer.ui.parts.tracer_screen import Lines, TracerScreen


class Grid(Lines, keys=(*PANE.keys, *ARRAY.keys)):
    """The entries below the numbers of their columns, beside those of their rows."""

    def __init__(self, table: ArrayTable, *, unicode: bool) -> None:
        super().__init__(id="grid")
        self.table = table
        self.unicode = unicode
        self.row = self.column = 0
        self.spread = entry_range(table.values)
        self.names = max(len(row_name(table.shape, table.rows - 1, unicode=unicode)), 1) + 1

    def on_mount(self) -> None:
        """Set the size of the whole."""
        # One cell more: the last column may stand where the first one does.
        columns = self.names + CELL * (self.table.columns + 1)
        self.virtual_size = Size(columns, self.table.rows + 1)

    def render_line(self, y: int) -> Strip:
        """Draw whole cells of a row; the first line and the names of the rows stay."""
        row, columns = self.scroll_offset.y + y - 1, self._shown_columns
        if y and row >= self.table.rows:
            return self.strip([], self.size.width)
        name, first = "", first_index(self.unicode)
        cells = [(str(at + first), "faint") for at in columns]
        if y:
            name = row_name(self.table.shape, row, unicode=self.unicode)
            here = self.column if row == self.row else -1
            texts = ((at, self.table.text(row, at, unicode=self.unicode)) for at in columns)
            cells = [(text, "cursor" if at == here else "words") for at, text in texts]
        line = [(padded(name, self.names), "faint")]
        line += [(padded(text, CELL, "right"), role) for text, role in cells]
        if columns.stop < self.table.columns:
            line.append((" …" if self.unicode else " ..", "faint"))
        return self.strip(line, self.size.width)

    @property
    def _shown_columns(self) -> range:
        """The columns of which there is room for the whole: half a number is another number."""
        count = max((self.size.width - self.names - 3) // CELL, 1)
        first = min(int(self.scroll_offset.x) // CELL, self.table.columns - 1)
        return range(first, min(first + count, self.table.columns))

    @property
    def place(self) -> int:
        """The place of the cursor's entry, row by row."""
        return self.row * self.table.columns + self.column

    @property
    def index(self) -> tuple[int, ...]:
        """The index of the cursor's entry, from 0."""
        return unravel(self.place, self.table.shape)

    def move(self, row: int, column: int) -> None:
        """Put the cursor on an entry; the nearest there is."""
        self.row = min(max(row, 0), self.table.rows - 1)
        self.column = min(max(column, 0), self.table.columns - 1)
        rows, columns = self.size.height - 2, self._shown_columns
        y = self.scroll_offset.y
        left = min(max(columns.start, self.column + 1 - len(columns)), self.column)
        y = min(max(y, self.row - max(rows - 1, 0)), self.row)
        self.scroll_to(CELL * left, y, animate=False, immediate=True)
        self.refresh()
        cast("ArrayScreen", self.screen).session_changed()

    def action_move(self, by: int) -> None:
        """Move down by so many rows, or up."""
        self.move(self.row + by, self.column)

    def action_sideways(self, by: int) -> None:
        """Move right by so many columns, or left."""
        self.move(self.row, self.column + by)

    def action_edge(self, way: int) -> None:
        """Move to the first or the last column."""
        self.move(self.row, 0 if way < 0 else self.table.columns - 1)

    async def on_click(self, event: events.Click) -> None:
        """Put the cursor on the entry that is clicked; a second click does what Enter does."""
        if event.y < 1 or event.x < self.names:
            return
        column, before = self._shown_columns.start + (event.x - self.names) // CELL, self.place
        self.move(event.y - 1 + self.scroll_offset.y, column)
        if self.place == before:
            await self.screen.run_action("enter")


class ArrayScreen(TracerScreen, table=ARRAY):
    """Shows a quantity of the present iteration; Escape goes back."""

    AUTO_FOCUS = "#grid"
    FOOTER = ("walk.enter", "walk.go_to", "app.back", "app.copy", "app.help")

    def __init__(self, quantity: str) -> None:
        super().__init__()
        self._quantity = quantity

    def contents(self) -> ComposeResult:
        """The grid."""
        yield Grid(self.table(), unicode=self.tracer.words.unicode)

    def table(self) -> ArrayTable:
        """Return the entries."""
        return ArrayTable(*self.session.values(self._quantity))

    def value(self, place: int) -> str:
        """Return an entry as it is shown at the top."""
        return self.tracer.number(float(self.query_one(Grid).table.values[place]))

    def note(self) -> Sentence:
        """Return what else stands at the top, where there is room for it."""
        low, high = map(self.tracer.number, self.query_one(Grid).spread)
        return say("from {low} to {high}", low=low, high=high)

    def session_changed(self) -> None:
        """Show the name, the shape, what is to be noted, and the entry of the cursor."""
        grid, mathematics = self.query_one(Grid), self.tracer.mathematics
        shape, name = self.tracer.words.shape(grid.table.shape), Name(self._quantity)
        entry = mathematics.entry(self._quantity, grid.index)
        self.show_header(
            [
                self.part(f"{mathematics.inline(name)} {shape}", "strong"),
                self.part(self.note(), "faint", 1),
                self.part(f"{entry} = {self.value(grid.place)}", "strong"),
            ]
        )

    def action_enter(self) -> None:
        """Work the entry of the cursor out, in the walk."""
        index = self.query_one(Grid).index
        self.dismiss(None)
        self.app.call_later(
            self.app.run_action, f"enter_entry({self._quantity!r}, {index!r})", self.app.screen
        )

    def action_go_to(self) -> None:
        """Go to an entry by its indices."""
        grid = self.query_one(Grid)
        first, shape = first_index(grid.unicode), grid.table.shape

        example = ", ".join(str(first) for _ in shape)
        hint = say(
            "The entry's indices from {first}, such as {example}", first=first, example=example
        )
        self.app.push_screen(
            InputDialog(
                say("Go to"),
                hint=hint,
                check=lambda text: grid.move(
                    *divmod(_entry_place(text, shape, first), grid.table.columns)
                ),
            )
        )


def _entry_place(text: str, shape: tuple[int, ...], first: int) -> int:
    """Return the place of an entry, row by row. Raises TracerError."""
    _, bracket, inside = text.rpartition("[")
    first = 0 if bracket else first  # W1[1, 0] is code, which counts from 0
    words = inside.replace("]", " ").replace(",", " ").split()
    numbers = [int(word) for word in words if word.isascii() and word.isdigit() and len(word) < 10]
    fits = len(numbers) == len(words) == len(shape) and all(
        first <= number < first + size for number, size in zip(numbers, shape, strict=True)
    )
    if not fits:
        last = ", ".join(str(size - 1 + first) for size in shape)
        raise TracerError(
            say("there is no such entry"),
            found=text or say("nothing"),
            expected=say(
                "{count} numbers from {first} to {last}", count=len(shape), first=first, last=last
            ),
        )
    return ravel(tuple(number - first for number in numbers), shape)
