"""Beside a run: which entry, sample, step or quantity a line is of, what follows from a slip."""

from __future__ import annotations

import pytest

from tracer.document_check import check_text

RIGHT, SLIP, CARRIED, OPEN = "correct", "slip", "carried_forward", "undecided"

FROM_ONE = "z1[1] = 0.1*0.6 + (-0.2)*(-0.4) + 0.1 = 0.24\n\nz1[2] = 0.4*0.6 - 0.3*0.4 - 0.1 = {}"
FROM_ZERO = "z1[0] = 0.1*0.6 + (-0.2)*(-0.4) + 0.1 = 0.24\n\nz1[1] = 0.4*0.6 - 0.3*0.4 - 0.1 = {}"
GRADIENTS_OF_STATES = (
    "dL/dh[2] = {}\n\ndL/dh[1] = [0.07494 0.08583]\n\ndL/dh[0] = [0.04322 0.02748]"
)
SAMPLES = "Sample 1: y_pred = 0.5·1 + 0.5·2 = 1.5\n\nSample 2: y_pred = {}"
EPOCH = (
    "Epoch 1\n\n(0,0): z = 0*0 + 0*0 + 0 = 0 -> w = (0, 0), b = 0\n\n"
    "(0,1): z = 0*0 + 0*1 + 0 = 0 -> w = (0, 0), b = 0\n\n"
    "(1,0): z = 0*1 + 0*0 + 0 = 0 -> w = (0, 0), b = 0\n\n"
    "(1,1): z = 0*1 + 0*1 + 0 = 0 -> w = {}, b = 1"
)
STEP = "y_pred = 0.5*1 = 0.5\n\ndL/dw = 2*(0.5-2)*1 = -3\n\nw = {0}\n\ny_pred = {0}*1 = {0}"
UNDER_A_HEADING = STEP.replace("w = {0}", "# Update\n\nw = {0}", 1)
NEURON = "s = 0.5·2 + 1·(-1) + 0.25 = 0.25\n\no = σ(0.25) = 0.5622\n\n"
OPEN_SLOPE = "σ'(s) = 0.25(1 - 0.25) = 0.1875\n\nδ = -0.4378·0.1875 = -0.0821"
WRONG_SLOPE = "δ = -0.4378·0.3 = -0.1313\n\ndL/dw1 = -0.1313·2 = -0.2626\n\nw1 = {}"


PICKED = "p = [0.58324, 0.29161, 0.12515]\n\nL = -ln(p[1]) = -ln({}) = {}"
ONE_LOSS = (
    "p = 4\n\nq = 1\n\nL = (p² + 10·q²)/2 = (4² + 10·1²)/2 = 13\n\n"
    "p_new = p - 0.05·4 = 4 - 0.05·4 = 3.8\n\nq_new = q - 0.05·10 = 1 - 0.05·10 = 0.5\n\n{}\n\n"
    "L = (p² + 10·q²)/2 = (3.8² + 10·0.5²)/2 = {}"
)


def verdicts_beside(scenario: str, text: str) -> list[str]:
    """Return the verdict on each line of a text that is checked beside a scenario."""
    (report,) = check_text(text, "md", scenario).files
    return [finding.verdict for finding in report.findings]


