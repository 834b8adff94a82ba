"""Lines without figures put in: what their names are known to be decides, or is told."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

import pytest

from tracer.check.model.finding import Finding
from tracer.document_check import check_text

ANOTHER = "another sample or step may be meant"


def last(text: str, scenario: str | None = None) -> Finding:
    """Return what is said of the last chain of a document."""
    (report,) = check_text(text, "txt", scenario).files
    return report.findings[-1]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("w = 0.5\nx = 3\ny = w*x = 1.7", "1.5"),
        ("已知 w = 0.5，x = 3。\n则 y = w*x = 1.7", "1.5"),
        ("Take x = 3 and w = 0.5.\n\nSo y = w*x = 1.7.", "1.5"),
        ("$w = 0.5$\n$x = 3$\n$\\hat{y} = w \\cdot x = 1.7$", "1.5"),
        ("w = 0.5, x = 3, y = w*x = 1.7", "1.5"),
        ("w = 0.5，x = 3，所以 y = w*x = 1.7", "1.5"),
        ("Given w = 0.5 and x = 3, we get y = w*x = 1.7", "1.5"),
        ("With $w = 0.5$ and $x = 3$, $y = w x = 1.7$.", "1.5"),
        ("$w = 0.5, \\; x = 3, \\; y = w x = 1.7$", "1.5"),
        ("A = [[1, 2], [3, 4]], b = [1, 1], c = A @ b = [3, 8]", "7"),
    ],
)
def test_a_formula_right_below_its_given_values_is_held_against_them(
    text: str, expected: str
) -> None:
    entry = last(text)
    assert (entry.verdict, entry.expected) == ("slip", expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Given w = 0.5 and x = 3.\n\nThen we get the output y = w*x = 1.7.", "1.5"),
        ("w = 0.5, x = 3, the output y = w*x = 1.7", "1.5"),
    ],
)
def test_the_value_of_a_formula_without_figures_is_told(text: str, expected: str) -> None:
    """Words beside it may say which values are meant: it is no slip."""
    entry = last(text)
    assert entry.verdict == "undecided"
    assert f"the value here is {expected}; {ANOTHER}" in str(entry.message)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("w = 0.5\nx = 3\n\nFor the second sample y = w*x = 1.7", "1.5"),
        ("w = 0.5\nx = 3\nThe next one has twice that.\ny = w*x = 1.7", "1.5"),
        ("w = 0.5\nx = 3\n第二个样本：y = w*x = 1.7", "1.5"),
        ("w = 0.5, x = 3, second y = w*x = 1.7", "1.5"),
        ("w = 0.5, x = 3, next y = w*x = 1.7", "1.5"),
        ("w = 0.5, next x = 3 and y = w*x = 1.7", "1.5"),
        ("w = 0.5, x = 3, after step 1: y = w*x = 1.7", "1.5"),
        ("w = 0.5，x = 3，接着 y = w*x = 1.7", "1.5"),
        ("w = 0.5，x = 3，第二个 y = w*x = 1.7", "1.5"),
        ("w = 0.5, x = 3, y = w*x = 1.7 in the end", "1.5"),
        ("x = 3\ny = 2\nx = 4\nz = x*y = 7", "8"),
        ("A = [[1, 2], [3, 4]]\nb = [1, 1]\nThe second sample has y = A @ b = [3, 8]", "[3, 7]"),
    ],
)
def test_where_words_may_change_a_meaning_the_difference_is_told(text: str, value: str) -> None:
    entry = last(text)
    assert entry.verdict == "undecided"
    assert f"the value here is {value}; {ANOTHER}" in str(entry.message)


@pytest.mark.parametrize(
    "text",
    [
        "y = w*x = 2.0, where x = 4",
        "y = w*x = 2.0 (x = 4)",
        "## 2\ny = w*x = 1.8",
        "2.\ny = w*x = 1.8",
        "(b)\ny = w*x = 1.8",
        "x = 3, (2) y = w*x = 1.8",
        "---\ny = w*x = 1.8",
        "B:\ny = w*x = 1.8",
        "- A: y_A = w*x = 6\n- B: y_B = w*x = 12",
        "w → 0.6\ny = w*x = 1.8",
        "x: 4\ny = w*x = 2",
        "The input is 4, so\ny = w*x = 2",
        "设x为4，则\ny = w*x = 2",
        "| w | x |\n|---|---|\n| 0.6 | 3 |\n\ny = w*x = 1.8",
        "step 2:\ny = w*x = 1.8",
        "두 번째 샘플: y = w*x = 1.8",
        "Example2: y = w*x = 1.8",
        "Let a = w = 0.7",
    ],
)
@pytest.mark.parametrize("kind", ["md", "txt"])
def test_what_may_change_a_meaning_ends_a_piece(text: str, kind: str) -> None:
    (report,) = check_text(f"w = 0.5\nx = 3\n{text}\n", kind).files
    assert not [entry for entry in report.findings if entry.verdict == "slip"]


def test_a_target_that_is_computed_again_may_be_of_another_step() -> None:
    text = "w = 0.5\nx = 3\ny = w*x = 1.5\n"
    assert last(text + "In the second step y = w*x = 1.7").verdict == "undecided"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("x = 2\ny = w*x = 9", "w"),
        ("x = 2\nq = x*k = 9\nz = k @ k = 3 + k = 7", "k"),
    ],
)
def test_what_is_not_known_is_named(text: str, name: str) -> None:
    entry = last(text)
    assert entry.verdict == "undecided"
    assert f"the value of {name} is not known" in str(entry.message)


@pytest.mark.parametrize(
    ("lines", "verdict"),
    [
        ("y_hat = w*x = 0.5*1 = 0.5\nmine = y_hat = 0.5", "correct"),
        ("y_hat = w*x = 0.5*1 = 0.5\nmine = y_hat = 0.7", "undecided"),
        ("y_hat = w*x = 0.5*1 = 0.7\nmine = y_hat = 0.7", "carried_forward"),
    ],
)
def test_a_name_of_the_writers_own_for_one_of_the_run(lines: str, verdict: str) -> None:
    assert last(lines, "one_weight").verdict == verdict


@pytest.mark.parametrize("line", ["q = x = 3", "For the third sample q = x = 3", "q = y = 4"])
def test_data_under_another_name_may_be_of_any_sample(line: str) -> None:
    (report,) = check_text(f"Iteration 2\n\n{line}", "txt", "one_weight").files
    assert {entry.verdict for entry in report.findings} <= {"undecided"}


def test_an_own_name_may_look_back() -> None:
    text = "Iteration 2\n\nBefore that, mine = L = 2.25"
    assert last(text, "one_weight").verdict == "undecided"


def test_an_own_name_leaves_what_the_run_computes_alone() -> None:
    """What is worked on is the figure 0.56, not the copy of it with more digits."""
    text = "z = w1*x1 + w2*x2 + b = 0.5*2 + 1*(-1) + 0.25 = 0.25\na = 0.56\n"
    assert last(text + "shown = a = 0.5622\nL = 0.0968", "neuron").verdict == "correct"


@pytest.mark.parametrize("text", ["x = 0\nw = 1\ny = w/x = 5", "a = 1\ny = log(0 - a) = 5"])
def test_a_formula_without_a_value_says_so(text: str) -> None:
    entry = last(text)
    assert entry.verdict == "undecided"
    assert "a side of this line has no value" in str(entry.message)


def test_what_follows_a_figure_that_may_be_another_s_is_not_held_against_it() -> None:
    """`y_pred = 0.7` was left open: nobody knows whether what follows starts from it."""
    text = (
        "For the demo x = 1, y = 2, w = 0.5.\n\nThe output is y_pred = w*x = 0.7\n"
        "e = y_pred - y = 0.5 - 2 = -1.5\nL = (y_pred - y)^2 = (-1.5)^2 = 2.25"
    )
    (report,) = check_text(text, "txt").files
    assert {entry.verdict for entry in report.findings} <= {"undecided", "correct"}


def test_a_parameter_after_its_update_may_keep_its_plain_name() -> None:
    """`w_1 = w + 0.3`, and in the next step w is what w_1 was."""
    text = "w = 0.5, x = 1\n\nw_1 = w + 0.3 = 0.8\n\nSecond step:\n\ny = w*x = 0.8*1 = 0.8"
    (report,) = check_text(text, "txt").files
    assert not [entry for entry in report.findings if entry.verdict == "slip"]
