"""Trees to text: one printer for each dialect, with the brackets that the parser needs.

What is printed parses to the same tree. Nothing is simplified or reordered; a negative after an
operator is bracketed, as people write it.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar, Final, Generic, TypeVar
from unicodedata import combining

from tracer.expression.names import (
    AS_SUPERSCRIPT,
    LOWER,
    Dialect,
    FunctionNames,
    Vocabulary,
    plain_latex,
)
from tracer.expression.notation import Notation, entry_below, entry_lowered
from tracer.expression.syntax import (
    DISPLAYED_PRODUCTS,
    DOT,
    Array,
    Call,
    Display,
    Name,
    Node,
    Number,
    Slice,
    Tuple,
    case_rows,
    is_open,
    is_sign,
    stands_below_gradient,
    strip_label,
    sum_of_cases,
)
from tracer.lazy_regex import lazy_regex

Form = TypeVar("Form")

# How tightly a text binds; what binds less than ATOM is bracketed below a power or an index.
SUM, _OPEN, PRODUCT, SIGN, _POWER, _MARKED, _GRADIENT, ATOM = 10, 15, 20, 30, 40, 45, 55, 60

_BINDING: Final = {
    "add": SUM,
    "subtract": SUM,
    "multiply": PRODUCT,
    "divide": PRODUCT,
    "matmul": PRODUCT,
    **dict.fromkeys(DISPLAYED_PRODUCTS, PRODUCT),
    "power": _POWER,
}
_DISPLAY_BINDING: Final = {"relation": 5, "cases": SUM, "below": _MARKED, "gradient": _GRADIENT}
_PLAIN: Final = Notation()
# What makes a LaTeX text taller than the brackets on a line.
_TALL: Final = lazy_regex(r"\\(?:frac|begin|sqrt|left|sum)|\^\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\^")
# Compiled by the first number with an exponent.
_EXPONENT: Final = r"([eE])([+-]?[0-9]+)\Z"


def binding_of(node: Node) -> int:
    """Return how tightly a formula holds together where quotients are drawn as fractions."""
    return _TYPESET.binding(node)


def render(
    node: Node,
    dialect: Dialect = "ascii",
    *,
    vocabulary: Vocabulary = Vocabulary(),  # noqa: B008 - frozen
    notation: Notation | None = None,
) -> str:
    """Return an expression as text that parses to the same tree in the same dialect."""
    return PRINTERS[dialect](vocabulary, _PLAIN if notation is None else notation).write(node)


class TreePrinter(ABC, Generic[Form]):
    """Writes trees as text or as drawings; where brackets are needed is decided here."""

    __slots__ = ("notation", "vocabulary")

    signs: ClassVar[Mapping[str, str]]  # the signs of the operators

    def __init__(self, vocabulary: Vocabulary, notation: Notation) -> None:
        self.vocabulary = vocabulary
        self.notation = notation

    def write(self, node: Node, after: bool = False) -> Form:
        """Return what a node is written as; `after` says that it stands behind an operator."""
        match node:
            case Name():
                return self.name(node.id)
            case Number():
                return self.number(node)
            case Call():
                return self.operation(node, after)
            case Array():
                return self.array(node)
            case Display():
                return self.display(node)
            case Tuple() | Slice():
                return self.index_item(node)
        raise TypeError(f"no node of the language: {type(node).__name__}")

    def operation(self, node: Call, after: bool) -> Form:
        """Return an operation, which has a form of its own or is called by its name."""
        operation = node.operation
        arguments = () if node.keywords else node.arguments
        if len(arguments) == 2 and operation in self.signs:
            return self.infix(operation, *arguments, after)
        if len(arguments) == 2 and operation == "power":
            return self.power(*arguments)
        if len(arguments) == 1 and operation == "negative":
            return self.negative(arguments[0], after)
        if len(arguments) == 1 and operation == "transpose_last":
            return self.write_transpose(arguments[0])
        if len(arguments) > 1 and operation == "index":
            return self.index(arguments[0], arguments[1:])
        return self.call(node)

    def left(self, operation: str, node: Node, after: bool) -> Form:
        """Return an operator's left side."""
        if self.binding(node) < _BINDING[operation] or mixes_products(node, operation):
            return self.with_brackets(self.write(node))
        return self.write(node, after)

    def right(self, operation: str, node: Node) -> Form:
        """Return an operator's right side."""
        if isinstance(node, Display) and node.kind == "over" and operation != "divide":
            return self.write(node)
        binding, part = self.binding(node), strip_label(node)
        if part is not node and binding == _BINDING["multiply"] and operation == "multiply":
            return self.write(node)  # its brace shows that it is one factor
        is_loose = binding <= _BINDING[operation] or (part is not node and is_negative(part))
        if is_loose or (operation == "divide" and binding == _GRADIENT):
            return self.with_brackets(self.write(node))
        return self.write(node, True)

    def negative(self, node: Node, after: bool) -> Form:
        """Return a negative: bracketed after an operator."""
        is_free = follows_sign(node, self.binding(node))
        inside = self.write(node, is_free)
        signed = self.with_minus(inside if is_free else self.with_brackets(inside))
        return self.with_brackets(signed) if after else signed

    def atom(self, node: Node) -> Form:
        """Return what a transpose's sign stands on, bracketed unless it is whole by itself."""
        inside = self.write(node)
        is_turned = isinstance(node, Call) and node.operation == "transpose_last"
        is_loose = self.binding(node) < ATOM or isinstance(node, Number) or is_turned
        return self.with_brackets(inside) if is_loose else inside

    def summand(self, body: Node) -> Form:
        """Return what a sum's sign stands before."""
        inside = self.write(body)
        is_loose = self.binding(body) <= SUM or is_negative(body)
        return self.with_brackets(inside) if is_loose else inside

    @abstractmethod
    def binding(self, node: Node) -> int:
        """Return how tightly what a node is written as holds together."""

    @abstractmethod
    def with_brackets(self, inside: Form) -> Form:
        """Return something in brackets."""

    @abstractmethod
    def with_minus(self, inside: Form) -> Form:
        """Return something with a minus before it."""

    @abstractmethod
    def infix(self, operation: str, left: Node, right: Node, after: bool) -> Form:
        """Return `left operator right`."""

    @abstractmethod
    def name(self, id: str) -> Form:
        """Return a name's look."""

    @abstractmethod
    def number(self, node: Number) -> Form:
        """Return a number."""

    @abstractmethod
    def power(self, base: Node, exponent: Node) -> Form:
        """Return a power."""

    @abstractmethod
    def write_transpose(self, node: Node) -> Form:
        """Return a transpose."""

    @abstractmethod
    def index(self, base: Node, items: tuple[Node, ...]) -> Form:
        """Return an index."""

    @abstractmethod
    def index_item(self, node: Tuple | Slice) -> Form:
        """Return what stands in an index or names axes."""

    @abstractmethod
    def array(self, node: Array) -> Form:
        """Return an array literal."""

    @abstractmethod
    def call(self, node: Call) -> Form:
        """Return `name(arguments)`."""

    @abstractmethod
    def display(self, node: Display) -> Form:
        """Return what only a textbook writes."""


