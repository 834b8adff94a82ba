"""Why losses have the gradients that they have, and what they measure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Final

from tracer.expression import Call
from tracer.operations.reason import (
    ERROR_REASONS,
    GUESSED,
    MEAN_SQUARES,
    SUMMED_SQUARES,
    Condition,
    OperandUse,
    Reason,
    Slots,
    many_guesses,
    nearly_equal,
    purpose,
    restrict_condition,
    sigmoid_slope,
    step_result,
)
from tracer.operations.signature import number

SURE: Final = 0.95  # a probability from which little is left to learn

LEAST_VARIANCE: Final = 1e-12  # p(1 − p) counts as at least this in the binary cross-entropy


def _loss_slopes(use: OperandUse) -> list[float] | None:
    """Return the slopes of a loss by x: its gradient, less the factor that comes in.

    A loss may be a part of another one, added to it or weighted. None where that turns its sign.
    """
    incoming, gradient = use.upstream, use.gradient
    is_known = use.direct and use.receives and incoming is not None and len(incoming) == 1
    if not is_known or not incoming or incoming[0] <= 0 or gradient is None:
        return None
    return [slope / incoming[0] for slope in gradient]


def _error_multiple(use: OperandUse, factor: float) -> Slots | None:
    """The gradient of a loss of differences is so many times the difference, entry by entry."""
    mine, its = use.numbers(use.x), use.numbers(use.other)
    if mine is None or its is None or len(mine) != len(its):
        return None
    multiples = [factor * (a - b) for a, b in zip(mine, its, strict=True)]
    return {"count": len(mine)} if nearly_equal(_loss_slopes(use), multiples) else None


def _mean_of_squares(use: OperandUse) -> Slots | None:
    count = math.prod(use.shape(use.operand))
    slots = _error_multiple(use, 2 / count) if count > 1 else None
    above, below = Fraction(2, count).as_integer_ratio()
    share = Call("divide", (number(above), number(below)))
    return None if slots is None else {**slots, "share": share}


def _absolute_errors(use: OperandUse) -> Slots | None:
    """Every entry of the gradient has one size, but for those without an error, which have 0."""
    sizes = [abs(value) for value in use.gradient or ()]
    felt = [size for size in sizes if size]
    is_one = bool(felt) and nearly_equal(felt, felt[:1] * len(felt))
    slots = {"value": max(sizes, default=0.0), "count": len(sizes) - len(felt)}
    return slots if is_one and _loss_slopes(use) else None


def _softmax_rows(use: OperandUse) -> tuple[Sequence[float], list[int]]:
    """Return softmax of the scores, row by row, and the labels' classes."""
    shares, labels = (
        use.numbers(Call("softmax", (use.operands[0],))),
        use.numbers(use.operands[1]),
    )
    if shares is None or labels is None or use.position != 0:
        return [], []
    return shares, [int(label) for label in labels]


