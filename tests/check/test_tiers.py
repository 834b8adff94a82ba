"""Tiers: the answers in their order, both tie rules, and bounds that never accuse the writer."""

from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_HALF_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracer.check.arithmetic.figures import Figure, figure, tier
from tracer.expression import parse
from tracer.intervals import Interval, exact_interval, value_of
from tracer.operations import vocabulary


def written(text: str) -> Figure:
    """Return the figure that a text writes."""
    found = figure(parse(text), text)
    assert found is not None
    return found


def judged(left: str, right: str) -> str:
    """Return the tier of `left = right`."""
    exact = value_of(parse(left, vocabulary=vocabulary()))
    assert isinstance(exact, Interval)
    return tier(written(right), exact)


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("0.5 - 0.1 * -3", "0.8", "exact"),
        ("1/4 + 1/4", "1/2", "exact"),
        ("sqrt(0.25)", "0.5", "exact"),
        ("2 / 3", "0.67", "rounded"),
        ("2.5 * 0.25", "0.62", "rounded"),
        ("2.5 * 0.25", "0.63", "rounded"),
        ("exp(-0.5)", "0.6065", "rounded"),
        ("exp(-20)", "0", "rounded"),
        ("2 / 3", "0.66", "chopped"),
        ("-2 / 3", "-0.66", "chopped"),
        ("2 / 3", "0.6", "chopped"),
        ("exp(-0.5)", "0.6065306597", "rounded"),
        ("exp(-0.5)", "0.606530659", "chopped"),
        ("2 / 3", "0.68", "last_digit"),
        ("-1 / 3", "-0.34", "last_digit"),
        ("2.5 * 0.25", "0.64", "last_digit"),
        ("1.305 / 2", "0.67", "wrong"),
        ("1 / 4 + 1 / 4", "0.4", "wrong"),
        ("1.25 * 3", "3.76", "wrong"),
        ("2 / 3", "0.69", "wrong"),
        ("2 / 3", "0.8", "wrong"),
        ("11 / 3", "3", "wrong"),
        ("0.99345943 - 0.993459422", "8.0000002e-9", "within_rounding"),
        ("0.99345943 - 0.993459422", "8.0001e-9", "wrong"),
        ("2 / 3", "0", "wrong"),
        ("1 + 2", "4", "wrong"),
        ("2 / 3", "-0.67", "wrong"),
        ("1 / 3 + 1 / 3", "1/2", "wrong"),
        ("2 - 3", "1", "wrong"),
    ],
)
def test_tier_from_the_printed_literals(left: str, right: str, expected: str) -> None:
    """The value of the literals and the figure alone decide."""
    assert judged(left, right) == expected


@settings(deadline=None)
@given(st.decimals("-99", "99", places=6), st.integers(0, 5))
def test_every_way_of_rounding_is_right(value: Decimal, decimals: int) -> None:
    """Rounded up, down or to even at a tie, a figure is exact or rounded."""
    exact = exact_interval(Fraction(value))
    for rounding in (ROUND_HALF_UP, ROUND_HALF_DOWN, ROUND_HALF_EVEN):
        right = f"{value.quantize(Decimal(1).scaleb(-decimals), rounding):f}"
        assert tier(written(right), exact) in ("exact", "rounded")


@settings(deadline=None)
@given(st.decimals("-99", "99", places=6), st.integers(1, 5))
def test_cut_off_is_never_wrong(value: Decimal, decimals: int) -> None:
    """A figure cut off toward 0 is right or chopped, whatever comes after."""
    exact = exact_interval(Fraction(value))
    cut = value.quantize(Decimal(1).scaleb(-decimals), ROUND_DOWN)
    if not cut and decimals < 2:
        return
    text = f"{abs(cut):f}" if not cut else f"{cut:f}"
    assert tier(written(text), exact) in ("exact", "rounded", "chopped")


@settings(deadline=None)
@given(
    st.fractions(-9, 9, max_denominator=10**6),
    st.fractions(0, 1, max_denominator=100),
    st.sampled_from(["0.5", "0.25", "-0.333", "2.00", "7"]),
)
def test_wider_bounds_never_accuse(value: Fraction, half: Fraction, right: str) -> None:
    """What is not wrong for a value is not wrong for bounds that hold the value."""
    bounds = Interval(value - half, value + half)
    if tier(written(right), exact_interval(value)) != "wrong":
        assert tier(written(right), bounds) != "wrong"


def test_order_of_the_tiers() -> None:
    """Moving away from the value, each tier comes after the one before it."""
    value = exact_interval(Fraction(2, 3))
    tiers = [tier(written(text), value) for text in ("0.67", "0.66", "0.68", "0.69")]
    assert tiers == ["rounded", "chopped", "last_digit", "wrong"]
