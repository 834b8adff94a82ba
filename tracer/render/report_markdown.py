"""A check's report as Markdown, to hand back with a worksheet."""

from __future__ import annotations

from collections.abc import Iterator

from tracer.check.report import Entry, FileReport, Report
from tracer.check.written import in_cell
from tracer.errors import printable
from tracer.narrative.messages import Translate, say
from tracer.render.report_words import REPORTED, counts_text
from tracer.sentences import plain

__all__ = ["report_markdown"]


def report_markdown(report: Report, translate: Translate = str) -> Iterator[str]:
    """Yield the pieces of the report: a heading, the counts and the findings of each file."""
    for place, file in enumerate(report.files):
        if place:
            yield "\n"
        yield f"## {_code(printable(file.path))}\n\n{counts_text(file.counts(), translate)}.\n"
        if file.marks is not None:
            yield f"\n{_escaped(plain(file.marks.total(), translate))}.\n"
        if file.convention is not None:
            yield f"\n{plain(file.convention, translate)}\n"
        told = [entry for entry in file.entries if entry.verdict in REPORTED and entry.message]
        if told:
            yield "\n"
        for entry in told:
            yield from _item(file, entry, translate)


def _item(file: FileReport, entry: Entry, translate: Translate) -> Iterator[str]:
    cell, line = in_cell(file.cells, entry.line)
    where = plain(say("line {line}, column {column}", line=line, column=entry.column), translate)
    if cell is not None:
        where = f"cell {cell}, {where}"
    message = _escaped(plain(entry.message or "", translate))
    yield f"- **{where}: {(entry.kind or entry.verdict).replace('_', ' ')}.** {message}\n"
    if 0 < entry.line <= len(file.lines) and entry.verdict == "slip":
        raw = file.lines[entry.line - 1].strip()
        yield f"  - {plain(say('written'), translate)}: {_code(raw)}\n"
    if entry.suggestion is not None:
        yield f"  - {plain(say('corrected'), translate)}: {_code(entry.suggestion.strip())}\n"


def _code(text: str) -> str:
    """Return a text as inline code, whatever backticks it has."""
    text = printable(text.replace("\n", " "))
    longest = current = 0
    for sign in text:
        current = current + 1 if sign == "`" else 0
        longest = max(longest, current)
    fence = "`" * (longest + 1)
    room = " " if text.startswith("`") or text.endswith("`") or not text else ""
    return f"{fence}{room}{text}{room}{fence}"


def _escaped(text: str) -> str:
    line = printable(text.replace("\n", " "))  # what was written may run over lines
    return "".join(f"\\{sign}" if sign in "\\`*_{}[]<>#|$" else sign for sign in line)
