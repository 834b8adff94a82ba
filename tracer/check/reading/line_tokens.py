"""The tokens of a plain line: what is mathematics, what may be prose, which brackets pair."""

from __future__ import annotations

import re
from itertools import accumulate
from typing import Final

from tracer.check.read.lazy_regex import lazy_regex
from tracer.expression.lexer import fold

__all__ = ["FUNCTIONS", "STOP_WORDS", "LineTokens"]

# Words with which prose goes on; none of them is a quantity's name.
STOP_WORDS: Final = frozenset(
    re.findall(
        r"\w+",
        """
    the we get gets is are was be have has had so then with and or where thus hence since of for
    to that this these those it its gives give given giving obtain obtains yields yield results
    result compute calculate using use from find when while which who what why how at in by as on
    into after before because but not if let set take assume suppose becomes become equals equal
    therefore similarly now here there our your my his her their you they also only just still
    first second third next finally again both each all any some such than more less about value
    would should could will can may must do does did see note per via
    """,
    )
)
# Functions that are written without brackets: `ln 0.5`.
FUNCTIONS: Final = frozenset(
    ("ln", "lg", "log", "exp", "sin", "cos", "tan", "tanh", "sqrt", "sigmoid", "relu")
)

_CJK: Final = (
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\uac00-\ud7af"
)
_NO_LETTER: Final = (
    "⁰¹²³⁴⁵⁶⁷⁸⁹ⁱⁿᵀ¼½¾⅐⅑⅒⅓⅔⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞↉₀₁₂₃₄₅₆₇₈₉①-⓿\u02b0-\u02ff\u1d2c-\u1d61\u1d66-\u1d6a"
)
_WORD_TAIL: Final = (
    r"(?:_\{[^{}]*\}|\^\{\([^{}]*\)\}|\^\{\[[^{}]*\]\}|\^\{\+\}|\^\+(?![\w(.\[{])"
    r"|\^\{(?:new|old|pred|true|target|next|prev|init|out|in)\}|['′₀-₉]|⁽[⁰¹²³⁴⁵⁶⁷⁸⁹]+⁾)*"
)
_BEFORE_WORDS: Final = (
    r"[ \t\u00a0\u3000]+"
    r"|[0-9]+(?:\.[0-9]+){2,}|[0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9])|[0-9]+(?:st|nd|rd|th)(?![A-Za-z])"
    r"|(?:[0-9]+(?:\.[0-9]+|\.(?=[,\])*/+\-@]))?|\.[0-9]+)(?:[eE][+-]?[0-9]+(?!\w))?"
    r"|(?:\\_){2,}|_{2,}(?!\w)|[□▢☐]+|"
)
_AFTER_WORDS: Final = (
    r"|:=|~=|<-(?= )|=(?![=<>~])|={2,}|[!<>+\-*/@|^&]=|(?<![0-9])(?<![0-9] )%=|=[<>~]|->"
    r"|\.{3,}|[…⋯]+"
    r"|\.T(?![A-Za-z0-9_])|⁻?[⁰¹²³⁴⁵⁶⁷⁸⁹]+|\*\*|\\[A-Za-z]+|."
)
# Two patterns, as the one for all letters takes long to compile.
_ASCII_TOKEN: Final = lazy_regex(
    _BEFORE_WORDS
    + r"(?:[A-Za-z]|_(?=[A-Za-z]))(?:[A-Za-z0-9']|_(?![_{]))*"
    + _WORD_TAIL
    + _AFTER_WORDS,
    re.DOTALL,
)
_ANY_TOKEN: Final = lazy_regex(
    _BEFORE_WORDS
    + rf"(?:(?![{_CJK}])[^\W\d_{_NO_LETTER}]|_(?=[A-Za-z]))"
    + rf"(?:(?![{_CJK}])[^\W_{_NO_LETTER}]|_(?![_{{])|[\u0300-\u036f'′″‴’⁺]|[₀-₉ₐ-ₜᵢᵣᵤᵥⱼ])*"
    + _WORD_TAIL
    + rf"|[{_CJK}]+"
    + _AFTER_WORDS,
    re.DOTALL,
)
_DIFFERENTIAL: Final = lazy_regex(r"[d∂][A-Za-z]\w*/[d∂]\w+")
_PLACE: Final = lazy_regex(r"\[[0-9]+, ?[0-9]+\]")
_DATE: Final = lazy_regex("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NO_LETTERS: Final = frozenset("ⁱⁿᵀ↉₀₁₂₃₄₅₆₇₈₉")
_CHINESE: Final = lazy_regex(f"[{_CJK}]")
_KINDS: Final = {
    **dict.fromkeys(" \t\u00a0\u3000", "space"),
    **dict.fromkeys("≈≃≐≅≔←⟵", "relation"),
    **dict.fromkeys((":=", "~=", "<-", "=", "+=", "-="), "relation"),
    **dict.fromkeys("<>≤≥≠∼~∝≡⇒→⟹⟶↦∈", "compare"),
    **dict.fromkeys("…⋯", "ellipsis"),
    **dict.fromkeys("⊤ᵀⁿ%‰°⁻⁰¹²³⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉", "after"),
    ".T": "after",
    **dict.fromkeys(("**", *"-+*/@^"), "operator"),
    **dict.fromkeys("√∂", "before"),
    **dict.fromkeys("½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞", "half"),
    **dict.fromkeys("∑∏∫∇∞±∛∜", "symbol"),
    **dict.fromkeys("|∣‖∥", "bar"),
    **dict.fromkeys("([{⌊⌈", "open"),
    **dict.fromkeys(")]}⌋⌉", "close"),
    **dict.fromkeys(",;、，；。!！：:？.", "separator"),
    **dict.fromkeys("□▢☐?", "blank"),
}
"""The kind of a sign, or of what begins with it."""
_MEANINGS: Final[dict[str, tuple[str, bool]]] = {}
_KEPT_TOKENS: Final = 20_000
_PARTNER: Final = {")": "(", "]": "[", "}": "{", "⌋": "⌊", "⌉": "⌈"}


class LineTokens:
    """The tokens of one line as parallel lists.

    `match[i]` is the partner of a bracket (-1: none). A word is `plain` where it may be prose:
    two letters or more, ASCII, nothing else in it; Chinese words are plain too.
    """

    __slots__ = ("ends", "kinds", "match", "plain", "starts", "texts")

    def __init__(self, text: str) -> None:
        folded = fold(text)
        self.texts: list[str] = (_ASCII_TOKEN if folded.isascii() else _ANY_TOKEN).findall(folded)
        meanings = [_MEANINGS.get(token) or _meaning(token) for token in self.texts]
        self.kinds: list[str] = [meaning[0] for meaning in meanings]
        self.plain: list[bool] = [meaning[1] for meaning in meanings]
        self.ends: list[int] = [*accumulate(map(len, self.texts))]
        self.starts: list[int] = [0, *self.ends[:-1]]
        if folded is not text:
            self.unfold(text)
        self.match: list[int] = [-1] * len(self.texts)
        if "open" in self.kinds:
            self.pair()
        if "/" in folded or "[" in folded:
            self.name()

    def unfold(self, text: str) -> None:
        """Give separators their own signs again: a full-width comma is no decimal comma."""
        for place, kind in enumerate(self.kinds):
            if kind == "separator":
                self.texts[place] = text[self.starts[place]]

    def pair(self) -> None:
        """Find the partners of brackets; one that another kind closes has none."""
        waiting: list[int] = []
        for place, kind in enumerate(self.kinds):
            if kind == "open":
                waiting.append(place)
            elif kind == "close":
                partner = _PARTNER[self.texts[place]]
                while waiting and self.texts[waiting[-1]] != partner:
                    waiting.pop()
                if waiting:
                    self.match[place] = waiting[-1]
                    self.match[waiting.pop()] = place

    def name(self) -> None:
        """Take words that prose goes on with for names where they look so: dL/do, both[1, 0]."""
        for place, text in enumerate(self.texts):
            if not self.plain[place] or text.lower() not in STOP_WORDS:
                continue
            below = "".join(self.texts[max(place - 2, 0) : place])
            index = "".join(self.texts[place + 1 : place + 7])
            if _DIFFERENTIAL.fullmatch(below + text) or _PLACE.match(index):
                self.plain[place] = False

    def __len__(self) -> int:
        return len(self.kinds)

    def after(self, place: int) -> int:
        """Return the place of the next token that is no space."""
        place += 1
        return place + 1 if place < len(self.kinds) and self.kinds[place] == "space" else place

    def before(self, place: int) -> int:
        """Return the place of the last token before that is no space, -1 where there is none."""
        place -= 1
        return place - 1 if place >= 0 and self.kinds[place] == "space" else place

    def kind(self, place: int) -> str:
        """Return the kind of a token, `end` beyond the last."""
        return self.kinds[place] if place < len(self.kinds) else "end"


def is_plain(word: str) -> bool:
    """Say whether a word may be prose: several ASCII letters, perhaps with an apostrophe."""
    letters = word.replace("'", "").replace("’", "")
    return len(letters) > 1 and letters.isascii() and letters.isalpha()


def _kind(token: str) -> str:
    """Return the kind of a token."""
    first = token[0]
    kind = _KINDS.get(token)
    if kind is None and first in "0123456789.":
        if token.startswith("..."):
            kind = "ellipsis"
        elif token.count(".") > 1 or token[-1].isalpha() or _DATE.fullmatch(token):
            kind = "odd"
        else:
            kind = "number"
    elif kind is None and first == "\\" and len(token) > 1:
        kind = "blank" if token[1] == "_" else "command"
    elif kind is None and first == "_":
        kind = "blank" if token.strip("_") == "" and len(token) > 1 else "word"
    elif kind is None and not first.isascii() and _CHINESE.match(first):
        kind = "cjk"
    elif kind is None and len(token) > 1 and token[-1] in "=<>~":
        kind = "compare"
    elif kind is None and first.isalpha():
        kind = "word" if first not in _NO_LETTERS else "other"
    return kind or _KINDS.get(first) or "other"


def _meaning(token: str) -> tuple[str, bool]:
    """Return a token's kind, and whether it may be prose."""
    kind = _kind(token)
    meaning = kind, kind == "cjk" or (kind == "word" and is_plain(token))
    if len(_MEANINGS) < _KEPT_TOKENS and len(token) < 40:
        _MEANINGS[token] = meaning
    return meaning
