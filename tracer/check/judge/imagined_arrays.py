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

from tracer.check.compare.bounded_values import KnownValue, entries_of, have_one_shape
from tracer.check.judge.index_notation import ENTRYWISE, base_and_letters
from tracer.check.judge.slopes import PRODUCT_KINDS
from tracer.check.model.written_trees import calls_in
from tracer.check.slips.roles import Role, role_of
from tracer.check.trace.aliases import SUPERSCRIPT, is_loss
from tracer.expression.syntax import Call, Name, Node, Number
from tracer.frozen import Frozen, replace
from tracer.intervals import Interval, Value, value_or_none
from tracer.operations import Shape
from tracer.operations.array_shape import nested
from tracer.run.interpret import shape_of

ONE: Final = 0  # the size of an axis that a vector gets when it is turned
SIZES: Final = (3, 4, 5)  # of other axes, so that no two of a few are equal, nor one a factor 2
NUMBERS: Final = frozenset(
    ("rate", "beta", "epsilon", "penalty", "sample_count", "dimension", "loss")
)
"""Roles of what is a number beside arrays."""
REDUCED: Final = frozenset(("sum", "mean", "length", "norm", "norm_1"))
SIDE_BY_SIDE: Final = (" ", "·")  # signs of products that are seldom meant entry by entry
DATA_KINDS: Final = ("shares", "signs", "bits")
"""Kinds of numbers that data may be; matrices may be symmetric or have orthonormal columns."""
CHOSEN_ROLES: Final = ("parameter", "bias", "input")  # of what may be any numbers
CUT: Final = ("maximum", "max", "relu", "step", "indicator", "abs")
"""Operations that tell the signs of their operands apart."""
MOST_SEEDS: Final = 12  # of numbers that are tried until what is cut off has both signs
MOST_STEPS: Final = 20_000  # of reading parts of formulas
MOST_WAYS: Final = 200  # of reading the names, which are tried
MOST_UNUSUAL: Final = 3  # small letters that are read as numbers, or one other surprise
Shapes = tuple[tuple[str, Shape], ...]  # of names
Axes = tuple[int, ...]  # of an array: numbers for their sizes, equal ones where these are


