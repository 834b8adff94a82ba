"""Who was to hand in: a roster as CSV, and which student a file is from."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from tracer.errors import TracerError, printable
from tracer.sentences import say

__all__ = ["Student", "read_roster", "student_of"]

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
    students = [_student(dict(zip(heads, row, strict=False)), where) for row in rows]
    if not students:
        raise TracerError(
            say("the roster is empty"),
            where=printable(where),
            expected=say("one row for each student"),
        )
    seen: set[str] = set()
    for student in students:
        if student.id.casefold() in seen:
            raise TracerError(
                say("an id is in the roster twice"),
                where=printable(where),
                found=printable(student.id),
            )
        seen.add(student.id.casefold())
    return students


def _student(row: dict[str, str], where: str) -> Student:
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
    for student in students:
        if student.file and student.file in (path, last):
            return student
    found = [
        student
        for student in students
        if re.search(rf"(?<![^\W_]){re.escape(student.id)}(?![^\W_])", path, re.IGNORECASE)
    ]
    return max(found, key=lambda student: len(student.id), default=None)
