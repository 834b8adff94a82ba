"""Formulas as MathML, drawn from our own tree, with the brackets that the printer puts.

Names are drawn from their LaTeX look, which the notation makes of a few forms only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Final

from tracer.expression import render
from tracer.expression.display_forms import DISPLAYED_PRODUCTS, Display, is_open, is_sign
from tracer.expression.look import Vocabulary
from tracer.expression.names import COMMANDS
from tracer.expression.notation import Notation
from tracer.expression.syntax import Array, Call, Name, Node, Number, Slice, Tuple
from tracer.render.breadths import chain, stages
from tracer.render.xml_text import xml_text

__all__ = ["MathML"]

# How tightly a formula holds together, as in the printer.
_SUM, _OPEN, _PRODUCT, _SIGN, _POWER, _MARKED, _GRADIENT, _ATOM = 10, 15, 20, 30, 40, 45, 55, 60
_BINDING: Final = {
    "add": _SUM,
    "subtract": _SUM,
    "multiply": _PRODUCT,
    "matmul": _PRODUCT,
    **dict.fromkeys(DISPLAYED_PRODUCTS, _PRODUCT),
    "power": _POWER,
    "divide": _MARKED,
    "transpose_last": _MARKED,
}
_SIGNS: Final = {
    **{"add": "+", "subtract": "−", "multiply": "⋅", "matmul": "@"},
    **{"hadamard": "⊙", "beside": "", "correlate": "⋆", "convolve": "∗"},
}
_THIN: Final = '<mo>&#x2062;</mo><mspace width="0.17em"/>'  # times, not seen
_ENDS_IN_NUMBER: Final = re.compile(r"</mn>(?:</mrow>)*\Z")
_BEGINS: Final = re.compile(r"(?:<mrow>)*<mn>")
_EMPTY: Final = "<mrow></mrow>"


class MathML:
    """Draws formulas in one notation."""

    def __init__(self, notation: Notation, vocabulary: Vocabulary) -> None:
        self.notation = notation
        self.vocabulary = vocabulary
        self._names: dict[str, str] = {}

    def text(self, node: Node) -> str:
        """Return a formula in Unicode: what is said where MathML cannot be shown."""
        return render(node, "unicode", vocabulary=self.vocabulary, notation=self.notation)

    def node(self, node: Node, after: bool = False) -> str:
        """Return one element; `after` says that it stands behind an operator."""
        if isinstance(node, Number):
            return f"<mn>{xml_text(node.text.replace('-', '−'))}</mn>"
        if isinstance(node, Name):
            return self._name(node.id)
        if isinstance(node, Array):
            return self._array(node)
        if isinstance(node, Tuple):
            return _row(_fenced("(", self._listed(node.items), ")"))
        if isinstance(node, Slice):
            parts = [node.first, node.last, *([node.step] if node.step else [])]
            shown = ["" if part is None else self.node(part) for part in parts]
            return _row("<mo>:</mo>".join(shown))
        if isinstance(node, Display):
            return self._display(node)
        assert isinstance(node, Call)
        return self._call(node, after)

    def rows(self, node: Node, room: float) -> Sequence[str]:
        """Return a formula as rows of about so many characters, broken before its signs."""
        ends = {id(stage) for stage in stages(node, self.notation, room)[:-1]}
        if not ends:
            return [self.node(node)]
        rows: list[str] = []
        text = ""
        for stage, whole in pairwise(chain(node)):
            assert isinstance(whole, Call)
            text = text or (self._left(whole.operation, stage, False) if not rows else "")
            if id(stage) in ends:
                rows.append(_row(text))
                text = ""
            text += self._continued(whole.operation, *whole.arguments)
        return [*rows, _row(text)]

    def _display(self, node: Display) -> str:
        """Return what only a textbook writes."""
        parts = list(map(self.node, node.parts))
        text = f'<mi mathvariant="normal">{xml_text(node.text.rstrip("⊤"))}</mi>'
        kind = node.kind
        if kind == "column":
            cells = map(self.node, node.parts[0].children())
            rows = "".join(f"<mtr><mtd>{cell}</mtd></mtr>" for cell in cells)
            return _row(_fenced("[", f"<mtable>{rows}</mtable>", "]"))
        if kind in ("below", "array"):
            base = (
                self._base(node.parts[0]) if kind == "below" else _row(_fenced("[", parts[0], "]"))
            )
            if base.startswith("<msub>"):
                base = self._bracketed(node.parts[0])
            return f"<msub>{base}{_row(''.join(parts[1:]))}</msub>"
        if kind == "over":
            sign = f'<mo largeop="true">{node.text}</mo>'
            tag = "munder" if len(parts) == 2 else "munderover"
            body = parts[0]
            if self._binding(node.parts[0]) in (_SUM, _SIGN):
                body = self._bracketed(node.parts[0])
            return _row(f"<{tag}>{sign}{''.join(parts[1:])}</{tag}>{body}")
        if kind == "relation":
            return _row(f"{parts[0]}<mo>{xml_text(node.text)}</mo>{parts[1]}")
        if kind == "letter":
            return f"<mi>{xml_text(node.text)}</mi>"
        if kind == "bold":
            return _word(node.text, r"\mathbf")
        if kind == "norm":
            return _row(_fenced("‖", parts[0], "‖"))
        if kind == "indicator":
            return _row(_word("1", r"\mathbf") + _fenced("[", parts[0], "]"))
        if kind == "through":
            via = _row(f"<mtext>{xml_text(self.notation.word('via'))} </mtext>{parts[1]}")
            return f"<msub>{self._bracketed(node.parts[0])}{via}</msub>"
        if kind == "gradient":
            by = parts[1]
            if not is_sign(node.parts[1]):
                by = self._bracketed(node.parts[1])
            mark = "<mi>∂</mi>"
            return f"<mfrac>{_row(mark + parts[0])}{_row(mark + by)}</mfrac>"
        if kind == "own":
            return f"<msub><mi>{xml_text(node.text)}</mi>{parts[0]}</msub>"
        if kind == "rest":
            return f"<munder><mo>⋯</mo>{parts[0]}</munder>"
        if kind == "labelled":
            words = f"<mtext>{xml_text(self.notation.word(node.text))}</mtext>"
            name = "".join(f"<mtext> </mtext>{part}" for part in parts[1:])
            braced = f'<munder>{parts[0]}<mo stretchy="true">⏟</mo></munder>'
            return f"<munder>{braced}{_row(words + name)}</munder>"
        if kind == "derivative":
            look = self.vocabulary.looks[node.text]
            text = f"<msup><mi>{xml_text(look.unicode or look.ascii)}</mi><mo>′</mo></msup>"
        elif node.text.endswith("⊤"):
            text = _raised(text, '<mi mathvariant="normal">⊤</mi>')
        inside = _fenced("(", '<mo separator="true">,</mo>'.join(parts), ")")
        return _row(f"{text}<mo>&#x2061;</mo>{inside}")

    # Operations

    def _call(self, node: Call, after: bool) -> str:
        arguments, operation = node.arguments, node.operation
        if not node.keywords and arguments:
            if len(arguments) == 2:
                if operation in _SIGNS:
                    return self._infix(operation, *arguments, after)
                if operation == "divide":
                    return f"<mfrac>{self.node(arguments[0])}{self.node(arguments[1])}</mfrac>"
                if operation == "power":
                    return _raised(self._base(arguments[0]), self.node(arguments[1]))
            elif len(arguments) == 1:
                if operation == "negative":
                    return self._negative(arguments[0], after)
                if operation == "transpose_last":
                    return _raised(self._base(arguments[0]), '<mi mathvariant="normal">⊤</mi>')
            if operation == "index" and len(arguments) > 1:
                return self._index(arguments[0], arguments[1:])
        return self._function(node)

    def _binding(self, node: Node) -> int:
        if is_open(node):
            return _OPEN
        if isinstance(node, Display):
            if node.kind == "labelled":
                return self._binding(node.parts[0])
            if node.kind in ("below", "gradient"):
                return _MARKED
            return _ATOM
        if isinstance(node, Call) and not node.keywords:
            if len(node.arguments) == 1 and node.operation == "negative":
                return _SIGN
            if len(node.arguments) == (1 if node.operation == "transpose_last" else 2):
                return _BINDING.get(node.operation, _ATOM)
        elif isinstance(node, Name) and "/" in node.id:
            return _GRADIENT
        return _ATOM

    def _bracketed(self, node: Node) -> str:
        return _row(_fenced("(", self.node(node), ")"))

    def _infix(self, operation: str, left: Node, right: Node, after: bool) -> str:
        first = self._left(operation, left, after)
        return _row(first + self._continued(operation, left, right))

    def _left(self, operation: str, node: Node, after: bool) -> str:
        loose = self._binding(node) < _BINDING[operation]
        return self._bracketed(node) if loose else self.node(node, after)

    def _continued(self, operation: str, left: Node, right: Node) -> str:
        """Return an operator's sign and its right side."""
        is_sum = isinstance(right, Display) and right.kind == "over"
        loose = self._binding(right) <= _BINDING[operation] and not is_sum
        second = self._bracketed(right) if loose else self.node(right, True)
        if operation == "multiply":
            thin = is_open(right) or (isinstance(left, Number) and self._leads(right))
        elif operation == "beside":
            thin = True
        else:
            thin = operation == "matmul" and not _BEGINS.match(second)
            thin = thin and not _ENDS_IN_NUMBER.search(self._left(operation, left, False))
        return f"{_THIN if thin else f'<mo>{_SIGNS[operation]}</mo>'}{second}"

    def _leads(self, node: Node) -> bool:
        """Say whether a right factor begins with a name, or with a bracket round a sum."""
        if isinstance(node, Call):
            if node.operation in ("power", "transpose_last", "index"):
                return self._leads(node.arguments[0])
            if node.operation in ("add", "subtract"):
                return True
            return self._binding(node) == _ATOM and self._form(node) in ("function", "constant")
        return isinstance(node, Name) and "/" not in node.id

    def _negative(self, node: Node, after: bool) -> str:
        loose = self._binding(node) <= _SIGN and not is_open(node)
        inner = self._bracketed(node) if loose else self.node(node, True)
        text = f'<mo form="prefix">−</mo>{inner}'
        return _row(_fenced("(", text, ")")) if after else _row(text)

    def _base(self, node: Node) -> str:
        text = self.node(node)
        marked = isinstance(node, Name) and text.startswith(("<msup", "<msubsup"))
        whole = self._binding(node) >= _ATOM and not marked
        if isinstance(node, Number) and not node.text.replace(".", "").isdigit():
            whole = False
        return text if whole else self._bracketed(node)

    def _index(self, base: Node, items: Sequence[Node]) -> str:
        counts = []
        for item in items:
            if not isinstance(item, Number) or not item.text.isdigit():
                return _row(self._base(base) + _fenced("[", self._listed(items), "]"))
            counts.append(int(item.text) + 1)
        compact = isinstance(base, Name) and self.notation.entry(base.id, tuple(counts), "latex")
        separator = "" if max(counts) < 10 else "<mo>,</mo>"
        below = _row(separator.join(f"<mn>{count}</mn>" for count in counts))
        return f"<msub>{self.node(base) if compact else self._bracketed(base)}{below}</msub>"

    def _form(self, node: Call) -> str:
        look = self.vocabulary.looks.get(node.operation)
        return "function" if look is None else look.form

    def _function(self, node: Call) -> str:
        form = self._form(node)
        look = self.vocabulary.looks.get(node.operation)
        name = node.operation if look is None else look.unicode or look.ascii
        if not node.keywords:
            if form == "constant" and not node.arguments:
                return f"<mi>{xml_text(name)}</mi>"
            if len(node.arguments) == 1 and form == "root":
                return f"<msqrt>{self.node(node.arguments[0])}</msqrt>"
            if len(node.arguments) == 1 and form == "bars":
                return _row(_fenced("|", self.node(node.arguments[0]), "|"))
        words = list(map(self.node, node.arguments))
        for word, value in node.keywords:
            words.append(f"<mtext>{xml_text(word)}</mtext><mo>=</mo>{self.node(value)}")
        inside = '<mo separator="true">,</mo>'.join(words)
        shown = f'<mi mathvariant="normal">{xml_text(name)}</mi>'
        return _row(f"{shown}<mo>&#x2061;</mo>{_fenced('(', inside, ')')}")

    # Arrays

    def _listed(self, nodes: Iterable[Node]) -> str:
        return '<mo separator="true">,</mo>'.join(map(self.node, nodes))

    def _array(self, node: Array) -> str:
        items = node.items
        rows = [item.items for item in items if isinstance(item, Array) and item.items]
        flat = not any(isinstance(cell, Array) for row in rows for cell in row)
        if items and not any(isinstance(item, Array) for item in items):
            rows, flat = [items], True
        elif len(rows) != len(items) or len({len(row) for row in rows}) != 1:
            flat = False
        if not rows or not flat:
            return _row(_fenced("[", self._listed(items), "]"))
        table = "".join(
            f"<mtr>{''.join(f'<mtd>{self.node(cell)}</mtd>' for cell in row)}</mtr>" for row in rows
        )
        return _row(_fenced("[", f"<mtable>{table}</mtable>", "]"))

    # Names

    def _name(self, id: str) -> str:
        drawn = self._names.get(id)
        if drawn is None:
            drawn = self._names[id] = _Look(self.notation.latex(id)).drawn()
        return drawn


