"""A scenario file, read, checked and frozen. It knows no equation: those are texts here.

What is wrong with a file is a ScenarioError that names file, line, key, what was found and what
was expected. Nothing is guessed, and nothing is drawn or read before its size is known.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from tracer.bounded_read import read_text
from tracer.bundled import scenarios_folder
from tracer.errors import ScenarioError, TracerError, nearest
from tracer.expression.names import canonical_name
from tracer.frozen import Frozen, Value
from tracer.program.document import Document, Table, describe, hinted, number, one_of, quoted
from tracer.program.draws import MAX_AXES, Draw, Stream, read_draw
from tracer.program.files import FileData, read_file_table
from tracer.program.given import MAX_NUMBERS, Given, Written
from tracer.program.key_types import KeyType, NumberType, ScenarioSection
from tracer.program.optimizers import OPTIMIZERS
from tracer.program.overrides import apply_settings, apply_variant, settings_of, variant_tables
from tracer.program.schema import (
    EVALUATION,
    GIVEN_TABLES,
    LANGUAGE,
    MAX_VARIANTS,
    NETWORK,
    PLOT,
    PREDICTION,
    RANDOM,
    SETTINGS,
    SIGN,
    TABLES,
    TOP,
    TRAINING,
    UPDATE,
)
from tracer.program.toml_lines import KeyPath
from tracer.sentences import Local, Sentence, Text, say

__all__ = [
    "Evaluation",
    "PlotWish",
    "Prediction",
    "Scenario",
    "Training",
    "Translation",
    "Variant",
    "bundled",
    "load",
    "loads",
]

MAX_BYTES: Final = 1_000_000

# The numbers that a file holds, by table and name; the tables of the evaluation and the prediction
# are called by these.
FileNumbers = Mapping[tuple[str, str], Given]


class Variant(Value):
    """The same scenario with other values; `settings` says which, each as KEY=VALUE."""

    name: str
    settings: tuple[str, ...]


class Training(Frozen):
    """How the parameters are updated, and how often.

    `optimizer` is "" where `update` holds equations of the scenario's own. `settings` holds the
    numbers that the file gives, and no defaults; `state` the first values that it gives for what
    its own rule remembers.
    """

    optimizer: str
    learning_rate: Given | None
    settings: Mapping[str, Written]
    update: str | None
    update_line: int  # the line of the file where `update` begins; 0 where it is not in the file
    state: Mapping[str, Given]
    iterations: int | None
    epochs: int | None
    batch_size: int | None
    shuffle: bool
    seed: int | None
    sample: int | None
    samples: tuple[int, ...] | None
    stop_when: str | None


class Evaluation(Frozen):
    """What is measured, on which data; a datum that is not there is that of the training."""

    metrics: tuple[str, ...]
    data: Mapping[str, Given]


class Prediction(Frozen):
    """What the trained network is asked for, on which data."""

    data: Mapping[str, Given]
    outputs: tuple[str, ...]


class PlotWish(Value):
    """Curves a derivation is to end with: `quantities` over `over`, all vectors of one length."""

    over: str
    quantities: tuple[str, ...]


class Translation(Value):
    """The title and description in another language; "" where there is none."""

    title: str
    description: str


class Scenario(Frozen):
    """A network, its numbers and its training, as a file says them."""

    name: str
    path: Path | None
    text: str
    overrides: tuple[str, ...]
    variant_name: str  # of the variant that was chosen; "" where none was
    title: str
    description: str
    translations: Mapping[str, Translation]  # by the code of the language
    data: Mapping[str, Given]
    parameters: Mapping[str, Given]
    constants: Mapping[str, Given]
    equations: str
    equations_line: int  # the line of the file where `equations` begins; 0: not in the file
    loss: str | None
    notation: Mapping[str, str]
    trainable: tuple[str, ...] | None
    training: Training | None
    evaluation: Evaluation | None
    prediction: Prediction | None
    plot: PlotWish | None
    variants: tuple[Variant, ...]
    dtype: str
    label: str  # what messages call the file
    file_numbers: FileNumbers | None = None  # those of a saved run; None: files are read

    def variant(self, name: str) -> Scenario:
        """Return the variant of that name, with this scenario's overrides on top.

        Raises: ScenarioError where there is none, and for the scenario of a saved run, which has
        the numbers of its own files alone.
        """
        if self.file_numbers is not None:
            raise ScenarioError(
                say("a saved run has no other variants"),
                where=self.label,
                found=quoted(name),
                expected=say("the file of the scenario"),
            )
        return self._build_text(self.overrides, name)

    def with_overrides(self, settings: Sequence[str]) -> Scenario:
        """Return this scenario with further `KEY=VALUE` settings.

        Raises: ScenarioError where a key is unknown or a value does not fit.
        """
        every = (*self.overrides, *settings)
        return self._build_text(every, self.variant_name)

    def _build_text(self, settings: tuple[str, ...], variant: str) -> Scenario:
        numbers = self.file_numbers
        return _build(self.text, self.name, self.path, self.label, settings, variant, numbers)

    @property
    def heading(self) -> Local:
        """The title in all its languages; the name where there is none."""
        others = {code: item.title for code, item in self.translations.items() if item.title}
        return Local(self.title or self.name, others)

    @property
    def purpose(self) -> Local:
        """The description in all its languages, on one line."""
        others = {
            code: " ".join(item.description.split())
            for code, item in self.translations.items()
            if item.description
        }
        return Local(" ".join(self.description.split()), others)

    def place(self, line: int) -> Text:
        """Return how a message names a line of the equations, counted from 1."""
        if self.equations_line:
            return f"{self.label}:{self.equations_line + line - 1}: [network] equations"
        return say("{place}, line {line}", place=f"{self.label}: [network] equations", line=line)


def bundled() -> tuple[str, ...]:
    """Return the names of the scenarios that come with tracer, sorted."""
    return tuple(sorted(path.stem for path in scenarios_folder().glob("*.toml")))


def load(source: str | Path, *, settings: Sequence[str] = ()) -> Scenario:
    """Return the scenario of a bundled name, or of a path that has a separator or ends in .toml.

    Raises: ScenarioError where there is none, or where it cannot be used.
    """
    text = str(source)
    if isinstance(source, Path) or "/" in text or "\\" in text or text.endswith(".toml"):
        path, label = Path(source), text
    else:
        names = bundled()
        if text not in names:
            raise ScenarioError(
                hinted(say("there is no scenario {text}", text=quoted(text)), nearest(text, names)),
                expected=say("a name that `tracer list` shows, or the path of a .toml file"),
            )
        path = scenarios_folder() / f"{text}.toml"
        label = path.name
    return _build(_read_scenario(path, label), path.stem, path, label, tuple(settings), "")


def loads(
    text: str,
    *,
    name: str = "scenario",
    path: Path | None = None,
    settings: Sequence[str] = (),
    variant: str = "",
    file_numbers: FileNumbers | None = None,
) -> Scenario:
    """Return the scenario that a TOML text says; `path` is where its data files stand beside.

    `file_numbers` are those of a saved run: they are not read from files, and there are no other
    variants.
    Raises: ScenarioError where it cannot be used.
    """
    label = str(path) if path else name
    return _build(text, name, path, label, tuple(settings), variant, file_numbers)


def _read_scenario(path: Path, label: str) -> str:
    try:
        return read_text(path, most=MAX_BYTES, name=label)
    except TracerError as error:
        raise ScenarioError(
            error.what, where=error.where, found=error.found, expected=error.expected
        ) from None


def _build(
    text: str,
    name: str,
    path: Path | None,
    label: str,
    settings: tuple[str, ...],
    variant: str,
    file_numbers: FileNumbers | None = None,
) -> Scenario:
    """Parse, override, check, and only then read and draw."""
    for part in (text, *settings):
        try:
            size = len(part.encode())
        except UnicodeEncodeError:
            raise ScenarioError(say("the text is not Unicode"), where=label) from None
        if size > MAX_BYTES:
            raise ScenarioError(
                say("the scenario is too large"),
                where=label,
                expected=say("at most {most}", most=f"{MAX_BYTES // 1_000_000} MB"),
            )
    folder = path.parent if path is not None else None
    document = Document(text, label)
    variants = _variants(document, folder, are_checked=file_numbers is None)
    if variant or settings:
        if variant:
            apply_variant(document, variant)
        apply_settings(document, settings)
    draft = _Draft(document, folder, file_numbers)
    values = draft.values()
    network = draft.network
    return Scenario(
        name=name,
        path=path,
        text=text,
        overrides=settings,
        variant_name=variant,
        title=draft.title,
        description=draft.description,
        translations=MappingProxyType(draft.translations),
        data=values["data"],
        parameters=values["parameters"],
        constants=values["constants"],
        equations=network[0],
        equations_line=document.text_line(("network", "equations")),
        loss=network[1],
        notation=draft.notation,
        trainable=draft.trainable,
        training=draft.training,
        evaluation=None
        if draft.metrics is None
        else Evaluation(draft.metrics, values["evaluation"]),
        prediction=None
        if draft.outputs is None
        else Prediction(values["prediction"], draft.outputs),
        plot=draft.plot,
        variants=variants,
        dtype=draft.dtype,
        label=label,
        file_numbers=file_numbers,
    )


def _variants(document: Document, folder: Path | None, *, are_checked: bool) -> tuple[Variant, ...]:
    """Return the variants, each of them checked as a scenario of its own.

    Those of a saved run are not: what they read from files is not in it.
    """
    if "variants" not in document.content:
        return ()
    tables = variant_tables(document)
    if len(tables) > MAX_VARIANTS:
        raise document.error(
            ("variants",),
            say("too many variants"),
            found=str(len(tables)),
            expected=say("at most {most}", most=MAX_VARIANTS),
        )
    variants = [Variant(table.content["name"], settings_of(table)) for table in tables]
    for variant in variants if are_checked else ():
        changed = document.copy()
        apply_variant(changed, variant.name)
        _Draft(changed, folder, None)
    return tuple(variants)


Source = Given | Draw | FileData
_LANGUAGE: Final = re.compile("[a-z]{2,3}")
_RESERVED: Final = ("True", "False", "None", "pi")


class _Draft:
    """A checked document whose values are not yet drawn or read."""

    def __init__(
        self, document: Document, folder: Path | None, file_numbers: FileNumbers | None
    ) -> None:
        self.document = document
        self.folder = folder
        self.file_numbers: FileNumbers = file_numbers or {}
        top = Table(document, (), document.content)
        found = TOP.read(top, TABLES)
        self.title = found["title"]
        self.description = found["description"]
        self.translations = _translations(found["languages"])
        self.dtype = found["dtype"]
        self.written: dict[tuple[str, str], KeyPath] = {}  # where the file has each name
        self.sources: dict[str, dict[str, Source]] = {
            name: self._sources(found[name], name) for name in GIVEN_TABLES
        }
        self.network = _network(found["network"], document)
        self._check_names()
        signs: Table | tuple[str, ...] = found["notation"] or ()
        self.notation = MappingProxyType(
            {canonical_name(key): SIGN.read(found["notation"], key) for key in signs}
        )
        self.stream: tuple[str, int] | None = None
        if found["random"] is not None:
            random = RANDOM.read(found["random"])
            self.stream = random["generator"], random["seed"]
        training: Table | None = found["training"]
        self.trainable = self._trainable(top, training)
        self.training = _training(training, self._table_of_names()) if training else None
        if training is not None and not self.sources["parameters"]:
            raise training.error(
                "", say("there is nothing to train"), expected=say("a [parameters] table")
            )
        self.metrics = self._read_outputs(found["evaluation"], EVALUATION, "evaluation", "metrics")
        self.outputs = self._read_outputs(found["prediction"], PREDICTION, "prediction", "outputs")
        self.plot: PlotWish | None = None
        if found["plot"] is not None:
            plot = PLOT.read(found["plot"])
            quantities = tuple(map(canonical_name, plot["quantities"]))
            self.plot = PlotWish(canonical_name(plot["over"]), quantities)
        self._check_stream()
        self._check_size()
        self._check_samples()

    # What the file says

    def _sources(self, table: Table | None, home: str) -> dict[str, Source]:
        found: dict[str, Source] = {}
        for key in table or ():
            assert table is not None
            name = canonical_name(key)
            if name in found:
                raise table.error(
                    key, say("{key} is the same name as another", key=quoted(key)), found=name
                )
            known = self.file_numbers.get((home, name))
            found[name] = _source(table, key, self.folder, known)
            self.written[home, name] = (*table.path, key)
        return found

    def _table_of_names(self) -> dict[str, str]:
        """Return the table of each name."""
        return {name: table for table in GIVEN_TABLES for name in self.sources[table]}

    def _check_names(self) -> None:
        """Raise ScenarioError for a name that is none, is there twice, or reads as a gradient."""
        seen: dict[str, str] = {}
        equations, loss = self.network
        loss = loss or _last_name(equations)
        for table in GIVEN_TABLES:
            for name in self.sources[table]:
                path = self.written[table, name]
                if not name.isidentifier() or name in _RESERVED:
                    raise self.document.error(
                        path,
                        say("{name} is not a name", name=quoted(name)),
                        expected=say(
                            "letters, digits and _, without a digit first; not pi or True"
                        ),
                    )
                if name in seen:
                    raise self.document.error(
                        path,
                        say("{name} is also in [{seen}]", name=quoted(name), seen=seen[name]),
                        expected=say("one of them"),
                    )
                if name == loss:
                    raise self.document.error(
                        path, say("{name} is the name of the loss", name=quoted(name))
                    )
                if name == f"d{loss}":
                    raise self.document.error(
                        path,
                        say(
                            "the name {key} is taken: {name}/dw is the gradient of {loss}",
                            key=quoted(name),
                            name=name,
                            loss=loss,
                        ),
                        expected=say("another name"),
                    )
                seen[name] = table

    def _trainable(self, top: Table, training: Table | None) -> tuple[str, ...] | None:
        table = training if training is not None and "trainable" in training else top
        if table is training and "trainable" in top:
            raise top.error(
                "trainable", say("trainable is also in [training]"), expected=say("one of them")
            )
        if "trainable" not in table:
            return None
        names = tuple(map(canonical_name, TRAINING.value(table, "trainable")))
        known = self.sources["parameters"]
        for name in names:
            if name not in known:
                near = nearest(name, known)
                raise table.error(
                    "trainable",
                    say("there is no parameter {name}", name=quoted(name)),
                    expected=near or (one_of(known) if known else ""),
                )
        return names

    def _read_outputs(
        self, table: Table | None, section: ScenarioSection, name: str, key: str
    ) -> tuple[str, ...] | None:
        """Return the metrics or outputs, by their key, and keep the data beside them."""
        self.sources[name] = {}
        if table is None:
            return None
        found = section.read(table)
        asked = found[key]
        self.sources[name] = self._sources(found["data"], name)
        for datum in self.sources[name]:
            if datum not in self.sources["data"]:
                near = nearest(datum, self.sources["data"])
                raise self.document.error(
                    self.written[name, datum],
                    say("there is no {datum} in [data]", datum=quoted(datum)),
                    expected=near,
                )
        return tuple(map(canonical_name, asked))

    # Sizes

    def _paths(self) -> list[tuple[str, str, KeyPath, Source]]:
        """Return every value: its table, its name, its path."""
        return [
            (table, name, self.written[table, name], source)
            for table, sources in self.sources.items()
            for name, source in sources.items()
        ]

    def _check_stream(self) -> None:
        for _, _, path, source in self._paths():
            if isinstance(source, Draw) and source.needs_stream and self.stream is None:
                raise self.document.error(
                    path,
                    say("a drawn value needs a seed"),
                    expected=say("seed = 1 in it, or [random]"),
                )

    def _check_size(self) -> None:
        """Raise ScenarioError where there are too many numbers, before any of them is drawn."""
        total = 0
        for _, _, path, source in self._paths():
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
        table = Table(self.document, ("training",), self.document.content["training"])
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

    def values(self) -> dict[str, Mapping[str, Given]]:
        """Return the numbers of each table, read from files first and then drawn in order."""
        for table, name, _, source in self._paths():
            if isinstance(source, FileData):
                self.sources[table][name] = source.value()
                self._check_size()
        self._check_samples()
        stream = None
        drawn = [item for item in self._paths() if isinstance(item[3], Draw)]
        drawn.sort(key=lambda item: self.document.order(item[2]))
        for table, name, path, source in drawn:
            assert isinstance(source, Draw)
            if stream is None and source.needs_stream and self.stream:
                stream = Stream(*self.stream)
            try:
                self.sources[table][name] = source.given(stream)
            except OverflowError:
                raise self.document.error(path, say("a drawn number is not finite")) from None
        return {
            table: MappingProxyType(
                {name: value for name, value in sources.items() if isinstance(value, Given)}
            )
            for table, sources in self.sources.items()
        }


def _source(table: Table, key: str, folder: Path | None, known: Given | None) -> Source:
    """Return what stands for a value: numbers, a draw, or a file, unless its numbers are known."""
    value = table.content[key]
    if isinstance(value, dict):
        below = Table(table.document, (*table.path, key), value)
        if "file" in value:
            return read_file_table(below, folder) if known is None else known
        if "init" in value or "shape" in value:
            return read_draw(below)
        raise table.error(key, say("this is not a value"), found=say("a table"), expected=_VALUE)
    return _read_numbers(table.document, (*table.path, key), value)


_VALUE: Final = say("a number, lists of numbers, {{shape = …, init = …}} or {{file = …}}")


def _read_numbers(
    document: Document, path: KeyPath, value: Any, wanted: Sentence = _VALUE
) -> Given:
    """Return nested lists of numbers, every row as long as the first one at its depth."""
    if id(value) in document.given:
        return document.given[id(value)][1]
    shape: list[int] = []
    inner = value
    while isinstance(inner, list):
        if not inner:
            raise document.error(path, say("a list is empty"), expected=say("at least one number"))
        if len(shape) == MAX_AXES:
            raise document.error(
                path, say("too many axes"), expected=say("at most {most}", most=MAX_AXES)
            )
        shape.append(len(inner))
        inner = inner[0]

    entries: list[Written] = []

    def walk(item: Any, depth: int, at: KeyPath) -> None:
        if depth == len(shape):
            if isinstance(item, list | dict | str):
                expected = say("a number, as in the entries before") if shape else wanted
                raise document.error(
                    at, say("this is not a number"), found=describe(item), expected=expected
                )
            entries.append(number(document, at, item))
            return
        if not isinstance(item, list) or len(item) != shape[depth]:
            raise document.error(
                at,
                say("rows differ in length"),
                found=describe(item),
                expected=say("{count} entries, as in the rows before", count=shape[depth]),
            )
        for place, part in enumerate(item):
            walk(part, depth + 1, (*at, place))

    walk(value, 0, path)
    found = Given(tuple(shape), exact=tuple(entries))
    if isinstance(value, list):
        document.given[id(value)] = value, found
    return found


def _translations(tables: Table | None) -> dict[str, Translation]:
    """Return what the tables of languages say, by their codes."""
    found: dict[str, Translation] = {}
    for code in tables or ():
        assert tables is not None
        if not _LANGUAGE.fullmatch(code):
            raise tables.error(
                code,
                say("{key} is not the code of a language", key=quoted(code)),
                expected=say("two or three small letters, such as zh"),
            )
        table = tables.table(code)
        assert table is not None
        found[code] = Translation(**LANGUAGE.read(table))
    return found


def _network(table: Table | None, document: Document) -> tuple[str, str | None]:
    """Return the equations and the name of the loss."""
    if table is None:
        raise ScenarioError(
            say("there is no [network]"),
            where=document.label,
            expected=say("[network] with equations"),
        )
    found = NETWORK.read(table)
    loss = found["loss"]
    return found["equations"], None if loss is None else canonical_name(loss)


def _training(table: Table, names: Mapping[str, str]) -> Training:
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
        written = UPDATE.read(rule)
        update = written["equations"]
        state = _first_values(written["state"], update, names)
        numbers = _rule_numbers(table, update, names)
    found = TRAINING.read(table, numbers)
    rate = found["learning_rate"]
    if rate is None and (update is None or "learning_rate" in _names_in(update)):
        raise TRAINING.missing(table, "learning_rate")
    _check_choice(table, found)
    return Training(
        optimizer=optimizer,
        learning_rate=None if rate is None else Given.of(rate),
        settings=MappingProxyType(
            {key: found[key] for key in numbers if key in table and key != "learning_rate"}
        ),
        update=update,
        update_line=table.document.text_line((*table.path, "update", "equations")),
        state=MappingProxyType(state),
        shuffle=found["shuffle"],
        **{
            key: found[key]
            for key in ("iterations", "epochs", "batch_size", "seed", "sample", "samples")
        },
        stop_when=found["stop_when"],
    )


def _optimizer_numbers(table: Table, optimizer: str) -> dict[str, KeyType]:
    """Return the types of the numbers that an optimizer takes, once no other one's is there."""
    taken = OPTIMIZERS[optimizer].taken
    for key in SETTINGS:
        if key in table and key not in taken:
            takers = [name for name, other in OPTIMIZERS.items() if key in other.taken]
            raise table.error(
                key,
                say(
                    "{optimizer} takes no {key}; {takers} does",
                    optimizer=optimizer,
                    key=key,
                    takers=one_of(takers),
                ),
                expected=one_of(("learning_rate", *taken)),
            )
    return {name: key.type for name, key in taken.items()}


