"""Arrays that are drawn side by side, over several rows of a text."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, pairwise
from typing import Final

from tracer.check.model.mapped_text import MappedText
from tracer.lazy_regex import lazy_regex

__all__ = ["one_after_the_other"]

_GAP: Final = lazy_regex(r"(?:(?<=\])|(?<=\],)) {2,}(?=\S)")
_SIGN: Final = lazy_regex(r"[=≈·×@*+-] *(?=\[)")
_MOST_ROWS: Final = 64  # of an array that a person draws


def one_after_the_other(rows: Sequence[MappedText]) -> list[MappedText]:
    """Return the rows of a text, those of arrays side by side as one: each behind that on its left.

    The sign between two of them may stand in any of their rows. What has a name of its own,
    `Q = [[2, 0],   K = [[0, 2],`, begins another row.
    """
    found: list[MappedText] = []
    at = 0
    while at < len(rows):
        arrays = _arrays_drawn(rows[at : at + _MOST_ROWS])
        for place, array in enumerate(arrays):
            if place and not _has_a_name(array):
                array = [found.pop(), *array]
            found.append(_joined(array))
        found += [] if arrays else [rows[at]]
        at += len(arrays[0]) if arrays else 1
    return found


def _arrays_drawn(rows: Sequence[MappedText]) -> list[list[MappedText]]:
    """Return the rows of each array of those that begin in the first row; none of a single one."""
    count = rows[0].text.count("[[")
    if count < 2 or "]]" in rows[0].text:
        return []
    last = next((at for at, row in enumerate(rows) if row.text.count("]]") == count), 0)
    cut = [_cut_at_gaps(row) for row in rows[: last + 1]]
    if not last or any(len(pieces) != count for pieces in cut):
        return []
    arrays = [list(pieces) for pieces in zip(*cut, strict=True)]
    for array in arrays[1:]:
        found = [(at, _SIGN.match(row.text)) for at, row in enumerate(array)]
        signs = [(at, sign.end()) for at, sign in found if sign]
        if len(signs) != 1 and not _has_a_name(array):
            return []  # whether they are factors, or what else, is not written
        for at, end in signs:
            array[at], array[:0] = array[at].cut(end), [array[at].cut(0, end)]
    return arrays


def _has_a_name(array: Sequence[MappedText]) -> bool:
    name, _, value = array[0].text.partition("=")
    return name.strip().replace("^", "").isidentifier() and value.lstrip().startswith("[[")


def _cut_at_gaps(row: MappedText) -> list[MappedText]:
    places = [0, *(gap.end() for gap in _GAP.finditer(row.text)), len(row.text)]
    return [row.cut(*span) for span in pairwise(places)]


def _joined(rows: Sequence[MappedText]) -> MappedText:
    return MappedText(
        "".join(row.text for row in rows),
        [*chain.from_iterable(row.lines for row in rows)],
        [*chain.from_iterable(row.columns for row in rows)],
    )
