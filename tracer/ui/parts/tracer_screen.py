"""What all screens share: a header line, a footer of keys, and panes: lines of text that scroll."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import ClassVar, Final, NamedTuple

from rich.segment import Segment
from textual import events
from textual.app import ComposeResult
from textual.content import Content
from textual.geometry import Offset, Region, Size
from textual.screen import Screen
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from tracer.narrative.run_verdict import Remark
from tracer.narrative.session import Inside
from tracer.render.mathematics import marked_lines
from tracer.render.screen_lines import Line, cut_text, line_width, safe_text
from tracer.sentences import Sentence, say
from tracer.text_width import width
from tracer.ui.parts.host import ErrorGuard, Offer, RolePainter
from tracer.ui.parts.key_bindings import PANE, SCROLLS, KeyTable

MOST_OFFERS: Final = 7  # keys of a footer, below
WIDE: Final = 160  # columns, from which on there are as many as have room
MENU: Final = 3  # columns of the sign at the right of the header
GAP: Final = 2  # columns between two keys, and between a message and what is before the first


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

    def on_mount(self) -> None:
        """Show the message of the moment, and each one that follows."""
        self.show(self._offers)
        self.tracer.message_changed.subscribe(self, lambda _: self.show(self._offers))

    def show(self, offers: Sequence[Offer]) -> None:
        """Offer other keys, behind the message of the moment."""
        self._offers = offers
        self.on_resize()
        self.refresh()

    def on_resize(self) -> None:
        """Take as many lines as the message needs at this width."""
        self.styles.height = max(len(self._message_lines()), 1)

    def _message_lines(self) -> list[str]:
        """Return the lines of the message; none without one."""
        if (message := self.tracer.message) is None:
            return []
        sign = self.tracer.words.terminal_text("✗ ") if message.bad else ""
        room, text = max(self.app.size.width - 2, 1), sign + safe_text(message.text)
        return ["".join(piece for piece, _ in line) for line in marked_lines(text, room, "", "")]

    def _offer_places(self) -> list[tuple[int, int, Offer]]:
        """Return where each offer begins and ends; what has no room is left out before the last.

        The last one is the way out, or to the help.
        """
        offers = list(self._offers)
        message = self._message_lines()
        first = width(message[-1]) + GAP + 1 if message else 1
        most = MOST_OFFERS if self.size.width < WIDE else len(offers)
        least = 0 if message else 1
        while True:
            sizes = (width(each.key) + 1 + width(each.text) + GAP for each in offers)
            starts = list(accumulate(sizes, initial=first))  # one more: behind the last
            is_whole = len(offers) <= most and starts[-1] - GAP <= self.size.width
            if is_whole or len(offers) <= least:
                places = zip(pairwise(starts), offers, strict=True)
                return [(start, end - GAP, offer) for (start, end), offer in places]
            del offers[max(len(offers) - 2, 0)]

    def render_line(self, y: int) -> Strip:
        """Draw a line of the message; behind its last one the offers."""
        message = self._message_lines() or [""]
        if y >= len(message):  # the terminal has just become wider
            return self.strip([], self.size.width)
        is_bad = self.tracer.message is not None and self.tracer.message.bad
        line: Line = [(f" {message[y]}", "bad" if is_bad else "strong")]
        for start, _, offer in self._offer_places() if y == len(message) - 1 else ():
            gap = " " * (start - line_width(line))
            text = " " + safe_text(cut_text(offer.text, 30))
            line = [*line, (gap, ""), (safe_text(offer.key), "strong"), (text, "")]
        return self.strip(line, self.size.width)

    async def on_click(self, event: events.Click) -> None:
        """Do what is clicked; a message goes away."""
        event.stop()
        placed = self._offer_places()  # as they are seen, beside the message
        self.tracer.hide_message(self.tracer.message)
        for start, end, offer in placed:
            if start <= event.x < end and event.y == self.size.height - 1:
                await self.app.run_action(offer.action, self.screen)
                return


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


_SIGNS: Final = {"good": "✓ ", "bad": "✗ "}  # before good and bad news


def content(*pieces: str | tuple[str, str]) -> Content:
    """Return text for a widget of Textual's: never markup, and without control characters.

    A piece may have a style, as ("✓ ok", "$success").
    """
    return Content("").join(
        Content(safe_text(piece, lines=True))
        if isinstance(piece, str)
        else Content.styled(safe_text(piece[0], lines=True), piece[1])
        for piece in pieces
    )


class Lines(RolePainter, ScrollView, can_focus=True):
    """Shows lines. `show` sets them; a subclass with very many overrides `line` and `extent`."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._shown: Sequence[Line] = ()
        self._painted: dict[int, Line] = {}  # by row of the widget: the line that was painted last

    # What is shown ------------------------------------------------------------------------------

    def show(self, lines: Sequence[Line], *, home: bool = True) -> None:
        """Show other lines; with `home` from their beginning."""
        self._shown = lines
        self.virtual_size = Size(max(map(line_width, lines), default=0), len(lines))
        if home:
            self.scroll_to(0, 0, animate=False, immediate=True)
        self.repaint()

    @property
    def room(self) -> Size:
        """The columns and rows that can be filled without scrolling."""
        return self.scrollable_content_region.size if self.size else Size(0, 0)

    def line(self, y: int) -> Line:
        """Return a line; empty below the last."""
        return self._shown[y] if 0 <= y < len(self._shown) else ()

    # Drawing ------------------------------------------------------------------------------------

    def repaint(self) -> None:
        """Paint the rows that show another line now."""
        top = self.scroll_offset.y
        for y in range(self.size.height):
            if self.line(top + y) != self._painted.get(y):
                self.refresh_line(top + y)

    def render_line(self, y: int) -> Strip:
        """Draw one line of what can be seen; a sign at either side says that it goes on there."""
        x, top = self.scroll_offset
        style_of, columns = self.style_of, self.size.width
        line = self._painted[y] = self.line(top + y)
        whole = Strip([Segment(text, style_of(role)) for text, role in line])
        strip = whole.crop_extend(x, x + columns, style_of(""))
        if x or whole.cell_length > columns:
            sign = Segment("…" if self.tracer.words.unicode else "~", style_of("faint"))
            if whole.crop(x + columns).text.strip():
                strip = Strip([*strip.crop(0, columns - 1), sign])
            if x and whole.crop(0, x + 1).text.strip():
                strip = Strip([sign, *strip.crop(1, columns)])
        return strip

    def reveal(self, y: int) -> None:
        """Scroll so that a line can be seen."""
        self.scroll_to_region(Region(0, y, 1, 1), animate=False, immediate=True, force=True)

    def place_at(self, event: events.Click) -> Offset:
        """Return the column and the line that are clicked; outside of all the line is -1."""
        offset = event.get_content_offset(self)
        return Offset(0, -1) if offset is None else offset + self.scroll_offset

    # Keys that all panes share ------------------------------------------------------------------

    def action_move(self, by: int) -> None:
        """Move down by so many lines, or up."""
        self.scroll_relative(y=by, animate=False)

    def action_page(self, by: int) -> None:
        """Move down by so many pages, or up; a line of the one before stays in sight."""
        self.action_move(by * max(self.room.height - 1, 1))


