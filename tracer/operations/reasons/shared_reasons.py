"""Conditions and sentences that operations of several kinds have in common."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import Final

from tracer.expression.syntax import Call, Name, Node
from tracer.operations.literals import literal, number
from tracer.operations.reason import (
    TOLERANCE,
    Condition,
    OperandUse,
    Reason,
    Slots,
    Test,
    nearly_equal,
)

LOGARITHMS: Final = frozenset(("log", "clipped_log", "bce", "nll"))


def direct_operand(use: OperandUse) -> bool:
    """The operand is the quantity itself."""
    return use.direct


def by_zeros(use: OperandUse) -> bool:
    """What the quantity is multiplied by is 0 in every entry."""
    values = use.numbers(use.other)
    return use.direct and values is not None and not any(values)


def step_result(use: OperandUse) -> bool:
    """It is said of every use."""
    return True


def compared_sides(use: OperandUse) -> Sequence[Node]:
    """Return the sides of the error in a power, or of a loss; () where there are none."""
    if use.call.operation not in ("power", "square"):
        return use.operands
    error = use.operands[0]
    return error.arguments if isinstance(error, Call) and error.operation == "subtract" else ()


def error_of_sign(sign: int) -> Condition:
    """Return the condition that one number lies below, at or above what it is compared with."""

    def holds(use: OperandUse) -> Slots | None:
        is_square = use.call.operation != "power" or literal(use.operands[1]) == 2
        others = [side for side in compared_sides(use) if side != use.x]
        if not is_square or len(others) != 1 or not use.whole:
            return None
        error = use.number(use.x) - use.number(others[0])
        slope = use.number(Name(use.gradient_name))
        # The slope's sign is claimed, so it is looked at: the error may be multiplied by
        # something negative.
        signs = {(value > 0) - (value < 0) for value in (error, slope)}
        is_known = not math.isnan(error + slope)
        return {"other": others[0]} if is_known and signs == {sign} else None

    return holds


def restrict_condition(condition: Condition, fits: Callable[[Slots], bool]) -> Condition:
    """Return a condition that holds where another one does and what it has worked out fits."""

    def holds(use: OperandUse) -> Slots | None:
        slots = condition(use)
        return slots if isinstance(slots, Mapping) and fits(slots) else None

    return holds


def count_several(role: Test, count_of: Callable[[OperandUse], int]) -> Condition:
    """Return the condition of a role that several rows, entries or places take part in."""

    def holds(use: OperandUse) -> Slots | None:
        count = count_of(use) if role(use) else 0
        return {"count": count} if count > 1 else None

    return holds


def is_one_value(values: Sequence[float]) -> bool:
    """Tell whether some numbers are one and the same, but for rounding in the run."""
    return nearly_equal(values, [values[0]] * len(values))


def value_range(values: Sequence[float]) -> Slots:
    """Return the lowest and the highest of some numbers for a sentence."""
    return {"low": min(values), "high": max(values)}


def sigmoid_slope(p: Node) -> Node:
    """Return the slope of a sigmoid by what it gives: p(1 − p)."""
    return Call("multiply", (p, Call("subtract", (number(1), p))))


def rows_cancel(use: OperandUse) -> bool:
    """Each row of the gradient sums to 0."""
    shape = use.shape(use.x)
    is_last = use.attributes.get("axis", -1) in (-1, len(shape) - 1)
    fits = bool(shape) and use.shape(use.operand) == shape
    return fits and is_last and parts_cancel(use.gradient, shape[-1])


def parts_cancel(values: Sequence[float] | None, size: int, tolerance: float = TOLERANCE) -> bool:
    """Tell whether each run of `size` numbers sums to 0, and not all are 0."""
    if values is None or not any(values):
        return False
    rows = (values[start : start + size] for start in range(0, len(values), size))
    return all(
        abs(math.fsum(row)) <= tolerance * max(math.fsum(map(abs, row)), 1e-12) for row in rows
    )


def error_left(use: OperandUse) -> Slots | None:
    """The gradient of the operand is p − y, over n, with p whose logarithm the loss takes.

    The target y is a quantity, or the one-hot rows of labels.
    """
    if not use.whole or LOGARITHMS.isdisjoint(use.record.operations(use.loss)):
        return None  # in no iteration: no figure was asked for
    names = sorted(use.record.sources(use.loss))
    shape, left = use.shape(use.operand), use.gradient if use.direct else None
    if use.call.operation == "sigmoid":
        pairs = zip(use.upstream or (), use.numbers(use.y) or (), strict=False)
        left = [slope * p * (1 - p) for slope, p in pairs]
    if not left or not any(left):
        return None
    alike = [Name(name) for name in names if use.shape(Name(name)) == shape]
    guesses = [it for it in alike if it != use.x and use.x.id in use.record.sources(it)]
    targets: list[Node] = [it for it in alike if use.kind(it) != "value"]
    targets += [
        Call("one_hot", (Name(name), number(shape[-1])))
        for name in names
        if shape and use.shape(Name(name)) == shape[:-1] and use.kind(Name(name)) == "data"
    ]
    for guess, target, n in product(guesses, targets, {1, *shape[:1], math.prod(shape)}):
        one, other = use.numbers(guess) or (), use.numbers(target) or ()
        errors = [(p - y) / n for p, y in zip(one, other, strict=True)]
        if all(0 < p < 1 for p in one) and nearly_equal(left, errors):
            return {"p": guess, "y": target, "n": n}
    return None


LEFT_REASONS = (
    Reason(
        "error.left",
        restrict_condition(error_left, lambda found: found["n"] == 1),
        "Worked out, the gradient of {operand} is just {p} − {y}: all else on the way back has "
        "cancelled.",
        "Again {p} − {y} is left.",
        3,
    ),
    Reason(
        "error.left_mean",
        restrict_condition(error_left, lambda found: found["n"] != 1),
        "Worked out, the gradient of {operand} is just ({p} − {y}) / {n}: all else on the way "
        "back has cancelled.",
        "Again ({p} − {y}) / {n} is left.",
        3,
    ),
)

ERROR_REASONS = (
    Reason(
        "error.too_small",
        error_of_sign(-1),
        "{x} lies below {other}. A larger {x} would lower {loss}, so the slope is negative; its 2 "
        "comes from the square.",
        "{x} lies below {other} again, so the slope is negative.",
        3,
    ),
    Reason(
        "error.too_large",
        error_of_sign(1),
        "{x} lies above {other}. A larger {x} would raise {loss} further, so the slope is "
        "positive; its 2 comes from the square.",
        "{x} lies above {other} again, so the slope is positive.",
        3,
    ),
    Reason(
        "error.none",
        error_of_sign(0),
        "{x} is just what it should be, {other}. A parabola is flat at its lowest point, so the "
        "slope is 0.",
        "{x} hits {other} once more: slope 0.",
        3,
    ),
)


def guess_and_target(use: OperandUse) -> Slots | None:
    """A loss of one guess and one target, both single numbers."""
    sides = compared_sides(use)
    if len(sides) != 2 or not use.whole or not use.is_loss:
        return None
    guess, target = sides
    mine, its = use.number(guess), use.number(target)
    if math.isnan(mine + its) or use.kind(guess) != "value" or use.kind(target) != "data":
        return None
    return {"x": guess, "other": target, "guess": mine, "target": its}


def purpose(id: str, holds: Condition, words: str, rank: int = 2) -> Reason:
    """Return what an operation is for; it is said once."""
    return Reason(f"for.{id}", holds, words, "", rank)


GUESSED = purpose("guess", guess_and_target, "The network says {guess}; the target is {target}.", 3)
