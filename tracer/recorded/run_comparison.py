"""Two runs, or a run and recorded values: the first mismatch, and the losses of both.

A second run is taken as values that it recorded, so that one comparison serves both.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tracer.expression import render
from tracer.frozen import Frozen
from tracer.narrative.messages import say
from tracer.operations import vocabulary
from tracer.recorded.recorded_files import Raw, arrays_by_iteration
from tracer.recorded.recorded_values import (
    Cause,
    Departure,
    RecordedComparison,
    compare,
    traced_value,
)
from tracer.run.trace import Trace

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["MOST_COMPARED", "RunComparison", "compare_runs", "compare_with_values"]

FIRST: Final = 16  # iterations that are compared at first; where all agree, four times as many
MOST_COMPARED: Final = 4096


class RunComparison(Frozen):
    """What departs of the second from the first, and the losses of both.

    `compared` is the number of the last iteration whose values were held against one another;
    `names_apart` are the quantities that only the first run has, and those of the second alone.
    """

    values: RecordedComparison
    compared: int
    losses: Sequence[float]
    other_losses: Sequence[float]
    names_apart: tuple[Sequence[str], Sequence[str]] = ((), ())


def compare_runs(trace: Trace, other: Trace, *, tolerance: float | None = None) -> RunComparison:
    """Return what departs of another run from a trace.

    Iterations are held against one another up to the first with a departure, and to
    `MOST_COMPARED`.
    Raises TracerError where no name is one of both.
    """
    last = min(len(trace), len(other), MOST_COMPARED)
    count = min(FIRST, last)
    while True:
        found = compare(trace, _values_of(other, count), tolerance=tolerance)
        if found.departures:
            count = found.departures[0].iteration  # what comes later departs because of it
            found = compare(trace, _values_of(other, count), tolerance=tolerance)
        if found.departures or count == last:
            break
        count = min(4 * count, last)
    names, others = _names_of(trace), _names_of(other)
    apart = (
        [name for name in names if name not in others],
        [name for name in others if name not in names],
    )
    departures = tuple(_explained(item, trace, other) for item in found.departures)
    found = found._replace(departures=departures, unknown=(), missing=())
    return RunComparison(found, count, _losses(trace), _losses(other), apart)


def _explained(departure: Departure, trace: Trace, other: Trace) -> Departure:
    """Return a departure of another run with what explains it: first of all another equation.

    What a run is given (a setting, a datum) is none of its quantities, though numbers be alike.
    """
    causes = departure.causes
    own, others = (_equation_of(departure.name, run) for run in (trace, other))
    if not own or not others:
        causes = tuple(cause for cause in causes if cause.kind != "wrong_substitution")
    elif own != others and departure.follows in ("first", "own"):
        words = say("its equation is {other}, expected {own}", other=others, own=own)
        causes = (Cause("wrong_formula", words),)
    return departure._replace(causes=causes)


def _equation_of(name: str, trace: Trace) -> str:
    """Return the right-hand side of a quantity, empty where it is given."""
    found = (item.expression for item in trace.program.equations if item.name == name)
    return "".join(render(item, "ascii", vocabulary=vocabulary()) for item in found)


def compare_with_values(trace: Trace, raw: Raw, *, tolerance: float | None = None) -> RunComparison:
    """Return what departs of recorded values from a trace. Raises as `compare`."""
    found = compare(trace, raw, tolerance=tolerance)
    by_iteration = arrays_by_iteration(raw, trace)
    loss = trace.program.loss
    losses = [
        float(np.ravel(values[loss])[0])
        for values in by_iteration.values()
        if loss is not None and loss in values
    ]
    return RunComparison(found, max(by_iteration, default=0), _losses(trace), losses)


def _values_of(trace: Trace, count: int) -> Raw:
    """Return the values of the first iterations of a run, its inputs among them."""
    by_iteration: dict[int, dict[str, NDArray[Any]]] = {}
    for number in range(1, count + 1):
        iteration = trace.iteration(number)
        computed = set(iteration)
        by_iteration[number] = {
            name: traced_value(iteration, name)
            for name in _names_of(trace)
            if name in computed or name in trace.program.inputs
        }
    return Raw(by_iteration, {})


def _names_of(trace: Trace) -> list[str]:
    return [*trace.program.inputs, *(item.name for item in trace.program.equations)]


def _losses(trace: Trace) -> list[float]:
    loss = trace.program.loss
    return [] if loss is None else trace.floats(loss)
