from __future__ import annotations

import math
from typing import Any, cast

import pytest

from tracer.frozen import replace
from tracer.operations import table
from tracer.program.differentiate import lower_equations
from tracer.program.resolve import resolve_equations
from tracer.program.shapes import Shapes
from tracer.witness.elementary_algebra import PreciseAlgebra, as_float
from tracer.witness.symbolic_derivatives import tree_size
from tracer.witness.tape import WIDEST, Tape, TooLargeError, evaluate_steps, write_out

ELEMENTARY = {"input", "number"} | set(PreciseAlgebra(20).functions)


def _written(text: str, values: dict[str, Any], most: int = 10**6) -> Tape:
    given = {
        name: ((len(value),), value) if isinstance(value, list) else ((), [value])
        for name, value in values.items()
    }
    shapes = Shapes({name: shape for name, (shape, _) in given.items()})
    equations = resolve_equations(text, shapes, {}, where=str)
    return write_out(lower_equations(equations, shapes), given, shapes, most)


def _value(scalars: Tape, name: str, *index: int, digits: int = 40) -> float:
    step = scalars.entries[name, index]
    return as_float(
        evaluate_steps(scalars.steps, scalars.needed_steps(step), PreciseAlgebra(digits))[step]
    )


def test_only_elementary_operations_are_left() -> None:
    """Everything else is reached through definitions: no reading of a row that is judged."""
    text = (
        "out = gelu_tanh(x) + silu(x) + elu(x) + clipped_log(x) + max(stack([x, 2])) + softplus(x)"
    )
    scalars = _written(text, {"x": 0.7})
    assert {step.operation for step in scalars.steps} <= ELEMENTARY


def test_rows_are_not_asked_for_code_or_derivatives(monkeypatch: pytest.MonkeyPatch) -> None:
    """The value of tanh comes from exponentials, with the row's own code taken away."""
    row = replace(table()["tanh"], derivative=None, array="nonsense", scalar="nonsense")
    monkeypatch.setitem(cast("dict[str, Any]", table()), "tanh", row)
    assert _value(_written("out = tanh(x)", {"x": 0.3}), "out") == math.tanh(0.3)


@pytest.mark.parametrize("x", [-1000.0, 1000.0])
def test_plain_exponentials_do_not_overflow(x: float) -> None:
    """Definitions are evaluated where e**1000 is a number."""
    scalars = _written("a = sigmoid(x)\nb = tanh(x)\nc = softplus(x)", {"x": x})
    assert _value(scalars, "a") == (1.0 if x > 0 else 0.0)
    assert _value(scalars, "b") == math.copysign(1, x)
    assert _value(scalars, "c") == max(x, 0.0)


def test_the_same_operation_is_one_step() -> None:
    """What is written twice is computed once."""
    once = _written("out = exp(x)", {"x": 0.5})
    twice = _written("a = exp(x)\nout = a + exp(x)", {"x": 0.5})
    assert len(twice.steps) == len(once.steps) + 1


def test_copies_are_no_steps() -> None:
    """Reshaping, transposing and indexing move entries and compute nothing."""
    scalars = _written("a = reshape(x, (2, 2))\nb = a.T\nc = b[1]", {"x": [1.0, 2.0, 3.0, 4.0]})
    assert len(scalars.steps) == 4
    assert scalars.entries["c", (0,)] == scalars.entries["x", (1,)]


def test_wide_sums_are_sums_of_sums() -> None:
    """No step has many operands, however many terms a sum has, and none is lost."""
    values = [0.1 * place for place in range(100)]
    scalars = _written("out = sum(x)", {"x": values})
    assert max(len(step.operands) for step in scalars.steps) <= WIDEST
    assert _value(scalars, "out") == pytest.approx(sum(values), rel=1e-15)


def test_a_sum_of_thousands_needs_no_recursion() -> None:
    """The depth of an expression is bounded by memory only."""
    scalars = _written("out = mean(x * x)", {"x": [1.0] * 3000})
    assert _value(scalars, "out") == 1.0


def test_too_large_is_said_early() -> None:
    """Writing stops at the limit."""
    with pytest.raises(TooLargeError):
        _written("out = sum(exp(x))", {"x": [1.0] * 100}, most=50)


def test_shared_maximum_is_the_maximum() -> None:
    """The form that shares a derivative among equal entries has the value of the largest."""
    assert _value(_written("out = max(x)", {"x": [3.0, -1.0, 3.0, 2.0]}), "out") == 3.0


def test_tree_size_counts_what_is_written_twice() -> None:
    """One expression repeats what steps share."""
    scalars = _written("a = exp(x)\nout = a * a", {"x": 0.5})
    assert len(scalars.steps) == 3
    assert tree_size(scalars, scalars.entries["out", ()]) == 5


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("log(x)", -math.inf),
        ("sqrt(x - 1)", math.nan),
        ("log(x - 1)", math.nan),
        ("1 / x", math.nan),
        ("(x - 2)**0.5", math.nan),
        ("(x - 2)**3", -8.0),
        ("x**0", 1.0),
        ("x**2.5", 0.0),
        ("where(x, log(x), 7)", 7.0),
    ],
)
def test_functions_without_a_value(text: str, value: float) -> None:
    """Where a function has no real value there is no number, and a choice may pass it over."""
    found = _value(_written(f"out = {text}", {"x": 0.0}), "out")
    assert found == value or (math.isnan(found) and math.isnan(value))
