"""Lines as they are read, in as many characters: backslashes, accents, cells, what comes out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from tracer.check.read.tokenizer import is_command, is_function
from tracer.lazy_regex import lazy_regex

_AROUND_DOUBLED: Final = lazy_regex(
    r"(?<!\\)\\\\(?:\((?:(?!\\\\).)+\\\\\)|\[(?:(?!\\\\).)+\\\\\])|^\s*\\\\[\[\]]\s*$"
)
_DOUBLED_COMMAND: Final = lazy_regex(r"(?<!\\)\\(\\(?:[A-Za-z]+|[,;!]))")
_AROUND_ROWS: Final = lazy_regex(r"(?<!\\)\\(begin|end)\{")
_BLANK_SIGN: Final = lazy_regex("[ \u00a0\u2009\u202f]")
_JOINED: Final = lazy_regex(r"(?<=[0-9])_(?=[0-9]{3})")
_THOUSANDS: Final = lazy_regex(
    "(?<![\\w.,])(?<![0-9] )[0-9]{1,3}(?:[ \u00a0\u2009\u202f][0-9]{3})+(?![0-9_])"
)
_CELL: Final = lazy_regex(
    r"<(?P<end>/?)t(?P<name>d|h|r|able|body|head)(?: [^<>]*)?>", re.IGNORECASE
)
COMMENTING: Final = ("//", "#", "%")
_COMMENT_BEHIND: Final = lazy_regex(r"\s(?://|#|%)\s+(?=[^=]*[0-9)] ?[-+*/] ?[^=]*=\s*[-−]?[0-9])")
_RESULT_BEHIND: Final = lazy_regex(
    r"(?P<code>\s*[^\W\d]\w*\s*=(?!=)[^#]*?[-+*/@^(].*?)(?P<mark>(?:;\s*//|\s#)\s*)"
    r"(?P<array>(?:np\.)?array\(|)"
    r"(?P<figures>[-−]?[0-9]*\.?[0-9]+(?:e[-+]?[0-9]+)?|\[[-−0-9.,;e \[\]]+\])\)?\s*"
)
SESSION_OUTPUT: Final = lazy_regex(r"(?:^\s*Out ?\[\d+\]:|(?<!\S)#+ ?\[1\])(?=\s*[-−(\[\d])")
_BULLET: Final = lazy_regex(r"\s*(?P<sign>[⋅·∙◦▪‣])(?= +(?:[^\W\d]|[∂∇δΔ]).*[=≈])")
_ORDINAL: Final = lazy_regex(r"(\s*[0-9]{1,2})[°ºª](?= +[^\W\d]\w*\s*(?:\([^()]*\)\s*)?[=≈])")
_TAG: Final = lazy_regex(
    r"^\s*\[[A-Za-z]{2,}(?:[ _-][A-Za-z]+)*\](?= +[^\W\d]\w*(?:\[[\w, ]*\])? *=)"
)
_PAIR: Final = lazy_regex(r"(?<![^\W_])([A-Za-z]_[0-9]),(?=[1-9] *(?:[-=≈·⋅*×+−]|$))")
_VALUE_OF_ENTRY: Final = lazy_regex(
    r"(\s*(?:[-*+] )?[^\W\d]\w*)((?:\[[0-9]+(?:, ?[0-9]+)*\])*):"
    r"( +(?:\[[-−+0-9.,;e \[\]]+\]|[-−]?[0-9]*\.?[0-9]+(?:e[-+]?[0-9]+)?))\s*"
)


def without_doubled_backslashes(lines: Sequence[str]) -> Iterator[str]:
    r"""Yield lines with one backslash for each two around a formula, in as many characters.

    `\\( … \\)`, or two in a row of their own, are one in the Markdown of many sites; `\\frac` is
    `\frac` in a string of Python, and a row that ends there begins with no such letters, but with
    those of a function behind a `\begin` with one backslash. On its row all others are so too.
    """
    depth = 0  # of what has rows
    for line in lines:
        ends = [*map(len, _AROUND_ROWS.findall(line))]
        depth += ends.count(len("begin"))
        if "\\\\" in line:
            line = _AROUND_DOUBLED.sub(lambda formula: formula[0].replace("\\\\", " \\"), line)
            commands = filter(is_command, _DOUBLED_COMMAND.findall(line))
            if any(depth <= 0 or not is_function(command[1:]) for command in commands):
                line = _DOUBLED_COMMAND.sub(r" \1", line)
        yield line
        depth -= ends.count(len("end"))


def with_accents(lines: Sequence[str]) -> Sequence[str]:
    """Return lines with ŷ and h̃, in as many characters, for the `y^` and `h~` of a document.

    It writes so where `y^ = …` stands in it: a power ends in no sign.
    """
    for sign, accent in (("^", "\u0302"), ("~", "\u0303")):
        ends = (line.replace("≈", "=").split(f"{sign} =") for line in lines if f"{sign} " in line)
        names = {piece[-1:] for pieces in ends for piece in pieces[:-1]}
        letters = "".join(name for name in names if name.isascii() and name.isalpha())
        if letters:
            accented = lazy_regex(rf"(?<![\w\\])(d?[{letters}])\{sign}(?![\w{{(\\])")
            lines = [accented.sub(f"\\1{accent}", line) for line in lines]
    return lines


def with_outputs_as_results(lines: Iterable[str]) -> Iterator[str]:
    """Yield lines with `=` for what marks the output of a session, in as many characters.

    `Out[3]: 0.8` goes on with `In [3]: w = 0.5 + 0.3`, as R's `## [1] 0.8` does with its line.
    `z[0]: 0.25` and `S: [[1.06, 0.35]]` say what comes out by its name.
    """
    for line in lines:
        line = SESSION_OUTPUT.sub(lambda mark: "=".ljust(len(mark[0])), line)
        found = _VALUE_OF_ENTRY.fullmatch(line) if ": " in line else None
        if found is not None and (found[2] or ("[" in found[3] and "." in found[3])):
            line = f"{found[1]}{found[2]}={found[3]}"
        yield line


def with_marks_of_items(lines: Sequence[str]) -> Iterator[str]:
    """Yield lines with the marks of items that may be taken for signs of working, as items have.

    A dot in the middle before equations of neighbouring lines is a bullet, and `1° a = 2 * 3` is
    the first item. `X_1,2 = 3` has two indices; `max(x_1,2)` has two numbers. The word of
    `[train] w = 0.5 + 0.3` says where a line of a log comes from.
    """
    signs = ["", *(found["sign"] if (found := _BULLET.match(each)) else "" for each in lines), ""]
    for place, line in enumerate(lines):
        before, sign, after = signs[place : place + 3]
        if sign and sign in (before, after):
            line = line.replace(sign, "•", 1)
        line = _PAIR.sub(r"\1_", line) if "," in line else line
        line = _TAG.sub(lambda tag: " " * len(tag[0]), line) if "]" in line else line
        yield line if line.isascii() else _ORDINAL.sub(r"\1.", line)


def with_cells_in_bars(lines: Sequence[str]) -> Iterator[str]:
    """Yield lines with `|` before each cell of a row of HTML, and behind the last one."""
    for line in lines:
        tags = line.lower() if "<" in line else ""
        yield _CELL.sub(_bar_for_tag, line) if "<td" in tags or "<th" in tags else line


def _bar_for_tag(tag: re.Match[str]) -> str:
    name, begins = tag["name"].lower(), not tag["end"]
    has_bar = name == "r" or (begins and name in ("d", "h"))
    return ("|" if has_bar else "").ljust(len(tag[0]))


def with_joined_thousands(text: str) -> str:
    """Return a text in which `16 000` is one figure, `16_000`, in as many characters."""
    return _THOUSANDS.sub(lambda figure: _BLANK_SIGN.sub("_", figure[0]), text)


def without_joined_thousands(text: str) -> str:
    """Return a text with the blanks in its thousands again."""
    return _JOINED.sub(" ", text)


def begin_of_comment(line: str) -> int:
    """Return where a comment of code begins, its first character; -1 where there is none.

    Behind code it has blanks round its sign, and a calculation with its result.
    """
    begin = len(line) - len(line.lstrip())
    if line[begin:].startswith(COMMENTING):
        return begin
    behind = _COMMENT_BEHIND.search(line)
    return -1 if behind is None else behind.end()


def with_comment_as_result(line: str) -> str:
    """Return a line of code with `=` for the sign of its comment, where that is a figure.

    `h = w * x  # 0.35` says what comes out, in as many characters. A whole number may count lines.
    """
    found = _RESULT_BEHIND.fullmatch(line) if "//" in line or "#" in line else None
    if found is None or "." not in found["figures"]:
        return line
    mark = f"{found['mark']}{found['array']}"
    return f"{found['code']}{'='.ljust(len(mark))}{found['figures']}"
