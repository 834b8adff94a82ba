"""Two-dimensional mathematics: an expression tree as lines of text with a baseline.

It follows the printer's brackets, but draws quotients, powers, roots and matrices as people write
them on paper. It knows no terminal library: whoever shows the lines decides on colours.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Final, Literal, NamedTuple

from tracer.expression import render
from tracer.expression.display_forms import DISPLAYED_PRODUCTS, Display, is_sign
from tracer.expression.look import Dialect, Vocabulary
from tracer.expression.notation import Notation
from tracer.expression.printer import ATOM, PRODUCT, SUM, binding_of, follows_sign
from tracer.expression.syntax import Array, Call, Name, Node, Number
from tracer.frozen import Value
from tracer.narrative.blocks import EquationLine
from tracer.render.members import MemberRole, Relation, members
from tracer.text_width import padded, width

__all__ = [
    "Box",
    "Layout",
    "Part",
    "Role",
    "aligned",
    "beside",
    "part_lines",
    "stacked",
    "wrapped",
]

Role = Literal["space", "left", "sign"] | MemberRole


# Boxes


class Box(NamedTuple):
    """Lines of text, each exactly `width` columns wide; `baseline` is the one that is read."""

    lines: tuple[str, ...]
    baseline: int
    width: int

    @property
    def above(self) -> int:
        """The number of lines above the baseline."""
        return self.baseline

    @property
    def below(self) -> int:
        """The number of lines below the baseline."""
        return len(self.lines) - self.baseline - 1


class Part(NamedTuple):
    """A piece of an equation's row, and what it says there."""

    role: Role
    box: Box


def part_lines(row: Sequence[Part]) -> list[list[tuple[str, Role]]]:
    """Return boxes side by side as lines, each piece with its role."""
    above = max(part.box.above for part in row)
    below = max(part.box.below for part in row)
    lines: list[list[tuple[str, Role]]] = [[] for _ in range(above + below + 1)]
    for role, box in row:
        start = above - box.above
        for place, line in enumerate(lines):
            inside = start <= place < start + len(box.lines)
            line.append((box.lines[place - start] if inside else " " * box.width, role))
    return lines


def one_line(text: str) -> Box:
    """Return a text as a box."""
    return Box((text,), 0, width(text))


def beside(boxes: Iterable[Box]) -> Box:
    """Return boxes from left to right on one baseline."""
    boxes = tuple(boxes)
    if not boxes:
        return Box(("",), 0, 0)
    above = max(box.baseline for box in boxes)
    below = max(box.below for box in boxes)
    total = sum(box.width for box in boxes)
    if not above and not below:
        return Box(("".join(box.lines[0] for box in boxes),), 0, total)
    columns = []
    for box in boxes:
        blank = " " * box.width
        before, after = above - box.baseline, below - box.below
        columns.append([*[blank] * before, *box.lines, *[blank] * after])
    return Box(tuple(map("".join, zip(*columns, strict=True))), above, total)


def stacked(boxes: Sequence[Box]) -> Box:
    """Return boxes below each other, from the left, on the first one's baseline.

    An empty line keeps two apart where else one's denominator would touch the next's numerator.
    """
    columns = max(box.width for box in boxes)
    lines: list[str] = []
    for place, box in enumerate(boxes):
        if place and box.above and boxes[place - 1].below:
            lines.append(" " * columns)
        lines += [line + " " * (columns - box.width) for line in box.lines]
    return Box(tuple(lines), boxes[0].baseline, columns)


def fraction(above: Box, below: Box, bar: str = "─") -> Box:
    """Return one box over another; the bar of a quotient of quotients is the longest."""
    nested = len(above.lines) > 1 or len(below.lines) > 1
    columns = max(above.width, below.width) + (2 if nested else 0)
    lines = [*_centred(above, columns), bar * columns, *_centred(below, columns)]
    return Box(tuple(lines), len(above.lines), columns)


