"""Computes what PyTorch makes of the bundled scenarios: `python -m tests.references.make_bundled`.

Each network of scenarios/ is written here once more, as PyTorch code, and trained in float64 by
PyTorch's own optimizers from the numbers that the scenario gives. Every value, gradient and
updated parameter goes to bundled/*.json; of large ones the norm and the ends. The tests read only
those, so PyTorch is needed here and nowhere else. Made with PyTorch 2.
"""
# ruff: noqa: D103 - a network's name says what it is

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

from tests.references.make import KEYS, OPTIMIZERS, F, Forward, Quantities, Recorder, torch
from tracer.program.scenario import Scenario, load

HERE: Final = Path(__file__).parent / "bundled"
INTEGERS: Final = ("labels", "label", "words", "following", "source", "given", "order", "digit")
STEPS: Final = 3
LARGE: Final = 300  # numbers of a value, above which its norm and its ends are kept


class Case(NamedTuple):
    """A scenario or its variant, and its network in PyTorch."""

    scenario: str
    variant: str
    forward: Forward


CASES: list[Case] = []


def case(*variants: str, scenario: str = "") -> Callable[[Forward], Forward]:
    """Add a scenario, and some variants that have the same network."""

    def added(forward: Forward) -> Forward:
        name = scenario or getattr(forward, "__name__", "")
        CASES.extend(Case(name, variant, forward) for variant in variants or ("",))
        return forward

    return added


@case()
def no_activation(q: Quantities) -> None:
    q["h"] = q["X"] @ q["W1"] + q["b1"]
    q["y_two"] = q["h"] @ q["W2"] + q["b2"]
    q["y_one"] = F.linear(q["X"], (q["W1"] @ q["W2"]).T, F.linear(q["b1"], q["W2"].T, q["b2"]))
    q["y_relu"] = F.relu(q["h"]) @ q["W2"] + q["b2"]
    q["loss"] = F.mse_loss(q["y_two"], q["y"])


@case()
def activations(q: Quantities) -> None:
    x = q["x"]
    q["y_sigmoid"] = torch.sigmoid(x)
    q["y_tanh"] = torch.tanh(x)
    q["y_relu"] = F.relu(x)
    q["y_leaky"] = F.leaky_relu(x)
    q["y_prelu"] = F.prelu(x, q["a"].reshape(1))
    q["y_elu"] = F.elu(x)
    q["y_gelu"] = F.gelu(x)
    q["y_gelu_tanh"] = F.gelu(x, approximate="tanh")
    q["p"] = torch.softmax(q["z"], -1)
    q["J"] = torch.autograd.functional.jacobian(lambda z: torch.softmax(z, -1), q["z"])
    q["loss"] = sum(q[name].sum() for name in list(q) if name.startswith("y_"))


@case("slope trained", scenario="activations")
def slope_trained(q: Quantities) -> None:
    q["y_prelu"] = F.prelu(q["x"], q["a"].reshape(1))
    q["loss"] = F.mse_loss(q["y_prelu"], q["target"])


@case()
def softmax_example(q: Quantities) -> None:
    q["p"] = torch.softmax(q["z"], -1)
    q["loss"] = -torch.log_softmax(q["z"], -1)[0]


def six_in_a_row(q: Quantities, activation: Callable[[Any], Any]) -> None:
    q["a1"] = activation(q["w1"] * q["x"])
    for layer in range(2, 6):
        q[f"a{layer}"] = activation(q[f"w{layer}"] * q[f"a{layer - 1}"])
    q["y_pred"] = activation(q["w6"] * q["a5"])
    q["loss"] = F.mse_loss(q["y_pred"], q["y"])


@case()
def deep_sigmoid(q: Quantities) -> None:
    six_in_a_row(q, torch.sigmoid)


@case("relu", scenario="deep_sigmoid")
def deep_relu(q: Quantities) -> None:
    six_in_a_row(q, F.relu)


@case()
def batch_norm(q: Quantities) -> None:
    q["z"] = q["X"] @ q["W"]
    q["h"] = F.relu(F.batch_norm(q["z"], None, None, q["gain"], q["shift"], training=True))
    q["p"] = torch.sigmoid(q["h"] @ q["V"])
    q["loss"] = F.binary_cross_entropy(q["p"], q["y"])


