"""Names of the writer's own beside a run: what he computes by them is what they mean."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

import pytest

from tracer.check.document_lines import check_lines
from tracer.check.read.document_entry import read_document
from tracer.check.trace.traced_view import TracedView
from tracer.document_check import check_text
from tracer.program.scenario import loads
from tracer.run.runner import run_scenario

GATE = """
[data]
x = 2
h = 0.8
y = 1
[parameters]
w = 0.5
[network]
equations = "n = tanh(w * x)\\nout = 0.5 * n + 0.5 * h\\nL = (out - y)**2"
loss = "L"
[training]
learning_rate = 0.1
iterations = 1
"""
GATE_WORKED = """n = tanh(w*x) = tanh(0.5*2) = 0.7616

h_t = 0.5*n + 0.5*h = 0.5*0.7616 + 0.5*0.8 = 0.7808

L = (h_t - y)^2 = (0.7808 - 1)^2 = 0.0480"""
GATE_IN_FIGURES = GATE_WORKED.replace("0.5*n + 0.5*h = ", "")
SCALED = """
[data]
x = 3
t = 2
[parameters]
g = 0.7
c = 0.3
[network]
equations = "s = 1 / x\\nout = g * s + c\\nL = (out - t)**2 / 3"
loss = "L"
[training]
learning_rate = 0.1
iterations = 1
"""
SCALED_WORKED = """s = 1/x = 1/3 = 0.33

q = g*s + c = 0.7*0.33 + 0.3 = 0.231 + 0.3 = 0.531

dL/dq = 2/3*(q - t) = 2/3*(0.531 - 2) = -0.979

dL/dc = dL/dq = -0.979"""
SOFT = """
[data]
p = [0.7, 0.3]
[parameters]
z = [0.5, -0.2]
[network]
equations = "q = softmax(z)\\nL = sum(p * log(p / q))"
loss = "L"
[training]
learning_rate = 0.1
iterations = 1
"""
SOFT_WORKED = """dL/dz_1 = q_1 - p_1 = 0.6682 - 0.7 = -0.0318"""

RECURRENT = """
[data]
x = 3
h = -0.4
y = 1
[parameters]
wr = 0.2
ur = 1.2
[network]
equations = "r = tanh(wr * x + ur * h)\\nL = (r - y)**2"
loss = "L"
[training]
learning_rate = 0.2
iterations = 1
"""
RECURRENT_WORKED = """r = tanh(W_r*x + U_r*h) = tanh(0.2*3 + 1.2*(-0.4)) = 0.1194

L = (r - y)^2 = (0.1194 - 1)^2 = 0.7755"""
FRACTIONS_WORKED = """z = w*x = 0.7*0.57 = 0.399

a = sigmoid(z) = sigmoid(0.399) = 0.598

dL/dz = a - y = 0.598 - 1 = -201/500

dL/dw = dL/dz * x = -201/500 * 0.57 = -0.22914"""
LIBRARY_WORKED = FRACTIONS_WORKED.replace("dL/dw", "w.grad").replace("dL/dz", "z.grad")
ROUNDED_TWICE = """
[data]
u = 8.09
[parameters]
g = -0.26
c = -0.3
[network]
equations = "v = u / 4\\nh = -1.35 / sqrt(v + 0.001)\\nq = g * h + c\\nL = q**2"
loss = "L"
[training]
learning_rate = 0.1
iterations = 1
"""
LOGISTIC = """
[data]
x = 0.57
y = 1
[parameters]
w = 0.7
[network]
equations = "z = w * x\\na = sigmoid(z)\\nL = -log(a)"
loss = "L"
[training]
learning_rate = 0.1
iterations = 1
"""

PENALTY = """
[data]
x = 1.5
t = 1
[parameters]
w = 0.6
[network]
equations = "o = w * x\\nE = (o - t)**2\\nR = 0.5 * w**2\\nJ = E + R"
loss = "J"
[training]
learning_rate = 0.2
iterations = 1
"""
PENALTY_WORKED = """o = w*x = 0.6*1.5 = 0.9

E = (o - t)^2 = (0.9 - 1)^2 = 0.01

R = 0.5*w^2 = 0.5*0.6^2 = 0.18

J = E + R = 0.01 + 0.18 = 0.19

dE/dw = 2*(o - t)*x = 2*(0.9 - 1)*1.5 = -0.3

dJ/dw = dE/dw + w = -0.3 + 0.6 = 0.3"""
BATCH = """
[data]
x = [1, 2, 4]
y = [3, 4, 9]
[parameters]
a = 1.5
c = 0.5
[network]
equations = "p = a * x + c\\nloss = mse(p, y)"
loss = "loss"
[training]
learning_rate = 0.05
iterations = 1
"""
BATCH_WORKED = """Sample 2

