"""Write a document with its slips repaired: unique repairs only, everything else as it was."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from tracer.check.model.file_report import FileReport
from tracer.check.model.finding import Finding, Replacement
from tracer.frozen import replace

__all__ = ["repaired", "repairs_of", "with_sound_repairs"]


LINE: Final = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")  # a line with its end


def repairs_of(file: FileReport) -> list[Replacement]:
    """Return the repairs of all slips of a file, in order, each place once."""
    replacements: list[Replacement] = []
    for finding in file.findings:
        if finding.verdict == "slip" and finding.replacements:
            taken = {replacement.place for replacement in replacements}
            if not taken.intersection(replacement.place for replacement in finding.replacements):
                replacements += finding.replacements
    return sorted(replacements, key=lambda replacement: replacement.place)


def repaired(text: str, file: FileReport) -> str:
    """Return the text with the figures of all repairs in it; its line ends and its mark stay."""
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    lines = LINE.findall(text.removeprefix(mark))
    for replacement in reversed(repairs_of(file)):
        line = lines[replacement.place.line - 1]
        lines[replacement.place.line - 1] = (
            line[: replacement.place.start] + replacement.text + line[replacement.place.end :]
        )
    return mark + "".join(lines)


def with_sound_repairs(report: FileReport, check: Callable[[str], FileReport]) -> FileReport:
    """Return the report with those repairs only that leave no slip where they are made.

    `check` reads and judges a text. All repairs are made at once; one that then leaves a slip may
    only lack the others' company, so it is tried alone before it is dropped.
    """
    offered = [finding for finding in report.findings if finding.replacements]
    dropped = {
        id(finding)
        for finding in _unsound(report, offered, check)
        if len(offered) == 1 or _unsound(report, [finding], check)
    }
    if not dropped:
        return report
    findings = [
        replace(finding, replacements=(), suggestion=None) if id(finding) in dropped else finding
        for finding in report.findings
    ]
    return replace(report, findings=findings)


def _unsound(
    report: FileReport, offered: Sequence[Finding], check: Callable[[str], FileReport]
) -> list[Finding]:
    """Return those findings in whose places slips are found once all of them are repaired."""
    if not offered:
        return []
    repairs = repairs_of(replace(report, findings=offered))
    again = check(repaired("\n".join(report.lines), replace(report, findings=offered)))
    slips = {
        (finding.place.line, finding.place.start)
        for finding in again.findings
        if finding.verdict == "slip"
    }
    return [finding for finding in offered if _moved(finding, repairs) in slips]


def _moved(finding: Finding, repairs: Sequence[Replacement]) -> tuple[int, int]:
    """Return the line of a finding, and where it begins once the repairs before it are made."""
    place = finding.place
    shift = sum(
        len(each.text) - (each.place.end - each.place.start)
        for each in repairs
        if each.place.line == place.line and each.place.end <= place.start
    )
    return place.line, place.start + shift
