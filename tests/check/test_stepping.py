"""`w -= …` is judged as the update that it stands for, whichever way its result is written."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

import pytest

from tracer.check.model.finding import Finding
from tracer.document_check import check_text

GIVEN = "w = 0.5, lr = 0.1, dL/dw = -3.0\n\n"


def found_in(line: str, scenario: str | None, kind: str = "md") -> list[Finding]:
    """Return what is found on a line after the given numbers."""
    (report,) = check_text(GIVEN + line, kind, scenario).files
    return [entry for entry in report.findings if entry.line > 1]


@pytest.mark.parametrize("scenario", [None, "one_weight"])
@pytest.mark.parametrize("kind", ["md", "txt"])
@pytest.mark.parametrize(
    "line",
    [
        "w -= lr * dL/dw = 0.1 * -3.0 = -0.3",
        "w -= lr * dL/dw = 0.1 * -3.0 = 0.8",
        "w -= lr * dL/dw = 0.5 - 0.1 * -3.0 = 0.8",
        "w -= lr * dL/dw = 0.8",
        "w -= lr * dL/dw = -0.3",
        "w −= 0.1·(−3) = 0.8",
        "w += 0.1 * 3.0 = 0.8",
        "w += 0.3 = 0.8",
        "权重更新：w -= 0.1 * (-3.0) = 0.8。",
        "so w -= 0.1 * (-3.0) = 0.8, as expected.",
    ],
)
def test_the_step_or_the_new_value_may_stand_after_it(
    line: str, kind: str, scenario: str | None
) -> None:
    assert [entry.verdict for entry in found_in(line, scenario, kind)] == ["correct"]


@pytest.mark.parametrize(
    ("line", "scenario", "written", "expected", "kind"),
    [
        ("w -= 0.1 * (-3.0) = 0.2", "one_weight", "0.2", "0.8", "sign_error"),
        ("$w -= 0.1 \\cdot (-3.0) = 0.2$", "one_weight", "0.2", "0.8", "sign_error"),
        ("w += lr * dL/dw = 0.5 + 0.1 * -3.0 = 0.2", "one_weight", "0.2", "0.8", "sign_error"),
    ],
)
def test_a_slip_in_it_is_found(
    line: str, scenario: str | None, written: str, expected: str, kind: str
) -> None:
    (found,) = found_in(line, scenario)
    assert (found.verdict, found.written, found.expected) == ("slip", written, expected)
    assert not kind or found.kind == kind


@pytest.mark.parametrize(
    "line",
    [
        "w -= lr * dL/dw = 0.1 * -3.0 = 0.9",
        "w -= lr * dL/dw = 0.5 - 0.1 * -3.0 = 0.2",
        "w -= 0.1 * (-3.0) = 0.2",
        "$w -= 0.1 \\cdot (-3.0) = 0.2$",
        "w += 0.3 = 0.9",
    ],
)
def test_what_is_neither_the_step_nor_the_new_value_is_never_right(line: str) -> None:
    assert [entry.verdict for entry in found_in(line, None)] == ["undecided"]


@pytest.mark.parametrize("line", ["count += 1", "w -= lr * dL/dw", "w *= 2", "i += 1;"])
def test_a_step_without_a_result_states_nothing(line: str) -> None:
    assert not found_in(line, None)


def test_what_an_update_by_steps_gives_is_known_from_then_on() -> None:
    text = "w -= lr * dL/dw = 0.1 * -3.0 = 0.8\n\nx = 2\n\nŷ = w * x = 0.5 * 2 = 1\n"
    (found,) = [entry for entry in found_in(text, None) if entry.verdict == "slip"]
    assert (found.written, found.expected) == ("0.5", "0.8")


STEPS = """x = 1, y = 2, w = 0.5, lr = 0.1

ŷ = w * x = 0.5 * 1 = 0.5

dL/dw = 2 * (ŷ - y) * x = 2 * (0.5 - 2) * 1 = -3.0

w -= {}

ŷ = w * x = 0.8 * 1 = 0.8

dL/dw = 2 * (ŷ - y) * x = 2 * (0.8 - 2) * 1 = -2.4

w -= 0.1 * -2.4 = {}
"""


def accused(text: str, scenario: str | None = None) -> list[Finding]:
    """Return what is called wrong in a text."""
    (report,) = check_text(text, "md", scenario).files
    return [entry for entry in report.findings if entry.verdict in ("slip", "carried_forward")]


@pytest.mark.parametrize("scenario", [None, "one_weight"])
@pytest.mark.parametrize("step", ["lr * dL/dw", "0.1 * (-3)", "-0.3"])
def test_a_step_without_a_result_is_made_all_the_same(step: str, scenario: str | None) -> None:
    assert not accused(STEPS.format(step, "1.04"), scenario)
    wrong = check_text(STEPS.format(step, "1.14"), "md", scenario).files[0].findings[-1]
    assert wrong.verdict == ("slip" if scenario else "undecided")


@pytest.mark.parametrize(
    "lines",
    [
        ["w -= 0.1 * (-3)", "w -= 0.1 * (-2)", "w -= 0.1 * 1 = 0.9"],
        ["w -= 0.1 * (-3)", "w -= 0.1 * (-3) = 0.8"],
        ["W -= 0.1", "w -= 0.1 * (-3)", "w = 0.8", "w -= 0.1 * (-2.4) = 1.04"],
        ["w -= 0.1 * (-3)", "z = 2 * w = 2 * 0.8 = 1.6"],
    ],
)
def test_no_line_is_held_against_the_value_before_a_step(lines: list[str]) -> None:
    assert not accused("\n\n".join(["w = 0.5", *lines]))


def test_a_rule_whose_names_have_no_values_yet_is_no_step() -> None:
    given = "a = 5, lr = 0.1\n\nw = a * 0.1 = 5 * 0.1 = 0.5\n\nw -= lr * dL/dw\n\n"
    *_, right = check_text(given + "z = 2 * w = 2 * 0.5 = 1\n").files[0].findings
    assert right.verdict == "correct"
    *_, wrong = check_text(given + "z = 2 * w = 2 * 0.05 = 0.1\n").files[0].findings
    assert wrong.verdict != "correct"


@pytest.mark.parametrize("line", ["w -= 2 = 2", "w += 0.2 = 0.2", "w -= -2 = -2"])
def test_a_step_that_only_says_itself_again_is_left_open(line: str) -> None:
    assert [entry.verdict for entry in found_in(line, None)] == ["not_checked"]
