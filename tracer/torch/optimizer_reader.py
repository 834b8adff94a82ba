"""An optimizer of PyTorch as what a scenario's [training] says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tracer.errors import RunError
from tracer.program.optimizers import OPTIMIZERS
from tracer.sentences import say

__all__ = ["training_of"]

# PyTorch's classes, by what the entries of our optimizers say they are called there. SGD is three.
_NAMES: Final = {
    entry.frameworks["PyTorch"].rpartition(".")[2]: name
    for name, entry in OPTIMIZERS.items()
    if "PyTorch" in entry.frameworks and "SGD" not in entry.frameworks["PyTorch"]
}
_SGD_SETTINGS: Final = tuple("momentum nesterov".split())  # noqa: SIM905 - PyTorch's, not our names
_SGD: Final = {  # by which of these it is made with
    tuple(f"{key}=" in call for key in _SGD_SETTINGS): name
    for name, entry in OPTIMIZERS.items()
    if "SGD" in (call := entry.frameworks.get("PyTorch", ""))
}
_SETTINGS: Final = {
    "lr": ("learning_rate",),
    "momentum": ("momentum",),
    "alpha": ("alpha",),
    "betas": ("beta1", "beta2"),
    "eps": ("epsilon",),
    "weight_decay": ("weight_decay",),
    "momentum_decay": ("momentum_decay",),
}
_NO_MATTER: Final = ("params", "nesterov", "foreach", "capturable", "differentiable", "fused")


def training_of(optimizer: Any) -> dict[str, Any]:
    """Return what a scenario's [training] says of an optimizer.

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
    for key, value in group.items():
        if key in _NO_MATTER or (title == "AdamW" and key == "decoupled_weight_decay"):
            continue
        own = _SETTINGS.get(key, (key,))
        is_taken = key == "lr" or own[0] in entry.taken
        if is_taken:
            numbers = value if isinstance(value, tuple) else (value,)
            settings |= {one: float(number) for one, number in zip(own, numbers, strict=True)}
        elif value:  # more than the optimizer of the language has, such as amsgrad
            raise RunError(say("{title} with {key} cannot be read", title=title, key=key))
    if not settings["weight_decay"] and "weight_decay" not in entry.defaults:
        del settings["weight_decay"]
    return {"optimizer": name, **settings}


def _is_used(state: Mapping[str, Any]) -> bool:
    """Tell whether a parameter's state is that of earlier steps; Adagrad has one before them."""
    return bool(state.get("step", 0)) or state.get("momentum_buffer") is not None
