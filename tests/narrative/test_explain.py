"""`tracer explain`: every name that a derivation can print is explained, and proved."""

from __future__ import annotations

import math

import pytest

from tracer.errors import UnknownNameError
from tracer.narrative.explain import Proof, blocks, explain, names, notation
from tracer.narrative.steps import rules_of
from tracer.operations import table
from tracer.program.optimizers import OPTIMIZERS
from tracer.program.scenario import bundled, load
from tracer.render.plain import plain
from tracer.run.plans import Plans
from tracer.run.runner import first_batch
from tracer.witness.report import verify_scenario


def told(name: str) -> str:
    """Return an explanation as plain text."""
    explanation = explain(name)
    proofs = [Proof("a witness", 1e-16, 1e-9)] if explanation.example is not None else []
    return "".join(plain(blocks(explanation, proofs), notation(explanation)))


@pytest.mark.parametrize("name", names())
def test_every_name_is_explained_and_proved(name: str) -> None:
    """Operations, optimizers, rules: each is told without error, and its example is proved."""
    text = told(name)
    assert text.strip().startswith(name)
    assert "nan" not in text.split()
    example = explain(name).example
    if example is not None:
        verified = verify_scenario(example)
        assert verified.verdict is not None
        assert verified.passed


def test_every_operation_has_an_example() -> None:
    """A new row of the table comes with a call and its numbers."""
    rows = [row for row in table().values() if not row.inner]
    assert [row.name for row in rows if not row.example] == []


def test_operations_with_a_gradient_show_it() -> None:
    """A row with a derivative rule and operands has gradients, a worked example and a proof."""
    for row in table().values():
        explanation = None if row.inner else explain(row.name)
        if explanation is not None and row.derivative is not None and row.operands:
            assert explanation.gradients, row.name
            assert explanation.worked, row.name
            assert explanation.example is not None, row.name


@pytest.mark.parametrize("scenario", bundled())
def test_every_rule_that_a_derivation_prints_is_explained(scenario: str) -> None:
    """The rules of gradients and updates of the bundled scenarios, at both details."""
    known = set(names())
    loaded = load(scenario)
    for operations in (False, True):
        built = Plans(loaded, operations=operations).built(first_batch(loaded))
        for equation in built.program.phase("backward", "update"):
            if not equation.base:
                assert {rule.template for rule in rules_of(equation)} <= known, equation.name


def test_a_function_comes_with_its_curve() -> None:
    """From -5 to 5: the value of tanh and the derivative 1 - tanh², from the run itself."""
    plot = explain("tanh").plot
    assert plot is not None
    value, derivative = plot.series
    assert value.points[0][0] == -5
    assert value.points[-1][0] == 5
    for (x, y), (_, slope) in zip(value.points, derivative.points, strict=True):
        assert y == pytest.approx(math.tanh(x))
        assert slope == pytest.approx(1 - math.tanh(x) ** 2)


@pytest.mark.parametrize(("name", "first"), [("log", 0.1), ("sqrt", 0.1), ("exp", -5)])
def test_curves_keep_to_where_a_function_is_finite(name: str, first: float) -> None:
    """The logarithm's curve begins right of 0, where its derivative is a number."""
    plot = explain(name).plot
    assert plot is not None
    assert plot.series[0].points[0][0] == pytest.approx(first)


def test_the_derivative_in_steps_ends_where_the_rule_does() -> None:
    """By its rule, and by its definition one operation at a time, give one number."""
    explanation = explain("tanh")
    rule, steps = explanation.worked
    assert rule.steps[-1].name == steps.steps[-1].name == "dy/dx"
    assert steps.steps[-1].values[0] == pytest.approx(rule.steps[-1].values[0], rel=1e-12)
    assert len(steps.steps) > 10


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizers_show_equations_defaults_and_two_steps(name: str) -> None:
    """Each optimizer: its equations, the settings it has by default, two worked iterations."""
    explanation = explain(name)
    assert dict(explanation.defaults or {}) == dict(OPTIMIZERS[name].defaults)
    assert len(explanation.worked) == 2
    assert any(step.name == "w" for step in explanation.worked[0].steps)
    assert explanation.plot is not None


def test_users_are_the_bundled_scenarios_that_use_it() -> None:
    """The scenario xor has tanh in it, one_weight has not."""
    assert "xor" in explain("tanh").used_in
    assert "one_weight" not in explain("tanh").used_in
    assert "one_weight" in explain("power rule").used_in
    assert "one_weight" in explain("sgd").used_in


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Tanh", "tanh"),
        ("ln", "log"),
        ("σ", "sigmoid"),
        ("**", "power"),
        ("@", "matmul"),
        (" Chain  rule", "chain rule"),
    ],
)
def test_other_spellings_are_understood(written: str, name: str) -> None:
    """What equations may write, and capitals, lead to the same explanation."""
    assert explain(written).name == name


@pytest.mark.parametrize("name", ["", "(", "a b", "x" * 10_000, "__import__", "w1"])
def test_unknown_names_are_refused(name: str) -> None:
    """Anything else is one error that says where to look."""
    with pytest.raises(UnknownNameError, match="there is nothing to explain under"):
        explain(name)
