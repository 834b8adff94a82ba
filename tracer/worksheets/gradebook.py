"""The marks of a class as tables: a row for each submission, and the tally of slips."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from tracer.check.model.file_report import FileReport
from tracer.errors import printable
from tracer.sentences import Translate, plain
from tracer.worksheets.roster import Student

__all__ = [
    "Gradebook",
    "MarkedWork",
    "Submission",
    "csv_text",
    "guard_cell",
    "marked_work",
]

# Spreadsheets take a cell that begins with one of these for a formula.
_FORMULA_SIGNS: Final = "=+-@\t\r\n＝＋－＠"
HEADS: Final = (
    "id", "name", "file", "points", "possible", "method", "method_possible", "accuracy",
    "accuracy_possible", "carried_forward", "by_hand", "remark",
)  # fmt: skip


class MarkedWork(NamedTuple):
    """What the marking of a file came to, in plain values: `total` and `notes` in a language."""

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


def marked_work(report: FileReport, translate: Translate = str) -> MarkedWork:
    """Return what a marked report comes to."""
    marks = report.marks
    assert marks is not None
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
            if finding.verdict == "slip"
        ],
        [*map(plain, marks.all_notes())],
        plain(marks.total(), translate),
        [plain(note, translate) for note in marks.all_notes()],
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
    writer = csv.writer(file, lineterminator="\r\n")
    for row in rows:
        writer.writerow([guard_cell(cell) for cell in row])
    return "\ufeff" + file.getvalue()
