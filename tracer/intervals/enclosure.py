"""The value of a written expression: exact where it is rational, else between two bounds.

What an operation means is read from the table of operations, through its element form or its
definition; only the elementary functions are this room's own. Also what people write besides:
`average`, `max(0, z)`, a product sign between matrices.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType
from typing import Final, Literal, cast

from tracer.errors import LimitError, ShapeError, TracerError, UnknownNameError
from tracer.expression import Array, Call, Name, Node, Number
from tracer.intervals.interval import (
    ELEMENTARY,
    INTERVALS,
    LOGARITHMS,
    Interval,
    Unevaluable,
    interval_between,
)
from tracer.operations import (
    Operation,
    Shape,
    Term,
    apply,
    bound,
    broadcast_shape,
    check_attributes,
    literal,
    lookup,
    table,
)
from tracer.run.interpret import (
    NO_ATTRIBUTES,
    Attributes,
    Bound,
    Interpreter,
    Nested,
    ValueLeaf,
    shape_of,
)
from tracer.sentences import say

Value = Interval | tuple["Value", ...]

Products = Literal["entries", "matrix"]
"""How a product sign between two arrays is read: entry by entry, or as the matrix product.

`⊙` is always entry by entry, and `@` never.
"""

CORRELATION: Final = "⋆"
"""The sign of a product that slides over an array: how far it pads, nobody writes."""

SLIDING: Final = ("*", CORRELATION, "⊛")
"""Signs that join an array and a smaller one that slides over it, with no padding, by one entry."""
SLIDING_FUNCTIONS: Final = ("conv", "convolve", "correlate", "corr2d")
"""What such a product is called, besides the names that the table has."""

MOST_ENTRIES: Final = 4096
MOST_WORK: Final = 40_000  # entries read and numbers computed for one value
FUNCTION_WORK: Final = 4  # how many sums take as long as an exponential

ALSO: Final[Mapping[str, str]] = {
    "average": "mean",
    "dot": "matmul",
    "ln": "log",
    "logistic": "sigmoid",
    "sgn": "sign",
    "sig": "sigmoid",
    "sigma": "sigmoid",
}
"""What people write for operations of the table, besides the spellings of their looks."""


def _row_mean(x: Term) -> Term:
    """Return the mean of each row of a matrix, beside all of its entries; of a vector a number."""
    return apply("mean", x, axis=-1, keepdims=len(x.shape) > 1)


DEFINED: Final[Mapping[str, Callable[[Term], Term]]] = {
    "indicator": lambda x: apply("step", x),
    "cosh": lambda x: (apply("exp", x) + apply("exp", -x)) / 2,
    "norm": lambda x: apply("sqrt", apply("sum", x**2)),
    "length": lambda x: apply("sqrt", apply("sum", x**2)),
    "norm_1": lambda x: apply("sum", apply("abs", x)),
    "rowmean": lambda x: _row_mean(x),
    "rowvar": lambda x: _row_mean((x - _row_mean(x)) ** 2),
    "sinh": lambda x: (apply("exp", x) - apply("exp", -x)) / 2,
    "tan": lambda x: apply("sin", x) / apply("cos", x),
}
"""Functions that people write and that networks do not use, so that the table lacks them."""

POOLS: Final[Mapping[str, str]] = {"maxpool": "max_pool", "meanpool": "avg_pool"}
"""Pooling as people write it, with the window behind the array: maxpool(a, 2 × 2)."""

CLIPPING: Final = ("clamp", "clip")
"""What a number is called that is kept between two bounds, `clamp(x, 0, 15)`."""
PAIR: Final = 2
BOUNDED: Final = 3  # operands: the number and its bounds

OF_VECTORS: Final = ("length", "norm_1")
"""Functions that are no more what they say where a matrix stands in them."""

SCALAR: Final = (*LOGARITHMS, "floor", "ceil", "round")
"""Elementary functions that the table lacks."""

_INFIX: Final = frozenset(("add", "subtract", "multiply", "divide", "power", "negative"))
_EXTREMES: Final = ("max", "min")
_NOTHING: Final[Mapping[str, Value]] = MappingProxyType({})


def value_of(
    node: Node,
    known: Mapping[str, Value] = _NOTHING,
    ranges: Mapping[int, Interval] | None = None,
    *,
    products: Products = "entries",
) -> Value:
    """Return the value of an expression: exact for rational arithmetic, else bounds of it.

    `known` gives the quantities by name. `ranges` gives, by the `id` of a Number node, what
    that literal may stand for. A number beside an array multiplies each entry, whatever
    the sign; `·` between a matrix and a vector that fit only as a matrix product is one. A name
    `e` that nobody gave a value is Euler's number as the base of a power.

    Raises: Unevaluable where a name is unknown, a value undefined, shapes do not fit or a limit
    is passed; nothing else.
    """
    try:
        if type(node) is Number:
            return _literal(node, ranges)
        value: Value = _Reading(known, ranges or {}, products).value(node)
        return value
    except (UnknownNameError, LimitError) as error:
        raise Unevaluable(error.what) from None
    except TracerError as error:
        raise Unevaluable(error.sentence()) from None
    except (RecursionError, OverflowError):
        raise Unevaluable(say("the expression is too large")) from None


def value_or_none(
    node: Node,
    known: Mapping[str, Value] = _NOTHING,
    ranges: Mapping[int, Interval] | None = None,
    *,
    products: Products = "entries",
) -> Value | None:
    """Return the value of an expression, as `value_of` does; None where it has none."""
    try:
        return value_of(node, known, ranges, products=products)
    except Unevaluable:
        return None


def _literal(node: Number, ranges: Mapping[int, Interval] | None) -> Interval:
    """Return what a literal is worth: a range where it may be off."""
    bounds = ranges and ranges.get(id(node))
    return interval_between(bounds.low, bounds.high) if bounds else Interval(node.value)


class _Reading(Interpreter[Interval]):
    """One expression as a person writes it: what is known, and how much work was done."""

    def __init__(
        self, known: Mapping[str, Value], ranges: Mapping[int, Interval], products: Products
    ) -> None:
        super().__init__(INTERVALS, self.leaf_value)
        self.values = known
        self.ranges = ranges
        self.products = products
        self.work = 0

    def number(self, node: Number) -> Interval:
        return _literal(node, self.ranges)

    def value_before_operands(self, call: Call) -> Nested:
        """Return the value of a figure with its sign, as most entries of an array are."""
        first = call.arguments[0] if call.arguments else None
        if type(first) is Number and call.operation == "negative":
            return -_literal(first, self.ranges)
        return super().value_before_operands(call)

    def leaf_value(self, node: Node) -> Nested:
        """Return the value of a name; of an entry where it or its array is known."""
        if isinstance(node, Name):
            value = self.values.get(node.id)
            if value is None:
                what = say("the value of {name} is not known", name=node.id)
                raise Unevaluable(what)
            return value
        base, *items = cast("Call", node).arguments
        if not isinstance(base, Name):
            return None
        places = [item for item in items if isinstance(item, Number)]
        found = self.values.get(base.id)
        if found is None:
            member = f"{base.id}[{', '.join([place.text for place in places])}]"
            return self.value(Name(member if len(places) == len(items) else base.id))
        if not places:
            return None
        for place in places:
            is_entry = type(found) is tuple and place.value in range(len(found))
            if not is_entry or len(places) < len(items):
                return None
            found = cast("tuple[Value, ...]", found)[int(place.value)]
        return found

    def bind(self, node: Node) -> Bound:
        """Return a call's row and operands; no row where the operands' values decide."""
        if not isinstance(node, Call):
            return super().bind(node)
        name, arguments = self.name_of(node), node.arguments
        if name in _INFIX:
            if name == "power" and len(arguments) == 2 and self.is_euler(arguments[0]):
                return lookup("exp"), arguments[1:], NO_ATTRIBUTES
            return super().bind(node)
        if not node.keywords:
            if name == "index" and len(arguments) == 2 and isinstance(arguments[1], Array):
                return lookup("gather"), arguments, NO_ATTRIBUTES
            if name in SCALAR and len(arguments) <= 1 + (name == "round"):
                return None, arguments, NO_ATTRIBUTES
            if name in SLIDING_FUNCTIONS and len(arguments) == PAIR:
                return None, arguments, NO_ATTRIBUTES
            if (name in DEFINED and arguments) or (name in CLIPPING and len(arguments) == BOUNDED):
                return None, arguments, NO_ATTRIBUTES
            if len(arguments) > 1 and (name in POOLS or _is_of_one_array(name)):
                return None, arguments[:1], NO_ATTRIBUTES
        return _bound_call(Call(name, arguments, node.keywords, node.start, node.end))

    def name_of(self, call: Call) -> str:
        """Return the table's name of what is called."""
        name = ALSO.get(call.operation, call.operation)
        if name == "transpose" and len(call.arguments) == 1 and not call.keywords:
            return "transpose_last"
        return name

    def is_euler(self, node: Node) -> bool:
        """Tell whether the base of a power is the number e."""
        return type(node) is Name and node.id == "e" and "e" not in self.values

    def apply(
        self,
        node: Node,
        row: Operation | None,
        operands: Sequence[Node],
        values: Sequence[Nested],
        attributes: Attributes,
    ) -> Nested:
        """Return the value of an operation, as its operands' shapes have it read."""
        if not isinstance(node, Call):
            return self.array(values)
        if row is None:
            return self.read_by_values(node, values)
        if row.name in _INFIX and tuple not in map(type, values):
            return ELEMENTARY[row.name](*values)
        shapes = list(map(shape_of, values))
        is_open = "seed" in row.attributes and "seed" not in dict(node.keywords)
        is_sliding = node.sign in SLIDING or row.name in ("conv1d", "conv2d")
        if is_sliding and len(node.arguments) == PAIR and _do_slide(*shapes[:PAIR]):
            return self.slide(*values[:PAIR])
        if node.sign == CORRELATION or is_open:
            name = row.name if is_open else "⋆"
            raise Unevaluable(say("{name} cannot be read here", name=name))
        if row.name == "multiply" and node.sign != "⊙":
            factors = _as_factors(values, *shapes)
            if self.is_matrix_product(*map(shape_of, factors)):
                return self.expand_call(lookup("matmul"), factors)
        if node.sign == "⊙":
            values = _beside_matrices(values, *shapes)
        if row.name == "softmax" and not node.keywords and shapes[0][1:] == (1,):
            attributes = {**attributes, "axis": 0}  # along the one entry of a row it is always 1
        if row.name == "matmul":
            values = _as_factors(values, *shapes)
            if () in map(shape_of, values) or (node.sign == " " and _are_columns(*shapes)):
                return self.each(ELEMENTARY["multiply"], values)
            entries = math.prod(row.shape(*map(shape_of, values)))
            self.refuse_beyond(2 * entries * shapes[0][-1])
        if row.name == "transpose_last":
            return _transpose(values[0])
        if row.elementwise and row.name not in _INFIX:
            shape = row.shape(*shapes)
            self.count(FUNCTION_WORK * math.prod(shape), shape)
        return super().apply(node, row, operands, values, attributes)

    def is_matrix_product(self, a: Shape, b: Shape) -> bool:
        """Tell whether a product of two values with a product sign is the matrix product."""
        if not a or not b or a[-1] != (b[0] if len(b) == 1 else b[-2]):
            return False
        if self.products == "matrix":
            return True
        try:
            broadcast_shape("*", a, b)
        except ShapeError:
            return True
        return False

    def read_by_values(self, call: Call, values: Sequence[Nested]) -> Nested:
        """Return what a call means that only the values of its operands tell."""
        name = self.name_of(call)
        if name in SCALAR:
            return self.each(ELEMENTARY[name], values)
        if name in SLIDING_FUNCTIONS:
            if not _do_slide(*map(shape_of, values)):
                raise Unevaluable(say("no part of the one array is as large as the other"))
            return self.slide(*values)
        if name in DEFINED:
            argument = values[0] if len(values) == 1 else self.array(values)
            if name in OF_VECTORS and sum(size > 1 for size in shape_of(argument)) > 1:
                raise Unevaluable(say("a matrix has several norms"))
            return self.apply_definition(DEFINED[name], (argument,))
        if name in CLIPPING:
            x, low, high = values
            return self.each(
                ELEMENTARY["minimum"], (self.each(ELEMENTARY["maximum"], (x, low)), high)
            )
        if name in POOLS:
            size, *steps = map(_window_sizes, call.arguments[1:])
            row = lookup(f"{POOLS[name]}{len(size)}d")
            return self.expand_call(row, values, {"size": size, "stride": (*steps, None)[0]})
        return self.list_of_numbers(name, values[0], call.arguments[1:])

    def slide(self, array: Nested, kernel: Nested) -> Nested:
        """Return the sums of products of a kernel with each part of an array that is as large.

        That is how networks convolve; where products are read as of matrices, the kernel is turned
        round first, as elsewhere in mathematics.
        """
        is_list = type(array[0]) is not tuple
        row = lookup("conv1d" if is_list else "conv2d")
        if self.products == "matrix":
            kernel = kernel[::-1] if is_list else tuple(row[::-1] for row in kernel[::-1])
        values = ((array,), ((kernel,),), Interval(Fraction(0)))
        return self.expand_call(row, values, {"stride": 1, "padding": 0})[0]

    def list_of_numbers(self, name: str, first: Nested, others: Sequence[Node]) -> Nested:
        """Return `mean(1, 2, 3)`, `tanh(0.5, 0.3)` and `max(0, z)`, written without a list.

        After an array stand the attributes of the table's row.
        """
        if name in _EXTREMES:
            return self.each(ELEMENTARY[f"{name}imum"], (first, *map(self.value, others)))
        if type(first) is tuple:
            call = Call(name, (ValueLeaf(first), *others))
        else:
            first = self.array([first, *map(self.value, others)])
            call = Call(name, (ValueLeaf(first),))
        row, operands, attributes = _bound_call(call)
        return self.apply(call, row, operands, [first], attributes)

    def count(self, work: int, shape: Shape = ()) -> None:
        size = math.prod(shape)
        if size > MOST_ENTRIES:
            raise Unevaluable(
                say("an array with more than {most} entries", most=f"{MOST_ENTRIES:,}")
            )
        if size <= 0:
            raise Unevaluable(say("an array without entries"))
        self.refuse_beyond(work)
        self.work += work

    def refuse_beyond(self, work: int) -> None:
        """Stop before so much more work, where it is more than one value may take."""
        if self.work + work > MOST_WORK:
            raise Unevaluable(say("the expression takes too much work"))

    def apply_definition(
        self,
        definition: Callable[..., Term],
        values: Sequence[Nested],
        attributes: Attributes = NO_ATTRIBUTES,
    ) -> Nested:
        """Return an operation through its definition, where `*` is always entry by entry."""
        outside, self.products = self.products, "entries"
        value = super().apply_definition(definition, values, attributes)
        self.products = outside
        return value

    def check(
        self,
        row: Operation,
        values: Sequence[Nested],
        shapes: Sequence[Shape],
        attributes: Attributes,
    ) -> None:
        """Check that labels and ids are whole numbers below their limit."""
        if not row.integers:
            return
        most = None if row.limit is None else row.limit(*shapes, **attributes)
        for operand, value in zip(row.operands, values, strict=True):
            for number in _intervals_in(value) if operand in row.integers else ():
                is_whole = number.is_exact and number.low.denominator == 1
                if is_whole and number.low >= 0 and (most is None or number.low < most):
                    continue
                if is_whole and row.name == "gather":
                    raise Unevaluable(say("an index beyond the array"))
                what = say(
                    "{name}: {operand} must be whole numbers from 0",
                    name=row.name,
                    operand=operand,
                )
                if most is not None:
                    what = say("{what}, below {most}", what=what, most=most)
                raise Unevaluable(what)


