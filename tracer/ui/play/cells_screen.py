"""One array of what is given, every entry of which can be changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracer.narrative.messages import say
from tracer.program import scenario_edits as changes
from tracer.render.array_tables import ArrayTable
from tracer.ui.parts.array_screen import ArrayScreen, Grid
from tracer.ui.play.typed_numbers import number_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracer.narrative.messages import Sentence
    from tracer.program.scenario import Scenario
    from tracer.program.scenario_edits import Field

__all__ = ["CellsScreen"]


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

    def table(self) -> ArrayTable:
        """Return the entries of the scenario as it is now."""
        scenario = self._scenario()
        tables = (scenario.parameters, scenario.data, scenario.constants)
        given = next(table for table in tables if self._field.name in table)[self._field.name]
        return ArrayTable(given.shape, given.floats())

    def value(self, place: int) -> str:
        """Return an entry as it is written."""
        return changes.entry_text(self._scenario(), self._field, place)

    def note(self) -> Sentence:
        """Say what Enter does here."""
        return say("Enter: change it, Esc: back")

    def session_changed(self) -> None:
        """Show the numbers of the scenario as it is now."""
        grid = self.query_one(Grid)
        grid.table = self.table()
        grid.refresh()
        super().session_changed()

    def action_enter(self) -> None:
        """Ask for another value of the entry; what does not fit is said there."""
        grid = self.query_one(Grid)
        path, place = self._field.path, grid.place
        entry = self.tracer.mathematics.entry(self._field.name, grid.index)

        def check(text: str) -> None:
            value = number_of(text)
            self._change(lambda scenario: changes.with_value(scenario, path, value, place))

        self.tracer.ask(
            say("Change {name}", name=entry),
            lambda _: self.session_changed(),
            value=self.value(place),
            hint=say("A number, such as 0.1 or 1/3"),
            check=check,
        )
