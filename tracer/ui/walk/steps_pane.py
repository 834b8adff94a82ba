"""Pane 1: the steps as a tree, with the present one marked."""

from __future__ import annotations

from bisect import bisect_right
from functools import lru_cache
from typing import Final, Literal, NamedTuple

from textual import events
from textual.geometry import Size

from tracer.expression import Name
from tracer.narrative.derivation_options import PHASES
from tracer.narrative.session import Session, StepPlace
from tracer.program.program import BuiltProgram, Phase
from tracer.render.screen_lines import Line, cut_text, line_width
from tracer.sentences import Sentence, say
from tracer.text_width import width
from tracer.ui.parts.tracer_screen import Pane

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
        self._place = session.place
        self._phases: dict[Phase | None, bool] = {}  # phases that the reader folded or unfolded
        self._inner = self._make_rows()  # the rows below the present iteration

    def follow(self, place: StepPlace) -> None:
        """Unfold what the place is in; the iteration that was left folds up again."""
        if self._place.iteration != place.iteration:
            self._phases.clear()
        if self._place != place:
            self._place = place
            self._phases.pop(self._phase, None)
        self._inner = self._make_rows()

    @property
    def _phase(self) -> Phase:
        """The phase of the place."""
        return self.session.equations(self._place.iteration)[self._place.step].phase

    def toggle(self, row: OutlineRow) -> bool:
        """Fold or unfold a phase; return whether the row is one."""
        if row.kind == "phase":
            self._phases[row.phase] = not row.is_open
            self._inner = self._make_rows()
        return row.kind == "phase"

    # Rows ---------------------------------------------------------------------------------------

    def _make_rows(self) -> list[OutlineRow]:
        """Return the rows below the present iteration: its phases, all open where it is short."""
        number, here, inside = self._place
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
        here = self._place.iteration
        if here <= y < here + len(self._inner):
            return self._inner[y - here]
        number = y + 1 if y < here else y + 1 - len(self._inner)
        if not 1 <= number <= self.session.count:
            return None
        return OutlineRow("iteration", number, is_open=number == here)

    def at(self, place: StepPlace) -> int:
        """Return the row of a place of the present iteration; that of its phase where folded."""
        inside = -1 if place.inside is None else place.inside.at  # no row inside has it
        rows = [(row.step, row.inside) for row in self._inner]
        return place.iteration + bisect_right(rows, (place.step, inside)) - 1

    def parent(self, y: int) -> int:
        """Return the row that one is folded into; an iteration's own."""
        row = self.row(y)
        if row is None or row.kind == "iteration":
            return y
        kind = {"phase": "iteration", "step": "phase", "inside": "step"}[row.kind]
        first = self._place.iteration
        rows = enumerate(self._inner[: y - first], start=first)
        return max((at for at, each in rows if each.kind == kind), default=first - 1)


MOST_MEASURED: Final = 200  # steps that decide on the width of the pane
CONTEXT: Final = 2  # rows that stay in sight above and below the cursor: the heads of a first step
AROUND: Final = 7  # columns of a step's row besides its formula: indent, scroll bar, frame
VALUE: Final = 9  # columns of a number behind a formula
GAP: Final = 2  # columns before it: nearer it looks like a factor


