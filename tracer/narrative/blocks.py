"""What a derivation is made of before it has any markup: frozen blocks that renderers show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tracer.expression.names import Notation
from tracer.expression.syntax import Node
from tracer.narrative.messages import Sentence
from tracer.operations import Shape

__all__ = ["Block", "Cell", "Document", "EquationLine", "Heading", "Paragraph", "Table"]


@dataclass(frozen=True, slots=True, eq=False)
class Heading:
    """A heading of a level from 1."""

    level: int
    text: Sentence


@dataclass(frozen=True, slots=True, eq=False)
class Paragraph:
    """One or more sentences; `strong` ones are labels."""

    sentences: Sequence[Sentence]
    strong: bool = False
    item: bool = False  # an item of a list


@dataclass(frozen=True, slots=True, eq=False)
class EquationLine:
    """`left = formula = substituted = result`, or `left ← …` for an update.

    A value too large to print has `shape` and `extent` (lowest, highest, norm) for its result.
    """

    left: Node
    arrow: bool
    formula: Node
    substituted: Node | None
    result: Node | None
    shape: Shape
    extent: tuple[str, str, str] | None
    follows: bool


Cell = Node | Sentence | str


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A head and rows; trees are formulas."""

    head: Sequence[Cell]
    rows: Sequence[Sequence[Cell]]


Block = Heading | Paragraph | EquationLine | Table


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """Blocks with the notation they are to be shown in."""

    notation: Notation
    blocks: Sequence[Block]
