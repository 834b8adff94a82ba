"""A calculation of one's own: values are guessed one by one, and pages judged while one types."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from textual.app import ComposeResult
from textual.containers import Container, Horizontal, Vertical
from textual.timer import Timer
from textual.widgets import TextArea
from textual.worker import Worker, WorkerCancelled, get_current_worker

from tracer.check.model.finding import FileReport, Finding, Report
from tracer.check.repairing import repair_text, repair_throughout, repairs_of
from tracer.check.trace.traced_view import TracedView
from tracer.document_check import check_beside
from tracer.errors import TracerError
from tracer.frozen import replace
from tracer.narrative.session import Session
from tracer.render.report_markdown import report_markdown
from tracer.run.trace import Trace
from tracer.sentences import Sentence, say
from tracer.ui.check import CHECK, checking
from tracer.ui.check.check_panes import FindingsPane, QuestionPane
from tracer.ui.check.editor import Editor, Verdicts
from tracer.ui.parts.dialogs import ChoiceDialog, ProgressDialog, look_for_values
from tracer.ui.parts.export import copy_text, save_as
from tracer.ui.parts.host import Option
from tracer.ui.parts.step_panes import NetworkPane
from tracer.ui.parts.tracer_screen import TracerScreen, content
from tracer.worksheets.practice import MOST_QUESTIONS, STAGES, Practice
from tracer.worksheets.worksheet_making import BLANK

PAUSE: Final = 0.5  # seconds without a key before a check begins
PAGE: Final = 3  # lines, above which a text without a calculation is told so


class CheckScreen(TracerScreen, table=CHECK):
    """The text and its verdicts; beside it what is asked for, the findings, and the network."""

    FOOTER = (
        "editor.enter",
        "check.hint",
        "check.next",
        "check.repair",
        "check.report",
        "check.open",
        "check.fill_in",
        "check.previous",
        "check.repair_all",
        "app.palette",
        "app.back",
    )
    AUTO_FOCUS = "#editor"

    def __init__(self) -> None:
        super().__init__()
        self.editor = Editor()
        self.findings = FindingsPane()
        # Where the walk stands meanwhile, and the step from which on values are asked for.
        self.walked: tuple[Session, tuple[int, int], int] | None = None
        # The report on the text as it was when the check began.
        self.report: FileReport | None = None
        # The text that was checked, and the run beside it.
        self._checked: tuple[str, Trace | None] = (
            "",
            None,
        )
        self.shown_report: FileReport | None = None  # the report with what is said of guesses
        self._problems: Sequence[Sentence] = ()  # why there is no report
        self._timer: Timer | None = None
        self.begins = 1  # the iteration that lines above all heads belong to
        self._is_named = False  # whether a value is asked for because the line names it
        # The line of a wrong guess that can be typed over: its row, the value, and what it says.
        self._wrong: tuple[int, int, str] | None = None
        self._typed = 0  # the line that was changed and not left since; 0 for none
        self._trace: Trace | None = None

    def contents(self) -> ComposeResult:
        """Lay the screen out; the style sheet decides where the findings stand."""
        with Container(id="check"):
            with Horizontal(id="sheet", classes="pane"):
                yield self.editor
                yield Verdicts(self.editor)
            with Vertical(id="beside"):
                yield QuestionPane(lambda: self.tracer.predictions.practice)
                yield self.findings
                yield NetworkPane()

    @property
    def unsaved_question(self) -> Sentence | None:
        """The question before an unsaved text is lost; None where there is none."""
        return None if self.editor.is_saved else say("Your calculation is not saved.")

    @property
    def is_checking(self) -> bool:
        """Whether the report is not yet that of the present text."""
        return self._checked != (self.editor.text, self.session.trace)

    # Showing ------------------------------------------------------------------------------------

    def session_changed(self) -> None:
        """Check against the run that is shown now; another language or theme draws anew."""
        if self.session.trace is not self._trace:
            self._trace = self.session.trace
            self.check_soon()
            if self.walked is not None and self.walked[0] is self.session:
                self.session.go(*self.walked[1])
                self.ask_from_walk()
        sheet = self.query_one("#sheet")
        sheet.border_title = content(f"1 {self.tracer.text(say('My calculation'))}").markup
        self.findings.show_frame_title()
        if self.walked is not None:
            self.show_asked()
        else:
            self.show_report()

    def show_report(self) -> None:
        """Show the report as far as there is one."""
        lines = self.editor.text.split("\n")
        guessed = checking.guesses_on(lines, self.begins, self.tracer.predictions.practices.get)
        report = self.report
        if report is not None:
            before = self._checked[0].split("\n")
            same = {
                at
                for at, (now, checked) in enumerate(zip(lines, before, strict=False), 1)
                if now == checked
            }
            others = checking.without_guesses(report, guessed, self._typed, same)
            report = replace(others, findings=[*others.findings, *guessed.values()])
            self.findings.take(others, self.line, self._notes(report))
        else:
            self.findings.take(None, self.line, self._problems)
        self.shown_report = report
        counts = "" if report is None else checking.counts_in_words(report, self.tracer.words)
        self.query_one("#sheet").border_subtitle = content(counts).markup
        self.query_one(Verdicts).show({} if report is None else checking.verdicts_by_line(report))
        self.editor.mark({} if report is None else checking.figure_marks(report))
        is_found = bool(self.findings.findings or self.findings.notes)
        is_guessing = self.practice is not None and self.practice.is_begun
        is_here = self.findings.finding_on_line(self.line) is not None or bool(self._problems)
        self.set_class(is_found, "-found")
        self.set_class(is_found and (is_here or not is_guessing), "-finding")
        self._tell_header()

    def _tell_header(self) -> None:
        part, practice = self.part, self.practice
        beside = say("beside {name}", name=self.session.scenario.name)
        parts = [part(say("Work out"), "strong", 2), part(beside, "", 3)]
        if self.editor.path:
            parts.append(part(Path(self.editor.path).name, "", 1))
        if practice is not None:
            points, most = map(str, practice.total)
            at, count = practice.at + 1, len(practice.questions)
            parts += [
                part(say("iteration {number}", number=practice.number), "", 1),
                part(say("value {at}/{count}", at=at, count=count)),
                part(say("{points} of {most} points", points=points, most=most), "strong"),
            ]
        if self.is_checking and self.editor.text.strip():
            parts.append(part(say("checking"), "strong"))
        self.show_header(parts)

    def _notes(self, report: FileReport) -> list[Sentence]:
        """Return what is said above the findings: in which world, and what to do with blanks."""
        notes = [report.convention] if report.convention is not None else []
        if any(each.reason == "blank" for each in report.findings):
            notes.append(
                say("Write numbers in place of the blank that is marked; Tab goes to the next.")
            )
        elif not report.findings and self.editor.document.line_count > PAGE:
            notes.append(
                say("No line with a calculation was found: write name = formula = numbers.")
            )
        return notes

    # Guesses ------------------------------------------------------------------------------------

    def on_screen_resume(self) -> None:
        """Ask for values, unless that goes on."""
        if self.walked is None:
            self.ask_from_walk()

    def ask_from_walk(self) -> None:
        """Ask for the values from where the walk stands; at its end for all, from the first on."""
        session = self.session
        place = session.place[:2]
        if session.is_at_end:
            session.first()
        self.walked = (session, place, session.place.step)
        self.ask()

    def on_screen_suspend(self) -> None:
        """Leave the walk where it was; what lies on top for a while changes nothing."""
        if not self.app.screen.is_modal:
            self.restore_walk()

    def restore_walk(self) -> None:
        """Go back to where the walk stands, and show all of its values again."""
        walked, session = self.walked, self.session
        self.walked = None
        if walked is not None and walked[0] is session:
            session.hidden_from = None
            session.go(*walked[1])
            self.tracer.session_changed.publish(session)

    def action_back(self) -> None:
        """Go back to the walk, which finds its place as soon as it is in front."""
        self.restore_walk()
        super().action_back()

    @property
    def practice(self) -> Practice | None:
        """What judges the guesses in the iteration of the walk; None where none can be made."""
        practice = self.tracer.predictions.practice
        return practice if practice is not None and practice.questions else None

    def ask(self) -> None:
        """Ask for the value of the step where one stands, or for the next one that is open."""
        predictions, practice = self.tracer.predictions, self.practice
        if practice is not None:
            practice.to_step(self.session.place.step)
            if practice.answer.is_right:
                practice.to_open()
            self.query_one(QuestionPane).is_summary = practice.is_over
        elif predictions.practice is None:
            look_for_values(self.tracer, lambda _: self.ask())
        self.show_asked()

    def show_asked(self) -> None:
        """Show what is asked for, and the network without the values that are not seen yet."""
        practice, session = self.practice, self.session
        if practice is not None and self.walked is not None:
            session.go(practice.number, practice.question.step)
            # What is asked for is hidden, though the walk has shown it.
            begin = min(self.walked[2], practice.question.step)
            session.hidden_from = self.tracer.predictions.first_hidden_step(begin)
        asked = self.query_one(QuestionPane)
        fill_in, opens = map(self.tracer.key_of, ("check.fill_in", "check.open"))
        asked.notes = (
            ()
            if self.editor.text.strip()
            else (
                say("Type the value, or your working; an array as [1, 2]. Or paste a calculation."),
                say(
                    "{key} writes down the steps for you to fill in; {opens} opens a file.",
                    key=fill_in,
                    opens=opens,
                ),
            )
        )
        is_hinted = practice is not None and practice.answer.hints and not asked.is_summary
        self.set_class(bool(is_hinted), "-hinted")
        for pane in (asked, self.query_one(NetworkPane)):
            pane.show_session()
        self.show_report()

    def action_enter(self) -> None:
        """Judge the line where it is a guess; begin the next one, unless the guess is wrong.

        On a line that is empty, or cannot be read, say what is to be typed there; an empty one
        below another one stays alone.
        """
        row, guess = self.line - 1, self.guess
        if guess is not None:
            self.editor.to_end_of(row)
        above, line = ["", *self.editor.text.split("\n")][row : row + 2]
        is_read = guess is not None or checking.is_readable(line) or bool(self.editor.kind)
        if self.practice is not None and not is_read:
            self._put_back(row)
            self.practice.judge(line)
            self.show_asked()
        if (above or line).strip() and (guess is None or self._judge(row, guess)):
            self.editor.break_line()

    def _judge(self, row: int, guess: checking.Guess) -> bool:
        """Judge a guess and write the values that are missing before it; tell whether to go on."""
        practice = self.practice
        if practice is None:
            return True
        named = practice.questions_named(guess.name or guess.words)
        if named is None or (guess.name and not named):
            self._put_back(row)
            return True
        if named and practice.at not in named:
            practice.at = named[0]
        if practice.answer.is_right and not practice.to_open(named):
            self._put_back(row)
            return True  # the value is seen already
        if guess.name and guess.answer == practice.answer.text:
            return True  # the value is left as it is
        name = guess.name or practice.written_name(guess.answer, unicode=self.tracer.words.unicode)
        if self._wrong is not None and self._wrong[1] != practice.at:
            row = self._put_back(row)
        outcome = practice.judge(guess.answer)
        self.editor.write_guess(row, name, guess.answer, self._head(row))
        is_right = outcome in ("right", "carried")
        here = self.line - 1
        self._wrong = None if is_right else (here, practice.at, self.editor.document.get_line(here))
        if is_right:
            self.editor.to_end_of(self.line - 1)
            practice.to_open()
            self._is_named = False  # the line below asks for this one, whatever was named here
            self.query_one(QuestionPane).is_summary = practice.is_over
        self.check_soon()
        self.show_asked()
        return is_right

    def _put_back(self, row: int) -> int:
        """Write a wrong answer back that no other answer was typed over; return the line's row."""
        wrong, self._wrong = self._wrong, None
        if wrong is None or wrong[0] != row or self.editor.document.get_line(row) == wrong[2]:
            return row
        self.editor.insert(f"{wrong[2]}\n", (row, 0))
        return row + 1

    def count_right(self, file: FileReport) -> None:
        """Take the right values that were pasted, or left without Enter, as answers."""
        practice = self.practice
        if practice is None:
            return
        at, before = practice.at, practice.total
        is_right = {each.line: each.verdict == "correct" for each in file.findings}
        for line, number, guess in checking.results_in(self.editor.text.split("\n"), self.begins):
            if number == practice.number and line != self.line and is_right.get(line):
                named = practice.questions_named(guess.name)
                practice.at = named[0] if named else practice.at
                if named and not practice.answer.is_right:
                    practice.judge(guess.answer)
        practice.at = at
        if practice.total != before:
            if practice.answer.is_right:
                practice.to_open()
            self.show_asked()

    def _head(self, row: int) -> str:
        """Return the line that says which iteration it is; '' where that is written above."""
        numbers = checking.iterations_of(self.editor.text.split("\n")[:row])
        number = self.session.place.iteration
        is_written = bool(numbers) and numbers[-1] == number
        return "" if is_written else self.tracer.text(say("Iteration {number}", number=number))

    def action_hint(self) -> None:
        """Give the next hint; the last one shows the value."""
        practice = self.practice
        if practice is None:
            return
        if practice.answer.is_right:
            self.tracer.show_message(say("This value is answered."))
        elif practice.answer.hints == STAGES:
            self.tracer.show_message(say("There is no further hint."))
        practice.hint()
        self.query_one(QuestionPane).is_summary = False
        if self.guess is None:
            self.editor.to_free_line()
        self.show_asked()

    def action_show_step(self) -> None:
        """Ask for what was chosen in the drawing."""
        if self.practice is not None:
            self.practice.to_step(self.session.place.step)
            self.ask_at(self.practice.at)

    def ask_at(self, at: int, *, is_named: bool = False) -> bool:
        """Ask for another value; tell whether there is one. Behind the last stands the score.

        One that `is_named` on the line is asked for as long as one writes there.
        """
        practice, asked = self.practice, self.query_one(QuestionPane)
        if practice is None:
            return False
        asked.is_summary, self._is_named = at >= len(practice.questions), is_named
        if not asked.is_summary:
            practice.at = max(at, 0)
        practice.answer.note = None
        self.show_asked()
        return True

    @property
    def line(self) -> int:
        """The line on which one writes, from 1."""
        return self.editor.selection.end[0] + 1

    @property
    def guess(self) -> checking.Guess | None:
        """The line on which one writes, where it is a guess."""
        return checking.guess_of(self.editor.document.get_line(self.line - 1))

    def begin_again(self) -> None:
        """Forget the answers of the iteration, and take their lines out: Ctrl+Z takes that back."""
        lines, number = self.editor.text.split("\n"), self.session.place.iteration
        own = {line for line, of, _ in checking.results_in(lines, self.begins) if of == number}
        self.editor.take("\n".join(text for at, text in enumerate(lines, 1) if at not in own))
        self.check_soon()  # the answers would be counted again by a report on the text of before
        self.tracer.predictions.begin_again()
        self.session.go(self.session.place.iteration)
        self.ask()

    # Checking -----------------------------------------------------------------------------------

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """Check the text once no key has been pressed for a moment."""
        event.stop()
        self._typed = self.line
        if bool(self.editor.text.strip()) == bool(self.query_one(QuestionPane).notes):
            is_typed = self.editor.document.line_count == 1  # no page that was pasted or opened
            self.begins = self.session.place.iteration if is_typed else 1
            self.show_asked()
        else:
            self.show_report()
        self.check_soon()

    def check_soon(self) -> None:
        """Check the text anew once no key has been pressed for a moment."""
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(PAUSE, self._begin)

    def _begin(self) -> None:
        """Begin a check in a thread; one that is under way ends at its next line."""
        text, trace = self.editor.text, self.session.trace
        if not text.strip():
            self.editor.path = self.editor.kind = ""  # the next text is another one
            self.call_later(self.show_checked, (text, trace), None)
            return
        self.run_worker(
            partial(self._check, text, self.editor.read_as, trace),
            thread=True,
            exclusive=True,
            group="check",
            exit_on_error=False,
        )
        self._tell_header()

    def _check(self, text: str, kind: str, trace: Trace) -> None:
        worker: Worker[None] = get_current_worker()

        def watch() -> None:
            if worker.is_cancelled:
                raise WorkerCancelled

        try:
            file = self._report_on(text, kind, trace, watch)
        except WorkerCancelled:
            return
        except Exception as error:  # noqa: BLE001 - it is shown beside the text
            self.call_later(self.show_checked, (text, trace), None, error)
        else:
            self.call_later(self.show_checked, (text, trace), file)

    def _report_on(
        self, text: str, kind: str, trace: Trace, watch: Callable[[], object] | None = None
    ) -> FileReport:
        """Return the report on a text. Raises TracerError where it cannot be read."""
        path, begin = self.editor.path or "text", self.begins
        return check_beside(text, kind, TracedView(trace), path=path, begin=begin, watch=watch)

    def show_checked(
        self,
        checked: tuple[str, Trace],
        file: FileReport | None,
        error: Exception | None = None,
    ) -> None:
        """Show the report on a text, or why it could not be checked.

        Where there is another text or run by now, it shows nothing.
        """
        if checked != (self.editor.text, self.session.trace):
            return
        self.report, self._checked = file, checked
        self._problems = ()
        if file is not None:
            self.count_right(file)
        if isinstance(error, TracerError):
            self._problems = [error.sentence()]
        elif error is not None:
            self.tracer.report(error)
        self.show_report()

    # Findings -----------------------------------------------------------------------------------

    def action_show_finding(self) -> None:
        """Show the place of the finding that was chosen."""
        finding = self.findings.chosen_finding
        if finding is None:
            return
        place = finding.wrong_place or finding.place
        self.editor.select_place(place.line - 1, place.start, place.end)

    def action_step(self, way: str) -> None:
        """Go to the next finding or the one before, round past the end.

        Where there is none leave this value; behind the last one stands the score.
        """
        by = 1 if way == "next" else -1
        lines = [finding.line for finding in self.findings.findings]
        if lines:
            ahead = [at for at, line in enumerate(lines) if (line - self.line) * by > 0]
            self.findings.choose((ahead or range(len(lines)))[0 if by > 0 else -1])
            self.action_show_finding()
            return
        asked, practice = self.query_one(QuestionPane), self.practice
        at = -1 if practice is None else practice.at + by * (not asked.is_summary)
        if self.ask_at(at):
            self.editor.to_free_line()
        else:
            self.tracer.show_message(say("There are no findings."))

    def action_show_line(self, row: int) -> None:
        """Go to a line, from 0, whose verdict was clicked."""
        at = self.findings.finding_on_line(row + 1)
        if at is None:
            self.editor.select_place(row, 0, 0)
        else:
            self.findings.choose(at)
            self.action_show_finding()
        self.editor.focus()

    def on_text_area_selection_changed(self, event: TextArea.SelectionChanged) -> None:
        """Show the finding of the line on which one writes."""
        event.stop()
        self._typed = self.line if self.line == self._typed else 0
        guess, practice = self.guess, self.practice
        named = (
            practice.questions_named(guess.name or guess.words)
            if practice is not None and guess is not None
            else ()
        )
        if practice is not None and named and practice.at not in named:
            self.ask_at(named[0], is_named=True)
        elif practice is not None and self._is_named and not named and practice.to_open():
            self.ask_at(practice.at)
        else:
            self.show_report()

    # Repairing ----------------------------------------------------------------------------------

    def action_repair(self) -> None:
        """Write the corrected figure in place of the wrong one; Ctrl+Z takes it back.

        From a line without a calculation, go to the first slip.
        """
        chosen = self.findings.chosen_finding
        here = [each for each in self._findings if each.line == self.line]
        is_meant = chosen is not None and (not here or chosen.line == self.line)
        if chosen is not None and is_meant and self._repair([chosen], repair_text):
            return
        places = enumerate(self.findings.findings)
        slips = [at for at, each in places if each.verdict == "slip"]
        if not here and slips:
            self.findings.choose(slips[0])
            self.action_show_finding()
        elif not here:
            self.tracer.show_message(say("There is nothing to judge on this line."))
        elif all(each.verdict in ("correct", "rounding", "carried_forward") for each in here):
            self.tracer.show_message(say("There is nothing to repair."))
        elif self.guess is not None:
            key = self.tracer.key_of("check.hint")
            self.tracer.show_message(say("This is your guess; {key} gives a hint.", key=key))
        else:
            self.tracer.show_message(say("No single repair fits here."))

    @property
    def _findings(self) -> Sequence[Finding]:
        """All findings that are shown, those on right lines among them."""
        report = self.shown_report
        return () if report is None else report.findings

    def action_repair_all(self) -> None:
        """Repair all slips that have a single repair, and the lines that follow from them."""
        trace, kind = self.session.trace, self.editor.read_as

        def throughout(text: str, file: FileReport) -> str:
            return repair_throughout(text, file, lambda each: self._report_on(each, kind, trace))[0]

        if not self._repair(self._findings, throughout):
            self.tracer.show_message(say("There is nothing to repair."))

    def _repair(
        self, findings: Sequence[Finding], repaired: Callable[[str, FileReport], str]
    ) -> bool:
        """Repair the slips among some findings; tell whether there is any to repair."""
        file, text = self.report, self.editor.text
        if file is None or not repairs_of(file := replace(file, findings=findings)):
            return False
        if self.is_checking:  # a line above may have changed what is right below
            self.tracer.show_message(say("The text has changed since; it is being checked again."))
        else:
            work = ProgressDialog(
                say("Repairing"), lambda _: repaired(text, file), self._take_repaired
            )
            work.start(self.tracer, at_once=repaired is repair_text)
        return True

    def _take_repaired(self, text: str) -> None:
        """Take a text with repairs; what was repaired on a line is a value that was shown."""
        editor, practice = self.editor, self.practice
        row, column = editor.cursor_location
        pairs = zip(editor.text.split("\n"), text.split("\n"), strict=True)
        lines = [line for line, (before, after) in enumerate(pairs, 1) if before != after]
        for line, number, guess in checking.results_in(text.split("\n"), self.begins):
            if practice is not None and line in lines and number == practice.number:
                practice.show(practice.questions_named(guess.name) or ())
        editor.take(text)
        editor.history.checkpoint()  # one change, that Ctrl+Z takes back as one
        editor.select_place(row, column, column)
        listed = ", ".join(map(str, lines))
        self.tracer.show_message(
            say("Line {line} is repaired. Ctrl+Z undoes this.", line=listed)
            if len(lines) == 1
            else say("Lines {lines} are repaired. Ctrl+Z undoes this.", lines=listed)
        )

    # Texts --------------------------------------------------------------------------------------

    def action_fill_in(self) -> None:
        """Write the steps of the iteration with blanks, below what is there already."""
        number = self.session.place.iteration
        head = self.tracer.text(say("Iteration {number}", number=number))
        is_drawn = self.tracer.words.unicode and self.tracer.formula_style == "textbook"
        inline = self.tracer.mathematics.inline if is_drawn else None
        text = checking.blank_form(self.session, head, inline)
        if BLANK not in text:
            self.tracer.show_message(
                say("The arrays of this scenario are too large to be written down.")
            )
            return
        editor = self.editor
        is_saved = editor.is_saved
        document = editor.text.rstrip("\n")
        row = document.count("\n") + 2 if document.strip() else 0
        editor.take(f"{document}\n\n{text}" if document.strip() else text)
        if is_saved:
            editor.saved = editor.text
        editor.select_place(row, 0, 0)
        editor.to_blank()
        editor.focus()

    def action_open_file(self) -> None:
        """Ask for a file, and take its text."""
        self.editor.open_file()

    def action_report(self) -> None:
        """Offer the report and the text, to copy or to save."""
        stem = Path(self.editor.path).stem or self.session.scenario.name
        options = [
            Option(
                lambda: copy_text(self.tracer, self._report_text()),
                self.tracer.text(say("Copy the report as Markdown")),
            ),
            Option(
                partial(
                    save_as,
                    self.tracer,
                    lambda _: [self._report_text()],
                    f"{stem}.report.md",
                ),
                self.tracer.text(say("Save the report as Markdown")),
            ),
            Option(
                partial(self.editor.save_text, f"{stem}.checked.txt"),
                self.tracer.text(say("Save my calculation")),
            ),
            Option(partial(self.ask_at, MOST_QUESTIONS), self.tracer.text(say("Show the score"))),
            Option(
                self.begin_again, self.tracer.text(say("Begin the values of this iteration again"))
            ),
        ]
        ChoiceDialog(say("Report"), options).open(self.tracer, lambda call: call())

    def _report_text(self) -> str:
        if self.shown_report is None or self.is_checking:
            raise TracerError(
                say("there is no report yet"), expected=say("a text that has been checked")
            )
        return "".join(report_markdown(Report([self.shown_report]), self.tracer.words.translate))
