"""What a reader chose: theme, language, keys, recent files. Here it lasts as long as the app."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tracer.errors import TracerError

__all__ = ["MOST_RECENT", "Preferences"]

MOST_RECENT = 10


class Preferences:
    """Choices. A subclass that keeps them in a file overrides `remember`."""

    def __init__(
        self,
        *,
        theme: str = "",
        language: str = "",
        keys: Mapping[str, str] | None = None,
        recent: Sequence[str] = (),
    ) -> None:
        self.problems: list[TracerError] = []  # what is wrong with them, told at the start
        self.theme = theme
        self.language = language
        self.keys = dict(keys or {})
        self.recent = list(recent)

    def remember(
        self, *, theme: str | None = None, language: str | None = None, opened: str | None = None
    ) -> None:
        """Take note of a choice; `opened` is the path of a file."""
        if theme is not None:
            self.theme = theme
        if language is not None:
            self.language = language
        if opened is not None:
            self.recent = [opened, *(path for path in self.recent if path != opened)]
            del self.recent[MOST_RECENT:]
