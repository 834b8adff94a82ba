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
from tracer.operations.law import LawLine
from tracer.operations.reason import Reason
from tracer.program.document import NumberType, ScenarioKey
from tracer.program.update_reasons import ADAGRAD, ADAM, ADAMW, MOMENTUM, RMSPROP
from tracer.sentences import say


class Optimizer(Value):
    """Update equations, the settings they name, words, source, first values of state, reasons.

    `purpose` says what it is for, beside the others.
    `law` derives why the equations are as they are; in it `g[t]` is the gradient of iteration t,
    and state the value after it, `w[t]` the parameter before it.
    """

    name: str
    equations: str
    settings: tuple[ScenarioKey, ...]
    words: str
    source: str
    purpose: str
    state: Mapping[str, str] = MappingProxyType({})
    reasons: tuple[Reason, ...] = ()  # besides the reasons that hold for any rule
    law: tuple[LawLine, ...] = ()
    frameworks: Mapping[str, str] = MappingProxyType({})  # what others call it

    @property
    def defaults(self) -> Mapping[str, str]:
        """The settings that the equations name, each with its default."""
        return {key.name: str(key.default) for key in self.settings}

    @property
    def accepted_settings(self) -> Mapping[str, ScenarioKey]:
        """All settings that a file may give: weight decay too, which every optimizer takes."""
        keys = {key.name: key for key in self.settings}
        return keys if _DECAY.name in keys else {**keys, _DECAY.name: _DECAY}


_FROM_0: Final = NumberType(0)
_BELOW_1: Final = NumberType(0, below=1)
_MOMENTUM: Final = ScenarioKey(
    "momentum",
    _FROM_0,
    say("how much of the velocity stays; β in formulas"),
    "0.9",
    also=("mu", "beta", "gamma", "rho", "alpha"),
)
_BETA1: Final = ScenarioKey(
    "beta1",
    _BELOW_1,
    say("how much of the mean of gradients stays; the rest is the newest gradient"),
    "0.9",
    also=("beta_1", "b1"),
)
_SQUARES: Final = say("how much of the mean of squared gradients stays")
_BETA2: Final = ScenarioKey("beta2", _BELOW_1, _SQUARES, "0.999", also=("beta_2", "b2"))
_SHARE: Final = ScenarioKey(
    "rho",
    _BELOW_1,
    _SQUARES,
    "0.9",
    also=("rho", "alpha", "beta", "gamma", "decay", "decay_rate", "beta2"),
)
_EPSILON: Final = ScenarioKey(
    "epsilon",
    _FROM_0,
    say("the number that keeps the divisor above 0"),
    "1e-8",
    also=("eps", "varepsilon", "delta"),
)
_DECAY: Final = ScenarioKey(
    "weight_decay",
    _FROM_0,
    say("how strongly parameters are pulled towards 0"),
    "0",
    also=("lambda", "lam", "wd", "decay"),
)

