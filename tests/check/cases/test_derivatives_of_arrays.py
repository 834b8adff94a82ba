"""Derivatives in matrices and in entries, of documents that state no figures at all."""

from __future__ import annotations

import pytest

from tests.check.cases.verdicts import findings

LAYER = (
    "$$z = W x + b$$\n\n$$a = \\sigma(z)$$\n\n$$L = \\frac12 \\|a - y\\|^2$$\n\n"
    "$$\\frac{\\partial L}{\\partial z} = (a - y) \\odot a \\odot (1 - a)$$\n\n"
)
BATCH = (
    "$Z_1 = X W_1 + b_1$, $H = \\tanh(Z_1)$, $Z_2 = H W_2 + b_2$, $P = \\mathrm{softmax}(Z_2)$ and "
    "$L = -\\frac{1}{N} \\sum_{i} \\sum_k Y_{ik} \\log P_{ik}$.\n\n$dZ_2 = (P - Y)/N$\n\n"
)
ENTRIES = (
    "$z_j = \\sum_k w_{jk} x_k + b_j$\n\n$a_j = \\sigma(z_j)$\n\n"
    "$C = \\frac12 \\sum_j (a_j - y_j)^2$\n\n"
)
ROWS = (
    "$h = \\tanh(x W_1 + b_1)$，$o = h W_2 + b_2$，$L = \\frac{1}{2} \\|o - y\\|^2$。\n\n"
    "$\\delta_2 = \\frac{\\partial L}{\\partial o} = o - y$\n\n"
)
ATTENTION = (
    "$S = \\frac{Q K^T}{\\sqrt{d}}$, $P = \\mathrm{softmax}(S)$, $O = P V$.\n\n"
    "With $dO$ from above:\n\n$dP = dO V^T$\n\n"
)
RECURRENT = (
    "$h_t = \\tanh(W h_{t-1} + U x_t + b)$\n\n$o_t = V h_t + c$\n\n"
    "$L = \\sum_t L_t$ with $L_t = \\frac{1}{2}\\|o_t - y_t\\|^2$.\n\n"
)
SHARES = "$p = \\mathrm{softmax}(z)$ and $L = -\\sum_k y_k \\log p_k$.\n\n"

RIDGE = (
    "\\[ E(\\mathbf{w}) = \\| \\mathbf{X} \\mathbf{w} - \\mathbf{y} \\|^2 "
    "+ \\lambda \\| \\mathbf{w} \\|^2 \\]\n\n"
)
LOGISTIC = (
    "$z^{(i)} = \\sum_j w_j x_j^{(i)} + b$\n\n$p^{(i)} = \\frac{1}{1 + e^{-z^{(i)}}}$\n\n"
    "$$J(w, b) = -\\frac{1}{m} \\sum_{i=1}^m [y^{(i)} \\log p^{(i)} + (1 - y^{(i)}) "
    "\\log(1 - p^{(i)})] + \\frac{\\lambda}{2m} \\sum_j w_j^2$$\n\n"
)
SCORES = (
    "$S = X W$, $P_{ik} = \\frac{e^{S_{ik}}}{\\sum_j e^{S_{ij}}}$ and\n\n$$L = -\\frac{1}{N} "
    "\\sum_i \\sum_k Y_{ik} \\log P_{ik} + \\frac{\\lambda}{2} \\|W\\|_F^2$$\n\n"
)
GATES = (
    "$o_t = \\sigma(W_o x_t + U_o h_{t-1} + b_o)$, $i_t = \\sigma(W_i x_t + U_i h_{t-1} + b_i)$, "
    "$g_t = \\tanh(W_g x_t + U_g h_{t-1} + b_g)$\n\n$c_t = f_t \\odot c_{t-1} + i_t \\odot g_t$\n\n"
    "$h_t = o_t \\odot \\tanh(c_t)$\n\n"
)
ADAPTER = "$$Y = W_0 X + \\alpha B A X$$\n\nGiven $G = \\frac{\\partial L}{\\partial Y}$:\n\n"
NETWORK = (
    "$z^{(l)} = W^{(l)} a^{(l-1)} + b^{(l)}$\n\n$a^{(l)} = \\sigma(z^{(l)})$\n\n"
    "$C = \\frac{1}{2} \\| a^{(L)} - y \\|^2$ and $\\delta^{(l)} = "
    "\\frac{\\partial C}{\\partial z^{(l)}}$\n\n"
)
STATES = (
    "$s_t = U x_t + W h_{t-1}$\n\n$h_t = \\tanh(s_t)$\n\n$o_t = V h_t$\n\n"
    "$\\delta_t = \\frac{\\partial L}{\\partial s_t}$, "
    "$e_t = \\frac{\\partial L}{\\partial o_t}$\n\n"
)
PLAIN = "Z = X @ W\n\nL = 1/2 ||Z - Y||_F^2\n\n"

