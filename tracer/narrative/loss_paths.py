"""All ways from the loss back to one entry, every factor with its number.

The entries of the recorded quantities are a graph; an edge is an entry's use in another, with the
local derivative that the rules of the table write for its scalar form. The gradient is the sum
over the paths of the products of their edges (Griewank and Walther, Evaluating Derivatives,
chapter 3). Where there are too many paths, those that go on from one entry are folded into one
factor, the gradient that is recorded for it: the sum stays what it is.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from functools import cache
from itertools import islice

from tracer.errors import RunError, UnknownNameError
from tracer.expression import Call, Display, Name, Node, walk
from tracer.frozen import Frozen, replace
from tracer.narrative.blocks import (
    Block,
    Cell,
    EquationLine,
    Paragraph,
    Table,
    equality,
    result_cell,
)
from tracer.narrative.entries import (
    EntryWriter,
    Focus,
    left_out,
)
from tracer.narrative.entry_functions import is_entry, leaves_of, place_of
from tracer.narrative.local_derivatives import entry_function
from tracer.narrative.printed_values import printed_values
from tracer.narrative.steps import StepNarrator, gradient_of, put_in
from tracer.operations import (
    EXACT,
    Shape,
    figure_value,
    indices_of,
    literal,
    lookup,
    number_node,
    number_text,
    ravel,
)
from tracer.operations.textbook import DrawnPart, Textbook
from tracer.program.differentiate import differentiate
from tracer.program.elements import join_trees, place_node, printed_form
from tracer.program.program import Equation, names_in, substitute
from tracer.program.shapes import Shapes
from tracer.run.trace import Iteration
from tracer.sentences import Slot, say

MOST_PATHS = 12  # beyond which those that go on from one layer are folded
MOST_ROWS = 24  # beyond which those between the first and the last are one row
MOST_IN_LINE = 4  # paths that are written out in one line
MOST_FACTORS = 100  # of a path that is written out in one line: a product is a tree as deep
MOST_ENTRIES = 400  # of a quantity that is searched for uses of an entry
MOST_PARTS = 60  # of a local derivative that is written out
MOST_DEPTH = 300  # of a tree that is differentiated: up to three nested calls of Python a level
MOST_NAMED = 9  # of a local derivative that is its own name


class LocalFactor(Frozen):
    """A local derivative on a path: of one entry by the one before it, with its value.

    `folded`: all ways on from the lower entry in one number, its recorded gradient.
    """

    above: Node
    below: Node
    formula: Node
    value: float
    folded: bool = False


class LossPath(Frozen):
    """One way from the loss to an entry: its factors, from the loss down, and their product."""

    factors: Sequence[LocalFactor]
    value: float


class LossChain(Frozen):
    """The whole way from the loss to an entry: its paths, and their sum, the entry's gradient."""

    loss: Node
    entry: Node
    gradient: Node
    paths: Sequence[LossPath]
    value: float


def loss_chain(iteration: Iteration, focus: Focus, narrator: StepNarrator) -> LossChain | None:
    """Return the way to an entry; None where it has no gradient, or the run ends before it."""
    try:
        paths = loss_paths(iteration, focus, narrator)
        gradient = gradient_of(iteration.program, focus.name) or ""
        values = printed_values(iteration, gradient, iteration.floats(gradient))
    except (RunError, UnknownNameError, ArithmeticError):
        return None
    if not paths or not all(math.isfinite(path.value) for path in paths):
        return None
    return LossChain(
        Name(iteration.program.loss or ""),
        place_node(focus.name, focus.index),
        place_node(gradient, focus.index),
        paths,
        float(values[ravel(focus.index, iteration.shape(focus.name))]),
    )


