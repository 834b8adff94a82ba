"""Networks as lists of steps, each a formula derived by hand; finite differences test them.

A network is drawn: its size, its numbers, half the square or the whole one, which gradients are
worked out and by which formula. Keys such as `d:w` are gradients of the loss.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Final

from tests.check.mutation.formula_trees import (
    Call,
    Index,
    Name,
    Node,
    Number,
    Texts,
    call,
    names_of,
    sigma,
)

__all__ = ["NETWORKS", "Given", "Network", "Step", "draw_network"]

HALF: Final = Number(Fraction(1, 2))


@dataclass(frozen=True)
class Given:
    """A value that the exercise states; `role` is input, target, weight, rate, state, constant."""

    key: str
    texts: Texts
    role: str


@dataclass(frozen=True)
class Step:
    """An equation of the derivation; an update gives its target a new value."""

    target: Name
    formula: Node
    phase: str

    @property
    def is_update(self) -> bool:
        """Say whether the target's own value before stands in the formula."""
        return self.target in names_of(self.formula)


@dataclass(frozen=True)
class Network:
    """A worked example: what is stated, the steps of each iteration, and the same as a scenario."""

    name: str
    givens: tuple[Given, ...]
    iterations: tuple[tuple[Step, ...], ...]
    equations: str
    gradients: tuple[tuple[Name, Name], ...]  # of the first iteration, with their parameters
    training: Mapping[str, str] = field(default_factory=dict)
    zero_based: frozenset[str] = frozenset()  # keys whose index is a time from 0
    scenario_names: Mapping[str, str] = field(default_factory=dict)

    @property
    def keys(self) -> list[str]:
        """All quantities, those too of which there is only the gradient."""
        targets = [step.target.key for steps in self.iterations for step in steps]
        keys = [*(given.key for given in self.givens), *targets]
        return list(dict.fromkeys(key.removeprefix("d:") for key in keys))

    def scenario(self) -> str:
        """Return the text of a scenario file with these numbers and equations."""
        tables = {
            "data": ("input", "target"),
            "parameters": ("weight",),
            "constants": ("constant",),
        }
        lines = ['title = "A worked example"']
        for table, roles in tables.items():
            values = [given for given in self.givens if given.role in roles]
            if values:
                lines += ["", f"[{table}]"]
                lines += [f"{self._named(v.key)} = {_toml(v.texts)}" for v in values]
        rate = next(given.texts for given in self.givens if given.role == "rate")
        lines += ["", "[network]", 'equations = """', self._named(self.equations), '"""']
        lines += [f'loss = "{self._named("loss")}"', "", "[training]"]
        training = {"learning_rate": str(rate), "iterations": str(len(self.iterations))}
        lines += [f"{key} = {value}" for key, value in {**training, **self.training}.items()]
        return "\n".join(lines) + "\n"

    def _named(self, text: str) -> str:
        names = self.scenario_names
        return re.sub(r"\b[A-Za-z]\w*", lambda word: names.get(word[0], word[0]), text)


def _toml(texts: Texts) -> str:
    return texts if isinstance(texts, str) else f"[{', '.join(map(_toml, texts))}]"


class Draw:
    """Random choices in the words of an exercise."""

    def __init__(self, source: random.Random) -> None:
        self.random = source

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def choice(self, items: Sequence[str]) -> str:
        return self.random.choice(items)

    def size(self, low: int, high: int) -> int:
        return self.random.randint(low, high)

    def weight(self) -> str:
        """Return a small number of one or two decimals, never 0."""
        if self.chance(0.65):
            return _text(self.random.choice([-1, 1, 1]) * self.random.randint(1, 12), 10)
        return _text(self.random.choice([-1, 1, 1]) * self.random.randint(3, 99), 100)

    def weights(self, *sizes: int) -> Texts:
        if not sizes:
            return self.weight()
        return tuple(self.weights(*sizes[1:]) for _ in range(sizes[0]))

    def entry(self) -> str:
        """Return an input: a small whole number or one with a decimal."""
        if self.chance(0.4):
            return str(self.random.choice([1, 2, 3, 4, 2, 3, -1, -2]))
        return _text(self.random.choice([-1, 1, 1, 1]) * self.random.randint(2, 35), 10)

    def entries(self, size: int) -> Texts:
        return tuple(self.entry() for _ in range(size))

    def rate(self) -> str:
        return self.choice(["0.1", "0.1", "0.05", "0.01", "0.2", "0.02", "0.5", "0.25"])


def _text(numerator: int, denominator: int) -> str:
    places = len(str(denominator)) - 1
    text = f"{numerator / denominator:.{places}f}"
    return text.rstrip("0").rstrip(".")


def _d(name: Name) -> Name:
    return Name(f"d:{name.key}", name.index)


def _entry(key: str) -> Callable[..., Name]:
    def entry(*index: int | str) -> Name:
        return Name(key, index)

    return entry


