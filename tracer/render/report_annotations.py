"""A check's report for who annotates files: workflow commands of GitHub, and SARIF 2.1.0."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from tracer.check.model.file_report import FileReport, Report
from tracer.check.model.finding import Finding, Verdict
from tracer.check.model.mapped_text import TextPlace
from tracer.check.slips.causes import SLIPS
from tracer.errors import printable_text
from tracer.sentences import Translate, plain_text
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