p = a x + c = 1.5*2 + 0.5 = 3.5

loss = (p - y)^2 = (3.5 - 4)^2 = 0.25

Sample 3

p = a x + c = 1.5*4 + 0.5 = 6.5

loss = (p - y)^2 = (6.5 - 9)^2 = 6.25

The mean: loss = (1 + 0.25 + 6.25)/3 = 2.5"""
LINE = """
[data]
x = [1, 3]
y = [2, 1]
[parameters]
w = 0.5
[network]
equations = "p = w * x\\nL = mse(p, y)"
loss = "L"
[training]
learning_rate = 0.1
iterations = 2
"""
LINE_WORKED = """Sample 1: ŷ = 0.5*1 = 0.5, e = 0.5 - 2 = -1.5, g_1 = 2*e*x = 2*(-1.5)*1 = -3

Sample 2: ŷ = 0.5*3 = 1.5, e = 1.5 - 1 = 0.5, g_2 = 2*e*x = 2*0.5*3 = 3

g = 1/2 Σ_i g_i = 1/2*(-3 + 3) = 0"""
OBJECTIVE = BATCH.replace("loss = mse(p, y)", "J = mse(p, y) + 0.5 * a**2").replace(
    'loss = "loss"', 'loss = "J"'
)
OBJECTIVE_WORKED = """p = a x + c = 1.5*1 + 0.5 = 2

loss = (p - y)^2 = (2 - 3)^2 = 1

J = 2.5 + 0.5*1.5^2 = 3.625"""

MOMENTUM = """
[data]
x = 2
y = 3
[parameters]
w = 1
[network]
equations = "p = w * x\\nL = (p - y)**2"
loss = "L"
[training]
optimizer = "momentum"
learning_rate = 0.05
iterations = 2
"""
METHODS_WORKED = """x = 2, y = 3, w = 1

## Momentum

g = 2(2 - 3)*2 = -4, v = 0.9*0 + (-4) = -4, w = 1 - 0.05*(-4) = 1.2

g = 2(2.4 - 3)*2 = -2.4, v = 0.9*(-4) + (-2.4) = -6, w = 1.2 - 0.05*(-6) = 1.5

## RMSProp

Again from w = 1:

g = 2(2 - 3)*2 = -4, s = 0.9*0 + 0.1*(-4)² = 1.6, w = 1 - 0.05*(-4)/√1.6 = 1.1581

g = 2(2.3162 - 3)*2 = -2.7352"""
ADAM = """
[data]
y = 2
[parameters]
theta = 3
[network]
equations = "L = (theta - y)**2"
loss = "L"
[training]
optimizer = "adam"
learning_rate = 0.1
iterations = 2
"""
ADAM_WORKED = """L = (theta - 2)^2

g = 2*(theta - 2) = 2*(3 - 2) = 2

m = 0.9*0 + 0.1*2 = 0.2, v = 0.999*0 + 0.001*2^2 = 0.004

m_hat = 0.2/0.1 = 2, v_hat = 0.004/0.001 = 4

theta = theta - lr*m_hat/sqrt(v_hat) = 3 - 0.1*2/sqrt(4) = 2.9"""
ROWS = """
[data]
x = [[1, 0.5]]
t = [[0, 1]]
[parameters]
W = [[0.2, 0.4], [-0.6, 0.8]]
V = [[1, -1], [0.5, 0.5]]
[network]
equations = "a = x @ W.T\\nh = tanh(a)\\no = h @ V.T\\nE = 0.5 * sum((o - t)**2)"
loss = "E"
[training]
learning_rate = 0.1
iterations = 1
"""
ROWS_WORKED = """a = W x = [[0.4], [-0.2]]

h = tanh(a) = [[0.3799], [-0.1974]]

o = V h = [[0.5773], [0.0913]]

δ_o = o - t = [[0.5773], [-0.9087]]

∂E/∂V = δ_o hᵀ = [[0.5773], [-0.9087]] [[0.3799, -0.1974]] = [[0.2194, -0.1139], [-0.3453, 0.1794]]

δ_h = Vᵀ δ_o = [[1, 0.5], [-1, 0.5]] [[0.5773], [-0.9087]] = [[0.1230], [-1.0317]]

δ_a = δ_h ⊙ (1 - h^2) = [[0.1052], [-0.9915]]

∂E/∂W = δ_a xᵀ = [[0.1052], [-0.9915]] [[1, 0.5]] = [[0.1052, 0.0526], [-0.9915, -0.4957]]"""


EXPONENTIAL = """s = b + w1*x1 + w2*x2 = 0.25 + 0.5*2 - 1 = 0.25

