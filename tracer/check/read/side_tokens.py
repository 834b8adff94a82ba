"""What the tokens of one side show: calls, scales, units, words, and the ways to write it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from tracer.check.read.cluster_collector import FoundSide
from tracer.check.read.token_neighbours import is_times, units_after_figures
from tracer.check.read.tokenizer import is_function
from tracer.check.read.tokens import (
    DERIVING,
    INDICATORS,
    DocumentTokens,
    TokenView,
    after_scripts,
)
from tracer.check.read.word_tables import SCALES
from tracer.expression import (
    Dialect,
)
from tracer.expression.names import LOWER

__all__ = ["SideTokens", "text_inside"]

_COMPARED: Final = {
    ">": ("(indicator(", ") - (", ")))"),
    "<": ("(indicator(-", ") + (", ")))"),
    "≥": ("(1 - indicator(-", ") + (", ")))"),
    r"\ge": ("(1 - indicator(-", ") + (", ")))"),
    r"\geq": ("(1 - indicator(-", ") + (", ")))"),
    "=": ("(1 - abs(sign(", ") - (", "))))"),
}
"""What is written for an indicator by the sign in its brackets: before it, for the sign, after."""
_COMPOSED: Final = frozenset(("∘", r"\circ"))
_APPLIED: Final = frozenset(("f", "g", "F", "G", "L", "J", "P", "loss", "cost"))
"""Names before brackets that are functions rather than factors: `L(w + 0.001)`, `f(2)`."""
_LOWERED: Final = tuple(LOWER)


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
        times: frozenset[int],
        commas: bool,
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
            if place in times or (tokens.texts[place] in ("x", "X") and is_times(tokens, place))
        )
        self.commas = commas
        self.start = tokens.starts[found.first]
        self.is_doubtful = False  # whether a choice may be what is meant
        self.applied: dict[int, int] = {}  # `f(2)`: the bracket after each such name
        self.raised: dict[int, str] = {}  # the power of a function after its closing bracket
        self.scaled: dict[int, int] = {}  # the scale after each figure that has one
        self.stated = stated
        self.expanded = [] if expanded is None else expanded  # tokens of sums written out
        self.derives = not DERIVING.isdisjoint(tokens.texts[found.first : found.last])
        self.transposed: set[int] = set()  # the `T` of each `W^{[1]T}`
        self.indicators: dict[int, str] = {}  # what is written for `\mathbf{1}[x > 0]`
        self.groups_of_three: set[int] = set()  # the commas of `1{,}500`, or decimal ones
        self.remark = -1  # the bracket after a figure that may only repeat it, `0.75 (3/4)`
        self.units = units_after_figures(tokens, self.first, self.last)
        self.look()

    def is_constant_array(self, place: int) -> bool:
        r"""Say whether a figure is `\mathbf{1}`: an array of ones, of any shape."""
        text = self.texts[place]
        return (
            text.startswith(r"\mathbf{")
            and text_inside(text) in "01"
            and place not in self.indicators
        )

    def is_bold_figure(self) -> bool:
        r"""Say whether the side is only `\mathbf{0}`, which may be a figure that is emphasised."""
        return self.last - self.first == 1 and self.is_constant_array(self.first)

    def touches_index(self, place: int) -> bool:
        """Say whether the token before is a name that its subscript ends: `w₁x`, `eᵢxᵢ`."""
        touches = place > self.first and self.texts[place - 1][-1] in _LOWERED
        return touches and not self.latex and self.kinds[place] != "postfix"

    def is_difference(self, place: int) -> bool:
        r"""Say whether a token is the `\Delta` of `\Delta w`, which is one quantity."""
        return self.texts[place] == r"\Delta" and self.kind(self.after(place)) == "name"

    def look(self) -> None:
        """Find what may be read in several ways."""
        for place in range(self.first, self.last):
            kind = self.kinds[place]
            if kind == "open" and place > self.first and self.match[place] > 0:
                head = self.head_before(place)
                if head >= self.first and self.texts[place] in ("(", r"\left("):
                    self.applied[head] = place
                elif self.is_remark(place):
                    self.remark = self.before(place) + 1
                if self.texts[place - 1] in INDICATORS:
                    self.look_at_indicator(place)
            elif kind == "figure comma" and self.is_between_three(place):
                self.groups_of_three.add(place)
            elif kind == "number" and place + 1 < self.last:
                scale = self.skip(place + 1, "space")
                if scale < self.last and self.is_scale(place, scale):
                    self.scaled[place] = scale
            elif kind == "close" and (place + 2 < self.last) and self.is_index(place):
                self.transposed.add(place + 1)

    def look_at_indicator(self, place: int) -> None:
        r"""Note how `\mathbf{1}[x > 0]` is written: 1 where what stands in the brackets is so."""
        closing = self.match[place]
        for at in range(place + 1, closing):
            sign = _COMPARED.get(self.texts[at])
            if sign is not None and self.kinds[at] in ("compare", "relation", "index relation"):
                before, between, after = sign
                self.indicators |= {place - 1: before, place: "(", at: between, closing: after}

    def is_remark(self, place: int) -> bool:
        """Say whether the side ends in brackets apart from the figure before them."""
        before = self.before(place)
        return (
            self.match[place] == self.last - 1
            and self.texts[place][-1] == "("
            and before >= self.first
            and before < place - 1
            and self.kinds[before] in ("number", "postfix")
            and self.kind(self.before(before)) not in ("command", "script")  # `\frac12 (1 - x)`
        )

    def is_between_three(self, place: int) -> bool:
        """Say whether one comma with three digits after it stands in a figure of a formula."""
        beside = (self.kind(place - 2), self.kind(place + 2))
        return (
            "figure comma" not in beside
            and self.kind(place + 1) == "number"
            and len(self.texts[place + 1]) == 3
            and self.texts[place - 1] != "0"
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
        primed = self.kinds[at] == "postfix" and self.texts[at] in "'′"
        at -= primed
        if self.kinds[at] == "close" and at > self.first:
            opened = self.match[at]
            if _COMPOSED.isdisjoint(self.texts[opened:at]):
                at = opened - 2 if self.kind(opened - 1) == "script" else -1
            else:
                return opened
        elif self.kinds[at] in ("number", "name") and self.kind(at - 1) == "script":
            at -= 2
        if self.kind(at) == "word":
            return at if self.kind(bracket + 1) == "quote" else -1
        is_name = self.kind(at) == "name" and not is_function(self.text(at).rstrip("'′"))
        is_name = is_name or (self.text(at) == r"\sigma" and self.text(at + 1) == "_")
        return at if is_name else -1  # `σ'(z)` is a derivative, which can be evaluated

    def is_scale(self, figure: int, place: int) -> bool:
        """Say whether a token after a figure is its scale, `2.36M`."""
        text = text_inside(self.texts[place])
        if text not in SCALES or text in "%‰％\\%":
            return False
        if self.kinds[place] == "scale":
            return True
        following = self.kind(place + 1)
        return (
            self.kinds[place] == "name"
            and text not in self.stated
            and following not in ("open", "script")
            and (place == figure + 1 or (place == self.last - 1 and text in ("M", "B", "K")))
        )

    def choices(self) -> list[str]:
        """Return the ways in which the side may be written, the likeliest first.

        Notes also whether one of the others may be what is meant.
        """
        here = range(self.first, self.last)
        calls = [self.is_call(name, bracket) for name, bracket in self.applied.items()]
        is_product = any(self.kind(self.after(place)) != "number" for place in self.times)
        factors = any(map(self.may_be_factor, self.applied.items()))
        commas = bool(self.groups_of_three) or (self.commas and any(map(self.is_thousand, here)))
        choices = (  # its name, whether there is a choice, whether it may be what is meant
            ("decimal comma", commas, True),
            ("letter x", bool(self.times), is_product),
            ("remark", self.remark > 0, True),
            ("factors" if any(calls) else "calls", bool(calls) and not self.is_whole(), factors),
            ("bold figure", self.is_bold_figure(), False),
            ("letters", self.latex and any(map(self.is_letters, here)), False),
        )
        self.is_doubtful = any(holds and doubtful for _, holds, doubtful in choices)
        has_units = any(self.kinds[place] != "unit" for place in self.units)
        has_units = has_units and self.stated.isdisjoint(self.units.values())
        likeliest = ["without units", ""] if has_units else [""]
        return likeliest + [name for name, holds, _ in choices if holds]

    def is_thousand(self, place: int) -> bool:
        """Say whether a token is a figure with one comma and three digits after it."""
        _, comma, rest = self.texts[place].partition(",")
        return self.kinds[place] == "number" and comma != "" and len(rest) == 3

    def may_be_factor(self, call: tuple[int, int]) -> bool:
        """Say whether `m(2)` may be a product: a figure put in for a name."""
        name, bracket = call
        inside = self.kinds[bracket + 1 : self.match[bracket]]
        text = text_inside(self.texts[name])
        return inside == ["number"] and text not in _APPLIED and self.is_call(name, bracket)

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
        if not {"comma", "quote"}.isdisjoint(kinds) or bare in _APPLIED:
            return True
        if self.kinds[name] == "open":
            return True
        return (
            self.is_operand(bracket + 1, partner)
            or (
                not self.latex
                and kinds in (["name", "operator", "number"],)
                and len(text) == 1
                and self.texts[partner - 1] == "1"
                and self.texts[bracket + 1] in "tki"
            )
            or self.is_whole()
        )

    def is_operand(self, first: int, last: int) -> bool:
        """Say whether tokens are one figure or one name, perhaps with its index."""
        return next(self.operands(first, last), last) == last

    def operands(self, first: int, last: int) -> Iterator[int]:
        """Yield where each operand after the first begins, an index being part of its name."""
        begun = False
        while first < last:
            if self.kinds[first] != "space":
                if begun:
                    yield first
                begun = True
            first = after_scripts(self.tokens, first + 1)

    def is_letters(self, place: int) -> bool:
        """Say whether letters side by side in a formula may be a product, `ac`."""
        text = self.texts[place]
        return (
            self.latex
            and self.kinds[place] == "name"
            and 1 < len(text) < 4
            and text.isascii()
            and text.isalpha()
            and text.islower()
            and self.kind(place - 1) != "script"
            and text not in ("lr",)
        )