@pytest.mark.parametrize(
    ("scenario", "text", "expected"),
    [
        # Entries count from 0 or from 1, as the last one says, or what the entries are worth.
        ("mlp_2_2_2", FROM_ONE.format("0.02"), [RIGHT, RIGHT]),
        ("mlp_2_2_2", FROM_ONE.format("0.03"), [RIGHT, SLIP]),
        ("mlp_2_2_2", FROM_ZERO.format("0.02"), [RIGHT, RIGHT]),
        ("mlp_2_2_2", FROM_ZERO.format("0.03"), [RIGHT, SLIP]),
        ("mlp_2_2_2", "W1[1,1] <- 0.1 - 0.5*(-0.01847)*0.6 = 0.1055", [RIGHT]),
        ("mlp_2_2_2", "W1[0,0] <- 0.1 - 0.5*(-0.01847)*0.6 = 0.1055", [RIGHT]),
        # So do formulas of them, and the entries that the writer has stated count alike.
        ("softmax_example", PICKED.format("0.58324", "0.53916"), [RIGHT] * 2),
        ("softmax_example", PICKED.format("0.29161", "1.2323"), [RIGHT, SLIP]),
        ("softmax_example", PICKED.format("0.58324", "0.54916"), [RIGHT, SLIP]),
        # Two indices of a family are a member and its entry.
        # Subscripts as a terminal has them; axes of length 1 have none.
        ("digit_cnn", "(∂L/∂z₂)₁,₁₀·W₁,₁₀ = 0.0339972·0.0507392 ≈ 0.00172499", [RIGHT]),
        ("digit_cnn", "(∂L/∂z₂)₁,₁₀·W₁,₁₀ = 0.0339972·0.0507392 ≈ 0.00182499", [SLIP]),
        (
            "digit_cnn",
            "pooled₂,₁,₁ = max((a₁)₂,₁,₁, (a₁)₂,₁,₂, (a₁)₂,₂,₁, (a₁)₂,₂,₂) = 0.9",
            [RIGHT],
        ),
        (
            "digit_cnn",
            "pooled₂,₁,₁ = max((a₁)₂,₁,₁, (a₁)₂,₁,₂, (a₁)₂,₂,₁, (a₁)₂,₂,₂) = 0.8",
            [SLIP],
        ),
        ("digit_cnn", "L = −ln(p_(1, digit₁ + 1)) = −ln(0.0280461) ≈ 3.57391", [RIGHT]),
        ("digit_cnn", "L = −ln(p_(1, digit₁ + 1)) = −ln(0.0280461) ≈ 3.47391", [SLIP]),
        ("rnn_step", "h₁,₂ = tanh(z₁,₂) = tanh(0.3) ≈ 0.2913", [RIGHT]),
        ("rnn_step", "Behind the function: h₁,₂ = σ(z₁,₂) = σ(0.3) ≈ 0.5744", [SLIP]),
        # What a listing says with a colon is the value of its name.
        ("rnn_step", "h[1]: [0.4621, 0.2913]\nz[1][0]: 0.5", [RIGHT] * 2),
        ("rnn_step", "h[1]: [0.4621, 0.2931]\nz[1][0]: 0.6", [SLIP, OPEN]),
        # A name with 0 behind it counts nothing where no other one of its family is written.
        ("digit_cnn", "b0 = 0.1", []),
        # Nor is an exponential the loss, whatever letter it has.
        ("neuron", "E = exp(-0.25) ≈ 0.779", [OPEN]),
        ("neuron", "E = 0.5·0.4378² ≈ 0.0985", [SLIP]),
        # A derivative by a name of the writer's own is no row of one by its capital.
        (
            "seq2seq",
            "dL/du2 = [0.29737, 0.07233] * (1 - [0.37627, 0.45438]^2) = [0.25527, 0.0574]",
            [RIGHT],
        ),
        # GELU means the one of its forms that the run has.
        ("gpt2_mlp", "h₁₁ = GELU(z₁₁) ≈ -0.0001898", [RIGHT]),
        ("gpt2_mlp", "h₁₁ = tanh(z₁₁) ≈ -0.0001898", [SLIP]),
        # Of several losses L is the one that the lines work out, whatever language counts them.
        *[
            ("optimizers_side_by_side", ONE_LOSS.format(words, "8.47"), [RIGHT] * 4)
            for words in (
                "Iteration 2",
                "Iteración 2:",
                "--- Durchgang 2 ---",
                "[Itération 2]",
                "【第 2 輪】",
                "",
            )
        ],
        ("optimizers_side_by_side", ONE_LOSS.format("Iteration 2", "8.74"), [*[RIGHT] * 3, SLIP]),
        # What is worked out again may be of the next iteration, though nothing says so.
        ("one_weight", "y_pred = 0.5·1 = 0.5\n\ny_pred = 0.8·1 = 0.8", [RIGHT] * 2),
        ("one_weight", "y_pred = 0.5·1 = 0.5\n\ny_pred = 0.9·1 = 0.9", [RIGHT, SLIP]),
        # The state h₀ is the run's own, though it has no gradient by it.
        ("rnn_step", GRADIENTS_OF_STATES.format("[0.09087 0.32413]"), [RIGHT, RIGHT]),
        ("rnn_step", GRADIENTS_OF_STATES.format("[0.09187 0.32413]"), [SLIP, RIGHT]),
        # A loss at another place is not the run's.
        ("neuron", "L(w1 = 0.51) = 0.093704", []),
        ("neuron", "L = 0.093704", [SLIP]),
        # A line for one sample is right where that sample has its result.
        ("linear_regression", SAMPLES.format("0.5·2 + 0.5·3 = 2.5"), [RIGHT, RIGHT]),
        ("linear_regression", SAMPLES.format("0.5·2 = 1"), [RIGHT, OPEN]),
        # Adam's v, where the run calls momentum's so.
        ("optimizers_side_by_side", "m = 0.1·4 = 0.4\n\nv = (0.016, 0.1)", [RIGHT, OPEN]),
        ("optimizers_side_by_side", "m = 0.1·4 = 0.4\n\nv = (0.026, 0.1)", [RIGHT, SLIP]),
    ],
)
def test_what_a_line_is_of(scenario: str, text: str, expected: list[str]) -> None:
    """Names, indices and words say it; what may be of another one proves nothing."""
    assert verdicts_beside(scenario, text) == expected


