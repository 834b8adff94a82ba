"""What a name in a piece of code stands for while the code is read as equations.

Numbers, texts and tuples are Python's; what is computed is a stand-in that writes equations
(`tracer.program.recorder`); what cannot be followed is `Opaque`. NumPy's functions are those that
the stand-ins know, besides a few that are written here in others.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from tracer.program import numpy_calls
from tracer.program.recorder import Recorder, Tracer
from tracer.sentences import Text

__all__ = [
    "BINARY",
    "COMPARED",
    "METHODS",
    "Function",
    "Leaf",
    "Module",
    "Opaque",
    "Size",
    "arithmetic",
    "numpy_function",
]


class Opaque:
    """A value that cannot be followed; `shapes` says where shapes do not fit."""

    __slots__ = ("shapes",)

    def __init__(self, shapes: Text = "") -> None:
        self.shapes = shapes


class Function(NamedTuple):
    """A function of the document."""

    name: str
    node: ast.FunctionDef | ast.Lambda


class Module(NamedTuple):
    """A module whose functions are known: numpy or math; or a part of it, `random`."""

    name: str


class Size(int):
    """A whole number that counts the entries of an array."""


class Leaf:
    """A quantity that the code states: an array, a number, an argument of a function.

    `values` are those written, None where they are drawn or unknown; `born` and `read` are the
    numbers of the statements that stated it and first used it.
    """

    __slots__ = ("born", "name", "read", "shape", "values")

    def __init__(
        self, name: str, shape: tuple[int, ...], values: list[float] | None, born: int
    ) -> None:
        self.name = name
        self.shape = shape
        self.values = values
        self.born = born
        self.read: int | None = None

    @property
    def is_zero(self) -> bool:
        """Whether it starts as zeros: a parameter, a state or a sum."""
        return self.values is not None and not any(self.values)


BINARY: Final[Mapping[type[ast.operator], Callable[[Any, Any], Any]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.MatMult: operator.matmul,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
COMPARED: Final[Mapping[type[ast.cmpop], Callable[[Any, Any], Any]]] = {
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
METHODS: Final = frozenset(
    [
        "sum",
        "mean",
        "max",
        "min",
        "dot",
        "reshape",
        "transpose",
        "swapaxes",
        "squeeze",
        "flatten",
        "ravel",
        "copy",
        "argmax",
    ]
)
LARGEST = 10.0**12  # of numbers that are computed here


def arithmetic(kind: type[ast.operator], left: Any, right: Any) -> Any:
    """Return one operation on two values; Opaque where it is none, or its result is too large."""
    for side in (left, right):
        if isinstance(side, Opaque):
            return side
        if not isinstance(side, (int, float, Tracer)):
            return Opaque()
    plain = not isinstance(left, Tracer) and not isinstance(right, Tracer)
    if plain and kind is ast.Pow and (abs(right) > 64 or abs(left) > 1000):
        return Opaque()
    result = BINARY[kind](left, right)
    if plain:
        if isinstance(result, complex) or not abs(result) < LARGEST:
            return Opaque()
        if isinstance(left, Size) and kind is ast.FloorDiv:
            return Size(result)
    return result


# NumPy's functions that are written in others ----------------------------------------------------


def _clip(recorder: Recorder, a: Any, low: Any = None, high: Any = None) -> Any:
    if low is not None:
        a = recorder.apply("maximum", a, low)
    return a if high is None else recorder.apply("minimum", a, high)


def _norm(recorder: Recorder, a: Any) -> Any:
    return recorder.apply("sqrt", recorder.apply("sum", recorder.apply("square", a)))


def _variance(recorder: Recorder, a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    middle = recorder.apply("mean", a, axis=axis, keepdims=True)
    squares = recorder.apply("square", recorder.apply("subtract", a, middle))
    return recorder.apply("mean", squares, axis=axis, keepdims=keepdims)


def _deviation(recorder: Recorder, a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    return recorder.apply("sqrt", _variance(recorder, a, axis, keepdims=keepdims))


def _logarithm(base: float) -> Callable[..., Any]:
    return lambda recorder, a: recorder.apply(
        "divide", recorder.apply("log", a), recorder.apply("log", base)
    )


OWN: Final[Mapping[str, Callable[..., Any]]] = {
    "abs": lambda recorder, a: recorder.apply("abs", a),
    "pow": lambda recorder, a, b: recorder.apply("power", a, b),
    "clip": _clip,
    "norm": _norm,
    "var": _variance,
    "std": _deviation,
    "average": lambda recorder, a, axis=None: recorder.apply("mean", a, axis=axis),
    "log1p": lambda recorder, a: recorder.apply("log", recorder.apply("add", 1, a)),
    "log2": _logarithm(2),
    "log10": _logarithm(10),
    "inner": numpy_calls.product,
    "sigmoid": lambda recorder, a: recorder.apply("sigmoid", a),
    "relu": lambda recorder, a: recorder.apply("relu", a),
    "expit": lambda recorder, a: recorder.apply("sigmoid", a),
    "copy": lambda recorder, a: a,
    "float64": lambda recorder, a: a,
}
OF_NUMBERS: Final[Mapping[str, Callable[..., float]]] = {
    "exp": math.exp,
    "log": math.log,
    "sqrt": math.sqrt,
    "tanh": math.tanh,
    "square": lambda x: x * x,
    "abs": abs,
}


def numpy_function(
    recorder: Recorder, name: str, arguments: list[Any], keywords: Mapping[str, Any]
) -> Any:
    """Return what one of NumPy's functions gives. Raises TypeError for a call it does not know."""
    if name in OF_NUMBERS and all(isinstance(item, (int, float)) for item in arguments):
        return OF_NUMBERS[name](*arguments)
    function = OWN.get(name) or numpy_calls.FUNCTIONS.get(name) or numpy_calls.UFUNCS.get(name)
    if function is None:
        return Opaque()
    keywords = {key: value for key, value in keywords.items() if key not in ("dtype", "out")}
    return function(recorder, *arguments, **keywords)