class _Way(Frozen):
    """One way to read names as arrays: their axes, which sizes are equal, how much is unusual."""

    axes: Mapping[str, Axes]
    same: Mapping[int, int]
    unusual: int
    layout: str = ""  # what vectors are in it: "columns" or "rows"

    def root(self, size: int) -> int:
        while size in self.same:
            size = self.same[size]
        return size

    def joined(self, ones: Axes, others: Axes) -> _Way | None:
        """Return the way in which some sizes are equal; None where one is 1 and another is not."""
        if len(ones) != len(others):
            return None
        same = dict(self.same)
        way = replace(self, same=same)
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
        return replace(self, axes={**self.axes, name: axes}, unusual=self.unusual + unusual)

    def in_layout(self, layout: str) -> _Way | None:
        """Return the way with vectors of one kind; None where they are of the other one."""
        return replace(self, layout=layout) if self.layout in ("", layout) else None


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
        self._steps = 0  # of reading formulas: where names are many, so are the ways
        self._has_shares = any(map(_is_normalized, formulas.values()))
        turned_names = (
            call.arguments[0]
            for tree in formulas.values()
            for call in calls_in(tree, ("transpose_last",))
        )
        self._turned = {each.id for each in turned_names if isinstance(each, Name)}

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
                yield from ((each, is_turned) for each in self._numbers_in(dict(shapes), {}))

    def fits(self, names: Sequence[str], tree: Node, variable: str) -> bool:
        """Tell whether a tree has the shape of a derivative without making any sizes equal."""
        self._steps = 0
        free = next(self._ways_of_names((*names, variable), _Way({}, {}, 0)), None)
        ways = itertools.islice(self._ways_of(names, [tree], variable, is_turned=False), MOST_WAYS)
        return free is not None and any(way.rank()[1] <= free.rank()[1] for way in ways)

    def _ways_of(
        self, names: Sequence[str], trees: Sequence[Node], variable: str, *, is_turned: bool
    ) -> Iterator[_Way]:
        for way in self._ways_of_names((*names, variable), _Way({}, {}, 0)):
            own = way.axes[variable]
            of_losses = (axis for name in names if is_loss(name) for axis in way.axes[name])
            if any(way.root(axis) != ONE for axis in of_losses) or len(own) < 2 * is_turned:
                continue
            yield from self._ways_of_trees(trees, own[::-1] if is_turned else own, way)

    def _ways_of_trees(self, trees: Sequence[Node], like: Axes, way: _Way) -> Iterator[_Way]:
        if not trees:
            yield way
            return
        for axes, fitting in self._axes(trees[0], way):
            alike = fitting.joined(axes, like)
            if alike is not None:
                yield from self._ways_of_trees(trees[1:], like, alike)

    def _ways_of_names(self, names: Sequence[str], way: _Way) -> Iterator[_Way]:
        if not names:
            yield way
            return
        for first in self._ways_of_name(names[0], way):
            yield from self._ways_of_names(names[1:], first)

    def _ways_of_name(self, name: str, way: _Way) -> Iterator[_Way]:
        """Yield the ways to read a name: as its formula has it, or as its letter is read."""
        parts = self._derivative(name)
        if name in way.axes:
            yield way
        elif parts is not None:
            for other in self._ways_of_name(parts[1], way):
                yield other.with_name(name, other.axes[parts[1]])
        elif name in self._formulas:
            for axes, fitting in self._axes(self._formulas[name], way):
                yield fitting.with_name(name, axes)
        else:
            usual = self._ranks.get(name, 0 if name in self._numbers else _usual_rank(name))
            ranks = (usual,) if name in self._ranks else sorted(range(3), key=usual.__ne__)
            for rank in ranks:
                unusual = 0 if rank == usual else 1 if rank < usual < 2 else MOST_UNUSUAL
                unusual += rank == 0 and name in self._turned and unusual < MOST_UNUSUAL
                if way.unusual + unusual <= MOST_UNUSUAL:
                    axes = tuple(next(self._count) for _ in range(rank))
                    yield way.with_name(name, axes, unusual)
                    if rank == 1 and role_of(name) == "bias":  # beside samples that are columns
                        yield way.with_name(name, (*axes, ONE), unusual)

    def _axes(self, tree: Node, way: _Way) -> Iterator[tuple[Axes, _Way]]:
        """Yield the axes that a formula may have, each with the way in which it has them."""
        self._steps += 1
        if self._steps > MOST_STEPS:
            return
        if isinstance(tree, Number) or (isinstance(tree, Call) and not tree.arguments):
            yield (), way
        elif isinstance(tree, Name):
            for fitting in self._ways_of_name(tree.id, way):
                yield fitting.axes[tree.id], fitting
        elif isinstance(tree, Call) and tree.operation in _READ:
            first, *others = tree.arguments
            for axes, fitting in self._axes(first, way):
                if not others:
                    yield from self._of_one(tree, axes, fitting)
                elif len(others) == 1:
                    for right, both in self._axes(others[0], fitting):
                        yield from self._axes_of_two(tree, axes, right, both)

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

    def _axes_of_two(
        self, call: Call, left: Axes, right: Axes, way: _Way
    ) -> Iterator[tuple[Axes, _Way]]:
        """Yield the axes of what two operands give."""
        if not (left and right):
            yield left or right, way
            return
        is_product = call.operation in ("matmul", "dot", "multiply") and call.sign != "⊙"
        for axes, fitting in _products(left, right, way) if is_product else ():
            if fitting is not None:
                yield axes, fitting
        if call.operation in ("matmul", "dot"):
            return
        beside = [each for each in zip(left, right, strict=False) if ONE not in map(way.root, each)]
        ones, others = zip(*beside, strict=True) if beside else ((), ())
        if len(left) == len(right) and (equal := way.joined(ones, others)):
            is_unusual = is_product and call.sign in SIDE_BY_SIDE
            axes = tuple(b if way.root(a) == ONE else a for a, b in zip(left, right, strict=True))
            yield axes, replace(equal, unusual=equal.unusual + is_unusual)
        elif call.operation in ("add", "subtract") and {len(left), len(right)} == {1, 2}:
            longer, shorter = (left, right) if len(left) == 2 else (right, left)
            if added := way.joined(longer[1:], shorter):
                yield longer, added

    def special(
        self, names: Sequence[str], values: Mapping[str, KnownValue], variable: str
    ) -> Iterator[Mapping[str, KnownValue]]:
        """Yield other numbers of the same shapes, as data may have them: a formula may need that.

        They are shares, signs or bits. Matrices are symmetric where the formulas of `names` make
        them square, or have orthonormal columns.
        """
        self._steps = 0
        start = _Way({}, {}, 0)
        way = next(self._ways_of_names(names, start), start)
        shapes = {name: shape_of(each.printed) for name, each in values.items()}
        free = {*shapes} - {*self._formulas, variable, *filter(self._derivative, shapes)}
        data = {name for name in free if _role_of_array(name) not in CHOSEN_ROLES}
        matrices = {name for name in free if len(shapes[name]) == 2}
        square = {
            name for name in matrices if len({*map(way.root, way.axes.get(name, (0, 1)))}) == 1
        }
        for kind in DATA_KINDS:
            yield from self._numbers_in(shapes, dict.fromkeys(data, kind))
        yield from self._numbers_in(shapes, dict.fromkeys(square, "symmetric"))
        other = {1: 1, **dict(zip(SIZES, SIZES[::-1], strict=True))}  # columns need enough rows
        for each in (shapes, {n: tuple(map(other.__getitem__, s)) for n, s in shapes.items()}):
            oblong = {name for name in matrices if len({*each[name]}) == 2}
            yield from self._numbers_in(each, dict.fromkeys(oblong | square, "orthonormal"))

    def _numbers_in(
        self, shapes: Mapping[str, Shape], kinds: Mapping[str, str]
    ) -> Iterator[Mapping[str, KnownValue]]:
        """Yield numbers for the names, such that their formulas have values; `kinds` are special.

        What is cut off at 0 has both signs, if it can be.
        """
        found: Mapping[str, Value] | None = None
        for seed, least in (*((seed, -1) for seed in range(1, MOST_SEEDS)), (1, 0)):
            values = self._values_from(shapes, kinds, seed, least)
            if values is not None and (found is None or least < 0):
                found = values
                if self._has_both_signs(values):
                    break
        if found is not None:
            yield {
                name: KnownValue(value, value, None, is_given=name not in self._formulas, line=0)
                for name, value in found.items()
            }

    def _values_from(
        self, shapes: Mapping[str, Shape], kinds: Mapping[str, str], seed: int, least: int
    ) -> Mapping[str, Value] | None:
        values: dict[str, Value] = {}
        for number, (name, shape) in enumerate(shapes.items(), seed):
            formula = self._formulas.get(name)
            if formula is None:
                is_share = self._has_shares and _role_of_array(name) == "target"
                kind = kinds.get(name, "shares" if is_share else "")
                values[name] = _array(shape, number, least, kind)
                continue
            readings = (value_or_none(formula, values, products=kind) for kind in PRODUCT_KINDS)
            like = _array(shape, number, 0)
            fitting = (each for each in readings if each and have_one_shape(each, like))
            value = next(fitting, None)
            if value is None:
                return None
            values[name] = value
        return values

    def _has_both_signs(self, values: Mapping[str, Value]) -> bool:
        cut = (call for tree in self._formulas.values() for call in calls_in(tree, CUT))
        parts = (part for call in cut for part in call.arguments if not isinstance(part, Number))
        arrays = (value_or_none(part, values) for part in parts)
        signs = ({each.low > 0 for each in entries_of(value)} for value in arrays if value)
        return all(len(each) == 2 for each in signs)


