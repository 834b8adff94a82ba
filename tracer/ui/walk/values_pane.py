"""Pane 5: the numbers of the present step: its result, what changed, and what it is made from.

Arrays are shown by window, as figures or as shades; a cursor goes over their entries, and Enter
steps inside one.
"""

from __future__ import annotations

from functools import lru_cache, partial
from typing import NamedTuple
from weakref import ref

from textual import events

from tracer.narrative.session import Change
from tracer.narrative.words import KINDS, entry_range
from tracer.operations import unravel
from tracer.program.program import BuiltProgram
from tracer.render.array_tables import ArrayTable, first_index, largest_size, row_name, shade_signs
from tracer.render.screen_lines import Line, indented
from tracer.sentences import say
from tracer.ui.parts.array_screen import ArrayScreen
from tracer.ui.parts.tracer_screen import Pane

MOST_ROWS = 8  # most rows of an array beside others
MOST_SHADE_ROWS = 32  # most rows of an array that is shown as shades
AROUND = 5  # columns of the frame, of the scroll bar, and around an array
MOST_SEEN = 16  # entries, above which the range is told


class _Block(NamedTuple):
    """A quantity that is shown: by its name in the record, with what it was before.

    `range` is its lowest and its highest entry.
    """

    name: str
    table: ArrayTable
    change: Change | None
    range: tuple[float, float]


