"""What can be changed in a scenario, and the changed scenario: another text, read by `loads`.

The text is edited with tomlkit, so that comments and the order of what a person wrote stay. It
knows no screen and runs nothing; what does not fit is the scenario reader's error.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple

from tracer.errors import ScenarioError, TracerError
from tracer.operations import nested, sample_number, sample_place, unravel, written_text
from tracer.program.document import Document, WholeType, read_toml
from tracer.program.given_array import GivenArray
from tracer.program.optimizers import OPTIMIZERS
from tracer.program.overrides import (
    apply_changes,
    existing_key,
    is_value,
    long_text,
    toml_key,
    toml_lines_of,
    toml_of,
)
from tracer.program.scenario import Scenario, loads
from tracer.program.schema import GIVEN_TABLES, TRAINING, belongs_to_rule
from tracer.program.value_sources import Draw
from tracer.sentences import say

Path = tuple[str | int, ...]
Edit = tuple[Path, str | None]
"""A key and its new value as TOML; None takes the key away."""

MOST_CELLS: Final = 4096  # entries of a drawn array that may be written out into a scenario


class EditableField(NamedTuple):
    """One thing that can be changed: its key, its kind and its value as TOML.

    `is_default`: the file does not say it. An array has its shape, and as value ''. `samples` says
    how many there are, where one of them is chosen.
    """

    path: Path
    kind: Literal["number", "whole", "optimizer", "loss", "array"]
    written: str
    low: int = 0
    is_default: bool = False
    shape: tuple[int, ...] = ()
    samples: int | None = None

    @property
    def name(self) -> str:
        """The last part of the key."""
        return str(self.path[-1])

    @property
    def group(self) -> str:
        """The table it stands in."""
        return "loss" if self.kind == "loss" else str(self.path[0])

    def spoken_value(self, written: str) -> str:
        """Return a value as people say it: samples count from 1."""
        return written if self.samples is None else str(sample_number(int(written)))

    def written_as(self, said: str) -> str:
        """Return what people say as TOML. Raises TracerError where there is no such sample."""
        if self.samples is None:
            return said
        place = sample_place(int(said))
        if not 0 <= place < self.samples:
            raise TracerError(
                say("there are only {count} samples", count=self.samples),
                found=said,
                expected=say("{low} to {high}", low=1, high=self.samples),
            )
        return str(place)


# What there is ----------------------------------------------------------------------------------


def editable_fields(scenario: Scenario) -> list[EditableField]:
    """Return all that can be changed, the learning rate first."""
    fields = [*_training_fields(scenario)]
    if scenario.loss is not None or scenario.training is not None:
        fields.append(EditableField(("network", "equations"), "loss", ""))
    for table in ("parameters", "data", "constants"):
        for name, given in scenario.given_tables[table].items():
            path: Path = (table, name)
            if given.shape:
                fields.append(EditableField(path, "array", "", shape=given.shape))
            else:
                fields.append(EditableField(path, "number", written_text(given.written_entry(0))))
    stream = changed_content(scenario).get("random")  # from which something may be drawn
    if isinstance(stream, dict) and isinstance(stream.get("seed"), int):
        fields.append(EditableField(("random", "seed"), "whole", str(stream["seed"])))
    return fields


def _training_fields(scenario: Scenario) -> Iterator[EditableField]:
    training = scenario.training
    if training is None:
        return
    if training.learning_rate is not None:
        rate = written_text(training.learning_rate.written_entry(0))
        yield EditableField(("training", "learning_rate"), "number", rate)
    yield EditableField(("training", "optimizer"), "optimizer", training.optimizer)
    settings = {name: written_text(value) for name, value in training.settings.items()}
    rule = OPTIMIZERS.get(training.optimizer)
    for name, default in (rule.defaults if rule else {}).items():
        text = settings.pop(name, None)
        yield EditableField(("training", name), "number", text or default, is_default=text is None)
    yield from (
        EditableField(("training", name), "number", text) for name, text in settings.items()
    )
    for key in TRAINING.keys:
        value = getattr(training, key.name, None)
        if isinstance(key.type, WholeType) and isinstance(value, int):
            sizes = (given.shape[0] for given in scenario.data.values() if given.shape)
            count = max(sizes, default=0) if key.name == "sample" else None
            path = "training", key.name
            yield EditableField(path, "whole", str(value), key.type.low, samples=count)


def changed_content(scenario: Scenario) -> dict[str, Any]:
    """Return what the scenario's text says, with its variant and its overrides."""
    document = Document(scenario.text, scenario.label)
    apply_changes(document, scenario.variant_name, scenario.overrides)
    return document.content


