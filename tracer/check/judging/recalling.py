"""Words that say that a line looks back: `recall`, `was`, `(iteration 1)`, `第一次迭代`.

What looks back may repeat the figures of an iteration that is over. The words are only a
permission: whether the figures are that iteration's is for the judge to see.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final, NamedTuple

from tracer.check.reading.late import late

__all__ = ["Recall", "is_supposed", "recall"]

_NUMBERS: Final = {
    word: number
    for number, words in enumerate(
        (
            "first 1st 一", "second 2nd 二 两", "third 3rd 三", "fourth 4th 四", "fifth 5th 五",
            "sixth 6th 六", "seventh 7th 七", "eighth 8th 八", "ninth 9th 九", "tenth 10th 十",
        ),
        start=1,
    )
    for word in words.split()
}  # fmt: skip
_ORDINAL: Final = "|".join(word for word in _NUMBERS if word.isascii())
_KINDS: Final = r"iterations?|iter|epochs?|rounds?"
_NAMED: Final = late(
    rf"\b(?:{_KINDS})\b\.?\s*(?:\#|no\.?\s*)?(?P<after>[0-9]{{1,6}})(?![.0-9]*[0-9])"
    rf"|\b(?P<ordinal>{_ORDINAL})\s+(?:training\s+)?(?:{_KINDS}|update)\b"
    r"|第\s*(?P<chinese>[0-9]{1,6}|[一二三四五六七八九十])\s*(?:次|轮|个)(?:迭代|更新|训练)?"
    r"|(?:迭代|轮次)\s*(?P<plain>[0-9]{1,6}|[一二三四五六七八九十])(?![.0-9]*[0-9])",
    re.IGNORECASE,
)
_LOOKING_BACK: Final = late(
    r"\b(?:recall|remember|remind(?:er)?|we (?:saw|had|got|found)|was|were|had|before"
    r"|previous(?:ly)?|earlier|originally|initial(?:ly)?|at first|ago|last time|back then"
    r"|for comparison|compare[ds]?|instead of)\b"
    r"|回顾|回忆|还记得|之前|此前|先前|前面|前文|上文|上述|原来|原先|当初|最初|起初|开始时|一开始|初始"
    r"|上一?[次轮步个]|刚才|曾|对比|比较|相比|当时",
    re.IGNORECASE,
)
_FROM_TO: Final = late(r"\bfrom\b|从|由|→|->|\\to\b", re.IGNORECASE)
# What would be with other numbers, or what training comes to: no given number.
_SUPPOSED: Final = late(
    r"\b(?:would|instead|what if|compare[ds]?|best|ideal|optim\w+|true (?:weight|value|parameter)"
    r"|minimum|converge\w*|reach\w*|ends? (?:up|near|at)|eventually|approach\w*|solution"
    r"|after (?:many|some|several|enough|more|a few))\b"
    r"|若|如果|假如|倘若|要是|换成|改为|最优|最佳|理想|最终|收敛|趋于|接近",
    re.IGNORECASE,
)


class Recall(NamedTuple):
    """What the words of a line say: the iterations that they name, and whether they look back.

    `goes_on` is true where a value is said to have changed from one to another.
    """

    named: Collection[int]
    looks_back: bool
    goes_on: bool

    def allows(self, numbers: Collection[int], *, stated: bool) -> bool:
        """Say whether figures of an iteration that is over may stand there.

        `numbers` are what it may be called. What is only `stated` may be said of any iteration,
        unless another is named; what is worked out has to be said to be of this one.
        """
        if any(number in self.named for number in numbers):
            return True
        if stated:
            return self.looks_back or self.goes_on or not self.named
        return self.looks_back and not self.named


def recall(line: str) -> Recall:
    """Return what the words of a line say of the iteration that it is about."""
    named = {_number(found) for found in _NAMED.finditer(line)}
    looks_back = _LOOKING_BACK.search(line) is not None
    return Recall(named, looks_back, _FROM_TO.search(line) is not None)


def is_supposed(line: str) -> bool:
    """Say whether a line says what would be with other numbers, or what would be best."""
    return _SUPPOSED.search(line) is not None


def _number(found: re.Match[str]) -> int:
    word = next(filter(None, found.groups())).lower()
    return int(word) if word.isdigit() else _NUMBERS[word]