def _do_slide(array: Shape, kernel: Shape) -> bool:
    """Tell whether a list or a matrix is one that no other product joins to a smaller one."""
    is_smaller = len(array) == len(kernel) in (1, 2) and all(map(operator.lt, kernel, array))
    return is_smaller and math.prod(kernel) > 1


def _transpose(value: Nested) -> Nested:
    """Return a matrix, or each of several, turned; a vector is a column and becomes a row."""
    if type(value) is not tuple:
        return value
    if type(value[0]) is not tuple:
        return (value,)
    if type(value[0][0]) is not tuple:
        return tuple(zip(*value, strict=True))
    return tuple(map(_transpose, value))


def _as_factors(values: Sequence[Nested], a: Shape, b: Shape) -> Sequence[Nested]:
    """Return the factors of a product with a vector as the column or row that fits, δ xᵀ.

    One entry that fits no matrix product is a number: `(y - wᵀx) x`, where wᵀx is a row times a
    column.
    """
    left, right = values
    if len(b) == 2 and b[0] == 1 and len(a) == 1 != a[0]:
        left = tuple((entry,) for entry in cast("tuple[Value, ...]", left))
    elif len(a) == 2 and a[1] == 1 and len(b) == 1 != b[0]:
        right = (right,)
    elif a and b and a[-1] != b[-2:][0]:
        left, right = (
            next(_intervals_in(value)) if math.prod(shape) == 1 else value
            for value, shape in ((left, a), (right, b))
        )
    return left, right


