"""Why the reading of a chain is not certain: a white list, one small condition for each doubt.

A condition looks at tokens, and at the trees of sides where a figure's meaning is asked. A chain
without a doubt is one whose extent and whose figures can be meant in one way only.
"""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterator, Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import Final

from tracer.check.arithmetic.unit_scales import can_make_up
from tracer.check.model.statements import Doubt, Qualification, Side
from tracer.check.model.written_trees import names_in
from tracer.check.read.prose_clusters import FoundChain, FoundSide
from tracer.check.read.stage_markers import only_goes_on, only_join, without_moments
from tracer.check.read.tokenizer import is_chinese
from tracer.check.read.tokens import (
    INVISIBLE,
    DocumentTokens,
    after_remark,
    are_thousands,
    figures_between,
    is_counted,
    is_spaced_dash,
    row_goes_on,
)
from tracer.check.read.word_tables import (
    APPROXIMATELY,
    DENIAL,
    ELSEWHERE,
    GOING_ON,
    LATER,
    LINKS,
    NO_OPERATORS,
    OPERATORS,
    OTHER_NUMBERS,
    REMAINDERS,
    REMARKS_OF_EARLIER,
    SCALED_UNITS,
    SCALES,
    SUPPOSITION,
    TELLING,
    UNIT_LETTERS,
    UNITS,
)
from tracer.expression.syntax import Call, Name, Node, Number
from tracer.intervals import Interval, exact_interval, value_or_none
from tracer.lazy_regex import lazy_regex

LONG_LINE: Final = 200  # characters; a longer line is a paragraph of several sentences

DECIMAL_COMMA_IN_LIST: Final = lazy_regex(
    r"[0-9],[0-9]+\]?(?:[;,] |;)|[;,] \[?[-−]?[0-9]+,[0-9]"  # also `[4,6]; [2,4]`, two rows
)
INTRODUCING: Final = (":", "：", ",", "，", "that")
"""What words end in that introduce what stands below them."""
SENTENCE_KINDS: Final = ("stop", "newline")
_MOST_DRAWN: Final = 1000  # characters above and below in which a drawing is looked for
_TABLE_LINES: Final = frozenset("┌┬┐├┼┤└┴┘│║═|")
_SENTENCE_ENDS: Final = (". ", ".\n", "。", "! ", "? ", "\n\n")

_LONG_SENTENCE: Final = 300  # tokens of a sentence that are looked at on either side


def sentence_begin(tokens: DocumentTokens, first: int, *ends: str) -> int:
    """Return the first token of the sentence before one, which tokens of some kinds end."""
    low = max(first - _LONG_SENTENCE, 0)
    return next((at + 1 for at in range(first - 1, low - 1, -1) if tokens.kinds[at] in ends), low)


def sentence_end(tokens: DocumentTokens, last: int) -> int:
    """Return where in the text the sentence after a token ends."""
    high = min(last + _LONG_SENTENCE, len(tokens))
    after = (tokens.starts[at] for at in range(last, high) if tokens.kinds[at] == "stop")
    return next(after, tokens.ends[high - 1])


def words_at_end(text: str, last: int) -> str:
    """Return the last sentence of a text in which a chain ends at a place; 0 for none.

    What stands behind a chain on its row belongs to it, but where it introduces what comes next.
    """
    stripped = text.rstrip(" \t\n*_`")
    begin = max([stripped.rfind(end, last, -1) for end in _SENTENCE_ENDS]) + 1
    behind, newline, _ = stripped[last:].partition("\n")
    is_row = bool(newline) and not any(map(str.isalnum, behind))
    introduces = not last or is_row or stripped.endswith((":", "："))
    return stripped[max(begin, last) :] if begin or introduces else ""


@lru_cache(16)  # a long line has many chains
def _speaks_elsewhere(text: str) -> bool:
    return ELSEWHERE.search(without_moments(text.lower())) is not None


_CASES: Final = ("for", "if", "when", "case", "当", "若", "对于", "如果", "对")
_OF_SLOPES: Final = lazy_regex(r"\b(?:gradient|derivative|slope)s?\b|梯度|导数|斜率")
_IS_SLOPE: Final = lazy_regex(r"[/∂∇'′]|\\(?:nabla|partial|[dt]?frac)|\bd[A-Za-z]|grad|梯度|导数")


