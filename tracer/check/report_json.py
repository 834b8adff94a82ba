"""The report as JSON: the one form in which other programs read it."""

from __future__ import annotations

from typing import Any

from tracer.check.report import VERDICTS, Entry, FileReport, Report
from tracer.check.written import in_cell
from tracer.expression.syntax import Node
from tracer.narrative.messages import Equality, Sentence, Translate, filled

__all__ = ["VERSION", "report_json", "words"]

VERSION = 1


def words(sentence: Sentence | None, translate: Translate = str) -> str:
    """Return a message as plain text; its slots are numbers and quoted text, never formulas."""
    if sentence is None:
        return ""

    def formula(node: Node | Equality) -> str:
        raise TypeError(f"a message of the checker has no formulas: {node}")

    return filled(sentence, translate, formula, str)


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
        "convention": words(file.convention, translate) or None,
        "lines": [_entry(file, entry, translate) for entry in file.entries],
        "read": sum(counts[verdict] for verdict in VERDICTS) - not_read,
        "not_read": not_read,
    }
    if file.marks is not None:
        from tracer.check.worksheets.marks_data import marks_data  # few files are worksheets

        data["marks"] = marks_data(file.marks, translate)
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
        "message": words(entry.message, translate) or None,
        "result_correct": entry.result_correct,
        "carried_from": None if start is None else in_cell(file.cells, start)[1],
        "reason": entry.reason,
        "links": [
            {"left": link.left, "right": link.right, "tier": link.tier} for link in entry.links
        ],
    }
