"""What a report says of a document, and what a sidecar file asks of it.

It knows the report only as the dictionary that `--format json` prints.
"""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

Entry = dict[str, Any]


def reported(path: Path) -> list[Entry]:
    """Return the entries of the report on a file, in the order of the file."""
    text = path.read_text(encoding="utf-8")
    return entries(text, path.suffix.removeprefix("."), None)


def entries(text: str, kind: str, scenario: str | None) -> list[Entry]:
    """Return the entries of the report on a text; kind: `md`, `txt` or `tex`."""
    from tracer.document_check import check_text
    from tracer.render.report_json import report_json

    report: dict[str, Any] = report_json(check_text(text, kind=kind, scenario=scenario))
    return list(report["files"][0]["lines"])


def sidecar(path: Path) -> dict[str, Any]:
    """Return what is to be reported on a file: the JSON file of the same name."""
    expected: dict[str, Any] = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    return expected


def differences(wanted: Entry, entry: Entry) -> list[str]:
    """Return what an entry says otherwise than a sidecar or a case asks, one line each."""
    found = []
    for field in ("verdict", "kind", "cause", "written", "carried_from", "reason"):
        allowed = [wanted.get(field), *wanted.get(OTHERS.get(field, ""), [])]
        if field in wanted and entry.get(field) not in allowed:
            found.append(f"{field}: {entry.get(field)!r} instead of {wanted[field]!r}")
    if not right_place(wanted, entry):
        place = wanted.get("places") or (wanted["line"], wanted.get("span"))
        found.append(f"place: {entry['line']}, {entry.get('span')} instead of {place}")
    if not right_value(wanted, entry):
        found.append(f"expected: {entry.get('expected')!r} instead of {wanted['expected']!r}")
    return found


# A case may name further answers that are right too.
OTHERS = {"verdict": "accept", "kind": "candidates"}


def right_place(wanted: Entry, entry: Entry) -> bool:
    """Whether an entry stands on the line and marks the span that are wanted."""
    if "places" in wanted:  # a finding in code: anywhere within one of the statements
        return any(_within(place, entry) for place in wanted["places"])
    if entry["line"] != wanted["line"]:
        return False
    return "span" not in wanted or entry.get("span") == wanted["span"]


def right_value(wanted: Entry, entry: Entry) -> bool:
    """Whether the figure that belongs there is the wanted one, however its signs are written."""
    if "expected" not in wanted:
        return True
    if entry.get("expected") is None:
        return False
    given, right = plain(entry["expected"]), plain(wanted["expected"])
    digits = len(wanted["expected"].partition(".")[2])
    if isinstance(given, Fraction) and isinstance(right, Fraction) and digits >= 4:
        # The printed figures and those that the calculator kept may differ in the last digit.
        return abs(given - right) <= Fraction(1, 10**digits)
    return given == right


def plain(figure: str) -> str | Fraction:
    """Return a figure's exact value, or a text without blanks where it is no single number."""
    text = "".join(figure.split()).replace("−", "-").strip("()")
    try:
        return Fraction(text)
    except ValueError:
        return text


def _within(place: Entry, entry: Entry) -> bool:
    span = entry.get("span")
    if span is None or entry["line"] != place["line"]:
        return False
    start, end = place["span"]
    return bool(start <= span[0] < span[1] <= end)
