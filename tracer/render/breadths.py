"""How much room a formula takes, in characters, and where a long one may be broken.

Who sets a line asks this before, to choose between one line and several; it is an estimate, and
knows no font.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tracer.expression.names import Notation
from tracer.expression.syntax import Array, Call, Name, Node, Number, Slice, Tuple

__all__ = ["breadth", "is_tall", "stages"]

_SIGNS: Final = {"add": 3.0, "subtract": 3.0, "multiply": 2.0, "matmul": 0.5}
_SUMS: Final = frozenset(("add", "subtract"))
_PRODUCTS: Final = frozenset(("multiply", "matmul"))
_BRACKETS: Final = 1.6
_SMALL: Final = 0.7  # a superscript or subscript beside what it belongs to


def breadth(node: Node, notation: Notation) -> float:
    """Return the room that a formula takes on a line."""
    if isinstance(node, Number):
        return float(len(node.text))
    if isinstance(node, Name):
        return _name(node.id, notation)
    if isinstance(node, Array):
        return _array(node, notation)
    if isinstance(node, (Tuple, Slice)):
        return 2 + sum(2 + breadth(part, notation) for part in node.children())
    assert isinstance(node, Call)
    parts = [breadth(part, notation) for part in node.arguments]
    if len(parts) == 2 and not node.keywords:
        if node.operation == "divide":
            return max(parts) + 0.5
        if node.operation == "power":
            return parts[0] + _SMALL * parts[1] + _brackets(node.arguments[0])
        if node.operation in _SIGNS:
            return (
                parts[0]
                + _SIGNS[node.operation]
                + parts[1]
                + sum(
                    _BRACKETS
                    for part in node.arguments
                    if node.operation not in _SUMS and _is(part, _SUMS)
                )
            )
    if node.operation == "negative" and len(parts) == 1:
        return 1 + parts[0]
    if node.operation == "transpose_last" and len(parts) == 1:
        return parts[0] + _SMALL + _brackets(node.arguments[0])
    if node.operation == "index":
        return parts[0] + _SMALL * (sum(parts[1:]) + len(parts))
    words = sum(len(word) + 1 + breadth(value, notation) for word, value in node.keywords)
    return len(node.operation) + _BRACKETS + sum(part + 1 for part in parts) + words


def _brackets(node: Node) -> float:
    return _BRACKETS if isinstance(node, Call) and len(node.arguments) == 2 else 0.0


def _is(node: Node, operations: frozenset[str]) -> bool:
    return isinstance(node, Call) and node.operation in operations


def _name(id: str, notation: Notation) -> float:
    look = notation.unicode(id)
    if look.startswith("∂") and "/∂" in look:
        return float(max(map(len, look.split("/", 1))))
    return float(len(look))


def _array(node: Array, notation: Notation) -> float:
    rows = [item.items for item in node.items if isinstance(item, Array)]
    if not rows:
        return _BRACKETS + sum(breadth(item, notation) + 1.5 for item in node.items)
    if len({len(row) for row in rows}) == 1 and len(rows) == len(node.items):
        columns = zip(*rows, strict=True)
        return _BRACKETS + sum(
            1.5 + max(breadth(cell, notation) for cell in column) for column in columns
        )
    return _BRACKETS + sum(breadth(item, notation) + 1.5 for item in node.items)


def is_tall(node: Node) -> bool:
    """Tell whether a formula is higher than a line of text."""
    if isinstance(node, Name):
        return "/" in node.id
    if isinstance(node, Array):
        return True
    if isinstance(node, Call) and node.operation in ("divide", "sqrt"):
        return True
    return any(map(is_tall, node.children()))


def stages(node: Node, notation: Notation, room: float) -> Sequence[Node]:
    """Return the beginnings of a formula after which a line may end, the whole one last.

    A long sum is broken before its signs, a long product before its dots, so that each piece
    between two beginnings fits into the room if it can. The text of each beginning begins the
    text of the next.
    """
    operations = next((kind for kind in (_SUMS, _PRODUCTS) if _is(node, kind)), None)
    if operations is None or breadth(node, notation) <= room:
        return (node,)
    begun = [node]
    while isinstance(begun[-1], Call) and begun[-1].operation in operations:
        begun.append(begun[-1].arguments[0])
    begun.reverse()
    chosen: list[Node] = []
    start = 0.0
    for place, stage in enumerate(begun[:-1]):
        if breadth(begun[place + 1], notation) - start > room:
            chosen.append(stage)
            start = breadth(stage, notation)
    return (*chosen, node)
