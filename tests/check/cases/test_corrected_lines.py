"""What a finding says belongs in a line: the wrong part is named, and the line then holds."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

from pathlib import Path

import pytest

from tests.check.cases.verdicts import findings
from tracer.document_check import check_text
from tracer.sentences import plain_text

GIVEN = "c = 4\n\ng = 0\n\nk = 1\n\nw = [2, 3]\n\nx = [0, 4]\n\n"

HIDDEN = [  # the line, and the figure that its value does not show to be wrong
    ("d = g*c = 0*7 = 0", "7", "4"),
    ("$d = c \\cdot g = 7 \\cdot 0 = 0$", "7", "4"),
    ("d = g/c = 0/7 = 0", "7", "4"),
    ("`d = g*c + k = 0*7 + 1 = 1`", "7", "4"),
    ("d = k^c = 1^7 = 1", "7", "4"),
    ("d = c - c + k = 7 - 7 + 1 = 1", "7", "4"),
    ("d = max(g - c, 0)*k = max(0 - 7, 0)*1 = 0", "7", "4"),
    ("z = w @ x = 9*0 + 3*4 = 12", "9", "2"),
    ("z = w · x + k = 4*3 + 0*9 + 1 = 13", "9", "2"),
]


@pytest.mark.parametrize(("line", "written", "expected"), HIDDEN)
def test_a_wrong_figure_is_found_where_the_value_does_not_depend_on_it(
    line: str, written: str, expected: str
) -> None:
    (finding,) = findings(GIVEN + line)
    assert (finding.verdict, finding.written, finding.expected) == ("slip", written, expected)


@pytest.mark.parametrize(
    "line",
    [
        "d = g*c = 0*4 = 0",
        "d = c*g = 0*4 = 0",
        "d = (c - k)^2 = (1 - 4)^2 = 9",
        "z = w @ x = 4*3 + 0*2 = 12",
        "d = c*(k + g) = 4*1 + 4*0 = 4",
    ],
)
def test_another_order_of_right_figures_hides_nothing(line: str) -> None:
    (finding,) = findings(GIVEN + line)
    assert finding.verdict == "correct"


STEP = "w = 2\n\ng = 3\n\nlr = 0.1\n\n"
VALUES = "x = [3, 4]\n\nb = [1, 1]\n\nW = [[1, 2], [3, 4]]\n\n"

CORRECTED = [  # the givens, the line, and what it becomes
    # a rounded result with its sign turned is the right one
    ("", "d = 0.2461*(-0.0244) = 0.0060", "d = 0.2461*(-0.0244) = -0.0060"),
    # a step goes down, whichever side adds it
    (STEP, "`w = w - lr*g = 2 + 0.1*3 = 2.3`", "`w = w - lr*g = 2 - 0.1*3 = 1.7`"),
    (STEP, "w' = w - lr·g = 2 + 0.1·3 = 2.3", "w' = w - lr·g = 2 − 0.1·3 = 1.7"),
    (STEP, "`w_new = w + lr*g = 2 - 0.1*3 = 1.7`", "`w_new = w - lr*g = 2 - 0.1*3 = 1.7`"),
    # an entry that is right within the rounding of what it was worked out from stays
    (
        "z = [4*0.6025, 3*0.35666] ≈ [2.410, 1.070]\n\n",
        "a = σ(z) = σ([2.410, 1.070]) ≈ [2.4176, 0.7445]",
        "a = σ(z) = σ([2.410, 1.070]) ≈ [0.9176, 0.7445]",
    ),
    # a figure keeps its digits, and has what a short value needs
    ("", "c = 2*(-3.55) = -8", "c = 2*(-3.55) = -7.1"),
    ("", "`c = 2*(-3.55) = -9`", "`c = 2*(-3.55) = -7.1`"),
    ("", "c = 2.5*3.1 = 8", "c = 2.5*3.1 = 7.75"),
    ("", "c = 2.51*3.17 = 8.96", "c = 2.51*3.17 = 7.96"),
    ("a = 2.25\n\n", "b = 1.5*a = 1.5*2.5 = 3.75", "b = 1.5*a = 1.5*2.25 = 3.375"),
    # how many digits a writer prints, rounded results say: 1.02475 is all of 2·0.512375
    (
        "a = 0.512375*2 = 1.02475\n\nb = 0.23457*0.5 = 0.117285\n\nc = 0.4123*0.31 = 0.1278\n\n"
        "d = 1/3*0.2 = 0.0667\n\nf = 1/7*0.2 = 0.0286\n\n",
        "e = 0.1371*0.2251 ≈ 0.0316",
        "e = 0.1371*0.2251 ≈ 0.0309",
    ),
    # new entries of an array have as many digits as the others
    (
        "a = 1/3 = 0.333333\n\nb = 1/7 = 0.142857\n\nc = 1/70 = 0.0142857\n\n",
        "v = [0.1371*0.2251, 0.323*0.1231] ≈ [0.0316, 0.0398]",
        "v = [0.1371*0.2251, 0.323*0.1231] ≈ [0.0309, 0.0398]",
    ),
    # the term whose sign has moved into it
    ("", "q = 2*3 - 4*(-5) = 6 + 21 = 26", "q = 2*3 - 4*(-5) = 6 + 20 = 26"),
    # a fraction stays one
    ("", "q = 1/3 + 1/5 = 2/7", "q = 1/3 + 1/5 = 8/15"),
    ("", "s = 0.5 + 0.25 = 1/2", "s = 0.5 + 0.25 = 3/4"),
    (
        "",
        r"$s = \frac{1}{3} + \frac{1}{4} = \frac{2}{7}$",
        r"$s = \frac{1}{3} + \frac{1}{4} = \frac{7}{12}$",
    ),
    # a unit that changes no figure
    ("", "t = 3 °C * 2 = 7 °C", "t = 3 °C * 2 = 6 °C"),
    ("", "v = 20 ℃ - 5 ℃ = 12 ℃", "v = 20 ℃ - 5 ℃ = 15 ℃"),
    # a difference is turned round as it stands
    ("a = 3\n\nb = 5\n\n", "c = a - b = 5 - 3 = 2", "c = a - b = 3 - 5 = -2"),
    # the other figures of an array stay
    ("", "z = [1, 2] + [3, 4] = [5, 7]", "z = [1, 2] + [3, 4] = [4, 6]"),
    (VALUES, "z = W x = [11, 26]", "z = W x = [11, 25]"),
    (VALUES, "z = x + b = [3, 5] + [1, 1] = [4, 6]", "z = x + b = [3, 4] + [1, 1] = [4, 5]"),
]


@pytest.mark.parametrize(("given", "line", "corrected"), CORRECTED)
def test_a_corrected_line_follows_from_its_formula_and_the_values(
    given: str, line: str, corrected: str
) -> None:
    """Read again, it is right."""
    (report,) = check_text(given + line).files
    (finding,) = (each for each in report.findings if each.verdict != "correct")
    assert finding.suggestion == corrected
    assert {each.verdict for each in findings(given + corrected)} == {"correct"}


@pytest.mark.parametrize(
    ("line", "corrected"),
    [
        ("w' = w - lr*dL/dw = 0.5 + 0.1*(-3) = 0.2", "w' = w - lr*dL/dw = 0.5 - 0.1*(-3) = 0.8"),
        ("w' = w + lr*dL/dw = 0.5 - 0.1*(-3) = 0.8", "w' = w - lr*dL/dw = 0.5 - 0.1*(-3) = 0.8"),
        ("w' = w - lr*dL/dw = 0.5 + 0.1*(-4) = 0.1", "w' = w - lr*dL/dw = 0.5 + 0.1*(3) = 0.8"),
    ],
)
def test_beside_a_run_the_signs_and_what_follows_from_them_are_corrected(
    line: str, corrected: str
) -> None:
    (report,) = check_text(line, scenario="one_weight").files
    (finding,) = report.findings
    assert (finding.verdict, finding.suggestion) == ("slip", corrected)


MOMENTUM = """
title = "momentum"
[data]
x = 1.5
y = 3
[parameters]
w = 0.5
[network]
equations = \'\'\'
z = w * x
L = 0.5 * (z - y)**2
\'\'\'
loss = "L"
[training]
optimizer = "momentum"
momentum = 0.9
learning_rate = 0.1
iterations = 3
"""
STEPS = """v = 0.9 * 0 + (-3.375) = -3.375

