"""The runs of a sweep as plain data: rows of CSV, and a dictionary for each run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from typing import Any, Final

from tracer.errors import TracerError
from tracer.program.sweep_axes import SweepAxis
from tracer.run.sweep_runs import RunFigures, Sweep, SweepRun
from tracer.run.trace import Fault
from tracer.sentences import say

VERSION = 1

# Where no run has a fault their columns have these types too, so that files fit together.
FAULT_TYPES: Final = {"fault_iteration": "int64", "fault_name": "string", "fault_kind": "string"}


class RunData:
    """The runs of a sweep as dictionaries of plain data, and read from them again."""

    def __init__(self, axes: Sequence[SweepAxis], metric: str | None) -> None:
        # Whether an axis is of numbers is asked of all its values, so it is asked once.
        self._keys = [(axis.key, axis.numbers is not None) for axis in axes]
        self._metric = metric

    def data(self, run: SweepRun) -> dict[str, Any]:
        """Return a run with its values, numbers as numbers, and what it came to."""
        figures, fault = run.figures, run.figures.fault
        values = zip(self._keys, run.values, strict=True)
        return {
            "settings": {key: _typed_value(text, is_number) for (key, is_number), text in values},
            "iterations_run": figures.iterations,
            "first_loss": figures.first_loss,
            "last_loss": figures.last_loss,
            "lowest_loss": figures.lowest_loss,
            **({} if self._metric is None else {self._metric: figures.metric}),
            "outcome": figures.outcome,
            "stopped": figures.stopped,
            "fault": None
            if fault is None
            else {"iteration": fault.iteration, "name": fault.name, "kind": fault.kind},
        }

    def figures(self, data: Mapping[str, Any]) -> RunFigures:
        """Return what a run came to, given the data of it."""
        return RunFigures(
            iterations=data["iterations_run"],
            first_loss=data["first_loss"],
            last_loss=data["last_loss"],
            lowest_loss=data["lowest_loss"],
            metric=None if self._metric is None else data[self._metric],
            stopped=data["stopped"],
            fault=None if data["fault"] is None else Fault(**data["fault"]),
        )


def all_run_data(sweep: Sweep) -> Iterator[dict[str, Any]]:
    """Yield a dictionary for each run."""
    yield from map(RunData(sweep.axes, sweep.metric).data, sweep.runs)


def sweep_parquet(sweep: Sweep) -> bytes:
    """Return the columns of `sweep_rows` as a Parquet file, numbers as numbers.

    Raises TracerError where pyarrow is not installed.
    """
    try:
        pyarrow, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")
    except ImportError:
        raise TracerError(
            say("Parquet needs pyarrow, which is not installed"),
            expected=say("the extra {name}: pip install 'gradient-tracer[{name}]'", name="parquet"),
        ) from None
    rows = list(_flat_rows(sweep))
    columns = {
        name: pyarrow.array([row[name] for row in rows], FAULT_TYPES.get(name)) for name in rows[0]
    }
    table = pyarrow.table(columns)
    sink = pyarrow.BufferOutputStream()
    parquet.write_table(table, sink)
    return bytes(sink.getvalue().to_pybytes())


def sweep_data(sweep: Sweep) -> dict[str, Any]:
    """Return a sweep: its scenario, its axes and all runs."""
    return {
        "version": VERSION,
        "scenario": sweep.scenario.name,
        "loss": sweep.loss,
        "metric": sweep.metric,
        "axes": {
            axis.key: [_typed_value(text, is_number) for text in axis.values]
            for axis in sweep.axes
            for is_number in [axis.numbers is not None]
        },
        "runs": [*all_run_data(sweep)],
    }


def sweep_rows(sweep: Sweep) -> Iterator[list[str]]:
    """Yield a head and a row for each run; numbers are written so that they are read exactly."""
    for place, row in enumerate(_flat_rows(sweep)):
        if not place:
            yield list(row)
        yield list(map(_cell_text, row.values()))


def _flat_rows(sweep: Sweep) -> Iterator[dict[str, Any]]:
    """Yield the columns of each run by their names: settings, what it came to, its fault."""
    for data in all_run_data(sweep):
        fault = data.pop("fault") or {}
        data.update({f"fault_{name}": fault.get(name) for name in ("iteration", "name", "kind")})
        yield {**data.pop("settings"), **data}


def _cell_text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _typed_value(text: str, is_number: bool) -> Any:
    if not is_number:
        return text.strip("\"'")
    return int(text) if text.lstrip("+-").isdigit() else float(text)