def _shifted(name: Callable[..., Name], i: int | str, shift: int) -> Name:
    """Return the entry `shift` places on; i + 1 is printed as an index of its own in a sum."""
    return name(i + shift if isinstance(i, int) else (f"{i}+{shift}" if shift else i))


X, Y, W, U, B = Name("x"), Name("y"), Name("w"), Name("u"), Name("b")
PRED, LOSS, RATE = Name("y_pred"), Name("loss"), Name("lr")


def _updates(parameters: Iterable[Name]) -> list[Step]:
    return [Step(p, p - RATE * _d(p), "update") for p in parameters]


def _pairs(parameters: Iterable[Name]) -> tuple[tuple[Name, Name], ...]:
    return tuple((_d(parameter), parameter) for parameter in parameters)


def _some(draw: Draw, parameters: Sequence[Name], most: int) -> list[Name]:
    """Return the first few of many parameters; nobody updates all of them by hand."""
    return list(parameters[: draw.size(min(2, len(parameters)), min(most, len(parameters)))])


def one_weight(draw: Draw) -> Network:
    """ŷ = w·x, a squared error, one to three steps of gradient descent."""
    is_half = draw.chance(0.35)
    square = (PRED - Y) ** 2
    error = PRED - Y if is_half else 2 * (PRED - Y)
    steps = [
        Step(PRED, W * X if draw.chance(0.7) else X * W, "forward"),
        Step(LOSS, HALF * square if is_half else square, "loss"),
    ]
    if draw.chance(0.6):
        steps += [Step(_d(PRED), error, "backward"), Step(_d(W), _d(PRED) * X, "backward")]
    else:
        steps += [Step(_d(W), error * X, "backward")]
    steps += _updates([W])
    return Network(
        "one_weight",
        (
            Given("x", draw.entry(), "input"),
            Given("y", draw.entry(), "target"),
            Given("w", draw.weight(), "weight"),
            Given("lr", draw.choice(["0.1", "0.05", "0.01", "0.02"]), "rate"),
        ),
        (tuple(steps),) * draw.size(1, 3),
        f"y_pred = w * x\nloss = {'0.5 * ' if is_half else ''}(y_pred - y)**2",
        _pairs([W]),
    )


def linear(draw: Draw) -> Network:
    """A line through several points, mean squared error."""
    count = draw.size(2, 4)
    x, y, pred, error = map(_entry, ("x", "y", "y_pred", "error"))
    names_errors = draw.chance(0.6)

    def residual(i: int | str) -> Node:
        return error(i) if names_errors else pred(i) - y(i)

    def mean(factor: int, term: Callable[[int | str], Node]) -> Node:
        total = sigma(term, count)
        if draw.chance(0.5):
            return call("div", factor, count) * total
        return (total if factor == 1 else factor * total) / count

    steps = [Step(pred(i), W * x(i) + B, "forward") for i in range(count)]
    if names_errors:
        steps += [Step(error(i), pred(i) - y(i), "loss") for i in range(count)]
    steps += [
        Step(LOSS, mean(1, lambda i: residual(i) ** 2), "loss"),
        Step(_d(W), mean(2, lambda i: residual(i) * x(i)), "backward"),
        Step(_d(B), mean(2, residual), "backward"),
        *_updates([W, B]),
    ]
    in_scenario = names_errors and draw.chance(0.5)
    return Network(
        "linear",
        (
            Given("x", draw.entries(count), "input"),
            Given("y", draw.entries(count), "target"),
            Given("w", draw.weight(), "weight"),
            Given("b", draw.weight(), "weight"),
            Given("lr", draw.choice(["0.1", "0.05", "0.01", "0.02"]), "rate"),
        ),
        (tuple(steps),) * draw.size(1, 2),
        "y_pred = w * x + b\nerror = y_pred - y\nloss = mean(error**2)"
        if in_scenario
        else "y_pred = w * x + b\nloss = mean((y_pred - y)**2)",
        _pairs([W, B]),
    )


def _logistic_sigmoid(draw: Draw, z: Name) -> Node:
    return call("sigmoid", z) if draw.chance(0.5) else 1 / (1 + call("exp", -z))


def logistic(draw: Draw) -> Network:
    """Two features, a sigmoid, binary cross-entropy."""
    x, w, a, z = _entry("x"), _entry("w"), Name("a"), Name("z")
    label = draw.choice(["0", "1"])
    short = call("log", a) if label == "1" else call("log", 1 - a)
    full = -(Y * call("log", a) + (1 - Y) * call("log", 1 - a))
    size = draw.size(1, 3)
    parameters = [*(w(i) for i in range(size)), B]
    net_input: Node = w(0) * x(0)
    for i in range(1, size):
        net_input = net_input + w(i) * x(i)
    steps = [
        Step(z, net_input + B, "forward"),
        Step(a, _logistic_sigmoid(draw, z), "forward"),
        Step(LOSS, -short if draw.chance(0.5) else full, "loss"),
        Step(_d(z), a - Y, "backward"),
        *(Step(_d(w(i)), _d(z) * x(i), "backward") for i in range(size)),
        Step(_d(B), _d(z), "backward"),
        *_updates(parameters),
    ]
    return Network(
        "logistic",
        (
            Given("x", draw.entries(size), "input"),
            Given("y", label, "target"),
            Given("w", draw.weights(size), "weight"),
            Given("b", draw.weight(), "weight"),
            Given("lr", draw.rate(), "rate"),
        ),
        (tuple(steps),) * draw.size(1, 2),
        "z = w @ x + b\na = sigmoid(z)\nloss = -(y * log(a) + (1 - y) * log(1 - a))",
        _pairs(parameters),
    )


