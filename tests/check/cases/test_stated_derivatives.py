"""Formulas of derivatives beside the formulas that the document states itself."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.check.cases.verdicts import findings, verdicts
from tracer.document_check import check_text

# The text, the right formula for its end, a wrong one, and the kind of the wrong one.
LINES = [
    ("$L = (wx - y)^2$\n\n$\\frac{{dL}}{{dw}} = {}$", "2(wx - y)x", "(wx - y)x",
     "missing_factor_2"),
    ("$L = \\log(wx)$\n\n$\\frac{{dL}}{{dw}} = {}$", "1/w", "1/x", "wrong_formula"),
    ("The loss is L = (p - y)^2. Its derivative is dL/dp = {}.",
     "2(p - y)", "(p - y)", "missing_factor_2"),
    ("$$L = \\frac12 (\\hat y - y)^2$$\n\n$$\\frac{{\\partial L}}{{\\partial \\hat y}} = {}$$",
     "\\hat y - y", "2(\\hat y - y)", "missing_factor_2"),
    ("损失为 $E = (t - o)^2$。\n\n$\\frac{{\\partial E}}{{\\partial o}} = {}$",
     "-2(t - o)", "2(t - o)", "sign_error"),
    ("a = 1/(1 + e^(-z))\n\nda/dz = {}", "a(1 - a)", "a(1 + a)", "wrong_formula"),
    ("p = w*x + b\nL = (p - y)^2\n\ndL/dw = {}",
     "2*(w*x + b - y)*x", "2*(w*x + b - y)", "wrong_formula"),
    ("p = w*x\n\nL = (p - y)^2\n\ndL/dp = 2*(p - y)\n\ndL/dw = {}",
     "dL/dp * x", "dL/dp * w", "wrong_formula"),
    ("$$y = w x$$\n\n$$L = \\frac12 (y - t)^2$$\n\n"
     "$$\\frac{{dL}}{{dw}} = \\frac{{dL}}{{dy}} \\frac{{dy}}{{dw}} = {}$$",
     "(y - t) x", "(y - t) w", "wrong_formula"),
    ("$y = wx + b$ and $L = (y - t)^2/2$, with $x = 1$.\n\n$$\\frac{{dL}}{{dw}} = {}$$",
     "(y - t) x", "(y - t)^2 x", "wrong_formula"),
    ("f(x) = x^3\n\nf'(x) = {}", "3x^2", "2x^2", "wrong_formula"),
    ("$L = (t_{{o2}} - y_{{o2}})^2$\n\n$\\frac{{\\partial L}}{{\\partial y_{{o2}}}} = {}$",
     "-2(t_{o2} - y_{o2})", "2(t_{o2} - y_{o2})", "sign_error"),
    ("$\\sigma'(z) = {}$", "\\sigma(z)(1 - \\sigma(z))", "\\sigma(z)(1 + \\sigma(z))",
     "wrong_formula"),
    ("tanh'(x) = {}", "1 - tanh(x)^2", "1 - tanh(x)", "wrong_formula"),
    ("$\\frac{{d\\sigma(z)}}{{dz}} = {}$", "\\sigma(z)(1 - \\sigma(z))",
     "\\sigma(z)(1 + \\sigma(z))", "wrong_formula"),
    ("$\\frac{{\\partial (y - w)^2}}{{\\partial w}} = {}$", "-2(y - w)", "2(y - w)", "sign_error"),
    ("$\\frac{{d}}{{dw}}(wx - y)^2 = {}$", "2(wx - y)x", "2(wx - y)", "wrong_formula"),
    ("$a = \\sigma(z)$, $\\frac{{\\partial{{a}}}}{{\\partial{{z}}}} = {}$",
     "a(1 - a)", "a(1 + a)", "wrong_formula"),
    ("h = 1/(1 + e^(-z))\n\nz = w x\n\nL = (h - y)^2\n\ndL/dz = {}",
     "2 (h - y) h (1 - h)", "2 (h - y) h", "wrong_formula"),
    ("f(x) = x^2\n\nf'(x) = {}", "2x", "3x", "wrong_formula"),
    ("$f(x, y) = x^2 + y^2$\n\n$f(x) = x^3$\n\n$\\frac{{df}}{{dx}} = {}$", "3x^2", "2x^2",
     "wrong_formula"),
    ("$f(x, y) = x^2 + 4y^2$\n\n$\\frac{{\\partial f}}{{\\partial y}} = {}$", "8y", "4y",
     "missing_factor_2"),
    ("$L(w, b) = \\frac{{1}}{{2}}(wx + b - y)^2$\n\n$\\frac{{\\partial L}}{{\\partial b}} = {}$",
     "wx + b - y", "(wx + b - y) x", "wrong_formula"),
    ("f(x) = x^3 - 3x^2\n\nf'(x) = 3x^2 - 6x\n\nf''(x) = {}\n\nf''(3) = 6*3 - 6 = 12",
     "6x - 6", "6x - 3", "wrong_formula"),
    ("x = (1, 2), w = (0.3, -0.1), b = 0.2\n\nz = w·x + b\n\nL = (z - y)^2\n\ndL/dz = {}",
     "2(z - y)", "z - y", "missing_factor_2"),
    ("x = (1, 2), w = (3, 1)\n\nz = w·x\n\na = 1/(1 + e^(-z))\n\nda/dz = {}",
     "a(1 - a)", "z(1 - z)", "wrong_formula"),
    ("E = (f(x) - y)^2 and f = 3x + 1\n\ndE/df = {}", "2(f - y)", "f - y", "missing_factor_2"),
    ("E = (f(x) - y)^2 and f(x) = 3x + 1\n\ndE/df = {}", "2(f(x) - y)", "f(x) - y",
     "missing_factor_2"),
    ("g(t) = t*ln(t), t = 2.\n\ng'(t) = {}", "ln(t) + 1", "ln(t) - 1", "wrong_formula"),
    ("$u = 3v^2$，$\\frac{{du}}{{dv}} = {}$", "6v", "3v", "missing_factor_2"),
    ("p = w * x = 0.5 * 1 = 0.5\n\nL = (p - y)^2 = (0.5 - 2)^2 = 2.25\n\n"
     "dL/dp = {} = -3", "2*(p - y) = 2*(0.5 - 2)", "4*(p - y) = 4*(0.5 - 1.25)", "wrong_formula"),
    ("z = 0.5, y = 1\n\np = 1/(1 + e^(-z))\n\nL = -ln p\n\ndL/dz = {}",
     "p - y", "y - p", "sign_error"),
    ("L = (p - y)^2\n\nWith a penalty: L = (p - y)^2 + k * w^2\n\ndL/dp = {}",
     "2(p - y)", "p - y", "missing_factor_2"),
    *(
        (f"$p = w_1 x$\n\n$L = (p - y)^2$\n\n${gradient} = {{}}$", "2(p - y)", "p - y",
         "missing_factor_2")
        for gradient in ("\\nabla_p L", "∇_p \\mathcal{{L}}", "\\frac{{d}}{{dp}} L",
                         "\\frac{{\\partial}}{{\\partial p}} L", "(d/dp) L", "d/dp L",
                         "\\nabla_{{p}} L(p)")
    ),
    ("p = w_1 x\n\nL = (p - y)^2\n\n$\\frac{{\\partial}}{{\\partial w_1}} L = {}$",
     "2(p - y)x", "(p - y)x", "missing_factor_2"),
    ("f(x) = x^2\n\ndf/dx = {}", "2x", "3x", "wrong_formula"),
    # The shares of a gradient are no further ways that lead to the loss.
    ("$L = a + b + c_q$\n\n$a = (s - 1)^2$\n\n$b = -\\ln(s)$\n\n$c_q = \\sum_k t_k$\n\n"
     "$(\\frac{{\\partial L}}{{\\partial s}})_{{\\text{{via }} a}} = 2 \\frac{{\\partial L}}"
     "{{\\partial a}} (s - 1)$\n\n$(\\frac{{\\partial L}}{{\\partial s}})_{{\\text{{via }} b}} = "
     "-\\frac{{\\partial L}}{{\\partial b}} / s$\n\n$\\frac{{\\partial L}}{{\\partial s}} = "
     "(\\frac{{\\partial L}}{{\\partial s}})_{{\\text{{via }} a}} {} "
     "(\\frac{{\\partial L}}{{\\partial s}})_{{\\text{{via }} b}}$", "+", "-", "wrong_formula"),
    # Words that only say at which place, and a function that is also known at a figure.
    ("u = 5v². At v = 2: du/dv = {}", "10v = 20", "5v = 10", "missing_factor_2"),
    ("u = 5v²。当 v = 2 时，du/dv = {}", "10v = 20", "5v = 10", "missing_factor_2"),
    ("y = x + F(x), F(x) = 0.5x²\n\nx = 3: F(3) = 4.5\n\ndy/dx = {}", "1 + x = 4", "1 + 0.5x = 2.5",
     "wrong_formula"),
    # An operator before a formula says itself what is derived.
    ("d/dx (x³) = {}", "3x²", "3x", "wrong_formula"),
    ("x = 2\n\nd(x⁴)/dx = {}", "4x³ = 32", "4x² = 16", "wrong_formula"),
    ("$\\frac{{d}}{{dx}} e^{{2x}} = {}$", "2e^{2x}", "e^{2x}", "wrong_formula"),
    ("$\\frac{{d}}{{dx}} (x^2 + 1)^3 = {}$", "6x(x^2 + 1)^2", "3(x^2 + 1)^2", "wrong_formula"),
    ("∂L/∂w = d/dw (w x - y)^2 = {}", "2(w x - y) x", "2(w x - y)", "wrong_formula"),
    ("$\\nabla_w (w x - y)^2 = {}$", "2(w x - y) x", "2(w x - y)", "wrong_formula"),
    ("f(x) = x^2\n\n(d/dx) f(x) = {}", "2x", "3x", "wrong_formula"),
    ("L = -log2(p)\n\ndL/dp = {}", "-1/(p ln(2))", "-1/p", "wrong_formula"),
    ("h = w1 x\n\np = w2 h\n\nL = (p - y)^2\n\ndL/dw2 = {}", "2(p - y) h", "2(p - y) x",
     "wrong_formula"),
    ("h = w1 x\n\np = w2 h\n\nL = (p - y)^2\n\ndL/dw1 = {}", "2(p - y) w2 x",
     "2(p - y) w1 x", "wrong_formula"),
    ("L = ((w x_1 - y_1)^2 + (w x_2 - y_2)^2)/2\n\ndL/dw = {}",
     "(w x_1 - y_1) x_1 + (w x_2 - y_2) x_2", "(w x_1 - y_1) x_2 + (w x_2 - y_2) x_1",
     "wrong_formula"),
    ("p = w x\n\nL = (p - y)^2\n\ndL/dw = {}", "2(p - y) x", "3(p - y) x", "wrong_formula"),
    ("z = [1, 2, 3]\n\np = softmax(z) = [0.0900, 0.2447, 0.6652]\n\ndp3/dz1 = {}",
     "-p3 p1", "p3 p1", "wrong_formula"),
    ("z = [1, 2, 3], y = [0, 0, 1]\n\np = softmax(z) = [0.0900, 0.2447, 0.6652]\n\n"
     "L = -ln p3 = 0.4077\n\ndL/dz1 = {}", "p1 - y1", "y1 - p1", "sign_error"),
    ("x1 = 1, x2 = 2, w = 0.5, u = 0.8\n\nh1 = tanh(w x1)\n\nh2 = tanh(w x2 + u h1)\n\n"
     "dh2/dh1 = {}", "(1 - h2^2) u", "(1 - h2) u", "wrong_formula"),
    ("p = 1, y = 3\n\nL = 1/2 (p - y)^2 = 1/2 (1 - 3)^2 = 2\n\ndL/dp = {}",
     "p - y", "2(p - y)", "missing_factor_2"),
    ("x = 2, w = 0.3, b = 0.1, y = 1\n\nz = wx + b = 0.7\n\np = 1/(1+e^{{-z}}) = 0.6682\n\n"
     "L = -(y ln p + (1-y) ln(1-p)) = 0.4032\n\n∂L/∂b = {}",
     "p - y", "p(1 - p)", "wrong_formula"),
    ("x = 2, v = -0.7, w = 0.4, y = 1\n\nh = tanh(w x) = tanh(0.8) = 0.6640\n\n"
     "p = v h = -0.7*0.6640 = -0.4648\n\nL = (p - y)^2\n\ndL/dw = {}",
     "2(p - y)v(1 - h^2)x", "2(p - y)v(1 - h)x", "wrong_formula"),
    ("$z = w x$\n\n$a = \\sigma(z)$\n\n$L = (a - y)^2$\n\n"
     "$\\delta = \\frac{{\\partial L}}{{\\partial z}} = {}$",
     "2(a - y) a (1 - a)", "2(a - y) a", "wrong_formula"),
    ("x = 2, w = 0.5, y = 1\n\nz = w*x = 1\n\nL = (z - y)^2\n\n反向：dL/dw = {}",
     "2(z - y) x", "(z - y) x", "missing_factor_2"),
    # Whatever the figures of z stand for, it is what moves.
    ("z = 2*0.75 = 1.5\n\nh = tanh(z) = 0.9051\n\ndL/dh = 0.4\n\ndL/dz = {}",
     "dL/dh (1 - h^2) = 0.4*(1 - 0.9051^2) = 0.0723",
     "dL/dh (1 + h^2) = 0.4*(1 + 0.9051^2) = 0.7277", "wrong_formula"),
    ("$z = 0.48 - 0.68 = -0.2$\n\n$h = \\max(0, z) = 0$\n\n"
     "$\\partial L/\\partial h = 0.134$\n\n$\\partial L/\\partial z = {}$",
     "\\partial L/\\partial h \\cdot 0 = 0", "\\partial L/\\partial h \\cdot 1 = 0.134",
     "wrong_formula"),
    # The gate was worked out before the state was: it is not made of it.
    ("o = σ(0.14) = 0.5349\n\nc = 0.7667*0.8 + 0.3513 = 0.9647\n\n"
     "h = o*tanh(c) = 0.5349*0.7464 = 0.3992\n\n∂L/∂h = 0.3992 - 0.5 = -0.1008\n\n∂L/∂c = {}",
     "∂L/∂h * o * (1 - tanh(c)²) = -0.1008 * 0.5349 * (1 - 0.7464²) = -0.0239",
     "∂L/∂h * o * (1 - c²) = -0.1008 * 0.5349 * (1 - 0.9647²) = -0.0037", "wrong_formula"),
    *(
        ("$x=(1,2)$, $w=(0.5,-0.25)$, $y=1$\n\n$p = " + product + " = 0$\n\n"
         "$L = \\frac12(p-y)^2 = 0.5$\n\n$\\frac{{\\partial L}}{{\\partial w}} = {}$",
         "(p - y)\\,x", "(y - p)\\,x", "sign_error")
        for product in ("w^\\top x", "w^T x", "x^{{\\top}}w", "w^{{\\mathsf T}}x")
    ),
]  # fmt: skip


@pytest.mark.parametrize(("text", "right", "wrong", "kind"), LINES)
def test_a_derivative_is_that_of_the_stated_formula(
    text: str, right: str, wrong: str, kind: str
) -> None:
    """No figures are needed: the formulas differ whatever the names are worth."""
    assert {item.verdict for item in findings(text.format(right))} <= {"correct"}
    slips = [item for item in findings(text.format(wrong)) if item.verdict == "slip"]
    assert [item.kind for item in slips] == [kind]


@pytest.mark.parametrize(
    "line",
    [
        "$1 - \\sigma(-x) = \\sigma(x)$",
        "$\\tanh(x) = \\frac{e^x - e^{-x}}{e^x + e^{-x}}$",
        "4(d² + d) = 4d² + 4d",
    ],
)
def test_formulas_that_are_one_at_any_numbers_are_right(line: str) -> None:
    """What holds at numbers without a pattern is one formula."""
    assert verdicts(line) == ["correct"]


@pytest.mark.parametrize(
    "line",
    [
        "$\\tanh(x) = x/2$",
        "4(d² + d) = 3d² + 5",
        "$\\log'(x) = \\frac{1}{x \\ln 10}$",
        "$\\sigma'(z) = 1 - \\sigma(z)^2$",
        "The activation is the softplus. $\\sigma'(z) = \\frac{1}{1+e^{-z}}$",
        "Solve $\\tanh'(x) = x$.",
        "sigmoid'(y) = y * (1 - y)",
        "$\\frac{d\\sigma(x)}{dx} = -2\\sigma(x)$",
        "Let $\\sigma(z) = \\tanh(z)$ there.\n\n$\\frac{d\\sigma(z)}{dz} = 1 - \\sigma(z)^2$",
        "$A B = B A$",
        "$x x^T = x^T x$",
        "$\\sqrt{x^2} = x$",
    ],
)
def test_an_equation_to_be_solved_is_no_slip(line: str) -> None:
    """Nor is the slope of another function that a sign stands for, nor what may not commute."""
    assert verdicts(line) == []


def test_a_formula_that_was_put_in_wrongly_refutes_no_derivative() -> None:
    """Its letters may be what is wrong: the derivatives are those of what was worked out."""
    text = (
        "z = 0.4, a = 0.8, c = 0.1, y = 1\n\n"
        "h = z a + (1 - z) c = 0.6*0.8 + 0.4*0.1 = 0.48 + 0.04 = 0.52\n\n"
        "L = 1/2 (h - y)^2 = 1/2 (0.52 - 1)^2 = 0.1152\n\n"
        "dL/dz = (h - y)(c - a) = -0.48*(0.1 - 0.8) = 0.336"
    )
    assert verdicts(text) == ["slip", "carried_forward", "carried_forward"]


def test_a_wrong_derivative_refutes_no_second_one() -> None:
    """The second one may be that of what was meant."""
    assert verdicts("f(x) = x^3\n\nf'(x) = 3x\n\nf''(x) = 6x") == ["slip"]


GIVEN = "w = 0.5, x = 2, y = 3, b = 1\n\np = w x = 1\n\n"


@pytest.mark.parametrize(
    ("text", "right", "wrong"),
    [
        ("L = ½(p - y)² = 2\n\ndL/dp = {}", "p - y = -2", "2(p - y) = 2(1 - 3) = -4"),
        ("L = (p - y)²/2\n\ndL/dw = {}", "(p - y) x = -2·2 = -4", "2 (p - y) x = -8"),
        ("L = (p - y)²/2\n\ndL/dw = {}", "-2 x = -2·2 = -4", "-4 x = -4·2 = -8"),
        ("a = 1/(1 + e^(-p)) = 0.731\n\nda/dp = {}", "a(1 - a) = 0.197", "a(b + a) = 1.265"),
        ("a = 1/(1 + e^(-p)) = 0.731\n\nda/dp = {}", "a(1 - a) = 0.197", "a(1 + a) = 1.265"),
        ("z = p + b = 2\n\na = tanh(z) = 0.964\n\nda/dz = {}", "1 - a² = 0.0707",
         "1 + a² = 1.929"),
    ],
)  # fmt: skip
def test_a_figure_of_a_formula_is_no_name_of_its_value(text: str, right: str, wrong: str) -> None:
    """It may stand for one only where the formula is right with the name in its place."""
    assert {item.verdict for item in findings(GIVEN + text.format(right))} == {"correct"}
    assert [item.verdict for item in findings(GIVEN + text.format(wrong))][-1] == "slip"


IN_FIGURES = (
    "x = 1.0, y = 0.0, w1 = 0.6, w2 = 0.9\n\nh = sigmoid(0.6 * 1.0) = 0.6457\n\n"
    "o = sigmoid(0.9 * 0.6457) = 0.6413\n\nloss = 0.5 * (0.6413 - 0.0)^2 = 0.2056\n\n"
)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("dw2 = 0.1475 * 0.6457 = 0.0952", "dw2 = 0.1475 * 0.6413 = 0.0946"),
        ("dw1 = 0.1475 * 0.9 * 0.2288 = 0.0304", "dw1 = 0.1475 * 0.6 * 0.2288 = 0.0202"),
        ("dloss/do = o = 0.6413", "dloss/do = 2 * o = 1.2826"),
    ],
)
def test_figures_of_a_formula_are_the_names_whose_values_they_are(right: str, wrong: str) -> None:
    """What it says of a derivative is no proof, but a derivative that differs is not right."""
    assert [item.verdict for item in findings(IN_FIGURES + right)] == ["correct"] * 4
    assert [item.verdict for item in findings(IN_FIGURES + wrong)][3:] == ["undecided"]


@pytest.mark.parametrize(
    ("update", "verdict"),
    [
        ("0.3 - 0.4*(-1.6) = 0.94", "correct"),
        ("0.3 + 0.4*1.6 = 0.94", "correct"),
        ("0.3 + 0.4*(-1.6) = -0.34", "plus_for_minus"),
        ("0.3 - 0.4*1.6 = -0.34", "sign_lost"),
        ("w + η dL/dw = 0.3 + 0.4*(-1.6) = -0.34", "plus_for_minus"),
    ],
)
def test_an_update_in_figures_goes_downhill(update: str, verdict: str) -> None:
    """Its figures are the weight and the gradient: added, they lead up the loss.

    Only a loss that its formula shows to be a distance is lowered by everybody.
    """
    text = (
        "x = 2, w = 0.3, y = 1, η = 0.4\n\np = w*x = 0.6\n\nL = {}\n\n"
        f"dL/dw = 2(p - y) x = -1.6\n\n{{}}w = {update}"
    )

    def found(loss: str, words: str = "") -> Sequence[str | None]:
        return [item.cause or item.verdict for item in findings(text.format(loss, words))][3:]

    assert found("(p - y)^2 = 0.16") == [verdict]
    is_right = verdict == "correct"
    assert found("p^2 - 2*y*p + 1 = 0.16")[-1] == (verdict if is_right else "undecided")
    uphill = "If the step went uphill, the new weight would be "
    assert is_right or found("(p - y)^2 = 0.16", uphill) != [verdict]


def test_a_step_down_a_gradient_of_the_other_sign_has_the_other_sign() -> None:
    """The slip is in the gradient; the weight that follows is the right one."""
    text = (
        "x = 2, w = 0.3, y = 1, η = 0.4\n\np = w*x = 0.6\n\nL = (p - y)^2 = 0.16\n\n"
        "dL/dw = 2(y - p) x = 1.6\n\nw = w + η dL/dw = 0.3 + 0.4*1.6 = 0.94"
    )
    verdicts = [item.verdict for item in findings(text)]
    assert verdicts[2] == "slip" != verdicts[3]


@pytest.mark.parametrize(("update", "verdict"), [("w - η g", "correct"), ("w + η g", "undecided")])
def test_a_gradient_is_known_by_the_name_that_it_was_given(update: str, verdict: str) -> None:
    """Added, it leads up the loss as one that is written out does."""
    figures = update.replace("w", "0.3").replace("η g", "0.4*2")
    text = f"w = 0.3, η = 0.4\n\ng = dL/dw = 2\n\nw = {update} = {figures}"
    assert [item.verdict for item in findings(text)] == [verdict]


def test_a_family_whose_values_sum_to_something_else_excuses_nothing() -> None:
    """Targets and probabilities sum to 1; weights that are stated say what they sum to."""
    text = "w_1 = {}\n\nw_2 = 0.75\n\nz = x (w_1 + w_2)^2\n\ndz/dx = w_1 + w_2"
    assert [item.verdict for item in findings(text.format("0.5"))] == ["slip"]
    assert "slip" not in [item.verdict for item in findings(text.format("0.25"))]


@pytest.mark.parametrize(
    ("formula", "right", "wrong"),
    [
        ("s = u^2 + v", "ds/du = 2 u", "ds/du = 3 u"),
        ("ŷ = w x = 0.5*1 = 0.5", "∂ŷ/∂w = x = 1", "∂ŷ/∂w = w = 0.5"),
    ],
)
def test_derivatives_that_a_run_does_not_have_are_compared_beside_it(
    formula: str, right: str, wrong: str
) -> None:
    """The formula above says what they are, as it does without a scenario."""
    beside = [
        [each.verdict for each in check_text(text, "md", "one_weight").files[0].findings]
        for text in (f"{formula}\n\n{right}", f"{formula}\n\n{wrong}")
    ]
    assert "slip" not in beside[0]
    assert beside[1][-1] == "slip"


def test_a_wrong_formula_says_nothing_of_its_derivatives() -> None:
    """The slip is the formula's; a derivative of the right one is not blamed for it."""
    text = "w = 2, x = 3, b = 1\n\nz = w + x + b = 2*3 + 1 = 7\n\ndz/dw = x = 3"
    assert [item.verdict for item in findings(text)] == ["slip", "correct"]


