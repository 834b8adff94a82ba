"""A text of any kind, read: where the reader of documents begins.

A notebook is one document: the cells' lines one after another, and which cell each is from.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tracer.check.model.statements import DocumentKind, WorkedDocument
from tracer.check.read.reader import MAX_BYTES, DocumentReader, check_size
from tracer.check.read.stage_markers import find_scenario
from tracer.errors import LimitError, TracerError, printable
from tracer.lazy_modules import LazyModule
from tracer.sentences import say

if TYPE_CHECKING:
    from tracer.check.read import web_pages
else:
    web_pages = LazyModule("tracer.check.read.web_pages")

_KINDS: Final[dict[str, DocumentKind]] = {
    ".md": "md", ".markdown": "md", ".mdown": "md", ".qmd": "md", ".rmd": "md",
    ".txt": "txt", ".text": "txt", "": "txt",
    ".tex": "tex", ".latex": "tex",
    ".html": "html", ".htm": "html", ".xhtml": "html",
    ".ipynb": "ipynb",
    ".py": "py",
}  # fmt: skip
_REFUSED: Final = {
    ".docx": say("plain text, or Markdown made with `pandoc notes.docx -o notes.md`"),
    ".doc": say("the same document as plain text"),
    ".odt": say("plain text, or Markdown made with `pandoc notes.odt -o notes.md`"),
    ".rtf": say("the same document as plain text"),
    ".pdf": say("the file that the PDF was made from, or its text in a .txt file"),
    ".rst": say("the same document as plain text (.txt) or Markdown"),
    ".png": say("the lines, typed into a .txt file"),
    ".jpg": say("the lines, typed into a .txt file"),
    ".jpeg": say("the lines, typed into a .txt file"),
}


def is_read(path: Path) -> bool:
    """Tell whether a file in a folder is one to read, by the ending of its name."""
    return path.suffix != "" and path.suffix.lower() in _KINDS


def kind_of(path: str) -> DocumentKind:
    """Return how a file is read, by its name.

    Raises: TracerError, which says what to do instead, for files that are no text.
    """
    suffix = Path(path).suffix.lower()
    if path == "-":
        return "md"
    kind = _KINDS.get(suffix)
    if kind is None:
        raise TracerError(
            say("tracer does not read {suffix} files", suffix=suffix),
            where=printable(path),
            expected=_REFUSED.get(suffix, say(".md, .txt, .tex, .html, .ipynb or .py")),
        )
    return kind


def read_document(
    text: str,
    kind: DocumentKind,
    path: str = "<text>",
    *,
    watch: Callable[[], object] | None = None,
) -> WorkedDocument:
    """Return what a text of a kind holds, in the order in which it stands.

    `watch` is called now and then: who no longer wants the text read raises in it.

    Raises: LimitError over 1 MB or 20,000 lines; TracerError for a notebook that is none, or a
    comment that names a file as scenario.
    """
    if len(text) > MAX_BYTES or len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise LimitError(
            say("the file is too large"), where=printable(path), expected=say("at most 1 MB")
        )
    if kind == "ipynb":
        return _read_notebook(text, path, watch)
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if kind == "html":
        text = web_pages.as_markdown(text)
    lines = text.split("\n")
    check_size(lines, path)
    reader = DocumentReader(lines, watch)
    front = reader.front_matter() if kind == "md" else 0
    scenario = find_scenario(text, "\n".join(lines[:front]), path)
    reader.read("md" if kind == "html" else kind, front, len(lines))
    return reader.document(path, kind, scenario)


def _read_notebook(
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
            reader.read_printed([reader.row_text(row) for row in range(first, last)])
        else:
            reader.read("py" if kind == "code" else "md", first, last)
    return reader.document(path, "ipynb", find_scenario("\n".join(lines), path=path), tuple(cells))


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
    texts: list[tuple[int, str, str]] = []
    for number, cell in enumerate(cells, start=1):
        if not isinstance(cell, dict):
            continue
        kind, source = cell.get("cell_type"), _json_text(cell.get("source"))
        if kind in ("markdown", "code") and source is not None:
            texts.append((number, str(kind), source))
            outputs = cell.get("outputs")
            for output in outputs if isinstance(outputs, list) else ():
                printed = _json_text(output.get("text")) if isinstance(output, dict) else None
                if printed:
                    texts.append((number, "output", printed.rstrip("\n")))
    return texts


def _json_text(source: object) -> str | None:
    """Return a text that JSON holds as one string or as a list of lines."""
    if isinstance(source, list):
        return "".join(each for each in source if isinstance(each, str))
    return source if isinstance(source, str) else None