def _hidden_gradient(kind: str, upstream: Node, h: Name, z: Name) -> Node:
    """Return the gradient of the net input of a hidden unit."""
    if kind == "sigmoid":
        return upstream * h * (1 - h)
    if kind == "tanh":
        return upstream * (1 - h**2)
    return upstream * call("gate", z)


def mlp(draw: Draw) -> Network:
    """Two inputs, two hidden units, one output, entry by entry."""
    x, w, b, z, h, v = map(_entry, ("x", "w", "b", "z", "h", "v"))
    c, o = Name("c"), Name("o")
    kind = draw.choice(["sigmoid", "sigmoid", "tanh", "relu"])
    is_linear = draw.chance(0.5)
    steps: list[Step] = []
    for i in range(2):
        steps.append(Step(z(i), w(i, 0) * x(0) + w(i, 1) * x(1) + b(i), "forward"))
        activation = _logistic_sigmoid(draw, z(i)) if kind == "sigmoid" else call(kind, z(i))
        steps.append(Step(h(i), activation, "forward"))
    if draw.chance(0.5):
        steps.sort(key=lambda step: step.target.key != "z")
    output = PRED if is_linear else o
    steps.append(Step(output, v(0) * h(0) + v(1) * h(1) + c, "forward"))
    if not is_linear:
        steps.append(Step(PRED, _logistic_sigmoid(draw, o), "forward"))
    steps.append(Step(LOSS, HALF * (PRED - Y) ** 2, "loss"))
    if is_linear:
        steps.append(Step(_d(PRED), PRED - Y, "backward"))
    elif draw.chance(0.5):
        steps.append(Step(_d(PRED), PRED - Y, "backward"))
        steps.append(Step(_d(o), _d(PRED) * PRED * (1 - PRED), "backward"))
    else:
        steps.append(Step(_d(o), (PRED - Y) * PRED * (1 - PRED), "backward"))
    delta = _d(output)
    steps += [Step(_d(v(i)), delta * h(i), "backward") for i in range(2)]
    steps.append(Step(_d(c), delta, "backward"))
    splits = draw.chance(0.5)
    for i in range(2):
        if splits:
            steps.append(Step(_d(h(i)), delta * v(i), "backward"))
        upstream = _d(h(i)) if splits else delta * v(i)
        steps.append(Step(_d(z(i)), _hidden_gradient(kind, upstream, h(i), z(i)), "backward"))
    weights = [w(i, j) for i in range(2) for j in range(2)]
    steps += [Step(_d(w(i, j)), _d(z(i)) * x(j), "backward") for i in range(2) for j in range(2)]
    steps += [Step(_d(b(i)), _d(z(i)), "backward") for i in range(2)]
    parameters = [*weights, b(0), b(1), v(0), v(1), c]
    updated = _some(draw, [v(0), v(1), c, *weights, b(0), b(1)], 9)
    if len(updated) > 6:
        updated = parameters
    return Network(
        "mlp",
        (
            Given("x", draw.entries(2), "input"),
            Given("y", draw.choice(["0", "1", "0.5", "0.8", "0.3"]), "target"),
            Given("w", draw.weights(2, 2), "weight"),
            Given("b", draw.weights(2), "weight"),
            Given("v", draw.weights(2), "weight"),
            Given("c", draw.weight(), "weight"),
            Given("lr", draw.rate(), "rate"),
        ),
        ((*steps, *_updates(updated)),),
        f"z = w @ x + b\nh = {kind}(z)\n"
        + (f"{'y_pred' if is_linear else 'o'} = v @ h + c\n")
        + ("" if is_linear else "y_pred = sigmoid(o)\n")
        + "loss = 0.5 * (y_pred - y)**2",
        _pairs(parameters),
    )


