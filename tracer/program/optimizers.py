"""Optimizers, a few equations each, and what makes an update of them.

In the equations `w` stands for each parameter in turn, `g` for its gradient, `t` for the number
of the iteration (from 1); other primed names are state, which starts at 0. Definitions and
defaults are PyTorch's (torch.optim).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from tracer.frozen import Value

__all__ = ["OPTIMIZERS", "Optimizer", "with_weight_decay"]


class Optimizer(Value):
    """Update equations, the settings they take with their defaults, and their source."""

    name: str
    equations: str
    defaults: Mapping[str, str]
    words: str
    source: str


_DECAY = "g_decayed = g + weight_decay * w\n"

OPTIMIZERS: Mapping[str, Optimizer] = {
    optimizer.name: optimizer
    for optimizer in (
        Optimizer(
            "sgd",
            "w' = w - learning_rate * g",
            {},
            "gradient descent, a step against the gradient",
            "Robbins and Monro, A Stochastic Approximation Method, 1951",
        ),
        Optimizer(
            "momentum",
            "v' = momentum * v + g\nw' = w - learning_rate * v'",
            {"momentum": "0.9"},
            "gradient descent with a velocity that remembers earlier gradients",
            "Polyak, Some methods of speeding up the convergence of iteration methods, 1964",
        ),
        Optimizer(
            "nesterov",
            "v' = momentum * v + g\nw' = w - learning_rate * (g + momentum * v')",
            {"momentum": "0.9"},
            "momentum that looks one step ahead",
            "Sutskever et al., On the importance of initialization and momentum, 2013",
        ),
        Optimizer(
            "rmsprop",
            "s' = alpha * s + (1 - alpha) * g**2\n"
            "w' = w - learning_rate * g / (sqrt(s') + epsilon)",
            {"alpha": "0.99", "epsilon": "1e-8"},
            "steps divided by the square root of a running mean of squared gradients",
            "Hinton, Neural Networks for Machine Learning, lecture 6e, 2012",
        ),
        Optimizer(
            "adagrad",
            "s' = s + g**2\nw' = w - learning_rate * g / (sqrt(s') + epsilon)",
            {"epsilon": "1e-10"},
            "steps divided by the square root of the sum of all squared gradients",
            "Duchi, Hazan, Singer, Adaptive Subgradient Methods, 2011",
        ),
        Optimizer(
            "adam",
            "m' = beta1 * m + (1 - beta1) * g\n"
            "v' = beta2 * v + (1 - beta2) * g**2\n"
            "correction1 = 1 - beta1**t\n"
            "correction2 = 1 - beta2**t\n"
            "m_hat = m' / correction1\n"
            "v_hat = v' / correction2\n"
            "w' = w - learning_rate * m_hat / (sqrt(v_hat) + epsilon)",
            {"beta1": "0.9", "beta2": "0.999", "epsilon": "1e-8"},
            "running means of the gradient and of its square, corrected for starting at 0",
            "Kingma and Ba, Adam, arXiv 1412.6980",
        ),
        Optimizer(
            "adamw",
            "m' = beta1 * m + (1 - beta1) * g\n"
            "v' = beta2 * v + (1 - beta2) * g**2\n"
            "correction1 = 1 - beta1**t\n"
            "correction2 = 1 - beta2**t\n"
            "m_hat = m' / correction1\n"
            "v_hat = v' / correction2\n"
            "w_decayed = w - learning_rate * weight_decay * w\n"
            "w' = w_decayed - learning_rate * m_hat / (sqrt(v_hat) + epsilon)",
            {"beta1": "0.9", "beta2": "0.999", "epsilon": "1e-8", "weight_decay": "0.01"},
            "Adam that also shrinks the weights a little at each step",
            "Loshchilov and Hutter, Decoupled Weight Decay Regularization, arXiv 1711.05101",
        ),
    )
}


def with_weight_decay(optimizer: Optimizer) -> str:
    """Return the equations with weight decay added to the gradient, as PyTorch adds it."""
    if "weight_decay" in optimizer.defaults:
        return optimizer.equations
    lines = optimizer.equations.split("\n")
    return _DECAY + "\n".join(_replace_gradient(line) for line in lines)


def _replace_gradient(line: str) -> str:
    """Write `g_decayed` for the name `g`."""
    return re.sub(r"\bg\b", "g_decayed", line)
