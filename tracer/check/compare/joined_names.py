"""Products of quantities written as one name: `wx`, `2gh`, `XW_V`."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import partial
from typing import Final

from tracer.check.compare.bounded_values import KnownValue
from tracer.check.model.written_trees import DIFFERENTIALS
from tracer.check.trace.aliases import quantity_key
from tracer.expression.syntax import Call, Name, Node, with_parts
from tracer.intervals import Interval
from tracer.lazy_regex import lazy_regex

SOME_VALUE: Final = KnownValue(Interval(Fraction(1)), Interval(Fraction(1)), None, True, 0)
"""What stands for the value of a name that is a quantity, whatever its value."""
PI: Final = "pi"
SCRIPTED: Final = ("transpose_last", "power")
_SHORT: Final = lazy_regex(r"(?:(?:(?<=[0-9])_)?[A-Za-zα-ω]_?[0-9]{0,2}){2,3}")
MOST_FACTORS: Final = 3  # that are written as one name
MOST_SIGNS: Final = 24  # of such a name


def is_own(name: str, known: Callable[[str], KnownValue | None]) -> bool:
    """Tell whether a name has a value, or is that of a difference."""
    return name[:1] in DIFFERENTIALS or known(name) is not None


def with_products(node: Node, known: Callable[[str], KnownValue | None]) -> Node:
    """Return a tree with each product of known quantities written as one name: `XW_V`, `wx`.

    Of numbers those have one letter and a figure at most. `dW` is a name of its own; what is
    written above belongs to the last letter, `QK^T`, but for `(wx)^2`.
    """
    if (
        isinstance(node, Call)
        and node.operation in SCRIPTED
        and node.sign != ")"
        and isinstance(node.arguments[0], Name)
    ):
        product = with_products(node.arguments[0], known)
        if not isinstance(product, Call):
            return node
        others, last = product.arguments
        script = last, *node.arguments[1:]
        raised = Call(node.operation, script, node.keywords, last.start, node.end)
        return Call("multiply", (others, raised), (), node.start, node.end, " ")
    if not isinstance(node, Name):
        return with_parts(node, partial(with_products, known=known))
    if is_own(node.id, known) or len(node.id) > MOST_SIGNS:
        return node
    factors = known_factors(node.id, lambda name: name == PI or known(name) is not None)
    values = [known(quantity_key(each)) for each in factors]
    are_arrays = all(value and isinstance(value.printed, tuple) for value in values)
    if not are_arrays and not _SHORT.fullmatch(node.id):
        return node
    tree: Node = node
    end = node.start
    for number, factor in enumerate(factors):
        start, end = end, end + len(factor) if node.start >= 0 else end
        key = quantity_key(factor)
        name = Call(PI, ()) if key == PI else Name(key, start, end)
        tree = Call("multiply", (tree, name), (), node.start, end, " ") if number else name
    return tree


def known_factors(
    name: str, is_known: Callable[[str], bool], most: int = MOST_FACTORS
) -> list[str]:
    """Return known names, at the most so many, that make up a name; none where none do."""
    if is_known(quantity_key(name)):
        return [name]
    for at in range(1, len(name) if most > 1 else 0):
        if is_known(quantity_key(name[:at])):
            rest = name[at:].removeprefix("_") if name[at - 1].isdigit() else name[at:]
            others = known_factors(rest, is_known, most - 1)  # `x1_w1` of `x₁w₁`
            if others:
                return [name[:at], *others]
    return []