_SETTLED: Final = (
    "Substitute the line into itself, again and again: every earlier gradient is still in it, and "
    "each step further back multiplies it by that factor once more."
)
_VELOCITY: Final = (
    LawLine(
        "v[t] = momentum * v[t - 1] + g[t]",
        "A share of the velocity stays, and the gradient is added.",
    ),
    LawLine("v[t] = over(k, t, momentum**(t - k) * g[k])", _SETTLED),
    LawLine(
        "over(k, t, momentum**(t - k)) = (1 - momentum**t) / (1 - momentum)",
        "The weights are a geometric series. Where all gradients are alike, the velocity grows to "
        "1/(1 − β) of them, ten of them for 0.9; where they change sign at each step, it "
        "comes to 1/(1 + β) of one, about half.",
    ),
)
_FIRST_MEAN: Final = (
    LawLine(
        "m[t] = beta1 * m[t - 1] + (1 - beta1) * g[t]",
        "A running mean of the gradients: it keeps the direction and smooths the noise.",
    ),
    LawLine("m[t] = (1 - beta1) * over(k, t, beta1**(t - k) * g[k])", _SETTLED),
    LawLine(
        "(1 - beta1) * over(k, t, beta1**(t - k)) = 1 - beta1**t",
        "The weights of a mean should add up to 1. These do not, because m began at 0: after the "
        "first step they come to 1 − β₁, only a tenth for 0.9.",
    ),
)
_CORRECTED: Final = (
    LawLine(
        "v[t] = beta2 * v[t - 1] + (1 - beta2) * g[t]**2",
        "A running mean of the squares: how large gradients are here, whatever their sign.",
    ),
    LawLine(
        "m_hat[t] = m[t] / (1 - beta1**t)",
        "The weights of a running mean that began at 0 add up to less than 1, to 1 minus β₁ to the "
        "t. So m is divided by that: the bias correction. After the first step it is the gradient "
        "itself.",
    ),
    LawLine("v_hat[t] = v[t] / (1 - beta2**t)", "The mean of the squares began at 0 too."),
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
            purpose="The plainest rule: each parameter goes downhill, the farther the steeper it "
            "is there.",
            law=(
                LawLine(
                    "w[t + 1] = w[t] - learning_rate * g[t]",
                    "A small step s changes the loss by about g times s. Of all steps of one "
                    "length the one straight against the gradient lowers it most.",
                ),
            ),
            frameworks={"PyTorch": "torch.optim.SGD", "Keras": "keras.optimizers.SGD"}
            | {"Optax": "optax.sgd"},
        ),
        Optimizer(
            "momentum",
            "v' = momentum * v + g\nw' = w - learning_rate * v'",
            (_MOMENTUM,),
            "gradient descent with a velocity that remembers earlier gradients",
            "Polyak, Some methods of speeding up the convergence of iteration methods, 1964",
            reasons=MOMENTUM,
            purpose="In a long narrow valley plain steps swing from wall to wall and hardly move "
            "along it. A velocity averages the swings out and adds up what the steps agree "
            "on.",
            law=(
                *_VELOCITY,
                LawLine("w[t + 1] = w[t] - learning_rate * v[t]", "The step follows the velocity."),
            ),
            frameworks={"PyTorch": "torch.optim.SGD(momentum=0.9)"}
            | {"Keras": "keras.optimizers.SGD(momentum=0.9)", "Optax": "optax.sgd(momentum=0.9)"},
        ),
        Optimizer(
            "nesterov",
            "v' = momentum * v + g\nw' = w - learning_rate * (g + momentum * v')",
            (_MOMENTUM,),
            "momentum that looks one step ahead",
            "Sutskever et al., On the importance of initialization and momentum, 2013",
            reasons=MOMENTUM,
            purpose="Momentum is slow to turn and runs past the goal. Here each step already "
            "reckons with the velocity of the next, so that it turns earlier.",
            law=(
                *_VELOCITY,
                LawLine(
                    "w[t + 1] = w[t] - learning_rate * (g[t] + momentum * v[t])",
                    "The velocity that comes next will hold β times this one, whatever the "
                    "next gradient is: that much of the next step is taken now.",
                ),
                LawLine(
                    "g[t] + momentum * v[t] = v[t] + momentum * (v[t] - v[t - 1])",
                    "Substitute g = v minus the part that stayed: what results is the velocity, "
                    "and a share of its latest change. Where it begins to turn, the step is "
                    "shorter at once.",
                ),
            ),
            frameworks={"PyTorch": "torch.optim.SGD(momentum=0.9, nesterov=True)"}
            | {"Keras": "keras.optimizers.SGD(momentum=0.9, nesterov=True)"}
            | {"Optax": "optax.sgd(momentum=0.9, nesterov=True)"},
        ),
        Optimizer(
            "rmsprop",
            "s' = alpha * s + (1 - alpha) * g**2\n"
            "w' = w - learning_rate * g / (sqrt(s') + epsilon)",
            (replace(_SHARE, name="alpha", type=NumberType(0, high=1), default="0.99"), _EPSILON),
            "steps divided by the square root of a running mean of squared gradients",
            "Hinton, Neural Networks for Machine Learning, lecture 6e, 2012",
            reasons=RMSPROP,
            purpose="Parameters with steep slopes and parameters with flat ones need steps of "
            "different lengths. Each gets its own, according to how large its gradients have "
            "been lately.",
            law=(
                LawLine(
                    "s[t] = alpha * s[t - 1] + (1 - alpha) * g[t]**2",
                    "A running mean of the squares: how large gradients are here, whatever their "
                    "sign.",
                ),
                LawLine("s[t] = (1 - alpha) * over(k, t, alpha**(t - k) * g[k]**2)", _SETTLED),
                LawLine(
                    "(1 - alpha) * over(k, t, alpha**(t - k)) = 1 - alpha**t",
                    "These weights add up to less than 1 at first, and nothing corrects it: s is "
                    "too small, so the first steps are long. The very first has the length of ten "
                    "learning rates for 0.99.",
                ),
                LawLine(
                    "w[t + 1] = w[t] - learning_rate * g[t] / (sqrt(s[t]) + epsilon)",
                    "A gradient divided by the usual size of gradients: steep and flat directions "
                    "move alike.",
                ),
            ),
            frameworks={"PyTorch": "torch.optim.RMSprop"},
        ),
        Optimizer(
            "adagrad",
            "s' = s + g**2\nw' = w - learning_rate * g / (sqrt(s') + epsilon)",
            (replace(_EPSILON, default="1e-10"),),
            "steps divided by the square root of the sum of all squared gradients",
            "Duchi, Hazan, Singer, Adaptive Subgradient Methods, 2011",
            reasons=ADAGRAD,
            purpose="What is rarely seen, such as the row of a rare word, should still learn from "
            "the few gradients that it gets. Its steps stay long, while those of the others "
            "shrink.",
            law=(
                LawLine("s[t] = s[t - 1] + g[t]**2", "All squares are added, none is forgotten."),
                LawLine(
                    "s[t] = over(k, t, g[k]**2)",
                    "Substitute the line into itself, again and again.",
                ),
                LawLine(
                    "w[t + 1] = w[t] - learning_rate * g[t] / (sqrt(s[t]) + epsilon)",
                    "Of t gradients of one size the root is √t times that size: the steps shrink "
                    "like 1/√t. What is rarely used has a small sum and keeps long steps.",
                ),
            ),
            frameworks={"PyTorch": "torch.optim.Adagrad"},
        ),
        Optimizer(
            "adadelta",
            "s' = rho * s + (1 - rho) * g**2\n"
            "change = sqrt(u + epsilon) / sqrt(s' + epsilon) * g\n"
            "u' = rho * u + (1 - rho) * change**2\n"
            "w' = w - learning_rate * change",
            (_SHARE, replace(_EPSILON, default="1e-6")),
            "steps measured by the steps before them, and by a running mean of squared gradients",
            "Zeiler, ADADELTA: An Adaptive Learning Rate Method, arXiv 1212.5701",
            purpose="A learning rate need not be chosen: how far a parameter moved lately says how "
            "far it moves now. The learning rate of its paper is 1.",
            law=(
                LawLine(
                    "s[t] = rho * s[t - 1] + (1 - rho) * g[t]**2",
                    "A running mean of the squares: how large gradients are here, whatever their "
                    "sign.",
                ),
                LawLine("s[t] = (1 - rho) * over(k, t, rho**(t - k) * g[k]**2)", _SETTLED),
                LawLine(
                    "change[t] = sqrt(u[t - 1] + epsilon) / sqrt(s[t] + epsilon) * g[t]",
                    "A gradient divided by the usual size of gradients has no unit any more; times "
                    "the usual size of a step it has that of the parameter. Nothing has moved at "
                    "first, so ε alone gives the length of the first steps.",
                ),
                LawLine(
                    "u[t] = rho * u[t - 1] + (1 - rho) * change[t]**2",
                    "A running mean of the squares of the steps.",
                ),
                LawLine("w[t + 1] = w[t] - learning_rate * change[t]", "The step is taken."),
            ),
            frameworks={"PyTorch": "torch.optim.Adadelta", "Keras": "keras.optimizers.Adadelta"}
            | {"Optax": "optax.adadelta"},
        ),
        Optimizer(
            "adam",
            "m' = beta1 * m + (1 - beta1) * g\n"
            "v' = beta2 * v + (1 - beta2) * g**2\n"
            "m_hat = m' / (1 - beta1**t)\n"
            "v_hat = v' / (1 - beta2**t)\n"
            "w' = w - learning_rate * m_hat / (sqrt(v_hat) + epsilon)",
            (_BETA1, _BETA2, _EPSILON),
            "running means of the gradient and of its square, corrected for starting at 0",
            "Kingma and Ba, Adam, arXiv 1412.6980",
            reasons=ADAM,
            purpose="Momentum and a step length for each parameter in one rule, so that one "
            "learning rate suits parameters of very different slopes.",
            law=(
                *_FIRST_MEAN,
                *_CORRECTED,
                LawLine(
                    "w[t + 1] = w[t] - learning_rate * m_hat[t] / (sqrt(v_hat[t]) + epsilon)",
                    "A mean gradient over its usual size is about 1 or −1 where the gradients "
                    "agree, so a step is about as long as the learning rate, however steep it is; "
                    "where they disagree it is shorter.",
                ),
            ),
            frameworks={"PyTorch": "torch.optim.Adam", "Keras": "keras.optimizers.Adam"}
            | {"Optax": "optax.adam"},
        ),
        Optimizer(
            "adamw",
            "m' = beta1 * m + (1 - beta1) * g\n"
            "v' = beta2 * v + (1 - beta2) * g**2\n"
            "m_hat = m' / (1 - beta1**t)\n"
            "v_hat = v' / (1 - beta2**t)\n"
            "decayed = w - learning_rate * weight_decay * w\n"
            "w' = decayed - learning_rate * m_hat / (sqrt(v_hat) + epsilon)",
            (_BETA1, _BETA2, _EPSILON, replace(_DECAY, default="0.01")),
            "Adam that also shrinks the weights a little at each step",
            "Loshchilov and Hutter, Decoupled Weight Decay Regularization, arXiv 1711.05101",
            reasons=ADAMW,
            purpose="Weights are to stay small however steep the error is. So they shrink by a "
            "share of their own, beside Adam's step.",
            law=(
                *_FIRST_MEAN,
                *_CORRECTED,
                LawLine(
                    "w[t + 1] = (1 - learning_rate * weight_decay) * w[t]"
                    " - learning_rate * m_hat[t] / (sqrt(v_hat[t]) + epsilon)",
                    "The weight shrinks by a share of its own, beside the step. Were the decay "
                    "part of the gradient, it would be divided by the usual size of gradients, and "
                    "weights with large gradients would hardly shrink.",
                ),
            ),
            frameworks={"PyTorch": "torch.optim.AdamW", "Keras": "keras.optimizers.AdamW"}
            | {"Optax": "optax.adamw"},
        ),
        Optimizer(
            "adamax",
            "m' = beta1 * m + (1 - beta1) * g\n"
            "u' = maximum(beta2 * u, abs(g) + epsilon)\n"
            "w' = w - learning_rate * m' / ((1 - beta1**t) * u')",
            (
                _BETA1,
                replace(_BETA2, words=say("how much of the largest gradient stays")),
                _EPSILON,
            ),
            "a running mean of the gradient, divided by the largest gradient that is not forgotten",
            "Kingma and Ba, Adam, arXiv 1412.6980, section 7.1",
            reasons=(*ADAM[:1], *ADAM[3:4]),
            purpose="Adam's step length, measured by the largest gradient instead of a mean of "
            "squares: no step is much longer than the learning rate.",
            law=(
                *_FIRST_MEAN,
                LawLine(
                    "u[t] = maximum(beta2 * u[t - 1], abs(g[t]) + epsilon)",
                    "The largest size of a gradient so far, of which each step forgets a little.",
                ),
                LawLine(
                    "w[t + 1] = w[t] - learning_rate * m[t] / ((1 - beta1**t) * u[t])",
                    "The corrected mean over the largest size. A maximum that began at 0 is right "
                    "after the first gradient, so it needs no correction.",
                ),
            ),
            frameworks={"PyTorch": "torch.optim.Adamax", "Keras": "keras.optimizers.Adamax"}
            | {"Optax": "optax.adamax"},
        ),
        Optimizer(
            "nadam",
            "mu = beta1 * (1 - 0.5 * 0.96**(t * momentum_decay))\n"
            "mu_next = beta1 * (1 - 0.5 * 0.96**((t + 1) * momentum_decay))\n"
            "product' = product * mu\n"
            "m' = beta1 * m + (1 - beta1) * g\n"
            "v' = beta2 * v + (1 - beta2) * g**2\n"
            "m_hat = mu_next * m' / (1 - product' * mu_next) + (1 - mu) * g / (1 - product')\n"
            "v_hat = v' / (1 - beta2**t)\n"
            "w' = w - learning_rate * m_hat / (sqrt(v_hat) + epsilon)",
            (
                *(_BETA1, _BETA2, _EPSILON),
                ScenarioKey("momentum_decay", _FROM_0, say("how fast mu grows to beta1"), "0.004"),
            ),
            "Adam that looks one step ahead, as nesterov does",
            "Dozat, Incorporating Nesterov Momentum into Adam, 2016",
            state={"product": "1"},
            reasons=ADAM[1:2],
            purpose="Adam whose momentum turns earlier: the step already reckons with the mean of "
            "the next one.",
            law=(
                *_FIRST_MEAN[:2],
                LawLine(
                    "mu[t] = beta1 * (1 - 0.5 * 0.96**(t * momentum_decay))",
                    "The weight of the running mean in a step: about half of β₁ at first, when the "
                    "mean knows little yet, and nearly β₁ in the end.",
                ),
                LawLine(
                    "mu[t + 1] = beta1 * (1 - 0.5 * 0.96**((t + 1) * momentum_decay))",
                    "The same weight for the next step, which this one looks ahead to.",
                ),
                LawLine(
                    "product[t] = product[t - 1] * mu[t]",
                    "These weights of all steps so far, multiplied: they take the place of β₁ to "
                    "the t in the bias correction.",
                ),
                LawLine(
                    "m_hat[t] = mu[t + 1] * m[t] / (1 - product[t] * mu[t + 1])"
                    " + (1 - mu[t]) * g[t] / (1 - product[t])",
                    "As with nesterov the next mean will hold a share of this one: that share is "
                    "taken now, beside the gradient of this step.",
                ),
                _CORRECTED[0],
                *_CORRECTED[2:],
                LawLine(
                    "w[t + 1] = w[t] - learning_rate * m_hat[t] / (sqrt(v_hat[t]) + epsilon)",
                    "The step is Adam's.",
                ),
            ),
            frameworks={"PyTorch": "torch.optim.NAdam"},
        ),
        Optimizer(
            "lion",
            "direction = sign(beta1 * m + (1 - beta1) * g)\n"
            "m' = beta2 * m + (1 - beta2) * g\n"
            "decayed = w - learning_rate * weight_decay * w\n"
            "w' = decayed - learning_rate * direction",
            (_BETA1, replace(_BETA2, words=_BETA1.words, default="0.99"), _DECAY),
            "each number moves by the learning rate, against the sign of a mean of gradients",
            "Chen et al., Symbolic Discovery of Optimization Algorithms, arXiv 2302.06675",
            purpose="The size of a gradient does not decide how far a number moves. "
            "One number of state is enough for each parameter, where Adam needs two.",
            law=(
                LawLine(
                    "m[t] = beta2 * m[t - 1] + (1 - beta2) * g[t]",
                    "A running mean of the gradients that remembers for long.",
                ),
                LawLine("m[t] = (1 - beta2) * over(k, t, beta2**(t - k) * g[k])", _SETTLED),
                LawLine(
                    "direction[t] = sign(beta1 * m[t - 1] + (1 - beta1) * g[t])",
                    "The step gives the newest gradient a larger share than the mean does. Only "
                    "the sign counts, so the mean needs no bias correction.",
                ),
                LawLine(
                    "w[t + 1] = w[t] - learning_rate * direction[t]"
                    " - learning_rate * weight_decay * w[t]",
                    "The weight shrinks by a share of its own, as in adamw: under the sign a decay "
                    "in the gradient would hardly count.",
                ),
            ),
            frameworks={"Keras": "keras.optimizers.Lion", "Optax": "optax.lion"},
        ),
    )
}

LINE_NAMES: Final[Mapping[str, str]] = {
    "penalized": "g_tilde",
    "decayed": "w_tilde",
    "change": "Delta",
    "direction": "d",
    "mu_next": "mu[t + 1]",
    "product": "Pi",
}
"""What textbooks call results of these rules' lines that the equations name by words."""


def with_weight_decay(optimizer: Optimizer) -> str:
    """Return the equations with weight decay added to the gradient, as PyTorch adds it."""
    if _DECAY.name in optimizer.defaults:
        return optimizer.equations
    return "penalized = g + weight_decay * w\n" + re.sub(r"\bg\b", "penalized", optimizer.equations)
