"""What words say about the lines after them: which iteration or sample follows, which scenario."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, Literal

from tracer.check.model.statements import MappedText, StageMarker, TextPlace, pieces_between
from tracer.check.read.word_tables import (
    CHANGED,
    GOING_ON,
    JOINING,
    JOINING_CHINESE,
    LEFT_OUT,
)
from tracer.errors import TracerError, printable
from tracer.lazy_regex import lazy_regex
from tracer.sentences import say

_KINDS: Final[dict[str, Literal["iteration", "sample", "epoch", "step"]]] = {
    **dict.fromkeys(
        (
            "iteration", "iter", "it", "round", "iteración", "itération", "iteração", "iterazione",
            "durchgang", "durchlauf",
            "迭代", "个迭代", "轮次", "轮", "次迭代", "轮迭代", "次", "輪",
        ),
        "iteration",
    ),
    **dict.fromkeys(
        (
            "sample", "example", "data point", "muestra", "échantillon", "amostra", "beispiel",
            "样本", "样例", "个样本", "组样本", "组数据", "個樣本", "樣本",
        ),
        "sample",
    ),
    **dict.fromkeys(("epoch", "época", "époque", "epoche", "个epoch", "纪元"), "epoch"),
    **dict.fromkeys(("step", "schritt", "paso", "étape", "passo", "步", "步骤"), "step"),
}  # fmt: skip
_ALSO_COUNTING: Final = (
    "i", "k", "n", "t", "it", "iterations", "steps", "epochs", "update", "updates", "rounds", "no",
    "nr", "迭代次数", "轮数", "步数", "次数",
    "",  # `#`, or a corner without a word
)  # fmt: skip
COUNTERS_OF_ROWS: Final = frozenset(
    (*(word for word, kind in _KINDS.items() if kind != "sample"), *_ALSO_COUNTING)
)
"""Heads of columns that number the iterations of the rows."""
_ORDINALS: Final = {
    word: place
    for place, words in enumerate(
        (
            "first one 一", "second two 二", "third three 三", "fourth four 四", "fifth five 五",
            "sixth six 六", "seventh seven 七", "eighth eight 八", "ninth nine 九", "tenth ten 十",
        ),
        start=1,
    )
    for word in words.split()
}  # fmt: skip
_HEAD: Final = (
    r"(?:\s|[•#>*_·【\[-])*(?:[0-9]+(?:\.[0-9]+)*[.)、]?\s+)?(?:\*\*)?"
    r"(?:[—=-]+\s*)?"
)
_WITH_LETTERS: Final = tuple(each for each in _KINDS if each[0] < "一")
_KIND: Final = "|".join(sorted(_WITH_LETTERS, key=len, reverse=True))
_WITH_SPACES: Final = lazy_regex(
    rf"{_HEAD}(?:(?:in|for|after|during|now|on)\s+)?(?:the\s+)?(?:training\s+|update\s+)?"
    rf"(?:(?P<ordinal>first|second|third|fourth|fifth|sixth|seventh|eighth|ninth"
    rf"|tenth)\s+(?:training\s+)?(?P<kind>{_KIND})\b"
    rf"|(?P<kind2>{_KIND})\.?\s*(?:#|no\.?\s*)?(?P<number>[0-9]{{1,9}})\b(?!\.[0-9]))",
)
_CHINESE: Final = lazy_regex(
    rf"{_HEAD}(?:对于?|对|在|进行|开始|现在)?\s*(?:"
    r"第\s*(?P<ordinal>[0-9]{1,9}|[一二三四五六七八九十])\s*"
    r"(?P<kind>次迭代|轮迭代|个样本|组样本|组数据|個樣本|个epoch|轮|輪|次|个迭代|步)"
    r"|(?P<kind2>迭代|轮次|样本|样例|樣本|epoch|步骤)\s*(?P<number>[0-9]{1,9}"
    r"|[一二三四五六七八九十])(?![0-9.]*[0-9]))",
)
_MARKING: Final = {
    _WITH_SPACES: _WITH_LETTERS,
    _CHINESE: ("第", "迭代", "轮次", "样本", "样例", "樣本", "步骤"),
}
"""Words of which one stands in each marker: most lines have none."""
_COMPLETED: Final = lazy_regex(
    r"\bafter\s+(?:(?P<number>[0-9]{1,6}|one|two|three|four|five|six|seven|eight|nine"
    r"|ten)\s+(?:\w+\s+)?(?:iterations?|steps?|updates?|epochs?)\b"
    rf"|(?:the\s+)?(?P<ordinal>{'|'.join(_ORDINALS)})\s+(?:iteration|update|epoch)\b"
    r"|(?:iteration|update|epoch)\s+(?P<place>[0-9]{1,6})\b(?!\.[0-9]))"
    r"|(?P<through>经过\s?)?(?:第\s?)?(?P<count>[0-9]{1,6}|[一二三四五六七八九十])\s?(?:次|轮|步)"
    r"(?:迭代|更新|训练)?(?(through)|之?后)",
)
_TABLES: Final[dict[Literal["left out", "changed"], re.Pattern[str]]] = {
    "left out": LEFT_OUT,
    "changed": CHANGED,
}
_WORD: Final = lazy_regex(
    r"学习率|步长|权重|偏置|输入|目标|损失|误差|梯度|动量|速度|[^\W\d][a-z_]*\d*"
)
_ENDS_OF_CLAUSES: Final = ".,:;\n。，：；"
_ANEW: Final = (
    "set", "start", "initial", "hal", "doubl", "tripl", "twice", "重", "清", "归", "倍", "半",
)  # fmt: skip
"""In words that say without a name what is another one: others may speak of a calculation."""
_LONGEST_CLAUSE: Final = 80  # characters on either side of a word
_WRITTEN_WORD: Final = lazy_regex(
    r"\\(?:begin|end) ?\{[^{}]*\}|\\[A-Za-z]+|\b(?i:step|part|task) ?[0-9]{1,3} ?(?:[.:)]|$)"
    r"|(?P<word>[^\W\d_]{2,})",
    re.MULTILINE,
)
"""What is no word: a command of LaTeX, a number of an item; a word of several letters."""


def find_stages(line: MappedText) -> Iterator[StageMarker]:
    """Yield the markers with which a line begins: `Iteration 2`, `第二个样本`, `Epoch 2, sample 1`.

    There is one of a kind at the most.
    """
    text = line.text[:200].replace("İ", "I").lower()  # the one that two small signs stand for
    kinds, begin = set[str](), 0
    while (found := _marker_in(text[begin:])) and _kind_of(found) not in kinds:
        number = found["ordinal"] or found["number"]
        count = int(number) if number.isdigit() else _ORDINALS[number]
        apart = len(text[begin:]) - len(text[begin:].lstrip(" \t#>*_-•·"))
        place = line.place(begin + min(apart, found.end() - 1), begin + found.end())
        words = tuple(filter(None, [found["ordinal"]]))  # of a time; `Step 2:` may be of the work
        yield StageMarker(_kind_of(found), count, place, words)
        kinds.add(_kind_of(found))
        begin += found.end()
        begin += len(text[begin:]) - len(text[begin:].lstrip(" ,;:，、；：(（/—–-"))


def _marker_in(text: str) -> re.Match[str] | None:
    """Return the marker with which a text in small letters begins."""
    for pattern, words in _MARKING.items():
        found = pattern.match(text) if any(word in text for word in words) else None
        if found is not None:
            return found
    return None


def _kind_of(marker: re.Match[str]) -> Literal["iteration", "sample", "epoch", "step"]:
    return _KINDS[marker["kind"] or marker["kind2"]]


def without_moments(text: str) -> str:
    """Return words without those that say after how many iterations something holds, or in which.

    Where they begin with the number of a sample they stay: each has its own values.
    """
    marker = _marker_in(text)
    is_of_time = marker is not None and _kind_of(marker) != "sample"
    return _COMPLETED.sub("", text[marker.end() :] if marker and is_of_time else text)


def find_changes(text: str) -> Iterator[StageMarker]:
    """Yield where words say that derivatives lack a factor, or that a quantity is another one."""
    text = text.lower()
    for kind, table in _TABLES.items():
        line, last = 1, 0
        for match in table.finditer(text):
            line, last = line + text.count("\n", last, match.start()), match.start()
            low = max(last - _LONGEST_CLAUSE, 0)
            around = text[low : last + _LONGEST_CLAUSE]
            pieces = pieces_between(around, _ENDS_OF_CLAUSES)
            clause = next(around[begin:end] for begin, end in pieces if end > last - low)
            is_anew = any(word in match[0] for word in _ANEW)
            words = tuple(_WORD.findall(clause))
            yield StageMarker(kind, int(is_anew), TextPlace(line, 0, 1), words)


def only_goes_on(text: str) -> bool:
    """Tell whether names mean after these words what they meant before them."""
    words = "".join(sign if sign.isalnum() else " " for sign in text).casefold().split()
    return GOING_ON.issuperset(words)


def only_join(text: str, names: str) -> bool:
    """Tell whether words only join a line to what stands above it, or are among its names."""
    if not text.isascii():  # Chinese has no spaces between words: what joins is taken out
        text = JOINING_CHINESE.sub(" ", text.replace("：", ":"))
    return all(
        found["word"] is None or found[0] in names or found[0].lower() in JOINING
        for found in _WRITTEN_WORD.finditer(text)
    ) and not any("\u4e00" <= sign <= "\u9fff" for sign in text)


def completed_iterations(sentence: str) -> int | None:
    """Return after how many iterations a sentence says that its values hold."""
    small = sentence.lower()
    if not any(word in small for word in ("after", "后", "经过")):
        return None
    match = _COMPLETED.search(small)
    if match is None:
        return None
    again = small.rpartition("after ")[2].split()[:1]  # `after one step …, after two …`
    numbers = filter(None, (*again, *match.group("number", "ordinal", "place", "count")))
    number = next(each for each in numbers if each.isdigit() or each in _ORDINALS)
    return int(number) if number.isdigit() else _ORDINALS[number]


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


def find_scenario(text: str, front_matter: str = "", path: str = "<text>") -> str | None:
    """Return the scenario that a comment or the front matter names.

    Raises: TracerError where a comment names a file: a document may name bundled scenarios only.
    """
    match = _SCENARIO_COMMENT.search(text) if "tracer" in text else None
    if match is not None:
        name = match["name"].strip("\"'").removesuffix("--")
        if not name.isidentifier():
            line = text.count("\n", 0, match.start()) + 1
            raise TracerError(
                say("a document can name bundled scenarios only"),
                where=f"{printable(path)}:{line}",
                found=f"`{name}`",
                expected=say("a name such as one_weight; name a file with --scenario"),
            )
        return name
    name_match = _FRONT_LINE.search(front_matter) if front_matter else None
    return (
        name_match["name"] if name_match is not None and name_match["name"].isidentifier() else None
    )
