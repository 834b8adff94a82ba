"""Documents as they are written: names without a value, and what stands for them."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

import pytest

from tests.check.cases.verdicts import findings, verdicts
from tracer.document_check import check_text

RIGHT = [
    # a call alone on a side is a name for the side
    ("$out = g(in) = \\frac{{1}}{{1+e^{{-0.3775}}}} = {}$", "0.5933", "0.5833"),
    ("o = f(x) = 0.5 * 0.3 = {}", "0.15", "0.25"),
    ("$o = \\sigma(x) = \\frac{{1}}{{1+e^{{-0.3775}}}} = {}$", "0.5933", "0.5833"),
    ("- `y = act(z) = 0.5 * 0.3 = {}`", "0.15", "0.25"),
    ("δ = q = 0.5 × 0.3 = {}", "0.15", "0.25"),
    # two sides that differ in one name
    ("$-\\log(\\hat y_c) = -\\log(\\hat y_2) = -\\log(0.7) = {}$", "0.356675", "0.366675"),
    ("L = (y - t)^2 = (a - t)^2 = (0.7 - 0.2)^2 = {}", "0.25", "0.35"),
    ("loss = 2*(u + 1) = 2*(v + 1) = 2*(0.5 + 1) = {}", "3.0", "3.2"),
    ("- $s = e^{{x_k}} = e^{{x_3}} = e^{{0.5}} = {}$", "1.6487", "1.6587"),
    ("`z = w*p + 1 = w*q + 1 = 0.5*0.4 + 1 = {}`", "1.2", "1.3"),
    # a power of a name stands for one figure
    ("$1-h^2 = 1 - 0.41 = {}$", "0.59", "0.69"),
    ("d = 1 - tanh(z)^2 = 1 - 0.41 = {}", "0.59", "0.69"),
    ("`s = 2*h**2 + 1 = 2*0.41 + 1 = {}`", "1.82", "1.92"),
    ("- $g = a \\cdot h^2 = 3 \\cdot 0.41 = {}$", "1.23", "1.33"),
    ("方差 = m2 - μ² = 0.9 - 0.16 = {}", "0.74", "0.84"),
    # and so does a function of one, wherever it stands
    ("$g = \\sigma(t)(1 - \\sigma(t)) = 0.731 \\cdot 0.269 = {}$", "0.1966", "0.2966"),
    ("∂h/∂z₁ = σ(z₁)·(1−σ(z₁)) = 0.731·0.269 = {}", "0.197", "0.297"),
    ("`g = a*h**2*(1 - h**2) = 2*0.41*0.59 = {}`", "0.4838", "0.5838"),
    # a derivative is a name, and so are a difference and words in brackets
    (
        "$w = w - \\eta\\,\\frac{{\\partial L}}{{\\partial w}} = 0.3 - 0.5(-0.0022) = {}$",
        "0.3011",
        "0.3211",
    ),
    ("$a = W_x[\\text{{hi}}] + W_h h_0 = 0.5 + 0.2\\cdot 3 = {}$", "1.1", "1.2"),
    ("$\\Delta\\text{{Gini}}(S, \\text{{Wind}}) = 0.4591 - (0.2 + 0.2) = {}$", "0.0591", "0.0691"),
    (
        '```\nScore("ate" → "Cat") = Query("ate") · Key("Cat")\n = [0.3, 0.6] · [0.8, 0.2]\n'
        " = {}\n```",
        "0.36",
        "0.46",
    ),
    ("$p = P(A\\mid E) P(E)/P(A) = \\frac12 \\cdot \\frac4{{15}}/\\frac13 = {}$", "0.4", "0.6"),
    ("macro-F1 = 2*0.8*0.5 / (0.8+0.5) = 0.8 / 1.3 = {}", "0.6154", "0.7254"),
    # so do an entry, a case and an expectation
    ("softmax[0] = 7.389 / 11.212 = {}", "0.659", "0.759"),
    ("$\\text{{softmax}}(0) = \\frac{{1.0}}{{4.5}} = {}$", "0.2222", "0.3222"),
    ("- Pr(W = 1) = 0.2 + 0.35 = {}", "0.55", "0.65"),
    ("$c = E[XY] - E[X]E[Y] = 2.5 - 0.8 \\cdot 1.5 = {}$", "1.3", "1.4"),
    ("All Q = 0. $Q(A, R) = 0 + 0.5[-1 + 0.9 \\times 0.2] = {}$", "-0.41", "-0.51"),
    # a list after a figure in a formula, and a calculation of a function, are factors
    ("$v = 0.670 [1, 2] + [0, 1] = [0.67, {}]$", "2.34", "2.44"),
    ("y = 0.5, t = 0.2\n\nL = 0.25 exp((y - t)²) = {}", "0.2735", "0.3735"),
    # two signs side by side are one; a result with a power of ten is one figure
    ("$g = 500 \\times 500 = {} \\times 10^5$", "2.5", "2.6"),
    ("g = 123 * 456 ≈ {} × 10^4", "5.61", "5.71"),
    ("- $g = -0.002 \\cdot 0.003 = {} \\times 10^{{-6}}$", "-6.0", "-7.0"),
]


@pytest.mark.parametrize(("text", "right", "wrong"), RIGHT)
def test_a_name_without_a_value_stands_for_its_side_or_figure(
    text: str, right: str, wrong: str
) -> None:
    assert verdicts(text.format(right)) == ["correct"]
    assert verdicts(text.format(wrong)) == ["slip"]


@pytest.mark.parametrize(
    "text",
    [
        "x = 1 + 1/e = 1.368",
        "$\\hat{x} = \\frac{1 - 2.5}{\\sqrt{1.25 + \\epsilon}} \\approx -1.34$",
        "x = (1 - 2.5)/(√1.25 + ε) ≈ -1.34",
    ],
)
def test_a_name_that_nobody_states_may_be_what_it_is_by_custom(text: str) -> None:
    """It may be something else, so it proves no slip."""
    assert verdicts(text) == ["correct"]
    assert verdicts(text.replace("1.368", "1.468").replace("1.34", "1.54")) == ["undecided"]


OPEN = [
    "y = a*b = g(x) = 0.3*0.5 = 0.15",  # nobody compared a*b with its figures
    "L = u*v = p*q = 0.3*0.5 = 0.15",  # two names at once
    # two of one family are two quantities, whatever is put in for the other one
    "z_1 = 0.3*0.7 = 0.21\n\na = σ(z_1) = 1/(1 + e^(-z_2)) = 1/(1 + e^(-0.21)) = 0.552",
    "z_1 = 0.3*0.7 = 0.21\n\na = σ(z_1) = 1/(1 + e^(-z_2)) = 1/(1 + e^(-0.19)) = 0.547",
    "$V = E[X] + E[X] = 2 + 3 = 5$",  # one expectation is one figure
    "$p = 1 - \\epsilon + \\epsilon/4 = 0.925$",
    "g = 2 * e = 1.0",
    "d = h*(1 - h^2) = 0.5*(1 - 0.41) = 0.295",  # h is not 0.5 where h^2 is 0.41
    "σ(x) = 0.5*0.3",
    "2*x = 6",
]


@pytest.mark.parametrize("text", OPEN)
def test_more_than_a_name_may_not_be_equated(text: str) -> None:
    assert verdicts(text)[-1:] != ["correct"]


@pytest.mark.parametrize("text", ["z = 0*X + {} = {}", "z = X - X + {} = {}"])
def test_what_no_value_of_a_name_changes_needs_none(text: str) -> None:
    assert verdicts(text.format(2, 2)) == ["correct"]
    assert verdicts(text.format(2, 3)) == ["undecided"]


def test_two_signs_of_relation_side_by_side_are_one() -> None:
    text = "(Sum $dW$: previous 0.1825 + (-0.0609) = $\\approx$ 0.1216.)"
    assert verdicts(text) == ["correct"]


@pytest.mark.parametrize(
    ("result", "line"),
    [
        ("11", "b = z + [1, 1] = [12, 26]"),
        ("11", "a = 2*z = [22, 50]"),
        ("[[11, 25], [0, 0]]", "a = 2*z = [22, 50]"),
    ],
)
def test_nothing_follows_from_a_result_of_another_shape_than_its_formula(
    result: str, line: str
) -> None:
    """In the line after it the name is worth its formula."""
    given = "W = [[1, 2], [3, 4]]\n\nx = [3, 4]\n\n"
    (*_, last) = findings(f"{given}z = W @ x = {result}\n\n{line}")
    assert last.verdict == "correct"


@pytest.mark.parametrize("formula", ["δ_t h_{t-1}", "δ_t·h_{t-1}", "ŷ_1·σ_{t}", "2*δ·η*h"])
def test_a_subscript_of_a_greek_letter_is_no_mark_of_emphasis(formula: str) -> None:
    (finding,) = findings(f"z = {formula} = 0.2*0.5 = 0.2")
    assert (finding.verdict, finding.text) == ("slip", f"z = {formula} = 0.2*0.5 = 0.2")


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("$z = 2\\eta = 6$", "\\eta"),
        ("z = 2·ŷ = 6", "ŷ"),
        ("z = 2·dL/dw = 6", "dL/dw"),
        ("$z = 2\\frac{\\partial L}{\\partial w_1} = 6$", "\\frac{\\partial L}{\\partial w_1}"),
        ("$y_1 = 1, y_2 = 2$\n\n$z = \\sum_i x_i y_i = 3 + 4 = 7$", "x_i"),
    ],
)
def test_an_unknown_name_is_called_as_it_is_written(line: str, name: str) -> None:
    (finding,) = findings(line)
    assert str(finding.message) == f"the value of {name} is not known"


def test_quantities_of_a_slip_are_called_as_they_are_written() -> None:
    text = (
        "$w_1 = 2$, $w_2 = 3$\n\n$\\frac{\\partial E}{\\partial w_1} = 2 \\cdot 3 = 6$\n\n"
        "$\\frac{\\partial E}{\\partial w_2} = 2 \\cdot 4 = 8$\n\n"
        "$q = w_2 - 0.1 \\cdot \\frac{\\partial E}{\\partial w_2} = 3 - 0.1 \\cdot 6 = 2.4$"
    )
    (*_, last) = findings(text)
    written = "\\frac{\\partial E}{\\partial w_2}"
    assert str(last.message).startswith(f"{written} is 8 here (line 5), not 6")


NAMED = [
    "$a = b = 4$",
    "W_out = same = 4",
    "W_out = 同理 = 4",
    "$p(H) = p(T) = 0.5$",
    "w_1 = w_2 = 1",
]


@pytest.mark.parametrize("text", NAMED)
def test_a_figure_that_only_gets_names_is_not_called_right(text: str) -> None:
    assert verdicts(text) == []
    assert verdicts(f"$a = 2 + 1 = 3$\n\n{text}") == ["correct"]


@pytest.mark.parametrize("call", ["g(0.5)", "f'([4.3, 5.3])", "P(b | 0.5)", "g(x + y)"])
def test_a_call_of_a_function_that_nobody_knows_is_undecided(call: str) -> None:
    assert set(verdicts(f"y = {call} = 0.7")) <= {"undecided", "not_checked"}


def test_what_is_drawn_by_a_seed_that_nobody_states_is_undecided() -> None:
    """With one seed the figures are right, with another they are not."""
    assert verdicts("d = dropout([1, 2], rate=0.5) = [0, 4]") == ["undecided"]
    assert verdicts("d = dropout([1, 2], 0.5) = [0, 0]") == ["undecided"]


def test_a_function_of_a_name_that_nobody_knows_is_undecided() -> None:
    for text in ("$A = \\tanh(S) = 0.7$", "$h = \\sigma(z) \\approx 0.6457$", "S = Q^T = [[1, 2]]"):
        assert verdicts(text) == ["undecided"]
    assert verdicts("$S = 0.3 \\cdot 2 = 0.6$\n\n$A = \\tanh(S) = 0.537$") == ["correct", "correct"]


ARRAYS = "$X = [[1, 0], [0, 1], [1, 1]]$, $W_V = [[1, 0], [1, 1]]$\n\n"


def test_two_arrays_written_as_one_name_are_their_product() -> None:
    assert verdicts(ARRAYS + "$V = XW_V = [[1, 0], [1, 1], [2, 1]]$") == ["correct"]
    assert verdicts(ARRAYS + "$V = XW_V = [[1, 0], [1, 1], [2, 3]]$") == ["slip"]
    assert verdicts(ARRAYS + "$V = XW_V + 1 = [[2, 1], [2, 2], [3, 2]]$") == ["correct"]


@pytest.mark.parametrize("name", ["dW_V", "XU"])
def test_another_name_of_two_letters_is_no_product(name: str) -> None:
    assert "slip" not in verdicts(ARRAYS + f"$V = {name} = [[1, 0], [1, 1], [2, 3]]$")


def test_a_name_that_is_known_is_compared_with_its_figure() -> None:
    assert verdicts("$b = 2 + 1 = 3$\n\n$a = b = 3$") == ["correct", "correct"]
    assert verdicts("$b = 2 + 1 = 3$\n\n$a = b = 4$") != ["correct", "correct"]


@pytest.mark.parametrize(
    ("figure", "result", "verdict"), [("2", "2.25", "correct"), ("3", "6.25", "slip")]
)
def test_beside_a_run_a_name_without_a_value_is_worth_the_figure_put_in_for_it(
    figure: str, result: str, verdict: str
) -> None:
    text = f"ŷ = w * x = 0.5 * 1 = 0.5\n\nL = (ŷ - goal)**2 = (0.5 - {figure})**2 = {result}\n"
    (file,) = check_text(text, scenario="one_weight").files
    assert [finding.verdict for finding in file.findings] == ["correct", verdict]


def test_a_line_that_a_module_works_out_is_no_python() -> None:
    text = "Forward\n\n  h1 = math.tanh(0.5 * 1) = math.tanh(0.5) = 0.46212\n"
    assert verdicts(text, "txt") == ["correct"]


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("(p - y) x = -2·2 = -4", "(p - y) x = -3·2 = -6"),
        ("3 p + y = 6", "3 p + y = 7"),
        ("p² + y² = 10", "p² + y² = 12"),
        ("$y/p + p = 4$", "$y/p + p = 5$"),
        ("p 乘以 y = 3", "p 乘以 y = 4"),
    ],
)
def test_figures_on_a_right_line_that_begins_with_its_formula_confirm_others(
    right: str, wrong: str
) -> None:
    above = "2(p - y) = 2(1 - 3) = -4\n\n"
    assert verdicts(above + right) == ["correct", "correct"]
    assert verdicts(above + wrong)[1:] != ["correct"]


@pytest.mark.parametrize(
    ("figure", "verdict"), [("3.6", "correct"), ("4", "correct"), ("3.5", "undecided")]
)
def test_a_formula_for_every_step_says_what_a_name_may_be_in_one(figure: str, verdict: str) -> None:
    """Where `g = w` stands above, g_1 may be w_1 or w_0, and nothing else."""
    result = f"{3.6 + float(figure):g}"
    text = (
        "The gradient is g = w. w_0 = 4, v_0 = 0.\n\nv_1 = 0.9 * v_0 + g_0 = 0.9 * 0 + 4 = 4\n\n"
        "w_1 = w_0 - 0.1 * v_1 = 4 - 0.4 = 3.6\n\n"
        f"v_2 = 0.9 * v_1 + g_1 = 0.9 * 4 + {figure} = {result}"
    )
    assert findings(text)[-1].verdict == verdict


@pytest.mark.parametrize(
    "text",
    [
        "$a = \\sigma(z_{}) = \\frac{{1}}{{1+e^{{-z_2}}}} = \\frac{{1}}{{1+e^{{-0.5}}}} = 0.6225$",
        "a = σ(u_{}) = 1/(1+e^(-u_2)) = 1/(1+e^(-0.5)) = 0.6225",
        "r = relu(z_{}) = max(0, z_2) = max(0, 0.7) = 0.7",
        "$p = \\log(q_{}) = \\ln q_2 = \\ln 0.5 = -0.6931$",
        "`h = tanh(s_{}) = (e^s_2 - e^-s_2)/(e^s_2 + e^-s_2)"
        " = (e^0.5 - e^-0.5)/(e^0.5 + e^-0.5) = 0.4621`",
    ],
)
def test_a_function_of_another_member_is_no_name_for_what_comes_next(text: str) -> None:
    assert verdicts(text.format(2)) == ["correct"]
    assert verdicts(text.format(1)) == ["undecided"]


VECTORS = [
    ("z = w·x + b = 0.5*2 + 0.1*3 + 0.2 = {}", "1.5", "1.6"),
    ("$z = w^T x + b = 0.5 \\cdot 2 + 0.1 \\cdot 3 + 0.2 = {}$", "1.5", "1.6"),
    ("$z = w x = 0.5(2) + 0.1(3) - 0.2(0.4) = {}$", "1.22", "1.32"),
    ("score = q·k/√d = (1·2 + 0·1)/√2 = {}", "1.414", "1.514"),
    ("h = [0.2, -0.3]\n\n$o = h W = 0.2(0.5) - 0.3(0.4) = {}$", "-0.02", "0.02"),
    ("$z = W x + b^h = [[1, 2], [3, 4]] [1, 2] + [1, 1] = {}$", "[6, 12]", "[6, 13]"),
]


@pytest.mark.parametrize(("line", "right", "wrong"), VECTORS)
def test_products_of_vectors_without_a_value_have_as_many_terms_as_are_put_in(
    line: str, right: str, wrong: str
) -> None:
    """Also beside a bias, in a quotient, and with entries below 0."""
    assert verdicts(line.format(right)) == ["correct"]
    assert verdicts(line.format(wrong)) == ["slip"]


@pytest.mark.parametrize(
    "line",
    [
        "z = w·x + b = 0.5*2 + 0.1*3 = 1.3",
        "z = w·x + b = 0.5*2 + 0.1*3 + 0.2*4 + 0.1*2 = 2.3",
        "z = w*x + b = 0.5*2 - 0.1 = 0.9",
        "h = [0.2, 0.3]\n\n$o = h W = 0.2(0.5) - 0.3(0.4) = -0.02$",
        "W = [[1, 2], [3, 4]]\n\nx = [3, 4]\n\nz = W @ x = 1*3 + 2*4 = 11",
        "E = mv²/2 = (2·3)²/2 = 18",
        "x = -2\n\ny = a - x^2·k = 3 + 4·2 = 11",
        "dz = a - y\n\ndW = dz·x = (0.69 + 1)·2 = 3.38",
        "N = n1·n2\n\np = k/N = 2/(3 + 4) = 0.286",
        "L = b^h + (b^h)^2 = 0.1 + 0.2² = 0.14",
    ],
)
def test_what_does_not_have_the_form_of_the_formula_is_not_right(line: str) -> None:
    """A sign, a bias that is left out, a matrix for a vector, another formula of a name."""
    assert verdicts(line)[-1] == "undecided"


def test_a_sum_may_be_put_in_for_a_name_without_a_value() -> None:
    """Its brackets say that it is one quantity."""
    line = "P(A|B) = P(B|A) P(A)/P(B) = 0.9·0.01/(0.9·0.01 + 0.05·0.99) = {}"
    assert verdicts(line.format("0.154")) == ["correct"]
    assert verdicts(line.format("0.164")) == ["slip"]
