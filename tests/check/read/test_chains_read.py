"""Which chains are read from a text, with the trees of their sides."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

import pytest

from tests.check.read.shown_chains import chains, first_chain
from tracer.check.model.statements import DocumentKind
from tracer.check.read.document_entry import read_document
from tracer.expression import render

PLAIN = {
    # one line, several sides
    "y_pred = w * x = 0.5 * 1 = 0.5": ["y_pred | w * x | 0.5 * 1 | 0.5"],
    "z ≈ 0.5 ≃ 0.52": ["z | ≈0.5 | ≈0.52"],
    "w := 0.5": ["w | ←0.5"],
    "w ← w − 0.1·(−3) = 0.8": ["w | ←w - 0.1 * (-3) | 0.8"],
    "y＝２×３＝６": ["y | 2 * 3 | 6"],
    "w -= 0.1 * 3": ["w | ←w - 0.1 * 3"],
    "z = 0.2 > 0": ["z | 0.2", "0.2 | >0"],
    "a = 10 // 4 = 2": ["a | <unreadable> | 2"],
    # labels and what stands around
    "3. y = 2 * 3 = 6": ["y | 2 * 3 | 6"],
    "(3) y = 2 * 3 = 6": ["y | 2 * 3 | 6"],
    "> - Step 2: y = 2 * 3 = 6": ["y | 2 * 3 | 6"],
    "y_pred: 2 * 3 = 6": ["y_pred | 2 * 3 | 6"],
    "b: 2 * 3 = 6": ["2 * 3 | 6"],
    "Step 2: 2 * 3 = 6": ["2 * 3 | 6"],
    "可以算出 y = 2 * 3 = 6。然后": ["y | 2 * 3 | 6"],
    "**y** = 2 * 3 = `6` and so on": ["y | 2 * 3 | 6"],
    r"y\_1 = 2 \* 3 = 6": ["y_1 | 2 * 3 | 6"],
    "y = 2&times;3 = 6": ["y | 2 * 3 | 6"],
    "The width is _6 - 3 + 1 = 4_ here.": ["6 - 3 + 1 | 4"],
    "![7](a.png)=2 * 3 = 6": ["2 * 3 | 6"],
    "v<sub>1</sub> = 0.9v<sub>0</sub> + x<sup>2</sup>": ["v1 | 0.9 * v0 + x**2"],
    "y = 0.5 * 1 (first row) = 0.5": ["y | 0.5 * 1 | 0.5"],
    # several on a line
    "a = 1; b = 2，c = 3、d = 4": ["a | 1", "b | 2", "c | 3", "d | 4"],
    "x=1 y=2 w=0.5": ["x | 1", "y | 2", "w | 0.5"],
    "z = 1 σ(z) = 0.7311": ["z | 1", "sigmoid(z) | 0.7311"],
    "p = 0.75  H = 0.75 log(0.75) = -0.2158": ["p | 0.75", "H | 0.75 * log(0.75) | -0.2158"],
    "y = 2σ(z) = 1.4": ["y | 2 * sigmoid(z) | 1.4"],
    "dL/dv = 10 v = 10 * 1 = 10": ["dL/dv | 10 * v | 10 * 1 | 10"],
    "（w = 0.5，b = 0.1）": ["w | 0.5", "b | 0.1"],
    # names
    "损失 = (0.5 − 2)² = 2.25": ["损失 | (0.5 - 2)**2 | 2.25"],
    "新权重w = 0.8": ["w | 0.8"],
    "new weight = old weight - learning rate * gradient": [
        "new_weight | old_weight - learning_rate * gradient"
    ],
    "dL / dw = δL/δŷ · x": ["dL/dw | dL/dy_hat * x"],
    "guess = slope * hours = 0.25 * 2 = 0.5": ["guess | slope * hours | 0.25 * 2 | 0.5"],
    "y = a(1 - a) = h(1 - h)": ["y | a * (1 - a) | h * (1 - h)"],
    # figures, functions and arrays
    "loss = -np.log(0.5) = 0.6931": ["loss | -log(0.5) | 0.6931"],
    "z = (1 - 2)/np.sqrt(4) = -0.5": ["z | (1 - 2) / sqrt(4) | -0.5"],
    "I = -log₂ 0.125 = log_2(8) = 3": ["I | -log2(0.125) | log2(8) | 3"],
    "t = tanh²(0.5)": ["t | tanh(0.5)**2"],
    "σ² = 4": ["sigma**2 | 4"],
    "x = [0.1 0.2 -0.3]": ["x | [0.1, 0.2, -0.3]"],
    "[(3-1)^2 + 1] / 2 = 2.5": ["((3 - 1)**2 + 1) / 2 | 2.5"],
    "||[6, 8]|| = 10": ["length([6, 8]) | 10"],
    "q1 . k1 = [1, 0] . [1, 1] = 1": ["q1 * k1 | [1, 0] * [1, 1] | 1"],
    "t = 4 * 0.25 = 1.00 s": ["t | 4 * 0.25 | 1.00"],
    "max(3,7) = 7      max(1,8) = 8": ["max(3, 7) | 7", "max(1, 8) | 8"],
    # one name, whatever its form; sums over an index
    "f(x₁) = F_0(X) = (f ∘ g)(2) = 7": ["f(x₁) | F_0(X) | (f∘g)(2) | 7"],
    "(d/dz)g(z) = d/dx x² = 1": ["dg/dz | dx²/dx | 1"],
    "∑_{i=1}^{3} i = 2 ∑_{i=1}^{2} x_i": ["1 + 2 + 3 | 2 * (x_1 + x_2)"],
    "∑ᵢ₌₁³ i = 2 ∑ᵢ₌₁² xᵢ": ["1 + 2 + 3 | 2 * (x_1 + x_2)"],
    "S = ∑ᵢ₌₁ⁿ xᵢ = 3": ["S | sum(x_i, over=i, first=1, last=n) | 3"],
    "L = 1/2 Σ(y - p)^2 = Σ_i x_i w_i": ["L | 1 / 2 * sum((y - p)**2) | sum(x_i * w_i)"],
    "H = -Σ p = ∇f(w) = 1": ["H | -sum(p) | df/dw | 1"],
    # truth values, shapes
    "NOT(0) = XOR(1, 0) = AND(1, 1)": ["1 - 0 | abs(1 - 0) | minimum(1, 1)"],
    "shape (b, 2*3) = (b, 6)": ["(b, 2 * 3) | (b, 6)"],
    # what stands beside a figure and is no factor
    "n = 2 * 3 = 6个X（像素点）": ["n | 2 * 3 | 6"],
    "得到一个(8 − 3) × (8 − 3) = 25维的特征": ["(8 - 3) * (8 - 3) | 25"],
    "y = 100/256 ≈ 0.39 (4× reduction)": ["y | 100 / 256 | ≈0.39"],
    "参数量 = 2 × 3 = 6（仅一层！）": ["参数量 | 2 * 3 | 6"],
    "t = 8 cm x 3 = 24 cm": ["t | 8 * 3 | 24"],
    "y = 1/4 * (1/4)[(1 - 2) + 3] = 2": ["y | 1 / 4 * (1 / 4) * (1 - 2 + 3) | 2"],
    "(<sup> 1 </sup>/<sub> (1 - 0.98) </sub>) = 50": ["1 / (1 - 0.98) | 50"],
    # words for signs
    "y = 5 times 3 = 15": ["y | 5 * 3 | 15"],
    "3 plus 4 equals 7": ["3 + 4 | 7"],
    "2 乘以 3 得 6": ["2 * 3 | 6"],
    "2 * 3 的计算结果为 6。": ["2 * 3 | 6"],
    "计算 $2 * 3$，结果是 $6$。": ["2 * 3 | 6"],
    "We compute $2 * 3$, which is $6$.": ["2 * 3 | 6"],
    "熵(红) = 2 * 3 = 6": ["熵(红) | 2 * 3 | 6"],
    # a backslash that was written twice, and a row that ends before a command
    r"$$a = 1 \\\frac{1}{4} = 0.25$$": ["a | 1", "1 / 4 | 0.25"],
    # arrows of successive iterations
    "w = 0.5 → 0.8 → 1.04": ["w | 0.5", "w | 0.8", "w | 1.04"],
    "y = 2*3 = 6 → 1 + 2 = 3": ["y | 2 * 3 | 6", "1 + 2 | 3"],
    # no worked mathematics
    "if x == 5 then y != 3, x <= 4 and 5 >= 4": [],
    "w_new = w - η dw = 0.5 - 0.1*2": ["w_new | w - learning_rate * dw | 0.5 - 0.1 * 2"],
    "g = 2(y - 1) x = 2*(3 - 1)*2": ["g | 2 * (y - 1) * x | 2 * (3 - 1) * 2"],
    "so `m = b m + (1 - b) dw`": ["m | b * m + (1 - b) * dw"],
    "v = b v + (1 - b) dw² = 0.1": ["v | b * v + (1 - b) * dw**2 | 0.1"],
    "k' = k - lr dJ/dv = 0.1 - 0.2": ["k' | k - lr * dJ/dv | 0.1 - 0.2"],
    "u' = u - η dloss/du": ["u' | u - learning_rate * dloss/du"],
    "do/dv = 3 * (1 - 0.5) = 1.5": ["do/dv | 3 * (1 - 0.5) | 1.5"],
    "dL/dv = dL/do * h = do h = 0.1 * 2": ["dL/dv | dL/do * h | do * h | 0.1 * 2"],
    "w[0]' = w[0] - 0.1": ["w[0]' | w[0] - 0.1"],
    "w[1][0]_new = w[1][0] - 0.1": ["w[1, 0]_new | w[1][0] - 0.1"],
    "k[0]' = k[0] - eta * dL/dk[0]": ["k[0]' | k[0] - eta * (dL/dk)[0]"],
    "y[0].grad = y[0] - t": ["y_grad[0] | y[0] - t"],
    "q = a.data * w[0][1].data = 3*2": ["q | a_data * w_data[0][1] | 3 * 2"],
    "h = np.tanh(x).sum() and z = w.x + b": ["z | w * x + b"],
    "dyhat = yhat-y = 0.7-1": ["dyhat | yhat - y | 0.7 - 1"],
    "f(x=1) and Dense(units=4)": [],
    "y = 6 (1) 3 z": ["y | 6 * 1"],
    "dL/dv = sum_t dL/da_t * h_t = 0.5*2": ["dL/dv | sum(dL/da_t * h_t) | 0.5 * 2"],
    "v = (6 ± sqrt(16))/2 = (6 ± 4)/2": [
        "[(6 + sqrt(16)) / 2, (6 - sqrt(16)) / 2] | [(6 + 4) / 2, (6 - 4) / 2]"
    ],
    "acc = 0.95 ± 0.02": [],
    "n = 1\u2009228\u2009800 × 2 = 2\u00a0457\u00a0600": ["n | 1228800 * 2 | 2457600"],
    "16 * 76800 = 1 228 800 pixels, x = 100 200 300": ["16 * 76800 | 1228800", "x | 100"],
    "784×128 + 128 = 100 352 + 128 = 100 480": ["784 * 128 + 128 | 100352 + 128 | 100480"],
    "Total : 100 480 + 8 256 = 108 736": ["100480 + 8256 | 108736"],
    "2 * 3 = 6 200 epochs": ["2 * 3 | 6"],
    "input = features": [],
}


@pytest.mark.parametrize(("text", "read"), PLAIN.items(), ids=list(PLAIN))
def test_a_plain_line_is_read(text: str, read: list[str]) -> None:
    assert chains(text) == read


FORMULAS = {
    r"$w \gets w - \eta g$": ["w | ←w - learning_rate * g"],
    r"$w x$ = $0.5 \times 1$ = 0.5, then": ["w * x | 0.5 * 1 | 0.5"],
    r"y = 0.5 $\times$ 2 = 1": ["y | 0.5 * 2 | 1"],
    r"$\frac{dL}{dw} = \frac{\delta L}{\delta w} = \frac{\partial L}{\partial w}$": [
        "dL/dw | dL/dw | dL/dw"
    ],
    r"$\frac{dL}{dw_{11}} = \frac{dL}{dz_1} x_1$": ["dL/dw11 | dL/dz1 * x1"],
    r"$w^{\text{new}} = w^{old} - 0.1$": ["w_new | w_old - 0.1"],
    r"$\text{loss} = 2 \cdot 3 = 6 \text{ (rounded)}$": ["loss | 2 * 3 | 6"],
    r"$x = 1,\quad y = 2 \quad z = 3$": ["x | 1", "y | 2", "z | 3"],
    r"$y = 2 \cdot 3 = \boxed{6}$": ["y | 2 * 3 | 6"],
    r"$\boxed{15 - 3 = 12}$": ["15 - 3 | 12"],
    r"$y = \underbrace{2 \cdot 3}_{\text{product}} + 1 = 7 \tag{4}$": ["y | 2 * 3 + 1 | 7"],
    r"$d = 8\,\mathrm{cm} \cdot 3 = 24\,\mathrm{cm}$": ["d | 8 * 3 | 24"],
    r"$\text{Output size} = \frac{5 - 3}{1} + 1 = 3$": ["Output_size | (5 - 3) / 1 + 1 | 3"],
    r"$\sum_{i=1}^{3} i^2 = \sum_{i} x_i$": ["1**2 + 2**2 + 3**2 | sum(x_i, over=i)"],
    r"$\sum_{i=1}^{2}\sum_{j=1}^{2} i j = \prod_{k=1}^{3} (k + 1)$": [
        "1 * 1 + 1 * 2 + (2 * 1 + 2 * 2) | (1 + 1) * (2 + 1) * (3 + 1)"
    ],
    r"$\sum_{i=1}^{2} w_{ij} = 3$": ["sum_i=1^2w_ij | 3"],
    r"$\nabla_{\hat{y}} L = \hat{y} - y = 1$": ["dL/dy_hat | y_hat - y | 1"],
    r"$\nabla_\hat{y} L = x_\hat{y} = 1$": ["dL/dy_hat | x_y_hat | 1"],
    r"$q = \nabla_{v} - h = 2 - 1$": ["q | nabla_v - h | 2 - 1"],
    r"$\nabla_{v} = 2 \nabla_v \mathcal{L} = 2$": ["nabla_v | 2 * dL/dv | 2"],
    r"$\nabla_{v} = \nabla_{c} (1 - c) = 2 (1 - 3)$": ["nabla_v | nabla_c * (1 - c) | 2 * (1 - 3)"],
    r"$\left(\sum_{i=1}^{2} 2 i\right)/2 = \nabla L$": ["(2 * 1 + 2 * 2) / 2 | nablaL"],
    r"$W^{[1]T} x = W^{(2)\top} h$": ["W[1].T * x | W[2].T * h"],
    r"$\sum_i\alpha_iy_i = \delta_ow_{ho}$": ["sum(alpha_i * y_i, over=i) | delta_o * w_ho"],
    r"$v = 3\pm\sqrt{4} = 3 \mp 2$": ["[3 + sqrt(4), 3 - sqrt(4)] | [3 - 2, 3 + 2]"],
    r"$\delta \hat f = \pi_0 \cdot 2 = 2 \pi$": ["deltahatf | pi_0 * 2 | 2 * pi()"],
    r"$\bm{\delta}^{(1)} = \frac{\partial L}{\partial \bm{\theta}} = 2$": [
        "delta[1] | dL/dtheta | 2"
    ],
    r"$\delta x = \delta \hat{f}$": ["deltax | deltahatf"],
    r"$v = \delta x = \delta \hat{f}$": ["v | delta * x | delta * f_hat"],
    r"$\delta = 2$, $\delta x = \delta \hat{f}$": ["delta | 2", "delta * x | delta * f_hat"],
    "δ z = δ h * 2 = 3": ["δz | δh * 2 | 3"],
    r"$w_{2,3}(new) = Q(s_t, a_t) = f(x_{1})$": ["w[2, 3]' | Q(s_t,a_t) | f(x_1)"],
    r"$\frac{d}{dw} w^2 + 1 = 3$": ["fracddww^2+1 | 3"],
    r"$V = \frac{1}{4}\left[(1 - 2)^2 + 3\right] = 1$": ["V | 1 / 4 * ((1 - 2)**2 + 3) | 1"],
    r"$z_1^{[2]} = \hat{y} = w^{(1)}$": ["z1[2] | y_hat | w[1]"],
    "\\begin{align}\ny &= 2 \\cdot 3 \\\\\n  &= 6 \\\\ z &= 1 \\\\ &+ 2 = 3\n\\end{align}": [
        "y | 2 * 3 | 6",
        "z | 1 + 2 | 3",
    ],
    "\\hat{y} = w \\cdot x = 0.5 \\cdot 1 = 0.5\nw = 0.5 - 0.1\n= 0.4": [
        "y_hat | w * x | 0.5 * 1 | 0.5",  # LaTeX without dollar signs: a row is a line
        "w | 0.5 - 0.1 | 0.4",
    ],
    r"y = 6 ($x = 1$)": ["y | 6", "x | 1"],
    "> $$\n> y = 2 \\cdot 3 = 6\n> $$": ["y | 2 * 3 | 6"],
    "| a |\n|---|\n| $y = 2 \\cdot 3$ |": ["y | 2 * 3"],
    "> $a = y(1-y)$\n\n=0.5(1−0.5)=0.25": ["a | y * (1 - y) | 0.5 * (1 - 0.5) | 0.25"],
}


@pytest.mark.parametrize(("text", "read"), FORMULAS.items(), ids=list(FORMULAS))
def test_a_formula_is_read(text: str, read: list[str]) -> None:
    assert chains(text) == read


BLOCKS: dict[str, tuple[DocumentKind, str, list[str]]] = {
    "a line that begins with a relation": ("md", "y = w * x\n  = 2 * 3", ["y | w * x | 2 * 3"]),
    "a display below another one": ("md", "$$y = 2 \\cdot 3$$\n\n$$= 6$$", ["y | 2 * 3 | 6"]),
    "a display behind a formula in prose": (
        "md",
        "$$y = 2 \\cdot 3$$\n\nHere $b = 1$.\n\n$$= 5 + 1 = 6$$",
        ["y | 2 * 3", "b | 1", "5 + 1 | 6"],
    ),
    "also after a blank line": ("txt", "dL/dw\n\n= 2 * 3\n\n= 6", ["dL/dw | 2 * 3 | 6"]),
    "a line that ends with one": ("txt", "y =\n2 * 3 = 6", ["y | 2 * 3 | 6"]),
    "a sum over several lines": ("md", "```\n1 + 0 +\n4 + 0 = 5\n```", ["1 + 0 + 4 + 0 | 5"]),
    "a clause that begins with a word of Python": (
        "txt",
        "with step size 0.25:\nv = 1.5 - 0.25 * 2 = 1",
        ["v | 1.5 - 0.25 * 2 | 1"],
    ),
    "a statement of Python that begins so": ("txt", "with open(p) as f:\n    v = 2", []),
    "a matrix over lines": ("txt", "A = [[1 2]\n     [3 4]]", ["A | [[1, 2], [3, 4]]"]),
    "a fence of another language": ("md", "```bash\nx=3; y=4\n```", []),
    "working marked as commands": (
        "md",
        "```bash\nw = 3\n+ z = w * x = 3 * 2 = 6\n```",
        ["w | 3", "z | w * x | 3 * 2 | 6"],
    ),
    "what a command printed": ("md", "```bash\n$ step\nz = 3 * 2 = 6\n```", []),
    "a formula as an item in a display": (
        "md",
        "$$\n- \\( \\ln(0.5) \\approx -0.693 \\)\n$$",
        ["log(0.5) | ≈-0.693"],
    ),
    "an indented block": ("md", "text\n\n    y = 2 * 3 = 6", ["y | 2 * 3 | 6"]),
    "cells of a table": ("md", "| a | b |\n|---|---|\n| x = 1 | y = 2 |", ["x | 1", "y | 2"]),
    "working between code": (
        "py",
        "import math\ng = 2 * 3 = 6  # up\nx = y = 3\nL = 0.1 × 3 = 0.3\nz[i + 1] = y = 2",
        ["g | 2 * 3 | 6", "L | 0.1 * 3 | 0.3"],
    ),
    "results in comments": (
        "py",
        "z = w * x  # = 0.5\nfor i in n:  # = 3\n    s = f('#')  # ≈ 2",
        ["z | w * x | 0.5", "s | f('#') | ≈2"],
    ),
    "what code prints as it stands there": (
        "py",
        "print('2 * 3 = 6', 'w = 5')\nprint('2 * %d = 6' % 3, f'{w} + 1 = 2')",
        ["2 * 3 | 6"],
    ),
    "comments of code": ("py", "w = 2\n# 2 * 3 = 6\ns = '# 1 + 1 = 3'", ["w | 2", "2 * 3 | 6"]),
    "a formula of LaTeX without signs": ("txt", r"y = 2 \cdot 3 \approx 6", ["y | 2 * 3 | ≈6"]),
    "a symbol of LaTeX behind the word for it": ("md", "斜率 ∇J(v) = 1.5", ["dJ/dv | 1.5"]),
    "a LaTeX file": (
        "tex",
        "\\title{a = 1}\n\\begin{document}\nWith $y = 2$ % $z = 3$\n\\textbf{x = 4}\n"
        "\\begin{tikzpicture}\n\\node[a=1cm] {};\n\\end{tikzpicture}\n"
        "\\begin{equation}\na = 5\n\\end{equation}\nloss\\_1 = 4\n\\end{document}",
        ["y | 2", "x | 4", "a | 5", "loss_1 | 4"],
    ),
}


@pytest.mark.parametrize("name", BLOCKS)
def test_blocks_of_each_kind(name: str) -> None:
    kind, text, read = BLOCKS[name]
    assert chains(text, kind) == read


READINGS = {
    "n = 768 × 3072 = 2,359,296": ["2359296"],
    "a = 0,5 * 0,5 = 0,25": ["0.25"],
    "n = 2 × 32000 × 4096 ≈ 0.262B": ["0.262e9", "0.262"],
    "B = 3; n = 4 = 2B": ["2 * B"],
    "n = 2 * 7000 = 1.4万": ["1.4e4", "1.4"],
    "p = 45/60 * 100 = 75 %": ["75%", "75"],
    "s = (16, 8) * (8, 4)": ["(16, 8) * (8, 4)"],
    "t = 4 · (3/10k)": ["4 * (3 / 10e3)", "4 * (3 / 10)"],
    "a = 2 · 3 1/2": ["2 * (3 + 1 / 2)", "2 * (3 * 1 / 2)"],
    "a = $3\\frac{1}{2} + 1$": ["3 + 1 / 2 + 1", "3 * (1 / 2) + 1"],
    "a = 2/3 sum(x)": ["2 / 3 * sum(x)", "2 / (3 * sum(x))"],
    "a = ½ sum(x)": ["1 / 2 * sum(x)"],
    "b = 1ᵀ δ": ["(1).T * delta", "(1).T @ delta", "sum(delta, axis=0)"],
    "c = a · b": ["a * b", "a @ b"],
    "O = A V": ["A * V", "A @ V"],
    "c = a * b": ["a * b"],
    "c = [1, 2] · [3, 4]": ["[1, 2] * [3, 4]", "[1, 2] @ [3, 4]"],
    "w1 = 1.0 - (0.1 x -0.148)": ["1.0 - 0.1 * (-0.148)"],
    "x = 2\n\nw1 = 1.0 - (0.1 x -0.148)": ["1.0 - 0.1 * (-0.148)", "1.0 - (0.1 * x - 0.148)"],
    "h = 0.3 x V1 + 0.2 x [1, 4]": ["0.3 * V1 + 0.2 * [1, 4]"],
    r"s = $\frac{1}{n}\sum_{k=1}^{n} (y_k - t)^2$": [
        "1 / n * sum((y_k - t)**2, over=k, first=1, last=n)"
    ],
    "s = 0.5 * ∑ (y - t)^2": ["0.5 * sum((y - t)**2)"],
    "y = gain(3, 0)": ["gain(3,0)", "gain * (3, 0)"],
    r"p = $q_\phi(b|a) \cdot r(a)$": ["q_phi(b|a) * r(a)", "q_phi(b|a) @ r(a)"],
    "E = 1/2(y - t)^2": ["1 / 2 * (y - t)**2", "1 / (2 * (y - t)**2)"],
    "y = m(2) + 1": ["m(2) + 1", "m * 2 + 1"],
    "y = f(2) + 1": ["f(2) + 1", "f * 2 + 1"],
    "y = log(8)": ["log(8)"],
    "s = sin(30)": ["sin(30)", "sin(30 * (pi() / 180))"],
}


@pytest.mark.parametrize(("text", "readings"), READINGS.items(), ids=list(READINGS))
def test_a_side_has_all_its_readings_the_likeliest_first(text: str, readings: list[str]) -> None:
    from tracer.expression import render

    assert [
        render(tree) for tree in [*read_document(text, "md").chains()][-1].sides[-1].readings
    ] == readings


def test_a_figure_with_its_scale_is_worth_what_it_says() -> None:
    tree = first_chain("n = 2 × 3 = 2.36M").sides[-1].tree
    assert getattr(tree, "value", None) == 2_360_000


@pytest.mark.parametrize(
    ("text", "read", "units"),
    [
        ("v = 3 m/s", "v | 3", ("m", "s")),
        ("f = 2 m² + 3 m = m (2 m + 3)", "f | 2 * m**2 + 3 * m | m * (2 * m + 3)", ()),
        (r"$L = \ln s + \frac{1}{2 s^2}$", "L | log(s) + 1 / (2 * s**2)", ()),
        (r"$d = 2\,\text{m}$", "d | 2", ("m",)),
    ],
)
def test_a_letter_is_a_unit_where_it_stands_after_figures_alone(
    text: str, read: str, units: tuple[str, ...]
) -> None:
    assert chains(text) == [read]
    assert first_chain(text).sides[1].units == units


def test_e_is_a_name_where_the_document_has_such_a_name() -> None:
    squares = chains("e = 0.5 - 2 = -1.5\n\nL = e^2 = 2.25")
    assert squares[-1] == "L | e**2 | 2.25"
    assert chains("L = e^2 = 7.389") == ["L | exp(2) | 7.389"]


def test_a_formula_without_figures_is_a_chain_and_is_counted() -> None:
    document = read_document("$L = (y - p)^2$ and $g = y - p$", "md")
    assert chains("$g = y - p$") == ["g | y - p"]
    assert document.formulas == 2  # an exponent is no figure


def test_headings_are_known_to_what_stands_below_them() -> None:
    text = "# A\n\na = 1\n\n## B\n\nb = 2\n\n# C\n\nc = 3"
    assert [chain.headings for chain in read_document(text, "md").chains()] == [(1,), (1, 5), (9,)]


def test_words_say_after_how_many_iterations_a_value_holds() -> None:
    assert first_chain("After 3 iterations w = 1.04").iteration == 3
    assert first_chain("经过 2 次迭代后 w = 1.04").iteration == 2
    text = "w = 0.5 → 0.8 → 1.04"
    assert [chain.iteration for chain in read_document(text, "md").chains()] == [None, 1, 2]


@pytest.mark.parametrize("text", ["```\ny = 0.5\n  + 2 = 2.5\n```", "```\ny = 0.5 +\n2 = 2.5\n```"])
def test_a_sum_goes_on_over_lines(text: str) -> None:
    assert chains(text) == ["y | 0.5 + 2 | 2.5"]


def test_an_indented_row_goes_on_with_a_product() -> None:
    text = r"$$\begin{aligned} y &= 2 \cdot 3 \\ &\quad {} \cdot 4 \\ &= 24 \end{aligned}$$"
    assert chains(text) == ["y | 2 * 3 * 4 | 24"]


@pytest.mark.parametrize(
    ("text", "readings"),
    [
        ("w -= 0.1 * 3 = 0.2", ["0.2", "w - 0.2"]),
        ("y = 0.75 (3/4)", ["0.75 * (3 / 4)", "0.75"]),
        ("y = 2 * 3 m", ["2 * 3", "2 * 3 * m"]),
        ("m = 4, y = 2 * 3 m", ["2 * 3 * m"]),
        ("y = 100 - 92%", ["100 - 92%", "100 - 92"]),
        ("$y = 1{,}500$", ["1500", "1.500"]),
    ],
)
def test_the_last_side_has_these_readings(text: str, readings: list[str]) -> None:
    *_, chain = read_document(text, "md").chains()
    assert [render(reading) for reading in chain.sides[-1].readings] == readings


@pytest.mark.parametrize("text", ["y = w * x = ____ = ____", "dL/dy = 2 * (y - t) = ____"])
def test_a_formula_before_blanks_is_listed_as_blank(text: str) -> None:
    document = read_document(text, "md")
    assert [piece.reason for piece in document.unread] == ["blank"]
    assert not list(document.chains())


def test_a_paragraph_of_latex_goes_on_behind_its_title() -> None:
    """So does what stands behind a heading; braces in a title belong to it."""
    text = (
        "\\paragraph{Set \\{a\\} and $\\frac{1}{2} = 0.5$.} Here $y = 2 + 3 = 5$ % z = 1 + 1 = 2\n"
        "and $u = 1 + 1 = 2$.\n\\subparagraph{Next} $v = 2 + 2 = 4$"
    )
    assert len(chains(text, "tex")) == 4
