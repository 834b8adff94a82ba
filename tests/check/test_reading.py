"""What is read from a text: chains with their trees, stated values, markers, code, unread lines."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import pytest

from tracer.check.reading.blocks import Block, library_blocks
from tracer.check.reading.document import kind_of, read_document, read_file
from tracer.check.reading.plain_blocks import plain_blocks
from tracer.check.written import Chain, CodeBlock, Document, Kind, Marker, Member
from tracer.errors import LimitError, TracerError
from tracer.expression import render


def shown(member: Member) -> str:
    """Return a member as ASCII, or the reason why it was not read in brackets."""
    if member.node is not None:
        return render(member.node)
    assert member.problem is not None
    return f"<{member.problem.reason}>"


def chains(text: str, kind: Kind = "md") -> list[str]:
    """Return the chains of a text, one line each; the values stated in words begin with `~`."""
    document = read_document(text, kind)
    return [
        ("~ " if chain.stated else "") + " | ".join(map(shown, chain.members))
        for chain in document.chains()
    ]


PLAIN = {
    # one line, several members
    "y_pred = w * x = 0.5 * 1 = 0.5": ["y_pred | w * x | 0.5 * 1 | 0.5"],
    "w = w - lr * dloss_dw = 0.8 - 0.1 * -3.0 = 0.8": [
        "w | w - lr * dloss_dw | 0.8 - 0.1 * (-3.0) | 0.8"
    ],
    "z ≈ 0.5 ≃ 0.52 ≐ 0.523": ["z | 0.5 | 0.52 | 0.523"],
    "w := 0.5": ["w | 0.5"],
    "w ← w − 0.1·(−3) = 0.8": ["w | w - 0.1 * (-3) | 0.8"],
    "y＝２×３＝６": ["y | 2 * 3 | 6"],
    # what stands before and after
    "3. y = 2 * 3 = 6": ["y | 2 * 3 | 6"],
    "(3) y = 2 * 3 = 6": ["y | 2 * 3 | 6"],
    "Step 2: y = 2 * 3 = 6": ["y | 2 * 3 | 6"],
    "y_pred: 2 * 3 = 6": ["2 * 3 | 6"],
    "前向传播：y = 2 * 3 = 6": ["y | 2 * 3 | 6"],
    "y = 0.5 * 1 = 0.5  (对于第一个样本)": ["y | 0.5 * 1 | 0.5"],
    "y = 0.5 * 1 (first row) = 0.5": ["y | 0.5 * 1 | 0.5"],
    "loss = 2.25 (rounded) = 2.3": ["loss | 2.25 | 2.3"],
    "The loss is loss = (0.5 - 2)^2 = 2.25.": ["loss | (0.5 - 2)**2 | 2.25"],
    "t = 2 * 3 = 6 seconds": ["t | 2 * 3 | 6"],
    "y = 2 * 3 = 6 → next": ["y | 2 * 3 | 6"],
    "可以算出 y = 2 * 3 = 6。然后": ["y | 2 * 3 | 6"],
    "**y = 2 * 3 = 6** and so on": ["y | 2 * 3 | 6"],
    "**y** = 2 * 3": ["y | 2 * 3"],
    "`y = 2 * 3 = 6`": ["y | 2 * 3 | 6"],
    "`y` = 6": ["y | 6"],
    r"y\_1 = 2 \* 3 = 6": ["y_1 | 2 * 3 | 6"],
    "y = 2&times;3 = 6": ["y | 2 * 3 | 6"],
    # several on one line
    "y0=1,y1=0": ["y0 | 1", "y1 | 0"],
    "a = 1; b = 2，c = 3、d = 4": ["a | 1", "b | 2", "c | 3", "d | 4"],
    "a = 1 and b = 2, so c = a + b = 3": ["a | 1", "b | 2", "c | a + b | 3"],
    "因为 a = 1，所以 b = a + 1 = 2": ["a | 1", "b | a + 1 | 2"],
    "x=1 y=2 w=0.5": ["x | 1", "y | 2", "w | 0.5"],
    "w1 = 0.1 w2 = 0.2 w3 = -0.3": ["w1 | 0.1", "w2 | 0.2", "w3 | -0.3"],
    "dL/dv = 10 v = 10 * 1 = 10": ["dL/dv | 10 * v | 10 * 1 | 10"],
    "y = 2 * 3 = 6 y = 2·3 = 6": ["y | 2 * 3 | 6", "y | 2 * 3 | 6"],
    "（w = 0.5，b = 0.1）": ["w | 0.5", "b | 0.1"],
    # names
    "损失 = (0.5 − 2)² = 2.25": ["损失 | (0.5 - 2)**2 | 2.25"],
    "新权重w = 0.8": ["w | 0.8"],
    "new weight = old weight - learning rate * gradient = 0.5 - 0.1 * -3 = 0.8": [
        "new_weight | old_weight - learning_rate * gradient | 0.5 - 0.1 * (-3) | 0.8"
    ],
    "dL/dw1 = 2 * 3 = 6": ["dL/dw1 | 2 * 3 | 6"],
    "In the second step dL/dv = 10 v = 10 * 2 = 20.": ["dL/dv | 10 * v | 10 * 2 | 20"],
    "y = 10 v = 20": ["y | <ambiguous> | 20"],
    "dL / dw = -3": ["dL/dw | -3"],
    "∂L/∂w = ∂L/∂ŷ · ∂ŷ/∂w": ["dL/dw | dL/dy_hat * dy_hat/dw"],
    "delta1/delta2 = 0.5": ["delta1 / delta2 | 0.5"],
    "w_5^+ = w_5 - 0.1": ["w_5' | w_5 - 0.1"],
    "w⁺ = 0.8": ["w' | 0.8"],
    "W^{(1)}_{12} = 0.3": ["W12[1] | 0.3"],
    "σ(0.5) = 1/(1+e^(-0.5))": ["sigmoid(0.5) | 1 / (1 + exp(-0.5))"],
    # figures and arrays
    "z = 0.5 x 2 = 1": ["z | 0.5 * 2 | 1"],
    "z = 2 x": ["z | 2 * x"],
    "z = (0.5)(2) = 1": ["z | 0.5 * 2 | 1"],
    "z = 1.2×10^-3 = 1.2e-3 = 1.2E-3": ["z | 1.2 * 10**(-3) | 1.2e-3 | 1.2E-3"],
    "x = [0.1 0.2 -0.3]": ["x | [0.1, 0.2, -0.3]"],
    "A = [1, 2; 3, 4]": ["A | [[1, 2], [3, 4]]"],
    "x = [1 2]^T": ["x | [1, 2].T"],
    "v = [1, 2]ᵀ = [1, 2].T": ["v | [1, 2].T | [1, 2].T"],
    "L = |0.5 - 2| = 1.5": ["L | abs(0.5 - 2) | 1.5"],
    "L = -ln 0.5 = 0.693": ["L | -log(0.5) | 0.693"],
    "½(0.5−2)² = 1.125": ["1 / 2 * (0.5 - 2)**2 | 1.125"],
    # blanks and what has two meanings
    "y = 0.5 * ____ = ____": ["y | <blank> | <blank>"],
    "y = 0.5 * 1 = ?": ["y | 0.5 * 1 | <blank>"],
    "y = 0.5 * 1 = □": ["y | 0.5 * 1 | <blank>"],
    "y = 6/2(1+2) = 9": ["y | <ambiguous> | 9"],
    "y = 0,5 * 2": ["y | <ambiguous>"],
    "y = 1,000": ["y | <ambiguous>"],
    "y = 2 * (0,5 + 1) = 3": ["y | <ambiguous> | 3"],
    "x = 1, 2, 3": ["x | <ambiguous>"],
    "y ^ 0 = 0.775, y^1 = 0.2": ["<ambiguous> | 0.775", "<ambiguous> | 0.2"],
    "w^2 = 0.25": ["w**2 | 0.25"],
    "y = 0.5 (2)": ["y | <ambiguous>"],
    "y = w + b (2)": ["y | w + b"],
    "s = 0.1 + ... + 0.9 = 4.5": ["s | <unreadable> | 4.5"],
    "p = 9/10 = 90%": ["p | 9 / 10 | 90%"],
    "y = 0.5 * the weight": ["y | <unreadable>"],
    # brackets that group, functions, indices
    "L = 1/2 * [(0.5-2)^2 + 1] = 1.625": ["L | 1 / 2 * ((0.5 - 2)**2 + 1) | 1.625"],
    "[(3-1)^2 + (4-2)^2] / 2 = 4.0": ["((3 - 1)**2 + (4 - 2)**2) / 2 | 4.0"],
    "x = [0.5*2]": ["x | [0.5 * 2]"],
    "W[0, 1] = x[i-1]": ["W[0, 1] | x[i - 1]"],
    "w(0) = 0.5; w(1) = w(0) + 0.3": ["w(0) | 0.5", "w(1) | <ambiguous>"],
    "L(w) = (0.5*1 - 2)^2 = 2.25": ["L(w) | (0.5 * 1 - 2)**2 | 2.25"],
    "h(1 - h) = 0.5(1 - 0.5)": ["h * (1 - h) | 0.5 * (1 - 0.5)"],
    "z = 0.5 * 2) + 1 = 2": ["z | <unreadable> | 2"],
    "z = 3 * (0.5 + 1 = 4.5": ["z | <unreadable> | 4.5"],
    # words that belong to the figures
    "y = 5 times 3 = 15": ["y | 5 * 3 | 15"],
    "the sum of 3 and 4 = 7": ["3 + 4 | 7"],
    "half of 8 = 4": ["<unreadable> | 4"],
    "a half of 0.5 * 8 = 2": ["<unreadable> | 2"],
    "3 乘以 4 = 12": ["3 * 4 | 12"],
    "得到 2 * 3 = 6 and 2 * 4 = 8": ["2 * 3 | 6", "2 * 4 | 8"],
    # no worked mathematics
    "if x == 5 then y != 3, x <= 4 and 5 >= 4": [],
    "f(x=1) and Dense(units=4)": [],
    "optimizer = optim.Adam(model.parameters(), lr=0.001)": [],
    "version = 1.2.3, see https://a.b/c?d=4&e=5": [],
    "It costs $5 and $6, on 2024-01-02": [],
    '<img width="5" src="a.png?x=1">': [],
    "type = linear, Activation = sigmoid": [],
    "runs/2024-01-02/lr=0.1/epoch=5.npz": [],
    "MSE= 1 n ∑ i = 1 n ( y ′ i − y i ) 2": [],
    "w -= 0.1 * 3": ["~ w | 0.1 * 3"],
    "grad_fn=<MulBackward0>": [],
}


@pytest.mark.parametrize(("text", "read"), PLAIN.items(), ids=list(PLAIN))
def test_a_plain_line_is_read(text: str, read: list[str]) -> None:
    assert chains(text) == read


FORMULAS = {
    r"$w = 0.5 \times 1 = 0.5$": ["w | 0.5 * 1 | 0.5"],
    r"\(w = 0.5 \cdot 1 \approx 0.5\)": ["w | 0.5 * 1 | 0.5"],
    r"$w \gets w - \eta g$": ["w | w - learning_rate * g"],
    r"$w$ = 0.5": ["w | 0.5"],
    r"$w x$ = $0.5 \times 1$ = 0.5, then": ["w * x | 0.5 * 1 | 0.5"],
    r"Loss $= (0.5-2)^2 = 2.25$": ["Loss | (0.5 - 2)**2 | 2.25"],
    r"y = $0.5 \cdot 2$ = 1.0.": ["y | 0.5 * 2 | 1.0"],
    r"$\frac{dL}{dw} = \frac{\mathrm{d}L}{\mathrm{d}w} = \frac{\partial L}{\partial w}$": [
        "dL/dw | dL/dw | dL/dw"
    ],
    r"$\frac12 (0.5-2)^2 = 1.125$": ["1 / 2 * (0.5 - 2)**2 | 1.125"],
    r"$w^{\text{new}} = w^{old} - 0.1$": ["w_new | w_old - 0.1"],
    r"$W_{12}^{(1)} = W^{(1)}_{12}$": ["W12[1] | W12[1]"],
    r"$\text{loss} = 2 \cdot 3 = 6 \text{ (rounded)}$": ["loss | 2 * 3 | 6"],
    r"$损失 = 2 \cdot 3 = 6$": ["损失 | 2 * 3 | 6"],
    r"$x = 1,\quad y = 2 \quad z = 3$": ["x | 1", "y | 2", "z | 3"],
    r"$y = 2 \cdot 3 = \boxed{6}$": ["y | 2 * 3 | 6"],
    r"$\boxed{w = 0.8}$": ["w | 0.8"],
    r"$y = 0.5 \times \_\_\_ = \_\_\_$": ["y | <blank> | <blank>"],
    r"$y = 0,5 \cdot 2$": ["y | <ambiguous>"],
    r"$y = 1{,}000$": ["y | <ambiguous>"],
    r"$S = 0.1 + \dots + 0.9 = 4.5$": ["S | <unreadable> | 4.5"],
    r"$p = \frac{9}{10} = 90\%$": ["p | 9 / 10 | 90%"],
    r"$1 - \tanh^2(0.5) = 0.786$": ["1 - tanh(0.5)**2 | 0.786"],
    r"$z = \begin{bmatrix}1&2\\3&4\end{bmatrix}\begin{bmatrix}1\\2\end{bmatrix}$": [
        "z | [[1, 2], [3, 4]] @ [[1], [2]]"
    ],
    r"$L = \frac{1}{n}\sum_{i=1}^{n}(y_i - \hat y_i)^2$": [],
    r"$\min_\theta J(\theta) = \nabla J$": [],
    "$$\ny = 2 \\cdot 3\n= 6\n$$": ["y | 2 * 3 | 6"],
    "\\[\ny = 2\n+ 3 \\\\\n= 5\n\\]": ["y | 2 + 3 | 5"],
    "\\begin{align}\ny &= 2 \\cdot 3 \\\\\n  &= 6 \\\\ z &= 1 \\\\ &+ 2 = 3\n\\end{align}": [
        "y | 2 * 3 | 6",
        "z | 1 + 2 | 3",
    ],
    "\\begin{align}\ny &= W \\cr\n&\\quad {} \\thinspace x \\cr &= 6\n\\end{align}": [
        "y | W @ x | 6"
    ],
    r"y = 0.5 $\times$ 2 = 1": ["<unreadable> | 1"],
    r"y = 6 ($x = 1$)": ["y | 6", "x | 1"],
    r"$x = 1 \\ -x = -1$": ["x | 1", "-x | -1"],
    r"$\frac{\partial L}{\partial w}\Big|_{w=0.5} = -3$": ["dL/dw | -3"],
    r"$\text{half of } 8 = 4$": ["<unreadable> | 4"],
    "```math\ny = 2 \\cdot 3 = 6\n```": ["y | 2 * 3 | 6"],
    "> $$\n> y = 2 \\cdot 3 = 6\n> $$": ["y | 2 * 3 | 6"],
    "| a |\n|---|\n| $y = 2 \\cdot 3$ |": ["y | 2 * 3"],
}


@pytest.mark.parametrize(("text", "read"), FORMULAS.items(), ids=list(FORMULAS))
def test_a_formula_is_read(text: str, read: list[str]) -> None:
    assert chains(text) == read


BLOCKS: dict[str, tuple[Kind, str, list[str]]] = {
    "a line that begins with an equals sign": (
        "md", "y = w * x\n  = 2 * 3\n  = 6", ["y | w * x | 2 * 3 | 6"]
    ),
    "also after a blank line in plain text": (
        "txt", "dL/dw\n\n= 2 * 3\n\n= 6", ["dL/dw | 2 * 3 | 6"]
    ),
    "a line that ends with one": ("txt", "y =\n2 * 3 = 6", ["y | 2 * 3 | 6"]),
    "an empty line of a sheet": ("txt", "w1 =\nw2 = 0.5", ["w2 | 0.5"]),
    "a matrix over lines": ("txt", "A = [[1 2]\n     [3 4]]", ["A | [[1, 2], [3, 4]]"]),
    "a fence of text": ("md", "```text\ny = 2 * 3 = 6  # z = 5\n```", ["y | 2 * 3 | 6"]),
    "a fence without a language": ("md", "```\ny = 2 * 3 = 6\n```", ["y | 2 * 3 | 6"]),
    "a fence of another language": ("md", "```bash\nx=3; y=4\n```", []),
    "an indented block": ("md", "text\n\n    y = 2 * 3 = 6", ["y | 2 * 3 | 6"]),
    "a table": ("md", "| a | b |\n|---|---|\n| x = 1 | y = 2 |", ["x | 1", "y | 2"]),
    "comments of code": ("py", "w = 2\n# 2 * 3 = 6\ns = '# 1 + 1 = 3'", ["2 * 3 | 6"]),
    "macros and pictures of LaTeX": (
        "tex",
        "\\begin{document}\n\\displayed{y = 2 \\cdot 3 = 6}\nA \\macro{y = 2} \\cdot 3 = 5\n"
        "\\begin{tikzpicture}\n\\node[inner sep=0pt, a=1cm] {};\n\\end{tikzpicture}\nloss\\_1 = 4",
        ["y | 2 * 3 | 6", "<unreadable> | 5", "loss_1 | 4"],
    ),
    "LaTeX": (
        "tex",
        "\\title{a = 1}\n\\begin{document}\nWith $y = 2$ % $z = 3$\n\\textbf{x = 4}\n"
        "\\begin{equation}\na = 5\n\\end{equation}\n\\end{document}",
        ["y | 2", "x | 4", "a | 5"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BLOCKS)
def test_blocks_and_lines_that_go_on(name: str) -> None:
    kind, text, read = BLOCKS[name]
    assert chains(text, kind) == read


STATED = {
    "初始化权重 w 为 0.5,学习率 lr 为 0.1。": ["~ w | 0.5", "~ lr | 0.1"],
    "权重初始化为 0.5，损失是2.25，目标是0": ["~ 权重 | 0.5", "~ 损失 | 2.25"],
    "令学习率设为 0.1": ["~ 学习率 | 0.1"],
    "with a learning rate of 0.1": ["~ learning_rate | 0.1"],
    "with w of 0.5 and a learning rate η of 0.1.": ["~ w | 0.5", "~ learning_rate | 0.1"],
    "Let x be 1 and y be 2.": ["~ x | 1", "~ y | 2"],
    "Now x is 2, and the loss is 2.25.": ["~ x | 2", "~ loss | 2.25"],
    "The weight $w$ is 0.5.": ["~ w | 0.5"],
    "a is 2 and I is 3": [],
    "the error is 2 times larger; the loss is 3 % lower": [],
    "维度为 3 维，x 为 3 维向量": [],
    "this is 2": [],
}


@pytest.mark.parametrize(("text", "read"), STATED.items(), ids=list(STATED))
def test_values_stated_in_words(text: str, read: list[str]) -> None:
    assert chains(text) == read


MARKERS = {
    "## Iteration 2": ("iteration", 2),
    "Iteration 1 (w = 0.5):": ("iteration", 1),
    "迭代 2:": ("iteration", 2),
    "第 2 次迭代": ("iteration", 2),
    "第二次迭代": ("iteration", 2),
    "轮次 3:": ("iteration", 3),
    "**Epoch 3**": ("epoch", 3),
    "sample 1": ("sample", 1),
    "样本 2": ("sample", 2),
    "For the first sample:": ("sample", 1),
    "第一个样本": ("sample", 1),
    "Second iteration": ("iteration", 2),
    "### Step 2": ("section", 2),
    "1. Step 4: update": ("section", 4),
    "We ran 3 iterations": None,
    "第七章": None,
    "Stepwise 2": None,
}


@pytest.mark.parametrize(("text", "marker"), MARKERS.items(), ids=list(MARKERS))
def test_markers(text: str, marker: tuple[str, int] | None) -> None:
    found = [item for item in read_document(text, "md").items if isinstance(item, Marker)]
    assert [(item.kind, item.number) for item in found] == ([] if marker is None else [marker])
    for item in found:
        assert str(item.number) in text or item.span.end > item.span.start


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("0,5 * 3 = 1,5", "ambiguous"),
        ("9/10 % = 3/4 %", "ambiguous"),
        ("y = 0.5 * 1 =", "blank"),
        ("y = " + "1" * 4_000, "limit"),
        (r"loss = (0.5-2)*2 \text{loss} = (0.5-2)*2 loss=(0.5-2)*2", "unreadable"),
    ],
)
def test_what_looks_worked_and_was_not_read_is_listed(text: str, reason: str) -> None:
    assert [note.reason for note in read_document(text, "txt").unread] == [reason]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (f"y = 0.{'1' * 41} * 2 = 3", "limit"),
        ("y = 2 * 1e500 = 3", "limit"),
        (f"y = {'(' * 80}2 * 3{')' * 80} = 6", "limit"),
        (f"y = [{'1, ' * 70}1] * 2 = 3", "limit"),
        (f"y = {'1 + ' * 900}1 = 901", "limit"),
        (f"y = {'1+' * 1200}1 = 1201", "limit"),
    ],
)
def test_what_is_too_large_is_not_read_and_the_rest_goes_on(text: str, reason: str) -> None:
    document = read_document(f"{text}\n\nz = 2 * 3 = 6", "md")
    first, last = document.chains()
    assert [member.problem.reason for member in first.members if member.problem] == [reason]
    assert [shown(member) for member in last.members] == ["z", "2 * 3", "6"]


def test_the_place_of_a_member_is_that_in_the_raw_text() -> None:
    text = "前言\n\n  1. 得到 **y\\_p** = w × x\n     = `0.5 × 1` = 0.5。"
    (chain,) = read_document(text, "md").chains()
    lines = text.split("\n")
    places = [member.span() for member in chain.members]
    assert [lines[place.line - 1][place.start : place.end] for place in places] == [
        "y\\_p",
        "w × x",
        "0.5 × 1",
        "0.5",
    ]
    assert [member.sign for member in chain.members] == ["", "=", "=", "="]
    product = chain.members[2]
    assert product.node is not None
    one = product.node.children()[1]
    assert product.span_of(one) == (4, 14, 15)


def test_code_is_told_from_lines_of_mathematics() -> None:
    text = (
        "w = 0.5\nlr = 0.1\n\nfor i in range(3):\n    y = w * x\n    print(y)\n\n得到 w = 1 + 1 = 2"
    )
    document = read_document(text, "txt")
    block, chain = document.items
    assert isinstance(block, CodeBlock)
    assert isinstance(chain, Chain)
    assert (block.line, block.collapsed) == (1, False)
    assert block.text.endswith("    print(y)")
    assert chain.place.line == 8


def test_code_that_lost_its_line_breaks_is_marked() -> None:
    text = "def f(y, p):n = len(y)g = 2 * (p - y) / nreturn g# data\nx = 1"
    (block,) = read_document(text, "txt").items
    assert isinstance(block, CodeBlock)
    assert block.collapsed


def test_a_fence_of_python_keeps_its_place() -> None:
    text = "- item\n\n  ```python\n  w = 0.5\n  print(w)\n  ```"
    (block,) = read_document(text, "md").items
    assert block == CodeBlock("w = 0.5\nprint(w)", 4, 2, False)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("---\ntitle: a\ntracer:\n  scenario: one_weight\n---\n\ny = 1", "md"),
        ("---\nscenario: one_weight\n---\n", "md"),
        ("<!-- tracer: scenario=one_weight -->\n", "md"),
        ("% tracer: scenario=one_weight\n", "tex"),
        ("# tracer: scenario=one_weight\n", "py"),
    ],
)
def test_a_document_names_its_scenario(text: str, kind: Kind) -> None:
    assert read_document(text, kind).scenario == "one_weight"


def test_a_document_names_no_file_as_scenario() -> None:
    with pytest.raises(
        TracerError, match=r"notes.md:1: a document can name bundled scenarios only"
    ):
        read_document("<!-- tracer: scenario=../secret.toml -->", "md", "notes.md")
    assert read_document("---\nscenario: ../secret.toml\n---\n", "md").scenario is None


def test_a_notebook_is_read_cell_by_cell(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "markdown", "source": ["# A\n", "\n", "$y = 2 \\cdot 3 = 6$"]},
        {"cell_type": "raw", "source": "z = 1"},
        {"cell_type": "code", "source": "w = 0.5\nprint(w)", "outputs": [{"text": "v = 3"}]},
    ]
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps({"cells": cells, "nbformat": 4}), encoding="utf-8")
    document = read_file(str(path))
    chain, block = document.items
    assert isinstance(chain, Chain)
    assert isinstance(block, CodeBlock)
    assert document.where(chain.place.line) == (f"{path}#cell 1", 3)
    assert document.where(block.line) == (f"{path}#cell 3", 1)
    with pytest.raises(TracerError, match="this is no notebook"):
        read_document("[1, 2]", "ipynb")


@pytest.mark.parametrize(
    ("name", "kind"),
    [("a.md", "md"), ("b/c.TXT", "txt"), ("a.tex", "tex"), ("a.ipynb", "ipynb"), ("a.py", "py")],
)
def test_the_kind_of_a_file(name: str, kind: str) -> None:
    assert kind_of(name) == kind


@pytest.mark.parametrize("name", ["notes.docx", "notes.pdf", "notes.xyz", "notes.html"])
def test_a_file_that_is_no_text_is_refused_with_what_to_do(name: str) -> None:
    with pytest.raises(TracerError, match=rf"{name}: tracer does not read .*; expected \S"):
        kind_of(name)


def test_files_that_cannot_be_read_are_one_message(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_bytes("\ufeffy = 2 * 3 = 6\n".encode())
    assert [chain.text for chain in read_file(str(path)).chains()] == ["y = 2 * 3 = 6"]
    path.write_bytes(b"a\nb\xff")
    with pytest.raises(
        TracerError, match=r"a.md:2: the file is no UTF-8 text; found the byte 0xff"
    ):
        read_file(str(path))
    path.write_bytes(b"a\n" * 20_000)
    with pytest.raises(LimitError, match="too many lines"):
        read_file(str(path))
    path.write_bytes(b"a" * 1_000_001)
    with pytest.raises(LimitError, match="too large"):
        read_file(str(path))
    with pytest.raises(TracerError, match="cannot be read"):
        read_file(str(tmp_path / "no.md"))


def test_control_characters_are_shown_as_signs() -> None:
    text = "y\x1b[31m = 0,5 * 3 = 1,5\n"
    document: Document = read_document(text, "txt")
    said = [chain.text for chain in document.chains()] + [note.text for note in document.unread]
    assert said
    assert not any("\x1b" in each for each in said)


@pytest.mark.parametrize(
    "text",
    [
        "a = 1\n\n```python\nx = 2\n\nprint(x)\n```\nb = 3",
        "- a = 1\n- b = 2\n  ```\n  c = 3\n  ```\n\n| x | y |\n|---|:-:|\n| `w = 1` | z = 2 |\n\nd",
        "# Step 1\ny = 1\n$$\ny = 2\n\n= 3\n$$ (4)\nz = 1\n\\begin{align}\na &= 1\n\\end{align}",
        "<!-- a = 1 -->\n\n> b = 3\n\n1. c = 1\n2. d = 2\n\n\\[ y = 3 \\]\n\n~~~text\nq = 1\n~~~",
        "text $$ y = 1 $$ and more\n\n$$ y = 2 $$ and much more of it\n\n$$\nnever closed = 1",
    ],
)
def test_the_quick_reading_of_blocks_finds_what_the_library_finds(text: str) -> None:
    lines = text.split("\n")
    quick = plain_blocks(lines, 0, len(lines))
    assert quick is not None

    def contents(blocks: Iterable[Block]) -> list[tuple[str, int, str]]:
        return [
            (
                block.kind,
                row,
                lines[row][block.indents[row - block.first] :] if block.indents else "",
            )
            for block in blocks
            for row in range(block.first, block.last)
            if lines[row].strip() and "---" not in lines[row] and "<!--" not in lines[row]
        ]

    assert contents(quick) == contents(library_blocks(lines, 0, len(lines)))
