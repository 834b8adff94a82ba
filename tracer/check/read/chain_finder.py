"""Chains in the tokens of a block: where mathematics begins and ends, split at its relations.

In prose a loose grammar decides: operands and operators take turns, and what else stands there
ends the chain. In a formula everything belongs to it but what divides it. Nothing is parsed here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from tracer.check.read.inline_spans import FIRST_CHINESE
from tracer.check.read.prose_clusters import (
    OF_FIGURES,
    TROUBLES,
    FoundChain,
    FoundSide,
    ProseClusters,
)
from tracer.check.read.tokens import (
    INVISIBLE,
    DocumentTokens,
    after_remark,
    after_scripts,
    are_factors,
    are_terms,
    is_explanation,
    is_scaling,
)
from tracer.check.read.word_tables import (
    LATER,
    SUMMING,
)
from tracer.sentences import say

_SHORT_NAME: Final = 2  # letters of a word that may be a name
_ITEMISING: Final = (r"\bullet", "•")  # the signs of an item, where no operand stands before them
_BULLETS: Final = (*_ITEMISING, "-", "−")  # may itemise a row, and go on with none
_UNSEEN: Final = ("space", "gap", "newline", "layout")
_BEHIND_ALL: Final = ("end", "stop", "row", "delimiter")
_ROUND: Final = ("(", r"\left(")
_OF_NAMES: Final = frozenset(("name", "script", "number", "postfix", "open", "close"))
_BEHIND_LISTS: Final = ("end", "newline", "stop", "close", "delimiter", "row", "stop word")
_SIZING: Final = ("×", "x", "*", ",")


def find_chains(tokens: DocumentTokens) -> list[FoundChain]:
    """Return the chains of a block in order."""
    finder = _Finder(tokens)
    waiting = [(0, len(tokens))]
    while waiting:
        finder.scan(*waiting.pop())
        waiting.extend(finder.inner)
        finder.inner = []
    found = [each for chain in finder.found for each in _one_by_one(tokens, chain)]
    return sorted(found, key=lambda chain: chain.first)


def _one_by_one(tokens: DocumentTokens, chain: FoundChain) -> Sequence[FoundChain]:
    """Return a chain for each name of a list with as many values, `w, b = 0.5, -1`; else this."""
    name, value = chain.sides[0], chain.sides[-1]
    before, behind = tokens.before(name.first), tokens.after(value.last - 1)
    is_listed = tokens.kind(before) == tokens.kind(behind) == "comma"
    if len(chain.sides) != 2 or not is_listed or not _is_name(tokens, name.first, name.last):
        return [chain]
    names, values = [name], [value]
    while tokens.kind(before) == "comma":
        last = tokens.before(before) + 1
        first = tokens.skip(last - 1, *_OF_NAMES, step=-1) + 1
        if not _is_name(tokens, first, last):
            return [chain]
        names.insert(0, FoundSide(first, last, ""))
        before = tokens.before(first)
    while tokens.kind(behind) == "comma":
        first = tokens.after(behind)
        number = tokens.after_sign(behind)
        if tokens.kind(number) != "number":
            return [chain]
        values.append(FoundSide(first, number + 1, value.relation))
        behind = tokens.after(number)
    if len(names) != len(values) or tokens.kind(behind) not in _BEHIND_LISTS:
        return [chain]
    doubts = chain.doubts - {"end"}
    return [FoundChain((one, other), doubts) for one, other in zip(names, values, strict=True)]


def _is_name(tokens: DocumentTokens, first: int, last: int) -> bool:
    """Say whether some tokens are one name, with what stands below it."""
    kinds = tokens.kinds[first:last]
    return tokens.kind(first) == "name" and _OF_NAMES.issuperset(kinds) and kinds.count("name") == 1


class _Finder(ProseClusters):
    """Goes along the tokens of one level of brackets: formulas, brackets, prose."""

    def scan(self, low: int, high: int) -> None:
        """Find the clusters between two tokens."""
        self.high = high
        place = low
        while place < high:
            kind = self.kinds[place]
            following: int | None = None
            if kind in INVISIBLE or (kind == "newline" and self.tokens.latex[place]):
                pass
            elif self.tokens.latex[place]:
                following = self.in_formula(place, kind)
            elif (handler := _HANDLERS.get(kind)) is not None:
                following = handler(self, place)
            elif self.texts[place] == "#":
                following = self.on_remark(place)
            else:
                self.cut()
            # An index with an open bracket is gone past, though nothing was taken of it.
            place = max(following or 0, place + 1)
        self.cut()

    def in_formula(self, place: int, kind: str) -> int | None:
        """Take a token of a formula; return the next one."""
        text = self.texts[place]
        if kind == "relation" or kind == "compare":
            self.relation(place, text.partition(" ")[0].partition("{")[0])
        elif kind in ("divider", "stop", "colon", "text"):
            self.cut()
        elif kind == "open" and self.match[place] >= 0:
            return self.group_in_formula(place)
        elif (handler := _FORMULA_HANDLERS.get(kind)) is not None:
            handler(self, place)
        else:
            if kind in TROUBLES and text not in SUMMING and not are_terms(self.tokens, place):
                self.trouble(*TROUBLES[kind])
            if kind == "operator" and not (self.begin < 0 and text in _ITEMISING):
                self.begin = place if self.begin < 0 else self.begin
                self.last, self.operator = "", place
            elif kind != "operator":
                self.take(place, "number" if kind == "number" else "group")
        return place + 1

    def group_in_formula(self, place: int) -> int:
        """Take brackets in a formula with what is in them; equations in them are read apart."""
        partner = self.match[place]
        if self.relations[partner] > self.relations[place]:
            is_awaited = self.last == "" and (self.begin >= 0 or self.signs)
            is_last = self.kind(self.after(partner)) in _BEHIND_ALL
            if is_awaited and not (is_last and self.texts[place] in _ROUND):
                self.trouble("unreadable", say("this expression contains an equation"))
                self.take(partner, "group")
            else:
                self.inner.append((place + 1, partner))
                self.cut()
            return partner + 1
        self.trouble_within(place, partner)
        self.take(place, "group", partner + 1)
        return partner + 1

    def trouble_within(self, first: int, last: int) -> None:
        """Note what cannot be read in brackets: blanks and dots."""
        for place in range(first + 1, last):
            kind = self.kinds[place]
            if kind in ("blank", "ellipsis") and not are_terms(self.tokens, place):
                self.trouble(*TROUBLES[kind])

    def on_row(self, place: int) -> None:
        """Take the end of a row: the next one may go on with it."""
        following = self.skip(place + 1, "space", "gap", "newline", "layout", "divider", "row")
        margin = self.texts[place + 1 : following]
        kind, text = self.kind(following), self.text(following)
        goes_on = kind in ("relation", "compare") or (
            kind == "operator" and ("&" in margin or text not in _BULLETS)
        )
        if self.operator < 0 and not goes_on:
            self.cut()

    def on_command(self, place: int) -> int:
        r"""Take `\frac{1}{2}` in prose with its arguments: nobody marked it as a formula."""
        end = place + 1
        while self.kind(end) == "open" and end < self.match[end] < self.high:
            end = self.match[end] + 1
        if not self.signs or self.last:
            self.cut()
        else:
            self.trouble("unreadable", say("this is not an expression"))
            self.take(place, "group", end)
        return end

    def unpaired(self, place: int) -> None:
        """Take a bracket without a partner: within an equation it makes the side unreadable."""
        if self.kinds[place] == "open" and (self.begin >= 0 or self.signs) and self.last == "":
            self.trouble("unreadable", say("this bracket is not closed"))
            self.take(place, "")
            return
        if place >= self.closed_to:  # a row of closing brackets is looked through once
            self.closed_to = self.after(place, "close")
        goes_on = self.kind(self.closed_to) in ("operator", "relation")
        if self.kinds[place] == "close" and self.last and goes_on:
            self.trouble("unreadable", say("this bracket is unmatched"))
            self.end = place + 1
        else:
            self.cut()

    def bracket(self, place: int) -> int | None:
        """Take a bracket of prose and what is in it; return the place after it."""
        partner = self.match[place]
        if partner < 0 or partner >= self.high:
            self.unpaired(place)
            return None
        after = partner + 1
        attached = place > 0 and self.kinds[place - 1] not in ("space", "gap", "newline")
        applied = attached and self.kinds[place - 1] in ("name", "function", "word")
        is_worded = self.text(place - 1) > FIRST_CHINESE  # a remark, `衰减率(1 - 0.5³ = 0.875)`
        followed = self.kind(self.after(partner)) == "relation"
        ends_row = after_remark(self.tokens, place) > place
        inside = self.kinds[place + 1 : partner] if partner - place < 60 else []
        is_call = applied and (followed or not is_worded)
        if self.relations[partner] > self.relations[place] and not is_call:
            self.inner.append((place + 1, partner))
            if not (followed or (ends_row and self.last)):
                self.doubts.update(("end",) if self.begin >= 0 and not self.last else ())
                self.cut()
        elif self.last == "word" and self.begins_after_word(place, partner):
            self.doubts -= {"start"}
            self.restart(place, "group", after)
        elif (
            self.begin >= 0
            and self.last in ("", "name", "word")
            and (applied or (is_explanation(self.tokens, place) and self.is_name()))
        ):
            is_scaled = any(is_scaling(self.tokens, at) for at in range(place + 1, partner))
            self.doubts.update(("end",) if is_scaled and not self.signs else ())
            self.end, self.last = after, "group"
            self.words = 0
        elif self.begin < 0 or self.last == "":
            if self.prose[partner] > self.prose[place]:
                self.cut()
            else:
                self.trouble_within(place, partner)
                self.take(place, "group", after)
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
                and not ("operator" in inside and "comma" not in inside)  # it groups
                and not are_factors(self.tokens, place)
            ):
                self.trouble(
                    "ambiguous",
                    say("ambiguous: brackets side by side may be a product or an index"),
                )
            if "markup" in self.kinds[self.end : place]:
                self.doubts.add("unused")  # a factor of no price, `280 € (520-800)`
            self.take(place, "group", after)
        return after

    def on_script(self, place: int) -> int:
        """Take what stands below brackets, `(…)_{1,10}`."""
        after = after_scripts(self.tokens, place)
        if self.last == "group":
            self.end = after
        else:
            self.cut()
        return after

    def begins_after_word(self, place: int, partner: int) -> bool:
        """Say whether brackets after a word of prose begin a side: `一个(7 - 5) × 2`, a shape."""
        kinds = self.kinds[place:partner]
        following = self.kind(self.after(partner))
        is_related = following == "relation"
        goes_on = following in ("operator", "postfix", "script")
        is_chinese = not self.texts[self.end - 1].isascii()
        is_apart = is_chinese or self.kind(place - 1) == "space"
        before = self.kind(self.tokens.before(self.end - 1))
        are_figures = is_apart and OF_FIGURES.issuperset(kinds)  # `output (28 - 5)/1 + 1`
        if is_chinese or (goes_on and (are_figures or before == "stop word")):
            return "number" in kinds and "operator" in kinds and not self.signs
        return is_related and "comma" in kinds and is_apart

    def is_name(self) -> bool:
        """Say whether the first side is a name, or words."""
        kinds = self.kinds[self.begin : self.end]
        return not self.signs and {"name", "word", "space"}.issuperset(kinds)

    def is_remark(self, place: int, partner: int) -> bool:
        """Say whether brackets after an operand hold words: `(rounded)`, `(was 0.5)`."""
        is_worded = "word" in self.kinds[place:partner] and not self.is_joined(place, partner)
        if is_worded or self.prose[partner] > self.prose[place]:
            return True
        kinds = [kind for kind in self.kinds[place + 1 : partner] if kind not in INVISIBLE]
        following = self.kind(self.after(partner))
        is_operand = "operator" in kinds and following in ("operator", "relation", "postfix")
        is_apart = self.kind(place - 1) in ("space", "gap") or self.texts[place] == "（"
        is_count = len(kinds) == 2 and kinds[0] == "number" and kinds[1] in ("name", "word", "unit")
        is_of_points = is_count and self.texts[place] == "["  # `[1 P]`
        inside = [text for text in self.texts[place + 1 : partner] if not text.isspace()]
        are_sizes = len(inside) > 1 and all(each.isdigit() or each in _SIZING for each in inside)
        is_of_sizes = is_apart and are_sizes and self.texts[self.before(place)] == "]"
        if (is_of_points or is_of_sizes) and following in ("end", "newline", "delimiter"):
            return True  # `[[0.5], [0.3]]  (2×1)`
        if not kinds or is_operand or not is_apart:
            return False
        worded = (
            kinds[0] in ("word", "stop word") and self.texts[self.after(place)].lower() not in LATER
        )
        figure = kinds in (["number", "postfix"], ["operator", "number", "postfix"])  # `(+6%)`
        return worded or figure or not {"relation", "compare"}.isdisjoint(kinds)

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


_FORMULA_HANDLERS: Final[Mapping[str, Callable[[_Finder, int], int | None]]] = {
    "arrow": _Finder.on_arrow,
    "barrier": _Finder.on_barrier,
    "close": _Finder.unpaired,
    "comma": _Finder.on_comma,
    "open": _Finder.unpaired,
    "row": _Finder.on_row,
}
_HANDLERS: Final[Mapping[str, Callable[[_Finder, int], int | None]]] = {
    "open": _Finder.bracket,
    "number": _Finder.on_number,
    "odd": _Finder.on_trouble,
    "name": _Finder.on_name,
    "word": _Finder.on_word,
    "stop word": _Finder.on_stop_word,
    "operator word": _Finder.on_operator_word,
    "function": _Finder.on_function,
    "operator": _Finder.on_operator,
    "relation": _Finder.on_relation,
    "compare": _Finder.on_compare,
    "arrow": _Finder.on_arrow,
    "colon": _Finder.on_colon,
    "barrier": _Finder.on_barrier,
    "newline": _Finder.on_newline,
    "delimiter": _Finder.on_delimiter,
    "postfix": _Finder.on_postfix,
    "unit": _Finder.on_unit,
    "scale": _Finder.on_unit,
    "prefix": _Finder.on_prefix,
    "blank": _Finder.on_trouble,
    "command": _Finder.on_command,
    "ellipsis": _Finder.on_trouble,
    "symbol": _Finder.on_trouble,
    "bar": _Finder.on_bar,
    "comma": _Finder.on_comma,
    "stop": _Finder.on_stop,
    "quote": _Finder.on_quote,
    "script": _Finder.on_script,
    "close": _Finder.unpaired,
}
