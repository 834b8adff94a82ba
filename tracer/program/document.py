"""A TOML document whose parts know where they stand. It knows no key of a scenario.

`Document` holds the parsed tree and the place of each key, whether in the file or in an override;
`TomlTable` reads one table of it and turns what does not fit into a ScenarioError. `tomllib` does
not say where a key stood: a scanner reads the text that it has accepted; on any other text that
stops early, without an error.

What may stand at a key is a `KeyType`, a key with what it means a row, a table its rows. A range
stands in one place, the type of the row: the reader enforces it, and what says it (an error, the
interface, completion, the documents) asks the same type.
"""

from __future__ import annotations

import math
import re
import tomllib
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from copy import copy
from decimal import Decimal
from functools import reduce
from types import MappingProxyType
from typing import Any, Final

from tracer.errors import ScenarioError, nearest, printable_text
from tracer.frozen import Frozen, Value, replace
from tracer.lazy_regex import lazy_regex
from tracer.program.given_array import GivenArray, Written
from tracer.sentences import Sentence, Text, join_by_and, join_by_or, recognize, say

# Where each key of a TOML text stands -------------------------------------------------------------

KeyPath = tuple[str | int, ...]  # ("parameters", "w"), ("variants", 0, "name")

# A quote may be escaped, and up to two may stand before the three that end a long text. A number
# or a date is one token, and so is a dotted key without quotes. Blanks and comments are none.
_TOKEN: Final = lazy_regex(
    r'''(?P<text>"""[^\\"]*(?:(?:\\.|"(?!""))[^\\"]*)*"{3,5}|\'{3}[^']*(?:'(?!'')[^']*)*'{3,5}'''
    r"""|"[^\\"]*(?:\\.[^\\"]*)*"|'[^']*')"""
    r"""|(?P<word>[^\s\[\]{}=,#"']+(?:[ \t]+[^\s\[\]{}=,#"']+)*)"""
    r"""|(?P<sign>[\[\]{}=,])|\#[^\n]*""",
    re.DOTALL,
)


class KeyPlace(Frozen):
    """The line of a key, its offset, and the line where its text begins if it is a text."""

    line: int
    offset: int
    text_line: int


class _Token(Value):
    kind: str  # 'text', 'word' or 'sign'
    text: str
    start: int


def key_places(text: str) -> dict[KeyPath, KeyPlace]:
    """Return the place of every key and table; an entry of an array of tables has its number."""
    scanner = _Scanner(text.replace("\r\n", "\n"))
    # The end of the text; or it is no TOML.
    with suppress(StopIteration, KeyError, RecursionError, tomllib.TOMLDecodeError):
        scanner.scan()
    return scanner.found


