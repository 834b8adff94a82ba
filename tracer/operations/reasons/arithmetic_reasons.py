"""Why sums, products, quotients and powers have the gradients that they have."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

from tracer.expression.syntax import Call, Name, Node
from tracer.operations.literals import literal
from tracer.operations.reason import (
    Reason,
    Slots,
    Use,
    lowest_and_highest,
    nearly_equal,
    slots_where,
)
from tracer.operations.reasons.shared_reasons import (
    ERROR_REASONS,
    GUESSED,
    direct_operand,
    is_one_value,
    purpose,
)

__all__ = ["BACKWARD", "FORWARD"]

COMPARISONS: Final = frozenset(  # of a guess, the first operand, with a target
    (
        *("subtract", "mse", "mae", "squared_error", "half_squared_error"),
        *("bce", "bce_with_logits"),
    )
)


def _copied(use: Use) -> Slots | None:
    """The gradient is the incoming one, unchanged: every operation on the way hands it on."""
    same = math.prod(use.shape(use.x)) == math.prod(use.shape(use.y))
    if not (use.copies and use.direct and same):
        return None
    return {"x": use.x, "y": use.y}


def _copied_alone(use: Use) -> Slots | None:
    """The same where the quantity stands nowhere else in the result, which so follows it."""
    return _copied(use) if use.alone else None


def _bias(use: Use) -> Slots | None:
    return _copied_alone(use) if use.kind(use.x) == "parameter" else None


def _bias_of_rows(use: Use) -> Slots | None:
    """A smaller array is added to a larger one: the same numbers, as often as they fit into it."""
    small, large = use.shape(use.x), use.shape(use.y)
    count = math.prod(large) // max(math.prod(small), 1)
    if not (use.copies and use.direct and count > 1 and large[len(large) - len(small) :] == small):
        return None
    return {"x": use.x, "y": use.y, "count": count}


_taken_away = slots_where(
    lambda use: (
        use.position == 1
        and use.direct
        and use.whole
        and use.alone
        and nearly_equal(use.gradient, _negated(use.upstream))
    ),
    "x",
    "y",
)


def _taken_from_rows(use: Use) -> Slots | None:
    """A smaller array is subtracted from each row of a larger one."""
    size, total = math.prod(use.shape(use.x)), math.prod(use.shape(use.y))
    gradient, upstream = use.gradient, use.upstream
    if use.position != 1 or not use.direct or gradient is None or upstream is None:
        return None
    if size == total or len(upstream) != total:
        return None
    sums = [-math.fsum(upstream[place::size]) for place in range(size)]
    if not nearly_equal(gradient, sums):
        return None
    return {"x": use.x, "y": use.y, "count": total // size}


def _negated(values: Sequence[float] | None) -> list[float] | None:
    return None if values is None else [-value for value in values]


def _by_zero(use: Use) -> Slots | None:
    values = use.numbers(use.other)
    if not use.direct or values is None or any(values):
        return None
    return {"x": use.x, "other": use.other}


def _masked(use: Use) -> Slots | None:
    """The other factor is a mask: zeros and ones, and both of them."""
    values = use.numbers(use.other)
    if not use.direct or values is None or set(values) != {0.0, 1.0}:
        return None
    return {"x": use.x, "other": use.other}


def _gated(use: Use) -> Slots | None:
    """The other factor is a gate: what a sigmoid or a softmax has computed."""
    gate = any(use.computed_by(use.other, name) for name in ("sigmoid", "softmax"))
    values = use.numbers(use.other)
    if not (use.direct and gate and values) or is_one_value(values):
        return None
    if use.shape(use.other) != use.shape(use.x) or use.kind(use.x) != "value":
        return None
    low, high = lowest_and_highest(values)
    return {"x": use.x, "other": use.other, "low": low, "high": high}


def _fixed_factor(use: Use) -> Slots | None:
    values = use.numbers(use.other)
    if use.kind(use.other) not in ("number", "constant") or values is None or len(values) != 1:
        return None
    return {"x": use.x, "value": values[0]} if use.direct and abs(values[0]) > 1 else None


def _counts_times(use: Use) -> Slots | None:
    values = use.numbers(use.other)
    if not use.direct or use.shape(use.x) or values is None or len(values) != 1:
        return None
    if not use.whole or not use.alone or isinstance(use.other, Call):
        return None
    return {"x": use.x, "y": use.y, "other": use.other, "value": values[0]}


_swapped_factors = slots_where(lambda use: use.direct and use.other != use.x, "x", "other")


_same_factor = slots_where(lambda use: use.direct and use.other == use.x, "x")


def _scaled_by_root(use: Use) -> Slots | None:
    """A matrix product over d is divided by the root of d."""
    divisor = use.numbers(use.other)
    product = use.operand
    if isinstance(product, Name):
        product = use.record.definition(product.id) or product
    if use.position != 0 or divisor is None or len(divisor) != 1:
        return None
    if not isinstance(product, Call) or product.operation != "matmul":
        return None
    size = use.shape(product.arguments[0])[-1]
    if size < 2 or not nearly_equal([divisor[0] ** 2], [float(size)]):
        return None
    return {"count": size, "value": divisor[0]}


def _fixed_divisor(use: Use) -> Slots | None:
    values = use.numbers(use.other)
    if use.position != 0 or values is None or len(values) != 1 or values[0] <= 1:
        return None
    if use.kind(use.other) not in ("number", "constant") or not use.direct:
        return None
    return {"x": use.x, "value": values[0]}


_above_the_line = slots_where(lambda use: use.position == 0 and use.direct, "x", "other")


_below_the_line = slots_where(lambda use: use.position == 1 and use.direct, "x")


def _shrinks_the_quotient(use: Use) -> Slots | None:
    """All that is divided is above 0, so that a larger divisor gives less."""
    above = use.numbers(use.operands[0])
    return _below_the_line(use) if above and min(above) > 0 and use.alone else None


def _reciprocal(use: Use) -> Slots | None:
    return None if _shrinks_the_quotient(use) else _below_the_line(use)


def _fixed_exponent(use: Use) -> Slots | None:
    exponent = literal(use.operands[1])
    if use.position != 0 or exponent is None or exponent in (0, 1):
        return None
    return {"exponent": use.operands[1]}


def _larger(use: Use) -> Slots | None:
    """Each entry's gradient is what comes in, or 0."""
    gradient, upstream = use.gradient, use.upstream
    if not use.whole or gradient is None or upstream is None or len(gradient) != len(upstream):
        return None
    if any(g not in (0.0, u) for g, u in zip(gradient, upstream, strict=True)):
        return None
    return {"x": use.x}


