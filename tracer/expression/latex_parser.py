r"""The parser for LaTeX; it extends the one for Unicode.

A thin space, `\,`, between two operands is the matrix product (the product after a number),
because that is how the printer writes it; any other space is the product. Numbers have no shapes,
so whoever knows that both are numbers may take the one for the other.
"""

# ruff: noqa: D102 - an override is described where it is first defined, in `PrattParser`

from __future__ import annotations

from collections.abc import Collection, Mapping
from fractions import Fraction
from typing import ClassVar, Final

from tracer.errors import LanguageError
from tracer.expression.lexer import quote_part, tokenize_latex
from tracer.expression.names import (
    ACCENTS,
    LOWER,
    Meaning,
    NameParts,
    NameTable,
    Vocabulary,
    entry_indices,
    unicode_parts,
)
from tracer.expression.pratt_parser import POSTFIX, PRODUCT, PrattParser
from tracer.expression.syntax import Array, Call, Name, Node, Number
from tracer.expression.unicode_parser import FACTORS, UNICODE_PRODUCTS, UnicodeParser
from tracer.sentences import say

_LATEX_BINDING: Final = {
    **UNICODE_PRODUCTS, "_": POSTFIX, "thin": PRODUCT, "{": PRODUCT, "begin{": PRODUCT
}  # fmt: skip


# Commands that are functions for every reader of LaTeX, whatever the vocabulary has.
_FUNCTIONS: Final = {
    **{
        word: word
        for word in [
            "exp",
            "log",
            "sin",
            "cos",
            "tan",
            "sinh",
            "cosh",
            "tanh",
            "max",
            "min",
            "arcsin",
            "arccos",
            "arctan",
        ]
    },
    "ln": "log",
}
_MATRICES: Final = ("bmatrix", "pmatrix", "matrix", "smallmatrix")


