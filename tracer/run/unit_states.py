"""Dead and saturated units, and where a function of one number is flat.

A unit is dead or saturated where the slope of its activation is zero, or nearly, for all samples.
Which functions have flat sides, and from where on, is found out from their derivative rules; no
operation is known by name: value and slope are asked at points, and the places between are found by
halving.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import cache, lru_cache
from typing import Any, Final

from tracer.errors import ShapeError
from tracer.expression import Call, Name, Node, Number, walk
from tracer.frozen import Frozen, Value
from tracer.operations import Term, bound, number
from tracer.program.program import Equation, Program
from tracer.program.shapes import Shapes
from tracer.run.scalar_code import float_value
from tracer.run.trace import Iteration, Replay, Trace

SATURATED: Final = 0.05  # share of the steepest slope, below which a unit is saturated
FLAT: Final = 1e-3  # share of the steepest slope, below which the end of a side is flat
FAR: Final = 20.0  # distance from 0 at which the sides are looked at
SPACING: Final = 0.5
HALVINGS: Final = 40
POLE: Final = 1e4  # a steeper slope counts as without bound
STEEP: Final = 2.0  # how much steeper a bounded slope may be far out than near 0
MOST_ENTRIES: Final = 200_000
X: Final = Name("x")
OUT: Final = Name("out")


class FlatSides(Frozen):
    """Where a function of one number is flat: its slope is below `SATURATED` of its `steepest`.

    Below `low` and above `high`; below `dead_low` and above `dead_high` the slope is 0. An end
    that is not there is infinite.
    """

    steepest: float
    low: float
    high: float
    dead_low: float
    dead_high: float
    slope: Callable[[float], float]

    def is_dead(self, x: float) -> bool:
        """Whether the slope is 0 there."""
        if x < self.dead_low - SPACING or x > self.dead_high + SPACING:
            return True
        return self.is_saturated(x) and self.slope(x) == 0

    def is_saturated(self, x: float) -> bool:
        """Whether the slope is below `SATURATED` of the steepest there."""
        return x <= self.low or x >= self.high


class UnitState(Value):
    """An activation in one iteration: which of its units pass no gradient on, or hardly any.

    Units count from 0. `place`, `at` and `slope` are one of them, its input with the largest
    slope among the samples, and that slope; `steepest` is the function's largest.
    """

    name: str
    operation: str
    units: int
    dead: tuple[int, ...]
    saturated: tuple[int, ...]
    steepest: float
    place: int = 0
    at: float = 0.0
    slope: float = 0.0

    def as_dictionary(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "name": self.name,
            "operation": self.operation,
            "units": self.units,
            "dead": list(self.dead),
            "saturated": list(self.saturated),
        }


def unit_states(trace: Trace, number: int) -> list[UnitState]:
    """Return the state of every activation with a flat side, in the order of the forward pass."""
    iteration = trace.iteration(number)
    equations = _leading_to_loss(iteration.program)
    parts = [part for equation in equations for part in walk(equation.expression)]
    activations = sum(_sides_of(part) is not None for part in parts)
    if not activations:
        return []
    if sum(1 for _ in _unit_equations(equations)) != activations:
        iteration = Replay(trace).iteration(number)
        equations = _leading_to_loss(iteration.program)
    single = trace.scenario.training is not None and trace.scenario.training.sample is not None
    samples = iteration.samples
    count = 1 if single or samples is None else len(samples)
    return [
        state
        for equation, function, argument, sides in _unit_equations(equations)
        if (state := _unit_state(iteration, equation, function, argument, sides, count))
    ]


def _leading_to_loss(program: Program) -> list[Equation]:
    """Return the equations of the forward pass that the loss is computed from."""
    needed = program.needed_by_loss
    return [equation for equation in program.phase("forward") if equation.name in needed]


def _unit_equations(
    equations: Sequence[Equation],
) -> Iterator[tuple[Equation, str, str, FlatSides]]:
    """Yield each equation that is such a function of a quantity: the function, the quantity."""
    for equation in equations:
        match equation.expression:
            case Call(operation=function, arguments=(Name() as argument, *_)) as call:
                sides = _sides_of(call)
                if sides is not None:
                    yield equation, function, argument.id, sides


def _sides_of(node: Node) -> FlatSides | None:
    """Return where a function of its first operand is flat; None of what is none of that alone."""
    if not isinstance(node, Call):
        return None
    row, operands, attributes = bound(node)
    is_of_one = bool(operands) and all(isinstance(item, Number) for item in operands[1:])
    if not row.elementwise or row.derivative is None or attributes or not is_of_one:
        return None
    return flat_sides(Call(row.name, (X, *operands[1:])))


def slope_of(call: Call, variable: Node = X) -> Callable[[float], float] | None:
    """Return the slope of an elementwise function of one variable; None where it has none."""
    row, operands, attributes = bound(call)
    if row.derivative is None:
        return None
    terms = map(Term, operands)
    slope = row.derivative(Term(number(1)), Term(OUT), *terms, **attributes)[0]
    if slope is None:
        return None
    node = slope.node
    # The places of a curve are looked at again and again: for its size, its jumps, its steepest.
    return cache(lambda x: float_value(node, {variable: x, OUT: float_value(call, {variable: x})}))


def halve_interval(
    holds: Callable[[float], bool], inside: float, outside: float, times: int
) -> float:
    """Return the last number that something is seen to hold of, from one side to the other."""
    for _ in range(times):
        middle = (inside + outside) / 2
        inside, outside = (middle, outside) if holds(middle) else (inside, middle)
    return inside


@lru_cache(64)
def flat_sides(call: Call) -> FlatSides | None:
    """Return where a function of x is flat; None where no side is, or its slope has no bound."""
    signed = slope_of(call)
    if signed is None:
        return None

    def slope(x: float) -> float:
        return abs(signed(x))

    count = round(FAR / SPACING)
    places = [at * SPACING for at in range(-count, count + 1)]
    slopes = [slope(x) for x in places]
    if not all(map(math.isfinite, slopes)):
        return None
    steepest = max(slopes)
    near = max(slopes[count // 2 : -(count // 2)])
    if not 0 < steepest <= min(POLE, STEEP * near) or min(slopes[0], slopes[-1]) > FLAT * steepest:
        return None
    limit = SATURATED * steepest
    return FlatSides(
        steepest,
        -_steep_end(lambda x: slope(-x) >= limit),
        _steep_end(lambda x: slope(x) >= limit),
        -_steep_end(lambda x: slope(-x) > 0),
        _steep_end(lambda x: slope(x) > 0),
        slope,
    )


def _steep_end(is_steep: Callable[[float], bool]) -> float:
    """Return the place from which on a function is not steep, going outwards; inf for none."""
    places = (FAR - at * SPACING for at in range(round(2 * FAR / SPACING) + 1))
    steep = next((x for x in places if is_steep(x)), FAR)
    if steep == FAR:  # none is steep, or even the outermost is
        return math.inf
    return halve_interval(lambda x: not is_steep(x), steep + SPACING, steep, HALVINGS)


def _unit_state(
    iteration: Iteration,
    equation: Equation,
    function: str,
    argument: str,
    sides: FlatSides,
    count: int,
) -> UnitState | None:
    """Return which units are dead or saturated for all samples; None where it is too large."""
    shape = iteration.shape(argument)
    if math.prod(shape) > MOST_ENTRIES or not math.prod(shape):
        return None
    entries = iteration.entries(argument)
    axis = len(shape) - 1 if len(shape) != 4 else 1  # images have samples, channels, rows, columns
    if len(shape) == 1 and count > 1 and _is_along_samples(iteration, argument, count):
        axis = -1  # a number for each sample: one unit
    units = shape[axis] if shape and axis >= 0 else 1
    inner = math.prod(shape[axis + 1 :]) if shape and axis >= 0 else len(entries)
    inputs: list[list[float]] = [[] for _ in range(units)]
    for place, entry in enumerate(entries):
        inputs[place // inner % units].append(float(entry))
    flat = [at for at, row in enumerate(inputs) if all(map(sides.is_saturated, row))]
    dead = tuple(at for at in flat if all(map(sides.is_dead, inputs[at])))
    saturated = tuple(at for at in flat if at not in dead)
    name = equation.base or equation.name
    example = next(iter((*saturated, *dead)), 0)
    slope, at = max((sides.slope(x), x) for x in inputs[example]) if flat else (0.0, 0.0)
    return UnitState(name, function, units, dead, saturated, sides.steepest, example, at, slope)


def _is_along_samples(iteration: Iteration, name: str, count: int) -> bool:
    """Tell whether a vector has an entry for each sample: of one sample more it is longer."""
    own, inputs = iteration.built.shapes, iteration.program.inputs
    shapes = Shapes({each: own[each] for each in own.names()})
    for each, item in inputs.items():
        if item.kind == "data" and own[each][:1] == (count,):
            shapes.add(each, (count + 1, *own[each][1:]))
    with suppress(ShapeError):  # the axis may be that of something else too
        for equation in iteration.program.phase("forward"):
            shapes.add(equation.name, shapes.of(equation.expression))
    return shapes[name] != own[name]
