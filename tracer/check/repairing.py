"""Write a document with its slips repaired: unique repairs only, everything else as it was."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from io import StringIO
from typing import Final

from tracer.check.model.finding import FileReport, Finding, Replacement, corrected_line
from tracer.check.model.statements import TextPlace, pieces_between
from tracer.frozen import replace
from tracer.lazy_regex import lazy_regex

MOST_ROUNDS: Final = 20  # of lines that follow, one from the other, from one slip

LETTER: Final = lazy_regex(r"\\[A-Za-z]+|([^\W\d_])")  # but for those of commands of LaTeX


def repairs_of(file: FileReport) -> list[Replacement]:
    """Return the repairs of all slips of a file, in order, each place once."""
    repairs: dict[TextPlace, Replacement] = {}
    for finding in file.findings:
        places = {replacement.place: replacement for replacement in finding.replacements}
        if repairs.keys().isdisjoint(places):
            repairs.update(places)
    return [repairs[place] for place in sorted(repairs)]


def repair_text(text: str, file: FileReport) -> str:
    """Return the text with the figures of all repairs in it; its line ends and its mark stay."""
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    lines = [*StringIO(text.removeprefix(mark), newline="")]
    for number, repairs in itertools.groupby(repairs_of(file), lambda each: each.place.line):
        lines[number - 1] = corrected_line([*repairs], lines) or ""
    return mark + "".join(lines)


def repair_throughout(
    text: str, file: FileReport, check: Callable[[str], FileReport]
) -> tuple[str, list[int]]:
    """Return the repaired text, and the lines that follow from a repair and were left.

    A line that was carried forward from a slip gets the figure that was repaired there; where its
    own result is a slip then, that is repaired too. Where not all of them are right in the end,
    the slips alone are repaired. `check` reads and judges a text.
    """
    steps = [finding for finding in file.findings if finding.replacements]
    begun = {finding.line for finding in steps}
    alone = repair_text(text, replace(file, findings=steps))
    followed: set[int] = set()
    waiting = _carried_from(file, begun)
    for _ in range(MOST_ROUNDS):
        follows = list(_carried_on(file, steps))
        before, text = text, repair_text(text, replace(file, findings=[*steps, *follows]))
        if text == before:
            break
        followed |= {finding.line for finding in (*steps, *follows)} - begun
        file = check(text)
        waiting |= _carried_from(file, waiting)
        steps = [each for each in file.findings if each.replacements and each.line in waiting]
    wrong = {each.line for each in file.findings if each.verdict in ("slip", "carried_forward")}
    if steps or followed & wrong:
        return alone, sorted(waiting)  # a figure stood for something else, or there is no end
    return text, sorted(waiting - followed)


def _carried_from(file: FileReport, lines: Collection[int]) -> set[int]:
    """Return the lines that were carried forward from slips on some lines."""
    return {
        finding.line
        for finding in file.findings
        if finding.verdict == "carried_forward" and finding.error_line in lines
    }


def _carried_on(file: FileReport, steps: Sequence[Finding]) -> Iterator[Finding]:
    """Yield lines that were carried forward, with the repaired results in their figures."""
    results = {finding.line: finding.replacements[-1] for finding in steps}
    for finding in file.findings:
        result = results.get(finding.error_line or 0)
        if finding.verdict != "carried_forward" or result is None:
            continue
        place = finding.place
        line = file.lines[place.line - 1]
        old = file.lines[result.place.line - 1][result.place.start : result.place.end]
        figure = re.compile(rf"(?<![\w.]){re.escape(old)}(?!\.?\w)")
        replacements = tuple(
            Replacement(TextPlace(place.line, match.start(), match.end()), result.text)
            for start, end in pieces_between(line[: place.end], "=≈")
            if not any(
                replacements[1]
                for replacements in LETTER.finditer(line, max(start, place.start), end)
            )
            for match in figure.finditer(line, max(start, place.start), end)
        )
        if replacements:
            yield replace(finding, replacements=replacements)
