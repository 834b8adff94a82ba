"""Two methods from one start: the second begins with the value that was given, on purpose."""

from __future__ import annotations

from typing import Final

import pytest

from tests.check.cases.verdicts import verdicts

GIVEN: Final = "w = 1, g = 4, r = 0.1\n\nSGD: w = w - r*g = 1 - 0.1*4 = 0.6\n\n"


@pytest.mark.parametrize(
    "line",
    [
        "AdaGrad: w = w - r*g/sqrt(16) = 1 - 0.1*4/4 = 0.9",
        "Nesterov: w = w - r*2*g = 1 - 0.1*2*4 = 0.2",
        "With weight decay: w = w - r*(g + 0.5*w) = 1 - 0.1*(4 + 0.5*1) = 0.55",
        "带符号的更新：w = w - r*sign(g) = 1 - 0.1*1 = 0.9",
    ],
)
def test_another_rule_may_begin_where_the_first_one_did(line: str) -> None:
    """What the first method has made of the name is nothing to the second."""
    assert "slip" not in verdicts(GIVEN + line)


@pytest.mark.parametrize(
    "line",
    ["Then w = w - r*g = 1 - 0.1*4 = 0.6", "w = w - r*2*g = 1 - 0.1*2*4 = 0.2"],
)
def test_the_same_rule_goes_on_and_so_does_a_line_without_words(line: str) -> None:
    """The name has its new value there."""
    assert verdicts(GIVEN + line)[-1] == "slip"


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        ("The same by hand: w = 1 - 0.1*4 = 0.6", "undecided"),
        ("验算一遍: w = w - r*g = 1 - 0.1*4 = 0.6", "undecided"),
        ("Written as a sum: w = w + (-r)*g = 1 + (-0.1)*4 = 0.6", "undecided"),
        ("Then again: w = w - r*g = 1 - 0.1*4 = 0.6", "undecided"),
        ("Next update: w = w - r*g = 1 - 0.1*4 = 0.6", "undecided"),
        ("Step two, with the same gradient: w = w - r*g = 1 - 0.1*4 = 0.6", "undecided"),
        ("又一步：w = w - r*g = 1 - 0.1*4 = 0.6", "undecided"),
        ("再更新一次：w = w - r*g = 1 - 0.1*4 = 0.6", "undecided"),
        ("Iteration 2: w = w - r*g = 1 - 0.1*4 = 0.6", "slip"),
        ("Check: w = w - r*g = 1 - 0.1*4 = 1.4", "slip"),
    ],
)
def test_an_update_may_be_told_again(line: str, verdict: str) -> None:
    """Its result is what the name has: nobody knows whether it is a step more."""
    assert verdicts(GIVEN + line)[-1] == verdict


BELOW: Final = "Start at w = 1 with r = 0.1.\n\n## {}\n\nw = 1 - 0.1*4 = 0.6\n\n## {}\n\n"


@pytest.mark.parametrize(
    ("first", "second", "verdict"),
    [
        ("Plain steps", "Momentum", "undecided"),
        ("普通梯度下降", "动量法", "undecided"),
        ("Iteration 1", "Iteration 2", "slip"),
    ],
)
def test_below_another_heading_a_method_may_begin_anew(
    first: str, second: str, verdict: str
) -> None:
    """A number shows that the work goes on."""
    text = BELOW.format(first, second) + "w = w - r*3 = 1 - 0.1*3 = 0.7"
    assert verdicts(text)[-1] == verdict
