"""Changes to undo and to redo: how each run is made again, and as many runs as there is room for.

A run of a large network takes hundreds of megabytes, its scenario's text a few thousand bytes. So
every text is kept, and runs only within a budget, the nearest ones first. It knows no screen.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal

from tracer.frozen import replace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tracer.program.given import Given
    from tracer.program.scenario import Scenario
    from tracer.run.trace import Trace

__all__ = ["BUDGET_BYTES", "MOST_CHANGES", "History", "Past", "Way"]

MOST_CHANGES: Final = 50  # that can be undone
BUDGET_BYTES: Final = 128 * 1024 * 1024  # of all runs that are kept whole

Way = Literal["undo", "redo"]


class Past:
    """A run that was shown: its scenario without its numbers, and the run where it is kept."""

    def __init__(self, trace: Trace) -> None:
        nothing: Mapping[str, Given] = MappingProxyType({})
        self._said = replace(
            trace.scenario,
            data=nothing,
            parameters=nothing,
            constants=nothing,
            evaluation=None,
            prediction=None,
        )
        self.trace: Trace | None = trace
        self.size = trace.nbytes

    def scenario(self) -> Scenario:
        """Return the scenario, read from its text again. Raises TracerError where that fails."""
        return self._said.with_overrides(())


class History:
    """What can be undone and redone. `next` tells what it would be, `go` does it."""

    def __init__(self, budget: int = BUDGET_BYTES) -> None:
        self._budget = budget
        self._pasts: dict[Way, list[Past]] = {"undo": [], "redo": []}

    def changed(self, before: Trace) -> None:
        """Take note that another run is shown now; what was undone cannot be redone any more."""
        self._pasts["redo"].clear()
        self._add("undo", before)

    def next(self, way: Way) -> Past | None:
        """Return the run that one would go to; None where there is none."""
        pasts = self._pasts[way]
        return pasts[-1] if pasts else None

    def go(self, way: Way, now: Trace) -> None:
        """Take note that one went there, away from the run `now`."""
        self._pasts[way].pop()
        self._add("redo" if way == "undo" else "undo", now)

    def _add(self, way: Way, trace: Trace) -> None:
        self._pasts[way].append(Past(trace))
        del self._pasts[way][:-MOST_CHANGES]
        self._fit()

    def _fit(self) -> None:
        """Let runs go until the others fit: those that are the most changes away first."""
        kept = [
            (away, past)
            for pasts in self._pasts.values()
            for away, past in enumerate(reversed(pasts))
            if past.trace is not None
        ]
        taken = 0
        for _, past in sorted(kept, key=lambda each: each[0]):
            taken += past.size
            if taken > self._budget:
                past.trace = None
