"""What changes a scenario before it is checked: `--set KEY=VALUE` and variants.

Both work on the parsed document. A key that an override sets carries the override as its place,
so that a message about it names the override and not a line of the file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from datetime import date, time
from decimal import Decimal
from functools import partial
from typing import Any, Final

from tracer.errors import ScenarioError, nearest, refuse
from tracer.expression import canonical_name
from tracer.lazy_regex import lazy_regex
from tracer.program.document import (
    Document,
    KeyPath,
    TomlTable,
    describe_value,
    near_or_all,
    one_of,
    quote_text,
    read_toml,
    with_near,
)
from tracer.program.schema import (
    GIVEN_TABLES,
    SECTIONS,
    TOP,
    TRAINING,
    TRAINING_KEYS,
    belongs_to_rule,
)
from tracer.sentences import say

_MAX_SETTING: Final = 1_000_000
_MOST_SHOWN: Final = 60  # characters of a setting that a message quotes
_BARE_WORD: Final = lazy_regex(r"[^\W\d][\w-]*")
_KEY_PART: Final = lazy_regex(r"[\w-]+")
_TOML_KEY: Final = lazy_regex(r"[A-Za-z0-9_-]+")
_ESCAPES: Final = {code: f"\\u{code:04X}" for code in (*range(32), 127)} | {
    ord(sign): f"\\{sign}" for sign in '"\\'
}


class Setting(str):
    """A `KEY=VALUE` that another option than `--set` gave, with what was written after it."""

    option: str
    written: str

    def __new__(cls, text: str, option: str, written: str) -> Setting:
        """Return the setting `text`, which `written` after `option` stands for."""
        setting = super().__new__(cls, text)
        setting.option, setting.written = option, written
        return setting

    def __reduce__(self) -> tuple[type[Setting], tuple[str, str, str]]:
        """Return what a copy is made of: a sweep hands settings to other processes."""
        return Setting, (str(self), self.option, self.written)


def setting_place(setting: str) -> str:
    """Return what a message calls a setting: the option that gave it, and its text on one line."""
    option, text = "--set", str(setting)
    if isinstance(setting, Setting):
        option, text = setting.option, setting.written
    line = " ".join(text.split())
    return f"{option} {line if len(line) <= _MOST_SHOWN else line[: _MOST_SHOWN - 1] + '…'}"


def setting_key(setting: str) -> list[str]:
    """Return the parts of the key of a `KEY=VALUE`."""
    return [part.strip() for part in setting.partition("=")[0].split(".")]


def one_line(setting: str) -> str:
    """Return a `KEY=VALUE` as a command has it on one line."""
    if setting.isprintable():
        return str(setting)
    key, value = _split_setting(setting)
    return f"{'.'.join(key)}={toml_of(value)}"


def apply_changes(document: Document, variant: str, settings: Sequence[str]) -> None:
    """Apply a variant, if one is named, and `KEY=VALUE` texts to a document, in their order.

    Raises: ScenarioError where a key is unknown or ambiguous, or a value is no TOML.
    """
    if variant:
        apply_variant(document, variant)
    for setting in settings:
        key, value = _split_setting(setting)
        where = setting_place(setting)
        path = path_of(document, key, where)
        table = _table_of(document, path, where)
        if path[0] == "training" and len(path) == 2:
            for other in TRAINING.others(str(path[1])):  # such as epochs beside iterations
                table.pop(other, None)
        table[str(path[-1])] = value
        document.set_by[path] = where


def _split_setting(setting: str) -> tuple[list[str], Any]:
    """Return the parts of the key and the value of `KEY=VALUE`."""
    where = setting_place(setting)
    _, sign, text = setting.partition("=")
    text = text.strip()
    parts = setting_key(setting)
    refuse(
        (
            (
                not sign or not text or not all(map(_KEY_PART.fullmatch, parts)),
                say("this is not KEY=VALUE"),
                say("a key and a value, such as w=1.5"),
            ),
            (len(setting) > _MAX_SETTING, say("the value is too long"), ""),
        ),
        partial(ScenarioError, where=where),
    )
    try:
        tree = read_toml(f"value = {text}", "--set")
        if set(tree) != {"value"}:  # the text went on after a line end
            raise ScenarioError(say("more than one value"))
        return parts, tree["value"]
    except ScenarioError:
        if _BARE_WORD.fullmatch(text):
            return parts, text
        raise ScenarioError(
            say("the value is not TOML"),
            where=where,
            found=quote_text(text),
            expected=say('a value such as 0.5, [1, 2], true or "text"'),
        ) from None


def path_of(document: Document, parts: Sequence[str], where: str) -> KeyPath:
    """Return the path that the key of an override means.

    Raises: ScenarioError where it means none, or several.
    """
    content = document.content
    if len(parts) > 1:
        if parts[0] not in SECTIONS:
            unknown = say("there is no table {name}", name=quote_text(parts[0]))
            raise ScenarioError(
                with_near(unknown, nearest(parts[0], SECTIONS)),
                where=where,
                expected=say("a key below {tables}", tables=one_of(SECTIONS)),
            )
        if parts[0] in GIVEN_TABLES:
            return (
                parts[0],
                existing_key(_table_or_empty(content, parts[0]), parts[1]),
                *parts[2:],
            )
        return tuple(parts)
    key = parts[0]
    for name in GIVEN_TABLES:
        key = existing_key(_table_or_empty(content, name), key)
    tables = [name for name in GIVEN_TABLES if key in _table_or_empty(content, name)]
    if key in _table_or_empty(content, "training"):
        tables.append("training")
    if len(tables) > 1:
        raise ScenarioError(
            say("{key} is in more than one table", key=quote_text(key)),
            where=where,
            expected=one_of(f"{table}.{key}" for table in tables),
        )
    if tables:
        return tables[0], key
    if key in TOP and not (key in TRAINING_KEYS and key not in content):
        return (key,)
    if key in TRAINING_KEYS:
        return "training", key
    keys = [name for table in GIVEN_TABLES for name in _table_or_empty(content, table)]
    keys += [*_table_or_empty(content, "training"), *TRAINING_KEYS, *TOP]
    raise ScenarioError(
        say("there is no parameter, constant, datum or training key {key}", key=quote_text(key)),
        expected=nearest(key, dict.fromkeys(keys)),
        where=where,
    )


def existing_key(table: Mapping[str, Any], key: str) -> str:
    """Return the key of a table that is the same name (θ and theta are), or the key itself."""
    if key in table:
        return key
    same = canonical_name(key)
    return next((other for other in table if canonical_name(other) == same), key)


def _table_of(document: Document, path: KeyPath, where: str) -> dict[str, Any]:
    """Return the table that holds a path, made where it is allowed to be missing."""
    if path[0] in GIVEN_TABLES:
        names = _table_or_empty(document.content, str(path[0]))
        if path[1] not in names:  # an override never brings in a name: it would be a typo
            raise ScenarioError(
                say("there is no {key} in [{table}]", key=quote_text(str(path[1])), table=path[0]),
                where=where,
                expected=near_or_all(str(path[1]), names),
            )
    table = document.content
    for part in path[:-1]:
        below = table.setdefault(str(part), {})
        if not isinstance(below, dict):
            raise ScenarioError(
                say("{key} is not a table", key=quote_text(str(part))),
                where=where,
                found=describe_value(below),
            )
        table = below
    return table


def variant_tables(document: Document) -> list[TomlTable]:
    """Return the tables under [[variants]], each with a name of its own.

    Raises: ScenarioError where one has no name, or one that stands there twice.
    """
    variants = document.content.get("variants", [])
    if not isinstance(variants, list) or not all(isinstance(item, dict) for item in variants):
        raise document.error(
            ("variants",),
            say("variants is not a list of tables"),
            expected=say("[[variants]] for each"),
        )
    tables = [TomlTable(document, ("variants", place), item) for place, item in enumerate(variants)]
    names: set[str] = set()
    for table in tables:
        name = table.text("name") if "name" in table else ""
        refuse(
            (
                (
                    not name.strip() or len(name) > 100,
                    say("a variant needs a name"),
                    say("up to 100 characters"),
                ),
                (name in names, say("there are two variants {name}", name=quote_text(name)), ""),
            ),
            partial(table.error, "name"),
        )
        names.add(name)
        table.check_keys([*TOP, *SECTIONS, "name"])
    return tables


def apply_variant(document: Document, name: str) -> None:
    """Merge the variant of that name into the document.

    Raises: ScenarioError where there is none, or it names a key that the scenario does not have.
    """
    tables = variant_tables(document)
    table = next((item for item in tables if item.content["name"] == name), None)
    if table is None:
        names = [str(table.content["name"]) for table in tables]
        raise ScenarioError(
            say("there is no variant {name}", name=quote_text(name)),
            where=document.label,
            expected=near_or_all(name, names) or say("a scenario with [[variants]]"),
        )
    _clear_training(
        _table_or_empty(document.content, "training"), _table_or_empty(table.content, "training")
    )
    changes = {key: value for key, value in table.content.items() if key != "name"}
    may_add = "equations" in _table_or_empty(changes, "network")  # other equations have other names
    _merge_changes(document, document.content, changes, (), table.path, may_add)


def _clear_training(base: dict[str, Any], training: Mapping[str, Any]) -> None:
    """Take out of [training] what a variant's optimizer, or way of counting, stands instead of."""
    if "optimizer" in training or "update" in training:
        for key in [*base]:
            if belongs_to_rule(key):
                base.pop(key)
    rule = _table_or_empty(training, "update").get("equations")
    if isinstance(rule, str) and "learning_rate" not in rule:
        base.pop("learning_rate", None)
    for key in training:
        for other in TRAINING.others(key):
            base.pop(other, None)