def _rule_numbers(table: Table, update: str, names: Mapping[str, str]) -> dict[str, KeyType]:
    """Return the types of the numbers that a rule of the scenario's own names."""
    named = _names_in(update) - {"g", "t", "parameter"}
    for key in table:
        if key in TRAINING and key != "learning_rate":
            continue
        if key not in named:
            what = say(
                "unknown key {key}, which the update rule does not name either", key=quoted(key)
            )
            near = nearest(key, TRAINING)
            if key == "learning_rate":
                what, near = say("the update rule does not name learning_rate"), ""
            raise table.error(key, what, expected=near)
        if key in names:
            raise table.error(
                key, say("{key} is also in [{names}]", key=quoted(key), names=names[key])
            )
    return {key: NumberType() for key in table if key == "learning_rate" or key not in TRAINING}


def _first_values(table: Table | None, update: str, names: Mapping[str, str]) -> dict[str, Given]:
    """Return the values that what a rule remembers starts from, where they are not 0."""
    states = {canonical_name(name) for name in re.findall(r"([^\W\d]\w*)['\u2032]", update)}
    states -= {"parameter", *names}
    found: dict[str, Given] = {}
    for key in table or ():
        assert table is not None
        name = canonical_name(key)
        if name not in states:
            raise table.error(
                key,
                say("the update rule has no state {key}", key=quoted(key)),
                expected=nearest(name, states) or one_of(sorted(states) or [""]),
            )
        numbers = say("a number or lists of numbers")
        found[name] = _read_numbers(table.document, (*table.path, key), table.content[key], numbers)
    return found


