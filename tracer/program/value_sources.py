"""A value as a scenario writes it: numbers in lists, a draw, or a CSV or NPY file beside it.

Nothing is drawn here. A file is read only from below the scenario's own folder, never through a
link, never as a pickle, and only after its size is known. NumPy is loaded where something is read.
"""

from __future__ import annotations

import itertools
import math
from array import array
from collections.abc import Iterator
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO, Any, Final

from tracer.bounded_read import open_regular, read_text
from tracer.errors import ScenarioError, TracerError
from tracer.frozen import Value
from tracer.lazy_numpy import np
from tracer.lazy_regex import lazy_regex
from tracer.program.document import (
    Document,
    KeyPath,
    TomlTable,
    describe_value,
    finite_number,
    one_of,
    quote_text,
)
from tracer.program.draws import MAX_AXES, Draw, read_draw
from tracer.program.given_array import MAX_NUMBERS, GivenArray, Written
from tracer.program.key_types import FlagType
from tracer.sentences import Sentence, Text, say

MAX_FILE_BYTES: Final = 64 * 1024 * 1024
MAX_CELL: Final = 1_000
_NUMBER: Final = lazy_regex(r"[ \t]*[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?[ \t]*")


class FileData(Value):
    """A value that is read from a file: which, and which columns of it."""

    table: TomlTable
    path: Path
    columns: tuple[str, ...] | tuple[int, ...] | None
    single: bool  # `column`: the axis of the columns is dropped
    header: bool

    def value(self) -> GivenArray:
        """Return the numbers.

        Raises: ScenarioError where the file is too large, is no such file, or holds no numbers.
        """
        try:
            if self.path.suffix.lower() == ".npy":
                with open_regular(self.path, most=MAX_FILE_BYTES, follow=False) as file:
                    return self._npy(file)
            return self._csv(read_text(self.path, most=MAX_FILE_BYTES, follow=False))
        except ScenarioError:
            raise
        except TracerError as error:
            raise self.table.error(
                "file", error.what, found=error.found, expected=error.expected
            ) from None

    def _csv(self, text: str) -> GivenArray:
        if "\0" in text:
            raise self.table.error("file", say("the file holds a zero byte, so it is not CSV"))
        import csv

        lines = csv.reader(text.splitlines(), strict=True)
        try:
            return self._read_rows((lines.line_num, row) for row in lines if row)
        except csv.Error as error:
            raise self._bad(lines.line_num, say("{text}", text=str(error))) from None

    def _read_rows(self, rows: Iterator[tuple[int, list[str]]]) -> GivenArray:
        head: tuple[int, list[str]] = (0, [])
        names = [name.strip() for name in next(rows, head)[1]] if self.header else None
        chosen: list[int] | None = None
        width = len(names or ())
        numbers = array("d")
        count = 0
        for line, row in rows:
            width = width or len(row)
            if len(row) != width:
                raise self._bad(
                    line,
                    say("rows differ in length"),
                    say("{count} cells", count=len(row)),
                    say("{width} cells", width=width),
                )
            if chosen is None:
                chosen = self._column_places(names, width)
            cells = [row[place] for place in chosen]
            self._append(numbers, cells, line)
            count += 1
        if not count or chosen is None:
            raise self.table.error("file", say("the file holds no row of numbers"))
        entries = np.frombuffer(numbers, dtype=np.float64)
        shape = (count,) if self.single else (count, len(chosen))
        return GivenArray(shape, array=entries.reshape(shape))

    def _append(self, numbers: array[float], cells: list[str], line: int) -> None:
        bad = next(itertools.filterfalse(_NUMBER.fullmatch, cells), None)
        if bad is not None:
            raise self._bad(
                line,
                say("a cell is not a number")
                if self.header
                else say("a cell is not a number; header = true skips a first line of names"),
                describe_value(bad[:MAX_CELL]),
            )
        numbers.extend(map(float, cells))
        if not all(map(math.isfinite, numbers[-len(cells) :])):
            raise self._bad(line, say("a number is too large"))
        if len(numbers) > MAX_NUMBERS:
            raise self.table.error(
                "file", say("too many numbers"), expected=say("at most {most}", most=MAX_NUMBERS)
            )

    def _column_places(self, names: list[str] | None, width: int) -> list[int]:
        """Return the places of the columns that are asked for."""
        if self.columns is None:
            return list(range(width))
        places: list[int] = []
        key = "column" if self.single else "columns"
        for column in self.columns:
            if isinstance(column, int):
                if column >= width:
                    raise self.table.error(
                        key,
                        say("there is no column {column}", column=column),
                        found=say("{width} columns, from 0", width=width),
                    )
                places.append(column)
            else:
                assert names is not None
                if names.count(column) != 1:
                    raise self.table.error(
                        key,
                        say("the column {column} appears twice", column=quote_text(column))
                        if column in names
                        else say(
                            "the column {column} is not in the file", column=quote_text(column)
                        ),
                        found=quote_text(", ".join(names), 200),
                    )
                places.append(names.index(column))
        return places

    def _bad(self, line: int, what: Sentence, found: Text = "", expected: Text = "") -> Exception:
        return self.table.error(
            "file",
            say("{name} line {line}: {what}", name=self.path.name, line=line, what=what),
            found=found,
            expected=expected,
        )

    def _npy(self, file: IO[bytes]) -> GivenArray:
        from tracer.program.npy_format import read_entries, read_header  # loads zipfile

        header = read_header(file)
        if len(header.shape) > MAX_AXES or not 0 < header.size <= MAX_NUMBERS:
            raise self.table.error(
                "file",
                say("the array is empty or too large"),
                found=say("shape {shape}", shape=quote_text(str(list(header.shape)), 80)),
                expected=say(
                    "1 to {most} numbers, at most {axes} axes", most=MAX_NUMBERS, axes=MAX_AXES
                ),
            )
        entries = read_entries(file, header)
        if entries.dtype.kind == "f" and entries.dtype.itemsize > 8:
            with np.errstate(over="ignore"):
                entries = entries.astype(np.float64)
        if not np.isfinite(entries).all():
            raise self.table.error("file", say("the array holds a number that is not finite"))
        native = entries.astype(entries.dtype.newbyteorder("="), order="C", copy=False)
        return GivenArray(header.shape, array=native)


