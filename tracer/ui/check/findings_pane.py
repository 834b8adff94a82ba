"""What was found in a hand calculation: each slip with its cause and the corrected line."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.message import Message

from tracer.check.model.file_report import FileReport
from tracer.check.model.finding import Finding
from tracer.render.screen_lines import Line, safe_text
from tracer.sentences import Text, say
from tracer.ui.check.checking import verdict_label, worth_telling
from tracer.ui.parts.tracer_screen import Pane

MOST_DRAWN = 300  # findings that are listed; the verdicts beside the lines are all there


class FindingsPane(Pane):
    """The findings one below the other; one of them is chosen."""

    NAME = say("Findings")

    class Chosen(Message):
        """A finding was clicked, or chosen with a key."""

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
        on_line = self.at_line(line)
        nearest = min(self.at, max(len(self.findings) - 1, 0))
        self.at = nearest if on_line is None else on_line
        if chosen in self.findings and on_line in (None, self.at_line(chosen.line)):
            self.at = self.findings.index(chosen)
        self.notes = notes
        self.draw()

    def choose(self, at: int) -> None:
        """Choose another finding."""
        if self.findings:
            self.at = min(max(at, 0), len(self.findings) - 1)
            self.draw()

    def at_line(self, line: int) -> int | None:
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
            drawn = self._entry(finding, room, is_here=at == self.at)
            lines += drawn
            self._owners += [at] * len(drawn)
        left = len(self.findings) - MOST_DRAWN
        if left > 0:
            lines.append([(self.tracer.text(say("{count} more", count=left)), "faint")])
        self.show([[(" ", ""), *line] for line in lines], home=False)
        own = [y for y, owner in enumerate(self._owners) if owner == self.at]
        for y in (*own[-1:], *own[:1]):
            self.reveal(y)

    def _entry(self, finding: Finding, room: int, *, is_here: bool) -> list[Line]:
        words = self.tracer.words
        found = verdict_label(finding)
        mark = "▸" if is_here else " "
        what = self.tracer.text(found.words)
        head = words.terminal_text(f"{mark} {found.sign} ") + self.tracer.text(
            say("line {line}: {what}", line=finding.line, what=what)
        )
        lines: list[Line] = [[(head, "cursor" if is_here else found.role)]]
        for sentence in (finding.message, *finding.remarks):
            if sentence is not None:
                lines += self._indented(self.tracer.text(sentence), room)
        if finding.suggestion is not None:
            text = words.terminal_text(safe_text(finding.suggestion.strip()))
            corrected = self.tracer.text(say("corrected: {text}", text=text))
            lines += self._indented(corrected, room, "result")
        return lines

    def _indented(self, text: str, room: int, role: str = "words") -> list[Line]:
        drawn = self.tracer.mathematics.wrapped(text, room - 4, role)
        return [[("    ", ""), *line] for line in drawn]

    # Moving -------------------------------------------------------------------------------------

    def action_move(self, by: int) -> None:
        """Choose the finding below, or above."""
        before = self.at
        self.choose(self.at + by)
        if self.at != before:
            self.post_message(self.Chosen())
        elif not self.findings:
            super().action_move(by)

    def on_click(self, event: events.Click) -> None:
        """Choose the finding that is clicked."""
        y = self.place_at(event).y
        owner = self._owners[y] if 0 <= y < len(self._owners) else None
        if owner is not None:
            self.choose(owner)
            self.post_message(self.Chosen())
