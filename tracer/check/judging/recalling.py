"""Words that say that a line looks back: `recall`, `was`, `(iteration 1)`, `第一次迭代`.

What looks back may repeat the figures of an iteration that is over. The words are only a
permission: whether the figures are that iteration's is for the judge to see.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from tracer.check.read.lazy_regex import lazy_regex

__all__ = [
    "Recall",
    "Section",
    "is_alone",
    "is_learned",
    "is_supposed",
    "iteration_said",
    "recall",
    "section_of",
]

MOST_KEPT: Final = 16  # lines; all chains of one ask for the same
NEAR: Final = 24  # characters before the name of an iteration that say how it stands there
LONG: Final = 300  # characters; a longer line holds more than one value
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
_NAMED: Final = lazy_regex(
    rf"\b(?:{_KINDS})\b\.?\s*(?:\#|no\.?\s*)?(?P<after>[0-9]{{1,6}})(?![.0-9]*[0-9])"
    rf"|\b(?P<ordinal>{_ORDINAL})\s+(?:training\s+)?(?:{_KINDS}|update)\b"
    r"|第\s*(?P<chinese>[0-9]{1,6}|[一二三四五六七八九十])\s*(?:次|轮|个)(?:迭代|更新|训练)?"
    r"|(?:迭代|轮次)\s*(?P<plain>[0-9]{1,6}|[一二三四五六七八九十])(?![.0-9]*[0-9])",
    re.IGNORECASE,
)
# A formula that was there before says nothing of the figures that are put into it.
_LOOKING_BACK: Final = lazy_regex(
    r"\b(?:recall|remember|remind(?:er)?|we (?:saw|had|got|found)|was|were|had|before"
    r"|(?:previous|earlier)(?!\s+(?:formula|rule|equation))|previously|originally"
    r"|initial(?:ly)?|at first|ago|last time|back then|for comparison|compare[ds]?|instead of)\b"
    r"|(?:之前|此前|先前|前面|前文|上文|上述|原来|原先)(?!的(?:公式|规则|方法))"
    r"|回顾|回忆|还记得|当初|最初|起初|开始时|一开始|初始"
    r"|上一?[次轮步个]|刚才|曾|对比|比较|相比|当时",
    re.IGNORECASE,
)
# Words that say it of the whole line. The others may be about its formula, or about one figure.
_GOVERNING: Final = lazy_regex(
    r"\b(?:recall|remember|remind(?:er)?|we (?:saw|had|got|found)|was|were|had|originally|at first"
    r"|ago|last time|back then|for comparison|compare)\b"
    r"|^[\W_]*(?:before|previously|earlier|initially|之前|此前|先前|原来|原先|刚才|上一?[次轮步])"
    r"[中里]?\s*[,:，：]"
    r"|回顾|回忆|还记得|当初|最初|起初|开始时|一开始|曾|对比|比较|当时",
    re.IGNORECASE,
)
_COMPARED: Final = lazy_regex(r"\bcompare\b|对比|比较", re.IGNORECASE)
# What stands before an iteration that only a part of the line is of: `the weight from …`.
_BESIDE: Final = lazy_regex(
    r"(?:\b(?:from|of|by|to|than|like|unlike|after|since|until|with|using)"
    r"(?:\s+(?:the|our|that))?|[用由从据以同与和按将把自])\s*$",
    re.IGNORECASE,
)
_FROM_TO: Final = lazy_regex(r"\bfrom\b|从|由|→|->|\\to\b", re.IGNORECASE)
_HEADING: Final = lazy_regex(r"\s*(?:\#{1,6}\s|\\(?:sub)*section)")
_RULE: Final = lazy_regex(r"\s*(?:-\s*){3,}$|\s*(?:\*\s*){3,}$|\s*(?:_\s*){3,}$")
_MARKS: Final = r"[\W_]*"
_NUMBERED: Final = lazy_regex(r"^\s*[0-9]{1,3}[.)]\s+")
_LETTER: Final = lazy_regex(r"[^\W_]")
_ALREADY: Final = lazy_regex(r"\b(?:after|end)\b|后|结束", re.IGNORECASE)
# What may head a part of an iteration. Any other words may gather figures of several.
_PART: Final = lazy_regex(
    r"\\(?:begin|end)\{[^}]*\}|\\[a-z]+"
    r"|\b(?:the|forward|backward|pass|propagation|prediction|output|loss|error|gradients?|weights?"
    r"|parameters?|update|step|compute|calculate|values?|and|of)\b"
    r"|前向|正向|反向|传播|预测|输出|损失|误差|梯度|权重|参数|更新|计算|步骤?|和|的|值",
    re.IGNORECASE,
)
_SAID_OF: Final = lazy_regex(
    rf"{_MARKS}(?:(?:in|at|for)\s+)?iter(?:ation)?\.?\s*\#?(?P<after>[0-9]{{1,6}}){_MARKS}"
    rf"(?:(?:the\s+)?(?:loss|prediction|gradient))?{_MARKS}"
    rf"|{_MARKS}在?(?:第\s*(?P<chinese>[0-9]{{1,6}}|[一二三四五六七八九十])\s*次迭代"
    rf"|迭代\s*(?P<plain>[0-9]{{1,6}}))[中里]?的?(?:损失|预测值?|输出|梯度)?{_MARKS}",
    re.IGNORECASE,
)
# What would be with other numbers, or what training comes to: no given number. A word alone
# (`solution`, `best`) says neither.
_SUPPOSED: Final = lazy_regex(
    r"\b(?:would|instead|what if|what happens|try(?:ing)?|newton|weight decay|sample only"
    r"|(?:loss|error) at|compare[ds]?|eventually|optimum|minimi[sz](?:es|ed by)"
    r"|(?:best|ideal|optimal|true|final|learned|trained)\s+"
    r"(?:weight|value|parameter|solution|slope|w)s?"
    r"|minimum\b[^.:;]{0,20}\bat|ends? (?:up|near|at)"
    r"|(?:converge[sd]?|converging|tend(?:s|ing|ed)?)\s+(?:to|towards?)"
    r"|(?:approach|reach)(?:es|ed|ing)?(?=\s+[$`*]*(?:the\s|[a-z]\w*[$`*]*\s*[=≈]))"
    r"|after (?:many|some|several|enough|more|a few))\b"
    r"|若|如果|假如|试|目标权重|倘若|要是|换成|改为|(?:最优|最佳|理想|最终)的?(?:权重|参数|取?值|解)"
    r"|收敛[到于至]|趋[于近向]|接近(?=\s*[$`*]*[a-z]\w*[$`*]*\s*[=≈])",
    re.IGNORECASE,
)

# What may head what training comes to.
_LEARNED: Final = lazy_regex(
    r"\b(?:solution|answer|result|best|optimi[sz]\w+)\b|最优|最佳|答案|结果|解", re.IGNORECASE
)


class Recall(NamedTuple):
    """What the words of a line say: the iterations that they name, and whether they look back.

    `goes_on` is true where a value is said to have changed from one to another. `governed` are
    the iterations that the whole line is said to be of, and `governs` is true where it is said to
    look back as a whole; the words of others only stand beside the equation.
    """

    named: Collection[int]
    looks_back: bool
    goes_on: bool
    governed: Collection[int]
    governs: bool

    def allows(self, numbers: Collection[int], *, stated: bool) -> bool:
        """Say whether figures of an iteration that is over may stand there.

        `numbers` are what it may be called. What is only `stated` may be said of any iteration,
        unless another is named; what is worked out has to be said to be of this one.
        """
        if not stated:
            return self._may_be(self.governed, numbers, self.governs)
        if any(number in self.named for number in numbers):
            return True
        return self.looks_back or self.goes_on or not self.named

    def may_allow(self, numbers: Collection[int]) -> bool:
        """Say whether what is worked out may be of an iteration that is over; no words are sure."""
        if self.governed:
            return False
        return self._may_be(self.named, numbers, self.looks_back)

    @staticmethod
    def _may_be(named: Collection[int], numbers: Collection[int], looks_back: bool) -> bool:
        return any(number in named for number in numbers) or (looks_back and not named)


@lru_cache(maxsize=MOST_KEPT)
def recall(line: str) -> Recall:
    """Return what the words of a line say of the iteration that it is about."""
    found = [(_number(item), item) for item in _NAMED.finditer(line)]
    governed = {
        number
        for number, item in found
        if not _BESIDE.search(line[max(0, item.start() - NEAR) : item.start()])
    }
    named = {number for number, _ in found}
    looks_back = _LOOKING_BACK.search(line) is not None
    governs = _GOVERNING.search(line) is not None
    if governs and _COMPARED.search(line):
        governed = named
    goes_on = _FROM_TO.search(line) is not None
    return Recall(named, looks_back, goes_on, governed, governs)


@lru_cache(maxsize=MOST_KEPT)
def is_supposed(line: str) -> bool:
    """Say whether a line says what would be with other numbers, or what would be best."""
    return _SUPPOSED.search(line) is not None


def is_learned(line: str) -> bool:
    """Say whether what a line says of a parameter may be what training comes to."""
    return _LEARNED.search(line) is not None


class Section:
    """The lines under a heading that names an iteration, as far as they are read.

    It ends with a rule, with words that look back, and with words that may head something else
    than a part of the iteration. Each line is looked at once.
    """

    def __init__(self, lines: Sequence[str], line: int) -> None:
        self._lines: Final = lines
        self._next: int = line  # from 0, the one below the heading
        self._is_over = False

    def holds(self, line: int) -> bool:
        """Say whether a line (from 1) still stands under the heading."""
        while self._next < line and not self._is_over:
            self._is_over = _ends_section(self._lines[self._next])
            self._next += 1
        return not self._is_over


def _ends_section(line: str) -> bool:
    words = recall(line)
    if words.looks_back or words.named or _RULE.match(line):
        return True
    return "=" not in line and _LETTER.search(_PART.sub("", line)) is not None


def section_of(lines: Sequence[str], line: int, marker: str) -> Section | None:
    """Return the section that a marker opens; None where its line is no heading."""
    text = lines[line - 1] if 0 < line <= len(lines) else ""
    if not (_HEADING.match(text) or is_alone(text, marker)):
        return None
    if recall(text).looks_back or _ALREADY.search(text):
        return None
    return Section(lines, line)


def is_alone(line: str, text: str) -> bool:
    """Say whether a line holds nothing but a text and the marks of a list."""
    if len(line) > LONG:
        return False
    line = _NUMBERED.sub("", line)
    return len(_LETTER.findall(line)) == len(_LETTER.findall(text)) > 0


def iteration_said(line: str, text: str) -> int | None:
    """Return the number of the iteration that a line names beside the one value that it states.

    None where it says more than that.
    """
    if len(line) > LONG:
        return None
    before, middle, after = line.partition(text)
    words = recall(line)
    found = _SAID_OF.fullmatch(f"{before} {after}") if middle else None
    if found is None or "|" in line or words.looks_back or words.goes_on:
        return None
    return _number(found)


def _number(found: re.Match[str]) -> int:
    word = next(filter(None, found.groups())).lower()
    return int(word) if word.isdigit() else _NUMBERS[word]