def mlp_matrix(draw: Draw) -> Network:
    """A hidden layer with matrices: W₁x + b₁, an activation, w₂·h + b₂."""
    inputs, hidden = draw.size(2, 3), draw.size(2, 3)
    kind = draw.choice(["tanh", "relu", "sigmoid"])
    w1, b1, w2, b2 = Name("W1"), Name("b1"), Name("w2"), Name("b2")
    z, h = Name("z1"), Name("h")
    if kind == "relu":
        slope: Node = call("gate", z)
    else:
        slope = call("hadamard", h, 1 - h) if kind == "sigmoid" else 1 - h**2
    steps = [
        Step(z, w1 @ X + b1, "forward"),
        Step(h, call(kind, z), "forward"),
        Step(PRED, w2 @ h + b2, "forward"),
        Step(LOSS, HALF * (PRED - Y) ** 2, "loss"),
        Step(_d(PRED), PRED - Y, "backward"),
        Step(_d(w2), _d(PRED) * h, "backward"),
        Step(_d(b2), _d(PRED), "backward"),
        Step(_d(h), _d(PRED) * w2, "backward"),
        Step(_d(z), call("hadamard", _d(h), slope), "backward"),
        Step(_d(w1), call("outer", _d(z), X), "backward"),
        Step(_d(b1), _d(z), "backward"),
        *_updates([w2, b2, w1, b1]),
    ]
    return Network(
        "mlp_matrix",
        (
            Given("x", draw.entries(inputs), "input"),
            Given("y", draw.entry(), "target"),
            Given("W1", draw.weights(hidden, inputs), "weight"),
            Given("b1", draw.weights(hidden), "weight"),
            Given("w2", draw.weights(hidden), "weight"),
            Given("b2", draw.weight(), "weight"),
            Given("lr", draw.rate(), "rate"),
        ),
        (tuple(steps),),
        f"z1 = W1 @ x + b1\nh = {kind}(z1)\ny_pred = w2 @ h + b2\nloss = 0.5 * (y_pred - y)**2",
        _pairs([w1, b1, w2, b2]),
    )


def softmax(draw: Draw) -> Network:
    """A linear layer, softmax, cross-entropy, entry by entry."""
    classes, inputs = draw.size(2, 3), draw.size(1, 2)
    x, y, w, b, z, p = map(_entry, ("x", "y", "w", "b", "z", "p"))
    total = Name("total")
    right = draw.size(0, classes - 1)
    names_total = draw.chance(0.5)
    powers = sigma(lambda k: call("exp", z(k)), classes, "j")
    steps: list[Step] = []
    for k in range(classes):
        net_input: Node = w(k, 0) * x(0)
        if inputs == 2:
            net_input = net_input + w(k, 1) * x(1)
        steps.append(Step(z(k), net_input + b(k), "forward"))
    if names_total:
        steps.append(Step(total, powers, "forward"))
    bottom = total if names_total else powers
    steps += [Step(p(k), call("exp", z(k)) / bottom, "forward") for k in range(classes)]
    steps.append(Step(LOSS, -call("log", p(right)), "loss"))
    steps += [Step(_d(z(k)), p(k) - y(k), "backward") for k in range(classes)]
    weights = [w(k, j) for k in range(classes) for j in range(inputs)]
    biases = [b(k) for k in range(classes)]
    worked = _some(draw, weights, len(weights))
    for name in worked:
        row, column = name.index
        steps.append(Step(_d(name), _d(z(row)) * x(column), "backward"))
    shown = biases if draw.chance(0.5) else []
    steps += [Step(_d(b(*name.index)), _d(z(*name.index)), "backward") for name in shown]
    return Network(
        "softmax",
        (
            Given("x", draw.entries(inputs), "input"),
            Given("y", tuple("1" if k == right else "0" for k in range(classes)), "target"),
            Given("w", draw.weights(classes, inputs), "weight"),
            Given("b", draw.weights(classes), "weight"),
            Given("lr", draw.rate(), "rate"),
        ),
        ((*steps, *_updates([*worked, *shown])),),
        "z = w @ x + b\np = softmax(z)\nloss = -sum(y * log(p))",
        _pairs([*worked, *shown]),
    )


def rnn(draw: Draw) -> Network:
    """A recurrent unit over two or three time steps and backpropagation through time."""
    length = draw.size(2, 3)
    x, z, h = map(_entry, ("x", "z", "h"))
    names_z = draw.chance(0.6)
    steps: list[Step] = []
    for t in range(length):
        net_input = W * x(t) + U * h(t) + B
        if names_z:
            steps.append(Step(z(t), net_input, "forward"))
        steps.append(Step(h(t + 1), call("tanh", z(t) if names_z else net_input), "forward"))
    steps.append(Step(LOSS, HALF * (h(length) - Y) ** 2, "loss"))
    steps.append(Step(_d(h(length)), h(length) - Y, "backward"))
    for t in reversed(range(length)):
        steps.append(Step(_d(z(t)), _d(h(t + 1)) * (1 - h(t + 1) ** 2), "backward"))
        if t:
            steps.append(Step(_d(h(t)), _d(z(t)) * U, "backward"))
    steps += [
        Step(_d(W), sigma(lambda t: _d(z(t)) * x(t), length, "t"), "backward"),
        Step(_d(U), sigma(lambda t: _d(z(t)) * h(*_before(t)), length, "t"), "backward"),
        Step(_d(B), sigma(lambda t: _d(z(t)), length, "t"), "backward"),
        *_updates([W, U, B]),
    ]
    return Network(
        "rnn",
        (
            Given("x", draw.entries(length), "input"),
            Given("y", draw.choice(["0.5", "1", "0.2", "-0.5", "0.8"]), "target"),
            Given("w", draw.weight(), "weight"),
            Given("u", draw.weight(), "weight"),
            Given("b", draw.weight(), "weight"),
            Given("h", ("0",), "state"),
            Given("lr", draw.rate(), "rate"),
        ),
        (tuple(steps),),
        f"h[0] = 0\nfor t in range({length}):\n    z[t + 1] = w * x[t] + u * h[t] + b\n"
        f"    h[t + 1] = tanh(z[t + 1])\nloss = 0.5 * (h[{length}] - y)**2",
        _pairs([W, U, B]),
        zero_based=frozenset({"h", "d:h"}),
    )