@pytest.mark.parametrize(
    ("scenario", "text", "expected"),
    [
        # What a step has made of a parameter may be told without its formula, and left as it was.
        ("perceptron", EPOCH.format("(1, 1)"), [RIGHT] * 12),
        ("perceptron", EPOCH.format("(2, 2)"), [*[RIGHT] * 10, SLIP, RIGHT]),
        ("one_weight", STEP.format("0.8"), [RIGHT] * 4),
        ("one_weight", STEP.format("0.9"), [RIGHT, RIGHT, SLIP, CARRIED]),
        ("one_weight", UNDER_A_HEADING.format("0.9"), [RIGHT, RIGHT, OPEN, OPEN]),
        # A line that goes on with what is open is open too, not one that has a figure of its own.
        ("neuron", NEURON + OPEN_SLOPE, [RIGHT, RIGHT, OPEN, OPEN]),
        ("neuron", NEURON + OPEN_SLOPE.replace("-0.0821", "-0.0921"), [RIGHT, RIGHT, OPEN, SLIP]),
        ("neuron", NEURON + WRONG_SLOPE.format("0.5 - 0.5·(-0.2626) = 0.6313"),
         [RIGHT, RIGHT, SLIP, CARRIED, CARRIED]),
        ("neuron", NEURON + WRONG_SLOPE.format("0.5 - 0.5·(-0.2226) = 0.6113"),
         [RIGHT, RIGHT, SLIP, CARRIED, SLIP]),
    ],
)  # fmt: skip
def test_what_follows_from_a_step_or_a_slip(scenario: str, text: str, expected: list[str]) -> None:
    """A slip is charged once, and what cannot be told from its consequences is open."""
    assert verdicts_beside(scenario, text) == expected


ROUNDED = "δ = 0.5·0.25·0.3 = 0.0375"
ADAM = "m_1 = 0.1·4 = 0.4\n\nv_1 = 0.999·0 + 0.001·4² = {}\n\nv_2 = 0.001·10² = {}"
DELTA = "t = 1\n\no = 0.5622\n\nδ = o(1 - o)(t - o) = 0.5622·0.4378·0.4378 = 0.1078\n\n{}"
LATER = (
    "w1 = 0.5 + 0.5·0.1078·2 = 0.6078\n\nw2 = 1 - 0.5·0.1078 = 0.9461\n\n"
    "b = 0.25 + 0.5·0.1078 = 0.3039\n\nnext round:\n\no = 0.6395\n\n"
    "δ = 0.6395·(1 - 0.6395)·0.3605 = {}"
)
DESCENT = (
    "t=1\n\nL = (4² + 10·1²)/2 = 13\n\np -> 4 - 0.15·4 = 3.4\n\nq -> 1 - 0.15·10 = -0.5\n\n"
    "t=2\n\nL = (3.4² + 10·(-0.5)²)/2 = {}"
)
TWO_DIGITS = (
    "δ_h = W_2ᵀ δ_o ⊙ h ⊙ (1 - h) = [-0.019, 0.013]\n\n"
    "dL/dW_1 = [[-0.019], [0.013]] [[0.6, -0.4]] = [[-0.011, {}], [0.0078, -0.0052]]"
)