class _Ascii(TreePrinter[str]):
    """Prints ASCII; the other dialects differ in some forms."""

    __slots__ = ()

    opening = "("
    closing = ")"
    signs: ClassVar[dict[str, str]] = {
        "add": " + ",
        "subtract": " - ",
        "multiply": " * ",
        "divide": " / ",
        "matmul": " @ ",
        "hadamard": " * ",
        "beside": " @ ",
        "correlate": " (*) ",
        "convolve": " ** ",
    }
    minus = "-"
    comma = ", "  # between subscripts
    transpose = ".T"
    forms: ClassVar[dict[str, str]] = {  # the displays that are their parts with signs around them
        "norm": "‖{0}‖",
        "indicator": "1[{0}]",
        "relation": "{0} {sign} {1}",
        "rest": "⋯ (= {0})",
        "rounded": "≈ {0}",
        "letter": "{sign}",
        "bold": "{sign}",
        "through": "({0})_{{{via} {1}}}",
        "gradient": "∂{0}/∂{1}",
        "labelled": "{0}",  # a line of text has no room below it
    }
    call_forms: ClassVar[dict[str, str]] = {}  # calls of one argument, by the form of the look

    def index_item(self, node: Tuple | Slice) -> str:
        if isinstance(node, Tuple):
            comma = "," if len(node.items) == 1 else ""
            return f"({', '.join(map(self.write, node.items))}{comma})"
        parts = [
            "" if part is None else self.write(part) for part in (node.first, node.last, node.step)
        ]
        return ":".join(parts if node.step is not None else parts[:2])

    def number(self, node: Number) -> str:
        return node.text

    def binding(self, node: Node) -> int:
        if isinstance(node, Name):
            return _GRADIENT if "/" in node.id else ATOM
        if is_open(node):
            return _OPEN
        if isinstance(node, Display):
            is_labelled = node.kind == "labelled"
            own = _DISPLAY_BINDING.get(node.kind, ATOM)
            return self.binding(node.parts[0]) if is_labelled else own
        if isinstance(node, Call) and not node.keywords:
            count = len(node.arguments)
            if count == 2:
                return _BINDING.get(node.operation, ATOM)
            return SIGN if count == 1 and node.operation == "negative" else ATOM
        return ATOM

    def with_brackets(self, text: str) -> str:
        return f"{self.opening}{text}{self.closing}"

    def infix(self, operation: str, left: Node, right: Node, after: bool) -> str:
        first = self.left(operation, left, after)
        return self.infix_text(operation, first, self.right(operation, right), left, right)

    def infix_text(self, operation: str, first: str, second: str, left: Node, right: Node) -> str:
        """Return two operands' texts with the operator between them."""
        return f"{first}{self.signs[operation]}{second}"

    def with_minus(self, text: str) -> str:
        return self.minus + text

    # The forms that differ

    def display(self, node: Display) -> str:
        own = getattr(self, f"display_{node.kind}", None)
        if own is not None:
            return own(node, *node.parts)  # type: ignore[no-any-return]
        template = self.sign(self.forms[node.kind])
        parts = [self.write(part) for part in node.parts]
        if node.kind == "through":
            return template.format(*parts, via=self.notation.word(node.text))
        if not node.text:
            return template.format(*parts)
        bold = "".join(_BOLD.get(sign, sign) for sign in node.text)
        return template.format(*parts, sign=self.sign(node.text), bold=bold)

    def subscripts(self, items: Sequence[Node]) -> str:
        """Return what stands below a name: `12`, `ijk`, but `1, 10` and `1, 2, 3`.

        A dot between others is no sign of a product, and three figures are no number.
        """
        texts = [self.write(item) for item in items]
        apart = any(len(text) > 1 and text != self.write(DOT) for text in texts)
        apart |= DOT in items[1:-1]
        apart |= len(items) > 2 and any(isinstance(item, Number) for item in items)
        return (self.comma if apart else "").join(texts)

    def subscript_text(self, text: str) -> str:
        """Return a text as a subscript."""
        return f"_{text}" if len(text) == 1 else f"_{{{text}}}"

    def superscript_text(self, text: str) -> str:
        """Return a text as a superscript."""
        return f"^{text}"

    def display_column(self, node: Display, array: Node) -> str:
        return self.write(array) + self.transpose * (len(array.children()) > 1)

    def sign(self, text: str) -> str:
        """Return a sign, or the name of a function, in this dialect."""
        return text.translate(_ASCII_SIGNS)

    def display_below(self, node: Display, base: Node, *items: Node) -> str:
        text = self.write(base)
        if self.binding(base) < ATOM or not is_single(base, text):
            text = self.with_brackets(text)
        return text + self.subscript_text(self.subscripts(items))

    def display_array(self, node: Display, entry: Node, *items: Node) -> str:
        return f"[{self.write(entry)}]{self.subscript_text(self.subscripts(items))}"

    def display_over(
        self, node: Display, body: Node, lower: Node, upper: Node | None = None
    ) -> str:
        sign = self.sign(node.text)
        above = "" if upper is None else self.superscript_text(self.write(upper))
        return f"{sign}{self.subscript_text(self.write(lower))}{above} {self.summand(body)}"

    def display_function(self, node: Display, *arguments: Node) -> str:
        return self.sign(node.text) + self.with_brackets(", ".join(map(self.write, arguments)))

    def display_cases(self, node: Display, *cases: Node) -> str:
        return self.write(sum_of_cases(node))

    def display_derivative(self, node: Display, argument: Node) -> str:
        name = self.write(Call(node.text, ())).removesuffix("()")
        return f"{name}{self.sign('′')}{self.with_brackets(self.write(argument))}"

    def display_gradient(self, node: Display, above: Node, by: Node) -> str:
        sides = [
            self.write(part)
            if stands_below_gradient(part)
            else self.with_brackets(self.write(part))
            for part in (above, by)
        ]
        return self.sign(self.forms["gradient"]).format(*sides)

    def display_own(self, node: Display, quantity: Node, below: Node | None = None) -> str:
        return node.text + self.subscript_text(self.write(below or quantity))

    def name(self, id: str) -> str:
        return id

    def power(self, base: Node, exponent: Node) -> str:
        return f"{self.base(base)}**{self.exponent(exponent)}"

    def base(self, node: Node) -> str:
        """Return the text of a power's base."""
        text = self.write(node)
        return self.with_brackets(text) if self.binding(node) < ATOM else text

    def exponent(self, node: Node) -> str:
        """Return the text of an exponent that stands on the line."""
        binding = self.binding(node)
        if binding < ATOM and binding != _POWER:
            return self.with_brackets(self.write(node))
        return self.write(node, True)

    def write_transpose(self, node: Node) -> str:
        return self.atom(node) + self.transpose

    def index(self, base: Node, items: tuple[Node, ...]) -> str:
        return f"{self.atom(base)}[{', '.join(map(self.write, items))}]"

    def array(self, node: Array) -> str:
        return f"[{', '.join(map(self.write, node.items))}]"

    def call(self, node: Call) -> str:
        look = self.vocabulary.looks.get(node.operation)
        name = self.function_name(node.operation, look)
        is_constant = look is not None and look.form == "constant"
        if is_constant and not node.arguments and not node.keywords:
            return name
        form = self.call_form(node)
        return form.format(self.write(node.arguments[0])) if form else self.call_text(name, node)

    def call_form(self, node: Call) -> str:
        """Return the signs around the one argument of a call without a name; '' where it has one.

        They are those that the parser reads as this operation.
        """
        look = self.vocabulary.looks.get(node.operation)
        if look is None or len(node.arguments) != 1 or node.keywords:
            return ""
        is_read = self.vocabulary.with_form(look.form, "") == node.operation
        return self.call_forms.get(look.form, "") if is_read else ""

    def function_name(self, operation: str, look: FunctionNames | None) -> str:
        """Return what stands before the bracket of a call; `look` is that of a known operation."""
        return operation if look is None else look.ascii

    def call_text(self, name: str, node: Call) -> str:
        """Return a function's name with the arguments in brackets."""
        words = [*map(self.write, node.arguments)]
        words += [f"{word}={self.write(value)}" for word, value in node.keywords]
        return f"{name}({', '.join(words)})"


