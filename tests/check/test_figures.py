"""Figures: what a written number says, and how another is printed in its place."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tracer.check.arithmetic.figures import Figure, figure, written_like
from tracer.expression import parse
from tracer.expression.names import Dialect
from tracer.expression.syntax import Node
from tracer.intervals import Interval, exact_interval
from tracer.operations import vocabulary


def read(text: str) -> Node:
    """Return the tree of a text in the dialect that it looks like."""
    dialect: Dialect = "latex" if "\\" in text else "unicode" if not text.isascii() else "ascii"
    return parse(text, dialect, vocabulary=vocabulary())


def written(text: str) -> Figure:
    """Return the figure that a text writes."""
    found = figure(read(text), text)
    assert found is not None, text
    return found


@pytest.mark.parametrize(
    ("text", "value", "decimals", "digits"),
    [
        ("0.80", "0.8", 2, 2),
        ("1200", "1200", 0, 4),
        ("7", "7", 0, 1),
        ("0", "0", 0, 1),
        ("0.00", "0", 2, 2),
        ("0.0042", "0.0042", 4, 2),
        (".5", "0.5", 1, 1),
        ("1.2e-3", "0.0012", 4, 2),
        ("1.2E3", "1200", -2, 2),
        ("-3.0", "-3", 1, 2),
        ("−3.0", "-3", 1, 2),
        ("(-3.0)", "-3", 1, 2),
        ("1.20 * 10**-3", "0.0012", 5, 3),
        ("-1.2 * 10**-3", "-0.0012", 4, 2),
        ("1.2×10⁻³", "0.0012", 4, 2),
        (r"1.2 \times 10^{-3}", "0.0012", 4, 2),
        (r"-1.25 \cdot 10^{2}", "-125", 0, 3),
        ("10**-3", "0.001", 3, 1),
    ],
)
def test_figure_of_a_literal(text: str, value: str, decimals: int, digits: int) -> None:
    """The unit is one in the last printed place, and half of it is what the figure leaves open."""
    found = written(text)
    assert found.value == Fraction(value)
    assert found.half == Fraction(10) ** -decimals / 2
    assert (found.decimals, found.digits) == (decimals, digits)
    assert found.text == text.strip("()")


@pytest.mark.parametrize(
    ("text", "value"), [("1/3", "1/3"), ("-1/3", "-1/3"), (r"\frac{2}{4}", "1/2"), ("½", "1/2")]
)
def test_fraction_of_whole_numbers_is_exact(text: str, value: str) -> None:
    """A fraction leaves nothing open."""
    found = written(text)
    assert found.value == Fraction(value)
    assert not found.half


@pytest.mark.parametrize("text", ["1 + 2", "0.5/2", "2 * 3", "w", "sqrt(4)", "--3", "1/0", "2**3"])
def test_calculation_is_no_figure(text: str) -> None:
    """What has to be worked out is no figure."""
    assert figure(read(text)) is None


def test_text_without_its_source() -> None:
    """Without the text that was read, the figure's text is written anew."""
    for text in ("0.80", "-3.0", "1.2e-3", "1/3", "-1/3"):
        found = figure(read(text))
        assert found is not None
        assert found.text == text


@pytest.mark.parametrize(
    ("value", "like", "expected"),
    [
        ("-3", "0.8", "-3.0"),
        ("-3", "−0.8", "−3.0"),
        ("0.5", "-0.8", "0.5"),
        ("1/3", "0.25", "0.33"),
        ("2/3", "-0.2500", "0.6667"),
        ("1.005", "0.25", "1.01"),
        ("0.8125", "0.82", "0.81"),
        ("0.5", "1", "0.5"),
        ("-0.5", "1", "-0.5"),
        ("0.45", "0.6", "0.45"),
        ("0.0045", "0.45", "0.0045"),
        ("1234.5", "1200", "1235"),
        ("1/3", "1", "0.333"),
        ("12345678901/10", "7", "1234567890"),
        ("0.012345678", "12.3", "0.0123"),
        ("2/3", "3", "0.667"),
        ("1/30", "0.05", "0.03"),
        ("0.00456", "1.2e-3", "4.6e-3"),
        ("0.0456", "1.2E-3", "45.6E-3"),
        ("0.00456", "1.2×10⁻³", "4.6×10⁻³"),
        ("-0.00456", "1.2×10⁻³", "-4.6×10⁻³"),
        ("-0.00456", "−1.2 × 10⁻³", "−4.6 × 10⁻³"),
        ("0.00456", r"1.2 \times 10^{-3}", r"4.6 \times 10^{-3}"),
        ("2500", "1.2e3", "2.5e3"),
        ("0.001", "10^-3", "10^-3"),
        ("0.002", "10^-3", "2 * 10^-3"),
        ("2/3", "1/3", "2/3"),
        ("-2/3", "1/3", "-2/3"),
        ("2/3", r"\frac{1}{3}", r"\frac{2}{3}"),
        ("4", "1/3", "4"),
        ("0", "0.25", "0.00"),
        ("0", "3", "0"),
    ],
)
def test_printed_in_the_manner_of(value: str, like: str, expected: str) -> None:
    """A value takes the precision, sign and exponent of what was written, more digits at need."""
    assert written_like(exact_interval(Fraction(value)), written(like)) == expected


@settings(deadline=None)
@given(st.decimals("-900", "900", places=5), st.integers(0, 8), st.integers(1, 999))
def test_printed_is_the_rounded_value(value: Decimal, decimals: int, like: int) -> None:
    """Where rounding loses little, what is printed is the decimal module's rounding."""
    rounded = value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    assume(value and abs(rounded / value - 1) < Decimal("0.02"))
    text = written_like(
        exact_interval(Fraction(value)), written(f"{Decimal(like).scaleb(-decimals):f}")
    )
    assert text == f"{rounded:f}"


@settings(deadline=None)
@given(
    st.fractions(-(10**20), 10**20),
    st.sampled_from(["1", "0.25", "-3.50", "1.2e-3", "1200", "4 * 10**2"]),
)
def test_printed_reads_back_near_the_value(value: Fraction, like: str) -> None:
    """What is printed is a figure again, and the value is within half its unit."""
    text = written_like(exact_interval(value), written(like))
    again = figure(parse(text, "unicode", vocabulary=vocabulary()), text)
    assert again is not None
    assert abs(again.value - value) <= again.half


def test_printed_bounds() -> None:
    """Bounds print where both ends have the same digits; around 0 they print 0."""
    like = written("0.25")
    third = Fraction(1, 3)
    tiny = Fraction(1, 10**40)
    assert written_like(Interval(third, third + tiny), like) == "0.33"
    assert written_like(Interval(Fraction("0.325") - tiny, Fraction("0.325") + tiny), like) == ""
    assert written_like(Interval(Fraction(0), Fraction(1)), like) == ""
    assert written_like(Interval(-tiny, tiny), like) == "0.00"