Iteration 2: v = beta*v + dL/dw = 0.9 * (-3.375) + (-2.615625) = -5.653125

Iteration 3: v = beta*v + dL/dw = -5.653125 + (-1.343671875) = -6.996796875

With v = -6.431484375 the update is w = w - eta*v = 1.4028125 - 0.1 * (-6.431484375) = 2.0459609375
"""


def test_a_right_value_after_a_slip_is_that_of_the_same_step(tmp_path: Path) -> None:
    """Only what is computed anew begins the next step; the figures lack the factor beta."""
    scenario = tmp_path / "momentum.toml"
    scenario.write_text(MOMENTUM, "utf-8")
    (report,) = check_text(STEPS, scenario=str(scenario)).files
    (slip,) = (each for each in report.findings if each.verdict != "correct")
    assert slip.expected == "0.9 * (-5.653125)"
    assert "0.9 * (-5.653125) + (-1.343671875) = -6.431484375" in (slip.suggestion or "")


def test_no_line_is_written_that_does_not_hold_itself(tmp_path: Path) -> None:
    """-1.2/1.41 is not -0.8, which the run rounds to: a root is written as such."""
    scenario = tmp_path / "root.toml"
    text = MOMENTUM.replace("w = 0.5\n", "w = -1.2\n").replace("x = 1.5", "x = 2")
    scenario.write_text(text.replace("w * x", "w / sqrt(x)"), "utf-8")
    (report,) = check_text("z = -1.2 / 2 = -0.6", scenario=str(scenario)).files
    (finding,) = report.findings
    assert (finding.verdict, finding.expected) == ("slip", "sqrt(2)")
    assert finding.suggestion == "z = -1.2 / sqrt(2) = -0.8"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("z = x - b = [2, 5]", "entry 2: 5 should be 3"),
        ("z = W + 1 = [[2, 3], [4, 6]]", "entry 2, 2: 6 should be 5"),
        ("z = x + b = [3, 5] + [1, 1] = [4, 6]", "entry 2 of x is 4 here (line 1), not 5"),
        ("s = 0.5*1 + 0.73*0.7625 ≈ 0.5 + 0.556 = 1.056", "0.5 + 0.556 should be 1.057"),
    ],
)
def test_what_is_wrong_is_named_as_finely_as_it_is_written(line: str, message: str) -> None:
    (finding,) = findings(VALUES + line)
    assert finding.message is not None
    assert plain_text(finding.message).startswith(message)


def test_where_formula_and_figures_have_two_signs_neither_is_corrected() -> None:
    """Nothing says which of them is wrong; an update, or a run, would."""
    (finding,) = findings("w = 2\n\nx = 3\n\nb = 1\n\ny = w*x - b = 2*3 + 1 = 7")
    assert (finding.verdict, finding.replacements) == ("slip", ())
    assert finding.message is not None
    message = "the formula has - where its figures have +: a sign was lost or flipped"
    assert plain_text(finding.message) == message


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        ("c = a - b = 5 - 3 = 2", "difference_reversed"),
        ("e = y_hat - y = 5 - 3 = 2", "error_reversed"),
    ],
)
def test_only_of_an_error_it_is_said_that_the_target_is_subtracted(line: str, cause: str) -> None:
    (finding,) = findings("a = 3\n\nb = 5\n\ny_hat = 3\n\ny = 5\n\n" + line)
    assert finding.cause == cause


@pytest.mark.parametrize(
    ("line", "corrected"),
    [
        ("y = 0,5·2,5 = 1,35", "y = 0,5·2,5 = 1,25"),
        ("w ← 0,5 − 0,1·(−8) = 1,4", "w ← 0,5 − 0,1·(−8) = 1,3"),
        ("$y = 0{,}5 \\cdot 2{,}5 = 1{,}35$", "$y = 0{,}5 \\cdot 2{,}5 = 1{,}25$"),
    ],
)
def test_a_correction_has_the_comma_that_its_document_writes(line: str, corrected: str) -> None:
    (finding,) = findings(line)
    assert (finding.verdict, finding.suggestion) == ("slip", corrected)


def test_the_command_around_a_figure_stays() -> None:
    (finding,) = findings("$h = \\tanh(1.3697) \\approx \\mathbf{0.8704}$")
    assert (finding.written, finding.expected) == ("0.8704", "0.8786")


def test_two_slips_that_only_one_correction_each_would_undo_are_both_reported() -> None:
    """No one value of h gives both the formula's 1.2 and what its figures say."""
    text = "g = 1.1 - 3 = 1.9\n\nh = g = 1.9\n\nk = 5 - 2 * h = 5 + 2 * 1.9 = 1.2\n"
    assert [it.verdict for it in findings(text)] == ["slip", "carried_forward", "slip"]


