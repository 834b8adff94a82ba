"""The tree of a run as rows: iterations, their phases, their steps, and what is inside a step.

Rows are worked out when they are asked for: a run of a million iterations costs no more than what
of it is unfolded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, NamedTuple

if TYPE_CHECKING:
    from tracer.narrative.session import Session, StepPlace
    from tracer.program.program import Phase

__all__ = ["Outline", "OutlineRow"]

MOST_OPEN: Final = 30  # steps of an iteration whose phases are all unfolded
MOST_KEPT: Final = 64  # iterations whose rows are kept


class OutlineRow(NamedTuple):
    """One row. `step` is -1 for an iteration and `inside` -1 for all but a line inside a step.

    `is_open` is None where there is nothing to unfold.
    """

    kind: Literal["iteration", "phase", "step", "inside"]
    iteration: int
    phase: Phase | None = None
    step: int = -1
    inside: int = -1
    is_open: bool | None = None


class Outline:
    """The rows of a session, and which of them are unfolded."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._open: set[int] = set()  # iterations that the reader unfolded
        self._closed_here = False  # the iteration of the place was folded by the reader
        self._here = 0
        self._followed: StepPlace | None = None
        self._phases: dict[tuple[int, int], bool] = {}  # by iteration and first step
        self._rows: dict[int, list[OutlineRow]] = {}
        self.follow(session.place)

    def follow(self, place: StepPlace) -> None:
        """Unfold what the place is in; the iteration that was left folds up again."""
        if place.iteration != self._here:
            self._here = place.iteration
            self._closed_here = False
        if place != self._followed:
            self._followed = place
            self._phases.pop((place.iteration, self._first_of_phase(place)), None)
        self._rows.clear()

    def _first_of_phase(self, place: StepPlace) -> int:
        equations, first = self.session.equations(place.iteration), place.step
        while first and equations[first - 1].phase == equations[first].phase:
            first -= 1
        return first

    # What is unfolded ---------------------------------------------------------------------------

    def _is_open(self, iteration: int) -> bool:
        return not self._closed_here if iteration == self._here else iteration in self._open

    def _unfolded(self) -> list[int]:
        return sorted(filter(self._is_open, {self._here, *self._open}))

    def toggle(self, row: OutlineRow) -> bool:
        """Fold or unfold an iteration or a phase; return whether there was anything to do."""
        if row.is_open is None:
            return False
        self.fold(row, fold=row.is_open)
        return True

    def fold(self, row: OutlineRow, *, fold: bool) -> None:
        """Fold or unfold an iteration or a phase."""
        if row.kind == "phase":
            self._phases[row.iteration, row.step] = not fold
        elif row.iteration == self._here:
            self._closed_here = fold
        elif fold:
            self._open.discard(row.iteration)
        else:
            self._open.add(row.iteration)
        self._rows.clear()

    # Rows ---------------------------------------------------------------------------------------

    def _inner(self, iteration: int) -> list[OutlineRow]:
        """Return the rows below an unfolded iteration."""
        rows = self._rows.get(iteration)
        if rows is None:
            while len(self._rows) >= MOST_KEPT:
                self._rows.pop(next(iter(self._rows)))
            rows = self._rows[iteration] = self._made(iteration)
        return rows

    def _made(self, iteration: int) -> list[OutlineRow]:
        equations = self.session.equations(iteration)
        place = self.session.place
        rows: list[OutlineRow] = []
        phase: Phase | None = None
        is_open = True
        for step, equation in enumerate(equations):
            if equation.phase != phase:
                phase = equation.phase
                is_open = self._phase_open(iteration, step, len(equations))
                rows.append(OutlineRow("phase", iteration, phase, step, is_open=is_open))
            if not is_open:
                continue
            rows.append(OutlineRow("step", iteration, phase, step))
            if (iteration, step) == place[:2] and place.inside is not None:
                rows += [
                    OutlineRow("inside", iteration, phase, step, at)
                    for at in range(len(self.session.inner))
                ]
        return rows

    def _phase_open(self, iteration: int, first: int, count: int) -> bool:
        """Tell whether a phase is unfolded: as the reader said, else where it is short or here."""
        said = self._phases.get((iteration, first))
        if said is not None:
            return said
        place = self.session.place
        equations = self.session.equations(iteration)
        below = iteration == place.iteration and first <= place.step
        here = below and equations[place.step].phase == equations[first].phase
        return here or count <= MOST_OPEN

    def __len__(self) -> int:
        return self.session.count + sum(len(self._inner(number)) for number in self._unfolded())

    def row(self, y: int) -> OutlineRow | None:
        """Return a row; None where there is none."""
        before = 0  # rows below the iterations unfolded above
        for number in self._unfolded():
            head = number - 1 + before
            if y <= head:
                break
            inner = self._inner(number)
            if y <= head + len(inner):
                return inner[y - head - 1]
            before += len(inner)
        number = y - before + 1
        if not 1 <= number <= self.session.count:
            return None
        return OutlineRow("iteration", number, is_open=self._is_open(number))

    def at(self, place: StepPlace) -> int:
        """Return the row of a place; that of its phase or iteration where it is folded away."""
        before = sum(
            len(self._inner(number)) for number in self._unfolded() if number < place.iteration
        )
        head = place.iteration - 1 + before
        if not self._is_open(place.iteration):
            return head
        found = head
        for at, row in enumerate(self._inner(place.iteration), start=head + 1):
            if row.step > place.step:
                break
            if row.kind != "inside" or (place.inside is not None and row.inside <= place.inside.at):
                found = at
        return found

    def parent(self, y: int) -> int:
        """Return the row that one is folded into; an iteration's own."""
        row = self.row(y)
        if row is None or row.kind == "iteration":
            return y
        wanted = {"phase": "iteration", "step": "phase", "inside": "step"}[row.kind]
        while y > 0:
            y -= 1
            above = self.row(y)
            if above is not None and above.kind == wanted:
                return y
        return 0