def loss_paths(iteration: Iteration, focus: Focus, narrator: StepNarrator) -> list[LossPath]:
    """Return the ways from the loss to an entry, in the order of the program, the latest first.

    Empty where the entry has no gradient on record, is not used, or has too many ways.
    """
    loss = iteration.program.loss
    if loss is None or focus.name == loss or gradient_of(iteration.program, focus.name) is None:
        return []
    return _Search(iteration, focus, narrator).paths()


class _Search:
    """Follows an entry through its uses, a quantity at a time, until only the loss is left."""

    def __init__(self, iteration: Iteration, focus: Focus, narrator: StepNarrator) -> None:
        self.iteration = iteration
        self.program = iteration.program
        self.loss = self.program.loss or ""
        self.entries = EntryWriter(iteration, narrator)
        self.elements = self.entries.elements
        self.start = place_node(focus.name, focus.index)
        self.forward = [*self.program.phase("forward", "loss")]
        self.order = {item.name: at for at, item in enumerate(self.forward)}
        self.on_the_way = self.program.needed_by_loss
        self.uses = cache(self.find_uses)
        self.formula = cache(self.entry_formula)  # a sum that uses thousands of entries is one

    def paths(self) -> list[LossPath]:
        waiting: list[tuple[Node, list[LocalFactor]]] = [(self.start, [])]
        complete_paths: list[list[LocalFactor]] = []
        top = Name(self.loss)
        while waiting:
            # What is given stands before all that is computed.
            names = (place_of(entry)[0] for entry, _ in waiting)
            name = min(names, key=lambda name: self.order.get(name, -1))
            current = [item for item in waiting if place_of(item[0])[0] == name]
            rest = [item for item in waiting if place_of(item[0])[0] != name]
            branches = [(self.uses(entry), factors) for entry, factors in current]
            extended_paths = [
                (use.above, [use, *factors])
                for uses, factors in branches
                if uses is not None
                for use in uses
            ]
            too_many = len(extended_paths) + len(rest) + len(complete_paths) > MOST_PATHS
            is_start = name == place_of(self.start)[0]
            if any(uses is None for uses, _ in branches) or (too_many and not is_start):
                gradient = gradient_of(self.program, name)
                if gradient is None:
                    return []  # the ways on from here can neither be listed nor be one factor
                complete_paths += [
                    [self.rest(entry, gradient), *factors] for entry, factors in current
                ]
                waiting = rest
                continue
            complete_paths += [factors for entry, factors in extended_paths if entry == top]
            waiting = rest + [item for item in extended_paths if item[0] != top]
        return [
            LossPath(item, math.prod(factor.value for factor in item)) for item in complete_paths
        ]

    def rest(self, entry: Node, gradient: str) -> LocalFactor:
        """Return all ways on from an entry as one factor: its entry of a gradient."""
        formula = place_node(gradient, place_of(entry)[1])
        return LocalFactor(
            Name(self.loss), entry, formula, self.entries.worth(formula), folded=True
        )

    def entry_formula(self, at: int, index: Shape) -> tuple[Node, bool]:
        """Return the formula of an entry, and whether it is too large to be one of many."""
        node = self.elements.entry(self.forward[at].expression, index).node
        return node, any(islice(walk(node), 40 * MOST_PARTS - 1, None))

    def find_uses(self, entry: Node) -> list[LocalFactor] | None:
        """Return the local derivatives of all entries that use one; None where it is too much."""
        name = place_of(entry)[0]
        may_fold = gradient_of(self.program, name) is not None and entry != self.start
        factors: list[LocalFactor] = []
        for item in self.forward:
            if item.name not in self.on_the_way or name not in names_in(item.expression):
                continue
            if math.prod(item.shape) > MOST_ENTRIES and may_fold:
                return None
            for index in self.reached_entries(item, entry):
                node, is_large = self.formula(self.order[item.name], index)
                if may_fold and is_large:
                    return None
                if entry not in leaves_of(node):
                    continue
                calls = [part for part in walk(node) if isinstance(part, Call)]
                if _path_depth(node) > MOST_DEPTH or any(
                    lookup(it.operation).inner for it in calls
                ):
                    return None  # no rule writes the derivative of a helper of element forms
                factor = self.local(item, index, node, entry)
                if factor is None:
                    continue
                if may_fold and len(list(walk(factor.formula))) > MOST_PARTS:
                    return None
                factors.append(factor)
        return factors

    def reached_entries(self, user: Equation, entry: Node) -> Iterable[Shape]:
        """Return the entries of an equation that may use one: their gradients go into its own.

        All of them where the rules have written its gradient without those.
        """
        name, index = place_of(entry)
        upstream = f"d{self.loss}/d{user.name}"
        backward = self.program.phase("backward")
        shares = [it.expression for it in backward if (it.wrt, it.path) == (name, user.name)]
        if not shares or any(upstream not in names_in(share) for share in shares):
            return indices_of(user.shape)
        gradients = [self.elements.entry(share, index).node for share in shares]
        leaves = (place_of(leaf) for gradient in gradients for leaf in leaves_of(gradient))
        return sorted({place for each, place in leaves if each == upstream})

    def local(self, item: Equation, index: Shape, node: Node, entry: Node) -> LocalFactor | None:
        """Return the derivative of one entry by another, as the rules of the table write it."""
        names = {leaf: Name(f"v{at}") for at, leaf in enumerate(leaves_of(node))}
        shapes = Shapes({name.id: () for name in names.values()} | {"out": ()})
        scalar = Equation("out", put_in(node, names), (), "loss")
        variable = names[entry].id
        differentiation = differentiate([scalar], "out", [variable], shapes)
        if variable not in differentiation.names:
            return None  # no gradient flows through it
        above = place_node(item.name, index)
        back: dict[str, Node] = {name.id: leaf for leaf, name in names.items()} | {"out": above}
        for equation in (*differentiation.forward, *differentiation.backward):
            if equation.name != "out":
                back[equation.name] = substitute(equation.expression, back)
        formula = back[differentiation.names[variable]]
        return LocalFactor(above, entry, formula, self.entries.worth(formula))


