"""The report as JSON: the one form in which other programs read it."""

from __future__ import annotations

from typing import Any

from tracer.check.marks import Marks
from tracer.check.report import VERDICTS, Entry, FileReport, Report
from tracer.check.written import in_cell
from tracer.sentences import Sentence, Translate, plain

__all__ = ["VERSION", "report_json"]

VERSION = 1


def report_json(report: Report, translate: Translate = str) -> dict[str, Any]:
    """Return the report as a dictionary of plain values (docs/check.schema.json)."""
    return {
        "version": VERSION,
        "files": [_file(file, translate) for file in report.files],
        "summary": {"files": len(report.files), **report.counts()},
    }


def _file(file: FileReport, translate: Translate) -> dict[str, Any]:
    counts = file.counts()
    not_read = counts["not_checked"]
    data: dict[str, Any] = {
        "path": file.path,
        "scenario": file.scenario,
        "offered": file.offered,
        "convention": _message(file.convention, translate),
        "lines": [_entry(file, entry, translate) for entry in file.entries],
        "read": sum(counts[verdict] for verdict in VERDICTS) - not_read,
        "not_read": not_read,
    }
    if file.marks is not None:
        data["marks"] = _marks(file.marks, translate)
    return data


def _entry(file: FileReport, entry: Entry, translate: Translate) -> dict[str, Any]:
    span, start = entry.span, entry.carried_from
    cell, line = in_cell(file.cells, entry.line)
    return {
        **({} if cell is None else {"cell": cell}),
        "line": line,
        "column": entry.column,
        "text": entry.text,
        "verdict": entry.verdict,
        "tier": entry.tier,
        "kind": entry.kind,
        "candidates": list(entry.candidates),
        "cause": entry.cause,
        "span": None if span is None else [span.start, span.end],
        "more_spans": [
            [in_cell(file.cells, item.line)[1], item.start, item.end] for item in entry.more_spans
        ],
        "written": entry.written,
        "expected": entry.expected,
        "suggestion": entry.suggestion,
        "message": _message(entry.message, translate),
        "result_correct": entry.result_correct,
        "carried_from": None if start is None else in_cell(file.cells, start)[1],
        "reason": entry.reason,
        "links": [
            {"left": link.left, "right": link.right, "tier": link.tier} for link in entry.links
        ],
    }


def _message(sentence: Sentence | None, translate: Translate) -> str | None:
    return None if sentence is None else plain(sentence, translate)


def _marks(marks: Marks, translate: Translate = str) -> dict[str, Any]:
    """Return the points as plain data."""
    return {
        "points": marks.points,
        "possible": marks.possible,
        "method": list(marks.method),
        "accuracy": list(marks.accuracy),
        "carried_forward": marks.carried,
        "by_hand": marks.by_hand,
        "seed": marks.seed,
        "notes": [plain(note, translate) for note in marks.all_notes()],
        "lines": [
            {
                "label": line.label,
                "line": line.line or None,
                "method": line.method,
                "accuracy": line.accuracy,
                "points": line.points,
                "possible": line.possible,
                "notes": [plain(note, translate) for note in line.notes],
                "unread": list(line.unread),
            }
            for line in marks.lines
        ],
    }
