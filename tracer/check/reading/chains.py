"""Chains in a plain line: mathematics found between prose, split at equals signs.

A loose grammar decides where mathematics begins and ends: operands and operators take turns, and
two words side by side are prose. What it finds is read by the one parser.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate
from typing import Final, NamedTuple

from tracer.check.read.lazy_regex import lazy_regex
from tracer.check.reading.line_tokens import FUNCTIONS, STOP_WORDS, LineTokens
from tracer.check.reading.markup import BREAK
from tracer.check.reading.members import (
    Problem,
    is_function_name,
    is_power_of_name,
    read_member,
    unread,
)
from tracer.check.reading.strips import Strip
from tracer.check.reading.usage import as_meant, without_remark
from tracer.check.written import Chain, Member, Reason, Unread
from tracer.errors import printable
from tracer.expression import Dialect, Notation
from tracer.expression.syntax import Name, Number
from tracer.sentences import Text, say

__all__ = ["DOUBTED_COMMA", "Found", "Piece", "chain_of", "line_chains"]

DOUBTED_COMMA: Final = say(
    "ambiguous: a comma between digits may be a decimal comma, a separator of thousands or a list"
)
_STEPS: Final = ("+=", "-=")
_SIGNS: Final = {
    "=": "=", ":=": ":=", "≔": ":=", "←": "←", "⟵": "←", "<-": "←", "−=": "-=",
    **dict(zip(_STEPS, _STEPS, strict=True)),
}  # fmt: skip
_LIST_GOES_ON: Final = lazy_regex(
    r"[,、，]\s*[-+]?[0-9]+(?:\.[0-9]+)?\s*(?:$|[,;，；。]|\.(?![0-9])|and\b|or\b|[和、与或])"
)
_STATEMENT: Final = lazy_regex(
    r"\s*[-+−]?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?\s*"
    r"(?:$|[,;，；、。)）]|\.(?![0-9])|(?P<more>[^\W\d]\w*'*\s*=))"
)
_LONG_CHINESE: Final = 12
LONGEST_FACTOR: Final = 3  # letters of a word that may be a factor: `dw`, `ex`
_SCRIPT: Final = lazy_regex(
    r"_\{[^{}]*\}|[_^]\(?[0-9]+\)?|\^\{\(?[^{}]*\)?\}|\\(?:text|mathrm|mathbb) ?\{[^{}]*\}"
)
_OWN_FIGURE: Final = lazy_regex(r"(?<![\w.])[0-9]+(?:\.[0-9]+)?(?![\w.])")
# Signs after which a number is only a part of what is meant.
_JOINING: Final = frozenset(("/", "%", "*=", "/=", "<", ">", "≤", "≥"))
_FIGURES: Final = frozenset(("number", "operator", "half", "blank", "ellipsis"))
# Words that take what stands beside them as operands.
_JOINS: Final = frozenset(("of", "and", "times", "plus", "minus", "over", "percent"))
_GOES_ON: Final = ("relation", "operator")
_REMARK: Final = frozenset(("space", "separator", "cjk", "other"))
_AND: Final = ("and", "和", "与")
_AFTER_NUMBER: Final = frozenset(
    (
        "times", "plus", "minus", "percent", "of", "over", "divided",
        "hundred", "thousand", "million", "billion", "trillion", "dozen", "remainder",
    )
)  # fmt: skip
_CHINESE_AFTER_NUMBER: Final = ("加", "减", "乘", "除", "万", "亿", "千", "百", "余")
_CHINESE_JOINS: Final = ("加", "减", "乘", "除", "乘以", "除以", "加上", "减去", "和", "与", "倍")
_CHINESE_SAYS: Final = ("为", "是", "得", "得到", "即", "成", "到", "至", "约", "有", "取")
_OPERANDS: Final = frozenset(("word", "cjk", "number"))
_WORKED: Final = {"number", "operator"}


class Found(NamedTuple):
    """What a line holds. `begins` and `ends` say whether mathematics reaches its ends."""

    chains: list[Chain]
    unread: list[Unread]


class Piece(NamedTuple):
    """A member before it is parsed: its place in the strip, its sign, why it is not to be read."""

    start: int
    end: int
    sign: str
    problem: Problem | None = None


def sign_of(text: str) -> str:
    """Return the kind of an equals sign."""
    return _SIGNS.get(text, "≈")


def line_chains(strip: Strip, notation: Notation | None = None) -> Found:
    """Return the chains of a plain line, and what of it looks worked and was not read."""
    found = Found([], [])
    tokens = LineTokens(strip.text)
    if "relation" not in tokens.kinds:
        return found
    scanner = _Scanner(strip, tokens, notation, found)
    waiting = [(0, len(tokens))]
    while waiting:
        scanner.scan(*waiting.pop())
        waiting.extend(scanner.inner)
        scanner.inner = []
    found.chains.sort(key=lambda chain: chain.place)
    return found


class _Scanner:
    """Goes along the tokens of one level of brackets and collects clusters of mathematics."""

    def __init__(
        self, strip: Strip, tokens: LineTokens, notation: Notation | None, found: Found
    ) -> None:
        self.strip = strip
        self.tokens = tokens
        self.notation = notation
        self.found = found
        self.inner: list[tuple[int, int]] = []
        bracketed = "open" in tokens.kinds
        self.prose = _prose_before(tokens) if bracketed else []
        self.figures = _counted(tokens, _FIGURES) if bracketed else []
        self.relations = _relations_before(tokens) if bracketed else []
        self.broken = BREAK in strip.text
        self.high = 0
        self.ended = -1  # before which token a cluster with equals signs ended
        self.clear()

    def clear(self) -> None:
        """Begin with no cluster."""
        self.begin = -1  # the first token of the cluster
        self.end = -1  # after its last operand
        self.signs: list[int] = []  # its equals signs
        self.stops: list[int] = []  # after the last operand before each of them
        self.edits: dict[int, str] = {}  # characters that the parser reads instead
        self.last = ""  # what its last operand is; '' where an operand is expected
        self.operator = False  # an operator, and no sign of equality, waits for its operand
        self.bars = 0
        self.problems: dict[int, Problem] = {}  # by the number of the member

    def scan(self, low: int, high: int) -> None:
        """Find the clusters between two tokens."""
        kinds = self.tokens.kinds
        self.high = high
        place = low
        while place < high:
            kind = kinds[place]
            if kind == "space":
                place += 1
            elif kind == "open":
                place = self.bracket(place)
            elif kind == "other" and self.tokens.texts[place] == "#":
                break
            else:
                _HANDLERS.get(kind, _Scanner.on_other)(self, place)
                place += 1
        self.cut(high)

    # Clusters

    def start(self, place: int, last: str) -> None:
        """Take an operand, or the first of its tokens, into the cluster."""
        if self.begin < 0:
            self.begin = place
            if self.broken and self.follows_break(place):
                self.trouble("unreadable", say("a formula before it belongs to it"))
        self.last = last
        self.operator = False
        self.end = place + 1

    def follows_break(self, place: int) -> bool:
        """Say whether a formula, or a command of LaTeX, stands right before a token."""
        before = place - 1
        while before >= 0 and self.tokens.kinds[before] == "space":
            before -= 1
        return before >= 0 and self.tokens.texts[before] == BREAK

    def check_before(self, place: int) -> None:
        """Doubt a number with which a cluster begins after words: `half of 8 = 4`."""
        tokens = self.tokens
        before = tokens.before(place)
        if before >= 0 and self.is_cut_off(place, before):
            self.trouble("ambiguous", say("ambiguous: what stands before it may belong to it"))
        if before < 0 or tokens.kinds[before] not in ("word", "cjk", "after"):
            return
        following = tokens.kind(tokens.after(place))
        text = tokens.texts[before]
        if text.lower() in _AND and self.ended == before:
            return  # it joins two equations
        if following == "relation" or text.lower() in _JOINS or text.endswith(_CHINESE_JOINS):
            self.trouble("unreadable", say("words before it belong to it"))

    def is_cut_off(self, place: int, before: int) -> bool:
        """Say whether a sign that is not read joins a number to what stands before the sign.

        `10 // 4 = 2`, `w *= 0.1 * 3 = 0.8`, `10 : 4 = 2.5`; but not `Step 3: 4 = 2 + 2`.
        """
        tokens = self.tokens
        sign, first = tokens.texts[before], tokens.before(before)
        if first < 0:
            return False
        if sign == ")" and tokens.kinds[first] == "operator":
            return True  # `0.5 * ) 4 = 2`
        if tokens.kinds[before] == "operator":  # `2 in * 3 = 6`, but not `the *3 + 4 = 7*`
            return before + 1 < place or before == first + 1
        if sign == ":" and tokens.kinds[first] == "number":
            label = tokens.before(first)
            named = label < 0 and before == first + 1
            alone = tokens.kind(tokens.after(place)) == "relation"
            return alone and not named and tokens.kind(max(label, 0)) not in ("word", "cjk")
        return sign in _JOINING and tokens.kinds[first] not in ("separator", "close")

    def restart(self, place: int, last: str) -> None:
        """End the cluster and begin another one with an operand."""
        self.cut(place)
        self.start(place, last)

    def trouble(self, reason: Reason, message: Text) -> None:
        """Say why the member here is not to be read."""
        self.problems.setdefault(len(self.signs), (reason, message))

    def cut(self, place: int) -> None:
        """End the cluster before a token."""
        if self.begin >= 0 and self.signs:
            if self.operator and self.loses_operand(place):
                self.trouble("unreadable", say("an operand is missing"))
            self.emit(place)
            self.ended = place
        self.clear()

    def loses_operand(self, place: int) -> bool:
        """Say whether the operator before which the cluster ends waits for prose."""
        tokens = self.tokens
        sign = self.end
        while sign < place and tokens.kinds[sign] == "space":
            sign += 1
        emphasis = tokens.texts[sign] in ("*", "**") and sign == self.end
        ended = tokens.kind(place) in ("end", "separator") or place >= self.high
        return not (emphasis or (ended and tokens.texts[sign] != "/"))

    def emit(self, place: int) -> None:
        """Read the cluster's members."""
        tokens = self.tokens
        signs, stops = self.signs, self.stops
        dangling = signs[-1] if signs[-1] >= self.end else -1
        if dangling >= 0:
            signs, stops = signs[:-1], stops[:-1]
        pieces: list[Piece] = []
        edges = [*zip([self.begin, *(sign + 1 for sign in signs)], [*stops, self.end], strict=True)]
        for number, (low, high) in enumerate(edges):
            sign = sign_of(tokens.texts[low - 1]) if number else ""
            while low < high and tokens.kinds[low] == "space":
                low += 1
            while high > low and tokens.kinds[high - 1] == "space":
                high -= 1
            if low == high:
                return
            start, end = tokens.starts[low], tokens.ends[high - 1]
            pieces.append(Piece(start, end, sign, self.problem_of(number, low, high)))
        worked = _worked(tokens, self.begin, max(self.end, place))
        self.report_blank(dangling, place, worked or len(pieces) > 1)
        texts = [self.looks(low, high) for low, high in edges]
        while len(pieces) > 1 and texts[-1] == "prose":
            pieces.pop()
            texts.pop()
        if len(pieces) > 1 and "mathematics" in texts[1:]:
            self.keep(pieces, worked)

    def keep(self, pieces: list[Piece], worked: bool) -> None:
        """Parse the members and keep the chain, or say that it was not read."""
        readable = self.strip.text
        if self.edits:
            characters = list(readable)
            for place, character in self.edits.items():
                characters[place] = character
            readable = "".join(characters)
        chain_of(self.strip, readable, pieces, "unicode", self.notation, worked, self.found)

    def problem_of(self, number: int, low: int, high: int) -> Problem | None:
        """Return why a member is not to be read: what was seen on the way, or a blank."""
        kinds = self.tokens.kinds[low:high]
        if "blank" in kinds:
            return "blank", say("a blank stands here")
        return self.problems.get(number)

    def report_blank(self, dangling: int, place: int, worked: bool) -> None:
        """Note an equals sign after which the line has nothing."""
        if dangling >= 0 and worked and place >= len(self.tokens):
            sign = self.strip.cut(self.tokens.starts[dangling], self.tokens.ends[dangling])
            self.found.unread.append(unread(sign, "blank", say("nothing stands after the sign")))

    def looks(self, low: int, high: int) -> str:
        """Return what a member looks like: `mathematics`, a `name`, or `prose`."""
        tokens = self.tokens
        plain, kinds = tokens.plain, tokens.kinds
        if high - low > 40:
            return "mathematics"
        words: list[int] = []
        for place in range(low, high):
            if plain[place]:
                words.append(place)
            elif kinds[place] != "space":
                return "mathematics"
        long = any(
            len(tokens.texts[place]) > _LONG_CHINESE for place in words if kinds[place] == "cjk"
        )
        return "prose" if len(words) > 1 or long else "name"

    # Tokens

    def on_number(self, place: int) -> None:
        if self.last in ("plain", "cjk"):
            self.restart(place, "number")
        else:
            self.start(place, "number")
        if self.begin == place:
            self.check_before(place)

    def on_odd(self, place: int) -> None:
        self.on_number(place)
        self.trouble("unreadable", say("this is no number"))

    def on_symbol(self, place: int) -> None:
        if self.last in ("plain", "cjk"):
            self.cut(place)
        self.trouble("unreadable", say("`{text}` is not read", text=self.tokens.texts[place]))
        self.start(place, "group")

    def on_word(self, place: int) -> None:
        tokens = self.tokens
        text = tokens.texts[place]
        if tokens.plain[place] and not self.is_derivative(place):
            self.on_plain(place)
        elif text in "aAI" and self.is_article(place):
            self.cut(place)
        elif not self.last:
            self.start(place, "name")
        elif self.last in ("plain", "cjk"):
            self.restart(place, "name")
        elif text in "xX" and self.last in ("number", "group") and self.is_times(place):
            self.edits[tokens.starts[place]] = "*"
            self.last, self.operator = "", True
        elif text in ("x10", "X10") and tokens.kinds[place - 1] == "number":
            self.edits[tokens.starts[place]] = "*"  # `2x10^3`
            self.start(place, "number")
        elif self.last in ("number", "group") and self.begins_next(place):
            self.restart(place, "name")
        else:
            self.start(place, "name")

    def on_plain(self, place: int) -> None:
        """Take a word that may be prose."""
        tokens = self.tokens
        text = tokens.texts[place]
        if text.lower() in _AFTER_NUMBER and self.last == "number":
            self.trouble("unreadable", say("words after it belong to it"))
            self.cut(place)
        elif text.lower() in STOP_WORDS:
            self.cut(place)
        elif self.is_factor(place):
            self.start(place, "name")
        elif not self.last or (self.last not in ("plain", "cjk") and self.is_function(place)):
            self.start(place, "plain")
            following = tokens.kind(tokens.after(place))
            if text in FUNCTIONS and following in ("number", "word", "before"):
                self.last = ""
        elif self.last == "plain" and tokens.kinds[place - 1] == "space":
            self.edits[tokens.starts[place - 1]] = "_"
            self.start(place, "plain")
        else:
            self.restart(place, "plain")

    def is_function(self, place: int) -> bool:
        """Say whether a word is a factor and no prose: the function of `0.5 ln(0.4)`."""
        tokens = self.tokens
        text = tokens.texts[place]
        if tokens.kind(place + 1) == "open":
            return tokens.texts[place + 1] == "(" and (text in FUNCTIONS or is_function_name(text))
        return text in FUNCTIONS and tokens.kind(tokens.after(place)) == "number"

    def is_factor(self, place: int) -> bool:
        """Say whether a word behind a number goes on a product: `2ex = -3`, `w - 0.1 dw = 0.8`.

        In `w = 0.5 lr = 0.1` the figure stands alone: the word begins the next equation.
        """
        tokens = self.tokens
        if self.last != "number" or not self.signs or len(tokens.texts[place]) > LONGEST_FACTOR:
            return False
        if tokens.kind(tokens.after(place)) not in _GOES_ON:
            return False
        is_alone = self.is_figure(self.signs[-1] + 1, place)
        return tokens.kinds[place - 1] == "number" or not is_alone

    def on_cjk(self, place: int) -> None:
        if self.last:
            if self.last == "number" and self.tokens.texts[place].startswith(_CHINESE_AFTER_NUMBER):
                self.trouble("unreadable", say("words after it belong to it"))
            self.restart(place, "cjk")
        else:
            self.start(place, "cjk")

    def is_derivative(self, place: int) -> bool:
        """Say whether `dL` or `do` of `dL/do` stands here: no prose, though of letters alone."""
        tokens = self.tokens
        if tokens.texts[place][0] != "d":
            return False
        if place > 1 and not self.last and tokens.texts[place - 1] == "/":
            return tokens.kinds[place - 2] == "word" and tokens.texts[place - 2][0] in "d∂"
        over = tokens.after(place)
        below = tokens.after(over)
        return (
            below < len(tokens)
            and tokens.texts[over] == "/"
            and tokens.kinds[below] == "word"
            and tokens.texts[below][0] == "d"
        )

    def is_article(self, place: int) -> bool:
        """Say whether a single letter stands between words, as an article does."""
        tokens = self.tokens
        return (
            place > 1
            and tokens.kinds[place - 1] == "space"
            and tokens.plain[place - 2]
            and tokens.kind(place + 1) == "space"
            and tokens.kind(place + 2) in ("word", "cjk")
        )

    def is_times(self, place: int) -> bool:
        """Say whether a Latin x stands between two numbers, with blanks around it."""
        tokens = self.tokens
        if tokens.kinds[place - 1] != "space" or tokens.kind(place + 1) != "space":
            return False
        following = place + 2
        if tokens.kind(following) == "operator" and tokens.texts[following] in "+-":
            following += 1
        return tokens.kind(following) == "number" or (
            tokens.kind(following) == "open" and tokens.texts[following] == "("
        )

    def begins_next(self, place: int) -> bool:
        """Say whether a name after a figure begins the next equation: `x=1 y=2`.

        In `y = 10 v = 10 * 2` it is a factor: the figures of a list stand alone. `y = 10 v = 20`
        may be either.
        """
        tokens = self.tokens
        sign = tokens.after(place)
        if not self.signs or tokens.kinds[place - 1] != "space" or tokens.kind(sign) != "relation":
            return False
        if sign == place + 1 or len(tokens.texts[place - 1]) > 1:
            return True
        if self.texts_of_first() == tokens.texts[place]:
            return True  # a page that shows a formula several times
        if len(self.signs) > 1 or not self.is_figure(self.signs[0] + 1, place):
            return False
        found = _STATEMENT.match(self.strip.text, tokens.ends[sign])
        if found is not None and not found["more"] and self.ended != self.begin:
            self.trouble("ambiguous", say("ambiguous: a name after a number may begin an equation"))
            return False
        return found is not None

    def texts_of_first(self) -> str:
        """Return the first member as it was written, without blanks."""
        texts = self.tokens.texts[self.begin : self.stops[0]]
        return "".join(text for text in texts if not text.isspace())

    def is_figure(self, low: int, high: int) -> bool:
        """Say whether some tokens are one number, perhaps with a sign."""
        kinds = [kind for kind in self.tokens.kinds[low:high] if kind != "space"]
        return kinds in (["number"], ["operator", "number"])

    def on_before(self, place: int) -> None:
        if self.last in ("plain", "cjk"):
            self.cut(place)
        if self.begin < 0 and place and self.tokens.kinds[place - 1] == "after":
            self.trouble("unreadable", say("only square roots are read"))
        self.start(place, "")

    def on_after(self, place: int) -> None:
        if self.last and self.last != "cjk":
            self.end = place + 1
            around = self.last, self.tokens.kind(self.tokens.after(place))
            if self.tokens.texts[place] == "%" and around == ("number", "number"):
                self.trouble("ambiguous", say("ambiguous: `%` may be a percentage or a remainder"))
        else:
            self.cut(place)

    def on_operator(self, place: int) -> None:
        sign = self.tokens.texts[place]
        if self.last == "cjk" and sign in "+-" and self.is_said_before(place):
            self.cut(place)
        if self.last:
            self.last, self.operator = "", True
        elif sign in "+-":
            if self.begin < 0:
                self.begin = place
                self.end = place
        elif self.begin >= 0:
            self.cut(place)

    def is_said_before(self, place: int) -> bool:
        """Say whether Chinese words before a sign say what follows: `更新为 −0.5`."""
        before = place - 1 if self.tokens.kinds[place - 1] != "space" else place - 2
        return self.tokens.texts[before].endswith(_CHINESE_SAYS)

    def on_relation(self, place: int) -> None:
        if self.begin < 0:
            return
        if not self.last and (self.end <= self.begin or (self.signs and not self.operator)):
            self.cut(place)
            return
        if self.bars:
            self.leave_border()
        if self.operator:  # `y^ = 2`: the parser says what is missing
            self.trouble("unreadable", say("an operand is missing"))
        self.signs.append(place)
        self.stops.append(self.end if self.last else place)
        self.last, self.operator = "", False

    def on_blank(self, place: int) -> None:
        if self.last:
            self.cut(place)
        elif self.begin >= 0 or self.tokens.kind(self.tokens.after(place)) != "end":
            self.start(place, "group")

    def on_ellipsis(self, place: int) -> None:
        if self.last in ("plain", "cjk") or (self.begin < 0):
            self.cut(place)
            return
        self.trouble("unreadable", say("what the dots stand for is not written"))
        self.start(place, "group")

    def leave_border(self) -> None:
        """Take a bar before an equation for the border of a table: no absolute value goes on."""
        kinds = self.tokens.kinds
        while not self.signs and kinds[self.begin] in ("bar", "space"):
            self.begin += 1
        self.bars = 0

    def on_bar(self, place: int) -> None:
        if self.last in ("plain", "cjk") and not self.bars and self.opens_bars(place):
            self.cut(place)
        if not self.last:
            if self.begin < 0:
                self.begin, self.end = place, place
            self.bars += 1
        elif self.bars:
            self.bars -= 1
            self.end, self.last = place + 1, "group"
        elif self.last == "number" and self.signs and self.opens_bars(place):
            self.take_factor(place)  # `½ ‖v‖²`
        else:
            self.cut(place)

    def take_factor(self, place: int) -> None:
        """Go on behind a number with what stands between bars."""
        before = place - 1
        if self.tokens.kinds[before] == "space":
            self.edits[self.tokens.starts[before]] = "*"
        else:
            self.trouble("unreadable", say("what stands before the bar belongs to it"))
        self.last, self.operator = "", True
        self.bars += 1

    def opens_bars(self, place: int) -> bool:
        """Say whether a bar after words is one of two round an operand: `the norm |v| = 5`."""
        kinds = self.tokens.kinds
        sign = kinds.index("relation", place) if "relation" in kinds[place:] else len(kinds)
        return self.tokens.kind(place + 1) != "space" and "bar" in kinds[place + 2 : sign]

    def on_separator(self, place: int) -> None:
        tokens = self.tokens
        text = tokens.texts[place]
        before = tokens.kinds[place - 1] if place else ""
        following = tokens.kind(place + 1)
        if text == "!" and before == "number" and tokens.kind(tokens.after(place)) in _GOES_ON:
            self.trouble("ambiguous", say("a factorial is not read"))
            self.end = place + 1
            return
        if text == "," and before == "number" == following and self.last:
            self.trouble("ambiguous", DOUBTED_COMMA)
            self.last, self.operator = "", False
            return
        if text == "." and before in ("word", "close") and following == "word" and self.signs:
            self.trouble("unreadable", say("this is code and no formula"))
        elif self.last == "number" and self.signs and self.begins_list(place):
            self.trouble("ambiguous", say("ambiguous: a list needs brackets"))
        self.cut(place)

    def begins_list(self, place: int) -> bool:
        """Say whether a comma after a number is followed by numbers alone, `x = 1, 2, 3`."""
        start = self.tokens.starts[place]
        return _LIST_GOES_ON.match(self.strip.text, start) is not None

    def on_other(self, place: int) -> None:
        if self.tokens.texts[place] in ("'", "′") and self.last and self.follows_entry(place):
            self.end = place + 1
            return
        if self.tokens.texts[place] == BREAK and self.last:
            self.trouble("unreadable", say("a formula after it belongs to it"))
        self.cut(place)

    def follows_entry(self, place: int) -> bool:
        """Say whether a token stands right after square brackets: the prime of `m[w]'`."""
        return place > 0 and self.tokens.texts[place - 1] == "]"

    # Brackets

    def bracket(self, place: int) -> int:
        """Take a bracket and what is in it; return the place after it."""
        tokens = self.tokens
        partner = tokens.match[place]
        if partner < 0 or partner >= self.high:
            self.unpaired(place)
            return place + 1
        after = partner + 1
        if self.is_comma(place):
            self.trouble("ambiguous", DOUBTED_COMMA)
            self.last, self.operator = "", False
            return after
        attached = place > 0 and tokens.kinds[place - 1] != "space"
        followed = tokens.kind(tokens.after(partner)) == "relation"
        if attached and self.last in ("plain", "name") and tokens.texts[place] != "{":
            self.end, self.last = after, "group"
        elif self.relations[partner] > self.relations[place]:
            self.inner.append((place + 1, partner))
            if not followed:
                self.cut(place)
        elif all(kind == "space" for kind in tokens.kinds[place + 1 : partner]):
            self.empty(place, partner)
        elif not self.last:
            self.opening(place, partner)
        elif self.is_remark(place, partner):
            if not followed:
                self.cut(place)
        else:
            self.factor(place, partner, attached)
        return after

    def is_comma(self, place: int) -> bool:
        """Say whether `{,}` stands between digits, as in `1{,}000`."""
        tokens = self.tokens
        around = tokens.kind(place - 1), tokens.kind(place + 3)
        comma = tokens.texts[place : place + 3] == ["{", ",", "}"]
        return comma and self.last == "number" and around == ("number", "number")

    def unpaired(self, place: int) -> None:
        """Take a bracket without a partner: within an equation it makes the member unreadable."""
        kind = self.tokens.kinds[place]
        following = self.tokens.kind(self.tokens.after(place))
        if kind == "open" and self.begin >= 0 and not self.last:
            self.trouble("unreadable", say("this bracket is never closed"))
            self.end, self.operator = place + 1, False
        elif kind == "close" and self.last and following in ("operator", "relation"):
            self.trouble("unreadable", say("this bracket has no partner"))
            self.end = place + 1
        else:
            self.cut(place)

    def empty(self, place: int, partner: int) -> None:
        """Take brackets with nothing in them: a blank where an operand belongs."""
        if not self.last and self.begin >= 0:
            self.trouble("blank", say("a blank stands here"))
            self.start(place, "group")
            self.end = partner + 1

    def opening(self, place: int, partner: int) -> None:
        """Take brackets where an operand is expected."""
        if self.prose[partner] > self.prose[place]:
            self.cut(place)
        else:
            self.start(place, "group")
            self.end = partner + 1

    def is_remark(self, place: int, partner: int) -> bool:
        """Say whether brackets after an operand hold words, such as `(rounded)`."""
        tokens = self.tokens
        if self.prose[partner] > self.prose[place] or self.is_said_figure(place):
            return True
        if self.figures[partner] > self.figures[place]:
            return False
        return all(
            tokens.plain[inside] or tokens.kinds[inside] in _REMARK
            for inside in range(place + 1, partner)
        )

    def is_said_figure(self, place: int) -> bool:
        """Say whether brackets begin with a word and a figure: `(rounded: 1.47)`, `(was 0.5)`."""
        tokens = self.tokens
        word = tokens.after(place)
        return (
            tokens.kind(word) == "word"
            and tokens.plain[word]
            and tokens.texts[word] not in FUNCTIONS
            and tokens.kind(tokens.after(word)) in ("separator", "number")
        )

    def factor(self, place: int, partner: int, attached: bool) -> None:
        """Take brackets after an operand: a factor, an index, the number of an equation."""
        tokens = self.tokens
        sign = tokens.texts[place]
        if self.last in ("plain", "cjk") or sign == "{":
            self.cut(place)
            if sign == "{":
                return
        elif sign == "[" and not attached and not self.is_group(place, partner):
            self.trouble(
                "ambiguous", say("ambiguous: brackets side by side may be a product or an index")
            )
        elif not attached and self.is_number_of_equation(place, partner):
            figures = self.signs and self.has_figures()
            if not figures:
                return
            self.trouble("ambiguous", say("ambiguous: the number of the equation may be a factor"))
        self.start(place, "group")
        self.end = partner + 1

    def is_group(self, place: int, partner: int) -> bool:
        """Say whether square brackets hold one expression with an operation in it."""
        inside = self.tokens.kinds[place + 1 : partner]
        return "operator" in inside and "," not in self.tokens.texts[place + 1 : partner]

    def is_number_of_equation(self, place: int, partner: int) -> bool:
        """Say whether `(2)` ends the line."""
        tokens = self.tokens
        only = tokens.texts[place + 1] if partner == place + 2 else ""
        ends = tokens.after(partner) >= len(tokens)
        return tokens.texts[place] == "(" and only.isdigit() and len(only) < 3 and ends

    def has_figures(self) -> bool:
        """Say whether the member here ends in a figure."""
        kinds = self.tokens.kinds[self.signs[-1] + 1 : self.end]
        return "number" in kinds and "word" not in kinds