def _are_columns(a: Shape, b: Shape) -> bool:
    """Tell whether two columns of one length stand side by side: they have no matrix product."""
    return a == b and len(a) == 2 and a[1] == 1 < a[0]


def _beside_matrices(values: Sequence[Nested], a: Shape, b: Shape) -> Sequence[Nested]:
    """Return the factors of ⊙ with a vector as the column that goes with a matrix's rows."""
    left, right = values
    if len(a) == 1 and len(b) == 2 and a[0] == b[0] != b[1]:
        left = _transpose((left,))
    elif len(b) == 1 and len(a) == 2 and b[0] == a[0] != a[1]:
        right = _transpose((right,))
    return left, right


def _bound_call(call: Call) -> tuple[Operation, Sequence[Node], Attributes]:
    """Return a call's row, operands and attributes, whatever a person wrote for them."""
    try:
        row, operands, attributes = bound(call)
        check_attributes(row, attributes)
    except TypeError:  # the negative of a list for an axis
        raise Unevaluable(say("{name} cannot be read here", name=call.operation)) from None
    if row.variadic and not operands:
        raise Unevaluable(say("{name} of no values", name=row.name))
    return row, operands, attributes


def _window_sizes(node: Node) -> tuple[int, ...]:
    """Return a window's size along each axis: 2 × 2 is read as a product."""
    if isinstance(node, Call) and node.operation == "multiply":
        return tuple(size for part in node.arguments for size in _window_sizes(part))
    size = literal(node)
    if size is None or size.denominator != 1:
        raise Unevaluable(say("{name} cannot be read here", name="×"))
    return (int(size),)


def _is_of_one_array(name: str) -> bool:
    """Tell whether an operation joins the entries of one array, or has no operand but an array's.

    Several numbers in its place are a list: `mean(1, 2, 3)`, `tanh(0.5, 0.3)`.
    """
    row = table().get(name)
    if row is None or row.variadic or len(row.operands) != 1:
        return False
    return "axis" in row.attributes or (row.elementwise and not row.attributes)


def _intervals_in(value: Nested) -> Iterator[Interval]:
    if type(value) is tuple:
        for item in value:
            yield from _intervals_in(item)
    else:
        yield value
