"""Slips of the pen: two figures compared digit by digit, as they are printed."""

from __future__ import annotations

from typing import Final, NamedTuple

__all__ = ["digit_slips"]

LAST_DIGIT_OFF: Final = 2  # by which a last digit may be off where figures were rounded


class _Printed(NamedTuple):
    """A figure taken apart: 0.050e-3 has the digits 50, the exponent -6, no minus."""

    negative: bool
    digits: str  # without leading zeros
    exponent: int  # of ten, for the last digit
    places: str  # all digits that are printed, zeros in front as well


def digit_slips(written: str, right: str) -> list[str]:
    """Return the ids of the slips of the pen that turn the right figure into the written one.

    Both are figures as printed (`-0.25`, `1.5e-3`, `1.5 × 10^-3` is for the caller to bring into
    that form). Nothing is returned where they are equal, differ in more than one way, or are no
    figures.
    """
    one, other = _printed(written), _printed(right)
    if one is None or other is None or not one.digits or not other.digits:
        return []
    same_size = (one.digits, one.exponent) == (other.digits, other.exponent)
    if one.negative != other.negative:
        return ["sign_lost"] if same_size or _is_shorter_form(one, other) else []
    if same_size or _is_shorter_form(one, other):
        return []
    found = []
    if _is_shifted(one, other):
        found.append("decimal_point")
    else:
        if _is_swapped(one, other):
            found.append("digits_swapped")
        if _is_miscopied(one, other) or _is_dropped(one, other) or _is_dropped(other, one):
            found.append("digit_miscopied")
    return found


def _printed(text: str) -> _Printed | None:
    """Return the parts of a figure; None where the text is none."""
    text = text.strip().strip("()").strip().replace("−", "-").lower()
    negative = text.startswith("-")
    mantissa, _, power = text.lstrip("+-").strip().partition("e")
    whole, _, decimals = mantissa.partition(".")
    places = whole + decimals
    if not (places.isascii() and places.isdigit()):
        return None
    try:
        exponent = int(power or "0") - len(decimals)
    except ValueError:
        return None
    return _Printed(negative, places.lstrip("0"), exponent, places)


def _is_shorter_form(one: _Printed, other: _Printed) -> bool:
    """Whether the two say one number, with zeros at the end or without (2.5 and 2.50)."""
    ones, others = one.digits.rstrip("0"), other.digits.rstrip("0")
    end_of_one = one.exponent + len(one.digits) - len(ones)
    return ones == others and end_of_one == other.exponent + len(other.digits) - len(others)


def _is_shifted(one: _Printed, other: _Printed) -> bool:
    """Whether two figures of another size begin with the same digits: 0.9583 and 0.0958."""
    if one.exponent + len(one.digits) == other.exponent + len(other.digits):
        return False
    shorter, longer = sorted((one.digits.rstrip("0"), other.digits.rstrip("0")), key=len)
    if shorter == longer:
        return True
    beginning = longer[: len(shorter)]
    return len(shorter) > 2 and abs(int(beginning) - int(shorter)) <= 1  # it may be rounded there


def _is_swapped(one: _Printed, other: _Printed) -> bool:
    """Whether two neighbouring digits have changed places."""
    if len(one.places) != len(other.places) or one.exponent != other.exponent:
        return False
    differing = _differing(one, other)
    if len(differing) != 2 or differing[1] != differing[0] + 1:
        return False
    first, second = differing
    return (one.places[first], one.places[second]) == (other.places[second], other.places[first])


def _is_miscopied(one: _Printed, other: _Printed) -> bool:
    """Whether exactly one digit differs: the last one by more than a rounding may change it."""
    if len(one.places) != len(other.places) or one.exponent != other.exponent:
        return False
    # A figure of one digit says nothing: any other digit would be a digit copied wrongly.
    differing = _differing(one, other)
    if len(other.digits) < 2 or len(differing) != 1:
        return False
    (place,) = differing
    is_last = place == len(one.places) - 1 and one.exponent < 0
    return not is_last or abs(int(one.places[place]) - int(other.places[place])) > LAST_DIGIT_OFF


def _differing(one: _Printed, other: _Printed) -> list[int]:
    pairs = enumerate(zip(one.places, other.places, strict=True))
    return [place for place, (left, right) in pairs if left != right]


def _is_dropped(shorter: _Printed, longer: _Printed) -> bool:
    """Whether one figure is the other with a digit left out: before or after the point.

    A digit left out at the end is fewer decimals, no slip of the pen.
    """
    if len(longer.digits) < 3 or len(shorter.places) != len(longer.places) - 1:
        return False
    whole = len(longer.places) + longer.exponent  # digits before the point
    if shorter.exponent == longer.exponent:
        places = range(max(whole, 0))
    elif shorter.exponent == longer.exponent + 1:
        places = range(max(whole, 0), len(longer.places) - 1)
    else:
        return False
    return any(
        longer.places[:place] + longer.places[place + 1 :] == shorter.places for place in places
    )