@case()
def losses(q: Quantities) -> None:
    q["squared"] = F.mse_loss(q["outputs"], q["target"])
    q["of_probabilities"] = F.nll_loss(torch.log(q["p"])[None], q["label"].reshape(1))
    q["of_logits"] = F.cross_entropy(q["logits"], q["labels"])
    q["binary"] = F.binary_cross_entropy(q["q"], q["y"])
    q["small_squared"] = (q["s"] - 1) ** 2
    q["small_cross"] = -torch.log(q["s"])
    q["loss"] = (
        q["squared"]
        + q["of_probabilities"]
        + q["of_logits"]
        + q["binary"]
        + q["small_squared"]
        + q["small_cross"]
    )


@case("", "momentum", "rmsprop", "adam")
def optimizers(q: Quantities) -> None:
    q["loss"] = (q["p"] ** 2 + 10 * q["q"] ** 2) / 2


@case()
def one_weight_sum(q: Quantities) -> None:
    q["y_pred"] = q["w"] * q["x"]
    q["loss"] = F.mse_loss(q["y_pred"], q["y"], reduction="sum")


@case("mean", scenario="one_weight_sum")
def one_weight_mean(q: Quantities) -> None:
    q["y_pred"] = q["w"] * q["x"]
    q["loss"] = F.mse_loss(q["y_pred"], q["y"])


@case()
def digit_mlp(q: Quantities) -> None:
    q["z1"] = F.linear(q["picture"].reshape(1, -1), q["W1"].T, q["b1"])
    q["a1"] = torch.sigmoid(q["z1"])
    q["z2"] = F.linear(q["a1"], q["W2"].T, q["b2"])
    q["a2"] = torch.sigmoid(q["z2"])
    q["z3"] = F.linear(q["a2"], q["W3"].T, q["b3"])
    q["loss"] = F.cross_entropy(q["z3"], q["digit"])


@case()
def digit_cnn(q: Quantities) -> None:
    q["z1"] = F.conv2d(q["picture"], q["kernel"], q["kernel_bias"])
    q["a1"] = F.relu(q["z1"])
    q["pooled"] = F.max_pool2d(q["a1"], 2)
    q["z2"] = F.linear(q["pooled"].flatten(1), q["W"].T, q["b"])
    q["loss"] = F.cross_entropy(q["z2"], q["digit"])


def recurrence(q: Quantities, x: Any, bias: str, first: Any = None, names: str = "h") -> Any:
    """Run a recurrent network over the rows of x; return its last state."""
    W_x, W_h = (q["V_x"], q["V_h"]) if names == "s" else (q["W_x"], q["W_h"])
    h = torch.zeros(2) if first is None else first
    for t, row in enumerate(x):
        h = q[f"{names}[{t + 1}]"] = torch.tanh(W_x @ row + W_h @ h + q[bias])
    return h


@case()
def rnn_step(q: Quantities) -> None:
    q["loss"] = F.mse_loss(recurrence(q, q["x"], "b"), q["y"], reduction="sum") / 2


def predicted(q: Quantities, following: str) -> None:
    q["p"] = torch.softmax(q["logits"], -1)
    q["loss"] = F.cross_entropy(q["logits"], q[following])


@case()
def rnn_language_model(q: Quantities) -> None:
    recurrence(q, F.embedding(q["words"], q["E"]), "b_1")
    states = torch.stack([q[f"h[{t}]"] for t in range(1, 5)])
    q["logits"] = F.linear(states, q["U"], q["b_2"])
    predicted(q, "following")


@case()
def ngram_cnn(q: Quantities) -> None:
    x = F.embedding(q["words"], q["E"])
    q["z"] = F.conv1d(x.T, q["kernel"], q["kernel_bias"])
    q["m"] = F.adaptive_max_pool1d(F.relu(q["z"]), 1)[:, 0]
    q["o_cnn"] = F.linear(q["m"], q["V"], q["c"])
    q["o_rnn"] = F.linear(recurrence(q, x, "b"), q["U"], q["d"])
    q["logits"] = torch.stack([q["o_cnn"], q["o_rnn"]])
    predicted(q, "labels")


@case()
def seq2seq(q: Quantities) -> None:
    context = recurrence(q, F.embedding(q["source"], q["E_source"]), "b")
    recurrence(q, F.embedding(q["given"], q["E_target"]), "c", context, "s")
    q["logits"] = F.linear(torch.stack([q["s[1]"], q["s[2]"]]), q["U"], q["d"])
    predicted(q, "following")


@case()
def seq2seq_attention(q: Quantities) -> None:
    last = recurrence(q, F.embedding(q["source"], q["E_source"]), "b")
    q["H"] = torch.stack([q["h[1]"], q["h[2]"]])
    recurrence(q, F.embedding(q["given"], q["E_target"]), "c", last, "s")
    states = torch.stack([q["s[1]"], q["s[2]"]])
    contexts = F.scaled_dot_product_attention(states, q["H"], q["H"], scale=1)
    q["attention"] = torch.softmax(states @ q["H"].T, -1)
    q["logits"] = F.linear(torch.cat([states, contexts], -1), q["U"], q["d"])
    predicted(q, "following")


