"""Chains in the tokens of a block: where mathematics begins and ends, split at its relations.

In prose a loose grammar decides: operands and operators take turns, and what else stands there
ends the chain. In a formula everything belongs to it but what divides it. Nothing is parsed here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from itertools import accumulate
from typing import Final, Literal, NamedTuple

from tracer.check.model.statements import Doubt, Relation, UnreadReason
from tracer.check.read.tokens import INVISIBLE, DocumentTokens, TokenView, after_scripts
from tracer.check.read.word_tables import (
    BARE_FUNCTIONS,
    CONJUNCTIONS,
    LATER,
    LOWERED,
    RELATIONS,
    STOP_WORDS,
    SUMMING,
    UNIT_LETTERS,
    UNITS,
    WORDED,
)
from tracer.sentences import Text, say

__all__ = [
    "FoundChain",
    "FoundSide",
    "after_remark",
    "are_factors",
    "are_terms",
    "find_chains",
    "find_worded",
    "is_times",
    "row_goes_on",
    "units_after_figures",
]

Problem = tuple[UnreadReason, Text]
_RELATION_OF: Final[dict[str, Relation | Literal["→"]]] = {
    "→": "→",
    **dict.fromkeys(("=", r"\overset", r"\stackrel", "≔", r"\triangleq"), "="),
    **dict.fromkeys((":=", "←", "⟵", "<-", r"\gets", r"\leftarrow", r"\coloneqq"), "←"),
    r"\longleftarrow": "←",
    **dict.fromkeys(("<", r"\lt"), "<"),
    **dict.fromkeys((">", r"\gt"), ">"),
    **dict.fromkeys(("≤", "<=", "⩽", r"\le", r"\leq", r"\leqslant"), "≤"),
    **dict.fromkeys(("≥", ">=", "⩾", r"\ge", r"\geq", r"\geqslant"), "≥"),
}  # fmt: skip
_STEPS: Final = ("+=", "-=", "−=")
_LONG_PHRASE: Final = 4  # words of a name; more are prose
_SHORT_WORD: Final = 3  # letters of a word that may be a factor: `dw`, `ex`
_LONG_CHINESE: Final = 12  # characters of a name
_JOINING: Final = frozenset(("relation", "colon"))
_RELATION_KIND: Final = frozenset(("relation",))
_PROSE_KINDS: Final = frozenset(("stop", "stop word", "word", "name", "unit"))
_OPERAND_KINDS: Final = frozenset(
    ("number", "name", "open", "function", "prefix", "command", "symbol")
)
_ENDED: Final = ("stop", "comma", "end", "newline", "close", "delimiter")
"""Kinds after which a figure is a whole side."""
_ROW_ENDS: Final = ("newline", "row", "divider")
_REMARKS: Final = ("divider", "text", "open")
_REMARK_SIGNS: Final = frozenset(("text", "relation", "compare", "word", "stop word"))
_ALL_UNITS: Final = UNIT_LETTERS | UNITS
_FORMULA_ENDS: Final = frozenset(("divider", "barrier", "arrow", "stop", "colon", "text"))


class FoundSide(NamedTuple):
    """One side: its tokens, half open, what joins it to the one before, why it is not read."""

    first: int
    last: int
    relation: Relation | Literal["→"]
    problem: Problem | None = None


class FoundChain(NamedTuple):
    """Sides with what the way to them showed; `times` are letters that may be signs of products."""

    sides: tuple[FoundSide, ...]
    doubts: frozenset[Doubt]
    times: frozenset[int] = frozenset()
    step: str = ""  # the sign of `w -= …`

    @property
    def first(self) -> int:
        """The first token."""
        return self.sides[0].first

    @property
    def last(self) -> int:
        """The token after the last."""
        return self.sides[-1].last


class WordedOperation(NamedTuple):
    """Two operands that words join, `the sum of 3 and 4`: their tokens and the sign."""

    first: int
    conjunction: int
    second: int
    last: int
    sign: str


def find_worded(tokens: DocumentTokens, place: int) -> WordedOperation | None:
    """Return the operation in words that begins at a token; None where none does."""
    text = tokens.texts[place]
    is_before = text in WORDED and text.isascii()
    first = tokens.after(place) if is_before else place
    conjunction = tokens.after(first)
    if tokens.text(conjunction) not in CONJUNCTIONS:
        return None
    second = last = tokens.after(conjunction)
    if not {tokens.kind(first), tokens.kind(second)} <= {"number", "name"}:
        return None
    if not is_before:
        last = tokens.after(tokens.after(second))
        text = tokens.text(last)
        if tokens.text(tokens.after(second)) != "的" or text not in WORDED:
            return None
    return WordedOperation(first, conjunction, second, last, WORDED[text])


def units_after_figures(tokens: DocumentTokens, first: int, last: int) -> dict[int, str]:
    """Return the tokens of the units after figures, with their powers and what divides them.

    The units themselves come with their names, the rest with an empty text.
    """
    found: dict[int, str] = {}
    for place in range(first, last):
        if tokens.kinds[place] != "number" or tokens.kind(place - 1) == "script":
            continue
        at = tokens.after(place)
        while at < last:
            text = tokens.texts[at].partition("{")[2].strip("}") or tokens.texts[at]
            if tokens.kinds[at] != "unit" and (
                text not in _ALL_UNITS or tokens.kinds[at] not in ("name", "word")
            ):
                break
            found[at] = text
            after = after_scripts(tokens, at + 1)
            while tokens.kind(after) == "postfix" and after < last:
                after += 1
            found.update(dict.fromkeys(range(at + 1, after), ""))
            at = tokens.after(after - 1)
            below = tokens.after(at)
            if tokens.text(at) != "/" or tokens.kind(below) == "number":
                break
            found[at], at = "", below
        else:
            continue
    return {place: text for place, text in found.items() if place < last}


def find_chains(tokens: DocumentTokens) -> list[FoundChain]:
    """Return the chains of a block in order."""
    finder = _Finder(tokens)
    waiting = [(0, len(tokens))]
    while waiting:
        finder.scan(*waiting.pop())
        waiting.extend(finder.inner)
        finder.inner = []
    finder.found.sort(key=lambda chain: chain.first)
    return finder.found


class _Finder(TokenView):
    """Goes along the tokens of one level of brackets and collects clusters of mathematics."""

    def __init__(self, tokens: DocumentTokens) -> None:
        super().__init__(tokens)
        self.found: list[FoundChain] = []
        self.inner: list[tuple[int, int]] = []
        self.high = 0
        self.unit_letters: dict[str, bool] = {}  # whether a letter stands after figures alone
        self.clear()

    @cached_property
    def relations(self) -> list[int]:
        """How many relations stand before each token."""
        return _count(self.tokens, _RELATION_KIND, _is_relation)

    @cached_property
    def prose(self) -> list[int]:
        """How many signs of prose stand before each token."""
        return _count(self.tokens, _PROSE_KINDS, _is_prose)

    def clear(self) -> None:
        """Begin with no cluster."""
        self.sides: list[list[int]] = []
        self.signs: list[str] = []
        self.begin = -1  # the first token of the side here
        self.end = -1  # after its last operand
        self.last = ""  # what its last operand is; '' where an operand is expected
        self.operator = -1  # an operator that waits for its operand
        self.words = 0  # words of prose of which the side consists so far
        self.problems: dict[int, Problem] = {}
        self.doubts: set[Doubt] = set()
        self.times: set[int] = set()
        self.bars = 0

    def scan(self, low: int, high: int) -> None:
        """Find the clusters between two tokens."""
        self.high = high
        place = low
        while place < high:
            kind = self.kinds[place]
            if kind in INVISIBLE:
                place += 1
            elif self.tokens.latex[place]:
                place = self.in_formula(place, kind)
            elif (handler := _HANDLERS.get(kind)) is not None:
                place = handler(self, place) or place + 1
            else:
                self.cut()
                place += 1
        self.cut()

    # Clusters

    def take(self, place: int, last: str) -> None:
        """Take an operand, or the first of its tokens, into the side here."""
        if self.begin < 0:
            self.begin = place
        self.end = place + 1
        self.last = last
        self.operator = -1

    def restart(self, place: int, last: str) -> None:
        """End the cluster and begin another one with an operand."""
        self.cut()
        self.take(place, last)

    def trouble(self, reason: UnreadReason, message: Text) -> None:
        """Say why the side here is not to be read."""
        self.problems.setdefault(len(self.sides), (reason, message))

    def relation(self, place: int, sign: str) -> None:
        """Begin the next side."""
        if self.begin < 0 and self.signs and sign not in _STEPS:  # `= ≈` are one
            self.signs[-1] = max(self.signs[-1], sign, key=lambda each: each not in _RELATION_OF)
            return
        if self.end <= self.begin or self.begin < 0:  # a lone sign
            self.cut()
            return
        if self.operator >= 0:
            self.trouble("unreadable", say("an operand is missing"))
        self.sides.append([self.begin, self.end])
        self.signs.append(sign)
        self.begin = self.end = self.operator = -1
        self.last, self.words, self.bars = "", 0, 0

    def cut(self) -> None:
        """End the cluster; keep it where it has two sides."""
        if self.signs:
            sides = [*self.sides]
            signs = ["", *self.signs]
            if self.end > self.begin >= 0:
                sides.append([self.begin, self.end])
                if self.operator >= 0 and self.misses_operand():
                    self.trouble("unreadable", say("an operand is missing"))
                if self.words > 1 and len(sides) > 1 and self.last == "word":
                    sides.pop()  # `y = what we wanted`
            self.keep(sides, signs)
        self.clear()

    def misses_operand(self) -> bool:
        """Say whether the operator with which the cluster ends waits for prose, and is no dash."""
        tokens, sign = self.tokens, self.operator
        following = tokens.kind(tokens.after(sign))
        spaced = tokens.kind(sign - 1) in ("space", "gap") and tokens.kind(sign + 1) in (
            "space",
            "gap",
        )
        dash = tokens.texts[sign] in ("-", "−", "–") and spaced
        return not dash and following in (
            "stop word",
            "word",
            "number",
            "name",
            "picture",
            "ellipsis",
            "other",  # a line of a fraction that is drawn over several rows
        )

    def keep(self, sides: list[list[int]], signs: list[str]) -> None:
        """Keep a chain with at least one relation that is no inequality."""
        step = next((sign for sign in signs if sign in _STEPS), "")
        relations = [_RELATION_OF.get(sign, "≈") if sign else "" for sign in signs]
        relations = [
            "←" if sign in _STEPS else relation
            for sign, relation in zip(signs, relations, strict=True)
        ]
        if not any(relation in ("=", "≈", "←", "→") for relation in relations[1 : len(sides)]):
            return
        found = tuple(
            FoundSide(low, high, relation, self.problems.get(number))
            for number, ((low, high), relation) in enumerate(zip(sides, relations, strict=False))
        )
        self.found.append(FoundChain(found, frozenset(self.doubts), frozenset(self.times), step))

    # Formulas

    def in_formula(self, place: int, kind: str) -> int:
        """Take a token of a formula; return the next one."""
        text = self.texts[place]
        if kind == "newline":
            return place + 1
        if kind == "relation" or kind == "compare":
            self.relation(place, text.partition(" ")[0].partition("{")[0])
        elif kind == "row":
            self.on_row(place)
        elif (
            kind == "text"
            and self.begin < 0
            and self.kind(self.after(place)) == "relation"
            and text[0] != "\\"
        ):
            self.take(place, "group")
        elif self.last and (until := after_remark(self.tokens, place)) > place:
            self.inner.append((place, until))
            return until
        elif kind == "stop" and text in "!?" and self.last == "number":
            self.on_stop(place)
        elif kind in _FORMULA_ENDS:
            self.cut()
        elif kind == "comma":
            self.on_comma(place)
        elif kind == "open" and self.match[place] >= 0:
            return self.group_in_formula(place)
        elif kind in ("open", "close"):
            self.unpaired(place)
        else:
            if kind in _TROUBLES and text not in SUMMING and not are_terms(self.tokens, place):
                self.trouble(*_TROUBLES[kind])
            if kind == "operator":
                self.begin = place if self.begin < 0 else self.begin
                self.last, self.operator = "", place
            else:
                self.take(place, "number" if kind == "number" else "group")
        return place + 1

    def group_in_formula(self, place: int) -> int:
        """Take brackets in a formula with what is in them; equations in them are read apart."""
        partner = self.match[place]
        before = self.before(place)
        scripted = self.kind(before) in ("script", "symbol") and self.tokens.latex[before]
        if self.relations[partner] > self.relations[place] and not scripted:
            if self.last == "" and (self.begin >= 0 or self.signs):
                self.trouble("unreadable", say("an equation stands within this expression"))
                self.take(partner, "group")
            else:
                self.inner.append((place + 1, partner))
                self.cut()
            return partner + 1
        self.trouble_within(place, partner)
        self.take(place, "group")
        self.end = partner + 1
        return partner + 1

    def trouble_within(self, first: int, last: int) -> None:
        """Note what cannot be read in brackets: blanks and dots."""
        for place in range(first + 1, last):
            kind = self.kinds[place]
            if kind in ("blank", "ellipsis") and not are_terms(self.tokens, place):
                self.trouble(*_TROUBLES[kind])

    def on_row(self, place: int) -> None:
        """Take the end of a row: the next one may go on with it."""
        following = place + 1
        aligned = indented = False
        while self.kind(following) in ("space", "gap", "newline", "layout", "divider"):
            aligned = aligned or self.texts[following] == "&"
            indented = indented or self.texts[following] in (r"\quad", r"\qquad")
            following += 1
        kind, text = self.kind(following), self.text(following)
        goes_on = (
            kind in ("relation", "compare")
            or (kind == "operator" and (aligned or text not in "-−"))
            or (indented and kind in ("open", "command"))
        )
        if self.operator >= 0 or (goes_on and (self.begin >= 0 or self.signs)):
            return
        self.cut()

    # Prose

    def on_number(self, place: int) -> int | None:
        worded = find_worded(self.tokens, place)
        if worded is not None:
            return self.take_worded(place, worded)
        if self.last == "word" and self.texts[self.end - 1].endswith("第"):
            self.end = place + 1  # an ordinal number, `第 2 步`
            return None
        if self.last in ("word", "number", "name", "group") and self.begin >= 0:
            self.restart(place, "number")
        else:
            self.take(place, "number")
        return None

    def take_worded(self, place: int, worded: WordedOperation) -> int:
        """Take `the sum of 3 and 4`; after an operator or in a list it may be meant otherwise."""
        if self.last:
            self.cut()
        before = self.before(place)
        is_listed = self.kind(before) == "comma" and self.kind(before - 1) == "number"
        if is_listed or (self.operator >= 0 and worded.last > worded.second):
            self.trouble("ambiguous", say("ambiguous: the words may join more than two figures"))
        self.take(place, "group")
        self.end = worded.last + 1
        return worded.last + 1

    def on_odd(self, place: int) -> None:
        if self.last == "" and (self.signs or self.begin >= 0):
            self.trouble("unreadable", say("this is not a number"))
            self.take(place, "number")
        else:
            self.cut()

    def on_name(self, place: int) -> None:
        text = self.texts[place]
        if text in ("a", "A", "I") and self.is_article(place):
            self.cut()
        elif self.begin < 0 or self.last == "":
            self.take(place, "name")
        elif self.last == "word":
            self.restart(place, "name")
        elif (
            text in ("x", "X") and self.last in ("number", "group") and is_times(self.tokens, place)
        ):
            self.times.add(place)
            self.last, self.operator = "", place
        elif self.kinds[self.end - 1] == "unit":
            self.restart(place, "name")
        elif self.is_unit(place):
            self.end = place + 1
        elif self.last in ("number", "group") and self.begins_next(place):
            spaced = self.kind(place + 1) == "space"
            self.doubts.update(("columns",) if spaced else ())
            self.restart(place, "name")
            self.doubts.update(("columns",) if spaced else ())
        elif self.kind(place - 1) == "gap":
            self.restart(place, "name")
            self.doubts.add("columns")
        else:
            if text[0] in "xX" and text[1:].isdigit() and self.kind(place - 1) == "number":
                self.times.add(place)
            self.take(place, "name")

    def is_article(self, place: int) -> bool:
        """Say whether a letter that may be an article is one: a word follows, or nothing does."""
        following = self.after(place)
        kind = self.kind(following)
        if kind == "name" and self.begin < 0 and not self.signs:
            return len(self.texts[following]) > 2
        return kind in ("word", "stop word", "unit", "scale", "function", "end")

    def begins_next(self, place: int) -> bool:
        """Say whether a name after an operand begins the next equation, `x=1 y=2`."""
        following = self.after(place)
        if self.kind(following) == "open" and self.match[following] > 0:
            following = self.after(self.match[following])
        if not self.signs or self.kind(following) != "relation":
            return False

        if self.kind(place - 1) not in ("space", "gap"):
            return False
        figure = self.after_sign(following)
        beyond = self.kind(self.after(figure))
        worked = beyond in ("operator", "open", "relation") or self.kind(figure) in (
            "name",
            "function",
        )
        return not (worked and self.last == "number" and self.kind(place - 1) == "space")

    def is_unit(self, place: int) -> bool:
        """Say whether a word or letter after a figure only stands after figures in this text.

        A word does so on both sides of a relation: `3 apples + 2 apples = 5 apples`.
        """
        text = self.texts[place]
        is_word = self.kinds[place] == "word" and text.isascii()
        if self.last != "number" or not (is_word or text in UNIT_LETTERS):
            return False
        if text not in self.unit_letters:
            places = [at for at, other in enumerate(self.texts) if other == text]
            last = places[-1]
            self.unit_letters[text] = all(
                self.kinds[self.before(at)] == "number" or self.text(at - 1) == "/" for at in places
            ) and not (
                is_word
                and (
                    self.relations[places[0]] == self.relations[last]
                    or self.kind(self.after(last)) == "relation"
                )
            )
        return self.unit_letters[text]

    def on_word(self, place: int) -> None:
        """Take a word that may be a name, or prose."""
        text = self.texts[place]
        if not text.isascii() and len(text) > _LONG_CHINESE:
            self.cut()
        elif self.begin < 0:
            self.take(place, "word")
            self.words = 1
        elif self.is_unit(place):
            self.kinds[place] = "unit"
            self.end = place + 1
        elif self.last == "":
            self.words = 1 if self.end < 0 or self.words else 0
            derived = text[0] in "d∂" and self.texts[place - 2 : place] in (
                ["d", "/"],
                ["∂", "/"],
            )
            derived = derived or self.texts[place - 2 : place] == ["/", "∂"]
            self.take(place, "name" if derived else "word")
        elif self.last == "word":
            if (
                self.kind(place - 1) in ("space", "word")
                and text.isascii() == self.texts[self.end - 1].isascii()
            ):
                self.end = place + 1
                self.words += 1 if self.words else 0
            else:
                self.restart(place, "word")
                self.words = 1
        elif (
            len(text) <= _SHORT_WORD
            and self.kind(self.after(place)) in ("operator", "relation")
            and (not self.begins_next(place))
        ):
            self.take(place, "name")
        else:
            self.restart(place, "word")
            self.words = 1

    def on_stop_word(self, place: int) -> int | None:
        text = self.texts[place]
        worded = find_worded(self.tokens, place)
        if worded is not None:
            return self.take_worded(place, worded)
        if not self.last and text == "the" and self.text(self.after(place)) in WORDED:
            return place + 1
        if self.is_name_here(place):
            self.on_name(place)
        elif text == "of" and self.texts[self.before(place)] in ("%", "％"):
            self.kinds[place] = "operator word"
            self.on_operator_word(place)
        elif self.reads_relation(place):
            self.relation(place, RELATIONS[text.lower()])
        else:
            if self.begin >= 0 and self.last == "" and self.operator >= 0:
                self.trouble("unreadable", say("an operand is missing"))
            self.cut()
        return None

    def is_name_here(self, place: int) -> bool:
        """Say whether a word that prose goes on with is a name: the `do` of `dL/do`."""
        divided = self.kind(place - 1) == "operator" and self.text(place - 1) == "/"
        return divided and self.texts[place].startswith("d") and self.kind(place - 2) == "name"

    def reads_relation(self, place: int) -> bool:
        """Say whether a word is an equals sign: a calculation before it and a figure after it."""
        text = self.texts[place].lower()
        if text not in RELATIONS or self.begin < 0 or self.last not in ("number", "group"):
            return False

        kinds = self.kinds[self.begin : self.end]
        worked = not {"operator", "operator word"}.isdisjoint(kinds) or self.has_worded()
        if not worked or "number" not in kinds:
            return False
        after = self.after(place)
        while self.kind(after) == "delimiter" or self.text(after) in ("-", "−"):
            after = self.after(after)
        if self.kind(after) != "number":
            return False
        beyond = self.after(after, "word", "unit")
        if beyond > self.after(after) or self.follows_word():
            self.doubts.add("stated")
        return self.kind(beyond) in _ENDED

    def has_worded(self) -> bool:
        """Say whether a word joins two operands of the side here."""
        return not WORDED.keys().isdisjoint(self.texts[self.begin : self.end])

    def follows_word(self) -> bool:
        """Say whether a word of prose stands before the cluster: `Steps 3 - 4 gives 2`."""
        begin = self.sides[0][0] if self.sides else self.begin
        return self.kind(self.before(begin)) == "word"

    def on_operator_word(self, place: int) -> None:
        """Take a word for a sign between two operands."""
        following = self.kind(self.after(place))
        joins = following in ("number", "name", "open") or (
            self.text(self.after(place)) in ("the", *WORDED)
        )
        if self.last in ("number", "group", "name") and joins:
            self.last, self.operator = "", place
        else:
            self.cut()

    def on_function(self, place: int) -> None:
        """Take a function before its argument; else it is a word."""
        following = self.after(place)
        kind = self.kind(following)
        attached = following == place + 1
        name = self.texts[place].rpartition(".")[2].rstrip(LOWERED)
        bare = name.partition("_")[0] in BARE_FUNCTIONS
        is_applied = kind == "open" and (attached or bare)
        if bare and not is_applied:
            signed = kind == "operator" and self.text(following) in "-−"
            operand = self.kind(following + 1) if signed else kind
            is_applied = operand in ("number", "name", "prefix", "function")
            is_applied = is_applied and (not attached or self.texts[place][-1] in LOWERED)
            is_applied = is_applied or kind in ("postfix", "script")
        if not is_applied:
            if self.texts[place] in ("σ", "sigma") or kind == "relation":
                self.on_name(place)
            elif self.texts[place] in STOP_WORDS:
                self.on_stop_word(place)
            else:
                self.on_word(place)
            return
        if self.last == "word" or (self.last and self.begin >= 0 and self.begins_call(place)):
            self.cut()
        self.take(place, "")

    def begins_call(self, place: int) -> bool:
        """Say whether a function after an operand begins the next equation."""
        opening = self.after(place)
        if not self.signs or self.kind(opening) != "open" or self.match[opening] < 0:
            return False
        of_figures = "number" in self.kinds[opening : self.match[opening]]
        if of_figures and self.last == "number" and self.kind(place - 1) != "gap":
            return False  # `0.75 log(0.75)` is a product
        return self.kind(self.after(self.match[opening])) == "relation"

    def on_operator(self, place: int) -> None:
        text = self.texts[place]
        following = self.after(place)
        if self.begin >= 0 and self.last:
            self.operator = place
            if self.kind(following) != "newline" or self.goes_on_below(following):
                self.last = ""
        elif text in "-−+–" and self.kind(following) in _OPERAND_KINDS | {"word", "operator"}:
            is_mark = self.kind(place + 1) in ("space", "gap") and not self.signs  # of a list
            if self.begin < 0 and not is_mark:
                self.begin = place
        elif self.begin >= 0 and self.operator >= 0:
            self.trouble("unreadable", say("an operand is missing"))
        elif self.signs:
            self.cut()

    def goes_on_below(self, place: int) -> bool:
        """Say whether a row that an operator ends goes on in the next one."""
        following = self.skip(place + 1, "space", "gap")
        return self.kind(following) in ("number", "open", "name", "function")

    def on_relation(self, place: int) -> None:
        sign = self.texts[place]
        if _RELATION_OF.get(sign) == "←" and self.last == "number" and self.signs:
            self.cut()  # nothing is assigned to a figure: a remark, `= 0.815  ← w₂ increases`
        else:
            self.relation(place, sign)

    def on_colon(self, place: int) -> None:
        """Take `w: 0.5`, a name and its value; else the chain ends."""
        figure = self.after_sign(place)
        is_value = self.kind(figure) == "number" and self.kind(self.after(figure)) in _ENDED
        is_apart = self.kind(place + 1) == "space" or self.texts[place] == "："
        if is_value and is_apart and self.last == "name" and not self.signs:
            self.doubts.add("stated")
            self.relation(place, "=")
        else:
            self.cut()

    def on_compare(self, place: int) -> None:
        """Take an inequality: it joins sides where a relation does so elsewhere."""
        if self.begin >= 0 and self.last not in ("", "word"):
            self.relation(place, self.texts[place])
        else:
            self.cut()

    def on_arrow(self, place: int) -> None:
        """Take an arrow between figures: `w = 0.5 → 0.8` in successive iterations."""
        is_figure = self.kind(self.after_sign(place)) == "number"
        if self.last in ("number", "group") and self.begin >= 0 and is_figure:
            self.relation(place, "→")
        else:
            self.cut()

    def on_newline(self, place: int) -> int:
        """Take the end of a line: the chain ends but where the next one goes on with it."""
        if self.begin < 0 and not self.signs:
            return place + 1
        following = place + 1
        while self.kind(following) in ("space", "gap", "markup", "newline") or (
            self.kind(following) == "label" and ">" in self.texts[following]
        ):
            following += 1
        if not self.goes_on_with(place, following):
            self.cut()
        return following

    def goes_on_with(self, newline: int, place: int) -> bool:
        """Say whether the cluster goes on with the first token of the line below."""
        kind, text = self.kind(place), self.text(place)
        if kind in ("relation", "compare"):
            return text not in _STEPS and self.last != "" and self.words < _LONG_PHRASE
        if self.begin < 0:
            return kind in ("number", "open") or text in "-−"
        if kind != "operator":
            waits = self.operator >= 0 and self.last == ""
            return waits and kind in ("number", "open", "name", "function", "prefix")
        spaced = self.kind(place + 1) in ("space", "gap")
        further = spaced and self.is_further_in(newline, place)
        return self.last in ("number", "group", "name") and (text not in "-−+*" or further)

    def is_further_in(self, newline: int, first: int) -> bool:
        """Say whether a line stands further in than the one that the cluster is on."""
        row = newline
        while self.kind(row - 1) not in ("newline", "end"):
            row -= 1
        lead = self.skip(row, "space", "gap")
        return self.starts[first] - self.ends[newline] > (self.starts[lead] - self.starts[row])

    def on_delimiter(self, place: int) -> None:
        """Take the sign before or after a formula: a chain goes across it beside a relation."""
        following = self.beyond_lines(place)
        waits = self.begin < 0 and bool(self.signs)
        kind = self.kind(following)
        joined = (
            kind == "relation"
            or (kind == "stop word" and self.last != "" and self.reads_relation(following))
            or (kind == "operator" and self.text(following) not in ("-", "−", "–", "*"))
        )
        if not waits and (self.begin < 0 or not (joined or self.operator >= 0)):
            self.cut()

    def beyond_lines(self, place: int) -> int:
        """Return the next token that can be seen, on a line below where a relation begins it."""
        first = following = self.after(place)
        while self.kind(following) == "newline" or (
            self.kind(following) == "label" and ">" in self.texts[following]
        ):
            following = self.after(following)
        return following if self.kind(following) == "relation" else first

    def on_postfix(self, place: int) -> None:
        if self.begin >= 0 and not self.last and self.kind(place - 1) == "function":
            self.end = place + 1  # `log₂`, `tanh²`
        elif self.last and self.begin >= 0:
            self.end = place + 1
            self.last = "group" if self.last == "word" else self.last
        else:
            self.cut()

    def on_unit(self, place: int) -> None:
        """Take a unit or a scale after a figure; else it is a word."""
        if self.last == "number" and self.begin >= 0:
            self.end = place + 1
        else:
            self.on_word(place)

    def on_prefix(self, place: int) -> None:
        is_next = (
            self.last == "number" and self.texts[place] == "∂" and self.begins_derivative(place)
        )
        if is_next or (self.last == "word" and not self.is_factor()):
            self.cut()
        self.take(place, "")

    def is_factor(self) -> bool:
        """Say whether the word that was just taken is an operand: `w - lr ∂L/∂w`, `= lr ∂L/∂w`."""
        return not self.words or (self.words == 1 and bool(self.signs))

    def begins_derivative(self, place: int) -> bool:
        """Say whether the derivative here begins the next equation."""
        following = self.kinds[place : place + 6]
        return bool(self.signs) and "relation" in following

    def on_trouble(self, place: int) -> int:
        """Take a sign that stands for something that is not read."""
        kind = self.kinds[place]
        is_sum = self.texts[place] in SUMMING
        if is_sum:
            self.take(place, "")
        elif self.last == "word" or (kind == "ellipsis" and self.last and self.operator < 0):
            self.cut()
        else:
            self.trouble(*_TROUBLES[kind])
            self.take(place, "group")
        return after_scripts(self.tokens, place + 1) if is_sum else place + 1

    def on_bar(self, place: int) -> None:
        if self.begin >= 0 and self.last and self.bars:
            self.bars -= 1
            self.end, self.last = place + 1, "group"
        elif self.last in ("", "word") and self.kind(place + 1) not in (
            "space",
            "gap",
            "newline",
        ):
            if self.last == "word":
                self.cut()
            if self.begin < 0:
                self.begin = place
            self.bars += 1
        else:
            self.cut()

    def on_comma(self, place: int) -> None:
        """Take a comma: figures that go on after it are a list without brackets."""
        following = self.after(place)
        if self.last == "number" and self.signs and self.kind(following) == "number":
            beyond = self.kind(self.after(following))
            if self.text(self.after(following)) == "!":
                pass  # a factorial is the next side
            elif beyond in ("comma", "end", "stop", "newline", "close") or self.text(
                self.after(following)
            ) in ("and", "or", "和", "与", "或"):
                self.trouble("ambiguous", say("ambiguous: a list needs brackets"))
        self.cut()

    def on_stop(self, place: int) -> None:
        """Take the end of a sentence; a point between spaces is a product, `!` a factorial."""
        text = self.texts[place]
        after = self.kind(self.after(place))
        beside = self.kind(place - 1), self.kind(place + 1)
        is_product = beside == ("space", "space") and after in ("name", "open")
        if text == "." and self.last in ("name", "group") and self.begin >= 0 and is_product:
            self.last, self.operator = "", place
        elif text == "!" and self.last == "number" and after in ("operator", "relation"):
            self.trouble("ambiguous", say("a factorial is not read"))
            self.end = place + 1
        elif text in "?？" and self.signs and self.begin < 0:
            self.trouble("blank", say("a blank stands here"))
            self.take(place, "group")
        else:
            is_named = self.last in ("name", "group", "word") and self.signs
            if text == "." and is_named and beside[1] in ("name", "word", "function"):
                self.trouble("unreadable", say("this is code and no formula"))
            self.cut()

    def on_quote(self, place: int) -> None:
        if self.last in ("name", "group") and self.texts[place] in "'′" and place == self.end:
            self.end = place + 1
        else:
            self.cut()

    def on_script(self, place: int) -> int | None:
        """Take what stands below brackets, `(…)_{via z}`: it is part of what they are."""
        after = max(self.match[place + 1], place) + 1
        if self.last != "group" or after == place + 1 or self.end != place:
            self.cut()
            return None
        self.end = after
        return after

    def unpaired(self, place: int) -> None:
        """Take a bracket without a partner: within an equation it makes the side unreadable."""
        goes_on = self.kind(self.after(place, "close")) in ("operator", "relation")
        if self.kinds[place] == "open" and (self.begin >= 0 or self.signs) and self.last == "":
            self.trouble("unreadable", say("this bracket is never closed"))
            self.take(place, "")
        elif self.kinds[place] == "close" and self.last and goes_on:
            self.trouble("unreadable", say("this bracket has no partner"))
            self.end = place + 1
        else:
            self.cut()

    # Brackets

    def bracket(self, place: int) -> int | None:
        """Take a bracket of prose and what is in it; return the place after it."""
        partner = self.match[place]
        if partner < 0 or partner >= self.high:
            self.unpaired(place)
            return None
        after = partner + 1
        attached = place > 0 and self.kinds[place - 1] not in ("space", "gap", "newline")
        applied = attached and self.kinds[place - 1] in ("name", "function", "word")
        followed = self.kind(self.after(partner)) == "relation"
        ends_row = after_remark(self.tokens, place) > place
        inside = self.kinds[place + 1 : partner] if partner - place < 60 else []
        if self.relations[partner] > self.relations[place] and not applied:
            self.inner.append((place + 1, partner))
            if not (followed or (ends_row and self.last)):
                self.doubts.update(("end",) if self.begin >= 0 and not self.last else ())
                self.cut()
            elif followed and self.begin >= 0:
                self.doubts.add("unused")
        elif self.last == "word" and self.begins_after_word(place, partner):
            self.doubts -= {"start"}
            self.restart(place, "group")
            self.end = after
        elif applied and self.begin >= 0 and self.last in ("", "name", "word"):
            self.end, self.last = after, "group"
            self.words = 0
        elif inside and all(kind == "space" for kind in inside):
            if self.last == "" and (self.signs or self.begin >= 0):
                self.trouble("blank", say("a blank stands here"))
                self.take(partner, "group")
        elif self.begin < 0 or self.last == "":
            if self.prose[partner] > self.prose[place]:
                self.cut()
            else:
                self.trouble_within(place, partner)
                self.take(place, "group")
                self.end = after
        elif self.is_remark(place, partner):
            if followed:
                self.doubts.add("unused")
            elif not ends_row:
                self.cut()
        elif (
            self.last == "word"
            or self.texts[place] == "{"
            or self.is_equation_number(place, partner)
        ):
            self.cut()
        else:
            self.trouble_within(place, partner)
            if (
                not attached
                and self.last in ("number", "group")
                and self.texts[place] == "["
                and not _groups(inside)
                and not are_factors(self.tokens, place)
            ):
                self.trouble(
                    "ambiguous",
                    say("ambiguous: brackets side by side may be a product or an index"),
                )
            self.take(place, "group")
            self.end = after
        return after

    def begins_after_word(self, place: int, partner: int) -> bool:
        """Say whether brackets after a word of prose begin a side: `一个(7 - 5) × 2`, a shape."""
        kinds = self.kinds[place:partner]
        if not self.texts[self.end - 1].isascii():
            return "number" in kinds and "operator" in kinds and not self.signs
        relation = self.kind(self.after(partner)) == "relation"
        return relation and "comma" in kinds and self.kind(place - 1) == "space"

    def is_remark(self, place: int, partner: int) -> bool:
        """Say whether brackets after an operand hold words: `(rounded)`, `(was 0.5)`."""
        if self.prose[partner] > self.prose[place]:
            return True
        if "word" in self.kinds[place:partner] and not self.is_joined(place, partner):
            return True
        kinds = [kind for kind in self.kinds[place + 1 : partner] if kind not in INVISIBLE]
        if not kinds or (
            self.kind(place - 1) not in ("space", "gap") and self.texts[place] != "（"
        ):
            return False
        worded = (
            kinds[0] in ("word", "stop word") and self.texts[self.after(place)].lower() not in LATER
        )
        figure = kinds in (["number"], ["number", "postfix"]) and kinds[-1] == "postfix"
        return worded or figure or kinds[0] in ("relation", "compare")

    def is_joined(self, place: int, partner: int) -> bool:
        """Say whether brackets belong to what is before them, or an operator to what is after."""
        wide = self.texts[place] == "（"
        spaced = self.kind(place - 1) in ("space", "gap") or wide
        following = self.kind(self.after(partner))
        figure = self.last == "number" or (wide and self.last == "group")
        return not (figure and spaced and following not in ("operator", "relation", "postfix"))

    def is_equation_number(self, place: int, partner: int) -> bool:
        """Say whether `(2)` ends the line, apart from what stands before it."""
        only = self.texts[place + 1] if partner == place + 2 else ""
        apart = self.kind(place - 1) in ("space", "gap")
        ends = self.kind(self.after(partner)) in ("end", "newline", "delimiter")
        return apart and ends and self.texts[place] == "(" and only.isdigit() and len(only) < 3


def after_remark(tokens: DocumentTokens, place: int) -> int:
    """Return where a remark that ends its row ends, and the row below goes on; else the place.

    It stands in brackets, or is text in a formula.
    """
    at = place
    while tokens.kind(at) in _REMARKS:
        last = max(tokens.match[at], at)
        if row_goes_on(tokens, last):
            has_words = not _REMARK_SIGNS.isdisjoint(tokens.kinds[place : last + 1])
            return last + 1 if has_words else place
        at = tokens.after(last)
    return place


def row_goes_on(tokens: DocumentTokens, place: int) -> bool:
    """Say whether a token is the last of its row, and the row below goes on with a relation."""
    below = tokens.after(place, *_ROW_ENDS)
    return (
        tokens.kind(tokens.after(place)) in _ROW_ENDS
        and tokens.kind(below) == "relation"
        and tokens.kind(tokens.after(below, "divider")) not in ("relation", "end", *_ROW_ENDS)
    )


def are_factors(tokens: DocumentTokens, place: int) -> bool:
    """Say whether lists side by side are matrices: a list of lists, or a row that is transposed."""
    before = tokens.before(place)
    opened = tokens.match[before] if tokens.kinds[before] == "close" else before
    beside = tokens.texts[before], tokens.text(opened + 1), tokens.text(place + 1)
    is_list = tokens.texts[before] in ("]", "ᵀ") and tokens.texts[place] == "["
    return is_list and (
        "ᵀ" in (beside[0], tokens.text(tokens.match[place] + 1)) or "[" in beside[1:]
    )


def is_times(tokens: DocumentTokens, place: int) -> bool:
    """Say whether an `x` after a figure or brackets may be the sign of a product."""
    if tokens.kind(tokens.before(place)) not in (
        "number",
        "close",
        "postfix",
        "unit",
    ):
        return False
    following = tokens.after(place)
    spaced = tokens.kind(place - 1) == "space" == tokens.kind(place + 1)
    signed = tokens.text(following) in ("-", "−") and tokens.kind(following + 1) in (
        "number",
        "open",
    )
    after = tokens.kind(following)
    return after == "number" or (spaced and (after in ("open", "prefix") or signed))


def _groups(kinds: list[str]) -> bool:
    """Say whether square brackets hold one expression with an operation in it."""
    return "operator" in kinds and "comma" not in kinds


def _is_relation(tokens: DocumentTokens, place: int) -> bool:
    """Say whether a token is a relation, that of `axis=1` being none."""
    if tokens.latex[place]:
        return True
    before = tokens.before(place)
    return not (
        before == place - 1
        and tokens.kind(before) in ("name", "word")
        and tokens.kind(tokens.before(before)) == "comma"
        and len(tokens.texts[before]) > 2
        and tokens.kind(place + 1) != "space"
    )


def _is_prose(tokens: DocumentTokens, place: int) -> bool:
    """Say whether a token shows that brackets hold prose: words side by side."""
    kind = tokens.kinds[place]
    if kind == "stop":
        return tokens.texts[place] in "。：？！" and not tokens.latex[place]
    if kind == "stop word":
        return tokens.text(place - 1) != "/"
    if place < 2 or tokens.latex[place]:
        return False
    before = (
        tokens.kinds[place - 2] if tokens.kinds[place - 1] == "space" else tokens.kinds[place - 1]
    )
    return before in ("word", "stop word") or (kind == "word" and before in ("name", "number"))


def are_terms(tokens: DocumentTokens, place: int) -> bool:
    r"""Say whether dots of a formula stand for some of its terms, `a_1 + \cdots + a_n`."""
    beside = tokens.before(place), tokens.after(place)
    return tokens.kinds[place] == "ellipsis" and all(
        tokens.kind(at) in ("operator", "row") for at in beside
    )


def _count(
    tokens: DocumentTokens, kinds: frozenset[str], test: Callable[[DocumentTokens, int], bool]
) -> list[int]:
    """Return how many tokens of some kinds that pass a test stand before each."""
    passed = [kind in kinds and test(tokens, place) for place, kind in enumerate(tokens.kinds)]
    return [*accumulate(passed, initial=0)]


_TROUBLES: Final[Mapping[str, Problem]] = {
    "blank": ("blank", say("a blank stands here")),
    "ellipsis": ("unreadable", say("what the dots stand for is not written")),
    "symbol": ("unreadable", say("a sum or a limit is not read")),
    "mod": ("ambiguous", say("ambiguous: another base or modulus may be meant")),
}
_HANDLERS: Final[Mapping[str, Callable[[_Finder, int], int | None]]] = {
    "open": _Finder.bracket,
    "number": _Finder.on_number,
    "odd": _Finder.on_odd,
    "name": _Finder.on_name,
    "word": _Finder.on_word,
    "stop word": _Finder.on_stop_word,
    "operator word": _Finder.on_operator_word,
    "function": _Finder.on_function,
    "operator": _Finder.on_operator,
    "relation": _Finder.on_relation,
    "compare": _Finder.on_compare,
    "colon": _Finder.on_colon,
    "arrow": _Finder.on_arrow,
    "newline": _Finder.on_newline,
    "delimiter": _Finder.on_delimiter,
    "postfix": _Finder.on_postfix,
    "script": _Finder.on_script,
    "unit": _Finder.on_unit,
    "scale": _Finder.on_unit,
    "prefix": _Finder.on_prefix,
    "blank": _Finder.on_trouble,
    "ellipsis": _Finder.on_trouble,
    "symbol": _Finder.on_trouble,
    "bar": _Finder.on_bar,
    "comma": _Finder.on_comma,
    "stop": _Finder.on_stop,
    "quote": _Finder.on_quote,
    "close": _Finder.unpaired,
}
