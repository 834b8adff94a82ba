"""How writers name the quantities, in three notations and in words of two languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Literal, TypeAlias

__all__ = ["FRAMEWORK_GRADIENTS", "GRADIENTS", "NEW_VALUES", "SYMBOLS", "WORDS", "Notation"]

Notation: TypeAlias = Literal["ascii", "unicode", "latex"]
Options: TypeAlias = tuple[Sequence[str], Sequence[str], Sequence[str]]  # ascii, unicode, latex


def _plain(letter: str) -> Options:
    return (letter,), (letter,), (letter,)


SYMBOLS: Final[Mapping[str, Options]] = {
    **{letter: _plain(letter) for letter in "xywbuzhavcoqkpstmrn"},
    **{
        f"{kind}{gate}": (
            (f"{kind}_{gate}", f"{kind.upper()}{gate}"),
            (f"{kind}_{gate}", f"{kind.upper()}{gate}"),
            (f"{kind}_{gate}", f"{kind.upper()}_{gate}"),
        )
        for kind in "wu"
        for gate in "zrn"
    },
    "hn": (("h_new", "h1", "h_t"), ("h_t", "h₁", "h_new"), ("h_t", "h_1", r"h_{new}")),
    "t": (("t", "target"), ("t",), ("t",)),
    "y_pred": (
        ("y_pred", "y_hat", "yhat", "pred"),
        ("ŷ", "ŷ", "y_pred"),
        (r"\hat{y}", r"\hat y", r"\hat{y}", r"y_{pred}", r"y_{\text{pred}}"),
    ),
    "loss": (
        ("L", "loss", "L", "J", "Loss"),
        ("L", "L", "loss", "J"),
        ("L", "L", "J", r"\mathcal{L}"),
    ),
    "lr": (
        ("lr", "lr", "eta", "learning_rate", "alpha"),
        ("η", "η", "lr", "α"),
        (r"\eta", r"\eta", r"\alpha", r"lr"),
    ),
    "error": (("e", "error", "err"), ("e", "err"), ("e", r"\epsilon", "e", "r")),
    "W1": (("W1", "W_1"), ("W₁", "W1"), ("W_1", "W_{1}", r"W^{(1)}")),
    "b1": (("b1", "b_1"), ("b₁", "b1"), ("b_1", "b_{1}", r"b^{(1)}")),
    "z1": (("z1", "z_1", "z"), ("z₁", "z1", "z"), ("z_1", "z_{1}", r"z^{(1)}")),
    "w2": (("w2", "w_2", "W2"), ("w₂", "w2"), ("w_2", "w_{2}", r"w^{(2)}")),
    "b2": (("b2", "b_2"), ("b₂", "b2"), ("b_2", "b_{2}", r"b^{(2)}")),
    "total": (("S", "total", "Z"), ("S", "Z"), ("S", "Z")),
    "value": _plain("v"),
    "alpha": (("a", "alpha"), ("α", "a"), (r"\alpha", "a")),
    "m_hat": (("m_hat", "mhat"), ("m̂", "m_hat"), (r"\hat{m}", r"\hat m")),
    "v_hat": (("v_hat", "vhat"), ("v̂", "v_hat"), (r"\hat{v}", r"\hat v")),
    "beta1": (("beta1", "beta_1", "b1"), ("β1", "β₁"), (r"\beta_1", r"\beta_{1}")),
    "beta2": (("beta2", "beta_2", "b2"), ("β2", "β₂"), (r"\beta_2", r"\beta_{2}")),
    "eps": (("eps", "epsilon"), ("ε", "eps"), (r"\epsilon", r"\varepsilon")),
    "mu": (("mu", "mean", "mu_B"), ("μ",), (r"\mu", r"\mu_B", r"\mu")),
    "var": (
        ("var", "sigma2", "variance"),
        ("σ²", "var"),
        (r"\sigma^2", r"\sigma^{2}", r"\sigma_B^2"),
    ),
    "x_norm": (("x_hat", "xhat", "x_norm"), ("x̂", "x_hat"), (r"\hat{x}", r"\hat x")),
    "out": (("out", "y", "yn"), ("y", "out"), ("y",)),
    "gamma": (("gamma", "g"), ("γ",), (r"\gamma",)),
    "beta": (("beta", "b"), ("β",), (r"\beta",)),
}
# Forms of a gradient; {L} is the loss, {p} the quantity, {i} its index in the writer's form.
GRADIENTS: Final[Mapping[Notation, Sequence[str]]] = {
    "ascii": ("dL/dw", "dL/dw", "dL_dw", "dw", "grad_w"),
    "unicode": ("∂L/∂w", "∂L/∂w", "dL/dw", "dw"),
    "latex": (
        r"\frac{\partial L}{\partial w}",
        r"\frac{\partial L}{\partial w}",
        r"\dfrac{\partial L}{\partial w}",
        r"\frac{dL}{dw}",
        r"\partial L / \partial w",
        r"dw",
    ),
}
# What people write who know gradients from a library, or as vectors of partial derivatives.
FRAMEWORK_GRADIENTS: Final[Mapping[Notation, Sequence[str]]] = {
    "ascii": ("w.grad", "d_w", "w_grad"),
    "unicode": ("∇_w L", "w.grad", "∇w"),
    "latex": (r"\nabla_{w} L", r"\nabla_w L"),
}
# The left side of an update; w stands for the parameter.
NEW_VALUES: Final[Mapping[Notation, Sequence[str]]] = {
    "ascii": ("w", "w_new", "w_new", "w'", "new w", "w <-"),
    "unicode": ("w", "w_new", "w′", "w'", "w ←", "w⁺"),
    "latex": (
        "w",
        r"w_{new}",
        r"w_{\text{new}}",
        r"w^{\text{new}}",
        "w'",
        r"w \leftarrow",
        "w^{+}",
    ),
}
# What a line's quantity is called, English and Chinese; {n} is its name or index.
WORDS: Final[Mapping[str, tuple[Sequence[str], Sequence[str]]]] = {
    "y_pred": (("prediction", "forward pass", "output"), ("预测值", "前向传播", "输出")),
    "loss": (("loss", "cost", "squared error"), ("损失", "损失函数", "误差")),
    "error": (("error", "residual"), ("误差", "残差")),
    "z": (("net input", "weighted sum", "pre-activation"), ("加权和", "净输入")),
    "z1": (("hidden layer", "net input"), ("隐藏层", "净输入")),
    "o": (("output layer", "net input of the output"), ("输出层", "输出层净输入")),
    "h": (("hidden state", "activation"), ("隐藏状态", "激活值")),
    "a": (("activation", "after the activation"), ("激活值", "激活后")),
    "p": (("probability", "softmax"), ("概率", "softmax")),
    "q": (("probability", "softmax"), ("概率", "softmax")),
    "r": (("reset gate",), ("重置门",)),
    "n": (("candidate state", "candidate"), ("候选状态",)),
    "hn": (("new hidden state", "hidden state"), ("新的隐藏状态",)),
    "total": (("sum of the exponentials", "denominator"), ("指数之和", "分母")),
    "s": (("score", "scaled score"), ("得分", "注意力得分")),
    "alpha": (("attention weight", "weight"), ("注意力权重", "权重")),
    "m": (("first moment", "momentum"), ("一阶矩", "动量")),
    "v": (("second moment",), ("二阶矩",)),
    "m_hat": (("bias correction",), ("偏差修正",)),
    "v_hat": (("bias correction",), ("偏差修正",)),
    "mu": (("mean", "batch mean"), ("均值", "批均值")),
    "var": (("variance", "batch variance"), ("方差", "批方差")),
    "x_norm": (("normalised value", "normalize"), ("归一化", "标准化值")),
    "out": (("scale and shift", "output"), ("缩放和平移", "输出")),
    "backward": (("gradient", "derivative"), ("梯度", "导数")),
    "update": (("update", "new value"), ("更新", "新的值")),
}
