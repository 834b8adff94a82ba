"""A piece of working: lines that hold calculations, with no more words than `given` and `so`.

In such lines a name means one thing. Elsewhere it may by now mean another sample, or another step:
what is not known to change nothing ends a piece.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from itertools import chain as joined
from typing import TYPE_CHECKING, Final

from tracer.check.read.lazy_regex import lazy_regex
from tracer.check.trace.aliases import key_of, quantities_in
from tracer.check.written import Chain

if TYPE_CHECKING:
    from tracer.check.judging.quantities import Known, Quantities
    from tracer.check.written import Document
    from tracer.expression.syntax import Node

__all__ = ["Pieces", "is_of_one_piece"]

MOST_LINES: Final = 40
MOST_SIGNS: Final = 400  # beside the calculations of a line
_BULLET: Final = lazy_regex(r"[ \t]*[-*+][ \t]+(?=\S)")
_BESIDE: Final = lazy_regex(
    r"(?:[\s,;.，；。、$]|\\[()]|\\\\"
    r"|(?<![^\W_])(?:activation|an?|and|are|as|assume|be|bias|choose|compute|errors?|example|gets?|given?|gives|has|have"
    r"|hence|inputs?|is|it|learning|let|loss|net|of|our|outputs?|prediction|rate|say|set|so|start|suppose"
    r"|take|targets?|that|the|then|therefore|thus|use|we|weights?|where|with)(?![^\W_])"
    r"|已知|给定|假设|例如|设|令|取|则|得到|得|有|其中|为|是|和|与|及|因此|所以|于是|故|计算|权重|输入|输出"
    r"|偏置|目标|预测|误差|损失|学习率|的|值)*",
    re.IGNORECASE,
)


class Pieces:
    """What stands beside the calculations of a document's lines."""

    def __init__(self, document: Document | None = None) -> None:
        self._document = document
        self._spans: dict[int, list[tuple[int, int]]] = {}  # of the calculations on each line
        self._chains: dict[int, list[Chain]] = {}  # that begin on each line

    def are_one(self, first: int, chain: Chain, names: Collection[str]) -> bool:
        """Say whether the lines from the first to a chain's are one piece, and it is their last.

        Each of the names (by their keys) is said to be something once there.
        """
        if self._document is None or not 0 <= chain.place.line - first < MOST_LINES:
            return False
        self._look_through()
        own = self._spans.get(chain.place.line, ())
        numbers = range(first, chain.place.line + 1)
        if any(start > chain.place.start for start, _ in own):
            return False  # `y = w*x = 2, where x = 4`
        if self._is_said_again(numbers, chain, names):
            return False  # `w = w - lr * dw`, and no word of what w is now
        lines = self._document.lines
        return all(self._is_plain(number, lines[number - 1]) for number in numbers)

    def _look_through(self) -> None:
        """Note once what stands where."""
        if self._chains or self._document is None:
            return
        for item in self._document.items:
            if isinstance(item, Chain):
                self._chains.setdefault(item.place.line, []).append(item)
                for number, start, end in _rows(item):
                    self._spans.setdefault(number, []).append((start, end))

    def _is_said_again(self, numbers: range, chain: Chain, names: Collection[str]) -> bool:
        said: set[str] = set()
        for item in joined.from_iterable(self._chains.get(number, ()) for number in numbers):
            if item is chain:
                continue
            name = None if item.target is None else key_of(item.target)
            if name is None or (item.stated and not name.isascii()):
                return True  # `[w, x] = [0.3, 2]`, `权重为 0.3`: what is meant cannot be told
            if name in said and name in names:
                return True
            said.add(name)
        return False

    def _is_plain(self, number: int, line: str) -> bool:
        beside, begin = "", 0
        for start, end in sorted(self._spans.get(number, ())):
            beside += line[begin:start] + " "
            begin = max(begin, end)
        beside += line[begin:]
        bullet = _BULLET.match(beside)
        beside = beside[bullet.end() :] if bullet else beside
        return len(beside) <= MOST_SIGNS and _BESIDE.fullmatch(beside) is not None


def _rows(chain: Chain) -> Iterator[tuple[int, int, int]]:
    """Yield each line that a chain stands on, and from where to where."""
    ends: dict[int, list[int]] = {}
    for member in chain.members:
        span = member.span(0, len(member.text))
        ends.setdefault(span.line, []).extend((span.start, span.end))
    for line, places in ends.items():
        yield line, min(places), max(places)


def is_of_one_piece(known: Quantities, chain: Chain, formula: Node) -> bool:
    """Say whether the names of a formula were stated once each, in the piece that a chain is in."""
    parts = quantities_in(formula).values()
    stated = [known.own(part) for part in parts]
    lines = [item.line for item in stated if item is not None and _is_plainly_said(known, item)]
    names = {key_of(part) or "" for part in parts}
    names |= {name.partition("[")[0] for name in names}
    is_first = known.key is not None and (
        known.is_update or known.memory.current(known.key) is None
    )
    if len(lines) < len(stated) or not lines or not is_first:
        return False
    first = min(lines)
    said_again = any(known.memory.older(name) for name in names)
    return (
        not said_again
        and not known.memory.has_changed(first)
        and known.pieces.are_one(first, chain, names)
    )


def _is_plainly_said(known: Quantities, item: Known) -> bool:
    return bool(item.line) and not item.is_put_in and item.round == known.memory.round
