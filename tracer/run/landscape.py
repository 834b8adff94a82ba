"""The loss over one or two of the trained numbers, all others as they are: a landscape.

A data record: who shows it (a table, a picture, the interface) draws nothing but its numbers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

from tracer.errors import RunError, nearest
from tracer.expression import parse
from tracer.expression.syntax import Call, Name, Node
from tracer.frozen import Frozen
from tracer.operations import vocabulary
from tracer.run.loss_surface import LossSurface, Vector
from tracer.run.trace import Trace
from tracer.sentences import say

__all__ = ["Landscape", "LandscapeAxis", "entry_name", "landscape"]

POINTS: Final = 41  # along each axis
FEWER_POINTS: Final = 11
LARGE: Final = 50_000  # trained numbers
MARGIN: Final = 0.35  # of the way of the run, left free beyond it
LEAST: Final = 0.5  # by which an axis goes beyond a run that hardly moves, of the number's size
FARTHEST: Final = 20  # widths of a run, beyond which a minimum is not looked for
MOST_WAY: Final = 200  # iterations whose place is shown


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
        finite = [
            (loss, row, column)
            for row, line in enumerate(self.losses)
            for column, loss in enumerate(line)
            if math.isfinite(loss)
        ]
        if not finite:
            return None
        found = min(finite)
        places = (found[1], found[2])
        return found[0], [axis.values[at] for axis, at in zip(self.axes, places, strict=False)]

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


def landscape(
    trace: Trace, over: Sequence[str] = (), *, points: int | None = None, number: int = 1
) -> Landscape:
    """Return the loss over the trained numbers `over`, such as 'w' or 'W1[0, 1]'.

    Without `over` they are all, where one or two are trained, else the one with the largest
    gradient. The others have the values with which iteration `number` begins. About `points` are
    worked out along each axis (None: as many as do not take long). Raises RunError for a name or
    an index that is not there, and for more than two.
    """
    surface = LossSurface(trace, number)
    start = surface.start()
    if len(over) > 2:
        raise RunError(
            say("a landscape has one or two numbers"),
            found=str(len(over)),
            expected=say("at most {most}", most=2),
        )
    if over:
        places = [_place(surface, text) for text in over]
        if len(set(places)) < len(places):
            raise RunError(
                say("{name} is named twice", name=over[0]), expected=say("two different entries")
            )
    elif surface.size <= 2:
        places = list(range(surface.size))
    else:
        places = [int(abs(surface.gradient(start)).argmax())]
    if points is None:
        points = FEWER_POINTS if surface.size > LARGE else POINTS
    way = _way(trace, surface, places)
    axes = []
    for at, place in enumerate(places):
        name, index = surface.entry(place)
        seen = [step[at] for step in way] or [float(start[place])]
        seen.append(_lowest_nearby(surface, start, place, max(seen) - min(seen)))
        axes.append(LandscapeAxis(name, index, _values(seen, points)))
    losses = []
    for first in axes[0].values:
        row = []
        for second in axes[1].values if len(axes) > 1 else (None,):
            point = start.copy()
            point[places[0]] = first
            if second is not None:
                point[places[1]] = second
            row.append(surface.loss(point))
        losses.append(row)
    return Landscape(surface.loss_name, axes, losses, way, surface.size - len(places))


def entry_name(name: str, index: Sequence[int]) -> Node:
    """Return an entry of a parameter as it is written: w, or W1[0, 1]."""
    if not index:
        return Name(name)
    text = f"x[{', '.join(map(str, index))}]"
    node = parse(text, vocabulary=vocabulary())
    assert isinstance(node, Call)
    return Call(node.operation, (Name(name), *node.arguments[1:]), node.keywords)


def _place(surface: LossSurface, text: str) -> int:
    """Return the entry that a text names. Raises RunError."""
    name, bracket, inside = text.strip().partition("[")
    parts = inside.removesuffix("]").split(",") if bracket else []
    numbers = [part.strip() for part in parts]
    try:
        return surface.place(name.strip(), [int(number) for number in numbers])
    except KeyError:
        raise RunError(
            say("{name} is not trained", name=name),
            expected=nearest(name, surface.names)
            or say("one of {known}", known=", ".join(surface.names)),
        ) from None
    except (ValueError, IndexError):
        shape = surface.shapes[name.strip()]
        example = f"{name.strip()}[{', '.join('0' for _ in shape)}]" if shape else name.strip()
        raise RunError(
            say("there is no entry {entry}", entry=text),
            expected=say("an entry, as {example}", example=example),
        ) from None


def _way(trace: Trace, surface: LossSurface, places: Sequence[int]) -> list[list[float]]:
    """Return the places of the run, until they leave what a double holds well."""
    result = []
    for number in range(1, min(len(trace), MOST_WAY) + 1):
        iteration = trace.iteration(number)
        step = []
        for place in places:
            name, index = surface.entry(place)
            at = 0
            for one, length in zip(index, surface.shapes[name], strict=True):
                at = at * length + one
            step.append(iteration.floats(name)[at])
        if any(not math.isfinite(entry) or abs(entry) > 1e9 for entry in step):
            break
        result.append(step)
    return result


def _lowest_nearby(surface: LossSurface, start: Vector, place: int, width: float) -> float:
    """Return where the loss would be lowest along one number, were it a parabola: w − g/c.

    Its start, where it does not curve upwards or that is too far away to be seen.
    """
    unit = 0 * start
    unit[place] = 1
    slope = float(surface.gradient(start)[place])
    bend = float(surface.hessian_product(start, unit)[place])
    here = float(start[place])
    way = -slope / bend if bend > 0 else 0.0
    return here + way if abs(way) <= FARTHEST * max(width, LEAST * max(abs(here), 1.0)) else here


def _values(seen: Sequence[float], points: int) -> list[float]:
    """Return about so many round values, evenly spaced, around those that are to be seen."""
    low, high = min(seen), max(seen)
    size = max(high - low, LEAST * max(abs(low), abs(high), 1.0))
    middle = (low + high) / 2
    low, high = middle - size * (0.5 + MARGIN), middle + size * (0.5 + MARGIN)
    if not math.isfinite(low) or not math.isfinite(high) or not math.isfinite(high - low):
        return [middle]  # the largest doubles have no room around them
    power = 10.0 ** math.floor(math.log10((high - low) / (points - 1)))
    step = next(
        power * times for times in (1, 2, 5, 10) if power * times * (points - 1) >= high - low
    )
    first, last = math.floor(low / step), math.ceil(high / step)
    digits = max(-math.floor(math.log10(step)), 0)
    return [round(at * step, digits) for at in range(first, last + 1)]
