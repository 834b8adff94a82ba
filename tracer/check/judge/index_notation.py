"""Formulas of whole arrays for formulas of their entries: `δ xᵀ` for `δ_j x_k`.

Each letter behind a name is an axis: first those of what the formula is of, in their order, then
those that sums run over. A number stands beside all axes, a vector along its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from typing import Final

from tracer.check.compare.joined_names import known_factors
from tracer.check.judge.index_sums import INDEXED, OF_TWO_INDICES
from tracer.check.model.written_trees import (
    DIFFERENTIALS,
    calls_in,
    entry_by_entry,
    names_in,
    rewrite,
    rewrite_calls,
)
from tracer.check.slips.rewriting import is_call
from tracer.check.trace.aliases import derivative_of
from tracer.expression.syntax import Call, Name, Node, Number, count_number, walk
from tracer.operations import table

PRODUCTS: Final = ("multiply", "matmul")
ENTRYWISE: Final = frozenset(
    {name for name, row in table().items() if row.elementwise} | {"indicator", "max", "min"}
)
"""Operations entry by entry."""
OF_WHOLE: Final = frozenset(("transpose_last", "length", "norm", "softmax"))
"""Operations of arrays: what has a letter and stands in one is an array at a time or a layer."""


class _NotOfArraysError(Exception):
    """A formula of entries has no form of whole arrays that is known."""


def base_and_letters(name: str) -> tuple[str, tuple[str, ...]]:
    """Return w with i and j for `w_ij`, and a derivative by w for one by `w_ij`."""
    parts = derivative_of(name)
    if parts is not None:
        base, letters = base_and_letters(parts[1])
        return (f"d{parts[0]}/d{base}", letters) if letters else (name, ())
    two, one = OF_TWO_INDICES.fullmatch(name), INDEXED.fullmatch(name)
    if two is not None:
        return two[1][:-1], (two[2], two[3])
    if one is None or one["row"] or one["column"] or one["primes"]:
        return name, ()
    base, outer = base_and_letters(one["base"]) if one["inside"] else (one["base"], ())
    return base, (*outer, one["under"] or one["inside"])  # `x_j^{(i)}` has both


class WholeArrays:
    """The arrays that some formulas are of, by the letters of their entries.

    `axes` are the letters that count entries, and no times or layers: `h_{t-1}` is of a time. One
    behind one name alone, over which nothing is summed, is a part of the name, as is one that what
    a formula is of lacks: `i_t` is no entry of `W_i x_t`.
    """

    def __init__(self, formulas: Sequence[tuple[str, Node]]) -> None:
        trees = [tree for _, tree in formulas]
        self._trees = trees
        self._names = frozenset(name for tree in trees for name in names_in(tree))
        bases: dict[str, set[str]] = {}
        others, summed = set[str](), set[str]()
        for part in (part for tree in trees for part in walk(tree)):
            for base, letter in _entries(part):
                bases.setdefault(letter, set()).add(base)
            shifted = INDEXED.fullmatch(part.id) if isinstance(part, Name) else None
            others.update([shifted["inside"]] if shifted and shifted["shift"] else [])
            if isinstance(part, Call) and (part.operation in OF_WHOLE or part.operation == "sum"):
                inner = {letter for each in walk(part) for _, letter in _entries(each)}
                (summed if part.operation == "sum" else others).update(inner)
        for name, tree in formulas:
            free = {letter for part in _outside_sums(tree) for _, letter in _entries(part)}
            named = (base_and_letters(each)[1] for each in re.split("[(,)]", name))  # of `f(x_i)`
            others.update(free.difference(*named))
        self.axes: Final = frozenset(
            letter
            for letter, names in bases.items()
            if letter not in others and (len(names) > 1 or letter in summed)
        )
        products = (call for tree in trees for call in calls_in(tree, PRODUCTS))
        self._has_matrix_sign = any(call.sign == "@" for call in products)
        names = {each for each in self._names if not each.startswith(DIFFERENTIALS)}
        self._products = frozenset(each for each in names if len(self._factors(each)) > 1)

    def _factors(self, name: str) -> Sequence[str]:
        return known_factors(name, lambda each: each in self._names and each != name)

    def name(self, entry: str) -> str:
        """Return the name of the array that a name is an entry of by its letters."""
        base, letters = base_and_letters(entry)
        return base if letters and self.axes.issuperset(letters) else entry

    def numbers(self) -> frozenset[str]:
        """Return the names without letters in formulas of entries."""
        there = [tree for tree in self._trees if self._letters(tree)]
        whole = (part for tree in there for part in walk(tree) if is_call(part, "index", *OF_WHOLE))
        arrays = {name for part in whole for name in names_in(part)}
        names = {name for tree in there for name in names_in(tree)} - arrays
        return frozenset(name for name in names if not base_and_letters(name)[1])

    def _letters(self, tree: Node) -> frozenset[str]:
        return self.axes.intersection(letter for part in walk(tree) for _, letter in _entries(part))

    def ranks(self) -> dict[str, int]:
        """Return how many axes the arrays have of which entries are written."""
        entries = {name: base_and_letters(name)[1] for name in self._names}
        return {
            self.name(name): len(letters)
            for name, letters in entries.items()
            if letters and derivative_of(name) is None and self.axes.issuperset(letters)
        }

    def formula(self, tree: Node, target: str) -> Node | None:
        """Return the formula of a whole array for that of its entry `target`.

        `Xw` is a product in it where X and w are names. None where it has no form that is known.
        """
        tree = rewrite(rewrite_calls(tree, self._at_one_time, ("sum",)), self._as_product)
        if self._has_matrix_sign:  # `*` is no such product
            tree = rewrite_calls(
                tree, lambda each: entry_by_entry(each) if each.sign == "*" else each, ("multiply",)
            )
        wanted = tuple(each for each in base_and_letters(target)[1] if each in self.axes)
        try:
            whole, letters = _Letters(self, wanted).read(tree, frozenset(wanted))
            return _along(whole, letters, wanted)
        except _NotOfArraysError:
            return None if self.axes else tree

    def _at_one_time(self, call: Call) -> Node:
        """Return what is summed over times or samples: at each of them it has to hold alone."""
        letters = {each for name in names_in(call) for each in base_and_letters(name)[1]}
        is_alone = len(call.arguments) == 1 and letters and letters.isdisjoint(self.axes)
        return call.arguments[0] if is_alone else call

    def _as_product(self, node: Node) -> Node:
        if not isinstance(node, Name) or node.id not in self._products:
            return node
        factors: Iterable[Node] = map(Name, self._factors(node.id))
        return reduce(lambda one, two: Call("multiply", (one, two), sign=" "), factors)


def _entries(node: Node) -> Iterator[tuple[str, str]]:
    """Yield the array of an entry with each letter of its place."""
    if isinstance(node, Name):
        base, letters = base_and_letters(node.id)
        yield from ((base, letter) for letter in letters)
    elif isinstance(node, Call) and node.operation == "index":
        yield from (("", each.id) for each in node.arguments[1:] if isinstance(each, Name))


def _outside_sums(node: Node) -> Iterator[Node]:
    """Yield the parts of a formula that no sum runs over."""
    yield node
    if not is_call(node, "sum"):
        for each in node.children():
            yield from _outside_sums(each)


class _Letters:
    """The axes of one formula: letters in the order in which arrays have them."""

    def __init__(self, arrays: WholeArrays, wanted: Sequence[str]) -> None:
        self._arrays, self._axes, self._order = arrays, arrays.axes, [*wanted]

    def read(self, node: Node, outer: frozenset[str]) -> tuple[Node, tuple[str, ...]]:
        """Return a part in whole arrays with the letters of its axes.

        `outer` are the letters that the part shares with what stands around it.
        """
        if isinstance(node, Name) and node.id in self._axes:
            raise _NotOfArraysError  # it is worth what it counts
        if isinstance(node, Name):
            return self._array(Name(self._arrays.name(node.id)), base_and_letters(node.id)[1])
        if isinstance(node, Number):
            return node, ()
        if not isinstance(node, Call) or node.keywords:
            raise _NotOfArraysError
        if node.operation == "index":
            places = [each.id if isinstance(each, Name) else "" for each in node.arguments[1:]]
            base, inner = self.read(node.arguments[0], outer)
            if inner:
                raise _NotOfArraysError
            return self._array(base, places)
        if node.operation == "sum":
            return self._sum(node.arguments[0], outer)
        if len(node.arguments) == 1 and node.operation in OF_WHOLE:
            whole, letters = self.read(node.arguments[0], outer)
            if letters:
                raise _NotOfArraysError
            return Call(node.operation, (whole,)), ()
        if node.operation not in ENTRYWISE and node.operation != "matmul":
            raise _NotOfArraysError
        operands = self._operands(node.arguments, outer)
        union = self._order_letters(operands)
        if len(union) > 2:
            raise _NotOfArraysError
        arguments = tuple(_along(whole, letters, union) for whole, letters in operands)
        is_product = node.operation in PRODUCTS and union
        name = "multiply" if is_product else node.operation
        return Call(name, arguments, sign="⊙" if is_product else node.sign), union

    def _operands(
        self, arguments: Sequence[Node], outer: frozenset[str]
    ) -> list[tuple[Node, tuple[str, ...]]]:
        own = [self._free_letters(each) for each in arguments]
        return [
            self.read(each, outer.union(*own[:at], *own[at + 1 :]))
            for at, each in enumerate(arguments)
        ]

    def _free_letters(self, node: Node) -> frozenset[str]:
        return frozenset(
            letter
            for part in walk(node)
            for letter in (
                (*base_and_letters(part.id)[1], part.id) if isinstance(part, Name) else ()
            )
            if letter in self._axes
        )

    def _array(self, base: Node, letters: Sequence[str]) -> tuple[Node, tuple[str, ...]]:
        if not set(letters) <= {*self._axes}:
            return base, ()
        if len({*letters}) != len(letters) or len(letters) > 2:
            raise _NotOfArraysError
        self._order += [each for each in letters if each not in self._order]
        own = tuple(sorted(letters, key=self._order.index))
        return (base if own == tuple(letters) else Call("transpose_last", (base,))), own

    def _sum(self, summand: Node, outer: frozenset[str]) -> tuple[Node, tuple[str, ...]]:
        """Return a sum over all letters that nothing else has."""
        over = self._free_letters(summand) - outer
        if is_call(summand, "sum") and over:
            return self.read(summand, outer)  # all of them at once
        if not over:
            raise _NotOfArraysError
        whole, letters = self.read(summand, outer | over)
        if not over.issubset(letters):
            raise _NotOfArraysError
        for letter in sorted(over, key=letters.index, reverse=True):
            whole = Call("sum", (whole,), (("axis", count_number(letters.index(letter))),))
        return whole, tuple(each for each in letters if each not in over)

    def _order_letters(self, operands: Iterable[tuple[Node, tuple[str, ...]]]) -> tuple[str, ...]:
        letters = {letter for _, own in operands for letter in own}
        return tuple(sorted(letters, key=self._order.index))


def _along(whole: Node, letters: tuple[str, ...], wanted: tuple[str, ...]) -> Node:
    """Return an array along some axes: a vector beside two of them is a column or a row."""
    if letters == wanted or not letters:
        return whole
    if not set(letters) <= {*wanted}:
        raise _NotOfArraysError
    if letters == wanted[::-1]:
        return Call("transpose_last", (whole,))
    row = Call("transpose_last", (whole,))
    return row if letters == wanted[1:] else Call("transpose_last", (row,))