def _path_depth(node: Node) -> int:
    """Return how deep a tree is; a sum of thousands of terms is as deep."""
    depth, level = 0, [node]
    while level:
        depth, level = depth + 1, [part for item in level for part in item.children()]
    return depth


# As blocks --------------------------------------------------------------------------------------


def chain_blocks(
    chain: LossChain, iteration: Iteration, narrator: StepNarrator, textbook: Textbook | None
) -> Iterator[Block]:
    """Yield the whole way from the loss to an entry: a row a path, and all in one line."""
    paths, count = chain.paths, len(chain.paths)
    first = [factor for path in paths for factor in path.factors[:1]]
    folded = list(dict.fromkeys(place_of(factor.below)[0] for factor in first if factor.folded))
    start: Slot = chain.loss
    if folded:
        names = list(map(Name, folded))
        start = (
            say("the entries of {names}", names=names)
            if all(factor.folded for factor in first)
            else say("{loss} and the entries of {names}", loss=chain.loss, names=names)
        )
    yield Paragraph([say("All paths from the loss")], kind="label")
    yield Paragraph(
        [
            say(
                "One path leads from {loss} back to {entry}.",
                loss=start,
                entry=chain.entry,
            )
            if count == 1
            else say(
                "{count} paths lead from {loss} back to {entry}. Along each the "
                "local derivatives are multiplied; the products add up to the gradient.",
                count=count,
                loss=start,
                entry=chain.entry,
            )
        ]
    )
    if folded:
        yield Paragraph(
            [
                say(
                    "Beyond the entries of {names} there are too many paths to list: all those "
                    "that start from one entry are combined into one factor, the gradient of the "
                    "loss there.",
                    names=list(map(Name, folded)),
                )
            ]
        )
    writer = _PathWriter(chain, iteration, narrator, textbook)
    yield from writer.local_lines()
    yield writer.table()
    yield writer.line()


