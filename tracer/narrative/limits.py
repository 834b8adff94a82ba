"""Where an operation goes wrong, and what is to be seen on its curve, with numbers worked out."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from tracer.errors import RunError
from tracer.expression import Name, Node, parse
from tracer.narrative.blocks import AxisSpan, present
from tracer.narrative.examples import WEIGHTS, compared_form, example_network, toml_array
from tracer.operations import Operation, figure_node, indices_of, rough_node, vocabulary
from tracer.program.elements import Elements, place_node
from tracer.program.scenario import Scenario
from tracer.program.shapes import Shapes
from tracer.run.function_places import CurvePlaces, FunctionPlaces
from tracer.run.interpret import interpret
from tracer.run.runner import run_scenario
from tracer.run.scalar_code import FLOATS
from tracer.run.trace import Iteration
from tracer.run.unit_states import POLE, halve_interval
from tracer.sentences import Sentence, say

DIGITS: Final = 3
PLACE_DIGITS: Final = 2  # of what lies between the points of a curve
FAR: Final = 6.0  # where a saturated function is looked at
LAYERS: Final = 10
SMALL: Final = 1e-3  # of the largest gradient before: it has all but vanished
FAR_OFF: Final = 1000.0  # times as large as in the example
FAR_ALONE: Final = 100.0  # how much larger a gradient may become by that
NEAR: Final = 1e-6  # beside a place where a gradient may jump
BEND: Final = 1e-3  # how much closer it is looked at, to see that it is a jump
STEPS: Final = 30
LATER: Final = 300  # iterations after which it is known whether a run has settled
SLOW: Final = 0.001  # a learning rate
FAST: Final = 10.0
SHOWN_RATE: Final = 0.1  # of the iterations on the page
TRIED: Final = tuple(0.01 * 2**power for power in range(14))
HALVINGS: Final = 7  # between two of them

_ONLY_MOVES: Final = say(
    "Nothing by itself: its slopes are 0 and 1, so no gradient grows on its way back. What was "
    "left out gets 0."
)

_VANISHES: Final = say(
    "{change} the entries of {gradient} are at most {after} in size, not {before}: it vanishes "
    "there."
).template
_IS_ZERO: Final = say(
    "{change} every entry of {gradient} is 0, where the largest was {before}: it vanishes there."
).template


def feature_sentences(curve: CurvePlaces) -> Iterator[Sentence]:
    """Yield where a curve is level, where steepest and where flat."""
    ends = {
        name: rough_node(end, DIGITS)
        for name, end in (("low", curve.low), ("high", curve.high))
        if math.isfinite(end)
    }
    steep = {
        "places": [rough_node(x, PLACE_DIGITS) for x in curve.steepest],
        "slopes": [rough_node(value, DIGITS) for value in curve.slopes],
    }
    slope = (
        say("it is flat: the slope is 0")
        if curve.is_dead
        else say("it is nearly flat: the slope is less than a twentieth of the steepest")
    )
    flat = {
        ("low", "high"): say("Below {low} and above {high} {words}."),
        ("low",): say("Below {low} {words}."),
        ("high",): say("Above {high} {words}."),
    }.get(tuple(ends))
    yield from present(
        say(
            "It is level at {places}, where the slope is 0.",
            places=[rough_node(x, PLACE_DIGITS) for x in curve.level],
        )
        if curve.level
        else None,
        say("It gets steeper and steeper towards {places}: slope {slopes}.", **steep)
        if curve.is_growing
        else None,
        say("It is steepest at {places}: slope {slopes}.", **steep)
        if curve.steepest and not curve.is_growing
        else None,
        Sentence(flat.template, {**ends, "words": slope}) if flat is not None else None,
    )


def feature_spans(curve: CurvePlaces, low: float, high: float) -> Iterator[AxisSpan]:
    """Yield the same as parts of an axis between two numbers."""
    yield from (AxisSpan(say("level"), x, x) for x in curve.level)
    yield from (AxisSpan(say("steepest"), x, x) for x in curve.steepest if not curve.is_growing)
    yield from present(
        AxisSpan(say("flat"), low, curve.low) if curve.low > low else None,
        AxisSpan(say("flat"), curve.high, high) if curve.high < high else None,
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
            "can throw all weights far off.",
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
            "Dead end: a gradient of 1 comes back as 0, so what reaches the loss only through it "
            "learns nothing."
        )
    if places is None:
        return _ONLY_MOVES if row.moves else None
    size = abs(places.slope(places.steepest))
    slots = {"x": rough_node(places.steepest, DIGITS), "size": rough_node(size, DIGITS)}
    return (
        say(
            "Nothing by itself: from −5 to 5 the slope jumps nowhere, and its size is never more "
            "than {size}.",
            **slots,
        )
        if size <= POLE
        else say(
            "At {x} its slope comes to {size}: one such sample can throw all weights far off.",
            **slots,
        )
    )


def limits_of_example(row: Operation, example: Scenario) -> Iterator[Sentence]:
    """Yield what becomes of an example whose numbers are all 0, all alike, or a thousandfold.

    A share is between 0 and 1: a thousandfold is none. Of a loss only the prediction has a gradient
    that something learns from.
    """
    if example.training is None:
        return
    share = row.law is not None and row.law.share
    if not share and not row.elementwise:
        yield from _kink_where_equal(example)
    name, array = next(iter(example.parameters.items()))
    is_loss = compared_form(row) is not None
    names = [name] if is_loss else [*example.parameters]
    sizes = _sizes(run_scenario(example).iteration(1), names)
    if not any(item.shape for item in example.parameters.values()):
        yield from _limits_of_numbers(example, sizes)
        return
    x, values = Name(name), array.floats()
    trials = (
        (say("With all entries of {x} 0", x=x), [0.0] * len(values), FAR_ALONE),
        (say("With all entries of {x} alike", x=x), values[:1] * len(values), FAR_ALONE),
        (
            say("With {x} a thousand times as large", x=x),
            [FAR_OFF * value for value in values],
            FAR_ALONE * FAR_OFF,
        ),
    )
    results = [
        (words, far, _largest_gradients(example, {name: numbers}, names))
        for words, numbers, far in trials[: 2 if share else 3]
    ]
    largest = [max(changed.values()) for _, _, changed in results if changed is not None]
    if _rounded_sizes(results[0][2]) == _rounded_sizes(results[1][2]):
        del results[0]  # entries that are all 0 are alike
    before = max(sizes.values())
    settled = list(_nothing_left(example, x, before)) if is_loss and not share else []
    wrong = [
        sentence
        for words, far, changed in results[: len(results) - len(settled)]
        for sentence in _spoiled_gradients(words, sizes, changed, far)
    ]
    yield from [*wrong, *settled] or _nothing_wrong(x, before, largest)


def _nothing_left(example: Scenario, x: Name, before: float) -> Iterator[Sentence]:
    """Yield that a loss is gone with a thousandfold: all answers are right, and sure of it."""
    values = example.parameters[x.id].floats()
    right, wrong = present(
        *(
            _changed_run(example, {x.id: [factor * value for value in values]})
            for factor in (FAR_OFF, -FAR_OFF)
        )
    )
    (loss,) = right.floats(right.program.loss or "")
    right_gradient, wrong_gradient = (max(_sizes(run, [x.id]).values()) for run in (right, wrong))
    if loss <= SMALL and right_gradient <= SMALL * before <= wrong_gradient:
        yield say(
            "With {x} a thousand times as large all answers of the example are right, and sure: "
            "of the loss only {loss} is left and of the gradient {after}, as there is nothing more "
            "to learn. With all signs turned the answers are as sure and wrong: the gradient is "
            "up to {turned}.",
            x=x,
            loss=rough_node(loss, DIGITS),
            after=rough_node(right_gradient, DIGITS),
            turned=rough_node(wrong_gradient, DIGITS),
        )


def _rounded_sizes(sizes: Mapping[str, float] | None) -> dict[str, str]:
    return {name: f"{size:.{DIGITS}g}" for name, size in (sizes or {}).items()}


def limits_of_form(row: Operation, example: Scenario) -> Iterator[Sentence]:
    """Yield where the textbook's form has no value, though the one that is computed has."""
    call = parse(row.example.partition(";")[0], vocabulary=vocabulary())
    if len(example.parameters) != 1 or example.constants.keys() - {WEIGHTS}:
        return
    ((name, array),) = example.parameters.items()
    shapes = Shapes({name: array.shape})
    first = (0,) * len(shapes.of(call))
    plain, stable = (Elements(shapes, stable=it).entry(call, first).node for it in (False, True))
    values = {
        place_node(name, index): FAR_OFF * value
        for index, value in zip(indices_of(array.shape), array.floats(), strict=True)
    }
    if stable == plain:
        return
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
    if after >= far * before:
        return [
            say(
                "{change} {gradient} reaches a size of {after}, not {before}: a single step goes "
                "far.",
                change=words,
                gradient=Name(largest),
                before=rough_node(sizes[largest], DIGITS),
                after=rough_node(after, DIGITS),
            )
        ]
    return [
        Sentence(
            _VANISHES if changed[name] else _IS_ZERO,
            {
                "change": words,
                "gradient": Name(name),
                "before": rough_node(size, DIGITS),
                "after": rough_node(changed[name], DIGITS),
            },
        )
        for name, size in sizes.items()
        if size and changed[name] <= SMALL * size
    ]