class ValuesPane(Pane):
    """The result first, then what it is made from."""

    NUMBER = 5
    NAME = say("Values")
    ABOUT = say(
        "The values of the step. What it has changed is marked; of a large array the shape, the "
        "range and a part are shown. Enter on its name opens all of it, Enter on an entry works "
        "the entry out. A key of the walk shows arrays as shades instead of figures: the larger "
        "an entry, the fuller its cell; negative entries have another colour and other signs."
    )

    def __init__(self) -> None:
        super().__init__()
        self._blocks: list[_Block] = []
        self._own = 0  # how many of the blocks are the step's own
        self._at = (0, 0, 0)  # block, row, column of the cursor
        self._step: object = None
        self._nudge: object = None
        self._rows: list[tuple[int, int]] = []  # block and row of each line; -1: no entry
        self._has_shades = False  # instead of figures
        self.width_within = lru_cache(1)(self._measure_arrays)

    def exchange(self) -> None:
        """Show arrays as shades, or as figures again."""
        self._has_shades = not self._has_shades
        if not any(block.table.shape for block in self._find_blocks()):
            self.tracer.show_message(say("This step has no array: shades are for arrays."))
        self._blocks = []
        self.show_session()

    @property
    def _most_rows(self) -> int:
        return MOST_SHADE_ROWS if self._has_shades else MOST_ROWS

    def draw(self) -> None:
        """Draw the quantities of the present step."""
        session = self.session
        # A run that is gone is not kept for it.
        step = (ref(session.trace), session.place[:2], session.hidden_from, self.room)
        if step != self._step:
            self._step = step
            self._at = (0, 0, 0)
            self._blocks = []
        if not self._blocks or self._nudge is not session.nudge:
            self._nudge = session.nudge  # the cursor stays
            self._blocks = self._find_blocks()
            self._fill()
        self.show(self._lines(), home=False)
        change = self._blocks[0].change if self._blocks else None
        is_marked = change is not None and change.before is not None and not self._has_shades
        self.subtitle(say("marked: changed") if is_marked else None)

    def _measure_arrays(self, built: BuiltProgram, most: int) -> int:
        """Return the columns for every array of the present iteration that is whole in `most`."""
        iteration, widest = self.session.iteration, 0
        names = [name for name in iteration if max(iteration.shape(name)[-1:], default=0) < most]
        for name in names:  # one with more columns fits in no case, and may be large
            table = ArrayTable(iteration.shape(name), self.session.entries(iteration, name))
            before, cell = self._measure(table, 0, most)
            columns = before + cell * table.columns + AROUND
            widest = max(widest, columns if columns <= most else 0)
        return widest

    def _find_blocks(self) -> list[_Block]:
        session = self.session
        change = session.change()
        name = session.equation.name
        blocks = []
        if not session.is_hidden(name):
            table = ArrayTable(change.shape, change.after)
            blocks.append(_Block(name, table, change, entry_range(change.after)))
        return [*blocks, *map(self._block, session.operands())]

    def _block(self, name: str) -> _Block:
        shape, values = self.session.values(name)
        nudged = None if self.session.nudge is None else self.session.nudge_change(name)
        return _Block(name, ArrayTable(shape, values), nudged, entry_range(values))

    def _fill(self) -> None:
        """Add what else was known before the step, as far as there is room for it."""
        session, self._own = self.session, len(self._blocks)
        program, computed = session.iteration.program, session.computed()
        equations = session.equations()[: session.place.step]
        names = [name for name in program.inputs if program.carried.get(name) not in computed]
        names += [
            item.name for item in equations if item.phase != "update" and item.name in computed
        ]
        names_shown = {block.name for block in self._blocks}
        height = len(self._lines()) + 2  # two lines of words stand above the others
        for name in names:
            if name in names_shown:
                continue
            block = self._block(name)
            height += len(self._block_lines(len(self._blocks), block))
            if height > self.room.height:
                break
            self._blocks.append(block)

    @property
    def entry(self) -> tuple[str, int] | None:
        """The entry of the cursor: a quantity by its name in the record, and which, row by row."""
        place, row, column = self._at
        if not self.has_focus or place >= len(self._blocks):
            return None
        block = self._blocks[place]
        return block.name, max(row, 0) * block.table.columns + column

    # Lines --------------------------------------------------------------------------------------

    def _lines(self) -> list[Line]:
        lines: list[Line] = []
        self._rows = []
        for place, block in enumerate(self._blocks):
            block_lines = self._block_lines(place, block)
            if place == self._own:
                heading = [(self.tracer.text(say("Known before this step")), "label")]
                above = [heading] if lines and not lines[-1] else [(), heading]
                block_lines = [*((line, (place, -1)) for line in above), *block_lines]
            self._rows += [row for _, row in block_lines]
            lines += [line for line, _ in block_lines]
        return lines

    def _block_lines(self, place: int, block: _Block) -> list[tuple[Line, tuple[int, int]]]:
        """Return a quantity's lines, each with the row of entries that it shows."""
        table = block.table
        if not table.shape:
            return [(self._number_line(place, block), (place, 0))]
        lines: list[tuple[Line, tuple[int, int]]] = [(self._head(place, block), (place, -1))]
        room = max(self.room.width - 2, 8)
        lines += [(line, (place, -1)) for line in self._overview(block, room)]
        here = self._at[0] == place
        row = self._at[1] if here else 0
        rows = min(table.rows, self._most_rows)
        top = min(max(row - rows + 1, 0) if row >= rows else 0, table.rows - rows)
        left = self._left(place, table, room)
        unicode = self.tracer.words.unicode
        role = partial(self._role, place, block)
        if self._has_shades:
            largest = largest_size(*block.range, table.values)
            window = table.shades(top, left, rows, room, largest, unicode=unicode, role=role)
        else:
            window = table.window(top, left, rows, room, unicode=unicode, role=role)
        lines += [(line, (place, at)) for at, line in enumerate(indented(window), top)]
        if rows < table.rows:
            words = say(
                "rows {first} to {last} of {count}; Enter on the name opens all",
                first=top + first_index(self.tracer.words.unicode),
                last=top + rows - 1 + first_index(self.tracer.words.unicode),
                count=table.rows,
            )
            sentences = self.tracer.mathematics.sentences([words], room, "faint")
            lines += [(line, (place, -1)) for line in indented(sentences, "  ")]
        return [*lines, ((), (place, -1))]

    def _left(self, place: int, table: ArrayTable, room: int) -> int:
        """Return the first column of the window, so that the cursor's can be seen."""
        at, _, column = self._at
        before, cell = self._measure(table, max(column - room // 3, 0), room)
        count = max((room - before) // cell, 1)
        if at != place or count >= table.columns:
            return 0
        return max(column - max(count - 1, 1) + 1, 0)

    def _measure(self, table: ArrayTable, left: int, room: int) -> tuple[int, int]:
        """Return the columns before the entries of a row, and those of an entry."""
        unicode = self.tracer.words.unicode
        if self._has_shades:
            return table.shade_measure(room, unicode=unicode)
        before = len(row_name(table.shape, table.rows - 1, unicode=unicode))
        return before, table.cell(0, left, MOST_ROWS, room, unicode)

    def _role(self, place: int, block: _Block, row: int, column: int) -> str:
        if self.has_focus and self._at == (place, row, column):
            return "cursor"
        inside = self.session.place.inside
        at = row * block.table.columns + column
        entered = None if inside is None or place else inside.entry
        if entered is not None and unravel(at, block.table.shape) == entered:
            return "lit"
        if block.change is not None and block.change.is_changed(at):
            return "" if self._has_shades else "changed"
        return "" if self._has_shades else "words"

    def _title(self, place: int, block: _Block) -> list[tuple[str, str]]:
        name = self.tracer.mathematics.inline(
            self.session.drawn_name(block.change.name if block.change is not None else block.name)
        )
        mark = self.tracer.words.terminal_text("● ") if place == 0 else "  "
        return [(mark, "mark"), (name, "left")]

    def _head(self, place: int, block: _Block) -> Line:
        cursor = self.has_focus and self._at[:2] == (place, -1)
        shape = self.tracer.words.shape(block.table.shape)
        line = [*self._title(place, block), (f" {shape} ", "faint"), *self._kind(block)]
        return [(text, "cursor") for text, _ in line] if cursor else line

    def _kind(self, block: _Block) -> Line:
        item = self.session.iteration.program.inputs.get(block.name)
        words = None if item is None else KINDS.get(item.kind)
        return [] if words is None else [(self.tracer.text(words), "faint")]

    def _overview(self, block: _Block, room: int) -> list[Line]:
        """Return the range of a larger array, or the scale of its shades."""
        if len(block.table.values) < MOST_SEEN and not self._has_shades:
            return []
        low, high = block.range
        ends = {"low": self.tracer.number(low), "high": self.tracer.number(high)}
        words, scale = say("from {low} to {high}", **ends), []
        if self._has_shades:
            positive, negative = shade_signs(unicode=self.tracer.words.unicode)
            below: Line = [(negative[::-1], "negative"), (" ", "")] if low < 0 else []
            above: Line = [] if high <= 0 else [(" ", ""), (positive, "positive")]
            scale = [[*below, ("0", "faint"), *above]]
            words = say(
                "from {low} to {high}; {sign} is {size}",
                **ends,
                sign=positive[-1] if high >= -low else negative[-1],
                size=ends["high"] if high >= -low else ends["low"],
            )
        sentences = self.tracer.mathematics.sentences([words], room, "faint")
        return indented([*scale, *sentences], "  ")

    def _number_line(self, place: int, block: _Block) -> Line:
        """Return a single number: what it was, what it is."""
        value = self.tracer.number(float(block.table.values[0]))
        line = self._title(place, block)
        change = block.change
        cursor = self.has_focus and self._at[:2] == (place, 0)
        is_moved = change is not None and (place == 0 or change.is_changed(0))
        if change is not None and change.before is not None and is_moved:
            before = self.tracer.number(float(change.before[0]))
            line += [("  ", ""), (before + self.tracer.words.terminal_text(" → "), "faint")]
            role = "changed" if change.is_changed(0) else "words"
        else:
            line.append((" = ", "sign"))
            role = "result" if place == 0 else "words"
        return [*line, (value, "cursor" if cursor else role), ("  ", ""), *self._kind(block)]

    # The cursor ---------------------------------------------------------------------------------

    def _move(self, place: int, row: int, column: int) -> None:
        if 0 <= place < len(self._blocks):
            table = self._blocks[place].table
            low = -1 if table.shape else 0
            row = min(max(row, low), table.rows - 1)
            self._at = (place, row, min(max(column, 0), table.columns - 1))
            self.draw()
            if self._at[:2] in self._rows:
                self.reveal(self._rows.index(self._at[:2]))

    def action_move(self, by: int) -> None:
        """Move to the row below or above, or to the next quantity, or the one before."""
        place, row, column = self._at
        table = self._blocks[place].table
        if (-1 if table.shape else 0) <= row + by < table.rows:
            self._move(place, row + by, column)
        elif by > 0:
            self._move(place + 1, -1, 0)
        elif place:
            self._move(place - 1, self._blocks[place - 1].table.rows - 1, column)

    async def action_sideways(self, by: int) -> None:
        """Move to the entry beside; beyond the last one, or the first, go a step on, or back."""
        place, row, column = self._at
        if row >= 0 and 0 <= column + by < self._blocks[place].table.columns:
            self._move(place, row, column + by)
        else:
            await super().action_sideways(by)

    def action_page(self, by: int) -> None:
        """Move down by so many windows, or up."""
        place, row, column = self._at
        self._move(place, max(row + by * self._most_rows, 0), column)

    def enter(self) -> None:
        """Step inside the entry of the cursor; on a name open the whole array."""
        place, row, column = self._at
        if place >= len(self._blocks):
            return
        block = self._blocks[place]
        if row < 0:
            self.app.push_screen(ArrayScreen(block.name))
            return
        index = unravel(row * block.table.columns + column, block.table.shape)
        self.call_later(self.screen.run_action, f"enter_entry({block.name!r}, {index!r})")

    def on_focus(self) -> None:
        """Show the cursor."""
        self.draw()

    def on_blur(self) -> None:
        """Hide the cursor."""
        if self.tracer.has_session and self.is_visible:
            self.draw()

    def on_click(self, event: events.Click) -> None:
        """Put the cursor on what is clicked; a second click steps inside."""
        x, y = self.place_at(event)
        if not 0 <= y < len(self._rows):
            return
        place, row = self._rows[y]
        column = self._column_at(place, row, x)
        same = self._at == (place, row, column)
        self._move(place, row, column)
        if same:
            self.enter()

    def _column_at(self, place: int, row: int, x: int) -> int:
        table = self._blocks[place].table
        if row < 0 or not table.shape:
            return 0
        room = max(self.room.width - 2, 8)
        left = self._left(place, table, room)
        before, cell = self._measure(table, left, room)
        return left + max(x - before - 1, 0) // cell