class _Scanner:
    """Walks over the text once."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = (
            _Token(match.lastgroup, match[0], match.start())
            for match in _TOKEN.finditer(text)
            if match.lastgroup
        )
        self.starts = [0, *(match.end() for match in re.finditer("\n", text))]
        self.found: dict[KeyPath, KeyPlace] = {}
        self.lengths: dict[KeyPath, int] = {}  # the number of tables in each array of tables

    def scan(self) -> None:
        """Note all keys. Raises StopIteration at the end of the text."""
        base: KeyPath = ()
        while True:
            token = next(self.tokens)
            if token.text == "[":
                base = self.header(token.start)
            else:
                path = self.note(base, token)
                self.value(next(self.tokens), path)

    def line(self, position: int) -> int:
        return bisect_right(self.starts, position)

    def key(self, token: _Token, end: str) -> list[str]:
        """Return the parts of a dotted key, and go past the sign after it."""
        parts: list[str] = []
        while token.text != end:
            if token.kind == "text":
                parts.append(tomllib.loads(f"key = {token.text}")["key"])
            else:
                parts += filter(None, map(str.strip, token.text.split(".")))
            token = next(self.tokens)
        return parts

    def note(self, base: KeyPath, token: _Token) -> KeyPath:
        """Keep the place of the dotted key that begins here, and of the tables that it opens."""
        place = KeyPlace(self.line(token.start), token.start, 0)
        path = base
        for part in self.key(token, "="):
            path = (*path, part)
            self.found.setdefault(path, place)
        return path

    def header(self, start: int) -> KeyPath:
        """Read `[table]` or `[[array]]`; return the table that the next keys belong to."""
        many = self.text.startswith("[[", start)
        token = next(self.tokens)
        parts = self.key(next(self.tokens) if many else token, "]")
        path: KeyPath = ()
        place = KeyPlace(self.line(start), start, 0)
        for number, part in enumerate(parts, 1):
            path = (*path, part)
            self.found.setdefault(path, place)
            if many and number == len(parts):
                index = self.lengths.get(path, 0)
                self.lengths[path] = index + 1
                path = (*path, index)
                self.found[path] = place
            elif path in self.lengths:
                path = (*path, self.lengths[path] - 1)
        if many:
            next(self.tokens)
        elif path in self.found:
            # A table that a longer header has opened before stands where its own header is.
            self.found[path] = place
        return path

    def value(self, token: _Token, path: KeyPath) -> None:
        """Step over the value of a key, or over a bracket; note the keys of inline tables."""
        if token.kind == "text":
            # A line end right after three quotes is not in the text.
            skipped = self.text.startswith(('"""\n', "'''\n"), token.start)
            line = self.line(token.start) + skipped
            self.found[path] = replace(self.found[path], text_line=line)
        elif token.text == "{":
            while (token := next(self.tokens)).text != "}":
                if token.text != ",":
                    inner = self.note(path, token)
                    self.value(next(self.tokens), inner)
        elif token.text == "[":
            index = 0
            while (token := next(self.tokens)).text != "]":
                if token.kind == "sign" and token.text != ",":
                    self.value(token, (*path, index))
                index += token.text == ","


# The document -------------------------------------------------------------------------------------

MAX_DIGITS: Final = 40
MAX_EXPONENT: Final = 400
_MAX_BITS: Final = 133  # a whole number of 40 digits has so many bits
_MAX_PARTS: Final = 16  # parts of a dotted key; tomllib's work grows with their square
_LONG_KEY: Final = lazy_regex(
    r"""^[ \t]*(?:\[{1,2}[ \t]*)?(?:(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')[ \t]*\.[ \t]*){16}""",
    re.MULTILINE,
)


def read_toml(text: str, label: str) -> dict[str, Any]:
    """Return the tree of a TOML text, its decimals as they were written.

    Raises: ScenarioError, with the line, where it is no TOML.
    """
    long = _LONG_KEY.search(text)
    if long:
        raise ScenarioError(
            say("a key has too many parts"),
            where=f"{label}:{text.count(chr(10), 0, long.start()) + 1}",
            expected=say("at most {most}", most=_MAX_PARTS),
        )
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        message, _, place = str(error).rpartition(" (at ")  # line 3, column 5; or end of document
        numbers = re.findall(r"\d+", place) or [str(max(1, len(text.splitlines())))]
        raise ScenarioError(
            say("this is not TOML: {message}", message=recognize(message, _of_tomllib())),
            where=":".join([label, *numbers]),
            expected=say("a number, a list, true, false, or a text in quotes")
            if message == "Invalid value"
            else "",
        ) from None
    except RecursionError:
        raise ScenarioError(say("lists or tables are nested too deeply"), where=label) from None
    except (ValueError, ArithmeticError):  # Python reads no whole number of thousands of digits
        raise ScenarioError(
            say("a number has too many digits"),
            where=label,
            expected=say("at most {most}", most=MAX_DIGITS),
        ) from None


def _of_tomllib() -> tuple[Sentence, ...]:
    """Return what tomllib says, so that it can be said in another language."""
    return (
        say("Invalid value"),
        say("Invalid statement"),
        say("Invalid initial character for a key part"),
        say("Expected '=' after a key in a key/value pair"),
        say("Expected newline or end of document after a statement"),
        say("Expected ']' at the end of a table declaration"),
        say("Expected ']]' at the end of an array declaration"),
        say("Expected {text}", text=""),
        say("Unclosed array"),
        say("Unclosed inline table"),
        say("Unterminated string"),
        say("Unescaped '\\' in a string"),
        say("Illegal character {text}", text=""),
        say("Found invalid character {text}", text=""),
        say("Invalid hex value"),
        say("Escaped character is not a Unicode scalar value"),
        say("Invalid date or datetime"),
        say("Cannot overwrite a value"),
        say("Cannot declare {text} twice", text=""),
        say("Cannot redefine namespace {text}", text=""),
        say("Cannot mutate immutable namespace {text}", text=""),
        say("Duplicate inline table key {text}", text=""),
    )


