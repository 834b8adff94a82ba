"""One side of a relation: its tokens written as the parser reads them, and its trees.

What people write and the language does not have (`[0.1 0.2]`, `0.5 x 2`, `w(new)`, `dL/dw`,
`2.36M`) is rewritten token by token. Where a text has several readings each of them is a tree; the
places of all trees are those of the side's own text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

from tracer.check.model.statements import MappedText, Side, UnreadPiece, UnreadReason
from tracer.check.model.written_trees import (
    at_place,
    names_in,
    numbers_in,
    regroup_quotients,
    rewrite,
)
from tracer.check.read.prose_clusters import FoundSide, Problem
from tracer.check.read.side_tokens import STAND_IN, UNIT_NAMES
from tracer.check.read.side_writer import MAX_TOKENS, QUANTITIES, SideWriter, WrittenSide
from tracer.check.read.tokens import DocumentTokens, figures_between
from tracer.check.read.tree_readings import (
    other_trees,
    trees_as_written,
    with_signs,
)
from tracer.check.read.word_tables import BARE_FUNCTIONS, STATISTICS
from tracer.errors import LanguageError, LimitError, printable_text
from tracer.expression import (
    Array,
    Call,
    Dialect,
    FunctionNames,
    Name,
    Node,
    Number,
    Vocabulary,
    parse,
    walk,
)
from tracer.expression.lexer import HUNDREDTHS
from tracer.frozen import replace
from tracer.intervals.enclosure import ALSO
from tracer.intervals.interval import LOGARITHMS
from tracer.lazy_regex import lazy_regex
from tracer.operations import table, vocabulary
from tracer.sentences import Text, say

MAX_READINGS: Final = 6
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
        "tanh": replace(vocabulary().looks["tanh"], also=("Tanh", "th")),  # in Russian
        **{name: FunctionNames(name, also=(f"lo{base}",)) for name, base in LOGARITHMS.items()},
        **{name: FunctionNames(name) for name in STATISTICS.values()},
        "log2": FunctionNames("log2", also=("lo2",)),
        "log10": FunctionNames("log10", also=("lo10", "lg")),
        "mean": FunctionNames("mean", also=("avg", "average")),
    }
)
_REASONS: Final[Mapping[str, UnreadReason]] = {
    "ambiguous": "ambiguous",
    "the number has too many digits": "limit",
    "the exponent": "limit",
    "the expression is nested too deeply": "limit",
    "the array literal is too large": "limit",
    "the expression has too many operations": "limit",
    "the expression is too long": "limit",
}
"""What a message of the parser begins with, where it is not that a text is no expression."""


_NO_EXPRESSION: Final[Problem] = "unreadable", say("this is not an expression")
_WORKING: Final = lazy_regex(
    r"\(*-?\(*[0-9]{1,6}(?:\.[0-9]{1,6})?\)*"
    r"(?: ?[-+*/^] ?\(*-?[0-9]{1,6}(?:\.[0-9]{1,6})?\)*)*"
)
# A figure, or figures with a sign between any two: they are read as they are written.
_KINDS_OF_WORKING: Final = frozenset(("number", "operator", "open", "close", "space"))

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


class SideParser:
    """Reads the sides of one block. `decimals` are the decimal signs of the document by name."""

    def __init__(
        self,
        text: MappedText,
        tokens: DocumentTokens,
        decimals: frozenset[str],
        stated: frozenset[str],
        bases: Sequence[str] = (),
    ) -> None:
        self.text = text
        self.bases = bases  # the logarithms that the document may mean by `log`
        self.tokens = tokens
        self.decimals = decimals
        self.has_hundred = False  # whether the chain multiplies by 100, so that % may only name it
        self.expanded = 0  # how many tokens sums were written out to
        self.stated = stated  # the letters that are names of the document

    def side(self, found: FoundSide) -> Side:
        """Return a side with its trees, or why it has none."""
        start, end = self.tokens.starts[found.first], self.tokens.ends[found.last - 1]
        text = self.text.cut(start, end)
        problem = found.problem
        if found.last - found.first > MAX_TOKENS:
            problem = "limit", say("the expression is too long")
        relation = "=" if found.relation == "→" else found.relation  # the value goes on
        if problem is not None:
            return Side(text, relation, (), unread_piece(text, *problem))
        trees, problem, writer = self.readings(found, text.text)
        unread = None if trees else unread_piece(text, *problem)
        if writer is None:
            return Side(text, relation, trees)
        units = tuple(filter(None, writer.units.values()))
        has_choice = writer.is_doubtful and len(trees) > 1
        first, last = writer.derivand.start, writer.derivand.stop
        inside = "".join(self.tokens.texts[first:last])
        derivand = self.readings(FoundSide(first, last, "="), inside)[0] if inside else ()
        return Side(text, relation, trees, unread, units, has_choice, derivand)

    def readings(
        self, found: FoundSide, text: str
    ) -> tuple[tuple[Node, ...], Problem, SideWriter | None]:
        """Return the trees of a side, the likeliest first, else why there is none.

        Last, its writer; None where it is read as it is written.
        """
        texts = (*self.tokens.texts[found.first : found.last],)
        in_latex = True in self.tokens.latex[found.first : found.last]
        dialect: Dialect = "latex" if in_latex else "unicode"
        kinds = self.tokens.kinds[found.first : found.last]
        is_plain = self.decimals != {"comma"} and _KINDS_OF_WORKING.issuperset(kinds)
        if is_plain and _WORKING.fullmatch(text):
            tree = _tree_of(text, dialect)
            if isinstance(tree, Node):
                others = _trees_of(tree, text, texts, self.has_hundred, self.stated, self.bases)
                return (*dict.fromkeys(others),)[:MAX_READINGS], _NO_EXPRESSION, None
        writer = SideWriter(self.tokens, found, dialect, self.decimals, stated=self.stated)
        trees: list[Node] = []
        problem: Problem | None = None
        likeliest, *rest = writer.choices()
        for choice in (likeliest, QUANTITIES, *rest):
            if trees and choice == QUANTITIES:
                continue
            tree = self.tree(writer.write(choice), dialect)
            if not isinstance(tree, Node):
                problem = problem or tree
                continue
            # The first one that can be read may be meant in all its ways.
            bases = self.bases if not trees or choice in ("", UNIT_NAMES) else None
            others = _trees_of(tree, text, texts, self.has_hundred, self.stated, bases)
            if writer.has_factor_below:
                others += (*map(regroup_quotients, others),)
            trees = [*dict.fromkeys((*trees, *others))]
        self.expanded += sum(writer.expanded)
        return tuple(trees[:MAX_READINGS]), problem or _NO_EXPRESSION, writer

    def tree(self, written: WrittenSide, dialect: Dialect) -> Node | Problem:
        """Return the tree of a rewritten side with the places of the side's own text."""
        text = written.text
        lead = len(text) - len(text.lstrip())
        parsed = _tree_of(text.strip(), dialect)
        if not isinstance(parsed, Node):
            return parsed
        is_same = written.origins == list(range(len(text)))
        return (
            parsed
            if is_same and not (lead or written.leaves)
            else _with_places_of_side(parsed, written, lead)
        )


