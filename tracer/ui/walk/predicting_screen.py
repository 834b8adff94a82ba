"""Predict, then reveal: a value of the walk is hidden until it was guessed, or shown by hints."""

from __future__ import annotations

from abc import abstractmethod
from importlib import import_module
from typing import TYPE_CHECKING, Final

from textual.containers import Horizontal
from textual.widgets import Input, Static

from tracer.run.short_runs import is_quick
from tracer.sentences import say
from tracer.ui.parts.content import content
from tracer.ui.parts.panes_screen import PanesScreen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events
    from textual.app import ComposeResult

    from tracer.ui.check.asked_pane import Asked
    from tracer.worksheets.practice import Practice, Predictions

__all__ = ["AnswerLine", "PredictingScreen"]

MOST_TYPED: Final = 1200  # characters that the line for an answer takes

# The footer while values are predicted: a field takes the letters.
PREDICTING: Final = ("check.hint", "check.next", "check.previous", "app.palette", "app.back")


class Judge(Static):
    """Does what Enter does, when it is clicked."""

    async def on_click(self, event: events.Click) -> None:
        """Submit what is typed."""
        event.stop()
        await self.screen.query_one(AnswerLine).field.action_submit()


class AnswerLine(Horizontal):
    """Posts Textual's `Input.Submitted`."""

    def __init__(self) -> None:
        super().__init__(id="reply")

    def compose(self) -> ComposeResult:
        """Lay the line out."""
        yield Static(id="asked-name")
        yield Input(id="answer", max_length=MOST_TYPED, select_on_focus=False)
        yield Judge(id="judge")

    @property
    def field(self) -> Input:
        """Where the answer is typed."""
        return self.query_one(Input)

    def show(self, before: str, enter: str, style: str = "") -> None:
        """Show what stands before the field, and what Enter does."""
        self.query_one("#asked-name", Static).update(content((before, style)))
        self.query_one("#judge", Static).update(content(f"[Enter: {enter}]"))


class PredictingScreen(PanesScreen):
    """A screen of panes over a walk; a subclass moves and shows it."""

    def __init__(self) -> None:
        super().__init__()
        self._is_predicting = False
        self._asked: Asked | None = None  # the pane of the question; there once one predicted
        self._answered_at = (0, 0)  # the place that the line for the answer belongs to

    @property
    def is_at_card(self) -> bool:
        """Whether a card stands in the place of the panes."""
        return self.has_class("-card")

    @abstractmethod
    def show_panes(self) -> None:
        """Show the panes at the place."""

    @abstractmethod
    def stop_playing(self) -> None:
        """Stop the walk that runs on by itself."""

    @abstractmethod
    def action_step(self, way: str) -> None:
        """Go where a move of the session leads."""

    @property
    def is_asked(self) -> bool:
        """Whether the value of the step is to be predicted now."""
        return self.predictions is not None and not self.is_at_card and self.predictions.is_open

    async def action_predict(self) -> None:
        """Hide each value until it was predicted, or show them again."""
        if self.predictions is not None:
            self.end_predictions()
            return
        self.stop_playing()
        self.session.end_nudge()
        self._is_predicting = True
        if self._asked is None:
            panes = import_module("tracer.ui.check.asked_pane")
            self._asked = asked = panes.Asked(lambda: self._practice)
            await self.query_one("#panes").mount(asked, after="#pane-2")
            await self.mount(AnswerLine(), after="#card")
        self.show_panes()

    @property
    def predictions(self) -> Predictions | None:
        """What is guessed of the run, while values are predicted."""
        return self.tracer.predictions if self._is_predicting else None

    @property
    def _practice(self) -> Practice | None:
        """What judges the predictions of the present iteration."""
        return None if self.predictions is None else self.predictions.practice

    def end_predictions(self) -> None:
        """Show all values again."""
        self._is_predicting = False
        self.session.hidden_from = None
        self.set_focus(self.query_one("#panes > .-front"))
        self.show_panes()

    def ask_for_value(self) -> None:
        """Ask for the value of the step where values are predicted; hide what is not seen yet."""
        predictions, session = self.predictions, self.session
        if predictions is not None and predictions.practice is None and not self.is_at_card:
            if is_quick(session.scenario):
                predictions.look()
            else:
                self.tracer.work(
                    say("Looking for values to ask for"),
                    predictions.look,
                    lambda _: self.session_changed(),
                    self.end_predictions,
                    holds=True,
                )
        is_open = self.is_asked
        is_shown = predictions is not None and not self.is_at_card
        session.hidden_from = session.place.step + (not is_open) if is_shown else None
        self.set_class(predictions is not None, "-predict")
        self.set_class(is_open, "-asked")
        if is_shown and predictions is not None:
            self._show_answer_line(predictions, is_open=is_open)

    def _show_answer_line(self, predictions: Predictions, *, is_open: bool) -> None:
        """Show what is asked for, or what became of it; what was typed here stands there again."""
        line, practice = self.query_one(AnswerLine), predictions.practice
        place = self.session.place[:2]
        if place != self._answered_at:
            self._answered_at = place
            with line.field.prevent(Input.Changed):
                line.field.value = predictions.drafts.get(place, "")
        if is_open:
            name = ""
            if practice is not None:
                node = practice.drawn(practice.name(practice.question))
                name = self.tracer.mathematics.inline(node)
            line.show(f"{name} =", self.text(say("Judge")))
        else:
            outcome, style = self._outcome(predictions)
            line.show(outcome, self.text(say("Next")), style)
            line.field.value = ""
        line.field.focus()

    def _outcome(self, predictions: Predictions) -> tuple[str, str]:
        """Return what became of the step's values, and its style."""
        answers = predictions.answers
        assert self._asked is not None, "it is there where values are predicted"
        if not answers:
            return self.text(say("Too large to be worked out by hand.")), ""
        answer = next((each for each in answers if not each.is_right), answers[-1])
        if not answer.is_right:
            return self.text(say("The value was shown.")), ""
        sign, role = self._asked.sign(answer)
        return f"{sign} {self._asked.outcome(answer)}", f"$tracer-{role}"

    def on_input_changed(self, event: Input.Changed) -> None:
        """Keep what is typed for a look elsewhere; below an answered value it is for the next."""
        predictions = self.predictions
        if predictions is None:
            return
        if self.is_asked:
            predictions.drafts[self._answered_at] = event.value
        elif event.value.strip() and predictions.answers:
            self.action_step("next")
            if self.session.hidden_from == self.session.place.step:
                event.input.value = event.value
                event.input.action_end()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Judge what was typed; once the value is seen, Enter goes on."""
        event.stop()
        practice = self._practice
        if not self.is_asked:
            self.action_step("next")
            return
        if practice is None:
            return
        outcome = practice.judge(event.value.strip())
        if outcome in ("right", "carried"):
            self.query_one(AnswerLine).field.value = ""
        else:
            self.query_one(AnswerLine).field.select_all()  # the next answer takes its place
        self.session_changed()

    def action_hint(self) -> None:
        """Give the next hint; the last one shows the value."""
        practice = self._practice
        if self.is_asked and practice is not None:
            practice.hint()
            self.session_changed()

    @property
    def footer(self) -> Sequence[str]:
        """The ids of the keys that the footer shows now: where a value is typed those left."""
        return PREDICTING if self.predictions is not None and not self.is_at_card else self.FOOTER
