"""What may stand at a key of a scenario file: types that read it, rows of keys, tables of rows.

A range stands in one place, the type of the row: the reader enforces it, and what says it (an
error, the interface, completion, the documents) asks the same type. It knows no key by name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from tracer.errors import ScenarioError, nearest, printable_text
from tracer.frozen import Value
from tracer.program.document import (
    TomlTable,
    describe_value,
    finite_number,
    one_of,
    quote_text,
    with_near,
)
from tracer.program.given_array import Written
from tracer.sentences import Sentence, Text, both, either, say


class KeyType(Value):
    """What may stand at a key: each kind reads it, and says in words what it expects."""

    words = say("a text")

    def expected(self) -> Text:
        """Return what may stand there, in words."""
        return self.words

    def read(self, table: TomlTable, key: str) -> Any:
        """Return what stands at a key. Raises ScenarioError where it does not fit."""
        return self._checked(table, key, table.content[key])

    def _checked(self, table: TomlTable, key: str, value: Any) -> Any:
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

    def _checked(self, table: TomlTable, key: str, value: Any) -> str:
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

    def _checked(self, table: TomlTable, key: str, value: Any) -> str:
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

    def _checked(self, table: TomlTable, key: str, value: Any) -> Written:
        read = finite_number(table.document, (*table.path, key), value)
        is_low = self.low is not None and read < self.low
        is_high = self.high is not None and read > self.high
        if is_low or is_high or (self.below is not None and read >= self.below):
            is_negative = is_low and self.low == 0
            what = say("the number is negative") if is_negative else say("out of range")
            raise self._error(table, key, what, read)
        return read


class WholeType(KeyType):
    """A whole number between two limits, both included; a list of them where there are `many`."""

    low: int
    high: int
    many: bool = False

    words = say("a list of whole numbers")

    def expected(self) -> Text:
        """Return the range."""
        return say("a whole number from {low} to {high}", low=self.low, high=self.high)

    def _checked(self, table: TomlTable, key: str, value: Any) -> int | tuple[int, ...]:
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

    def _checked(self, table: TomlTable, key: str, value: Any) -> tuple[str, ...]:
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

    def _checked(self, table: TomlTable, key: str, value: Any) -> bool:
        if not isinstance(value, bool):
            raise self._error(table, key, say("this is neither true nor false"), value)
        return value


class TableType(KeyType):
    """A table below a table; who asks for it reads its keys."""

    words = say("a table")

    def _checked(self, table: TomlTable, key: str, value: Any) -> TomlTable | None:
        return table.table(key)


class ScenarioKey(Value):
    """A key: what may stand there, what it means, its default and an example.

    `default` is what holds where the key is left out: TOML, or words. `example` is TOML.
    """

    name: str
    type: KeyType
    words: Sentence
    default: Text = ""
    example: str = ""

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
                raise table.error(given[1], what, found=both(given))
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
        what = say("{name} needs {key}", name=self.title, key=either(names))
        return table.error("", what, expected=expected)
