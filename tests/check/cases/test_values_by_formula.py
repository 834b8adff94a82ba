"""A name without a stated value is worth its formula, and a numbered step says of which time."""

from __future__ import annotations

import pytest

from tests.check.cases.verdicts import findings, verdicts

NEURON = (
    "w = 0.5, x = 2, b = -0.5, y = 1, η = 0.1\n\nz = w*x + b\n\na = sigmoid(z)\n\nL = (a - y)^2\n\n"
)


@pytest.mark.parametrize(
    ("line", "right", "wrong"),
    [
        ("a (1 - a) = {}", "0.6225*0.3775 = 0.2350", "0.6225*0.6225 = 0.3875"),
        ("a - y = {}", "0.6225 - 1 = -0.3775", "1 - 0.6225 = 0.3775"),
        ("2*z = {}", "2*0.5 = 1", "2*0.25 = 0.5"),
        # It is put in as it was rounded on the way.
        ("a - y = {}", "0.62 - 1 = -0.38", "0.5 - 1 = -0.5"),
    ],
)
def test_a_name_without_a_value_is_worth_its_formula(line: str, right: str, wrong: str) -> None:
    """It is put in as it was rounded on the way."""
    assert verdicts(NEURON + line.format(right))[-1] == "correct"
    assert verdicts(NEURON + line.format(wrong))[-1] == "slip"


@pytest.mark.parametrize(
    "text",
    [
        # one of its parts has been updated: nobody knows of which time the name is
        NEURON + "w = w - 0.1*2 = 0.5 - 0.2 = 0.3\n\na - y = 0.5 - 1 = -0.5",
        # a value that is not what its formula gives is wrong, or of another example
        NEURON + "a = 0.8\n\n2*a = 2*0.6225 = 1.245",
    ],
)
def test_a_formula_proves_nothing_where_its_parts_may_have_other_values(text: str) -> None:
    """Its parts are those of another time, or its name has another value."""
    assert "slip" not in verdicts(text)


@pytest.mark.parametrize("function", ["J(θ)", "f(x)", "g(t)"])
def test_a_function_is_worth_its_formula_at_a_place(function: str) -> None:
    """Whatever letters the function and what it is of have."""
    name = function[2]
    text = f"{function} = ({name} - 3)^2 + 1\n\n{function[0]}(1) = {{}}"
    assert verdicts(text.format("(1 - 3)^2 + 1 = 5"))[-1] == "correct"
    assert verdicts(text.format("(1 + 3)^2 + 1 = 17"))[-1] == "slip"


MOMENTUM = (
    "v ← 0.9 v + g, w ← w - 0.1 v, g = 2w, w0 = 1, v0 = 0.\n\n"
    "{0} 1: g = 2*1 = 2, v = 0.9*0 + 2 = 2, w = 1 - 0.1*2 = 0.8\n"
    "{0} 2: {1}"
)


@pytest.mark.parametrize("word", ["Iteration", "Step", "Epoch"])
@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        ("g = 2*0.8 = 1.6, v = 0.9*2 + 1.6 = 3.4, w = 0.8 - 0.1*3.4 = 0.46", "correct"),
        ("g = 2*1 = 2", "slip"),
        ("g = 2*0.8 = 1.6, v = 0.9*2 + 2 = 3.8", "slip"),
        ("g = 2*0.8 = 1.6, v = 0.9*2 + 1.6 = 3.4, w = 1 - 0.1*3.4 = 0.66", "slip"),
    ],
)
def test_what_was_updated_is_used_in_the_step_that_words_number(
    word: str, line: str, verdict: str
) -> None:
    """The words say of which time the names are: a stale value is no other step's."""
    assert verdicts(MOMENTUM.format(word, line))[-1] == verdict


