"""Clusters of operands and relations, collected token by token: a chain is one with two sides."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

from tracer.check.model.statements import Doubt, Relation, UnreadReason
from tracer.check.read.token_neighbours import is_spaced_dash
from tracer.check.read.tokens import DocumentTokens, TokenView
from tracer.sentences import Text, say

__all__ = ["RELATION_OF", "STEPS", "ClusterCollector", "FoundChain", "FoundSide", "Problem"]

Problem = tuple[UnreadReason, Text]
STEPS: Final = ("+=", "-=", "−=")
RELATION_OF: Final[dict[str, Relation | Literal["→"]]] = {
    "→": "→",
    **dict.fromkeys(("=", r"\overset", r"\stackrel", "≔", r"\triangleq"), "="),
    **dict.fromkeys((":=", "←", "⟵", "<-", r"\gets", r"\leftarrow", r"\coloneqq"), "←"),
    r"\longleftarrow": "←",
    **dict.fromkeys(("<", r"\lt"), "<"),
    **dict.fromkeys((">", r"\gt"), ">"),
    **dict.fromkeys(("≤", "<=", "⩽", r"\le", r"\leq", r"\leqslant"), "≤"),
    **dict.fromkeys(("≥", ">=", "⩾", r"\ge", r"\geq", r"\geqslant"), "≥"),
    **dict.fromkeys(STEPS, "←"),
}  # fmt: skip
_WAITED_FOR: Final = frozenset(
    ("stop word", "word", "number", "name", "picture", "ellipsis", "other")
)
"""Kinds before which an operator waits for an operand; other: a line of a drawn fraction."""


class FoundSide(NamedTuple):
    """One side: its tokens, half open, what joins it to the one before, why it is not read."""

    first: int
    last: int
    relation: Relation | Literal["→"]
    problem: Problem | None = None


class FoundChain(NamedTuple):
    """Sides with what the way to them showed; `times` are letters that may be signs of products."""

    sides: tuple[FoundSide, ...]
    doubts: frozenset[Doubt]
    times: frozenset[int] = frozenset()
    step: str = ""  # the sign of `w -= …`

    @property
    def first(self) -> int:
        """The first token."""
        return self.sides[0].first

    @property
    def last(self) -> int:
        """The token after the last."""
        return self.sides[-1].last


class ClusterCollector(TokenView):
    """The cluster that is being read, side by side, and the chains that were found so far."""

    def __init__(self, tokens: DocumentTokens) -> None:
        super().__init__(tokens)
        self.found: list[FoundChain] = []
        self.inner: list[tuple[int, int]] = []
        self.high = 0
        self.unit_words: dict[str, bool] = {}  # whether a word stands after figures alone
        self.clear()

    def clear(self) -> None:
        """Begin with no cluster."""
        self.sides: list[list[int]] = []
        self.signs: list[str] = []
        self.begin = -1  # the first token of the side here
        self.end = -1  # after its last operand
        self.last = ""  # what its last operand is; '' where an operand is expected
        self.operator = -1  # an operator that waits for its operand
        self.closed_to = -1  # the token after the closing brackets without a partner seen last
        self.words = 0  # words of prose of which the side consists so far
        self.problems: dict[int, Problem] = {}
        self.doubts: set[Doubt] = set()
        self.times: set[int] = set()
        self.bars = 0

    def take(self, place: int, last: str) -> None:
        """Take an operand, or the first of its tokens, into the side here."""
        if self.begin < 0:
            self.begin = place
        self.end = place + 1
        self.last = last
        self.operator = -1

    def restart(self, place: int, last: str) -> None:
        """End the cluster and begin another one with an operand."""
        self.cut()
        self.take(place, last)
        self.words = int(last == "word")

    def trouble(self, reason: UnreadReason, message: Text) -> None:
        """Say why the side here is not to be read."""
        self.problems.setdefault(len(self.sides), (reason, message))

    def relation(self, place: int, sign: str) -> None:
        """Begin the next side."""
        if self.begin < 0 and self.signs and sign not in STEPS:  # `= ≈` are one
            self.signs[-1] = max(self.signs[-1], sign, key=lambda each: each not in RELATION_OF)
            return
        if self.end <= self.begin or self.begin < 0:  # a lone sign
            self.cut()
            return
        if self.operator >= 0:
            self.trouble("unreadable", say("an operand is missing"))
        self.sides.append([self.begin, self.end])
        self.signs.append(sign)
        self.begin = self.end = self.operator = -1
        self.last, self.words, self.bars = "", 0, 0

    def cut(self) -> None:
        """End the cluster; keep it where it has two sides."""
        if self.signs:
            sides = [*self.sides]
            signs = ["", *self.signs]
            if self.end > self.begin >= 0:
                sides.append([self.begin, self.end])
                following = self.kind(self.after(self.operator))
                is_dash = is_spaced_dash(self.tokens, self.operator)
                if self.operator >= 0 and following in _WAITED_FOR and not is_dash:
                    self.trouble("unreadable", say("an operand is missing"))
                if self.words > 1 and len(sides) > 1 and self.last == "word":
                    sides.pop()  # `y = what we wanted`
            self.keep(sides, signs)
        self.clear()

    def keep(self, sides: list[list[int]], signs: list[str]) -> None:
        """Keep a chain with at least one relation that is no inequality."""
        step = next((sign for sign in signs if sign in STEPS), "")
        relations = [RELATION_OF.get(sign, "≈") if sign else "" for sign in signs]
        if not any(relation in ("=", "≈", "←", "→") for relation in relations[1 : len(sides)]):
            return
        found = tuple(
            FoundSide(low, high, relation, self.problems.get(number))
            for number, ((low, high), relation) in enumerate(zip(sides, relations, strict=False))
        )
        self.found.append(FoundChain(found, frozenset(self.doubts), frozenset(self.times), step))
