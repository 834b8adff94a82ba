"""The walk: one step after the other, all panes showing the same place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final, cast

from textual.app import ComposeResult
from textual.containers import Container, Horizontal
from textual.geometry import Size
from textual.timer import Timer
from textual.widgets import Input, Static

from tracer.expression import Name
from tracer.lazy_modules import LazyModule
from tracer.narrative.derivation_options import PHASES
from tracer.narrative.session import Session, StepPlace, place_of_number
from tracer.narrative.steps import Step
from tracer.operations import Shape, ravel, sample_number, written_text
from tracer.program.elements import place_node
from tracer.render.mathematics import bare_text
from tracer.run.nudge import Nudge
from tracer.run.short_runs import Progress
from tracer.run.trace import Trace
from tracer.sentences import Sentence, say
from tracer.ui.parts.dialogs import (
    ActionLink,
    InputDialog,
    MessageDialog,
    ProgressDialog,
    look_for_values,
)
from tracer.ui.parts.host import Option
from tracer.ui.parts.loss_pane import LossPane
from tracer.ui.parts.step_panes import DerivationPane, NetworkPane
from tracer.ui.parts.tracer_screen import ALONE, HeaderPart, Pane, PanesScreen, content
from tracer.ui.scenarios.scenarios_screen import next_scenario
from tracer.ui.walk import WALK
from tracer.ui.walk.card_pane import CardPane, Side
from tracer.ui.walk.steps_pane import StepsPane
from tracer.ui.walk.values_pane import ValuesPane

if TYPE_CHECKING:
    from tracer.ui.check import check_panes
    from tracer.ui.check.check_panes import QuestionPane
    from tracer.witness import report
    from tracer.worksheets.practice import Practice, Predictions
else:
    check_panes = LazyModule("tracer.ui.check.check_panes")
    report = LazyModule("tracer.witness.report")

SECONDS: Final = 1.0  # between two steps of a walk that runs on
MOST_MOVES: Final = 120  # most steps of a replay; a longer one goes on by iterations
# The footer while values are predicted: a field takes the letters.
PREDICTING: Final = ("check.hint", "check.next", "check.previous", "app.palette", "app.back")
METER: Final = 5  # signs of the meter
MOST_TYPED: Final = 1200  # characters that the line for an answer takes
LEAST_STEPS: Final = 28  # columns of the steps where all panes are beside each other
LEAST_BELOW: Final = 7  # rows that the derivation leaves to the panes below it


class WalkScreen(PanesScreen, table=WALK):
    """Five panes over one session."""

    FOOTER = (
        "walk.next",
        "walk.previous",
        "walk.next_iteration",
        "app.play",
        "app.check",
        "walk.go_to",
        "walk.predict",
        "app.export",
        "walk.play",
        "walk.enter",
        "walk.nudge_up",
        "walk.landscape",
        "app.palette",
        "app.help",
    )
    AUTO_FOCUS = ""  # the card has the focus first, then the pane in front
    COUNT = 5
    LOSS = LossPane.NUMBER
    EXCHANGED = ((3, 4, 5), 5, "-values")

    def __init__(self) -> None:
        super().__init__()
        self._playing: Timer | None = None
        self._played: Trace | None = None  # the run that the play goes through
        self._stride = 0  # iterations at once
        self._sought = ""  # the text of the last search: Enter goes to its next match
        self._begun: Session | None = None  # the session whose first card was shown
        self._is_predicting = False
        # The session and the size that the rows of panes are fitted to.
        self._fitted: tuple[Session, Size] | None = None
        self._answered_at = (0, 0)  # the place that the line for the answer belongs to

    def contents(self) -> ComposeResult:
        """Lay the panes out; the style sheet decides which of them are seen."""
        with Container(id="panes"):
            yield StepsPane()
            yield DerivationPane()
            yield CardPane()  # in the place of the derivation, or of all panes
            yield ValuesPane()  # in the grid it stands beside the derivation
            yield NetworkPane()
            yield LossPane()

    @property
    def footer(self) -> Sequence[str]:
        """The ids of the keys that the footer shows now: where a value is typed those left."""
        return PREDICTING if self.predictions is not None and not self.card.side else self.FOOTER

    def on_mount(self) -> None:
        """Begin with the derivation."""
        self.front(2)

    def on_screen_suspend(self) -> None:
        """Stop the play: what lies on top stays at its place."""
        if self._playing is not None:
            self.stop_playing()
            self.show_header(self._header())
        self.session.hidden_from = None  # elsewhere values are seen
        if not self.app.screen.is_modal:
            self.session.end_nudge()  # elsewhere nothing is nudged

    # Showing ------------------------------------------------------------------------------------

    def session_changed(self) -> None:
        """Show the place in every pane; the play of a run ends where another is shown."""
        if self.session.trace is not self._played:
            self.stop_playing()
        if self.session.nudge is None:
            self.session.end_nudge()  # one of another iteration
        at_first = self.session.place == StepPlace(1, 0)
        if self.session is not self._begun:
            self._begun = self.session
            self._turn("first")
        elif not (at_first if self.card.side == "first" else self.session.is_at_end):
            self._turn("")
        self.ask_for_value()
        self.on_resize()
        self.show_header(self._header())
        for pane in self.query("#panes > .pane").results(Pane):
            if pane.display:
                pane.show_session()

    def action_fit_rows(self) -> None:
        """Give the derivation the rows that a step needs, as far as the panes below can spare them.

        It keeps them from then on: another step of the walk moves no pane back.
        """
        derivation, panes = self.query_one(DerivationPane), self.query_one("#panes")
        if self._fitted != (self.session, self.size):
            self._fitted = (self.session, self.size)
            panes.styles.clear_rule("grid_rows")
        missing = derivation.virtual_size.height - derivation.room.height
        if derivation.is_visible and missing > 0 and not any(map(self.has_class, ALONE)):
            least = max(LEAST_BELOW, panes.size.height * 3 // 10)
            rows = min(derivation.outer_size.height + missing, panes.size.height - least)
            panes.styles.grid_rows = f"{rows} 1fr"

    def on_resize(self) -> None:
        """Give the steps the columns that they need, and the network the row that it needs."""
        is_alone = not self.query_one(LossPane).has_picture
        panes = self.query_one("#panes")
        if self.has_class("-wide"):
            most, built = max(self.size.width // 3, LEAST_STEPS), self.session.iteration.built
            steps = min(max(self.query_one(StepsPane).whole_width(built), LEAST_STEPS), most)
            row, network = self.size.width - steps, self.query_one(NetworkPane).view
            least = self.query_one(ValuesPane).width_within(built, row * 9 // 20)
            values = max(-(-row // 3), least)
            panes.styles.grid_columns = f"{steps} 1fr {values}"
            needs_row = row - values - 2 < network.overview_width <= row - 2
            # Before the first step there is no loss; behind the last one it is what counts.
            side = self.card.side
            is_alone = is_alone or side == "first" or (needs_row and side != "last")
        else:
            panes.styles.clear_rule("grid_columns")
        self.set_class(is_alone, "-flat")

    def front(self, number: int) -> None:
        """Bring a pane to the front; the loss takes the place of the network where it must.

        A card makes room.
        """
        super().front(number)
        if self.card.side:
            self._turn("")
            self.call_after_refresh(self.session_changed)
        self.set_class(number == LossPane.NUMBER, "-loss")

    # The cards ----------------------------------------------------------------------------------

    @property
    def card(self) -> CardPane:
        """The page before the first step and behind the last."""
        return self.query_one(CardPane)

    def _turn(self, side: Side) -> None:
        """Show a card, or the derivation and what else it took the place of."""
        if side == self.card.side:
            return
        self.card.side = side
        self.query_one(LossPane).is_behind = side == "last"
        self.card.show([])  # what the other one says is not true here
        self.set_class(bool(side), "-card")
        front = self.query("#panes > .-front")  # none before the panes are there
        self.set_focus(self.card if side else next(iter(front), None))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what belongs to predictions only where values are predicted."""
        if action == "hint":
            return self.is_asked
        if action in ("nudge", "prove"):
            return self.predictions is None and not self.card.side
        return super().check_action(action, parameters)

    def _header(self) -> list[HeaderPart]:
        """Say where one stands, of how much, and what goes on."""
        session, words, part, side = self.session, self.tracer.words, self.part, self.card.side
        name = part(session.scenario.name, "faint", 3)
        if side:
            where = say("before the first step") if side == "first" else say("after the last step")
            return [part(where, "strong"), name]
        place, count = session.place, len(session.equations())
        full, empty = ("▰", "▱") if words.unicode else ("#", ".")
        done = round((place.step + 1) * METER / count)
        step = words(say("step {number}/{count}", number=place.step + 1, count=count))
        meter = f" {full * done}{empty * (METER - done)} "
        phase = words(Sentence(PHASES[session.phase])).lower()
        iteration = say("iteration {number}/{count}", number=place.iteration, count=session.count)
        parts = [
            part(iteration),
            *(part(sentence, "", 2) for sentence in _sample_sentences(session)),
            HeaderPart([(step, ""), (meter, "strong"), (phase, "strong")]),
        ]
        training, symbol = session.scenario.training, Name("learning_rate")
        if training is not None and training.learning_rate is not None:
            value = written_text(training.learning_rate.written_entry(0))
            sign = self.tracer.mathematics.inline(symbol)  # the sign of the formulas
            rate = say("rate {symbol} {value}", symbol=symbol, value=value)
            parts.append(part(f"{sign} {value}" if len(sign) > 1 else rate, "", 1))
        return [*parts, *(part(state, "strong") for state in self._states()), name]

    def _states(self) -> Iterator[Sentence]:
        """Yield what goes on."""
        session, fault = self.session, self.session.trace.fault
        if self._playing is not None:
            yield say("running on")
        if session.nudge is not None:
            yield say("{name} nudged", name=Name(session.nudge.name))
        if self.predictions is not None:
            yield say("predicting")
        if fault is not None and session.place.iteration == session.count:
            name = session.drawn_name(fault.name)
            yield say("stops: {name} is {kind}", name=name, kind=fault.kind)

    # Moving -------------------------------------------------------------------------------------

    def show_panes(self, side: Side = "") -> None:
        """Show the panes at the place, or a card."""
        self._turn(side)
        self.session_changed()

    def action_step(self, way: str) -> None:
        """Go where a move of the session leads.

        From the last place a step leads to the card beyond it, and from a card to the panes.
        """
        move = getattr(self.session, way)
        beyond: Side = "last" if way.startswith("next") else "first"
        if way in ("first", "last"):
            move()
            self.show_panes()
        elif self.card.side == beyond:
            ends = {"first": say("The walk begins here."), "last": say("The walk ends here.")}
            self.tracer.show_message(ends[beyond])
        else:
            self.show_panes("" if self.card.side or move() else beyond)

    def action_play(self) -> None:
        """Run on by itself, or stop; from the last step on from the first.

        A long run shows this iteration step by step, and of the others so many that it ends soon.
        """
        if self._playing is None:
            if self.predictions is not None:
                self.end_predictions()
            if self.session.is_at_end:
                self.session.first()
            self._played = self.session.trace
            self._stride = self.session.stride(MOST_MOVES)
            self._playing = self.set_interval(SECONDS, self._play)
        else:
            self.stop_playing()
        self.show_panes()

    def stop_playing(self) -> None:
        """Stop the walk that runs on by itself."""
        if self._playing is not None:
            self._playing.stop()
            self._playing = self._played = None

    def _play(self) -> None:
        if not self.session.run_on(self._stride):
            self.stop_playing()
            self.show_panes("last")
        else:
            self.show_panes()

    def action_go_to(self) -> None:
        """Go to an iteration, or to a step by its name or a part of its formula."""
        session = self.session

        def go(text: str) -> None:
            session.go_to(text)
            self._sought = text

        def arrive(_: str) -> None:
            inside = session.place.inside
            session.leave()
            self.show_panes()
            if inside is not None:  # what stands inside may take a while
                self._enter(inside.entry)

        def known(name: str) -> bool:
            return session.drawn_name(name) == Name(name)  # a reader sees no name of others

        names = session.names()
        looks = session.looks() if self.tracer.words.unicode else names
        steps = [
            Option(look, f"{at:>2}  {look}", name if name != look else "")
            for at, (name, look) in enumerate(zip(names, looks, strict=True), 1)
            if known(name)
        ]

        def suggest(typed: str) -> list[Option]:
            """Return the steps; where an iteration is typed, that one and its steps."""
            words = typed.split()
            at = place_of_number(words)
            if at is None:
                return steps
            number = words[at]
            if not 1 <= int(number) <= session.count:  # the number may be that of a step here
                here = f"{session.place.iteration} "
                own = [each._replace(value=here + each.value) for each in steps]
                return sorted(own, key=lambda each: each.text.split()[0] != number)
            head = self.tracer.text(say("Iteration {number}", number=number))
            order = -1 if at else 1  # the number may stand behind the name
            values = (" ".join([number, each.value][::order]) for each in steps)
            return [
                Option(number, head, also=number),
                *(e._replace(value=v, also=number) for e, v in zip(steps, values, strict=True)),
            ]

        hints = [
            say(
                "An iteration, a step, or both: 3, {name}, 3 {name}. Or a part of a formula; enter "
                "it again for the next match.",
                name=names[-1],
            )
        ]
        array = next(
            (each for each in session.equations() if each.shape and known(each.name)), None
        )
        if array is not None:
            last = tuple(size - 1 for size in array.shape)
            hints.append(
                say(
                    "An entry of an array is typed with brackets, which count from 0: {typed} is "
                    "{entry}.",
                    typed=f"{array.name}{[*last]}",
                    entry=place_node(array.name, last),
                )
            )
        InputDialog(
            say("Go to"),
            value=self._sought,
            hint=bare_text(self.tracer.mathematics.joined(hints)),
            check=go,
            suggest=suggest,
        ).open(self.tracer, arrive)

    def action_shades(self) -> None:
        """Show the arrays of the values as shades, or as figures again."""
        values = self.query_one(ValuesPane)
        self.bring(values)
        values.exchange()

    def action_enter(self) -> None:
        """Step inside the present step, or fold a row of the tree.

        From a card go on: to the first step, or to the scenario that follows.
        """
        steps, values = self.query_one(StepsPane), self.query_one(ValuesPane)
        following = next_scenario(self.session.scenario.name)
        if self.card.side == "first":
            self.show_panes()
        elif self.card.side and following is None:
            self.tracer.open("scenarios")
        elif self.card.side and following is not None:
            self.tracer.open_scenario(following)
        elif self.is_asked:
            self.field.focus()
        elif values.has_focus:
            values.enter()
        elif not (steps.has_focus and steps.enter()) and self.session.place.inside is None:
            self._enter(None)

    def _enter(self, entry: Shape | None) -> None:
        """Step inside; in a thread where that takes a while."""
        session = self.session
        if entry is not None:
            session.check_index(entry)
        here = (session, session.trace, session.place)

        def show(lines: list[Step]) -> None:
            if here != (self.session, self.session.trace, self.session.place):
                return
            if session.enter(entry, lines):
                self.bring(self.query_one(DerivationPane))
                self.session_changed()
            elif entry is None:
                self.tracer.show_message(say("This step is a single operation."))

        ProgressDialog(
            say("Working the step out"),
            lambda progress: session.lines_inside(entry, progress),
            show,
        ).start(self.tracer, at_once=not session.is_long_inside(entry))

    def action_back(self) -> None:
        """Step outside again; show the values where they are predicted."""
        if self.predictions is not None:
            self.end_predictions()
            return
        if self.session.place.inside is not None or not self.session.end_nudge():
            self.session.leave()
        self.show_panes()

    # Predicting ---------------------------------------------------------------------------------

    @property
    def field(self) -> Input:
        """Where a prediction is typed; it is there once one predicted."""
        return self.query_one("#answer", Input)

    @property
    def is_asked(self) -> bool:
        """Whether the value of the step is to be predicted now."""
        return self.predictions is not None and not self.card.side and self.predictions.is_open

    async def action_predict(self) -> None:
        """Hide each value until it was predicted, or show them again."""
        if self.predictions is not None:
            self.end_predictions()
            return
        self.stop_playing()
        self.session.end_nudge()
        self._is_predicting = True
        if not self.query("#reply"):
            asked = check_panes.QuestionPane(lambda: self._practice)
            await self.query_one("#panes").mount(asked, after="#pane-2")
            line = Horizontal(
                Static(id="asked-name"),
                Input(id="answer", max_length=MOST_TYPED, select_on_focus=False),
                ActionLink("", "screen.answer"),
                id="reply",
            )
            await self.mount(line, after="#panes")
        self.show_panes()

    @property
    def predictions(self) -> Predictions | None:
        """The predictions of the run, while values are predicted."""
        return self.tracer.predictions if self._is_predicting else None

    @property
    def _practice(self) -> Practice | None:
        """The practice that judges the predictions of the present iteration."""
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
        if predictions is not None and predictions.practice is None and not self.card.side:
            look_for_values(self.tracer, lambda _: self.session_changed(), self.end_predictions)
        is_open = self.is_asked
        is_shown = predictions is not None and not self.card.side
        is_hiding = is_shown or self.card.side == "first"
        session.hidden_from = session.place.step + (is_shown and not is_open) if is_hiding else None
        self.set_class(predictions is not None, "-predict")
        self.set_class(is_open, "-asked")
        if is_shown and predictions is not None:
            self._show_answer_line(predictions, is_open=is_open)

    def _show_answer_line(self, predictions: Predictions, *, is_open: bool) -> None:
        """Show the question, or the outcome of its answer, with the text that was typed for it."""
        field, practice, place = self.field, predictions.practice, self.session.place[:2]
        if place != self._answered_at:
            self._answered_at = place
            with field.prevent(Input.Changed):
                field.value = predictions.drafts.get(place, "")
        if is_open:
            name = ""
            if practice is not None:
                node = practice.in_notation(practice.name(practice.question))
                name = self.tracer.mathematics.inline(node)
            told, enter = (f"{name} =", ""), self.tracer.text(say("Judge"))
        else:
            told, enter = self._outcome(predictions), self.tracer.text(say("Next"))
            field.value = ""
        self.query_one("#asked-name", Static).update(content(told))
        self.query_one("#reply ActionLink", Static).update(content(f"[Enter: {enter}]"))
        field.focus()

    def _outcome(self, predictions: Predictions) -> tuple[str, str]:
        """Return what became of the step's values, and its style."""
        answers = predictions.answers
        if not answers:
            return self.tracer.text(say("Nothing here is to be worked out by hand.")), ""
        answer = next((each for each in answers if not each.is_right), answers[-1])
        if not answer.is_right:
            return self.tracer.text(say("The value was shown.")), ""
        asked = cast("QuestionPane", self.query_one("#asked"))
        sign, role = asked.sign(answer)
        return f"{sign} {asked.outcome(answer)}", f"$tracer-{role}"

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
        if practice.judge(event.value.strip()) in ("right", "carried"):
            self.field.value = ""
        else:
            self.field.select_all()  # the next answer takes its place
        self.session_changed()

    async def action_answer(self) -> None:
        """Do what Enter does in the line for the answer."""
        await self.field.action_submit()

    def action_hint(self) -> None:
        """Give the next hint; the last one shows the value."""
        practice = self._practice
        if self.is_asked and practice is not None:
            practice.hint()
            self.session_changed()

    # Nudging ------------------------------------------------------------------------------------

    def _number_in_front(self) -> tuple[str, int]:
        """Return the quantity and the entry that a nudge moves. Raises RunError for none."""
        session = self.session
        nudge, entry = session.nudge, self.query_one(ValuesPane).entry
        if entry is None and nudge is not None:
            return nudge.name, nudge.place
        inside = session.place.inside
        index = inside.entry if inside is not None and inside.entry is not None else ()
        place = ravel(index, session.equation.shape) if index else 0
        name, place = entry or (session.equation.name, place)
        return session.nudged_name(name), place

    def action_nudge(self, by: int) -> None:
        """Move the number in front by a small step, and all that follows from it."""
        self.stop_playing()
        session, (name, entry) = self.session, self._number_in_front()

        def show(found: tuple[int, Nudge] | None) -> None:
            session.show_nudge(found)
            self.show_panes()

        ProgressDialog(
            say("Working out what follows"),
            lambda _: session.nudge_by(name, entry, by),
            show,
        ).start(self.tracer, at_once=not session.is_long_inside())

    def action_prove(self) -> None:
        """Show what independent witnesses say of the gradient of the number in front."""
        name, _ = self._number_in_front()
        iteration = self.session.iteration  # as it is shown: a number may be nudged
        title = say("Proofs of the gradient of {name}", name=Name(name))

        def proved(progress: Progress) -> list[str]:
            progress(0, 0)
            return [
                self.tracer.text(line).strip() for line in report.quantity_lines(iteration, name)
            ]

        ProgressDialog(
            say("Proving the gradient"),
            proved,
            lambda lines: self.app.push_screen(MessageDialog(title, "\n".join(lines))),
        ).start(self.tracer)

    # What was chosen in the drawing is the place now: its step is shown.
    action_show_step = session_changed

    def action_enter_entry(self, name: str, index: Shape) -> None:
        """Step inside one entry of an array, in the step that computes it."""
        session = self.session
        names = [equation.name for equation in session.equations()]
        if name not in names:
            self.tracer.show_message(say("{name} is given, not computed.", name=Name(name)))
            return
        if session.go(session.place.iteration, names.index(name)):
            self.session_changed()
        self._enter(index)


def _sample_sentences(session: Session) -> list[Sentence]:
    """Say which epoch it is, and which of the samples the iteration sees."""
    samples, count = session.sample_counts()
    training = session.scenario.training
    sentences: list[Sentence] = []
    if training is not None and training.batch_size is not None:
        sentences.append(say("epoch {number}", number=session.iteration.epoch))
    if samples is None or count is None:
        return sentences
    if training is not None and training.sample is not None:
        number = sample_number(samples[0])
        sentences.append(say("sample {number} of {count}", number=number, count=count))
    elif len(samples) < count:
        sentences.append(say("{number} of {count} samples", number=len(samples), count=count))
    return sentences