def _nothing_wrong(x: Name, before: float, largest: Sequence[float]) -> list[Sentence]:
    """Say how large the largest gradient is with each change, where none spoils it.

    The last change is the thousandfold.
    """
    low, high = min(largest), max(largest)
    ends = {"low": low, "high": high, "before": before, "after": largest[-1]}
    slots = {"x": x, **{name: rough_node(end, DIGITS) for name, end in ends.items()}}
    return present(
        say(
            "The gradient grows with {x}: a thousand times as large, it makes the largest of the "
            "example about {after}, not about {before}. One value far off outweighs all others.",
            **slots,
        )
        if largest[-1] >= FAR_ALONE * before
        else None,
        say(
            "Nothing by itself: its slopes do not depend on {x}. Whether the entries are all 0, "
            "alike or a thousand times as large, the largest gradient of the example is {before}.",
            **slots,
        )
        if math.isclose(low, before) and math.isclose(high, before)
        else None,
        say(
            "With all entries of {x} 0, alike or a thousand times as large, the largest entry of "
            "the example's gradient is between about {low} and {high}; it was about {before}. So "
            "the gradient as a whole neither vanishes nor blows up there.",
            **slots,
        ),
    )[:1]


def _kink_where_equal(example: Scenario) -> Iterator[Sentence]:
    """Yield the jump of a gradient where one of two operands of a shape passes the other.

    Of a single operand one entry passes the others, which are alike.
    """
    (name, array), *others = example.parameters.items()
    if len(others) > 1 or any(other.shape != array.shape for _, other in others):
        return
    middle = others[0][1].floats() if others else array.floats()[:1] * array.size

    def slope(step: float) -> float:
        run = _changed_run(example, {name: [middle[0] + step, *middle[1:]]})
        return run.floats(f"d{run.program.loss}/d{name}")[0] if run is not None else 0.0

    left, right = slope(-NEAR), slope(NEAR)
    closer = slope(NEAR * BEND) - slope(-NEAR * BEND)  # what is steep only shrinks with the step
    if right != left and math.isclose(right - left, closer, rel_tol=BEND):
        slots = {"left": rough_node(left, DIGITS), "right": rough_node(right, DIGITS)}
        yield (
            say(
                "Kink: where {a} passes {b} the gradient of {a} jumps from {left} to {right}. At "
                "that very place there is no derivative, and a convention picks one.",
                a=Name(name),
                b=Name(others[0][0]),
                **slots,
            )
            if others
            else say(
                "Kink: where one entry of {a} passes the others its gradient jumps from {left} to "
                "{right}. Where it is just as large there is no derivative, and a convention picks "
                "one.",
                a=Name(name),
                **slots,
            )
        )


