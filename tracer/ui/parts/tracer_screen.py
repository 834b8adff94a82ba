"""What all screens share: a guard, the session, words, a header line and a footer of keys."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.screen import Screen

from tracer.ui.parts.bars import Header, HeaderPart, KeyLine
from tracer.ui.parts.guard import Guarded

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from tracer.sentences import Sentence

__all__ = ["TracerScreen"]


class TracerScreen(Guarded, Screen[None]):
    """A screen. `FOOTER` names the keys that its footer shows, at most seven ids."""

    FOOTER: ClassVar[Sequence[str]] = ()

    def compose(self) -> ComposeResult:
        """Lay the screen out between the line at the top and that of the keys."""
        yield Header(id="header")
        yield from self.contents()
        yield KeyLine()

    @abstractmethod
    def contents(self) -> ComposeResult:
        """Lay out what is between the two lines; the style sheet decides what of it is seen."""

    def text(self, sentence: Sentence) -> str:
        """Return a sentence in the reader's language."""
        return self.tracer.text(sentence)

    @property
    def footer(self) -> Sequence[str]:
        """The ids of the keys that the footer shows now."""
        return self.FOOTER

    def framed_title(self, title: str, number: int) -> str:
        """Return what stands in the frame of a pane with a title and a number (0 without one)."""
        return title

    def show_keys(self) -> None:
        """Show the keys of the footer as they are bound now, or a message in their place."""
        if self.app.screen_stack:
            offers = self.tracer.offers(self.footer, self)
            self.query_one(KeyLine).show(offers, self.tracer.message)

    def show_header(self, parts: Sequence[HeaderPart]) -> None:
        """Show the line at the top, and the keys."""
        self.query_one(Header).show(parts)
        self.show_keys()

    def show_title(self, title: Sentence, hint: Sentence) -> None:
        """Show what the screen is and what to do there, and the keys."""
        parts = [HeaderPart([(self.text(title), "strong")])]
        parts.append(HeaderPart([(self.text(hint), "faint")], 1))
        self.show_header(parts)

    def action_back(self) -> None:
        """Go back to the walk."""
        self.tracer.open("walk")

    def session_changed(self) -> None:
        """Show the session anew: another trace, place, theme or language. Called by the app."""

    def on_mount(self) -> None:
        """Show the session, and listen to it. Textual calls this behind a subclass's own."""
        self.tracer.session_changed.subscribe(self, lambda _: self.session_changed())
        self.tracer.message_changed.subscribe(self, lambda _: self.show_keys())
        self.session_changed()
