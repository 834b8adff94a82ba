"""The marks of a class as tables: a row for each submission, and the tally of slips."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from tracer.check.model.file_report import FileReport
from tracer.errors import printable
from tracer.sentences import plain
from tracer.worksheets.roster import Student

__all__ = ["Gradebook", "Submission", "csv_text", "guard_cell"]

# Spreadsheets take a cell that begins with one of these for a formula.
_FORMULA_SIGNS: Final = "=+-@\t\r\n＝＋－＠"
HEADS: Final = (
    "id", "name", "file", "points", "possible", "method", "method_possible", "accuracy",
    "accuracy_possible", "carried_forward", "by_hand", "remark",
)  # fmt: skip


class Submission(NamedTuple):
    """A file that was handed in: its marked report, or why there is none."""

    file: str
    student: Student | None
    report: FileReport | None
    problem: str = ""

    @property
    def who(self) -> str:
        """What people call the submission."""
        if self.student is None:
            return self.file
        return self.student.name or self.student.id


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
        marks = item.report.marks if item.report is not None else None
        begin: list[str | int] = [who.id, who.name, item.file]
        if marks is None:
            return [*begin, *[""] * (len(HEADS) - 4), item.problem, *[""] * len(self.labels)]
        points: dict[str, str | int] = {line.label: line.points for line in marks.lines}
        numbers: list[str | int] = [
            marks.points, marks.possible, *marks.method, *marks.accuracy, marks.carried,
            marks.by_hand,
        ]  # fmt: skip
        remark = "; ".join(filter(None, [item.problem, *map(plain, marks.all_notes())]))
        return [*begin, *numbers, remark, *(points.get(label, "") for label in self.labels)]

    def slips(self) -> Counter[tuple[str, str]]:
        """Return how often each slip was made, by kind and cause ('' where it is not known)."""
        return Counter(
            (finding.kind or "", finding.cause or "")
            for item in self.submissions
            if item.report is not None
            for finding in item.report.findings
            if finding.verdict == "slip"
        )

    def kinds(self) -> list[tuple[str, int, int]]:
        """Return kind, slips and in how many files, the most frequent first."""
        slips: Counter[str] = Counter()
        files: Counter[str] = Counter()
        for item in self.submissions:
            if item.report is None:
                continue
            found = [
                finding.kind or "" for finding in item.report.findings if finding.verdict == "slip"
            ]
            slips.update(found)
            files.update(set(found))
        return sorted(
            ((kind, count, files[kind]) for kind, count in slips.items()),
            key=lambda row: (-row[1], row[0]),
        )

    def slip_rows(self) -> Iterator[list[str | int]]:
        """Yield the rows of the tally, its heads first."""
        yield ["kind", "cause", "slips"]
        for (kind, cause), count in sorted(self.slips().items(), key=lambda row: (-row[1], row[0])):
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


def labels_of(sheets: Iterable[Sequence[str]]) -> tuple[str, ...]:
    """Return all labels of some worksheets, in the order of their lines."""
    return tuple(dict.fromkeys(label for labels in sheets for label in labels))


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
