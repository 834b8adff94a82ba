"""Other trees of one text: a declared base, degrees, matrix products.

The language reads each text in one way. What people may mean besides is made from that tree, which
keeps the places of the text.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from fractions import Fraction
from functools import partial
from itertools import takewhile
from typing import Final

from tracer.check.model.written_trees import (
    at_place,
    calls_in,
    entries_in,
    is_literal,
    is_matrix,
    names_in,
    rename_calls,
    rewrite,
    rewrite_calls,
    with_operation,
)
from tracer.check.read.word_tables import INFINITE
from tracer.errors import ShapeError
from tracer.expression import Array, Call, Name, Node, Number, Tuple, parse
from tracer.intervals import CORRELATION, MASKED, Interval, value_or_none
from tracer.lazy_regex import lazy_regex
from tracer.operations.array_shape import broadcast_shape

_HADAMARD: Final = "⊙"
_SIGNS: Final = {
    r"\odot": _HADAMARD, r"\star": CORRELATION, r"\ast": "*", "∗": "*", "＊": "*", r"\cdot": "·",
    r"\times": "×", **dict.fromkeys(".⋅∙•", "·"),
}  # fmt: skip
"""Signs of products, each with the usual one for the same."""
_BETWEEN_FACTORS: Final = lazy_regex(
    r"\\(?:left|right|big+[lr]?|thinspace|underbrace|cr|quad|[,;:! ])"
    r"|_ ?\{\\text\{[^{}]*\}\}|[\s(){}\[\]&]+|\\$"  # what begins the factor: `\mathbf{1}[…]`
)
_ENTRYWISE: Final = (_HADAMARD, "*")
_JOINING: Final = ("·", "×", " ")  # that may stand between the factors of a matrix product
_PRODUCTS: Final = ("multiply", "matmul")
_ENTRY_BY_ENTRY: Final = ("add", "subtract", "multiply")
_SIGNED: Final = frozenset((*_PRODUCTS, "log", "sigmoid"))
"""Operations of which the sign, or the name that is written, says more."""
_LOGS: Final = frozenset(("log", "log2", "log10"))
_DEGREES: Final = ("sin", "cos", "tan")
_LOGIC: Final = {
    name: form
    for word, form in {
        "not": "1 - x0", "and": "minimum(x0, x1)", "nand": "1 - minimum(x0, x1)",
        "or": "maximum(x0, x1)", "nor": "1 - maximum(x0, x1)", "xor": "abs(x0 - x1)",
    }.items()
    for name in (word, word.upper())
}  # fmt: skip
"""Functions of truth values: what has their values at 0 and 1."""


def fill_form(form: str, *operands: Node) -> Node:
    """Return an expression with operands for its names `x0`, `x1`, …, at the place of the first."""
    start, end = operands[0].start, operands[0].end
    return rewrite(
        parse(form, "unicode"),
        lambda part: (
            operands[int(part.id[1:])] if isinstance(part, Name) else at_place(part, start, end)
        ),
    )


_DETERMINANT: Final = "(x0[0, 0] * x0[1, 1] - x0[0, 1] * x0[1, 0])"
_INVERSE: Final = f"[[x0[1, 1], -x0[0, 1]], [-x0[1, 0], x0[0, 0]]] / {_DETERMINANT}"


def has_four_entries(tree: Node | None) -> bool:
    """Tell whether a tree is a matrix of two rows and two columns."""
    rows = tree.items if isinstance(tree, Array) else ()
    return len(rows) == 2 and all(isinstance(row, Array) and len(row.items) == 2 for row in rows)


def with_inverses(tree: Node, matrices: Collection[str]) -> Node:
    r"""Return a tree with what `A^{-1}` and `\det A` of such matrices are in their entries."""

    def in_entries(node: Node) -> Node:
        match node:
            case Call(
                operation="power",
                arguments=(
                    Name(id=name) as matrix,
                    Call(operation="negative", arguments=(Number(text="1"),)),
                ),
            ) if name in matrices:
                return fill_form(_INVERSE, matrix)
            case Name(id=name) if name.startswith("det"):
                matrix = Name(name.removeprefix("det").strip("()"), node.start, node.end)
                return fill_form(_DETERMINANT, matrix) if matrix.id in matrices else node
        return node

    return rewrite(tree, in_entries)


def with_signs(tree: Node, text: str) -> Node:
    """Return the tree of a text in which products and some functions keep their signs in it.

    Factors side by side have a blank; products that are not written have none.
    """

    def with_sign(call: Call) -> Call:
        sign = ""
        if call.operation in _PRODUCTS:
            left, right = call.arguments
            if left.start < left.end <= right.start < right.end:
                rest = _BETWEEN_FACTORS.sub("", text[left.end : right.start])
                sign = _SIGNS.get(rest, rest) or " "
        else:
            spelled = takewhile(str.isalpha, text[call.start :].removeprefix("\\"))
            sign = "".join((".", *spelled) if text[: call.start].endswith(".") else spelled)
        return Call(call.operation, call.arguments, call.keywords, call.start, call.end, sign)

    return rewrite_calls(tree, with_sign, _SIGNED)


def _change_calls(
    tree: Node, operations: Collection[str], change: Callable[[Call], Node]
) -> Iterator[Node]:
    """Yield the tree with some calls changed, where one of them is."""
    changed = rewrite_calls(tree, change, operations)
    if changed is not tree:
        yield changed


def trees_as_written(
    tree: Node,
    text: str,
    signs: Sequence[str],
    has_hundred: bool,
    stated: frozenset[str],
) -> Iterator[Node]:
    """Yield the trees of a text in which every sign counts, the likeliest first.

    `has_hundred` says that its chain multiplies by 100, so that `%` may only name the unit;
    `stated` are the letters that are names of the document.
    """
    if not _LOGS.isdisjoint(tree.content.operations):
        tree = rewrite_calls(tree, _without_infinity, ("multiply",))
    if Array in tree.content.kinds:
        tree = rewrite_calls(tree, _product_of_row_and_column, ("multiply",))
    if not INFINITE.isdisjoint(tree.content.names):
        tree = rewrite_calls(tree, _minus_infinity, ("negative",))
    if not _LOGIC.keys().isdisjoint(signs):
        tree = next(_change_calls(tree, _LOGIC, _of_logic), tree)
    if "e" in stated:
        yield from _change_calls(tree, ("power",), _broken_power_of_euler)
        powers = [*_change_calls(tree, ("exp",), partial(_power_of_e, text))]
        is_whole = all(map(_is_whole, (call.arguments[0] for call in calls_in(tree, ("exp",)))))
        yield from (*powers, tree) if is_whole else (tree, *powers)
    tree = next(_change_calls(tree, ("power",), _power_of_euler), tree)
    yield tree
    if has_hundred:
        yield rewrite(tree, _without_percent)


def other_trees(
    tree: Node, text: str, signs: Sequence[str], bases: Sequence[str]
) -> Iterator[Node]:
    """Yield the trees that a text may mean besides: matrix products, lengths, a base, degrees."""
    yield from _change_calls(tree, ("multiply",), _with_power_of_ten)
    yield from _change_calls(tree, ("add", "subtract", "multiply"), _with_power_of_negative)
    is_told = any(call.sign == _HADAMARD for call in calls_in(tree, ("multiply",)))
    yield from _change_calls(tree, ("multiply",), partial(_product_of_matrices, is_told))
    if "transpose_last" in tree.content.operations:
        yield from _change_calls(tree, ("multiply",), _sum_of_rows)
    if Array in tree.content.kinds:
        yield from _change_calls(tree, ("multiply",), _sum_of_products)
    yield from _change_calls(
        tree,
        ("abs",),  # single bars around a vector
        lambda call: (
            with_operation("length", call) if _may_be_array(call.arguments[0], True) else call
        ),
    )
    for sign, operation, others in (("log", "log", bases), ("lg", "log10", ("log2",))):
        if operation in tree.content.operations and any(each.endswith(sign) for each in signs):
            trees = (rename_calls(tree, {operation: base}) for base in others)
            yield from (other for other in trees if other is not tree)
    if "°" not in signs and any(
        name in text for name in tree.content.operations.intersection(_DEGREES)
    ):
        yield from _change_calls(tree, _DEGREES, _in_degrees)


def _with_power_of_negative(call: Call) -> Call:
    """Return `1 - -0.2^2` with the power of -0.2: two signs in a row show a figure put in."""
    match call.arguments:
        case (
            left,
            Call(
                operation="negative",
                arguments=(Call(operation="power", arguments=(Number() as base, exponent)),),
            ) as negative,
        ):
            start, end = negative.start, negative.end
            figure = Call("negative", (base,), (), start, base.end)
            power = Call("power", (figure, exponent), (), start, end)
            return Call(call.operation, (left, power), (), call.start, call.end, call.sign)
    return call


def _with_power_of_ten(call: Call) -> Call:
    """Return `a / b × 10⁶` as a quotient by one figure, b × 10⁶."""
    match call.arguments:
        case (
            Call(operation="divide", arguments=(above, Number() as below)),
            Call(operation="power", arguments=(Number(value=ten), _)) as scale,
        ) if ten == 10:
            divisor = Call("multiply", (below, scale), (), below.start, call.end)
            return Call("divide", (above, divisor), (), call.start, call.end)
    return call


def _without_percent(part: Node) -> Node:
    """Return a percentage as the figure before its sign, which only names the unit."""
    if not isinstance(part, Number) or part.text[-1] not in "%％":
        return part
    return Number(part.text[:-1].rstrip(" \\"), part.value * 100, part.start, part.end)


def _of_logic(call: Call) -> Node:
    """Return a function of truth values in the arithmetic of 0 and 1."""
    form = _LOGIC[call.operation]
    return (
        call
        if len(call.arguments) != ("x0" in form) + ("x1" in form)
        else at_place(fill_form(form, *call.arguments), call.start, call.end)
    )


def _without_infinity(call: Call) -> Node:
    """Return 0 for `0 * log(0)`, which it stands for: what p log p goes to."""
    match call.arguments:
        case (factor, Call(operation="log" | "log2" | "log10", arguments=(inside,))) if (
            value_or_none(factor) == value_or_none(inside) == Interval(Fraction(0))
        ):
            return Number("0", Fraction(0), call.start, call.end)
    return call


def _minus_infinity(call: Call) -> Node:
    """Return what a mask puts in as a figure: one below all that is worked with."""
    (operand,) = call.arguments
    if not (isinstance(operand, Name) and operand.id in INFINITE):
        return call
    figure = Number(operand.id, -MASKED.high, operand.start, operand.end)
    return Call("negative", (figure,), (), call.start, call.end)


def _power_of_e(text: str, call: Call) -> Call:
    """Return the power of a name `e` where it was read as Euler's number."""
    here = text[max(call.start, 0) : call.end].lstrip()
    if not isinstance(call.arguments[0], Number) or here[:1] != "e" or here[:3] == "exp":
        return call
    base = Name("e", call.start, call.start + 1)
    return Call("power", (base, *call.arguments), (), call.start, call.end)


