"""Computes the references of tests/references with PyTorch: `python tests/references/make.py`.

Each network is written twice, as equations of the language and as PyTorch code, and trained in
float64 by PyTorch's own optimizers. What comes out is written beside it: `name.toml`, the
scenario, and `name.json`, every value, gradient and updated parameter. Tests read only those two,
so PyTorch is needed here and nowhere else. Made with PyTorch 2.
"""
# ruff: noqa: D103 - a network's name says what it is

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

torch: Any = import_module("torch")
F: Any = torch.nn.functional

HERE: Final = Path(__file__).parent
Quantities = dict[str, Any]
Forward = Callable[[Quantities], None]

INTEGERS: Final = ("labels", "ids", "tokens")
OPTIMIZERS: Final[Mapping[str, tuple[str, dict[str, Any]]]] = {
    "sgd": ("SGD", {}),
    "momentum": ("SGD", {"momentum": 0.9}),
    "nesterov": ("SGD", {"momentum": 0.9, "nesterov": True}),
    "rmsprop": ("RMSprop", {}),
    "adagrad": ("Adagrad", {}),
    "adadelta": ("Adadelta", {}),
    "adam": ("Adam", {}),
    "adamw": ("AdamW", {}),
    "adamax": ("Adamax", {}),
    "nadam": ("NAdam", {}),
}
KEYS: Final = {
    "epsilon": "eps",
    "momentum": "momentum",
    "alpha": "alpha",
    "rho": "rho",
    "momentum_decay": "momentum_decay",
}


class Network(NamedTuple):
    """A network in both languages, its numbers and its training."""

    name: str
    equations: str
    forward: Forward
    data: dict[str, Any]
    parameters: dict[str, Any]
    training: dict[str, Any]
    constants: dict[str, Any]


NETWORKS: list[Network] = []


def network(
    equations: str,
    data: dict[str, Any],
    parameters: dict[str, Any],
    constants: dict[str, Any] | None = None,
    **training: Any,
) -> Callable[[Forward], Forward]:
    """Add a network. A shape stands for random numbers with two decimals."""

    def added(forward: Forward) -> Forward:
        name = getattr(forward, "__name__", "")
        generator = np.random.default_rng(sum(map(ord, name)))

        def numbers(value: Any) -> Any:
            if isinstance(value, tuple):
                return (np.round(generator.normal(0, 0.6, value), 2) + 0.0).tolist()
            return value

        NETWORKS.append(
            Network(
                name,
                equations.strip("\n"),
                forward,
                {key: numbers(value) for key, value in data.items()},
                {key: numbers(value) for key, value in parameters.items()},
                {"iterations": 3, "learning_rate": 0.1, **training},
                constants or {},
            )
        )
        return forward

    return added


# One number and one layer ------------------------------------------------------------------------


@network(
    "y_pred = w * x\nloss = (y_pred - y)**2",
    {"x": [1, 2, 3], "y": [2, 4, 6]},
    {"w": 0.5},
    sample=0,
)
def one_weight(q: Quantities) -> None:
    q["y_pred"] = q["w"] * q["x"]
    q["loss"] = (q["y_pred"] - q["y"]) ** 2


@network(
    "y_pred = X @ w + b\nloss = mse(y_pred, y)",
    {"X": (5, 2), "y": (5,)},
    {"w": (2,), "b": 0},
    optimizer="momentum",
    iterations=4,
)
def linear_mse(q: Quantities) -> None:
    q["y_pred"] = q["X"] @ q["w"] + q["b"]
    q["loss"] = F.mse_loss(q["y_pred"], q["y"])


@network(
    "y_pred = X @ W + b\nloss = mae(y_pred, y)",
    {"X": (4, 3), "y": (4, 2)},
    {"W": (3, 2), "b": (2,)},
    optimizer="nesterov",
    momentum=0.5,
    iterations=4,
)
def linear_mae(q: Quantities) -> None:
    q["y_pred"] = q["X"] @ q["W"] + q["b"]
    q["loss"] = F.l1_loss(q["y_pred"], q["y"])


@network(
    "h = rms_norm(X @ W1, gain)\ny_pred = h @ W2\nloss = mse(y_pred, y)",
    {"X": (4, 3), "y": (4, 2)},
    {"W1": (3, 3), "gain": (3,), "W2": (3, 2)},
    optimizer="adamax",
    iterations=10,
)
def rms_norm_adamax(q: Quantities) -> None:
    q["h"] = F.rms_norm(q["X"] @ q["W1"], (3,), q["gain"], eps=1e-5)
    q["y_pred"] = q["h"] @ q["W2"]
    q["loss"] = F.mse_loss(q["y_pred"], q["y"])


@network(
    "h = hardswish(4 * X @ W1)\ny_pred = h @ W2\nloss = mse(y_pred, y)",
    {"X": (4, 3), "y": (4, 2)},
    {"W1": (3, 3), "W2": (3, 2)},
    optimizer="adamax",
    iterations=10,
    beta1=0.8,
    beta2=0.95,
    epsilon=1e-3,
    weight_decay=0.1,
)
def hardswish_adamax(q: Quantities) -> None:
    q["h"] = F.hardswish(4 * q["X"] @ q["W1"])
    q["y_pred"] = q["h"] @ q["W2"]
    q["loss"] = F.mse_loss(q["y_pred"], q["y"])


@network(
    "y_pred = X @ w + b\nloss = mse(y_pred, y)",
    {"X": (5, 2), "y": (5,)},
    {"w": (2,), "b": 0},
    optimizer="adadelta",
    learning_rate=1,
    iterations=10,
)
def linear_adadelta(q: Quantities) -> None:
    q["y_pred"] = q["X"] @ q["w"] + q["b"]
    q["loss"] = F.mse_loss(q["y_pred"], q["y"])


