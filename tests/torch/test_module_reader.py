"""A module of PyTorch, read as equations, has the loss and the gradients that PyTorch finds."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from itertools import pairwise
from typing import Any, cast

import numpy as np
import pytest

import tracer
from tests.torch.agreement import LEAST_ERROR, found_loss, largest_difference
from tracer.errors import RunError
from tracer.torch.module_reader import identifier_of

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


def classifier(torch: Any) -> tuple[Any, dict[str, Any], Any]:
    """Return four layers with ReLU and cross-entropy."""
    nn = torch.nn
    sizes = (10, 12, 8, 6)
    layers = [part for a, b in pairwise(sizes) for part in (nn.Linear(a, b), nn.ReLU())]
    inputs = {"input": numbers(torch, 5, 10), "labels": torch.tensor([0, 2, 1, 2, 0])}
    return nn.Sequential(*layers, nn.Linear(6, 3)), inputs, nn.CrossEntropyLoss()


def residual(torch: Any) -> tuple[Any, dict[str, Any], Any]:
    """Return two residual layers with one normalization and a trained scale."""
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


def language_model(torch: Any) -> tuple[Any, dict[str, Any], Any]:
    """Return an LSTM of two layers under a padded embedding, with dropout, in training."""
    nn, F = torch.nn, torch.nn.functional

    class Model(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.embedding = nn.Embedding(7, 4, padding_idx=0)
            self.lstm = nn.LSTM(4, 5, num_layers=2, dropout=0.2, batch_first=True)
            self.out = nn.Linear(5, 7)

        def forward(self, ids: Any) -> Any:
            return self.out(self.lstm(self.embedding(ids))[0])

    def loss(scores: Any, labels: Any) -> Any:
        return F.cross_entropy(scores.transpose(1, 2), labels, ignore_index=0)

    inputs = {
        "ids": torch.tensor([[0, 3, 3, 6], [5, 1, 0, 2]]),
        "labels": torch.tensor([[3, 3, 6, 1], [1, 0, 2, 2]]),
    }
    return Model(), inputs, loss


def sentence_classifier(torch: Any) -> tuple[Any, dict[str, Any], Any]:
    """Return a GRU in two directions, of which the last states are classified."""
    nn = torch.nn

    class Classifier(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.gru = nn.GRU(3, 4, bidirectional=True)
            self.out = nn.Linear(8, 3)

        def forward(self, x: Any) -> Any:
            first, last = self.gru(x)[1]
            return self.out(torch.cat([first, last], dim=-1))

    inputs = {"x": numbers(torch, 4, 2, 3), "labels": torch.tensor([2, 0])}
    return Classifier(), inputs, nn.CrossEntropyLoss(label_smoothing=0.1)


def masked_attention(torch: Any) -> tuple[Any, dict[str, Any], Any]:
    """Return PyTorch's attention with two masks, and a cell that goes on from its output."""
    nn = torch.nn

    class Attention(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.attention = nn.MultiheadAttention(4, 2, batch_first=True)
            self.cell = nn.LSTMCell(4, 3)

        def forward(self, x: Any, padding: Any) -> Any:
            causal = torch.triu(torch.ones(3, 3, dtype=torch.bool), 1)
            seen, _ = self.attention(x, x, x, key_padding_mask=padding, attn_mask=causal)
            state: Any = None
            for step in seen.unbind(1):
                state = self.cell(step, state)
            return state[0]

    inputs = {
        "x": numbers(torch, 2, 3, 4),
        "padding": torch.tensor([[False, False, True], [False, False, False]]),
        "y": numbers(torch, 2, 3),
    }
    return Attention(), inputs, nn.SmoothL1Loss()


def trained_encoder(torch: Any) -> tuple[Any, dict[str, Any], Any]:
    """Return an encoder of two layers with dropout, in training."""
    nn = torch.nn
    layer = nn.TransformerEncoderLayer(8, 2, 16, dropout=0.2, batch_first=True, norm_first=True)
    inputs = {"src": numbers(torch, 2, 3, 8), "y": numbers(torch, 2, 3, 8)}
    return nn.TransformerEncoder(layer, 2, enable_nested_tensor=False), inputs, nn.MSELoss()


def translation(torch: Any) -> tuple[Any, dict[str, Any], Any]:
    """Return a whole transformer."""
    net = torch.nn.Transformer(4, 2, 1, 1, 8, batch_first=True)
    inputs = {name: numbers(torch, 2, size, 4) for name, size in (("src", 3), ("tgt", 2))}
    return net, inputs | {"y": numbers(torch, 2, 2, 4)}, torch.nn.HuberLoss()


NETWORKS: tuple[Callable[[Any], tuple[Any, dict[str, Any], Any]], ...] = (
    classifier,
    residual,
    convolutions,
    evaluated_norm,
    text_convolution,
    attention,
    encoder_layer,
    recurrence,
    language_model,
    sentence_classifier,
    masked_attention,
    trained_encoder,
    translation,
)


OPTIMIZERS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("SGD", {}),
    ("SGD", {"momentum": 0.8, "weight_decay": 0.1}),
    ("SGD", {"momentum": 0.9, "nesterov": True, "weight_decay": 0.1}),
    ("SGD", {"momentum": 0.9, "dampening": 0.5}),
    ("SGD", {"momentum": 0.5, "maximize": True, "weight_decay": 0.1}),
    ("Adam", {"betas": (0.8, 0.99), "eps": 1e-6, "weight_decay": 0.1}),
    ("Adam", {"amsgrad": True, "maximize": True, "weight_decay": 0.1}),
    ("AdamW", {}),
    ("AdamW", {"weight_decay": 0}),
    ("AdamW", {"weight_decay": 0.2, "amsgrad": True}),
    ("RMSprop", {"weight_decay": 0.1}),
    ("RMSprop", {"centered": True, "momentum": 0.9, "alpha": 0.9, "weight_decay": 0.1}),
    ("Adagrad", {"weight_decay": 0.1}),
    ("Adagrad", {"lr_decay": 0.1, "initial_accumulator_value": 0.5}),
    ("Adadelta", {"rho": 0.8, "eps": 1e-3, "weight_decay": 0.1}),
    ("Adamax", {"betas": (0.8, 0.99), "eps": 1e-3, "weight_decay": 0.1}),
    ("NAdam", {"weight_decay": 0.1, "momentum_decay": 0.01}),
)


