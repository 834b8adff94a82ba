"""Rows whose sides stand beside each other without a sign: tables of any kind, code, comments."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

import pytest

from tests.check.cases.verdicts import verdicts

ROWS = [("a", "0.5*2 + 0.1", "1.1"), ("b", "1.1*3", "3.3"), ("c", "3.3 - 0.8", "2.5")]
LAST = ("d", "2.5*0.2")


BARS = "| {} | {} | {} |\n"
LISTINGS = {
    "a rule of plus and minus": ("| name | working | value |\n|---+---+---|\n", BARS),
    "bars without a rule": ("", BARS),
    "cells of HTML": ("<table>\n", "<tr><td>{}</td><td>{}</td><td>{}</td></tr>\n"),
    "cells of HTML in capitals": ("<TABLE>\n", "<TR><TD>{}</TD><TD>{}</TD><TD>{}</TD></TR>\n"),
    "heads of HTML": ("", '<tr class="r"><th>{}</th><td class="r">{}</td><td>{}</td></tr>\n'),
    "tabs": ("name\tworking\tvalue\n", "{}\t{}\t{}\n"),
    "semicolons": ("name ; working ; value\n", "{} ; {} ; {}\n"),
    "commas": ("```csv\nname,working,value\n", "{},{},{}\n"),
    "formulas of a sheet": ("name;working;value\n", "{};={};{}\n"),
    "comments of Python": ("```python\n", "{} = np.exp(0) * ({})  # {}\n"),
    "comments of C": ("```c\n", "{} = {};  // {}\n"),
}


@pytest.mark.parametrize("kind", LISTINGS)
def test_what_agrees_in_the_other_rows_makes_a_row_certain(kind: str) -> None:
    head, row = LISTINGS[kind]
    above = head + "".join(row.format(*each) for each in ROWS)
    assert verdicts(above + row.format(*LAST, "0.5"))[-1] == "correct"
    assert verdicts(above + row.format(*LAST, "0.7"))[-1] == "slip"


def test_rows_that_say_nothing_or_differ_make_no_row_certain() -> None:
    """Of u and v nobody knows the values; a row that differs takes two that agree back."""
    unknown = "".join(BARS.format(name, f"u*{name} + v", "1.5") for name in "mnpq")
    assert verdicts(unknown + BARS.format(*LAST, "0.7"))[-1] == "undecided"
    above = [BARS.format(*each) for each in (*ROWS[:1], ("x", "2.5*3", "4.4"), *ROWS[1:])]
    assert verdicts("".join(above) + BARS.format(*LAST, "0.7"))[-1] == "undecided"


@pytest.mark.parametrize("value", ["1.1", "3.2"])
def test_one_row_may_have_anything_beside_a_calculation(value: str) -> None:
    assert verdicts(f"| name | note | other |\n|---|---|---|\n| a | 0.5*2 + 0.1 | {value} |")[
        -1
    ] == ("correct" if value == "1.1" else "undecided")


def test_an_empty_cell_stands_between_a_formula_and_its_value() -> None:
    head = "w = 0.5, x = 3\n\n| name | formula | figures | value |\n|---|---|---|---|\n"
    rows = "| z | w x |  | {} |\n| a | z + 1 | {} + 1 | 2.5 |\n"
    assert verdicts(head + rows.format("1.5", "1.5"))[-2:] == ["correct", "correct"]
    assert "slip" not in verdicts(head + "| z |  | w x | 1.5 |\n")


@pytest.mark.parametrize(
    "text",
    [
        "y = [[4,6]; [-2,4]] - [[1]; [0]] = [[3,6]; [-2,4]]",  # decimal commas in rows
        "|x| = 3\n|y| = 4",
        "| x | = 3\nand | y |",
        "Hello, world, again\nand, so, on\nwith, more, words",
        "first; then; last\nw = 1; b = 2; c = 3\nu = 1; v = 2; z = 3",
        "`y = f(3)  # 2`\n\n```python\ny = f(3) * 2  # 2\n```",
        "```python\nrate = base * 2  # 0.1 is too large\n```",
    ],
)
def test_what_is_no_row_accuses_nobody(text: str) -> None:
    assert "slip" not in verdicts(text)
