"""Write a document with its slips repaired: unique repairs only, everything else as it was."""

from __future__ import annotations

import re
from typing import Final

from tracer.check.model.file_report import FileReport
from tracer.check.model.finding import Replacement

__all__ = ["repaired", "repairs_of"]


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
