"""Optimizers, an entry each: its equations, its settings, where its state starts, and words.

An entry is what a scenario could write as an update rule of its own, with words beside it; nothing
else in the project knows an optimizer by name. In the equations `w` stands for each parameter in
turn, `g` for its gradient, `t` for the number of the iteration (from 1); other primed names are
state, which starts at 0 where `state` says no other value. Definitions and defaults are PyTorch's
(torch.optim).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from tracer.frozen import Value, replace
from tracer.operations.reason import Reason
from tracer.program.key_types import NumberType, ScenarioKey
from tracer.program.update_reasons import ADAGRAD, ADAM, ADAMW, MOMENTUM, RMSPROP
from tracer.sentences import say

__all__ = ["OPTIMIZERS", "Optimizer", "with_weight_decay"]


class Optimizer(Value):
    """Update equations, the settings they name, words, source, first values of state, reasons."""

    name: str
    equations: str
    settings: tuple[ScenarioKey, ...]
    words: str
    source: str
    state: Mapping[str, str] = MappingProxyType({})
    reasons: tuple[Reason, ...] = ()  # beside those that hold for any rule

    @property
    def defaults(self) -> Mapping[str, str]:
        """The settings that the equations name, each with its default."""
        return {key.name: str(key.default) for key in self.settings}

    @property
    def taken(self) -> Mapping[str, ScenarioKey]:
        """All settings that a file may give: weight decay too, which every optimizer takes."""
        keys = {key.name: key for key in self.settings}
        return keys if _DECAY.name in keys else {**keys, _DECAY.name: _DECAY}


_FROM_0: Final = NumberType(0)
_BELOW_1: Final = NumberType(0, below=1)
_MOMENTUM: Final = ScenarioKey("momentum", _FROM_0, say("how much of the velocity stays"), "0.9")
_BETA1: Final = ScenarioKey(
    "beta1", _BELOW_1, say("how much of the mean of gradients stays"), "0.9"
)
_SQUARES: Final = say("how much of the mean of squared gradients stays")
_BETA2: Final = ScenarioKey("beta2", _BELOW_1, _SQUARES, "0.999")
_EPSILON: Final = ScenarioKey("epsilon", _FROM_0, say("what keeps the divisor above 0"), "1e-8")
_DECAY: Final = ScenarioKey(
    "weight_decay", _FROM_0, say("how strongly parameters are drawn to 0"), "0"
)

OPTIMIZERS: Mapping[str, Optimizer] = {
    optimizer.name: optimizer
    for optimizer in (
        Optimizer(
            "sgd",
            "w' = w - learning_rate * g",
            (),
            "gradient descent, a step against the gradient",
            "Robbins and Monro, A Stochastic Approximation Method, 1951",
        ),
        Optimizer(
            "momentum",
            "v' = momentum * v + g\nw' = w - learning_rate * v'",
            (_MOMENTUM,),
            "gradient descent with a velocity that remembers earlier gradients",
            "Polyak, Some methods of speeding up the convergence of iteration methods, 1964",
            reasons=MOMENTUM,
        ),
        Optimizer(
            "nesterov",
            "v' = momentum * v + g\nw' = w - learning_rate * (g + momentum * v')",
            (_MOMENTUM,),
            "momentum that looks one step ahead",
            "Sutskever et al., On the importance of initialization and momentum, 2013",
            reasons=MOMENTUM,
        ),
        Optimizer(
            "rmsprop",
            "s' = alpha * s + (1 - alpha) * g**2\n"
            "w' = w - learning_rate * g / (sqrt(s') + epsilon)",
            (ScenarioKey("alpha", NumberType(0, high=1), _SQUARES, "0.99"), _EPSILON),
            "steps divided by the square root of a running mean of squared gradients",
            "Hinton, Neural Networks for Machine Learning, lecture 6e, 2012",
            reasons=RMSPROP,
        ),
        Optimizer(
            "adagrad",
            "s' = s + g**2\nw' = w - learning_rate * g / (sqrt(s') + epsilon)",
            (replace(_EPSILON, default="1e-10"),),
            "steps divided by the square root of the sum of all squared gradients",
            "Duchi, Hazan, Singer, Adaptive Subgradient Methods, 2011",
            reasons=ADAGRAD,
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
            (_BETA1, _BETA2, _EPSILON),
            "running means of the gradient and of its square, corrected for starting at 0",
            "Kingma and Ba, Adam, arXiv 1412.6980",
            reasons=ADAM,
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
            (_BETA1, _BETA2, _EPSILON, replace(_DECAY, default="0.01")),
            "Adam that also shrinks the weights a little at each step",
            "Loshchilov and Hutter, Decoupled Weight Decay Regularization, arXiv 1711.05101",
            reasons=ADAMW,
        ),
        Optimizer(
            "nadam",
            "mu = beta1 * (1 - 0.5 * 0.96**(t * momentum_decay))\n"
            "mu_next = beta1 * (1 - 0.5 * 0.96**((t + 1) * momentum_decay))\n"
            "product' = product * mu\n"
            "m' = beta1 * m + (1 - beta1) * g\n"
            "v' = beta2 * v + (1 - beta2) * g**2\n"
            "correction2 = 1 - beta2**t\n"
            "m_hat = mu_next * m' / (1 - product' * mu_next) + (1 - mu) * g / (1 - product')\n"
            "v_hat = v' / correction2\n"
            "w' = w - learning_rate * m_hat / (sqrt(v_hat) + epsilon)",
            (
                *(_BETA1, _BETA2, _EPSILON),
                ScenarioKey("momentum_decay", _FROM_0, say("how fast mu grows to beta1"), "0.004"),
            ),
            "Adam that looks one step ahead, as nesterov does",
            "Dozat, Incorporating Nesterov Momentum into Adam, 2016",
            state={"product": "1"},
            reasons=ADAM[:3],
        ),
    )
}


def with_weight_decay(optimizer: Optimizer) -> str:
    """Return the equations with weight decay added to the gradient, as PyTorch adds it."""
    if _DECAY.name in optimizer.defaults:
        return optimizer.equations
    return "g_decayed = g + weight_decay * w\n" + re.sub(r"\bg\b", "g_decayed", optimizer.equations)
