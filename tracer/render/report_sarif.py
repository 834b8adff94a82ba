"""A check's report as SARIF 2.1.0, the form in which code scanners pass findings on."""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import quote

from tracer.check.report import Entry, FileReport, Report
from tracer.check.slips.causes import SLIPS
from tracer.check.written import Span
from tracer.narrative.messages import Translate
from tracer.render.report_github import LEVELS
from tracer.sentences import plain
from tracer.version import __version__

__all__ = ["report_sarif"]

SARIF_LEVELS = {"error": "error", "warning": "warning", "notice": "note"}


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
                    _result(file, entry, translate)
                    for file in report.files
                    for entry in file.entries
                    if entry.verdict in LEVELS and entry.reason != "blank"
                ],
            }
        ],
    }


def _result(file: FileReport, entry: Entry, translate: Translate) -> dict[str, Any]:
    spans = [entry.span or entry.place, *entry.more_spans]
    message = plain(entry.message or "", translate) or entry.verdict
    if file.cells:  # in the file, a notebook's lines are others
        path, line = file.where(entry.line)
        message, spans = f"{path}:{line}:{entry.column}: {message}", spans[:1]
    result: dict[str, Any] = {
        "ruleId": entry.kind or entry.verdict,
        "level": SARIF_LEVELS[LEVELS[entry.verdict]],
        "message": {"text": message},
        "locations": [_location(file, span) for span in spans],
    }
    if entry.repairs and not file.cells:
        result["fixes"] = [
            {
                "artifactChanges": [
                    {
                        "artifactLocation": {"uri": quote(os.fsencode(file.path))},
                        "replacements": [
                            {
                                "deletedRegion": _region(repair.span),
                                "insertedContent": {"text": repair.text},
                            }
                            for repair in entry.repairs
                        ],
                    }
                ]
            }
        ]
    return result


def _location(file: FileReport, span: Span) -> dict[str, Any]:
    location: dict[str, Any] = {"artifactLocation": {"uri": quote(os.fsencode(file.path))}}
    if not file.cells:
        location["region"] = _region(span)
    return {"physicalLocation": location}


def _region(span: Span) -> dict[str, int]:
    return {
        "startLine": span.line,
        "startColumn": span.start + 1,
        "endLine": span.line,
        "endColumn": span.end + 1,
    }
