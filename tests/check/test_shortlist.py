"""A document's own numbers decide which bundled scenarios are tried on it."""

from __future__ import annotations

import pytest

from tracer.check.checker import check_text
from tracer.check.trace.shortlist import shortlist


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("y_pred = w * x = 0.5 * 1 = 0.5", "one_weight"),
        ("z = 0.2 * 0.5 + 0.4 * 0.9 + 0.1 = 0.56", "mlp_2_2_2"),
    ],
)
def test_a_scenario_whose_numbers_are_put_in_is_listed(line: str, name: str) -> None:
    """A quarter of the given decimals is enough."""
    assert name in shortlist([line])


def test_numbers_of_another_network_list_nothing() -> None:
    """So no scenario is run for them; 10.5 is not 0.5, and x0.5 is no number."""
    assert shortlist(["y = 1.37 * 2.83 = 3.8771", "10.5, 0.51, x0.5, 1.0.5"]) == []


def test_what_is_listed_is_offered_where_it_fits() -> None:
    """The first example without a scenario: the report offers it."""
    lines = [
        "y_pred = w * x = 0.5 * 1 = 0.5",
        "loss = (y_pred - y)^2 = (0.5 - 2)^2 = 2.25",
        "w = w - lr * g = 0.5 - 0.1 * (-3.0) = 0.8",
        "y_pred = w * x = 0.8 * 1 = 0.8",
        "loss = (y_pred - y)^2 = (0.8 - 2)^2 = 1.44",
    ]
    (file,) = check_text("\n\n".join(lines)).files
    assert file.offered == "one_weight"
