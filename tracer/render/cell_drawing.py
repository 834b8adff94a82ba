"""A picture in the cells of a terminal: what stands at a place of its scale, and beside it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

from tracer.operations.numbers import short_text
from tracer.render.plots import Point, braille_rows, cell_place, marked_rows
from tracer.render.screen_lines import Line, joined_pieces
from tracer.text_width import padded, width

DIGITS: Final = 3  # of a number at an axis

PICTURE_SIGNS: Final[Mapping[bool, Mapping[str, str]]] = {
    True: {
        "filled": "●", "hollow": "○", "between": "·", "cursor": "┊", "line": "─",
        "heads": "→↗↑↖←↙↓↘", "shades": "░▒▓█", "right": "✓", "wrong": "✗",
    },
    False: {
        "filled": "@", "hollow": "o", "between": ".", "cursor": ":", "line": "-",
        "heads": ">/^\\<</v\\", "shades": ".:*#", "right": "+", "wrong": "x",
    },
}  # fmt: skip
"""What pictures are drawn with, in Unicode or in ASCII.

The heads of an arrow begin with the right and go round by eighths, upwards first; shades go from
low to high.
"""

Span = tuple[float, float]
Cells = list[list[tuple[str, str]]]
"""Rows of signs, each with its role."""


class CellDrawing:
    """Cells with a scale: what is put at a place of the picture."""

    def __init__(self, cells: Cells, across: Span, up: Span, unicode: bool) -> None:
        self.cells = cells
        self.columns = len(cells[0])
        self._across = across
        self._up = up
        self._unicode = unicode

    def column(self, x: float) -> int:
        """Return the column of a number."""
        return cell_place(x, self._across, self.columns)

    def row(self, y: float) -> int:
        """Return the row of a number, from the top."""
        return len(self.cells) - 1 - cell_place(y, self._up, len(self.cells))

    def curve(self, points: Sequence[Point], role: str) -> None:
        """Draw lines from point to point; dots that are there stay."""
        rows = len(self.cells)
        if self._unicode:
            drawn = braille_rows(points, self._across, self._up, self.columns, rows)
        else:
            curves = [points] if role == "curve" else [[], points]  # each with its own mark
            drawn = marked_rows(curves, self._across, self._up, self.columns, rows)
        put_lines(self.cells, drawn, role)

    def sign(self, point: Point, sign: str, role: str) -> None:
        """Put a sign at a point, where it is one."""
        if all(map(math.isfinite, point)):
            self.cells[self.row(point[1])][self.column(point[0])] = (sign, role)


def empty_cells(columns: int, rows: int) -> Cells:
    """Return cells with nothing in them."""
    return [[(" ", "")] * columns for _ in range(rows)]


def put_lines(cells: Cells, lines: Sequence[str], role: str) -> None:
    """Put a drawing over what is there; dots of braille join those below them."""
    for y, line in enumerate(lines):
        for x, sign in enumerate(line):
            if sign != " ":
                below = cells[y][x][0]
                if _is_braille(sign) and _is_braille(below):
                    sign = chr(ord(sign) | ord(below))
                cells[y][x] = (sign, role)


def _is_braille(sign: str) -> bool:
    return 0x2800 <= ord(sign) < 0x2900


def axis_text(value: float, unicode: bool) -> str:
    """Return a number at an axis."""
    text = short_text(value, DIGITS)
    return text.replace("-", "−") if unicode else text


def scale_row(texts: Sequence[tuple[int, str, str]], room: int) -> list[tuple[str, str]]:
    """Return the row of numbers: each below its column, the first of two that would touch."""
    row = [(" ", "")] * room
    for column, text, role in texts:
        start = min(max(column - width(text) // 2, 0), room - width(text))
        around = row[max(start - 1, 0) : start + width(text) + 1]
        if start >= 0 and all(sign == " " for sign, _ in around):
            row[start : start + width(text)] = [(sign, role) for sign in text]
    return row


def labelled_lines(cells: Cells, labels: Mapping[int, str], columns: int) -> list[Line]:
    """Return the rows with what stands at their left, and neighbours of one role as one piece."""
    return [
        [(padded(labels.get(y, ""), columns, "right") + " ", "faint"), *joined_pieces(row)]
        for y, row in enumerate(cells)
    ]
