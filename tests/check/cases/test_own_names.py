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


def _verdicts(text: str, scenario: str) -> list[str]:
    view = TracedView(run_scenario(loads(scenario, name="worked")))
    return [each.verdict for each in check_lines(read_document(text, "md"), view).findings]


@pytest.mark.parametrize(
    ("text", "scenario", "right", "wrong"),
    [
        pytest.param(GATE_WORKED, GATE, "h_t - y", "h_t + y", id="h_t beside the datum h"),
        pytest.param(SCALED_WORKED, SCALED, "dL/dc = dL/dq", "dL/dc = 3*dL/dq", id="rounded early"),
        pytest.param(SOFT_WORKED, SOFT, "q_1 - p_1", "q_1 + p_1", id="a distribution as target"),
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


@pytest.mark.parametrize("text", [FRACTIONS_WORKED, LIBRARY_WORKED], ids=["fractions", "w.grad"])
def test_a_fraction_of_rounded_figures_is_as_rounded_as_they_are(text: str) -> None:
    """A library's name of a gradient is a gradient."""
    assert set(_verdicts(text, LOGISTIC)) == {"correct"}
    assert "slip" in _verdicts(text.replace("= -201/500\n", "= -211/500\n"), LOGISTIC)
    assert "slip" in _verdicts(text.replace("a - y = 0.598", "a + y = 0.598"), LOGISTIC)


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
