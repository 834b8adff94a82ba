"""The values of a sweep: how they are written, and the scenarios that they make."""

from __future__ import annotations

from unittest.mock import Mock

import pytest

from tracer.errors import LimitError, RunError, TracerError
from tracer.program import scenario as scenarios
from tracer.program.scenario import load
from tracer.program.sweep_axes import MAX_RUNS, SweepAxis, read_axis, seed_axis, sweep_points


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("w=1", ("1",)),
        ("w=1,2.5,-3e2", ("1", "2.5", "-3e2")),
        ("learning_rate=0.05:0.2:4", ("0.05", "0.1", "0.15", "0.2")),
        ("iterations=10:30:3", ("10", "20", "30")),
        ("w=2:-2:3", ("2", "0", "-2")),
        ("learning_rate=0.001:1:4:log", ("0.001", "0.01", "0.1", "1")),
        ("learning_rate=0.5,1:2:2", ("0.5", "1", "2")),
        ("w=1e10:1e50:3:log", ("10000000000", "1e+30", "1e+50")),
        ("w=0:1e308:3", ("0", "5e+307", "1e+308")),
        ("x=[1, 2],[3, 4]", ("[1, 2]", "[3, 4]")),
        ("optimizer=sgd, adam", ("sgd", "adam")),
        ('title="a,b","c"', ('"a,b"', '"c"')),
        ("w=1:1:1", ("1",)),
    ],
)
def test_values_are_lists_and_ranges(text: str, values: tuple[str, ...]) -> None:
    """Commas part values outside brackets and texts; ranges hold both ends."""
    assert read_axis(text).values == values


def test_a_value_of_a_range_is_read_as_the_double_that_is_run() -> None:
    """What is printed of a run can be given to `--set`, and gives the same bits."""
    axis = read_axis("learning_rate=0.01:2:50")
    for point in sweep_points(load("one_weight"), [axis]):
        training = point.scenario.training
        assert training is not None
        assert training.learning_rate is not None
        assert training.learning_rate.floats() == [point.numbers["training", "learning_rate"]]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("w", "this is not KEY=VALUES"),
        ("=1", "this is not KEY=VALUES"),
        ("w=", "this is not KEY=VALUES"),
        ("w=1,,2", "this is not KEY=VALUES"),
        ("w=1:2", "a range needs the number of its values"),
        ("w=1:2:0", "this is not a number of values"),
        ("w=1:5:1", "a range of one value has two ends"),
        ("w=1:2:1e3", "this is not a number of values"),
        ("w=1:2:٣", "this is not a number of values"),
        (f"w=1:2:{MAX_RUNS + 1}", "this is not a number of values"),
        ("w=1:2:3:ln", "a range ends with its number of values"),
        ("w=0:2:3:log", "a logarithmic range lies above 0"),
        ("w=1e-400:2:3:log", "a logarithmic range lies above 0"),
        ("w=1:1e400:3", "the number is too large"),
        ("w=1,2,1", "“1” is listed twice"),
        ("w=2:2:3", "“2” is listed twice"),
    ],
)
def test_what_is_no_list_of_values_is_one_message(text: str, message: str) -> None:
    """With the option as its place, what was found where there is something, what is expected."""
    with pytest.raises(TracerError, match=message) as caught:
        read_axis(text)
    assert str(caught.value).startswith(f"--set {text}")
    assert caught.value.expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("lr=1,2", "there is no parameter"),
        ("learning_rate=-1:1:5", "learning_rate: the number is negative; found -1"),
        ("learning_rate=1:-1:5", "learning_rate: the number is negative; found -1"),
        ("optimizer=sgd,sdg", "unknown optimizer “sdg”"),
        ("iterations=1:2:4", "this is not a whole number"),
        ("w=0.5,ten,2", "w"),
        ("w=1,nan,2", "not finite; found nan"),
        ("w=1,inf,2", "not finite; found infinity"),
        ("w=1,sNaN,2", "found the text “sNaN”"),
        ("w=1,1.,2", "not TOML; found “1.”"),
        ("w=1,.5,0", "not TOML; found “.5”"),
        ("w=1,02,3", "not TOML; found “02”"),
        ("w=1,２,3", "not TOML; found “２”"),
    ],
)
def test_a_value_that_does_not_fit_is_the_message_of_its_setting(text: str, message: str) -> None:
    """The same as `--set` gives for one run, and it names the value."""
    with pytest.raises(TracerError, match=message) as caught:
        list(sweep_points(load("one_weight"), [read_axis(text)]))
    assert str(caught.value).startswith("--set")


def test_numbers_between_the_ends_need_no_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    """A scenario is read as often for a thousand rates as for three."""
    counts = []
    loads = scenarios.loads
    for count in (3, 1000):
        read = Mock(wraps=loads)
        monkeypatch.setattr(scenarios, "loads", read)
        network = load("one_weight")
        axes = [read_axis(f"learning_rate=0.1:1:{count}"), read_axis("optimizer=sgd,adam")]
        assert len(list(sweep_points(network, axes))) == 2 * count
        counts.append(read.call_count)
    assert counts[0] == counts[1] < 10


def test_one_key_has_values_once_and_runs_are_bounded() -> None:
    """Two axes of one key, and more runs than a sweep takes."""
    network = load("one_weight")
    with pytest.raises(TracerError, match="“w” has values twice"):
        list(sweep_points(network, [read_axis("w=1,2"), read_axis("w=3")]))
    with pytest.raises(TracerError, match=r"“parameters\.w” has values twice"):
        list(sweep_points(network, [read_axis("w=1,2"), read_axis("parameters.w=3")]))
    axes = [read_axis("w=0:1:1001"), read_axis("learning_rate=0:1:1000")]
    with pytest.raises(LimitError, match="too many runs; found 1001000"):
        list(sweep_points(network, axes))


def test_seeds_need_something_that_is_drawn_or_shuffled() -> None:
    """A [random] table, or shuffled samples."""
    with pytest.raises(RunError, match="no seed to vary"):
        seed_axis(load("one_weight"), 3)
    assert seed_axis(load("four_layer_classifier"), 3) == SweepAxis(
        "seed", ("1", "2", "3"), False, seed_axis(load("four_layer_classifier"), 1).keys
    )
