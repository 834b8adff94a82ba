"""Pane 2: the step in mathematics: symbols, numbers put in, result; its rule, and why."""

from __future__ import annotations

from textual.message import Message

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

    class DrawnPart(Message):
        """The step is drawn: now it is known how many lines it has."""

    def draw(self) -> None:
        """Draw the step for the room there is."""
        self.show(StepView(self.session, self.tracer.mathematics).lines(*self.room))
        inside, count = self.session.place.inside, len(self.session.inner)
        self.subtitle(inside and say("inside: line {at} of {count}", at=inside.at + 1, count=count))
        self.post_message(self.DrawnPart())