_HANDLERS: Final[Mapping[str, Callable[[_Scanner, int], None]]] = {
    "number": _Scanner.on_number,
    "half": _Scanner.on_number,
    "odd": _Scanner.on_odd,
    "word": _Scanner.on_word,
    "cjk": _Scanner.on_cjk,
    "symbol": _Scanner.on_symbol,
    "before": _Scanner.on_before,
    "after": _Scanner.on_after,
    "operator": _Scanner.on_operator,
    "relation": _Scanner.on_relation,
    "blank": _Scanner.on_blank,
    "ellipsis": _Scanner.on_ellipsis,
    "bar": _Scanner.on_bar,
    "separator": _Scanner.on_separator,
    "close": _Scanner.unpaired,
}


def chain_of(
    strip: Strip,
    readable: str,
    pieces: Sequence[Piece],
    dialect: Dialect,
    notation: Notation | None,
    worked: bool,
    found: Found,
) -> None:
    """Read pieces of a strip as the members of a chain and keep what they are.

    A chain with a member that cannot be read is kept where it shows worked numbers; where no
    member can be read, the whole is noted as unread.
    """
    if readable[: pieces[-1].end].rstrip().endswith((")", "）")):
        pieces = _without_remark(readable, pieces, dialect)
    if "%" in readable or "％" in readable or "lg" in readable:
        places = [(piece.start, piece.end) for piece in pieces]
        readable = as_meant(readable, places, dialect)
        if not readable:
            whole = strip.cut(places[0][0], places[-1][1])
            note = say("ambiguous: the percent sign may belong to all figures of the line")
            found.unread.append(unread(whole, "ambiguous", note))
            return
    seen: set[str] = set()
    members: list[Member] = []
    for piece in pieces:
        text = readable[piece.start : piece.end]
        part = strip.cut(piece.start, piece.end)
        members.append(
            read_member(
                part,
                piece.sign,
                dialect,
                readable=text,
                notation=notation,
                fresh=text in seen,
                problem=piece.problem,
            )
        )
        seen.add(text)
    if is_power_of_name(members[0].node) and isinstance(members[1].node, Number):
        members[0] = _doubted_power(strip.cut(pieces[0].start, pieces[0].end), members[0])
    problems = [member.problem for member in members if member.problem is not None]
    unread_only = problems and all(each.reason == "unreadable" for each in problems)
    if unread_only and not worked and not _are_figures(members):
        return
    whole = strip.cut(pieces[0].start, pieces[-1].end)
    if any(member.sign in _STEPS for member in members):
        if len(members) < 3:  # no figure says what comes of it
            if not problems and _is_step_of_name(members):
                step = Chain(members, members[0].span(), printable(whole.text), stated=True)
                found.chains.append(step)
            return
        if any(member.sign in _STEPS for member in members[2:]) or not _is_step_of_name(members):
            found.unread.append(
                unread(whole, "ambiguous", say("ambiguous: what stands before it may belong to it"))
            )
            return
    if len(problems) == len(members):
        reason, message = problems[0].reason, problems[0].message
        found.unread.append(unread(whole, reason, message))
        return
    found.chains.append(Chain(members, members[0].span(), printable(whole.text)))


