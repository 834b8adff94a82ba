"""The table's scalar code as functions: of floats, as a plan computes, and of fractions."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any, Final

from tracer.errors import RunError
from tracer.expression.syntax import Node
from tracer.operations import Operation, literal, lookup, usage
from tracer.run.interpret import Algebra, interpret
from tracer.sentences import say

__all__ = ["FLOATS", "FRACTIONS", "NAMESPACE", "float_value", "scalar_template"]

NAMESPACE: Final[Mapping[str, object]] = {
    name: getattr(math, name)
    for name in ("exp", "log", "log1p", "sqrt", "sin", "cos", "tanh", "erf", "pow")
} | {"abs": abs, "max": max}
MOST_EXPONENT: Final = 64  # of a power of a fraction


def scalar_template(row: Operation, operands: Sequence[Node]) -> str:
    """Return the source of an operation on numbers; '' where its definition stands for it."""
    code = row.scalar
    return code if isinstance(code, str) else code([literal(item) for item in operands])


def _compiled(template: str, count: int, namespace: Mapping[str, object]) -> Callable[..., Any]:
    """Return an operation of so many operands as a function."""
    names = [f"x{place}" for place in range(count)]
    body = template.format(*names, all=", ".join(names))
    made: dict[str, Any] = dict(namespace)
    source = f"def function({', '.join(names)}):\n  return {body}\n"
    exec(compile(source, "<operation>", "exec"), made)  # noqa: S102 - the table's source
    function: Callable[..., Any] = made["function"]
    return function


class _Floats(Algebra[float]):
    """Floats, by the code of a plan."""

    def __init__(self) -> None:
        super().__init__()
        self._functions: dict[tuple[str, int], Callable[..., float]] = {}

    def number(self, value: Fraction) -> float:
        return float(value)

    def function(self, row: Operation, operands: Sequence[Node]) -> Callable[..., float] | None:
        key = scalar_template(row, operands), len(operands) or len(row.operands)
        if key[0] and key not in self._functions:
            self._functions[key] = _compiled(*key, NAMESPACE)
        return self._functions.get(key)


def _whole_power(base: Fraction, exponent: Fraction) -> Fraction:
    if exponent.denominator != 1 or abs(exponent) > MOST_EXPONENT:
        raise NameError("pow")  # no fraction, as with the functions that are not there
    return base ** int(exponent)


class _Fractions(Algebra[Fraction]):
    """Fractions, by the same code without the functions that leave the rational numbers.

    Minus infinity, which a mask puts in for a softmax, stays a float.
    """

    def number(self, value: Fraction) -> Fraction:
        return value

    def function(self, row: Operation, operands: Sequence[Node]) -> Callable[..., Fraction] | None:
        template, count = scalar_template(row, operands), len(operands) or len(row.operands)
        return _rational(row.name, template, count) if template else None


@lru_cache(256)
def _rational(name: str, template: str, count: int) -> Callable[..., Fraction]:
    code = _compiled(template, count, {"abs": abs, "max": max, "pow": _whole_power})

    def function(*operands: Fraction) -> Fraction:
        try:
            value: Any = code(*operands)
        except NameError:
            value = math.nan
        is_mask = value == -math.inf
        if isinstance(value, float) and not (is_mask or value.is_integer()):  # those are choices
            raise RunError(
                say("{usage} has no fraction", usage=usage(lookup(name))),
                expected=say("a program of + - * / and whole powers; leave out --exact"),
            )
        return value if is_mask else Fraction(value)

    return function


FLOATS: Final = _Floats()
FRACTIONS: Final = _Fractions()


def float_value(node: Node, values: Mapping[Node, float]) -> float:
    """Return the value of a scalar expression, by the plan's own code; nan where it has none.

    `values` holds its leaves: names, and entries of named arrays.
    """
    try:
        return float(interpret(node, FLOATS, values.get))
    except (ArithmeticError, ValueError):
        return math.nan
