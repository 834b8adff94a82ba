"""The loss over one or two numbers."""

from __future__ import annotations

import math

import pytest

from tracer.errors import TracerError
from tracer.narrative.entries import read_focus
from tracer.program.scenario import load
from tracer.run.landscape import Landscape, StepLandscape, StepLandscapes, landscape
from tracer.run.runner import run_scenario


def _landscape(name: str, *over: str, **options: int) -> Landscape:
    trace = run_scenario(load(name))
    entries = [read_focus(text, trace.iteration(1)) for text in over]
    return landscape(trace, [(entry.name, entry.index) for entry in entries], **options)


def test_one_number_has_a_curve_with_the_way_of_the_run() -> None:
    """(w − 2)² at each value, with the minimum and the run in sight."""
    found = _landscape("one_weight")
    (axis,) = found.axes
    assert (axis.name, axis.index, found.others) == ("w", (), 0)
    assert 2 in axis.values
    assert found.lowest is not None
    assert found.lowest[0] == 0
    assert list(found.lowest[1]) == [2]
    for value, (loss,) in zip(axis.values, found.losses, strict=True):
        assert math.isclose(loss, (value - 2) ** 2, abs_tol=1e-12)
    assert [place for (place,) in found.way] == [0.5, 0.8, 1.04]


def test_two_numbers_have_a_map() -> None:
    """A valley of p² and 10·q² halves, row by row."""
    found = _landscape("optimizers", "p", "q")
    first, second = found.axes
    assert (first.name, second.name) == ("p", "q")
    for p, row in zip(first.values, found.losses, strict=True):
        for q, loss in zip(second.values, row, strict=True):
            assert math.isclose(loss, p**2 / 2 + 5 * q**2, abs_tol=1e-9)
    assert found.way[0] == [4, 1]


def test_an_entry_of_an_array_moves_alone() -> None:
    """At the value that it has, the loss is the run's own."""
    trace = run_scenario(load("mlp_2_2_2"))
    found = landscape(trace, [("W1", (0, 1))], number=2)
    (axis,) = found.axes
    assert (axis.name, axis.index, found.others) == ("W1", (0, 1), 11)
    here = trace.iteration(2)["W1"][0, 1]
    near = min(range(len(axis.values)), key=lambda at: abs(axis.values[at] - here))
    assert math.isclose(found.losses[near][0], trace.iteration(2)["loss"], rel_tol=0.05)


@pytest.mark.parametrize(
    ("over", "words"),
    [
        (("q",), "there is no quantity q"),
        (("x",), "x is not trained"),
        (("W1[0]",), "W1\\[0\\] is not an entry of W1"),
        (("W1[0, 9]",), "is not an entry of W1"),
        (("W1[a, b]",), "is not an entry"),
        (("W1[0, 1",), "this bracket is not closed"),
        (("b1[0]", "b1[1]", "b2[0]"), "one or two numbers"),
    ],
)
def test_what_is_not_there_is_refused(over: tuple[str, ...], words: str) -> None:
    """A name, an index, or one number too many."""
    with pytest.raises(TracerError, match=words):
        _landscape("mlp_2_2_2", *over)


@pytest.mark.parametrize("points", [5, 20, 101])
def test_values_are_round_and_about_as_many_as_asked_for(
    points: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are multiples of 1, 2 or 5 times a power of ten."""
    monkeypatch.setattr("tracer.run.landscape.POINTS", points)
    (axis,) = _landscape("one_weight").axes
    step = axis.values[1] - axis.values[0]
    assert points / 2.5 <= len(axis.values) <= points + 2
    mantissa = step / 10 ** math.floor(math.log10(step) + 1e-9)
    assert any(math.isclose(mantissa, round_one, rel_tol=1e-6) for round_one in (1, 2, 5))


def _around(name: str, number: int, *settings: str) -> StepLandscape:
    found = StepLandscapes(run_scenario(load(name, settings=settings))).around(number)
    assert found is not None
    return found


def test_a_step_of_one_number_knows_the_way_so_far_only() -> None:
    """Nothing of later iterations is in sight; slope and target are those of the record."""
    found = _around("one_weight", 2)
    assert [place for (place,) in found.landscape.way] == [0.5, 0.8]
    assert list(found.here) == [0.8]
    assert found.target is not None
    assert math.isclose(found.target[0], 1.04)
    assert found.slope is not None
    assert math.isclose(found.slope, -2.4)
    assert math.isclose(found.loss_here, 1.44)
    assert not found.overshoots


@pytest.mark.parametrize(("rate", "overshoots"), [(0.4, False), (0.6, True), (1.1, True)])
def test_a_step_overshoots_where_the_slope_changes_its_sign(rate: float, overshoots: bool) -> None:
    """The minimum of the demo lies as far away as a rate of one half goes."""
    assert _around("one_weight", 1, f"learning_rate={rate}").overshoots is overshoots


@pytest.mark.parametrize("name", ["mlp_2_2_2", "linear_regression", "rnn_step"])
def test_of_many_numbers_the_loss_along_the_step_has_the_ends_of_the_record(name: str) -> None:
    """The loss at 0 is that of the iteration, its slope −η·|∇L|², the loss at 1 the next one."""
    trace = run_scenario(load(name))
    found = StepLandscapes(trace).around(1)
    assert found is not None
    (axis,) = found.landscape.axes
    assert axis.name == ""
    assert {0, 1} <= set(axis.values)
    losses = {value: row[0] for value, row in zip(axis.values, found.landscape.losses, strict=True)}
    assert math.isclose(losses[0], found.loss_here)
    assert found.loss_target is not None
    assert math.isclose(losses[1], found.loss_target)
    loss = trace.program.loss
    assert loss is not None
    assert math.isclose(losses[0], trace.floats(loss)[0])
    if len(trace) > 1 and name == "mlp_2_2_2":
        assert math.isclose(losses[1], trace.floats(loss)[1])
    rate = trace.scenario.training.learning_rate.floats()[0]  # type: ignore[union-attr]  # trained
    gradients = [
        entry
        for equation in trace.program.phase("backward")
        if equation.wrt in trace.program.carried and "#" not in equation.name
        for entry in trace.iteration(1).floats(equation.name)
    ]
    assert found.slope is not None
    assert math.isclose(found.slope, -rate * sum(entry**2 for entry in gradients), rel_tol=1e-9)


def test_a_run_that_stopped_has_no_step_to_look_at() -> None:
    """A step that ends beyond what can be drawn has no target; one that starts there is not drawn.

    Nor is there a step to look at where a network is large.
    """
    trace = run_scenario(load("one_weight", settings=["learning_rate=1e100", "iterations=9"]))
    first = StepLandscapes(trace).around(1)
    assert first is not None
    assert first.target is None
    assert StepLandscapes(trace).around(2) is None
    assert StepLandscapes(trace).around(len(trace)) is None
    large = run_scenario(load("transformer_block"))
    assert not StepLandscapes(large).are_quick


def test_a_run_that_diverges_does_not_hide_the_valley() -> None:
    """Its way is shown until the loss is far above the first, so the lowest point is a low one."""
    trace = run_scenario(load("linear_regression", settings=["learning_rate=0.1", "iterations=10"]))
    found = landscape(trace)
    assert found.lowest is not None
    assert trace.iteration(10)["loss"] > 1e6
    assert found.lowest[0] < trace.iteration(1)["loss"]
    assert max(map(abs, found.axes[0].values)) < 10