def _before(t: int | str) -> Index:
    """Return the index of the state before a step, whose count begins with 0."""
    return (t,) if isinstance(t, int) else (f"{t}-1",)


def attention(draw: Draw) -> Network:
    """One query, two or three keys and values: scores, weights, their mean, and the way back."""
    count, width = draw.size(2, 3), draw.size(2, 3)
    k, v, s, a, o, t = map(_entry, ("k", "value", "s", "alpha", "o", "t"))
    q = Name("q")
    root = call("sqrt", width)
    inner = sigma(lambda j: a(j) * _d(a(j)), count, "j")
    steps = [Step(s(i), (q @ k(i)) / root, "forward") for i in range(count)]
    powers = sigma(lambda j: call("exp", s(j)), count, "j")
    steps += [Step(a(i), call("exp", s(i)) / powers, "forward") for i in range(count)]
    steps += [
        Step(o(), sigma(lambda i: a(i) * v(i), count), "forward"),
        Step(LOSS, HALF * sigma(lambda j: (o(j) - t(j)) ** 2, width, "j"), "loss"),
        Step(_d(o()), o() - t(), "backward"),
    ]
    steps += [Step(_d(a(i)), _d(o()) @ v(i), "backward") for i in range(count)]
    steps += [Step(_d(s(i)), a(i) * (_d(a(i)) - inner), "backward") for i in range(count)]
    steps.append(Step(_d(q), sigma(lambda i: _d(s(i)) * k(i), count) / root, "backward"))
    return Network(
        "attention",
        (
            Given("q", draw.weights(width), "weight"),
            Given("k", tuple(draw.entries(width) for _ in range(count)), "input"),
            Given("value", tuple(draw.entries(width) for _ in range(count)), "input"),
            Given("t", draw.entries(width), "target"),
            Given("lr", draw.rate(), "rate"),
        ),
        ((*steps, *_updates([q])),),
        f"s = k @ q / sqrt({width})\nalpha = softmax(s)\no = alpha @ value\n"
        "loss = 0.5 * sum((o - t)**2)",
        _pairs([q]),
        scenario_names={"k": "K", "value": "V"},
    )


def convolution(draw: Draw) -> Network:
    """A kernel over a short signal, ReLU, the mean of all places, half the squared error."""
    size = draw.size(2, 3)
    places = draw.size(2, 3)
    x, k, z, a = map(_entry, ("x", "k", "z", "a"))
    steps: list[Step] = []
    for i in range(places):
        net_input: Node = k(0) * x(i)
        for j in range(1, size):
            net_input = net_input + k(j) * x(i + j)
        steps.append(Step(z(i), net_input + B, "forward"))
    steps += [Step(a(i), call("relu", z(i)), "forward") for i in range(places)]
    total = sigma(lambda i: a(i), places)
    steps += [
        Step(PRED, total / places, "forward"),
        Step(LOSS, HALF * (PRED - Y) ** 2, "loss"),
        Step(_d(PRED), PRED - Y, "backward"),
    ]
    for i in range(places):
        gradient = (_d(PRED) / places) * call("gate", z(i))
        steps.append(Step(_d(z(i)), gradient, "backward"))
    for j in range(size):
        steps.append(Step(_d(k(j)), _kernel_gradient(z, x, places, j), "backward"))
    steps.append(Step(_d(B), sigma(lambda i: _d(z(i)), places), "backward"))
    parameters = [*(k(j) for j in range(size)), B]
    sums = [" + ".join(f"k[{j}] * x[{i + j}]" for j in range(size)) + " + b" for i in range(places)]
    return Network(
        "convolution",
        (
            Given("x", draw.entries(places + size - 1), "input"),
            Given("y", draw.entry(), "target"),
            Given("k", draw.weights(size), "weight"),
            Given("b", draw.weight(), "weight"),
            Given("lr", draw.rate(), "rate"),
        ),
        ((*steps, *_updates(parameters)),),
        f"z = [{', '.join(sums)}]\na = relu(z)\ny_pred = mean(a)\nloss = 0.5 * (y_pred - y)**2",
        _pairs(parameters),
    )


