"""The figures that lines show without working: those of tables, of logs, of what programs print."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Final

from tracer.check.model.statements import MappedText, RowOfFigures, WorkedDocument
from tracer.check.read.lines_as_read import SESSION_OUTPUT
from tracer.check.read.tokenizer import is_function
from tracer.errors import printable_text
from tracer.lazy_regex import lazy_regex
from tracer.operations import number_node

MOST_FIGURES: Final = 128  # of one line
MOST_SIGNS: Final = 1_500
_FIGURE: Final = lazy_regex(
    r"(?<![\w.\\^])(?:(?<![)\]}])[-−])?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:e[-+]?[0-9]+)?"
    r"(?![\w%°]|\.[0-9])"
)
_POINT: Final = lazy_regex(r"\.\d")
_DECIMAL_COMMA: Final = lazy_regex(r"(?<=\d),(?=\d)")
_NO_FIGURES: Final = lazy_regex(
    r"(?<=\|)\s*[-–—−]+\s*(?=\|)"  # an empty cell
    r"|^\s*(?:In ?)?\[\d+\]:?(?=\s)"  # what a session numbers its lines with
    r"|(?<=\d)/(?=\d+(?![\d.]))"  # `Epoch 3/10`
)
_MARKUP: Final = lazy_regex(
    r"\\(?:begin|end)\{[a-z]*matrix\}|\\(?:left|right|quad|[,;!\\])|[*_`$&>~#]+"
)
_WORKED: Final = lazy_regex(r"[-+−*/×·÷^±=≈√%]")
_OPERATORS: Final = frozenset("+*/×·÷^√")
_JOINTS: Final = frozenset(("", "-", "−", "->", "→", "=>", "."))  # before words
_WORDS: Final = lazy_regex(r"[^\W\d_](?:.*[^\W\d_])?", re.DOTALL)
_NAMED: Final = lazy_regex(r"[=≈≔]|\\approx")
_BRACKETS: Final = " |,;:()[]{}"
_ENDS_OF_LISTS: Final = frozenset("()[]{}|;")
_PRINTED: Final = ("array", "tensor")


def rows_of_figures(
    document: WorkedDocument, others: Collection[int] = ()
) -> Iterator[RowOfFigures]:
    """Yield the lines that show figures with no calculation between them, but for some `others`.

    Of code only what a program printed is one.
    """
    code = document.code_lines()
    decimal = _DECIMAL_COMMA if document.has_decimal_commas else _POINT
    for number, line in enumerate(document.lines, start=1):
        if number in others or len(line) > MOST_SIGNS or decimal.search(line) is None:
            continue  # whole numbers alone tell nothing
        text = SESSION_OUTPUT.sub(_blanks, _NO_FIGURES.sub(_blanks, line))
        if number in code and _has_words(text):
            continue
        row = _row_of(
            _DECIMAL_COMMA.sub(".", text) if document.has_decimal_commas else text, line, number
        )
        if row is not None:
            yield row


def _blanks(found: re.Match[str]) -> str:
    return " " * len(found[0])


def _has_words(text: str) -> bool:
    for word in _PRINTED:
        text = text.replace(word, "")
    return _WORDS.search(text) is not None


def _row_of(text: str, line: str, number: int) -> RowOfFigures | None:
    places = [match.span() for match in _FIGURE.finditer(text)]
    if not 0 < len(places) <= MOST_FIGURES:
        return None
    ends, starts = [0, *(end for _, end in places)], [*(start for start, _ in places), len(text)]
    pieces = [text[end:start] for end, start in zip(ends, starts, strict=True)]
    gaps = [_MARKUP.sub(" ", piece) for piece in pieces]
    if any(map(_is_worked, gaps[1:])) or not _OPERATORS.isdisjoint(gaps[0].rstrip()[-1:]):
        return None
    words = [_WORDS.search(gap) for gap in gaps]
    return RowOfFigures(
        MappedText.of_line(line, number).place(),
        printable_text(line.strip()),
        [number_node(text[start:end].replace("−", "-")) for start, end in places],
        [MappedText.of_line(line[start:end], number, start) for start, end in places],
        words=[each is not None for each in words[1:-1]],
        lists=[not _ENDS_OF_LISTS.isdisjoint(gap) for gap in gaps[1:-1]],
        is_named=_NAMED.search(line) is not None,
        form="#".join("".join(_WORDS.sub("w", gap).split()) for gap in gaps),
        sentence="#".join("".join(gap.split()) for gap in gaps),
    )


def _is_worked(gap: str) -> bool:
    """Tell whether something is worked out with a figure beside a gap: `2 * 3`, `ln 2`."""
    words = _WORDS.search(gap)
    if words is None:
        return _WORKED.search(gap) is not None
    before, after = gap[: words.start()].strip(_BRACKETS), gap[words.end() :].strip()
    return (
        before not in _JOINTS
        or not _OPERATORS.isdisjoint(after[-1:])
        or (not after and is_function(words[0].split()[-1]))
    )
