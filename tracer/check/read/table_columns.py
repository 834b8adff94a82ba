"""Columns of a table that are headed by formulas: each figure below is what one is in its row."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from tracer.check.arithmetic.figures import figure
from tracer.check.model.statements import EquationChain, MappedText, Statement, pieces_between
from tracer.check.model.written_trees import at_place, is_literal, names_in, rewrite
from tracer.check.read.stage_markers import COUNTERS_OF_ROWS
from tracer.check.trace.aliases import quantity_key
from tracer.expression import Name, Node, Number
from tracer.frozen import replace
from tracer.intervals import Interval, Value, value_or_none
from tracer.lazy_regex import lazy_regex
from tracer.operations import number_node

FACTOR_BEFORE_NAME = lazy_regex(r"(?<=\d) (?=[^\W\d])")
_PLAIN_NUMBER = lazy_regex(r"[-−]?[0-9]+(?:\.[0-9]+)?")
_BLANKS = lazy_regex(r"(?<=\S)\s+(?=\S)")
_OF_A_TIME = lazy_regex(
    r"(?P<name>[^\W\d]\w*) +\(?(?:(?P<new>new|after|next|neu|nachher|nuevo)"
    r"|before|old|alt|vorher|viejo)\)?(?= *$)"
)
COUNTS_ROWS = ("i", "j", "k", "n")
BEFORE = lazy_regex(r"(.+)\[(\w) - 1\]")


def headed_cells(heads: MappedText, row: MappedText) -> Iterator[MappedText]:
    """Yield `head = cell` for each cell of a row; nothing where it has not as many as heads."""
    above, below = _cells_of(heads), _cells_of(row)
    for head, cell in zip(above, below, strict=True) if len(above) == len(below) else ():
        yield _headed_cell(head, cell)


def cells_behind_head(row: MappedText) -> Iterator[MappedText]:
    """Yield `head = cell` for each cell of a row that has its head in front."""
    head, *cells = _cells_of(row) or [row]
    for cell in cells:
        yield _headed_cell(head, cell)


def _cells_of(row: MappedText) -> list[MappedText]:
    return [row.cut(*piece) for piece in pieces_between(row.text, "|")]


def _headed_cell(head: MappedText, cell: MappedText) -> MappedText:
    lines = [*head.lines, cell.lines[0], *cell.lines]
    columns = [*head.columns, cell.columns[0], *cell.columns]
    formula = FACTOR_BEFORE_NAME.sub("·", _OF_A_TIME.sub(_name_then, head.text))
    return MappedText(f"{formula}={cell.text}", lines, columns)


def _name_then(head: re.Match[str]) -> str:
    """Return the name of a head such as `w after` or `w (old)`, with as many characters."""
    return (head["name"] + "_new" * (head["new"] is not None)).ljust(len(head[0]))


def with_cells(text: MappedText, sign: str) -> MappedText:
    """Return a row with `|` between its cells, which some sign, or blanks, stand between."""
    bare = text.text.replace("\\|", "  ")
    cells = _BLANKS.sub(_as_sign, bare) if sign == " " else bare.replace(sign, "|")
    return MappedText(cells, text.lines, text.columns)


def _as_sign(blanks: re.Match[str]) -> str:
    return "|" + " " * (len(blanks[0]) - 1)


def aligned_tables(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield where tables of figures begin and end, with blanks between their cells.

    The first word of a head says that its column counts the rows; below stand two and more.
    """
    cells = [line.split() for line in lines]
    for first, heads in enumerate(cells):
        if len(heads) < 2 or heads[0].strip(":#.").casefold() not in COUNTERS_OF_ROWS:
            continue
        last = first + 1
        while (
            last < len(cells)
            and len(cells[last]) == len(heads)
            and all(map(_is_figure, cells[last]))
        ):
            last += 1
        if last - first > 2:
            yield first, last


def _is_figure(cell: str) -> bool:
    try:
        float(cell.replace("−", "-"))
    except ValueError:
        return False
    return True


