r"""The parsers for Unicode and LaTeX: what may stand there besides what ASCII has.

Both read more than the printer writes, as people write it; what can be read in two ways is an
error that begins with `ambiguous`. A thin space, `\,`, between two operands is the matrix product
(the product after a number), because that is how the printer writes it; any other space is the
product.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from fractions import Fraction
from typing import Final, NoReturn

from tracer.errors import LanguageError
from tracer.expression.lexer import (
    FRACTIONS,
    RAISED,
    Tokens,
    shown,
    tokenize_latex,
    tokenize_unicode,
)
from tracer.expression.look import Vocabulary
from tracer.expression.names import (
    ACCENTS,
    LOWER,
    WORDS,
    Entry,
    Notation,
    Parts,
    entry_indices,
    unicode_parts,
)
from tracer.expression.parser import (
    BINDING,
    OPERANDS,
    POSTFIX,
    POWER,
    PRODUCT,
    Parser,
)
from tracer.expression.syntax import Array, Call, Name, Node, Number

__all__ = ["LatexParser", "UnicodeParser", "read_parts"]

_PLAIN: Final = Notation()

_UNICODE_BINDING: Final = {**BINDING, "raised": POWER, "ⁿ": POWER, "lower": POSTFIX}
_FACTORS: Final = {
    kind: PRODUCT for kind in OPERANDS if kind not in ("name", "number", "[", "begin{")
}
_UNICODE_PRODUCTS: Final = {**_UNICODE_BINDING, **_FACTORS}
_LATEX_BINDING: Final = {**_UNICODE_PRODUCTS, "_": POSTFIX, "thin": PRODUCT, "{": PRODUCT}

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
_NAMED: Final = frozenset(("verbatim", "upright", "operator", "command", *ACCENTS))
_MATRICES: Final = ("bmatrix", "pmatrix", "matrix", "smallmatrix")
_PART = re.compile(r"[\w +\-]+")


class UnicodeParser(Parser):
    """Reads Unicode. Without `products`, two operands side by side are an error."""

    __slots__ = ("doubt", "doubted", "ends", "names", "products", "words")

    # After these a word is no function's name and no further part of a name follows.
    plain_after: frozenset[str] = frozenset(
        ("end", *"+-*/@^)],:=|}", ".T", "raised", "|)", "thin", "&", r"\\", "end{")
    )

    def __init__(
        self,
        text: str,
        vocabulary: Vocabulary,
        derivatives: Collection[str] = (),
        families: Collection[str] = (),
        names: Notation | None = None,
        *,
        products: bool = True,
    ) -> None:
        self.ends: list[int] = []
        super().__init__(text, vocabulary, derivatives, families)
        self.names = _PLAIN if names is None else names
        self.products = products
        self.words = self.names.words_read["unicode"]
        self.binding = _UNICODE_PRODUCTS if products else _UNICODE_BINDING
        # What ended at this token must not be followed by a factor: it could belong inside.
        self.doubted = -1
        self.doubt = ""

    def tokens(self, text: str) -> Tokens:
        return tokenize_unicode(text)

    # Names

    def prefix(self, kind: str) -> Node:
        if kind == "word":
            text = self.texts[self.position]
            after = self.kinds[self.position + 1]
            if after in self.plain_after and (text[0] != "d" or after != "/"):
                known = self.words.get(text)
                if known is not None and text not in self.constants:
                    start = self.starts[self.position]
                    end = self.end_of(self.position)
                    self.position += 1
                    return Name(known, start, end)
            return self.word()
        if kind in _NAMED:
            return self.word()
        start = self.starts[self.position]
        if kind == "½":
            over = FRACTIONS[self.texts[self.position]]
            self.position += 1
            return _fraction(over[0], over[1], start, start + 1)
        if kind == "√":
            return self.root()
        if kind == "∂":
            return self.derivative()
        if kind == "{":
            return self.group()
        if kind in ("|", "|("):
            self.position += 1
            self.deeper()
            inside = self.expression(0)
            self.depth -= 1
            end = self.close("|" if kind == "|" else "|)", start)
            return Call(self.vocabulary.with_form("bars", "abs"), (inside,), (), start, end)
        return super().prefix(kind)

    def word(self) -> Node:
        """Return what begins with a name: a call, a constant, an entry or the name."""
        position = self.position
        start = self.starts[position]
        text = self.texts[position]
        kind = self.kinds[position]
        if text[0] == "d" and kind == "word":
            if self.lengths:
                self.position = position + 1
                end = self.derivative_end(start)
                if end:
                    return Name(self.text[start:end], start, end)
                self.position = position
            node = self.total_derivative(start)
            if node is not None:
                return node
        if kind != "verbatim" or self.kinds[position + 1] == "(":
            function = self.function(text, kind)
            if function:
                if self.kinds[position + 1] == "(":
                    self.position = position + 1
                    return self.call(function, start)
                if self.applies(text, kind):
                    return self.application(function, start)
        if text in self.constants and kind != "verbatim" and not self.names.knows(text):
            self.position = position + 1
            return Call(self.constants[text], (), (), start, self.end_of(position))
        return self.name_node(self.meaning(), start)

    def name_node(self, meaning: str | Entry, start: int) -> Node:
        """Return the node of what a written name means, up to the token here."""
        end = self.end_of(self.position - 1)
        if isinstance(meaning, str):
            return Name(meaning, start, end)
        return self.entry(Name(meaning.base, start, end), meaning.indices, start, end)

    def meaning(self) -> str | Entry:
        """Return what the written name here means, and go past it."""
        position = self.position
        written = self.written_name()
        if isinstance(written, str):
            return written
        if self.position != position + 1 or self.kinds[position] != "word":
            return self.names.resolve(written)
        text = self.texts[position]
        meaning = self.plain_word(text, written) if text.isascii() else self.names.resolve(written)
        if isinstance(meaning, str) and len(self.words) < 10_000:
            self.words[text] = meaning
        return meaning

    def plain_word(self, text: str, written: Parts) -> str | Entry:
        """Return what an ASCII word means."""
        return self.names.resolve_word(text)

    def written_name(self) -> Parts | str:
        """Return the parts of the name here, or the name itself where it is shown verbatim."""
        position = self.position
        kind, text = self.kinds[position], self.texts[position]
        if kind not in ("word", "verbatim"):
            self.fail(f"{self.describe()} cannot stand here", expected="a name")
        self.position = position + 1
        if kind == "verbatim":
            if len(text) < 3:
                raise LanguageError("a name is missing", start=self.starts[position])
            return text[1:-1]
        below: tuple[str, ...] = ()
        above: tuple[str, ...] = ()
        primes = 0
        while self.starts[self.position] == self.end_of(self.position - 1):
            after, group = self.kinds[self.position], self.texts[self.position]
            if after == "lower" and group[0] == "_" and not below and not above:
                below = self.parts_in(group[2:-1])
            elif after == "above" and not above:
                above = self.parts_in(group[1:-1] if group[0] == "⁽" else group[3:-2])
            elif after == "'":
                primes += 1
            else:
                break
            self.position += 1
        parts = unicode_parts(text, below, above)
        if not parts.base or not all(part for part in parts.below):
            raise LanguageError("this is no name", start=self.starts[position], found=shown(text))
        while self.kinds[self.position] == "'":
            self.position += 1
            primes += 1
        return parts._replace(primes=parts.primes + primes) if primes else parts

    def parts_in(self, group: str) -> tuple[str, ...]:
        """Return the parts of a subscript or superscript in braces."""
        parts = []
        for part in group.translate(_FROM_RAISED).split(","):
            part = part.strip()
            if part.startswith("{") and part.endswith("}") and part[1:-1].isdigit():
                parts.append(part)
                continue
            if not _PART.fullmatch(part):
                self.fail("this subscript is no name or number")
            part = " ".join(re.sub(r"([+\-])", r" \1 ", part).split())
            parts.append(WORDS.get(part, part))
        return tuple(parts)

    def group(self) -> Node:
        """Return the expression in braces."""
        start = self.starts[self.position]
        self.deeper()
        self.position += 1
        node = self.expression(0)
        self.depth -= 1
        self.close("}", start)
        return node

    # Calls

    def function(self, text: str, kind: str) -> str:
        """Return the operation that a word before a bracket calls; '' where it is a factor."""
        known = self.vocabulary.spelled.get(text)
        if known is not None and text not in self.constants:
            return known
        if kind == "operator":
            return text
        if kind == "verbatim":
            return text[1:-1] if text[0] == "‹" else text
        if self.kinds[self.position + 1] != "(":
            return ""
        if not self.products:
            return text if text[-1] not in "'′" else ""
        if not (text.isascii() and text.isidentifier()):
            return ""
        meaning = self.names.resolve_word(text)
        if isinstance(meaning, Entry) or self.names.knows(meaning):
            return ""
        return "" if len(text) == 1 and self.vocabulary.looks else text

    def applies(self, text: str, kind: str) -> bool:
        """Say whether a function is applied here without brackets: `ln x`, `\\tanh z`."""
        after = self.kinds[self.position + 1]
        return (
            self.products
            and text in self.vocabulary.spelled
            and (after == "number" or (after in _FACTORS and after != "(") or after == "{")
            and not self.names.knows(text)
            and len(text) > 1
        )

    def application(self, function: str, start: int) -> Node:
        """Return a function of the one operand after it."""
        self.position += 1
        self.deeper()
        operand = self.operand()
        self.depth -= 1
        self.doubted = self.position
        self.doubt = "it is not clear where what the function is applied to ends"
        return Call(function, (operand,), (), start, self.end_of(self.position - 1))

    def operand(self) -> Node:
        """Return one operand without anything after it."""
        return self.expression(POSTFIX)

    def root(self) -> Node:
        """Return a square root."""
        start = self.starts[self.position]
        self.position += 1
        bracketed = self.kinds[self.position] in ("(", "{")
        self.deeper()
        operand = self.operand()
        self.depth -= 1
        if not bracketed:
            self.doubted = self.position
            self.doubt = "it is not clear where the root ends"
        root = self.vocabulary.with_form("root", "sqrt")
        return Call(root, (operand,), (), start, self.end_of(self.position - 1))

    def keyword(self) -> str:
        position = self.position
        kinds = self.kinds
        if kinds[position] not in ("word", "upright", "verbatim"):
            return ""
        if kinds[position + 1] == "=":
            after = position + 2
        elif kinds[position + 1 : position + 4] == ["{", "=", "}"]:
            after = position + 4
        else:
            return ""
        word = self.texts[position]
        if not (word.isascii() and word.isidentifier()):
            self.fail("the name of an argument has only ASCII letters, digits and `_`")
        self.position = after
        return word

    # Gradients

    def derivative(self) -> Node:
        """Return `∂L/∂w`."""
        start = self.starts[self.position]
        self.position += 1
        above = self.derived()
        self.expect("/", "`/∂`")
        self.expect("∂", "`∂`")
        below = self.derived()
        number = ""
        if self.kinds[self.position] == "term":
            number = "".join(map(LOWER.__getitem__, self.texts[self.position][1:]))
            self.position += 1
        return self.gradient(above, below, number, start)

    def derived(self) -> str | Entry:
        """Return what is derived or derived by: a name, an entry, a gradient in brackets."""
        if self.kinds[self.position] != "(":
            return self.meaning()
        opening = self.starts[self.position]
        self.position += 1
        self.deeper()
        inner: str | Entry
        if self.kinds[self.position] == "∂":
            node = self.derivative()
            if not isinstance(node, Name):
                self.fail("a gradient by an entry of a gradient has no name")
            inner = node.id
        else:
            inner = self.meaning()
        self.depth -= 1
        self.close(")", opening)
        if self.kinds[self.position] in ("lower", "_") and isinstance(inner, str):
            inner = Entry(inner, self.subscripts())
        return inner

    def gradient(self, above: str | Entry, below: str | Entry, number: str, start: int) -> Node:
        """Return the name of a gradient, or its entry."""
        end = self.end_of(self.position - 1)
        if isinstance(above, Entry):
            raise LanguageError(
                "the gradient of an entry has no name", start=start, expected="a name after `∂`"
            )
        name = below if isinstance(below, str) else below.base
        inner = f"({name})" if "/" in name else name
        node = Name(f"d{above}/d{inner}" + (f"#{number}" if number else ""), start, end)
        return node if isinstance(below, str) else self.entry(node, below.indices, start, end)

    def total_derivative(self, start: int) -> Node | None:
        """Return the gradient that `dL/dw` means where both are names in use, else None."""
        position = self.position
        kinds, texts = self.kinds, self.texts
        if kinds[position + 1] != "/" or kinds[position + 2] != "word":
            return None
        if texts[position + 2][0] != "d" or not self.names.taken:
            return None
        if self.starts[position + 2] != self.end_of(position) + 1:
            return None
        above, below = self.after_d(texts[position]), self.after_d(texts[position + 2])
        if above is None or below is None or isinstance(above, Entry):
            return None
        self.position = position + 3
        return self.gradient(above, below, "", start)

    def after_d(self, text: str) -> str | Entry | None:
        """Return the name in use that a word beginning with `d` differentiates."""
        if len(text) < 2 or self.names.knows(text):
            return None
        meant = self.names.resolve_word(text[1:]) if text.isascii() else None
        if meant is None:
            meant = self.names.resolve(unicode_parts(text[1:]))
        base = meant if isinstance(meant, str) else meant.base
        return meant if self.names.knows(base) else None

    # What follows an operand

    def power(self, left: Node) -> Node:
        self.undoubted()
        if self.is_euler(left):
            self.position += 1
            self.deeper()
            exponent = self.expression(30)
            self.depth -= 1
            return Call("exp", (exponent,), (), left.start, exponent.end)
        after = self.position + 1
        if self.products and self.texts[self.position] == "^":
            if self.kinds[after] == "word" and self.texts[after] in ("T", "⊤"):
                self.position += 2
                return Call("transpose_last", (left,), (), left.start, self.end_of(after))
        node = super().power(left)
        if self.kinds[self.position - 1] not in (")", "}", "]"):
            if self.starts[self.position] == self.end_of(self.position - 1):
                self.doubted = self.position
                self.doubt = "it is not clear where the exponent ends"
        return node

    def is_euler(self, left: Node) -> bool:
        """Say whether the base of a power is the number e."""
        return (
            self.texts[self.position - 1] == "e"
            and type(left) is Name
            and left.id == "e"
            and self.products
            and not self.names.knows("e")
        )

    def follow(self, kind: str, left: Node) -> Node:
        position = self.position
        if kind in ("raised", "ⁿ"):
            self.undoubted()
            return self.raised(left)
        if kind in ("lower", "_"):
            if self.kinds[position - 1] not in (")", "|", "|)"):
                self.fail("a subscript cannot stand here", expected="a name or a bracket before it")
            indices = self.subscripts()
            return self.entry(left, indices, left.start, self.end_of(self.position - 1))
        if self.divided == position:
            self.fail_ambiguous("it is not clear whether what follows is below the division line")
        thin = kind == "thin"
        number = self.after_number()
        if thin:
            self.position += 1
            kind = self.kinds[position + 1]
        if number and kind in ("½", "frac") and not thin:
            self.fail_ambiguous("a number before a fraction may be a sum or a product")
        self.undoubted()
        right = self.expression(PRODUCT)
        operation = "matmul" if thin and not number else "multiply"
        return Call(operation, (left, right), (), left.start, right.end)

    def raised(self, left: Node) -> Node:
        """Return a power with superscript digits."""
        position = self.position
        start, end = self.starts[position], self.end_of(position)
        text = self.texts[position]
        self.position += 1
        if self.kinds[self.position] in ("raised", "^", "ⁿ"):
            self.fail_ambiguous("a power of a power needs brackets")
        digits = "".join(RAISED.get(sign, "") for sign in text)
        exponent: Node
        if text == "ⁿ":
            exponent = Name("n", start, end)
        else:
            exponent = Number(digits, Fraction(int(digits)), start, end)
            if len(digits) > 3:
                raise LanguageError("the exponent is too large", start=start, found=shown(text))
            if text[0] == "⁻":
                exponent = Call("negative", (exponent,), (), start, end)
            elif text[0] == "⁺":
                raise LanguageError("unknown exponent", start=start, found=shown(text))
        if self.is_before_euler(left, position):
            return Call("exp", (exponent,), (), left.start, end)
        return Call("power", (left, exponent), (), left.start, end)

    def is_before_euler(self, left: Node, position: int) -> bool:
        """Say whether the base of a power in superscript digits is the number e."""
        self.position = position
        euler = self.is_euler(left)
        self.position = position + 1
        return euler

    def entry(self, base: Node, indices: tuple[int, ...], start: int, end: int) -> Node:
        """Return an entry of an array, or the family's member that it is known to be."""
        items = [Number(str(index), Fraction(index), start, end) for index in indices]
        if self.families and isinstance(base, Name):
            member = self.member(base.id, [*items])
            if member in self.families:
                return Name(member, start, end)
        return Call("index", (base, *items), (), start, end)

    def subscripts(self) -> tuple[int, ...]:
        """Return the indices from 0 that the subscript here means, and go past it."""
        text = self.texts[self.position]
        if text[0] == "_":
            parts = self.parts_in(text[2:-1])
        else:
            parts = ("".join(map(LOWER.__getitem__, text)),)
        indices = entry_indices(parts)
        if not indices:
            self.fail("these subscripts are no entry", expected="numbers from 1")
        self.position += 1
        return indices

    def index(self, base: Node) -> Node:
        if self.after_number():
            self.fail_ambiguous("square brackets after a number may be a factor or an index")
        return super().index(base)

    def after_number(self) -> bool:
        """Say whether a number stands before the token here, and is no subscript."""
        before = self.position - 1
        return self.kinds[before] == "number" and (before == 0 or self.kinds[before - 1] != "_")

    # Errors

    def undoubted(self) -> None:
        """Check that what ended here cannot go on."""
        if self.doubted == self.position:
            self.fail_ambiguous(self.doubt)

    def fail_ambiguous(self, why: str) -> NoReturn:
        """Raise the error for what can be read in two ways."""
        self.fail(f"ambiguous: {why}", expected="brackets or a sign of multiplication")

    def shift(self, by: int, text: str) -> None:
        super().shift(by, text)
        self.ends = [end + by for end in self.ends]


