"""Columns of a table that are headed by formulas: each figure below is what one is in its row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tracer.check.model.mapped_text import MappedText, pieces_between
from tracer.check.model.statements import EquationChain, Side, Statement
from tracer.check.model.written_trees import is_literal, names_in, rewrite
from tracer.check.read.tree_readings import at_place
from tracer.expression import Name, Node
from tracer.frozen import replace


def headed_cells(heads: MappedText, row: MappedText) -> Sequence[MappedText]:
    """Return `head = cell` for each cell of a row; nothing where it has not as many as heads."""
    above, below = (list(pieces_between(text.text, "|")) for text in (heads, row))
    pairs = zip(above, below, strict=True) if len(above) == len(below) else ()
    return [_as_equation(heads.cut(*head), row.cut(*cell)) for head, cell in pairs]


def _as_equation(head: MappedText, cell: MappedText) -> MappedText:
    """Return a text with an equals sign, at the beginning of the cell, between two others."""
    lines, columns = (
        [*before, after[0], *after]
        for before, after in ((head.lines, cell.lines), (head.columns, cell.columns))
    )
    return MappedText(f"{head.text}={cell.text}", lines, columns)


def worked_columns(cells: Sequence[Statement]) -> list[EquationChain]:
    """Return which of `head = cell` are worked, with the row's figures for names of columns.

    Nothing else is said of these names: a row is an example of its own. A formula with any other
    name is of no row.
    """
    chains = [cell for cell in cells if isinstance(cell, EquationChain)]
    figures = {
        chain.sides[0].tree.id: result
        for chain in chains
        if isinstance(chain.sides[0].tree, Name)
        if (result := chain.sides[-1].tree) is not None and is_literal(result)
    }
    found: list[EquationChain] = []
    for chain in chains:
        formulas = [side for side in chain.sides[:-1] if not isinstance(side.tree, Name)]
        sides = [_with_figures(side, figures) for side in formulas]
        is_of_row = any(side.tree and names_in(side.tree) for side in formulas)
        if is_of_row and not any(side.tree is None or names_in(side.tree) for side in sides):
            sides[0] = replace(sides[0], relation="")
            result = chain.sides[-1]
            found.append(replace(chain, sides=(*sides, result), place=result.written.place()))
    return found


def _with_figures(side: Side, figures: Mapping[str, Node]) -> Side:
    """Return a side with figures for names, at the places of these."""

    def put_in(part: Node) -> Node:
        figure = figures.get(part.id) if isinstance(part, Name) else None
        return part if figure is None else at_place(figure, part.start, part.end)

    return replace(side, readings=tuple(rewrite(tree, put_in) for tree in side.readings))
