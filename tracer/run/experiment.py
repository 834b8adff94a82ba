"""A run as Python users ask for it: of a scenario, or of a network of their own."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from textwrap import dedent
from typing import Any

from tracer.errors import RunError, ScenarioError, TracerError
from tracer.expression import canonical_name
from tracer.frozen import replace
from tracer.operations import Shape
from tracer.program.document import one_of
from tracer.program.function import FunctionEquations, record_function
from tracer.program.given_array import GivenArray
from tracer.program.network_remarks import network_remarks
from tracer.program.overrides import toml_of
from tracer.program.scenario import Scenario, loads
from tracer.run.layout import RECORDS, Record
from tracer.run.memory import BUDGET_BYTES, MemoryLimitError
from tracer.run.runner import run_scenario
from tracer.run.trace import Trace
from tracer.sentences import plain_text, say


def trace(
    function: Callable[..., Any] | None = None,
    *,
    equations: str = "",
    data: Mapping[str, Any],
    parameters: Mapping[str, Any],
    constants: Mapping[str, Any] | None = None,
    loss: str | None = None,
    notation: Mapping[str, str] | None = None,
    record: Record = "all",
    budget: int = BUDGET_BYTES,
    name: str = "trace",
    **training: Any,
) -> Trace:
    """Run a network of one's own and return its trace.

    The network is a `function` of the parameters and data, by their names, that returns the loss
    and uses NumPy, or `equations`, lines of the language. `data`, `parameters` and `constants` are
    numbers, nested lists or NumPy arrays; `record` and `budget` are those of `Experiment.run`; the
    other keywords are keys of a scenario's `[training]` (`optimizer`, `learning_rate`,
    `iterations`, `batch_size`, …). Raises TracerError; warns of a parameter that is not used and
    of a target that broadcasts.
    """
    tables = {
        "data": dict(data),
        "parameters": dict(parameters),
        "constants": dict(constants or {}),
    }
    givens = {
        table: {
            canonical_name(key): _as_given(f"{table}.{key}", value)
            for key, value in content.items()
        }
        for table, content in tables.items()
    }
    if function is not None:
        if equations:
            raise RunError(say("a function and equations"), expected=say("one of the two"))
        recorded = _trace_function(function, givens, training)
        equations, loss = recorded.equations, recorded.loss
        for key, value in recorded.constants.items():
            givens["constants"][key] = GivenArray.of(value)
    document: dict[str, Any] = {
        table: {key: {"shape": list(given.shape), "init": "zeros"} for key, given in rows.items()}
        for table, rows in givens.items()
    }
    equations = dedent(equations)  # a text in a program is often indented as a whole
    document["network"] = {"equations": equations, **({"loss": loss} if loss else {})}
    document["notation"] = dict(notation or {})
    if training:
        document["training"] = training
    text = "".join(f"{key} = {toml_of(value)}\n" for key, value in document.items())
    scenario = loads(text, name=name)
    scenario = replace(
        scenario,
        data=givens["data"],
        parameters=givens["parameters"],
        constants=givens["constants"],
        document=scenario.document.without_lines(),  # a message counts those of the equations
    )
    run = run_in_budget(scenario, record, budget)
    if len(run):
        for remark in network_remarks(run.iteration(1).built):
            # The warning names the line that calls `tracer.trace`.
            warnings.warn(plain_text(remark, str), UserWarning, stacklevel=3)
    return run


def run_in_budget(
    scenario: Scenario,
    record: Record,
    budget: int,
    progress: Callable[[int, int], None] | None = None,
) -> Trace:
    """Run a scenario; where it does not fit, the error says what can be done in Python."""
    if record not in RECORDS:
        raise RunError(
            say("unknown way to record"), found=repr(record), expected=one_of(map(repr, RECORDS))
        )
    try:
        return run_scenario(
            scenario, record=record, budget=budget, progress=progress, read_back=False
        )
    except MemoryLimitError as error:
        raise error.in_python() from None


def _trace_function(
    function: Callable[..., Any],
    givens: Mapping[str, Mapping[str, GivenArray]],
    training: Mapping[str, Any],
) -> FunctionEquations:
    """Return what a function does with the samples that a step sees.

    Raises RunError where batches differ in size and the function writes that size down.
    """
    sizes = _batch_sizes(givens["data"], training)
    kinds = {**givens["constants"], **givens["data"]}
    is_whole = not {"sample", "samples", "batch_size"} & training.keys()
    recordings = [
        record_function(
            function,
            {key: given.shape for key, given in givens["parameters"].items()},
            {
                **{key: given.shape for key, given in givens["constants"].items()},
                **{key: _step_shape(given.shape, size) for key, given in givens["data"].items()},
            },
            {key: given.typed_array() for key, given in kinds.items() if is_whole},
            {key for key, given in kinds.items() if given.typed_array().dtype == bool},
        )
        for size in sizes
    ]
    if any(other.equations != recordings[0].equations for other in recordings[1:]):
        raise RunError(
            say("the function uses the size of the batch, and the last batch is smaller"),
            expected=say("a batch_size that divides the number of samples, or np.mean"),
        )
    return recordings[0]


def _step_shape(shape: Shape, size: int | None) -> Shape:
    """Return the shape of a datum in a step: 0 samples mean one without its axis."""
    if not shape or size is None:
        return shape
    return shape[1:] if size == 0 else (size, *shape[1:])


def _batch_sizes(data: Mapping[str, GivenArray], training: Mapping[str, Any]) -> list[int | None]:
    """Return how many samples the steps see: 0 for one without its axis, None for all."""
    if training.get("sample") is not None:
        return [0]
    if training.get("samples") is not None:
        return [len(training["samples"])]
    size = training.get("batch_size")
    lengths = {given.shape[0] for given in data.values() if given.shape}
    if not isinstance(size, int) or isinstance(size, bool) or size < 1 or len(lengths) != 1:
        return [None]
    count = lengths.pop()
    whole = [size] if count >= size else []
    return [*whole, count % size] if count % size else [*whole]


def _as_given(place: str, value: Any) -> GivenArray:
    try:
        return GivenArray.of(value)
    except TypeError as error:
        raise ScenarioError(
            say("{text}", text=str(error)), where=place, expected=say("numbers")
        ) from None
    except TracerError as error:
        raise error.at(place) from None
