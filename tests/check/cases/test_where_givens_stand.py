"""Values are known wherever a page states them: tables, cells of code, phrases, entries."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

import json

import pytest

from tests.check.cases.verdicts import verdicts
from tracer.check.document_lines import check_lines
from tracer.check.read.document_entry import read_document
from tracer.document_check import check_text

WRONG = {
    "a table": "| name | value |\n|---|---|\n| `x1` | 2.5 |\n| b | -1 |\n\n"
    "u = x1 {} b = 2.5 + (-1) = 1.5",
    "a Chinese table": "| 量 | 值 |\n|---|---|\n| $x_1$ | $2.5$ |\n| $b$ | $-1$ |\n\n"
    "$u = x_1 {} b = 2.5 + (-1) = 1.5$",
    "a table with kinds": "| quantity | kind | initial value |\n|---|---|---|\n"
    "| $x_1$ | data | $2.5$ |\n| $b$ | parameter | $-1$ |\n\n$u = x_1 {} b = 2.5 + (-1) = 1.5$",
    "a phrase": "Let b = 0.7 and the learning rate lr = 0.02.\n\nu = b {} lr = 0.7 + 0.02 = 0.72",
    "a Greek word": "Let b = 0.7 and the decay gamma = 0.02.\n\nu = b {} gamma = 0.7 + 0.02 = 0.72",
    "entries of rows": "w = [[0.3, 1.2], [0.6, 1.1]]\n\nu = w[0][1] {} w[1][0] = 1.2 + 0.6 = 1.8",
    "entries of a capital": "W = [[0.3, 1.2], [0.6, 1.1]]\n\nu = w_12 {} w_21 = 1.2 + 0.6 = 1.8",
    "a first value": "m = 0.5 and g = 4.\n\nm[1] = m[0] {} g = 0.5 + 4 = 4.5",
    "the start of a family": "m_0 = 0.5 and g = 4.\n\nu = m {} g = 0.5 + 4 = 4.5",
    "code with other statements": "```python\nimport numpy as np\nm = 0.5\ng = 4\nprint(m)\n```\n\n"
    "u = m {} g = 0.5 + 4 = 4.5",
    "arrays of code": "```python\nimport numpy as np\nm = np.array([0.5, 2])\n"
    "g = np.array([4.0, 1])\n```\n\nu = m {} g = [0.5, 2] + [4.0, 1] = [4.5, 3]",
    "a transposed array": "m = [ 0.5  2  1 ]ᵗ\n\n"
    "u = m {} m = [0.5, 2, 1] + [0.5, 2, 1] = [1, 4, 2]",
}


@pytest.mark.parametrize("text", WRONG.values(), ids=WRONG)
def test_a_formula_is_held_against_values_wherever_they_are_stated(text: str) -> None:
    assert verdicts(text.format("+"))[-1] == "correct"
    assert verdicts(text.format("-"))[-1] == "slip"


def test_code_gives_no_value_that_it_changes() -> None:
    text = "```python\nm = 0.5\nfor step in range(3):\n    m = m / 2\n```\n\nu = m + 4 = 4.5"
    assert verdicts(text) == ["undecided"]


def test_a_family_of_which_more_is_known_has_no_value_of_its_own() -> None:
    assert verdicts("m_0 = 0.5 and m_1 = 2.\n\nu = m + 4 = 4.5") == ["undecided"]


@pytest.mark.parametrize(
    ("put_in", "result"),
    [
        (r"0.5 & 0.3 \\ 0.2 & 0.4", "0.13206, 0.11849"),
        (r"0.5 & 0.2 \\ 0.3 & 0.4", "0.10860, 0.13083"),
    ],
)
def test_figures_of_a_given_array_are_exact_whatever_results_equal_them(
    put_in: str, result: str
) -> None:
    """As it was stated or turned, 0.5 is no result that was rounded, though 1.4 / 3 is one."""
    text = rf"""Given $W = [[0.5, 0.3], [0.2, 0.4]]$.

$a = 1.4 / 3 \approx 0.5$ and $b = 0.8 / 3 \approx 0.3$

$c = 0.7 / 3 \approx 0.2$ and $d = 1.1 / 3 \approx 0.4$

$u = 1.1106 / 9 = 0.1234$ and $v = 2.1107 / 9 = 0.2345$

