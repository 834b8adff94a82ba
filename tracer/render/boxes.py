"""Two-dimensional mathematics: an expression tree as lines of text with a baseline.

It follows the printer's brackets, but draws quotients, powers, roots and matrices as people write
them on paper. It knows no terminal library: whoever shows the lines decides on colours.
"""

# ruff: noqa: D102 - an override is described where it is first defined, in `TreePrinter`

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache, partial
from itertools import accumulate, repeat
from typing import Final, Literal, NamedTuple

from tracer.expression import (
    DISPLAYED_PRODUCTS,
    Array,
    Call,
    Dialect,
    Display,
    Name,
    Node,
    Notation,
    Number,
    Slice,
    Tuple,
    Vocabulary,
    case_rows,
    stands_below_gradient,
)
from tracer.expression.printer import (
    ATOM,
    PRINTERS,
    SUM,
    TreePrinter,
    binding_of,
    mixes_products,
    small_exponent,
)
from tracer.frozen import Value
from tracer.narrative.blocks import EquationLine
from tracer.render.block_writer import MemberRole, Relation, drawing_text, line_members
from tracer.text_width import padded, width

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


def boxes_beside(boxes: Iterable[Box]) -> Box:
    """Return boxes from left to right on one baseline."""
    boxes = tuple(boxes)
    if not boxes:
        return Box(("",), 0, 0)
    lines = part_lines([Part("space", box) for box in boxes])
    above, total = max(box.above for box in boxes), sum(box.width for box in boxes)
    return Box(tuple("".join(text for text, _ in line) for line in lines), above, total)


def _with_separators(between: str, boxes: Iterable[Box]) -> list[Box]:
    """Return boxes with a text between each two."""
    return [part for box in boxes for part in (one_line(between), box)][1:]


def boxes_stacked(boxes: Sequence[Box]) -> Box:
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


def fraction_box(above: Box, below: Box, bar: str = "─") -> Box:
    """Return one box over another; the bar of a quotient of quotients is the longest."""
    nested = len(above.lines) > 1 or len(below.lines) > 1
    columns = max(above.width, below.width) + (2 if nested else 0)
    lines = [*_center_lines(above, columns), bar * columns, *_center_lines(below, columns)]
    return Box(tuple(lines), len(above.lines), columns)


def _center_lines(box: Box, columns: int) -> list[str]:
    return [padded(line, columns, "centre") for line in box.lines]


def exponent_box(base: Box, exponent: Box) -> Box:
    """Return an exponent above and to the right of its base."""
    lines = [" " * base.width + line for line in exponent.lines]
    lines += [line + " " * exponent.width for line in base.lines]
    return Box(tuple(lines), base.baseline + len(exponent.lines), base.width + exponent.width)


def marked_box(base: Box, mark: str, row: int) -> Box:
    """Return a box with a small sign behind one of its lines: a superscript, a subscript."""
    columns = width(mark)
    row %= len(base.lines)
    lines = [line + (mark if at == row else " " * columns) for at, line in enumerate(base.lines)]
    return Box(tuple(lines), base.baseline, base.width + columns)


def root_box(inside: Box) -> Box:
    """Return a box under a root."""
    if len(inside.lines) == 1:
        bar, sign = " " + "_" * inside.width, "√"
        return Box((bar, sign + inside.lines[0]), 1, inside.width + 1)
    lines = ["  ┌" + "─" * inside.width, *("  │" + line for line in inside.lines[:-1])]
    lines.append(" ╲│" + inside.lines[-1])
    return Box(tuple(lines), inside.baseline + 1, inside.width + 3)


