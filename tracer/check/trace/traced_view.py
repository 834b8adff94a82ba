"""A traced run as a document is held against it, with those of writers with other conventions."""

from __future__ import annotations

from collections.abc import Iterator

from tracer.check.trace.conventions import alternatives
from tracer.check.trace.traced_run import TracedRun
from tracer.errors import ScenarioError, nearest
from tracer.program.scenario import bundled, load
from tracer.run.memory import BUDGET_BYTES
from tracer.run.runner import run_scenario
from tracer.sentences import Sentence, say

__all__ = ["TracedView", "scenario_view"]


class TracedView(TracedRun):
    """A run, asked by written names, that knows the conventions under which it would be another."""

    def alternatives(self) -> Iterator[tuple[Sentence, TracedView]]:
        """Yield the run under other conventions, with what is said of each."""
        return alternatives(self)


def scenario_view(
    name: str, memory: int | None = None, *, bundled_only: bool = False
) -> TracedView:
    """Run a scenario, within so many bytes; a document may name bundled ones only.

    Raises TracerError where it cannot be loaded or run.
    """
    if bundled_only and name not in bundled():
        raise ScenarioError(
            say("a document may name a bundled scenario only"),
            found=name,
            expected=nearest(name, bundled()) or say("one that `tracer list` shows"),
        )
    return TracedView(run_scenario(load(name), budget=BUDGET_BYTES if memory is None else memory))
