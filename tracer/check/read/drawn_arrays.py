"""What is drawn over several rows: arrays in brackets, and columns of figures below names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from re import Match
from typing import Final

from tracer.check.model.statements import MappedText
from tracer.lazy_regex import lazy_regex

_ROW: Final = lazy_regex(r"\[[^\[\]=0-9]*[0-9][^\[\]=]*\]")
_GAP: Final = lazy_regex(r"(?<=\S)(?:[ ]{2,}|[ ]*\t[ \t]*)(?=\S)")
_HEAD: Final = lazy_regex(r"[^\W\d]\w*'?")
_FIGURE: Final = lazy_regex(r"[-−+]?[0-9]+(?:\.[0-9]+)?")
_LEAST_ROWS: Final = 2
_NEXT: Final = lazy_regex(r"[ \t]{2,}(?=[^\s=]+[ \t]*=)")  # a gap before the next name


def joined_drawings(texts: Sequence[MappedText]) -> list[MappedText]:
    """Return rows of text with each array that is drawn over several of them on a row of its own.

    `Q = [1 0]   K = [1 2]`, above `[0 1]` and `[3 4]` at the same columns, are two of them.
    """
    joined: list[MappedText] = []
    at = 0
    while at < len(texts):
        text = texts[at].text
        is_whole = text.count("[") == text.count("]")  # no row of an array in brackets of its own
        found = _ROW.finditer(text) if is_whole else ()
        arrays = {each.start(): [each.span()] for each in found}
        below = at + 1
        while arrays and below < len(texts) and _goes_on(texts[below].text, text, arrays):
            below += 1
        if below == at + 1:
            joined.append(texts[at])
        else:
            joined += _split_row(texts[at:below])
        at = below
    return joined


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


def _goes_on(row: str, first: str, arrays: dict[int, list[tuple[int, int]]]) -> bool:
    """Tell whether a row holds nothing but rows of arrays that are drawn above; note them there.

    One has as many entries as the row above it, which stands in the same columns.
    """
    found = {each.start(): each for each in _ROW.finditer(row)}
    if not found or _ROW.sub("", row).strip():
        return False
    sizes = {start: _size(first[start : arrays[start][0][1]]) for start in found if start in arrays}
    if any(sizes.get(start) != _size(each[0]) for start, each in found.items()):
        return False
    for start, each in found.items():
        arrays[start].append(each.span())
    return True


def _size(row: str) -> int:
    return len(row.strip("[]").replace(",", " ").split())


def _split_row(texts: Sequence[MappedText]) -> Iterator[MappedText]:
    """Yield the pieces of a row, each with its arrays whole, that gaps before a name divide."""
    first, *others = texts
    start = 0
    for gap in (*_NEXT.finditer(first.text), None):
        end = len(first.text) if gap is None else gap.start()
        yield _whole(first, others, start, end)
        start = end if gap is None else gap.end()


def _whole(first: MappedText, others: Sequence[MappedText], start: int, end: int) -> MappedText:
    """Return a piece of a row with all rows of each array in it: `[[1 0], [0 1]]`."""
    pieces: list[MappedText] = []
    for found in _ROW.finditer(first.text, start, end):
        below = [
            each.cut(*row.span())
            for each in others
            for row in _ROW.finditer(each.text)
            if row.start() == found.start()
        ]
        pieces.append(first.cut(start, found.start()))
        rows = [first.cut(*found.span()), *below]
        for at, row in enumerate(rows):
            opening, closing = "[" * (at == 0 and bool(below)), "," if at < len(below) else "]"
            pieces.append(_enclose_row(row, opening, closing * bool(below)))
        start = found.end()
    pieces.append(first.cut(start, end))
    return MappedText(
        "".join(each.text for each in pieces),
        [line for each in pieces for line in each.lines],
        [column for each in pieces for column in each.columns],
    )


def _enclose_row(row: MappedText, before: str, after: str) -> MappedText:
    """Return a row of an array between more signs, which stand where its brackets do."""
    places = [*[0] * len(before), *range(len(row.text)), *[len(row.text) - 1] * len(after)]
    return MappedText(
        f"{before}{row.text}{after}",
        [row.lines[at] for at in places],
        [row.columns[at] for at in places],
    )
