"""A sweep as blocks: its best runs, where its loss ends higher than it began, table and curves."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import groupby
from statistics import median_high
from typing import Final, NamedTuple

from tracer.expression import Name
from tracer.narrative.blocks import AxisSpan, Block, Cell, Heading, Paragraph, Plot, Series, Table
from tracer.operations import figure_node, number_node, number_text, short_text
from tracer.program.program import Program
from tracer.program.sweep_axes import SweepAxis
from tracer.run.runner import first_program
from tracer.run.sweep_runs import Outcome, Sweep, SweepRun
from tracer.sentences import Sentence, Slot, say

DIGITS: Final = 6
MOST_ROWS: Final = 60  # of runs that are all listed
FEW_ROWS: Final = 10  # of the best, where there are more
MOST_CURVES: Final = 6
WIDE: Final = 100  # how many times the lowest a loss is where powers of ten are drawn
LOWEST: Final = 1e-16  # loss that a curve of powers of ten goes down to

_OUTCOMES: Final[dict[Outcome, Sentence]] = {
    "falls": say("falls"),
    "rises": say("rises"),
    "constant": say("stays the same"),
    "single": say("one iteration"),
    "fault": say("is not finite"),
    "lost": say("is not known: its process died"),
}


class _Point(NamedTuple):
    """What stands at a number of the axis: the middle one of the runs' losses, and who rises."""

    at: float
    loss: float  # infinite where the middle run was not finite
    rises: bool


class _Curve(NamedTuple):
    """The points of one combination of the other values; `name` says which, '' where it is all."""

    name: str
    points: Sequence[_Point]

    @property
    def best(self) -> _Point:
        return min(self.points, key=lambda point: point.loss)


def sweep_blocks(sweep: Sweep) -> Iterator[Block]:
    """Yield the blocks of a sweep."""
    yield Heading(1, say("Sweep: {title}", title=sweep.scenario.heading))
    kinds = [
        f"{axis.key} = {axis.values[0]}"
        if len(axis.values) == 1
        else say("{what}: {count}", what=axis.key, count=len(axis.values))
        for axis in sweep.axes
    ]
    yield Paragraph([say("Runs: {count} ({kinds}).", count=len(sweep.runs), kinds=kinds)])
    horizontal = plot_axis(sweep.axes)
    if horizontal is not None:
        for curve in _sweep_curves(sweep, horizontal)[:MOST_CURVES]:
            remarks = [*_sweep_remarks(sweep, sweep.axes[horizontal].key, curve)]
            if remarks:
                yield Paragraph(remarks, kind="item")
    plot = sweep_plot(sweep)
    if plot is not None:
        yield plot
    yield from _sweep_table(sweep)


def sweep_plot(sweep: Sweep) -> Plot | None:
    """Return the last loss against the first axis of several numbers; None where there is none.

    Where seeds differ, a point is the middle one of their runs.
    """
    place = plot_axis(sweep.axes)
    if place is None:
        return None
    axis = sweep.axes[place]
    curves = _sweep_curves(sweep, place)[:MOST_CURVES]
    losses = [point.loss for curve in curves for point in curve.points]
    starts = [run.figures.first_loss for run in sweep.runs if run.figures.first_loss is not None]
    finite = [loss for loss in losses if math.isfinite(loss)]
    top = max((abs(start) for start in starts), default=max(finite, default=1.0))
    positive = [loss for loss in losses if 0 < loss <= top]
    is_wide = bool(positive) and min(losses) >= 0 and top / min(positive) > WIDE

    def height(loss: float) -> float:
        loss = min(loss, top)
        return math.log10(max(loss, LOWEST)) if is_wide else loss

    def across(number: float) -> float:
        return math.log10(number) if axis.is_logarithmic else number

    loss_name = say("last {loss}", loss=Name(sweep.loss))
    vertical = say("log₁₀ of the {what}", what=loss_name) if is_wide else loss_name
    horizontal = say("{name}", name=axis.key)
    if axis.is_logarithmic:
        horizontal = say("log₁₀ of the {what}", what=horizontal)
    caption = say("The last {loss} against {key}.", loss=Name(sweep.loss), key=axis.key)
    if any(loss > top for loss in losses):
        text = say("Values above {top} are drawn at {top}.", top=short_text(top, DIGITS))
        caption = say("{one} {two}", one=caption, two=text)
    spans = [
        AxisSpan(say("the loss ends higher than it began"), across(low), across(high))
        for low, high in _rising_runs(curves)
    ]
    series = [
        Series(
            say("{name}", name=curve.name or axis.key),
            [(across(point.at), height(point.loss)) for point in curve.points],
        )
        for curve in curves
    ]
    return Plot(caption, horizontal, vertical, series, tabled=True, spans=spans)


def plot_axis(axes: Sequence[SweepAxis]) -> int | None:
    """Return the place of the first axis of several numbers that are no seeds."""
    places = (
        place for place, axis in enumerate(axes) if len(axis.numbers or ()) > 1 and not axis.is_seed
    )
    return next(places, None)


