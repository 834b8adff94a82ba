"""Pane 4: the loss as a landscape around the present step, or over the iterations.

The landscape is the loss over what is trained: where the step starts, its slope, and where it ends.
The curve has a cursor, and the curve of the run before beside it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.message import Message

from tracer.expression.syntax import Name
from tracer.narrative.messages import say
from tracer.narrative.steps import gradient_of
from tracer.render.curve_comparison import Comparison, Picture, compared_lines, picture, signs
from tracer.render.landscape_text import StepParts, landscape_lines
from tracer.render.screen_lines import Line, line_width
from tracer.run.landscape import StepLandscape, StepLandscapes, entry_name
from tracer.ui.parts.content import content
from tracer.ui.parts.pane import Pane

if TYPE_CHECKING:
    from textual import events

    from tracer.run.trace import Trace

__all__ = ["Loss"]


class Loss(Pane):
    """The landscape or the curves; a click on a curve goes to the iteration below it."""

    NUMBER = 4
    NAME = say("Loss")
    ABOUT = say(
        "The landscape of a small network: the loss over what is trained, with the point of the "
        "present iteration, the tangent there once its gradient is known, and the arrow of the "
        "update. For two numbers these are lines of equal loss, with the way of the run. For more "
        "it is the loss along the step, from 0 to 1. The key in the frame shows the loss over the "
        "iterations instead; left and right go along that curve, and a click goes to an iteration."
    )
    KEY: ClassVar[str] = "walk.landscape"  # the id of the key that changes between the two

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
        self._is_curve = False  # whether the curve is asked for
        self._landscapes: tuple[Trace, StepLandscapes | None] | None = None
        self._around: tuple[StepLandscapes, int, StepLandscape | None] | None = None

    def draw(self) -> None:
        """Draw the landscape or the curves for the room there is."""
        self.show(self.lines())
        self.border_subtitle = None
        if self.landscapes is not None:
            other = say("Landscape") if self._is_curve else say("Curve")
            words = f"{self.tracer.key_of(self.KEY)} {self.tracer.text(other)}"
            self.border_subtitle = content(words).markup

    def exchange(self) -> None:
        """Show the curve instead of the landscape, or the landscape again."""
        if self.landscapes is None:
            words = say(
                "This network has no landscape here: nothing is trained, or it is too large. "
                "{command} draws the loss over the numbers that you name.",
                command="tracer analyse",
            )
            self.tracer.tell(words)
            return
        self._is_curve = not self._is_curve
        self.show_session()

    @property
    def landscapes(self) -> StepLandscapes | None:
        """What works out the landscapes of the run; None where that takes long."""
        trace = self.session.trace
        if self._landscapes is None or self._landscapes[0] is not trace:
            found = StepLandscapes(trace)
            self._landscapes = (trace, found if found.are_quick else None)
        return self._landscapes[1]

    @property
    def around(self) -> StepLandscape | None:
        """The landscape around the present step; None where there is none to show."""
        landscapes, number = self.landscapes, self.session.place.iteration
        if landscapes is None or self._is_curve:
            return None
        known = self._around
        if known is None or known[0] is not landscapes or known[1] != number:
            known = self._around = (landscapes, number, landscapes.around(number))
        return known[2]

    @property
    def parts(self) -> StepParts:
        """What of the step is known where one stands: its gradient, and what it leads to."""
        phase = self.session.phase
        return StepParts(tangent=phase in ("backward", "update"), step=phase == "update")

    def lines(self) -> list[Line]:
        """Return the head and the landscape, or the head and the curves."""
        session, mathematics = self.session, self.tracer.mathematics
        columns, rows = self.room
        self._start = 0
        if session.trace.program.loss is None:
            return mathematics.sentences([say("This network has no loss.")], columns)
        around = self.around
        drawn_landscape = [] if around is None else self._landscape(around, columns, rows)
        if drawn_landscape:
            return drawn_landscape
        told = [self.head(columns), *self.told(columns)]
        if len(session.losses) < 2 and len(session.earlier) < 2 and session.trace.fault is None:
            one = say("One iteration has no curve.")
            return [*told, *mathematics.sentences([one], columns, "faint")]
        drawn = self._picture(columns, rows - len(told))
        unicode = self.tracer.words.unicode
        curves = compared_lines(drawn, session.place.iteration, unicode=unicode)
        self._start = line_width(curves[0][:1]) if curves else 0
        return [told[0], *curves, *told[1:]]

    def _landscape(self, around: StepLandscape, columns: int, rows: int) -> list[Line]:
        """Return the landscape below its head; nothing where there is no room for it."""
        parts, unicode = self.parts, self.tracer.words.unicode
        names = [
            self.tracer.mathematics.inline(entry_name(axis.name, axis.index))
            if axis.name
            else self.tracer.text(say("step"))
            for axis in around.landscape.axes
        ]
        told = self.told(columns)
        room = rows - 1 - len(told)
        lines = landscape_lines(around, names, columns, room, parts, unicode=unicode)
        return [self._landscape_head(around, parts, columns), *lines, *told] if lines else []

    def _landscape_head(self, around: StepLandscape, parts: StepParts, columns: int) -> Line:
        """Return the loss, what the step makes of it, and the slope, as far as there is room.

        What matters less goes first where there is little: the slope, then the loss behind the
        step, then that it overshoots.
        """
        tracer = self.tracer
        loss = tracer.mathematics.inline(Name(around.landscape.loss))
        pieces: list[tuple[int, Line]] = [
            (0, [(f"{loss} = ", ""), (tracer.number(around.loss_here), "result")])
        ]
        after = around.loss_target
        if parts.step and after is not None:
            arrow = " → " if tracer.words.unicode else " -> "
            role = "bad" if not after <= around.loss_here else "result"
            pieces.append((2, [(arrow, ""), (tracer.number(after), role)]))
            if around.overshoots:
                pieces.append((1, [("  ", ""), (tracer.text(say("overshoots")), "bad")]))
        if parts.tangent and around.slope is not None:
            pieces.append((3, [("  ", ""), *self._slope(around)]))
        while line_width(line := [part for _, piece in pieces for part in piece]) > columns:
            if len(pieces) == 1:
                break
            pieces.remove(max(pieces, key=lambda piece: piece[0]))
        return line

    def _slope(self, around: StepLandscape) -> Line:
        """Return the slope at the point: over one number its gradient, by its name."""
        assert around.slope is not None
        name = around.landscape.axes[0].name
        gradient = gradient_of(self.session.iteration.program, name) if name else None
        if gradient is None:
            title = self.tracer.text(say("slope"))
            return [(f"{title} ", ""), (self.tracer.number(around.slope), "result")]
        title = self.tracer.mathematics.inline(Name(gradient))
        return [(f"{title} = ", ""), (self.tracer.number(around.slope), "result")]

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

    def _scrub(self, by: int) -> bool:
        """Move the cursor of the curve by a column; tell whether there is a curve."""
        drawn = None if self._drawn is None else self._drawn[3]
        if drawn is None or not self._start:
            return False
        (first, last), at = drawn.across, self.session.place.iteration
        stride = max(round((last - first) / max(len(drawn.cells[0]) - 1, 1)), 1)
        self.post_message(self.Chosen(at + by * stride))
        return True

    async def action_left(self) -> None:
        """Go back on the curve; at the landscape a step back."""
        if not self._scrub(-1):
            await super().action_left()

    async def action_right(self) -> None:
        """Go on along the curve; at the landscape a step on."""
        if not self._scrub(1):
            await super().action_right()

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
