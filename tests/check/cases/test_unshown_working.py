"""Lines whose figures and results show too little to be right: nothing is approved by default."""

from __future__ import annotations

from typing import Final

import pytest

from tests.check.cases.verdicts import verdicts

GIVEN: Final = "Given x = 2, w = 0.5, b = -0.3, y = 1 and η = 0.1.\n\n"
SET_APART: Final = GIVEN + "- u = w x + b\n- e = u - y\n- g = 2 e x\n- r = w - η g\n\n"
FINE: Final = "a = 1/3 = 0.3333\n\nc = 2/7 = 0.2857\n\nd = 5/7 = 0.7143\n\n"
MOVED: Final = "Let w0 = 1.2, r = 0.1, k = 0.6.\n\n" + FINE + "w1 = w0 + 0.0315 = 1.2315\n\n"
TOLD: Final = "Given x = -0.2 and w = 1.9.\n\n| | formula | {} | {} |\n|---|---|---|---|\n{}"
HEADED: Final = "\\{}{{Data.}} We have $h = 0.8$ and $t = -0.2$.\n\n$e = h - t = {} = {}$\n"


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        ("0.5*2 + (-0.3) = 0.7", "correct"),
        ("0.5*2 - (-0.3) = 1.3", "undecided"),
        ("0.5*2 = 1", "undecided"),
        ("2*2 + (-0.3) = 3.7", "slip"),
        ("1 + (-0.3) = 0.7", "correct"),
        ("0.5 + 2 + (-0.3) = 0.7", "slip"),
        ("0.5*2 + (-0.3) = -0.7", "slip"),
    ],
)
def test_figures_that_differ_from_a_formula_set_apart_are_not_right(
    figures: str, expected: str
) -> None:
    """Right working alone does not show that the formula was followed."""
    assert verdicts(SET_APART + f"u = {figures}")[-1] == expected


@pytest.mark.parametrize(
    ("update", "expected"),
    [
        ("w' = w - η*g = 0.5 - 0.1*0.4 = 0.46", "correct"),
        ("w' = w - η/g = 0.5 - 0.1/0.4 = 0.25", "undecided"),
        ("w' = w - (η + g) = 0.5 - (0.1 + 0.4) = 0", "undecided"),
        ("w' = w - η*g/sqrt(q) = 0.5 - 0.1*0.4/sqrt(0.16) = 0.4", "correct"),
        ("w' = w - η/sqrt(q)*g = 0.5 - 0.1/sqrt(0.16)*0.4 = 0.4", "correct"),
        ("w' = (1 - η*r)*w - η*g = (1 - 0.1*0.3)*0.5 - 0.1*0.4 = 0.445", "correct"),
    ],
)
def test_a_rate_multiplies_something(update: str, expected: str) -> None:
    """An update that divides the rate, or adds it, is no step along a gradient."""
    given = "Given w = 0.5, η = 0.1, g = 0.4, q = 0.16 and r = 0.3.\n\n"
    assert verdicts(given + update)[-1] == expected


@pytest.mark.parametrize(
    ("update", "expected"),
    [
        ("w ← w - η dL/dw = 0.5 + 0.8 = 1.3", "correct"),
        ("w ← w - 0.1·(-8) = 1.3", "correct"),
        ("w ← w - dL/dw = 8.5", "undecided"),
        ("w ← w - 0.1·8 = -0.3", "slip"),
        ("w ← 0.5 - 0.1·8 = -0.3", "slip"),
    ],
)
def test_an_update_is_the_rate_times_the_gradient_downhill(update: str, expected: str) -> None:
    """One without the rate follows its own figures and is not right for that; uphill is wrong."""
    given = "x = 2, w = 0.5, y = 3, η = 0.1\n\np = w x = 1\n\nL = (p - y)^2 = 4\n\n"
    assert verdicts(f"{given}dL/dw = 2 (p - y) x = -8\n\n{update}")[-1] == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("g = 2*(w1 - k) = 2*(1.2315 - 0.6) = 1.263", "correct"),
        ("g = 2*(w1 - k) = 2*(1.23 - 0.6) = 1.26", "correct"),
        ("g = 2*(w1 - k) = 2*(1.2 - 0.6) = 1.2", "undecided"),
        ("g = 2*(a - k) = 2*(0.3 - 0.6) = -0.6", "undecided"),
        ("g = 2*(a - k) = 2*(0.3 - 0.6) = -0.5334", "slip"),
        ("v = w1 - r*k = 1.1715", "correct"),
        ("v = w1 - r*a = 1.1982", "correct"),
        ("v = k + r*a = 0.6", "undecided"),
    ],
)
def test_a_coarse_figure_is_not_taken_for_a_rounded_one(line: str, expected: str) -> None:
    """One that this writer would not round so may be another value, or stand there by mistake."""
    assert verdicts(MOVED + line)[-1] == expected


