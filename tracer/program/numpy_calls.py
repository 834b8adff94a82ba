"""What NumPy's functions are in the language: for functions that are traced.

An entry takes the recorder and NumPy's own arguments, by NumPy's names, and writes operations. It
knows nothing of stand-ins but their shape.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from tracer.errors import RunError, nearest
from tracer.operations import Shape
from tracer.sentences import Text, say

__all__ = ["FUNCTIONS", "REDUCED", "UFUNCS", "CallRecorder", "hint", "product", "unsupported"]

Call = Callable[..., Any]


class CallRecorder(Protocol):
    """What the entries need of a recorder."""

    def apply(self, operation: str, *operands: Any, **attributes: Any) -> Any:
        """Write an operation."""

    def shape(self, value: Any) -> Shape:
        """Return the shape of an operand."""

    def condition(self, operation: str, *operands: Any) -> Any:
        """Write an operation whose result is 1 where something holds, else 0."""


def unsupported(what: Text, instead: Text = "") -> RunError:
    """Return the error that names what cannot be traced and what to use."""
    return RunError(
        say("{what} cannot be traced", what=what),
        expected=instead or say("NumPy's functions and those of tracer.functions"),
    )


def _same(operation: str) -> Call:
    """Return an operation that takes its operands as NumPy does."""
    return lambda recorder, *operands: recorder.apply(operation, *operands)


def greater(recorder: CallRecorder, a: Any, b: Any) -> Any:
    """1 where a > b, else 0."""
    return recorder.condition("step", recorder.apply("subtract", a, b))


def at_least(recorder: CallRecorder, a: Any, b: Any) -> Any:
    """1 where a >= b, else 0."""
    return recorder.condition("subtract", 1, greater(recorder, b, a))


def equal(recorder: CallRecorder, a: Any, b: Any) -> Any:
    """1 where both are equal, else 0."""
    return recorder.condition("equal", a, b)


def not_equal(recorder: CallRecorder, a: Any, b: Any) -> Any:
    """0 where both are equal, else 1."""
    return recorder.condition("subtract", 1, equal(recorder, a, b))


def product(recorder: CallRecorder, a: Any, b: Any) -> Any:
    """np.dot: a matrix product, or a product where one is a number."""
    left, right = recorder.shape(a), recorder.shape(b)
    if left and len(right) > 2:
        raise unsupported(
            say("np.dot of more than two axes"), say("@, which takes them as a batch")
        )
    return recorder.apply("matmul" if left and right else "multiply", a, b)


def _joined(operation: str) -> Call:
    def join(recorder: CallRecorder, arrays: Sequence[Any], axis: int = 0) -> Any:
        return recorder.apply(operation, *arrays, axis=axis)

    return join


def _reduction(operation: str) -> Call:
    def reduce(recorder: CallRecorder, a: Any, axis: Any = None, *, keepdims: Any = False) -> Any:
        return recorder.apply(operation, a, axis=axis, keepdims=bool(keepdims))

    return reduce


def _reshape(recorder: CallRecorder, a: Any, shape: Any, order: str = "C") -> Any:
    if order != "C":
        raise unsupported(
            say("np.reshape(…, order={order})", order=repr(order)),
            say("np.transpose, then np.reshape"),
        )
    return recorder.apply("reshape", a, shape=shape)


def _ravel(recorder: CallRecorder, a: Any) -> Any:
    return recorder.apply("flatten", a)


def _transpose(recorder: CallRecorder, a: Any, axes: Any = None) -> Any:
    count = len(recorder.shape(a))
    if axes is None and count <= 2:
        return recorder.apply("transpose_last", a)
    order = range(count)[::-1] if axes is None else (axis % count for axis in axes)
    return recorder.apply("transpose", a, axes=tuple(order))


def _swapaxes(recorder: CallRecorder, a: Any, axis1: int, axis2: int) -> Any:
    axes = list(range(len(recorder.shape(a))))
    axes[axis1], axes[axis2] = axes[axis2], axes[axis1]
    return recorder.apply("transpose", a, axes=tuple(axes))


def _expand_dims(recorder: CallRecorder, a: Any, axis: Any) -> Any:
    axes = axis if isinstance(axis, (tuple, list)) else (axis,)
    sizes = list(recorder.shape(a))
    for place in sorted(at % (len(sizes) + len(axes)) for at in axes):
        sizes.insert(place, 1)
    return recorder.apply("reshape", a, shape=tuple(sizes))


def _squeeze(recorder: CallRecorder, a: Any, axis: Any = None) -> Any:
    sizes = recorder.shape(a)
    axes = axis if isinstance(axis, (tuple, list)) else (axis,)
    gone = {at for at, size in enumerate(sizes) if size == 1}
    if axis is not None:
        wanted = {at % len(sizes) for at in axes}
        if not wanted <= gone:
            raise unsupported(say("np.squeeze of an axis that is longer than 1"), "np.reshape")
        gone = wanted
    rest = tuple(size for at, size in enumerate(sizes) if at not in gone)
    return recorder.apply("reshape", a, shape=rest)


def _argmax(recorder: CallRecorder, a: Any, axis: int | None = None) -> Any:
    if axis is None and len(recorder.shape(a)) > 1:
        a, axis = _ravel(recorder, a), -1
    return recorder.apply("argmax", a, axis=-1 if axis is None else axis)


def _filled(operation: str, number: float) -> Call:
    def filled(recorder: CallRecorder, a: Any) -> Any:
        shape = recorder.shape(a)
        return recorder.apply(operation, shape=shape) if shape else number

    return filled


def _size(recorder: CallRecorder, a: Any, axis: int | None = None) -> int:
    shape = recorder.shape(a)
    total = 1
    for size in shape if axis is None else (shape[axis],):
        total *= size
    return total


SAME = (
    *("exp", "log", "sqrt", "square", "sin", "cos", "tanh", "negative", "sign"),
    *("add", "subtract", "multiply", "divide", "matmul", "power", "maximum", "minimum"),
)
REDUCED: Mapping[str, str] = {"add": "sum", "maximum": "max", "minimum": "min"}
UFUNCS: Mapping[str, Call] = {
    **{name: _same(name) for name in SAME},
    "absolute": _same("abs"),
    "float_power": _same("power"),
    "equal": equal,
    "not_equal": not_equal,
    "greater": greater,
    "greater_equal": at_least,
    "less": lambda recorder, a, b: greater(recorder, b, a),
    "less_equal": lambda recorder, a, b: at_least(recorder, b, a),
    "positive": lambda recorder, x: +x,
    "reciprocal": lambda recorder, x: recorder.apply("divide", 1, x),
}
FUNCTIONS: Mapping[str, Call] = {
    **{name: _reduction(name) for name in ("sum", "mean", "max", "min")},
    "amax": _reduction("max"),
    "amin": _reduction("min"),
    "dot": product,
    "outer": lambda recorder, a, b: recorder.apply("outer", a, b),
    "where": lambda recorder, condition, x, y: recorder.apply("where", condition, x, y),
    "concatenate": _joined("concat"),
    "stack": _joined("stack"),
    "reshape": _reshape,
    "ravel": _ravel,
    "transpose": _transpose,
    "swapaxes": _swapaxes,
    "expand_dims": _expand_dims,
    "squeeze": _squeeze,
    "argmax": _argmax,
    "zeros_like": _filled("zeros", 0.0),
    "ones_like": _filled("ones", 1.0),
    "shape": lambda recorder, a: recorder.shape(a),
    "ndim": lambda recorder, a: len(recorder.shape(a)),
    "size": _size,
    "tril": lambda recorder, m: recorder.apply("causal_keep", m),
}
_HINTS: Mapping[str, Text] = {
    "log1p": "np.log(1 + x)",
    "expm1": "np.exp(x) - 1",
    "log2": "np.log(x) / np.log(2)",
    "log10": "np.log(x) / np.log(10)",
    "logaddexp": say("tracer.functions.softplus or logsumexp"),
    "clip": "np.minimum(np.maximum(x, low), high)",
    "einsum": say("@, np.transpose and np.sum"),
    "vstack": say("np.concatenate or np.stack"),
    "hstack": say("np.concatenate or np.stack"),
    "norm": "np.sqrt(np.sum(x**2))",
    "std": "tracer.functions.deviation",
    "var": "np.mean((x - np.mean(x)) ** 2)",
}


def hint(name: str) -> Text:
    """Return what to use in place of one of NumPy's functions."""
    return _HINTS.get(name) or nearest(name, [*UFUNCS, *FUNCTIONS])