class _PathWriter:
    """Writes the paths of a chain: `summands` are what stands in the sum over them, as figures."""

    def __init__(
        self,
        chain: LossChain,
        iteration: Iteration,
        narrator: StepNarrator,
        textbook: Textbook | None,
    ) -> None:
        self.chain = chain
        self.iteration = iteration
        self.entries = EntryWriter(iteration, narrator)
        self.digits = narrator.digits
        self.textbook = textbook
        self.between = _middle_paths(chain.paths)
        self.figures = [[*map(self.figure, path.factors)] for path in chain.paths]
        self.summands = [
            self.sum_text([row], path.value)
            for row, path in zip(self.figures, chain.paths, strict=True)
        ]
        self.are_exact = all(
            _is_sum([row], text) for row, text in zip(self.figures, self.summands, strict=True)
        )
        self.result = self.sum_text(self.figures, chain.value)
        middle = slice(self.between.start, self.between.stop)
        if self.between:  # these are one of them
            values = [path.value for path in chain.paths[middle]]
            self.summands[middle] = [self.sum_text(self.figures[middle], math.fsum(values))]

    def local_lines(self) -> Iterator[EquationLine]:
        """Yield what each local derivative is that the table has by its name: σ′(z) = a (1 − a)."""
        paths = [path for at, path in enumerate(self.chain.paths) if at not in self.between]
        named = {self.name(factor): factor for path in paths for factor in path.factors}
        for name, factor in named.items():
            if isinstance(name, DrawnPart) and literal(factor.formula) is None:
                line = self.entries.line(name, factor.formula, factor.value)
                yield replace(line, reduced=None)

    def cell(self, factor: LocalFactor) -> Node:
        """Return a factor's name and number, the number alone where code has no name."""
        value = number_node(self.figure(factor))
        if self.textbook is None and literal(factor.formula) is not None:
            return value
        return equality(self.name(factor), value, follows=self.is_exact(factor))

    def is_exact(self, factor: LocalFactor) -> bool:
        """Say whether a factor's figure is its value and no rounding of it."""
        return math.isclose(figure_value(self.figure(factor)), factor.value, rel_tol=EXACT)

    def figure(self, factor: LocalFactor) -> str:
        """Return a factor as it is printed: a given number as it was written."""
        if is_entry(factor.formula):
            return self.entries.figure(factor.formula)
        return self.entries.text(factor.formula, factor.value)

    def name(self, factor: LocalFactor) -> Node:
        """Return what a factor is called: a weight, an input, σ′(z), a short formula, or ∂y/∂x."""
        formula = printed_form(factor.formula)
        if self.textbook is None or is_entry(formula):
            return formula
        draw = self.textbook.expression
        above, inner = place_of(factor.above)[0], Name(place_of(factor.below)[0])
        gradient = self.gradient_alone(factor)
        if gradient is not None:
            return gradient
        function = entry_function(self.iteration.program.equation(above).expression, inner)
        # These say it shorter themselves, and what has no name of its own has no line to read.
        if function not in ("", "negative", "exp") and inner.id not in self.textbook.named:
            return DrawnPart(Display("derivative", (draw(factor.below),), function))
        if literal(formula) is None and not formula.content.names:  # one number for all entries
            return DrawnPart(Display("gradient", (draw(Name(above)), draw(inner))))
        if literal(formula) is None and len(list(walk(formula))) <= MOST_NAMED:
            return formula
        return DrawnPart(Display("gradient", (draw(factor.above), draw(factor.below))))

    def gradient_alone(self, factor: LocalFactor) -> Node | None:
        """Return the gradient of an entry that goes into the loss and nowhere else, as it stands.

        Then the derivative of the loss by it is all of its gradient, which has a line of its own.
        """
        name, index = place_of(factor.below)
        gradient = gradient_of(self.iteration.program, name)
        if factor.above != self.chain.loss or gradient is None:
            return None
        is_all = self.entries.entry(place_node(gradient, index)) == factor.value
        return printed_form(place_node(gradient, index)) if is_all else None

    def drawn_name(self, factor: LocalFactor) -> Node:
        """Return what a factor is called, drawn where there is a textbook."""
        name = self.name(factor)
        return name if self.textbook is None else self.textbook.expression(name)

    def table(self) -> Table:
        """Return a row a path, and the sum."""
        paths, between = self.chain.paths, self.between
        depth = max(len(path.factors) for path in paths)
        head: list[Cell] = [say("path")]
        head += [say("factor {number}", number=at + 1) for at in range(depth)]
        # A sign before a product would join it to the factor in the cell before it.
        head.append(say("product") if self.are_exact else say("product, rounded"))
        label = say("the {count} paths between", count=len(between))
        rows: list[list[Cell]] = [
            [str(at), *map(self.cell, path.factors), *[""] * (depth - len(path.factors))]
            for at, path in enumerate(paths, start=1)
        ]
        rows[between.start : between.stop] = [[label, *["…"] * depth]] * bool(between)
        for row, summand in zip(rows, self.summands, strict=True):
            row.append(number_node(summand))
        if len(paths) > 1:
            is_exact = _is_sum(zip(self.summands), self.result)
            last = result_cell(number_node(self.result), is_exact)
            rows.append([say("sum over paths"), *[""] * (depth - 1), self.chain.gradient, last])
        return Table(head, rows)

    def line(self) -> EquationLine:
        """Return the sum of the products in one line: of many paths each product in one number."""
        paths, gradient, result = self.chain.paths, self.chain.gradient, number_node(self.result)
        rows = [
            [item for item in path.factors if literal(item.formula) != 1] or path.factors[:1]
            for path in paths
        ]
        if len(paths) > MOST_IN_LINE or max(map(len, rows)) > MOST_FACTORS:
            terms = [
                left_out(text) if self.between and at == self.between.start else number_node(text)
                for at, text in enumerate(self.summands)
            ]
            follows = _is_sum(zip(self.summands), self.result) and len(terms) > 1
            return EquationLine(gradient, join_trees("add", terms), result=result, follows=follows)
        is_value = len(paths) == len(rows[0]) == 1  # of the formula as a whole: a result
        formulas = [join_trees("multiply", list(map(self.drawn_name, row))) for row in rows]
        formula = join_trees("add", formulas)
        numbers = [
            join_trees("multiply", [number_node(self.figure(factor)) for factor in row])
            for row in rows
        ]
        return EquationLine(
            gradient,
            formula if self.textbook is None else DrawnPart(formula),
            substituted=None if is_value else join_trees("add", numbers),
            result=result,
            follows=(
                self.is_exact(paths[0].factors[0])
                if is_value
                else _is_sum(self.figures, self.result)
            ),
        )

    def sum_text(self, products: Iterable[Iterable[str]], value: float) -> str:
        """Return the figure of a sum of products of figures that has this value."""
        is_exact = self.entries.narrator.exact is not None
        return str(_sum_of(products)) if is_exact else number_text(value, self.digits)


def _sum_of(products: Iterable[Iterable[str]]) -> Fraction:
    """Return the exact sum of products of figures."""
    return sum((math.prod(map(Fraction, row), start=Fraction(1)) for row in products), Fraction(0))


def _is_sum(products: Iterable[Iterable[str]], result: str) -> bool:
    """Say whether printed products of figures add up to exactly what is printed as the result."""
    return _sum_of(products) == Fraction(result)


def _middle_paths(paths: Sequence[LossPath]) -> range:
    """Return which of the paths are told as one, where there are too many for a table."""
    if len(paths) <= MOST_ROWS:
        return range(0)
    return range(MOST_PATHS // 2, len(paths) - MOST_PATHS // 2)