@pytest.mark.parametrize(
    ("heads", "rows", "expected"),
    [
        (
            ("calculation", "result"),
            "| p | w x | 1.9 * (-0.2) | -0.38 |\n| r | p - w | -0.38 - 1.9 | -2.28 |",
            ["correct", "correct"],
        ),
        (
            ("figures", "value"),
            "| p | w x | (1.9)(-0.2) | -0.38 |\n| r | p - w | -0.83 - 1.9 | -2.73 |",
            ["correct", "slip"],
        ),
        (
            ("substitution", "value"),
            "| $p$ | $w x$ | $1.9 \\cdot (-0.2)$ | $-0.38$ |\n"
            "| $q$ | $e^p$ | $e^{-0.38}$ | $0.6839$ |\n"
            "| $r$ | $\\frac{q}{w}$ | $\\frac{0.8639}{1.9}$ | $0.4547$ |",
            ["correct", "correct", "slip"],
        ),
        (
            ("代入", "结果"),
            "| u_new | w x | 1.9 * (-0.2) | -0.38 |\n| ∂L/∂x | u_new * x | -0.38 * 0.2 | -0.076 |",
            ["correct", "slip"],
        ),
        (
            ("working", "value"),
            "| mean | (w + x)/2 | (1.9 - 0.2)/2 | 0.85 |\n"
            "| h | tanh(mean) | tanh(0.85) | 0.6911 |\n| c | h | 0.6911 | 0.6911 |\n"
            "| q | mean * c | 0.58 * 0.6911 | 0.4008 |",
            ["correct", "correct", "correct", "slip"],
        ),
        (
            ("numbers", "result"),
            "| p | w x | 1.9 * (-0.2) | -0.38 |\n| r | p - w | -0.83 - 1.9 | -2.73 |",
            ["correct", "slip"],
        ),
        (
            ("in figures", "amount"),
            "| k | w x | 1.9 * (-0.2) | -0.38 |\n| q | x k | -0.38 - 0.2 | -0.58 |",
            ["correct", "undecided"],
        ),
    ],
)
def test_a_row_keeps_its_name(heads: tuple[str, str], rows: str, expected: list[str]) -> None:
    """A formula without a sign of an operation stands between its name and its figures."""
    assert verdicts(TOLD.format(*heads, rows)) == expected


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("| 2 | w_new = w - 2*x = 1.9 - 2*(-0.2) | 2.3 |", "correct"),
        ("| 2 | w_new = w - 2*x = 1.9 - 2*(-0.2) | 2.5 |", "slip"),
        ("| z_1 | w*x + w = 1.9*(-0.2) + 1.9 | 1.52 |", "correct"),
        ("| z_1 | w*x + w = 1.9*(-0.3) + 1.9 | 1.33 |", "slip"),
        ("| z_1 | w = 1.9 | 1.9 |", "correct"),
        ("| 3 | 1.9 × 2 | 3.6 |", "slip"),
    ],
)
def test_cells_below_working_and_result_are_one_chain(row: str, expected: str) -> None:
    """The name before them is what the working is of, however many letters its names have."""
    text = "Given x = -0.2 and w = 1.9.\n\n| quantity | calculation | result |\n|---|---|---|\n"
    assert verdicts(text + row)[-1] == expected


