"""The loss over one or two of the trained numbers, all others as they are: a landscape.

A data record: who shows it (a table, a picture, the interface) draws nothing but its numbers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import suppress
from functools import cached_property
from typing import Any, Final

from tracer.errors import RunError, UnknownNameError
from tracer.frozen import Frozen, replace
from tracer.operations import Shape, ravel
from tracer.program.differentiate import gradient_name
from tracer.run.loss_surface import SMALL_STEP, LossSurface, point_along
from tracer.run.nudge import Nudge
from tracer.run.plans import is_small
from tracer.run.trace import Trace, gradient_names
from tracer.sentences import say

POINTS: Final = 41  # points along each axis
FEWER_POINTS: Final = 11
LARGEST: Final = 1e9  # a run's place is shown up to this size of its numbers
FAR_ABOVE: Final = 30  # a run's way is shown until its loss is so many times the first
LARGE: Final = 50_000  # trained numbers above which a network is large
ROWS: Final = 5  # steps of a table of a curve: as many even parts its axis has
MARGIN: Final = 0.35  # margin beyond the run, as a share of its extent
LEAST: Final = 0.5  # margin around a run that hardly moves, as a share of the number
FARTHEST: Final = 20  # a minimum farther away than this many widths of a run is not sought
MOST_WAY: Final = 200  # iterations whose place is shown
STEP_POINTS: Final = 81  # points along the one axis of a step
MAP_POINTS: Final = 31  # points along each axis of a map that is redrawn at each iteration
MOST_STEPS: Final = 8  # a minimum farther away than this many steps is not sought


class LandscapeAxis(Frozen):
    """One trained number, `name` with `index`, and the values at which the loss is worked out."""

    name: str
    index: tuple[int, ...]
    values: Sequence[float]


class Landscape(Frozen):
    """The loss over one or two numbers.

    `losses` has a row for each value of the first axis, with an entry for each value of the second
    (one entry where there is no second); a loss that is not finite is inf or nan. `way` are the
    places of the run, iteration after iteration, `others` counts the trained numbers that stay.
    """

    loss: str
    axes: Sequence[LandscapeAxis]
    losses: Sequence[Sequence[float]]
    way: Sequence[Sequence[float]]
    others: int

    @property
    def lowest(self) -> tuple[float, Sequence[float]] | None:
        """The lowest loss on the grid, and where it is; None where none is finite."""
        finite = self._finite
        if not finite:
            return None
        least = min(finite, key=finite.__getitem__)
        return finite[least], [axis.values[at] for axis, at in zip(self.axes, least, strict=False)]

    @property
    def is_lowest_at_edge(self) -> bool:
        """Whether one of the points beside the lowest is off the grid, or has no finite loss."""
        finite = self._finite
        row, column = min(finite, key=finite.__getitem__)
        beside = [(row - 1, column), (row + 1, column)]
        if len(self.axes) > 1:
            beside += [(row, column - 1), (row, column + 1)]
        return any(place not in finite for place in beside)

    @property
    def _finite(self) -> dict[tuple[int, int], float]:
        """The finite losses by row and column."""
        return {
            (row, column): loss
            for row, line in enumerate(self.losses)
            for column, loss in enumerate(line)
            if math.isfinite(loss)
        }

    def as_dictionary(self) -> dict[str, Any]:
        """Return it as plain data; a loss that is not finite is None."""
        return {
            "loss": self.loss,
            "axes": [
                {"name": axis.name, "index": list(axis.index), "values": list(axis.values)}
                for axis in self.axes
            ],
            "losses": [
                [loss if math.isfinite(loss) else None for loss in row] for row in self.losses
            ],
            "way": [list(place) for place in self.way],
            "other_numbers": self.others,
        }


class StepLandscape(Frozen):
    """The loss around one step of a run, and the step.

    The landscape is over the trained numbers where these are one or two. Where they are more it is
    the loss along the line on which the step goes: its one axis has no name, the step begins at 0
    and ends at 1. Where the optimizer is plain gradient descent, that is the line along the
    gradient. The last place of its way is the one that the step starts from, and `target` is the
    place where it ends: None where that cannot be drawn. `loss_here` and `loss_target` are the
    losses there, `slope` and `target_slope` the slopes towards larger values of the one axis (None
    on a map).
    """

    landscape: Landscape
    target: Sequence[float] | None
    loss_here: float
    loss_target: float | None
    slope: float | None
    target_slope: float | None

    @property
    def here(self) -> Sequence[float]:
        """The place that the step starts from."""
        return self.landscape.way[-1]

    @property
    def overshoots(self) -> bool:
        """Whether the step goes past the lowest point: the slope has the other sign behind it."""
        if self.slope is None or self.target_slope is None:
            return False
        return self.slope * self.target_slope < 0


class StepLandscapes:
    """The landscapes around the steps of a run, one iteration after the other.

    Only where `are_quick` holds is one worked out at once, and without NumPy.
    """

    def __init__(self, trace: Trace) -> None:
        self._trace = trace

    @cached_property
    def are_quick(self) -> bool:
        """Whether something is trained, and the network is computed in floats."""
        return bool(gradient_names(self._trace)) and is_small(self._trace.iteration(1).built)

    def around(self, number: int) -> StepLandscape | None:
        """Return the loss around the step of an iteration.

        None where the step is not there to look at: it starts from where the loss is not finite or
        a number is beyond what can be drawn, or the run stopped before more than two numbers could
        be moved. Raises RunError where nothing is trained.
        """
        surface = LossSurface(self._trace, number)
        start = surface.place_entries()
        iteration = self._trace.iteration(number)
        carried = iteration.program.carried
        end: list[float] | None = None  # the point after the update
        with suppress(UnknownNameError):  # the run may have stopped before the update
            end = [entry for name in surface.names for entry in iteration.floats(carried[name])]
        if end is not None and not _is_near(end):
            end = None
        if not _is_near(start) or not math.isfinite(surface.loss(start)):
            return None
        if surface.size <= 2:
            places = range(surface.size)
            way = _path_of_run(self._trace, surface, places, number)
            is_curve = len(places) == 1
            points = STEP_POINTS if is_curve else MAP_POINTS
            return StepLandscape(
                landscape=_landscape_over(surface, places, way, points, also=[end] if end else ()),
                target=end,
                loss_here=surface.loss(start),
                loss_target=None if end is None else surface.loss(end),
                slope=surface.gradient_entries(start)[0] if is_curve else None,
                target_slope=surface.gradient_entries(end)[0] if is_curve and end else None,
            )
        if end is None:
            return None
        direction = [after - before for before, after in zip(start, end, strict=True)]
        lowest = _lowest_nearby(surface, start, direction, MOST_STEPS)
        values = _round_values([0.0, 1.0, lowest], STEP_POINTS, least=0.0)
        losses = [[surface.loss(point_along(start, direction, at))] for at in values]
        axes = [LandscapeAxis("", (), values)]
        return StepLandscape(
            landscape=Landscape(surface.loss_name, axes, losses, [[0.0]], surface.size),
            target=[1.0],
            loss_here=surface.loss(start),
            loss_target=surface.loss(end),
            slope=_slope_along(surface, start, direction, 0.0),
            target_slope=_slope_along(surface, start, direction, 1.0),
        )


def nudged_landscape(around: StepLandscape, nudge: Nudge) -> StepLandscape:
    """Return a landscape with its point where a nudge has moved it; the step goes.

    The curve stays as it is, so the point leaves it where something else than its axis is nudged.
    """
    iteration, landscape = nudge.iteration, around.landscape
    slope: float | None = None
    here = list(around.here)
    for at, axis in enumerate(landscape.axes):
        if axis.name:
            entry = ravel(axis.index, iteration.shape(axis.name))
            here[at] = iteration.floats(axis.name)[entry]
            slope = iteration.floats(gradient_name(landscape.loss, axis.name))[entry]
    return replace(
        around,
        landscape=replace(landscape, way=[*landscape.way[:-1], here]),
        target=None,
        loss_here=nudge.loss_after,
        loss_target=None,
        slope=slope if len(landscape.axes) == 1 else None,
    )


def landscape(
    trace: Trace,
    over: Sequence[tuple[str, Shape]] = (),
    *,
    number: int = 1,
) -> Landscape:
    """Return the loss over the trained numbers `over`, each a name and the index of its entry.

    Without `over` they are all, where one or two are trained, else the one with the largest
    gradient. The others have the values with which iteration `number` begins. Raises RunError for a
    name that is not trained, and for more than two.
    """
    surface = LossSurface(trace, number)
    start = surface.place_entries()
    if len(over) > 2:
        raise RunError(
            say("a landscape is drawn over one or two numbers"),
            found=str(len(over)),
            expected=say("at most {most}", most=2),
        )
    if over:
        places = [surface.place(name, index) for name, index in over]
        if len(set(places)) < len(places):
            raise RunError(
                say("{name} is named twice", name=over[0][0]),
                expected=say("two different entries"),
            )
    elif surface.size <= 2:
        places = list(range(surface.size))
    else:
        gradient = surface.gradient_entries(start)
        places = [max(range(surface.size), key=lambda place: abs(gradient[place]))]
    points = FEWER_POINTS if surface.size > LARGE else POINTS
    return _landscape_over(surface, places, _path_of_run(trace, surface, places), points)


def _landscape_over(
    surface: LossSurface,
    places: Sequence[int],
    way: Sequence[Sequence[float]],
    points: int,
    also: Sequence[Sequence[float]] = (),
) -> Landscape:
    """Return the loss over one or two numbers, the places of a run and some others in sight."""
    axes = []
    for at, place in enumerate(places):
        name, index = surface.entry(place)
        entries = [step[at] for step in (*way, *also)] or [surface.place_entries()[place]]
        axes.append(LandscapeAxis(name, index, _axis_values(surface, place, entries, points)))

    def loss(*values: float) -> float:
        point = surface.place_entries()
        for place, value in zip(places, values, strict=True):
            point[place] = value
        return surface.loss(point)

    seconds = [(value,) for value in axes[1].values] if len(axes) > 1 else [()]
    losses = [[loss(first, *second) for second in seconds] for first in axes[0].values]
    return Landscape(surface.loss_name, axes, losses, way, surface.size - len(places))


def _axis_values(
    surface: LossSurface, place: int, seen: Sequence[float], points: int
) -> list[float]:
    """Return the values of one number around those of a run, the lowest loss nearby in sight."""
    start = surface.place_entries()
    direction = [float(at == place) for at in range(surface.size)]
    most = FARTHEST * max(max(seen) - min(seen), LEAST * max(abs(start[place]), 1.0))
    lowest = _lowest_nearby(surface, start, direction, most)
    return _round_values([*seen, start[place] + lowest], points)


def _path_of_run(
    trace: Trace, surface: LossSurface, places: Sequence[int], last: int | None = None
) -> list[list[float]]:
    """Return the places of the run, until they leave what a double holds well.

    The first so many of the run, until it has diverged so far that the valley beside it would be
    too small to see; or the last before iteration `last` begins, its own among them.
    """
    first = 1 if last is None else max(last - MOST_WAY + 1, 1)
    end = min(len(trace), MOST_WAY) if last is None else last
    highest = FAR_ABOVE * surface.loss(surface.place_entries()) if last is None else math.inf
    result: list[list[float]] = []
    for iteration in map(trace.iteration, range(first, end + 1)):
        if result and iteration.floats(surface.loss_name)[0] > highest > 0:
            break
        step = []
        for place in places:
            name, index = surface.entry(place)
            step.append(iteration.floats(name)[ravel(index, surface.shapes[name])])
        if not _is_near(step):
            break
        result.append(step)
    return result


def _is_near(place: Sequence[float]) -> bool:
    """Tell whether a double holds a place so well that one can see where it lies."""
    return all(abs(entry) <= LARGEST for entry in place)  # nan is not


def _slope_along(
    surface: LossSurface, start: Sequence[float], direction: Sequence[float], at: float
) -> float:
    """Return the slope of the loss at `start + at * direction`, along that line."""
    gradient = surface.gradient_entries(point_along(start, direction, at))
    return math.fsum(one * way for one, way in zip(gradient, direction, strict=True) if way)


def _lowest_nearby(
    surface: LossSurface,
    start: Sequence[float],
    direction: Sequence[float],
    most: float,
) -> float:
    """Return how far along a line the loss would be lowest, were it a parabola: −slope/curvature.

    0 where it does not curve upwards there, or where that is farther than `most`.
    """
    size = max(map(abs, direction))
    small = SMALL_STEP * (1 + max(map(abs, start))) / size if size else 0.0
    if not small:
        return 0.0
    above, below = (_slope_along(surface, start, direction, at) for at in (small, -small))
    bend = (above - below) / (2 * small)
    way = -_slope_along(surface, start, direction, 0.0) / bend if bend > 0 else 0.0
    return way if abs(way) <= most else 0.0


def _round_values(seen: Sequence[float], points: int, least: float = LEAST) -> list[float]:
    """Return about so many round values, evenly spaced, around those that are to be seen."""
    low, high = min(seen), max(seen)
    size = max(high - low, least * max(abs(low), abs(high), 1.0))
    middle = (low + high) / 2
    low, high = middle - size * (0.5 + MARGIN), middle + size * (0.5 + MARGIN)
    if not math.isfinite(low) or not math.isfinite(high) or not math.isfinite(high - low):
        return [middle]  # the largest doubles have no room around them
    power = 10.0 ** math.floor(math.log10((high - low) / (points - 1)))
    step = next(
        power * times for times in (1, 2, 5, 10) if power * times * (points - 1) >= high - low
    )
    first, last = math.floor(low / step), math.ceil(high / step)
    last += (first - last) % ROWS
    digits = max(-math.floor(math.log10(step)), 0)
    return [round(at * step, digits) for at in range(first, last + 1)]