def attended(q: Quantities, queries: Any, others: Any, *, causal: bool = False) -> None:
    """One head of attention, and its loss."""
    q["Q"] = queries @ q["W_q"]
    q["K"] = others @ q["W_k"]
    q["V"] = others @ q["W_v"]
    q["context"] = F.scaled_dot_product_attention(q["Q"], q["K"], q["V"], is_causal=causal)
    q["loss"] = F.mse_loss(q["context"], q["target"])


@case()
def self_attention(q: Quantities) -> None:
    attended(q, q["X"], q["X"])
    q["A"] = torch.softmax(q["Q"] @ q["K"].T / math.sqrt(2), -1)
    twice = F.scaled_dot_product_attention(2 * q["Q"], 2 * q["K"], 2 * q["V"])
    q["difference"] = twice - 2 * q["context"]


@case("causal", scenario="self_attention")
def causal_attention(q: Quantities) -> None:
    attended(q, q["X"], q["X"], causal=True)


@case()
def cross_attention(q: Quantities) -> None:
    attended(q, q["S"], q["H"])


def heads(q: Quantities) -> Any:
    """PyTorch's own multi-head attention, with matrices turned round as it has them."""
    weights = torch.cat([q["W_q"].T, q["W_k"].T, q["W_v"].T])
    out, _ = F.multi_head_attention_forward(
        *[q["X"][:, None]] * 3, 4, 2, weights, None, None, None, False, 0.0, q["W_o"].T, None
    )
    return out[:, 0]


@case()
def multi_head_attention(q: Quantities) -> None:
    q["out"] = heads(q)
    q["loss"] = F.mse_loss(q["out"], q["target"])


@case()
def transformer_block(q: Quantities) -> None:
    q["R1"] = q["X"] + heads(q)
    q["N1"] = F.layer_norm(q["R1"], (4,), q["gain1"], q["bias1"])
    q["z1"] = F.linear(q["N1"], q["W1"].T, q["b1"])
    q["F"] = F.linear(F.relu(q["z1"]), q["W2"].T, q["b2"])
    q["R2"] = q["N1"] + q["F"]
    q["N2"] = F.layer_norm(q["R2"], (4,), q["gain2"], q["bias2"])
    q["loss"] = F.mse_loss(q["N2"], q["target"])


@case()
def position_wise_ffn(q: Quantities) -> None:
    q["z1"] = F.linear(q["X"], q["W1"].T, q["b1"])
    q["F1"] = F.linear(F.relu(q["z1"]), q["W2"].T, q["b2"])
    q["z2"] = F.linear(q["F1"], q["V1"].T, q["c1"])
    q["F2"] = F.linear(F.relu(q["z2"]), q["V2"].T, q["c2"])
    q["loss"] = F.mse_loss(q["F2"], q["target"])


@case()
def position_wise_ffn_full(q: Quantities) -> None:
    q["z1"] = F.linear(q["X"], q["W1"].T, q["b1"])
    q["a1"] = F.relu(q["z1"])
    q["F"] = F.linear(q["a1"], q["W2"].T, q["b2"])
    q["loss"] = F.mse_loss(q["F"], q["target"])


@case()
@case(scenario="gpt2_mlp_full")
def gpt2_mlp(q: Quantities) -> None:
    q["z"] = F.linear(q["x"][0], q["c_fc_weight"].T, q["c_fc_bias"])
    q["h"] = F.gelu(q["z"], approximate="tanh")
    q["h2"] = F.linear(q["h"], q["c_proj_weight"].T, q["c_proj_bias"])[None]
    q["loss"] = F.mse_loss(q["h2"], q["target"])


# Running -----------------------------------------------------------------------------------------


def chosen(item: Case) -> Scenario:
    """Return the scenario with as many steps as are compared."""
    scenario = load(item.scenario)
    if item.variant:
        scenario = scenario.variant(item.variant)
    if scenario.training is None:
        return scenario
    return scenario.with_overrides([f"iterations={STEPS}"])


def optimizer(scenario: Scenario, trained: list[Any]) -> Any:
    """Return PyTorch's optimizer with the scenario's settings."""
    training = scenario.training
    if training is None:
        return None
    assert training.learning_rate is not None
    kind, keywords = OPTIMIZERS[training.optimizer]
    settings = {key: float(value) for key, value in training.settings.items()}
    keywords = {**keywords, "lr": training.learning_rate.floats()[0]}
    keywords.update({theirs: settings[ours] for ours, theirs in KEYS.items() if ours in settings})
    return getattr(torch.optim, kind)(trained, **keywords)


