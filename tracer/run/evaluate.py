"""The value of one line: scalar expressions evaluated at numbers, with the plan's own code.

Used where a line is printed, to see that its result follows from the numbers printed on it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

from tracer.expression.syntax import Call, Name, Node, Number
from tracer.operations import literal, lookup
from tracer.run.writer import NAMESPACE, compiled_operation

__all__ = ["evaluate"]

_FUNCTIONS: dict[str, Callable[..., float]] = {}


def evaluate(node: Node, values: Mapping[Node, float]) -> float:
    """Return the value of a scalar expression; nan where it has none.

    `values` holds its leaves: names, and entries of named arrays.
    """
    try:
        return float(_value(node, values))
    except (ArithmeticError, ValueError):
        return math.nan


def _value(node: Node, values: Mapping[Node, float]) -> float:
    if isinstance(node, Number):
        return float(node.value)
    if isinstance(node, Name) or (isinstance(node, Call) and node.operation == "index"):
        return values[node]
    assert isinstance(node, Call), node
    if node.operation == "add":
        return _sum(node, values)
    operands = [_value(item, values) for item in node.arguments]
    return _function(node.operation, [literal(item) for item in node.arguments])(*operands)


def _sum(node: Node, values: Mapping[Node, float]) -> float:
    """Return a sum, from the left. One of thousands of terms is a tree too deep to go down."""
    terms: list[Node] = []
    while isinstance(node, Call) and node.operation == "add":
        terms.append(node.arguments[1])
        node = node.arguments[0]
    total = _value(node, values)
    for term in reversed(terms):
        total += _value(term, values)
    return total


def _function(operation: str, literals: Sequence[Fraction | None]) -> Callable[..., float]:
    """Return an operation on floats, made of the same source as the plan's."""
    code = lookup(operation).scalar
    template = code if isinstance(code, str) else code(literals)
    key = f"{template}/{len(literals)}"
    function = _FUNCTIONS.get(key)
    if function is None:
        function = _FUNCTIONS[key] = compiled_operation(template, len(literals), NAMESPACE)
    return function