class ScrollText(Lines, keys=SCROLLS):
    """A text that can be read and scrolled: help, and what the glossary says."""


class Pane(Lines, keys=PANE.keys):
    """A pane with a number. A subclass sets NUMBER and NAME and draws in `draw`.

    Left and right go a step back or on, unless the pane has a use for them.
    """

    NUMBER: ClassVar[int] = 0
    NAME: ClassVar[Sentence]
    ABOUT: ClassVar[Sentence | None] = None  # the sentence of the help

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id or f"pane-{self.NUMBER}", classes="pane")
        self._framed: str | None = None  # text in the lower frame; None where that stays empty

    @property
    def title(self) -> str:
        """The number of the pane, where it has one, and its name."""
        name = self.tracer.text(self.NAME)
        return f"{self.NUMBER} {name}" if self.NUMBER else name

    def show_frame_title(self) -> None:
        """Show the title in the frame; where no other pane is seen, those of all panes."""
        screen = self.screen
        title = screen.framed_title(self) if isinstance(screen, PanesScreen) else self.title
        self._show_in_frame("border_title", title)

    def subtitle(self, words: Sentence | str | None) -> None:
        """Show something in the lower frame; for None how many lines are below what is seen."""
        self._framed = "" if words is None else self.tracer.text(words)
        self._show_note()

    def _show_note(self) -> None:
        below = self.virtual_size.height - self.scroll_offset.y - self.room.height
        more = say("{count} more {count:line|lines} below", count=below)
        text = self._framed or (self.tracer.text(more) if below > 0 else "")
        self._show_in_frame("border_subtitle", text)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Scroll, and say how much is below now."""
        super().watch_scroll_y(old_value, new_value)
        if self._framed is not None:
            self._show_note()

    def _show_in_frame(self, place: str, text: str) -> None:
        """Show a text in the frame: Textual would paint all of the pane for the same one too."""
        markup = content(text).markup or None
        if markup != getattr(self, place):
            setattr(self, place, markup)

    def show_session(self) -> None:
        """Show where the session stands now."""
        self.show_frame_title()
        if self.is_visible:
            self.draw()

    def go(self, iteration: int, step: int | None = None, inside: Inside | None = None) -> None:
        """Go to an iteration, and there to the same step or to another one."""
        session = self.session
        session.go(iteration, session.place.step if step is None else step, inside)
        self.tracer.session_changed.publish(session)

    def remark_lines(self, remark: Remark, room: int) -> list[Line]:
        """Return a remark in lines of at most `room` columns, good and bad news with a sign."""
        mathematics = self.tracer.mathematics
        start = mathematics.words.terminal_text(_SIGNS.get(remark.role, "  "))
        lines = mathematics.sentences([remark.sentence], room - width(start))
        return [
            [(" " * width(start) if y else start, remark.role), *line]
            for y, line in enumerate(lines)
        ]

    @property
    def is_visible(self) -> bool:
        """Whether the pane has room on the screen: what nobody sees is not drawn."""
        return self.display and self.size.width > 0 and self.size.height > 0

    def draw(self) -> None:
        """Draw the session."""

    def exchange(self) -> None:
        """Show it in another way, where there is one."""

    def on_resize(self) -> None:
        """Draw for the new room."""
        if self.tracer.has_session:
            self.show_session()

    async def action_sideways(self, by: int) -> None:
        """Go a step on, or back."""
        await self.app.run_action("step('next')" if by > 0 else "step('previous')", self.screen)


ALONE = ("-single", "-short", "-zoomed")  # classes of a screen on which one pane is seen


class PanesScreen(TracerScreen):
    """A subclass says how many panes there are, and which take each other's place where.

    `EXCHANGED` are the numbers of panes that share a place of the screen, the second one of them,
    and the class that the screen has while that is in front; `LOSS` is that of the loss.
    """

    COUNT: ClassVar[int]
    LOSS: ClassVar[int]
    EXCHANGED: ClassVar[tuple[Sequence[int], int, str]]

    @property
    def panes(self) -> list[Pane]:
        """The panes in the order of their numbers."""
        return [self.query_one(f"#pane-{number}", Pane) for number in range(1, self.COUNT + 1)]

    def framed_title(self, pane: Pane) -> str:
        """Return a pane's title; where it alone is seen, those of all: their numbers are keys."""
        if not pane.NUMBER or not any(map(self.has_class, ALONE)):
            return pane.title
        titles = {each.NUMBER: each.title for each in self.panes}
        titles[pane.NUMBER] = self.tracer.words.terminal_text("▸") + pane.title
        return "  ".join(titles.values())

    def front(self, number: int) -> None:
        """Bring a pane to the front: the only one where there is room for one."""
        for pane in self.panes:
            pane.set_class(number == pane.NUMBER, "-front")
        exchanged, second, name = self.EXCHANGED
        if number in exchanged:
            self.set_class(number == second, name)

    def bring(self, pane: Pane) -> None:
        """Bring a pane to the front where it is not seen: what a key does to it is to be seen."""
        if not pane.is_visible:
            self.action_pane(pane.NUMBER)

    def action_pane(self, number: int) -> None:
        """Put the focus on a pane."""
        self.front(number)
        self.panes[number - 1].focus()
        self.call_after_refresh(self.session_changed)

    def action_exchange(self) -> None:
        """Show the loss in another way: its landscape, its curve, or what is predicted."""
        loss = self.panes[self.LOSS - 1]
        self.bring(loss)
        loss.exchange()

    def action_maximise(self) -> None:
        """Give one pane all the room, or take it back."""
        focused = self.focused
        if isinstance(focused, Pane) and focused in self.panes:  # no card: it has all of it then
            self.front(focused.NUMBER)
        self.toggle_class("-zoomed")
        self.call_after_refresh(self.session_changed)

    def action_next_pane(self, by: int) -> None:
        """Put the focus on the pane after or before, shown or not; from no pane on the first."""
        focused = self.focused
        here = focused.NUMBER - 1 if isinstance(focused, Pane) else -min(by, 0)
        self.action_pane((here + by) % self.COUNT + 1)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """A pane that is clicked comes to the front; a line that is typed in takes keys away."""
        if isinstance(event.widget, Pane):
            if event.widget not in self.panes:
                return  # a card: it has the keys that there were
            self.front(event.widget.NUMBER)
        self.call_after_refresh(self.show_keys)
