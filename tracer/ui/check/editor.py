"""Where a hand calculation is typed, with the verdict beside each line, and its file."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from rich.style import Style
from rich.text import Text
from textual import events
from textual.geometry import Offset
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import TextArea
from textual.widgets.text_area import Edit, EditResult, Selection

from tracer.recorded.recorded_files import read_values
from tracer.recorded.recorded_values import compare_with_scenario
from tracer.render.comparison_text import comparison_text
from tracer.render.screen_lines import cut_text, safe_text
from tracer.run.short_runs import Progress
from tracer.sentences import say
from tracer.ui.check import EDITOR, checking
from tracer.ui.check.checking import LineVerdict
from tracer.ui.parts.dialogs import InputDialog, MessageDialog, ProgressDialog
from tracer.ui.parts.export import save_as
from tracer.ui.parts.host import RolePainter
from tracer.ui.parts.reader_files import allowed_path, read_text, typed_path

RECORDED: Final = (".json", ".npz")  # endings of files of recorded values
MOST_CHARACTERS: Final = 1_000_000  # longest text that the checker reads
MOST_IN_A_LINE: Final = 20_000  # longest line that a terminal draws in time
_LINE_END: Final = re.compile("\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_BLANK: Final = re.compile("_{3,}")


def clean_text(text: str) -> str:
    """Return a text as it may be typed into the editor: signs for control characters, tabs kept."""
    parts = _LINE_END.sub("\n", text).split("\t")
    return "\t".join(safe_text(part, lines=True) for part in parts)


class Editor(RolePainter, TextArea, keys=EDITOR.keys):
    """A text with marked figures; long lines go on below. Tab goes to the next blank.

    `saved` is the text as it is in a file, or as it was filled in, `path` the file that was opened
    ('' for none), `kind` how it is read ('' where the text itself says).
    """

    def __init__(self) -> None:
        super().__init__(id="editor", soft_wrap=True, show_line_numbers=True, tab_behavior="focus")
        self.match_cursor_bracket = False  # a bracket is looked for through all of a long text
        self._marked: Mapping[int, Sequence[tuple[int, int, str]]] = {}
        self.saved = self.path = self.kind = ""

    def mark(self, marks: Mapping[int, Sequence[tuple[int, int, str]]]) -> None:
        """Mark other places: by line from 1, columns half open, a role."""
        if marks != self._marked:
            self._marked = marks
            self._line_cache.clear()  # what Textual keeps of lines knows nothing of marks
            self.refresh()

    def get_line(self, line_index: int) -> Text:
        """Return a line with its marks."""
        line = super().get_line(line_index)
        for start, end, role in self._marked.get(line_index + 1, ()):
            line.stylize(self.style_of(role) + Style(underline=True), start, end)
        return line

    def edit(self, edit: Edit) -> EditResult:
        """Change the text; what comes in is cleaned, and refused where it is too large."""
        text = clean_text(edit.text)
        size = len(self.text) if len(text) > 1 else 0
        longest = max(map(len, text.split("\n"))) if len(text) > 1 else 0
        longest += len(self.document.get_line(edit.from_location[0])) if longest else 0
        if size + len(text) > MOST_CHARACTERS or longest > MOST_IN_A_LINE:
            self.tracer.show_message(
                say(
                    "Not accepted: a text has at most {most} characters, and a line {line}.",
                    most=f"{MOST_CHARACTERS:,}",
                    line=f"{MOST_IN_A_LINE:,}",
                ),
                bad=True,
            )
            place = edit.from_location
            return super().edit(Edit("", place, place, edit.maintain_selection_offset))
        return super().edit(
            Edit(text, edit.from_location, edit.to_location, edit.maintain_selection_offset)
        )

    def scroll_cursor_visible(self, center: bool = False, animate: bool = False) -> Offset:
        """Scroll to the cursor, where there is one.

        While many lines are undone Textual asks for it before it has put the cursor back into what
        is left of the text, and would fail; it asks again afterwards.
        """
        if self.cursor_location[0] >= self.document.line_count:
            return Offset()
        return super().scroll_cursor_visible(center, animate)

    def take(self, text: str) -> None:
        """Put a text in place of all there is; that can be undone."""
        self.history.checkpoint()
        self.replace(text, (0, 0), self.document.end, maintain_selection_offset=False)
        self.move_cursor((0, 0))

    def to_end_of(self, row: int) -> None:
        """Put the cursor behind a line."""
        self.move_cursor((row, len(self.document.get_line(row))))

    def break_line(self) -> None:
        """Begin a new line at the cursor, as Enter does."""
        self.replace("\n", *sorted(self.selection), maintain_selection_offset=False)
        self.scroll_cursor_visible()

    def to_free_line(self) -> None:
        """Put the cursor on an empty line at the end."""
        self.move_cursor(self.document.end)
        if self.document.get_line(self.document.line_count - 1):
            self.break_line()

    def write_guess(self, row: int, name: str, answer: str, head: str) -> None:
        """Write a line as `name = answer` below a head, and select it, to be typed over.

        A head stands apart from what is above it, or it would be read as the end of that line.
        """
        line = self.document.get_line(row)
        above = self.document.get_line(row - 1).strip() if head and row else ""
        before = "\n" * bool(above) + head + "\n" * bool(head)
        self.replace(f"{before}{name} = {answer}", (row, 0), (row, len(line)))
        row += before.count("\n")
        self.select_place(row, 0, len(self.document.get_line(row)))

    def action_blank(self) -> None:
        """Select the next blank; without one go to the next widget."""
        if not self.to_blank():
            self.screen.focus_next()

    def to_blank(self) -> bool:
        """Select the next blank after the cursor, or from the start; tell whether there is one."""
        row, column = self.selection.end
        count = self.document.line_count
        for turn in range(count + 1):
            at = (row + turn) % count
            blank = _BLANK.search(self.document.get_line(at), column if turn == 0 else 0)
            if blank is not None:
                self.select_place(at, blank.start(), blank.end())
                return True
        return False

    def select_place(self, row: int, start: int, end: int) -> None:
        """Select a place, as far as it is there, and show it."""
        row = min(max(row, 0), self.document.line_count - 1)
        length = len(self.document.get_line(row))
        self.selection = Selection((row, min(start, length)), (row, min(end, length)))
        self.scroll_cursor_visible()

    # Its file -----------------------------------------------------------------------------------

    @property
    def read_as(self) -> str:
        """How the text is read."""
        return self.kind or checking.kind_of_text(self.text)

    @property
    def is_saved(self) -> bool:
        """Whether a file has the text; there is nothing to lose of an empty one."""
        return not self.text.strip() or self.text == self.saved

    def open_file(self) -> None:
        """Ask for a file, and take its text; recorded values are compared with the run."""
        documents: list[tuple[Path, str, str]] = []

        def check(typed: str) -> None:
            path = typed_path(typed)
            is_recorded = path.suffix.lower() in RECORDED
            contents = (
                ("", "") if is_recorded else checking.open_document(str(path), read_text(path))
            )
            documents[:] = [(path, *contents)]

        def take(_: str) -> None:
            path, text, kind = documents[0]
            if path.suffix.lower() in RECORDED:
                self._compare(path)
                return
            if not self.is_saved:
                self.tracer.show_message(say("Ctrl+Z brings back the text that was here."))
            self.path, self.kind = str(path), kind
            self.take(text)
            self.saved = self.text
            self.focus()

        InputDialog(
            say("Open a calculation"),
            value=self.path,
            hint=say(
                "A file: .md, .txt, .tex, .html, .ipynb or .py, up to 1 MB; or .json or .npz with "
                "values that were recorded."
            ),
            check=check,
        ).open(self.tracer, take)

    def _compare(self, path: Path) -> None:
        """Say how recorded values differ from the run, as `tracer check --values` does."""
        tracer = self.tracer
        scenario, translate = tracer.session.scenario, tracer.words.translate

        def do(progress: Progress) -> str:
            progress(0, 0)
            comparison = compare_with_scenario(read_values(str(allowed_path(path))), scenario)
            return "\n".join(comparison_text(comparison, "", translate))

        ProgressDialog(
            say("Reading {name}", name=path.name),
            do,
            lambda text: tracer.push_screen(MessageDialog(path.name, text)),
        ).start(tracer)

    def save_text(self, name: str) -> None:
        """Ask for a path, and write the calculation there."""
        text = self.text

        def saved(_: Path) -> None:
            self.saved = text

        save_as(self.tracer, lambda _: [text], name, saved)


class Verdicts(RolePainter, Widget):
    """The verdict of each line, beside its first row: it scrolls with the editor."""

    def __init__(self, editor: Editor) -> None:
        super().__init__(id="verdicts")
        self._editor = editor
        self._verdicts: Mapping[int, LineVerdict] = {}

    def on_mount(self) -> None:
        """Follow the editor."""
        for name in ("scroll_y", "virtual_size", "size"):
            self.watch(self._editor, name, self._follow, init=False)

    def _follow(self) -> None:
        self.refresh()

    def show(self, lines: Mapping[int, LineVerdict]) -> None:
        """Show other verdicts, by line from 1."""
        self._verdicts = lines
        self.refresh()

    def _row(self, y: int) -> tuple[int, bool] | None:
        """Return the line of the text that a row of the editor shows, and if it begins there."""
        wrapped = self._editor.wrapped_document
        at = y + int(self._editor.scroll_offset.y)
        if not 0 <= at < wrapped.height or y >= self._editor.scrollable_content_region.height:
            return None
        row, column = wrapped.offset_to_location(Offset(0, at))
        return row, column == 0

    def render_line(self, y: int) -> Strip:
        """Draw the verdict of one line of the editor."""
        row, room = self._row(y), self.size.width
        verdict = self._verdicts.get(row[0] + 1) if row is not None and row[1] else None
        if verdict is None:
            return self.strip([], room)
        app = self.tracer
        words = cut_text(app.text(verdict.words), room - 3, app.words.ellipsis) if room > 6 else ""
        return self.strip(
            [(app.words.terminal_text(f" {verdict.sign} ") + words, verdict.role)], room
        )

    async def on_click(self, event: events.Click) -> None:
        """Go to the line."""
        row = self._row(event.y)
        if row is not None:
            await self.screen.run_action(f"show_line({row[0]})")