def _check_choice(table: Table, found: Mapping[str, Any]) -> None:
    """Raise ScenarioError where keys that say what an update sees, and when to end, do not fit."""
    samples, text = found["samples"], found["stop_when"]
    if samples is not None and (not samples or len(set(samples)) < len(samples)):
        raise table.error(
            "samples",
            say("the list is empty or names a sample twice"),
            expected=say("such as [0, 2]"),
        )
    if found["shuffle"] and "batch_size" not in table:
        raise table.error(
            "shuffle", say("shuffle mixes samples into batches"), expected=say("a batch_size")
        )
    if found["shuffle"] and "seed" not in table:
        raise table.error(
            "shuffle", say("shuffle needs seed"), expected=say("for example seed = 1")
        )
    if "seed" in table and "shuffle" not in table:
        raise table.error(
            "seed",
            say("this seed is for shuffle, which is not there"),
            expected=say("a seed in each drawn value, or [random]"),
        )
    sides = re.split(r"<=|>=|<|>", "a < b" if text is None else text)
    if len(sides) != 2 or not all(side.strip() for side in sides) or "=" in "".join(sides):
        raise table.error(
            "stop_when",
            say("this is not a comparison"),
            found=quoted(text),
            expected=say('two expressions with <, <=, > or >= between, such as "loss < 1e-6"'),
        )


def _names_in(equations: str) -> set[str]:
    """Return the names that stand in equations, outside their comments."""
    return set(re.findall(r"[^\W\d]\w*", re.sub(r"#.*", "", equations)))


def _last_name(equations: str) -> str:
    """Return the name before the last `=` sign at the start of a line, or ''."""
    found: Collection[str] = re.findall(r"^\s*([^\W\d]\w*)\s*=", equations, re.MULTILINE)
    return [*found][-1] if found else ""
