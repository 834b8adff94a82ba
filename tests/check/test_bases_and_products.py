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
        "log(100) = 2\n\nlog(1000) = 3",
        "$-\\log(0.7) = 0.155$\n\n$-\\log 0.2 = 0.699$",
        "a = 10 log(200) = 23.01\n\nb = log(50) ≈ 1.70",
        "p = 0.7\nq = 0.2\nL = -log(p) = -log(0.7) = 0.155\nM = -log(q) = -log(0.2) = 0.699",
        "log(8) = 3\n\nlog(32) = 5",
        "信息量：-log(0.5) = 1\n\n信息量：-log(0.25) = 2",
        "H = -0.6 log 0.6 - 0.4 log 0.4 = 0.442 + 0.529 = 0.971",  # each term is a result
        "s = log(0.5) + log(0.13) + log(0.043) = -0.301 - 0.886 - 1.367 = -2.554",
    ],
)
def test_two_results_to_another_base_say_what_log_is(text: str) -> None:
    assert set(verdicts(text)) == {"correct"}


@pytest.mark.parametrize(
    "text",
    [
        "log(100) = 2",
        "log(100) = 2\n\nlog(100) = 2",  # the same again
        "log(100) = 2\n\nlog(1) = 0",  # so it is to any base
        "L = -log(0.7) = 0.155",
        "L = -log(0.7) = 0.15",
        "x = log(50) = 1.69",  # 1.699, cut off
        "x = 100\ny = log(x) = 2",
        "log(100) = 2\n\nlog(8) = 3",
        "s = 2 log(0.5) = -0.30 - 0.30 = -0.60",  # as far as its figures were rounded
        "natural logarithms: log(100) = 2\n\nand log(1000) = 3",
    ],
)
def test_less_than_that_leaves_the_base_open(text: str) -> None:
    found = findings(text)
    assert found[0].verdict == "undecided"
    assert "the logarithm has another base" in str(found[0].message)


PARTS = (
    "# 1\n\na = 0.5, n = 4\n\np = -log(0.5) = 1\n\nq = -log(0.25) = 2\n\n"
    "# 2\n\na = 0.8, n = 5\n\n{}\n"
)


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        ("r = -log(0.125) = 3", "correct"),
        ("r = -log(a) = 0.322", "undecided"),  # no figures alone say it here
        ("r = -log(a) = 0.223", "correct"),
        ("r = -log(0.8) = 0.223", "correct"),
    ],
)
def test_the_base_of_a_document_needs_one_result_in_each_part(line: str, verdict: str) -> None:
    assert verdicts(PARTS.format(line))[-1] == verdict


def test_a_right_natural_logarithm_says_that_the_others_are_natural_too() -> None:
    text = "log(100) = 2\n\nlog(1000) = 3\n\nlog(0.5) = -0.693"
    assert verdicts(text) == ["undecided", "undecided", "correct"]


def test_a_slip_is_mended_to_the_base_of_the_others() -> None:
    text = "-log(0.7) = 0.155\n\n-log(0.2) = 0.699\n\n-log(0.9) = 0.056"
    assert [entry.expected for entry in findings(text)] == [None, None, "0.046"]


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
