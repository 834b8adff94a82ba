"""The play: change what is given and see the numbers and both curves follow, in the same place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Container

from tracer.errors import TracerError
from tracer.expression import Name
from tracer.narrative.session import Session
from tracer.program import scenario_edits as changes
from tracer.program.loss_form import loss_of
from tracer.program.optimizers import OPTIMIZERS
from tracer.program.scenario import Scenario
from tracer.program.scenario_edits import EditableField, saved_text
from tracer.render.array_tables import ArrayTable
from tracer.render.landscape_text import StepParts
from tracer.render.screen_lines import Line
from tracer.run.loss_choices import all_losses, with_loss
from tracer.run.short_runs import QUICK_TEXT, is_quick
from tracer.run.trace import Trace
from tracer.sentences import Sentence, say
from tracer.ui.parts.array_screen import ArrayScreen, Grid
from tracer.ui.parts.dialogs import ChoiceDialog, InputDialog, ProgressDialog
from tracer.ui.parts.export import save_as
from tracer.ui.parts.host import Option
from tracer.ui.parts.loss_pane import LossPane, View
from tracer.ui.parts.step_panes import DerivationPane
from tracer.ui.parts.tracer_screen import HeaderPart, PanesScreen
from tracer.ui.play import PLAY
from tracer.ui.play.play_panes import CoursePane, GivenPane, GivenRow, PlayPane
from tracer.ui.play.typed_numbers import number_of, step_number, whole_of, worked_out


class CellsScreen(ArrayScreen):
    """Shows an array as it is given; Enter changes the entry of the cursor."""

    def __init__(
        self,
        field: EditableField,
        change: Callable[[Callable[[Scenario], Scenario]], object],
    ) -> None:
        super().__init__(field.name)
        self._field = field
        self._change = change

    def table(self) -> ArrayTable:
        """Return the entries of the scenario as it is now."""
        given = getattr(self.session.scenario, self._field.group)[self._field.name]
        return ArrayTable(given.shape, given.floats())

    def value(self, place: int) -> str:
        """Return an entry as it is written."""
        return changes.entry_text(self.session.scenario, self._field, place)

    def note(self) -> Sentence:
        """Say what Enter does here."""
        return say("Enter: change it, Esc: back")

    def session_changed(self) -> None:
        """Show the numbers of the scenario as it is now."""
        grid = self.query_one(Grid)
        grid.table = self.table()
        grid.refresh()
        super().session_changed()

    def action_enter(self) -> None:
        """Ask for another value of the entry; what does not fit is said there."""
        grid = self.query_one(Grid)
        row = GivenRow(self._field, grid.place, self.value(grid.place))
        entry = self.tracer.mathematics.entry(self._field.name, grid.index)
        self.app.push_screen(number_dialog(entry, row, self._change))


def number_dialog(
    name: str, row: GivenRow, change: Callable[[Callable[[Scenario], Scenario]], object]
) -> InputDialog:
    """Return the question for the number of a row; `change` takes a changed scenario."""
    field = row.field
    is_whole = field.kind == "whole"

    def check(text: str) -> None:
        value = field.written_as((whole_of if is_whole else number_of)(text))
        try:
            change(lambda scenario: changes.with_value(scenario, field.path, value, row.place))
        except TracerError as error:
            error.where = ""  # the title names it
            raise

    return InputDialog(
        say("Change {name}", name=name),
        value=field.spoken_value(row.written),
        hint=say("A whole number") if is_whole else say("A number, such as 0.1 or 1/3"),
        check=check,
        describe=worked_out,
    )


CHOSEN = ("optimizer", "loss")  # rows that have a name of several


class CurrentStepPane(PlayPane, DerivationPane):
    """The step of the walk's place, with the numbers of the present run."""

    NUMBER = 4
    NAME = say("The step")


class PlayLossPane(PlayPane, LossPane):
    """Both curves below what their signs mean; why a run stopped is told beside them.

    Of the landscape the whole step is shown, and the predictions are those of the trained network:
    they move with what is changed.
    """

    NUMBER = 2
    NAME = say("Loss")
    VIEWS: ClassVar[Mapping[View, Sentence]] = {
        "landscape": say("Landscape"),
        "run": say("Curve"),
        "plane": say("Predictions"),
    }

    @property
    def parts(self) -> StepParts:
        """All of the step."""
        return StepParts()

    @property
    def plane_number(self) -> int:
        """The one after the last: the parameters at the end of the run."""
        return self.session.count + 1

    def head(self, columns: int, *, is_below: bool) -> Line:
        """Return what the signs mean."""
        return self.legend()

    def stop_lines(self, columns: int) -> list[Line]:
        """Say nothing: pane 3 does."""
        return []