def _kernel_gradient(
    z: Callable[..., Name], x: Callable[..., Name], places: int, shift: int
) -> Call:
    return sigma(lambda i: _d(z(i)) * _shifted(x, i, shift), places)


def adam(draw: Draw) -> Network:
    """One weight under Adam, one to three steps, both running means corrected."""
    m, v, m_hat, v_hat = Name("m"), Name("v"), Name("m_hat"), Name("v_hat")
    beta1, beta2, eps, gradient = Name("beta1"), Name("beta2"), Name("eps"), _d(W)
    iterations = []
    for t in range(1, draw.size(1, 3) + 1):
        iterations.append(
            (
                Step(PRED, W * X, "forward"),
                Step(LOSS, (PRED - Y) ** 2, "loss"),
                Step(gradient, 2 * (PRED - Y) * X, "backward"),
                Step(m, beta1 * m + (1 - beta1) * gradient, "state"),
                Step(v, beta2 * v + (1 - beta2) * gradient**2, "state"),
                Step(m_hat, m / (1 - (beta1 if t == 1 else beta1**t)), "state"),
                Step(v_hat, v / (1 - (beta2 if t == 1 else beta2**t)), "state"),
                Step(W, W - RATE * (m_hat / (call("sqrt", v_hat) + eps)), "update"),
            )
        )
    givens = (
        Given("x", draw.entry(), "input"),
        Given("y", draw.entry(), "target"),
        Given("w", draw.weight(), "weight"),
        Given("lr", draw.choice(["0.1", "0.01", "0.05"]), "rate"),
        Given("beta1", draw.choice(["0.9", "0.9", "0.8"]), "rule"),
        Given("beta2", draw.choice(["0.999", "0.99", "0.9"]), "rule"),
        Given("eps", draw.choice(["1e-8", "0.001", "0.01"]), "rule"),
        Given("m", "0", "state"),
        Given("v", "0", "state"),
    )
    stated = {given.key: str(given.texts) for given in givens}
    return Network(
        "adam",
        givens,
        tuple(iterations),
        "y_pred = w * x\nloss = (y_pred - y)**2",
        _pairs([W]),
        training={
            "optimizer": '"adam"',
            "beta1": stated["beta1"],
            "beta2": stated["beta2"],
            "epsilon": stated["eps"],
        },
    )


def batch_norm(draw: Draw) -> Network:
    """Batch normalisation of three or four values, its scale and shift trained."""
    count = draw.size(3, 4)
    x, t, norm, out = map(_entry, ("x", "t", "x_norm", "out"))
    mu, var, gamma, beta, eps = map(Name, ("mu", "var", "gamma", "beta", "eps"))
    share = call("div", 1, count)
    steps = [
        Step(mu, share * sigma(lambda i: x(i), count), "forward"),
        Step(var, share * sigma(lambda i: (x(i) - mu) ** 2, count), "forward"),
    ]
    root = call("sqrt", var + eps)
    steps += [Step(norm(i), (x(i) - mu) / root, "forward") for i in range(count)]
    steps += [Step(out(i), gamma * norm(i) + beta, "forward") for i in range(count)]
    steps.append(Step(LOSS, HALF * sigma(lambda i: (out(i) - t(i)) ** 2, count), "loss"))
    steps += [Step(_d(out(i)), out(i) - t(i), "backward") for i in range(count)]
    steps += [
        Step(_d(gamma), sigma(lambda i: _d(out(i)) * norm(i), count), "backward"),
        Step(_d(beta), sigma(lambda i: _d(out(i)), count), "backward"),
    ]
    if draw.chance(0.5):
        steps += [Step(_d(norm(i)), _d(out(i)) * gamma, "backward") for i in range(count)]
    return Network(
        "batch_norm",
        (
            Given("x", _spread(draw, count), "input"),
            Given("t", draw.entries(count), "target"),
            Given("gamma", draw.weight(), "weight"),
            Given("beta", draw.weight(), "weight"),
            Given("eps", draw.choice(["0.01", "0.001", "1e-5"]), "constant"),
            Given("lr", draw.rate(), "rate"),
        ),
        ((*steps, *_updates([gamma, beta])),),
        "mu = mean(x)\nvar = mean((x - mu)**2)\nx_norm = (x - mu) / sqrt(var + eps)\n"
        "out = gamma * x_norm + beta\nloss = 0.5 * sum((out - t)**2)",
        _pairs([gamma, beta]),
    )