@pytest.mark.parametrize(
    "text",
    [
        "L = (p - y)^2\n\nL = (p - y)^2/2\n\ndL/dp = (p - y)",
        "L = (p - 2)^2\n\ndL/dp = (p - y)",
        "x = 3\n\nL = x*w^2\n\ndL/dw = 6*w",
        "L = mean((p - y)^2)\n\ndL/dp = (p - y)",
        "$z = Wx$\n\n$\\frac{\\partial z}{\\partial W} = x^T$",
        "L = (p - y)^2\n\ndL/dp = delta",
        "L = (p - y)^2\n\nThis is wrong: dL/dp = (p - y)",
        "L = (p - y)^2\n\ndL/dp ≈ (p - y)",
        "# A\n\n## One\n\nL = (p - y)^2\n\n## Two\n\ndL/dp = p - y",
        "L = (p - y)^2\n\nL = -sum(y*log(p))\n\ndL/dp = p - y",
        "z = w*x + b\n\nh = tanh(w*x + b)\n\nL = (h - y)^2\n\ndL/dw = dL/dz * x",
        "o = 6*v = 6*0.5 = 3\n\nL = (o - y)^2 = (3 - 5)^2 = 4\n\ndL/do = 2*(o - y) = -4\n\n"
        "dL/dv = dL/do * h = -4 * h = -4 * 6 = -24",
        "h = 6\n\no = h*v = 6*0.5 = 3\n\nL = (o - y)^2 = (3 - 5)^2 = 4\n\n"
        "dL/do = 2*(o - y) = 2*(3 - 5) = -4\n\ndL/dv = dL/do * h = -4 * h = -4 * 6 = -24",
        "m = 2*k\n\ndL/dp = (p - y)",
        "f(x) = x^2\n\nf'(3) = 2*3 = 6\n\ng'(x) = 3x",
        "p1 = e^z1/(e^z1 + e^z2)\n\np2 = e^z2/(e^z1 + e^z2)\n\n"
        "L = -(y1 ln(p1) + y2 ln(p2))\n\n∂L/∂z1 = p1 - y1",
        "f = x² y\n\ny = 3 x\n\n∂f/∂x = 2 x y",
        "h1 = tanh(u h0 + w x1)\n\nh2 = tanh(u h1 + w x2)\n\n∂h2/∂u = (1 - h2²) h1",
        "q = 1 - p\n\nH = -p ln(p) - q ln(q)\n\n∂H/∂p = -ln(p) - 1",
        "L = (a, y)\n\ndL/da = 2*(a, y)",
        "y = 1\n\nL = -ln p\n\ndL/dp = -y/p",
        "f(x) = x^2\n\nd/dx f(3) = 3x",
        "k = 1\n\np = w x\n\nL = (p - y)^2\n\ndL/dw = 2(p - y) x + k w",
        "y = 3\n\nL = -ln p\n\ndL/dp = -y/p",
        "f(x) = x/3\n\nf'(x) = 0.33x/x",
        "L = |w x + b - y|\n\nw = 0.5, x = 2, b = 0.1, y = 3\n\n∂L/∂w = -x",
    ],
)
def test_what_may_be_meant_otherwise_is_no_slip(text: str) -> None:
    """Two formulas of one loss, a figure for a name, arrays, names of their own, a denial.

    Names bound to each other (targets that sum to 1), other names held, pairs, a kink.
    """
    assert not [item for item in findings(text) if item.verdict == "slip"]


