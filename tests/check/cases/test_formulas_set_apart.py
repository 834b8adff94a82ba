"""Figures that stand away from the formula which they were put in for: it is stated further up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pytest

from tests.check.cases.verdicts import findings, verdicts

FORMULAS: Final = (
    "The neuron computes z = w x + b, the loss is L = (z - y)^2, so dL/dw = 2 (z - y) x.\n\n"
    "Given w = 0.3, x = 2, b = 0.1, y = 1 and lr = 0.1.\n\n"
)
CHINESE: Final = (
    "神经元计算 $z = wx + b$，$a = \\sigma(z)$，$\\frac{\\partial a}{\\partial z} = a(1 - a)$。\n\n"
    "取 $w = 0.3$，$x = 2$，$b = 0.1$。\n\n$z = 0.3 \\times 2 + 0.1 = 0.7$\n\n"
    "$a = \\frac{1}{1 + e^{-0.7}} = 0.668$\n\n"
)
LISTED: Final = (
    "- z = w x + b\n- L = (z - y)^2\n- dL/dw = 2 (z - y) x\n- w ← w - lr * dL/dw\n\n"
    "Given w = 0.3, x = 2, b = 0.1, y = 1, lr = 0.1.\n\n"
    "- z = 0.3*2 + 0.1 = 0.7\n- L = (0.7 - 1)^2 = 0.09\n"
)
WORKED: Final = (
    "Given w = 0.3, x = 2, b = 0.1.\n\nz = w x + b = 0.3*2 + 0.1 = 0.7\n\nb = 0.1 + 0.3 = 0.4\n\n"
)


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (FORMULAS + "z = 0.3*2 + 0.4 = 1.0", "z =", "b is 0.1 here (line 3), not 0.4"),
        (FORMULAS + "z = 0.3*2 + 0.4", "z =", "b is 0.1 here (line 3), not 0.4"),
        (
            FORMULAS + "z = 0.3*2 + 0.1 = 0.7\n\ndL/dw = 2*(0.7 - 1)*3 = -1.8",
            "dL/dw",
            "x is 2 here (line 3), not 3",
        ),
        (
            LISTED + "- dL/dw = 2 * (0.7 - 1) * 2 = -1.2\n- w ← 0.3 - 0.2 * (-1.2) = 0.54",
            "w",
            "lr is 0.1 here (line 6), not 0.2",
        ),
        (
            CHINESE + "$\\frac{\\partial a}{\\partial z} = 0.668 \\times (1 - 0.688) = 0.208$",
            "\\frac",
            "a is 0.668 here (line 7), not 0.688: a digit was copied wrongly",
        ),
        (
            WORKED + "z = 0.3*2 + 0.1 = 0.7",
            "z =",
            "b is 0.4 here (line 5), not 0.1: b was already updated; "
            "the line needs the updated value",
        ),
    ],
)
def test_a_figure_that_its_name_does_not_have_is_a_slip(text: str, line: str, message: str) -> None:
    """The formula says which name a figure was put in for."""
    slips = [each for each in findings(text) if each.verdict == "slip"]
    assert [str(each.message) for each in slips] == [message]
    assert slips[0].text.startswith(line)


@pytest.mark.parametrize(
    "line",
    [
        "z = 0.3*2 + 0.1 = 0.7",
        "For the second sample (x = 3): z = 0.3*3 + 0.1 = 1.0",
        "Next input: z = 0.3*5 + 0.1 = 1.6",
        "With a larger bias, z = 0.3*2 + 0.4 = 1.0",
        "Without the bias, z = 0.3*2 + 0 = 0.6",
        "Another neuron: z = 0.5*4 + 0.2 = 2.2",
        "z = 0.6 + 0.1 = 0.7",
        "After 10 epochs w = 0.9 and b = 0.2, so z = 0.9*2 + 0.2 = 2.0",
        "若 b 改为 0.4，则 z = 0.3×2 + 0.4 = 1.0",
        "再看另一个输入：z = 0.3×5 + 0.1 = 1.6",
    ],
)
def test_figures_of_another_case_are_none(line: str) -> None:
    """Words may tell of another sample, step or neuron."""
    assert {"slip", "carried_forward"}.isdisjoint(verdicts(FORMULAS + line))


def test_a_formula_of_one_index_may_speak_for_another() -> None:
    """A gradient is written for one entry and used for all."""
    text = "x_1 = 3, x_2 = 2, d = 0.5.\n\ngrad = d * x_1\n\nThe second is grad = 0.5 * 2 = 1\n"
    assert "slip" not in verdicts(text)


def test_a_value_below_its_formula_is_held_against_it() -> None:
    """What stands right below a formula is its value, or is stated."""
    text = "w = 0.3, x = 2, b = 0.1\n\nz = w x + b\n\nz = {}\n"
    assert [verdicts(text.format(value)) for value in (0.7, 0.9)] == [["correct"], []]


def test_a_value_further_down_may_be_given_anew() -> None:
    """One letter may be what a model gives and what is wanted of it."""
    text = "w = 0.3, x = 2, b = 0.1\n\nThe model is z = w x + b.\n\nThe target is z = 3.\n"
    assert verdicts(text) == []


def test_a_value_that_its_formula_gives_was_rounded() -> None:
    """0.96 stands for sigmoid(3.06) = 0.9552, so 0.96 - 1 may be -0.045."""
    text = "z = 3.06, y = 1\n\na = sigmoid(z)\n\na = 0.96\n\nThe error:\n\nd = 0.96 - 1 = -0.045\n"
    assert "slip" not in verdicts(text)


@pytest.mark.parametrize("update", ["w = w - lr * g", "w := w - lr * g", "w_new = w - lr * g"])
def test_a_rule_is_used_again_and_again(update: str) -> None:
    """Each step takes what the one before has given."""
    name, _, _ = update.partition(" ")
    sign = "=" if " = " in update else ":="
    text = (
        f"w = 0.5, lr = 0.1, g = -3.\n\nThe rule is\n\n{update}\n\nHere it is in use.\n\n"
        f"{name} {sign} 0.5 - 0.1 * (-3) = 0.8\n\nAgain.\n\n"
        f"{name} {sign} 0.8 - 0.1 * (-3) = 1.1\n"
    )
    assert set(verdicts(text)) == {"correct"}


def test_a_number_that_is_moved_to_see_what_follows_is_no_slip() -> None:
    """Under these values the name has been worked out before."""
    text = "p = w*x + b\n\nw = 2, b = 1, x = 3\n\np = 2*3 + 1 = 7\np = 2*3 + 1.01 = 7.01\n"
    assert set(verdicts(text + "p = 2.01*3 + 1 = 7.03\n")) == {"correct"}


@pytest.mark.parametrize(
    ("text", "right", "wrong"),
    [
        ("z = w*x + b\nw <- w - r*g\n\nw = 2, x = 3, b = 1\n\nz = {}",
         "2*3 + 1 = 7", "2*3 - 1 = 5"),
        ("d = p - y\ndw = d*x\n\np = 2, y = 0.5, x = 3\n\nd = {}",
         "2 - 0.5 = 1.5", "2 + 0.5 = 2.5"),
        ("w = w - r*g\n\nw = 2, r = 0.1, g = 4\n\nw = {}", "2 - 0.1*4 = 1.6", "2 + 0.1*4 = 2.4"),
        ("w = w - r*g\n\nw = 2, r = 0.1, g = -4\n\nw = {}",
         "2 + 0.1*4 = 2.4", "2 + 0.1*(-4) = 1.6"),
    ],
)  # fmt: skip
def test_figures_with_other_signs_than_their_formula_are_not_right(
    text: str, right: str, wrong: str
) -> None:
    """A sign that was worked in changes the figure behind it too."""
    assert verdicts(text.format(right))[-1] == "correct"
    assert verdicts(text.format(wrong))[-1] == "undecided"


FAMILIES = [
    (
        "$z_j = \\sum_i w_{ji} x_i + b_j$\n\n$w_{11} = 0.1$, $w_{12} = 0.2$, $x_1 = 1$, $x_2 = 2$, "
        "$b_1 = 0.5$\n\n$z_1 = 0.1 \\cdot 1 + {} \\cdot 2 + 0.5 = {}$",
        ("0.2", "1.0"),
        ("0.7", "2.0"),
    ),
    (
        "h_t = tanh(w h_{t-1} + u x_t) with w = 0.5, u = 1, h_0 = 0, x_1 = 1.\n\n"
        "h_1 = tanh({}*0 + 1*1) = {}",
        ("0.5", "0.7616"),
        ("0.6", "0.7616"),
    ),
    (
        "Each unit computes s_k = a_k x + c_k.\n\na_2 = 3, c_2 = -0.5, x = 2\n\n"
        "s_2 = 3*{} - 0.5 = {}",
        ("2", "5.5"),
        ("4", "11.5"),
    ),
    (
        "均值 m_t = β m_{t-1} + (1-β) g_t，β = 0.9，m_0 = 0，g_1 = 2\n\nm_1 = {}*0 + 0.1*2 = {}",
        ("0.9", "0.2"),
        ("0.8", "0.2"),
    ),
    (
        "p_i = exp(z_i)/Σ_j exp(z_j), z_1 = 1, z_2 = 0\n\np_1 = exp({0})/(exp({0}) + exp(0)) = {1}",
        ("1", "0.731"),
        ("2", "0.881"),
    ),
    (  # units are numbered through: a sum goes over those that have values
        "delta_j = o_j (1 - o_j) sum_k delta_k w_jk\n\ndelta_5 = 0.5, delta_6 = -0.2, o_3 = 0.6\n"
        "w_35 = 0.8\nw_36 = 0.4\n\ndelta_3 = 0.6*(1 - 0.6)*(0.5*0.8 {} 0.2*0.4) = {}",
        ("-", "0.0768"),
        ("+", "0.1152"),
    ),
    (
        "s_j = sum_i (w_ij * a_i)\n\nw_24 = 2\nw_34 = 3\na_2 = 0.5, a_3 = 1.5\n\n"
        "s_4 = {}*0.5 + 3*1.5 = {}",
        ("2", "5.5"),
        ("7", "8"),
    ),
    (  # one rule for all parameters
        "v <- v - eta * dE/dv\n\ndE/dv_ij = d_j a_i\n\neta = 0.5\nv_12 = 0.7\nd_2 = 0.4, a_1 = 3"
        "\n\nv_12 = 0.7 - 0.5*0.4*{} = {}",
        ("3", "0.1"),
        ("8", "-0.9"),
    ),
]


@pytest.mark.parametrize(("text", "right", "wrong"), FAMILIES)
def test_a_formula_of_each_member_is_that_of_one(
    text: str, right: Sequence[str], wrong: Sequence[str]
) -> None:
    """Its index is the place of the member, in all names of the formula."""
    first, last = text.rsplit("\n\n", 1)
    assert verdicts(f"{first}\n\n{last.format(*right)}")[-1] == "correct"
    assert verdicts(f"{first}\n\n{last.format(*wrong)}")[-1] == "slip"


OWN_LETTERS = "w <- w - eta*g\n\neta = 0.1, w_1 = 0.5, w_2 = 2\n\ng = 0.7 - 0.5 = 0.2\n\n"
OWN_SLOPES = (
    "w <- w - eta*dE/dw\n\neta = 0.1, w_2 = 2\n\ndE/dw_2 = 0.3\n\nw_2 = 2 - 0.1*0.3 = 1.97\n\n"
)
SHARED = (
    "h_j = sum_i w_ij h_i\n\nh_1 = 0.5, h_2 = -0.2\n\nw_11 = 1, w_21 = 2, w_12 = 3, w_22 = 4\n\n"
    "h_1 = 1*0.5 + 2*(-0.2) = 0.1\n\n"
)


@pytest.mark.parametrize(
    "text",
    [
        OWN_LETTERS + "w_1 = 0.5 - 0.1*0.2 = 0.48\n\nw_2 = 2 - 0.1*0.3 = 1.97",  # each has its g
        OWN_SLOPES + "w_2 = 2 - 0.03 = 1.97",  # told again in fewer figures
        OWN_SLOPES + "## Step 2\n\nThe gradient is 0.1.\n\nw_2 = 1.97 - 0.1*0.1 = 1.96",
        SHARED + "h_2 = 3*0.5 + 4*(-0.2) = 0.7",  # two layers with one set of names
        "sum_x = 4, sum_y = 6\n\nc = sum_x (sum_y - 2) = 4*4 = 16",
    ],
)
def test_a_rule_in_letters_refutes_nothing_where_other_values_may_be_meant(text: str) -> None:
    """The letters of a rule stand for each member, step and layer."""
    assert set(verdicts(text)) == {"correct"}


def test_a_sum_goes_over_no_gap() -> None:
    """Nobody knows which members lie between."""
    text = "v_2 = 0.1, v_3 = 0.2, v_5 = 0.3, h_2 = 0.5, h_3 = 1, h_5 = 2\n\n"
    assert verdicts(text + "y = Σ_i v_i h_i = 0.1*0.5 + 0.2*1 + 0.3*2 = 0.85")[-1] == "undecided"


def test_a_sum_may_be_a_name() -> None:
    """Only before what has an index is the word a sign."""
    text = "sum_i = 3, b = 2\n\ny = sum_i * b = 3*2 = 6\n\nq = sum_i + b = 3 + 2 = 5"
    assert set(verdicts(text)) == {"correct"}


NUMBERED = (
    "$w_{ji} \\leftarrow w_{ji} + \\eta \\delta_j o_i$\n\n$w_{54} = 0.2$, $\\eta = 0.9$, "
    "$\\delta_5 = 0.118$, $o_3 = 0.41$, $o_4 = 0.66$\n\n"
)


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("h_t = u x_t with u = 3, x_1 = 1, x_2 = 0.5\n\nh_2 = 3*1 = 3", "slip"),
        (NUMBERED + "$w_{54} = 0.2 + 0.9 \\cdot 0.118 \\cdot 0.66 = 0.27$", "correct"),
        (NUMBERED + "$w_{54} = 0.2 + 0.9 \\cdot 0.118 \\cdot 0.41 = 0.244$", "slip"),
        (NUMBERED + "$w_{54} = 0.2 + 0.118 \\cdot 0.66 = 0.278$", "undecided"),
    ],
)
def test_a_member_has_the_values_of_its_own_index(text: str, verdict: str) -> None:
    """Nobody knows where the writer's index begins, and which one of two comes first."""
    assert verdicts(text)[-1] == verdict


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("z = w x + b, with x = 2, w = 0.5, b = 0.1.\n\nz = w x + b = 0.5*2 - 0.1 = 0.9", "+"),
        ("z = w x + b, with x = 2, w = 0.5, b = 0.1.\n\nz = 0.5*2 - 0.1 = 0.9", "+"),
        ("z = w x + b\n\nx = 2, w = 0.5, b = 0.1\n\nz = 0.5 + 2 + 0.1 = 2.6", "·"),
        ("a = σ(z), da/dz = a (1 - a), a = 0.6\n\nda/dz = a (1 - a) = 0.6*(1 + 0.6) = 0.96", "-"),
        ("已知 z = wx + b，其中 w = 2，x = 3，b = 1。\n\nz = wx + b = 2 + 3 + 1 = 6", "·"),
    ],
)
def test_figures_are_wrong_that_do_not_have_the_form_of_a_stated_formula(
    text: str, expected: str
) -> None:
    """The formula stands on another line too."""
    found = findings(text)[-1]
    assert (found.verdict, found.expected, found.line) == ("slip", expected, text.count("\n") + 1)