@pytest.mark.parametrize(
    ("line", "written", "expected"),
    [
        ("c = b - h = 1 + 3 = -2", "+", "-"),
        ("c = b*h + k = 1*3 - 2 = 5", "-", "+"),
        ("c = (b - h)*k = (1 + 3)*2 = -4", "+", "-"),
    ],
)
def test_of_formula_figures_and_result_the_odd_one_is_marked(
    line: str, written: str, expected: str
) -> None:
    finding = findings(f"b = 1, h = 3, k = 2\n\n{line}")[-1]
    assert (finding.written, finding.expected) == (written, expected)
    assert finding.wrong_place is not None
    assert finding.wrong_place.start > line.rindex("= (" if "= (" in line else "= 1")


@pytest.mark.parametrize(
    "line",
    [
        "z = w*b = 2*3 = 6",  # x may be meant, whose value that is
        "z = w*x + b = 2*1.5 + 1.5 = 4.5",
    ],
)
def test_where_the_name_may_be_wrong_as_well_right_figures_stay(line: str) -> None:
    finding = findings(f"w = 2\n\nx = 3\n\nb = 1.5\n\n{line}")[-1]
    assert (finding.verdict, finding.suggestion, finding.replacements) == ("slip", None, ())


def test_a_formula_that_is_no_derivative_is_wrong_before_its_figures_are() -> None:
    text = "L = (p - y)^2\n\np = 0.5\n\ny = 2\n\ndL/dp = (p - y) = (0.5 - 2) = -1.6"
    finding = findings(text)[-1]
    assert (finding.cause, finding.written, finding.suggestion) == (
        "factor_2_left_out",
        "(p - y)",
        "dL/dp = 2 * (p - y) = 2 * (0.5 - 2) = -3.0",
    )


