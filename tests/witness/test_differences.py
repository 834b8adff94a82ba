from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import pytest

from tracer.witness.differences import even_sample, float_differences


@pytest.mark.parametrize(
    ("function", "x", "slope"),
    [
        (lambda x: x**3, 2.0, 12.0),
        (math.exp, -3.0, math.exp(-3)),
        (lambda x: math.sin(100 * x), 0.3, 100 * math.cos(30)),
        (lambda x: 1e6 + x, 0.5, 1.0),
        (lambda x: abs(x - 1.0005), 1.0, -1.0),
        (lambda x: x, 0.0, 1.0),
    ],
)
def test_the_best_step_is_found(function: object, x: float, slope: float) -> None:
    """Curved, noisy and bent functions have a step size that serves, and it is found."""
    assert callable(function)

    def loss(parameters: Mapping[str, Sequence[float]]) -> float:
        return float(function(parameters["x"][0]))

    value, error = float_differences(loss, {"x": [x]}, [("x", 0)])["x", 0]
    assert value == pytest.approx(slope, rel=1e-6)
    assert abs(value - slope) <= max(10 * error, 1e-9)


def test_parameters_are_put_back() -> None:
    """Each entry moves alone."""
    seen: list[tuple[float, ...]] = []

    def loss(parameters: Mapping[str, Sequence[float]]) -> float:
        seen.append(tuple(parameters["w"]))
        return sum(parameters["w"])

    float_differences(loss, {"w": [1.0, 2.0]}, [("w", 0), ("w", 1)])
    assert all(first == 1.0 or second == 2.0 for first, second in seen)


def test_a_sample_is_always_the_same() -> None:
    """The sample is drawn with a seed of its own, in order, without repeats."""
    [first] = even_sample([range(1000)], 50)
    assert [first] == even_sample([range(1000)], 50)
    assert first == sorted(set(first))
    assert len(first) == 50
    assert even_sample([range(10)], 50) == [list(range(10))]


def test_a_sample_takes_of_each_group() -> None:
    """A bias of three entries is looked at beside a matrix of thousands."""
    matrix, bias, other = even_sample([range(1000), range(1000, 1003), range(2000, 2100)], 50)
    assert len(matrix) + len(bias) + len(other) == 50
    assert bias == [1000, 1001, 1002]
    assert len(matrix) >= 23
