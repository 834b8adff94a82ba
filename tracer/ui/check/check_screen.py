"""Check mine: a hand calculation with the verdict beside each line, while one types."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

from textual.containers import Container, Horizontal
from textual.message import Message
from textual.widgets import Static, TextArea
from textual.worker import Worker, WorkerCancelled, get_current_worker

from tracer.errors import TracerError
from tracer.narrative.messages import Sentence, say
from tracer.text_width import width
from tracer.ui.check import CHECK, checking
from tracer.ui.check.editor import Editor, Verdicts
from tracer.ui.check.findings_pane import Findings
from tracer.ui.parts.bars import Header, HeaderPart, KeyLine
from tracer.ui.parts.content import content
from tracer.ui.parts.export import copy
from tracer.ui.parts.host import Option
from tracer.ui.parts.key_bindings import bindings
from tracer.ui.parts.reader_files import check_target, read_text, write_text
from tracer.ui.parts.tracer_screen import TracerScreen

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.timer import Timer

    from tracer.check.model.file_report import FileReport
    from tracer.run.trace import Trace

__all__ = ["CheckScreen"]

PAUSE: Final = 0.25  # seconds without a key before a check begins
MOST_PAUSE: Final = 2.0  # where a check takes long


class CheckScreen(TracerScreen):
    """The text and its verdicts, the findings below or beside them."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(CHECK.keys)]
    FOOTER = (
        "check.next",
        "check.repair",
        "check.fill_in",
        "check.open",
        "check.report",
        "check.back",
    )
    AUTO_FOCUS = "#editor"

    class Checked(Message):
        """A check is done: which one, its report or what is wrong with the text, and seconds."""

        def __init__(
            self, number: int, file: FileReport | None, error: Exception | None, seconds: float
        ) -> None:
            super().__init__()
            self.number = number
            self.file = file
            self.error = error
            self.seconds = seconds

    def __init__(self) -> None:
        super().__init__()
        self.report: FileReport | None = None  # on the text as it was when the check began
        self._saved = ""  # the text as it is in a file, or as it was filled in
        self._path = ""  # of the file that was opened
        self._kind = ""  # how it is read; '' where the text itself says
        self._number = 0  # of the last check that was asked for
        self._done = 0
        self._pause = PAUSE
        self._timer: Timer | None = None
        self._trace: Trace | None = None

    def compose(self) -> ComposeResult:
        """Lay the screen out; the style sheet decides where the findings stand."""
        editor = Editor()
        yield Header(id="header")
        yield Static(id="counts")
        with Container(id="check"):
            with Horizontal(id="sheet", classes="pane"):
                yield editor
                yield Verdicts(editor)
            yield Findings()
        yield KeyLine()

    def on_mount(self) -> None:
        """Show the empty sheet."""
        self.session_changed()

    @property
    def editor(self) -> Editor:
        """Where the text is typed."""
        return self.query_one(Editor)

    @property
    def findings(self) -> Findings:
        """What was found."""
        return self.query_one(Findings)

    @property
    def is_unsaved(self) -> bool:
        """Whether there is a text that no file has."""
        text = self.editor.text if self.is_mounted else ""
        return bool(text.strip()) and text != self._saved

    @property
    def _line(self) -> int:
        """The line on which one writes, from 1."""
        return self.editor.selection.end[0] + 1

    @property
    def is_checking(self) -> bool:
        """Whether the report is not yet that of the present text."""
        return self._done != self._number

    # Showing ------------------------------------------------------------------------------------

    def session_changed(self) -> None:
        """Check against the run that is shown now; another language or theme draws anew."""
        if self.session.trace is not self._trace:
            self._trace = self.session.trace
            self._soon()
        sheet = self.query_one("#sheet")
        sheet.border_title = content(f"1 {self.text(say('My calculation'))}").markup
        self.findings.titled()
        self._show()

    def _show(self) -> None:
        """Show the report as far as there is one."""
        report = self.report
        self.findings.take(report, self._line, self._notes())
        self.query_one(Verdicts).show({} if report is None else checking.beside(report))
        self.editor.mark({} if report is None else checking.marks(report))
        self._tell_header()

    def _tell_header(self) -> None:
        beside = say("beside {name}", name=self.session.scenario.name)
        parts = [HeaderPart([(self.text(say("Check mine")), "strong")], 2)]
        parts.append(HeaderPart([(self.text(beside), "")], 1))
        if self._path:
            parts.append(HeaderPart([(self.tracer.text(Path(self._path).name), "")]))
        if self.is_checking:
            parts.append(HeaderPart([(self.text(say("checking")), "strong")]))
        self.query_one(Header).show(parts)
        self.query_one("#counts", Static).update(content(*self._counts()))
        self.show_keys()

    def _counts(self) -> list[tuple[str, str]]:
        """Return the counts; on a second line what has no room on the first."""
        words = self.tracer.words
        styles = {"good": "$tracer-good", "bad": "$tracer-bad"}
        pieces: list[tuple[str, str]] = []
        columns = 0
        for found, count in checking.counted(self.report):
            sign = found.sign if words.unicode else found.ascii
            text = f" {sign} {count} {words(found.words)} "
            columns += width(text)
            if columns > self.size.width:
                columns = width(text)
                pieces.append(("\n", ""))
            pieces.append((text, styles.get(found.role, "") if count else ""))
        return pieces

    def _notes(self) -> list[Sentence]:
        """Return what is said above the findings: what to do, or that nothing is wrong."""
        report = self.report
        if not self.editor.text.strip():
            fill_in, opens = map(self.tracer.key_of, ("check.fill_in", "check.open"))
            return [
                say("Type or paste your calculation; each line is checked as you write."),
                say("{key} writes down the steps of the iteration, to be filled in.", key=fill_in),
                say("{key} opens a file.", key=opens),
            ]
        if report is None:
            return []
        notes = [report.convention] if report.convention is not None else []
        if not checking.told(report):
            if any(finding.reason == "blank" for finding in report.findings):
                notes.append(
                    say("Write numbers in place of the blank that is marked; Tab goes to the next.")
                )
            told = any(finding.verdict == "correct" for finding in report.findings)
            notes.append(
                say("Nothing is wrong in what was read.")
                if told or notes
                else say("No line with a calculation was found: write name = formula = numbers.")
            )
        return notes

    # Checking -----------------------------------------------------------------------------------

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """Check the text once no key has been pressed for a moment."""
        event.stop()
        self._soon()

    def _soon(self) -> None:
        self._number += 1
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(self._pause, self._begin)

    def _begin(self) -> None:
        """Begin a check in a thread; one that is under way ends at its next line."""
        text, number, trace = self.editor.text, self._number, self.session.trace
        if not text.strip():
            self._path = self._kind = ""  # the next text is another one
            self.post_message(self.Checked(number, None, None, 0.0))
            return
        kind = self._kind or checking.kind_of_text(text)
        self.run_worker(
            partial(self._check, number, text, kind, trace),
            thread=True,
            exclusive=True,
            group="check",
            exit_on_error=False,
        )
        self._tell_header()

    def _check(self, number: int, text: str, kind: str, trace: Trace) -> None:
        worker: Worker[None] = get_current_worker()

        def watch() -> None:
            if worker.is_cancelled:
                raise WorkerCancelled

        begin = time.monotonic()
        file: FileReport | None = None
        problem: Exception | None = None
        try:
            file = checking.checked(text, kind, trace, path=self._path, watch=watch)
        except WorkerCancelled:
            return
        except Exception as error:  # noqa: BLE001 - it is shown beside the text
            problem = error
        self.post_message(self.Checked(number, file, problem, time.monotonic() - begin))

    def on_check_screen_checked(self, event: Checked) -> None:
        """Show a report, unless the text has changed since."""
        event.stop()
        self._pause = min(max(PAUSE, event.seconds), MOST_PAUSE)
        if event.number != self._number:
            return
        self._done = event.number
        self.report = event.file
        self._show()
        if event.error is not None:
            if isinstance(event.error, TracerError):
                told = event.error.message_in(self.tracer.words.translate)
            else:
                told = str(event.error)
                self.tracer.report(event.error)
            self.findings.take(None, self._line, (), told)

    # Findings -----------------------------------------------------------------------------------

    def _to_finding(self) -> None:
        finding = self.findings.chosen
        if finding is None:
            return
        place = finding.wrong_place or finding.place
        self.editor.select_place(place.line - 1, place.start, place.end)

    def _step(self, by: int) -> None:
        findings = self.findings
        if not findings.findings:
            self.tracer.tell(say("There is no finding."))
            return
        row = self._line
        if findings.chosen is not None and findings.chosen.line == row:
            at = (findings.at + by) % len(findings.findings)
        else:  # the next one from where the cursor stands
            lines = [finding.line for finding in findings.findings]
            after = [at for at, line in enumerate(lines) if line > row]
            before = [at for at, line in enumerate(lines) if line < row]
            at = (after or [0])[0] if by > 0 else (before or [len(lines) - 1])[-1]
        findings.choose(at)
        self._to_finding()

    def action_next(self) -> None:
        """Go to the next finding; past the last one to the first."""
        self._step(1)

    def action_previous(self) -> None:
        """Go to the finding before."""
        self._step(-1)

    def on_findings_chosen(self) -> None:
        """Show the place of the finding that was chosen."""
        self._to_finding()

    def on_verdicts_chosen(self, event: Verdicts.Chosen) -> None:
        """Go to the line whose verdict was clicked."""
        at = self.findings.at_line(event.row + 1)
        if at is None:
            self.editor.select_place(event.row, 0, 0)
        else:
            self.findings.choose(at)
            self._to_finding()
        self.editor.focus()

    def on_text_area_selection_changed(self, event: TextArea.SelectionChanged) -> None:
        """Show the finding of the line on which one writes."""
        event.stop()
        line = self._line
        chosen = self.findings.chosen
        at = self.findings.at_line(line)
        if at is not None and (chosen is None or chosen.line != line):
            self.findings.choose(at)

    # Repairing ----------------------------------------------------------------------------------

    def action_repair(self) -> None:
        """Write the corrected figure in place of the wrong one; Ctrl+Z takes it back."""
        finding = self.findings.chosen
        found = [] if finding is None else checking.edits([finding])
        if not found:
            self.tracer.tell(say("No single repair fits here."))
        else:
            self._apply(found)

    def action_repair_all(self) -> None:
        """Repair all slips that have a single repair."""
        found = [] if self.report is None else checking.edits(self.report.findings)
        if not found:
            self.tracer.tell(say("There is nothing to repair."))
        else:
            self._apply(found)

    def _apply(self, edits: list[checking.Edit]) -> None:
        editor = self.editor
        if self.is_checking:  # a line above may have changed what is right below
            self.tracer.tell(say("The text has changed since; it is being checked anew."))
            return
        first, last = edits[-1].place.line - 1, edits[0].place.line - 1  # the last one comes first
        lines = [editor.document.get_line(row) for row in range(first, last + 1)]
        end, place = (last, len(lines[-1])), editor.cursor_location
        for edit in edits:
            row = edit.place.line - 1 - first
            lines[row] = lines[row][: edit.place.start] + edit.text + lines[row][edit.place.end :]
        editor.history.checkpoint()  # one change, that Ctrl+Z takes back as one
        editor.replace("\n".join(lines), (first, 0), end)
        editor.history.checkpoint()
        editor.select_place(place[0], place[1], place[1])
        numbers = sorted({edit.place.line for edit in edits})
        listed = ", ".join(map(str, numbers))
        self.tracer.tell(
            say("Line {line} is repaired. Ctrl+Z takes it back.", line=listed)
            if len(numbers) == 1
            else say("Lines {lines} are repaired. Ctrl+Z takes it back.", lines=listed)
        )

    # Texts --------------------------------------------------------------------------------------

    def action_fill_in(self) -> None:
        """Write the steps of the iteration with blanks, below what is there already."""
        number = self.session.place.iteration
        head = self.text(say("Iteration {number}", number=number))
        text = checking.form(self.session, head)
        if checking.BLANK not in text:
            self.tracer.tell(say("The arrays of this scenario are too large to be written down."))
            return
        editor = self.editor
        is_saved = not self.is_unsaved
        written = editor.text.rstrip("\n")
        row = written.count("\n") + 2 if written.strip() else 0
        editor.take(f"{written}\n\n{text}" if written.strip() else text)
        if is_saved:
            self._saved = editor.text
        editor.select_place(row, 0, 0)
        editor.to_blank()
        editor.focus()

    def action_open_file(self) -> None:
        """Ask for a file, and take its text."""
        found: list[tuple[str, str]] = []

        def check(typed: str) -> None:
            path = Path(typed.strip()).expanduser()
            found[:] = [checking.opened(str(path), read_text(path))]

        def take(typed: str) -> None:
            text, self._kind = found[0]
            self._path = str(Path(typed.strip()).expanduser())
            self.editor.take(text)
            self._saved = self.editor.text
            self.editor.focus()

        self.tracer.ask(
            say("Open a calculation"),
            take,
            value=self._path,
            hint=say("A file: .md, .txt, .tex, .ipynb or .py, up to 1 MB."),
            check=check,
        )

    def action_report(self) -> None:
        """Offer the report and the text, to copy or to save."""
        stem = Path(self._path).stem or self.session.scenario.name
        options = [
            Option(self._copy_report, self.text(say("Copy the report as Markdown"))),
            Option(
                partial(self._save, f"{stem}.report.md", self._report_text),
                self.text(say("Save the report as Markdown")),
            ),
            Option(
                partial(self._save, f"{stem}.checked.txt", lambda: self.editor.text),
                self.text(say("Save my calculation")),
            ),
        ]
        self.tracer.choose(say("Report"), options, lambda call: call())

    def _report_text(self) -> str:
        if self.report is None or self.is_checking:
            raise TracerError(
                say("there is no report yet"), expected=say("a text that has been checked")
            )
        return checking.report_in_markdown(self.report, self.tracer.words.translate)

    def _copy_report(self) -> None:
        try:
            copy(self.tracer, self._report_text())
        except TracerError as error:
            self.tracer.report(error)

    def _save(self, name: str, text: Callable[[], str]) -> None:
        source = self.session.scenario.path

        def write(typed: str) -> None:
            path = check_target(typed, source=source)
            saved = text()
            write_text(path, [saved])
            if saved == self.editor.text:
                self._saved = saved
            self.tracer.tell(say("Written: {path}", path=str(path)))

        check = partial(check_target, source=source)
        self.tracer.ask(say("Save as"), write, value=name, check=check)

    def action_back(self) -> None:
        """Go back to the walk; the text stays."""
        self.tracer.open("walk")

    def on_resize(self, event: events.Resize) -> None:
        """Draw the counts for the new room; the findings draw themselves."""
        self.call_after_refresh(self._tell_header)