@pytest.mark.parametrize(
    ("given", "formula", "figures", "verdict"),
    [
        ("x = 2, w = 3, b = 1", "z = w*x + b", "z = 3*2 + 1 = 7", "correct"),
        ("x = 2, w = 3, b = 1", "z = w*x + b", "z = 6 + 1 = 7", "correct"),
        ("x = 2, w = 3, b = 1", "z = w*x + b", "z = 3 + 2 + 1 = 6", "undecided"),
        ("x = 2, w = 3, b = 1", "z = 2*(w*x + b)", "z = 3*2 + 1 = 7", "undecided"),
        ("p = 0.5", "g = p - 1", "g = 0.5 - 1 = -0.5", "correct"),
        ("p = 0.5", "g = p - 1", "g = 0.4 - 1 = -0.6", "undecided"),
    ],
)
def test_behind_words_figures_of_another_form_or_value_are_open(
    given: str, formula: str, figures: str, verdict: str
) -> None:
    """They may be of another example, but nothing says so: they are not right."""
    text = f"{given}.\n\n- {formula}\n\nNow with the numbers:\n\n- {figures}\n"
    assert verdicts(text)[-1] == verdict


LISTED_ABOVE: Final = (
    "- c = f k\n- u = tanh(c)\n- k = k - r q\n\n"
    "Take f = 0.8, k = 1.5, q = 3 and r = 0.1.\n\nThe cell is c = 0.8*1.5 = 1.2\n\n"
)
LISTED_IN_CHINESE: Final = (
    "公式：$E = e^{s}$，$s = 2m$。\n\n取 $m = 0.3$，$n = 0.5$。\n\n"
    "得分 $s = 2 \\times 0.3 = 0.6$\n\n"
)