class ChainContext:
    """A chain with what stands around it. `starts` and `ends` are tokens of all chains here."""

    def __init__(
        self,
        tokens: DocumentTokens,
        text: str,
        lead: str,
        chains: list[FoundChain],
        *,
        above: str = "",
        formula: bool = False,
    ) -> None:
        self.tokens = tokens
        self.text = text
        self.lead = lead  # the sentence that introduces the block
        self.above = above  # the words right above it
        self.starts = frozenset(chain.first for chain in chains)
        self.sorted_ends = sorted(chain.last for chain in chains)
        self.ends = frozenset(self.sorted_ends)
        self.places = {at for chain in chains for at in range(chain.first, chain.last)}
        self.is_formula = formula
        self.chain = chains[0]
        self.sides: tuple[Side, ...] = ()

    def at(self, chain: FoundChain, sides: tuple[Side, ...]) -> ChainContext:
        """Return the context of one of the chains."""
        self.chain, self.sides = chain, sides
        # The first token of its sentence, or of its line; the words up to the next chain of it.
        self.sentence_begin = sentence_begin(self.tokens, chain.first, *SENTENCE_KINDS)
        return self

    @property
    def refers_elsewhere(self) -> bool:
        """Whether its sentence may speak of another step, sample or example."""
        return any(map(_speaks_elsewhere, (self.sentence_before, self.rows[-1])))

    @property
    def has_words_beside(self) -> bool:
        """Whether more than words that only go on stand beside the chain in its sentence.

        A label, `velocity: v = …`, only says what it is.
        """
        end = self.tokens.ends[self.chain.last - 1]
        before = without_moments(self._words(self.sentence_begin, self._begin_of_name()).lower())
        after = self.text[end : self.line_end(end)]
        words = before.strip(" -*•:：").split()
        is_label = before.rstrip().endswith((":", "：")) and only_join(before, self._names)
        is_label = is_label and all(word.isalpha() and word[1:] for word in words)  # no `A:`
        return any(map(str.isalnum, after)) or not (is_label or only_goes_on(before))

    @property
    def qualified_by(self) -> Qualification:
        """What asks, or does more than join the chain to what stands above and name its left side.

        Its own sentence does, or the words right above it where it has none.
        """
        tokens, chain, begin = self.tokens, self.chain, self.sentence_begin
        words = without_moments(self._words(begin, self._begin_of_name()).lower())
        stop = self._next_stop(chain.last)
        is_asked = not {"?", "？"}.isdisjoint(tokens.texts[chain.last : stop + 1])
        behind = without_moments(self._words(chain.last, stop).lower())
        if is_asked or not only_join(f"{words} {behind}", self._names):
            places = (at for at in range(begin, stop) if not self._says_where(at))
            rest = "".join(tokens.texts[at] for at in places if at not in self.places).lower()
            return "place" if only_join(rest, self._names) and not is_asked else "sentence"
        if _OF_SLOPES.search(words) and not _IS_SLOPE.search(self._names):
            return "derivative"
        if _IS_SLOPE.search(self._names) and self._is_of_a_case(begin):
            return "place"
        if any(map(str.isalpha, words)) or tokens.kind(begin - 1) not in ("newline", "end"):
            return ""
        rows = self.text[: tokens.starts[begin]].strip("\n")
        above = bisect_right(self.sorted_ends, begin)
        last = tokens.ends[self.sorted_ends[above - 1] - 1] if above else 0
        words = words_at_end(rows, last) if rows.strip() else self.above
        return "" if only_join(words, self._names) else "above"

    def _begin_of_name(self) -> int:
        """Return the token that the name on the left begins with.

        In front of an update a word only says what the formula says: `new w = w - 0.1 g`.
        """
        place = self.tokens.before(self.chain.first)
        begin = _begin_of(LATER, self.tokens, place)
        head = self.sides[0].tree if self.sides else None
        is_update = isinstance(head, Name) and any(
            head.id in names_in(side.tree) for side in self.sides[1:] if side.tree is not None
        )
        return begin if is_update and begin <= place else self.chain.first

    def _is_of_a_case(self, begin: int) -> bool:
        """Tell whether its sentence, or the row that it goes on from, says when: `if y = 0,`."""
        tokens = self.tokens
        if tokens.kind(tokens.before(begin, "newline")) in ("comma", "colon"):
            begin = sentence_begin(tokens, tokens.before(begin, "newline"), *SENTENCE_KINDS)
        firsts = (at for at in range(begin, self.chain.first) if at in self.starts)
        return any(tokens.text(tokens.before(at)).lower().endswith(_CASES) for at in firsts)

    @property
    def is_of_clause(self) -> bool:
        """Whether its sentence goes on with another chain."""
        return self._next_stop(self.chain.last) in self.starts

    @property
    def moment_behind(self) -> str:
        """The words right behind the chain where they say a moment and end its sentence."""
        first, stop = self.chain.last, self._next_stop(self.chain.last)
        words = self._words(first, stop).lower()
        is_all = stop not in self.starts and not any(map(str.isalnum, without_moments(words)))
        return words if is_all else ""

    def _next_stop(self, first: int) -> int:
        """Return where the next chain begins, or the sentence ends."""
        following = range(first, len(self.tokens))
        kinds = self.tokens.kinds
        stops = (at for at in following if at in self.starts or kinds[at] in SENTENCE_KINDS)
        return next(stops, len(self.tokens))

    @property
    def _names(self) -> str:
        """What stands on the left."""
        return self._words(self.chain.first, self.chain.sides[0].last, of_chains=True)

    def _words(self, first: int, last: int, *, of_chains: bool = False) -> str:
        """Return what some tokens say that are of no chain, or of some."""
        places = (at for at in range(first, last) if (at in self.places) == of_chains)
        return "".join(self.tokens.texts[at] for at in places)

    def _says_where(self, place: int) -> bool:
        """Tell whether a word only says that an equation beside it gives a place, `at x = 3`."""
        word = self.tokens.texts[place].lower()
        return (word in _AT_PLACE and self.tokens.after(place) in self.starts) or (
            word in _AT_PLACE_BEHIND and self.tokens.before(place) in self.places
        )

    @property
    def block(self) -> str:
        """The rows around the chain up to the next blank ones, as far as a drawing reaches."""
        tokens, text = self.tokens, self.text
        start, end = tokens.starts[self.chain.first], tokens.ends[self.chain.last - 1]
        begin = text.rfind("\n\n", max(start - _MOST_DRAWN, 0), start)
        until = text.find("\n\n", end, end + _MOST_DRAWN)
        return text[max(begin, start - _MOST_DRAWN, 0) : until if until > 0 else end + _MOST_DRAWN]

    @property
    def rows(self) -> tuple[str, str, str]:
        """The text of the line above the chain, of the one below, and of its own lines."""
        start, end = self.tokens.starts[self.chain.first], self.tokens.ends[self.chain.last - 1]
        begin, until = self.text.rfind("\n", 0, start) + 1, self.line_end(end)
        above = max(begin - 1, 0)
        return (
            self.text[self.text.rfind("\n", 0, above) + 1 : above],
            self.text[until + 1 : self.line_end(until + 1)],
            self.text[begin:until],
        )

    def line_end(self, place: int) -> int:
        """Return where the line at a place ends."""
        end = self.text.find("\n", place)
        return len(self.text) if end < 0 else end

    @property
    def sentence(self) -> str:
        """The sentence that the chain stands in, its line and the one above, what introduces it.

        What stands behind another chain on a row of that belongs to that one alone, and a blank
        row ends it, but behind words that introduce what comes next.
        """
        tokens, first, text = self.tokens, self.chain.first, self.text
        begin, until = sentence_begin(tokens, first, "stop"), sentence_end(tokens, self.chain.last)
        row = sentence_begin(tokens, first, "newline")
        above = sentence_begin(tokens, row - 1, "newline")
        own = range(tokens.starts[row], self.line_end(tokens.ends[self.chain.last - 1]) + 1)
        if max(len(own), tokens.starts[row] - tokens.starts[above]) < LONG_LINE:
            begin, until = min(above, begin), max(until, own.stop)
        blank = text.rfind("\n\n", 0, tokens.starts[first])
        while blank >= 0 and text[:blank].rstrip().endswith(INTRODUCING):
            blank = text.rfind("\n\n", 0, blank)
        below = text.find("\n\n", tokens.ends[self.chain.last - 1])
        until = until if below < 0 else min(until, below)
        parts, start = [self.lead], max(tokens.starts[begin], blank)
        low, high = (
            bisect_right(self.sorted_ends, at) for at in (begin, self.chain.last + _LONG_SENTENCE)
        )
        for place in (tokens.ends[end - 1] for end in self.sorted_ends[low:high]):
            if place >= until:
                break
            if place > start and place not in own:
                parts.append(text[start:place])
                start = self.line_end(place)
        return "\n".join((*parts, text[start:until]))

    @property
    def sentence_before(self) -> str:
        """The sentence that the chain stands in, up to it, with what introduces it or its block."""
        words, above = self.words_before, self.rows[0]
        begins = self.tokens.starts[self.chain.first] == len(words)
        introduction = above if above.rstrip().endswith(INTRODUCING) else ""
        return f"{self.lead if begins else introduction} {words}"

    @property
    def words_before(self) -> str:
        """The sentence that the chain stands in, from where it begins on its line up to it."""
        starts = self.tokens.starts
        return self.text[starts[self.sentence_begin] : starts[self.chain.first]]

    @property
    def figures_before(self) -> frozenset[Fraction]:
        """The figures that the words of its sentence tell before it: `of 400`, `g is 1.5`.

        Behind another word a figure only numbers that, `Example 4`.
        """
        tokens = self.tokens
        numbers = (
            (tokens.texts[at], tokens.text(tokens.before(at)).lower())
            for at in range(self.sentence_begin, self.chain.first)
            if tokens.kinds[at] == "number" and tokens.kind(at + 1) != "script"
            if at not in self.places
        )
        told = (text for text, before in numbers if before in TELLING or before[-1:] == "到")
        return frozenset(Fraction(text) for text in told if text.replace(".", "", 1).isdecimal())

    def side_tokens(self) -> Iterator[int]:
        """Yield the tokens of all sides."""
        places = (range(side.first, side.last) for side in self.chain.sides)
        return itertools.chain.from_iterable(places)

    @property
    def trees(self) -> list[Node]:
        """The likeliest trees of the sides that were read."""
        return [side.readings[0] for side in self.sides if side.readings]


