"""Derivatives of members of a family: softmax, norms, means and variances entry by entry."""

from __future__ import annotations

import pytest

from tests.check.cases.verdicts import verdicts

SOFTMAX = r"$p_k = \frac{e^{z_k}}{\sum_j e^{z_j}}$"
NORM = r"$r = \sqrt{\sum_{i=1}^d x_i^2}$" "\n\n$y_i = x_i/r$"
MEAN = r"$\mu = \frac1m \sum_{i=1}^m x_i$"
VARIANCE = MEAN + "\n\n" + r"$v = \frac1m \sum_{i=1}^m (x_i - \mu)^2$"


@pytest.mark.parametrize(
    ("above", "head", "right", "wrong"),
    [
        (SOFTMAX, r"\frac{\partial p_k}{\partial z_k}", "p_k (1 - p_k)", "p_k (1 + p_k)"),
        (SOFTMAX, r"\frac{\partial p_i}{\partial z_j}", "-p_i p_j", "p_i p_j"),
        (
            SOFTMAX,
            r"\frac{\partial p_i}{\partial z_j}",
            r"p_i (\delta_{ij} - p_j)",
            r"p_j (\delta_{ij} - p_j)",
        ),
        (
            NORM,
            r"\frac{\partial y_j}{\partial x_i}",
            r"\frac1r (\delta_{ij} - y_i y_j)",
            r"\frac1r (1 - y_i y_j)",
        ),
        (MEAN, r"\frac{\partial \mu}{\partial x_i}", r"\frac1m", "m"),
        (VARIANCE, r"\frac{\partial v}{\partial x_i}", r"\frac2m (x_i - \mu)", r"2 (x_i - \mu)"),
    ],
)
def test_a_derivative_of_members_is_shown_by_a_few_of_them(
    above: str, head: str, right: str, wrong: str
) -> None:
    """Two letters are two places; with a sign for equal ones it holds for these too."""
    assert verdicts(f"{above}\n\n${head} = {right}$") == ["correct"]
    assert "correct" not in verdicts(f"{above}\n\n${head} = {wrong}$")


def test_a_formula_of_another_section_shows_no_derivative_of_members() -> None:
    """Below the second heading p is a sigmoid, so the slope of the softmax is not shown."""
    sigmoid = r"$p_k = \frac{1}{1 + e^{-z_k}}$"
    line = r"$\frac{\partial p_i}{\partial z_j} = -p_i p_j$"
    assert verdicts(f"# A\n\n{SOFTMAX}\n\n{line}\n\n# B\n\n{sigmoid}\n\n{line}") == [
        "correct",
        "undecided",
    ]
