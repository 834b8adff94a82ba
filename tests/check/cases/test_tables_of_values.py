"""Tables beside a run that count their rows: what their columns are, and which cell is wrong."""

from __future__ import annotations

import pytest

from tests.check.cases.test_steps_of_a_run import OPEN, RIGHT, SLIP, verdicts_beside

PIPES = """
| iter | w | y_pred | loss | grad | w_new |
|---|---|---|---|---|---|
| 1 | 0.5000 | 0.5000 | 2.2500 | -3.0000 | 0.8000 |
| 2 | 0.8000 | 0.8000 | {} | -2.4000 | 1.0400 |
| 3 | 1.0400 | 1.0400 | 0.9216 | -1.9200 | {} |
"""
RIGHT_CELLS = ("1.4400", "1.2320")
BLANKS = """
```
step   loss      w
1      2.250000  0.800000
2      {}  1.040000
3      0.921600  {}
```
"""
FROM_ZERO = """
| 迭代 | w | 损失 |
|:--:|:--:|:--:|
| 0 | 0.5 | 2.25 |
| 1 | 0.8 | {} |
| 2 | {} | 0.9216 |
"""


@pytest.mark.parametrize(
    ("table", "right", "count"),
    [
        (PIPES, RIGHT_CELLS, 15),
        (BLANKS, ("1.440000", "1.232000"), 6),  # w after the step, the loss before it
        (FROM_ZERO, ("1.44", "1.04"), 6),
        (PIPES.replace("| w |", "| w before |").replace("w_new", "w (after)"), RIGHT_CELLS, 15),
    ],
)
def test_columns_are_what_the_run_has_in_each_iteration(
    table: str, right: tuple[str, str], count: int
) -> None:
    """Whether they count from 0 or 1, and are of the time before or after the update."""
    assert verdicts_beside("one_weight", table.format(*right)) == [RIGHT] * count


@pytest.mark.parametrize(
    ("table", "loss", "weight"),
    [
        (PIPES, "1.4040", "1.2320"),
        (BLANKS, "1.404000", "1.232000"),
        (FROM_ZERO, "1.64", "1.04"),
    ],
)
def test_a_cell_that_differs_is_a_slip(table: str, loss: str, weight: str) -> None:
    """The rows below are as in the run again, so nothing has drifted."""
    found = verdicts_beside("one_weight", table.format(loss, weight))
    assert found.count(SLIP) == 1
    assert set(found) == {RIGHT, SLIP}


def test_a_last_cell_may_have_drifted() -> None:
    """About right it may follow from rounded figures; far away it does not."""
    near = verdicts_beside("one_weight", PIPES.format("1.4400", "1.2330"))
    far = verdicts_beside("one_weight", PIPES.format("1.4400", "1.3220"))
    assert (near[-1], far[-1]) == (OPEN, SLIP)


FOLLOWING = """
| step | w | loss | dL/dw |
|---|---|---|---|
| 1 | 0.5 | 2.25 | -3 |
| 2 | 0.8 | 1.44 | -2.4 |
| 3 | 0.824 | 1.383 | -2.352 |
"""


def test_what_follows_from_a_wrong_cell_is_open() -> None:
    """Only the first is a slip."""
    found = verdicts_beside("one_weight", FOLLOWING)
    assert found == [*[RIGHT] * 6, SLIP, OPEN, OPEN]


def test_a_column_is_known_by_its_name_until_something_differs() -> None:
    """Here w_new is right in the first row alone, and what follows goes on with it."""
    rows = "| 1 | 0.5 | 2.25 | 0.8 |\n| 2 | 0.8 | 1.44 | 0.824 |\n| 3 | 0.824 | 1.383 | 1.0592 |"
    table = f"| step | w | loss | w_new |\n|---|---|---|---|\n{rows}"
    found = verdicts_beside("one_weight", table)
    assert found == [*[RIGHT] * 5, SLIP, OPEN, OPEN, OPEN]


@pytest.mark.parametrize(
    "table",
    [
        "| unit | w |\n|---|---|\n| 1 | 0.5 |\n| 2 | 0.8 |",  # counts no iterations
        "| step | w |\n|---|---|\n| 1 | 0.7 |\n| 2 | 0.9 |",  # of another run
        "| step | speed |\n|---|---|\n| 1 | 0.5 |\n| 2 | 0.8 |",  # of something else
        "| step | w |\n|---|---|\n| 1 | 0.5 |\n| 3 | 1.04 |",  # leaves one out
    ],
)
def test_other_tables_say_nothing(table: str) -> None:
    """Nobody knows what their columns are."""
    assert verdicts_beside("one_weight", table) == []


SAMPLES = """
| case | $p$ | $y$ | $\\partial L/\\partial z_2$ |
|---|---|---|---|
| (0,0) | 0.5197 | 0 | {} |
| (0,1) | 0.5865 | 1 | -0.1034 |
| (1,0) | 0.5271 | 1 | -0.1182 |
| (1,1) | 0.5711 | 0 | 0.1428 |
"""


@pytest.mark.parametrize(("gradient", "expected"), [("0.1299", RIGHT), ("0.5197", SLIP)])
def test_columns_may_be_the_entries_of_an_array(gradient: str, expected: str) -> None:
    """One for each sample of a batch; no row follows from another."""
    found = verdicts_beside("xor", SAMPLES.format(gradient))
    assert found.count(RIGHT) == 12 - (expected == SLIP)
    assert found.count(SLIP) == (expected == SLIP)


ACROSS = """
|  | class 0 | class 1 | class 2 |
|---|---|---|---|
| z | 0.7110 | 0.0178 | -0.8281 |
| p | 0.5832 | 0.2916 | {} |
"""


@pytest.mark.parametrize(("share", "expected"), [("0.1251", RIGHT), ("0.2151", SLIP)])
def test_names_may_head_the_rows(share: str, expected: str) -> None:
    """Then the cells behind them are the entries."""
    assert verdicts_beside("softmax_example", ACROSS.format(share)) == [*[RIGHT] * 5, expected]


def test_a_bar_in_a_cell_ends_none() -> None:
    r"""`\|g\|` is one cell: the columns behind it are still their own."""
    rows = "| 1 | 3 | 0.500 | 2.25 |\n| 2 | 2.4 | 0.800 | 1.44 |"
    table = f"| step | \\|g\\| | w | loss |\n|---|---|---|---|\n{rows}"
    assert verdicts_beside("one_weight", table).count(RIGHT) == 4
