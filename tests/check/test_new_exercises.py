"""A document that begins another exercise without a word is not held against the one before."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

from fractions import Fraction
from itertools import permutations

import pytest

from tracer.check.model.finding import Finding
from tracer.document_check import check_text

# w, b, x, y and the learning rate of each; one of them alone may well look like a slip.
EXERCISES = (
    ("0.5", "0.25", "2", "1", "0.1"),
    ("-0.3", "0.8", "3", "4", "0.05"),
    ("1.2", "-0.6", "1.5", "-2", "0.1"),
    ("0.7", "0.1", "4", "6", "0.2"),
)


def step(w: str, b: str, x: str, y: str, rate: str, *, given: bool) -> list[str]:
    """Return a step of one neuron without activation, its results exact."""

    def worked(text: str, value: Fraction) -> str:
        return f"{text} = {float(value)}"

    prediction = Fraction(w) * Fraction(x) + Fraction(b)
    shown, error = float(prediction), prediction - Fraction(y)
    slope, slip = 2 * error * Fraction(x), 2 * error
    front = [f"w = {w}, b = {b}, x = {x}, y = {y}, lr = {rate}"] if given else []
    return [
        *front,
        worked(f"ŷ = w * x + b = ({w}) * {x} + ({b})", prediction),
        worked(f"L = (ŷ - y)² = ({shown} - ({y}))²", error**2),
        worked(f"dL/dw = 2 * (ŷ - y) * x = 2 * ({shown} - ({y})) * {x}", slope),
        worked(f"dL/db = 2 * (ŷ - y) = 2 * ({shown} - ({y}))", slip),
        worked(
            f"w = w - lr * dL/dw = {w} - {rate} * ({float(slope)})",
            Fraction(w) - Fraction(rate) * slope,
        ),
        worked(
            f"b = b - lr * dL/db = {b} - {rate} * ({float(slip)})",
            Fraction(b) - Fraction(rate) * slip,
        ),
    ]


def accused(lines: list[str]) -> list[Finding]:
    """Return what is called wrong in a document of these lines."""
    (report,) = check_text("\n\n".join(lines)).files
    return [entry for entry in report.findings if entry.verdict in ("slip", "carried_forward")]


@pytest.mark.parametrize("given", [True, False], ids=["given anew", "put in only"])
def test_one_exercise_after_the_other_is_right(given: bool) -> None:
    for first, second in permutations(EXERCISES, 2):
        lines = [*step(*first, given=given), *step(*second, given=given)]
        found = accused(lines)
        assert not found, [(entry.text, str(entry.message)) for entry in found]


def test_a_stale_value_in_the_next_step_is_found_without_new_numbers() -> None:
    lines = step("0.5", "0.25", "2", "1", "0.1", given=True)
    (found,) = accused([*lines, "ŷ = w * x + b = 0.5 * 2 + 0.2 = 1.2"])
    assert (found.kind, found.written) == ("stale_value", "0.5")
