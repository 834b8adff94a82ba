"""A check's report for other programs: JSON, workflow commands of GitHub, and SARIF 2.1.0."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from tracer.check.model.finding import VERDICTS, FileReport, Finding, Report, Verdict
from tracer.check.model.statements import TextPlace
from tracer.check.slips.causes import SLIPS
from tracer.errors import printable_text
from tracer.sentences import Sentence, Translate, plain_text
from tracer.version import __version__

LEVELS: dict[Verdict, str] = {
    "slip": "error",
    "carried_forward": "warning",
    "rounding": "notice",
    "undecided": "notice",
    "not_checked": "notice",
}
SARIF_LEVELS = {"error": "error", "warning": "warning", "notice": "note"}


def report_github(report: Report, translate: Translate = str) -> Iterator[str]:
    """Yield one command a finding; columns count from 1, the last one included."""
    for file in report.files:
        for finding in file.findings:
            level = LEVELS.get(finding.verdict)
            if level is None or finding.reason == "blank":
                continue
            end = finding.wrong_place.end if finding.wrong_place is not None else finding.place.end
            places = f"file={_escape_property(file.path)}"
            if not file.cells:  # in the file, a notebook's lines are others
                places += f",line={finding.line},col={finding.column}"
                places += f",endColumn={max(end, finding.column)}"
            title = _escape_property(finding.kind or finding.verdict)
            text = plain_text(finding.message or "", translate) or finding.verdict
            if finding.suggestion is not None:
                text += f"\n{finding.suggestion.strip()}"
            if file.cells:
                path, line = file.seen_place(finding.line)
                text = f"{path}:{line}:{finding.column}: {text}"
            yield f"::{level} {places},title={title}::{_escape_data(text)}"


def _escape_data(text: str) -> str:
    return printable_text(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return _escape_data(text).replace(":", "%3A").replace(",", "%2C")


def report_sarif(report: Report, translate: Translate = str) -> dict[str, Any]:
    """Return the report as a SARIF log with one run; its rules are the kinds of slips."""
    kinds = sorted({slip.kind for slip in SLIPS.values()} | {"undecided", "not_checked"})
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "tracer",
                        "version": __version__,
                        "rules": [
                            {"id": kind, "shortDescription": {"text": kind.replace("_", " ")}}
                            for kind in kinds
                        ],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "results": [
                    _result_data(file, finding, translate)
                    for file in report.files
                    for finding in file.findings
                    if finding.verdict in LEVELS and finding.reason != "blank"
                ],
            }
        ],
    }


def _result_data(file: FileReport, finding: Finding, translate: Translate) -> dict[str, Any]:
    places = [finding.wrong_place or finding.place, *finding.more_places]
    message = plain_text(finding.message or "", translate) or finding.verdict
    if file.cells:  # in the file, a notebook's lines are others
        path, line = file.seen_place(finding.line)
        message, places = f"{path}:{line}:{finding.column}: {message}", places[:1]
    result: dict[str, Any] = {
        "ruleId": finding.kind or finding.verdict,
        "level": SARIF_LEVELS[LEVELS[finding.verdict]],
        "message": {"text": message},
        "locations": [_location_data(file, place) for place in places],
    }
    if finding.replacements and not file.cells:
        result["fixes"] = [
            {
                "artifactChanges": [
                    {
                        "artifactLocation": {"uri": quote(os.fsencode(file.path))},
                        "replacements": [
                            {
                                "deletedRegion": _region_data(replacement.place),
                                "insertedContent": {"text": replacement.text},
                            }
                            for replacement in finding.replacements
                        ],
                    }
                ]
            }
        ]
    return result


def _location_data(file: FileReport, place: TextPlace) -> dict[str, Any]:
    location: dict[str, Any] = {"artifactLocation": {"uri": quote(os.fsencode(file.path))}}
    if not file.cells:
        location["region"] = _region_data(place)
    return {"physicalLocation": location}


def _region_data(place: TextPlace) -> dict[str, int]:
    return {
        "startLine": place.line,
        "startColumn": place.start + 1,
        "endLine": place.line,
        "endColumn": place.end + 1,
    }


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
                "variant": part.variant,
            }
            for part in file.parts
        ],
        "formulas": file.formulas,
        "arithmetic_only": file.arithmetic_only,
        "read": sum(counts[verdict] for verdict in VERDICTS) - not_read,
        "not_read": not_read,
    }
    marks = file.marks
    if marks is not None:
        data["marks"] = {
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
