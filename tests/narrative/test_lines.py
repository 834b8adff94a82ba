"""Every printed line's result follows from the numbers printed on it."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest

from tracer.expression import Array, Call, Dialect, Node, Number, parse, render
from tracer.narrative.derivation import Options, StepSource, notation_of
from tracer.narrative.steps import Step
from tracer.operations import vocabulary
from tracer.program.scenario import bundled, load
from tracer.run.runner import run_scenario
from tracer.run.trace import Trace

DIGITS = (3, 4, 6, 10)
DIALECTS: tuple[Dialect, ...] = ("ascii", "unicode", "latex")

# What a calculator would do, and nothing of the project: the judge must not be the judged.
CALCULATOR: dict[str, Callable[..., Any]] = {
    "add": np.add,
    "subtract": np.subtract,
    "multiply": np.multiply,
    "divide": np.divide,
    "power": np.power,
    "matmul": np.matmul,
    "negative": np.negative,
    "transpose_last": np.transpose,
    "outer": np.outer,
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "tanh": np.tanh,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "maximum": np.maximum,
    "sum": lambda x, axis=None, keepdims=False: np.sum(x, axis=axis, keepdims=keepdims),
    "mean": np.mean,
    "mse": lambda a, b: np.mean((a - b) ** 2),
    "half_squared_error": lambda a, b: np.sum((a - b) ** 2) / 2,
    "squared_error": lambda a, b: np.sum((a - b) ** 2),
    "bce": lambda p, y: -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)),
    "clipped_log": np.log,
    "zeros": lambda *shape: np.zeros(shape),
}


def calculated(node: Node) -> Any:
    """Return the value of an expression of numbers."""
    if isinstance(node, Number):
        return float(node.value)
    if isinstance(node, Array):
        return np.array([calculated(item) for item in node.items])
    assert isinstance(node, Call), node
    keywords = {key: int(value.value) for key, value in node.keywords if isinstance(value, Number)}
    return CALCULATOR[node.operation](*map(calculated, node.arguments), **keywords)


def follows(shown: str, result: str, dialect: Dialect, digits: int) -> bool:
    """Tell whether the text of a result is the value of the text before it, rounded."""
    left = np.ravel(calculated(parse(shown, dialect, vocabulary=vocabulary())))
    right = np.ravel(calculated(parse(result, dialect, vocabulary=vocabulary())))
    return left.shape == right.shape and all(
        abs(value - figure) <= max(0.5 * _unit(figure, digits), 1e-13 * abs(value))
        for value, figure in zip(left, right, strict=True)
    )


def _unit(figure: float, digits: int) -> float:
    """Return one unit in the last of so many significant digits."""
    if figure == 0:
        return 1e-15
    return float(10.0 ** (math.floor(math.log10(abs(figure))) - digits + 1)) * 1.000001


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
@pytest.mark.parametrize("name", bundled())
def test_every_line_follows_from_its_printed_numbers(name: str, digits: int, detail: str) -> None:
    """Read back what is printed, in each dialect, and work it out again with a calculator."""
    trace = traced(name)
    notation = notation_of(trace)
    steps = worked_steps(name, digits, detail)
    assert steps
    about = 0
    for step in steps:
        assert step.substituted is not None and step.result is not None
        if not step.follows:
            about += 1
            continue
        for dialect in DIALECTS:
            shown = render(step.substituted, dialect, vocabulary=vocabulary(), notation=notation)
            result = render(step.result, dialect, vocabulary=vocabulary(), notation=notation)
            assert follows(shown, result, dialect, digits), (step.name, shown, result)
    assert about <= len(steps) // 50


def test_the_judge_sees_a_line_that_does_not_follow() -> None:
    """0.009 * 0.050 = 0.000, which a renderer of fixed digits prints, is caught."""
    assert not follows("0.009 * 0.050", "0", "ascii", 3)
    assert not follows("0.5 - 0.1 * (-3)", "0.81", "ascii", 6)
    assert follows("0.5 - 0.1 * (-3)", "0.8", "ascii", 6)
