"""A value as a file writes it: numbers in lists, a draw, or a file to read.

Nothing is drawn or read here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from tracer.program.document import Document, TomlTable, describe_value, finite_number
from tracer.program.draws import MAX_AXES, Draw, read_draw
from tracer.program.files import FileData, read_file_table
from tracer.program.given import Given, Written
from tracer.program.toml_lines import KeyPath
from tracer.sentences import Sentence, say

__all__ = ["ValueSource", "read_numbers", "read_source"]

ValueSource = Given | Draw | FileData
_VALUE: Final = say("a number, lists of numbers, {{shape = …, init = …}} or {{file = …}}")


def read_source(
    table: TomlTable, key: str, folder: Path | None, known: Given | None
) -> ValueSource:
    """Return what stands for a value: numbers, a draw, or a file, unless its numbers are known."""
    value = table.content[key]
    if isinstance(value, dict):
        below = TomlTable(table.document, (*table.path, key), value)
        if "file" in value:
            return read_file_table(below, folder) if known is None else known
        if "init" in value or "shape" in value:
            return read_draw(below)
        raise table.error(key, say("this is not a value"), found=say("a table"), expected=_VALUE)
    return read_numbers(table.document, (*table.path, key), value)


def read_numbers(document: Document, path: KeyPath, value: Any, wanted: Sentence = _VALUE) -> Given:
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
                    at, say("this is not a number"), found=describe_value(item), expected=expected
                )
            entries.append(finite_number(document, at, item))
            return
        if not isinstance(item, list) or len(item) != shape[depth]:
            raise document.error(
                at,
                say("rows differ in length"),
                found=describe_value(item),
                expected=say("{count} entries, as in the rows before", count=shape[depth]),
            )
        for place, part in enumerate(item):
            walk(part, depth + 1, (*at, place))

    walk(value, 0, path)
    found = Given(tuple(shape), exact=tuple(entries))
    if isinstance(value, list):
        document.given[id(value)] = value, found
    return found