def _limits_of_numbers(example: Scenario, sizes: Mapping[str, float]) -> Iterator[Sentence]:
    """Yield what becomes of an example of several numbers where one of them comes near to 0.

    What a function of one number does there is known from its curve.
    """
    names = [*example.parameters]
    for name in names if len(names) > 1 else ():
        (value,) = example.parameters[name].floats()
        near, at_zero = (
            _largest_gradients(example, {name: [number]}, names)
            for number in (value / FAR_OFF, 0.0)
        )
        if near is None or max(near.values()) >= FAR_ALONE * max(sizes.values()):
            words = say("With {x} a thousandth of what it is", x=Name(name))
            yield from _spoiled_gradients(words, sizes, near, FAR_ALONE)
        yield from _spoiled_gradients(say("With {x} 0", x=Name(name)), sizes, at_zero, FAR_ALONE)


def _largest_gradients(
    example: Scenario, changed: Mapping[str, Sequence[float]], names: Sequence[str]
) -> dict[str, float] | None:
    """Return the largest entry of some gradients with some parameters changed; None as below."""
    run = _changed_run(example, changed)
    return None if run is None else _sizes(run, names)


def _sizes(run: Iteration, names: Sequence[str]) -> dict[str, float]:
    """Return the largest entry of the gradient of each of some parameters."""
    gradients = [f"d{run.program.loss}/d{name}" for name in names]
    return {name: max(map(abs, run.floats(name)), default=0.0) for name in gradients}


