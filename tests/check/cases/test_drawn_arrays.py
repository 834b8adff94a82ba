"""Arrays that stand side by side over several rows, as a text draws them."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

import pytest

from tests.check.cases.verdicts import verdicts

DRAWN = [
    # the sign between them in the first row
    ("s = [[0/2, 3/2],     = [[0.0, {}],\n     [5/2, 0/2]]       [2.5, 0.0]]", "1.5", "1.7"),
    # in the last row, and in a middle one
    ("s = [[0/2, 3/2],    [[0.0, {}],\n     [5/2, 0/2]]  =  [2.5, 0.0]]", "1.5", "1.7"),
    ("s = [[1*2],    [[2],\n     [0.5*3],  =  [{}],\n     [7*1]]     [7]]", "1.5", "1.7"),
    # a product of two, worked out below
    (
        "A = [[2, 0],  · [[0, 1],\n     [0, 1]]     [2, 0]]\n"
        "  = [[0, 2*1],     = [[0, 2],\n     [1*2, 0]]       [2, {}]]",
        "0",
        "3",
    ),
]


@pytest.mark.parametrize(("text", "right", "wrong"), DRAWN)
def test_arrays_side_by_side_are_read_one_after_the_other_and_prove_no_slip(
    text: str, right: str, wrong: str
) -> None:
    assert verdicts(f"```\n{text.format(right)}\n```") == ["correct"]
    assert verdicts(f"```\n{text.format(wrong)}\n```") == ["undecided"]


def test_arrays_side_by_side_may_each_have_a_name() -> None:
    text = "Q = [[2, 0],      K = [[0, 2],\n     [0, 1]]           [2, 0]]\n\n"
    product = "S = Q · K = [[2, 0], [0, 1]] · [[0, 2], [2, 0]] = [[0, 4], [2, 0]]"
    assert verdicts(f"```\n{text}{product}\n```") == ["correct"]
    assert verdicts(f"```\n{text}{product.replace('= [[2', '= [[3')}\n```") != ["correct"]


def test_arrays_side_by_side_without_a_sign_say_nothing() -> None:
    assert verdicts("```\n[[1*2, 3],    [[2, 4],\n [3*1, 4]]     [3, 4]]\n```") == []