def _row(inside: str) -> str:
    return f"<mrow>{inside}</mrow>"


def _raised(base: str, exponent: str) -> str:
    if base.startswith("<msub>"):
        inside = base.removeprefix("<msub>").removesuffix("</msub>")
        return f"<msubsup>{inside}{exponent}</msubsup>"
    return f"<msup>{base}{exponent}</msup>"


def _fenced(before: str, inside: str, after: str) -> str:
    # Brackets grow only round what is taller than a line: browsers set grown ones apart.
    grown = "" if "<mfrac" in inside or "<mtable" in inside else ' stretchy="false"'
    sign = f'<mo fence="true"{grown} form='
    return f'{sign}"prefix">{before}</mo>{inside}{sign}"postfix">{after}</mo>'


# The LaTeX look of a name


_TOKEN: Final = re.compile(
    r"\\(?:mathtt|mathrm|mathbf|mathit|mathsf|mathcal|mathbb|boldsymbol|bm|text|operatorname)"
    r" *\{(?:[^{}\\]|\\.)*\}|\\left\.|\\right\||\\[A-Za-z]+|\\.|[0-9]+|\s+|.",
    re.DOTALL,
)
_ACCENTS: Final = {
    r"\hat": "^",
    r"\widehat": "^",
    r"\bar": "‾",
    r"\overline": "‾",
    r"\tilde": "~",
    r"\widetilde": "~",
}
_BOLD: Final = frozenset((r"\mathbf", r"\boldsymbol", r"\bm"))
_COMMANDS: Final[Mapping[str, str]] = {**COMMANDS, r"\partial": "∂", r"\prime": "′", r"\top": "⊤"}


