"""Slips of the pen are told from the digits of two printed figures."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracer.check.slips.causes import SLIPS
from tracer.check.slips.digit_slips import digit_slips

CASES = [
    # right, written, the slips
    ("0.3534", "0.3543", ["digits_swapped"]),
    ("-12.5", "-21.5", ["digits_swapped"]),
    ("1.23e-4", "1.32e-4", ["digits_swapped"]),
    ("0.5622", "0.5122", ["digit_miscopied"]),
    ("11", "12", ["digit_miscopied"]),
    ("12.34", "1.34", ["digit_miscopied"]),
    ("0.1234", "0.134", ["digit_miscopied"]),
    ("0.134", "0.1334", ["digit_miscopied"]),
    ("0.25", "2.5", ["decimal_point"]),
    ("0.0750", "0.7500", ["decimal_point"]),
    ("0.0958", "0.9583", ["decimal_point"]),
    ("0.0959", "0.9586", ["decimal_point"]),
    ("1.5e-3", "1.5e-2", ["decimal_point"]),
    ("40", "4", ["decimal_point"]),
    ("-0.42", "0.42", ["sign_lost"]),
    ("0.42", "−0.42", ["sign_lost"]),
    ("-3.0", "3", ["sign_lost"]),
]


@pytest.mark.parametrize(("right", "written", "slips"), CASES)
def test_one_slip_of_the_pen_is_named(right: str, written: str, slips: list[str]) -> None:
    """A figure that differs in one simple way is explained."""
    assert digit_slips(written, right) == slips


@pytest.mark.parametrize(
    ("right", "written"),
    [
        ("2.50", "2.5"),  # the same number
        ("0.5", "0.8"),  # one digit says nothing: every other one differs in one place
        ("0.1234", "0.123"),  # fewer decimals
        ("0.1234", "0.1325"),  # two digits
        ("0.1234", "0.4231"),  # digits that do not stand side by side
        ("-0.42", "0.24"),  # two slips at once
        ("0", "0.3"),
        ("", "0.3"),
        ("x", "0.3"),
        ("1e", "0.3"),
    ],
)
def test_no_slip_is_made_up(right: str, written: str) -> None:
    """Equal figures, several differences and what is no figure are not explained."""
    assert digit_slips(written, right) == []


@given(st.decimals(-1000, 1000, places=4), st.decimals(-1000, 1000, places=4))
def test_every_pair_of_figures_gives_ids_of_the_table(one: object, other: object) -> None:
    """Whatever the figures, what is named is a slip."""
    assert set(digit_slips(str(one), str(other))) <= set(SLIPS)


@given(st.text(max_size=12), st.text("0123456789.e-+", max_size=12))
def test_any_text_is_taken(one: str, other: str) -> None:
    """Text that is no figure is no error."""
    assert isinstance(digit_slips(one, other), list)
