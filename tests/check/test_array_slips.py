"""Where several entries of an array are wrong, the array is: one finding, one span, one repair."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

from typing import NamedTuple

import pytest

from tracer.check.repairing import repair_text
from tracer.document_check import check_text
from tracer.sentences import plain_text


class Planted(NamedTuple):
    """A line with a wrong array: what is marked, what belongs there, why."""

    text: str
    written: str
    expected: str
    cause: str
    scenario: str = ""


ARRAYS = {
    "all signs": Planted(
        "dz = [0.5, 0.25, 0.125] * 2 = [-1.0, -0.5, -0.25]",
        "[-1.0, -0.5, -0.25]",
        "[1.0, 0.5, 0.25]",
        "sign_lost",
    ),
    "signs of a matrix": Planted(
        "W = [[1, 2], [3, 4]] + [[1, 1], [1, 1]] = [[-2, -3], [-4, -5]]",
        "[[-2, -3], [-4, -5]]",
        "[[2, 3], [4, 5]]",
        "sign_lost",
    ),
    "halved": Planted(
        "dL/dv = 2 * [0.5, 0.3, 0.1] = [0.5, 0.3, 0.1]",
        "[0.5, 0.3, 0.1]",
        "[1.0, 0.6, 0.2]",
        "factor_2_left_out",
    ),
    "transposed": Planted(
        "A = [[1, 2], [3, 4]] @ [[1, 0], [2, 1]] = [[5, 11], [2, 4]]",
        "[[5, 11], [2, 4]]",
        "[[5, 2], [11, 4]]",
        "wrong_layout",
    ),
    "an outer product, transposed": Planted(
        "d = [1, 2], h = [3, 4]\n\nG = d hᵀ = [[3, 6], [4, 8]]",
        "[[3, 6], [4, 8]]",
        "[[3, 4], [6, 8]]",
        "wrong_layout",
    ),
    "a column times a row, transposed": Planted(
        "d = [1, 2], h = [3, 4]\n\nG = d hᵀ = [1, 2]ᵀ [3, 4] = [[3, 6], [4, 8]]",
        "[[3, 6], [4, 8]]",
        "[[3, 4], [6, 8]]",
        "wrong_layout",
    ),
    "most entries": Planted(
        "v = 2 * [0.5, 0.3, 0.1] = [1.0, 0.7, 0.4]", "[1.0, 0.7, 0.4]", "[1.0, 0.6, 0.2]",
        "plain_slip",
    ),
    "one entry": Planted(
        "v = 2 * [0.5, 0.3, 0.1] = [1.0, 0.7, 0.2]", "0.7", "0.6", "plain_slip"
    ),
    "a column in LaTeX": Planted(
        "$$ v = 2 \\begin{pmatrix} 0.5 \\\\ 0.3 \\end{pmatrix}"
        " = \\begin{pmatrix} -1.0 \\\\ -0.6 \\end{pmatrix} $$",
        "\\begin{pmatrix} -1.0 \\\\ -0.6 \\end{pmatrix}",
        "\\begin{pmatrix} 1.0 \\\\ 0.6 \\end{pmatrix}",
        "sign_lost",
    ),
}  # fmt: skip


@pytest.mark.parametrize("planted", ARRAYS.values(), ids=ARRAYS)
def test_the_array_is_marked_once_and_repaired_whole(planted: Planted) -> None:
    (report,) = check_text(planted.text, "md", planted.scenario or None).files
    (found,) = [entry for entry in report.findings if entry.verdict == "slip"]
    assert (found.written, found.expected) == (planted.written, planted.expected)
    assert found.cause == planted.cause
    assert found.wrong_place is not None
    line = planted.text.splitlines()[found.wrong_place.line - 1]
    assert line[found.wrong_place.start : found.wrong_place.end] == planted.written
    before, _, after = planted.text.rpartition(planted.written)
    right = before + planted.expected + after
    assert repair_text(planted.text, report) == right
    assert not any(entry.verdict == "slip" for entry in check_text(right).files[0].findings)


def test_an_array_over_several_lines_is_repaired_in_its_places() -> None:
    text = (
        "$$\nv = 2 \\begin{pmatrix} 0.5 \\\\ 0.3 \\end{pmatrix}\n= \\begin{pmatrix}\n"
        "-1.0 \\\\\n  -0.6\n\\end{pmatrix}\n$$\n"
    )
    (report,) = check_text(text).files
    assert repair_text(text, report) == text.replace("-1.0", "1.0").replace("-0.6", "0.6")


@pytest.mark.parametrize(
    ("line", "written", "expected", "cause"),
    [
        ("z1 = {}", "[-0.24, -0.02]", "[0.24, 0.02]", "sign_lost"),
        (
            "dL/dW1 = dL/dz1 xᵀ = {} = [[-0.0110832, 0.00787872], [0.0073888, -0.00525248]]",
            "[0.6, -0.4]ᵀ [-0.0184720, 0.0131312]",
            None,
            None,
        ),
    ],
)
def test_an_array_is_held_against_the_run_whole(
    line: str, written: str, expected: str | None, cause: str | None
) -> None:
    (report,) = check_text(line.format(written), "md", "mlp_2_2_2").files
    (found,) = [entry for entry in report.findings if entry.verdict == "slip"]
    assert (found.written, found.expected, found.cause) == (written, expected, cause)


def test_several_slips_that_fit_are_told_in_a_sentence() -> None:
    """The causes are numbered, for each has commas and semicolons of its own."""
    text = "dloss/db = (a - y) * a * (1 - a) = -0.10776\n\nb = 0.25 - 0.5 * (-0.10776) = 0.3578\n"
    (report,) = check_text(text, "md", "neuron").files
    (told,) = [plain_text(entry.message) for entry in report.findings if entry.message is not None]
    assert told == (
        "0.3578 should be 0.3039. Two slips would explain it: (1) the update was applied twice; "
        "(2) the learning rate was left out of the update"
    )


@pytest.mark.parametrize(
    ("given", "product", "figures"),
    [
        ("x = [1, 2]\n\nd = [0.5, -1]", "d x^T", "[[0.5, -1], [1, -2]]"),
        ("x = [1, 2]\n\nd = [0.5, -1, 3]", "d x^T", "[[0.5, -1, 3], [1, -2, 6]]"),
        (
            "$x = \\begin{bmatrix}1\\\\2\\end{bmatrix}$, "
            "$d = \\begin{bmatrix}0.5\\\\-1\\\\3\\end{bmatrix}$",
            "d x^T",
            "[[0.5, -1, 3], [1, -2, 6]]",
        ),
    ],
)
def test_a_product_with_rows_and_columns_swapped_is_a_slip_in_any_shape(
    given: str, product: str, figures: str
) -> None:
    """What two vectors make is known by its entries, whether or not it is square."""
    (report,) = check_text(f"{given}\n\ndL/dW = {product} = {figures}").files
    (slip,) = [each for each in report.findings if each.verdict == "slip"]
    assert (slip.kind, slip.cause) == ("transpose_shape", "wrong_layout")
