"""The tree of a run as rows: iterations, and of the present one its phases, steps and what is inside.

However many iterations a run has, only the rows of the present one are made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, NamedTuple

if TYPE_CHECKING:
    from tracer.narrative.session import Session
    from tracer.narrative.step_moves import StepPlace
    from tracer.program.program import Phase

__all__ = ["Outline", "OutlineRow"]

MOST_OPEN: Final = 30  # steps of an iteration whose phases are all unfolded


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
    """The rows of a session; the present iteration is unfolded, its phases may be folded."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._place: StepPlace | None = None
        self._phases: dict[Phase | None, bool] = {}  # which the reader folded or unfolded
        self._inner: list[OutlineRow] = []  # below the present iteration
        self.follow(session.place)

    def follow(self, place: StepPlace) -> None:
        """Unfold what the place is in; the iteration that was left folds up again."""
        if self._place is None or self._place.iteration != place.iteration:
            self._phases.clear()
        if self._place != place:
            self._place = place
            self._phases.pop(self._phase, None)
        self._inner = self._made()

    @property
    def _here(self) -> StepPlace:
        return self._place or self.session.place

    @property
    def _phase(self) -> Phase:
        """The phase of the place."""
        return self.session.equations(self._here.iteration)[self._here.step].phase

    def toggle(self, row: OutlineRow) -> bool:
        """Fold or unfold a phase; return whether the row is one."""
        if row.kind == "phase":
            self._phases[row.phase] = not row.is_open
            self._inner = self._made()
        return row.kind == "phase"

    # Rows ---------------------------------------------------------------------------------------

    def _made(self) -> list[OutlineRow]:
        """Return the rows below the present iteration: its phases, all open where it is short."""
        number, here, inside = self._here
        equations = self.session.equations(number)
        rows: list[OutlineRow] = []
        for step, equation in enumerate(equations):
            phase = equation.phase
            is_default = phase == self._phase or len(equations) <= MOST_OPEN
            is_open = self._phases.get(phase, is_default)
            if not step or phase != equations[step - 1].phase:
                rows.append(OutlineRow("phase", number, phase, step, is_open=is_open))
            if is_open:
                rows.append(OutlineRow("step", number, phase, step))
            if is_open and step == here and inside is not None:
                rows += [
                    OutlineRow("inside", number, phase, step, at)
                    for at in range(len(self.session.inner))
                ]
        return rows

    def __len__(self) -> int:
        return self.session.count + len(self._inner)

    def row(self, y: int) -> OutlineRow | None:
        """Return a row; None where there is none."""
        here = self._here.iteration
        if here <= y < here + len(self._inner):
            return self._inner[y - here]
        number = y + 1 if y < here else y + 1 - len(self._inner)
        if not 1 <= number <= self.session.count:
            return None
        return OutlineRow("iteration", number, is_open=number == here)

    def at(self, place: StepPlace) -> int:
        """Return the row of a place of the present iteration; that of its phase where folded."""
        found = place.iteration - 1
        for at, row in enumerate(self._inner, start=place.iteration):
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
        first = self._here.iteration
        rows = enumerate(self._inner[: y - first], start=first)
        return max((at for at, each in rows if each.kind == wanted), default=first - 1)
