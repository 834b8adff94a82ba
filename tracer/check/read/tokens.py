r"""The tokens of a block: every character belongs to one, and each has a kind.

Prose, formulas in LaTeX and marks of markup stand in one list, so that whoever asks what stands
beside a chain sees it, whatever it is written in. Nothing is decided here but what a sign is.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import accumulate, compress, pairwise
from typing import Final

from tracer.check.read.word_tables import (
    BARE_FUNCTIONS,
    COUNTERS,
    LATER,
    REMARKS_OF_EARLIER,
    SCALES,
    UNIT_LETTERS,
    UNITS,
)

BYTES: Final = frozenset(
    ("GB", "MB", "kB", "KB", "TB", "KiB", "MiB", "GiB", "TiB", "byte", "bytes")
)

MONEY: Final = tuple("$€£¥￥₹")
INVISIBLE: Final = frozenset(("space", "gap", "markup", "layout"))
"""What may stand between two tokens that are neighbours."""

OPENING: Final = {"(": ")", "[": "]", "{": "}", "⌊": "⌋", "⌈": "⌉", "（": ")", "【": "】"}


_BOUND_SIGNS: Final = frozenset("₌₊₋₀₁₂₃₄₅₆₇₈₉⁰¹²³⁴⁵⁶⁷⁸⁹ⁿ")  # of a sum, behind its index
TIMES: Final = frozenset(
    ("*", "·", "×", "⋅", "∙", "⊙", "∘", r"\cdot", r"\times", r"\odot", r"\circ")
)
INDICATORS: Final = frozenset((r"\mathbf{1}", r"\mathbb{1}", r"\mathbb{I}", "𝟏", "𝟙", "𝕀"))
"""Signs before brackets that are 1 where what stands in them is so, and else 0."""
# What those tokens begin with that are layout, or make others layout.
_LAID_OUT: Final = frozenset("\\_^{ᵢⱼₖₙₜ𝟏𝟙𝕀") | _BOUND_SIGNS
_LIST_MAKERS: Final = frozenset(("tensor", "array", "Tensor"))
OF_TWO: Final = {**dict.fromkeys((r"\pm", "±"), "+-"), **dict.fromkeys((r"\mp", "∓"), "-+")}
"""The signs by which a side has two values, and what each of them has there."""
DERIVING: Final = frozenset(("d", "∂", "δ", r"\partial", r"\delta", r"\mathrm{d}"))
FRACTIONS: Final = frozenset((r"\frac", r"\dfrac", r"\tfrac"))
NABLA: Final = ("∇", r"\nabla")
OPERATORS_OF_DERIVATION: Final = DERIVING | FRACTIONS | {*NABLA}
STARS: Final = frozenset(("*", r"\ast", r"\star"))
"""Signs that are raised to mark a name, `w^*`."""
_REMARKING: Final = frozenset(("#", "←", "⟵", "<-"))
_DASHES: Final = frozenset(("-", "−", "–", "*", "**", "//"))
_ROW_ENDS: Final = ("newline", "row", "divider")
_AFTER_FACTORIAL: Final = ("operator", "relation", "number", "close")
_OF_WORDS: Final = ("word", "stop word", "postfix")
_OF_WORK: Final = ("number", "relation", "compare", "arrow", "operator", "operator word", "open")
_OF_WORK_OF_NAMES: Final = frozenset(("operator", "relation"))
LEAST_DECIMALS: Final = 3  # behind the comma of a figure in brackets
LEAST_EQUATIONS: Final = 3  # of a list of them
_LEAST_LETTERS: Final = 3  # of a word; shorter ones are names
_LONG_REMARK: Final = 20  # brackets and texts one after the other; nobody writes more of them


class DocumentTokens:
    """The tokens of one text as parallel lists; `latex` says which stand in a formula.

    `match` is the partner of a bracket (-1: none). `texts` are what a sign stands for: `×` where
    `&times;` is written.
    """

    __slots__ = ("_row_ends", "_visible", "ends", "kinds", "latex", "match", "starts", "texts",
                 "unit_letters")  # fmt: skip

    def __init__(self) -> None:
        self.kinds: list[str] = []
        self.texts: list[str] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.latex: list[bool] = []
        self.match: list[int] = []
        self._visible: list[int] = []
        self._row_ends: list[int] = []
        self.unit_letters: frozenset[str] = frozenset()

    def __len__(self) -> int:
        return len(self.kinds)

    def add(self, kind: str, text: str, start: int, end: int, latex: bool) -> None:
        """Append a token."""
        self.kinds.append(kind)
        self.texts.append(text)
        self.starts.append(start)
        self.ends.append(end)
        self.latex.append(latex)

    def extend(self, kinds: list[str], texts: list[str], start: int, latex: bool) -> None:
        """Append tokens that stand one after another."""
        ends = [*accumulate(map(len, texts), initial=start)]
        self.kinds += kinds
        self.texts += texts
        self.starts += ends[:-1]
        self.ends += ends[1:]
        self.latex += [latex] * len(kinds)

    def finish(self, *, decimal_commas: bool = False) -> None:
        """Pair the brackets, join figures at their commas, and note what can be seen.

        With `decimal_commas` no figure of the document has a point.
        """
        commas = self.pair()
        if commas and self.join_figures(commas, decimal_commas=decimal_commas):
            self.pair()
        signs = not {"𝟏", "_"}.isdisjoint(self.texts)
        if signs or True in self.latex or "symbol" in self.kinds:
            self.lay_out()
        for place, text in enumerate(self.texts):
            if text in _LIST_MAKERS and self.text(place + 1) == "(":
                self.kinds[place] = "layout"  # of brackets with entries: `tensor([0.5, 2])`
            elif self.is_byte(place) and self.kind(place - 1) == "number":
                self.kinds[place] = "unit"  # `2B`, whatever B is elsewhere
        self._visible = [place for place, kind in enumerate(self.kinds) if kind not in INVISIBLE]
        self._row_ends = [
            place for place, kind in enumerate(self.kinds) if kind in ("newline", "row")
        ]
        self.unit_letters = self.find_unit_letters()
        for place in self.counted_things():
            self.kinds[place] = "unit"
        for place, text in enumerate(self.texts if "!" in self.texts else ()):
            goes_on = self.latex[place] or self.kind(self.after(place)) in _AFTER_FACTORIAL
            if text == "!" and self.kind(place - 1) == "number" and goes_on:
                self.kinds[place] = "postfix"  # no end of a sentence

    def pair(self) -> list[tuple[int, int]]:
        """Find the partners of brackets; return the commas with the bracket each stands in."""
        self.match = [-1] * len(self.kinds)
        waiting: list[tuple[int, str]] = []
        counts: dict[str, int] = {}
        commas: list[tuple[int, int]] = []
        for place, kind in enumerate(self.kinds):
            if kind == "open":
                closing = _closing_of(self.texts[place])
                waiting.append((place, closing))
                counts[closing] = counts.get(closing, 0) + 1
            elif kind == "close":
                closing = _closing_form(self.texts[place])
                if not counts.get(closing):
                    continue
                while waiting:
                    opened, closer = waiting.pop()
                    counts[closer] -= 1
                    if closer == closing:
                        self.match[place], self.match[opened] = opened, place
                        break
            elif kind == "comma":
                commas.append((place, waiting[-1][0] if waiting else -1))
        return commas

    def join_figures(self, commas: list[tuple[int, int]], *, decimal_commas: bool) -> bool:
        """Make one token of `2,359,296` and of `0,5`; lists stay what they are."""
        joined: list[tuple[int, int]] = []
        listed = self.listed_equations(commas)
        last = -1
        for place, bracket in commas:
            is_between = self.kind(place - 1) == self.kind(place + 1) == "number"
            if place < last or not is_between or self.texts[place] != ",":
                continue
            last = place + 1
            while self.kind(last + 1) == "comma" and self.kind(last + 2) == "number":
                last += 2
            ends = self.skip(place - 2, "space", step=-1), self.skip(last + 1, "space")
            beside = [*map(self.kind, ends)]
            # Braces that only group, as those of a fraction, hold no list.
            groups = self.texts[bracket] == "{" and self.kind(bracket - 1) != "script"
            groups = groups and self.latex[bracket]
            # Brackets around what is worked out are a remark: `(48 × 48 = 2,304 points)`.
            is_remark = self.texts[bracket] in ("(", "（")
            groups |= is_remark and "relation" in self.kinds[bracket:place]
            groups |= self.is_argument(bracket, place, last)
            groups |= self.text(place - 2) in MONEY
            # `(0,21145)`, `(0,6^2 + 0,4^2)`: no list has such a number beside a 0, or is a sum.
            groups |= (decimal_commas and bracket >= 0) and (
                len(self.texts[place + 1]) >= LEAST_DECIMALS or self.is_worked_within(bracket)
            )
            bare = bracket < 0 or self.match[bracket] < 0 or groups
            # `['0,1 + 0,2 = 0,3']`: one of a sum in brackets shows that the result is one too.
            is_result = "relation" in beside and bool(joined) and joined[-1][0] > bracket
            worked = ("operator" in beside or is_result) and "comma" not in beside
            # `[-1,2]`: what stands behind the bracket is the sign of its first entry.
            is_signed = self.skip(ends[0] - 1, "space", step=-1) == bracket and beside[1] == "close"
            worked &= not (is_signed and self.text(bracket).endswith("["))
            parts = self.texts[place - 1 : last + 1 : 2]
            # Where commas stand in figures, `x = 1,5 = 3/2` is no list of two equations.
            least = LEAST_EQUATIONS if decimal_commas else LEAST_EQUATIONS - 1
            is_figure = (bare or worked) and _is_one_figure(parts)
            if is_figure and (are_thousands(parts) or listed.get(place, 0) < least):
                joined.append((place - 1, last + 1))
        is_left = [True] * len(self.kinds)
        for start, end in joined:
            self.texts[start] = "".join(self.texts[start:end])
            self.ends[start] = self.ends[end - 1]
            is_left[start + 1 : end] = [False] * (end - start - 1)
        if joined:
            for name in ("kinds", "texts", "starts", "ends", "latex"):
                setattr(self, name, [*compress(getattr(self, name), is_left)])
        return bool(joined)

    def listed_equations(self, commas: Sequence[tuple[int, int]]) -> dict[int, int]:
        """Return for commas how many equations their line lists: 2 in `3 - 5 = -2,4 - 5 = -1`.

        0 where a piece between commas has no relation, or two.
        """
        listed: dict[int, int] = {}
        beside = ((at, self.kind(at - 1), self.kind(at + 1)) for at, _ in commas)
        places = [at for at, *kinds in beside if kinds == ["number", "number"]]
        ends = [at for at, kind in enumerate(self.kinds) if kind in ("newline", "row")]
        for first, last in pairwise((-1, *ends, len(self.kinds))) if places else ():
            within = places[bisect_left(places, first) : bisect_left(places, last)]
            pieces = pairwise((first, *within, last)) if within else ()
            counts = [self.kinds[one + 1 : other].count("relation") for one, other in pieces]
            listed.update(dict.fromkeys(within, len(counts) if {*counts} == {1} else 0))
        return listed

    def is_worked_within(self, bracket: int) -> bool:
        """Say whether brackets hold a calculation, and no comma in them has a blank behind it."""
        inside = range(bracket + 1, self.match[bracket])
        kinds = ((self.kind(at - 1), self.kinds[at], self.kind(at + 1)) for at in inside)
        is_worked = False
        for before, kind, after in kinds:
            if kind == "comma" and after in ("space", "gap"):
                return False
            is_worked |= kind == "operator" and before in ("space", "number")
        return is_worked

    def is_argument(self, bracket: int, comma: int, last: int) -> bool:
        """Say whether figures around a comma are all that a function is of, in `σ(0,95)`.

        `log(8,2)` may be to the base 2; nothing is the logarithm of 0.
        """
        function = self.text(bracket - 1).lstrip("\\")
        has_more = function == "softmax" or (function == "log" and self.texts[comma - 1] != "0")
        is_whole = bracket + 2 == comma and self.match[bracket] == last + 1
        return is_whole and function in BARE_FUNCTIONS and not has_more

    def is_rate(self, place: int) -> bool:
        """Say whether a word behind a figure is what comes in a time, or by the piece: `9 B/s`."""
        text, by = self.texts[place], place + 2
        is_word = self.kinds[place] in ("word", "unit") or (len(text) > 1 and text.isupper())
        return (
            (is_word or self.is_byte(place))
            and self.text(place + 1) == "/"
            and self.kind(self.before(place)) in ("number", "scale")
            and (self.text(by) in UNIT_LETTERS or self.kind(by) in ("word", "unit"))
        )

    def is_byte(self, place: int) -> bool:
        """Say whether a B is a byte and no billion: others here are measured in such."""
        return self.texts[place] == "B" and not BYTES.isdisjoint(self.texts)

    def find_unit_letters(self) -> frozenset[str]:
        """Return the letters that may be units: they stand after figures, and nowhere else here.

        Another unit may stand between, `3 kg m/s`, with its power.
        """
        letters = UNIT_LETTERS.intersection(self.texts)
        for place, text in enumerate(self.texts if letters else ()):
            if text in letters:
                before = self.before(place)
                divided = self.before(before, "postfix") if self.text(before) == "/" else before
                is_beside = self.text(divided) in UNIT_LETTERS or self.kind(divided) == "unit"
                is_beside |= divided != before and self.is_rate(divided)
                is_counted = self.kind(before) in ("number", "scale")
                if not (is_beside or (is_counted and self.kind(place - 1) != "gap")):
                    letters -= {text}
        return letters

    def counted_things(self) -> list[int]:
        """Return the words that only say what is counted: `10 epochs × 20 batches = 200`.

        They stand between figures and operators, and nowhere here without such a figure.
        """
        places: dict[str, list[int]] = {}
        names: set[str] = set()
        for place, kind in enumerate(self.kinds):
            text = self.texts[place]
            if kind not in ("name", "word") or len(text) < _LEAST_LETTERS or not text.isalpha():
                continue
            figure, after = self.before(place), self.after(place)
            beside = self.kind(figure), self.kind(after)
            if beside[0] == "number" and self.kind(place - 1) == "space" and text.islower():
                goes_on = beside[1] == "operator" and self.kind(self.after(after)) == "number"
                ends = beside[1] == "relation" and self.kind(self.before(figure)) == "operator"
                if (goes_on or ends) and not self.latex[place]:
                    places.setdefault(text, []).append(place)
            elif not _OF_WORK_OF_NAMES.isdisjoint(beside):
                names.add(text)
        return [place for text, found in places.items() if text not in names for place in found]

    def lay_out(self) -> None:
        r"""Make layout of the braces of `\boxed{…}` and of what `\underbrace{…}_{…}` says."""
        end = 0
        for place, text in enumerate(self.texts):
            if text[0] not in _LAID_OUT and self.kinds[place] != "script":
                continue
            before = self.kind(place - 1)
            signs = {"symbol": "_ᵢⱼₖₙₜ", "index": _BOUND_SIGNS}.get(before, "")
            if text[0] in signs and not self.latex[place]:
                self.kinds[place] = "index"
            if text in ("_", "^") and self.begins_script(place):
                self.kinds[place] = "script"
            is_upright = self.kinds[place] == "function" and text.startswith((r"\text", r"\mathrm"))
            if is_upright and text.partition("{")[2].strip("} ") in UNITS:  # minutes, `\text{min}`
                is_applied = self.kind(self.skip(place + 1, "space")) in ("open", "script")
                self.kinds[place] = "function" if is_applied else "unit"
            if self.kinds[place] == "script" and text == "^" and self.text(place + 1) in STARS:
                self.kinds[place + 1] = "name"
            if (self.kinds[place] == "script" or text in INDICATORS) and (
                self.kind(place + 1) == "open"
            ):
                for inside in range(max(place + 2, end), self.match[place + 1]):
                    if self.kinds[inside] in ("relation", "compare"):
                        self.kinds[inside] = "index relation"
                end = max(end, self.match[place + 1])
            if text == "{" and self.latex[place] and self.kind(place + 1) == "close":
                following = self.kind(self.skip(place + 2, "space", "layout"))
                if following in ("operator", "relation") or self.begins_row(place):
                    self.kinds[place] = self.kinds[place + 1] = "layout"
            if self.holds_sign(place) or self.holds_name(place) or self.holds_script(place):
                self.kinds[place] = self.kinds[self.match[place]] = "layout"
            if text in (r"\quad", r"\qquad") and self.begins_row(place):
                self.kinds[place] = "layout"
            if text in _WRAPPERS and self.kind(place + 1) == "open":
                closing = self.match[place + 1]
                if closing > 0 and text in _BRACES:
                    self.lay_out_label(place, closing)
                if closing > 0:
                    self.kinds[place] = self.kinds[place + 1] = self.kinds[closing] = "layout"

    def holds_sign(self, place: int) -> bool:
        r"""Say whether braces hold one sign, which they only set closer, `2{\times}3`."""
        return (
            (self.texts[place], self.kind(place + 2)) == ("{", "close")
            and self.latex[place]
            and self.kind(place + 1) in ("operator", "relation")
            and self.kind(place - 1) != "script"
        )

    def holds_name(self, place: int) -> bool:
        r"""Say whether braces hold one name, and more of the name follows: `{W^{(2)}}'`."""
        closing = self.match[place]
        if self.texts[place] != "{" or not self.latex[place] or self.kind(place + 1) != "name":
            return False
        inside = place + 2
        while place < inside < closing and self.kinds[inside] == "script":
            is_open = self.kind(inside + 1) == "open"
            inside = (self.match[inside + 1] if is_open else inside + 1) + 1  # 0 without partner
        is_followed = self.text(closing + 1) == "'" or self.kind(closing + 1) == "script"
        return inside == closing and is_followed and self.kind(place - 1) != "script"

    def holds_script(self, place: int) -> bool:
        r"""Say whether braces hold what belongs to the name before them, `\delta{_2}`."""
        is_script = self.texts[place] == "{" and self.kind(place + 1) == "script"
        return is_script and self.latex[place] and self.kind(place - 1) == "name"

    def lay_out_label(self, place: int, closing: int) -> None:
        r"""Make layout of what stands below a brace; below dots it is what they stand for."""
        label = self.skip(closing + 1, "space")
        if self.kind(label) != "script" or self.kind(label + 1) != "open":
            return
        stands_for = [*range(place + 2, closing)] if self.kinds[place + 2] == "ellipsis" else []
        for inside in (*stands_for, *range(label, self.match[label + 1] + 1)):
            if not stands_for or self.kinds[inside] not in ("number", "operator"):
                self.kinds[inside] = "layout"

    def begins_row(self, place: int) -> bool:
        """Say whether only blanks stand between a token and the row before it."""
        return (
            self.kind(self.skip(place - 1, "space", "gap", "newline", "layout", step=-1)) == "row"
        )

    def begins_script(self, place: int) -> bool:
        """Say whether a sign of plain text begins a bound of a sum, or a place, `(…)_{1,2}`."""
        if self.latex[place]:
            return False
        if self.kind(place - 1) == "close" and self.text(place) + self.text(place + 1) == "_{":
            return True
        opened = self.match[place - 1] if self.kind(place - 1) == "close" else place
        is_bound = opened == place or self.kind(opened - 1) == "script"  # no power, `∑ (x - 1)^2`
        return is_bound and self.kind(opened - 1 - (opened < place)) == "symbol"

    def kind(self, place: int) -> str:
        """Return the kind of a token, `end` beyond the last and before the first."""
        return self.kinds[place] if 0 <= place < len(self.kinds) else "end"

    def text(self, place: int) -> str:
        """Return the text of a token, '' beyond the last and before the first."""
        return self.texts[place] if 0 <= place < len(self.kinds) else ""

    def skip(self, place: int, *kinds: str, step: int = 1) -> int:
        """Return the first token from one on, or back, that is of none of some kinds."""
        while self.kind(place) in kinds:
            place += step
        return place

    def after_sign(self, place: int) -> int:
        """Return the next token that can be seen, beyond the sign of a figure."""
        at = self.after(place)
        return self.after(at) if self.text(at) in ("-", "−", "+") else at

    def after(self, place: int, *beyond: str) -> int:
        """Return the next token that can be seen and is of no kind `beyond`, else their number."""
        at = bisect_left(self._visible, place + 1)
        while beyond and at < len(self._visible) and self.kinds[self._visible[at]] in beyond:
            at += 1
        return self._visible[at] if at < len(self._visible) else len(self.kinds)

    def last_of_row(self, place: int) -> int:
        """Return the last token of the row that a token stands in."""
        at = bisect_left(self._row_ends, place + 1)
        return (self._row_ends[at] if at < len(self._row_ends) else len(self.kinds)) - 1

    def before(self, place: int, *beyond: str) -> int:
        """Return the last such token before one, else -1."""
        at = bisect_left(self._visible, place)
        while beyond and at and self.kinds[self._visible[at - 1]] in beyond:
            at -= 1
        return self._visible[at - 1] if at else -1


class TokenView:
    """The columns of a block's tokens, and the questions to them, at hand for a reader of them."""

    def __init__(self, tokens: DocumentTokens) -> None:
        self.tokens = tokens
        self.kinds, self.texts, self.match = tokens.kinds, tokens.texts, tokens.match
        self.starts, self.ends = tokens.starts, tokens.ends
        self.kind, self.text, self.skip = tokens.kind, tokens.text, tokens.skip
        self.after, self.after_sign, self.before = tokens.after, tokens.after_sign, tokens.before

    def is_attached(self, place: int) -> bool:
        """Say whether a figure touches the bracket before it: `(1 - 0.5)2`, a power or a factor."""
        is_figure = self.kinds[place] == "number" and self.texts[place - 1] == ")"
        inside = self.kinds[max(self.match[place - 1], 0) : place]
        return is_figure and "operator" in inside and not self.tokens.latex[place]


