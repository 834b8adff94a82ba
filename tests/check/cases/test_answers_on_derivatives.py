"""A formula that stands for a derivative is it, is not, or nobody knows: in several dresses."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

from typing import Final

import pytest

from tests.check.cases.verdicts import findings
from tracer.document_check import check_text

ONE = [  # the factor x is missing, and worth 1
    ("w = 0.5, x = 1, y = 2\n\np = w·x = 0.5\n\nL = (p - y)² = 2.25\n\n∂L/∂w = {}",
     "2(p - y)·x = 2(0.5 - 2)·1 = -3", "2(p - y) = 2(0.5 - 2) = -3"),
    ("w = 0.5, x = 1, y = 2\n\np = w*x = 0.5\n\nL = 0.5*(p - y)**2 = 1.125\n\ndL/dw = {}",
     "(p - y)*x = (0.5 - 2)*1 = -1.5", "p - y = 0.5 - 2 = -1.5"),
    ("$w = 0.5$, $x = 1$, $y = 2$.\n\n$\\hat y = w x = 0.5$\n\n$L = (\\hat y - y)^2 = 2.25$\n\n"
     "$\\frac{{\\partial L}}{{\\partial w}} = {}$",
     "2(\\hat y - y) x = 2 \\cdot (-1.5) \\cdot 1 = -3", "2(\\hat y - y) = 2 \\cdot (-1.5) = -3"),
    ("已知 w = 0.5，x = 1，y = 2。\n\n预测 p = w x = 0.5\n\n损失 L = (p - y)² = 2.25\n\n∂L/∂w = {}",
     "2(p - y) x = 2 × (0.5 - 2) × 1 = -3", "2(p - y) = 2 × (0.5 - 2) = -3"),
    ("x = 1, w = 0.5\n\nz = w x = 0.5\n\na = tanh(z) = 0.4621\n\nda/dw = {}",
     "(1 - a²) x = (1 - 0.4621²)·1 = 0.7865", "1 - a² = 1 - 0.4621² = 0.7865"),
]  # fmt: skip
KINKS = [  # the numbers are chosen near the stated ones
    ("x = 2, w = 0.5, y = 3\n\na = relu(w x) = 1\n\nL = (a - y)² = 4\n\ndL/dw = {}",
     "2(a - y) x = 2(1 - 3)·2 = -8", "2(a - y) w = 2(1 - 3)·0.5 = -2"),
    ("x = 2, w = -0.5, y = 3\n\na = max(0, w x) = 0\n\nL = (a - y)² = 9\n\ndL/dw = {}",
     "0", "2(a - y) x = 2(0 - 3)·2 = -12"),
    ("z = -0.1\n\na = relu(z) = 0\n\ndL/da = 3\n\ndL/dz = {}", "dL/da * 0 = 0", "dL/da * 1 = 3"),
    ("设 p = 3，y = 1。\n\nL = |p - y| = 2\n\n∂L/∂p = {}", "1", "p - y = 2"),
    ("z = 2, v = 3\n\nh = max(0, z) = 2\n\nq = v h = 6\n\ndq/dz = {}", "v = 3", "h = 2"),
]  # fmt: skip
SAID_TWICE = [  # σ(z) in words and 1/(1 + e⁻ᶻ) in code are one formula
    ("The unit is h = σ(z), with z = 0.5.\n\n```python\nh = 1/(1+exp(-z))\n```\n\n∂h/∂z = {}",
     "h(1 - h)", "h(1 + h)"),
    ("h = σ(z)\n\nh = 1/(1 + e^(-z))\n\np = v h\n\ndp/dz = {}", "v h (1 - h)", "v h (1 + h)"),
    ("$h = \\sigma(z)$\n\n$h = \\frac{{1}}{{1+e^{{-z}}}}$\n\n"
     "$\\frac{{\\partial h}}{{\\partial z}} = {}$", "h(1 - h)", "h(1 + h)"),
    ("隐藏单元 h = σ(z)。\n\nh = 1/(1 + e^(-z))\n\np = v h\n\n∂p/∂z = {}", "v h (1 - h)", "v h"),
    ("L = (p - y)^2\n\nL = (y - p)^2\n\np = w x\n\nq = L + 1\n\ndq/dw = {}",
     "2 (p - y) x", "(p - y) x"),
]  # fmt: skip
BELOW = [  # the loss is stated after its gradient
    ("p = 1.5, y = 2\n\ndL/dp = {}\n\nL = (p - y)^2 = 0.25",
     "2(p - y) = 2(1.5 - 2) = -1", "(p - y) = (1.5 - 2) = -0.5"),
    ("p = 1.5, y = 2\n\ndL/dp = {}\n\nwhere the loss is L = (p - y)^2.",
     "2(p - y) = 2(1.5 - 2) = -1", "(p - y) = (1.5 - 2) = -0.5"),
    ("$p = 1.5$, $y = 2$\n\n$\\frac{{dL}}{{dp}} = {}$\n\nwith $L = (p - y)^2$",
     "2(p - y) = 2(1.5 - 2) = -1", "(p - y) = (1.5 - 2) = -0.5"),
    ("p = 1.5，y = 2\n\n∂L/∂p = {}\n\n其中损失为 L = (p - y)²。",
     "2(p - y) = 2 × (1.5 - 2) = -1", "p - y = 1.5 - 2 = -0.5"),
    ("z = 0.5\n\nda/dz = {}\n\nHere a = tanh(z) = 0.4621.", "1 - tanh(z)^2 = 0.7864",
     "1 + tanh(z)^2 = 1.2135"),
]  # fmt: skip
AT_ONE = [  # where a value is 0 or 1, figures do not tell powers and factors apart
    ("p = 1\n\nL = -log(p) = 0\n\ndL/dp = {}", "-1/p = -1/1 = -1", "-p = -1"),
    ("w = 1, x = 2\n\nJ = (w x)² = 4\n\ndJ/dw = {}", "2 w x² = 8", "2 x² w² = 8"),
    ("v = 1\n\nu = 1/v = 1\n\ndu/dv = {}", "-1/v² = -1", "-1/v = -1"),
    ("设 t = 1。\n\nq = t³ = 1\n\ndq/dt = {}", "3t² = 3", "3t = 3"),
    ("$s = 1$\n\n$r = s^2 = 1$\n\n$\\frac{{dr}}{{ds}} = {}$", "2s = 2", "2s^2 = 2"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "right", "wrong"), [*ONE, *KINKS, *SAID_TWICE])
def test_a_formula_is_shown_to_be_the_derivative_or_none(text: str, right: str, wrong: str) -> None:
    """What the figures agree with is no proof: the formula fails at other numbers."""
    assert {item.verdict for item in findings(text.format(right))} <= {"correct"}
    assert [item.verdict for item in findings(text.format(wrong))][-1] == "slip"


@pytest.mark.parametrize(("text", "right", "wrong"), [*BELOW, *AT_ONE])
def test_what_is_not_shown_to_be_a_derivative_is_not_right(
    text: str, right: str, wrong: str
) -> None:
    """It is a slip, or undecided with a reason."""
    assert {item.verdict for item in findings(text.format(right))} <= {"correct"}
    found = [item for item in findings(text.format(wrong)) if item.verdict != "correct"]
    assert [item.message is None for item in found[:1]] == [False]


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        ("dp_1/dz_1 = p_1 p_1 = 0.5832*0.5832 = 0.3401", "slip"),
        ("dp_1/dz_1 = p_1 (1 - p_1) = 0.5832*0.4168 = 0.2431", "correct"),
        ("$\\frac{\\partial p_1}{\\partial z_2} = p_1 p_2 = 0.5832 \\cdot 0.2916$", "slip"),
        ("∂p₁/∂z₂ = -p₁·p₂ = -0.5832·0.2916 = -0.1701", "correct"),
        ("因此 ∂p₁/∂z₁ = p₁·p₁ = 0.5832·0.5832 = 0.3401", "slip"),
    ],
)
def test_entries_of_a_run_have_its_formulas(line: str, verdict: str) -> None:
    """The document states no formula; the run has them."""
    report = check_text(line, "md", "softmax_example")
    assert [item.verdict for item in report.files[0].findings] == [verdict]


@pytest.mark.parametrize(
    "text",
    [
        "w = 1, η = 0.1, g = 2\n\nw' = w - η*g - η*g = 1 - 0.1*2 - 0.1*4 = 0.4",
        "w = 0.5, x = 1\n\nThe RNN reads 1 and then 2: s = w*x + w*x = 0.5*1 + 0.5*2 = 1.5",
        "w = 0.5，x = 1\n\n输入先后为 1 和 2：s = w*x + w*x = 0.5*1 + 0.5*2 = 1.5",
        "$w = 0.5$, $x = 1$\n\n$s = w x + w x = 0.5 \\cdot 1 + 0.5 \\cdot 2 = 1.5$",
        "u = 2, v = 3\n\nq = u·v + u·v = 2·3 + 2·4 = 14",
    ],
)
def test_a_term_that_is_written_twice_has_two_values(text: str) -> None:
    """Whoever means one value writes 2 w x."""
    assert findings(text)[-1].verdict == "undecided"


@pytest.mark.parametrize("head", ["## {}", "### ({}) step", "# {}"])
def test_sections_of_one_example_have_one_set_of_formulas(head: str) -> None:
    """The figures that are put in say that the values, and so the formulas, are those above."""
    parts = ("Forward pass", "Backward pass", "Update")
    forward, backward, update = (head.format(each) for each in parts)
    text = (
        f"x = 1, y = 2, w = 0.5\n\n{forward}\n\nŷ = w * x = 0.5 * 1 = 0.5\n\n"
        f"L = (ŷ - y)² = (0.5 - 2)² = 2.25\n\n{backward}\n\ndL/dw = {{}}\n\n{update}\n"
    )
    right = text.format("2 * (ŷ - y) * x = 2 * (0.5 - 2) * 1 = -3")
    wrong = text.format("(ŷ - y) * x = (0.5 - 2) * 1 = -1.5")
    assert {item.verdict for item in findings(right)} == {"correct"}
    assert [item.verdict for item in findings(wrong)][-1] == "slip"


def test_another_section_may_be_of_another_example() -> None:
    """No figure there is of the values that are given above."""
    text = (
        "## One\n\nx = 1, y = 2, w = 0.5\n\np = w * x = 0.5\n\nL = (p - y)² = 2.25\n\n"
        "## Another\n\ndL/dw = (p - y) * x = (0.3 - 1) * 4 = -2.8\n"
    )
    assert "slip" not in {item.verdict for item in findings(text)}


ABOVE_A_HEADING: Final = "## Model\n\nThe loss is L = (ŷ - y)² with ŷ = w x.\n\n## Gradient\n\n"
OF_TWO_SECTIONS: Final = "## A\n\nL = w²\n\n## B\n\nL = w³\n\n"


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        (ABOVE_A_HEADING + "∂L/∂w = 2 (ŷ - y) x", "correct"),
        (ABOVE_A_HEADING + "∂L/∂ŷ = 2 (ŷ - y)", "correct"),
        (ABOVE_A_HEADING + "∂L/∂w = (ŷ - y) x", "undecided"),
        (ABOVE_A_HEADING + "L = |ŷ - y|\n\n∂L/∂w = 2 (ŷ - y) x", "undecided"),
        (OF_TWO_SECTIONS + "∂L/∂w = 3w²", "correct"),
        (OF_TWO_SECTIONS + "∂L/∂w = 2w", "slip"),
        (OF_TWO_SECTIONS + "## C\n\n∂L/∂w = 2w", "undecided"),
        (OF_TWO_SECTIONS + "## C\n\n∂L/∂w = 4w", "undecided"),
    ],
)
def test_a_formula_under_another_heading_confirms_a_derivative(text: str, verdict: str) -> None:
    """It refutes none: it may be of another example. Formulas under its own heading come first."""
    assert findings(text)[-1].verdict == verdict


def test_a_slip_of_its_own_is_not_carried_from_the_one_above() -> None:
    """The figures follow from the slip, and the formula is wrong besides."""
    text = (
        "x = 3, y = 1, w = 0.5, b = 0.2\n\nz = w * x + b = 0.5 * 3 + 0.2 = 1.8\n\n"
        "L = (z - y)² = 0.8² = 0.64\n\ndL/dz = {} = {}\n"
    )
    right = [item.verdict for item in findings(text.format("2 * (z - y)", "1.6"))]
    wrong = [item.verdict for item in findings(text.format("z - y", "0.8"))]
    assert right == ["slip", "carried_forward", "carried_forward"]
    assert wrong == ["slip", "carried_forward", "slip"]


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        ("r = relu([0.85, -1.5]) = [0.85, 0]", "correct"),
        ("c = b + 1 = 0.85 + 1 = 1.85", "carried_forward"),
    ],
)
def test_a_figure_that_a_right_line_has_too_is_that_of_a_slip_by_its_name(
    line: str, verdict: str
) -> None:
    """Nobody sees whose figure it is, unless the formula says it."""
    text = f"a = 0.5*1.7 = 0.85\n\nb = 0.5*3.7 = 0.85\n\n{line}\n"
    assert [item.verdict for item in findings(text)] == ["correct", "slip", verdict]


CELL = "i = 0.6, f = 0.5, g = 0.4, o = 0.7, q = 0.2\n\nc = f * q + i * g = 0.34\n\ndc = 0.3\n\n"


@pytest.mark.parametrize(
    ("given", "right", "wrong"),
    [
        (CELL + "df = dc * q = 0.3 * 0.2 = 0.06\n\ndg = {}", "dc * i = 0.18", "dc * g = 0.12"),
        (CELL + "dg = dc * i = 0.18\n\ndi = {}", "dc * g = 0.3 * 0.4 = 0.12", "dc * i = 0.18"),
        (CELL + "dg = dc i = 0.18\n\n∂L/∂i = {}", "dc g = 0.12", "dc i = 0.18"),
        (
            "已知 w = 0.5，x = 2，v = 3。\n\nh = w x = 1\n\np = v h = 3\n\ndp = 0.4\n\n"
            "dv = dp h = 0.4\n\ndh = dp v = 0.4 × 3 = 1.2\n\ndw = {}",
            "dh x = 1.2 × 2 = 2.4",
            "dh w = 1.2 × 0.5 = 0.6",
        ),
    ],
)
def test_where_one_gradient_is_written_as_dc_the_others_are(
    given: str, right: str, wrong: str
) -> None:
    assert {item.verdict for item in findings(given.format(right))} == {"correct"}
    assert findings(given.format(wrong))[-1].verdict == "slip"


@pytest.mark.parametrize(
    "text",
    [
        "x = 3\n\nu = 2 x + 1 = 7\n\ndu = 0.4\n\ndx = du / 2 = 0.2",  # differentials
        "w = 0.5, x = 2\n\nz = w x = 1\n\ndw = 0.1\n\ndz = dw x = 0.2",
        CELL + "dg = dc * g = 0.3 * 0.4 = 0.12",  # nothing shows what dc is
        "z = 1, S = 4.1\n\nq = z S = 4.1\n\ndq = 0.3\n\ndz = dq z = 0.3",
    ],
)
def test_elsewhere_dx_may_be_a_change_of_x(text: str) -> None:
    assert "slip" not in {item.verdict for item in findings(text)}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("w = 3, x = 2\n\nz = w x\n\ndL/dw = d x", "nothing that is stated can be compared"),
        ("$z = w x$\n\n$\\frac{\\partial L}{\\partial w} = 2 (p - y) x$", "nothing that is stated"),
        ("x = [1, 2], w = [0.5, -0.5]\n\nz = w · x\n\ndz/dx = x", "nothing that is stated"),
        ("p = σ(z) + S\n\ndp/dz = 2 p", "only a part"),
        ("z = w x\n\n损失的梯度：∂L/∂w = g x", "nothing that is stated"),
    ],
)
def test_a_derivative_in_names_that_was_not_compared_is_listed(text: str, why: str) -> None:
    found = findings(text)[-1]
    assert found.verdict == "undecided"
    assert why in str(found.message)


@pytest.mark.parametrize(
    "text",
    [
        "∂L/∂w = ∂L/∂z ∂z/∂w",  # the chain rule itself
        "dL/dw = 2 (p - y) x",  # of a text without a formula
        "z = w x\n\nf'(x) = g'(x) h(x) + g(x) h'(x)",
    ],
)
def test_what_is_general_is_not_listed(text: str) -> None:
    assert not findings(text)


@pytest.mark.parametrize("text", ["z = w x\n\ndz/dw = x", "z = w x\n\n∂L/∂w = ∂L/∂z ∂z/∂w"])
def test_a_derivative_in_names_that_was_compared_is_right(text: str) -> None:
    (found,) = findings(text)
    assert found.verdict == "correct"


TIED = (
    "x_1 = 1, x_2 = 2, w = 0.5\n\nh_1 = w x_1 = 0.5\n\nh_2 = w h_1 + w x_2 = 0.25 + 1 = 1.25\n\n"
    "dL/dh_2 = 2\n\ndL/dh_1 = dL/dh_2 w = 2 * 0.5 = 1\n\ndL/dw = "
)


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        (TIED + "dL/dh_2 (h_1 + x_2) + dL/dh_1 x_1 = 2 * (0.5 + 2) + 1 * 1 = 6", "correct"),
        (TIED + "dL/dh_2 (h_1 - x_2) + dL/dh_1 x_1 = 2 * (0.5 - 2) + 1 * 1 = -2", "slip"),
        ("z = 0.5\n\nh = relu(z) = 0.5\n\ndL/dh = 3\n\ndL/dz = dL/dh * 1 = 3", "correct"),
        ("z = 0.5\n\nh = relu(z) = 0.5\n\ndL/dh = 3\n\ndL/dz = dL/dh * 0 = 0", "slip"),
    ],
)
def test_a_weight_in_two_steps_and_a_gate_in_figures(text: str, verdict: str) -> None:
    assert findings(text)[-1].verdict == verdict
