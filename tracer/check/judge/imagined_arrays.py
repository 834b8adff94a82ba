"""Numbers for the arrays of formulas that a document states without any, in shapes that fit.

`z = W x + b` and `∂L/∂W = δ xᵀ` say which names are matrices and which are vectors: sums have terms
of one shape, products meet in one size, a loss is a number. Of all ways to read the names as such
those are taken that differ least from what letters mean: a capital is a matrix, a small letter a
vector, a rate a number. A formula that is the derivative at such numbers is one; one that is none
there may be one in other shapes.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from fractions import Fraction
from math import prod
from typing import Final

from tracer.check.compare.bounded_values import KnownValue, have_one_shape
from tracer.check.judge.index_notation import ENTRYWISE
from tracer.check.model.written_trees import calls_in
from tracer.check.slips.roles import role_of
from tracer.check.trace.aliases import SUPERSCRIPT, is_loss
from tracer.expression.syntax import Call, Name, Node, Number
from tracer.frozen import Frozen
from tracer.intervals import Interval, Value, value_or_none
from tracer.operations import Shape
from tracer.operations.array_shape import nested

ONE: Final = 0  # the size of an axis that a vector gets when it is turned
SIZES: Final = (2, 3, 4)  # of other axes, so that no two of a few are equal
NUMBERS: Final = frozenset(("rate", "beta", "epsilon", "sample_count", "dimension", "loss"))
"""Roles of what is a number beside arrays."""
REDUCED: Final = frozenset(("sum", "mean", "length", "norm", "norm_1"))
SIDE_BY_SIDE: Final = (" ", "·")  # signs of products that are seldom meant entry by entry
MOST_WAYS: Final = 200  # of reading the names, which are tried
MOST_UNUSUAL: Final = 1  # names that are read as what their letters do not mean
Shapes = tuple[tuple[str, Shape], ...]  # of names
Axes = tuple[int, ...]  # of an array: numbers for their sizes, equal ones where these are


class _Way(Frozen):
    """One way to read names as arrays: their axes, which sizes are equal, how much is unusual."""

    axes: Mapping[str, Axes]
    same: Mapping[int, int]
    unusual: int

    def root(self, size: int) -> int:
        while size in self.same:
            size = self.same[size]
        return size

    def joined(self, ones: Axes, others: Axes) -> _Way | None:
        """Return the way in which some sizes are equal; None where one is 1 and another is not."""
        if len(ones) != len(others):
            return None
        same = dict(self.same)
        way = _Way(self.axes, same, self.unusual)
        for one, other in zip(ones, others, strict=True):
            low, high = sorted((way.root(one), way.root(other)))
            if low == high:
                continue
            if low == ONE:
                return None
            same[high] = low
        return way

    def shapes(self) -> Shapes:
        """Return the names with their shapes: different ones where nothing says that they equal."""
        sizes = {ONE: 1}
        for root in (self.root(axis) for axes in self.axes.values() for axis in axes):
            sizes.setdefault(root, SIZES[(len(sizes) - 1) % len(SIZES)])
        return tuple(
            (name, tuple(sizes[self.root(axis)] for axis in axes))
            for name, axes in self.axes.items()
        )

    def rank(self) -> tuple[int, int]:
        """Return how unusual the way is: a wrong formula may fit where sizes happen to be equal."""
        sizes = {self.root(axis) for axes in self.axes.values() for axis in axes}
        return self.unusual, -len(sizes)

    def with_name(self, name: str, axes: Axes, unusual: int = 0) -> _Way:
        return _Way({**self.axes, name: axes}, self.same, self.unusual + unusual)


class ImaginedArrays:
    """Numbers for the names of some formulas, which are tried in all shapes that fit.

    `ranks` says how many axes some names have, `derivative` what a name is the derivative of and
    by; `numbers` are names that most likely are numbers.
    """

    def __init__(
        self,
        formulas: Mapping[str, Node],
        ranks: Mapping[str, int],
        derivative: Callable[[str], tuple[str, str] | None],
        numbers: Collection[str] = (),
    ) -> None:
        self._formulas, self._derivative = formulas, derivative
        self._ranks, self._numbers = ranks, numbers
        self._count = itertools.count(1)
        self._has_shares = any("softmax" in each.content.operations for each in formulas.values())

    def values(
        self, names: Sequence[str], trees: Sequence[Node], variable: str
    ) -> Iterator[tuple[Mapping[str, KnownValue], bool]]:
        """Yield numbers for all names in the likeliest shapes in which a derivative has one.

        `trees` stand for the derivative by `variable` of what the formulas of `names` lead to. With
        the numbers stands whether rows and columns of these trees are exchanged.
        """
        ranks: dict[tuple[Shapes, bool], tuple[int, int]] = {}
        for is_turned in (False, True):
            ways = self._ways_of(names, trees, variable, is_turned=is_turned)
            for way in itertools.islice(ways, MOST_WAYS):
                if any(way.axes.values()):
                    ranks.setdefault((way.shapes(), is_turned), way.rank())
        for (shapes, is_turned), rank in ranks.items():
            if rank == min(ranks.values()):
                yield from ((each, is_turned) for each in self._numbers_in(dict(shapes)))

    def _ways_of(
        self, names: Sequence[str], trees: Sequence[Node], variable: str, *, is_turned: bool
    ) -> Iterator[_Way]:
        for way in self._of_names((*names, variable), _Way({}, {}, 0)):
            own = way.axes[variable]
            if any(is_loss(name) and way.axes[name] for name in names) or len(own) < 2 * is_turned:
                continue
            yield from self._of_trees(trees, own[::-1] if is_turned else own, way)

    def _of_trees(self, trees: Sequence[Node], like: Axes, way: _Way) -> Iterator[_Way]:
        if not trees:
            yield way
            return
        for axes, fitting in self._axes(trees[0], way):
            alike = fitting.joined(axes, like)
            if alike is not None:
                yield from self._of_trees(trees[1:], like, alike)

    def _of_names(self, names: Sequence[str], way: _Way) -> Iterator[_Way]:
        if not names:
            yield way
            return
        for first in self._of_name(names[0], way):
            yield from self._of_names(names[1:], first)

    def _of_name(self, name: str, way: _Way) -> Iterator[_Way]:
        """Yield the ways to read a name: as its formula has it, or as its letter is read."""
        parts = self._derivative(name)
        if name in way.axes:
            yield way
        elif parts is not None:
            for other in self._of_name(parts[1], way):
                yield other.with_name(name, other.axes[parts[1]])
        elif name in self._formulas:
            for axes, fitting in self._axes(self._formulas[name], way):
                yield fitting.with_name(name, axes)
        else:
            usual = self._ranks.get(name, 0 if name in self._numbers else _usual_rank(name))
            ranks = (usual,) if name in self._ranks else sorted(range(3), key=usual.__ne__)
            for rank in ranks:
                if way.unusual + (rank != usual) <= MOST_UNUSUAL:
                    axes = tuple(next(self._count) for _ in range(rank))
                    yield way.with_name(name, axes, rank != usual)
                    if rank == 1 and role_of(name) == "bias":  # beside samples that are columns
                        yield way.with_name(name, (*axes, ONE), rank != usual)

    def _axes(self, tree: Node, way: _Way) -> Iterator[tuple[Axes, _Way]]:
        """Yield the axes that a formula may have, each with the way in which it has them."""
        if isinstance(tree, Number) or (isinstance(tree, Call) and not tree.arguments):
            yield (), way
        elif isinstance(tree, Name):
            for fitting in self._of_name(tree.id, way):
                yield fitting.axes[tree.id], fitting
        elif isinstance(tree, Call) and tree.operation in _READ:
            first, *others = tree.arguments
            for axes, fitting in self._axes(first, way):
                if not others:
                    yield from self._of_one(tree, axes, fitting)
                elif len(others) == 1:
                    for right, both in self._axes(others[0], fitting):
                        yield from _of_two(tree, axes, right, both)

    def _of_one(self, call: Call, axes: Axes, way: _Way) -> Iterator[tuple[Axes, _Way]]:
        name, keywords = call.operation, dict(call.keywords)
        if name == "transpose_last":
            yield (ONE, *axes) if len(axes) == 1 else axes[::-1], way
        elif name not in REDUCED:
            yield axes, way
        elif not keywords:
            yield (), way
        elif isinstance(axis := keywords.get("axis"), Number) and len(keywords) == 1:
            at = int(axis.value)
            if -len(axes) <= at < len(axes):
                yield tuple(each for place, each in enumerate(axes) if place != at % len(axes)), way

    def _numbers_in(self, shapes: Mapping[str, Shape]) -> Iterator[Mapping[str, KnownValue]]:
        """Yield numbers for the names, such that their formulas have values."""
        for least in (-1, 0):  # a logarithm is only of positive numbers
            values: dict[str, Value] = {}
            for number, (name, shape) in enumerate(shapes.items(), 1):
                formula = self._formulas.get(name)
                if formula is None:
                    is_share = role_of(name) == "target" and self._has_shares
                    values[name] = _array(shape, number, least, is_share=is_share)
                    continue
                readings = (
                    value_or_none(formula, values, products="matrix"),
                    value_or_none(formula, values),
                )
                like = _array(shape, number, 0)
                fitting = (each for each in readings if each and have_one_shape(each, like))
                value = next(fitting, None)
                if value is None:
                    break
                values[name] = value
            else:
                yield {
                    name: KnownValue(
                        value, value, None, is_given=name not in self._formulas, line=0
                    )
                    for name, value in values.items()
                }
                return


def turned(tree: Node) -> Node:
    """Return a formula with rows and columns exchanged."""
    return Call("transpose_last", (tree,), start=tree.start, end=tree.end)


def is_of_arrays(tree: Node) -> bool:
    """Tell whether a formula has a sign that only arrays have."""
    return not _OF_ARRAYS.isdisjoint(tree.content.operations) or any(
        call.sign == "⊙" for call in calls_in(tree, ("multiply",))
    )


def _usual_rank(name: str) -> int:
    """Return how many axes a name has by its letter: a capital is a matrix, a bias a vector."""
    if role_of(name) in NUMBERS or is_loss(name):
        return 0
    letter = SUPERSCRIPT.sub("", name).rstrip("0123456789_'")
    return 2 if len(letter) == 1 and letter.isupper() else 1


def _of_two(call: Call, left: Axes, right: Axes, way: _Way) -> Iterator[tuple[Axes, _Way]]:
    """Yield the axes of what two operands give."""
    if not (left and right):
        yield left or right, way
        return
    is_product = call.operation in ("matmul", "dot", "multiply") and call.sign != "⊙"
    if is_product and (
        meeting := way.joined(left[-1:], right[:1] if len(right) == 1 else right[-2:-1])
    ):
        yield (*left[:-1], *(right[1:] if len(right) > 1 else ())), meeting
    if is_product and len(left) == 1 and len(right) == 2 and way.root(right[0]) == ONE:
        yield (*left, right[1]), way  # a column times a row
    if is_product and len(left) == 2 and len(right) == 1 and way.root(left[0]) == ONE:
        yield (left[1], *right), way  # where vectors are rows, a turned one is a column
    if call.operation in ("matmul", "dot"):
        return
    beside = [each for each in zip(left, right, strict=False) if ONE not in map(way.root, each)]
    ones, others = zip(*beside, strict=True) if beside else ((), ())
    if len(left) == len(right) and (equal := way.joined(ones, others)):
        is_unusual = is_product and call.sign in SIDE_BY_SIDE
        axes = tuple(b if way.root(a) == ONE else a for a, b in zip(left, right, strict=True))
        yield axes, _Way(equal.axes, equal.same, equal.unusual + is_unusual)
    elif call.operation in ("add", "subtract") and {len(left), len(right)} == {1, 2}:
        longer, shorter = (left, right) if len(left) == 2 else (right, left)
        if added := way.joined(longer[1:], shorter):
            yield longer, added


_OF_ARRAYS: Final = frozenset(("transpose_last", "length", "softmax", "sum", "matmul", "dot"))


def _array(shape: Shape, seed: int, least: int, *, is_share: bool = False) -> Value:
    """Return an array of numbers between `least` and 1, of which no two are equal.

    Those that are shares, as targets are beside a softmax, add up to 1 in each row.
    """
    count = itertools.count(1)

    def entry() -> Interval:
        part = Fraction(next(count) * 37 * seed % 127 * 2 + 1, 256)  # neither 0, 1 nor a half
        return Interval(part * (1 - least) + least)

    rows = []
    for _ in range(prod(shape[:-1])):
        row = [entry() for _ in range(shape[-1] if shape else 1)]
        total = sum(abs(each.low) for each in row) if is_share else 1
        rows += [Interval(abs(each.low) / total) if is_share else each for each in row]
    value: Value = nested(rows, shape)
    return value


_READ: Final = REDUCED | ENTRYWISE | {"matmul", "dot", "transpose_last", "softmax"}
"""Operations whose shapes are read."""