def _cut_off(use: Use) -> Slots | None:
    """The larger of 0 and an expression: flat wherever that is below 0."""
    inside, fixed = sorted(use.operands, key=lambda item: literal(item) is not None)
    values = use.numbers(inside) if literal(fixed) == 0 else None
    if values is None or 0.0 in values:
        return None
    above = sum(value > 0 for value in values)
    return {"inside": inside, "above": above, "count": len(values)}


def _adds_to_rows(use: Use) -> Slots | None:
    """A vector is added to each row of a matrix."""
    large, small = use.shape(use.operands[0]), use.shape(use.operands[1])
    if len(large) != 2 or len(small) != 1 or large[0] < 2 or not isinstance(use.operands[1], Name):
        return None
    return {"x": use.operands[1], "count": large[0]}


def _adds_bias(use: Use) -> Slots | None:
    """A parameter is added to what does not depend on it."""
    other, bias = use.operands
    if use.kind(bias) != "parameter" or not use.whole or not isinstance(bias, Name):
        return None
    return None if _depends(use, other, bias.id) else {"x": bias, "y": use.y}


def _depends(use: Use, node: Node, name: str) -> bool:
    """Tell whether an expression is computed from a quantity, on whatever way."""
    waiting = _names(node)
    seen: set[str] = set()
    while waiting - seen:
        found = (waiting - seen).pop()
        seen.add(found)
        inner = use.record.definition(found)
        waiting = (waiting - seen) | (set() if inner is None else _names(inner))
    return name in seen


def _skips(use: Use) -> Slots | None:
    """One of two terms is an earlier quantity as it stands: a way past the other."""
    for at, part in enumerate(use.operands):
        beside = use.operands[1 - at]
        kinds = (use.kind(part), use.kind(beside))
        same = use.shape(part) == use.shape(beside)
        if isinstance(part, Name) and kinds == ("value", "value") and same and use.shape(part):
            if not isinstance(beside, Name):
                continue
            inner = use.record.definition(beside.id)
            if inner is not None and part.id in _names(inner):
                return {"x": part, "other": beside}
    return None


def _names(node: Node) -> set[str]:
    found, waiting = set(), [node]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Name):
            found.add(part.id)
        waiting += part.children()
    return found


def _weighed_guess(use: Use) -> Slots | None:
    """The weighed input is what the loss holds against a target."""
    slots = _scalar_weight(use)
    loss = use.record.definition(use.loss)
    waiting = [] if slots is None or loss is None else [loss]
    while waiting:
        part = waiting.pop()
        waiting += part.children()
        if not isinstance(part, Call) or part.operation not in COMPARISONS:
            continue
        if part.arguments[0] == use.y and use.kind(part.arguments[1]) == "data":
            return slots
    return None


