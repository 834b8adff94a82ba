"""Every printed line's result follows from the numbers printed on it."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest

from tracer.expression import (
    Array,
    Call,
    Dialect,
    Name,
    Node,
    Number,
    Slice,
    Tuple,
    parse,
    render,
)
from tracer.narrative.derivation import Options, StepSource, notation_of
from tracer.narrative.steps import Step
from tracer.operations import vocabulary
from tracer.program.scenario import bundled, load
from tracer.run.runner import run_scenario
from tracer.run.trace import Trace

DIGITS = (3, 4, 6, 10)
DIALECTS: tuple[Dialect, ...] = ("ascii", "unicode", "latex")

# What a calculator would do, and nothing of the project: the judge must not be the judged.


def softmax(x: Any, axis: int = -1) -> Any:
    """Exponentials divided by their sum."""
    powers = np.exp(x)
    return powers / powers.sum(axis=axis, keepdims=True)


def picked(x: Any, labels: Any) -> Any:
    """Of each row the entry of its label."""
    return np.take_along_axis(x, np.asarray(labels, int)[..., None], axis=-1)[..., 0]


def one_hot(labels: Any, classes: Any) -> Any:
    """Rows of zeros with a 1."""
    return np.eye(int(classes))[np.asarray(labels, int)]


def unpicked(g: Any, labels: Any, classes: Any) -> Any:
    """Zeros with each entry at its label."""
    return np.asarray(g)[..., None] * one_hot(labels, classes)


def placed(g: Any, shape: Any, items: Any) -> Any:
    """Zeros with entries put in."""
    out = np.zeros(tuple(map(int, shape)))
    out[items] = g
    return out


def scattered(g: Any, ids: Any, rows: Any) -> Any:
    """Rows added to the rows that were used."""
    out = np.zeros((int(rows), *np.shape(g)[np.ndim(ids) :]))
    np.add.at(out, np.asarray(ids, int), g)
    return out


def first_max(x: Any, axis: int) -> Any:
    """1 at the first largest entry along an axis."""
    axis = int(axis)
    place = np.expand_dims(np.argmax(x, axis=axis), axis)
    out = np.zeros_like(x)
    np.put_along_axis(out, place, 1.0, axis=axis)
    return out


def conv1d(x: Any, kernel: Any, bias: Any = 0.0, stride: float = 1, padding: float = 0) -> Any:
    """Each filter over each place, by loops."""
    x = np.pad(x, [(0, 0)] * (x.ndim - 1) + [(int(padding), int(padding))])
    width, step = kernel.shape[2], int(stride)
    places = range(0, x.shape[-1] - width + 1, step)
    out = [(x[..., None, :, at : at + width] * kernel).sum(axis=(-1, -2)) for at in places]
    return np.stack(out, axis=-1) + np.reshape(bias, (-1, 1))


def erf(x: Any) -> Any:
    """The error function."""
    return np.vectorize(math.erf)(x)


def standardize(x: Any, epsilon: float = 1e-5) -> Any:
    """Each row less its mean, divided by its deviation."""
    return (x - x.mean(-1, keepdims=True)) / deviation(x, epsilon)


def deviation(x: Any, epsilon: float = 1e-5) -> Any:
    """The standard deviation of each row."""
    return np.sqrt(x.var(-1, keepdims=True) + epsilon)


CALCULATOR: dict[str, Callable[..., Any]] = {
    "add": np.add,
    "subtract": np.subtract,
    "multiply": np.multiply,
    "divide": np.divide,
    "power": np.power,
    "matmul": np.matmul,
    "negative": np.negative,
    "transpose_last": np.transpose,
    "transpose": lambda x, axes: np.transpose(x, tuple(map(int, axes))),
    "reshape": lambda x, shape: np.reshape(x, tuple(np.ravel(shape).astype(int))),
    "outer": np.outer,
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "square": np.square,
    "abs": np.abs,
    "sign": np.sign,
    "sin": np.sin,
    "cos": np.cos,
    "erf": erf,
    "pi": lambda: math.pi,
    "step": lambda x: np.greater(x, 0) * 1.0,
    "where": lambda c, a, b: np.where(np.not_equal(c, 0), a, b),
    "equal": lambda a, b: np.equal(a, b) * 1.0,
    "tanh": np.tanh,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "relu": lambda x: np.maximum(x, 0),
    "leaky_relu": lambda x, slope=0.01: np.where(x > 0, x, slope * x),
    "prelu": lambda x, a: np.where(x > 0, x, a * x),
    "elu": lambda x, alpha=1: np.where(x > 0, x, alpha * (np.exp(np.minimum(x, 0)) - 1)),
    "softplus": lambda x: np.logaddexp(x, 0),
    "silu": lambda x: x / (1 + np.exp(-x)),
    "gelu": lambda x: x * (1 + erf(x / np.sqrt(2))) / 2,
    "gelu_tanh": lambda x: (
        0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * np.power(x, 3))))
    ),
    "maximum": np.maximum,
    "minimum": np.minimum,
    "sum": np.sum,
    "mean": np.mean,
    "max": np.max,
    "min": np.min,
    "argmax": lambda x, axis=-1: np.argmax(x, axis=axis),
    "first_max": first_max,
    "even_max": lambda x: np.equal(x, np.max(x)) / np.equal(x, np.max(x)).sum(),
    "softmax": softmax,
    "log_softmax": lambda x, axis=-1: np.log(softmax(x, axis)),
    "logsumexp": lambda x, axis=-1, keepdims=False: np.log(
        np.exp(x).sum(axis=axis, keepdims=keepdims)
    ),
    "broadcast": lambda x, shape: np.broadcast_to(x, tuple(np.ravel(shape).astype(int))),
    "sum_to": lambda x, shape: np.reshape(x, (-1, *np.ravel(shape).astype(int))).sum(axis=0),
    "index": lambda x, *items: x[tuple(items)],
    "place": placed,
    "gather": lambda x, ids: x[np.asarray(ids, int)],
    "scatter_add": scattered,
    "pick": picked,
    "unpick": unpicked,
    "one_hot": one_hot,
    "concat": lambda parts, axis=0: np.concatenate(list(parts), axis=axis),
    "stack": lambda parts, axis=0: np.stack(list(parts), axis=axis),
    "conv1d": conv1d,
    "causal_keep": np.tril,
    "standardize": standardize,
    "deviation": deviation,
    "layer_norm": lambda x, gain=1, bias=0, epsilon=1e-5: standardize(x, epsilon) * gain + bias,
    "mse": lambda a, b: np.mean((a - b) ** 2),
    "mae": lambda a, b: np.mean(np.abs(a - b)),
    "half_squared_error": lambda a, b: np.sum((a - b) ** 2) / 2,
    "squared_error": lambda a, b: np.sum((a - b) ** 2),
    "bce": lambda p, y: -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)),
    "bce_with_logits": lambda z, y: np.mean(np.logaddexp(z, 0) - z * y),
    "nll": lambda p, labels: -np.mean(np.log(picked(p, labels))),
    "cross_entropy": lambda z, labels: np.mean(np.log(np.exp(z).sum(-1)) - picked(z, labels)),
    "clipped_log": np.log,
    "zeros": lambda *shape: np.zeros(tuple(map(int, shape))),
    "ones": lambda *shape: np.ones(tuple(map(int, shape))),
}
WORDS = {"True": True, "False": False, "None": None}


def calculated(node: Node) -> Any:
    """Return the value of an expression of numbers."""
    if isinstance(node, Number):
        return float(node.value)
    if isinstance(node, Name):
        return WORDS[node.id]
    if isinstance(node, Array):
        return np.array([calculated(item) for item in node.items])
    if isinstance(node, Tuple):
        return tuple(static(item) for item in node.items)
    assert isinstance(node, Call), node
    keywords = {key: static(value) for key, value in node.keywords}
    if node.operation == "index":
        return np.asarray(calculated(node.arguments[0]))[tuple(map(static, node.arguments[1:]))]
    return CALCULATOR[node.operation](*map(calculated, node.arguments), **keywords)


def static(node: Node) -> Any:
    """Return an index, an axis or a shape."""
    if isinstance(node, Slice):
        parts = (node.first, node.last, node.step)
        return slice(*(None if part is None else static(part) for part in parts))
    value = calculated(node)
    if isinstance(value, np.ndarray):
        return value.astype(int)
    whole = isinstance(value, float) and value == int(value)
    return int(value) if whole else value


def follows(shown: str, result: str, dialect: Dialect, digits: int) -> bool:
    """Tell whether the text of a result is the value of the text before it, rounded."""
    left = np.ravel(calculated(parse(shown, dialect, vocabulary=vocabulary())))
    right = np.ravel(calculated(parse(result, dialect, vocabulary=vocabulary())))
    return left.shape == right.shape and all(
        abs(value - figure) <= 0.5 * _unit(figure, digits) + 8 * math.ulp(value)
        for value, figure in zip(left, right, strict=True)
    )


def _unit(figure: float, digits: int) -> float:
    """Return one unit in the last of so many significant digits."""
    if figure == 0:
        return 1e-15
    return float(10.0 ** (math.floor(math.log10(abs(figure))) - digits + 1))


def numbers_in(name: str) -> int:
    """Return how many numbers a scenario gives."""
    scenario = load(name)
    tables = (scenario.data, scenario.parameters, scenario.constants)
    return sum(given.size for table in tables for given in table.values())


# Lines with all their numbers put in are those of small arrays.
SMALL = [name for name in bundled() if numbers_in(name) <= 500]


@cache
def traced(name: str) -> Trace:
    """Return the trace of a bundled scenario, run once."""
    return run_scenario(load(name))


def worked_steps(name: str, digits: int, detail: str) -> list[Step]:
    """Return the lines of the first, second and last iteration that have numbers put in."""
    trace = traced(name)
    source = StepSource(trace, Options(digits, detail=detail))  # type: ignore[arg-type]
    numbers = sorted({1, min(2, len(trace)), len(trace)})
    return [
        step
        for number in numbers
        for step in source.steps(number)
        if step.substituted is not None and step.result is not None
    ]


@pytest.mark.parametrize("detail", ["equation", "operation", "element"])
@pytest.mark.parametrize("digits", DIGITS)
@pytest.mark.parametrize("name", SMALL)
def test_every_line_follows_from_its_printed_numbers(name: str, digits: int, detail: str) -> None:
    """Read back what is printed, in each dialect, and work it out again with a calculator."""
    trace = traced(name)
    notation = notation_of(trace)
    steps = worked_steps(name, digits, detail)
    assert steps or detail != "element"  # a network may have no small arrays but an entry has
    about = 0
    for step in steps:
        assert step.substituted is not None
        assert step.result is not None
        if not step.follows:
            about += 1
            continue
        for dialect in DIALECTS:
            shown = render(step.substituted, dialect, vocabulary=vocabulary(), notation=notation)
            result = render(step.result, dialect, vocabulary=vocabulary(), notation=notation)
            assert follows(shown, result, dialect, digits), (step.name, shown, result)
    assert about <= max(1, len(steps) // 20)


def test_the_judge_sees_a_line_that_does_not_follow() -> None:
    """0.009 * 0.050 = 0.000, which a renderer of fixed digits prints, is caught."""
    assert not follows("0.009 * 0.050", "0", "ascii", 3)
    assert not follows("0.5 - 0.1 * (-3)", "0.81", "ascii", 6)
    assert follows("0.5 - 0.1 * (-3)", "0.8", "ascii", 6)
