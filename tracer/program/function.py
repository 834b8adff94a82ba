"""A plain Python function → equations, by operator overloading.

The function is called once with stand-ins for its arguments. Each stand-in knows its shape and
writes an expression when it is used: through Python's operators, through NumPy's functions (its
`__array_ufunc__` and `__array_function__` protocols) and through the operations of the table in
`tracer.functions`. A local name of the function becomes the name of its equation; a name that is
given more than once becomes a family (`h[0]`, `h[1]`, …).
"""

from __future__ import annotations

import inspect
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import FrameType
from typing import Any

from tracer.errors import LanguageError, RunError, TracerError, nearest
from tracer.expression import render
from tracer.expression.syntax import Array, Call, Name, Node, walk
from tracer.operations import (
    Shape,
    constant,
    lookup,
    number,
    shape_text,
    table,
    usage,
    vocabulary,
    written,
)
from tracer.operations.operation import REQUIRED
from tracer.program.program import substitute
from tracer.program.shapes import Shapes

__all__ = ["Recorded", "Traced", "apply_operation", "functions", "record_function"]


class Recorded:
    """What a function did: its equations as text, its loss, and the constants it used."""

    def __init__(self, equations: str, loss: str, constants: Mapping[str, Any]) -> None:
        self.equations = equations
        self.loss = loss
        self.constants = constants


class _Recorder:
    """Collects what one call of a function writes."""

    def __init__(self, shapes: Mapping[str, Shape]) -> None:
        self.shapes = Shapes(shapes)
        self.constants: dict[str, Any] = {}
        self.values: list[Traced] = []  # in the order they are computed
        self.names: dict[int, str] = {}  # a local name for a value, by its place in `values`

    def add(self, node: Node) -> Traced:
        """Return a new value. Raises ShapeError where the operands do not fit."""
        shape = self.shapes.of(node)
        name = f"_{len(self.values)}"
        value = Traced(self, Name(name), shape, len(self.values), node)
        self.shapes.add(name, shape)
        self.values.append(value)
        return value

    def node(self, value: Any) -> Node:
        """Return an operand as a tree: a stand-in, a number, or an array that is kept."""
        if isinstance(value, Traced):
            if value.recorder is not self:
                raise RunError("a value of another traced function was used")
            return value.node
        if isinstance(value, bool):
            return number(int(value))
        if isinstance(value, (int, float)):
            return number(value)
        if isinstance(value, (list, tuple)) and any(isinstance(item, Traced) for item in value):
            return Call("stack", (Array(tuple(self.node(item) for item in value)),))
        import numpy as np

        try:
            array = np.asarray(value)
        except Exception as error:  # noqa: BLE001 - whatever a user's object does there
            raise _unsupported(type(value).__name__, str(error)) from None
        if array.dtype.kind not in "biuf":
            raise _unsupported(f"an operand of the type {type(value).__name__}")
        if array.ndim == 0:
            return number(array.item())
        for name, known in self.constants.items():
            if known is array or (known.shape == array.shape and (known == array).all()):
                return Name(name)
        name = f"constant{len(self.constants) + 1}"
        while name in self.shapes:
            name += "_"
        self.constants[name] = array.astype(float)
        self.shapes.add(name, array.shape)
        return Name(name)


def apply_operation(recorder: _Recorder, operation: str, *operands: Any, **attributes: Any) -> Any:
    """Write one operation on stand-ins. Raises UnknownNameError, ShapeError."""
    row = lookup(operation)
    unknown = [key for key in attributes if key not in row.attributes]
    if unknown:
        raise _unsupported(f"{operation}(…, {unknown[0]}=…)", usage(row))
    lacking = [key for key, value in row.attributes.items() if value is REQUIRED]
    lacking = [key for key in lacking if key not in attributes]
    if lacking:
        raise LanguageError(f"{operation} needs {lacking[0]}", expected=usage(row))
    full = {key: attributes.get(key, default) for key, default in row.attributes.items()}
    nodes = tuple(recorder.node(operand) for operand in operands)
    return recorder.add(written(row, nodes, full))


def _unsupported(what: str, hint: str = "") -> RunError:
    return RunError(
        f"{what} cannot be traced",
        expected=hint or "NumPy's functions and those of tracer.functions",
    )


