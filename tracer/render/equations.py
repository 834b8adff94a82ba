r"""An equation line as LaTeX: on one line where there is room, else broken at its signs.

For the LaTeX document, for Markdown and for whoever shows one line by itself. How much room a
formula takes is an estimate that knows no font: the columns of its drawing in a terminal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from itertools import pairwise
from typing import Final, NamedTuple

from tracer.expression import Array, Call, Display, Node, Notation, Tuple, render, walk
from tracer.lazy_regex import lazy_regex
from tracer.narrative.blocks import EquationLine
from tracer.operations import vocabulary
from tracer.render.block_writer import Relation, line_members, line_text
from tracer.render.boxes import Box, Layout, chain_beginnings

MOST_KNOWN: Final = 20_000  # drawings that are kept
_MINUS: Final = lazy_regex(r"^-[^ ,]+")
_NUMBERS: Final = lazy_regex(r"\\left\[\\begin\{matrix\} (.*?) \\end\{matrix\}\\right\]")
_SHORT: Final = 10  # columns after which no line ends before what is too long for any line
_SUMS: Final = ("add", "subtract")


class FormulaWidths(Layout):
    """Knows how wide and how high formulas are in one notation; what it has drawn is kept."""

    __slots__ = ("_drawn",)

    def __init__(self, notation: Notation) -> None:
        super().__init__(vocabulary(), notation)
        self._drawn = lru_cache(MOST_KNOWN)(super().write)

    def of(self, node: Node) -> int:
        """Return the columns of a formula."""
        return self.write(node).width

    def is_tall(self, node: Node) -> bool:
        """Tell whether a formula is higher than a line of text."""
        return len(self.write(node).lines) > 1

    def write(self, node: Node, after: bool = False) -> Box:
        """Return a formula's drawing; `after` says that it stands behind an operator."""
        return self._drawn(node, after)

    def stages(self, node: Node, room: float) -> Sequence[Node]:
        """Return the beginnings of a formula after which a line may end, the whole one last.

        A long sum is broken before its signs, a long product before its dots, so that each piece
        between two beginnings fits into the room, if it can.
        """
        if self.of(node) <= room:
            return (node,)
        begun = chain_beginnings(node)
        chosen = _line_stops([self.of(stage) for stage in begun], room)
        return (*(begun[place] for place in chosen), node)


formula_widths = lru_cache(8)(FormulaWidths)  # many lines of a document have parts in common


def is_sum(node: Node) -> bool:
    """Tell whether a formula is a sum or a difference."""
    return isinstance(node, Call) and node.operation in _SUMS


def rows_of(node: Node) -> int:
    """Return the rows of the highest matrix or column in a formula, 1 where it has none."""
    here = 1
    if isinstance(node, Array):  # in a list of matrices, or of numbers, all stand in line
        rows = [item.items for item in node.items if isinstance(item, Array)]
        if rows and not any(isinstance(cell, Array) for row in rows for cell in row):
            here = len(node.items)
    elif isinstance(node, Display) and node.kind == "column":
        here = len(node.parts[0].children())
    return max([here, *map(rows_of, node.children())])


def listed_items(node: Node) -> Sequence[Node]:
    """Return the numbers of a row, or the operands of a function; nothing of another formula."""
    if isinstance(node, Display) and node.kind == "function":
        return node.parts
    row = node.items[0] if isinstance(node, Array) and len(node.items) == 1 else node
    is_row = isinstance(row, Array) and not any(isinstance(item, Array) for item in row.items)
    return row.children() if is_row else ()


def _line_stops(widths: Sequence[int], room: float) -> tuple[int, ...]:
    """Return after which of the beginnings of a chain that is too long a line ends.

    A line does not end after a short piece that is followed by one too long for any line.
    """
    chosen: list[int] = []
    start = 0
    for place, after in enumerate(widths[1:]):
        piece, begun = after - widths[place], widths[place] - start
        if after - start > room and (piece <= room or begun > _SHORT):
            chosen.append(place)
            start = widths[place]
    return tuple(chosen)


RELATIONS: Final[Mapping[Relation, str]] = {"=": "=", "←": r"\leftarrow", "≈": r"\approx"}
Formula = Callable[[Node], str]
INDENT: Final = 6  # characters by which what goes on from the row before is set in


