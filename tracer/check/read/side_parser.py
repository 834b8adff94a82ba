"""One side of a relation: its tokens written as the parser reads them, and its trees.

What people write and the language does not have (`[0.1 0.2]`, `0.5 x 2`, `w(new)`, `dL/dw`,
`2.36M`) is rewritten token by token. Where a text has several readings each of them is a tree; the
places of all trees are those of the side's own text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from types import MappingProxyType
from typing import Final, NamedTuple

from tracer.check.model.mapped_text import MappedText
from tracer.check.model.statements import DOTS, Relation, Side, UnreadPiece, UnreadReason
from tracer.check.read.chain_finder import (
    FoundSide,
    Problem,
    are_factors,
    find_worded,
    is_times,
    units_after_figures,
)
from tracer.check.read.lazy_regex import lazy_regex
from tracer.check.read.tokens import (
    INDICATORS,
    DocumentTokens,
    TokenView,
    after_scripts,
    is_function,
)
from tracer.check.read.tree_readings import (
    at_place,
    other_trees,
    rewrite,
    trees_as_written,
)
from tracer.check.read.word_tables import (
    BARE_FUNCTIONS,
    CONJUNCTIONS,
    LATER,
    OPERATORS,
    REMARKS_OF_EARLIER,
    SCALES,
)
from tracer.errors import LanguageError, LimitError, printable_text
from tracer.expression import (
    Call,
    Dialect,
    Look,
    Name,
    Node,
    Notation,
    Number,
    Vocabulary,
    parse,
    walk,
)
from tracer.frozen import replace
from tracer.intervals.elementary import LOGARITHMS
from tracer.operations import table, vocabulary
from tracer.sentences import Text, say

__all__ = ["MAX_READINGS", "SideParser", "unread_piece"]

MAX_READINGS: Final = 6
MAX_TOKENS: Final = 2_000
_KEPT_TEXTS: Final = 20_000
# People write more functions than networks have. `lo2` stands for `log_2` and its like: place for
# place, nothing longer goes where `log₂8` was.
_VOCABULARY: Final = Vocabulary(
    {
        **vocabulary().looks,
        **{
            name: replace(look, also=(*look.also, name.capitalize()))
            for name, look in vocabulary().looks.items()
            if name in BARE_FUNCTIONS
        },
        **{name: Look(name, also=(f"lo{base}",)) for name, base in LOGARITHMS.items()},
        "log2": Look("log2", also=("lo2",)),
        "log10": Look("log10", also=("lo10", "lg")),
    }
)
# What begins a message of the parser about something that is too large.
_LIMITS: Final = (
    "the number has too many digits",
    "the exponent",
    "the expression is nested too deeply",
    "the array literal is too large",
    "the expression has too many operations",
    "the expression is too long",
)
_NOT_DERIVED: Final = frozenset(
    (
        "data", "day", "days", "decay", "deg", "degree", "delta", "dense", "dep", "depth", "det",
        "dev", "diff", "dim", "dims", "dist", "div", "dot", "down", "dropout", "duration", "dk",
    )
)  # fmt: skip
_DERIVING: Final = frozenset(("d", "∂", "δ", r"\partial", r"\delta", r"\mathrm{d}"))
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
_BOUNDS: Final = lazy_regex(
    r"(?:∑|Σ|∏|\\sum|\\prod)(?:\\limits)?_\{?(?P<index>[a-z])=(?P<low>[0-9]{1,4})\}?\^\{?(?P<high>[0-9]{1,4})\}?"
)
_SUMS: Final = frozenset(("∑", "Σ", r"\sum"))
_PRODUCTS: Final = frozenset(("∏", r"\prod"))
_SHORT_NAME: Final = 3  # letters of an index
_LONGEST_SUM: Final = 3_000  # characters of a sum that is written out
_MOST_TERMS: Final = 64  # of a sum that people work out by hand
_APPLIED: Final = frozenset(("f", "g", "F", "G", "L", "J", "P", "loss", "cost"))
"""Names before brackets that are functions rather than factors: `L(w + 0.001)`, `f(2)`."""
_RAISED_WORDS: Final = frozenset(
    ("new", "old", "pred", "true", "target", "next", "prev", "init", "out", "in")
)
_LISTED: Final = frozenset(("number", "name", "close", "postfix"))
_FROM_LOWERED: Final = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_LOWERED: Final = tuple("₀₁₂₃₄₅₆₇₈₉")
_RAISED_DIGITS: Final = frozenset("²³")
_RAISED_POINTS: Final = frozenset("*˙ᵗᵏ")
"""What the parser does not read among raised signs: the point of `e⁻¹·¹`, the letter of `βᵗ`."""
_FROM_RAISED: Final = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹*˙ᵗᵏ", "-0123456789..tk")
_WORDS: Final = frozenset(("text", "word", "stop word"))
"""Kinds below brackets that make a name of them: no index is among them."""
_FIXED: Final = frozenset(
    (
        "add",
        "subtract",
        "multiply",
        "divide",
        "matmul",
        "power",
        "negative",
        "outer",
        "transpose_last",
    )
)


class _Written(NamedTuple):
    """A side as the parser gets it. `origins` are places of its characters, None: the same.

    `leaves` are what stands for the leaf at a place: a figure with its scale, `f(2)`.
    """

    text: str
    origins: Sequence[int] | None
    leaves: dict[int, Node]


class _Writing:
    """A side as far as it is written."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.origins: list[int] = []
        self.leaves: dict[int, Node] = {}

    def add(self, piece: str, start: int, end: int, leaf: Node | None) -> None:
        """Append what stands for the characters between two places."""
        if leaf is not None:
            self.leaves[len(self.origins)] = leaf
        more = len(piece) - end + start
        self.pieces.append(piece if more >= 0 else piece.ljust(end - start))
        self.origins.extend(range(start, end))
        self.origins.extend([max(end - 1, 0)] * more)

    def add_written(self, other: _Written, start: int) -> None:
        """Append a part that was written on its own and begins at a place."""
        length = len(self.origins)
        self.leaves.update({length + at: leaf for at, leaf in other.leaves.items()})
        places = range(len(other.text)) if other.origins is None else other.origins
        self.pieces.append(other.text)
        self.origins.extend(place + start for place in places)

    def written(self, length: int) -> _Written:
        """Return the whole; `length` is that of the side's own text."""
        text = "".join(self.pieces)
        same = self.origins == list(range(length))
        return _Written(text, None if same else self.origins, self.leaves)


