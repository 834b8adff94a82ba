"""Mathematics in prose: what each kind of token does to the cluster that is being collected."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from itertools import accumulate
from typing import Final, Literal

from tracer.check.model.statements import Doubt, Relation, UnreadReason
from tracer.check.read.tokenizer import is_chinese
from tracer.check.read.tokens import (
    DocumentTokens,
    TokenView,
    after_remark,
    after_scripts,
    end_of_mixed,
    is_counted,
    is_last_of_list,
    is_of_indicator,
    is_scaling,
    is_times,
)
from tracer.check.read.word_tables import (
    BARE_FUNCTIONS,
    LATER,
    LINKS,
    LOWERED,
    RELATION_OF,
    RELATIONS,
    STEPS,
    STOP_WORDS,
    SUMMING,
    SYMBOLS,
)
from tracer.frozen import Value
from tracer.sentences import Text, say

Problem = tuple[UnreadReason, Text]
TRANSPOSED: Final = ("ᵀ", "⊤", ".T")
_LONG_PHRASE: Final = 4  # words of a name; more are prose
_SHORT_WORD: Final = 3  # letters of a word that may be a factor: `dw`, `ex`
_PROSE_KINDS: Final = frozenset(("stop", "stop word", "word", "name", "unit"))
_WORD_KINDS: Final = (_PROSE_KINDS - {"stop"}) | {"text"}
_OPERAND_KINDS: Final = frozenset(
    ("number", "name", "open", "function", "prefix", "command", "symbol")
)
_OF_A_HEAD: Final = ("name", "word", "space")  # a name, `dL/dw` too but for its line
_JOINERS: Final = ("which", "that")  # behind a comma, of a word for an equals sign
_FORMULA_KINDS: Final = _OPERAND_KINDS | {"operator", "close", "postfix"}
_ENDED: Final = ("stop", "comma", "end", "newline", "close", "delimiter")
"""Kinds after which a figure is a whole side."""
TROUBLES: Final[Mapping[str, Problem]] = {
    "odd": ("unreadable", say("this is not a number")),
    "blank": ("blank", say("this is a blank")),
    "ellipsis": ("unreadable", say("the terms that the dots stand for are not written")),
    "symbol": ("unreadable", say("sums and limits are not supported")),
    "mod": ("ambiguous", say("ambiguous: another base or modulus may be meant")),
}

OF_FIGURES: Final = frozenset(("open", "close", "number", "operator", "space"))
_ABOUT: Final = ("~", "∼", r"\sim")
_WORKING: Final = frozenset(("operator", "open", "function", "prefix"))
_COUNTING: Final = frozenset("abcdefgh")  # answers, `a: 2 + 2 = 4`
_AFTER_AN_ARTICLE: Final = ("word", "stop word", "unit", "scale", "function", "end")


class FoundSide(Value):
    """One side: its tokens, half open, what joins it to the one before, why it is not read."""

    first: int
    last: int
    relation: Relation | Literal["→"]
    problem: Problem | None = None


class FoundChain(Value):
    """Sides with what the way to them showed."""

    sides: tuple[FoundSide, ...]
    doubts: frozenset[Doubt]
    step: str = ""  # the sign of `w -= …`

    @property
    def first(self) -> int:
        """The first token."""
        return self.sides[0].first

    @property
    def last(self) -> int:
        """The token after the last."""
        return self.sides[-1].last


class ProseClusters(TokenView):
    """The cluster that is being read, side by side, and the chains that were found so far.

    Operands and operators take turns in prose; all else ends the chain.
    """

    def __init__(self, tokens: DocumentTokens) -> None:
        super().__init__(tokens)
        self.found: list[FoundChain] = []
        self.inner: list[tuple[int, int]] = []
        self.high = 0
        # Whether a word stands after figures alone, and whether it does so on both sides.
        self.unit_words: dict[str, bool] = {}
        self.clear()

    def clear(self) -> None:
        """Begin with no cluster."""
        self.sides: list[list[int]] = []
        self.signs: list[str] = []
        self.begin = -1  # the first token of the side here
        self.end = -1  # after its last operand
        self.last = ""  # what its last operand is; '' where an operand is expected
        self.operator = -1  # an operator that waits for its operand
        self.closed_to = -1  # the token after the closing brackets without a partner seen last
        self.words = 0  # words of prose of which the side consists so far
        self.problems: dict[int, Problem] = {}
        self.doubts: set[Doubt] = set()
        self.bars = 0

    def take(self, place: int, last: str, end: int = 0) -> None:
        """Take an operand up to a token, or the first of its tokens, into the side here."""
        if self.begin < 0:
            self.begin = place
        self.end = end or place + 1
        self.last = last
        self.operator = -1

    def restart(self, place: int, last: str, end: int = 0) -> None:
        """End the cluster and begin another one with an operand."""
        self.cut()
        self.take(place, last, end)
        self.words = int(last == "word")

    def trouble(self, reason: UnreadReason, message: Text) -> None:
        """Say why the side here is not to be read."""
        self.problems.setdefault(len(self.sides), (reason, message))

    def relation(self, place: int, sign: str) -> None:
        """Begin the next side."""
        if self.begin < 0 and self.signs and sign not in STEPS:  # `= ≈` are one
            self.signs[-1] = max(self.signs[-1], sign, key=lambda each: each not in RELATION_OF)
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
                if self.words > 1 and len(sides) > 1 and self.last == "word":
                    sides.pop()  # `y = what we wanted`
            self.keep(sides, signs)
        self.clear()

    def keep(self, sides: list[list[int]], signs: list[str]) -> None:
        """Keep a chain with at least one relation that is no inequality."""
        step = next((sign for sign in signs if sign in STEPS), "")
        relations = [RELATION_OF.get(sign, "≈") if sign else "" for sign in signs]
        if not any(relation in ("=", "≈", "←", "→") for relation in relations[1 : len(sides)]):
            return
        if is_last_of_list(self.tokens, sides[0][0]):  # `the sum of 2 and 3 times 4 is 14`
            why = say("ambiguous: what comes before it may belong to it")
            self.problems.setdefault(0, ("ambiguous", why))
        chain_sides = tuple(
            FoundSide(low, high, relation, self.problems.get(number))
            for number, ((low, high), relation) in enumerate(zip(sides, relations, strict=False))
        )
        if relations.count("←") > 1:  # rows may be assignments, one after the other
            self.doubts.add("other_line")
        self.found.append(FoundChain(chain_sides, frozenset(self.doubts), step))

    @cached_property
    def relations(self) -> list[int]:
        """How many relations stand before each token."""
        return _counts_before(self.tokens, frozenset(("relation",)), _is_relation)

    @cached_property
    def prose(self) -> list[int]:
        """How many signs of prose stand before each token."""
        return _counts_before(self.tokens, _PROSE_KINDS, _is_prose)

    def on_number(self, place: int) -> None:
        """Take a figure: after an operand it begins another cluster."""
        is_ordinal = self.last == "word" and self.texts[self.end - 1].endswith("第")  # `第 2 步`
        is_mixed = self.last == "number" and end_of_mixed(self.tokens, self.end - 1) > place
        if is_ordinal or is_mixed:
            self.end = place + 1
        elif self.last and not (
            self.end == place and (self.last == "number" or self.is_attached(place))
        ):
            self.restart(place, "number")
        else:
            self.take(place, "number")  # `½½` is a product

    def on_name(self, place: int) -> None:
        """Take a name, the `x` of a product, a unit, or an article."""
        text = self.texts[place]
        if text in ("a", "A", "I") and self.kind(self.after(place)) in _AFTER_AN_ARTICLE:
            self.cut()
        elif self.begin < 0 or self.last == "":
            self.take(place, "name")
        elif self.last == "word" and not self.is_factor():
            self.restart(place, "name")
        elif (
            text in ("x", "X") and self.last in ("number", "group") and is_times(self.tokens, place)
        ):
            self.last, self.operator = "", place
        elif self.kinds[self.end - 1] == "unit":
            self.restart(place, "name")
        elif self.is_unit(place):
            self.end = place + 1
        elif self.last in ("number", "group") and self.begins_next(place):
            is_near = self.kind(place - 1) != "gap" and self.kind(place + 1) == "space"
            self.doubts.update(("columns",) if is_near else ())
            self.restart(place, "name")
            self.doubts.update(("columns",) if is_near else ())
        elif self.kind(place - 1) == "gap" or self.is_in_columns():
            self.restart(place, "name")
            self.doubts.add("columns")
        else:
            self.take(place, "name")

    def is_in_columns(self) -> bool:
        """Say whether figures side by side are all that stands before, `0 1 z = …`."""
        figures = self.kind(self.begin - 2), self.kinds[self.end - 1]
        return figures == ("number", "number") and self.begin == self.end - 1 and not self.signs

    def begins_next(self, place: int) -> bool:
        """Say whether a name or a function after an operand begins the next equation, `x=1 y=2`.

        After a formula, `w - lr dw = 0.5 - 0.1`, only a gap says so: it is a factor. So is a
        function of figures or of a calculation after a figure, `0.75 log(0.75)`, any after a
        fraction, `½ sum(x)`, and what follows a transpose, `1ᵀ δ`.
        """
        gap, following = self.kind(place - 1), self.after(place)
        end = following
        if self.kind(following) == "open" and self.match[following] > 0:
            end = self.match[following]
            following = self.after(end)
        is_worked = self.kinds[place] == "function" and not {"number", "operator"}.isdisjoint(
            self.kinds[place:end]
        )
        before = self.texts[self.end - 1]
        is_fraction = self.text(self.end - 2) == "/" or (before.isnumeric() > before.isdecimal())
        is_factor = (
            is_worked
            or before in TRANSPOSED
            or (is_fraction and self.kinds[place] == "function")
            or "name" in self.kinds[self.begin : self.end]
        )
        is_apart = gap == "gap" or (gap == "space" and not is_factor)
        if not is_apart or not self.signs or self.kind(following) != "relation":
            return False
        figure = self.after_sign(following)
        beyond = self.kind(self.after(figure))
        worked = beyond in ("operator", "open", "relation") or self.kind(figure) in (
            "name",
            "function",
        )
        is_either = worked and self.last == "number" and gap == "space"
        is_result = (  # `s = 2 * 3 = 6 r = 4 * 3`, but not `s = 6 r = 6 * 3`
            is_either
            and self.begin == self.end - 1
            and "number" in self.kinds[self.sides[0][0] : self.begin]
        )
        self.doubts.update(("columns",) if is_result else ())
        # After a result a name that stands nowhere above is the factor of nothing.
        return not is_either or (is_result and self.texts.index(self.texts[place]) == place)

    def is_unit(self, place: int) -> bool:
        """Say whether a word or letter after a figure is what is counted or measured.

        It only stands after figures in this text, a word on both sides of a relation (`3 apples +
        2 apples = 5 apples`), or a Chinese counter says so.
        """
        text = self.texts[place]
        is_word = self.kinds[place] in ("word", "stop word") and not is_chinese(text[0])
        if self.last != "number":
            return False
        if is_counted(text) or (is_word and is_counted(self.text(self.end - 1))):
            return True  # `4 次乘法`, `3 个 value`
        if not is_word:
            return text in self.tokens.unit_letters
        if text not in self.unit_words:
            places = [at for at, other in enumerate(self.texts) if other == text]
            is_after_figures = all(
                self.kinds[self.before(at)] == "number" or self.text(at - 1) == "/" for at in places
            )
            is_on_both_sides = (
                self.relations[places[0]] != self.relations[places[-1]]
                and self.kind(self.after(places[-1])) != "relation"
            )
            self.unit_words[text] = is_after_figures and is_on_both_sides
        return self.unit_words[text]

    def on_word(self, place: int) -> None:
        """Take a word that may be a name, or prose."""
        text = self.texts[place]
        ends: tuple[str, ...] = ("close",) if self.kind(place - 1) == "number" else ()  # `(2TP)`
        if text[0] == "d" and self.last in ("name", "group"):
            ends = _ENDED
        is_beside = self.kind(place - 1) in ("space", "word")
        if self.is_unit(place):
            self.kinds[place] = "unit"
            self.end = place + 1
        elif self.last == "":
            is_below = self.texts[place - 2 : place] == ["/", "∂"]
            is_derived = is_below or _is_differential(self.tokens, place)
            self.words = int(self.end < 0 or self.words > 0)
            self.take(place, "name" if is_derived and self.begin >= 0 else "word")
        elif _is_differential(self.tokens, place) and (self.last != "word" or self.is_factor()):
            self.take(place, "name")
        elif self.last == "word":
            if is_beside and text.isascii() == self.texts[self.end - 1].isascii():
                self.end = place + 1
                self.words += self.words > 0
            else:
                self.restart(place, "word")
        elif text in LATER and self.last == "name" and self.kind(self.after(place)) == "relation":
            self.end = place + 1  # `q 新 = …`
        elif (
            ((len(text) <= _SHORT_WORD and text.isascii()) or text in SYMBOLS)
            and self.kind(self.after(place)) in ("operator", "relation", "postfix", *ends)
            and not self.begins_next(place)
        ):
            self.take(place, "name")
        else:
            self.restart(place, "word")

    def on_stop_word(self, place: int) -> None:
        """Take a word of prose: it may stand for a relation, and else ends the chain."""
        text = self.texts[place]
        if self.is_name_here(place):
            self.kinds[place] = "name"
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

    def is_name_here(self, place: int) -> bool:
        """Say whether a word that prose goes on with is a name: the `do` of `dL/do`."""
        if _is_differential(self.tokens, place):
            return True
        following = self.kind(self.after(place))
        goes_on = following in ("name", "operator") and bool(self.signs)
        is_operand = self.texts[place] == "do" and self.last == ""
        return is_operand and (following == "relation" or goes_on)

    def leads_to_figures(self, place: int) -> bool:
        """Say whether a word stands between a formula and its figures, or before such a formula.

        `z is w x + b, that is 2 + 1 = 3`. What words join to a name, `the derivative of L by w is`,
        is not what the name is, but for its value.
        """
        side = range(max(self.begin, 0), self.end)
        kinds = {self.kinds[at] for at in side} if self.last else set[str]()
        end = self.after(place)
        while self.kind(end) in _FORMULA_KINDS or (
            self.kind(end) == "word"  # `rho * v`
            and "operator" in (self.kind(self.before(end)), self.kind(self.after(end)))
        ):
            end = self.after(end)
        after = {self.kinds[at] for at in range(place + 1, end)}
        joiner = self.after(end) if self.kind(end) == "comma" else end
        goes_on = self.kind(end) == "relation" or self.text(joiner).lower() in (
            *_JOINERS,
            *RELATIONS,
        )
        if {self.texts[at] for at in side if self.kinds[at] not in _OF_A_HEAD} <= {"/"}:
            before = self.before(self.begin)
            is_part = self.text(before) in LINKS and self.text(self.before(before)) != "value"
            is_head = bool(kinds) and not self.signs and not is_part
            return is_head and goes_on and {"name", "operator"} <= after
        is_formula = "name" in kinds and not kinds.isdisjoint(("operator", "function"))
        return is_formula and goes_on and "number" in after and "name" not in after

    def reads_relation(self, place: int) -> bool:
        """Say whether a word is an equals sign: a calculation before it and a figure after it."""
        if self.texts[place].lower() in RELATIONS and self.leads_to_figures(place):
            return True
        kinds = self.kinds[max(self.begin, 0) : self.end]
        is_worked = not {"operator", "operator word"}.isdisjoint(kinds) and "number" in kinds
        is_whole = is_worked and self.begin >= 0 and self.last in ("number", "group")
        after = self.after_sign(self.after(place, "delimiter") - 1)
        is_relation = self.texts[place].lower() in RELATIONS
        if not (is_relation and is_whole and self.kind(after) == "number"):
            return False
        beyond = self.after(after, "word", "unit")
        if beyond > self.after(after) or self.kind(self.before(self.begin)) == "word":
            self.doubts.add("stated")
        return self.kind(beyond) in _ENDED

    def on_operator_word(self, place: int) -> None:
        """Take a word for a sign between two operands."""
        following = self.after(place)
        signed = self.kind(self.after_sign(place)) == "number"
        joins = signed or self.kind(following) in ("number", "name", "open")
        # `from a = 0.1 over T = 40 steps`
        is_prose = self.texts[place] == "over" and self.last == "number"
        if is_prose and self.kind(following) == "name" and self.begins_next(following):
            self.cut()
        elif self.last in ("number", "group", "name") and joins:
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
        closing = max(self.match[following], 0) if kind == "open" else 0
        inside = {*self.kinds[following + 1 : closing]}
        # After a blank a word is one of prose: `the sum (2 + 3)`, but not `1/2 sum (h - y)^2`.
        is_worked = bool(self.signs) and self.last != "word"
        is_worked &= "operator" in inside and inside.isdisjoint(("word", "stop word"))
        is_applied = kind == "open" and (attached or bare or is_worked)
        if bare and not is_applied:
            signed = kind == "operator" and self.text(following) in "-−"
            operand = self.kind(following + 1) if signed else kind
            is_operand = operand in ("number", "name", "prefix", "function")
            is_apart = not attached or kind == "number" or self.texts[place][-1] in LOWERED
            is_applied = (is_operand and is_apart) or kind in ("postfix", "script")
            is_applied |= kind == "bar" and attached  # `ln|x|`
        if not is_applied:
            if self.texts[place] in ("σ", "sigma") or kind == "relation":
                self.on_name(place)
            elif self.texts[place] in STOP_WORDS:
                self.on_stop_word(place)
            else:
                self.kinds[place] = "word"
                self.on_word(place)
            return
        if self.last == "word" or (self.last and self.begin >= 0 and self.begins_next(place)):
            self.cut()
        self.take(place, "")

    def on_operator(self, place: int) -> None:
        """Take a sign between two operands, or before one."""
        text = self.texts[place]
        following = self.after(place)
        is_worded = {self.kind(following), self.kind(self.after(following))} & {"word", "stop word"}
        is_figure = self.last == "number" and self.end == place and not self.signs
        is_hyphen = self.kind(place + 1) == self.kind(place + 3) == "word" and is_figure
        if (text == "•" and is_worded) or (text == "-" and is_hyphen):
            self.kinds[place] = "stop"  # `e^1 = 2.72 • Sum of …`, `a 4-dimensional input x = …`
            self.cut()
        elif self.begin >= 0 and self.begins_signed_figure(place):
            self.cut()
            self.begin = place
            self.doubts.add("start")
        elif self.begin >= 0 and self.last:
            self.operator = place
            below = self.skip(following + 1, "space", "gap")
            if self.kind(following) != "newline" or self.begins_term(below):
                self.last = ""
        elif text in "-−+–" and self.kind(following) in _OPERAND_KINDS | {"word", "operator"}:
            is_mark = self.kind(place + 1) in ("space", "gap") and not self.signs  # of a list
            if self.begin < 0 and not is_mark:
                self.begin = place
        elif self.begin >= 0 and self.operator >= 0:
            self.trouble("unreadable", say("an operand is missing"))
        elif self.signs:
            self.cut()

    def begins_signed_figure(self, place: int) -> bool:
        """Say whether a minus sign belongs to what follows a label: `the new weight -1.2 - 0.1`.

        Nothing stands between it and its figure or function, and a blank before it.
        """
        before = self.kind(place - 1)
        is_apart = before == "gap" or (before == "space" and self.last == "word")
        is_label = self.last in ("word", "name") and not self.signs
        is_minus = self.texts[place] in ("-", "−")
        return is_label and is_apart and is_minus and self.kind(place + 1) in ("number", "function")

    def begins_term(self, place: int) -> bool:
        """Say whether an operand, perhaps a signed figure, begins at a token."""
        signed = self.text(place) in ("-", "−", "+") and self.kind(place + 1) == "number"
        return signed or self.kind(place) in ("number", "open", "name", "function")

    def on_relation(self, place: int) -> int | None:
        """Take the sign between two sides."""
        sign = self.texts[place]
        is_worked_on = {*self.signs} == {sign} and self.begins_row(place)
        is_behind = self.last in ("number", "group") and bool(self.signs)
        if RELATION_OF.get(sign) == "←" and is_behind and not is_worked_on:
            return self.on_remark(place)  # nothing is assigned to a result
        self.relation(place, sign)
        return None

    def begins_row(self, place: int) -> bool:
        """Say whether a sign stands at the head of a row, and what it leads to fills that."""
        is_first = self.kind(self.before(place)) in ("newline", "row")
        ends = (at for at in range(place, len(self.kinds)) if self.kinds[at] in ("newline", "row"))
        row = self.kinds[place : next(ends, len(self.kinds))]
        is_filled = _WORD_KINDS.isdisjoint(row) and self.begins_term(self.after(place))
        return is_first and is_filled

    def on_remark(self, place: int) -> int | None:
        """Take the sign of a remark, `= 0.815  ← w₂ increases`: the row below may go on."""
        until = after_remark(self.tokens, place)
        if not self.last or until == place:
            self.cut()
            return None
        self.inner.append((place, until))
        return until

    def on_compare(self, place: int) -> None:
        """Take an inequality: it joins sides where a relation does so elsewhere."""
        if self.begin >= 0 and self.last not in ("", "word"):
            self.relation(place, self.texts[place])
        else:
            self.cut()

    def on_arrow(self, place: int) -> None:
        """Take an arrow between figures, `w = 0.5 → 0.8`, or behind a formula: `a = w*x → 2*3`.

        What a function of figures gives may be a list. Behind the name that begins a line it is an
        update that is worked out: `w → 0.5 + 0.1*3 = 0.8`.
        """
        is_list = self.kind(self.begin) == "function" and self.text(self.after(place)) == "["
        is_figure = is_list or self.kind(self.after_sign(place)) == "number"
        is_operand = self.last in ("number", "group") or (self.last == "name" and bool(self.signs))
        if is_figure and self.names_a_result(place):
            self.relation(place, "←")
        elif is_operand and self.begin >= 0 and is_figure:
            self.relation(place, "→")
        else:
            self.cut()

    def on_colon(self, place: int) -> None:
        """Take a colon behind the name that begins a line and is worked out: `z: 0.5*2 = 1`.

        Between blanks it may divide, `σ(0) = 1 : (1 + 1) = 0.5`, or end what is said before, as in
        French: `pour x = 2 : 2·3 = 6`.
        """
        is_worked = self.kind(self.after_sign(place)) == "number" and self.names_a_result(place)
        if is_worked and self.text(self.begin) not in _COUNTING:
            self.relation(place, "=")
            return
        is_apart = self.kind(place - 1) == self.kind(place + 1) == "space"
        is_operand = self.kind(self.after(place)) in ("number", "open", "function")
        may_divide = bool(self.signs) and self.last in ("number", "group") and is_operand
        self.doubts.update(("end",) if may_divide and is_apart else ())
        self.cut()

    def names_a_result(self, place: int) -> bool:
        """Say whether the name before a sign begins its line, and working to a result follows."""
        is_first = self.kind(self.before(self.begin)) in ("end", "newline", "delimiter", "row")
        if self.begin < 0 or self.signs or not is_first or self.kind(self.begin) != "name":
            return False
        related = next(at for at in range(place + 1, len(self.kinds) + 1) if self.ends_a_side(at))
        is_worked = "operator" in self.kinds[self.after_sign(place) : related]
        return is_worked and self.kind(related) in ("relation", "arrow")

    def ends_a_side(self, place: int) -> bool:
        """Say whether a token ends the side before it."""
        return self.kind(place) in ("end", "newline", "relation", "arrow", "stop", "comma", "word")

    def on_barrier(self, place: int) -> None:
        """Take `~` behind working for ≈, `tanh(0.7) ~ 0.604`; between two figures it is a range."""
        is_figure = self.kind(self.after_sign(place)) == "number"
        is_worked = self.begin >= 0 and not _WORKING.isdisjoint(self.kinds[self.begin : place])
        if self.texts[place] in _ABOUT and is_figure and is_worked:
            self.relation(place, "≈")
        else:
            self.cut()

    def on_newline(self, place: int) -> int:
        """Take the end of a line: the chain ends but where the next one goes on with it."""
        following = self.below(place, "markup", "delimiter")
        if not self.goes_on_with(following):
            self.cut()
        return following

    def goes_on_with(self, place: int) -> bool:
        """Say whether the cluster goes on with the first token of the line below."""
        kind, text = self.kind(place), self.text(place)
        if kind in ("relation", "compare"):
            return text not in STEPS and self.last != "" and self.words < _LONG_PHRASE
        if self.begin < 0:
            return kind in ("number", "open") or text in "-−"
        if self.operator >= 0 and self.last == "":
            return self.begins_term(place) or kind == "prefix"
        if kind != "operator":
            return False
        is_spaced = self.kind(place + 1) in ("space", "gap")
        return self.last in ("number", "group", "name") and (text not in "-−+*" or is_spaced)

    def on_delimiter(self, place: int) -> None:
        """Take the sign before or after a formula: a chain goes across it beside a relation."""
        following = self.below(place, "delimiter")
        if self.kind(following) != "relation":  # one may begin the line below
            following = self.after(place)
        waits = self.begin < 0 and bool(self.signs)
        kind = self.kind(following)
        joined = (
            kind == "relation"
            or (kind == "stop word" and self.last != "" and self.reads_relation(following))
            or (kind == "comma" and self.verb_behind(following) > 0)
            or (kind == "operator" and self.text(following) not in ("-", "−", "–", "*"))
        )
        if not waits and (self.begin < 0 or not (joined or self.operator >= 0)):
            self.cut()

    def below(self, place: int, *kinds: str) -> int:
        """Return the next token after a place, of the lines below too, without marks of quotes.

        The mark of an item is none where the item begins with a relation.
        """
        following = self.after(place, "newline", *kinds)
        while self.kind(following) == "label":
            beyond = self.after(following, "newline", *kinds)
            if ">" not in self.texts[following] and self.kind(beyond) != "relation":
                break
            following = beyond
        return following

    def on_postfix(self, place: int) -> None:
        """Take a sign after an operand, as that of a power."""
        if self.begin >= 0 and not self.last and self.kind(place - 1) == "function":
            self.end = place + 1  # `log₂`, `tanh²`
        elif self.last and self.begin >= 0:
            self.end = place + 1
            if self.last == "word":
                self.doubts.update(("end",) if is_scaling(self.tokens, place) else ())
                self.last = "group"
        else:
            self.cut()

    def on_unit(self, place: int) -> None:
        """Take a unit or a scale after a figure; else it is a word."""
        if self.last == "number" and self.begin >= 0:
            self.end = place + 1
        else:
            self.on_word(place)

    def is_factor(self) -> bool:
        """Say whether the word that was just taken is an operand: `w - lr ∂L/∂w`, `= lr ∂L/∂w`."""
        return not self.words or (self.words == 1 and bool(self.signs))

    def on_prefix(self, place: int) -> None:
        """Take a sign before its operand, `√` or `∂`."""
        if self.last == "word" and not self.is_factor():
            self.cut()
        self.take(place, "")

    def on_trouble(self, place: int) -> int:
        """Take a sign that stands for something that is not read."""
        kind = self.kinds[place]
        is_sum = self.texts[place] in SUMMING
        if is_sum:
            self.on_prefix(place)
        elif (
            self.last == "word"
            or (kind in ("ellipsis", "odd") and self.last)
            or (kind == "odd" and not self.signs)
        ):
            self.cut()
        else:
            self.trouble(*TROUBLES[kind])
            self.take(place, "group")
        return after_scripts(self.tokens, place + 1) if is_sum else place + 1

    def on_bar(self, place: int) -> int | None:
        """Take a bar around a value, `|x|`, or before the number of a share, `∂L/∂h|₁`."""
        is_apart = self.kind(place + 1) in ("space", "gap", "newline")
        if self.begin >= 0 and self.last and self.bars:
            self.bars -= 1
            self.end, self.last = after_scripts(self.tokens, place + 1), "group"
            return self.end
        if self.last and self.kind(place + 1) == "postfix":
            self.end = place + 1
            return None
        # A norm may be a factor beside another one, `1/2 ||z||²`.
        is_norm = len(self.texts[place]) > 1 or self.texts[place] == "‖"
        goes_on = is_norm and self.last in ("number", "name", "group") and self.signs
        opens = (goes_on or self.last in ("", "word")) and not is_apart
        if (self.last and not goes_on) or not opens:
            self.cut()
        if opens:
            self.begin = place if self.begin < 0 else self.begin
            self.bars += 1
        return None

    def verb_behind(self, comma: int) -> int:
        """Return the word for an equals sign that stands behind a comma; -1 where none does."""
        verb = self.after(comma)
        if self.text(verb).lower() in _JOINERS:
            verb = self.after(verb)
        is_verb = self.kind(verb) == "stop word" and self.last != "" and self.reads_relation(verb)
        return verb if is_verb else -1

    def on_comma(self, place: int) -> int | None:
        """Take a comma: figures that go on after it are a list without brackets.

        Words for an equals sign go on behind one: `2 times 3, which is 6`.
        """
        following, verb = self.after(place), self.verb_behind(place)
        if verb > 0:
            self.kinds[place:verb] = ["layout"] * (verb - place)
            return verb
        if self.last == "number" and self.signs and self.kind(following) == "number":
            beyond = self.kind(self.after(following))
            if beyond in ("comma", "end", "stop", "newline", "close") or self.text(
                self.after(following)
            ) in ("and", "or", "和", "与", "或"):
                if len(self.signs) > 1:
                    self.trouble("ambiguous", say("ambiguous: a list needs brackets"))
                self.doubts.add("end")
        self.cut()
        return None

    def on_stop(self, place: int) -> None:
        """Take the end of a sentence; a point between spaces or names is a product, `w.x + b`."""
        text = self.texts[place]
        after = self.kind(self.after(place))
        beside = self.kind(place - 1), self.kind(place + 1)
        is_between = beside == ("space", "space") and after in ("name", "open")
        is_product = is_between or beside == ("name", "name")
        if text == "." and self.last in ("name", "group") and self.begin >= 0 and is_product:
            self.last, self.operator = "", place
        elif text in "?？" and self.signs and self.begin < 0:
            self.trouble("blank", say("this is a blank"))
            self.take(place, "group")
        else:
            is_named = self.last in ("name", "group", "word") and self.signs
            if text == "." and is_named and beside[1] in ("name", "word", "function"):
                self.trouble("unreadable", say("this is code, not a formula"))
            self.cut()

    def on_quote(self, place: int) -> None:
        """Take the mark of a derivative after its name."""
        if self.last in ("name", "group") and self.texts[place] in "'′" and place == self.end:
            self.end = place + 1
        else:
            self.cut()


def _is_relation(tokens: DocumentTokens, place: int) -> bool:
    r"""Say whether a token is a relation: not that of `axis=1`, `\mathrm{axis}{=}1`, `1[a = b]`."""
    before = tokens.before(place)
    if tokens.latex[place]:
        return tokens.text(place - 1) != "{" or tokens.text(place + 1) != "}"
    return not is_of_indicator(tokens, place) and not (
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
    if kind == "word" and before in ("name", "number"):
        is_factor = tokens.kinds[place - 1] == "number" and (
            tokens.kind(tokens.after(place)) in ("operator", "close")
        )
        return not is_factor and not _is_differential(tokens, place)  # `(2TP + FP)`, `(a dL/da)`
    return before in ("word", "stop word")


def _is_differential(tokens: DocumentTokens, place: int) -> bool:
    """Say whether a word is one of a derivative, `dloss/dw`."""
    above = place - 2 if tokens.text(place - 1) == "/" else place
    parts = tokens.text(above), tokens.text(above + 2)
    return tokens.text(above + 1) == "/" and all(part[:1] in ("d", "∂") for part in parts)


def _counts_before(
    tokens: DocumentTokens, kinds: frozenset[str], test: Callable[[DocumentTokens, int], bool]
) -> list[int]:
    """Return how many tokens of some kinds that pass a test stand before each."""
    passed = [kind in kinds and test(tokens, place) for place, kind in enumerate(tokens.kinds)]
    return [*accumulate(passed, initial=0)]