BACKWARDS = (
    "δ = (a - 1)·a·(1 - a) = ({0} - 1)·{0}·(1 - {0}) = {1}\n\n"
    "a = σ(z) = σ({2}) = {0}\n\nz = 0.5·2 + 1·(-1) + 0.25 = {2}"
)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (("0.5622", "-0.1078", "0.25"), [RIGHT, RIGHT, RIGHT]),
        (("0.7773", "-0.0386", "1.25"), [OPEN, OPEN, SLIP]),  # what is wrong stands below
    ],
)
def test_steps_may_be_written_backwards(values: tuple[str, ...], expected: list[str]) -> None:
    """What a line further down works out is judged there, and not where it is put in."""
    assert verdicts_beside("neuron", BACKWARDS.format(*values)) == expected


@pytest.mark.parametrize(
    ("scenario", "text", "expected"),
    [
        # What goes on from figures that lines above have rounded is right, wherever it leads.
        ("mlp_2_2_2", TWO_DIGITS.format("0.0076"), [OPEN, RIGHT]),
        ("mlp_2_2_2", TWO_DIGITS.format("0.0096"), [OPEN, SLIP]),
        # Its working says that v is Adam's, and so is the rest of its family.
        ("optimizers_side_by_side", ADAM.format("0.016", "0.1"), [RIGHT] * 3),
        ("optimizers_side_by_side", ADAM.format("0.016", "0.2"), [RIGHT, RIGHT, SLIP]),
        # Target minus output: once it was said in names, figures alone may be so as well.
        ("neuron", DELTA.format(LATER.format("0.0831")), [RIGHT, OPEN, RIGHT, RIGHT, RIGHT, OPEN]),
        ("neuron", DELTA.format(LATER.format("0.0931")), [RIGHT, OPEN, RIGHT, RIGHT, RIGHT, SLIP]),
        # A derivative of the loss that the run does not have is not shown by its arithmetic.
        ("losses", "∂L/∂z₁₁ = (0.1368 - 1)/3 = -0.2877", [OPEN]),
        ("mlp_2_2_2", "da2_1/dz2_1 = 0.58402·(1 - 0.58402) = 0.242941", [RIGHT]),
        # So is a local derivative, σ′(z), which is a part of the run's formulas.
        ("neuron", "slope = 0.562177·(1 - 0.562177) = 0.246134", [RIGHT]),
        ("neuron", "slope = 0.562177·(1 + 0.562177) = 0.878220", [OPEN]),
        # An entry of what is a row here and a matrix in the run is the writer's own.
        ("batch_norm", "zhat[1] = (0.3 - 0.6375)/0.565 = -0.5973", [RIGHT]),
        ("batch_norm", "zhat[1] = (0.3 + 0.6375)/0.565 = 1.6593", [OPEN]),
        # An arrow behind a name is its update, and t counts the steps.
        ("optimizers", DESCENT.format("7.03"), [RIGHT] * 4),
        ("optimizers", DESCENT.format("7.13"), [*[RIGHT] * 3, SLIP]),
        # A list of names takes as many values.
        ("neuron", "w1, w2, b = 0.5, 1, 0.25\n\nx1, x2, y = 2, -1, 1", [RIGHT] * 6),
        ("neuron", "w1, w2, b = 0.5, 2, 0.25\n\nx1, x2, y = 2, -1, 1",
         [RIGHT, RIGHT, SLIP, RIGHT, RIGHT, RIGHT]),
        # `∇w` is the gradient, in LaTeX too.
        ("one_weight", r"$\nabla w = 2(0.5 - 2) = -3$", [RIGHT]),
        ("one_weight", r"$\nabla w = (0.5 - 2) = -1.5$", [SLIP]),
    ],
)  # fmt: skip
def test_what_a_writer_means_by_a_line(scenario: str, text: str, expected: list[str]) -> None:
    """Rounded figures, names of one's own, updates and lists are known by what is put in."""
    assert verdicts_beside(scenario, text) == expected


