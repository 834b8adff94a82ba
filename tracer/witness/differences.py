"""Differences of the loss: complex steps and central differences.

Both move one number at a time and look at the loss; they know no calculus.
"""

from __future__ import annotations

import itertools
import random
import sys
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from operator import itemgetter
from typing import Any, TypeVar

from tracer.witness.elementary_algebra import PreciseAlgebra
from tracer.witness.tape import Tape, evaluate_steps

STEP = "1e-12"  # step of central differences at 40 digits; the error is about its square
IMAGINARY_STEP = "1e-30"
SEED = 20_000
EPSILON = sys.float_info.epsilon

Item = TypeVar("Item")
Parameters = Mapping[str, Sequence[float]]


def even_sample(groups: Iterable[Sequence[Item]], most: int) -> list[list[Item]]:
    """Return all items of each group, or `most` in all, always the same: as evenly as can be."""
    remaining = list(groups)
    quotas = [0] * len(remaining)
    left = min(most, sum(map(len, remaining)))
    while left:
        for place, group in enumerate(remaining):
            if left and quotas[place] < len(group):
                quotas[place] += 1
                left -= 1
    draw = random.Random(SEED)
    return [
        [group[place] for place in sorted(draw.sample(range(len(group)), quota))]
        for quota, group in zip(quotas, remaining, strict=True)
    ]


Slope = Callable[[Callable[[Any], Any], Any, PreciseAlgebra], Any]
"""The derivative of a function of one number at a value of it, in an arithmetic."""


def complex_slope(loss: Callable[[Any], Any], value: Any, arithmetic: PreciseAlgebra) -> Any:
    """Return Im loss(w + ih) / h. Holds where all operations are analytic.

    Source: Squire and Trapp, Using Complex Variables to Estimate Derivatives, SIAM Review 1998.
    """
    moved = loss(arithmetic.complex(value, IMAGINARY_STEP))
    return moved.imag / arithmetic.number(IMAGINARY_STEP)


def central_slope(loss: Callable[[Any], Any], value: Any, arithmetic: PreciseAlgebra) -> Any:
    """Return (loss(w + h) - loss(w - h)) / 2h."""
    h = arithmetic.number(STEP) * max(abs(value), 1)
    return (loss(value + h) - loss(value - h)) / (2 * h)


def loss_slopes(
    tape: Tape,
    end: int,
    parameters: Sequence[int],
    values: Mapping[int, Any],
    arithmetic: PreciseAlgebra,
    slope: Slope,
) -> dict[int, Any]:
    """Return the derivative of the loss, the step `end`, by each parameter."""
    needed = tape.needed_steps(end)

    def loss(place: int, order: Sequence[int], number: Any) -> Any:
        return evaluate_steps(tape.steps, order, arithmetic, {place: number}, values)[end]

    result: dict[int, Any] = {}
    for place in parameters:
        order = sorted(tape.depending({place}, needed))  # what moves with it
        result[place] = slope(partial(loss, place, order), values[place], arithmetic)
    return result


def float_differences(
    loss: Callable[[Parameters], float], parameters: Parameters, entries: Sequence[tuple[str, int]]
) -> dict[tuple[str, int], tuple[float, float]]:
    """Return central differences of the chosen entries, and how far off each may be.

    Of five step sizes the one with the smallest error counts: in large steps the curvature
    shows, as a difference from the step before, in small ones the rounding of the loss.
    """
    moved = {name: array("d", flat) for name, flat in parameters.items()}
    result: dict[tuple[str, int], tuple[float, float]] = {}
    for name, place in entries:
        start = moved[name][place]
        size = max(abs(start), 0.1)
        slopes: list[tuple[float, float]] = []
        for power in (2, 3, 4, 5, 6):
            moved[name][place] = top = start + size * 10.0**-power
            above = loss(moved)
            moved[name][place] = bottom = start - size * 10.0**-power
            below = loss(moved)
            rounding = 4 * EPSILON * max(abs(above), abs(below)) / (top - bottom)
            slopes.append(((above - below) / (top - bottom), rounding))
        moved[name][place] = start
        result[name, place] = min(
            (
                (later, max(abs(later - earlier), rounding))
                for (earlier, _), (later, rounding) in itertools.pairwise(slopes)
            ),
            key=itemgetter(1),
        )
    return result
