"""The bundled scenario that a document may be about: the one whose numbers it has."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import cache
from time import monotonic
from typing import TYPE_CHECKING, Final, NamedTuple

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


class _Shown(NamedTuple):
    """A figure that a document shows for a name, as floats: a run's values are floats."""

    name: str
    centre: float
    half: float
    is_telling: bool  # no small whole number, which half of all scenarios have


def fitting(
    figures: Sequence[tuple[str, Figure]], names: Sequence[str], limit_seconds: float
) -> str | None:
    """Return which of some bundled scenarios named figures fit. See `traced.offered`."""
    shown = [item for name, figure in figures if (item := _shown(name, figure)) is not None]
    if len({(key(item.name), item.centre) for item in shown if item.is_telling}) < ENOUGH:
        return None
    end = monotonic() + limit_seconds
    for name in names:
        candidate = _candidate(name)
        if candidate is not None and candidate.fits(shown):
            return name
        if monotonic() > end:
            return None
    return None


def _shown(name: str, figure: Figure) -> _Shown | None:
    """Return a figure as floats; None for one beyond them, which no run has."""
    centre = nearest_float(figure.value)
    half = nearest_float(figure.half) + 1e-9 * abs(centre)
    if not math.isfinite(centre + half):
        return None
    return _Shown(name, centre, half, not centre.is_integer() or abs(centre) > 10)


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

    def fits(self, shown: Sequence[_Shown]) -> bool:
        """Tell whether enough figures are values of their names, and nearly no other misses."""
        numbers = {item.centre: item for item in shown if item.is_telling}
        if sum(map(self.has, numbers.values())) < ENOUGH:
            return False  # names need not be looked at
        found: set[tuple[str, float]] = set()
        missed = 0
        for item in shown:
            spots = self.traced.quantities(item.name, target=True)
            if any(self.is_at(spot, item) for spot in spots):
                if item.is_telling:
                    found.add((key(item.name), item.centre))
            elif spots:
                missed += 1
        return len(found) >= ENOUGH and missed * ALLOWED <= len(found)

    def has(self, item: _Shown) -> bool:
        """Tell whether anything has the value of a figure."""
        place = bisect_left(self.values, item.centre - item.half)
        return place < len(self.values) and self.values[place] <= item.centre + item.half

    def is_at(self, spot: Spot, item: _Shown) -> bool:
        """Tell whether a quantity has the value of a figure in some iteration."""
        values = self._entries.get(spot)
        if values is None:
            values = self._entries[spot] = list(self._values_at(*spot))
        return any(abs(value - item.centre) <= item.half for value in values)

    def _values_at(self, name: str, index: tuple[int, ...]) -> Iterator[float]:
        """Yield the value of a single number in each of the first iterations."""
        for number in range(1, self.count + 1):
            iteration = self.trace.iteration(number)
            part = part_of(iteration.shape(name), index)
            if name not in iteration or part is None or part.stop - part.start != 1:
                return
            yield iteration.floats(name)[part.start]


@cache
def _candidate(name: str) -> _Candidate | None:
    try:
        return _Candidate(name)
    except TracerError:
        return None