def test_one_slip_in_several_derivatives_is_charged_once() -> None:
    """The second one is made of the first, whether it names it or not."""
    text = "p = w x\n\nL = (p - y)^2\n\ndL/dp = p - y\n\ndL/dw = (p - y) x\n\ndL/dx = (p - y) x"
    found = [item.verdict for item in findings(text)]
    assert found == ["slip", "carried_forward", "slip"]


def test_what_follows_from_a_wrong_derivative_is_carried() -> None:
    """Its figures are those of the wrong formula."""
    text = (
        "p = w * x = 0.5 * 1 = 0.5\n\nL = (p - y)^2 = (0.5 - 2)^2 = 2.25\n\n"
        "dL/dp = p - y = 0.5 - 2 = -1.5\n\ndL/dw = dL/dp * x = -1.5 * 1 = -1.5\n"
    )
    found = findings(text)
    assert [item.verdict for item in found] == ["correct", "correct", "slip", "carried_forward"]
    assert str(found[2].message).startswith("p - y is not the derivative of L (line 3)")


ROWS = "W = [[1, 2], [3, 4]], x = [1, 2]\n\nz = W x = [5, 11]\n\n"
COLUMNS = (
    "W = [[1, 2], [3, 4]], x = [[1], [2]]\n\nz = W x = [[5], [11]]\n\nδ = ∂L/∂z = [[0.5], [-1]]\n\n"
)


