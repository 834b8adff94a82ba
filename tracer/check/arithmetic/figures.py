"""Printed figures: the number a literal says, how exactly, how to print another, and how near.

A figure is a number as it was written: `0.80` says two decimals, `1.2e-3` four. Knows no
expression but the ones that people use to write one number.

How well a figure follows from the value of the printed figures left of it is its tier. No
tolerance is fixed: half a unit in the last printed place decides. Where bounds are too wide to
decide, the answer leans to the side of the writer: a right figure is never called wrong. What
follows from figures that may have been rounded is for the comparison of sides to say.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Final, NamedTuple

from tracer.check.model.finding import Tier
from tracer.expression.lexer import HUNDREDTHS
from tracer.expression.syntax import Call, Node, Number
from tracer.frozen import Value, replace
from tracer.intervals import Interval

BY_1024: Final = {"k": "1024", "K": "1024", "M": "1048576"}
"""What scales are where they count by 1024, as those of memory do."""
EXACT_DIGITS: Final = 40  # what a fraction of whole numbers says
SHORT_DIGITS: Final = 6  # of an exact decimal that is shown in full
MOST_DIGITS_BESIDE_DECIMALS: Final = 4  # of one, where the writer has rounded to some decimals
LOSS: Final = Fraction(1, 50)  # by which rounding may change a value that is a short decimal
GREAT_LOSS: Final = Fraction(1, 5)  # by which it may change any other
LEAST_SHOWN: Final = 3  # significant digits of what no figure of a few holds
MINUS_SIGNS: Final = "-−－﹣–"
_HUNDREDTHS: Final = "".join(HUNDREDTHS)
_AFTER_DIGITS: Final = f" \\,％{_HUNDREDTHS}"
MOST_POWER: Final = 400  # of ten
MOST_KEPT: Final = 4096
_KEPT: Final[dict[str, Figure]] = {}  # by the text of a literal, which says all of it
ZERO: Final = Fraction(0)
NOISE_DECIMALS: Final = 13
NOISE: Final = Fraction(1, 10**NOISE_DECIMALS)
MACHINE_SIGNS: Final = 15  # from which a decimal is a float as a program prints it, not a person
MOST_NOISE: Final = Fraction(1, 10**6)  # of a figure, where it is the rest of larger ones
LEAST_DIGITS: Final = 2  # of a figure whose last place can be off by one without being another


class Figure(Value):
    """A number as it is printed.

    `half` is half a unit in the last printed place, or in the last that counts where a program has
    printed more; 0 for a fraction of whole numbers. `digits` are the significant ones; the unit is
    10 to the power of minus `decimals`. `text` is what was written, where the text is known, and
    `node` a tree of it (its places may be another's).
    """

    value: Fraction
    half: Fraction
    digits: int
    decimals: int
    text: str
    node: Node


def figure(node: Node, text: str = "") -> Figure | None:
    """Return the figure that a tree writes, None where it writes a calculation.

    A literal, with or without a sign; `1.2 * 10**-3` and `10**-3`; a fraction of whole numbers,
    which is exact. `text` is the text that the tree's places count in; without it the figure's
    text is written anew, in ASCII.
    """
    if isinstance(node, Number) and (not text or node.start < 0):
        return literal_figure(node)
    negative, inner = _split_sign(node)
    parsed_figure = (
        literal_figure(inner)
        if isinstance(inner, Number)
        else _scientific_figure(inner) or _fraction_figure(inner)
    )
    if parsed_figure is None:
        return None
    figure_text = text[node.start : node.end] if text and node.start >= 0 else ""
    value = -parsed_figure.value if negative else parsed_figure.value
    return replace(
        parsed_figure,
        value=value,
        text=figure_text or ("-" if negative else "") + parsed_figure.text,
        node=node,
    )


def _split_sign(node: Node) -> tuple[bool, Node]:
    """Return whether a minus stands before a tree, and the tree without it."""
    match node:
        case Call(operation="negative", arguments=(inner,), keywords=()):
            return True, inner
    return False, node


def literal_figure(node: Number) -> Figure:
    """Return the figure that a literal writes."""
    return _KEPT.get(node.text) or _remember_figure(node)


def _remember_figure(node: Number) -> Figure:
    """Return the figure of a literal, and keep it: a document writes the same ones again."""
    whole, _, decimals = node.text.lower().partition("e")[0].rstrip(_HUNDREDTHS).partition(".")
    digits = len((whole + decimals).lstrip("0")) or max(len(decimals), 1)
    places = len(decimals) - _power(node.text)
    if len(_KEPT) >= MOST_KEPT:
        _KEPT.clear()
    sure = places
    if len(node.text) >= MACHINE_SIGNS and "." in node.text:
        sure = min(places, _decimals_for_digits(node.value, _machine_digits(node.value)))
    parsed_figure = Figure(node.value, half_unit_at(sure), digits, places, node.text, node)
    return _KEPT.setdefault(node.text, parsed_figure)


def _machine_digits(value: Fraction) -> int:
    """Return how many digits of a float count: 7 of 32 bits, where 0.30000001192092896 is 0.3."""
    with suppress(OverflowError):
        size = float(value)
        if struct.unpack("f", struct.pack("f", size))[0] == size:
            return 7
    return 15


def _power(text: str) -> int:
    """Return the power of ten that a literal names: -3 of `1.2e-3`, -2 of `75%`."""
    hundredths = HUNDREDTHS.get(text[-1], 0)
    return int(text.rstrip(_HUNDREDTHS).lower().partition("e")[2] or "0") - hundredths


@lru_cache(256)
def half_unit_at(decimals: int) -> Fraction:
    """Return half a unit at so many decimals."""
    return Fraction(10) ** -decimals / 2


def _power_of_ten(node: Node) -> int | None:
    """Return the exponent of a written power of ten."""
    match node:
        case Call(operation="power", arguments=(Number(value=10), exponent), keywords=()):
            negative, exponent = _split_sign(exponent)
            power = exponent.value if isinstance(exponent, Number) else None
            if power is not None and power.denominator == 1 and power <= MOST_POWER:
                return int(-power if negative else power)
    return None


def scientific_parts(node: Node) -> tuple[Number | None, int, bool] | None:
    """Return mantissa, exponent, and whether the mantissa has a sign, of `-1.2 * 10**-3`."""
    exponent = _power_of_ten(node)
    if exponent is not None:
        return None, exponent, False
    match node:
        case Call(operation="multiply", arguments=(left, right), keywords=()):
            negative, mantissa = _split_sign(left)
            exponent = _power_of_ten(right)
            if exponent is not None and isinstance(mantissa, Number):
                return mantissa, exponent, negative
    return None


def _scientific_figure(node: Node) -> Figure | None:
    parts = scientific_parts(node)
    if parts is None:
        return None
    mantissa, exponent, negative = parts
    if mantissa is None:
        return Figure(
            Fraction(10) ** exponent, half_unit_at(-exponent), 1, -exponent, f"10^{exponent}", node
        )
    parsed_figure = literal_figure(mantissa)
    decimals = parsed_figure.decimals - exponent
    value = parsed_figure.value * Fraction(10) ** exponent
    text = f"{'-' if negative else ''}{parsed_figure.text} * 10^{exponent}"
    return Figure(
        -value if negative else value,
        half_unit_at(decimals),
        parsed_figure.digits,
        decimals,
        text,
        node,
    )


def _fraction_figure(node: Node) -> Figure | None:
    match node:
        case Call(operation="divide", arguments=(above, Number() as below), keywords=()):
            negative, above = _split_sign(above)
            if not isinstance(above, Number) or not below.value:
                return None
            if above.text.isdigit() and below.text.isdigit():
                value = (-1 if negative else 1) * above.value / below.value
                text = f"{'-' if negative else ''}{above.text}/{below.text}"
                return Figure(value, Fraction(0), EXACT_DIGITS, EXACT_DIGITS, text, node)
    return None


# Printing -----------------------------------------------------------------------------------------


def written_like(value: Interval, like: Figure) -> str:
    """Return a value at the precision and in the manner of a written figure.

    Halves are rounded away from 0; '' where the bounds do not decide the digits. Where so few
    digits would lose the value, more are shown: 0.5 belongs where 1 was written, 0.0123 where
    12.3 was. An exact decimal of up to six digits is then shown in full, another value with as
    many significant digits as were written, three at least.
    """
    if value.low < 0 < value.high and max(-value.low, value.high) < like.half:
        value = Interval(Fraction(0))  # its digits are those of 0
    exact = value.is_exact
    if not like.half:
        return _with_sign(value.low, like, _ratio_text) if exact else _like_decimals(value, like, 4)
    scale = Fraction(10) ** _written_exponent(like)
    decimals = _decimals_like(abs(value.low) / scale, like, exact=exact)
    texts = {
        _with_sign(
            end, like, lambda size, like: _in_manner(_decimal_text(size / scale, decimals), like)
        )
        for end in (value.low, value.high)
    }
    return texts.pop() if len(texts) == 1 else ""


class Precision(NamedTuple):
    """With how many digits a writer prints what has no end, or with how many decimals.

    `decimals` is 0 where his results have several places; what has as many keeps to its place.
    """

    digits: int = 0
    decimals: int = 0

    def least_digits(self, value: Interval, like: Figure) -> int:
        """Return how many digits a value has in the place of a figure, at the least."""
        if not self.decimals:
            return self.digits
        is_fine = like.decimals >= self.decimals
        return 0 if is_fine else _count_digits(abs(value.low), self.decimals)


AS_WRITTEN: Final = Precision()
"""As precise as the figure that it replaces."""
AS_STATED: Final = Precision(digits=12)
"""As precise as the value was stated."""


def printed_instead(value: Interval, like: Figure, precision: Precision = AS_WRITTEN) -> str:
    """Return a value as `written_like`, with more digits where those of the figure lose something.

    Instead of 8 stands 7.98, which is 8 too with as many places. A short decimal is shown in full:
    instead of -8 stands -7.1. What has no end is as precise as its writer prints.
    """
    least = precision.least_digits(value, like)
    is_decimal = value.is_exact and like.half and not _written_exponent(like)
    needed = _needed_decimals(abs(value.low)) if is_decimal else None
    most = max(least, SHORT_DIGITS if like.decimals <= 0 else MOST_DIGITS_BESIDE_DECIMALS)
    if (
        needed is not None
        and needed > like.decimals
        and _count_digits(abs(value.low), needed) <= most
    ):
        return _like_decimals(value, like, _count_digits(abs(value.low), needed))
    is_longer = needed is None or needed > like.decimals
    if is_longer and like.half and like.digits < least and not _written_exponent(like):
        return _like_decimals(value, like, least)
    text = written_like(value, like)
    is_right = value.low <= like.value <= value.high
    if text and not is_right and text == written_like(Interval(like.value), like):
        return _like_decimals(value, like, max(like.digits, 1) + 2)
    return text


def _like_decimals(value: Interval, like: Figure, digits: int) -> str:
    """Return a value that is no fraction, where one was written."""
    decimals = max(_decimals_for_digits(abs(value.low), digits), 0)
    texts = {
        _with_sign(end, like, lambda size, like: _decimal_text(size, decimals))
        for end in (value.low, value.high)
    }
    return texts.pop() if len(texts) == 1 else ""


def _with_sign(value: Fraction, like: Figure, write: Callable[[Fraction, Figure], str]) -> str:
    first = like.text[:1]
    minus = first if first and first in MINUS_SIGNS else "-"
    text = (minus if value < 0 else "") + write(abs(value), like)
    if like.decimals <= 0 or "," not in like.text or "." in like.text:
        return text
    return text.replace(".", "{,}" if "{,}" in like.text else ",")


def _decimals_like(size: Fraction, like: Figure, *, exact: bool) -> int:
    """Return how many decimals show a positive number that is to be printed like a figure."""
    decimals = max(like.decimals + _written_exponent(like), 0)
    loss = abs(_round_half_up(size, decimals) - size)
    needed = _needed_decimals(size) if exact and loss > size * LOSS else None
    if needed is not None and _count_digits(size, needed) <= SHORT_DIGITS:
        return max(needed, decimals)
    is_short = like.decimals <= 0 and like.digits < LEAST_SHOWN  # 2 for 22/7: 3 is no value of it
    if loss > size * (LOSS if is_short else GREAT_LOSS):
        return max(_decimals_for_digits(size, max(like.digits, LEAST_SHOWN)), decimals)
    return decimals


def _round_half_up(size: Fraction, decimals: int) -> Fraction:
    """Return a positive number at so many decimals, halves up."""
    unit = Fraction(10) ** -decimals
    return (size / unit + Fraction(1, 2)).__floor__() * unit


def _needed_decimals(size: Fraction) -> int | None:
    """Return how many decimals write a number exactly, None where none do or very many."""
    return next(
        (count for count in range(SHORT_DIGITS + 7) if 10**count % size.denominator == 0), None
    )


def _count_digits(size: Fraction, decimals: int) -> int:
    """Return how many significant digits a number has at so many decimals."""
    return len(str(int(size * 10**decimals)).strip("0"))


def _decimals_for_digits(size: Fraction, digits: int) -> int:
    """Return how many decimals show so many significant digits."""
    magnitude = (Decimal(size.numerator) / size.denominator).adjusted() if size else 0
    return digits - 1 - magnitude


def _decimal_text(size: Fraction, decimals: int) -> str:
    """Return a positive number in decimals, halves up; zeros stand where no decimals are left."""
    whole = str(int(_round_half_up(size, decimals) * 10 ** max(decimals, 0)))
    if decimals <= 0:
        return whole
    whole = whole.rjust(decimals + 1, "0")
    return f"{whole[:-decimals]}.{whole[-decimals:]}"


def _in_manner(mantissa: str, like: Figure) -> str:
    """Return a mantissa with the exponent that a figure was written with, and its signs."""
    text = like.text.lstrip(MINUS_SIGNS + " ")
    _, node = _split_sign(like.node)
    if type(node) is Number:
        if node.text[-1] in _HUNDREDTHS:
            return mantissa + text[len(text.rstrip(_AFTER_DIGITS)) :]
        head, letter, _ = node.text.lower().partition("e")
        return mantissa + (text[len(head) :] if letter and text.startswith(head) else "")
    parts = scientific_parts(node)
    if parts is None:
        return mantissa
    if parts[0] is not None:
        return text.replace(parts[0].text, mantissa, 1)
    times = r" \times " if "{" in text else " * "
    return text if mantissa == "1" else mantissa + times + text


def _written_exponent(like: Figure) -> int:
    """Return the exponent that a figure was written with, 0 where it had none."""
    _, node = _split_sign(like.node)
    if type(node) is Number:
        return _power(node.text)
    parts = scientific_parts(node)
    return 0 if parts is None else parts[1]


def _ratio_text(size: Fraction, like: Figure) -> str:
    """Return an exact number where a fraction was written."""
    if size.denominator == 1:
        return str(size.numerator)
    if r"\frac" in like.text:
        return rf"\frac{{{size.numerator}}}{{{size.denominator}}}"
    return f"{size.numerator}/{size.denominator}"


# How near ----------------------------------------------------------------------------------------


def tier(right: Figure, exact: Interval) -> Tier:
    """Return how a figure follows from the value of the printed figures before it.

    A value halfway between two figures may be printed as either, but nobody rounds 0.5 to 1: there
    a factor ½ was left out.

    Chopped is cut off toward 0; cutting toward minus infinity is no habit of people. A last digit
    that is off by one is a matter of rounding only where there was something to round: 3.76 for
    the exact 3.75 is wrong, and so is 5 for 3.7, which has no digit but the last.
    """
    value, half = right.value, right.half
    if value == exact.low and exact.is_exact:
        return "exact"
    if not right.decimals and abs(value) == 1 and exact.is_exact and exact.low == value / 2:
        return "wrong"  # 1 stands for exactly one half
    if _distance_to(value, exact) <= half:
        return "rounded" if half else "exact"
    is_near = _distance_to(value, exact) < min(NOISE, MOST_NOISE * abs(value))
    is_nothing = _distance_to(ZERO, exact) < NOISE * abs(value) < NOISE**2
    if right.decimals >= NOISE_DECIMALS and (is_near or is_nothing):
        return "within_rounding"  # what floats leave where two numbers near 1 cancel
    if _is_chopped(right, exact):
        return "chopped"
    return "last_digit" if _is_off_by_one(right, exact) else "wrong"


def _distance_to(value: Fraction, interval: Interval) -> Fraction:
    """Return how far a number is from the nearest of an interval."""
    if value > interval.high:
        return value - interval.high
    return interval.low - value if value < interval.low else ZERO


def _is_chopped(right: Figure, exact: Interval) -> bool:
    """Tell whether a figure may be a value cut off at its last place, toward 0."""
    if right.decimals < 1 and right.digits < LEAST_DIGITS:
        return False
    unit = 2 * right.half
    if right.value == 0:
        return right.decimals >= LEAST_DIGITS and exact.low < unit and exact.high > -unit
    low, high = (exact.low, exact.high) if right.value > 0 else (-exact.high, -exact.low)
    size = abs(right.value)
    return high >= size and low < size + unit


def _is_off_by_one(right: Figure, exact: Interval) -> bool:
    """Tell whether a figure may be one unit in its last place from a right rounding."""
    unit = 2 * right.half
    return (
        unit > 0
        and right.digits >= LEAST_DIGITS
        and not (exact.is_exact and (exact.low / unit).denominator == 1)
        and _distance_to(right.value, exact) <= 3 * right.half
    )
