"""The entries of an expression as expressions of single entries, and what figures give there."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from tracer.errors import TracerError
from tracer.expression import Call, Name, Node, Number
from tracer.intervals import INTERVALS, Interval, Unevaluable, exact_interval
from tracer.operations import Shape, figure_value, ravel, unravel
from tracer.program.elements import Elements, UnknownInteger
from tracer.program.program import Equation
from tracer.run.interpret import interpret
from tracer.run.scalar_code import float_value
from tracer.run.scalars import compile_expressions

MOST_KEPT: Final = 512  # equations whose entries are kept as functions
ROUNDED: Final = 1e-13  # more than the rounding of floats changes a sum of products of numbers to 1


class EntryFunctions:
    """The entries of an expression as expressions of entries, each made when it is first needed.

    They are asked of figures: the entries of each quantity in the expression, by its name.
    """

    def __init__(self, elements: Elements, equation: Equation) -> None:
        self.elements = elements
        self._expression = equation.expression
        self.shape = equation.shape
        self._entries: dict[int, tuple[Node, Mapping[Node, tuple[str, int]]]] = {}
        self._compiled: Callable[..., Sequence[float]] | None = None
        self._places: Sequence[tuple[str, int]] = ()
        self._last: tuple[object, Sequence[float]] | None = None  # figures, and what they give

    def is_equal(self, at: int, texts: Mapping[str, Sequence[str]], text: str) -> bool:
        """Tell whether an entry of these figures is exactly a figure; not where it has no value.

        Bounds tell it: they meet in what is exact, 1/3 or the sigmoid of 0, and hold more than one
        number of anything else.
        """
        try:
            node, places = self.entry(at)
            bounds = {
                leaf: exact_figure(texts[name][place]) for leaf, (name, place) in places.items()
            }
            equal: bool = interpret(node, INTERVALS, bounds.get) == exact_figure(text)
        except (UnknownInteger, Unevaluable, TracerError, ArithmeticError, ValueError):
            return False
        return equal

    def worths(self, texts: Mapping[str, Sequence[str]]) -> Sequence[float]:
        """Return what the entries of these figures are worth; nan for what has no value."""
        if self._last is not None and self._last[0] is texts:  # each line asks twice
            return self._last[1]
        # Most derivations are of one iteration: what is asked again is compiled.
        way = self._run_compiled if self._last else self._interpret
        try:
            worths = way(texts)
        except (UnknownInteger, TracerError, ArithmeticError, ValueError):
            worths = self._interpret(texts)
        self._last = texts, worths
        return worths

    def _interpret(self, texts: Mapping[str, Sequence[str]]) -> Sequence[float]:
        worths: list[float] = []
        for at in range(math.prod(self.shape)):
            try:
                node, places = self.entry(at)
                numbers = {
                    leaf: float(texts[name][place]) for leaf, (name, place) in places.items()
                }
                worths.append(float_value(node, numbers))
            except (UnknownInteger, TracerError, ArithmeticError, ValueError):
                worths.append(math.nan)
        return worths

    def _run_compiled(self, texts: Mapping[str, Sequence[str]]) -> Sequence[float]:
        if self._compiled is None:
            entries = [self.entry(at) for at in range(math.prod(self.shape))]
            leaves = {leaf: place for _, places in entries for leaf, place in places.items()}
            self._places = [*leaves.values()]
            self._compiled = compile_expressions([node for node, _ in entries], [*leaves])
        return self._compiled(*[float(texts[name][at]) for name, at in self._places])

    def least_followed(
        self, texts: Mapping[str, Sequence[str]], result: Sequence[str], tolerance: float
    ) -> tuple[Shape, float] | None:
        """Return the entry of a result that figures give worst, and what they give.

        None where all are right to a relative tolerance; a 0 has no such.
        """
        worst: tuple[int, float] | None = None
        most = tolerance
        pairs = zip(map(float, result), self.worths(texts), strict=True)
        for at, (value, near) in enumerate(pairs):
            if value and (away := abs(near - value) / abs(value)) > most:
                worst, most = (at, near), away
        return worst and (unravel(worst[0], self.shape), worst[1])

    def entry(self, at: int) -> tuple[Node, Mapping[Node, tuple[str, int]]]:
        """Return an entry over single entries, and the quantities and places of these."""
        if at not in self._entries:
            node = self.elements.entry(self._expression, unravel(at, self.shape)).node
            self._entries[at] = (
                node,
                {
                    leaf: (name, ravel(index, self.elements.shapes[name]))
                    for leaf in leaves_of(node)
                    for name, index in [place_of(leaf)]
                },
            )
        return self._entries[at]

    def are_equal(self, texts: Mapping[str, Sequence[str]], result: Sequence[str]) -> bool:
        """Tell whether all entries of these figures are exactly the figures that are shown.

        Bounds are asked only where floats see next to no difference.
        """
        if isinstance(self._expression, Name):
            return texts[self._expression.id] == result
        largest = max((abs(float(text)) for each in texts.values() for text in each), default=0)
        bound = max(1.0, largest * largest) * ROUNDED
        for near, text in zip(self.worths(texts), result, strict=True):
            if not math.isclose(near, float(text), abs_tol=bound):
                return False
        return all(self.is_equal(at, texts, text) for at, text in enumerate(result))


def exact_figure(text: str) -> Interval:
    """Return a figure as the bounds that hold it alone. Raises ValueError as `figure_value`."""
    return exact_interval(figure_value(text))


def leaves_of(node: Node) -> list[Node]:
    """Return the entries an expression uses, each once, from the left."""
    leaves: dict[Node, None] = {}
    waiting = [node]
    while waiting:
        part = waiting.pop()
        if is_entry(part):
            leaves[part] = None
        else:
            waiting.extend(reversed(part.children()))
    return list(leaves)


def is_entry(node: Node) -> bool:
    """Tell whether a tree is a quantity of one number, or an entry of one with several."""
    if isinstance(node, Call) and node.operation == "index":
        return isinstance(node.arguments[0], Name)
    return isinstance(node, Name)


def place_of(leaf: Node) -> tuple[str, Shape]:
    """Return the quantity and the index of an entry."""
    if isinstance(leaf, Name):
        return leaf.id, ()
    assert isinstance(leaf, Call)
    base, *items = leaf.arguments
    assert isinstance(base, Name)
    return base.id, tuple(int(item.value) for item in items if isinstance(item, Number))