MOST_COMPARED: Final = 60  # tokens between the bracket of an indicator and its relation


def is_indicator(tokens: DocumentTokens, place: int) -> bool:
    """Say whether a bracket is 1 where what it says is so: `1[z > 0]`, `1[a = b]`, `g * (z > 0)`.

    Without the figure it is a factor, and says which of two numbers is greater.
    """
    closing = tokens.match[place]
    inside = tokens.kinds[place : max(closing, place)]
    if tokens.texts[max(place - 1, 0) : place + 1] == ["1", "["]:
        return sum(map(inside.count, ("compare", "relation"))) == 1
    is_factor = not TIMES.isdisjoint(
        (tokens.texts[tokens.before(place)], tokens.text(tokens.after(closing)))
    )
    is_plain = tokens.texts[place] in ("(", r"\left(") and inside.count("compare") == 1
    is_plain &= tokens.kind(place - 1) not in ("name", "word", "function")  # `P(X > 2)`
    return is_plain and "relation" not in inside and is_factor


def is_explanation(tokens: DocumentTokens, place: int) -> bool:
    """Say whether brackets apart from a word, or with words, tell what it is: `Loss (MSE) = …`.

    A relation follows, nothing is worked out in them, and they do not say when, `w (new)`.
    """
    closing = tokens.match[place]
    inside = {
        kind
        for at, kind in enumerate(tokens.kinds[place + 1 : closing], place + 1)
        if tokens.texts[at] != "-" or tokens.kinds[at - 1] != "word"  # `pre-activation`
    }
    is_worded = tokens.kind(tokens.before(place)) == "word" or not inside.isdisjoint(_OF_WORDS)
    return (
        (tokens.kind(place - 1) == "space" or tokens.texts[place] == "（")
        and tokens.kind(tokens.after(closing)) == "relation"
        and is_worded
        and inside.isdisjoint(_OF_WORK)
        and "".join(tokens.texts[place + 1 : closing]) not in LATER | REMARKS_OF_EARLIER
    )


