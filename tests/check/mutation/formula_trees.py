"""Formulas as trees: names, numbers, figures and operations, and what they are worth."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Final, TypeAlias

from tests.check.mutation import fraction_intervals as intervals
from tests.check.mutation.fraction_intervals import Array, Interval, UndefinedValueError, point

__all__ = [
    "Call",
    "Figure",
    "Halves",
    "Index",
    "Name",
    "Node",
    "Number",
    "Path",
    "Reference",
    "Texts",
    "call",
    "entry_at",
    "evaluate",
    "figures_of",
    "half_unit",
    "names_of",
    "node_at",
    "replace_at",
    "replace_names",
    "sigma",
    "walk",
]

Path: TypeAlias = tuple[int, ...]
Index: TypeAlias = tuple["int | str", ...]
Reference: TypeAlias = tuple[str, Index]
Texts: TypeAlias = "str | tuple[Texts, ...]"
Halves: TypeAlias = "Fraction | tuple[Halves, ...]"


class Node:
    """Part of a formula; operators between nodes make larger ones."""

    __slots__ = ()

    def __add__(self, other: Node | int) -> Call:
        return call("add", self, other)

    def __sub__(self, other: Node | int) -> Call:
        return call("sub", self, other)

    def __rsub__(self, other: int) -> Call:
        return call("sub", other, self)

    def __radd__(self, other: int) -> Call:
        return call("add", other, self)

    def __mul__(self, other: Node | int) -> Call:
        return call("mul", self, other)

    def __rmul__(self, other: int | Fraction) -> Call:
        return call("mul", other, self)

    def __truediv__(self, other: Node | int) -> Call:
        return call("div", self, other)

    def __rtruediv__(self, other: int) -> Call:
        return call("div", other, self)

    def __pow__(self, other: Node | int) -> Call:
        return call("pow", self, other)

    def __neg__(self) -> Call:
        return call("neg", self)

    def __matmul__(self, other: Node) -> Call:
        return call("matmul", self, other)


@dataclass(frozen=True, slots=True)
class Number(Node):
    """A number that belongs to the formula: the 2 of a square, the 1 of 1 - a."""

    value: Fraction


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A quantity, or an entry of it; entries count from 0. An index may be a letter, in a sum."""

    key: str
    index: Index = ()

    @property
    def reference(self) -> Reference:
        """The key and the index, under which values are kept."""
        return self.key, self.index


@dataclass(frozen=True, slots=True)
class Figure(Node):
    """A value as it is printed.

    `texts` are its digits and `halves` how far it may be rounded, both in nested tuples where it
    is an array; without `halves` it is exact. `source` is what it stands for.
    """

    texts: Texts
    halves: Halves | None = None
    source: Reference | None = None

    def value(self) -> Array:
        """Return the numbers as they are printed."""
        return _numbers(self.texts)

    def rounded_value(self) -> Array:
        """Return what the figure may stand for."""
        return self.value() if self.halves is None else _widened(self.texts, self.halves)


@dataclass(frozen=True, slots=True)
class Call(Node):
    """An operation. A sum over an index also has the term that stands behind the sign of sum."""

    operation: str
    arguments: tuple[Node, ...]
    term: Node | None = None
    letter: str = "i"


def _numbers(texts: Texts) -> Array:
    if isinstance(texts, str):
        return point(texts)
    return tuple(_numbers(text) for text in texts)


def _widened(texts: Texts, halves: Halves) -> Array:
    if isinstance(texts, str) or isinstance(halves, Fraction):
        assert isinstance(texts, str)
        assert isinstance(halves, Fraction)
        return point(texts).widened(halves)
    return tuple(map(_widened, texts, halves))


def half_unit(text: str) -> Fraction:
    """Return half a unit of a figure's last place."""
    mantissa, _, exponent = text.lower().partition("e")
    places = len(mantissa.partition(".")[2])
    return Fraction(10) ** (int(exponent or 0) - places) / 2


