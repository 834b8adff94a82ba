"""The reasons of the table's rows: conditions on a use, and what is said where they hold.

The conditions first, then the sentences by operation. A condition that needs numbers does not hold
where there are too many of them, so nothing is claimed that was not looked at.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from tracer.expression.syntax import Call, Name, Node
from tracer.operations.literals import literal
from tracer.operations.reason import Reason, Slots, Use, agree, entry_of, extent

__all__ = ["FORWARD", "REASONS"]

FLAT: Final = 0.01  # a slope below it lets hardly anything through
STRAIGHT: Final = 0.9  # a slope above it, of tanh, is nearly that of a line
SURE: Final = 0.95  # a probability from which little is left to learn
LEAST_VARIANCE: Final = 1e-12  # p(1 − p) counts as at least this in the binary cross-entropy
COMPARISONS: Final = frozenset(  # of a guess, the first operand, with a target
    (
        *("subtract", "mse", "mae", "squared_error", "half_squared_error"),
        *("bce", "bce_with_logits"),
    )
)
LEAST_LOG: Final = -100.0  # no clipped logarithm is taken below it


# Conditions: what every operation may ask -------------------------------------------------------


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


def _taken_away(use: Use) -> Slots | None:
    if use.position != 1 or not use.direct or not use.whole or not use.alone:
        return None
    if not agree(use.gradient, _negated(use.upstream)):
        return None
    return {"x": use.x, "y": use.y}


def _negated(values: Sequence[float] | None) -> list[float] | None:
    return None if values is None else [-value for value in values]


# Products and quotients -------------------------------------------------------------------------


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
    if not (use.direct and gate and values) or _is_one(values):
        return None
    if use.shape(use.other) != use.shape(use.x) or use.kind(use.x) != "value":
        return None
    low, high = extent(values)
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


def _swapped_factors(use: Use) -> Slots | None:
    return {"x": use.x, "other": use.other} if use.direct and use.other != use.x else None


def _same_factor(use: Use) -> Slots | None:
    return {"x": use.x} if use.direct and use.other == use.x else None


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
    if size < 2 or not agree([divisor[0] ** 2], [float(size)]):
        return None
    return {"count": size, "value": divisor[0]}


def _fixed_divisor(use: Use) -> Slots | None:
    values = use.numbers(use.other)
    if use.position != 0 or values is None or len(values) != 1 or values[0] <= 1:
        return None
    if use.kind(use.other) not in ("number", "constant") or not use.direct:
        return None
    return {"x": use.x, "value": values[0]}


def _above_the_line(use: Use) -> Slots | None:
    return {"x": use.x, "other": use.other} if use.position == 0 and use.direct else None


def _below_the_line(use: Use) -> Slots | None:
    return {"x": use.x} if use.position == 1 and use.direct else None


def _shrinks_the_quotient(use: Use) -> Slots | None:
    """All that is divided is above 0, so that a larger divisor gives less."""
    above = use.numbers(use.operands[0])
    return _below_the_line(use) if above and min(above) > 0 and use.alone else None


def _reciprocal(use: Use) -> Slots | None:
    return None if _shrinks_the_quotient(use) else _below_the_line(use)


def _error_sides(use: Use) -> tuple[Node, Node, float, float] | None:
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


def _too_small(use: Use) -> Slots | None:
    sides = _error_sides(use)
    if sides is None or sides[2] >= sides[3]:
        return None
    return {"x": sides[0], "other": sides[1], "loss": Name(use.loss)}


def _too_large(use: Use) -> Slots | None:
    sides = _error_sides(use)
    if sides is None or sides[2] <= sides[3]:
        return None
    return {"x": sides[0], "other": sides[1], "loss": Name(use.loss)}


def _just_right(use: Use) -> Slots | None:
    sides = _error_sides(use)
    return {"x": sides[0], "other": sides[1]} if sides and sides[2] == sides[3] else None


def _fixed_exponent(use: Use) -> Slots | None:
    exponent = literal(use.operands[1])
    if use.position != 0 or exponent is None or exponent in (0, 1):
        return None
    return {"exponent": use.operands[1]}


# Losses -----------------------------------------------------------------------------------------


def _errors(use: Use, factor: float) -> Slots | None:
    """The gradient of a loss of differences is so many times the difference, entry by entry."""
    if use.position != 0 or not use.direct or not use.whole or use.y.id != use.loss:
        return None
    mine, its = use.numbers(use.x), use.numbers(use.other)
    if mine is None or its is None:
        return None
    wanted = [factor * (a - b) for a, b in zip(mine, its, strict=True)]
    if not agree(use.gradient, wanted):
        return None
    return {"x": use.x, "other": use.other, "count": len(mine), "loss": Name(use.loss)}


def _mean_of_squares(use: Use) -> Slots | None:
    count = math.prod(use.shape(use.operand))
    return _errors(use, 2 / count) if count > 1 else None


def _sum_of_squares(use: Use) -> Slots | None:
    return _errors(use, 2)


def _half_squares(use: Use) -> Slots | None:
    return _errors(use, 1)


def _absolute_errors(use: Use) -> Slots | None:
    """Every entry of the gradient has one size: none is 0, as where there is no error."""
    gradient = use.gradient
    if use.position != 0 or not use.direct or not gradient or use.y.id != use.loss:
        return None
    sizes = sorted({abs(value) for value in gradient})
    if not sizes[0] or not agree([sizes[0]], [sizes[-1]]):
        return None
    return {"x": use.x, "other": use.other, "value": sizes[-1]}


def _probabilities(use: Use) -> tuple[list[float], list[int]] | None:
    """Return softmax of the scores, row by row, and the labels' classes."""
    scores, labels = use.numbers(use.operands[0]), use.numbers(use.operands[1])
    if scores is None or labels is None or use.position != 0:
        return None
    classes = use.shape(use.operands[0])[-1]
    found: list[float] = []
    for start in range(0, len(scores), classes):
        row = scores[start : start + classes]
        top = max(row)
        powers = [math.exp(value - top) for value in row]
        total = math.fsum(powers)
        found += [power / total for power in powers]
    return found, [int(label) for label in labels]


def _label_probability(use: Use) -> tuple[float, bool] | None:
    """Return one sample's probability of its class, and whether no other class has more."""
    both = _probabilities(use)
    if both is None or _less_the_label_of_one(use) is None:
        return None
    probabilities, (label,) = both
    return probabilities[label], probabilities[label] >= max(probabilities)