@pytest.mark.parametrize(
    ("text", "right", "wrong", "verdict"),
    [
        (LISTED_ABOVE, "The gate is u = tanh(1.2) = 0.8337", "The gate is u = tanh(0.8) = 0.6640",
         "undecided"),
        (LISTED_ABOVE, "The gate is u = tanh(1.2) = 0.8337", "The gate is u = tanh(3) = 0.9951",
         "undecided"),
        # These words only say what is on the left.
        (LISTED_ABOVE, "The step is k = 1.5 - 0.1*3 = 1.2", "The step is k = 1.5 - 0.1/3 = 1.4667",
         "undecided"),
        (LISTED_ABOVE, "The step is k = 1.5 - 0.3 = 1.2", "The step is k = 1.5 - (0.1 + 3) = -1.6",
         "undecided"),
        (LISTED_ABOVE, "Once more, c = 0.8*1.5 = 1.2", "Once more, c = 0.8 = 0.80", "undecided"),
        (LISTED_IN_CHINESE, "指数 $E = e^{0.6} = 1.8221$", "指数 $E = e^{0.5} = 1.6487$",
         "undecided"),
    ],
)  # fmt: skip
def test_behind_words_only_what_the_formula_gives_is_right(
    text: str, right: str, wrong: str, verdict: str
) -> None:
    """A value that was worked out is as good a proof of it as a given one."""
    assert verdicts(text + right)[-1] == "correct"
    assert verdicts(text + wrong)[-1] == verdict


