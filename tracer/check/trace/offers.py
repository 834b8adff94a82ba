"""The bundled scenario that a document may be about: the one whose numbers it has."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cache
from time import monotonic
from typing import TYPE_CHECKING, Final

from tracer.check.trace.aliases import key
from tracer.check.trace.traced import Traced, nearest_float, part_of
from tracer.errors import TracerError
from tracer.program.scenario import load
from tracer.run.runner import run_scenario

if TYPE_CHECKING:
    from tracer.check.numbers.figures import Figure
    from tracer.check.trace.binding import Spot

__all__ = ["fitting"]

MOST_ITERATIONS: Final = 20
ENOUGH: Final = 3  # figures that fit
ALLOWED: Final = 5  # one figure in so many may miss: a slip


def fitting(
    figures: Sequence[tuple[str, Figure]], names: Sequence[str], limit_seconds: float
) -> str | None:
    """Return which of some bundled scenarios named figures fit. See `traced.offered`."""
    figures = [item for item in figures if _is_float(item[1])]  # no run has any other
    telling = {(key(name), figure.value) for name, figure in figures if _is_telling(figure)}
    if len(telling) < ENOUGH:
        return None
    end = monotonic() + limit_seconds
    for name in names:
        candidate = _candidate(name)
        if candidate is not None and candidate.fits(figures):
            return name
        if monotonic() > end:
            return None
    return None


class _Candidate:
    """A small scenario, traced, with all values of its first iterations in order."""

    def __init__(self, name: str) -> None:
        self.traced = Traced(run_scenario(load(name)))
        self.trace = self.traced.trace
        self.count = min(len(self.trace), MOST_ITERATIONS)
        self._entries: dict[Spot, list[float]] = {}
        iterations = map(self.trace.iteration, range(1, self.count + 1))
        self.values = sorted(
            value
            for iteration in iterations
            for quantity in iteration
            for value in iteration.floats(quantity)
        )

    def fits(self, figures: Sequence[tuple[str, Figure]]) -> bool:
        """Tell whether enough figures are values of their names, and nearly no other misses."""
        numbers = {figure.value: figure for _, figure in figures if _is_telling(figure)}
        if sum(map(self.has, numbers.values())) < ENOUGH:
            return False  # names need not be looked at
        found: set[tuple[str, Fraction]] = set()
        missed = 0
        for name, figure in figures:
            spots = self.traced.quantities(name, target=True)
            if any(self.is_at(spot, figure) for spot in spots):
                if _is_telling(figure):
                    found.add((key(name), figure.value))
            elif spots:
                missed += 1
        return len(found) >= ENOUGH and missed * ALLOWED <= len(found)

    def has(self, figure: Figure) -> bool:
        """Tell whether anything has the value of a figure."""
        centre, half = _bounds(figure)
        place = bisect_left(self.values, centre - half)
        return place < len(self.values) and self.values[place] <= centre + half

    def is_at(self, spot: Spot, figure: Figure) -> bool:
        """Tell whether a quantity has the value of a figure in some iteration."""
        values = self._entries.get(spot)
        if values is None:
            values = self._entries[spot] = list(self._values_at(*spot))
        centre, half = _bounds(figure)
        return any(abs(value - centre) <= half for value in values)

    def _values_at(self, name: str, index: tuple[int, ...]) -> Iterator[float]:
        """Yield the value of a single number in each of the first iterations."""
        for number in range(1, self.count + 1):
            iteration = self.trace.iteration(number)
            part = part_of(iteration.shape(name), index)
            if name not in iteration or part is None or part.stop - part.start != 1:
                return
            yield iteration.floats(name)[part.start]


def _bounds(figure: Figure) -> tuple[float, float]:
    centre = float(figure.value)
    return centre, float(figure.half) + 1e-9 * abs(centre)


def _is_float(figure: Figure) -> bool:
    return math.isfinite(nearest_float(abs(figure.value) + figure.half))


def _is_telling(figure: Figure) -> bool:
    """Tell whether a figure is no small whole number, which half of all scenarios have."""
    return figure.value.denominator != 1 or abs(figure.value) > 10


@cache
def _candidate(name: str) -> _Candidate | None:
    try:
        return _Candidate(name)
    except TracerError:
        return None
