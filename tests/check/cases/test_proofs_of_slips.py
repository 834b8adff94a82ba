"""Documents as they are written: which differences prove a slip, and which prove nothing."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

import pytest

from tests.check.cases.verdicts import findings, verdicts

NO_PROOF = [
    # a function with several meanings
    "$\\sigma(1.0) = \\frac{e^1}{e^1 + e^2} \\approx 0.269$",
    "$\\sigma(2) = \\frac{e^2}{e^1 + e^2 + e^3} \\approx 0.245$",
    # a word before a function belongs to its name
    "Leaky ReLU(-1) = -0.01",
    "Noisy max(1, 2) = 3",
    "Hard sigmoid(1) = 0.8",
    # the sign of a percentage may only name the unit
    "m = (90 + 10) / 2 = 50%",
    # a figure and a function side by side may be an end and a beginning
    "s = 0.24 - 0.21 = 0.03 relu(0.03) = 0.03",
    "The sum of s = 0.018 + 0.234 = 0.252 sigmoid(0.252) ≈ 0.563",
    # what stands before it may belong to the first side
    "half of 8 * 2 = 4 * 5",
    # an exponent that nobody has stated may be rounded
    "perplexity = exp(3.21) = 24.9",
    "$10^{0.37} = 2.36$",
    # places are counted, and rounded down
    "(32 - 5)/2 + 1 = 14",
    "$n = \\frac{28 - 3}{2} + 1 = 13$",
    "The map is (32 - 5)/2 = 13 wide (rounded down).",
]


@pytest.mark.parametrize("text", NO_PROOF)
def test_a_difference_that_another_reading_explains_is_undecided(text: str) -> None:
    assert verdicts(text) == ["undecided"]


PROOF = [
    "$\\sigma(1.0) = \\frac{1}{1 + e^{1}} \\approx 0.269$",
    "max(1, 2) = 3",
    "$x_0 = 1$, $x_1 = 2$, $x_2 = 3$, $T = \\sum_{i=0}^{1} x_i = 2 + 3 = 5$",
    # what may stand before the first side changes nothing behind it
    "The width is (input width - filter width + 2 * padding) / stride + 1"
    " = (5 - 3 + 2 * 1) / 2 + 1 = 2",
    "half of w = 8 * 2 = 15",
    "$e^{1.78} = 5.98$",
    "$x = 1.78$, $e^{1.78} = 5.94$",
    "y = 1 + 1 = 2 exp(0) = 3",
    "m = 45 / 60 = 0.75%",
    "Then max(1, 2) = 3",
    # nor does a second reading of one side change the sides behind it
    "s = m(2) + 1 = 2 * 2 + 1 = 6",
    "$g = r_1(3) + r_2(5) = 0.5 \\cdot 3 + 0.25 \\cdot 5 = 1.5 + 1.25 = 3.75$",
    "T = 1² + 2² + … + 4² = 1 + 4 + 9 + 16 = 31",
    # an index is no figure, and brackets after a sign hold one
    "$r_{00} = 2 \\cdot 0.4 + 3 \\cdot 0.1 = 1.2$",
    "c = -[1 * -0.5 + 0 * 2] = -[-0.5] = 0.7",
    # a sign of minus is no dash
    "Differences: 7−9 = −3",
    # what is said in another paragraph denies nothing here
    "```\nh = a*b   (not a + b)\n\nq = 0.5*3 = 1.8\n\nThis is not the end.\n```",
    "```\nq = 0.5*3 = 1.8   → 上升\n```",
    # what would be is said of names; figures are worked out in one way
    "With the other rate the new weight would be:\n\nw = 0.5 + 3 * 2 = 6.7",
    "If the bias were 1, z = 2 * 3 + 1 = 8.",
    # a figure that is exactly what stands before it was not rounded
    "w = 13 / (1 - 0.5) = 13 / 0.5 ≈ 26.3",
    "w = 0.00012991 / (1 - 0.999²) = 0.00012991 / 0.001999 ≈ 0.06496",
    "- `u = (0.3 + 0.4) * 3 = 0.7 * 3 ≈ 2.24`",
    "$u = \\frac{12}{0.9 - 0.5} = \\frac{12}{0.4} \\approx 30.9$",
    "$$u = 8 \\cdot (0.5 - 0.2) = 8 \\cdot 0.3 \\approx 2.63$$",
    "e^9 = 8105",
    "w = −0.02·6/√2.6 = −0.12/1.6125 ≈ −0.0844",
    # a figure with fewer digits than the result is no rounding
    "d = (0.5162 - 0.8) * (0.5162 * (1 - 0.5162)) ≈ -0.0679",
    "d = (p - y) * sigmoid'(z) ≈ (0.5162 - 0.8) * (0.5162 * (1 - 0.5162)) ≈ -0.0679",
    "a = 1/3 = 0",
    "a = 10/4 = 2",
    "m = 10/3 = 3",
    "e^2 = 7",
    "a = -1*0.0027*0.35 = 0.000945",
    "(32 - 5)/2 + 1 = 15",
    "n = 27/2 = 13",
    "d = (0.5162 - 0.8)*0.2497 ≈ -0.2838*0.2497 ≈ -0.0679",
]


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ("p = 1/(1 + e^(-0.73)) = 0.675", "d = p * (1 - p) = {} * 0.325 = 0.219"),
        ("g = 0.6 * 5 = 3.0, w = 1.25, r = 0.25", "v = w - r*g = {} - 0.25 * 3.0 = 0.5"),
    ],
)
def test_figures_that_do_not_give_what_their_formula_does_are_of_no_other_example(
    given: str, line: str
) -> None:
    """The formula has the result by the values above, so these are its figures' names."""
    right = {"p": "0.675", "g": "1.25"}[given[0]]
    assert verdicts(f"{given}\n\n{line.format(right)}")[-1] == "correct"
    assert verdicts(f"{given}\n\n{line.format('7.31')}")[-1] == "slip"


