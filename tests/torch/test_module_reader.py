"""A module of PyTorch, read as equations, has the loss and the gradients that PyTorch finds."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

import tracer
from tracer.errors import RunError

pytestmark = pytest.mark.proof
LEAST_ERROR = 1e-12


@pytest.fixture(name="torch", scope="module")
def _torch() -> Any:
    pytest.importorskip("torch")
    torch = import_module("torch")
    torch.manual_seed(1)
    return torch


def numbers(torch: Any, *shape: int) -> Any:
    """Return normal numbers in float64."""
    return torch.randn(*shape, dtype=torch.float64)


def classifier(torch: Any) -> tuple[Any, dict[str, Any], Any]:
    """Return four layers with ReLU and cross-entropy."""
    nn = torch.nn
    sizes = (10, 12, 8, 6)
    layers = [part for a, b in pairwise(sizes) for part in (nn.Linear(a, b), nn.ReLU())]
    inputs = {"input": numbers(torch, 5, 10), "labels": torch.tensor([0, 2, 1, 2, 0])}
    return nn.Sequential(*layers, nn.Linear(6, 3)), inputs, nn.CrossEntropyLoss()


def residual(torch: Any) -> tuple[Any, dict[str, Any], Any]:
    """Return two residual layers with one normalisation and a trained scale."""
    nn, F = torch.nn, torch.nn.functional

    class Residual(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.inner = nn.ModuleList([nn.Linear(4, 4) for _ in range(2)])
            self.norm = nn.LayerNorm(4)
            self.scale = nn.Parameter(torch.tensor(0.5))

        def forward(self, x: Any) -> Any:
            for layer in self.inner:
                x = x + self.scale * F.gelu(layer(self.norm(x)))
            return x.mean(dim=1).tanh()

    return Residual(), {"x": numbers(torch, 3, 5, 4), "y": numbers(torch, 3, 4)}, F.mse_loss


def convolutions(torch: Any) -> tuple[Any, dict[str, Any], Any]:
    """Return a small network for images, in training."""
    nn = torch.nn
    net = nn.Sequential(
        *(nn.Conv2d(1, 3, 3, padding=1), nn.BatchNorm2d(3), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(3, 2, 2, stride=2), nn.SiLU(), nn.Flatten(), nn.Linear(8, 3)),
    )
    inputs = {"input": numbers(torch, 4, 1, 8, 8), "labels": torch.tensor([0, 2, 1, 1])}
    return net, inputs, nn.CrossEntropyLoss()


def evaluated_norm(torch: Any) -> tuple[Any, dict[str, Any], Any]:
    """Return a network with running statistics and dropout, in evaluation."""
    nn = torch.nn
    net = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Dropout(0.3), nn.ELU(0.7))
    net[1].running_mean += 0.5
    net.eval()
    inputs = {"input": numbers(torch, 6, 3), "y": numbers(torch, 6, 4)}
    return net, inputs, nn.L1Loss()


def text_convolution(torch: Any) -> tuple[Any, dict[str, Any], Any]:
    """Return an embedding under a convolution with binary cross-entropy."""
    nn, F = torch.nn, torch.nn.functional

    class Text(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.embedding = nn.Embedding(7, 4)
            self.conv = nn.Conv1d(4, 3, 2)
            self.out = nn.Linear(3, 1)

        def forward(self, ids: Any) -> Any:
            seen = self.conv(self.embedding(ids).transpose(1, 2))
            return self.out(F.leaky_relu(seen, 0.1).mean(dim=-1)).squeeze(-1)

    inputs = {"ids": torch.tensor([[0, 3, 3, 6], [5, 1, 0, 2]]), "y": torch.tensor([1.0, 0.0])}
    inputs["y"] = inputs["y"].double()
    return Text(), inputs, F.binary_cross_entropy_with_logits


def attention(torch: Any) -> tuple[Any, dict[str, Any], Any]:
    """Return causal attention with two heads."""
    nn, F = torch.nn, torch.nn.functional

    class Attention(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.project = nn.Linear(6, 18)
            self.back = nn.Linear(6, 6, bias=False)

        def forward(self, x: Any) -> Any:
            q, k, v = (
                part.reshape(2, 4, 2, 3).transpose(1, 2) for part in self.project(x).chunk(3, -1)
            )
            heads = F.scaled_dot_product_attention(q, k, v, is_causal=True)
            return x + self.back(heads.transpose(1, 2).reshape(2, 4, 6))

    return Attention(), {"x": numbers(torch, 2, 4, 6), "y": numbers(torch, 2, 4, 6)}, F.mse_loss


def encoder_layer(torch: Any) -> tuple[Any, dict[str, Any], Any]:
    """Return PyTorch's own encoder layer."""
    layer = torch.nn.TransformerEncoderLayer(8, 2, 16, dropout=0.0, batch_first=True)
    inputs = {"src": numbers(torch, 2, 3, 8), "y": numbers(torch, 2, 3, 8)}
    return layer, inputs, torch.nn.functional.mse_loss


