"""The choice of a scenario: the bundled ones in groups, recent files, and a file by its path."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from textual.containers import Vertical
from textual.widgets import Input, Static

from tracer.program.scenario import bundled, load
from tracer.sentences import say
from tracer.ui.parts.content import content
from tracer.ui.parts.dialogs import OptionList, SearchScreen
from tracer.ui.parts.host import Option
from tracer.ui.scenarios import SCENARIOS
from tracer.ui.scenarios.gallery import GROUPS, length_words, size_words

if TYPE_CHECKING:
    from textual.app import ComposeResult

__all__ = ["ScenariosScreen"]


class ScenariosScreen(SearchScreen, keys=SCENARIOS.in_force):
    """Type to search; a path that ends in .toml opens a file."""

    FOOTER = ("app.back", "app.palette")

    def contents(self) -> ComposeResult:
        """A line to type into above the list."""
        with Vertical(id="scenarios"):
            yield Input(
                placeholder=self.text(say("type to search, or the path of a .toml file")),
                id="search",
            )
            yield OptionList((), id="options")
            yield Static("", id="about")

    def session_changed(self) -> None:
        """Fill the list in the reader's language."""
        self.show_title(say("Scenarios"), say("Enter opens, Esc goes back"))
        if self.tracer.has_session:
            self.present = self.session.scenario.name
        self.fill(self._options())

    def _options(self) -> Iterator[Option]:
        for path in self.tracer.preferences.recent:
            yield Option(Path(path), path, "", self.text(say("Recent files")))
        known = bundled()
        grouped = {name for _, names in GROUPS for name in names}
        rest = (say("More"), tuple(name for name in known if name not in grouped))
        longest = max(map(len, known))
        for title, names in (*GROUPS, rest):
            for name in names:
                if name in known:
                    scenario = load(name)
                    note = self.text(size_words(scenario))
                    heading = scenario.heading
                    text = f"{name.ljust(longest)}  {heading.text_in(self.tracer.words.translate)}"
                    also = " ".join((heading.text, *heading.others.values()))
                    yield Option(name, text, note, self.text(title), also)

    def tell_chosen(self) -> None:
        """Say what the chosen scenario is for, and how long its walk is."""
        chosen = self.options.chosen
        text = ""
        if chosen is not None and isinstance(chosen.value, str):
            scenario = load(chosen.value)
            purpose = scenario.purpose.text_in(self.tracer.words.translate)
            text = f"{self.text(length_words(scenario))} {purpose}"
        self.query_one("#about", Static).update(content(self.tracer.text(text)))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Open the file that is typed, or the scenario that is chosen."""
        chosen = self.options.chosen
        typed = event.value.strip()
        if typed.endswith(".toml") or (chosen is None and typed):
            self.tracer.open_scenario(Path(typed).expanduser())
        elif chosen is not None:
            self.tracer.open_scenario(chosen.value)

    def action_back(self) -> None:
        """Go back to where one was; first empty what is typed."""
        search = self.query_one(Input)
        if search.value:
            search.value = ""
        elif self.tracer.has_session:
            self.tracer.open("walk")
        else:
            self.tracer.exit()

    def on_option_list_picked(self, event: OptionList.Picked) -> None:
        """Open what is clicked."""
        self.tracer.open_scenario(event.option.value)