def is_scaling(tokens: DocumentTokens, place: int) -> bool:
    """Say whether a token behind a name tells in what it is measured: `%`, `MB`, `in thousands`.

    One letter is a name.
    """
    kind, text = tokens.kind(place), tokens.text(place).lower()
    is_scale = text.rstrip("s") in SCALES or text.startswith(("percent", "百分"))
    return text in ("%", "％", "‰") or (len(text) > 1 and (kind == "unit" or is_scale))


def is_of_indicator(tokens: DocumentTokens, place: int) -> bool:
    """Say whether a relation stands within the brackets of an indicator, and joins no sides."""
    before = range(place - 1, max(place - MOST_COMPARED, 0), -1)
    around = (at for at in before if tokens.kinds[at] == "open" and tokens.match[at] > place)
    return any(is_indicator(tokens, at) for at in around)


def after_scripts(tokens: DocumentTokens, place: int) -> int:
    """Return the token after the indices and powers that begin at one."""
    while (after := after_script(tokens, place)) > place:
        place = after
    return place


def after_script(tokens: DocumentTokens, place: int) -> int:
    """Return the token after the index or power that begins at one; the same where none does."""
    at = place + (tokens.kind(place) in INVISIBLE)
    is_lowered = tokens.text(at) == "_" and tokens.kind(at + 1) == "number"  # `||v||_2`
    if (kind := tokens.kind(at)) not in ("index", "script") and not is_lowered:
        return place
    first = at + (kind != "index")
    first += tokens.kind(first) == "command" and tokens.kind(first + 1) == "open"  # `_\hat{y}`
    last = tokens.match[first] if first > at and tokens.kind(first) == "open" else first
    has_nothing = tokens.kind(last) == "end"  # behind its sign
    return place if last < 0 or has_nothing else last + 1  # a bracket may have no partner


