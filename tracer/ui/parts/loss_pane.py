"""Pane 4: the loss as a landscape around the present step, or over the iterations; predictions.

The landscape is the loss over what is trained: where the update starts, its slope, where it ends.
The curve has a cursor, and the curve of the run before beside it. A network with two inputs has its
predictions over their plane too.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import ClassVar, Final, Literal

from textual import events

from tracer.expression import Name
from tracer.narrative.steps import gradient_of
from tracer.program.elements import place_node
from tracer.render.curve_comparison import Picture, compared_lines, comparison_picture
from tracer.render.landscape_text import StepParts, landscape_lines
from tracer.render.output_plane_text import output_plane_lines, plane_legend
from tracer.render.plots import PICTURE_SIGNS
from tracer.render.screen_lines import Line, line_width
from tracer.run.landscape import StepLandscape, StepLandscapes, nudged_landscape
from tracer.run.output_plane import OutputPlane, OutputPlanes
from tracer.run.trace import Fault, Trace
from tracer.sentences import Sentence, say
from tracer.ui.parts.tracer_screen import HeaderPart, Pane, fit_line

DIGITS: Final = 3  # digits of the number of iterations
LEAST_STACKED: Final = 24  # lines in which the landscape has the curve below it

LEAST_EXPLAINED: Final = 4  # lines for words that explain the landscape

View = Literal["landscape", "curve", "run", "plane"]
"""The landscape, the loss up to the present iteration, that of all, or the plane of two inputs."""


class LossPane(Pane):
    """The landscape or the curves; a click on a curve goes to the iteration below it."""

    NUMBER = 4
    NAME = say("Loss")
    ABOUT = say(
        "The landscape of a small network: the loss over what is trained, with the point of the "
        "present iteration, the tangent there once its gradient is known, and the arrow of the "
        "update. For two numbers it shows lines of equal loss, with the path of the run. For "
        "more it is the loss along the update, from 0 to 1. The key in the frame shows the loss "
        "over the iterations instead, as far as the walk has come, and then that of the whole "
        "run; left and right go along that curve, and a click goes to an iteration. Where the "
        "samples have two inputs and the network one output, the key shows its predictions too: "
        "the output over the plane of the inputs as shades, the samples on it, and a table of "
        "them. An empty circle is a sample with a small target, a full one a sample with a large "
        "target."
    )
    VIEWS: ClassVar[Mapping[View, Sentence]] = {
        "landscape": say("Landscape"),
        "curve": say("Curve"),
        "run": say("Whole run"),
        "plane": say("Predictions"),
    }

    def __init__(self) -> None:
        super().__init__()
        self._drawn: Picture | None = None  # the curves without their cursor
        self._start = 0  # the column where they begin; 0 where there are none
        self._top = 0  # the line
        self._view: View | None = None  # the one that is asked for
        self.is_behind = False  # the last step
        # What was made last is kept: of the run, and of an iteration.
        self._landscapes = lru_cache(1)(StepLandscapes)
        self._around = lru_cache(1)(StepLandscapes.around)
        self._planes = lru_cache(1)(OutputPlanes)
        self._plane = lru_cache(1)(OutputPlanes.at)
        self._curves = lru_cache(1)(self._make_curves)

    def draw(self) -> None:
        """Draw the landscape or the curves for the room there is."""
        self.show(self.lines())
        following = self._following()
        key, words = self.tracer.key_of("walk.landscape"), self.tracer.text(self.VIEWS[following])
        self.subtitle(None if following == self.view else f"{key} {words}")

    @property
    def view(self) -> View:
        """What is shown: the one that is asked for, or the first; behind the end predictions."""
        views = self._views
        first: View = "plane" if self.is_behind and "plane" in views else views[0]
        return self._view if self._view in views else first

    @property
    def _views(self) -> list[View]:
        """The views of the present run: one iteration has one curve."""
        are_there = {"landscape": self.landscapes is not None, "plane": self.planes.are_there}
        views = [view for view in self.VIEWS if are_there.get(view, True)]
        if self.session.count == 1 and len(views) > 1:
            views.remove("run")
        return views

    @property
    def has_picture(self) -> bool:
        """Whether there is a landscape, a curve or predictions to draw, now or later in the run."""
        session = self.session
        is_curve = max(session.count, len(session.earlier)) > 1 or session.trace.fault is not None
        has_loss = session.trace.program.loss is not None
        return has_loss and (is_curve or self.landscapes is not None or self.planes.are_there)

    def _following(self) -> View:
        """Return the view after the one that is shown, past the last the first."""
        views = self._views
        return views[(views.index(self.view) + 1) % len(views)]

    def exchange(self) -> None:
        """Show the next view: the landscape, the curve so far, the whole of it, the predictions."""
        if self.landscapes is None and not self.planes.are_there:
            words = say(
                "This network has no landscape here: nothing is trained, or it is too large. "
                "{command} draws the loss over the numbers that you name.",
                command="tracer analyse",
            )
            self.tracer.show_message(words)
        self._view = self._following()
        self.show_session()

    @property
    def is_whole(self) -> bool:
        """Whether the curve is that of the whole run, as it always is where no other is offered."""
        return self.view == "run" or "curve" not in self.VIEWS

    @property
    def iterations(self) -> int:
        """How many iterations are drawn: those with a loss where one stands, or all of the run.

        Of thousands three digits count: a curve that nobody could tell apart is not drawn anew.
        """
        session = self.session
        number, loss = session.place.iteration, session.trace.program.loss
        if self.is_whole:
            return session.count
        computed = number if loss in session.computed() else number - 1
        step: int = 10 ** max(len(str(computed)) - DIGITS, 0)
        return computed - computed % step

    @property
    def landscapes(self) -> StepLandscapes | None:
        """What works out the landscapes of the run; None where that takes long."""
        landscapes = self._landscapes(self.session.trace)
        return landscapes if landscapes.are_quick else None

    @property
    def around(self) -> StepLandscape | None:
        """The landscape around the present step; None where there is none to show."""
        landscapes, nudge = self.landscapes, self.session.nudge
        if landscapes is None or self.view != "landscape":
            return None
        landscape = self._around(landscapes, self.session.place.iteration)
        return (
            landscape if landscape is None or nudge is None else nudged_landscape(landscape, nudge)
        )

    @property
    def planes(self) -> OutputPlanes:
        """What works out the predictions over the plane of two inputs."""
        return self._planes(self.session.trace)

    @property
    def plane_number(self) -> int:
        """The iteration whose parameters the predictions have; behind the last those of the end."""
        return self.session.place.iteration + self.is_behind

    @property
    def plane(self) -> OutputPlane | None:
        """The predictions over the plane of two inputs; None where these are not to be shown."""
        return self._plane(self.planes, self.plane_number) if self.view == "plane" else None

    @property
    def parts(self) -> StepParts:
        """What the landscape may show here: the gradient, and where the step leads."""
        program, computed = self.session.iteration.program, self.session.computed()
        gradients = {gradient_of(program, name) for name in program.carried} - {None}
        return StepParts(
            tangent=computed >= gradients, step=computed >= {*program.carried.values()}
        )

    def lines(self) -> list[Line]:
        """Return the head and the landscape, or the head and the curves."""
        session, mathematics = self.session, self.tracer.mathematics
        columns, rows = self.room
        self._start = 0
        if session.trace.program.loss is None:
            return mathematics.sentences([say("This network has no loss.")], columns)
        if session.is_hidden(session.trace.program.loss):
            return mathematics.sentences([say("Predict the loss first.")], columns, "faint")
        plane, around = self.plane, self.around
        lines = [] if plane is None else self._plane_lines(plane, columns, rows)
        shared = rows if rows < LEAST_STACKED else rows * 2 // 3
        lines = lines or ([] if around is None else self._landscape(around, columns, shared))
        if lines and (plane is not None or rows < LEAST_STACKED):
            return lines
        return [*lines, *self._curve_lines(columns, rows, len(lines))]

    def _curve_lines(self, columns: int, rows: int, above: int) -> list[Line]:
        """Return the curves; below so many lines of a landscape they have a head of their own."""
        session, is_below = self.session, above > 0
        lines = [self.head(columns, is_below=is_below)]
        lines += [] if is_below else self.stop_lines(columns)
        has_one = len(session.losses) < 2 and len(session.earlier) < 2
        is_single = has_one and session.trace.fault is None
        if is_single or not self.iterations:
            later = say("The curve begins with the step that computes the loss.")
            none = say("One iteration has no curve.") if is_single else later
            return [*lines, *self.tracer.mathematics.sentences([none], columns, "faint")]
        stop = 0 if self.fault is None else self.fault.iteration
        room = rows - above - len(lines)
        picture = self._curves(session.trace, self.iterations, self.is_whole, stop, columns, room)
        unicode = self.tracer.words.unicode
        curves = compared_lines(picture, session.place.iteration, unicode=unicode)
        self._drawn, self._top = picture, above + 1
        self._start = line_width(curves[0][:1]) if curves else 0
        return [lines[0], *curves, *lines[1:]]

    def _landscape(self, around: StepLandscape, columns: int, rows: int) -> list[Line]:
        """Return the landscape below its head; nothing where there is no room for it."""
        parts, unicode = self.parts, self.tracer.words.unicode
        names = [
            self.tracer.mathematics.inline(place_node(axis.name, axis.index))
            if axis.name
            else self.tracer.text(say("update"))
            for axis in around.landscape.axes
        ]
        words = self.stop_lines(columns)
        words += self._landscape_words(around, parts, columns, rows // 3)
        room = rows - 1 - len(words)
        lines = landscape_lines(around, names, columns, room, parts, unicode=unicode)
        return [self._landscape_head(around, parts, columns), *lines, *words] if lines else []

    def _landscape_words(
        self, around: StepLandscape, parts: StepParts, columns: int, rows: int
    ) -> list[Line]:
        """Say what is drawn, as far as the step has come; where there is little room the last."""
        sign, loss = PICTURE_SIGNS[self.tracer.words.unicode]["filled"], around.landscape.loss
        words = [say("{sign}: where the update starts. Lower is better.", sign=sign)]
        if len(around.landscape.axes) > 1:
            words = [say("Each line joins points of equal {loss}.", loss=Name(loss))]
        elif parts.tangent and around.slope is not None:
            steep = say("The straight line is as steep as the curve at {sign}.", sign=sign)
            gradient = say(
                "The straight line is as steep as the curve at {sign}: that is the gradient.",
                sign=sign,
            )
            words.append(gradient if around.landscape.axes[0].name else steep)
        after = around.loss_target
        if parts.step and after is not None:
            words.append(say("The arrow is the update."))
            if not after <= around.loss_here:
                words[-1] = say("The update is too long: it lands higher. Try a smaller rate.")
        sentences = self.tracer.mathematics.sentences
        ends = (sentences(words[at:], columns, "faint") for at in range(len(words)))
        is_high = rows >= LEAST_EXPLAINED
        return next((each for each in ends if is_high and len(each) <= rows), [])

    def _plane_lines(self, plane: OutputPlane, columns: int, rows: int) -> list[Line]:
        """Return the predictions below their scale; nothing where there is no room for them."""
        unicode = self.tracer.words.unicode
        inputs, target, output = (
            self.tracer.mathematics.inline(Name(name))
            for name in (plane.inputs, plane.target, plane.output)
        )
        names = (inputs, target, output)
        lines = output_plane_lines(plane, names, columns, rows - 1, unicode=unicode)
        legend = plane_legend(plane, output, unicode=unicode)
        count, number = self.session.count, self.plane_number  # whose predictions these are
        after = say("after iteration {number}", number=count)
        whose = after if number > count else say("iteration {number}", number=number)
        whole = [*legend, ("  ", ""), (self.tracer.text(whose), "faint")]
        return [whole if line_width(whole) <= columns else legend, *lines] if lines else []

    def _landscape_head(self, around: StepLandscape, parts: StepParts, columns: int) -> Line:
        """Return the loss, what the step makes of it, and the slope, as far as there is room.

        What matters less goes first where there is little: the slope, then that the step
        overshoots, which the losses on both sides of it show.
        """
        tracer, loss = self.tracer, around.landscape.loss
        if loss not in self.session.computed() and not self.is_whole:
            names = [
                place_node(axis.name, axis.index) for axis in around.landscape.axes if axis.name
            ]
            sentence = say("{loss} for each {names}", loss=Name(loss), names=names)
            along = say("{loss} along the update", loss=Name(loss))
            return [(tracer.text(sentence if names else along), "")]
        pieces = self._present_loss(loss, around.loss_here)
        after = around.loss_target
        if parts.step and after is not None and self.session.nudge is None:
            role = "bad" if not after <= around.loss_here else "result"
            pieces.append(
                HeaderPart(
                    [(tracer.words.terminal_text(" → "), ""), (tracer.number(after), role)], 1
                )
            )
            if around.overshoots:
                pieces.append(HeaderPart([("  ", ""), (tracer.text(say("overshoots")), "bad")], 2))
        if parts.tangent and around.slope is not None:
            pieces.append(HeaderPart([("  ", ""), *self._slope(around)], 3))
        return fit_line(pieces, columns)

    def _present_loss(self, name: str, loss: float) -> list[HeaderPart]:
        """Return the loss; where a number is nudged that is said, and with room what it was."""
        tracer, nudge = self.tracer, self.session.nudge
        parts = [HeaderPart([(f"{tracer.mathematics.inline(Name(name))} = ", "")])]
        if nudge is not None:
            nudged = tracer.text(say("{name} nudged:", name=Name(nudge.name)))
            before = (tracer.number(nudge.loss_before), "faint")
            parts.insert(0, HeaderPart([(f"{nudged} ", "label")], 1))
            parts.append(HeaderPart([before, (tracer.words.terminal_text(" → "), "")], 2))
            loss = nudge.loss_after
        return [*parts, HeaderPart([(tracer.number(loss), "result")])]

    def _slope(self, around: StepLandscape) -> Line:
        """Return the slope at the point: over one number its gradient, by its name."""
        assert around.slope is not None
        name = around.landscape.axes[0].name
        gradient = gradient_of(self.session.iteration.program, name) if name else None
        title = self.tracer.text(say("slope"))
        if gradient is not None:
            title = f"{self.tracer.mathematics.inline(Name(gradient))} ="
        return [(f"{title} ", ""), (self.tracer.number(around.slope), "result")]

    def head(self, columns: int, *, is_below: bool) -> Line:
        """Return the present loss, or below a landscape a title; with room what the signs mean."""
        session = self.session
        at, losses = session.place.iteration, session.losses
        title = [HeaderPart([(self.tracer.text(say("The loss over the iterations")), "label")])]
        if not is_below:
            name = str(session.trace.program.loss)
            is_there = at <= len(losses) and (self.is_whole or name in session.computed())
            title = self._present_loss(name, losses[at - 1]) if is_there else []
        legend = [("  ", ""), *self.legend()] if session.earlier else []
        return fit_line([*title, HeaderPart(legend, 2)], columns)

    @property
    def fault(self) -> Fault | None:
        """What stopped the run, as far as what is shown goes; None where nothing did."""
        fault, here = self.session.trace.fault, self.session.place.iteration
        return fault if fault and (self.is_whole or fault.iteration <= here) else None

    def legend(self) -> Line:
        """Return what the signs of the curves mean."""
        used = PICTURE_SIGNS[self.tracer.words.unicode]
        fault = self.fault
        legend = [(f"{used['filled']} ", "curve"), (self.tracer.text(say("now")), "words")]
        if self.session.earlier:
            before = self.tracer.text(say("before"))
            legend += [(f"  {used['hollow']} ", "faint"), (before, "words")]
        if fault is not None:
            stopped = self.tracer.text(say("stopped"))
            legend += [(f"  {used['wrong']} ", "bad"), (stopped, "words")]
        return legend

    def stop_lines(self, columns: int) -> list[Line]:
        """Say why the run stopped, where it did."""
        fault = self.fault
        if fault is None:
            return []
        words = say(
            "{name} is {kind} in iteration {number}: the run stops there.",
            name=self.session.drawn_name(fault.name),
            kind=fault.kind,
            number=fault.iteration,
        )
        return self.tracer.mathematics.sentences([words], columns, "bad")

    def _make_curves(
        self, trace: Trace, count: int, is_whole: bool, stop: int, columns: int, rows: int
    ) -> Picture | None:
        """Return the curves without their cursor: from step to step they stay the same."""
        session, unicode = self.session, self.tracer.words.unicode
        earlier = session.earlier if is_whole else session.earlier[:count]
        losses = session.losses[:count]
        return comparison_picture(losses, earlier, stop, columns, rows, unicode=unicode)

    async def action_sideways(self, by: int) -> None:
        """Go along the curve, a column of it; at the landscape a step on, or back."""
        drawn = self._drawn
        if self.view in ("landscape", "plane") or drawn is None or not self._start:
            await super().action_sideways(by)
            return
        (first, last), at = drawn.across, self.session.place.iteration
        self.go(at + by * max(round((last - first) / max(len(drawn.cells[0]) - 1, 1)), 1))

    def on_click(self, event: events.Click) -> None:
        """Go to the iteration below the mouse."""
        (x, y), picture = self.place_at(event), self._drawn
        if picture is None or not self._start or y < self._top:
            return
        first, last = picture.across
        room = max(len(picture.cells[0]) - 1, 1)
        share = min(max((x - self._start) / room, 0.0), 1.0)
        self.go(round(first + share * (last - first)))
