"""The value of a written expression: exact where it is rational, else between two bounds.

What an operation means is read from the table of operations, through its element form or its
definition; only the elementary functions are this room's own (`elementary`). Knows no document,
no trace and no tolerance.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Final, Literal, cast

from tracer.check.numbers import elementary
from tracer.check.numbers.elementary import (
    ELEMENTARY,
    LOGARITHMS,
    Interval,
    Scalar,
    Unevaluable,
)
from tracer.errors import LimitError, ShapeError, TracerError, UnknownNameError
from tracer.expression.syntax import Array, Call, Name, Node, Number, Tuple
from tracer.operations import (
    Entries,
    Operation,
    Shape,
    Term,
    apply,
    bound,
    broadcast_shape,
    check_attributes,
    table,
)
from tracer.sentences import say

__all__ = [
    "UNDERSTOOD",
    "Interval",
    "Products",
    "Unevaluable",
    "Value",
    "exactly",
    "shape_of",
    "value_of",
]

Value = Interval | tuple["Value", ...]

Products = Literal["entries", "matrix"]
"""How a product sign between two arrays is read: entry by entry, or as the matrix product."""

# Inside this module arrays are plain tuples, and an exact number is a plain fraction.
Inner = Scalar | tuple[Any, ...]

MOST_ENTRIES: Final = 4096
MOST_WORK: Final = 40_000  # entries read and numbers computed for one value
FUNCTION_WORK: Final = 4  # how many sums take as long as an exponential

ALSO: Final[Mapping[str, str]] = {
    "average": "mean",
    "dot": "matmul",
    "ln": "log",
    "logistic": "sigmoid",
    "sgn": "sign",
    "sigma": "sigmoid",
}
"""What people write for operations of the table, besides the spellings of their looks."""

DEFINED: Final[Mapping[str, Callable[[Term], Term]]] = {
    "cosh": lambda x: (apply("exp", x) + apply("exp", -x)) / 2,
    "norm": lambda x: apply("sqrt", apply("sum", x**2)),
    "length": lambda x: apply("sqrt", apply("sum", x**2)),
    "norm_1": lambda x: apply("sum", apply("abs", x)),
    "sinh": lambda x: (apply("exp", x) - apply("exp", -x)) / 2,
    "tan": lambda x: apply("sin", x) / apply("cos", x),
}
"""Functions that people write and that networks do not use, so that the table lacks them."""

OF_VECTORS: Final = ("length", "norm_1")
"""Functions that are no more what they say where a matrix stands in them."""

SCALAR: Final = (*LOGARITHMS, "floor", "ceil")
"""Functions of `elementary` that the table lacks."""

UNDERSTOOD: Final = frozenset((*ALSO, *DEFINED, *SCALAR))
"""The functions that have a value here though the table has no row for them."""

_ARITHMETIC: Final[Mapping[str, Callable[..., Scalar]]] = {
    name: ELEMENTARY[name] for name in ("add", "subtract", "multiply", "divide", "power")
}
_EXTREMES: Final = ("max", "min")
_NOTHING: Final[Mapping[str, Value]] = MappingProxyType({})


def exactly(number: Fraction | int) -> Interval:
    """Return a number as the interval that holds nothing else."""
    exact = Fraction(number)
    return Interval(exact, exact)


def shape_of(value: Value) -> Shape:
    """Return the sizes of a value along its axes, () for a single number."""
    return _shape(value)


def value_of(
    node: Node,
    known: Mapping[str, Value] = _NOTHING,
    halves: Mapping[int, Fraction] | None = None,
    *,
    products: Products = "entries",
) -> Value:
    """Return the value of an expression: exact for rational arithmetic, else bounds of it.

    `known` gives the quantities by name. `halves` gives, by the `id` of a Number node, how far
    that literal may be off either way. A number beside an array multiplies each entry, whatever
    the sign; `·` between a matrix and a vector that fit only as a matrix product is one. A name
    `e` that nobody gave a value is Euler's number as the base of a power.

    Raises: Unevaluable where a name is unknown, a value undefined, shapes do not fit or a limit
    is passed; nothing else.
    """
    try:
        return _wrapped(_Evaluation(known, halves or {}, products).value(node))
    except UnknownNameError as error:
        raise Unevaluable("unknown_quantity", error.what, str(error.found)) from None
    except LimitError as error:
        raise Unevaluable("limit", error.what) from None
    except TracerError as error:
        raise Unevaluable("unreadable", error.sentence()) from None
    except (RecursionError, OverflowError):
        raise Unevaluable("limit", say("the expression is too large")) from None


def _wrapped(value: Inner) -> Value:
    if type(value) is Fraction:
        return Interval(value, value)
    if type(value) is Interval:
        return value
    return tuple([_wrapped(item) for item in cast("tuple[Inner, ...]", value)])


def _unwrapped(value: Value) -> Inner:
    if type(value) is Interval:
        return value.low if value.is_exact else value
    return tuple([_unwrapped(item) for item in cast("tuple[Value, ...]", value)])


def _shape(value: Inner | Value) -> Shape:
    """Return the shape of an array whose rows are known to be of one length."""
    shape: list[int] = []
    while type(value) is tuple:
        shape.append(len(value))
        value = value[0]
    return tuple(shape)


class _Known(Name):
    """A leaf whose value is known: what element forms and definitions are written over."""

    __slots__ = ("value",)

    def __init__(self, value: Inner) -> None:
        super().__init__("·")  # a name that nobody can write
        self.value: Final = value

    def key(self) -> tuple[object, ...]:
        return (self.value,)


class _Quantity(Term):
    """A number that element forms compute with at once, instead of writing a tree."""

    __slots__ = ("evaluation", "value")

    def __init__(self, evaluation: _Evaluation, value: Scalar) -> None:
        super().__init__(_Known(value))
        self.evaluation = evaluation
        self.value = value

    def __add__(self, other: Any) -> Term:
        return self._joined("add", other) or super().__add__(other)

    def __sub__(self, other: Any) -> Term:
        return self._joined("subtract", other) or super().__sub__(other)

    def __mul__(self, other: Any) -> Term:
        return self._joined("multiply", other) or super().__mul__(other)

    def _joined(self, operation: str, other: Any) -> _Quantity | None:
        if type(other) is not _Quantity:
            return None
        self.evaluation.count(1)
        return _Quantity(self.evaluation, _ARITHMETIC[operation](self.value, other.value))


class _Evaluation:
    """One expression's evaluation: what is known, and how much work was done."""

    __slots__ = ("halves", "known", "products", "shared", "work")

    def __init__(
        self, known: Mapping[str, Value], halves: Mapping[int, Fraction], products: Products
    ) -> None:
        self.known = known
        self.halves = halves
        self.products = products
        self.shared: dict[int, tuple[Node, Inner]] = {}  # with the node, which keeps its id
        self.work = 0

    def count(self, work: int) -> None:
        """Count work done. Raises Unevaluable where it is too much."""
        self.work += work
        if self.work > MOST_WORK:
            raise Unevaluable("limit", say("the expression takes too much work"))

    # Trees

    def value(self, node: Node) -> Inner:
        """Return the value of a tree. Sums lean to the left, so that side is walked in a loop."""
        waiting: list[Call] = []
        while type(node) is Call and node.operation in _ARITHMETIC and len(node.arguments) == 2:
            if node.operation == "power" and self.is_euler(node.arguments[0]):
                break
            waiting.append(node)
            node = node.arguments[0]
        value = self.leaf(node)
        while waiting:
            call = waiting.pop()
            right = self.value(call.arguments[1])
            value = self.joined(call.operation, value, right)
        return value

    def joined(self, operation: str, left: Inner, right: Inner) -> Inner:
        """Return an arithmetic operation on two values."""
        function = _ARITHMETIC[operation]
        if type(left) is not tuple and type(right) is not tuple:
            return function(left, right)
        if operation == "multiply" and self.is_matrix_product(left, right):
            return self.expanded("matmul", (left, right))
        return self.each(function, (left, right))

    def leaf(self, node: Node) -> Inner:
        """Return the value of what is no infix arithmetic."""
        kind = type(node)
        if kind is Number:
            value = cast("Number", node).value
            if self.halves:
                half = self.halves.get(id(node))
                if half:
                    return elementary.joined(value - half, value + half)
            return value
        if kind is Call:
            return self.call(cast("Call", node))
        if kind is _Known:
            return cast("_Known", node).value
        if kind is Name:
            return self.name(cast("Name", node).id)
        if isinstance(node, (Array, Tuple)):
            return self.array([self.value(item) for item in node.items])
        raise Unevaluable("unreadable", say("a slice is no number"))

    def name(self, name: str) -> Inner:
        """Return the value of a known quantity."""
        value = self.known.get(name)
        if value is None:
            raise Unevaluable(
                "unknown_quantity", say("the value of {name} is not known", name=name), name
            )
        return _unwrapped(value)

    def is_euler(self, node: Node) -> bool:
        """Tell whether the base of a power is the number e."""
        return type(node) is Name and node.id == "e" and "e" not in self.known

    def is_matrix_product(self, left: Inner, right: Inner) -> bool:
        """Tell whether a product of two values with a product sign is the matrix product."""
        a, b = _shape(left), _shape(right)
        if not a or not b or a[-1] != (b[0] if len(b) == 1 else b[-2]):
            return False
        if self.products == "matrix":
            return True
        try:
            broadcast_shape("*", a, b)
        except ShapeError:
            return True
        return False

    # Calls

    def call(self, call: Call) -> Inner:
        """Return the value of a function or of another operation that is no arithmetic.

        Rules write one tree in several places (the largest entry in each term of a softmax).
        """
        known = self.shared.get(id(call))
        if known is None:
            known = self.shared[id(call)] = (call, self.called(call))
        return known[1]

    def called(self, call: Call) -> Inner:
        """Return the value of a call that is met for the first time."""
        name = ALSO.get(call.operation, call.operation)
        arguments = call.arguments
        if name == "power" and len(arguments) == 2:
            return self.value(Call("exp", (arguments[1],)))
        if name == "negative" and len(arguments) == 1:
            return self.each(elementary.negative, (self.value(arguments[0]),))
        if name == "index" and type(arguments[0]) is Name:
            member = self.member(call)
            if member is not None:
                return member
        if name == "index" and len(arguments) == 2:
            gathered = self.rows_of(*arguments)
            if gathered is not None:
                return gathered
        if name == "transpose" and len(arguments) == 1 and not call.keywords:
            name = "transpose_last"
        if name in DEFINED and arguments and not call.keywords:
            argument = self.gathered(arguments)
            if name in OF_VECTORS and sum(size > 1 for size in _shape(argument)) > 1:
                raise Unevaluable("ambiguous", say("a matrix has several norms"))
            return self.defined(DEFINED[name], (argument,))
        if name in SCALAR and len(arguments) == 1:
            return self.each(ELEMENTARY[name], (self.value(arguments[0]),))
        if len(arguments) > 1 and not call.keywords:
            found = self.list_of_numbers(name, arguments)
            if found is not None:
                return found
        if name != call.operation:
            call = Call(name, arguments, call.keywords, call.start, call.end)
        return self.operation(call)

    def member(self, call: Call) -> Inner | None:
        """Return an entry of a known array, or `w[0]` where it is known by that name."""
        base, *items = call.arguments
        assert isinstance(base, Name)
        places = [item for item in items if type(item) is Number]
        found = self.known.get(base.id)
        if found is None:
            member = f"{base.id}[{', '.join([place.text for place in places])}]"
            return self.name(member if len(places) == len(items) else base.id)
        if not places:
            return None
        for place in places:
            is_entry = type(found) is tuple and place.value in range(len(found))
            if not is_entry or len(places) < len(items):
                return None
            found = cast("tuple[Value, ...]", found)[int(place.value)]
        return _unwrapped(found)

    def rows_of(self, base: Node, item: Node) -> Inner | None:
        """Return the rows that a vector of whole numbers picks; None where it is none."""
        if not isinstance(item, (Array, Name)):
            return None
        places, rows = self.value(item), self.value(base)
        if type(places) is not tuple or type(rows) is not tuple:
            return None
        picked: list[Inner] = []
        for place in places:
            if not isinstance(place, Fraction) or place.denominator != 1:
                return None
            if not 0 <= place < len(rows):
                raise Unevaluable("undefined", say("an index beyond the array"))
            picked.append(rows[int(place)])
        return self.array(picked)

    def gathered(self, arguments: Sequence[Node]) -> Inner:
        """Return the one argument, or several numbers as a vector."""
        values = [self.value(item) for item in arguments]
        return values[0] if len(values) == 1 else self.array(values)

    def list_of_numbers(self, name: str, arguments: Sequence[Node]) -> Inner | None:
        """Return `mean(1, 2, 3)` and `max(0, z)`: what people write without a list.

        None where the arguments are those of the table's row.
        """
        row = table().get(name)
        if row is None or len(row.operands) != 1 or "axis" not in row.attributes or row.variadic:
            return None
        first = self.value(arguments[0])
        if name in _EXTREMES:
            function = ELEMENTARY[f"{name}imum"]
            return self.each(function, (first, *map(self.value, arguments[1:])))
        if type(first) is tuple:
            return None
        vector = self.array([first, *map(self.value, arguments[1:])])
        return self.operation(Call(name, (_Known(vector),)))

    def operation(self, call: Call) -> Inner:
        """Return the value of an operation of the table."""
        row, operands, attributes = _bound(call)
        values = tuple([self.value(operand) for operand in operands])
        if row.name == "softmax" and not call.keywords and _shape(values[0])[1:] == (1,):
            attributes = {**attributes, "axis": 0}  # of a column: along one entry it is always 1
        if row.name == "matmul" and () in map(_shape, values):
            return self.each(elementary.multiply, values)
        if row.name == "transpose_last" and not _shape(values[0]):
            return values[0]
        return self.expanded(row.name, values, attributes, row)

    # Arrays

    def array(self, items: Sequence[Inner]) -> Inner:
        """Return values of one shape as an array."""
        shapes = set(map(_shape, items))
        if not items:
            raise Unevaluable("unreadable", say("an array without entries"))
        if len(shapes) > 1:
            raise Unevaluable("unreadable", say("the rows of an array differ in length"))
        self.check_size((len(items), *shapes.pop()))
        return tuple(items)

    def check_size(self, shape: Shape) -> None:
        """Check that an array of a shape has entries, and not too many."""
        size = math.prod(shape)
        if size > MOST_ENTRIES:
            raise Unevaluable(
                "limit", say("an array with more than {most} entries", most=f"{MOST_ENTRIES:,}")
            )
        if size <= 0:
            raise Unevaluable("unreadable", say("an array without entries"))

    def each(self, function: Callable[..., Inner], values: Sequence[Inner]) -> Inner:
        """Return a function of numbers, entry by entry, broadcast as NumPy does."""
        shapes = [_shape(value) for value in values]
        if not any(shapes):
            self.count(1)
            return function(*values)
        whole = broadcast_shape("the operation", *shapes)
        self.check_size(whole)

        def build(parts: Sequence[Inner], axes: int) -> Inner:
            if not axes:
                self.count(1)
                return function(*parts)
            deep = [len(_shape(part)) == axes for part in parts]
            size = whole[len(whole) - axes]
            return tuple(
                [
                    build(
                        [
                            part[at if len(part) > 1 else 0] if is_deep else part  # type: ignore[arg-type,index]  # `deep` says that it is a tuple
                            for part, is_deep in zip(parts, deep, strict=True)
                        ],
                        axes - 1,
                    )
                    for at in range(size)
                ]
            )

        return build(values, len(whole))

    def expanded(
        self,
        name: str,
        values: tuple[Inner, ...],
        attributes: Mapping[str, Any] = MappingProxyType({}),
        row: Operation | None = None,
    ) -> Inner:
        """Return an operation on values through its element form or its definition."""
        row = row or cast("Operation", table().get(name))
        shapes = [_shape(value) for value in values]
        try:
            shape = row.shape(*shapes, **attributes)
        except TypeError:  # a slice from a list to a list
            raise Unevaluable(
                "unreadable", say("{name} cannot be read here", name=row.name)
            ) from None
        self.check_size(shape)
        self.check_integers(row, values, shapes, attributes)
        if row.elementwise:
            self.count(FUNCTION_WORK * math.prod(shape))
            return self.each(self.scalar(row, attributes), values)
        form = row.stable or row.element
        if form is None:
            assert row.definition is not None
            return self.defined(row.definition, values, attributes)
        entries = [self.entries(value, size) for value, size in zip(values, shapes, strict=True)]

        def build(index: Shape) -> Inner:
            if len(index) == len(shape):
                return self.value(form(index, *entries, **attributes).node)
            return tuple([build((*index, at)) for at in range(shape[len(index)])])

        return build(())

    def scalar(self, row: Operation, attributes: Mapping[str, Any]) -> Callable[..., Inner]:
        """Return an elementwise operation as a function of numbers."""
        function = ELEMENTARY.get(row.name)
        if function is not None:
            return function
        assert row.definition is not None, row.name
        definition = row.definition
        return lambda *numbers: self.defined(definition, numbers, attributes)

    def defined(
        self,
        definition: Callable[..., Term],
        values: Sequence[Inner],
        attributes: Mapping[str, Any] = MappingProxyType({}),
    ) -> Inner:
        """Return an operation through its definition, where `*` is always entry by entry."""
        terms = [Term(_Known(value), _shape(value)) for value in values]
        outside, self.products = self.products, "entries"
        value = self.value(definition(*terms, **attributes).node)
        self.products = outside
        return value

    def entries(self, value: Inner, shape: Shape) -> Entries:
        """Return access to the entries of a value."""

        def entry(index: Shape) -> Inner:
            self.count(1)
            found = value
            for at in index:
                found = cast("tuple[Inner, ...]", found)[at]
            return found

        return Entries(
            shape,
            lambda index: _Quantity(self, cast("Scalar", entry(index))),
            lambda index: int(cast("Fraction", entry(index))),
        )

    def check_integers(
        self,
        row: Operation,
        values: Sequence[Inner],
        shapes: Sequence[Shape],
        attributes: Mapping[str, Any],
    ) -> None:
        """Check that labels and ids are whole numbers below their limit."""
        if not row.integers:
            return
        most = None if row.limit is None else row.limit(*shapes, **attributes)
        for operand, value in zip(row.operands, values, strict=True):
            if operand in row.integers:
                for number in _numbers(value):
                    if not _is_below(number, most):
                        what = say(
                            "{name}: {operand} must be whole numbers from 0",
                            name=row.name,
                            operand=operand,
                        )
                        if most is not None:
                            what = say("{what}, below {most}", what=what, most=most)
                        raise Unevaluable("unreadable", what)


def _bound(call: Call) -> tuple[Operation, tuple[Node, ...], Mapping[str, Any]]:
    """Return a call's row, operands and attributes, whatever a person wrote for them."""
    try:
        row, operands, attributes = bound(call)
        check_attributes(row, attributes)
    except TypeError:  # the negative of a list for an axis
        raise Unevaluable(
            "unreadable", say("{name} cannot be read here", name=call.operation)
        ) from None
    if row.variadic and not operands:
        raise Unevaluable("unreadable", say("{name} of nothing", name=row.name))
    return row, operands, attributes


def _is_below(number: Scalar, most: int | None) -> bool:
    """Tell whether a number is whole, from 0 on, and below a limit."""
    if type(number) is not Fraction or number.denominator != 1:
        return False
    return number >= 0 and (most is None or number < most)


def _numbers(value: Inner) -> Iterator[Scalar]:
    if type(value) is tuple:
        for item in value:
            yield from _numbers(item)
    else:
        yield cast("Scalar", value)
