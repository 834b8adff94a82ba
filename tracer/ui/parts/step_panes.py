"""Panes 2 and 3: the step in mathematics, its rule and why; the network with the step lit."""

from __future__ import annotations

from functools import lru_cache

from textual import events

from tracer.expression import Name
from tracer.render.network_view import BoxDrawing, NetworkView
from tracer.render.step_view import StepView
from tracer.sentences import say
from tracer.ui.parts.tracer_screen import Pane


class DerivationPane(Pane):
    """Shows the step of the place, or the line inside it."""

    NUMBER = 2
    NAME = say("Derivation")
    ABOUT = say(
        "The step in mathematics: the symbols, the numbers put in, the result; below them the rule "
        "it follows, and why. ∂L/∂w is how much the loss changes for a small change of w. Going "
        "back, a gradient is what comes in from the loss (upstream) times the slope of the step "
        "itself (local)."
    )

    def draw(self) -> None:
        """Draw the step for the room there is."""
        self.show(StepView(self.session, self.tracer.mathematics).lines(*self.room))
        inside, count = self.session.place.inside, len(self.session.inner)
        self.subtitle(inside and say("inside: line {at} of {count}", at=inside.at + 1, count=count))
        self.call_later(self.screen.run_action, "fit_rows")  # now they are known


PAN = 8  # columns that a key moves a wide drawing by


class NetworkPane(Pane):
    """The drawing; it scrolls so that the lit box can be seen."""

    NUMBER = 3
    NAME = say("Network")
    ABOUT = say(
        "The network, from the data on the left to the loss on the right. What the step "
        "computes is highlighted. Left and right move over a drawing that is wider than the "
        "pane; a click on a box goes to its step. In a large pane each neuron has a box of its "
        "own. The shape of an array is in brackets, or written as 3×2. The gradient stands "
        "after ∂, its value above it; where there is room for only one of them, ∂ before a name "
        "means that its gradient has been computed."
    )

    def __init__(self) -> None:
        super().__init__()
        self._views = lru_cache(1)(NetworkView)
        self._drawn: BoxDrawing | None = None

    @property
    def view(self) -> NetworkView:
        """What draws the session's network."""
        return self._views(self.session, self.tracer.mathematics)

    def draw(self) -> None:
        """Draw the network as it stands after the step of the place."""
        columns, rows = self.room
        self._drawn = picture = self.view.show_in(columns, rows)
        self.show(picture.lines, home=False)
        count, whole = self.view.counts
        words = None
        if count < whole:
            words = say("{count} of {whole} boxes, around the step", count=count, whole=whole)
        elif self._is_wide:
            words = say("← → pan") if self.tracer.words.unicode else say("left, right: pan")
        self.subtitle(words)
        if picture.lit_box in picture.places:
            self._show_lit_box(picture)

    @property
    def _is_wide(self) -> bool:
        """Whether the drawing goes on beyond the pane."""
        return self._drawn is not None and self._drawn.width > self.room.width

    def _show_lit_box(self, drawn: BoxDrawing) -> None:
        """Scroll so that the lit box is seen whole, with the boxes its numbers come from."""
        columns, rows = self.room
        x, y = drawn.places[drawn.lit_box]
        ends = [x, x + drawn.sizes[drawn.lit_box][0]]
        for name in drawn.beside:
            start = drawn.places[name][0]
            whole = [*ends, start, start + drawn.sizes[name][0]]
            if max(whole) - min(whole) <= columns - 2:  # the signs of what goes on at either side
                ends = whole
        middle = (min(ends) + max(ends)) // 2
        left = min(max(middle - columns // 2, 0), max(drawn.width - columns, 0))
        self.scroll_to(left, max(y - rows // 2, 0), animate=False, immediate=True)

    # Beyond the pane ----------------------------------------------------------------------------

    async def action_sideways(self, by: int) -> None:
        """Move over a wide drawing; else go a step on, or back."""
        if self._is_wide:
            self.scroll_to(max(self.scroll_offset.x + by * PAN, 0), animate=False, immediate=True)
        else:
            await super().action_sideways(by)

    async def on_click(self, event: events.Click) -> None:
        """Go to the step of the box that is clicked; a sign that it goes on moves over it."""
        offset = event.get_content_offset(self)
        if offset is None or self._drawn is None:
            return
        x, y = offset + self.scroll_offset
        for name, (start, top) in self._drawn.places.items():
            columns, lines = self._drawn.sizes[name]
            if top <= y < top + lines and start <= x < start + columns:
                quantity = name.partition("@")[0]
                if self.session.go_to_quantity(quantity):
                    await self.screen.run_action("show_step")
                else:
                    self.tracer.show_message(
                        say("{name} is given, not computed.", name=Name(quantity))
                    )
                return
        if offset.x in (0, self.size.width - 1) and self._is_wide:
            await self.action_sideways(1 if offset.x else -1)
