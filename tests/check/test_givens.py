"""Given numbers beside a scenario: another one is a slip, another sample or exercise is none."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

import pytest

from tracer.check.model.finding import FileReport
from tracer.document_check import check_text
from tracer.sentences import plain_text


def report_on(text: str, scenario: str = "one_weight") -> FileReport:
    """Return the report on a Markdown text beside a scenario."""
    (report,) = check_text(text, "md", scenario).files
    return report


def step(x: str, y: str, w: str, rate: str, worked: tuple[str, str, str, str]) -> str:
    """Return a step that is right in itself, with what is given in front."""
    prediction, loss, slope, after = worked
    return (
        f"x = {x}, y = {y}, w = {w}, and the learning rate is {rate}.\n\n"
        f"ŷ = w * x = {w} * {x} = {prediction}\n\nL = (ŷ - y)² = ({prediction} - {y})² = {loss}\n\n"
        f"dL/dw = 2 * (ŷ - y) * x = 2 * ({prediction} - {y}) * {x} = {slope}\n\n"
        f"w = w - lr * dL/dw = {w} - {rate} * ({slope}) = {after}\n"
    )


DIFFERING = {
    "a datum": (step("4", "2", "0.5", "0.1", ("2", "0", "0", "0.5")), "4", "1"),
    "a datum of another sample beside one of this": (
        step("3", "2", "0.5", "0.1", ("1.5", "0.25", "-3", "0.8")), "3", "1"),
    "the target": (step("1", "3", "0.5", "0.1", ("0.5", "6.25", "-5", "1")), "3", "2"),
    "the weight": (step("1", "2", "0.7", "0.1", ("0.7", "1.69", "-2.6", "0.96")), "0.7", "0.5"),
    "the learning rate": (
        step("1", "2", "0.5", "0.01", ("0.5", "2.25", "-3", "0.53")), "0.01", "0.10"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "written", "expected"), DIFFERING.values(), ids=DIFFERING)
def test_one_given_number_that_differs_is_charged_where_it_is_stated(
    text: str, written: str, expected: str
) -> None:
    found = [entry for entry in report_on(text).findings if entry.verdict == "slip"]
    assert [(entry.line, entry.cause) for entry in found] == [(1, "given_differs")]
    assert (found[0].written, found[0].expected) == (written, expected)
    assert found[0].kind == "wrong_substitution"


NOT_BLAMED = {
    "another sample": step("2", "4", "0.5", "0.1", ("1", "9", "-12", "1.7")),
    "another sample after this one": (
        step("1", "2", "0.5", "0.1", ("0.5", "2.25", "-3", "0.8"))
        + "\nSample 2: x = 2, y = 4\n\nŷ = w * x = 0.8 * 2 = 1.6\n\n"
        "L = (ŷ - y)² = (1.6 - 4)² = 5.76\n"
    ),
    "another sample without a statement": (
        "ŷ = w * x = 0.5 * 3 = 1.5\n\nL = (ŷ - y)² = (1.5 - 6)² = 20.25\n"
    ),
    "the whole data": "The data are x = 1, x = 2, x = 3 with y = 2, y = 4 and y = 6.\n",
    "a later iteration": step("1", "2", "0.8", "0.1", ("0.8", "1.44", "-2.4", "1.04")),
    "numbers of its own": step("3", "5", "0.7", "0.05", ("2.1", "8.41", "-17.4", "1.57")),
    "numbers of its own, the rate but one": (
        step("3", "5", "0.7", "0.1", ("2.1", "8.41", "-17.4", "2.44"))
    ),
    "numbers of its own, put in only": (
        "ŷ = w * x = 0.7 * 5 = 3.5\n\nL = (ŷ - y)² = (3.5 - 3)² = 0.25\n"
    ),
    "another value of a datum": "For x = 3 the prediction is ŷ = 1.5.\n",
    "another value, worked": "If x = 3, then ŷ = 0.5 * 3 = 1.5.\n",
    "a comparison": "Compare: with w = 0.9, L = (0.9 - 2)² = 1.21.\n",
    "the end of training": "After many iterations w = 1.9; the best weight is w = 2.\n",
    "the end of training in Chinese": "目标 y = 2，理想权重 w = 2。\n",
    "the last iteration": "After 3 iterations w = 1.232.\n",
    "another rate": "With a learning rate of 0.5 we reach w = 2 at once.\n",
    "another weight": "For w = 2 the loss is 0.\n",
    "what would be": "With w = 0.7 the prediction would be larger.\n\nŷ = w * x = 0.5 * 1 = 0.5\n",
}


@pytest.mark.parametrize("text", NOT_BLAMED.values(), ids=NOT_BLAMED)
def test_other_samples_iterations_and_exercises_are_not_blamed(text: str) -> None:
    found = report_on(text).findings
    wrong = [entry for entry in found if entry.verdict in ("slip", "carried_forward")]
    assert not wrong, [(entry.text, str(entry.message)) for entry in wrong]


@pytest.mark.parametrize(
    "line",
    [
        "For w = 2 the loss is 0.",
        "The weight approaches w = 2.",
        "It converges to w = 2.",
        "权重收敛到 w = 2。",
        "权重逐渐接近 w = 2。",
        "若 w = 2，损失为 0。",
    ],
)
def test_what_is_only_supposed_is_not_judged(line: str) -> None:
    found = report_on(f"{line}\n\nŷ = w * x = 0.5 * 1 = 0.5\n").findings
    assert {entry.verdict for entry in found if entry.line == 1} <= {"undecided", "not_checked"}
    (after,) = [entry.verdict for entry in found if entry.line > 1]
    assert after in ("correct", "undecided")


def test_the_working_of_what_is_supposed_is_checked() -> None:
    found = report_on(NOT_BLAMED["a comparison"]).findings
    assert [entry.verdict for entry in found][-1:] == ["correct"]


@pytest.mark.parametrize("value", ["w = 2", "learning_rate = 0.2", "x = 7"])
def test_a_given_number_alone_that_differs_is_an_exercise_of_its_own(value: str) -> None:
    """Nothing beside it agrees with the scenario, and that is said."""
    report = report_on(f"Solution: {value}\n")
    assert not report.findings
    assert report.convention is not None


def test_working_with_a_number_that_was_supposed_is_no_slip() -> None:
    """The words may go on to the line below."""
    text = "For w = 0.7 the loss is 1.69.\n\nŷ = w * x = 0.7 * 1 = 0.7\n"
    assert not [entry for entry in report_on(text).findings if entry.verdict == "slip"]


@pytest.mark.parametrize(
    ("formulas", "last"), [("", 9), ("## Formulas\n\nŷ = w * x\n\n## Iteration 1\n\n", 15)]
)
def test_another_exercise_is_said_once_and_checked_by_itself(formulas: str, last: int) -> None:
    """Any example of a network may restate its formulas: they bring no other values."""
    text = step("3", "5", "0.7", "0.05", ("2.1", "8.41", "-17.4", "1.57"))
    given, _, worked = text.replace("= 8.41", "= 8.14").partition("\n\n")
    report = report_on(f"{given}\n\n{formulas}{worked}")
    assert report.convention is not None
    assert plain_text(report.convention) == (
        f"lines 1–{last} state other values than the scenario one_weight; "
        "they were checked as an exercise of their own"
    )
    (found,) = [entry for entry in report.findings if entry.verdict == "slip"]
    assert (found.written, found.expected) == ("8.14", "8.41")


def test_a_matrix_of_other_weights_is_a_given_number_too() -> None:
    text = "W1 = [[9, 8], [7, 6]]\n\nx = [5, 4]\n\nW1[0, 0] * x[0] = 9 * 5 = 45\n"
    assert report_on(text, "mlp_2_2_2").convention is not None
