"""Why sums over axes, means, extremes and softmax have the gradients that they have."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from tracer.expression import Call
from tracer.operations.numbers import nested_array
from tracer.operations.reason import (
    LEFT_REASONS,
    MEAN_SQUARES,
    SUMMED_SQUARES,
    OperandUse,
    Reason,
    Slots,
    count_several,
    nearly_equal,
    purpose,
    restrict_condition,
    rows_cancel,
    step_result,
)
from tracer.operations.signature import number
from tracer.sentences import Sentence, say


def _right_logarithm(use: OperandUse) -> Slots | None:
    """A sum of logarithms, each times an entry of data that is 1 once and 0 elsewhere."""
    product = use.operands[0]
    if not isinstance(product, Call) or product.operation != "multiply":
        return None
    for y, logarithm in (product.arguments, product.arguments[::-1]):
        values = use.numbers(y) if use.kind(y) == "data" else None
        is_one = values is not None and sorted(values) == [0.0] * (len(values) - 1) + [1.0]
        if is_one and isinstance(logarithm, Call) and logarithm.operation == "log":
            return {"y": y, "p": logarithm.arguments[0]}
    return None


def _zero_weights(use: OperandUse) -> Slots | None:
    """A masked entry had no weight, and gets no gradient."""
    out, gradient = use.numbers(use.y), use.gradient
    scores = use.record.entries(use.operand)
    if scores is None or out is None or gradient is None or len(out) != len(gradient):
        return None
    masked = [score == -math.inf for score in scores]
    felt = any(is_out and (a or g) for is_out, a, g in zip(masked, out, gradient, strict=True))
    return {"count": sum(masked)} if use.whole and any(masked) and not felt else None


def _one_sum(use: OperandUse) -> bool:
    """A sum of all entries."""
    return not use.shape(use.call)


def _entries_of_each(use: OperandUse) -> int:
    """Return how many entries each result is made of."""
    return math.prod(use.shape(use.operands[0])) // max(math.prod(use.shape(use.call)), 1)


def _pooled_apart(use: OperandUse) -> Slots | None:
    """A mean of each window, where no window overlaps another."""
    size, stride = use.attributes["size"], use.attributes.get("stride")
    axes = 2 if use.call.operation == "avg_pool2d" else 1
    sizes = size if isinstance(size, tuple) else (size,) * axes
    steps = sizes if stride is None else stride if isinstance(stride, tuple) else (stride,) * axes
    if any(step < window for step, window in zip(steps, sizes, strict=True)):
        return None
    return {"count": math.prod(sizes)} if math.prod(sizes) > 1 else None


def _passes_on(use: OperandUse) -> bool:
    """The extreme is of x itself, and what comes in is the gradient of the extreme."""
    return use.direct and use.receives


def _extreme_losers(use: OperandUse) -> Slots | None:
    """Return how many entries get nothing of an extreme, and whether one of them may be a tie."""
    gradient, at, upstream = use.gradient, use.numbers(use.x), use.upstream
    if gradient is None or at is None or upstream is None or not _passes_on(use):
        return None
    extremes = math.prod(use.shape(use.call))
    moved = sum(value != 0 for value in gradient)
    if not all(upstream) or not moved or moved > extremes or len(gradient) <= extremes:
        return None
    # Without its winners an extreme has the value that it had where another entry is as extreme.
    beyond = max(at) + 1 if use.call.operation == "min" else min(at) - 1
    others = [beyond if slope else value for value, slope in zip(at, gradient, strict=True)]
    array = nested_array([*map(number, others)], use.shape(use.x))
    rest = Call(use.call.operation, (array, *use.call.arguments[1:]), use.call.keywords)
    pairs = zip(use.numbers(rest) or (), use.numbers(use.call) or (), strict=False)
    return {"count": len(gradient) - moved, "tied": any(one == other for one, other in pairs)}


def _shared_extremes(use: OperandUse) -> Slots | None:
    """More entries than there are extremes get something: some are extreme together."""
    gradient = use.gradient
    if gradient is None or not _passes_on(use):
        return None
    moved = sum(value != 0 for value in gradient)
    return {"count": moved} if moved > math.prod(use.shape(use.call)) else None


_POOLED = (
    Reason(
        "extreme.one_place",
        restrict_condition(_extreme_losers, lambda found: not found["tied"]),
        "Only the entry that won moves the result, so it gets the whole gradient. A nudge of "
        "another one changes nothing: gradient 0. Entries that did not win: {count}.",
        "The gradient goes where the winner stood.",
    ),
    Reason(
        "extreme.first",
        restrict_condition(_extreme_losers, lambda found: bool(found["tied"])),
        "The whole gradient goes to the entry that won; of equal ones, by convention, to the "
        "first.",
        "To the winner again, of equal ones to the first.",
    ),
)

_EXTREME = (
    *_POOLED,
    Reason(
        "extreme.shared",
        _shared_extremes,
        "Several entries of {x} are the extreme together: by convention they share its gradient "
        "evenly. Entries with a share: {count}; the others get 0.",
        "{count} entries share the gradient of what they tie for.",
    ),
)

_EVEN_WORDS = (
    "A mean of {count} entries weights each of them by 1/{count}, so each gets that share of the "
    "gradient.",
    "A mean again: each of {count} entries gets 1/{count} of the gradient.",
)

_EVEN = Reason("even.share", count_several(step_result, _entries_of_each), *_EVEN_WORDS)

_POOLED_EVENLY = Reason("even.pool", _pooled_apart, *_EVEN_WORDS)


def _results_along(use: OperandUse) -> Slots | None:
    """The quantity itself holds several results, each of some of the entries."""
    count = math.prod(use.shape(use.y))
    are_groups = use.whole and count > 1 and _entries_of_each(use) > 1
    return {"count": count, "group": _group(use)} if are_groups else None


def _scores(use: OperandUse) -> Sentence:
    """Say of which scores softmax makes shares of one total."""
    dimensions, axis = len(use.shape(use.call)), use.attributes["axis"]
    if dimensions < 2:
        return say("the scores")
    if axis in (-1, dimensions - 1):
        return say("the scores of each row")
    return say("the scores of each column") if dimensions == 2 else say("the scores along an axis")


def _group(use: OperandUse) -> Sentence:
    """Say what is added up along an axis."""
    axis, operand = use.attributes.get("axis"), use.operands[0]
    if len(use.shape(operand)) == 2 and isinstance(axis, int):
        return (
            say("each row of {x}", x=operand) if axis % 2 else say("each column of {x}", x=operand)
        )
    return say("each group of entries of {x}", x=operand)


BACKWARD: Final[Mapping[str, tuple[Reason, ...]]] = {
    "softmax": (
        *LEFT_REASONS,
        Reason(
            "softmax.masked",
            _zero_weights,
            "A masked weight is exactly 0: moving its score changes nothing, so its gradient is 0. "
            "Masked here: {count}.",
            "Masked again: {count} gradients of 0.",
            3,
            of_some=True,
        ),
        Reason(
            "softmax.whole",
            lambda use: {*(use.numbers(use.y) or ())} == {1.0} and not any(use.gradient or ()),
            "A share of 1 is the whole total: no other entry has a part of it that could shift, so "
            "its gradient is 0.",
            "A share of 1 again: gradient 0.",
            3,
            of_some=True,
        ),
        Reason(
            "softmax.rows_cancel",
            rows_cancel,
            "Softmax shares out a fixed total of 1: what one entry gains, the others lose. So what "
            "counts is how far the gradient of a share lies above their average, weighted by the "
            "shares themselves. That difference comes back, times the share: so the gradients at "
            "{x} that belong to one total add up to 0.",
            "A fixed total again: its gradients add up to 0.",
            3,
        ),
    ),
    "logsumexp": (
        Reason(
            "shares.softmax",
            lambda use: use.whole and nearly_equal([math.fsum(use.gradient or ())], use.upstream),
            "The logarithm of a sum of exponentials is a soft maximum. Its slope is softmax: the "
            "larger an entry, the more it gets, and the shares add up to what came in.",
            "The slope is softmax.",
        ),
    ),
    "log_softmax": (
        Reason(
            "log_softmax.rows_cancel",
            rows_cancel,
            "Raise all scores of a sample alike and no probability changes: so their gradients "
            "add up to 0.",
            "Again the gradients of one sample's scores add up to 0.",
        ),
    ),
    "sum": (
        Reason(
            "sum.each",
            _one_sum,
            "Every entry of {operand} counts once in the sum, so all get the same gradient: the "
            "sum's.",
            "Each entry gets the gradient of the sum.",
        ),
        Reason(
            "sum.along",
            lambda use: not _one_sum(use),
            "Every entry of {operand} counts once, in one of several sums, and gets the gradient "
            "of that sum.",
            "Each entry gets the gradient of its own sum.",
        ),
    ),
    "mean": (
        _EVEN,
        Reason(
            "even.single",
            lambda use: _entries_of_each(use) == 1,
            "A mean of one entry is that entry itself, so the gradient passes unchanged.",
            "A mean of one entry: the gradient passes unchanged.",
        ),
    ),
    "avg_pool1d": (_POOLED_EVENLY,),
    "avg_pool2d": (_POOLED_EVENLY,),
    "max": _EXTREME,
    "min": _EXTREME,
    "max_pool1d": _POOLED,
    "max_pool2d": _POOLED,
}


FORWARD: Final[Mapping[str, tuple[Reason, ...]]] = {
    "sum": (
        SUMMED_SQUARES,
        purpose(
            "sum.right_class",
            _right_logarithm,
            "{y} has a 1 at the right class and 0 elsewhere, so of the sum only the logarithm of "
            "that class's {p} is left.",
            3,
        ),
        purpose(
            "sum.all",
            count_several(lambda use: use.whole and not use.shape(use.y), _entries_of_each),
            "{count} entries become one number: their sum.",
            1,
        ),
        purpose(
            "sum.along",
            _results_along,
            "One sum for {group}: {count} numbers.",
            1,
        ),
    ),
    "softmax": (
        purpose(
            "softmax",
            lambda use: (
                {"scores": _scores(use)} if min(use.numbers(use.call) or (0.0,)) > 0 else None
            ),
            "Softmax turns {scores} into shares: all are positive, they add up to 1, and the "
            "largest score gets the largest share.",
        ),
        purpose(
            "softmax_with_zeros",
            lambda use: (
                None if min(use.numbers(use.call) or (0.0,)) > 0 else {"scores": _scores(use)}
            ),
            "Softmax turns {scores} into shares: none is negative, they add up to 1, and the "
            "largest score gets the largest share.",
        ),
    ),
    "max_pool1d": (
        purpose("pool.max", step_result, "Of each window only the largest entry stays."),
    ),
    "max_pool2d": (
        purpose("pool.max", step_result, "Of each window only the largest entry stays."),
    ),
    "avg_pool1d": (purpose("pool.mean", step_result, "Of each window only the average stays."),),
    "avg_pool2d": (purpose("pool.mean", step_result, "Of each window only the average stays."),),
    "mean": (
        MEAN_SQUARES,
        purpose(
            "mean",
            count_several(lambda use: use.whole and not use.shape(use.y), _entries_of_each),
            "{count} entries become one number: their mean.",
            1,
        ),
        purpose(
            "mean.along",
            _results_along,
            "One mean for {group}: {count} numbers.",
            1,
        ),
    ),
    "max": (purpose("max", step_result, "Only the largest entry goes on.", 1),),
    "min": (purpose("min", step_result, "Only the smallest entry goes on.", 1),),
    "first_max": (purpose("first", step_result, "A 1 where the largest entry stands, else 0."),),
    "logsumexp": (
        purpose("soft_max", step_result, "A smooth maximum: a little more than the largest entry."),
    ),
    "log_softmax": (
        purpose(
            "log_shares",
            step_result,
            "The logarithm of each share: 0 for a share of 1; the smaller the share, the further "
            "below 0.",
        ),
    ),
}