class Traced:
    """A stand-in for a number or an array inside a traced function."""

    __array_priority__ = 1000  # NumPy hands over its operators

    def __init__(
        self, recorder: _Recorder, node: Node, shape: Shape, place: int = -1, source: Node | None = None
    ) -> None:
        self.recorder = recorder
        self.node = node
        self.shape = shape
        self.place = place
        self.source = source

    # What an array can be asked

    @property
    def ndim(self) -> int:
        """How many axes there are."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """How many entries there are."""
        total = 1
        for part in self.shape:
            total *= part
        return total

    @property
    def T(self) -> Traced:  # noqa: N802 - NumPy's name
        """The transpose."""
        if len(self.shape) > 2:
            return self._apply("transpose", axes=tuple(reversed(range(self.ndim))))
        return self._apply("transpose_last")

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("len() of a single number")
        return self.shape[0]

    def __iter__(self) -> Iterator[Traced]:
        return (self[place] for place in range(len(self)))

    def __repr__(self) -> str:
        return f"<traced {shape_text(self.shape)}>"

    def _apply(self, operation: str, *operands: Any, **attributes: Any) -> Any:
        return apply_operation(self.recorder, operation, self, *operands, **attributes)

    # Methods of an array

    def sum(self, axis: Any = None, keepdims: bool = False) -> Traced:
        """Return the sum along an axis, or of all entries."""
        return self._reduced("sum", axis, keepdims)

    def mean(self, axis: Any = None, keepdims: bool = False) -> Traced:
        """Return the mean along an axis, or of all entries."""
        return self._reduced("mean", axis, keepdims)

    def max(self, axis: Any = None, keepdims: bool = False) -> Traced:
        """Return the largest entry along an axis, or of all."""
        return self._reduced("max", axis, keepdims)

    def min(self, axis: Any = None, keepdims: bool = False) -> Traced:
        """Return the smallest entry along an axis, or of all."""
        return self._reduced("min", axis, keepdims)

    def _reduced(self, operation: str, axis: Any, keepdims: bool) -> Traced:
        result: Traced = self._apply(operation, axis=axis, keepdims=bool(keepdims))
        return result

    def dot(self, other: Any) -> Any:
        """Return the matrix product, or the product where one is a number."""
        other_shape = self.recorder.shapes.of(self.recorder.node(other))
        return self @ other if self.shape and other_shape else self * other

    def reshape(self, *shape: Any) -> Any:
        """Return the same entries in another shape."""
        wanted = shape[0] if len(shape) == 1 else shape
        return self._apply("reshape", shape=wanted if isinstance(wanted, int) else tuple(wanted))

    def transpose(self, *axes: Any) -> Any:
        """Return the axes in another order; without an order the reverse."""
        if not axes:
            return self.T
        return self._apply("transpose", axes=tuple(axes[0]) if len(axes) == 1 else tuple(axes))

    def flatten(self) -> Any:
        """Return all axes joined into one."""
        return self._apply("flatten")

    ravel = flatten

    def __getitem__(self, index: Any) -> Any:
        items = index if isinstance(index, tuple) else (index,)
        if any(item is None or item is Ellipsis for item in items):
            raise _unsupported("an index with None or …", "reshape")
        nodes: list[Node] = []
        for item in items:
            if isinstance(item, (int, slice)) and not isinstance(item, bool):
                nodes.append(constant(item))
            elif hasattr(item, "__index__"):
                nodes.append(number(item.__index__()))
            else:
                nodes.append(self.recorder.node(item))
        if len(nodes) > 1 and any(isinstance(node, (Name, Call)) for node in nodes):
            plain = [isinstance(item, (int, slice)) for item in items]
            if not all(plain):
                raise _unsupported("an array of ids beside other indices", "tracer.functions.pick")
        return self.recorder.add(Call("index", (self.node, *nodes)))

    # What cannot be done

    def __bool__(self) -> bool:
        raise _unsupported("a decision on a value (if, while, and, or)", "np.where")

    def __float__(self) -> float:
        raise _unsupported("float(…) or a function of `math`", "the NumPy function of that name")

    def __int__(self) -> int:
        raise _unsupported("int(…)", "whole numbers that are known before the run")

    def __setitem__(self, index: Any, value: Any) -> None:
        raise _unsupported("an assignment to an entry", "np.stack or np.concatenate of the parts")

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        known = [item for item in dir(type(self)) if not item.startswith("_")]
        raise _unsupported(f"the method .{name}", nearest(name, known))

    # NumPy's protocols

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **keywords: Any) -> Any:
        name = ufunc.__name__
        if method == "reduce" and name in _REDUCED and set(keywords) <= {"axis", "keepdims"}:
            axis = keywords.get("axis", 0)
            return inputs[0]._reduced(_REDUCED[name], axis, keywords.get("keepdims", False))
        if method != "__call__" or keywords:
            raise _unsupported(f"np.{name}.{method}" if method != "__call__" else f"np.{name}(…, out=)")
        function = _UFUNCS.get(name)
        if function is None:
            raise _unsupported(f"np.{name}", _HINTS.get(name, _known_names(name)))
        return function(self.recorder, *inputs)

    def __array_function__(
        self, function: Any, types: Any, arguments: Sequence[Any], keywords: Mapping[str, Any]
    ) -> Any:
        name = function.__name__
        known = _FUNCTIONS.get(name)
        if known is None:
            raise _unsupported(f"np.{name}", _HINTS.get(name, _known_names(name)))
        try:
            return known(self.recorder, *arguments, **keywords)
        except TypeError as error:
            if "argument" in str(error):
                raise _unsupported(f"np.{name} with these arguments", str(error)) from None
            raise


def _operator(operation: str) -> Any:
    def method(self: Traced, other: Any) -> Any:
        return apply_operation(self.recorder, operation, self, other)

    return method


def _reflected(operation: str) -> Any:
    def method(self: Traced, other: Any) -> Any:
        return apply_operation(self.recorder, operation, other, self)

    return method


for _python, _operation in (
    ("add", "add"),
    ("sub", "subtract"),
    ("mul", "multiply"),
    ("truediv", "divide"),
    ("pow", "power"),
    ("matmul", "matmul"),
):
    setattr(Traced, f"__{_python}__", _operator(_operation))
    setattr(Traced, f"__r{_python}__", _reflected(_operation))


def _unary(operation: str) -> Callable[[_Recorder, Any], Any]:
    return lambda recorder, x: apply_operation(recorder, operation, x)


def _binary(operation: str) -> Callable[[_Recorder, Any, Any], Any]:
    return lambda recorder, a, b: apply_operation(recorder, operation, a, b)


def _greater(recorder: _Recorder, a: Any, b: Any) -> Any:
    """1 where a > b, else 0."""
    difference = apply_operation(recorder, "subtract", a, b)
    return apply_operation(recorder, "step", difference)


def _at_least(recorder: _Recorder, a: Any, b: Any) -> Any:
    return apply_operation(recorder, "subtract", 1, _greater(recorder, b, a))


Traced.__neg__ = lambda self: self._apply("negative")  # type: ignore[attr-defined]
Traced.__pos__ = lambda self: self  # type: ignore[attr-defined]
Traced.__abs__ = lambda self: self._apply("abs")  # type: ignore[attr-defined]
Traced.__gt__ = lambda self, other: _greater(self.recorder, self, other)  # type: ignore[attr-defined]
Traced.__lt__ = lambda self, other: _greater(self.recorder, other, self)  # type: ignore[attr-defined]
Traced.__ge__ = lambda self, other: _at_least(self.recorder, self, other)  # type: ignore[attr-defined]
Traced.__le__ = lambda self, other: _at_least(self.recorder, other, self)  # type: ignore[attr-defined]

_REDUCED = {"add": "sum", "maximum": "max", "minimum": "min"}
_UFUNCS: dict[str, Callable[..., Any]] = {
    **{name: _unary(name) for name in "exp log sqrt square sin cos tanh negative sign".split()},
    **{name: _binary(name) for name in "add subtract multiply divide matmul power".split()},
    **{name: _binary(name) for name in ("maximum", "minimum", "equal")},
    "absolute": _unary("abs"),
    "float_power": _binary("power"),
    "greater": _greater,
    "greater_equal": _at_least,
    "less": lambda recorder, a, b: _greater(recorder, b, a),
    "less_equal": lambda recorder, a, b: _at_least(recorder, b, a),
    "positive": lambda recorder, x: x,
    "reciprocal": lambda recorder, x: apply_operation(recorder, "divide", 1, x),
}
_HINTS = {
    "log1p": "np.log(1 + x)",
    "expm1": "np.exp(x) - 1",
    "log2": "np.log(x) / np.log(2)",
    "log10": "np.log(x) / np.log(10)",
    "logaddexp": "tracer.functions.softplus or logsumexp",
    "clip": "np.minimum(np.maximum(x, low), high)",
    "einsum": "@, np.transpose and np.sum",
    "vstack": "np.concatenate or np.stack",
    "hstack": "np.concatenate or np.stack",
    "std": "tracer.functions.deviation",
    "var": "np.mean((x - np.mean(x)) ** 2)",
}


def _known_names(name: str) -> str:
    return nearest(name, [*_UFUNCS, *_FUNCTIONS])


def _dot(recorder: _Recorder, a: Any, b: Any) -> Any:
    left, right = recorder.node(a), recorder.node(b)
    both = recorder.shapes.of(left) and recorder.shapes.of(right)
    return apply_operation(recorder, "matmul" if both else "multiply", a, b)


def _joined(operation: str) -> Callable[..., Any]:
    def join(recorder: _Recorder, parts: Sequence[Any], axis: int = 0) -> Any:
        row = lookup(operation)
        nodes = tuple(recorder.node(part) for part in parts)
        return recorder.add(written(row, nodes, {"axis": axis}))

    return join


def _reduction(operation: str) -> Callable[..., Any]:
    def reduce(recorder: _Recorder, a: Any, axis: Any = None, keepdims: Any = False) -> Any:
        return a._reduced(operation, axis, bool(keepdims))

    return reduce


def _expanded(recorder: _Recorder, a: Any, axis: int) -> Any:
    at = axis % (len(a.shape) + 1)
    return a.reshape((*a.shape[:at], 1, *a.shape[at:]))


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{name: _reduction(name) for name in ("sum", "mean", "max", "min")},
    "amax": _reduction("max"),
    "amin": _reduction("min"),
    "dot": _dot,
    "matmul": _dot,
    "outer": _binary("outer"),
    "where": lambda recorder, condition, a, b: apply_operation(recorder, "where", condition, a, b),
    "concatenate": _joined("concat"),
    "stack": _joined("stack"),
    "reshape": lambda recorder, a, *shape, **names: a.reshape(*shape, *names.values()),
    "ravel": lambda recorder, a: a.flatten(),
    "transpose": lambda recorder, a, axes=None: a.transpose(*([axes] if axes else [])),
    "expand_dims": _expanded,
    "squeeze": lambda recorder, a: a.reshape(tuple(size for size in a.shape if size != 1)),
    "argmax": lambda recorder, a, axis=-1: apply_operation(recorder, "argmax", a, axis=axis),
    "zeros_like": lambda recorder, a: recorder.add(Call("zeros", tuple(map(number, a.shape)))),
    "ones_like": lambda recorder, a: recorder.add(Call("ones", tuple(map(number, a.shape)))),
    "shape": lambda recorder, a: a.shape,
    "ndim": lambda recorder, a: a.ndim,
    "size": lambda recorder, a: a.size,
    "tril": lambda recorder, a: apply_operation(recorder, "causal_keep", a),
}


def record_function(
    function: Callable[..., Any], parameters: Mapping[str, Shape], data: Mapping[str, Shape]
) -> Recorded:
    """Call a function with stand-ins and return what it did.

    Its arguments are found by name among `parameters` and `data`; it returns the loss. Raises
    RunError where an argument is missing, a call cannot be traced, or the result is no number.
    """
    shapes = {**data, **parameters}
    try:
        wanted = inspect.signature(function).parameters
    except (TypeError, ValueError):
        raise RunError("this is no Python function", found=repr(function)) from None
    missing = [
        name
        for name, item in wanted.items()
        if name not in shapes and item.default is inspect.Parameter.empty
    ]
    if missing:
        raise RunError(
            f"the function takes {missing[0]}",
            found=f"parameters and data {', '.join(shapes) or 'none'}",
            expected=nearest(missing[0], shapes) or "an argument for each of its names",
        )
    recorder = _Recorder(shapes)
    arguments = {
        name: Traced(recorder, Name(name), shape) for name, shape in shapes.items() if name in wanted
    }
    result = _called(function, arguments, recorder)
    if not isinstance(result, Traced):
        raise RunError(
            "the function does not return a traced number",
            found=type(result).__name__,
            expected="the loss, computed from its arguments",
        )
    return _equations(recorder, result)


def _called(
    function: Callable[..., Any], arguments: Mapping[str, Traced], recorder: _Recorder
) -> Any:
    """Call the function and learn the local names that its values get."""
    code = getattr(inspect.unwrap(function), "__code__", None)

    def look(frame: FrameType) -> None:
        for name, value in frame.f_locals.items():
            if isinstance(value, Traced) and value.recorder is recorder and value.place >= 0:
                recorder.names.setdefault(value.place, name)

    def watch(frame: FrameType, event: str, argument: Any) -> Any:
        if frame.f_code is not code:
            return None
        look(frame)
        return watch

    before = sys.gettrace()
    sys.settrace(watch)
    try:
        return function(**arguments)
    except TracerError:
        raise
    except RecursionError:
        raise RunError("the function calls itself without end") from None
    finally:
        sys.settrace(before)


def _equations(recorder: _Recorder, result: Traced) -> Recorded:
    """Write the values that the loss needs as equations, named as the function names them."""
    if result.place < 0:
        raise RunError("the function returns one of its arguments", expected="a loss")
    needed = _needed(recorder, result)
    names = _final_names(recorder, needed, result)
    lines: list[str] = []
    texts: dict[str, Node] = {}
    for place in sorted(needed):
        value = recorder.values[place]
        assert value.source is not None
        expression = substitute(value.source, texts)
        own = f"_{place}"
        if place in names:
            text = render(expression, "ascii", vocabulary=vocabulary())
            lines.append(f"{names[place]} = {text}")
            texts[own] = Name(names[place])
        else:
            texts[own] = expression
    return Recorded("\n".join(lines), names[result.place], recorder.constants)


def _needed(recorder: _Recorder, result: Traced) -> set[int]:
    needed: set[int] = set()
    waiting = [result.place]
    while waiting:
        place = waiting.pop()
        if place in needed:
            continue
        needed.add(place)
        source = recorder.values[place].source
        assert source is not None
        waiting.extend(_places(source))
    return needed


def _places(node: Node) -> Iterator[int]:
    for part in walk(node):
        if isinstance(part, Name) and part.id[:1] == "_" and part.id[1:].isdigit():
            yield int(part.id[1:])


def _final_names(recorder: _Recorder, needed: set[int], result: Traced) -> dict[int, str]:
    """Return the name of each value that is an equation of its own."""
    local = {place: name for place, name in recorder.names.items() if place in needed}
    if result.place not in local:
        local[result.place] = "loss"
    taken = set(recorder.shapes.names())
    counts = Counter(local.values())
    names: dict[int, str] = {}
    seen: Counter[str] = Counter()
    for place in sorted(local):
        name = local[place]
        if counts[name] > 1 or name in taken:
            base = name if name not in taken else f"{name}_"
            names[place] = f"{base}[{seen[name]}]" if counts[name] > 1 else base
            seen[name] += 1
        else:
            names[place] = name
    uses = Counter(
        used for place in needed for used in _places(recorder.values[place].source)  # type: ignore[arg-type]
    )
    for place in sorted(needed - set(names)):
        if uses[place] > 1:  # used more than once, and nobody gave it a name
            names[place] = f"value{place}"
    return names


def functions() -> dict[str, Callable[..., Any]]:
    """Return the operations of the table as functions of stand-ins, by name."""
    return {row.name: _function(row.name) for row in table().values() if not row.inner}


def _function(name: str) -> Callable[..., Any]:
    row = lookup(name)

    def function(*operands: Any, **attributes: Any) -> Any:
        first = operands[0] if not row.variadic else operands[0][0]
        traced = next((item for item in operands if isinstance(item, Traced)), first)
        if not isinstance(traced, Traced):
            raise LanguageError(f"{name} of what is not traced", expected="a traced value")
        if row.variadic:
            nodes = tuple(traced.recorder.node(item) for item in operands[0])
            full = {key: attributes.get(key, value) for key, value in row.attributes.items()}
            return traced.recorder.add(written(row, nodes, full))
        count = len(row.operands)
        given = dict(zip(row.attributes, operands[count:], strict=False))
        values = [*operands[:count]]
        for operand in row.operands[len(values) :]:
            if operand in attributes:
                values.append(attributes.pop(operand))
            elif operand in row.defaults:
                values.append(float(row.defaults[operand]))
        return apply_operation(traced.recorder, name, *values, **given, **attributes)

    function.__name__ = name
    function.__doc__ = row.words
    return function