class SideParser:
    """Reads the sides of one block. `commas` says that the document writes decimal commas."""

    def __init__(
        self,
        text: MappedText,
        tokens: DocumentTokens,
        notation: Notation | None,
        commas: bool,
        stated: Callable[[], frozenset[str]],
        bases: Sequence[str] = (),
    ) -> None:
        self.text = text
        self.bases = bases  # the logarithms that the document may mean by `log`
        self.tokens = tokens
        self.notation = notation
        self.commas = commas
        self.has_hundred = False  # whether the chain multiplies by 100, so that % may only name it
        self.expanded = 0  # how many tokens sums were written out to
        self.stated = stated  # the letters that are names of the document
        self.doubtful = False  # whether a side has a second reading that may be meant

    def side(self, found: FoundSide, times: frozenset[int]) -> Side:
        """Return a side with its trees, or why it has none."""
        start, end = self.tokens.starts[found.first], self.tokens.ends[found.last - 1]
        written = self.text.cut(start, end)
        trees: list[Node] = []
        problem = found.problem
        if found.last - found.first > MAX_TOKENS:
            problem = "limit", say("the expression is too long")
        if problem is None:
            trees, problem = self.readings(found, times, written.text)
        unread = None if trees else unread_piece(written, *problem)
        return Side(written, _relation(found), tuple(trees), unread)

    def readings(
        self, found: FoundSide, times: frozenset[int], text: str
    ) -> tuple[list[Node], Problem]:
        """Return the trees of a side, the likeliest first, else why there is none."""
        texts = self.tokens.texts[found.first : found.last]
        in_latex = True in self.tokens.latex[found.first : found.last]
        dialect: Dialect = "latex" if in_latex else "unicode"
        expanded: list[int] = []
        writer = _SideWriter(
            self.tokens,
            found,
            dialect,
            times,
            self.commas,
            stated=self.stated,
            expanded=expanded,
        )
        trees: list[Node] = []
        problem: Problem | None = None
        for choice in writer.choices():
            tree = self.tree(writer.write(choice), dialect)
            if not isinstance(tree, Node):
                problem = problem or tree
                continue
            others = [*trees_as_written(tree, text, texts, self.has_hundred, self.stated)]
            if choice in ("", "without units"):
                others += other_trees(tree, text, texts, self.bases)
            trees = [*dict.fromkeys((*trees, *others))]
        self.expanded += sum(expanded)
        self.doubtful = self.doubtful or (writer.is_doubtful and len(trees) > 1)
        return trees[:MAX_READINGS], problem or ("unreadable", say("this is no expression"))

    def tree(self, written: _Written, dialect: Dialect) -> Node | Problem:
        """Return the tree of a rewritten side with the places of the side's own text."""
        text = written.text
        lead = len(text) - len(text.lstrip())
        found = (
            _tree_of(text.strip(), dialect)
            if self.notation is None
            else _parse(text.strip(), dialect, self.notation)
        )
        if not isinstance(found, Node):
            return found
        if lead or written.leaves or written.origins is not None:
            return _relocate(found, written, lead)
        return found


def _relation(found: FoundSide) -> Relation:
    """Return what joins a side to the one before it; an arrow says that the value goes on."""
    return "=" if found.relation == "→" else found.relation


def unread_piece(text: MappedText, reason: UnreadReason, message: Text) -> UnreadPiece:
    """Return the note that a text was not read."""
    return UnreadPiece(text.place(), reason, printable_text(text.text), message)


@lru_cache(maxsize=_KEPT_TEXTS)
def _tree_of(text: str, dialect: Dialect) -> Node | Problem:
    """Return the tree of a text without a notation of its own, or why there is none."""
    # A class's worksheets say the same lines again and again.
    return _parse(text, dialect, None)


def _parse(text: str, dialect: Dialect, notation: Notation | None) -> Node | Problem:
    try:
        node = parse(text, dialect, vocabulary=_VOCABULARY, names=notation)
    except LimitError as error:
        return "limit", error.sentence()
    except LanguageError as error:
        what = str(error.what)
        reason: UnreadReason = "unreadable"
        if what.startswith("ambiguous"):
            reason = "ambiguous"
        elif what.startswith(_LIMITS):
            reason = "limit"
        return reason, error.sentence()
    return next(filter(None, map(_miscalled, walk(node))), None) or node


def _miscalled(node: Node) -> Problem | None:
    """Return why a call such as `outer(a)` is not read: it has too few or too many arguments."""
    row = table().get(node.operation) if isinstance(node, Call) else None
    if row is None or row.variadic or not isinstance(node, Call):
        return None
    given = len(node.arguments)
    for name in row.operands[given:]:
        if name not in row.defaults and name not in dict(node.keywords):
            return "unreadable", say("{name} needs {key}", name=row.name, key=name)
    if given > len(row.operands) and row.name in _FIXED:
        return "unreadable", say("{name} does not take so many arguments", name=row.name)
    return None


