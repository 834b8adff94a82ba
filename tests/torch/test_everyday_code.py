"""Functions and layers as people write them in a `forward` have PyTorch's gradients, or a name."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest

import tracer
from tests.torch.agreement import LEAST_ERROR, largest_difference
from tracer.errors import RunError

pytestmark = pytest.mark.proof


@pytest.fixture(name="torch", scope="module")
def _torch() -> Any:
    pytest.importorskip("torch")
    torch = import_module("torch")
    torch.manual_seed(1)
    return torch


Forward = Callable[[Any, Any, Any], Any]  # of PyTorch, a module with `linear` and `w`, and x (3, 4)


def network(torch: Any, forward: Forward) -> Any:
    """Return a module with a layer and a parameter of four numbers."""

    class Net(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.linear = torch.nn.Linear(4, 4)
            self.w = torch.nn.Parameter(torch.randn(4))

        def forward(self, x: Any) -> Any:
            return forward(torch, self, x) + self.w.mean()  # so that both are used

    return Net().double()


def masked_in_place(torch: Any, net: Any, x: Any) -> Any:
    """Return rows of which some entries are set."""
    h = net.linear(x) * 1
    h[torch.eye(3, 4, dtype=torch.bool)] = 0.0
    h[:, 1:3].fill_(0.5)
    return h.mul_(net.w)


def filled_by_slices(torch: Any, net: Any, x: Any) -> Any:
    """Return an array that was made of zeros and two assignments."""
    out = torch.zeros(3, 8, dtype=x.dtype)
    out[:, :4] = net.linear(x)
    out[:, 4:] = net.linear(x) ** 2
    return out


def detached_in_place(torch: Any, net: Any, x: Any) -> Any:
    """Return a product with a copy that is detached after it was made."""
    h = net.linear(x)
    copy = h * 2
    copy.detach_()
    return h * copy


def without_gradient(torch: Any, net: Any, x: Any) -> Any:
    """Return a product with means, a shift and a scale that no gradient flows through."""
    h = net.linear(x)
    with torch.no_grad():
        mean = h.mean(0)
        with torch.enable_grad():
            inner = torch.tanh(h)
        scale, best = (h * inner).sum(), h.argmax(1)
    assert not best.requires_grad
    return (h - mean) * inner * scale * torch.sigmoid(net.w).detach()


def noisy(torch: Any, net: Any, x: Any) -> Any:
    """Return a sample of a normal distribution, after dropout in training."""
    h = net.linear(x) + torch.randn_like(x) * torch.exp(0.5 * net.w)
    return torch.nn.functional.dropout(h, 0.4, training=True) * torch.rand(4, dtype=x.dtype)


CODE: dict[str, Forward] = {
    "without gradient": without_gradient,
    "detached in place": detached_in_place,
    "straight through": lambda t, net, x: (
        net.linear(x) + (t.sign(net.linear(x)) - net.linear(x)).detach()
    ),
    "masked in place": masked_in_place,
    "filled by slices": filled_by_slices,
    "noisy": noisy,
    "alpha dropout": lambda t, net, x: t.nn.functional.alpha_dropout(net.linear(x), 0.3, True),
    "Gumbel softmax": lambda t, net, x: t.nn.functional.gumbel_softmax(net.linear(x), tau=0.5),
    "Bernoulli": lambda t, net, x: net.linear(x) * t.bernoulli(t.full_like(x, 0.5)),
    "gather": lambda t, net, x: net.linear(x).gather(1, t.tensor([[0], [2], [2]])),
    "entries": lambda t, net, x: net.linear(x)[t.arange(3), t.tensor([3, 1, 1])],
    "columns by data": lambda t, net, x: net.linear(x)[:, x.sum(0).argsort()],
    "scatter": lambda t, net, x: t.zeros_like(x).scatter(
        1, t.tensor([[3, 1, 0, 2]] * 3), net.linear(x)
    ),
    "triangles": lambda t, net, x: net.linear(x) @ t.tril(t.outer(net.w, net.w)),
    "diagonal": lambda t, net, x: net.linear(x) @ t.diag(net.w),
    "roll, flip, repeat": lambda t, net, x: t.cat(
        [net.linear(x).roll(1, 0), net.linear(x).flip(1).repeat_interleave(2, 1)], 1
    ),
    "windows": lambda t, net, x: net.linear(x).unfold(1, 2, 1) * net.w[:2],
    "borders": lambda t, net, x: t.cat(
        [
            t.nn.functional.pad(net.linear(x)[:, None], (1, 2), mode)
            for mode in ("circular", "reflect", "replicate")
        ],
        1,
    ),
    "einsum": lambda t, net, x: t.einsum("bi,bj,ij->b", net.linear(x), x, t.outer(net.w, net.w)),
    "sums and products": lambda t, net, x: net.linear(x).cumsum(1).cumsum(0) + net.w.prod(),
    "logarithms of sums": lambda t, net, x: net.linear(x).logcumsumexp(1) - net.linear(x).exp(),
    "labels put together": lambda t, net, x: t.nn.functional.cross_entropy(
        net.linear(x), t.cat([t.arange(2) + 1, t.arange(1)]), reduction="none"
    ),
    "extremes that are shared": lambda t, net, x: (
        (net.linear(x)[:, :, None] * t.ones(2, dtype=x.dtype)).amax(dim=(1, 2)) * net.w[:3]
        + (net.linear(x)[:, :, None] * t.ones(2, dtype=x.dtype)).amin(dim=2).amax(dim=-1)
    ),
    "bilinear": lambda t, net, x: t.nn.functional.bilinear(
        net.linear(x), x, t.stack([t.outer(net.w, net.w), t.eye(4, dtype=x.dtype)]), net.w[:2]
    ),
    "products along an axis": lambda t, net, x: net.linear(x).prod(dim=1),
    "norms": lambda t, net, x: net.linear(x).norm(p=float("inf"), dim=1) + net.w.norm(),
    "distances": lambda t, net, x: (
        t.cdist(net.linear(x), x[:2] * net.w)
        + t.nn.functional.pairwise_distance(net.linear(x), x)[:, None]
    ),
    "variance and mean": lambda t, net, x: sum(t.var_mean(net.linear(x), dim=0)),
    "logic": lambda t, net, x: net.linear(x) * ((~(x > 0) & (x > -1)) | (x > 1)),
    "interpolation": lambda t, net, x: t.nn.functional.interpolate(
        net.linear(x)[:, None], size=8, mode="linear"
    ),
    "nearest entries": lambda t, net, x: t.nn.functional.interpolate(net.linear(x)[:, None], 8),
    "dilated": lambda t, net, x: t.nn.functional.conv1d(
        net.linear(x)[:, None], net.w.reshape(1, 1, 4), padding=3, dilation=2
    ),
    "transposed": lambda t, net, x: t.nn.functional.conv_transpose2d(
        net.linear(x).reshape(3, 1, 2, 2), net.w.reshape(1, 1, 2, 2), None, 2, 1, 1
    ),
    "transposed, padded beyond its kernel": lambda t, net, x: t.nn.functional.conv_transpose1d(
        net.linear(x).reshape(3, 1, 4), net.w.reshape(1, 1, 4), net.w[:1], 2, 4
    ),
    "bags": lambda t, net, x: t.nn.functional.embedding_bag(
        t.tensor([[1, 2, 2], [0, 1, 1]]), net.linear(x), mode="mean"
    ),
    "bags by offsets": lambda t, net, x: t.nn.functional.embedding_bag(
        t.tensor([1, 2, 0, 1]),
        net.linear(x),
        t.tensor([0, 3, 3]),
        mode="sum",
        per_sample_weights=net.w,
    ),
    "detached data": lambda t, net, x: net.linear(x) * (3 * x).detach() * (3 * x).long(),
}


@pytest.mark.parametrize("name", CODE)
def test_code_has_the_gradients_of_pytorch(name: str, torch: Any) -> None:
    """Indices are known before the run, and random numbers are those of the next call."""
    inputs = {"x": torch.randn(3, 4, dtype=torch.float64)}
    found = largest_difference(network(torch, CODE[name]), inputs, lambda out: (out**3).mean())
    assert found < 10 * LEAST_ERROR  # of a sum of cubes


def test_a_mask_that_is_known_chooses(torch: Any) -> None:
    """As that of the nodes of a graph which have labels; rows and columns."""
    rows, columns = torch.tensor([True, False, True]), torch.tensor([True, True, False, True])
    net = network(torch, lambda t, net, x: net.linear(x)[rows] * net.w[columns].sum())
    inputs = {"x": torch.randn(3, 4, dtype=torch.float64)}
    loss = lambda out: (out[:, columns] ** 2).mean()  # noqa: E731
    assert largest_difference(net, inputs, loss) < LEAST_ERROR


def test_layers_that_share_a_parameter_have_its_first_name(torch: Any) -> None:
    """The gradient is the sum over both uses, as `named_parameters` has it."""
    nn = torch.nn

    class Tied(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.embedding, self.out = nn.Embedding(6, 3), nn.Linear(3, 6, bias=False)
            self.out.weight = self.embedding.weight

        def forward(self, ids: Any) -> Any:
            return self.out(torch.tanh(self.embedding(ids)))

    inputs = {"ids": torch.tensor([0, 5, 5]), "labels": torch.tensor([1, 2, 0])}
    assert largest_difference(Tied(), inputs, nn.CrossEntropyLoss()) < LEAST_ERROR


REFUSED: dict[str, tuple[Forward, str]] = {
    "computed places": (
        lambda t, net, x: net.linear(x).gather(1, net.linear(x).argmax(1, keepdim=True)),
        "gather of PyTorch cannot be read; expected indices that are not computed",
    ),
    "entries that add up": (
        lambda t, net, x: t.zeros(2, 4).double().index_add(0, t.tensor([0, 1, 0]), net.linear(x)),
        "index_put of PyTorch cannot be read",
    ),
    "whole numbers of computed ones": (
        lambda t, net, x: net.linear(x) * net.linear(x).long(),
        r"to\(torch.int64\) of PyTorch cannot be read",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_would_lose_a_gradient_is_refused(name: str, torch: Any) -> None:
    """By the name of the operation; a wrong gradient would be worse than none."""
    forward, message = REFUSED[name]
    inputs = {"x": torch.randn(3, 4, dtype=torch.float64)}
    with pytest.raises(RunError, match=f"the module itself: {message}"):
        tracer.from_torch(network(torch, forward), inputs, torch.sum)


def test_a_backward_function_of_ones_own_is_refused(torch: Any) -> None:
    """What is exported of it is its forward pass alone."""

    class Twice(torch.autograd.Function):  # type: ignore[misc]
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return 2 * x

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return 7 * g

    inputs = {"x": torch.randn(3, 4, dtype=torch.float64)}
    net = network(torch, lambda torch, net, x: Twice.apply(net.linear(x)))
    with pytest.raises(RunError, match=r"autograd\.Function Twice of PyTorch cannot be read"):
        tracer.from_torch(net, inputs, torch.sum)
    assert Twice.apply(torch.ones(1)) == 2