@pytest.mark.parametrize(
    ("text", "right", "wrong"),
    [
        (ROWS + "δ = [0.5, -1]\n\n∂L/∂x = {}", "Wᵀ δ = [-2.5, -3]", "W δ = [-1.5, -2.5]"),
        (ROWS + "∂L/∂z = [0.5, -1]\n\n∂L/∂x = {}", "Wᵀ ∂L/∂z", "W ∂L/∂z"),
        (COLUMNS + "∂L/∂x = {}", "Wᵀ δ = [[-2.5], [-3]]", "W δ = [[-1.5], [-2.5]]"),
        (COLUMNS + "∂L/∂W = {}", "δ xᵀ = [[0.5, 1], [-1, -2]]", "x δᵀ = [[0.5, -1], [1, -2]]"),
        ("x = [0.5, 2], c = [1, 0.3]\n\na = tanh(c * x) = [0.46, 0.54]\n\n∂L/∂a = [2, 1]\n\n"
         "∂L/∂x = {}", "∂L/∂a * c * (1 - a^2)", "∂L/∂a * x * (1 - a^2)"),
        ("z = [0.2, -0.5]\n\na = tanh(z) = [0.1974, -0.4621]\n\nda/dz = {}",
         "1 - a^2 = [0.961, 0.7865]", "1 - a = [0.80, 1.46]"),
        ("z = [1, 2], y = [1, 0]\n\np = softmax(z) = [0.2689, 0.7311]\n\n"
         "L = -sum(y * ln(p)) = 1.3133\n\ndL/dz = {}",
         "p - y = [-0.7311, 0.7311]", "p + y = [1.2689, 0.7311]"),
        ("x = [1, 2]\n\ns = x^2 = [1, 4]\n\nds/dx = {}", "2 x = [2, 4]", "x = [1, 2]"),
        ("x = (1, 2), w = (0.3, -0.1), b = 0.2\n\nz = w·x + b = 0.3\n\nL = (z - 1)² = 0.49\n\n"
         "∂L/∂w = {}", "2(z - 1) x = (-1.4, -2.8)", "(z - 1) x = (-0.7, -1.4)"),
        ("X = [[1, 2], [3, 4], [5, 6]], W = [[1, 2], [3, 4]]\n\n"
         "Z = X W = [[7, 10], [15, 22], [23, 34]]\n\n∂L/∂Z = [[1, 0], [0, 1], [1, 1]]\n\n"
         "∂L/∂W = {}", "Xᵀ ∂L/∂Z = [[6, 8], [8, 10]]", "2 Xᵀ ∂L/∂Z = [[12, 16], [16, 20]]"),
        (ROWS + "δ = ∂L/∂z = [0.5, -1]\n\n∂L/∂W = {}", "δ xᵀ = [[0.5, 1], [-1, -2]]",
         "x δᵀ = [[0.5, -1], [1, -2]]"),
        ("W = [[1, 2], [3, 4]], x = [1, 2], y = [1, 1]\n\nz = W x = [5, 11]\n\n"
         "$L = \\frac12 \\|z - y\\|^2 = 58$\n\n∂L/∂z = {}", "z - y = [4, 10]",
         "2(z - y) = [8, 20]"),
    ],
)  # fmt: skip
def test_a_derivative_by_an_array_is_that_of_its_formula(text: str, right: str, wrong: str) -> None:
    """At the stated values, whatever the loss is."""
    assert "slip" not in [item.verdict for item in findings(text.format(right))]
    assert [item.verdict for item in findings(text.format(wrong))][-1] == "slip"


@pytest.mark.parametrize(
    "text",
    [
        ROWS + "δ = [0.5, -1]\n\n∂L/∂x = 0.5 Wᵀ δ = [-1.25, -1.5]",  # a mean
        ROWS + "δ = [0.5, -1]\n\n∂L/∂x = -Wᵀ δ = [2.5, 3]",  # δ = target - output
        ROWS + "δ = [0.5, -1]\n\ns = x + z\n\n∂L/∂x = W δ = [-1.5, -2.5]",  # two paths
        ROWS + "δ = [0.5, -1, 2]\n\n∂L/∂x = W δ",
        ROWS + "δ = [0.5, -1]\n\nk = 0.1\n\n∂L/∂x = Wᵀ δ + k x = [-2.4, -2.8]",  # a penalty
        "W = [[1, 2], [3, 4]], x = [1, 2]\n\nz = W x\n\nδ = [0.5, -1]\n\n∂L/∂x = W δ",
        "# A\n\n" + ROWS + "# B\n\nδ = [0.5, -1]\n\n∂L/∂x = W δ = [-1.5, -2.5]",
    ],
)
def test_a_derivative_by_an_array_may_be_meant_otherwise(text: str) -> None:
    """A factor, the sign of δ, another path, values that are not known, another example."""
    assert "slip" not in [item.verdict for item in findings(text)]


GAUSS = (
    "$L = \\ln s + \\frac{(y-m)^2}{2 s^2}$\n\n"
    "$\\frac{\\partial L}{\\partial m} = \\frac{m-y}{s^2}$\n"
)
HALVED = (
    "N = 2, x = 3, w = 0.5, y = 2\n\np = w x = 1.5\n\nL = (p - y)²/N = 0.125\n\n"
    "∂L/∂w = 2 (p - y) x / N = (p - y) x = -1.5\n"
)


UNITS = ["L = s y^2\n\ndL/dy = 2 s y", "z = s x\n\nL = z + 2 s y\n\ndL/dy = s*2"]


@pytest.mark.parametrize("text", [GAUSS, HALVED, *UNITS])
def test_a_letter_that_may_be_a_unit_and_a_value_that_cancels_prove_nothing(text: str) -> None:
    """The s of 2 s² is a name here, and 2/N is 1 where N is 2."""
    assert "slip" not in {finding.verdict for finding in findings(text)}


BOUND = [
    "s = 0.7, u = -0.3, t = 1\n\nZ = exp(s) + exp(u) = 2.7546\n\na = exp(s) / Z = 0.7311\n\n"
    "c = 1 - a = 0.2689\n\nL = (2*a - c - t)^2 = 0.0374\n\ndL/da = 0.7732\n\n"
    "dL/dc = -0.3866\n\ndL/ds = a * (dL/da - a * dL/da - c * dL/dc) = 0.2280",
    "p + q = 1\n\nH = -p ln(p) - q ln(q)\n\ndH/dp = ln(q) - ln(p)",
    "x^2 + y^2 = 1\n\nf = x y\n\ndf/dx = (y^2 - x^2)/y",
    "$y^2 = 1$\n\nm = y f\n\nL = (1 - m)^2\n\n∂L/∂f = -2 y (1 - m) = -2 (y - f)",
    "$y + t = 1$\n\n$L = -y \\ln p - t \\ln (1 - p)$\n\n$\\frac{dL}{dp} = \\frac{p - y}{p(1-p)}$",
    "L = (1 - y f)^2\n\ndL/df = -2(y - f), since $y^2 = 1$.",
    "uv = 1\n\nf = u + v\n\ndf/du = 1 - v^2",
    "u = 1/v\n\nf = u + v\n\ndf/du = 1 - v^2",
    "n = w^2 + 1\n\nu = w/n\n\nL = u^2\n\ndL/dw = 2 u/n",
]


@pytest.mark.parametrize("text", BOUND)
def test_names_that_an_equation_binds_prove_no_derivative_wrong(text: str) -> None:
    """What is no definition holds for what stands above it too."""
    assert "slip" not in {finding.verdict for finding in findings(text)}


@pytest.mark.parametrize(
    "text",
    [
        "y^2 = 1\n\nL = (1 - y f)^2\n\ndL/df = -(1 - y f) y",  # a factor, whatever y is
        "y + t = 1\n\nL = a y + c^2\n\ndL/dc = c",
        "q = x + y = 3\n\nh(x) = x^3\n\nh'(x) = 3x^2 + 1",
        "L = (p - y)^2 = p^2 - 2 p y + y^2\n\ndL/dp = p - y",
        "z = w x = 0.5 * 2 = 1\n\nL = (z - y)^2\n\ndL/dw = (z - y) x^2",
    ],
)
def test_an_equation_excuses_only_what_it_may_lead_to(text: str) -> None:
    """Neither a factor nor other names, and an identity or a calculation binds nothing."""
    assert "slip" in {finding.verdict for finding in findings(text)}


HELD = "q = w + k w^2\n\nL = (q - y)^2\n\ndL/dw = 2 (q - y)"


@pytest.mark.parametrize(
    "words",
    [
        "The term k w^2 is treated as a constant.",
        "Holding the last term fixed:",
        "Here the last term is detached.",
        "后一项看作常数。",
        "其中后一项不参与求导。",
    ],
)
def test_what_may_be_held_is_not_derived(words: str) -> None:
    """One summand may be held, and all the others too, wherever the words stand that say so."""
    for text in (f"{words}\n\n{HELD}", f"{HELD}\n\n{words}"):
        assert "slip" not in {finding.verdict for finding in findings(text)}


