"""Where an operation goes wrong, and what is to be seen on its curve, with numbers worked out."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Final

from tracer.errors import TracerError
from tracer.expression import parse
from tracer.expression.syntax import Call, Name, Node
from tracer.narrative.blocks import AxisSpan
from tracer.narrative.examples import network, toml_array
from tracer.narrative.messages import Sentence, say
from tracer.operations import Operation, bound, vocabulary
from tracer.operations.numbers import figure_node, rough_node
from tracer.program.scenario import Scenario
from tracer.run.function_places import FunctionPlaces, function_places
from tracer.run.runner import run_scenario
from tracer.run.unit_states import POLE

__all__ = [
    "limits_of_example",
    "limits_of_function",
    "limits_of_optimizer",
    "seen_places",
    "seen_spans",
]

DIGITS: Final = 3
ROUNDING: Final = 2.0**-52  # relative spacing of numbers of 64 bits
FAR: Final = 6.0  # where a saturated function is looked at
LAYERS: Final = 10
SMALL: Final = 1e-3  # of the largest gradient before: it has all but vanished
FAR_ALONE: Final = 100.0  # how much larger a gradient may become by that
STEPS: Final = 30

Change = Callable[[float, float], float]  # of an entry, beside the first one


def places_of(row: Operation) -> FunctionPlaces | None:
    """Return the places of a function of one number; None of another operation."""
    if not row.elementwise or len(row.operands) - len(row.defaults) != 1:
        return None
    call = parse(row.example.partition(";")[0], vocabulary=vocabulary())
    if not isinstance(call, Call):
        return None
    _, operands, _ = bound(call)
    return function_places(Call(row.name, tuple(operands)))


def seen_places(row: Operation) -> Iterator[Sentence]:
    """Yield where the curve is steepest and where it is flat."""
    places = places_of(row)
    if places is None:
        return
    if places.steepest is not None:
        yield say(
            "It is steepest at {x}, where the slope is {slope}.",
            x=rough_node(places.steepest, DIGITS),
            slope=rough_node(places.slope(places.steepest), DIGITS),
        )
    sides = places.sides
    if sides is None:
        return
    slots = {"low": rough_node(sides.low, DIGITS), "high": rough_node(sides.high, DIGITS)}
    if math.isfinite(sides.low) and math.isfinite(sides.high):
        yield say(
            "It is flat below {low} and above {high}: there the slope is less than a twentieth of "
            "the steepest.",
            **slots,
        )
    elif math.isfinite(sides.low):
        yield say(
            "It is flat below {low}: there the slope is less than a twentieth of the steepest.",
            low=slots["low"],
        )
    elif math.isfinite(sides.high):
        yield say(
            "It is flat above {high}: there the slope is less than a twentieth of the steepest.",
            high=slots["high"],
        )


def seen_spans(row: Operation, low: float, high: float) -> Iterator[AxisSpan]:
    """Yield the same as parts of an axis between two numbers."""
    places = places_of(row)
    if places is None:
        return
    if places.steepest is not None:
        yield AxisSpan(say("steepest"), places.steepest, places.steepest)
    if places.sides is not None and places.sides.low > low:
        yield AxisSpan(say("flat"), low, places.sides.low)
    if places.sides is not None and places.sides.high < high:
        yield AxisSpan(say("flat"), places.sides.high, high)


def limits_of_function(row: Operation) -> Iterator[Sentence]:
    """Yield where a function of one number saturates, has a kink, overflows or is not defined."""
    places = places_of(row)
    if places is None:
        return
    sides = places.sides
    if sides is not None:
        x = -FAR if math.isfinite(sides.low) else FAR
        slope = abs(places.slope(x))
        if slope:
            yield say(
                "Saturation: at {x} the slope is {slope}. Of a gradient of 1 that much is left, "
                "and after {count} such units {rest}.",
                x=rough_node(x, DIGITS),
                slope=rough_node(slope, DIGITS),
                count=LAYERS,
                rest=_beside(slope**LAYERS, 1.0),
            )
        else:
            yield say(
                "Dead unit: at {x} the slope is exactly 0. A unit whose input lies out there for "
                "every sample gets no gradient, so it never learns its way out.",
                x=rough_node(x, DIGITS),
            )
    for kink in places.kinks:
        if max(abs(kink.left), abs(kink.right)) > POLE:
            continue
        yield say(
            "Kink: at {x} the slope jumps from {left} to {right}. At that very place there is no "
            "derivative, and a convention picks one.",
            x=rough_node(kink.x, DIGITS),
            left=rough_node(kink.left, DIGITS),
            right=rough_node(kink.right, DIGITS),
        )
    if places.overflow is not None:
        yield say(
            "Overflow: above {x} the result is too large for a number of 64 bits.",
            x=figure_node(places.overflow, 6),
        )
    if places.lowest is not None:
        yield say("Below {x} there is no value.", x=rough_node(places.lowest, DIGITS))
        if places.pole:
            near = 1e-6
            yield say(
                "Close to {x} the slope has no bound: at {near} it is {slope}, so one such sample "
                "can throw all weights about.",
                x=rough_node(places.lowest, DIGITS),
                near=rough_node(places.lowest + near, DIGITS),
                slope=rough_node(places.slope(places.lowest + near), DIGITS),
            )


def limits_of_example(example: Scenario | None) -> Iterator[Sentence]:
    """Yield what becomes of an example whose numbers are all 0, all alike, or a thousandfold."""
    if example is None or example.training is None:
        return
    changed_name = next(iter(example.parameters))
    sizes = _largest_gradients(example, changed_name, lambda value, first: value)
    before = max(sizes.values(), default=0.0) if sizes else 0.0
    if sizes is None or not before:
        return
    if not any(given.shape for given in example.parameters.values()):
        yield from _limits_of_numbers(example, before)
        return
    x = Name(changed_name)
    trials: tuple[tuple[Sentence, Change, float], ...] = (
        (say("With all entries of {x} 0", x=x), lambda value, first: 0.0, FAR_ALONE),
        (say("With all entries of {x} alike", x=x), lambda value, first: first, FAR_ALONE),
        (
            say("With {x} a thousand times as large", x=x),
            lambda value, first: 1000 * value,
            FAR_ALONE * 1000,
        ),
    )
    fine = True
    for words, change, far in trials:
        changed = _largest_gradients(example, changed_name, change)
        after = None if changed is None else max(changed.values())
        if changed is None or after is None:
            yield _no_number(words)
        elif after <= SMALL * before:
            yield say(
                "{change} the largest gradient of the example is {after}, not {before}: hardly "
                "anything is learnt there.",
                change=words,
                before=rough_node(before, DIGITS),
                after=_beside(after, before),
            )
        elif after >= far * before:
            yield _far_step(words, before, after)
        else:
            gone = [name for name, size in sizes.items() if changed[name] <= SMALL * size]
            for name in gone:
                yield say(
                    "{change} the largest entry of {gradient} is {after}, not {before}: it "
                    "vanishes there.",
                    change=words,
                    gradient=Name(name),
                    before=rough_node(sizes[name], DIGITS),
                    after=_beside(changed[name], sizes[name]),
                )
            if not gone:
                continue
        fine = False
    if fine:
        yield say(
            "With all entries of {x} 0, alike or a thousand times as large, no gradient of the "
            "example vanishes: nothing saturates here. A thousand times as large, the largest is "
            "{after}; it was {before}.",
            x=x,
            before=rough_node(before, DIGITS),
            after=rough_node(after or 0.0, DIGITS),
        )


def _limits_of_numbers(example: Scenario, before: float) -> Iterator[Sentence]:
    """Yield what becomes of an example of several numbers where one of them comes near to 0.

    What a function of one number does there is known from its curve.
    """
    if len(example.parameters) < 2:
        return
    for name in example.parameters:
        x = Name(name)
        trials: tuple[tuple[Sentence, Change], ...] = (
            (say("With {x} a thousandth of that", x=x), lambda value, first: value / 1000),
            (say("With {x} 0", x=x), lambda value, first: 0.0),
        )
        for words, change in trials:
            changed = _largest_gradients(example, name, change)
            if changed is None:
                yield _no_number(words)
            elif max(changed.values()) >= FAR_ALONE * before:
                yield _far_step(words, before, max(changed.values()))


def _no_number(change: Sentence) -> Sentence:
    return say(
        "{change} a value or a gradient of the example is no longer a number.", change=change
    )


def _far_step(change: Sentence, before: float, after: float) -> Sentence:
    return say(
        "{change} the largest gradient of the example is {after}, not {before}: a step along it "
        "goes far.",
        change=change,
        before=rough_node(before, DIGITS),
        after=rough_node(after, DIGITS),
    )


def _beside(value: float, size: float) -> Sentence | Node:
    """Return a number, or that it is lost in the rounding of one so large as `size`."""
    if 0 < abs(value) < ROUNDING * size:
        return say("0 within rounding")
    return rough_node(value, DIGITS)


def _largest_gradients(example: Scenario, changed: str, change: Change) -> dict[str, float] | None:
    """Return the largest entry of each gradient with one parameter changed.

    None where an entry is not finite.
    """
    parameters = {
        name: toml_array(
            [
                change(value, given.floats()[0]) if name == changed else value
                for value in given.floats()
            ],
            given.shape,
        )
        for name, given in example.parameters.items()
    }
    constants = {
        name: toml_array(given.floats(), given.shape) for name, given in example.constants.items()
    }
    try:
        trace = run_scenario(network("example", example.equations.strip(), parameters, constants))
    except TracerError:
        return None
    if trace.fault is not None:
        return None
    iteration = trace.iteration(1)
    sizes = {
        item.name: max(map(abs, iteration.floats(item.name)), default=0.0)
        for item in trace.program.phase("backward")
        if item.wrt in parameters and "#" not in item.name
    }
    return sizes if all(map(math.isfinite, sizes.values())) else None


def limits_of_optimizer(name: str) -> Iterator[Sentence]:
    """Yield the first rate, doubling from 0.01, with which a parabola is climbed, not descended."""
    rate = 0.01
    while rate < 100:
        training = f'optimizer = "{name}"\nlearning_rate = {rate}\niterations = {STEPS}\n'
        trace = run_scenario(network(name, "loss = (w - 3)**2", {"w": "1"}, training=training))
        losses = trace.floats("loss")
        if trace.fault is not None or losses[-1] > losses[0]:
            yield say(
                "On {loss} a learning rate of {rate} is too large: after {count} iterations the "
                "loss is {after}, and it began at {before}.",
                loss=parse("(w - 3)**2"),
                rate=rough_node(rate, DIGITS),
                count=len(losses),
                after=rough_node(losses[-1], DIGITS),
                before=rough_node(losses[0], DIGITS),
            )
            return
        rate *= 2
