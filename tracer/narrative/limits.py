"""Where an operation goes wrong, and what is to be seen on its curve, with numbers worked out."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Final

from tracer.errors import RunError, TracerError
from tracer.expression import parse
from tracer.expression.syntax import Name, Node
from tracer.narrative.blocks import AxisSpan, present
from tracer.narrative.examples import example_network, toml_array
from tracer.operations import Operation, vocabulary
from tracer.operations.array_shape import indices_of
from tracer.operations.numbers import figure_node, rough_node
from tracer.program.elements import Elements, place_node
from tracer.program.scenario import Scenario
from tracer.program.shapes import Shapes
from tracer.run.function_places import RANGE, SPACING, FunctionPlaces
from tracer.run.interpret import interpret
from tracer.run.runner import run_scenario
from tracer.run.scalar_code import FLOATS
from tracer.run.unit_states import POLE
from tracer.sentences import Sentence, say

DIGITS: Final = 3
FAR: Final = 6.0  # where a saturated function is looked at
LAYERS: Final = 10
SMALL: Final = 1e-3  # of the largest gradient before: it has all but vanished
FAR_ALONE: Final = 100.0  # how much larger a gradient may become by that
NEAR: Final = 1e-6  # beside a place where a gradient may jump
BEND: Final = 1e-3  # how much closer it is looked at, to see that it is a jump
STEPS: Final = 30
SLOW: Final = 0.001  # a learning rate
FAST: Final = 10.0
TRIED: Final = tuple(0.01 * 2**power for power in range(14))
HALVINGS: Final = 7  # between two of them

_ONLY_MOVES: Final = say(
    "Nothing by itself: its slopes are 0 and 1, so no gradient grows on its way back. What was "
    "left out gets 0."
)

Change = Callable[[float, float], float]  # of an entry, beside the first one


def seen_places(places: FunctionPlaces) -> Iterator[Sentence]:
    """Yield where the curve is steepest and where it is flat."""
    steepest, sides = places.steepest, places.sides
    low, high = (-math.inf, math.inf) if sides is None else (sides.low, sides.high)
    flat = {
        (True, True): say(
            "It is flat below {low} and above {high}: there the slope is less than a twentieth of "
            "the steepest."
        ),
        (True, False): say(
            "It is flat below {low}: there the slope is less than a twentieth of the steepest."
        ),
        (False, True): say(
            "It is flat above {high}: there the slope is less than a twentieth of the steepest."
        ),
    }.get((math.isfinite(low), math.isfinite(high)))
    slots = {
        name: rough_node(end, DIGITS)
        for name, end in (("low", low), ("high", high))
        if math.isfinite(end)
    }
    yield from present(
        say(
            "It is steepest at {x}, where the slope is {slope}.",
            x=rough_node(steepest, DIGITS),
            slope=rough_node(places.slope(steepest), DIGITS),
        )
        if steepest is not None
        else None,
        Sentence(flat.template, slots) if flat is not None else None,
    )


def seen_spans(places: FunctionPlaces, low: float, high: float) -> Iterator[AxisSpan]:
    """Yield the same as parts of an axis between two numbers."""
    steepest, sides = places.steepest, places.sides
    yield from present(
        AxisSpan(say("steepest"), steepest, steepest) if steepest is not None else None,
        AxisSpan(say("flat"), low, sides.low) if sides is not None and sides.low > low else None,
        AxisSpan(say("flat"), sides.high, high)
        if sides is not None and sides.high < high
        else None,
    )


def limits_of_function(places: FunctionPlaces) -> Iterator[Sentence]:
    """Yield where a function of one number saturates, has a kink, overflows or is not defined."""
    if places.sides is not None:
        x = -FAR if math.isfinite(places.sides.low) else FAR
        slope = places.slope(x)
        yield (
            say(
                "Saturation: at {x} the slope is {slope}. A gradient of 1 comes back as that, and "
                "after {count} such units as {rest}.",
                x=rough_node(x, DIGITS),
                slope=rough_node(slope, DIGITS),
                count=LAYERS,
                rest=rough_node(slope**LAYERS, DIGITS),
            )
            if slope
            else say(
                "Dead unit: at {x} the slope is exactly 0. A unit whose input lies out there for "
                "every sample passes no gradient back, so its own weights stop learning.",
                x=rough_node(x, DIGITS),
            )
        )
    for kink in places.kinks:
        if max(abs(kink.left), abs(kink.right)) <= POLE:
            yield say(
                "Kink: at {x} the slope jumps from {left} to {right}. At that very place there is "
                "no derivative, and a convention picks one.",
                x=rough_node(kink.x, DIGITS),
                left=rough_node(kink.left, DIGITS),
                right=rough_node(kink.right, DIGITS),
            )
    lowest, near = places.lowest, 1e-6
    yield from present(
        say(
            "Overflow: above {x} the result is too large for a number of 64 bits.",
            x=figure_node(places.overflow, 6),
        )
        if places.overflow is not None
        else None,
        say("Below {x} there is no value.", x=rough_node(lowest, DIGITS))
        if lowest is not None
        else None,
        say(
            "Close to {x} the slope has no bound: at {near} it is {slope}, so one such sample "
            "can throw all weights about.",
            x=rough_node(lowest, DIGITS),
            near=rough_node(lowest + near, DIGITS),
            slope=rough_node(places.slope(lowest + near), DIGITS),
        )
        if lowest is not None and places.pole
        else None,
    )


def largest_slope(row: Operation, places: FunctionPlaces | None) -> Sentence | None:
    """Return how steep an operation is of which nothing else is to be said; None of a number."""
    if places is None and row.derivative is None:
        return say(
            "Dead end: a gradient of 1 comes back as 0, so what only reaches the loss through it "
            "learns nothing."
        )
    if places is None:
        return _ONLY_MOVES if row.moves else None
    count = round(RANGE / SPACING)
    size = max(abs(places.slope(at * SPACING)) for at in range(-count, count + 1))
    shown = rough_node(size, DIGITS)
    return (
        say(
            "Nothing by itself: from −5 to 5 the slope jumps nowhere, and its size is never more "
            "than {size}.",
            size=shown,
        )
        if size <= POLE
        else say(
            "Its slope comes to {size}: one such sample can throw all weights about.", size=shown
        )
    )


def limits_of_example(row: Operation, example: Scenario) -> Iterator[Sentence]:
    """Yield what becomes of an example whose numbers are all 0, all alike, or a thousandfold.

    A share is between 0 and 1: a thousandfold is none.
    """
    if example.training is None:
        return
    share = row.law is not None and row.law.share
    if not share and not row.elementwise:
        yield from _kink_where_equal(example)
    changed_name = next(iter(example.parameters))
    sizes = _largest_gradients(example, changed_name, lambda value, first: value)
    before = max(sizes.values(), default=0.0) if sizes else 0.0
    if sizes is None or not before:
        return
    x = Name(changed_name)
    if not any(given.shape for given in example.parameters.values()):
        yield from _limits_of_numbers(example, sizes)
        return
    trials: tuple[tuple[Sentence, Change, float], ...] = (
        (say("With all entries of {x} 0", x=x), lambda value, first: 0.0, FAR_ALONE),
        (say("With all entries of {x} alike", x=x), lambda value, first: first, FAR_ALONE),
        (
            say("With {x} a thousand times as large", x=x),
            lambda value, first: 1000 * value,
            FAR_ALONE * 1000,
        ),
    )
    tried = [
        (words, far, _largest_gradients(example, changed_name, change))
        for words, change, far in trials[: 2 if share else 3]
    ]
    after = max((tried[-1][2] or {}).values(), default=before)
    if _rounded_sizes(tried[0][2]) == _rounded_sizes(tried[1][2]):
        del tried[0]  # entries that are all 0 are alike
    wrong = [
        said
        for words, far, changed in tried
        for said in _spoiled_gradients(words, sizes, changed, far)
    ]
    yield from wrong or _nothing_wrong(x, before, after)


def _rounded_sizes(sizes: Mapping[str, float] | None) -> dict[str, str]:
    return {name: f"{size:.{DIGITS}g}" for name, size in (sizes or {}).items()}


def limits_of_form(row: Operation, example: Scenario) -> Iterator[Sentence]:
    """Yield where the textbook's form has no value, though the one that is computed has."""
    call = parse(row.example.partition(";")[0], vocabulary=vocabulary())
    name, given = next(iter(example.parameters.items()), ("", None))
    if row.stable is None or given is None:
        return
    shapes = Shapes({name: given.shape})
    first = (0,) * len(shapes.of(call))
    plain, stable = (Elements(shapes, stable=it).entry(call, first).node for it in (False, True))
    values = {
        place_node(name, index): 1000 * value
        for index, value in zip(indices_of(given.shape), given.floats(), strict=True)
    }
    interpret(stable, FLOATS, values.get)
    try:
        interpret(plain, FLOATS, values.get)
    except (RunError, OverflowError):
        yield say(
            "Overflow: with {x} a thousand times as large an exponential is too large for a number "
            "of 64 bits, and {plain} has no value. So the largest entry is subtracted in each "
            "exponent: {stable} is the same number.",
            x=Name(name),
            plain=plain,
            stable=stable,
        )