def test_no_sign_is_put_in_where_none_was_written(tmp_path: Path) -> None:
    """Of `2 e x` nobody has miscopied the sign, though 2 - 1 is what e is."""
    scenario = tmp_path / "half.toml"
    scenario.write_text(
        "[data]\nx = 3\ny = 2\n[parameters]\nw = 1\n[network]\n"
        'equations = "p = w * x\\nL = 0.5 * (p - y)**2"\nloss = "L"\n'
        "[training]\nlearning_rate = 0.1\niterations = 1\n",
        "utf-8",
    )
    text = "dL/dp = p - y = 3 - 2 = 1\n\n$dL/dw = 2 dL/dp x = 1 \\cdot 3 = 3$"
    *_, found = check_text(text, scenario=str(scenario)).files[0].findings
    assert (found.verdict, found.cause, found.suggestion) == ("slip", "factor_2_added", None)


DERIVED = "w = 0.3, b = 0.2, x = 2, y = 1, η = 0.1\n\np = w x + b = 0.8\n\nL = (p - y)^2 = 0.04\n\n"
GRADIENTS = "dL/dw = 2(p - y) x = -0.8\n\ndL/db = 2(p - y) = -0.4\n\n"


@pytest.mark.parametrize(
    ("line", "corrected"),
    [
        ("dL/dp = p - y", "dL/dp = 2 * (p - y)"),
        ("$\\frac{dL}{dw} = (p - y) \\cdot x = -0.4$",
         "$\\frac{dL}{dw} = 2 \\cdot (p - y) \\cdot x = -0.8$"),
        ("dL/dw = 2(y - p) x = 0.8", "dL/dw = -2(y - p) x = -0.8"),
        ("dL/dw = -2(p - y) x", "dL/dw = 2(p - y) x"),
        ("dL/dp = 2(p - y) x", None),  # another factor is too much
        ("dL/dp = p - y = 0.8 - 1 = -0.2", "dL/dp = 2 * (p - y) = 2 * (0.8 - 1) = -0.4"),
        ("dL/dw = 2(y - p) x = 2(1 - 0.8)·2 = 0.8", "dL/dw = -2(y - p) x = -2(1 - 0.8)·2 = -0.8"),
        ("K = (p - 3)^2/2 = 2.42\n\ndK/dp = 3 - p = 3 - 0.8 = 2.2",
         "dK/dp = p - 3 = 0.8 - 3 = -2.2"),
        (GRADIENTS + "b = b - η dL/dw", "b = b - η dL/db"),
        (GRADIENTS + "b = b - η dL/dw = 0.2 - 0.1*(-0.8) = 0.28", None),
        (GRADIENTS + "w = 0.3 + 0.1*(-0.8) = 0.22", "w = 0.3 - 0.1*(-0.8) = 0.38"),
    ],
)  # fmt: skip
def test_a_wrong_formula_is_corrected_where_it_lacks_a_factor_a_sign_or_has_a_wrong_name(
    line: str, corrected: str | None
) -> None:
    """The corrected line is right, whatever stands in it; else none is written."""
    found = findings(DERIVED + line)[-1]
    assert (found.verdict, found.suggestion) == ("slip", corrected)
    if corrected is not None:
        above = line.rpartition("\n")[0]
        again = findings(f"{DERIVED}{above}\n\n{corrected}")
        assert {each.verdict for each in again} == {"correct"}


