"""The figures of a run in one iteration: of its quantities, and of the parts of their formulas."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from functools import lru_cache, reduce
from itertools import islice, product
from typing import Final

from tracer.check.compare.bounded_values import Spot, entries_of
from tracer.check.slips.rewriting import is_call
from tracer.errors import TracerError
from tracer.expression.syntax import Call, Name, Node, walk
from tracer.intervals import Interval, Value
from tracer.operations import Shape, flat_entries, indices_of, nested, ravel
from tracer.program.elements import Elements, UnknownInteger
from tracer.program.program import names_in
from tracer.run.interpret import interpret, shape_of
from tracer.run.scalar_code import FLOATS
from tracer.run.trace import Iteration, Trace

MOST_KEPT: Final = 8  # iterations, or some quantities in one: each keeps its run
MOST_ENTRIES: Final = 4096  # of an array that is looked at
MOST_OPENED: Final = 256  # entries of an array whose formulas are looked at one by one
MOST_PARTS: Final = 50_000  # of all formulas
MOST_BY_CHANCE: Final = 0.3  # figures that a value may meet without being one of them
LONGEST: Final = 400  # names and operations in the formula of an entry: sums of hundreds go deep
ROUNDED: Final = {"float32": 1e-5, "float64": 1e-9}  # what rounding leaves, relative


class FiguresInRun:
    """What quantities and the parts of their formulas are worth in an iteration.

    Of δ a (1 − a) that is the local derivative a (1 − a) too, of a product of matrices each product
    of two entries, of a softmax the exponentials and their sum, of a loss that of each sample.
    """

    def __init__(self, ran: Iteration, spots: Iterable[Spot]) -> None:
        self._ran = ran
        self._leaves: dict[Node, object] = {}
        self._share = ROUNDED[ran.scenario.dtype]
        self._arrays: defaultdict[Shape, list[Sequence[float]]] = defaultdict(list)
        numbers: set[float] = set()
        for shape, entries in self._known_values(spots):
            for depth in range(len(shape)):  # the whole, its rows, and theirs
                part = shape[depth:]
                size = math.prod(part)
                rows = (entries[at : at + size] for at in range(0, len(entries), size or 1))
                self._arrays[_long_axes(part)] += rows
            numbers.update(entries)
        self._numbers = sorted(filter(math.isfinite, numbers))

    def have(self, value: Value, *, must_tell: bool = False) -> bool:
        """Tell whether something is within the bounds of a value; not where no float holds them.

        A number that `must_tell` which figure it is meets none by chance.
        """
        with suppress(OverflowError):
            return self._have(value, must_tell)
        return False

    def _have(self, value: Value, must_tell: bool) -> bool:
        if isinstance(value, Interval):
            low, high = self._widened(value)
            middle = (low + high) / 2
            bound = self._share * abs(middle)
            return self._count_within(low, high) > 0 and (
                not must_tell
                or self._count_within(middle - bound, middle + bound) > 0  # it is that figure
                or self._by_chance(low, high) <= MOST_BY_CHANCE
            )
        bounds = [*map(self._widened, entries_of(value))]
        return any(
            all(low <= entry <= high for entry, (low, high) in zip(entries, bounds, strict=True))
            for entries in self._arrays.get(_long_axes(shape_of(value)), ())
        )

    def have_block(self, value: Value) -> bool:
        """Tell whether a block of a matrix is within the bounds of one, as a patch of an image."""
        shape = _long_axes(shape_of(value))
        if len(shape) != 2:
            return False
        bounds = [*map(self._widened, entries_of(value))]
        rows, columns = shape
        for axes, matrices in self._arrays.items():
            if len(axes) != 2:
                continue
            height, width = axes
            corners = [*product(range(height - rows + 1), range(width - columns + 1))]
            places = [row * width + column for row, column in product(range(rows), range(columns))]
            for matrix, (top, left) in product(matrices, corners):
                entries = (matrix[top * width + left + place] for place in places)
                if all(low <= it <= high for it, (low, high) in zip(entries, bounds, strict=True)):
                    return True
        return False

    def _count_within(self, low: float, high: float) -> int:
        return bisect_right(self._numbers, high) - bisect_left(self._numbers, low)

    def _by_chance(self, low: float, high: float) -> float:
        """Return how many other figures of the run are to be expected within some bounds.

        That is by how densely those of about the same size stand: a coarse value meets one of many.
        """
        size = max(abs(low), abs(high))
        around = self._count_within((low + high - size) / 2, (low + high + size) / 2)
        return (around - 1) * (high - low) / size if size else 0.0

    def _widened(self, value: Interval) -> tuple[float, float]:
        low, high = float(value.low), float(value.high)
        return low - self._share * abs(low), high + self._share * abs(high)

    def _known_values(self, spots: Iterable[Spot]) -> Iterator[tuple[Shape, Sequence[float]]]:
        parts: dict[Node, None] = {}
        elements = Elements(self._ran.built.shapes, self._label)
        formulas = {item.name: item.expression for item in self._ran.built.program.equations}
        for name, index in spots:
            shape = self._ran.shape(name)
            if math.prod(shape) > MOST_ENTRIES:
                continue
            try:
                entries = self._ran.floats(name)
            except (KeyError, TracerError):
                continue  # it has no value in this iteration
            size = math.prod(shape[len(index) :])
            first = ravel((*index, *[0] * (len(shape) - len(index))), shape) if shape else 0
            yield shape[len(index) :], entries[first : first + size]
            if name in formulas and self._is_small(formulas[name]):
                parts |= dict.fromkeys(_parts_of(formulas[name], shape, index, elements))
            if len(parts) > MOST_PARTS:
                break
        for part in parts:
            try:
                value = interpret(part, FLOATS, self._leaf)
            except (ArithmeticError, ValueError, TracerError):
                continue
            yield shape_of(value), flat_entries(value, shape_of(value))

    def _is_small(self, formula: Node) -> bool:
        shapes = self._ran.built.shapes
        return all(
            math.prod(shapes[name]) <= MOST_ENTRIES for name in names_in(formula) if name in shapes
        )

    def _label(self, name: str, index: Shape) -> int | None:
        try:
            return int(self._ran.floats(name)[ravel(index, self._ran.shape(name))])
        except (ValueError, TracerError):
            return None

    def _leaf(self, node: Node) -> object:
        if not isinstance(node, Name):
            return None  # an entry is taken from its array
        if node not in self._leaves:
            self._leaves[node] = nested(self._ran.floats(node.id), self._ran.shape(node.id))
        return self._leaves[node]


def _long_axes(shape: Shape) -> Shape:
    """Return a shape without axes of one place: a column is as long as the vector."""
    return tuple(size for size in shape if size != 1)


def _parts_of(formula: Node, shape: Shape, index: Shape, elements: Elements) -> Iterator[Node]:
    """Yield the calls in a formula, and in those of the single entries of a small array."""
    trees = [formula] if not index else []
    for at in indices_of(shape) if math.prod(shape) <= MOST_OPENED else ():
        if at[: len(index)] == index:
            try:
                tree = elements.entry(formula, at).node
            except (UnknownInteger, TracerError):
                continue
            if sum(1 for _ in islice(walk(tree), LONGEST)) == LONGEST:
                break  # those of the other entries are as long
            trees.append(tree)
    for part in (part for tree in trees for part in walk(tree) if isinstance(part, Call)):
        yield part
        yield from _last_factors(part)
        if part.operation == "log":  # the loss of a sample is −ln p
            yield Call("negative", (part,))


def _last_factors(node: Node) -> Iterator[Node]:
    """Yield a product without its first factor, without its first two, down to two of them."""
    factors: list[Node] = []
    while is_call(node, "multiply"):
        node, last = node.children()
        factors.insert(0, last)
    for first in range(len(factors) - 1):
        yield reduce(lambda one, other: Call("multiply", (one, other)), factors[first:])


@lru_cache(MOST_KEPT)
def figures_of(trace: Trace, iteration: int, spots: tuple[Spot, ...] = ()) -> FiguresInRun:
    """Return the figures of some quantities of a run, else of all, in an iteration."""
    ran = trace.iteration(iteration)
    return FiguresInRun(ran, spots or [(name, ()) for name in dict.fromkeys(ran)])