def _without_remark(readable: str, pieces: Sequence[Piece], dialect: Dialect) -> list[Piece]:
    """Return the members without brackets that only repeat the last of them."""
    *others, last = pieces
    length = without_remark([readable[piece.start : piece.end] for piece in pieces], dialect)
    if length is None:
        doubt = say("ambiguous: the figure in brackets may be a factor or a remark")
        return [*others, last._replace(problem=last.problem or ("ambiguous", doubt))]
    return [*others, last._replace(end=last.start + length)]


def _is_step_of_name(members: Sequence[Member]) -> bool:
    """Say whether a chain begins `w += …` or `w -= …`."""
    return members[1].sign in _STEPS and isinstance(members[0].node, Name)


def _are_figures(members: Sequence[Member]) -> bool:
    """Say whether a member holds numbers alone, and another one too, or some that were not read."""
    numbers = sum(member.role == "numbers" for member in members)
    texts = [_SCRIPT.sub("", member.text) for member in members if member.node is None]
    return numbers > 1 or (numbers > 0 and any(map(_OWN_FIGURE.search, texts)))


def _doubted_power(strip: Strip, member: Member) -> Member:
    """Return `y ^ 0` as a member that may be read in two ways: a power, or an index raised."""
    text = member.text.replace("{", "").replace("}", "").strip()
    if text[-2:] in ("^0", "^1") or " " in text:
        message = say("ambiguous: the raised number may be a power or an index")
        return read_member(strip, "", member.dialect, problem=("ambiguous", message))
    return member


