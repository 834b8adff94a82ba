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

from tracer.check.numbers import elementary
from tracer.check.numbers.elementary import Interval, Scalar, Unevaluable, highest, joined, lowest
from tracer.check.numbers.enclosures import ALSO, Value, value_of
from tracer.expression.syntax import Array, Call, Name, Node, Tuple
from tracer.sentences import say

__all__ = ["replaced", "wanted"]

ZERO: Final = Fraction(0)
ONE: Final = Fraction(1)
TWO: Final = Fraction(2)

UNKNOWN: Final = "·"  # a name that nobody can write

Scalars = tuple[Scalar, ...]
Step = Callable[[Scalar], Scalars]
_NOTHING: Final[Mapping[str, Value]] = MappingProxyType({})


def wanted(
    node: Node, leaf: Node, target: Interval, known: Mapping[str, Value] = _NOTHING
) -> tuple[Interval, ...]:
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
        return tuple(_interval(found) for found in _inverted(path, _scalar(target), known))
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


def _scalar(interval: Interval) -> Scalar:
    return interval.low if interval.low == interval.high else interval


def _interval(scalar: Scalar) -> Interval:
    return Interval(lowest(scalar), highest(scalar))


def _inverted(path: list[Node], target: Scalar, known: Mapping[str, Value]) -> Scalars:
    """Return what the end of a path must be, so that its begin is `target`."""
    targets: Scalars = (target,)
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


def _attempt(step: Step, target: Scalar) -> Scalars:
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
        return (lambda t: (elementary.log(t),)) if others[0].id == "e" else None
    values = [value_of(item, known) for item in others]
    numbers = [_scalar(value) for value in values if isinstance(value, Interval)]
    if len(numbers) < len(values):
        return None
    if name in FUNCTIONS and not numbers:
        return FUNCTIONS[name]
    if name in ("max", "maximum") and numbers:
        return lambda t: _above(t, max(map(highest, numbers)))
    if name in ("min", "minimum") and numbers:
        return lambda t: _negatives(_above(elementary.negative(t), -min(map(lowest, numbers))))
    if len(numbers) != 1:
        return None
    return _infix(name, numbers[0], is_left=child is parent.arguments[0])


def _infix(name: str, other: Scalar, *, is_left: bool) -> Step | None:
    """Return what inverts an operation on two numbers."""
    if name == "power":
        return _base(other) if is_left else lambda t: (_exponent(t, other),)
    if name == "subtract" and is_left:
        return lambda t: (elementary.add(t, other),)
    if name in ("add", "subtract"):
        if name == "add":
            return lambda t: (elementary.subtract(t, other),)
        return lambda t: (elementary.subtract(other, t),)
    if name in ("multiply", "matmul"):
        return lambda t: (elementary.divide(t, other),)
    if name == "divide":
        if is_left:
            return lambda t: (elementary.multiply(t, other),)
        return lambda t: () if other == 0 else (elementary.divide(other, t),)
    return None


def _negatives(scalars: Scalars) -> Scalars:
    return tuple(map(elementary.negative, scalars))


def _above(target: Scalar, floor: Fraction) -> Scalars:
    """Return the part of a target above a floor: where `max` gives the operand itself."""
    if highest(target) <= floor:
        return ()
    return (joined(max(lowest(target), floor), highest(target)),)


def _mirrored(target: Scalar, inverse: Callable[[Scalar], Scalar]) -> Scalars:
    """Return both operands of an even function, by what inverts it from 0 on."""
    if highest(target) < 0:
        return ()
    positive = inverse(joined(max(lowest(target), ZERO), highest(target)))
    if lowest(positive) <= 0:
        return (joined(-highest(positive), highest(positive)),)
    return (positive, elementary.negative(positive))


def _base(exponent: Scalar) -> Step | None:
    """Return what inverts a power for its base."""
    if not isinstance(exponent, Fraction) or not exponent:
        return None
    size = abs(exponent)

    def base(target: Scalar) -> Scalars:
        if exponent < 0:
            target = elementary.divide(ONE, target)
        if size.denominator == 1 and size.numerator % 2 == 0:
            return _mirrored(target, lambda t: elementary.power(t, 1 / size))
        if size.denominator == 1:
            return (
                joined(
                    lowest(_odd_root(lowest(target), size)),
                    highest(_odd_root(highest(target), size)),
                ),
            )
        if highest(target) < 0:
            return ()
        return (elementary.power(joined(max(lowest(target), ZERO), highest(target)), 1 / size),)

    return base


def _odd_root(x: Fraction, degree: Fraction) -> Scalar:
    size = elementary.power(abs(x), 1 / degree)
    return size if x >= 0 else elementary.negative(size)


def _exponent(target: Scalar, base: Scalar) -> Scalar:
    return elementary.divide(elementary.log(target), elementary.log(base))


def _root_square(target: Scalar) -> Scalars:
    if highest(target) < 0:
        return ()
    return (joined(max(lowest(target), ZERO) ** 2, highest(target) ** 2),)


def _logit(t: Scalar) -> Scalar:
    """Return log(t / (1 - t)); both logarithms rise with t, so that no bound is lost."""
    return elementary.subtract(elementary.log(t), elementary.log(elementary.subtract(ONE, t)))


def _inverse_tanh(t: Scalar) -> Scalar:
    return elementary.divide(_logit(elementary.divide(elementary.add(ONE, t), TWO)), TWO)


def _inverse_log(base: int) -> Step:
    return lambda t: (elementary.power(Fraction(base), t),)


def _inverse_softplus(t: Scalar) -> Scalar:
    return elementary.log(elementary.subtract(elementary.exp(t), ONE))


FUNCTIONS: Final[Mapping[str, Step]] = {
    "abs": lambda t: _mirrored(t, lambda size: size),
    "exp": lambda t: (elementary.log(t),),
    "log": lambda t: (elementary.exp(t),),
    "negative": lambda t: (elementary.negative(t),),
    "relu": lambda t: _above(t, ZERO),
    "sigmoid": lambda t: (_logit(t),),
    "softplus": lambda t: (_inverse_softplus(t),),
    "sqrt": _root_square,
    "square": lambda t: _mirrored(t, elementary.sqrt),
    "tanh": lambda t: (_inverse_tanh(t),),
    **{name: _inverse_log(base) for name, base in elementary.LOGARITHMS.items()},
}
"""What inverts the functions of one number; Unevaluable where a target has no bounded answer."""


def _line(parent: Call, child: Node, known: Mapping[str, Value]) -> Step:
    """Return what solves a value that is a straight line over one entry: a dot product, a mean."""
    tree = replaced(parent, child, Name(UNKNOWN))

    def at(x: Scalar) -> Scalar:
        value = value_of(tree, {**known, UNKNOWN: _interval(x)})
        if not isinstance(value, Interval):
            raise Unevaluable("unreadable", say("an array has no one value"))
        return _scalar(value)

    def solved(target: Scalar) -> Scalars:
        start, one, two = at(ZERO), at(ONE), at(TWO)
        slope = elementary.subtract(one, start)
        x = elementary.divide(elementary.subtract(target, start), slope)
        meet = at((lowest(x) + highest(x)) / 2)
        is_line = _meet(elementary.subtract(two, one), slope)
        return (x,) if is_line and _meet(meet, target) else ()

    return solved


def _meet(a: Scalar, b: Scalar) -> bool:
    return lowest(a) <= highest(b) and lowest(b) <= highest(a)