class LatexParser(UnicodeParser):
    """Reads LaTeX, as it stands between dollar signs."""

    __slots__ = ("flat",)

    tokenize = staticmethod(tokenize_latex)
    plain_after = UnicodeParser.plain_after - {"^"}
    beginnings: ClassVar[Mapping[str, str]] = {
        **UnicodeParser.beginnings,
        "frac": "fraction",
        "begin{": "matrix",
        "left.": "numbered_derivative",
    }

    def __init__(
        self,
        text: str,
        vocabulary: Vocabulary,
        derivatives: Collection[str] = (),
        families: Collection[str] = (),
        names: NameTable | None = None,
    ) -> None:
        super().__init__(text, vocabulary, derivatives, families, names)
        self.binding = _LATEX_BINDING
        self.words = self.names.words_read["latex"]
        self.flat = False  # inside a superscript of a name, where there are no others

    def plain_word(self, text: str, written: NameParts) -> Meaning:
        return self.names.resolve(written)

    # Names

    def word(self) -> Node:
        position = self.position
        kind, text = self.kinds[position], self.texts[position]
        if kind == "command":
            name = text[1:]
            if name not in self.vocabulary.spelled and name not in _FUNCTIONS:
                raise LanguageError(
                    say("unknown command"), start=self.starts[position], found=quote_part(text)
                )
            self.texts[position] = name
            squared = self.raised_function(position)
            if squared is not None:
                return squared
            if self.kinds[position + 1] not in ("(", "{", "number", *FACTORS) and (
                name not in self.constants
            ):
                self.position += 1
                self.fail(
                    say("{text} needs an argument", text=quote_part(text)),
                    expected=say("a bracket"),
                )
        return super().word()

    def raised_function(self, position: int) -> Node | None:
        r"""Return `\tanh^2(z)`, the square of a function; None where it is none."""
        kinds = self.kinds
        braces = kinds[position + 1 : position + 3] == ["^", "{"]
        place = position + (3 if braces else 2)
        if kinds[position + 1] != "^" or kinds[place] != "number" or self.texts[place] not in "23":
            return None
        start, last = self.starts[position], place + braces
        name = self.texts[position]
        if kinds[last] != ("}" if braces else "number") or name in self.constants:
            return None
        exponent = Number(
            self.texts[place], Fraction(self.texts[place]), self.starts[place], self.ends[place]
        )
        function = self.function(name, "command")
        if kinds[last + 1] == "(":
            self.position = last + 1
            node = self.call(function, start)
        elif kinds[last + 1] in FACTORS:
            self.position = last
            node = self.application(function, start)
        else:
            return None
        return Call("power", (node, exponent), (), start, node.end)

    def function(self, text: str, kind: str) -> str:
        if kind == "command":
            if text in self.constants:
                return ""
            return self.vocabulary.spelled.get(text) or _FUNCTIONS[text]
        return super().function(text, kind)

    def applies(self, text: str, kind: str) -> bool:
        if kind in ("command", "operator"):
            return self.kinds[self.position + 1] in ("{", "number", *FACTORS)
        return super().applies(text, kind)

    def written_name(self) -> NameParts | str:
        position = self.position
        kind, text = self.kinds[position], self.texts[position]
        start = self.starts[position]
        parts: NameParts
        self.position = position + 1
        verbatim = kind == "verbatim"
        if kind in ACCENTS:
            parts = self.read_accent(kind)
        elif kind in ("word", "upright", "operator"):
            parts = unicode_parts(text)
            if not parts.base:
                raise LanguageError(say("this is not a name"), start=start, found=quote_part(text))
        elif verbatim:
            parts = NameParts(text.rstrip("'"), primes=len(text) - len(text.rstrip("'")))
            if not parts.base:
                raise LanguageError(say("a name is missing"), start=start)
        else:
            self.position = position
            self.fail_here(say("a name"))
        while True:
            after = self.kinds[self.position]
            match after:
                case "'":
                    self.position += 1
                    parts = parts._replace(primes=parts.primes + 1)
                case "_" if not (parts.above and parts.below):
                    parts = parts._replace(below=parts.below + self.below())
                    verbatim = False
                case "lower":
                    digits = "".join(map(LOWER.__getitem__, self.texts[self.position]))
                    parts = parts._replace(below=(*parts.below, digits))
                    self.position += 1
                case "^" if not self.flat and self.texts[self.position] == "^":
                    more = self.raised_name(parts)
                    if more is None:
                        break
                    verbatim = verbatim and more.above == parts.above
                    parts = more
                case _:
                    break
        return parts.base + "'" * parts.primes if verbatim else parts

    def read_accent(self, accent: str) -> NameParts:
        """Return the parts of what stands under an accent."""
        if self.kinds[self.position] == "{":
            name, _ = self.inside("}", self.written_name)
        else:
            text = self.texts[self.position]
            if self.kinds[self.position] != "word" or len(text) > 1:
                self.fail(say("ambiguous: put braces around what the accent covers"))
            self.position += 1
            name = unicode_parts(text)
        if isinstance(name, str) or name.accent:
            self.fail(say("unknown accent"))
        return name._replace(accent=accent)

    def below(self) -> tuple[str, ...]:
        """Return the parts of a subscript; the position is at `_`."""
        self.position += 1
        kind, text = self.kinds[self.position], self.texts[self.position]
        match kind:
            case "{":
                return self.inside("}", lambda: self.parts_until("}"))[0]
            case "number" if len(text) > 1 or not text.isdigit():
                self.fail(say("ambiguous: a subscript of several digits needs braces"))
            case "number" | "word" | "upright":
                self.position += 1
                return (text,)
            case _ if kind in ACCENTS:
                self.position += 1
                return (self.read_accent(kind).plain(),)
        return self.fail_here(say("a subscript"))

    def parts_until(self, *closing: str) -> tuple[str, ...]:
        """Return the comma-separated parts of a subscript or superscript."""
        parts: list[str] = []
        pieces: list[str] = []
        while True:
            kind, text = self.kinds[self.position], self.texts[self.position]
            if kind in closing or kind == ",":
                if not pieces:
                    self.fail(say("a subscript is missing"))
                parts.append(" ".join(pieces))
                pieces = []
                if kind in closing:
                    return tuple(parts)
                self.position += 1
            elif kind == "{" and self.kinds[self.position + 1] == "number" and not pieces:
                if self.kinds[self.position + 2] != "}":
                    self.fail(say("this subscript cannot be read"))
                pieces.append(f"{{{self.texts[self.position + 1]}}}")
                self.position += 3
            elif kind in ("+", "-") and pieces and pieces[-1] not in "+-":
                pieces.append(kind)
                self.position += 1
            else:
                if pieces and pieces[-1] not in "+-":
                    parts.append(" ".join(pieces))
                    pieces = []
                if kind == "number":
                    if not text.isdigit():
                        self.fail(say("this subscript cannot be read"))
                    self.position += 1
                elif kind == "top":
                    self.position += 1
                else:
                    name = self.written_name()
                    text = name if isinstance(name, str) else name.plain()
                pieces.append(text)

    def raised_name(self, parts: NameParts) -> NameParts | None:
        """Return the parts with the superscript here where it belongs to the name, else None."""
        position = self.position
        kinds = self.kinds
        after = kinds[position + 1]
        if after in ("'", "+"):
            self.position = position + 2
            return parts._replace(primes=parts.primes + 1)
        if after != "{":
            return None
        inside = kinds[position + 2]
        self.position = position + 2
        more: NameParts | None = None
        if inside in ("(", "[") and not parts.above:
            self.position += 1
            depth = self.depth
            self.flat = True
            closing = ")" if inside == "(" else "]"
            try:
                more = parts._replace(above=self.parts_until(closing))
                self.position += 1
            except LanguageError:
                self.depth = depth
            self.flat = False
        elif inside in ("'", "+"):
            more = parts
        while more is not None and kinds[self.position] in ("'", "+"):
            self.position += 1
            more = more._replace(primes=more.primes + 1)
        if more is None or kinds[self.position] != "}":
            self.position = position
            return None
        self.position += 1
        return more

    def norm_subscript(self) -> str:
        if self.kinds[self.position] != "_":
            return super().norm_subscript()
        parts = self.below()
        return parts[0] if len(parts) == 1 else "_"

    # Fractions, roots, powers

    def argument(self) -> Node:
        """Return the argument of a command: what stands in braces, or one sign."""
        position = self.position
        kind, text = self.kinds[position], self.texts[position]
        start = self.starts[position]
        match kind:
            case "{":
                return self.expression_inside("}")[0]
            case "number" if not text.isdigit():
                self.fail(say("ambiguous: a number with a point needs braces here"))
            case "number":
                if len(text) == 1:
                    self.position += 1
                else:
                    # One digit is the argument, as in \frac12; the rest is the next token.
                    self.texts[position] = text[1:]
                    self.starts[position] += 1
                return Number(text[0], Fraction(int(text[0])), start, start + 1)
            case "word" if len(text) > 1:
                self.fail(say("ambiguous: several letters need braces here"))
            case "word":
                self.position += 1
                return self.name_node(self.names.resolve(unicode_parts(text)), start)
        if kind in ("frac", "√", "verbatim", "upright", "½", *ACCENTS):
            return self.within(lambda: self.prefix(kind))
        return self.fail_here(say("braces"))

    def operand(self) -> Node:
        braced = self.kinds[self.position] == "{"
        return self.expression_inside("}")[0] if braced else self.expression(POSTFIX)

    def fraction(self) -> Node:
        r"""Return `\frac{a}{b}`, or the gradient that it writes."""
        position = self.position
        start = self.starts[position]
        self.position += 1
        self.count_level()
        node: Node
        if self.is_derivative(position + 1):
            self.position = position + 3
            above = self.derivative_part()
            for kind in ("}", "{", "∂"):
                self.expect(kind, r"`\frac{\partial L}{\partial w}`")
            below = self.derivative_part()
            self.expect("}", "`}`")
            node = self.gradient(above, below, "", start)
        else:
            above_node = self.argument()
            below_node = self.argument()
            end = self.ends[self.position - 1]
            node = Call("divide", (above_node, below_node), (), start, end)
        self.depth -= 1
        return node

    def is_derivative(self, place: int) -> bool:
        r"""Say whether `∂` begins both parts of a fraction: not of `\frac{∂L/∂y}{3}`."""
        kinds, depth = self.kinds, 0
        if kinds[place : place + 2] != ["{", "∂"]:
            return False
        for at in range(place, len(kinds)):
            depth += (kinds[at] == "{") - (kinds[at] == "}")
            if not depth:
                return kinds[at + 1 : at + 3] == ["{", "∂"]
        return True

    def derivative_part(self) -> Meaning:
        kind = self.kinds[self.position]
        if kind == "{":
            self.position += 1
            part = self.derivative_part()
            self.expect("}", "`}`")
            return part
        if kind not in ("frac", "left."):
            return super().derivative_part()
        node = self.fraction() if kind == "frac" else self.numbered_derivative()
        if not isinstance(node, Name):
            self.fail(say("only a gradient can stand below `∂`"))
        return node.id

    def numbered_derivative(self) -> Node:
        r"""Return `\left.\frac{\partial L}{\partial w}\right|_{1}`."""
        start = self.advance()
        node = self.fraction() if self.kinds[self.position] == "frac" else None
        if not isinstance(node, Name):
            self.fail(say("only a gradient can be numbered"))
        self.expect("|)", r"`\right|`")
        number = self.below() if self.kinds[self.position] == "_" else ()
        if len(number) != 1 or not number[0].isdigit() or "#" in node.id:
            self.fail(say("the number of the term is missing"))
        return Name(f"{node.id}#{number[0]}", start, self.ends[self.position - 1])

    def root(self) -> Node:
        if self.kinds[self.position + 1] == "[":
            self.fail(say("only square roots are supported"))
        if self.texts[self.position] == "√":
            return super().root()
        start = self.advance()
        operand = self.bracket() if self.kinds[self.position] == "(" else self.argument()
        root = self.vocabulary.with_form("root", "sqrt")
        return Call(root, (operand,), (), start, self.ends[self.position - 1])

    def power(self, left: Node) -> Node:
        self.check_unambiguous()
        euler = self.is_euler(left, self.position)
        self.position += 1
        kinds, texts = self.kinds, self.texts
        position = self.position
        kind = kinds[position]
        if texts[position - 1] == "**":
            self.position = position - 1
            return PrattParser.power(self, left)
        braces = kind == "{"
        inner = position + 1 if braces else position
        top = kinds[inner] == "top" or (kinds[inner] == "word" and texts[inner] == "T")
        if top and (not braces or kinds[position + 2] == "}"):
            self.position = position + (3 if braces else 1)
            end = self.ends[self.position - 1]
            return Call("transpose_last", (left,), (), left.start, end)
        if kind == "{" and kinds[position + 1] == "{" and kinds[position + 2] == "}":
            # An empty group says that what follows is an exponent and no superscript of a name.
            self.position = position + 3
            exponent = self.deeper_expression(0)
            self.close("}", self.starts[position])
        else:
            if kind == "number" and len(texts[position]) > 1:
                self.fail(say("ambiguous: an exponent of several digits needs braces"))
            exponent = self.argument()
        end = self.ends[self.position - 1]
        if kinds[self.position] in ("^", "raised"):
            self.fail_ambiguous(say("a power of a power needs brackets"))
        if euler:
            return Call("exp", (exponent,), (), left.start, end)
        return self.raised(left, exponent, position - 1, end)

    # Matrices

    def subscripts(self) -> tuple[int, ...]:
        if self.kinds[self.position] == "lower":
            return super().subscripts()
        indices = entry_indices(self.below())
        if not indices:
            self.position -= 1
            self.fail(say("these subscripts do not name an entry"), expected=say("numbers from 1"))
        return indices

    def array(self) -> Node:
        after = self.position + 1
        if self.kinds[after] != "begin{" or self.texts[after] != "matrix":
            return super().array()
        start = self.advance()
        rows = self.matrix().children()
        end = self.close("]", start)
        return Array(rows[0].children() if len(rows) == 1 else rows, start, end)

    def matrix(self) -> Node:
        r"""Return the rows between `\begin{bmatrix}` and `\end{bmatrix}`."""
        environment = self.texts[self.position]
        if environment not in _MATRICES:
            self.fail(say("unknown environment"), expected="`bmatrix`")
        start = self.enter()
        rows: list[Node] = []
        while not rows or self.kinds[self.position] != "end{":
            cells = [self.expression(0)]
            while self.kinds[self.position] == "&":
                self.position += 1
                cells.append(self.expression(0))
            rows.append(self.row_of(cells, start))
            if self.kinds[self.position] == r"\\":
                self.position += 1
            elif self.kinds[self.position] != "end{":
                self.fail_here(say("`&` or `\\\\`"))
        if self.texts[self.position] != environment:
            self.fail(say("this environment ends another one"), expected=f"`{environment}`")
        self.position += 1
        self.depth -= 1
        return self.matrix_of(rows, start, self.ends[self.position - 1])
