"""A text of any kind, read: where the reader of documents begins."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from tracer.check.model.statements import BlockReadings, DocumentKind, WorkedDocument
from tracer.check.read.notebook_reader import read_notebook
from tracer.check.read.reader import MAX_BYTES, DocumentReader, check_size
from tracer.check.read.stage_markers import find_scenario
from tracer.errors import LimitError, TracerError, printable
from tracer.sentences import say

__all__ = ["is_read", "kind_of", "read_document"]

_KINDS: Final[dict[str, DocumentKind]] = {
    ".md": "md", ".markdown": "md", ".mdown": "md", ".qmd": "md", ".rmd": "md",
    ".txt": "txt", ".text": "txt", "": "txt",
    ".tex": "tex", ".latex": "tex",
    ".ipynb": "ipynb",
    ".py": "py",
}  # fmt: skip
_REFUSED: Final = {
    ".docx": say("save it as plain text, or as Markdown with `pandoc notes.docx -o notes.md`"),
    ".doc": say("save it as plain text"),
    ".odt": say("save it as plain text, or as Markdown with `pandoc notes.odt -o notes.md`"),
    ".rtf": say("save it as plain text"),
    ".pdf": say("check the file that the PDF was made from, or copy its text into a .txt file"),
    ".html": say("save the page as plain text"),
    ".htm": say("save the page as plain text"),
    ".rst": say("save it as plain text (.txt) or Markdown"),
    ".png": say("type the lines into a .txt file"),
    ".jpg": say("type the lines into a .txt file"),
    ".jpeg": say("type the lines into a .txt file"),
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
            expected=_REFUSED.get(suffix, say(".md, .txt, .tex, .ipynb or .py")),
        )
    return kind


def read_document(
    text: str,
    kind: DocumentKind,
    path: str = "<text>",
    *,
    watch: Callable[[], object] | None = None,
    known: BlockReadings | None = None,
) -> WorkedDocument:
    """Return what a text of a kind holds, in the order in which it stands.

    `watch` is called now and then: who no longer wants the text read raises in it. What was read
    of a text before (`known`) is not read again where it has not changed.

    Raises: LimitError over 1 MB or 20,000 lines; TracerError for a notebook that is none, or a
    comment that names a file as scenario.
    """
    if len(text) > MAX_BYTES or len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise LimitError(
            say("the file is too large"), where=printable(path), expected=say("at most 1 MB")
        )
    if kind == "ipynb":
        return read_notebook(text, path, watch)
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    check_size(lines, path)
    reader = DocumentReader(lines, watch, known)
    front = reader.front_matter() if kind == "md" else 0
    scenario = find_scenario(text, "\n".join(lines[:front]), path)
    reader.read(kind, front, len(lines))
    return reader.document(path, kind, scenario)