def _sweep_curves(sweep: Sweep, horizontal: int) -> list[_Curve]:
    """Return a curve for each combination of the other values, the one with the lowest first."""
    rows: dict[tuple[str, ...], dict[str, list[SweepRun]]] = {}
    others = [
        place
        for place, axis in enumerate(sweep.axes)
        if place != horizontal and len(axis.values) > 1 and not axis.is_seed
    ]
    for run in sweep.runs:
        key = tuple(run.values[place] for place in others)
        rows.setdefault(key, {}).setdefault(run.values[horizontal], []).append(run)
    curves = []
    for key, values in rows.items():
        name = ", ".join(f"{sweep.axes[p].key} = {v}" for p, v in zip(others, key, strict=True))
        points = sorted(
            _Point(
                float(value),
                median_high(map(_last_loss, runs)),
                all(run.figures.outcome in ("rises", "fault") for run in runs),
            )
            for value, runs in values.items()
        )
        curves.append(_Curve(name, points))
    return sorted(curves, key=lambda curve: curve.best.loss)


def _last_loss(run: SweepRun) -> float:
    loss = run.figures.last_loss
    return math.inf if loss is None or run.figures.fault is not None else loss


def _rising_runs(curves: Sequence[_Curve]) -> Iterator[tuple[float, float]]:
    """Yield the stretches of the axis where the loss of every curve ends higher."""
    numbers = sorted({point.at for curve in curves for point in curve.points})
    falling = {point.at for curve in curves for point in curve.points if not point.rises}
    for is_falling, stretch in groupby(numbers, falling.__contains__):
        first, *rest = stretch
        if not is_falling:
            yield first, [first, *rest][-1]


def _sweep_remarks(sweep: Sweep, key: str, curve: _Curve) -> Iterator[Sentence]:
    """Say where a curve is lowest, and from where on it rises."""
    loss = Name(sweep.loss)
    best = curve.best
    if math.isfinite(best.loss):
        same = [point.at for point in curve.points if point.loss == best.loss]
        slots: dict[str, Slot] = {
            "loss": loss,
            "value": short_text(best.loss, DIGITS),
            "key": key,
            "at": number_text(min(same), 15),
        }
        sentence = (
            say("The lowest last {loss} is {value}, at {key} = {at}.", **slots)
            if len(same) == 1
            else say(
                "The lowest last {loss} is {value}, at {count} values of {key} from {at} to {end}.",
                count=len(same),
                end=number_text(max(same), 15),
                **slots,
            )
        )
        yield say("{name}: {what}", name=curve.name, what=sentence) if curve.name else sentence
    falling = [place for place, point in enumerate(curve.points) if not point.rises]
    first = falling[-1] + 1 if falling else 0
    if first < len(curve.points):
        yield say(
            "From {key} = {at} on the loss ends higher than it began, or is not finite.",
            key=key,
            at=number_text(curve.points[first].at, 15),
        )


def _sweep_table(sweep: Sweep) -> Iterator[Block]:
    """Yield the runs: all of a few, else those with the lowest last loss."""
    runs: Sequence[SweepRun] = sweep.runs
    if len(runs) > MOST_ROWS:
        runs = sorted(runs, key=_last_loss)[:FEW_ROWS]
        yield Paragraph(
            [
                say(
                    "The {few} runs with the lowest last loss; CSV and JSON have all {count}.",
                    few=FEW_ROWS,
                    count=len(sweep.runs),
                )
            ]
        )
    axis_places = [place for place, axis in enumerate(sweep.axes) if len(axis.values) > 1]
    program = first_program(sweep.scenario).program
    yield Table(
        [
            *(sweep.axes[place].key for place in axis_places),
            say("iterations"),
            say("first {loss}", loss=Name(sweep.loss)),
            say("last {loss}", loss=Name(sweep.loss)),
            say("lowest {loss}", loss=Name(sweep.loss)),
            *([] if sweep.metric is None else [say("last {loss}", loss=Name(sweep.metric))]),
            say("the loss"),
        ],
        [_sweep_row(sweep, program, run, axis_places) for run in runs],
    )


def _sweep_row(
    sweep: Sweep, program: Program, run: SweepRun, axis_places: Sequence[int]
) -> list[Cell]:
    figures = run.figures
    losses = (figures.first_loss, figures.last_loss, figures.lowest_loss)
    metrics = [] if sweep.metric is None else [figures.metric]
    return [
        *(_value_cell(run.values[place]) for place in axis_places),
        number_node(str(figures.iterations)),
        *("" if each is None else figure_node(each, DIGITS) for each in (*losses, *metrics)),
        _OUTCOMES[figures.outcome]
        if figures.fault is None
        else say(
            "{name} is {kind} in iteration {number}",
            name=program.written_form(figures.fault.name),
            kind=figures.fault.kind,
            number=figures.fault.iteration,
        ),
    ]


def _value_cell(text: str) -> Cell:
    try:
        return number_node(short_text(float(text), DIGITS))
    except ValueError:
        return text
