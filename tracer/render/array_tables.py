"""Arrays as tables of text: a window of figures or shades, and what changed.

An array of any number of axes is shown as rows of its last one. Indices count from 1, as subscripts
do; in ASCII, where entries are written in brackets, from 0, as the language does. It knows no
terminal.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from tracer.operations import Shape, short_text, unravel
from tracer.render.screen_lines import Line
from tracer.text_width import padded

DIGITS: Final = 4
CELL: Final = 12  # columns of a cell: the longest number, −0.0002733, and two spaces
# Of a map, from small to large; entries below 0 have signs of their own, for who sees no colours.
_POSITIVE: Final = ("░▒▓█", ".:*#")
_NEGATIVE: Final = ("-=≡≣", "-~=%")


class ArrayTable(NamedTuple):
    """The entries of an array, row by row."""

    shape: Shape
    values: Sequence[float]

    @property
    def columns(self) -> int:
        """How many entries a row has."""
        return self.shape[-1] if self.shape else 1

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return math.prod(self.shape[:-1]) if self.shape else 1

    def text(self, row: int, column: int, *, unicode: bool = True) -> str:
        """Return an entry as it is written."""
        text = short_text(float(self.values[row * self.columns + column]), DIGITS)
        return text.replace("-", "−") if unicode else text

    def window(
        self,
        top: int,
        left: int,
        rows: int,
        room: int,
        *,
        unicode: bool = True,
        role: Callable[[int, int], str] = lambda row, column: "",
    ) -> list[Line]:
        """Return some rows from a place on, as wide as the room; `role` is of a row and column."""
        names = [
            row_name(self.shape, row, unicode=unicode)
            for row in range(top, min(top + rows, self.rows))
        ]
        measure = max(map(len, names), default=0), self.cell(top, left, rows, room, unicode)

        def entry(row: int, column: int) -> Line:
            text = self.text(row, column, unicode=unicode)
            return [(" " * (measure[1] - len(text)), ""), (text, role(row, column))]

        return self._rows(range(top, top + len(names)), left, room, measure, unicode, entry)

    def shades(
        self,
        top: int,
        left: int,
        rows: int,
        room: int,
        largest: float,
        *,
        unicode: bool = True,
        role: Callable[[int, int], str] = lambda row, column: "",
    ) -> list[Line]:
        """Return some rows from a place on as shades, as wide as the room.

        0 is blank, `largest` of either sign the fullest shade, and what is not finite is !. A role
        that is not empty takes the place of that of the sign.
        """
        measure = self.shade_measure(room, unicode=unicode)

        def entry(row: int, column: int) -> Line:
            value = float(self.values[row * self.columns + column])
            sign, shade_role = _entry_shade(value, largest, unicode)
            return [(sign * measure[1], role(row, column) or shade_role)]

        visible_rows = range(top, min(top + rows, self.rows))
        return self._rows(visible_rows, left, room, measure, unicode, entry)

    def _rows(
        self,
        rows: range,
        left: int,
        room: int,
        measure: tuple[int, int],
        unicode: bool,
        entry: Callable[[int, int], Line],
    ) -> list[Line]:
        """Return rows from a column on; `measure` is that of their names, and of an entry."""
        before, cell = measure
        last = min(left + max((room - before) // cell, 1), self.columns)
        more: Line = [(" …" if unicode else " ..", "faint")] if last < self.columns else []
        lines: list[Line] = []
        for row in rows:
            name = row_name(self.shape, row, unicode=unicode) if before else ""
            entries = (piece for column in range(left, last) for piece in entry(row, column))
            lines.append([(padded(name, before), "faint"), *entries, *more])
        return lines

    def shade_measure(self, room: int, *, unicode: bool) -> tuple[int, int]:
        """Return the columns of the rows' names, with a space, and those of a shade.

        A shade is two columns wide, as high as it is, where all of them fit so; where a matrix fits
        without the names of its rows alone, it has none.
        """
        before = len(row_name(self.shape, self.rows - 1, unicode=unicode))
        before += before > 0
        if before + 2 * self.columns <= room:
            return before, 2
        is_tight = len(self.shape) < 3 and self.columns <= room < before + self.columns
        return 0 if is_tight else before, 1

    def cell(self, top: int, left: int, rows: int, room: int, unicode: bool) -> int:
        """Return the columns of a cell: what the longest number that may be seen needs."""
        most = max(room // 3, 1)
        return 1 + max(
            (
                len(self.text(row, column, unicode=unicode))
                for row in range(top, min(top + rows, self.rows))
                for column in range(left, min(left + most, self.columns))
            ),
            default=1,
        )


def shade_signs(*, unicode: bool) -> tuple[str, str]:
    """Return the shades of a map, from small to large: above 0, and below."""
    which = 0 if unicode else 1
    return _POSITIVE[which], _NEGATIVE[which]


def _entry_shade(value: float, largest: float, unicode: bool) -> tuple[str, str]:
    """Return the shade of an entry, and its role."""
    if not math.isfinite(value):
        return "!", "bad"
    positive, negative = shade_signs(unicode=unicode)
    share = min(abs(value) / largest, 1.0) if largest else 0.0
    level = round(share * len(positive))
    if not level:
        return " ", ""
    return (positive[level - 1], "positive") if value > 0 else (negative[level - 1], "negative")


def first_index(unicode: bool) -> int:
    """Return what indices count from."""
    return 1 if unicode else 0


def row_name(shape: Shape, row: int, *, unicode: bool = True) -> str:
    """Return how a row is called: its indices along all axes but the last."""
    if len(shape) < 2:
        return ""
    return ",".join(str(at + first_index(unicode)) for at in unravel(row, shape[:-1]))


def largest_size(low: float, high: float, values: Sequence[float]) -> float:
    """Return the largest finite size of entries from `low` to `high`, signs aside."""
    if math.isfinite(low) and math.isfinite(high):
        return max(abs(low), abs(high))
    return max((abs(float(value)) for value in values if math.isfinite(value)), default=0.0)
