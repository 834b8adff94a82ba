"""Pane 2 of the play: the loss of the run now and of the one before, in one picture."""

from __future__ import annotations

from tracer.narrative.messages import say
from tracer.render.screen_lines import Line
from tracer.ui.parts.loss_pane import Loss
from tracer.ui.play.given_pane import Swept

__all__ = ["Compared"]


class Compared(Swept, Loss):
    """Both curves below what their signs mean; why a run stopped is told beside them."""

    NUMBER = 2
    NAME = say("Loss")

    def head(self, columns: int) -> Line:
        """Return what the signs mean."""
        return self.legend()

    def told(self, columns: int) -> list[Line]:
        """Say nothing: pane 3 does."""
        return []
