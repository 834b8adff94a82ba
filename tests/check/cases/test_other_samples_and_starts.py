"""Another sample keeps what its page was given; another start is no slip beside a run."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

import pytest

from tests.check.cases.verdicts import verdicts
from tracer.document_check import check_text

SAMPLES = {
    "words": (
        "The network is ŷ = w x + b with w = 0.5, b = 0.1.\n\nSample 1: x = 2, y = 1\n\n"
        "ŷ = w x + b = 0.5*2 + 0.1 = 1.1\n\nSample 2: x = 3, y = 2\n\n"
        "ŷ = w x + b = {}*3 + 0.1 = {}"
    ),
    "headings": (
        "# By hand\n\nGiven w = 0.5, b = 0.1.\n\n## Sample 1: x = 2\n\n"
        "ŷ = w x + b = 0.5*2 + 0.1 = 1.1\n\n## Sample 2: x = 3\n\nŷ = w x + b = {}*3 + 0.1 = {}"
    ),
    "LaTeX": (
        "$w = 0.5$, $b = 0.1$\n\n**A.** $x = 2$\n\n"
        "$\\hat y = wx + b = 0.5 \\cdot 2 + 0.1 = 1.1$\n\n"
        "**B.** $x = 3$\n\n$\\hat y = wx + b = {} \\cdot 3 + 0.1 = {}$"
    ),
    "Chinese": (
        "已知 w = 0.5, b = 0.1。\n\n样本1：x = 2\n\nŷ = w x + b = 0.5*2 + 0.1 = 1.1\n\n"
        "样本2：x = 3\n\nŷ = w x + b = {}*3 + 0.1 = {}"
    ),
    "all given at once": (
        "Let w = 0.5, b = 0.1, x = 2.\n\nz = w x + b = 0.5*2 + 0.1 = 1.1\n\nNow take x = 3.\n\n"
        "z = w x + b = {}*3 + 0.1 = {}"
    ),
    "net inputs": (
        "Let w = 0.5, b = 0.1.\n\nx = 2, z = 1\n\nq = w x + b z = 0.5*2 + 0.1*1 = 1.1\n\n"
        "x = 3, z = 1\n\nq = w x + b z = {}*3 + 0.1*1 = {}"
    ),
    "a formula further up": (
        "ŷ = w x + b with w = 0.5, b = 0.1.\n\nSample 1: x = 2\n\nŷ = 0.5*2 + 0.1 = 1.1\n\n"
        "Sample 2: x = 3\n\nŷ = {}*3 + 0.1 = {}"
    ),
}


@pytest.mark.parametrize("text", SAMPLES.values(), ids=SAMPLES)
def test_another_sample_has_the_weights_of_the_page(text: str) -> None:
    assert {*verdicts(text.format("0.5", "1.6"))} == {"correct"}
    assert verdicts(text.format("0.6", "1.9"))[-1] == "slip"


@pytest.mark.parametrize(("weight", "verdict"), [("0.46", "correct"), ("0.56", "undecided")])
def test_nobody_knows_if_another_sample_begins_with_what_was_updated(
    weight: str, verdict: str
) -> None:
    text = (
        "w = 0.5, lr = 0.1, g = 0.4.\n\nSample 1: x = 2\n\nz = w x = 0.5*2 = 1\n\n"
        "w ← w - lr g = 0.5 - 0.1*0.4 = 0.46\n\nSample 2: x = 3\n\nz = w x = {}*3 = {:.2f}"
    )
    assert verdicts(text.format(weight, float(weight) * 3))[-1] == verdict


CHANGED = [
    "Sample 2: x = 3\n\nz = w x + b = 0.42*3 + 0.1 = 1.36",  # what was printed above
    "Another net. x = 3\n\nz = w x + b = 1*3 + 1 = 4",  # nothing is as it was
]


@pytest.mark.parametrize("text", CHANGED)
def test_what_the_page_was_given_may_have_changed_where_nothing_shows_that_it_holds(
    text: str,
) -> None:
    above = (
        "w = 0.5, b = 0.1.\n\nSample 1: x = 2\n\nz = w x + b = 0.5*2 + 0.1 = 1.1\n\n"
        "Updated weight: 0.5 - 0.1*0.8 = 0.42\n\n"
    )
    assert verdicts(above + text)[-1] == "undecided"


def test_an_example_with_weights_of_its_own_takes_up_nothing() -> None:
    text = (
        "w = 0.5, b = 0.1, x = 2\n\nz = w x + b = 0.5*2 + 0.1 = 1.1\n\n"
        "w = 0.7, x = 3\n\nz = w x + b = 0.7*3 + 0.2 = 2.3"
    )
    assert "slip" not in verdicts(text)


def test_formulas_hold_for_each_sample() -> None:
    text = (
        "L = -(y ln p + (1-y) ln(1-p)), p = σ(z).\n\nSample 1: y = 1, z = 1.3863\n\n"
        "p = σ(1.3863) = 0.8\n\n∂L/∂z = p - 1 = 0.8 - 1 = -0.2\n\nSample 2: y = 0, z = -0.8473\n\n"
        "p = σ(-0.8473) = 0.3\n\n∂L/∂z = {} = {} = {}"
    )
    assert verdicts(text.format("p - 0", "0.3 - 0", "0.3"))[-1] == "correct"
    assert verdicts(text.format("p - 1", "0.3 - 1", "-0.7"))[-1] == "slip"


STARTS = [
    "What if w were 3? Then ŷ = w x = 3·1 = 3.\n\nAnd L = (3 - 2)² = 1.",
    "Suppose instead that w = 3. Then ŷ = w x = 3·1 = 3.\n\nL = (ŷ - y)² = (3 - 2)² = 1\n\n"
    "w ← w - 0.1*2 = 3 - 0.2 = 2.8",
    "## Another start\n\nIf we had started at w = 3 instead:\n\nŷ = w x = 3·1 = 3\n\n"
    "L = (3 - 2)² = 1\n\ndL/dw = 2*(3-2)*1 = 2",
    "要是 w = 3 呢？那么 ŷ = w x = 3·1 = 3，L = (3 - 2)² = 1。",
    "With a learning rate of 1 instead: w ← w - 1 * (-3) = 0.5 + 3 = 3.5\n\nŷ = w x = 3.5*1 = 3.5",
]


@pytest.mark.parametrize("text", STARTS)
def test_what_follows_from_a_value_that_is_supposed_is_no_slip_beside_a_run(text: str) -> None:
    (report,) = check_text(f"ŷ = w * x = 0.5 * 1 = 0.5\n\n{text}", "md", "one_weight").files
    assert {each.verdict for each in report.findings} == {"correct", "undecided"}


def test_a_line_with_the_values_of_the_run_ends_what_was_supposed() -> None:
    text = (
        "What if w were 3? Then ŷ = w x = 3·1 = 3.\n\nWith ours ŷ = w x = 0.5·1 = 0.5.\n\n"
        "L = (ŷ - y)² = (0.5 - 2)² = 2.35"
    )
    (report,) = check_text(text, "md", "one_weight").files
    assert report.findings[-1].verdict == "slip"


QUOTIENTS = [
    ("L(w + h) = (w x - y)² = (2.1*3 - 5)² = 1.69", "undecided"),
    ("L(w - h) = (w x - y)² = (1.9*3 - 5)² = 0.49", "undecided"),
    ("L(w) = (w x - y)² = (2.1*3 - 5)² = 1.69", "slip"),
    ("L(w + h) = (2.1*3 - 5)² = 1.69", "correct"),
]


@pytest.mark.parametrize(("line", "verdict"), QUOTIENTS)
def test_at_another_place_a_function_has_other_figures(line: str, verdict: str) -> None:
    assert verdicts(f"w = 2, x = 3, y = 5, h = 0.1.\n\n{line}")[-1] == verdict


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        ("dL/dw ≈ (2.2201 - 2.25)/0.01 = -2.99", "undecided"),
        ("∂L/∂w ≈ (L(w+h) − L(w))/h = (1.96 − 2.25)/0.1 = −2.9", "undecided"),
        ("dL/dw = 2*(0.5 - 2) = -2.9", "slip"),
    ],
)
def test_a_quotient_of_differences_is_only_near_the_derivative(line: str, verdict: str) -> None:
    (report,) = check_text(line, "md", "one_weight").files
    assert [each.verdict for each in report.findings] == [verdict]


@pytest.mark.parametrize("words", ["Step 2: ", "", "第二步：", "At the new point g is 1.5, so "])
@pytest.mark.parametrize(
    ("figures", "verdict"),
    [
        ("0.3 - 0.1*2 = 0.1", "correct"),
        ("0.3 - 0.1*1.5 = 0.15", "undecided"),
        ("0.3 - 0.01*2 = 0.28", "slip"),  # the rate stays
        ("0.4 - 0.1*2 = 0.2", "slip"),  # w goes on
        ("0.3 - 0.1*1.5 = 0.25", "slip"),
    ],
)
def test_a_second_update_may_have_another_gradient(words: str, figures: str, verdict: str) -> None:
    """What is given for one step may be another in the next one, whatever stands in front."""
    start = "w = 0.5, η = 0.1, g = 2\n\nw = w - η g = 0.5 - 0.1*2 = 0.3\n\n"
    assert verdicts(f"{start}{words}w = w - η g = {figures}")[-1] == verdict


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        ("$\\cos(\\theta) = \\frac{3 \\cdot 4}{15} = 0.8$", "undecided"),
        ("$\\sigma(\\theta) = \\frac{1}{1 + e^{-0.5}} = 0.622$", "correct"),
        ("$\\sigma(\\theta) = \\frac{1}{1 + e^{-0.4}} = 0.599$", "slip"),
    ],
)
def test_a_function_of_an_angle_may_be_worked_out_from_other_values(
    line: str, verdict: str
) -> None:
    """The letter may be another quantity, unless its own figure is put in."""
    assert verdicts(f"$\\theta = 0.5$, $a = 3$, $b = 4$, $c = 0.4$\n\n{line}")[-1] == verdict


@pytest.mark.parametrize(
    ("words", "verdict"),
    [
        ("For a sample of 400: ", "undecided"),
        ("样本为 400 时：", "undecided"),
        ("For a sample of 100: ", "slip"),
        ("Example 400: ", "slip"),  # numbered, and not told
        ("In 400 ", "slip"),
        ("", "slip"),
    ],
)
def test_a_figure_that_the_words_before_a_line_tell_is_put_in(words: str, verdict: str) -> None:
    """They may give a value that no name stands beside."""
    line = "$SE = s/\\sqrt{n} = 12/\\sqrt{400} = 0.6$"
    assert verdicts(f"$n = 100$, $s = 12$\n\n{words}{line}")[-1] == verdict


NUMBERED = [
    ("one_weight_all_samples",
     "y_hat_1 = w * x_1 = 0.5 * 1 = 0.5\ny_hat_2 = w * x_2 = 0.5 * {} = {}",
     ("2", "1"), ("3", "1.5")),
    ("one_weight_all_samples",
     "y_hat_1 = w * x_1 = 0.5 * 1 = 0.5\nerr_3 = y_hat_3 - y_3 = 1.5 - {} = {}",
     ("6", "-4.5"), ("4", "-2.5")),
    ("linear_regression", "yhat1 = 0.5*1 + 0.5*2 + 0 = 1.5\nyhat2 = 0.5*{} + 0 = {}",
     ("2 + 0.5*3", "2.5"), ("3 + 0.5*4", "3.5")),
    ("one_weight_sum", "ŷ_1 = w x_1 = 0.5 · 1 = 0.5\nŷ_2 = w x_2 = 0.5 · {} = {}",
     ("2", "1"), ("3", "1.5")),
    ("one_weight_all_samples",
     "y_hat_0 = w * x_0 = 0.5 * 1 = 0.5\ny_hat_2 = w * x_2 = 0.5 * {} = {}",
     ("3", "1.5"), ("2", "1")),
    ("optimizers_side_by_side",
     "## t = 2\n\nm1 = 0.9 * [0.4, 1] + 0.1 * [3.6, 6] = [0.72, 1.5]\n\n"
     "m1_hat = [0.72, 1.5] / (1 - 0.9^{}",
     ("2) = [3.7895, 7.8947]",), ("1) = [7.2, 15]",)),
    ("perceptron", "Epoch 2, sample 1: x = [0, 0], y = 0\n\nerror = y - ŷ = 0 - {}",
     ("1 = -1",), ("0 = 0",)),
    ("perceptron", "第2轮，样本1：\n\nerror = y - ŷ = 0 - {}", ("1 = -1",), ("0 = 0",)),
    ("perceptron", "## Epoch 2\n\n### Sample 1\n\nz = 0*0 + 0*0 + {}", ("1 = 1",), ("0 = 0",)),
    ("perceptron", "Sample 4:\n\nerror = y - ŷ = 1 - {}", ("0 = 1",), ("1 = 0",)),
]  # fmt: skip


@pytest.mark.parametrize(("scenario", "text", "right", "wrong"), NUMBERED)
def test_a_number_says_which_sample_step_or_epoch_of_a_run_is_meant(
    scenario: str, text: str, right: tuple[str, ...], wrong: tuple[str, ...]
) -> None:
    ends = [
        check_text(text.format(*figures), "md", scenario).files[0].findings[-1].verdict
        for figures in (right, wrong)
    ]
    assert ends == ["correct", "slip"]


OWN = [
    (
        "losses",
        "S = 4 + 2.3248 = 6.3248\n\np2 = exp(1) / S = 2.7183 / 6.3248 = {}",
        "0.4298",
        "0.4398",
    ),
    ("xor", "out2 = tanh(-0.6) = {}", "-0.5370", "-0.6370"),
    ("mlp_2_2_2", "out1 = sigmoid(0.24) = {}", "0.5597", "0.6597"),
]


@pytest.mark.parametrize(("scenario", "text", "right", "wrong"), OWN)
def test_a_name_is_of_the_run_where_something_is_put_in_that_the_run_makes_it_of(
    scenario: str, text: str, right: str, wrong: str
) -> None:
    """Else a share p_2, or the output of a hidden unit, is the writer's own."""
    ends = [
        check_text(text.format(figure), "md", scenario).files[0].findings[-1].verdict
        for figure in (right, wrong)
    ]
    assert ends == ["correct", "slip"]


