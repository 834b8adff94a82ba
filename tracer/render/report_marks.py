"""The points of a worksheet: as text, and as Markdown to hand back."""

from __future__ import annotations

from collections.abc import Iterator

from tracer.check.model.file_report import FileReport, Report
from tracer.check.model.marks import LineMarks, Mark, Marks
from tracer.errors import printable
from tracer.narrative.messages import Translate, say
from tracer.render.markdown import escaped
from tracer.render.report_markdown import report_markdown
from tracer.sentences import plain

__all__ = ["feedback_markdown", "mark_sign", "marks_text"]


def mark_sign(line: LineMarks) -> str:
    """Return a line's points as mark schemes write them: `M1 A0`, `M1 FT1`.

    `?` is a point that waits for a person.
    """
    return " ".join(
        _sign(kind, mark)
        for kind, mark in (("M", line.method), ("A", line.accuracy))
        if mark is not None
    )


def _sign(kind: str, mark: Mark) -> str:
    if mark == "unread":
        return f"{kind}?"
    if mark == "carried":
        return "FT1"
    return f"{kind}{int(mark == 'earned')}"


def marks_text(marks: Marks, path: str, translate: Translate = str) -> Iterator[str]:
    """Yield the lines that tell a worksheet's points: where some are missing, and the sum."""
    for line in marks.lines:
        if line.points < line.possible or line.notes:
            place = f"{path}:{line.line}" if line.line else path
            yield printable(f"{place}: {line.label}: {mark_sign(line)}{_noted(line, translate)}")
    for note in marks.all_notes():
        yield printable(f"{path}: {plain(note, translate)}")
    yield printable(f"{path}: {plain(marks.total(), translate)}")


def _noted(line: LineMarks, translate: Translate) -> str:
    notes = [plain(note, translate) for note in line.notes]
    if not notes and "blank" in (line.method, line.accuracy):
        notes = [plain(say("left blank"), translate)]
    return f" ({'; '.join(notes)})" if notes else ""


def feedback_markdown(file: FileReport, name: str, translate: Translate = str) -> Iterator[str]:
    """Yield the pieces of what a student gets back: the sum, a table of points, the findings."""
    marks = file.marks
    assert marks is not None
    yield f"# {escaped(name)}\n\n**{escaped(plain(marks.total(), translate))}**\n\n"
    for note in marks.all_notes():
        yield f"{escaped(plain(note, translate))}\n\n"
    heads = (say("line"), say("points"), say("remark"))
    yield f"| {' | '.join(plain(head, translate) for head in heads)} |\n|---|---|---|\n"
    for line in marks.lines:
        remark = escaped(_noted(line, translate).strip().removeprefix("(").removesuffix(")"))
        yield f"| `{line.label}` | {mark_sign(line)} | {remark} |\n"
    explained = say(
        "M is a point for the method, A one for an accurate result, FT one for a result that "
        "follows from an earlier figure of your own."
    )
    yield f"\n{plain(explained, translate)}\n\n"
    yield from report_markdown(Report([file]), translate)
