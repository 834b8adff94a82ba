"""Help for where one is: what the pane in focus and the screen show, and their keys."""

from __future__ import annotations

from textual.app import ComposeResult

from tracer.render.boxes import wrap_formula
from tracer.render.screen_lines import Line, indented
from tracer.sentences import say
from tracer.text_width import padded, width
from tracer.ui.parts.key_bindings import APP, PANE, KeyTable, key_text
from tracer.ui.parts.tracer_screen import Pane, ScrollText, TracerScreen


class HelpScreen(TracerScreen):
    """What is said of the screen behind it, and of the pane that has the focus there."""

    AUTO_FOCUS = "ScrollText"
    FOOTER = ("app.glossary", "app.back")

    def contents(self) -> ComposeResult:
        """One text."""
        yield ScrollText(id="help")

    def on_resize(self) -> None:
        """Tell of what is behind, for the room there is."""
        self.call_after_refresh(self.session_changed)

    def session_changed(self) -> None:
        """Write the help in the reader's language."""
        back, glossary = map(self.tracer.key_of, ("app.back", "app.glossary"))
        self.show_title(
            say("Help"),
            say(
                "{back} goes back, {glossary} opens the glossary of the rules",
                back=back,
                glossary=glossary,
            ),
        )
        text = self.query_one(ScrollText)
        text.show(indented(self._lines(max(text.size.width - 3, 20))))

    def _lines(self, room: int) -> list[Line]:
        stack, sentences = self.app.screen_stack, self.tracer.mathematics.sentences
        # The screen that help was asked for on.
        behind = stack[stack.index(self) - 1] if self in stack[1:] else None
        pane = behind.focused if behind is not None else None
        own = behind.TABLE if isinstance(behind, TracerScreen) else None
        lines: list[Line] = []
        if isinstance(pane, Pane) and pane.ABOUT is not None:
            lines += [[(pane.title, "title")], *sentences([pane.ABOUT], room), []]
        # What it is stands first, then the keys, and last what scrolls: who asks wants to go on.
        for table in filter(None, (own, APP, PANE)):
            title = self.tracer.text(table.place)
            first, *others = [sentences([each], room) for each in table.about] or [[]]
            head: Line = [(title[:1].upper() + title[1:], "title")]
            rows = [row for each in others for row in ([], *each)]
            lines += [head, *first, *self._keys(table, room), *rows, []]
        note = say("`tracer keys` lists all keys, and names the file in which you can change them.")
        return [*lines, *sentences([note], room)]

    def _keys(self, table: KeyTable, room: int) -> list[Line]:
        """Return the keys of a table, as they are bound now, with what they do."""
        bound = self.tracer.preferences.keys_of
        rows = [
            ("  " + " ".join(map(key_text, bound(key).split(","))), self.tracer.text(key.words))
            for key in table.in_force
        ]
        left = max((width(keys) for keys, _ in rows), default=0) + 2
        return [
            [(padded("" if place else keys, left), "strong"), (text, "words")]
            for keys, words in rows
            for place, text in enumerate(wrap_formula(words, max(room - left, 12)))
        ]
