"""Why activations and other functions of each entry have the gradients that they have."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from tracer.expression import Call, Name
from tracer.operations.reason import (
    LEFT_REASONS,
    Condition,
    OperandUse,
    Reason,
    Slots,
    entry_of,
    error_left,
    is_one_value,
    mean_of_squares,
    nearly_equal,
    purpose,
    restrict_condition,
    step_result,
    value_range,
)
from tracer.operations.signature import literal

FLAT: Final = 0.01  # a slope below it lets hardly anything through

STRAIGHT: Final = 0.9  # a slope above it, of tanh, is nearly that of a line

LEAST_LOG: Final = -100.0  # no clipped logarithm is taken below it


def _slopes_from_output(use: OperandUse) -> tuple[list[float], Sequence[float]]:
    """Return the slopes of a sigmoid or tanh, worked out from what it gave, and where they are.

    None where a logarithm around it cancels a part of the slope.
    """
    out, at = use.numbers(use.call), use.numbers(use.operand)
    if not out or at is None or error_left(use) or use.computed_by(use.y, "log"):
        return [], []
    is_sigmoid = use.call.operation == "sigmoid"
    return [a * (1 - a) if is_sigmoid else 1 - a * a for a in out], at


def _saturated_unit(use: OperandUse) -> Slots | None:
    """Some unit stands where the function is flat; the flattest is named."""
    slopes, at = _slopes_from_output(use)
    slope = min(slopes, default=1.0)
    if slope >= FLAT or not (use.direct or len(slopes) == 1):
        return None
    place = slopes.index(slope)
    return {
        "x": entry_of(use.operand, place, use.shape(use.operand)),
        "at": at[place],
        "slope": slope,
    }


def _steep_slopes(use: OperandUse) -> Slots | None:
    """The slope at the one place, or the range of several, where none is flat."""
    slopes, at = _slopes_from_output(use)
    if min(slopes, default=0.0) < FLAT:
        return None
    if is_one_value(at):
        return {"at": at[0], "slope": slopes[0]}
    return {"slopes": slopes[0]} if is_one_value(slopes) else value_range(slopes)


_single_slope = restrict_condition(_steep_slopes, lambda found: "slope" in found)
_same_slopes = restrict_condition(_steep_slopes, lambda found: "slopes" in found)
_several_slopes = restrict_condition(_steep_slopes, lambda found: "low" in found)


def _nearly_straight(use: OperandUse) -> Slots | None:
    slopes, _ = _slopes_from_output(use)
    return value_range(slopes) if len(slopes) > 1 and min(slopes) >= STRAIGHT else None


def _sides_of_zero(use: OperandUse) -> tuple[int, int, int]:
    """Return how many entries are below 0, how many 0 and how many above."""
    at = (use.numbers(use.operand) or ()) if not use.position else ()
    below, above = sum(value < 0 for value in at), sum(value > 0 for value in at)
    return below, len(at) - below - above, above


def _root_of_squares(use: OperandUse) -> Slots | None:
    """The root of a mean of squares, to which a number may be added."""
    inside = use.operands[0]
    parts = inside.arguments if isinstance(inside, Call) and inside.operation == "add" else [inside]
    found = [mean_of_squares(use, use.definition_of(part)) for part in parts]
    sizes = [x for x in found if x is not None]
    added = [part for part in parts if (literal(part) or 0) > 0]
    if len(sizes) != 1:
        return None
    return {"x": sizes[0], "added": added[0]} if added else {"x": sizes[0]}


def _by_sides(holds: Callable[[int, int, int], bool]) -> Condition:
    """Return a condition on how many entries are below 0, how many 0 and how many above."""

    def found(use: OperandUse) -> Slots | None:
        below, zero, above = _sides_of_zero(use)
        is_so = holds(below, zero, above)
        return {"below": below, "zero": zero, "above": above} if is_so else None

    return found


_all_off = _by_sides(lambda below, zero, above: below > 0 and not (zero or above))
_all_on = _by_sides(lambda below, zero, above: above > 0 and not (below or zero))
# Some entry is just 0, where the function has no slope of its own.
_in_the_corner = _by_sides(lambda below, zero, above: zero > 0)


def _some_on(use: OperandUse) -> Slots | None:
    below, _, above = _sides_of_zero(use)
    at = use.numbers(use.operand)
    if not below or not above or at is None:
        return None
    lowest = min(at)
    entry = entry_of(use.operand, list(at).index(lowest), use.shape(use.operand))
    return {"entry": entry, "at": lowest, "above": above, "count": len(at)}


def _some_below(use: OperandUse) -> Slots | None:
    """Every entry below 0 has part of what comes in, and none has all or nothing of it."""
    below, at, gradients = _sides_of_zero(use)[0], use.numbers(use.x), use.gradients
    if not (use.direct and use.receives and below) or at is None or len(at) != len(gradients):
        return None
    shares = [pair for value, pair in zip(at, gradients, strict=True) if value < 0]
    in_part = all(0 < abs(after) < abs(before) for before, after in shares)
    return {"count": below} if in_part else None


def _observed_slopes(use: OperandUse) -> list[float]:
    """Return the slopes that a step shows: its gradient over the one that comes in."""
    pairs = use.gradients if use.receives and use.direct else ()
    return [after / before for before, after in pairs if before]


def _bends_back(use: OperandUse) -> Slots | None:
    low = min(_observed_slopes(use), default=0.0)
    return {"low": low} if low < -1e-9 else None


def _rising_slopes(use: OperandUse) -> Slots | None:
    """The one slope that a step shows, or the range of several, where none is negative."""
    slopes = _observed_slopes(use)
    if min(slopes, default=-1.0) < 0:
        return None
    return {"slope": slopes[0]} if is_one_value(slopes) else value_range(slopes)


def _steep_log(use: OperandUse) -> Slots | None:
    lowest = min(use.numbers(use.operand) or (1.0,))
    return {"low": lowest} if _is_positive(use) and lowest < 0.1 else None


def _is_positive(use: OperandUse) -> bool:
    """No entry is 0 or below, or so near to 0 that its logarithm is clipped."""
    least = math.exp(LEAST_LOG) if use.call.operation == "clipped_log" else 0
    return min(use.numbers(use.operand) or (-1.0,)) > least


def _off_counted(use: OperandUse) -> Slots | None:
    at = use.numbers(use.operands[0])
    if not at or not use.whole or not use.shape(use.operands[0]):
        return None
    above = sum(value > 0 for value in at)
    return {"count": len(at), "above": above} if above < len(at) else None


def _all_on_counted(use: OperandUse) -> Slots | None:
    at = use.numbers(use.operands[0])
    is_array = use.whole and use.shape(use.operands[0])
    return {"count": len(at)} if at and is_array and min(at) > 0 else None


_LEAKY = (
    Reason(
        "leaky.below",
        _some_below,
        "Below 0 this function does not shut off, it is only less steep: what stands there still "
        "learns a little. Entries of {x} below 0: {count}.",
        "Entries below 0: {count}; they let less through, but not nothing.",
    ),
    Reason(
        "leaky.all_on",
        _all_on,
        "{operand} is above 0, where the function is the line itself: slope 1.",
        "Above 0 again: slope 1.",
    ),
    Reason(
        "leaky.slope",
        lambda use: use.is_second,
        "{x} is the slope below 0. Only entries of {other} that are below 0 ever met it.",
        "Only entries below 0 have met {x}.",
    ),
)

_LEAKY_AT_0 = (
    Reason(
        "leaky.corner",
        _in_the_corner,
        "Just at 0 this function has a corner and no slope of its own; by convention it has the "
        "one from below. Entries of {operand} at 0: {zero}, below: {below}, above: {above}.",
        "The slope at 0 is that from below. Entries at 0: {zero}, below: {below}, above: {above}.",
        3,
        is_remark=True,
    ),
    *_LEAKY,
)

_SMOOTH = (
    Reason(
        "smooth.bends_back",
        _bends_back,
        "From the left this function first falls, turns a little below 0 and then rises. Left of "
        "its lowest point the slope is negative: in these entries down to {low}.",
        "The lowest slope of these entries is {low}.",
        3,
        is_remark=True,
    ),
    Reason(
        "smooth.slope",
        restrict_condition(_rising_slopes, lambda found: "slope" in found),
        "A corner that is rounded: instead of 0 or 1, the slope here is {slope}.",
        "A slope of {slope}.",
    ),
    Reason(
        "smooth.slopes",
        restrict_condition(_rising_slopes, lambda found: "low" in found),
        "A corner that is rounded: instead of 0 or 1, slopes here run from {low} to {high}.",
        "Slopes from {low} to {high}.",
    ),
)

_LOG = (
    Reason(
        "log.of_sigmoid",
        lambda use: not use.direct and use.computed_by(use.operand, "sigmoid"),
        "The logarithm's slope is 1 over {operand}, and that of the sigmoid in it has the factor "
        "{operand}. The two cancel: 1 minus {operand} is left.",
        "Again 1 minus {operand} is left.",
        3,
    ),
    Reason(
        "log.steep",
        _steep_log,
        "A logarithm is steep near 0. The smallest number it sees is {low}, and the slope there "
        "is 1 over that.",
        "1 over a number as small as {low} is steep.",
        3,
        is_remark=True,
    ),
    Reason(
        "log.inverse",
        _is_positive,
        "The logarithm of {operand} climbs at the rate 1 over {operand}: twice the number, half "
        "the slope.",
        "The logarithm's slope, 1 over {operand}.",
    ),
)

_SQUEEZED = "{y} is kept between 0 and 1: near 0 for very negative inputs, near 1 for large ones."


def _is_surprise(use: OperandUse) -> bool:
    """The loss is minus the logarithm of a number up to 1: there its formula tells the sign."""
    share, minus = use.number(use.operand), Call("negative", (use.call,))
    is_told = 0 < share < 1 or (share == 1 and use.definition_of(use.y) == minus)
    return use.is_loss and is_told and nearly_equal([use.number(use.y)], [-math.log(share)])


BACKWARD: Final[Mapping[str, tuple[Reason, ...]]] = {
    "sigmoid": (
        *LEFT_REASONS,
        Reason(
            "sigmoid.saturated",
            _saturated_unit,
            "{x} is {at}. Out there the sigmoid is nearly flat, with a slope of {slope}, so hardly"
            " anything of the gradient comes through: the unit is saturated.",
            "Saturated at {at}: a slope of {slope}.",
            3,
            is_remark=True,
        ),
        Reason(
            "sigmoid.slope",
            _single_slope,
            "At {at} the sigmoid has the slope {slope}. It can never exceed 0.25, so this factor "
            "alone leaves at most a quarter of what comes back.",
            "The sigmoid's slope here is {slope}.",
        ),
        Reason(
            "sigmoid.same_slopes",
            _same_slopes,
            "Each sigmoid has the slope {slopes} here. It can never exceed 0.25, so this factor "
            "alone leaves at most a quarter of what comes back.",
            "The sigmoids' slope here is {slopes}, that of each.",
        ),
        Reason(
            "sigmoid.slopes",
            _several_slopes,
            "Each unit passes its gradient on in proportion to how steep its sigmoid is: here "
            "{low} to {high}. This slope can never exceed 0.25, so this factor alone leaves at "
            "most a quarter of a gradient.",
            "The sigmoids' slopes here: {low} to {high}.",
        ),
    ),
    "tanh": (
        Reason(
            "tanh.saturated",
            _saturated_unit,
            "{x} is {at}. Out there tanh is nearly flat, with a slope of {slope}: the unit is "
            "saturated, and hardly anything comes back.",
            "Saturated at {at}: a slope of {slope}.",
            3,
            is_remark=True,
        ),
        Reason(
            "tanh.straight",
            _nearly_straight,
            "Close to 0 tanh is almost a straight line: all slopes are {low} or more, and nearly "
            "all of the gradient comes through.",
            "Almost straight: slopes of {low} or more.",
            3,
            is_remark=True,
        ),
        Reason(
            "tanh.slope",
            _single_slope,
            "At {at} tanh has the slope {slope}: 1 minus the square of its output.",
            "The slope of tanh here is {slope}.",
        ),
        Reason(
            "tanh.same_slopes",
            _same_slopes,
            "tanh is steepest, with slope 1, in the middle. Here all units are equally far from "
            "it, with the slope {slopes}.",
            "The slope of tanh here is {slopes} for each unit.",
        ),
        Reason(
            "tanh.slopes",
            _several_slopes,
            "tanh is steepest, with slope 1, in the middle. Here the slopes run from {low} to "
            "{high}: the further out a unit is, the less of its gradient comes back.",
            "Slopes of tanh here: {low} to {high}.",
        ),
    ),
    "relu": (
        Reason(
            "relu.off",
            _all_off,
            "{operand} is not above 0, so its ReLU is 0 and stays 0 under a small nudge: no "
            "gradient comes back through it, and nothing before it learns along this path.",
            "Off again: {operand} is not above 0.",
            3,
        ),
        Reason(
            "relu.corner",
            _in_the_corner,
            "Just at 0 ReLU has a corner and no slope of its own; by convention it counts as 0, as "
            "below 0. Entries of {operand} at 0: {zero}, below: {below}, above: {above}.",
            "At 0 the slope counts as 0. Entries at 0: {zero}, below: {below}, above: {above}.",
            3,
            is_remark=True,
        ),
        Reason(
            "relu.some",
            _some_on,
            "The {above} of {count} entries above 0 let the gradient through unchanged. Where one "
            "is not above 0, as {entry} with {at}, the output does not move with it, and the "
            "gradient is 0.",
            "{above} of the {count} entries {above:lets|let} the gradient through.",
            3,
        ),
        Reason(
            "relu.on",
            _all_on,
            "{operand} is above 0, where ReLU is the line itself: the gradient passes unchanged.",
            "Above 0: the gradient passes.",
        ),
    ),
    "leaky_relu": _LEAKY_AT_0,
    "prelu": _LEAKY_AT_0,
    "elu": _LEAKY,
    "celu": _LEAKY[:2],
    "gelu": _SMOOTH,
    "gelu_tanh": _SMOOTH,
    "silu": _SMOOTH,
    "mish": _SMOOTH,
    "hardswish": _SMOOTH[:1],
    "softplus": (
        Reason(
            "softplus.sigmoid",
            step_result,
            "Softplus is a ReLU with a round corner; its slope is the sigmoid, between 0 and 1.",
            "The slope of softplus, a sigmoid.",
        ),
    ),
    "exp": (
        *LEFT_REASONS,
        Reason(
            "exp.itself",
            step_result,
            "The exponential is its own slope: the larger its value, the faster it grows.",
            "exp is its own slope.",
        ),
    ),
    "log": _LOG,
    "clipped_log": _LOG,
    "sqrt": (
        Reason(
            "root.slope",
            _is_positive,
            "A root rises steeply near 0 and ever more slowly after that: its slope is 1 over "
            "twice the root.",
            "The slope of a root is 1 over twice the root.",
        ),
    ),
    "abs": (
        Reason(
            "absolute.corner",
            _in_the_corner,
            "Just at 0 the absolute value has a corner and no slope of its own; by convention it "
            "counts as 0. Entries of {operand} at 0: {zero}, below: {below}, above: {above}.",
            "The slope at 0 counts as 0. Entries at 0: {zero}, below: {below}, above: {above}.",
            3,
            is_remark=True,
        ),
        Reason(
            "absolute.sign",
            step_result,
            "The absolute value has two straight arms: slope 1 to the right of 0, −1 to the left.",
            "Slope 1 or −1, by the sign.",
        ),
    ),
}


FORWARD: Final[Mapping[str, tuple[Reason, ...]]] = {
    "sigmoid": (purpose("sigmoid", lambda use: use.whole, _SQUEEZED),),
    "tanh": (
        purpose(
            "tanh",
            lambda use: use.whole,
            "{y} is kept between −1 and 1: near −1 for very negative inputs, near 1 for large "
            "ones.",
        ),
    ),
    "sqrt": (
        purpose(
            "root.size",
            restrict_condition(_root_of_squares, lambda found: "added" not in found),
            "The root of a mean of squares: the typical size of {x}.",
        ),
        purpose(
            "root.size_above_0",
            restrict_condition(_root_of_squares, lambda found: "added" in found),
            "The root of a mean of squares: the typical size of {x}. The {added} under the root "
            "keeps {y} from being 0.",
        ),
        purpose(
            "root",
            lambda use: use.whole and isinstance(use.operand, Name),
            "{y} is the number whose square is {operand}.",
            1,
        ),
    ),
    **dict.fromkeys(
        ("sin", "cos"),
        (purpose("wave", step_result, "A wave, which stays between −1 and 1.", 1),),
    ),
    "erf": (purpose("erf", step_result, "An S-shaped curve from −1 to 1.", 1),),
    "step": (
        purpose(
            "yes_or_no", step_result, "A yes-or-no answer: 1 where {operand} is above 0, else 0."
        ),
    ),
    "where": (
        purpose(
            "choice",
            lambda use: {"one": use.operands[1], "other": use.operands[2]},
            "Where the condition holds, {one} is taken, elsewhere {other}.",
        ),
    ),
    "stop_gradient": (
        purpose(
            "stop_gradient", step_result, "The value goes on, and no gradient comes back this way."
        ),
    ),
    "relu": (
        purpose(
            "relu.count",
            _off_counted,
            "ReLU keeps what is above 0, here {above} of {count} entries, and sets the rest to 0.",
            3,
        ),
        purpose(
            "relu.all_on",
            _all_on_counted,
            "ReLU keeps what is above 0: here each of the {count} entries is, and passes as it is.",
            3,
        ),
        purpose("relu", step_result, "ReLU keeps what is above 0 and shuts off the rest."),
    ),
    **dict.fromkeys(
        ("gelu", "gelu_tanh", "silu", "hardswish", "mish", "softplus"),
        (purpose("smooth", step_result, "A ReLU with a rounded corner."),),
    ),
    "leaky_relu": (purpose("leaky", step_result, "A ReLU that lets a little through below 0."),),
    "prelu": (
        purpose(
            "leaky.trained",
            step_result,
            "A ReLU whose slope below 0 is learnt with the weights.",
        ),
    ),
    **dict.fromkeys(
        ("elu", "celu"), (purpose("elu", step_result, "A ReLU that levels out smoothly below 0."),)
    ),
    "log": (
        purpose(
            "surprise",
            _is_surprise,
            "The loss is minus the logarithm of {operand}: 0 if {operand} is 1; the closer it "
            "comes to 0, the larger the loss.",
        ),
    ),
    "exp": (
        purpose(
            "exp",
            lambda use: bool(use.shape(use.call)),
            "The exponential makes every entry of {operand} positive and keeps their order.",
        ),
        purpose(
            "exp.single",
            lambda use: not use.shape(use.call),
            "The exponential is positive, whatever {operand} is.",
        ),
    ),
}
