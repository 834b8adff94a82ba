"""What the tokens of one side show: calls, scales, units, names, and the ways to write it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from tracer.check.model.statements import DOTS
from tracer.check.read.prose_clusters import FoundSide
from tracer.check.read.tokenizer import is_chinese, is_function
from tracer.check.read.tokens import (
    DERIVING,
    FRACTIONS,
    INDICATORS,
    NABLA,
    OPERATORS_OF_DERIVATION,
    STARS,
    DocumentTokens,
    TokenView,
    after_scripts,
    are_thousands,
    end_of_mixed,
    is_indicator,
    is_times,
    units_after_figures,
)
from tracer.check.read.word_tables import (
    ANY_CASE,
    GRADIENTS,
    LATER,
    RELATION_OF,
    REMARKS_OF_EARLIER,
    SCALES,
    STATISTICS,
    SYMBOLS,
    is_other_quantity,
)
from tracer.check.trace.aliases import is_loss, opaque_name
from tracer.expression import Dialect, Name, Node
from tracer.expression.lexer import RAISED as RAISED_DIGITS
from tracer.expression.names import ACCENTS, AS_SUBSCRIPT, LOWER
from tracer.intervals.interval import LOGARITHMS

UNIT_VECTOR: Final = r"\mathbf{e}"
UNIT_NAMES: Final = "unit names"
"""The choice in which letters after figures are names, and no units."""
SCALE_OF_LINE: Final = "scale of the line"
"""The choice in which the letter after a figure names a unit, and is no scale: `300 K`."""
NOUNS: Final = "nouns"
"""The choice in which a noun makes another quantity of the name behind it, `grad w`."""
DELTAS: Final = frozenset((r"\delta", "δ"))
r"""A name of its own, or the sign of another: `\delta z`."""
COMPARED: Final = {
    ">": ("(indicator(", ") - (", ")))"),
    "<": ("(indicator(-", ") + (", ")))"),
    "≥": ("(1 - indicator(-", ") + (", ")))"),
    "≤": ("(1 - indicator(", ") - (", ")))"),
    "=": ("(equal(", "), (", ")))"),
    **dict.fromkeys(("≠", r"\ne", r"\neq"), ("(1 - equal(", "), (", ")))")),
}
"""What is written for an indicator by the sign in its brackets: before it, for the sign, after."""
COMPARING: Final = ("compare", "relation", "index relation", "barrier")
RAISED: Final = frozenset((*RAISED_DIGITS, "ⁿ"))
_TERM_SIGNS: Final = frozenset("+-−")
_BETWEEN_ENTRIES: Final = frozenset(("⊙", r"\odot", "∘", r"\circ"))
STAND_IN: Final = "q"
"""Written for what cannot be evaluated, before its name is put in its place."""
_APPLIED: Final = frozenset(("f", "g", "F", "G", "L", "J", "P", "loss", "cost"))
"""Names before brackets that are functions rather than factors: `L(w + 0.001)`, `f(2)`."""


_NOT_DERIVED: Final = frozenset(
    (
        "data", "day", "days", "decay", "deg", "degree", "delta", "dense", "dep", "depth", "det",
        "dev", "diff", "dim", "dims", "dist", "div", "dot", "down", "dropout", "duration",
    )
)  # fmt: skip
_RAISED_WORDS: Final = frozenset(
    ("new", "old", "pred", "true", "target", "next", "prev", "init", "out", "in")
)
PROSE: Final = frozenset(("text", "word", "stop word"))
"""Kinds below brackets that make a name of them: no index is among them."""


def relation_of(text: str) -> str:
    r"""Return the one sign of a comparison that may be written in several ways: ≤ for `\le`."""
    return RELATION_OF.get(text, text)


def text_inside(text: str) -> str:
    r"""Return what `\mathrm{…}` holds; any other text is itself."""
    if text[0] == "\\":
        inside = text.partition("{")[2].rpartition("}")[0].strip()
        return inside.replace(r"\ ", "_").replace(r"\_", "_") or text
    return text


class SideTokens(TokenView):
    """The tokens of one side, and what in them may be read in several ways."""

    def __init__(
        self,
        tokens: DocumentTokens,
        found: FoundSide,
        dialect: Dialect,
        decimals: frozenset[str],
        index: Mapping[str, str] = MappingProxyType({}),
        stated: frozenset[str] = frozenset(),
        expanded: list[int] | None = None,
    ) -> None:
        super().__init__(tokens)
        self.index = index  # the indices of sums, and their values in this term
        self.first, self.last = found.first, found.last
        self.is_leftmost = not found.relation
        self.latex = dialect == "latex"
        self.times = frozenset(
            place
            for place in range(found.first, found.last)
            if tokens.texts[place][0] in "xX" and is_times(tokens, place)
        )
        self.decimals = decimals  # the decimal signs of the document: "comma", "point"
        self.start = tokens.starts[found.first]
        self.is_doubtful = False  # whether a choice may be what is meant
        self.applied: dict[int, int] = {}  # `f(2)`: the bracket after each such name
        self.raised: dict[int, str] = {}  # the power of a function after its closing bracket
        self.scaled: dict[int, int] = {}  # the scale after each figure that has one
        self.stated = stated
        self.expanded = [] if expanded is None else expanded  # tokens of sums written out
        self.derivand = range(0)  # the formula of which the side is the derivative
        self.derives = not DERIVING.isdisjoint(tokens.texts[found.first : found.last])
        self.signs: dict[int, str] = {}  # what is written for those of `\mathbf{1}[x > 0]`
        self.added: dict[int, tuple[str, str]] = {}  # what is written before and after a token
        self.added_otherwise: dict[int, tuple[str, str]] = {}  # the same, where `ln x²` is (ln x)²
        self.has_factor_below = False  # whether what follows `1/2` may stand below the line
        self.groups_of_three: set[int] = set()  # the commas of `1{,}500`, or decimal ones
        self.value = 0  # which of two values is written, where a side has ±
        self.remark = -1  # the bracket after a figure that may only repeat it, `0.75 (3/4)`
        self.units = units_after_figures(tokens, self.first, self.last)
        if self.units and not stated.isdisjoint(self.units.values()):
            self.units = {at: text for at, text in self.units.items() if self.kinds[at] == "unit"}
        self.look()

    def may_be_name(self, place: int) -> bool:
        """Say whether a unit may be a name as well, but for what divides a sure one, `km/h`."""
        divided = self.before(self.before(place)) if self.text(self.before(place)) == "/" else -1
        is_sure = "unit" in (self.kinds[place], self.kind(divided))
        return bool(self.units[place]) and not is_sure

    def is_constant_array(self, place: int) -> bool:
        r"""Say whether a figure is `\mathbf{1}`: an array of ones, of any shape."""
        text = self.texts[place]
        return (
            text.startswith(r"\mathbf{") and text_inside(text) in "01" and place not in self.signs
        )

    def touches_index(self, place: int) -> bool:
        r"""Say whether the token before is a name that its subscript ends: `w₁x`, `\alpha_iy_i`."""
        if self.latex:
            are_names = self.kinds[place] == "name" == self.kind(place - 1)
            return are_names and self.kind(place - 2) == "script" and place > self.first
        touches = place > self.first and self.texts[place - 1][-1] in LOWER
        return touches and self.kinds[place] != "postfix"

    def look(self) -> None:
        """Find what may be read in several ways."""
        for place in range(self.first, self.last):
            kind = self.kinds[place]
            if kind == "open" and self.match[place] > 0 and is_indicator(self.tokens, place):
                self.look_at_indicator(place)
            elif kind == "open" and place > self.first and self.match[place] > 0:
                head = self.head_before(place)
                if head >= self.first and self.texts[place] in ("(", r"\left("):
                    self.applied[head] = place
                elif self.is_remark(place):
                    self.remark = self.before(place) + 1
                if self.texts[place - 1] in INDICATORS:
                    self.look_at_indicator(place)
                elif self.kinds[self.tokens.before(place)] == "function":
                    self.look_at_argument(place)
            elif kind == "function":
                self.look_at_power_behind(place)
                if self.kind(place + 1) == "number" and not self.latex:
                    self.added.setdefault(place + 1, ("(", ")"))  # `ln0.5`
            elif kind == "figure comma" and self.texts[place - 1] != "0":
                beside = (self.kind(place - 2), self.kind(place + 2))  # it is the only comma
                is_last = "figure comma" not in beside and self.kind(place + 1) == "number"
                if is_last and len(self.texts[place + 1]) == 3:
                    self.groups_of_three.add(place)
            elif kind in ("number", "name") and place + 1 < self.last:
                self.look_at_fraction(place)
                scale = self.skip(place + 1, "space")
                if kind == "number" and scale < self.last and self.is_scale(place, scale):
                    self.scaled[place] = scale
            elif kind == "close" and (place + 2 < self.last) and self.is_index(place):
                self.signs[place + 1] = "}^{" + self.texts[place + 1]  # `W^{[1]T}`

    def look_at_argument(self, place: int) -> None:
        """Note how brackets behind a function are written that are no round ones: `floor[3.5]`."""
        sign, closing = self.texts[place], self.match[place]
        is_list = sign.endswith("[") and "comma" in self.kinds[place:closing]
        if self.text(closing + 1) == "{":
            return  # `\sqrt[3]{8}`
        if is_list or sign.startswith(r"\begin"):
            is_factor = self.text(self.after(closing)) in _BETWEEN_ENTRIES
            last = closing if is_factor else self.last_of_term(closing)
            self.added |= {place: ("(", ""), last: ("", ")")}
            if last > closing:  # `σ [W] [x]` may be of the first one alone
                self.added_otherwise |= {closing: ("", ")"), last: ("", "")}
        elif sign.endswith(("[", r"\{")) or (sign == "{" and not self.latex):
            self.signs |= {place: "(", closing: ")"}

    def last_of_term(self, place: int) -> int:
        """Return the last token of the term that a token stands in, or the bracket after it."""
        following = self.after(place)
        while following < self.last and not (
            self.kinds[following] in ("close", "comma", "relation", "row")
            or self.texts[following] in _TERM_SIGNS
        ):
            is_open = self.kinds[following] == "open" and self.match[following] > following
            place = self.match[following] if is_open else following
            following = self.after(place)
        return place

    def look_at_fraction(self, place: int) -> None:
        """Note how `3 1/2` is written, and a fraction before a factor, `1/2 sum(x)`, `λ/2(x)`."""
        last = end_of_mixed(self.tokens, place)
        if 0 < last < self.last:
            self.added |= {place: ("(", "+"), last: ("", ")")}
        below = place + 2
        following = self.after(below)
        kind = self.kind(below)
        is_whole = kind == "number" or (kind == "name" and self.kinds[place] == "number")
        if (
            self.text(place + 1) == "/"
            and is_whole
            and following < self.last
            and self.kinds[following] in ("open", "name", "function", "prefix", "bar")
            and (
                following > below + 1
                or (self.latex and self.kinds[following] == "function")
                or (self.kinds[below] == "number" and self.kinds[following] == "open")
            )
            and not {below, following} & self.units.keys()
            and self.text(self.before(place)) not in ("/", "÷", "^", "_")
            and not (self.kinds[following] == "open" and self.is_remark(following))
        ):
            closing = self.added.get(below, ("", ""))[1]
            self.added |= {place: ("(", ""), below: ("", f"){closing}*")}
            self.has_factor_below = True

    def look_at_power_behind(self, place: int) -> None:
        r"""Note how `\ln x^2` is written where nothing follows that may belong to the argument."""
        argument = self.after(place)
        until = after_scripts(self.tokens, argument + 1)
        if self.text(until)[:1] in RAISED:  # `ln x²`
            until += 1
        elif self.text(until) in ("^", "**") and self.kind(until + 1) in ("number", "name"):
            until += 2
        raised = [at for at in range(argument, min(until, self.last)) if self.is_raising(at)]
        following = self.after(until - 1)
        ends = following >= self.last or self.kinds[following] in ("close", "comma", "relation")
        is_alone = self.kind(argument) in ("name", "function", "number")
        if len(raised) == 1 and is_alone and (ends or self.texts[following] in _TERM_SIGNS):
            self.added |= {argument: ("(", ""), until - 1: ("", ")")}
            inside = {place: ("(", ""), argument: (" ", ""), until - 1: ("", "")}
            last = raised[0] - 1
            self.added_otherwise |= {**inside, last: (" " * (last == argument), ")")}

    def is_raising(self, place: int) -> bool:
        """Tell whether a token is a sign of a power, or the power itself: `^`, `²`.

        What stands in brackets, `p^{(i)}`, counts samples or layers and raises nothing.
        """
        is_index = self.text(place + 1) == "{" and self.text(place + 2) in ("(", "[")
        is_sign = self.texts[place] in ("^", "**") and not is_index
        return is_sign or self.texts[place][0] in RAISED

    def look_at_indicator(self, place: int) -> None:
        r"""Note how `\mathbf{1}[x > 0]`, `g * (x > 0)` are written: 1 where that is so, else 0."""
        closing = self.match[place]
        for at in range(place + 1, closing):
            sign = COMPARED.get(relation_of(self.texts[at]))
            if sign is not None and self.kinds[at] in COMPARING:
                before, between, after = sign
                is_sign = self.text(place - 1) in INDICATORS or self.text(place) == "["
                opening = {place - 1: before, place: "("} if is_sign else {place: f"{before}("}
                self.signs |= {**opening, at: between, closing: after}

    def is_remark(self, place: int) -> bool:
        """Say whether brackets apart from the figure before them may repeat it, `0.75 (3/4)`.

        They end the side, and hold a figure, a name or a fraction.
        """
        before = self.before(place)
        signs = {self.texts[at] for at in range(place, self.last) if self.kinds[at] == "operator"}
        return (
            self.match[place] == self.last - 1
            and self.texts[place][-1] == "("
            and self.first <= before < place - 1
            and self.kinds[before] in ("number", "postfix")
            and self.kind(self.before(before)) not in ("command", "script")  # `\frac12 (1/x)`
            and signs <= {"/"}
        )

    def is_index(self, closed: int) -> bool:
        r"""Say whether brackets in a superscript are an index before a transpose, `W^{[1]T}`."""
        opened = self.match[closed]
        return (
            self.texts[closed + 1] in ("T", r"\top", "⊤")
            and self.match[closed + 2] == opened - 1 > self.first
            and self.texts[opened - 2] == "^"
        )

    def head_before(self, bracket: int) -> int:
        """Return where the name before brackets begins, with its index and prime; -1: none."""
        at = bracket - 1
        if self.kinds[at] == "space" and self.kinds[at - 1] in ("name", "word"):
            at -= len(self.texts[at - 1]) > 1 and not self.latex  # `p_1 (1 - p_1)`, `Wr (1 - z)`
        primed = self.kinds[at] == "postfix" and self.texts[at] in "'′"
        at -= primed
        if self.kinds[at] == "close" and at > self.first:
            opened = self.match[at]
            if {"∘", r"\circ"}.isdisjoint(self.texts[opened:at]):
                at = opened - 2 if self.kind(opened - 1) == "script" else -1
            else:
                return opened
        elif self.kinds[at] in ("number", "name") and self.kind(at - 1) == "script":
            at -= 2
        if self.kind(at) == "word" and at == bracket - 1:
            is_index = self.kind(bracket + 1) == "number" and self.kind(bracket + 2) == "comma"
            is_head = is_index or self.kind(bracket + 1) == "quote" or is_chinese(self.text(at)[-1])
            return at if is_head else -1  # `PE(1, 0)`, `熵(红)`
        is_name = self.kind(at) in ("name", "word") and not is_function(self.text(at).rstrip("'′"))
        is_name = is_name or (self.text(at) == r"\sigma" and self.text(at + 1) == "_")
        return at if is_name else -1  # `σ'(z)` is a derivative, which can be evaluated

    def is_scale(self, figure: int, place: int) -> bool:
        """Say whether a token after a figure is its scale, `2.36M`."""
        text = text_inside(self.texts[place])
        if text not in SCALES or text in "%‰％\\%" or self.tokens.is_byte(place):
            return False
        following = self.kind(place + 1)
        return self.kinds[place] == "scale" or (
            self.kinds[place] == "name"
            and text not in self.stated
            and following not in ("open", "script")
            and (
                place == figure + 1
                or (text in ("M", "B", "K") and self.texts[self.last - 1] == text)
            )
        )

    def choices(self) -> list[str]:
        """Return the ways in which the side may be written, the likeliest first.

        Notes also whether one of the others may be what is meant.
        """
        here = range(self.first, self.last)
        calls = [self.is_call(name, bracket) for name, bracket in self.applied.items()]
        is_product = any(self.kind(self.after(place)) != "number" for place in self.times)
        signs = [self.texts[at][0] + "1" * (len(self.texts[at]) > 1) for at in self.times]
        # `m(2)` may be a figure put in for a name.
        factors = any(
            self.kinds[bracket + 1 : self.match[bracket]] == ["number"]
            and text_inside(self.texts[name]) not in _APPLIED
            and self.is_call(name, bracket)
            for name, bracket in self.applied.items()
        )
        heads = {text_inside(self.texts[at]) for at in self.applied}
        is_argument = self.is_whole() and all(  # `a(1 - w)` may be a product
            self.is_operand(bracket + 1, self.match[bracket]) for bracket in self.applied.values()
        )
        # Beside decimal commas `1,500` may be either; `1.500` where no decimal point is written.
        either = ",." if self.decimals == {"comma"} else ","
        by_three = "comma" in self.decimals and any(
            self.kinds[at] == "number"
            and sum(map(self.texts[at].count, either)) == 1
            and are_thousands(self.texts[at].replace(",", ".").split("."))
            for at in here
        )
        is_mixed = any("+" in after for _, after in self.added.values())  # `3 1/2`
        is_attached = any(map(self.is_attached, here))
        is_result = self.kinds[self.first : self.last].count("number") == 1
        is_of_line = is_result or any(  # `83.9 - 8.53 = 75.4 billion`
            text_inside(self.texts[at]) in "kKMB" for at in self.scaled.values()
        )
        choices = (  # its name, whether there is a choice, whether it may be what is meant
            ("product", is_mixed, True),
            ("raised", is_attached, True),
            (UNIT_NAMES, any(map(self.may_be_name, self.units)), False),
            ("separators", by_three or bool(self.groups_of_three), True),
            (SCALE_OF_LINE, bool(self.scaled) and is_of_line, False),
            ("letter x", not self.stated.isdisjoint(signs), is_product),
            ("remark", self.remark > 0, True),
            ("raised value", bool(self.added_otherwise), True),
            ("words", any(self.joins_words(at) for at in here if self.kinds[at] == "word"), False),
            (NOUNS, any(map(self.is_noun, here)), True),
            ("factors" if any(calls) else "calls", bool(calls) and not is_argument, factors),
            ("statistics", not heads.isdisjoint(STATISTICS), False),
            ("bold figure", len(here) == 1 and self.is_constant_array(self.first), False),
        )
        held = {name: is_meant for name, holds, is_meant in choices if holds}
        self.is_doubtful = any(held.values())
        return ["", *held]

    def is_whole(self) -> bool:
        """Say whether the side is `f(2)` and no more."""
        brackets = [*self.applied.items()]
        return len(brackets) == 1 and (
            brackets[0][0] == self.first and self.match[brackets[0][1]] == self.last - 1
        )

    def is_call(self, name: int, bracket: int) -> bool:
        """Say whether brackets after a name hold an argument or an index, and no factor."""
        partner = self.match[bracket]
        kinds = [kind for kind in self.kinds[bracket + 1 : partner] if kind != "space"]
        text = text_inside(self.texts[name])
        bare = text.rstrip("'′")
        if self.texts[name] in self.texts[bracket + 1 : partner]:
            return self.kinds[name] == "open"  # `h(1 - h)`; `(f ∘ g)(2)`
        listing = [*self.kinds_outside_brackets(bracket + 1, partner)]
        is_listed = not {"comma", "quote"}.isdisjoint(listing)
        is_listed |= listing.count("bar") == 1  # `p(y|x)`
        return (
            is_listed
            or bare in _APPLIED
            or self.kinds[name] == "open"
            or self.is_operand(bracket + 1, partner)
            or (
                not self.latex
                and kinds in (["name", "operator", "number"],)
                and len(text) == 1
                and self.texts[partner - 1] == "1"
                and self.texts[bracket + 1] in "tki"
            )
            or (self.is_whole() and self.kind(bracket - 1) != "space")  # a gap: a product
        )

    def kinds_outside_brackets(self, first: int, last: int) -> Iterator[str]:
        """Yield the kinds of some tokens, without those in brackets among them."""
        place = first
        while place < last:
            yield self.kinds[place]
            place = max(self.match[place], place) + 1

    def is_operand(self, first: int, last: int) -> bool:
        """Say whether tokens are one figure or one name, perhaps with its index or argument."""
        first = self.skip(first, "space")
        bracket = self.applied.get(first, -1)  # `D(G(z))`, but `a(b(2))` may be a product
        is_call = "name" in self.kinds[bracket + 1 : max(self.match[bracket], 0)]
        end = after_scripts(self.tokens, (self.match[bracket] if is_call else first) + 1)
        return first >= last or last == self.skip(end, "space")

    # The names of a side: functions, derivatives, and what is one quantity in any form

    def derivation(self, place: int) -> tuple[int, str, range]:
        r"""Return the token after an operator such as `(d/dp)`, `\frac{d}{dp}` or `∇_p`; by what.

        Last the tokens that `d(p²)/dp` derives. The token is the place where no operator is here.
        """
        texts, sign, formula = self.texts, "_", range(0)
        start = place + (texts[place] == "(")
        if texts[start] not in OPERATORS_OF_DERIVATION:  # most tokens
            return place, "", range(0)
        closing = self.match[start + 1] if self.kind(start + 1) == "open" else start
        if texts[place] in NABLA:
            below = range(place + 1, after_scripts(self.tokens, place + 1))
        elif texts[place] in FRACTIONS and closing > start:
            sign = "".join(texts[place + 2 : closing]).strip()
            inner = self.skip(place + 3, "space", "layout")
            is_opened = self.text(inner) in ("(", "[") or self.kind(inner) == "function"
            if texts[place + 2] in DERIVING and inner < closing and is_opened:
                sign, formula = texts[place + 2], range(inner, closing)
            below = range(closing + 1, max(self.match[closing + 1], closing) + 1)
        else:
            lower = min(closing + 2, self.last - 1)
            sign = texts[start] if self.text(closing + 1) == "/" and closing + 1 < lower else ""
            below = range(lower, after_scripts(self.tokens, lower + 1 + (texts[lower] in DERIVING)))
            formula = range(start + 2, closing)
        signs = [text for text in self.bare_texts(below) if text.strip(" {}()")]
        for at in (at for at, text in enumerate(signs[:-1]) if text[1:] in ACCENTS):
            signs[at : at + 2] = signs[at + 1], f"_{signs[at][1:]}"
        below_text = "".join(signs)
        sign = next(filter(below_text.startswith, DERIVING), "") if sign in DERIVING else sign
        variable = below_text.removeprefix(sign)
        if not (sign and variable and variable != below_text):
            return place, "", range(0)
        return below.stop + (start > place), variable, formula

    def end_of_operator(self, place: int) -> int:
        """Return where what an operator derives ends; the place: no operator stands here."""
        after, _, formula = self.derivation(place)
        return self.end_of_group(after) if after > place and not formula else after

    def end_of_group(self, place: int) -> int:
        """Return where the brackets around a token end, or the side."""
        while place < self.last and self.kinds[place] != "close":
            place = max(self.match[place], place) + 1
        return min(place, self.last)

    def end_of_term(self, place: int) -> int:
        """Return where a sum ends: at the next plus or minus, at a bracket, with the side."""
        at = first = self.after(after_scripts(self.tokens, place + 1) - 1)
        if self.texts[place] in NABLA:
            letter = self.text(at).rpartition("{")[2].rstrip("}")
            is_of_loss = self.stated.isdisjoint(NABLA) or is_loss(letter)
            if at >= self.last or self.kind(at) in ("operator", "close", "comma") or not is_of_loss:
                return min(at, self.last)  # `∇_w + h`, `∇_w h` where `∇_w = 2`: a slope of the loss
            at = after_scripts(self.tokens, max(self.match[at], at) + 1)
            return min(self.match[at] + 1 if self.lists_names(at) else at, self.last)
        while at < self.last and self.kinds[at] not in ("close", "comma"):
            if (
                at > first
                and self.texts[at] in ("+", "-", "−")
                and (self.kinds[self.before(at)] != "operator")
            ):
                break
            at = max(self.match[at], at) + 1
        return min(at, self.last)

    def lists_names(self, place: int) -> bool:
        """Tell whether a bracket opens here in which nothing is worked out: `L(w, b)`."""
        inside = self.kinds[place + 1 : self.match[place]] if self.kind(place) == "open" else ()
        return bool(inside) and not {"operator", "name"} <= {*inside}

    def end_of_quantity(self, place: int) -> int:
        r"""Return where a derivative by any name, or `w^{*}`, ends; the place: it is neither."""
        until = after_scripts(self.tokens, place + 1)
        if self.kinds[place] == "name":
            return place if STARS.isdisjoint(self.texts[place + 1 : until]) else until
        above = self.match[place + 1] if self.kind(place + 1) == "open" else -1
        is_derivative = self.texts[place] in FRACTIONS and self.text(place + 2) in DERIVING
        below = self.match[above + 1] if is_derivative and self.kind(above + 1) == "open" else -1
        return max(below + 1, place)

    def follows_operand(self, place: int) -> bool:
        """Say whether an operand stands before a token, so that a product is meant."""
        before = self.before(place)
        is_operand = self.kind(before) in ("number", "name", "close", "postfix")
        return before >= self.first and is_operand and not self.begins_entry(place)

    def begins_entry(self, place: int) -> bool:
        r"""Say whether a token begins an entry of a matrix, as that behind `10^{-3} &` does."""
        between = range(self.before(place) + 1, place) if self.latex else range(0)
        return any(self.texts[at] == "&" or self.kinds[at] == "row" for at in between)

    def is_raised_word(self, place: int) -> bool:
        r"""Say whether what is raised is a word of a name, `w^{\text{new}}`."""
        if self.kind(place + 1) != "open" or self.match[place + 1] < 0:
            return False
        inside = [at for at in range(place + 2, self.match[place + 1]) if self.kinds[at] != "space"]
        return len(inside) == 1 and text_inside(self.texts[inside[0]]) in _RAISED_WORDS

    def is_hyphenated(self, place: int) -> bool:
        """Say whether a side is words with a hyphen, `MRR@5` or `BLEU-1`, and no difference.

        What a difference is of stands elsewhere, as both words do for `TF-IDF = TF * IDF`: it goes
        on with a difference.
        """
        kinds = self.kinds[place : self.last]
        words = {*self.texts[place : self.last]} - {"-", " "}
        is_title = all(len(word) > 1 and word.isupper() for word in words)
        if place > self.first or not self.is_leftmost or "operator" not in kinds:
            return False
        if kinds[1:] == ["operator", "number"]:
            text, sign, figure = self.texts[place : self.last]
            is_label = sign == "-" and kinds[0] == "word" and len(figure) == 1
            return sign == "@" or (is_label and not self.stands_without_hyphen({text}))
        if "word" not in kinds and not is_title:
            return False
        is_joined = all(
            kind in ("word", "name", "space")
            or (self.texts[at] == "-" and "space" not in (self.kinds[at - 1], self.kind(at + 1)))
            for at, kind in enumerate(kinds, place)
        )
        following = range(self.after(self.last) + 1, self.tokens.last_of_row(self.last))
        signs = {self.texts[at] for at in following if self.kinds[at] == "operator"}
        is_label = is_title and bool(signs) and signs.isdisjoint("-−")
        return is_joined and (is_label or not self.stands_without_hyphen(words))

    def stands_without_hyphen(self, words: Collection[str]) -> bool:
        """Say whether each of some words stands somewhere in the text with no hyphen beside it."""
        return {*words}.issubset(
            text
            for at, text in enumerate(self.texts)
            if text in words and self.text(at - 1) != "-" != self.text(at + 1)
        )

    def opaque(self, place: int, until: int) -> tuple[str, Node, int]:
        """Return what cannot be evaluated as one name, whatever its form: it has one value."""
        text = "".join(self.bare_texts(range(place, until)))
        if "ellipsis" in self.kinds[place:until]:
            text = f"{DOTS}{place}"  # dots stand for something else at each place
        if self.texts[place] in GRADIENTS:  # `grad w`
            text = f"dloss/d{''.join(self.bare_texts(range(self.after(place), until)))}"
        text = self.derived_by_operator(place, until) or text
        start, end = self.starts[place], self.ends[until - 1]
        return STAND_IN, Name(opaque_name(text), start - self.start, end - self.start), until

    def bare_texts(self, places: range) -> list[str]:
        r"""Return the texts of tokens, names without their font: `w` for `\mathbf{w}`."""
        kinds, texts = (part[places.start : places.stop] for part in (self.kinds, self.texts))
        return [
            text_inside(text)
            if kind == "name" and not text.startswith((UNIT_VECTOR, r"\text"))
            else text
            for kind, text in zip(kinds, texts, strict=True)
        ]

    def derived_by_operator(self, place: int, until: int) -> str:
        r"""Return the derivative that `∇_p L`, `\frac{d}{dp} p²` or `d(p²)/dp` is; "" for none.

        Of `d/dx x² + x` nobody knows where the formula ends.
        """
        if not (self.derives or self.texts[place] in NABLA):
            return ""
        after, variable, formula = self.derivation(place)
        if self.texts[place] in NABLA and after == place:
            return self.derived_by_its_argument(place, until)
        first = self.skip(after, "space", "layout")
        if after == place or not (formula or first < until):
            return ""
        is_group = not formula and self.kinds[first] == "open" and self.match[first] == until - 1
        formula = formula or range(first + is_group, until - is_group)
        first = formula.start
        last = after_scripts(self.tokens, first + 1)
        is_whole = last == formula.stop or (
            self.lists_names(last)
            and variable in self.bare_texts(range(last + 1, formula.stop - 1))
        )
        is_name = self.kinds[first] in ("name", "word") and "^" not in self.texts[first:last]
        if is_name and is_whole:  # also `J(θ)`
            return f"d{text_inside(self.texts[first])}/d{variable}"
        is_term = is_group or formula.stop < until or self.end_of_term(first - 1) >= until
        if not is_term or (place, until) != (self.first, self.last):
            return ""
        self.derivand = formula
        text = "".join(self.texts[first : formula.stop]).replace("/", "∕")  # no sign of its own
        return f"d{text}/d{variable}"

    def derived_by_its_argument(self, place: int, until: int) -> str:
        """Return the derivative that `∇J(w)` is, by the only argument; "" for none."""
        name = self.after(place)
        bracket = after_scripts(self.tokens, name + 1)
        is_by_name = self.kind(bracket) == "open" and self.kind(bracket + 1) == "name"
        if self.kind(name) != "name" or not (is_by_name and self.lists_names(bracket)):
            return ""
        variable = "".join(self.bare_texts(range(bracket + 1, self.match[bracket]))).strip()
        is_all = self.match[bracket] == until - 1 and "," not in variable
        return f"d{text_inside(self.texts[name])}/d{variable}" if is_all else ""

    def name(self, place: int, choice: str, start: int) -> tuple[str, Node | None, int]:
        """Return a name, word or function as the parser reads it, with the token after it."""
        kind, text = self.kinds[place], self.texts[place]
        name = text.rpartition("_")[2]
        value = self.index.get(name)
        if value is not None:
            is_braced = self.kind(place - 2) == "script" and self.match[place - 1] == place + 1
            indexed = text != name or self.kind(place - 1) == "script" or is_braced
            return text[: -len(name)] + (value if indexed else f"({value})"), None, place + 1
        if kind == "function" and place not in self.applied:
            if self.latex and (text[-1] == "'" or self.text(place + 1) == "'"):
                slope = f"\\mathrm{{{text_inside(text).lstrip(chr(92))}'}}"
                return slope.rjust(len(text)), None, place + 1 + (text[-1] != "'")
            raised = "(" if self.is_raised(place) else ""
            until = after_scripts(self.tokens, place + 1) if self.base_of(place) else place + 1
            return raised + self.function(place, text), None, until
        is_one = "-" in text and text.startswith(r"\text")  # `\text{L1-norm}`
        if is_one or self.is_hyphenated(place):
            return self.opaque(place, place + 1 if is_one else self.last)
        if kind == "word" and choice != "words" and self.joins_words(place):
            last = place
            while (
                last + 2 < self.last
                and self.kinds[last + 1] == "space"
                and self.kinds[last + 2] in ("word", "unit")
                and not self.is_quotient_part(last + 2)
            ):
                last += 2
            if last > place:
                words = "_".join(self.texts[place : last + 1 : 2])
                symbol = self.texts[last]  # `the learning rate lr`: the words say what it is
                return symbol.rjust(len(words)) if symbol in SYMBOLS else words, None, last + 1
        later = place + 2  # `w new`
        if (
            later + 1 == self.last
            and self.kinds[later - 1] == "space"
            and self.texts[later] in LATER
        ):
            return self.derived(place, text) + "'", None, self.last
        bracket = self.applied.get(place)
        if bracket is not None:
            partner = self.match[bracket]
            inside = text_inside("".join(self.texts[bracket + 1 : partner]).strip() or "?")
            if inside in LATER or inside in REMARKS_OF_EARLIER:
                prime = "'" if inside in LATER else ""
                head = self.derived(place, text) + "".join(self.texts[place + 1 : bracket])
                return head + prime, None, partner + 1
            if choice == "statistics" and text_inside(text) in STATISTICS:
                return STATISTICS[text_inside(text)].rjust(len(text)), None, place + 1
            called = self.is_call(place, bracket)
            is_own = text in self.texts[bracket + 1 : partner]  # nothing is applied to itself
            if (choice == "calls" and not is_own) or (called and choice != "factors"):
                return self.opaque(place, partner + 1)
            times = "*" if bracket == self.after(place) else ""
            return self.derived(place, text) + times, None, place + 1
        return self.derived(place, text), None, place + 1

    def is_noun(self, place: int) -> bool:
        """Tell whether a word may make another of a name: `grad w`."""
        name = self.after(place)
        is_beside = self.kinds[place] == "word" and self.kind(name) == "name"
        return is_beside and is_other_quantity(self.texts[place], self.texts[name], is_joined=False)

    def after_name(self, place: int) -> int:
        r"""Return the token after a name with its accent and scripts, `\hat{f}_1`."""
        if self.text(place)[1:] in ACCENTS:
            place = self.skip(place + 1, "space", "layout")
            place = self.match[place] if self.kind(place) == "open" else place
        return after_scripts(self.tokens, place + 1)

    def joins_words(self, place: int) -> bool:
        """Tell whether a word and what follows may be one name, `learning rate`, or two factors."""
        return self.kind(place + 1) == "space" and place + 2 < self.last

    def function(self, place: int, text: str) -> str:
        """Return a function without its module, and with its base."""
        bare = text.rpartition(".")[2] if text[0] != "\\" else text
        base = self.base_of(place)
        if base and f"log{base}" in LOGARITHMS:
            return f" lo{base}" if self.latex else f"lo{base}"
        if text.startswith((r"\text", r"\mathrm", r"\mathbf")):
            inside = _in_small_letters(text_inside(text))
            return rf"\mathrm{{{inside.replace('_', chr(92) + '_')}}}" if "_" in inside else inside
        return _in_small_letters(bare).rjust(len(text))

    def is_raised(self, place: int) -> bool:
        """Say whether a function has its power before its argument, `tanh²(0)`."""
        if self.kind(place + 1) != "postfix" or self.texts[place + 1] not in "²³":
            return False
        if self.kind(place + 2) != "open" or not 0 < self.match[place + 2] < self.last:
            return False
        self.raised[self.match[place + 2]] = self.texts[place + 1]
        return True

    def base_of(self, place: int) -> str:
        r"""Return the base that is written after a logarithm: `log_2`, `\log_{10}`, `log₂`."""
        _, log, lowered = self.texts[place].partition("log")
        if not log or lowered[:1] in ("1", "2"):  # `log2` is a name
            return ""
        below = lowered + "".join(self.texts[place + 1 : after_scripts(self.tokens, place + 1)])
        base = "".join(LOWER.get(sign, sign) for sign in below.strip("_{} "))
        return base if base.isdigit() else ""

    def derived(self, place: int, text: str) -> str:
        r"""Return a name with `∂` for the `d` of `dL/dw` and of `\frac{dL}{dw}`."""
        name, mark, number = text.partition("#")
        if mark:  # a contribution: `dL/dw#2` is ∂L/∂w|₂
            text = f"{name}|{number.translate(AS_SUBSCRIPT)}"
        inside = text_inside(text)
        if self.latex and inside[0] == "\\" and text != inside:
            text = inside.rjust(len(text))  # `\bm{\delta}^{(1)}`
        if inside[0] not in "dδ∂" and text != r"\delta":
            return text if self.latex else _lower_scripts(text)
        is_part = self.is_fraction_part(place) if self.latex else self.is_quotient_part(place)
        return text if not is_part else "∂" if text == r"\delta" else "∂" + inside[1:]

    def is_quotient_part(self, place: int) -> bool:
        """Say whether a name is one of `dL/dw`; `d_model/dk` are sizes."""
        sign = self.texts[place][0]
        for step in (1, -1):
            at = self.skip(place + step, "space", step=step)
            other = self.skip(at + step, "space", step=step)
            parts = (self.texts[place], self.text(other))
            is_quotient = self.text(at) == "/" and self.first <= other < self.last
            is_alike = (parts[0][1:2] == "_") == (parts[1][1:2] == "_")
            if (
                is_quotient
                and is_alike
                and all(
                    len(part) > 1
                    and part[0] == sign
                    and part not in _NOT_DERIVED
                    and not part.startswith("delta")
                    for part in parts
                )
            ):
                return True
        return False

    def is_fraction_part(self, place: int) -> bool:
        r"""Say whether a name begins the upper or lower part of `\frac{dL}{dw}`."""
        bracket = self.before(place)
        if self.text(bracket) != "{" or self.match[bracket] < 0:
            return self.is_quotient_part(place)
        before = self.before(bracket)
        is_above = "frac" in self.text(before)
        other = self.after(self.match[bracket]) if is_above else self.match[before]
        if self.text(other) != "{":
            return False
        mine, its = text_inside(self.texts[place]), text_inside(self.texts[self.after(other)])
        more = len(mine) > 1 or self.kind(self.after(place)) not in ("close", "script")
        return mine[0] == its[0] and more


def _lower_scripts(text: str) -> str:
    """Return `w_new` for `w^{new}`, place for place."""
    head, _, tail = text.partition("^{")
    return f"{head}_{{{tail}" if tail.rstrip("}").isalpha() else text


def _in_small_letters(function: str) -> str:
    """Return the name of a function as the table of operations has it: `Relu`, `TANH`."""
    return function.lower() if function.lower() in ANY_CASE else function