_AFTER_FIGURES: Final = frozenset(("%", r"\%", "％", "‰", "°"))
_ODD_KINDS: Final = frozenset(("mod", "odd"))

_CLOSED: Final = frozenset(
    (
        "end",
        "newline",
        "row",
        "comma",
        "stop",
        "colon",
        "quote",
        "divider",
        "close",
        "dash",
        "picture",
    )
)
"""Kinds after which nothing of a chain comes."""
_OPENED: Final = frozenset(
    ("end", "newline", "row", "comma", "stop", "colon", "quote", "divider", "dash", "picture",
     "arrow", "text")
)  # fmt: skip
"""Kinds before which nothing of a chain stands."""
_NO_SIDE: Final = frozenset(
    ("end", "newline", "row", "delimiter", "label", "picture", "bar", "colon", "open")
)
"""Kinds before a relation that are no side of it."""
_AT_PLACE: Final = frozenset(("at", "when", "当", "在"))
_AT_PLACE_BEHIND: Final = frozenset(("时", "处"))
_MEMBERS: Final = frozenset(("numbers", "entries", "elements", "个数", "个元素"))
"""What an array has many of, behind their number."""
_QUOTED: Final = ('"', "”", "」")
"""What a label ends in that is none either, `weights of "cat" = …`."""
_BLANK: Final = frozenset(("space", "gap"))
_PERCENT: Final = ("%", "％", r"\%")
_SCALING: Final = ("k", "K", "M", "B")  # letters that are scales behind a figure, or names
_OPERANDS: Final = frozenset(("number", "name", "close", "postfix", "script"))
_BEFORE_A_SIGN: Final = frozenset(("operator", "operator word", "open", "relation", "stop word"))
"""Kinds after which a plus or a minus belongs to a figure."""


