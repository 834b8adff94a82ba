"""Which bundled scenarios a document may be about: a look at its numbers, before any is run."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Final

from tracer.bundled import scenarios_folder
from tracer.check.read.lazy_regex import lazy_regex

__all__ = ["shortlist"]

MOST_BYTES: Final = 2000  # of the file of a scenario that is small enough to work by hand
DRAWN: Final = ("init =", "file =")  # numbers that nobody works with by hand
SHARE: Final = 4  # one in so many of a scenario's decimals stands in a document about it
_DECIMAL: Final = lazy_regex(r"(?<![\w.])[0-9]{0,9}\.[0-9]{1,12}(?![\w.]*\w)")


def shortlist(lines: Sequence[str]) -> list[str]:
    """Return the scenarios whose given numbers a document shows, the smallest first.

    Who works a scenario by hand puts its weights and data in; a document of another network has
    few of them. A scenario of whole numbers alone has no figures that could tell it.
    """
    written = _decimals("\n".join(lines))
    return [name for name, given in _small() if len(given & written) * SHARE >= len(given)]


@cache
def _small() -> tuple[tuple[str, frozenset[float]], ...]:
    """Return the scenarios that people work by hand, with the decimals in their files."""
    sized = []
    for path in scenarios_folder().glob("*.toml"):
        text = path.read_text(encoding="utf-8")
        given = _decimals(text)
        if given and len(text) <= MOST_BYTES and not any(word in text for word in DRAWN):
            sized.append((len(text), path.stem, given))
    return tuple((name, given) for _, name, given in sorted(sized, key=lambda item: item[:2]))


def _decimals(text: str) -> frozenset[float]:
    return frozenset(map(float, _DECIMAL.findall(text)))
