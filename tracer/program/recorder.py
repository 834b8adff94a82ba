"""Stand-ins for numbers and arrays: what they are used for is written down as expressions.

A stand-in knows its shape and writes an expression when it is used: through Python's operators,
through NumPy's functions (its `__array_ufunc__` and `__array_function__` protocols) and through
the operations of the table in `tracer.functions`. Where every step sees the same data, a stand-in
that is made of data alone knows its numbers too: what cannot be written of these is worked out by
NumPy and is a constant. What else cannot be written is an error that names it; nothing is guessed.

NumPy hands the calls of most functions over to a stand-in among their arguments. Where an array is
made of a list, or filled with numbers to get its entries later, and for what `math` has for
numbers, code that is traced sees modules that know stand-ins.
"""

from __future__ import annotations

import math
import operator
import sys
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from fractions import Fraction
from functools import partial
from typing import Any, Final, NoReturn, cast

from tracer.errors import RunError, ShapeError, nearest
from tracer.expression import Array, Call, Name, Node
from tracer.lazy_numpy import np
from tracer.operations import (
    Shape,
    bound,
    check_attributes,
    lookup,
    number,
    shape_text,
    standard_call,
    usage,
)
from tracer.program import numpy_calls
from tracer.program.differentiate import unused_name
from tracer.program.given_array import plain_array, read_only_view
from tracer.program.numpy_calls import index_array, replaced_entries, unsupported_call
from tracer.program.shapes import Shapes
from tracer.sentences import Text, say

LONGEST_WHOLE = 10**15  # a longer whole number is written as a float


class Recorder:
    """Collects what one call of a function writes.

    `values` are expressions in the order in which they were written; each has a name of its own
    that no user can give (`own_name`). `names` are the local names they got.
    """

    def __init__(self, shapes: Mapping[str, Shape]) -> None:
        self.shapes = Shapes(shapes)
        self.constants: dict[str, Any] = {}
        self.values: list[Call] = []
        self.names: dict[int, str] = {}

    @staticmethod
    def own_name(place: int) -> str:
        """Return the name of a value until it gets one that a reader sees."""
        return f"·{place}"

    def add(self, expression: Call) -> Tracer:
        """Return a new value. Raises ShapeError or LanguageError where the operands do not fit."""
        row, _, attributes = bound(expression)
        check_attributes(row, attributes)
        shape = self.shapes.of(expression)
        place = len(self.values)
        self.shapes.add(self.own_name(place), shape)
        self.values.append(expression)
        return Tracer(self, Name(self.own_name(place)), shape, place)

    def apply(self, operation: str, *operands: Any, **attributes: Any) -> Tracer:
        """Write one operation. Raises TracerError where its arguments are not right."""
        row = lookup(operation)
        for key in attributes:
            if key not in row.attributes:
                raise unsupported_call(f"{operation}(…, {key}=…)", usage(row))
        given = {
            key: _static_argument(self.known_numbers(attributes[key]))
            for key in row.attributes
            if key in attributes
        }
        if isinstance(given.get("shape"), int):
            given["shape"] = (given["shape"],)
        nodes = tuple(self.node(operand) for operand in operands)
        result = self.add(standard_call(row, nodes, given))
        if row.view and result.shape and isinstance(operands[0], Tracer):
            result.base = operands[0], nodes[0]
        return result

    def known_numbers(self, value: Any) -> Any:
        """Return the numbers of a stand-in that are known before the run; else the value."""
        return _with_numbers(value) if _is_known(value) else value

    def filled_stand_in(self, array: Any) -> Any:
        """Return a stand-in for an array of floats that NumPy filled: it may get traced entries."""
        if array.dtype.kind != "f" or not array.ndim:
            return array
        return Tracer(self, self.node(array), array.shape, numbers=array)

    def shape(self, value: Any) -> Shape:
        """Return the shape of an operand."""
        return value.shape if isinstance(value, Tracer) else self.shapes.of(self.node(value))

    def node(self, value: Any) -> Node:
        """Return an operand as a tree: a stand-in, a number, or an array that is kept."""
        if isinstance(value, Tracer):
            if value.recorder is not self:
                raise RunError(say("a value of another traced function was used"))
            return self._current(value)
        if isinstance(value, Fraction):
            return number(value)
        if isinstance(value, (list, tuple)) and _holds_traced(value):
            return Call("stack", (Array(tuple(self.node(item) for item in value)),))
        if isinstance(value, int) or (isinstance(value, float) and math.isfinite(value)):
            return self._literal(value)
        try:
            array = plain_array(value)
        except Exception as error:  # noqa: BLE001 - whatever a user's object does there
            raise unsupported_call(type(value).__name__, str(error)) from None
        if array.dtype.kind == "O" and array.ndim and _holds_traced(array.tolist()):
            return self.node(array.tolist())
        if array.dtype.kind not in "biuf":
            raise unsupported_call(say("an operand of the type {name}", name=type(value).__name__))
        if not np.isfinite(array).all():
            raise unsupported_call(
                say("a number that is not finite"), say("tracer.functions.causal_mask, or np.where")
            )
        return self._constant(array) if array.ndim else self._literal(array.item())

    def _current(self, value: Tracer) -> Node:
        """Return what a stand-in is now: a part sees the changes of the array that it is of."""
        if value.base is not None:
            array, before = value.base
            now = self.node(array)
            if now is not before:
                value.numbers = None
                call = self.values[value.place]
                again = self.add(Call(call.operation, (now, *call.arguments[1:]), call.keywords))
                value.node, value.place, value.base = again.node, again.place, (array, now)
        return value.node

    def _literal(self, value: float) -> Node:
        """Return a number as people write it."""
        if isinstance(value, int) and abs(value) < LONGEST_WHOLE:
            return number(int(value))
        try:
            return number(float(value))
        except OverflowError:
            raise unsupported_call(say("a number that no float can hold")) from None

    def _constant(self, array: Any) -> Node:
        """Return the constant that an array from outside is."""
        for name, constant in self.constants.items():
            if constant.shape == array.shape and (constant == array).all():
                return Name(name)
        name = unused_name(f"constant{len(self.constants) + 1}", self.shapes)
        self.constants[name] = array.astype(float)
        self.shapes.add(name, array.shape)
        return Name(name)


