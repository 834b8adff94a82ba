"""How a writer's names and right results are joined to the quantities of a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tracer.check.compare.bounded_values import KnownValue, Spot, have_one_shape, hull
from tracer.expression.syntax import Node
from tracer.frozen import Frozen
from tracer.intervals import Interval, Value

__all__ = ["JoinedNames", "OwnName"]


class OwnName(Frozen):
    """What the writer has named for himself: by a formula, or (in one iteration) by figures."""

    formula: Node | None
    value: KnownValue | None
    iteration: int


class JoinedNames:
    """How the writer's names and right results are joined to the run's quantities.

    `results` are right results by quantity and iteration, each with its rounding: what follows
    from them may be as far from the run as they are. `definitions` are formulas without figures for
    names that the run does not have: they may show that a line is right, and none to be wrong.
    """

    def __init__(self) -> None:
        self.own_names: Final[dict[str, OwnName]] = {}
        self.definitions: Final[dict[str, OwnName]] = {}
        self.results: Final[dict[tuple[Spot, int], Value]] = {}
        self._with_results: Final[set[tuple[str, int]]] = set()  # quantities, by iteration
        self._reached: Final[dict[tuple[Spot, int], tuple[Value, Value]]] = {}

    def note_result(
        self, carried: Mapping[str, str], spot: Spot, iteration: int, bounds: Value
    ) -> None:
        """Note what the writer has for a quantity; what it carries begins the next iteration."""
        self._note(spot, iteration, bounds)
        for before, after in carried.items():
            if after == spot[0]:
                self._note((before, spot[1]), iteration + 1, bounds)

    def _note(self, spot: Spot, iteration: int, bounds: Value) -> None:
        self.results[spot, iteration] = bounds
        self._with_results.add((spot[0], iteration))
        self._reached.clear()

    def reach(self, spot: Spot, iteration: int, value: Value) -> Value:
        """Return a value with bounds that reach to what the writer has for it, entry by entry."""
        if (spot[0], iteration) not in self._with_results:
            return value
        before = self._reached.get((spot, iteration))
        if before is None or before[0] is not value:
            before = self._reached[spot, iteration] = value, self._hull(spot, iteration, value)
        return before[1]

    def _hull(self, spot: Spot, iteration: int, value: Value) -> Value:
        bounds = self.results.get((spot, iteration))
        if bounds is not None and have_one_shape(bounds, value):
            return hull(value, bounds)
        if isinstance(value, Interval):
            whole = self.results.get(((spot[0], ()), iteration)) if spot[1] else None
            for place in spot[1] if whole is not None else ():
                if isinstance(whole, Interval) or whole is None or place >= len(whole):
                    return value
                whole = whole[place]
            return value if whole is None else hull(value, whole)
        return tuple(
            self.reach((spot[0], (*spot[1], place)), iteration, part)
            for place, part in enumerate(value)
        )
