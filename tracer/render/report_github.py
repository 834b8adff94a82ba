"""A check's report as the workflow commands by which GitHub annotates files."""

from __future__ import annotations

from collections.abc import Iterator

from tracer.check.model.file_report import Report
from tracer.check.model.finding import Verdict
from tracer.errors import printable_text
from tracer.narrative.messages import Translate
from tracer.sentences import plain

__all__ = ["report_github"]

LEVELS: dict[Verdict, str] = {
    "slip": "error",
    "carried_forward": "warning",
    "rounding": "notice",
    "undecided": "notice",
    "not_checked": "notice",
}


def report_github(report: Report, translate: Translate = str) -> Iterator[str]:
    """Yield one command a finding; columns count from 1, the last one included."""
    for file in report.files:
        for finding in file.findings:
            level = LEVELS.get(finding.verdict)
            if level is None or finding.reason == "blank":
                continue
            end = finding.wrong_place.end if finding.wrong_place is not None else finding.place.end
            places = f"file={_property(file.path)}"
            if not file.cells:  # in the file, a notebook's lines are others
                places += f",line={finding.line},col={finding.column}"
                places += f",endColumn={max(end, finding.column)}"
            title = _property(finding.kind or finding.verdict)
            text = plain(finding.message or "", translate) or finding.verdict
            if finding.suggestion is not None:
                text += f"\n{finding.suggestion.strip()}"
            if file.cells:
                path, line = file.seen_place(finding.line)
                text = f"{path}:{line}:{finding.column}: {text}"
            yield f"::{level} {places},title={title}::{_data(text)}"


def _data(text: str) -> str:
    return printable_text(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