def doubts_of(context: ChainContext) -> tuple[Doubt, ...]:
    """Return why the reading of a chain is not certain, each reason once."""
    doubts = set(context.chain.doubts)
    doubts.update(doubt for doubt, holds in CONDITIONS if doubt not in doubts and holds(context))
    return tuple(sorted(doubts))


# Where a chain begins and ends


def _end_is_open(context: ChainContext) -> bool:
    """Say whether what stands after the chain may belong to it."""
    tokens = context.tokens
    place = tokens.after(context.chain.last - 1)
    return (
        not tokens.latex[context.chain.last - 1] or _follows_formula(tokens, place)
        if tokens.kind(place) == "delimiter"
        else not _is_closed(context, place)
    )


def _is_closed(context: ChainContext, place: int) -> bool:
    """Say whether nothing that belongs to the chain stands at a token after it."""
    tokens, kind, text = context.tokens, context.tokens.kind(place), context.tokens.text(place)
    spaced = tokens.kind(place - 1) in _BLANK
    in_formula = kind != "end" and tokens.latex[place]
    last = context.chain.last - 1
    following = tokens.kind(tokens.after(place))
    is_bracket = text[-1:] == "(" and tokens.match[place] == place + 2
    is_number = is_bracket and tokens.texts[place + 1].isdigit()  # of an equation
    is_joined = text in LINKS - {"from"} and not is_counted(tokens.texts[last])
    is_word = _is_prose_word(text, spaced) and not is_joined
    if {tokens.texts[last], text.lower()} & _MEMBERS and "number" in tokens.kinds[last - 2 : place]:
        return False  # a name of 12 numbers is no 12
    if place in context.starts or text == "!":
        return tokens.kinds[last] != "number" or kind not in ("number", "stop")  # `3 1/2`, `3!`
    if kind == "colon" and following == "number" and (spaced or in_formula):  # a ratio
        return False
    return (
        kind in _CLOSED
        or {
            "barrier": in_formula,
            "compare": in_formula,
            "text": in_formula,
            "operator": is_spaced_dash(tokens, place)
            and not (text == "*" and following in ("open", "other")),  # an operand, known or not
            "relation": text in ("←", "⟵", "<-"),  # of a remark
            "arrow": in_formula
            or following in ("word", "stop word", "function", "name")
            or (following == "number" and "operator" in tokens.kinds[context.chain.first : last]),
            "open": (spaced or text == "（") and not (is_number and tokens.kinds[last] == "number"),
            "word": is_word,
            "stop word": is_word,
            "unit": is_counted(text),
            "bar": tokens.kind(place + 1) in ("space", "end", "newline"),
            "other": text in "#|•",
        }.get(kind, False)
    )


def _follows_formula(tokens: DocumentTokens, place: int) -> bool:
    """Say whether what stands behind a closing dollar sign may belong to the formula."""
    following = tokens.after(place)
    kind, text = tokens.kind(following), tokens.text(following)
    attached = following == place + 1
    is_unit = (
        (attached and text.isascii())
        or text in LINKS - {"for", "in", "from", "to", "的", "对"}
        or text[:1] in SCALES
        or (text.isupper() and text.isascii())
    )
    return {
        "delimiter": attached,
        "unit": not is_counted(text),
        "operator": not is_spaced_dash(tokens, following),
        "open": attached and text != "（",
        "name": attached or (text.isupper() and text not in ("A", "I")),
        "word": is_unit,
        "stop word": is_unit,
    }.get(kind, kind in ("number", "scale", "postfix", "function", "relation", "ellipsis"))


def _is_prose_word(text: str, spaced: bool) -> bool:
    """Say whether a word is one of prose: in small letters, and no word of arithmetic."""
    if text in REMAINDERS:
        return False
    if is_chinese(text[:1]):
        text = text.removeprefix("个") or text  # `1568 个特征`, but `10 个亿`
        return (
            text[0] not in SCALES
            and text not in OPERATORS
            and text[0] not in "倍个百千万亿"
            and text not in UNITS
        )
    is_small = text.islower() or (text.lower() != text and text.lower() in _CAPITAL_STARTS)
    return spaced and is_small and text.isascii()  # of other languages nobody knows the units


_CAPITAL_STARTS: Final = frozenset(
    ("then", "so", "thus", "hence", "and", "therefore", "this", "now", "the", "which", "next")
)


