"""A chain with what stands around it: its line, its sentence, the words beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Final

from tracer.check.model.statements import Side
from tracer.check.read.cluster_collector import FoundChain
from tracer.check.read.tokens import DocumentTokens
from tracer.check.read.word_tables import (
    ELSEWHERE,
    GOING_ON,
    SAID,
)
from tracer.expression.syntax import Node

__all__ = ["LONG_LINE", "ChainContext", "sentence_place"]

LONG_LINE: Final = 200  # characters; a longer line is a paragraph of several sentences

_LONG_SENTENCE: Final = 300  # tokens of a sentence that are looked at on either side


def sentence_place(
    tokens: DocumentTokens, first: int, last: int, *ends: str
) -> tuple[int, int]:
    """Return where the sentence around some tokens begins and ends: at tokens of some kinds."""
    low, high = max(first - _LONG_SENTENCE, 0), min(last + _LONG_SENTENCE, len(tokens))
    before = (tokens.ends[at] for at in range(first - 1, low - 1, -1) if tokens.kinds[at] in ends)
    after = (tokens.starts[at] for at in range(last, high) if tokens.kinds[at] in ends)
    return next(before, tokens.starts[low]), next(after, tokens.ends[high - 1])


class ChainContext:
    """A chain with what stands around it. `starts` and `ends` are tokens of all chains here."""

    def __init__(
        self,
        tokens: DocumentTokens,
        text: str,
        lead: str,
        chains: list[FoundChain],
        *,
        formula: bool = False,
    ) -> None:
        self.tokens = tokens
        self.text = text
        self.lead = lead  # the sentence that introduces the block
        self.starts = frozenset(chain.first for chain in chains)
        self.ends = frozenset(chain.last for chain in chains)
        self.is_formula = formula
        self.chain = chains[0]
        self.sides: tuple[Side, ...] = ()
        self.other_reading = False
        self.end_before = 0  # where the chain before ends

    def at(self, chain: FoundChain, sides: tuple[Side, ...], other_reading: bool) -> ChainContext:
        """Return the context of one of the chains."""
        if chain.first != self.chain.first:
            self.end_before = self.tokens.ends[self.chain.last - 1]
        self.chain, self.sides, self.other_reading = chain, sides, other_reading
        return self

    @cached_property
    def words_said(self) -> frozenset[re.Pattern[str]]:
        """Which of the words that a sentence may say stand anywhere in the block: most do not."""
        whole = f"{self.lead}\n{self.text}".lower()
        return frozenset(words for words in SAID if words.search(whole) is not None)

    @property
    def refers_elsewhere(self) -> bool:
        """Whether its sentence may speak of another step, sample or example."""
        return ELSEWHERE in self.words_said and bool(
            ELSEWHERE.search(f"{self.sentence_before}\n{self.line}".lower())
        )

    @property
    def has_words_beside(self) -> bool:
        """Whether more than words that only go on stand beside the chain in its sentence.

        What stands before another chain of the sentence is beside that one.
        """
        end = self.tokens.ends[self.chain.last - 1]
        after = self.text[end : self.line_end(end)]
        begin = self.tokens.starts[self.chain.first]
        words = self.text[max(begin - len(self.words_before), self.end_before) : begin]
        before = "".join(sign if sign.isalnum() else " " for sign in words)
        return any(map(str.isalnum, after)) or not GOING_ON.issuperset(before.casefold().split())

    @property
    def line(self) -> str:
        """The text of the lines that the chain stands on."""
        start, end = self.tokens.starts[self.chain.first], self.tokens.ends[self.chain.last - 1]
        return self.text[self.text.rfind("\n", 0, start) + 1 : self.line_end(end)]

    @property
    def lines_beside(self) -> tuple[str, str]:
        """The text of the line above the chain, and of the one below."""
        start, end = self.tokens.starts[self.chain.first], self.tokens.ends[self.chain.last - 1]
        above, below = max(self.text.rfind("\n", 0, start), 0), self.line_end(end) + 1
        line_above = self.text[self.text.rfind("\n", 0, above) + 1 : above]
        return line_above, self.text[below : self.line_end(below)]

    def line_end(self, place: int) -> int:
        """Return where the line at a place ends."""
        end = self.text.find("\n", place)
        return len(self.text) if end < 0 else end

    @property
    def sentence(self) -> str:
        """The sentence that the chain stands in, its line, and what introduces the block."""
        start, end = sentence_place(self.tokens, self.chain.first, self.chain.last, "stop")
        above, _ = self.lines_beside
        beside = [each for each in (above, self.line) if len(each) < LONG_LINE]
        return "\n".join((self.lead, *beside, self.text[start:end]))

    @property
    def sentence_before(self) -> str:
        """The sentence that the chain stands in, up to it, with what introduces the block."""
        words = self.words_before
        begins = self.tokens.starts[self.chain.first] == len(words)
        return f"{self.lead if begins else ''} {words}"

    @property
    def words_before(self) -> str:
        """The sentence that the chain stands in, from where it begins on its line up to it."""
        first = self.chain.first
        start, _ = sentence_place(self.tokens, first, first, "stop", "newline")
        return self.text[start : self.tokens.starts[first]]

    def side_tokens(self) -> Iterator[int]:
        """Yield the tokens of all sides."""
        for side in self.chain.sides:
            yield from range(side.first, side.last)

    @property
    def trees(self) -> list[Node]:
        """The likeliest trees of the sides that were read."""
        return [side.readings[0] for side in self.sides if side.readings]
