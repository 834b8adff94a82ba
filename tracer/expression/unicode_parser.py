"""The parser for Unicode and ASCII: names, calls, gradients, products without a sign.

It reads more than the printer writes, as people write it; what can be read in two ways is an error
that begins with `ambiguous`.
"""

# ruff: noqa: D102 - an override is described where it is first defined, in `PrattParser`

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from fractions import Fraction
from typing import ClassVar, Final, NoReturn

from tracer.errors import LanguageError
from tracer.expression.lexer import FRACTIONS, HUNDREDTHS, RAISED, quote_part, tokenize_unicode
from tracer.expression.names import (
    ACCENTS,
    LOWER,
    WORDS,
    EntryName,
    Meaning,
    NameParts,
    NameTable,
    Vocabulary,
    entry_indices,
    letters_and_digits,
    unicode_parts,
)
from tracer.expression.pratt_parser import (
    BINDING,
    OPERANDS,
    POSTFIX,
    POWER,
    PRODUCT,
    SIGN,
    PrattParser,
)
from tracer.expression.syntax import Call, Name, Node, Number
from tracer.lazy_regex import lazy_regex
from tracer.sentences import Text, say

_PLAIN: Final = NameTable()

_UNICODE_BINDING: Final = {**BINDING, "raised": POWER, "ⁿ": POWER, "lower": POSTFIX}
FACTORS: Final = {kind: PRODUCT for kind in OPERANDS if kind not in ("number", "[", "begin{")}
UNICODE_PRODUCTS: Final = {**_UNICODE_BINDING, **FACTORS, "%": POSTFIX}
NORMS: Final = {"": "length", "2": "length", "1": "norm_1", "F": "norm"}
"""The functions that double bars mean, by their subscript."""
_HALF_BRACKETS: Final = {"⌊": ("⌋", "floor"), "⌈": ("⌉", "ceil")}
_PART = lazy_regex(r"[\w +\-]+")
_ON_LINE: Final = str.maketrans({**RAISED, **LOWER})