@pytest.mark.parametrize("words", ["We drop the second factor.", "常数因子略去。"])
def test_what_is_said_to_be_left_out_is_not_missed(words: str) -> None:
    """The words count for their section, whether they stand before or after the line."""
    halved = "L = (q - y)^2\n\ndL/dq = q - y"
    for text in (f"{words}\n\n{halved}", f"{halved}\n\n{words}"):
        assert "slip" not in {finding.verdict for finding in findings(text)}
    other = f"# A\n\n{words}\n\n# B\n\n{halved}"
    assert "slip" in {finding.verdict for finding in findings(other)}


SUM = "L = (p - y)^2 + exp(p)\n\n"


@pytest.mark.parametrize(
    "line",
    [
        "For the squared part: dL/dp = p - y",
        "The derivative of the first factor is dL/dp = p - y.",
        "If p is small, dL/dp = p - y.",
        "Consider half the square.\n\n$$\\frac{dL}{dp} = p - y$$",
        "dL/dp = p - y on the upper path",
        "| half the square | dL/dp = p - y |",
        "## Half the square\n\ndL/dp = p - y",
        "平方的一半：dL/dp = p - y",
        "沿上面的路径，dL/dp = p - y。",
        "dL/dp = exp(p)",
        "dL/dp = 2 (p - y)",
    ],
)
def test_words_may_say_of_what_part_a_derivative_is(line: str) -> None:
    """Words that do more than join it leave a derivative open; so does the slope of a summand."""
    assert "slip" not in {finding.verdict for finding in findings(SUM + line)}


@pytest.mark.parametrize(
    "line",
    [
        "So dL/dp = p - y.",
        "Therefore the gradient of the loss with respect to p is dL/dp = p - y",
        "## Backward pass\n\n1. dL/dp = p - y",
        "We compute the derivative by the chain rule:\n\n$$\\frac{dL}{dp} = p - y$$",
        "By the product rule\n\ndL/dp = p - y",
        "因此梯度为 dL/dp = p - y。",
        "由乘积法则，dL/dp = p - y",
        "损失对 p 求偏导，得 dL/dp = p - y",
    ],
)
def test_words_that_only_join_leave_a_derivative_what_it_is(line: str) -> None:
    """It is that of the whole formula."""
    assert "slip" in {finding.verdict for finding in findings(SUM + line)}


@pytest.mark.parametrize(
    "of", ["\\nabla f(x)", "\\nabla_x f", "\\nabla_{\\mathbf{x}} f(\\mathbf{x})"]
)
def test_a_gradient_of_a_function_is_by_its_argument(of: str) -> None:
    """∇f(x) is ∂f/∂x."""
    found = [*findings(f"$f(x) = x^2$\n\n${of} = 2x$"), *findings(f"$f(x) = x^2$\n\n${of} = 3x$")]
    assert [item.verdict for item in found] == ["correct", "slip"]


@pytest.mark.parametrize("text", ["f(x) = x^2\n\nf'(x) = 2x >= 0", "f'(x) = 3x^2 <= f(x) = x^3"])
def test_a_derivative_in_an_inequality_is_no_slip(text: str) -> None:
    """Nor is it a fault."""
    assert "slip" not in {item.verdict for item in findings(text)}


OTHER_LOSSES = [
    "L(p) = -log p\nFor y = 0,\ndL/dp = 1/(1 - p)",
    "L(p) = -log p\n\nWhen y = 0 the derivative is dL/dp = 1/(1 - p).",
    "L(p) = -log p\n\n当 y = 0 时，dL/dp = 1/(1 - p)。",
    "L = (w x - y)^2\n\nFor w = 0, dL/dw = -2 y x",
    "L(w) = (w x - y)^2\nWith the factor 1/2 we have\ndL/dw = (w x - y) x",
    "L(w) = (w x - y)^2\ndL/dw = 2 (w x - y) x\n乘以 1/2 之后\ndL/dw = (w x - y) x",
    "L(w) = (w x - y)^2\n绝对误差的导数是\ndL/dw = sign(w x - y) x",
    "f(z) = 1/(1 + e^-z)\ntanh\nf'(z) = 1 - f(z)^2",
    "L(w, b) = (y - w * x - b)^2\nIf we take L(w, b) = 1/2 * (y - w * x - b)^2 instead, then\n"
    "dL/db = -(y - w * x - b)",
    "$\\mathcal{L}(\\mathbf{W}) = \\frac12\\|\\mathbf{X}\\mathbf{W}-\\mathbf{Y}\\|_F^2$\n\n"
    "Without the one half:\n$\\nabla_{\\mathbf{W}}\\mathcal{L}(\\mathbf{W}) "
    "= 2\\mathbf{X}^\\top(\\mathbf{X}\\mathbf{W}-\\mathbf{Y})$",
]


@pytest.mark.parametrize("text", OTHER_LOSSES)
def test_words_above_may_say_of_what_other_loss_a_derivative_is(text: str) -> None:
    """They stand on a row of their own, without a stop or a colon."""
    assert "slip" not in {item.verdict for item in check_text(text, "txt").files[0].findings}


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        ("dL/dp = 2(p - y)", "correct"),
        ("dL/dp = p - y", "slip"),
        ("dJ/dp = p - y", "correct"),
        ("dJ/dp = 2(p - y)", "slip"),
        ("dE/dp = p - y", "correct"),
    ],
)
def test_a_derivative_is_of_the_loss_that_it_names(line: str, verdict: str) -> None:
    """Of one that has no formula it may be that of any other."""
    text = f"$L(p) = (p - y)^2$\n\n$J = \\frac12 (p - y)^2$\n\n${line}$"
    assert findings(text)[-1].verdict == verdict


def test_a_value_of_a_name_that_the_loss_has_is_no_other_case() -> None:
    """The formula holds for any y."""
    text = "L = (p - y)^2\n\nFor y = 1, dL/dp = p - y"
    assert findings(text)[-1].verdict == "slip"


@pytest.mark.parametrize(
    "loss", ["J(w)", "J(w, b)", "L(θ)", "\\mathcal{L}(\\mathbf{w})", "\\ell(w)"]
)
def test_a_loss_may_be_written_with_its_arguments(loss: str) -> None:
    """The derivatives by these are of it."""
    above = f"$${loss} = (w x + b - y)^2$$\n\n$$\\frac{{\\partial J}}{{\\partial w}} = "
    right, wrong = findings(above + "2(w x + b - y) x$$"), findings(above + "2(w x + b - y)$$")
    assert [item.verdict for item in (*right, *wrong)] == ["correct", "slip"]


@pytest.mark.parametrize("words", ["All other names are held fixed.", "其他变量视为常数。"])
def test_other_names_are_held_in_any_partial_derivative(words: str) -> None:
    """That is no reason why a factor may be left out."""
    text = f"{words}\n\nL = (p - y)^2\n\ndL/dp = p - y"
    assert [finding.verdict for finding in findings(text)] == ["slip"]


def test_a_gradient_along_one_path_may_be_meant() -> None:
    """It may be cut off there, or added to another one below."""
    text = (
        "h0 = 0, x1 = 1, x2 = 0.5, u = 0.4, w = 0.8, y = 1\n\na1 = u * h0 + w * x1 = 0.8\n\n"
        "a2 = u * a1 + w * x2 = 0.72\n\nL = (a2 - y)^2 = 0.0784\n\n"
        "dL/da2 = 2 * (a2 - y) = -0.56\n\ndL/da1 = dL/da2 * u = -0.56 * 0.4 = -0.224\n\n"
        "dL/dw = dL/da2 * x2 = -0.56 * 0.5 = -0.28"
    )
    assert findings(text)[-1].verdict == "undecided"


@pytest.mark.parametrize(
    ("text", "right", "open_"),
    [
        ("J = (w x - y)^2 + 0.5 w^2 with w = 2, x = 3, y = 5.\n\ndJ/dw = {}",
         "2(w x - y) x + w = 8", "w = 2"),
        ("f = x^2 y + 3 y with x = 2, y = 5.\n\ndf/dy = {}", "x^2 + 3 = 7", "x^2 = 4"),
        ("x = 1, y = 2, w = 0.5\n\np = w·x = 0.5\n\nL = (p - y)^2 = 2.25\n\n补充：\n\ndL/dw = {}",
         "2(p - y)·x = -3", "(p - y)·x = -1.5"),
        ("p = 0.7, y = 1\n\nThe gradient is dL/dz = p - y.\n\ndL/dz = {}",
         "p - y = 0.7 - 1 = -0.3", "y - p = 1 - 0.7 = 0.3"),
        ("p_1 = 0.7, y_1 = 1\n\n所以 $\\partial L/\\partial z_i = p_i - y_i$。\n\n"
         "$\\partial L/\\partial z_1 = {}$",
         "p_1 - y_1 = 0.7 - 1 = -0.3", "y_1 - p_1 = 1 - 0.7 = 0.3"),
        ("# Forward\n\nz = 1.5\n\nh = z^2 = 2.25\n\n# Backward\n\ndL/dh = 3*0.4 = 1.2\n\n"
         "dL/dz = {}", "dL/dh * 2 * z = 3.6", "dL/dh * z = 1.8"),
    ],
)  # fmt: skip
def test_what_may_be_the_derivative_of_a_part_is_not_right(
    text: str, right: str, open_: str
) -> None:
    """The slope of one summand, what unknown words introduce, another formula: none is proved.

    Where no values are given under a heading, formulas may be those of the one before.
    """
    assert findings(text.format(right))[-1].verdict == "correct"
    assert findings(text.format(open_))[-1].verdict == "undecided"