class StepsPane(Pane):
    """The tree. Its cursor is the place; on an iteration or a phase it stands by itself."""

    NUMBER = 1
    NAME = say("Steps")
    ABOUT = say(
        "The steps as a tree: iteration, phase, step. Up and down move, Enter folds or goes there."
    )

    def __init__(self) -> None:
        super().__init__()
        self._outlines = lru_cache(1)(lambda session, version: Outline(session))
        self._cursor = 0
        self.whole_width = lru_cache(1)(self._measure)

    @property
    def outline(self) -> Outline:
        """The rows of the session."""
        return self._outlines(self.session, self.session.version)

    def show_session(self) -> None:
        """Mark the present step."""
        self.show_frame_title()
        self.outline.follow(self.session.place)
        self._cursor = self.outline.at(self.session.place)
        self._fit()

    def _fit(self) -> None:
        self.virtual_size = Size(max(self.room.width, 1), len(self.outline))
        for y in (self._cursor + CONTEXT, self._cursor - CONTEXT, self._cursor):
            self.reveal(y)
        self.repaint()

    def _measure(self, built: BuiltProgram) -> int:
        """Return the columns in which every step of the present iteration is shown in full."""
        equations = self.session.equations()[:MOST_MEASURED]
        one_line, label = self.tracer.mathematics.one_line, self.session.label
        sizes = (width(one_line(label(each))) + VALUE * (not each.shape) for each in equations)
        return max(sizes) + AROUND

    # Rows as lines ------------------------------------------------------------------------------

    def line(self, y: int) -> Line:
        """Return a row, the cursor's on a ground of its own."""
        row = self.outline.row(y) if self.tracer.has_session else None
        if row is None:
            return ()
        value = self._value(row)
        line = self._row_line(row, width(value) + GAP if value else 0)
        gap = self.room.width - line_width(line) - width(value)
        if value and gap >= GAP:
            line = [*line, (" " * gap, ""), (value, "result")]
        if y != self._cursor:
            return line
        gap = max(self.room.width - line_width(line), 0)
        return [(text, "cursor") for text, _ in line] + [(" " * gap, "cursor")]

    def _row_line(self, row: OutlineRow, behind: int) -> Line:
        """Return a row without its value, which takes so many columns behind it.

        A step has its formula where all of it has room, else its name alone.
        """
        words = self.tracer.words
        opened, folded = ("▾ ", "▸ ") if words.unicode else ("- ", "+ ")
        fold = {None: "  ", True: opened, False: folded}[row.is_open]
        if row.kind == "iteration":
            text = words(say("Iteration {number}", number=row.iteration))
            return [(cut_text(fold + text, self.room.width, words.ellipsis), "title")]
        if row.kind == "phase":
            assert row.phase is not None
            return [(f" {fold}{words(Sentence(PHASES[row.phase]))}", "label")]
        iteration, step, inside = self.session.place
        here = (iteration, step, -1 if inside is None else inside.at)
        mark = words.terminal_text("●") if here == (row.iteration, row.step, row.inside) else " "
        indent = "    " if row.kind == "inside" else "  "
        line = self.session.label(self.session.equations(row.iteration)[row.step])
        if row.kind == "inside":
            line = self.session.inner_line(row.inside, 3)
        room = self.room.width - len(indent) - 2
        label = self.tracer.mathematics.one_line(line)
        if width(label) > room - behind:
            label = self.tracer.mathematics.inline(line.left)
        return [(f"{indent}{mark} ", "mark"), (cut_text(label, room, words.ellipsis), "words")]

    def _value(self, row: OutlineRow) -> str:
        """Return the number that a step has computed, or the loss of an iteration walked."""
        session = self.session
        loss, here, at = session.trace.program.loss, session.place.iteration, row.iteration
        if row.kind == "iteration" and loss is not None and at < here <= len(session.losses):
            name = self.tracer.mathematics.inline(Name(loss))
            return f"{name} {self.tracer.number(session.losses[at - 1])}"
        if row.kind != "step":
            return ""  # nothing is asked of an iteration that would have to be computed for it
        equation = session.equations(at)[row.step]
        if equation.shape or equation.name not in session.computed():
            return ""
        return self.tracer.number(session.values(equation.name)[1][0])

    # Moving -------------------------------------------------------------------------------------

    def _move(self, y: int) -> None:
        """Put the cursor on a row; a step becomes the place."""
        y = min(max(y, 0), len(self.outline) - 1)
        row = self.outline.row(y)
        if row is None:
            return
        self._cursor = y
        self._fit()
        inside = self.session.place.inside
        if row.kind == "step":
            self.go(row.iteration, row.step)
        elif row.kind == "inside" and inside is not None:
            self.go(row.iteration, row.step, inside._replace(at=row.inside))

    def action_move(self, by: int) -> None:
        """Move down by so many rows, or up."""
        self._move(self._cursor + by)

    async def action_sideways(self, by: int) -> None:
        """Unfold or fold the row; else go on to the next, or back to what it is folded into."""
        row = self.outline.row(self._cursor)
        is_to_turn = row is not None and row.is_open is (by < 0)
        if not is_to_turn or not self.enter():
            self._move(self._cursor + 1 if by > 0 else self.outline.parent(self._cursor))

    def enter(self) -> bool:
        """Fold or unfold a phase, or go to another iteration; return False for other rows."""
        row = self.outline.row(self._cursor)
        if row is not None and row.kind == "iteration" and not row.is_open:
            self.go(row.iteration)
            return True
        is_phase = row is not None and self.outline.toggle(row)
        if is_phase:
            self._fit()
        return is_phase

    def on_click(self, event: events.Click) -> None:
        """Choose the row that is clicked; a phase folds."""
        y = self.place_at(event).y
        if y >= 0 and self.outline.row(y) is not None:
            self._move(y)
            self.enter()
