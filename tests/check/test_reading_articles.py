"""The worked numbers of five articles, as they are met on the web, are read and nothing else is.

The facts are those of the articles; the words around them are ours.
"""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

from pathlib import Path

from tests.check.test_reading import chains
from tracer.check.reading.document import read_document, read_file
from tracer.check.written import CodeBlock, Marker

ARTICLES = Path(__file__).parent / "articles"


def test_three_steps_with_one_weight() -> None:
    document = read_file(str(ARTICLES / "one_weight_zh_indented.txt"))
    figures = [chain.members[-1].text for chain in document.chains() if not chain.stated]
    assert figures == [
        *("0.5", "2.25", "-3.0", "0.8"),
        *("0.8", "1.44", "-2.4", "1.04"),
        *("1.04", "0.9216", "-1.92", "1.232"),
    ]
    stated = [chain.text for chain in document.chains() if chain.stated]
    assert stated == ["w 为 0.5", "lr 为 0.1"]
    marked = [item.number for item in document.items if isinstance(item, Marker)]
    assert marked == [1, 2, 3]
    (block,) = [item for item in document.items if isinstance(item, CodeBlock)]
    assert block.text.startswith("w = 0.5")
    assert block.text.endswith('print("w =", w)')
    assert not document.unread


def test_formulas_that_a_page_repeats_are_no_chains() -> None:
    text = (
        "均方误差 MSE= 1 n ∑ i = 1 n ( y ′ i − y i ) 2 \\frac{1}{n} ∑_{i=1}^{n} (y′_i - y_i )^2"
        " n1i=1n(yiyi)2\n"
        "梯度下降: W = W − η ∂ M S E ∂ W 梯度下降:W = W - η \\frac{\\partial MSE}{\\partial W}"
        " 梯度下降:W=WηWMSE\n"
        "对 ω 0 : ∂ y ′ ∂ ω 0 = a 0 对ω0:\\frac{\\partial y′}{\\partial ω0} = a0 ω0:ω0y=a0\n"
    )
    assert chains(text, "txt") == []
    assert chains("y = W* a + b; 其中 y 是输出", "txt") == ["y | W * a + b"]


def test_code_without_line_breaks_is_code() -> None:
    text = (
        " import numpy as np# 损失\n"
        "def loss(t, p):return np.mean((t - p) ** 2)# 梯度\n"
        "def gradient(t, p, X):n = len(t)g = 2 * np.dot(X.T, (t - p)) / nreturn g# 数据\n"
        "X = np.array([[1, 2], [2, 3]])  # 输入\n"
        "b = 0.0  # 偏置# 预测\n"
        'print("loss:", b)# 完\n'
    )
    document = read_document(text, "txt")
    assert [type(item) for item in document.items] == [CodeBlock]
    assert document.items[0] == CodeBlock(text.rstrip("\n"), 1, 0, True)


def test_formulas_between_blanks_and_dollar_signs() -> None:
    text = (
        "偏置 $n$，权重 $w$，输入 $ x_i $。\\(\\min_{\\theta} J(\\theta) = \\min_{\\theta}"
        " \\frac{1}{N} \\sum_{i=1}^{N} l(y_i)\\) 其中 $ h_i = \\tanh(W_x x_i + W_h h_{i-1} + b) $"
    )
    assert chains(text, "txt") == ["h_i | tanh(W_x * x_i + W_h * h[i - 1] + b)"]


def test_sizes_and_definitions() -> None:
    text = "式子:FFN(x) = max(0, xW1 + b1)W2 + b2 (2)\n维度为dmodel = 512，内层为dff = 2048。"
    assert chains(text, "txt") == [
        "FFN(x) | max(0, xW1 + b1) * W2 + b2",
        "dmodel | 512",
        "dff | 2048",
    ]


def test_probabilities_and_output_of_programs() -> None:
    text = (
        "输出为[0.775, 0.116, 0.039,0.070],y0=1,y1=0, y ^ 0 = 0.775, y ^ 1 = 0.116,当\n\n"
        "Type: torch.FloatTensor\nshape/size: torch.Size([1, 3])\n"
        "values: tensor([[ 0.7110,  0.0178, -0.8281]])\n"
    )
    assert chains(text, "txt") == ["y0 | 1", "y1 | 0", "<ambiguous> | 0.775", "<ambiguous> | 0.116"]