def _changed_run(example: Scenario, changed: Mapping[str, Sequence[float]]) -> Iteration | None:
    """Return a run with some parameters changed; None where a number is not finite."""
    settings = [
        f"{name}={toml_array(values, example.parameters[name].shape)}"
        for name, values in changed.items()
    ]
    trace = run_scenario(example.with_overrides(settings))
    return trace.iteration(1) if trace.fault is None else None


def limits_of_optimizer(name: str) -> Iterator[Sentence]:
    """Yield what a small rate leaves of a parabola, and from which rate on it is climbed."""
    loss = parse("(w - 3)**2")

    def losses(rate: float, count: int = STEPS) -> Sequence[float]:
        training = f'optimizer = "{name}"\nlearning_rate = {rate}\niterations = {count}\n'
        trace = run_scenario(
            example_network(name, "loss = (w - 3)**2", {"w": "1"}, training=training)
        )
        return trace.floats("loss")

    def diverges(rate: float) -> bool:
        course = losses(rate)
        # A first step may go far and no further.
        return not course[-1] <= FAR_ALONE * max(course[:2])

    def slots(rate: float, course: Sequence[float]) -> dict[str, Node | int]:
        ends = {"before": course[0], "next": course[1], "after": course[STEPS - 1]}
        figures = {place: rough_node(value, DIGITS) for place, value in ends.items()}
        return {"loss": loss, "count": STEPS, "rate": rough_node(rate, 2), **figures}

    yield say(
        "Too small a learning rate: with {rate} the loss {loss} began at {before}, and is "
        "{after} in iteration {count}.",
        **slots(SLOW, losses(SLOW)),
    )
    high = next((rate for rate in TRIED if diverges(rate)), math.inf)
    if high == math.inf:
        yield _overshoot((fast := losses(FAST, LATER)), slots(FAST, fast), losses(SHOWN_RATE)[-1])
    else:
        high = halve_interval(diverges, high, high / 2, HALVINGS)
        higher = float(f"{2 * high:.2g}")
        yield say(
            "Too large a learning rate: from about {edge} on the loss {loss} grows instead of "
            "shrinking. With {rate} it is {after} in iteration {count}.",
            edge=rough_node(high, 2),
            **slots(higher, losses(higher)),
        )


def _overshoot(
    course: Sequence[float], slots: Mapping[str, Node | int], page_loss: float
) -> Sentence:
    """Say what becomes of a run at a large rate that does not diverge, with its losses.

    It has recovered where no later loss comes near the first, and none near the end is above where
    it began; what the end is has to be looked at for longer than the iterations that are told.
    """
    start, first, *later = course
    return (
        say(
            "A large learning rate: with {rate} the first step overshoots and takes the loss "
            "{loss} from {before} to {next}. On this parabola the run recovers: in iteration "
            "{count} the loss is {after}, beside {own} with the rate {shown} of this page.",
            own=rough_node(page_loss, DIGITS),
            shown=rough_node(SHOWN_RATE, 2),
            **slots,
        )
        if first > max(start, *later) and max(course[STEPS - 1 :]) <= start
        else say(
            "A large learning rate: with {rate} the first step takes the loss {loss} from "
            "{before} to {next}. Of {looked} iterations, {above} have a loss above that of the "
            "start; after the first step the largest is {peak}, in iteration {place}.",
            looked=len(course),
            above=sum(value > start for value in course),
            peak=rough_node(max(later), DIGITS),
            place=course.index(max(later)) + 1,
            **slots,
        )
    )