E = exp(-s) = exp(-0.25) = 0.779

a = 1/(1 + E) = 1/(1 + 0.779) = 0.562"""


def _verdicts(text: str, scenario: str, part: str = "") -> list[str]:
    """Return the verdicts on the lines that have a part."""
    view = TracedView(run_scenario(loads(scenario, name="worked")))
    findings = check_lines(read_document(text, "md"), view).findings
    return [each.verdict for each in findings if part in each.text]


@pytest.mark.parametrize(
    ("text", "scenario", "right", "wrong"),
    [
        pytest.param(GATE_WORKED, GATE, "h_t - y", "h_t + y", id="h_t beside the datum h"),
        pytest.param(GATE_IN_FIGURES, GATE, "h_t - y", "h_t + y", id="h_t in figures"),
        pytest.param(SCALED_WORKED, SCALED, "dL/dc = dL/dq", "dL/dc = 3*dL/dq", id="rounded early"),
        pytest.param(SOFT_WORKED, SOFT, "q_1 - p_1", "q_1 + p_1", id="a distribution as target"),
        pytest.param(
            RECURRENT_WORKED, RECURRENT, "W_r*x + U_r", "W_r*x - U_r", id="parameters put in"
        ),
        pytest.param(PENALTY_WORKED, PENALTY, "2*(o - t)*x", "(o - t)*x", id="a part of the loss"),
        pytest.param(BATCH_WORKED, BATCH, "= 0.25", "= 0.5", id="one sample after the other"),
        pytest.param(LINE_WORKED, LINE, "2*0.5*3 = 3", "2*0.5*3 = 4", id="one name for each"),
        pytest.param(METHODS_WORKED, MOMENTUM, "= 1.1581", "= 1.1518", id="another method, anew"),
        pytest.param(ADAM_WORKED, ADAM, "theta - lr*m_hat", "theta - lr*m", id="no epsilon"),
        pytest.param(ROWS_WORKED, ROWS, "0.4957", "0.4597", id="rows as columns"),
        pytest.param(OBJECTIVE_WORKED, OBJECTIVE, "= 1\n", "= 2\n", id="beside the objective"),
    ],
)
def test_a_name_of_ones_own_is_what_its_formula_says(
    text: str, scenario: str, right: str, wrong: str
) -> None:
    assert set(_verdicts(text, scenario)) == {"correct"}
    assert "slip" in _verdicts(text.replace(right, wrong), scenario)


def test_a_result_is_no_more_exact_than_what_was_put_in_first() -> None:
    """Here s is 0.999997, so that q is off 0.1 by what is then multiplied by 1000."""
    text = "s = 1/1.000003 ≈ 1.000\n\nq = 0.26*s - 0.16 = 0.26*1.000 - 0.16 = 0.26 - 0.16 = 0.1"
    text += "\n\nr = 1000*q = 1000*0.1 = 99.999"
    assert "slip" not in [each.verdict for each in check_lines(read_document(text, "md")).findings]


def test_a_row_with_a_rounded_result_is_no_python() -> None:
    text = "```\nn = np.tanh(0.5 * 0.6) ≈ 0.291\nh = 0.5 * 0.291 ≈ 0.146\n```"
    (report,) = check_text(text).files
    assert [each.verdict for each in report.findings] == ["correct", "correct"]


def test_what_belongs_in_the_place_of_a_slip_is_rounded_as_its_writer_rounds() -> None:
    """2/3*(0.531 - 2) is -0.979 and the run has -0.978, which makes none of its uses wrong."""
    text = SCALED_WORKED.replace("0.531 - 2) = -0.979", "0.531 - 2) = -0.779")
    assert _verdicts(text, SCALED)[-2:] == ["slip", "correct"]


@pytest.mark.parametrize("text", [FRACTIONS_WORKED, LIBRARY_WORKED], ids=["fractions", "w.grad"])
def test_a_fraction_of_rounded_figures_is_as_rounded_as_they_are(text: str) -> None:
    """A library's name of a gradient is a gradient."""
    assert set(_verdicts(text, LOGISTIC)) == {"correct"}
    assert "slip" in _verdicts(text.replace("= -201/500\n", "= -211/500\n"), LOGISTIC)
    assert "slip" in _verdicts(text.replace("a - y = 0.598", "a + y = 0.598"), LOGISTIC)


@pytest.mark.parametrize(("fraction", "verdict"), [("-2/5", "correct"), ("-3/5", "slip")])
def test_a_fraction_after_a_sign_of_rounding_is_a_rounded_figure(
    fraction: str, verdict: str
) -> None:
    text = FRACTIONS_WORKED.replace("dL/dz = a - y = 0.598 - 1 = -201/500", f"dL/dz ≈ {fraction}")
    assert _verdicts(text, LOGISTIC, "≈") == [verdict]


