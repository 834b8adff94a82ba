"""What a run has in an iteration: quantities, their rows, and the parts of their formulas."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

import tracer
from tests.check.cases.test_steps_of_a_run import OPEN, RIGHT, verdicts_beside
from tracer.check.trace.figures_in_run import figures_of
from tracer.intervals import Interval

HELD = [
    ("self_attention", "2.4203", "2.4204"),  # the exponential of a score in a softmax
    ("xor", "[0.71629787, -0.37994896]", "[0.71629787, 0.37994896]"),  # the row of a sample
    ("xor", "[[0.71629787], [-0.37994896]]", "[[0.71629787], [-0.47994896]]"),  # as a column
    ("mlp_2_2_2", "-0.12", "-0.13"),  # 0.3 · (-0.4), of a product of matrices
    ("mlp_2_2_2", "0.24643428", "0.25643428"),  # a local derivative, a (1 - a)
]


@pytest.mark.parametrize(("scenario", "held", "other"), HELD)
def test_a_run_has_the_parts_of_its_formulas(scenario: str, held: str, other: str) -> None:
    """No quantity of the program has these values by itself."""
    line = "c = 1·{0} = {0}"
    assert verdicts_beside(scenario, line.format(held))[-1] == RIGHT
    assert verdicts_beside(scenario, line.format(other))[-1] == OPEN


def test_figures_are_kept_for_an_iteration() -> None:
    """Many lines ask for them."""
    trace = tracer.load("mlp_2_2_2").run()
    assert figures_of(trace, 1) is figures_of(trace, 1)
    assert figures_of(trace, 1, (("x", ()),)) is not figures_of(trace, 1)


LARGE = "seq2seq_attention"  # of more numbers than names of a writer's own are looked for in


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "mix = 0.428802·[-0.462117, -0.01] + 0.571198·[0.126264, 0.133828] = [-0.126, 0.07215]",
            RIGHT,
        ),
        # The weights are interchanged: right by itself, and nothing in the run.
        ("mix = 0.5712·[-0.4621, -0.0100] + 0.4288·[0.1263, 0.1338] = [-0.2098, 0.0517]", OPEN),
    ],
)
def test_a_large_run_is_looked_through(line: str, expected: str) -> None:
    """What is right by itself there is right only where the run has the result."""
    assert verdicts_beside(LARGE, line)[-1] == expected


@pytest.mark.parametrize(
    ("low", "high", "is_told"),
    [
        ("3.5725", "3.5727", True),  # 3.57256417
        ("3.47", "3.58", True),  # few others stand near
        ("3.2", "4.4", False),  # room for many
    ],
)
def test_a_coarse_value_does_not_tell_which_figure_it_is(
    low: str, high: str, is_told: bool
) -> None:
    """In Adam's third step some figure lies within each of these bounds."""
    figures = figures_of(tracer.load("optimizers").variant("adam").run(), 3)
    value = Interval(Fraction(low), Fraction(high))
    assert figures.have(value)
    assert figures.have(value, must_tell=True) == is_told


def test_a_long_sum_is_not_opened_entry_by_entry(tmp_path: Path) -> None:
    """The loss of 900 entries is a sum too deep to walk; its figures are looked up all the same."""
    scenario = tmp_path / "long.toml"
    scenario.write_text(
        "[data]\nx = {shape = [30, 30], init = 'normal', seed = 1}\n[parameters]\nw = 0.5\n"
        "[network]\nequations = 'loss = mean((w * x - 1)**2)'\nloss = 'loss'\n"
        "[training]\nlearning_rate = 0.1\niterations = 2\n",
        "utf-8",
    )
    assert verdicts_beside(str(scenario), "u = 0.4518 · 0.7979 = 0.3605") == [OPEN]
