"""A screen with a list to search: a line to type into, and the options that hold what is typed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from textual.widgets import Input

from tracer.ui.parts.dialogs import PAGE, OptionList
from tracer.ui.parts.tracer_screen import TracerScreen

if TYPE_CHECKING:
    from tracer.ui.parts.host import Option

__all__ = ["SearchScreen"]


class SearchScreen(TracerScreen):
    """A subclass lays out an `Input` and an `OptionList`, and tells of the chosen option."""

    AUTO_FOCUS = "Input"

    def tell_chosen(self) -> None:
        """Show what is said of the option of the cursor."""

    def fill(self, options: Iterable[Option]) -> None:
        """List other options, as far as they hold what is typed."""
        self.query_one(OptionList).all = list(options)
        self.call_after_refresh(self.on_input_changed)

    def on_input_changed(self) -> None:
        """Show what holds the typed words; the cursor begins on what is named just so."""
        typed = self.query_one(Input).value
        self.query_one(OptionList).filter(typed, typed.strip())
        self.tell_chosen()

    def action_move(self, by: int) -> None:
        """Move to another option."""
        self.query_one(OptionList).move(by)
        self.tell_chosen()

    def action_page(self, by: int) -> None:
        """Move to an option further on, or further back."""
        self.action_move(by * PAGE)

    def on_resize(self) -> None:
        """Draw for the new room."""
        self.call_after_refresh(self.query_one(OptionList).draw)
        self.call_after_refresh(self.tell_chosen)
