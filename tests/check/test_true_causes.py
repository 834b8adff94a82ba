"""A cause is named only where its story is true of the formula, and the repair agrees with it."""

from __future__ import annotations

import pytest

from tracer.check.model.finding import Finding
from tracer.check.repairing import repair_text
from tracer.document_check import check_text

GIVENS = "p = 0.4, y = 1\n\n"


def slips_of(text: str) -> list[Finding]:
    """Return the slips of a text without a run."""
    findings = check_text(text + "\n", "md").files[0].findings
    return [finding for finding in findings if finding.verdict == "slip"]


def test_a_reversed_formula_of_a_gradient_is_repaired_where_its_figures_are_right() -> None:
    """The figures and the result follow prediction minus target, so only the letters change."""
    text = GIVENS + "`dL/dz = y - p = 0.4 - 1 = -0.6`\n\n`dL/dw = dL/dz * 2 = -0.6 * 2 = -1.2`\n"
    report = check_text(text, "md").files[0]
    (slip,) = (finding for finding in report.findings if finding.verdict == "slip")
    assert (slip.cause, slip.written, slip.expected) == ("error_reversed", "y - p", "p - y")
    assert slip.suggestion == "`dL/dz = p - y = 0.4 - 1 = -0.6`"
    assert not any(finding.verdict == "carried_forward" for finding in report.findings)
    assert slips_of(repair_text(text, report)) == []


@pytest.mark.parametrize(
    ("line", "cause", "expected"),
    [
        ("dL/dz = p - y = 1 - 0.4 = 0.6", "error_reversed", "0.4 - 1"),
        ("r = y - p = 0.4 - 1 = -0.6", "difference_reversed", "1 - 0.4"),
        ("dL/dz = -(y - p) = -(0.4 - 1) = 0.6", "difference_reversed", "1 - 0.4"),
    ],
)
def test_reversed_figures_are_turned_to_the_order_of_their_formula(
    line: str, cause: str, expected: str
) -> None:
    """That it must be prediction minus target is said only where that is what the repair makes."""
    (slip,) = slips_of(f"{GIVENS}`{line}`")
    assert (slip.cause, slip.expected) == (cause, expected)


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        ("L = ½(1 − 3)² = 4", "half_left_out"),
        ("y = ReLU(-0.3) = 0.3", "relu_gate_ignored"),
        ("ds/dv = 0.8808 + 2 * 0.8808 * 0.1192 = 0.9858", "plain_slip"),
        ("dL/dw = 2 * (0.5 - 2) * 3 = -4.5", "factor_2_left_out"),
        ("w = 0.5 - 0.1*3 = -0.2", "sign_lost"),
        ("b = 0 - 0.5*0.07 = 0.035", "sign_lost"),
    ],
)
def test_a_cause_is_true_of_its_formula(line: str, cause: str) -> None:
    """A ½ of a loss is left out, a ReLU cuts, and a 2 beside another term is no square's.

    Figures alone that come out with the other sign show no other rule.
    """
    (slip,) = slips_of(f"`{line}`")
    assert slip.cause == cause


SCORES = "z1 = 2.33, z2 = 1.491, z3 = -3.187\n\nx1 = 1.33, x2 = -0.3, x3 = 2\n\n"


@pytest.mark.parametrize(
    ("line", "written", "cause"),
    [
        (
            "S = exp(z1) + exp(z3) = exp(2.33) + exp(1.491) + exp(-3.187) = 14.76",
            "exp(z1) + exp(z3)",
            "path_left_out",
        ),
        ("c = 2.03*0.99 + 0.92*1.36 = 2.0097 + 1.2512 + 1.11 = 4.3709", None, None),
        ("m = x1 + x2 + x3 = 1/3*(1.33 - 0.3 + 2) = 1.01", "x1 + x2 + x3", "sum_for_mean"),
        ("p = exp(z1) = exp(2.33)/14.761 = 0.6963", "exp(z1)", None),
        ("p = z1 = 2.33/14.761 = 0.1578", None, None),
        ("z = 0.73*3 + (-0.6) + (-0.6) = 2.1900 + (-0.6) = 1.5900", None, None),
    ],
)
def test_the_side_that_lacks_a_part_of_the_other_one_is_blamed(
    line: str, written: str | None, cause: str | None
) -> None:
    """A term or a factor is missing in one of them, and they agree in all that is left.

    Figures of few digits agree by chance, and of equal terms one may be too many.
    """
    (slip,) = slips_of(f"{SCORES}`{line}`")
    assert slip.cause == cause
    assert written in (None, slip.written)


