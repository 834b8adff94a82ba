"""Set formulas and figures as a writer's style has it, and remember where each part stands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, TypeAlias

from tests.check.mutation.formula_trees import (
    Call,
    Figure,
    Index,
    Name,
    Node,
    Number,
    Path,
    Texts,
    figures_of,
    walk,
)
from tests.check.mutation.hands import Style

__all__ = ["Text", "Typesetter", "join"]

Mark: TypeAlias = tuple[Path, int, int]
SUM, SIGN, PRODUCT, SLASH, POWER, ATOM = range(1, 7)  # how tightly an expression holds together
SUBSCRIPTS: Final = str.maketrans("0123456789+-ijt", "₀₁₂₃₄₅₆₇₈₉₊₋ᵢⱼₜ")
SUPERSCRIPTS: Final = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


@dataclass(frozen=True)
class Text:
    """A piece of a line, with the columns of each part of the formulas in it."""

    string: str
    marks: tuple[Mark, ...] = ()

    def __add__(self, other: Text | str) -> Text:
        if isinstance(other, str):
            return Text(self.string + other, self.marks)
        shift = len(self.string)
        moved = tuple((path, start + shift, end + shift) for path, start, end in other.marks)
        return Text(self.string + other.string, self.marks + moved)

    def __radd__(self, other: str) -> Text:
        return Text(other) + self

    def marked(self, path: Path) -> Text:
        """Return the text with a mark on the whole of it."""
        return Text(self.string, (*self.marks, (path, 0, len(self.string))))

    def below(self, prefix: Path) -> Text:
        """Return the text with all marks below a longer path."""
        return Text(self.string, tuple((prefix + path, a, b) for path, a, b in self.marks))


def join(pieces: Iterable[Text | str], between: str = "") -> Text:
    """Return the pieces as one text."""
    whole = Text("")
    for place, piece in enumerate(pieces):
        whole = whole + (between if place else "") + piece
    return whole


class Typesetter:
    """Set trees in one style. `versions` counts the updates of quantities that show them."""

    def __init__(self, style: Style, zero_based: frozenset[str], count: int = 0) -> None:
        self.style = style
        self.zero_based = zero_based
        self.count = count
        self.versions: Mapping[str, int] = {}

    # ---- names

    def name(self, name: Name) -> str:
        """Return a quantity's name with its index."""
        style = self.style
        if name.key.startswith("d:"):
            return self._gradient(Name(name.key[2:], name.index))
        index = name.index
        if name.key in self.versions:
            return self._indexed(style.symbols[name.key], (self.versions[name.key],), shift=0)
        return self._indexed(
            style.symbols[name.key], index, shift=0 if name.key in self.zero_based else 1
        )

    def _gradient(self, quantity: Name) -> str:
        style = self.style
        if style.delta is not None and quantity.key in ("z", "z1", "o"):
            symbol = style.delta if quantity.key != "o" else f"{style.delta}_o"
            return self._indexed(symbol, quantity.index, shift=1)
        parameter, loss = self.name(quantity), style.symbols["loss"]
        form = style.gradient
        if form.startswith(("dL", "∂L")) and len(parameter) > 1 and "[" in parameter:
            parameter = f"{parameter}"
        return (
            form.replace("L", "\0").replace("w", "\1").replace("\0", loss).replace("\1", parameter)
        )

    def _indexed(self, symbol: str, index: Index, shift: int) -> str:
        if not index:
            return symbol
        form = self.style.index
        if form == "[0]":
            return symbol + "".join(f"[{place}]" for place in index)
        places = [str(i + shift) if isinstance(i, int) else i for i in index]
        if form == "₁":
            return symbol + "".join(place.translate(SUBSCRIPTS) for place in places)
        if self.style.notation == "latex":
            inner = "".join(places)
            if symbol.endswith("}") and "_{" in symbol and not symbol.startswith(r"\hat"):
                return f"{symbol[:-1]},{inner}}}"
            return (
                f"{symbol}_{{{inner}}}" if form == "_{1}" or len(inner) > 1 else f"{symbol}_{inner}"
            )
        inner = "".join(places) if all(len(place) == 1 for place in places) else ",".join(places)
        if not all(isinstance(i, int) for i in index):
            return f"{symbol}_{inner}" if len(inner) == 1 else f"{symbol}_({inner})"
        return symbol + ("_" if form == "_1" else "") + inner

    def new_value(self, name: Name) -> tuple[str, str]:
        """Return the left side of an update, and the sign behind it."""
        plain, style = self.name(name), self.style
        form = style.new_value
        if name.key in self.versions or form == "w":
            return plain, style.equals
        if form in ("w ←", "w <-", r"w \leftarrow"):
            return plain, form[2:]
        if form == "new w":
            return f"new {plain}", style.equals
        tail = form[1:]
        if style.notation == "latex" and tail.startswith("_") and "_" in plain:
            base, _, index = plain.partition("_")
            return f"{base}_{{{index.strip('{}')},{tail[2:-1]}}}", style.equals
        return plain + tail, style.equals

    # ---- expressions

    def side(self, node: Node) -> Text:
        """Return an expression with a mark on each of its parts."""
        return self._set(node, ())[0]

    def _set(self, node: Node, path: Path) -> tuple[Text, int]:
        text, strength = self._unmarked(node, path)
        return text.marked(path), strength

    def _unmarked(self, node: Node, path: Path) -> tuple[Text, int]:
        if isinstance(node, Name):
            name = self.name(node)
            return Text(name), SLASH if "/" in name or " " in name else ATOM
        if isinstance(node, Number):
            return self._number(node.value)
        if isinstance(node, Figure):
            return self._figure(node)
        assert isinstance(node, Call)
        setter = getattr(self, f"_{node.operation}", None)
        if setter is not None:
            pair: tuple[Text, int] = setter(node, path)
            return pair
        inner = self._set(node.arguments[0], (*path, 0))[0]
        return self._function(node.operation, inner), ATOM

    def _number(self, value: Fraction) -> tuple[Text, int]:
        if value == Fraction(1, 2):
            half = self.style.half
            return Text(half), PRODUCT if half == "1/2" else ATOM
        if value.denominator == 1:
            return Text(str(value)), ATOM
        return Text(f"{value.numerator}/{value.denominator}"), PRODUCT

    def _figure(self, figure: Figure) -> tuple[Text, int]:
        if isinstance(figure.texts, str):
            string = self._digits(figure.texts)
            is_product = any(sign in string for sign in ("×", r"\times", "/"))
            strength = PRODUCT if is_product else POWER if "^" in string or "⁻" in string else ATOM
            return Text(string), SIGN if string[0] in "-−" else strength
        return Text(self._array(figure.texts)), ATOM

    def _digits(self, text: str) -> str:
        """Return a number's text in the writer's signs."""
        mantissa, _, exponent = text.partition("e")
        if exponent and self.style.notation != "ascii":
            power = str(int(exponent))
            if self.style.notation == "latex":
                return (
                    f"10^{{{power}}}" if mantissa == "1" else rf"{mantissa} \times 10^{{{power}}}"
                )
            before = "" if mantissa == "1" else f"{mantissa.replace('-', self.style.minus)} × "
            return f"{before}10{power.translate(SUPERSCRIPTS)}"
        if "/" in text and self.style.has_fractions:
            top, _, bottom = text.removeprefix("-").partition("/")
            return rf"{'-' * (text[0] == '-')}\frac{{{top}}}{{{bottom}}}"
        return text.replace("-", self.style.minus)

    def _array(self, texts: Texts) -> str:
        if isinstance(texts, str):
            return self._digits(texts)
        if self.style.array == "[]":
            return f"[{', '.join(map(self._array, texts))}]"
        rows = [row if isinstance(row, tuple) else (row,) for row in texts]
        body = r" \\ ".join(" & ".join(self._digits(str(entry)) for entry in row) for row in rows)
        return rf"\begin{{{self.style.array}}} {body} \end{{{self.style.array}}}"

    def _bracketed(self, text: Text) -> Text:
        if self.style.long_brackets:
            return r"\left(" + text + r"\right)"
        return "(" + text + ")"

    def _operand(self, node: Node, path: Path, least: int, *, is_first: bool = False) -> Text:
        """Return an operand, in brackets where it holds together less than it has to."""
        text, strength = self._set(node, path)
        if strength == SIGN and not is_first and (least < POWER) and isinstance(node, Figure):
            needed = self.style.brackets_negative or least <= SIGN
        elif strength == SIGN and is_first and least <= PRODUCT:
            needed = False
        else:
            needed = strength < least
        return self._bracketed(text) if needed else text

    def _add(self, node: Call, path: Path) -> tuple[Text, int]:
        return self._sum(node, path, "+")

    def _sub(self, node: Call, path: Path) -> tuple[Text, int]:
        return self._sum(node, path, self.style.minus)

    def _sum(self, node: Call, path: Path, sign: str) -> tuple[Text, int]:
        space = "" if self.style.tight else " "
        left = self._operand(node.arguments[0], (*path, 0), SUM, is_first=True)
        least = SUM if node.operation == "add" else PRODUCT
        right, strength = self._set(node.arguments[1], (*path, 1))
        if strength < least or strength == SIGN:
            right = self._bracketed(right)
        elif self.style.brackets_negative:
            right = _bracket_leading(right)
        return left + f"{space}{sign}{space}" + right, SUM

    def _neg(self, node: Call, path: Path) -> tuple[Text, int]:
        inner, strength = self._set(node.arguments[0], (*path, 0))
        if strength < PRODUCT:
            inner = self._bracketed(inner)
        return self.style.minus + inner, SIGN

    def _mul(self, node: Call, path: Path) -> tuple[Text, int]:
        style, (a, b) = self.style, node.arguments
        has_figures = bool(figures_of(node))
        times = style.times_figures if has_figures else style.times
        is_half = isinstance(a, Number) and style.half not in ("0.5", "1/2") and a.value < 1
        beside = is_half or (times.strip() in ("", r"\,") and not has_figures)
        left = self._operand(a, (*path, 0), PRODUCT, is_first=True)
        right = self._operand(b, (*path, 1), PRODUCT)
        if " / " in left.string and _is_quotient(a) and not (times[0] == times[-1] == " "):
            left = self._bracketed(left)  # `z / 3·u` would look like z / (3·u)
        if isinstance(b, Call) and b.operation == "div" and not style.has_fractions:
            right = self._bracketed(self._set(b, (*path, 1))[0])
        if beside:
            first, last = right.string[0], left.string[-1]
            is_safe = "/" not in left.string or style.has_fractions
            if not is_half and (
                first.isdigit() or not is_safe or (last.isdigit() and not isinstance(a, Number))
            ):
                times = style.times_figures
            elif (
                first == "("
                or (first == "\\" and right.string.startswith(r"\left"))
                or isinstance(a, Number)
            ):
                times = "" if not (first.isdigit() or first in "-−") else style.times_figures
                times = " " if times == "" and first.isalpha() and last.isalpha() else times
            elif is_half or not times.strip():
                times = " "
        return left + times + right, PRODUCT

    def _hadamard(self, node: Call, path: Path) -> tuple[Text, int]:
        left = self._operand(node.arguments[0], (*path, 0), PRODUCT, is_first=True)
        right = self._operand(node.arguments[1], (*path, 1), SLASH)
        return left + self.style.entrywise + right, PRODUCT

    def _matmul(self, node: Call, path: Path) -> tuple[Text, int]:
        left = self._operand(node.arguments[0], (*path, 0), PRODUCT, is_first=True)
        right = self._operand(node.arguments[1], (*path, 1), SLASH)
        sign = self.style.matrix_product
        if _is_vector(node.arguments[0]) and self.style.notation != "ascii":
            sign = {"unicode": " · ", "latex": r" \cdot "}[self.style.notation]
        return left + sign + right, PRODUCT

    def _outer(self, node: Call, path: Path) -> tuple[Text, int]:
        left = self._operand(node.arguments[0], (*path, 0), ATOM)
        right = self._operand(node.arguments[1], (*path, 1), ATOM)
        if self.style.notation == "ascii":
            return (
                f"{self.style.prefix.replace('math.', '')}outer(" + left + ", " + right + ")",
                ATOM,
            )
        if self.style.notation == "latex":
            return left + r" \, " + right + r"^\top", PRODUCT
        return left + " " + right + "ᵀ", PRODUCT

    def _div(self, node: Call, path: Path) -> tuple[Text, int]:
        top, bottom = node.arguments
        if self.style.has_fractions:
            above = self._set(top, (*path, 0))[0]
            below = self._set(bottom, (*path, 1))[0]
            return r"\frac{" + above + "}{" + below + "}", SLASH
        left = self._operand(top, (*path, 0), PRODUCT, is_first=True)
        right = self._operand(bottom, (*path, 1), POWER)
        is_plain = isinstance(top, Number) and isinstance(bottom, Number)
        return left + ("/" if is_plain or self.style.tight else " / ") + right, PRODUCT

    def _pow(self, node: Call, path: Path) -> tuple[Text, int]:
        base = self._operand(node.arguments[0], (*path, 0), ATOM)
        if (
            base.string.endswith(("²", "^2", "^{2}", "'", "^+}"))
            or "^" in base.string[:-1].split(")")[-1]
        ):
            base = self._bracketed(base)
        exponent = self._set(node.arguments[1], (*path, 1))[0].string
        form = {"**": f"**{exponent}", "^": f"^{exponent}", "^{}": f"^{{{exponent}}}"}
        return base + form.get(self.style.power, exponent.translate(SUPERSCRIPTS)), POWER

    def _exp(self, node: Call, path: Path) -> tuple[Text, int]:
        style = self.style
        inner, strength = self._set(node.arguments[0], (*path, 0))
        if style.exp == "exp" or style.prefix:
            return self._function("exp", inner), ATOM
        if style.notation == "latex":
            return "e^{" + inner + "}", POWER
        return "e^" + (inner if strength == ATOM else self._bracketed(inner)), POWER

    def _sqrt(self, node: Call, path: Path) -> tuple[Text, int]:
        inner, strength = self._set(node.arguments[0], (*path, 0))
        if self.style.notation == "latex":
            return r"\sqrt{" + inner + "}", ATOM
        if self.style.notation == "unicode":
            return "√" + (
                inner if strength == ATOM and len(inner.string) == 1 else self._bracketed(inner)
            ), ATOM
        return self._function("sqrt", inner), ATOM

    def _sigma(self, node: Call, path: Path) -> tuple[Text, int]:
        style = self.style
        if node.term is None or not style.sum_sign or figures_of(node):
            pieces = []
            for place, argument in enumerate(node.arguments):
                piece, strength = self._set(argument, (*path, place))
                if place and strength == SIGN:
                    piece = self._bracketed(piece)
                elif place and self.style.brackets_negative:
                    piece = _bracket_leading(piece)
                pieces.append(piece)
            return join(pieces, "+" if style.tight else " + "), SUM
        term, strength = self._set(node.term, (*path, 0))
        if style.notation == "ascii":
            return "sum(" + Text(term.string) + ")", ATOM
        inner = Text(term.string) if strength >= PRODUCT else self._bracketed(Text(term.string))
        letter = node.letter
        if style.notation == "unicode":
            sign = f"Σ_{letter} " if style.index != "₁" else f"Σ{letter.translate(SUBSCRIPTS)} "
            return sign + inner, SUM
        bounds = rf"_{{{letter}=1}}^{{{len(node.arguments)}}}" if style.tight else f"_{letter}"
        return rf"\sum{bounds} " + inner, SUM

    def _function(self, name: str, inner: Text) -> Text:
        """Return a call of a function by the writer's name for it."""
        style = self.style
        if name == "log" and not style.prefix:
            name = style.log
        if name == "sigmoid":
            return style.sigmoid + self._bracketed(inner)
        if name == "relu" and style.relu == "max":
            word = r"\max" if style.notation == "latex" else "max"
            return word + self._bracketed("0, " + inner)
        if name in ("relu", "gate"):
            word = "relu" if style.notation == "ascii" else "ReLU"
            word = rf"\text{{{word}}}" if style.notation == "latex" else word
            return word + ("'" if name == "gate" else "") + self._bracketed(inner)
        if style.notation == "latex":
            return rf"\{name}" + self._bracketed(inner)
        prefix = style.prefix if name in ("exp", "log", "sqrt", "tanh") else ""
        return f"{prefix}{name}" + self._bracketed(inner)


NEGATIVE: Final = re.compile(r"[-−][\d.]+")


def _bracket_leading(text: Text) -> Text:
    """Return a product with brackets around a negative figure that it begins with."""
    first = NEGATIVE.match(text.string)
    if first is None:
        return text
    end = first.end()

    marks = []
    for path, left, right in text.marks:
        if (left, right) == (0, end):
            marks.append((path, 1, end + 1))
        else:
            start = left + 2 if left >= end else 0
            marks.append((path, start, right + 2))
    return Text(f"({first[0]}){text.string[end:]}", tuple(marks))


def _is_quotient(node: Node) -> bool:
    return isinstance(node, Call) and node.operation == "div"


VECTORS: Final = frozenset({"q", "w2", "d:o"})  # names before a product that is a dot product


def _is_vector(node: Node) -> bool:
    parts: Sequence[Node] = [part for _, part in walk(node)]
    first = parts[0]
    if isinstance(first, Figure):
        return isinstance(first.texts, tuple) and isinstance(first.texts[0], str)
    return isinstance(first, Name) and first.key in VECTORS
