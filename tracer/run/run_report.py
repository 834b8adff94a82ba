"""The results of a run: loss and metrics per iteration or epoch, evaluation and prediction."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby, zip_longest
from operator import attrgetter
from textwrap import wrap
from typing import Any

from tracer.frozen import Frozen
from tracer.operations import Shape, number_text
from tracer.program.given_array import GivenArray
from tracer.program.program import Program
from tracer.run.forward import Forward
from tracer.run.trace import Iteration, Trace, quantity_text
from tracer.text_width import column_lines

MOST_LINES = 40
LEAST_HEAD = 8  # columns; a longer name stands in several rows above shorter figures

Evaluate = Callable[[int], Mapping[str, float]]


Figures = Mapping[str, float]  # the loss and metrics by name


class RunReport(Frozen):
    """A run in figures. `rows` are those of its iterations or epochs, as `unit` says."""

    trace: Trace
    unit: str
    rows: Sequence[Figures]
    evaluation: Mapping[str, float]
    prediction: Mapping[str, tuple[Shape, list[float]]]

    def as_dictionary(self) -> dict[str, Any]:
        """Return the report as plain data."""
        return {
            "version": 1,
            "scenario": self.trace.scenario.name,
            "unit": self.unit,
            "rows": [{self.unit: number, **row} for number, row in enumerate(self.rows, 1)],
            "evaluation": dict(self.evaluation),
            "prediction": {
                name: {"shape": list(shape), "values": values}
                for name, (shape, values) in self.prediction.items()
            },
            "fault": self.end(str) or None,
        }

    def end(self, translate: Callable[[str], str]) -> str:
        """Return what ended the run early, in a language; '' where nothing did."""
        fault, training = self.trace.fault, self.trace.scenario.training
        if fault is not None:
            return translate("stopped in iteration {number}: {name} is {kind}").format(
                number=fault.iteration,
                name=quantity_text(self.trace.program, fault.name),
                kind=fault.kind,
            )
        if self.trace.stopped and training is not None:
            return translate("stopped after iteration {number}: {condition}").format(
                number=len(self.trace), condition=training.stop_when
            )
        return ""

    def lines(self, translate: Callable[[str], str] = str) -> Iterator[str]:
        """Yield the report as text; `translate` turns an English message into a language."""
        chosen = _shown_rows(len(self.rows))
        rows = {place + 1: self.rows[place] for place in chosen}
        names = list(dict.fromkeys(name for row in rows.values() for name in row))
        unit = translate("epoch") if self.unit == "epoch" else translate("iteration")
        table = [
            [str(number), *(_figure_text(row.get(name)) for name in names)]
            for number, row in rows.items()
        ]
        heads = [  # a name that is wider than its figures stands in several rows
            wrap(name, max(LEAST_HEAD, *map(len, column)), break_long_words=False)[::-1] or [name]
            for name, column in zip([unit, *names], zip(*table, strict=True), strict=True)
        ]
        rows_of_heads = [*zip_longest(*heads, fillvalue="")][::-1]
        yield from map(str.rstrip, column_lines([*rows_of_heads, *table], "right"))
        if len(chosen) < len(self.rows):
            yield translate("({shown} of {count} rows are shown; JSON has all)").format(
                shown=len(chosen), count=len(self.rows)
            )
        if self.trace.fault is None and (end := self.end(translate)):
            yield end  # the diagnosis says more of a fault
        for name, value in self.evaluation.items():
            yield translate("evaluation: {result}").format(result=f"{name} = {_figure_text(value)}")
        for name, (shape, values) in self.prediction.items():
            entries = ", ".join(_figure_text(value) for value in values[:12])
            more = ", …" if len(values) > 12 else ""
            yield translate("prediction: {result}").format(
                result=f"{name} {shape} = [{entries}{more}]"
            )


def run_report(trace: Trace) -> RunReport:
    """Return what a run came to. Raises the errors of `Forward`."""
    training = trace.scenario.training
    by_epoch = training is not None and training.epochs is not None
    evaluate = _make_evaluation(trace)
    rows = list(_epoch_figures(trace, evaluate)) if by_epoch else _Iterations(trace)
    prediction = {} if trace.fault else _final_prediction(trace)
    unit = "epoch" if by_epoch else "iteration"
    return RunReport(trace, unit, rows, evaluate(len(trace)), prediction)


class _Iterations(Sequence[Figures]):
    """A row for each iteration, made when somebody looks: a run may have millions."""

    def __init__(self, trace: Trace) -> None:
        self._count = len(trace)
        names = _figure_names(trace.program)
        # The iteration that a fault ended may lack the last of them.
        self._columns = {name: trace.packed(name) for name in names}

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: Any) -> Any:
        place = range(self._count)[index]
        columns = self._columns.items()
        return {name: column[place] for name, column in columns if place < len(column)}


def _figure_names(program: Program) -> list[str]:
    """Return the loss and the metrics; without a loss, all single numbers."""
    if program.loss is None:
        return [equation.name for equation in program.equations if not equation.shape]
    return [program.loss, *(equation.name for equation in program.phase("metric"))]


def _epoch_figures(trace: Trace, evaluate: Evaluate) -> Iterator[Figures]:
    """Yield the mean of each epoch over its batches and over its samples, before each update."""
    for _, group in groupby(trace.iterations(), attrgetter("epoch")):
        iterations = list(group)
        figures_after = evaluate(iterations[-1].number)
        after = {f"{name} (evaluation)": value for name, value in figures_after.items()}
        yield {**_epoch_means(iterations), **after}


def _epoch_means(iterations: Sequence[Iteration]) -> dict[str, float]:
    """Return both means: of the batches, each counted once, and of the samples."""
    batches = [
        (
            len(item.samples) if item.samples else 1,
            {name: item[name] for name in _figure_names(item.program) if name in item},
        )
        for item in iterations
    ]
    result: dict[str, float] = {}
    for name in batches[0][1]:
        figures = [(size, row[name]) for size, row in batches if name in row]
        total = sum(size for size, _ in figures)
        by_sample = math.fsum(size * value for size, value in figures) / total
        if len({size for size, _ in figures}) > 1:
            by_batch = math.fsum(value for _, value in figures) / len(figures)
            result[f"{name} (mean of batches)"] = by_batch
            result[f"{name} (mean of samples)"] = by_sample
        else:
            result[name] = by_sample
    return result


def _make_evaluation(trace: Trace) -> Evaluate:
    """Return what gives the loss and the metrics on the evaluation's data after an iteration.

    They are none without such data, and of a run that a fault has ended.
    """
    evaluation = trace.scenario.evaluation
    if evaluation is None or trace.fault is not None:
        return lambda iteration: {}
    data: dict[str, GivenArray] = {**trace.scenario.data, **evaluation.data}
    forward = Forward(trace.scenario, data)
    program = forward.built.program
    single = {item.name for item in program.equations if math.prod(item.shape) == 1}
    measures = dict.fromkeys((program.loss, forward.built.metric, *evaluation.asked))
    names = [name for name in measures if name in single and name is not None]

    def evaluate(iteration: int) -> dict[str, float]:
        values = forward(trace.parameters_at(iteration + 1), only=frozenset(names))
        return {name: values[name][0] for name in names}

    return evaluate


def _final_prediction(trace: Trace) -> dict[str, tuple[Shape, list[float]]]:
    """Return what the trained network gives for the prediction's data."""
    prediction = trace.scenario.prediction
    if prediction is None:
        return {}
    data: dict[str, GivenArray] = {**trace.scenario.data, **prediction.data}
    forward = Forward(trace.scenario, data, outputs=prediction.asked)
    values = forward(trace.parameters_at(len(trace) + 1), only=frozenset(prediction.asked))
    shapes = forward.built.shapes
    return {name: (shapes[name], values[name]) for name in prediction.asked}


def _shown_rows(count: int) -> list[int]:
    """Return the rows to show: all of a few, else 1, 2, 5, 10, 20, 50, … and the last."""
    if count <= MOST_LINES:
        return list(range(count))
    places = {0, count - 1}
    step = 1
    while step <= count:
        places |= {step * factor - 1 for factor in (1, 2, 5) if step * factor <= count}
        step *= 10
    return sorted(places)


def _figure_text(value: float | None) -> str:
    return "" if value is None else f"{float(number_text(value, 6)):.6g}"