def test_what_was_put_in_may_be_right_though_what_is_worked_out_of_it_was_rounded_twice() -> None:
    """By 2.022, -0.9492 and 0.2468 a writer comes to -0.05320; with all digits it is -0.05325."""
    text = """v = u/4 = 8.09/4 ≈ 2.022

h = -1.35/sqrt(v + 0.001) = -1.35/sqrt(2.022 + 0.001) ≈ -0.9492

q = -0.26*(-0.9492) + (-0.3) = 0.2468 + (-0.3) = -0.05320"""
    assert set(_verdicts(text, ROUNDED_TWICE)) == {"correct"}
    for wrong in ("-0.26*(-0.9429)", "0.26*(-0.9492)"):
        assert "slip" in _verdicts(text.replace("-0.26*(-0.9492)", wrong), ROUNDED_TWICE)


@pytest.mark.parametrize(
    "line", ["w = 1.2 - 0.05 * (-0.3) = **1.215**", "w = 1.2 - 0.1 = **1.1**."]
)
def test_two_stars_around_a_result_are_no_power(line: str) -> None:
    report = check_lines(read_document(f"```\n{line}\n```", "md"))
    assert [each.verdict for each in report.findings] == ["correct"]


NORMED = """
[data]
x = [-3.4, 3, 1.4]
t = [2, 0.9, 3]
[parameters]
gamma = [-0.9, 0.8, 1.2]
beta = [-1.2, 0.4, 0.7]
[constants]
eps = 1e-5
[network]
equations = \"\"\"
mu = mean(x)
var = mean((x - mu)**2)
xn = (x - mu) / sqrt(var + eps)
out = gamma * xn + beta
J = mean((out - t)**2)
\"\"\"
loss = "J"
[training]
learning_rate = 0.2
iterations = 1
"""
NORMED_WORKED = """x_1 = -3.4, x_2 = 3, x_3 = 1.4, t_1 = 2, t_2 = 0.9, t_3 = 3

γ_1 = -0.9, γ_2 = 0.8, γ_3 = 1.2, β_1 = -1.2, β_2 = 0.4, β_3 = 0.7, κ = 0.00001

m = (x_1 + x_2 + x_3)/3 = (-3.4 + 3 + 1.4)/3 ≈ 0.33333

s = ((x_1 - m)^2 + (x_2 - m)^2 + (x_3 - m)^2)/3 ≈ 7.3956

h_1 = (x_1 - m)/sqrt(s + κ) = (-3.4 - 0.33333)/sqrt(7.3956 + 0.00001) ≈ -1.3728

h_2 = (x_2 - m)/sqrt(s + κ) = (3 - 0.33333)/sqrt(7.3956 + 0.00001) ≈ 0.98058

h_3 = (x_3 - m)/sqrt(s + κ) = (1.4 - 0.33333)/sqrt(7.3956 + 0.00001) ≈ 0.39223

y_1 = γ_1*h_1 + β_1 = -0.9*(-1.3728) - 1.2 ≈ 0.035520

y_2 = γ_2*h_2 + β_2 = 0.8*0.98058 + 0.4 ≈ 1.1845

y_3 = γ_3*h_3 + β_3 = 1.2*0.39223 + 0.7 ≈ 1.1707

J = ((y_1 - t_1)^2 + (y_2 - t_2)^2 + (y_3 - t_3)^2)/3 ≈ 2.4288

dJ/dy_2 = 2/3*(y_2 - t_2) = 2/3*(1.1845 - 0.9) ≈ 0.18967"""
GATED = """
[data]
x = -1
y = 0.5
[parameters]
wz = -0.7
wn = 1
[network]
equations = "z = sigmoid(wz * x)\\nn = tanh(wn * x)\\nhn = z * n\\nL = (hn - y)**2"
loss = "L"
[training]
learning_rate = 0.5
iterations = 1
"""
GATED_WORKED = """x = -1, y = 0.5, w_z = -0.7, V = 1

z = σ(w_z*x) = σ(-0.7*(-1)) = 0.6682

n = tanh(V*x) = tanh(1*(-1)) = -0.7616

h_t = z*n = 0.6682*(-0.7616) = -0.5089

L = (h_t - y)^2 = (-0.5089 - 0.5)^2 = 1.0179

dL/dh_t = 2*(h_t - y) = 2*(-0.5089 - 0.5) = -2.0178

dL/dn = dL/dh_t*z = -2.0178*0.6682 = -1.3483

dL/dV = dL/dn*(1 - n^2)*x = -1.3483*(1 - (-0.7616)^2)*(-1) = 0.5662

V_new = V - 0.5*dL/dV = 1 - 0.5*0.5662 = 0.7169"""