LINES = [
    ("$$L = (w^T x - y)^2$$\n\n", "\\nabla_w L = ", "2 (w^T x - y) x", "(w^T x - y) x"),
    ("$$p = \\sigma(w^T x)$$\n\n$$L = -y \\log p - (1-y) \\log(1-p)$$\n\n", "\\nabla_w L = ",
     "(p - y) x", "(y - p) x"),
    (RIDGE, "\\nabla_{\\mathbf{w}} E = ",
     "2 \\mathbf{X}^{\\mathsf T} (\\mathbf{X} \\mathbf{w} - \\mathbf{y}) + 2 \\lambda \\mathbf{w}",
     "2 \\mathbf{X} (\\mathbf{X} \\mathbf{w} - \\mathbf{y}) + 2 \\lambda \\mathbf{w}"),
    (LOGISTIC, "\\frac{\\partial J}{\\partial w_j} = ",
     "\\frac{1}{m} \\sum_{i=1}^m (p^{(i)} - y^{(i)}) x_j^{(i)} + \\frac{\\lambda}{m} w_j",
     "\\frac{1}{m} \\sum_{i=1}^m (p^{(i)} - y^{(i)}) x_j^{(i)} + \\frac{\\lambda}{2m} w_j"),
    (LOGISTIC, "\\frac{\\partial J}{\\partial b} = ",
     "\\frac{1}{m} \\sum_{i=1}^m (p^{(i)} - y^{(i)})", "\\sum_{i=1}^m (p^{(i)} - y^{(i)})"),
    (SCORES, "\\frac{\\partial L}{\\partial S} = ", "\\frac{1}{N} (P - Y)",
     "\\frac{1}{N} (Y - P)"),
    (SCORES, "\\frac{\\partial L}{\\partial W} = ", "\\frac{1}{N} X^\\top (P - Y) + \\lambda W",
     "\\frac{1}{N} X^\\top (P - Y) + 2 \\lambda W"),
    (ADAPTER, "\\frac{\\partial L}{\\partial A} = ", "\\alpha B^T G X^T", "\\alpha G X^T B^T"),
    (NETWORK, "\\delta^{(l)} = ", "(W^{(l+1)})^T \\delta^{(l+1)} \\odot \\sigma'(z^{(l)})",
     "W^{(l+1)} \\delta^{(l+1)} \\odot \\sigma'(z^{(l)})"),
    (STATES, "\\delta_t = ", "(V^T e_t + W^T \\delta_{t+1}) \\odot (1 - h_t \\odot h_t)",
     "(V^T e_t + W \\delta_{t+1}) \\odot (1 - h_t \\odot h_t)"),
    (PLAIN, "dL/dZ = ", "Z - Y", "2 (Z - Y)"),
    (LAYER, "\\frac{\\partial L}{\\partial x} = ", "W^\\top \\frac{\\partial L}{\\partial z}",
     "W \\frac{\\partial L}{\\partial z}"),
    (LAYER, "\\frac{\\partial L}{\\partial W} = ", "\\frac{\\partial L}{\\partial z} x^\\top",
     "\\frac{\\partial L}{\\partial z} z^\\top"),
    (LAYER, "\\frac{\\partial L}{\\partial a} = ", "a - y", "a + y"),
    (LAYER, "\\frac{\\partial L}{\\partial b} = ", "\\frac{\\partial L}{\\partial z}",
     "2 \\frac{\\partial L}{\\partial z}"),
    (BATCH, "dW_2 = ", "H^T dZ_2", "dZ_2 H^T"),
    (BATCH, "dH = ", "dZ_2 W_2^T", "dZ_2 W_2"),
    (BATCH, "db_2 = ", "\\sum_i (dZ_2)_{i}", "\\sum_i (dZ_2)_{i} H_{i}"),
    (BATCH + "$dH = dZ_2 W_2^T$\n\n", "dZ_1 = ", "dH \\odot (1 - H^2)", "dH \\odot (1 - H)"),
    (ENTRIES, "\\frac{\\partial C}{\\partial a_j} = ", "a_j - y_j", "y_j - a_j"),
    (ENTRIES, "\\frac{\\partial C}{\\partial w_{jk}} = ", "\\frac{\\partial C}{\\partial z_j} x_k",
     "\\frac{\\partial C}{\\partial z_j} z_k"),
    (ENTRIES, "\\frac{\\partial C}{\\partial w_{jk}} = ", "(a_j - y_j) a_j (1 - a_j) x_k",
     "(a_j - y_j) a_j x_k"),
    (ENTRIES, "\\frac{\\partial C}{\\partial x_k} = ",
     "\\sum_j w_{jk} \\frac{\\partial C}{\\partial z_j}",
     "\\sum_j w_{kj} \\frac{\\partial C}{\\partial z_j}"),
    (ROWS, "\\frac{\\partial L}{\\partial W_2} = ", "h^T \\delta_2", "2 h^T \\delta_2"),
    (ROWS, "\\frac{\\partial L}{\\partial h} = ", "\\delta_2 W_2^T", "\\delta_2 W_1^T"),
    (RECURRENT, "\\frac{\\partial L}{\\partial o_t} = ", "o_t - y_t", "o_t + y_t"),
    (SHARES, "\\frac{\\partial L}{\\partial z} = ", "p - y", "y - p"),
    (SHARES, "\\frac{\\partial L}{\\partial z_k} = ", "p_k - y_k", "p_k (1 - y_k)"),
    ("$$Z = W X + b$$\n\n$dW = dZ X^T$\n\n", "dX = ", "W^T dZ", "W dZ"),
    ("$Z = X W$\n\n", "\\frac{\\partial L}{\\partial X} = ",
     "\\frac{\\partial L}{\\partial Z} W^T", "W^T \\frac{\\partial L}{\\partial Z}"),
    ("$y = W x$\n\n", "\\frac{\\partial L}{\\partial x} = ",
     "W^T \\frac{\\partial L}{\\partial y}", "W \\frac{\\partial L}{\\partial y}"),
    ("$a_i = \\max(0, z_i)$\n\n$L = \\frac12 \\sum_i (a_i - t_i)^2$\n\n",
     "\\frac{\\partial L}{\\partial z_i} = ", "(a_i - t_i) \\mathbf{1}[z_i > 0]",
     "(a_i - t_i) z_i"),
    ("$$q_j = \\frac{e^{o_j}}{\\sum_k e^{o_k}}$$\n\n$$L = -\\sum_j y_j \\log q_j$$\n\n",
     "\\frac{\\partial L}{\\partial o_j} = ", "q_j - y_j", "q_j + y_j"),
    ("$J = \\frac{1}{2m} \\|X\\theta - y\\|^2$\n\n", "\\nabla_\\theta J = ",
     "\\frac{1}{m} X^T (X\\theta - y)", "\\frac{1}{m} X^T (X\\theta + y)"),
    ("$p = \\sigma(Xw)$\n\n$L = -\\sum_i [ y_i \\log p_i + (1 - y_i) \\log(1 - p_i)]$\n\n",
     "\\frac{\\partial L}{\\partial w} = ", "X^T (p - y)", "X^T (p + y)"),
]  # fmt: skip


