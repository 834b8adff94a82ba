"""A check's report as text, like a linter's: where, which kind, why, and the line with the figure
marked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tracer.check.model.file_report import FileReport, Report
from tracer.check.model.finding import Finding
from tracer.errors import printable
from tracer.narrative.messages import Translate, say
from tracer.render.report_words import REPORTED, VERDICT_NAMES, all_counts_text, counts_text
from tracer.sentences import plain
from tracer.text_width import width

__all__ = ["headline", "marked", "report_text"]


def report_text(report: Report, translate: Translate = str) -> Iterator[str]:
    """Yield the lines of a report: the findings of each file, then its counts."""
    for file in report.files:
        for finding in file.findings:
            if finding.verdict in REPORTED and finding.reason != "blank":
                yield headline(file, finding, translate)
                yield from marked(file.lines, finding, translate)
        yield from _remarks(file, translate)
        yield f"{printable(file.path)}: {counts_text(file.counts(), translate)}"
        if file.marks is not None:
            from tracer.render.report_marks import marks_text

            yield from marks_text(file.marks, file.path, translate)
    if len(report.files) > 1:
        yield all_counts_text(report.counts(), translate)


def headline(file: FileReport, finding: Finding, translate: Translate) -> str:
    """Return `file:line:column: kind: message`."""
    kind = finding.kind or finding.verdict
    message = plain(finding.message or "", translate) or translate(VERDICT_NAMES[finding.verdict])
    path, line = file.seen_place(finding.line)
    message = message.replace("\n", " ")  # what was written may run over lines
    return printable(f"{path}:{line}:{finding.column}: {kind}: {message}")


def marked(lines: Sequence[str], finding: Finding, translate: Translate) -> Iterator[str]:
    """Yield the line a finding stands on, a mark below its figure, and the corrected line."""
    if finding.verdict == "carried_forward" or not 0 < finding.line <= len(lines):
        return
    raw = lines[finding.line - 1]
    yield f"    {printable(raw).strip()}"
    if finding.wrong_place is not None:
        before = printable(raw[: finding.wrong_place.start]).lstrip()
        figure = printable(raw[finding.wrong_place.start : finding.wrong_place.end])
        mark = " " * width(before) + "^" * max(1, width(figure))
        yield f"    {mark} {printable(finding.expected or '')}".rstrip()
    if finding.suggestion is not None:
        corrected = say("corrected: {text}", text=printable(finding.suggestion).strip())
        yield f"    {plain(corrected, translate)}"


def _remarks(file: FileReport, translate: Translate) -> Iterator[str]:
    if file.convention is not None:
        yield f"{printable(file.path)}: {plain(file.convention, translate)}"
    if file.offered is not None:
        sentence = say(
            "the numbers fit the scenario {scenario}; add --scenario {scenario}",
            scenario=file.offered,
        )
        yield f"{printable(file.path)}: {plain(sentence, translate)}"
