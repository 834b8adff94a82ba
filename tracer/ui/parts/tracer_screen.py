"""What all screens share: a guard, the session, words, a header line and a footer of keys."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from itertools import accumulate
from typing import ClassVar, Final, NamedTuple

from rich.segment import Segment
from textual import events
from textual.app import ComposeResult
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from tracer.render.boxes import wrap_formula
from tracer.render.screen_lines import Line, cut_line, cut_text, line_width, safe_text
from tracer.sentences import Sentence
from tracer.text_width import width
from tracer.ui.parts.guard import Guarded, Painted
from tracer.ui.parts.host import Offer, ShortMessage

MOST_OFFERS: Final = 7  # keys of a footer, below
WIDE: Final = 160  # columns, from which on there are as many as have room
MENU: Final = 3  # columns of the sign at the right of the header


class HeaderPart(NamedTuple):
    """A part of a line; of those with `spare` the highest is left out first."""

    line: Line
    spare: int = 0


def fit_line(
    parts: Sequence[HeaderPart], columns: int, between: tuple[str, str] = ("", "")
) -> Line:
    """Return the line of the parts for which there is room, with a piece between two of them."""
    while True:
        line = [piece for part in parts for piece in (between, *part.line)][1:]
        spare = max((part.spare for part in parts), default=0)
        if not spare or line_width(line) <= columns:
            return line
        parts = [part for part in parts if part.spare < spare]


class Header(Painted, Widget):
    """One line that says where one stands; the sign at its right opens all commands, always.

    Where there is no room for all parts, whole ones are left out: half a number is another number.
    """

    DEFAULT_CSS = "Header { height: 1; width: 1fr; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._parts: Sequence[HeaderPart] = ()

    def show(self, parts: Sequence[HeaderPart]) -> None:
        """Show other parts; the roles of their pieces are 'strong', 'faint' and ''."""
        self._parts = parts
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw the parts and the sign."""
        style_of = self.style_of
        columns = self.size.width
        room = max(columns - MENU, 0)
        dot = (" · " if self.tracer.words.unicode else " - ", "faint")
        whole = [(" ", ""), *fit_line(self._parts, room - 1, dot)]
        line = cut_line(whole, room, self.tracer.words.ellipsis)
        strip = Strip([Segment(safe_text(text), style_of(role)) for text, role in line])
        sign = " ≡ " if self.tracer.words.unicode else " = "
        strip = strip.crop_extend(0, room, style_of(""))
        return Strip([*strip, Segment(sign, style_of("strong"))]).crop_extend(0, columns, None)

    async def on_click(self, event: events.Click) -> None:
        """Offer all commands: who has only a mouse reaches each of them so."""
        if event.x >= self.size.width - MENU:
            event.stop()
            await self.app.run_action("app.palette")


class KeyLine(Painted, Widget):
    """The footer: a few keys with what they do; each can be clicked.

    A message takes their place for a moment, in as many lines as it needs.
    """

    DEFAULT_CSS = "KeyLine { height: 1; dock: bottom; width: 1fr; }"

    def __init__(self) -> None:
        super().__init__(id="keys")
        self._offers: Sequence[Offer] = ()
        self._message: ShortMessage | None = None

    def show(self, offers: Sequence[Offer], message: ShortMessage | None) -> None:
        """Offer other keys, or show a message."""
        if (offers, message) != (self._offers, self._message):
            self._offers, self._message = offers, message
            self.styles.height = max(len(self._message_lines()), 1)
            self.refresh()

    def _message_lines(self) -> list[str]:
        """Return the lines of the message; none without one."""
        if self._message is None:
            return []
        sign = self.tracer.words.terminal_text("✗ ") if self._message.bad else ""
        return wrap_formula(sign + safe_text(self._message.text), max(self.app.size.width - 2, 1))

    def _placed(self) -> list[tuple[int, int, Offer]]:
        """Return where each offer begins and ends; what has no room is left out before the last.

        The last one is the way out, or to the help.
        """
        offers = list(self._offers)
        most = MOST_OFFERS if self.size.width < WIDE else len(offers)
        while len(offers) > 1 and (len(offers) > most or _offer_columns(offers) > self.size.width):
            del offers[-2]
        sizes = [_offer_columns([offer]) - 1 for offer in offers]
        starts = accumulate(sizes, lambda start, size: start + size + 2, initial=1)
        places = zip(starts, sizes, offers, strict=False)  # a start more: behind the last one
        return [(start, start + size, offer) for start, size, offer in places]

    def render_line(self, y: int) -> Strip:
        """Draw the offers."""
        style_of = self.style_of
        base, key = style_of(""), style_of("strong")
        if self._message is not None:
            role = "bad" if self._message.bad else "strong"
            told = self._message_lines()
            line = Segment(f" {told[y] if y < len(told) else ''}", style_of(role))
            return Strip([line]).crop_extend(0, self.size.width, base)
        segments: list[Segment] = []
        column = 0
        for start, end, offer in self._placed():
            segments.append(Segment(" " * (start - column), base))
            segments.append(Segment(safe_text(offer.key), key))
            segments.append(Segment(" " + safe_text(cut_text(offer.text, 30)), base))
            column = end
        return Strip(segments).crop_extend(0, self.size.width, base)

    async def on_click(self, event: events.Click) -> None:
        """Do what is clicked; a message goes away."""
        event.stop()
        if self._message is not None:
            self.tracer.untell(self._message)
            return
        for start, end, offer in self._placed():
            if start <= event.x < end:
                await self.app.run_action(offer.action, self.screen)
                return


def _offer_columns(offers: Sequence[Offer]) -> int:
    """Return the columns that offers take, with a space before the first and two between."""
    texts = (width(offer.key) + 1 + width(offer.text) for offer in offers)
    return sum(texts) + 2 * len(offers) - 1


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
        told, faint = (self.tracer.text(title), "strong"), (self.tracer.text(hint), "faint")
        self.show_header([HeaderPart([told]), HeaderPart([faint], 1)])

    def action_back(self) -> None:
        """Go back to the walk."""
        self.tracer.open("walk")

    def session_changed(self) -> None:
        """Show the session anew: another trace, place, theme or language. Called by the app."""

    def on_mount(self) -> None:
        """Listen to the session: who is not in front shows it when it comes there."""

        def show(_: object) -> None:
            front = next(each for each in reversed(self.app.screen_stack) if not each.is_modal)
            if front is self:
                self.session_changed()

        self.tracer.session_changed.subscribe(self, show)
        self.tracer.message_changed.subscribe(self, lambda _: self.show_keys())

    def on_screen_resume(self) -> None:
        """Show the session as it is now. Textual calls this behind a subclass's own."""
        self.session_changed()
