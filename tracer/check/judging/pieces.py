"""A piece of working: lines with no more words between than `given` and `so`.

In such lines a name means one thing. Elsewhere it may by now mean another sample, or another step.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tracer.check.reading.late import late
from tracer.check.trace.aliases import key, key_of, quantities_in
from tracer.operations import table

if TYPE_CHECKING:
    from tracer.check.judging.quantities import Known, Quantities
    from tracer.check.written import Chain
    from tracer.expression.syntax import Node

__all__ = ["is_of_one_piece"]

MOST_LINES: Final = 40
_COMMAND: Final = late(r"\\[A-Za-z]+")
_WORD: Final = late(r"(?<![^\W_])[A-Za-z]{2,}(?![^\W_])|[\u3400-\u9fff]+")
_PLAIN: Final = late(
    "activation|an?|and|are|as|be|bias|compute|errors?|gets?|given?|gives|has|have|hence|input|is"
    "|it|learning|let|loss|net|of|outputs?|prediction|rate|set|so|target|that|the|then|therefore"
    "|thus|we|weights?|where|with",
    re.IGNORECASE,
)
_PLAIN_CHINESE: Final = late(
    "(?:已知|给定|设|令|则|得到|得|有|其中|为|是|和|与|及|因此|所以|于是|故|计算|权重|输入|输出|偏置|"
    "目标|预测|误差|损失|学习率|的|值)+"
)


def is_of_one_piece(known: Quantities, chain: Chain, formula: Node) -> bool:
    """Say whether the names of a formula were stated once each, in the piece that a chain is in."""
    parts = quantities_in(formula).values()
    stated = [known.own(part) for part in parts]
    lines = [item.line for item in stated if item is not None and _is_plainly_said(known, item)]
    names = [key_of(part) or "" for part in parts]
    said_again = any(known.memory.older(name) for name in names)
    computed_before = known.key is not None and known.memory.current(known.key) is not None
    if len(lines) < len(stated) or not lines or said_again or computed_before:
        return False
    first, last = min(lines), chain.place.line
    if not 0 <= last - first < MOST_LINES:
        return False
    own = {name.partition("[")[0] for name in known.memory.names()} | {known.key or ""}
    return all(_has_no_words(line, own) for line in known.lines[first - 1 : last])


def _is_plainly_said(known: Quantities, item: Known) -> bool:
    return bool(item.line) and not item.is_put_in and item.round == known.memory.round


def _has_no_words(line: str, own: set[str]) -> bool:
    """Say whether a line is formulas with words that change nothing."""
    for word in _WORD.findall(_COMMAND.sub(" ", line)):
        is_plain = _PLAIN.fullmatch(word) or word in table() or key(word) in own
        if not is_plain and _PLAIN_CHINESE.fullmatch(word) is None:
            return False
    return True
