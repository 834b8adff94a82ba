"""Why normalization, dropout, masks and convolutions have the gradients that they have."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial
from operator import mul
from typing import Final

from tracer.expression import Call
from tracer.operations.reason import (
    OperandUse,
    Reason,
    Slots,
    count_several,
    parts_cancel,
    purpose,
    rows_cancel,
    step_result,
)
from tracer.operations.signature import number

STRETCH: Final = 0.01  # share of a stretch that an epsilon under the root may leave


def _is_offset(use: OperandUse) -> bool:
    return use.position == 2 and use.holds_entries


def _is_normed(use: OperandUse) -> bool:
    return use.position == 0 and rows_cancel(use)


def _neither_shift_nor_stretch(use: OperandUse) -> bool:
    """The gradient has no part along the entries either, but for what the epsilon leaves."""
    at, gradient = use.numbers(use.x), use.gradient
    if not _is_normed(use) or at is None or gradient is None:
        return False
    return parts_cancel([*map(mul, at, gradient)], use.shape(use.x)[-1], STRETCH)


def _normed_in_groups(use: OperandUse) -> Slots | None:
    """The gradients of each group of each sample sum to 0."""
    groups = use.attributes["groups"]
    size = math.prod(use.shape(use.x)[1:]) // groups
    return {"groups": groups} if use.is_first and parts_cancel(use.gradient, size) else None


def _dropped_entries(use: OperandUse) -> Slots | None:
    """Where dropout has put a 0, the gradient is 0; the others are stretched."""
    out, at, gradient = use.numbers(use.y), use.numbers(use.x), use.gradient
    if not use.whole or not use.direct or out is None or at is None or gradient is None:
        return None
    off = [place for place, (a, b) in enumerate(zip(out, at, strict=True)) if b and not a]
    return {"count": len(off)} if off and not any(gradient[place] for place in off) else None


def _is_filter(use: OperandUse) -> bool:
    return use.position == 1 and use.holds_entries


def _filter_places(use: OperandUse) -> int:
    """Return on how many places a filter is laid, those of all samples together."""
    return math.prod(use.shape(use.call)) // use.shape(use.operands[1])[0]


def _has_stride(use: OperandUse) -> Slots | None:
    """Places are left out between two stops, along some axis."""
    stride = use.attributes["stride"]
    steps = stride if isinstance(stride, tuple) else (stride,)
    return {"stride": " × ".join(map(str, steps))} if max(steps) > 1 else None


def _filters_overlap(use: OperandUse) -> bool:
    """Tell whether neighbouring places of a filter have entries in common."""
    sizes, stride = use.shape(use.operands[1])[2:], use.attributes["stride"]
    steps = stride if isinstance(stride, tuple) else (stride,) * len(sizes)
    places = use.shape(use.call)[-len(sizes) :]
    axes = zip(sizes, steps, places, strict=True)
    return any(size > step and count > 1 for size, step, count in axes)


def _under_filters(use: OperandUse, *, again: bool) -> bool:
    return not use.position and _filters_overlap(use) == again


_NORMED = (
    Reason(
        "norm.no_stretch",
        _neither_shift_nor_stretch,
        "Raise all entries of {x} that share a mean by the same amount, and subtracting the mean "
        "undoes it; stretch them, and dividing by their spread undoes that, but for the small "
        "number under the root. So neither is left in the gradient: of what comes in, the mean is "
        "subtracted, and so is the part along the standardized entries.",
        "Again the mean of what comes in is subtracted, and its part along the standardized "
        "entries.",
        3,
    ),
    Reason(
        "norm.rows_cancel",
        lambda use: _is_normed(use) and not _neither_shift_nor_stretch(use),
        "Raise all entries of {x} that share a mean by the same amount, and the mean takes that "
        "away again: the result stays. So their gradients must add up to 0.",
        "Again the gradients add up to 0, because the mean is taken off.",
        3,
    ),
    Reason(
        "norm.gain",
        lambda use: use.is_second and math.prod(use.shape(use.y)) > math.prod(use.shape(use.x)),
        "{x} multiplies the standardized entries, so its gradient is the incoming gradient "
        "times the standardized entry, summed over all entries that it multiplies.",
        "The incoming gradient times the standardized entry, for the gain.",
    ),
    Reason(
        "norm.gain_once",
        lambda use: use.is_second and math.prod(use.shape(use.y)) == math.prod(use.shape(use.x)),
        "{x} multiplies the standardized entries, so its gradient is the incoming gradient "
        "times the standardized entry.",
        "The incoming gradient times the standardized entry.",
    ),
    Reason(
        "norm.offset",
        _is_offset,
        "{x} is added last, after the standardization. So it just collects the gradients.",
        "{x} is added last and collects the gradients.",
    ),
)

_NORMED_IN_GROUPS = (
    Reason(
        "norm.groups_cancel",
        _normed_in_groups,
        "Each group of a sample, {groups} in all, is brought to mean 0 by itself: raise a whole "
        "group of {x} by the same amount and the result stays. So the gradients in a group must "
        "add up to 0.",
        "Again a group's gradients add up to 0, because its mean is taken off.",
        3,
    ),
    *_NORMED[2:],
)

_CONVOLUTION = (
    Reason(
        "filter.everywhere",
        count_several(_is_filter, _filter_places),
        "Each filter in {x} was laid on {count} places. Each place contributes its gradient times "
        "the patch under it, and the contributions add up.",
        "Each filter, {count} places: the sum of gradient times patch.",
    ),
    Reason(
        "filter.at_rest",
        lambda use: _is_filter(use) and _filter_places(use) == 1,
        "Each filter in {x} was laid on one place only: its gradient is the gradient of that place"
        " times the patch under it.",
        "One place: its gradient times the patch under {x}.",
    ),
    Reason(
        "filter.input",
        partial(_under_filters, again=True),
        "The places of the filter overlap, so an entry of {operand} may lie under it several "
        "times, each time under another of its weights. Each time a gradient comes back, "
        "multiplied by that weight.",
        "Each place sends its gradient back through the weights of {other}.",
    ),
    Reason(
        "filter.input_once",
        partial(_under_filters, again=False),
        "The places of a filter do not overlap here, so an entry of {operand} meets each filter at"
        " most once. The gradient comes back from there, multiplied by the weight that lay on it.",
        "Each entry meets a filter of {other} at most once: the gradient there, times that weight.",
    ),
    Reason(
        "filter.offset",
        _is_offset,
        "{x} was added at every place, so the gradients of all places add up.",
        "Gradients of all places add up for {x}.",
    ),
)


def _scales_and_shifts(use: OperandUse) -> bool:
    trained = all(use.kind(item) == "parameter" for item in use.operands[1:])
    return trained and _unequal_rows(use)


def _unequal_rows(use: OperandUse) -> bool:
    """In no row are all entries so nearly equal that the epsilon under the root is felt."""
    spreads = use.numbers(Call("deviation", (use.operands[0],), (("epsilon", number(0)),)))
    return bool(min(spreads or (0.0,)) ** 2 > 100 * use.attributes["epsilon"])


_NORMED_ONLY = "Each vector is brought to mean 0 and spread 1."
_SLIDING = (
    purpose(
        "filter.strided",
        _has_stride,
        "A small filter moves along, {stride} places at a time: at each stop its weights are "
        "multiplied by what lies under them, and the products are added up. The places in between "
        "are left out (downsample); on the way back zeros stand there (upsample).",
        3,
    ),
    purpose(
        "filter",
        step_result,
        "A small filter slides along: at each place its weights are multiplied by what lies under "
        "them, and the products are added up. The weights are the same at every place.",
    ),
)


BACKWARD: Final[Mapping[str, tuple[Reason, ...]]] = {
    "layer_norm": _NORMED,
    "group_norm": _NORMED_IN_GROUPS,
    "standardize": _NORMED[:2],
    "dropout_with": (
        Reason(
            "dropout.mask",
            _dropped_entries,
            "What the mask dropped had no part in the loss and gets no gradient. The rest was "
            "stretched, and so is its gradient. Entries of {x} that became 0: {count}.",
            "{count} entries dropped: no gradient there.",
        ),
        Reason(
            "dropout.mask_slope",
            lambda use: use.is_second,
            "{x} multiplies {other}: what comes back to it is multiplied by {other}, and stretched "
            "as it was on the way forward.",
            "Times {other}, stretched.",
        ),
    ),
    "causal_mask": (
        Reason(
            "mask.future",
            lambda use: use.direct and -math.inf in (use.record.entries(use.call) or (-math.inf,)),
            "Scores of what comes later were struck out, so nothing comes back to them.",
            "Nothing comes back to what was struck out.",
            of_some=True,
        ),
    ),
    "conv1d": _CONVOLUTION,
    "conv2d": _CONVOLUTION,
}


_DROPPED: Final = (
    purpose(
        "dropout",
        step_result,
        "Some entries are set to 0, so that no unit relies on a single other unit; the rest "
        "are scaled up, so that the sum stays the same on average.",
    ),
)

FORWARD: Final[Mapping[str, tuple[Reason, ...]]] = {
    "layer_norm": (
        purpose(
            "norm",
            _scales_and_shifts,
            "Each vector is brought to mean 0 and spread 1, then multiplied by a gain and shifted "
            "by a bias, which are trained: what comes next sees numbers of comparable size.",
        ),
        purpose(
            "norm.plain",
            lambda use: _unequal_rows(use) and not _scales_and_shifts(use),
            _NORMED_ONLY,
        ),
    ),
    "standardize": (purpose("norm.plain", _unequal_rows, _NORMED_ONLY),),
    **dict.fromkeys(("dropout", "dropout_with"), _DROPPED),
    "dropout_mask": (
        purpose(
            "dropout_mask",
            step_result,
            "{y} is drawn once: 1 where an entry is kept, 0 where it is dropped.",
        ),
    ),
    "causal_mask": (
        purpose(
            "mask",
            step_result,
            "What comes later is struck out: no position may look at those after it.",
        ),
    ),
    "conv1d": _SLIDING,
    "conv2d": _SLIDING,
}