def _spoiled_gradients(
    words: Sentence, sizes: Mapping[str, float], changed: Mapping[str, float] | None, far: float
) -> list[Sentence]:
    """Say which gradients a change makes vanish, or `far` times as large; `sizes` before it."""
    if changed is None:
        return [
            say(
                "{change} a value or a gradient of the example is no longer a number.",
                change=words,
            )
        ]
    before, after = max(sizes.values()), max(changed.values())
    largest = max(changed, key=changed.__getitem__)
    whole = present(
        say(
            "{change} the largest gradient of the example is {after}, not {before}: hardly "
            "anything is learnt there.",
            change=words,
            before=rough_node(before, DIGITS),
            after=rough_node(after, DIGITS),
        )
        if after <= SMALL * before
        else None,
        say(
            "{change} {gradient} reaches a size of {after}, not {before}: a single step goes far.",
            change=words,
            gradient=Name(largest),
            before=rough_node(sizes[largest], DIGITS),
            after=rough_node(after, DIGITS),
        )
        if after >= far * before
        else None,
    )
    return whole or [
        say(
            "{change} the entries of {gradient} are at most {after} in size, not {before}: it "
            "vanishes there.",
            change=words,
            gradient=Name(name),
            before=rough_node(size, DIGITS),
            after=rough_node(changed[name], DIGITS),
        )
        for name, size in sizes.items()
        if size and changed[name] <= SMALL * size
    ]