MOMENTUM = """
[data]
x = 2
y = 1.4
[parameters]
w = 0.1
[network]
equations = "p = w * x\\nL = (p - y)**2"
loss = "L"
[training]
optimizer = "momentum"
momentum = 0.9
learning_rate = 0.1
iterations = 1
"""
MOMENTUM_WORKED = """x = 2, y = 1.4, w = 0.1, lr = 0.1, m = 0, mu = 0.9

p = w*x = 0.1*2 = 0.2

g = 2*(p - y)*x = 2*(0.2 - 1.4)*2 = -4.8

m = mu*m + g = 0.9*0 + (-4.8) = -4.8

w' = w - lr*m = 0.1 - 0.1*(-4.8) = 0.58"""


@pytest.mark.parametrize(
    ("text", "scenario", "right", "wrong"),
    [
        pytest.param(
            MOMENTUM_WORKED,
            MOMENTUM,
            "2*(p - y)*x = 2*(0.2 - 1.4)*2 = -4.8",
            "(p - y)*x = (0.2 - 1.4)*2 = -2.4",
            id="a gradient that one state takes up",
        ),
        pytest.param(
            MOMENTUM_WORKED,
            MOMENTUM,
            "g = 2*(p - y)*x = 2*(0.2 - 1.4)*2 = -4.8",
            "g = x = 2",
            id="what is called a gradient and is none",
        ),
        pytest.param(
            NORMED_WORKED,
            NORMED,
            "y_2 = γ_2*h_2 + β_2 = 0.8*0.98058 + 0.4 ≈ 1.1845",
            "y_2 = γ_2*h_2 - β_2 = 0.8*0.98058 - 0.4 ≈ 0.3845",
            id="one of a family",
        ),
        pytest.param(
            NORMED_WORKED,
            NORMED,
            "(x_3 - m)^2)/3 ≈ 7.3956",
            "x_3 - m)/3 ≈ 7.3719",
            id="what others of the writer's own are made of",
        ),
        pytest.param(
            NORMED_WORKED,
            NORMED,
            "y_2 - t_2) = 2/3*(1.1845 - 0.9) ≈ 0.18967",
            "y_2 + t_2) = 2/3*(1.1845 + 0.9) ≈ 1.3897",
            id="a gradient by one of a family",
        ),
        pytest.param(
            GATED_WORKED,
            GATED,
            "z*n = 0.6682*(-0.7616) = -0.5089",
            "z + n = 0.6682 + (-0.7616) = -0.0934",
            id="a quantity that stands alone",
        ),
        pytest.param(
            GATED_WORKED,
            GATED,
            "2*(h_t - y) = 2*(-0.5089 - 0.5) = -2.0178",
            "(h_t - y) = (-0.5089 - 0.5) = -1.0089",
            id="its gradient",
        ),
        pytest.param(
            GATED_WORKED,
            GATED,
            "(1 - n^2)*x = -1.3483*(1 - (-0.7616)^2)*(-1) = 0.5662",
            "(1 - n)*x = -1.3483*(1 - (-0.7616))*(-1) = 2.3752",
            id="the gradient of a given one",
        ),
        pytest.param(
            GATED_WORKED,
            GATED,
            "V - 0.5*dL/dV = 1 - 0.5*0.5662 = 0.7169",
            "V + 0.5*dL/dV = 1 + 0.5*0.5662 = 1.2831",
            id="the update of a given one",
        ),
    ],
)
def test_a_name_of_ones_own_is_what_its_place_says(
    text: str, scenario: str, right: str, wrong: str
) -> None:
    """What it has to be shows in the lines that go on with it, or in the value that it is given."""
    assert set(_verdicts(text, scenario)) == {"correct"}
    assert _verdicts(text.replace(right, wrong), scenario, wrong) == ["slip"]


ERRORS = """
[data]
x = 0.8
y = 1
[parameters]
w = 0.7
[network]
equations = "z = w * x\\na = sigmoid(z)\\nL = (a - y)**2"
loss = "L"
[training]
learning_rate = 0.1
iterations = 1
"""