def _scalar_weight(use: Use) -> Slots | None:
    left, right = use.operands
    if use.shape(use.call) or not use.whole:
        return None
    for one, other in ((left, right), (right, left)):
        if use.kind(one) == "parameter" and use.kind(other) == "data":
            return {"w": one, "x": other, "y": use.y}
    return None


def _gates(use: Use) -> Slots | None:
    for one, other in (use.operands, use.operands[::-1]):
        gate = any(use.computed_by(one, name) for name in ("sigmoid", "softmax"))
        alike = use.shape(one) and use.shape(one) == use.shape(other)
        if gate and alike and isinstance(one, Name) and use.kind(other) == "value":
            return {"x": other, "other": one}
    return None


def _scales_by_root(use: Use) -> Slots | None:
    divisor, product = use.numbers(use.operands[1]), use.operands[0]
    if not isinstance(product, Call) or product.operation != "matmul":
        return None
    size = use.shape(product.arguments[0])[-1]
    if divisor is None or len(divisor) != 1 or size < 2:
        return None
    return {"count": size} if nearly_equal([divisor[0] ** 2], [float(size)]) else None


def _shares_a_total(use: Use) -> Slots | None:
    """Numbers are divided by their own sum."""
    above, below = use.operands
    if not isinstance(below, Name) or not isinstance(above, Name):
        return None
    total = use.record.definition(below.id)
    if not isinstance(total, Call) or total.operation != "sum" or total.arguments[0] != above:
        return None
    return {"x": above}