def latex_rows(line: EquationLine, notation: Notation, room: float) -> Sequence[str]:
    r"""Return one row, or the rows of an `aligned`, each with its `&`.

    `room` is the number of characters that a row should not exceed. What cannot be broken is
    still one row.
    """
    formula = _latex_printer(notation)
    parts = list(line_members(line))
    widths = formula_widths(notation)
    before = widths.of(line.left)
    if before + sum(3 + widths.of(part.node) for part in parts) > room:
        lefts = _Broken(formula, widths, room).rows(line.left)
        inside = max(room - before - INDENT, room / 2)  # right of the left side
        broken = _Broken(formula, widths, inside)
        rows = [
            rf"&\quad {{}} {row}" if place else f"&{RELATIONS[part.relation]} {row}"
            for part in parts
            for place, row in enumerate(broken.rows(part.node))
        ]
        if len(lefts) > 1:
            lines = [f"& {lefts[0]}", *(rf"&\quad {{}} {row}" for row in lefts[1:]), *rows]
        else:
            lines = [f"{lefts[0]} {rows[0]}", *rows[1:]]
        if len(lines) > 1:
            return _in_one_notation(lines)
    return [latex_row(line, notation)]


def _in_one_notation(rows: Sequence[str]) -> Sequence[str]:
    """Return rows in which each list of numbers has commas, where one that is broken has them."""
    if not any(r"\bigl[" in row for row in rows):
        return rows
    return [
        _NUMBERS.sub(lambda match: rf"\left[{match[1].replace(' & ', ', ')}\right]", row)
        for row in rows
    ]


def broken_formula(node: Node, formula: Formula, notation: Notation, room: float) -> str:
    """Return a formula that stands alone, in rows of about `room` characters where it is long."""
    rows = _Broken(formula, formula_widths(notation), room).rows(node)
    inside = " \\\\\n".join(f"&{row}" for row in rows)
    return f"\\begin{{aligned}}\n{inside}\n\\end{{aligned}}" if len(rows) > 1 else rows[0]


def latex_row(line: EquationLine, notation: Notation) -> str:
    """Return a line in one row."""
    return line_text(line, _latex_printer(notation), RELATIONS)


def _latex_printer(notation: Notation) -> Formula:
    return partial(render, dialect="latex", vocabulary=vocabulary(), notation=notation)


def display_equations(lines: Iterable[EquationLine], notation: Notation) -> str:
    """Return `$$…$$` with lines below each other, aligned where their right side begins."""
    formula = _latex_printer(notation)
    rows = [(f"{formula(line.left)} ", line_text(line, formula, RELATIONS)) for line in lines]
    body = " \\\\\n".join(row.replace(left, f"{left}&", 1) for left, row in rows)
    return f"$$\\begin{{aligned}}\n{body}\n\\end{{aligned}}$$"


class _Brackets(NamedTuple):
    """A formula that is broken where its text stands, and what stands around its pieces then."""

    node: Node
    text: str
    opening: str
    closing: str
    items: Sequence[Node] = ()  # with commas between them, where it is a list