_FROM_RAISED: Final = str.maketrans(RAISED)


class LatexParser(UnicodeParser):
    """Reads LaTeX, as it stands between dollar signs."""

    __slots__ = ("flat",)

    plain_after = UnicodeParser.plain_after - {"^"}

    def __init__(
        self,
        text: str,
        vocabulary: Vocabulary,
        derivatives: Collection[str] = (),
        families: Collection[str] = (),
        names: Notation | None = None,
    ) -> None:
        super().__init__(text, vocabulary, derivatives, families, names)
        self.binding = _LATEX_BINDING
        self.words = self.names.words_read["latex"]
        self.flat = False  # inside a superscript of a name, where there are no others

    def tokens(self, text: str) -> Tokens:
        tokens, self.ends = tokenize_latex(text)
        return tokens

    def end_of(self, position: int) -> int:
        return self.ends[position]

    def plain_word(self, text: str, written: Parts) -> str | Entry:
        return self.names.resolve(written)

    def prefix(self, kind: str) -> Node:
        if kind == "frac":
            return self.fraction()
        if kind == "begin{":
            return self.matrix()
        if kind == "left.":
            return self.numbered_derivative()
        return super().prefix(kind)

    # Names

    def word(self) -> Node:
        position = self.position
        kind, text = self.kinds[position], self.texts[position]
        if kind == "command":
            name = text[1:]
            if name not in self.vocabulary.spelled and name not in _FUNCTIONS:
                raise LanguageError(
                    "unknown command", start=self.starts[position], found=shown(text)
                )
            self.texts[position] = name
            if self.kinds[position + 1] not in ("(", "{", "number", *_FACTORS) and (
                name not in self.constants
            ):
                self.position += 1
                self.fail(f"{shown(text)} needs an argument", expected="a bracket")
        return super().word()

    def function(self, text: str, kind: str) -> str:
        if kind == "command":
            if text in self.constants:
                return ""
            return self.vocabulary.spelled.get(text) or _FUNCTIONS[text]
        return super().function(text, kind)

    def applies(self, text: str, kind: str) -> bool:
        if kind in ("command", "operator"):
            return self.kinds[self.position + 1] in ("{", "number", *_FACTORS)
        return super().applies(text, kind)

    def written_name(self) -> Parts | str:
        position = self.position
        kind, text = self.kinds[position], self.texts[position]
        start = self.starts[position]
        parts: Parts
        self.position = position + 1
        verbatim = kind == "verbatim"
        if kind in ACCENTS:
            parts = self.accented(kind)
        elif kind in ("word", "upright", "operator"):
            parts = unicode_parts(text)
            if not parts.base:
                raise LanguageError("this is no name", start=start, found=shown(text))
        elif verbatim:
            parts = Parts(text.rstrip("'"), primes=len(text) - len(text.rstrip("'")))
            if not parts.base:
                raise LanguageError("a name is missing", start=start)
        else:
            self.position = position
            self.fail(f"{self.describe()} cannot stand here", expected="a name")
        while True:
            self.steps += 1
            after = self.kinds[self.position]
            if after == "'":
                self.position += 1
                parts = parts._replace(primes=parts.primes + 1)
            elif after == "_":
                if parts.above:
                    break
                parts = parts._replace(below=parts.below + self.below())
                verbatim = False
            elif after == "lower":
                digits = "".join(map(LOWER.__getitem__, self.texts[self.position]))
                parts = parts._replace(below=(*parts.below, digits))
                self.position += 1
            elif after == "^" and not self.flat and self.texts[self.position] == "^":
                more = self.raised_name(parts)
                if more is None:
                    break
                verbatim = verbatim and more.above == parts.above
                parts = more
            else:
                break
        return parts.base + "'" * parts.primes if verbatim else parts

    def accented(self, accent: str) -> Parts:
        """Return the parts of what stands under an accent."""
        if self.kinds[self.position] == "{":
            opening = self.starts[self.position]
            self.position += 1
            self.deeper()
            written = self.written_name()
            self.depth -= 1
            self.close("}", opening)
        else:
            text = self.texts[self.position]
            if self.kinds[self.position] != "word" or len(text) > 1:
                self.fail("ambiguous: what the accent stands on needs braces")
            self.position += 1
            written = unicode_parts(text)
        if isinstance(written, str) or written.accent:
            self.fail("unknown accent")
        return written._replace(accent=accent)

    def below(self) -> tuple[str, ...]:
        """Return the parts of a subscript; the position is at `_`."""
        self.position += 1
        kind, text = self.kinds[self.position], self.texts[self.position]
        if kind == "{":
            opening = self.starts[self.position]
            self.position += 1
            self.deeper()
            parts = self.parts_until("}")
            self.depth -= 1
            self.close("}", opening)
            return parts
        if kind == "number":
            if len(text) > 1 or not text.isdigit():
                self.fail("ambiguous: a subscript of several digits needs braces")
            self.position += 1
            return (text,)
        if kind in ("word", "upright"):
            self.position += 1
            return (text,)
        return self.fail(f"{self.describe()} cannot stand here", expected="a subscript")

    def parts_until(self, *closing: str) -> tuple[str, ...]:
        """Return the comma-separated parts of a subscript or superscript."""
        parts: list[str] = []
        pieces: list[str] = []
        while True:
            self.steps += 1
            kind, text = self.kinds[self.position], self.texts[self.position]
            if kind in closing or kind == ",":
                if not pieces:
                    self.fail("a subscript is missing")
                parts.append(" ".join(pieces))
                pieces = []
                if kind in closing:
                    return tuple(parts)
                self.position += 1
            elif kind == "{" and self.kinds[self.position + 1] == "number" and not pieces:
                if self.kinds[self.position + 2] != "}":
                    self.fail("this subscript cannot be read")
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
                        self.fail("this subscript cannot be read")
                    self.position += 1
                elif kind == "top":
                    self.position += 1
                else:
                    written = self.written_name()
                    text = written if isinstance(written, str) else written.plain()
                pieces.append(text)

    def raised_name(self, parts: Parts) -> Parts | None:
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
        more: Parts | None = None
        if inside == "+" and kinds[position + 3] == "}":
            self.position = position + 4
            return parts._replace(primes=parts.primes + 1)
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
                more = None
            self.flat = False
        elif inside == "'":
            more = parts
        while more is not None and kinds[self.position] == "'":
            self.position += 1
            more = more._replace(primes=more.primes + 1)
        if more is None or kinds[self.position] != "}":
            self.position = position
            return None
        self.position += 1
        return more

    # Fractions, roots, powers

    def argument(self) -> Node:
        """Return the argument of a command: what stands in braces, or one sign."""
        position = self.position
        kind, text = self.kinds[position], self.texts[position]
        if kind == "{":
            return self.group()
        start = self.starts[position]
        if kind == "number":
            if not text[0].isdigit() or not (len(text) == 1 or text.isdigit()):
                self.fail("ambiguous: a number with a point needs braces here")
            if len(text) == 1:
                self.position += 1
            else:
                # One digit is the argument, as in \frac12; the rest is the next token.
                self.texts[position] = text[1:]
                self.starts[position] += 1
            return Number(text[0], Fraction(int(text[0])), start, start + 1)
        if kind == "word":
            if len(text) > 1:
                self.fail("ambiguous: several letters need braces here")
            self.position += 1
            meaning = self.names.resolve(unicode_parts(text))
            return self.name_node(meaning, start)
        if kind in ("frac", "√", "verbatim", "upright", "½", *ACCENTS):
            self.deeper()
            node = self.prefix(kind)
            self.depth -= 1
            return node
        return self.fail(f"{self.describe()} cannot stand here", expected="braces")

    def operand(self) -> Node:
        return self.group() if self.kinds[self.position] == "{" else self.expression(POSTFIX)

    def fraction(self) -> Node:
        r"""Return `\frac{a}{b}`, or the gradient that it writes."""
        position = self.position
        start = self.starts[position]
        kinds = self.kinds
        self.position += 1
        self.deeper()
        node: Node
        if kinds[position + 1] == "{" and kinds[position + 2] == "∂":
            self.position = position + 3
            above = self.derived()
            for kind in ("}", "{", "∂"):
                self.expect(kind, r"`\frac{\partial L}{\partial w}`")
            below = self.derived()
            self.expect("}", "`}`")
            node = self.gradient(above, below, "", start)
        else:
            total = self.total_fraction(start)
            if total is not None:
                node = total
            else:
                above_node = self.argument()
                below_node = self.argument()
                end = self.end_of(self.position - 1)
                node = Call("divide", (above_node, below_node), (), start, end)
        self.depth -= 1
        return node

    def derived(self) -> str | Entry:
        if self.kinds[self.position] == "frac":
            node = self.fraction()
            if not isinstance(node, Name):
                self.fail("only a gradient can stand below `∂`")
            return node.id
        if self.kinds[self.position] == "left.":
            node = self.numbered_derivative()
            assert isinstance(node, Name)
            return node.id
        return super().derived()

    def total_fraction(self, start: int) -> Node | None:
        r"""Return the gradient that `\frac{dL}{dw}` means where both are names in use."""
        position = self.position
        texts = self.texts
        shape = self.kinds[position : position + 6]
        if shape != ["{", "word", "}", "{", "word", "}"] or not self.names.taken:
            return None
        above, below = texts[position + 1], texts[position + 4]
        if above[0] != "d" or below[0] != "d":
            return None
        one, other = self.after_d(above), self.after_d(below)
        if one is None or other is None or isinstance(one, Entry):
            return None
        self.position = position + 6
        return self.gradient(one, other, "", start)

    def numbered_derivative(self) -> Node:
        r"""Return `\left.\frac{\partial L}{\partial w}\right|_{1}`."""
        start = self.starts[self.position]
        self.position += 1
        node = self.fraction() if self.kinds[self.position] == "frac" else None
        if not isinstance(node, Name):
            self.fail("only a gradient can be numbered")
        self.expect("|)", r"`\right|`")
        if self.kinds[self.position] != "_":
            self.fail("the number of the term is missing")
        number = self.below()
        if len(number) != 1 or not number[0].isdigit() or "#" in node.id:
            self.fail("the number of the term is missing")
        return Name(f"{node.id}#{number[0]}", start, self.end_of(self.position - 1))

    def root(self) -> Node:
        if self.kinds[self.position + 1] == "[":
            self.fail("only square roots are read")
        if self.texts[self.position] == "√":
            return super().root()
        start = self.starts[self.position]
        self.position += 1
        operand = self.bracket() if self.kinds[self.position] == "(" else self.argument()
        root = self.vocabulary.with_form("root", "sqrt")
        return Call(root, (operand,), (), start, self.end_of(self.position - 1))

    def power(self, left: Node) -> Node:
        self.undoubted()
        euler = self.is_euler(left)
        self.position += 1
        kinds, texts = self.kinds, self.texts
        position = self.position
        kind = kinds[position]
        if texts[position - 1] == "**":
            self.position = position - 1
            return Parser.power(self, left)
        inner = position + 1 if kind == "{" else position
        if kinds[inner] == "top" or (kinds[inner] == "word" and texts[inner] == "T"):
            if kind != "{" or kinds[position + 2] == "}":
                self.position = position + (3 if kind == "{" else 1)
                end = self.end_of(self.position - 1)
                return Call("transpose_last", (left,), (), left.start, end)
        if kind == "{" and kinds[position + 1] == "{" and kinds[position + 2] == "}":
            # An empty group says that what follows is an exponent and no superscript of a name.
            self.position = position + 3
            self.deeper()
            exponent = self.expression(0)
            self.depth -= 1
            self.close("}", self.starts[position])
        else:
            if kind == "number" and len(texts[position]) > 1:
                self.fail("ambiguous: an exponent of several digits needs braces")
            exponent = self.argument()
        end = self.end_of(self.position - 1)
        if kinds[self.position] in ("^", "raised"):
            self.fail_ambiguous("a power of a power needs brackets")
        if euler:
            return Call("exp", (exponent,), (), left.start, end)
        return Call("power", (left, exponent), (), left.start, end)

    # Matrices

    def subscripts(self) -> tuple[int, ...]:
        if self.kinds[self.position] == "lower":
            return super().subscripts()
        indices = entry_indices(self.below())
        if not indices:
            self.position -= 1
            self.fail("these subscripts are no entry", expected="numbers from 1")
        return indices

    def array(self) -> Node:
        if self.kinds[self.position + 1] != "begin{":
            return super().array()
        start = self.starts[self.position]
        if self.texts[self.position + 1] != "matrix":
            return super().array()
        self.position += 1
        inner = self.matrix()
        end = self.close("]", start)
        assert isinstance(inner, Array)
        if len(inner.items) == 1:
            row = inner.items[0]
            assert isinstance(row, Array)
            return Array(row.items, start, end)
        return Array(inner.items, start, end)

    def matrix(self) -> Node:
        r"""Return the rows between `\begin{bmatrix}` and `\end{bmatrix}`."""
        start = self.starts[self.position]
        environment = self.texts[self.position]
        if environment not in _MATRICES:
            self.fail("unknown environment", expected="`bmatrix`")
        self.deeper()
        self.position += 1
        rows: list[Node] = []
        cells: list[Node] = []
        while True:
            cells.append(self.expression(0))
            kind = self.kinds[self.position]
            if kind == "&":
                self.position += 1
                continue
            if kind not in (r"\\", "end{"):
                self.fail(f"{self.describe()} cannot stand here", expected=r"`&` or `\\`")
            self.check_matrix(cells, start)
            rows.append(Array(tuple(cells), cells[0].start, cells[-1].end))
            cells = []
            if kind == r"\\":
                self.position += 1
                if self.kinds[self.position] != "end{":
                    continue
            if self.texts[self.position] != environment:
                self.fail("this environment ends another one", expected=f"`{environment}`")
            break
        self.position += 1
        self.depth -= 1
        self.check_matrix(rows, start)
        if len({len(row.children()) for row in rows}) > 1:
            raise LanguageError("the rows of the matrix differ in length", start=start)
        return Array(tuple(rows), start, self.end_of(self.position - 1))


def read_parts(text: str, dialect: str) -> Parts | None:
    """Return the parts of a text that is one name, None where it is more."""
    from tracer.expression.lexer import fold

    kind = LatexParser if dialect == "latex" else UnicodeParser
    parser = kind(fold(text), Vocabulary())
    written = parser.written_name()
    if parser.kinds[parser.position] != "end":
        return None
    return written if isinstance(written, Parts) else None


def _fraction(above: str, below: str, start: int, end: int) -> Node:
    """Return the fraction of two digits."""
    numbers = tuple(Number(text, Fraction(int(text)), start, end) for text in (above, below))
    return Call("divide", numbers, (), start, end)
