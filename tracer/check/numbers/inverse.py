"""What one literal of an expression must be, so that the expression has a wanted value.

The path from the root down to the literal is inverted step by step; where an operation joins
entries of arrays, and the value is a straight line over the entry on the path, the line is solved.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from itertools import pairwise
from types import MappingProxyType
from typing import Final

from tracer.expression.syntax import Array, Call, Name, Node, Tuple
from tracer.intervals import (
    ALSO,
    LOGARITHMS,
    Interval,
    Unevaluable,
    Value,
    between,
    exactly,
    exp,
    log,
    power,
    sqrt,
    value_of,
)
from tracer.sentences import say

__all__ = ["replaced", "wanted"]

ZERO: Final = exactly(0)
ONE: Final = exactly(1)
TWO: Final = exactly(2)

UNKNOWN: Final = "·"  # a name that nobody can write

Answers = tuple[Interval, ...]
Step = Callable[[Interval], Answers]
_NOTHING: Final[Mapping[str, Value]] = MappingProxyType({})


def wanted(
    node: Node, leaf: Node, target: Interval, known: Mapping[str, Value] = _NOTHING
) -> Answers:
    """Return what a literal must be so that the expression lies in `target`.

    `leaf` is a Number, or the negative of one, and is found by identity. Each answer holds all
    numbers near it that will do; two where signs are lost (a square, an absolute value). () where
    nothing will do, where the literal does not matter, where no bounds can be given (a sigmoid
    that is to be 1), and where it stands in what cannot be inverted.
    """
    path = _path(node, leaf)
    if path is None:
        return ()
    try:
        return _inverted(path, target, known)
    except Unevaluable:
        return ()


def replaced(node: Node, old: Node, new: Node) -> Node:
    """Return a tree with one part, found by identity, replaced by another."""
    path = _path(node, old)
    if path is None:
        return node
    result = new
    for parent, child in reversed(list(pairwise(path))):
        result = _with_child(parent, child, result)
    return result


def _with_child(parent: Node, child: Node, new: Node) -> Node:
    def put(items: tuple[Node, ...]) -> tuple[Node, ...]:
        return tuple(new if item is child else item for item in items)

    if isinstance(parent, (Array, Tuple)):
        return type(parent)(put(parent.items), parent.start, parent.end)
    assert isinstance(parent, Call), parent
    keywords = tuple((key, new if item is child else item) for key, item in parent.keywords)
    return Call(parent.operation, put(parent.arguments), keywords, parent.start, parent.end)


def _path(node: Node, leaf: Node) -> list[Node] | None:
    """Return the nodes from the root to the leaf, both included; None where it is not there."""
    waiting: list[tuple[Node, int]] = [(node, 0)]
    path: list[Node] = []
    while waiting:
        current, depth = waiting.pop()
        del path[depth:]
        path.append(current)
        if current is leaf:
            return path
        waiting.extend((child, depth + 1) for child in reversed(current.children()))
    return None


def _inverted(path: list[Node], target: Interval, known: Mapping[str, Value]) -> Answers:
    """Return what the end of a path must be, so that its begin is `target`."""
    targets: Answers = (target,)
    while len(path) > 1:
        parent = path[0]
        if not isinstance(parent, Call):
            return ()
        step = _step(parent, path[1], known)
        end = 1
        if step is None:
            end = next(at for at in range(1, len(path)) if _is_number(path[at], known))
            step = _line(parent, path[end], known)
        path = path[end:]
        targets = tuple(found for item in targets for found in _attempt(step, item))
    return targets


def _is_number(node: Node, known: Mapping[str, Value]) -> bool:
    return isinstance(value_of(node, known), Interval)


def _attempt(step: Step, target: Interval) -> Answers:
    """Return what a step gives, () where it has no value."""
    try:
        return step(target)
    except Unevaluable:
        return ()


def _step(parent: Call, child: Node, known: Mapping[str, Value]) -> Step | None:
    """Return what inverts one operation on numbers for one of its operands, None for others."""
    name = ALSO.get(parent.operation, parent.operation)
    if parent.keywords or not any(child is item for item in parent.arguments):
        return None
    others = [item for item in parent.arguments if item is not child]
    if name == "power" and isinstance(others[0], Name) and others[0].id not in known:
        return (lambda t: (log(t),)) if others[0].id == "e" else None
    values = [value_of(item, known) for item in others]
    numbers = [value for value in values if isinstance(value, Interval)]
    if len(numbers) < len(values):
        return None
    if name in FUNCTIONS and not numbers:
        return FUNCTIONS[name]
    if name in ("max", "maximum") and numbers:
        return lambda t: _above(t, max(number.high for number in numbers))
    if name in ("min", "minimum") and numbers:
        return lambda t: _negatives(_above(-t, -min(number.low for number in numbers)))
    if len(numbers) != 1:
        return None
    return _infix(name, numbers[0], is_left=child is parent.arguments[0])


def _infix(name: str, other: Interval, *, is_left: bool) -> Step | None:
    """Return what inverts an operation on two numbers."""
    if name == "power":
        return _base(other) if is_left else lambda t: (_exponent(t, other),)
    if name == "subtract" and is_left:
        return lambda t: (t + other,)
    if name in ("add", "subtract"):
        if name == "add":
            return lambda t: (t - other,)
        return lambda t: (other - t,)
    if name in ("multiply", "matmul"):
        return lambda t: (t / other,)
    if name == "divide":
        if is_left:
            return lambda t: (t * other,)
        return lambda t: () if other == ZERO else (other / t,)
    return None


def _negatives(answers: Answers) -> Answers:
    return tuple(-answer for answer in answers)


def _positive(target: Interval) -> Interval:
    return between(max(target.low, ZERO.low), target.high)


def _above(target: Interval, floor: Fraction) -> Answers:
    """Return the part of a target above a floor: where `max` gives the operand itself."""
    if target.high <= floor:
        return ()
    return (between(max(target.low, floor), target.high),)


def _mirrored(target: Interval, inverse: Callable[[Interval], Interval]) -> Answers:
    """Return both operands of an even function, by what inverts it from 0 on."""
    if target.high < 0:
        return ()
    positive = inverse(_positive(target))
    if positive.low <= 0:
        return (between(-positive.high, positive.high),)
    return (positive, -positive)


def _base(exponent: Interval) -> Step | None:
    """Return what inverts a power for its base."""
    if not exponent.is_exact or not exponent.low:
        return None
    size = abs(exponent.low)
    root = exactly(1 / size)

    def base(target: Interval) -> Answers:
        if exponent.low < 0:
            target = ONE / target
        if size.denominator == 1 and size.numerator % 2 == 0:
            return _mirrored(target, lambda t: power(t, root))
        if size.denominator == 1:
            low, high = _odd_root(target.low, root), _odd_root(target.high, root)
            return (between(low.low, high.high),)
        return () if target.high < 0 else (power(_positive(target), root),)

    return base


def _odd_root(x: Fraction, root: Interval) -> Interval:
    size = power(exactly(abs(x)), root)
    return size if x >= 0 else -size


def _exponent(target: Interval, base: Interval) -> Interval:
    return log(target) / log(base)


def _root_square(target: Interval) -> Answers:
    if target.high < 0:
        return ()
    positive = _positive(target)
    return (between(positive.low**2, positive.high**2),)


def _logit(t: Interval) -> Interval:
    """Return log(t / (1 - t)); both logarithms rise with t, so that no bound is lost."""
    return log(t) - log(ONE - t)


def _inverse_tanh(t: Interval) -> Interval:
    return _logit((ONE + t) / TWO) / TWO


def _inverse_log(base: int) -> Step:
    return lambda t: (power(exactly(base), t),)


def _inverse_softplus(t: Interval) -> Interval:
    return log(exp(t) - ONE)


FUNCTIONS: Final[Mapping[str, Step]] = {
    "abs": lambda t: _mirrored(t, lambda size: size),
    "exp": lambda t: (log(t),),
    "log": lambda t: (exp(t),),
    "negative": lambda t: (-t,),
    "relu": lambda t: _above(t, ZERO.low),
    "sigmoid": lambda t: (_logit(t),),
    "softplus": lambda t: (_inverse_softplus(t),),
    "sqrt": _root_square,
    "square": lambda t: _mirrored(t, sqrt),
    "tanh": lambda t: (_inverse_tanh(t),),
    **{name: _inverse_log(base) for name, base in LOGARITHMS.items()},
}
"""What inverts the functions of one number; Unevaluable where a target has no bounded answer."""


def _line(parent: Call, child: Node, known: Mapping[str, Value]) -> Step:
    """Return what solves a value that is a straight line over one entry: a dot product, a mean."""
    tree = replaced(parent, child, Name(UNKNOWN))

    def at(x: Interval) -> Interval:
        value = value_of(tree, {**known, UNKNOWN: x})
        if not isinstance(value, Interval):
            raise Unevaluable("unreadable", say("an array has no one value"))
        return value

    def solved(target: Interval) -> Answers:
        start, one, two = at(ZERO), at(ONE), at(TWO)
        slope = one - start
        x = (target - start) / slope
        is_line = (two - one).meets(slope)
        is_there = at(exactly((x.low + x.high) / 2)).meets(target)
        return (x,) if is_line and is_there else ()

    return solved