@pytest.mark.parametrize(
    ("own", "wrong"),
    [
        pytest.param(
            "e = a - y = 0.6365 - 1 = -0.3635",
            "dL/dw = 2*e*x = 2*(-0.3635)*0.8 = -0.5816",
            id="a factor left out below",
        ),
        pytest.param(
            "e = y - a = 1 - 0.6365 = 0.3635",
            "dL/dz = 2*e*a*(1 - a) = 2*0.3635*0.6365*(1 - 0.6365) = 0.1682",
            id="a sign lost below",
        ),
        pytest.param(
            "e = 2*(a - y)*x = 2*(0.6365 - 1)*0.8 = -0.5816",
            "dL/dw = e*a = -0.5816*0.6365 = -0.3702",
            id="what the run does not have",
        ),
    ],
)
def test_a_right_name_of_ones_own_is_not_blamed_for_a_line_below(own: str, wrong: str) -> None:
    text = f"z = w*x = 0.7*0.8 = 0.56\n\na = σ(z) = σ(0.56) = 0.6365\n\n{own}\n\n{wrong}"
    first, second, third, last = _verdicts(text, ERRORS)
    assert [first, second, third] == ["correct"] * 3
    assert last == "slip"


HALVED = """
[data]
x = 1.5
y = 2
[parameters]
w = 0.5
[network]
equations = "z = w * x\\nL = 0.5 * (z - y)**2"
loss = "L"
"""


NOTED = (
    HALVED.replace("w =", "w12 =").replace("w *", "w12 *")
    + """[notation]
w12 = "w_{1,2}"
[training]
learning_rate = 0.1
iterations = 1
"""
)


@pytest.mark.parametrize(("value", "verdict"), [("0.6875", "correct"), ("0.7875", "slip")])
def test_two_subscripts_may_be_the_name_of_a_number_and_of_its_update(
    value: str, verdict: str
) -> None:
    assert _verdicts(f"$w_{{1,2}}(new) = {value}$", NOTED) == [verdict]


def test_a_label_stays_one_where_more_than_the_loss_is_computed_with_it() -> None:
    """What is not trained by it says nothing of what its numbers may be."""
    text = "p = exp(z) / sum(exp(z))\n\ndL/dz = {}"
    found = check_text(text.format("p - y"), "md", "softmax_example").files[0].findings
    assert [each.verdict for each in found] == ["correct", "correct"]
    found = check_text(text.format("y - p"), "md", "softmax_example").files[0].findings
    assert found[-1].verdict == "slip"


STEPS = f"""{HALVED}
[training]
learning_rate = 0.1
iterations = 2
"""
TURNED = """z = w*x = 0.5*1.5 = 0.75

δ = y - z = 2 - 0.75 = 1.25

dL/dw = δ*x = 1.25*1.5 = 1.875"""


def test_a_sign_that_is_turned_in_a_name_of_ones_own_is_turned_back_below() -> None:
    """Only an update that adds says that gradients point downhill."""
    assert _verdicts(TURNED, STEPS, "dL/dw = ") != ["correct"]
    assert _verdicts(TURNED.replace("δ*x = 1.25", "-δ*x = -1.25").replace("1.875", "-1.875"), STEPS)
    declared = f"{TURNED}\n\nw = w + 0.1*dL/dw = 0.5 + 0.1*1.875 = 0.6875"
    assert set(_verdicts(declared, STEPS)) == {"correct"}


def test_a_sign_that_is_lost_in_the_figures_of_a_name_of_ones_own_turns_nothing() -> None:
    lost = "δ = z - y = 1.25 = 1.25\n\ndL/dw = δ*x = -1.25*1.5 = -1.875\n\ndL/dz = δ = -1.25"
    assert _verdicts(lost, STEPS) == ["slip", "correct", "correct"]


def test_the_gradient_of_an_earlier_iteration_is_only_right_where_words_tell_of_it() -> None:
    first = "z = w*x = 0.5*1.5 = 0.75\n\ndL/dw = (z - y)*x = (0.75 - 2)*1.5 = -1.875\n\n"
    first += "w = w - 0.1*dL/dw = 0.5 + 0.1875 = 0.6875\n\nIteration 2:\n\n"
    second = "z = w*x = 0.6875*1.5 = 1.03125\n\n"
    assert _verdicts(first + second + "dL/dw = -1.453125", STEPS)[-1] == "correct"
    assert _verdicts(first + second + "dL/dw = -1.875", STEPS)[-1] != "correct"
    assert _verdicts(first + second + "In iteration 1 dL/dw was -1.875.", STEPS)[-1] == "correct"


def test_figures_in_another_grouping_are_not_right_because_the_run_has_the_result() -> None:
    """Only what printed figures alone leave open is closed by the run."""
    right, wrong = "2/3*(1.1845 - 0.9)", "(2/3)/(1.1845 - 0.9)"
    assert _verdicts(NORMED_WORKED.replace(right, wrong), NORMED, wrong) == ["undecided"]


