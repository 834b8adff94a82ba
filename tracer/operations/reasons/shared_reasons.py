"""Conditions and sentences that operations of several kinds have in common."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tracer.expression.syntax import Call, Name, Node
from tracer.operations.literals import literal
from tracer.operations.reason import Condition, Reason, Slots, Use, nearly_equal, slots_where

__all__ = [
    "ERROR_REASONS",
    "GUESSED",
    "direct_operand",
    "first_operand",
    "is_one_value",
    "parts_cancel",
    "purpose",
    "rows_cancel",
    "step_result",
]


def error_sides(use: Use) -> tuple[Node, Node, float, float] | None:
    """Return x, what it is compared with, and both values, where a single error is squared."""
    error: Node | None = None
    if use.call.operation in ("power", "square"):
        error = use.operands[0]
        if use.call.operation == "power" and literal(use.operands[1]) != 2:
            return None
        if not isinstance(error, Call) or error.operation != "subtract":
            return None
        left, right = error.arguments
    else:
        left, right = use.operands[0], use.operands[1]
    if use.x not in (left, right) or left == right or not use.whole:
        return None
    other = right if left == use.x else left
    mine, its, slope = use.numbers(use.x), use.numbers(other), use.gradient
    if mine is None or its is None or slope is None or not len(mine) == len(its) == len(slope) == 1:
        return None
    # The sign is claimed, so it is looked at: the error may be multiplied by something negative.
    if (mine[0] > its[0]) - (mine[0] < its[0]) != (slope[0] > 0) - (slope[0] < 0):
        return None
    return use.x, other, mine[0], its[0]


def too_small(use: Use) -> Slots | None:
    sides = error_sides(use)
    if sides is None or sides[2] >= sides[3]:
        return None
    return {"x": sides[0], "other": sides[1], "loss": Name(use.loss)}


def too_large(use: Use) -> Slots | None:
    sides = error_sides(use)
    if sides is None or sides[2] <= sides[3]:
        return None
    return {"x": sides[0], "other": sides[1], "loss": Name(use.loss)}


def just_right(use: Use) -> Slots | None:
    sides = error_sides(use)
    return {"x": sides[0], "other": sides[1]} if sides and sides[2] == sides[3] else None


# Hold of the first operand, where that is the quantity itself.
first_operand = slots_where(lambda use: use.position == 0 and use.direct, "x")


def is_one_value(values: Sequence[float]) -> bool:
    """Tell whether some numbers are one and the same, but for rounding in the run."""
    return nearly_equal(values, [values[0]] * len(values))


def rows_cancel(use: Use, along: int = -1) -> Slots | None:
    """Each row of the gradient sums to 0."""
    shape = use.shape(use.x)
    if not shape or use.shape(use.operand) != shape:
        return None
    if use.attributes.get("axis", along) not in (-1, len(shape) - 1):
        return None
    return {"x": use.x} if parts_cancel(use, shape[-1]) else None


def parts_cancel(use: Use, size: int) -> bool:
    """Tell whether each run of `size` entries of the gradient sums to 0, and not all are 0."""
    gradient = use.gradient
    if gradient is None or not any(gradient):
        return False
    rows = (gradient[start : start + size] for start in range(0, len(gradient), size))
    return all(abs(math.fsum(row)) <= 1e-5 * max(math.fsum(map(abs, row)), 1e-12) for row in rows)


# Hold where the operand is the quantity itself.
direct_operand = slots_where(lambda use: use.direct, "x", "y")


ERROR_REASONS = (
    Reason(
        "error.too_small",
        too_small,
        "{x} lies below {other}. A larger {x} would lower {loss}, so the slope is negative; its 2 "
        "comes from the square.",
        "{x} lies below {other} again, so the slope is negative.",
        3,
    ),
    Reason(
        "error.too_large",
        too_large,
        "{x} lies above {other}. A larger {x} would raise {loss} further, so the slope is "
        "positive; its 2 comes from the square.",
        "{x} lies above {other} again, so the slope is positive.",
        3,
    ),
    Reason(
        "error.none",
        just_right,
        "{x} is just what it should be, {other}. A parabola is flat at its lowest point, so the "
        "slope is 0.",
        "{x} hits {other} once more: slope 0.",
        3,
    ),
)


# Hold of every use.
step_result = slots_where(lambda use: True, "y")


def guess_and_target(use: Use) -> Slots | None:
    """A loss of one guess and one target, both single numbers."""
    base: Node = use.call
    if use.call.operation in ("power", "square"):
        base = use.operands[0]
        if not isinstance(base, Call) or base.operation != "subtract":
            return None
    if not isinstance(base, Call) or len(base.arguments) != 2 or not use.whole:
        return None
    guess, target = base.arguments
    mine, its = use.numbers(guess), use.numbers(target)
    if mine is None or its is None or len(mine) != 1 or len(its) != 1 or use.y.id != use.loss:
        return None
    if use.kind(guess) != "value" or use.kind(target) != "data":
        return None
    return {"x": guess, "other": target, "guess": mine[0], "target": its[0]}


def purpose(id: str, holds: Condition, words: str, rank: int = 2) -> Reason:
    """Return what an operation is for; it is said once."""
    return Reason(f"for.{id}", holds, words, "", rank)


GUESSED = purpose("guess", guess_and_target, "The network says {guess}; the target is {target}.", 3)
