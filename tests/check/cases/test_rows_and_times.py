"""What a line beside a run is of: one row of its arrays, a time step, a later iteration."""

from __future__ import annotations

import pytest

from tests.check.cases.test_steps_of_a_run import OPEN, RIGHT, SLIP, verdicts_beside
from tests.check.cases.verdicts import verdicts

ROWS = [
    # The third token of a transformer block, and the second position of a feed-forward layer.
    ("transformer_block", "N1 = [-1.2075, -0.5942, 0.3691, 1.4326]", [RIGHT]),
    (
        "transformer_block",
        "R1 = [0, 0, 1, 1] + attended = [-0.2314, 0.1596, 0.7738, 1.4519]",
        [RIGHT],
    ),
    ("xor", "x = (0, 1): h = (0.716, -0.380)", [RIGHT]),
    ("position_wise_ffn", "F1 = (2.35, -0.1)", [RIGHT]),
    # A matrix of weights has no row for each token: this one is no row of anything.
    ("mlp_2_2_2", "W1 = [0.1, -0.2]", []),
]


@pytest.mark.parametrize(("scenario", "text", "expected"), ROWS)
def test_a_result_may_be_one_row_of_an_array(scenario: str, text: str, expected: list[str]) -> None:
    """It has fewer axes than the run's array, and the figures of one of its rows."""
    assert verdicts_beside(scenario, text) == expected


RNN = "h_t = tanh(W_x x_t + W_h h_{t-1} + b)\n\n"


@pytest.mark.parametrize(
    ("figures", "expected"), [("[-0.0810, 0.6919]", RIGHT), ("[0.0810, 0.6919]", SLIP)]
)
def test_a_time_step_is_no_iteration(figures: str, expected: str) -> None:
    """`t = 2` counts the steps of a network that goes on in time, all in one iteration."""
    found = verdicts_beside("rnn_step", f"{RNN}t=1: z₁ = [0.5, 0.3]\n\nt=2: z₂ = {figures}")
    assert found[-1] == expected


def test_a_number_above_may_count_entries() -> None:
    """`h_3^{(1)}` is entry 1 of step 3 where there are three steps of two entries."""
    lines = ["h_1^{(2)} = tanh(0.3) = 0.291", "h_3^{(1)} = tanh(0.632) = 0.559"]
    text = "\n\n".join(f"${line}$" for line in lines)
    assert verdicts_beside("rnn_step", text) == [RIGHT, RIGHT]
    wrong = verdicts_beside("rnn_step", text.replace("0.291", "0.391"))
    assert wrong[0] == SLIP


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("loss = (0.5 - 2)² = 2.25\n\nloss = (0.8 - 2)² = 1.44", [RIGHT, RIGHT]),
        ("y_pred = 0.8·1 = 0.8\n\nloss = (0.8 - 2)² = 1.44", [RIGHT, RIGHT]),  # all are of one
        ("y_pred = w·x = 0.8·1 = 0.8\n\nloss = (0.8 - 2)² = 1.44", [RIGHT, RIGHT]),
        # What a heading numbers is held against that iteration.
        ("## Iteration 1\n\nThe loss is 1.44.", [SLIP]),
        ("loss = (0.5 - 2)² = 2.35", [SLIP]),
        # Old values are no step forward: without its rate a weight stays.
        ("w = 0.5 - 0·3 = 0.5", [SLIP]),
    ],
)
def test_the_figures_of_a_later_iteration_show_that_it_has_begun(
    text: str, expected: list[str]
) -> None:
    """Nobody has them by mistake, unless words say that the line is of an earlier one."""
    assert verdicts_beside("one_weight", text) == expected


TWICE = (
    "{0} 1: y_hat = [0.5 + 1, 1 + 1.5, 1.5 + 2, 2 + 2.5] = [1.5, 2.5, 3.5, 4.5]\n\n"
    "{0} 2: y_hat[0] = 0.525*1 + 0.535*2 + 0.01 = 1.605\n\n"
    "{0} 1: loss = (0.25 + 0.25 + 0.25 + 0.25)/4 = {1}"
)