def _closing_of(text: str) -> str:
    """Return what closes a bracket."""
    if text.startswith(r"\begin"):
        return text.partition("}")[0].replace("begin", "end") + "}"
    return OPENING.get(text) or _COMMAND_PAIRS.get(text, r"\right")


def _closing_form(text: str) -> str:
    """Return a closing bracket as `_closing_of` names it."""
    if text.startswith(r"\end"):
        return text.partition("}")[0] + "}"
    if text.startswith((r"\right", r"\big", r"\Big")):
        return r"\right"
    return ")" if text == "）" else text


_COMMAND_PAIRS: Final = {
    r"\{": r"\}", r"\lbrack": r"\rbrack", r"\lfloor": r"\rfloor", r"\lceil": r"\rceil",
    r"\lvert": r"\rvert", r"\lVert": r"\rVert", r"\langle": r"\rangle",
}  # fmt: skip


_BRACES: Final = (r"\underbrace", r"\overbrace")
_WRAPPERS: Final = frozenset(
    (
        *_BRACES,
        r"\boxed",
        r"\mathbf",
        r"\boldsymbol",
        r"\bm",
        r"\textbf",
        r"\cancel",
        r"\underline",
        r"\ensuremath",
        r"\rm",
        r"\bf",
        r"\it",
    )
)


