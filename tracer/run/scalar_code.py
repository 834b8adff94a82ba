"""The table's scalar code as functions: of floats, as a plan computes, and of fractions."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import partial
from types import CodeType
from typing import Any, ClassVar, Final, TypeVar, cast

from tracer.errors import RunError
from tracer.expression import Node
from tracer.memo import COMPILED_BYTES, PROGRAMS
from tracer.operations import Operation, code_template, usage
from tracer.run.interpret import Algebra, interpret
from tracer.sentences import say

V = TypeVar("V")

NAMESPACE: Final[Mapping[str, object]] = {
    name: getattr(math, name)
    for name in ("exp", "log", "log1p", "sqrt", "sin", "cos", "tanh", "erf", "pow")
} | {"abs": abs, "max": max, "nan": math.nan}
MOST_EXPONENT: Final = 64  # largest exponent of a fraction


def compile_source(
    source: str, namespace: dict[str, Any], name: str = "run", place: str = "<plan>"
) -> Callable[..., Any]:
    """Return the function of a name that a generated source defines in a namespace."""
    code: CodeType = PROGRAMS.result(
        (compile_source, source, place),
        partial(compile, source, place, "exec"),
        lambda code: COMPILED_BYTES * len(source),
    )
    exec(code, namespace)  # noqa: S102 - our own source
    return cast("Callable[..., Any]", namespace[name])


class _CompiledAlgebra(Algebra[V]):
    """Numbers that the table's scalar code computes with, compiled when it is first used."""

    namespace: ClassVar[Mapping[str, object]] = NAMESPACE

    def __init__(self) -> None:
        super().__init__()
        self._functions: dict[tuple[str, int], Callable[..., V]] = {}

    def function(self, row: Operation, operands: Sequence[Node]) -> Callable[..., V] | None:
        key = code_template(row.scalar, operands), len(operands) or len(row.operands)
        if key[0] and key not in self._functions:
            self._functions[key] = self.compile_row(row, *key)
        return self._functions.get(key)

    def compile_row(self, row: Operation, template: str, count: int) -> Callable[..., V]:
        """Return an operation of so many operands as a function."""
        names = [f"x{place}" for place in range(count)]
        body = template.format(*names, all=", ".join(names))
        source = f"def function({', '.join(names)}):\n  return {body}\n"
        return compile_source(source, {**self.namespace}, "function", "<operation>")


class _Floats(_CompiledAlgebra[float]):
    """Floats, by the code of a plan."""

    def number(self, value: Fraction) -> float:
        return float(value)


def _whole_power(base: Fraction, exponent: Fraction) -> Fraction:
    if int(exponent) != exponent or abs(exponent) > MOST_EXPONENT:
        raise NameError("pow")  # no fraction, as with the functions that are not there
    return base ** int(exponent)


class _Fractions(_CompiledAlgebra[Fraction]):
    """Fractions, by the same code without the functions that leave the rational numbers.

    Minus infinity, which a mask puts in for a softmax, stays a float.
    """

    namespace: ClassVar = {"abs": abs, "max": max, "pow": _whole_power}

    def number(self, value: Fraction) -> Fraction:
        return value

    def compile_row(self, row: Operation, template: str, count: int) -> Callable[..., Fraction]:
        code = super().compile_row(row, template, count)

        def function(*operands: Fraction) -> Fraction:
            try:
                value: Any = code(*operands)
            except NameError:
                value = math.nan
            if type(value) is Fraction:
                return value
            is_mask = value == -math.inf
            is_choice = is_mask or not isinstance(value, float) or value.is_integer()
            if not is_choice:
                raise RunError(
                    say("{usage} has no fraction", usage=usage(row)),
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