@network(
    "y_pred = w * x + b\nloss = mse(y_pred, y)",
    {"x": (6,), "y": (6,)},
    {"w": 0.5, "b": -0.25},
    optimizer="adadelta",
    iterations=10,
    rho=0.7,
    epsilon=1e-3,
    weight_decay=0.1,
)
def line_adadelta_settings(q: Quantities) -> None:
    q["y_pred"] = q["w"] * q["x"] + q["b"]
    q["loss"] = F.mse_loss(q["y_pred"], q["y"])


@network(
    "h = tanh(X @ W1 + b)\ny_pred = h @ W2\nloss = mse(y_pred, y)",
    {"X": (4, 3), "y": (4, 2)},
    {"W1": (3, 3), "b": (3,), "W2": (3, 2)},
    optimizer="nadam",
    iterations=10,
)
def tanh_nadam(q: Quantities) -> None:
    q["h"] = torch.tanh(q["X"] @ q["W1"] + q["b"])
    q["y_pred"] = q["h"] @ q["W2"]
    q["loss"] = F.mse_loss(q["y_pred"], q["y"])


@network(
    "y_pred = w * x + b\nloss = mse(y_pred, y)",
    {"x": (6,), "y": (6,)},
    {"w": 0.5, "b": -0.25},
    optimizer="nadam",
    iterations=10,
    beta1=0.8,
    beta2=0.95,
    epsilon=1e-6,
    momentum_decay=0.5,
    weight_decay=0.1,
)
def line_nadam_settings(q: Quantities) -> None:
    q["y_pred"] = q["w"] * q["x"] + q["b"]
    q["loss"] = F.mse_loss(q["y_pred"], q["y"])


@network(
    "z = X @ W + b\np = sigmoid(z)\nloss = bce(p, y)",
    {"X": (4, 2), "y": [[0], [1], [1], [0]]},
    {"W": (2, 1), "b": (1,)},
    optimizer="rmsprop",
    iterations=4,
)
def sigmoid_bce(q: Quantities) -> None:
    q["z"] = q["X"] @ q["W"] + q["b"]
    q["p"] = torch.sigmoid(q["z"])
    q["loss"] = F.binary_cross_entropy(q["p"], q["y"])


@network(
    "z = X @ W.T + b\nloss = bce_with_logits(softplus(z), y)",
    {"X": (3, 2), "y": [[0, 0.3], [1, 1], [0.5, 0]]},
    {"W": (2, 2), "b": (2,)},
    optimizer="adamw",
    weight_decay=0.1,
    beta1=0.8,
    beta2=0.95,
    epsilon=1e-6,
    iterations=4,
)
def softplus_bce_with_logits(q: Quantities) -> None:
    q["z"] = F.linear(q["X"], q["W"], q["b"])
    q["loss"] = F.binary_cross_entropy_with_logits(F.softplus(q["z"]), q["y"])


@network(
    "z = scale * logits_in\nloss = bce_with_logits(z, y) + cross_entropy(z, labels)",
    {
        "logits_in": [[1000, -1000, 3], [-1000, 0.5, 1000], [20, -30, 40]],
        "y": [[1, 1, 0], [0, 1, 1], [0, 0, 0]],
        "labels": [0, 1, 2],
    },
    {"scale": [[1.0, 1, 1]]},
    optimizer="adam",
)
def extreme_logits(q: Quantities) -> None:
    q["z"] = q["scale"] * q["logits_in"]
    q["loss"] = F.binary_cross_entropy_with_logits(q["z"], q["y"]) + F.cross_entropy(
        q["z"], q["labels"]
    )


@network(
    "z = w * x\np = sigmoid(z)\nloss = bce(p, y)",
    {"x": [1000, -1000, 1000, -1000, 1], "y": [1, 0, 0, 1, 1]},
    {"w": 1},
    iterations=3,
    learning_rate=1e-4,
)
def saturated_sigmoid(q: Quantities) -> None:
    q["z"] = q["w"] * q["x"]
    q["p"] = torch.sigmoid(q["z"])
    q["loss"] = F.binary_cross_entropy(q["p"], q["y"])


# Two layers, one for each activation -------------------------------------------------------------

TWO_LAYERS: Final = "z1 = X @ W1 + b1\na1 = {activation}\nz2 = a1 @ W2 + b2\nloss = {loss}"
SIZES: Final = {"W1": (3, 4), "b1": (4,), "W2": (4, 2), "b2": (2,)}


def two_layers(activation: str, loss: str) -> str:
    """Return the equations of a network with one hidden layer."""
    return TWO_LAYERS.format(activation=activation, loss=loss)


def layers(q: Quantities, activation: Callable[[Any], Any]) -> None:
    """Compute the same up to the second layer."""
    q["z1"] = q["X"] @ q["W1"] + q["b1"]
    q["a1"] = activation(q["z1"])
    q["z2"] = q["a1"] @ q["W2"] + q["b2"]


@network(
    two_layers("tanh(z1)", "half_squared_error(z2, y)"),
    {"X": (3, 3), "y": (3, 2)},
    SIZES,
    optimizer="rmsprop",
    alpha=0.9,
    epsilon=1e-6,
    weight_decay=0.01,
)
def tanh_half_squared_error(q: Quantities) -> None:
    layers(q, torch.tanh)
    q["loss"] = F.mse_loss(q["z2"], q["y"], reduction="sum") / 2


@network(
    two_layers("relu(z1)", "cross_entropy(z2, labels)"),
    {"X": (4, 3), "labels": [0, 1, 1, 0]},
    SIZES,
    optimizer="adam",
)
def relu_cross_entropy(q: Quantities) -> None:
    layers(q, F.relu)
    q["loss"] = F.cross_entropy(q["z2"], q["labels"])


@network(
    "z = X @ W\na = relu(z)\nloss = squared_error(a, y)",
    {"X": [[1, -1], [2, 2], [1, 1]], "y": [0.5, 1, 1]},
    {"W": [0.5, 0.5]},
    optimizer="adagrad",
)
def relu_at_zero(q: Quantities) -> None:
    q["z"] = q["X"] @ q["W"]
    q["a"] = F.relu(q["z"])
    q["loss"] = F.mse_loss(q["a"], q["y"], reduction="sum")