SESSION = (
    "In [1]: z = 0.5*2 - 1 + 0.25\nOut[1]: 0.25\nIn [2]: a = 1/(1 + exp(-0.25))\nOut[2]: {}\n"
    "In [3]: L = 1/2 * (0.562 - 1)**2\nOut[3]: {}\n"
)
MOVED = (
    "L = (0.5 - 2)^2 = 2.25\n\ng = 2·(0.5 - 2) = -3\n\nw' = 0.5 - 0.1·(-3) = 0.8\n\n"
    "L = (w' - 2)^2 = (0.8 - 2)^2 = {}"
)
WITHOUT_RESULT = "dw1 = -0.10776 * 2\n\nw1 = 0.5 - 0.5 * (-0.21552)"


@pytest.mark.parametrize(
    ("scenario", "text", "expected"),
    [
        # What a session prints is the result of its line.
        ("neuron", SESSION.format("0.562", "0.0959"), [RIGHT] * 3),
        ("neuron", SESSION.format("0.662", "0.0959"), [RIGHT, SLIP, RIGHT]),
        ("neuron", SESSION.format("0.562", "0.0859"), [RIGHT, RIGHT, SLIP]),
        ("neuron", SESSION.format("0.562", "0.0959").replace("Out[3]", "Out[3]: smaller?"),
         [RIGHT] * 3),
        ("one_weight", "w <- 0.5 - 0.1 * (-3)   ## [1] 0.8", [RIGHT]),
        ("one_weight", "w <- 0.5 - 0.1 * (-3)   ## [1] 0.9", [SLIP]),
        # A row that ends in a colon introduces the next: it says what would be.
        ("neuron", "and now with tanh instead:\na = tanh(0.25) = 0.245", [OPEN]),
        ("neuron", "and now the activation:\na = tanh(0.25) = 0.245", [SLIP]),
        # What the step has made of a weight stands in the loss of the next iteration.
        ("one_weight", MOVED.format("1.44"), [RIGHT] * 4),
        ("one_weight", MOVED.format("1.54"), [RIGHT, RIGHT, RIGHT, SLIP]),
        # Working without a result is put in as it is worth, as rounded as its figures.
        ("neuron", WITHOUT_RESULT, [RIGHT, RIGHT]),
        ("neuron", WITHOUT_RESULT.replace("0.5 - 0.5", "0.5 - 0.6"), [RIGHT, SLIP]),
    ],
)  # fmt: skip
def test_what_is_printed_or_left_out(scenario: str, text: str, expected: list[str]) -> None:
    """A result may stand below its line, behind it or nowhere."""
    assert verdicts_beside(scenario, text) == expected


RATES = (
    "ŷ = 0.5·1 = 0.5\n\ng = 2·(0.5 - 2)·1 = -3\n\nw = 0.5 - 0.1·(-3) = 0.8\n\n"
    "With a learning rate of 0.5:\n\nw = 0.5 - 0.5·(-3) = {}\n\nŷ = w·1 = {}·1 = {}"
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # The first step is made again by another rate, and what follows is of that.
        (RATES.format("2", "2", "2"), [RIGHT] * 5),
        (RATES.format("3", "3", "3"), [RIGHT, RIGHT, RIGHT, SLIP, CARRIED]),
        # With the next gradient it is no first step: the weight is the one before the update.
        ("w = 0.5 - 0.1·(-3) = 0.8\n\nw = 0.5 - 0.1·(-2.4) = 0.74", [RIGHT, SLIP]),
    ],
)
def test_a_first_step_may_be_made_again_by_another_rate(text: str, expected: list[str]) -> None:
    """Whoever compares rates starts from the first weight each time."""
    assert verdicts_beside("one_weight", text) == expected


def test_a_first_step_whose_figures_are_alike_may_be_made_again() -> None:
    """The gradient 4 of p² / 2 at 4 is a figure beside the other."""
    text = (
        "p: 4 - 0.15·4 = 3.4\n\nq: 1 - 0.15·10 = -0.5\n\n"
        "half the rate, 0.075:\n\np: 4 - 0.075·4 = {}"
    )
    assert verdicts_beside("optimizers", text.format("3.7")) == [RIGHT] * 3
    assert verdicts_beside("optimizers", text.format("3.8")) == [RIGHT, RIGHT, SLIP]


