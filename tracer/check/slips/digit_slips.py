"""Slips of the pen: two figures compared digit by digit, as they are printed."""

from __future__ import annotations

from fractions import Fraction
from typing import Final, NamedTuple

LAST_DIGIT_OFF: Final = 2  # by which a last digit may be off where figures were rounded
LARGEST_POWER: Final = 400  # of ten, in a figure that is looked at


class _Printed(NamedTuple):
    """A figure taken apart: -0.050e-3 has the places 0050, and 1 of them before the point."""

    value: Fraction
    places: str  # all digits that are printed
    whole: int  # how many of them stand before the point
    power: int  # of ten, as it was written

    @property
    def digits(self) -> str:
        """The significant digits."""
        return self.places.lstrip("0")

    @property
    def magnitude(self) -> int:
        """The power of ten of the first significant digit, plus one."""
        return self.whole - len(self.places) + len(self.digits) + self.power


def digit_slips(written: str, right: str) -> list[str]:
    """Return the ids of the slips of the pen that turn the right figure into the written one.

    Both are figures as printed (`-0.25`, `1.5e-3`, `1.5 × 10^-3` is for the caller to bring into
    that form). Nothing is returned where they are equal, differ in more than one way, or are no
    figures.
    """
    one, other = _figure_parts(written), _figure_parts(right)
    if one is None or other is None or not one.value or one.value == other.value:
        return []
    if one.value * other.value <= 0:
        return ["sign_lost"] if one.value == -other.value else []
    if _is_shifted(one, other):
        return ["decimal_point"]
    if one.power != other.power:
        return []
    if len(one.places) != len(other.places):
        shorter, longer = sorted((one, other), key=lambda figure: len(figure.places))
        return ["digit_miscopied"] if _is_dropped(shorter, longer) else []
    pairs = enumerate(zip(one.places, other.places, strict=True))
    differing = [(at, left, right) for at, (left, right) in pairs if left != right]
    match differing if one.whole == other.whole else ():
        case [(at, left, right)] if _is_telling(at, int(left) - int(right), other):
            return ["digit_miscopied"]
        case [(first, *pair), (second, *turned)] if second == first + 1 and pair == turned[::-1]:
            return ["digits_swapped"]
    return []


def _figure_parts(text: str) -> _Printed | None:
    """Return the parts of a figure; None where the text is none."""
    text = text.strip().strip("()").strip().replace("−", "-").lower()
    mantissa, has_power, power = text.lstrip("+-").strip().partition("e")
    whole, _, decimals = mantissa.partition(".")
    exponent = power.removeprefix("-") if has_power else "0"
    are_digits = (whole + decimals).isdigit() and exponent.isdigit()
    is_plain = are_digits and (whole + decimals + exponent).isascii()
    if not is_plain or int(exponent) > LARGEST_POWER:
        return None
    power_of_ten = int(power or "0")
    size = Fraction(int(whole + decimals)) * Fraction(10) ** (power_of_ten - len(decimals))
    value = -size if text.startswith("-") else size
    return _Printed(value, whole + decimals, len(whole), power_of_ten)


def _is_shifted(one: _Printed, other: _Printed) -> bool:
    """Tell whether two figures of another size begin with the same digits: 0.9583 and 0.0958."""
    shorter, longer = sorted((one.digits.rstrip("0"), other.digits.rstrip("0")), key=len)
    if one.magnitude == other.magnitude or shorter == longer:
        return one.magnitude != other.magnitude
    beginning = longer[: len(shorter)]
    return len(shorter) > 2 and abs(int(beginning) - int(shorter)) <= 1  # it may be rounded there


def _is_telling(place: int, difference: int, figure: _Printed) -> bool:
    """Tell whether one other digit is a miscopied one: the last may differ by a rounding.

    A figure of one digit says nothing: any other digit would be a digit copied wrongly.
    """
    is_rounded = (
        place == len(figure.places) - 1 and figure.whole - len(figure.places) < -figure.power
    )
    return len(figure.digits) > 1 and not (is_rounded and abs(difference) <= LAST_DIGIT_OFF)


def _is_dropped(shorter: _Printed, longer: _Printed) -> bool:
    """Tell whether one figure is the other with a digit left out, before or after the point.

    A digit left out at the end is fewer decimals, no slip of the pen.
    """
    end = longer.whole if shorter.whole < longer.whole else len(longer.places) - 1
    begin = 0 if shorter.whole < longer.whole else longer.whole
    return len(longer.digits) > 2 and any(
        longer.places[:at] + longer.places[at + 1 :] == shorter.places for at in range(begin, end)
    )