def entry_text(scenario: Scenario, field: EditableField, place: int) -> str:
    """Return one entry of an array, counted row by row, as TOML."""
    given = scenario.given_tables[str(field.path[0])][field.name]
    return written_text(given.written_entry(place))


# The changed scenario ---------------------------------------------------------------------------


def with_value(scenario: Scenario, path: Path, value: str, place: int | None = None) -> Scenario:
    """Return the scenario with a number; `place` says which entry of an array it is.

    Raises ScenarioError, and TracerError for an entry of an array too large to be written out.
    """
    if place is None:
        return with_edits(scenario, [(path, value)])
    given = scenario.given_tables[str(path[0])][str(path[1])]
    table, key = _place_in_file(changed_content(scenario), path)
    if isinstance(table[key], list):
        return with_edits(scenario, [((*path, *unravel(place, given.shape)), value)])
    after = with_edits(scenario, [(path, _written_out(given, path, place, value))])
    moved = list(_keep_other_draws(scenario, after, path))
    return with_edits(after, moved) if moved else after


def with_optimizer(scenario: Scenario, name: str) -> Scenario:
    """Return the scenario with another optimizer; what it does not take is left out.

    A rule of the scenario's own goes, with its numbers. Raises ScenarioError.
    """
    table = changed_content(scenario).get("training", {})
    keys = OPTIMIZERS[name].accepted_settings
    edits: list[Edit] = [
        (("training", key), None) for key in table if belongs_to_rule(key) and key not in keys
    ]
    edits.append((("training", "optimizer"), f'"{name}"'))
    if "learning_rate" not in table:
        edits.append((("training", "learning_rate"), TRAINING["learning_rate"].example))
    return with_edits(scenario, edits)


def with_equations(scenario: Scenario, equations: str) -> Scenario:
    """Return the scenario with other equations. Raises ScenarioError."""
    return with_edits(scenario, [(("network", "equations"), long_text(equations))])


def with_edits(scenario: Scenario, edits: Sequence[Edit]) -> Scenario:
    """Return the scenario with some keys set or taken away. Raises ScenarioError."""
    import tomlkit

    try:
        document = tomlkit.parse(plain_text(scenario))
        for path, value in edits:
            table, key = _place_in_file(document, path)
            if value is None:
                table.pop(key, None)
            else:
                table[key] = tomlkit.value(value)
        text = tomlkit.dumps(document)
    except tomlkit.exceptions.TOMLKitError as error:
        raise TracerError(say("the scenario's text cannot be changed"), found=str(error)) from None
    return loads(text, name=scenario.name, path=scenario.path, label=scenario.label)


def is_same(one: Scenario, other: Scenario) -> bool:
    """Tell whether two scenarios say the same, by their texts and what is set over them."""
    texts = [(each.text, each.overrides, each.variant_name) for each in (one, other)]
    return texts[0] == texts[1]


def plain_text(scenario: Scenario) -> str:
    """Return the text of the scenario with its variant and its overrides written into it."""
    if not scenario.overrides and not scenario.variant_name:
        return scenario.text
    import tomlkit

    document = tomlkit.parse(scenario.text)
    _follow_changes(document, read_toml(scenario.text, scenario.label), changed_content(scenario))
    return tomlkit.dumps(document)


def saved_text(scenario: Scenario, path: Any) -> str:
    """Return the text to save at a path: it is read as it will be, so that it surely loads.

    Raises ScenarioError where it would not, as where a data file does not stand beside it.
    """
    text = plain_text(scenario)
    loads(text, name=path.stem, path=path)
    return text


# Inside the text --------------------------------------------------------------------------------