@pytest.mark.parametrize("network", NETWORKS)
def test_loss_and_gradients_are_those_of_pytorch(network: Any, torch: Any) -> None:
    """In float64, every parameter of the state_dict."""
    module, inputs, loss = network(torch)
    assert largest_difference(module, inputs, loss) < LEAST_ERROR


@pytest.mark.parametrize("network", [classifier, language_model, trained_encoder, convolutions])
def test_gradients_in_float32_are_within_their_rounding(network: Any, torch: Any) -> None:
    """The bound is the one that `tracer.compare` works out of the graph; a wrong entry is found."""
    module, inputs, loss = network(torch)
    module.float()
    inputs = {
        name: value.float() if value.is_floating_point() else value
        for name, value in inputs.items()
    }
    trace = tracer.from_torch(module, inputs, loss)
    value = found_loss(module, inputs, loss)
    value.backward()
    recorded = {
        f"dloss/d{identifier_of(name)}": item.grad for name, item in module.named_parameters()
    }
    assert tracer.compare(trace, {1: {"loss": value, **recorded}}).departures == ()
    name = next(iter(recorded))
    grad = recorded[name].clone()
    grad.view(-1)[grad.abs().argmax()] *= 1.001
    if network is classifier:  # what is summed over more steps rounds more
        [departure] = tracer.compare(trace, {1: {**recorded, name: grad}}).departures
        assert departure.name == name


def test_dropout_has_the_mask_of_the_next_call(torch: Any) -> None:
    """It is a constant; PyTorch's generator and the module's statistics stay as they are."""
    nn = torch.nn
    net = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Dropout(0.5)).double()
    inputs = {"input": numbers(torch, 6, 3), "y": numbers(torch, 6, 4)}
    state, running = torch.random.get_rng_state(), net[1].running_mean.clone()
    trace = tracer.from_torch(net, inputs, nn.MSELoss())
    assert torch.equal(torch.random.get_rng_state(), state)
    assert torch.equal(net[1].running_mean, running)
    mask = trace.iteration(1)["layer2_dropout_mask"]
    assert np.array_equal(mask == 0, net(inputs["input"]).detach().numpy() == 0)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    with pytest.raises(RunError, match=r"2: dropout draws a new mask in each iteration"):
        tracer.from_torch(net, inputs, nn.MSELoss(), optimizer, iterations=2)


