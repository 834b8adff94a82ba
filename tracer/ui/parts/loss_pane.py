"""Pane 4: the loss over the iterations, with a cursor; the curve of the run before beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

from tracer.expression.syntax import Name
from tracer.narrative.messages import say
from tracer.render.curve_comparison import Comparison, Picture, compared_lines, picture, signs
from tracer.render.screen_lines import Line, line_width
from tracer.ui.parts.pane import Pane

if TYPE_CHECKING:
    from textual import events

__all__ = ["Loss"]


class Loss(Pane):
    """The curves; a click goes to the iteration below it."""

    NUMBER = 4
    NAME = say("Loss")
    ABOUT = say("The loss over the iterations. The mark is where one stands; a click goes there.")

    class Chosen(Message):
        """The reader chose an iteration."""

        def __init__(self, iteration: int) -> None:
            super().__init__()
            self.iteration = iteration

    def __init__(self) -> None:
        super().__init__()
        # The losses, those before, the room, and the picture that was made of them.
        self._drawn: tuple[object, object, tuple[int, int, bool], Picture | None] | None = None
        self._start = 0  # the column where the curves begin

    def draw(self) -> None:
        """Draw the curves for the room there is."""
        self.show(self.lines())

    def lines(self) -> list[Line]:
        """Return the head and the curves."""
        session, mathematics = self.session, self.tracer.mathematics
        columns, rows = self.room
        self._start = 0
        if session.trace.program.loss is None:
            return mathematics.sentences([say("This network has no loss.")], columns)
        told = [self.head(columns), *self.told(columns)]
        if len(session.losses) < 2 and len(session.earlier) < 2 and session.trace.fault is None:
            one = say("One iteration has no curve.")
            return [*told, *mathematics.sentences([one], columns, "faint")]
        drawn = self._picture(columns, rows - len(told))
        unicode = self.tracer.words.unicode
        curves = compared_lines(drawn, session.place.iteration, unicode=unicode)
        self._start = line_width(curves[0][:1]) if curves else 0
        return [told[0], *curves, *told[1:]]

    def head(self, columns: int) -> Line:
        """Return the present loss, and where there is room what the signs mean."""
        session, mathematics = self.session, self.tracer.mathematics
        at, losses = session.place.iteration, session.losses
        line: Line = []
        if at <= len(losses):
            loss = mathematics.inline(Name(str(session.trace.program.loss)))
            line = [(f"{loss} = ", ""), (self.tracer.number(losses[at - 1]), "result")]
        legend = self.legend() if session.earlier else []
        whole = [*line, ("  ", ""), *legend]
        return whole if line_width(whole) <= columns else line

    def legend(self) -> Line:
        """Return what the signs of the curves mean."""
        used = signs(unicode=self.tracer.words.unicode)
        fault = self.session.trace.fault
        legend = [(f"{used.now} ", "curve"), (self.tracer.text(say("now")), "words")]
        if self.session.earlier:
            before = self.tracer.text(say("before"))
            legend += [(f"  {used.before} ", "faint"), (before, "words")]
        if fault is not None:
            stopped = self.tracer.text(say("stopped"))
            legend += [(f"  {used.fault} ", "bad"), (stopped, "words")]
        return legend

    def told(self, columns: int) -> list[Line]:
        """Say why the run stopped, where it did."""
        fault = self.session.trace.fault
        if fault is None:
            return []
        words = say(
            "{name} is {kind} in iteration {number}: the run stops there.",
            name=Name(fault.name),
            kind=fault.kind,
            number=fault.iteration,
        )
        return self.tracer.mathematics.sentences([words], columns, "bad")

    def _picture(self, columns: int, rows: int) -> Picture | None:
        """Return the curves without their cursor: from step to step they stay the same."""
        session, unicode = self.session, self.tracer.words.unicode
        losses, earlier, room = session.losses, session.earlier, (columns, rows, unicode)
        known = self._drawn
        if known is None or known[0] is not losses or known[1] is not earlier or known[2] != room:
            fault = session.trace.fault
            shown = Comparison(losses, earlier, 0 if fault is None else fault.iteration)
            found = picture(shown, columns, rows, unicode=unicode)
            known = self._drawn = (losses, earlier, room, found)
        return known[3]

    def on_click(self, event: events.Click) -> None:
        """Go to the iteration below the mouse."""
        offset = event.get_content_offset(self)
        drawn = None if self._drawn is None else self._drawn[3]
        if offset is None or drawn is None or not self._start:
            return
        first, last = drawn.across
        room = max(len(drawn.cells[0]) - 1, 1)
        share = min(max((offset.x - self._start) / room, 0.0), 1.0)
        self.post_message(self.Chosen(round(first + share * (last - first))))
