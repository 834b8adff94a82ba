"""A recording as a run: recorded values in the places that a scenario's equations give them."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from typing import Any

from tracer.errors import ShapeError
from tracer.lazy_numpy import NDArray, np
from tracer.operations import shape_text
from tracer.program.scenario import Scenario
from tracer.recorded.recorded_files import RawValues, arrays_by_iteration, read_values
from tracer.recorded.recorded_values import as_floats_of, compare, lengthened_run, traced_value
from tracer.recorded.rounding_bounds import BoundedValue, BoundedValues
from tracer.run.arrays import ArrayStore
from tracer.run.runner import Run
from tracer.run.trace import Iteration, Trace
from tracer.sentences import say


def recorded_run(scenario: Scenario, recorded: str | RawValues, *, budget: int) -> Trace:
    """Return a run of the scenario with recorded values in the place of its own.

    `recorded` are values, or the path of a file of them.
    It has as many iterations as were recorded, and may take `budget` bytes. What was not recorded
    is what its equation gives for the values that stand there. Raises TracerError where no
    recorded name is one of the scenario, or the shape of one differs.
    """
    raw = read_values(recorded) if isinstance(recorded, str) else recorded
    trace = lengthened_run(raw, scenario, budget)
    compare(trace, raw)  # the errors of a file that is none of the scenario
    arrays = arrays_by_iteration(raw, trace)
    last = min(max(arrays), len(trace))
    run = Run(trace.scenario, "all", budget=budget)
    run.restore_start()
    values: dict[str, NDArray[Any]] = {}
    while run.done < last:
        batch = run.schedule.like(run.done)
        count = min(last - run.done, run.schedule.alike(run.done))
        rows = []
        for number in range(run.done + 1, run.done + count + 1):
            values = _iteration_values(trace.iteration(number), arrays.get(number, {}), values)
            rows.append(values)
        columns = {
            name: np.stack([row[name] for row in rows]) for name in run.plans.of_size(batch).names
        }
        store = ArrayStore(columns, count, run.plans.built(batch).masked)
        run.restore_segment(store, dict(run.carried), None, arrays=True)
        run.carried = {
            name: array("d", values[after].ravel().tolist())
            for name, after in trace.program.carried.items()
        }
    return run.trace()


def _iteration_values(
    iteration: Iteration,
    recorded: Mapping[str, NDArray[Any]],
    before: Mapping[str, NDArray[Any]],
) -> dict[str, NDArray[Any]]:
    """Return all values of an iteration; `before` are those of the one before it."""
    program = iteration.program
    values = {
        name: before[program.carried[name]]
        if before and name in program.carried
        else traced_value(iteration, name)
        for name in program.inputs
    }

    def leaf(name: str) -> BoundedValue:
        return BoundedValue(values[name], np.zeros_like(values[name]))

    evaluator = BoundedValues(0.0, leaf)
    for equation in program.equations:
        name, shape = equation.name, iteration.shape(equation.name)
        if name in recorded:
            value = as_floats_of(recorded[name], shape)
            if value.shape != shape:
                raise ShapeError(
                    say("it has another shape"),
                    where=name,
                    found=shape_text(value.shape),
                    expected=shape_text(shape),
                )
        else:
            value = np.broadcast_to(evaluator.value(equation.expression).value, shape)
        values[name] = value
    return values
