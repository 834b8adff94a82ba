"""Figures in comments of a document's Python are held against what their statements give."""

from __future__ import annotations

import pytest

from tracer.document_check import check_text

CODE = """```python
import math

def squash(t):
    return 1 / (1 + math.exp(-t))

u, v = 4.0, -0.5
k = 3
{}
```
"""
# The statement, a right figure in its comment, and a wrong one.
STATEMENTS = [
    ("s = u * k  # {}", "12.0", "13.0"),
    ("s = u * v  # {}", "-2", "2"),
    ("s = u * v  # -> {}", "-2.0", "2.0"),
    ("s = u * v  # → {}", "−2", "−3"),
    ("s = u * v  # = {}", "-2.0", "-3.0"),
    ("print(u * v)  # {}", "-2.0", "-3.0"),
    ("p = squash(u * v)   # {}", "0.119203", "0.119302"),
    ("grad = 2 * (squash(u) - 1) * u  # {}", "-0.1439", "-0.4139"),
    ("k += 2  # {}", "5", "6"),
    ("squash(v)  # {}", "0.3775", "0.4225"),
    ("s = [u / 3, v]  # {}", "[1.333, -0.5]", "[1.334, -0.5]"),
    ("s = [[u, v], [v, u]]  # → {}", "[[4.0, -0.5], [-0.5, 4.0]]", "[[4.0, 0.5], [-0.5, 4.0]]"),
]


def verdicts(statement: str) -> list[str]:
    """Return the verdicts on code that ends in a statement."""
    report = check_text(CODE.format(statement))
    return [finding.verdict for file in report.files for finding in file.findings]


@pytest.mark.parametrize(("statement", "right", "wrong"), STATEMENTS)
def test_a_figure_behind_a_statement_is_what_it_gives(
    statement: str, right: str, wrong: str
) -> None:
    """Another one may be in other units, or what was expected: nobody knows that it is wrong."""
    assert verdicts(statement.format(right)) == ["correct"]
    assert {*verdicts(statement.format(wrong))} == {"undecided"}


@pytest.mark.parametrize(
    "statement",
    [
        "u = 2.5  # 3.75",  # a setting, of which another one is noted
        "s = load(v)  # 1.2345",
        "for each in (1, 2, 3):\n    v = v * 2  # -8.125",
        "import numpy as np\nr = np.random.randn()  # 0.4967",
        "s = u * 2  # step 3",
        "s = u / 6  # 0.666",
        "s = 1e30 * u  # 0.123",
        "s = u * v  # 1e-999999",
    ],
)
def test_what_nobody_knows_or_may_be_chopped_is_no_slip(statement: str) -> None:
    """Neither are figures of loops, which have a value in each turn."""
    assert "slip" not in verdicts(statement)


def test_another_block_may_be_of_other_numbers() -> None:
    """Prose between two blocks may have given names other values."""
    text = CODE.format("") + "\nNow with another u:\n\n```python\ns = u * v  # -1.625\n```\n"
    verdicts = [each.verdict for file in check_text(text).files for each in file.findings]
    assert verdicts == ["undecided"]
