"""What goes wrong while a message is handled becomes a dialog: no exception ends the app."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message_pump import MessagePump

if TYPE_CHECKING:
    from textual.message import Message

__all__ = ["Guarded"]


class Guarded(MessagePump):
    """A mixin for the app, its screens and its widgets; put it before Textual's class."""

    async def _dispatch_message(self, message: Message) -> None:
        try:
            await super()._dispatch_message(message)
        except Exception as error:  # whatever it is, the reader's work stays open
            from tracer.ui.app import TracerApp

            app = self.app
            if isinstance(app, TracerApp) and app.is_running:
                app.report(error)
            else:
                raise
