"""The file of a calculation: what was opened, whether it is saved; files of recorded values."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from tracer.recorded.recorded_files import read_values
from tracer.recorded.recorded_values import compare_with_scenario
from tracer.render.comparison_text import comparison_text
from tracer.render.screen_lines import safe
from tracer.sentences import say
from tracer.ui.check import checking
from tracer.ui.parts.dialogs import Say
from tracer.ui.parts.export import save_as
from tracer.ui.parts.reader_files import allowed, read_text

if TYPE_CHECKING:
    from tracer.run.short_runs import Progress
    from tracer.ui.check.editor import Editor

__all__ = ["CalculationFile"]

RECORDED: Final = (".json", ".npz")  # endings of files of recorded values


class CalculationFile:
    """The file that the text of an editor is in.

    `saved` is the text as it is in a file, or as it was filled in, `path` the file that was opened
    ('' for none), `kind` how it is read ('' where the text itself says).
    """

    def __init__(self, editor: Editor) -> None:
        self._editor = editor
        self.saved = self.path = self.kind = ""

    @property
    def is_saved(self) -> bool:
        """Whether a file has the text; there is nothing to lose of an empty one."""
        text = self._editor.text
        return not text.strip() or text == self.saved

    def open(self) -> None:
        """Ask for a file, and take its text; recorded values are compared with the run."""
        editor, tracer = self._editor, self._editor.tracer
        found: list[tuple[Path, str, str]] = []

        def check(typed: str) -> None:
            path = Path(typed.strip()).expanduser()
            is_recorded = path.suffix.lower() in RECORDED
            read = ("", "") if is_recorded else checking.opened(str(path), read_text(path))
            found[:] = [(path, *read)]

        def take(_: str) -> None:
            path, text, kind = found[0]
            if path.suffix.lower() in RECORDED:
                self._compare(path)
                return
            if not self.is_saved:
                tracer.tell(say("Ctrl+Z brings back what stood here."))
            self.path, self.kind = str(path), kind
            editor.take(text)
            self.saved = editor.text
            editor.focus()

        tracer.ask(
            say("Open a calculation"),
            take,
            value=self.path,
            hint=say(
                "A file: .md, .txt, .tex, .ipynb or .py, up to 1 MB; or .json or .npz with values "
                "that were recorded."
            ),
            check=check,
        )

    def _compare(self, path: Path) -> None:
        """Say how recorded values differ from the run, as `tracer check --values` does."""
        tracer = self._editor.tracer
        scenario, words = tracer.session.scenario, tracer.words

        def do(progress: Progress) -> str:
            progress(0, 0)
            found = compare_with_scenario(read_values(str(allowed(path))), scenario)
            return "\n".join(comparison_text(found, "", words.translate))

        def show(text: str) -> None:
            tracer.push_screen(Say(path.name, words.spelled(safe(text, lines=True))))

        tracer.work(say("Reading {name}", name=path.name), do, show)

    def save(self, name: str) -> None:
        """Ask for a path, and write the calculation there."""
        text = self._editor.text

        def saved() -> None:
            self.saved = text

        save_as(self._editor.tracer, lambda app: [text], name, saved)
