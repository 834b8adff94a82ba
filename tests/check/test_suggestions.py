"""A scenario is suggested by the given values that a document states; nothing is run for it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.check.given_values import TABLE, table_text
from tracer.document_check import check_text

GIVEN = "x = 1, y = 2, w = 0.5"


def offered(text: str) -> str | None:
    """Return the scenario that is suggested for a text."""
    return check_text(text).files[0].offered


@pytest.mark.parametrize(
    "text",
    [
        f"{GIVEN}\n\ny_pred = w * x = 0.5 * 1 = 0.5",
        "y_pred = w * x = 0.5 * 1 = 0.5\n\nloss = (y_pred - y)^2 = (0.5 - 2)^2 = 2.25",
    ],
)
def test_what_is_stated_or_put_in_suggests_a_scenario(text: str) -> None:
    """Values stand beside their names, or at the places of their names in a formula."""
    assert offered(text) == "one_weight"


@pytest.mark.parametrize(
    "text",
    [
        "y_pred = w * x = 0.5 * 1 = 0.5",  # two names
        "x = 1, y = 2, w = 0.6",
        "x = 1.37, y = 2.83, w = 0.5",
    ],
)
def test_too_few_values_or_another_one_suggest_nothing(text: str) -> None:
    """Two small numbers agree by chance, and one that differs is another exercise."""
    assert offered(text) is None


def test_nothing_is_run_for_it() -> None:
    """The module that runs scenarios is not even loaded."""
    code = (
        "import sys\nfrom tracer.document_check import check_text\n"
        f"assert check_text({GIVEN!r}).files[0].offered == 'one_weight'\n"
        "assert 'numpy' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_table_is_that_of_the_scenarios() -> None:
    """`python -m tests.check.given_values` writes it."""
    assert TABLE.read_text(encoding="utf-8") == table_text()


def test_a_few_of_its_values_in_another_order_are_no_scenario() -> None:
    """X and y of linear_regression have these numbers among others, in samples of their own."""
    text = "X = [1, 2], y = [2, 4], w = 0.5, lr = 0.1\n\ny_hat = w*X = [0.5, 1]"
    assert check_text(text, "md").files[0].offered is None