def call(operation: str, *arguments: Node | int | Fraction) -> Call:
    """Return an operation on nodes and plain numbers."""
    return Call(
        operation, tuple(a if isinstance(a, Node) else Number(Fraction(a)) for a in arguments)
    )


def sigma(term: Callable[[Any], Node], count: int, letter: str = "i") -> Call:
    """Return the sum of a term over an index from 0 to count - 1."""
    return Call("sigma", tuple(term(i) for i in range(count)), term(letter), letter)


# ---- worth

OPERATIONS: Final[Mapping[str, Callable[..., Interval]]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "hadamard": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "neg": lambda a: -a,
    "pow": intervals.power,
    "exp": intervals.exp,
    "log": intervals.log,
    "log10": intervals.log10,
    "sqrt": intervals.square_root,
    "sigmoid": intervals.sigmoid,
    "tanh": intervals.tanh,
    "relu": intervals.relu,
    "gate": intervals.gate,
}
ARRAY_OPERATIONS: Final[Mapping[str, Callable[..., Array]]] = {
    "matmul": intervals.matrix_product,
    "transpose": intervals.transpose,
    "outer": intervals.outer_product,
    "sum": intervals.interval_sum,
}


def evaluate(
    node: Node,
    value_of: Callable[[Reference], Array],
    figure_value: Callable[[Figure], Array] = Figure.value,
) -> Array:
    """Return a tree's value, where `figure_value` says what its figures are worth.

    Raises UndefinedValueError where there is no value, KeyError for a name without one.
    """
    if isinstance(node, Number):
        return point(node.value)
    if isinstance(node, Name):
        return value_of(node.reference)
    if isinstance(node, Figure):
        return figure_value(node)
    assert isinstance(node, Call)
    arguments = [evaluate(argument, value_of, figure_value) for argument in node.arguments]
    if node.operation == "sigma":
        total = arguments[0]
        for argument in arguments[1:]:
            total = intervals.apply_entrywise(OPERATIONS["add"], total, argument)
        return total
    if node.operation == "mul" and all(map(intervals.shape_of, arguments)):
        raise UndefinedValueError("a product of arrays that does not say which")
    if node.operation in OPERATIONS:
        return intervals.apply_entrywise(OPERATIONS[node.operation], *arguments)
    return ARRAY_OPERATIONS[node.operation](*arguments)


def entry_at(value: Any, index: Index) -> Any:
    """Return an entry of nested tuples."""
    for place in index:
        value = value[place]
    return value


# ---- walking and replacing


def walk(node: Node, path: Path = ()) -> Iterator[tuple[Path, Node]]:
    """Yield each part of a tree with its path, from the top."""
    yield path, node
    if isinstance(node, Call):
        for place, argument in enumerate(node.arguments):
            yield from walk(argument, (*path, place))


def names_of(node: Node) -> list[Name]:
    """Return all names in a tree, in order."""
    return [part for _, part in walk(node) if isinstance(part, Name)]


def figures_of(node: Node) -> list[Figure]:
    """Return all figures in a tree, in order."""
    return [part for _, part in walk(node) if isinstance(part, Figure)]


def node_at(node: Node, path: Path) -> Node:
    """Return the part of a tree at a path."""
    for place in path:
        assert isinstance(node, Call)
        node = node.arguments[place]
    return node


def replace_at(node: Node, path: Path, new: Node) -> Node:
    """Return the tree with another part at a path; a sum then has no common term any more."""
    if not path:
        return new
    assert isinstance(node, Call)
    first, *rest = path
    arguments = tuple(
        replace_at(argument, tuple(rest), new) if place == first else argument
        for place, argument in enumerate(node.arguments)
    )
    return replace(node, arguments=arguments, term=None)


def replace_names(node: Node, figure_of: Callable[[Name], Node]) -> Node:
    """Return the tree with figures in the place of names, sums written out."""
    if isinstance(node, Name):
        return figure_of(node)
    if not isinstance(node, Call):
        return node
    arguments = tuple(replace_names(argument, figure_of) for argument in node.arguments)
    return replace(node, arguments=arguments, term=None)