def recurrence(torch: Any) -> tuple[Any, dict[str, Any], Any]:
    """Return a recurrent network, step by step, with a log-likelihood."""
    nn, F = torch.nn, torch.nn.functional

    class Recurrence(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.W = nn.Parameter(0.3 * torch.randn(3, 4))
            self.U = nn.Parameter(0.3 * torch.randn(4, 4))

        def forward(self, x: Any) -> Any:
            h = torch.zeros(2, 4, dtype=x.dtype)
            for step in x.unbind(1):
                h = torch.tanh(step @ self.W + h @ self.U)
            return F.log_softmax(h, dim=-1)

    return Recurrence(), {"x": numbers(torch, 2, 3, 3), "labels": torch.tensor([3, 0])}, F.nll_loss


NETWORKS: tuple[Callable[[Any], tuple[Any, dict[str, Any], Any]], ...] = (
    classifier,
    residual,
    convolutions,
    evaluated_norm,
    text_convolution,
    attention,
    encoder_layer,
    recurrence,
)


@pytest.mark.parametrize("network", NETWORKS)
def test_loss_and_gradients_are_those_of_pytorch(network: Any, torch: Any) -> None:
    """In float64, every parameter of the state_dict."""
    module, inputs, loss = network(torch)
    module.double()
    trace = tracer.from_torch(module, inputs, loss)
    first, *others = inputs.values()
    value = loss(module(first), *others)
    value.backward()
    iteration = trace.iteration(1)
    assert trace.program.loss is not None
    assert abs(iteration[trace.program.loss] - value.item()) < LEAST_ERROR
    for name, parameter in module.named_parameters():
        own = name.replace(".", "_")
        own = f"layer{own}" if own[0].isdigit() else own
        found = iteration[f"d{trace.program.loss}/d{own}"]
        assert np.shape(found) == tuple(parameter.shape), name
        assert np.max(np.abs(found - parameter.grad.numpy())) < LEAST_ERROR, name


@pytest.mark.parametrize("title", ["SGD", "Adagrad", "Adam", "AdamW", "RMSprop", "NAdam"])
def test_an_optimizer_takes_the_same_steps(title: str, torch: Any) -> None:
    """Three updates by each, with settings of their own."""
    module, inputs, loss = classifier(torch)
    module.double()
    settings = {"lr": 0.01, "weight_decay": 0.1}
    if title == "SGD":
        settings["momentum"] = 0.8
    optimizer = getattr(torch.optim, title)(module.parameters(), **settings)
    trace = tracer.from_torch(module, inputs, loss, optimizer, iterations=3)
    for _ in range(3):
        optimizer.zero_grad()
        loss(module(inputs["input"]), inputs["labels"]).backward()
        optimizer.step()
    least = (
        1e-9 if title == "NAdam" else LEAST_ERROR
    )  # PyTorch has its momenta's product in float32
    for name, parameter in module.named_parameters():
        found = np.array(trace.final[f"layer{name.replace('.', '_')}"])
        assert np.max(np.abs(found - parameter.detach().numpy().ravel())) < least


def test_a_module_that_cannot_be_read_is_named_by_its_path(torch: Any) -> None:
    """Where it stands, what it is, and what there is instead."""
    nn = torch.nn
    net = nn.Sequential(nn.Linear(2, 2), nn.Sequential(nn.Hardswish())).double()
    inputs = {"input": numbers(torch, 1, 2), "y": numbers(torch, 1, 2)}
    with pytest.raises(RunError, match=r"1\.0: hardswish of PyTorch cannot be read"):
        tracer.from_torch(net, inputs, nn.MSELoss())
    net = nn.Sequential(nn.Linear(2, 2), nn.Dropout(0.5)).double()
    with pytest.raises(RunError, match=r"1: dropout draws a new mask in each iteration"):
        tracer.from_torch(net, inputs, nn.MSELoss())


def test_a_loss_of_several_numbers_is_refused(torch: Any) -> None:
    """It needs a mean or a sum."""
    net = torch.nn.Linear(2, 2).double()
    inputs = {"input": numbers(torch, 1, 2), "y": numbers(torch, 1, 2)}
    with pytest.raises(RunError, match="the loss is not a single number"):
        tracer.from_torch(net, inputs, lambda output, y: output - y)
