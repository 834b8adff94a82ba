"""Set a member with numbers put in beside the formula it was made from.

`w - lr * g` beside `0.8 - 0.1 * -3.0` binds w to 0.8, lr to 0.1 and g to -3.0, each with the
node that prints it. Brackets are not in the trees, so only what is said counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice, permutations
from typing import Final, NamedTuple

from tracer.check.trace.aliases import name_of
from tracer.expression.syntax import Array, Call, Node, Number, Tuple

__all__ = ["Binding", "aligned", "differing", "is_negative_number", "leaves", "number_of"]

FLAT: Final = {"add": "add", "multiply": "multiply", "matmul": "multiply"}
SUMS: Final = frozenset(("add", "subtract", "negative"))
MOST_ORDERS: Final = 24  # orders of factors or addends that are tried


class Binding(NamedTuple):
    """A name of the formula (or a constant of it) and what stands in its place.

    `is_part` is true where a figure stands for a part of the formula that was worked out before.
    """

    name: str  # '' for a constant or a part
    symbol: Node
    written: Node
    is_part: bool = False


def leaves(node: Node) -> Iterator[Node]:
    """Yield the printed figures of an expression: numbers, each with a minus of its own."""
    if isinstance(node, Number) or is_negative_number(node):
        yield node
    else:
        for child in node.children():
            yield from leaves(child)


def is_negative_number(node: Node) -> bool:
    """Say whether a node is a number with a minus."""
    return (
        isinstance(node, Call)
        and node.operation == "negative"
        and isinstance(node.arguments[0], Number)
    )


def number_of(leaf: Node) -> Node:
    """Return the number of a figure without its minus."""
    return leaf.children()[0] if is_negative_number(leaf) else leaf


def aligned(
    formula: Node, written: Node, fits: Callable[[Binding], bool] = lambda _: True
) -> list[Binding] | None:
    """Return what each name of a formula stands for in a written member; None where they differ.

    A name that occurs twice is bound twice. Products and sums may have another order: of those
    that keep the constants, the first in which every binding `fits`, else the first.
    """
    try:
        return _Alignment(fits).aligned(formula, written)
    except _DifferentError:
        return None


class _DifferentError(Exception):
    """The two do not have one shape."""


class _Alignment:
    """One formula beside one member."""

    def __init__(self, fits: Callable[[Binding], bool]) -> None:
        self.fits: Final = fits

    def aligned(self, formula: Node, written: Node) -> list[Binding]:
        name = name_of(formula)
        if name is not None:
            if _is_same_entry(formula, written):
                return self.aligned(formula.children()[0], written.children()[0])
            return [Binding(name, formula, written)]
        if isinstance(formula, Number) or is_negative_number(formula):
            return [_constant(formula, written)]
        if isinstance(formula, (Array, Tuple)) and type(written) is type(formula):
            assert isinstance(written, (Array, Tuple))
            return self.each(formula.items, written.items)
        if isinstance(formula, Call):
            if isinstance(written, Number) or is_negative_number(written):
                return [Binding("", formula, written, is_part=True)]
            if isinstance(written, Call):
                return self.call(formula, written)
        raise _DifferentError

    def each(self, formulas: Sequence[Node], written: Sequence[Node]) -> list[Binding]:
        """Bind parts that stand in one order."""
        if len(formulas) != len(written):
            raise _DifferentError
        found: list[Binding] = []
        for one, other in zip(formulas, written, strict=True):
            found += self.aligned(one, other)
        return found

    def call(self, formula: Call, written: Call) -> list[Binding]:
        if formula.operation in SUMS and (
            written.operation in SUMS
            or is_negative_number(written)
            or formula.operation == "negative"
        ):
            return self.sum(formula, written)
        flat = FLAT.get(formula.operation)
        if flat is not None and FLAT.get(written.operation) == flat:
            factors = _flat(written, flat)
            return self.in_some_order(_flat(formula, flat), len(factors), permutations(factors))
        if formula.operation != written.operation or formula.keywords != written.keywords:
            raise _DifferentError
        found = self.each(formula.arguments, written.arguments)
        if _is_even(formula) and not all(map(self.fits, found)):
            return self.turned_square(formula, written) or found
        return found

    def turned_square(self, formula: Call, written: Call) -> list[Binding] | None:
        """Bind `(ŷ - y)**2` to `(2 - 0.5)**2` the other way round; None where that does not fit."""
        inside, *rest = written.arguments
        if not isinstance(inside, Call) or inside.operation != "subtract":
            return None
        left, right = inside.arguments
        turned = Call("subtract", (right, left), (), inside.start, inside.end)
        try:
            found = self.each(formula.arguments, (turned, *rest))
        except _DifferentError:
            return None
        return found if all(map(self.fits, found)) else None

    def sum(self, formula: Node, written: Node) -> list[Binding]:
        """Bind the terms of a sum; `+ b` beside `- 0.1` binds b to -0.1, if that fits."""
        ours, theirs = _terms(formula), _terms(written)
        if len(ours) != len(theirs):
            raise _DifferentError
        formulas = [term for _, term in ours]
        if len(ours) == 1:  # a minus before one term
            ((sign, _),), ((other, term),) = ours, theirs
            return self.aligned(formulas[0], _signed(sign * other, term))
        turned: list[Node] = []

        def orders() -> Iterator[list[Node]]:
            """Yield the terms in each order, each with the sign of the place that it takes."""
            signs = [sign for sign, _ in ours]
            for order in permutations(theirs):
                try:
                    terms = [
                        _signed(sign * other, term)
                        for sign, (other, term) in zip(signs, order, strict=True)
                    ]
                except _DifferentError:
                    continue
                turned.extend(
                    next(leaves(new))
                    for new, (_, old) in zip(terms, order, strict=True)
                    if new is not old
                )
                yield terms

        found = self.in_some_order(formulas, len(theirs), orders())
        if any(item.written is leaf and not self.fits(item) for item in found for leaf in turned):
            raise _DifferentError  # plus for minus, and no negative number put in
        return found

    def in_some_order(
        self, formulas: Sequence[Node], count: int, orders: Iterable[Sequence[Node]]
    ) -> list[Binding]:
        """Bind so many terms as they are written, or in another order that keeps the constants."""
        if len(formulas) != count:
            raise _DifferentError
        first: list[Binding] | None = None
        second: list[Binding] | None = None  # it keeps the constants
        for order in islice(orders, MOST_ORDERS):
            try:
                found = self.each(formulas, order)
            except _DifferentError:
                continue
            if all(binding.name or _is_same(binding) for binding in found):
                if all(map(self.fits, found)):
                    return found
                second = second or found
            first = first or found
        best = second or first
        if best is None:
            raise _DifferentError
        return best


def _is_even(formula: Call) -> bool:
    """Say whether the sign of what an operation is applied to does not matter."""
    if formula.operation == "power":
        exponent = formula.arguments[1]
        return isinstance(exponent, Number) and exponent.value % 2 == 0
    return formula.operation in ("abs", "square")


def _is_same_entry(formula: Node, written: Node) -> bool:
    """Say whether an entry of a name stands beside the same entry of a written array."""
    if not isinstance(formula, Call) or not isinstance(written, Call):
        return False
    if formula.operation != "index" or written.operation != "index":
        return False
    return formula.arguments[1:] == written.arguments[1:]


def _constant(formula: Node, written: Node) -> Binding:
    """Bind a constant of the formula; another number in its place is for the judge to see."""
    if not isinstance(written, Number) and not is_negative_number(written):
        raise _DifferentError
    return Binding("", formula, written)


def _terms(node: Node, sign: int = 1) -> list[tuple[int, Node]]:
    """Return the terms of a sum, each with its sign."""
    if isinstance(node, Call) and node.operation in SUMS and not is_negative_number(node):
        first, *rest = node.arguments
        if node.operation == "negative":
            return _terms(first, -sign)
        other = -sign if node.operation == "subtract" else sign
        return [*_terms(first, sign), *_terms(rest[0], other)]
    return [(sign, node)]


def _signed(sign: int, node: Node) -> Node:
    """Return a term, or its negative, the minus in its first number."""
    if sign > 0:
        return node
    if isinstance(node, Number):
        return Call("negative", (node,), (), node.start, node.end)
    if is_negative_number(node):
        return node.children()[0]
    if isinstance(node, Call) and node.operation in ("multiply", "matmul", "divide"):
        first, *rest = node.arguments
        return Call(node.operation, (_signed(-1, first), *rest), (), node.start, node.end)
    raise _DifferentError


def _is_same(binding: Binding) -> bool:
    return binding.symbol == binding.written


def _flat(node: Node, kind: str) -> list[Node]:
    """Return the terms of a sum or the factors of a product."""
    if isinstance(node, Call) and FLAT.get(node.operation) == kind:
        return [term for argument in node.arguments for term in _flat(argument, kind)]
    return [node]


def differing(left: Node, right: Node) -> list[tuple[Node, Node]]:
    """Return the figures of the right expression and the parts of the left in their places.

    Only those that differ, and nothing where the two do not have one shape:
    `2 * (0.5 - 2)` beside `2 * 1.5` gives the pair `0.5 - 2`, `1.5`.
    """
    try:
        return list(_differing(left, right))
    except _DifferentError:
        return []


def _differing(left: Node, right: Node) -> Iterator[tuple[Node, Node]]:
    if left == right:
        return
    if isinstance(right, Number) or is_negative_number(right):
        yield left, right
        return
    if not isinstance(left, Call) or not isinstance(right, Call):
        raise _DifferentError
    flat = FLAT.get(left.operation)
    if flat is not None and FLAT.get(right.operation) == flat:
        ours, theirs = _flat(left, flat), _flat(right, flat)
    elif left.operation == right.operation:
        ours, theirs = list(left.arguments), list(right.arguments)
    else:
        raise _DifferentError
    if len(ours) > len(theirs) and flat is not None:
        yield from _worked_together(ours, theirs, left.operation)
        return
    if len(ours) != len(theirs):
        raise _DifferentError
    for one, other in zip(ours, theirs, strict=True):
        yield from _differing(one, other)


def _worked_together(
    ours: list[Node], theirs: list[Node], operation: str
) -> Iterator[tuple[Node, Node]]:
    """Yield the one term that several terms were worked out to, the others being as they were."""
    rest = list(ours)
    new: list[Node] = []
    for term in theirs:
        if term in rest:
            rest.remove(term)
        else:
            new.append(term)
    if len(new) != 1 or not (isinstance(new[0], Number) or is_negative_number(new[0])):
        raise _DifferentError
    together = rest[0]
    for term in rest[1:]:
        together = Call(operation, (together, term))
    yield together, new[0]
