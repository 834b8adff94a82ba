"""Signs that two groups of people use in two ways: a line is read in the way in which it holds.

A percent sign makes hundredths; where the 100 is written out beside it, as in `45/60 * 100 = 75 %`
and `100 - 92 % = 8 %`, it may only name the unit. `lg` is the logarithm to base 10, and to base 2
where algorithms are counted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from tracer.check.numbers.figures import bounds_of, figure
from tracer.check.read.lazy_regex import lazy_regex
from tracer.check.reading.members import BINARY_LOG, tree_of
from tracer.expression import Dialect, Node
from tracer.intervals import Interval, Unevaluable, value_of

__all__ = ["as_meant", "without_remark"]

_SIGN: Final = lazy_regex(r"\\?[%％]")
_LONE: Final = lazy_regex(r"\s*[-+−]?\s*[0-9.]+\s*(?:\\,|\\ )?\s*\\?[%％]\s*")
# A factor or a term, no divisor.
_HUNDRED: Final = lazy_regex(r"(?<![\w./÷])(?<![/÷] )(?<!\}\{)100(?![\w.]|\s*\\?[%％])")
# A figure, and brackets that hold one figure or a fraction: `0.75 (75 %)`, `0.25 (1/4)`.
_FIGURE: Final = r"[-+−]?\s*[0-9]*\.?[0-9]+(?:(?:\s|\\,|\\ )*\\?[%％])?"
_REMARK: Final = lazy_regex(
    rf"(?P<figure>{_FIGURE})(?P<blank>(?:\s|~|\\[,;:! ]|\\q?quad)*)(?:\\left ?)?[(（]\s*"
    rf"(?P<said>{_FIGURE}(?:\s*/\s*[0-9.]+)?|\\[dt]?frac\{{[0-9.]+\}}\{{[0-9.]+\}})"
    r"\s*(?:\\right ?)?[)）]\s*"
)
_BLANKS: Final = r"(?:\s|\\,|\\ )*"
_NAME_BESIDE_HUNDRED: Final = lazy_regex(
    rf"(?<![\w.])100{_BLANKS}(?:\\?[%％])?\s*[-+−]\s*(?:\\[A-Za-z]|[^\W\d])"
)
_POINTS: Final = lazy_regex(
    rf"\s*[0-9.]+{_BLANKS}\\?[%％](?:\s*[-+−]\s*[0-9.]+{_BLANKS}\\?[%％])+\s*"
)
_SHARE: Final = lazy_regex(
    r"(?P<whole>.*[\w)}\]%％])\s*(?P<sign>[-+−])\s*"
    rf"(?P<share>[0-9.]+{_BLANKS}\\?[%％])\s*"
)
_BELOW_ONE: Final = lazy_regex(r"\s*[-+−]?\s*0?\.")
_LG: Final = lazy_regex(r"(?<![A-Za-z_])lg(?![A-Za-z_])")


def as_meant(text: str, members: Sequence[tuple[int, int]], dialect: Dialect) -> str:
    """Return a line, place for place, as its writer meant the signs in its members.

    '' where that is not clear: `30 + 45 = 75 %`.
    """
    parts = [text[start:end] for start, end in members]
    lone = [part for part in parts if _LONE.fullmatch(part)]
    if lone and not _holds(parts, dialect):
        bare = _SIGN.sub(_blank, text)
        if any(map(_HUNDRED.search, parts)):
            return "" if any(map(_NAME_BESIDE_HUNDRED.search, parts)) else bare
        if _BELOW_ONE.match(lone[-1]) or _SIGN.search("".join(set(parts) - set(lone))):
            return text
        return "" if _holds([bare[start:end] for start, end in members], dialect) else text
    if not lone and _may_be_shares(parts, dialect):
        return ""
    binary = _LG.sub(BINARY_LOG, text)
    if binary != text and not _holds(parts, dialect):
        return binary if _holds([binary[start:end] for start, end in members], dialect) else text
    return text


def without_remark(parts: Sequence[str], dialect: Dialect) -> int | None:
    """Return how long the last member of a chain is without brackets that repeat its figure.

    `45/60 = 0.75 (75 %)`. The brackets belong to it where the product is what stands before it;
    None where it is not clear what they are: `80 - 16 = 64 (20 %)`.
    """
    found = _REMARK.fullmatch(parts[-1])
    whole = len(parts[-1])
    if found is None:
        return whole
    product, shown, said = (
        _bounds(text, dialect) for text in (parts[-1], found["figure"], found["said"])
    )
    before = [bounds for part in parts[:-1] if (bounds := _bounds(part, dialect)) is not None]
    if before and product is not None and before[-1].meets(product):
        return whole
    marked = _SIGN.search(parts[-1]) is not None
    if shown is not None and said is not None and shown.meets(said):
        if before or marked:
            return found.end("figure")
        return None if found["blank"] else whole
    return None if before and (found["blank"] or marked) else whole


def _may_be_shares(parts: Sequence[str], dialect: Dialect) -> bool:
    """Say whether a percentage in a sum may be one of what stands before it: `100 - 20% = 80`.

    Or the result counts percentage points, `90% - 75% = 15`.
    """
    shared = [_as_share(part) for part in parts]
    if shared == list(parts) or _holds(parts, dialect):
        return False
    if any(map(_POINTS.fullmatch, parts)) and not _BELOW_ONE.match(parts[-1]):
        return True
    named = any(
        one != other and _bounds(one, dialect) is None
        for one, other in zip(parts, shared, strict=True)
    )
    return named or _holds(shared, dialect)


def _as_share(text: str) -> str:
    """Return `(100)*(1-20%)` for `100 - 20%`."""
    found = _SHARE.fullmatch(text)
    if found is None:
        return text
    return f"({_as_share(found['whole'])})*(1{found['sign']}{found['share']})"


def _blank(found: re.Match[str]) -> str:
    return " " * len(found[0])


def _holds(parts: Sequence[str], dialect: Dialect) -> bool:
    """Say whether some neighbours have values, and all that have agree."""
    agree = [
        one.meets(other)
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