@pytest.mark.parametrize(
    ("others", "wrong", "corrected"),
    [
        # One rounded result shows how many digits this writer has where a short one was wrong.
        ("q = 2/3 = 0.6667", "m = 0.28/(1-0.9) = 2.8", "m = 0.28/(1-0.81) = 1.4737"),
        # All results of one place: a new one has it too.
        ("q = 2/3 = 0.6667\n\nr = 5/3 = 1.6667\n\ns = 50/3 = 16.6667",
         "m = 0.28/(1-0.9) = 2.8", "m = 0.28/(1-0.81) = 1.4737"),
        ("q = 2/3 = 0.667\n\nr = 5/3 = 1.667\n\ns = 50/3 = 16.667",
         "m = 0.28/(1-0.9) = 2.800", "m = 0.28/(1-0.81) = 1.474"),
    ],
)  # fmt: skip
def test_a_corrected_result_is_as_precise_as_its_writer(
    others: str, wrong: str, corrected: str
) -> None:
    """Whether he keeps to a number of digits or to a place."""
    text = f"b = 0.9, u = 0.28\n\n{others}\n\nm = u/(1-b^2)\n\n"
    assert findings(text + wrong)[-1].suggestion == corrected


SMALLEST = [  # the line, and what is written in it when the whole chain holds
    ("q = (1.0 + 1.5 + 3.0)/2 = 5.5/3 = 1.833", "q = (1.0 + 1.5 + 3.0)/3 = 5.5/3 = 1.833"),
    ("q = 2.667×3.333 + 2.667^2 = 8.889 − 7.113 = 1.776",
     "q = 2.667×3.333 − 2.667^2 = 8.889 − 7.113 = 1.776"),
    ("q = ((0.6 - 2.05)^2 + (3.5 + 2.05)^2)/2 = (2.1025 + 2.1025)/2 = 2.1025",
     "q = ((0.6 - 2.05)^2 + (3.5 - 2.05)^2)/2 = (2.1025 + 2.1025)/2 = 2.1025"),
    ("q = 1.0² + 0.5 = 1 + 0.25 = 1.25", "q = 1.0² + 0.5² = 1 + 0.25 = 1.25"),
    (r"$q = 0.312 \cdot (0.6 - 2.05) = 0.312 \cdot 2.1025 = 0.656$",
     r"$q = 0.312 \cdot (0.6 - 2.05)^2 = 0.312 \cdot 2.1025 = 0.656$"),
    ("q = 0.9*10 + 0.1*6.838 = 13.6758", "q = 0.9*10 + 0.1*6.838^2 = 13.6758"),
    ("a = 0.537, t = 1, x = 2\n\nq = 2(a - t)(1 - a)x = 2(-0.463)(1 - 0.537^2)*2 = -1.3179",
     "q = 2(a - t)(1 - a^2)x = 2(-0.463)(1 - 0.537^2)*2 = -1.3179"),
    ("h_3 = 0.5333, h_4 = 2.6667\n\nd = 0.5667*2.6667 = 0.3022", "d = 0.5667*0.5333 = 0.3022"),
    ("q = 4.1 - 0.25 * 0.0824 = 1.1 - 0.0206 = 1.0794",  # a quotient fits 1.1 - 0.0206 too
     "q = 1.1 - 0.25 * 0.0824 = 1.1 - 0.0206 = 1.0794"),
    ("q = 0.818*(-0.2) + 0.622*0.740 = -0.164 - 0.460 = 0.297",
     "q = 0.818*(-0.2) + 0.622*0.740 = -0.164 + 0.460 = 0.297"),
    (r"$q = a^2 + b^2 = 1.6487^2 + 5.4366 = 2.7182 + 29.5566 = 32.2748$",
     r"$q = a^2 + b^2 = 1.6487^2 + 5.4366^2 = 2.7182 + 29.5566 = 32.2748$"),
    ("v = 4\n\n" r"$q = 1 - \frac{2}{\sqrt{v}} = 1 - \frac{2}{4} = 0$",
     r"$q = 1 - \frac{2}{\sqrt{v}} = 1 - \frac{2}{\sqrt{4}} = 0$"),
    (r"$s = e^{-0.4/2} = e^{-0.4} = 0.8187$", r"$s = e^{-0.4/2} = e^{1/2 \cdot (-0.4)} = 0.8187$"),
    ("q = 0.5*0.4 + 0.1*(-0.6) = 0.2 + 0.06 = 0.26",
     "q = 0.5*0.4 + 0.1*(-0.6) = 0.2 - 0.06 = 0.14"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "right"), SMALLEST)
