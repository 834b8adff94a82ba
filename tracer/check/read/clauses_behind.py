"""Values that a clause states behind the line that uses them: `y = w x, where w = 2 and x = 3`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tracer.check.read.doubts import SENTENCE_KINDS, sentence_begin
from tracer.check.read.prose_clusters import FoundChain
from tracer.check.read.tokens import DocumentTokens
from tracer.lazy_regex import lazy_regex

MOST_VALUES: Final = 12  # of a clause
MOST_WORDS_BETWEEN: Final = 40  # characters between two values of one clause
_EXPLAINING: Final = "其中|式中|这里|此处"
_OPENING: Final = lazy_regex(
    rf"[\s,，;；$`]*(?:[(（]|(?:where|with|for|when|given|if|{_EXPLAINING}|当)(?![a-z])[^:：]*)"
    r"[\s$`]*"
)
_OPENING_BELOW: Final = lazy_regex(r"[\s$`*]*(?:where|其中|式中)(?![a-z])[^:：.]*")
"""What begins the clause in the sentence of its line, and what in one below that."""
_LEADING_ON: Final = lazy_regex(
    r"[:：→⇒(（]|[得则所故当]"
    r"|\b(?:so|then|thus|hence|gives?|gets?|we|becomes?|where|with|for|when|if)\b"
    rf"|{_EXPLAINING}"
)
"""What stands between no two values of one clause."""
_TELLING: Final = lazy_regex(r"\b(?:it|they|this|that|we|you|would|gives?|gets?|ha[sd])\b|[得则]")
"""What goes on behind them with another result."""


def explained_chain(
    tokens: DocumentTokens, chains: Sequence[FoundChain], number: int
) -> int | None:
    """Return which chain uses the values that a clause states behind it, this chain among them.

    That is -1 where it stands above this block; None where no such clause ends the sentence.
    """
    begin = sentence_begin(tokens, chains[number].first, *SENTENCE_KINDS)
    first, last = number, number + 1
    while first and chains[first - 1].last > begin and _are_joined(tokens, chains, first):
        first -= 1
        if number - first > MOST_VALUES:
            return None
    while last < len(chains) and _are_joined(tokens, chains, last):
        last += 1
        if last - number > MOST_VALUES:
            return None
    if last < len(chains) and "stop" not in tokens.kinds[_between(tokens, chains, last)]:
        return None  # the sentence goes on with what it leads to
    if _tells_more(tokens, chains[last - 1].last):
        return None
    before = chains[first - 1].last if first else 0
    words = "".join(tokens.texts[max(before, begin) : chains[first].first]).lower()
    opening = _OPENING if before > begin else _OPENING_BELOW
    return first - 1 if opening.fullmatch(words) else None


def _tells_more(tokens: DocumentTokens, first: int) -> bool:
    """Tell whether a sentence goes on with a result for these values, `… we get 15`."""
    after = range(first, len(tokens))
    end = next((at for at in after if tokens.kinds[at] in SENTENCE_KINDS), len(tokens))
    words = "".join(tokens.texts[first:end]).lower()
    return "number" in tokens.kinds[first:end] or _TELLING.search(words) is not None


def _between(tokens: DocumentTokens, chains: Sequence[FoundChain], number: int) -> slice:
    """Return where the tokens between a chain and the one before it stand."""
    return slice(chains[number - 1].last, chains[number].first)


def _are_joined(tokens: DocumentTokens, chains: Sequence[FoundChain], number: int) -> bool:
    """Tell whether a chain and the one before it are values of one clause."""
    between = _between(tokens, chains, number)
    words = "".join(tokens.texts[between]).lower()
    is_one = set(SENTENCE_KINDS).isdisjoint(tokens.kinds[between])
    return is_one and len(words) <= MOST_WORDS_BETWEEN and _LEADING_ON.search(words) is None
