"""Documents as people write them, each with what has to be found in it and nothing more."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

from typing import NamedTuple

import pytest

from tracer.check.model.finding import Finding
from tracer.document_check import check_text


def checked(text: str, scenario: str = "") -> list[Finding]:
    """Return what is found in a Markdown text, the lines that only state a value left out."""
    (report,) = check_text(text, "md", scenario or None).files
    return list(report.findings)


RIGHT = {
    "a square on the left": "σ² = (0.3 + 0.5 + 0.7 + 0.1)/4 = 1.6/4 = 0.4",
    "broken after an operator": "We get net = 0.4 x 0.5 +\n(-0.3) x 0.2 + 0.1 = 0.24, near 0.",
    "a minus at the end of a line": "m = (0.7 + 0.2 -\n 0.3)/2 = 0.3",
    "a list is no sum": "a = 2\n- 0.5 * 4 = 2\n+ 0.25 * 8 = 2",
    "a sign after Chinese words": "偏置更新为 −0.3 − 0.1 × (−2) = −0.1。",
    "a remark with a figure": "w = 1.5 − 0.1·0.2615 = 1.4739 (rounded: 1.474)",
    "unrounded figures without names": (
        "a = 1/(1 + e^(-0.85)) = 0.7006, so the loss is (0.7006 - 1)^2 = 0.0897."
    ),
}


@pytest.mark.parametrize("text", RIGHT.values(), ids=RIGHT)
def test_a_right_line_is_right(text: str) -> None:
    found = checked(text)
    assert found
    assert {entry.verdict for entry in found} == {"correct"}, [str(e.message) for e in found]


OPEN = {
    "a factor on the left": "2a = 3.0 * 1.5 = 4.5",  # nobody knows a
    "broken before an operator": "L = 0.5*0.2 + 0.3*0.2\n      + 0.4*0.5 = 0.36",
    "a half as a factor": "E = 1/2 (0.6 - 1)^2 = 0.08",  # or 1 over all that follows
}


@pytest.mark.parametrize("text", OPEN.values(), ids=OPEN)
def test_what_cannot_be_compared_whole_is_left_open(text: str) -> None:
    assert {entry.verdict for entry in checked(text)} <= {"undecided", "not_checked", "correct"}


TRACED = {
    "answers after the step": ("neuron", "new w_1 = 0.6078, new w_2 = 0.9461, new b = 0.3039"),
    "all steps told before": (
        "neuron",
        "It starts at w₁ = 0.5; after one step w₁ = 0.6078, after two w₁ = 0.6909.\n\n"
        "z = 0.5·2 + 1·(−1) + 0.25 = 0.25",
    ),
    "a table of steps in words": (
        "one_weight",
        "step 1: y_pred = 0.5 * 1 = 0.5, loss = (0.5 - 2)^2 = 2.25, w_new = 0.5 + 0.3 = 0.8\n"
        "step 2: y_pred = 0.8, loss = 1.44, w_new = 0.8 + 0.24 = 1.04",
    ),
    "a gradient after an update without names": (
        "one_weight",
        "w = 0.5 - 0.1 * (-3) = 0.8\n\nThen: dloss/dw = 2 * (0.8 - 2) = -2.4",
    ),
    "what another rate would do": (
        "one_weight",
        "With a learning rate of 0.5 we would be done at once: w = 0.5 - 0.5 * (-3) = 2.",
    ),
    "another rate in Chinese": ("one_weight", "若学习率取 0.2，则 w = 0.5 − 0.2×(−3) = 1.1。"),
    "another convention": ("one_weight", "Other convention: L = ½(0.5 − 2)² = 1.125."),
    "entries with names of their own": (
        "mlp_2_2_2",
        "z1 = 0.1*0.6 + (-0.2)*(-0.4) + 0.1 = 0.24\nz2 = 0.4*0.6 + 0.3*(-0.4) - 0.1 = 0.02",
    ),
    "a part of the loss": ("mlp_2_2_2", "E1 = 0.5*(0.9 - 0.58402)^2 = 0.04992"),
    "the traced figure from rounded ones": (
        "neuron",
        "w₁ = 0.5 + 0.1078 = 0.6078, w₂ = 1 − 0.0539 = 0.9461, b = 0.25 + 0.0539 = 0.3039\n\n"
        "### Step 2\n\nz = 0.6078·2 + 0.9461·(−1) + 0.3039 = 0.5733",
    ),
}


@pytest.mark.parametrize(("scenario", "text"), TRACED.values(), ids=TRACED)
def test_a_right_line_of_a_traced_step_is_right(scenario: str, text: str) -> None:
    found = checked(text, scenario)
    assert found
    assert not [
        str(entry.message) for entry in found if entry.verdict in ("slip", "carried_forward")
    ]


class Planted(NamedTuple):
    """A document with one slip: the text, the scenario, what is written and what belongs there."""

    text: str
    written: str
    expected: str | None
    kind: str
    scenario: str = ""


SLIPS = {
    "a wrong part of a sum": Planted(
        "s = (0.2 + 0.4 + 0.9 + 0.1)/4 = 1.6/4 = 0.5", "0.5", "0.4", "arithmetic_error"
    ),
    "one factor of several": Planted(
        "g = (0.75 - 0.25) × 0.75 × (1 - 0.75) = 0.5 × 0.75 × 0.35 = 0.09375",
        "0.35",
        "0.25",
        "arithmetic_error",
    ),
    "a figure in brackets": Planted(
        "g = 0.5·(−0.4 − 0.8) = 0.5·(−2.2) = −0.6", "−2.2", "−1.2", "arithmetic_error"
    ),
    "the sign of a rounded result": Planted(
        "z = 0.35, a = 1/(1 + e^(-0.35)) = 0.5866\n\ng = -0.5866*2 = 1.1732",
        "1.1732",
        "-1.1732",
        "sign_error",
    ),
    "the sign of a part": Planted(
        "z = 0.25\n\na = 1/(1 + e^(-z)) = 1/(1 + e^(0.25)) = 0.5622", "0.25", "-0.25", "sign_error"
    ),
    "one digit is no stale value": Planted(
        "w1 = 0.4, w2 = -0.5, lr = 0.3, dL/dw2 = -0.1336\n\n"
        "w2 = w2 - lr * dL/dw2 = 0.5 - 0.3 * (-0.1336) = 0.5401",
        "0.5",
        "-0.5",
        "sign_error",
    ),
    "a sum that is not read hides nothing": Planted(
        r"$L = -\sum_i y_i \ln p_i = -\ln(0.1877) = 1.9729$", "1.9729", "1.6729", "arithmetic_error"
    ),
    "a rounded product with another sample": Planted(
        "dL/dw1 = dL/dz * x1 = -0.1078 * (-1) = -0.2155",
        "-1",
        "2",
        "wrong_substitution",
        "neuron",
    ),
    "an old weight without names": Planted(
        "z = 0.5·2 + 1·(−1) + 0.25 = 0.25\nw₁ = 0.5 − 0.5·(−0.2155) = 0.6078\n\n### Step 2\n\n"
        "z = 0.5·2 + 0.9461·(−1) + 0.3039 = 0.3578",
        "0.5",
        None,
        "stale_value",
        "neuron",
    ),
    "an old gradient that the result hides": Planted(
        "Step 1: w = 0.5 - 0.1 * (-3) = 0.8\n\nStep 2: dloss/dw = 2 * (0.8 - 2) = -2.4, "
        "w = 0.8 - 0.1 * (-3) = 1.1",
        "(-3)",
        None,
        "stale_value",
        "one_weight",
    ),
    "a new weight with the wrong sign": Planted(
        "dL/dw_1 = -0.2155\n\nnew w_1 = 0.3922", "0.3922", "0.5000", "wrong_substitution", "neuron"
    ),
}


@pytest.mark.parametrize("planted", SLIPS.values(), ids=SLIPS)
def test_one_slip_is_found_and_nothing_else(planted: Planted) -> None:
    found = checked(planted.text, planted.scenario)
    accused = [entry for entry in found if entry.verdict == "slip"]
    assert len(accused) == 1, [str(entry.message) for entry in accused]
    entry = accused[0]
    assert (entry.written or "").strip("()") == planted.written.strip("()")
    assert entry.kind == planted.kind, str(entry.message)
    if planted.expected is not None:
        assert entry.expected == planted.expected


def test_a_stated_figure_may_be_a_rounded_one() -> None:
    found = checked("新权重 w ≈ 0.6078。净输入为 0.6078×2 - 0.9 = 0.3155。")
    assert [entry.verdict for entry in found] == ["correct"]


def test_a_later_line_with_the_right_figure_is_right() -> None:
    text = (
        "w = 0.42, lr = 0.5\n\ndL/dw = 0.1297 * 0.568 = -0.0737\n\n"
        "w = w - 0.5 * dL/dw = 0.42 - 0.5 * 0.0737 = 0.3832"
    )
    assert [entry.line for entry in checked(text) if entry.verdict == "slip"] == [3]


def test_causes_that_give_the_same_figure_are_all_named() -> None:
    (entry,) = checked("L = (4² + 10·1²)/2 = 26")
    assert entry.cause is None
    assert set(entry.candidates) == {"missing_1_over_n", "missing_factor_2"}