def _is_one_figure(parts: list[str]) -> bool:
    """Say whether figures with commas between them are one: thousands, or a decimal comma."""
    whole, *groups = parts
    if "." in whole or any("." in group for group in groups[:-1]):
        return False
    by_three = are_thousands([whole, *groups[:-1], groups[-1].partition(".")[0]])
    return by_three or (len(groups) == 1 and "." not in groups[0] and "e" not in groups[0].lower())


def are_thousands(parts: list[str]) -> bool:
    """Say whether the parts of a figure may be its thousands, those of `1.000.000`."""
    whole, *groups = parts
    is_whole = whole.isdecimal() and whole[0] != "0" and len(whole) <= 3
    return is_whole and all(map(str.isdecimal, groups)) and {*map(len, groups)} == {3}


def figures_between(tokens: DocumentTokens, first: int, last: int) -> Iterator[str]:
    """Yield the figures among some tokens that are no index and in none: the 0 of `0{,}09`."""
    end = -1  # up to where what stands here is an index
    for place in range(first, last):
        if tokens.kinds[place] == "script":
            end = max(end, place + 1, *tokens.match[place + 1 : place + 2])
        elif (
            tokens.kinds[place] == "number"
            and place > end
            and tokens.kinds[place - 1] != "figure comma"
        ):
            yield tokens.texts[place]


