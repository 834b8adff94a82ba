"""Documents as they are written: what stands behind the working of a row, and the row below it."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

import pytest

from tests.check.cases.verdicts import findings, verdicts

REMARKS = [
    "d = a × v\n  = 10 × 2  (r = 1)\n  = {}",
    "```\nd = 10 × 2  (ReLU' = 1 when z > 0)\n  = {}\n```",
    "d = a × v\n  = 10 × 2  (for z > 0)\n  = {}",
    "d = a × v\n  = 10 × 2  # by the chain rule\n  = {}",
    "```\nd = a × v      # since r = s × v\n  = 10 × 2\n  = {}\n```",
    "d = a × v\n  = 10 × 2  ← since r is 1\n  = {}",
]


@pytest.mark.parametrize("text", REMARKS)
def test_a_remark_ends_the_row_and_not_the_chain(text: str) -> None:
    assert verdicts(text.format(30)) == ["slip"]
    assert verdicts(text.format(20)) == ["correct"]


LOST_ROWS = [
    "d = a × 2 = 10 × 2  since r is 1\n  = 30",
    "d = a × 2\n = 10 × 2,  where a = 10\n  = 30",
    "$$d = a \\cdot 2 = 10 \\cdot 2 \\ne 3 \\\\ = 30$$",
]


@pytest.mark.parametrize("text", LOST_ROWS)
def test_a_chain_whose_next_row_is_not_taken_is_not_right(text: str) -> None:
    assert set(verdicts(text)) <= {"undecided"}


@pytest.mark.parametrize("mark", ["\\bullet", "\\bullet\\ &", "•"])
def test_the_mark_of_an_item_goes_on_with_no_row(mark: str) -> None:
    rows = f"{mark} u = 3 + 4 = 7 \\\\ {mark} v = 1 + 1 = 2"
    assert verdicts(f"$$\\begin{{aligned}} {rows} \\end{{aligned}}$$") == ["correct"] * 2


LOST_OPERANDS = [
    "a: 3 + = 5*2 = 10",
    "3 + = 5*2 = 10",
    "$3 + = 5 \\cdot 2 = 10$",
    "- sum: 3 - = 5*2 = 10",
    "`3 * = 5*2 = 10`",
]


@pytest.mark.parametrize("text", LOST_OPERANDS)
def test_a_first_side_of_figures_that_is_not_read_is_no_name(text: str) -> None:
    assert verdicts(text) == ["undecided"]


BOLD = [
    "$q = 0.5 \\times 0.5 = \\mathbf{{{}}}$",
    "$$q = 0.5 \\cdot 0.5 = \\mathbf{{{}}}$$",
    "1. $L_{{\\text{{MSE}}}} = 0.75/3 = \\mathbf{{{}}}$.",
    "q = 0.75/3 = **{}**",
    "$q = 0.5 \\cdot 0.5 = \\boldsymbol{{{}}}$",
]


@pytest.mark.parametrize("text", BOLD)
def test_a_bold_figure_is_that_figure(text: str) -> None:
    assert verdicts(text.format("0.25")) == ["correct"]
    assert verdicts(text.format("0.35")) == ["slip"]


@pytest.mark.parametrize("points", ["[1 P]", "**[1 P]**", "[2 points]", "[3 Punkte]", "(1 pt)"])
def test_points_behind_a_result_are_a_remark(points: str) -> None:
    """Solutions of an exam say what a line is worth; the line is compared all the same."""
    text = f"w = 2, x = 3.\n\nz = w*x = 2*3 = 6 {points}\n\ny = z + 1 = 6 + 1 = 8"
    assert [each.verdict for each in findings(text)] == ["correct", "slip"]


CONDITIONS = [
    "E = \\begin{cases} 3 & x = 2 \\\\ 4 & x = 5 \\end{cases}",
    "E = \\begin{cases} u = 3 \\cdot 2 = 7 \\text{ if } x \\\\ u = 4 \\end{cases}",
]


@pytest.mark.parametrize("text", CONDITIONS)
def test_the_conditions_of_cases_are_no_equations(text: str) -> None:
    assert not {"slip", "correct"} & {*verdicts(f"$${text}$$")}


IN_BRACKETS = [
    "Entropy = (-\\tfrac{{3}}{{4}} \\cdot 2 + 1 \\approx {}).",
    "$E = (2 \\cdot 0.25 - 1 = {})$",
    "$E = \\left(\\frac{{1}}{{2}} - 1 = {}\\right)$",
    "E = (2·0.25 - 1 = {})",
]


@pytest.mark.parametrize("text", IN_BRACKETS)
def test_an_equation_in_the_brackets_that_end_a_row_is_read(text: str) -> None:
    assert verdicts(text.format("0.35")) == ["slip"]
    assert verdicts(text.format("-0.5")) == ["correct"]


LABELS = ["tỷ lệ học $= {}$", "Vậy sai số $= {}$", "sai số mạng $$= {}$$"]


@pytest.mark.parametrize("text", LABELS)
def test_words_of_vietnamese_before_a_calculation_are_no_names(text: str) -> None:
    assert verdicts(text.format("0.8 \\cdot 2 = 1.6")) == ["correct"]
    assert verdicts(text.format("0.8 \\cdot 2 = 1.7")) == ["slip"]


@pytest.mark.parametrize("name", ["ỹ", "ẋ", "dỹ", "ẑ"])
def test_a_letter_with_a_sign_above_stays_a_name(name: str) -> None:
    assert verdicts(f"{name} = 2·3 = 6\n\nq = 2 * {name} = 2·5 = 10") == ["correct", "slip"]


@pytest.mark.parametrize("name", ["R_a^{-1}(z)", "f^{-1}(z)"])
def test_an_inverse_with_an_index_is_one_name(name: str) -> None:
    assert verdicts(f"$${name} = 2 \\cdot 3 = 6$$") == ["correct"]
    assert verdicts(f"$${name} = 2 \\cdot 3 = 7$$") == ["slip"]


TABLE = "u = 3, v = 2\n\n| Part | Slope | Value |\n|---|---|---|\n| {} | {} | {} |\n"


@pytest.mark.parametrize(
    ("part", "slope"),
    [
        ("$E = (u - 1)^2$", "$\\frac{\\partial E}{\\partial u} = 2(u - 1)$"),
        ("$E = (u - 1)^2$", "$\\frac{dE}{du_{1}} = 2(u - 1)$"),
        ("$E = (u - 1)^2$", "$\\nabla_u = 2(u - 1)$"),
    ],
)
def test_a_cell_about_a_name_in_latex_begins_a_chain_of_its_own(part: str, slope: str) -> None:
    assert verdicts(TABLE.format(part, slope, "$2(3 - 1) = 4$"))[-1] == "correct"
    assert verdicts(TABLE.format(part, slope, "$2(3 - 1) = 5$"))[-1] == "slip"


DOUBLED = [
    "**Sum**: \\\\(u = 0.1 \\times 2 + 0.3 = {}\\\\) as said",
    "\\\\[u = 0.1 \\times 2 + 0.3 = {}\\\\]",
    "\\\\[\nu = 0.1 \\times 2 + 0.3 = {}\n\\\\]",
]


@pytest.mark.parametrize("text", DOUBLED)
def test_two_backslashes_around_a_formula_are_one(text: str) -> None:
    assert verdicts(text.format(0.5)) == ["correct"]
    assert verdicts(text.format(0.6)) == ["slip"]


def test_the_end_of_a_row_before_a_bracket_stays_one() -> None:
    rows = "u &= 2 \\cdot 3 \\\\[2pt] &= {} \\\\ (v) &= 3"
    text = f"$$\\begin{{{{aligned}}}} {rows} \\end{{{{aligned}}}}$$"
    assert verdicts(text.format(6))[0] == "correct"
    assert verdicts(text.format(7))[0] == "slip"
