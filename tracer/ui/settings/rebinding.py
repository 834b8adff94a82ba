"""A reader's own keys: which ids and keys there are, what a rebinding takes from others.

It knows names of keys, and no file and no widget.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from tracer.errors import TracerError, nearest
from tracer.sentences import Sentence, say
from tracer.ui.parts.key_bindings import Key
from tracer.ui.screens import KEYS, TABLES

__all__ = ["Bound", "bound", "checked", "spelled", "taken"]

_MODIFIERS: Final = ("ctrl", "shift", "alt", "super", "meta", "hyper")
_NAMED: Final = (
    *("up", "down", "left", "right", "home", "end", "pageup", "pagedown", "insert", "delete"),
    *("backspace", "tab", "enter", "escape", "space"),
    *(f"f{number}" for number in range(1, 25)),
)
# The names that Textual gives to signs; a reader may write the sign itself.
_SIGNS: Final[Mapping[str, str]] = {
    "!": "exclamation_mark",
    '"': "quotation_mark",
    "#": "number_sign",
    "$": "dollar_sign",
    "%": "percent_sign",
    "&": "ampersand",
    "'": "apostrophe",
    "(": "left_parenthesis",
    ")": "right_parenthesis",
    "*": "asterisk",
    "+": "plus",
    "-": "minus",
    ".": "full_stop",
    "/": "slash",
    ":": "colon",
    ";": "semicolon",
    "<": "less_than_sign",
    "=": "equals_sign",
    ">": "greater_than_sign",
    "?": "question_mark",
    "@": "at",
    "[": "left_square_bracket",
    "\\": "backslash",
    "]": "right_square_bracket",
    "^": "circumflex_accent",
    "_": "underscore",
    "`": "grave_accent",
    "{": "left_curly_bracket",
    "|": "vertical_line",
    "}": "right_curly_bracket",
    "~": "tilde",
    ",": "comma",
}


class Bound(NamedTuple):
    """A binding as it is now: the keys it has, and whether a reader's settings say so."""

    key: Key
    keys: str
    changed: bool
    place: Sentence


def bound(own: Mapping[str, str]) -> Iterator[Bound]:
    """Yield every binding with the keys it has; `own` is what the settings say."""
    for table in TABLES.values():
        for key in table.keys:
            yield Bound(key, own.get(key.id, key.keys), key.id in own, table.place)


def spelled(text: str) -> str:
    """Return keys as Textual names them: `?, ctrl+n` is `question_mark,ctrl+n`.

    Raises: TracerError for what is no key; it names what is near.
    """
    if text.strip() == ",":
        return "comma"
    return ",".join(_spelled(part.strip()) for part in text.split(","))


def _spelled(text: str) -> str:
    is_plus = text == "+" or text.endswith("++")
    *before, last = [*filter(None, text.split("+")), "+"] if is_plus else text.split("+")
    modifiers = [item.strip().lower() for item in before]
    name = last.strip()
    name = _SIGNS.get(name, "space" if last == " " else name)
    if len(name) > 1 and name.lower() in (*_NAMED, *_SIGNS.values()):
        name = name.lower()
    if "shift" in modifiers and len(name) == 1 and name.isalpha():
        modifiers.remove("shift")  # a terminal sends the capital letter
        name = name.upper()
    wrong = [item for item in modifiers if item not in _MODIFIERS]
    if wrong:
        raise _no_key(text, wrong[0], _MODIFIERS)
    is_character = len(name) == 1 and name.isprintable()
    if not is_character and name not in (*_NAMED, *_SIGNS.values()):
        raise _no_key(text, name, (*_NAMED, *_SIGNS.values()))
    return "+".join([*dict.fromkeys(modifiers), name])


def _no_key(text: str, part: str, known: tuple[str, ...]) -> TracerError:
    return TracerError(
        say("there is no such key"),
        found=text or say("nothing"),
        expected=nearest(part.lower(), known)
        or say("a character, or a name such as ctrl+n, f2, enter, up"),
    )


def checked(id: str, keys: object) -> str:
    """Return the keys of a binding as Textual names them.

    Raises: TracerError for an id or a key that there is not; it names what is near.
    """
    if id not in KEYS:
        raise TracerError(
            say("there is no key binding {id}", id=repr(id)),
            expected=nearest(id, tuple(KEYS)) or say("one of the ids that `tracer keys` lists"),
        )
    if isinstance(keys, list) and keys and all(isinstance(item, str) for item in keys):
        return ",".join(spelled(item) for item in keys)
    if not isinstance(keys, str) or not re.search(r"\S", keys):
        raise TracerError(
            say("{id} takes keys", id=id),
            found=repr(keys),
            expected=say("a text, such as 'n' or 'n,ctrl+n'"),
        )
    return spelled(keys)


def taken(own: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Yield (id, key, other id) where keys of a reader's own also belong to something else.

    Two bindings of one key are a conflict where both are in force at once and the reader has
    bound at least one of them.
    """
    now = [(item.key.id, item.keys.split(","), item.changed) for item in bound(own)]
    for place, (id, keys, changed) in enumerate(now):
        for other, others, other_changed in now[place + 1 :]:
            if (changed or other_changed) and any({id, other} <= ids for ids in _IN_FORCE):
                for key in keys:
                    if key in others:
                        yield (id, key, other) if changed else (other, key, id)


def _ids(name: str) -> frozenset[str]:
    """Return the ids that are in force at a place: its own, and what works everywhere."""
    panes = TABLES["pane"].keys if name == "walk" else ()
    return frozenset(key.id for key in (*TABLES[name].in_force, *TABLES["app"].keys, *panes))


_IN_FORCE: Final = tuple(map(_ids, TABLES))
