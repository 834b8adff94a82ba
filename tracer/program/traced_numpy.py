"""NumPy as code sees it that is traced: what makes an array of stand-ins gives a stand-in.

NumPy hands the calls of most functions over to a stand-in among their arguments. It does not do so
where an array is made of a list, nor where one is filled with numbers to get its entries later.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, Final

from tracer.lazy_numpy import np
from tracer.program.recorder import stacked_tracer

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
    if filled is None or not name.startswith(FILLING):
        return function
    return lambda *arguments, **named: filled(function(*arguments, **named))


@contextmanager
def traced_numpy(spaces: Sequence[dict[str, Any]], filled: Filled | None = None) -> Iterator[None]:
    """Let namespaces hold the NumPy that knows stand-ins in the place of NumPy, for a while."""
    numpy, tracing = sys.modules.get("numpy"), TracedNumPy(filled)
    places = [
        (space, name)
        for space in spaces
        for name, value in space.items()
        if value is numpy and not name.startswith("__")
    ]
    for space, name in places:
        space[name] = tracing
    try:
        yield
    finally:
        for space, name in places:
            space[name] = numpy


def _array_of(function: Callable[..., Any], value: Any, *settings: Any, **named: Any) -> Any:
    """np.array and np.asarray: a stand-in where there is one in a list."""
    array = stacked_tracer(value)
    if array is None:
        return function(value, *settings, **named)
    if array is value and function.__name__ == "array":
        array = array.copy()
    dtype = named.get("dtype", settings[0] if settings else None)
    return array if dtype is None else array.astype(dtype)