def _place_in_file(table: Any, path: Path) -> tuple[Any, str | int]:
    """Return the table or list that a path leads to, and the key there as the file writes it."""
    for depth, part in enumerate(path):
        is_name = depth == 1 and path[0] in GIVEN_TABLES
        key = existing_key(table, str(part)) if is_name else part  # θ is theta
        if depth == len(path) - 1:
            return table, key
        table = table[key]
    raise KeyError(path)


def _follow_changes(table: Any, before: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    """Change a table of a tomlkit document into what is wanted, and nothing else of it."""
    import tomlkit

    for key in before:
        if key not in wanted:
            table.remove(key)
    for key, value in wanted.items():
        old = before.get(key)
        if isinstance(value, dict) and isinstance(old, dict):
            _follow_changes(table[key], old, value)
        elif key not in before or old != value or str(old) != str(value):
            table[key] = tomlkit.value(toml_of(value))


def _written_out(given: GivenArray, path: Path, place: int | None, value: str) -> str:
    """Return all entries of a drawn or read array as TOML, one of them another."""
    if given.size > MOST_CELLS:
        raise ScenarioError(
            say(
                "{path} is drawn or read and has too many numbers to be written out", path=path[-1]
            ),
            found=str(given.size),
            expected=say("at most {most}", most=MOST_CELLS),
        )
    texts = [written_text(entry) for entry in given.floats()]
    if place is not None:
        texts[place] = value
    return str(nested(texts, given.shape, lambda row: f"[{', '.join(row)}]"))


def _keep_other_draws(before: Scenario, after: Scenario, path: Path) -> Iterator[Edit]:
    """Return what keeps the other values: once one is not drawn, those behind it would change."""
    for table in ("parameters", "data", "constants"):
        for name, given in before.given_tables[table].items():
            if (table, name) == path or given.exact is not None:
                continue
            if after.given_tables[table][name].floats() != given.floats():
                yield (table, name), _written_out(given, (table, name), None, "")


# The whole scenario as text -----------------------------------------------------------------------


def scenario_toml(scenario: Scenario) -> str:
    """Return the text of a scenario file whose run is the run of this scenario.

    The variant and the settings that were chosen are in it; drawn values keep their seeds; numbers
    from files and from Python stand in it as numbers, with all digits. Comments are left out, and
    so are variants where one of them or a setting was chosen.
    """
    content = changed_content(scenario)
    if scenario.variant_name or scenario.overrides:
        content.pop("variants", None)
    for table, givens in scenario.given_tables.items():
        rows = content.get(table, {})
        rows = rows if table in GIVEN_TABLES else rows.get("data", {})
        for name, given in givens.items():
            if not isinstance(given.origin, Draw):
                rows[existing_key(rows, name)] = _nested_numbers(given)
    return "\n".join(_table_lines(content, "")).strip() + "\n"


def _nested_numbers(given: GivenArray) -> Any:
    """Return the entries of an array as lists, as they were written or with all their digits."""
    if given.exact is None:
        return given.array().tolist()
    return nested(given.exact, given.shape, list)


def _table_lines(content: Mapping[str, Any], path: str) -> Iterator[str]:
    """Yield the lines of a table, those of the tables in it last."""
    # A value that is drawn or read, and the first values of a state, stand on a line of their own.
    tables = {
        key: value
        for key, value in content.items()
        if isinstance(value, dict) and not is_value(value) and key != "state"
    }
    lists = {
        key: value
        for key, value in content.items()
        if isinstance(value, list) and value and isinstance(value[0], dict)
    }
    own = {key: value for key, value in content.items() if key not in {*tables, *lists}}
    if path and own:
        yield from ("", f"[{path}]")
    yield from _value_lines(own)
    for key, table in tables.items():
        yield from _table_lines(table, f"{path}.{toml_key(key)}" if path else toml_key(key))
    for key, items in lists.items():
        for item in items:
            yield from ("", f"[[{toml_key(key)}]]")
            yield from _value_lines(item)


def _value_lines(table: Mapping[str, Any]) -> Iterator[str]:
    return (f"{toml_key(key)} = {toml_lines_of(value)}" for key, value in table.items())