class Document:
    """The tree of a scenario and where each of its keys stands."""

    def __init__(self, text: str, label: str) -> None:
        self.label = label
        self.content = read_toml(text, label)
        self.places: dict[KeyPath, KeyPlace] = key_places(text)
        self.set_by: dict[KeyPath, str] = {}  # by key: the override that has set it
        self.moved: dict[KeyPath, KeyPath] = {}  # by key: the key of the variant that has set it
        # Lists that were read before, by identity; kept, so that no other list can take theirs.
        self.given: dict[int, tuple[list[Any], GivenArray]] = {}

    def copy(self) -> Document:
        """Return a document whose tables may be changed; lists, which never are, it shares."""
        other = copy(self)
        other.content = _copy_tables(self.content)
        other.set_by, other.moved = dict(self.set_by), dict(self.moved)
        return other

    def where(self, path: KeyPath) -> str:
        """Return the place of a key as messages name it: `FILE:LINE: [table] key`."""
        named = self._key_words(path)
        setting, place = self._source_of(path)
        head = setting or (f"{self.label}:{place.line}" if place else self.label)
        return f"{head}: {named}" if named else head

    def text_line(self, path: KeyPath) -> int:
        """Return the line where the text of a key begins; 0 where it is not from the file."""
        setting, place = self._source_of(path)
        return place.text_line if place and not setting else 0

    def line_place(self, path: KeyPath, line: int) -> Text:
        """Return the place of a line, from 1, of the text of a key, as messages name it."""
        first, named = self.text_line(path), self._key_words(path)
        if first:
            return f"{self.label}:{first + line - 1}: {named}"
        return say("{place}, line {line}", place=f"{self.label}: {named}", line=line)

    def without_lines(self) -> Document:
        """Return the document of a text that nobody has seen: messages name no line of it."""
        other = self.copy()
        other.places = {}
        return other

    def order(self, path: KeyPath) -> tuple[int, int]:
        """Return where a value stands in the order of the file; what is not in it comes last."""
        place = self.places.get(path)
        return (0, place.offset) if place else (1, 0)

    def error(
        self, path: KeyPath, what: Sentence, *, found: Text = "", expected: Text = ""
    ) -> ScenarioError:
        """Return the error for what stands at a key."""
        return ScenarioError(what, where=self.where(path), found=found, expected=expected)

    def _source_of(self, path: KeyPath) -> tuple[str, KeyPlace | None]:
        """Return the override that set a key, or the place of it or of what is around it."""
        lengths = range(len(path), 0, -1)
        for length in lengths:
            if path[:length] in self.set_by:
                return self.set_by[path[:length]], None
        for length in lengths:
            if path[:length] in self.moved:
                path = self.moved[path[:length]] + path[length:]
                break
        around = (self.places.get(path[:length]) for length in range(len(path), 0, -1))
        return "", next(filter(None, around), None)

    def _key_words(self, path: KeyPath) -> str:
        tables: list[str] = []
        content: Any = self.content
        rest = list(path)
        while rest and isinstance(rest[0], str) and isinstance(content, dict):
            below = content.get(rest[0])
            if not isinstance(below, dict) or (tables and tables[0] in _VALUES):
                break
            content = below
            tables.append(_shorten_line(str(rest.pop(0))))
            if len(tables) > 1 and tables[-1] == "data":
                break
        key = ""
        for part in rest:
            if isinstance(part, int):
                key += f"[{part}]"
            else:
                key += ("." if key else "") + _shorten_line(part)
        head = f"[{'.'.join(tables)}]" if tables else ""
        return " ".join(part for part in (head, key) if part)


def _copy_tables(table: dict[str, Any]) -> dict[str, Any]:
    return {
        key: _copy_tables(value) if isinstance(value, dict) else value
        for key, value in table.items()
    }


_VALUES: Final = frozenset({"data", "parameters", "constants", "notation"})


