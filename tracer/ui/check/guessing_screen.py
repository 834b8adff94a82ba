"""Guesses in a calculation: a value of the run is asked for, and what is typed is judged."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from tracer.expression.syntax import Name
from tracer.run.short_runs import is_quick
from tracer.sentences import say
from tracer.ui.check import checking
from tracer.ui.check.asked_pane import Asked
from tracer.ui.check.editor import Editor
from tracer.ui.parts.tracer_screen import TracerScreen
from tracer.ui.walk.network_pane import Network
from tracer.worksheets.practice import STAGES

if TYPE_CHECKING:
    from tracer.check.model.file_report import FileReport
    from tracer.narrative.session import Session
    from tracer.worksheets.practice import Practice

__all__ = ["GuessingScreen"]


class GuessingScreen(TracerScreen):
    """A screen with an editor, the value that is asked for, and the network.

    A subclass lays them out, and judges what is no guess.
    """

    def __init__(self) -> None:
        super().__init__()
        self.editor = Editor()
        self.walked: tuple[Session, int, int] | None = None  # where the walk stands meanwhile

    @abstractmethod
    def check_soon(self) -> None:
        """Check the text anew once no key has been pressed for a moment."""

    @abstractmethod
    def show_report(self) -> None:
        """Show what is known of the lines."""

    def on_screen_resume(self) -> None:
        """Ask for the values from where the walk stands; at its end for all, from the first on."""
        if self.walked is None:
            session = self.session
            self.walked = (session, *session.place[:2])
            if session.is_at_end:
                session.first()
            self.ask()

    def on_screen_suspend(self) -> None:
        """Leave the walk where it was; what lies on top for a while changes nothing."""
        walked, session = self.walked, self.session
        if walked is None or self.app.screen.is_modal:
            return
        self.walked = None
        if walked[0] is session:
            session.hidden_from = None
            session.go(*walked[1:])
            self.tracer.session_changed.publish(session)

    @property
    def practice(self) -> Practice | None:
        """What judges the guesses in the iteration of the walk; None before it was looked for."""
        return self.tracer.predictions.practice

    def ask(self) -> None:
        """Ask for the value of the step where one stands, or for the next one that is open."""
        predictions, session = self.tracer.predictions, self.session
        if predictions.practice is None and is_quick(session.scenario):
            predictions.look()
        if predictions.practice is not None:
            practice = predictions.practice
            practice.to_step(session.place.step)
            if practice.questions and practice.answer.is_right:
                practice.to_open()
        else:  # large runs are looked through in a thread
            self.tracer.work(
                say("Looking for values to ask for"), predictions.look, lambda _: self.ask()
            )
        self.show_asked()

    def show_asked(self) -> None:
        """Show what is asked for, and the network without the values that are not seen yet."""
        practice, session = self.practice, self.session
        if practice is not None and practice.questions and self.walked is not None:
            session.go(practice.number, practice.question.step)
            session.hidden_from = self.tracer.predictions.first_hidden(self.walked[2])
        asked = self.query_one(Asked)
        fill_in, opens = map(self.tracer.key_of, ("check.fill_in", "check.open"))
        asked.notes = (
            ()
            if self.editor.text.strip()
            else (
                say("Type the value, or your working; an array as [1, 2]. Or paste a calculation."),
                say(
                    "{key} writes down the steps, to be filled in; {opens} opens a file.",
                    key=fill_in,
                    opens=opens,
                ),
            )
        )
        for pane in (asked, self.query_one(Network)):
            pane.show_session()
        self.show_report()

    def action_enter(self) -> None:
        """Judge the line where it is a guess; begin the next one, unless the guess is wrong."""
        row, guess = self.line - 1, self.guess
        if guess is not None:
            self.editor.to_end_of(row)
        if guess is None or self._judge(row, guess):
            self.editor.break_line()

    def _judge(self, row: int, guess: checking.Guess) -> bool:
        """Judge a guess, and write down what is missing before it; tell whether one goes on."""
        practice = self.practice
        if practice is None or not practice.questions:
            return True
        named = practice.named(guess.name)
        if guess.name and not named:
            return True
        if named and practice.at not in named:
            practice.at = named[0]
        if practice.answer.is_right and not practice.to_open(named):
            return True  # it is seen already
        if guess.answer == practice.answer.text:
            return True  # it stays as it is: the value is left
        name = guess.name or practice.written_name(guess.answer, unicode=self.tracer.words.unicode)
        outcome = practice.judge(guess.answer)
        self.editor.write_guess(row, name, guess.answer, self._head(row))
        is_right = outcome in ("right", "carried")
        if is_right:
            self.editor.to_end_of(self.line - 1)
            practice.to_open()
            self.query_one(Asked).is_summary = practice.is_over
        self.check_soon()
        self.show_asked()
        return is_right

    def count_right(self, file: FileReport) -> None:
        """Take the right values that were pasted, or left without Enter, as answers."""
        practice = self.practice
        if practice is None or not practice.questions:
            return
        at, before = practice.at, practice.total
        is_right = {each.line: each.verdict == "correct" for each in file.findings}
        for line, number, guess in checking.results_in(self.editor.text.split("\n")):
            if number == practice.number and line != self.line and is_right.get(line):
                named = practice.named(guess.name)
                practice.at = named[0] if named else practice.at
                if named and not practice.answer.is_right:
                    practice.judge(guess.answer)
        practice.at = at
        if practice.total != before:
            if practice.answer.is_right:
                practice.to_open()
            self.show_asked()

    def _head(self, row: int) -> str:
        """Return the line that says which iteration it is; '' where that is written above."""
        numbers = checking.iterations_of(self.editor.text.split("\n")[:row])
        number = self.session.place.iteration
        is_written = bool(numbers) and numbers[-1] == number
        return "" if is_written else self.text(say("Iteration {number}", number=number))

    def action_hint(self) -> None:
        """Give the next hint; the last one shows the value."""
        practice = self.practice
        if practice is None or not practice.questions:
            return
        if practice.answer.is_right:
            self.tracer.tell(say("This value is answered."))
        elif practice.answer.hints == STAGES:
            self.tracer.tell(say("There is no further hint."))
        practice.hint()
        self.query_one(Asked).is_summary = False
        if self.guess is None:
            self.editor.to_free_line()
        self.show_asked()

    def on_network_chosen(self, event: Network.Chosen) -> None:
        """Ask for what was chosen in the drawing."""
        if not self.session.go_to_quantity(event.name):
            self.tracer.tell(say("{name} is given, not computed.", name=Name(event.name)))
        elif self.practice is not None:
            self.practice.to_step(self.session.place.step)
            self.ask_at(self.practice.at)

    def ask_at(self, at: int) -> bool:
        """Ask for another value; tell whether there is one. Behind the last stands the score."""
        practice, asked = self.practice, self.query_one(Asked)
        if practice is None or not practice.questions:
            return False
        asked.is_summary = at >= len(practice.questions)
        practice.move(at - practice.at)
        practice.answer.note = None
        self.show_asked()
        return True

    @property
    def line(self) -> int:
        """The line on which one writes, from 1."""
        return self.editor.selection.end[0] + 1

    @property
    def guess(self) -> checking.Guess | None:
        """The line on which one writes, where it is a guess."""
        return checking.guess_of(self.editor.document.get_line(self.line - 1))

    def begin_again(self) -> None:
        """Forget the answers of the iteration, and take their lines out: Ctrl+Z takes that back."""
        lines, number = self.editor.text.split("\n"), self.session.place.iteration
        own = {line for line, of, _ in checking.results_in(lines) if of == number}
        self.editor.take("\n".join(text for at, text in enumerate(lines, 1) if at not in own))
        self.check_soon()  # the answers would be counted again by a report on the text of before
        self.tracer.predictions.begin_again()
        self.session.go(self.session.place.iteration)
        self.ask()
