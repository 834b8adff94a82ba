"""Write a document with its slips repaired: unique repairs only, everything else as it was."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from io import StringIO
from typing import Final

from tracer.check.model.file_report import FileReport
from tracer.check.model.finding import Finding, Replacement
from tracer.check.model.mapped_text import TextPlace
from tracer.frozen import replace

__all__ = ["lines_that_follow", "repaired", "repairs_of", "with_sound_repairs"]

MINUS: Final = "−"
SIGNS: Final = (*"-+−*·×⋅/÷", r"\cdot", r"\times")
"""Signs behind which a negative figure stands in brackets."""


def repairs_of(file: FileReport) -> list[Replacement]:
    """Return the repairs of all slips of a file, in order, each place once."""
    found: dict[TextPlace, Replacement] = {}
    for finding in file.findings:
        places = {replacement.place: replacement for replacement in finding.replacements}
        if found.keys().isdisjoint(places):
            found.update(places)
    return [found[place] for place in sorted(found)]


def repaired(text: str, file: FileReport) -> str:
    """Return the text with the figures of all repairs in it; its line ends and its mark stay."""
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    is_signed = any(f"-{digit}" in text for digit in range(10))
    minus = MINUS if MINUS in text and not is_signed else "-"
    lines = [*StringIO(text.removeprefix(mark), newline="")]
    for replacement in reversed(repairs_of(file)):
        line, place = lines[replacement.place.line - 1], replacement.place
        before, after = line[: place.start], line[place.end :]
        lines[place.line - 1] = before + _as_written(replacement.text, before, minus) + after
    return mark + "".join(lines)


def _as_written(figure: str, before: str, minus: str) -> str:
    """Return a figure with the minus of its text, and in brackets behind a sign of calculation."""
    text = figure.replace("-", minus, 1) if figure.startswith(("-", "(-")) else figure
    is_operand = text.startswith(("-", MINUS)) and before.rstrip().endswith(SIGNS)
    return f"({text})" if is_operand else text


def lines_that_follow(file: FileReport) -> list[int]:
    """Return the lines that were carried forward from slips that are repaired."""
    begun = {finding.line for finding in file.findings if finding.replacements}
    return sorted(
        {
            finding.line
            for finding in file.findings
            if finding.verdict == "carried_forward" and finding.error_line in begun
        }
        - begun
    )


def with_sound_repairs(report: FileReport, check: Callable[[str], FileReport]) -> FileReport:
    """Return the report with those repairs only that leave no slip where they are made.

    `check` reads and judges a text. All repairs are made at once; those that then leave a slip
    may only not bear the others' company, so they are tried without it before they are dropped.
    """
    offered = [finding for finding in report.findings if finding.replacements]
    dropped = _unsound(report, offered, check)
    if 0 < len(dropped) < len(offered):
        dropped = _unsound(report, dropped, check)
    if not dropped:
        return report
    ids = {id(finding) for finding in dropped}
    findings = [
        replace(finding, replacements=(), suggestion=None) if id(finding) in ids else finding
        for finding in report.findings
    ]
    return replace(report, findings=findings)


def _unsound(
    report: FileReport, offered: Sequence[Finding], check: Callable[[str], FileReport]
) -> list[Finding]:
    """Return those findings in whose places slips are found once all of them are repaired."""
    if not offered:
        return []
    repairs: dict[int, list[Replacement]] = {}
    for repair in repairs_of(replace(report, findings=offered)):
        repairs.setdefault(repair.place.line, []).append(repair)
    again = check(repaired("\n".join(report.lines), replace(report, findings=offered)))
    slips = {
        (finding.place.line, finding.place.start)
        for finding in again.findings
        if finding.verdict == "slip"
    }
    return [finding for finding in offered if _moved(finding.place, repairs) in slips]


def _moved(place: TextPlace, repairs: Mapping[int, Sequence[Replacement]]) -> tuple[int, int]:
    """Return a line, and where a place begins in it once the repairs of the line are made."""
    shift = sum(
        len(each.text) - (each.place.end - each.place.start)
        for each in repairs.get(place.line, ())
        if each.place.end <= place.start
    )
    return place.line, place.start + shift
