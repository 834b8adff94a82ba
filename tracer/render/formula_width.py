"""How much room a formula takes, in characters, and where a long one may be broken.

Who sets a line asks this before, to choose between one line and several; it is an estimate, and
knows no font. FormulaWidths are added up in whole thousandths of a character: such a sum is exact,
whatever its order.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from tracer.expression import Array, Call, Name, Node, Notation, Number, Slice, Tuple
from tracer.expression.display_forms import DISPLAYED_PRODUCTS, Display

UNIT: Final = 1000  # a character
_SIGNS: Final = {
    **dict.fromkeys(("add", "subtract"), 3000),
    **dict.fromkeys(("multiply", "hadamard", "correlate", "convolve"), 2000),
    **dict.fromkeys(("matmul", "beside"), 500),
}
_SUMS: Final = frozenset(("add", "subtract"))
_PRODUCTS: Final = frozenset(("multiply", "matmul", *DISPLAYED_PRODUCTS))
_BRACKETS: Final = 1600
_SHORT: Final = 10 * UNIT  # after which no line ends before what is too long for any line
_CELL: Final = 1500  # what an entry of an array has around it


def formula_width(node: Node, notation: Notation) -> float:
    """Return the room that a formula takes on a line, in characters."""
    return FormulaWidths(notation).of(node) / UNIT


def in_units(room: float) -> int:
    """Return a room in characters as it is added up here."""
    return round(room * UNIT)


class FormulaWidths:
    """Adds up widths."""

    def __init__(self, notation: Notation) -> None:
        self.notation = notation
        self._known: dict[int, tuple[Node, int]] = {}  # with the node, which keeps its id

    def of(self, node: Node) -> int:
        """Return the room of a formula."""
        if isinstance(node, Number):
            return UNIT * len(node.text)
        known = self._known.get(id(node))
        if known is None:
            known = self._known[id(node)] = (node, self._added(node))
        return known[1]

    def stages(self, node: Node, room: int) -> Sequence[Node]:
        """Return the beginnings of a formula after which a line may end, the whole one last.

        A long sum is broken before its signs, a long product before its dots, so that each piece
        between two beginnings fits into the room, in units, if it can.
        """
        if self.of(node) <= room:
            return (node,)
        begun = chain_beginnings(node)
        chosen = _line_stops([self.of(stage) for stage in begun], room)
        return (*(begun[place] for place in chosen), node)

    def _added(self, node: Node) -> int:
        if isinstance(node, Name):
            return _name_width(node.id, self.notation)
        if isinstance(node, Array):
            return self.array(node)
        if isinstance(node, (Tuple, Slice)):
            return 2 * UNIT + sum(2 * UNIT + self.of(part) for part in node.children())
        if isinstance(node, Display):
            return self._display(node)
        assert isinstance(node, Call)
        parts = [self.of(part) for part in node.arguments]
        if len(parts) == 2 and not node.keywords:
            if node.operation == "divide":
                return max(parts) + UNIT // 2
            if node.operation == "power":
                return parts[0] + _script_width(parts[1]) + _bracket_width(node.arguments[0])
            if node.operation in _SIGNS:
                return (
                    parts[0]
                    + _SIGNS[node.operation]
                    + parts[1]
                    + sum(
                        _BRACKETS
                        for part in node.arguments
                        if node.operation not in _SUMS and is_sum(part)
                    )
                )
        if node.operation == "negative" and len(parts) == 1:
            return UNIT + parts[0]
        if node.operation == "transpose_last" and len(parts) == 1:
            return parts[0] + _script_width(UNIT) + _bracket_width(node.arguments[0])
        if node.operation == "index":
            return parts[0] + _script_width(sum(parts[1:]) + UNIT * len(parts))
        words = sum(UNIT * (len(word) + 1) + self.of(value) for word, value in node.keywords)
        return UNIT * (len(node.operation) + len(parts)) + _BRACKETS + sum(parts) + words

    def _display(self, node: Display) -> int:
        parts = [self.of(part) for part in node.parts]
        if node.kind == "column":
            array = node.parts[0]
            assert isinstance(array, Array)
            return _BRACKETS + _CELL + max(map(self.of, array.items))
        if node.kind in ("below", "array", "through"):
            return (
                parts[0]
                + _BRACKETS
                + _script_width(sum(parts[1:]) + 4 * UNIT * (node.kind == "through"))
            )
        if node.kind == "gradient":
            return UNIT + max(parts)
        if node.kind == "labelled":
            text = UNIT * len(self.notation.word(node.text))
            return max(parts[0], _script_width(text + sum(parts[1:])))
        if node.kind == "over":
            return max(2 * UNIT, *map(_script_width, parts[1:])) + parts[0]
        return UNIT * len(node.text) + 2 * UNIT + sum(parts)

    def array(self, node: Array) -> int:
        """Return the room of an array, whose columns are as wide as their widest cell."""
        rows = [item.items for item in node.items if isinstance(item, Array)]
        if rows and len({len(row) for row in rows}) == 1 and len(rows) == len(node.items):
            columns = zip(*rows, strict=True)
            return _BRACKETS + sum(
                _CELL + max([self.of(cell) for cell in column]) for column in columns
            )
        return _BRACKETS + sum(self.of(item) + _CELL for item in node.items)


def _script_width(room: int) -> int:
    """Return the room of a superscript or subscript beside what it belongs to."""
    return room * 7 // 10


def _bracket_width(node: Node) -> int:
    return _BRACKETS if isinstance(node, Call) and len(node.arguments) == 2 else 0


def _is_operation(node: Node, operations: Collection[str]) -> bool:
    return isinstance(node, Call) and node.operation in operations


def is_sum(node: Node) -> bool:
    """Tell whether a formula is a sum or a difference."""
    return _is_operation(node, _SUMS)


def _name_width(id: str, notation: Notation) -> int:
    look = notation.look(id, "unicode")
    if look.startswith("∂") and "/∂" in look:
        return UNIT * max(map(len, look.split("/", 1)))
    return UNIT * len(look)


def is_tall(node: Node) -> bool:
    """Tell whether a formula is higher than a line of text."""
    if isinstance(node, Name):
        return "/" in node.id
    is_high = (
        isinstance(node, Array)
        or (isinstance(node, Display) and node.kind in ("over", "through", "gradient", "labelled"))
        or (isinstance(node, Call) and node.operation in ("divide", "sqrt"))
    )
    return is_high or any(map(is_tall, node.children()))


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


def chain_beginnings(node: Node, operations: Collection[str] = ()) -> Sequence[Node]:
    """Return a sum's or a product's beginnings: its first operand, then one more each time.

    `operations` are those of a chain; where none are said, those of the node.
    """
    kinds = (kind for kind in (_SUMS, _PRODUCTS) if _is_operation(node, kind))
    chained = operations or next(kinds, ())
    begun = [node]
    while _is_operation(begun[-1], chained):
        begun.append(begun[-1].children()[0])
    return begun[::-1]


def listed_items(node: Node) -> Sequence[Node]:
    """Return the numbers of a row, or the operands of a function; nothing of another formula."""
    if isinstance(node, Display) and node.kind == "function":
        return node.parts
    row = node.items[0] if isinstance(node, Array) and len(node.items) == 1 else node
    is_row = isinstance(row, Array) and not any(isinstance(item, Array) for item in row.items)
    return row.children() if is_row else ()


def _line_stops(widths: Sequence[int], room: int) -> tuple[int, ...]:
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
