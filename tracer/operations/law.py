"""An operation's general law: its definition and its derivative for any size, in indices.

A law is written in the language of equations with five more words, and is drawn as a textbook
prints it: `d(y, x)` is a derivative, `over(i, n, body)` a sum over i from 1 to n, `top(i, n, body)`
the largest of n numbers, `same(i, j)` is 1 where both are equal and `above(a, b)` 1 where a > b,
else 0. Subscripts count from 1. What stands
between two equals signs is the same for all values of the subscripts, so that a law can be worked
out with numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Final

from tracer.expression import (
    Call,
    Display,
    FunctionNames,
    Name,
    Node,
    Vocabulary,
    count_number,
    indexed_extreme,
    letter,
    parse,
    with_subscripts,
)
from tracer.frozen import Value

WORDS: Final = ("d", "over", "top", "same", "above")


class LawLine(Value):
    """Sides that are equal, and the sentence that says why; '' where the line speaks for itself."""

    text: str
    because: str = ""


class Law(Value):
    """The lines of a law, the definition first.

    `shapes` gives each operand and the result its sizes in letters, 'x: n d; y: n'. `purpose` says
    what the operation is for where none of the row's purposes holds of its example. `loss` is a
    loss of the result y, for the first class, whose gradient the Jacobian matrix leads to y less
    the target t. `share` says that the first operand lies between 0 and 1.
    """

    lines: tuple[LawLine, ...]
    shapes: str = ""
    purpose: str = ""
    call: str = ""
    ranges: str = ""
    loss: str = ""
    share: bool = False

    @property
    def sizes(self) -> Mapping[str, tuple[str, ...]]:
        """The sizes of each operand and of the result y, in letters."""
        return {name: tuple(letters.split()) for name, letters in _pairs(self.shapes)}

    @property
    def limits(self) -> Mapping[str, str]:
        """The letters that run up to a size of their own."""
        return dict(_pairs(self.ranges))


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for part in text.split(";"):
        if part.strip():
            name, _, value = part.partition(":")
            yield name.strip(), value.strip()


@cache
def law_sides(text: str, vocabulary: Callable[[], Vocabulary]) -> tuple[Node, ...]:
    """Return the sides of a line as trees of the language with the words of laws."""
    looks = {**vocabulary().looks, **{word: FunctionNames(word) for word in WORDS}}
    words = Vocabulary(looks)
    return tuple(parse(side.strip(), vocabulary=words) for side in text.split(" = "))


def drawn_law(node: Node, drawn_call: Callable[[Call], Node]) -> Node:
    """Return a side as it is drawn; `drawn_call` draws calls of the table on drawn operands."""
    if isinstance(node, Name) and node.id == "L":
        return Name("loss")
    if not isinstance(node, Call):
        return node
    parts = [drawn_law(item, drawn_call) for item in node.arguments]
    match node.operation:
        case "index":
            return with_subscripts(parts[0], [_subscript(item) for item in parts[1:]])
        case "d":
            return Display("gradient", (*parts,))
        case "over" | "top":
            first = Display("relation", (_subscript(parts[0]), count_number(1)), "=")
            sign = "∑" if node.operation == "over" else "max"
            return indexed_extreme(sign, parts[2], first, parts[1])
        case "same" | "above":
            sign = "=" if node.operation == "same" else ">"
            return Display("indicator", (Display("relation", (parts[0], parts[1]), sign),))
    return drawn_call(Call(node.operation, tuple(parts), node.keywords))


def _subscript(node: Node) -> Node:
    """Return an index as a letter; a sum of indices as such."""
    match node:
        case Name():
            return letter(node.id)
        case Call():
            return Call(node.operation, tuple(map(_subscript, node.arguments)))
        case _:
            return node
