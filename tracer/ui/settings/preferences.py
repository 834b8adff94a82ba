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

    def remember(
        self, *, theme: str | None = None, language: str | None = None, opened: str | None = None
    ) -> None:
        """Take note of a choice; `opened` is the path of a file."""
        if theme is not None:
            self.theme = theme
        if language is not None:
            self.language = language
        if opened is not None:
            self.recent = recent_with(opened, self.recent)


def recent_with(opened: str, paths: Sequence[str]) -> list[str]:
    """Return the recent files after another one was opened, the last one first."""
    return [opened, *(path for path in paths if path != opened)][:MOST_RECENT]
