"""Chains that go on from one line to the next: a formula, and the figures for it below."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from tracer.check.compare.canonical_trees import canonical_tree
from tracer.check.compare.written_trees import is_literal, names_in
from tracer.check.model.statements import EquationChain, Statement

__all__ = ["joined_chains"]

MOST_LINES_BETWEEN: Final = 2  # a formula and its figures; further apart, another may be meant


def joined_chains(statements: Sequence[Statement]) -> Iterator[Statement]:
    """Yield statements, a formula and the figures for it on the line below as one chain.

    `y = w*x` and then `y = 0.5*2 = 1`: both say what y is, so each side follows from the one above.
    """
    waiting: EquationChain | None = None
    for statement in statements:
        if waiting is not None:
            if isinstance(statement, EquationChain) and _goes_on(waiting, statement):
                waiting = _joined(waiting, statement)
                continue
            yield waiting
            waiting = None
        if isinstance(statement, EquationChain) and _is_formula(statement):
            waiting = statement
        else:
            yield statement
    if waiting is not None:
        yield waiting


def _is_formula(chain: EquationChain) -> bool:
    """Tell whether a chain says by which formula a name is computed, and has no figures put in."""
    left, right = chain.sides[0].tree, chain.sides[-1].tree
    if chain.is_claim or left is None or right is None or is_literal(right):
        return False
    return bool(names_in(right)) and all(
        side.tree is not None and names_in(side.tree) for side in chain.sides
    )


def _goes_on(formula: EquationChain, chain: EquationChain) -> bool:
    """Tell whether a chain puts figures into the formula right above it."""
    if chain.is_claim or chain.place.line - formula.last_line > MOST_LINES_BETWEEN:
        return False
    name, left, right = formula.sides[0].tree, chain.sides[0].tree, chain.sides[1].tree
    if (
        name is None
        or left is None
        or right is None
        or canonical_tree(name) != canonical_tree(left)
    ):
        return False
    return not names_in(right) and (len(chain.sides) > 2 or not is_literal(right))


def _joined(formula: EquationChain, chain: EquationChain) -> EquationChain:
    doubts = tuple(dict.fromkeys((*formula.doubts, *chain.doubts)))
    return EquationChain(
        (*formula.sides, *chain.sides[1:]),
        formula.place,
        f"{formula.text}\n{chain.text}",
        doubts,
        False,
        chain.headings,
        chain.iteration or formula.iteration,
        chain.sample or formula.sample,
        formula.refers_elsewhere or chain.refers_elsewhere,
        formula.follows_on,
    )
