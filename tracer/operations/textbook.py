"""Expressions as a textbook prints them: each operation by the look of its row.

A row's `textbook` reading is given the writer and its operands as terms of the language, and
returns the tree that is drawn. Without one a row is written as the printer writes its call, without
attributes. Vectors are columns: where one stands on the left of a product it is transposed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from copy import copy
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Final

from tracer.expression.syntax import (
    DOT,
    ELLIPSIS,
    MOST_HIGH,
    Array,
    Call,
    Display,
    Name,
    Node,
    Number,
    OmittedTerms,
    Tuple,
    array_of,
    count_number,
    entry_of,
    index_from_one,
    indexed_extreme,
    letter,
    long_axes,
    reshape_entries,
    sum_of_cases,
    transpose_form,
    walk,
    with_subscripts,
)
from tracer.operations.array_shape import Shape
from tracer.operations.operation import Term, bound, lookup
from tracer.operations.signature import attribute_node, literal, number

MOST_BLOCKS: Final = 8  # most blocks of a matrix that are written side by side
LETTERS: Final = "ijklmnpqrst"
MOST_INDICES: Final = 4  # most indices in one line


class DrawnPart(Node):
    """A part of an expression that is drawn already."""

    __slots__ = ("drawn",)

    def __init__(self, drawn: Node) -> None:
        self.drawn: Final = drawn

    def key(self) -> tuple[object, ...]:
        """Return what the node says."""
        return (self.drawn,)


class Textbook:
    """Writes trees of the language as a textbook does.

    `shape_of` gives the shape of an expression, `named` what is drawn for some names, `signs` for
    some parts; letters that are names in the expression are not used as indices. `formulas` are of
    names that are drawn as what they are: below an index they are drawn anew, with its letters.
    `computed` are quantities by what the program computes them as; `names` are all that are known,
    of which no sign of a function is to be one.
    """

    def __init__(
        self,
        shape_of: Callable[[Node], Shape],
        named: Mapping[str, Node] = MappingProxyType({}),
        signs: Mapping[Node, Node] = MappingProxyType({}),
        formulas: Mapping[str, Node] = MappingProxyType({}),
        computed: Mapping[Node, Name] = MappingProxyType({}),
        names: Collection[str] = (),
    ) -> None:
        self.shape_of = shape_of
        self.named = named
        self.signs = signs
        self.formulas = formulas
        self.computed = computed
        self.names = names
        self._known: dict[Node, Node] = {}
        self._root: Node | None = None
        self._at: Sequence[Node] = ()  # subscripts of the entry to which a reduction belongs
        self._running: frozenset[str] = frozenset()  # letters that index the whole line
        self._lies = False  # whether vectors are rows

    def expression(self, node: Node) -> Node:
        """Return what is drawn for an expression of the language."""
        form = self._known.get(node)
        if form is None:
            self._root = node
            form = self._known[node] = self.by_entries(node) or self.node(node)
        return form

    def by_entries(self, node: Node) -> Node | None:
        """Return an array by its entries, where what is done to each needs a sum of its row."""
        if not isinstance(node, Call) or not lookup(node.operation).elementwise:
            return None
        joined = (  # where entries are joined along an axis that is kept, of length 1
            part
            for part in walk(node)
            if isinstance(part, Call)
            and part not in self.signs
            and dict(part.keywords).get("keepdims")
            and bound(part)[2].get("keepdims")
        )
        if all(map(self.is_mean_of_rows, joined)):
            return None
        shape = self.shape_of(node)
        letters = self.letters(len(shape))
        self._running = _letters_in(letters)
        entry = self.entry(Term(node, shape), letters)
        array = array_of(entry, long_axes(letters, shape))
        self._running = frozenset()
        return array

    def numbers(self, node: Node) -> Node:
        """Return what is drawn for an expression with its numbers put in: it comes only once."""
        self._root = node
        return self.node(node)

    def below_index(self, node: Node) -> Node:
        """Return what is drawn for an expression with letters that no index of it has."""
        within = copy(self)
        count = MOST_INDICES if self.shape_of(node) else 0  # a number has no index
        within._root, within._running = node, frozenset(LETTERS[:count])
        return within.node(node)

    def has(self, name: str) -> bool:
        """Tell whether a quantity has this name."""
        return name in self.names

    def computed_as(self, call: Call) -> Node | None:
        """Return the quantity that the program computes as a call, p for softmax(z), as drawn."""
        name = self.computed.get(call)
        return None if name is None else self.node(name)

    def node(self, node: Node) -> Node:
        """Return what is drawn for a part of an expression."""
        if isinstance(node, Name):
            formula = self.formulas.get(node.id) if self._running else None
            return self.named.get(node.id, node) if formula is None else self.node(formula)
        if node in self.signs:
            return self.signs[node]
        match node:
            case Call(operation="negative", arguments=(OmittedTerms() as size,)):
                return Display("rest", (_negative_number(*self.node(size).children()),))
            case Call(operation="negative", arguments=(Number() as size,)):
                return _negative_number(self.node(size)) if size.text.strip("0.") else size
            case Call(operation="index", arguments=(Name(), *subscripts)) if all(
                literal(item) is not None for item in subscripts
            ):
                return self.place(node)
            case Call() if _is_list(node):
                items = node.arguments[0].children()
                return Display("function", (*map(self.node, items),), node.operation)
            case Call():
                return self.call(node)
            case DrawnPart():
                return node.drawn
            case Number() if node == ELLIPSIS:
                return letter("⋯")
            case OmittedTerms():
                return Display("rest", (_power_of_ten(Number(node.text, node.value)),))
            case Number():
                return _power_of_ten(node)
            case Array():
                return self.node(single) if (single := _only_entry(node)) else self.array(node)
            case Display(kind="rounded" | "relation"):
                return Display(node.kind, tuple(map(self.node, node.parts)), node.text)
            case Display(kind="labelled", parts=(part, *names)):
                return Display(node.kind, (self.node(part), *names), node.text)
            case _:
                return node

    def call(self, node: Call) -> Node:
        """Return what is drawn for an operation, by the look of its row."""
        row, operands, attributes = bound(node)
        terms = [  # the extreme of a list of expressions is one number
            Term(it, () if isinstance(it, Call) and _is_list(it) else self.shape_of(it))
            for it in operands
        ]
        if node != self._root and not self._at and self.is_mean_of_rows(node):
            return Display("function", (*map(self.term, terms),), "μ")
        if row.textbook is not None:
            form = row.textbook(self, *terms, **attributes)
            return form if node == self._root else in_a_line(form)
        are_aligned = row.elementwise and len(terms) > 1
        operand_forms = (
            self.align_operands(terms, self.shape_of(node))
            if are_aligned
            else map(self.term, terms)
        )
        settings = (  # settings of the operation: rate = 0.25
            Display("relation", (Name(name), self.node(attribute_node(value))), "=")
            for name, value in attributes.items()
            if isinstance(value, Fraction)
        )
        arguments = (*operand_forms, *settings)
        runs_down = attributes.get("axis") in (0, -2)  # a function of each column
        if len(operands) == 1 and len(terms[0].shape) == 2 and runs_down:
            turned = Call(row.name, (transpose_form(arguments[0]), *arguments[1:]))
            return transpose_form(turned) if len(self.shape_of(node)) == 2 else turned
        return Call(row.name, (Array(arguments),) if row.variadic else arguments)

    def is_mean_of_rows(self, call: Call) -> bool:
        """Say whether a call takes the mean of each row, which stays beside all of its entries."""
        row, operands, attributes = bound(call)
        if row.name != "mean" or not attributes["keepdims"]:
            return False
        return attributes["axis"] in (-1, len(self.shape_of(operands[0])) - 1)

    def place(self, node: Call) -> Node:
        """Return an entry of a quantity by its subscripts from 1."""
        match node.arguments:
            case (Name() as base, *items):
                shape = self.shape_of(base)
                places = [count_number(int(literal(item) or 0) + 1) for item in items]
                if base.id in self.named or len(long_axes(places, shape)) < len(places):
                    return with_subscripts(self.named.get(base.id, base), places, shape)
        return node

    def term(self, term: Term) -> Node:
        """Return what is drawn for a term."""
        return self.node(term.node)

    def array(self, node: Array) -> Node:
        """Return an array of numbers; a vector is a column, more axes are a list of matrices."""
        items = tuple(
            self.array(item) if isinstance(item, Array) else self.node(item) for item in node.items
        )
        if len(items) == 1 and isinstance(node.items[0], Array):
            return transpose_form(items[0]) if len(self.shape_of(node)) == 2 else items[0]
        if any(isinstance(item, Array) for item in node.items):
            items = tuple(
                transpose_form(form) if len(self.shape_of(item)) == 1 else form
                for item, form in zip(node.items, items, strict=True)
            )
            return Array(items)
        if self._lies:
            return Array(items)
        if len(items) > MOST_HIGH:
            return Call("transpose_last", (Array(items),))
        return Display("column", (Array(items),))

    def align_operands(self, terms: Sequence[Term], shape: Shape) -> tuple[Node, ...]:
        """Return operands of an elementwise operation: a vector beside a matrix is a row."""
        return tuple(
            self.row(item)
            if len(item.shape) == 1 < math.prod(item.shape) and len(shape) > 1
            else self.term(item)
            for item in terms
        )

    def row(self, term: Term) -> Node:
        """Return a vector that is added to, or multiplied with, each row of a matrix: as a row."""
        calls = [part for part in walk(term.node) if isinstance(part, Call)]
        by_entry = (literal(it) is not None or lookup(it.operation).elementwise for it in calls)
        if not is_numeric(term.node) or not all(by_entry):
            return transpose_form(self.term(term))
        within = Textbook(self.shape_of, self.named)
        within._root, within._lies = self._root, True
        return within.term(term)

    def letters(self, count: int) -> list[Node]:
        """Return so many indices, none that is a name or stands below one, as k in W_k."""
        names = new = {*(self._root or DOT).content.names}
        while new:
            formulas = (self.formulas[name] for name in new & self.formulas.keys())
            new = {name for formula in formulas for name in formula.content.names} - names
            names = names | new
        names |= self._running | {name.rpartition("_")[2] for name in names}
        free = [text for text in LETTERS if text not in names]
        return [letter(text) for text in free[:count]]

    def entry(self, term: Term, subscripts: Sequence[Node]) -> Node:
        """Return an entry of a term: of the operands' entries where each stays one of these.

        So it is of an elementwise operation, of a sum, and where entries have only moved.
        """
        if not term.shape:
            return self.term(term)
        node = term.node
        if isinstance(node, Name) and node.id in self.formulas:
            return self.entry(Term(self.formulas[node.id], term.shape), subscripts)
        if isinstance(node, Display) and node.kind == "labelled":
            part = self.entry(Term(node.parts[0], term.shape), subscripts)
            return Display("labelled", (part, *node.parts[1:]), node.text)
        if isinstance(node, Array) and math.prod(term.shape) == 1:
            return self.entry(Term(node.items[0], term.shape[1:]), subscripts[1:])
        if isinstance(node, Call) and node not in self.signs:
            came_from = self.places_before(node, subscripts)
            if came_from is not None:
                before = self.shape_of(node.arguments[0])
                return self.entry(Term(node.arguments[0], before), came_from)
        is_opened = math.prod(term.shape) == 1 or not is_numeric(node)
        if isinstance(node, Call) and node not in self.signs and is_opened:
            row, operands, attributes = bound(node)
            if "keepdims" in attributes and row.textbook is not None:
                terms = [Term(operand, self.shape_of(operand)) for operand in operands]
                within = copy(self)
                within._running = self._running | _letters_in(subscripts)
                within._at = subscripts
                return row.textbook(within, *terms, **attributes)
            if row.elementwise:
                entries = tuple(
                    self.entry(Term(operand, shape), matching_subscripts(subscripts, shape))
                    for operand in operands
                    for shape in (self.shape_of(operand),)
                )
                if row.textbook is None:
                    return Call(row.name, entries)
                single = Textbook(lambda node: (), self.named)
                terms = [Term(_drawn_operand(item)) for item in entries]
                return in_a_line(row.textbook(single, *terms))
        whole = copy(self)
        whole._running, whole._at = self._running | _letters_in(subscripts), ()
        return entry_of(whole.term(term), long_axes(subscripts, term.shape))

    def places_before(self, node: Call, subscripts: Sequence[Node]) -> Sequence[Node] | None:
        """Return from where an entry came, if a call only moves entries and these can be told."""
        row, (operand, *others), attributes = bound(node)
        before, after = self.shape_of(operand), self.shape_of(node)
        match row.name:
            case "transpose":
                return [subscripts[attributes["axes"].index(at)] for at in range(len(subscripts))]
            case "reshape":
                return _split_subscripts(before, after, subscripts)
            case "broadcast":
                return matching_subscripts(subscripts, before)
            case "index" if DOT not in subscripts:
                return _indexed_subscripts(attributes["items"], before, subscripts)
            case "gather" if others[0].content.names and DOT not in subscripts:
                ids = Term(others[0], self.shape_of(others[0]))
                place = self.entry(ids, subscripts[: len(ids.shape)])
                return [index_from_one(place), *subscripts[len(ids.shape) :]]
        return None

    def draw_reduction(self, sign: str, term: Term, axes: int | Sequence[int] | None) -> Node:
        """Return ∑ or max over all entries, or over some axes, of a term."""
        dimensions = len(term.shape)
        if not dimensions:
            return self.term(term)
        chosen = range(dimensions) if axes is None else [axes] if isinstance(axes, int) else axes
        reduced = sorted(axis % dimensions for axis in chosen)
        run = [axis for axis in reduced if term.shape[axis] != 1]  # over one entry nothing runs
        if dimensions == 2 and len(reduced) == 1 and not run and not self._at:
            return self.term(term) if reduced == [1] else transpose_form(self.term(term))
        # A sum over the first axis is one of vectors; behind one that stays each entry has its own.
        remaining = [at for at in range(dimensions) if at not in reduced and term.shape[at] != 1]
        is_each = not self._at and reduced != [*range(len(reduced))] and bool(remaining)
        lettered = [at for at in (range(dimensions) if is_each else run) if term.shape[at] != 1]
        named = dict.fromkeys([*reduced, *range(dimensions * is_each)], count_number(1))
        named |= zip(lettered, self.letters(len(lettered)), strict=True)
        others = self._at
        if len(others) < dimensions:  # the axes are not kept
            rest = iter(others)
            others = [DOT if at in reduced else next(rest, DOT) for at in range(dimensions)]
        subscripts = [named.get(at, others[at]) for at in range(dimensions)]
        within = copy(self)
        within._running = self._running | _letters_in([*named.values()])
        body = (
            with_subscripts(within.term(term), subscripts, term.shape)
            if DOT in subscripts
            else within.entry(term, subscripts)
        )
        if len(run) > 1 or (run and sign != "∑"):
            body = indexed_extreme(sign, body, index_list([named[at] for at in run]))
        elif run:
            first = Display("relation", (named[run[0]], count_number(1)), "=")
            body = indexed_extreme(sign, body, first, count_number(term.shape[run[0]]))
        indices = [named[at] for at in lettered if at not in run]
        return array_of(body, indices) if indices else body

    def draw_rearranged(self, term: Term, axes: Sequence[int]) -> Node:
        """Return a term with its axes in another order."""
        last_two = (*range(len(axes) - 2), len(axes) - 1, len(axes) - 2)
        if tuple(axes) == last_two:
            return transpose_form(self.term(term))
        letters = self.letters(len(axes))
        came_from = [letters[axes.index(axis)] for axis in range(len(axes))]
        shape = [term.shape[axis] for axis in axes]
        return array_of(self.entry(term, came_from), long_axes(letters, shape))

    def draw_reshaped(self, term: Term, shape: Shape) -> Node:
        """Return a term with its entries, row by row, in another shape.

        An axis that is split in two is written by its entries, one that is split in more is
        flattening undone; two that are joined are blocks side by side, and all axes, or all but the
        first, that are joined are flattened.
        """
        running = iter(self.letters(len(shape)))
        letters = [count_number(1) if size == 1 else next(running) for size in shape]
        subscripts = _split_subscripts(term.shape, shape, letters)
        if subscripts is not None and any(len(_letters_below(it)) > 2 for it in subscripts):
            return Display("function", (self.term(term),), "unflatten")
        if subscripts is not None:
            whole = Call("reshape", (term.node, Tuple(tuple(map(number, shape)))))
            entry = self.entry(Term(whole, shape), letters)
            return array_of(entry, [item for item in letters if not isinstance(item, Number)])
        joins_two = len(term.shape) == 3 and shape == (term.shape[0], math.prod(term.shape[1:]))
        if joins_two and 1 not in term.shape and term.shape[1] <= MOST_BLOCKS:
            places = [[DOT, count_number(at + 1), DOT] for at in range(term.shape[1])]
            return Array((Array(tuple(self.entry(term, place) for place in places)),))
        if shape[:-1] in ((), (1,), term.shape[:1]):
            return Display("function", (self.term(term),), "flatten")
        return reshape_entries(self.term(term), shape)


def in_a_line(form: Node) -> Node:
    """Return what stands for cases within a formula, where they are not the whole of it."""
    return sum_of_cases(form) if isinstance(form, Display) and form.kind == "cases" else form


def _drawn_operand(node: Node) -> Node:
    """Return an operand that is drawn already; a difference stays one of two: 1[a > b]."""
    match node:
        case Call(operation="subtract", arguments=(first, second)):
            return Call("subtract", (_drawn_operand(first), _drawn_operand(second)))
        case _:
            return node if literal(node) is not None else DrawnPart(node)


def _split_subscripts(before: Shape, after: Shape, subscripts: Sequence[Node]) -> list[Node] | None:
    """Return the subscripts, from 1, of an entry before some axes were split: 2 (i − 1) + k.

    None where axes were joined.
    """
    result = []
    rest = [pair for pair in zip(after, subscripts, strict=False) if pair[0] != 1]
    for size in before:
        place, count = None, 1
        while rest and count < size:
            more, letter_of = rest.pop(0)
            count *= more
            place = letter_of if place is None else _next_place(place, more, letter_of)
        if count != size:
            return None
        result.append(place or count_number(1))
    return None if rest or DOT in subscripts else result


def _indexed_subscripts(
    items: Sequence[Any], before: Shape, subscripts: Sequence[Node]
) -> list[Node]:
    """Return the subscripts of an entry before an index chose it: 2 i − 1 of every second one."""
    rest = iter(subscripts)
    result: list[Node] = []
    whole = [slice(None)] * (len(before) - len(items))
    for size, item in zip(before, [*items, *whole], strict=True):
        if isinstance(item, int):
            result.append(count_number(item % size + 1))
            continue
        chosen, inner = range(*item.indices(size)), next(rest)
        place, start = literal(inner), chosen.start + 1 - chosen.step
        if place is not None:
            result.append(count_number(start + chosen.step * int(place)))
        elif chosen.step < 0:
            steps = inner if chosen.step == -1 else Call("multiply", (number(-chosen.step), inner))
            result.append(Call("subtract", (number(start), steps)))
        else:
            steps = inner if chosen.step == 1 else Call("multiply", (number(chosen.step), inner))
            sign = "add" if start > 0 else "subtract"
            result.append(Call(sign, (steps, number(abs(start)))) if start else steps)
    return result


def _letters_below(subscript: Node) -> list[Node]:
    """Return the letters in a subscript that is worked out."""
    return [part for part in walk(subscript) if isinstance(part, Display)]


def _next_place(outer: Node, size: int, inner: Node) -> Node:
    blocks = Call("subtract", (outer, count_number(1)))
    return Call("add", (Call("multiply", (count_number(size), blocks)), inner))


def is_numeric(node: Node) -> bool:
    """Say whether an expression has numbers only."""
    return not any(isinstance(part, Name) for part in walk(node))


def index_list(letters: Sequence[Node]) -> Node:
    """Return indices as they stand below a sum's sign."""
    return letter(", ".join(getattr(item, "text", "") for item in letters))