BACKWARD: Final[Mapping[str, tuple[Reason, ...]]] = {
    "add": (
        Reason(
            "sum.bias",
            _bias,
            "{x} is added as it is: raise it a little and {y} rises by just as much. So the "
            "gradient of {y} reaches it unchanged.",
            "{x} is added as it is: the gradient of {y} reaches it unchanged.",
        ),
        Reason(
            "sum.rows",
            _bias_of_rows,
            "The same {x} was added {count} times into {y}. Each of these sums has its own "
            "error, and the gradient of {x} is the sum of these errors.",
            "{x} was added {count} times: {count} errors to sum.",
            3,
        ),
        Reason(
            "sum.copies",
            _copied,
            "A sum changes by just as much as each of its terms does, so each term gets the "
            "gradient whole.",
            "The sum hands its gradient on whole.",
            1,
        ),
    ),
    "subtract": (
        Reason(
            "difference.taken",
            _taken_away,
            "{x} is subtracted in {y}: the larger it is, the smaller {y}. So the sign flips.",
            "{x} is subtracted, so the sign flips.",
        ),
        Reason(
            "difference.rows",
            _taken_from_rows,
            "The same {x} was subtracted {count} times in {y}. Each of these differences has its "
            "own error, and the gradient of {x} is minus the sum of these errors.",
            "{x} was subtracted {count} times: minus {count} errors.",
            3,
        ),
        Reason(
            "difference.copies",
            _copied_alone,
            "{y} changes by just as much as {x}, whatever is subtracted; so the gradient stays "
            "as it is.",
            "{y} changes by just as much as {x}.",
            1,
        ),
    ),
    "negative": (
        Reason(
            "sign.turned",
            direct_operand,
            "The sign was flipped on the way forward; it flips again on the way back.",
            "The sign flips back.",
            1,
        ),
    ),
    "multiply": (
        Reason(
            "product.zero",
            _by_zero,
            "{x} is multiplied by {other}, which is 0 here: on this path a nudge of {x} has no "
            "effect, and the gradient that comes back along it is 0.",
            "Times 0 again: {x} has no effect on this path.",
            3,
        ),
        Reason(
            "product.mask",
            _masked,
            "{other} holds zeros and ones. Where it has a 0, {x} was wiped out, so no gradient "
            "comes back there.",
            "The mask {other} passes gradients back where it passed values on.",
            3,
        ),
        Reason(
            "product.gate",
            _gated,
            "{other} is a gate: its entries, here from {low} to {high}, say how much of the "
            "value passes forward and how much of the gradient passes back.",
            "The gate {other} lets {low} to {high} of the gradient back.",
            3,
        ),
        Reason(
            "product.square",
            _same_factor,
            "{x} is multiplied by itself: each of the two factors has the other as its slope.",
            "{x} times itself: two factors, two shares.",
            3,
        ),
        Reason(
            "product.fixed",
            _fixed_factor,
            "The fixed factor {value} scales a nudge of {x} on its way forward, and the gradient "
            "on its way back.",
            "The factor {value} again.",
        ),
        Reason(
            "product.counts",
            _counts_times,
            "Nudge {x}, and {y} moves {other} times as far, here by a factor of {value}. The "
            "gradient comes back by the same factor.",
            "Nudge {x}, and {y} moves by a factor of {value}.",
        ),
        Reason(
            "product.swap",
            _swapped_factors,
            "In a product each factor is the other one's slope: what comes back to {x} is "
            "multiplied by {other}.",
            "The other factor, {other}, is the slope.",
        ),
    ),
    "divide": (
        Reason(
            "quotient.root",
            _scaled_by_root,
            "A sum of {count} products tends to grow like the square root of {count}. Divided by "
            "{value} it keeps its size, which keeps a softmax off its flat ends; the gradient is "
            "divided by the same number.",
            "The root of {count} divides the gradient too.",
        ),
        Reason(
            "quotient.fixed",
            _fixed_divisor,
            "Divided by {value}, a nudge of {x} has so much less effect; so has its gradient.",
            "Divided by {value} again.",
        ),
        Reason(
            "quotient.above",
            _above_the_line,
            "{x} is the numerator: the quotient changes with it at the rate 1 over {other}.",
            "1 over {other}, because {x} is the numerator.",
        ),
        Reason(
            "quotient.below",
            _shrinks_the_quotient,
            "{x} is the denominator: a larger divisor gives a smaller quotient. Hence the minus.",
            "A minus, because {x} is the denominator.",
        ),
        Reason(
            "quotient.reciprocal",
            _reciprocal,
            "{x} is the denominator. The minus comes from the reciprocal, whose slope is −1 over "
            "the square.",
            "The minus of the reciprocal, because {x} is the denominator.",
        ),
    ),
    "power": (
        *ERROR_REASONS,
        Reason(
            "power.exponent",
            _fixed_exponent,
            "The exponent comes down as a factor, and the power drops by one.",
            "The exponent {exponent} comes down again.",
        ),
    ),
    "square": (
        *ERROR_REASONS,
        Reason(
            "square.double",
            direct_operand,
            "A square of side x has two sides to grow along: its slope is 2x.",
            "The slope of the square is 2x.",
        ),
    ),
    "maximum": (
        Reason(
            "larger.cut_off",
            _cut_off,
            "Where {inside} is above 0, its gradient passes; elsewhere the larger of the two is 0, "
            "whatever {inside} does, and nothing comes back. Entries above 0: {above} of {count}.",
            "Entries of {inside} above 0: {above} of {count}.",
        ),
        Reason(
            "larger.wins",
            _larger,
            "Only the one that wins moves the result: where {x} does, it gets the gradient; where "
            "it loses, 0.",
            "{x} gets the gradient where it wins.",
        ),
    ),
    "minimum": (
        Reason(
            "smaller.wins",
            _larger,
            "The result is the smaller of the two: where that is {x}, it gets the gradient, "
            "elsewhere 0.",
            "{x} gets the gradient where it is the smaller.",
        ),
    ),
    "where": (
        Reason(
            "choice.taken",
            _larger,
            "Where {x} was chosen, the gradient goes to it; where the other was, {x} gets 0.",
            "{x} gets the gradient where it was chosen.",
        ),
    ),
}


FORWARD: Final[Mapping[str, tuple[Reason, ...]]] = {
    "add": (
        purpose("sum.rows", _adds_to_rows, "{x} is added to each of the {count} rows.", 3),
        purpose(
            "sum.skip",
            _skips,
            "{x} is added to what was computed from it: a shortcut past {other}, for the value "
            "now and for the gradient later.",
            3,
        ),
        purpose(
            "sum.bias",
            _adds_bias,
            "{x} shifts {y}, whatever comes in.",
            1,
        ),
    ),
    "multiply": (
        purpose(
            "product.weight",
            _weighed_guess,
            "The prediction {y}: the input {x} times the weight {w}.",
        ),
        purpose("product.input", _scalar_weight, "The input {x} times the weight {w}.", 1),
        purpose("product.gate", _gates, "{other} decides how much of {x} goes on."),
    ),
    "divide": (
        purpose(
            "quotient.root",
            _scales_by_root,
            "Divided by the root of {count}, because sums of {count} products are larger by "
            "about that factor.",
            3,
        ),
        purpose(
            "quotient.shares",
            _shares_a_total,
            "Divided by their sum, the entries of {x} become shares that add up to 1.",
        ),
    ),
    "maximum": (
        purpose(
            "larger.cut_off",
            _cut_off,
            "What is negative in {inside} is cut off at 0; of {count} entries {above} remain.",
        ),
    ),
    "power": (GUESSED,),
    "square": (GUESSED,),
}