class PlayScreen(PanesScreen, table=PLAY):
    """What is given on the left; the curves, what happens and the step beside it."""

    FOOTER = (
        "play.less",
        "play.more",
        "play.double",
        "play.edit",
        "app.undo",
        "play.save",
        "play.half",
        "walk.next",
        "walk.next_iteration",
        "walk.landscape",
        "app.redo",
        "play.reset",
        "app.palette",
        "app.back",
    )
    AUTO_FOCUS = "#pane-1"
    COUNT = 4
    LOSS = PlayLossPane.NUMBER
    EXCHANGED = ((2, 4), 4, "-step")

    def __init__(self) -> None:
        super().__init__()
        self.given_pane = GivenPane()
        self._seen: Session | None = None
        self._loaded: Scenario | None = None
        self._saved: Scenario | None = None  # the scenario as it was loaded or saved last

    def contents(self) -> ComposeResult:
        """Lay the panes out; the style sheet decides which of them are seen."""
        with Container(id="play"):
            yield self.given_pane
            yield PlayLossPane()
            yield CurrentStepPane()
            yield CoursePane()

    def on_mount(self) -> None:
        """Begin with what is given."""
        self.front(1)

    @property
    def unsaved_question(self) -> Sentence | None:
        """The question before unsaved changes are lost; None where there are none."""
        saved = self._saved if self.session is self._seen else None
        if saved is None or changes.is_same(self.session.scenario, saved):
            return None
        return say("What you changed is not saved.")

    # Showing ------------------------------------------------------------------------------------

    def session_changed(self) -> None:
        """Show the run and the place; another scenario begins anew."""
        if self.session is not self._seen:
            self._seen = self.session
            self._loaded = self._saved = self.session.scenario
        assert self._loaded is not None
        self.given_pane.take(self.session.scenario, self._loaded)
        for pane in self.panes:
            pane.show_session()
        self.show_header(self._header())

    def _header(self) -> list[HeaderPart]:
        """Say which scenario it is, what is chosen, where one stands and how many changes stand."""
        session, part = self.session, self.part
        rows = [self.given_pane.chosen_row] if self.given_pane.rows else []
        number, count = session.place.iteration, session.count
        parts = [
            part(session.scenario.name, "strong", 3),
            *(part(f"{row.label(self.tracer)} {row.value(self.tracer)}", "strong") for row in rows),
            part(say("iteration {number}/{count}", number=number, count=count), "", 4),
        ]
        if losses := session.losses:
            first, last = map(self.tracer.number, (losses[0], losses[-1]))
            name = self.tracer.mathematics.inline(Name(str(session.trace.program.loss)))
            # Where the loss begins and ends: the curve may have no room on the screen. No arrow:
            # that is what one step makes of it.
            before = (f"{name} {first} {self.tracer.words.ellipsis} ", "")
            parts.append(HeaderPart([before, (last, "result")], 1))
        if changed := len(self.given_pane.changed_rows()):
            return [*parts, part(say("{count} changed", count=changed), "", 2)]
        return [*parts, part(say("as loaded"), "faint", 2)]

    # Changing -----------------------------------------------------------------------------------

    def change(self, make: Callable[[Scenario], Scenario]) -> None:
        """Run a changed scenario and show it; at once where it is short. Raises TracerError."""
        before = self.session.scenario
        if len(before.text) <= QUICK_TEXT:
            scenario = make(before)
            if is_quick(scenario):
                self._show(self.tracer.traced(scenario))
                return
        # Not before a dialog that asked for it has closed: the work opens one of its own.
        work = ProgressDialog(
            say("Running {name}", name=before.name),
            lambda progress: self.tracer.traced(make(before), progress),
            self._show,
        )
        self.call_later(work.start, self.tracer)

    def _show(self, trace: Trace) -> None:
        self.tracer.show_trace(trace)
        if self.given_pane.rows and self.given_pane.is_unused(self.given_pane.chosen_row):
            name = self.given_pane.chosen_row.label(self.tracer)
            words = say("Training does not use this sample: {name} changes nothing.", name=name)
            self.tracer.show_message(words)

    def _try(self, change: Callable[[], object]) -> None:
        """Change something; say what does not fit."""
        try:
            change()
        except TracerError as error:
            message = error.message_in(self.tracer.words.translate, placed=False)
            self.tracer.show_message(message, bad=True)

    def action_scale(self, factor: str) -> None:
        """Change the chosen row: a number by a factor (11/10), a choice to the one beside it."""
        if not self.given_pane.rows:
            return
        row, times = self.given_pane.chosen_row, Fraction(factor)
        kind = row.field.kind
        if kind == "array" and row.place is None:
            self.tracer.show_message(say("Enter opens the array."))
        elif kind in CHOSEN:
            self._try(lambda: self._step_choice(row, times > 1))
        else:
            self._try(lambda: self.change(lambda scenario: _step_row(scenario, row, times)))

    def action_reset(self) -> None:
        """Go back to the scenario as it was loaded; that can be undone too."""
        loaded = self._loaded
        assert loaded is not None
        if changes.is_same(self.session.scenario, loaded):
            self.tracer.show_message(say("This is the scenario as it was loaded."))
        else:
            self._try(lambda: self.change(lambda _: loaded))

    # Choices ------------------------------------------------------------------------------------

    def _choices(self, kind: str) -> dict[str, tuple[Sentence, Sentence | str | None]]:
        """Return what a row may be, with words, and why it cannot be that; what fits is first."""
        if kind == "optimizer":
            return {name: (Sentence(rule.words), None) for name, rule in OPTIMIZERS.items()}
        losses = sorted(all_losses(self.session.trace), key=lambda one: one.refusal is not None)
        if not losses:
            raise TracerError(
                say("this loss cannot be replaced"),
                expected=say("a known form of one prediction and one target"),
            )
        return {each.form: (Sentence(each.words), each.refusal) for each in losses}

    def _choose(self, row: GivenRow) -> None:
        """Offer what the row may be."""
        kind = row.field.kind
        fits, others = (
            self.tracer.text(say("Fits here")),
            self.tracer.text(say("Does not fit here")),
        )
        options = [
            Option(
                name,
                name,
                self.tracer.text(refusal or words),
                "" if kind == "optimizer" else others if refusal else fits,
            )
            for name, (words, refusal) in self._choices(kind).items()
        ]
        title = say("Choose an optimizer") if kind == "optimizer" else say("Choose a loss")
        chosen = ChoiceDialog(title, options, present=row.written)
        chosen.open(self.tracer, partial(self._take, kind))

    def _take(self, kind: str, name: str) -> None:
        """Take another optimizer or loss; say why it cannot be."""
        refusal, loss = self._choices(kind)[name][1], loss_of(self.session.scenario)
        if refusal is not None:
            self.tracer.show_message(f"{name}: {self.tracer.text(refusal)}", bad=True)
        elif kind == "optimizer":
            self._try(lambda: self.change(lambda scenario: changes.with_optimizer(scenario, name)))
        elif loss is not None and loss.form != name:
            self._try(lambda: self.change(lambda scenario: with_loss(scenario, loss, name)))

    def _step_choice(self, row: GivenRow, forward: bool) -> None:
        """Take the choice beside the present one, of those that fit, round past the end."""
        choices = self._choices(row.field.kind).items()
        names = [name for name, (_, refusal) in choices if refusal is None]
        here = names.index(row.written) + (1 if forward else -1) if row.written in names else 0
        self._take(row.field.kind, names[here % len(names)])

    def action_edit(self) -> None:
        """Type the chosen value, or choose it."""
        if not self.given_pane.rows:
            return
        row = self.given_pane.chosen_row
        if row.field.kind in CHOSEN:
            self._choose(row)
        elif row.field.kind == "array" and row.place is None:
            self.app.push_screen(CellsScreen(row.field, self.change))
        else:
            self.app.push_screen(number_dialog(row.label(self.tracer), row, self.change))

    def action_save(self) -> None:
        """Save the changed scenario as a file, its comments kept."""
        scenario = self.session.scenario

        def remember(path: Path) -> None:
            self._saved = scenario
            self.tracer.preferences.remember(opened=str(path))

        save_as(
            self.tracer,
            lambda path: [saved_text(scenario, path)],
            f"{scenario.name}-play.toml",
            remember,
            ending=".toml",
        )

    # Moving -------------------------------------------------------------------------------------

    def action_step(self, way: str) -> None:
        """Go where a move of the session leads; the pane of the step shows it."""
        if way in ("next", "previous"):
            self.bring(self.query_one(CurrentStepPane))
        if getattr(self.session, way)():
            self.tracer.session_changed.publish(self.session)

    def action_back(self) -> None:
        """Go back to the walk, which shows what was changed."""
        if self.given_pane.changed_rows():
            key = self.tracer.key_of("app.undo")
            self.tracer.show_message(
                say("The walk shows the changed run; {key} undoes a change.", key=key)
            )
        super().action_back()

    def action_show_row(self) -> None:
        """Name the row that is chosen now."""
        self.show_header(self._header())


def _step_row(scenario: Scenario, row: GivenRow, factor: Fraction) -> Scenario:
    """Return a scenario with the number of a row times a factor."""
    field = row.field
    low = int(field.spoken_value(str(field.low)))
    number = step_number(
        field.spoken_value(row.written), factor, whole=field.kind == "whole", low=low
    )
    return changes.with_value(scenario, field.path, field.written_as(number), row.place)
