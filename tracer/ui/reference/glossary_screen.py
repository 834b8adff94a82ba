"""The glossary: rules, operations and optimizers, searched as one types, each fully explained."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from textual.containers import Container, Vertical
from textual.widgets import Input

from tracer.narrative.messages import say
from tracer.ui.parts.dialogs import OptionList, SearchScreen
from tracer.ui.parts.host import Option
from tracer.ui.parts.lines import ScrollText
from tracer.ui.reference import GLOSSARY
from tracer.ui.reference.glossary import entries, step_names, told

if TYPE_CHECKING:
    from textual.app import ComposeResult

__all__ = ["GlossaryScreen"]


class GlossaryScreen(SearchScreen, keys=GLOSSARY.in_force):
    """A list to search beside what is said of the chosen name."""

    FOOTER = ("app.back",)

    def contents(self) -> ComposeResult:
        """The list at the left, the text at the right; below one another where it is narrow."""
        with Container(id="glossary"):
            with Vertical(id="names"):
                yield Input(placeholder=self.text(say("type to search")))
                yield OptionList(())
            yield ScrollText(id="told")

    sought = ""  # what is searched for as the screen opens
    _shown: tuple[str, int] = ("", 0)

    def on_screen_resume(self) -> None:
        """Begin with what is sought, else with the rules of the step that is shown behind."""
        self.query_one(Input).value, self.sought = self.sought, ""
        self.session_changed()

    def session_changed(self) -> None:
        """Fill the list in the reader's language."""
        self._shown = ("", 0)
        self.show_title(say("Glossary"), say("rules, operations and optimizers"))
        self.fill(self._options())

    def _options(self) -> Iterator[Option]:
        known = list(entries(self.tracer.words))
        here = step_names(self.session.step.rules) if self.tracer.has_session else []
        by_name = {name: (text, note) for name, text, note, _ in known}
        for name in here:
            yield Option(name, *by_name[name], self.text(say("This step")))
        for name, text, note, group in known:
            yield Option(name, text, note, self.text(group))

    def tell_chosen(self) -> None:
        """Show what is said of the chosen name, for the room there is."""
        chosen = self.query_one(OptionList).chosen
        text = self.query_one(ScrollText)
        if chosen is None:
            text.show([[(self.text(say("Nothing contains these words.")), "faint")]])
            self._shown = ("", 0)
            return
        columns = max(text.size.width - 3, 20)
        if self._shown != (chosen.value, columns):
            self._shown = (chosen.value, columns)
            lines = told(chosen.value, self.tracer.words, columns)
            text.show([[(" ", ""), *line] for line in lines])

    def on_input_submitted(self) -> None:
        """Read the text: arrows scroll it now."""
        self.query_one(ScrollText).focus()

    def on_option_list_picked(self, event: OptionList.Picked) -> None:
        """Tell of what is clicked."""
        self.tell_chosen()

    def action_back(self) -> None:
        """Go back: from the text to the list, from a search to all, then to where one was."""
        search = self.query_one(Input)
        if not search.has_focus:
            search.focus()
        elif search.value:
            search.value = ""
        else:
            self.dismiss(None)
