"""The role that a name in code suggests: a loss, the gradient of `w`, the targets."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, Literal

from tracer.lazy_regex import lazy_regex

Role = Literal["data", "target", "prediction", "weight", "bias", "other"]

LOSSES: Final = frozenset(
    [
        "loss",
        "cost",
        "mse",
        "mae",
        "rmse",
        "bce",
        "cce",
        "ce",
        "nll",
        "sse",
        "ssr",
        "rss",
        "objective",
        "crossentropy",
        "lossfn",
        "mseloss",
    ]
)
SHORT_LOSSES: Final = frozenset(("J", "L", "C", "E", "l", "j"))
GRADIENTS: Final = frozenset(
    ["grad", "grads", "gradient", "gradients", "derivative", "deriv", "nabla"]
)
RATES: Final = frozenset(  # names of learning rates, which are above 0
    ["lr", "LR", "eta", "alpha", "rate", "learning_rate", "learningRate", "learn_rate", "step_size"]
)
SIZES: Final = frozenset(  # names of counts: of samples, of entries
    [
        "n",
        "N",
        "m",
        "M",
        "k",
        "K",
        "num",
        "count",
        "batch",
        "batch_size",
        "n_samples",
        "num_samples",
    ]
)
ACTIVATIONS: Final = frozenset(
    [
        "sigmoid",
        "relu",
        "tanh",
        "softmax",
        "activation",
        "act",
        "leaky",
        "gelu",
        "elu",
        "selu",
        "silu",
        "logistic",
        "step",
    ]
)
_FRACTION: Final = lazy_regex(
    r"d_?(?P<top>[A-Za-z]\w*?)_(?:by_|over_|wrt_)?d_?(?P<below>[A-Za-z]\w*)$"
)
_OF: Final = lazy_regex(
    r"(?:d(?:loss|cost|mse|error|err|L|J|E|C|l)_?d_?|(?:grad|gradient|deriv|partial)_?"
    r"(?:of_|wrt_)?|d_|nabla_)(?P<after>[A-Za-z]\w*)$"
)
_BEFORE: Final = lazy_regex(r"(?P<before>[A-Za-z]\w*?)_?(?:grad|gradient|deriv)$")
_PLAIN: Final = lazy_regex(r"d(?P<plain>[A-Za-z]\w*)$")
_WORD: Final = lazy_regex(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")

_ROLES: Final[dict[Role, frozenset[str]]] = {
    "target": frozenset(
        [
            "y",
            "Y",
            "t",
            "T",
            "target",
            "targets",
            "label",
            "labels",
            "y_true",
            "ytrue",
            "y_train",
            "Y_true",
        ]
    ),
    "prediction": frozenset(
        [
            "y_pred",
            "y_hat",
            "yhat",
            "ypred",
            "pred",
            "preds",
            "prediction",
            "predictions",
            "output",
            "outputs",
            "out",
            "o",
            "p",
            "a",
            "A2",
            "Y_hat",
            "y_p",
            "yp",
            "Y_pred",
            "h",
            "probs",
            "y_prob",
        ]
    ),
    "data": frozenset(
        [
            "X",
            "x",
            "inputs",
            "input",
            "features",
            "feature",
            "data",
            "A",
            "X_train",
            "x_train",
            "Xb",
        ]
    ),
    "weight": frozenset(
        [
            "w",
            "W",
            "weights",
            "weight",
            "theta",
            "beta",
            "u",
            "v",
            "coef",
            "coefs",
            "m",
            "slope",
            "params",
        ]
    ),
    "bias": frozenset(["b", "B", "bias", "biases", "c", "b0", "intercept"]),
}


_ROLE_WORDS: Final[dict[Role, frozenset[str]]] = {  # words of longer names
    "target": frozenset(("true", "target", "targets", "label", "labels")),
    "prediction": frozenset(("pred", "hat", "prediction", "predictions", "predicted")),
    "weight": frozenset(("weight", "weights", "theta")),
    "bias": frozenset(("bias", "intercept")),
}


def words_of(name: str) -> tuple[str, ...]:
    """Return the words of a name: `meanSquared_error2` is mean, squared, error."""
    return tuple(part.lower() for part in _WORD.findall(name))


def is_gradient(name: str) -> bool:
    """Tell whether a name says that this is a gradient of something."""
    patterns = (_OF, _FRACTION)
    is_called = bool(GRADIENTS & set(words_of(name))) or any(each.match(name) for each in patterns)
    return is_called and not _is_of_network(name)


def _is_of_network(name: str) -> bool:
    """Tell whether a name is `d_loss`: the loss of a network D, unless there is a `loss` too."""
    return name.startswith("d_") and is_loss(name[2:])


def is_loss(name: str) -> bool:
    """Tell whether a name says that this is a loss (its gradient is none)."""
    words = set(words_of(name))
    squared = {"squared", "error"} <= words or {"cross", "entropy"} <= words
    total = {"total", "error"} <= words
    named = name in SHORT_LOSSES or bool(LOSSES & words) or squared or total
    return named and not is_gradient(name) and not name.endswith("_prime")


@lru_cache(maxsize=4096)  # a search for gradients asks it again for each value of a name
def gradient_of(name: str, known: frozenset[str]) -> str | None:
    """Return the quantity that a gradient's name refers to, `w` of `dw`; '' for none.

    `known` are the names of the code: `dw` is a gradient where there is a `w`. None where the
    name is not that of a gradient of a loss.
    """
    if ACTIVATIONS & set(words_of(name)):
        return None
    fraction = _FRACTION.match(name)
    if fraction is not None:
        top, below = fraction.groups()
        if not is_loss(top) and top not in ("error", "err"):
            return None  # a derivative on the way: dz_dw
        options = (below, below.lower(), below.upper(), *_LONG.get(below, ()))
        return next((item for item in options if item in known), below)
    for pattern in (_OF, _BEFORE, _PLAIN):
        match = pattern.match(name)
        if match is None:
            continue
        of = match.group(1)
        if is_loss(of) and pattern is not _PLAIN:  # `mse_gradient`, `grad_loss`
            return None if _is_of_network(name) and of not in known else ""
        unknown = "" if pattern is not _PLAIN else None  # `data`, `delta`
        options = (of, of.lower(), of.upper(), *_LONG.get(of, ()))
        return next((item for item in options if item in known), unknown)
    of_loss = name.endswith("_prime") and is_loss(name.removesuffix("_prime"))
    return "" if is_gradient(name) or of_loss or name == "g" else None


_LONG: Final = {
    "w": ("weights", "weight", "W"),
    "W": ("weights", "weight"),
    "weights": ("w", "W"),
    "weight": ("w", "W"),
    "b": ("bias", "biases"),
    "bias": ("b",),
}


def role_of(name: str) -> Role:
    """Return what an argument of a function holds, by its name."""
    for role, names in _ROLES.items():
        if name in names or re.sub(r"\d+$", "", name) in names:
            return role
    words = set(words_of(name))
    return next((role for role, known in _ROLE_WORDS.items() if words & known), "other")