MEAN = "x = [1, 2, 2], y = [3, 6, 6], w = 2.\n\np = w x = [2, 4, 4]\n\n"


@pytest.mark.parametrize(
    ("loss", "right", "wrong"),
    [
        ("L = mean((p - y)^2) = 3", "2 * mean((p - y) * x) = -6", "mean((p - y) * x) = -3"),
        ("L = ½ · mean((p - y)^2) = 1.5", "mean((p - y)·x) = -3", "2 * mean((p - y) * x) = -6"),
    ],
)
def test_the_product_that_fits_is_meant(loss: str, right: str, wrong: str) -> None:
    """A product of vectors under a mean is one of entries, whatever its sign."""
    assert findings(f"{MEAN}{loss}\n\ndL/dw = {right}")[-1].verdict == "correct"
    assert findings(f"{MEAN}{loss}\n\ndL/dw = {wrong}")[-1].verdict == "slip"


NUMBERS = "Let w = 3, x = 2 and t = 4.\n\ny = w*x = 6\n\nL = (y - t)^2 = 4\n\n"
CLOSED = "z = -0.1\n\na = relu(z) = 0\n\n"


@pytest.mark.parametrize(
    ("text", "right", "wrong"),
    [
        (NUMBERS + "dL/dw = {}", "8", "-8"),
        (NUMBERS + "dL/dy = {}", "2*2 = 4", "2*(6 - 4)*2 = 8"),
        (CLOSED + "da/dz = {}", "0", "1"),
        ("z = 2\n\nh = max(0, z) = 2\n\ndL/dh = 3\n\ndL/dz = {}", "dL/dh * 1 = 3", "3*0 = 0"),
        ("z = 1/3 = 0.33\n\nh = z^2 = 0.11\n\ndh/dz = {}", "2*0.33 = 0.66", "0.33 + 1 = 1.33"),
        (
            "dL/dw = 2\n\nw = {}",
            "w - 0.1*dL/dw = 3 - 0.1*2 = 2.8",
            "w + 0.1*dL/dw = 3 + 0.1*2 = 3.2",
        ),
        ("Let w = 3, x = 2.\n\nz = w*x = 6\n\ndz = 0.5\n\ndw = {}", "dz*x = 1", "dz*w = 1.5"),
    ],
)
def test_figures_of_a_derivative_are_those_of_the_formula_above(
    text: str, right: str, wrong: str
) -> None:
    """Nobody sees which rule they were put in for: what does not fit is open, and never right."""
    assert "undecided" not in [each.verdict for each in findings(text.format(right))]
    assert [each.verdict for each in findings(text.format(wrong))][-1] == "undecided"


@pytest.mark.parametrize(
    ("stated", "derivative", "right", "wrong"),
    [
        # It goes on from the derivative that has a value.
        (NUMBERS + "dL/dy = 2*2 = 4\n\n", "dL/dw", "4*2 = 8", "4*3 = 12"),
        (
            "已知 x = 2，w = 0.5，b = 0.1，y = 1。\n\nz = w x + b = 1.1\n\np = z^3 = 1.331\n\n"
            "L = (p - y)^2\n\n∂L/∂p = 0.662\n\n∂L/∂z = 0.662*3*1.1^2 = 2.403\n\n",
            "∂L/∂w",
            "2.403*2 = 4.806",
            "2.403*0.5 = 1.2015",
        ),
    ],
)
def test_figures_of_a_derivative_are_put_in_for_the_derived_formula(
    stated: str, derivative: str, right: str, wrong: str
) -> None:
    """Where one path leads to the loss the formulas above say what stands for which name."""
    *_, good = findings(f"{stated}{derivative} = {right}")
    *_, bad = findings(f"{stated}{derivative} = {wrong}")
    assert (good.verdict, bad.verdict) == ("correct", "slip")


def test_of_two_paths_to_the_loss_a_part_may_be_meant() -> None:
    """The penalty is missing, or only the derivative of the other term is written."""
    text = (
        "w = 1, x = 2, y = 3\n\np = w x = 2\n\nL = (p - y)^2 + 0.1 w^2\n\ndL/dw = 2*(2 - 3)*2 = -4"
    )
    assert findings(text)[-1].verdict == "undecided"


@pytest.mark.parametrize(
    ("text", "right", "wrong"),
    [
        ("z = w*x + b\n\nLet b = 0.5 and dL/dz = 0.4.\n\ndL/db = {}",
         "dL/dz = 0.4", "dL/dz * b = 0.4*0.5 = 0.2"),
        ("a = sigmoid(z)\n\nLet a = 0.6 and dL/da = 0.4.\n\ndL/dz = {}",
         "dL/da * a * (1 - a) = 0.4*0.6*0.4 = 0.096", "dL/da * a = 0.4*0.6 = 0.24"),
        ("y = tanh(u)\n\ndE/du = {}", "dE/dy * (1 - y^2)", "dE/dy * (1 - y)"),
    ],
)  # fmt: skip
def test_a_factor_of_the_chain_rule_is_the_slope_of_what_it_leads_through(
    text: str, right: str, wrong: str
) -> None:
    """Whatever the loss is, where one formula alone has the name."""
    assert "slip" not in [each.verdict for each in findings(text.format(right))]
    assert [each.verdict for each in findings(text.format(wrong))][-1] == "slip"


def test_a_sum_of_figures_that_have_no_name_is_no_constant() -> None:
    """S moves with z2, though only the figures of its terms are written."""
    text = (
        "exp(z1) = exp(2) = 7.3891\n\nexp(z2) = exp(1) = 2.7183\n\nS = 7.3891 + 2.7183 = 10.1074\n"
        "\np2 = exp(z2)/S = 2.7183/10.1074 = 0.2689\n\nL = -ln p2 = 1.3134\n\n"
        "dL/dz2 = p2 - 1 = 0.2689 - 1 = -0.7311"
    )
    assert "slip" not in [each.verdict for each in findings("z1 = 2, z2 = 1\n\n" + text)]


NEURON = "x1 = 2, x2 = -1, y = 1, w1 = 0.5, w2 = 1, b = 0.25\n\n"


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("da/dz = a*(1 - a) = 0.5622*(1 - 0.5622) = 0.2461", "da/dz = a*a = 0.5622^2 = 0.3161"),
        ("dz/dw1 = x1 = 2", "dz/dw1 = x2 = -1"),
    ],
)
def test_a_local_derivative_is_that_of_the_run_where_its_formula_is_left_out(
    right: str, wrong: str
) -> None:
    """Nobody has to write `a = sigmoid(z)` out beside a run that has it."""
    for text, verdict in ((right, "correct"), (wrong, "slip")):
        report = check_text(NEURON + text, "md", "neuron")
        assert report.files[0].findings[-1].verdict == verdict


def test_what_a_wrong_derivative_should_be_may_be_put_in_for_it() -> None:
    """The right value is not known where a formula is wrong: another figure may be it."""
    text = """z = w1*x1 + w2*x2 + b = 0.5*2 + 1*(-1) + 0.25 = 0.25

a = sigmoid(z) = 0.5622

dL/da = a - y = 0.5622 - 1 = -0.4378

da/dz = a*(1 + a) = 0.5622*(1 + 0.5622) = 0.8783

dL/dz = dL/da * da/dz = -0.4378 * {}"""
    for figures, verdict in (
        ("0.2461 = -0.1077", "undecided"),
        ("0.8783 = -0.3845", "carried_forward"),
    ):
        report = check_text(NEURON + text.format(figures), "md", "neuron")
        assert [each.verdict for each in report.files[0].findings][-2:] == ["slip", verdict]


def test_the_direction_of_an_update_is_not_told_by_a_gradient_that_is_wrong() -> None:
    """Its sign is the slip; the step goes the right way."""
    text = """x = 2, y = 3, w = 0.5, lr = 0.1

y_pred = w*x = 0.5*2 = 1

dL/dw = 2*(y_pred - y)*x = 2*(1 - 3)*2 = 8

w = w - lr*dL/dw = 0.5 - 0.1*(-8) = 1.3"""
    assert [each.verdict for each in findings(text)] == ["correct", "slip", "correct"]


@pytest.mark.parametrize(
    ("gradient", "verdict"), [("z x^T", "correct"), ("x z^T", "correct"), ("z z^T", "slip")]
)
def test_the_gradient_of_a_matrix_may_stand_in_either_layout(gradient: str, verdict: str) -> None:
    """Numerator layout writes x zᵀ where denominator layout writes z xᵀ."""
    text = rf"""$W = \begin{{bmatrix}} 0.1 & 0.2 \\ 0.3 & 0.4 \end{{bmatrix}}$ and
$x = \begin{{bmatrix}} 1 \\ 2 \end{{bmatrix}}$

$z = W x = \begin{{bmatrix}} 0.5 \\ 1.1 \end{{bmatrix}}$

$L = \frac12 \sum z^2 = 0.73$

$\frac{{\partial L}}{{\partial W}} = {gradient}$
"""
    found = [each.verdict for each in findings(text)]
    assert ("slip" in found) == (verdict == "slip")


def test_figures_worked_out_below_a_formula_leave_it_the_formula_of_its_name() -> None:
    """They say what it is worth, not what it is made of."""
    given = "x = 3, v = 2, t = 1\n\nThe loss is L = (p - t)^2.\n\n"
    worked = "g = v*x = 2*3 = 6\n\np = g - 4 = 2\n\n"
    text = f"{given}{worked}L = (2 - 1)^2 = 1\n\ndL/dp = 2*(p - t) = 2*(2 - 1) = 2\n\n"
    assert verdicts(text + "dL/dv = dL/dp*x = 2*3 = 6")[-1] == "correct"
    assert verdicts(text + "dL/dv = dL/dp + x + L = 2 + 3 + 1 = 6")[-1] == "slip"