class UnicodeParser(PrattParser):
    """Reads Unicode and ASCII. Without `products`, two operands side by side are an error."""

    __slots__ = ("doubt", "doubted", "names", "products", "words")

    tokenize = staticmethod(tokenize_unicode)
    beginnings: ClassVar[Mapping[str, str]] = {
        **PrattParser.beginnings,
        **dict.fromkeys(("verbatim", "upright", "operator", "command", *ACCENTS), "word"),
        **dict.fromkeys(("‖", "‖("), "norm"),
        "√": "root",
        "∂": "derivative",
    }
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
        names: NameTable | None = None,
        *,
        products: bool = True,
    ) -> None:
        super().__init__(text, vocabulary, derivatives, families)
        self.names = _PLAIN if names is None else names
        self.products = products
        self.words = self.names.words_read["unicode"]
        self.binding = UNICODE_PRODUCTS if products else _UNICODE_BINDING
        # What ended at this token must not be followed by a factor: it could belong inside.
        self.doubted = -1
        self.doubt: Text = ""

    # Names

    def prefix(self, kind: str) -> Node:
        if kind == "word":
            text = self.texts[self.position]
            after = self.kinds[self.position + 1]
            if after in self.plain_after and (text[0] != "d" or after != "/"):
                name = self.words.get(text)
                if name is not None and text not in self.constants:
                    start = self.starts[self.position]
                    end = self.ends[self.position]
                    self.position += 1
                    return Name(name, start, end)
            return self.word()
        start = self.starts[self.position]
        match kind:
            case "½":
                return _digit_fraction(FRACTIONS[self.texts[self.position]], self.advance())
            case "{":
                return self.expression_inside("}")[0]
            case "|" | "|(":
                inside, end = self.expression_inside(kind.replace("(", ")"))
                return Call(self.vocabulary.with_form("bars", "abs"), (inside,), (), start, end)
            case "⌊" | "⌈":
                closing, function = _HALF_BRACKETS[kind]
                inside, end = self.expression_inside(closing)
                return Call(function, (inside,), (), start, end)
            case _:
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
            return Call(self.constants[text], (), (), start, self.ends[position])
        return self.name_node(self.meaning(), start)

    def name_node(self, meaning: Meaning, start: int) -> Node:
        """Return the node of what a written name means, up to the token here."""
        end = self.ends[self.position - 1]
        if isinstance(meaning, str):
            return Name(meaning, start, end)
        return self.entry(Name(meaning.base, start, end), meaning.indices, start, end)

    def meaning(self) -> Meaning:
        """Return what the written name here means, and go past it."""
        position = self.position
        parts = self.written_name()
        if isinstance(parts, str):
            return parts
        if self.position != position + 1 or self.kinds[position] != "word":
            return self.names.resolve(parts)
        text = self.texts[position]
        meaning = self.plain_word(text, parts) if text.isascii() else self.names.resolve(parts)
        if isinstance(meaning, str) and len(self.words) < 10_000:
            self.words[text] = meaning
        return meaning

    def plain_word(self, text: str, written: NameParts) -> Meaning:
        """Return what an ASCII word means."""
        return self.names.resolve_word(text)

    def written_name(self) -> NameParts | str:
        """Return the parts of the name here, or the name itself where it is shown verbatim."""
        position = self.position
        kind, text = self.kinds[position], self.texts[position]
        if kind not in ("word", "verbatim"):
            self.fail_here(say("a name"))
        self.position = position + 1
        if kind == "verbatim":
            if len(text) < 3:
                raise LanguageError(say("a name is missing"), start=self.starts[position])
            return text[1:-1]
        below: tuple[str, ...] = ()
        above: tuple[str, ...] = ()
        primes = 0
        while self.starts[self.position] == self.ends[self.position - 1]:
            after, group = self.kinds[self.position], self.texts[self.position]
            if after == "lower" and not below:
                below = self.parts_below(group)
            elif after == "above" and not above:
                above = self.parts_in(group[1:-1] if group[0] == "⁽" else group[3:-2])
            elif after == "'":
                primes += 1
            else:
                break
            self.position += 1
        parts = unicode_parts(text, below, above)
        if not parts.base or not all(part for part in parts.below):
            raise LanguageError(
                say("this is not a name"), start=self.starts[position], found=quote_part(text)
            )
        while self.kinds[self.position] == "'":
            self.position += 1
            primes += 1
        return parts._replace(primes=parts.primes + primes) if primes else parts

    def parts_below(self, group: str) -> tuple[str, ...]:
        """Return the parts of a subscript, in braces or in small digits."""
        return (
            self.parts_in(group[2:-1])
            if group[0] == "_"
            else tuple(group.translate(_ON_LINE).split(","))
        )

    def parts_in(self, group: str) -> tuple[str, ...]:
        """Return the parts of a subscript or superscript in braces."""
        parts = []
        for part in group.translate(_ON_LINE).split(","):
            part = part.strip()
            if part.startswith("{") and part.endswith("}") and part[1:-1].isdigit():
                parts.append(part)
                continue
            if not _PART.fullmatch(part):
                self.fail(say("this subscript is neither a name nor a number"))
            part = " ".join(re.sub(r"([+\-])", r" \1 ", part).split())
            letters, digits = letters_and_digits(part) or (part, "")
            parts.append(WORDS.get(letters, letters) + digits)
        return tuple(parts)

    # Calls

    def function(self, text: str, kind: str) -> str:
        """Return the operation that a word before a bracket calls; '' where it is a factor."""
        operation = self.vocabulary.spelled.get(text)
        if operation is not None and text not in self.constants:
            return operation
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
        if isinstance(meaning, EntryName) or self.names.knows(meaning):
            return ""
        return "" if len(text) == 1 and self.vocabulary.looks else text

    def applies(self, text: str, kind: str) -> bool:
        r"""Say whether a function is applied here without brackets: `ln x`, `\tanh z`."""
        after = self.kinds[self.position + 1]
        return (
            self.products
            and text in self.vocabulary.spelled
            and (after == "number" or (after in FACTORS and after != "(") or after == "{")
            and not self.names.knows(text)
            and len(text) > 1
        )

    def application(self, function: str, start: int) -> Node:
        """Return a function of the one operand after it, with the index that it has: `ln p[6]`."""
        self.position += 1
        operand = self.within(self.operand)
        while type(operand) is Name and self.kinds[self.position] == "[":
            if self.starts[self.position] != operand.end:
                break
            operand = self.index(operand)
        self.doubted = self.position
        self.doubt = say("it is not clear where the argument of the function ends")
        return Call(function, (operand,), (), start, self.ends[self.position - 1])

    def operand(self) -> Node:
        """Return one operand without anything after it."""
        return self.expression(POSTFIX)

    def norm(self) -> Node:
        """Return `‖v‖`, `‖v‖₂` and the other norms that a subscript names."""
        start = self.starts[self.position]
        inside, end = self.expression_inside(self.kinds[self.position].replace("(", ")"))
        if self.starts[self.position] == end:
            subscript = self.norm_subscript()
            if subscript not in NORMS:
                self.fail(
                    say("this norm is not supported"), expected=say("the subscript 1, 2 or F")
                )
            end = self.ends[self.position - 1]
        else:
            subscript = ""
        return Call(NORMS[subscript], (inside,), (), start, end)

    def norm_subscript(self) -> str:
        """Return the subscript here, '' where there is none, and go past it."""
        text = self.texts[self.position]
        if text[:1] not in "_" or not text:
            if self.kinds[self.position] != "lower":
                return ""
            text = text.translate(_ON_LINE)
        self.position += 1
        return text.strip("_{} ")

    def root(self) -> Node:
        """Return a square root."""
        start = self.advance()
        bracketed = self.kinds[self.position] in ("(", "{")
        operand = self.within(self.operand)
        if not bracketed:
            self.doubted = self.position
            self.doubt = say("it is not clear where the root ends")
        root = self.vocabulary.with_form("root", "sqrt")
        return Call(root, (operand,), (), start, self.ends[self.position - 1])

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
            self.fail(say("the name of an argument has only ASCII letters, digits and `_`"))
        self.position = after
        return word

    # Gradients

    def derivative(self) -> Node:
        """Return `∂L/∂w`."""
        start = self.advance()
        above = self.derivative_part()
        self.expect("/", "`/∂`")
        self.expect("∂", "`∂`")
        below = self.derivative_part()
        number = ""
        if self.kinds[self.position] == "term":
            number = self.texts[self.position][1:].translate(_ON_LINE)
            self.position += 1
        return self.gradient(above, below, number, start)

    def derivative_part(self) -> Meaning:
        """Return what stands after ∂: a name, an entry, or a gradient in brackets."""
        if self.kinds[self.position] != "(":
            return self.meaning()
        inner, _ = self.inside(")", self.part_in_brackets)
        if self.kinds[self.position] in ("lower", "_") and isinstance(inner, str):
            inner = EntryName(inner, self.subscripts())
        return inner

    def part_in_brackets(self) -> Meaning:
        """Return the name or gradient in brackets after ∂."""
        if self.kinds[self.position] != "∂":
            return self.meaning()
        node = self.derivative()
        if not isinstance(node, Name):
            self.fail(say("a gradient with respect to an entry of a gradient has no name"))
        return node.id

    def gradient(self, above: Meaning, below: Meaning, number: str, start: int) -> Node:
        """Return the name of a gradient, or its entry."""
        end = self.ends[self.position - 1]
        if isinstance(above, EntryName):
            raise LanguageError(
                say("the gradient of an entry has no name"),
                start=start,
                expected=say("a name after `∂`"),
            )
        name = below if isinstance(below, str) else below.base
        inner = f"({name})" if "/" in name else name
        node = Name(f"d{above}/d{inner}" + (f"#{number}" if number else ""), start, end)
        return node if isinstance(below, str) else self.entry(node, below.indices, start, end)

    def total_derivative(self, start: int) -> Node | None:
        """Return the gradient that `dL/dw` means where both are names in use, else None."""
        position = self.position
        kinds, texts = self.kinds, self.texts
        is_quotient = kinds[position + 1] == "/" and kinds[position + 2] == "word"
        is_quotient = is_quotient and self.starts[position + 2] == self.ends[position] + 1
        if not (self.names.taken and is_quotient):
            return None
        one, other = self.after_d(texts[position]), self.after_d(texts[position + 2])
        if one is None or other is None or isinstance(one, EntryName):
            return None
        self.position = position + 3
        return self.gradient(one, other, "", start)

    def after_d(self, text: str) -> Meaning | None:
        """Return the name in use that a word beginning with `d` differentiates."""
        if len(text) < 2 or text[0] != "d" or self.names.knows(text):
            return None
        names, rest = self.names, text[1:]
        is_plain = text.isascii()
        meant = names.resolve_word(rest) if is_plain else names.resolve(unicode_parts(rest))
        base = meant if isinstance(meant, str) else meant.base
        return meant if self.names.knows(base) else None

    # What follows an operand

    def power(self, left: Node) -> Node:
        self.check_unambiguous()
        if self.is_euler(left, self.position):
            self.position += 1
            exponent = self.deeper_expression(SIGN)
            return Call("exp", (exponent,), (), left.start, exponent.end)
        after = self.position + 1
        caret = self.products and self.texts[self.position] == "^"
        if caret and self.kinds[after] == "word" and self.texts[after] == "T":
            self.position += 2
            return Call("transpose_last", (left,), (), left.start, self.ends[after])
        node = super().power(left)
        last = self.position - 1
        touching = self.starts[self.position] == self.ends[last]
        if touching and self.kinds[last] not in (")", "}", "]"):
            self.doubted = self.position
            self.doubt = say("it is not clear where the exponent ends")
        return node

    def is_euler(self, left: Node, position: int) -> bool:
        """Say whether the base of a power, whose sign is at a position, is the number e."""
        return (
            self.texts[position - 1] == "e"
            and type(left) is Name
            and left.id == "e"
            and self.products
            and not self.names.knows("e")
        )

    def follow(self, kind: str, left: Node) -> Node:
        position = self.position
        match kind:
            case "raised" | "ⁿ":
                self.check_unambiguous()
                return self.raise_base(left)
            case "%":
                return self.percentage(left)
            case "lower" | "_" if self.kinds[position - 1] not in (")", "|", "|)"):
                self.fail(
                    say("a subscript cannot stand here"),
                    expected=say("a name or a bracket before it"),
                )
            case "lower" | "_":
                indices = self.subscripts()
                return self.entry(left, indices, left.start, self.ends[self.position - 1])
        if self.divided == position:
            self.fail_ambiguous(
                say("it is not clear whether what follows is below the division line")
            )
        thin = kind == "thin"
        number = self.after_number()
        if thin:
            self.position += 1
            kind = self.kinds[position + 1]
        position = self.position
        is_whole = self.texts[position - 1].isdigit()
        may_be_mixed = number and is_whole and kind in ("½", "frac") and not thin
        self.check_unambiguous()
        right = self.expression(PRODUCT)
        if may_be_mixed and not right.content.names and right.content.operations <= {"divide"}:
            self.position = position
            self.fail_ambiguous(say("a number before a fraction may be a sum or a product"))
        matrices = thin or kind == "begin{"
        operation = "matmul" if matrices and not number else "multiply"
        return Call(operation, (left, right), (), left.start, right.end)

    def percentage(self, left: Node) -> Node:
        """Return `75 %`: a number that keeps its digits and its sign, and is worth hundredths."""
        position = self.position
        if type(left) is not Number or left.text[-1] in HUNDREDTHS:
            self.fail(
                say("{what} cannot stand here", what=self.describe()),
                expected=say("a number before it"),
            )
        if self.kinds[position - 2] == "/":
            self.fail_ambiguous(say("it is not clear whether the division is meant in percent"))
        if self.kinds[position + 1] in OPERANDS:
            self.fail_ambiguous(say("`%` may be a percentage or a remainder"))
        self.position += 1
        sign = self.texts[position][-1]
        value = left.value / 10 ** HUNDREDTHS[sign]
        return Number(left.text + sign, value, left.start, self.ends[position])

    def raise_base(self, left: Node) -> Node:
        """Return a power with superscript digits."""
        position = self.position
        start, end = self.starts[position], self.ends[position]
        text = self.texts[position]
        self.position += 1
        if self.kinds[self.position] in ("raised", "^", "ⁿ"):
            self.fail_ambiguous(say("a power of a power needs brackets"))
        digits = "".join(RAISED.get(sign, "") for sign in text)
        exponent: Node
        if text == "ⁿ":
            exponent = Name("n", start, end)
        else:
            exponent = Number(digits, Fraction(int(digits)), start, end)
            if len(digits) > 3:
                raise LanguageError(
                    say("the exponent is too large"), start=start, found=quote_part(text)
                )
            if text[0] == "⁻":
                exponent = Call("negative", (exponent,), (), start, end)
            elif text[0] == "⁺":
                raise LanguageError(say("unknown exponent"), start=start, found=quote_part(text))
        if self.is_euler(left, position):
            return Call("exp", (exponent,), (), left.start, end)
        return self.raised(left, exponent, position, end)

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
        indices = entry_indices(self.parts_below(self.texts[self.position]))
        if not indices:
            self.fail(say("these subscripts do not name an entry"), expected=say("numbers from 1"))
        self.position += 1
        return indices

    def index(self, base: Node) -> Node:
        if self.after_number():
            self.fail_ambiguous(say("square brackets after a number may be a factor or an index"))
        return super().index(base)

    def after_number(self) -> bool:
        """Say whether a number stands before the token here, and is no subscript."""
        before = self.position - 1
        return self.kinds[before] == "number" and (before == 0 or self.kinds[before - 1] != "_")

    # Errors

    def check_unambiguous(self) -> None:
        """Check that what ended here cannot go on."""
        if self.doubted == self.position:
            self.fail_ambiguous(self.doubt)

    def fail_ambiguous(self, why: Text) -> NoReturn:
        """Raise the error for what can be read in two ways."""
        self.fail(
            say("ambiguous: {why}", why=why), expected=say("brackets or a sign of multiplication")
        )


def _digit_fraction(digits: str, start: int) -> Node:
    """Return the fraction of two digits, which is one sign."""
    numbers = tuple(Number(digit, Fraction(int(digit)), start, start + 1) for digit in digits)
    return Call("divide", numbers, (), start, start + 1)
