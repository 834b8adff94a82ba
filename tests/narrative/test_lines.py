"""Every printed figure is its value, rounded, and every line holds: = where it does exactly."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import numpy as np
import pytest

from tests.case_lists import crossed, sampled
from tracer.expression import (
    Array,
    Call,
    Dialect,
    Name,
    Node,
    Notation,
    Number,
    Slice,
    Tuple,
    parse,
    render,
    walk,
)
from tracer.expression.syntax import Display, OmittedTerms
from tracer.narrative.derivation_options import Options
from tracer.narrative.program_notation import notation_of
from tracer.narrative.step_lines import Narrator
from tracer.narrative.steps import Step, StepNarrator
from tracer.operations import vocabulary
from tracer.operations.textbook import DrawnPart
from tracer.program.scenario import bundled, load
from tracer.run.runner import run_scenario
from tracer.run.trace import Iteration, Trace

# 3 round the most, 6 are the usual ones.
DIGITS = (3, 6, *(pytest.param(digits, marks=pytest.mark.proof) for digits in (4, 10)))
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


def seen(shape: tuple[int, ...], size: tuple[int, ...], step: int = 1) -> Iterator[Any]:
    """Yield each place of a window on the last axes, and the slices under it."""
    counts = [(n - k) // step + 1 for n, k in zip(shape[-len(size) :], size, strict=True)]
    for place in np.ndindex(*counts):
        under = tuple(slice(at * step, at * step + k) for at, k in zip(place, size, strict=True))
        yield place, (..., *under)


def conv2d(x: Any, kernel: Any, bias: Any = 0.0) -> Any:
    """Each filter over each place of an image, by loops."""
    size = kernel.shape[2:]
    out = np.zeros(
        (*x.shape[:-3], len(kernel), *(n - k + 1 for n, k in zip(x.shape[-2:], size, strict=True)))
    )
    for place, under in seen(x.shape, size):
        out[(..., *place)] = (x[under][..., None, :, :, :] * kernel).sum(axis=(-1, -2, -3))
    return out + np.reshape(bias, (-1, 1, 1))


def conv_kernel(x: Any, g: Any, size: Any) -> Any:
    """What flows back to a kernel: at each place the gradient times what lay under it."""
    wanted = tuple(np.ravel(size).astype(int))
    samples = x.reshape(-1, *x.shape[-1 - len(wanted) :])
    out = np.zeros((g.shape[-1 - len(wanted)], samples.shape[1], *wanted))
    back = g.reshape(len(samples), *g.shape[-1 - len(wanted) :])
    for place, under in seen(x.shape, wanted):
        out += np.einsum("nf,nc...->fc...", back[(..., *place)], samples[under])
    return out


def conv1d_input(g: Any, kernel: Any, shape: Any) -> Any:
    """What flows back to the input: the gradient times the filter, where the window lay."""
    out = np.zeros(tuple(np.ravel(shape).astype(int)))
    for place, under in seen(out.shape, kernel.shape[2:]):
        out[under] += np.einsum("...f,fck->...ck", g[(..., *place)], kernel)
    return out


def windows2d(x: Any, size: Any, stride: float = 1) -> Any:
    """What a window sees at each place, as a last axis."""
    wanted = tuple(np.broadcast_to(np.ravel(size).astype(int), 2))
    places = list(seen(x.shape, wanted, int(stride)))
    last = places[-1][0]
    out = np.zeros((*x.shape[:-2], *(at + 1 for at in last), math.prod(wanted)))
    for place, under in places:
        out[(..., *place, slice(None))] = x[under].reshape(*x.shape[:-2], -1)
    return out


def windows2d_add(g: Any, shape: Any, size: Any, stride: float = 1) -> Any:
    """For each entry the sum over the windows that see it."""
    wanted = tuple(np.broadcast_to(np.ravel(size).astype(int), 2))
    out = np.zeros(tuple(np.ravel(shape).astype(int)))
    for place, under in seen(out.shape, wanted, int(stride)):
        out[under] += g[(..., *place, slice(None))].reshape(*out.shape[:-2], *wanted)
    return out


def max_pool2d(x: Any, size: Any) -> Any:
    """The largest of each window; windows stand side by side."""
    return windows2d(x, size, float(np.ravel(size)[0])).max(axis=-1)


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
    "diag": np.diag,
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
    "at_least": np.maximum,
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
    "conv1d_input": conv1d_input,
    "conv1d_kernel": conv_kernel,
    "conv2d": conv2d,
    "conv2d_kernel": conv_kernel,
    "windows2d": windows2d,
    "windows2d_add": windows2d_add,
    "max_pool2d": max_pool2d,
    "flatten": lambda x, start=0: np.reshape(x, (*x.shape[: int(start)], -1)),
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


def calculated(node: Node, values: Callable[[Any], Any] = WORDS.__getitem__) -> Any:
    """Return the value of an expression of numbers, and of names with these values.

    What is drawn, such as the mean of a row, is a name as well: a line before gave its value.
    """
    if isinstance(node, DrawnPart):
        return calculated(node.drawn, values)
    if isinstance(node, Display):
        return values(node)
    if isinstance(node, Number):
        return float(node.value)
    if isinstance(node, Name):
        return WORDS[node.id] if node.id in WORDS else values(node.id)
    if isinstance(node, Array):
        return np.array([calculated(item, values) for item in node.items])
    if isinstance(node, Tuple):
        return tuple(static(item) for item in node.items)
    assert isinstance(node, Call), node
    keywords = {key: static(value) for key, value in node.keywords}
    if node.operation == "index" and not isinstance(node.arguments[1], (Name, Call, Array)):
        return np.asarray(calculated(node.arguments[0], values))[
            tuple(map(static, node.arguments[1:]))
        ]
    if node.operation == "index":
        whole = calculated(node.arguments[0], values)
        items = [calculated(item, values) for item in node.arguments[1:]]
        return whole[tuple(np.asarray(item, int) for item in items)]
    operands = [calculated(item, values) for item in node.arguments]
    return CALCULATOR[node.operation](*operands, **keywords)


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


def is_rounded(values: Any, shown: Node, digits: int) -> bool:
    """Tell whether figures are values, rounded to so many significant digits."""
    figures = np.ravel(calculated(shown))
    exact = np.ravel(values)
    return exact.shape == figures.shape and all(
        abs(value - figure) <= 0.5 * _unit(figure, digits) + 1e-9 * abs(value)
        for value, figure in zip(exact, figures, strict=True)
    )


def is_exact(shown: Node, result: Node) -> bool:
    """Tell whether a result is what the figures before it give, but for the last bits."""
    left, right = np.ravel(calculated(shown)), np.ravel(calculated(result))
    return left.shape == right.shape and np.allclose(left, right, rtol=1e-12, atol=1e-14)


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


def worked_steps(name: str, digits: int, detail: str) -> list[tuple[Iteration, Step]]:
    """Return the lines of the first, second and last iteration that have numbers put in."""
    trace = traced(name)
    source = Narrator(trace, Options(digits, detail=detail))  # type: ignore[arg-type]
    numbers = sorted({1, min(2, len(trace)), len(trace)})
    return [
        (source.iteration(number), step)
        for number in numbers
        for step in source.steps(number)
        if step.substituted is not None and step.result is not None
    ]


def read_back(node: Node, dialect: Dialect, notation: Notation) -> Node:
    """Return what is read from the text that is printed for a tree."""
    shown = render(node, dialect, vocabulary=vocabulary(), notation=notation)
    return parse(shown, dialect, vocabulary=vocabulary())


@pytest.mark.parametrize(
    ("detail", "digits"), crossed(["equation", "operation", "element"], [3, 6, 4, 10])
)
@pytest.mark.parametrize("name", sampled(SMALL))
def test_every_line_holds(name: str, digits: int, detail: str) -> None:
    """Read back what is printed, in each dialect, and work it out again with a calculator.

    A result is the formula's value at the run's own numbers, rounded; after = it is also exactly
    what the printed figures give.
    """
    notation = notation_of(traced(name))
    steps = worked_steps(name, digits, detail)
    drawn: dict[Node, Any] = {}  # the values of drawn names
    assert steps or detail != "element"  # a network may have no small arrays but an entry has
    for iteration, step in steps:
        assert step.substituted is not None
        assert step.result is not None

        def value(name: str | Node, iteration: Iteration = iteration) -> Any:
            if isinstance(name, Node):
                return drawn[name]
            return np.reshape(iteration.floats(name), iteration.shape(name))

        is_cut = any(isinstance(part, OmittedTerms) for part in walk(step.substituted))
        if not is_cut:
            exact = calculated(step.formula, value)
            assert is_rounded(exact, step.result, digits), step.name
            if isinstance(step.left, DrawnPart):
                drawn[step.left.drawn] = exact
        for dialect in DIALECTS:
            shown = read_back(step.substituted, dialect, notation)
            result = read_back(step.result, dialect, notation)
            if step.follows:
                assert is_exact(shown, result), (step.name, shown, result)


def is_written(iteration: Iteration, quantity: str) -> bool:
    """Tell whether a quantity is given in figures, which stay as they are."""
    given = iteration.given_value(quantity)
    return given is not None and given.exact is not None


@pytest.mark.parametrize("digits", DIGITS)
@pytest.mark.parametrize("name", sampled(SMALL))
def test_every_figure_is_its_value_rounded(name: str, digits: int) -> None:
    """Of each line the numbers that are put in are those of the run, each with its digits."""
    trace = traced(name)
    iteration = trace.iteration(1)
    narrator = StepNarrator(digits)
    for quantity in iteration:
        for text, value in zip(
            narrator.texts(iteration, quantity), iteration.floats(quantity), strict=True
        ):
            unit = 0 if is_written(iteration, quantity) else 0.5 * _unit(float(text), digits)
            assert abs(float(text) - value) <= unit + 1e-12 * abs(value), (quantity, text, value)


def test_the_judge_sees_a_line_that_does_not_hold() -> None:
    """0.009 * 0.050 = 0.000, which a renderer of fixed digits prints, is caught."""
    zero, product = parse("0"), parse("0.009 * 0.050")
    assert not is_rounded(calculated(product), zero, 3)
    assert not is_exact(parse("0.5 - 0.1 * (-3)"), parse("0.81"))
    assert is_exact(parse("0.5 - 0.1 * (-3)"), parse("0.8"))