def _power_of_euler(call: Call) -> Call:
    """Return the power of a name `e`, which the document does not state, as the exponential."""
    base, *exponent = call.arguments
    return (
        call
        if base != Name("e")
        else Call("exp", (*exponent,), (), call.start, call.end, call.sign)
    )


def _broken_power_of_euler(call: Call) -> Call:
    """Return `e^-0.5` as the exponential: few people take a name to such a power."""
    exponent = call.arguments[1]
    is_of_name = bool(names_in(exponent)) or _is_whole(exponent)
    return call if is_of_name else _power_of_euler(call)


def _is_whole(exponent: Node) -> bool:
    return isinstance(exponent, Number) and exponent.value.denominator == 1


def _in_degrees(call: Call) -> Call:
    """Return a function of an angle in degrees; one with π is none."""
    if "pi" in call.content.operations or not call.arguments:
        return call
    angle = fill_form("x0*(x1/180)", call.arguments[0], Call("pi", ()))
    return Call(call.operation, (angle,), call.keywords, call.start, call.end)


def _product_of_matrices(is_told: bool, call: Call) -> Call:
    """Return the matrix product where a product joins two arrays.

    A point, a cross or a blank joins arrays, `*` their entries; `⊙` matrices of which one has more
    entries. Where products by entries have a sign of their own (`is_told`), names are arrays, and
    so are brackets.
    """
    dotted = call.sign in _JOINING
    are_alike = len({*map(_count_entries, call.arguments)}) == 1
    is_entrywise = call.sign == _HADAMARD and (are_alike or not all(map(is_matrix, call.arguments)))
    are_arrays = not is_entrywise and all(
        _may_be_array(each, dotted) or (dotted and is_told) for each in call.arguments
    )
    return with_operation("matmul", call) if are_arrays else call


