"""Gradients anywhere, products with the Hessian, and its largest eigenvalue."""

from __future__ import annotations

import math

import numpy as np
import pytest
import sympy

from tests.run.networks import scenario, written
from tracer.errors import RunError
from tracer.program.scenario import load
from tracer.run.diagnosis import Diagnosis
from tracer.run.loss_surface import (
    LossSurface,
    Vector,
    extreme_eigenvalues,
    hessian_curvature,
)
from tracer.run.runner import run_scenario


def _surface(name: str, *settings: str) -> LossSurface:
    return LossSurface(run_scenario(load(name, settings=settings)))


def test_the_hessian_is_that_of_sympy() -> None:
    """A hidden layer of two tanh units and a sigmoid, differentiated twice by SymPy."""
    network = written(
        "x = 0.7\ny = 0.2",
        "u = [0.4, -0.9]\nv = [1.1, 0.3]\nb = 0.1",
        "h = tanh(u * x)\np = sigmoid(sum(v * h) + b)\nloss = (p - y)**2",
        "learning_rate = 0.1\niterations = 2",
    )
    surface = LossSurface(run_scenario(network))
    letters = sympy.symbols("u1 u2 v1 v2 b")
    u1, u2, v1, v2, b = letters
    x, y = sympy.Rational(7, 10), sympy.Rational(1, 5)
    z = v1 * sympy.tanh(u1 * x) + v2 * sympy.tanh(u2 * x) + b
    loss = (1 / (1 + sympy.exp(-z)) - y) ** 2
    at = dict(zip(letters, (0.4, -0.9, 1.1, 0.3, 0.1), strict=True))
    expected = np.array(sympy.hessian(loss, letters).subs(at).evalf(), float)
    point = surface.start()
    places = {"u": (0, 1), "v": (2, 3), "b": (4,)}
    order = [place for name in surface.names for place in places[name]]
    assert np.allclose(_whole_hessian(surface, point), expected[np.ix_(order, order)], atol=1e-8)
    found = hessian_curvature(surface, point)
    assert found is not None
    ends = np.linalg.eigvalsh(expected)[[0, -1]]
    assert np.allclose([found.smallest, found.largest], ends, atol=1e-8)


def _whole_hessian(surface: LossSurface, point: Vector) -> Vector:
    """Return every entry of the Hessian, from its products with the unit vectors."""
    rows = np.array([surface.hessian_product(point, unit) for unit in np.eye(len(point))])
    return np.asarray((rows + rows.T) / 2)


@pytest.mark.parametrize("name", ["mlp_2_2_2", "rnn_language_model", "self_attention"])
def test_lanczos_finds_the_ends_of_the_dense_hessian(name: str) -> None:
    """A few products give both extreme eigenvalues that the whole matrix has."""
    surface = _surface(name)
    point = surface.start()
    values = np.linalg.eigvalsh(_whole_hessian(surface, point))
    found = extreme_eigenvalues(lambda v: surface.hessian_product(point, v), surface.size)
    assert found is not None
    assert np.allclose([found.smallest, found.largest], values[[0, -1]], rtol=1e-5, atol=1e-8)


@pytest.mark.parametrize("size", [1, 2, 40, 300])
def test_lanczos_finds_the_ends_of_any_symmetric_matrix(size: int) -> None:
    """Random matrices, a multiple of the identity and zeros."""
    random = np.random.default_rng(size)
    matrix = random.standard_normal((size, size))
    matrix = matrix + matrix.T + np.diag(3 * np.arange(size))
    values = np.linalg.eigvalsh(matrix)
    ends_of = (float(values[0]), float(values[-1]))
    cases = ((matrix, ends_of), (2 * np.eye(size), (2.0, 2.0)), (0 * matrix, (0.0, 0.0)))
    for whole, ends in cases:
        found = extreme_eigenvalues(lambda v, whole=whole: whole @ v, size)  # type: ignore[misc]
        assert found is not None
        scale = max(map(abs, ends))
        assert found.residual <= 1e-3 * scale
        assert abs(found.smallest - ends[0]) <= found.residual + 1e-9 * scale
        assert abs(found.largest - ends[1]) <= found.residual + 1e-9 * scale


def test_the_gradient_is_the_recorded_one_and_that_of_differences() -> None:
    """At the run's own parameters and at others."""
    trace = run_scenario(scenario("matrices"))
    surface = LossSurface(trace, 3)
    point = surface.start()
    gradients = [surface.gradients[name] for name in surface.names]
    recorded = [entry for name in gradients for entry in trace.iteration(3).floats(name)]
    assert surface.gradient_entries(point) == recorded
    other = point + 0.3
    for place in range(0, surface.size, 3):
        step = np.zeros(surface.size)
        step[place] = 1e-6
        slope = (surface.loss(other + step) - surface.loss(other - step)) / 2e-6
        derived = surface.gradient_entries(other)[place]
        assert math.isclose(derived, slope, rel_tol=1e-5, abs_tol=1e-8)