def _start_is_open(context: ChainContext) -> bool:
    """Say whether what stands before the chain may belong to it."""
    tokens, first = context.tokens, context.chain.first
    place = tokens.before(first)
    kind, text = tokens.kind(place), tokens.text(place)
    if text == "." and place + 1 == first and tokens.kind(place - 1) == "close":
        return True  # a method of what stands in the brackets: `(a + b).round(2)`
    if kind == "delimiter":
        return tokens.latex[first] and _precedes_formula(tokens, place)
    begins_with_figure = (
        tokens.kind(tokens.skip(first, "operator", "open", "space", "prefix")) == "number"
    )
    # In `0.72 → 0.92 = 28%` what follows is of the change, in `the error 0/1 $= 2/5$` of a name.
    is_changed = kind == "arrow" and context.chain.sides[0].last == first + 1
    if begins_with_figure and (is_changed or _opens_with_its_relation(context)):
        return True
    if kind == "end" or place + 1 in context.ends or place in context.ends:
        return kind == tokens.kinds[first] == "number"  # `3 1/2`
    marked = not {"markup", "layout"}.isdisjoint(tokens.kinds[place + 1 : first])
    in_formula = tokens.latex[first]
    is_ratio = kind == "colon" and (in_formula or tokens.kind(place - 1) in _BLANK)
    is_behind = kind in ("comma", "colon", "dash") and begins_with_figure and not in_formula
    if is_ratio or is_behind:
        before = tokens.before(place)
        return (
            tokens.kind(before) == "number"
            and tokens.texts[before - 1] != "_"
            and (
                tokens.kind(tokens.before(before))
                not in ("word", "stop word", "name", "function", "unit")
            )
        )
    # `Leaky ReLU(-1)`: the word belongs to the name.
    is_name = kind == "word" and tokens.kinds[first] == "function"
    is_word = is_name or not _may_precede(tokens, place)
    dashed = is_spaced_dash(tokens, place)
    is_paired = tokens.match[place] >= 0 or tokens.kind(place - 1) in ("space", "newline", "end")
    return kind not in _OPENED and {
        "label": begins_with_figure and not marked and ">" not in text and "#" not in text,
        "open": not is_paired,
        # Of prose `>` may be markup and `~` a dash; `≥` and `∝` are what they are.
        **dict.fromkeys(("barrier", "compare"), text.isascii() and not tokens.latex[place]),
        "relation": False,  # it is doubted for its line
        **dict.fromkeys(("word", "stop word", "unit", "scale"), is_word),
        "function": begins_with_figure or first == place + 1,
        "operator": not dashed
        or tokens.kind(tokens.before(place))
        not in ("word", "stop word", "delimiter", "colon", "close", "newline", "end"),
        "bar": tokens.kind(place + 1) not in _BLANK,
    }.get(kind, kind != "other" or text not in "#|•@")


def _opens_with_its_relation(context: ChainContext) -> bool:
    """Say whether a formula begins with the first relation of a chain: words stand before it."""
    tokens, (first, second, *_) = context.tokens, context.chain.sides
    return not tokens.latex[first.last - 1] and any(
        tokens.kinds[at] == "relation" and tokens.latex[at]
        for at in range(first.last, second.first)
    )


def _precedes_formula(tokens: DocumentTokens, place: int) -> bool:
    """Say whether what stands before an opening dollar sign may belong to the formula."""
    before = tokens.before(place)
    kind = tokens.kind(before)
    return kind in ("number", "postfix", "operator word", "function", "name") and not (
        kind == "name" and tokens.kinds[before + 1] in _BLANK
    )


def _may_precede(tokens: DocumentTokens, place: int) -> bool:
    """Say whether a word may stand before a chain: it is no operator and joins no name to it."""
    text, before = tokens.texts[place].lower(), tokens.before(place)
    joins_words = tokens.text(before).lower() in GOING_ON  # not so in `step for w = 0.1 * 2`
    is_remark = _begin_of(LATER | REMARKS_OF_EARLIER, tokens, place) <= place  # `新的 w = …`
    return is_remark or (
        text not in OPERATORS
        and tokens.text(before) not in _PERCENT  # `30% von`, whatever the language
        and not (text.endswith(("加", "减", "乘", "除", "的")) and not text.endswith(NO_OPERATORS))
        and not (text.endswith("对") and text not in LINKS)  # `误差对 w`
        and (
            text not in LINKS
            or tokens.kind(before) not in _OF_WHAT
            or (tokens.kind(before) == "stop word" and joins_words)
        )
    )


def _begin_of(words: Collection[str], tokens: DocumentTokens, last: int) -> int:
    """Return where one of some words begins that ends in a token, which is behind it if none is.

    In Chinese it may have several tokens, `更新|后|的`.
    """
    begins = range(max(last - 2, 0), last + 1)
    return next(
        (at for at in begins if "".join(tokens.texts[at : last + 1]).lower() in words), last + 1
    )


_OF_WHAT: Final = frozenset(
    ("word", "stop word", "function", "name", "number", "unit", "close", "delimiter")
)
"""Kinds of what a link joins to the name behind it: `the error of w`."""


def _is_cut_off(context: ChainContext) -> bool:
    """Say whether a side of the chain was not read: what stands beside its first or last sign."""
    tokens, chain = context.tokens, context.chain
    first = tokens.before(chain.first)
    is_named = tokens.kinds[chain.first : chain.sides[0].last] in (["name"], ["word"])
    is_behind = tokens.kind(first) == "operator" and not is_spaced_dash(tokens, first)
    if is_named and is_behind and tokens.kind(tokens.before(first)) in _OPERANDS:
        return True  # `… + b = 0.5`: what was lost ends in a name
    if tokens.kind(first) == "relation" and not tokens.latex[chain.first]:
        before = tokens.before(first)
        is_worded = tokens.kind(before) == "stop word"  # `result = 2 + 3 = 5`
        is_label = is_worded or tokens.text(before) in _QUOTED
        is_label = is_label and tokens.kind(tokens.before(before)) != "number"
        return tokens.kind(before) not in _NO_SIDE and not is_label
    last = tokens.after(chain.last - 1)
    return (
        (tokens.kind(last) == "operator" and not _is_closed(context, last))
        or row_goes_on(tokens, tokens.last_of_row(chain.last - 1))  # the row below is lost
        or _begins_with_working(context)
    )