def test_an_entry_of_what_nobody_has_decided_refutes_nothing() -> None:
    text = (
        "x = (1, 3, 5, 7)\n\nm = (1 + 3 + 5 + 7)/4 = 4\n\ns² = 20/4 = 5, hence s = √5 ≈ 2.236\n\n"
        "v = (x - m)/s = (-1.342, -0.447, 0.447, 1.432)\n\ng = (1, 2, 3, 4)\n\n"
        "T = g_1 v_1 + g_4 v_4 = 1·(-1.342) + 4·1.342 = 4.026"
    )
    assert verdicts(text)[-2:] == ["undecided", "undecided"]


@pytest.mark.parametrize("text", PROOF)
def test_a_difference_that_nothing_explains_is_a_slip(text: str) -> None:
    assert verdicts(text) == ["slip"]


def test_what_follows_the_sign_of_rounding_may_be_rounded_though_it_comes_out_even() -> None:
    line = "{} = 0.5·0.00019 + 0.5·0.00019 {} 0.00019\n\n"
    end = "d = 0.00019·0.765 ≈ 0.000148"
    assert verdicts(line.format("a", "≈") + line.format("b", "≈") + end)[-1] == "undecided"
    assert verdicts(line.format("a", "=") + line.format("b", "=") + end)[-1] == "slip"


def test_a_result_is_off_by_what_was_rounded_and_no_more() -> None:
    """0.9 is printed for 0.900000002: as a factor further down it is exact, so 0.4479 is wrong."""
    text = "eps = 1e-8\n\nt = 1.0 - 0.1*0.5/(sqrt(0.25) + 1e-8) = 0.9\n\n"
    text += "m = 0.9*0.05 + 0.1*0.4 = 0.085\n\n"
    assert verdicts(text + "h = 0.085/(1 - 0.81) = 0.4474")[-1] == "correct"
    assert verdicts(text + "h = 0.085/(1 - 0.81) = 0.4479")[-1] == "slip"


