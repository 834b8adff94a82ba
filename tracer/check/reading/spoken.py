"""Words for signs: `3 plus 4 equals 7`, `2 乘以 3 得 6`, `0.5 * 3 gives 1.5`.

They are read where a whole calculation stands between marks of punctuation and ends in a figure.
Where prose goes on beside it, as in `3 times 5 gives 15 answers`, it is not read, and this is said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from tracer.check.read.lazy_regex import lazy_regex
from tracer.check.written import Reason
from tracer.narrative.messages import Sentence, say

__all__ = ["HAS_WORDS", "OTHER_NUMBERS", "with_signs"]

_OPERATORS: Final = {
    **dict.fromkeys(("plus", "加上", "加"), "+"),
    **dict.fromkeys(("minus", "减去", "减"), "-"),
    **dict.fromkeys(("times", "multiplied by", "乘以", "乘", "of"), "*"),
    **dict.fromkeys(("divided by", "除以"), "/"),
}
_RELATIONS: Final = dict.fromkeys(
    (
        "is equal to",
        "equals",
        "gives",
        "yields",
        "makes",
        "is",
        "等于",
        "得到",
        "得出",
        "得",
        "是",
        "为",
    ),
    "=",
)
_SIGNS: Final = {**_OPERATORS, **_RELATIONS}
_WEAK: Final = ("is", "是", "为")  # they also say what a thing is
HAS_WORDS: Final = lazy_regex(
    r"[0-9)²³%] ?(?:of|plus|minus|times|multiplied|divided|equals|is|gives|yields|makes"
    r"|[加减乘除等得是为的与和]|and|[→⇒]|->|=>)(?![a-z])"
)
"""What a line has to have in it before it is looked at here."""
_TOKEN: Final = lazy_regex(
    r"(?P<space>\s+)|(?P<word>"
    + "|".join(sorted(_SIGNS.keys() - {"of"}, key=len, reverse=True))
    + r"|(?<=% )of)(?![A-Za-z])|(?P<number>[0-9]+(?:\.[0-9]+)?(?: ?%)?(?![A-Za-z0-9_]))"
    r"|(?P<name>[A-Za-z](?:_?[0-9]|[₀-₉])?(?![A-Za-z0-9_(])|[A-Za-z][A-Za-z0-9_]*(?=\s*=))"
    r"|(?P<arrow>[→⇒]|[-=]>)|(?P<operator>\*\*|[-+*/×·÷^−])|(?P<relation>[=≈])|(?P<open>\()|(?P<close>\)[²³]?)|(?P<other>[A-Za-z_][A-Za-z0-9_]*|.)",
    re.DOTALL,
)
_BEFORE: Final = lazy_regex(
    r"(?:^|[,;:，。；：（(]|\.\s|\b(?:so|then|thus|hence|therefore|since|because|here|now|that|finally|is|get|have|take|with"
    r"|compute|calculate|obtain)\s"
    r"|所以|因此|即|则|故|那么|于是|用|把|将|先|再)\s*$",
    re.IGNORECASE,
)
_AFTER: Final = lazy_regex(r"\s*(?:$|[,;:，。；：、)）!]|\.(?![0-9]))")
# `11 plus 2 is 1 (mod 12)`, `in base 2`
OTHER_NUMBERS: Final = lazy_regex(
    r"\b(?:mod|modul(?:o|us)|(?<!log )base[ -]?[0-9]+)\b"
    r"|\bin (?:binary|octal|hexadecimal|hex)(?= ?[,:(0-9])"
    r"|进制|模\s*[0-9]",
    re.IGNORECASE,
)
"""Words after which a sum may hold that does not hold among the plain numbers."""
# `the sum of 3 and 4 is 7`, `3 与 4 的积等于 12`
_NUMBER: Final = r"[-−]?[0-9]+(?:\.[0-9]+)?"
_OF_TWO: Final = lazy_regex(
    rf"(?P<head>(?:the )?(?P<sign>sum|product) of ){_NUMBER}(?P<and> and ){_NUMBER}"
    r"(?P<tail> )(?=(?:is|equals|gives|=) )",
    re.IGNORECASE,
)
_OF_TWO_CHINESE: Final = lazy_regex(
    rf"{_NUMBER}(?P<and>\s*[与和]\s*){_NUMBER}(?P<tail>\s*的(?P<sign>和|积))"
    r"(?=(?P<rest>\s*(?:等于|是|为|=)(?:[^,;，。；.]|\.(?=[0-9]))*))"
)
# An operator or a list: `2 乘以 3 与 4 的和` may begin with a product.
_GOES_ON: Final = lazy_regex(
    r"(?:[0-9)²³%]\s*(?:[-+*/×·÷−,，、]|加上?|减去?|乘以?|除以|与|和)|[+*/×·÷])\s*$"
)
_TWO: Final = {"sum": "+", "product": "*", "和": "+", "积": "*"}


_SIGN_KINDS: Final = ("operator", "relation", "word", "arrow")
_WAITING: Final = (*_SIGN_KINDS, "open")


class Unclear(NamedTuple):
    """A part of a line that looks like a calculation in words and is not read: where and why."""

    start: int
    end: int
    why: Sentence
    reason: Reason = "unreadable"


class _Token(NamedTuple):
    kind: str
    text: str
    start: int
    end: int


def with_signs(text: str) -> tuple[str, list[Unclear]]:
    """Return a line with signs for such words, place for place, and what of it is not read."""
    written = text
    text = _OF_TWO.sub(_joined, text)
    unread: list[Unclear] = []
    for found in _OF_TWO_CHINESE.finditer(text):
        if _GOES_ON.search(text, 0, found.start()):
            end = found.end("rest")
            why = say("ambiguous: what stands before it may belong to it")
            unread.append(Unclear(found.start(), end, why, "ambiguous"))
            text = text[: found.start()] + " " * (end - found.start()) + text[end:]
        else:
            text = text[: found.start()] + _joined(found) + text[found.end() :]
    characters = list(text)
    for run in _runs(text):
        signs = [place for place, token in enumerate(run) if _is_relation(token)]
        words = _words(run, signs[-1]) if signs else []
        if not words or not _is_calculation(run, signs):
            continue
        start, end, last = run[0].start, run[-1].end, run[signs[-1]]
        begins = run[1].kind == "relation" or _BEFORE.search(text, 0, start)
        operators = {token.text for token in run if _is_operator(token)}
        if not begins and operators <= {"-", "−"}:
            continue  # `steps 3 - 4`
        said = text != written or bool(operators & _OPERATORS.keys())
        if last.text in _WEAK and not said and not (begins and _AFTER.match(text, end)):
            continue  # `a 3 × 3 is 2 pixels wider`
        if last.kind == "arrow":
            if any("." in token.text or token.text in "+-−" for token in run):
                # no product of sizes, as `28 × 28 → 784`
                unread.append(Unclear(start, end, say("an arrow may say more than an equals sign")))
        elif begins and _mixes(run):
            characters[start:end] = " " * (end - start)
            why = say("ambiguous: words do not say which operation comes first")
            unread.append(Unclear(start, end, why, "ambiguous"))
        elif begins and (last.kind == "relation" or _AFTER.match(text, end)):
            for token in words:
                sign = _SIGNS[token.text]
                characters[token.start : token.end] = sign.ljust(token.end - token.start)
        else:
            characters[start:end] = " " * (end - start)
            why = say("words for signs are read where nothing else stands around them")
            unread.append(Unclear(start, end, why))
    return "".join(characters), unread


def _words(run: Sequence[_Token], last: int) -> list[_Token]:
    """Return the words of a run that stand for signs; `last` is the place of its last relation."""
    if run[last].kind == "arrow":
        return [] if any(token.kind == "relation" for token in run) else [run[last]]
    return [
        token
        for place, token in enumerate(run)
        if token.kind == "word" and (place == last or token.text not in _WEAK)
    ]


def _joined(found: re.Match[str]) -> str:
    """Return `3 + 4` for `the sum of 3 and 4`, as long as that, in brackets where it has a head."""
    text, start = found[0], found.start()
    sign = _TWO[found["sign"].lower()].center(len(found["and"]))
    has_head = "head" in found.groupdict()
    parts = {"and": sign, "tail": (")" if has_head else "").ljust(len(found["tail"]))}
    if has_head:
        parts["head"] = "(".ljust(len(found["head"]))
    for name, part in parts.items():
        low, high = found.start(name) - start, found.end(name) - start
        text = text[:low] + part + text[high:]
    return text


def _runs(text: str) -> Iterator[Sequence[_Token]]:
    """Yield the longest runs in which operands and signs take turns."""
    run: list[_Token] = []
    depth = 0
    for found in _TOKEN.finditer(text):
        token = _Token(found.lastgroup or "other", found[0], found.start(), found.end())
        kind = token.kind
        if kind == "space":
            continue
        waits = not run or run[-1].kind in _WAITING
        takes = (
            kind in ("number", "name", "open") or (kind == "operator" and token.text in "-−+")
            if waits
            else kind in _SIGN_KINDS or (kind == "close" and depth > 0)
        )
        if not takes:
            yield _ended(run)
            run, depth = [], 0
            if kind not in ("number", "name", "open"):
                continue
        depth += (kind == "open") - (kind == "close")
        run.append(token)
    yield _ended(run)


def _ended(run: list[_Token]) -> list[_Token]:
    """Return a run up to its last operand."""
    while run and run[-1].kind in _WAITING:
        run.pop()
    return run


def _is_calculation(run: Sequence[_Token], signs: Sequence[int]) -> bool:
    """Say whether a run works something out and ends in a figure, after its last relation.

    `signs` are the places of its relations. In `w = 0.5 得 z = 2 * 0.5 = 1` and in
    `z = 2 * 0.5 = 1 得 0.73` a word joins two equations.
    """
    begin = signs[-2] if run[signs[-1]].kind == "word" and len(signs) > 1 else 0
    if any(run[place].kind == "word" and run[place].text not in _WEAK for place in signs[:-1]):
        return False
    worked = any(
        _is_operator(token) and before.kind in ("number", "close")
        for before, token in pairwise(run[begin : signs[-1]])
    )
    result = [token.kind for token in run[signs[-1] + 1 :]]
    return worked and result in (["number"], ["operator", "number"])


def _is_operator(token: _Token) -> bool:
    return token.kind == "operator" or token.text in _OPERATORS


def _mixes(run: Sequence[_Token]) -> bool:
    """Say whether sums and products stand side by side, one of their signs being a word."""
    levels: list[list[str]] = [[]]
    for before, token in pairwise(run):
        if token.kind == "open":
            levels.append([])
        elif token.kind == "close" and len(levels) > 1:
            levels.pop()
        elif _is_relation(token):
            levels = [[]]
        elif _is_operator(token) and before.kind in ("number", "name", "close"):
            levels[-1].append(token.text)
            kinds = {_OPERATORS.get(each, each) in ("+", "-", "−") for each in levels[-1]}
            if len(kinds) > 1 and not _OPERATORS.keys().isdisjoint(levels[-1]):
                return True
    return False


def _is_relation(token: _Token) -> bool:
    return token.kind in ("relation", "arrow") or token.text in _RELATIONS
