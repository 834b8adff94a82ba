"""One number of an iteration is moved: what follows from it, and the slope that it measures."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

import pytest

from tests.case_lists import sampled
from tracer.errors import RunError
from tracer.program.scenario import bundled, load
from tracer.run.nudge import Nudges
from tracer.run.runner import run_scenario


def nudges_of(name: str) -> Nudges:
    return Nudges(run_scenario(load(name)))


def test_a_small_nudge_measures_the_gradient() -> None:
    """((0.51 - 2)² - (0.5 - 2)²) / 0.01 = -2.99, beside the gradient -3."""
    nudge = nudges_of("one_weight").nudge(1, "w", 0, 1)
    assert (nudge.before, nudge.after) == (0.5, 0.51)
    assert nudge.measured == pytest.approx(-2.99)
    assert nudge.derived == -3.0
    assert nudge.derived_after == pytest.approx(-2.98)
    assert nudge.agrees


def test_a_large_nudge_does_not_agree() -> None:
    """((1 - 2)² - (0.5 - 2)²) / 0.5 = -2.5: the slope has become -2 on the way."""
    nudge = nudges_of("one_weight").nudge(1, "w", 0, 50)
    assert nudge.amount == 0.5
    assert nudge.measured == pytest.approx(-2.5)
    assert nudge.derived_after == pytest.approx(-2.0)
    assert not nudge.agrees


def test_all_that_follows_moves_and_nothing_else() -> None:
    """A value of the forward pass takes another value; what it came from stays."""
    nudges = nudges_of("one_weight")
    moved = nudges.nudge(1, "y_pred", 0, 1).iteration
    assert (moved["w"], moved["x"], moved["y_pred"]) == (0.5, 1.0, 0.51)
    assert moved["loss"] == pytest.approx(2.2201)
    assert moved["w'"] == pytest.approx(0.5 + 0.1 * 2.98)
    assert nudges.nudge(1, "x", 0, 1).iteration["y_pred"] == pytest.approx(0.5 * 1.01)


@pytest.mark.parametrize("name", sampled(bundled()))
def test_each_gradient_of_a_bundled_scenario_is_measured(name: str) -> None:
    """Each quantity's entries lead to slopes between the gradients at both ends of the nudge."""
    trace = run_scenario(load(name))
    nudges, program = Nudges(trace), trace.iteration(1).program
    names = [*program.parameters, *(item.name for item in program.phase("forward"))]
    measured = 0
    for each in names:
        try:
            nudge = nudges.nudge(1, each, 0, 1)
        except RunError:
            continue
        if nudge.derived is not None:
            low, high = sorted((nudge.derived, nudge.derived_after))
            off = 0.02 * max(abs(low), abs(high)) + 1e-9
            assert low - off <= nudge.measured <= high + off, each
            measured += 1
    assert measured or not any(program.phase("backward"))


def test_what_a_gradient_and_an_update_are_about_is_nudged() -> None:
    nudges = nudges_of("one_weight")
    for name in ("w", "w'", "dloss/dw"):
        assert nudges.quantity(1, name) == "w"
    assert nudges.quantity(1, "dloss/dy_pred") == "y_pred"


@pytest.mark.parametrize("name", ["learning_rate", "digit"])
def test_a_setting_and_a_label_cannot_be_nudged(name: str) -> None:
    with pytest.raises(RunError, match="cannot be nudged"):
        nudges_of("digit_mlp").nudge(1, name, 0, 1)