def test_what_belongs_there_differs_from_what_was_written() -> None:
    """Written with as many places, 3.79 would be 4 as well."""
    assert findings("q = 0.72/(1-0.9**2) = 4")[0].expected == "3.79"


def test_a_function_that_comes_out_near_a_whole_number_is_rounded() -> None:
    assert verdicts("e^9 = 8103\n\ne^7 = 1097\n\n10*sqrt(200) = 141") == ["correct"] * 3


@pytest.mark.parametrize("name", ["t", "k", "step", "epoch", "iteration"])
def test_a_counter_that_goes_up_by_one_begins_no_other_example(name: str) -> None:
    text = f"b = 0.9, g = 0.5\n\n{name} = 1\n\n{name} = 2\n\nv = b*g = 0.9*0.5 = 0.54"
    assert verdicts(text) == ["slip"]


def test_a_value_that_is_stated_anew_under_the_next_heading_holds_there() -> None:
    step = "w = w - r*g = 3 - 0.1*(-16) = 4.6"
    text = f"r = 0.1, g = -16, w = 3\n\n## A\n\n{step}\n\n## B\n\nCurrent w: 3\n\n{step}"
    assert verdicts(text) == ["correct", "correct"]


def test_a_figure_that_was_a_slip_rounds_nothing() -> None:
    text = "v = 0.04*0.01 = 0.0003\n\nw = 0.5 - 0.01*0.1/sqrt(0.0003) = 0.4556"
    assert verdicts(text) == ["slip", "slip"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("y = 2 + 3 = [5, 5, 0]", "the two sides have different shapes"),
        ("(32 - 5)/2 + 1 = 14", "right if the result is rounded down"),
        ("w -= 0.1*3 = 0.4", "the value of w before this update is not known; state it above"),
        ("L = -log 0.242 = 0.616", "right if the logarithm has another base; write its base"),
        ("foo = 3*4] = 5*2 = 10", "3*4] was not read"),
    ],
)
def test_an_undecided_line_says_why(text: str, words: str) -> None:
    assert str(findings(text)[0].message) == words


OWN_PARAMETER = [
    "Leaky ReLU with slope 0.1: $\\mathrm{LeakyReLU}(-2) = 0.1 \\cdot (-2) = -0.2$",
    "斜率取 0.1：LeakyReLU(-2) = -0.2",
    "ELU with alpha = 0.5: ELU(-1) = 0.5*(exp(-1) - 1) = 0.5*(-0.632) = -0.316",
    "Swish with β = 2: swish(1) = 1*sigmoid(2*1) = 0.8808",
    "GELU(1) = 0.84119",
    "LeakyReLU(-2) = 0.2",
]


@pytest.mark.parametrize("text", OWN_PARAMETER)
def test_the_default_of_a_parameter_that_is_not_written_proves_nothing(text: str) -> None:
    assert verdicts(text) == ["undecided"]


@pytest.mark.parametrize("text", ["L = -ln 0.242 = 0.616", "$-\\ln 0.242 = 0.616$"])
def test_ln_is_the_natural_logarithm(text: str) -> None:
    assert [each.cause for each in findings(text)] == ["log_base"]


def test_log_may_be_to_base_ten() -> None:
    assert verdicts("L = -log 0.242 = 0.616") == ["undecided"]


@pytest.mark.parametrize("half", ["\\frac12", "\\frac{1}{2}", "\\tfrac12"])
def test_a_bracket_after_a_fraction_is_a_factor(half: str) -> None:
    assert verdicts(f"$L = {half} (0.1 + 0.08) = 0.18$") == ["slip"]


def test_sides_that_differ_in_one_of_two_readings_are_not_within_rounding() -> None:
    message = str(findings("L = ½ (0.1 + 0.08) = 0.18")[0].message)
    assert "rounding" not in message


@pytest.mark.parametrize(
    "text",
    ["共有 7×7×32 = 1586 个特征。", "指数衰减 0.1*0.9^3 = 0.0792。", "特征数是 7×7×32 = 1586。"],
)
def test_words_that_only_introduce_or_count_a_result_leave_no_doubt(text: str) -> None:
    assert verdicts(text) == ["slip"]