STATE = "W_x = [[0.5, -0.3], [0.2, 0.4]], x_1 = (1, 0)\n\nz_1 = W_x x_1 + b = (0.5, 0.3)\n\n"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("h_1 = tanh(z_1) = (0.4621, 0.2913)", RIGHT),
        ("h_1 = σ(z_1) = (0.6225, 0.5744)", SLIP),  # by another function than the run's
        ("h_1 = U [z_1, b] + b ≈ (0.4621, 0.2914)", OPEN),  # not read, and rounded on the way
    ],
)
def test_a_name_with_the_number_of_a_step_is_the_runs(line: str, expected: str) -> None:
    """h_1 is the run's h[1] and no name of the writer's own, whatever its formula gives."""
    assert verdicts_beside("rnn_step", STATE + line)[-1] == expected


@pytest.mark.parametrize(
    ("scenario", "line", "expected"),
    [
        ("losses", "mse = ((1-3)^2 + (2-4)^2)/2 = 4", RIGHT),  # one of the losses that are added up
        ("losses", "mse = ((1-3)^2 + (2-4)^2)/2 = 5", SLIP),
        ("one_weight", "L(w + h) = (0.51*1 - 2)^2 = 2.2201", RIGHT),  # beside the weight
        ("one_weight", "L(w + h) = (0.51*1 - 2)^2 = 2.3201", SLIP),
        ("digit_cnn", "loss = -ln p_6 = 3.57391", OPEN),  # classes may be counted from 0
        ("digit_cnn", "loss = -ln p[6] = 3.57391", RIGHT),  # brackets are, where it fits
        ("rnn_step", "L = 1/2 sum (h[3] - y)^2 = 0.8", SLIP),  # a function behind a blank
    ],
)
def test_a_loss_is_told_by_its_formula(scenario: str, line: str, expected: str) -> None:
    """By what it measures, by the class that it looks at, by the weight that it is taken at."""
    assert verdicts_beside(scenario, line) == [expected]


def test_a_point_is_worked_out_name_by_name() -> None:
    """`(p, q) = … = (3.8, 0.5)` says what p is, and q; a loss of several is the one that fits."""
    text = (
        "p = 4, q = 1\n\nstep 1\n\n(p, q) = (4, 1) - 0.05·(4, 10) = (3.8, 0.5)\n\n"
        "at (3.8, 0.5) the loss is 8.47\n\nstep 2\n\ng = (p, 10q) = {}"
    )
    by_point = verdicts_beside("optimizers_side_by_side", text.format("(3.8, 5)"))
    assert by_point[-2:] == [RIGHT, RIGHT]
    by_old_one = verdicts_beside("optimizers_side_by_side", text.format("(4, 10)"))
    assert by_old_one[-1] != RIGHT


@pytest.mark.parametrize(("value", "expected"), [("0.5733", RIGHT), ("0.5833", SLIP)])
def test_a_weight_that_is_stated_after_an_update_was_rounded(value: str, expected: str) -> None:
    """What the run has unrounded is right beside it: 2·0.6078 − 0.9461 + 0.3039 is 0.5734."""
    step = "w1 = 0.6078, w2 = 0.9461, b = 0.3039\n\ns = 2·0.6078 − 0.9461 + 0.3039 = "
    assert verdicts_beside("neuron", f"{NEURON}{step}{value}")[-1] == expected


@pytest.mark.parametrize(
    ("scenario", "row", "expected"),
    [
        ("one_weight", "w = 0.5 → 0.8 → 1.04", [RIGHT] * 3),
        ("one_weight", "w = 0.5 → 0.8 → 1.14", [RIGHT, RIGHT, SLIP]),
        ("deep_sigmoid", "x = 1 → 0.689974 → 0.695925", [RIGHT]),  # what it leads to
    ],
)
def test_arrows_lead_from_value_to_value(scenario: str, row: str, expected: list[str]) -> None:
    """Of what updates change they are its values; of a datum they may be those of others."""
    assert verdicts_beside(scenario, row) == expected


@pytest.mark.parametrize(("value", "verdict"), [("0.76", OPEN), ("0.86", SLIP)])
def test_a_weight_that_later_iterations_made_is_as_rounded_as_a_result(
    value: str, verdict: str
) -> None:
    """It is 0.755588 after three iterations; no iteration of the scenario makes it 0.86."""
    text = f"w1 = 0.5, x1 = 2, x2 = -1, y = 1\n\nIn the end we have\n\nw1 = {value}"
    assert verdicts_beside("neuron", text)[-1] == verdict