@pytest.mark.parametrize(
    ("word", "figure", "expected"),
    [("it", "0.25", RIGHT), ("it", "0.35", SLIP), ("p", "0.25", OPEN), ("p", "0.35", SLIP)],
)
def test_an_iteration_that_only_a_value_has_begun_may_be_over(
    word: str, figure: str, expected: str
) -> None:
    """What is right in the one before is no slip, whether or not its label is understood."""
    found = verdicts_beside("linear_regression", TWICE.format(word, figure))
    assert found[-1] == expected


def test_a_coarse_figure_shows_no_iteration() -> None:
    """Two digits may be those of any time by chance."""
    assert verdicts_beside("one_weight", "w = 0.5\n\nloss = (0.5 - 2)² = 1.4")[-1] in (SLIP, OPEN)


NAMED = "out_h1 = 0.559714, out_o1 = 0.584020\n\n"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("dE/dout_o1 = out_o1 - target_o1 = 0.584020 - 0.9 = -0.315980", RIGHT),
        ("dE/dout_o1 = target_o1 - out_o1 = 0.9 - 0.584020 = 0.315980", SLIP),
    ],
)
def test_a_stated_value_says_what_a_name_of_the_writers_own_is(line: str, expected: str) -> None:
    """Of several digits one quantity of the run has it: then its gradient is known too."""
    found = verdicts_beside("mlp_2_2_2", NAMED + line)
    assert found == [RIGHT, RIGHT, expected]


def test_few_digits_say_nothing_of_a_name() -> None:
    """0.56 may be anything; nor does what no quantity has join a name to one."""
    assert verdicts_beside("mlp_2_2_2", "out_h1 = 0.56\n\nout_o1 = 0.684020") == []


HALF = (
    "The loss is $({0} - y)^2 = (0.5 - 2)^2 = 2.25$.\n\n"
    "$dL/dw = ({0} - y) x = (0.5 - 2)·1 = -1.5$\n\n$w ← w - η dL/dw = 0.5 - 0.1·(-1.5) = 0.65$"
)


def test_an_update_that_holds_anyway_declares_no_convention() -> None:
    """A gradient without its factor 2, and what follows from it, is no loss with a half."""
    assert verdicts_beside("one_weight", HALF.format("ŷ")) == [RIGHT, SLIP, "carried_forward"]


def test_states_of_optimizers_may_be_those_of_another_one() -> None:
    """The v of Adam is not that of momentum, given or worked out."""
    text = (
        "Adam\n\nm = [0.4, 1.0], v = [0.016, 0.1]\n\n"
        "v = 0.999*[0.016, 0.1] + 0.001*[12.96, 36] = [0.028944, 0.135900]"
    )
    assert SLIP not in verdicts_beside("optimizers_side_by_side", text)


def test_another_sample_of_an_epoch_may_be_meant() -> None:
    """Where samples come one at a time, and no words say which."""
    text = "z = 0·1 + 0·1 + 0 = 0\n\nŷ = step(0) = 0, error = 1 − 0 = 1"
    assert SLIP not in verdicts_beside("perceptron", text)


EXCERPTS = [
    ("neuron", "dL/da = -0.3605", [RIGHT]),
    ("mlp_2_2_2", "dL/dz2 = [-0.0678, 0.0634]\n\ndL/db2 = [-0.0678, 0.0634]", [RIGHT, RIGHT]),
    # A stated weight is the one that the iteration begins with.
    (
        "mlp_2_2_2",
        "W2 = [[0.7215, -0.4806], [-0.3198, 0.1821]]\n\ndL/dz2 = [-0.0722, 0.0670]",
        [RIGHT, RIGHT],
    ),
    # A heading numbers no iteration.
    ("one_weight", "## Excerpt\n\ndL/dw = 2·(0.8 - 2)·1 = -2.4", [RIGHT]),
    # One line of the first iteration is enough: then another line is no excerpt.
    ("one_weight", "loss = (0.5 - 2)² = 2.25\n\ndL/dw = 2·(0.8 - 2)·1 = -2.4", [RIGHT, OPEN]),
    # What is wrong in itself is of no iteration, nor is what no iteration has.
    ("one_weight", "dL/dw = 2·(0.5 - 2)·1 = -2.4", [SLIP]),
    ("neuron", "dL/da = -0.4387", [SLIP]),
    # One result may be that of some iteration by chance: its figures are not.
    (
        "xor",
        "p[0, 0] = 0.5197\n\ndloss/dz2[0, 0] = (p[0, 0] - y[0, 0]) / 4 = 0.0324",
        [RIGHT, SLIP],
    ),
]


