"""One array of what is given, every entry of which can be changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracer.expression.syntax import Name
from tracer.narrative.messages import say
from tracer.program import scenario_edits as changes
from tracer.render.array_tables import ArrayTable
from tracer.ui.parts.array_screen import ArrayScreen, Grid
from tracer.ui.parts.bars import Header, HeaderPart, KeyLine
from tracer.ui.play.typed_numbers import number_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual import events
    from textual.app import ComposeResult

    from tracer.program.scenario import Scenario
    from tracer.program.scenario_edits import Field

__all__ = ["CellsScreen"]


class Cells(Grid):
    """The entries; a click on the cursor's own changes it."""

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where it is clicked; change what is clicked again."""
        before = (self.row, self.column)
        super().on_click(event)
        is_entry = event.y >= 1 and event.x >= self.names
        if is_entry and (self.row, self.column) == before and isinstance(self.screen, CellsScreen):
            self.screen.action_enter()


class CellsScreen(ArrayScreen):
    """Shows an array as it is given; Enter changes the entry of the cursor."""

    def __init__(
        self,
        field: Field,
        scenario: Callable[[], Scenario],
        change: Callable[[Callable[[Scenario], Scenario]], object],
    ) -> None:
        super().__init__(field.name)
        self._field = field
        self._scenario = scenario
        self._change = change

    def _table(self) -> ArrayTable:
        scenario = self._scenario()
        tables = (scenario.parameters, scenario.data, scenario.constants)
        given = next(table for table in tables if self._field.name in table)[self._field.name]
        return ArrayTable(given.shape, given.floats())

    def compose(self) -> ComposeResult:
        """The grid between the two lines."""
        yield Header(id="header")
        yield Cells(self._table(), unicode=self.tracer.words.unicode)
        yield KeyLine()

    @property
    def _place(self) -> int:
        grid = self.query_one(Grid)
        return grid.row * grid.table.columns + grid.column

    def tell(self) -> None:
        """Show the name, the shape and the entry of the cursor."""
        grid = self.query_one(Grid)
        shape = self.tracer.words.shape(grid.table.shape)
        name = self.tracer.mathematics.inline(Name(self._field.name))
        entry = self.tracer.mathematics.entry(self._field.name, grid.index)
        value = changes.entry_text(self._scenario(), self._field, self._place)
        self.show_header(
            [
                HeaderPart([(f"{name} {shape}", "strong")]),
                HeaderPart([(f"{entry} = {value}", "strong")]),
                HeaderPart([(self.text(say("Enter: change it, Esc: back")), "faint")], 1),
            ]
        )

    def session_changed(self) -> None:
        """Show the numbers of the scenario as it is now."""
        grid = self.query_one(Grid)
        grid.table = self._table()
        grid.refresh()
        self.tell()

    def action_enter(self) -> None:
        """Ask for another value of the entry; what does not fit is said there."""
        grid = self.query_one(Grid)
        path, place = self._field.path, self._place
        entry = self.tracer.mathematics.entry(self._field.name, grid.index)

        def check(text: str) -> None:
            value = number_of(text)
            self._change(lambda scenario: changes.with_value(scenario, path, value, place))

        self.tracer.ask(
            say("Change {name}", name=entry),
            lambda _: self.session_changed(),
            value=changes.entry_text(self._scenario(), self._field, place),
            hint=say("A number, such as 0.1 or 1/3"),
            check=check,
        )
