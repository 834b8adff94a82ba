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

__all__ = ["LONG_LINE", "ChainContext"]

LONG_LINE: Final = 200  # characters; a longer line is a paragraph of several sentences

_LONG_SENTENCE: Final = 300  # tokens of a sentence that are looked at on either side


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

    def at(self, chain: FoundChain, sides: tuple[Side, ...], other_reading: bool) -> ChainContext:
        """Return the context of one of the chains."""
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
        """Whether more than words that only go on stand beside the chain in its sentence."""
        end = self.tokens.ends[self.chain.last - 1]
        after = self.text[end : self.line_end(end)]
        before = "".join(sign if sign.isalnum() else " " for sign in self._words_of_no_chain())
        return any(map(str.isalnum, after)) or not GOING_ON.issuperset(before.casefold().split())

    def _words_of_no_chain(self) -> str:
        """Return the sentence up to the chain without the other chains that stand in it."""
        tokens, first = self.tokens, self.chain.first
        end, pieces = tokens.starts[first], []
        begin = self._first_of_sentence
        for place in range(first - 1, begin - 1, -1):
            if place + 1 in self.ends:
                pieces.append(self.text[tokens.ends[place] : end])
            if place in self.starts:
                end = tokens.starts[place]
        return " ".join((*pieces, self.text[tokens.ends[begin - 1] if begin else 0 : end]))

    @property
    def line(self) -> str:
        """The text of the lines that the chain stands on."""
        start, end = self.tokens.starts[self.chain.first], self.tokens.ends[self.chain.last - 1]
        return self.text[self.text.rfind("\n", 0, start) + 1 : self.line_end(end)]

    def line_end(self, place: int) -> int:
        """Return where the line at a place ends."""
        end = self.text.find("\n", place)
        return len(self.text) if end < 0 else end

    @property
    def sentence(self) -> str:
        """The sentence that the chain stands in, its line, and what introduces the block."""
        tokens, last = self.tokens, self.chain.last
        before = self._first_of_kind(self._places_before, "stop")
        until = range(last, min(last + _LONG_SENTENCE, len(tokens)))
        after = self._first_of_kind(until, "stop")
        start = tokens.ends[before] if before >= 0 else 0
        end = tokens.starts[after] if after < len(tokens) else len(self.text)
        here = self.tokens.starts[self.chain.first]
        begin = self.text.rfind("\n", 0, here) + 1
        above = self.text[self.text.rfind("\n", 0, max(begin - 1, 0)) + 1 : begin]
        line = self.line
        beside = [each for each in (above, line) if len(each) < LONG_LINE]
        return "\n".join((self.lead, *beside, self.text[start:end]))

    @property
    def sentence_before(self) -> str:
        """The sentence that the chain stands in, up to it, with what introduces the block."""
        words = self.words_before
        begins = self.tokens.starts[self.chain.first] == len(words)
        return f"{self.lead if begins else ''} {words}"

    @property
    def words_before(self) -> str:
        """The sentence that the chain stands in, from where it begins in the block up to it."""
        first = self._first_of_sentence
        begins = self.tokens.ends[first - 1] if first else 0
        return self.text[begins : self.tokens.starts[self.chain.first]]

    @property
    def _first_of_sentence(self) -> int:
        """The first token on its line of the sentence that the chain stands in."""
        return self._first_of_kind(self._places_before, "stop", "newline") + 1

    @property
    def _places_before(self) -> range:
        """The tokens before the chain that its sentence may have, the nearest first."""
        first = self.chain.first - 1
        return range(first, max(first - _LONG_SENTENCE, -1), -1)

    def _first_of_kind(self, places: range, *kinds: str) -> int:
        """Return the first of some tokens that is of one of some kinds, else where they end."""
        return next((at for at in places if self.tokens.kinds[at] in kinds), places.stop)

    def side_tokens(self) -> Iterator[int]:
        """Yield the tokens of all sides."""
        for side in self.chain.sides:
            yield from range(side.first, side.last)

    @property
    def trees(self) -> list[Node]:
        """The likeliest trees of the sides that were read."""
        return [side.readings[0] for side in self.sides if side.readings]
