"""Help for where one is: what the pane in focus and the screen show, and their keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, Final

from tracer.narrative.messages import Sentence, say
from tracer.ui.parts.bars import Header, HeaderPart, KeyLine
from tracer.ui.parts.key_bindings import HELP, HELP_FOOTER, TABLES, bindings, key_text
from tracer.ui.parts.pane import Pane
from tracer.ui.parts.scroll_text import Told, table_lines
from tracer.ui.parts.tracer_screen import TracerScreen
from tracer.ui.screens import SCREENS
from tracer.ui.settings.rebinding import bound, places

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.screen import Screen

    from tracer.render.screen_lines import Line

__all__ = ["ABOUT", "PANES", "HelpScreen"]

# What each screen is for, by its name.
ABOUT: Final[Mapping[str, Sequence[Sentence]]] = {
    "walk": (
        say(
            "A training step is a list of lines: forward, loss, backward, update. The walk shows "
            "them one at a time, in every pane the same one."
        ),
        say(
            "At the top stand the iteration, the samples, the step and its phase. What the step "
            "has changed is marked."
        ),
    ),
    "play": (
        say(
            "Change what is given: the learning rate, the iterations, first values, data, loss or "
            "optimizer. Every number and the curve follow; the curve from before stays beside it."
        ),
    ),
    "check": (
        say(
            "Type or open a calculation of your own. Beside each line stands whether it is right; "
            "of a wrong one the cause, and the line as it should be."
        ),
    ),
    "practise": (
        say(
            "The values are hidden: work each out and type it. Hints come in three stages: the "
            "rule, what goes in, the value. A slip that is carried on counts once."
        ),
    ),
    "scenarios": (
        say("Type to search the scenarios, or the path of a .toml file; Enter opens it."),
    ),
    "array": (say("Every entry of the array; Enter shows how the one under the cursor was made."),),
    "glossary": (
        say(
            "Every rule, operation and optimizer: what it computes, its derivative, an example "
            "worked out, and where it is used. Type to search; Enter goes to the text."
        ),
    ),
}

# What each pane of the walk shows, by its number.
PANES: Final[Mapping[int, Sentence]] = {
    1: say(
        "The steps as a tree: iteration, phase, step. Up and down move, Enter folds or goes there."
    ),
    2: say(
        "The step in mathematics: the symbols, the numbers put in, the result; below them the rule "
        "it follows, and why. ∂L/∂w is how much the loss changes for a small change of w."
    ),
    3: say(
        "The network, from the data at the left to the loss at the right. What the step computes "
        "is lit. Left and right move over a drawing that is wider than the pane; a click on a box "
        "goes to its step."
    ),
    4: say("The loss over the iterations. The mark is where one stands; a click goes there."),
    5: say(
        "The values of the step. What it has changed is marked; of a large array the shape, the "
        "range and a part are shown. Enter on its name opens all of it, Enter on an entry works "
        "the entry out."
    ),
}


class HelpScreen(TracerScreen):
    """What is said of the screen behind it, and of the pane that has the focus there."""

    AUTO_FOCUS = "Told"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(HELP)]
    FOOTER = HELP_FOOTER

    def compose(self) -> ComposeResult:
        """One text."""
        yield Header(id="header")
        yield Told(id="help")
        yield KeyLine()

    def on_screen_resume(self) -> None:
        """Tell of what is behind now."""
        self.call_after_refresh(self.session_changed)

    def on_resize(self, event: events.Resize) -> None:
        """Draw for the new room."""
        self.call_after_refresh(self.session_changed)

    @property
    def behind(self) -> Screen[object] | None:
        """The screen that help was asked for on."""
        stack = self.app.screen_stack
        at = stack.index(self) if self in stack else 0
        return stack[at - 1] if at > 0 else None

    def session_changed(self) -> None:
        """Write the help in the reader's language."""
        title = self.text(say("Help"))
        hint = self.text(say("Esc goes back, Enter opens the glossary of the rules"))
        self.query_one(Header).show(
            [HeaderPart([(title, "strong")]), HeaderPart([(hint, "faint")], 1)]
        )
        self.show_keys()
        text = self.query_one(Told)
        lines = self._lines(max(text.size.width - 3, 20))
        text.show([[(" ", ""), *line] for line in lines])

    def _lines(self, room: int) -> list[Line]:
        behind = self.behind
        name = type(behind).__name__.removesuffix("Screen").lower()
        lines: list[Line] = []
        pane = behind.focused if behind is not None else None
        if isinstance(pane, Pane) and pane.NUMBER in PANES:
            lines += self._head(f"{pane.NUMBER} {self.text(pane.NAME)}")
            lines += self._wrapped(PANES[pane.NUMBER], room)
            lines += [[], *self._keys("pane", room), []]
        if name in TABLES and name != "pane":
            lines += self._head(self.text(places()[name]) if name in places() else name)
            for sentence in ABOUT.get(name, ()):
                lines += self._wrapped(sentence, room)
            lines += [[], *self._keys(name, room), []]
        lines += self._head(self.text(places()["app"]))
        lines += self._keys("app", room)
        note = say("`tracer keys` lists every key, and says in which file to bind it anew.")
        return [*lines, [], *self._wrapped(note, room)]

    def _head(self, text: str) -> list[Line]:
        return [[(text[:1].upper() + text[1:], "title")]]

    def _wrapped(self, sentence: Sentence, room: int) -> list[Line]:
        return self.tracer.mathematics.sentences([sentence], room)

    def _keys(self, table: str, room: int) -> list[Line]:
        """Return the keys of a table, as they are bound now, with what they do."""
        rows = [
            [
                "  " + " ".join(key_text(key) for key in item.keys.split(",")),
                self.text(item.key.words),
            ]
            for item in bound(self.tracer.preferences.keys)
            if item.key.id.partition(".")[0] == table and self._is_there(item.key.action)
        ]
        return table_lines(rows, room) if rows else []

    def _is_there(self, action: str) -> bool:
        name = action.removeprefix("open_screen('").removesuffix("')")
        return name == action or name in SCREENS

    def action_glossary(self) -> None:
        """Open the glossary."""
        self.tracer.open("glossary")

    def action_back(self) -> None:
        """Go back to where one was."""
        self.dismiss(None)