@network(
    two_layers("leaky_relu(z1) + leaky_relu(z1, slope=0.2)", "squared_error(z2, y)"),
    {"X": (3, 3), "y": (3, 2)},
    SIZES,
    optimizer="adagrad",
    epsilon=1e-4,
    weight_decay=0.05,
)
def leaky_relu_squared_error(q: Quantities) -> None:
    layers(q, lambda z: F.leaky_relu(z) + F.leaky_relu(z, 0.2))
    q["loss"] = F.mse_loss(q["z2"], q["y"], reduction="sum")


@network(
    two_layers("prelu(z1, slopes)", "mse(prelu(z2, slope), y)"),
    {"X": (3, 3), "y": (3, 2)},
    {**SIZES, "slopes": [0.25, 0.1, -0.3, 0.5], "slope": 0.25},
    optimizer="adam",
    beta1=0.8,
    beta2=0.99,
    epsilon=1e-5,
)
def prelu_trained_slopes(q: Quantities) -> None:
    layers(q, lambda z: F.prelu(z, q["slopes"]))
    q["loss"] = F.mse_loss(F.prelu(q["z2"], q["slope"].reshape(1)), q["y"])


@network(
    two_layers("elu(z1) * elu(z1, alpha=0.7)", "mse(z2, y)"),
    {"X": (3, 3), "y": (3, 2)},
    SIZES,
    optimizer="adamw",
)
def elu_adamw(q: Quantities) -> None:
    layers(q, lambda z: F.elu(z) * F.elu(z, 0.7))
    q["loss"] = F.mse_loss(q["z2"], q["y"])


@network(
    two_layers("silu(z1)", "mse(z2, y)"),
    {"X": (3, 3), "y": (3, 2)},
    SIZES,
    optimizer="sgd",
    weight_decay=0.1,
)
def silu_weight_decay(q: Quantities) -> None:
    layers(q, F.silu)
    q["loss"] = F.mse_loss(q["z2"], q["y"])


@network(
    two_layers("gelu(z1)", "nll(softmax(z2), labels)"),
    {"X": (4, 3), "labels": [1, 1, 0, 1]},
    SIZES,
    optimizer="adam",
    weight_decay=0.1,
)
def gelu_nll(q: Quantities) -> None:
    layers(q, F.gelu)
    q["loss"] = F.nll_loss(torch.log(torch.softmax(q["z2"], -1)), q["labels"])


@network(
    two_layers("silu(z1)", "huber(z2, y, delta=0.3)"),
    {"X": (3, 3), "y": (3, 2)},
    SIZES,
)
def silu_huber(q: Quantities) -> None:
    layers(q, F.silu)
    q["loss"] = F.huber_loss(q["z2"], q["y"], delta=0.3)


@network(
    two_layers("gelu_tanh(z1)", "mae(z2, y)"),
    {"X": (3, 3), "y": (3, 2)},
    SIZES,
    optimizer="momentum",
    momentum=0.5,
    weight_decay=0.2,
)
def gelu_tanh_mae(q: Quantities) -> None:
    layers(q, lambda z: F.gelu(z, approximate="tanh"))
    q["loss"] = F.l1_loss(q["z2"], q["y"])


@network(
    two_layers("softmax(z1) + softmax(z1, axis=0)", "-mean(pick(log_softmax(z2), labels))")
    + " + mean(log_softmax(z2, axis=0)**2)",
    {"X": (4, 3), "labels": [1, 1, 0, 1]},
    SIZES,
    optimizer="nesterov",
    weight_decay=0.1,
)
def softmax_along_axes(q: Quantities) -> None:
    layers(q, lambda z: torch.softmax(z, -1) + torch.softmax(z, 0))
    q["loss"] = (
        F.nll_loss(torch.log_softmax(q["z2"], -1), q["labels"])
        + (torch.log_softmax(q["z2"], 0) ** 2).mean()
    )


# Samples, batches, frozen parameters, depth ------------------------------------------------------


@network(
    two_layers("tanh(z1)", "cross_entropy(z2, labels)"),
    {"X": (10, 3), "labels": [0, 1, 1, 0, 1, 0, 0, 1, 1, 1]},
    SIZES,
    optimizer="adam",
    batch_size=4,
    epochs=2,
)
def ragged_batches(q: Quantities) -> None:
    layers(q, torch.tanh)
    q["loss"] = F.cross_entropy(q["z2"], q["labels"])


@network(
    "h[0] = zeros(len(tokens), 3)\n"
    "for t in range(2):\n"
    "    h[t + 1] = tanh(E[tokens[:, t]] + h[t] @ U)\n"
    "loss = mse(h[2] @ v, y)",
    {"tokens": [[0, 1], [1, 1], [3, 0], [2, 2], [0, 3]], "y": (5,)},
    {"E": (4, 3), "U": (3, 3), "v": (3,)},
    optimizer="rmsprop",
    batch_size=2,
    epochs=2,
)
def ragged_embedding(q: Quantities) -> None:
    h = torch.zeros(len(q["tokens"]), 3)
    for t in range(2):
        h = q[f"h[{t + 1}]"] = torch.tanh(q["E"][q["tokens"][:, t]] + h @ q["U"])
    q["loss"] = F.mse_loss(h @ q["v"], q["y"])


@network(
    "z1 = W1 @ x + b1\na1 = sigmoid(z1)\nz2 = W2 @ a1 + b2\na2 = sigmoid(z2)\n"
    "loss = half_squared_error(a2, y)",
    {"x": (3, 2), "y": (3, 2)},
    {"W1": (2, 2), "b1": (2,), "W2": (2, 2), "b2": (2,)},
    sample=1,
    learning_rate=0.5,
)
def one_sample_2_2_2(q: Quantities) -> None:
    q["z1"] = q["W1"] @ q["x"] + q["b1"]
    q["a1"] = torch.sigmoid(q["z1"])
    q["z2"] = q["W2"] @ q["a1"] + q["b2"]
    q["a2"] = torch.sigmoid(q["z2"])
    q["loss"] = ((q["a2"] - q["y"]) ** 2).sum() / 2


