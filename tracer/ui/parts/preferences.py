"""What a reader chose, as long as the app lasts; `settings` keeps it in a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from tracer.errors import TracerError
from tracer.ui.parts.key_bindings import Key

MOST_RECENT: Final = 10


class Preferences:
    """Choices. A subclass that keeps them in a file overrides `remember`."""

    def __init__(self, *, keys: Mapping[str, str] | None = None) -> None:
        # Errors of the settings, which are shown at the start.
        self.problems: list[TracerError] = []
        self.theme = self.language = self.notation = ""
        self.keys = dict(keys or {})
        self.recent: list[str] = []

    def keys_of(self, key: Key) -> str:
        """Return the keys that a binding has now, with commas between them."""
        return self.keys.get(key.id, key.keys)

    def copied_path(self) -> Path:
        """Return the file for what is copied: the same one each time, in the reader's cache.

        Whether a clipboard took it, nobody says.
        """
        from platformdirs import user_cache_path

        return user_cache_path("tracer", appauthor=False) / "copied.txt"

    def remember(self, *, opened: str = "", **choices: str) -> None:
        """Take note of choices, `theme` or `language`; `opened` is the path of a file."""
        vars(self).update(choices)
        if opened:
            self.recent = recent_with(opened, self.recent)


def recent_with(opened: str, paths: Sequence[str]) -> list[str]:
    """Return the recent files after another one was opened, the last one first."""
    return [opened, *(path for path in paths if path != opened)][:MOST_RECENT]
