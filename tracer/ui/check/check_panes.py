"""Panes of a calculation: the value that is asked for, with hints and score; what was found."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual import events

from tracer.check.model.finding import FileReport, Finding
from tracer.expression import Node
from tracer.narrative.derivation_options import PHASES
from tracer.render.mathematics import ENDLESS
from tracer.render.report_text import KINDS
from tracer.render.screen_lines import Line, cut_text, indented, line_width, safe_text
from tracer.sentences import Sentence, Text, say
from tracer.text_width import padded
from tracer.ui.check.checking import SIGNS, verdict_label, worth_telling
from tracer.ui.parts.tracer_screen import Pane
from tracer.worksheets.practice import LEAST_DIGITS, POINTS, STAGES, Answer, Practice, points_of

NUMBERS = 2  # the hint that puts the numbers in
ANSWERED = {
    "right": SIGNS["correct"],
    "carried": SIGNS["carried_forward"],
    "wrong": SIGNS["slip"],
}
UNANSWERED = SIGNS["not_checked"]._replace(sign="·")


TIERS = {
    "rounded": say("rounded, which is enough"),
    "chopped": say("cut off, not rounded"),
    "within_rounding": say("within the rounding of its inputs"),
    "last_digit": say("the last digit differs"),
}


class QuestionPane(Pane):
    """The value that is asked for, or the score."""

    NUMBER = 2
    NAME = say("Your task")
    ABOUT = say(
        "The value that is asked for, and the numbers that go into it. A value "
        "counts three points; each hint and each wrong try costs one. An answer "
        "that follows correctly from your own wrong value is right."
    )

    def __init__(self, practice: Callable[[], Practice | None]) -> None:
        super().__init__(id="asked")
        self._practice = practice
        self.is_summary = False
        self.notes: Sequence[Sentence] = ()  # notes that stand where nothing was tried yet

    def sign(self, answer: Answer) -> tuple[str, str]:
        """Return the sign of an answer and its role; a value that was shown has none of its own."""
        mark = UNANSWERED if answer.hints == STAGES else ANSWERED.get(answer.outcome, UNANSWERED)
        return self.tracer.words.terminal_text(mark.sign), mark.role

    def draw(self) -> None:
        """Draw the question, or the summary."""
        practice = self._practice()
        room = max(self.room.width - 2, 8)
        if practice is None:
            lines = self._sentence_lines(say("Choosing the values to ask about"), room, "faint")
        elif not practice.questions:
            lines = self._sentence_lines(
                say("From here on no value can be worked out by hand."), room
            )
        else:
            lines = (self._summary if self.is_summary else self._question)(practice, room)
        if len(lines) > self.room.height:
            lines = [each for each in lines if each]
        self.show(indented(lines))

    def _sentence_lines(self, sentence: Sentence, room: int, role: str = "words") -> list[Line]:
        return self.tracer.mathematics.sentences([sentence], room, role)

    # The question -------------------------------------------------------------------------------

    def _question(self, practice: Practice, room: int) -> list[Line]:
        answer = practice.answer
        show_value = answer.is_seen
        line = practice.line(numbers=answer.hints >= NUMBERS or show_value, result=show_value)
        height = max(self.room.height - 8, 3)
        formula = self.tracer.mathematics.equation(line, room, height)
        if not show_value:
            unbroken = self.tracer.mathematics.equation(line, ENDLESS, height)
            formula = _with_mark(formula, room, is_whole=len(unbroken) == len(formula))
        lines = [*formula, *self._given_lines(practice, room), *self._other_entries(practice, room)]
        if practice.question.equation.phase == "update":
            primed = say("A prime marks the value after the update.")
            lines += self._sentence_lines(primed, room, "faint")
        lines += self._verdict(answer, room)
        if answer.hints and not answer.is_right:
            lines += self._hints(practice, room)
        if not practice.is_begun and answer.note is None:
            scheme = say(
                "A value counts {points} points. Each hint and each wrong try costs one; "
                "a value that is shown counts 0. An answer that follows correctly from "
                "your own wrong value is right.",
                points=str(POINTS),
            )
            lines.append([])
            for sentence in (*self.notes, scheme):
                lines += self._sentence_lines(sentence, room, "faint")
        return lines

    def _given_lines(self, practice: Practice, room: int) -> list[Line]:
        """Return the numbers that go in, as many as fit on a line."""
        numbers = practice.known_numbers()
        if practice.answer.hints >= NUMBERS and not any(number.is_own for number in numbers):
            return []  # the numbers stand in the formula
        return self._side_by_side(
            [
                (
                    f"{self._form(practice, number.name)} = {self._form(practice, number.value)}",
                    "numbers",
                    say("yours") if number.is_own else None,
                )
                for number in numbers
            ],
            room,
        )

    def _form(self, practice: Practice, node: Node) -> str:
        """Return a name or a value as it is drawn."""
        return self.tracer.mathematics.inline(practice.in_notation(node))

    def _other_entries(self, practice: Practice, room: int) -> list[Line]:
        """Return the other entries of the array whose value is seen, and what became of each."""
        pieces: list[tuple[str, str, Sentence | None]] = []
        for question, answer in practice.seen_entries:
            result = practice.steps[question].result
            assert result is not None, "what has none is not asked for"
            own = answer.text.rpartition("=")[2] if answer.is_right else ""
            value = own.strip() or self._form(practice, result)
            sign, role = self.sign(answer)
            text = f"{sign} {self._form(practice, practice.name(question))} = {value}"
            pieces.append((text, role, None if answer.is_right else say("shown")))
        return self._side_by_side(pieces, room)

    def _side_by_side(
        self, pieces: Sequence[tuple[str, str, Sentence | None]], room: int
    ) -> list[Line]:
        """Return texts with their roles and notes, as many on a line as fit, below an empty one."""
        lines: list[Line] = []
        for text, role, note in pieces:
            piece = [(cut_text(text, room, self.tracer.words.ellipsis), role)]
            piece += [] if note is None else [(f" ({self.tracer.text(note)})", "faint")]
            if not lines or line_width(lines[-1]) + line_width(piece) > room:
                lines.append([])
            lines[-1] = [*lines[-1], *piece, ("   ", "")]
        return [[], *lines] if lines else []

    def _verdict(self, answer: Answer, room: int) -> list[Line]:
        """Return what is said of the last answer."""
        lines: list[Line] = []
        if answer.outcome:
            sign, role = self.sign(answer)
            outcome = self.outcome(answer)
            lines += [[], *self.tracer.mathematics.wrapped(f"{sign} {outcome}", room, role)]
            if answer.outcome == "carried":
                lines += self._sentence_lines(say("The value from the run is shown above."), room)
            if answer.outcome == "right" and answer.finding is not None:
                for remark in answer.finding.remarks:
                    lines += self._sentence_lines(remark, room)
        if answer.note is not None:
            note = self.tracer.mathematics.sentences([answer.note], room - 2)
            lines += [[], [(self.tracer.words.terminal_text("– "), "faint"), *note[0]], *note[1:]]
        return lines

    def outcome(self, answer: Answer) -> str:
        """Say what an answer was; a wrong one with the kind of slip, not with the right number."""
        text, finding, points = self.tracer.text, answer.finding, str(answer.points)
        if answer.outcome == "carried":
            carried = say(
                "Right from your own wrong value, carried forward: {points} {points:point|points}",
                points=points,
            )
            return text(carried)
        if answer.outcome == "right":
            how = None if finding is None else TIERS.get(str(finding.tier))
            points_text = text(say("Right: {points} {points:point|points}", points=points))
            return points_text if how is None else f"{points_text} ({text(how)})"
        if answer.is_near:
            near = say(
                "Close: less than a tenth off. {digits} correct digits are enough. Try again.",
                digits=str(LEAST_DIGITS),
            )
            return text(near)
        if finding is None or finding.kind is None:
            return text(say("Not right. Try again, or take a hint."))
        what = text(KINDS[finding.kind])
        return text(say("Not right: look at the {what}. Try again.", what=what))

    # Hints --------------------------------------------------------------------------------------

    def _hints(self, practice: Practice, room: int) -> list[Line]:
        """Return the hints that were taken; numbers and value stand in the formula itself."""
        head, *others = (
            say("Hint 1, the rule:"),
            say("Hint 2, with the numbers of the run, shown above."),
            say("Hint 3, the value, shown above; type it and go on."),
        )
        rules = self.tracer.mathematics.sentences(practice.rules(), room)
        hints = others[: practice.answer.hints - 1]
        return [[], *self._sentence_lines(head, room, "label"), *rules] + [
            line for words in hints for line in self._sentence_lines(words, room, "label")
        ]

    # The summary --------------------------------------------------------------------------------

    def _summary(self, practice: Practice, room: int) -> list[Line]:
        points, most = practice.total
        words = self.tracer.words
        head = say("{points} of {most} points", points=str(points), most=str(most))
        lines: list[Line] = [[(self.tracer.text(head), "strong")], []]
        for phase, answers in practice.answers_by_phase().items():
            points, most = points_of(answers)
            summary = say(
                "{points} of {most} points, {answered} of {count} values",
                points=str(points),
                most=str(most),
                answered=str(sum(answer.is_right for answer in answers)),
                count=str(len(answers)),
            )
            title = padded(self.tracer.text(Sentence(PHASES[phase])), 12)
            lines.append([(title, "label"), (" " + self.tracer.text(summary), "words")])
        summary = say(
            "Hints: {hints}. Wrong tries: {wrong}. Carried forward: {carried}.",
            hints=str(sum(answer.hints for answer in practice.answers)),
            wrong=str(sum(answer.wrong for answer in practice.answers)),
            carried=str(sum(answer.outcome == "carried" for answer in practice.answers)),
        )
        lines += [[], *self._sentence_lines(summary, room)]
        if practice.slips:
            lines += [[], [(words(say("Slips by kind")), "label")]]
            for kind, count in practice.slips.most_common():
                lines.append([(f"{count:>3}  {words(KINDS[kind])}", "words")])
        if practice.left_out:
            left = say(
                "Steps left out, as they are not worked out by hand: {count}.",
                count=str(practice.left_out),
            )
            lines += [[], *self._sentence_lines(left, room, "faint")]
        return lines


def _with_mark(drawn: list[Line], room: int, *, is_whole: bool) -> list[Line]:
    """Return a formula with `= ?` behind its last sign; below it where it goes on over lines."""
    mark: Line = [(" = ", "sign"), ("?", "lit")]
    signs = [
        place
        for place, line in enumerate(drawn)
        if any(role == "sign" and text.strip() for text, role in line)
    ]
    at = signs[-1] if signs else len(drawn) - 1
    size = max(map(line_width, drawn[at:]))
    if not is_whole or line_width(drawn[at]) < size or size + line_width(mark) > room:
        return [*drawn, mark]
    return [*drawn[:at], [*drawn[at], *mark], *drawn[at + 1 :]]


MOST_DRAWN = 300  # findings that are listed; the verdicts beside the lines are all there


class FindingsPane(Pane):
    """The findings one below the other; one of them is chosen."""

    NAME = say("Findings")

    def __init__(self) -> None:
        super().__init__(id="findings")
        self.findings: list[Finding] = []
        self.at = 0
        self.notes: Sequence[Text] = ()
        self._owners: list[int | None] = []  # the finding of each line

    @property
    def chosen_finding(self) -> Finding | None:
        """The finding of the cursor."""
        return self.findings[self.at] if self.at < len(self.findings) else None

    def take(
        self,
        file: FileReport | None,
        line: int,
        notes: Sequence[Text] = (),
    ) -> None:
        """Show another report; none without one.

        Chosen is what is found on the line on which one writes, from 1; where that is nothing, the
        finding that was chosen, or the one in its place.
        """
        chosen = self.chosen_finding
        self.findings = [] if file is None else worth_telling(file)
        on_line = self.finding_on_line(line)
        nearest = min(self.at, max(len(self.findings) - 1, 0))
        self.at = nearest if on_line is None else on_line
        if chosen in self.findings and on_line in (None, self.finding_on_line(chosen.line)):
            self.at = self.findings.index(chosen)
        self.notes = notes
        self.draw()

    def choose(self, at: int) -> None:
        """Choose another finding."""
        if self.findings:
            self.at = min(max(at, 0), len(self.findings) - 1)
            self.draw()

    def finding_on_line(self, line: int) -> int | None:
        """Return the finding on a line of the text, from 1."""
        return next((at for at, finding in enumerate(self.findings) if finding.line == line), None)

    # Drawing ------------------------------------------------------------------------------------

    def draw(self) -> None:
        """Draw all findings and keep the chosen one in sight."""
        if not self.is_visible:
            return  # before the layout the room is not known; the pane draws once it has one
        room = max(self.room.width - 3, 8)
        lines: list[Line] = []
        mathematics = self.tracer.mathematics
        for note in self.notes:
            lines += mathematics.wrapped(self.tracer.text(note), room, "faint")
        self._owners = [None] * len(lines)
        for at, finding in enumerate(self.findings[:MOST_DRAWN]):
            entry_lines = self._entry(finding, room, is_here=at == self.at)
            lines += entry_lines
            self._owners += [at] * len(entry_lines)
        left = len(self.findings) - MOST_DRAWN
        if left > 0:
            lines.append([(self.tracer.text(say("{count} more", count=left)), "faint")])
        self.show(indented(lines), home=False)
        own = [y for y, owner in enumerate(self._owners) if owner == self.at]
        for y in (*own[-1:], *own[:1]):
            self.reveal(y)

    def _entry(self, finding: Finding, room: int, *, is_here: bool) -> list[Line]:
        words = self.tracer.words
        label = verdict_label(finding)
        mark = "▸" if is_here else " "
        what = self.tracer.text(label.words)
        head = words.terminal_text(f"{mark} {label.sign} ") + self.tracer.text(
            say("line {line}: {what}", line=finding.line, what=what)
        )
        lines: list[Line] = [[(head, "cursor" if is_here else label.role)]]
        for sentence in (finding.message, *finding.remarks):
            if sentence is not None:
                lines += self._indented_lines(self.tracer.text(sentence), room)
        if finding.suggestion is not None:
            text = words.terminal_text(safe_text(finding.suggestion.strip()))
            corrected = self.tracer.text(say("corrected: {text}", text=text))
            lines += self._indented_lines(corrected, room, "result")
        return lines

    def _indented_lines(self, text: str, room: int, role: str = "words") -> list[Line]:
        return indented(self.tracer.mathematics.wrapped(text, room - 4, role), "    ")

    # Moving -------------------------------------------------------------------------------------

    def action_move(self, by: int) -> None:
        """Choose the finding below, or above."""
        before = self.at
        self.choose(self.at + by)
        if self.at != before:
            self.call_later(self.screen.run_action, "show_finding")
        elif not self.findings:
            super().action_move(by)

    def on_click(self, event: events.Click) -> None:
        """Choose the finding that is clicked."""
        y = self.place_at(event).y
        owner = self._owners[y] if 0 <= y < len(self._owners) else None
        if owner is not None:
            self.choose(owner)
            self.call_later(self.screen.run_action, "show_finding")