def test_a_formula_with_the_number_of_its_step_holds_later_for_the_next_one() -> None:
    """The rule was written with s_1, and means s_2 in the second step; β1 stays β1."""
    text = (
        "w = 1, β1 = 0.5, β2 = 0.9, s_0 = 0, η = 0.1\n\nIteration 1:\n\ns_1 = β1 s_0 + 2 = 2\n\n"
        "w = w - η s_1 = 1 - 0.1*2 = 0.8\n\nIteration 2:\n\ns_2 = β1 s_1 + 2 = 0.5*2 + 2 = 3\n\n"
    )
    assert verdicts(text + "w = 0.8 - 0.1*3 = 0.5")[-1] == "correct"
    assert verdicts(text + "w = 0.8 - 0.1*2 = 0.6")[-1] == "undecided"


def test_of_another_step_than_is_due_nothing_is_known() -> None:
    """Step 7 was not worked out: w may be anything there."""
    text = MOMENTUM.format("Step", "").replace("Step 2", "Step 7")
    assert verdicts(f"{text}g = 2*0.3 = 0.6")[-1] == "undecided"


ADAM = (
    "θ = 1, g = 2, m = 0, β1 = 0.9, α = 0.1, t = 1.\n\n"
    "m = β1·m + (1-β1)·g = 0.9·0 + 0.1·2 = 0.2\n\nm̂ = m/(1-β1^t) = 0.2/0.1 = 2\n\n"
    "θ = θ - α·m̂ = 1 - 0.1·2 = 0.8\n\nSecond step, g = 1:\n\n"
)


@pytest.mark.parametrize(
    ("lines", "verdict"),
    [
        ("m = 0.9·0.2 + 0.1·1 = 0.28\n\nm̂ = 0.28/(1-0.81) = 1.4737", "correct"),
        ("m = 0.9·0.2 + 0.1·1 = 0.28\n\nm̂ = 0.28/(1-0.9) = 2.8", "undecided"),
        ("m = 0.9·0.2 + 0.9·1 = 1.08", "undecided"),
    ],
)
def test_the_number_of_a_step_is_counted(lines: str, verdict: str) -> None:
    """The t of 1 - β^t is 2 in the second step."""
    assert verdicts(ADAM + lines)[-1] == verdict


@pytest.mark.parametrize(
    ("text", "right", "wrong"),
    [
        ("J(θ) = (θ - 3)^2 + 1, θ = 0, η = 0.1\n\nθ = {}",
         "0 - 0.1·(-6) = 0.6", "0 + 0.1·(-6) = -0.6"),
        ("w = 1, lr = 0.1\n\nMSE = 29/3 = 9.667\n\n∂MSE/∂w = -13.333\n\nw = {}",
         "1 - 0.1*(-13.333) = 2.3333", "1 + 0.1*(-13.333) = -0.3333"),
        ("w = 1, b = 0, lr = 0.1\n\ndw = -13.333\n\ndb = -6\n\nb = {}",
         "0 - 0.1*(-6) = 0.6", "0 - 0.1*(-13.333) = 1.3333"),
        ("b = 0.3, w = 0.1, η = 0.2\n\n∂E/∂b = -0.1222\n\nb = {}",
         "0.3 - 0.2*(-0.1222) = 0.3244", "0.1 - 0.2*(-0.1222) = 0.1244"),
        ("w = 0.3, y = 1, η = 0.5\n\nL = -(y ln p + (1-y) ln(1-p))\n\n∂L/∂w = -0.755\n\nw = {}",
         "0.3 - 0.5×(-0.755) = 0.6775", "0.3 + 0.5×(-0.755) = -0.0775"),
    ],
)  # fmt: skip
def test_figures_of_an_update_step_down_their_own_gradient(
    text: str, right: str, wrong: str
) -> None:
    """Its sign and the gradient in it are those of the name that moves."""
    assert verdicts(text.format(right))[-1] == "correct"
    assert verdicts(text.format(wrong))[-1] == "slip"


