"""A check's report as text, like a linter's: where, which kind, why, and the line with the figure
marked; and what other forms of a report share: the words for verdicts, counts and points.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from tracer.check.model.finding import FileReport, Finding, Report, Verdict
from tracer.check.model.marks import LineMarks, Mark, Marks
from tracer.errors import printable
from tracer.narrative.blocks import present
from tracer.sentences import Sentence, Translate, plain_text, say
from tracer.text_width import width

# What is listed, besides the counts; what is right needs no line.
REPORTED: Final[tuple[Verdict, ...]] = (
    "slip",
    "carried_forward",
    "rounding",
    "undecided",
    "not_checked",
)
VERDICT_NAMES: dict[Verdict, str] = {
    "correct": say("right").template,
    "slip": say("slips").template,
    "rounding": say("rounding remarks").template,
    "carried_forward": say("carried forward").template,
    "undecided": say("undecided").template,
    "not_checked": say("not checked").template,
}
_LONGEST_LINE: Final = 200  # signs; a paragraph is as long, where one looks for its figure in vain
ONE_OF: dict[Verdict, str] = {
    **VERDICT_NAMES,
    "slip": say("slip").template,
    "rounding": say("rounding remark").template,
}


KINDS: Final[Mapping[str, Sentence]] = {
    "stale_value": say("stale value"),
    "wrong_substitution": say("wrong number"),
    "sign_error": say("sign"),
    "missing_factor_2": say("factor 2"),
    "missing_1_over_n": say("factor 1/n"),
    "wrong_formula": say("formula"),
    "transpose_shape": say("shape"),
    "arithmetic_error": say("arithmetic"),
    "rounding": say("rounding"),
    "label_error": say("label"),
    "carried_forward": say("carried forward"),
}
"""What each kind of slip is called."""


def report_text(report: Report, translate: Translate = str) -> Iterator[str]:
    """Yield the lines of a report: the findings of each file, then its counts."""
    for file in report.files:
        for finding in file.findings:
            if finding.verdict in REPORTED and finding.reason != "blank":
                yield finding_headline(file, finding, translate)
                yield from marked_lines(file.lines, finding, translate)
        yield from _file_remarks(file, translate)
        yield f"{printable(file.path)}: {counts_text(file.counts(), translate)}"
        if file.marks is not None:
            yield from marks_text(file.marks, file.path, translate)
    if len(report.files) > 1:
        yield all_counts_text(report.counts(), translate)


def finding_headline(file: FileReport, finding: Finding, translate: Translate) -> str:
    """Return `file:line:column: kind: message`."""
    kind = finding.kind or finding.verdict
    message = plain_text(finding.message or "", translate) or translate(
        VERDICT_NAMES[finding.verdict]
    )
    path, line = file.seen_place(finding.line)
    message = message.replace("\n", " ")  # what was written may run over lines
    return printable(f"{path}:{line}:{finding.column}: {kind}: {message}")


def marked_lines(lines: Sequence[str], finding: Finding, translate: Translate) -> Iterator[str]:
    """Yield the line a finding stands on, a mark below its figure, and the corrected line."""
    if finding.verdict == "carried_forward" or not 0 < finding.line <= len(lines):
        return
    raw = lines[finding.line - 1]
    begin = finding.column - 1 - _LONGEST_LINE // 2  # the figure is in the middle
    is_short = len(raw) <= _LONGEST_LINE or begin <= 0
    begin = 0 if is_short else raw.find(" ", begin, finding.column - 1) + 1 or begin
    yield f"    {_window(raw, begin)}"
    if finding.wrong_place is not None:
        before = _window(raw[: finding.wrong_place.start] + "|", begin)
        figure = printable(raw[finding.wrong_place.start : finding.wrong_place.end])
        mark = " " * (width(before) - 1) + "^" * max(1, width(figure))
        yield f"    {mark} {printable(finding.expected or '')}".rstrip()
    if finding.suggestion is not None:
        corrected = say("corrected: {text}", text=_window(finding.suggestion, begin))
        yield f"    {plain_text(corrected, translate)}"


def _window(line: str, begin: int) -> str:
    """Return what is shown of a line, with an ellipsis where it was cut."""
    end = begin + _LONGEST_LINE
    is_cut = len(line) > end + 1
    excerpt = printable(line[begin : end if is_cut else None]).strip()
    return f"{'… ' * (begin > 0)}{excerpt}{' …' * is_cut}"


def _file_remarks(file: FileReport, translate: Translate) -> Iterator[str]:
    offer = say(
        "the numbers fit the scenario {scenario}; add --scenario {scenario}",
        scenario=file.offered or "",
    )
    offered = offer if file.offered is not None else None
    sentences = present(file.convention, arithmetic_note(file), offered)
    yield from (f"{printable(file.path)}: {plain_text(it, translate)}" for it in sentences)


def arithmetic_note(file: FileReport) -> Sentence | None:
    """Return what is said where right lines could be compared in their figures alone."""
    if not file.arithmetic_only:
        return None
    return say(
        "only the arithmetic was checked in {count} of {right} right lines: they were compared "
        "with no formula",
        count=file.arithmetic_only,
        right=file.counts()["correct"],
    )


def counts_text(counts: Mapping[Verdict, int], translate: Translate) -> str:
    """Return counts in words; what there is none of is left out, but not slips."""
    parts = [
        f"{count} {translate((ONE_OF if count == 1 else VERDICT_NAMES)[verdict])}"
        for verdict, count in counts.items()
        if count or verdict in ("correct", "slip", "not_checked")
    ]
    return translate(", ").join(parts)


def all_counts_text(counts: Mapping[Verdict, int], translate: Translate) -> str:
    """Return the line of the counts of all files."""
    return plain_text(say("in all: {counts}", counts=counts_text(counts, translate)), translate)


# Points of a worksheet


def mark_sign(line: LineMarks) -> str:
    """Return a line's points as mark schemes write them: `M1 A0`, `M1 FT1`.

    `?` is a point that waits for a person.
    """
    signs: dict[Mark, str] = {"unread": "{}?", "carried": "FT1", "earned": "{}1"}
    marks = (("M", line.method), ("A", line.accuracy))
    return " ".join(signs.get(mark, "{}0").format(kind) for kind, mark in marks if mark is not None)


def marks_text(marks: Marks, path: str, translate: Translate = str) -> Iterator[str]:
    """Yield the lines that tell a worksheet's points: where some are missing, and the sum."""
    for line in marks.lines:
        if line.points < line.possible or line.notes:
            place = f"{path}:{line.line}" if line.line else path
            yield printable(
                f"{place}: {line.label}: {mark_sign(line)}{mark_remarks(line, translate)}"
            )
    for sentence in (*marks.all_notes(), marks.total()):
        yield printable(f"{path}: {plain_text(sentence, translate)}")


def mark_remarks(line: LineMarks, translate: Translate) -> str:
    """Return what is said of a line's points, in brackets."""
    notes = [plain_text(note, translate) for note in line.notes]
    if not notes and "blank" in (line.method, line.accuracy):
        notes = [plain_text(say("left blank"), translate)]
    return f" ({'; '.join(notes)})" if notes else ""