@pytest.mark.parametrize(
    "text",
    [
        # the o of an output is no index
        "p = 0.6, y = 1, v_1 = 0.3, v_2 = 0.5\n\nd_o = p - y = 0.6 - 1 = -0.4\n\n"
        "Next comes d_1 = -0.4*0.3 = -0.12",
        # what the name was before
        "w = 2, x = 3, r = 0.1, g = 4\n\nz = w x = 2*3 = 6\n\nw = w - r g = 2 - 0.1*4 = 1.6\n\n"
        "z = w x = 1.6*3 = 4.8\n\nBefore: z = 2*3 = 6",
    ],
)
def test_a_formula_that_is_not_meant_says_nothing_of_figures(text: str) -> None:
    """It is of another quantity, or of values that the names no longer have."""
    assert set(verdicts(text)) == {"correct"}


BETAS: Final = "β₁ = 0.9, β₂ = 0.999, g = 0.5, m = 0.2, v = 0.3.\n\n"


@pytest.mark.parametrize(
    ("rule", "right", "wrong"),
    [
        ("m' = β₁ m + (1 - β₁) g", "m' = 0.9·0.2 + 0.1·0.5 = 0.23",
         "m' = 0.999·0.2 + 0.001·0.5 = 0.2003"),
        ("v' = β₂ v + (1 - β₂) g²", "v' = 0.999·0.3 + 0.001·0.5² = 0.29995",
         "v' = 0.9·0.3 + 0.1·0.5² = 0.295"),
        ("m' = β₁ m + (1 - β₁) g", "m' = 0.9·0.2 + 0.1·0.5 = 0.23",
         "m' = 0.1·0.2 + 0.9·0.5 = 0.47"),
        ("$m' = \\beta_1 m + (1 - \\beta_1) g$", "$m' = 0.9 \\cdot 0.2 + 0.1 \\cdot 0.5 = 0.23$",
         "$m' = 0.999 \\cdot 0.2 + 0.001 \\cdot 0.5 = 0.2003$"),
        ("动量：m' = β₁ m + g", "m' = 0.9·0.2 + 0.5 = 0.68", "m' = 0.999·0.2 + 0.5 = 0.6998"),
    ],
)  # fmt: skip
def test_one_beta_is_no_other_one(rule: str, right: str, wrong: str) -> None:
    """A rule for one unit may speak for another one; β₁ and β₂ are two settings."""
    assert verdicts(f"{BETAS}{rule}\n\n{right}")[-1] == "correct"
    found = findings(f"{BETAS}{rule}\n\n{wrong}")[-1]
    assert (found.verdict, found.kind) == ("slip", "wrong_substitution")