def margin(draw: Draw) -> Network:
    """Two features, labels -1 and 1, the logistic loss of the margin."""
    x, w = _entry("x"), _entry("w")
    z, m = Name("z"), Name("m")
    size = draw.size(1, 3)
    parameters = [*(w(i) for i in range(size)), B]
    net_input: Node = w(0) * x(0)
    for i in range(1, size):
        net_input = net_input + w(i) * x(i)
    slope = -call("sigmoid", -m) if draw.chance(0.5) else call("div", -1, 1 + call("exp", m))
    steps = [
        Step(z, net_input + B, "forward"),
        Step(m, Y * z, "forward"),
        Step(LOSS, call("log", 1 + call("exp", -m)), "loss"),
        Step(_d(m), slope, "backward"),
        Step(_d(z), _d(m) * Y, "backward"),
        *(Step(_d(w(i)), _d(z) * x(i), "backward") for i in range(size)),
        Step(_d(B), _d(z), "backward"),
        *_updates(parameters),
    ]
    return Network(
        "margin",
        (
            Given("x", draw.entries(size), "input"),
            Given("y", draw.choice(["1", "-1"]), "target"),
            Given("w", draw.weights(size), "weight"),
            Given("b", draw.weight(), "weight"),
            Given("lr", draw.rate(), "rate"),
        ),
        (tuple(steps),) * draw.size(1, 2),
        "z = w @ x + b\nm = y * z\nloss = log(1 + exp(-m))",
        _pairs(parameters),
    )


def _with_state(draw: Draw, rule: str, state: Name, steps: list[Step], share: str) -> Network:
    """Return one weight under an optimizer with one running value, one to three steps of it."""
    eps = (
        [Given("eps", draw.choice(["1e-8", "0.001", "0.01"]), "rule")] if rule == "rmsprop" else []
    )
    forward = [
        Step(PRED, W * X, "forward"),
        Step(LOSS, HALF * (PRED - Y) ** 2, "loss"),
        Step(_d(W), (PRED - Y) * X, "backward"),
    ]
    stated = draw.choice(["0.9", "0.9", "0.8", "0.5"])
    training = {"optimizer": f'"{rule}"', share: stated}
    if eps:
        training["epsilon"] = str(eps[0].texts)
    return Network(
        rule,
        (
            Given("x", draw.entry(), "input"),
            Given("y", draw.entry(), "target"),
            Given("w", draw.weight(), "weight"),
            Given("lr", draw.choice(["0.1", "0.01", "0.05"]), "rate"),
            Given("beta", stated, "rule"),
            *eps,
            Given(state.key, "0", "state"),
        ),
        ((*forward, *steps),) * draw.size(1, 3),
        "y_pred = w * x\nloss = 0.5 * (y_pred - y)**2",
        _pairs([W]),
        training=training,
    )


def momentum(draw: Draw) -> Network:
    """One weight under gradient descent with momentum."""
    v, beta = Name("v"), Name("beta")
    steps = [Step(v, beta * v + _d(W), "state"), Step(W, W - RATE * v, "update")]
    return _with_state(draw, "momentum", v, steps, "momentum")


def rmsprop(draw: Draw) -> Network:
    """One weight whose gradient is divided by the root of its running mean square."""
    s, beta, eps = Name("s"), Name("beta"), Name("eps")
    root = call("sqrt", s) + eps
    steps = [
        Step(s, beta * s + (1 - beta) * _d(W) ** 2, "state"),
        Step(W, W - (RATE / root) * _d(W) if draw.chance(0.5) else W - RATE * (_d(W) / root),
             "update"),
    ]  # fmt: skip
    return _with_state(draw, "rmsprop", s, steps, "alpha")


def gru(draw: Draw) -> Network:
    """A gated recurrent unit of one number, one step, and the gradients of its gates."""
    z, r, n, h = Name("z"), Name("r"), Name("n"), Name("h")
    gates = {"z": z, "r": r}
    after = Name("hn")
    weights = {key: (Name(f"w{key}"), Name(f"u{key}")) for key in "zrn"}
    steps = [
        Step(gate, call("sigmoid", weights[key][0] * X + weights[key][1] * h), "forward")
        for key, gate in gates.items()
    ]
    steps += [
        Step(n, call("tanh", weights["n"][0] * X + weights["n"][1] * (r * h)), "forward"),
        Step(after, (1 - z) * n + z * h, "forward"),
        Step(LOSS, HALF * (after - Y) ** 2, "loss"),
        Step(_d(after), after - Y, "backward"),
        Step(_d(n), _d(after) * (1 - z), "backward"),
        Step(_d(z), _d(after) * (h - n), "backward"),
        Step(_d(weights["n"][0]), _d(n) * (1 - n**2) * X, "backward"),
        Step(_d(weights["z"][0]), _d(z) * z * (1 - z) * X, "backward"),
        Step(_d(weights["z"][1]), _d(z) * z * (1 - z) * h, "backward"),
    ]
    worked = [weights["n"][0], *weights["z"]]
    names = [name for pair in weights.values() for name in pair]
    return Network(
        "gru",
        (
            Given("x", draw.entry(), "input"),
            Given("h", draw.choice(["0.5", "-0.4", "0.2", "0.8"]), "input"),
            Given("y", draw.choice(["0.5", "1", "0.2", "-0.5"]), "target"),
            *(Given(name.key, draw.weight(), "weight") for name in names),
            Given("lr", draw.rate(), "rate"),
        ),
        ((*steps, *_updates(worked)),),
        "z = sigmoid(wz * x + uz * h)\nr = sigmoid(wr * x + ur * h)\n"
        "n = tanh(wn * x + un * (r * h))\nhn = (1 - z) * n + z * h\nloss = 0.5 * (hn - y)**2",
        _pairs(worked),
    )