@pytest.mark.parametrize("heading", ["paragraph", "paragraph*", "subsubsection"])
@pytest.mark.parametrize(
    ("figures", "expected"), [(("0.8 - (-0.2)", "1"), "correct"), (("0.8 - 0.2", "0.6"), "slip")]
)
def test_values_behind_a_heading_are_given(
    heading: str, figures: tuple[str, str], expected: str
) -> None:
    """A heading within a line ends with its brace."""
    assert verdicts(HEADED.format(heading, *figures), "tex")[-1] == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("c = 2*0.18 + 1 = 1.36", "correct"),
        ("c = 2*0.18 + 1 = 1.30", "slip"),  # with the 0.15 that belongs there, which is not there
        ("c = 2*0.18 + 1 = 1.33", "slip"),
        ("c = 100*0.66 = 66.67", "correct"),  # with 2/3, which was cut off
        ("c = 100*0.66 = 66.97", "slip"),
        ("c = 2 - 1.9 = 3.9", "slip"),  # who has lost a sign has no other value in mind
    ],
)
def test_behind_a_slip_a_line_has_to_hold_of_what_it_says(line: str, expected: str) -> None:
    """What a figure that was cut off stands for may be put in; what should be there may not."""
    slips = "a = 0.5*0.3 = 0.18\n\nb = 2/3 = 0.66\n\nd = 1.1 - 3 = 1.9\n\n"
    assert verdicts(slips + line)[-1].replace("carried_forward", "correct") == expected


@pytest.mark.parametrize("sign", ["≈", "="])
def test_the_figures_of_an_expression_are_rounded_as_those_of_a_name_are(sign: str) -> None:
    """The sum of rounded figures may be exact as they are printed, and is no exact value."""
    text = (
        f"b = [0.5, 0.25]\n\nx W {sign} [1.1316, 0.1822]\n\n"
        "z = x W + b = [1.1316, 0.1822] + [0.5, 0.25] = [1.6316, 0.4322]\n\n"
        "p = softmax(z) = softmax([1.6316, 0.4322]) ≈ [0.768432, 0.231568]"
    )
    assert verdicts(text)[-1] == "correct"


def test_a_figure_behind_a_wrong_derivative_is_no_second_slip() -> None:
    """Its writer has the right value, rounded, and the wrong formula is one slip."""
    text = """x1 = 1.0, x2 = 0.5, wx = 0.6, wh = 0.4, b = 0.1, h0 = 0, y = 1

a1 = wx*x1 + wh*h0 + b = 0.6*1.0 + 0.4*0 + 0.1 = 0.7

h1 = tanh(a1) = tanh(0.7) = 0.6044

a2 = wx*x2 + wh*h1 + b = 0.6*0.5 + 0.4*0.6044 + 0.1 = 0.6417

h2 = tanh(a2) = tanh(0.6417) = 0.5661

L = (h2 - y)^2 = (0.5661 - 1)^2 = 0.1883

dL/dh2 = 2*(h2 - y) = 2*(0.5661 - 1) = -0.8678

dL/da2 = dL/dh2 * (1 - h2^2) = -0.8678 * (1 - 0.5661^2) = -0.5897

dL/dh1 = dL/da2 * wh = -0.5897 * 0.4 = -0.2359

dL/da1 = dL/dh1 * (1 - h1) = -0.2359 * (1 - 0.6044) = -0.0933

dL/db = dL/da1 + dL/da2 = -0.1497 + -0.5897 = -0.7395
"""
    assert verdicts(text)[-2:] == ["slip", "undecided"]


@pytest.mark.parametrize("new", ["w^*", "{w}'", "{w}_{new}", "w^+"])
@pytest.mark.parametrize(
    ("sign", "result", "verdict"), [("-", "1.3", "correct"), ("+", "-0.3", "slip")]
)
def test_a_mark_says_that_a_value_is_new(new: str, sign: str, result: str, verdict: str) -> None:
    """A star, a prime or a word, behind braces too: it is the step of that weight."""
    above = "$x = 2$, $t = 3$, $w = 0.5$, $\\eta = 0.1$\n\n$y = w x = 1$\n\n$L = (y - t)^2 = 4$\n\n"
    slope = "$\\partial L/\\partial w = 2 (y - t) x = 2 (1 - 3) \\cdot 2 = -8$\n\n"
    step = f"${new} = w {sign} \\eta \\partial L/\\partial w = {result}$"
    assert verdicts(above + slope + step)[-1] == verdict


def test_a_comma_in_braces_is_a_decimal_comma_where_all_are() -> None:
    """Beside `0{,}4967` the figure `1{,}151` is no thousand."""
    assert verdicts("$0{,}4967 + 0{,}5 = 0{,}9967$\n\n$0{,}651 + 0{,}5 = 1{,}251$")[-1] != "correct"
    assert (
        verdicts("$0{,}4967 + 0{,}5 = 0{,}9967$\n\n$2 \\cdot 1{,}151 = 2{,}302$")[-1] == "correct"
    )
