"""The report as JSON: the one form in which other programs read it."""

from __future__ import annotations

from typing import Any

from tracer.check.model.file_report import FileReport, Report
from tracer.check.model.finding import VERDICTS, Finding
from tracer.check.model.marks import Marks
from tracer.sentences import Sentence, Translate, plain_text

VERSION = 1


def report_json(report: Report, translate: Translate = str) -> dict[str, Any]:
    """Return the report as a dictionary of plain values (docs/check.schema.json)."""
    return {
        "version": VERSION,
        "files": [file_data(file, translate) for file in report.files],
        "summary": {"files": len(report.files), **report.counts()},
    }


def file_data(file: FileReport, translate: Translate = str) -> dict[str, Any]:
    """Return the report on one file as plain values, an item of `files`."""
    counts = file.counts()
    not_read = counts["not_checked"]
    data: dict[str, Any] = {
        "path": file.path,
        "scenario": file.scenario,
        "offered": file.offered,
        "convention": _message_text(file.convention, translate),
        "lines": [_finding_data(file, finding, translate) for finding in file.findings],
        "parts": [
            {
                "first_line": file.cell_line(part.first_line)[1],
                "last_line": file.cell_line(part.last_line)[1],
                "scenario": part.scenario,
            }
            for part in file.parts
        ],
        "formulas": file.formulas,
        "read": sum(counts[verdict] for verdict in VERDICTS) - not_read,
        "not_read": not_read,
    }
    if file.marks is not None:
        data["marks"] = _marks_data(file.marks, translate)
    return data


def _finding_data(file: FileReport, finding: Finding, translate: Translate) -> dict[str, Any]:
    place, start = finding.wrong_place, finding.error_line
    cell, line = file.cell_line(finding.line)
    return {
        **({} if cell is None else {"cell": cell}),
        "line": line,
        "column": finding.column,
        "text": finding.text,
        "verdict": finding.verdict,
        "tier": finding.tier,
        "kind": finding.kind,
        "candidates": list(finding.candidates),
        "cause": finding.cause,
        "span": None if place is None else [place.start, place.end],
        "more_spans": [
            [file.cell_line(item.line)[1], item.start, item.end] for item in finding.more_places
        ],
        "written": finding.written,
        "expected": finding.expected,
        "suggestion": finding.suggestion,
        "message": _message_text(finding.message, translate),
        "result_correct": finding.result_correct,
        "carried_from": None if start is None else file.cell_line(start)[1],
        "reason": finding.reason,
        "links": [
            {"left": pair.left, "right": pair.right, "tier": pair.tier} for pair in finding.pairs
        ],
        "world": finding.world,
    }


def _message_text(sentence: Sentence | None, translate: Translate) -> str | None:
    return None if sentence is None else plain_text(sentence, translate)


def _marks_data(marks: Marks, translate: Translate = str) -> dict[str, Any]:
    """Return the points as plain data."""
    return {
        "points": marks.points,
        "possible": marks.possible,
        "method": list(marks.method),
        "accuracy": list(marks.accuracy),
        "carried_forward": marks.carried,
        "by_hand": marks.by_hand,
        "seed": marks.seed,
        "notes": [plain_text(note, translate) for note in marks.all_notes()],
        "lines": [
            {
                "label": line.label,
                "line": line.line or None,
                "method": line.method,
                "accuracy": line.accuracy,
                "points": line.points,
                "possible": line.possible,
                "notes": [plain_text(note, translate) for note in line.notes],
                "unread": list(line.unread),
            }
            for line in marks.lines
        ],
    }
