"""A check's report as text, like a linter's: where, which kind, why, and the line with the figure
marked.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence

from tracer.check.report import Entry, FileReport, Report, Verdict
from tracer.check.report_json import words
from tracer.errors import printable
from tracer.narrative.messages import Translate, say

__all__ = ["counted", "headline", "marked", "report_text"]

# What is told of, besides the counts; what is right needs no line.
TOLD: tuple[Verdict, ...] = ("slip", "carried_forward", "rounding", "undecided", "not_checked")


def report_text(report: Report, translate: Translate = str) -> Iterator[str]:
    """Yield the lines of a report: the findings of each file, then its counts."""
    for file in report.files:
        for entry in file.entries:
            if entry.verdict in TOLD and entry.reason != "blank":
                yield headline(file, entry, translate)
                yield from marked(file.lines, entry, translate)
        yield from _remarks(file, translate)
        yield f"{printable(file.path)}: {counted(file.counts(), translate)}"
        if file.marks is not None:
            from tracer.render.report_marks import marks_text  # few files are worksheets

            yield from marks_text(file.marks, file.path, translate)
    if len(report.files) > 1:
        yield f"{words(say('in all'), translate)}: {counted(report.counts(), translate)}"


def headline(file: FileReport, entry: Entry, translate: Translate) -> str:
    """Return `file:line:column: kind: message`."""
    kind = entry.kind or entry.verdict
    message = words(entry.message, translate) or translate(_NAMES[entry.verdict])
    path, line = file.where(entry.line)
    message = message.replace("\n", " ")  # what was written may run over lines
    return printable(f"{path}:{line}:{entry.column}: {kind}: {message}")


def marked(lines: Sequence[str], entry: Entry, translate: Translate) -> Iterator[str]:
    """Yield the line a finding stands on, a mark below its figure, and the corrected line."""
    if entry.verdict == "carried_forward" or not 0 < entry.line <= len(lines):
        return
    raw = lines[entry.line - 1]
    yield f"    {printable(raw).strip()}"
    if entry.span is not None:
        before = printable(raw[: entry.span.start]).lstrip()
        figure = printable(raw[entry.span.start : entry.span.end])
        mark = " " * _cells(before) + "^" * max(1, _cells(figure))
        yield f"    {mark} {entry.expected or ''}".rstrip()
    if entry.suggestion is not None:
        corrected = words(say("corrected"), translate)
        yield f"    {corrected}: {printable(entry.suggestion).strip()}"


def _cells(text: str) -> int:
    """Return how many cells of a terminal a text takes; Chinese characters take two."""
    return sum(
        2 if unicodedata.east_asian_width(sign) in "WF" else 0 if unicodedata.combining(sign) else 1
        for sign in text
    )


def _remarks(file: FileReport, translate: Translate) -> Iterator[str]:
    if file.convention is not None:
        yield f"{printable(file.path)}: {words(file.convention, translate)}"
    if file.offered is not None:
        sentence = say(
            "the numbers fit the scenario {scenario}; add --scenario {scenario}",
            scenario=file.offered,
        )
        yield f"{printable(file.path)}: {words(sentence, translate)}"


_NAMES: dict[Verdict, str] = {
    "correct": say("right").template,
    "slip": say("slips").template,
    "rounding": say("rounding remarks").template,
    "carried_forward": say("carried forward").template,
    "undecided": say("undecided").template,
    "not_checked": say("not checked").template,
}
_ONE: dict[Verdict, str] = {
    **_NAMES,
    "slip": say("slip").template,
    "rounding": say("rounding remark").template,
}


def counted(counts: Mapping[Verdict, int], translate: Translate) -> str:
    """Return counts in words; what there is none of is left out, but not slips."""
    parts = [
        f"{count} {translate((_ONE if count == 1 else _NAMES)[verdict])}"
        for verdict, count in counts.items()
        if count or verdict in ("correct", "slip", "not_checked")
    ]
    return translate(", ").join(parts)
