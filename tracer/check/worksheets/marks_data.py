"""The points of a worksheet as plain data, for JSON."""

from __future__ import annotations

from typing import Any

from tracer.check.report_json import words
from tracer.check.worksheets.marking import Marks
from tracer.narrative.messages import Translate

__all__ = ["marks_data"]


def marks_data(marks: Marks, translate: Translate = str) -> dict[str, Any]:
    """Return the points as plain data."""
    return {
        "points": marks.points,
        "possible": marks.possible,
        "method": list(marks.method),
        "accuracy": list(marks.accuracy),
        "carried_forward": marks.carried,
        "by_hand": marks.by_hand,
        "seed": marks.seed,
        "notes": [words(note, translate) for note in marks.all_notes()],
        "lines": [
            {
                "label": line.label,
                "line": line.line or None,
                "method": line.method,
                "accuracy": line.accuracy,
                "points": line.points,
                "possible": line.possible,
                "notes": [words(note, translate) for note in line.notes],
                "unread": list(line.unread),
            }
            for line in marks.lines
        ],
    }