FIGURES_ONLY = """h_1 = (-3.4 - 0.33333)/sqrt(7.3956 + 0.00001) ≈ -1.3728

h_2 = (3 - 0.33333)/sqrt(7.3956 + 0.00001) ≈ 0.98058

h_3 = (1.4 - 0.33333)/sqrt(7.3956 + 0.00001) ≈ 0.39223

y_1 = -0.9*(-1.3728) - 1.2 ≈ 0.03552

y_2 = 0.8*0.98058 + 0.4 ≈ 1.1845

y_3 = 1.2*0.39223 + 0.7 ≈ 1.1707

dJ/dy_2 = 2/3*(1.1845 - 0.9) ≈ 0.18967

dJ/dbeta_2 = dJ/dy_2 ≈ 0.18967"""


def test_a_name_of_figures_only_is_the_quantity_of_whose_formula_they_are() -> None:
    assert set(_verdicts(FIGURES_ONLY, NORMED)) == {"correct"}


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("0.8*0.98058 + 0.4 ≈ 1.1845", "0.8*0.98058 + 0.7 ≈ 1.4845"),
        ("(1.4 - 0.33333)/sqrt(7.3956 + 0.00001) ≈ 0.39223", "(1.4 - 0.33333)/7.3956 ≈ 0.14423"),
    ],
)
def test_one_of_a_family_is_what_the_others_show(right: str, wrong: str) -> None:
    assert _verdicts(FIGURES_ONLY.replace(right, wrong), NORMED, wrong) == ["slip"]


DECAYING = f"""{HALVED}
[training]
optimizer = "rmsprop"
alpha = 0.9
learning_rate = 0.2
iterations = 2
"""
DECAYING_WORKED = """z = w*x = 0.5*1.5 = 0.75

dL/dw = (z - y)*x = (0.75 - 2)*1.5 = -1.875

s = 0.9*0 + 0.1*1.875^2 = 0.3516

w = w - α*dL/dw/(sqrt(s) + ε) = 0.5 - 0.2*(-1.875)/(sqrt(0.3516) + 1e-8) = 1.1325"""


def test_the_letter_of_a_setting_is_the_setting_whose_value_is_put_in_for_it() -> None:
    assert set(_verdicts(DECAYING_WORKED, DECAYING)) == {"correct"}
    other = DECAYING_WORKED.replace("0.5 - 0.2*", "0.5 - 0.3*")
    assert _verdicts(other, DECAYING, "w - α") == ["slip"]


LAYER = """z_1 = 0.1*0.4 + 0.2*0.6 + 0.1 = 0.26

h_1 = σ(z_1) = 1/(1 + e^(-0.26)) = 0.5646

z_2 = 0.3*0.4 + 0.4*0.6 + 0.1 = 0.46"""


def test_a_number_is_an_entry_of_the_array_that_the_run_calls_so() -> None:
    (report,) = check_text(LAYER, "md", "mlp_2_2_2").files
    verdicts = [each.verdict for each in report.findings]
    assert verdicts == ["undecided", "correct", "undecided"]  # these figures are none of the run's
    (report,) = check_text(LAYER.replace("0.4 + 0.4*0.6", "0.4 + 0.2*0.6"), "md", "mlp_2_2_2").files
    assert report.findings[-1].verdict == "slip"


PARTS = """
[data]
x = [[1, 2], [3, 1]]
y = [[1, 0], [0, 1]]
[parameters]
W = [[0.5, -1], [0.25, 2]]
b = [0.5, 1]
[network]
equations = "z = x @ W + b\\nL = sum((z - y)**2)"
loss = "L"
[training]
learning_rate = 0.1
iterations = 1
"""


@pytest.mark.parametrize("name", ["z_1", "z1", "z_2"])
def test_a_matrix_is_no_row_of_the_one_that_the_run_calls_so(name: str) -> None:
    text = f"""{name} = x @ W = [[1, 2], [3, 1]] @ [[0.5, -1], [0.25, 2]] = [[1, 3], [1.75, -1]]

z = {name} + b = [[1, 3], [1.75, -1]] + [0.5, 1] = [[1.5, 4], [2.25, 0]]"""
    assert _verdicts(text, PARTS) == ["correct", "correct"]
    assert "slip" in _verdicts(text.replace("2.25", "2.75"), PARTS)


