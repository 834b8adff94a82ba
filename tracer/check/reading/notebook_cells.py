"""A notebook as one document: the cells' lines one after another, and which cell each is from."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from tracer.check.reading.document import Reader, check_lines
from tracer.check.reading.prose import scenario_named
from tracer.check.report import Entry
from tracer.check.written import Document, in_cell
from tracer.errors import TracerError, printable
from tracer.expression import Notation
from tracer.narrative.messages import Sentence, Slot
from tracer.sentences import say

__all__ = ["read_notebook", "tell_cells"]


def read_notebook(text: str, path: str, notation: Notation | None) -> Document:
    """Return what a notebook's cells hold; their outputs are not read.

    The document's lines are those of the cells; `cells` has for each cell its number, from 1,
    and its first line. Raises: TracerError where the text is no notebook.
    """
    where = printable(path)
    lines: list[str] = []
    kinds: list[tuple[str, int, int, int]] = []
    for number, kind, source in _cells(text, where):
        first = len(lines)
        lines += source.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        kinds.append((kind, number, first, len(lines)))
    check_lines(lines, path)
    reader = Reader(lines or [""], notation)
    for kind, _, first, last in kinds:
        reader.read("py" if kind == "code" else "md", first, last)
    scenario = scenario_named("\n".join(lines), path=path)
    cells = tuple((number, first + 1) for _, number, first, _ in kinds)
    return reader.document(path, "ipynb", scenario, cells)


def tell_cells(entries: Iterable[Entry], cells: Sequence[tuple[int, int]]) -> None:
    """Count the lines that the messages of entries name in their cells."""
    for entry in entries:
        if entry.message is not None:
            entry.message = _in_cells(entry.message, cells)


def _in_cells(sentence: Sentence, cells: Sequence[tuple[int, int]]) -> Sentence:
    slots: dict[str, Slot] = {}
    for name, slot in sentence.slots.items():
        slots[name] = slot
        if isinstance(slot, Sentence):
            slots[name] = _in_cells(slot, cells)
        elif name == "line" and isinstance(slot, int):
            cell, line = in_cell(cells, slot)
            slots[name] = f"{line} (cell {cell})"
    return Sentence(sentence.template, slots)


def _cells(text: str, where: str) -> list[tuple[int, str, str]]:
    """Return number, kind and source of the cells that are Markdown or code."""
    try:
        notebook: Any = json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        raise TracerError(
            say("this is no notebook"), where=where, expected=say("JSON with cells")
        ) from None
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    if not isinstance(cells, list):
        raise TracerError(say("this is no notebook"), where=where, expected=say("a list of cells"))
    found: list[tuple[int, str, str]] = []
    for number, cell in enumerate(cells, start=1):
        if not isinstance(cell, dict):
            continue
        kind, source = cell.get("cell_type"), cell.get("source")
        if isinstance(source, list):
            source = "".join(each for each in source if isinstance(each, str))
        if kind in ("markdown", "code") and isinstance(source, str):
            found.append((number, str(kind), source))
    return found
