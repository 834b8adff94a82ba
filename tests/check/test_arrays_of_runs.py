"""Figures in arrays beside a run: what was put in, how it lies, and whose it is."""

from __future__ import annotations

from tracer.check.model.finding import Finding
from tracer.document_check import check_text
from tracer.expression import parse
from tracer.intervals import Interval, exact_interval, value_of
from tracer.operations import vocabulary

BEGIN = """
Iteration 1

z1 = W1 @ x + b1 = [0.24, 0.02]
a1 = sigmoid(z1) = [0.5597, 0.5050]
"""


def found(lines: str, scenario: str = "mlp_2_2_2") -> list[Finding]:
    """Return what is called wrong below the first lines of a derivation."""
    report = check_text(BEGIN + lines + "\n", "txt", scenario)
    return [entry for entry in report.files[0].findings if entry.verdict == "slip"]


def test_one_wrong_entry_put_in_is_blamed() -> None:
    """The result follows from it, so the entry is what is wrong, not the result."""
    (entry,) = found("z2 = W2 @ a1 + b2 = [[0.7, -0.5], [-0.3, 0.2]] @ [0.5957, 0.5050] + [0.2, 0]")
    assert (entry.written, entry.expected, entry.cause) == ("0.5957", "0.5597", "digits_swapped")


def test_several_wrong_entries_have_one_cause() -> None:
    """The net input put in for the activation explains both entries."""
    (entry,) = found(
        "z2 = W2 @ a1 + b2 = [[0.7, -0.5], [-0.3, 0.2]] @ [0.24, 0.02] + [0.2, 0]"
        " = [0.3580, -0.0680]"
    )
    assert entry.written == "[0.24, 0.02]"
    assert entry.kind == "wrong_substitution"


def test_a_wrong_formula_that_gives_the_figure_does_not_explain_it() -> None:
    """W2 @ a1 without its bias: no other form of that formula is the slip."""
    (entry,) = found("z2 = W2 @ a1 = [0.1393, -0.06691]")
    assert entry.cause in (None, "bias_left_out")


def test_a_name_on_the_left_of_an_array() -> None:
    """The formula and the entries are those of another quantity."""
    (entry,) = found("z2 = sigmoid(z1) = sigmoid([0.24, 0.02]) = [0.5597, 0.5050]")
    assert (entry.cause, entry.expected) == ("other_name_on_left", "a1")


def test_rows_and_columns_of_a_matrix_that_is_not_square() -> None:
    """A result of another shape may have been read wrongly: it is left open."""
    text = "Iteration 1\n\nV = H @ W_v = [[0.5, 0, -0.5], [0, -0.5, -0.5]]\n"
    (entry,) = check_text(text, "txt", "cross_attention").files[0].findings
    assert entry.verdict == "undecided"


def test_an_array_of_whole_numbers_picks_rows() -> None:
    """`X[order]` has the rows of X in another order."""

    def vector(*entries: int) -> tuple[Interval, ...]:
        return tuple(map(exact_interval, entries))

    rows = (vector(1, 2), vector(3, 4))
    node = parse("X[order]", "ascii", vocabulary=vocabulary())
    picked = value_of(node, {"X": rows, "order": vector(1, 0)})
    assert picked == rows[::-1]


def test_entries_of_few_digits_that_are_far_away_are_blamed() -> None:
    """0.9 is no rounding of -0.077, whatever was worked out before."""
    for line in (
        "b2' = b2 - learning_rate * dloss/db2 = [0.2, 0] - 0.5 * [0.9, 0.9] = [-0.25, -0.45]",
        "a1 = sigmoid(z1) = sigmoid([0.9, 0.9]) = [0.7109, 0.7109]",
    ):
        report = check_text(line + "\n", "txt", "mlp_2_2_2")
        (entry,) = report.files[0].findings
        assert (entry.verdict, entry.written) == ("slip", "[0.9, 0.9]"), line
