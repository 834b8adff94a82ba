"""What a user can cause: one small tree of errors.

Each error names the thing, where it stands, what was found and what was expected; the command
line catches the tree once and prints one message. Programming mistakes stay built-in exceptions.
"""

from __future__ import annotations

from collections.abc import Iterable

__all__ = [
    "LanguageError",
    "LimitError",
    "RunError",
    "ScenarioError",
    "ShapeError",
    "TracerError",
    "UnknownNameError",
    "nearest",
    "printable",
]


NEAR = "did you mean "

# Signs that break lines or turn the direction of what follows.
DIRECTIONS = "\u2028\u2029\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


class TracerError(Exception):
    """A message for the user: what is wrong, where, what was found, what was expected."""

    def __init__(self, what: str, *, where: str = "", found: str = "", expected: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.found = found
        self.expected = expected

    def __str__(self) -> str:
        """Return the one line a user reads."""
        message = f"{self.where}: {self.what}" if self.where else self.what
        if self.found:
            message += f"; found {self.found}"
        if self.expected.startswith(NEAR):
            message += f"; {self.expected}"
        elif self.expected:
            message += f"; expected {self.expected}"
        return printable(message)

    def at(self, where: str) -> TracerError:
        """Return the same error with its place, where it has none yet."""
        if not self.where:
            self.where = where
        return self


class LanguageError(TracerError):
    """A text that is no expression or equation. `start` is its offset in the text."""

    def __init__(
        self, what: str, *, start: int = 0, where: str = "", found: str = "", expected: str = ""
    ) -> None:
        super().__init__(what, where=where, found=found, expected=expected)
        self.start = start


class ShapeError(TracerError):
    """Shapes that do not fit an operation; the message names both."""


class UnknownNameError(TracerError):
    """A name that nothing has; the message lists what is near it."""


class ScenarioError(TracerError):
    """A scenario file, or an override of it, that cannot be used."""


class LimitError(TracerError):
    """Something larger than tracer reads or keeps."""


class RunError(TracerError):
    """A run that cannot start or a question that a trace cannot answer."""


def nearest(name: str, known: Iterable[str]) -> str:
    """Return a phrase that names what is near `name`: 'did you mean w1?' or ''."""
    from difflib import get_close_matches  # only where something went wrong: keeps the start quick

    found = get_close_matches(name, list(known), n=3, cutoff=0.6)
    return f"{NEAR}{' or '.join(found)}?" if found else ""


def printable(text: str) -> str:
    """Return the text with control characters shown as signs, so that none reaches a terminal."""
    if text.isprintable():
        return text
    return "".join(
        chr(0x2400 + ord(character))
        if ord(character) < 32 and character not in "\n\t"
        else "␡"
        if character == "\x7f"
        else "�"
        if 0x80 <= ord(character) < 0xA0 or character in DIRECTIONS
        else character
        for character in text
    )
