"""What a network with two inputs answers over their plane."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

import math

import pytest

from tracer.frozen import replace
from tracer.program.scenario import load, loads
from tracer.run.output_plane import OutputPlane, OutputPlanes
from tracer.run.runner import run_scenario


def plane_of(name: str, number: int, *settings: str) -> OutputPlane:
    found = OutputPlanes(run_scenario(load(name, settings=settings))).at(number)
    assert found is not None
    return found


def test_the_predictions_are_those_that_the_run_recorded() -> None:
    trace = run_scenario(load("xor", settings=["iterations=9"]))
    planes = OutputPlanes(trace)
    for number in (1, 5, 9):
        plane = planes.at(number)
        assert plane is not None
        assert (plane.inputs, plane.output, plane.target) == ("X", "p", "y")
        assert plane.predictions == pytest.approx(trace.iteration(number).floats("p"))


def test_each_point_of_the_plane_is_the_forward_pass_at_its_place() -> None:
    plane = plane_of("linear_regression", 1)
    for row, y in zip(plane.values, plane.up, strict=True):
        assert row == pytest.approx([0.5 * x + 0.5 * y for x in plane.across])


def test_the_number_after_the_last_has_the_parameters_at_the_end() -> None:
    """The perceptron has learned AND when it stops, and at its start it has one of four wrong."""
    trace = run_scenario(load("perceptron"))
    planes = OutputPlanes(trace)
    first, last = planes.at(1), planes.at(len(trace) + 1)
    assert first is not None
    assert last is not None
    assert first.right == [True, True, True, False]
    assert last.right == [True] * 4
    assert last.middle == 0.5


def test_of_several_outputs_the_loss_decides() -> None:
    """Its last one is drawn for comparison alone; the network is trained on the other."""
    assert plane_of("no_activation", 1).output == "y_two"


def test_targets_that_are_no_two_classes_are_neither_right_nor_wrong() -> None:
    assert plane_of("linear_regression", 1).right is None


@pytest.mark.parametrize("name", ["one_weight", "mlp_2_2_2", "batch_norm", "rnn_step"])
def test_a_network_whose_samples_are_not_answered_one_by_one_has_no_plane(name: str) -> None:
    """One input, two outputs, samples that are normalized together, and time steps."""
    planes = OutputPlanes(run_scenario(load(name)))
    assert not planes.are_there
    assert planes.at(1) is None


def test_an_answer_that_is_not_finite_is_not_right() -> None:
    plane = replace(plane_of("xor", 1), predictions=[math.nan, math.inf, 0.9, 0.1])
    assert plane.right == [False, False, True, True]


def network(data: str, equations: str, parameters: str = "w = [[1.5], [0.5]]") -> OutputPlanes:
    """Return the planes of a network on five samples."""
    return OutputPlanes(
        run_scenario(
            loads(
                "[data]\nX = [[1, 2], [3, 1], [0, 1], [2, 0], [4, 2]]\n"
                f"{data}\n[parameters]\n{parameters}\n[network]\n"
                f"equations = '''\n{equations}\n'''\n[training]\noptimizer = 'sgd'\n"
                "learning_rate = 0.01\niterations = 2\n"
            )
        )
    )


@pytest.mark.parametrize(
    "loss",
    [
        "loss = mse(p, y)",
        "loss = mean(c * (p - y)**2)",
        "e = y - p\nq = c * e\nloss = mean(q * q)",
        "loss = mse(c * p, y)",
        "loss = mean(relu(1 - y * p))",
    ],
)
def test_the_target_is_what_the_loss_compares_with_the_output(loss: str) -> None:
    """Neither a weight of the samples that stands before it, nor what is not in the loss."""
    samples = "c = [[1], [1], [2], [1], [1]]\ny = [[1], [0], [0], [1], [1]]"
    plane = network(samples, f"p = X @ w\n{loss}").at(1)
    assert plane is not None
    assert (plane.output, plane.target) == ("p", "y")


@pytest.mark.parametrize("loss", ["loss = mean((p - y) * (p - c))", "loss = mean(p * p)"])
def test_where_no_target_or_one_of_two_is_compared_there_is_no_plane(loss: str) -> None:
    samples = "c = [[1], [1], [2], [1], [1]]\ny = [[1], [0], [0], [1], [1]]"
    assert not network(samples, f"p = X @ w\n{loss}").are_there


def test_a_sample_in_the_middle_that_follows_from_others_is_seen() -> None:
    """The first and the last sample have the answers that they have alone; the third has not."""
    samples = "y = [[1], [0], [0], [1], [1]]"
    assert network(samples, "p = X @ w\nloss = mse(p, y)").are_there
    mixed = "z = X @ w\np = z - relu(max(z) - z - 6)\nloss = mse(p, y)"
    planes = network(samples, mixed)
    assert not planes.are_there
