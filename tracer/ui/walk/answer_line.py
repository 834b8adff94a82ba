"""The line for a prediction in the walk: what is asked, the answer, and what Enter does."""

from __future__ import annotations

from typing import Final

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Input, Static

from tracer.ui.parts.dialogs import ActionLink
from tracer.ui.parts.pane import content

MOST_TYPED: Final = 1200  # characters that the line for an answer takes


class AnswerLine(Horizontal):
    """Posts Textual's `Input.Submitted`."""

    def compose(self) -> ComposeResult:
        """Lay the line out."""
        yield Static(id="asked-name")
        yield Input(id="answer", max_length=MOST_TYPED, select_on_focus=False)
        yield ActionLink("", "screen.answer")

    @property
    def field(self) -> Input:
        """Where the answer is typed."""
        return self.query_one(Input)

    def show(self, before: str, enter: str, style: str = "") -> None:
        """Show what stands before the field, and what Enter does."""
        self.query_one("#asked-name", Static).update(content((before, style)))
        self.query_one(ActionLink).update(content(f"[Enter: {enter}]"))