def is_spaced_dash(tokens: DocumentTokens, place: int) -> bool:
    """Say whether a sign is a dash, or a mark of emphasis: blanks, or nothing, are around it.

    Before a drawn line it is a sign of operation, for a fraction stands there.
    """
    beside = {tokens.kind(place - 1), tokens.kind(place + 1)}
    is_apart = beside <= {"space", "gap", "newline", "end"}
    return is_apart and tokens.text(place) in _DASHES and tokens.text(tokens.after(place)) != "─"


def is_counted(text: str) -> bool:
    """Say whether a Chinese word counts what a figure is of, `维` and `次乘法`, without a scale."""
    is_phrase = text[:1] in COUNTERS and frozenset("百千万亿").isdisjoint(text)
    return is_phrase or text in COUNTERS


def units_after_figures(tokens: DocumentTokens, first: int, last: int) -> dict[int, str]:
    """Return the tokens of the units after figures, with their powers and what divides them.

    The units themselves come with their names, the rest with an empty text.
    """
    units: dict[int, str] = {}
    for place in range(first, last):
        is_figure = tokens.kinds[place] == "number" and tokens.kind(place - 1) != "script"
        is_named = is_figure and tokens.kind(place + 1) == "name"
        at = (
            tokens.after(
                after_scripts(tokens, place + 1 + (is_named and tokens.text(place + 1) in SCALES))
                - 1,
                "postfix",
                "scale",
            )
            if is_figure
            else tokens.after(place)
        )
        if not is_figure and (tokens.kinds[place] != "close" or tokens.kind(at) != "unit"):
            continue
        is_rate = False
        while at < last:
            unit = tokens.after(at) if tokens.text(at) == "/" else at
            text = _unit_at(tokens, unit) if unit < last else ""
            is_word = unit != at and len(tokens.text(unit)) > 1 and tokens.kind(at - 1) == "unit"
            is_divisor = unit != at and is_rate
            if not text and (is_word or is_divisor) and tokens.kind(unit) in ("name", "word"):
                text = tokens.text(unit)  # `bits/symbol`
            is_rate = unit == at and unit < last and tokens.is_rate(unit)
            if not text and is_rate:
                text = tokens.text(unit)  # `9 steps/s`
            if not text and unit == last - 1:
                text = _counted_word(tokens.text(unit))
            if not text:
                break
            after = tokens.skip(after_scripts(tokens, unit + 1), "postfix")
            units.update({**dict.fromkeys((at, *range(unit, after)), ""), unit: text})
            at = tokens.after(after - 1)
            if tokens.text(at) != "/" and tokens.kind(at) != "unit":
                break  # else what is counted stands after its counter
    return {place: text for place, text in units.items() if place < last}


