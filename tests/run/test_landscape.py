"""The loss over one or two numbers."""

from __future__ import annotations

import math

import pytest

from tracer.errors import RunError
from tracer.program.scenario import load
from tracer.run.landscape import Landscape, landscape
from tracer.run.runner import run_scenario


def _landscape(name: str, *over: str, **options: int) -> Landscape:
    return landscape(run_scenario(load(name)), over, **options)


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
    """A valley of u² and 10·v² halves, row by row."""
    found = _landscape("optimizers", "u", "v")
    first, second = found.axes
    assert (first.name, second.name) == ("u", "v")
    for u, row in zip(first.values, found.losses, strict=True):
        for v, loss in zip(second.values, row, strict=True):
            assert math.isclose(loss, u**2 / 2 + 5 * v**2, abs_tol=1e-9)
    assert found.way[0] == [4, 1]


def test_an_entry_of_an_array_moves_alone() -> None:
    """At the value that it has, the loss is the run's own."""
    trace = run_scenario(load("mlp_2_2_2"))
    found = landscape(trace, ["W1[0, 1]"], number=2)
    (axis,) = found.axes
    assert (axis.name, axis.index, found.others) == ("W1", (0, 1), 11)
    here = trace.iteration(2)["W1"][0, 1]
    near = min(range(len(axis.values)), key=lambda at: abs(axis.values[at] - here))
    assert math.isclose(found.losses[near][0], trace.iteration(2)["loss"], rel_tol=0.05)


@pytest.mark.parametrize(
    ("over", "words"),
    [
        (("q",), "q is not trained"),
        (("x",), "x is not trained"),
        (("W1[0]",), "as W1\\[0, 0\\]"),
        (("W1[0, 9]",), "there is no entry"),
        (("W1[a, b]",), "there is no entry"),
        (("b1[0]", "b1[1]", "b2[0]"), "one or two numbers"),
    ],
)
def test_what_is_not_there_is_refused(over: tuple[str, ...], words: str) -> None:
    """A name, an index, or one number too many."""
    with pytest.raises(RunError, match=words):
        _landscape("mlp_2_2_2", *over)


@pytest.mark.parametrize("points", [5, 20, 101])
def test_values_are_round_and_about_as_many_as_asked_for(points: int) -> None:
    """They are multiples of 1, 2 or 5 times a power of ten."""
    (axis,) = _landscape("one_weight", points=points).axes
    step = axis.values[1] - axis.values[0]
    assert points / 2.5 <= len(axis.values) <= points + 2
    mantissa = step / 10 ** math.floor(math.log10(step) + 1e-9)
    assert any(math.isclose(mantissa, round_one, rel_tol=1e-6) for round_one in (1, 2, 5))