class _Unicode(_Ascii):
    """Prints Unicode: letters with accents and subscripts, `·`, superscript digits."""

    __slots__ = ()

    signs: ClassVar[dict[str, str]] = {**_Ascii.signs, "subtract": " − ", "multiply": "·"} | {
        "hadamard": " ⊙ ",
        "beside": " ",
        "correlate": " ⋆ ",
        "convolve": " ∗ ",
    }
    minus = "−"
    transpose = "ᵀ"
    forms: ClassVar[dict[str, str]] = {**_Ascii.forms, "bold": "{bold}"}
    call_forms: ClassVar[dict[str, str]] = {"bars": "|{0}|", "root": "√({0})"}
    raised_name = lazy_regex("[⁾}]$")  # a name that has a superscript

    def name(self, id: str) -> str:
        return self.notation.look(id, "unicode")

    def number(self, node: Number) -> str:
        return self.sign("∞") if node.text == "inf" else node.text

    def sign(self, text: str) -> str:
        return text

    def subscript_text(self, text: str) -> str:
        small = [_small_signs(part, _SUBSCRIPTS) for part in text.split(", ")]
        # An entry of z_h is (z_h)₁, so z_h₁ is one of h₁.
        name = f"_{text}" if text.isalnum() or len(text) == 1 else f"_({text})"
        return ",".join(small) if all(small) else name

    def superscript_text(self, text: str) -> str:
        return _small_signs(text, _SUPERSCRIPTS) or super().superscript_text(text)

    def display_own(self, node: Display, quantity: Node, below: Node | None = None) -> str:
        # In small letters it would be an entry: the net input of i is z_i, not the i-th of z.
        text = self.write(below or quantity)
        is_word = all(sign.isalpha() or combining(sign) for sign in text)
        return f"{node.text}_{text}" if is_word else super().display_own(node, quantity, below)

    def display_over(
        self, node: Display, body: Node, lower: Node, upper: Node | None = None
    ) -> str:
        if node.text == "∑":
            return super().display_over(node, body, lower, upper)
        # Below a word stand no small signs: `maxᵢ` would be a name.
        above = "" if upper is None else super().superscript_text(self.write(upper))
        return f"{node.text}{super().subscript_text(self.write(lower))}{above} {self.summand(body)}"

    def power(self, base: Node, exponent: Node) -> str:
        first = self.base(base)
        small = small_exponent(exponent)
        if small:
            return first + small
        text = self.exponent(exponent)
        return f"{first}^{self.with_brackets(text) if text == 'T' else text}"

    def base(self, node: Node) -> str:
        text = self.write(node)
        # e to a power is the exponential function, and one superscript is enough: TeX refuses two.
        euler = text == "e" and not self.notation.knows("e")
        marked = isinstance(node, Name) and (euler or self.raised_name.search(text) is not None)
        long = isinstance(node, Number) and not text.replace(".", "").isdigit()
        is_column = isinstance(node, Display) and text.endswith("ᵀ")
        is_entry = isinstance(node, Display) and node.kind == "below"
        is_loose = (self.binding(node) < ATOM and not is_entry) or marked or long or is_column
        is_loose = is_loose or (text[0] == "√" and text[1] != "(")
        return self.with_brackets(text) if is_loose else text

    def call_form(self, node: Call) -> str:
        form = super().call_form(node)
        return "√{0}" if form == "√({0})" and self.is_short(node.arguments[0]) else form

    def is_short(self, node: Node) -> bool:
        """Say whether a root's sign may stand before something without brackets: √2, √d."""
        is_plain = isinstance(node, (Name, Number)) and self.binding(node) == ATOM
        return is_plain and re.fullmatch(r"\d+|[^\W\d]\w*", self.write(node)) is not None

    def left(self, operation: str, node: Node, after: bool) -> str:
        # "1 / 2·w" means (1 / 2)·w, but who reads it thinks of 1 / (2·w).
        divided = isinstance(node, Call) and node.operation == "divide"
        if operation == "multiply" and divided and self.binding(node) == PRODUCT:
            return self.with_brackets(self.write(node))
        return super().left(operation, node, after)

    def index(self, base: Node, items: tuple[Node, ...]) -> str:
        counts = _entry_subscripts(items)
        if counts is None:
            return super().index(base, items)
        return self.entry(base, counts)

    def entry(self, base: Node, counts: tuple[int, ...]) -> str:
        """Return an entry with subscripts that count from 1."""
        if isinstance(base, Name):
            compact = self.notation.entry(base.id, counts, "unicode")
            if compact:
                return compact
        return f"({self.write(base)}){entry_lowered(counts)}"

    def function_name(self, operation: str, look: FunctionNames | None) -> str:
        if look is not None:
            is_own = self.vocabulary.spelled.get(look.unicode) == operation
            return look.unicode if is_own and look.form != "root" else look.ascii
        is_taken = len(operation) == 1 and self.vocabulary.looks
        return f"‹{operation}›" if is_taken or self.notation.is_quantity(operation) else operation


