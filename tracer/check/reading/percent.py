"""Percent signs that only name a unit: `45/60 * 100 = 75 %`, `100 - 92 % = 8 %`.

A percent sign makes hundredths. Where the 100 is written out beside it, and the line does not hold
so, its writer meant the figure as it stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from tracer.check.numbers.enclosures import Interval, Unevaluable, value_of
from tracer.check.numbers.figures import bounds_of, figure
from tracer.check.reading.late import late
from tracer.check.reading.members import tree_of
from tracer.expression import Dialect, Node

__all__ = ["HUNDREDTHS", "as_meant"]

HUNDREDTHS: Final = ("%", "％")
_SIGN: Final = late(r"\\?[%％]")
_LONE: Final = late(r"\s*[-+−]?\s*[0-9.]+\s*(?:\\,|\\ )?\s*\\?[%％]\s*")
# A factor or a term, no divisor.
_HUNDRED: Final = late(r"(?<![\w./÷])(?<![/÷] )(?<!\}\{)100(?![\w.]|\s*\\?[%％])")


def as_meant(text: str, members: Sequence[tuple[int, int]], dialect: Dialect) -> str:
    """Return a line with blanks for the percent signs of its members that only name a unit."""
    parts = [text[start:end] for start, end in members]
    if not any(map(_HUNDRED.search, parts)) or not any(map(_LONE.fullmatch, parts)):
        return text
    if _holds(parts, dialect):
        return text
    return _SIGN.sub(lambda found: " " * len(found[0]), text)


def _holds(parts: Sequence[str], dialect: Dialect) -> bool:
    """Say whether some neighbours have values, and all that have agree."""
    agree = [
        one.low <= other.high and other.low <= one.high
        for one, other in pairwise(_bounds(part, dialect) for part in parts)
        if one is not None and other is not None
    ]
    return bool(agree) and all(agree)


def _bounds(text: str, dialect: Dialect) -> Interval | None:
    """Return what a member of numbers may be worth, None where it has no such value."""
    node = tree_of(text, dialect)
    if not isinstance(node, Node):
        return None
    written = figure(node)
    if written is not None:
        return bounds_of(written)
    try:
        value = value_of(node)
    except Unevaluable:
        return None
    return value if isinstance(value, Interval) else None
