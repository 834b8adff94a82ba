"""How much room a formula takes, in columns, and where a long one may be broken.

Who sets a line asks this before, to choose between one line and several; it is an estimate, and
knows no font: a formula takes the columns of its drawing in a terminal.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from tracer.expression import Array, Call, Node, Notation
from tracer.expression.display_forms import Display
from tracer.operations import vocabulary
from tracer.render.boxes import Box, Layout, chain_beginnings

MOST_KNOWN: Final = 20_000  # drawings that are kept
_SHORT: Final = 10  # columns after which no line ends before what is too long for any line
_SUMS: Final = ("add", "subtract")


class FormulaWidths(Layout):
    """Knows how wide and how high formulas are in one notation; what it has drawn is kept."""

    __slots__ = ("_known",)

    def __init__(self, notation: Notation) -> None:
        super().__init__(vocabulary(), notation)
        self._known: dict[tuple[Node, bool], Box] = {}

    def of(self, node: Node) -> int:
        """Return the columns of a formula."""
        return self.write(node).width

    def is_tall(self, node: Node) -> bool:
        """Tell whether a formula is higher than a line of text."""
        return len(self.write(node).lines) > 1

    def write(self, node: Node, after: bool = False) -> Box:
        """Return a formula's drawing; `after` says that it stands behind an operator."""
        key = node, after
        if key not in self._known:
            box = super().write(node, after)
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            self._known[key] = box
        return self._known[key]

    def stages(self, node: Node, room: float) -> Sequence[Node]:
        """Return the beginnings of a formula after which a line may end, the whole one last.

        A long sum is broken before its signs, a long product before its dots, so that each piece
        between two beginnings fits into the room, if it can.
        """
        if self.of(node) <= room:
            return (node,)
        begun = chain_beginnings(node)
        chosen = _line_stops([self.of(stage) for stage in begun], room)
        return (*(begun[place] for place in chosen), node)


formula_widths = lru_cache(8)(FormulaWidths)  # many lines of a document have parts in common


def is_sum(node: Node) -> bool:
    """Tell whether a formula is a sum or a difference."""
    return isinstance(node, Call) and node.operation in _SUMS


def rows_of(node: Node) -> int:
    """Return the rows of the highest matrix or column in a formula, 1 where it has none."""
    here = len(node.items) if isinstance(node, Array) and _has_rows(node) else 1
    if isinstance(node, Display) and node.kind == "column":
        here = len(node.parts[0].children())
    return max([here, *map(rows_of, node.children())])


def _has_rows(array: Array) -> bool:
    """Say whether an array is a matrix: in a list of matrices, or of numbers, all stand in line."""
    rows = [item for item in array.items if isinstance(item, Array)]
    return bool(rows) and not any(isinstance(cell, Array) for row in rows for cell in row.items)


def listed_items(node: Node) -> Sequence[Node]:
    """Return the numbers of a row, or the operands of a function; nothing of another formula."""
    if isinstance(node, Display) and node.kind == "function":
        return node.parts
    row = node.items[0] if isinstance(node, Array) and len(node.items) == 1 else node
    is_row = isinstance(row, Array) and not any(isinstance(item, Array) for item in row.items)
    return row.children() if is_row else ()


def _line_stops(widths: Sequence[int], room: float) -> tuple[int, ...]:
    """Return after which of a chain's beginnings a line ends; none where the whole fits.

    A line does not end after a short piece that is followed by one too long for any line.
    """
    if widths[-1] <= room:
        return ()
    chosen: list[int] = []
    start = 0
    for place, after in enumerate(widths[1:]):
        piece, begun = after - widths[place], widths[place] - start
        if after - start > room and (piece <= room or begun > _SHORT):
            chosen.append(place)
            start = widths[place]
    return tuple(chosen)