@pytest.mark.parametrize(
    ("line", "verdict"),
    [("-0.082379 * 0.6619 = -0.054527", "correct"), ("-0.082479 * 0.6619 = -0.054593", "slip")],
)
def test_what_a_right_line_has_rounded_may_be_put_in_below(line: str, verdict: str) -> None:
    """Beside a run, too, where the writer works with four digits and prints more of a product."""
    text = "delta6 = 2 * (0.7028 - 0.9) * 0.7028 * (1 - 0.7028) = -0.082379\n\ndw6 = " + line
    last = check_text(text, "md", "deep_sigmoid").files[0].findings[-1]
    assert last.verdict == verdict
    assert "dy_pred" not in str(last.message)  # the derivation prints no such name


def test_a_run_in_batches_has_the_data_of_each_sample() -> None:
    """What is given of the fourth sample is no other exercise, and its update is the run's."""
    text = (
        "w = [0, 0], b = 0\n\nSample 3: x = [1, 0], y = 0\n\nerror = y - ŷ = 0 - 0 = 0\n\n"
        "Sample 4: x = [1, 1], y = 1\n\nerror = y - ŷ = 1 - 0 = 1\n\nb = b + error = 0 + 1 = 1\n\n"
        "## Epoch 2\n\nSample 1: x = [0, 0], y = 0\n\nz = 0*0 + 0*0 + {} = {}"
    )
    ends = [
        check_text(text.format(b, b), "md", "perceptron").files[0].findings[-1].verdict
        for b in (1, 0)
    ]
    assert ends == ["correct", "slip"]


