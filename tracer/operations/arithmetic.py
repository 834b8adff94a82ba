"""Rows for `+ - * / ** @`, unary minus and the outer product.

Source of the rules: Goodfellow, Bengio, Courville, Deep Learning, sections 2.2 and 6.5; the
matrix rules follow Petersen and Pedersen, The Matrix Cookbook, section 2.
A contribution may have a larger shape than its operand: differentiation sums it back.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import partial, reduce
from operator import add
from typing import Final

from tracer.errors import ShapeError
from tracer.expression.syntax import (
    Call,
    Display,
    Name,
    Node,
    count_number,
    sum_form,
    transpose_form,
    walk,
)
from tracer.operations.array_shape import (
    Shape,
    broadcast_index,
    broadcast_shape,
    fitting_shape,
    shape_text,
)
from tracer.operations.numbers import exact_node
from tracer.operations.operation import Entries, Term, TextbookWriter, apply, operation, term
from tracer.operations.signature import literal
from tracer.sentences import say

OPPOSITE: Final = {">": "≤", "=": "≠", "≤": ">", "≠": "="}


def _simpler_add(left: Term, right: Term) -> Term | None:
    if left.is_number(0):
        return right
    return left if right.is_number(0) else None


operation(
    "add",
    "a, b",
    elementwise=True,
    passes_mask=True,
    shape=partial(broadcast_shape, "+"),
    scalar="{0} + {1}",
    rewrite=_simpler_add,
    array="np.add({0}, {1}, out={out})",
    derivative=lambda g, out, a, b: (g, g),
    textbook=lambda writer, a, b: sum_form(
        *writer.align_operands((a, b), broadcast_shape("+", a.shape, b.shape))
    ),
    rule="sum rule",
    words="addition",
    title="addition",
    example="a + b; a = 0.5; b = -1.2",
)


def _simpler_subtract(left: Term, right: Term) -> Term | None:
    if right.is_number(0):
        return left
    if left.is_number(0):
        return -right
    return left + right.parts[0] if right.operation == "negative" else None


def one_minus(form: Node) -> Node:
    """Return 1 minus what is drawn; of 1[a > b] that is 1[a ≤ b]."""
    match form:
        case Display(kind="indicator", parts=(Display(parts=sides, text=sign),)):
            return Display("indicator", (Display("relation", sides, OPPOSITE[sign]),))
    return Call("subtract", (count_number(1), form))


def _textbook_subtract(writer: TextbookWriter, a: Term, b: Term) -> Node:
    """A difference. With numbers put in, a 1 may be a target, whose error the reader is to see."""
    left, right = writer.align_operands((a, b), broadcast_shape("-", a.shape, b.shape))
    is_opposite = a.is_number(1) and any(isinstance(part, Name) for part in walk(right))
    return one_minus(right) if is_opposite else Call("subtract", (left, right))


operation(
    "subtract",
    "a, b",
    elementwise=True,
    passes_mask=True,
    shape=partial(broadcast_shape, "-"),
    textbook=_textbook_subtract,
    scalar="{0} - {1}",
    rewrite=_simpler_subtract,
    array="np.subtract({0}, {1}, out={out})",
    derivative=lambda g, out, a, b: (g, -g),
    rule="sum rule",
    words="subtraction",
    title="subtraction",
    example="a - b; a = 0.5; b = -1.2",
)


def _simpler_multiply(left: Term, right: Term) -> Term | None:
    first_value, second_value = left.literal, right.literal
    if first_value is not None or second_value is not None:
        for value, item, other in ((first_value, left, right), (second_value, right, left)):
            if value in (1, -1) and not item.shape:
                return other if value == 1 else -other
    if left.operation == "negative" and left.parts[0].operation == "divide":
        above, below = left.parts[0].parts
        if below.literal is not None:  # -(1 / 3) * y
            return (-above * right) / below
    first, second = left.operation, right.operation
    # A count divides last: 2 * (a - b) / 4, never (1 / 4) * 2 * (a - b).
    if first == "divide" and left.parts[1].literal is not None:
        return (left.parts[0] * right) / left.parts[1]
    if second == "divide" and right.parts[1].literal is not None:
        return (left * right.parts[0]) / right.parts[1]
    # Of a logarithm of a sigmoid both slopes stay to be seen: (1 / p) * p * (1 - p).
    if first == "divide" and left.parts[0].is_number(1) and left.parts[1].node != right.node:
        return right / left.parts[1]
    if first_value is not None or second_value is not None:
        for factor, other in ((right, left), (left, right)):
            count = _whole_literal(factor)
            gathered = _with_whole_factor(other, count) if count else None
            if gathered is not None:
                return gathered
    # Products are written from the left: a * b * c, not a * (b * c).
    return left * right.parts[0] * right.parts[1] if second == "multiply" else None


operation(
    "multiply",
    "a, b",
    elementwise=True,
    passes_mask=True,
    shape=partial(broadcast_shape, "*"),
    scalar="{0} * {1}",
    rewrite=_simpler_multiply,
    array="np.multiply({0}, {1}, out={out})",
    derivative=lambda g, out, a, b: (g * b, g * a),
    textbook=lambda writer, a, b: Call(
        "hadamard" if math.prod(a.shape) > 1 and math.prod(b.shape) > 1 else "multiply",
        writer.align_operands((a, b), broadcast_shape("*", a.shape, b.shape)),
    ),
    rule="constant factor rule",
    words="multiplication",
    title="multiplication",
    example="a * b; a = 0.5; b = -1.2",
)


def _simpler_divide(left: Term, right: Term) -> Term | None:
    if right.is_number(1):
        return left
    if left.operation == "divide" and left.parts[1].literal is not None and right.literal is None:
        return left.parts[0] / (left.parts[1] * right)
    count = _whole_literal(right)
    if count:
        return _divided_factor(left, count)
    shared = math.gcd(_whole_factor(left), _whole_factor(right))
    above, below = (_divided_factor(item, shared) for item in (left, right))
    return None if shared == 1 or above is None or below is None else above / below


def _whole_literal(item: Term) -> int | None:
    """Return a literal whole number, else None."""
    value = None if item.shape else item.literal
    return None if value is None or value.denominator != 1 else int(value)


def _whole_factor(product: Term) -> int:
    """Return the first whole number among the factors of a product, 1 without one."""
    if product.operation == "multiply":
        return next((it for it in map(_whole_factor, product.parts) if it != 1), 1)
    return _whole_literal(product) or 1


def _with_whole_factor(item: Term, count: int) -> Term | None:
    """Return a term times a whole number that one of its own numbers takes up, else None.

    So a / (6 * b) * 2 is a / (3 * b), and a * 0.5 * 2 is a.
    """
    value = None if item.shape else item.literal
    if value is not None:
        return term(int(value * count)) if (value * count).denominator == 1 else None
    if item.operation in ("broadcast", "reshape"):
        inner = item.parts[0]
        is_quotient = inner.operation == "divide" and inner.parts[1].literal is not None
        gathered = _with_whole_factor(inner.parts[0] if is_quotient else inner, count)
        if gathered is None:
            return None
        whole = apply(item.operation, gathered, shape=item.shape)
        return whole / inner.parts[1] if is_quotient else whole
    if item.operation not in ("multiply", "divide"):
        return None
    first, second = item.parts
    if item.operation == "divide" and (second.literal is not None or count < 0):
        return None  # a count divides last
    divided = _divided_factor(second, count) if item.operation == "divide" else None
    if divided is not None:
        return first / divided
    gathered = _with_whole_factor(first, count)
    if gathered is not None:
        return apply(item.operation, gathered, second)
    gathered = _with_whole_factor(second, count) if item.operation == "multiply" else None
    return None if gathered is None else first * gathered


def _divided_factor(product: Term, count: int) -> Term | None:
    """Return a product with one of its factors, a multiple of `count`, divided by that."""
    if product.operation != "multiply":
        scale = _whole_literal(product)
        return None if scale is None or scale % count else term(scale // count)
    for factor, other in (product.parts, product.parts[::-1]):
        divided = _divided_factor(factor, count)
        if divided is not None:
            return divided * other
    return None


def _is_fraction(node: Node) -> bool:
    """Say whether a quotient is written, or minus one."""
    if isinstance(node, Call) and node.operation == "negative":
        return _is_fraction(node.arguments[0])
    return isinstance(node, Call) and node.operation == "divide"


def _textbook_divide(writer: TextbookWriter, a: Term, b: Term) -> Node:
    """A fraction behind its minus; of a sum or an array its share, 1/2 (a - b) for 2 (a - b) / 4.

    A product of quantities is no share: its bar goes below all of it. A fraction in front stays
    in front.

    Only a whole number is divided so: what is not whole is most likely a value that was put in.
    """
    count = literal(b.node)
    is_sum = isinstance(a.node, Call) and a.node.operation == "sum"
    match a.node:
        case Call(operation="negative", arguments=(size,)) if literal(size) in (None, 1):
            match _textbook_divide(writer, Term(size, a.shape), b):
                case Call(operation="multiply", arguments=(share, rest)):
                    return Call("multiply", (Call("negative", (share,)), rest))
                case fraction:
                    return Call("negative", (fraction,))
        case Call(operation="multiply", arguments=(scale, whole)) if a.shape and count:
            if (factor := literal(scale)) is not None and factor.denominator == 1:
                share = exact_node(factor / count)
                return Call("multiply", (share, writer.term(Term(whole))))
        case Call(operation="multiply", arguments=(scale, whole)) if _is_fraction(scale) and (
            not writer.shape_of(scale) and a.shape
        ):
            fraction = Call("divide", writer.align_operands((Term(whole, a.shape), b), a.shape))
            return Call("multiply", (writer.term(Term(scale)), fraction))
        case _ if count and count.denominator == 1 and (a.shape or is_sum):
            return Call("multiply", (exact_node(1 / Fraction(count)), writer.term(a)))
    return Call("divide", writer.align_operands((a, b), broadcast_shape("/", a.shape, b.shape)))


operation(
    "divide",
    "a, b",
    elementwise=True,
    passes_mask=True,
    textbook=_textbook_divide,
    shape=partial(broadcast_shape, "/"),
    scalar="{0} / {1}",
    rewrite=_simpler_divide,
    array="np.divide({0}, {1}, out={out})",
    derivative=lambda g, out, a, b: (g / b, -(g * out / b)),
    rule=("constant factor rule", "quotient rule"),
    words="division",
    title="division",
    example="a / b; a = 0.5; b = -1.25",
)


def _simpler_negative(inner: Term) -> Term | None:
    match inner.operation:
        case "negative":
            return inner.parts[0]
        case "broadcast":
            return apply("broadcast", -inner.parts[0], shape=inner.shape)
        case "subtract":
            return inner.parts[1] - inner.parts[0]
        case "multiply" | "divide":
            turned = _simpler_negative(inner.parts[0])
            return None if turned is None else apply(inner.operation, turned, inner.parts[1])
    return None


operation(
    "negative",
    "x",
    elementwise=True,
    shape=lambda x: x,
    scalar="-{0}",
    rewrite=_simpler_negative,
    array="np.negative({0}, out={out})",
    derivative=lambda g, out, x: (-g,),
    rule="constant factor rule",
    words="the number with the opposite sign",
    title="opposite sign",
    example="-x; x = 0.5",
)


def _power(g: Term, out: Term, base: Term, exponent: Term) -> Sequence[Term | None]:
    """d(a**n)/da = n * a**(n - 1); d(a**x)/dx = a**x * log(a)."""
    match exponent.literal:
        case 0:
            return None, None
        case 1:
            return g, None
        case Fraction() as n:  # a**3 has the derivative 3 * a**2, not 3 * a**(3 - 1)
            return Term(exponent.node) * g * base ** term(n - 1), None
    # 0**x stays 0 where x moves: log(1) stands in for log(0), as in PyTorch.
    positive = base if base.literal else apply("where", base, base, 1)
    return g * exponent * base ** (exponent - 1), g * out * apply("log", positive)


# Small whole powers are products, as NumPy's and PyTorch's are: code for numbers and for arrays.
_PRODUCTS: Final[Mapping[Fraction | None, tuple[str, str]]] = {
    Fraction(2): ("{0} * {0}", "np.square({0}, out={out})"),
    Fraction(3): ("{0} * {0} * {0}", "np.multiply(np.square({0}), {0}, out={out})"),
}
_POWER: Final = ("pow({0}, {1})", "np.power({0}, {1}, out={out})")


def textbook_power(writer: TextbookWriter, base: Term, exponent: Term) -> Node:
    """A square matrix is multiplied with itself entry by entry: its square would be A A."""
    shape, count = base.shape, literal(exponent.node)
    forms = writer.align_operands((base, exponent), broadcast_shape("**", shape, exponent.shape))
    if len(shape) == 2 and shape[0] == shape[1] > 1 and count in (2, 3):
        return reduce(lambda one, other: Call("hadamard", (one, other)), forms[:1] * int(count))
    return Call("power", forms)


operation(
    "power",
    "a, n",
    elementwise=True,
    shape=partial(broadcast_shape, "**"),
    scalar=lambda literals: _PRODUCTS.get(literals[1], _POWER)[0],
    rewrite=lambda base, exponent: base if exponent.is_number(1) else None,
    array=lambda literals: _PRODUCTS.get(literals[1], _POWER)[1],
    textbook=textbook_power,
    derivative=_power,
    rule=("power rule", "exponential rule"),
    words="raising to a power",
    title="raising to a power",
    example="a**n; a = 1.5; n = 3",
)


def _matmul_shape(a: Shape, b: Shape) -> Shape:
    if not a or not b:
        raise ShapeError(
            say("@: a side is a single number"),
            found=say("the shapes {a} and {b}", a=shape_text(a), b=shape_text(b)),
            expected=say("two arrays; * multiplies by a number"),
        )
    inner = b[0] if len(b) == 1 else b[-2]
    if a[-1] != inner:
        raise ShapeError(
            say("@: the shapes {a} and {b} do not fit", a=shape_text(a), b=shape_text(b)),
            found=say(
                "{a} columns on the left and {inner} rows on the right", a=a[-1], inner=inner
            ),
            expected=say("as many columns on the left as rows on the right"),
        )
    batch = broadcast_shape("@", a[:-2], b[:-2])
    return batch + a[-2:-1] + (b[-1:] if len(b) > 1 else ())


def _matmul(g: Term, out: Term, a: Term, b: Term) -> Sequence[Term]:
    """d(A @ B): g @ B.T to the left, A.T @ g to the right; vectors are rows or columns."""
    match len(a.shape), len(b.shape):
        case 1, 1:
            return g * b, g * a
        case 1, 2:
            return b @ g, apply("outer", a, g)
        case 1, _:
            row = apply("reshape", a, shape=(1, *a.shape))
            g_row = apply("reshape", g, shape=(*g.shape[:-1], 1, g.shape[-1]))
            return (
                apply("reshape", g_row @ swap_last_axes(b), shape=(*g.shape[:-1], a.shape[0])),
                swap_last_axes(row) @ g_row,
            )
        case 2, 1:
            return apply("outer", g, b), swap_last_axes(a) @ g
        case _, 1:
            g_column = apply("reshape", g, shape=(*g.shape, 1))
            return g_column * b, g_column * a
    return g @ swap_last_axes(b), swap_last_axes(a) @ g


def swap_last_axes(matrix: Term) -> Term:
    """Return the matrix, or each of a batch, with rows and columns exchanged."""
    if len(matrix.shape) == 2:
        return apply("transpose_last", matrix)
    axes = tuple(range(len(matrix.shape)))
    return apply("transpose", matrix, axes=(*axes[:-2], axes[-1], axes[-2]))


def sum_of_terms(terms: Sequence[Term]) -> Term:
    """Return the sum of terms in their order, 0 where there are none."""
    return reduce(add, terms) if terms else term(0)


def _matmul_element(index: Shape, a: Entries, b: Entries) -> Term:
    """(A @ B)[…, i, j] is the sum over k of A[…, i, k] * B[…, k, j]."""
    row = () if len(a.shape) == 1 else (index[-1] if len(b.shape) == 1 else index[-2],)
    column = () if len(b.shape) == 1 else (index[-1],)
    batch = index[: len(index) - len(row) - len(column)]
    left = broadcast_index(batch, a.shape[:-2])
    right = broadcast_index(batch, b.shape[:-2])
    return sum_of_terms(
        [
            a(*left, *row, k) * b(*right, *((k, *column) if column else (k,)))
            for k in range(a.shape[-1])
        ]
    )


def _textbook_matmul(writer: TextbookWriter, a: Term, b: Term) -> Node:
    """A vector is a column: x @ W is Wᵀ x, and of two vectors the left one stands on its side.

    One entry is a factor like any number.
    """
    left, right = writer.term(a), writer.term(b)
    sign = "multiply" if 1 in (math.prod(a.shape), math.prod(b.shape)) else "beside"
    if len(a.shape) > 1:
        return Call(sign, (left, right))
    if len(b.shape) == 1:
        return Call(sign, (left if sign == "multiply" else transpose_form(left), right))
    return Call(sign, (transpose_form(right), left))


operation(
    "matmul",
    "a, b",
    shape=_matmul_shape,
    element=_matmul_element,
    array="np.matmul({0}, {1}, out={out})",
    derivative=_matmul,
    textbook=_textbook_matmul,
    rule="derivative of a matrix product",
    words="the matrix product: each entry is a row of the left times a column of the right",
    example="a @ b; a = [[1, 2, 3], [0, -1, 2]]; b = [[1, 0], [2, 1], [-1, 3]]",
    title="matrix product",
    convention="of arrays with more than two axes, the matrices in the last two are multiplied, "
    "each with its own; a vector is a row on the left, a column on the right",
    source="Goodfellow, Bengio, Courville, Deep Learning, section 6.5.6",
)


operation(
    "outer",
    "a, b",
    shape=lambda a, b: fitting_shape(
        a + b,
        len(a) == len(b) == 1,
        say("outer: {a} and {b}", a=shape_text(a), b=shape_text(b)),
        say("two vectors (one axis each)"),
    ),
    element=lambda index, a, b: a(index[0]) * b(index[1]),
    array="np.multiply.outer({0}, {1}, out={out})",
    derivative=lambda g, out, a, b: (g @ b, a @ g),
    textbook=lambda writer, a, b: Call("beside", (writer.term(a), transpose_form(writer.term(b)))),
    rule="derivative of an outer product",
    words="the outer product: each entry of the left times each entry of the right",
    example="outer(a, b); a = [1, -2]; b = [3, 0.5, -1]",
)
operation(
    "diag",
    "x",
    shape=lambda x: fitting_shape(
        x + x,
        len(x) == 1,
        say("diag of {shape}", shape=shape_text(x)),
        say("a vector (one axis)"),
    ),
    element=lambda index, x: x(index[0]) if index[0] == index[1] else term(0),
    array="np.multiply(np.eye(len({0})), {0}, out={out})",
    derivative=lambda g, out, x: (
        apply("sum", g * apply("diag", apply("ones", shape=x.shape)), axis=1),
    ),
    rule="derivative of a diagonal matrix",
    words="the matrix with these entries on its diagonal and 0 elsewhere",
    example="diag(x); x = [1, -2, 3.5]",
    title="diagonal matrix",
)