def test_the_change_after_which_the_whole_chain_holds_is_offered(text: str, right: str) -> None:
    """A sign of calculation changes, and no minus goes into the figure behind it."""
    (slip,) = (each for each in findings(text) if each.verdict == "slip")
    assert slip.suggestion == right


@pytest.mark.parametrize(
    ("line", "right"),
    [
        ("q = 0.5667*0.25/0.75 = 0.1417", "q = 0.5667*0.25/0.75 = 0.1889"),  # the /0.75 is lost
        ("s = 0.8808 + 2*0.8808*0.1192 = 0.9858", "s = 0.8808 + 2*0.8808*0.1192 = 1.0908"),
        ("w = 0.5 - 0.25*0.332 = 0.334", "w = 0.5 - 0.25*0.332 = 0.417"),  # with √0.25, by chance
        ("q = 0.4*3 + 1 = 1.2", "q = 0.4*3 + 1 = 2.2"),
    ],
)
def test_a_wrong_result_is_no_other_change(line: str, right: str) -> None:
    """Where a part of the line was forgotten in its result, that is wrong."""
    (slip,) = findings(line)
    assert slip.suggestion == right


@pytest.mark.parametrize(
    ("text", "follows"),
    [
        ("p_2 = 0.4368\n\n1 − 0.3236 = 0.5632", "0.4368, not from 0.3236"),
        ("mean = 5.5214/3 = 1.3804", "4, not from 3"),
        ("c = 0.25\n\nk = 1.1518/0.25 = 0.2171", "0.25 / 1.1518, not from 1.1518/0.25"),
        ("w = [0.5, 1.9167]\n\nr = -1.5 - 0.5·(-1) = 0.4167", "1.9167, not from 0.5"),
    ],
)
def test_a_result_that_follows_from_another_figure_is_not_corrected(
    text: str, follows: str
) -> None:
    slip = findings(text)[-1]
    assert (slip.verdict, slip.suggestion) == ("slip", None)
    assert f"follows from {follows}: one of the two is wrong" in str(slip.message)


@pytest.mark.parametrize(
    "text",
    [
        "p_2 = 0.437\n\n1 − 0.324 = 0.563",  # three digits may be so by chance
        "u = 1 − p = 1 − 0.3236 = 0.5632, p_2 = 0.4368",
    ],
)
def test_where_no_other_figure_surely_gives_a_result_it_is_corrected(text: str) -> None:
    assert findings(text)[0].suggestion is not None


EITHER = [  # a result that another figure gives to all its digits: either may be wrong
    ("$a = \\frac{1}{1+e^{0.3775}} = 0.593269992$", "f = 2*0.593269992 = 1.186539984", "-0.3775"),
    (
        "z = 0.4*0.593269992 + 0.45*0.596884378 + 0.35 = 1.105905967",
        "f = 2*1.105905967 = 2.211811934",
        "0.6",
    ),
]


@pytest.mark.parametrize(("line", "below", "other"), EITHER)
def test_what_follows_from_a_result_of_another_figure_follows_from_no_slip(
    line: str, below: str, other: str
) -> None:
    slip, following = findings(f"{line}\n\n{below}")
    assert (slip.verdict, slip.expected, following.verdict) == ("slip", other, "correct")


def test_a_figure_finer_than_the_value_above_was_not_copied_from_it() -> None:
    """One of the two lines is wrong, and nobody knows which one."""
    lines = "$s = 0.055399425$\n\n$t = -0.01904919$\n\n$u = s + t = 0.055399425 + {} = {}$"
    near = findings(lines.format("-0.019049119", "0.036350306"))[-1]
    far = findings(lines.format("-0.018049119", "0.037350306"))[-1]
    assert (near.verdict, far.verdict) == ("undecided", "slip")
