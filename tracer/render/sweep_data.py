"""The runs of a sweep as plain data: rows of CSV, and a dictionary for each run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tracer.program.sweep_axes import SweepAxis
from tracer.run.sweep_runs import Sweep, SweepRun

__all__ = ["run_data", "sweep_data", "sweep_rows"]

VERSION = 1


def run_data(sweep: Sweep, run: SweepRun) -> dict[str, Any]:
    """Return a run with its values, numbers as numbers, and what it came to."""
    figures = run.figures
    values = zip(sweep.axes, run.values, strict=True)
    return {
        "settings": {axis.key: _value(axis, value) for axis, value in values},
        "iterations_run": figures.iterations,
        "first_loss": figures.first_loss,
        "last_loss": figures.last_loss,
        "lowest_loss": figures.lowest_loss,
        **({} if sweep.metric is None else {sweep.metric: figures.metric}),
        "outcome": figures.outcome,
        "stopped": figures.stopped,
        "fault": None
        if figures.fault is None
        else {
            "iteration": figures.fault.iteration,
            "name": figures.fault.name,
            "kind": figures.fault.kind,
        },
    }


def sweep_data(sweep: Sweep) -> dict[str, Any]:
    """Return a sweep: its scenario, its axes and all runs."""
    return {
        "version": VERSION,
        "scenario": sweep.scenario.name,
        "loss": sweep.loss,
        "metric": sweep.metric,
        "axes": {axis.key: [_value(axis, item) for item in axis.values] for axis in sweep.axes},
        "runs": [run_data(sweep, run) for run in sweep.runs],
    }


def sweep_rows(sweep: Sweep) -> Iterator[list[str]]:
    """Yield a head and a row for each run; numbers are written so that they are read exactly."""
    metric = [] if sweep.metric is None else [sweep.metric]
    head = ["iterations_run", "first_loss", "last_loss", "lowest_loss", *metric]
    tail = ["outcome", "stopped", "fault_iteration", "fault_name", "fault_kind"]
    yield [*(axis.key for axis in sweep.axes), *head, *tail]
    for run in sweep.runs:
        figures, fault = run.figures, run.figures.fault
        numbers = [figures.first_loss, figures.last_loss, figures.lowest_loss]
        numbers += [] if sweep.metric is None else [figures.metric]
        yield [
            *(value.strip("\"'") for value in run.values),
            str(figures.iterations),
            *("" if number is None else repr(number) for number in numbers),
            figures.outcome,
            "true" if figures.stopped else "false",
            *(("", "", "") if fault is None else (str(fault.iteration), fault.name, fault.kind)),
        ]


def _value(axis: SweepAxis, text: str) -> Any:
    if axis.numbers is None:
        return text.strip("\"'")
    number = float(text)
    return int(text) if text.lstrip("+-").isdigit() else number