def _product_of_row_and_column(call: Call) -> Call:
    """Return the matrix product of a row and a column, which have no product by entries."""
    sides = {*map(_side_of_vector, call.arguments)}
    are_two = sides in ({"row", "column"}, {"turned", "list"})
    return with_operation("matmul", call) if are_two and call.sign in _JOINING else call


_TURNED: Final = {"list": "turned", "column": "row", "row": "column"}


def _side_of_vector(node: Node) -> str:
    """Return how a written vector lies: as a row, a column or a list; nothing of anything else."""
    match node:
        case Call(operation="transpose_last", arguments=(inner,)):
            return _TURNED.get(_side_of_vector(inner), "")
        case Array(items=(Array(items=(_, _, *_)),)):
            return "row"
        case Array(items=items) if all(isinstance(i, Array) and len(i.items) == 1 for i in items):
            return "column" if len(items) > 1 else ""
        case Array(items=items) if not any(isinstance(each, Array) for each in items):
            return "list"
    return ""


def _count_entries(node: Node) -> int:
    """Return how many entries a written array has, 0 for what is none."""
    return len(entries_in(node)) if isinstance(node, Array) else 0


def _sum_of_rows(call: Call) -> Call:
    """Return the sum of an array's rows where a row of ones stands before it, `1ᵀ δ`."""
    match call.arguments:
        case (
            Call(operation="transpose_last", arguments=(Number(value=1) | Name(id="mathbf1"),)),
            rows,
        ):
            axis = Number("0", Fraction(0), call.start, call.start)
            return Call("sum", (rows,), (("axis", axis),), call.start, call.end)
    return call


