"""One side as the parser gets it: what people write and the language lacks is put otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Final

from tracer.check.model.written_trees import at_place
from tracer.check.read.prose_clusters import FoundSide
from tracer.check.read.side_tokens import (
    COMPARED,
    DELTAS,
    NOUNS,
    PROSE,
    RAISED,
    SCALE_OF_LINE,
    UNIT_NAMES,
    UNIT_VECTOR,
    SideTokens,
    relation_of,
    text_inside,
)
from tracer.check.read.tokens import (
    FRACTIONS,
    OF_TWO,
    after_script,
    after_scripts,
    are_factors,
    are_thousands,
    ends_fraction,
    is_explanation,
)
from tracer.check.read.word_tables import INFINITE, OPERATORS, SCALES
from tracer.errors import LimitError
from tracer.expression import Node, Number
from tracer.expression.names import ACCENTS
from tracer.expression.pratt_parser import literal_value
from tracer.lazy_regex import lazy_regex

MAX_TOKENS: Final = 2_000
QUANTITIES: Final = "quantities"
"""The choice in which each derivative, whatever its form, is one name; for want of any other."""
_BOUNDS: Final = lazy_regex(
    r"(?:∑|Σ|∏|\\sum|\\prod|\\?max|\\?min)(?:\\limits)?_?\{?(?P<index>[a-z])=(?P<low>[0-9]{1,4})\}?\^\{?(?P<high>[0-9]{1,4})\}?"
)
_ON_LINE: Final = str.maketrans("ᵢⱼₖₙₜ₌₀₁₂₃₄₅₆₇₈₉⁰¹²³⁴⁵⁶⁷⁸⁹ⁿ", "ijknt=01234567890123456789n")
_SUMS: Final = frozenset(("∑", "Σ", r"\sum"))
_PRODUCTS: Final = frozenset(("∏", r"\prod"))
_EXTREMES: Final = {"max": "maximum", r"\max": "maximum", "min": "minimum", r"\min": "minimum"}
_MAY_HOLD_INDICES: Final = ("symbol", "open", "layout")
_OF_SETS: Final = frozenset((r"\cap", r"\cup", r"\setminus", "∩", "∪"))
_SEEN_THROUGH: Final = ("space", "operator", "close")  # no such token begins what has no value
_UNSEEN: Final = ("space", "gap", "newline")
_OPPOSITE: Final = [[tuple(pair)] for pair in ("<≥", "≥<", ">≤", "≤>")]
"""Two comparisons of which one holds at every value."""
_ELSE: Final = ("otherwise", "else", "其他", "其它", "否则", "其余", "sonst")
_SHORT_NAME: Final = 3  # letters of an index
_LONGEST_SUM: Final = 3_000  # characters of a sum that is written out
MOST_NAMES_OF_INDEX: Final = 2  # the place of an entry, `x[2*i + j]`
RATE_LETTERS: Final = ("α", "η", "λ", "β", "γ", "alpha", "eta", "lambda", "beta", "gamma", "lr")
_MOST_TERMS: Final = 64  # of a sum that people work out by hand
_RAISED_POINTS: Final = frozenset("*˙ᵗᵏˣʸᶻ")
"""What the parser does not read among raised signs: the point of `e⁻¹·¹`, the letter of `βᵗ`."""
_FROM_RAISED: Final = str.maketrans("⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹*˙ᵗᵏˣʸᶻ", "+-0123456789..tkxyz")
_RAISED_TERM: Final = lazy_regex(r"(-?[0-9.]*)([tkxyz]?)([+-][0-9.]+)?")
_LABELS: Final = frozenset("ˣʸᶻ")  # of a component, but for a power of a number
_BASES: Final = frozenset("e0123456789")


class WrittenSide:
    """A side as the parser gets it. `origins` are places of its characters in the side's text.

    `leaves` are what stands for the leaf at a place: a figure with its scale, `f(2)`.
    """

    def __init__(self) -> None:
        self.text = ""
        self.origins: list[int] = []
        self.leaves: dict[int, Node] = {}

    def add(self, piece: str, start: int, end: int, leaf: Node | None) -> None:
        """Append what stands for the characters between two places."""
        if leaf is not None:
            self.leaves[len(self.origins)] = leaf
        self.text += piece.ljust(end - start)
        self.origins += (*range(start, end), *[max(end - 1, 0)] * (len(piece) - end + start))

    def add_written(self, other: WrittenSide, start: int) -> None:
        """Append a part that was written on its own and begins at a place."""
        for at, leaf in other.leaves.items():
            place = leaf.start + start, leaf.end + start
            self.leaves[len(self.text) + at] = at_place(leaf, *place)
        self.text += other.text
        self.origins.extend(place + start for place in other.origins)


class SideWriter(SideTokens):
    """Writes the tokens of one side for the parser, by a choice where there are several."""

    def places_below(self, place: int) -> list[str]:
        r"""Return what stands below brackets, from 0, where not all is figures: `(W_1)_{ij}`.

        A dot stands for all places of an axis, and so does a colon in the language.
        """
        closing = self.match[place + 1] if self.kind(place + 1) == "open" else -1
        inside = range(place + 2, closing)
        if closing < 0 and self.text(place + 1) in self.index:
            inside = range(place + 1, place + 2)
        is_text = "text" in self.kinds[inside.start : inside.stop]  # `(…)_{\text{via } z}`
        if self.texts[place] != "_" or not inside or is_text:
            return []
        parts: list[str] = []
        first = int(self.index.get("") != "0")  # the index of a sum from 0 counts so
        # Brackets have no letters in their name, and a unit vector's place is none of it.
        is_unit = self.texts[place - 1] == UNIT_VECTOR
        is_bound = (
            is_unit
            or self.texts[place - 1][-1] in ")]."
            or (bool(self.index) and "comma" in self.kinds[inside.start : inside.stop])
        )
        for at in inside:
            kind, text = self.kinds[at], self.texts[at]
            value = self.index.get(text, text)
            if kind == "operator" and text == r"\cdot":
                parts.append(":")
                is_bound = True
            elif text == ":" and parts and parts[-1].isdigit():
                parts[-1] += ":"
                is_bound = True
            elif kind == "number" and parts and parts[-1].endswith(":") and parts[-1] != ":":
                parts[-1] += text  # the last one, which the language counts from 0 and leaves out
            elif kind == "number" or value.isdigit():
                is_bound = is_bound or text in self.index
                parts.append(str(int(value) - first) if value.isdecimal() else "?")
            elif kind in ("name", "word") and value.isalpha() and value.islower():
                is_bound = is_bound or all(letter in self.index for letter in text)
                values = [self.index.get(letter, letter) for letter in text]
                parts += [str(int(each) - first) if each.isdigit() else each for each in values]
            elif kind not in ("comma", "space", "layout") and text not in "{}":
                return self.worked_places(inside) if is_bound else []
        subscript = "".join(self.texts[inside.start : inside.stop])
        is_single = self.texts[place - 1][-1] not in ")]." and len(parts) == 1
        is_name = is_single or not any(map(str.isalpha, subscript))
        is_figure = is_name and not is_unit and "".join(parts).isdigit()
        if not is_bound or "?" in parts or is_figure:
            return []
        # In a sum a column stays one, so that it is taken from each column of a matrix.
        is_slice = ":" in parts and bool(self.index)
        return [f"{at}:{int(at) + 1}" if is_slice and at.isdigit() else at for at in parts]

    def worked_places(self, inside: range) -> list[str]:
        """Return places that are worked out, from 0: of `p_{i, y_i + 1}`; none where one is not."""
        ends = [at for at in inside if self.kinds[at] == "comma"]
        places = []
        starts = [inside.start, *(end + 1 for end in ends)]
        for first, last in zip(starts, [*ends, inside.stop], strict=True):
            index = self.part(first, last, {}).write("") if first < last else None
            if index is None or index.leaves:
                return []
            places.append(f"({index.text.strip()}) - 1")
        return places

    def letters_below(self, place: int) -> str:
        r"""Return the indices of an array that is written by its entries, `[2 a_{ij}]_{ij}`.

        Nothing where brackets are no such array: its entry has one of the letters.
        """
        closing = self.match[place]
        if self.texts[place][-1] != "[" or not place < closing < self.last - 2:
            return ""
        until = after_scripts(self.tokens, closing + 1)
        below = [text for text in self.texts[closing + 2 : until] if text not in "{}, "]
        letters = "".join(below)
        is_listed = self.texts[closing + 1] == "_" and letters.isalpha() and letters.islower()
        used = {letter for text in self.texts[place:closing] for letter in text[:_SHORT_NAME]}
        return letters if is_listed and not used.isdisjoint(letters) else ""

    def ends_in_words(self, place: int) -> int:
        r"""Return where brackets with words below them end, `(…)_{\text{via } z}`, `E[g²]_old`.

        Together they are one quantity. The place itself where there are none.
        """
        is_name = self.kinds[place] in ("name", "word")
        first = place + is_name
        last = self.match[first] if self.kind(first) == "open" else -1
        while is_name and self.text(first) == self.text(last + 1) == "[":
            last = self.match[last + 1]
        if not first < last < self.last - 1:
            return place
        if self.text(first) == "[" and self.texts[last + 1] in "'′":
            return last + 2  # `w[0]'`
        if self.texts[last + 1].startswith("_") and self.kinds[last + 1] in ("name", "word"):
            is_place = self.index.keys() >= set(self.texts[last + 1][1:])
            return place if is_place or self.texts[last + 1][1] == "{" else last + 2
        until = after_script(self.tokens, last + 1)
        label = range(last + 1, until)
        below = ["text" if r"\text{" in self.texts[at] else self.kinds[at] for at in label]
        is_below = "script" in below[:1] and self.texts[last + 1] == "_"
        # `E[g^2]_1`, and a matrix of figures with what stands below it, but no product of a list.
        is_one = self.texts[first][-1] == "[" and "comma" not in self.kinds[place:last]
        return until if is_below and (is_one or not PROSE.isdisjoint(below)) else place

    def write(self, choice: str) -> WrittenSide:
        """Return the side as the parser is to read it; one with ± is a list of both values."""
        if OF_TWO.keys().isdisjoint(self.texts[self.first : self.last]):
            return self.write_value(choice)
        out = WrittenSide()
        for self.value, before in enumerate("[,"):
            out.add(before, 0, 0, None)
            out.add_written(self.write_value(choice), 0)
        end = self.ends[self.last - 1] - self.start
        out.add("]", end, end, None)
        return out

    def write_value(self, choice: str) -> WrittenSide:
        """Return the side, or the first or second of its two values, as the parser reads it."""
        out = WrittenSide()
        units = {at for at in self.units if self.kinds[at] == "unit" or choice != UNIT_NAMES}
        # A unit changes nothing but before a fraction, `2 \text{ kg} \frac{3}{4}`.
        joints = {at: "*" * (self.text(self.after(at)) in FRACTIONS) for at in units}
        pieces = self.grouping() | self.signs | joints
        added = self.added | (self.added_otherwise if choice == "raised value" else {})
        place = self.first
        while place < self.last:
            kind = self.kinds[place]
            start = self.starts[place] - self.start
            leaf: Node | None = None
            operands, until = (
                self.parts_with_indices(place)
                if kind in _MAY_HOLD_INDICES or self.texts[place] in _EXTREMES
                else ([], place)
            )
            if operands:
                out.add("*" if self.follows_operand(place) else " ", start, start, None)
                end = self.ends[until - 1] - self.start
                for number, part in enumerate(operands):
                    if isinstance(part, str):
                        out.add(part, *((end, end) if number else (start, start + 1)), None)
                    else:
                        out.add_written(part.write(choice), part.start - self.start)
                place = until
                continue
            until = place if kind in _SEEN_THROUGH else self.end_of_opaque(place, choice)
            if until > place:
                if place > self.first:
                    out.add("*" if self.follows_operand(place) else " ", start, start, None)
                piece, leaf, until = self.opaque(place, until)
            elif kind == "script" and place > self.first and (places := self.places_below(place)):
                piece, until = f"[{', '.join(places)}]", after_script(self.tokens, place)
            elif choice == "remark" and place >= self.remark:
                piece, until = "", self.last
            elif place in pieces:
                piece, until = pieces[place], place + 1
            elif kind == "number":
                if self.is_attached(place):
                    out.add("**" if choice == "raised" else "*", start, start, None)
                elif self.kind(self.before(place)) == "close" and not self.latex:
                    out.add("*" * (place > self.first), start, start, None)  # `2 (-1) 3`
                if self.text(self.after(place)) == "°":
                    out.add("(", start, start, None)
                piece, leaf, until = self.figure(place, choice, start)
            elif place not in self.times and (
                kind in ("function", "name", "word") or place in self.applied
            ):
                piece, leaf, until = self.name(place, choice, start)
            else:
                piece, until = self.sign(place, choice), place + 1
            before, after = added.get(place, ("", ""))
            if before:
                out.add(before, start, start, None)
            piece += after.replace("+", "*") if choice == "product" else after
            if place in self.raised:
                piece += f"){self.raised[place]}"
            if self.touches_index(place):
                out.add(" ", start, start, None)
            out.add(piece, start, self.ends[until - 1] - self.start, leaf)
            place = until
        return out

    def parts_with_indices(self, place: int) -> tuple[list[str | SideWriter], int]:
        """Return what is written for a sum, or for brackets whose names have values or indices.

        With the token after it; nothing where neither stands here.
        """
        kind, text = self.kinds[place], self.texts[place]
        is_extreme = text in _EXTREMES and self.text(place + 1) == "_"
        if (is_extreme or kind == "symbol") and (terms := self.sum_terms(place)):
            return self.over_index(place, terms), self.end_of_term(place)
        if text == r"\begin{cases}" and (parts := self.cases(place)):
            return parts, self.match[place] + 1
        below = self.letters_below(place)
        names = dict(zip(below, below, strict=True))
        if not names:
            return [], place
        closing = self.match[place]
        after = f")[{', '.join(below)}]" if below else ")"
        entry = self.part(place + 1, closing, names)
        return ["(", entry, after], after_scripts(self.tokens, closing + 1)

    def over_index(self, place: int, terms: Sequence[SideWriter]) -> list[str | SideWriter]:
        """Return a sum, a product or an extreme, written out term by term where it has bounds."""
        extreme = _EXTREMES.get(self.texts[place])
        letters = terms[0].index.items() - self.index.items()
        if len(terms) == 1 and not any(value.isdigit() for _, value in letters):
            name = "sum" if extreme is None else extreme[:3]
            condition, limits = self.condition_below(place, terms[0].index), self.limits(place)
            return [f"({name}((", *condition, terms[0], ")", *limits, "))"]
        if extreme is None:
            sign = "*" if self.texts[place] in _PRODUCTS else "+"
            parts = [part for term in terms for part in (f"){sign}(", term)]
            return ["((", *parts[1:], "))"]
        nested = [part for term in terms[:-1] for part in (f"{extreme}(", term, ", ")]
        return [*nested, terms[-1], ")" * (len(terms) - 1)]

    def scripts(self, place: int) -> dict[str, range]:
        r"""Return what stands below a sign and above it, by `_` and `^`, without its braces."""
        found: dict[str, range] = {}
        at = self.skip(place + 1, "layout")
        while self.kind(at) == "script":
            is_group = self.kind(at + 1) == "open"
            until = self.match[at + 1] if is_group else at + 2
            found[self.texts[at]] = range(at + 1 + is_group, until)
            at = until + is_group
        return found

    def limits(self, place: int) -> list[str | SideWriter]:
        """Return the index of a sum, and where it begins and ends, `, over=i, first=2, last=T`."""
        if self.text(place + 2) == "₌":  # `∑ᵢ₌₁ⁿ`
            index, _, end = self.scripts_on_line(place)[1:].partition("^")
            letter, _, start = index.partition("=")
            return [f", over={letter}, first={start}, last={end}"] if end else []
        scripts = self.scripts(place)
        below, above = scripts.get("_", range(0)), scripts.get("^", range(0))
        if not below or self.kinds[below.start] != "name" or not self.texts[below.start].isalpha():
            return []
        over = f", over={self.texts[below.start]}"
        signs = [at for at in below if self.texts[at] == "="]
        if len(signs) != 1 or not above:
            return [over] if len(below) == 1 else []
        first = self.part(signs[0] + 1, below.stop, {})
        return [f"{over}, first=", first, ", last=", self.part(above.start, above.stop, {})]

    def holds_sum(self, first: int, last: int) -> bool:
        """Tell whether another sum stands between two tokens."""
        return not _SUMS.isdisjoint(self.texts[first:last])

    def texts_below(self, place: int) -> list[str]:
        """Return what stands below a sum, its index alone where it begins and ends somewhere."""
        if self.text(place + 2) == "₌":
            return [*self.scripts_on_line(place)[1:2]]
        scripts = self.scripts(place)
        below = [self.texts[at] for at in scripts.get("_", range(0))]
        return below[:1] if "^" in scripts else [text for text in below if text not in "{}, "]

    def scripts_on_line(self, place: int) -> str:
        """Return what stands below and above a sign in full size, `_{i=1}^{n}`, without blanks."""
        body = after_scripts(self.tokens, place + 1)
        scripts = "".join("".join(self.texts[place + 1 : body]).split())
        runs = groupby(scripts, RAISED.__contains__)
        return "".join(["^" * raised + "".join(run) for raised, run in runs]).translate(_ON_LINE)

    def cases(self, place: int) -> list[str | SideWriter]:
        r"""Return a choice for `\begin{cases} x & x > 0 \\ 0 & x \le 0 \end{cases}`.

        Nothing where a condition is anything but one comparison, or the last case not all the rest.
        """
        inside = range(place + 1, self.match[place])
        ends = [*(at for at in inside if self.kinds[at] == "row"), inside.stop]
        starts = [inside.start, *(end + 1 for end in ends[:-1])]
        parts: list[str | SideWriter] = []
        compared: list[list[str]] = []
        for start, end in zip(starts, ends, strict=True):
            tokens = [at for at in range(start, end) if self.kinds[at] not in _UNSEEN]
            marks = [number for number, at in enumerate(tokens) if self.texts[at] == "&"]
            if not tokens and start > inside.start:
                continue  # behind the last row
            if len(marks) != 1 or is_last_case(compared):
                return []
            value, condition = self.without_comma(tokens[: marks[0]]), tokens[marks[0] + 1 :]
            words = [at for at in condition if self.is_of_words(at)]
            condition = self.without_comma([at for at in condition if at not in words])
            signs = [at for at in condition if relation_of(self.texts[at]) in COMPARED]
            is_behind = bool(words and condition) and words[-1] > condition[0]
            said = " ".join(text_inside(self.texts[at]) for at in words).lower()
            is_rest = bool(condition) or any(word in said for word in _ELSE)
            if not value or len(signs) != len(condition[:1]) or is_behind or not is_rest:
                return []
            compared.append([relation_of(self.texts[at]) for at in condition])
            part = self.part(value[0], value[-1] + 1, {})
            if is_last_case(compared):
                parts += [part, ")" * (len(compared) - 1)]
            elif not signs:
                return []
            else:
                before, between, after = COMPARED[relation_of(self.texts[signs[0]])]
                left = self.part(condition[0], signs[0], {})
                right = self.part(signs[0] + 1, condition[-1] + 1, {})
                parts += [f"where({before}(", left, between, right, f"{after}, ", part, ", "]
        return parts if is_last_case(compared) else []

    def without_comma(self, places: list[int]) -> list[int]:
        """Return places without that of a comma or a full stop at their end."""
        is_end = bool(places) and self.kinds[places[-1]] in ("comma", "stop")
        return places[:-1] if is_end else places

    def is_of_words(self, place: int) -> bool:
        r"""Tell whether a token is a word, or one set as text, `\text{if}`."""
        return self.kinds[place] in PROSE or self.texts[place].startswith((r"\text", r"\mathrm"))

    def condition_below(self, place: int, index: Mapping[str, str]) -> list[str | SideWriter]:
        r"""Return a factor that is 1 where what stands below a sum holds, `\sum_{y_j + 1 = i}`."""
        scripts = self.scripts(place)
        inside = scripts.get("_", range(0))
        at = next((at for at in inside if self.texts[at] == "="), -1)
        if at < 0 or "^" in scripts:  # a bound, `\sum_{i=1}^{n}`
            return []
        before, between, after = COMPARED["="]
        left, right = self.part(inside.start, at, index), self.part(at + 1, inside.stop, index)
        return [f"{before}(", left, between, right, f"{after} * "]

    def end_of_opaque(self, place: int, choice: str) -> int:
        """Return where what cannot be evaluated ends; the place itself where it can be."""
        kind = self.kinds[place]
        if kind == "symbol":
            is_infinite = self.texts[place].lstrip("\\") in INFINITE
            return place + 1 if is_infinite else self.end_of_term(place)
        is_array = kind == "number" and choice != "bold figure" and self.is_constant_array(place)
        is_unit = self.texts[place] == UNIT_VECTOR and self.text(place + 1) == "_"
        if kind == "ellipsis" or is_array or is_unit:
            return place + 1
        opened = self.match[self.last - 1]
        if (
            self.is_leftmost
            and place == self.first < opened
            and is_explanation(self.tokens, opened)
        ):
            return self.last
        until = self.end_of_operator(place) if self.derives else place
        if choice == QUANTITIES:
            until = max(until, self.end_of_quantity(place))
        if kind in ("open", "name", "word"):
            until = max(until, self.ends_in_words(place))
        if kind == "name":
            until = max(until, self.end_of_sets(place))
            below = range(place + 1, min(after_script(self.tokens, place + 1), len(self.kinds)))
            figures = [self.texts[at] for at in below if self.kinds[at] == "number"]
            is_odd = "arrow" in self.kinds[below.start : below.stop]  # `w_{h \to o}`
            is_odd |= not all(map(str.isdigit, figures))  # `F_{0.5}`
            if self.text(place + 1) == "_" and is_odd:
                until = max(until, below.stop)
        head = self.after(place)
        if self.kinds[head : head + 3] == ["open", "ellipsis", "close"]:  # `σ(...)`
            until = max(until, head + 3)
        if self.texts[place] == r"\pi" and self.kind(head) == "script":
            is_called = place in self.applied and self.is_call(place, self.applied[place])
            return (
                self.match[self.applied[place]] + 1
                if is_called
                else after_scripts(self.tokens, head)
            )
        if self.texts[place] == r"\det":
            return max(self.match[head], after_scripts(self.tokens, head + 1) - 1) + 1
        if self.is_noun(place):
            after = self.after_name(head)
            is_whole = self.is_leftmost and (place, after) == (self.first, self.last)
            until = after if is_whole or choice == NOUNS else until
        if self.is_change(place):
            bracket = self.applied.get(head, head)
            is_call = bracket > head and self.is_call(head, bracket)
            until = self.match[bracket] + 1 if is_call else self.after_name(head)
        return until

    def end_of_sets(self, place: int) -> int:
        r"""Return where a union or a common part ends, `A \cup B`, which is one name."""
        last = after_scripts(self.tokens, place + 1)
        until = place
        while self.text(sign := self.after(last - 1)) in _OF_SETS and sign < self.last:
            until = last = after_scripts(self.tokens, self.after(sign) + 1)
        return until

    def is_change(self, place: int) -> bool:
        r"""Tell whether a sign belongs to the name behind it: `\Delta w`, `d\gamma`, `d\hat{y}`.

        So does `\delta` where the document states what `\delta z` is, and not what `\delta` is.
        """
        text, head = text_inside(self.texts[place]), self.after(place)
        is_joined = text in (r"\Delta", *DELTAS & self.stated) or (
            text == "d"
            and "d" not in self.stated
            and head == place + 1
            and "\\" in (self.texts[place][0], self.text(head)[:1])
        )
        is_name = self.kind(head) == "name" or self.text(head)[1:] in ACCENTS
        return is_joined and is_name and not self.is_fraction_part(place)

    def sign(self, place: int, choice: str) -> str:
        """Return what is written for a token that is no name and no figure."""
        kind, text = self.kinds[place], self.texts[place]
        if kind in ("markup", "delimiter", "newline", "row") or (
            kind == "layout" and text not in (r"\,", r"\thinspace")
        ):
            return self.layout(place, kind, text)
        if kind in ("space", "gap"):
            return self.gap(place)
        if place in self.times:
            return text if choice == "letter x" else "*" + text[1:]
        if text in OF_TWO:
            return OF_TWO[text][self.value]
        if kind in ("operator word", "stop") or text in (r"\bullet", r"\otimes", "⊗"):
            return OPERATORS.get(text, "*")  # `20% of 50`
        if kind == "script" and text == "^" and self.is_raised_word(place):
            return "_"
        if kind == "open" and text[-1] == "[" and self.is_list_behind_factor(place):
            return "*" + text
        if text == "°":
            return "*pi/180)" if self.kind(self.before(place)) == "number" else text
        if kind == "postfix" and not _RAISED_POINTS.isdisjoint(text):
            term = _RAISED_TERM.fullmatch(text.translate(_FROM_RAISED))
            base = self.texts[place - 1][-1:]
            is_label = not _LABELS.isdisjoint(text) and base not in _BASES
            are_marks = "*" in text and base != "e" and text[0] not in "⁻⁰"
            if term is None or is_label or are_marks:
                return text  # which no parser reads: `e⁻ˣ²`, the component `vˣ`, `2³·²`
            factor, letter, rest = term.groups("")
            times = "*" * bool(factor.strip("-") and letter)
            return f"^({factor}{times}{letter}{rest})"
        if kind in ("open", "close") and "array" in text:
            text = text.partition("{")[0] + "{matrix}"
        if kind == "bar" and text == "||":
            return text if "|" in self.texts[self.first : self.last] else " ‖"
        if kind == "postfix" and self.kind(place - 1) == "function" and self.is_raised(place - 1):
            return ""
        return "=" if kind == "relation" else text

    def is_list_behind_factor(self, place: int) -> bool:
        """Say whether a list follows a figure, figures in brackets or a matrix: it is no index."""
        last = self.before(place)
        is_group = place > self.first and self.texts[last] in (")", r"\right)")
        inside = range(self.match[last], last) if is_group else ()
        are_figures = is_group and {"number", "open", "operator", "space"}.issuperset(
            self.kinds[at] for at in inside
        )
        is_apart = self.first <= last < place - 1 and self.bracket_kinds.get(place - 1) != "["
        are_matrices = is_apart and are_factors(self.tokens, place)
        is_of_name = last == place - 1 and (
            self.text(last - 1) == "_" or self.kind(last - 1) == "name"
        )
        is_figure = self.kind(last if self.latex else place - 1) == "number"
        is_behind_figure = is_figure and not is_of_name  # `z_1[0]`
        is_behind_figure |= place > self.first and ends_fraction(self.tokens, last)
        return is_behind_figure or are_figures or are_matrices

    def sum_terms(self, place: int) -> list[SideWriter]:
        r"""Return the terms of `\sum_{i=1}^{3} i x_i`; the term where its bounds are no figures.

        None where it is no sum.
        """
        body = after_scripts(self.tokens, place + 1)
        on_line = self.scripts_on_line(place)
        bounds = _BOUNDS.fullmatch(self.texts[place] + on_line)
        until = self.end_of_term(place)
        is_extreme = self.texts[place] in _EXTREMES
        signs = _SUMS if bounds is None else _SUMS | _PRODUCTS
        if not (is_extreme or self.texts[place] in signs) or body >= until:
            return []
        places: list[Mapping[str, str]] = [{}]
        if bounds is not None:
            index = bounds["index"]
            values = range(int(bounds["low"]), int(bounds["high"]) + 1)
            places = [{index: str(value), "": bounds["low"]} for value in values[:_MOST_TERMS]]
            bound = {*self.index, index}
            joined = any(
                index in text
                and text.isalpha()
                and 1 < len(text) <= _SHORT_NAME
                and not bound.issuperset(text)
                for text in self.texts[body:until]
            )  # `w_{ij}` without j
            self.expanded.append(len(values) * (until - body))
            length = len(values) * (self.ends[until - 1] - self.starts[body])
            few = 0 < len(values) <= _MOST_TERMS and sum(self.expanded) < MAX_TOKENS
            if joined or not few or length >= _LONGEST_SUM:
                return []
        else:
            # Of a single letter the members may be quantities of their own, `x_1`, `x_2`.
            below = self.texts_below(place)
            letters: Sequence[str] = "".join(below)
            is_list = all(text.isalpha() and text.islower() for text in below)
            if is_extreme and not is_list:  # `\max_{a' \in A}`
                letters = ()
            elif not is_list:  # `\sum_{y_j + 1 = i}`
                single = (text for text in below if len(text) == 1 and "=" in below)
                letters = [text for text in single if text.isalpha() and text.islower()]
                if not letters:
                    return []  # a condition that is none of equality
            elif not (len(below) > 1 or self.index or is_extreme or self.holds_sum(body, until)):
                letters = ()
            if letters:
                places = [{letter: letter for letter in letters if letter not in self.index}]
        return [self.part(body, until, index) for index in places]

    def part(self, first: int, until: int, index: Mapping[str, str]) -> SideWriter:
        """Return the writer of a part in which some letters are indices."""
        return SideWriter(
            self.tokens,
            FoundSide(first, until, "="),
            "latex" if self.latex else "unicode",
            self.decimals,
            {**self.index, **index},
            self.stated,
            self.expanded,
        )

    def layout(self, place: int, kind: str, text: str) -> str:
        """Return what stands for a token that is no mathematics: blanks, or a comma of rows."""
        if (text == "&" or kind == "row") and any(
            self.texts[at].startswith(r"\begin") and self.match[at] > place
            for at in range(self.first, place)
        ):
            return r"\\" if kind == "row" else text
        return self.gap(place) if kind == "newline" else ""

    def gap(self, place: int) -> str:
        """Return a comma for the blank between two entries of a list, `[0.1 -0.2]`."""
        if self.bracket_kinds.get(place) != "[":
            return ""
        before, after = self.kind(place - 1), self.skip(place + 1, "space", "gap", "newline")
        kind, text = self.kind(after), self.text(after)
        signed = kind == "operator" and text in "-−+" and self.kind(after + 1) == "number"
        listed = kind == "number" or text in ("[", "√") or signed
        closes_list = before == "close" and (kind == "open" or self.text(place - 1) == "]")
        return "," if listed and (closes_list or before in ("number", "postfix")) else ""

    def grouping(self) -> dict[int, str]:
        r"""Return round brackets for the square ones that only group, `[0.5 - 2] / 2`.

        And for the parts of a fraction in braces, `{1 \over 2}`. Notes also which bracket each
        blank stands in.
        """
        self.bracket_kinds: dict[int, str] = {}
        brackets: dict[int, str] = {}
        waiting: list[tuple[int, bool]] = []  # an open bracket, and whether it holds a list
        for place in range(self.first, self.last):
            kind = self.kinds[place]
            if kind == "open":
                if (
                    waiting
                    and self.texts[place][-1] == "["
                    and self.texts[waiting[-1][0]][-1] == "["
                    and self.kind(place - 1) == "open"
                ):
                    waiting[-1] = (waiting[-1][0], True)
                waiting.append((place, False))
            elif kind == "close" and waiting:
                opened, listed = waiting.pop()
                if r"\over" in self.texts[opened:place]:
                    brackets |= {opened: r"\frac{", place: "}"}
                elif self.texts[opened][-1] == "[" and not listed and self.groups(opened, place):
                    brackets[opened] = self.texts[opened][:-1] + "("
                    brackets[place] = self.texts[place][:-1] + ")"
            elif waiting:
                if kind == "comma" or self.texts[place] in (";", "；") or kind == "newline":
                    waiting[-1] = (waiting[-1][0], True)
                if kind in ("space", "gap", "newline"):
                    self.bracket_kinds[place] = self.texts[waiting[-1][0]][-1]
                elif kind == "stop" and self.texts[place] in ";；":
                    brackets[place] = ";"
            if kind == "comma":
                brackets[place] = ","
        return brackets

    def is_no_index(self, opened: int, closed: int) -> bool:
        """Say whether what stands in brackets behind a name is too much for the place of an entry.

        Of `α[r + γ V - Q]` it is a factor, as a rate has no entries; `x[i + s - p]` is one of x.
        """
        head = self.texts[opened - 1]
        if self.kind(opened - 1) != "name" or head.lstrip("\\") not in RATE_LETTERS:
            return False
        kinds = [*self.kinds_outside_brackets(opened + 1, closed)]
        names = sum(kind in ("name", "function") for kind in kinds)
        return kinds.count("operator") > 1 and names > MOST_NAMES_OF_INDEX

    def groups(self, opened: int, closed: int) -> bool:
        """Say whether square brackets group: an operation is in them, and more around them."""
        before = self.kind(opened - 1) if opened > self.first else ""
        is_whole = opened == self.first and closed == self.last - 1  # an array of one entry
        if self.text(self.after(opened)).startswith(r"\begin"):
            return False  # they are those of the matrix
        if (
            is_whole
            or (
                before in ("name", "function", "script", "word", "postfix")
                and not self.is_no_index(opened, closed)
            )
            or (before == "close" and self.texts[opened - 1][-1] not in ")}")
            or self.text(opened - 1) == "^"
        ):
            return False
        inside = [
            kind for kind in self.kinds[opened + 1 : closed] if kind not in ("layout", "markup")
        ]
        for at in range(opened + 1, closed):
            after = self.kind(at + 1)
            signed = after == "operator" and self.kind(at + 2) == "number"
            follows = self.kinds[at] in ("space", "gap") and self.kinds[at - 1] in (
                "number",
                "close",
            )
            if follows and (signed or after == "number"):
                return False  # the blank is between two entries
        is_signed = opened == self.first + 1 and closed == self.last - 1  # `-[-0.5]`
        return (
            is_signed and before == "operator" and (inside in (["number"], ["operator", "number"]))
        ) or ("operator" in inside[1:] or "function" in inside or "command" in inside)

    def figure(self, place: int, choice: str, start: int) -> tuple[str, Node | None, int]:
        """Return a figure in plain digits, its leaf if it has a scale, the token after it."""
        plain = text = text_inside(self.texts[place])
        if "," in text:
            _, *groups = text.split(",")
            by_three = all(len(group.partition(".")[0]) == 3 for group in groups)
            is_likelier = self.decimals == {"comma"} and len(groups) == 1
            decimal = not by_three or is_likelier != (choice == "separators") or text[0] == "0"
            plain = text.replace(",", "." if decimal else "")
        elif (
            "_" in text
            or text.count(".") > 1
            or (
                choice == "separators"
                and "point" not in self.decimals
                and are_thousands(text.split("."))
            )
        ):
            plain = text.replace(".", "").replace("_", "")
        scale = self.scaled.get(place)
        if scale is not None and choice == SCALE_OF_LINE:
            return plain, None, scale + 1
        if scale is not None:
            # Written with the power of ten, so that its last digit says how exact it is; the
            # scale stays where a figure is mended.
            figure_text = f"{plain}e{SCALES[text_inside(self.texts[scale])]}"
            leaf = self.whole_figure(figure_text, place, place)
            return plain, leaf, place + 1 if leaf is None else scale + 1
        following = place + 1
        if text is not self.texts[place] and plain == text:  # `\mathbf{0.5}`
            within = start + self.texts[place].index(text)
            return plain, _figure_leaf(text, within, within + len(text)), following
        if following in self.groups_of_three:
            is_likelier = self.decimals == {"comma"}
            point = "." if is_likelier != (choice == "separators") else ""
            plain += point + self.texts[place + 2]
            return plain, self.whole_figure(plain, place, place + 2), place + 3
        if (
            following < self.last
            and self.kinds[following] == "name"
            and following in self.times
            and choice != "letter x"
        ):
            # `2x10^3`, `2x3x4`: the letter begins the next token
            factors = self.texts[following].replace("x", "*").replace("X", "*")
            return plain + factors, None, following + 1
        leaf = self.whole_figure(plain, place, place) if plain != text else None
        return plain, leaf, place + 1

    def whole_figure(self, plain: str, first: int, last: int) -> Number | None:
        """Return the leaf of a figure with commas: it stands in more signs than it is read as."""
        return _figure_leaf(plain, self.starts[first] - self.start, self.ends[last] - self.start)


def is_last_case(compared: Sequence[Sequence[str]]) -> bool:
    """Tell whether the last of some conditions holds wherever those before do not."""
    if len(compared) == 2 and len(compared[0]) == len(compared[1]):
        changed = [pair for pair in zip(*compared, strict=True) if pair[0] != pair[1]]
        return changed in _OPPOSITE
    return len(compared) > 1 and not compared[-1]


def _figure_leaf(plain: str, start: int, end: int) -> Number | None:
    """Return the leaf of a figure; None where the parser has to say what is wrong with it."""
    try:
        return Number(plain, literal_value(plain), start, end)
    except (ValueError, LimitError):
        return None