@network(
    "y_pred = tanh(X @ W) @ v\nloss = mse(y_pred, y)",
    {"X": (5, 2), "y": (5,)},
    {"W": (2, 3), "v": (3,)},
    optimizer="nesterov",
    samples=[3, 0, 2],
)
def chosen_samples(q: Quantities) -> None:
    q["y_pred"] = torch.tanh(q["X"] @ q["W"]) @ q["v"]
    q["loss"] = F.mse_loss(q["y_pred"], q["y"])


@network(
    two_layers("tanh(z1)", "mse(z2, y)"),
    {"X": (3, 3), "y": (3, 2)},
    SIZES,
    optimizer="momentum",
    trainable=["W2", "b1"],
)
def frozen_parameters(q: Quantities) -> None:
    layers(q, torch.tanh)
    q["loss"] = F.mse_loss(q["z2"], q["y"])


@network(
    "a[0] = X\nfor k in range(6):\n    a[k + 1] = tanh(a[k] @ W + b) + a[k]\nloss = mean(a[6]**2)",
    {"X": (2, 3)},
    {"W": (3, 3), "b": (3,)},
)
def six_shared_layers(q: Quantities) -> None:
    a = q["X"]
    for k in range(6):
        a = q[f"a[{k + 1}]"] = torch.tanh(a @ q["W"] + q["b"]) + a
    q["loss"] = (a**2).mean()


# Shapes ------------------------------------------------------------------------------------------


@network(
    "P = X @ W\nQ = transpose(P, (0, 2, 1)) @ V\nR = S @ Q\n"
    "r = R @ u\ns = u2 @ R\nloss = mean(r**2) + mean(s**3) + sum(transpose(R, (2, 0, 1))[1])",
    {"X": (2, 3, 2)},
    {"W": (2, 4), "V": (3, 2), "S": (2, 4, 4), "u": (2,), "u2": (4,)},
)
def batched_matmul(q: Quantities) -> None:
    q["P"] = q["X"] @ q["W"]
    q["Q"] = q["P"].transpose(1, 2) @ q["V"]
    q["R"] = q["S"] @ q["Q"]
    q["r"] = q["R"] @ q["u"]
    q["s"] = q["u2"] @ q["R"]
    q["loss"] = (q["r"] ** 2).mean() + (q["s"] ** 3).mean() + q["R"].permute(2, 0, 1)[1].sum()


@network(
    "d = u @ v\na = u @ M\nc = M @ v\nO = outer(a, c)\n"
    "loss = d + a @ c + mean(O @ O.T) + mean((M.T @ M)[0]) + mean((B @ v)**2)",
    {},
    {"u": (3,), "v": (3,), "M": (3, 3), "B": (2, 1, 4, 3)},
)
def vectors_and_matrices(q: Quantities) -> None:
    q["d"] = q["u"] @ q["v"]
    q["a"] = q["u"] @ q["M"]
    q["c"] = q["M"] @ q["v"]
    q["O"] = torch.outer(q["a"], q["c"])
    q["loss"] = (
        q["d"]
        + q["a"] @ q["c"]
        + (q["O"] @ q["O"].T).mean()
        + (q["M"].T @ q["M"])[0].mean()
        + ((q["B"] @ q["v"]) ** 2).mean()
    )


@network(
    "a = reshape(X, (4, 3)) @ W\nf = flatten(a)\ng = flatten(X, start=1)\n"
    "c = concat([a, 2 * a[:2]], axis=0)\nd = concat([a, a**2], axis=-1)\n"
    "s = stack([f, 3 * f, f**2], axis=1)\nu = stack([mean(f), v[0], 2])\n"
    "loss = mean(c * c) + mean(d**2) + sum(s) / 7 + mean(g @ v) + sum(u**2)",
    {"X": (2, 2, 3)},
    {"W": (3, 2), "v": (6,)},
)
def reshape_concat_stack(q: Quantities) -> None:
    q["a"] = q["X"].reshape(4, 3) @ q["W"]
    q["f"] = q["a"].flatten()
    g = q["X"].flatten(1)
    q["c"] = torch.cat([q["a"], 2 * q["a"][:2]], 0)
    q["d"] = torch.cat([q["a"], q["a"] ** 2], -1)
    q["s"] = torch.stack([q["f"], 3 * q["f"], q["f"] ** 2], 1)
    q["u"] = torch.stack([q["f"].mean(), q["v"][0], torch.tensor(2.0)])
    q["loss"] = (
        (q["c"] * q["c"]).mean()
        + (q["d"] ** 2).mean()
        + q["s"].sum() / 7
        + (g @ q["v"]).mean()
        + (q["u"] ** 2).sum()
    )


@network(
    "a = W[0]\nd = W[-1, 2]\nf = W[:, 1]\ng = W[1:, ::2]\nh = W[::-1, 1:3]\nk = W[0:3:2]\n"
    "loss = sum(a**2) + d * d + sum(f**3) + mean(g) * 2 + sum(h[0] * h[2]) + mean(k**2)",
    {},
    {"W": (3, 4)},
)
def indices_and_slices(q: Quantities) -> None:
    W = q["W"]
    q["a"] = W[0]
    q["d"] = W[-1, 2]
    q["f"] = W[:, 1]
    q["g"] = W[1:, ::2]
    q["h"] = W.flip(0)[:, 1:3]
    q["k"] = W[0:3:2]
    q["loss"] = (
        (q["a"] ** 2).sum()
        + q["d"] * q["d"]
        + (q["f"] ** 3).sum()
        + q["g"].mean() * 2
        + (q["h"][0] * q["h"][2]).sum()
        + (q["k"] ** 2).mean()
    )