def turned(tree: Node) -> Node:
    """Return a formula with rows and columns exchanged."""
    return Call("transpose_last", (tree,), start=tree.start, end=tree.end)


def is_of_arrays(tree: Node) -> bool:
    """Tell whether a formula has a sign that only arrays have, or a matrix by its letter."""
    if not _OF_ARRAYS.isdisjoint(tree.content.operations):
        return True
    products = [*calls_in(tree, ("multiply",))]
    factors = (part for call in products if call.sign in ("", " ") for part in call.arguments)
    return any(call.sign == "⊙" for call in products) or any(
        isinstance(part, Name) and _usual_rank(part.id) == 2 for part in factors
    )


def _is_normalized(formula: Node) -> bool:
    """Tell whether a formula gives shares: a softmax, or what it is written out."""
    return "softmax" in formula.content.operations or any(
        "sum" in call.arguments[1].content.operations for call in calls_in(formula, ("divide",))
    )


def _role_of_array(name: str) -> Role | None:
    return role_of(base_and_letters(name)[0])


def _usual_rank(name: str) -> int:
    """Return how many axes a name has by its letter: a capital is a matrix, a bias a vector."""
    if role_of(name) in NUMBERS or is_loss(name):
        return 0
    letter = SUPERSCRIPT.sub("", name).partition("[")[0].rstrip("0123456789_'")
    return 2 if len(letter) == 1 and letter.isupper() else 1


