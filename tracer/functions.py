"""The operations of the table as Python functions, for functions that are traced.

    from tracer import functions as F

    def network(W, b, x, y):
        return F.cross_entropy(x @ W + b, y)

What NumPy has (np.exp, np.sum, np.where, …) is traced under NumPy's own name.
"""

from __future__ import annotations

from typing import Any

from tracer.errors import nearest
from tracer.operations import table
from tracer.program.function import traced_functions

__all__: list[str] = []


def __getattr__(name: str) -> Any:
    known = traced_functions()
    try:
        return known[name]
    except KeyError:
        constant = name in table() and not table()[name].inner
        hint = f"use np.{name}" if constant else nearest(name, known) or "see docs/language.md"
        raise AttributeError(f"tracer.functions has no {name!r}; {hint}") from None


def __dir__() -> list[str]:
    return sorted(traced_functions())
