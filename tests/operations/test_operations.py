"""Every operation, on awkward inputs: its readings agree, and witnesses prove its gradients."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import cast

import numpy as np
import pytest

from tests.operations.cases import CASES, EXTREMES, KINKS, Case, Extreme, Kink
from tests.operations.readings import (
    Problem,
    flat,
    hessian_product,
    problem,
    run_arrays,
    run_scalars,
)
from tracer.errors import LanguageError
from tracer.expression.syntax import Call, walk
from tracer.frozen import replace
from tracer.operations import Operation, table, usage
from tracer.operations.array_shape import indices_of
from tracer.operations.operation import operation
from tracer.program.differentiate import lower_equations
from tracer.program.shapes import Shapes
from tracer.witness.elementary_algebra import PreciseAlgebra, as_float
from tracer.witness.tape import evaluate_steps, write_out
from tracer.witness.verification import Verdict

CLOSE = 1e-12


def _of(case: Case) -> Problem:
    return problem(case.text, case.inputs, case.fixed)


def _complaints(verdict: Verdict) -> list[str]:
    return [f"{witness.name}: {item}" for witness in verdict.witnesses for item in witness.failures]


def test_every_operation_has_a_row_of_cases() -> None:
    """Each public operation of the table has cases that use it."""
    public = {row.name for row in table().values() if not row.inner}
    different = public ^ {case.operation for case in CASES}
    assert not different, "tests/operations/cases.py has to have cases of these, and of no others"


def first_of_each(cases: Iterable[Case], proofs: Iterable[str] = ()) -> Iterator[object]:
    """Yield cases: the first of an operation guards, the others and some operations' prove."""
    operations = set(proofs)
    for case in cases:
        yield pytest.param(case, marks=[pytest.mark.proof] * (case.operation in operations))
        operations.add(case.operation)


def _operations_used(work: Problem) -> set[str]:
    return {
        node.operation
        for equation in work.equations
        for node in walk(equation.expression)
        if isinstance(node, Call)
    }


@pytest.mark.parametrize("case", [*first_of_each(CASES)], ids=str)
def test_gradients_are_proved(case: Case) -> None:
    """SymPy and differences agree with the gradients that the rule of the case's row writes."""
    work = _of(case)
    written = {"gather": "index", "dropout": "dropout_with"}.get(case.operation, case.operation)
    assert written in _operations_used(work)
    verdict = work.judged()
    assert _complaints(verdict) == []
    assert len(verdict.witnesses) >= 2
    assert not any(
        item.excuse for witness in verdict.witnesses for item in witness.parameters.values()
    )


@pytest.mark.parametrize("case", [*first_of_each(CASES)], ids=str)
def test_value_readings_agree(case: Case) -> None:
    """Scalar code, array code and element forms give one value, forward and backward."""
    _readings_agree(_of(case), CLOSE)


def _readings_agree(work: Problem, close: float) -> None:
    equations = work.all_equations
    arrays = run_arrays(equations, work.values, work.shapes)
    scalars = run_scalars(equations, work.values, work.shapes)
    shapes = Shapes({name: work.shapes[name] for name in work.shapes.names()})
    written = write_out(lower_equations(equations, shapes), work.witness_values(), shapes, 10**6)
    numbers = evaluate_steps(written.steps, range(len(written.steps)), PreciseAlgebra(30))
    for equation in equations:
        forms = [
            as_float(numbers[written.entries[equation.name, index]])
            for index in indices_of(equation.shape)
        ]
        for reading in (arrays, scalars):
            np.testing.assert_allclose(
                flat(reading[equation.name]), forms, rtol=close, atol=close, err_msg=equation.name
            )


FLAT = {"accuracy", "argmax", "first_max", "even_max", "equal", "sign", "step", "stop_gradient"}
SMOOTH = [case for case in CASES if case.operation not in FLAT and case.text != "x**0"]


# One of each kind of rule: elementwise, products, sums, indices, windows.
TWICE = {"multiply", "power", "matmul", "tanh", "softmax", "mean", "mse", "index", "conv1d"}


@pytest.mark.parametrize(
    "case", [*first_of_each(SMOOTH, {case.operation for case in SMOOTH} - TWICE)], ids=str
)
def test_backward_pass_can_be_differentiated_again(case: Case) -> None:
    """A Hessian-vector product agrees with SymPy and with differences of the gradient."""
    verdict = hessian_product(_of(case)).judged()
    assert _complaints(verdict) == []
    assert len(verdict.witnesses) >= 2


