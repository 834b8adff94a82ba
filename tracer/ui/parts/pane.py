"""Panes: text for the screen, lines of it that scroll, and a numbered frame around them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final, cast

from rich.segment import Segment
from textual import events
from textual.content import Content
from textual.geometry import Offset, Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tracer.narrative.run_verdict import Remark
from tracer.narrative.session import Inside
from tracer.render.screen_lines import Line, line_width, safe_text
from tracer.sentences import Sentence, say
from tracer.text_width import width
from tracer.ui.parts.guard import RolePainter
from tracer.ui.parts.key_bindings import PANE, SCROLLS
from tracer.ui.parts.tracer_screen import TracerScreen

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
        self._painted: dict[int, Line] = {}  # what was painted last, by the row of the widget

    # What is shown ------------------------------------------------------------------------------

    def show(self, lines: Sequence[Line], *, home: bool = True) -> None:
        """Show other lines; with `home` from their beginning."""
        self._shown = lines
        columns = max(map(line_width, lines), default=0)
        self.virtual_size = Size(columns, len(lines))
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
    ABOUT: ClassVar[Sentence | None] = None  # what the help says of it

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id or f"pane-{self.NUMBER}", classes="pane")
        self._framed: str | None = None  # in the lower frame; None where that stays empty

    @property
    def title(self) -> str:
        """The number of the pane, where it has one, and its name."""
        name = self.tracer.text(self.NAME)
        return f"{self.NUMBER} {name}" if self.NUMBER else name

    def titled(self) -> None:
        """Show the title in the frame; where no other pane is seen, those of all panes."""
        title = cast("TracerScreen", self.screen).framed_title(self.title, self.NUMBER)
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
        shown = content(text).markup or None
        if shown != getattr(self, place):
            setattr(self, place, shown)

    def show_session(self) -> None:
        """Show where the session stands now."""
        self.titled()
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

    def on_resize(self) -> None:
        """Draw for the new room."""
        if self.tracer.has_session:
            self.show_session()

    async def action_sideways(self, by: int) -> None:
        """Go a step on, or back."""
        await self.app.run_action("step('next')" if by > 0 else "step('previous')", self.screen)