def unread_piece(text: MappedText, reason: UnreadReason, message: Text) -> UnreadPiece:
    """Return the note that a text was not read."""
    return UnreadPiece(text.place(), reason, printable_text(text.text), message)


@lru_cache(maxsize=_KEPT_TEXTS)  # a class's worksheets say the same lines again and again
def _tree_of(text: str, dialect: Dialect) -> Node | Problem:
    """Return the tree of a text, or why there is none."""
    try:
        node = parse(text, dialect, vocabulary=_VOCABULARY)
    except LimitError as error:
        return "limit", error.sentence()
    except LanguageError as error:
        reasons = (why for what, why in _REASONS.items() if str(error.what).startswith(what))
        return next(reasons, "unreadable"), error.sentence()
    has_arrays = Array in node.content.kinds
    arrays = [part for part in walk(node) if isinstance(part, Array)] if has_arrays else []
    if not all(part.items for part in arrays):
        return "unreadable", say("a list is empty")
    if not all(map(_is_rectangular, arrays)):
        return "unreadable", say("the rows of an array literal differ in length")
    has_bracket = "(" in text or "（" in text  # `where z` is no call, `power w` has one argument
    calls = (part for part in walk(node) if isinstance(part, Call))
    named = (call for call in calls if has_bracket or call.operation in _FIXED)
    return next(filter(None, map(_wrong_call, named)), None) or node


