"""A step goes on with what the one before made, and words that number it say of which it is."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

import pytest

from tests.check.cases.verdicts import findings, verdicts

STEP = (
    "f(θ) = (θ − 1)², θ = 3.\n\ng = 2(θ − 1) = 2×(3 − 1) = 4\n\nθ = θ − 0.1g = 3 − 0.1×4 = 2.6\n\n"
)
FIRST = "g = 2(θ − 1) = 2×(3 − 1) = 4"
SECOND = "g = 2(θ − 1) = 2×(2.6 − 1) = 3.2\n\nθ = θ − 0.1g = 2.6 − 0.1×3.2 = 2.28\n\n"


@pytest.mark.parametrize(
    "words", ["Second step:", "Step 2:", "第2步:", "第二步:", "In the second iteration we get:"]
)
def test_words_that_number_the_step_leave_no_doubt_of_which_it_is(words: str) -> None:
    assert verdicts(f"{STEP}{words}\n\n{FIRST}") == ["correct", "correct", "slip"]


@pytest.mark.parametrize(
    "words",
    ["In the first step, ", "Step 1 gave ", "第1步：", "In iteration 1, ", "As in step 1: "],
)
def test_words_that_number_a_step_before_may_tell_of_that(words: str) -> None:
    assert verdicts(f"{STEP}Step 2:\n\n{SECOND}{words}{FIRST}.")[-1] == "undecided"


ROUNDED = """We start at w = 0.3 with x = 7 and the rate 0.1. The gradient is g = -4/3 = -1.3333.

w = w - 0.1 * g = 0.3 - 0.1 * (-1.3333) = 0.4333

{words} w = 0.4333.

z = w * x = 0.4333 * 7 = """


@pytest.mark.parametrize("words", ["Now", "Second step with", "此时", "The new weight is"])
@pytest.mark.parametrize(("result", "verdict"), [("3.0333", "correct"), ("3.0373", "slip")])
def test_a_result_that_is_stated_again_is_no_more_exact(
    words: str, result: str, verdict: str
) -> None:
    assert verdicts(ROUNDED.format(words=words) + result)[-1] == verdict


TWO_STEPS = """x = 2, w = 0.5, lr = 0.1, b = 0.

## Iteration 1

p = w * x + b = 0.5 * 2 + 0 = 1

w = w - lr * 4 = 0.5 - 0.1 * 4 = 0.1

b = b - lr * 2 = 0 - 0.1 * 2 = -0.2

## Iteration 2

Now w = 0.1 and b = -0.2.

p = w * x + b = """


@pytest.mark.parametrize(
    ("figures", "verdict"),
    [
        ("0.1 * 2 + (-0.2) = 0", "correct"),
        ("0.5 * 2 + (-0.2) = 0.8", "slip"),
        ("0.1 * 2 + 0 = 0.2", "slip"),
        ("0.1 * 3 + (-0.2) = 0.1", "slip"),
    ],
)
def test_a_step_that_states_its_start_keeps_what_was_given(figures: str, verdict: str) -> None:
    assert verdicts(TWO_STEPS + figures)[-1] == verdict


def test_a_name_with_its_value_of_this_step_says_that_the_line_is_of_it() -> None:
    (*_, slip) = findings(f"{TWO_STEPS}0.1 * 2 + 0 = 0.2")
    assert "b is -0.2 here" in str(slip.message)


LOGISTIC = """x = 2, y = 1, w = 0, b = 0.

p = σ(w x + b) and L = −[y ln p + (1 − y) ln(1 − p)].

z = w x + b = 0·2 + 0 = 0

p = σ(0) = 0.5

∂L/∂z = """


@pytest.mark.parametrize(
    ("slope", "verdict"), [("p − y = 0.5 − 1 = -0.5", "correct"), ("y − p = 1 − 0.5 = 0.5", "slip")]
)
def test_what_a_name_is_said_to_be_is_that_name_in_other_formulas(slope: str, verdict: str) -> None:
    assert verdicts(LOGISTIC + slope)[-1] == verdict


OWN_FUNCTION = """w = 0.5, x = 2, v = 3, t = 1, with g(a) = 1/(1 + exp(-a)).

a_1 = w x = 0.5 * 2 = 1

h_1 = g(a_1) = 1/(1 + exp(-1)) = 0.731

