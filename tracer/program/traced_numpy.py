"""NumPy and math as code sees them that is traced: they know stand-ins.

NumPy hands the calls of most functions over to a stand-in among their arguments. It does not do so
where an array is made of a list, nor where one is filled with numbers to get its entries later.
What `math` has for numbers is NumPy's function of the same name for stand-ins.
"""

from __future__ import annotations

import math
import sys
import types
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, Final

from tracer.lazy_numpy import np
from tracer.program.recorder import Tracer, stacked_tracer

FILLING: Final = ("zeros", "ones", "empty", "full")  # how the names begin of what fills an array

Filled = Callable[[Any], Any]  # returns what stands for an array that NumPy filled


class TracedNumPy(types.ModuleType):
    """NumPy, whose functions that make arrays know stand-ins."""

    def __init__(self, filled: Filled | None) -> None:
        super().__init__(np.__name__)
        self.filled = filled

    def __getattr__(self, name: str) -> Any:
        return traced_function(name, getattr(np, name), self.filled)


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