def test_an_objective_may_be_meant_to_grow() -> None:
    """Only a cost by its name or its formula is never raised."""
    text = "w = 1, lr = 0.1\n\nL = 2.5\n\ndL/dw = -13.333\n\nw = 1 + 0.1*(-13.333) = -0.3333"
    assert verdicts(text)[-1] == "undecided"


def test_a_term_that_is_worth_nothing_may_be_left_out() -> None:
    """What stands in another one's place is no such term."""
    text = "h = tanh(u x + v s + b), u = 0.5, x = 1, v = 0.8, s = 0, b = 0\n\nh = {} = 0.4621"
    assert verdicts(text.format("tanh(0.5*1 + 0.8*0)"))[-1] == "correct"
    assert verdicts(text.format("tanh(0.5*1 + 0.8*1)"))[-1] == "slip"


def test_of_a_long_row_of_formulas_the_near_ones_count() -> None:
    """However many stand one behind another, and also where two are made of each other."""
    rows = "\n\n".join(f"h{at + 1} = 1.5 h{at}" for at in range(400))
    assert verdicts(f"h0 = 2\n\n{rows}\n\nq = h400 + 1 = 3 + 1 = 4") != ["slip"]
    assert verdicts(f"h0 = 2\n\n{rows}\n\nq = h3 + 1 = 6.75 + 1 = 7.75") == ["correct"]
    assert verdicts("w = c/2\n\nc = 2 w\n\nL = (w + c)^2\n\ndL/dw = 3*2 = 6")[-1:] != ["slip"]


@pytest.mark.parametrize("words", ["Step for", "误差对"])
def test_what_stands_for_a_name_is_not_its_value(words: str) -> None:
    """The step of w is 0.2, and w is 1 as before: the right line below is not blamed."""
    text = f"w = 1, lr = 0.1, g = 2.\n\n{words} w = 0.1 * 2 = 0.2\n\nw = w - 0.2 = 1 - 0.2 = 0.8"
    assert "slip" not in verdicts(text)


@pytest.mark.parametrize(
    "text",
    [
        # a step for another one's rule, a sum over samples, a quotient of differences
        "x0 = 3\n\nx1 = x0 - 0.1*6 = 2.4\n\nx2 = x1 - 0.1*4.8 = 1.92\n\n"
        "x3 = 1.92 - 0.1*3.84 = 1.536",
        "w = 1.5, x = 1, y = 1\n\nL = (w x - y)^2\n\ndL/dw = 2*(1.5 - 1)*1 + 2*(3 - 2)*2 = 5",
        "w = 2, h = 0.01\n\nE = (w - 1)^2\n\ndE/dw = (1.0201 - 1)/0.01 = 2.01",
        # an n that is no number of a step, and tasks that are none of training
        "n = 1, w = 3\n\nIteration 1\n\nw = w - 0.5 = 2.5\n\nIteration 2\n\n"
        "L = (w - 1)^2/n = 1.5^2/1 = 2.25",
        "n = 1, w = 3, b = 1\n\nStep 1: update w.\n\nw = w - 0.4 = 2.6\n\nStep 2: update b.\n\n"
        "b = b - 0.2/n = 1 - 0.2/1 = 0.8",
        # the delta rule, and an input that is moved on purpose
        "w = 0.5, x = 2, t = 2, η = 0.1\n\no = w x = 1\n\nL = 1/2 (t - o)^2 = 0.5\n\n"
        "dw = (t - o) x = 2\n\n"
        "w = w + η dw = 0.5 + 0.1*2 = 0.7",
        "x = 1, w = 2, y = 1, α = 0.1\n\nL = (w x - y)^2\n\nx' = 1 + 0.1*4 = 1.4",
        # a base, degrees and whole parts that nobody has named
        "p = 8\n\nb = log(p)\n\nt = 2 b = 2*3 = 6",
        "θ = 30\n\nc = cos(θ)\n\ny = 2 c = 2*0.866 = 1.732",
        "x = 7\n\nk = [x/2]\n\ny = 2 k = 2*3 = 6",
        # of two functions of one name the last one is meant
        "f(x) = x^2 - 3\n\nf(t) = t^3 - 2\n\na = 1\n\ny = 2 f(a) = 2*(-1) = -2",
    ],
)
def test_what_a_formula_may_mean_otherwise_is_no_slip(text: str) -> None:
    """Right lines of everyday documents."""
    assert "slip" not in verdicts(text)


