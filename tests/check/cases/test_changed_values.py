"""What words say of values: that one is another from here on, or that it was worked out."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

import pytest

from tests.check.cases.verdicts import verdicts
from tracer.document_check import check_text

MOMENTUM = """Let w = 1, g = 2, v = 0.5, β = 0.9 and lr = 0.1.

v = β*v + g = 0.9*0.5 + 2 = 2.45

v = β*v + g = 0.9*2.45 + 2 = 4.205

"""
STEP = """Let w = 2, x = 3, y = 5 and η = 0.1.

dL/dw = 2 (w x - y) x = 2*1*3 = 6

"""
CHANGED = [
    MOMENTUM + "We restart the velocity: v = β*v + g = 0.9*0 + 2 = 2",
    MOMENTUM + "Now we reset v to zero.\n\nv = β*v + g = 0.9*0 + 2 = 2",
    MOMENTUM + "重新开始：v = β*v + g = 0.9*0 + 2 = 2",
    MOMENTUM + "把速度清零。\n\nv = β*v + g = 0.9*0 + 2 = 2",
    STEP + "After halving the rate: w = w - η dL/dw = 2 - 0.05*6 = 1.7",
    STEP + "With half the rate: w = w - η dL/dw = 2 - 0.05*6 = 1.7",
    STEP + "Then, after dividing η by 2, w = w - η dL/dw = 2 - 0.05*6 = 1.7",
    STEP + "把学习率减半后：w = w - η dL/dw = 2 - 0.05*6 = 1.7",
    STEP + "The step size is doubled.\n\nw = w - η dL/dw = 2 - 0.2*6 = 0.8",
    "Let w = 2, x = 3 and b = 0.1.\n\nAfter doubling the bias: z = w x + b = 2*3 + 0.2 = 6.2",
    "Let b = 0.9, g = 2, v = 0.\n\nv = b*v + g = 0.9*0 + 2 = 2\n\n"
    "v = b*v + g = 0.9*2 + 2 = 3.8\n\nThe buffer is cleared.\n\n"
    "v = b*v + g = 0.9*0 + 2 = 2",
    "x = 2, y = x² = 4. When x = 3, y = 9.\n\nz = y + 1 = 5",
    "Let w = 2, x = 3.\n\nWe replace the input by 4.\n\nz = w x = 2*4 = 8",
    "u = -1.30\n\nr = 0.1 * u = 0.1 * (-1.30) = -0.13\n\nThere u = 21.78 - 21.00 = 0.78, "
    "above zero, so r = u.\n\nL = r² = 0.78² = 0.6084",
]


@pytest.mark.parametrize("text", CHANGED)
def test_what_is_said_to_change_is_open_until_it_is_told_again(text: str) -> None:
    assert verdicts(text)[-1] == "undecided"
    assert "slip" not in verdicts(text)


UNCHANGED = [
    MOMENTUM + "Then the velocity again: v = β*v + g = 0.9*0.5 + 2 = 2.45",
    STEP + "Then the update: w = w - η dL/dw = 2 - 0.05*6 = 1.7",
    # a gate, and what is said of another quantity
    STEP + "The reset gate comes later.\n\nw = w - η dL/dw = 2 - 0.05*6 = 1.7",
    STEP + "To reduce the loss: w = w - η dL/dw = 2 - 0.05*6 = 1.7",
]


@pytest.mark.parametrize("text", UNCHANGED)
def test_other_words_leave_a_value_what_it_is(text: str) -> None:
    assert verdicts(text)[-1] == "slip"


WORKED_OUT = [
    "The norm is 5.099.\n\nu = 3/5.099 = 0.58834",
    "Let v = [1, 2].\n\nThe norm of v is 2.236.\n\nu = 2/2.236 = 0.89443",
    "范数为 2.236。\n\nu = 2/2.236 = 0.89443",
    "‖v‖ = 2.236\n\nu = 2/2.236 = 0.89443",
    "The standard deviation is 1.414.\n\nn = (3 - 1)/1.414 = 1.4142",
    "h = 0.622\n\nz = 2 h = 2*0.622 = 1.2449",
]


@pytest.mark.parametrize("text", WORKED_OUT)
def test_a_fine_figure_for_what_is_no_data_is_as_rounded_as_a_result(text: str) -> None:
    assert {*verdicts(text)} == {"correct"}


def test_a_fine_figure_that_nobody_stated_may_be_rounded() -> None:
    assert verdicts("u = 3/5.099 = 0.58834") == ["undecided"]
    assert verdicts("u = 3/5.099 = 0.58934") == ["slip"]
    assert verdicts("u = 3*5.099 = 15.298") == ["undecided"]
    assert verdicts("u = 3*5.099 = 15.31") == ["slip"]
    assert verdicts("x = 5.099\n\nu = 3*5.099 = 15.298")[-1] == "slip"


@pytest.mark.parametrize(
    ("above", "verdict"),
    [
        ("softmax: [0.66, 0.24, 0.10]", "undecided"),
        ("probs = [0.66, 0.24, 0.10]", "undecided"),
        ("predictions: [0.66, 0.34]", "undecided"),
        ("weights: [0.66, 0.24]", "slip"),
        ("x = 0.66", "slip"),
    ],
)
def test_a_result_without_its_working_was_rounded(above: str, verdict: str) -> None:
    assert verdicts(f"{above}\n\nloss = -log(0.66) = 0.417")[-1] == verdict
    assert verdicts(f"{above}\n\nloss = -log(0.66) = 0.471")[-1] == "slip"


ADAM = """Let $\\beta_1 = 0.9$, $\\beta_2 = 0.999$ and $\\theta_0 = 1$.