class TomlTable:
    """One table of a document, and the errors about its keys."""

    def __init__(self, document: Document, path: KeyPath, content: dict[str, Any]) -> None:
        self.document = document
        self.path = path
        self.content = content

    def __contains__(self, key: str) -> bool:
        return key in self.content

    def __iter__(self) -> Iterator[str]:
        return iter(self.content)

    def error(
        self, key: str, what: Sentence, *, found: Text = "", expected: Text = ""
    ) -> ScenarioError:
        """Return the error for one key; '' is the table itself."""
        path = (*self.path, key) if key else self.path
        return self.document.error(path, what, found=found, expected=expected)

    def check_keys(self, known: Collection[str]) -> None:
        """Raise ScenarioError, with near names, where there is a key that is not known."""
        for key in self.content:
            if key not in known:
                raise self.error(
                    key,
                    say("unknown key {key}", key=quote_text(key))
                    if self.path
                    else say("unknown table or key {key}", key=quote_text(key)),
                    expected=near_or_all(key, known),
                )

    def table(self, key: str) -> TomlTable | None:
        """Return the table under a key, if there is one."""
        if key not in self.content:
            return None
        value = self.content[key]
        if not isinstance(value, dict):
            raise self.error(
                key,
                say("{key} is not a table", key=key),
                found=describe_value(value),
                expected=say("a table"),
            )
        return TomlTable(self.document, (*self.path, key), value)

    def text(self, key: str) -> str:
        """Return a text."""
        value = self.content[key]
        if not isinstance(value, str):
            raise self.error(
                key, say("this is not a text"), found=describe_value(value), expected=say("a text")
            )
        return value


def finite_number(document: Document, path: KeyPath, value: Any) -> Written:
    """Return a value as a finite number, as it was written.

    Raises: ScenarioError where it is none, or has more digits or a larger exponent than we read.
    """
    if isinstance(value, bool) or not isinstance(value, int | Decimal | float):
        raise document.error(
            path, say("this is not a number"), found=describe_value(value), expected=say("a number")
        )
    if isinstance(value, Decimal) and not value.is_finite():
        raise document.error(
            path,
            say("the number is not finite"),
            found=str(value).lower(),
            expected=say("a number"),
        )
    _, digits, exponent = value.as_tuple() if isinstance(value, Decimal) else (0, (), 0)
    is_long = isinstance(value, int) and value.bit_length() > _MAX_BITS
    if is_long or len(digits) > MAX_DIGITS:
        raise document.error(
            path,
            say("the number has too many digits"),
            found=str(len(digits)) if digits else "",
            expected=say("at most {most}", most=MAX_DIGITS),
        )
    if abs(int(exponent)) > MAX_EXPONENT or not math.isfinite(float(value)):
        raise document.error(
            path,
            say("the number is too large or too small"),
            expected=say("a number up to 1.8e308"),
        )
    return value


