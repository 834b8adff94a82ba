"""The marks of a class: who was to hand in, a row for each submission, and the tally of slips."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from tracer.check.model.finding import FileReport
from tracer.errors import TracerError, printable
from tracer.sentences import Translate, plain_text, say

# Spreadsheets take a cell that begins with one of these for a formula.
_FORMULA_SIGNS: Final = "=+-@\t\r\n＝＋－＠"
HEADS: Final = (
    "id", "name", "file", "points", "possible", "method", "method_possible", "accuracy",
    "accuracy_possible", "carried_forward", "by_hand", "remark",
)  # fmt: skip
_COLUMNS: Final = {
    **dict.fromkeys(("id", "student", "student id", "number", "学号"), "id"),
    **dict.fromkeys(("name", "full name", "姓名"), "name"),
    **dict.fromkeys(("file", "file name", "文件", "文件名"), "file"),
    **dict.fromkeys(("seed", "variant", "种子"), "seed"),
}


class Student(NamedTuple):
    """A row of a roster. `file` and `seed` are '' and None where the roster has none."""

    id: str
    name: str = ""
    file: str = ""
    seed: int | None = None


def read_roster(text: str, where: str) -> list[Student]:
    """Return the students of a roster: columns id, name, file and seed, by their headings.

    Without headings the first column is the id, the second the name. Raises TracerError where
    there is nobody in it, an id is there twice, or a seed is no number.
    """
    try:
        rows = [row for row in csv.reader(text.splitlines()) if any(map(str.strip, row))]
    except csv.Error as error:
        raise TracerError(
            say("this is not CSV"), where=printable(where), found=str(error)
        ) from None
    heads = [_COLUMNS.get(cell.strip().lower(), "") for cell in rows[0]] if rows else []
    if "id" in heads or "file" in heads or "name" in heads:
        rows = rows[1:]
    else:
        heads = ["id", "name"]
    students = [_read_student(dict(zip(heads, row, strict=False)), where) for row in rows]
    if not students:
        raise TracerError(
            say("the roster is empty"),
            where=printable(where),
            expected=say("one row for each student"),
        )
    ids: set[str] = set()
    for student in students:
        if student.id.casefold() in ids:
            raise TracerError(
                say("an id appears twice in the roster"),
                where=printable(where),
                found=printable(student.id),
            )
        ids.add(student.id.casefold())
    return students


def _read_student(row: dict[str, str], where: str) -> Student:
    cells = {name: row.get(name, "").strip() for name in ("id", "name", "file", "seed")}
    own = cells["id"] or cells["name"] or cells["file"]
    if not own:
        raise TracerError(
            say("a row of the roster has no id"),
            where=printable(where),
            expected=say("an id in each row"),
        )
    seed = cells["seed"]
    if seed and not (seed.isascii() and seed.isdigit() and len(seed) < 20):
        raise TracerError(
            say("a seed of the roster is not a number"),
            where=printable(where),
            found=printable(seed),
        )
    return Student(own, cells["name"], cells["file"], int(seed) if seed else None)


def student_of(path: str, students: Sequence[Student]) -> Student | None:
    """Return who a file is from: the roster names it, or a part of its path has the id in it."""
    last = path.rpartition("/")[2]
    named = next((item for item in students if item.file and item.file in (path, last)), None)
    matches = [
        student
        for student in students
        if re.search(rf"(?<![^\W_]){re.escape(student.id)}(?![^\W_])", path, re.IGNORECASE)
    ]
    return named or max(matches, key=lambda student: len(student.id), default=None)


class MarkedWork(NamedTuple):
    """The marks of a file, in plain values: `total` and `notes` in a language."""

    points: int
    possible: int
    method: Sequence[int]
    accuracy: Sequence[int]
    carried_forward: int
    by_hand: int
    points_of_lines: Mapping[str, int]
    slips: Sequence[Sequence[str]]  # the kind and the cause of each, '' where it is not known
    remarks: Sequence[str]
    total: str
    notes: Sequence[str]


def work_of_report(report: FileReport, translate: Translate = str) -> MarkedWork:
    """Return the marks of a report."""
    marks = report.marks
    assert marks is not None
    by_hand = {line.line for line in marks.lines if line.unread}
    return MarkedWork(
        marks.points,
        marks.possible,
        marks.method,
        marks.accuracy,
        marks.carried,
        marks.by_hand,
        {line.label: line.points for line in marks.lines},
        [
            (finding.kind or "", finding.cause or "")
            for finding in report.findings
            if finding.verdict == "slip" and finding.line not in by_hand
        ],
        [*map(plain_text, marks.all_notes())],
        plain_text(marks.total(), translate),
        [plain_text(note, translate) for note in marks.all_notes()],
    )


class Submission(NamedTuple):
    """A file that was handed in: what it came to, or why it is not marked."""

    file: str
    student: Student | None
    work: MarkedWork | None
    problem: str = ""


class Gradebook(NamedTuple):
    """All submissions, who handed in nothing, and the labels of the lines in their order."""

    submissions: tuple[Submission, ...]
    missing: tuple[Student, ...]
    labels: tuple[str, ...]

    def rows(self) -> Iterator[list[str | int]]:
        """Yield the rows of the table of marks, its heads first."""
        yield [*HEADS, *self.labels]
        for item in self.submissions:
            yield self._mark_row(item)
        for student in self.missing:
            row: list[str | int] = [student.id, student.name, *[""] * (len(HEADS) - 3), "missing"]
            yield row + [""] * len(self.labels)

    def _mark_row(self, item: Submission) -> list[str | int]:
        who = item.student or Student("")
        work = item.work
        begin: list[str | int] = [who.id, who.name, item.file]
        if work is None:
            return [*begin, *[""] * (len(HEADS) - 4), item.problem, *[""] * len(self.labels)]
        numbers: list[str | int] = [
            work.points, work.possible, *work.method, *work.accuracy, work.carried_forward,
            work.by_hand,
        ]  # fmt: skip
        remark = "; ".join(filter(None, [item.problem, *work.remarks]))
        points = [work.points_of_lines.get(label, "") for label in self.labels]
        return [*begin, *numbers, remark, *points]

    def _slips(self) -> Iterator[tuple[str, str, str]]:
        """Yield the kind, the cause and the file of each slip."""
        for item in self.submissions:
            for kind, cause in () if item.work is None else item.work.slips:
                yield kind, cause, item.file

    def kinds(self) -> list[tuple[str, int, int]]:
        """Return kind, slips and in how many files, the most frequent first."""
        slips = Counter(kind for kind, _, _ in self._slips())
        files = Counter(kind for kind, _ in {(kind, file) for kind, _, file in self._slips()})
        return sorted(
            ((kind, count, files[kind]) for kind, count in slips.items()),
            key=lambda row: (-row[1], row[0]),
        )

    def slip_rows(self) -> Iterator[list[str | int]]:
        """Yield the rows of the tally, its heads first."""
        yield ["kind", "cause", "slips"]
        slips = Counter((kind, cause) for kind, cause, _ in self._slips())
        for (kind, cause), count in sorted(slips.items(), key=lambda row: (-row[1], row[0])):
            yield [kind, cause, count]

    def data(self) -> dict[str, Any]:
        """Return the tables as plain data."""
        heads, *rows = self.rows()
        return {
            "version": 1,
            "submissions": [
                {
                    **dict(zip(map(str, heads[: len(HEADS)]), row, strict=False)),
                    "points_of_lines": {
                        label: points
                        for label, points in zip(self.labels, row[len(HEADS) :], strict=True)
                        if points != ""
                    },
                }
                for row in rows[: len(self.submissions)]
            ],
            "missing": [student.id for student in self.missing],
            "slips": [
                {"kind": kind, "slips": count, "files": files}
                for kind, count, files in self.kinds()
            ],
        }


def guard_cell(cell: str | int) -> str | int:
    """Return a cell that no spreadsheet takes for a formula."""
    if isinstance(cell, int):
        return cell
    text = printable(cell)
    return f"'{text}" if cell.lstrip(" ").startswith(tuple(_FORMULA_SIGNS)) else text


def csv_text(rows: Iterable[Sequence[str | int]]) -> str:
    """Return rows as CSV with a byte-order mark, by which spreadsheets know UTF-8."""
    file = io.StringIO()
    guarded = ([guard_cell(cell) for cell in row] for row in rows)
    csv.writer(file, lineterminator="\r\n").writerows(guarded)
    return "\ufeff" + file.getvalue()