$v_1 = 0.999 \\cdot 0 + 0.001 \\cdot 4 = 0.004$

$\\theta_1 = 1 - \\frac{{0.1}}{{\\sqrt{{4}} + 10^{{-8}}}} \\cdot 2 = 0.9$

$\\theta_2 = 0.9 - \\frac{{0.1}}{{\\sqrt{{3.61}} + 10^{{-8}}}} \\cdot 1.9 = {}$
"""


def test_a_result_that_was_hardly_rounded_is_no_wider_where_its_figure_was_also_given() -> None:
    assert verdicts(ADAM.format("0.8"))[-1] == "correct"
    assert verdicts(ADAM.format("0.84"))[-1] == "slip"


WEIGHTS = "0.269, 0.598, 0.133"


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        (f"The weights are {WEIGHTS}.\n\n0.269*7 + 0.598*4 + 0.133*9 = 5.473", "undecided"),
        (f"The weights are {WEIGHTS}.\n\n0.269*7 + 0.598*4 + 0.133*9 = 5.493", "slip"),
        ("w1 = 0.085, w2 = 0.271\n\n0.085*2 + 0.271 = 0.442", "slip"),
        ("The mean is about 0.227, so the sum of 300 is 0.227 * 300 = 68.", "undecided"),
    ],
)
def test_a_figure_that_nobody_stated_may_stand_for_a_finer_one(text: str, verdict: str) -> None:
    assert verdicts(text)[-1] == verdict


def test_a_figure_with_the_decimals_of_results_is_no_coarse_one() -> None:
    """0.0816 has three digits, the writer's other results four: it was rounded to four decimals."""
    results = (
        "6/0.7 = 8.5714, 1/9 = 0.1111, sqrt(0.015) = 0.1225, 0.4/3 = 0.1333, 2/784 = 0.00255\n\n"
    )
    line = "300 * 0.0816^2 / 2 ≈ 300 * 0.00667 / 2 = 1.00"
    assert verdicts(results + line)[-1] == "undecided"


NO_DENIAL = [
    "Let v = 0.5, x = 2.\n\nv and u do not change.\nz = v * x = 0.5 * 2 = 1.1",
    "The weights do not change; z = 0.5 * 2 = 1.1",
    "As it does not depend on w, q = 0.5 * 3 = 1.6",
    "这不会改变权重。z = 0.5 * 2 = 1.1",
]


@pytest.mark.parametrize("text", NO_DENIAL)
def test_what_is_said_not_to_change_denies_no_line(text: str) -> None:
    assert verdicts(text) == ["slip"]


def test_a_denied_line_is_open() -> None:
    assert verdicts("This is not right: z = 0.5 * 2 = 1.1") == ["undecided"]


WORKED_ASIDES = {
    "an optimum": ("The loss is smallest at w = y/x = 6/3 = 2.", "1*3 = 3", "4*3 = 12"),
    "a typical choice": (
        "A typical choice is w = 1/2 = 0.5, but we keep ours.",
        "1*3 = 3",
        "5*3 = 15",
    ),
    "a limit": ("In the limit $w = 6/2 = 3$ would be reached.", "1*3 = 3", "4*3 = 12"),
    "another person": ("My neighbour began at w = 8/4 = 2.", "1*3 = 3", "4*3 = 12"),
    "Chinese": ("最小值点为 w = 8/2 = 4。", "1*3 = 3", "6*3 = 18"),
}


@pytest.mark.parametrize(("aside", "right", "other"), WORKED_ASIDES.values(), ids=WORKED_ASIDES)
def test_a_value_worked_out_for_another_case_refutes_nothing(
    aside: str, right: str, other: str
) -> None:
    text = f"w = 1, x = 3, y = 6, b = 2\n\nq = y/b = 6/2 = 3\n\n{aside}\n\nz = w*x = "
    assert verdicts(f"{text}{right}") == ["correct", "correct", "undecided"]
    assert verdicts(f"{text}{other}")[-1] == "undecided"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("0.1", "We lower the rate to η = 0.1/2 = 0.05."),
        ("0.1", "η = 0.05"),
        ("0.2", "The rate is changed to η = 0.16/2 = 0.08."),
        ("0.2", "Now the rate is η = 0.2·0.4 = 0.08."),
        ("0.1", "学习率减半为 η = 0.1/2 = 0.05。"),
    ],
)
def test_the_rate_before_is_no_rounding_of_the_one_now(old: str, new: str) -> None:
    text = (
        f"w = 1, g = 3, η = {old}\n\n{new}\n\nw ← w − η·g = 1 − {old}·3 = {1 - 3 * float(old):.1f}"
    )
    assert verdicts(text)[-1] != "correct"


@pytest.mark.parametrize("words", ["Moving downhill gives", "We then arrive at", "走一小步到"])
def test_what_adds_to_the_value_a_name_had_is_its_next_one(words: str) -> None:
    text = f"w = 0.5, x = 2\n\n{words} w = 0.5 + 0.3 = 0.8.\n\nz = w*x = "
    assert verdicts(f"{text}0.8*2 = 1.6")[-1] == "correct"
    assert verdicts(f"{text}0.5*2 = 1")[-1] == "slip"


@pytest.mark.parametrize("aside", [row[0] for row in WORKED_ASIDES.values()], ids=WORKED_ASIDES)
def test_a_value_worked_out_for_another_case_is_not_held_against_the_run(aside: str) -> None:
    (report,) = check_text(f"ŷ = w * x = 0.5 * 1 = 0.5\n\n{aside}", "md", "one_weight").files
    assert "slip" not in {each.verdict for each in report.findings}