def _sum_of_products(call: Call) -> Call:
    """Return the sum of the entries where arrays are multiplied entry by entry, as in a filter.

    Of two vectors, but for `⊙`, that is their matrix product.
    """
    are_factors = all(
        is_matrix(each) or (call.sign == _HADAMARD and isinstance(each, Array))
        for each in call.arguments
    )
    is_filter = call.sign in _ENTRYWISE and are_factors
    is_filter &= len({*map(_count_entries, call.arguments)}) == 1
    return Call("sum", (call,), (), call.start, call.end) if is_filter else call


def _shape_of_product(call: Call) -> Node:
    match call.arguments:
        case (
            (Array(items=(*_, Number() as inner)) | Tuple(items=(*_, Number() as inner))) as left,
            Array(items=(below, outer)) | Tuple(items=(below, outer)),
        ) if len(left.items) > 1 and is_literal(left) and below == inner and _is_whole(inner):
            is_entrywise = call.sign in _ENTRYWISE and isinstance(left, Array)
            shape = type(left)((*left.items[:-1], outer), call.start, call.end)
            return call if is_entrywise else shape
    return call


def _shape_of_entries(call: Call) -> Node:
    """Return the shape of what is worked out entry by entry, `(3, 4) + (4,)`.

    Tuples of one length may be vectors.
    """
    shapes = [_shape_in(part) for part in call.arguments]
    are_shapes = all(shapes) and len({*map(len, shapes)}) > 1
    with suppress(ShapeError):
        sizes = broadcast_shape("", *shapes) if are_shapes else ()
        items = (at_place(Number(str(n), Fraction(n)), call.start, call.end) for n in sizes)
        return Tuple(tuple(items), call.start, call.end) if sizes else call
    return call


def _shape_in(node: Node) -> tuple[int, ...]:
    """Return the shape that a tuple may be; () where it is none."""
    items = node.items if isinstance(node, Tuple) else ()
    sizes = [each.value for each in items if isinstance(each, Number) and each.value >= 1]
    is_one = len(sizes) == len(items) and all(size.denominator == 1 for size in sizes)
    return tuple(map(int, sizes)) if is_one else ()


def result_of_shapes(tree: Node) -> Node:
    """Return the shape of what is worked out from shapes: `[3, 4] @ [4, 2]`, `(3, 4) + (4,)`."""
    result = rewrite_calls(tree, _shape_of_product, _PRODUCTS)
    return rewrite_calls(result, _shape_of_entries, _ENTRY_BY_ENTRY)


def _may_be_array(node: Node, dotted: bool) -> bool:
    """Say whether an operand may be an array: it is one, or a name beside the sign of a product."""
    if isinstance(node, Call):
        return node.operation in ("transpose_last", "matmul") or any(
            isinstance(part, Array) for part in node.arguments
        )
    return isinstance(node, Array) or (dotted and isinstance(node, Name))