@pytest.mark.parametrize(
    "text",
    ["误差再减 2 × 0.1 = 0.9。", "误差乘以 1 − 2 × 0.1 = 0.9。", "共有 7×7×32 = 1586 个亿。"],
)
def test_words_that_may_stand_for_a_sign_or_a_power_of_ten_leave_a_doubt(text: str) -> None:
    assert verdicts(text) == ["undecided"]


def test_a_matrix_times_a_turned_row_is_a_column() -> None:
    text = (
        "$W=\\begin{pmatrix}0.1&0.2\\\\0.3&0.4\\end{pmatrix}$, $x=(1,2)^\\top$\n\n"
        "$z = W x = \\begin{pmatrix}0.1\\cdot1+0.2\\cdot2\\\\0.3\\cdot1+0.4\\cdot2\\end{pmatrix}"
        "=\\begin{pmatrix}0.5\\\\1.1\\end{pmatrix}$"
    )
    assert verdicts(text) == ["correct"]


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("z = 0.5*[1, 2] + 1 = 2", "slip"),
        ("$z = \\sigma(0.3 \\cdot [1, 2] + 0.5) = \\sigma(0.6) \\approx 0.6457$", "slip"),
        ("$z = [0.3, 0.6] \\cdot [0.5, 0.2] = 0.27$", "correct"),
        ("$z = 0.5 \\cdot [1, 2] = [0.5, 1]$", "correct"),
    ],
)
def test_figures_of_another_shape_than_the_arrays_before_them_are_a_slip(
    text: str, verdict: str
) -> None:
    found = findings(text)[0]
    assert (found.verdict, found.cause) == (verdict, "wrong_shape" if verdict == "slip" else None)


@pytest.mark.parametrize(
    ("figures", "verdict"), [("1.648 + 0.735 ≈ 2.383", "slip"), ("1.65 + 0.63 ≈ 2.28", "correct")]
)
def test_rounded_figures_that_go_on_to_a_value_can_be_wrong(figures: str, verdict: str) -> None:
    assert verdicts(f"c = 0.824*2 + 0.824*0.761 ≈ {figures}") == [verdict]


@pytest.mark.parametrize(("result", "verdict"), [("2.1", "correct"), ("0.6", "slip")])
def test_a_formula_over_a_name_that_was_worked_out_says_what_it_means(
    result: str, verdict: str
) -> None:
    given = "w = 0.4, x = 3.5, t = 1.1\n\ny = w*x = 0.4*3.5 = 1.4\n\n"
    assert verdicts(f"{given}g = 2*(y - t)*x = {result}")[-1] == verdict


@pytest.mark.parametrize(
    ("result", "verdict"), [("e = z - y = -1.6", "correct"), ("e = z - y = -0.6", "undecided")]
)
def test_what_the_part_above_has_stated_may_still_hold(result: str, verdict: str) -> None:
    """It confirms a line, and refutes none: another example may have other values."""
    above = "x = 2, y = 3, w = 0.5\n\nz = w*x = 0.5*2 = 1\n\nw = 0.7\n\nz = 0.7*2 = 1.4\n\n"
    assert verdicts(above + result)[-1] == verdict


@pytest.mark.parametrize(
    "text",
    [
        "a = 1 + 3 = 5\n\nb = 2 * a = 2 * 4 = 8",
        "s = [1, 2] + [3, 4] = [4, 7]\n\nt = s + [1, 1] = [4, 6] + [1, 1] = [5, 7]",
        "a = [1, 2] + [3, 4] = [4, 7]\n\nb = a / 2 = [4, 6] / 2 = [2, 3]",
        "M = [[1, 2], [3, 4]] + 1 = [[2, 3], [4, 6]]\n\n"
        "N = 2 M = 2*[[2, 3], [4, 5]] = [[4, 6], [8, 10]]",
        "z = [2, 1, 0]\n\np = softmax(z) = [0.665, 0.245, 0.900]\n\n"
        "g = p - [1, 0, 0] = [0.665, 0.245, 0.090] - [1, 0, 0] = [-0.335, 0.245, 0.090]",
    ],
)
def test_the_right_value_may_be_put_in_for_a_wrong_result(text: str) -> None:
    assert verdicts(text)[-2:] == ["slip", "correct"]


