"""The update of a linear model as a map: exact, and what the run does."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy

from tests.run.networks import written
from tracer.program.scenario import load
from tracer.run.diagnosis import Diagnosis
from tracer.run.exact import Exact
from tracer.run.runner import run_scenario
from tracer.run.trace import Trace
from tracer.run.update_map import UpdateMap, solve_linear, update_map

LINE = ("x = [1, 2, 4]\ny = [1, 3, 2]", "w = 0.5\nb = 0", "loss = mse(w * x + b, y)")
VALLEY = ("x = 1", "w = [3, 1]", "loss = w[0]**2 + 5 * w[1]**2 + x")
TWINS = ("x = 1\ny = 3", "u = 1\nv = 0", "loss = (u * x + v * x - y)**2")


def _run(network: tuple[str, str, str], rate: float | str = 0.05, more: str = "") -> Trace:
    return run_scenario(written(*network, f"learning_rate = {rate}\niterations = 12\n{more}"))


def _map(trace: Trace) -> UpdateMap:
    found = update_map(trace)
    assert found is not None
    return found


def test_one_weight_is_known_for_all_iterations() -> None:
    """w* = 2, factor 0.8, w_t = 2 − 1.5·0.8^t, convergence below 1, one step at 0.5."""
    trace = run_scenario(load("one_weight", settings=["iterations=9"]))
    found = _map(trace)
    assert found.is_plain
    assert [*(found.fixed_point or ()), *(found.minimum or ())] == [2, 2]
    assert found.factors == [Fraction(4, 5)]
    assert (found.rate_limit, found.fastest_rate) == (1, (Fraction(1, 2), 0))
    assert found.settled_loss == 0
    exact = Exact(trace)
    for number in range(1, 10):
        values = exact.values(number)
        closed = 2 - Fraction(3, 2) * Fraction(4, 5) ** number
        assert values["w'"] == [closed]
        assert values["w"] == [2 - Fraction(3, 2) * Fraction(4, 5) ** (number - 1)]


@pytest.mark.parametrize("name", ["linear_regression", "optimizers", "one_weight_sum"])
def test_the_map_leads_where_the_run_leads(name: str) -> None:
    """A z + b, again and again, is what the exact run records."""
    trace = run_scenario(load(name))
    found, exact = _map(trace), Exact(trace)
    point = list(found.start)
    for number in range(1, min(len(trace), 4) + 1):
        rows = zip(found.matrix, found.offset, strict=True)
        point = [sum(a * z for a, z in zip(row, point, strict=True)) + b for row, b in rows]
        for (parameter, at), value in zip(found.places, point, strict=True):
            entries = exact.entries(trace.program.carried[parameter], number)
            assert entries is not None
            assert entries[at] == value


@pytest.mark.parametrize("network", [LINE, TWINS])
def test_hessian_and_eigenvalues_are_those_of_sympy(network: tuple[str, str, str]) -> None:
    """SymPy differentiates the loss written out by hand, and solves the same equations."""
    w, b = sympy.symbols("w b")
    if network is LINE:
        points = [(1, 1), (2, 3), (4, 2)]
        loss = sum((w * x + b - y) ** 2 for x, y in points) / sympy.Integer(3)
    else:
        loss = (w + b - 3) ** 2
    hessian = sympy.hessian(loss, (w, b))
    found = _map(_run(network))
    assert [[sympy.Rational(entry) for entry in row] for row in found.hessian] == hessian.tolist()
    values = sorted(map(float, hessian.eigenvals(multiple=True)))
    assert all(
        math.isclose(float(one), two, abs_tol=1e-9)
        for one, two in zip(found.eigenvalues, values, strict=True)
    )
    if network is LINE:
        solution = sympy.solve([loss.diff(w), loss.diff(b)], (w, b))
        assert found.minimum is not None
        assert [sympy.Rational(entry) for entry in found.minimum] == [solution[w], solution[b]]
        assert found.settled_loss is not None
        assert sympy.Rational(found.settled_loss) == loss.subs(solution)


def test_a_loss_that_cannot_be_zero_has_the_lowest_one_stated() -> None:
    """No line goes through three points that lie on none: repeating does not reach 0."""
    found = _map(_run(LINE))
    assert found.settled_loss == Fraction(25, 42)
    trace = run_scenario(written(*LINE, "learning_rate = 0.1\niterations = 3000"))
    assert math.isclose(trace.floats("loss")[-1], 25 / 42, rel_tol=1e-9)


def test_where_there_are_many_minima_descent_goes_to_the_nearest() -> None:
    """U + v = 3 is a line of minima; from (1, 0) descent goes straight to (2, 1)."""
    found = _map(_run(TWINS, 0.1))
    assert list(found.minimum or ()) == [2, 1]
    final = run_scenario(written(*TWINS, "learning_rate = 0.1\niterations = 200")).final
    assert math.isclose(final["u"][0], 2, rel_tol=1e-9)
    assert math.isclose(final["v"][0], 1, rel_tol=1e-9)


@pytest.mark.parametrize("network", [LINE, VALLEY])
def test_below_the_limit_it_converges_and_above_it_does_not(network: tuple[str, str, str]) -> None:
    """The run itself changes at 2/λ, and the eigenvalues of the map say the same."""
    found = _map(_run(network))
    assert found.rate_limit is not None
    limit = float(found.rate_limit)
    assert found.measured_limit is not None
    assert math.isclose(found.measured_limit, limit, rel_tol=1e-9)
    training = "iterations = 400\nlearning_rate = "
    below = Diagnosis(run_scenario(written(*network, f"{training}{limit * 0.99:.9f}")))
    above = Diagnosis(run_scenario(written(*network, f"{training}{limit * 1.01:.9f}")))
    assert below.verdict != "diverges"
    assert above.verdict == "diverges"


@pytest.mark.parametrize(
    "network",
    [
        ("x = 1", "w = 0.5", "loss = 5 * x - (w - 1)**2"),
        ("x = 1", "w = 0.5\nv = 0.5", "loss = 5 * x + w**2 - v**2"),
    ],
    ids=["concave", "saddle"],
)
def test_a_point_of_zero_gradient_is_no_minimum_where_the_loss_curves_downwards(
    network: tuple[str, str, str],
) -> None:
    """Descent leaves it at any rate, so that nothing is said to converge."""
    found = _map(_run(network, 0.1))
    assert found.is_stationary
    assert found.minimum is None
    assert found.rate_limit is None
    assert not found.converges


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "nesterov"])
def test_with_weight_decay_descent_goes_to_the_fixed_point_of_the_map(optimizer: str) -> None:
    """It is where H w + g + λ w = 0, where the run ends; the gradient of the loss is not 0."""
    more = f'optimizer = "{optimizer}"\nweight_decay = 0.3'
    found = _map(_run(LINE, 0.05, more))
    training = f"learning_rate = 0.05\niterations = 3000\n{more}"
    final = run_scenario(written(*LINE, training)).final
    assert found.fixed_point is not None
    assert np.allclose([float(at) for at in found.fixed_point], [final["w"][0], final["b"][0]])
    assert found.converges
    assert found.minimum is None


def test_weight_decay_with_a_direction_in_which_the_loss_is_flat() -> None:
    """The limit and the factor are those of NumPy's eigenvalues of I − η (H + λ I)."""
    network = ("x = [1, 2]\ny = [3, 1]", "w = 0.5\nb = 0.5\nc = 3", "loss = mse(w*x+b, y) + 0*c")
    found = _map(_run(network, 0.1, "weight_decay = 0.5"))
    decayed = np.array([[5, 3, 0], [3, 2, 0], [0, 0, 0]]) + 0.5 * np.eye(3)
    values = np.linalg.eigvalsh(decayed)
    assert math.isclose(found.radius(), max(abs(1 - 0.1 * values)))
    assert found.rate_limit is not None
    assert math.isclose(found.rate_limit, 2 / values[-1], rel_tol=1e-6)


