"""Values that a clause states behind the line that uses them."""

from __future__ import annotations

import pytest

from tests.check.cases.verdicts import findings, verdicts

LINES = [
    "y = w x + b = {}, where w = 0.5, x = 3 and b = 1.",
    "y = w x + b = {} (w = 0.5, x = 3, b = 1)",
    "$$y = w x + b = {}$$\n\nwhere $w = 0.5$, $x = 3$ and $b = 1$.",
    "$y = w x + b = {}$，其中 $w = 0.5$，$x = 3$，$b = 1$。",
    "y = w x + b = {}, where w = 0.5 is the weight, x = 3 the input and b = 1.",
]


@pytest.mark.parametrize("text", LINES)
def test_values_behind_a_line_hold_for_it(text: str) -> None:
    """They are those of the figures put in."""
    assert verdicts(text.format("0.5 × 3 + 1 = 2.5")) == ["correct"]
    (finding,) = findings(text.format("0.5 × 4 + 1 = 3"))
    assert (finding.verdict, finding.written, finding.expected) == ("slip", "4", "3")


@pytest.mark.parametrize("text", LINES)
def test_a_result_is_that_of_the_values_behind_it(text: str) -> None:
    """Without figures put in nobody knows whether another sample is meant."""
    assert verdicts(text.format("2.5")) == ["correct"]
    assert verdicts(text.format("2")) == ["undecided"]


@pytest.mark.parametrize(
    "text",
    [
        "The graph has n = 5 nodes. E = n(n-1)/2 = 5·4/2 = 10, for n = 4 it has 6.",
        "n = 4. S = n(n+1)/2 = 4·5/2 = 10 (n = 5 gives 15)",
        "η = 0.1. w = 1 - η·4 = 1 - 0.1·4 = 0.6, for η = 0.01 we get 0.96.",
        "设 x = 3。f = 2x + 1 = 2·3 + 1 = 7，当 x = -3 时得 -5。",
        "w = 2. z = 3w = 3·2 = 6, with w = -2 we would have -6.",
    ],
)
def test_another_case_behind_a_line_is_none_of_its_values(text: str) -> None:
    """The clause goes on with a result, or the name has had another value."""
    assert verdicts(text) == ["correct"]