CROSS_ENTROPY = (
    "p_2 = exp(z_2)/{} = exp(-1.7)/3.4334 ≈ 0.0532\n\nL = -ln(p_2) = -ln(0.0532) ≈ 2.9337\n\n"
    "dL/dz_2 = p_2 - 1 = 0.0532 - 1 = -0.9468"
)


@pytest.mark.parametrize(
    "text",
    [
        "z_2 = -1.7\n\nS = 3.4334\n\n" + CROSS_ENTROPY.format("S"),
        "z_2 = -1.7\n\nThe sum of them is S = 3.4334.\n\n" + CROSS_ENTROPY.format("S"),
        "z_2 = -1.7\n\n指数之和为 S = 3.4334。\n\n" + CROSS_ENTROPY.format("S"),
        "z_2 = -1.7\n\n" + CROSS_ENTROPY.format("S"),
        "z_2 = -1.7\n\n" + CROSS_ENTROPY.format("3.4334"),
        "x_1 = 6, x_2 = -2. The mean is m = 2.\n\nd = x_1 - m = 6 - 2 = 4\n\n"
        "L = d^2 = 4^2 = 16\n\ndL/dx_1 = d = 4",
        "w_1 = 3, w_2 = 4, n = 5\n\nu_1 = w_1/n = 3/5 = 0.6\n\n"
        "du_1/dw_1 = (1 - u_1^2)/n = (1 - 0.36)/5 = 0.128",
        "z = [1, 2, 0.5], S = 11.76\n\np_1 = exp(z_1)/S = 0.231\n\n"
        "dp_1/dz_1 = p_1 (1 - p_1) = 0.178",
        # on one line with what it is made of
        "a = 3, b = 4, N = 5\n\nu = a/N = 3/5 = 0.6\n\ndu/da = b^2/N^3 = 16/125 = 0.128",
        "p = 3, q = 4, d = 5, the distance\n\nu = p/d = 0.6\n\ndu/dp = q^2/d^3 = 0.128",
        "设 a = 1，b = 2，T = 3。\n\nu = a/T = 1/3 = 0.333\n\ndu/da = b/T^2 = 2/9 = 0.222",
        "a = 1, b = 2, S = 3\n\nu = a/S = 1/3 = 0.333\n\ndu/da = (S - a)/S^2 = 2/9 = 0.222",
        "r = 3, m = 5\n\nu = r/m = 0.6\n\ndu/dr = (1 - u^2)/m = (1 - 0.36)/5 = 0.128",
        "z = 1 and S = 7.389\n\np = e^z/S = 0.368\n\ndp/dz = p (1 - p) = 0.368*0.632 = 0.233",
        "x = 6, m = 2\n\nd = x - m = 6 - 2 = 4\n\nL = d^2 = 16\n\ndL/dx = d = 4",
    ],
)
def test_a_value_does_not_say_that_a_name_is_constant(text: str) -> None:
    """A sum, a mean, a norm: it may be made of what is derived by, and no line says how."""
    assert "slip" not in {finding.verdict for finding in findings(text)}


@pytest.mark.parametrize(
    "text",
    [
        "x = 2, c = 5\n\ns = c x^2 = 5*2^2 = 20\n\nds/dx = c x = 5*2 = 10",
        "x = 2, c = 5\n\ns = x^2 + c = 4 + 5 = 9\n\nds/dx = x = 2",
        "x_1 = 6\n\ny = 2\n\nd = x_1 - y = 6 - 2 = 4\n\nL = d^2 = 16\n\ndL/dx_1 = d = 4",
        "w_1 = 3, w_2 = 4\n\nL = (w_1 + w_2 - y)^2\n\ndL/dw_1 = w_1 + w_2 - y",
    ],
)
def test_what_is_data_or_chosen_is_held(text: str) -> None:
    """Its role says so, its place among the givens, or that it is of the variable's family."""
    assert "slip" in {finding.verdict for finding in findings(text)}


NUMBERS_OF_A_LAYER = (
    "x_1 = 1, x_2 = 2\n\nw_{11} = 0.1, w_{12} = 0.2, w_{21} = 0.3, w_{22} = 0.4\n\n"
    "z_1 = w_{11} x_1 + w_{12} x_2 = 0.5\n\nz_2 = w_{21} x_1 + w_{22} x_2 = 1.1\n\n"
    "δ_1 = ∂L/∂z_1 = 0.5, δ_2 = ∂L/∂z_2 = -1\n\n"
)
ARRAYS_OF_A_LAYER = (
    "x = [1, 2], W = [[0.1, 0.2], [0.3, 0.4]]\n\nz = W x = [0.5, 1.1]\n\nδ = ∂L/∂z = [0.5, -1]\n\n"
)


@pytest.mark.parametrize(
    ("layer", "right", "wrong", "verdict"),
    [
        (NUMBERS_OF_A_LAYER, "∂L/∂w_{21} = δ_2 x_1 = -1*1 = -1",
         "∂L/∂w_{21} = δ_1 x_2 = 0.5*2 = 1", "undecided"),
        (NUMBERS_OF_A_LAYER, "∂L/∂x_1 = w_{11} δ_1 + w_{21} δ_2 = 0.1*0.5 + 0.3*(-1) = -0.25",
         "∂L/∂x_1 = w_{11} δ_1 + w_{12} δ_2 = 0.1*0.5 + 0.2*(-1) = -0.15", "slip"),
        (ARRAYS_OF_A_LAYER, "∂L/∂w_{21} = δ_2 x_1 = -1*1 = -1",
         "∂L/∂w_{21} = δ_1 x_2 = 0.5*2 = 1", "slip"),
        (ARRAYS_OF_A_LAYER, "∂L/∂x_1 = w_{11} δ_1 + w_{21} δ_2 = 0.1*0.5 + 0.3*(-1) = -0.25",
         "∂L/∂x_1 = w_{11} δ_1 + w_{12} δ_2 = 0.1*0.5 + 0.2*(-1) = -0.15", "slip"),
    ],
)  # fmt: skip
def test_a_derivative_by_an_entry_leads_through_all_formulas_with_it(
    layer: str, right: str, wrong: str, verdict: str
) -> None:
    """Its figures alone, however well they follow, do not make it right."""
    assert findings(layer + right)[-1].verdict == "correct"
    assert findings(layer + wrong)[-1].verdict == verdict


@pytest.mark.parametrize(("line", "verdict"), [("2*(ŷ - y)", "correct"), ("ŷ - y", "slip")])
def test_all_headings_beside_a_run_are_of_one_example(line: str, verdict: str) -> None:
    """A formula under the heading of the loss holds under that of the gradients."""
    text = f"# Forward\n\ns = ŷ - y\n\nq = s^2\n\n# Backward\n\ndq/dŷ = {line}"
    found = check_text(text, "md", "one_weight").files[0].findings
    assert found[-1].verdict == verdict


@pytest.mark.parametrize(("factor", "verdict"), [("a", "correct"), ("b", "slip")])
def test_a_kink_that_the_variable_does_not_lead_to_leaves_its_slope(
    factor: str, verdict: str
) -> None:
    """ReLU bends with z alone; what is behind it goes by its value."""
    given = "x = 4, w = 0.5, v = -0.9, u = 0.8, y = 0.5, b = 2.5\n\n"
    worked = "z = w*x = 0.5*4 = 2\n\na = ReLU(z) = 2\n\np = v*a + u*b = -1.8 + 2 = 0.2\n\n"
    loss = "J = (p - y)^2 = (0.2 - 0.5)^2 = 0.09\n\ndJ/dp = 2*(p - y) = -0.6\n\n"
    figures = {"a": "-0.6*2 = -1.2", "b": "-0.6*2.5 = -1.5"}[factor]
    text = f"{given}{worked}{loss}dJ/dv = dJ/dp*{factor} = {figures}"
    assert findings(text)[-1].verdict == verdict


def test_nothing_is_told_of_a_factor_beside_a_slope_of_zero() -> None:
    """The unit is closed: whatever stands for its gradient is no multiple of it."""
    text = (
        "Given a = 0.7, r = 0.52, s = -0.6, c = -0.5, y = -0.8, t = -0.9, k = -0.6.\n\n"
        "z_1 = r a = 0.52*0.7 = 0.364\n\nz_2 = t a = -0.9*0.7 = -0.63\n\n"
        "h_1 = max(0, z_1) = max(0, 0.364) = 0.364\n\nh_2 = max(0, z_2) = max(0, -0.63) = 0\n\n"
        "p = s h_1 + k h_2 + c = -0.6*0.364 + (-0.6*0) - 0.5 = -0.7184\n\n"
        "L = 0.5 (p - y)^2 = 0.5*(-0.7184 - (-0.8))^2 = 0.0033\n\n"
        "e = p - y = -0.7184 + 0.8 = 0.0816\n\n"
    )
    assert verdicts(text + "dt = e k a = 0.0816*(-0.6)*0.7 = -0.0343\n")[-1] == "undecided"
    assert verdicts(text + "ds = e h_1 = 0.0816*0.364 = 0.0297\n")[-1] == "correct"


@pytest.mark.parametrize("place", ["1e99999999", "1.2.3", "9" * 3000, "-1e-99999"])
def test_a_derivative_at_what_is_no_number_within_bounds_is_not_worked_out(place: str) -> None:
    """A figure in a name has the bounds of any other: this one would never end."""
    assert "slip" not in verdicts(f"f(x) = x^2\n\nf'({place}) = 3")


