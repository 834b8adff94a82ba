"""Numbers as readers type and sweep them."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracer.errors import TracerError
from tracer.ui.play.typed_numbers import number_of, step_number, toml_number, whole_of


@pytest.mark.parametrize(
    ("typed", "toml"),
    [
        ("0.10", "0.10"),
        ("−4", "-4"),
        ("2e-3", "2e-3"),
        (".5", "0.5"),
        ("2·3", "6"),
        ("0.1+0.2", "0.3"),
        ("½", "0.5"),
    ],
)
def test_what_is_typed_keeps_its_digits(typed: str, toml: str) -> None:
    assert number_of(typed) == toml


def test_a_fraction_is_the_double_next_to_it() -> None:
    assert float(number_of("1/3")) == 1 / 3
    assert float(number_of("sqrt(2)")) == 2**0.5


@pytest.mark.parametrize(
    "typed", ["", "x", "nan", "inf", "1e400", "1/0", "9**9**9", "[1, 2]", "1 2", "1_0"]
)
def test_what_is_no_number_is_an_error(typed: str) -> None:
    with pytest.raises(TracerError):
        number_of(typed)


@given(st.text(max_size=30))
def test_no_text_does_more_than_an_error(typed: str) -> None:
    with suppress(TracerError):
        float(number_of(typed))


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_double_comes_back_from_its_text(value: float) -> None:
    assert float(toml_number(value)) == value
    assert float(number_of(repr(value))) == value


def test_a_whole_number_has_no_fraction() -> None:
    assert whole_of("1e2") == "100"
    with pytest.raises(TracerError, match="this is not a whole number"):
        whole_of("2.5")


def test_a_sweep_does_not_jump_over_a_power_of_ten_and_comes_back() -> None:
    up = ["0.1"]
    for _ in range(30):
        up.append(step_number(up[-1], Fraction(11, 10)))
    assert "1" in up
    assert all(float(one) < float(two) for one, two in pairwise(up))
    down = up[-1]
    for _ in range(30):
        down = step_number(down, Fraction(10, 11))
    assert down == "0.1"


def test_steps_of_whole_numbers_zero_and_negative_ones() -> None:
    assert step_number("3", Fraction(11, 10), whole=True) == "4"
    assert step_number("1", Fraction(1, 2), whole=True, low=1) == "1"
    assert step_number("0", Fraction(2)) == "0.1"
    assert float(step_number("-3", Fraction(2))) == -6
    with pytest.raises(TracerError, match="too large"):
        step_number("1e308", Fraction(2))


def test_twice_a_number_is_twice_it_and_half_of_that_comes_back() -> None:
    assert step_number("0.968", Fraction(2)) == "1.936"
    assert step_number("1.936", Fraction(1, 2)) == "0.968"
    assert step_number("0.968", Fraction(11, 10)) == "1"
