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
from tracer.narrative.messages import Translate
from tracer.sentences import plain
from tracer.version import __version__

__all__ = ["report_github", "report_sarif"]

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
                    _result(file, finding, translate)
                    for file in report.files
                    for finding in file.findings
                    if finding.verdict in LEVELS and finding.reason != "blank"
                ],
            }
        ],
    }


def _result(file: FileReport, finding: Finding, translate: Translate) -> dict[str, Any]:
    places = [finding.wrong_place or finding.place, *finding.more_places]
    message = plain(finding.message or "", translate) or finding.verdict
    if file.cells:  # in the file, a notebook's lines are others
        path, line = file.seen_place(finding.line)
        message, places = f"{path}:{line}:{finding.column}: {message}", places[:1]
    result: dict[str, Any] = {
        "ruleId": finding.kind or finding.verdict,
        "level": SARIF_LEVELS[LEVELS[finding.verdict]],
        "message": {"text": message},
        "locations": [_location(file, place) for place in places],
    }
    if finding.replacements and not file.cells:
        result["fixes"] = [
            {
                "artifactChanges": [
                    {
                        "artifactLocation": {"uri": quote(os.fsencode(file.path))},
                        "replacements": [
                            {
                                "deletedRegion": _region(replacement.place),
                                "insertedContent": {"text": replacement.text},
                            }
                            for replacement in finding.replacements
                        ],
                    }
                ]
            }
        ]
    return result


def _location(file: FileReport, place: TextPlace) -> dict[str, Any]:
    location: dict[str, Any] = {"artifactLocation": {"uri": quote(os.fsencode(file.path))}}
    if not file.cells:
        location["region"] = _region(place)
    return {"physicalLocation": location}


def _region(place: TextPlace) -> dict[str, int]:
    return {
        "startLine": place.line,
        "startColumn": place.start + 1,
        "endLine": place.line,
        "endColumn": place.end + 1,
    }