def _worked(tokens: LineTokens, low: int, high: int) -> bool:
    """Say whether a number stands beside an operator."""
    before = ""
    for kind in tokens.kinds[low:high]:
        if kind == "space":
            continue
        if {before, kind} == _WORKED:
            return True
        before = kind
    return False


def _counted(tokens: LineTokens, kinds: frozenset[str]) -> list[int]:
    """Return how many tokens of some kinds stand before each."""
    return [*accumulate(map(kinds.__contains__, tokens.kinds), initial=0)]


def _relations_before(tokens: LineTokens) -> list[int]:
    """Return how many equals signs stand before each token, that of `axis=1` being none."""
    kinds = tokens.kinds
    signs = [
        kind == "relation"
        and not (place > 2 and kinds[place - 1] == "word" and _begins_keyword(tokens, place - 2))
        for place, kind in enumerate(kinds)
    ]
    return [*accumulate(signs, initial=0)]


def _begins_keyword(tokens: LineTokens, place: int) -> bool:
    """Say whether a comma, perhaps with a space after it, ends at a token."""
    if tokens.kinds[place] == "space":
        place -= 1
    return tokens.texts[place] == ","


def _prose_before(tokens: LineTokens) -> list[int]:
    """Return how many signs of prose stand before each token: words side by side."""
    kinds, plain, texts = tokens.kinds, tokens.plain, tokens.texts
    signs = [False] * len(kinds)
    for place, kind in enumerate(kinds):
        if kind == "separator":
            signs[place] = texts[place] in "。：？！"
        elif kind in _OPERANDS:
            before = place - 2 if place and kinds[place - 1] == "space" else place - 1
            signs[place] = (plain[place] and texts[place].lower() in STOP_WORDS) or (
                before >= 0
                and kinds[before] in _OPERANDS
                and (plain[place] or plain[before])
                and texts[before] not in FUNCTIONS
                and (plain[before] or texts[place] not in FUNCTIONS)  # `1 ln 0.8`
            )
    return [*accumulate(signs, initial=0)]