@pytest.mark.parametrize(
    ("text", "right", "wrong"),
    [
        ("f(x) = e^{{2x}}\n\nf'(0) = {}", "2e^0 = 2", "e^0 = 1"),
        ("f(x) = (2x + 1)^3\n\nf'(1) = {}", "3*9*2 = 54", "3*9 = 27"),
        ("g(z) = 1/(1 + e^(-z))\n\ng'(1) = {}", "0.7311*0.2689 = 0.1966", "0.7311*0.7311 = 0.5345"),
        ("f(x) = x² - 4x。则 f'(2) = {}", "2*2 - 4 = 0", "2*2 = 4"),
        (
            "x = [1, -2], W = [[0.5, 0.1], [-0.3, 0.8]], t = [1, 0]\n\ny = W x = [0.3, -1.9]\n\n"
            "L = ½ sum((y - t)²) = 2.05\n\ndL/dW = {}",
            "[[-0.7*1, -0.7*(-2)], [-1.9*1, -1.9*(-2)]] = [[-0.7, 1.4], [-1.9, 3.8]]",
            "[[-0.7*1, -1.9*1], [-0.7*(-2), -1.9*(-2)]] = [[-0.7, -1.9], [1.4, 3.8]]",
        ),
    ],
)
def test_figures_of_a_derivative_at_a_place_are_its_slope_there(
    text: str, right: str, wrong: str
) -> None:
    """Other figures are not called right, whatever they were put in for; nor are arrays."""
    assert verdicts(text.format(right))[-1] == "correct"
    assert verdicts(text.format(wrong))[-1] == "undecided"


THROUGH = (
    "w11 = 0.6, w12 = -0.1, w21 = -0.5, w22 = 0.3, x1 = 1.2, x2 = 0.4.\n\n"
    "z1 = w11 x1 + w12 x2 = 0.6*1.2 - 0.1*0.4 = 0.68\n\n"
    "z2 = w21 x1 + w22 x2 = -0.5*1.2 + 0.3*0.4 = -0.48\n\n{}\n\ndL/dx1 = {}"
)


@pytest.mark.parametrize(
    ("stated", "right", "wrong"),
    [
        ("dL/dz1 = 0.7\n\ndL/dz2 = -0.2", "w11 dL/dz1 + w21 dL/dz2", "w11 dL/dz1 + w12 dL/dz2"),
        ("dL/dz1 = δ1 = 0.7\n\ndL/dz2 = δ2 = -0.2", "w11 δ1 + w21 δ2", "w11 δ1 + w12 δ2"),
        ("$\\delta_1 = 0.7$ and $\\delta_2 = -0.2$ with "
         "$\\delta_k = \\frac{\\partial L}{\\partial z_k}$",
         "w11 δ1 + w21 δ2", "w11 δ1 + w12 δ2"),
        ("g1 = dL/dz1 = 0.7\n\ng2 = dL/dz2 = -0.2", "w11 g1 + w21 g2", "w11 g1 + w12 g2"),
        ("δ1 = ∂L/∂z1\n\nδ2 = ∂L/∂z2\n\nδ1 = 0.7\n\nδ2 = -0.2", "w11 δ1 + w21 δ2",
         "w11 δ1 + w12 δ2"),
    ],
)  # fmt: skip
def test_a_derivative_has_every_name_that_is_said_of_it(
    stated: str, right: str, wrong: str
) -> None:
    """Also where it stands on the left, or one formula names those of a family."""
    assert verdicts(THROUGH.format(stated, right))[-1] != "slip"
    assert verdicts(THROUGH.format(stated, wrong + " = 0.44"))[-1] == "slip"


@pytest.mark.parametrize(
    ("text", "right", "wrong"),
    [
        ("u = 2, v = 3\n\nK = u*|v| = 2*3 = 6\n\ndK/dv = {}", "u = 2", "u*v^2 = 2*9 = 18"),
        ("u = 2, v = -3\n\nK = u*|v| = 2*3 = 6\n\ndK/dv = {}", "-u = -2", "u = 2"),
        ("$u = 2$, $v = -3$\n\n$K = u|v| = 6$\n\n$\\frac{{dK}}{{dv}} = {}$", "-u = -2", "v = -3"),
        ("D = 2, e = 3\n\nH = D*(|e| - 1) = 2*(3 - 1) = 4\n\ndH/de = {}", "D = 2", "D*e = 2*3 = 6"),
        ("设 u = 2，v = 3。\n\nK = u·|v| = 6\n\ndK/du = {}", "|v| = 3", "u = 2"),
    ],
)
def test_bars_around_a_number_are_its_size_in_a_derivative_too(
    text: str, right: str, wrong: str
) -> None:
    """They stand for a length only where a vector may be meant."""
    assert verdicts(text.format(right))[-1] == "correct"
    assert verdicts(text.format(wrong))[-1] != "correct"


def test_formulas_that_do_not_lead_to_a_name_confirm_no_derivative_by_it() -> None:
    """Nobody has said what h_2 is: the slope of the loss is 0 as far as they go, and so is any."""
    text = (
        "$a_t = w x_t + u h_{t-1}$, $h_t = \\tanh(a_t)$, $o = v h_2$, $L = \\frac12 (o - y)^2$.\n\n"
        "w = 0.5, u = 0.8, v = 1.2, h_0 = 0, x_1 = 1, x_2 = -0.5, y = 0.3.\n\n"
        "$a_1 = w x_1 + u h_0 = 0.5 \\cdot 1 + 0.8 \\cdot 0 = 0.5$\n\n"
        "$a_2 = w x_2 + u h_1 = 0.5 \\cdot (-0.5) + 0.8 \\cdot 0.4621 = 0.1197$\n\n"
        "∂L/∂a_2 = -0.1858\n\n∂L/∂w = ∂L/∂a_2 x_2 = -0.1858·(-0.5) = 0.0929"
    )
    assert verdicts(text)[-1] == "undecided"


def test_brackets_with_a_calculation_are_no_argument_of_a_derivative() -> None:
    """`L(w, b)` and `L(0, 0)` say of what it is and where, `(1 - n²)` is a factor."""
    text = "n = 0.5, x = 2, c = -1.2\n\n∇_n L = c = -1.2\n\n∇_w L = ∇_n L(1 - n²) x = {}"
    assert verdicts(text.format("-1.2·(1 - 0.5²)·2 = -1.8"))[-1] == "correct"
    assert verdicts(text.format("-1.2·2 = -2.4"))[-1] != "correct"


@pytest.mark.parametrize("working", ["1/(1 + e^(0.37)) = 0.4085", "1/(1 + e^(-0.37)) = 0.5951"])
def test_a_formula_whose_figures_are_wrong_still_says_what_its_name_is(working: str) -> None:
    """A slip in the forward pass hides no wrong gradient below it."""
    text = (
        "x1 = 0.5, x2 = 0.8, w1 = 0.1, w2 = 0.4, y = 1\n\nz = w1·x1 + w2·x2 = 0.1·0.5 + 0.4·0.8 = "
        f"0.37\n\nh = σ(z) = {working}\n\nL = ½(h - y)² = ½(0.5915 - 1)² = 0.0834\n\n"
        "∂L/∂h = h - y = 0.5915 - 1 = -0.4085\n\n∂L/∂z = ∂L/∂h · h(1 - h) = -0.4085 · 0.5915 · "
        "(1 - 0.5915) = -0.0987\n\n∂L/∂w2 = ∂L/∂z · {} = -0.0987 · {} = {}"
    )
    assert verdicts(text.format("x1", "0.5", "-0.0494"))[-1] == "slip"
    assert verdicts(text.format("x2", "0.8", "-0.0790"))[-1] == "correct"


@pytest.mark.parametrize(
    ("slope", "verdict"),
    [("q1 - p1 = 0.909 - 0.2 = 0.709", "correct"), ("q1 - p2 = 0.909 - 0.8 = 0.109", "undecided")],
)
def test_shares_that_are_given_sum_to_one(slope: str, verdict: str) -> None:
    """The derivative of a divergence is q - p for shares alone, whatever letter they have."""
    text = (
        "p1 = 0.2, p2 = 0.8, z1 = 1.2, z2 = -1.1\n\nq1 = exp(z1)/(exp(z1) + exp(z2)) ≈ 0.909\n\n"
        "q2 = exp(z2)/(exp(z1) + exp(z2)) ≈ 0.091\n\nL = p1 ln(p1/q1) + p2 ln(p2/q2) ≈ 1.436\n\n"
    )
    assert verdicts(f"{text}dL/dz1 = {slope}")[-1] == verdict


COLUMN = (
    "$x = \\begin{{bmatrix}} -1.2 \\\\ 0.9 \\\\ 3 \\end{{bmatrix}}$,"
    " $k = \\begin{{bmatrix}} 0.51 \\\\ 0.14 \\end{{bmatrix}}$\n\n"
    "z_1 = k_1 x_1 + k_2 x_2 = 0.51·(-1.2) + 0.14·0.9 = -0.486\n\n"
    "z_2 = 0.51·0.9 + 0.14·3 = 0.879\n\n∂L/∂z_1 = 0.4\n\n∂L/∂z_2 = 0.4\n\n∂L/∂k_2 = {}"
)


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        ("∂L/∂z_1 x_2 + ∂L/∂z_2 x_3 = 0.4·0.9 + 0.4·3 = 1.56", "correct"),
        ("∂L/∂z_1 x_2 = 0.4·0.9 = 0.36", "undecided"),
    ],
)
def test_an_entry_of_a_column_leads_also_to_what_is_written_in_figures(
    line: str, verdict: str
) -> None:
    """Of several paths one may be meant."""
    assert findings(COLUMN.format(line))[-1].verdict == verdict