class RowOfTable:
    """The chains `head = cell` of a row, beside the figures of the row above it.

    A name has the figure of its column in the same row. It has the one of the row above where its
    column is worked out later, and of what the name is put in for: `h` in `h = 0.8 h`, `w` in the
    column `g = 2w` before `w = w - 0.1 g`, `w` beside `w'` and `w[t - 1]` beside `w_t`. Where its
    column stands further on and no head says how it comes about, it may have either.
    """

    def __init__(self, cells: Sequence[Statement], above: Mapping[str, Node]) -> None:
        self._chains = [cell for cell in cells if isinstance(cell, EquationChain)]
        self._above = above
        self.figures: dict[str, Node] = {}
        self._columns: dict[str, int] = {}  # of each name, the first column that it heads
        self._parts: dict[str, set[str]] = {}  # of each name, all names that it is worked out of
        for column, chain in enumerate(self._chains):
            name, *formulas, value = (side.tree for side in chain.sides)
            if isinstance(name, Name) and value is not None and is_literal(value):
                self.figures.setdefault(name.id, value)
                self._columns.setdefault(name.id, column)
                names = {each for tree in filter(None, formulas) for each in names_in(tree)}
                self._parts.setdefault(name.id, names)
        for parts in [*self._parts.values()] * len(self._parts):
            parts.update(*(self._parts[each] for each in parts & self._parts.keys()))

    def worked_cells(self) -> Iterator[EquationChain]:
        """Yield the chains that are worked, with figures for names of columns.

        Nothing else is said of these names. Other names of a formula mean what they mean above the
        table, and so do those of the row above the first one; a formula without a figure of the
        table is of no row. Where a figure is not what its formula gives, what follows may have been
        worked out of that: another reading has the formula in its place.
        """
        for column, chain in enumerate(self._chains):
            formula, result = chain.sides[-2:]
            if formula.tree is None or isinstance(formula.tree, Name):
                continue
            trees = self._with_most_columns(formula.readings)
            here = [self._in_row(tree, column) for tree in trees]
            if here[0] == trees[0]:
                continue
            again = [self._in_row(tree, column, is_worked=True) for tree in trees]
            before = [self._in_row(tree, column, is_above=True) for tree in trees]
            readings = tuple(dict.fromkeys((*here, *again, *before)))
            sides = replace(formula, relation="", readings=readings), result
            yield replace(chain, sides=sides, place=result.written.place())

    def _with_most_columns(self, readings: Sequence[Node]) -> Sequence[Node]:
        """Return the readings with the most names of columns: beside `f'(x)` there is no f' · x."""
        counts = [len(self._columns.keys() & names_in(tree)) for tree in readings]
        return [tree for tree, count in zip(readings, counts, strict=True) if count == max(counts)]

    def members(self) -> Iterator[EquationChain]:
        """Yield what a row says of the members of families, `x_2 = 3` of `x_i` beside an `i` of 2.

        The heads may be of other things: such a figure may confirm what follows, and refutes
        nothing.
        """
        for name, column in self._columns.items():
            family, sign, letter = name.rpartition("_")
            number = self.figures.get(letter) if sign and letter in COUNTS_ROWS else None
            if isinstance(number, Number) and number.value.denominator == 1:
                chain = self._chains[column]
                first, last = chain.sides[0], chain.sides[-1]
                member = Name(quantity_key(f"{family}_{number.value}"))
                sides = replace(first, readings=(member,)), last
                yield replace(chain, sides=sides, doubts=(*chain.doubts, "other_line"))

    def _in_row(
        self, formula: Node, column: int, *, is_worked: bool = False, is_above: bool = False
    ) -> Node:
        def put_in(part: Node) -> Node:
            if not isinstance(part, Name):
                return part
            part = self._with_whole_name(part)
            if is_above and self._columns.get(part.id, -1) > column:
                tree = self._above.get(part.id, part)
            else:
                tree = self._meaning_of(part, column, is_worked=is_worked)
            return part if tree is part else at_place(tree, part.start, part.end)

        return rewrite(formula, put_in)

    def _with_whole_name(self, name: Name) -> Name:
        """Return a name as its column has it: `grad` of the column `Gradient`."""
        small = name.id.lower()
        fits = [each for each in self._columns if each.lower().startswith(small)]
        if name.id in self._columns or len(fits) != 1 or not (small.isalpha() and small[2:]):
            return name
        return Name(fits[0], name.start, name.end)

    def _meaning_of(self, name: Name, column: int, *, is_worked: bool) -> Node:
        """Return what a name means in a formula of a column: a figure, or what is known above."""
        own = self._columns.get(name.id)
        if own is None:
            before = BEFORE.fullmatch(name.id)
            later = _next_names(name.id) if before is None else [f"{before[1]}_{before[2]}"]
            start = name if before is None else Name(before[1])
            return next((self._above.get(n, start) for n in later if n in self.figures), name)
        if own >= column and any(
            self._columns.get(each) == column for each in self._parts[name.id]
        ):
            return self._above.get(name.id, name)
        _, *formulas, _ = self._chains[own].sides
        tree = self.figures[name.id]
        for formula in filter(None, (side.tree for side in formulas if is_worked)):
            worked = self._in_row(formula, own)
            if _are_apart(value_or_none(worked, {}), tree):
                return worked
        return tree


def chain_like(first: EquationChain, cell: MappedText) -> EquationChain | None:
    """Return what a plain number says of the head of its column, like the first cell of that."""
    behind = cell.text.rindex("=") + 1
    figure_text = cell.text[behind:].strip()
    if _PLAIN_NUMBER.fullmatch(figure_text) is None:
        return None
    begin = cell.text.index(figure_text, behind)
    written = cell.cut(begin, begin + len(figure_text))
    node = at_place(number_node(figure_text.replace("−", "-")), 0, len(figure_text))
    head, result = first.sides
    sides = head, replace(result, written=written, readings=(node,))
    text = f"{first.text.partition(' = ')[0]} = {figure_text}"
    return replace(first, sides=sides, place=written.place(), text=text)


def counts_of(cells: Sequence[MappedText]) -> Sequence[int]:
    """Return the numbers by which cells count iterations, one more each; nothing where they do not.

    They are headed, `step=1`.
    """
    heads, _, figures = zip(*(cell.text.rpartition("=") for cell in cells), strict=True)
    counts = [int(each) for it in figures if (each := it.strip(" *_`$.")).isdecimal()]
    is_counter = heads[0].strip(" *_`$#:.").casefold() in COUNTERS_OF_ROWS
    is_whole = is_counter and len(counts) == len(figures)
    return counts if is_whole and counts == [*range(counts[0], counts[0] + len(counts))] else ()


def _are_apart(value: Value | None, cell: Node) -> bool:
    """Tell whether a number is known, and not near a figure."""
    parsed = figure(cell)
    if not isinstance(value, Interval) or parsed is None:
        return False
    low, high = parsed.value - 2 * parsed.half, parsed.value + 2 * parsed.half
    return value.high < low or high < value.low


def _next_names(name: str) -> Iterator[str]:
    """Yield what a name may be called one step later: w' or w[t + 1] of w_t."""
    base, _, time = name.rpartition("_")
    yield f"{name}'"
    yield f"{base}[{time} + 1]"
