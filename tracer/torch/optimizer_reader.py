"""An optimizer of PyTorch as what a scenario's [training] says.

Where its settings ask for more than the optimizer of the language has (`amsgrad`, `centered`), the
equations of that are changed, and stand as an update rule of the scenario's own.
"""

from __future__ import annotations

import re
from collections.abc import Container, Mapping, Sequence
from typing import Any, Final

from tracer.errors import RunError
from tracer.frozen import replace
from tracer.program.optimizers import OPTIMIZERS, Optimizer, with_weight_decay
from tracer.sentences import say

# PyTorch's classes, by what the entries of our optimizers say they are called there. SGD is three.
_NAMES: Final = {
    entry.frameworks["PyTorch"].rpartition(".")[2]: name
    for name, entry in OPTIMIZERS.items()
    if "PyTorch" in entry.frameworks and "SGD" not in entry.frameworks["PyTorch"]
}
_SGD_SETTINGS: Final = tuple("momentum nesterov".split())  # noqa: SIM905 - PyTorch's, not our names
_SGD: Final = {  # SGD by which of these settings it has
    tuple(f"{key}=" in call for key in _SGD_SETTINGS): name
    for name, entry in OPTIMIZERS.items()
    if "SGD" in (call := entry.frameworks.get("PyTorch", ""))
}
_SETTINGS: Final = {"lr": ("learning_rate",), "betas": ("beta1", "beta2"), "eps": ("epsilon",)}
_CHANGES: Final[Mapping[str, tuple[str, str]]] = {  # by setting: what it changes in the equations
    "amsgrad": (
        r"v_hat = v'",
        "largest' = maximum(largest, v')\nv_hat = largest'",
    ),
    "centered": (
        r"(?m)^(.*)sqrt\(s'\)",
        r"mean_g' = alpha * mean_g + (1 - alpha) * g" + "\n" + r"\1sqrt(s' - mean_g'**2)",
    ),
    "dampening": (  # not in the first step
        r"v' = momentum \* v \+ g",
        "v' = momentum * v + (1 - dampening * step(t - 1)) * g",
    ),
    "momentum": (
        r"w' = w - learning_rate \* (g / .*)",
        r"velocity' = momentum * velocity + \1" + "\nw' = w - learning_rate * velocity'",
    ),
    "lr_decay": (r"learning_rate", "learning_rate / (1 + (t - 1) * lr_decay)"),
    "maximize": (r"\A", ""),  # the gradient has the other sign
    "initial_accumulator_value": (r"\Z", ""),  # the first value of the state `s`
}
_NO_MATTER: Final = ("params", "nesterov", "foreach", "capturable", "differentiable", "fused")


def training_of(optimizer: Any, taken: Container[str]) -> dict[str, Any]:
    """Return what a scenario's [training] says of an optimizer; `taken` are names of quantities.

    Raises RunError for an optimizer, or a setting, that cannot be read.
    """
    title = type(optimizer).__name__
    [group, *more] = optimizer.param_groups
    name = _NAMES.get(title, "")
    if title == "SGD":
        name = _SGD[tuple(bool(group[key]) for key in _SGD_SETTINGS)]
    if not name or name not in OPTIMIZERS or more:
        raise RunError(
            say("this optimizer cannot be read"),
            found=title if not more else say("{count} groups of parameters", count=1 + len(more)),
            expected=say("one of {names}", names=", ".join(("SGD", *_NAMES))),
        )
    if any(_is_used(item) for item in optimizer.state.values()):
        raise RunError(say("{title} with {key} cannot be read", title=title, key="optimizer.state"))
    entry = OPTIMIZERS[name]
    settings: dict[str, float] = {}
    changed: list[str] = []
    for key, value in group.items():
        if key in _NO_MATTER or (title == "AdamW" and key == "decoupled_weight_decay"):
            continue
        own = _SETTINGS.get(key, (key,))
        is_taken = key == "lr" or own[0] in entry.accepted_settings
        if is_taken:
            numbers = value if isinstance(value, tuple) else (value,)
            settings |= {one: float(number) for one, number in zip(own, numbers, strict=True)}
        elif value:
            changed.append(key)
            settings[key] = float(value)
    if not changed:
        if not settings["weight_decay"] and "weight_decay" not in entry.defaults:
            del settings["weight_decay"]
        return {"optimizer": name, **settings}
    return {"learning_rate": settings.pop("learning_rate")} | _own_rule(
        entry, settings, changed, taken, title
    )


def _is_used(state: Mapping[str, Any]) -> bool:
    """Tell whether a parameter's state is that of earlier steps; Adagrad has one before them."""
    return bool(state.get("step", 0)) or state.get("momentum_buffer") is not None


def _own_rule(
    entry: Optimizer,
    settings: Mapping[str, float],
    changed: Sequence[str],
    taken: Container[str],
    title: str,
) -> dict[str, Any]:
    """Return an update rule: the equations with other ones for the settings that are `changed`.

    Settings stand in it as numbers, and its own names have that of the optimizer before them, so
    that none is one of the network's.
    """
    equations = entry.equations
    for key in changed:
        pattern, terms = _CHANGES.get(key, ("(?!)", ""))
        equations, count = re.subn(pattern, terms, equations)
        if not count or "g" in taken or "t" in taken:
            raise RunError(say("{title} with {key} cannot be read", title=title, key=key))
    if settings["weight_decay"]:
        equations = with_weight_decay(replace(entry, equations=equations))
    if "maximize" in changed:
        equations = "ascent = -g\n" + re.sub(r"\bg\b", "ascent", equations)
    state = settings.get("initial_accumulator_value", 0)
    for key, number in settings.items():
        equations = re.sub(rf"\b{key}\b", repr(number), equations)
    own = "|".join({*re.findall(r"^(\w+)", equations, re.MULTILINE)} - {"w"})
    prefix = title.lower()
    equations = re.sub(rf"\b({own})\b", rf"{prefix}_\1", equations)
    equations = re.sub(r"\bw\b", "parameter", equations)
    return {"update": {"equations": equations, "state": {f"{prefix}_s": state} if state else {}}}
