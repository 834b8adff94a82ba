"""What goes wrong while a message is handled becomes a dialog: no exception ends the app."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from inspect import isawaitable
from typing import Any, ClassVar, cast

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.message import Message
from textual.message_pump import Callback, MessagePump
from textual.strip import Strip
from textual.widget import Widget

from tracer.narrative.session import Session
from tracer.render.screen_lines import Line
from tracer.ui.parts.host import Host
from tracer.ui.parts.key_bindings import Key, textual_bindings


class ErrorGuard(MessagePump):
    """A mixin for the app, its screens and its widgets; put it before Textual's class.

    `keys` are the keys that work there, of the tables: each has an id, by which a reader can bind
    it anew.
    """

    def __init_subclass__(cls, *, keys: Sequence[Key] = (), **options: bool) -> None:
        if keys:
            cls.BINDINGS = textual_bindings(keys)
        super().__init_subclass__(**options)

    BINDINGS: ClassVar[list[Any]]
    _not_drawn: str | None = None  # the error of the last try to draw

    @property
    def tracer(self) -> Host:
        """The app, with its session, words and dialogs."""
        return cast("Host", self.app)

    @property
    def session(self) -> Session:
        """The trace that is shown and the place in it."""
        return self.tracer.session

    async def _dispatch_message(self, message: Message) -> None:
        try:
            await super()._dispatch_message(message)
        except Exception as error:  # whatever it is, the reader's work stays open
            if not self._is_told(error):
                raise

    def _is_told(self, error: Exception) -> bool:
        """Have an error shown, where there is an app that can do so."""
        app = self.app
        if isinstance(app, Host) and app.has_session and not app.screen_stack:
            return True  # it has ended: a worker's last word comes too late for any screen
        if not isinstance(app, Host) or not app.is_running:
            return False
        app.failed(error, self)
        return True

    def call_after_refresh(self, callback: Callback, *arguments: Any, **options: Any) -> bool:
        """Call something once the screen is drawn; its error keeps nothing else from being called.

        Textual would drop the other calls that wait, and could not tell whose this one was.
        """

        async def call() -> None:
            try:
                found = callback(*arguments, **options)
                if isawaitable(found):
                    await found
            except Exception as error:
                if not self._is_told(error):
                    raise

        return super().call_after_refresh(call)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw a widget; what cannot be drawn stays empty, or the whole screen would."""
        try:
            drawn: list[Strip] = super().render_lines(crop)  # type: ignore[misc]  # a widget's
        except Exception as error:  # noqa: BLE001 - it is shown in a dialog
            if str(error) != self._not_drawn:  # once, not each time that it is drawn
                self._not_drawn = str(error)
                self.tracer.call_later(self.tracer.report, error)
            return [Strip.blank(crop.width)] * crop.height
        return drawn


class RolePainter(ErrorGuard):
    """A mixin for widgets that draw lines of pieces with roles (`themes.ROLES`)."""

    _style_of: Callable[[str], Style] | None = None

    @property
    def style_of(self) -> Callable[[str], Style]:
        """What gives each role its colours here.

        While lines are drawn it is one for all of them: to find a widget's ground Textual looks at
        all that it lies in, which took a fifth of a repaint.
        """
        return self._style_of or self.tracer.painter(cast("Widget", self).rich_style)

    def strip(self, line: Line, columns: int) -> Strip:
        """Return a line in its colours, filled to so many columns; a sign tells where it is cut."""
        style_of, sign = self.style_of, self.tracer.words.ellipsis
        strip = Strip([Segment(text, style_of(role)) for text, role in line])
        if strip.cell_length > columns:
            kept = strip.crop(0, max(columns - len(sign), 0))
            strip = Strip([*kept, Segment(sign, style_of("faint"))])
        return strip.crop_extend(0, columns, style_of(""))

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw the lines, with the colours of now."""
        self._style_of = self.tracer.painter(cast("Widget", self).rich_style)
        try:
            return super().render_lines(crop)
        finally:
            self._style_of = None