class _Latex(_Unicode):
    """Prints LaTeX, as it stands between dollar signs."""

    __slots__ = ()

    signs: ClassVar[dict[str, str]] = {
        **_Ascii.signs,
        "multiply": r" \cdot ",
        "matmul": r" \mathbin{@} ",
        "hadamard": r" \odot ",
        "beside": r"\,",
        "correlate": r" \star ",
        "convolve": r" \ast ",
    }
    minus = "-"
    comma = ","
    forms: ClassVar[dict[str, str]] = {
        **_Ascii.forms,
        "norm": r"\left\lVert {0} \right\rVert",
        "indicator": r"\mathbf{{1}}\left[{0}\right]",
        "rest": r"\underbrace{{\cdots}}_{{{0}}}{{}}",
        "rounded": r"\approx {0}",
        "bold": r"\mathbf{{{sign}}}",
        "through": r"\left({0}\right)_{{\text{{{via} }} {1}}}",
        "gradient": r"\frac{{\partial {0}}}{{\partial {1}}}",
    }
    call_forms: ClassVar[dict[str, str]] = {"bars": r"\left|{0}\right|", "root": r"\sqrt{{{0}}}"}
    raised_name = lazy_regex(r"\^")

    def binding(self, node: Node) -> int:
        # A fraction holds together, but a superscript on it or on a transpose needs brackets.
        if isinstance(node, Call) and node.operation in ("divide", "transpose_last"):
            count = 2 if node.operation == "divide" else 1
            if len(node.arguments) == count and not node.keywords:
                return _MARKED
        return super().binding(node)

    def number(self, node: Number) -> str:
        # An exponent is upright, and its sign is no minus between two terms.
        if "e" not in node.text and "E" not in node.text:
            return super().number(node)
        return re.sub(_EXPONENT, r"\\mathrm{\1}{\2}", node.text)

    def subscripts(self, items: Sequence[Node]) -> str:
        text = super().subscripts(items)
        is_one = len(items) == 1 and isinstance(items[0], Number) and len(text) > 1
        return f"{{{text}}}" if is_one else text  # of a vector `10` would be read as 1 and 0

    def subscript_text(self, text: str) -> str:
        return f"_{{{text}}}"

    def display_column(self, node: Display, array: Node) -> str:
        assert isinstance(array, Array)
        cells = r" \\ ".join(map(self.write, array.items))
        return rf"\begin{{bmatrix}} {cells} \end{{bmatrix}}"

    def display_cases(self, node: Display, *cases: Node) -> str:
        rows = r" \\ ".join(" & ".join(map(self.write, row)) for row in case_rows(node))
        return rf"\begin{{cases}} {rows} \end{{cases}}"

    def superscript_text(self, text: str) -> str:
        return f"^{{{text}}}"

    def sign(self, text: str) -> str:
        return _LATEX_WORDS.get(text) or text.translate(_LATEX_SIGNS)

    display_over = _Ascii.display_over
    display_own = _Ascii.display_own

    def display_array(self, node: Display, entry: Node, *items: Node) -> str:
        return self.fenced(self.write(entry), "[", "]") + self.subscript_text(
            self.subscripts(items)
        )

    def display_function(self, node: Display, *arguments: Node) -> str:
        name, mark, _ = node.text.partition("⊤")
        name_text = _LATEX_WORDS.get(name, rf"\operatorname{{{name}}}")
        inside = self.with_brackets(", ".join(map(self.write, arguments)))
        return f"{name_text}{'^{' + chr(92) + 'top}' if mark else ''}{inside}"

    def display_derivative(self, node: Display, argument: Node) -> str:
        name = self.write(Call(node.text, ())).removesuffix("()")
        if not self.write(Call(node.text, (argument,))).startswith((f"{name}(", rf"{name}\left(")):
            name = rf"\operatorname{{{_escape_word(node.text)}}}"  # a root has no name of its own
        return f"{name}'{self.with_brackets(self.write(argument))}"

    def display_labelled(self, node: Display, part: Node, name: Node | None = None) -> str:
        words = rf"\text{{{self.notation.word(node.text)}}}"
        label = _NEGATIVE.sub(r"}{-\1}\\text{", words).removesuffix(r"\text{}")
        if name is not None:
            label = rf"{label}\thinspace {self.write(name)}"
        # For TeX what has a brace is an operator: behind nothing, a sign stands between two terms.
        return rf"\underbrace{{{self.write(part)}}}_{{{label}}}{{}}"

    def with_brackets(self, text: str) -> str:
        return self.fenced(text, "(", ")")

    def fenced(self, text: str, opening: str, closing: str) -> str:
        """Return a text in brackets, as high as it is without the words below a brace."""
        if not _TALL.search(text):
            return f"{opening}{text}{closing}"
        if r"\underbrace" in text and r"\begin" not in text:
            return rf"\biggl{opening}{text}\biggr{closing}"
        return rf"\left{opening}{text}\right{closing}"

    def name(self, id: str) -> str:
        return self.notation.look(id, "latex")

    def infix(self, operation: str, left: Node, right: Node, after: bool) -> str:
        if operation == "divide":
            return rf"\frac{{{self.write(left)}}}{{{self.write(right)}}}"
        return super().infix(operation, left, right, after)

    def infix_text(self, operation: str, first: str, second: str, left: Node, right: Node) -> str:
        if operation == "multiply":
            thin = is_open(right) or (type(left) is Number and self.leads(right))
            # A share of what is drawn: ½ ‖x‖.
            is_share = not thin and _is_drawn(right) and first.startswith(r"\frac{")
            if thin or (is_share and not left.content.names):
                return rf"{first}\,{second}"
        return super().infix_text(operation, first, second, left, right)

    def leads(self, node: Node) -> bool:
        """Say whether a right factor begins with a name or a bracket round a sum or product."""
        if isinstance(node, Call) and self.binding(node) == SIGN:
            return False  # people write 0.1 · (-3)
        if _is_drawn(node):
            return True
        while self.binding(node) > SIGN:
            if isinstance(node, Name):
                return "/" not in node.id
            if not isinstance(node, Call) or self.call_form(node):
                return False
            if node.operation not in ("power", "transpose_last", "index"):
                return self.binding(node) == ATOM
            node = node.arguments[0]
            if isinstance(node, (Array, Number)):
                return False
        return True

    def power(self, base: Node, exponent: Node) -> str:
        text = self.write(exponent)
        if text == "T" or text.startswith(("(", "[", r"\left(", r"\left[")):
            text = "{}" + text  # the braces keep it from being a transpose or a superscript
        return f"{self.base(base)}^{{{text}}}"

    def write_transpose(self, node: Node) -> str:
        text = self.atom(node)
        if isinstance(node, Name) and "/" not in node.id and "^" in text:
            text = self.with_brackets(text)
        return text + r"^{\top}"

    def entry(self, base: Node, counts: tuple[int, ...]) -> str:
        text = self.write(base)
        if isinstance(base, Name) and "/" not in base.id:
            compact = self.notation.entry(base.id, counts, "latex")
            return compact or f"({text})_{{{entry_below(counts)}}}"
        return f"{self.with_brackets(text)}_{{{entry_below(counts)}}}"

    def array(self, node: Array) -> str:
        items = node.items
        if items and not any(isinstance(item, Array) for item in items):
            return rf"\left[\begin{{matrix}} {self.row(node)} \end{{matrix}}\right]"
        rows = [item for item in items if isinstance(item, Array) and item.items]
        flat = not any(isinstance(cell, Array) for row in rows for cell in row.items)
        if rows and len(rows) == len(items) and flat and len({len(r.items) for r in rows}) == 1:
            body = r" \\ ".join(map(self.row, rows))
            return rf"\begin{{bmatrix}} {body} \end{{bmatrix}}"
        return rf"\left[{', '.join(map(self.write, items))}\right]"

    def row(self, node: Array) -> str:
        """Return the cells of a row."""
        return " & ".join(map(self.write, node.items))

    def function_name(self, operation: str, look: FunctionNames | None) -> str:
        own = "" if look is None else look.latex
        if look is not None and self.vocabulary.spelled.get(plain_latex(own)) == operation:
            return own
        word = operation if look is None else look.ascii
        return rf"\operatorname{{{_escape_word(word)}}}"

    def call_text(self, name: str, node: Call) -> str:
        words = [*map(self.write, node.arguments)]
        for word, value in node.keywords:
            label = word if len(word) == 1 else rf"\mathrm{{{_escape_word(word)}}}"
            words.append(f"{label}{{=}}{self.write(value)}")
        return name + self.with_brackets(", ".join(words))