@pytest.mark.parametrize(
    ("stated", "line", "right", "verdict"),
    [
        (
            "w' = w + v\n\nw = 0.5, v = 0.03",
            "w' = w {} v = {}",
            ("+", "0.53", "-", "0.47"),
            "undecided",
        ),
        (
            "g = (w*x - y)*x + k*w\n\nw = 0.5, x = 2, y = 3, k = 0.1",
            "g = (w*x - y)*x{} = {}",
            (" + k*w", "-3.95", "", "-4"),
            "undecided",
        ),
        (
            "z = w*x + b\n\nw = 0.5, x = 2, b = 0.25",
            "z = w*x{} = {}",
            (" + b", "1.25", "", "1"),
            "undecided",
        ),
        (
            "W = [[1, 0.5], [-1, 2]], x = [1, 2]\n\nz = W x\n\nz_1 = 1*1 + 0.5*2 = 2",
            "z_2 = {} = {}",
            ("W_21 x_1 + W_22 x_2", "3", "W_12 x_1 + W_22 x_2", "4.5"),
            "undecided",
        ),
        (
            "W = [[1, 0.5], [-1, 2]], d = [3, 2]\n\ne = W^T d",
            "e_1 = {} = {}",
            ("1*3 - 1*2", "1", "1*3 + 0.5*2", "4"),
            "undecided",
        ),
        (
            "$p_1 = 0.5$, $p_2 = 0.25$, $t_1 = 1$, $t_2 = 0$\n\n"
            "$g = \\frac{1}{2} \\sum_i (p_i - t_i)$",
            "$g = {}((0.5 - 1) + (0.25 - 0)) = {}$",
            ("\\frac{1}{2}", "-0.125", "", "-0.25"),
            "slip",
        ),
    ],
)
def test_what_its_own_formula_does_not_give_is_not_right(
    stated: str, line: str, right: tuple[str, str, str, str], verdict: str
) -> None:
    """Nobody knows which of the two formulas is meant; the figures alone do not show it."""
    lines = (line.format(*pair) for pair in (right[:2], right[2:]))
    found = [verdicts(f"{stated}\n\n{each}")[-1] for each in lines]
    assert found == ["correct", verdict]


