"""A scenario as the text of a file that gives it again: with its variant, settings and numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tracer.expression.names import canonical_name
from tracer.operations.array_shape import nested
from tracer.program.document import Document
from tracer.program.draws import Draw
from tracer.program.given import Given
from tracer.program.overrides import apply_changes, toml_key, toml_of
from tracer.program.scenario import Scenario
from tracer.program.schema import GIVEN_TABLES

__all__ = ["scenario_toml"]

_DATA = (*GIVEN_TABLES, "evaluation.data", "prediction.data")  # tables of names and numbers


def scenario_toml(scenario: Scenario) -> str:
    """Return the text of a scenario file whose run is the run of this scenario.

    The variant and the settings that were chosen are in it; drawn values keep their seeds; numbers
    from files and from Python stand in it as numbers, with all digits. Comments are left out, and
    so are variants where one of them or a setting was chosen.
    """
    document = Document(scenario.text, scenario.label)
    apply_changes(document, scenario.variant_name, scenario.overrides)
    content = dict(document.content)
    if scenario.variant_name or scenario.overrides:
        content.pop("variants", None)
    return "\n".join(_table_lines(content, "", scenario)).strip() + "\n"


def _table_lines(content: Mapping[str, Any], path: str, scenario: Scenario) -> Iterator[str]:
    """Yield the lines of a table, those of the tables in it last."""
    inner = {key: value for key, value in content.items() if _is_table(key, value, path)}
    lists = {key: value for key, value in content.items() if _is_list_of_tables(value)}
    own = [key for key in content if key not in inner and key not in lists]
    if path and own:
        yield from ("", f"[{path}]")
    givens = _givens(scenario, path)
    for key in own:
        given = givens.get(canonical_name(key))
        if given is None or isinstance(given.origin, Draw):
            yield f"{toml_key(key)} = {_value_text(content[key])}"
        else:
            yield f"{toml_key(key)} = {toml_of(_numbers(given))}"
    for key, value in inner.items():
        yield from _table_lines(
            value, f"{path}.{toml_key(key)}" if path else toml_key(key), scenario
        )
    for key, tables in lists.items():
        for table in tables:
            yield from ("", f"[[{toml_key(key)}]]")
            yield from (f"{toml_key(name)} = {_value_text(value)}" for name, value in table.items())


def _is_table(key: str, value: Any, path: str) -> bool:
    """Tell whether a value has a heading of its own; a drawn value stands on its line."""
    return isinstance(value, dict) and path not in _DATA and key != "state"


def _is_list_of_tables(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def _givens(scenario: Scenario, path: str) -> Mapping[str, Given]:
    """Return the numbers of a table, by their names."""
    table, _, below = path.partition(".")
    if below:
        asked = getattr(scenario, table, None)
        return asked.data if asked is not None and below == "data" else {}
    return getattr(scenario, table) if table in GIVEN_TABLES else {}


def _numbers(given: Given) -> Any:
    """Return the entries of an array as lists, as they were written or with all their digits."""
    if given.exact is None:
        return given.array().tolist()
    return nested([given.written(place) for place in range(given.size)], given.shape, list)


def _value_text(value: Any) -> str:
    """Return a value as TOML; a text of several lines stands on several."""
    if not isinstance(value, str) or "\n" not in value or not value.replace("\n", "").isprintable():
        return toml_of(value)
    escaped = value.replace("\\", "\\\\").replace('"""', '""\\"')
    return f'"""\n{escaped}"""'
