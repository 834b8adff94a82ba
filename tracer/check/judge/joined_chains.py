"""Chains as they are judged: names in one spelling, a formula and its figures as one chain."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from tracer.check.compare.canonical_trees import canonical_tree
from tracer.check.model.statements import EquationChain, Statement, WorkedDocument
from tracer.check.model.written_trees import is_literal, is_matrix, names_in, rewrite
from tracer.expression.syntax import Array, Call, Node
from tracer.frozen import replace

__all__ = ["join_rows", "joined_chains"]

PRODUCTS: Final = ("multiply", "matmul", "dot")
MOST_LINES_BETWEEN: Final = 2  # a formula and its figures; further apart, another may be meant


def join_rows(document: WorkedDocument) -> WorkedDocument:
    """Return a document with the rows that say one after the other what a name is as one chain.

    Names have one spelling in it, and a row times a turned row is read as both that it may be.
    """
    statements = (
        _with_one_spelling(each) if isinstance(each, EquationChain) else each
        for each in document.statements
    )
    return replace(document, statements=tuple(joined_chains(statements)))


def _with_one_spelling(chain: EquationChain) -> EquationChain:
    matrices = [any(map(is_matrix, side.readings)) for side in chain.sides]
    sides = [
        replace(
            side,
            readings=tuple(
                canonical_tree(tree)
                for tree in _with_outer_products(side.readings, is_likeliest=any(matrices[at:]))
            ),
        )
        for at, side in enumerate(chain.sides, 1)
    ]
    return replace(chain, sides=tuple(sides))


def _with_outer_products(trees: Sequence[Node], *, is_likeliest: bool) -> list[Node]:
    """Return readings, with `[a, b] [c, d]ᵀ` as a product of vectors and as an outer product."""
    outer = [rewrite(tree, _as_outer_product) for tree in trees]
    others = [tree for tree, before in zip(outer, trees, strict=True) if tree != before]
    return [*others, *trees] if is_likeliest else [*trees, *others]


def _as_outer_product(node: Node) -> Node:
    """Return a row that stands for a column, times a row that is turned, as matrices."""
    if not isinstance(node, Call) or node.operation not in PRODUCTS:
        return node
    one, other = node.arguments
    if not isinstance(other, Call) or other.operation != "transpose_last":
        return node
    row = other.arguments[0]
    if any(not isinstance(each, Array) or is_matrix(each) for each in (one, row)):
        return node
    column = Array(tuple(Array((entry,)) for entry in one.children()), one.start, one.end)
    return Call("matmul", (column, Array((row,))), node.keywords, node.start, node.end)


def joined_chains(statements: Iterable[Statement]) -> Iterator[Statement]:
    """Yield statements, the rows of one left side as one chain, down to the row with its value.

    `y = w*x`, `y = 0.5*2` and `y = 1`: all say what y is, so each side follows from the one above.
    """
    waiting: EquationChain | None = None
    for statement in statements:
        if waiting is not None:
            if isinstance(statement, EquationChain) and _goes_on(waiting, statement):
                statement = _joined(waiting, statement)
            else:
                yield waiting
            waiting = None
        if isinstance(statement, EquationChain) and _is_open(statement):
            waiting = statement
        else:
            yield statement
    if waiting is not None:
        yield waiting


def _is_open(chain: EquationChain) -> bool:
    """Tell whether a chain says how a name is computed, and does not end in its value."""
    left, right = chain.sides[0].tree, chain.sides[-1].tree
    return not (chain.is_claim or left is None or right is None or is_literal(right))


def _goes_on(above: EquationChain, below: EquationChain) -> bool:
    """Tell whether a row goes on with the one right above it.

    Figures go on with a formula. A formula, and a value that stands alone, may also begin anew
    (a given value, the next step): they go on only with a row that they follow directly, and such
    a value only with a row of figures.
    """
    name, left, right = above.sides[0].tree, below.sides[0].tree, below.sides[1].tree
    last = above.sides[-1].tree
    if below.is_claim or name is None or left is None or right is None or last is None:
        return False
    gap = below.place.line - above.last_line
    if gap > MOST_LINES_BETWEEN and not below.follows_on:
        return False
    if name != left:
        return False
    is_value = len(below.sides) == 2 and is_literal(right)
    if names_in(last):
        return not is_value and not names_in(right)
    return gap > 0 and below.follows_on and not names_in(right)


def _joined(above: EquationChain, below: EquationChain) -> EquationChain:
    return replace(
        below,
        sides=(*above.sides, *below.sides[1:]),
        place=above.place,
        text=above.text + "\n" * max(below.place.line - above.last_line, 1) + below.text,
        doubts=tuple(dict.fromkeys((*above.doubts, *below.doubts))),
        iteration=below.iteration or above.iteration,
        sample=below.sample or above.sample,
        refers_elsewhere=above.refers_elsewhere or below.refers_elsewhere,
        follows_on=above.follows_on,
    )