def _products(left: Axes, right: Axes, way: _Way) -> Iterator[tuple[Axes, _Way | None]]:
    """Yield the axes of a product of arrays; without a way where sizes or layouts do not meet."""
    is_row = len(left) == 2 and way.root(left[0]) == ONE
    if len(right) == 2 and way.root(right[0]) == ONE:
        if len(left) == 1:
            yield (*left, right[1]), way.in_layout("columns")  # a column times a row
        return
    meeting = way.joined(left[-1:], right[:1])
    if meeting is None:
        return
    if len(left) == len(right):
        axes = (*left[:-1], *right[1:])
        yield axes, meeting.in_layout("columns") if is_row else meeting
    elif len(left) == 2:
        yield left[:-1], meeting.in_layout("columns")
        if is_row:
            yield (left[1], *right), way.in_layout("rows")  # a turned row is a column
    else:
        yield right[1:], meeting.in_layout("rows")


_OF_ARRAYS: Final = frozenset(("transpose_last", "length", "softmax", "sum", "matmul", "dot"))


def _array(shape: Shape, seed: int, least: int, kind: str = "") -> Value:
    """Return an array of numbers between -2 and 2, or from 0 to 1, of which no two are equal.

    Those of a special kind are made of them: shares add up to 1 in each row.
    """
    count = itertools.count(1)

    def entry() -> Interval:
        at = next(count)
        part = Fraction(at * 37 * seed % 127 * 2 + 1, 256)  # neither 0, 1 nor a half
        if kind in ("signs", "bits"):
            return Interval(Fraction(at % 2 if kind == "bits" or at % 2 else -1))
        return Interval(part * (1 - 3 * least) + 2 * least)

    size = shape[-1] if shape else 1
    rows = [[entry() for _ in range(size)] for _ in range(prod(shape[:-1]))]
    if kind == "shares":
        totals = [sum(abs(each.low) for each in row) for row in rows]
        rows = [
            [Interval(abs(each.low) / total) for each in row]
            for row, total in zip(rows, totals, strict=True)
        ]
    if kind == "symmetric" and len(shape) == 2 and shape[0] == shape[1]:
        rows = [[rows[min(i, j)][max(i, j)] for j in range(size)] for i in range(size)]
    if kind == "orthonormal" and len(shape) == 2:
        number = len(rows)  # each column has its 1 in another row, and none on the diagonal
        rows = [
            [Interval(Fraction((j + 1) % number == i)) for j in range(size)] for i in range(number)
        ]
    value: Value = nested([each for row in rows for each in row], shape)
    return value


_READ: Final = REDUCED | ENTRYWISE | {"matmul", "dot", "transpose_last", "softmax"}
"""Operations whose shapes are read."""
