"""One spelling for each quantity: differentials, slopes, entries and sums as what they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import reduce
from typing import Final

from tracer.check.arithmetic.figures import figure, scientific_parts
from tracer.check.model.written_trees import (
    entry_by_entry,
    is_literal,
    names_in,
    negate,
    rewrite_calls,
)
from tracer.check.slips.rewriting import ONE
from tracer.check.trace.aliases import key_of
from tracer.expression.syntax import (
    Array,
    Call,
    Name,
    Node,
    Number,
    Tuple,
    count_number,
    with_parts,
)
from tracer.intervals import ALSO
from tracer.operations import Term, apply, table, vocabulary

NOUGHT: Final = count_number(0)
EXTREMES: Final = ("relu", "max", "min", "maximum", "minimum")
LONGEST_BRACKET: Final = len(r"\left(")


def canonical_tree(node: Node) -> Node:
    """Return the same tree with one spelling for each quantity, and a new Number at every place.

    A figure is told by its place from an equal one, so no two places may share one; what has no
    figures and one spelling stays as it is. In arrays fractions are decimals: beside them other
    entries may be rounded.
    """
    if isinstance(node, Number):
        return Number(node.text, node.value, node.start, node.end)
    if isinstance(node, Call) and node.operation == "transpose_last":
        column = _column_of(node.arguments[0])
        if column is not None:
            return Array(column, node.start, node.end)
    if isinstance(node, (Array, Tuple)):
        items = tuple(as_decimal(canonical_tree(each)) for each in node.items)
        return _function_of_entries(type(node)(items, node.start, node.end))
    name = key_of(node)
    if name is not None:
        is_spelled = isinstance(node, Name) and node.id == name
        return node if is_spelled else Name(name, node.start, node.end)
    call = with_parts(node, canonical_tree)
    if isinstance(call, Call):
        if call.operation == "matmul" and isinstance(node.children()[0], Call):
            # On the left of a product a row that is turned has to be a column.
            first, *others = call.arguments
            rows = (_with_rows(first), *others)
            call = Call("matmul", rows, call.keywords, call.start, call.end, call.sign)
        return _scientific_number(call) or _joined_pair(call) or call
    return node


def _function_of_entries(array: Node) -> Node:
    """Return `[max(0, -2), max(0, 3)]` as the maximum of 0 and `[-2, 3]`; anything else is itself.

    The function hides its operands, which are compared with what they were put in for.
    """
    rows = array.children()
    is_column = all(isinstance(row, Array) and len(row.items) == 1 for row in rows)
    entries = [row.children()[0] for row in rows] if is_column else rows
    calls = [each for each in entries if isinstance(each, Call)]
    forms = {(call.operation, len(call.arguments)) for call in calls}
    if len(calls) < max(len(rows), 2) or len(forms) != 1 or names_in(array):
        return array
    ((operation, count),) = forms
    if operation not in EXTREMES or (count < 2 and operation != "relu"):
        return array
    arguments: list[Node] = []
    operands = [*zip(*(call.arguments for call in calls), strict=True)]
    for position, each in enumerate(operands):
        is_nought = all(one == NOUGHT for one in each) and operands[position + 1 :]
        vector = Array(each, each[0].start, each[-1].end)
        arguments.append(each[0] if is_nought else _with_rows(vector) if is_column else vector)
    return Call(operation, tuple(arguments), (), array.start, array.end)


def as_decimal(tree: Node) -> Node:
    """Return a fraction as the decimal that it stands for, 0.14 for `7/50`; no 600/30."""
    parsed_figure = figure(tree)
    if parsed_figure is None or parsed_figure.half or is_literal(tree):
        return tree
    if parsed_figure.value.denominator == 1:
        return tree
    text = str(float(abs(parsed_figure.value)))
    if Fraction(text) != abs(parsed_figure.value):
        return tree
    number = Number(text, Fraction(text), tree.start, tree.end)
    return negate(number) if parsed_figure.value < 0 else number


def _column_of(row: Node) -> tuple[Node, ...] | None:
    """Return the entries of a row that is turned, `[1, 2]` or `[[1, 2]]`; None for all else.

    Names in the latter may be those of matrices, which are turned too.
    """
    if not isinstance(row, (Array, Tuple)):
        return None
    if not any(isinstance(item, (Array, Tuple)) for item in row.items):
        return tuple(map(canonical_tree, row.items))
    if len(row.items) > 1 or row.content.names:
        return None
    return _with_rows(Array(tuple(map(canonical_tree, row.items[0].children())))).children()


def _with_rows(vector: Node) -> Node:
    """Return a vector that is written out as a column; anything else is itself."""
    if not isinstance(vector, Array) or isinstance(vector.items[0], Array):
        return vector
    rows = tuple(Array((entry,), entry.start, entry.end) for entry in vector.items)
    return Array(rows, vector.start, vector.end)


def _scientific_number(call: Call) -> Node | None:
    r"""Return `-4.5 \cdot 10^{-7}` as the one figure that it is; None for anything else."""
    mantissa, exponent, is_negative = scientific_parts(call) or (None, 0, False)
    if mantissa is None or not 1 <= mantissa.value < 10 or "e" in mantissa.text.lower():
        return None
    if "." not in mantissa.text and exponent > 0:
        return None  # `5 · 10^3` may be working
    value = mantissa.value * Fraction(10) ** exponent
    figure = Number(f"{mantissa.text}e{exponent}", value, mantissa.start, mantissa.end)
    return Call("negative", (figure,), (), call.start, mantissa.end) if is_negative else figure


def _joined_pair(call: Call) -> Node | None:
    """Return a product whose last two factors are the slope of a function at a place, `2 σ'(z)`."""
    match call:
        case Call(
            operation="multiply" | "matmul" as product,
            arguments=(
                Call(operation="multiply" | "matmul", arguments=(rest, before), sign=sign),
                factor,
            ),
        ):
            one = _slope_at(before, factor, call)
            return one and Call(product, (rest, one), (), call.start, call.end, sign)
        case Call(operation="multiply" | "matmul", arguments=(before, factor)):
            return _slope_at(before, factor, call)
    return None


def _slope_at(function: Node, place: Node, call: Call) -> Node | None:
    """Return the derivative of a known function at a place, `σ'(z)`, as what it is."""
    name = function.id if isinstance(function, Name) else ""
    slope = slope_of(name.removesuffix("'"), place) if name.endswith("'") else None
    if slope is None or place.start - function.end > LONGEST_BRACKET:
        return None
    if not isinstance(slope, Call):
        return slope
    return Call(slope.operation, slope.arguments, (), call.start, call.end, slope.sign)


def slope_of(function: str, place: Node) -> Node | None:
    """Return the derivative of a function of the table at a place; None where it has none."""
    spelled = vocabulary().spelled
    row = table().get(
        ALSO.get(function) or spelled.get(function) or spelled.get(function.lower(), "")
    )
    if row is None or not row.elementwise or row.derivative is None or len(row.operands) != 1:
        return None
    if row.name == "relu":
        return Call("step", (place,))  # as it is written; at 0 it is a convention
    at = Term(place)
    (slope,) = row.derivative(Term(ONE), apply(row.name, at), at)
    return None if slope is None else rewrite_calls(slope.node, entry_by_entry, ("multiply",))


def partial_derivative(tree: Node, variable: str) -> Node | None:
    """Return the derivative of a formula of numbers by a name in it, as a formula.

    That of each operation is its row's. None where one of them has none, or works on arrays.
    """
    terms: list[Term] = []

    def collect(node: Node, factor: Term) -> bool:
        if isinstance(node, Name):
            terms.extend([factor] if node.id == variable else [])
            return True
        if variable not in node.content.names:
            return True
        row = table().get(node.operation) if isinstance(node, Call) and not node.keywords else None
        if row is None or not row.elementwise or row.derivative is None:
            return False
        operands = [Term(each) for each in node.children()]
        slopes = row.derivative(factor, Term(node), *operands)
        return all(
            variable not in operand.node.content.names
            or (slope is not None and collect(operand.node, slope))
            for operand, slope in zip(operands, slopes, strict=True)
        )

    if not collect(tree, Term(ONE)) or not terms:
        return None
    return reduce(lambda one, other: one + other, terms).node


def written_out(node: Node) -> Node | None:
    """Return a function of the table as its definition, σ(z) as 1/(1 + e⁻ᶻ); None for all else."""
    row = table().get(node.operation) if isinstance(node, Call) and not node.keywords else None
    if row is None or not row.elementwise or len(node.children()) != 1 or row.operands[1:]:
        return None
    (inside,) = node.children()
    if row.name == "relu":
        return Call("max", (NOUGHT, inside))  # as it is written
    return None if row.definition is None else row.definition(Term(inside)).node


def gathered_forms(array: Node) -> Iterator[Node]:
    """Yield an array of calculations as one of arrays: `[0.7 - 1, 0.3 - 0]` as `p - y` has it.

    In the second form one figure stands for those that are the same in all entries.
    """
    forms = (_gather_calls(array, are_equal_one=are_equal_one) for are_equal_one in (False, True))
    yield from (form for form in forms if isinstance(form, Call))


def _gather_calls(node: Node, *, are_equal_one: bool) -> Node:
    if not isinstance(node, (Array, Tuple)):
        return node
    items = [_gather_calls(item, are_equal_one=are_equal_one) for item in node.items]
    return _join_calls(items, are_equal_one=are_equal_one)


def _join_calls(parts: Sequence[Node], *, are_equal_one: bool) -> Node:
    first, *others = parts
    calls = [part for part in parts if isinstance(part, Call)]
    kinds = {(call.operation, len(call.arguments), call.keywords) for call in calls}
    if len(calls) == len(parts) and len(kinds) == 1:
        columns = zip(*(call.arguments for call in calls), strict=True)
        joined = tuple(_join_calls(column, are_equal_one=are_equal_one) for column in columns)
        are_arrays = all(Array in each.content.kinds for each in joined)
        if calls[0].operation != "multiply" or not are_arrays:  # `W V` has no products of entries
            return Call(calls[0].operation, joined, calls[0].keywords)
    if are_equal_one and isinstance(first, Number) and all(part == first for part in others):
        return first
    return Array(tuple(parts))