@pytest.mark.parametrize(
    "text",
    [
        "The model is $z = w_0 + w_1 x_1 + w_2 x_2$.\n\nx = [1, 2]\n\nw = [3, 4]\n\n"
        "$a = w_1 x_1 = 3 \\cdot 1 = 3$\n\n$b = w_2 x_2 = 4 \\cdot 2 = 8$",
        "We start gradient descent at $x_0$.\n\nx = [0.1, 0.2]\n\n$a = 2 x_1 = 2 \\cdot 0.1 = 0.2$",
        "w = [3, 4]\n\n$a = 2 w_1 = 2 \\cdot 3 = 6$\n\nGradient descent starts at $w_0 = 0$.",
        "w = [[1, 2], [3, 4]]\n\n$w_{11} = 1$\n\n$z_1 = w_{10} + w_{11} x_1$\n\n"
        "$a = 2 w_{11} = 2 \\cdot 1 = 2$\n\n$a = 2 w_{12} = 2 \\cdot 2 = 4$",
    ],
)
def test_an_index_0_proves_nothing_about_where_entries_begin(text: str) -> None:
    assert set(verdicts(text)) == {"correct"}


COPY = "a = 0.77417\n\nδ = a - 1 = 0.77417 - 1 = -0.22583\n\n{}The slope of b: dL/db = δ = {}"


@pytest.mark.parametrize(
    ("between", "written", "verdict"),
    [
        ("", "-0.22583", "correct"),
        ("", "-0.22853", "undecided"),
        ("", "0.22583", "undecided"),
        ("", "-0.22683", "undecided"),  # the values of two steps may differ by one digit
        ("", "-22.583", "undecided"),  # in percent
        ("", "-0.31455", "undecided"),
        ("In the second sample ", "-0.22853", "undecided"),
    ],
)
def test_a_value_that_is_stated_of_another_name_proves_nothing(
    between: str, written: str, verdict: str
) -> None:
    assert verdicts(COPY.format(between, written))[-1] == verdict


@pytest.mark.parametrize(
    ("figures", "verdict"),
    [
        ("1 - 0.1*2/√4 = 0.9", "correct"),
        ("1.0000 - 0.1*2.0000/√4.0000 = 0.9000", "correct"),
        ("1 - 0.1*2/4 = 0.95", "slip"),
        ("1 + 0.1*2/√4 = 1.1", "slip"),
        ("2 - 0.1*2/√4 = 1.9", "undecided"),
    ],
)
def test_a_term_that_no_digit_shows_may_be_left_out(figures: str, verdict: str) -> None:
    given = "Let w = 1, a = 0.1, ε = 1e-8, m = 2, v = 4.\n\n"
    assert verdicts(f"{given}u = w - a*m/(√v + ε) = {figures}") == [verdict]


def test_a_small_term_shows_where_the_others_cancel() -> None:
    given = "Let p = 1, q = 0.9999, r = 0.00004.\n\n"
    assert verdicts(f"{given}u = p - q + r = 1 - 0.9999 = 0.0001") == ["slip"]


@pytest.mark.parametrize(
    ("entry", "figures", "verdict"),
    [
        ("x1", "0.5*3 = 1.5", "correct"),
        ("x1", "0.5*1 = 0.5", "correct"),
        ("x1", "0.5*4 = 2", "undecided"),
        ("x4", "0.5*4 = 2", "correct"),
    ],
)
def test_entries_may_count_from_0_where_others_that_were_worked_out_do(
    entry: str, figures: str, verdict: str
) -> None:
    text = f"x = [1, 3, -2, 4]\n\ny0 = 2*1 - 3 = -1\n\ng = 0.5*{entry} = {figures}"
    assert verdicts(text) == ["correct", verdict]


