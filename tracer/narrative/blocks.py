"""What a derivation is made of before it has any markup: frozen blocks that renderers show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeVar

from tracer.expression import Display, Node
from tracer.frozen import Frozen
from tracer.sentences import Sentence, Text, say

Some = TypeVar("Some")


def present(*items: Some | None) -> list[Some]:
    """Return what there is to say: each item stands with its condition, and is None without it."""
    return [item for item in items if item is not None]


def equality(left: Node, *sides: Node, follows: bool = True) -> Node:
    """Return `left = side = side` as one formula, its last sign ≈ where that side is rounded."""
    for at, side in enumerate(sides, start=1):
        sign = "=" if follows or at < len(sides) else "≈"
        left = Display("relation", (left, side), sign)
    return left


class Heading(Frozen):
    """A heading of a level from 1."""

    level: int
    text: Sentence


class Paragraph(Frozen):
    """One or more sentences: a paragraph, a label of what follows, or an item of a list.

    One that `names_rules` says by which of them the equation before it is as it is.
    """

    sentences: Sequence[Sentence]
    kind: Literal["text", "label", "item"] = "text"
    names_rules: bool = False


def rules_paragraph(rules: Sequence[Sentence]) -> Paragraph:
    """Return the paragraph that names the rules of an equation."""
    return Paragraph([say("By: {rules}.", rules=rules)], names_rules=True)


def item_blocks(*sentences: Sentence | None) -> list[Paragraph]:
    """Return the sentences that there are, each an item of a list."""
    return [Paragraph([sentence], kind="item") for sentence in present(*sentences)]


class EquationLine(Frozen):
    """`left = formula = substituted = result`, or `left ← …` for an update.

    `substituted` is None where the numbers are not put in; `result` is None where the value is
    too large to print (then `extent` tells of it) or where a line has no numbers at all. A result
    that does not follow exactly from the printed figures is shown with ≈. `worked` is a number
    worked out entry by entry: what a textbook puts in the place of `substituted`, and `shortened`
    is that without the terms that are multiplied by 0. Where the result is rounded, `reduced`
    stands before it, with what is put into functions worked out.
    """

    left: Node
    formula: Node
    substituted: Node | None = None
    result: Node | None = None
    arrow: bool = False
    extent: Sentence | None = None
    follows: bool = True
    worked: Node | None = None
    reduced: Node | None = None
    shortened: Node | None = None


Cell = Node | Sentence | str


def result_cell(result: Node | None, follows: bool) -> Cell:
    """Return a result for a table, which says where it is rounded."""
    return "" if result is None else result if follows else Display("rounded", (result,))


class Table(Frozen):
    """A head and rows; trees are formulas."""

    head: Sequence[Cell]
    rows: Sequence[Sequence[Cell]]


Arrow = tuple[str, str]
"""Ids of two quantities: where an arrow of a network begins, and where it ends."""

NodeKind = Literal["data", "parameter", "constant", "value", "loss"]


class GraphNode(Frozen):
    """A quantity in the drawing of a network. `id` is a plain word, unique in the graph.

    Its `figures` are its value and its gradient, which stand in the place of its name.
    """

    id: str
    label: Node
    kind: NodeKind
    note: Text = ""  # such as its shape
    figures: Sequence[Node] = ()


class Graph(Frozen):
    """A network: quantities, and which is computed from which (edges of ids).

    `lit` are the ids of quantities on a way that is drawn bold; an edge between two of them is too.
    """

    nodes: Sequence[GraphNode]
    edges: Sequence[Arrow]
    caption: Sentence  # what the drawing says, in words: its text alternative
    lit_nodes: frozenset[str] = frozenset()


class Series(Frozen):
    """A curve: points from left to right, all finite."""

    name: Sentence
    points: Sequence[tuple[float, float]]


class AxisSpan(Frozen):
    """A part of the horizontal axis that has a name, such as where a curve is flat.

    Where both ends are one number it is a place.
    """

    name: Sentence
    low: float
    high: float


class Plot(Frozen):
    """Curves over one axis. `caption` is the text alternative: it says what there is to see.

    Where `tabled`, a table of the same document has the numbers already. `spans` are drawn
    along the horizontal axis.
    """

    caption: Sentence
    horizontal: Sentence
    vertical: Sentence
    series: Sequence[Series]
    tabled: bool = False
    spans: Sequence[AxisSpan] = ()


Block = Heading | Paragraph | EquationLine | Table | Graph | Plot