def test_figures_that_rest_on_a_slip_carry_it_into_the_next_iteration() -> None:
    """An error that the run has no name for is worked out of the writer's own prediction."""
    text = (
        "dw2 = 2/4*((-0.5)*2 + (-0.5)*3 + (-0.5)*3 + (-0.5)*5) = -3.25\n"
        "w2 = 0.5 - 0.01*(-3.25) = 0.5325\n\niteration 2\n\n"
        "yhat2 = 0.525*2 + 0.5325*3 + 0.01 = 2.6575\ne2 = 2.6575 - 3 = -0.3425\n"
        "e4 = 4.7725 - 5 = -0.2275\n"
    )
    found = check_text(text, "md", "linear_regression").files[0].findings
    assert [each.verdict for each in found][:4] == ["slip", *["carried_forward"] * 3]


def test_a_name_of_ones_own_counts_the_entries_of_an_array_as_the_run_does() -> None:
    text = "score3 = (1.25*0 + 0.5*1) / sqrt(2) = 0.3536"  # that of the second key
    found = check_text(text, "md", "cross_attention").files[0].findings[-1]
    assert all(pair.right for pair in found.pairs)  # no pair with the run


def test_a_wrong_figure_that_is_put_in_again_is_no_second_slip() -> None:
    """Nobody has worked it out on a line; where one is worked out on each, each is a slip."""
    again = "dE/dW1[0,0] = -0.0192 * 0.6 = -0.0115\n\ndE/dW1[0,1] = -0.0192 * (-0.4) = 0.0077"
    found = check_text(again, "md", "mlp_2_2_2").files[0].findings
    assert [each.verdict for each in found] == ["slip", "carried_forward"]
    anew = "d = √((7-1)² + (8-2)²) = √50 = 7.07\n\ne = √((9-3)² + (8-2)²) = √50 = 7.07"
    assert verdicts(anew) == ["slip", "slip"]


