"""Where mathematics begins and ends in a plain line: a part of a formula is no formula."""

from __future__ import annotations

import pytest

from tracer.check.model.finding import Finding
from tracer.document_check import check_text


def entries_of(text: str, kind: str = "md") -> tuple[Finding, ...]:
    """Return what is found in a text."""
    return tuple(check_text(text, kind).files[0].findings)


@pytest.mark.parametrize(
    "line",
    [
        "-0.5 ln(0.5) - 0.5 ln(0.5) = 0.693",
        "L = -[1 ln 0.8 + 0 ln 0.2] = 0.223",
        "0.5 sqrt(4) = 1",
        "0.5 tanh(0.3) + 0.2 ReLU(2) = 0.546",
        "0.7 x 2 + 0.5 = 1.9",
        "2.1 Forward pass: z = 2 * 3 = 6",
        "Step 3: 4 = 2 + 2",
        "0.1 + 0.2 = 0.30000000000000004",
        r"z = \frac{1}{2} \cdot 0.4 = 0.2",
    ],
)
def test_a_right_line_is_read_as_a_whole(line: str) -> None:
    """A factor before a function, and a number at the beginning, belong to the formula."""
    assert [entry.verdict for entry in entries_of(line)] == ["correct"]


@pytest.mark.parametrize(
    "line",
    [
        "10 : 4 = 2.5",
        "10 // 4 = 2",
        "17 % 5 = 2",
        "w += 0.1 * 3 = 0.8",  # what w was is not written
    ],
)
def test_what_a_sign_that_is_not_read_joins_is_listed(line: str) -> None:
    """The rest of such a line alone would be wrong, and silence would look like approval."""
    (entry,) = entries_of(line)
    assert entry.verdict in ("not_checked", "undecided")


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        ("log(100) = 4.605", "correct"),
        ("log(100) = 2", "undecided"),
        ("-log(0.25) = 0.602", "undecided"),
        ("All logarithms are to base 10. log(100) = 2", "correct"),
        ("All logarithms are to base 10. log(100) = 6.64", "undecided"),
        ("Entropy in bits. H = -0.25 log(0.25) - 0.75 log(0.75) = 0.811", "correct"),
        ("H = -0.25 log(0.25) - 0.75 log(0.75) = 0.811", "undecided"),
        ("H = -0.25 log(0.25) - 0.75 log(0.75) = 0.911", "slip"),
        ("H = -0.25 ln(0.25) - 0.75 ln(0.75) = 0.811", "slip"),
    ],
)
def test_a_logarithm_is_the_natural_one_or_to_a_base_that_is_declared(
    line: str, verdict: str
) -> None:
    """Another base of `log` that would hold is a doubt, and no slip; `ln` has no other."""
    assert [entry.verdict for entry in entries_of(line)] == [verdict]


def test_a_sample_comes_again_in_the_next_epoch() -> None:
    """X is 1 again, and no value of the step before."""
    text = """w = 0.5, x = 1
z = w * x = 0.5 * 1 = 0.5
x = 2
z = w * x = 0.5 * 2 = 1
Epoch 2
z = w * x = 0.5 * 1 = 0.5"""
    assert {entry.verdict for entry in entries_of(text)} <= {"correct", "undecided"}


def test_a_loss_at_another_weight_is_no_product() -> None:
    """`L(w + 0.001)` is a function's value, though L has one itself."""
    text = """w = 0.5
L = (w - 2)^2 = (0.5 - 2)^2 = 2.25
L(w + 0.001) = (0.501 - 2)^2 = 2.247001"""
    assert [entry.verdict for entry in entries_of(text)] == ["correct", "correct"]
