"""Local derivatives: of one function at one place, as a quantity with a value of its own."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from tracer.expression.syntax import Call, Name, Node
from tracer.operations import Term, lookup
from tracer.operations.numbers import figure_value
from tracer.program.built import Built
from tracer.program.program import Equation

__all__ = ["is_product", "local_derivative"]


ONE: Final = "1"  # what comes in, where only the local derivative is wanted


@lru_cache(1024)
def local_derivative(built: Built, step: Equation) -> tuple[Equation, Node, str] | None:
    """Return σ′(z) where a gradient is what comes in times that; None where it is no such product.

    That is so where the quantity goes into a function of each entry, and the rule of that function
    writes just this gradient.
    """
    if step.phase != "backward" or not step.wrt or not step.path or "#" in step.name:
        return None
    user = next((item for item in built.program.equations if item.name == step.path), None)
    if user is None or not isinstance(user.expression, Call):
        return None
    row = lookup(user.expression.operation)
    argument = Name(step.wrt)
    if user.expression.arguments != (argument,) or user.expression.keywords:
        return None
    if not row.elementwise or row.derivative is None or row.name in ("negative", "exp"):
        return None
    incoming, out, at = (
        Term(Name(name), user.shape) for name in (f"d{step.of}/d{user.name}", user.name, step.wrt)
    )
    (written,) = row.derivative(incoming, out, at)
    (local,) = row.derivative(Term(Name(ONE), user.shape), out, at)
    if written is None or local is None or written.node != step.expression:
        return None
    alone = _without_one(local.node)
    if alone is None:
        return None
    return step.rewritten(alone, ()), argument, row.name


def _without_one(node: Node) -> Node | None:
    """Return a product without its first factor, which stands for what comes in."""
    if not isinstance(node, Call) or node.operation != "multiply" or len(node.arguments) != 2:
        return None
    left, right = node.arguments
    if left == Name(ONE):
        return right
    inner = _without_one(left)
    return None if inner is None else Call("multiply", (inner, right))


def is_product(left: Sequence[str], right: Sequence[str], result: Sequence[str]) -> bool:
    """Tell whether figures are exactly the products, entry by entry, of those before them."""
    return all(
        figure_value(one) * figure_value(other) == figure_value(product)
        for one, other, product in zip(left, right, result, strict=True)
    )