def follows_sign(node: Node, binding: int) -> bool:
    """Say whether a minus stands before what holds together so, without brackets."""
    is_drawn = isinstance(node, Call) and node.operation in DISPLAYED_PRODUCTS
    return binding > SIGN or is_open(node) or is_drawn


def is_negative(node: Node) -> bool:
    """Say whether a formula is a negative."""
    return isinstance(node, Call) and node.operation == "negative"


def small_exponent(node: Node) -> str:
    """Return an exponent in superscript digits; '' where there are none for it."""
    sign = ""
    if isinstance(node, Call) and node.operation == "negative":
        node, sign = node.arguments[0], "⁻"
    if isinstance(node, Number) and node.text.isdigit() and len(node.text) <= 3:
        return sign + node.text.translate(AS_SUPERSCRIPT)
    return ""


def _is_drawn(node: Node) -> bool:
    """Say whether a formula begins with a sign of its own: a norm, an entry, bold ones."""
    while isinstance(node, Call) and node.operation == "power":
        node = node.arguments[0]
    return isinstance(node, Display) and node.kind not in ("column", "rest")


def mixes_products(node: Node, operation: str) -> bool:
    """Say whether a product entry by entry stands in one of matrices, or the other way round."""
    return isinstance(node, Call) and {node.operation, operation} == {"hadamard", "beside"}