def _begins_with_working(context: ChainContext) -> bool:
    r"""Say whether the first side has figures and no value, `\binom{5}{2} = …`: it is no name.

    What a function is applied to is a part of its name, `f(2)`, but for a matrix in rows.
    """
    tokens, (first, *_), readings = context.tokens, context.chain.sides, context.sides[0].readings
    texts = tokens.texts[first.first : first.last]
    is_applied = any(each.startswith(r"\begin") for each in texts)  # `\det\begin{bmatrix}`
    is_named = bool(readings) and isinstance(readings[0], Name) and is_applied
    has_figures = any(figures_between(tokens, first.first, first.last))
    return has_figures and (is_named or not readings)


# What a chain is made of


_JOINING_SIDES: Final = ("relation", "compare", "stop word", "arrow", "colon")


def _is_unused(context: ChainContext) -> bool:
    """Say whether something between the first and the last token is in no side and no relation."""
    tokens, sides = context.tokens, context.chain.sides
    for before, after in pairwise(sides):
        if {"space", "relation"}.issuperset(tokens.kinds[before.last : after.first]):
            continue  # `= ≈` are one
        between = [
            tokens.kinds[place]
            for place in range(after_remark(tokens, tokens.after(before.last - 1)), after.first)
            if tokens.kinds[place] not in INVISIBLE
        ]
        if sum(kind in _JOINING_SIDES for kind in between) != 1:
            return True
    return any("other" in tokens.kinds[side.first : side.last] for side in sides)


def _crosses_lines(context: ChainContext) -> bool:
    r"""Say whether the row above is open, or the row below goes on.

    Two rows that have a relation each may be two calculations: `2 + 1 = 3 \\ -4 + 2 = -2`.
    """
    tokens, chain = context.tokens, context.chain
    if any(
        _holds_rows(tokens, side) and "row" not in tokens.kinds[side.last : following.first]
        for side, following in pairwise(chain.sides[1:])
    ):
        return True
    before = tokens.before(chain.first, "label")
    above = tokens.before(before, "newline")
    is_mark = tokens.text(above) in ("*", "**") or (
        "//" in (tokens.text(above), tokens.text(above - 1))  # of a comment, also `///`
    )
    is_open = (tokens.kind(above) == "open" and tokens.match[above] < chain.last) or (
        tokens.kind(above) in ("operator", "relation") and not is_mark
    )
    after = tokens.after(chain.last - 1)
    below = tokens.after(after, "newline")
    goes_on = tokens.kind(below) == "relation" or (
        tokens.kind(below) == "close" and tokens.match[below] < 0
    )
    return (is_open and tokens.kind(before) in ("newline", "row")) or (
        goes_on and tokens.kind(after) in ("newline", "row")
    )


def _are_answers(context: ChainContext) -> bool:
    r"""Say whether rows are items that begin with a relation, `\item $= 5/8$`, the first one too.

    Behind that one nothing goes on: each is the answer to a question of its own.
    """
    tokens, first = context.tokens, context.chain.first
    places = range(tokens.before(first, "delimiter", "relation") + 1, context.chain.last)
    figure = next((at for at in places if tokens.kinds[at] == "number"), first)
    relations = (at for at in places if tokens.kinds[at] == "relation")
    of_items = [at for at in relations if _begins_item(tokens, at)]
    return len(of_items) > 1 and of_items[0] < figure


def _begins_item(tokens: DocumentTokens, place: int) -> bool:
    """Say whether nothing stands between the sign of an item and a token."""
    while place and tokens.kinds[place - 1] in (*_BLANK, "delimiter"):
        place -= 1
    return tokens.kind(place - 1) == "label" or tokens.text(place - 1) == r"\item"


def _holds_rows(tokens: DocumentTokens, side: FoundSide) -> bool:
    """Say whether a side stands in two rows, outside brackets."""
    end = side.first  # of the last bracket
    for at in range(side.first, side.last):
        if at >= end and tokens.kinds[at] == "row":
            return True
        end = max(end, tokens.match[at])
    return False


def _has_columns(context: ChainContext) -> bool:
    """Say whether figures stand side by side, or apart by a gap, as in columns and drawings."""
    tokens, chain = context.tokens, context.chain
    kinds = tokens.kinds
    for place in context.side_tokens():
        if kinds[place] == "gap" and not tokens.latex[place]:
            beside = (tokens.kind(place - 1), tokens.kind(place + 1))
            # A sign right before its figure works nothing out: `1      -0.5*2`.
            is_sign = beside[0] == tokens.kind(place + 2) == "number"
            is_cell = is_sign and tokens.text(place + 1) in "-−+"
            is_apart = is_cell or {"relation", "operator"}.isdisjoint(beside)
        elif tokens.texts[place] == "[" and tokens.text(tokens.before(place)) == "]":
            if "newline" in kinds[chain.first : place]:
                return True  # matrices drawn side by side over several rows
            continue
        else:
            is_apart = (
                kinds[place] == "number"
                and tokens.kind(place + 2) == "number"
                and tokens.kind(place + 1) == "space"
                and tokens.kind(place - 1) not in ("script", "function")
            )
        opened = (at for at in range(chain.first, place) if tokens.texts[at][-1] == "[")
        if is_apart and all(tokens.match[at] < place for at in opened):
            return True
    before, after = chain.first - 1, chain.last
    beyond = tokens.after_sign(after)
    closing = tokens.match[beyond] if tokens.kind(beyond) == "open" else beyond
    is_share = closing > beyond and tokens.kind(closing - 1) == "postfix"  # `= 0.25  (25%)`
    is_apart = tokens.kind(after) == "gap" and not is_share
    if is_apart and tokens.kind(beyond + (closing != beyond)) == "number":
        return True
    is_behind = tokens.kind(before) == "gap" and tokens.kind(before - 1) in ("number", "close")
    if is_behind and not (tokens.latex[before] or before in context.ends):
        return True
    return not context.is_formula and (
        any(map(_is_drawn, context.rows[:2]))
        or _is_below_sum(context)
        or any(map(_has_fraction_bar, context.block.split("\n")))
    )


