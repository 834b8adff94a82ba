"""A check's report as the workflow commands by which GitHub annotates files."""

from __future__ import annotations

from collections.abc import Iterator

from tracer.check.report import Report, Verdict
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
        for entry in file.entries:
            level = LEVELS.get(entry.verdict)
            if level is None or entry.reason == "blank":
                continue
            end = entry.span.end if entry.span is not None else entry.place.end
            places = f"file={_property(file.path)}"
            if not file.cells:  # in the file, a notebook's lines are others
                places += f",line={entry.line},col={entry.column}"
                places += f",endColumn={max(end, entry.column)}"
            title = _property(entry.kind or entry.verdict)
            text = plain(entry.message or "", translate) or entry.verdict
            if entry.suggestion is not None:
                text += f"\n{entry.suggestion.strip()}"
            if file.cells:
                path, line = file.where(entry.line)
                text = f"{path}:{line}:{entry.column}: {text}"
            yield f"::{level} {places},title={title}::{_data(text)}"


def _data(text: str) -> str:
    return printable_text(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