def _counted_word(text: str) -> str:
    r"""Return what a figure at the end of a formula counts: the word of `448\ \text{weights}`."""
    word = text.partition("{")[2].strip("}")
    is_word = text.startswith(r"\text{") and word.replace(" ", "").isalpha() and word.islower()
    return word if is_word and len(word) > 1 else ""


def _unit_at(tokens: DocumentTokens, place: int) -> str:
    """Return the name of the unit that a token is; nothing where it is none.

    In a formula a letter right behind a figure is a factor: `2m` is twice m, `2 m` two metres.
    """
    kind, text = tokens.kinds[place], tokens.texts[place]
    upright = text.partition("{")[2].strip("}")  # `\text{m}` is no name
    is_factor = tokens.latex[place] and tokens.kind(place - 1) == "number"
    letters = UNIT_LETTERS if upright else set() if is_factor else tokens.unit_letters
    text = upright or text
    is_named = kind in ("name", "word") and (text in UNITS or text in letters)
    is_named |= kind == "name" and tokens.is_byte(place)
    return text if is_named or kind == "unit" else ""


def after_remark(tokens: DocumentTokens, place: int) -> int:
    """Return where a remark that ends its row ends, and the row below goes on; else the place.

    It stands in brackets or behind a sign of remarks, or is text in a formula.
    """
    at = place
    if tokens.text(place) in _REMARKING:
        last = tokens.last_of_row(place)
        return last + 1 if row_goes_on(tokens, last) else place
    for _ in range(_LONG_REMARK):
        if tokens.kind(at) not in ("divider", "text", "open"):
            break
        last = max(tokens.match[at], at)
        if row_goes_on(tokens, last):
            has_words = not {"text", "relation", "compare", "word", "stop word"}.isdisjoint(
                tokens.kinds[place : last + 1]
            )
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
    """Say whether a list is multiplied by what stands before it.

    By a list where either is one of lists, or a row that is transposed; by a figure or a fraction
    where a sign of calculation or a relation follows: `0.5 [0.4, 0.6]` alone may be a value with
    its range.
    """
    before, last = tokens.before(place), tokens.match[place]
    is_number = tokens.kinds[before] == "number" or ends_fraction(tokens, before)
    if is_number and tokens.texts[place] == "[":
        goes_on = tokens.kind(tokens.after(last)) in ("operator", "relation")
        return goes_on and "comma" in tokens.kinds[place:last]
    opened = tokens.match[before] if tokens.kinds[before] == "close" else before
    beside = tokens.texts[before], tokens.text(opened + 1), tokens.text(place + 1)
    is_list = tokens.texts[before] in ("]", "ᵀ") and tokens.texts[place] == "["
    return is_list and ("ᵀ" in (beside[0], tokens.text(last + 1)) or "[" in beside[1:])


