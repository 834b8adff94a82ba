"""What options may be, on the command line and from Python alike.

It is loaded at every start of the command, so it loads nothing but words and errors.
"""

from __future__ import annotations

from collections.abc import Sequence

from tracer.errors import RunError
from tracer.sentences import Text, say

DETAILS = ("summary", "equation", "operation", "element")
# The formats of headings, formulas and tables, each with the endings of its files.
FORMATS = {
    "terminal": (".txt",),
    "markdown": (".md", ".markdown"),
    "latex": (".tex",),
    "json": (".json",),
    "html": (".html", ".htm"),
}
NOTATIONS = ("textbook", "code")
LEAST_DIGITS = 2  # significant digits of results
MOST_DIGITS = 15  # as many as a number of 64 bits always has


def not_allowed(name: str, value: object, expected: Text) -> RunError:
    """Return the error of an argument that has a value it may not have."""
    return RunError(say("{name} is not allowed", name=f"{name}={value!r}"), expected=expected)


def check_whole(name: str, value: object, low: int, high: int) -> None:
    """Raise RunError unless an argument is a whole number within bounds."""
    if not isinstance(value, int) or not low <= value <= high:
        expected = say("a whole number from {low} to {high}", low=low, high=high)
        raise not_allowed(name, value, expected)


def check_share(name: str, value: float) -> None:
    """Raise RunError unless an argument is a number from 0 to 1."""
    if not 0 <= value <= 1:
        raise not_allowed(name, value, say("a number from 0 to 1"))


def check_digits(digits: int) -> None:
    """Raise RunError unless results can have so many significant digits."""
    check_whole("digits", digits, LEAST_DIGITS, MOST_DIGITS)


def check_choice(name: str, value: str, choices: Sequence[str]) -> None:
    """Raise RunError unless an argument is one of its choices."""
    if value not in choices:
        raise not_allowed(name, value, say("one of {names}", names=", ".join(choices)))
