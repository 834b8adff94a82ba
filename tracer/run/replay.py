"""One iteration once more, with one operation an equation: the values between the named ones."""

from __future__ import annotations

from array import array

from tracer.run.plans import Plans
from tracer.run.trace import Iteration, Segment, Trace

__all__ = ["Replay"]


class Replay:
    """Replays iterations of a trace, operation by operation, through the same kind of plan."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._plans = Plans(trace.scenario, operations=True)
        self._latest: Iteration | None = None

    def iteration(self, number: int) -> Iteration:
        """Return an iteration with the values of every operation; the latest is kept."""
        if self._latest is None or self._latest.number != number:
            self._latest = self._replay_iteration(number)
        return self._latest

    def _replay_iteration(self, number: int) -> Iteration:
        recorded = self._trace.iteration(number)
        carried = {name: array("d", recorded.floats(name)) for name in recorded.program.carried}
        batch = recorded.batch
        # Arrays have a value where Python would refuse the arithmetic (1/0, exp(710)).
        fault = self._trace.fault
        arrays = True if fault is not None and fault.iteration == number else None
        plan = self._plans.plan(batch, None, arrays=arrays)
        store, _, _ = plan.run(carried, number, [batch])
        built = self._plans.built(batch)
        names = None
        found = store.first_non_finite()
        if found is not None:
            order = store.names()
            names = frozenset(order[: order.index(found[1]) + 1])
        return Iteration(
            self._trace, Segment(number, store, built, [batch], carried, names), number
        )
