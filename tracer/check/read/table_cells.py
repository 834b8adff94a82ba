"""The cells of a table: which of a row are sides of one chain, by their heads and their looks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from tracer.check.read.python_lines import begins_with_relation
from tracer.check.read.tokenizer import is_chinese, is_function
from tracer.check.read.word_tables import (
    RELATION,
    REMARKS_OF_EARLIER,
    RESULTS,
    VALUES,
    WORKINGS,
)
from tracer.lazy_regex import lazy_regex

_LONG_PHRASE: Final = 3  # words of a name in a table; more are prose
_WORKED: Final = lazy_regex(
    r"(?!\W*[0-9.]+(?:(?:[-x–]|\s*(?:×|\\times)\s*)[0-9.]+)+\W*$"
    r"|\W*[0-9.]+\s*(?:[*×·]|\\times|\\cdot)\s*10\s*\^).*?"
    r"(?:[0-9)²³}] ?[-+*/×·÷^−] ?[-(−]?[0-9]|\w\([-−]?[0-9]"
    r"|[\w)²³}](?: [-+*/×·÷−] |[*×·]|\s*\\(?:times|cdot)\s*)[-−]?[\w(\\]"
    r"|(?:\be\^|√|\\sqrt)[({]?[-−]?[0-9]|[0-9]\}\{[-−]?[0-9]|\)\([-−]?[0-9])"
)
"""Figures or names that are worked with in a cell, unlike in `2-3`, `5×5` and `2 · 10^5`."""
_WORD: Final = lazy_regex(
    r"(?<![\\A-Za-z_])(?<!_\{)(?<!\\text\{)[^\W\d_]{3,}"  # no index is a word
)
_WORKED_WITH: Final = lazy_regex(r"[-+*/−]|\\(?:cdot|times)|(?<![A-Za-z_{])[0-9]|(?<!_)\{[0-9]")
_NO_NAME: Final = frozenset("(·×*")  # of a product or a function


def is_head_of_values(cell: str) -> bool:
    """Say whether a column is one of values, `initial value`."""
    *words, last = cell.lower().split() or [""]
    return last in VALUES and REMARKS_OF_EARLIER.issuperset(words)


def columns_of_working(titles: Sequence[str]) -> Iterator[bool]:
    """Yield of each column of a table whether it is one of working beside one of its results."""
    words, heads = [title.strip(" *").lower() for title in titles], WORKINGS | RESULTS
    for before, here, after in zip(["", *words], words, [*words[1:], ""], strict=False):
        yield (here in WORKINGS and after in heads) or (before in WORKINGS and here in heads)


def joined_cells(cells: Sequence[str], heads: Sequence[tuple[bool, bool]]) -> tuple[str, bool]:
    """Return a row as one text with `=` for `|` between the sides of a chain.

    With it stands whether a cell there may be no part of its chain. `heads` say of each column
    whether it is one of values, and whether it is one of working or its results.
    """
    joined = before = cells[0]
    was_begun = is_guess = False
    has_values = any(is_headed for is_headed, _ in heads)
    columns = [*heads[1:], *[(False, False)] * len(cells)]
    following = [*cells[2:], ""]
    for cell, after, (is_headed, is_told) in zip(cells[1:], following, columns, strict=False):
        is_between = has_values and _is_marked(before) and cell.strip().isalpha()
        if is_between or (was_begun and after and not cell.strip()):
            joined += " " * (1 + len(cell))
            continue
        is_named, is_figure = _is_formula_cell(before), is_figure_cell(cell)
        is_value = is_headed and is_named and is_figure
        is_worked = "=" not in cell and (
            _is_calculation(cell) or (_is_side(cell) and _is_calculation(after))
        )
        is_name = is_named and len(before.split()) == 1 and "=" not in before
        name, _, formula = before.rpartition("=")
        is_formula = name != "" and any(map(str.isalpha, formula)) and _is_side(before)
        has_working = is_formula or _is_calculation(before)
        is_begun = is_name or has_working or (was_begun and _is_side(before))
        is_side = is_begun and _is_side(cell) and not _is_of_a_name(cell)
        is_beside = is_worked or (has_working and is_figure)
        is_loose = is_side and is_beside and not (is_value or is_told)
        goes_on = is_named and begins_with_relation(cell)
        is_joined = is_value or is_loose or (is_side and is_told)
        joined += (" " if goes_on else "=" if is_joined else "|") + cell
        is_guess |= is_loose
        before, was_begun = cell, is_told or is_joined
    return joined, is_guess


def _is_marked(cell: str) -> bool:
    """Say whether a cell of a table is a formula between signs."""
    bare = cell.strip(" *")
    return bare[:1] in ("$", "`") and bare[-1:] == bare[0]


def _is_formula_cell(cell: str) -> bool:
    """Say whether a cell of a table is a formula between signs, one word, or a few."""
    bare = cell.strip(" *")
    words = bare.split()
    is_phrase = bare.replace(" ", "").isalpha() and len(words) <= _LONG_PHRASE
    is_word = (bare[:1].isalpha() or bare[:1] == "∂") and "=" not in bare and len(words) == 1
    is_number = bare.strip("$`-+−").replace(".", "", 1).isdigit()
    return is_word or is_phrase or (_is_marked(cell) and not is_number)


def _is_calculation(cell: str) -> bool:
    """Say whether a cell of a table ends in what is worked out, without words but functions."""
    last = cell.rpartition("=")[2]
    is_worked = _WORKED.match(last) is not None and not has_relation(last)
    return is_worked and all(map(is_function, _WORD.findall(cell))) and _is_side(cell)


def _is_side(cell: str) -> bool:
    """Say whether a cell of a table is figures or a formula, and no words."""
    bare = cell.strip(" *$`")
    words = [each.isalpha() and len(each) > 1 for each in bare.split()]
    is_prose = any(map(is_chinese, bare)) or words == [True] or (True, True) in pairwise(words)
    return any(map(str.isalnum, bare)) and not is_prose


def _is_of_a_name(cell: str) -> bool:
    """Say whether a cell of a table says itself what a name is: `z = 0.5 * 2`."""
    bare = cell.strip(" *$`")
    relation = RELATION.search(bare)
    name = bare[: relation.start()] if relation else ""
    is_in_latex = name[:1] == "\\" and _WORKED_WITH.search(name) is None
    return (is_in_latex or _is_formula_cell(name)) and _NO_NAME.isdisjoint(name)


def is_figure_cell(cell: str) -> bool:
    """Say whether a cell of a table begins with a figure and holds no relation."""
    bare = cell.strip(" $`*")
    is_figure = bare[:1].isdigit() or (bare != "" and bare[0] in "-+−.[({\\")
    return is_figure and not has_relation(bare)


def has_relation(cell: str) -> bool:
    """Say whether a cell of a table is an equation by itself, or has an arrow."""
    return RELATION.search(cell) is not None
