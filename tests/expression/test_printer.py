"""The exact text of trees in the three dialects."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

import pytest

from tests.expression.trees import VOCABULARY
from tracer.expression import Notation, parse, render

FAMILIES = {"h[0]", "h[1]", "h[12]", "m[w]", "m[w]'", "m[W1]", "s[1]"}
DERIVATIVES = {"dloss/dw", "dloss/dy_pred", "dloss/dW1", "dloss/dw#1", "dloss/dh[1]"}
NOTATION = Notation(
    {"y_pred": "ŷ"},
    loss="loss",
    taken={
        *("w", "x", "y", "y_pred", "loss", "W", "W1", "b", "b1", "z", "s1", "learning_rate"),
        *FAMILIES,
    },
)
ROWS = [
    ("w * x", "w·x", r"w \cdot x"),
    ("(y_pred - y)**2", "(ŷ − y)²", r"(\hat{y} - y)^{2}"),
    ("2 * (y_pred - y)", "2·(ŷ − y)", r"2\,(\hat{y} - y)"),
    ("2 * (0.5 - 2)", "2·(0.5 − 2)", r"2\,(0.5 - 2)"),
    ("dloss/dy_pred * x", "∂L/∂ŷ·x", r"\frac{\partial L}{\partial \hat{y}} \cdot x"),
    (
        "w - learning_rate * dloss/dw",
        "w − η·∂L/∂w",
        r"w - \eta \cdot \frac{\partial L}{\partial w}",
    ),
    ("0.5 - 0.1 * (-3)", "0.5 − 0.1·(−3)", r"0.5 - 0.1 \cdot (-3)"),
    ("-3.0 * 1", "−3.0·1", r"-3.0 \cdot 1"),
    ("-a * b - (-a) * b", "−a·b − (−a)·b", r"-a \cdot b - (-a) \cdot b"),
    ("-x**2", "−x²", "-x^{2}"),
    ("(-x)**2", "(−x)²", r"(-x)^{2}"),
    ("-(a + b)", "−(a + b)", r"-(a + b)"),
    ("-(-a)", "−(−a)", r"-(-a)"),
    ("2**(-1)", "2⁻¹", "2^{-1}"),
    ("a**b**c", "a^b^c", "a^{b^{c}}"),
    ("(a**b)**c", "(a^b)^c", r"(a^{b})^{c}"),
    ("x**(n + 1)", "x^(n + 1)", "x^{n + 1}"),
    ("x**0.5", "x^0.5", "x^{0.5}"),
    ("a - (b - c)", "a − (b − c)", r"a - (b - c)"),
    ("a / (b * c)", "a / (b·c)", r"\frac{a}{b \cdot c}"),
    ("a / b / c", "a / b / c", r"\frac{\frac{a}{b}}{c}"),
    ("(a / b)**2", "(a / b)²", r"\left(\frac{a}{b}\right)^{2}"),
    ("a / (dloss/dw)", "a / (∂L/∂w)", r"\frac{a}{\frac{\partial L}{\partial w}}"),
    ("(dloss/dw)**2", "(∂L/∂w)²", r"\left(\frac{\partial L}{\partial w}\right)^{2}"),
    ("(dloss/dW1).T", "(∂L/∂W₁)ᵀ", r"\left(\frac{\partial L}{\partial W_{1}}\right)^{\top}"),
    (
        "(dloss/dW1)[0, 1]",
        "(∂L/∂W₁)₁₂",
        r"\left(\frac{\partial L}{\partial W_{1}}\right)_{12}",
    ),
    ("dloss/dw#1", "∂L/∂w|₁", r"\left.\frac{\partial L}{\partial w}\right|_{1}"),
    ("dloss/dh[1]", "∂L/∂h₁", r"\frac{\partial L}{\partial h_{1}}"),
    ("W1 @ x + b1", "W₁ @ x + b₁", r"W_{1} \mathbin{@} x + b_{1}"),
    ("2 * x @ 3", "2·x @ 3", r"2\,x \mathbin{@} 3"),
    ("a * 2 @ x", "a·2 @ x", r"a \cdot 2 \mathbin{@} x"),
    ("W1.T @ z", "W₁ᵀ @ z", r"W_{1}^{\top} \mathbin{@} z"),
    ("x.T**2", "xᵀ²", r"(x^{\top})^{2}"),
    ("W1[0, 1]", "(W₁)₁₂", "(W_{1})_{12}"),
    ("W[0, 1]", "W₁₂", "W_{12}"),
    ("W[0, 11]", "W₁,₁₂", "W_{1,12}"),
    ("W1[0, 11]", "(W₁)₁,₁₂", "(W_{1})_{1,12}"),
    ("W[0, 1, 2]", "W₁,₂,₃", "W_{1,2,3}"),
    ("x[11]", "x_{{12}}", "x_{{12}}"),
    ("x[0]", "x₁", "x_{1}"),
    ("unknown[0]", "(unknown)₁", r"(\mathrm{unknown})_{1}"),
    ("(w + x)[0]", "(w + x)₁", r"(w + x)_{1}"),
    ("x[-1, :, 1:3, ::2]", "x[−1, :, 1:3, ::2]", "x[-1, :, 1:3, ::2]"),
    ("x[i, 0]", "x[i, 0]", "x[i, 0]"),
    ("h[0] + h[12]", "h₀ + h₁₂", "h_{0} + h_{12}"),
    ("h[1][0]", "(h₁)₁", "(h_{1})_{1}"),
    ("s[1] + s1", "s⁽¹⁾ + s₁", "s^{(1)} + s_{1}"),
    ("s[1]**2", "(s⁽¹⁾)²", r"(s^{(1)})^{2}"),
    ("m[w]' + m[w]", "m_w′ + m_w", "m_{w}' + m_{w}"),
    ("m[W1]", "m_{W₁}", "m_{W_{1}}"),
    ("sigmoid(z)", "σ(z)", r"\sigma(z)"),
    ("sqrt(x) + abs(x)", "√x + |x|", r"\sqrt{x} + \left|x\right|"),
    ("sqrt(x)**2 * 2", "(√x)²·2", r"\sqrt{x}^{2} \cdot 2"),
    ("2 * pi", "2·π", r"2\,\pi"),
    (
        "softmax(z, axis=-1)",
        "softmax(z, axis=−1)",
        r"\operatorname{softmax}(z, \mathrm{axis}{=}-1)",
    ),
    ("transpose(e, (0, 2, 1))",) * 2 + (r"\operatorname{transpose}(e, (0, 2, 1))",),
    ("e**x", "(e)^x", r"(e)^{x}"),
    ("x**T", "x^(T)", "x^{{}T}"),
    ("[1, 2]", "[1, 2]", r"\left[\begin{matrix} 1 & 2 \end{matrix}\right]"),
    ("[[1, 2]]", "[[1, 2]]", r"\begin{bmatrix} 1 & 2 \end{bmatrix}"),
    (
        "[[1, 2], [3, -4]]",
        "[[1, 2], [3, −4]]",
        r"\begin{bmatrix} 1 & 2 \\ 3 & -4 \end{bmatrix}",
    ),
    (
        "[[[1]], 2]",
        "[[[1]], 2]",
        r"\left[\begin{bmatrix} 1 \end{bmatrix}, 2\right]",
    ),
    ("1e-3 * x", "1e-3·x", r"1\mathrm{e}{-3}\,x"),
    ("(1e-3)**2",) * 1 + ("(1e-3)²", r"(1\mathrm{e}{-3})^{2}"),
]


@pytest.mark.parametrize(("ascii_text", "unicode_text", "latex_text"), ROWS)
def test_an_expression_has_one_text_in_each_dialect(
    ascii_text: str, unicode_text: str, latex_text: str
) -> None:
    tree = parse(ascii_text, vocabulary=VOCABULARY, derivatives=DERIVATIVES, families=FAMILIES)
    assert render(tree, vocabulary=VOCABULARY) == ascii_text.replace("(1e-3)", "1e-3")
    assert render(tree, "unicode", vocabulary=VOCABULARY, notation=NOTATION) == unicode_text
    assert render(tree, "latex", vocabulary=VOCABULARY, notation=NOTATION) == latex_text


def test_a_node_that_is_none_of_the_language_is_a_mistake_of_the_program() -> None:
    with pytest.raises(TypeError, match="no node"):
        render(object())  # type: ignore[arg-type]