$$r = \begin{{bmatrix}} {put_in} \end{{bmatrix}}
\begin{{bmatrix}} 0.1234 \\ 0.2345 \end{{bmatrix}} \approx [{result}]$$
"""
    assert verdicts(text)[-1] == "correct"
    assert verdicts(text.replace("0.13", "0.14").replace("0.10", "0.11"))[-1] == "slip"


@pytest.mark.parametrize("sample", ["2 + 1 = 3", "4 + 1 = 5"])
def test_a_superscript_is_no_entry_from_0(sample: str) -> None:
    """Samples and layers count from 1, and may be no entry at all; what code writes is one.

    That counts from 0 or from 1: another entry of the document says so.
    """
    text = "Given y = [1, 2, 4].\n\n"
    assert "slip" not in verdicts(text + f"$q = y^{{(2)}} + 1 = {sample}$")
    assert verdicts(text + f"q = y[2] + 1 = {sample}") == ["correct"]
    assert "slip" not in verdicts(text + "q = y[2] + 1 = 1 + 1 = 2")
    for first, right in (
        ("y[0] + 1 = 1 + 1 = 2", "4 + 1 = 5"),
        ("y[3] + 1 = 4 + 1 = 5", "2 + 1 = 3"),
    ):
        lines = f"{text}p = {first}\n\nq = y[2] + 1 = {sample}"
        assert verdicts(lines)[1:] == ["correct" if sample == right else "undecided"]


def test_a_cell_that_only_assigns_figures_states_them() -> None:
    cells = [
        {"cell_type": "code", "source": "x_1 = -3.3  # data\nb = 0.5", "outputs": []},
        {"cell_type": "markdown", "source": "u = x_1 - b = -3.3 + 0.5 = -2.8"},
    ]
    assert verdicts(json.dumps({"cells": cells}), "ipynb")[-1] == "slip"


@pytest.mark.parametrize(
    ("line", "verdict"),
    [("L = ½½(3 + 5) = 2", "correct"), ("L = ½½(3 + 5) = 4", "slip")],
)
def test_fractions_side_by_side_are_a_product(line: str, verdict: str) -> None:
    assert verdicts(line) == [verdict]


@pytest.mark.parametrize("given", ["w = [{}, 2]", "$w = [{}, 2]^T$", "w = [[{}, 2]]ᵀ"])
def test_a_given_array_that_is_stated_anew_begins_another_example(given: str) -> None:
    text = "\n\n".join(
        f"## Example {first}\n\n{given.format(first)}\n\nz = w_1 * 3 = {first} * 3 = {3 * first}"
        for first in (1, 4)
    )
    report = check_lines(read_document(text, "md"))
    assert [part.last_line for part in report.parts] == [7, 11]
    assert {finding.verdict for finding in report.findings} == {"correct"}


@pytest.mark.parametrize(("given", "verdict"), [("0.352122", "correct"), ("0.3521", "slip")])
def test_a_given_value_with_many_digits_was_rounded(given: str, verdict: str) -> None:
    text = f"w = {given}\n\nz = 1000*w = 1000*{given} = {given[2:5]}.{given[5:]}4"
    assert verdicts(text)[-1] == verdict


def test_matrices_drawn_side_by_side_state_nothing_that_proves_a_slip() -> None:
    text = (
        "U = [[1, 0], V = [[1, 0],\n[0, 1]] [0, 1]]\n\nx: [1,0] · V = [1×1+0×0, 1×0+0×1] = [1, 0]"
    )
    assert verdicts(text)[-1] == "undecided"


@pytest.mark.parametrize(
    "given",
    ["z = 2 > 0", "0 < z = 2", "$z = 2 \\ge 0$, so", "z = 2 ≤ 5", "z = 1 + 1 = 2 < 3", "z=2<=5"],
)
def test_what_a_value_is_held_against_is_not_the_value_of_its_name(given: str) -> None:
    text = f"{given}\n\na = z * 3 = {{}} * 3 = {{}}\n"
    assert verdicts(text.format(2, 6))[-1] == "correct"
    assert verdicts(text.format(3, 9))[-1] == "slip"


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        ("0.5 * 2 = 1 < 0.9", "slip"),
        ("0.5 * 2 = 1.2 < 1.5", "slip"),
        ("0.5 * 2 = 1 > 0.9", "correct"),
        ("0 < 0.5 * 2 = 1 < 2", "correct"),
    ],
)
def test_an_inequality_is_judged_beside_the_equation_that_it_stands_in(
    line: str, verdict: str
) -> None:
    found = verdicts(line)
    assert ("slip" in found) == (verdict == "slip")
    assert set(found) <= {verdict, "correct", "carried_forward"}


SPOKEN_OF = [
    "A common choice is w = 0.9.",
    "What happens if w = 0.9?",
    "w = 0.9 would be too large.",
    "Other books use $w = 0.9$.",
    "When w = 0.9 there is nothing to learn.",
    "The best value would be w = 0.9.",
    "若 w = 0.9，则停止。",
    "其他书中常用 w = 0.9。",
    "Is w = 0.9?",
    "w = 0.9？",
    "If instead w = 0.9, then",
    "标签为 w = 0.9。",
]
GIVEN = "x = 2 and w = 0.5.\n\n{}\n\ny = w * x = {} * 2 = {}\n"


@pytest.mark.parametrize("told", SPOKEN_OF)
def test_a_value_that_is_only_spoken_of_refutes_nothing(told: str) -> None:
    assert "slip" not in verdicts(GIVEN.format(told, 0.5, 1))
    assert "slip" in verdicts(GIVEN.format(told, 0.5, 1.2))


@pytest.mark.parametrize(
    "told",
    [
        "Now w = 0.9.",
        "The new weight is w = 0.9.",
        "w = 0.9",
        "新的权重为 w = 0.9。",
        "设 w = 0.9。",
    ],
)
def test_a_value_that_is_given_anew_holds_from_then_on(told: str) -> None:
    assert verdicts(GIVEN.format(told, 0.9, 1.8))[-1] == "correct"
    assert verdicts(GIVEN.format(told, 0.5, 1))[-1] == "slip"


@pytest.mark.parametrize("told", SPOKEN_OF)
def test_a_value_that_is_only_spoken_of_is_no_slip_beside_a_run(told: str) -> None:
    (report,) = check_text(told, "md", "one_weight").files
    assert {finding.verdict for finding in report.findings} <= {"undecided"}


@pytest.mark.parametrize("told", ["The weight is w = 0.9.", "w = 0.9", "权重为 w = 0.9。"])
def test_a_value_that_is_given_is_held_against_the_run(told: str) -> None:
    (report,) = check_text(f"x = 1, y = 2.\n\n{told}\n", "md", "one_weight").files
    assert [finding.verdict for finding in report.findings][-1] == "slip"


def test_what_is_supposed_may_hold_in_the_lines_that_follow() -> None:
    assert "slip" not in verdicts(GIVEN.format("If instead w = 0.9, then", 0.9, 1.8))
    assert verdicts(GIVEN.format("If instead w = 0.9, then", 0.5, 1))[-1] == "correct"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("z = -1.66/1.3 = 1.27692\n\nq = z*2 = 1.27692*2 = 2.55385", ["slip", "carried_forward"]),
        ("z = 2*3 = 7\n\nq = 10*z = 10*7 = 71", ["slip", "slip"]),
        ("z = 0.57 + 0.08 = 0.66\n\nq = z + 0.1 = 0.66 + 0.1 = 0.77", ["slip", "slip"]),
        ("z = 0.57 + 0.08 = 0.66\n\nq = z + 0.1 = 0.76", ["slip", "carried_forward"]),
        (
            "x = 4\n\ng = 2*x = 9\n\ndL/db = g = 9\n\nb = -2 - 0.1*dL/db = -2 - 0.1*8 = -2.8",
            ["slip", "carried_forward", "correct"],
        ),
        (
            "x = [3, 4]\n\ng = 2*x = [6, 9]\n\nh = g = [6, 9]\n\n"
            "b = 0.1*h = 0.1*[6, 8] = [0.6, 0.8]",
            ["slip", "carried_forward", "correct"],
        ),
    ],
)
def test_a_wrong_result_is_rounded_like_any_other(text: str, found: list[str]) -> None:
    assert verdicts(text) == found


@pytest.mark.parametrize(
    "given", ["A: x = 2. B: x = 3.", "| x = 2 | x = 3 |", "左：x = 2；右：x = 3。"]
)
def test_two_values_on_one_line_are_of_two_samples(given: str) -> None:
    """Neither is an old value of the other."""
    text = f"w = 0.5\n\n{given}\n\nz = w*x = 0.5*2 = 1; z = w*x = 0.5*3 = 1.5\n"
    assert "slip" not in verdicts(text)


@pytest.mark.parametrize(
    "head",
    [
        "\\paragraph{Data.} Let $k = 2$ and $m = 0.5$.\n\n",
        "\\subsection*{Step $t^{2}$} Take $k = 2$ and $m = 0.5$. % {for now\n\n",
        "\\section{A net}\\label{sec:net}\n\\paragraph{Data} $k = 2$,\n$m = 0.5$.\n\n",
        "\\paragraph{Given: $k = 2$, $m = 0.5$}\n\n",
    ],
)
def test_text_behind_a_heading_of_latex_is_read(head: str) -> None:
    assert verdicts(head + "Then $h = k m = 2 \\cdot 0.4 = 0.8$.", "tex") == ["slip"]
    assert verdicts(head + "Then $h = k m = 2 \\cdot 0.5 = 1$.", "tex") == ["correct"]


WORKED_OUT = "w = 3, x = 2\n\nz = w x = 3·2 = 6\n\n"
SECTIONS = "# Data\n\nx = 2\n\n# Rate\n\nη = 0.1\n\n# Forward\n\nh = 3x = 3·2 = 6\n\n# Backward\n\n"
WORKED = "w = 3, x = 0.4122\n\nc = w x = 3·0.4122 = 1.2366\n\nh = 2 c = 2·1.2366 = 2.4732\n\n"
PLACES = [
    # Equations between names.
    ("$\\ell = \\log\\sigma^2 = 0.5x - 1.1$. The input is $x = 1$.\n\n# Encoder\n\n"
     "$\\ell = 0.5 \\cdot 1 - 1.1 = -0.6$\n\n$\\sigma = {}$", "\\exp(-0.6/2) = 0.7408",
     "\\exp(-0.6) = 0.5488", "undecided"),
    ("$s = p + q$, $x = 3$\n\n$s = 2x = 2 \\cdot 3 = 6$\n\n$q = x + 1 = 4$\n\n$p = {}$",
     "x - 1 = 3 - 1 = 2", "x + 1 = 3 + 1 = 4", "undecided"),
    # A place of a function.
    ("Let $f(x, y) = x^2 + 3xy$ and start at $(2, 1)$.\n\n$g = 2x + 3y = {}$", "4 + 3 = 7",
     "4 + 2 = 6", "undecided"),
    ("f(u, v) = u v 在点 (2, 5)。\n\ng = 2u + v = {}", "4 + 5 = 9", "4 + 6 = 10", "undecided"),
    # Entries of an array are updated one by one, and others by what it was.
    ("$p = (0.5, 1)$, $q = (2, 4)$, $η = 0.1$\n\n# Step\n\n"
     "$$p \\leftarrow p + η q, \\qquad q \\leftarrow q + η p$$\n\n"
     "$$p_1 = 0.5 + 0.1 \\cdot 2 = 0.7$$\n\n$$p_2 = 1 + 0.1 \\cdot 4 = 1.4$$\n\n$$q_1 = {}$$",
     "2 + 0.1 \\cdot 0.5 = 2.05",
     "2 + 0.1 \\cdot 0.7 = 2.07", "undecided"),
    # A value that is given against a result may hold in its line only.
    (WORKED_OUT + "With z = −4: r = max(0, z) = max(0, -4) = 0\n\ns = 5 z = {}", "5·6 = 30",
     "5·7 = 35", "undecided"),
    (WORKED_OUT + "With z = −4: r = max(0, z) = max(0, -4) = 0\n\ns = 5 z = {}", "5·(-4) = -20",
     "5·(-6) = -30", "undecided"),
    (WORKED_OUT + "若 z = −4：r = max(0, z) = max(0, -4) = 0。\n\ns = 5 z = {}", "5·6 = 30",
     "5·(-5) = -25", "undecided"),
    (WORKED_OUT + "# Dead\n\nz = −4\n\nr = max(0, z) = max(0, -4) = 0\n\n# Alive\n\n"
     "r = max(0, z) = {}", "max(0, 6) = 6", "max(0, 5) = 5", "undecided"),
    (WORKED_OUT + "a = 0.1\n\nk = a z = 0.1·6 = 0.6\n\n# Other\n\nWith a = 1 and z = -2: "
     "k = a z = 1·(-2) = -2\n\n# Again\n\ns = 5 z = {}", "5·6 = 30", "5·8 = 40", "undecided"),
    ("z = 3·2 = 6\n\nWith z = −4: s = 5 z = {}", "5·(-4) = -20", "5·6 = 30", "slip"),
    # A matrix is written over several rows.
    ("```\nW = [[1 2]\n     [3 4]\n     [5 6]]\n```\n\nu = W · [1, 2] = {}", "[5, 11, 17]",
     "[5, 12, 17]", "slip"),
    # Sections of givens that were over are of no other example.
    (SECTIONS + "g = x + h = {}", "2 + 6 = 8", "2 + 7 = 9", "slip"),
    (SECTIONS + "v = 4\n\ng = x + h = {}", "2 + 6 = 8", "2 + 7 = 9", "undecided"),
    # What numbers steps or layers in a heading goes either way.
    ("v = 2\n\n# $t = 3$\n\nd3 = v·3 = 2·3 = 6\n\n# $t = 2$\n\nd2 = v d3 = {}", "2·6 = 12",
     "3·6 = 18", "slip"),
    ("v = 2\n\n# Layer $l = 2$\n\nd2 = v·3 = 2·3 = 6\n\n# Layer $l = 1$\n\nd1 = v d2 = {}",
     "2·6 = 12", "2·7 = 14", "slip"),
    ("v = 2\n\n# $x = 3$\n\nd3 = v·3 = 2·3 = 6\n\n# $x = 2$\n\nd2 = v d3 = {}", "2·6 = 12",
     "2·7 = 14", "undecided"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "right", "wrong", "verdict"), PLACES)
def test_a_value_holds_as_far_as_the_place_where_it_is_given_says(
    text: str, right: str, wrong: str, verdict: str
) -> None:
    assert verdicts(text.format(right))[-1] == "correct"
    assert verdicts(text.format(wrong))[-1] == verdict


@pytest.mark.parametrize(
    "line",
    [
        "Now take c = 1.2636 with the same h = 2.4732.\n\ns = c + 1 = 1.2636 + 1 = 2.2636",
        "In the next step we have h = 2.4732 and c = 1.2636.",
        "Take c = 1.2636.",
        "We got h = 2.4732 and c = 1.3366.",
        "If it were c = 1.2636 and h = 2.4732, it would be less.",
    ],
)
def test_a_value_that_may_be_another_one_is_no_result_said_wrongly(line: str) -> None:
    assert "slip" not in verdicts(WORKED + line)


def test_a_power_that_is_said_otherwise_leaves_its_name_open() -> None:
    """Which of the two is wrong nobody knows: no other line is blamed with either."""
    text = (
        "ℓ = -0.6\n\nσ = exp({}) = {}\n\nσ² = e^ℓ = e^(-0.6) = 0.5488\n\n"
        "K = 1 + σ² = 1 + 0.5488 = 1.5488"
    )
    assert verdicts(text.format("-0.6", 0.5488)) == ["correct", "undecided", "undecided"]
    assert verdicts(text.format("-0.3", 0.7408)) == ["correct"] * 3


@pytest.mark.parametrize("heading", ["# Momentum: x ← x − η v", "# Momentum\n\nd = x − η v"])
def test_an_update_and_what_another_section_says_are_no_equations(heading: str) -> None:
    text = (
        f"x = 3, η = 0.1\n\n{heading}\n\nx = 3 − 0.1·6 = 2.4, d = 3 − 0.1·6 = 2.4\n\n# Adam\n\n"
        "v = 0.001·36 = 0.036"
    )
    assert verdicts(text)[-1] == "correct"


def test_a_line_that_ends_in_a_name_is_held_against_no_equation() -> None:
    text = "g_1 = 0.9*(-1.1763) = -1.0587\n\n-1.5796 * 0.6702 = -1.0586 ≈ g_1"
    assert verdicts(text) == ["correct"] * 2