def test_at_the_rate_zero_and_above_the_limit_descent_goes_nowhere() -> None:
    """At 0 each point is a fixed one; above the limit steps leave the minimum."""
    assert _map(_run(LINE, 0)).fixed_point is None
    found = _map(_run(LINE, 2))
    assert found.minimum is not None
    assert not found.converges


def test_small_curvatures_are_no_flat_directions() -> None:
    """A Hessian of 1e-10 in both directions has none that is flat."""
    network = (
        "x = [[1e-5, 0], [0, 1e-5]]\ny = [1, 2]",
        "w = [0.0, 0.0]",
        "loss = mse(x @ w, y)",
    )
    found = _map(_run(network, 1000000000))
    assert found.flat_directions == 0
    assert found.converges


def test_no_rate_is_faster_than_the_fastest() -> None:
    """At rates beside it the slowest direction is slower."""
    found = _map(_run(LINE))
    fastest = found.fastest_rate
    assert fastest is not None
    rate, factor = map(float, fastest)
    assert math.isclose(found.radius(rate), factor, rel_tol=1e-9)
    assert all(found.radius(rate * times) > factor for times in (0.9, 0.99, 1.01, 1.1))


def test_momentum_converges_up_to_its_own_limit() -> None:
    """2(1 + β)/λ, as the textbook has it, though nothing here knows momentum."""
    trace = run_scenario(load("optimizers").variant("momentum"))
    found = _map(trace)
    training = trace.scenario.training
    assert training is not None
    beta = float(training.settings.get("beta", training.settings.get("momentum", 0)))
    assert not found.is_plain
    assert found.measured_limit is not None
    assert math.isclose(found.measured_limit, 2 * (1 + beta) / 10, rel_tol=1e-6)


@pytest.mark.parametrize(
    "trace",
    [
        lambda: _run(("x = 2\ny = 1", "w = 0.5", "loss = (relu(w * x) - y)**2")),
        lambda: _run(("x = 2\ny = 1", "w = 0.5", "loss = (w**2 * x - y)**2")),
        lambda: _run(("x = 2\ny = 1", "w = 0.5", "loss = (tanh(w * x) - y)**2")),
        lambda: _run(LINE, 0.1, 'optimizer = "adam"'),
        lambda: _run(LINE, 0.1, "batch_size = 1"),
    ],
    ids=["relu", "square", "tanh", "adam", "batches"],
)
def test_what_is_not_affine_is_no_map(trace: object) -> None:
    """A bend, a power, a root or other samples: none is taken for a straight line."""
    assert callable(trace)
    assert update_map(trace()) is None


def test_a_system_of_equations_has_one_solution_none_or_many() -> None:
    """Elimination in fractions; of many solutions one is given only where that is asked for."""

    def fractions(*numbers: object) -> Any:
        return np.vectorize(Fraction, otypes=[object])(np.array(numbers))

    square, flat = fractions([2, 1], [1, 3]), fractions([1, 1], [2, 2])
    assert list(solve_linear(square, fractions(5, 5)) or ()) == [2, 1]
    assert solve_linear(flat, fractions(1, 2)) is None
    assert list(solve_linear(flat, fractions(1, 2), any_of_them=True) or ()) == [1, 0]
    assert solve_linear(flat, fractions(1, 3), any_of_them=True) is None
