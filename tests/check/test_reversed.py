"""A difference that was taken the other way round, beside its formula and a run."""

from __future__ import annotations

import pytest

from tracer.check.model.finding import Finding
from tracer.document_check import check_text


def entry_of(line: str) -> Finding:
    """Return what is found in a line beside the first scenario."""
    return check_text(line + "\n", "txt", "one_weight").files[0].findings[-1]


@pytest.mark.parametrize(
    ("line", "written", "expected"),
    [
        ("e = ŷ - y = 2 - 0.5 = 1.5", "2 - 0.5", "0.5 - 2"),
        ("dL/dŷ = 2 * (ŷ - y) = 2 * (2 - 0.5) = ____", "2 - 0.5", "0.5 - 2"),
        ("dL/dŷ = 2 * (ŷ - y) = 2 * (2 - 0.5) = 3", "2 - 0.5", "0.5 - 2"),
        ("dL/dw = 2 * (ŷ - y) * x = 2 * (2 - 0.5) * 1 = 3", "2 - 0.5", "0.5 - 2"),
        ("dL/dŷ = 2(ŷ − y) = 2·(2 − 0.5) = 3", "2 − 0.5", "0.5 − 2"),
    ],
)
def test_it_is_named(line: str, written: str, expected: str) -> None:
    """The signs belong to the places, not to the numbers, so no order of terms excuses it."""
    entry = entry_of(line)
    assert (entry.verdict, entry.cause, entry.written) == ("slip", "error_reversed", written)
    assert (entry.expected or "").replace("-", "−") == expected.replace("-", "−")


@pytest.mark.parametrize(
    "line",
    [
        "dL/dŷ = 2 * (ŷ - y) = 2 * (0.5 - 2) = -3",
        "dL/dŷ = 2 * (ŷ - y) = 2 * (-2 + 0.5) = -3",
        "L = (ŷ - y)**2 = (2 - 0.5)**2 = 2.25",  # a square has no sign
        "L = (ŷ - y)² = (0.5 - 2)² = 1.5² = 2.25",
        "dL/dŷ = 2(ŷ − y) = -2(2 − 0.5) = -3",  # turned twice
        "dL/dŷ = 2(ŷ − y) = −2 · (2 − 0.5) = −2 · 1.5 = −3",
        "dL/dw = 2 * (ŷ - y) * x = -2 * 1.5 * 1 = -3",
        "L = (y - ŷ)² = (0.5 − 2)² = 2.25",
        "w = w - lr * dL/dw = 0.1 * 3 + 0.5 = 0.8",
        "w = w - lr * dL/dw = -0.1 * (-3) + 0.5 = 0.8",
    ],
)
def test_terms_may_change_places_with_their_signs(line: str) -> None:
    """`-2 + 0.5` is `0.5 - 2`."""
    assert entry_of(line).verdict == "correct"


def test_two_wrong_figures_have_no_one_repair() -> None:
    """One of them put right would leave a line that is still wrong."""
    entry = entry_of("w = w - lr * dL/dw = 0.7 - 0.2 * -3 = 1.3")
    assert (entry.verdict, entry.expected, entry.suggestion) == ("slip", "0.5", None)
    entry = entry_of("w = w - lr * dL/dw = 0.65 - 0.1 * -3 = 0.95")
    assert entry.suggestion == "w = w - lr * dL/dw = 0.50 - 0.1 * -3 = 0.80"


@pytest.mark.parametrize(
    "line", ["dL/dŷ = 2(ŷ − y) = -2(2 − 0.5) = -3", "L = (ŷ - y)² = 1.5² = 2.25"]
)
def test_signs_that_were_turned_twice_are_right_without_a_run_too(line: str) -> None:
    """The lines before say what the names are."""
    text = f"w = 0.5, x = 1, y = 2\n\nŷ = w*x = 0.5*1 = 0.5\n\n{line}\n"
    entries = check_text(text, "md").files[0].findings
    assert all(entry.verdict == "correct" for entry in entries)


def test_a_sign_that_was_turned_once_is_a_slip_beside_a_right_formula() -> None:
    """The formula is the run's, so that the figures put in for it are what is wrong."""
    entry = entry_of("dL/dw = 2 * (ŷ - y) * x = -2 * (-1.5) * 1 = 3")
    assert (entry.verdict, entry.written, entry.expected) == ("slip", "-2", "2")


@pytest.mark.parametrize(
    ("update", "expected"),
    [
        ("w = 0.5 + 0.1*3 = 0.8", ["correct", "correct", "correct"]),
        ("w = 0.5 - 0.1*3 = 0.2", ["slip", "carried_forward", "carried_forward"]),
    ],
)
def test_gradients_are_turned_only_where_updates_add_them(update: str, expected: list[str]) -> None:
    """Who subtracts target minus prediction has lost a sign, and keeps no convention."""
    text = f"dL/dŷ = 2(2 - 0.5) = 3\n\ndL/dw = 3*1 = 3\n\n{update}\n"
    found = check_text(text, "md", "one_weight").files[0].findings
    assert [finding.verdict for finding in found] == expected