class _SideWriter(TokenView):
    """Writes the tokens of one side for the parser, by a choice where there are several."""

    def __init__(
        self,
        tokens: DocumentTokens,
        found: FoundSide,
        dialect: Dialect,
        times: frozenset[int],
        commas: bool,
        index: Mapping[str, str] = MappingProxyType({}),
        stated: Callable[[], frozenset[str]] = frozenset,
        expanded: list[int] | None = None,
    ) -> None:
        super().__init__(tokens)
        self.index = index  # the indices of sums, and their values in this term
        self.first, self.last = found.first, found.last
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
        self.named_calls = False
        self.raised: dict[int, str] = {}  # the power of a function after its closing bracket
        self.scaled: dict[int, int] = {}  # the scale after each figure that has one
        self.open_division = -1  # the bracket that may stand below a line of division
        self.stated = stated
        self.expanded = [] if expanded is None else expanded  # tokens of sums written out
        self.derives = not _DERIVING.isdisjoint(tokens.texts[found.first : found.last])
        self.transposed: set[int] = set()  # the `T` of each `W^{[1]T}`
        self.worded: dict[int, str] = {}  # what is written for the words of `the sum of 3 and 4`
        self.exponents: set[int] = set()  # the signs of lost exponents, `5 × 10−3`
        self.groups_of_three: set[int] = set()  # the commas of `1{,}500`, or decimal ones
        self.remark = -1  # the bracket after a figure that may only repeat it, `0.75 (3/4)`
        self.units = units_after_figures(tokens, self.first, self.last)
        self.look()

    def is_constant_array(self, place: int) -> bool:
        r"""Say whether a figure is `\mathbf{1}`: an array of ones, of any shape."""
        text = self.texts[place]
        return text.startswith(r"\mathbf{") and _inside(text) in "01" and place not in self.worded

    def places_below(self, place: int) -> list[str]:
        r"""Return what stands below brackets, from 0, where not all is figures: `(W_1)_{ij}`.

        A dot stands for all places of an axis, and so does a colon in the language.
        """
        closing = self.match[place + 1] if self.kind(place + 1) == "open" else -1
        inside = range(place + 2, closing)
        if closing < 0 and self.text(place + 1) in self.index:
            inside = range(place + 1, place + 2)
        if self.texts[place] != "_" or not inside:
            return []
        found: list[str] = []
        # Brackets have no letters in their name.
        is_bound = self.texts[place - 1][-1] in ")]." or (
            bool(self.index) and "comma" in self.kinds[inside.start : inside.stop]
        )
        for at in inside:
            kind, text = self.kinds[at], self.texts[at]
            value = self.index.get(text, text)
            if kind == "operator" and text == r"\cdot":
                found.append(":")
            elif found and found[-1][-1:] == ":" and found[-1] != ":" and value.isdigit():
                found[-1] += value
            elif kind == "number" or value.isdigit():
                found.append(str(int(value) - 1) if value.isdigit() else "?")
            elif kind in ("name", "word") and value.isalpha() and value.islower():
                is_bound = is_bound or all(letter in self.index for letter in text)
                values = [self.index.get(letter, letter) for letter in text]
                found += [str(int(each) - 1) if each.isdigit() else each for each in values]
            elif text == ":" and found and found[-1].isdigit():
                found[-1] += ":"
            elif kind not in ("comma", "space", "layout") and text not in "{}":
                return self.worked_places(inside) if is_bound else []
        if not is_bound or "?" in found:
            return []
        written = "".join(self.texts[inside.start : inside.stop])
        is_name = self.texts[place - 1][-1] not in ")]." and len(found) == 1
        if "".join(found).isdigit() and (is_name or not any(map(str.isalpha, written))):
            return []
        # A column stays one, so that it is taken from each column of a matrix.
        is_slice = ":" in found
        return [f"{at}:{int(at) + 1}" if is_slice and at.isdigit() else at for at in found]

    def worked_places(self, inside: range) -> list[str]:
        """Return places that are worked out, from 0: of `p_{i, y_i + 1}`; none where one is not."""
        ends = [at for at in inside if self.kinds[at] == "comma"]
        found = []
        starts = [inside.start, *(end + 1 for end in ends)]
        for first, last in zip(starts, [*ends, inside.stop], strict=True):
            written = self.part(first, last, {}).write("") if first < last else None
            if written is None or written.leaves:
                return []
            found.append(f"({written.text.strip()}) - 1")
        return found

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

    def entry_in_name(self, place: int) -> str:
        """Return the entry that a name of plain text ends in, `A[i, 0]` for `A_{ik}` at k = 1."""
        base, sign, below = self.texts[place].rpartition("_")
        letters = below.strip("{}")
        places = [self.index.get(letter, "") for letter in letters]
        if not sign or not letters or not all(places) or (base and len(letters) == 1):
            return ""
        return f"{base}[{', '.join(str(int(at) - 1) if at.isdigit() else at for at in places)}]"

    def touches_index(self, place: int) -> bool:
        """Say whether the token before is a name that its lowered figure ends: `w₁x`, `log₂8`."""
        return place > self.first and not self.latex and self.texts[place - 1][-1] in _LOWERED

    def is_difference(self, place: int) -> bool:
        r"""Say whether a token is the `\Delta` of `\Delta w`, which is one quantity."""
        return self.texts[place] == r"\Delta" and self.kind(self.after(place)) == "name"

    def ends_in_words(self, place: int) -> int:
        r"""Return where brackets with words below them end, `(…)_{\text{via } z}`, `E[g²]_old`.

        Together they are one quantity. The place itself where there are none.
        """
        is_name = self.kinds[place] == "name"
        indexed = after_scripts(self.tokens, place + 1) if is_name else place
        if self.text(indexed) == "[" and self.holds_words(indexed):
            return self.match[indexed] + 1
        first = place + is_name
        last = self.match[first] if self.kind(first) == "open" else -1
        if not first < last < self.last - 1:
            return place
        if self.texts[last + 1].startswith("_") and self.kinds[last + 1] in ("name", "word"):
            is_place = self.index.keys() >= set(self.texts[last + 1][1:])
            return place if is_place or self.texts[last + 1][1] == "{" else last + 2
        until = after_scripts(self.tokens, last + 1)
        if self.index and self.places_below(last + 1):
            return place
        below = self.kinds[last + 1 : until]
        is_below = "script" in below[:1] and self.texts[last + 1] == "_"
        is_matrix = self.texts[first][-1] == "[" and first == place
        return until if is_below and (is_matrix or not _WORDS.isdisjoint(below)) else place

    def holds_words(self, bracket: int) -> bool:
        r"""Say whether brackets hold words and no more: an index, `W[\text{hi}]`."""
        inside = range(bracket + 1, self.match[bracket])
        return len(inside) > 0 and all(
            self.kinds[at] in (*_WORDS, "quote", "space") or self.texts[at].startswith(r"\text{")
            for at in inside
        )

    def look(self) -> None:
        """Find what may be read in several ways."""
        divided = False
        joins = not CONJUNCTIONS.isdisjoint(self.texts[self.first : self.last])
        for place in range(self.first, self.last):
            kind = self.kinds[place]
            if kind == "open" and place > self.first and self.match[place] > 0:
                head = self.head_before(place)
                if head >= self.first and self.texts[place] in ("(", r"\left("):
                    self.applied[head] = place
                elif divided and self.kinds[place - 1] == "number" and self.open_division < 0:
                    self.open_division = place
                elif self.is_remark(place):
                    self.remark = self.before(place) + 1
                if self.texts[place - 1] in INDICATORS:
                    self.look_at_indicator(place)
            elif kind == "figure comma" and self.is_between_three(place):
                self.groups_of_three.add(place)
            elif kind == "operator" and self.is_exponent(place):
                self.exponents.add(place)
            elif kind == "number" and place + 1 < self.last:
                scale = place + 1
                if self.kinds[scale] == "space":
                    scale += 1
                if scale < self.last and self.is_scale(place, scale):
                    self.scaled[place] = scale
            elif kind == "close" and (place + 2 < self.last) and self.is_index(place):
                self.transposed.add(place + 1)
            worded = None
            if joins and place not in self.worded:
                worded = find_worded(self.tokens, place)
            if worded is not None and worded.last < self.last:
                self.worded |= dict.fromkeys(range(worded.second + 1, worded.last + 1), "")
                self.worded[worded.conjunction] = worded.sign
                if worded.first > place:
                    self.worded[place] = "("
                else:
                    self.worded[place] = "(" + self.texts[place]
                self.raised[worded.second] = ""
            if kind == "operator":
                divided = self.texts[place] == "/"
            elif kind != "number" and kind != "space":
                divided = False

    def look_at_indicator(self, place: int) -> None:
        r"""Note how `\mathbf{1}[x > 0]` is written: 1 where what stands in the brackets is so."""
        closing = self.match[place]
        for at in range(place + 1, closing):
            sign = _COMPARED.get(self.texts[at])
            if sign is not None and self.kinds[at] in ("compare", "relation", "index relation"):
                before, between, after = sign
                self.worded |= {place - 1: before, place: "(", at: between, closing: after}

    def is_remark(self, place: int) -> bool:
        """Say whether the side ends in brackets apart from the figure before them."""
        before = self.before(place)
        return (
            self.match[place] == self.last - 1
            and self.texts[place][-1] == "("
            and before >= self.first
            and before < place - 1
            and self.kinds[before] in ("number", "postfix")
            and not self.is_part_of_command(before)
        )

    def is_part_of_command(self, place: int) -> bool:
        r"""Say whether a figure is what a command is applied to without braces, `\frac12`."""
        while self.kind(place) in ("number", "space") or self.text(place) in ("{", "}"):
            place -= 1
        return self.kind(place) == "command" or "frac" in self.text(place)

    def is_between_three(self, place: int) -> bool:
        """Say whether one comma with three digits after it stands in a figure of a formula."""
        beside = (self.kind(place - 2), self.kind(place + 2))
        return (
            "figure comma" not in beside
            and self.kind(place + 1) == "number"
            and len(self.texts[place + 1]) == 3
            and self.texts[place - 1] != "0"
        )

    def is_exponent(self, place: int) -> bool:
        """Say whether a minus may be all that is left of a power of ten, `5 × 10−3`."""
        kinds = self.kinds[place - 1 : place + 2]
        return (
            place - 2 > self.first
            and self.texts[place] in ("-", "−", "–")
            and self.texts[place - 1] == "10"
            and kinds == ["number", "operator", "number"]
            and self.kinds[self.before(place - 1)] == "operator"
            and self.texts[place + 1].isdigit()
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
        text = _inside(self.texts[place])
        if text not in SCALES or text in "%‰％\\%":
            return False
        if self.kinds[place] == "scale":
            return True
        following = self.kind(place + 1)
        return (
            self.kinds[place] == "name"
            and text not in self.stated()
            and following not in ("open", "script")
            and (place == figure + 1 or (place == self.last - 1 and text in ("M", "B", "K")))
        )

    def choices(self) -> list[str]:
        """Return the ways in which the side may be written, the likeliest first."""
        found: list[str] = [""]
        for place in range(self.first, self.last):
            text = self.texts[place]
            if (
                self.kinds[place] == "number"
                and text.count(",") == 1
                and len(text.partition(",")[2]) == 3
            ) and self.commas:
                found.append("decimal comma")
                self.is_doubtful = True
        if self.groups_of_three:
            found.append("decimal comma")
            self.is_doubtful = True
        if self.times:
            found.append("letter x")
            self.is_doubtful = self.is_doubtful or any(
                self.kind(self.after(place)) != "number" for place in self.times
            )
        if any(map(self.may_be_name, self.scaled.values())):
            found.append("scale as factor")
        if self.open_division >= 0:
            found.append("below the line")
            self.is_doubtful = True
        if any(self.kinds[place] != "unit" for place in self.units) and (
            self.stated().isdisjoint(self.units.values())
        ):
            found.insert(0, "without units")
        if self.exponents:
            found.append("lost exponent")
            self.is_doubtful = True
        if self.remark > 0:
            found.append("remark")
            self.is_doubtful = True
        calls = [self.is_call(name, bracket) for name, bracket in self.applied.items()]
        whole = len(calls) == 1 and self.is_whole_call()
        if calls and not whole:
            found.append("calls" if not any(calls) else "factors")
            self.is_doubtful = self.is_doubtful or any(
                map(self.may_be_factor, self.applied.items())
            )
        if self.latex and any(self.is_letters(place) for place in range(self.first, self.last)):
            found.append("letters")
        return found

    def may_be_name(self, scale: int) -> bool:
        """Say whether the letter after a figure is a name elsewhere in this text."""
        text = self.texts[scale]
        return self.kinds[scale] == "name" and any(
            other == text and self.kind(self.before(at)) != "number"
            for at, other in enumerate(self.texts)
        )

    def may_be_factor(self, call: tuple[int, int]) -> bool:
        """Say whether `m(2)` may be a product: a figure put in for a name."""
        name, bracket = call
        inside = self.kinds[bracket + 1 : self.match[bracket]]
        text = _inside(self.texts[name])
        return inside == ["number"] and text not in _APPLIED and self.is_call(name, bracket)

    def is_whole_call(self) -> bool:
        """Say whether the side is `f(2)` and no more."""
        name, bracket = next(iter(self.applied.items()))
        return name == self.first and self.match[bracket] == self.last - 1

    def is_call(self, name: int, bracket: int) -> bool:
        """Say whether brackets after a name hold an argument or an index, and no factor."""
        partner = self.match[bracket]
        kinds = [kind for kind in self.kinds[bracket + 1 : partner] if kind != "space"]
        text = _inside(self.texts[name])
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
            or (self.is_whole_call() if len(self.applied) == 1 else False)
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

    def write(self, choice: str) -> _Written:
        """Return the side as the parser is to read it."""
        out = _Writing()
        groups = self.grouping()
        place = self.first
        while place < self.last:
            kind = self.kinds[place]
            start = self.starts[place] - self.start
            leaf: Node | None = None
            until = self.end_of_operator(place) if self.derives else place
            if kind == "symbol" and (terms := self.sum_terms(place)):
                until = self.end_of_term(place)
                if self.follows_operand(place):
                    out.add("*", start, start, None)
                # Without bounds it is a sum of what the index runs over.
                sign = "*" if self.texts[place] in _PRODUCTS else "+"
                letters = terms[0].index.items() - self.index.items()
                bounded = any(value.isdigit() for _, value in letters)
                out.add("(" if bounded else "sum(", start, start + 1, None)
                for number, term in enumerate(terms):
                    out.add(f"){sign}(" if number else "(", start, start + 1, None)
                    out.add_written(term.write(choice), term.start - self.start)
                out.add("))", start, start + 1, None)
                place = until
                continue
            below = self.letters_below(place) if kind == "open" else ""
            if below:
                closing = self.match[place]
                until = after_scripts(self.tokens, closing + 1)
                ends = self.ends[until - 1] - self.start
                entry = self.part(place + 1, closing, dict(zip(below, below, strict=True)))
                out.add("*(" if self.follows_operand(place) else "(", start, start + 1, None)
                out.add_written(entry.write(choice), entry.start - self.start)
                out.add(f")[{', '.join(below)}]", ends - 1, ends, None)
                place = until
                continue
            if kind == "symbol":
                until = self.end_of_term(place)
            elif kind in ("open", "name"):
                until = max(until, self.ends_in_words(place))
                if kind == "name" and self.is_difference(place):
                    head = self.after(place)
                    until = after_scripts(self.tokens, head + 1)
                    bracket = self.applied.get(head, -1)
                    if bracket >= 0 and self.is_call(head, bracket):
                        until = self.match[bracket] + 1
            elif kind == "ellipsis" or (kind == "number" and self.is_constant_array(place)):
                until = place + 1
            elif kind == "script" and place > self.first and (places := self.places_below(place)):
                until = after_scripts(self.tokens, place)
                ends = self.ends[until - 1] - self.start
                out.add(f"[{', '.join(places)}]", start, ends, None)
                place = until
                continue
            named = self.entry_in_name(place) if kind in ("name", "word") else ""
            if named:
                out.add(named, start, self.ends[place] - self.start, None)
                place += 1
                continue
            if until > place:
                if place > self.first:
                    out.add("*" if self.follows_operand(place) else " ", start, start, None)
                piece, leaf, until = self.opaque(place, until)
            elif choice == "remark" and place >= self.remark:
                piece, until = "", self.last
            elif choice == "without units" and place in self.units:
                piece, until = "", place + 1
            elif choice == "lost exponent" and place - 1 in self.exponents:
                piece, until = self.texts[place] + ")", place + 1
            elif choice == "lost exponent" and place in self.exponents:
                piece, until = "^(-", place + 1
            elif place in self.worded:
                piece, until = self.worded[place], place + 1
            elif place in groups:
                piece, until = groups[place], place + 1
            elif kind == "number":
                piece, leaf, until = self.figure(place, choice, start)
            elif place not in self.times and (
                kind in ("function", "name", "word") or place in self.applied
            ):
                piece, leaf, until = self.name(place, choice, start)
            else:
                piece, until = self.sign(place, choice), place + 1
            if place in self.raised:
                piece += f"){self.raised[place]}"
            if place in self.transposed:
                piece = "}^{" + piece
            if self.touches_index(place):
                out.add(" ", start, start, None)
            out.add(piece, start, self.ends[until - 1] - self.start, leaf)
            place = until
        written = out.written(self.ends[self.last - 1] - self.start)
        return self.below_line(written, out.origins) if choice == "below the line" else written

    def sign(self, place: int, choice: str) -> str:
        """Return what is written for a token that is no name and no figure."""
        kind, text = self.kinds[place], self.texts[place]
        if kind == "unit" and not self.tokens.follows_figure(place):
            return text
        if kind in ("markup", "delimiter", "unit", "newline", "row") or (
            kind == "layout" and text not in (r"\,", r"\thinspace")
        ):
            return self.layout(place, kind, text)
        if kind in ("space", "gap"):
            is_product = self.bracket_kinds.get(place) != "[" and place > self.first
            if is_product and self.text(place + 1) == "[" and are_factors(self.tokens, place + 1):
                return "*"
            return self.gap(place)
        if place in self.times:
            return text if choice == "letter x" else "*" + text[1:]
        if kind == "stop word" and text == "the":
            return ""
        if kind == "operator word":
            return OPERATORS.get(text, "*")  # `20% of 50`
        if kind == "stop" or text in (r"\bullet", r"\otimes", "⊗"):
            return "*"
        if kind == "script" and text == "^" and self.is_raised_word(place):
            return "_"
        if kind == "open" and place == self.open_division:
            return "(" if choice else "*("
        if kind == "open" and text[-1] == "[" and self.kind(place - 1) == "number":
            return "*" + text
        if kind == "postfix" and not _RAISED_POINTS.isdisjoint(text):
            return f"^({text.translate(_FROM_RAISED)})"
        if kind in ("open", "close") and "array" in text:
            text = r"\begin{matrix}" if kind == "open" else r"\end{matrix}"
        if text.startswith(r"\end") and self.is_applied_to_matrix(self.before(self.match[place])):
            return f"{text})"
        if text == r"\sigma" and self.is_applied_to_matrix(place):
            return f"{text}("
        if kind == "bar" and text == "||":
            return text if "|" in self.texts[self.first : self.last] else "‖"
        if kind == "postfix" and text in _RAISED_DIGITS and self.kind(place - 1) == "function":
            return ""
        return "=" if kind == "relation" else text

    def is_applied_to_matrix(self, place: int) -> bool:
        """Say whether a matrix stands right after a function: it is its argument."""
        following = self.after(place)
        is_function = self.kind(place) == "function" or self.text(place) == r"\sigma"
        return is_function and self.text(following).startswith(r"\begin")

    # What is read as one name, and sums

    def end_of_operator(self, place: int) -> int:
        r"""Return where what `\frac{d}{dx}` or `(d/dx)` derives ends; the place: it is none."""
        texts = self.texts
        if texts[place] in (r"\frac", r"\dfrac") and self.kind(place + 1) == "open":
            closing = self.match[place + 1]
            inside = "".join(texts[place + 2 : closing]).strip()
            if inside in _DERIVING:
                return self.end_of_group(closing + 1)
            sign = closing + 2
            by_group = texts[place + 2] in _DERIVING and self.text(sign) == texts[place + 2]
            opened = self.after(sign)
            if by_group and self.kind(opened) == "open" and self.text(opened)[-1] != "{":
                return self.match[closing + 1] + 1
            return place
        first = place + (texts[place] == "(")
        if texts[first] in _DERIVING and self.text(first + 1) == "/":
            below = self.text(first + 2)
            if below[:1] in ("d", "∂") and (len(below) > 1 or below == "∂"):
                return self.end_of_group(first + 3 + (first > place))
        return place

    def follows_operand(self, place: int) -> bool:
        """Say whether an operand stands before a token, so that a product is meant."""
        before = self.before(place)
        return before >= self.first and self.kinds[before] in _LISTED

    def end_of_group(self, place: int) -> int:
        """Return where the brackets around a token end, or the side."""
        while place < self.last and self.kinds[place] != "close":
            place = max(self.match[place], place) + 1
        return min(place, self.last)

    def end_of_term(self, place: int) -> int:
        """Return where a sum ends: at the next plus or minus, at a bracket, with the side."""
        at = first = self.after(after_scripts(self.tokens, place + 1) - 1)
        if self.texts[place] in ("∇", r"\nabla"):
            at = after_scripts(self.tokens, at + 1)
            bracket = self.kind(at) == "open" and self.match[at] > 0
            return min(self.match[at] + 1 if bracket else at, self.last)
        while at < self.last and self.kinds[at] not in ("close", "comma"):
            if (
                at > first
                and self.texts[at] in ("+", "-", "−")
                and (self.kinds[self.before(at)] != "operator")
            ):
                break
            at = max(self.match[at], at) + 1
        return min(at, self.last)

    def sum_terms(self, place: int) -> list[_SideWriter]:
        r"""Return the terms of `\sum_{i=1}^{3} i x_i`; the term where its bounds are no figures.

        None where it is no sum.
        """
        body = after_scripts(self.tokens, place + 1)
        bounds = _BOUNDS.fullmatch("".join("".join(self.texts[place:body]).split()))
        until = self.end_of_term(place)
        if self.texts[place] not in _SUMS | _PRODUCTS or body >= until:
            return []
        places: list[Mapping[str, str]] = [{}]
        if bounds is not None:
            index = bounds["index"]
            values = range(int(bounds["low"]), int(bounds["high"]) + 1)
            places = [{index: str(value)} for value in values[:_MOST_TERMS]]
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
            few = 0 < len(values) <= _MOST_TERMS and length < _LONGEST_SUM
            few = few and sum(self.expanded) < MAX_TOKENS
            if joined or not few:
                return []
        elif self.texts[place] in _PRODUCTS:
            return []
        else:
            # Of a single letter the members may be quantities of their own, `x_1`, `x_2`.
            below = [text for text in self.texts[place + 2 : body] if text not in "{}, "]
            letters = "".join(below)
            if letters.isalpha() and letters.islower() and (len(below) > 1 or self.index):
                places = [{letter: letter for letter in letters}]
        return [self.part(body, until, index) for index in places]

    def part(self, first: int, until: int, index: Mapping[str, str]) -> _SideWriter:
        """Return the writer of a part in which some letters are indices."""
        return _SideWriter(
            self.tokens,
            FoundSide(first, until, "="),
            "latex" if self.latex else "unicode",
            self.times,
            self.commas,
            {**self.index, **index},
            self.stated,
            self.expanded,
        )

    def below_line(self, written: _Written, origins: list[int]) -> _Written:
        """Return a side with brackets round the figure before and the brackets after it."""
        figure = self.starts[self.open_division - 1] - self.start
        middle = self.ends[self.open_division - 1] - self.start
        closing = self.ends[self.match[self.open_division]] - self.start
        text = written.text
        return _Written(
            f"{text[:figure]}({text[figure:middle]}*{text[middle:closing]}){text[closing:]}",
            [
                *origins[:figure], figure, *origins[figure:middle], middle,
                *origins[middle:closing], closing - 1, *origins[closing:],
            ],
            {},
        )  # fmt: skip

    def is_raised_word(self, place: int) -> bool:
        r"""Say whether what is raised is a word of a name, `w^{\text{new}}`."""
        if self.kind(place + 1) != "open" or self.match[place + 1] < 0:
            return False
        inside = [at for at in range(place + 2, self.match[place + 1]) if self.kinds[at] != "space"]
        return len(inside) == 1 and _inside(self.texts[inside[0]]) in _RAISED_WORDS

    def layout(self, place: int, kind: str, text: str) -> str:
        """Return what stands for a token that is no mathematics: blanks, or a comma of rows."""
        if kind == "layout" and text in (r"\;", r"\:", r"\!", r"\>", r"\ "):
            return text
        if (
            kind in ("layout", "row")
            and (text == "&" or kind == "row")
            and self.is_within_matrix(place)
        ):
            return text if text == "&" else r"\\"
        if kind == "newline":
            return self.gap(place)
        return ""

    def is_within_matrix(self, place: int) -> bool:
        """Say whether a token stands in a matrix of this side."""
        for at in range(place, self.first - 1, -1):
            if (
                self.kinds[at] == "open"
                and self.texts[at].startswith(r"\begin")
                and self.match[at] > place
            ):
                return True
        return False

    def gap(self, place: int) -> str:
        """Return a comma for the blank between two entries of a list, `[0.1 -0.2]`."""
        if self.bracket_kinds.get(place) != "[":
            return ""
        before, after = self.kind(place - 1), place + 1
        if before in ("space", "gap", "newline") or before not in _LISTED:
            return ""
        while self.kind(after) in ("space", "gap", "newline"):
            after += 1
        kind, text = self.kind(after), self.text(after)
        signed = kind == "operator" and text in "-−+" and self.kind(after + 1) == "number"
        listed = kind == "number" or text in ("[", "√") or signed
        if before == "name" or (
            before == "close" and kind != "open" and self.text(place - 1) != "]"
        ):
            return ""
        return "," if listed else ""

    def grouping(self) -> dict[int, str]:
        """Return round brackets for the square ones that only group, `[0.5 - 2] / 2`.

        Notes also which bracket each blank stands in.
        """
        self.bracket_kinds: dict[int, str] = {}
        found: dict[int, str] = {}
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
                if self.texts[opened][-1] == "[" and not listed and self.groups(opened, place):
                    found[opened] = self.texts[opened][:-1] + "("
                    found[place] = self.texts[place][:-1] + ")"
            elif waiting:
                if kind == "comma" or self.texts[place] in (";", "；") or kind == "newline":
                    waiting[-1] = (waiting[-1][0], True)
                if kind in ("space", "gap", "newline"):
                    self.bracket_kinds[place] = self.texts[waiting[-1][0]][-1]
                elif kind == "stop" and self.texts[place] in ";；":
                    found[place] = ";"
        for place in range(self.first, self.last):
            if self.kinds[place] == "comma" and self.texts[place] != ",":
                found[place] = ","
        return found

    def groups(self, opened: int, closed: int) -> bool:
        """Say whether square brackets group: an operation is in them, and more around them."""
        if opened == self.first and closed == self.last - 1:
            return False  # an array of one entry
        before = self.kind(opened - 1) if opened > self.first else ""
        if (
            before in ("name", "function", "script", "word", "postfix")
            or (before == "close" and self.texts[opened - 1][-1] not in ")}")
            or self.text(opened - 1) == "^"
        ):
            return False
        inside = [
            kind for kind in self.kinds[opened + 1 : closed] if kind not in ("layout", "markup")
        ]
        for at in range(opened + 1, closed):
            if self.kinds[at] in ("space", "gap") and self.is_between_entries(at):
                return False
        return "operator" in inside[1:] or "function" in inside or "command" in inside

    def is_between_entries(self, place: int) -> bool:
        """Say whether a blank has figures on both sides and no operator."""
        after = self.kind(place + 1)
        signed = after == "operator" and self.kind(place + 2) == "number"
        return self.kind(place - 1) in ("number", "close") and (after == "number" or signed)

    def figure(self, place: int, choice: str, start: int) -> tuple[str, Node | None, int]:
        """Return a figure in plain digits, its leaf if it has a scale, the token after it."""
        plain = text = _inside(self.texts[place])
        if "," in text:
            _, *groups = text.split(",")
            by_three = all(len(group.partition(".")[0]) == 3 for group in groups)
            decimal = not by_three or choice == "decimal comma" or text[0] == "0"
            plain = text.replace(",", "." if decimal else "")
        scale = self.scaled.get(place)
        if scale is not None and choice != "scale as factor" and plain[0] in "0123456789.":
            # Written with the power of ten, so that its last digit says how exact it is.
            written = f"{plain}e{SCALES[_inside(self.texts[scale])]}"
            try:
                value = Fraction(written)
            except ValueError:
                return plain, None, place + 1
            end = self.ends[place] - self.start  # the scale stays where a figure is mended
            return plain, Number(written, value, start, end), scale + 1
        following = place + 1
        if text is not self.texts[place] and plain == text:  # `\mathbf{0.5}`
            within = start + self.texts[place].index(text)
            return plain, Number(text, Fraction(text), within, within + len(text)), following
        if following in self.groups_of_three:
            point = "." if choice == "decimal comma" else ""
            plain += point + self.texts[place + 2]
            return plain, self.whole_figure(plain, place, place + 2), place + 3
        if (
            following < self.last
            and self.kinds[following] == "name"
            and following in self.times
            and choice != "letter x"
        ):
            # `2x10^3`, `2x3`: the letter begins the next token
            return f"{plain}*{self.texts[following][1:]}", None, following + 1
        leaf = self.whole_figure(plain, place, place) if plain != text else None
        return plain, leaf, place + 1

    def whole_figure(self, plain: str, first: int, last: int) -> Number | None:
        """Return the leaf of a figure with commas: it stands in more signs than it is read as."""
        try:
            value = Fraction(plain)
        except ValueError:
            return None
        return Number(plain, value, self.starts[first] - self.start, self.ends[last] - self.start)

    def name(self, place: int, choice: str, start: int) -> tuple[str, Node | None, int]:
        """Return a name, word or function as the parser reads it, with the token after it."""
        kind, text = self.kinds[place], self.texts[place]
        name = text.rpartition("_")[2]
        value = self.index.get(name)
        if value is not None:
            indexed = text != name or self.kind(place - 1) == "script" or self.is_braced(place)
            return text[: -len(name)] + (value if indexed else f"({value})"), None, place + 1
        if kind == "function" and place not in self.applied:
            if self.latex and (text[-1] == "'" or self.text(place + 1) == "'"):
                slope = f"\\mathrm{{{_inside(text).lstrip(chr(92))}'}}"
                return slope.rjust(len(text)), None, place + 1 + (text[-1] != "'")
            raised = "(" if self.is_raised(place) else ""
            opened = "(" if self.is_applied_to_matrix(place) else ""
            return raised + self.function(place, text) + opened, None, self.after_base(place)
        if kind == "word" and self.is_hyphenated(place):
            return self.opaque(place, self.last)
        if kind == "word" and self.kind(place + 1) == "space" and place + 2 < self.last:
            last = place
            while (
                last + 2 < self.last
                and self.kinds[last + 1] == "space"
                and self.kinds[last + 2] in ("word", "unit")
            ):
                last += 2
            if last > place:
                words = "_".join(self.texts[place : last + 1 : 2])
                return words, None, last + 1
        bracket = self.applied.get(place)
        if bracket is not None:
            partner = self.match[bracket]
            inside = _inside("".join(self.texts[bracket + 1 : partner]).strip() or "?")
            if inside in LATER or inside in REMARKS_OF_EARLIER:
                prime = "'" if inside in LATER else ""
                head = self.derived(place, text) + "".join(self.texts[place + 1 : bracket])
                return head + prime, None, partner + 1
            called = self.is_call(place, bracket)
            if choice == "calls" or (called and choice != "factors"):
                return self.opaque(place, partner + 1)
            times = "*" if bracket == place + 1 else ""
            return self.derived(place, text) + times, None, place + 1
        if choice == "letters" and self.is_letters(place):
            return " ".join(text), None, place + 1
        return self.derived(place, text), None, place + 1

    def is_hyphenated(self, place: int) -> bool:
        """Say whether a side is a word, a hyphen and a name of which neither stands elsewhere."""
        kinds = self.kinds[place : self.last]
        if place > self.first or kinds not in (
            ["word", "operator", "name"],
            ["word", "operator", "word"],
        ):
            return False
        parts = self.texts[place], self.texts[place + 2]
        return self.texts[place + 1] == "-" and not any(
            text in parts and self.text(at - 1) != "-" != self.text(at + 1)
            for at, text in enumerate(self.texts)
        )

    def is_braced(self, place: int) -> bool:
        """Say whether a token is all that stands in the braces of a script."""
        return self.kind(place - 2) == "script" and self.match[place - 1] == place + 1

    def opaque(self, place: int, until: int) -> tuple[str, Node, int]:
        """Return what cannot be evaluated as one name, whatever its form: it has one value."""
        text = "".join("".join(self.texts[place:until]).split())
        if self.kinds[place] == "ellipsis":
            text = f"{DOTS}{place}"  # dots stand for something else at each place
        start, end = self.starts[place], self.ends[until - 1]
        return "q", Name(_plain_name(text), start - self.start, end - self.start), until

    def function(self, place: int, text: str) -> str:
        """Return a function without its module, and with its base."""
        bare = text.rpartition(".")[2] if text[0] != "\\" else text
        base = self.base_of(place)
        if base and f"log{base}" in LOGARITHMS:
            return f" lo{base}" if self.latex else f"lo{base}"
        if text.startswith((r"\text", r"\mathrm", r"\mathbf")):
            inside = _inside(text)
            return (
                inside if "_" not in inside else rf"\mathrm{{{inside.replace('_', chr(92) + '_')}}}"
            )
        return bare.rjust(len(text))

    def is_raised(self, place: int) -> bool:
        """Say whether a function has its power before its argument, `tanh²(0)`."""
        if self.kind(place + 1) != "postfix" or self.texts[place + 1] not in _RAISED_DIGITS:
            return False
        if self.kind(place + 2) != "open" or not 0 < self.match[place + 2] < self.last:
            return False
        self.raised[self.match[place + 2]] = self.texts[place + 1]
        return True

    def base_of(self, place: int) -> str:
        r"""Return the base that is written after a logarithm: `log_2`, `\log_{10}`, `log₂`."""
        lowered = self.texts[place].partition("log")[2].strip("_{}").translate(_FROM_LOWERED)
        if lowered and self.texts[place] not in ("log2", "log10", "log1p"):
            return lowered if lowered.isdigit() else ""
        if not self.texts[place].endswith("log"):
            return ""
        until = self.after_base(place)
        text = "".join(self.texts[place + 1 : until]).strip("_{} ").translate(_FROM_LOWERED)
        return text if text.isdigit() else ""

    def after_base(self, place: int) -> int:
        """Return the token after a logarithm and its base."""
        if not self.texts[place].endswith("log"):
            return place + 1
        at = place + 1
        if self.kind(at) != "script" or self.texts[at] != "_":
            return place + 1
        if self.kind(at + 1) == "number":
            return at + 2
        if self.kind(at + 1) == "open" and self.match[at + 1] > 0 and self.kind(at + 2) == "number":
            return self.match[at + 1] + 1
        return place + 1

    def derived(self, place: int, text: str) -> str:
        r"""Return a name with `∂` for the `d` of `dL/dw` and of `\frac{dL}{dw}`."""
        inside = _inside(text)
        if text.endswith("^+") or text.endswith("^{+}"):
            return text.partition("^")[0] + "'"
        if inside[0] not in "dδ∂" and text != r"\delta":
            if "^{" in text and not self.latex:
                return _lowered(text)
            return text
        if self.latex and not self.is_fraction_part(place):
            return text
        if not self.latex and not self.is_quotient_part(place):
            return text
        if text in ("d", r"\delta", "δ") or (inside == "d" and text[0] == "\\"):
            return "∂"
        return "∂" + inside[1:]

    def is_quotient_part(self, place: int) -> bool:
        """Say whether a name is one of `dL/dw`."""
        sign = self.texts[place][0]
        for step in (1, -1):
            at = place + step
            if self.kind(at) == "space":
                at += step
            other = at + step
            if self.kind(other) == "space":
                other += step
            if self.text(at) == "/" and self.first <= other < self.last:
                parts = (self.texts[place], self.texts[other])
                if all(
                    len(part) > 1 and part[0] == sign and part not in _NOT_DERIVED for part in parts
                ):
                    return not any(part.startswith("delta") for part in parts)
        return False

    def is_fraction_part(self, place: int) -> bool:
        r"""Say whether a name begins the upper or lower part of `\frac{dL}{dw}`."""
        bracket = self.before(place)
        if self.text(bracket) != "{" or self.match[bracket] < 0:
            return self.is_quotient_part(place)
        before = self.before(bracket)
        if "frac" in self.text(before):
            other = self.after(self.match[bracket])
        elif self.text(before) == "}" and "frac" in self.text(self.before(self.match[before])):
            other = self.match[before]
        else:
            return False
        if self.text(other) != "{":
            return False
        first = self.after(other)
        mine, its = _inside(self.texts[place]), _inside(self.text(first))
        more = self.kind(self.after(place)) != "close" or len(mine) > 1
        its_more = self.kind(self.after(first)) != "close" or len(its) > 1
        return (
            bool(its)
            and mine[0] == its[0]
            and more
            and its_more
            and self.kind(self.after(place)) != "script"
        )


def _inside(text: str) -> str:
    r"""Return what `\mathrm{…}` holds; any other text is itself."""
    if text[0] == "\\":
        inside = text.partition("{")[2].rpartition("}")[0].strip()
        return inside.replace(r"\ ", "_").replace(r"\_", "_") or text
    return text


def _plain_name(text: str) -> str:
    """Return a name with its argument in the words of the language."""
    return (
        text.replace(r"\left", "")
        .replace(r"\right", "")
        .replace("\\", "")
        .replace("{", "")
        .replace("}", "")
    )


def _lowered(text: str) -> str:
    """Return `w_new` for `w^{new}`, place for place."""
    head, _, tail = text.partition("^{")
    return f"{head}_{{{tail}" if tail.rstrip("}").isalpha() else text


# Trees


def _relocate(tree: Node, written: _Written, lead: int) -> Node:
    """Return a tree with the places of the side, and with its leaves for those that stand in."""

    def place_of(place: int) -> int:
        place += lead
        origins = written.origins
        return place if origins is None else origins[min(place, len(origins) - 1)]

    def moved(part: Node) -> Node:
        leaf = None if part.children() else written.leaves.get(part.start + lead)
        return leaf or at_place(part, place_of(part.start), place_of(part.end - 1) + 1)

    return rewrite(tree, moved)