@pytest.mark.parametrize(
    ("factor", "verdict"), [("g", "correct"), ("s", "slip"), ("later", "undecided")]
)
def test_a_figure_is_that_of_its_name_whatever_the_rounding_beside_it_hides(
    factor: str, verdict: str
) -> None:
    text = f"""Let g = 0.3095, s = 0.32 and dL/dc = -0.0022.

dL/di = dL/dc * {factor} = -0.0022 * 0.3095 = -0.0007

later = 2*0.4 = 0.8
"""
    assert verdicts(text)[0] == verdict


@pytest.mark.parametrize(
    ("words", "line", "verdict"),
    [
        ("Next:", "p = w*x = 0.5*3 = 1.5", "undecided"),
        ("For one more input we get", "p = w*x = 0.5*3 = 1.5", "undecided"),
        ("下一个样本：", "p = w*x = 0.5*3 = 1.5", "undecided"),
        ("", "sample two: p = w*x = 0.5*3 = 1.5", "undecided"),
        ("", "the new p = w*x = 0.6*2 = 1.2", "undecided"),
        ("Now the same again.", "p = w*x/m = 0.5*6/2 = 1.5", "undecided"),
        ("Next:", "p = w*x = 0.5*2 = 1.1", "slip"),
        ("Next:", "p = w*x = 2*0.5 = 1.0", "correct"),
        ("Next:", "q = w*x = 0.5*3 = 1.5", "slip"),
        ("", "p = w*x = 0.5*3 = 1.5", "slip"),
    ],
)
def test_what_is_worked_out_anew_after_words_may_be_of_another_sample(
    words: str, line: str, verdict: str
) -> None:
    text = f"w = 0.5\n\nx = 2, m = 2\n\np = w*x = 0.5*2 = 1.0\n\n{words}\n\n{line}"
    assert verdicts(text)[-1] == verdict


def test_what_follows_in_the_other_sample_is_not_blamed() -> None:
    text = """w = 0.5

x = 2

p = w*x = 0.5*2 = 1.0

For the other one we get

p = w*x = 0.5*3 = 1.5

L = (p - 1)^2 = (1.5 - 1)^2 = 0.25

dL/dw = 2*(p - 1)*x = 2*(1.5 - 1)*3 = 3
"""
    assert {"slip", "carried_forward"}.isdisjoint(verdicts(text))


def test_pairs_are_stated_anew() -> None:
    text = """w1 = 0.2, w2 = -0.1

(x1, x2) = (1, 0)

s = w1*x1 + w2*x2 = 0.2*1 - 0.1*0 = 0.2

(x1, x2) = (0, 1)

s = w1*x1 + w2*x2 = {figures}
"""
    right, wrong = "0.2*0 - 0.1*1 = -0.1", "0.2*1 - 0.1*0 = 0.2"
    assert verdicts(text.format(figures=right)) == ["correct", "correct"]
    assert verdicts(text.format(figures=wrong))[1] != "correct"


def test_an_index_that_stands_twice_is_no_array_by_its_entries() -> None:
    text = "A = [[1, 2], [3, 4]]\n\nC = (A[i, i])[i, i] = [[1, 4], [1, 4]]"
    assert "slip" not in verdicts(text)


TWO_STEPS = """w = 1.0, x = 2, y = 3, lr = 0.1

e = w*x - y = 1.0*2 - 3 = -1.0
g = 2*e*x = 2*(-1.0)*2 = -4.0
w = w - lr*g = 1.0 - 0.1*(-4.0) = 1.4
{words}
e = w*x - y = 1.4*2 - 3 = -0.2
g = 2*e*x = 2*(-0.2)*2 = -0.8
w = w - lr*g = 1.4 - {step} = {result}
"""


