"""A place in a trace, and the moves from it. No terminal, and nothing is computed.

A place is an iteration (from 1), a step of it (from 0) and, inside a step, one of the lines it is
made of: its operations, or one entry of its array.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, NamedTuple

from tracer.errors import RunError, UnknownNameError, known_name
from tracer.expression import render
from tracer.expression.syntax import Name, Node
from tracer.narrative.steps import gradient_of, public_name
from tracer.operations import vocabulary
from tracer.sentences import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracer.expression.notation import Notation
    from tracer.narrative.steps import Step
    from tracer.operations import Shape
    from tracer.program.program import Equation, Phase
    from tracer.run.trace import Iteration, Trace

__all__ = ["Inside", "StepMoves", "StepPlace"]


MOST_SEARCHED = 2000  # iterations that a search looks at


class Inside(NamedTuple):
    """Inside a step: which of its lines, and of an array which entry (None: its operations)."""

    entry: Shape | None
    at: int


class StepPlace(NamedTuple):
    """An iteration from 1, a step from 0, and where inside it."""

    iteration: int
    step: int
    inside: Inside | None = None


class StepMoves:
    """A trace and a place in it. Moves return whether the place is another one now.

    A step is also reached by its name, as it is in the record or as a reader sees it.
    """

    trace: Trace
    place: StepPlace
    notation: Notation
    _listed: tuple[int, tuple[Equation, ...]] | None

    @property
    @abstractmethod
    def inner(self) -> Sequence[Step]:
        """The lines inside the step of the place; empty where one does not stand inside."""

    @property
    def count(self) -> int:
        """How many iterations there are."""
        return len(self.trace)

    def equations(self, number: int | None = None) -> tuple[Equation, ...]:
        """Return the equations of an iteration that are steps: those with a value, no metrics."""
        number = self.place.iteration if number is None else number
        if self._listed is None or self._listed[0] != number:
            iteration = self.trace.iteration(number)
            fault = self.trace.fault
            there = None
            if fault is not None and fault.iteration == number:
                there = frozenset(iteration)
            self._listed = (
                number,
                tuple(
                    equation
                    for equation in iteration.program.equations
                    if equation.phase != "metric" and (there is None or equation.name in there)
                ),
            )
        return self._listed[1]

    @property
    def equation(self) -> Equation:
        """The equation of the place."""
        return self.equations()[self.place.step]

    @property
    def phase(self) -> Phase:
        """The phase of the place."""
        return self.equation.phase

    # Moves --------------------------------------------------------------------------------------

    def _to(self, place: StepPlace) -> bool:
        moved = place != self.place
        self.place = place
        return moved

    def go(self, iteration: int, step: int = 0, inside: Inside | None = None) -> bool:
        """Go to a step; what is out of range becomes the nearest there is."""
        iteration = min(max(iteration, 1), self.count)
        step = min(max(step, 0), len(self.equations(iteration)) - 1)
        if inside is not None and (iteration, step) != self.place[:2]:
            inside = None
        return self._to(StepPlace(iteration, step, inside))

    def next(self) -> bool:
        """Go to the next line inside, else to the next step, else to the next iteration."""
        iteration, step, inside = self.place
        if inside is not None and inside.at + 1 < len(self.inner):
            return self._to(StepPlace(iteration, step, inside._replace(at=inside.at + 1)))
        if step + 1 < len(self.equations()):
            return self._to(StepPlace(iteration, step + 1))
        if iteration < self.count:
            return self._to(StepPlace(iteration + 1, 0))
        return False

    def previous(self) -> bool:
        """Go back: the way of `next`, the other way round."""
        iteration, step, inside = self.place
        if inside is not None:
            if inside.at:
                return self._to(StepPlace(iteration, step, inside._replace(at=inside.at - 1)))
            return self.leave()
        if step:
            return self._to(StepPlace(iteration, step - 1))
        if iteration > 1:
            return self._to(StepPlace(iteration - 1, len(self.equations(iteration - 1)) - 1))
        return False

    def next_iteration(self) -> bool:
        """Go to the same step of the next iteration; of the last one, to its end."""
        iteration, step, _ = self.place
        if iteration == self.count:
            return self.last()
        return self._to(StepPlace(iteration + 1, self._same_step(iteration + 1, step)))

    def previous_iteration(self) -> bool:
        """Go to the same step of the iteration before; of the first one, to its beginning."""
        iteration, step, _ = self.place
        if iteration == 1:
            return self.first()
        return self._to(StepPlace(iteration - 1, self._same_step(iteration - 1, step)))

    def _same_step(self, iteration: int, step: int) -> int:
        return min(step, len(self.equations(iteration)) - 1)

    def next_phase(self) -> bool:
        """Go to the first step of the next phase, perhaps of the next iteration."""
        iteration, step, _ = self.place
        ahead = [at for at in self._phases(iteration) if at > step]
        if ahead:
            return self._to(StepPlace(iteration, ahead[0]))
        return self._to(StepPlace(iteration + 1, 0)) if iteration < self.count else self.last()

    def previous_phase(self) -> bool:
        """Go to the first step of this phase, or from there of the phase before."""
        iteration, step, _ = self.place
        behind = [at for at in self._phases(iteration) if at < step]
        if behind or iteration == 1:
            return self._to(StepPlace(iteration, behind[-1] if behind else 0))
        return self._to(StepPlace(iteration - 1, self._phases(iteration - 1)[-1]))

    def _phases(self, number: int) -> list[int]:
        """Return the first step of each phase of an iteration."""
        phases = [equation.phase for equation in self.equations(number)]
        return [at for at, phase in enumerate(phases) if not at or phases[at - 1] != phase]

    def first(self) -> bool:
        """Go to the first step of all."""
        return self.go(1, 0)

    def last(self) -> bool:
        """Go to the last step of all."""
        return self.go(self.count, len(self.equations(self.count)) - 1)

    def run_on(self, stride: int) -> bool:
        """Go on: by a line where `stride` is 0, else to the end of this iteration, then by many."""
        iteration, step, _ = self.place
        if not stride or step + 1 < len(self.equations()):
            return self.next()
        ahead = min(iteration + stride, self.count)
        return self.go(ahead, len(self.equations(ahead)) - 1)

    def stride(self, most: int) -> int:
        """Return how many iterations `run_on` takes at once to end after about `most` moves.

        0, which is line by line, where that is short enough.
        """
        left = self.count - self.place.iteration
        return 0 if (left + 1) * len(self.equations()) <= most else -(-left // (most // 2))

    @property
    def is_at_end(self) -> bool:
        """Whether the place is the last of all."""
        last = len(self.equations(self.count)) - 1
        return self.place[:2] == (self.count, last)

    def leave(self) -> bool:
        """Step out again."""
        return self._to(self.place._replace(inside=None))

    @property
    def iteration(self) -> Iteration:
        """The iteration of the place."""
        return self.trace.iteration(self.place.iteration)

    def name_of(self, equation: Equation) -> str:
        """Return the name that a reader gives a step: an update is called after what it sets."""
        return public_name(self.iteration, equation)

    # By name ------------------------------------------------------------------------------------

    def names(self) -> list[str]:
        """Return what the steps of this iteration are called, in order."""
        return [self.name_of(equation) for equation in self.equations()]

    def looks(self) -> list[str]:
        """Return how the steps of this iteration are written, as a reader sees them."""
        return [
            render(Name(name), "unicode", vocabulary=vocabulary(), notation=self.notation)
            for name in self.names()
        ]

    def go_to(self, text: str) -> bool:
        """Go to '3' (an iteration), 'dloss/dw' (a step), '3 dloss/dw', 'first' or 'last'.

        A step may be named as in the record or as it is shown; from there its name leads to the
        next time. What no step is named is looked for in their formulas.
        Raises UnknownNameError, RunError.
        """
        words = text.split(maxsplit=1)
        if not words:
            return False
        if text.strip() in ("first", "last"):
            return self.first() if text.strip() == "first" else self.last()
        number = self.place.iteration
        if words[0].isascii() and words[0].isdigit() and len(words[0]) < 10:
            number = int(words[0])
            if not 1 <= number <= self.count:
                raise RunError(
                    say("there is no iteration {number}", number=number),
                    expected=say("an iteration from 1 to {count}", count=self.count),
                )
            if len(words) == 1:
                return self._to(StepPlace(number, self._same_step(number, self.place.step)))
            return self._to(self._named(number, words[1]))
        try:
            place = self._named(number, text)
        except UnknownNameError:
            found = self._found(text.strip())
            if found is None:
                raise
            return self._to(found)
        if place == self.place and number < self.count:
            place = self._named(number + 1, text)
        return self._to(place)

    def _named(self, number: int, name: str) -> StepPlace:
        wanted = name.replace(" ", "")
        here = self.place
        self.place = StepPlace(number, 0)
        try:
            known, shown = self.names(), self.looks()
            for names in (known, [item.name for item in self.equations()]):
                meant = self.notation.id_shown_as(wanted, names)
                if meant is not None:
                    return StepPlace(number, names.index(meant))
        finally:
            self.place = here
        raise UnknownNameError(
            say("there is no step {name}", name=name),
            expected=known_name(wanted, shown),
        )

    def go_to_quantity(self, name: str) -> bool:
        """Go to where a quantity is computed; from the backward pass on, where its gradient is.

        A parameter is computed where it is updated. Return whether there is such a step.
        """
        program = self.iteration.program
        gradient = gradient_of(program, name)
        is_back = self.phase in ("backward", "update")
        wanted = [gradient if is_back else name, program.carried.get(name), name, gradient]
        names = [equation.name for equation in self.equations()]
        found = next((each for each in wanted if each in names), None)
        if found is None:
            return False
        self.go(self.place.iteration, names.index(found))
        return True

    def _found(self, text: str) -> StepPlace | None:
        """Return the next step whose name or formula holds a text; round past the end."""
        here, wanted = self.place, text.casefold()
        for turn in range(min(self.count, MOST_SEARCHED) + 1):
            number = (here.iteration - 1 + turn) % self.count + 1
            self.place = StepPlace(number, 0)
            texts = self._texts()
            self.place = here
            for at, searched in enumerate(texts):
                if (turn or at > here.step) and wanted in searched:
                    return StepPlace(number, at)
        return None

    def _texts(self) -> list[str]:
        """Return what a search looks at: names, looks and formulas of the iteration's steps."""
        key = self.iteration.built
        if getattr(self, "_searched", (None,))[0] is not key:

            def shown(node: Node) -> str:
                return render(node, "unicode", vocabulary=vocabulary(), notation=self.notation)

            equations = [item for item in key.program.equations if item.phase != "metric"]
            self._searched: tuple[Any, list[str]] = (
                key,
                [
                    f"{item.name}\n{shown(Name(self.name_of(item)))}\n"
                    f"{shown(Name(self.name_of(item)))} = {shown(item.expression)}".casefold()
                    for item in equations
                ],
            )
        return self._searched[1][: len(self.equations())]
