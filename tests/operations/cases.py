"""The awkward cases of every operation: expressions, and the numbers they are tried on.

Numbers are lists, nested as arrays are. Nothing here stands at a kink or at the end of what
floats can hold: those have tables of their own (`KINKS`, `EXTREMES`).
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Numbers = Any  # a float, or lists of numbers


@dataclass(frozen=True, slots=True)
class Case:
    """An expression in `inputs`. `fixed` names the inputs that no gradient is taken of."""

    operation: str
    text: str
    inputs: Mapping[str, Numbers]
    fixed: frozenset[str] = field(default_factory=frozenset)

    def __str__(self) -> str:
        return self.text


def some(*shape: int, low: float = -2.0, high: float = 2.0, seed: int = 1) -> Numbers:
    """Return awkward numbers of a shape, always the same, none of them near 0 or each other."""
    generator = random.Random(f"{shape} {seed}")
    drawn: list[float] = []

    def nested(sizes: tuple[int, ...]) -> Numbers:
        if sizes:
            return [nested(sizes[1:]) for _ in range(sizes[0])]
        while True:
            value = round(generator.uniform(low, high), 3)
            if abs(value) > 0.01 and all(abs(abs(value) - abs(item)) > 0.004 for item in drawn):
                drawn.append(value)
                return value

    return nested(shape)


def _case(operation: str, text: str, fixed: str = "", **inputs: Numbers) -> Case:
    return Case(operation, text, inputs, frozenset(fixed.split()))


def _positive(*shape: int) -> Numbers:
    return some(*shape, low=0.05, high=3.0)


def _probabilities(*shape: int) -> Numbers:
    return some(*shape, low=0.03, high=0.97)


def _functions() -> list[Case]:
    """Functions of each entry: a number, a vector, a matrix that is not square, three axes."""
    plain = """exp square sin cos erf abs sign step tanh sigmoid relu softplus silu mish
        hardswish gelu gelu_tanh stop_gradient"""
    cases: list[Case] = []
    for name in plain.split():
        cases += [
            _case(name, f"{name}(x)", x=-0.7),
            _case(name, f"{name}(x)", x=some(2, 3)),
            _case(name, f"{name}(x)", x=some(2, 1, 3, low=-6, high=6)),
        ]
    for name in ("log", "sqrt", "clipped_log"):
        cases += [
            _case(name, f"{name}(x)", x=0.001),
            _case(name, f"{name}(x)", x=_positive(2, 3)),
        ]
    return cases


CASES: tuple[Case, ...] = (
    *_functions(),
    # Arithmetic
    _case("add", "a + b", a=some(2, 3), b=some(3)),
    _case("add", "a + b", a=some(2, 1, seed=2), b=some(1, 3)),
    _case("add", "a + a", a=some(3)),
    _case("add", "a + 2", a=-1.5),
    _case("subtract", "a - b", a=some(3), b=some(2, 3)),
    _case("subtract", "a - b - a * b", a=some(2, 1), b=-0.3),
    _case("subtract", "1 - a", a=some(2, 2)),
    _case("multiply", "a * b", a=some(2, 3), b=-1.25),
    _case("multiply", "a * b", a=some(4, 1, 3), b=some(2, 1)),
    _case("multiply", "a * a * b", a=some(3), b=some(3, seed=2)),
    _case("divide", "a / b", a=some(2, 3), b=_positive(3)),
    _case("divide", "a / b", a=1.5, b=some(2, 2, low=-3, high=-1)),
    _case("divide", "1 / (b * b) / 7", b=_positive(2, 1)),
    _case("negative", "-x", x=some(2, 3)),
    _case("negative", "-(-x) - x**2", x=-0.4),
    _case("power", "x**2", x=some(2, 3)),
    _case("power", "x**3", x=-1.7),
    _case("power", "x**-2", x=some(3, low=-2, high=-0.5)),
    _case("power", "x**0.5", x=_positive(2, 2)),
    _case("power", "x**1", x=some(2)),
    _case("power", "x**0", x=some(2)),
    _case("power", "2**x", x=some(2, 3)),
    _case("power", "x**w", x=_positive(2, 3), w=some(3)),
    _case("power", "x**w", x=_positive(3), w=-0.5),
    _case("power", "x**w", "x", x=[0.0, 0.5, 2.0], w=1.5),
    _case("matmul", "a @ b", a=some(3), b=some(3, seed=2)),
    _case("matmul", "a @ b", a=some(2, 3), b=some(3)),
    _case("matmul", "a @ b", a=some(2), b=some(2, 3)),
    _case("matmul", "a @ b", a=some(2, 3), b=some(3, 4)),
    _case("matmul", "a @ b", a=some(1, 3), b=some(3, 1)),
    _case("matmul", "a @ a.T", a=some(2, 3)),
    _case("matmul", "a @ b", a=some(2, 2, 3), b=some(2, 3, 2)),
    _case("matmul", "a @ b", a=some(2, 2, 3), b=some(3, 2)),
    _case("matmul", "a @ b", a=some(2, 3), b=some(2, 3, 2)),
    _case("matmul", "a @ b", a=some(3, 1, 2, 2), b=some(2, 2, 1)),
    _case("matmul", "a @ b", a=some(3), b=some(2, 3, 2)),
    _case("matmul", "a @ b", a=some(2, 2, 3), b=some(3)),
    _case("outer", "outer(a, b)", a=some(2), b=some(3)),
    _case("outer", "outer(a, a)", a=some(1)),
    _case("diag", "diag(x)", x=some(3)),
    _case("diag", "diag(x) @ y", x=some(2), y=some(2)),
    # Two and three operands, entry by entry
    _case("leaky_relu", "leaky_relu(x)", x=some(2, 3)),
    _case("leaky_relu", "leaky_relu(x, 0.3)", x=some(2, 3)),
    _case("leaky_relu", "leaky_relu(x, slope=a)", x=some(2, 3), a=some(2, 1)),
    _case("prelu", "prelu(x, a)", x=some(2, 3), a=0.25),
    _case("prelu", "prelu(x, a)", x=some(2, 3), a=some(3)),
    _case("elu", "elu(x)", x=some(2, 3)),
    _case("celu", "celu(x)", x=some(2, 3)),
    _case("celu", "celu(x, alpha=a)", x=some(2, 3), a=_positive(3)),
    _case("elu", "elu(x, 1.7)", x=some(3)),
    _case("elu", "elu(x, alpha=a)", x=some(2, 3), a=_positive(3)),
    _case("maximum", "maximum(a, b)", a=some(2, 3), b=some(3)),
    _case("maximum", "maximum(a, 0.1)", a=some(2, 3)),
    _case("at_least", "at_least(a, 0.1)", a=some(2, 3)),
    _case("minimum", "minimum(a, b)", a=some(2, 1), b=some(1, 3)),
    _case("minimum", "minimum(-0.2, a)", a=some(4)),
    _case("where", "where(c, a, b)", "c", c=[[1, 0, 0], [0, -2, 1]], a=some(3), b=some(2, 1)),
    _case("where", "where(c, a, 0)", "c", c=[0, 1], a=0.3),
    _case("where", "where(step(a), a * b, b)", a=some(2, 3), b=1.5),
    _case("equal", "equal(a, b) + a", a=[1, 2, 3], b=[[1, 0, 3], [2, 2, 2]]),
    # Reductions
    _case("sum", "sum(x)", x=some(2, 3)),
    _case("sum", "sum(x)", x=0.3),
    _case("sum", "sum(x, axis=0)", x=some(2, 3)),
    _case("sum", "sum(x, axis=-1, keepdims=True)", x=some(2, 3)),
    _case("sum", "sum(x, axis=(0, -1))", x=some(2, 3, 2)),
    _case("sum", "sum(x, axis=(2, 0), keepdims=True)", x=some(2, 3, 2)),
    _case("sum", "sum(x, axis=1)", x=some(2, 1, 2)),
    _case("mean", "mean(x)", x=some(2, 3)),
    _case("mean", "mean(x, axis=1)", x=some(2, 3)),
    _case("mean", "mean(x, axis=(0, 2))", x=some(2, 3, 2)),
    _case("mean", "mean(x, axis=-2, keepdims=True)", x=some(3, 2)),
    _case("max", "max(x)", x=some(2, 3)),
    _case("max", "max(x, axis=0)", x=some(3, 2)),
    _case("max", "max(x, axis=-1, keepdims=True)", x=some(2, 3)),
    _case("max", "max(x, axis=1)", x=some(2, 3, 2)),
    _case("max", "max(x, axis=(0, 2))", x=some(2, 3, 2)),
    _case("min", "min(x)", x=some(2, 3)),
    _case("min", "min(x, axis=0)", x=some(3, 2)),
    _case("min", "min(x, axis=-1, keepdims=True)", x=some(2, 3)),
    _case("min", "min(x, axis=(1,), keepdims=True)", x=some(2, 3)),
    _case("first_max", "first_max(x, 0) * x", x=some(3, 2)),
    _case("first_max", "first_max(x, -1) * x", x=some(2, 2, 3)),
    _case("even_max", "even_max(x) * x", x=some(2, 3)),
    _case("even_max", "even_max(x, axis=(0, 2)) * x", x=some(2, 3, 2)),
    _case("argmax", "argmax(x) * sum(x, axis=-1)", x=some(2, 3)),
    _case("argmax", "argmax(x, axis=0) + x", x=some(3, 2)),
    _case("argmax", "argmax(x, axis=-2) + sum(x)", x=some(2, 3)),
    _case("softmax", "softmax(x)", x=some(3)),
    _case("softmax", "softmax(x)", x=some(2, 4)),
    _case("softmax", "softmax(x, axis=0)", x=some(3, 2)),
    _case("softmax", "softmax(x, axis=1)", x=some(2, 3, 2)),
    _case("softmax", "softmax(x)", x=[[0.3], [-2.0]]),
    _case("logsumexp", "logsumexp(x)", x=some(2, 3)),
    _case("logsumexp", "logsumexp(x, axis=0)", x=some(3, 2)),
    _case("logsumexp", "logsumexp(x, axis=1, keepdims=True)", x=some(2, 3, 2)),
    _case("log_softmax", "log_softmax(x)", x=some(2, 3)),
    _case("log_softmax", "log_softmax(x, axis=-2)", x=some(3, 2)),
    # Arrangement
    _case("transpose_last", "x.T", x=some(2, 3)),
    _case("transpose_last", "x.T @ x", x=some(3, 2)),
    _case("transpose_last", "x.T", x=some(3)),
    _case("transpose", "transpose(x, (2, 0, 1))", x=some(2, 3, 4)),
    _case("transpose", "transpose(x, (1, 0))", x=some(2, 3)),
    _case("transpose", "transpose(x, (0, 3, 1, 2))", x=some(2, 1, 3, 2)),
    _case("reshape", "reshape(x, (3, 2))", x=some(2, 3)),
    _case("reshape", "reshape(x, (-1,))", x=some(2, 3)),
    _case("reshape", "reshape(x, (2, 1, -1))", x=some(3, 2)),
    _case("reshape", "reshape(x, (1, 1))", x=-0.3),
    _case("flatten", "flatten(x)", x=some(2, 3)),
    _case("flatten", "flatten(x, start=1)", x=some(2, 3, 2)),
    _case("flatten", "flatten(x, -2)", x=some(2, 3, 2)),
    _case("flatten", "flatten(x)", x=0.5),
    _case("broadcast", "broadcast(x, (2, 3))", x=some(3)),
    _case("broadcast", "broadcast(x, (4, 2, 3))", x=some(2, 1)),
    _case("broadcast", "broadcast(x, (2, 2))", x=1.3),
    _case("sum_to", "sum_to(x, (3,))", x=some(2, 3)),
    _case("sum_to", "sum_to(x, (2, 1))", x=some(4, 2, 3)),
    _case("sum_to", "sum_to(x, (1, 3))", x=some(2, 3)),
    _case("index", "x[1]", x=some(2, 3)),
    _case("index", "x[-1, 0]", x=some(2, 3)),
    _case("index", "x[:, 1:3]", x=some(2, 4)),
    _case("index", "x[::2, ::-1]", x=some(3, 4)),
    _case("index", "x[-3:-1]", x=some(4)),
    _case("index", "x[2:0:-1, -2]", x=some(4, 3)),
    _case("index", "x[0] * x[2] + x[0]", x=some(3)),
    _case("index", "x[1:1]", x=some(3)),
    _case("place", "place(g, (3, 4), (1,))", g=some(4)),
    _case("place", "place(g, (3, 4), (-1, 2))", g=0.7),
    _case("gather", "x[ids]", x=some(4, 2), ids=[1, 1, 3]),
    _case("gather", "x[ids]", x=some(3, 2), ids=[[0, 2], [2, 2]]),
    _case("gather", "x[ids]", x=some(3), ids=[2, 0, 2, 1]),
    _case("gather", "gather(x, ids)", x=some(4, 2), ids=3),
    _case("gather", "gather(x, ids)", x=some(3), ids=2),
    _case("scatter_add", "scatter_add(g, ids, 4)", g=some(3, 2), ids=[1, 1, 3]),
    _case("scatter_add", "scatter_add(g, ids, 3)", g=some(2, 2, 2), ids=[[0, 2], [2, 2]]),
    _case("pick", "pick(x, labels)", x=some(3, 4), labels=[3, 0, 0]),
    _case("pick", "pick(x, labels)", x=some(4), labels=2),
    _case("pick", "pick(x, labels)", x=some(2, 2, 3), labels=[[0, 2], [1, 1]]),
    _case("unpick", "unpick(g, labels, 4)", g=some(3), labels=[3, 0, 0]),
    _case("unpick", "unpick(g, labels, 3)", g=some(2, 2), labels=[[0, 2], [1, 1]]),
    _case("unpick", "unpick(g, labels, 3)", g=0.4, labels=1),
    _case("one_hot", "one_hot(labels, 4) * x", labels=[3, 0, 0], x=some(3, 4)),
    _case("one_hot", "one_hot(labels, 3) * x", labels=2, x=some(3)),
    _case("concat", "concat([a, b])", a=some(2, 3), b=some(1, 3)),
    _case("concat", "concat([a, b, a], axis=-1)", a=some(2, 3), b=some(2, 1)),
    _case("concat", "concat([a], axis=0)", a=some(3)),
    _case("stack", "stack([a, b])", a=some(3), b=some(3, seed=2)),
    _case("stack", "stack([a, b, a * b], axis=1)", a=some(2, 3), b=some(2, 3, seed=2)),
    _case("stack", "stack([a, b], axis=-1)", a=0.2, b=-0.3),
    _case("stack", "[a, b, 2]", a=0.2, b=-0.3),
    # Convolutions and pooling
    _case("conv1d", "conv1d(x, k)", x=some(2, 1, 5), k=some(1, 1, 3)),
    _case("conv1d", "conv1d(x, k, b)", x=some(2, 3, 4), k=some(2, 3, 2), b=some(2)),
    _case("conv1d", "conv1d(x, k, b, 2, 1)", x=some(2, 6), k=some(3, 2, 3), b=some(3)),
    _case("conv1d", "conv1d(x, k, 0.3, stride=3)", x=some(1, 2, 6), k=some(2, 2, 2)),
    _case("conv1d", "conv1d(x, k, b, padding=2)", x=some(1, 1, 1), k=some(2, 1, 3), b=-0.4),
    _case("conv1d", "conv1d(x, k)", x=some(3, 2, 2), k=some(2, 2, 2, seed=2)),
    _case("conv1d_input", "conv1d_input(g, k, (2, 2, 5))", g=some(2, 3, 4), k=some(3, 2, 2)),
    _case(
        "conv1d_input",
        "conv1d_input(g, k, (2, 6), stride=2, padding=1)",
        g=some(3, 3),
        k=some(3, 2, 3),
    ),
    _case("conv1d_kernel", "conv1d_kernel(x, g, 2)", x=some(2, 3, 4), g=some(2, 2, 3)),
    _case(
        "conv1d_kernel",
        "conv1d_kernel(x, g, (3,), stride=2, padding=1)",
        x=some(2, 6),
        g=some(3, 3),
    ),
    _case("conv2d", "conv2d(x, k)", x=some(2, 3, 4), k=some(1, 2, 2, 3)),
    _case("conv2d", "conv2d(x, k, b)", x=some(2, 2, 2, 3), k=some(2, 2, 2, 2), b=some(2)),
    _case(
        "conv2d",
        "conv2d(x, k, b, stride=(2, 1), padding=(1, 0))",
        x=some(2, 1, 4, 3),
        k=some(2, 1, 3, 2),
        b=some(2),
    ),
    _case("conv2d", "conv2d(x, k, stride=2)", x=some(1, 1, 4, 5), k=some(1, 1, 1, 2)),
    _case("conv2d", "conv2d(x, k, b)", x=some(1, 2, 2, 2), k=some(2, 2, 1, 1), b=some(2)),
    _case("conv2d_input", "conv2d_input(g, k, (2, 3, 4))", g=some(1, 2, 2), k=some(1, 2, 2, 3)),
    _case(
        "conv2d_input",
        "conv2d_input(g, k, (2, 1, 4, 3), stride=(2, 1), padding=(1, 0))",
        g=some(2, 2, 2, 2),
        k=some(2, 1, 3, 2),
    ),
    _case("conv2d_kernel", "conv2d_kernel(x, g, (2, 3))", x=some(2, 3, 4), g=some(1, 2, 2)),
    _case(
        "conv2d_kernel",
        "conv2d_kernel(x, g, (3, 2), stride=(2, 1), padding=(1, 0))",
        x=some(2, 1, 4, 3),
        g=some(2, 2, 2, 2),
    ),
    _case("windows1d", "windows1d(x, 3)", x=some(5)),
    _case("windows1d", "windows1d(x, 2, stride=3, padding=1)", x=some(2, 6)),
    _case("windows1d_add", "windows1d_add(g, (5,), 3)", g=some(3, 3)),
    _case("windows1d_add", "windows1d_add(g, (2, 6), 2, 3, 1)", g=some(2, 3, 2)),
    _case("windows2d", "windows2d(x, 2)", x=some(3, 4)),
    _case("windows2d", "windows2d(x, (1, 3), (2, 1), (0, 1))", x=some(2, 3, 2)),
    _case("windows2d_add", "windows2d_add(g, (3, 4), 2)", g=some(2, 3, 4)),
    _case(
        "windows2d_add",
        "windows2d_add(g, (2, 3, 2), (1, 3), (2, 1), (0, 1))",
        g=some(2, 2, 2, 3),
    ),
    *(
        case
        for name in ("max_pool", "avg_pool")
        for case in (
            _case(f"{name}1d", f"{name}1d(x, 2)", x=some(2, 2, 5)),
            _case(f"{name}1d", f"{name}1d(x, 3, stride=1)", x=some(2, 5)),
            _case(f"{name}1d", f"{name}1d(x, 2, 3)", x=some(5)),
            _case(f"{name}2d", f"{name}2d(x, 2)", x=some(2, 1, 4, 5)),
            _case(f"{name}2d", f"{name}2d(x, (2, 1), stride=1)", x=some(2, 3, 3)),
            _case(f"{name}2d", f"{name}2d(x, size=2, stride=(1, 2))", x=some(3, 4)),
        )
    ),
    # Masks, layer normalization, dropout
    _case("causal_mask", "softmax(causal_mask(x))", x=some(3, 3)),
    _case("causal_mask", "softmax(causal_mask(x))", x=some(2, 2, 3)),
    _case("causal_mask", "softmax(causal_mask(x / 2) * 3)", x=some(3, 2)),
    _case("causal_mask", "softmax(causal_mask(x), axis=1) @ v", x=some(2, 3, 3), v=some(3)),
    _case("causal_mask", "log_softmax(causal_mask(x))[:, 0]", x=some(2, 2)),
    _case("causal_keep", "causal_keep(x)", x=some(3, 3)),
    _case("causal_keep", "causal_keep(x)", x=some(2, 2, 3)),
    _case("deviation", "deviation(x)", x=some(2, 3)),
    _case("deviation", "deviation(x, 0.5)", x=some(2, 1, 4)),
    _case("deviation", "deviation(x)", x=some(3)),
    _case("standardize", "standardize(x)", x=some(2, 3)),
    _case("standardize", "standardize(x, epsilon=0.1)", x=some(3)),
    _case("standardize", "standardize(x)", x=some(2, 1, 2)),
    _case("layer_norm", "layer_norm(x)", x=some(2, 3)),
    _case("layer_norm", "layer_norm(x, w)", x=some(2, 1, 3), w=some(3)),
    _case("layer_norm", "layer_norm(x, bias=b)", x=some(2, 3), b=some(3)),
    _case(
        "layer_norm",
        "layer_norm(x, w, b, epsilon=0.1)",
        x=some(3),
        w=some(3, seed=3),
        b=some(3, seed=2),
    ),
    _case("layer_norm", "layer_norm(x, w, b)", x=some(2, 3), w=1.5, b=some(2, 1)),
    _case("root_mean_square", "root_mean_square(x)", x=some(2, 3)),
    _case("root_mean_square", "root_mean_square(x, 0.5)", x=some(2, 1, 4)),
    _case("rms_norm", "rms_norm(x)", x=some(2, 3)),
    _case("rms_norm", "rms_norm(x, w, epsilon=0.1)", x=some(2, 1, 3), w=some(3, seed=2)),
    _case("rms_norm", "rms_norm(x, 1.5)", x=some(3)),
    _case("rms_norm", "rms_norm(x, w)", x=some(2, 3), w=some(2, 1)),
    _case("group_mean", "group_mean(x, 2)", x=some(2, 4)),
    _case("group_mean", "group_mean(x, groups=1)", x=some(2, 2, 3)),
    _case("group_norm", "group_norm(x, groups=2)", x=some(2, 4)),
    _case("group_norm", "group_norm(x, w, b, 2, epsilon=0.1)", x=some(1, 4, 2), w=some(4), b=0.5),
    _case("group_norm", "group_norm(x, 1.5, b, groups=1)", x=some(2, 2, 3), b=some(2, seed=2)),
    _case("dropout", "dropout(x)", x=some(2, 3)),
    _case("dropout", "dropout(x, 0)", x=some(3)),
    _case("dropout", "dropout(x, rate=0.25, seed=7)", x=some(2, 2, 3)),
    _case("dropout", "dropout(x * x, 0.1) * x", x=-0.4),
    _case("dropout_mask", "dropout_mask(x, 0.5, seed=1) * x", x=some(2, 3)),
    _case("dropout_with", "dropout_with(x, m)", "m", x=some(2, 3), m=[[1, 0, 1], [0, 0, 1]]),
    _case("dropout_with", "dropout_with(x, m, rate=0)", "m", x=some(2, 2), m=[1, 0]),
    _case("dropout_with", "dropout_with(x, m, 0.3)", x=some(3), m=some(3, seed=2)),
    # Constants
    _case("zeros", "zeros(2, 3) + x", x=some(3)),
    _case("ones", "ones(2, 3) * x", x=some(2, 1)),
    _case("ones", "x * ones(2)", x=0.4),
    _case("pi", "sin(pi * x)", x=some(3)),
    # Losses
    *(
        case
        for name in ("mse", "mae", "squared_error", "half_squared_error")
        for case in (
            _case(name, f"{name}(a, b)", a=some(2, 3), b=some(2, 3, seed=2)),
            _case(name, f"{name}(a, b)", a=0.3, b=-1.2),
            _case(name, f"3 * {name}(a, b)", a=some(4), b=some(4, seed=2)),
        )
    ),
    _case("huber", "huber(a, b)", a=some(2, 3), b=some(2, 3, seed=2)),
    _case("huber", "huber(a, b, delta=0.3)", a=some(4), b=some(4, seed=2)),
    _case("huber", "3 * huber(a, b, 5)", a=0.3, b=-1.2),
    _case("cross_entropy", "cross_entropy(z, y)", z=some(3, 4), y=[3, 0, 0]),
    _case("cross_entropy", "cross_entropy(z, y)", z=some(3), y=1),
    _case("cross_entropy", "cross_entropy(z, y) / 3", z=some(1, 2), y=[1]),
    _case("nll", "nll(p, y)", p=_probabilities(3, 4), y=[3, 0, 0]),
    _case("nll", "nll(p, y)", p=_probabilities(3), y=1),
    _case("nll", "nll(softmax(z), y)", z=some(2, 3), y=[2, 0]),
    _case("bce", "bce(p, y)", p=_probabilities(2, 3), y=[[0, 1, 1], [0, 0.25, 1]]),
    _case("bce", "bce(p, y)", p=0.2, y=1),
    _case("bce", "2 * bce(sigmoid(z), y)", z=some(3), y=[0, 1, 0.5]),
    _case("bce_with_logits", "bce_with_logits(z, y)", z=some(2, 3), y=[[0, 1, 1], [0, 0.25, 1]]),
    _case("bce_with_logits", "bce_with_logits(z, y)", z=-0.4, y=0),
    _case("accuracy", "accuracy(z, y) * sum(z)", "y", z=some(3, 4), y=[1, 1, 0]),
    _case("accuracy", "accuracy(p, y) + sum(p)", "y", p=_probabilities(4), y=[0, 1, 1, 0]),
)


@dataclass(frozen=True, slots=True)
class Kink:
    """What the derivative of `sum(text)` with respect to x is at a kink, by convention."""

    text: str
    x: Numbers
    gradient: Numbers
    inputs: Mapping[str, Numbers] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.text} at {self.x}"


KINKS: tuple[Kink, ...] = (
    Kink("relu(x)", 0.0, 0.0),
    Kink("relu(x)", [0.0, -0.0, 1.0], [0.0, 0.0, 1.0]),
    Kink("leaky_relu(x, 0.2)", 0.0, 0.2),
    Kink("prelu(x, a)", [0.0, 0.0], [0.25, 0.5], {"a": [0.25, 0.5]}),
    Kink("elu(x)", 0.0, 1.0),
    Kink("elu(x, 1.5)", 0.0, 1.5),
    Kink("abs(x)", [0.0, -2.0], [0.0, -1.0]),
    Kink("sign(x)", 0.0, 0.0),
    Kink("step(x)", 0.0, 0.0),
    Kink("step(x) * x", 0.0, 0.0),
    Kink("maximum(x, a)", [1.0, 2.0, 3.0], [0.0, 0.5, 1.0], {"a": 2.0}),
    Kink("minimum(x, a)", [1.0, 2.0, 3.0], [1.0, 0.5, 0.0], {"a": 2.0}),
    Kink("maximum(x, x)", 1.0, 1.0),
    Kink("at_least(x, 2)", [1.0, 2.0, 3.0], [0.0, 0.5, 1.0]),
    Kink("max(x, axis=-1)", [[3.0, 1.0, 3.0], [2.0, 2.0, 2.0]], [[1, 0, 0], [1, 0, 0]]),
    Kink("max(x, axis=0)", [[3.0, 1.0], [3.0, 2.0]], [[1, 0], [0, 1]]),
    Kink("max(x)", [[3.0, 1.0], [3.0, 2.0]], [[0.5, 0], [0.5, 0]]),
    Kink("min(x, axis=-1)", [[1.0, 3.0, 1.0]], [[1, 0, 0]]),
    Kink("min(x)", [1.0, 3.0, 1.0, 1.0], [1 / 3, 0, 1 / 3, 1 / 3]),
    Kink("mae(x, a)", [1.0, 2.0], [0.0, 0.5], {"a": [1.0, 1.0]}),
    Kink("huber(x, a)", [1.0, 2.0], [0.0, 0.5], {"a": [1.0, 1.0]}),
    Kink("where(step(x), 3 * x, 5 * x)", 0.0, 5.0),
    Kink("max_pool1d(x, 2, stride=1)", [1.0, 1.0, 1.0, 0.0], [1, 1, 1, 0]),
    Kink("max_pool1d(x, 3, stride=1)", [0.0, 2.0, 2.0, 2.0], [0, 2, 0, 0]),
    Kink("max_pool2d(x, 2)", [[3.0, 3.0, 0.0], [3.0, 1.0, 0.0]], [[1, 0, 0], [0, 0, 0]]),
    Kink(
        "max_pool2d(x, 2, stride=1)",
        [[1.0, 2.0, 1.0], [2.0, 2.0, 2.0], [1.0, 1.0, 2.0]],
        [[0, 2, 0], [1, 1, 0], [0, 0, 0]],
    ),
    Kink("x * equal(x, a)", [1.0, 2.0], [1.0, 0.0], {"a": [1.0, 1.0]}),
)


@dataclass(frozen=True, slots=True)
class Extreme:
    """An expression at the end of what floats can hold: its value and gradient stay finite.

    `proved` says that the gradient is the function's own; a clipped logarithm's is by convention.
    """

    text: str
    x: Numbers
    inputs: Mapping[str, Numbers] = field(default_factory=dict)
    proved: bool = True

    def __str__(self) -> str:
        return f"{self.text} at {self.x}"


_ENDS = [-1000.0, 1000.0, -1.0, 40.0, -40.0, 1e-9]

EXTREMES: tuple[Extreme, ...] = (
    *(
        Extreme(f"{name}(x)", _ENDS)
        for name in (
            *("sigmoid", "tanh", "softplus", "silu", "mish", "hardswish", "gelu", "gelu_tanh"),
            *("relu", "leaky_relu", "elu", "celu", "erf", "softmax", "log_softmax", "logsumexp"),
        )
    ),
    Extreme("cross_entropy(x, y)", [[1000.0, -1000.0, 0.5], [0.0, 1.0, 1000.0]], {"y": [1, 2]}),
    Extreme("cross_entropy(x, y)", [-1000.0, 1000.0], {"y": 0}),
    Extreme("bce_with_logits(x, y)", [-1000.0, 1000.0, 1000.0, 0.5], {"y": [1, 1, 0, 1]}),
    Extreme("mse(sigmoid(x), y)", [-1000.0, 1000.0, 800.0, 0.5], {"y": [1, 1, 0, 1]}),
    Extreme("softmax(x, axis=0)", [[1000.0, -1000.0], [999.0, 1000.0]]),
    Extreme("nll(softmax(x), y)", [[1.0, 2.0, -1.0]], {"y": [2]}),
    Extreme("nll(x, y)", [[0.0, 1.0], [1.0, 0.0], [0.5, 0.5]], {"y": [0, 0, 1]}, proved=False),
    Extreme("bce(x, y)", [0.0, 1.0, 0.0, 1.0], {"y": [0, 1, 1, 0]}, proved=False),
    Extreme("bce(sigmoid(x), y)", [-1000.0, 1000.0, 0.3], {"y": [1, 0, 1]}, proved=False),
    Extreme("softmax(causal_mask(x))", [[1000.0, 5.0], [-1000.0, 1000.0]]),
    Extreme("layer_norm(x)", [[1e6, -1e6, 1.0], [2.0, 2.0, 2.0]]),
    Extreme("rms_norm(x)", [[1e6, -1e6, 1.0], [0.0, 0.0, 0.0]]),
    Extreme("group_norm(x, groups=1)", [[1e6, -1e6, 1.0]]),
    Extreme("standardize(x)", [-1000.0, 1000.0, 1e-9]),
    Extreme("clipped_log(x)", [0.0, 1e-300, 1.0], proved=False),
)