def _holds_traced(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return any(map(_holds_traced, value))
    return isinstance(value, Tracer)


def stacked_tracer(value: Any, known: dict[int, Tracer | None] | None = None) -> Tracer | None:
    """Return the array that stand-ins in lists make, or a stand-in itself; None for no stand-in.

    `known` are the lists that were looked at: one may stand in another a thousand times.
    """
    if isinstance(value, Tracer) or not isinstance(value, (list, tuple)):
        return value if isinstance(value, Tracer) else None
    known = {} if known is None else known
    if id(value) not in known:
        parts = [stacked_tracer(item, known) for item in value]
        recorder = next((part.recorder for part in parts if part is not None), None)
        rows = [item if own is None else own for own, item in zip(parts, value, strict=True)]
        stack = recorder and _call_numpy("stack", np.stack, recorder, [rows], {})
        known[id(value)] = cast("Tracer | None", stack)
    return known[id(value)]


def _is_known(value: Any) -> bool:
    """Tell whether a value, with all that it holds, is known before the run."""
    match value:
        case list() | tuple():
            return all(map(_is_known, value))
        case slice():
            return _is_known((value.start, value.stop, value.step))
        case Tracer():
            value.recorder.node(value)  # a part of an array, as it is now
            return value.numbers is not None
        case _:
            return True


def _with_numbers(value: Any) -> Any:
    """Return a known value with numbers, which nobody changes, in the place of stand-ins."""
    match value:
        case list() | tuple():
            items = map(_with_numbers, value)
            return list(items) if isinstance(value, list) else tuple(items)
        case slice():
            return slice(*_with_numbers((value.start, value.stop, value.step)))
        case Tracer():
            return read_only_view(value.numbers) if value.shape else value.numbers
        case _:
            return value


def _record_call(
    write: Callable[[], Any], function: Callable[..., Any], arguments: Any, keywords: Any = None
) -> Any:
    """Return what a call of NumPy writes, which knows its numbers if its arguments do.

    What is known and cannot be written is NumPy's own result.
    """
    keywords = keywords or {}
    if not _is_known((*arguments, *keywords.values())):
        return write()
    failure: RunError | None = None
    try:
        result = write()
    except RunError as error:
        failure = error
    values = dict(zip(keywords, _with_numbers((*keywords.values(),)), strict=True))
    with np.errstate(all="ignore"):
        try:
            numbers = function(*_with_numbers((*arguments,)), **values)
        except Exception as error:
            if failure:
                raise failure from error
            return result  # the result has no numbers then
    if failure:
        return numbers
    if isinstance(result, Tracer):
        result.numbers = numbers
        result.is_condition = getattr(getattr(numbers, "dtype", None), "kind", "") == "b"
    return result


def _static_argument(value: Any) -> Any:
    """Return an argument that must be known before the run, without NumPy's types."""
    match value:
        case list() | tuple():
            return tuple(map(_static_argument, value))
        case slice():
            return slice(*map(_static_argument, (value.start, value.stop, value.step)))
        case None | int() | Fraction():
            return value
    if not isinstance(value, Tracer) and hasattr(value, "__index__"):
        try:
            return operator.index(value)
        except TypeError:
            pass  # an array: no whole number
    elif isinstance(value, float) and math.isfinite(value):
        return Fraction(repr(float(value)))
    raise unsupported_call(
        say("{value} as an axis, a size or a setting", value=f"{value!r:.40}"), say("a number")
    )


class Tracer:
    """A stand-in for a number or an array inside a traced function.

    Its fields change where an array is changed in place (`w -= …`): all names of that array see
    the change, as with NumPy. `place` is that of its value, -1 for an argument. `numbers` are those
    that NumPy has in its place, where they are known before the run.
    """

    __array_priority__ = 1000  # NumPy hands over its operators
    __hash__ = None  # type: ignore[assignment] # as NumPy's arrays: == compares entries

    def __init__(
        self,
        recorder: Recorder,
        node: Node,
        shape: Shape,
        place: int = -1,
        *,
        condition: bool = False,
        numbers: Any = None,
    ) -> None:
        self.recorder = recorder
        self.node = node
        self.shape = shape
        self.place = place
        self.is_condition = condition
        self.numbers = numbers
        self.base: tuple[Tracer, Node] | None = None  # the array that it is a part of, as it was

    # What an array can be asked

    @property
    def ndim(self) -> int:
        """How many axes there are."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """How many entries there are."""
        return math.prod(self.shape)

    @property
    def T(self) -> Tracer:  # noqa: N802 - NumPy's name
        """The transpose."""
        return self._call("transpose")

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("len() of a single number")
        return self.shape[0]

    def __iter__(self) -> Iterator[Tracer]:
        return (self[place] for place in range(len(self)))

    def __repr__(self) -> str:
        return f"<traced {shape_text(self.shape)}>"

    def __format__(self, specification: str) -> str:
        if specification:
            raise unsupported_call(
                say("a value as text ({specification})", specification=specification),
                say("the trace, which shows each value"),
            )
        return repr(self)

    # Methods of an array

    def _call(self, name: str, *arguments: Any, **keywords: Any) -> Tracer:
        items = (self, *arguments)
        return cast("Tracer", _call_numpy(name, getattr(np, name), self.recorder, items, keywords))

    def clip(self, min: Any = None, max: Any = None) -> Tracer:
        """Return the entries, at least `min` and at most `max`."""
        return self._call("clip", min, max)

    def astype(self, dtype: Any) -> Tracer:
        """Return the same value: all numbers are floats, and a condition is 0 or 1."""

        def write() -> Tracer:
            if np.dtype(dtype).kind != "f" and not self.is_condition:
                raise unsupported_call(
                    say("the method .{name}", name="astype"),
                    say("the value itself: all numbers are floats"),
                )
            return self.copy()

        return cast("Tracer", _record_call(write, lambda array: array.astype(dtype), [self]))

    def reshape(self, *shape: Any, order: str = "C") -> Tracer:
        """Return the same entries in another shape."""
        return self._call("reshape", shape[0] if len(shape) == 1 else shape, order)

    def flatten(self, order: str = "C") -> Tracer:
        """Return a copy of the entries in one row."""
        return self.reshape(-1, order=order).copy()

    def item(self) -> Tracer:
        """Return the only entry as a number."""
        return self.reshape(())

    def transpose(self, *axes: Any) -> Tracer:
        """Return the axes in another order; without an order the reverse."""
        if len(axes) == 1 and (axes[0] is None or isinstance(axes[0], (tuple, list))):
            return self._call("transpose", axes[0])
        return self._call("transpose", axes or None)

    def copy(self) -> Tracer:
        """Return the same value, which does not change when the array changes in place."""
        node = self.recorder.node(self)
        return Tracer(
            self.recorder,
            node,
            self.shape,
            self.place,
            condition=self.is_condition,
            numbers=self.numbers,
        )

    def __getitem__(self, index: Any) -> Tracer:
        items = index if isinstance(index, tuple) else (index,)
        write = partial(index_array, self.recorder, self, items)
        return cast("Tracer", _record_call(write, operator.getitem, [self, index]))

    # Changes in place

    def _change(self, operation: str, other: Any) -> Tracer:
        """Change the array for all its names; a number is only named anew, as in Python."""
        result: Tracer = getattr(self, f"__{operation}__")(other)
        return self._replace(result) if self.shape else result

    def _replace(self, result: Any) -> Tracer:
        """Give all names of the array another value."""
        if not isinstance(result, Tracer):  # NumPy's own result
            node = self.recorder.node(result)
            result = Tracer(self.recorder, node, result.shape, numbers=result)
        if result.shape != self.shape:
            raise ShapeError(
                say("an in-place change of the shape"),
                found=shape_text(result.shape),
                expected=shape_text(self.shape),
            )
        if self.base is not None:
            raise unsupported_call(
                say("an in-place change of a part or a view"), say("a name of its own")
            )
        self.node, self.place, self.is_condition = result.node, result.place, False
        self.numbers = result.numbers
        return self

    def __setitem__(self, index: Any, value: Any) -> None:
        items = index if isinstance(index, tuple) else (index,)

        def change(array: Any, index: Any, value: Any) -> Any:
            array = array.copy()
            array[index] = value
            return array

        write = partial(replaced_entries, self.recorder, self, items, value)
        self._replace(_record_call(write, change, [self, index, value]))

    def sort(self, axis: int = -1) -> None:
        """Sort the entries in place."""
        self._replace(self._call("sort", axis))

    # What a stand-in has not

    def __getattr__(self, name: str) -> Any:
        if name == "__array__" and _is_known(self):
            return lambda dtype=None, copy=None: np.array(self.numbers, dtype)
        if name.startswith("__"):
            raise AttributeError(name)
        if name in numpy_calls.UFUNCS:  # np.exp of a list of stand-ins asks each for .exp()
            return partial(getattr(np, name), self)
        is_numpys = hasattr(np.ndarray, name)
        if is_numpys and name in numpy_calls.FUNCTIONS:
            return partial(self._call, name)
        if _is_known(self):
            return getattr(_with_numbers(self), name)
        names = [*numpy_calls.FUNCTIONS, *(item for item in dir(type(self)) if item[0] != "_")]
        names = [item for item in names if hasattr(np.ndarray, item)]
        error = unsupported_call(
            say("the method .{name}", name=name),
            _METHODS.get(name) or ("" if is_numpys else nearest(name, names)),
        )
        raise _UnknownAttributeError(error.what, expected=error.expected)

    # NumPy's protocols

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **keywords: Any) -> Any:
        name = ufunc.__name__
        reduced = numpy_calls.REDUCED.get(name)
        if method == "reduce" and reduced and set(keywords) <= {"axis", "keepdims"}:
            keywords = {"axis": 0, **keywords}
            return _call_numpy(reduced, ufunc.reduce, self.recorder, inputs, keywords)

        def write() -> Any:
            if method != "__call__":
                raise unsupported_call(say("np.{name}.{method}", name=name, method=method))
            if keywords:
                raise unsupported_call(
                    say("np.{name}(…, {keywords}=)", name=name, keywords=min(keywords)),
                    say("a new name for the result"),
                )
            function = numpy_calls.UFUNCS.get(name)
            if function is None:
                raise unsupported_call(say("np.{name}", name=name))
            return function(self.recorder, *inputs)

        return _record_call(write, getattr(ufunc, method), inputs, keywords)

    def __array_function__(
        self, function: Any, types: Any, arguments: Sequence[Any], keywords: Mapping[str, Any]
    ) -> Any:
        return _call_numpy(function.__name__, function, self.recorder, arguments, keywords)


class _UnknownAttributeError(RunError, AttributeError):
    """What a stand-in has not: NumPy asks whether there is one."""


def _call_numpy(
    name: str,
    function: Callable[..., Any],
    recorder: Recorder,
    arguments: Sequence[Any],
    keywords: Mapping[str, Any],
) -> Any:
    """Call one of NumPy's functions. Raises RunError for one, or for arguments, it has not."""

    def write() -> Any:
        # Every value of a run is a number: what leaves others out leaves out none.
        reading = numpy_calls.FUNCTIONS.get(name.removeprefix("nan"))
        if reading is None:  # np.linalg.pinv is no np.pinv
            raise unsupported_call(
                say("np.{name}", name=f"{function.__module__}.{name}".removeprefix("numpy."))
            )
        import inspect  # code of single numbers calls none of these

        try:
            inspect.signature(reading).bind(recorder, *arguments, **keywords)
        except TypeError as error:
            raise unsupported_call(
                say("np.{name} with these arguments ({error})", name=name, error=str(error))
            ) from None
        return reading(recorder, *arguments, **keywords)

    return _record_call(write, function, arguments, keywords)


_METHODS: Mapping[str, Text] = {
    "dtype": say("np.stack of the parts in place of a list or np.array; all numbers are floats"),
    "tolist": say("the value itself"),
}


def _add_operators() -> None:
    """Give stand-ins Python's operators, and the methods that are NumPy's functions."""

    def method(name: str, write: Callable[..., Any], *, is_reflected: bool = False) -> Any:
        def call(self: Tracer, *others: Any) -> Any:
            items = (*others, self) if is_reflected else (self, *others)
            if is_reflected and name == "add" and type(others[0]) is int and others[0] == 0:
                return self.copy()  # what Python's sum() begins with
            function = getattr(operator, name)
            return _record_call(lambda: write(self.recorder, *items), function, items)

        return call

    def in_place(python: str) -> Any:
        return lambda self, other: self._change(python, other)

    for python, operation in (
        ("add", "add"),
        ("sub", "subtract"),
        ("mul", "multiply"),
        ("truediv", "divide"),
        ("pow", "power"),
        ("matmul", "matmul"),
    ):
        write = numpy_calls.same_call(operation)
        setattr(Tracer, f"__{python}__", method(python, write))
        setattr(Tracer, f"__r{python}__", method(python, write, is_reflected=True))
        setattr(Tracer, f"__i{python}__", in_place(python))
    for python, operation in (("neg", "negative"), ("abs", "abs")):
        setattr(Tracer, f"__{python}__", method(python, numpy_calls.same_call(operation)))
    setattr(Tracer, "__pos__", Tracer.copy)  # noqa: B010
    for python, ufunc in (
        ("eq", "equal"),
        ("ne", "not_equal"),
        ("gt", "greater"),
        ("ge", "greater_equal"),
        ("lt", "less"),
        ("le", "less_equal"),
    ):
        setattr(Tracer, f"__{python}__", method(python, numpy_calls.UFUNCS[ufunc]))


def _refuse_operators(methods: str, what: Text, instead: Text) -> None:
    """Let some operators of what is not known raise the error that says what to use."""

    def refuse() -> NoReturn:
        raise unsupported_call(what, instead)

    def method(name: str) -> Any:
        def call(*items: Any) -> Any:
            return _record_call(refuse, lambda first, *rest: getattr(first, name)(*rest), items)

        return call

    for name in methods.split():
        setattr(Tracer, f"__{name}__", method(f"__{name}__"))


_REFUSED: Final[Mapping[str, tuple[Text, Text]]] = {
    "bool contains": (
        say("a decision on a value (if, while, and, or; max, min, sorted, in)"),
        say("np.where, np.maximum or np.max"),
    ),
    "float": (
        say("float(…) or a function of `math`"),
        say("the value itself, or the NumPy function of that name"),
    ),
    "int trunc index": ("int(…)", say("whole numbers that are known before the run")),
    "complex": ("complex(…)", say("real numbers")),
    "round floor ceil": (say("rounding"), say("real numbers")),
    "floordiv rfloordiv ifloordiv mod rmod imod divmod rdivmod": (
        say("// or %"),
        say("real division"),
    ),
    "and rand iand": ("&", say("the product of the conditions")),
    "or ror ior xor rxor ixor": (
        say("| or ^"),
        say("np.maximum of the conditions; ** for a power"),
    ),
    "invert": ("~", "1 - condition"),
    "lshift rlshift rshift rrshift": (say("<< or >>"), say("a product with a power of 2")),
}
"""Operators that only what is known has: how people write them, and what to use instead."""

_add_operators()
for _methods, _words in _REFUSED.items():
    _refuse_operators(_methods, *_words)


FILLING: Final = ("zeros", "ones", "empty", "full")  # how the names begin of what fills an array

Filled = Callable[[Any], Any]  # returns what stands for an array that NumPy filled


class TracedNumPy(types.ModuleType):
    """NumPy, whose functions that make arrays know stand-ins."""

    def __init__(self, filled: Filled | None) -> None:
        super().__init__(np.__name__)
        self.filled_stand_in = filled

    def __getattr__(self, name: str) -> Any:
        return traced_function(name, getattr(np, name), self.filled_stand_in)


def traced_function(name: str, function: Any, filled: Filled | None) -> Any:
    """Return a function of NumPy that knows stand-ins; `filled` is None where zeros stay zeros."""
    if name in ("array", "asarray"):
        return partial(_array_of, function)
    if not name.startswith("full" if filled is None else FILLING):
        return function
    begun = getattr(np, name.replace("empty", "zeros"))  # else what was in that memory counts

    def call(shape: Any, *arguments: Any, **named: Any) -> Any:
        for value in (*arguments[:1], *named.values()):
            if isinstance(value, Tracer):  # NumPy would make an array of objects
                return value + np.zeros(np.shape(shape) if name == "full_like" else shape)
        array = begun(shape, *arguments, **named)
        return array if filled is None else filled(array)

    return call


class TracedMath(types.ModuleType):
    """math, whose functions know stand-ins."""

    def __getattr__(self, name: str) -> Any:
        return traced_math(getattr(math, name))


def traced_math(function: Any) -> Any:
    """Return a function of `math` that knows stand-ins for one number; what is none as it is."""
    if not isinstance(function, types.BuiltinFunctionType):
        return function
    name = {"pow": "power"}.get(function.__name__, function.__name__)

    def call(*numbers: Any) -> Any:
        traced = [number for number in numbers if isinstance(number, Tracer)]
        is_followed = traced and not any(number.shape for number in traced)
        return (getattr(np, name, function) if is_followed else function)(*numbers)

    return call


@contextmanager
def traced_numpy(spaces: Sequence[dict[str, Any]], filled: Filled | None = None) -> Iterator[None]:
    """Let namespaces hold the NumPy and math that know stand-ins in their places, for a while."""
    modules = {id(sys.modules.get("numpy")): TracedNumPy(filled), id(math): TracedMath("math")}
    places = [
        (space, name, value)
        for space in spaces
        for name, value in space.items()
        if not name.startswith("__")
        and (id(value) in modules or getattr(value, "__module__", "") == "math")
    ]
    for space, name, value in places:
        space[name] = modules.get(id(value)) or traced_math(value)
    try:
        yield
    finally:
        for space, name, value in places:
            space[name] = value


def _array_of(function: Callable[..., Any], value: Any, *settings: Any, **named: Any) -> Any:
    """np.array and np.asarray: a stand-in where there is one in a list."""
    array = stacked_tracer(value)
    if array is None:
        return function(value, *settings, **named)
    if array is value and function.__name__ == "array":
        array = array.copy()
    dtype = named.get("dtype", settings[0] if settings else None)
    return array if dtype is None else array.astype(dtype)