def describe_value(value: Any) -> Text:
    """Return what a message calls a value: `true`, the text 'ten', a list of 3."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return say("the text {text}", text=quote_text(value))
        case int():
            # Python refuses to write out the longest whole numbers.
            short = value.bit_length() < 200
            return str(value) if short else say("a number of more than 60 digits")
        case Decimal() | float():
            return str(value).lower() if len(str(value)) < 60 else say("a long number")
        case list():
            return say("a list of {count}", count=len(value)) if value else say("an empty list")
        case dict():
            return say("a table")
        case _:
            return say("a date or time")


def quote_text(text: str, longest: int = 40) -> str:
    """Return a text in quotes, cut where it is long."""
    return f"“{_shorten_line(text, longest)}”"


def _shorten_line(text: str, longest: int = 40) -> str:
    """Return a text on one line, cut where it is long."""
    line = " ".join(text.split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def one_of(texts: Iterable[Text]) -> Text:
    """Return texts as a message lists them: a, b or c."""
    *others, last = texts
    if not others:
        return last
    first = reduce(lambda one, other: say("{one}, {other}", one=one, other=other), others)
    return join_by_or((first, last))


def near_or_all(name: str, known: Collection[str]) -> Text:
    """Return what is near an unknown name, else all that there is; '' where there is nothing."""
    return nearest(name, known) or (one_of(known) if known else "")


def with_near(what: Sentence, near: Text) -> Sentence:
    """Return what is wrong, with what is near (`nearest`) beside it."""
    return say("{what}; {near}", what=what, near=near) if near else what


class KeyType(Value):
    """What may stand at a key: each kind reads it, and says in words what it expects."""

    words = say("a text")

    def expected(self) -> Text:
        """Return what may stand there, in words."""
        return self.words

    def read(self, table: TomlTable, key: str) -> Any:
        """Return what stands at a key. Raises ScenarioError where it does not fit."""
        return self._check_value(table, key, table.content[key])

    def _check_value(self, table: TomlTable, key: str, value: Any) -> Any:
        raise NotImplementedError  # pragma: no cover - each kind of value has its own

    def _error(
        self, table: TomlTable, key: str, what: Sentence, found: Any = None
    ) -> ScenarioError:
        described = "" if found is None else describe_value(found)
        return table.error(key, what, found=described, expected=self.expected())


class TextType(KeyType):
    """A text without characters that a terminal would obey; one line where `longest` is set.

    One that may not be blank says what is wrong with it then, and what is expected.
    """

    longest: int = 0
    blank: Sentence | None = None
    example: Sentence | None = None

    def expected(self) -> Text:
        """Return an example, or how long it may be."""
        longest = self.longest
        limit = say("a line of up to {longest}", longest=longest) if longest else self.words
        return self.example or limit

    def _check_value(self, table: TomlTable, key: str, value: Any) -> str:
        text = table.text(key)
        if printable_text(text) != text:
            raise table.error(key, say("the text holds a control character"))
        if self.longest and ("\n" in text or len(text) > self.longest):
            limit = TextType(self.longest).expected()
            raise table.error(key, say("the text is too long"), expected=limit)
        if self.blank is not None and not text.strip():
            raise self._error(table, key, self.blank)
        return text


class ChoiceType(KeyType):
    """One of some words."""

    options: tuple[str, ...]

    def expected(self) -> Text:
        """Return the words."""
        return one_of(self.options)

    def _check_value(self, table: TomlTable, key: str, value: Any) -> str:
        text = table.text(key)
        if text not in self.options:
            unknown = say("unknown {key} {value}", key=key, value=quote_text(text))
            raise self._error(table, key, with_near(unknown, nearest(text, self.options)))
        return text


class NumberType(KeyType):
    """A number as it was written; one from `low` on, and to `high` or `below` a limit."""

    words = say("a number")
    low: int | None = None
    high: int | None = None
    below: int | None = None

    def expected(self) -> Text:
        """Return the range."""
        if self.below is not None:
            return say("{low} or more, below {limit}", low=self.low or 0, limit=self.below)
        if self.high is not None:
            return say("{low} to {high}", low=self.low or 0, high=self.high)
        return self.words if self.low is None else say("{low} or more", low=self.low)

    def _check_value(self, table: TomlTable, key: str, value: Any) -> Written:
        number = finite_number(table.document, (*table.path, key), value)
        is_low = self.low is not None and number < self.low
        is_high = self.high is not None and number > self.high
        if is_low or is_high or (self.below is not None and number >= self.below):
            is_negative = is_low and self.low == 0
            what = say("the number is negative") if is_negative else say("out of range")
            raise self._error(table, key, what, number)
        return number


class WholeType(KeyType):
    """A whole number between two limits, both included; a list of them where there are `many`."""

    low: int
    high: int
    many: bool = False

    words = say("a list of whole numbers")

    def expected(self) -> Text:
        """Return the range."""
        return say("a whole number from {low} to {high}", low=self.low, high=self.high)

    def _check_value(self, table: TomlTable, key: str, value: Any) -> int | tuple[int, ...]:
        if self.many and not isinstance(value, list):
            described = describe_value(value)
            raise table.error(key, say("this is not a list"), found=described, expected=self.words)
        for item in value if self.many else [value]:
            is_power = isinstance(item, Decimal) and item.is_finite()  # as 1e3 is
            is_whole = item == item.to_integral_value() if is_power else isinstance(item, int)
            if isinstance(item, bool) or not is_whole:
                raise self._error(table, key, say("this is not a whole number"), item)
            if not self.low <= item <= self.high:
                raise self._error(table, key, say("out of range"), item)
        return tuple(map(int, value)) if self.many else int(value)


class NamesType(KeyType):
    """A list of different names, one at least."""

    words = say('a list of names, such as ["w"]')

    def _check_value(self, table: TomlTable, key: str, value: Any) -> tuple[str, ...]:
        if not isinstance(value, list):
            raise self._error(table, key, say("this is not a list"), value)
        if not value:
            raise self._error(table, key, say("the list is empty"))
        for place, item in enumerate(value):
            if not isinstance(item, str) or not item.strip():
                raise self._error(table, key, say("this is not a name"), item)
            if item in value[:place]:
                raise table.error(key, say("{item} is listed twice", item=quote_text(item)))
        return tuple(value)


class FlagType(KeyType):
    """Yes or no."""

    words = say("true or false")

    def _check_value(self, table: TomlTable, key: str, value: Any) -> bool:
        if not isinstance(value, bool):
            raise self._error(table, key, say("this is neither true nor false"), value)
        return value


class TableType(KeyType):
    """A table below a table; who asks for it reads its keys."""

    words = say("a table")

    def _check_value(self, table: TomlTable, key: str, value: Any) -> TomlTable | None:
        return table.table(key)


class ScenarioKey(Value):
    """A key: what may stand there, what it means, its default and an example.

    `default` is what holds where the key is left out: TOML, or words. `example` is TOML.
    `also` are the names that textbooks have for it in formulas.
    """

    name: str
    type: KeyType
    words: Sentence
    default: Text = ""
    example: str = ""
    also: tuple[str, ...] = ()

    @property
    def initial(self) -> str | bool | None:
        """What a reader gets where the key is left out: a text, false, or None."""
        is_text = isinstance(self.default, str) and self.default.startswith('"')
        return str(self.default)[1:-1] if is_text else False if self.default == "false" else None

    @property
    def written_example(self) -> str:
        """The key with its example, as a file has it."""
        return f"{self.name} = {self.example}"


class ScenarioSection(Value):
    """A table of a scenario: its keys, one row each, and which of them go together.

    `title` is what messages call it. Of each group in `alternatives` a file gives at most one key,
    of each in `needs` at least one.
    """

    title: Text
    words: Text
    keys: tuple[ScenarioKey, ...] = ()
    alternatives: tuple[tuple[str, ...], ...] = ()
    needs: tuple[tuple[str, ...], ...] = ()

    def __iter__(self) -> Iterator[str]:
        return (key.name for key in self.keys)

    def __getitem__(self, name: str) -> ScenarioKey:
        return next(key for key in self.keys if key.name == name)

    def value(self, table: TomlTable, name: str) -> Any:
        """Return what stands at one key, or its default. Raises ScenarioError."""
        key = self[name]
        return key.type.read(table, name) if name in table else key.initial

    def read(
        self, table: TomlTable, further: Mapping[str, KeyType | None] = MappingProxyType({})
    ) -> dict[str, Any]:
        """Return what stands at each key of a table, or its default; None where there is none.

        `further` are keys that only this table has, and types that stand before those of rows;
        what has no type is left as it is.
        Raises: ScenarioError where a key is unknown, missing, one too many, or does not fit.
        """
        table.check_keys([*self, *further])
        values = {key: self.value(table, key) for key in self if key not in further}
        for key, kind in further.items():
            values[key] = kind.read(table, key) if kind and key in table else table.content.get(key)
        for group in self.alternatives:
            given = [key for key in group if key in table]
            if len(given) > 1:
                what = say("give only one of {group}", group=one_of(group))
                raise table.error(given[1], what, found=join_by_and(given))
        for needed in self.needs:
            if not any(key in table for key in needed):
                raise self.missing(table, *needed)
        return values

    def others(self, key: str) -> tuple[str, ...]:
        """Return the keys in whose place a key stands."""
        groups = (group for group in self.alternatives if key in group)
        return tuple(other for group in groups for other in group if other != key)

    def missing(self, table: TomlTable, *names: str) -> ScenarioError:
        """Return the error for keys none of which a table has."""
        row = self[names[0]]
        example = say("for example {example}", example=row.written_example)
        expected = row.type.expected() if isinstance(row.type, ChoiceType) else example
        what = say("{name} needs {key}", name=self.title, key=join_by_or(names))
        return table.error("", what, expected=expected)
