"""How a number is written: the shortest digits that are true at the chosen precision.

One place decides it. The text is plain ASCII with `-`; renderers put in their own minus.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any, Final, cast

from tracer.expression import Array, Call, Node, Number
from tracer.operations.array_shape import Shape, nested

MANY_ZEROS: Final = 7  # more trailing zeros are written as a power of ten
LEAST_POWER: Final = -4  # of ten: smaller numbers are written with one, 2.5e-5 beside 0.00025
LONGEST_WHOLE = 10**12  # a longer float is whole, as a rule, for want of digits
ROUGH_WIDTH = 6  # digits of a whole number that is written out, however roughly it is known
SMALL_WHOLE: Final = 10  # a whole number below it has no power of ten where it is written
EXACT = 1e-13  # largest relative error of sums and products of exact numbers in a run
EXACT_DIGITS = 13  # as many digits are true in spite of such an error


# What slots are written in, digits that nothing else uses (Osmanya, Mro): of a figure that may be
# any number, and of one that is no small whole number.
FORM_DIGITS: Final = "".join(chr(0x104A0 + digit) for digit in range(10))
LENGTH_DIGITS: Final = "".join(chr(0x16A60 + digit) for digit in range(10))


class DigitsNeeded(Exception):  # noqa: N818 - nobody's error: the line is made of its figures
    """A line depends on the digits of a figure, not on its form alone."""


class UnknownValue:
    """The value of a slot: it may be computed with, and what asks for it cannot be a form."""

    def _unknown(self, *_: object) -> Any:
        return UNKNOWN

    def _raise_digits_needed(self, *_: object) -> Any:
        raise DigitsNeeded

    def __hash__(self) -> int:
        raise DigitsNeeded

    __neg__ = __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _unknown
    __truediv__ = __rtruediv__ = __pow__ = __rpow__ = __abs__ = _unknown
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _raise_digits_needed
    __bool__ = __int__ = __float__ = __str__ = _raise_digits_needed
    denominator = property(_raise_digits_needed)


class SlotValue(UnknownValue):
    """The value of a slot of which one thing is known: it is none of the small whole numbers.

    For these formulas have forms of their own: 1 − y, a square.
    """

    def _itself(self, *_: object) -> Any:
        return self

    def _is_equal(self, *others: object) -> Any:
        is_whole = type(others[0]) is int and abs(others[0]) < SMALL_WHOLE
        return False if is_whole else self._raise_digits_needed()

    def __hash__(self) -> int:
        raise DigitsNeeded

    __neg__ = _itself
    __eq__ = _is_equal


UNKNOWN: Any = UnknownValue()
SLOT_VALUE: Any = SlotValue()


@lru_cache(4096)  # a number stands on more than one line
def number_text(value: float, digits: int) -> str:
    """Return a number with at most `digits` significant digits: 0.8, -3, 1.20000e-7, inf, nan.

    One value has one figure, wherever it stands: a rounded one keeps its zeros (0.505000), an
    exact one has none at its end (0.5).
    """
    if not math.isfinite(value):
        return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
    if value == int(value) and abs(value) < LONGEST_WHOLE:
        return _whole_text(int(value))
    # A half goes away from 0, as people round it, though the float may lie just below it.
    nudged = value * (1 + EXACT) if digits < EXACT_DIGITS else value
    text = f"{nudged if math.isfinite(nudged) else value:#.{digits}g}"
    is_exact = abs(float(text) - value) <= EXACT * abs(value)
    return _plain(text) if is_exact else _plain_digits(text)


def short_text(value: float, digits: int) -> str:
    """Return a number with at most so many digits and no zeros at its end: a tick of an axis."""
    return number_text(float(number_text(value, digits)), digits)


def figure_node(value: float, digits: int) -> Node:
    """Return a number as a reader is shown it, with at most so many significant digits."""
    return number_node(number_text(value, digits))


def rough_node(value: float, digits: int) -> Node:
    """Return a number rounded to so many significant digits, without zeros at its end: 1110."""
    return figure_node(float(f"{value:.{digits}g}"), max(digits, ROUGH_WIDTH))


def sample_number(place: int) -> int:
    """Return the number by which people call a sample: the one at place 0 of a file is sample 1."""
    return place + 1


def sample_place(number: int) -> int:
    """Return the place, from 0, of the sample that people call by a number."""
    return number - 1


def number_texts(values: Sequence[float], digits: int) -> list[str]:
    """Return many numbers at once, each as `number_text` writes it."""
    return [number_text(value, digits) for value in values]


def written_text(value: int | float | Fraction | Decimal) -> str:
    """Return a given number as it was written; a whole one that no float holds as the nearest."""
    match value:
        case float():
            return number_text(value, 17) if not math.isfinite(value) else _plain(repr(value))
        case Decimal():
            is_small = value != 0 and value.adjusted() < LEAST_POWER
            return _plain(f"{value:e}" if is_small else str(value).lower())
        case Fraction() if value.denominator != 1:
            return _plain(repr(float(value)))
    whole = int(value)
    if abs(whole) > LONGEST_WHOLE and int(float(whole)) != whole:
        return number_text(float(whole), 17)  # the run's own: a float does not hold the other
    return _whole_text(whole)


def _whole_text(whole: int) -> str:
    """Return a whole number; one that ends in many zeros with a power of ten, -1e9."""
    text = str(whole)
    if not text.endswith("0" * MANY_ZEROS):
        return text
    return f"{Decimal(whole).normalize():e}".replace("e+", "e")


def _plain(text: str) -> str:
    """Return the digits without zeros at the end, and a small power of ten written out."""
    mantissa, _, exponent = text.partition("e")
    if exponent:
        power = int(exponent)
        if not LEAST_POWER <= power < 16:
            return f"{_without_zeros(mantissa)}e{power}"
        mantissa = format(Decimal(text), "f")
    stripped = _without_zeros(mantissa)
    if stripped.lstrip("-").isdigit():
        return _whole_text(int(stripped))
    return stripped if stripped not in ("", "-") else "0"


def _without_zeros(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


def _plain_digits(text: str) -> str:
    """Return the digits with the zeros they end in; a small fraction is written out."""
    mantissa, _, exponent = text.partition("e")
    if exponent and LEAST_POWER <= int(exponent) < 0:
        return format(Decimal(text), "f")
    return f"{mantissa.rstrip('.')}e{int(exponent)}" if exponent else mantissa.rstrip(".")


@lru_cache(4096)
def number_node(text: str) -> Node:
    """Return a written number as a tree; a negative one is the negative of a number."""
    if text.startswith("-"):
        return Call("negative", (number_node(text[1:]),))
    if not text.isascii():
        return Number(text, UNKNOWN if text[0] in FORM_DIGITS else SLOT_VALUE)
    top, is_fraction, bottom = text.partition("/")
    if is_fraction:
        return Call("divide", (number_node(top), number_node(bottom)))
    whole, _, decimals = text.partition(".")
    if f"{whole}{decimals}".isdecimal():  # quicker than the text
        return Number(text, Fraction(int(whole + decimals), 10 ** len(decimals)))
    return Number(text, Fraction(text) if text not in ("inf", "nan") else Fraction(0))


figure_value = lru_cache(4096)(Fraction)
"""Return the value of a figure, which stands on more than one line."""


def array_node(texts: Sequence[str], shape: Shape) -> Node:
    """Return written numbers, row by row, as one number or an array literal."""
    return nested_array([number_node(text) for text in texts], shape)


def exact_node(value: Fraction) -> Node:
    """Return an exact number as one, or as a fraction."""
    return number_node(str(value))


def nested_array(nodes: Sequence[Node], shape: Shape) -> Node:
    """Return entries, row by row, as one entry or an array literal."""
    return cast("Node", nested(nodes, shape, lambda rows: Array(tuple(rows))))