def _merge_changes(
    document: Document,
    base: dict[str, Any],
    changes: dict[str, Any],
    at: KeyPath,
    source: KeyPath,
    may_add: bool,
) -> None:
    for written, value in changes.items():
        is_name = len(at) == 1 and at[0] in GIVEN_TABLES
        key = existing_key(base, written) if is_name else written
        here, there = (*at, key), (*source, written)
        if is_name and key not in base and not may_add:
            raise document.error(
                there,
                say("there is no {key} in [{table}]", key=quote_text(key), table=at[0]),
                expected=near_or_all(key, base),
            )
        below = base.get(key)
        if isinstance(value, dict) and not is_value(value):
            if not isinstance(below, dict):
                below = base[key] = {}
                document.moved[here] = there
            _merge_changes(document, below, value, here, there, may_add)
        else:
            base[key] = deepcopy(value)
            document.moved[here] = there


def is_value(table: Mapping[str, Any]) -> bool:
    """Tell whether a table says a whole value, drawn or read, and so takes the old one's place."""
    return "init" in table or "file" in table


def _table_or_empty(content: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Return a table, or an empty one where there is none (what else is there fails later)."""
    below = content.get(key)
    return below if isinstance(below, dict) else {}


def settings_of(table: TomlTable) -> tuple[str, ...]:
    """Return what a variant sets, each as a text `KEY=VALUE`."""
    return tuple(
        f"{key}={value}" for key, value in _table_leaves(table.content, "") if key != "name"
    )


def _table_leaves(content: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    for key, value in content.items():
        if isinstance(value, dict) and not is_value(value):
            yield from _table_leaves(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", toml_of(value)


def toml_of(value: Any) -> str:
    """Return a value of a document as TOML."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return _quote_key(value)
        case list() | tuple():
            return f"[{', '.join(map(toml_of, value))}]"
        case Mapping():
            items = (f"{toml_key(key)} = {toml_of(item)}" for key, item in value.items())
            return f"{{{', '.join(items)}}}"
        case Decimal() | int() | float():
            return str(value).lower()
        case date() | time():
            return value.isoformat()
    if hasattr(value, "tolist"):  # a number or an array of NumPy
        return toml_of(value.tolist())
    raise TypeError(f"{value!r} is no value of a scenario")


def toml_lines_of(value: Any) -> str:
    """Return a value as TOML; a text of several lines stands on several."""
    is_long = isinstance(value, str) and "\n" in value and value.replace("\n", "").isprintable()
    return long_text(value) if is_long else toml_of(value)


def long_text(text: str) -> str:
    """Return a text as TOML on lines of its own."""
    escaped = text.replace("\\", "\\\\").replace('"""', '""\\"')
    return f'"""\n{escaped}"""'


def toml_key(key: str) -> str:
    """Return a key of a document as TOML, in quotes where it needs them."""
    return key if _TOML_KEY.fullmatch(key) else _quote_key(key)


def _quote_key(text: str) -> str:
    return f'"{text.translate(_ESCAPES)}"'
