"""Changes to undo and to redo: the scenarios of the runs that were shown. It knows no screen."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal

from tracer.frozen import replace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tracer.program.given import Given
    from tracer.program.scenario import Scenario

__all__ = ["MOST_CHANGES", "History", "Way"]

MOST_CHANGES: Final = 50  # that can be undone

Way = Literal["undo", "redo"]


class History:
    """What can be undone and redone. `next` tells what it would be, `go` does it.

    A run takes hundreds of megabytes, and so may a scenario's numbers, while its text takes a few
    thousand bytes. So only texts are kept: `with_overrides(())` reads one again, to be run.
    """

    def __init__(self) -> None:
        self._pasts: dict[Way, list[Scenario]] = {"undo": [], "redo": []}

    def changed(self, before: Scenario) -> None:
        """Take note that another run is shown now; what was undone cannot be redone any more."""
        self._pasts["redo"].clear()
        self._add("undo", before)

    def next(self, way: Way) -> Scenario | None:
        """Return the scenario that one would go to, without its numbers; None without one."""
        pasts = self._pasts[way]
        return pasts[-1] if pasts else None

    def go(self, way: Way, now: Scenario) -> None:
        """Take note that one went there, away from the scenario `now`."""
        self._pasts[way].pop()
        self._add("redo" if way == "undo" else "undo", now)

    def _add(self, way: Way, scenario: Scenario) -> None:
        nothing: Mapping[str, Given] = MappingProxyType({})
        text_only = replace(
            scenario,
            data=nothing,
            parameters=nothing,
            constants=nothing,
            evaluation=None,
            prediction=None,
        )
        self._pasts[way].append(text_only)
        del self._pasts[way][:-MOST_CHANGES]