@pytest.mark.parametrize("kink", KINKS, ids=str)
def test_convention_at_a_kink(kink: Kink) -> None:
    """At a kink the gradient is the documented one; SymPy's forms follow the same convention."""
    work = problem(kink.text, {"x": kink.x, **kink.inputs}, frozenset(kink.inputs), weighted=False)
    (gradient,) = work.gradient_arrays().values()
    np.testing.assert_allclose(gradient, np.array(kink.gradient, dtype=float), rtol=1e-15, atol=0)
    verdict = work.judged()
    assert _complaints(verdict) == []
    assert verdict.kinks
    assert not any(item.excuse for item in verdict.witnesses[0].parameters.values())


@pytest.mark.parametrize("extreme", EXTREMES, ids=str)
def test_extreme_inputs_stay_finite(extreme: Extreme) -> None:
    """Far out, the loss and its gradient are finite, in both kinds of code, and right."""
    work = problem(extreme.text, {"x": extreme.x, **extreme.inputs}, frozenset(extreme.inputs))
    for run in (run_arrays, run_scalars):
        values = run(work.all_equations, work.values, work.shapes)
        for equation in work.all_equations:
            assert np.isfinite(values[equation.name]).all(), (run, equation.name)
    if extreme.proved:
        assert _complaints(work.judged()) == []
        _readings_agree(work, 1e-11)


def test_clipped_losses_follow_pytorch() -> None:
    """At probabilities 0 and 1 the clipped losses have PyTorch's values and gradients."""
    work = problem("bce(x, y)", {"x": [0.0, 1.0], "y": [1.0, 1.0]}, frozenset("y"), weighted=False)
    values = run_arrays(work.all_equations, work.values, work.shapes)
    assert values["loss"] == pytest.approx(50.0)
    assert flat(work.gradient_arrays()["x"]) == [-0.5e12, 0.0]
    work = problem("nll(x, y)", {"x": [[0.0, 1.0]], "y": [0]}, weighted=False)
    values = run_arrays(work.all_equations, work.values, work.shapes)
    assert values["loss"] == 100.0
    assert flat(work.gradient_arrays()["x"]) == pytest.approx([-math.exp(100), 0.0])


def test_usage_says_defaults_as_people_write_them() -> None:
    """A half is 0.5 and not a fraction of Python's."""
    assert usage(table()["dropout"]) == "dropout(x, rate=0.5, seed=0)"
    assert usage(table()["layer_norm"]) == "layer_norm(x, gain=1, bias=0, epsilon=1e-05)"


def test_an_attribute_of_no_kind_is_refused() -> None:
    """Each static attribute has a test of what a person may write for it."""
    with pytest.raises(ValueError, match="the attribute 'colour:paint=1' needs a kind"):
        operation(
            *("painted", "x; colour:paint=1"),
            shape=lambda x, colour: x,
            element=lambda index, x, colour: x(*index),
            array="{0}",
            derivative=None,
            rule="",
            words="",
        )


@pytest.fixture
def multiple() -> Iterator[Operation]:
    """A row for `multiple(x, count=2)`, which is gone after the test."""
    row = operation(
        *("multiple", "x; count:count=2"),
        shape=lambda x, count: x,
        definition=lambda x, count: x * count,
        derivative=lambda g, out, x, count: (g * count,),
        rule="constant factor rule",
        words="x so many times",
    )
    yield row
    del cast("dict[str, Operation]", table())["multiple"]


def test_a_new_attribute_is_in_its_row_alone(multiple: Operation) -> None:
    """An operation with an attribute that no other has is read, proved and refused by its row."""
    assert usage(multiple) == "multiple(x, count=2)"
    work = problem("multiple(x, count=3)", {"x": [0.3, -1.0]})
    assert _complaints(work.judged()) == []
    _readings_agree(work, CLOSE)
    with pytest.raises(LanguageError) as raised:
        problem("multiple(x, count=-1)", {"x": [0.3, -1.0]})
    assert str(raised.value.expected) == "a whole number, 0 or more"


def test_a_wrong_rule_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A derivative rule with a wrong sign does not get past any witness."""
    wrong = replace(table()["tanh"], derivative=lambda g, out, x: (g * (1 + out**2),))
    monkeypatch.setitem(cast("dict[str, Operation]", table()), "tanh", wrong)
    verdict = problem("tanh(x)", {"x": [0.3, -1.0]}).judged()
    assert not verdict.passed
    assert len(verdict.witnesses) == 4
    assert all(witness.failures for witness in verdict.witnesses)
