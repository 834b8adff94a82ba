"""What all screens share: a guard, the session, words, a header line and a footer of keys."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from itertools import accumulate
from typing import ClassVar, Final, NamedTuple

from textual import events
from textual.app import ComposeResult
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from tracer.render.boxes import wrap_formula
from tracer.render.screen_lines import Line, cut_text, line_width, safe_text
from tracer.sentences import Sentence
from tracer.text_width import width
from tracer.ui.parts.guard import ErrorGuard, RolePainter
from tracer.ui.parts.host import Offer, ShortMessage
from tracer.ui.parts.key_bindings import KeyTable

MOST_OFFERS: Final = 7  # keys of a footer, below
WIDE: Final = 160  # columns, from which on there are as many as have room
MENU: Final = 3  # columns of the sign at the right of the header
GAP: Final = 2  # columns between a message and the keys, besides the one before each of them


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


class Header(RolePainter, Widget):
    """One line that says where one stands; the sign at its right opens all commands, always.

    Where there is no room for all parts, whole ones are left out: half a number is another number.
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._parts: Sequence[HeaderPart] = ()

    def show(self, parts: Sequence[HeaderPart]) -> None:
        """Show other parts; the roles of their pieces are 'strong', 'faint' and ''."""
        self._parts = parts
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw the parts and the sign."""
        columns = self.size.width
        room = max(columns - MENU, 0)
        dot = (" · " if self.tracer.words.unicode else " - ", "faint")
        line = [(" ", ""), *fit_line(self._parts, room - 1, dot)]
        left = self.strip([(safe_text(text), role) for text, role in line], room)
        sign = self.strip([(" ≡ " if self.tracer.words.unicode else " = ", "strong")], MENU)
        return Strip([*left, *sign]).crop_extend(0, columns, None)

    async def on_click(self, event: events.Click) -> None:
        """Offer all commands: who has only a mouse reaches each of them so."""
        if event.x >= self.size.width - MENU:
            event.stop()
            await self.app.run_action("app.palette")


class KeyLine(RolePainter, Widget):
    """The footer: a few keys with what they do; each can be clicked.

    A message stands before them for a moment, in as many lines as it needs; of the keys those stay
    that have room behind it. A dialog's footer covers that of the screen below, whose keys sleep.
    """

    def __init__(self) -> None:
        super().__init__(id="keys")
        self._offers: Sequence[Offer] = ()
        self._message: ShortMessage | None = None

    def on_mount(self) -> None:
        """Show the message of the moment, and each one that follows."""
        self.show(self._offers)
        self.tracer.message_changed.subscribe(self, lambda _: self.show(self._offers))

    def show(self, offers: Sequence[Offer]) -> None:
        """Offer other keys, behind the message of the moment."""
        message = self.tracer.message
        if (offers, message) != (self._offers, self._message):
            self._offers, self._message = offers, message
            self.on_resize()
            self.refresh()

    def on_resize(self) -> None:
        """Take as many lines as the message needs at this width."""
        self.styles.height = max(len(self._message_lines()), 1)

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
        message = self._message_lines()
        before = width(message[-1]) + GAP if message else 0
        room = max(self.size.width - before, 0)
        most = MOST_OFFERS if self.size.width < WIDE else len(offers)
        least = 0 if message else 1
        while len(offers) > least and (len(offers) > most or _offer_columns(offers) > room):
            del offers[max(len(offers) - 2, 0)]
        sizes = [_offer_columns([offer]) - 1 for offer in offers]
        starts = accumulate(sizes, lambda start, size: start + size + 2, initial=before + 1)
        places = zip(starts, sizes, offers, strict=False)  # a start more: behind the last one
        return [(start, start + size, offer) for start, size, offer in places]

    def render_line(self, y: int) -> Strip:
        """Draw a line of the message; behind its last one the offers."""
        told = self._message_lines() or [""]
        if y >= len(told):  # the terminal has just become wider
            return self.strip([], self.size.width)
        is_bad = self._message is not None and self._message.bad
        line: Line = [(f" {told[y]}", "bad" if is_bad else "strong")]
        for start, _, offer in self._placed() if y == len(told) - 1 else ():
            gap = " " * (start - line_width(line))
            text = " " + safe_text(cut_text(offer.text, 30))
            line = [*line, (gap, ""), (safe_text(offer.key), "strong"), (text, "")]
        return self.strip(line, self.size.width)

    async def on_click(self, event: events.Click) -> None:
        """Do what is clicked; a message goes away."""
        event.stop()
        placed = self._placed()  # as they are seen, beside the message
        self.tracer.untell(self._message)
        for start, end, offer in placed:
            if start <= event.x < end and event.y == self.size.height - 1:
                await self.app.run_action(offer.action, self.screen)
                return


def _offer_columns(offers: Sequence[Offer]) -> int:
    """Return the columns that offers take, with a space before the first and two between."""
    texts = (width(offer.key) + 1 + width(offer.text) for offer in offers)
    return sum(texts) + 2 * len(offers) - 1


class TracerScreen(ErrorGuard, Screen[None]):
    """A screen. `FOOTER` names the keys that its footer shows, at most seven ids.

    `table` has the keys that work there, and what help says of the screen.
    """

    FOOTER: ClassVar[Sequence[str]] = ()
    TABLE: ClassVar[KeyTable | None] = None

    def __init_subclass__(cls, *, table: KeyTable | None = None, **options: bool) -> None:
        super().__init_subclass__(keys=() if table is None else table.in_force, **options)
        cls.TABLE = table

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
        """Show the keys of the footer as they are bound now."""
        if self.app.screen_stack:
            self.query_one(KeyLine).show(self.tracer.offers(self.footer, self))

    def show_header(self, parts: Sequence[HeaderPart]) -> None:
        """Show the line at the top, and the keys."""
        self.query_one(Header).show(parts)
        self.show_keys()

    def part(self, words: Sentence | str, role: str = "", spare: int = 0) -> HeaderPart:
        """Return words as a part of the line at the top."""
        return HeaderPart([(self.tracer.text(words), role)], spare)

    def show_title(self, title: Sentence, hint: Sentence) -> None:
        """Show what the screen is and what to do there, and the keys."""
        self.show_header([self.part(title, "strong"), self.part(hint, "faint", 1)])

    def action_back(self) -> None:
        """Go back to the screen before."""
        self.dismiss(None)

    def session_changed(self) -> None:
        """Show the session anew: another trace, place, theme or language. Called by the app."""

    def on_mount(self) -> None:
        """Listen to the session: who is not in front shows it when it comes there."""

        def show(_: object) -> None:
            front = next(each for each in reversed(self.app.screen_stack) if not each.is_modal)
            if front is self:
                self.session_changed()

        self.tracer.session_changed.subscribe(self, show)

    def on_screen_resume(self) -> None:
        """Show the session as it is now. Textual calls this behind a subclass's own."""
        self.session_changed()
