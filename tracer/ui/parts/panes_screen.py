"""A screen of numbered panes: one comes to the front where there is room for one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events

from tracer.ui.parts.loss_pane import LossPane
from tracer.ui.parts.pane import Pane
from tracer.ui.parts.tracer_screen import TracerScreen

ALONE = ("-single", "-short", "-zoomed")  # classes of a screen on which one pane is seen


class PanesScreen(TracerScreen):
    """A subclass says how many panes there are, and which take each other's place where.

    `EXCHANGED` are the numbers of panes that share a place of the screen, the second one of them,
    and the class that the screen has while that is in front.
    """

    COUNT: ClassVar[int]
    EXCHANGED: ClassVar[tuple[Sequence[int], int, str]]

    @property
    def panes(self) -> list[Pane]:
        """The panes in the order of their numbers."""
        return [self.query_one(f"#pane-{number}", Pane) for number in range(1, self.COUNT + 1)]

    def framed_title(self, title: str, number: int) -> str:
        """Return a pane's title; where it alone is seen, those of all: their numbers are keys."""
        if not number or not any(map(self.has_class, ALONE)):
            return title
        titles = {each.NUMBER: each.title for each in self.panes}
        return "  ".join((titles | {number: self.tracer.words.terminal_text("▸") + title}).values())

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
        loss = next(pane for pane in self.panes if isinstance(pane, LossPane))
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
