"""Documents as they are written: figures with as many digits as a program prints."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

import pytest

from tests.check.cases.verdicts import verdicts

WRONG = [
    "$h = \\tanh(-0.2075846) = -0.20464571679388185$",
    "h = 0.5 * 0.5 = 0.26311715726000974",
    "- `h = tanh(0.5) = 0.46311715726000974`",
    "$$h = 0.5 \\cdot 0.5 = 0.2501234567890123$$",
    "h = 0.1 * 0.12740965123456789 = 0.01374096512345679",
]


@pytest.mark.parametrize("text", WRONG)
def test_many_digits_excuse_no_difference(text: str) -> None:
    assert verdicts(text) == ["slip"]


LEFT_BY_FLOATS = [
    "$h = \\tanh(0.5) = 0.46211715726000974$",
    "y = 0.1 * 3 = 0.30000000000000004",
    "y = 0.1 * 3 = 0.30000001192092896",
    "z = 0.1 + 0.2 - 0.3 = 5.551115123125783e-17",
    "z = 1 - 0.9999999999999998 = 2.220446049250313e-16",
]


@pytest.mark.parametrize("text", LEFT_BY_FLOATS)
def test_what_a_program_leaves_by_rounding_is_no_slip(text: str) -> None:
    assert set(verdicts(text)) <= {"correct", "undecided"}