def _is_below_sum(context: ChainContext) -> bool:
    """Say whether a chain begins as a limit does, `i = 1` below the sign of a sum."""
    start = context.tokens.starts[context.chain.first]
    column = start - (context.text.rfind("\n", 0, start) + 1)
    return not {"∑", "∏"}.isdisjoint(context.rows[0][column : column + len("i = 1")])


def _is_drawn(line: str) -> bool:
    bare = line.strip(" |#>\t")
    if not bare or any(sign.isalpha() or sign in "=≈`$*" for sign in bare):
        return False
    figures = bare.replace("[", " ").replace("]", " ").split()
    return len(figures) > 1 and (
        "  " in bare or "\t" in bare or any(sign in bare for sign in "[]│|")
    )


def _has_fraction_bar(line: str) -> bool:
    """Say whether a row holds the bar of a drawn fraction. The lines of a table are no bars."""
    return "─" in line and _TABLE_LINES.isdisjoint(line)


def _has_other_reading(context: ChainContext) -> bool:
    """Say whether what is written has a second meaning that the sides cannot show."""
    match context.sides[0].tree:
        case Call(operation="power", arguments=(Name(), Number(text="0" | "1"))):
            return True  # a power of a name, or its number raised
    return any(side.is_doubtful for side in context.sides)


def _has_odd_tokens(context: ChainContext) -> bool:
    r"""Say whether a figure or a word may be something else: a unit, a range, binary, a modulus.

    A comma between figures may end a calculation, `2×3 = 6,128×10 = 1280`, and does so beside
    decimal points, `3-2.5 = 0.5,2-2.5 = -0.5`; `[0,5, 1,2]` has four numbers, or two with decimal
    commas. What is said in two spellings, `log(0.5) = -0.69\log(0.5) = -0.69`, was copied as it is
    shown and as it is typed: nothing parts the two.
    """
    if any(DECIMAL_COMMA_IN_LIST.search(side.written.text) for side in context.sides):
        return True
    tokens = context.tokens
    ends_earlier = any(
        side.last > side.first + 1
        and "," in (head := tokens.texts[side.first])
        and are_thousands(head.split(","))
        and (before.tree is None or _may_be(before.tree, int(head.partition(",")[0])))
        for before, side in zip(context.sides, context.chain.sides[1:-1], strict=False)
    )
    sides = ((side.first, side.last) for side in context.chain.sides)
    figures = [text for first, last in sides for text in figures_between(tokens, first, last)]
    line = context.rows[-1]
    words = (line if len(line) < LONG_LINE else context.sentence).lower()
    worked = {"operator", "function"} & {*tokens.kinds[context.chain.first : context.chain.last]}
    is_logic = worked and "xor" in words and {"0", "1"}.issuperset(figures)
    spellings = {*tokens.texts[context.chain.first : context.chain.last]}
    return bool(
        ends_earlier
        or any(f"\\{word}" in spellings for word in filter(str.isalpha, spellings))
        or is_logic
        or _are_binary(figures)
        or _have_two_decimal_signs(figures)
        or any(_is_odd(context, side) for side in context.chain.sides)
        or _has_several_units(context)
        or _has_lone_scale(context)
        or OTHER_NUMBERS.search(words)
    )


def _have_two_decimal_signs(figures: Sequence[str]) -> bool:
    """Tell whether some figures have a decimal point, and others a comma that is no thousands'."""
    pointed = any("." in each and "," not in each for each in figures)
    with_comma = (each.partition(".")[0].split(",") for each in figures if "," in each)
    return pointed and not all(map(are_thousands, with_comma))


def _may_be(tree: Node, number: int) -> bool:
    """Tell whether a side is a number, as far as it shows."""
    return value_or_none(tree) in (None, exact_interval(number))


def _is_odd(context: ChainContext, side: FoundSide) -> bool:
    """Say whether a sign of a side may be meant otherwise: `5 % 3`, `90°`, `2–5`, `5 × 10−3`.

    Figures alone in brackets, `(3) − (2)`, may be the numbers of equations, `sigma[2]` an entry.
    """
    tokens = context.tokens
    worked = "operator" in tokens.kinds[side.first + 1 : side.last]
    return (
        not _ODD_KINDS.isdisjoint(tokens.kinds[side.first : side.last])
        or any(
            tokens.texts[place] in ("sigma", "σ")
            and tokens.text(place + 1) == "["
            and tokens.match[place + 1] in (place + 3, place + 4)
            for place in range(side.first, side.last)
        )
        or (side.relation == "" and _are_numbers_of_equations(tokens, side))
        or (worked and not _AFTER_FIGURES.isdisjoint(tokens.texts[side.first : side.last]))
        or any(
            tokens.kind(place - 1) == "number" == tokens.kind(place + 1)
            and (
                context.text[tokens.starts[place]] == "–"
                or (  # `5 × 10−3`: it may be all that is left of a power of ten
                    tokens.texts[place - 1] == "10"
                    and tokens.kind(tokens.before(place - 1)) == "operator"
                    and tokens.texts[place + 1].isdigit()
                )
                or (
                    context.text[tokens.starts[place]] != "−"
                    and _is_range(tokens.texts[side.first : side.last], side.relation)
                )
            )
            for place in range(side.first, side.last)
            if tokens.texts[place] in ("–", "−", "-")
        )
    )