def kept(value: Any) -> Any:
    """Return a tensor's numbers, of a large one its norm, its first and its last numbers."""
    if value.numel() <= LARGE:
        return value.tolist()
    flat = value.flatten()
    ends = [*flat[:3].tolist(), *flat[-3:].tolist()]
    return {"shape": list(value.shape), "norm": norm([value]), "ends": ends}


def reference(item: Case) -> list[dict[str, Any]]:
    """Train the network and return what each step computed, by name."""
    scenario = chosen(item)
    given = {
        name: torch.tensor(value.array(), dtype=torch.int64 if name in INTEGERS else torch.float64)
        for name, value in {**scenario.data, **scenario.constants}.items()
    }
    parameters = {
        name: torch.tensor(value.array(), requires_grad=True)
        for name, value in scenario.parameters.items()
    }
    names = scenario.trainable or list(parameters)
    stepper = optimizer(scenario, [parameters[name] for name in names])
    result = []
    for _ in range(1 if stepper is None else STEPS):
        q = Recorder({**given, **parameters})
        item.forward(q)
        for parameter in parameters.values():
            parameter.grad = None
        q["loss"].backward()
        values = {name: kept(q[name].detach()) for name in q.computed}
        for name in [*q.computed, *parameters]:
            if name != "loss" and q[name].grad is not None:
                values[f"dloss/d{name}"] = kept(q[name].grad)
        if stepper is not None:
            stepper.step()
            for name in names:
                values[f"{name}'"] = kept(parameters[name].detach())
        result.append(values)
    return result


# The classifier ----------------------------------------------------------------------------------


def classifier() -> None:
    """Train the classifier for all its 640 steps, from numbers drawn here and not by tracer."""
    rng = np.random.RandomState(42)
    X = torch.tensor(rng.randn(1000, 100).astype(np.float32).astype(np.float64))
    y = torch.tensor(rng.randint(0, 10, 1000))
    unseen = torch.tensor(rng.randn(100, 100).astype(np.float32).astype(np.float64))
    sizes = (100, 128, 64, 32, 10)
    layers = []
    for number in range(4):
        layer = torch.nn.Linear(sizes[number], sizes[number + 1])
        limit = 1 / math.sqrt(sizes[number])
        draws = [np.random.default_rng(2 * number + place) for place in (1, 2)]
        weight = draws[0].uniform(-limit, limit, sizes[number : number + 2])
        with torch.no_grad():
            layer.weight.copy_(torch.tensor(weight.T))
            layer.bias.copy_(torch.tensor(draws[1].uniform(-limit, limit, sizes[number + 1])))
        layers += [layer, torch.nn.ReLU()]
    model = torch.nn.Sequential(*layers[:-1])
    stepper = torch.optim.Adam(model.parameters(), lr=0.001)
    order = np.random.default_rng(42)
    steps = []
    for _ in range(20):
        places = order.permutation(1000)
        for first in range(0, 1000, 32):
            batch = places[first : first + 32]
            stepper.zero_grad()
            loss = F.cross_entropy(model(X[batch]), y[batch])
            loss.backward()
            gradients = [parameter.grad for parameter in model.parameters()]
            row = [loss.item(), norm(gradients)]
            stepper.step()
            steps.append([*row, norm(list(model.parameters()))])
    names = [f"{kind}{number}" for number in range(1, 5) for kind in "Wb"]
    final = {
        name: parameter.detach().numpy().T
        for name, parameter in zip(names, model.parameters(), strict=True)
    }
    predicted = model(unseen).argmax(-1).numpy()
    np.savez_compressed(
        HERE / "four_layer_classifier.npz", steps=np.array(steps), predicted=predicted, **final
    )


def norm(tensors: list[Any]) -> float:
    """Return the norm of all entries together."""
    return float(torch.sqrt(sum((tensor.detach() ** 2).sum() for tensor in tensors)))


def main() -> None:
    """Write all references."""
    torch.set_default_dtype(torch.float64)
    HERE.mkdir(exist_ok=True)
    for item in CASES:
        name = f"{item.scenario}.{item.variant.replace(' ', '_')}".rstrip(".")
        text = json.dumps(reference(item), separators=(",", ":"))
        (HERE / f"{name}.json").write_text(text + "\n", encoding="utf-8")
    classifier()


if __name__ == "__main__":
    main()
