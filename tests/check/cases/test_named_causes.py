"""Documents as they are written: a cause is named only where the line shows it."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

import pytest

from tests.check.cases.verdicts import findings
from tracer.document_check import check_text

NO_CAUSE = [
    "s = (0.3 × 0.8) + (0.6 × 0.2) = 0.5",
    '```\nScore("ate") = (0.3 × 0.8) + (0.6 × 0.2)\n = 0.5\n```',
    "$d = 1 - 0.12740965^2 = 0.983768$",
    "d = 13 / 7 = 1.855",
    "q = (7 + 8)/2 = 8",
    "- `q = 0.7*0.31 + 0.3*0.22 = 0.247`",
]


@pytest.mark.parametrize("text", NO_CAUSE)
def test_no_cause_is_named_that_the_line_does_not_show(text: str) -> None:
    (finding,) = findings(text)
    assert finding.verdict == "slip"
    assert finding.cause in (None, "plain_slip")


@pytest.mark.parametrize(("terms", "expected"), [(4, "·"), (60, None)])
def test_the_sign_that_belongs_in_a_formula_is_looked_for_in_a_bounded_time(
    terms: int, expected: str | None
) -> None:
    """Of more signs than can be tried, nobody knows whether one alone fits."""
    places = range(1, terms + 1)
    given = "\n\n".join(f"x{at} = {at}.5\n\nw{at} = {at + 1}" for at in places)
    right = " + ".join(f"w{at} * x{at}" for at in places)
    figures = " + ".join(f"{at + 1} * {at}.5" for at in places)
    result = sum((at + 1) * (at + 0.5) for at in places)
    text = f"{given}\n\nz = {right.replace('w2 * x2', 'w2 / x2')} = {figures} = {result}"
    found = findings(text)[-1]
    assert (found.verdict, found.expected) == ("slip", expected)


def test_what_lacks_a_factor_is_not_only_a_name_on_the_wrong_line() -> None:
    """The figure is that of ∂L/∂a: σ′ was left out, or the line is about a. Nobody sees which."""
    (report,) = check_text(
        "a = 0.562\n\ndL/dz = a - y = 0.562 - 1 = -0.438", scenario="neuron"
    ).files
    found = report.findings[-1]
    assert (found.verdict, found.cause, found.expected) == ("slip", None, "-0.108")
    assert {"wrong_formula", "label_error"} <= set(found.candidates)


@pytest.mark.parametrize(
    ("text", "cause", "expected"),
    [
        (
            "x = 1, y = 2, p = 0.5.\n\ndL/dw = 2 * (p - y) * x = (0.5 - 2) * 1 = -1.5",
            "factor_2_left_out",
            "2 * (0.5 - 2) * 1",
        ),
        (
            "p = 0.9, y = 8.\n\ndL/dp = 2·(p − y) = (0.9 − 8) = −7.1",
            "factor_2_left_out",
            "2 · (0.9 − 8)",
        ),
        (
            "a = 0.6, d = 0.5.\n\ndL/dz = d * a * (1 - a) = 0.5 * (1 - 0.6) = 0.2",
            "inner_derivative_left_out",
            "0.6 * 0.5 * (1 - 0.6)",
        ),
        # A factor that is worked out, of figures that are put in rounded.
        (
            "d = 0.12088, h = 0.42678.\n\ndL/dz = d * h * (1 - h) = 0.1209 * 0.4268 = 0.05160",
            "inner_derivative_left_out",
            "0.57322 * 0.1209 * 0.4268",
        ),
        ("r = 0.5, x = 3, w = 2.\n\ns = r * x * w = 0.5 * 2 = 1", None, "3 * 0.5 * 2"),
        ("β = 0.9, v = -5, g = 2.\n\nm = β·v + g = −5 + 2 = −3", None, "0.9 · (−5)"),
        ("p = 1, t = 3.\n\nL = 0.5·(p − t)² = (1 − 3)² = 4", "half_left_out", "0.5 · (1 − 3)²"),
        ("e = -2\n\nL = 0.5*e^2 = (-2)^2 = 4", "half_left_out", "0.5 * (-2)^2"),
        (
            "| 量 | 计算 | 结果 |\n|---|---|---|\n| e | 0.2 − 1 | −0.8 |\n"
            "| L | ½·e² = ½×(−0.8)² | 0.64 |",
            "half_left_out",
            "0.32",
        ),
        # Nobody needs to know what the other names are worth, nor which of two factors it is.
        (
            "x_1 = 3, x_2 = 2, x_3 = -1, μ = 1.333\n\nσ² = 1/3 × ((x_1 - μ)² + (x_2 - μ)² + "
            "(x_3 - μ)²) = (3 - 1.333)² + (2 - 1.333)² + (-1 - 1.333)² = 8.667",
            "sum_for_mean",
            "1/3 × ((3 - 1.333)² + (2 - 1.333)² + (-1 - 1.333)²)",
        ),
        (
            "x_1 = 1, x_2 = 3, x_3 = 5, x_4 = 7, μ = 4.\n\n"
            "$v = \\frac{1}{4}\\sum_{i=1}^{4} (x_i - \\mu)^2 = (-3)^2 + (-1)^2 + 1^2 + 3^2 = 20$",
            "sum_for_mean",
            "1/4 \\cdot ((-3)^2 + (-1)^2 + 1^2 + 3^2)",
        ),
        (
            "n = 3, e1 = -0.7, e2 = -0.4, e3 = -1.6.\n\n"
            "grad_b = 2/n*(e1 + e2 + e3) = 2*(-0.7 - 0.4 - 1.6) = -5.4",
            "sum_for_mean",
            "1/3 * 2*(-0.7 - 0.4 - 1.6)",
        ),
        (
            "温度 T = 2，$p_2 = 0.3043$。\n\n"
            "$\\partial L/\\partial l_2 = (p_2 - y_2)/T = 0.3043 - 1 = -0.6957$",
            None,
            "1/2 \\cdot (0.3043 - 1)",
        ),
        (
            "x = 2, y = 5, p = 2\n\ndW = 2*(p - y)*x = (2 - 5)*2 = -6",
            None,
            "2 * (2 - 5)*2",
        ),
        (
            "e1 = -7/6, e2 = -5/3, e3 = -19/6.\n\n"
            "dL/db = 2/3 * (e1 + e2 + e3) = 1/3 * (-7/6 - 5/3 - 19/6) = -2",
            "factor_2_left_out",
            "2",
        ),
    ],
)
def test_a_factor_that_the_figures_lost_is_put_back_there(
    text: str, cause: str | None, expected: str
) -> None:
    found = findings(text)[-1]
    assert (found.verdict, found.cause, found.expected) == ("slip", cause, expected)
    assert expected in (found.suggestion or "")


@pytest.mark.parametrize(
    ("result", "cause"),
    [
        ("-1.36", "bias_left_out"),
        ("-0.160", "bias_added_twice"),
        ("-0.790", "digit_miscopied"),
    ],
)
def test_a_result_may_lack_what_the_figures_have(result: str, cause: str) -> None:
    """Someone has put all figures in, and left one out on the calculator, or pressed it twice."""
    text = "w = -0.4, x = 3.4, b = 0.6\n\nz = w x + b = -0.4 * 3.4 + 0.6 = "
    assert findings(text + result)[-1].cause == cause
    shift = text.replace("w", "γ").replace("x", "x_hat").replace("b", "β")
    assert findings(shift + result)[-1].cause == cause


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        ("μ = (2.5 + (-2) + 3) / 3 = 0.1667", "path_left_out"),
        ("Z = exp(0.54) + exp(3.08) + exp(-0.74) = 2.193", "path_left_out"),
        ("z = 1.21*0.53 + 0.35*0.77 + 0.2 = 0.470", "path_left_out"),
        ("z = 1.21*0.53 + 0.35*0.77 + 0.2 = 0.911", "bias_left_out"),
        ("z = 0.53 + 0.2 + 0.2 = 0.73", "plain_slip"),  # one was added twice
        ("z = 1.21*0.53 + 0.35*0.77 + 0.2 = 0.487", "plain_slip"),
    ],
)
def test_a_term_of_any_sum_may_be_left_out(line: str, cause: str) -> None:
    assert findings(line)[-1].cause == cause


@pytest.mark.parametrize(
    ("figure", "cause"), [("0.34", "updated_for_old"), ("0.24", None), ("-0.3", None)]
)
def test_the_updated_value_may_be_told_further_down(figure: str, cause: str | None) -> None:
    text = (
        "w = -0.3, x = 2, t = 1, lr = 0.1\n\ny = w*x = {}*2 = -0.6\n\ndw = 2*(y - t)*x = "
        "2*(-1.6)*2 = -6.4\n\nw_new = w - lr*dw = -0.3 - 0.1*(-6.4) = 0.34"
    )
    first, *_ = findings(text.format(figure))
    assert (first.verdict, first.cause) == ("correct" if figure == "-0.3" else "slip", cause)


def test_a_plus_in_the_figures_makes_no_paths_of_a_product() -> None:
    """Of `1 - a` nothing comes back from the loss: the formula is a product."""
    text = "d = -0.4181, a = 0.5819\n\ndL/do = d · a(1 - a) = {} = {}"
    found = findings(text.format("-0.4181 · 0.5819 + (1 - 0.5819)", "0.1748"))[-1]
    assert (found.verdict, found.cause) == ("slip", None)


def test_a_parameter_called_g_is_updated_by_a_rate() -> None:
    """What begins with the value that its target had is no gradient."""
    text = "g = 0.26, alpha = 0.02, grad_g = 0.5525\n\ng_new = g - {} = 0.26 - {} = {}"
    for parts in [("alpha*grad_g", "0.5525", "0.24895"), ("grad_g", "0.02*0.5525", "0.24895")]:
        assert findings(text.format(*parts))[-1].cause == "learning_rate_left_out"


@pytest.mark.parametrize(
    "line",
    [
        "J = 1/2 * (0.5130 + 0.2873) = 0.8003",  # a loss has no 2 of a derivative
        "q = (0.072118 - 0.071541) / 0.002 = 0.1443",  # a difference is no sum over samples
    ],
)
def test_no_cause_is_named_that_belongs_to_another_formula(line: str) -> None:
    (finding,) = findings(line)
    assert finding.verdict == "slip"
    assert finding.cause not in ("factor_2_left_out", "sum_for_mean")


@pytest.mark.parametrize("sign", ["+", "-"])
def test_half_a_sum_beside_a_whole_one_may_be_wrong_in_either(sign: str) -> None:
    text = f"x = 3.2, y = 1.1.\n\nu = x {sign} y = 0.5*(3.2 {sign} 1.1) = {{}}"
    found = findings(text.format("2.15" if sign == "+" else "1.05"))[-1]
    assert (found.verdict, found.cause) == ("slip", None)


def test_a_formula_that_lacks_what_its_figures_and_the_result_have_is_blamed() -> None:
    """The result follows from the figures; a known slip leads from them to the formula."""
    text = "w = 0.7, η = 0.1, g = 2.46.\n\nw_new = w - g\n= 0.7 - 0.1*2.46\n= 0.454"
    found = findings(text)[-1]
    assert (found.cause, found.written) == ("learning_rate_left_out", "w - g")


def test_figures_that_have_a_term_twice_are_named() -> None:
    text = "w = 0.7, x = 2, b = 0.35.\n\nz = w x + b = 0.7*2 + 0.35 + 0.35 = 1.75"
    found = findings(text)[-1]
    assert found.cause == "bias_added_twice"


def test_a_figure_for_a_product_is_named_after_the_factor_that_it_lacks() -> None:
    text = "w = 1, α = 0.05, g = 0.7941.\n\nw_new = w - α*g = 1 - 0.7941 = 0.9603"
    found = findings(text)[-1]
    assert (found.cause, found.written) == ("learning_rate_left_out", "0.7941")


@pytest.mark.parametrize(
    ("line", "suggestion"),
    [
        ("γ = 0.5\n\nq = γ² = 0.5³ = 0.125", "q = γ² = 0.5² = 0.250"),
        ("a = 3\n\nq = a³ + 1 = 3² + 1 = 10", "q = a³ + 1 = 3³ + 1 = 28"),
        ("a = 3\n\n$q = a^3 + 1 = 3^2 + 1 = 10$", "$q = a^3 + 1 = 3^3 + 1 = 28$"),
        (
            "q = (0.2*0.5*0.1*0.43)^2 = 0.043^2 = 0.001849",
            "q = (0.2*0.5*0.1*0.43)^2 = (0.1 * 0.043)^2 = 0.00001849",
        ),
    ],
)
def test_a_power_is_corrected_as_it_is_written(line: str, suggestion: str) -> None:
    assert findings(line)[-1].suggestion == suggestion


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        ("- w: 3·0.4 = 0.3", "plain_slip"),  # many formulas give about 0.3
        ("y = 0.6·1.5 + 0.2·1.2 + 0.1 = 1", "plain_slip"),
        ("H = -0.5·(0.5·ln(0.6) + 0.3·ln(0.4)) = 0.105", "plain_slip"),  # (0.5·ln(0.6))² gives it
        ("L = (1.2 − 0.7)² = 0.5", "square_left_out"),  # this one exactly
    ],
)
def test_a_figure_of_few_digits_names_a_cause_only_where_nothing_was_rounded(
    line: str, cause: str
) -> None:
    assert findings(line)[-1].cause == cause


@pytest.mark.parametrize(
    "line",
    [
        "L = 1/2*1/2*(p - t)^2 = 1/2*(1 - 3)^2 = 2",
        "L = 0.5·0.5·(p − t)² = 0.5·(1 − 3)² = 2",
        "L = ½·½·(p − t)² = ½·(1 − 3)² = 2",
        "$L = \\frac12 \\cdot \\frac12 (p - t)^2 = \\frac12 (1 - 3)^2 = 2$",
        "损失 L = 0.5 × 0.5 × (p − t)^2 = 0.5 × (1 − 3)^2 = 2",
        "- loss: `L = 0.5 * 0.5 * (p - t)**2 = 0.5 * (1 - 3)**2 = 2`",
    ],
)
def test_a_half_that_stands_twice_in_a_formula_is_one_too_many(line: str) -> None:
    found = findings("p = 1, t = 3.\n\n" + line)[-1]
    assert (found.verdict, found.cause) == ("slip", "half_applied_twice")


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        ("x = 2\n\ndL/dw = dL/dp * x = -0.8 * 2 = -0.8", "inner_derivative_left_out"),
        ("x = 3\n\ndL/dw = 2 * dL/dq * x = 2 * (-0.8) * 3 = -2.4", "factor_2_left_out"),
    ],
)
def test_a_figure_that_was_put_in_for_a_name_is_no_figure_of_the_law(line: str, cause: str) -> None:
    """The 2 of x = 2 comes from no square."""
    found = findings(f"dL/dp = -0.8, dL/dq = -0.8\n\n{line}")[-1]
    assert (found.verdict, found.cause) == ("slip", cause)


@pytest.mark.parametrize("rate", ["lr", "0.2"])
def test_a_wrong_sign_is_no_wrong_figure_where_a_result_above_was_wrong(rate: str) -> None:
    """The right gradient is put in, and added."""
    text = (
        "x = 3, p = 0.6, y = 1, w = 0.3, lr = 0.2\n\ndL/dp = 2 * (p - y) = -0.8\n\n"
        "dL/dw = dL/dp * x = -0.8 * 3 = -0.8\n\n"
        f"w = w - {rate} * dL/dw = 0.3 + 0.2 * (-2.4) = -0.18"
    )
    found = findings(text)[-1]
    assert (found.cause, found.written, found.expected) == ("plus_for_minus", "+", "-")


def test_an_array_that_is_left_out_of_a_product_is_named_without_its_figures() -> None:
    given = "d = [0.12088, 0.31], h = [0.42678, 0.5713]."
    line = "dL/dz = d ⊙ h ⊙ (1 - h) = [0.1209, 0.31] ⊙ [0.4268, 0.571] = [0.0516, 0.177]"
    found = findings(f"{given}\n\n{line}")[-1]
    assert (found.verdict, found.cause) == ("slip", "inner_derivative_left_out")
    assert found.suggestion is None


@pytest.mark.parametrize(
    ("result", "cause"),
    [("3.4", "digit_miscopied"), ("9.4", None)],  # that of m = 1.6, and that of the figure
)
def test_a_result_of_the_right_value_shows_that_a_figure_was_miscopied(
    result: str, cause: str | None
) -> None:
    """Two figures of two digits are nearly the same, unless the result says which one was meant."""
    found = findings(f"m = 1.6\n\nq = 2*m + 0.2 = 2*4.6 + 0.2 = {result}")[-1]
    assert (found.verdict, found.cause, found.written) == ("slip", cause, "4.6")


def test_a_wrong_sign_between_figures_is_named_as_one_between_names() -> None:
    text = "w = 0.9\n\nw' = 0.9 - 0.05 * (0.4/0.2) = 0.9 + 0.05 * (0.4/0.2) = 1.0"
    found = findings(text)[-1]
    assert (found.verdict, found.cause, found.written) == ("slip", "plus_for_minus", "+")


@pytest.mark.parametrize(
    ("formula", "cause"),
    [
        ("w*x + b", None),
        ("w*x - b", "sign_lost"),
        ("w/x + b", "other_operation"),
        ("w + x + b", "other_operation"),
    ],
)
def test_the_one_operation_that_differs_is_the_cause(formula: str, cause: str | None) -> None:
    text = f"w = 1.5, x = 2, b = 0.75\n\nz = {formula} = 1.5*2 + 0.75 = 3.75"
    found = findings(text)[-1]
    assert (found.verdict, found.cause) == ("slip" if cause else "correct", cause)


@pytest.mark.parametrize(
    ("text", "figure", "cause"),
    [
        ("d = -0.05, x = 0.6.\n\ng = d*(1 - x) = 0.05*(1 - 0.6) = 0.02", "0.05", "sign_lost"),
        ("a = 2, b = 4.\n\ns = a + b*3 = 2 + 4*2 = 10", "2", "plain_slip"),
        ("$q = 0.3\\ln\\frac{0.2}{0.4} = 0.3 \\cdot (-2.53) = -0.759$", "-2.53", "plain_slip"),
    ],
)
def test_one_wrong_figure_explains_more_than_a_calculation_turned_round(
    text: str, figure: str, cause: str
) -> None:
    (*_, slip) = findings(text)
    assert (slip.written, slip.cause) == (figure, cause)


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        ("s = s - k * c = 3 + 0.1 * 2 = 3.2", "sign_lost"),
        ("b' = b - k * t = 3.2", "sign_lost"),
        ("s = s - lr * c = 3 + 0.1 * 2 = 3.2", "plus_for_minus"),
        ("s = s - k * dL/ds = 3 + 0.1 * 2 = 3.2", "plus_for_minus"),
        ("b' = 3 - 0.1 * 2 = 3.2", "plus_for_minus"),
    ],
)
def test_only_an_update_that_follows_a_gradient_adds_its_step(line: str, cause: str) -> None:
    given = "s = 3, b = 3, k = 0.1, lr = 0.1, c = 2, t = 2, dL/ds = 2"
    found = findings(f"{given}\n\n{line}")[-1]
    assert (found.verdict, found.cause) == ("slip", cause)


@pytest.mark.parametrize(
    ("second", "cause"),
    [("x = 3", None), ("x = x - lr * g = 2 - 0.1 * 4 = 1.6", "old_value_in_next_step")],
)
def test_data_that_are_given_anew_were_not_updated(second: str, cause: str | None) -> None:
    text = "A: x = 2, w = 0.4, lr = 0.1, g = 4.\n\n{}\n\nz = w * x = {} = {}"
    weight = "w = 0.6\n\n" if cause is None else ""
    figures = ("0.6 * 2", "1.2") if cause is None else ("0.4 * 2", "0.8")
    found = findings(text.format(f"B: {weight}{second}", *figures))[-1]
    assert (found.verdict, found.cause) == ("slip", cause)


@pytest.mark.parametrize(
    ("line", "cause"),
    [("L = -2.25", "sign_lost"), ("L = (ŷ - y)² = (0.5 - 2)² = -2.25", "negative_square")],
)
def test_a_slip_in_the_working_is_named_only_where_it_is_written(line: str, cause: str) -> None:
    text = f"x = 1, y = 2, w = 0.5, lr = 0.1\n\nŷ = w x = 0.5\n\n{line}"
    (report,) = check_text(text, scenario="one_weight").files
    assert (report.findings[-1].verdict, report.findings[-1].cause) == ("slip", cause)