@pytest.mark.parametrize(("above", "head", "right", "wrong"), LINES)
def test_a_derivative_of_arrays_is_compared_at_imagined_ones(
    above: str, head: str, right: str, wrong: str
) -> None:
    """Shapes and values are imagined: that the formula holds at these shows what it is."""
    assert findings(f"{above}${head}{right}$")[-1].verdict == "correct"
    line = f"${head}{wrong}$"
    (slip,) = [each for each in findings(above + line) if each.verdict == "slip"]
    assert head.split("=")[0].strip() in slip.text
    for each in slip.replacements:
        corrected = line[: each.place.start] + each.text + line[each.place.end :]
        assert findings(above + corrected)[-1].verdict == "correct"


@pytest.mark.parametrize(
    "text",
    [
        NETWORK + "$\\delta^{(L)} = (a^{(L)} - y) \\odot \\sigma'(z^{(L)})$",
        GATES + "$\\frac{\\partial L}{\\partial o_t} "
        "= \\frac{\\partial L}{\\partial h_t} \\odot \\tanh(c_t)$",
        "Let $f = x^T A x$. $\\frac{\\partial f}{\\partial x} = (A + A^T) x$",
        "$J = \\frac{1}{2} \\|X w - y\\|^2 + \\frac{\\lambda}{2} \\|w\\|^2$\n\n"
        "$\\nabla_w J = X^T (X w - y) + \\lambda w$",
        RECURRENT
        + "$\\frac{\\partial L}{\\partial V} = \\sum_t \\frac{\\partial L}{\\partial o_t} h_t^T$",
    ],
)
def test_a_derivative_of_arrays_that_may_be_made_of_each_other_is_right(text: str) -> None:
    """Nobody says that these names are not made of each other: so no slip would be certain."""
    assert findings(text)[-1].verdict == "correct"


