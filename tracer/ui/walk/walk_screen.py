"""The walk: one step after the other, all panes showing the same place."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from textual.containers import Container

from tracer.errors import UnknownNameError
from tracer.expression.syntax import Name
from tracer.narrative.derivation import PHASES
from tracer.operations.numbers import sample_number, written_text
from tracer.sentences import Sentence, say
from tracer.ui.parts.array_screen import ArrayScreen, EntryChosen
from tracer.ui.parts.bars import Header, HeaderPart, KeyLine
from tracer.ui.parts.derivation_pane import Derivation
from tracer.ui.parts.host import Option
from tracer.ui.parts.key_bindings import bindings
from tracer.ui.parts.loss_pane import Loss
from tracer.ui.parts.panes_screen import PanesScreen
from tracer.ui.walk import WALK
from tracer.ui.walk.network_pane import Network
from tracer.ui.walk.steps_pane import Steps
from tracer.ui.walk.values_pane import Values

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.timer import Timer

    from tracer.narrative.steps import Step
    from tracer.operations import Shape
    from tracer.run.trace import Trace

__all__ = ["WalkScreen"]

SECONDS: Final = 1.0  # between two steps of a walk that runs on
MOST_MOVES: Final = 120  # of it; a longer run goes on by iterations, so that it ends in two minutes
METER: Final = 5  # signs of the meter


class WalkScreen(PanesScreen):
    """Five panes over one session."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(WALK.keys)]
    FOOTER = (
        "walk.next",
        "walk.previous",
        "walk.next_iteration",
        "walk.go_to",
        "app.check",
        "app.export",
        "app.help",
    )
    AUTO_FOCUS = "#pane-2"
    COUNT = 5
    EXCHANGED = (3, 4, 5)
    SECOND = 5
    EXCHANGED_CLASS = "-values"

    def __init__(self) -> None:
        super().__init__()
        self._playing: Timer | None = None
        self._played: Trace | None = None  # the run that the play goes through
        self._stride = 0  # iterations at once
        self._sought = ""  # what was looked for last: Enter looks for it again

    def compose(self) -> ComposeResult:
        """Lay the panes out; the style sheet decides which of them are seen."""
        yield Header(id="header")
        with Container(id="panes"):
            yield Steps()
            yield Derivation()
            yield Values()  # in the grid it stands beside the derivation
            yield Network()
            yield Loss()
        yield KeyLine()

    def on_mount(self) -> None:
        """Show the session."""
        self.front(2)
        self.session_changed()

    def on_screen_suspend(self) -> None:
        """Stop the play: what lies on top stays at its place."""
        if self._playing is not None:
            self._stop_playing()
            self.query_one(Header).show(self._header())

    # Showing ------------------------------------------------------------------------------------

    def session_changed(self) -> None:
        """Show the place in every pane; the play of a run ends where another is shown."""
        if self.session.trace is not self._played:
            self._stop_playing()
        self.query_one(Header).show(self._header())
        self.show_keys()
        for pane in self.panes:
            pane.show_session()

    def _header(self) -> list[HeaderPart]:
        """Say where one stands."""
        session, words = self.session, self.tracer.words
        place, count = session.place, len(session.equations())
        full, empty = ("▰", "▱") if words.unicode else ("#", ".")
        done = round((place.step + 1) * METER / count)
        meter = f" {full * done}{empty * (METER - done)} "
        phase = words(Sentence(PHASES[session.phase])).lower()
        step = words(say("step {number}/{count}", number=place.step + 1, count=count))
        parts = [
            HeaderPart([(words(self._iteration_words()), "")]),
            *(HeaderPart([(words(sentence), "")], 2) for sentence in self._samples()),
            HeaderPart([(step, ""), (meter, "strong"), (phase, "strong")]),
        ]
        rate = self._learning_rate()
        if rate:
            parts.append(HeaderPart([(rate, "")], 1))
        if self._playing is not None:
            parts.append(HeaderPart([(words(say("running on")), "strong")]))
        fault = session.trace.fault
        if fault is not None and place.iteration == session.count:
            stops = say("stops: {name} is {kind}", name=fault.name, kind=fault.kind)
            parts.append(HeaderPart([(words(stops), "strong")]))
        parts.append(HeaderPart([(self.tracer.text(session.scenario.name), "faint")], 3))
        return parts

    def _iteration_words(self) -> Sentence:
        number, count = self.session.place.iteration, self.session.count
        return say("iteration {number}/{count}", number=number, count=count)

    def _samples(self) -> list[Sentence]:
        samples, count = self.session.sample_counts()
        training = self.session.scenario.training
        found: list[Sentence] = []
        if training is not None and training.batch_size is not None:
            found.append(say("epoch {number}", number=self.session.iteration.epoch))
        if samples is None or count is None:
            return found
        if training is not None and training.sample is not None:
            number = sample_number(samples[0])
            found.append(say("sample {number} of {count}", number=number, count=count))
        elif len(samples) < count:
            found.append(say("{number} of {count} samples", number=len(samples), count=count))
        return found

    def _learning_rate(self) -> str:
        """Return the learning rate with the sign that stands for it in the formulas."""
        training = self.session.scenario.training
        if training is None or training.learning_rate is None:
            return ""
        value = written_text(training.learning_rate.written(0))
        symbol = self.tracer.mathematics.inline(Name("learning_rate"))
        if len(symbol) > 1:
            return f"{symbol} {value}"
        return self.tracer.words(say("rate {symbol} {value}", symbol=symbol, value=value))

    # Moving -------------------------------------------------------------------------------------

    def _moved(self, moved: bool, *, end: Sentence | None = None) -> None:
        if moved:
            self.session_changed()
        elif end is not None:
            self.tracer.tell(end)

    def action_next(self) -> None:
        """Go on."""
        self._moved(self.session.next(), end=say("This is the last step."))

    def action_previous(self) -> None:
        """Go back."""
        self._moved(self.session.previous(), end=say("This is the first step."))

    def action_next_iteration(self) -> None:
        """Go to the next iteration."""
        self._moved(self.session.next_iteration())

    def action_previous_iteration(self) -> None:
        """Go to the iteration before."""
        self._moved(self.session.previous_iteration())

    def action_next_phase(self) -> None:
        """Go to the next phase."""
        self._moved(self.session.next_phase())

    def action_previous_phase(self) -> None:
        """Go to the phase before."""
        self._moved(self.session.previous_phase())

    def action_first(self) -> None:
        """Go to the beginning."""
        self._moved(self.session.first())

    def action_last(self) -> None:
        """Go to the end."""
        self._moved(self.session.last())

    def action_play(self) -> None:
        """Run on by itself, or stop; from the last step on from the first.

        A long run shows this iteration step by step, and of the others so many that it ends soon.
        """
        if self._playing is None:
            if self.session.is_at_end:
                self.session.first()
            self._played = self.session.trace
            self._stride = self.session.stride(MOST_MOVES)
            self._playing = self.set_interval(SECONDS, self._play)
        else:
            self._stop_playing()
        self.session_changed()

    def _stop_playing(self) -> None:
        if self._playing is not None:
            self._playing.stop()
            self._playing = self._played = None

    def _play(self) -> None:
        if not self.session.run_on(self._stride):
            self.action_play()
        else:
            self.session_changed()

    def action_find(self) -> None:
        """Find a step by a part of its name or formula."""

        def check(text: str) -> None:
            if text and not self.session.find(text):
                raise UnknownNameError(say("no step holds {text}", text=text))

        def found(text: str) -> None:
            self._sought = text
            self.session_changed()

        self.tracer.ask(
            say("Find a step"),
            found,
            value=self._sought,
            hint=say("A part of a name or a formula; the next step that holds it."),
            check=check,
        )

    def action_go_to(self) -> None:
        """Go to an iteration or a step by its name."""
        self._by_name(
            say("Go to"),
            say(
                "An iteration, a step, or both: 3, {name}, 3 {name}.", name=self.session.names()[0]
            ),
            self.session.go_to,
        )

    def action_run_to(self) -> None:
        """Run to the next time that a step is done."""
        self._by_name(
            say("Run to"), say("The name of a step."), lambda text: self.session.run_to(text)
        )

    def _by_name(self, title: Sentence, hint: Sentence, go: Callable[[str], bool]) -> None:
        self.tracer.ask(
            title,
            lambda _: self.session_changed(),
            hint=hint,
            check=go,
            suggestions=[
                Option(name, name, look)
                for name, look in zip(self.session.names(), self.session.looks(), strict=True)
            ],
        )

    def action_exchange(self) -> None:
        """Show the curve of the loss instead of the landscape, or the landscape again."""
        self.query_one(Loss).exchange()

    def action_enter(self) -> None:
        """Step inside the present step, or fold a row of the tree."""
        steps, values = self.query_one(Steps), self.query_one(Values)
        if steps.has_focus and steps.enter():
            return
        if values.has_focus:
            values.enter()
            return
        if self.session.place.inside is None:
            self._enter(None)

    def _enter(self, entry: Shape | None) -> None:
        """Step inside; in a thread where that takes a while."""
        session = self.session
        if entry is not None:
            session.check_index(entry)
        if not session.is_long_inside(entry):
            self._entered(entry, session.lines_inside(entry))
            return
        self._stop_playing()
        here = (session, session.trace, session.place)

        def show(lines: list[Step]) -> None:
            if here == (self.session, self.session.trace, self.session.place):
                self._entered(entry, lines)

        self.tracer.work(
            say("Working the step out"),
            lambda progress: session.lines_inside(entry, progress),
            show,
            holds=True,
        )

    def _entered(self, entry: Shape | None, lines: list[Step]) -> None:
        if self.session.enter(entry, lines):
            if not self.query_one(Derivation).is_visible:
                self.action_pane(2)  # what is inside stands there
            self.session_changed()
        elif entry is None:
            self.tracer.tell(say("This step is a single operation."))

    def action_leave(self) -> None:
        """Step outside again."""
        self._moved(self.session.leave())

    def on_steps_chosen(self, event: Steps.Chosen) -> None:
        """Go to the step that was chosen in the tree."""
        self._moved(self.session.go(event.iteration, event.step, event.inside))

    def on_network_chosen(self, event: Network.Chosen) -> None:
        """Go to the step that computes what was chosen in the drawing, or its gradient."""
        if not self.session.go_to_quantity(event.name):
            self.tracer.tell(say("{name} is given, not computed.", name=Name(event.name)))
        self.session_changed()

    def on_loss_chosen(self, event: Loss.Chosen) -> None:
        """Go to the iteration that was chosen on the curve."""
        self._moved(self.session.go(event.iteration, self.session.place.step))

    def on_entry_chosen(self, event: EntryChosen) -> None:
        """Step inside one entry of an array, in the step that computes it."""
        session = self.session
        names = [equation.name for equation in session.equations()]
        if event.name not in names:
            self.tracer.tell(say("{name} is given, not computed.", name=Name(event.name)))
            return
        if session.go(session.place.iteration, names.index(event.name)):
            self.session_changed()
        self._enter(event.index)

    def on_values_opened(self, event: Values.Opened) -> None:
        """Show a whole array."""
        self.app.push_screen(ArrayScreen(event.name))