def _nothing_wrong(x: Name, before: float, after: float) -> list[Sentence]:
    """Say how large the largest gradient is with a thousandfold, where no change spoils it."""
    slots = {"x": x, "before": rough_node(before, DIGITS), "after": rough_node(after, DIGITS)}
    return present(
        say(
            "The gradient grows with {x}: a thousand times as large, it makes the largest of the "
            "example {after}, not {before}. One value far off outweighs all others.",
            **slots,
        )
        if after >= FAR_ALONE * before
        else None,
        say(
            "With all entries of {x} 0, alike or a thousand times as large, no gradient of the "
            "example vanishes or grows: the largest stays {before}.",
            **slots,
        )
        if math.isclose(before, after)
        else None,
        say(
            "With all entries of {x} 0, alike or a thousand times as large, no gradient of the "
            "example vanishes. A thousand times as large, the largest is {after}; it was {before}.",
            **slots,
        ),
    )[:1]


def _kink_where_equal(example: Scenario) -> Iterator[Sentence]:
    """Yield the jump of the gradient where one of two operands of a shape passes the other."""
    (name, given), *others = example.parameters.items()
    if len(others) != 1 or others[0][1].shape != given.shape:
        return
    middle = others[0][1].floats()

    def slope(step: float) -> float:
        found = _gradients(example, {name: [value + step for value in middle]}) or {}
        return next((item[0] for key, item in found.items() if key.endswith(f"/d{name}")), 0.0)

    left, right = slope(-NEAR), slope(NEAR)
    closer = slope(NEAR * BEND) - slope(-NEAR * BEND)  # what is steep only shrinks with the step
    if right != left and math.isclose(right - left, closer, rel_tol=BEND):
        yield say(
            "Kink: where {a} passes {b} the gradient of {a} jumps from {left} to {right}. At that "
            "very place there is no derivative, and a convention picks one.",
            a=Name(name),
            b=Name(others[0][0]),
            left=rough_node(left, DIGITS),
            right=rough_node(right, DIGITS),
        )


