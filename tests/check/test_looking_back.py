"""A line that repeats figures of an iteration that is over is right, and changes nothing."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

import pytest

from tests.case_lists import crossed
from tracer.check.model.finding import Finding
from tracer.document_check import check_text
from tracer.worksheets.worksheet_making import make_worksheet

FIRST = """ŷ = w * x = 0.5 * 1 = 0.5

L = (ŷ - y)² = (0.5 - 2)² = 2.25

dL/dw = 2 * (ŷ - y) * x = 2 * (0.5 - 2) * 1 = -3.0

w = w - lr * dL/dw = 0.5 - 0.1 * -3.0 = 0.8
"""
FORWARD = """
Iteration 2

ŷ = w * x = 0.8 * 1 = 0.8

L = (ŷ - y)² = (0.8 - 2)² = 1.44
"""
BACKWARD = """
dL/dw = 2 * (ŷ - y) * x = 2 * (0.8 - 2) * 1 = -2.4

w = w - lr * dL/dw = 0.8 - 0.1 * -2.4 = 1.04
"""
THIRD = """
ŷ = w * x = 1.04 * 1 = 1.04

L = (ŷ - y)² = (1.04 - 2)² = 0.9216
"""
OWN = """
Iteration 2

q1 = w * x = 0.8 * 1 = {figure}
"""
PLACES = {
    "after the first step": (FIRST, FORWARD + BACKWARD),
    "in the second step": (FIRST + FORWARD, BACKWARD),
    "after the second step": (FIRST + FORWARD + BACKWARD, THIRD),
}
TOLD = (
    "As we saw, L was 2.25 in the first iteration.",
    "The loss went from 2.25 to 1.44.",
    "Iteration 2 brought it from L = 2.25 to L = 1.44.",
    "w 从 0.5 开始。",
    "The loss L = 2.25 (iteration 1) fell to L = 1.44 (iteration 2).",
    "L = 2.25 before, and now L = 1.44.",
    "At first w = 0.5, then w = 0.8.",
    "w = 0.5 → 0.8",
    "损失为 2.25，现在损失为 1.44。",
    "初始权重 w 为 0.5，更新后 w 为 0.8。",
    "The loss is 2.25.",
    "the gradient dL/dw = -3",
    "In iteration 1, ŷ = 0.5.",
    "The old weight w = 0.5 and the new weight w = 0.8.",
    "The gradient was dL/dw = -3 and is now dL/dw = -2.4.",
    "w_1 = 0.5, w_2 = 0.8",
    "L = (ŷ - y)² = (0.5 - 2)² = 2.25 (iteration 1)",
    "Recall: dL/dw = 2 * (ŷ - y) * x = 2 * (0.5 - 2) * 1 = -3",
    "For comparison, w = w - lr * dL/dw = 0.5 - 0.1 * -3.0 = 0.8 was the first update.",
    "In the first iteration we had L = (ŷ - y)² = (0.5 - 2)² = 2.25.",
    "回顾第一次迭代：L = (ŷ - y)² = (0.5 - 2)² = 2.25",
)


def accused(text: str, scenario: str | None) -> list[Finding]:
    """Return what is called wrong in a text."""
    (report,) = check_text(text, "md", scenario).files
    return [entry for entry in report.findings if entry.verdict in ("slip", "carried_forward")]


@pytest.mark.parametrize("scenario", ["one_weight", None])
@pytest.mark.parametrize(("line", "place"), crossed(TOLD, PLACES))
def test_what_is_told_of_an_earlier_iteration_is_right(
    line: str, place: str, scenario: str | None
) -> None:
    before, after = PLACES[place]
    found = accused(f"{before}\n{line}\n{after}", scenario)
    assert not found, [(entry.text, str(entry.message)) for entry in found]


@pytest.mark.parametrize(
    ("phrase", "scenario"),
    crossed(
        ["{said} before.", "{said} (iteration 1)", "之前 {said}。", "Recall: {worked}"],
        ["neuron", "mlp_2_2_2"],
    ),
)
def test_each_quantity_of_a_first_iteration_may_be_told_in_a_later_one(
    scenario: str, phrase: str
) -> None:
    sheet = make_worksheet(scenario, seed=7, share=1, iterations=3, settings=())
    lines = [(line.label, line.text(answers=True)) for line in sheet.lines]
    step = {
        number: [text for label, text in lines if label.startswith(f"{number}: ")]
        for number in (1, 2, 3)
    }
    told = [
        phrase.format(worked=text, said=f"{text.split(' = ')[0]} = {text.split(' = ')[-1]}")
        for text in step[1]
    ]
    parts = [*step[1], "Iteration 2", *step[2][:3], *told, *step[2][3:], "Iteration 3", *step[3]]
    assert not accused("\n\n".join(parts), None)


@pytest.mark.parametrize(
    "line",
    [
        "L = (ŷ - y)² = (0.5 - 2)² = 2.25",
        "Iteration 3: L = (ŷ - y)² = (0.5 - 2)² = 2.25",
        "Iteration 3: L = 2.25",
        "From that, L = (ŷ - y)² = (0.5 - 2)² = 2.25",
    ],
)
def test_a_stale_figure_that_no_word_excuses_is_still_found(line: str) -> None:
    text = f"{FIRST}{FORWARD}{BACKWARD}\nŷ = w * x = 1.04 * 1 = 1.04\n\n{line}\n"
    (found,) = accused(text, "one_weight")
    assert line.endswith(found.text)


def on_the_line(line: str, text: str, scenario: str | None) -> str:
    """Return the verdict on the last chain of a text that ends with a line."""
    (report,) = check_text(f"{text}\n{line}\n", "md", scenario).files
    assert line.rstrip(".。").endswith(report.findings[-1].text)
    return report.findings[-1].verdict


@pytest.mark.parametrize(
    "line",
    [
        "用上一步得到的权重：ŷ = w * x = 0.5 * 1 = 0.5",
        "As before, w = w - 0.1 * dL/dw = 0.5 - 0.1 * (-3) = 0.8",
        "Unlike before, we now use the updated weight: ŷ = w * x = 0.5 * 1 = 0.5",
        "with the weight from iteration 1: ŷ = w * x = 0.5 * 1 = 0.5",
        "with the old w, ŷ = w * x = 0.5 * 1 = 0.5",
        "用之前的公式：ŷ = w * x = 0.5 * 1 = 0.5",
    ],
)
def test_words_beside_a_stale_working_do_not_make_it_right(line: str) -> None:
    assert on_the_line(line, f"{FIRST}\nIteration 2\n", "one_weight") == "undecided"
    assert on_the_line(line, f"{FIRST}{FORWARD}", None) in ("undecided", "slip")


@pytest.mark.parametrize(
    "line",
    [
        "Compare with iteration 2, where w = 0.8 - 0.1 * (-2.4) = 1.04.",
        "Compare iteration 1: w = 0.5 - 0.1 * (-3) = 0.8",
        "Previously: ŷ = w * x = 0.5 * 1 = 0.5",
        "第 1 次迭代的损失 L = (ŷ - y)² = (0.5 - 2)² = 2.25",
    ],
)
def test_words_that_govern_a_line_may_tell_of_an_earlier_iteration(line: str) -> None:
    """Where the words name the iteration, the line is right; else nobody can tell."""
    text = f"{FIRST}{FORWARD}{BACKWARD}\n## Iteration 3\n"
    assert on_the_line(line, text, "one_weight") in ("correct", "undecided")


LISTED = ("ŷ = {}", "L = {}", "dL/dw = {}", "w = {}")


def section(number: int, values: tuple[str, ...], mark: str = "- ", under: str = "") -> str:
    """Return the heading of an iteration with its values as lines of their own under it."""
    lines = [mark + line.format(value) for line, value in zip(LISTED, values, strict=True)]
    return f"## Iteration {number}\n\n{under}" + "\n\n".join(lines) + "\n\n"


@pytest.mark.parametrize("mark", ["", "- ", "1. ", "### Forward pass\n\n"])
def test_a_bare_value_under_a_heading_is_of_that_iteration(mark: str) -> None:
    first = section(1, ("0.5", "2.25", "-3", "0.8"), mark)
    assert not accused(first + section(2, ("0.8", "1.44", "-2.4", "1.04"), mark), "one_weight")


@pytest.mark.parametrize(
    "under",
    [
        "From iteration 1 we have:\n\n",
        "What we had before:\n\n",
        "之前的值：\n\n",
        "## Losses\n\n",
        "All values:\n\n",
        "The loss decreases:\n\n",
        "损失在下降：\n\n",
        "---\n\n",
    ],
)
def test_a_list_that_words_or_a_heading_introduce_may_be_of_an_earlier_iteration(
    under: str,
) -> None:
    values = ("0.5", "2.25", "-3", "0.8")
    assert not accused(section(1, values) + section(2, values, under=under), "one_weight")


NAMING = ("Iteration 1: {}", "In iteration 1, {}.", "第 1 次迭代的损失 {}。")


@pytest.mark.parametrize("line", NAMING)
def test_a_value_is_held_against_the_iteration_that_its_line_names(line: str) -> None:
    text = f"{FIRST}{FORWARD}{BACKWARD}"
    assert on_the_line(line.format("L = 2.25"), text, "one_weight") == "correct"
    (found,) = accused(f"{text}\n{line.format('L = 0.9216')}\n", "one_weight")
    assert (found.written, found.expected) == ("0.9216", "2.2500")


@pytest.mark.parametrize(
    "line",
    [
        "After iteration 1: L = 1.44",
        "Iteration 1 → L = 1.44",
        "第 1 次迭代后的损失 L = 1.44。",
        "Iteration 1: w = 0.8",
        "Iteration 1 leaves a loss of L = 1.44.",
    ],
)
def test_what_an_iteration_leads_to_is_not_held_against_it(line: str) -> None:
    assert not accused(f"{FIRST}{FORWARD}{BACKWARD}\n{line}\n", "one_weight")


def test_a_stated_value_that_no_iteration_had_is_not_right() -> None:
    """Its words may speak of another example."""
    text = f"{FIRST}{FORWARD}\nThe loss was L = 2.35 before.\n"
    (report,) = check_text(text, "md", "one_weight").files
    assert report.findings[-1].verdict == "undecided"


@pytest.mark.parametrize("begin", ["", "Iteration 1\n\n" + FIRST])
def test_a_name_of_ones_own_is_of_the_iteration_of_its_heading(begin: str) -> None:
    """The run does not know q1, but it knows what w is in iteration 2."""
    own = check_text(begin + OWN.format(figure="0.8"), scenario="one_weight")
    verdicts = [entry.verdict for entry in own.files[0].findings]
    assert verdicts == ["correct"] * len(verdicts)
    stale = OWN.replace("0.8", "0.5").format(figure="0.5")
    assert check_text(begin + stale, scenario="one_weight").files[0].findings[-1].verdict == "slip"


def test_an_update_in_place_is_the_value_that_the_next_iteration_begins_with() -> None:
    """A `w_new` of an iteration before that is no update any more."""
    first = FIRST.replace("w = w - lr", "w_new = w - lr")
    last = "\nw_new = w - lr * dL/dw = 1.04 - 0.1 * (-1.92) = 1.222\n"
    text = "Iteration 1\n\n" + first + FORWARD + BACKWARD + "\nIteration 3\n" + THIRD + last
    (file,) = check_text(text).files
    [slip] = [finding for finding in file.findings if finding.verdict == "slip"]
    assert (slip.written, slip.expected) == ("1.222", "1.232")


def test_the_value_of_the_iteration_before_is_stale_and_no_other_quantity() -> None:
    """All of the line is of ŷ, one iteration late: its weight is named, and not its name."""
    (report,) = check_text("Iteration 4: ŷ = w·x = 1.04·1 = 1.04", "md", "one_weight").files
    (told,) = report.findings
    assert (told.verdict, told.kind) == ("slip", "stale_value")
    assert "1.232" in str(told.message)
