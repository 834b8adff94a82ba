"""How the names of a formula behave: which is a learning rate, a gradient, a prediction.

What is not known is None, never a guess dressed as knowledge: rules then go by the shape alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final, Literal

from tracer.check.model.written_trees import signed_terms
from tracer.check.trace.aliases import quantity_key
from tracer.expression.syntax import Name, Node
from tracer.frozen import Frozen
from tracer.lazy_regex import lazy_regex

Phase = Literal["forward", "loss", "backward", "update", "unknown"]
Role = Literal[
    "rate",
    "gradient",
    "error",
    "activation_derivative",
    "parameter",
    "bias",
    "input",
    "net_input",
    "activation",
    "output",
    "target",
    "loss",
    "sample_count",
    "dimension",
    "beta",
    "epsilon",
    "penalty",
    "mean",
]
DATA: Final = ("input", "target")  # what each sample has of its own
TRAINED: Final[Sequence[Role]] = ("parameter", "bias")
CONSTANT: Final = (*TRAINED, "rate", "beta", "epsilon", "sample_count", "dimension", "penalty")
"""Roles of names that have one value in all steps, but for their own updates."""
STEP_COUNTERS: Final = frozenset(
    ("t", "k", "n", "l", "layer", "step", "epoch", "iteration", "iter")
)
"""Names that say how far the work has gone: one that goes up by one begins no other example."""
STEPPING: Final[Sequence[Role]] = ("rate", "gradient", "mean")  # what an update is made of


class Roles(Frozen):
    """What is known of a formula's names.

    `of` gives the roles, `target` is the name of the quantity that the formula computes,
    `confusions` are slips with the names that they put in the place of others: the running mean m'
    that the corrected m_hat was made from, the activation a for its net input z. What
    `follows_gradient` has a rate or a gradient, or is in figures and of a parameter.
    """

    of: Mapping[str, Role] = MappingProxyType({})
    phase: Phase = "unknown"
    target: str | None = None
    confusions: Sequence[tuple[str, Mapping[str, str]]] = ()
    follows_gradient: bool = False


# Whole names, without primes and the numbers and indices at their ends; in small letters.
_WORDS: Final[Mapping[Role, str]] = {
    "rate": "lr eta alpha learning_rate learningrate step_size gamma_lr rate 学习率 步长",
    "gradient": "g grad gradient gradients delta err_term dw db dv 梯度",
    "error": "e err error diff difference residual 误差",
    "parameter": "w v u weight weights theta w_q w_k w_v w_o wq wk wv wo kernel 权重",
    "bias": "b bias biases 偏置",
    "input": "x input inputs features 输入",
    "net_input": "z net logit logits preactivation pre_activation s_in",
    "activation": "a h hidden act activation sigmoid tanh relu",
    "output": "y_pred y_hat yhat ypred pred prediction predictions output out o p p_hat a_out "
    "softmax probs probabilities 概率",
    "target": "y t target targets label labels y_true ytrue truth 目标",
    "loss": "loss l j cost mse bce squared_error error_total e_total total_loss 损失",
    "sample_count": "n m batch batch_size samples n_samples count len_x",
    "dimension": "d_k dk d_model d_head",
    "beta": "beta beta1 beta2 momentum mu rho decay",
    "epsilon": "epsilon eps varepsilon",
    "penalty": "lambda lam weight_decay l2 正则化系数",
    "mean": "velocity m_hat v_hat mhat vhat 速度 动量",
}
_ROLE: Final[Mapping[str, Role]] = {
    word: role for role, words in reversed([*_WORDS.items()]) for word in words.split()
}
_WITH_MEANS: Final = ("beta", "beta1", "beta2", "rho", "momentum", "m_hat", "v_hat")
"""Names beside which m, v and s are running means."""
_BETA: Final = frozenset(("beta1", "beta2"))
_END: Final = lazy_regex(r"(?:\[[0-9, ]*\]|\([0-9, ]*\)|_[a-z](?=[0-9])|[_0-9]|\^)+$")  # `t_o2`
_GRADIENT: Final = lazy_regex(
    r"(?:d|∂)\w{1,40}?(?:/|_)(?:d|∂)\w|grad(?:ient)?_|nabla|∇|delta_?\w{0,8}$"
)
_ACTIVATED: Final = lazy_regex(
    r"d(?:a|h|o|out|y_hat|y_pred|yhat|p)\w{0,4}[/_]d(?:z|net|s|u)\w{0,4}$|\w*_prime$"
)


def guess_roles(names: Collection[str], target: str | None, formula: Node) -> Roles:
    """Return what the written names alone tell.

    `names` are those that may be known around the formula, `target` is the name it computes, if
    any.
    """
    target = target or None
    own = formula.content.names
    every = dict.fromkeys((*own, *names, *([target] if target else [])))
    named_roles = ((name, _name_role(name, every)) for name in every)
    roles = {name: role for name, role in named_roles if role is not None}
    corrected = dict(_uncorrected_means(every))
    confusions = [
        ("bias_correction_left_out", corrected),
        *(("bias_correction_left_out", {name: plain}) for name, plain in corrected.items()),
    ]
    others = {*own} - {target, (target or "").rstrip("'")}
    kinds = {roles.get(name) for name in others or [target or ""]}
    follows = not kinds.isdisjoint(STEPPING if others else TRAINED)
    return Roles(roles, _target_phase(formula, target, roles), target, confusions, follows)


def role_of(name: str, beside: Collection[str] = ()) -> Role | None:
    """Return how a name behaves, as far as it and those beside it tell."""
    return _name_role(name, beside or (name,))


def _name_role(name: str, every: Collection[str]) -> Role | None:
    low = quantity_key(name).replace("'", "").lower()
    stem = _END.sub("", low)
    roles: tuple[tuple[Role | None, object], ...] = (  # the first that holds
        ("activation_derivative", _ACTIVATED.match(low)),
        ("gradient", _GRADIENT.match(low)),
        ("beta", low in _BETA),
        ("sample_count", name in ("N", "M")),
        # of two that may be the label, y is the prediction
        (
            "output",
            stem == "y" and _has_family(every, "t", "t1", "t_1", "target", "y_true", "label"),
        ),
        ("mean", stem in ("m", "v", "s") and _has_family(every, *_WITH_MEANS)),
        (None, stem == "alpha" and _has_family(every, "lr", "eta", "learning_rate")),
        (_ROLE.get(low) or _ROLE.get(stem), low in _ROLE or stem in _ROLE),
        ("parameter", stem[1:2] == "_" and _ROLE.get(stem[0]) == "parameter"),  # w_hidden, U_r
        (None, True),
    )
    return next(role for role, holds in roles if holds)


def _has_family(every: Collection[str], *words: str) -> bool:
    return any(word in every for word in words)


def _target_phase(formula: Node, target: str | None, roles: Mapping[str, Role]) -> Phase:
    """Return the phase that the target and the formula's names tell.

    What begins with the value that its target had is an update, also of a parameter called g.
    """
    own, terms = formula.content.names, signed_terms(formula)
    kinds = {roles.get(name) for name in own}
    role = roles.get(target or "")
    is_step = len(terms) > 1 and terms[0][1] == Name((target or "").rstrip("'"))
    phases: tuple[tuple[Phase, object], ...] = (  # the first that holds
        ("update", is_step),
        ("backward", role in ("gradient", "activation_derivative")),
        ("loss", role in ("loss", "error")),
        ("update", role == "mean" or "rate" in kinds),
        ("backward", kinds & {"gradient", "activation_derivative"}),
        ("forward", target and (own or role in ("net_input", "activation", "output"))),
        ("unknown", True),
    )
    return next(phase for phase, holds in phases if holds)


def _uncorrected_means(every: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield the corrected running means with those they were made from."""
    for name in every:
        stem, hat, tail = name.partition("_hat")
        if hat and stem in ("m", "v", "s"):
            plain = stem + tail
            yield name, plain + "'" if plain + "'" in every else plain
