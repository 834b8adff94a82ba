"""Pane 2 of the play: the loss as a landscape, or of the run now and of the one before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from tracer.narrative.messages import Sentence, say
from tracer.render.landscape_text import StepParts
from tracer.render.screen_lines import Line
from tracer.ui.parts.loss_pane import Loss, View
from tracer.ui.play.given_pane import Swept

__all__ = ["Compared"]


class Compared(Swept, Loss):
    """Both curves below what their signs mean; why a run stopped is told beside them.

    Of the landscape the whole step is shown, and the predictions are those of the trained network:
    they move with what is changed.
    """

    NUMBER = 2
    NAME = say("Loss")
    VIEWS: ClassVar[Mapping[View, Sentence]] = {
        "landscape": say("Landscape"),
        "run": say("Curve"),
        "plane": say("Predictions"),
    }

    @property
    def parts(self) -> StepParts:
        """All of the step."""
        return StepParts()

    @property
    def plane_number(self) -> int:
        """The one after the last: the parameters at the end of the run."""
        return self.session.count + 1

    def plane_words(self) -> Line:
        """Return whose predictions these are, beside their scale."""
        words = say("after iteration {number}", number=self.session.count)
        return [(self.tracer.text(words), "faint")]

    def head(self, columns: int) -> Line:
        """Return what the signs mean."""
        return self.legend()

    def told(self, columns: int) -> list[Line]:
        """Say nothing: pane 3 does."""
        return []