E = 0.5 (v h_1 - t)^2 = 0.5 * (3 * 0.731 - 1)^2 = 0.712

d = v h_1 - t = 3 * 0.731 - 1 = 1.193

dE/dw = """


@pytest.mark.parametrize(
    ("slope", "verdict"),
    [
        ("d v h_1 (1 - h_1) x = 1.193 * 3 * 0.731 * (1 - 0.731) * 2 = 1.408", "correct"),
        ("d v h_1 x = 1.193 * 3 * 0.731 * 2 = 5.232", "slip"),
    ],
)
def test_a_function_of_ones_own_is_what_it_is_said_to_be(slope: str, verdict: str) -> None:
    assert verdicts(OWN_FUNCTION + slope)[-1] == verdict


MEANS = """β1 = 0.9, β2 = 0.999, lr = 0.1, w = 1, m = 0

## {0} 1

g = 2

m = β1 m + (1 - β1) g = 0.9*0 + 0.1*2 = 0.2

w = w - lr m = 1 - 0.1*0.2 = 0.98

## {0} 2

g = 1.8

m = β1 m + (1 - β1) g = """


@pytest.mark.parametrize("word", ["Step", "步骤", "Iteration"])
@pytest.mark.parametrize(
    ("figures", "verdict"),
    [("0.9*0.2 + 0.1*1.8 = 0.36", "correct"), ("0.999*0.2 + 0.001*1.8 = 0.2016", "slip")],
)
def test_a_step_after_an_update_gives_a_gradient_anew_and_begins_no_other_example(
    word: str, figures: str, verdict: str
) -> None:
    assert verdicts(MEANS.format(word) + figures)[-1] == verdict


def test_of_two_examples_side_by_side_nobody_knows_which_one_is_meant() -> None:
    text = "The first has x = 2 and w = 0.4, the second x = 3 and w = 0.6.\n\nz = w * x = "
    assert verdicts(f"{text}0.4 * 3 = 1.2")[-1] == "undecided"


@pytest.mark.parametrize("rate", ["lr", "eta"])
@pytest.mark.parametrize(("result", "verdict"), [("0.9", "correct"), ("1.1", "slip")])
def test_a_stated_rate_before_brackets_is_a_factor(rate: str, result: str, verdict: str) -> None:
    text = f"{rate} = 0.05, w = 1, m = 4, v = 1\n\nw' = w - {rate}(m / (v + 1)) = "
    assert verdicts(f"{text}1 - 0.05*(4 / (1 + 1)) = {result}")[-1] == verdict


def test_the_number_of_a_step_may_stand_in_the_figures_alone() -> None:
    text = "β = 0.8\n\n{} 2\n\nq = 1.5\n\nr = q/(1-β²) = 1.5/(1-0.8²) = 4.17\n\n{} 3\n\nq = 2\n\n"
    assert "slip" not in verdicts(text.format("Step", "Step") + "r = 2/(1-0.8³) = 4.10")


def test_what_is_said_behind_an_update_is_of_the_next_step() -> None:
    line, later = "d = p - y = 0.5 - 1 = -0.5\n\n", "p = σ(0.3) = 0.574"
    assert verdicts(line + later)[0] == "undecided"
    assert verdicts(f"{line}w = 0.5 - 0.1*(-1) = 0.6\n\n{later}") == ["correct"] * 3


TOGETHER = """Start: V1 = 0.5, V2 = 10

Iteration 1:

V1 = -1 + 0.9*V2 = -1 + 0.9*10 = 8

V2 = 5 + 0.9*V1 = {}

Iteration 2:

V1 = -1 + 0.9*V2 = {}"""


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("5 + 0.9*0.5 = 5.45", "-1 + 0.9*5.45 = 3.905", ["correct"] * 3),  # all at once
        # One after the other, or what no iteration has: from figures alone nobody can tell.
        ("5 + 0.9*8 = 12.2", "-1 + 0.9*12.2 = 9.98", ["correct", "undecided", "correct"]),
        ("5 + 0.9*0.7 = 5.63", "-1 + 0.9*5.63 = 4.067", ["correct", "undecided", "correct"]),
    ],
)
def test_an_iteration_may_take_the_values_before_it_or_those_that_it_has(
    first: str, second: str, expected: list[str]
) -> None:
    assert verdicts(TOGETHER.format(first, second)) == expected
