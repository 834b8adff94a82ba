"""A reader's settings and keys, in a TOML file of the user's configuration folder.

A file with a fault is told of, with file and line, and never written to. A file without one keeps
its comments and whatever else stands in it; it is written whole or not at all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tracer.bounded_read import read_text
from tracer.errors import TracerError, known_name, nearest, refusal_reason
from tracer.narrative.catalogue import languages
from tracer.program.document import key_places, read_toml
from tracer.sentences import Sentence, Text, join_by_or, say
from tracer.ui.key_tables import KEYS, TABLES
from tracer.ui.parts.key_bindings import Key
from tracer.ui.parts.preferences import MOST_RECENT, Preferences, recent_with
from tracer.ui.parts.reader_files import MOST_BYTES, write_text
from tracer.ui.parts.themes import NAMES

if TYPE_CHECKING:
    from tomlkit import TOMLDocument

# A reader's own keys: which there are, and what a rebinding takes from others

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


class BoundKey(NamedTuple):
    """A binding as it is now: the keys it has, and whether a reader's settings say so."""

    key: Key
    keys: str
    changed: bool
    place: Sentence


def bound_keys(own: Mapping[str, str]) -> Iterator[BoundKey]:
    """Yield every binding with the keys it has; `own` is what the settings say."""
    for table in TABLES.values():
        for key in table.keys:
            yield BoundKey(key, own.get(key.id, key.keys), key.id in own, table.place)


def key_names(text: str) -> str:
    """Return keys as Textual names them: `?, ctrl+n` is `question_mark,ctrl+n`.

    Raises: TracerError for what is no key; it names what is near.
    """
    if text.strip() == ",":
        return "comma"
    return ",".join(_key_name(part.strip()) for part in text.split(","))


def _key_name(text: str) -> str:
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


def check_keys(id: str, keys: object) -> str:
    """Return the keys of a binding as Textual names them.

    Raises: TracerError for an id or a key that there is not; it names what is near.
    """
    if id not in KEYS:
        raise TracerError(
            say("there is no key binding {id}", id=repr(id)),
            expected=nearest(id, tuple(KEYS)) or say("one of the ids that `tracer keys` lists"),
        )
    if isinstance(keys, list) and keys and all(isinstance(item, str) for item in keys):
        return ",".join(key_names(item) for item in keys)
    if not isinstance(keys, str) or not re.search(r"\S", keys):
        raise TracerError(
            say("{id} takes keys", id=id),
            found=repr(keys),
            expected=say("a text, such as 'n' or 'n,ctrl+n'"),
        )
    return key_names(keys)


