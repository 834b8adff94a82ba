"""Columns of a table that are headed by formulas: each figure below is what one is in its row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tracer.check.model.mapped_text import MappedText, pieces_between
from tracer.check.model.statements import EquationChain, Statement
from tracer.check.model.written_trees import is_literal, rewrite
from tracer.check.read.tree_readings import at_place
from tracer.expression import Name, Node
from tracer.frozen import replace


def headed_cells(heads: MappedText, row: MappedText) -> Iterator[MappedText]:
    """Yield `head = cell` for each cell of a row; nothing where it has not as many as heads."""
    above, below = (
        [text.cut(*piece) for piece in pieces_between(text.text, "|")] for text in (heads, row)
    )
    for head, cell in zip(above, below, strict=True) if len(above) == len(below) else ():
        lines = [*head.lines, cell.lines[0], *cell.lines]
        columns = [*head.columns, cell.columns[0], *cell.columns]
        yield MappedText(f"{head.text}={cell.text}", lines, columns)


def worked_columns(cells: Sequence[Statement]) -> Iterator[EquationChain]:
    """Yield which of `head = cell` are worked, with the row's figures for names of columns.

    Nothing else is said of these names: a row is an example of its own. Other names of a formula
    mean what they mean above the table; one without a name of a column is of no row.
    """
    chains = [cell for cell in cells if isinstance(cell, EquationChain)]
    figures = {
        name.id: value
        for name, value in ((each.sides[0].tree, each.sides[-1].tree) for each in chains[::-1])
        if isinstance(name, Name) and value is not None and is_literal(value)
    }

    def put_in(part: Node) -> Node:
        figure = figures.get(part.id) if isinstance(part, Name) else None
        return part if figure is None else at_place(figure, part.start, part.end)

    for chain in chains:
        formula, result = chain.sides[-2:]
        worked = tuple(rewrite(tree, put_in) for tree in formula.readings)
        is_of_row = worked and worked[0] != formula.readings[0]
        if is_of_row and not isinstance(formula.tree, Name):
            sides = replace(formula, relation="", readings=worked), result
            yield replace(chain, sides=sides, place=result.written.place())
