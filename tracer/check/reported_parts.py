"""What a report says of the parts of a document: their lines, and whose they are."""

from __future__ import annotations

from collections.abc import Sequence

from tracer.check.bind.document_parts import DocumentPart
from tracer.check.model.file_report import ReportedPart
from tracer.check.model.statements import CodeListing, WorkedDocument
from tracer.sentences import Sentence, say

__all__ = ["other_exercise", "reported_parts"]


def reported_parts(
    document: WorkedDocument, parts: Sequence[DocumentPart], scenario: str | None
) -> list[ReportedPart]:
    """Return the parts that hold something, with the scenario of those that are bound to it."""
    return [
        ReportedPart(*_lines_of(document, part), scenario if part.is_bound else None)
        for part in parts
        if part.first < part.last
    ]


def other_exercise(
    document: WorkedDocument, parts: Sequence[DocumentPart], scenario: str | None
) -> Sentence | None:
    """Return what is said of the parts that are not of the scenario; None where all are."""
    if scenario is None:
        return None
    other = [_lines_of(document, part) for part in parts if not part.is_bound]
    if not other:
        return None
    return say(
        "lines {lines} state other values than the scenario {scenario}; "
        "they were checked as an exercise of their own",
        lines=", ".join(f"{first}–{last}" for first, last in other),
        scenario=scenario,
    )


def _lines_of(document: WorkedDocument, part: DocumentPart) -> tuple[int, int]:
    """Return the first and the last raw line of a part."""
    lines = [
        each.line if isinstance(each, CodeListing) else each.place.line
        for each in document.statements[part.first : part.last]
    ]
    return min(lines), max(lines)
