"""Three ways to one gradient, and how many operations each of them takes."""

from __future__ import annotations

import math

import pytest

from tests.case_lists import sampled
from tests.run.networks import NETWORKS, scenario, written
from tracer.errors import LimitError, RunError
from tracer.program.scenario import bundled, load
from tracer.run import derivative_modes as modes_module
from tracer.run.derivative_modes import derivative_modes
from tracer.run.runner import run_scenario

UNTRAINED = ("activations", "losses", "perceptron")
LARGE = ("four_layer_classifier", "gpt2_mlp_full", "position_wise_ffn_full")
SMALL = [name for name in bundled() if name not in (*UNTRAINED, *LARGE)]


def test_the_operations_of_one_weight_are_those_counted_by_hand() -> None:
    """ŷ = w·x, (ŷ − y)²: three. Back: 2·(ŷ − y) is one more than the difference, then ·x.

    Forwards the tangent of ŷ takes a product, that of the difference none, that of the square two.
    """
    found = derivative_modes(run_scenario(load("one_weight")))
    assert (found.numbers, found.forward_pass, found.backward_pass) == (1, 3, 3)
    assert found.reverse_mode == found.forward_mode == 6
    assert found.differences == 2 * 3 + 2


def test_products_of_matrices_are_counted_entry_by_entry() -> None:
    """A matrix of 2×3 times one of 3×4: 8 entries of 3 products and 2 sums, then a sum of 8."""
    network = written(
        "x = [[1, 2, 3, 4], [5, 6, 7, 8], [9, 1, 2, 3]]",
        "W = [[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]]",
        "loss = sum(W @ x)",
        "learning_rate = 0.1\niterations = 1",
    )
    found = derivative_modes(run_scenario(network))
    assert found.forward_pass == 8 * (3 + 2) + 7


@pytest.mark.parametrize("name", sampled(SMALL))
def test_all_modes_give_the_derivative_of_bundled_scenarios(name: str) -> None:
    """Forward mode agrees to the last digits, differences to theirs."""
    reverse, forward, difference = derivative_modes(run_scenario(load(name))).by_mode
    assert math.isclose(reverse, forward, rel_tol=1e-10)
    assert math.isclose(reverse, difference, rel_tol=1e-5)


@pytest.mark.parametrize("name", NETWORKS)
def test_all_modes_give_the_derivative_of_small_networks(name: str) -> None:
    """The networks of the other tests, too."""
    reverse, forward, difference = derivative_modes(run_scenario(scenario(name))).by_mode
    assert math.isclose(reverse, forward, rel_tol=1e-10)
    assert math.isclose(reverse, difference, rel_tol=1e-5)


def test_only_the_way_back_does_not_grow_with_the_number_of_parameters() -> None:
    """Ten times as many weights: ten times the passes of the others, one pass back."""
    few, many = (
        derivative_modes(
            run_scenario(
                written(
                    f"x = {[1.0] * count}",
                    f"w = {[0.1] * count}",
                    "loss = (sum(w * x) - 1)**2",
                    "learning_rate = 0.1\niterations = 1",
                )
            )
        )
        for count in (10, 100)
    )
    assert many.reverse_mode < 11 * few.reverse_mode
    assert many.forward_mode > 90 * few.forward_mode
    assert many.differences > 90 * few.differences


def test_what_is_too_large_or_not_trained_is_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """An error says so, before the work is done."""
    monkeypatch.setattr(modes_module, "MOST_OPERATIONS", 20)
    with pytest.raises(LimitError, match="too many operations"):
        derivative_modes(run_scenario(load("mlp_2_2_2")))
    with pytest.raises(RunError, match="nothing is trained"):
        derivative_modes(run_scenario(load("activations")))
