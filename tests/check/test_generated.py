"""Right derivations are never called wrong, and a planted slip is found: a sample of both.

`python -m tests.check.generated` runs them all and prints the tables.
"""

from __future__ import annotations

import pytest

from tests.check.generated.score import Choice, outcomes, right_lines, styles_of
from tests.check.generated.writing import Layout

FEW = ("one_weight", "neuron", "mlp_2_2_2", "optimizers")


@pytest.mark.parametrize("known", [False, True], ids=["alone", "with the scenario"])
@pytest.mark.parametrize("layout", ["ascii", "unicode", "latex"])
def test_right_lines_are_not_called_wrong(layout: Layout, known: bool) -> None:
    """Rounded, from unrounded working or cut off: at 3 and 6 digits nothing is a slip."""
    found = list(right_lines(styles_of(FEW, (3, 6), layouts=(layout,), known=(known,))))
    blamed = [(right.scenario, right.style, item.text) for right in found for item in right.blamed]
    assert not blamed
    assert sum(right.lines for right in found) > 500


@pytest.mark.parametrize(
    ("scenario", "digits", "layout"),
    [
        ("xor", 2, "ascii"),
        ("rnn_step", 2, "ascii"),
        ("one_weight_all_samples", 2, "ascii"),  # 1.9 is exact first, then cut off
        ("one_weight_sum", 2, "ascii"),  # a number and a vector change places
        ("multi_head_attention", 7, "ascii"),  # cut off, and nothing put in shows it
        ("position_wise_ffn", 2, "ascii"),  # rows picked by an array of whole numbers
        ("self_attention", 8, "ascii"),  # what floats lose where numbers cancel
        ("transformer_block", 6, "ascii"),  # names that are none of the record's
        ("seq2seq_attention", 6, "latex"),  # y₂ is a row of y, which was stated rounded
    ],
)
def test_figures_that_say_little(scenario: str, digits: int, layout: Layout) -> None:
    """Where figures are rounded most, or nothing shows how, nothing is a slip either."""
    found = right_lines(styles_of((scenario,), (digits,), layouts=(layout,)))
    assert not [(right.style, item.text) for right in found for item in right.blamed]


@pytest.mark.parametrize("layout", ["ascii", "unicode", "latex"])
def test_planted_slips_are_found(layout: Layout) -> None:
    """One slip in a derivation: its figure is blamed, rightly named, and nothing else.

    A vector where a matrix belongs may be a part of it: that is left undecided.
    """
    choice = Choice(1, layouts=(layout,), forms=("result", "line", "bare", "operand"))
    found = list(outcomes(("one_weight", "optimizers", "mlp_2_2_2"), (4,), choice))
    assert len(found) > 100
    for outcome in found:
        assert outcome.located or outcome.planted.slip == "wrong_shape", outcome.text
        assert not outcome.blamed, outcome.text
        assert outcome.cause is None or outcome.is_right, (outcome.text, outcome.cause)


def test_what_follows_from_a_slip() -> None:
    """All that is worked out from a wrong figure is carried forward, and none of it a slip."""
    found = list(outcomes(("neuron", "mlp_2_2_2"), (4,), Choice(1, forms=("follow",))))
    assert sum(outcome.planted_lines for outcome in found) > 30
    for outcome in found:
        assert outcome.located == outcome.planted_lines, outcome.text
        assert not outcome.blamed, outcome.text


@pytest.mark.parametrize("scenario", ["rnn_step", "cross_attention"])
def test_roundings_that_add_up_behind_a_slip_are_none(scenario: str) -> None:
    """Sums over paths, and entries of arrays, lose more than half a unit where figures cancel."""
    found = list(outcomes((scenario,), (4,), Choice(1, forms=("follow",))))
    assert sum(outcome.planted_lines for outcome in found) > 50
    for outcome in found:
        assert not outcome.blamed, outcome.text
