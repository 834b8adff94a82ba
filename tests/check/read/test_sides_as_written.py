"""Sides of figures alone are read as they are written, and formulas once for all places."""

from __future__ import annotations

import pytest

from tracer.check.judge.chain_work import join_rows
from tracer.check.model.statements import Side
from tracer.check.model.written_trees import numbers_in
from tracer.check.read.document_entry import read_document
from tracer.expression import render
from tracer.operations import vocabulary


def _sides(text: str) -> list[Side]:
    """Return the sides of all chains of a text, with one spelling for each quantity."""
    chains = join_rows(read_document(text, "txt")).chains()
    return [side for chain in chains for side in chain.sides]


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("2 * (0.5 - 1.25)", "2 × (0.5 − 1.25)"),
        ("0.5 - 0.12 * (-5.52)", "0.5 − 0.12 · (−5.52)"),
        ("(0.6 - 2.9)^2", "(0.6 − 2.9)²"),
        ("-3*2 + 4/5", "−3 × 2 + 4 ÷ 5"),
        ("2^-1", "2⁻¹"),
    ],
)
def test_signs_of_a_keyboard_say_what_those_of_a_book_do(written: str, plain: str) -> None:
    """They are read in two ways to the same tree."""
    one, other = (_sides(f"z = {each} = 1")[1].readings for each in (written, plain))
    assert one == other
    assert len(one) == 1


def test_figures_without_a_sign_between_them_are_looked_at() -> None:
    """A mixed number is a sum, a figure beside brackets a factor."""
    mixed, product = (_sides(f"z = {each} = 3.5")[1].tree for each in ("3 1/2", "7 (1/2)"))
    assert mixed is not None
    assert product is not None
    assert render(mixed, "ascii", vocabulary=vocabulary()) == "3 + 1 / 2"
    assert render(product, "ascii", vocabulary=vocabulary()) == "7 * (1 / 2)"


def test_a_formula_is_one_tree_and_a_figure_one_at_each_place() -> None:
    """So what was found of a formula is known where it stands again; figures are told apart."""
    sides = _sides("z = w * x = 2 * 3 = 6\n\nSome words.\n\nz = w * x = 2 * 3 = 6")
    assert sides[1].tree is sides[5].tree
    figures = [number for side in sides for tree in side.readings for number in numbers_in(tree)]
    assert len({id(number) for number in figures}) == len(figures) == 6