@pytest.mark.parametrize(
    ("text", "right", "wrong"),
    [
        (
            "## Iteration 1\n\ndz = 2*0.6 = 1.2\n\ndb = dz = 1.2\n\nb = 0.5\n\n"
            "b = b - 0.1*db = 0.5 - 0.1*1.2 = 0.38\n\n## Iteration 2\n\ndz = 2*0.35 = 0.7\n\n"
            "b = b - 0.1*db = 0.38 - 0.1*{} = {}",
            ("0.7", "0.31"),
            ("0.6", "0.32"),
        ),
        (
            "$d_i = (a - y) x_i$, $x = (2, 3)$, $y = 1$\n\n$w_1 = 0.5$\n\n$a = 0.4 + 0.2 = 0.6$\n\n"
            "$d_1 = (0.6 - 1) \\cdot 2 = -0.8$\n\n$w_1 = 0.5 - 0.1 \\cdot (-0.8) = 0.58$\n\n"
            "$a = 0.4 + 0.3 = 0.7$\n\n$w_1 = w_1 - 0.1 d_1 = 0.58 - 0.1 \\cdot ({}) = {}$",
            ("-0.6", "0.64"),
            ("-0.7", "0.65"),
        ),
    ],
)
def test_a_name_is_worth_what_its_formula_gives_of_later_values(
    text: str, right: tuple[str, str], wrong: tuple[str, str]
) -> None:
    """Who has said that db is dz need not say it in each iteration; the old value is none now."""
    assert set(verdicts(text.format(*right))) == {"correct"}
    assert verdicts(text.format(*wrong))[-1] == "slip"