def _less_the_label(use: OperandUse) -> Slots | None:
    """The gradient is p − y, over the number of samples."""
    probabilities, labels = _softmax_rows(use)
    if not labels:
        return None
    classes = len(probabilities) // len(labels)
    errors = [
        (value - (place % classes == labels[place // classes])) / len(labels)
        for place, value in enumerate(probabilities)
    ]
    return {"count": len(labels)} if nearly_equal(_loss_slopes(use), errors) else None


def _of_one(condition: Condition) -> Condition:
    """Return a condition for a loss of a single sample or entry."""
    return restrict_condition(condition, lambda found: found["count"] == 1)


def _of_many(condition: Condition) -> Condition:
    """Return a condition for a loss that is a mean."""
    return restrict_condition(condition, lambda found: found["count"] != 1)


def _label_probability(use: OperandUse) -> Slots | None:
    """Return one sample's probability of its class, and how it stands beside the others."""
    if not use.is_loss or not _of_one(_less_the_label)(use):
        return None
    probabilities, (label,) = _softmax_rows(use)
    value, highest = probabilities[label], max(probabilities)
    return {"value": value, "sure": value >= SURE, "behind": value < highest}


def _log_odds(use: OperandUse) -> Slots | None:
    """The gradient is p − y, over the number of entries."""
    scores, answers = use.operands
    errors = use.numbers(Call("subtract", (Call("sigmoid", (scores,)), answers)))
    if use.position or not errors:
        return None
    count = len(errors)
    shares = [error / count for error in errors]
    return {"count": count} if nearly_equal(_loss_slopes(use), shares) else None


def _no_clipped_probability(use: OperandUse) -> Slots | None:
    """No probability is so near to 0 or 1 that the loss counts it as further away."""
    at = use.numbers(use.x) or (0.0,)
    is_felt = use.is_first and min(p * (1 - p) for p in at) > LEAST_VARIANCE
    return {"count": len(at), "slope": sigmoid_slope(use.x)} if is_felt else None


def _from_a_sigmoid(use: OperandUse) -> Slots | None:
    return _no_clipped_probability(use) if use.computed_by(use.x, "sigmoid") else None


def _labels_only(use: OperandUse) -> Slots | None:
    """The slopes that are not 0 are −1/p, those of the labels' probabilities, over their number."""
    at, labels = use.numbers(use.x), use.numbers(use.operands[1])
    if use.position or at is None or not labels:
        return None
    count, classes = len(labels), use.shape(use.x)[-1]
    chosen = {row * classes + int(label) for row, label in enumerate(labels)}
    if min(at[place] for place in chosen) <= 0:
        return None
    slopes = [-1 / (p * count) if place in chosen else 0.0 for place, p in enumerate(at)]
    return {"count": count} if nearly_equal(_loss_slopes(use), slopes) else None


def _yes_or_no(use: OperandUse) -> Slots | None:
    """All labels are 0 or 1."""
    labels = use.numbers(use.operands[1]) or (math.nan,)
    return {"count": len(labels)} if {0.0, 1.0}.issuperset(labels) else None


def _even_guess(use: OperandUse) -> Slots:
    """Return what the loss would be of classes that are given the same probability each."""
    *samples, classes = use.shape(use.operands[0])
    return {"count": math.prod(samples), "classes": classes, "even": math.log(classes)}


_YES_OR_NO: Final = (
    purpose(
        "yes_no",
        _of_one(_yes_or_no),
        "The loss is minus the logarithm of the probability that was given to the right answer: 0 "
        "if that probability was 1; the smaller it was, the larger the loss.",
    ),
    purpose(
        "yes_share",
        step_result,
        "The further a probability is from its target, the larger the loss.",
        1,
    ),
    purpose(
        "yes_no_mean",
        _of_many(_yes_or_no),
        "Each prediction's loss is minus the logarithm of the probability that was given to the "
        "right answer: 0 if that probability was 1; the smaller it was, the larger the loss. The "
        "mean of these is taken.",
    ),
)


BACKWARD: Final[Mapping[str, tuple[Reason, ...]]] = {
    "mse": (
        *ERROR_REASONS,
        Reason(
            "mse.two_errors",
            restrict_condition(_mean_of_squares, lambda found: found["count"] == 2),
            "Each entry is pulled by its own error: the 2 of the square and the 2 that the mean "
            "divides by cancel. The further off, the harder the pull.",
            "Each entry is pulled by its own error, since 2 and 1/2 cancel.",
        ),
        Reason(
            "mse.errors",
            restrict_condition(_mean_of_squares, lambda found: found["count"] != 2),
            "Each entry is pulled by its own error: twice the error, for the square, divided by "
            "{count}, for the mean, which is {share} times the error. The further off, the harder "
            "the pull.",
            "Each entry is pulled by {share} times its own error.",
        ),
    ),
    "squared_error": (
        *ERROR_REASONS,
        Reason(
            "squares.errors",
            lambda use: _error_multiple(use, 2),
            "Each entry is pulled by twice its own error, and by no other error. The 2 is from "
            "the square.",
            "Twice the error, entry by entry.",
        ),
    ),
    "half_squared_error": (
        Reason(
            "half.errors",
            lambda use: _error_multiple(use, 1),
            "The ½ was put there to cancel the 2 of the square. What is left is the difference "
            "itself: {x} minus {other}.",
            "The difference itself, since ½ and 2 cancel.",
        ),
    ),
    "mae": (
        Reason(
            "absolute.side",
            restrict_condition(_absolute_errors, lambda found: not found["count"]),
            "The absolute error asks only on which side of its target an entry of {x} lies, not "
            "how far off it is: every entry is pulled equally hard, by {value}.",
            "Every entry is pulled by {value}, whatever its distance.",
        ),
        Reason(
            "absolute.hit",
            restrict_condition(_absolute_errors, lambda found: bool(found["count"])),
            "The absolute error asks only on which side of its target an entry of {x} lies, not "
            "how far off it is: every entry is pulled equally hard, by {value}. An entry exactly "
            "on its target is not pulled at all; entries there: {count}.",
            "Every entry is pulled by {value}, those on their target by 0; entries there: {count}.",
        ),
    ),
    "cross_entropy": (
        Reason(
            "classes.sure",
            restrict_condition(_label_probability, lambda found: bool(found["sure"])),
            "The right class already has the probability {value}, which is close to 1, so there "
            "is little left to learn from this sample.",
            "The right class has {value}: little left to learn.",
            3,
            is_remark=True,
        ),
        Reason(
            "classes.wrong",
            restrict_condition(_label_probability, lambda found: bool(found["behind"])),
            "Another class is in the lead; the right one has only {value}. Its score is pushed "
            "up by 1 minus its probability, and each other score is pushed down by its own "
            "probability.",
            "The right class, with {value}, is behind again.",
            3,
            is_remark=True,
        ),
        Reason(
            "classes.p_minus_y",
            _of_one(_less_the_label),
            "The logarithm's slope, 1 over the probability, cancels the probability that is a "
            "factor of softmax's. What is left is softmax minus the one-hot row of {other}: the "
            "probability of each class, minus 1 for the right one.",
            "Again softmax minus the one-hot row of {other}.",
        ),
        Reason(
            "classes.p_minus_y_mean",
            _of_many(_less_the_label),
            "The logarithm's slope, 1 over the probability, cancels the probability that is a "
            "factor of softmax's. What is left is softmax minus the one-hot rows of {other}, "
            "divided by {count}, since the loss is a mean over so many rows.",
            "Again softmax minus the one-hot rows of {other}, over {count} rows.",
        ),
    ),
    "nll": (
        Reason(
            "label.only",
            _of_one(_labels_only),
            "The loss looks at one probability of each sample, that of the right class. Its "
            "gradient is −1 divided by that probability: the smaller the probability, the steeper. "
            "All others get 0.",
            "Only the probability of the right class has a gradient: −1 divided by it.",
        ),
        Reason(
            "label.only_mean",
            _of_many(_labels_only),
            "The loss looks at one probability of each row, that of the right class. Its gradient "
            "is −1 divided by that probability and by {count}, since the loss is a mean over so "
            "many rows. All others get 0.",
            "Only the probabilities of the right classes have gradients: −1 divided by each and "
            "by {count}.",
        ),
    ),
    "bce": (
        Reason(
            "yes_no.sigmoid",
            _of_one(_from_a_sigmoid),
            "The error is divided by {slope}. That looks odd, but the sigmoid before it has just "
            "this slope: in the next step the two cancel.",
            "Divided by {slope}, which the sigmoid will cancel.",
        ),
        Reason(
            "yes_no.sigmoid_mean",
            _of_many(_from_a_sigmoid),
            "The error is divided by {count}, for the mean, and by {slope}. The second looks odd, "
            "but the sigmoid before it has just this slope: in the next step the two cancel.",
            "Divided by {count} and by {slope}, which the sigmoid will cancel.",
        ),
        Reason(
            "yes_no.steep",
            _of_one(_no_clipped_probability),
            "The error is divided by {slope}: the surer a wrong answer, the steeper the loss.",
            "The error over {slope} again.",
        ),
        Reason(
            "yes_no.steep_mean",
            _of_many(_no_clipped_probability),
            "The error is divided by {count}, for the mean, and by {slope}: the surer a wrong "
            "answer, the steeper the loss.",
            "The error over {slope} and over {count} again.",
        ),
        Reason(
            "yes_no.label",
            lambda use: use.is_second,
            "The loss is a straight line in {x}: its slope is the difference of the two "
            "logarithms, divided by the number of entries.",
            "A straight line in {x} again.",
        ),
    ),
    "bce_with_logits": (
        Reason(
            "yes_no.logits",
            _of_one(_log_odds),
            "The slopes of the sigmoid and of the logarithm cancel; what is left is the "
            "probability minus the label.",
            "Probability minus label.",
        ),
        Reason(
            "yes_no.logits_mean",
            _of_many(_log_odds),
            "The slopes of the sigmoid and of the logarithm cancel; what is left is the "
            "probability minus the label, divided by {count}, since the loss is a mean over so "
            "many entries.",
            "Probability minus label, over {count} entries.",
        ),
        Reason(
            "yes_no.logits_label",
            lambda use: use.is_second,
            "The loss is a straight line in {x}: its slope is minus {other}, divided by the number "
            "of entries.",
            "A straight line in {x} again.",
        ),
    ),
}


FORWARD: Final[Mapping[str, tuple[Reason, ...]]] = {
    "mse": (
        GUESSED,
        MEAN_SQUARES,
    ),
    "squared_error": (
        GUESSED,
        SUMMED_SQUARES,
    ),
    "half_squared_error": (
        GUESSED,
        purpose(
            "half",
            many_guesses,
            "How far {x} is from {other}: half the sum of the squares of all errors. The ½ is "
            "there for the derivative, where it cancels a 2.",
        ),
    ),
    "mae": (
        GUESSED,
        purpose(
            "mae", many_guesses, "How far {x} is from {other} on average, whichever way it errs."
        ),
    ),
    "huber": (
        purpose(
            "huber",
            step_result,
            "A small error counts by its square, a large one only in proportion: a single wild "
            "value cannot rule the loss.",
        ),
    ),
    "cross_entropy": (
        purpose(
            "classes",
            _of_one(_even_guess),
            "The cross-entropy is minus the logarithm of the right class's probability: 0 if the "
            "network was certain of the right class; the less probable that class, the larger. An "
            "even guess among {classes} classes costs {even}.",
        ),
        purpose(
            "classes_mean",
            _of_many(_even_guess),
            "The cross-entropy of a sample is minus the logarithm of the right class's "
            "probability: 0 if the network was certain of the right class; the less probable that "
            "class, the larger. The mean over the samples is taken. An even guess among {classes} "
            "classes costs {even}.",
        ),
    ),
    "nll": (
        purpose(
            "label",
            step_result,
            "Only the probability of the right class counts: the smaller it is, the larger the "
            "loss.",
        ),
    ),
    "bce": _YES_OR_NO,
    "bce_with_logits": _YES_OR_NO,
}
