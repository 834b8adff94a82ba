"""A scenario as the text of a file that gives it again: with its variant, settings and numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tracer.operations.array_shape import nested
from tracer.program.draws import Draw
from tracer.program.given import Given
from tracer.program.overrides import is_value, key_as_written, toml_key, toml_of
from tracer.program.scenario import Scenario
from tracer.program.scenario_edits import changed_content
from tracer.program.schema import GIVEN_TABLES


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
                rows[key_as_written(rows, name)] = _nested_numbers(given)
    return "\n".join(_table_lines(content, "")).strip() + "\n"


def _nested_numbers(given: Given) -> Any:
    """Return the entries of an array as lists, as they were written or with all their digits."""
    if given.exact is None:
        return given.array().tolist()
    return nested(given.exact, given.shape, list)


def _table_lines(content: Mapping[str, Any], path: str) -> Iterator[str]:
    """Yield the lines of a table, those of the tables in it last."""
    tables = {key: value for key, value in content.items() if _has_heading(key, value)}
    lists = {key: value for key, value in content.items() if _is_list_of_tables(value)}
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
    return (f"{toml_key(key)} = {_value_text(value)}" for key, value in table.items())


def _has_heading(key: str, value: Any) -> bool:
    """Tell whether a value is a table with a heading of its own; a drawn value is on its line."""
    return isinstance(value, dict) and not is_value(value) and key != "state"


def _is_list_of_tables(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def _value_text(value: Any) -> str:
    """Return a value as TOML; a text of several lines stands on several."""
    if not isinstance(value, str) or "\n" not in value or not value.replace("\n", "").isprintable():
        return toml_of(value)
    escaped = value.replace("\\", "\\\\").replace('"""', '""\\"')
    return f'"""\n{escaped}"""'