class _Characters(Value):
    """The characters of a dialect; a bracket is the one that fits a line, then top to bottom."""

    infix: dict[str, str]
    loose: dict[str, str]  # the same, where one of the operands is tall
    minus: str
    arrow: str
    about: str
    bar: str
    times: str  # the sign of a product of arrays that begins a row
    round: tuple[str, str]
    square: tuple[str, str]
    curly: tuple[str, str]
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
_CHARACTERS: Final[dict[str, _Characters]] = {
    "unicode": _Characters(
        {"add": " + ", "subtract": " − ", "multiply": "·", "matmul": " @ "} | _PRODUCT_SIGNS,
        {"add": " + ", "subtract": " − ", "multiply": " · ", "matmul": " @ "} | _PRODUCT_SIGNS,
        "−",
        " ← ",
        " ≈ ",
        "─",
        "× ",
        ("(⎛⎜⎝", ")⎞⎟⎠"),
        ("[⎡⎢⎣", "]⎤⎥⎦"),
        ("{⎧⎨⎩", "    "),
        ("|│││", "|│││"),
        ("‖‖‖‖", "‖‖‖‖"),
        ("└", "┘"),
    ),
    "ascii": _Characters(
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
        "@ ",
        ("(/|\\", ")\\|/"),
        ("[[[[", "]]]]"),
        ("{{{{", "    "),
        ("||||", "||||"),
        ("||||", "||||"),
        ("+", "+"),
    ),
}


def _fenced_box(sides: tuple[str, str], box: Box) -> Box:
    """Return a box between brackets of its height."""
    middle = len(box.lines) - 2
    if middle < 0:
        return Box((f"{sides[0][0]}{box.lines[0]}{sides[1][0]}",), 0, box.width + 2)
    left, right = (side[1] + side[2] * middle + side[3] for side in sides)
    lines = (a + line + b for a, line, b in zip(left, box.lines, right, strict=True))
    return Box(tuple(lines), box.baseline, box.width + 2)


# Text in columns

_BRACKETS: Final = {"(": 1, "[": 1, ")": -1, "]": -1}
_NUMBER: Final = re.compile(r"[-−]?[0-9]*\.?[0-9]*(e[-+]?[0-9]+)?")


def align_texts(texts: Sequence[str]) -> list[str]:
    """Return texts of one width: numbers with their points below each other, else centred."""
    if not all(map(_NUMBER.fullmatch, texts)):
        columns = max(map(width, texts), default=0)
        return [padded(text, columns, "centre") for text in texts]
    before = [len(re.split(r"[.e]", text, maxsplit=1)[0]) for text in texts]
    most = max(before, default=0)
    shifted = [" " * (most - count) + text for count, text in zip(before, texts, strict=True)]
    columns = max(map(len, shifted), default=0)
    return [text.ljust(columns) for text in shifted]


# Where a line may be broken: before an operator, behind a comma, between matrices, before a dot.
_BREAK: Final = re.compile(r" (?=[-+−*/@=≈←⊙] )|(?<=,) |(?<=\]) (?=\[)|(?=·)")


def wrap_formula(text: str, room: int) -> list[str]:
    """Return a formula's text in lines of at most `room` columns, broken at operators.

    What is in brackets stays whole as far as it can: a row of a matrix, the argument of a function.
    """
    lines: list[str] = []
    start = 0
    depths: list[int] = []  # how many brackets each character stands in
    while (end := _fitting_end(text, start, room)) < len(text):
        depths = depths or [*accumulate(map(_BRACKETS.get, text, repeat(0)))]
        # One character more, so that a break may stand right behind what fits.
        breaks = [match.span() for match in _BREAK.finditer(text, start + 1, end + 2)]
        breaks = [span for span in breaks if span[0] <= end]
        # Outside brackets before inside and between terms before between factors, unless that
        # leaves most of the line empty.
        full = [span for span in breaks if 3 * span[0] > 2 * start + end]
        best = min(
            full, key=lambda span: (depths[span[0]], span[0] == span[1], -span[0]), default=None
        )
        end, following = best or (breaks or [(end, end)])[-1]
        lines.append(text[start:end])
        start = following
    return [*lines, text[start:]]


