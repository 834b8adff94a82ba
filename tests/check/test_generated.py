"""Right derivations are never called wrong, and a planted slip is found.

The guards take a sample of both, the proofs nearly all; `python -m tests.check.generated` prints
the tables.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.check.generated.planting import FORMS
from tests.check.generated.score import SHARE, Choice, outcomes, right_lines, styles_of
from tests.check.generated.writing import LAYOUTS, MANNERS, Layout, Manner, small_scenarios

# What the proofs ask for: shares of planted slips that are located, and of named causes that are
# right; shares of the lines behind a slip that are carried forward, and that may be called wrong.
LOCATED, NAMED, CARRIED, BLAMED_AFTER = 0.97, 0.98, 0.75, 0.04
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


@pytest.mark.proof
@pytest.mark.parametrize("manner", MANNERS)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_right_lines_of_all_scenarios(
    layout: Layout, manner: Manner, report_proof: Callable[[str], None]
) -> None:
    """Every small scenario, at 2 to 8 digits, with its name and without."""
    styles = styles_of(small_scenarios(), range(2, 9), layouts=(layout,))
    found = list(right_lines([item for item in styles if item[1].manner == manner]))
    lines = sum(right.lines for right in found)
    blamed = sum(len(right.blamed) for right in found)
    assert blamed <= SHARE * lines
    report_proof(f"right lines, {layout}, {manner}: {blamed} of {lines} called wrong")


@pytest.mark.proof
@pytest.mark.parametrize("layout", LAYOUTS)
def test_planted_slips_of_all_scenarios(
    layout: Layout, proof_seed: int, report_proof: Callable[[str], None]
) -> None:
    """One slip of each kind, in each form, in every small scenario."""
    forms = [form for form in FORMS if form != "follow"]
    choice = Choice(1, proof_seed, layouts=(layout,), forms=forms)
    found = list(outcomes(small_scenarios(), (4,), choice))
    located = [outcome for outcome in found if outcome.located]
    named = [outcome for outcome in located if outcome.cause is not None]
    right = [outcome for outcome in named if outcome.is_right]
    besides = sum(len(outcome.blamed) for outcome in found)
    assert len(located) >= LOCATED * len(found)
    assert len(right) >= NAMED * len(named)
    assert besides <= SHARE * len(found)
    report_proof(
        f"planted slips, {layout}: {len(located)} of {len(found)} located, {len(right)} of "
        f"{len(named)} causes right, {besides} other lines blamed"
    )


@pytest.mark.proof
def test_what_follows_from_slips_of_all_scenarios(
    proof_seed: int, report_proof: Callable[[str], None]
) -> None:
    """One wrong result in every small scenario and notation, with all that is made from it."""
    found = list(outcomes(small_scenarios(), (4,), Choice(1, proof_seed, forms=("follow",))))
    lines = sum(outcome.planted_lines for outcome in found)
    carried = sum(outcome.located for outcome in found)
    blamed = sum(len(outcome.blamed) for outcome in found)
    assert carried >= CARRIED * lines
    assert blamed <= BLAMED_AFTER * lines
    report_proof(
        f"what follows from {len(found)} planted slips: {carried} of {lines} lines carried "
        f"forward, {blamed} lines blamed"
    )
