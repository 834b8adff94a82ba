"""A check's report as Markdown, to hand back with a worksheet."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tracer.check.model.finding import FileReport, Finding, Report
from tracer.errors import printable
from tracer.narrative.blocks import present
from tracer.render.markdown import escape_markdown
from tracer.render.report_text import (
    KINDS,
    ONE_OF,
    REPORTED,
    arithmetic_note,
    counts_text,
    mark_remarks,
    mark_sign,
)
from tracer.sentences import Translate, plain_text, say


def report_markdown(report: Report, translate: Translate = str) -> Iterator[str]:
    """Yield the pieces of the report: a heading, the counts and the findings of each file."""
    for place, file in enumerate(report.files):
        if place:
            yield "\n"
        counts = counts_text(file.counts(), translate)
        yield f"## {_inline_code(printable(file.path))}\n\n{counts}.\n"
        if file.marks is not None:
            yield f"\n{escape_markdown(plain_text(file.marks.total(), translate))}.\n"
        for note in present(file.convention, arithmetic_note(file)):
            yield f"\n{plain_text(note, translate)}\n"
        reported = [
            finding for finding in file.findings if finding.verdict in REPORTED and finding.message
        ]
        if reported:
            yield "\n"
        for finding in reported:
            yield from _list_item(file, finding, translate)


def _list_item(file: FileReport, finding: Finding, translate: Translate) -> Iterator[str]:
    cell, line = file.cell_line(finding.line)
    where = plain_text(
        say("line {line}, column {column}", line=line, column=finding.column), translate
    )
    if cell is not None:
        where = plain_text(say("cell {cell}, {where}", cell=cell, where=where), translate)
    message = escape_markdown(plain_text(finding.message or "", translate))
    kind = KINDS[finding.kind] if finding.kind else translate(ONE_OF[finding.verdict])
    item = say("{where}: {kind}.", where=where, kind=kind)
    yield f"- **{plain_text(item, translate)}** {message}\n"
    if 0 < finding.line <= len(file.lines) and finding.verdict == "slip":
        original = say("written: {text}", text=_inline_code(file.lines[finding.line - 1].strip()))
        yield f"  - {plain_text(original, translate)}\n"
    if finding.suggestion is not None:
        corrected = say("corrected: {text}", text=_inline_code(finding.suggestion.strip()))
        yield f"  - {plain_text(corrected, translate)}\n"


def _inline_code(text: str) -> str:
    """Return a text as inline code, whatever backticks it has."""
    text = printable(text.replace("\n", " "))
    fence = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    room = " " if text.startswith("`") or text.endswith("`") or not text else ""
    return f"{fence}{room}{text}{room}{fence}"


def feedback_markdown(file: FileReport, name: str, translate: Translate = str) -> Iterator[str]:
    """Yield the pieces of what a student gets back: the sum, a table of points, the findings."""
    marks = file.marks
    assert marks is not None
    total = escape_markdown(plain_text(marks.total(), translate))
    yield f"# {escape_markdown(name)}\n\n**{total}**\n\n"
    for note in marks.all_notes():
        yield f"{escape_markdown(plain_text(note, translate))}\n\n"
    heads = (say("line"), say("points"), say("remark"))
    yield f"| {' | '.join(plain_text(head, translate) for head in heads)} |\n|---|---|---|\n"
    for line in marks.lines:
        remark = escape_markdown(
            mark_remarks(line, translate).strip().removeprefix("(").removesuffix(")")
        )
        yield f"| `{line.label}` | {mark_sign(line)} | {remark} |\n"
    explained = say(
        "M is a point for the method, A one for an accurate result, FT one for a result that "
        "follows from an earlier figure of your own."
    )
    yield f"\n{plain_text(explained, translate)}\n\n"
    yield from report_markdown(Report([file]), translate)