@pytest.mark.parametrize(
    ("scenario", "line", "verdict"),
    [
        ("mlp_2_2_2", "loss = 0.0899", "undecided"),  # 0.09004, from figures that were rounded
        ("mlp_2_2_2", "z2 = (0.3393, -0.0668)", "undecided"),
        ("mlp_2_2_2", "loss = 0.0988", "slip"),
        ("mlp_2_2_2", "z2 = (0.3393, -0.0696)", "slip"),
        ("mlp_2_2_2", "z1 = (0.24, 0.03)", "slip"),  # the run has just 0.02
        ("one_weight", "loss = 2.26", "slip"),
    ],
)
def test_a_bare_result_may_be_of_rounded_figures(scenario: str, line: str, verdict: str) -> None:
    """A last digit that is one off proves nothing, unless the run has a value of that many."""
    (found,) = check_text(line, "md", scenario).files[0].findings
    assert found.verdict == verdict


@pytest.mark.parametrize("words", ["grad at", "gradient at", "Gradient von", "gradiente de"])
def test_a_gradient_at_a_name_is_none_of_its_values(words: str) -> None:
    """The name has its own value before and after."""
    text = (
        "h1 = 0.5597\n\n{} h1 = 0.7*(-0.0768) + (-0.3)*0.0707 = -0.0750\n\n"
        "delta1 = -0.0750*0.5597*(1 - 0.5597) = -0.0185"
    )
    found = check_text(text.format(words), "md", "mlp_2_2_2").files[0].findings
    assert "slip" not in {each.verdict for each in found}


@pytest.mark.parametrize(
    ("above", "verdict"),
    [("", "undecided"), ("Iteration 1:\n\n", "slip"), ("Iteration 4:\n\n", "correct")],
)
def test_whole_numbers_may_be_those_of_a_later_iteration(above: str, verdict: str) -> None:
    """Those of a perceptron have no finer figures that would tell."""
    found = check_text(f"{above}w1 = 0 + 1·1 = 1", "md", "perceptron").files[0].findings
    assert found[-1].verdict == verdict


@pytest.mark.parametrize("name", ["g_z3", "dz3"])
@pytest.mark.parametrize(
    ("above", "verdict"), [("{}[5] = p[5] = 0.1456\n\n", "slip"), ("", "undecided")]
)
def test_the_sign_of_an_array_is_shown_by_its_other_entries(
    name: str, above: str, verdict: str
) -> None:
    """Alone, target minus prediction may be what the writer calls so."""
    text = f"{above.format(name)}{name}[6] = 1 - 0.0914 = 0.9086"
    found = check_text(text, "md", "digit_mlp").files[0].findings
    assert found[-1].verdict == verdict