def _less_the_label(use: Use) -> Slots | None:
    """The gradient is p − y, over the number of samples."""
    both = _probabilities(use)
    if both is None or not use.whole or use.y.id != use.loss or not use.direct:
        return None
    probabilities, labels = both
    classes = len(probabilities) // len(labels)
    wanted = [
        (value - (place % classes == labels[place // classes])) / len(labels)
        for place, value in enumerate(probabilities)
    ]
    return {"count": len(labels), "x": use.x} if agree(use.gradient, wanted) else None


def _less_the_label_of_one(use: Use) -> Slots | None:
    slots = _less_the_label(use)
    return slots if slots is not None and slots["count"] == 1 else None


def _less_the_label_of_many(use: Use) -> Slots | None:
    slots = _less_the_label(use)
    return slots if slots is not None and slots["count"] != 1 else None


def _is_sure(use: Use) -> Slots | None:
    found = _label_probability(use)
    return {"value": found[0]} if found is not None and found[0] >= SURE else None


def _another_leads(use: Use) -> Slots | None:
    found = _label_probability(use)
    return {"value": found[0]} if found is not None and not found[1] else None


def _first_operand(use: Use) -> Slots | None:
    return {"x": use.x} if use.position == 0 and use.direct else None


def _log_odds(use: Use) -> Slots | None:
    """The gradient is p − y, over the number of entries."""
    scores, labels = use.numbers(use.x), use.numbers(use.operands[1])
    if _first_operand(use) is None or not use.whole or scores is None or labels is None:
        return None
    count = len(scores)
    if len(labels) != count:
        return None
    errors = [
        (0.5 + 0.5 * math.tanh(score / 2) - label) / count
        for score, label in zip(scores, labels, strict=True)
    ]
    return {"x": use.x, "count": count} if agree(use.gradient, errors) else None


def _log_odds_of_one(use: Use) -> Slots | None:
    slots = _log_odds(use)
    return slots if slots is not None and slots["count"] == 1 else None


def _log_odds_of_many(use: Use) -> Slots | None:
    slots = _log_odds(use)
    return slots if slots is not None and slots["count"] != 1 else None


def _unclipped(use: Use) -> Slots | None:
    """No probability is so near to 0 or 1 that the loss counts it as further away."""
    at = use.numbers(use.x)
    if _first_operand(use) is None or not at or min(p * (1 - p) for p in at) <= LEAST_VARIANCE:
        return None
    return {"x": use.x}


def _from_a_sigmoid(use: Use) -> Slots | None:
    slots = _unclipped(use)
    return slots if slots is not None and use.computed_by(use.x, "sigmoid") else None


def _label_only(use: Use) -> Slots | None:
    """The one slope that is not 0 is −1/p, that of the label's probability."""
    at, labels = use.numbers(use.x), use.numbers(use.operands[1])
    if _first_operand(use) is None or not use.whole or at is None or labels is None:
        return None
    if len(labels) != 1 or at[int(labels[0])] <= 0:
        return None
    slopes = [-1 / p if place == int(labels[0]) else 0.0 for place, p in enumerate(at)]
    return {"x": use.x} if agree(use.gradient, slopes) else None


def _labels_only(use: Use) -> Slots | None:
    """The same of several samples, over their number."""
    at, labels = use.numbers(use.x), use.numbers(use.operands[1])
    if _first_operand(use) is None or not use.whole or at is None or labels is None:
        return None
    count, classes = len(labels), use.shape(use.x)[-1]
    chosen = {row * classes + int(label) for row, label in enumerate(labels)}
    if count < 2 or min(at[place] for place in chosen) <= 0:
        return None
    slopes = [-1 / (p * count) if place in chosen else 0.0 for place, p in enumerate(at)]
    return {"x": use.x, "count": count} if agree(use.gradient, slopes) else None


# Functions of each entry ------------------------------------------------------------------------


def _slopes_from_output(use: Use, slope: str) -> tuple[list[float], Sequence[float]] | None:
    """Return the slopes of a function and where they are, worked out from what it gave."""
    if not use.whole or not use.direct:
        return None
    out, at = use.numbers(use.y), use.numbers(use.x)
    if out is None or at is None or not out:
        return None
    values = [a * (1 - a) if slope == "sigmoid" else 1 - a * a for a in out]
    return values, at


def _saturated(use: Use) -> Slots | None:
    """Some unit stands where the function is flat; the flattest is named."""
    found = _slopes_from_output(use, use.call.operation)
    if found is None:
        return None
    slopes, at = found
    slope = min(slopes)
    if slope >= FLAT:
        return None
    place = slopes.index(slope)
    entry = entry_of(use.x, place, use.shape(use.x))
    return {"x": entry, "at": at[place], "slope": slope}


def _is_one(values: Sequence[float]) -> bool:
    """Tell whether some numbers are one and the same, but for rounding in the run."""
    return agree(values, [values[0]] * len(values))


def _slope(use: Use) -> Slots | None:
    """One slope at one place, where it is not flat."""
    found = _slopes_from_output(use, use.call.operation)
    if found is None or not _is_one(found[1]) or found[0][0] < FLAT:
        return None
    return {"x": use.x, "at": found[1][0], "slope": found[0][0]}


def _slopes(use: Use) -> Slots | None:
    found = _slopes_from_output(use, use.call.operation)
    if found is None or _is_one(found[0]) or min(found[0]) < FLAT:
        return None
    low, high = extent(found[0])
    return {"x": use.x, "low": low, "high": high}


def _nearly_straight(use: Use) -> Slots | None:
    found = _slopes_from_output(use, use.call.operation)
    if found is None or min(found[0]) < STRAIGHT:
        return None
    return {"x": use.x, "low": min(found[0])}


def _sides_of_zero(use: Use) -> tuple[int, int, int] | None:
    """Return how many entries are below 0, how many 0 and how many above."""
    at = use.numbers(use.x)
    if not use.direct or not at or not use.whole or use.position != 0:
        return None
    below, above = sum(value < 0 for value in at), sum(value > 0 for value in at)
    return below, len(at) - below - above, above


def _all_off(use: Use) -> Slots | None:
    sides = _sides_of_zero(use)
    return {"x": use.x, "y": use.y} if sides is not None and not any(sides[1:]) else None


def _all_on(use: Use) -> Slots | None:
    sides = _sides_of_zero(use)
    return {"x": use.x} if sides is not None and not any(sides[:2]) else None


def _some_on(use: Use) -> Slots | None:
    sides, at = _sides_of_zero(use), use.numbers(use.x)
    if sides is None or at is None or not sides[0] or not sides[2]:
        return None
    lowest = min(range(len(at)), key=lambda place: at[place])
    entry = entry_of(use.x, lowest, use.shape(use.x))
    return {"entry": entry, "at": at[lowest], "above": sides[2], "count": len(at)}


def _in_the_corner(use: Use) -> Slots | None:
    """Some entry is just 0, where the function has no slope of its own."""
    sides = _sides_of_zero(use)
    if sides is None or not sides[1]:
        return None
    return {"x": use.x, "below": sides[0], "zero": sides[1], "above": sides[2]}


def _some_below(use: Use) -> Slots | None:
    """Every entry below 0 has part of what comes in, and none has all or nothing of it."""
    sides, at = _sides_of_zero(use), use.numbers(use.x)
    before, after = use.upstream, use.gradient
    if sides is None or not sides[0] or at is None or before is None or after is None:
        return None
    if not len(at) == len(before) == len(after):
        return None
    below = [(b, a) for value, b, a in zip(at, before, after, strict=True) if value < 0]
    if not all(0 < abs(a) < abs(b) for b, a in below):
        return None
    return {"x": use.x, "count": sides[0]}


def _trained_slope(use: Use) -> Slots | None:
    return {"x": use.x, "other": use.other} if use.position == 1 and use.direct else None


def _observed_slopes(use: Use) -> list[float] | None:
    """Return the slopes that a step shows: its gradient over the one that comes in."""
    before, after = use.upstream, use.gradient
    if not use.whole or not use.direct or before is None or after is None:
        return None
    if len(before) != len(after):
        return None
    return [b / a for a, b in zip(before, after, strict=True) if a] or None


def _bends_back(use: Use) -> Slots | None:
    slopes = _observed_slopes(use)
    return {"x": use.x, "low": min(slopes)} if slopes and min(slopes) < -1e-9 else None


def _smooth_slope(use: Use) -> Slots | None:
    """All slopes are one number."""
    slopes = _observed_slopes(use)
    if not slopes or min(slopes) < 0 or not _is_one(slopes):
        return None
    return {"x": use.x, "slope": slopes[0]}


def _smooth_slopes(use: Use) -> Slots | None:
    slopes = _observed_slopes(use)
    if not slopes or min(slopes) < 0 or _is_one(slopes):
        return None
    low, high = extent(slopes)
    return {"x": use.x, "low": low, "high": high}


def _steep_log(use: Use) -> Slots | None:
    slots, at = _positive(use), use.numbers(use.operand)
    return {"low": min(at)} if slots and at and min(at) < 0.1 else None


def _positive(use: Use) -> Slots | None:
    """No entry is 0 or below, or so near to 0 that its logarithm is clipped."""
    at = use.numbers(use.operand)
    least = math.exp(LEAST_LOG) if use.call.operation == "clipped_log" else 0
    return {"x": use.operand} if at and min(at) > least else None


# Softmax, sums and extremes ---------------------------------------------------------------------


def _rows_cancel(use: Use, along: int = -1) -> Slots | None:
    """Each row of the gradient sums to 0."""
    gradient, shape = use.gradient, use.shape(use.x)
    if gradient is None or not shape or not use.direct or not any(gradient):
        return None
    if use.attributes.get("axis", along) not in (-1, len(shape) - 1):
        return None
    size = shape[-1]
    for start in range(0, len(gradient), size):
        row = gradient[start : start + size]
        if abs(math.fsum(row)) > 1e-5 * max(math.fsum(map(abs, row)), 1e-12):
            return None
    return {"x": use.x}


def _zero_weights(use: Use) -> Slots | None:
    """A masked entry had no weight, and gets no gradient."""
    out, gradient = use.numbers(use.y), use.gradient
    scores = use.record.entries(use.operand)
    if (
        not use.whole
        or scores is None
        or out is None
        or gradient is None
        or len(out) != len(gradient)
    ):
        return None
    masked = [score == -math.inf for score in scores]
    if any(is_out and (a or g) for is_out, a, g in zip(masked, out, gradient, strict=True)):
        return None
    return {"count": sum(masked)} if any(masked) else None


def _shares(use: Use) -> Slots | None:
    """The gradient is softmax of x, times what comes in."""
    both, upstream = use.gradient, use.upstream
    if both is None or upstream is None or len(upstream) != 1 or not use.whole:
        return None
    return {"x": use.x} if agree([math.fsum(both)], [upstream[0]]) else None


def _counted_once(use: Use) -> Slots | None:
    """Every entry of a sum of all gets the one gradient that comes in."""
    gradient, upstream = use.gradient, use.upstream
    if not use.whole or gradient is None or upstream is None or len(upstream) != 1:
        return None
    return {"x": use.x} if agree(gradient, [upstream[0]] * len(gradient)) else None


def _counted_in_part(use: Use) -> Slots | None:
    """A mean of all entries, or of those along some axes."""
    size, results = math.prod(use.shape(use.operand)), math.prod(use.shape(use.call))
    return {"count": size // results} if size > results > 0 else None


def _pooled_apart(use: Use) -> Slots | None:
    """A mean of each window, where no window overlaps another."""
    size, stride = use.attributes["size"], use.attributes.get("stride")
    axes = 2 if use.call.operation == "avg_pool2d" else 1
    sizes = size if isinstance(size, tuple) else (size,) * axes
    steps = sizes if stride is None else stride if isinstance(stride, tuple) else (stride,) * axes
    if any(step < window for step, window in zip(steps, sizes, strict=True)):
        return None
    return {"count": math.prod(sizes)} if math.prod(sizes) > 1 else None


def _winners(use: Use) -> tuple[int, bool] | None:
    """Return how many entries get nothing of an extreme, and whether one of them may be a tie."""
    gradient, at, upstream = use.gradient, use.numbers(use.x), use.upstream
    if gradient is None or at is None or upstream is None or not use.direct or not use.whole:
        return None
    extremes = math.prod(use.shape(use.call))
    moved = sum(value != 0 for value in gradient)
    if not all(upstream) or not moved or moved > extremes or len(gradient) <= extremes:
        return None
    won = {value for value, slope in zip(at, gradient, strict=True) if slope}
    lost = {value for value, slope in zip(at, gradient, strict=True) if not slope}
    return len(gradient) - moved, not won.isdisjoint(lost)


def _one_place(use: Use) -> Slots | None:
    """One entry of each extreme gets all of the gradient, and no other one is as large."""
    found = _winners(use)
    return {"x": use.x, "count": found[0]} if found is not None and not found[1] else None


def _first_of_equals(use: Use) -> Slots | None:
    found = _winners(use)
    return {"x": use.x} if found is not None and found[1] else None


def _larger(use: Use) -> Slots | None:
    """Each entry's gradient is what comes in, or 0."""
    gradient, upstream = use.gradient, use.upstream
    if not use.whole or gradient is None or upstream is None or len(gradient) != len(upstream):
        return None
    if any(g not in (0.0, u) for g, u in zip(gradient, upstream, strict=True)):
        return None
    return {"x": use.x}


# Matrix products --------------------------------------------------------------------------------


def _dimensions(use: Use) -> tuple[int, int]:
    return len(use.shape(use.operands[0])), len(use.shape(use.operands[1]))


def _stands_behind_rows(use: Use) -> bool:
    """Tell whether this is W in X W, or w in X w where X is no weight."""
    left, right = _dimensions(use)
    weighs = right == 1 and use.kind(use.x) == "parameter" != use.kind(use.other)
    return use.position == 1 and use.direct and left == 2 and (right == 2 or weighs)


def _weight_of_vector(use: Use) -> Slots | None:
    """W in W x."""
    if use.position != 0 or not use.direct or _dimensions(use) != (2, 1):
        return None
    return {"w": use.x, "other": use.other, "y": use.y}


def _silent_input(use: Use) -> Slots | None:
    """Some input is 0, so a column of the weight's gradient is 0."""
    if _weight_of_vector(use) is None:
        return None
    values = use.numbers(use.other)
    if values is None or 0.0 not in values:
        return None
    is_entry = isinstance(use.other, Call) and use.other.operation == "index"
    if not any(values) or not (is_entry or isinstance(use.other, Name)):
        return None
    entry = entry_of(use.other, list(values).index(0.0), use.shape(use.other))
    return {"w": use.x, "entry": entry}


def _all_silent(use: Use) -> Slots | None:
    """All inputs are 0, so the weight's gradient is 0."""
    values = use.numbers(use.other)
    if not use.direct or values is None or any(values):
        return None
    return {"w": use.x, "other": use.other}


def _input_of_matrix(use: Use) -> Slots | None:
    """X in W x."""
    if use.position != 1 or not use.direct or _dimensions(use) != (2, 1):
        return None
    if _stands_behind_rows(use):
        return None
    return {"w": use.other, "x": use.x}


def _one_output(use: Use) -> Slots | None:
    """X in W x, where W has one row: no sum over outputs."""
    slots = _input_of_matrix(use)
    return slots if slots is not None and use.shape(use.other)[0] == 1 else None


def _weight_of_rows(use: Use) -> Slots | None:
    """W or w in X W, with n rows in X."""
    count = use.shape(use.other)[0] if _stands_behind_rows(use) else 0
    if use.kind(use.x) != "parameter" or count < 2:
        return None
    return {"w": use.x, "other": use.other, "count": count}


def _weight_of_one_row(use: Use) -> Slots | None:
    """W or w in X W, where X has one row."""
    if not _stands_behind_rows(use) or use.shape(use.other)[0] != 1:
        return None
    return {"x": use.x, "other": use.other}


def _weight_of_batch(use: Use) -> Slots | None:
    """W in X W, with X an array of matrices."""
    shape = use.shape(use.other)
    if use.position != 1 or not use.direct or use.kind(use.x) != "parameter" or len(shape) < 3:
        return None
    count = math.prod(shape[:-1])
    return {"w": use.x, "other": use.other, "count": count} if count > 1 else None


def _rows_of_weight(use: Use) -> Slots | None:
    """X in X W."""
    if use.position != 0 or not use.direct or _dimensions(use) != (2, 2):
        return None
    if use.kind(use.other) != "parameter":
        return None
    return {"w": use.other, "x": use.x}


def _matrix_on_the_left(use: Use) -> Slots | None:
    """W in W X, each column of X an example."""
    if use.position != 0 or not use.direct or _dimensions(use) != (2, 2):
        return None
    count = use.shape(use.other)[1]
    if use.kind(use.x) != "parameter" or count < 2:
        return None
    return {"w": use.x, "other": use.other, "count": count}


def _vector_times_matrix(use: Use) -> Slots | None:
    """x, or W, in x W."""
    if not use.direct or _dimensions(use) != (1, 2):
        return None
    return {"x": use.x, "other": use.other}


def _row_input(use: Use) -> Slots | None:
    return _vector_times_matrix(use) if use.position == 0 else None


def _row_weight(use: Use) -> Slots | None:
    return _vector_times_matrix(use) if use.position == 1 else None


def _scalar_product(use: Use) -> Slots | None:
    if not use.direct or _dimensions(use) != (1, 1):
        return None
    return {"x": use.x, "other": use.other}


def _is_mixing(use: Use) -> bool:
    """Tell whether the left factor's rows are shares: none negative, and they add up to 1."""
    shares, shape = use.numbers(use.operands[0]), use.shape(use.operands[0])
    if shares is None or len(shape) < 2 or not use.computed_by(use.operands[0], "softmax"):
        return False
    size = shape[-1]
    rows = [shares[start : start + size] for start in range(0, len(shares), size)]
    return min(shares) >= 0 and agree([math.fsum(row) for row in rows], [1.0] * len(rows))


def _mixed_values(use: Use) -> Slots | None:
    """V in A V, where the rows of A are shares."""
    if use.position != 1 or not use.direct or not _is_mixing(use):
        return None
    return {"x": use.x, "other": use.other}


def _mixing_shares(use: Use) -> Slots | None:
    if use.position != 0 or not use.direct or not _is_mixing(use):
        return None
    return {"x": use.x, "other": use.other}


def _both_computed(use: Use) -> Slots | None:
    """Neither factor is a weight."""
    kinds = {use.kind(_unturned(part)) for part in use.operands}
    if _unturned(use.operand) != use.x or kinds != {"value"}:
        return None
    return {"x": use.x, "other": _unturned(use.other)}


def _unturned(node: Node) -> Node:
    """Return what is transposed; anything else as it is."""
    while isinstance(node, Call) and node.operation in ("transpose", "transpose_last"):
        node = node.arguments[0]
    return node


# Entries that only move -------------------------------------------------------------------------


def _looked_up(use: Use) -> Slots | None:
    """Rows of a table that no id asks for get a gradient of 0."""
    ids = use.numbers(use.operands[1])
    if use.position != 0 or not use.direct or ids is None:
        return None
    rows = use.shape(use.x)[0]
    used = {int(value) for value in ids}
    repeated = len(ids) - len(used)
    if len(used) >= rows:
        return None
    return {"x": use.x, "used": len(used), "count": rows, "repeated": repeated}


def _looked_up_once(use: Use) -> Slots | None:
    slots = _looked_up(use)
    return slots if slots is not None and not slots["repeated"] else None


def _looked_up_again(use: Use) -> Slots | None:
    slots = _looked_up(use)
    return slots if slots is not None and slots["repeated"] else None


def _direct(use: Use) -> Slots | None:
    return {"x": use.x, "y": use.y} if use.direct else None


def _fewer_chosen(use: Use) -> Slots | None:
    """An index picks some entries of x and leaves others."""
    chosen, all_entries = math.prod(use.shape(use.call)), math.prod(use.shape(use.operand))
    if not use.direct or use.position != 0 or chosen >= all_entries:
        return None
    return {"x": use.x, "chosen": chosen, "count": all_entries}


# Layers -----------------------------------------------------------------------------------------


def _gain(use: Use) -> Slots | None:
    return {"x": use.x} if use.position == 1 and use.direct else None


def _offset(use: Use) -> Slots | None:
    return {"x": use.x} if use.position == 2 and use.direct else None


def _normed(use: Use) -> Slots | None:
    return _rows_cancel(use) if use.position == 0 else None


def _dropped(use: Use) -> Slots | None:
    """Where dropout has put a 0, the gradient is 0; the others are stretched."""
    out, at = use.numbers(use.y), use.numbers(use.x)
    gradient = use.gradient
    if not use.whole or not use.direct or out is None or at is None or gradient is None:
        return None
    off = [place for place, (a, b) in enumerate(zip(out, at, strict=True)) if b and not a]
    if not off or any(gradient[place] for place in off):
        return None
    return {"x": use.x, "count": len(off)}


def _filter(use: Use) -> Slots | None:
    """A filter slides over a picture: it meets one patch of it at each place."""
    moving = len(use.shape(use.operands[1])) - 2  # axes that a filter slides along
    places = math.prod(use.shape(use.call)[-moving:])
    if use.position != 1 or not use.direct or places < 2:
        return None
    return {"x": use.x, "count": places}


def _under_filters(use: Use) -> Slots | None:
    return {"x": use.x, "other": use.operands[1]} if use.position == 0 and use.direct else None


def _filter_offset(use: Use) -> Slots | None:
    return {"x": use.x} if use.position == 2 and use.direct else None


# The sentences ----------------------------------------------------------------------------------

_ERROR = (
    Reason(
        "error.too_small",
        _too_small,
        "{x} lies below {other}. A larger {x} would lower {loss}, so the slope is negative; its 2 "
        "comes from the square.",
        "{x} lies below {other} again, so the slope is negative.",
        3,
    ),
    Reason(
        "error.too_large",
        _too_large,
        "{x} lies above {other}. A larger {x} would raise {loss} further, so the slope is "
        "positive; its 2 comes from the square.",
        "{x} lies above {other} again, so the slope is positive.",
        3,
    ),
    Reason(
        "error.none",
        _just_right,
        "{x} is just what it should be, {other}. A parabola is flat at its lowest point, so the "
        "slope is 0.",
        "{x} hits {other} once more: slope 0.",
        3,
    ),
)

_POOLED = (
    Reason(
        "extreme.one_place",
        _one_place,
        "Only the entry that won moves the result, so it gets the whole gradient. A nudge of one "
        "of the other {count} changes nothing: gradient 0.",
        "The gradient goes where the winner stood.",
    ),
    Reason(
        "extreme.first",
        _first_of_equals,
        "The whole gradient goes to the entry that won; of equal ones, by convention, to the "
        "first.",
        "To the winner again, of equal ones to the first.",
    ),
)

_MOVED = Reason(
    "moved.back",
    _direct,
    "Here entries only change places. The gradient takes the same way back.",
    "The gradient changes places in the other direction.",
    1,
)

_NORMED = (
    Reason(
        "norm.rows_cancel",
        _normed,
        "Raise a whole row of {x} by the same amount and its mean takes that away again: the "
        "result stays. So the gradients in a row must add up to 0.",
        "Again a row's gradients add up to 0, because its mean is taken off.",
        3,
    ),
    Reason(
        "norm.gain",
        _gain,
        "{x} multiplies the normed entries of every row, so its gradient is the error "
        "times the normed entry, summed over the rows.",
        "The error times the normed entry, for the gain.",
    ),
    Reason(
        "norm.offset",
        _offset,
        "{x} is added last, after the norm, to every row. So it just collects the errors.",
        "{x} is added last and collects the errors.",
    ),
)

_CONVOLUTION = (
    Reason(
        "filter.everywhere",
        _filter,
        "The same filter {x} was laid on {count} places of the picture. Each place contributes "
        "its error times the patch under it, and the contributions add up.",
        "One filter, {count} places: the sum of error times patch.",
    ),
    Reason(
        "filter.input",
        _under_filters,
        "An entry of {x} lay under the filter several times, each time under another of its "
        "weights. Each time an error comes back, multiplied by that weight.",
        "Each place sends its error back through the weights of {other}.",
    ),
    Reason(
        "filter.offset",
        _filter_offset,
        "{x} was added at every place of the picture, so the errors of all places add up.",
        "Errors of all places add up for {x}.",
    ),
)

_EVEN_WORDS = (
    "A mean of {count} entries weights each of them by 1/{count}, so each gets that share of the "
    "gradient.",
    "Shared out evenly again among {count}.",
)
_EVEN = Reason("even.share", _counted_in_part, *_EVEN_WORDS)
_POOLED_EVENLY = Reason("even.pool", _pooled_apart, *_EVEN_WORDS)

_LEAKY = (
    Reason(
        "leaky.below",
        _some_below,
        "Below 0 this function is not shut, only less steep: what stands there still learns a "
        "little. Entries of {x} below 0: {count}.",
        "Entries below 0: {count}; they let less through, but not nothing.",
    ),
    Reason(
        "leaky.all_on",
        _all_on,
        "All entries of {x} are above 0, where the function is the line itself: slope 1.",
        "All above 0 again: slope 1.",
    ),
    Reason(
        "leaky.slope",
        _trained_slope,
        "{x} is the slope below 0. Only entries of {other} that are below 0 ever met it.",
        "Only entries below 0 have met {x}.",
    ),
)

_LEAKY_AT_0 = (
    Reason(
        "leaky.corner",
        _in_the_corner,
        "Just at 0 this function has a corner and no slope of its own; by convention it has the "
        "one from below. Entries of {x} at 0: {zero}, below: {below}, above: {above}.",
        "The slope at 0 is that from below. Entries at 0: {zero}, below: {below}, above: {above}.",
        3,
    ),
    *_LEAKY,
)

_SMOOTH = (
    Reason(
        "smooth.bends_back",
        _bends_back,
        "A little below 0 this function turns and falls before it levels out, so a slope may be "
        "negative: here down to {low}.",
        "One slope is negative again: {low}.",
        3,
    ),
    Reason(
        "smooth.slope",
        _smooth_slope,
        "A ReLU with a rounded corner: instead of 0 or 1, the slope here is {slope}.",
        "A slope of {slope}.",
    ),
    Reason(
        "smooth.slopes",
        _smooth_slopes,
        "A ReLU with a rounded corner: instead of 0 or 1, slopes here run from {low} to {high}.",
        "Slopes from {low} to {high}.",
    ),
)

_LOG = (
    Reason(
        "log.steep",
        _steep_log,
        "A logarithm is steep near 0. The smallest number it sees is {low}, and the slope there "
        "is 1 over that.",
        "1 over a number as small as {low} is steep.",
        3,
    ),
    Reason(
        "log.inverse",
        _positive,
        "A logarithm climbs at the rate 1/x: twice the number, half the slope.",
        "The logarithm's slope, 1/x.",
    ),
)

REASONS: Final[dict[str, tuple[Reason, ...]]] = {
    "add": (
        Reason(
            "sum.bias",
            _bias,
            "{x} is added as it is: raise it a little and {y} rises by just as much. So its "
            "gradient is that of {y}.",
            "{x} is added as it is, so it takes the gradient of {y}.",
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
            _direct,
            "The sign was flipped on the way forward; it flips again on the way back.",
            "The sign flips back.",
            1,
        ),
    ),
    "multiply": (
        Reason(
            "product.zero",
            _by_zero,
            "{x} is multiplied by {other}, which is 0 here: a nudge of {x} has no effect, so its "
            "gradient is 0.",
            "Times 0 again: {x} has no effect.",
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
            "{value} it keeps its size, and softmax stays off its flat ends; the gradient is "
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
        *_ERROR,
        Reason(
            "power.exponent",
            _fixed_exponent,
            "The exponent comes down as a factor, and the power drops by one.",
            "The exponent {exponent} comes down again.",
        ),
    ),
    "square": (
        *_ERROR,
        Reason(
            "square.double",
            _direct,
            "A square of side x has two sides to grow along: its slope is 2x.",
            "The slope of the square is 2x.",
        ),
    ),
    "mse": (
        *_ERROR,
        Reason(
            "mse.errors",
            _mean_of_squares,
            "Each entry is pulled by its own error: twice the error, for the square, divided by "
            "{count}, for the mean. The further off, the harder the pull.",
            "Each entry is pulled by its own error, over {count}.",
        ),
    ),
    "squared_error": (
        *_ERROR,
        Reason(
            "squares.errors",
            _sum_of_squares,
            "Each entry is pulled by twice its own error, and by no other error. The 2 is from "
            "the square.",
            "Twice the error, entry by entry.",
        ),
    ),
    "half_squared_error": (
        Reason(
            "half.errors",
            _half_squares,
            "The ½ was put there to cancel the 2 of the square. What is left is the error "
            "itself: {x} minus {other}.",
            "The error itself, since ½ and 2 cancel.",
        ),
    ),
    "mae": (
        Reason(
            "absolute.side",
            _absolute_errors,
            "The absolute error asks only on which side {x} lies, not how far off: every entry is "
            "pulled equally hard, by {value}.",
            "Every entry is pulled by {value}, whatever its distance.",
        ),
    ),
    "cross_entropy": (
        Reason(
            "classes.sure",
            _is_sure,
            "The right class already has the probability {value}, which is close to 1, so there "
            "is little left to learn from this sample.",
            "The right class has {value}: little left to learn.",
            3,
        ),
        Reason(
            "classes.wrong",
            _another_leads,
            "Another class is in the lead; the right one has only {value}. Its score is pushed "
            "up by 1 minus its probability, and each other score is pushed down by its own "
            "probability.",
            "The right class, with {value}, is behind again.",
            3,
        ),
        Reason(
            "classes.p_minus_y",
            _less_the_label_of_one,
            "The slope of softmax and the 1/p of the logarithm cancel. What is left is p − y: "
            "the probability of each class, minus 1 for the right one.",
            "Again p − y.",
        ),
        Reason(
            "classes.p_minus_y_mean",
            _less_the_label_of_many,
            "The slope of softmax and the 1/p of the logarithm cancel. What is left is p − y, "
            "divided by {count}, since the loss is a mean over so many samples.",
            "Again p − y, over {count} samples.",
        ),
    ),
    "nll": (
        Reason(
            "label.only",
            _label_only,
            "The loss looks at one probability of each sample, that of the right class: its "
            "slope is −1/p, steeper the smaller p is. All others get 0.",
            "Only the right class's probability has a slope: −1/p.",
        ),
        Reason(
            "label.only_mean",
            _labels_only,
            "The loss looks at one probability of each sample, that of the right class: its "
            "slope is −1/p, divided by {count}, since the loss is a mean over so many samples. "
            "All others get 0.",
            "Only the right classes' probabilities have a slope: −1/p, over {count} samples.",
        ),
    ),
    "bce": (
        Reason(
            "yes_no.sigmoid",
            _from_a_sigmoid,
            "The error is divided by p(1 − p). That looks odd, but the sigmoid before it has just "
            "this slope: in the next step the two cancel.",
            "Divided by p(1 − p), which the sigmoid will cancel.",
        ),
        Reason(
            "yes_no.steep",
            _unclipped,
            "The error is divided by p(1 − p): the surer a wrong answer, the steeper the loss.",
            "The error over p(1 − p) again.",
        ),
    ),
    "bce_with_logits": (
        Reason(
            "yes_no.logits",
            _log_odds_of_one,
            "The slopes of the sigmoid and of the logarithm cancel; what is left is the "
            "probability minus the label.",
            "Probability minus label.",
        ),
        Reason(
            "yes_no.logits_mean",
            _log_odds_of_many,
            "The slopes of the sigmoid and of the logarithm cancel; what is left is the "
            "probability minus the label, divided by {count}, since the loss is a mean over so "
            "many entries.",
            "Probability minus label, over {count} entries.",
        ),
    ),
    "sigmoid": (
        Reason(
            "sigmoid.saturated",
            _saturated,
            "{x} is {at}. Out there the sigmoid is nearly flat, with a slope of {slope}, so hardly "
            "anything of the error comes through: the unit is saturated.",
            "Saturated at {at}: a slope of {slope}.",
            3,
        ),
        Reason(
            "sigmoid.slope",
            _slope,
            "At {at} the sigmoid has the slope {slope}. It never has more than 0.25, so this "
            "factor alone leaves at most a quarter of what comes back.",
            "The sigmoid's slope here is {slope}.",
        ),
        Reason(
            "sigmoid.slopes",
            _slopes,
            "Each unit passes its error on in proportion to how steep its sigmoid is: here {low} "
            "to {high}. More than 0.25 is never possible: this factor alone leaves at most a "
            "quarter of an error.",
            "The sigmoids' slopes here: {low} to {high}.",
        ),
    ),
    "tanh": (
        Reason(
            "tanh.saturated",
            _saturated,
            "{x} is {at}. Out there tanh is nearly flat, with a slope of {slope}: the unit is "
            "saturated, and hardly anything comes back.",
            "Saturated at {at}: a slope of {slope}.",
            3,
        ),
        Reason(
            "tanh.straight",
            _nearly_straight,
            "Close to 0 tanh is almost a straight line: all slopes are {low} or more, and nearly "
            "all of the gradient comes through.",
            "Almost straight: slopes of {low} or more.",
            3,
        ),
        Reason(
            "tanh.slope",
            _slope,
            "At {at} tanh has the slope {slope}: 1 minus the square of its output.",
            "The slope of tanh here is {slope}.",
        ),
        Reason(
            "tanh.slopes",
            _slopes,
            "tanh is steepest, with slope 1, in the middle. Here the slopes run from {low} to "
            "{high}: the further out a unit is, the less of its error comes back.",
            "Slopes of tanh here: {low} to {high}.",
        ),
    ),
    "relu": (
        Reason(
            "relu.off",
            _all_off,
            "Nothing of {x} is above 0, so {y} is 0 and stays 0 under a nudge: no gradient comes "
            "back, and nothing before it learns from this.",
            "Off again: {x} is not above 0.",
            3,
        ),
        Reason(
            "relu.corner",
            _in_the_corner,
            "Just at 0 ReLU has a corner and no slope of its own; by convention it counts as 0, as "
            "below 0. Entries of {x} at 0: {zero}, below: {below}, above: {above}.",
            "At 0 the slope counts as 0. Entries at 0: {zero}, below: {below}, above: {above}.",
            3,
        ),
        Reason(
            "relu.some",
            _some_on,
            "{entry} is {at}, not above 0: there the output does not move with it, and the "
            "gradient is 0. The {above} of {count} above 0 let it through unchanged.",
            "Open: {above} of {count}.",
        ),
        Reason(
            "relu.on",
            _all_on,
            "All of {x} is above 0, where ReLU is the line itself: the gradient passes unchanged.",
            "All above 0: the gradient passes.",
        ),
    ),
    "leaky_relu": _LEAKY_AT_0,
    "prelu": _LEAKY_AT_0,
    "elu": _LEAKY,
    "gelu": _SMOOTH,
    "gelu_tanh": _SMOOTH,
    "silu": _SMOOTH,
    "mish": _SMOOTH,
    "softplus": (
        Reason(
            "softplus.sigmoid",
            _direct,
            "Softplus is a ReLU with a round corner; its slope is the sigmoid, between 0 and 1.",
            "The slope of softplus, a sigmoid.",
        ),
    ),
    "exp": (
        Reason(
            "exp.itself",
            _direct,
            "The exponential is its own slope: the larger its value, the faster it grows.",
            "exp is its own slope.",
        ),
    ),
    "log": _LOG,
    "clipped_log": _LOG,
    "sqrt": (
        Reason(
            "root.slope",
            _positive,
            "A root rises steeply near 0 and ever slower later: its slope is 1 over twice the "
            "root.",
            "1 over twice the root.",
        ),
    ),
    "abs": (
        Reason(
            "absolute.sign",
            _direct,
            "The absolute value has two straight arms: slope 1 to the right of 0, −1 to the left.",
            "Slope 1 or −1, by the sign.",
        ),
    ),
    "softmax": (
        Reason(
            "softmax.masked",
            _zero_weights,
            "A masked weight is exactly 0: moving its score changes nothing, so its gradient is 0. "
            "Masked here: {count}.",
            "Masked again: {count} gradients of 0.",
            3,
        ),
        Reason(
            "softmax.rows_cancel",
            _rows_cancel,
            "Softmax shares out a fixed total of 1: what one entry gains the others lose. So the "
            "gradients at {x} add up to 0 in each row.",
            "A fixed total again: the row's gradients add up to 0.",
        ),
    ),
    "logsumexp": (
        Reason(
            "shares.softmax",
            _shares,
            "The logarithm of a sum of exponentials is a soft maximum. Its slope is softmax: the "
            "largest entry gets most, and the shares add up to what came in.",
            "The slope is softmax.",
        ),
    ),
    "log_softmax": (
        Reason(
            "log_softmax.rows_cancel",
            _rows_cancel,
            "Raise all scores alike and no probability changes: so gradients add up to 0.",
            "Gradients add up to 0 in each row.",
        ),
    ),
    "sum": (
        Reason(
            "sum.each",
            _counted_once,
            "Every entry of {x} counts once in the sum, so all get the same gradient: the sum's.",
            "Each entry gets the gradient of the sum.",
        ),
    ),
    "mean": (_EVEN,),
    "avg_pool1d": (_POOLED_EVENLY,),
    "avg_pool2d": (_POOLED_EVENLY,),
    "max": _POOLED,
    "min": _POOLED,
    "max_pool1d": _POOLED,
    "max_pool2d": _POOLED,
    "maximum": (
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
    "matmul": (
        Reason(
            "matrix.silent",
            _all_silent,
            "{other} is 0 in every entry, so {w} is multiplied by zeros: a nudge of {w} has no "
            "effect, and its gradient is 0.",
            "{other} is 0 again, so {w} gets 0.",
            3,
        ),
        Reason(
            "matrix.silent_input",
            _silent_input,
            "{entry} is 0, so the weights it is multiplied by have no effect in this step, and "
            "their gradients are 0.",
            "{entry} is 0, and so are the gradients of its weights.",
            3,
        ),
        Reason(
            "matrix.weight",
            _weight_of_vector,
            "Row i, column j of {w} carries entry j of {other} to output i. So its gradient is "
            "output i's error times that entry: a column of errors times a row of inputs.",
            "Error times input, for every pair.",
        ),
        Reason(
            "matrix.one_output",
            _one_output,
            "There is one output, so one error comes back to {x}: to each entry, times the "
            "weight that the entry was multiplied by.",
            "The one error, times each entry's weight.",
            3,
        ),
        Reason(
            "matrix.input",
            _input_of_matrix,
            "Each entry of {x} went to every output through one column of {w}. On the way back the "
            "same weights collect the errors of all outputs: rows and columns change places.",
            "Back through the same weights: {w} transposed.",
        ),
        Reason(
            "matrix.mixed",
            _mixed_values,
            "A row of {x} was mixed into several results, each time with the share that {other} "
            "gave it. Their errors come back with the same shares.",
            "Errors come back with the shares in {other}.",
            3,
        ),
        Reason(
            "matrix.shares",
            _mixing_shares,
            "A share in {x} decides how much of one row of {other} is taken. Its gradient asks: "
            "does that row point along the error?",
            "Each share's gradient compares a row of {other} with the error.",
            3,
        ),
        Reason(
            "matrix.weight_rows",
            _weight_of_rows,
            "The same {w} served all {count} rows of {other}. Each row contributes its input "
            "times its error, and the product with {other} transposed sums them.",
            "{w} served {count} rows; their shares are summed.",
        ),
        Reason(
            "matrix.weight_batch",
            _weight_of_batch,
            "The same {w} served all {count} rows of {other}, in every matrix of the batch; each "
            "contributes its input times its error, and all are summed.",
            "{count} rows used {w}; their shares are summed.",
        ),
        Reason(
            "matrix.input_rows",
            _rows_of_weight,
            "Every row of {x} went through {w} by itself. Each row of errors goes back through "
            "the same weights, so {w} appears transposed.",
            "Each row goes back through {w}, transposed.",
        ),
        Reason(
            "matrix.weight_columns",
            _matrix_on_the_left,
            "Every one of the {count} columns of {other} went through {w}. Each contributes its "
            "error times its input, and these add up.",
            "{count} columns used {w}; their shares add up.",
        ),
        Reason(
            "matrix.row_input",
            _row_input,
            "Each entry of {x} went out along one row of {other}, and the errors come back along "
            "that row.",
            "Back along the rows of {other}.",
        ),
        Reason(
            "matrix.row_weight",
            _row_weight,
            "Every entry of {x} joins one entry of {other} to one output: input times error.",
            "Input times error, for every pair.",
        ),
        Reason(
            "matrix.weight_row",
            _weight_of_one_row,
            "Every entry of {x} joins one entry of {other} to one output. Its gradient is that "
            "input times that output's error.",
            "Input times error, for every entry of {x}.",
        ),
        Reason(
            "matrix.dot",
            _scalar_product,
            "Entry by entry {x} was multiplied by {other}, so {other} is the slope: the larger "
            "its partner, the more an entry counts.",
            "{other} is the slope, entry by entry.",
        ),
        Reason(
            "matrix.computed",
            _both_computed,
            "Neither factor is a weight here; both were computed, and each is the other one's "
            "slope. So {x} gets its gradient through {other}.",
            "{x} gets its gradient through {other}.",
        ),
    ),
    "outer": (
        Reason(
            "pairs.sum",
            _direct,
            "Each entry of {x} stands in a whole row or column of the table of products, and "
            "collects the errors of all of it.",
            "Each entry collects the errors of its whole row or column.",
        ),
    ),
    "transpose_last": (_MOVED,),
    "transpose": (_MOVED,),
    "reshape": (_MOVED,),
    "flatten": (_MOVED,),
    "concat": (
        Reason(
            "joined.own_piece",
            _direct,
            "{x} is one piece of what was joined, and takes back just that piece of the gradient.",
            "{x} takes back its piece.",
        ),
    ),
    "stack": (
        Reason(
            "stacked.own_row",
            _direct,
            "{x} is one layer of the stack, and takes back just that layer of the gradient.",
            "{x} takes back its layer of the stack.",
        ),
    ),
    "index": (
        Reason(
            "chosen.entries",
            _fewer_chosen,
            "Of the {count} entries of {x} only {chosen} went on from here. They get the gradient; "
            "those left behind get 0.",
            "{chosen} of {count} entries went on; the others get 0.",
        ),
    ),
    "gather": (
        Reason(
            "rows.some",
            _looked_up_once,
            "Looking up a row is choosing it: the {used} rows that were asked for get a gradient, "
            "the others of the {count} in {x} stay as they are.",
            "{used} of {count} rows were asked for.",
        ),
        Reason(
            "rows.again",
            _looked_up_again,
            "Looking up a row is choosing it: {used} of the {count} rows of {x} were asked for, "
            "some more than once, and these collect a gradient for each time.",
            "{used} of {count} rows, some more than once.",
        ),
        Reason(
            "rows.all",
            _first_operand,
            "Every time a row of {x} was looked up, the error of that place comes back to it.",
            "Errors come back to the rows that were looked up.",
            1,
        ),
    ),
    "pick": (
        Reason(
            "label.picked",
            _fewer_chosen,
            "One entry of each row was picked, the one at its label. Only these {chosen} of "
            "{count} get a gradient.",
            "Only the {chosen} picked entries get a gradient.",
        ),
    ),
    "layer_norm": _NORMED,
    "standardize": _NORMED[:1],
    "dropout": (
        Reason(
            "dropout.off",
            _dropped,
            "What was dropped this time had no part in the loss and gets no gradient. The rest was "
            "stretched, and so is its gradient. Entries of {x} dropped: {count}.",
            "{count} dropped entries get no gradient.",
        ),
    ),
    "dropout_with": (
        Reason(
            "dropout.mask",
            _dropped,
            "What the mask dropped had no part in the loss and gets no gradient. Entries of {x} "
            "dropped: {count}.",
            "{count} entries dropped: no gradient there.",
        ),
    ),
    "causal_mask": (
        Reason(
            "mask.future",
            _direct,
            "Scores of what comes later were struck out, so nothing comes back to them.",
            "Nothing comes back to what was struck out.",
        ),
    ),
    "conv1d": _CONVOLUTION,
    "conv2d": _CONVOLUTION,
}


# What an operation is for, forward ---------------------------------------------------------------


def _value(use: Use) -> Slots | None:
    return {"y": use.y}


def _one_mean(use: Use) -> Slots | None:
    """The quantity itself is the mean of all entries."""
    return {"y": use.y} if use.whole and not use.shape(use.y) else None


def _means_along(use: Use) -> Slots | None:
    """The quantity itself holds several means, each of some of the entries."""
    count = math.prod(use.shape(use.y))
    return {"x": use.operand, "count": count} if use.whole and count > 1 else None


def _whole_value(use: Use) -> Slots | None:
    """The operation gives the quantity itself, so what is said of it is said of that."""
    return {"y": use.y} if use.whole else None


def _weighs_vector(use: Use) -> Slots | None:
    if _dimensions(use) != (2, 1) or use.kind(use.operands[0]) != "parameter":
        return None
    return {"w": use.operands[0], "other": use.operands[1]}


def _weighs_rows(use: Use) -> Slots | None:
    left, right = use.operands
    if use.kind(right) != "parameter" or len(use.shape(left)) < 2:
        return None
    count = math.prod(use.shape(left)[:-1])
    return {"w": right, "other": left, "count": count} if count > 1 else None


def _weighs_row(use: Use) -> Slots | None:
    left, right = use.operands
    if use.kind(right) != "parameter" or _dimensions(use) != (1, 2):
        return None
    return {"w": right, "other": left}


def _weighs_dot(use: Use) -> Slots | None:
    return (
        {"left": use.operands[0], "right": use.operands[1]} if _dimensions(use) == (1, 1) else None
    )


def _compares(use: Use) -> Slots | None:
    """Rows are multiplied by rows: Q Kᵀ."""
    left, right = use.operands
    if not isinstance(right, Call) or not right.operation.startswith("transpose"):
        return None
    other = right.arguments[0]
    if use.kind(left) == "parameter" or use.kind(other) == "parameter" or len(use.shape(left)) < 2:
        return None
    return {"left": left, "right": other}


def _mixes(use: Use) -> Slots | None:
    return {"left": use.operands[0], "right": use.operands[1]} if _is_mixing(use) else None


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
    return {"count": size} if agree([divisor[0] ** 2], [float(size)]) else None


def _shares_a_total(use: Use) -> Slots | None:
    """Numbers are divided by their own sum."""
    above, below = use.operands
    if not isinstance(below, Name) or not isinstance(above, Name):
        return None
    total = use.record.definition(below.id)
    if not isinstance(total, Call) or total.operation != "sum" or total.arguments[0] != above:
        return None
    return {"x": above}


def _guess(use: Use) -> Slots | None:
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


def _many_guesses(use: Use) -> Slots | None:
    count = math.prod(use.shape(use.operands[0]))
    return {"x": use.operands[0], "other": use.operands[1], "count": count} if count > 1 else None


def _unequal_rows(use: Use) -> Slots | None:
    """In no row are all entries so nearly equal that the epsilon under the root is felt."""
    at, shape = use.numbers(use.operands[0]), use.shape(use.operands[0])
    if not at or not shape:
        return None
    for start in range(0, len(at), shape[-1]):
        row = at[start : start + shape[-1]]
        mean = math.fsum(row) / len(row)
        variance = math.fsum((value - mean) ** 2 for value in row) / len(row)
        if variance <= 100 * use.attributes["epsilon"]:
            return None
    return {"y": use.y}


def _switched_off(use: Use) -> Slots | None:
    at = use.numbers(use.operands[0])
    if not at or not use.shape(use.operands[0]):
        return {"y": use.y}
    return {"y": use.y, "count": len(at), "above": sum(value > 0 for value in at)}


def _off_counted(use: Use) -> Slots | None:
    slots = _switched_off(use)
    return slots if slots is not None and "count" in slots and use.whole else None


def _purpose(id: str, holds: object, words: str, rank: int = 2) -> Reason:
    """Return what an operation is for; it is said once."""
    return Reason(f"for.{id}", holds, words, "", rank)  # type: ignore[arg-type]


_SQUEEZED = "{y} is kept between 0 and 1: near 0 for very negative inputs, near 1 for large ones."
_GUESSED = _purpose("guess", _guess, "The network says {guess}; the target is {target}.", 3)

FORWARD: Final[dict[str, tuple[Reason, ...]]] = {
    "matmul": (
        _purpose(
            "matrix.rows_ask",
            _weighs_vector,
            "Each row of {w} asks how much {other} looks like it: one number a row.",
        ),
        _purpose(
            "matrix.each_row",
            _weighs_rows,
            "Each of the {count} rows of {other} is weighted by the same {w}: a column of "
            "weights makes one number of a row.",
        ),
        _purpose(
            "matrix.row",
            _weighs_row,
            "Each column of {w} weights the entries of {other} and adds them up.",
        ),
        _purpose(
            "matrix.compares",
            _compares,
            "Every row of {left} is compared with every row of {right}: the better two agree, the "
            "larger the product.",
            3,
        ),
        _purpose(
            "matrix.mixes",
            _mixes,
            "Each row of {left} holds shares that add up to 1, and mixes the rows of {right} by "
            "them.",
            3,
        ),
        _purpose(
            "matrix.dot",
            _weighs_dot,
            "The entries of {left} and {right} are multiplied in pairs and added: large where both "
            "point the same way.",
        ),
    ),
    "add": (
        _purpose("sum.rows", _adds_to_rows, "{x} is added to each of the {count} rows.", 3),
        _purpose(
            "sum.skip",
            _skips,
            "{x} is added to what was computed from it: a shortcut past {other}, for the value "
            "now and for the gradient later.",
            3,
        ),
        _purpose(
            "sum.bias",
            _adds_bias,
            "{x} shifts {y}, whatever comes in.",
            1,
        ),
    ),
    "multiply": (
        _purpose(
            "product.weight",
            _weighed_guess,
            "The prediction {y}: the input {x} times the weight {w}.",
        ),
        _purpose("product.input", _scalar_weight, "The input {x} times the weight {w}.", 1),
        _purpose("product.gate", _gates, "{other} decides how much of {x} goes on."),
    ),
    "divide": (
        _purpose(
            "quotient.root",
            _scales_by_root,
            "Divided by the root of {count}, because sums of {count} products are larger by "
            "about that factor.",
            3,
        ),
        _purpose(
            "quotient.shares",
            _shares_a_total,
            "Divided by their sum, the entries of {x} become shares that add up to 1.",
        ),
    ),
    "power": (_GUESSED,),
    "square": (_GUESSED,),
    "mse": (
        _GUESSED,
        _purpose(
            "mse",
            _many_guesses,
            "How far {x} is from {other}: the squares of {count} errors, on average. A large error "
            "weighs more than several small ones.",
        ),
    ),
    "squared_error": (
        _GUESSED,
        _purpose(
            "squares",
            _many_guesses,
            "How far {x} is from {other}: the squares of all errors, added up.",
        ),
    ),
    "half_squared_error": (
        _GUESSED,
        _purpose(
            "half",
            _many_guesses,
            "How far {x} is from {other}: squares of all errors, added up. The ½ is there for the "
            "derivative, where it cancels a 2.",
        ),
    ),
    "mae": (
        _GUESSED,
        _purpose(
            "mae", _many_guesses, "How far {x} is from {other} on average, whichever way it errs."
        ),
    ),
    "cross_entropy": (
        _purpose(
            "classes",
            _value,
            "The loss is the surprise at the right class: 0 where the network was certain of it, "
            "and the larger the less probable it was.",
        ),
    ),
    "nll": (
        _purpose(
            "label",
            _value,
            "The loss looks up the right class's probability: the smaller, the worse.",
        ),
    ),
    "bce": (
        _purpose("yes_no", _value, "The loss is the surprise at the right answer, yes or no."),
    ),
    "bce_with_logits": (
        _purpose("yes_no", _value, "The loss is the surprise at the right answer, yes or no."),
    ),
    "sigmoid": (_purpose("sigmoid", _whole_value, _SQUEEZED),),
    "tanh": (
        _purpose(
            "tanh",
            _whole_value,
            "tanh bends the line: {y} stays between −1 and 1, so what comes next sees more than "
            "another weighted sum.",
        ),
    ),
    "relu": (
        _purpose(
            "relu.count",
            _off_counted,
            "ReLU keeps what is above 0, here {above} of {count}, and shuts off the rest: a bend "
            "that lets layers do more than one matrix can.",
            3,
        ),
        _purpose("relu", _value, "ReLU keeps what is above 0 and shuts off the rest."),
    ),
    "gelu": (_purpose("smooth", _value, "A ReLU with a rounded corner."),),
    "gelu_tanh": (_purpose("smooth", _value, "A ReLU with a rounded corner."),),
    "silu": (_purpose("smooth", _value, "A ReLU with a rounded corner."),),
    "mish": (_purpose("smooth", _value, "A ReLU with a rounded corner."),),
    "leaky_relu": (_purpose("leaky", _value, "A ReLU that lets a little through below 0."),),
    "prelu": (
        _purpose("leaky.trained", _value, "A ReLU whose slope below 0 is learnt with the weights."),
    ),
    "elu": (_purpose("elu", _value, "A ReLU that levels out smoothly below 0."),),
    "softmax": (
        _purpose(
            "softmax",
            _value,
            "Softmax turns scores into shares: all positive, 1 in sum, and the largest score takes "
            "the largest share.",
        ),
    ),
    "exp": (
        _purpose(
            "exp", _value, "The exponential makes every number positive and keeps their order."
        ),
    ),
    "layer_norm": (
        _purpose(
            "norm",
            _unequal_rows,
            "Each row is brought to mean 0 and spread 1, then stretched and shifted by what was "
            "learnt: what comes next sees numbers of one size.",
        ),
    ),
    "standardize": (
        _purpose("norm.plain", _unequal_rows, "Each row is brought to mean 0 and spread 1."),
    ),
    "dropout": (
        _purpose(
            "dropout",
            _value,
            "Some entries are set to 0, so that no unit relies on a single other unit; the rest "
            "are scaled up to keep the sum.",
        ),
    ),
    "causal_mask": (
        _purpose(
            "mask",
            _value,
            "What comes later is struck out: no position may look at those after it.",
        ),
    ),
    "conv1d": (
        _purpose(
            "filter", _value, "A small filter slides along and asks everywhere the same question."
        ),
    ),
    "conv2d": (
        _purpose(
            "filter", _value, "A small filter slides along and asks everywhere the same question."
        ),
    ),
    "max_pool1d": (
        _purpose("pool.max", _value, "Of each window only the strongest answer stays."),
    ),
    "max_pool2d": (
        _purpose("pool.max", _value, "Of each window only the strongest answer stays."),
    ),
    "avg_pool1d": (_purpose("pool.mean", _value, "Of each window only the average stays."),),
    "avg_pool2d": (_purpose("pool.mean", _value, "Of each window only the average stays."),),
    "gather": (
        _purpose("rows", _value, "Each id looks up its row of the table: words become vectors."),
    ),
    "concat": (_purpose("joined", _value, "Several pieces are laid side by side as one.", 1),),
    "stack": (_purpose("stacked", _value, "Several pieces are stacked as one.", 1),),
    "mean": (
        _purpose("mean", _one_mean, "Many numbers are summed up in one, their mean.", 1),
        _purpose(
            "mean.along",
            _means_along,
            "The entries of {x} are taken in groups, and of each group the mean stays: {count} "
            "means.",
            1,
        ),
    ),
    "max": (_purpose("max", _value, "Only the largest goes on.", 1),),
}