@pytest.mark.parametrize(
    ("words", "step", "result", "verdict"),
    [
        ("\nThe learning rate is then halved.\n", "0.05*(-0.8)", "1.44", "undecided"),
        ("\n之后学习率减半。\n", "0.05*(-0.8)", "1.44", "undecided"),
        ("\nNow with a smaller step.\n", "0.05*(-0.8)", "1.45", "slip"),
        ("\nThe second step.\n", "(-0.8)", "1.48", "slip"),
        ("", "0.05*(-0.8)", "1.44", "slip"),
    ],
)
def test_words_after_an_update_may_change_what_was_given(
    words: str, step: str, result: str, verdict: str
) -> None:
    assert verdicts(TWO_STEPS.format(words=words, step=step, result=result))[-1] == verdict


@pytest.mark.parametrize(("result", "verdict"), [("-0.2155", "correct"), ("-0.2185", "slip")])
def test_a_derivative_that_is_stated_nowhere_was_computed_and_rounded(
    result: str, verdict: str
) -> None:
    text = f"x = 2\n\ndz/dw = x = 2\n\ndL/dw = dL/dz * dz/dw = -0.1078*2 = {result}"
    assert verdicts(text)[-1] == verdict


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        ("d = 0.63*0.22 ≈ 7/50", "correct"),
        ("d = 0.63*0.22 ≈ 9/50", "slip"),
    ],
)
def test_a_fraction_after_a_sign_of_rounding_is_a_decimal(line: str, verdict: str) -> None:
    assert verdicts(line) == [verdict]


BESIDE_A_RESULT = [  # what is given, the line, the figure that is wrong, what belongs there
    # the value of a function
    ("z = 0.3", "a = σ(z) = 0.5744\n\nL = -ln(a) = -ln(0.7544) ≈ 0.5544", "0.7544", "0.5744"),
    # none of the figures is known
    ("c = 2, h = [6, 8]", "k = h*c/5 = [6, 8]*4/5 = [2.4, 3.2]", "4", "2"),
    # a name that looks like a call
    ("V(s) = 1.5, goal = 4", "δ = goal - V(s) = 4 - 2.5 = 2.5", "2.5", "1.5"),
    ("f(2) = 7, f(3) = 12", "d = (f(3) - f(2))/1 = (12 - 9)/1 = 5", "9", "7"),
    # a value may be another one in the next step
    ("η = 0.2, w = 3, g = 4", "w = w - η*g = 3 - 0.7*4 = 2.2\n\nThe rate is then halved.", "0.7",
     "0.2"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "line", "written", "expected"), BESIDE_A_RESULT)
def test_figures_that_have_neither_the_value_of_the_formula_nor_the_result_are_wrong(
    given: str, line: str, written: str, expected: str
) -> None:
    slips = [each for each in findings(f"{given}\n\n{line}") if each.verdict == "slip"]
    assert [(each.written, each.expected) for each in slips] == [(written, expected)]


def test_figures_that_have_the_result_may_be_those_of_another_example() -> None:
    assert verdicts("V(s) = 1.5, goal = 4\n\nδ = goal - V(s) = 6 - 2.5 = 3.5")[-1] == "undecided"


def test_what_may_stand_before_a_line_leaves_its_figures_what_was_put_in() -> None:
    given = "input = 4\n\nerror = -0.5\n\n"
    line = "slope of weight = 2 * error * input = 2 * ({}) * 4 = {}"
    right, wrong = (verdicts(given + line.format(*each))[-1] for each in ((-0.5, -4), (-1.5, -4)))
    assert (right, wrong) == ("correct", "slip")


@pytest.mark.parametrize("words", ["Sample 2:", "第 2 个样本："])
def test_another_sample_may_have_other_data(words: str) -> None:
    """A figure that would be right for another input after such words proves no slip."""
    text = f"x = 2, w = 0.5\n\ny = w*x = 0.5*2 = 1\n\n{words}\n\ny = w*x = {{}} = 1.5"
    assert verdicts(text.format("0.5*3"))[-1] == "undecided"
    assert verdicts(text.replace(words, "So:").format("0.5*3"))[-1] == "slip"