@pytest.mark.parametrize(
    "text",
    [
        LAYER + "$\\frac{\\partial L}{\\partial W} = x (\\frac{\\partial L}{\\partial z})^\\top$",
        "$y = W x$\n\n$\\frac{\\partial L}{\\partial x} = \\frac{\\partial L}{\\partial y} W$",
        "$Z = X W$\n\n$\\frac{\\partial L}{\\partial X} = W \\frac{\\partial L}{\\partial Z}$",
        # What data are said to be: signs, symmetric, orthonormal, bits; bound by an equation.
        "Labels are $y_i \\in \\{-1, 1\\}$.\n\n$z_i = w^T x_i$\n\n$L = \\sum_i (1 - y_i z_i)^2$\n\n"
        "$\\frac{\\partial L}{\\partial z_i} = 2 (z_i - y_i)$",
        "The weights are symmetric.\n\n$E = -\\frac12 \\sum_i \\sum_j w_{ij} s_i s_j$\n\n"
        "$\\frac{\\partial E}{\\partial s_i} = -\\sum_j w_{ij} s_j$",
        "The columns of $W$ are orthonormal.\n\n$L = \\|x - W z\\|^2$\n\n"
        "$\\frac{\\partial L}{\\partial z} = 2 z - 2 W^T x$",
        "$h_i = m_i \\max(0, z_i)$, $L = \\frac12 \\sum_i (h_i - t_i)^2$ with a binary mask m.\n\n"
        "$\\frac{\\partial L}{\\partial z_i} = (h_i - t_i) \\mathbf{1}[h_i > 0]$",
        "$w_{ij} = w_{ji}$\n\n$$\\frac{\\partial E}{\\partial w_{ij}} = -s_i s_j$$",
        # Gradients of the mean loss may be written for the sum, and the mean taken later.
        "$Z = W A + b$\n\n$dW = \\frac{1}{m} dZ A^T$",
        BATCH.replace("/N$", "$") + "$dW_2 = \\frac{1}{N} H^T dZ_2$",
        # The loss has more terms than the words in front of it show.
        "$L = E + R$\n\n$E = \\|W x - y\\|^2$\n\n"
        "$\\frac{\\partial L}{\\partial W} = 2 (W x - y) x^T$",
        RECURRENT + "$\\frac{\\partial L}{\\partial h_t} = V^T (o_t - y_t) + W^T ((1 - h_{t+1}^2)"
        " \\odot \\frac{\\partial L}{\\partial h_{t+1}})$",
    ],
)
def test_a_derivative_in_another_layout_or_of_another_mean_is_no_slip(text: str) -> None:
    """Rows for columns, a mean taken elsewhere, other terms, special data: all may be meant."""
    assert "slip" not in [each.verdict for each in findings(text)]