NORMALISED = """
[data]
x = [-1, 1.6, -1.9, 2.3]
[parameters]
g = 0.7
[network]
equations = "mu = mean(x)\\nvar = mean((x - mu)**2)\\nn = (x - mu) / sqrt(var)\\nL = g * sum(n**3)"
loss = "L"
[training]
learning_rate = 0.1
iterations = 1
"""
NORMALISED_WORKED = r"""$\mu = \frac{1}{4}(\sum_i x_i) = \frac{1}{4}(-1 + 1.6 - 1.9 + 2.3) = 0.25$

$VAR = FACTOR(\sum_i (x_i - \mu)^2) = FACTOR((-1.25)^2 + 1.35^2 + (-2.15)^2 + 2.05^2) = VALUE$

$n_1 = \frac{x_1 - \mu}{\sqrt{VAR}} = \frac{-1 - 0.25}{\sqrt{3.0525}} = -0.7155$

$n_2 = \frac{x_2 - \mu}{\sqrt{VAR}} = \frac{1.6 - 0.25}{\sqrt{3.0525}} = 0.7727$"""


@pytest.mark.parametrize("name", [r"\sigma^2", r"\sigma_B^2", "s^2", r"\hat\sigma^2", "v"])
def test_a_name_with_its_power_is_joined_to_the_run(name: str) -> None:
    """Where its formula is wrong, the lines that go on with what it has to be are right."""
    text = NORMALISED_WORKED.replace("VAR", name)
    right = text.replace("FACTOR", r"\frac{1}{4}").replace("VALUE", "3.0525")
    assert _verdicts(right, NORMALISED) == ["correct"] * 4
    wrong = text.replace("FACTOR", "").replace("VALUE", "12.21")
    assert _verdicts(wrong, NORMALISED) == ["correct", "slip", "correct", "correct"]


GATED = """
[data]
x = -1
h = -0.4
y = 0.2
[parameters]
wz = 0.7
uz = 0.62
wr = 0.4
ur = 0.25
wn = 0.2
un = -1.1
[network]
equations = '''
z = sigmoid(wz * x + uz * h)
r = sigmoid(wr * x + ur * h)
n = tanh(wn * x + un * (r * h))
hn = (1 - z) * n + z * h
loss = 0.5 * (hn - y)**2
'''
loss = "loss"
[training]
learning_rate = 0.1
iterations = 1
"""


def test_a_name_that_an_update_shows_is_what_was_updated() -> None:
    """Above the line of its update it has the value from before."""
    text = """r = σ(w_r x + Ur h) = σ(0.4*(-1) + 0.25*(-0.4)) ≈ 0.378

n = tanh(Wn x + Un r h) = tanh(0.2*(-1) + (-1.1)*0.378*(-0.4)) ≈ -0.034

Wn = 0.2 - 0.1*0.242 ≈ 0.176"""
    assert _verdicts(text, GATED) == ["correct"] * 3


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        ("m_2 = 0.9*0.2 + 0.1*1.8 = 0.36", "correct"),
        ("m_2 = 0.9*0.2 + 0.1*1.9 = 0.37", "slip"),
        ("v_2 = 0.999*0.004 + 0.001*3.24 = 0.007236", "correct"),
        ("m_1 is 0.3 here.", "slip"),
    ],
)
def test_the_number_behind_a_single_number_of_an_optimizer_is_its_step(
    line: str, verdict: str
) -> None:
    """Theta has no entries, so m_1 and m_2 are m as the first and the second step leave it."""
    above = "θ = 3\n\nm_1 = 0.9*0 + 0.1*2 = 0.2, v_1 = 0.999*0 + 0.001*4 = 0.004\n\n"
    assert _verdicts(above + line, ADAM)[-1] == verdict


@pytest.mark.parametrize(
    ("name", "of"), [("E", "s"), ("J", "s"), ("E", "z")], ids=["E of s", "J of s", "E of z"]
)
def test_what_reads_nothing_that_the_loss_compares_is_no_loss(name: str, of: str) -> None:
    text = EXPONENTIAL.replace("E", name).replace("s =", f"{of} =").replace("-s", f"-{of}")
    (report,) = check_text(text, scenario="neuron").files
    assert [each.verdict for each in report.findings] == ["correct"] * 3
    (report,) = check_text(text.replace("1 + 0.779", "1 - 0.779"), scenario="neuron").files
    assert report.findings[-1].verdict == "slip"


@pytest.mark.parametrize(
    ("working", "verdict"),
    [
        ("(y - a)^2/2 = (1 - 0.562)^2/2 = 0.0959", "correct"),
        ("(y + a)/2 = 1.562/2 = 0.781", "slip"),
    ],
)
def test_what_reads_the_prediction_is_the_loss_by_any_name(working: str, verdict: str) -> None:
    text = EXPONENTIAL.split("E =")[0] + "a = sigmoid(s) = sigmoid(0.25) = 0.562\n\nE = "
    (report,) = check_text(text + working, scenario="neuron").files
    assert report.findings[-1].verdict == verdict