@network(
    "a = max(W, axis=0)\nd = min(W, axis=1)\nf = max(W)\ng = min(W)\n"
    "m = mean(W, axis=0, keepdims=True)\nn = sum(T, axis=(0, 2))\n"
    "k = max(T, axis=-1, keepdims=True)\n"
    "loss = sum(a**2) + sum(d**3) + f * g + sum((W - m)**2) + sum(n * n) + mean(k * T)",
    {},
    {"W": [[1, 3, -2], [1, 0.5, -2], [0.2, 3, 3]], "T": (2, 2, 3)},
    learning_rate=0.01,
)
def extremes_and_means(q: Quantities) -> None:
    W, T = q["W"], q["T"]
    q["a"] = W.max(0).values
    q["d"] = W.min(1).values
    q["f"] = W.max()
    q["g"] = W.min()
    q["m"] = W.mean(0, keepdim=True)
    q["n"] = T.sum((0, 2))
    q["k"] = T.max(-1, keepdim=True).values
    q["loss"] = (
        (q["a"] ** 2).sum()
        + (q["d"] ** 3).sum()
        + q["f"] * q["g"]
        + ((W - q["m"]) ** 2).sum()
        + (q["n"] * q["n"]).sum()
        + (q["k"] * T).mean()
    )


@network(
    "e = E[ids]\nm = mean(e, axis=1)\nz = m @ W\nloss = cross_entropy(z, labels)",
    {"ids": [[0, 0, 0], [1, 4, 1], [4, 2, 0]], "labels": [2, 0, 1]},
    {"E": (5, 2), "W": (2, 3)},
    optimizer="adagrad",
    learning_rate=0.2,
)
def embedding_with_repeats(q: Quantities) -> None:
    q["e"] = F.embedding(q["ids"], q["E"])
    q["m"] = q["e"].mean(1)
    q["z"] = q["m"] @ q["W"]
    q["loss"] = F.cross_entropy(q["z"], q["labels"])


@network(
    "h[0] = zeros(len(tokens), 4)\n"
    "for t in range(3):\n"
    "    h[t + 1] = tanh(E[tokens[:, t]] @ W_x.T + h[t] @ W_h.T + b)\n"
    "z = h[3] @ W_y.T\nloss = cross_entropy(z, labels)",
    {"tokens": [[0, 1, 2], [2, 2, 2]], "labels": [1, 2]},
    {"E": (3, 2), "W_x": (4, 2), "W_h": (4, 4), "b": (4,), "W_y": (3, 4)},
    optimizer="adam",
)
def recurrent_loop(q: Quantities) -> None:
    h = torch.zeros(2, 4)
    for t in range(3):
        h = q[f"h[{t + 1}]"] = torch.tanh(
            F.linear(F.embedding(q["tokens"][:, t], q["E"]), q["W_x"])
            + F.linear(h, q["W_h"], q["b"])
        )
    q["z"] = F.linear(h, q["W_y"])
    q["loss"] = F.cross_entropy(q["z"], q["labels"])


@network(
    "h[0] = zeros(2)\nc[0] = zeros(2)\n"
    "for t in range(2):\n"
    "    z[t] = W @ concat([X[t], h[t]]) + b\n"
    "    i[t] = sigmoid(z[t][:2])\n"
    "    f[t] = sigmoid(z[t][2:4])\n"
    "    o[t] = sigmoid(z[t][4:6])\n"
    "    c[t + 1] = f[t] * c[t] + i[t] * tanh(z[t][6:])\n"
    "    h[t + 1] = o[t] * tanh(c[t + 1])\n"
    "loss = squared_error(h[2], target)",
    {"X": (2, 3)},
    {"W": (8, 5), "b": (8,)},
    constants={"target": [0.3, -0.2]},
)
def lstm_cell(q: Quantities) -> None:
    h, c = torch.zeros(2), torch.zeros(2)
    for t in range(2):
        z = q[f"z[{t}]"] = q["W"] @ torch.cat([q["X"][t], h]) + q["b"]
        i = q[f"i[{t}]"] = torch.sigmoid(z[:2])
        f = q[f"f[{t}]"] = torch.sigmoid(z[2:4])
        o = q[f"o[{t}]"] = torch.sigmoid(z[4:6])
        c = q[f"c[{t + 1}]"] = f * c + i * torch.tanh(z[6:])
        h = q[f"h[{t + 1}]"] = o * torch.tanh(c)
    q["loss"] = ((h - q["target"]) ** 2).sum()


@network(
    "Q = X @ W_q\nK = X @ W_k\nV = X @ W_v\n"
    "scores = Q @ transpose(K, (0, 2, 1)) / sqrt(2) + mask\nA = softmax(scores)\n"
    "loss = mean((A @ V)**2)",
    {"X": (2, 3, 2)},
    {"W_q": (2, 2), "W_k": (2, 2), "W_v": (2, 2)},
    constants={"mask": [[0, -1e9, -1e9], [0, 0, -1e9], [0, 0, 0]]},
    optimizer="adam",
)
def attention(q: Quantities) -> None:
    q["Q"] = q["X"] @ q["W_q"]
    q["K"] = q["X"] @ q["W_k"]
    q["V"] = q["X"] @ q["W_v"]
    q["scores"] = q["Q"] @ q["K"].transpose(1, 2) / math.sqrt(2) + q["mask"]
    q["A"] = torch.softmax(q["scores"], -1)
    q["loss"] = ((q["A"] @ q["V"]) ** 2).mean()


