"""Rows that are one formula: joined, apart from prose, and without the signs around a display."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import dropwhile
from typing import Final

from tracer.check.model.statements import MappedText
from tracer.check.read.text_blocks import OPENING_DISPLAY, closing_sign
from tracer.lazy_regex import lazy_regex

_AROUND_FORMULAS: Final = ("$", "`", "\\(", "\\[", "\\begin{")
_BARE_COMMANDS: Final = tuple(
    f"\\{name}"
    for name in (
        "frac", "dfrac", "tfrac", "cdot", "times", "approx", "sqrt", "hat", "partial", "sigma",
        "exp", "ln", "log", "tanh", "begin", "left",
    )
)  # fmt: skip
_WORDS_BESIDE_FORMULA: Final = lazy_regex(
    r"\\(?:text|mathrm|textbf|mathbf|operatorname|tag) ?\{[^{}]*\}"
    r"|(?P<prose>(?<![\\A-Za-z{_])[A-Za-z]{3,}(?![A-Za-z_^({']| *&?=)|[\u4e00-\u9fff]|\\n)"
)


def join_rows(texts: Sequence[MappedText]) -> MappedText:
    """Return rows as one text with a line end for each raw one between them."""
    pieces: list[str] = []
    lines: list[int] = []
    columns: list[int] = []
    for text in dropwhile(lambda text: not text.lines, texts):  # a blank row has no place
        if pieces:
            below = max(text.lines[0] - lines[-1], 1) if text.lines else 1
            columns += [columns[-1] + bool(pieces[-1])] * below
            lines += lines[-1:] * below
            pieces.append("\n" * below)
        pieces.append(text.text)
        lines.extend(text.lines)
        columns.extend(text.columns)
    return MappedText("".join(pieces), lines, columns)


def inside_display(text: MappedText) -> MappedText:
    """Return what stands between the signs around a formula; all of it where there are none."""
    opening = OPENING_DISPLAY.match(text.text)
    if opening is None or opening[0].startswith("\\begin"):
        return text
    start = opening.end()
    end = text.text.rfind(closing_sign(opening[0]), start)
    return text.cut(start, end if end >= 0 else None)


def formulas_apart(rows: Sequence[MappedText]) -> list[list[MappedText]]:
    """Return rows of prose, and of LaTeX without dollar signs between them, each by themselves.

    A row that begins with a relation goes on with the one above. Between signs that formulas have
    around them all rows stay together.
    """
    if any(sign in row.text for row in rows for sign in _AROUND_FORMULAS):
        return [[*rows]]
    groups: list[list[MappedText]] = []
    was_bare: bool | None = None
    for row in rows:
        is_bare = is_bare_formula(row.text)
        if groups and (is_bare == was_bare or row.text.lstrip().startswith(("=", "≈"))):
            groups[-1].append(row)
        else:
            groups.append([row])
            was_bare = is_bare
    return groups


def is_bare_formula(text: str) -> bool:
    """Say whether a text is a formula in LaTeX without dollar signs, and no prose."""
    if "\\" not in text or any(sign in text for sign in _AROUND_FORMULAS):
        return False
    is_formula = any(command in text for command in _BARE_COMMANDS)
    return is_formula and not any(found["prose"] for found in _WORDS_BESIDE_FORMULA.finditer(text))