@pytest.mark.parametrize(
    "text",
    [
        "$f = x^T A x$\n\n$\\nabla_A f = x^T x$",
        "$L = C \\sum_i \\max(0, 1 - y_i s_i)$\n\n$\\frac{\\partial L}{\\partial s_i} = -C y_i$",
        "$a_i = \\max(0, z_i)$\n\n$L = \\frac12 \\sum_i (a_i - t_i)^2$\n\n"
        "$\\frac{\\partial L}{\\partial z_i} = a_i - t_i$",
        "Z = X @ W\n\ndW = X.T * dZ",
    ],
)
def test_what_is_no_derivative_of_arrays_is_never_right(text: str) -> None:
    """Some shapes, or all gates open, would make it one."""
    assert "correct" not in [each.verdict for each in findings(text)]


def test_formulas_of_many_names_without_shapes_that_fit_end_soon() -> None:
    """The ways to read names are as many as their products: only some of them are tried."""
    steps = [f"$h_{at} = \\tanh(W h_{at - 1} + U x_{at} + b)$" for at in range(1, 6)]
    paths = [
        " ".join(
            [*(f"(1 - h_{each}^2) W" for each in range(5, at, -1)), f"(1 - h_{at}^2) x_{at}^T"]
        )
        for at in range(5, 0, -1)
    ]
    total = f"$\\frac{{\\partial h_5}}{{\\partial U}} = {' + '.join(paths)}$"
    assert "slip" not in [each.verdict for each in findings("\n\n".join([*steps, total]))]


def test_what_is_turned_keeps_its_own_superscript() -> None:
    """Two superscripts in a row are none in LaTeX."""
    text = "$o = W^{(2)} h$\n\n$dh = W^{(2)} do$".replace("dh", "\\frac{\\partial L}{\\partial h}")
    found = findings(text.replace("do", "\\frac{\\partial L}{\\partial o}"))[-1]
    assert found.replacements[0].text.startswith("{W^{(2)}}^T ")


def test_the_last_layer_may_have_another_function() -> None:
    """A softmax beside the cross-entropy, as words may say."""
    assert findings(NETWORK + "$\\delta^{(L)} = a^{(L)} - y$")[-1].verdict == "undecided"


def test_a_name_may_be_given_to_another_derivative() -> None:
    """The last one counts."""
    text = (
        "p = w x + b\n\nL = (p - y)^2\n\ng = dL/dw\n\ng = 2(p - y) x\n\ng = dL/db\n\ng = 2(p - y)"
    )
    assert [item.verdict for item in findings(text)] == ["correct", "correct"]


def test_a_short_gradient_of_a_layer_shows_how_the_others_are_written() -> None:
    """Where `dz^l` was right as a gradient, a wrong `dV` is no differential."""
    layer = "$z^{(l)} = W^{(l)} a^{(l-1)}$\n\n$a^{(l)} = \\sigma(z^{(l)})$\n\n"
    right = "$dz^{(l)} = (W^{(l+1)})^T dz^{(l+1)} \\odot \\sigma'(z^{(l)})$\n\n"
    found = findings(layer + right + "$u = V x$\n\n$dV = 2 du x^T$")
    assert [item.verdict for item in found] == ["correct", "slip"]
