"""Documents as they are written: which verdicts the rows of one name, and dropped parts, get."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

import pytest

from tests.check.cases.verdicts import verdicts

WRONG_RESULT_ROW = [
    "net = w*x + b\nnet = 0.5*2 + 0.1\nnet = 1.7",
    "y = 2 + 3*4\n\ny = 99",
    "$$E=\\frac12(1-0.7)^2$$\n\n$$E=0.095$$",
    "$$\nE=\\frac{1}{2}(1-0.7)^2\n$$\n\n$$\nE=0.095\n$$",
    "$$z = 3 \\cdot 4 + 1$$<br/>\n$$z = 14$$",
    "- p = 2*3\n- p = 7",
    "1. Sum:\n    $$W x + b$$\n    $$= 2 \\cdot 3 + 1$$\n\n    $$= 9$$",
    "净输入 = 0.5*2 + 0.1\n净输入 = 1.7",
    "```\ny_in = (-1 × 2) + (1 × 2) + (-2)\ny_in = -2 + 2 + (-2)\ny_in = 2\n```",
    "h ≈ 1/(1 + 0.5)\nh ≈ 0.767",
    "```text\nz = 0.5 * 3\n```\n\nSo:\n\n```text\nz = 2.5\n```",
    "[\nh = \\tanh(0.5)\n]\n\n[\nh \\approx 0.562\n]",
]


@pytest.mark.parametrize("text", WRONG_RESULT_ROW)
def test_a_wrong_value_in_the_last_row_of_a_name_is_found(text: str) -> None:
    assert "slip" in verdicts(text)


@pytest.mark.parametrize("result", ["4/5", "11/6"])
def test_a_worked_row_below_one_with_its_result_is_judged_by_itself(result: str) -> None:
    above, below = verdicts(f"p = 1/2*3 + 1/3 = {result}\np = 3/2 + 1/3 = 11/7")
    assert (above, below) == ("correct" if result == "11/6" else "slip", "slip")


SEPARATE_ROWS = [
    "w = 0.5\nlr = 0.1\ng = -3\n\nw = w - lr*g\nw = 0.8\ny = 2*w = 2*0.8 = 1.6",
    "w = 0.5\nx = 2\n\ny = w*x = 0.5*2 = 1.0\ny = 1.0",
    "y = 0.5*1 + 0.1 = 0.6\ny = 0.5*2 + 0.1 = 1.1",
    "w = 0.5 - 0.1*(-3)\nw = 0.8\nw = 0.8 - 0.1*(-2)\nw = 1.0",
    "y = 2*x\n\nNow let y be given.\n\ny = 5\n\nz = y + 1 = 5 + 1 = 6",
    "y = 2*3\n\nNext:\n\ny = 5\n\nz = y + 1 = 5 + 1 = 6",
]


@pytest.mark.parametrize("text", SEPARATE_ROWS)
def test_a_given_value_the_next_step_and_other_rows_are_no_result_of_the_row_above(
    text: str,
) -> None:
    assert set(verdicts(text)) == {"correct"}


DROPPED = [
    "foo = [[3*4)) = 5*2 = 10",
    "foo = 3*4] = 5*2 = 10",
    "foo = {3*4 = 5*2 = 10",
    "foo = 3 ~ = 5*2 = 10",
    "foo = 3 what = 5*2 = 10",
    'foo = "3" = 5*2 = 10',
]


@pytest.mark.parametrize("text", DROPPED)
def test_a_line_of_which_a_part_was_dropped_is_never_right(text: str) -> None:
    assert verdicts(text) == ["undecided"]
