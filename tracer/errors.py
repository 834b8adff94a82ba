"""The errors that a user's input can cause.

Each error names the thing, where it stands, what was found and what was expected; the command
line catches the tree once and prints one message. Programming mistakes stay built-in exceptions.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Sequence

from tracer.sentences import Sentence, Text, Translate, join_by_or, plain_text, recognize, say

# Signs that break lines or turn the direction of what follows.
DIRECTIONS = "\u2028\u2029\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


# Conditions of which none may hold: each with what is wrong where it does, what is expected, and,
# where that says more, what was found.
Rules = Sequence[tuple[object, Sentence, Text] | tuple[object, Sentence, Text, Text]]

MOST_NAMES = 12  # how many known names an error lists where none is near
MOST_NEAR = 3  # how many near ones it names


class TracerError(Exception):
    """A message for the user: what is wrong, where, what was found, what was expected.

    Words are sentences (`say`), so that they can be shown in another language; figures, names and
    what was written are plain text.
    """

    def __init__(
        self, what: Sentence, *, where: Text = "", found: Text = "", expected: Text = ""
    ) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.found = found
        self.expected = expected

    def __reduce__(self) -> tuple[object, ...]:
        """Return what a copy is made of: an error goes from one process to another."""
        return _copied_error, (type(self), self.args), self.__dict__

    def __str__(self) -> str:
        """Return the one line a user reads, in English."""
        return self.message_in(str)

    def with_advice(self, options: Collection[str]) -> TracerError:
        """Return the error with advice among the options that a command has; most give none."""
        return self

    def message_in(self, translate: Translate, *, placed: bool = True) -> str:
        """Return the one line a user reads, in a language."""
        return printable(plain_text(self.sentence(placed=placed), translate))

    def sentence(self, *, placed: bool = True) -> Sentence:
        """Return what is said, without the place where that is shown otherwise."""
        line = self.what
        if placed and self.where:
            line = say("{where}: {what}", where=self.where, what=line)
        if self.found:
            line = say("{what}; found {found}", what=line, found=self.found)
        # What `nearest` says is no expectation.
        if (
            isinstance(self.expected, Sentence)
            and self.expected.template == "did you mean {names}?"
        ):
            line = say("{what}; {near}", what=line, near=self.expected)
        elif self.expected:
            line = say("{what}; expected {expected}", what=line, expected=self.expected)
        return line

    def at(self, where: Text) -> TracerError:
        """Return the same error with its place, where it has none yet."""
        if not self.where:
            self.where = where
        return self


def _copied_error(kind: type[TracerError], args: Sequence[object]) -> TracerError:
    """Return an error that has no attributes yet, whatever its kind is made from."""
    return kind.__new__(kind, *args)


class LanguageError(TracerError):
    """A text that is no expression or equation. `start` is its offset in the text."""

    def __init__(
        self,
        what: Sentence,
        *,
        start: int = 0,
        where: Text = "",
        found: Text = "",
        expected: Text = "",
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


def refuse(rules: Rules, error: Callable[..., TracerError] = TracerError) -> None:
    """Raise the error of the first condition that holds, if any does."""
    for is_broken, what, expected, *found in rules:
        if is_broken:
            raise error(what, found=found[0] if found else "", expected=expected)


def nearest(name: str, known: Iterable[str]) -> Text:
    """Return a phrase that names what is near `name`: 'did you mean w1?' or ''."""
    from difflib import get_close_matches  # only where something went wrong: keeps the start quick

    names = list(known)
    initials = [
        item
        for item in names
        if ("_" in item and name == "".join(word[:1] for word in item.split("_")))
        or name.lower() == item.lower()
    ]
    # A few letters in common are no likeness of a long word and a short one, but a part is; what
    # begins otherwise is another word (cumsum is no sum).
    alike = [
        item
        for item in names
        if 3 * abs(len(item) - len(name)) <= max(len(item), len(name))
        or name in item
        or name.startswith(item)
        or name.endswith((f"_{item}", f".{item}"))
    ]
    parts = [item for item in alike if name in item.replace(".", "_").split("_")]
    near = initials or parts or get_close_matches(name, alike, n=MOST_NEAR, cutoff=0.6)
    return say("did you mean {names}?", names=join_by_or(near[:MOST_NEAR])) if near else ""


def known_name(name: str, known: Iterable[str]) -> Text:
    """Return what to write for an unknown name: similar names, else all names.

    Of many names the first are listed, with a sign that there are more.
    """
    names = list(known)
    more = ["…"] if len(names) > MOST_NAMES else []
    return nearest(name, names) or say(
        "one of {known}", known=", ".join([*names[:MOST_NAMES], *more])
    )


def refusal_reason(error: Exception) -> Text:
    """Return why the system refuses a file, as a sentence where it is one that we know."""
    if type(error) is ValueError:  # each version of Python says it in words of its own
        return say("its name has a zero byte")
    if isinstance(error, FileNotFoundError) and isinstance(error.filename, str):
        folder = os.path.dirname(error.filename)  # noqa: PTH120 - quick: no `pathlib` in every start
        if folder and not os.path.lexists(folder):
            return say("no folder {folder}", folder=printable(folder))
    known = (
        say("No such file or directory"),
        say("Permission denied"),
        say("Is a directory"),
        say("Not a directory"),
        say("File exists"),
        say("File name too long"),
        say("No space left on device"),
        say("Read-only file system"),
        say("Operation not permitted"),
        say("Too many levels of symbolic links"),
        say("Input/output error"),
        say("Address already in use"),
    )
    return recognize(getattr(error, "strerror", None) or str(error), known)


def printable(text: str) -> str:
    """Return a line, or a name in it, with control characters shown as signs.

    None reaches a terminal, and a name with a line feed makes no second line.
    """
    return printable_text(text).replace("\n", "␊")


def printable_text(text: str) -> str:
    """Return a text of several lines as `printable` does, the ends of its lines kept."""
    return "\n".join(
        line
        if line.isprintable()
        else "".join(
            chr(0x2400 + ord(character))
            if ord(character) < 32 and character != "\t"
            else "␡"
            if character == "\x7f"
            else "�"
            if 0x80 <= ord(character) < 0xA0
            or character in DIRECTIONS
            or "\ud800" <= character <= "\udfff"  # a byte of a name that is no UTF-8
            else character
            for character in line
        )
        for line in text.split("\n")
    )