@pytest.mark.parametrize(
    ("line", "corrected"),
    [
        ("w = 0.5 + 0.02 * (-8) = 0.34", "w = 0.5 - 0.02 * (-8) = 0.66"),
        ("w = 0.5 - 0.02 * 8 = 0.34", "w = 0.5 - 0.02 * (-8) = 0.66"),
    ],
)
def test_a_slip_of_an_update_is_blamed_in_its_own_line(line: str, corrected: str) -> None:
    """The rule stands further up, and is right."""
    text = (
        "x = 2, y = 3, w = 0.5, η = 0.02.\n\n- L = (w * x - y)²\n- w = w - η * dL/dw\n\n"
        "dL/dw = 2 * (1 - 3) * 2 = -8\n\n"
    )
    slip = findings(text + line)[-1]
    assert (slip.line, slip.suggestion) == (8, corrected)


def test_the_first_value_of_a_name_is_read_in_chinese() -> None:
    """The noun before the verb belongs to the verb: 初始值为."""
    text = "权重 w 的初始值为 0.5，x = 2。\n\nz = w x = {} = {}"
    assert verdicts(text.format("0.5*2", 1))[-1] == "correct"
    assert verdicts(text.format("0.6*2", 1.2))[-1] == "slip"


def test_an_index_counts_the_steps_that_updates_make() -> None:
    """The rule stands in the first step alone, and headings number the steps of the work."""
    text = (
        "w = 0.1, alpha = 0.01, x = 0.2, y = 1.7\n\n**Step 1**\n\n- v_1 = 0.5*0 + (-0.34) = -0.34"
        "\n\n- New value of w: w = w - alpha * v_1\n\n  w = 0.1 - 0.01*(-0.34) = 0.1034\n\n"
        "**Step 2**\n\n- v_2 = 0.5*(-0.34) + (-0.33) = -0.5\n\n- New value of w: "
    )
    assert verdicts(text + "w = 0.1034 - 0.01*(-0.5) = 0.1084")[-1] == "correct"
    assert verdicts(text + "w = 0.1034 - 0.01*(-0.34) = 0.1068")[-1] != "correct"


def test_a_rate_is_no_gradient_of_the_same_size() -> None:
    """0.1 is the rate of a step that goes along something else than the gradient of -0.1."""
    text = (
        "w = 0.3, lr = 0.1, ε = 0.001, y = 0.35\n\nL = (w - y)^2 = 0.0025\n\n"
        "dL/dw = 2 (w - y) = -0.1\n\nm = 0.8*0.4 + 0.2*(-0.1) = 0.3\n\nv = 0.9\n\n"
        "w = w - lr * m / (√v + ε) = 0.3 - 0.1 * 0.3 / (√0.9 + 0.001) = 0.268"
    )
    assert verdicts(text)[-1] == "correct"


def test_an_index_counts_no_steps_where_nothing_is_updated_by_the_rule() -> None:
    """`c = a_1 + 1` may be another rule in the second step, which goes on with c."""
    text = (
        "x_1 = 2, w = 1\n\nStep 1\n\na_1 = w x_1 = 2\n\nc = a_1 + 1 = 3\n\nw = w - 0.5 = 0.5\n\n"
        "Step 2\n\na_2 = w x_1 + 5 = 0.5*2 + 5 = 6\n\nc = 3 + 6 = 9"
    )
    assert verdicts(text)[-1] == "undecided"
