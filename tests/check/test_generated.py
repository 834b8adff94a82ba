"""Right derivations are never called wrong, and a planted slip is found: a sample of both.

`python -m tests.check.generated` runs them all and prints the tables.
"""

from __future__ import annotations

import pytest

from tests.check.generated.score import outcomes, right_lines

FEW = ("one_weight", "neuron", "mlp_2_2_2", "optimizers")


@pytest.mark.parametrize("known", [False, True], ids=["alone", "with the scenario"])
@pytest.mark.parametrize("layout", ["ascii", "unicode", "latex"])
def test_right_lines_are_not_called_wrong(layout: str, known: bool) -> None:
    """Rounded, from unrounded working or cut off: at 3 and 6 digits nothing is a slip."""
    found = list(right_lines(FEW, (3, 6), layouts=(layout,), known=(known,)))
    blamed = [(right.scenario, right.style, item.text) for right in found for item in right.blamed]
    assert not blamed
    assert sum(right.lines for right in found) > 500


def test_two_digits() -> None:
    """At two digits, where roundings say most, nothing is a slip either."""
    found = right_lines(("xor", "rnn_step"), (2,), layouts=("ascii",))
    assert not [item.text for right in found for item in right.blamed]


def test_planted_slips_are_found() -> None:
    """One slip in a derivation: its figure is blamed, rightly named, and nothing else."""
    found = list(outcomes(("one_weight", "optimizers"), (4,), known=True))
    assert len(found) > 50
    for outcome in found:
        assert outcome.located, outcome.text
        assert not outcome.blamed, outcome.text
        assert outcome.cause is None or outcome.is_right, (outcome.text, outcome.cause)