class _Broken(NamedTuple):
    """Breaks formulas into rows of so many columns."""

    formula: Formula
    widths: FormulaWidths
    room: float

    def rows(self, node: Node) -> Sequence[str]:
        """Return a formula's rows; those still too long go on within brackets."""
        rows = self.pieces(node)
        if self.widths.of(node) <= self.room:
            return rows
        wide = [part for part in walk(node) if self.widths.of(part) > self.room]
        brackets = [pair for part in wide for pair in self.brackets(part)]
        return [piece for row in rows for piece in self.break_row(row, brackets)]

    def brackets(self, node: Node) -> Iterator[_Brackets]:
        """Yield how a formula that may be broken stands in a text, and how it does when it is.

        A sum stands in brackets as a factor or the operand of a function; what stands above a
        fraction bar stands before a slash then. What is far too wide is broken behind its commas.
        """
        is_row, text, first = isinstance(node, Array), self.formula(node), chain_beginnings(node)[0]
        items = listed_items(node) or self.operands(node, text)
        wide = (item for item in items if self.widths.of(item) > self.room)
        is_whole = is_row or not any(listed_items(part) for item in wide for part in walk(item))
        # Times the room, before its items stand in several rows.
        most = 1.5 if is_row else 2 if is_whole else 1
        items = items if self.widths.of(node) > most * self.room else ()
        inside = text if is_row else ", ".join(map(self.formula, items)) or text
        size = self.bracket_size(node)
        for before, after in (("(", ")"), (r"\left(", r"\right)"), (r"\biggl(", r"\biggr)")):
            around = before + inside + after
            yield _Brackets(node, around, rf"{size}l(", rf"{size}r)", () if is_row else items)
        if is_row and items:
            yield _Brackets(node, text, rf"{size}l[", rf"{size}r]", items)
        elif isinstance(node, Call) and node.operation == "divide":
            above, below = node.arguments
            upper, lower = map(self.factor, node.arguments)
            is_bare = not is_sum(above) and not upper.startswith(r"\left(-")
            size = self.bracket_size(above)
            opening, closing = ("", "") if is_bare else (rf"{size}l(", rf"{size}r)")
            if self.widths.of(below) < self.room / 2:
                yield _Brackets(above, text, opening, f"{closing} / {lower}")
            elif self.widths.of(above) < self.room / 2:
                size = self.bracket_size(below)
                yield _Brackets(below, text, rf"{upper} / {size}l(", rf"{size}r)")
        elif not (is_sum(node) or items or self.widths.of(first) <= self.room / 4):
            yield _Brackets(node, text, "", "")  # but for a factor before a sum

    def operands(self, node: Node, text: str) -> Sequence[Node]:
        """Return what stands with commas between behind a function's name; nothing elsewhere."""
        operands = node.arguments if isinstance(node, Call) else ()
        listed = ", ".join(map(self.formula, operands))
        return operands if operands and text.endswith(rf"\left({listed}\right)") else ()

    def bracket_size(self, node: Node) -> str:
        """Return the size of the brackets round a formula that goes on in the next row."""
        return r"\bigg" if self.widths.is_tall(node) else r"\big"

    def factor(self, node: Node) -> str:
        """Return a formula as it stands beside a slash: what is made of several in brackets."""
        text = self.formula(node)
        is_whole = not isinstance(node, Call) or node.operation in ("sqrt", "index", "power", "exp")
        return text if is_whole else rf"\left({text}\right)"

    def pieces(self, node: Node) -> Sequence[str]:
        """Return a formula broken at the signs of its sum or product."""
        stages = self.widths.stages(node, self.room)
        *texts, whole = map(self.formula, stages)
        # A sum that is a factor stands in brackets there: it does not begin the product's text.
        ends = [0, *map(len, filter(whole.startswith, texts)), len(whole)]
        pieces = [whole[start:end].strip() for start, end in pairwise(ends)]
        # What stands side by side is a product within a row only.
        begun = (*chain_beginnings(node), node)
        is_of_matrices = any(isinstance(it, Call) and it.operation == "beside" for it in begun)
        sign = r"\times" if is_of_matrices else r"\cdot"
        return [f"{sign} {piece[2:]}" if piece.startswith(r"\,") else piece for piece in pieces]

    def rows_of_items(self, items: Sequence[Node]) -> Sequence[str]:
        """Return items with commas between them, as many in a row as fit."""
        rows: list[list[Node]] = []
        for item in items:
            if not rows or self.widths.of(Tuple((*rows[-1], item))) > self.room:
                rows.append([])
            rows[-1].append(item)
        *texts, last = (", ".join(map(self.formula, row)) for row in rows)
        first, *others = (*(f"{text}," for text in texts), last)
        # In braces a sign at the beginning of a row is no minus between two terms.
        return [first, *(_MINUS.sub(r"{\g<0>}", text) for text in others)]

    def break_row(self, row: str, brackets: Sequence[_Brackets]) -> Sequence[str]:
        """Return a row, broken within the brackets that stand free in it, from the outer ones."""
        for place, (node, text, opening, closing, items) in enumerate(brackets, start=1):
            before, middle, after = row.partition(text)
            pairs = (("{", "}"), (r"\left", r"\right"), (r"\begin", r"\end"))
            stands_free = all(before.count(one) == before.count(other) for one, other in pairs)
            if not (middle and stands_free):
                continue
            inner = brackets[place:]
            pieces = self.rows_of_items(items) if items else self.pieces(node)
            broken = [part for piece in pieces for part in self.break_row(piece, inner)]
            if len(broken) > 1:
                last = self.break_row(f"{broken[-1]}{closing}{after}", inner)
                return [f"{before}{opening}{broken[0]}", *broken[1:-1], *last]
        return [row]


def latex_line(line: EquationLine, notation: Notation, room: float = 70) -> str:
    """Return a line as it stands in mathematics, with rows where it is long."""
    rows = latex_rows(line, notation, room)
    if len(rows) == 1:
        return rows[0]
    widths = formula_widths(notation)
    # Room below a row keeps high formulas apart.
    end = "[0.6ex]" if any(widths.is_tall(part.node) for part in line_members(line)) else ""
    inside = f" \\\\{end}\n".join(rows)
    return f"\\begin{{aligned}}\n{inside}\n\\end{{aligned}}"
