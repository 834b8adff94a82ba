"""Each loss, activation and layer of `torch.nn` that can be read has PyTorch's gradients."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest

from tests.torch.agreement import LEAST_ERROR, largest_difference

pytestmark = pytest.mark.proof


@pytest.fixture(name="torch", scope="module")
def _torch() -> Any:
    pytest.importorskip("torch")
    torch = import_module("torch")
    torch.manual_seed(1)
    return torch


def numbers(torch: Any, *shape: int) -> Any:
    """Return normal numbers in float64."""
    return torch.randn(*shape, dtype=torch.float64)


Row = tuple[str, dict[str, Any], str]
LOSSES: tuple[Row, ...] = (  # a class, its settings, and what its target is
    ("MSELoss", {}, "number"),
    ("L1Loss", {}, "number"),
    ("SmoothL1Loss", {"beta": 0.5}, "number"),
    ("HuberLoss", {"delta": 0.5}, "number"),
    ("PoissonNLLLoss", {"full": True}, "positive"),
    ("KLDivLoss", {"log_target": True}, "number"),
    ("KLDivLoss", {}, "positive"),
    ("SoftMarginLoss", {}, "sign"),
    ("HingeEmbeddingLoss", {"margin": 0.5}, "sign"),
    ("MultiLabelSoftMarginLoss", {}, "share"),
    ("BCEWithLogitsLoss", {}, "share"),
    ("BCEWithLogitsLoss", {"weight": 3, "pos_weight": 3}, "share"),
    ("MarginRankingLoss", {"margin": 0.3}, "number, signs"),
    ("CosineEmbeddingLoss", {"margin": 0.1}, "number, sign of a row"),
    ("TripletMarginLoss", {"swap": True}, "number, number"),
    ("TripletMarginLoss", {"p": 3}, "number, number"),
    ("MultiMarginLoss", {"p": 2, "weight": 3}, "label"),
    ("CrossEntropyLoss", {}, "label"),
    ("CrossEntropyLoss", {"weight": 3, "label_smoothing": 0.1, "ignore_index": 1}, "label"),
    ("CrossEntropyLoss", {"label_smoothing": 0.1, "ignore_index": 1}, "label"),
    ("CrossEntropyLoss", {"weight": 3, "label_smoothing": 0.1}, "share"),
    ("NLLLoss", {}, "label"),
    ("NLLLoss", {"weight": 3, "ignore_index": 0}, "label"),
)
ACTIVATIONS: tuple[tuple[str, dict[str, Any]], ...] = (
    *((name, {}) for name in ("ReLU", "ReLU6", "Tanh", "Sigmoid", "SiLU", "GELU", "ELU", "SELU")),
    *((name, {}) for name in ("Hardtanh", "Hardswish", "Mish", "Softsign", "LogSigmoid")),
    *((name, {}) for name in ("Tanhshrink", "Softshrink", "Hardshrink", "PReLU", "LeakyReLU")),
    ("ReLU", {"inplace": True}),
    ("GELU", {"approximate": "tanh"}),
    ("CELU", {"alpha": 0.5}),
    ("PReLU", {"num_parameters": 4}),
    ("Threshold", {"threshold": 0.1, "value": 20.0}),
    ("Softplus", {"beta": 2}),
    ("GLU", {}),
    ("Softmax", {"dim": -1}),
    ("Softmin", {"dim": 1}),
    ("LogSoftmax", {"dim": 1}),
    ("Dropout", {"p": 0.4}),
    ("Dropout", {"p": 1.0}),
)
LAYERS: tuple[tuple[str, tuple[Any, ...], dict[str, Any]], ...] = (
    ("Conv2d", (4, 4, 3), {"groups": 2, "stride": 2}),
    ("Conv2d", (4, 4, 3), {"groups": 4, "padding": "same"}),
    ("BatchNorm2d", (4,), {}),
    ("BatchNorm2d", (4,), {"track_running_stats": False}),
    ("GroupNorm", (2, 4), {}),
    ("InstanceNorm2d", (4,), {"affine": True}),
    ("LayerNorm", ((6, 6),), {}),
    ("RMSNorm", (6,), {}),
    ("Dropout2d", (0.4,), {}),
    ("MaxPool2d", (2,), {"padding": 1}),
    ("AvgPool2d", (3,), {"padding": 1}),
    ("AdaptiveAvgPool2d", (2,), {}),
    ("AdaptiveMaxPool2d", (1,), {}),
    ("ZeroPad2d", ((1, 0, 2, 1),), {}),
)
RECURRENT: tuple[dict[str, Any], ...] = (
    {},
    {"batch_first": True, "num_layers": 2, "dropout": 0.3},
    {"bidirectional": True, "num_layers": 2, "dropout": 0.2},
    {"bias": False},
)


def targets(torch: Any, kinds: str) -> dict[str, Any]:
    """Return what a loss is given beside four rows of three numbers."""
    makers: dict[str, Callable[[], Any]] = {
        "number": lambda: numbers(torch, 4, 3),
        "positive": lambda: numbers(torch, 4, 3).abs() * 3,
        "share": lambda: numbers(torch, 4, 3).softmax(1),
        "sign": lambda: numbers(torch, 4, 3).sign(),
        "signs": lambda: numbers(torch, 4, 3).sign(),
        "sign of a row": lambda: torch.tensor([1.0, -1.0, -1.0, 1.0]),
        "label": lambda: torch.tensor([0, 2, 1, 1]),
    }
    return {f"target{place}": makers[kind]() for place, kind in enumerate(kinds.split(", "))}


@pytest.mark.filterwarnings("ignore:reduction.*mean:UserWarning")  # of KLDivLoss, of its mean
@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize(("name", "settings", "kinds"), LOSSES)
def test_a_loss_is_pytorch_s(
    name: str, settings: dict[str, Any], kinds: str, reduction: str, torch: Any
) -> None:
    """As a mean and as a sum, with weights for three classes."""
    weights = {
        key: torch.tensor([0.5, 1.0, 2.0], dtype=torch.float64) if "weight" in key else value
        for key, value in settings.items()
    }
    loss = getattr(torch.nn, name)(**weights, reduction=reduction)
    inputs = {"input": numbers(torch, 4, 3), **targets(torch, kinds)}
    assert largest_difference(torch.nn.Linear(3, 3), inputs, loss) < LEAST_ERROR


def test_a_probability_has_its_loss(torch: Any) -> None:
    """Binary cross-entropy, with weights too; no reduction leaves the entries."""
    net = torch.nn.Sequential(torch.nn.Linear(3, 3), torch.nn.Sigmoid())
    inputs = {"input": numbers(torch, 4, 3), "y": numbers(torch, 4, 3).sigmoid()}
    weight = torch.tensor([0.5, 1.0, 2.0], dtype=torch.float64)
    for settings in ({}, {"weight": weight}):
        loss = torch.nn.BCELoss(**settings)
        assert largest_difference(net, inputs, loss) < LEAST_ERROR
    entries = torch.nn.BCELoss(reduction="none")
    assert largest_difference(net, inputs, lambda p, y: (entries(p, y) ** 2).sum()) < LEAST_ERROR


@pytest.mark.parametrize(("name", "settings"), ACTIVATIONS)
def test_an_activation_is_pytorch_s(name: str, settings: dict[str, Any], torch: Any) -> None:
    """Behind a layer, so that its derivative is in the layer's gradients."""
    net = torch.nn.Sequential(torch.nn.Linear(3, 4), getattr(torch.nn, name)(**settings))
    inputs = {"input": numbers(torch, 4, 3)}
    assert largest_difference(net, inputs, lambda out: (out**3).mean()) < LEAST_ERROR


