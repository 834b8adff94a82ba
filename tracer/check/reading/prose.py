"""What words say: values stated in a sentence, and which iteration or sample follows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, Literal

from tracer.check.read.lazy_regex import lazy_regex
from tracer.check.reading.members import read_member
from tracer.check.reading.strips import Strip
from tracer.check.written import Chain, Marker
from tracer.errors import TracerError, printable
from tracer.expression import Notation
from tracer.sentences import say

__all__ = ["markers", "scenario_named", "stated_values"]

_NUMBER: Final = r"(?P<number>[-+−]?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)"
_SYMBOL: Final = (
    r"(?:\\?(?:alpha|beta|gamma|delta|epsilon|eta|theta|lambda|mu|rho|sigma|omega)(?![A-Za-z])"
    r"|(?![aAI](?![\w']))[A-Za-zα-ωΑ-Ωŷŵ](?![A-Za-z])|[A-Za-z]+(?=[0-9_₀-₉])|lr(?![A-Za-z]))"
    r"[A-Za-z0-9_₀-₉]*'*(?:_\{[A-Za-z0-9,]+\})?"
)
_CHINESE_NOUN: Final = (
    "学习率|步长|权重|偏置|偏差|输入|目标值|真实值|预测值|损失值?|损失函数值|梯度|误差|动量"
)
_CHINESE: Final = lazy_regex(
    rf"(?:(?<![\w'])(?P<symbol>{_SYMBOL})|(?P<noun>{_CHINESE_NOUN}))\s*的?(?:值)?\s*"
    r"(?:被?(?:初始化|初始值|初值|初始|设置|设定|设|更新|变|取值|取)(?:值)?(?:为|成|是)|为|是|等于|取)\s*"
    + _NUMBER
    + r"(?![0-9.]*[0-9a-zA-Z%×*/+^])"
    + r"(?!\s*(?:[-*/×+^(=≈]|、\s*[-−0-9]|[维个次倍轮层类行列%～~到至]))"
)
_ENGLISH_NOUN: Final = (
    r"learning rate|step size|momentum|initial weight|weight decay|weight|bias|input|target"
    r"|true value|prediction|output|loss|error|gradient"
)
_END: Final = (
    r"(?=\s*(?:$|[,;:，。；)）!]|、(?!\s*[-−0-9])|\.(?![0-9])"
    r"|and\b|so\b|which\b|with\b|for\b|because\b))"
)
_ENGLISH: Final = (
    lazy_regex(
        rf"\b(?P<noun>{_ENGLISH_NOUN})(?:,?\s+\(?(?P<symbol>{_SYMBOL})\)?,?)?\s+"
        rf"(?:of|is|equals|becomes|set to|is set to|to|at)\s+{_NUMBER}{_END}",
        re.IGNORECASE,
    ),
    lazy_regex(
        rf"\b(?:[Ll]et|[Ss]et|[Tt]ake|[Ww]ith|[Ii]niti\w+|[Ss]tart with|[Aa]ssume|[Ss]uppose)\s+"
        rf"(?P<symbol>{_SYMBOL})\s+(?:be|is|to|at|as|of|equal to|equals)\s+{_NUMBER}{_END}"
    ),
    lazy_regex(rf"\band\s+(?P<symbol>{_SYMBOL})\s+be\s+{_NUMBER}{_END}"),
    lazy_regex(
        rf"(?<![\w'\-])(?P<symbol>{_SYMBOL})\s+(?:is|equals|becomes)\s+(?:now\s+)?{_NUMBER}{_END}"
    ),
)
_CHINESE_VERB: Final = lazy_regex(r"[为是取等成]")
_ENGLISH_VERB: Final = lazy_regex(r"\b(?:of|is|equals|becomes|to|at|be|as)\b")


def stated_values(strip: Strip, notation: Notation | None = None) -> Iterator[Chain]:
    """Yield the values that a line states in words: `w 为 0.5`, `a learning rate of 0.1`."""
    text = strip.text
    taken: list[tuple[int, int]] = []
    patterns = ([_CHINESE] if _CHINESE_VERB.search(text) else []) + (
        [*_ENGLISH] if _ENGLISH_VERB.search(text) else []
    )
    for pattern in patterns:
        for found in pattern.finditer(text):
            if any(start < found.end() and found.start() < end for start, end in taken):
                continue
            taken.append(found.span())
            group = "symbol" if found["symbol"] else "noun"
            yield _stated(strip, found, group, notation)


def _stated(strip: Strip, found: re.Match[str], group: str, notation: Notation | None) -> Chain:
    name = strip.cut(*found.span(group))
    number = strip.cut(*found.span("number"))
    dialect: Literal["latex", "unicode"] = "latex" if "\\" in name.text else "unicode"
    readable = name.text.replace(" ", "_").lower() if group == "noun" else name.text
    members = [
        read_member(name, "", dialect, readable=readable, notation=notation, fresh=True),
        read_member(number, "=", "unicode", notation=notation, fresh=True),
    ]
    whole = strip.cut(found.start(group), found.end("number"))
    return Chain(members, members[0].span(), printable(whole.text), stated=True)


# Markers

_KINDS: Final[dict[str, Literal["iteration", "sample", "epoch", "section"]]] = {
    **dict.fromkeys(
        ("iteration", "iter", "迭代", "轮次", "轮", "次迭代", "轮迭代", "次", "round"), "iteration"
    ),
    **dict.fromkeys(
        ("sample", "example", "data point", "样本", "个样本", "组样本", "组数据"), "sample"
    ),
    **dict.fromkeys(("epoch", "个epoch", "纪元"), "epoch"),
}
_ORDINALS: Final = {
    word: place
    for place, words in enumerate(
        (
            "first 一", "second 二", "third 三", "fourth 四", "fifth 五", "sixth 六", "seventh 七",
            "eighth 八", "ninth 九", "tenth 十",
        ),
        start=1,
    )
    for word in words.split()
}  # fmt: skip
_HEAD: Final = r"^[\s#>*_\-•·]*(?:[0-9]+(?:\.[0-9]+)*[.、)]?\s+)?(?:\*\*)?(?:[—\-=]+\s*)?"
_ENGLISH_MARKER: Final = lazy_regex(
    _HEAD + r"(?:(?:in|for|after|during)\s+(?:the\s+)?)?(?:training\s+|update\s+)?"
    r"(?P<kind>iteration|iter|epoch|sample|example|data point|round|step|part|task|question|problem"
    r"|exercise)\.?\s*(?:#|no\.?\s*)?(?P<number>[0-9]{1,9})\b(?!\.[0-9])",
    re.IGNORECASE,
)
_ORDINAL_MARKER: Final = lazy_regex(
    _HEAD + r"(?:(?:in|for|during|now|on)\s+)?(?:the\s+)?"
    r"(?P<number>first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth)\s+(?:training\s+)?"
    r"(?P<kind>iteration|epoch|sample|example|data point|round|step)\b",
    re.IGNORECASE,
)
_CHINESE_MARKER: Final = lazy_regex(
    _HEAD + r"(?:对于?|对|在|进行|开始|现在)?\s*(?:"
    r"第\s*(?P<number>[0-9]{1,9}|[一二三四五六七八九十])\s*"
    r"(?P<kind>次迭代|轮迭代|个样本|组样本|组数据|个epoch|轮|次|步|题|个迭代)"
    r"|(?P<kind2>迭代|轮次|样本|步骤|样例|Epoch)\s*(?P<number2>[0-9]{1,9}|[一二三四五六七八九十])(?![0-9.]*[0-9]))",
    re.IGNORECASE,
)
_MARKING: Final = (
    "iter", "epoch", "sample", "example", "data point", "round", "step", "part", "task", "question",
    "problem", "exercise", "第", "迭代", "轮次", "样本", "步骤", "样例",
)  # fmt: skip


def markers(strip: Strip) -> Iterator[Marker]:
    """Yield the marker with which a line begins, if it does: `Iteration 2`, `第二个样本`."""
    text = strip.text[:200]
    small = text.lower()
    if not any(word in small for word in _MARKING):  # quicker than a pattern: most have none
        return
    for pattern in (_ENGLISH_MARKER, _ORDINAL_MARKER, _CHINESE_MARKER):
        found = pattern.match(text)
        if found is None:
            continue
        groups = found.groupdict()
        word = (groups["kind"] or groups.get("kind2") or "").lower()
        number = groups["number"] or groups.get("number2") or ""
        group = "number" if groups["number"] else "number2"
        kind = _KINDS.get(word) or ("iteration" if "迭代" in word else "section")
        count = int(number) if number.isdigit() else _ORDINALS[number.lower()]
        start = len(text) - len(text.lstrip(" \t#>*_-•·"))
        yield Marker(kind, count, strip.span(min(start, found.start(group)), found.end()))
        return


# The scenario that a document names

_SCENARIO_COMMENT: Final = lazy_regex(
    r"(?:<!--|^[ \t]*[%#])[ \t]*tracer[ \t]*:[ \t]*scenario[ \t]*[=:][ \t]*(?P<name>[^\s>]{1,200})",
    re.MULTILINE,
)
_FRONT_LINE: Final = lazy_regex(
    r"""^(?P<space>[ \t]*)(?:tracer[ \t]*:[ \t]*\{?[ \t]*)?scenario[ \t]*:[ \t]*["']?"""
    r"""(?P<name>[^\s"'}#]{1,200})""",
    re.MULTILINE,
)


def scenario_named(text: str, front_matter: str = "", path: str = "<text>") -> str | None:
    """Return the scenario that a comment or the front matter names.

    Raises: TracerError where a comment names a file: a document may name bundled scenarios only.
    """
    found = _SCENARIO_COMMENT.search(text) if "tracer" in text else None
    if found is not None:
        name = found["name"].strip("\"'").removesuffix("--")
        if not name.isidentifier():
            line = text.count("\n", 0, found.start()) + 1
            raise TracerError(
                say("a document can name bundled scenarios only"),
                where=f"{printable(path)}:{line}",
                found=f"`{name}`",
                expected=say("a name such as one_weight; a file is given with --scenario"),
            )
        return name
    stated = _FRONT_LINE.search(front_matter) if front_matter else None
    return stated["name"] if stated is not None and stated["name"].isidentifier() else None