class _Look:
    """Draws one name. What it does not know is shown as it is written."""

    def __init__(self, text: str) -> None:
        self.tokens = [token for token in _TOKEN.findall(text) if not token.isspace()]
        self.position = 0

    def drawn(self) -> str:
        """Return the one element of the name."""
        parts = self._parts(lambda token: False)
        return parts[0] if len(parts) == 1 else _row("".join(parts))

    def _parts(self, ends: Callable[[str], bool]) -> list[str]:
        parts: list[str] = []
        while self.position < len(self.tokens) and not ends(self.tokens[self.position]):
            parts.append(self._scripted())
        return parts

    def _scripted(self) -> str:
        """Return one element with its subscript, superscript and primes."""
        base, below = self._atom(), ""
        raised: list[str] = []
        while self.position < len(self.tokens):
            token = self.tokens[self.position]
            if token == "'":
                raised.append("<mo>′</mo>")
                self.position += 1
            elif token == "_" and not below:
                self.position += 1
                below = self._argument()
            elif token == "^":
                self.position += 1
                raised.append(self._argument())
            else:
                break
        above = "".join(raised)
        if len(raised) > 1:
            above = _row(above)
        if below and above:
            return f"<msubsup>{base}{below}{above}</msubsup>"
        if below:
            return f"<msub>{base}{below}</msub>"
        return f"<msup>{base}{above}</msup>" if above else base

    def _argument(self) -> str:
        if self.position < len(self.tokens) and self.tokens[self.position] == "{":
            self.position += 1
            parts = self._parts(lambda token: token == "}")
            self.position += 1
            return parts[0] if len(parts) == 1 else _row("".join(parts))
        return self._atom() if self.position < len(self.tokens) else _EMPTY

    def _atom(self) -> str:
        token = self.tokens[self.position]
        if token == "{":
            return self._argument()
        self.position += 1
        if token in _ACCENTS:
            mark = f'<mo stretchy="false">{_ACCENTS[token]}</mo>'
            return f'<mover accent="true">{self._argument()}{mark}</mover>'
        if token == r"\frac":
            return f"<mfrac>{self._argument()}{self._argument()}</mfrac>"
        if token == r"\left.":
            inside = "".join(self._parts(lambda token: token == r"\right|"))
            self.position += 1
            return _row(f'{inside}<mo fence="true" form="postfix">|</mo>')
        if token.endswith("}") and "{" in token:
            style, _, text = token[:-1].partition("{")
            return _word(re.sub(r"\\(.)", r"\1", text), style.strip())
        if token in _COMMANDS:
            return f"<mi>{_COMMANDS[token]}</mi>"
        if token.isdigit():
            return f"<mn>{token}</mn>"
        if token.isalpha():
            return f"<mi>{xml_text(token)}</mi>"
        return f"<mo>{xml_text(token.removeprefix(chr(92)))}</mo>"


def _word(text: str, style: str) -> str:
    if style in _BOLD:
        text = "".join(map(_bold, text))
        return f'<mi mathvariant="normal">{xml_text(text)}</mi>'
    if style == r"\mathtt":
        return f'<mtext class="code">{xml_text(text)}</mtext>'
    return f'<mi mathvariant="normal">{xml_text(text)}</mi>'


def _bold(letter: str) -> str:
    """Return the mathematical bold form of a letter or digit that has one."""
    for first, last, bold in (("A", "Z", 0x1D400), ("a", "z", 0x1D41A), ("0", "9", 0x1D7CE)):
        if first <= letter <= last:
            return chr(bold + ord(letter) - ord(first))
    return letter