def test_plain_descent_leaves_a_minimum_above_the_largest_stable_rate() -> None:
    """Near the minimum of a curved loss, 2/λ divides the rates that stay from those that leave."""
    data, parameters = "x = [-1, 0.5, 1]\ny = [0, 1, 1]", "w = 0.5\nb = 0.1"
    equations = "p = sigmoid(w * x + b)\nloss = mse(p, y) + (w**2 + b**2) / 10"

    def trained(rate: float, start: dict[str, list[float]], count: int) -> dict[str, list[float]]:
        settings = [f"{name}={value[0]!r}" for name, value in start.items()]
        text = written(data, parameters, equations, f"learning_rate = {rate}\niterations = {count}")
        return run_scenario(text.with_overrides(settings)).final

    minimum = trained(1, {}, 2000)
    text = written(data, parameters, equations, "learning_rate = 0.1\niterations = 2")
    start = [f"{name}={value[0]!r}" for name, value in minimum.items()]
    surface = LossSurface(run_scenario(text.with_overrides(start)))
    found = hessian_curvature(surface, surface.start())
    assert found is not None
    assert found.rate_limit is not None
    beside = {name: [value[0] + 1e-3] for name, value in minimum.items()}
    for times, stays in ((0.97, True), (1.03, False)):
        final = trained(found.rate_limit * times, beside, 400)
        far = max(abs(final[name][0] - minimum[name][0]) for name in minimum)
        assert (far < 1e-3) == stays


def test_the_curvature_along_recorded_steps_never_exceeds_the_largest_eigenvalue() -> None:
    """Of a quadratic loss: a mean of eigenvalues is at most the largest."""
    trace = run_scenario(load("linear_regression", settings=["iterations=9"]))
    surface = LossSurface(trace)
    found = hessian_curvature(surface, surface.start())
    assert found is not None
    diagnosis = Diagnosis(trace)
    for number in range(1, 9):
        along = diagnosis.curvature(number)
        assert along is not None
        assert along <= found.largest * (1 + 1e-9)


def test_what_is_not_trained_or_not_finite_has_no_curvature() -> None:
    """Without a loss it is refused; where a gradient is nan there is none."""
    with pytest.raises(RunError, match="nothing is trained"):
        _surface("activations")
    network = written("x = 1", "w = -1", "loss = log(w * x)", "learning_rate = 1\niterations = 2")
    surface = LossSurface(run_scenario(network))
    assert hessian_curvature(surface, surface.start()) is None


@pytest.mark.parametrize(
    ("parameters", "equations", "kinks"),
    [
        ("w = 1\nb = -1", "loss = mse(relu(w * x + b), y)", True),
        ("w = 0\nb = 0.5", "loss = mean(abs(w * x + b - y)) + 1000000 * b + relu(w)", True),
        ("w = 1\nb = -1.5", "loss = mse(relu(w * x + b), y)", False),
        ("w = 0.5\nb = 0.5", "loss = mean(abs(w * x + b - y)) + 1000000 * b", False),
        ("w = 0.5\nb = 0.5", "loss = mse(tanh(w * x + b), y)", False),
    ],
)
def test_a_loss_has_no_curvature_at_a_kink(parameters: str, equations: str, kinks: bool) -> None:
    """There a difference of gradients doubles with half the step; beside it, it stays."""
    network = ("x = [1, 2]\ny = [3, 1]", parameters, equations)
    surface = LossSurface(run_scenario(written(*network, "learning_rate = 0.1\niterations = 2")))
    assert (surface.uncertainty(surface.start()) is None) is kinks
    assert (hessian_curvature(surface, surface.start()) is None) is kinks


def test_a_curvature_within_the_error_of_its_differences_is_0() -> None:
    """The second derivative of (ln 2w + 1)² is 0 at 1/2; beside it, it is small and not 0."""
    for at, is_flat in (("0.5", True), ("0.5001", False)):
        trace = run_scenario(
            written(
                "x = 2",
                f"w = {at}",
                "loss = (log(x * w) + 1)**2",
                "learning_rate = 0.1\niterations = 2",
            )
        )
        surface = LossSurface(trace)
        found = hessian_curvature(surface, surface.start())
        assert found is not None
        assert (found.largest == 0) is is_flat
        assert is_flat or found.smallest == pytest.approx(-0.0016, rel=0.01)


def test_a_curvature_that_is_nothing_beside_the_other_is_0() -> None:
    """Of w and b in w + b a Hessian has one eigenvalue that is 0: no rate follows from noise."""
    trace = run_scenario(
        written(
            "x = 1\ny = 0.9",
            "w = -6\nb = 0",
            "loss = (tanh(w * x + b) - y)**2",
            "learning_rate = 0.1\niterations = 2",
        )
    )
    surface = LossSurface(trace)
    found = hessian_curvature(surface, surface.start())
    assert found is not None
    assert found.largest == 0 > found.smallest
