"""Where a function of one number is steep, flat, bent, not defined or too large: found by its rule.

No operation is known by name: its value and its slope are asked at points, and the places between
are found by halving.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Final

from tracer.expression.syntax import Call
from tracer.frozen import Frozen, Value
from tracer.operations import bound
from tracer.run.scalar_code import float_value
from tracer.run.unit_states import FlatSides, X, flat_sides, halve_interval, slope_of

RANGE: Final = 5.0  # curves are drawn from -RANGE to RANGE
SPACING: Final = 0.1
NEARBY: Final = 1e-7
BEND: Final = 1e-3  # difference of the slopes on both sides, from which a place is a kink
HALVINGS: Final = 200
FEW_HALVINGS: Final = 27  # after which two points are within a billionth


class SlopeJump(Value):
    """A place where the slope jumps, with the slopes on both sides."""

    x: float
    left: float
    right: float


class FunctionPlaces(Frozen):
    """What is to be seen of a function of one number, from −5 to 5 and beyond.

    `steepest` is the place of the largest slope, where there is a single one; `overflow` the last
    place from 0 to the right whose value is a number, None where all are; `lowest` the first place
    where there is a value, None where there is one everywhere. `pole` says that the slope is
    infinite there.
    """

    value: Callable[[float], float]
    slope: Callable[[float], float]
    steepest: float | None
    sides: FlatSides | None
    kinks: Sequence[SlopeJump]
    overflow: float | None
    lowest: float | None
    pole: bool


def function_places(call: Call) -> FunctionPlaces | None:
    """Return the places of a function, given as a call with `x` as its one name.

    None where it has no slope.
    """
    _, operands, attributes = bound(call)
    by_x = X if X in operands else operands[0]
    slope = slope_of(call, by_x)
    if slope is None:
        return None

    def value(x: float) -> float:
        return float_value(call, {by_x: x})

    count = round(RANGE / SPACING)
    places = [at * SPACING for at in range(-count, count + 1)]
    there = [x for x in places if math.isfinite(value(x))]
    finite = [x for x in there if math.isfinite(slope(x))]
    first = there[0]  # where some place has no value, the lowest is left of this one
    lowest = (
        halve_interval(lambda x: math.isfinite(value(x)), first, first - SPACING, FEW_HALVINGS)
        if there != places
        else None
    )
    edge = 0.0 if lowest is not None and abs(lowest) < NEARBY else lowest
    return FunctionPlaces(
        value,
        slope,
        _steepest_place(finite, slope),
        flat_sides(Call(call.operation, (X, *operands[1:])))
        if not attributes and by_x == operands[0]
        else None,
        list(_slope_jumps(finite, slope)),
        _overflow_limit(value),
        edge,
        edge is not None and abs(slope(edge + 1e-12)) > 1e5,
    )


def _steepest_place(places: Sequence[float], slope: Callable[[float], float]) -> float | None:
    """Return the one place inside with the largest slope; None where several share it."""
    slopes = [abs(slope(x)) for x in places]
    top = max(slopes)
    best = [x for x, size in zip(places, slopes, strict=True) if size >= top * (1 - 1e-9)]
    if len(best) != 1 or best[0] in (places[0], places[-1]):
        return None
    return round(best[0], 6) + 0.0


def _slope_jumps(places: Sequence[float], slope: Callable[[float], float]) -> Iterator[SlopeJump]:
    """Yield where the slope jumps between neighbouring points, found by halving."""
    size = max(abs(slope(x)) for x in places)
    before = None  # where the slope at the kink itself is of neither side, both its sides jump
    for left, right in pairwise(places):
        jump = abs(slope(right) - slope(left))
        if jump <= BEND * size:
            continue
        low, high = left, right
        while high - low > NEARBY:
            middle = (low + high) / 2
            halves = abs(slope(middle) - slope(low)), abs(slope(high) - slope(middle))
            low, high = (low, middle) if halves[0] >= halves[1] else (middle, high)
        if abs(slope(high) - slope(low)) > BEND * size:
            x = round((low + high) / 2, 5) + 0.0
            if x != before:
                yield SlopeJump(x, slope(x - SPACING / 1e4), slope(x + SPACING / 1e4))
            before = x


def _overflow_limit(value: Callable[[float], float]) -> float | None:
    """Return the largest number whose value is finite, None where no value is too large."""
    inside, outside = 1.0, 1e300
    if math.isfinite(value(outside)) or not math.isfinite(value(inside)):
        return None
    for _ in range(HALVINGS):
        middle = math.sqrt(inside) * math.sqrt(outside) if outside > 1e6 else (inside + outside) / 2
        inside, outside = (middle, outside) if math.isfinite(value(middle)) else (inside, middle)
    return inside
