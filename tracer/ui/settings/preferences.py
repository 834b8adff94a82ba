"""What a reader chose: theme, language, keys, recent files. Here it lasts as long as the app."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from tracer.errors import TracerError

__all__ = ["MOST_RECENT", "Preferences", "recent_with"]

MOST_RECENT = 10


class Preferences:
    """Choices. A subclass that keeps them in a file overrides `remember` and `copied_path`."""

    def __init__(
        self,
        *,
        theme: str = "",
        language: str = "",
        notation: str = "",
        keys: Mapping[str, str] | None = None,
        recent: Sequence[str] = (),
    ) -> None:
        self.problems: list[TracerError] = []  # what is wrong with them, told at the start
        self.theme = theme
        self.language = language
        self.notation = notation
        self.keys = dict(keys or {})
        self.recent = list(recent)
        self._copied: Path | None = None

    def copied_path(self) -> Path:
        """Return the file that takes what is copied: whether a clipboard did, nobody says."""
        import tempfile

        if self._copied is None:
            self._copied = Path(tempfile.mkdtemp(prefix="tracer-")) / "copied.txt"
        return self._copied

    def remember(self, *, opened: str = "", **choices: str) -> None:
        """Take note of choices, `theme` or `language`; `opened` is the path of a file."""
        vars(self).update(choices)
        if opened:
            self.recent = recent_with(opened, self.recent)


def recent_with(opened: str, paths: Sequence[str]) -> list[str]:
    """Return the recent files after another one was opened, the last one first."""
    return [opened, *(path for path in paths if path != opened)][:MOST_RECENT]
