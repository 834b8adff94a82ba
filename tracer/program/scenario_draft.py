"""A scenario's document, checked table by table; its values are drawn and read last."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from tracer.errors import ScenarioError, nearest, refuse
from tracer.expression import canonical_name
from tracer.frozen import Frozen, Value
from tracer.lazy_regex import lazy_regex
from tracer.program.document import (
    Document,
    KeyPath,
    KeyType,
    NumberType,
    TomlTable,
    near_or_all,
    one_of,
    quote_text,
)
from tracer.program.given_array import MAX_NUMBERS, GivenArray, Written
from tracer.program.optimizers import OPTIMIZERS
from tracer.program.schema import (
    ASKED,
    GIVEN_TABLES,
    LANGUAGE,
    NETWORK,
    PLOT,
    RANDOM,
    SECTIONS,
    SETTINGS,
    SIGN,
    TABLES,
    TOP,
    TRAINING,
    UPDATE,
)
from tracer.program.value_sources import (
    Draw,
    FileData,
    Stream,
    ValueSource,
    read_numbers,
    read_source,
)
from tracer.sentences import say

# [training]: how parameters are updated, by which settings, how often and on which samples --------


class Training(Frozen):
    """How the parameters are updated, and how often.

    `optimizer` is "" where `update` holds equations of the scenario's own. `settings` holds the
    numbers that the file gives, and no defaults; `state` the first values that it gives for what
    its own rule remembers.
    """

    optimizer: str
    learning_rate: GivenArray | None
    settings: Mapping[str, Written]
    update: str | None
    state: Mapping[str, GivenArray]
    iterations: int | None
    epochs: int | None
    batch_size: int | None
    shuffle: bool
    seed: int | None
    sample: int | None
    samples: tuple[int, ...] | None
    stop_when: str | None


def read_training(table: TomlTable, names: Mapping[str, str]) -> Training:
    """Return what [training] says; `names` gives the table of each name of the scenario."""
    rule = table.table("update")
    if rule is None:
        optimizer = TRAINING.value(table, "optimizer")
        update, state = None, {}
        numbers = _optimizer_numbers(table, optimizer)
    else:
        if "optimizer" in table:
            what = say("[training.update] replaces the optimizer")
            raise table.error("optimizer", what)
        optimizer = ""
        entries = UPDATE.read(rule)
        update = entries["equations"]
        table_of_state: TomlTable | None = entries["state"]
        state = _first_values(table_of_state, update, names) if table_of_state is not None else {}
        numbers = _rule_numbers(table, update, names)
    written_keys = TRAINING.read(table, numbers)
    rate = written_keys["learning_rate"]
    if rate is None and (update is None or "learning_rate" in _names_in(update)):
        raise TRAINING.missing(table, "learning_rate")
    _check_choice(table, written_keys)
    return Training(
        optimizer=optimizer,
        learning_rate=None if rate is None else GivenArray.of(rate),
        settings=MappingProxyType(
            {key: written_keys[key] for key in numbers if key in table and key != "learning_rate"}
        ),
        update=update,
        state=MappingProxyType(state),
        shuffle=written_keys["shuffle"],
        **{
            key: written_keys[key]
            for key in ("iterations", "epochs", "batch_size", "seed", "sample", "samples")
        },
        stop_when=written_keys["stop_when"],
    )


def _optimizer_numbers(table: TomlTable, optimizer: str) -> dict[str, KeyType]:
    """Return the types of the numbers that an optimizer takes, once no other one's is there."""
    keys = OPTIMIZERS[optimizer].accepted_settings
    for key in SETTINGS:
        if key in table and key not in keys:
            takers = [name for name, other in OPTIMIZERS.items() if key in other.accepted_settings]
            raise table.error(
                key,
                say(
                    "{optimizer} takes no {key}, unlike {takers}",
                    optimizer=optimizer,
                    key=key,
                    takers=one_of(takers),
                ),
                expected=one_of(("learning_rate", *keys)),
            )
    return {name: key.type for name, key in keys.items()}


