"""Intervals by themselves: operators hold every value, limits have reasons, nothing is loaded."""

from __future__ import annotations

import operator
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracer.intervals import (
    Interval,
    Unevaluable,
    exact_interval,
    exp,
    interval_between,
    log,
    power,
    sqrt,
)

ends = st.fractions(-5, 5, max_denominator=99)
intervals = st.tuples(ends, ends).map(lambda pair: Interval(min(pair), max(pair)))


@given(intervals, intervals, st.fractions(0, 1), st.fractions(0, 1))
def test_an_operator_holds_the_result_of_every_point(
    a: Interval, b: Interval, s: Fraction, t: Fraction
) -> None:
    """Wherever the operands stand within their bounds, the result is within its own."""
    x, y = a.low + s * (a.high - a.low), b.low + t * (b.high - b.low)
    operators: tuple[Callable[[Any, Any], Any], ...] = (operator.add, operator.sub, operator.mul)
    for function in operators:
        assert function(a, b).holds(function(x, y))
    assert (-a).holds(-x)
    assert abs(a).holds(abs(x))
    if b.holds(Fraction(0)):
        with pytest.raises(Unevaluable, match="division by 0"):
            a / b
    else:
        assert (a / b).holds(x / y)


@given(ends, ends)
def test_exact_numbers_stay_exact(x: Fraction, y: Fraction) -> None:
    """One number with one number is one number."""
    a, b = exact_interval(x), Interval(y)
    assert (a + b, a - b, a * b) == (
        exact_interval(x + y),
        exact_interval(x - y),
        exact_interval(x * y),
    )
    assert all(item.is_exact for item in (a + b, a - b, a * b, -a, abs(a)))
    assert hash(a + b) == hash(exact_interval(x + y))
    assert a.meets(b) == (x == y)


def test_equal_is_what_has_the_same_ends() -> None:
    """Intervals are told apart by their bounds, and are no tuples."""
    assert Interval(Fraction(1), Fraction(2)) == Interval(Fraction(1), Fraction(2))
    assert Interval(Fraction(1)) != Interval(Fraction(1), Fraction(2))
    assert Interval(Fraction(1)) != (Fraction(1), Fraction(1))
    assert repr(exact_interval(2)) == "Interval(2)"
    assert repr(interval_between(Fraction(1), Fraction(3, 2))) == "Interval(1, 3/2)"


def test_long_numbers_are_rounded_outward() -> None:
    """Ends get fewer digits on the safe side; a number that is exact becomes narrow bounds."""
    third = Fraction(3**500 + 1, 3**501)
    bounds = interval_between(third, third + 1)
    assert bounds.low < third
    assert bounds.high > third + 1
    assert bounds.low.denominator.bit_length() < 300
    long = exact_interval(Fraction(1, 3)) * exact_interval(Fraction(1, 3**1300))
    assert not long.is_exact
    assert long.holds(Fraction(1, 3**1301))


@pytest.mark.parametrize(
    ("work", "reason"),
    [
        (lambda: power(exact_interval(2), exact_interval(5000)), "more than 4,096 bits"),
        (lambda: exp(exact_interval(3000)), "exponential"),
        (lambda: interval_between(Fraction(0), Fraction(2**9000)), "too large"),
        (lambda: log(Interval(Fraction(-1), Fraction(1))), "logarithm"),
        (lambda: sqrt(exact_interval(-1)), "square root"),
        (lambda: exact_interval(1) / exact_interval(0), "division"),
    ],
)
def test_limits_have_a_reason(work: Callable[[], Interval], reason: str) -> None:
    """What is too large, and what has no value, says so."""
    with pytest.raises(Unevaluable, match=reason):
        work()


def test_no_library_is_loaded_for_bounds_that_need_none() -> None:
    """Mpmath is loaded by the first sine; NumPy and SymPy never are."""
    script = (
        "import sys\n"
        "from tracer.expression import parse\n"
        "from tracer.operations import vocabulary\n"
        "from tracer.intervals.enclosure import value_of\n"
        "value_of(parse('softmax([1, 2]) * tanh(0.5) + 2**0.5', vocabulary=vocabulary()))\n"
        "print(*(name in sys.modules for name in ('mpmath', 'numpy', 'sympy')))\n"
        "value_of(parse('sin(1)', vocabulary=vocabulary()))\n"
        "print(*(name in sys.modules for name in ('mpmath', 'numpy', 'sympy')))\n"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert result.stdout.split("\n")[:2] == ["False False False", "True False False"], result.stderr
