"""Write a document with its slips repaired: unique repairs only, everything else as it was."""

from __future__ import annotations

import re
from typing import Final

from tracer.check.report import FileReport, Repair

__all__ = ["repaired", "repairs_of"]


LINE: Final = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")  # a line with its end


def repairs_of(file: FileReport) -> list[Repair]:
    """Return the repairs of all slips of a file, in order, each place once."""
    repairs: list[Repair] = []
    for entry in file.entries:
        if entry.verdict == "slip" and entry.repairs:
            taken = {repair.span for repair in repairs}
            if not taken.intersection(repair.span for repair in entry.repairs):
                repairs += entry.repairs
    return sorted(repairs)


def repaired(text: str, file: FileReport) -> str:
    """Return the text with the figures of all repairs in it; its line ends and its mark stay."""
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    lines = LINE.findall(text.removeprefix(mark))
    for repair in reversed(repairs_of(file)):
        line = lines[repair.span.line - 1]
        lines[repair.span.line - 1] = (
            line[: repair.span.start] + repair.text + line[repair.span.end :]
        )
    return mark + "".join(lines)