@pytest.mark.parametrize("sign", ["-", "+"])
def test_a_rule_above_the_values_of_its_names_has_not_been_applied(sign: str) -> None:
    """Its names get their values between the rule and the step."""
    step = {"-": "0.5 - 0.1*2 = 0.3", "+": "0.5 + 0.1*2 = 0.7"}[sign]
    rule = f"w = w {sign} r*g"
    assert verdicts(f"w = 0.5\n\nThe rule is {rule}\n\nr = 0.1, g = 2\n\n{rule} = {step}") == [
        "correct"
    ]


@pytest.mark.parametrize("apart", ["", " "])
def test_a_figure_before_a_list_is_its_factor(apart: str) -> None:
    """At the end of a line it may be the range that the figure lies in."""
    line = f"o = 0.5{apart}[1, 0] + 0.25{apart}[2, 4] = {{}}"
    assert verdicts(line.format("[1, 1]")) == ["correct"]
    assert verdicts(line.format("[1, 2]")) == ["slip"]
    assert verdicts("m = (0.4 + 0.6)/2 = 0.5 [0.4, 0.6]") == ["not_checked"]


@pytest.mark.parametrize(
    "text",
    [
        # A formula may be restated: the last one holds.
        "a = 2, b = 3\n\ns = a + b\n\ns = a - b\n\nc = 2*b = 6\n\ns = 2 - 3 = -1",
        "w = 0.5, x = 2, b = 1\n\nA neuron computes z = w*x + b.\n\n## With a threshold\n\n"
        "Here z = w*x - b.\n\nw*x = 0.5*2 = 1\n\nz = 0.5*2 - 1 = 0",
        # What is left out may not show in the digits.
        "e = 1e-8, m = 0.4, v = 0.16, r = 0.1, w = 0.5\n\nw' = w - r*m/(sqrt(v) + e)\n\n"
        "w' = w - r*m/sqrt(v) = 0.5 - 0.1*0.4/0.4 = 0.4",
        # z_1 may be a layer and no entry.
        "W = [[1, 0.5], [-1, 2]], x = [1, 2]\n\nz = W x\n\nz_1 = W x = [2, 3]",
        # An array that is stated anew has other entries.
        "x_1 = 1, x_2 = -2\n\n## Part 2\n\nx = (1, 2), k = 3, z_i = k x_i\n\nz_2 = 3*2 = 6",
    ],
)
def test_a_line_that_its_last_formula_gives_is_right(text: str) -> None:
    """No other formula, nor another value, speaks against it."""
    assert set(verdicts(text)) == {"correct"}


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        # The gradient has turned, or it has not.
        ("w = 0.5, r = 0.1\n\nw = w - r*g\n\ng = 0.2\n\nw = 0.5 - 0.1*0.2 = 0.48\n\n"
         "w = 0.48 + 0.1*0.2 = 0.5", "undecided"),
        # The formula may be used again with the values of another layer.
        ("## Layer 1\n\nx = 1.5, w_1 = 0.45\n\nz = w_1*x = 0.45*1.5 = 0.675\n\n"
         "a = tanh(z) = tanh(0.675) = 0.588\n\n## Layer 2\n\nw_2 = 0.85\n\n"
         "z = w_2*x = 0.85*0.588 = 0.500", "undecided"),
        # A part may begin again with what was given.
        ("## A\n\nv = 0.6, a = 2, r = 0.1, g = 3\n\nv = v - r*g = 0.6 - 0.1*3 = 0.3\n\n## B\n\n"
         "q = v*a = 0.6*2 = 1.2", "undecided"),
        # The second gradient of a step is not one of what the first one has updated.
        ("x = 2, w = 0.5, b = 0.1, y = 3, r = 0.1\n\np = w*x + b = 0.5*2 + 0.1 = 1.1\n\n"
         "d = p - y = 1.1 - 3 = -1.9\n\nw = w - r*d*x = 0.5 - 0.1*(-1.9)*2 = 0.88\n\n"
         "p = 0.88*2 + 0.1 = 1.86\n\nb = b - r*d = 0.1 - 0.1*(-1.14) = 0.214", "slip"),
        # A penalty that the loss has is missing.
        ("p = w x, L = (p - y)^2 + 0.1 w^2, w = 1, x = 2, y = 3\n\np = 1*2 = 2\n\n"
         "L = (2 - 3)^2 + 0.1*1^2 = 1.1\n\ndL/dw = 2*(2 - 3)*2 = -4", "undecided"),
        # δ_{t+1} is the next one of the family.
        ("δ_t = δ_{t+1} w_h (1 - h_t^2), w_h = 0.8, h_2 = -0.5583, δ_3 = -1.1434\n\n"
         "δ_2 = -1.1434*0.5*(1 - 0.3117) = -0.3935", "slip"),
    ],
)  # fmt: skip
def test_a_line_that_its_formula_does_not_give_is_not_right(text: str, verdict: str) -> None:
    """It is a slip only where no other step, part or layer can be meant."""
    assert verdicts(text)[-1] == verdict


