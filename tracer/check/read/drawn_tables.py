"""Columns of figures below names in plain text: a table that is drawn with gaps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from re import Match
from typing import Final

from tracer.check.model.statements import MappedText
from tracer.lazy_regex import lazy_regex

_GAP: Final = lazy_regex(r"(?<=\S)(?:[ ]{2,}|[ ]*\t[ \t]*)(?=\S)")
_HEAD: Final = lazy_regex(r"[^\W\d]\w*'?")
_FIGURE: Final = lazy_regex(r"[-−+]?[0-9]+(?:\.[0-9]+)?")
_LEAST_ROWS: Final = 2


def drawn_tables(texts: Sequence[MappedText]) -> Iterator[list[MappedText]]:
    """Yield the rows of each table of figures below names, its heads first, with `|` in the gaps.

    All have as many cells: `i   x_i   y_i` above `1   0.5   2`.
    """
    rows = [(text, [*_GAP.finditer(text.text)]) for text in texts]
    at = 0
    while at < len(rows):
        text, gaps = rows[at]
        below = at + 1
        if gaps and all(map(_HEAD.fullmatch, _GAP.split(text.text.strip()))):
            while below < len(rows) and _has_figures(*rows[below], count=len(gaps)):
                below += 1
        if below - at > _LEAST_ROWS:
            yield [_with_bars(*row) for row in rows[at:below]]
        at = below


def _has_figures(text: MappedText, gaps: Sequence[Match[str]], *, count: int) -> bool:
    cells = _GAP.split(text.text.strip())
    return len(gaps) == count and all(map(_FIGURE.fullmatch, cells))


def _with_bars(text: MappedText, gaps: Sequence[Match[str]]) -> MappedText:
    for gap in gaps:
        text = text.with_sign(gap.start(), "|")
    return text