def _letters_in(subscripts: Sequence[Node]) -> frozenset[str]:
    """Return the letters among subscripts: no array that stands below them has them again."""
    return frozenset(getattr(item, "text", "") for item in subscripts)


def matching_subscripts(subscripts: Sequence[Node], shape: Shape) -> Sequence[Node]:
    """Return the subscripts of an operand that is repeated along the axes it does not have."""
    own = subscripts[len(subscripts) - len(shape) :]
    return [count_number(1) if size == 1 else item for item, size in zip(own, shape, strict=True)]


def _power_of_ten(node: Number) -> Node:
    mantissa, _, exponent = node.text.lower().partition("e")
    if not exponent:
        return node
    power = Call("power", (count_number(10), number(int(exponent))))
    if mantissa == "1":
        return power
    return Call("multiply", (Number(mantissa, node.value / Fraction(10) ** int(exponent)), power))


def _negative_number(node: Node) -> Node:
    """Return a negative number; the sign stands before a power of ten too."""
    if isinstance(node, Call) and node.operation == "multiply":
        mantissa, power = node.arguments
        return Call("multiply", (_negative_number(mantissa), power))
    return Call("negative", (node,))


def _is_list(node: Call) -> bool:
    """Say whether a call is of a list of expressions: max([a, b])."""
    items = node.arguments[0] if node.arguments else None
    if not isinstance(items, Array) or lookup(node.operation).variadic:
        return False
    if node.operation == "max" and not any(isinstance(item, Array) for item in items.items):
        return True  # what an element form writes, with its numbers too
    return not all(isinstance(item, Array) or _is_figure(item) for item in items.items)


def _only_entry(node: Node) -> Node | None:
    """Return the number that an array has as its only entry; None where there are more."""
    while isinstance(node, Array) and len(node.items) == 1:
        node = node.items[0]
    return None if isinstance(node, Array) else node


def _is_figure(node: Node) -> bool:
    """Say whether a node is a number, or a fraction of two, as exact results are written."""
    if isinstance(node, Call) and node.operation in ("divide", "negative"):
        return all(map(_is_figure, node.arguments))
    return literal(node) is not None
