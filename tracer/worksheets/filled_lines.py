"""What stands in the blanks of a filled worksheet, as text: nothing, or what was not read.

Only the lines as the worksheet has them are found; who writes a line anew leaves no blank.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from tracer.check.read.reader import MAX_LINE
from tracer.expression.lexer import fold
from tracer.worksheets.worksheet_lines import BLANK, PATH_WORD, WorksheetLine

__all__ = ["FilledLine", "find_filled_line"]

_EMPTY: Final = re.compile(r"[\s_=□▢☐]*")
_PATH: Final = f"_{{{PATH_WORD}"
_QUOTES: Final = str.maketrans("’‘′`´", "'''''")


class FilledLine(NamedTuple):
    """A line of a worksheet in a file: where it is, and what stands for working and result.

    What was left blank, or is not asked for, is ''.
    """

    line: int  # line of the file, counted from 1
    parts: Mapping[str, str]


def find_filled_line(
    line: WorksheetLine, texts: Sequence[str], begin: int, end: int
) -> FilledLine | None:
    """Return what stands in the blanks of a line, looked for from one line of a file to another.

    The last one that has anything in it counts; None where the line is not there.
    """
    if BLANK not in line.text(answers=False):
        return None
    looks = _looks(line)
    found: FilledLine | None = None
    for number in range(begin, end):
        text = texts[number]
        places = _places(looks, fold(text).translate(_QUOTES))
        if places is None:
            continue
        parts = dict(_filled_parts(line, [text[slice(*place)] for place in places]))
        if found is None or any(parts.values()):
            found = FilledLine(number + 1, parts)
    return found


def _looks(line: WorksheetLine) -> list[re.Pattern[str]]:
    """Return what stands around the blanks of a line, spaces where one likes."""
    segments = line.text(answers=False).split(BLANK)
    looks = [r"\s*".join(map(_look, fold(segment).split())) for segment in segments]
    looks[0] = r"[\s>*+.-]*" + looks[0]
    return [*map(re.compile, looks)]


def _places(looks: Sequence[re.Pattern[str]], text: str) -> list[tuple[int, int]] | None:
    """Return where each blank of a line stands; None where the text is another line.

    What stands around the blanks is looked for from one to the next, so that this takes no longer
    than to read the line, whatever is in it.
    """
    if len(text) > MAX_LINE:
        return None
    first, *others = looks
    begins = first.match(text)
    if begins is None:
        return None
    last = begins.end()
    places: list[tuple[int, int]] = []
    for number, look in enumerate(others, 1):
        if number == len(others) and not look.pattern:  # the blank is the end of the line
            places.append((last, len(text)))
            return places
        found = look.search(text, last)
        while found is not None and number == len(others) and text[found.end() :].strip():
            found = look.search(text, found.start() + 1)  # it ends the line
        if found is None:
            return None
        places.append((last, found.start()))
        last = found.end()
    return places


def _look(word: str) -> str:
    """Return how a word of a line may be written: the word of a path in any language."""
    if word.endswith(_PATH):
        return re.escape(word.removesuffix(PATH_WORD).translate(_QUOTES)) + r"\w+"
    return "[=≈]" if word in ("=", "≈") else re.escape(word.translate(_QUOTES))


def _filled_parts(line: WorksheetLine, stood: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield what stood for working and result, in their order on the line."""
    for part, text in zip("wr" if "w" in line.blanks else "r", stood, strict=False):
        yield part, "" if _EMPTY.fullmatch(text) else text.strip()