def _is_rectangular(array: Array) -> bool:
    """Tell whether the rows of an array are as long as each other, and none is a number."""
    lengths = {len(each.items) if isinstance(each, Array) else 0 for each in array.items}
    are_numbers = any(isinstance(each, Number) for each in array.items)
    return len(lengths - {0}) <= 1 and not (are_numbers and lengths != {0})


@lru_cache(maxsize=_KEPT_TEXTS // 10)  # those of a document stand there for each step
def _trees_of(
    tree: Node,
    text: str,
    signs: tuple[str, ...],
    has_hundred: bool,
    stated: frozenset[str],
    bases: Sequence[str] | None,
) -> tuple[Node, ...]:
    """Return all that is meant by a text that was read as a tree; only as written for no bases."""
    tree = with_signs(tree, text)
    trees = (*trees_as_written(tree, text, signs, has_hundred, stated),)
    return trees if bases is None else (*trees, *other_trees(tree, text, signs, bases))


def _wrong_call(call: Call) -> Problem | None:
    """Return why a call such as `outer(a)` is not read: it has too few or too many arguments."""
    row = table().get(ALSO.get(call.operation, call.operation))
    if row is None or row.variadic:
        return None
    count = len(call.arguments)
    named = {*row.defaults, *dict(call.keywords)}
    missing = [name for name in row.operands[count:] if name not in named]
    if missing:
        return "unreadable", say("{name} needs {key}", name=row.name, key=missing[0])
    if count > len(row.operands) and row.name in _FIXED:
        return "unreadable", say("too many arguments for {name}", name=row.name)
    return None


def _with_places_of_side(tree: Node, written: WrittenSide, lead: int) -> Node:
    """Return a tree with the places of the side, and with its leaves for those that stand in."""

    def place_of(place: int) -> int:
        return written.origins[min(place + lead, len(written.origins) - 1)]

    def moved(part: Node) -> Node:
        leaf = written.leaves.get(part.start + lead)
        is_percentage = isinstance(part, Number) and part.text[-1] in HUNDREDTHS
        if leaf is not None and type(leaf) is type(part) and not is_percentage:
            return _at_entry(leaf, part)  # an index may begin where its base does
        return at_place(part, place_of(part.start), place_of(part.end - 1) + 1)

    return rewrite(tree, moved)


def _at_entry(leaf: Node, part: Node) -> Node:
    """Return what stands in for a part, with the index that the part has: `Var(h)_1`."""
    if isinstance(leaf, Name) and isinstance(part, Name):
        return Name(leaf.id + part.id.removeprefix(STAND_IN), leaf.start, leaf.end)
    return leaf


def is_value(side: Side) -> bool:
    """Say whether a side has figures and no names: a value, or what is worked out to one."""
    tree = side.tree
    return tree is not None and not names_in(tree) and bool(numbers_in(tree))


def has_figure(tokens: DocumentTokens, first: int, last: int) -> bool:
    """Say whether a figure stands among some tokens that is no index, or the bound of a sum."""
    has_bounds = {"symbol", "number"}.issubset(tokens.kinds[first:last])
    return has_bounds or any(figures_between(tokens, first, last))
