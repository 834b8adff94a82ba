"""The entries of formulas of arrays, some of which have no value: `(W x + b)[0]`.

Figures that are put in entry by entry say what the entries of an unknown array are. They have to be
the same wherever the entry stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import reduce
from typing import Final

from tracer.check.compare.bounded_values import KnownValue
from tracer.check.compare.value_comparison import ANY_PRODUCT, PRODUCTS
from tracer.check.model.written_trees import negate, signed_terms
from tracer.check.slips.rewriting import TWO, is_call
from tracer.check.trace.aliases import quantity_key
from tracer.expression.syntax import Array, Call, Name, Node, Number, walk
from tracer.operations import table
from tracer.run.interpret import shape_of

MOST_TERMS: Final = 8  # of a product's entry
Known = Callable[[str], KnownValue | None]


def written_by_entries(formula: Node, figures: Node, known: Known) -> Iterator[Node]:
    """Yield a formula as arrays of the formulas of its entries, of the shape of some figures.

    Nobody knows how many entries an unknown array has: as many as the terms there allow.
    """
    if not isinstance(figures, Array):
        yield from _as_number(formula, signed_terms(figures), known)
        return
    rows = [each.items if isinstance(each, Array) else (each,) for each in figures.items]
    is_column = all(not isinstance(each, Array) or len(each.items) == 1 for each in figures.items)
    most = max(len(signed_terms(entry)) for row in rows for entry in row)
    for terms in range(min(most, MOST_TERMS), 0, -1):
        writer = _Entries(known, terms)
        written = [
            [writer.entry(formula, (i,) if is_column else (i, j)) for j, _ in enumerate(row)]
            for i, row in enumerate(rows)
        ]
        entries = [[each for each in row if each is not None] for row in written]
        if [len(row) for row in entries] == [len(row) for row in rows]:
            yield Array(
                tuple(
                    Array(tuple(row)) if isinstance(each, Array) else row[0]
                    for row, each in zip(entries, figures.items, strict=True)
                )
            )


def product_of_entries(product: Call, count: int, known: Known) -> Node | None:
    """Return the product of two vectors as the sum of their entries' products; else None.

    Of two without a value there are `count`.
    """
    written_out = _Entries(known, count).entry(product, ())
    return written_out if written_out is not None and is_call(written_out, "add") else None


def _as_number(formula: Node, put_in: Sequence[tuple[int, Node]], known: Known) -> Iterator[Node]:
    """Yield a formula whose products of unknown vectors are sums of products, as many as fit.

    Their entries may be negative: a product has the sign of what is put in for it.
    """
    counts = (len(signed_terms(part)) for _, term in put_in for part in walk(term))
    for count in range(min(max(len(put_in), *counts), MOST_TERMS), 1, -1):
        writer = _Entries(known, count)
        entry = writer.entry(formula, ())
        terms = [] if entry is None else signed_terms(entry)
        if entry is not None and writer.has_products and len(terms) != len(put_in):
            yield entry
        if len(terms) != len(put_in):
            continue
        signed = [
            term if (their if _is_unknown(term, known) else our) > 0 else negate(term)
            for (our, term), (their, _) in zip(terms, put_in, strict=True)
        ]
        yield reduce(lambda one, other: Call("add", (one, other)), signed)


def _is_unknown(term: Node, known: Known) -> bool:
    """Tell whether a term is a product of two entries of vectors, none of which has a value."""
    return is_call(term, "multiply") and all(
        isinstance(part, Name) and part.id.endswith("]") and known(part.id) is None
        for part in term.children()
    )


class _Entries:
    """Writes the formulas of entries, where the products of unknown arrays have some terms."""

    def __init__(self, known: Known, terms: int) -> None:
        self._known, self._terms = known, terms
        self.has_products = False  # that it has written out

    def entry(self, node: Node, index: Sequence[int]) -> Node | None:
        """Return the formula of an entry; None where the formula has none at that index."""
        if isinstance(node, Number):
            return node
        if isinstance(node, Name):
            return self._entry_of_name(node, index)
        if not isinstance(node, Call):
            return None
        if node.operation == "transpose_last":
            return self.entry(node.arguments[0], index[::-1])
        squares = self._squares(node, index)
        if squares is not None:
            return squares
        is_product = node.operation in ANY_PRODUCT and node.sign != "⊙"
        if not index and node.operation not in PRODUCTS:
            is_product &= any(map(self._shape, node.arguments))  # else of numbers
        if is_product and not any(map(self._is_number, node.arguments)):
            return self._entry_of_product(node, index)
        row = table().get(node.operation)
        parts = [self.entry(part, index) for part in node.arguments]
        if row is None or not (row.elementwise or node.operation in ANY_PRODUCT) or None in parts:
            return None
        return Call(node.operation, tuple(part for part in parts if part), node.keywords)

    def _squares(self, node: Call, index: Sequence[int]) -> Node | None:
        """Return the sum of the squares of the entries for `‖w‖²`, its root for `‖w‖`."""
        inner, *exponents = node.arguments or (node,)
        is_squared = node.operation == "power" and exponents == [TWO]
        norm = inner if is_squared else node
        if index or not is_call(norm, "norm", "length"):
            return None
        vector = norm.arguments[0]
        if isinstance(vector, Name) and self._known(quantity_key(f"{vector.id}_1")):
            return None  # its entries are stated one by one
        size = (self._shape(vector) or (self._terms,))[0]
        entries = [self.entry(vector, (at,)) for at in range(size)]
        squares = [Call("power", (entry, TWO)) for entry in entries if entry is not None]
        if not squares or len(squares) < size:
            return None
        self.has_products = True
        total: Node = reduce(lambda one, other: Call("add", (one, other)), squares)
        return total if is_squared else Call("sqrt", (total,))

    def _shape(self, node: Node) -> Sequence[int] | None:
        if isinstance(node, Call) and node.operation == "transpose_last":
            inner = self._shape(node.arguments[0])
            return None if inner is None else inner[::-1]
        value = self._known(node.id) if isinstance(node, Name) else None
        return None if value is None else shape_of(value.printed)

    def _is_number(self, node: Node) -> bool:
        return isinstance(node, Number) or self._shape(node) == ()

    def _entry_of_name(self, name: Name, index: Sequence[int]) -> Node | None:
        shape = self._shape(name)
        if shape == () or not index:
            return None if shape else name
        if shape is not None and len(shape) < len(index):
            index = [at for at in index if at] or [0]  # a vector as a row or a column
        elif shape is not None and len(shape) > len(index):
            index = [*index, 0] if shape[-1] == 1 else [0, *index]
        if shape is not None and (
            len(shape) != len(index) or any(a >= b for a, b in zip(index, shape, strict=True))
        ):
            return None
        return Name(f"{name.id}[{', '.join(map(str, index))}]", name.start, name.end)

    def _entry_of_product(self, product: Call, index: Sequence[int]) -> Node | None:
        left, right = product.arguments
        shapes = self._shape(left), self._shape(right)
        is_row = len(index) == 1 and len(shapes[0] or (0, 0)) == 1 and shapes[1] is not None
        inner = {shape[at] for shape, at in zip(shapes, (-1, 0), strict=True) if shape}
        is_matrix = any(sum(size > 1 for size in shape or ()) > 1 for shape in shapes)
        if len(inner) > 1 or (is_matrix and not index):
            return None
        terms: list[Node] = []
        for at in range(next(iter(inner), self._terms)):
            if not index:
                first, second = self.entry(left, (at,)), self.entry(right, (at,))
                if first is not None and second is not None:
                    terms.append(Call("multiply", (first, second)))
                continue
            first = self.entry(left, (at,) if is_row else (index[0], at))
            second = self.entry(right, (at, *index[1:]) if not is_row else (at, index[0]))
            if first is None or second is None:
                return None
            terms.append(Call("multiply", (first, second)))
        if not terms:
            return None
        self.has_products = True
        return reduce(lambda one, other: Call("add", (one, other)), terms)