@pytest.mark.parametrize(("scenario", "text", "expected"), EXCERPTS)
def test_a_part_may_be_an_excerpt_of_a_later_iteration(
    scenario: str, text: str, expected: list[str]
) -> None:
    """All its results are that iteration's, and none is the first one's."""
    assert verdicts_beside(scenario, text) == expected


def test_brackets_may_count_from_one_in_an_excerpt_too() -> None:
    """The entry that the line works out is the first one of a later iteration's update."""
    text = "z = [1.1278, -0.2738, -0.9532]\n\nz_new[1] = 1.1278 - 1 * (-0.2706) = 1.3984"
    assert verdicts_beside("softmax_example", text) == [RIGHT, RIGHT]


PATCH = "[[0.9, 0.4, 0.5], [1, 0.6, 0.3], [0.8, 0.2, 0.1]]"
KERNEL = "[[-0.5, 0, 0.5], [-1, 0, 1], [-0.5, 0, 0.5]]"


@pytest.mark.parametrize(
    ("patch", "expected"), [(PATCH, RIGHT), (PATCH.replace("0.6", "0.7"), OPEN)]
)
def test_a_product_of_blocks_of_the_runs_arrays_is_right(patch: str, expected: str) -> None:
    """A patch of the picture and a kernel are known; a figure that is changed is none of it."""
    text = f"$${patch} \\odot {KERNEL} = [[-0.45, 0, 0.25], [-1, 0, 0.3], [-0.4, 0, 0.05]]$$"
    assert verdicts_beside("digit_cnn", text) == [expected]


def test_a_figure_of_the_run_may_be_a_unit_off_what_was_printed() -> None:
    """The printed figures lead to 0.0280460; the run has 0.0280461, and so has its page."""
    powers = "e^{1.13155} + e^{0.182155} + 10.5904 + e^{1.47112} + e^{-0.389652}"
    shown = r"\approx -\ln(0.0280461) \approx 3.57391$$"
    text = rf"$$L = -\ln(e^{{-0.582081}} / ({powers})) {shown}"
    assert verdicts_beside("digit_cnn", text) == [RIGHT]
    assert verdicts_beside("digit_cnn", text.replace("461)", "459)")) != [RIGHT]


def test_both_forms_of_a_function_may_be_in_one_run() -> None:
    """GELU is the tanh form only where the run has no other one."""
    assert verdicts_beside("activations", "y_gelu[11] = GELU(0.5) = 0.345731") == [RIGHT]


@pytest.mark.parametrize("scenario", ["mlp_2_2_2", "xor"])
@pytest.mark.parametrize(
    "line",
    [
        "x = [[1, 2], [3]]",
        "h = [[0.1234, 0.2345], [0.3456]]",
        "W1 = W1 - 0.5*[[1, 2], [3]] = [[0.1234, 0.2345], [0.3456]]",
        "b1 = [1, [2, 3]]",
    ],
)
def test_rows_of_several_lengths_are_no_array(scenario: str, line: str) -> None:
    """They say nothing, beside a run too."""
    assert {*verdicts_beside(scenario, line)} <= {"not_checked"}


@pytest.mark.parametrize("line", ["x = [1, 2, 3][1 - 30] = 2", "a = x = pi", "a = x = 1/2"])
def test_what_has_no_figures_of_its_own_is_no_fault(line: str) -> None:
    """A place beyond a list, a constant, a fraction as a result."""
    assert "correct" not in verdicts(f"x = 2\n\n{line}")


def test_a_chain_may_end_in_a_name_behind_its_formula() -> None:
    """What a name is said to be has a formula above, figures of another step, and another name."""
    text = (
        "h' = w*h + x\n\nw = 0.3, h = 2, x = 0.1\n\nh = 0.3*2 + 0.1 = 0.7\n\nh = 0.3*0.7 + 0.1 = k"
    )
    assert verdicts(text)[-1] in ("correct", "undecided")