ValueSource = GivenArray | Draw | FileData
_VALUE: Final = say("a number, lists of numbers, {{shape = …, init = …}} or {{file = …}}")


def read_file_table(table: TomlTable, folder: Path | None) -> FileData:
    """Return what `{file = …}` says, after a look at the path; the file is not opened yet."""
    name = table.text("file")
    suffix = PurePosixPath(name).suffix.lower()
    if suffix not in (".csv", ".npy"):
        raise table.error(
            "file",
            say("unknown kind of file"),
            found=quote_text(name),
            expected=say("a .csv or .npy file"),
        )
    table.check_keys(["file", "column", "columns", "header"] if suffix == ".csv" else ["file"])
    if folder is None:
        raise table.error(
            "file", say("a scenario that is not in a file cannot read files beside it")
        )
    path = _path_below(table, folder, name)
    columns, single = _table_columns(table)
    by_name = bool(columns) and isinstance((columns or ("",))[0], str)
    header = FlagType().read(table, "header") if "header" in table else by_name
    if by_name and not header:
        raise table.error("header", say("columns with names need header = true"))
    return FileData(table, path, columns, single, header)


def _table_columns(table: TomlTable) -> tuple[tuple[str, ...] | tuple[int, ...] | None, bool]:
    single = "column" in table
    key = "column" if single else "columns"
    if single and "columns" in table:
        raise table.error("columns", say("give one of column and columns"), found=say("both"))
    if key not in table:
        return None, False
    value = table.content[key]
    items = [value] if single else value
    expected = say("a name or a number") if single else say('a list such as ["a", "b"] or [0, 1]')
    kinds = {type(item) for item in items} if isinstance(items, list) else set()
    if kinds == {str} or (kinds == {int} and min(items) >= 0):
        return tuple(items), single
    raise table.error(
        key, say("this does not choose columns"), found=describe_value(value), expected=expected
    )


def _path_below(table: TomlTable, folder: Path, name: str) -> Path:
    """Return the path of a file below the folder; no part of the way is a link."""
    pure = PurePosixPath(name)
    if (
        "\0" in name
        or "\\" in name
        or pure.is_absolute()
        or PureWindowsPath(name).drive
        or ".." in pure.parts
    ):
        raise table.error(
            "file",
            say("the file is not below the scenario's own folder"),
            found=quote_text(name),
            expected=one_of([say("a path relative to it, without ..")]),
        )
    try:
        path = folder.resolve()
        for part in pure.parts:
            path = path / part
            if path.is_symlink():
                raise table.error(
                    "file", say("tracer does not follow links"), found=quote_text(name)
                )
        if not path.is_file():
            raise table.error(
                "file",
                say("{name} is not a file", name=quote_text(name))
                if path.exists()
                else say("{name} does not exist", name=quote_text(name)),
            )
    except (OSError, ValueError) as error:
        raise table.error(
            "file", say("the file cannot be read: {reason}", reason=str(error))
        ) from None
    return path


def read_source(
    table: TomlTable, key: str, folder: Path | None, known: GivenArray | None
) -> ValueSource:
    """Return what stands for a value: numbers, a draw, or a file, unless its numbers are known."""
    value = table.content[key]
    if isinstance(value, dict):
        below = TomlTable(table.document, (*table.path, key), value)
        if "file" in value:
            return read_file_table(below, folder) if known is None else known
        if "init" in value or "shape" in value:
            return read_draw(below)
        raise table.error(key, say("this is not a value"), found=say("a table"), expected=_VALUE)
    return read_numbers(table.document, (*table.path, key), value)


def read_numbers(
    document: Document, path: KeyPath, value: Any, wanted: Sentence = _VALUE
) -> GivenArray:
    """Return nested lists of numbers, every row as long as the first one at its depth."""
    if id(value) in document.given:
        return document.given[id(value)][1]
    shape: list[int] = []
    inner = value
    while isinstance(inner, list):
        if not inner:
            raise document.error(path, say("a list is empty"), expected=say("at least one number"))
        if len(shape) == MAX_AXES:
            raise document.error(
                path, say("too many axes"), expected=say("at most {most}", most=MAX_AXES)
            )
        shape.append(len(inner))
        inner = inner[0]

    entries: list[Written] = []

    def walk(item: Any, depth: int, at: KeyPath) -> None:
        if depth == len(shape):
            if isinstance(item, list | dict | str):
                expected = say("a number, as in the entries before") if shape else wanted
                raise document.error(
                    at, say("this is not a number"), found=describe_value(item), expected=expected
                )
            entries.append(finite_number(document, at, item))
            return
        if not isinstance(item, list) or len(item) != shape[depth]:
            raise document.error(
                at,
                say("rows differ in length"),
                found=describe_value(item),
                expected=say("{count} entries, as in the rows before", count=shape[depth]),
            )
        for place, part in enumerate(item):
            walk(part, depth + 1, (*at, place))

    walk(value, 0, path)
    given = GivenArray(tuple(shape), exact=tuple(entries))
    if isinstance(value, list):
        document.given[id(value)] = value, given
    return given
