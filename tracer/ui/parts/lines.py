"""A widget that shows lines of text with roles, scrolls, and draws only what can be seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tracer.render.screen_lines import Line, line_width
from tracer.ui.parts.guard import Painted
from tracer.ui.parts.key_bindings import SCROLLS

if TYPE_CHECKING:
    from textual import events

__all__ = ["Lines", "ScrollText"]


class Lines(Painted, ScrollView, can_focus=True):
    """Shows lines. `show` sets them; a subclass with very many overrides `line` and `extent`."""

    DEFAULT_CSS = """
    Lines { scrollbar-size: 1 1; overflow: auto auto; }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._shown: Sequence[Line] = ()

    # What is shown ------------------------------------------------------------------------------

    def show(self, lines: Sequence[Line], *, home: bool = True) -> None:
        """Show other lines; with `home` from their beginning."""
        self._shown = lines
        columns = max(map(line_width, lines), default=0)
        self.virtual_size = Size(columns, len(lines))
        if home:
            self.scroll_to(0, 0, animate=False, immediate=True)
        self.refresh()

    @property
    def room(self) -> Size:
        """The columns and rows that can be filled without scrolling."""
        return self.scrollable_content_region.size if self.size else Size(0, 0)

    def line(self, y: int) -> Line:
        """Return a line; empty below the last."""
        return self._shown[y] if 0 <= y < len(self._shown) else ()

    # Drawing ------------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        """Draw one line of what can be seen; a sign at either side says that it goes on there."""
        x, top = self.scroll_offset
        style_of, columns = self.style_of, self.size.width
        line = self.line(top + y)
        whole = Strip([Segment(text, style_of(role)) for text, role in line])
        strip = whole.crop_extend(x, x + columns, style_of(""))
        if x or whole.cell_length > columns:
            sign = Segment("…" if self.tracer.words.unicode else "~", style_of("faint"))
            if whole.crop(x + columns).text.strip():
                strip = Strip([*strip.crop(0, columns - 1), sign])
            if x and whole.crop(0, x + 1).text.strip():
                strip = Strip([sign, *strip.crop(1, columns)])
        return strip

    def reveal(self, y: int, x: int = 0, columns: int = 1) -> None:
        """Scroll so that a place can be seen."""
        self.scroll_to_region(Region(x, y, columns, 1), animate=False, immediate=True, force=True)

    def row_at(self, event: events.Click) -> int:
        """Return the line that is clicked; -1 outside of all."""
        offset = event.get_content_offset(self)
        return -1 if offset is None else offset.y + self.scroll_offset.y

    # Keys that all panes share ------------------------------------------------------------------

    def action_move(self, by: int) -> None:
        """Move down by so many lines, or up."""
        self.scroll_relative(y=by, animate=False)

    def action_page(self, by: int) -> None:
        """Move down by so many pages, or up; a line of the one before stays in sight."""
        self.action_move(by * max(self.room.height - 1, 1))


class ScrollText(Lines, keys=SCROLLS):
    """A text that can be read and scrolled: help, and what the glossary says."""
