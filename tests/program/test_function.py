"""A plain Python function is traced into the equations a person would write."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tracer
from tracer import functions as F  # noqa: N812 - as torch.nn.functional is called
from tracer.errors import TracerError
from tracer.program.function import functions, record_function


def one_weight(w: Any, x: Any, y: Any) -> Any:
    """The demo as a function."""
    y_pred = w * x
    loss = (y_pred - y) ** 2
    return loss


def layers(W: Any, X: Any) -> Any:
    """A name that is given again and again becomes a family."""
    h = X
    for step in range(2):
        h = np.tanh(h @ W + step)
    return np.mean(h**2)


TABLE = np.arange(6.0).reshape(2, 3)


def many(W: Any, ids: Any) -> Any:
    """Indices, joins, choices, operations of the table, a table from outside."""
    e = W[ids]
    s = np.concatenate([e, TABLE], axis=0).sum(axis=1)
    q = np.where(s > 0.5, s, 0.1 * s)
    a = F.softmax(q)
    return np.dot(a, a) / len(q) + np.stack([a, a]).mean() + a[1:].max()


@pytest.mark.parametrize(
    ("function", "parameters", "data", "equations"),
    [
        (
            one_weight,
            {"w": ()},
            {"x": (), "y": ()},
            ["y_pred = w * x", "loss = (y_pred - y)**2"],
        ),
        (
            layers,
            {"W": (3, 3)},
            {"X": (2, 3)},
            [
                "h[0] = tanh(X @ W + 0)",
                "h[1] = tanh(h[0] @ W + 1)",
                "loss = mean(h[1]**2)",
            ],
        ),
        (
            many,
            {"W": (4, 3)},
            {"ids": (2,)},
            [
                "e = W[ids]",
                "s = sum(concat([e, constant1]), axis=1)",
                "q = where(step(s - 0.5), s, 0.1 * s)",
                "a = softmax(q)",
                "loss = a @ a / 4 + mean(stack([a, a])) + max(a[1:])",
            ],
        ),
        (
            lambda w: (w * 2 + 1) * (w * 2 + 1),
            {"w": ()},
            {},
            ["loss = (w * 2 + 1) * (w * 2 + 1)"],
        ),
    ],
)
def test_a_function_becomes_equations(
    function: Callable[..., Any],
    parameters: dict[str, tuple[int, ...]],
    data: dict[str, tuple[int, ...]],
    equations: list[str],
) -> None:
    """Local names are kept, NumPy's calls get the table's names, loops are unrolled."""
    assert record_function(function, parameters, data).equations.split("\n") == equations


def test_a_traced_function_runs_as_its_equations_do() -> None:
    """The one-weight demo as a function has the demo's record."""
    run = tracer.trace(
        one_weight,
        parameters={"w": 0.5},
        data={"x": [1, 2, 3], "y": [2, 4, 6]},
        optimizer="sgd",
        learning_rate=0.1,
        iterations=3,
        sample=0,
    )
    demo = tracer.load("one_weight").run()
    assert [item.name for item in run.program.equations] == [
        item.name for item in demo.program.equations
    ]
    for name in ("w", "loss", "dloss/dw", "y_pred"):
        assert run.values(name).tolist() == demo.values(name).tolist()


def test_a_value_without_a_name_that_is_used_twice_gets_one() -> None:
    """A shared part of a lambda is computed once and has one gradient."""

    def squared(w: Any) -> Any:
        return (lambda part: part * part)(w * 2 + 1)

    assert record_function(squared, {"w": ()}, {}).equations.split("\n") == [
        "value1 = w * 2 + 1",
        "loss = value1 * value1",
    ]


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda w: np.log1p(w), r"np\.log1p cannot be traced; expected np\.log\(1 \+ x\)"),
        (lambda w: np.clip(w, 0, 1), r"np\.clip cannot be traced; expected np\.minimum"),
        (lambda w: w.std(), r"the method \.std cannot be traced"),
        (lambda w: np.linalg.norm(w), r"np\.norm cannot be traced"),
        (lambda w: math.exp(w), r"float\(…\) or a function of `math`"),
        (lambda w: w if w > 0 else -w, "a decision on a value"),
        (lambda w: 3, "the function does not return a traced number; found int"),
        (lambda w: w, "the function returns one of its arguments"),
        (lambda q: q, "the function takes q; found parameters and data w"),
        (lambda w: w @ np.ones((4, 4)), "@: the shapes"),
        (lambda w: F.softmax(w, axes=1), r"softmax\(…, axes=…\) cannot be traced"),
        (lambda w: F.one_hot(w), "one_hot needs classes"),
        (lambda w: np.sum(w, dtype=float), "np.sum with these arguments"),
        (lambda w: w + "a", "cannot be traced"),
    ],
)
def test_what_cannot_be_traced_is_named_with_what_to_use(
    function: Callable[..., Any], message: str
) -> None:
    """One message: the call, and what is expected instead."""
    with pytest.raises(TracerError, match=message):
        record_function(function, {"w": (3,)}, {})


def test_every_operation_of_the_table_is_a_function() -> None:
    """`tracer.functions` has each of them, and a clear error for what it has not."""
    assert set(functions()) <= set(dir(F))
    with pytest.raises(AttributeError, match="did you mean softmax"):
        _ = F.sofmax


def test_a_batch_size_that_does_not_divide_is_refused_where_it_is_written_down() -> None:
    """len(x) differs in the last batch; np.mean does not mind."""
    data = {"x": [1.0, 2.0, 3.0]}
    rest = {"parameters": {"w": 1.0}, "learning_rate": 0.1, "epochs": 1, "batch_size": 2}

    def counted(w: Any, x: Any) -> Any:
        return np.sum(w * x) / len(x)

    with pytest.raises(TracerError, match="the last batch is smaller"):
        tracer.trace(counted, data=data, **rest)  # type: ignore[arg-type]
    run = tracer.trace(lambda w, x: np.mean((w * x) ** 2), data=data, **rest)  # type: ignore[arg-type]
    assert run.loss.tolist() == pytest.approx([2.5, 9 * (1 - 0.5) ** 2])