def is_single(base: Node, text: str) -> bool:
    """Say whether a subscript may stand on a base: a name without one of its own."""
    if is_sign(base):
        return "_" not in text and LOWER.keys().isdisjoint(text)
    if isinstance(base, Call):
        return text.endswith(")") and not text.startswith(("(", r"\left("))
    is_bold = isinstance(base, Display) and base.kind == "bold"
    return isinstance(base, (Array, Display)) and (is_bold or not text.endswith("}"))


def _small_signs(text: str, signs: Mapping[str, str]) -> str:
    """Return a text in small signs, without spaces; '' where one of them has no such form."""
    small = [signs.get(sign, "") for sign in text.replace(" ", "")]
    return "".join(small) if all(small) else ""


def _escape_word(word: str) -> str:
    return word.replace("_", r"\_")


def _entry_subscripts(items: tuple[Node, ...]) -> tuple[int, ...] | None:
    """Return the subscripts from 1 of an entry; None where an index is no whole number from 0."""
    texts = [item.text if isinstance(item, Number) else "" for item in items]
    if not all(map(_PLACE.fullmatch, texts)):
        return None
    return tuple(int(text) + 1 for text in texts)


_PLACE: Final = lazy_regex(r"0|[1-9][0-9]{0,7}")
_NEGATIVE: Final = lazy_regex(r"−(\d+)")  # words of TeX have no minus
_ASCII_SIGNS: Final = str.maketrans(
    {
        "·": ":",
        "×": "x",
        "∅": "-",
        "•": "o",
        "⋯": "...",
        "∑": "sum",
        "′": "'",
        "‖": "||",
        "∂": "d",
        "μ": "mean",
        "≤": "<=",
        "≠": "!=",
    }
    | {"⊤": ".T"}
)
_SUBSCRIPTS: Final = {letter: sign for sign, letter in LOWER.items()} | dict(
    zip("=+−", "₌₊₋", strict=True)
)
_SUPERSCRIPTS: Final = {**dict(zip("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹", strict=True)), "n": "ⁿ"}
_LATEX_SIGNS: Final = str.maketrans(
    {
        "∑": r"\sum",
        "·": r"{\cdot}",
        "×": r"\times",
        "∅": r"\emptyset",
        "⋯": r"\cdots",
        "•": r"\bullet",
        "∞": r"\infty",
        "≤": r"\le",
        "≠": r"\ne",
        "≈": r"\approx",
    }
)
_LATEX_WORDS: Final = {
    "μ": r"\mu",
    "max": r"\max",
    "min": r"\min",
    "argmax": r"\operatorname{argmax}",  # LaTeX has no \argmax
}
_BOLD: Final = {"0": "𝟎", "1": "𝟏", "e": "𝐞"}
PRINTERS: Final[dict[Dialect, type[_Ascii]]] = {
    "ascii": _Ascii,
    "unicode": _Unicode,
    "latex": _Latex,
}
_TYPESET: Final = _Latex(Vocabulary(), _PLAIN)