@network(
    "mu = mean(X, axis=1, keepdims=True)\nvar = mean((X - mu)**2, axis=1, keepdims=True)\n"
    "n = gain * (X @ M - mu) / sqrt(var + 1e-5) + bias\nloss = mean(n**4)",
    {"X": (3, 4)},
    {"M": (4, 4), "gain": [1, 1, 1, 1.0], "bias": (4,)},
    learning_rate=0.001,
)
def layer_norm(q: Quantities) -> None:
    X = q["X"]
    mu = X.mean(1, keepdim=True)
    var = ((X - mu) ** 2).mean(1, keepdim=True)
    q["n"] = q["gain"] * (X @ q["M"] - mu) / torch.sqrt(var + 1e-5) + q["bias"]
    q["loss"] = (q["n"] ** 4).mean()


# Convolutions, attention, masks ------------------------------------------------------------------


@network(
    "e = transpose(E[tokens], (0, 2, 1))\nc = relu(conv1d(e, K, b, padding=1))\n"
    "p = max(c, axis=-1)\nz = p @ W.T + d\nloss = cross_entropy(z, labels)",
    {"tokens": [[0, 1, 2, 1], [4, 4, 3, 0], [2, 0, 0, 1]], "labels": [1, 0, 2]},
    {"E": (5, 2), "K": (3, 2, 3), "b": (3,), "W": (3, 3), "d": (3,)},
    optimizer="adam",
)
def text_convolution(q: Quantities) -> None:
    q["e"] = F.embedding(q["tokens"], q["E"]).transpose(1, 2)
    q["c"] = F.relu(F.conv1d(q["e"], q["K"], q["b"], padding=1))
    q["p"] = q["c"].max(-1).values
    q["z"] = F.linear(q["p"], q["W"], q["d"])
    q["loss"] = F.cross_entropy(q["z"], q["labels"])


@network(
    "c = relu(conv2d(X, K1, b1, padding=1))\nm = max_pool2d(c, 2)\n"
    "f = tanh(conv2d(m, K2, b2, stride=(1, 2)))\na = flatten(f, start=1)\n"
    "y_pred = a @ W + d\nloss = mse(y_pred, y)",
    {"X": (5, 1, 4, 5), "y": (5, 2)},
    {"K1": (2, 1, 3, 3), "b1": (2,), "K2": (2, 2, 2, 1), "b2": (2,), "W": (2, 2), "d": (2,)},
    optimizer="momentum",
    batch_size=2,
    epochs=2,
)
def image_convolution(q: Quantities) -> None:
    q["c"] = F.relu(F.conv2d(q["X"], q["K1"], q["b1"], padding=1))
    q["m"] = F.max_pool2d(q["c"], 2)
    q["f"] = torch.tanh(F.conv2d(q["m"], q["K2"], q["b2"], stride=(1, 2)))
    q["a"] = q["f"].flatten(1)
    q["y_pred"] = q["a"] @ q["W"] + q["d"]
    q["loss"] = F.mse_loss(q["y_pred"], q["y"])


@network(
    "c = conv1d(x, K, b, stride=2, padding=1)\na = avg_pool1d(c, 2, stride=1)\n"
    "m = max_pool1d(c, (3,), stride=2)\nf = conv2d(X, L, stride=(2, 1), padding=(0, 1))\n"
    "g = avg_pool2d(f, (1, 2))\nn = max_pool2d(f, 2, stride=1)\n"
    "loss = mean(a**2) + sum(m * m) + mean(g) + mean(n**3)",
    {},
    {"x": (2, 9), "K": (3, 2, 2), "b": (3,), "X": (1, 4, 3), "L": (2, 1, 2, 2)},
    learning_rate=0.01,
)
def strides_without_samples(q: Quantities) -> None:
    q["c"] = F.conv1d(q["x"], q["K"], q["b"], stride=2, padding=1)
    q["a"] = F.avg_pool1d(q["c"], 2, stride=1)
    q["m"] = F.max_pool1d(q["c"], 3, stride=2)
    q["f"] = F.conv2d(q["X"], q["L"], stride=(2, 1), padding=(0, 1))
    q["g"] = F.avg_pool2d(q["f"], (1, 2))
    q["n"] = F.max_pool2d(q["f"], 2, stride=1)
    q["loss"] = (
        (q["a"] ** 2).mean() + (q["m"] * q["m"]).sum() + q["g"].mean() + (q["n"] ** 3).mean()
    )


@network(
    "n1 = layer_norm(X, gain1, bias1)\n"
    "Q = transpose(reshape(n1 @ W_q, (len(X), 3, 2, 2)), (0, 2, 1, 3))\n"
    "K = transpose(reshape(n1 @ W_k, (len(X), 3, 2, 2)), (0, 2, 1, 3))\n"
    "V = transpose(reshape(n1 @ W_v, (len(X), 3, 2, 2)), (0, 2, 1, 3))\n"
    "A = softmax(causal_mask(Q @ transpose(K, (0, 1, 3, 2)) / sqrt(2)))\n"
    "heads = reshape(transpose(A @ V, (0, 2, 1, 3)), (len(X), 3, 4))\n"
    "r1 = X + heads @ W_o\nn2 = layer_norm(r1, gain2, bias2)\n"
    "r2 = r1 + gelu_tanh(n2 @ W1 + b1) @ W2\nloss = mse(r2, y)",
    {"X": (2, 3, 4), "y": (2, 3, 4)},
    {
        **{"gain1": [1, 1, 1, 1.0], "bias1": (4,), "gain2": [1, 0.5, 2, 1], "bias2": (4,)},
        **{"W_q": (4, 4), "W_k": (4, 4), "W_v": (4, 4), "W_o": (4, 4)},
        **{"W1": (4, 6), "b1": (6,), "W2": (6, 4)},
    },
    optimizer="adam",
    iterations=2,
)
def transformer_block(q: Quantities) -> None:
    def heads(x: Any) -> Any:
        return x.reshape(2, 3, 2, 2).transpose(1, 2)

    n1 = q["n1"] = F.layer_norm(q["X"], (4,), q["gain1"], q["bias1"])
    q["Q"], q["K"], q["V"] = (heads(n1 @ q[name]) for name in ("W_q", "W_k", "W_v"))
    later = torch.ones(3, 3).triu(1) > 0
    scores = (q["Q"] @ q["K"].mT / math.sqrt(2)).masked_fill(later, -math.inf)
    q["A"] = torch.softmax(scores, -1)
    q["heads"] = (q["A"] @ q["V"]).transpose(1, 2).reshape(2, 3, 4)
    q["r1"] = q["X"] + q["heads"] @ q["W_o"]
    q["n2"] = F.layer_norm(q["r1"], (4,), q["gain2"], q["bias2"])
    hidden = F.gelu(q["n2"] @ q["W1"] + q["b1"], approximate="tanh")
    q["r2"] = q["r1"] + hidden @ q["W2"]
    q["loss"] = F.mse_loss(q["r2"], q["y"])