def test_hardsigmoid_is_pytorch_s_within_a_sixth_in_float32(torch: Any) -> None:
    """PyTorch's derivative has 1/6 rounded to float32 in it."""
    net = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Hardsigmoid())
    inputs = {"input": numbers(torch, 4, 3)}
    assert largest_difference(net, inputs, lambda out: (out**3).mean()) < 1e-8


@pytest.mark.parametrize(("name", "sizes", "settings"), LAYERS)
def test_a_layer_is_pytorch_s(
    name: str, sizes: tuple[Any, ...], settings: dict[str, Any], torch: Any
) -> None:
    """Behind a convolution, whose gradients it passes on."""
    layer = getattr(torch.nn, name)(*sizes, **settings)
    net = torch.nn.Sequential(torch.nn.Conv2d(4, 4, 3, padding=1), layer)
    inputs = {"input": numbers(torch, 2, 4, 6, 6)}
    assert largest_difference(net, inputs, lambda out: (out**3).mean()) < LEAST_ERROR


@pytest.mark.parametrize("settings", RECURRENT)
@pytest.mark.parametrize("name", ["RNN", "GRU", "LSTM"])
def test_a_recurrent_layer_is_pytorch_s(name: str, settings: dict[str, Any], torch: Any) -> None:
    """Its outputs and its last states, in both directions, with the masks between layers."""
    net = getattr(torch.nn, name)(4, 5, **settings)
    inputs = {"input": numbers(torch, 2, 3, 4)}

    def loss(found: Any) -> Any:
        outputs, last = found
        return (outputs**2).mean() + sum((item**3).sum() for item in last)

    assert largest_difference(net, inputs, loss) < LEAST_ERROR


@pytest.mark.parametrize("name", ["RNNCell", "GRUCell", "LSTMCell"])
def test_a_cell_is_pytorch_s(name: str, torch: Any) -> None:
    """One step from states of zeros."""
    net = getattr(torch.nn, name)(4, 5)
    inputs = {"input": numbers(torch, 3, 4)}

    def loss(found: Any) -> Any:
        return (found[0] * found[1]).sum() if isinstance(found, tuple) else (found**2).sum()

    assert largest_difference(net, inputs, loss) < LEAST_ERROR
