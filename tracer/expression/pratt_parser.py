"""Tokens to trees: the Pratt parser that those of Unicode and LaTeX are based on.

It knows no operation but the infix ones; functions are whatever stands before a bracket. Nothing
is folded or reordered: a tree says what was written, in the order in which it was written.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping
from fractions import Fraction
from functools import lru_cache
from typing import ClassVar, Final, NoReturn, TypeVar, cast

from tracer.errors import LanguageError, LimitError
from tracer.expression.lexer import Tokens, name_character, quote_part
from tracer.expression.names import ACCENTS, Vocabulary
from tracer.expression.syntax import Array, Assignment, Call, Name, Node, Number, Slice, Tuple
from tracer.sentences import Sentence, Text, say

Item = TypeVar("Item")

MAX_DEPTH: Final = 64
MAX_HEIGHT: Final = 200  # levels of a tree, since walks of a tree recurse and long sums are deep
MAX_MATRIX: Final = 64
MAX_DIGITS: Final = 40
MAX_EXPONENT: Final = 400

# How tightly an operator binds.
SUM, PRODUCT, SIGN, POWER, POSTFIX = 10, 20, 30, 40, 50

BINDING: Final[dict[str, int]] = {
    "+": SUM,
    "-": SUM,
    "*": PRODUCT,
    "/": PRODUCT,
    "@": PRODUCT,
    "^": POWER,
    ".T": POSTFIX,
    "[": POSTFIX,
}
OPERANDS: Final = frozenset(
    ("number", "(", "[", "word", "upright", "verbatim", "operator", "command", "frac",
     "√", "½", "∂", *ACCENTS, "begin{", "left.", "|(", "‖(")
)  # fmt: skip
"""The kinds of tokens with which an operand, but no signed one, begins."""

_OPERATION: Final = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide", "@": "matmul"}


@lru_cache(maxsize=4096)
def literal_value(text: str) -> Fraction:
    """Return the exact value of a literal.

    Raises: LimitError over 40 digits or an exponent beyond 400, ValueError where it is no number.
    """
    mantissa, _, exponent = text.lower().partition("e")
    whole, _, decimals = mantissa.partition(".")
    if len(whole) + len(decimals) > MAX_DIGITS:
        raise LimitError(
            say("the number has too many digits"),
            found=f"{len(whole) + len(decimals)}",
            expected=say("at most {most}", most=MAX_DIGITS),
        )
    if len(exponent) > 5 or abs(int(exponent or "0")) > MAX_EXPONENT:
        raise LimitError(
            say("the exponent of the number is too large"),
            found=exponent[:12],
            expected=say("at most {most}", most=MAX_EXPONENT),
        )
    power = int(exponent or "0") - len(decimals)
    digits = int(whole + decimals)
    return Fraction(digits * 10**power) if power >= 0 else Fraction(digits, 10**-power)


class PrattParser(ABC):
    """Reads one text, in work that is linear in its length.

    `unicode_parser` and `latex_parser` say what a name is, and what else may stand where.
    """

    __slots__ = (
        "binding",
        "constants",
        "depth",
        "derivatives",
        "divided",
        "ends",
        "families",
        "kinds",
        "lengths",
        "position",
        "starts",
        "text",
        "texts",
        "vocabulary",
    )

    tokenize: ClassVar[staticmethod[[str], Tokens]]
    beginnings: ClassVar[Mapping[str, str]] = {"(": "bracket", "[": "array"}
    """Which method reads the operand that begins with a sign."""

    def __init__(
        self,
        text: str,
        vocabulary: Vocabulary,
        derivatives: Collection[str] = (),
        families: Collection[str] = (),
    ) -> None:
        self.text = text
        self.kinds, self.texts, self.starts, self.ends = self.tokenize(text)
        self.position = 0
        self.divided = -1  # position where the right side of the last `/` ended
        self.depth = 0
        self.vocabulary = vocabulary
        self.constants = vocabulary.constants
        self.binding = BINDING
        self.derivatives = derivatives
        self.lengths = sorted(set(map(len, derivatives)), reverse=True) if derivatives else []
        self.families = families

    def shift(self, by: int, text: str) -> None:
        """Count places from the begin of a larger text."""
        self.starts = [start + by for start in self.starts]
        self.ends = [end + by for end in self.ends]
        self.text = text

    # Whole texts

    def whole_expression(self) -> Node:
        """Return the tree of a text that is one expression."""
        node = self.expression(0)
        self.finish()
        if len(self.kinds) > MAX_HEIGHT:
            _check_height(node)
        return node

    def whole_equation(self, line: int = 1) -> Assignment:
        """Return the assignment of a text `name = expression`."""
        target = self.expression(0)
        if self.kinds[self.position] != "=":
            self.fail(say("this is not an equation"), expected="`name = expression`")
        if not _is_target(target):
            raise LanguageError(
                say("only a name can be assigned"),
                start=target.start,
                found=quote_part(self.text[target.start : target.end]),
            )
        self.position += 1
        value = self.whole_expression()
        return Assignment(target, value, line, target.start, value.end)

    def finish(self) -> None:
        """Check that the text has been read to its end."""
        kind = self.kinds[self.position]
        if kind == "end":
            return
        if kind == ",":
            self.fail_comma()
        if kind in OPERANDS and self.position:
            self.fail_missing_operator()
        if kind in (")", "]"):
            self.fail(say("unmatched bracket `{kind}`", kind=kind))
        if kind == "=":
            self.fail(say("an expression has no `=` in it"), expected=say("one expression"))
        self.fail(say("the expression ends too early"), expected=say("an operator or the end"))

    # Expressions

    def expression(self, least: int) -> Node:
        """Return the operand here with every operator after it that binds tighter than `least`."""
        kinds = self.kinds
        position = self.position
        kind = kinds[position]
        left: Node
        if kind == "number":
            text = self.texts[position]
            start = self.starts[position]
            self.position = position + 1
            try:
                left = Number(text, literal_value(text), start, self.ends[position])
            except LimitError as error:
                raise LanguageError(
                    error.what, start=start, found=error.found, expected=error.expected
                ) from None
        else:
            left = self.prefix(kind)
        binding = self.binding.get
        while True:
            kind = kinds[self.position]
            power = binding(kind, 0)
            if power <= least:
                return left
            operation = _OPERATION.get(kind)
            if operation is not None:
                self.position += 1
                right = self.expression(power)
                if kind == "/":
                    self.divided = self.position
                left = Call(operation, (left, right), (), left.start, right.end)
            elif kind == "^":
                left = self.power(left)
            elif kind == ".T":
                self.position += 1
                left = Call("transpose_last", (left,), (), left.start, self.ends[self.position - 1])
            elif kind == "[":
                left = self.index(left)
            else:
                left = self.follow(kind, left)

    def power(self, left: Node) -> Node:
        """Return the power whose base is `left`; the position is at its sign."""
        place = self.position
        self.position += 1
        right = self.deeper_expression(SIGN)
        return self.raised(left, right, place, right.end)

    def raised(self, base: Node, exponent: Node, place: int, end: int) -> Call:
        """Return a power; its sign says that a name stands in brackets, `(wx)²` and not `wx²`."""
        is_bracketed = isinstance(base, Name) and self.kinds[place - 1] == ")"
        sign = ")" if is_bracketed else ""
        return Call("power", (base, exponent), (), base.start, end, sign)

    @abstractmethod
    def follow(self, kind: str, left: Node) -> Node:
        """Return what `left` becomes with the token after it, where only some dialects allow it."""

    def prefix(self, kind: str) -> Node:
        """Return what begins with a sign: a signed operand, a bracket, an array."""
        start = self.starts[self.position]
        if kind in ("-", "+"):
            self.position += 1
            operand = self.deeper_expression(SIGN)
            if kind == "+":
                return operand
            return Call("negative", (operand,), (), start, operand.end)
        if kind in self.beginnings:
            return cast("Node", getattr(self, self.beginnings[kind])())
        if kind == "end":
            self.fail(
                say("the expression ends too early"), expected=say("a number, a name or a bracket")
            )
        return self.fail_here(say("a number, a name or a bracket"))

    def bracket(self) -> Node:
        """Return what stands in round brackets: an expression, or a tuple where a comma is.

        A tuple may hold slices: place(g, (3, 4), (:, 0)).
        """
        start, first = self.starts[self.position], self.position + 1
        if self.kinds[first] == ")":
            self.position = first
            self.fail(say("these brackets are empty"), expected=say("an expression"))
        items, end = self.list_items(")", self.index_item)
        if len(items) > 1 or self.kinds[self.position - 2] == ",":
            return Tuple(tuple(items), start, end)
        if isinstance(items[0], Slice):
            self.position = self.kinds.index(":", first)
            self.fail_here("`)`")
        return items[0]

    def array(self) -> Node:
        """Return an array literal; `[1, 2; 3, 4]` has rows between semicolons."""
        start = self.enter()
        rows: list[Node] = []
        items: list[Node] = []
        while self.kinds[self.position] != "]":
            items.append(self.expression(0))
            kind = self.kinds[self.position]
            if kind == ";":
                rows.append(self.row_of(items, start))
                items = []
            elif kind != ",":
                break
            self.position += 1
        end = self.close("]", start)
        self.depth -= 1
        if not rows:
            self.check_matrix(items, start)
            return Array(tuple(items), start, end)
        if items:
            rows.append(self.row_of(items, start))
        return self.matrix_of(rows, start, end)

    def row_of(self, cells: list[Node], start: int) -> Node:
        """Return a row of the matrix that begins at a place."""
        self.check_matrix(cells, start)
        return Array(tuple(cells), cells[0].start, cells[-1].end)

    def matrix_of(self, rows: list[Node], start: int, end: int) -> Node:
        """Return a matrix of rows of one length. Raises LanguageError where theirs differ."""
        self.check_matrix(rows, start)
        if len({len(row.children()) for row in rows}) > 1:
            raise LanguageError(say("the rows of the matrix differ in length"), start=start)
        return Array(tuple(rows), start, end)

    def list_items(self, closing: str, item: Callable[[], Item]) -> tuple[list[Item], int]:
        """Return what stands between the bracket here and its partner, and where that ends."""

        def items() -> list[Item]:
            parts: list[Item] = []
            while self.kinds[self.position] != closing:
                parts.append(item())
                if self.kinds[self.position] != ",":
                    break
                self.position += 1
            return parts

        return self.inside(closing, items)

    def check_matrix(self, items: list[Node], start: int) -> None:
        """Refuse an array literal with more than 64 entries along an axis."""
        if len(items) > MAX_MATRIX:
            raise LanguageError(
                say("the array literal is too large"),
                start=start,
                found=say("{count} entries", count=len(items)),
                expected=say("at most {most} along each axis", most=MAX_MATRIX),
            )

    def index(self, base: Node) -> Node:
        """Return `base[…]`: a family's member where it is known to be one, else an index."""
        start = self.starts[self.position]
        items, end = self.list_items("]", self.index_item)
        if not items:
            raise LanguageError(say("an index is missing"), start=start, found="`[]`")
        if self.families and type(base) is Name:
            member = self.member(base.id, items)
            while self.kinds[self.position] == "'" and self.starts[self.position] == end:
                self.position += 1
                member += "'"
                end += 1
            if member in self.families:
                return Name(member, base.start, end)
            if member.endswith("'"):
                raise LanguageError(
                    say("a prime belongs to a name"), start=end - 1, found=quote_part(member)
                )
        return Call("index", (base, *items), (), base.start, end)

    def member(self, base: str, items: list[Node]) -> str:
        """Return the name that `base[items]` has if it is a family's member, or ''."""
        texts = [
            item.text if isinstance(item, Number) else item.id if isinstance(item, Name) else ""
            for item in items
        ]
        return f"{base}[{', '.join(texts)}]" if all(texts) else ""

    def index_item(self) -> Node:
        """Return one index: an expression or a slice."""
        start = self.starts[self.position]
        parts: list[Node | None] = [None]
        while True:
            match self.kinds[self.position]:
                case ":" if len(parts) == 3:
                    self.fail(say("a slice has at most three parts"))
                case ":":
                    self.position += 1
                    parts.append(None)
                case "]" | ")" | "," if len(parts) > 1:
                    break
                case "...":
                    self.fail(
                        say("`...` is not supported as an index"), expected=say("`:` for each axis")
                    )
                case _:
                    parts[-1] = self.expression(0)
                    if self.kinds[self.position] != ":":
                        break
        if len(parts) == 1 and parts[0] is not None:
            return parts[0]
        first, last, step = (*parts, None, None)[:3]
        end = self.ends[self.position - 1]
        return Slice(first, last, step, start, end)

    def call(self, operation: str, start: int) -> Node:
        """Return a call; the position is at its opening bracket."""
        arguments: list[Node] = []
        keywords: list[tuple[str, Node]] = []

        def argument() -> None:
            word = self.keyword()
            if word:
                if any(word == earlier for earlier, _ in keywords):
                    self.position -= 1
                    self.fail(say("the argument {word} appears twice", word=quote_part(word)))
                keywords.append((word, self.expression(0)))
            else:
                if keywords:
                    self.fail(say("an argument without a name comes after one with a name"))
                arguments.append(self.expression(0))

        _, end = self.list_items(")", argument)
        return Call(operation, tuple(arguments), tuple(keywords), start, end)

    @abstractmethod
    def keyword(self) -> str:
        """Return the name of an argument `name=` and go past it; '' where none is here."""

    def derivative_end(self, start: int) -> int:
        """Return where the gradient's name that begins here ends, 0 if there is none; go there."""
        for length in self.lengths:
            end = start + length
            after = self.text[end : end + 1]
            if (
                end <= self.starts[-1]  # the slice must not be cut short
                and self.text[start:end] in self.derivatives
                and not (after.isalnum() or after in ("_", "'"))
            ):
                while self.starts[self.position] < end:
                    self.position += 1
                return end
        return 0

    # Small steps and errors

    def advance(self) -> int:
        """Go past the token here, and return where it begins."""
        self.position += 1
        return self.starts[self.position - 1]

    def enter(self) -> int:
        """Go past the sign here, one level of nesting deeper, and return where it begins."""
        self.count_level()
        return self.advance()

    def deeper_expression(self, least: int) -> Node:
        """Return the expression here, one level of nesting deeper."""
        return self.within(lambda: self.expression(least))

    def within(self, read: Callable[[], Item]) -> Item:
        """Return what is read one level of nesting deeper."""
        self.count_level()
        result = read()
        self.depth -= 1
        return result

    def inside(self, closing: str, read: Callable[[], Item]) -> tuple[Item, int]:
        """Return what is read between the sign here and its partner, and where that ends."""
        start = self.enter()
        result = read()
        end = self.close(closing, start)
        self.depth -= 1
        return result, end

    def expression_inside(self, closing: str) -> tuple[Node, int]:
        """Return the expression between a sign here and its partner, and where that ends."""
        return self.inside(closing, lambda: self.expression(0))

    def count_level(self) -> None:
        """Count one more level of nesting."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.fail(
                say("the expression is nested too deeply"),
                expected=say("at most {most} levels", most=MAX_DEPTH),
            )

    def close(self, bracket: str, opening: int) -> int:
        """Go past a closing bracket and return where it ends."""
        kind = self.kinds[self.position]
        if kind != bracket:
            before, here = self.ends[self.position - 1], self.starts[self.position]
            # The next line's `name =` is no part of what stands in the bracket.
            is_next = "\n" in self.text[before:here] and self.kinds[self.position + 1] == "="
            if kind == "end" or is_next:
                raise LanguageError(
                    say("this bracket is not closed"), start=opening, expected=f"`{bracket}`"
                )
            if kind in OPERANDS:
                self.fail_missing_operator()
            self.fail_here(f"`{bracket}`")
        self.position += 1
        return self.ends[self.position - 1]

    def expect(self, kind: str, expected: Text) -> None:
        """Go past a token that has to be here."""
        if self.kinds[self.position] != kind:
            self.fail_here(expected)
        self.position += 1

    def describe(self) -> Text:
        """Return how a message calls the token here."""
        kind = self.kinds[self.position]
        text = self.texts[self.position]
        if kind == "end":
            return say("the end")
        if len(text) == 1:
            return name_character(text)
        return quote_part(text)

    def fail(self, what: Sentence, *, expected: Text = "") -> NoReturn:
        """Raise an error at the token here; a method or a module is said to be one."""
        here = self.describe()
        after = self.texts[self.position + 1] if self.kinds[self.position] == "." else ""
        if after.isidentifier() and self.position:
            what = say("methods cannot be called here")
            expected = say("a function before its operands: {name}(…)", name=after)
        found = "" if str(what).startswith(str(here)) else here
        raise LanguageError(what, start=self.starts[self.position], found=found, expected=expected)

    def fail_here(self, expected: Text) -> NoReturn:
        """Raise the error for a token that cannot stand here."""
        self.fail(say("{token} cannot stand here", token=self.describe()), expected=expected)

    def fail_missing_operator(self) -> NoReturn:
        """Raise the error for two operands side by side."""
        position = self.position
        before, here = self.texts[position - 1], self.texts[position]
        if self.kinds[position - 1] == "number" and here.startswith("_"):
            self.fail(say("a number has no `_` in it"), expected=say("digits without separators"))
        product, of_matrices = (
            quote_part(f"{before[-18:]} {sign} {here[:18]}") for sign in ("*", "@")
        )
        has_number = "number" in self.kinds[position - 1 : position + 1]
        self.fail(
            say("an operator is missing"),
            expected=product
            if has_number
            else say(
                "{product}, or {of_matrices} for a product of matrices",
                product=product,
                of_matrices=of_matrices,
            ),
        )

    def fail_comma(self) -> NoReturn:
        """Raise the error for a comma outside brackets."""
        position = self.position
        kinds = self.kinds
        if kinds[position - 1] == "number" and kinds[position + 1] == "number":
            pair = f"{self.texts[position - 1]},{self.texts[position + 1]}"
            self.fail(
                say(
                    "ambiguous: {pair} may be a decimal comma, a separator of thousands or a list",
                    pair=quote_part(pair),
                ),
                expected=say("a point in decimals, nothing in thousands, brackets round a list"),
            )
        self.fail(say("a list needs brackets"))


def _is_target(node: Node) -> bool:
    """Say whether a node can stand left of `=`."""
    return type(node) is Name or (
        type(node) is Call and node.operation == "index" and type(node.arguments[0]) is Name
    )


def _check_height(node: Node) -> None:
    """Raise LanguageError where a tree is higher than 200: whoever walks it recurses."""
    level = [node]
    for _ in range(MAX_HEIGHT + 1):
        level = [child for parent in level for child in parent.children()]
        if not level:
            return
    raise LanguageError(
        say("the expression has too many operations in a row"),
        start=node.start,
        expected=say("at most {most}; name a part of it", most=MAX_HEIGHT),
    )
