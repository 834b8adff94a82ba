"""What stands in the blanks of a filled worksheet, as text: nothing, or what was not read.

Only the lines as the worksheet has them are found; who writes a line anew leaves no blank.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from tracer.check.worksheets.worksheet import BLANK, Line
from tracer.expression.lexer import fold

__all__ = ["Filled", "filled"]

_EMPTY: Final = re.compile(r"[\s_=□▢☐]*")
_QUOTES: Final = str.maketrans("’‘′`´", "'''''")


class Filled(NamedTuple):
    """A line of a worksheet in a file: where it is, and what stands for working and result.

    What was left blank, or is not asked for, is ''.
    """

    line: int  # of the file, from 1
    parts: Mapping[str, str]


def filled(line: Line, texts: Sequence[str], begin: int, end: int) -> Filled | None:
    """Return what stands in the blanks of a line, looked for from one line of a file to another.

    The last one that has anything in it counts; None where the line is not there.
    """
    pattern = _pattern(line)
    found: Filled | None = None
    for number in range(begin, end):
        text = fold(texts[number]).translate(_QUOTES)
        match = pattern.fullmatch(text) if BLANK in line.text(answers=False) else None
        if match is None:
            continue
        stood = [texts[number][slice(*match.span(group))] for group in range(1, pattern.groups + 1)]
        parts = dict(_named(line, stood))
        if found is None or any(parts.values()):
            found = Filled(number + 1, parts)
    return found


def _pattern(line: Line) -> re.Pattern[str]:
    """Return what a line looks like with anything in its blanks, spaces where one likes."""
    segments = line.text(answers=False).split(BLANK)
    looks = [r"\s*".join(map(_look, segment.split())) for segment in segments]
    return re.compile(r"[\s>*+.-]*" + r"\s*(.*?)\s*".join(looks) + r"\s*")


def _look(word: str) -> str:
    return "[=≈]" if word in ("=", "≈") else re.escape(word.translate(_QUOTES))


def _named(line: Line, stood: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield what stood for working and result, in their order on the line."""
    for part, text in zip("wr" if "w" in line.blanks else "r", stood, strict=False):
        yield part, "" if _EMPTY.fullmatch(text) else text.strip()