def ends_fraction(tokens: DocumentTokens, place: int) -> bool:
    r"""Say whether a token closes a fraction, `\frac{1}{2}`."""
    above = tokens.match[place] - 1
    return tokens.kind(above) == "close" and tokens.text(tokens.match[above] - 1) in FRACTIONS


def is_times(tokens: DocumentTokens, place: int) -> bool:
    """Say whether an `x` after a figure or brackets may be the sign of a product.

    Right after a figure it may begin a token with the next one, or with several: `2x3x4`.
    """
    if len(tokens.texts[place]) > 1:
        factors = tokens.texts[place].lower().removeprefix("x").split("x")
        return tokens.kind(place - 1) == "number" and all(map(str.isdigit, factors))
    ends_operand = tokens.kind(tokens.before(place)) in ("number", "close", "postfix", "unit")
    following = tokens.after(place)
    spaced = tokens.kind(place - 1) == "space" == tokens.kind(place + 1)
    signed = tokens.text(following) in ("-", "−") and tokens.kind(following + 1) in (
        "number",
        "open",
    )
    after = tokens.kind(following)
    is_operand = after == "number" or (
        spaced and (after in ("open", "prefix", "name", "function") or signed)
    )
    return ends_operand and is_operand


def end_of_mixed(tokens: DocumentTokens, place: int) -> int:
    r"""Return the last token of a mixed number that begins with a figure, `3 1/2`; else 0.

    Of `3\frac{1}{2}` it is the last brace.
    """
    above, below, last = place + 2, place + 4, place + 4
    is_mixed = tokens.kind(place + 1) == "space" and tokens.text(place + 3) == "/"
    if tokens.text(place + 1) in FRACTIONS:
        above, below, last = place + 3, place + 6, place + 7
        partners = tokens.match[place + 2 : place + 6 : 3]
        is_mixed = partners == [place + 4, last]
    figures = [tokens.text(at) for at in (place, above, below) if is_mixed]
    is_index = tokens.kind(place - 1) == "script"  # `\log_2\frac{1}{2}`
    is_mixed = is_mixed and all(each.isascii() and each.isdigit() for each in figures)
    return last if is_mixed and not is_index and 0 < int(figures[1]) < int(figures[2]) else 0


def is_last_of_list(tokens: DocumentTokens, place: int) -> bool:
    """Say whether a figure is the last of a list of words, `the sum of 2 and 3`."""
    before = tokens.before(place)
    if tokens.text(before).lower() not in ("and", "和", "与"):
        return False
    listed = tokens.before(before, "number", "operator", "postfix", "comma")
    return tokens.before(before) > listed and tokens.text(listed).lower() in ("of", "between")


def are_terms(tokens: DocumentTokens, place: int) -> bool:
    r"""Say whether dots stand for some terms, `a_1 + \cdots + a_n`, or for an argument, `σ(…)`."""
    beside = tokens.kind(tokens.before(place)), tokens.kind(tokens.after(place))
    are_some = {*beside} <= {"operator", "row"}
    return tokens.kinds[place] == "ellipsis" and (are_some or beside == ("open", "close"))