def _limits_of_numbers(example: Scenario, sizes: Mapping[str, float]) -> Iterator[Sentence]:
    """Yield what becomes of an example of several numbers where one of them comes near to 0.

    What a function of one number does there is known from its curve.
    """
    for name in example.parameters if len(example.parameters) > 1 else ():
        near = _largest_gradients(example, name, lambda value, first: value / 1000)
        if near is None or max(near.values()) >= FAR_ALONE * max(sizes.values()):
            words = say("With {x} a thousandth of that", x=Name(name))
            yield from _spoiled_gradients(words, sizes, near, FAR_ALONE)
        gone = _largest_gradients(example, name, lambda value, first: 0.0)
        yield from _spoiled_gradients(say("With {x} 0", x=Name(name)), sizes, gone, FAR_ALONE)


def _largest_gradients(example: Scenario, changed: str, change: Change) -> dict[str, float] | None:
    """Return the largest entry of each gradient with one parameter changed; None as below."""
    values = example.parameters[changed].floats()
    found = _gradients(example, {changed: [change(value, values[0]) for value in values]})
    if found is None:
        return None
    return {name: max(map(abs, item), default=0.0) for name, item in found.items()}


def _gradients(
    example: Scenario, changed: Mapping[str, Sequence[float]]
) -> dict[str, Sequence[float]] | None:
    """Return each gradient with some parameters changed; None where an entry is not finite."""
    parameters, constants = (
        {
            name: toml_array(changed.get(name, given.floats()), given.shape)
            for name, given in group.items()
        }
        for group in (example.parameters, example.constants)
    )
    try:
        trace = run_scenario(
            example_network("example", example.equations.strip(), parameters, constants)
        )
    except TracerError:
        return None
    if trace.fault is not None:
        return None
    found: dict[str, Sequence[float]] = {
        item.name: trace.iteration(1).floats(item.name)
        for item in trace.program.phase("backward")
        if item.wrt in parameters and "#" not in item.name
    }
    return found if all(map(math.isfinite, chain(*found.values()))) else None


def limits_of_optimizer(name: str) -> Iterator[Sentence]:
    """Yield what a small rate leaves of a parabola, and from which rate on it is climbed."""
    loss = parse("(w - 3)**2")

    def losses(rate: float) -> Sequence[float]:
        training = f'optimizer = "{name}"\nlearning_rate = {rate}\niterations = {STEPS}\n'
        trace = run_scenario(
            example_network(name, "loss = (w - 3)**2", {"w": "1"}, training=training)
        )
        return trace.floats("loss")

    def diverges(rate: float) -> bool:
        found = losses(rate)
        return not found[-1] <= FAR_ALONE * found[0]

    def slots(rate: float) -> dict[str, Node | int]:
        found = losses(rate)
        first, second, last = (rough_node(found[place], DIGITS) for place in (0, 1, -1))
        shown = {"before": first, "next": second, "after": last, "rate": rough_node(rate, 2)}
        return {"loss": loss, "count": STEPS, **shown}

    high = next((rate for rate in TRIED if diverges(rate)), math.inf)
    low = high / 2
    for _ in range(HALVINGS if high < math.inf else 0):
        middle = (low + high) / 2
        low, high = (low, middle) if diverges(middle) else (middle, high)
    yield say(
        "Too small a learning rate: with {rate} the loss {loss} began at {before}, and is "
        "{after} in iteration {count}.",
        **slots(SLOW),
    )
    yield (
        say(
            "A large learning rate: with {rate} the first step goes too far and takes the "
            "loss {loss} from {before} to {next}; in iteration {count} it is {after}.",
            **slots(FAST),
        )
        if high == math.inf
        else say(
            "Too large a learning rate: from about {edge} on the loss {loss} grows instead of "
            "shrinking. With {rate} it is {after} in iteration {count}.",
            edge=rough_node(high, 2),
            **slots(2 * high),
        )
    )
