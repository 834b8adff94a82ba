"""Tiers: seven answers in their order, both tie rules, and bounds that never accuse the writer."""

from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_HALF_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracer.check.arithmetic.figures import Figure, figure
from tracer.check.arithmetic.tiers import tier, tier_between
from tracer.expression import parse
from tracer.expression.syntax import Number, walk
from tracer.intervals import Interval, exactly, value_of
from tracer.operations import vocabulary


def written(text: str) -> Figure:
    """Return the figure that a text writes."""
    found = figure(parse(text), text)
    assert found is not None
    return found


def judged(left: str, right: str, unrounded: str | None = None, *, wide: bool = True) -> str:
    """Return the tier of `left = right`; every decimal on the left is a rounded figure."""
    node = parse(left, vocabulary=vocabulary())
    halves = {}
    for part in walk(node):
        if wide and isinstance(part, Number) and (found := figure(part)) and "." in part.text:
            halves[id(part)] = found.half
    exact, bounds = value_of(node), value_of(node, {}, halves)
    inner = None if unrounded is None else value_of(parse(unrounded, vocabulary=vocabulary()))
    assert isinstance(exact, Interval)
    assert isinstance(bounds, Interval)
    assert inner is None or isinstance(inner, Interval)
    return tier(written(right), exact, bounds, inner)


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
    """Where the literals are exact, the figure alone decides."""
    assert judged(left, right, wide=False) == expected


@pytest.mark.parametrize(
    ("left", "right", "unrounded", "expected"),
    [
        ("0.33 * 0.67", "0.2222", "(1/3) * (2/3)", "rounded_from_unrounded"),
        ("0.33 * 0.67", "0.2222", None, "within_rounding"),
        ("0.33 * 0.67", "0.22", "(1/3) * (2/3)", "rounded"),
        ("0.33 * 2.7", "0.888", "(1/3) * (8/3)", "chopped"),
        ("0.33 * 0.67", "0.25", None, "wrong"),
    ],
)
def test_tier_of_rounded_literals(
    left: str, right: str, unrounded: str | None, expected: str
) -> None:
    """Rounded literals leave room: for what the calculator kept, and for what nobody can decide."""
    assert judged(left, right, unrounded) == expected


@settings(deadline=None)
@given(st.decimals("-99", "99", places=6), st.integers(0, 5))
def test_every_way_of_rounding_is_right(value: Decimal, decimals: int) -> None:
    """Rounded up, down or to even at a tie, a figure is exact or rounded."""
    exact = exactly(Fraction(value))
    for rounding in (ROUND_HALF_UP, ROUND_HALF_DOWN, ROUND_HALF_EVEN):
        right = f"{value.quantize(Decimal(1).scaleb(-decimals), rounding):f}"
        assert tier(written(right), exact, exact) in ("exact", "rounded")


@settings(deadline=None)
@given(st.decimals("-99", "99", places=6), st.integers(1, 5))
def test_cut_off_is_never_wrong(value: Decimal, decimals: int) -> None:
    """A figure cut off toward 0 is right or chopped, whatever comes after."""
    exact = exactly(Fraction(value))
    cut = value.quantize(Decimal(1).scaleb(-decimals), ROUND_DOWN)
    if not cut and decimals < 2:
        return
    text = f"{abs(cut):f}" if not cut else f"{cut:f}"
    assert tier(written(text), exact, exact) in ("exact", "rounded", "chopped")


@settings(deadline=None)
@given(
    st.decimals("0.001", "9", places=3),
    st.decimals("0.001", "9", places=3),
    st.integers(1, 3),
    st.integers(0, 5),
    st.booleans(),
)
def test_right_lines_are_never_wrong(
    a: Decimal, b: Decimal, printed: int, decimals: int, kept: bool
) -> None:
    """A product, from printed or unrounded working, printed at any precision, is never wrong."""
    places = Decimal(1).scaleb(-printed)
    left, right = a.quantize(places), b.quantize(places)
    product = a * b if kept else left * right
    result = product.quantize(Decimal(1).scaleb(-decimals))
    assert judged(f"{left:f} * {right:f}", f"{result:f}") not in ("wrong", "last_digit")


@settings(deadline=None)
@given(
    st.fractions(-9, 9, max_denominator=10**6),
    st.fractions(0, 1, max_denominator=100),
    st.sampled_from(["0.5", "0.25", "-0.333", "2.00", "7"]),
)
def test_wider_bounds_never_accuse(value: Fraction, half: Fraction, right: str) -> None:
    """What is not wrong for a value is not wrong for bounds that hold the value."""
    bounds = Interval(value - half, value + half)
    if tier(written(right), exactly(value), exactly(value)) != "wrong":
        assert tier(written(right), bounds, bounds) != "wrong"


def test_order_of_the_tiers() -> None:
    """Moving away from the value, each tier comes after the one before it."""
    value = Fraction(2, 3)
    wide = Interval(value - Fraction("0.02"), value + Fraction("0.02"))
    texts = ["0.67", "0.66", "0.68", "0.69", "0.70"]
    tiers = [tier(written(text), exactly(value), wide) for text in texts]
    assert tiers == ["rounded", "chopped", "within_rounding", "within_rounding", "wrong"]


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("2 * (0.5 - 2)", "2 * -1.5", "exact"),
        ("(1/3) * 0.9", "0.33 * 0.9", "rounded"),
        ("0.35 * 0.9", "0.33 * 0.9", "rounded"),
        ("0.35 * 0.9", "0.30 * 0.99", "within_rounding"),
        ("0.33 * 0.9", "0.6 * 0.9", "wrong"),
        ("exp(1) * 2", "2 * exp(1)", "exact"),
    ],
)
def test_tier_between_expressions(left: str, right: str, expected: str) -> None:
    """Two expressions of rounded figures are compared by what their figures leave open."""
    values = []
    for text in (left, right):
        node = parse(text, vocabulary=vocabulary())
        decimals = {
            id(part): found.half
            for part in walk(node)
            if isinstance(part, Number) and "." in part.text and (found := figure(part))
        }
        values.append((value_of(node, {}, decimals), value_of(node)))
    (wide_left, exact_left), (wide_right, exact_right) = values
    intervals = (wide_left, wide_right, exact_left, exact_right)
    assert all(isinstance(value, Interval) for value in intervals)
    assert tier_between(*intervals) == expected  # type: ignore[arg-type]  # all are intervals