def test_a_buffer_that_only_decides_a_mask_is_worked_out(torch: Any) -> None:
    """What depends on no input and no parameter is a constant, minus infinity as a number."""
    module, inputs, loss = masked_attention(torch)
    module.double()
    trace = tracer.from_torch(module, inputs, loss)
    masks = [item for item in trace.scenario.constants.values() if item.shape[-1:] == (3,)]
    assert any(min(item.floats()) < -1e299 for item in masks)


@pytest.mark.parametrize(("title", "settings"), OPTIMIZERS)
def test_an_optimizer_takes_the_same_steps(
    title: str, settings: dict[str, Any], torch: Any
) -> None:
    """Three updates by each, with settings of their own."""
    module, inputs, loss = classifier(torch)
    module.double()
    optimizer = getattr(torch.optim, title)(module.parameters(), **{"lr": 0.01} | settings)
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


def test_only_what_the_optimizer_has_is_updated(torch: Any) -> None:
    """Names of the rule may be names of layers, and frozen parameters keep their values."""
    nn = torch.nn

    class Model(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.v, self.m = nn.Linear(2, 3), nn.Linear(3, 1)

        def forward(self, x: Any) -> Any:
            v = self.v(x)
            return self.m(torch.tanh(v))

    net = Model().double()
    inputs = {"x": numbers(torch, 4, 2), "y": numbers(torch, 4, 1)}
    start = net.v.weight.detach().numpy().ravel().tolist()
    optimizer = torch.optim.Adam(net.m.parameters(), lr=0.1, amsgrad=True)
    trace = tracer.from_torch(net, inputs, nn.MSELoss(), optimizer, iterations=2)
    for _ in range(2):
        optimizer.zero_grad()
        nn.functional.mse_loss(net(inputs["x"]), inputs["y"]).backward()
        optimizer.step()
    assert trace.iteration(2)["v_weight"].ravel().tolist() == start
    assert trace.final["m_weight"] == pytest.approx(net.m.weight[0].tolist(), rel=1e-13)


@pytest.mark.parametrize(
    ("title", "settings", "message"),
    [
        ("NAdam", {"decoupled_weight_decay": True}, "NAdam with decoupled_weight_decay cannot"),
        ("Rprop", {}, "this optimizer cannot be read; found Rprop; expected one of SGD"),
    ],
)
def test_an_optimizer_that_cannot_be_read_is_named(
    title: str, settings: dict[str, Any], message: str, torch: Any
) -> None:
    """With the setting that cannot be read."""
    module, inputs, loss = classifier(torch)
    optimizer = getattr(torch.optim, title)(module.parameters(), **settings)
    with pytest.raises(RunError, match=message):
        tracer.from_torch(module, inputs, loss, optimizer)


@pytest.mark.parametrize("title", ["SGD", "Adam", "Adagrad"])
def test_an_optimizer_that_has_taken_steps_is_refused(title: str, torch: Any) -> None:
    """Its state is not that of a run's start."""
    module, inputs, loss = classifier(torch)
    settings = {"momentum": 0.9} if title == "SGD" else {}
    optimizer = getattr(torch.optim, title)(module.double().parameters(), **settings)
    loss(module(inputs["input"]), inputs["labels"]).backward()
    tracer.from_torch(module, inputs, loss, optimizer)
    optimizer.step()
    with pytest.raises(RunError, match=rf"{title} with optimizer\.state cannot be read"):
        tracer.from_torch(module, inputs, loss, optimizer)


def test_a_module_that_cannot_be_read_is_named_by_its_path(torch: Any) -> None:
    """Where it stands, what it is, and what there is instead."""
    nn = torch.nn
    net = nn.Sequential(nn.Linear(2, 2), nn.Sequential(nn.CELU(), nn.RReLU())).double()
    inputs = {"input": numbers(torch, 1, 2), "y": numbers(torch, 1, 2)}
    with pytest.raises(RunError, match=r"1\.1: rrelu with training cannot be read"):
        tracer.from_torch(net, inputs, nn.MSELoss())


def test_a_branch_goes_the_way_that_the_inputs_say(torch: Any, capfd: Any) -> None:
    """As in a decoder, which looks whether its mask is causal; PyTorch says nothing meanwhile."""
    nn = torch.nn

    class Decoder(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            layer = nn.TransformerDecoderLayer(4, 2, 6, dropout=0.0, batch_first=True)
            self.decoder = nn.TransformerDecoder(layer, 1)

        def forward(self, x: Any, memory: Any) -> Any:
            mask = nn.Transformer.generate_square_subsequent_mask(3, dtype=torch.float64)
            out = self.decoder(x, memory, tgt_mask=mask)
            return out if bool((x > 9).any()) else 2 * out

    inputs = {"x": numbers(torch, 2, 3, 4), "memory": numbers(torch, 2, 5, 4)}
    inputs["y"] = numbers(torch, 2, 3, 4)
    net = Decoder().double()
    assert largest_difference(net, inputs, nn.MSELoss()) < LEAST_ERROR
    state = torch.random.get_rng_state()
    tracer.from_torch(net, inputs, nn.MSELoss())
    assert torch.equal(torch.random.get_rng_state(), state)
    assert capfd.readouterr() == ("", "")


def test_a_branch_that_parameters_decide_is_refused(torch: Any) -> None:
    """It may go the other way in training; the path of the module is said."""
    nn = torch.nn

    class Gate(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.linear = nn.Linear(2, 2)

        def forward(self, x: Any) -> Any:
            h = self.linear(x)
            return h if bool(h.sum() > 0) else -h

    net = nn.Sequential(Gate()).double()
    inputs = {"input": numbers(torch, 1, 2), "y": numbers(torch, 1, 2)}
    with pytest.raises(RunError, match=r"^0: torch\.export cannot read the module"):
        tracer.from_torch(net, inputs, nn.MSELoss())


def test_a_loss_of_several_numbers_is_refused(torch: Any) -> None:
    """It needs a mean or a sum."""
    net = torch.nn.Linear(2, 2).double()
    inputs = {"input": numbers(torch, 1, 2), "y": numbers(torch, 1, 2)}
    with pytest.raises(RunError, match="the loss is not a single number"):
        tracer.from_torch(net, inputs, lambda output, y: output - y)
    with pytest.raises(RunError, match="the loss is not a single number; found 2 results"):
        tracer.from_torch(net, inputs, lambda output, y: (output.sum(), y.sum()))


def test_what_is_no_module_is_refused_and_arrays_are_inputs(torch: Any) -> None:
    """A function is none; data of NumPy are taken as tensors are."""
    with pytest.raises(RunError, match="this is not a PyTorch module"):
        tracer.from_torch(torch.tanh, {"input": numbers(torch, 1, 2)}, torch.sum)
    net = torch.nn.Linear(2, 2).double()
    for iterations in (0, -1, 2.5, "3"):
        with pytest.raises(RunError, match="iterations="):
            tracer.from_torch(
                net, {"input": np.ones((3, 2))}, torch.mean, iterations=cast(int, iterations)
            )
    with pytest.raises(RunError, match="inputs="):
        tracer.from_torch(net, cast(Any, [np.ones((3, 2))]), torch.mean)
    with pytest.raises(RunError, match="input: the array is empty"):
        tracer.from_torch(net, {"input": np.ones((0, 2))}, torch.mean)
    trace = tracer.from_torch(net, {"input": np.ones((3, 2))}, torch.mean)
    assert trace.loss[0] == pytest.approx(net(torch.ones(3, 2).double()).mean().item(), rel=1e-14)


def test_memory_that_nobody_wrote_to_makes_no_value(torch: Any) -> None:
    """A circular border is written into new memory, in which anything may stand."""
    torch.use_deterministic_algorithms(True)  # PyTorch then fills it with what is no number
    try:
        trace = tracer.from_torch(
            torch.nn.Linear(2, 2).double(),
            {"input": numbers(torch, 1, 2)},
            lambda output: torch.nn.functional.pad(output[:, None], (1, 1), "circular").sum(),
        )
    finally:
        torch.use_deterministic_algorithms(False)
    assert np.isfinite(trace.loss[0])


def test_a_batch_norm_is_called_twice(torch: Any) -> None:
    """The second call is handed the running statistics of the first, and reads none of them."""
    nn = torch.nn

    class Twins(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.net = nn.Sequential(nn.Linear(4, 6), nn.BatchNorm1d(6), nn.Tanh())

        def forward(self, one: Any, other: Any) -> Any:
            return self.net(one) - self.net(other)

    inputs = {name: numbers(torch, 5, size) for name, size in (("one", 4), ("other", 4), ("y", 6))}
    assert largest_difference(Twins(), inputs, nn.MSELoss()) < LEAST_ERROR
