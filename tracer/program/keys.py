"""The tables and keys of a scenario file: one list, for the reader and for overrides."""

from __future__ import annotations

from typing import Final

__all__ = [
    "ALTERNATIVES",
    "GIVEN_TABLES",
    "OPTIMIZERS",
    "OPTIMIZER_KEYS",
    "TABLES",
    "TOP_KEYS",
    "TRAINING_KEYS",
    "UPDATE_RULE_KEYS",
    "canonical",
]

GIVEN_TABLES: Final = ("data", "parameters", "constants")
TABLES: Final = (
    *GIVEN_TABLES,
    "network",
    "notation",
    "training",
    "evaluation",
    "prediction",
    "plot",
    "random",
    "languages",
)
TOP_KEYS: Final = ("title", "description", "dtype", "trainable")

# What each optimizer takes besides the learning rate.
OPTIMIZERS: Final = {
    "sgd": ("weight_decay",),
    "momentum": ("momentum", "weight_decay"),
    "nesterov": ("momentum", "weight_decay"),
    "rmsprop": ("alpha", "epsilon", "weight_decay"),
    "adagrad": ("epsilon", "weight_decay"),
    "adam": ("beta1", "beta2", "epsilon", "weight_decay"),
    "adamw": ("beta1", "beta2", "epsilon", "weight_decay"),
}
OPTIMIZER_KEYS: Final = ("momentum", "alpha", "beta1", "beta2", "epsilon", "weight_decay")
UPDATE_RULE_KEYS: Final = ("optimizer", "update", *OPTIMIZER_KEYS)

# Of each group a scenario gives at most one.
ALTERNATIVES: Final = (("iterations", "epochs"), ("sample", "samples", "batch_size"))

TRAINING_KEYS: Final = (
    "optimizer",
    "learning_rate",
    *OPTIMIZER_KEYS,
    "update",
    "iterations",
    "epochs",
    "batch_size",
    "shuffle",
    "seed",
    "sample",
    "samples",
    "stop_when",
    "trainable",
)


def canonical(name: str) -> str:
    """Return a name as equations know it: θ is theta, ŷ is y_hat, w₁ is w1."""
    if name.isascii():
        return name
    from tracer.expression.names import unicode_parts  # only where somebody writes such a name

    parts = unicode_parts(name)
    return parts.plain() if parts.base else name  # a subscript alone is no name