def _rule_numbers(table: TomlTable, update: str, names: Mapping[str, str]) -> dict[str, KeyType]:
    """Return the types of the numbers that a rule of the scenario's own names."""
    named = _names_in(update) - {"g", "t", "parameter"}
    for key in table:
        if key in TRAINING and key != "learning_rate":
            continue
        if key not in named:
            what = say(
                "unknown key {key}, which the update rule does not name either", key=quote_text(key)
            )
            near = nearest(key, TRAINING)
            if key == "learning_rate":
                what, near = say("the update rule does not name learning_rate"), ""
            raise table.error(key, what, expected=near)
        if key in names:
            raise table.error(
                key, say("{key} is also in [{names}]", key=quote_text(key), names=names[key])
            )
    return {key: NumberType() for key in table if key == "learning_rate" or key not in TRAINING}


def _first_values(table: TomlTable, update: str, names: Mapping[str, str]) -> dict[str, GivenArray]:
    """Return the values that what a rule remembers starts from, where they are not 0."""
    states = {canonical_name(name) for name in re.findall(r"([^\W\d]\w*)['\u2032]", update)}
    states -= {"parameter", *names}
    values: dict[str, GivenArray] = {}
    for key in table:
        name = canonical_name(key)
        if name not in states:
            raise table.error(
                key,
                say("the update rule has no state {key}", key=quote_text(key)),
                expected=near_or_all(name, sorted(states)),
            )
        numbers = say("a number or lists of numbers")
        values[name] = read_numbers(table.document, (*table.path, key), table.content[key], numbers)
    return values


def _check_choice(table: TomlTable, values: Mapping[str, Any]) -> None:
    """Raise ScenarioError where keys that say what an update sees, and when to end, do not fit."""
    samples, text = values["samples"], values["stop_when"]
    sides = re.split(r"<=|>=|<|>", "a < b" if text is None else text)
    rules = (
        (
            samples is not None and (not samples or len(set(samples)) < len(samples)),
            "samples",
            say("the list is empty or names a sample twice"),
            say("such as [0, 2]"),
        ),
        (
            values["shuffle"] and "batch_size" not in table,
            "shuffle",
            say("shuffle needs batch_size"),
            say("for example batch_size = 2"),
        ),
        (
            values["shuffle"] and "seed" not in table,
            "shuffle",
            say("shuffle needs seed"),
            say("for example seed = 1"),
        ),
        (
            "seed" in table and "shuffle" not in table,
            "seed",
            say("this seed belongs to shuffle, which is missing"),
            say("a seed in each drawn value, or [random]"),
        ),
        (
            len(sides) != 2 or not all(map(str.strip, sides)) or "=" in "".join(sides),
            "stop_when",
            say("this is not a comparison"),
            say('two expressions with <, <=, > or >= between, such as "loss < 1e-6"'),
        ),
    )
    for is_broken, key, what, expected in rules:
        if is_broken:
            quoted = quote_text(text) if key == "stop_when" else ""
            raise table.error(key, what, found=quoted, expected=expected)


def _names_in(equations: str) -> set[str]:
    """Return the names that stand in equations, outside their comments."""
    return set(re.findall(r"[^\W\d]\w*", re.sub(r"#.*", "", equations)))


# The whole document -------------------------------------------------------------------------------

# The numbers that a file holds, by table and name; the tables of the evaluation and the prediction
# are called by these.
FileNumbers = Mapping[tuple[str, str], GivenArray]
_LANGUAGE: Final = lazy_regex("[a-z]{2,3}")
_ASSIGNED: Final = lazy_regex(r"^\s*([^\W\d]\w*)\s*=", re.MULTILINE)
_RESERVED: Final = ("True", "False", "None", "pi")


class OtherData(Frozen):
    """The metrics, or the outputs, that a network is asked for on other data than its own.

    A datum that is not there is that of the training.
    """

    asked: tuple[str, ...]
    data: Mapping[str, GivenArray]


class PlotRequest(Value):
    """Curves a derivation is to end with: `quantities` over `over`, all vectors of one length."""

    over: str
    quantities: tuple[str, ...]


class Translation(Value):
    """The title and description in another language; "" where there is none."""

    title: str
    description: str