def test_a_point_in_the_wrong_place_has_moved_the_last_digits_too() -> None:
    """0.202 beside 0.02024 has lost its last digit."""
    (slip,) = slips_of("`w = -0.21 - 0.1*(-1.8976) = -0.202`")
    assert slip.cause == "decimal_point"


def test_a_sign_that_has_to_go_is_quoted_with_its_figure() -> None:
    """`e^-0.4` has its minus already: `-0.4` should be `0.4`."""
    (slip,) = slips_of("z = -0.4\n\n`s = 1/(1 + e^(-z)) = 1/(1 + e^-0.4) = 0.5987`")
    assert (slip.written, slip.expected) == ("-0.4", "0.4")
    assert slip.suggestion == "`s = 1/(1 + e^(-z)) = 1/(1 + e^0.4) = 0.4013`"


def test_a_result_that_the_run_confirms_is_not_blamed() -> None:
    """The 2 was left out of the working only: `-3` is the derivative."""
    (report,) = check_text("dL/dy_pred = 0.5 - 2 = -3", scenario="one_weight").files
    (slip,) = report.findings
    assert (slip.written, slip.cause, slip.result_correct) == ("0.5 - 2", "factor_2_left_out", True)


def test_a_cause_beside_a_run_allows_for_the_rounding_of_the_figures() -> None:
    """0.5622 stands for 0.562177: twice the error of the run's loss, which has its ½."""
    text = "a = σ(0.25) ≈ 0.5622\n\ndL/da = 2 * (0.5622 - 1) = -0.4378"
    *_, slip = check_text(text, scenario="neuron").files[0].findings
    assert (slip.cause, slip.result_correct) == ("factor_2_added", True)


@pytest.mark.parametrize(
    ("line", "written", "expected", "cause"),
    [
        ("w = 0.5 - 0.1*(-2.4) = 1.04", "0.5", "0.8", "old_value_in_next_step"),
        ("w = 1.04 - 0.1*(-2.4) = 1.04", "1.04", "0.80", "updated_for_old"),
        ("w = 0.8 - 0.1*(-3) = 1.04", "-3", "-2.4", "previous_gradient_again"),
        ("w = 0.8 - 0.1*(-1.92) = 1.04", "-1.92", "-2.40", "updated_for_old"),
        ("L = (0.5 - 2)^2 = 1.44", "0.5", "0.8", "old_value_in_next_step"),
        ("L = (1.04 - 2)^2 = 1.44", "1.04", "0.80", "updated_for_old"),
    ],
)
def test_a_value_of_another_step_is_told_from_the_next_one(
    line: str, written: str, expected: str, cause: str
) -> None:
    """Also where no formula stands on the line, and its result is the run's."""
    (report,) = check_text(f"## Iteration 2\n\n{line}\n", "md", "one_weight").files
    (slip,) = report.findings
    assert (slip.written, slip.expected, slip.cause) == (written, expected, cause)


@pytest.mark.parametrize(
    ("gradient", "update", "verdict"),
    [
        ("2·(0.5 − 2) = 3", "0.5 − 0.1·3 = 0.2", "carried_forward"),
        ("2·(0.5 − 2) = 3", "0.5 − 0.1·3 = 0.3", "slip"),
        ("2·(0.5 − 2) = −3", "0.5 − 0.1·3 = 0.2", "slip"),
        ("4·(0.5 − 2) = −6", "0.5 − 0.1·(−6) = 1.1", "carried_forward"),
        ("(0.5 − 2)·1 = −1.5", "0.5 − 0.1·(−1.6) = 0.66", "slip"),
    ],
)
def test_an_update_in_figures_goes_on_from_a_wrong_gradient(
    gradient: str, update: str, verdict: str
) -> None:
    """Beside a run the figure is that of the gradient, which no formula on the line says."""
    (report,) = check_text(f"∂L/∂w = {gradient}\n\nw = {update}\n", "md", "one_weight").files
    assert report.findings[-1].verdict == verdict
