"""What the glossary holds: all that `tracer explain` explains, by the names a walk prints."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from tracer.narrative.explanation import blocks, explain, names, notation
from tracer.narrative.terms import EXPLAINED
from tracer.operations import table
from tracer.program.optimizers import OPTIMIZERS
from tracer.render.line_writer import block_lines
from tracer.render.mathematics import Mathematics
from tracer.render.screen_words import Words
from tracer.sentences import Sentence, say

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tracer.render.screen_lines import Line

__all__ = ["Entry", "entries", "name_of", "step_names", "told"]

OPERATIONS: Final = say("Operations")
OPTIMIZED: Final = say("Optimizers")
RULES: Final = say("Rules")
TERMS: Final = say("Words")
Entry = tuple[str, str, str, Sentence]
"""A name, how it is written in the list, what stands beside it, and its group."""


def entries(words: Words) -> Iterator[Entry]:
    """Yield what there is to explain: rules first, they are what a walk prints."""
    known, described = names(), ((OPERATIONS, table()), (OPTIMIZED, OPTIMIZERS))
    rules = [
        name
        for name in known
        if name not in EXPLAINED and not any(name in rows for _, rows in described)
    ]
    titles = {name: title for name, (title, _) in EXPLAINED.items()}
    for group, of in ((TERMS, titles), (RULES, {name: Sentence(name) for name in rules})):
        for name, title in of.items():
            written = words(title)
            yield name, written, "" if written == name else name, group
    for group, rows in described:
        for name in known:
            if name in rows:
                yield name, name, words(Sentence(rows[name].words)), group


@cache
def _printed() -> Mapping[str, str]:
    """Return the name that explains each rule a step can print: its own, or its operation's."""
    found = {row.words: row.name for row in table().values() if row.words and not row.inner}
    return {**found, **{name: name for name in names()}}


def name_of(rule: Sentence) -> str:
    """Return the name that explains a rule of a step; '' where there is none."""
    return _printed().get(rule.template, "")


def step_names(rules: Sequence[Sentence]) -> list[str]:
    """Return the names that explain the rules of a step."""
    return [name for name in dict.fromkeys(map(name_of, rules)) if name]


def told(name: str, words: Words, room: int) -> list[Line]:
    """Return what is said of a name, as lines."""
    explanation = explain(name)
    mathematics = Mathematics(notation(explanation), words)
    return block_lines(blocks(explanation, ()), mathematics, room)