def test_an_inequality_that_fails_has_no_figure_to_blame() -> None:
    """Either side, or the sign between them, may be wrong."""
    (found,) = findings("z = 2 < 0")
    assert (found.verdict, str(found.message)) == ("slip", "2 < 0 does not hold")
    assert found.suggestion is None


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("e = -2\n\nL = 0.5*e^2 = 0.5*(-2)^2 = 2", "correct"),
        ("e = -2\n\nL = 0.5*e^2 = (-2)^2 = 4", "slip"),
        ("Let e = y - t.\n\nL = 0.5*e^2 = 2^2 = 4", "undecided"),  # e may be anything
        ("e = 0.5*3 - 1 = 0.5\n\nL = e^2 = 7.39", "correct"),
        ("e = 0.5*3 - 1 = 0.5\n\nL = e^2 = 8", "undecided"),  # nobody sees which is meant
    ],
)
def test_a_power_of_e_is_the_name_s_or_euler_s_and_no_third(text: str, verdict: str) -> None:
    assert verdicts(text)[-1] == verdict


ROUNDED_BEFORE = [
    # the figure that is put in, the result that it would be a rounding of, or between
    "s(t) = 1/(1 + e^(-2.29)) = 0.9080\n\nu = 0.9080*1.3 = 1.1805\n\nv = 0.9080*1.2 ≈ 1.0897",
    # a result of figures alone, though rounding hides whether it is right
    "1/(1 + e^(-4.3)) = 1.0\n\n-0.01*1.0*(1 - 1.0) = -0.0002\n\n-0.0002*0.18 = -0.00003",
    # what a name was rounded from, whatever else was printed with the same figure
    "d = 0.09\n\nx = 1.3\n\nw = 2\n\ng = d*x = 0.09*1.3 = 0.1\n\nh = 0.21*0.5 = 0.10\n\n"
    "w_new = w - 0.5*g = 2 - 0.5*0.1 = 2 - 0.06 = 1.94",
]


@pytest.mark.parametrize("text", ROUNDED_BEFORE)
def test_a_right_figure_goes_on_with_what_was_not_rounded(text: str) -> None:
    assert "slip" not in verdicts(text)


def test_a_given_figure_stands_for_what_was_given() -> None:
    """A slip with the same figure above says nothing of it."""
    text = "Given x = {} and w = 3.\n\nu = 2*3 = 5\n\nz = w*x = 3*{} = {}"
    assert verdicts(text.format(5, 5, 18))[-2:] == ["slip", "slip"]
    assert verdicts(text.format(5, 5, 15))[-2:] == ["slip", "correct"]


def test_a_whole_number_of_a_formula_is_no_result_that_was_printed_like_it() -> None:
    """The 1 of 1 - β is exact, although results beside it are 1.0."""
    text = (
        "Given w = 0.4, x = -1.4, y = 3 and b = 0.99.\n\np = w*x = 0.4*(-1.4) ≈ -0.6\n\n"
        "g = 2*(-0.6 - 3)*(-1.4) ≈ 10.0\n\nm = 0.1*g = 0.1*10.0 ≈ 1.0\n\n"
        "v = (1 - b)*g^2 = (1 - 0.99)*10.0^2 ≈ 1.0\n\nu = v/(1 - b) = 1.0/(1 - 0.99) ≈ {}"
    )
    assert verdicts(text.format("99.4"))[-1] == "correct"
    assert verdicts(text.format("94.0"))[-1] == "slip"


@pytest.mark.parametrize(("figures", "expected"), [("0.71 - 0.7", "undecided"), ("0.9", "slip")])
def test_rounded_figures_that_may_be_a_divisor_of_0_prove_nothing(
    figures: str, expected: str
) -> None:
    text = f"a = 2/3 ≈ 0.7\n\nb = 2.09/3 ≈ 0.7\n\nc = 1.0/({figures}) ≈ -20"
    assert verdicts(text)[-1] == expected
