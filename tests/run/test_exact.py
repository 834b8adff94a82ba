"""A run in fractions: each equation by itself, and why one has none."""

from __future__ import annotations

from fractions import Fraction

import pytest

from tracer.errors import LimitError, RunError
from tracer.program.scenario import loads
from tracer.run.exact import Exact
from tracer.run.runner import run_scenario
from tracer.run.trace import Trace

NEURON = """
title = "One neuron"
[data]
x = 0.25
y = 1
[parameters]
w = 0.5
[network]
equations = '''
{equations}
loss = (a - y)**2
'''
loss = "loss"
[training]
optimizer = "sgd"
learning_rate = 0.1
iterations = 60
"""


def traced(equations: str) -> Trace:
    """Return a run of one neuron."""
    return run_scenario(loads(NEURON.format(equations=equations)))


def test_what_follows_a_sigmoid_is_no_fraction() -> None:
    """The net input is a fraction, the activation and all after it are none, in each iteration."""
    exact = Exact(traced("z = w * x\na = sigmoid(z)"))
    assert exact.entries("z", 1) == [Fraction(1, 8)]
    assert exact.entries("a", 1) is None
    assert exact.entries("loss", 1) is None
    assert exact.entries("w'", 1) is None
    assert exact.entries("x", 2) == [Fraction(1, 4)]
    assert exact.entries("z", 2) is None  # its weight went through the sigmoid


def test_the_first_reason_is_the_one_that_is_said() -> None:
    """All of an iteration or an error that names the operation, not what depends on it."""
    exact = Exact(traced("z = w * x\na = sigmoid(z)"))
    with pytest.raises(RunError, match=r"sigmoid\(x\) has no fraction"):
        exact.values(1)


@pytest.mark.parametrize("constant", ["pi", "sqrt(2)", "x**0.5"])
def test_a_float_is_not_taken_for_a_fraction(constant: str) -> None:
    """The digits of pi that a plan computes with are no exact value of it."""
    exact = Exact(traced(f"a = w * {constant}"))
    assert exact.entries("a", 1) is None
    with pytest.raises(RunError, match="has no fraction"):
        exact.values(1)


def test_a_mask_is_no_fraction() -> None:
    """What a mask hides is minus infinity: masked scores have no fraction, nor their weights."""
    exact = Exact(traced("s = causal_mask([[1, 2], [3, 4]])\na = w * sum(softmax(s))"))
    assert exact.entries("s", 1) is None
    with pytest.raises(RunError, match="s has no fraction in iteration 1"):
        exact.values(1)
    exact = Exact(traced("a = w * sum(softmax(causal_mask([[1, 2], [3, 4]])))"))
    with pytest.raises(RunError, match=r"exp\(x\) has no fraction"):
        exact.values(1)


def test_a_division_by_zero_is_said_with_its_iteration() -> None:
    """What has no value at all has no fraction."""
    exact = Exact(traced("a = w / (x - 0.25)"))
    with pytest.raises(RunError, match="a has no fraction in iteration 1"):
        exact.values(1)


def test_long_fractions_are_known_for_longer_than_they_are_printed() -> None:
    """Beyond 40 digits nothing is printed; what is not much longer is still worked with."""
    exact = Exact(traced("a = w * x"))
    number = next(n for n in range(1, 60) if any(_is_long(exact, n)))
    assert exact.values(number - 1)
    with pytest.raises(LimitError, match=f"exceed 40 digits in iteration {number}"):
        exact.values(number)
    assert exact.entries("w'", number) is not None
    assert exact.entries("w'", 60) is None


def _is_long(exact: Exact, number: int) -> list[bool]:
    equations = ("a", "loss", "dloss/da", "dloss/dw", "w'")
    entries = [entry for name in equations for entry in exact.entries(name, number) or ()]
    return [max(abs(entry.numerator), entry.denominator) > 10**40 for entry in entries]