def _centred(box: Box, columns: int) -> list[str]:
    room = columns - box.width
    before = " " * (room // 2)
    after = " " * (room - room // 2)
    return [before + line + after for line in box.lines]


def raised(base: Box, exponent: Box) -> Box:
    """Return an exponent above and to the right of its base."""
    lines = [" " * base.width + line for line in exponent.lines]
    lines += [line + " " * exponent.width for line in base.lines]
    return Box(tuple(lines), base.baseline + len(exponent.lines), base.width + exponent.width)


def marked(base: Box, mark: str, row: int) -> Box:
    """Return a box with a small sign behind one of its lines: a superscript, a subscript."""
    columns = width(mark)
    row %= len(base.lines)
    lines = [line + (mark if at == row else " " * columns) for at, line in enumerate(base.lines)]
    return Box(tuple(lines), base.baseline, base.width + columns)


def root(inside: Box) -> Box:
    """Return a box under a root."""
    if len(inside.lines) == 1:
        bar, sign = " " + "_" * inside.width, "√"
        return Box((bar, sign + inside.lines[0]), 1, inside.width + 1)
    lines = ["  ┌" + "─" * inside.width, *("  │" + line for line in inside.lines[:-1])]
    lines.append(" ╲│" + inside.lines[-1])
    return Box(tuple(lines), inside.baseline + 1, inside.width + 3)


class _Signs(Value):
    """The characters of a dialect; a bracket is the one that fits a line, then top to bottom."""

    infix: dict[str, str]
    loose: dict[str, str]  # the same, where one of the operands is tall
    minus: str
    arrow: str
    about: str
    bar: str
    round: tuple[str, str]
    square: tuple[str, str]
    bars: tuple[str, str]
    double: tuple[str, str]
    brace: tuple[str, str]  # the ends of one below a part


_PRODUCT_SIGNS: Final = {"hadamard": " ⊙ ", "beside": " ", "correlate": " ⋆ ", "convolve": " ∗ "}
_ASCII_SIGNS: Final = {
    "hadamard": " * ",
    "beside": " ",
    "correlate": " (*) ",
    "convolve": " ** ",
}
_SIGNS: Final[dict[str, _Signs]] = {
    "unicode": _Signs(
        {"add": " + ", "subtract": " − ", "multiply": "·", "matmul": " @ "} | _PRODUCT_SIGNS,
        {"add": " + ", "subtract": " − ", "multiply": " · ", "matmul": " @ "} | _PRODUCT_SIGNS,
        "−",
        " ← ",
        " ≈ ",
        "─",
        ("(⎛⎜⎝", ")⎞⎟⎠"),
        ("[⎡⎢⎣", "]⎤⎥⎦"),
        ("|│││", "|│││"),
        ("‖‖‖‖", "‖‖‖‖"),
        ("└", "┘"),
    ),
    "ascii": _Signs(
        {
            "add": " + ",
            "subtract": " - ",
            "multiply": " * ",
            "matmul": " @ ",
            **_ASCII_SIGNS,
        },
        {
            "add": " + ",
            "subtract": " - ",
            "multiply": " * ",
            "matmul": " @ ",
            **_ASCII_SIGNS,
        },
        "-",
        " <- ",
        " ~= ",
        "-",
        ("(/|\\", ")\\|/"),
        ("[[[[", "]]]]"),
        ("||||", "||||"),
        ("||||", "||||"),
        ("+", "+"),
    ),
}


def _fenced(sides: tuple[str, str], box: Box) -> Box:
    """Return a box between brackets of its height."""
    middle = len(box.lines) - 2
    if middle < 0:
        return Box((f"{sides[0][0]}{box.lines[0]}{sides[1][0]}",), 0, box.width + 2)
    left, right = (side[1] + side[2] * middle + side[3] for side in sides)
    lines = (a + line + b for a, line, b in zip(left, box.lines, right, strict=True))
    return Box(tuple(lines), box.baseline, box.width + 2)


# Text in columns

_NUMBER: Final = re.compile(r"[-−]?[0-9]*\.?[0-9]*(e[-+]?[0-9]+)?")


def aligned(texts: Sequence[str]) -> list[str]:
    """Return texts of one width: numbers with their points below each other, else centred."""
    if not all(map(_NUMBER.fullmatch, texts)):
        columns = max(map(width, texts), default=0)
        return [padded(text, columns, "centre") for text in texts]
    before = [len(re.split(r"[.e]", text, maxsplit=1)[0]) for text in texts]
    most = max(before, default=0)
    shifted = [" " * (most - count) + text for count, text in zip(before, texts, strict=True)]
    columns = max(map(len, shifted), default=0)
    return [text.ljust(columns) for text in shifted]


# Where a line may be broken: before an operator, behind a comma, before a dot.
_BREAK: Final = re.compile(r" (?=[-+−*/@=≈←] )|(?<=,) |(?=·)")


def wrapped(text: str, room: int) -> list[str]:
    """Return a formula's text in lines of at most `room` columns, broken at operators."""
    lines: list[str] = []
    start = 0
    while (end := _fitting(text, start, room)) < len(text):
        # One character more, so that a break may stand right behind what fits.
        breaks = [match.span() for match in _BREAK.finditer(text, start + 1, end + 2)]
        breaks = [span for span in breaks if span[0] <= end]
        # Between terms, unless that leaves the line half empty; else between factors.
        terms = [span for span in breaks if span[1] > span[0] and 2 * span[0] > start + end]
        end, following = (terms or breaks or [(end, end)])[-1]
        lines.append(text[start:end])
        start = following
    return [*lines, text[start:]]


def _broken(text: str, room: int) -> Box:
    """Return a formula's text as a box of at most `room` columns."""
    lines = wrapped(text, room)
    columns = max(map(width, lines))
    return Box(tuple(padded(line, columns) for line in lines), 0, columns)


def _fitting(text: str, start: int, room: int) -> int:
    """Return where the text ends that fits from a place: at least one character behind it."""
    columns = 0
    for place in range(start, len(text)):
        columns += width(text[place])
        if columns > room and place > start:
            return place
    return len(text)


# Trees

_SUMS: Final = ("add", "subtract")
_PRODUCTS: Final = ("multiply", "matmul", *DISPLAYED_PRODUCTS)
_ZERO: Final = Number("0", Fraction(0))
_ONE: Final = Number("1", Fraction(1))
_SMALL: Final = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_LOWERED: Final = re.compile(r"[₀-₉_]")


class _Piece(NamedTuple):
    """An operand of a sum or product, with the operator before it, drawn and as text."""

    sign: str
    box: Box
    text: str
    node: Node


class Layout:
    """Draws trees in one notation and dialect."""

    __slots__ = ("_functions", "_names", "dialect", "notation", "signs", "vocabulary")

    def __init__(
        self, vocabulary: Vocabulary, notation: Notation, dialect: Dialect = "unicode"
    ) -> None:
        self.vocabulary = vocabulary
        self.notation = notation
        self.dialect: Dialect = dialect
        self.signs = _SIGNS[dialect]
        self._names: dict[str, Box] = {}
        self._functions: dict[str, str] = {}

    def line(self, node: Node) -> str:
        """Return a tree on one line, as the printer writes it."""
        return render(node, self.dialect, vocabulary=self.vocabulary, notation=self.notation)

    def box(self, node: Node, after: bool = False) -> Box:
        """Return a tree's drawing; `after` says that it stands behind an operator."""
        if isinstance(node, Name):
            return self._name(node)
        if isinstance(node, Number):
            return Box((node.text,), 0, len(node.text))
        if isinstance(node, Call):
            return self._operation(node, after)
        if isinstance(node, Array):
            return self._array(node)
        if isinstance(node, Display):
            return self._display(node)
        return one_line(self.line(node))

    # Breaking

    def fitted(self, node: Node, room: int) -> Box:
        """Return a drawing that is broken at + and −, then at ·, where it is wider than `room`.

        What is still too wide stands on one line, broken where it has to be.
        """
        box = self.box(node)
        if box.width <= room:
            return box
        return self.filled(self._pieces(node, box, room), room)

    def flat(self, node: Node, room: int) -> Box:
        """Return a tree as the printer writes it, broken where it is wider than `room`."""
        return _broken(self.line(node), room)

    def filled(self, pieces: Sequence[_Piece], room: int) -> Box:
        """Return pieces in rows, as many in each as fit."""
        rows: list[Box] = []
        row: list[Box] = []
        for piece in pieces:
            sign = one_line(piece.sign if row else piece.sign.lstrip())
            if row and sum(box.width for box in row) + sign.width + piece.box.width > room:
                rows.append(beside(row))
                row = []
                sign = one_line(piece.sign.lstrip())
            if sign.width + piece.box.width > room:
                rows.append(_broken(sign.lines[0] + piece.text, room))
            else:
                row += [sign, piece.box]
        if row:
            rows.append(beside(row))
        return stacked(rows)

    def _pieces(self, node: Node, box: Box, room: int) -> list[_Piece]:
        pieces: list[_Piece] = []
        for piece in self._split(_Piece("", box, self.line(node), node), _SUMS):
            if width(piece.sign.lstrip()) + piece.box.width > room:
                pieces += self._split(piece, _PRODUCTS)
            else:
                pieces.append(piece)
        return pieces

    def _split(self, piece: _Piece, operations: tuple[str, ...]) -> list[_Piece]:
        """Return the operands of a chain of sums or of products; the piece where it is none."""
        (first, start), operands = self._operands(piece.node, operations, bool(piece.sign))
        if not operands:
            return [piece]
        # What the printer writes before and behind an operator, brackets and all.
        text = self.line(Call(operations[0], (first, _ONE)))
        text = text[: -1 - len(self.signs.infix[operations[0]])]
        if piece.sign and _is_negative(first):
            text = f"({text})"
        found = [_Piece(piece.sign, start, text, first)]
        for sign, box, operation, right in operands:
            text = self.line(Call(operation, (_ZERO, right)))
            found.append(_Piece(sign, box, text[1 + len(self.signs.infix[operation]) :], right))
        return found

    @property
    def relations(self) -> dict[Relation, str]:
        """The signs between the sides of an equation, with the spaces around them."""
        return {"←": self.signs.arrow, "=": " = ", "≈": self.signs.about}

    def equation(
        self, line: EquationLine, room: int, *, apart: bool = False, flat: bool = False
    ) -> list[list[Part]]:
        """Return an equation's rows: one if it fits, else symbols, numbers and result apart.

        With `apart` they are that always; `flat` ones are written as the printer writes them.
        """
        sides = [
            (self.relations[member.relation], member.role, member.node) for member in members(line)
        ]
        if not apart:
            row = [Part("left", self.box(line.left))]
            for sign, role, node in sides:
                row += [Part("sign", one_line(sign)), Part(role, self.box(node))]
            if sum(part.box.width for part in row) <= room:
                return [row]
        fit = self.flat if flat else self.fitted
        left = fit(line.left, room)
        rows: list[list[Part]] = []
        first, indent = [Part("left", left)], left.width
        if indent > room // 3:
            rows, first, indent = [first], [], 1
        signs = max(width(sign) for sign, _, _ in sides)
        for sign, role, node in sides:
            start = first or [Part("space", one_line(" " * indent))]
            signed = Part("sign", one_line(padded(sign, signs, "right")))
            side = fit(node, max(room - indent - signs, 1))
            rows.append([*start, signed, Part(role, side)])
            first = []
        return _apart(rows)

    # Names and operations

    def _name(self, node: Name) -> Box:
        box = self._names.get(node.id)
        if box is None:
            box = self._names[node.id] = self._named(self.line(node))
        return box

    def _named(self, text: str) -> Box:
        """Return a name; a gradient is a fraction."""
        mark = "∂" if self.dialect == "unicode" else "d"
        above, slash, below = text.partition(f"/{mark}")
        if not slash or not above.startswith(mark):
            return one_line(text)
        bar = "|" if self.dialect == "unicode" else "#"
        below, _, term = below.partition(bar)
        box = fraction(one_line(above), one_line(mark + below), self.signs.bar)
        if not term:
            return box
        side = self.signs.bars[0][1]
        blank = side + " " * width(term)
        return beside((box, Box((blank, blank, side + term), 1, 1 + width(term))))

    def _operation(self, node: Call, after: bool) -> Box:
        operation, arguments = node.operation, node.arguments
        if not node.keywords and arguments:
            if len(arguments) == 2:
                if operation in self.signs.infix:
                    return self._infix(node, after)
                if operation == "divide":
                    above, below = map(self.box, arguments)
                    return fraction(above, below, self.signs.bar)
                if operation == "power":
                    return self._power(node, *arguments)
            elif len(arguments) == 1:
                if operation == "negative":
                    return self._negative(arguments[0], after)
                if operation == "transpose_last":
                    return self._transposed(arguments[0])
            if operation == "index" and len(arguments) > 1:
                return self._index(node, arguments[0])
        return self._call(node)

    def _bracketed(self, box: Box) -> Box:
        return _fenced(self.signs.round, box)

    def _infix(self, node: Call, after: bool) -> Box:
        operations = _SUMS if node.operation in _SUMS else _PRODUCTS
        first, operands = self._operands(node, operations, after)
        boxes = [first[1]]
        for sign, box, _, _ in operands:
            boxes += [one_line(sign), box]
        return beside(boxes)

    def _operands(
        self, node: Node, operations: tuple[str, ...], after: bool
    ) -> tuple[tuple[Node, Box], list[tuple[str, Box, str, Node]]]:
        """Return a chain's first operand, then the others: sign, drawing, operation, tree."""
        first, rest = _chain(node, operations)
        start = self._left(operations[0], first, after)
        boxes = [self._right(operation, right) for operation, right in rest]
        signs = self.signs.infix
        if len(start.lines) > 1 or any(len(box.lines) > 1 for box in boxes):
            signs = self.signs.loose
        return (first, start), [
            (signs[operation], box, operation, right)
            for (operation, right), box in zip(rest, boxes, strict=True)
        ]

    def _left(self, operation: str, node: Node, after: bool) -> Box:
        if binding_of(node) < _binding_of_sign(operation):
            return self._bracketed(self.box(node))
        return self.box(node, after)

    def _right(self, operation: str, node: Node) -> Box:
        if isinstance(node, Display) and node.kind == "over":
            return self.box(node)
        if binding_of(node) <= _binding_of_sign(operation):
            return self._bracketed(self.box(node))
        return self.box(node, True)

    def _negative(self, node: Node, after: bool) -> Box:
        is_free = follows_sign(node, binding_of(node))
        inside = self.box(node, is_free)
        if not is_free:
            inside = self._bracketed(inside)
        minus = self.signs.minus + (" " if len(inside.lines) > 1 else "")
        box = beside((one_line(minus), inside))
        return self._bracketed(box) if after else box

    def _marked_base(self, node: Node) -> Box:
        """Return what a mark stands on, bracketed unless it is whole by itself."""
        box = self.box(node)
        whole = binding_of(node) == ATOM
        if isinstance(node, Number):
            whole = node.text.replace(".", "").isdigit()
        return box if whole else self._bracketed(box)

    def _power(self, node: Node, base: Node, exponent: Node) -> Box:
        box = self._marked_base(base)
        small = self._small(exponent) if self.dialect == "unicode" else ""
        if not small:
            return raised(box, self.box(exponent))
        if len(box.lines) == 1 and isinstance(base, Name):
            return one_line(self.line(node))  # the printer knows which names need brackets
        return marked(box, small, 0)

    def _small(self, exponent: Node) -> str:
        """Return an exponent in superscript digits; '' where there are none for it."""
        sign = ""
        if _is_negative(exponent) and isinstance(exponent, Call):
            exponent, sign = exponent.arguments[0], "⁻"
        if isinstance(exponent, Number) and exponent.text.isdigit() and len(exponent.text) <= 3:
            return sign + exponent.text.translate(_SMALL)
        return ""

    def _transposed(self, node: Node) -> Box:
        box = self.box(node)
        if binding_of(node) < ATOM or isinstance(node, Number):
            box = self._bracketed(box)
        if self.dialect == "unicode":
            return marked(box, "ᵀ", 0)
        return marked(box, ".T", box.baseline)

    def _index(self, node: Call, base: Node) -> Box:
        text = self.line(node)
        box = self.box(base)
        if len(box.lines) == 1:
            return one_line(text)
        inside = self.line(base)
        if text.startswith(f"({inside})"):
            box = self._bracketed(box)
            inside = f"({inside})"
        mark = text.removeprefix(inside)
        return marked(box, mark, -1 if _LOWERED.match(mark) else box.baseline)

    def _array(self, node: Array) -> Box:
        rows = [item.items for item in node.items if isinstance(item, Array)]
        whole = len(rows) == len(node.items) > 1 and len({len(row) for row in rows}) == 1
        if not whole or not rows[0] or any(isinstance(cell, Array) for row in rows for cell in row):
            return _fenced(self.signs.square, self._comma_separated(node.items))
        return self._matrix([list(map(self.box, row)) for row in rows])

    def _display(self, node: Display) -> Box:
        """Return what only a textbook writes."""
        parts = node.parts
        if node.kind == "column":
            return self._matrix([[self.box(item)] for item in parts[0].children()])
        if node.kind == "over":
            return beside((self._running(node), one_line(" "), self._summand(parts[0])))
        if node.kind == "labelled":
            return self._labelled(node)
        if node.kind == "gradient":
            mark = one_line("∂" if self.dialect == "unicode" else "d")
            above, by = map(self.box, parts)
            under = beside((mark, by if is_sign(parts[1]) else self._bracketed(by)))
            return fraction(beside((mark, above)), under, self.signs.bar)
        if node.kind in ("below", "array", "through", "rest"):
            base = self.box(parts[0])
            if len(base.lines) > 1:
                subscripts = self.line(node).removeprefix(self._line_of_base(node))
                if node.kind == "array":
                    base = _fenced(self.signs.square, base)
                elif binding_of(parts[0]) < ATOM or node.kind == "through":
                    base = self._bracketed(base)
                return marked(base, subscripts, -1)
        is_bracketed = node.kind == "function" or len(parts) == 1
        inside = self._comma_separated(parts) if is_bracketed else one_line("")
        if len(inside.lines) > 1:
            if node.kind == "norm":
                return _fenced(self.signs.double, inside)
            line, text = self.line(node), ", ".join(map(self.line, parts))
            before, _, after = line.partition(text)
            brackets = self.signs.square if before.endswith("[") else self.signs.round
            return beside((one_line(before[:-1]), _fenced(brackets, inside), one_line(after[1:])))
        return one_line(self.line(node))

    def _labelled(self, node: Display) -> Box:
        """Return a part with a brace and words below it."""
        part, *names = node.parts
        box = self.box(part)
        words = " ".join((self.notation.word(node.text), *map(self.line, names)))
        columns = max(box.width, width(words))
        inside = max(box.width - 2, 0)
        brace = self.signs.brace[0] + self.signs.bar * inside + self.signs.brace[1]
        below = brace if box.width > 1 else self.signs.bar
        lines = (
            *_centred(box, columns),
            *(padded(text, columns, "centre") for text in (below, words)),
        )
        return Box(lines, box.baseline, columns)

    def _line_of_base(self, node: Display) -> str:
        """Return how the text of an entry begins, before its subscripts."""
        inside = self.line(node.parts[0])
        whole = self.line(node)
        for before in (f"({inside})", f"[{inside}]", inside):
            if whole.startswith(before):
                return before
        return ""

    def _running(self, node: Display) -> Box:
        """Return a sum's sign with its limits above and below."""
        sign = node.text if self.dialect == "unicode" or node.text != "∑" else "sum"
        limits = [self.line(part) for part in node.parts[1:]]
        columns = max(width(sign), *map(width, limits))
        lines = [*limits[1:], sign, limits[0]]
        shown = tuple(padded(line, columns, "centre") for line in lines)
        return Box(shown, len(limits) - 1, columns)

    def _summand(self, node: Node) -> Box:
        box = self.box(node)
        loose = binding_of(node) <= SUM or _is_negative(node)
        return self._bracketed(box) if loose else box

    def _comma_separated(self, nodes: Iterable[Node]) -> Box:
        boxes: list[Box] = []
        for node in nodes:
            if boxes:
                boxes.append(one_line(", "))
            boxes.append(self.box(node))
        return beside(boxes)

    def _matrix(self, rows: list[list[Box]]) -> Box:
        columns: list[list[Box]] = []
        for column in zip(*rows, strict=True):
            if all(len(cell.lines) == 1 for cell in column):
                columns.append(list(map(one_line, aligned([cell.lines[0] for cell in column]))))
            else:
                most = max(cell.width for cell in column)
                columns.append(
                    [Box(tuple(_centred(cell, most)), cell.baseline, most) for cell in column]
                )
        lines = []
        for row in zip(*columns, strict=True):
            cells: list[Box] = [row[0]]
            for cell in row[1:]:
                cells += [one_line("  "), cell]
            lines.append(beside(cells))
        inside = stacked(lines)
        return _fenced(self.signs.square, inside._replace(baseline=(len(inside.lines) - 1) // 2))

    def _call(self, node: Call) -> Box:
        look = self.vocabulary.looks.get(node.operation)
        if look is not None and len(node.arguments) == 1 and not node.keywords:
            inside = node.arguments[0]
            if look.form in ("root", "bars") and self.dialect == "unicode":
                if self.vocabulary.with_form(look.form, "") == node.operation:
                    box = self.box(inside)
                    return root(box) if look.form == "root" else _fenced(self.signs.bars, box)
            elif look.latex == r"\sum" and self.dialect == "unicode":
                return self._sum(inside)
        if not node.arguments and not node.keywords:
            return one_line(self.line(node))
        boxes = [self._comma_separated(node.arguments)] if node.arguments else []
        for word, value in node.keywords:
            boxes += [one_line(f"{', ' if boxes else ''}{word}="), self.box(value)]
        return beside((one_line(self._function(node.operation)), self._bracketed(beside(boxes))))

    def _sum(self, node: Node) -> Box:
        """Return a sum over all entries, with a sign as tall as they are."""
        box = self.box(node)
        if binding_of(node) <= SUM:
            box = self._bracketed(box)
        return beside((one_line("∑ "), box))

    def _function(self, operation: str) -> str:
        """Return a function's name as the printer writes it before brackets."""
        name = self._functions.get(operation)
        if name is None:
            name = self.line(Call(operation, ())).removesuffix("()")
            self._functions[operation] = name
        return name


def _binding_of_sign(operation: str) -> int:
    return SUM if operation in _SUMS else PRODUCT


def _chain(node: Node, operations: tuple[str, ...]) -> tuple[Node, list[tuple[str, Node]]]:
    """Return the first operand of `a + b - c`, then each operator with the one behind it."""
    rest: list[tuple[str, Node]] = []
    first = node
    while isinstance(first, Call) and first.operation in operations:
        if len(first.arguments) != 2 or first.keywords:
            break
        rest.append((first.operation, first.arguments[1]))
        first = first.arguments[0]
    return first, rest[::-1]


def _is_negative(node: Node) -> bool:
    if not isinstance(node, Call) or node.keywords:
        return False
    return node.operation == "negative" and len(node.arguments) == 1


def _apart(rows: list[list[Part]]) -> list[list[Part]]:
    """Return rows with an empty one where two tall ones would touch."""
    found: list[list[Part]] = []
    below = 0
    for row in rows:
        if below and max(part.box.above for part in row):
            found.append([Part("space", one_line(""))])
        found.append(row)
        below = max(part.box.below for part in row)
    return found