def _broken_box(text: str, room: int) -> Box:
    """Return a formula's text as a box of at most `room` columns."""
    lines = wrap_formula(text, room)
    columns = max(map(width, lines))
    return Box(tuple(padded(line, columns) for line in lines), 0, columns)


def _clear_of(before: Box, box: Box) -> Box:
    """Return text that goes on below what stands before it: in its row is the line of a divisor."""
    if box.baseline or len(box.lines) == 1:
        return box
    first, *others = box.lines
    blank = " " * box.width
    return Box((first, *[blank] * before.below, *others), 0, box.width)


def _fitting_end(text: str, start: int, room: int) -> int:
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
MOST_BEFORE: Final = 3  # the part of a row, one in so many, that a factor takes before a wide one
_LOWERED: Final = re.compile(r"[₀-₉_]")


class _Piece(NamedTuple):
    """An operand of a sum or product, with the operator before it, drawn and as text."""

    sign: str
    box: Box
    text: str
    node: Node


class Layout(TreePrinter[Box]):
    """Draws trees in one notation and dialect."""

    __slots__ = (
        "characters",
        "dialect",
        "drawing_text",
        "is_flattened",
        "line",
        "printer",
        "stacks",
    )

    signs = PRINTERS["ascii"].signs

    def __init__(
        self, vocabulary: Vocabulary, notation: Notation, dialect: Dialect = "unicode"
    ) -> None:
        super().__init__(vocabulary, notation)
        self.dialect: Dialect = dialect
        self.characters = _CHARACTERS[dialect]
        self.printer = PRINTERS[dialect](vocabulary, notation)
        self.drawing_text = partial(drawing_text, notation=notation, dialect=dialect)
        # Returns a tree on one line, as the printer writes it; each repaint asks for most again.
        self.line = lru_cache(2048)(lambda node: self.drawing_text(self.printer.write(node)))
        self.stacks = False  # whether the matrices of a list stand below each other
        self.is_flattened = False  # whether a part of what was last fitted had no room as a drawing

    # Breaking

    def fitted(self, node: Node, room: int) -> Box:
        """Return a drawing that is broken at + and −, then at ·, where it is wider than `room`.

        Where that is not enough, lists of matrices are stacked; what is still too wide stands on
        one line, broken where it has to be.
        """
        box = self.write(node)
        if box.width <= room:
            return box
        pieces = self._pieces(node, box, room)
        if not self.stacks and any(piece.box.width > room for piece in pieces):
            self.stacks = True
            box = self.fitted(node, room)
            self.stacks = False
            return box
        return self.fill_rows(pieces, room)

    def flat(self, node: Node, room: int) -> Box:
        """Return a tree as the printer writes it, broken where it is wider than `room`.

        Where a drawing is lower than that it is drawn.
        """
        box = _broken_box(self.line(node), room)
        return (
            box
            if len(box.lines) < 3
            else min(box, self.fitted(node, room), key=lambda box: len(box.lines))
        )

    def fill_rows(self, pieces: Sequence[_Piece], room: int) -> Box:
        """Return pieces in rows, as many in each as fit."""
        rows: list[Box] = []
        row: list[Box] = []
        for piece in pieces:
            # What stands side by side is a product within a row only.
            first = one_line(piece.sign.lstrip() or self.characters.times * bool(piece.sign))
            sign = one_line(piece.sign) if row else first
            used = sum(box.width for box in row) + sign.width
            if row and piece.box.width > room and MOST_BEFORE * used <= room:
                wide = self._wide_piece(piece, one_line(""), room - used)
                before = boxes_beside((*row, sign))
                rows.append(boxes_beside((before, _clear_of(before, wide))))
                row = []
                continue
            if row and used + piece.box.width > room:
                rows.append(boxes_beside(row))
                row = []
                sign = first
            if sign.width + piece.box.width > room:
                rows.append(self._wide_piece(piece, sign, room))
            else:
                row += [sign, piece.box]
        if row:
            rows.append(boxes_beside(row))
        return boxes_stacked(rows)

    def _wide_piece(self, piece: _Piece, sign: Box, room: int) -> Box:
        """Return a piece that is wider than its row, as text if need be.

        A drawing that has room without its sign stands below it. A sum is a factor in brackets
        here: it is broken at its signs if its terms have room.
        """
        if piece.box.width <= room and len(piece.box.lines) > 1:
            return boxes_stacked((sign, piece.box))
        inside = room - sign.width - width("()")
        if (
            getattr(piece.node, "operation", "") in _SUMS
            and len(piece.box.lines) > 1
            and inside > 0
        ):
            before, self.is_flattened = self.is_flattened, False
            box = boxes_beside((sign, self.with_brackets(self.fitted(piece.node, inside))))
            if not self.is_flattened:
                self.is_flattened = before
                return box
        self.is_flattened |= len(piece.box.lines) > 1
        return _broken_box(sign.lines[0] + piece.text, room)

    def _pieces(self, node: Node, box: Box, room: int) -> list[_Piece]:
        terms = self._split(_Piece("", box, self.line(node), node), _SUMS)
        return [
            piece
            for term in terms
            for is_wide in (width(term.sign.lstrip()) + term.box.width > room,)
            for piece in (self._split(term, _PRODUCTS) if is_wide else [term])
        ]

    def _split(self, piece: _Piece, operations: tuple[str, ...]) -> list[_Piece]:
        """Return the operands of a chain of sums or of products; the piece where it is none."""
        is_after = bool(piece.sign)
        (first, start), operands = self._operands(piece.node, operations, is_after)
        if not operands:
            return [piece]
        text = self.drawing_text(self.printer.left(operands[0][2], first, is_after))
        others = (
            _Piece(sign, box, self.drawing_text(self.printer.right(operation, right)), right)
            for sign, box, operation, right in operands
        )
        return [_Piece(piece.sign, start, text, first), *others]

    def equation(
        self,
        line: EquationLine,
        room: int,
        *,
        apart: bool = False,
        flat: bool = False,
        hanging: bool = False,
    ) -> list[list[Part]]:
        """Return an equation's rows: one if it fits, else symbols, numbers and result apart.

        With `apart` they are that always; `flat` ones are written as the printer writes them;
        `hanging` ones begin at the left, where they have more columns than below the first sign.
        """
        signs_of: dict[Relation, str] = {
            "←": self.characters.arrow,
            "=": " = ",
            "≈": self.characters.about,
        }
        sides = [
            (signs_of[member.relation], member.role, member.node) for member in line_members(line)
        ]
        if not apart:
            others = (
                part
                for sign, role, node in sides
                for part in (Part("sign", one_line(sign)), Part(role, self.write(node)))
            )
            row = [Part("left", self.write(line.left)), *others]
            if sum(part.box.width for part in row) <= room:
                return [row]
        fit = self.flat if flat else self.fitted
        left = fit(line.left, room)
        signs = max((width(sign) for sign, _, _ in sides), default=0)

        def rows_below(indent: int) -> list[list[Part]]:
            """Return the rows; what is indented by less than the left side stands below it."""
            first = [Part("left", left)]
            rows, first = ([], first) if indent >= left.width else ([first], [])
            for sign, role, node in sides:
                start = first or [Part("space", one_line(" " * indent))]
                signed = Part("sign", one_line(padded(sign, signs, "right")))
                side = fit(node, max(room - indent - signs, 1))
                rows.append([*start, signed, Part(role, side)])
                first, indent = [], 1 if hanging else indent
            return _spaced_rows([*rows, first] if first else rows)

        self.is_flattened = False
        rows = rows_below(left.width if left.width <= room // 3 else 1)
        return rows_below(1) if self.is_flattened and not flat else rows

    # Names and operations

    def name(self, id: str) -> Box:
        """Return a name; a gradient is a fraction."""
        text = self.line(Name(id))
        mark = "∂" if self.dialect == "unicode" else "d"
        above, slash, below = text.partition(f"/{mark}")
        if not slash or not above.startswith(mark):
            return one_line(text)
        bar = "|" if self.dialect == "unicode" else "#"
        below, _, term = below.partition(bar)
        box = fraction_box(one_line(above), one_line(mark + below), self.characters.bar)
        if not term:
            return box
        side = self.characters.bars[0][1]
        blank = side + " " * width(term)
        return boxes_beside((box, Box((blank, blank, side + term), 1, 1 + width(term))))

    def number(self, node: Number) -> Box:
        return one_line(self.line(node))

    def index_item(self, node: Tuple | Slice) -> Box:
        return one_line(self.line(node))

    def binding(self, node: Node) -> int:
        return binding_of(node)

    def with_brackets(self, inside: Box) -> Box:
        return _fenced_box(self.characters.round, inside)

    def with_minus(self, inside: Box) -> Box:
        """Return a drawing with a minus before it, which stands apart from a tall one."""
        minus = self.characters.minus + (" " if len(inside.lines) > 1 else "")
        return boxes_beside((one_line(minus), inside))

    def infix(self, operation: str, left: Node, right: Node, after: bool) -> Box:
        """Return a sum or a product with all its operands; a quotient is a fraction."""
        if operation == "divide":
            return fraction_box(self.write(left), self.write(right), self.characters.bar)
        operations = _SUMS if operation in _SUMS else _PRODUCTS
        first, operands = self._operands(Call(operation, (left, right)), operations, after)
        others = (part for sign, box, _, _ in operands for part in (one_line(sign), box))
        return boxes_beside([first[1], *others])

    def _operands(
        self, node: Node, operations: tuple[str, ...], after: bool
    ) -> tuple[tuple[Node, Box], list[tuple[str, Box, str, Node]]]:
        """Return a chain's first operand, then the others: sign, drawing, operation, tree."""
        first, *stages = chain_beginnings(node, operations)
        rest = [(it.operation, it.arguments[1]) for it in stages if isinstance(it, Call)]
        start = self.left(rest[0][0] if rest else operations[0], first, after)
        boxes = [self.right(operation, right) for operation, right in rest]
        signs = self.characters.infix
        if len(start.lines) > 1 or any(len(box.lines) > 1 for box in boxes):
            signs = self.characters.loose
        return (first, start), [
            (signs[operation], box, operation, right)
            for (operation, right), box in zip(rest, boxes, strict=True)
        ]

    def _marked_base(self, node: Node) -> Box:
        """Return what a mark stands on, bracketed unless it is whole by itself."""
        box = self.write(node)
        whole = binding_of(node) == ATOM
        if isinstance(node, Number):
            whole = node.text.replace(".", "").isdigit()
        return box if whole else self.with_brackets(box)

    def power(self, base: Node, exponent: Node) -> Box:
        """Return a power: its exponent in small digits, or above and to the right."""
        box = self._marked_base(base)
        small = small_exponent(exponent) if self.dialect == "unicode" else ""
        if not small:
            return exponent_box(box, self.write(exponent))
        if len(box.lines) == 1 and isinstance(base, Name):
            # The printer knows which names need brackets.
            return one_line(self.line(Call("power", (base, exponent))))
        return marked_box(box, small, 0)

    def write_transpose(self, node: Node) -> Box:
        box = self.atom(node)
        if self.dialect == "unicode":
            return marked_box(box, "ᵀ", 0)
        return marked_box(box, ".T", box.baseline)

    def index(self, base: Node, items: tuple[Node, ...]) -> Box:
        """Return an index, behind a tall base in its last row."""
        text = self.line(Call("index", (base, *items)))
        box = self.write(base)
        if len(box.lines) == 1:
            return one_line(text)
        inside = self.line(base)
        if text.startswith(f"({inside})"):
            box = self.with_brackets(box)
            inside = f"({inside})"
        mark = text.removeprefix(inside)
        return marked_box(box, mark, -1 if _LOWERED.match(mark) else box.baseline)

    def array(self, node: Array) -> Box:
        """Return an array: a matrix where its rows are of one length, or are one row of blocks."""
        rows = [item.items for item in node.items if isinstance(item, Array)]
        blocks = rows[0] if len(rows) == 1 else ()
        is_row = any(not isinstance(it, Array) and len(self.write(it).lines) > 1 for it in blocks)
        is_even = len(rows) == len(node.items) and len({*map(len, rows)}) == 1
        whole = is_even and (is_row or len(rows) > 1)
        if not whole or not rows[0] or any(isinstance(cell, Array) for row in rows for cell in row):
            if self.stacks and whole and rows[0] and isinstance(rows[0][0], Array):
                *others, last = map(self.write, node.items)
                comma = one_line(",")
                stacked = [[boxes_beside((box, comma))] for box in others]
                return self._matrix([*stacked, [last]])
            return _fenced_box(self.characters.square, self._comma_separated(node.items))
        return self._matrix([list(map(self.write, row)) for row in rows])

    def display(self, node: Display) -> Box:
        parts = node.parts
        if node.kind == "column":
            return self._matrix([[self.write(item)] for item in parts[0].children()])
        if node.kind == "cases":
            rows = [[*map(self.write, row)] for row in case_rows(node)]
            return self._matrix(rows, self.characters.curly)
        if node.kind == "over":
            return boxes_beside((self._running(node), one_line(" "), self.summand(parts[0])))
        if node.kind == "labelled":
            return self._with_brace(node)
        if node.kind == "rounded":
            return boxes_beside((one_line(self.characters.about.lstrip()), self.write(parts[0])))
        if node.kind == "gradient":
            mark = one_line("∂" if self.dialect == "unicode" else "d")
            above, below = (
                boxes_beside(
                    (mark, box if stands_below_gradient(part) else self.with_brackets(box))
                )
                for part, box in zip(parts, map(self.write, parts), strict=True)
            )
            return fraction_box(above, below, self.characters.bar)
        if node.kind in ("below", "array", "through", "rest"):
            base = self.write(parts[0])
            if len(base.lines) > 1:
                subscripts = self.line(node).removeprefix(self._line_of_base(node))
                if node.kind == "array":
                    base = _fenced_box(self.characters.square, base)
                elif self.line(node).startswith(f"({self.line(parts[0])})"):
                    base = self.with_brackets(base)
                if subscripts.startswith(("_(", "_{")):  # the lowest line is below already
                    subscripts = f" {subscripts[2:-1]}"
                return marked_box(base, subscripts, -1)
        is_bracketed = node.kind == "function" or len(parts) == 1
        inside = self._comma_separated(parts) if is_bracketed else one_line("")
        if len(inside.lines) > 1:
            if node.kind == "norm":
                return _fenced_box(self.characters.double, inside)
            line, text = self.line(node), ", ".join(map(self.line, parts))
            before, _, after = line.partition(text)
            brackets = self.characters.square if before.endswith("[") else self.characters.round
            return boxes_beside(
                (one_line(before[:-1]), _fenced_box(brackets, inside), one_line(after[1:]))
            )
        return one_line(self.line(node))

    def _with_brace(self, node: Display) -> Box:
        """Return a part with a brace and words below it."""
        part, *names = node.parts
        box = self.write(part)
        words = " ".join((self.notation.word(node.text), *map(self.line, names)))
        columns = max(box.width, width(words))
        inside = max(box.width - 2, 0)
        brace = self.characters.brace[0] + self.characters.bar * inside + self.characters.brace[1]
        below = brace if box.width > 1 else self.characters.bar
        lines = (
            *_center_lines(box, columns),
            *(padded(text, columns, "centre") for text in (below, words)),
        )
        return Box(lines, box.baseline, columns)

    def _line_of_base(self, node: Display) -> str:
        """Return how the text of an entry begins, before its subscripts."""
        inside = self.line(node.parts[0])
        whole = self.line(node)
        prefixes = (f"({inside})", f"[{inside}]", inside)
        return next(filter(whole.startswith, prefixes), "")

    def _running(self, node: Display) -> Box:
        """Return a sum's sign with its limits above and below."""
        sign = node.text if self.dialect == "unicode" or node.text != "∑" else "sum"
        limits = [self.line(part) for part in node.parts[1:]]
        columns = max(width(sign), *map(width, limits))
        lines = [*limits[1:], sign, limits[0]]
        box_lines = tuple(padded(line, columns, "centre") for line in lines)
        return Box(box_lines, len(limits) - 1, columns)

    def _comma_separated(self, nodes: Iterable[Node]) -> Box:
        return boxes_beside(_with_separators(", ", map(self.write, nodes)))

    def _matrix(self, rows: list[list[Box]], fence: tuple[str, str] | None = None) -> Box:
        columns: list[list[Box]] = []
        for column in zip(*rows, strict=True):
            if all(len(cell.lines) == 1 for cell in column):
                columns.append(list(map(one_line, align_texts([cell.lines[0] for cell in column]))))
            else:
                most = max(cell.width for cell in column)
                columns.append(
                    [Box(tuple(_center_lines(cell, most)), cell.baseline, most) for cell in column]
                )
        lines = [boxes_beside(_with_separators("  ", row)) for row in zip(*columns, strict=True)]
        inside = boxes_stacked(lines)
        return _fenced_box(
            fence or self.characters.square,
            inside._replace(baseline=(len(inside.lines) - 1) // 2),
        )

    def call(self, node: Call) -> Box:
        """Return a root, bars, a sum, or a function's name with its arguments."""
        look = self.vocabulary.looks.get(node.operation)
        if look is not None and len(node.arguments) == 1 and not node.keywords:
            inside = node.arguments[0]
            if look.form in ("root", "bars") and self.dialect == "unicode":
                if self.vocabulary.with_form(look.form, "") == node.operation:
                    box = self.write(inside)
                    if look.form == "bars":
                        return _fenced_box(self.characters.bars, box)
                    text = self.line(node)
                    return root_box(box) if text.startswith("√(") else one_line(text)
            elif look.latex == r"\sum" and self.dialect == "unicode":
                box = self.write(inside)
                is_loose = binding_of(inside) <= SUM
                return boxes_beside((one_line("∑ "), self.with_brackets(box) if is_loose else box))
        if not node.arguments and not node.keywords:
            return one_line(self.line(node))
        name = self.line(Call(node.operation, ())).removesuffix("()")
        boxes = [self._comma_separated(node.arguments)] if node.arguments else []
        for word, value in node.keywords:
            boxes += [one_line(f"{', ' if boxes else ''}{word}="), self.write(value)]
        return boxes_beside((one_line(name), self.with_brackets(boxes_beside(boxes))))


def chain_beginnings(node: Node, operations: Collection[str] = ()) -> Sequence[Node]:
    """Return a sum's or a product's beginnings: its first operand, then one more each time.

    `operations` are those of a chain; where none are said, those of the node.
    """
    beginnings = [node]
    kind = node.operation if isinstance(node, Call) else ""
    chained = operations or next((each for each in (_SUMS, _PRODUCTS) if kind in each), ())
    while isinstance(last := beginnings[-1], Call) and last.operation in chained:
        beginnings.append(last.arguments[0])
        if mixes_products(beginnings[-1], last.operation):
            break  # mixed products stand in brackets
    return beginnings[::-1]


def _spaced_rows(rows: list[list[Part]]) -> list[list[Part]]:
    """Return rows with an empty one where two tall ones would touch."""
    result: list[list[Part]] = []
    below = 0
    for row in rows:
        if below and max(part.box.above for part in row):
            result.append([Part("space", one_line(""))])
        result.append(row)
        below = max(part.box.below for part in row)
    return result
