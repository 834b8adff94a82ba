"""What stands beside a token: remarks, factors, units, words that join two operands."""

from __future__ import annotations

from typing import Final

from tracer.check.read.tokens import DocumentTokens, after_scripts
from tracer.check.read.word_tables import (
    COUNTERS,
    UNIT_LETTERS,
    UNITS,
)

__all__ = [
    "after_remark",
    "are_factors",
    "are_terms",
    "is_counted",
    "is_spaced_dash",
    "is_times",
    "row_goes_on",
    "units_after_figures",
]

_DASHES: Final = frozenset(("-", "−", "–", "*", "**", "//"))
_BLANKS: Final = frozenset(("space", "gap", "newline", "end"))
_ROW_ENDS: Final = ("newline", "row", "divider")
_REMARKS: Final = ("divider", "text", "open")
_LONG_REMARK: Final = 20  # brackets and texts one after the other; nobody writes more of them
_REMARK_SIGNS: Final = frozenset(("text", "relation", "compare", "word", "stop word"))
_CHINESE_SCALES: Final = frozenset("百千万亿")


def is_spaced_dash(tokens: DocumentTokens, place: int) -> bool:
    """Say whether a sign is a dash, or a mark of emphasis: blanks, or nothing, are around it."""
    beside = {tokens.kind(place - 1), tokens.kind(place + 1)}
    return tokens.text(place) in _DASHES and beside <= _BLANKS


def is_counted(text: str) -> bool:
    """Say whether a Chinese word counts what a figure is of, `维` and `次乘法`, without a scale."""
    is_phrase = text[:1] in COUNTERS and _CHINESE_SCALES.isdisjoint(text)
    return is_phrase or text in COUNTERS


def units_after_figures(tokens: DocumentTokens, first: int, last: int) -> dict[int, str]:
    """Return the tokens of the units after figures, with their powers and what divides them.

    The units themselves come with their names, the rest with an empty text.
    """
    found: dict[int, str] = {}
    for place in range(first, last):
        is_figure = tokens.kinds[place] == "number" and tokens.kind(place - 1) != "script"
        at = tokens.after(place, "postfix", "scale") if is_figure else last
        while at < last and (text := _unit_at(tokens, at)):
            after = tokens.skip(after_scripts(tokens, at + 1), "postfix")
            found.update({**dict.fromkeys(range(at, after), ""), at: text})
            at = tokens.after(after - 1)
            below = tokens.after(at)
            if tokens.text(at) == "/" and tokens.kind(below) != "number":
                found[at], at = "", below
            elif tokens.kind(at) != "unit":  # else what is counted stands after its counter
                break
    return {place: text for place, text in found.items() if place < last}


def _unit_at(tokens: DocumentTokens, place: int) -> str:
    """Return the name of the unit that a token is; nothing where it is none."""
    kind, text = tokens.kinds[place], tokens.texts[place]
    upright = text.partition("{")[2].strip("}")  # `\text{m}` is no name
    letters = UNIT_LETTERS if upright else tokens.unit_letters
    text = upright or text
    is_named = kind in ("name", "word") and (text in UNITS or text in letters)
    return text if is_named or kind == "unit" else ""


def after_remark(tokens: DocumentTokens, place: int) -> int:
    """Return where a remark that ends its row ends, and the row below goes on; else the place.

    It stands in brackets, or is text in a formula.
    """
    at = place
    for _ in range(_LONG_REMARK):
        if tokens.kind(at) not in _REMARKS:
            break
        last = max(tokens.match[at], at)
        if row_goes_on(tokens, last):
            has_words = not _REMARK_SIGNS.isdisjoint(tokens.kinds[place : last + 1])
            return last + 1 if has_words else place
        at = tokens.after(last)
    return place


def row_goes_on(tokens: DocumentTokens, place: int) -> bool:
    """Say whether a token is the last of its row, and the row below goes on with a relation."""
    below = tokens.after(place, *_ROW_ENDS)
    return (
        tokens.kind(tokens.after(place)) in _ROW_ENDS
        and tokens.kind(below) == "relation"
        and tokens.kind(tokens.after(below, "divider")) not in ("relation", "end", *_ROW_ENDS)
    )


def are_factors(tokens: DocumentTokens, place: int) -> bool:
    """Say whether lists side by side are matrices: a list of lists, or a row that is transposed."""
    before = tokens.before(place)
    opened = tokens.match[before] if tokens.kinds[before] == "close" else before
    beside = tokens.texts[before], tokens.text(opened + 1), tokens.text(place + 1)
    is_list = tokens.texts[before] in ("]", "ᵀ") and tokens.texts[place] == "["
    return is_list and (
        "ᵀ" in (beside[0], tokens.text(tokens.match[place] + 1)) or "[" in beside[1:]
    )


def is_times(tokens: DocumentTokens, place: int) -> bool:
    """Say whether an `x` after a figure or brackets may be the sign of a product."""
    ends_operand = tokens.kind(tokens.before(place)) in ("number", "close", "postfix", "unit")
    following = tokens.after(place)
    spaced = tokens.kind(place - 1) == "space" == tokens.kind(place + 1)
    signed = tokens.text(following) in ("-", "−") and tokens.kind(following + 1) in (
        "number",
        "open",
    )
    after = tokens.kind(following)
    is_operand = after == "number" or (spaced and (after in ("open", "prefix") or signed))
    return ends_operand and is_operand


def are_terms(tokens: DocumentTokens, place: int) -> bool:
    r"""Say whether dots of a formula stand for some of its terms, `a_1 + \cdots + a_n`."""
    beside = tokens.before(place), tokens.after(place)
    return tokens.kinds[place] == "ellipsis" and all(
        tokens.kind(at) in ("operator", "row") for at in beside
    )
