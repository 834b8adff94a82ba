"""The traced run as worlds: what names are in an iteration, as computed or as a writer rounds."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from tracer.check.bind.writers_run import WritersRun
from tracer.check.compare.bounded_values import do_meet, have_one_shape, widen
from tracer.check.compare.known_value import KnownValue
from tracer.check.trace.binding import Spot
from tracer.check.trace.traced import Traced
from tracer.intervals import Interval, Value

__all__ = ["RunView", "RunWorld", "WritersWorld", "is_value_of_run"]

MOST_RESTATED: Final = 50  # iterations in which a restated parameter is looked for


class RunView:
    """A traced run, asked by written names and iterations; iterations count from 1."""

    def __init__(self, run: Traced) -> None:
        self.run: Final = run

    @property
    def scenario(self) -> str:
        """The name of the scenario."""
        return self.run.scenario_name

    def spots(self, name: str, *, is_target: bool) -> Sequence[Spot]:
        """Return the quantities that a name may mean, the likeliest first."""
        return self.run.quantities(name, target=is_target)

    def is_given(self, name: str) -> bool:
        """Tell whether a name is data, a parameter or a setting."""
        spots = self.spots(name, is_target=False)
        return bool(spots) and self.run.given(spots[0][0], 1)

    def value(self, spot: Spot, iteration: int) -> KnownValue | None:
        """Return what a quantity is in an iteration; None where it has no value there."""
        if iteration < 1 or (iteration > self.run.iterations and not self.run.extend(iteration)):
            return None
        value = self.run.value(*spot, iteration)
        if value is None:
            return None
        is_given = self.run.given(spot[0], iteration)
        return KnownValue(value, value, value, is_given, 0)

    def phase(self, spot: Spot) -> str:
        """Return forward, loss, backward, update or given."""
        return self.run.phase(spot[0])


class RunWorld:
    """What names are in one iteration of the run; what it does not know, the writer has stated.

    With `half` the run's computed values are known as this writer prints them: to half a unit.
    """

    def __init__(
        self,
        view: RunView,
        writer: WritersRun,
        iteration: int,
        half: Fraction | None = None,
    ) -> None:
        self.view: Final = view
        self.writer: Final = writer
        self.iteration: Final = iteration
        self.half: Final = half

    def known(self, name: str) -> KnownValue | None:
        """Return what a name is: in the run, else as stated."""
        spots = self.view.spots(name, is_target=False)
        found = self.view.value(spots[0], self.iteration) if spots else None
        if found is None:
            return self.writer.known(name)
        if self.half is None or found.is_given:
            return found
        count = sum(1 for _ in _entries(found.printed))
        bounds = widen(found.printed, [self.half] * count)
        return KnownValue(found.printed, bounds, found.unrounded, False, 0)

    def earlier(self, name: str) -> Sequence[KnownValue]:
        """Return what a name is after this iteration's update, and in the iteration before."""
        others: list[KnownValue | None] = []
        for spot in self.view.spots(name, is_target=False)[:1]:
            others += [self.view.value(spot, self.iteration + step) for step in (1, -1)]
        found = [value for value in others if value is not None]
        return found or self.writer.earlier(name)


class WritersWorld:
    """What the writer has stated of each name; what was not stated is as in the run."""

    def __init__(self, writer: WritersRun, run: RunWorld | None = None) -> None:
        self.writer: Final = writer
        self.run: Final = run

    def known(self, name: str) -> KnownValue | None:
        """Return what a name was said to be, else what it is in the run."""
        found = self.writer.known(name)
        return self.run.known(name) if found is None and self.run is not None else found

    def earlier(self, name: str) -> Sequence[KnownValue]:
        """Return other values that the name was said to have."""
        return self.writer.earlier(name)


def is_value_of_run(view: RunView, name: str, value: Value) -> bool:
    """Tell whether a name has a value at the start, or (a parameter) after any iteration."""
    spots = view.spots(name, is_target=False)
    for spot in spots:
        is_parameter = spot[0] in view.run.program.carried
        iterations = min(view.run.iterations, MOST_RESTATED) + 1 if is_parameter else 1
        for iteration in range(1, iterations + 1):
            known = view.value(spot, iteration)
            if known is None:
                break
            if have_one_shape(known.printed, value) and do_meet(known.printed, value):
                return True
    return False


def _entries(value: Value) -> Sequence[Interval]:
    if isinstance(value, Interval):
        return (value,)
    return [entry for item in value for entry in _entries(item)]
