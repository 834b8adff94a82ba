"""A notebook as one document: the cells' lines one after another, and which cell each is from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tracer.check.model.statements import WorkedDocument
from tracer.check.read.reader import DocumentReader, check_size
from tracer.check.read.stage_markers import find_scenario
from tracer.errors import TracerError, printable
from tracer.sentences import say

__all__ = ["notebook_cells", "read_notebook"]


def read_notebook(
    text: str, path: str, watch: Callable[[], object] | None = None
) -> WorkedDocument:
    """Return what a notebook's cells and what they printed hold.

    The document's lines are those of the cells, each with what it printed after its source;
    `cells` has for each cell its number, from 1, and its first line. Raises: TracerError where the
    text is no notebook.
    """
    lines: list[str] = []
    pieces: list[tuple[str, int, int]] = []
    cells: list[tuple[int, int]] = []
    for number, kind, source in notebook_cells(text, printable(path)):
        first = len(lines)
        lines += source.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        pieces.append((kind, first, len(lines)))
        if kind != "output":
            cells.append((number, first + 1))
    check_size(lines, path)
    reader = DocumentReader(lines or [""], watch)
    for kind, first, last in pieces:
        if kind == "output":
            reader.read_output(first, last)
        else:
            reader.read("py" if kind == "code" else "md", first, last)
    scenario = find_scenario("\n".join(lines), path=path)
    return reader.document(path, "ipynb", scenario, tuple(cells))


def notebook_cells(text: str, where: str) -> list[tuple[int, str, str]]:
    """Return number, kind and text of the cells that are Markdown or code, and of their outputs."""
    import json  # few documents are notebooks

    try:
        notebook: Any = json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        raise TracerError(
            say("this is not a notebook"), where=where, expected=say("JSON with cells")
        ) from None
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    if not isinstance(cells, list):
        raise TracerError(
            say("this is not a notebook"), where=where, expected=say("a list of cells")
        )
    found: list[tuple[int, str, str]] = []
    for number, cell in enumerate(cells, start=1):
        if not isinstance(cell, dict):
            continue
        kind, source = cell.get("cell_type"), _joined(cell.get("source"))
        if kind in ("markdown", "code") and source is not None:
            found.append((number, str(kind), source))
            outputs = cell.get("outputs")
            for output in outputs if isinstance(outputs, list) else ():
                printed = _joined(output.get("text")) if isinstance(output, dict) else None
                if printed:
                    found.append((number, "output", printed.rstrip("\n")))
    return found


def _joined(source: object) -> str | None:
    """Return a text that JSON holds as one string or as a list of lines."""
    if isinstance(source, list):
        return "".join(each for each in source if isinstance(each, str))
    return source if isinstance(source, str) else None