def _are_numbers_of_equations(tokens: DocumentTokens, side: FoundSide) -> bool:
    """Say whether nothing but whole numbers in brackets stand on a side, `(3) − (2)`."""
    places = [at for at in range(side.first, side.last) if tokens.kinds[at] not in INVISIBLE]
    kinds = [tokens.kinds[at] for at in places]
    terms = ["open", "number", "close", "operator"] * (len(kinds) // 4 + 1)
    return (
        [*kinds, "operator"] == terms
        and len(kinds) > len("(3)")
        and all(tokens.texts[at].isdigit() for at in places[1::4])
    )


def _is_range(signs: Sequence[str], relation: str) -> bool:
    """Say whether a chain may begin with a range or sizes: `on a scale of 0-10`, `a 2-3-1 net`."""
    figures = signs[::2]
    are_joined = {"-"} == {*signs[1::2]} and all(
        each.replace(".", "", 1).isdecimal() for each in figures
    )
    return (
        not relation and are_joined and (len(figures) > 2 or float(figures[0]) < float(figures[-1]))
    )


def _has_several_units(context: ChainContext) -> bool:
    """Say whether units differ, or stand on some sides only, so that a factor may be missing."""
    units = [frozenset(side.units) - UNIT_LETTERS for side in context.sides]
    last = units[-1]
    is_alone = not any(units[:-1]) and not last.isdisjoint(SCALED_UNITS)
    if not any(units) or not (is_alone or {*filter(None, units)} != {last}):
        return False
    figures = [side.tree and value_or_none(side.tree) for side in context.sides]
    return any(
        not (isinstance(one, Interval) and isinstance(other, Interval) and other.low)
        or can_make_up(one.low / other.low, [*unit, *other_unit])
        for (one, unit), (other, other_unit) in pairwise(zip(figures, units, strict=True))
    )


def _has_lone_scale(context: ChainContext) -> bool:
    """Say whether a letter behind a figure, `2M - 1`, is a scale on one side alone.

    It may be a name, where something is added to it or figures are put in for it.
    """
    kinds, texts = context.tokens.kinds, context.tokens.texts
    places = [slice(side.first + 1, side.last) for side in context.chain.sides]
    worked = [here for here in places if "operator" in kinds[here]]
    scaled = [
        here
        for here, side in zip(places, context.sides, strict=False)
        for at in range(here.start, here.stop)
        if texts[at] in _SCALING and kinds[at - 1] == "number"
        if side.tree is not None and texts[at] not in names_in(side.tree)
    ]
    return (
        len(scaled) == 1
        and scaled[0] in worked
        and (len(worked) > 1 or not {*"+-−"}.isdisjoint(texts[scaled[0]]))
    )


def _are_binary(figures: list[str]) -> bool:
    """Say whether figures may be binary numbers, or begin with a zero that counts for nothing."""
    whole = [text for text in figures if text.isdigit()]
    return any(len(text) > 1 and text[0] == "0" for text in whole) or (
        len(whole) == len(figures)
        and any(len(text) > 3 for text in whole)
        and not set("".join(whole)) - {"0", "1"}
    )


def _is_said_loosely(context: ChainContext) -> bool:
    """Say whether words stand for signs beside others: they do not say which comes first.

    Or whether a word before the chain says that its result is approximate, `about 3 * 33 = 100`.
    """
    tokens, chain = context.tokens, context.chain
    if tokens.text(tokens.before(chain.first)).lower() in APPROXIMATELY:
        return True
    if "operator word" not in tokens.kinds[chain.first : chain.last]:
        return False
    signs = {
        OPERATORS.get(tokens.texts[place], tokens.texts[place])
        for place in context.side_tokens()
        if tokens.kinds[place] in ("operator", "operator word")
        and tokens.kind(tokens.before(place)) not in _BEFORE_A_SIGN
    }
    return not signs.isdisjoint("+-−") and not signs <= {"+", "-", "−"}


CONDITIONS: Final[tuple[tuple[Doubt, Callable[[ChainContext], bool]], ...]] = (
    ("end", _end_is_open),
    ("start", _start_is_open),
    ("cut_off", _is_cut_off),
    ("unused", _is_unused),
    ("other_line", _crosses_lines),
    ("other_line", _are_answers),
    ("columns", _has_columns),
    ("other_reading", _has_other_reading),
    ("token", _has_odd_tokens),
    ("stated", _is_said_loosely),
    ("denied", lambda context: DENIAL.search(context.sentence.lower()) is not None),
    (  # of names, as arithmetic holds all the same
        "supposed",
        lambda context: (
            any(map(names_in, context.trees))
            and SUPPOSITION.search(context.sentence_before.lower()) is not None
        ),
    ),
)
