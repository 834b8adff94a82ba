"""Practise: the values are hidden, and the reader works them out one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.containers import Container
from textual.widgets import Input

from tracer.narrative.messages import say
from tracer.ui.parts.answer_line import AnswerLine
from tracer.ui.parts.bars import Header, HeaderPart, KeyLine
from tracer.ui.parts.key_bindings import bindings
from tracer.ui.parts.session import is_quick
from tracer.ui.parts.tracer_screen import TracerScreen
from tracer.ui.practise import PRACTISE
from tracer.ui.practise.practise_panes import Asked, Wanted
from tracer.worksheets.practice import STAGES, Practice

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from tracer.run.trace import Trace

__all__ = ["PractiseScreen"]


class PractiseScreen(TracerScreen):
    """The list of values, the one that is asked for, and the line for the answer."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(PRACTISE.keys)]
    FOOTER = (
        "practise.hint",
        "practise.next",
        "practise.previous",
        "practise.summary",
        "practise.again",
        "practise.back",
    )
    AUTO_FOCUS = "#answer"

    def __init__(self) -> None:
        super().__init__()
        self.practice: Practice | None = None
        self._trace: Trace | None = None
        self._place: tuple[int, int] | None = None  # of the walk, as it was seen last
        self._begun: list[Practice] = []  # of this run, to be found again; the last one first

    def compose(self) -> ComposeResult:
        """Lay the screen out; the style sheet decides which panes are seen."""
        yield Header(id="header")
        with Container(id="practise"):
            yield Wanted(lambda: self.practice)
            yield Asked(lambda: self.practice)
        yield AnswerLine()
        yield KeyLine()

    def on_screen_resume(self) -> None:
        """Ask for the values from where the walk stands; what was begun there goes on."""
        if self._trace is not self.session.trace:
            self._begun = []
            self._begin()
        elif self._place != self.session.place[:2]:
            self._follow(*self.session.place[:2])
        else:
            self.show()

    def session_changed(self) -> None:
        """Begin anew with another run; another language or theme draws anew."""
        if not self.is_current:
            return  # it begins when it is seen again
        if self._trace is not self.session.trace:
            self._begun = []
            self._begin()
        else:
            self.show()

    def _follow(self, number: int, step: int) -> None:
        """Go to the value of a step: of a practice that was begun, or of a new one."""
        if self.practice is not None and self.practice.is_begun:
            self._begun.insert(0, self.practice)
        for practice in self._begun:
            if practice.number == number and practice.begin <= step:
                self._begun.remove(practice)
                self._place = (number, step)
                practice.to_step(step)
                self._take(practice)
                return
        self._begin()

    def _begin(self) -> None:
        """Begin a practice at the place of the walk; large runs are looked through in a thread."""
        session = self.session
        trace, (number, step) = session.trace, session.place[:2]
        self._trace, self._place = trace, (number, step)
        self.practice = None
        if is_quick(session.scenario):
            self._take(Practice(trace, number, step, digits=session.digits, style=session.style))
            return
        self.query_one(Asked).is_summary = False
        self.show()
        self.tracer.work(
            say("Looking for values to ask for"),
            lambda progress: Practice(
                trace,
                number,
                step,
                digits=session.digits,
                style=session.style,
                progress=progress,
            ),
            self._take,
        )

    def _take(self, practice: Practice) -> None:
        if practice.trace is self._trace:
            self.practice = practice
            self.query_one("#answer", Input).value = ""
            self._show_summary(False)

    # Showing ------------------------------------------------------------------------------------

    def show(self) -> None:
        """Show the practice as it stands."""
        asked, practice = self.query_one(Asked), self.practice
        self.set_class(asked.is_summary, "-summary")
        self.query_one(Header).show(self._header())
        for pane in (self.query_one(Wanted), asked):
            pane.show_session()
        name = ""
        if practice is not None and practice.questions:
            name = self.tracer.mathematics.inline(practice.drawn(practice.name(practice.question)))
        is_right = practice is not None and practice.questions and practice.answer.is_right
        judge = self.text(say("Next") if is_right else say("Judge"))
        self.query_one(AnswerLine).show(f"{name} =", judge)
        self.show_keys()

    def _header(self) -> list[HeaderPart]:
        """Say where one stands and the points; the scenario where there is room for it."""
        words, practice = self.tracer.words, self.practice
        parts = [HeaderPart([(self.text(say("Practise")), "strong")], 2)]
        if practice is None:
            return parts
        iteration = self.text(say("iteration {number}", number=practice.number))
        parts.append(HeaderPart([(self.tracer.text(self.session.scenario.name), "")], 3))
        parts.append(HeaderPart([(iteration, "")], 1))
        if practice.questions:
            points, most = practice.total
            value = say("value {at}/{count}", at=practice.at + 1, count=len(practice.questions))
            score = say("{points} of {most} points", points=str(points), most=str(most))
            parts += [HeaderPart([(words(value), "")]), HeaderPart([(words(score), "strong")])]
        return parts

    def _show_summary(self, is_summary: bool) -> None:
        """Show the score instead of a question, or the question and the line for its answer."""
        self.query_one(Asked).is_summary = is_summary
        self.show()
        if not is_summary:
            self.query_one("#answer", Input).focus()

    # Answering ----------------------------------------------------------------------------------

    def on_input_changed(self, event: Input.Changed) -> None:
        """What is typed below a right answer is for the next value that is open."""
        practice = self.practice
        if practice is None or not practice.questions or not event.value.strip():
            return
        if practice.answer.is_right and practice.to_open():
            self.show()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Judge what was typed; once it is right, Enter goes on."""
        event.stop()
        practice = self.practice
        if practice is None or not practice.questions:
            return
        if practice.answer.is_right:
            self._go_on(practice)
            return
        outcome = practice.judge(event.value.strip())
        if outcome in ("right", "carried"):
            self.query_one("#answer", Input).value = ""
            if practice.is_over:
                self.tracer.tell(say("All values are answered."))
        else:
            self.query_one("#answer", Input).select_all()  # the next answer takes its place
        self.show()

    def _go_on(self, practice: Practice) -> None:
        """Go to the next open value; without one show the summary."""
        self._show_summary(not practice.to_open())

    def action_hint(self) -> None:
        """Give the next hint."""
        practice = self.practice
        if practice is None or not practice.questions:
            return
        if practice.answer.is_right:
            self.tracer.tell(say("This value is answered."))
        elif practice.answer.hints == STAGES:
            self.tracer.tell(say("There is no further hint."))
        practice.hint()
        self.show()

    def _move(self, by: int) -> None:
        practice = self.practice
        if practice is None or not practice.questions:
            return
        moved = practice.move(by)
        if moved:
            practice.answer.note = None
            self.query_one("#answer", Input).value = ""
        self._show_summary(by > 0 and not moved)

    def action_next(self) -> None:
        """Go to the next value and leave this one; after the last one comes the summary."""
        self._move(1)

    def action_previous(self) -> None:
        """Go to the value before."""
        self._move(0 if self.query_one(Asked).is_summary else -1)

    def on_wanted_chosen(self, event: Wanted.Chosen) -> None:
        """Go to a value that was chosen in the list."""
        if self.practice is not None:
            self._move(event.at - self.practice.at)

    def action_summary(self) -> None:
        """Show the score and the slips, or the question again."""
        self._show_summary(not self.query_one(Asked).is_summary)

    def action_again(self) -> None:
        """Begin again, at the place of the walk."""
        self._begin()

    def action_back(self) -> None:
        """Go back from the summary, else to the walk."""
        if self.query_one(Asked).is_summary:
            self._show_summary(False)
        else:
            self.tracer.open("walk")
