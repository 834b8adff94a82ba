"""Slips of the pen: two figures compared digit by digit, as they are printed."""

from __future__ import annotations

from decimal import Context, Decimal
from typing import Final

LAST_DIGIT_OFF: Final = 2  # by which a last digit may be off where figures were rounded
LARGEST_POWER: Final = 400  # of ten, in a figure that is looked at


def digit_slips(written: str, right: str) -> list[str]:
    """Return the ids of the slips of the pen that turn the right figure into the written one.

    Both are figures as printed (`-0.25`, `1.5e-3`, `1.5 × 10^-3` is for the caller to bring into
    that form). Nothing is returned where they are equal, differ in more than one way, or are no
    figures.
    """
    one, other = _figure_in(written), _figure_in(right)
    if not one or not other or one == other:
        return []
    if one.is_signed() != other.is_signed():
        return ["sign_lost"] if one == other.copy_negate() else []
    if _is_shifted(one, other):
        return ["decimal_point"]
    mine, theirs = (f"{each.copy_abs():f}" for each in (one, other))
    if len(mine) != len(theirs):
        shorter, longer = sorted((mine, theirs), key=len)
        return ["digit_miscopied"] if _is_dropped(shorter, longer) else []
    pairs = enumerate(zip(mine.replace(".", ""), theirs.replace(".", ""), strict=False))
    differing = [(at, left, right) for at, (left, right) in pairs if left != right]
    match differing if mine.find(".") == theirs.find(".") else ():
        case [(at, left, right)] if _is_telling(theirs, at, int(left) - int(right)):
            return ["digit_miscopied"]
        case [(first, *pair), (second, *turned)] if second == first + 1 and pair == turned[::-1]:
            return ["digits_swapped"]
    return []


def _figure_in(text: str) -> Decimal | None:
    """Return the number that a text is; None where it is none, or of too many places."""
    text = text.strip().strip("()").replace(" ", "").replace("−", "-")
    number = Decimal(text, Context(traps=[]))
    is_plain = text.isascii() and number.is_finite() and abs(number.adjusted()) <= LARGEST_POWER
    return number if is_plain else None


def _is_shifted(one: Decimal, other: Decimal) -> bool:
    """Tell whether two figures of another size begin with the same digits: 0.9583 and 0.0958."""
    shorter, longer = sorted(
        ("".join(map(str, each.as_tuple().digits)).rstrip("0") for each in (one, other)), key=len
    )
    if one.adjusted() == other.adjusted() or shorter == longer:
        return one.adjusted() != other.adjusted()
    beginning = longer[: len(shorter)]
    return len(shorter) > 2 and abs(int(beginning) - int(shorter)) <= 1  # it may be rounded there


def _is_telling(figure: str, place: int, difference: int) -> bool:
    """Tell whether one other digit is a miscopied one: the last may differ by a rounding.

    A figure of one digit says nothing: any other digit would be a digit copied wrongly.
    """
    is_rounded = place == len(figure) - 2 and "." in figure
    return len(figure.lstrip("0.")) > 1 and not (is_rounded and abs(difference) <= LAST_DIGIT_OFF)


def _is_dropped(shorter: str, longer: str) -> bool:
    """Tell whether one figure is the other with a digit left out, before or after the point.

    A digit left out at the end is fewer decimals, no slip of the pen.
    """
    places = range(len(longer) - ("." in longer))
    is_long = len(longer.lstrip("0.").replace(".", "")) > 2
    return is_long and any(longer[:at] + longer[at + 1 :] == shorter for at in places)
