"""Which logarithm `log` is, and what two matrices side by side are: what the figures show."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

import pytest

from tracer.check.model.finding import Finding, Verdict
from tracer.document_check import check_text

MATRICES = "W = [[1, 2], [3, 4]]\nV = [[5, 6], [7, 8]]\n"
ENTRIES = "[[1*5, 2*6], [3*7, 4*8]] = [[5, 12], [21, 32]]"
PRODUCT = "[[1*5+2*7, 1*6+2*8], [3*5+4*7, 3*6+4*8]] = [[19, 22], [43, 50]]"


def findings(text: str, scenario: str | None = None) -> list[Finding]:
    """Return what is said of the chains of a document."""
    return list(check_text(text, "md", scenario).files[0].findings)


def verdicts(text: str) -> list[Verdict]:
    """Return the verdicts on the chains of a document."""
    return [entry.verdict for entry in findings(text)]


@pytest.mark.parametrize(
    "text",
    [
        "log(100) = 2",
        "log(100) = 2\n\nlog(1000) = 3",
        "H = -0.6 log 0.6 - 0.4 log 0.4 = 0.442 + 0.529 = 0.971",
        "L = -log(0.7) = 0.155",
        "L = -log(0.7) = 0.15",
        "x = log(50) = 1.69",  # 1.699, cut off
        "x = 100\ny = log(x) = 2",
        "s = 2 log(0.5) = -0.30 - 0.30 = -0.60",  # as far as its figures were rounded
        "natural logarithms: log(100) = 2\n\nand log(1000) = 3",
    ],
)
def test_results_to_another_base_leave_it_open(text: str) -> None:
    found = findings(text)
    assert found[0].verdict == "undecided"
    assert "the logarithm has another base" in str(found[0].message)


def test_a_right_natural_logarithm_says_that_the_others_are_natural_too() -> None:
    text = "log(100) = 2\n\nlog(1000) = 3\n\nlog(0.5) = -0.693"
    assert verdicts(text) == ["undecided", "undecided", "correct"]


@pytest.mark.parametrize("text", ["ln(100) = 2\n\nln(1000) = 3", "np.log(100) = 2"])
def test_ln_and_a_library_s_log_are_natural(text: str) -> None:
    assert "correct" not in verdicts(text)


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        (f"A = W V = {ENTRIES}", "undecided"),
        ("A = W V = [[5, 12], [21, 32]]", "undecided"),
        ("$A = W V = [[5, 12], [21, 32]]$", "undecided"),
        ("A = W W = [[1*1, 2*2], [3*3, 4*4]] = [[1, 4], [9, 16]]", "undecided"),
        (f"A = W V = [[1, 2], [3, 4]] [[5, 6], [7, 8]] = {ENTRIES}", "undecided"),
        (
            "A = W V + V = [[5, 12], [21, 32]] + [[5, 6], [7, 8]] = [[10, 18], [28, 40]]",
            "undecided",
        ),
        (f"A = W W = {ENTRIES}", "slip"),
        (f"A = W W = {PRODUCT}", "slip"),
        (f"A = W V = {PRODUCT}", "correct"),
        (f"A = W * V = {ENTRIES}", "correct"),
        (f"A = W ⊙ V = {ENTRIES}", "correct"),
        (f"A = W · V = {ENTRIES}", "correct"),
        ("A = 2 W = [[2, 4], [6, 8]]", "correct"),
    ],
)
def test_matrices_side_by_side_are_their_product(line: str, verdict: Verdict) -> None:
    """Entry by entry they are multiplied with a sign: without one, nobody approves it."""
    assert verdicts(MATRICES + line)[-1] == verdict


def test_matrices_that_have_no_product_may_be_multiplied_by_their_entries() -> None:
    text = (
        "W = [[1, 2, 3], [3, 4, 5]]\nV = [[1, 1, 1], [2, 2, 2]]\ny = W V = [[1, 2, 3], [6, 8, 10]]"
    )
    assert verdicts(text) == ["correct"]


def test_a_wrong_side_of_two_values_is_shown_as_it_is_written() -> None:
    (entry,) = findings("x = 3 ± sqrt(4) = 3 ± sqrt(5)")
    assert (entry.verdict, entry.written) == ("slip", "3 ± sqrt(5)")