def divergence(draw: Draw) -> Network:
    """A softmax of trained scores, and its divergence from a distribution that is given."""
    count = draw.size(2, 3)
    z, q, p = map(_entry, ("z", "q", "p"))
    rows = [("0.7", "0.3"), ("0.2", "0.8"), ("0.5", "0.3", "0.2"), ("0.1", "0.6", "0.3")]
    target = draw.random.choice([row for row in rows if len(row) == count])
    powers = sigma(lambda k: call("exp", z(k)), count, "j")
    scores = [z(k) for k in range(count)]
    return Network(
        "divergence",
        (
            Given("p", target, "target"),
            Given("z", draw.weights(count), "weight"),
            Given("lr", draw.rate(), "rate"),
        ),
        (
            (
                *(Step(q(k), call("exp", z(k)) / powers, "forward") for k in range(count)),
                Step(LOSS, sigma(lambda k: p(k) * call("log", p(k) / q(k)), count), "loss"),
                *(Step(_d(z(k)), q(k) - p(k), "backward") for k in range(count)),
                *_updates(scores),
            ),
        ),
        "q = softmax(z)\nloss = sum(p * log(p / q))",
        _pairs(scores),
    )


def layer_norm(draw: Draw) -> Network:
    """Layer normalisation of one sample, a scale and a shift for each entry."""
    count = draw.size(2, 3)
    x, t, norm, out, gamma, beta = map(_entry, ("x", "t", "x_norm", "out", "gamma", "beta"))
    mu, var, eps = map(Name, ("mu", "var", "eps"))
    root = call("sqrt", var + eps)
    places = range(count)
    steps = [
        Step(mu, sigma(lambda i: x(i), count) / count, "forward"),
        Step(var, sigma(lambda i: (x(i) - mu) ** 2, count) / count, "forward"),
        *(Step(norm(i), (x(i) - mu) / root, "forward") for i in places),
        *(Step(out(i), gamma(i) * norm(i) + beta(i), "forward") for i in places),
        Step(LOSS, sigma(lambda i: (out(i) - t(i)) ** 2, count) / count, "loss"),
        *(Step(_d(out(i)), call("div", 2, count) * (out(i) - t(i)), "backward") for i in places),
        *(Step(_d(gamma(i)), _d(out(i)) * norm(i), "backward") for i in places),
        *(Step(_d(beta(i)), _d(out(i)), "backward") for i in places),
    ]
    parameters = [*(gamma(i) for i in places), *(beta(i) for i in places)]
    return Network(
        "layer_norm",
        (
            Given("x", _spread(draw, count), "input"),
            Given("t", draw.entries(count), "target"),
            Given("gamma", draw.weights(count), "weight"),
            Given("beta", draw.weights(count), "weight"),
            Given("eps", draw.choice(["0.01", "0.001", "1e-5"]), "constant"),
            Given("lr", draw.rate(), "rate"),
        ),
        ((*steps, *_updates(parameters)),),
        "mu = mean(x)\nvar = mean((x - mu)**2)\nx_norm = (x - mu) / sqrt(var + eps)\n"
        "out = gamma * x_norm + beta\nloss = mean((out - t)**2)",
        _pairs(parameters),
    )


def _spread(draw: Draw, count: int) -> Texts:
    """Return values that are not all equal, so that their variance is not 0."""
    values = draw.entries(count)
    while len(set(values)) < 2:
        values = draw.entries(count)
    return values


NETWORKS: Final[Mapping[str, Callable[[Draw], Network]]] = {
    function.__name__: function
    for function in (
        one_weight,
        linear,
        logistic,
        mlp,
        mlp_matrix,
        softmax,
        rnn,
        attention,
        convolution,
        adam,
        batch_norm,
        layer_norm,
        margin,
        momentum,
        rmsprop,
        gru,
        divergence,
    )
}
SCENARIO_NAMES: Final[Mapping[str, Sequence[str]]] = {
    "y_pred": ("y_pred", "y_hat", "prediction"),
    "loss": ("loss", "L", "J"),
    "error": ("error", "e"),
    "alpha": ("alpha", "A", "weights"),
    "out": ("out", "yn"),
    "x_norm": ("x_norm", "xn", "x_hat"),
}


def draw_network(name: str, source: random.Random) -> Network:
    """Return one network of a kind, with names of its scenario that are drawn too."""
    network = NETWORKS[name](Draw(source))
    names = {key: source.choice(options) for key, options in SCENARIO_NAMES.items()}
    return replace(network, scenario_names={**names, **network.scenario_names})