def taken_keys(own: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Yield (id, key, other id) where keys of a reader's own also belong to something else.

    Two bindings of one key are a conflict where both are in force at once and the reader has
    bound at least one of them.
    """
    now = [(item.key.id, item.keys.split(","), item.changed) for item in bound_keys(own)]
    for place, (id, keys, changed) in enumerate(now):
        for other, others, other_changed in now[place + 1 :]:
            if (changed or other_changed) and any({id, other} <= ids for ids in _IN_FORCE):
                for key in keys:
                    if key in others:
                        yield (id, key, other) if changed else (other, key, id)


# The ids in force at each place: its own, what works everywhere, and in the walk its panes'.
_IN_FORCE: Final = tuple(
    frozenset(key.id for key in (*table.in_force, *TABLES["app"].keys, *panes))
    for name, table in TABLES.items()
    for panes in [TABLES["pane"].keys if name == "walk" else ()]
)


# Choices

SETTINGS: Final = ("theme", "language", "notation", "recent", "keys")
HEAD: Final = """\
# Settings of tracer. `tracer keys` lists what can stand under [keys], as:
#
#   [keys]
#   "walk.next" = "n, f9"

"""


def settings_path() -> Path:
    """Return where the settings are, whether or not the file is there."""
    from platformdirs import user_config_path

    return user_config_path("tracer", appauthor=False) / "settings.toml"


class Settings(Preferences):
    """Preferences of a file. `problems` is what is wrong in it, a message each.

    Nothing is written while there are problems, nor where `is_kept` is False; a choice then lasts
    as long as the app. `failed` is called with what went wrong in writing.
    """

    def __init__(self, path: Path | None = None, *, is_kept: bool = True) -> None:
        super().__init__()
        self.path = settings_path() if path is None else path
        self.is_kept = is_kept
        self._lines: dict[tuple[str | int, ...], int] = {}
        self.failed: Callable[[TracerError], object] = lambda error: None
        self._read()

    # Reading ------------------------------------------------------------------------------------

    def _read(self) -> None:
        try:
            if not self.path.exists():
                return
            text = read_text(self.path, most=MOST_BYTES)
            content = read_toml(text, str(self.path))
        except TracerError as error:
            self.problems.append(error.at(str(self.path)))
            return
        except OSError as error:  # the folder may not be entered
            self._wrong(say("the file cannot be read"), found=refusal_reason(error))
            return
        self._lines = {path: place.line for path, place in key_places(text).items()}
        for name in content:
            if name not in SETTINGS:
                self._wrong(
                    say("there is no setting {name}", name=repr(name)),
                    at=(name,),
                    expected=known_name(name, SETTINGS),
                )
        self.theme = self._one_of(content, "theme", NAMES)
        self.language = self._one_of(content, "language", languages())
        self.notation = self._one_of(content, "notation", ("textbook", "code"))
        recent = content.get("recent", [])
        if isinstance(recent, list) and all(isinstance(item, str) for item in recent):
            self.recent = recent[:MOST_RECENT]
        else:
            self._wrong(
                say("recent is not a list of paths"), at=("recent",), expected='["my.toml"]'
            )
        keys = content.get("keys", {})
        if isinstance(keys, dict):
            self._take_keys(dict(_flat_ids(keys)))
        else:
            self._wrong(say("keys is not a table"), at=("keys",), expected="[keys]")

    def _one_of(self, content: Mapping[str, Any], name: str, known: tuple[str, ...]) -> str:
        value = content.get(name, "")
        if isinstance(value, str) and (not value or value in known):
            return value
        self._wrong(
            say("there is no such {name}", name=name),
            at=(name,),
            found=repr(value),
            expected=nearest(str(value), known) or join_by_or(known),
        )
        return ""

    def _take_keys(self, keys: Mapping[tuple[str, ...], object]) -> None:
        stands = {".".join(path): path for path in keys}
        for path, value in keys.items():
            id = ".".join(path)
            try:
                self.keys[id] = check_keys(id, value)
            except TracerError as error:
                self.problems.append(error.at(self._where(("keys", *path))))
        while (conflict := next(taken_keys(self.keys), None)) is not None:
            id, key, other = conflict
            self._wrong(
                say("{id} and {other} have the same key", id=id, other=other),
                at=("keys", *stands[id]),
                found=key,
                expected=say(
                    "another key for one of them; until then {id} is at its default", id=id
                ),
            )
            del self.keys[id]

    def _where(self, at: tuple[str, ...]) -> str:
        lines = (self._lines.get(at[:length]) for length in range(len(at), 0, -1))
        line = next(filter(None, lines), None)
        return str(self.path) if line is None else f"{self.path}:{line}"

    def _wrong(
        self, what: Sentence, *, at: tuple[str, ...] = (), found: Text = "", expected: Text = ""
    ) -> None:
        where = self._where(at) if at else str(self.path)
        self.problems.append(TracerError(what, where=where, found=found, expected=expected))

    # Writing ------------------------------------------------------------------------------------

    def remember(self, *, opened: str = "", **choices: str) -> None:
        """Take note of choices and write them down."""
        if opened:
            opened = str(Path(opened).absolute())  # the next start may be in another folder
        super().remember(opened=opened, **choices)
        if self.problems or not self.is_kept:
            return
        try:
            self._write(choices, opened)
        except TracerError as error:
            self.is_kept = False  # told once, not at every choice
            self.failed(error)

    def _write(self, changes: Mapping[str, str], opened: str) -> None:
        """Write changes into the file as it is now. Raises TracerError.

        Of recent files what another tracer has noted since stays.
        """
        import tomlkit
        from tomlkit.exceptions import TOMLKitError

        try:
            text = read_text(self.path, most=MOST_BYTES) if self.path.exists() else HEAD
            document: TOMLDocument = tomlkit.parse(text)
            document.update(changes)
            if opened:
                noted = document.unwrap().get("recent")
                former = [str(path) for path in noted] if isinstance(noted, list) else []
                paths = tomlkit.array().multiline(True)
                paths.extend(recent_with(opened, former))
                document["recent"] = paths
        except TOMLKitError as error:
            raise TracerError(
                say("the settings were changed and are no longer TOML"),
                where=str(self.path),
                found=str(error),
            ) from None
        except OSError as error:
            raise TracerError(
                say("the settings cannot be written"),
                where=str(self.path),
                found=refusal_reason(error),
            ) from None
        write_text(self.path, [tomlkit.dumps(document)], is_own=True)


def _flat_ids(
    table: Mapping[str, Any], above: tuple[str, ...] = ()
) -> Iterator[tuple[Any, object]]:
    """Yield ids with their keys: `walk.next = "n"` is a table in a table to TOML."""
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _flat_ids(value, (*above, name))
        else:
            yield (*above, name), value