class ScenarioDraft:
    """A checked document whose values are not yet drawn or read."""

    def __init__(
        self, document: Document, folder: Path | None, file_numbers: FileNumbers | None
    ) -> None:
        self.document = document
        self.folder = folder
        self.file_numbers: FileNumbers = file_numbers or {}
        top = TomlTable(document, (), document.content)
        tables = TOP.read(top, TABLES)
        self.title = tables["title"]
        self.description = tables["description"]
        languages: TomlTable | None = tables["languages"]
        self.translations = _read_translations(languages) if languages is not None else {}
        self.dtype = tables["dtype"]
        self.written: dict[tuple[str, str], KeyPath] = {}  # the place of each name in the file
        self.sources: dict[str, dict[str, ValueSource]] = {
            name: self._sources(tables[name], name) for name in GIVEN_TABLES
        }
        self.network = _read_network(tables["network"], document)
        self._check_names()
        signs: TomlTable | tuple[str, ...] = tables["notation"] or ()
        self.notation = MappingProxyType(
            {canonical_name(key): SIGN.read(tables["notation"], key) for key in signs}
        )
        self.stream: tuple[str, int] | None = None
        if tables["random"] is not None:
            random = RANDOM.read(tables["random"])
            self.stream = random["generator"], random["seed"]
        training: TomlTable | None = tables["training"]
        self.trainable = self._trainable(top, training)
        tables_of_names = {name: table for table in GIVEN_TABLES for name in self.sources[table]}
        self.training = read_training(training, tables_of_names) if training else None
        if training is not None and not self.sources["parameters"]:
            raise training.error(
                "", say("there is nothing to train"), expected=say("a [parameters] table")
            )
        self.asked = {name: self._read_asked(tables[name], name) for name in ASKED}
        self.plot: PlotRequest | None = None
        if tables["plot"] is not None:
            plot = PLOT.read(tables["plot"])
            quantities = tuple(map(canonical_name, plot["quantities"]))
            self.plot = PlotRequest(canonical_name(plot["over"]), quantities)
        self._check_values()
        self._check_samples()

    # What the file says

    def _sources(self, table: TomlTable | None, home: str) -> dict[str, ValueSource]:
        sources: dict[str, ValueSource] = {}
        for key in table or ():
            assert table is not None
            name = canonical_name(key)
            if name in sources:
                raise table.error(
                    key, say("{key} is the same name as another", key=quote_text(key)), found=name
                )
            numbers = self.file_numbers.get((home, name))
            sources[name] = read_source(table, key, self.folder, numbers)
            self.written[home, name] = (*table.path, key)
        return sources

    def _check_names(self) -> None:
        """Raise ScenarioError for a name that is none, is there twice, or reads as a gradient."""
        seen: dict[str, str] = {}
        equations, loss = self.network
        assigned = _ASSIGNED.findall(equations)
        loss = loss or "".join(assigned[-1:])  # the last name before an equals sign
        for table in GIVEN_TABLES:
            for name in self.sources[table]:
                path = self.written[table, name]
                quoted = quote_text(name)
                refuse(
                    (
                        (
                            not name.isidentifier() or name in _RESERVED,
                            say("{name} is not a name", name=quoted),
                            say("letters, digits and _, without a digit first; not pi or True"),
                        ),
                        (
                            name in seen,
                            say("{name} is also in [{seen}]", name=quoted, seen=seen.get(name, "")),
                            say("one of them"),
                        ),
                        (name == loss, say("{name} is the name of the loss", name=quoted), ""),
                        (
                            name == f"d{loss}",
                            say(
                                "the name {key} is taken: {name}/dw is the gradient of {loss}",
                                key=quoted,
                                name=name,
                                loss=loss,
                            ),
                            say("another name"),
                        ),
                    ),
                    partial(self.document.error, path),
                )
                seen[name] = table

    def _trainable(self, top: TomlTable, training: TomlTable | None) -> tuple[str, ...] | None:
        table = training if training is not None and "trainable" in training else top
        if table is training and "trainable" in top:
            raise top.error(
                "trainable", say("trainable is also in [training]"), expected=say("one of them")
            )
        if "trainable" not in table:
            return None
        names = tuple(map(canonical_name, TRAINING.value(table, "trainable")))
        parameters = self.sources["parameters"]
        for name in names:
            if name not in parameters:
                raise table.error(
                    "trainable",
                    say("there is no parameter {name}", name=quote_text(name)),
                    expected=near_or_all(name, parameters),
                )
        return names

    def _read_asked(self, table: TomlTable | None, name: str) -> tuple[str, ...] | None:
        """Return the metrics or outputs that a table asks for, and keep the data beside them."""
        self.sources[name] = {}
        if table is None:
            return None
        values = SECTIONS[name].read(table)
        self.sources[name] = self._sources(values["data"], name)
        for datum in self.sources[name]:
            if datum not in self.sources["data"]:
                raise self.document.error(
                    self.written[name, datum],
                    say("there is no {datum} in [data]", datum=quote_text(datum)),
                    expected=nearest(datum, self.sources["data"]),
                )
        return tuple(map(canonical_name, values[ASKED[name]]))

    # Sizes

    def _paths(self) -> list[tuple[str, str, KeyPath, ValueSource]]:
        """Return every value: its table, its name, its path."""
        return [
            (table, name, self.written[table, name], source)
            for table, sources in self.sources.items()
            for name, source in sources.items()
        ]

    def _check_values(self) -> None:
        """Raise ScenarioError for no seed and too many numbers, before anything is drawn."""
        total = 0
        for _, _, path, source in self._paths():
            if isinstance(source, Draw) and source.needs_stream and self.stream is None:
                raise self.document.error(
                    path,
                    say("a drawn value needs a seed"),
                    expected=say("seed = 1 in it, or [random]"),
                )
            total += 0 if isinstance(source, FileData) else source.size
            if total > MAX_NUMBERS:
                raise self.document.error(
                    path,
                    say("the scenario holds too many numbers"),
                    found=say("{total} up to here", total=total),
                    expected=say("at most {most}", most=MAX_NUMBERS),
                )

    def _check_samples(self) -> None:
        """Raise ScenarioError where the chosen samples are not there."""
        training = self.training
        if training is None:
            return
        chosen = [key for key in TRAINING.alternatives[1] if getattr(training, key) is not None]
        if not chosen:
            return
        key = chosen[0]
        lengths: dict[str, int] = {}
        for name, source in self.sources["data"].items():
            if isinstance(source, FileData):  # its shape is not known yet
                return
            if source.shape:
                lengths[name] = source.shape[0]
        table = TomlTable(self.document, ("training",), self.document.content["training"])
        if not lengths:
            raise table.error(
                key, say("{key} chooses among samples, and no datum in [data] has any", key=key)
            )
        first, *others = lengths
        count = lengths[first]
        for name in others:
            if lengths[name] != count:
                raise self.document.error(
                    self.written["data", name],
                    say(
                        "{first} and {name} differ in their number of samples (their first "
                        "axis), which {key} needs",
                        first=first,
                        name=name,
                        key=key,
                    ),
                    found=f"{first} {count}, {name} {lengths[name]}",
                )
        given = getattr(training, key)
        most = max(given) if isinstance(given, tuple) else given
        limit = say("{low} to {high}", low=0, high=count - 1)
        if key == "batch_size":
            most, limit = most - 1, say("at most {most}", most=count)
        if most >= count:
            what = say("there are only {count} samples", count=count)
            raise table.error(key, what, found=str(most + (key == "batch_size")), expected=limit)

    # Numbers

    def values(self) -> dict[str, Mapping[str, GivenArray]]:
        """Return the numbers of each table, read from files first and then drawn in order."""
        for table, name, _, source in self._paths():
            if isinstance(source, FileData):
                self.sources[table][name] = source.value()
                self._check_values()
        self._check_samples()
        stream = None
        draws = [item for item in self._paths() if isinstance(item[3], Draw)]
        draws.sort(key=lambda item: self.document.order(item[2]))
        for table, name, path, source in draws:
            assert isinstance(source, Draw)
            if stream is None and source.needs_stream and self.stream:
                stream = Stream(*self.stream)
            try:
                self.sources[table][name] = source.draw_numbers(stream)
            except OverflowError:
                raise self.document.error(path, say("a drawn number is not finite")) from None
        return {
            table: MappingProxyType(
                {name: value for name, value in sources.items() if isinstance(value, GivenArray)}
            )
            for table, sources in self.sources.items()
        }


def _read_translations(tables: TomlTable) -> dict[str, Translation]:
    """Return what the tables of languages say, by their codes."""
    translations: dict[str, Translation] = {}
    for code in tables:
        if not _LANGUAGE.fullmatch(code):
            raise tables.error(
                code,
                say("{key} is not the code of a language", key=quote_text(code)),
                expected=say("two or three lowercase letters, such as zh"),
            )
        table = tables.table(code)
        assert table is not None
        translations[code] = Translation(**LANGUAGE.read(table))
    return translations


def _read_network(table: TomlTable | None, document: Document) -> tuple[str, str | None]:
    """Return the equations and the name of the loss."""
    if table is None:
        raise ScenarioError(
            say("there is no [network]"),
            where=document.label,
            expected=say("[network] with equations"),
        )
    values = NETWORK.read(table)
    loss = values["loss"]
    return values["equations"], None if loss is None else canonical_name(loss)
