"""The values of a run that a reader guesses, in the walk and on the page of a calculation.

Each is hidden until it was guessed, or was shown by hints. It knows no terminal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracer.worksheets.practice import STAGES, Answer, Practice

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracer.narrative.session import Session

__all__ = ["Predictions"]


class Predictions:
    """The practices of a run's iterations, and what was typed at its steps.

    A step is open as long as a value of it is hidden. `drafts` are the texts that were typed and
    not judged, by iteration and step.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.trace = session.trace
        self.drafts: dict[tuple[int, int], str] = {}
        self._practices: dict[int, Practice] = {}

    def look(self, progress: Callable[[int, int], object] | None = None) -> Practice:
        """Return the practice of the present iteration, made where it is not there yet."""
        session, number = self.session, self.session.place.iteration
        if number not in self._practices:
            self._practices[number] = Practice(
                self.trace,
                number,
                digits=session.digits,
                style=session.style,
                progress=progress,
            )
        return self._practices[number]

    def begin_again(self) -> None:
        """Forget what was answered and hinted at in the present iteration."""
        self._practices.pop(self.session.place.iteration, None)

    @property
    def practice(self) -> Practice | None:
        """The practice of the present iteration; None before it was looked for."""
        return self.practice_of(self.session.place.iteration)

    def practice_of(self, number: int) -> Practice | None:
        """Return the practice of an iteration that was asked for."""
        return self._practices.get(number)

    @property
    def is_open(self) -> bool:
        """Whether a value of the present step is hidden; the next of them is asked for then.

        As long as nobody knows which values are asked for, all are hidden.
        """
        practice, step = self.practice, self.session.place.step
        if practice is None:
            return True
        answers = enumerate(zip(practice.questions, practice.answers, strict=True))
        hidden = [at for at, (item, answer) in answers if item.step == step and _is_hidden(answer)]
        if hidden and practice.at not in hidden:
            practice.at = hidden[0]
        return bool(hidden)

    def first_hidden(self, begin: int) -> int | None:
        """Return the first step from `begin` on with a hidden value; None without one."""
        practice = self.practice
        if practice is None:
            return begin
        answers = zip(practice.questions, practice.answers, strict=True)
        hidden = (item.step for item, answer in answers if _is_hidden(answer))
        return next((step for step in hidden if step >= begin), None)

    @property
    def answers(self) -> list[Answer]:
        """What was done with the values of the present step; none where they are too large."""
        practice, step = self.practice, self.session.place.step
        if practice is None:
            return []
        answers = zip(practice.questions, practice.answers, strict=True)
        return [answer for question, answer in answers if question.step == step]


def _is_hidden(answer: Answer) -> bool:
    """Tell whether a value is neither answered nor shown by the last hint."""
    return not answer.is_right and answer.hints < STAGES