def test_pi_is_a_name_where_the_document_says_what_it_is() -> None:
    """A policy is no number."""
    line = "We say $\\pi = 0.3$.\n\nThen $1 - \\pi = 1 - {} = {}$."
    assert verdicts(line.format("0.3", "0.7"))[-1] == "correct"
    assert verdicts(line.format("0.4", "0.6"))[-1] == "undecided"
    assert verdicts("$2\\pi = 6.2832$") == ["correct"]


DOUBLED: Final = [  # a line, its right result and a wrong one
    ("$2 \\\\log(2) = {}$", "1.386", "1.5"),
    ("$H = -0.5 \\\\log(0.5) - 0.5 \\\\log(0.5) = {}$", "0.693", "-0.693"),
    ("$\\\\frac{{1}}{{2}} \\\\exp(0) = {}$", "0.5", "1"),
    ("$\\\\text{{f1}} = 2 \\\\cdot 3 \\\\, \\\\times 2 = {}$", "12", "6"),
    ("$a_\\\\text{{in}}^\\\\top \\\\cdot h = [1, 2] \\\\cdot [3, 4] = {}$", "11", "10"),
    ("$$\\\\begin{{aligned}} z &= 2 \\\\cdot 3 \\\\\\\\ &= {} \\\\end{{aligned}}$$", "6", "7"),
    # The end of a row.
    ("$$\\begin{{aligned}} z &= 1 + 2 = 3 \\\\max(2, 5) &= {} \\end{{aligned}}$$", "5", "2"),
    ("$$z = 1 + 2 = 3 \\\\b = 2 \\cdot 3 = {}$$", "6", "2"),
    ("$$z = 1 + 2 = 3 \\\\\\frac{{1}}{{2}} = {}$$", "0.5", "2"),
]


@pytest.mark.parametrize(("line", "right", "wrong"), DOUBLED)
@pytest.mark.parametrize("text", ["{}", "```python\ns = '''\n{}\n'''\n```", "```\n# {}\n```"])
def test_two_backslashes_before_a_command_are_one(
    text: str, line: str, right: str, wrong: str
) -> None:
    """A string of Python has them; a row that ends there begins with no command."""
    assert verdicts(text.format(line.format(right)))[-1] == "correct"
    assert verdicts(text.format(line.format(wrong)))[-1] == "slip"