@network(
    "h[0] = zeros(len(tokens), 3)\n"
    "for t in range(3):\n"
    "    h[t + 1] = tanh(E[tokens[:, t]] + h[t] @ W_h.T + b)\n"
    "    z[t] = h[t + 1] @ E.T\n"
    "    l[t] = cross_entropy(z[t], tokens[:, t + 1])\n"
    "loss = (l[0] + l[1] + l[2]) / 3",
    {"tokens": [[0, 1, 2, 1], [3, 3, 3, 0]]},
    {"E": (4, 3), "W_h": (3, 3), "b": (3,)},
    optimizer="nesterov",
)
def tied_language_model(q: Quantities) -> None:
    h, losses = torch.zeros(2, 3), []
    for t in range(3):
        h = q[f"h[{t + 1}]"] = torch.tanh(
            F.embedding(q["tokens"][:, t], q["E"]) + F.linear(h, q["W_h"], q["b"])
        )
        z = q[f"z[{t}]"] = h @ q["E"].T
        q[f"l[{t}]"] = F.cross_entropy(z, q["tokens"][:, t + 1])
        losses.append(q[f"l[{t}]"])
    q["loss"] = sum(losses) / 3


@network(
    "h = tanh(X @ W1 + b1)\nd = dropout_with(h, mask, rate=0.25)\n"
    "s = standardize(d @ W2, epsilon=0.01)\nn = layer_norm(d @ W2)\nv = deviation(d)\n"
    "loss = mse(s * v, y) + mean(n**3)",
    {"X": (3, 2), "y": (3, 3), "mask": [[1, 0, 1, 1], [1, 1, 1, 0], [0, 1, 1, 1]]},
    {"W1": (2, 4), "b1": (4,), "W2": (4, 3)},
    optimizer="adagrad",
)
def dropout_mask(q: Quantities) -> None:
    q["h"] = torch.tanh(q["X"] @ q["W1"] + q["b1"])
    q["d"] = q["h"] * q["mask"] / (1 - 0.25)
    q["s"] = F.layer_norm(q["d"] @ q["W2"], (3,), eps=0.01)
    q["n"] = F.layer_norm(q["d"] @ q["W2"], (3,))
    q["v"] = torch.sqrt(q["d"].var(-1, correction=0, keepdim=True) + 1e-5)
    q["loss"] = F.mse_loss(q["s"] * q["v"], q["y"]) + (q["n"] ** 3).mean()


# Functions ---------------------------------------------------------------------------------------


@network(
    "a = where(step(w - 0.1), w**2, -w)\nd = sign(w) * w\nf = where(mask, w, 3 * v)\n"
    "g = step(v) * w\nm = maximum(w, v)\nn = minimum(w, v)\n"
    "loss = sum(a * f) + sum(d**2) + sum(g) + sum(m * m * n)",
    {},
    {"w": [0.5, -0.4, 0.1, 0, 0.7], "v": [0.5, 0.3, -0.2, 0, -0.9]},
    constants={"mask": [1, 0, 0, 1, 0]},
)
def choices_and_ties(q: Quantities) -> None:
    w, v = q["w"], q["v"]
    q["a"] = torch.where(w - 0.1 > 0, w**2, -w)
    q["d"] = torch.sign(w) * w
    q["f"] = torch.where(q["mask"] != 0, w, 3 * v)
    q["g"] = (v > 0).double() * w
    q["m"] = torch.maximum(w, v)
    q["n"] = torch.minimum(w, v)
    q["loss"] = (
        (q["a"] * q["f"]).sum()
        + (q["d"] ** 2).sum()
        + q["g"].sum()
        + (q["m"] * q["m"] * q["n"]).sum()
    )


@network(
    "a = exp(w) + log(u) + sqrt(u)\nd = abs(w) + square(w) + erf(w)\nf = sin(w) * cos(u)\n"
    "g = logsumexp(w) + sum(logsumexp(M, axis=0)) + sum(logsumexp(M, keepdims=True) * M)\n"
    "k = pi * w - -u / 2\n"
    "loss = sum(a * d) + sum(f) + g + mean(k**2) + sum(one_hot(labels, 3) * M)",
    {"labels": [2, 0]},
    {"w": [0.5, -0.4, 0.1, 0, 0.7], "u": [0.5, 0.3, 1.2, 2, 0.9], "M": (2, 3)},
    learning_rate=0.01,
)
def elementary_functions(q: Quantities) -> None:
    w, u, M = q["w"], q["u"], q["M"]
    q["a"] = torch.exp(w) + torch.log(u) + torch.sqrt(u)
    q["d"] = torch.abs(w) + torch.square(w) + torch.erf(w)
    q["f"] = torch.sin(w) * torch.cos(u)
    q["g"] = (
        torch.logsumexp(w, -1)
        + torch.logsumexp(M, 0).sum()
        + (torch.logsumexp(M, -1, keepdim=True) * M).sum()
    )
    q["k"] = math.pi * w + u / 2
    one_hot = F.one_hot(q["labels"], 3).double()
    q["loss"] = (
        (q["a"] * q["d"]).sum() + q["f"].sum() + q["g"] + (q["k"] ** 2).mean() + (one_hot * M).sum()
    )


