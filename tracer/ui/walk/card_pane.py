"""The cards of the walk: one before its first step, one behind its last.

The first says what the network is, what it learns and what to watch, and tells nothing of the end.
The last one says what happened, and three ways on.
"""

from __future__ import annotations

from typing import Final, Literal

from textual import events

from tracer.expression import Name
from tracer.narrative.overview import first_sentence, lesson_sentences, what_to_watch
from tracer.narrative.run_verdict import Remark, shortest_number, verdict_remarks
from tracer.program.scenario import load
from tracer.render.output_plane_text import sample_table
from tracer.render.screen_lines import Line, indented
from tracer.run.diagnosis import Diagnosis
from tracer.sentences import say
from tracer.ui.parts.host import Offer
from tracer.ui.parts.loss_pane import LossPane
from tracer.ui.parts.tracer_screen import Pane
from tracer.ui.scenarios.scenarios_screen import next_scenario

Side = Literal["first", "last", ""]
"""Which card is seen: the one before the walk, the one behind it, or none."""

MARGIN: Final = 2  # columns free at the left
MOST_COLUMNS: Final = 84  # longest line that is easy to read
MOST_SAMPLES: Final = 6  # whose predictions the last card lists


class CardPane(Pane):
    """A page in the place of the derivation, or where only one pane has room of all panes."""

    NAME = say("Card")
    ABOUT = say(
        "The card before the first step says what the network is, what it learns and what to "
        "watch. The card after the last step says what happened, and what can be done next."
    )

    def __init__(self) -> None:
        super().__init__(id="card")
        self.side: Side = ""
        self._actions: dict[int, str] = {}  # by line: the action of a click

    def show_frame_title(self) -> None:
        """Show the title of the scenario in the frame."""
        heading = self.session.scenario.heading.text_in(self.tracer.words.translate)
        self._show_in_frame("border_title", self.tracer.text(heading))

    def draw(self) -> None:
        """Draw the card for the room there is: the ways on always, above them what fits."""
        columns, rows = self.room
        room = min(max(columns - 2 * MARGIN, 8), MOST_COLUMNS)
        left = " " * max((columns - room) // 2, 0)
        offers = self._ways()
        size = max(len(offer.key) for offer in offers) + 2
        ways: list[Line] = []
        actions: list[str] = []  # the action of each line of the ways
        for offer in offers:
            texts = self.tracer.mathematics.wrapped(offer.text, room - size)
            starts = [offer.key, *[""] * (len(texts) - 1)]
            ways += [
                [(start.ljust(size), "strong"), *text]
                for start, text in zip(starts, texts, strict=True)
            ]
            actions += [offer.action] * len(texts)
        paragraphs = self._beginning(room) if self.side == "first" else self._end(room)
        while len(paragraphs) > 1 and len(ways) + sum(map(len, paragraphs)) > rows:
            paragraphs.pop()  # the play says all of it
        spare = rows - len(ways) - sum(map(len, paragraphs))
        gap: list[Line] = [[]] if spare >= len(paragraphs) else []
        lines = [line for paragraph in paragraphs for line in (*paragraph, *gap)]
        lines[:0] = [[]] * ((rows - len(lines) - len(ways)) // 3)
        self._actions = dict(enumerate(actions, len(lines)))
        self.show(indented([*lines, *ways], left))

    # The first card -----------------------------------------------------------------------------

    def _beginning(self, room: int) -> list[list[Line]]:
        session = self.session
        scenario, program = session.scenario, session.trace.iteration(1).program
        about = first_sentence(scenario)
        sentences = [say("{text}", text=about)] if about.text else []
        iterations, steps = session.count, len(session.equations(1))
        one = say("The walk has one iteration with {steps} {steps:step|steps}.", steps=steps)
        more = say(
            "The walk has {iterations} iterations; the first has {steps} {steps:step|steps}.",
            iterations=f"{iterations:,}",
            steps=steps,
        )
        sentences += [
            lesson_sentences(scenario, program),
            what_to_watch(scenario, program),
            one if iterations == 1 else more,
        ]
        return [self.tracer.mathematics.sentences([sentence], room) for sentence in sentences]

    # The last card ------------------------------------------------------------------------------

    def _end(self, room: int) -> list[list[Line]]:
        """Return what the run came to, a remark a paragraph; of two classes first how many fit."""
        count, loss = self.session.count, self.screen.query_one(LossPane)
        remarks = verdict_remarks(Diagnosis(self.session.trace))
        landscapes = loss.landscapes if loss.has_picture else None
        around = None if landscapes is None else landscapes.around(count)
        if around is not None and around.loss_target is not None:
            words = say(
                "The last update brings it to {loss}.", loss=shortest_number(around.loss_target)
            )
            remarks.insert(1, Remark(words, "words"))
        plane = loss.planes.at(count + 1)
        if plane is not None and plane.right is not None:
            words = say(
                "At the end {output} gives the right class for {right} of {count} samples.",
                output=Name(plane.output),
                right=sum(plane.right),
                count=len(plane.right),
            )
            remarks.insert(0, Remark(words, "good" if all(plane.right) else "words"))
        paragraphs = [self.remark_lines(remark, room) for remark in remarks]
        if plane is not None and plane.right is not None and len(plane.right) <= MOST_SAMPLES:
            inline, unicode = self.tracer.mathematics.inline, self.tracer.words.unicode
            names = [inline(Name(name)) for name in (plane.inputs, plane.target, plane.output)]
            paragraphs[0] += indented(sample_table(plane, names, unicode), "  ")
        return paragraphs

    def _ways(self) -> list[Offer]:
        """Return the ways on."""
        text, enter = self.tracer.text, self.tracer.key_of("walk.enter")
        if self.side == "first":
            return [Offer(enter, text(say("Begin")), "enter")]
        following = next_scenario(self.session.scenario.name)
        words = say("Choose another scenario")
        if following is not None:
            words = say("Next scenario: {title}", title=load(following).heading)
        return [
            Offer(
                self.tracer.key_of("app.play"),
                text(say("Play: change what is given, and watch")),
                "app.open_screen('play')",
            ),
            Offer(
                self.tracer.key_of("app.check"),
                text(say("Work out: find the values yourself")),
                "app.open_screen('check')",
            ),
            Offer(enter, text(words), "enter"),
        ]

    async def on_click(self, event: events.Click) -> None:
        """Take the way that is clicked."""
        action = self._actions.get(self.place_at(event).y)
        if action is not None:
            await self.app.run_action(action, self.screen)
