"""Where a function of one number, or a curve, is steep, flat, bent, not defined or too large."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Final

from tracer.expression import Call
from tracer.frozen import Frozen, Value
from tracer.operations import bound
from tracer.run.scalar_code import float_value
from tracer.run.unit_states import SATURATED, FlatSides, X, flat_sides, halve_interval, slope_of

RANGE: Final = 5.0  # curves are drawn from -RANGE to RANGE
CURVE_SPACING: Final = 0.1
NEARBY: Final = 1e-7
BEND: Final = 1e-3  # difference of the slopes on both sides, from which a place is a kink
STEADY: Final = 0.25  # relative to the largest slope; a larger step between points is a jump
SETTLED: Final = 0.01  # relative; a slope that changes by less at the end grows no more
ALIKE: Final = 1e-3  # relative difference of slopes that are equally steep
OVERFLOW_HALVINGS: Final = 60
MOST_POWER: Final = 300.0  # the power of ten of the largest number that is tried
FEW_HALVINGS: Final = 27  # after which two points are within a billionth


class SlopeJump(Value):
    """A place where the slope jumps, with the slopes on both sides."""

    x: float
    left: float
    right: float


class FunctionPlaces(Frozen):
    """What is to be seen of a function of one number, from −5 to 5 and beyond.

    `overflow` is the last place from 0 to the right whose value is a number, None where all are;
    `lowest` the first place where there is a value, None where there is one everywhere. `pole` says
    that the slope is infinite there. `steepest` is where the slope is largest, the nearest to 0.
    """

    slope: Callable[[float], float]
    steepest: float
    sides: FlatSides | None
    kinks: Sequence[SlopeJump]
    overflow: float | None
    lowest: float | None
    pole: bool


class CurvePlaces(Value):
    """Where a drawn curve is level and where steep, with the slopes there.

    `is_growing` says that it gets steeper up to the ends of what is drawn, and `steepest` are these
    ends. `low` and `high` are where a flat part at its left ends and one at its right begins; an
    end that is not there is infinite. `is_dead` says that the slope is 0 there.
    """

    slopes: tuple[float, ...]
    level: tuple[float, ...]
    steepest: tuple[float, ...]
    is_growing: bool
    low: float
    high: float
    is_dead: bool = False


def curve_places(points: Sequence[tuple[float, ...]]) -> CurvePlaces:
    """Return the places of a curve of which points are known: place, value, slope.

    Between points the slope is taken for a straight line where it crosses 0 or the limit of what
    is flat, and for a parabola where it is largest.
    """
    curve = [(x, slope) for x, _, slope in points]
    top = max(abs(slope) for _, slope in curve)
    level: list[float] = []
    peaks: dict[float, float] = {}
    for (x, one), (y, two), (_, three) in zip(curve, curve[1:], curve[2:], strict=False):
        is_steady = max(abs(two - one), abs(three - two)) <= STEADY * top
        if is_steady and ((not two and one and three) or two * three < 0):
            level.append(y + (y - x) * two / (two - three))
        bend = abs(one) - 2 * abs(two) + abs(three)
        if abs(one) < abs(two) > abs(three):
            way = (abs(one) - abs(three)) / (2 * bend)
            peaks[y + (y - x) * way] = two + (three - one) * way / 4
    ends = {
        x: slope
        for (x, slope), (_, inner) in (curve[:2], curve[:-3:-1])
        if abs(slope) - abs(inner) > SETTLED * abs(slope)
    }
    is_growing = max(map(abs, ends.values()), default=0.0) > (1 - ALIKE) * top
    extremes = ends if is_growing else peaks
    steepest = [x for x in extremes if is_growing or abs(extremes[x]) > (1 - ALIKE) * top]
    backwards = [(-x, slope) for x, slope in curve[::-1]]
    flat = [] if is_growing else [_flat_end(it, SATURATED * top) for it in (curve, backwards)]
    low, from_right = flat or (-math.inf, -math.inf)
    return CurvePlaces(
        tuple(extremes[x] for x in steepest),
        tuple(level),
        tuple(steepest),
        is_growing,
        low,
        -from_right,
    )


def _flat_end(curve: Sequence[tuple[float, float]], limit: float) -> float:
    """Return where the first slope of a size comes from the left, -inf where it begins there."""
    for (x, one), (y, two) in pairwise(curve):
        if abs(two) >= limit > abs(one):
            return x + (y - x) * (limit - abs(one)) / (abs(two) - abs(one))
        if abs(one) >= limit:
            break
    return -math.inf


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

    count = round(RANGE / CURVE_SPACING)
    places = [at * CURVE_SPACING for at in range(-count, count + 1)]
    there = [x for x in places if math.isfinite(value(x))]
    finite = [x for x in there if math.isfinite(slope(x))]
    first = there[0]  # where some place has no value, the lowest is left of this one
    lowest = (
        halve_interval(
            lambda x: math.isfinite(value(x)), first, first - CURVE_SPACING, FEW_HALVINGS
        )
        if there != places
        else None
    )
    edge = 0.0 if lowest is not None and abs(lowest) < NEARBY else lowest
    return FunctionPlaces(
        slope,
        max(places, key=lambda x: (abs(slope(x)), -abs(x))),
        flat_sides(Call(call.operation, (X, *operands[1:])))
        if not attributes and by_x == operands[0]
        else None,
        list(_slope_jumps(finite, slope)),
        _overflow_limit(value),
        edge,
        edge is not None and not math.isfinite(slope(edge)),
    )


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
                yield SlopeJump(x, slope(x - CURVE_SPACING / 1e4), slope(x + CURVE_SPACING / 1e4))
            before = x


def _overflow_limit(value: Callable[[float], float]) -> float | None:
    """Return the largest number whose value is finite, None where no value is too large."""
    if math.isfinite(value(10.0**MOST_POWER)) or not math.isfinite(value(1.0)):
        return None
    power = halve_interval(
        lambda power: math.isfinite(value(10.0**power)), 0.0, MOST_POWER, OVERFLOW_HALVINGS
    )
    return math.pow(10.0, power)