@network(
    "a = w**3 + w**0.5 + w**-2 + w**1.5\nd = w**v\nf = 2**v\ng = -w**2 / v / 3\n"
    "loss = sum(a) + sum(d * f) - mean(g)",
    {},
    {"w": [0.5, 1.4, 2.1], "v": [0.7, -1.3, 2]},
    learning_rate=0.01,
)
def powers_and_quotients(q: Quantities) -> None:
    w, v = q["w"], q["v"]
    q["a"] = w**3 + w**0.5 + w**-2 + w**1.5
    q["d"] = w**v
    q["f"] = 2**v
    q["g"] = -(w**2) / v / 3
    q["loss"] = q["a"].sum() + (q["d"] * q["f"]).sum() - q["g"].mean()


@network(
    "a = X * w + b\nd = (c + r) * s\nf = X - (X - r)\nloss = mean(a**2) + sum(d**2) + sum(f * r)",
    {"X": (3, 2)},
    {"w": (3, 1), "b": 0.3, "c": (3, 1), "r": (1, 2), "s": (2, 1, 1)},
)
def broadcasting(q: Quantities) -> None:
    q["a"] = q["X"] * q["w"] + q["b"]
    q["d"] = (q["c"] + q["r"]) * q["s"]
    q["f"] = q["X"] - (q["X"] - q["r"])
    q["loss"] = (q["a"] ** 2).mean() + (q["d"] ** 2).sum() + (q["f"] * q["r"]).sum()


# Running -----------------------------------------------------------------------------------------


class Recorder(Quantities):
    """Quantities; what is computed keeps its gradient and is remembered in order."""

    def __init__(self, given: Quantities) -> None:
        super().__init__(given)
        self.computed: list[str] = []

    def __setitem__(self, name: str, value: Any) -> None:
        if value.requires_grad:
            value.retain_grad()
        self.computed.append(name)
        super().__setitem__(name, value)


def batches(item: Network) -> Iterator[tuple[list[int] | None, Quantities]]:
    """Yield the samples of each step and its data."""
    training = item.training
    length = len(next(iter(item.data.values()))) if item.data else 0
    if "sample" in training:
        at = training["sample"]
        for _ in range(training["iterations"]):
            yield [at], {name: tensor(name, value[at]) for name, value in item.data.items()}
        return
    chosen = training.get("samples", list(range(length)))
    size = training.get("batch_size", max(len(chosen), 1))
    steps = [chosen[first : first + size] for first in range(0, len(chosen), size)] or [[]]
    if "epochs" in training:
        steps *= training["epochs"]
    else:
        steps = [steps[k % len(steps)] for k in range(training["iterations"])]
    for places in steps:
        data = {name: [value[place] for place in places] for name, value in item.data.items()}
        yield places or None, {name: tensor(name, value) for name, value in data.items()}


def tensor(name: str, value: Any) -> Any:
    """Return numbers as a tensor: labels and ids whole, the rest in float64."""
    return torch.tensor(value, dtype=torch.int64 if name in INTEGERS else torch.float64)


def optimizer(item: Network, trained: list[Any]) -> Any:
    """Return PyTorch's optimizer with the settings that the scenario names, else its defaults."""
    training = item.training
    kind, keywords = OPTIMIZERS[training.get("optimizer", "sgd")]
    keywords = {**keywords, "lr": training["learning_rate"]}
    keywords.update({ours: training[key] for key, ours in KEYS.items() if key in training})
    if "weight_decay" in training:
        keywords["weight_decay"] = training["weight_decay"]
    if "beta1" in training:
        keywords["betas"] = (training["beta1"], training["beta2"])
    return getattr(torch.optim, kind)(trained, **keywords)


def reference(item: Network) -> list[dict[str, Any]]:
    """Train the network and return what each step computed, by name."""
    parameters = {
        name: torch.tensor(value, dtype=torch.float64, requires_grad=True)
        for name, value in item.parameters.items()
    }
    names = item.training.get("trainable", list(parameters))
    stepper = optimizer(item, [parameters[name] for name in names])
    constants = {name: tensor(name, value) for name, value in item.constants.items()}
    result = []
    for places, data in batches(item):
        q = Recorder({**constants, **data, **parameters})
        item.forward(q)
        for parameter in parameters.values():
            parameter.grad = None
        q["loss"].backward()
        values = {name: q[name].tolist() for name in q.computed}
        for name in [*q.computed, *parameters]:
            if name != "loss" and q[name].grad is not None:
                values[f"dloss/d{name}"] = q[name].grad.tolist()
        stepper.step()
        for name in names:
            values[f"{name}'"] = parameters[name].tolist()
        result.append({"samples": places, "values": values})
    return result


def toml(item: Network) -> str:
    """Return the scenario."""
    lines = [f'title = "{item.name.replace("_", " ")}"']
    tables = {"data": item.data, "parameters": item.parameters, "constants": item.constants}
    for table, content in tables.items():
        if content:
            lines += ["", f"[{table}]", *(f"{key} = {value}" for key, value in content.items())]
    lines += ["", "[network]", 'equations = """', item.equations, '"""', 'loss = "loss"']
    lines += ["", "[training]"]
    lines += [f"{key} = {json.dumps(value)}" for key, value in training(item).items()]
    return "\n".join(lines) + "\n"


def training(item: Network) -> dict[str, Any]:
    """Return the keys of [training]."""
    keys = dict(item.training)
    if "epochs" in keys:
        del keys["iterations"]
    return keys


def main() -> None:
    """Write all references."""
    torch.set_default_dtype(torch.float64)
    for item in NETWORKS:
        (HERE / f"{item.name}.toml").write_text(toml(item), encoding="utf-8")
        text = json.dumps(reference(item), separators=(",", ":"))
        (HERE / f"{item.name}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
