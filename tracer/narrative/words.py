"""Sentences that every renderer needs, so that all of them say the same."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from tracer.expression import Node, render
from tracer.lazy_numpy import np
from tracer.narrative.blocks import Paragraph, present
from tracer.operations import Shape, number_node, number_text, vocabulary
from tracer.operations.textbook import DrawnPart, Textbook
from tracer.program.overrides import one_line, setting_key
from tracer.sentences import Code, Sentence, Slot, Text, say

if TYPE_CHECKING:
    from tracer.program.scenario import Scenario

MOST_SETTING: Final = 60  # characters of a setting that is quoted

EXPLAINED: Final[Mapping[str, tuple[Sentence, Sentence]]] = {
    "loss": (
        say("loss"),
        say(
            "The loss is one number that says how wrong the network is: the smaller, the better. "
            "Training changes the weights so that it falls."
        ),
    ),
    "derivative": (
        say("derivative"),
        say(
            "The derivative of y with respect to x says how fast y changes when x changes a "
            "little. With a derivative of 3, y grows by about 0.03 when x grows by 0.01."
        ),
    ),
    "partial derivative": (
        say("partial derivative"),
        say(
            "A partial derivative is the derivative with respect to one quantity while all "
            "others are held fixed. It is written with ∂. The gradient is all of them together."
        ),
    ),
    "upstream and local": (
        say("upstream and local"),
        say(
            "A gradient is found backwards, a step at a time. What comes in from the side of the "
            "loss is called upstream; the slope of the step alone is called local. Their product "
            "goes on to the step before."
        ),
    ),
    "sample": (
        say("sample"),
        say(
            "A sample is one example of the data: an input, and the target that belongs to it. "
            "A batch is the samples that one update sees."
        ),
    ),
    "epoch": (
        say("epoch"),
        say(
            "An epoch is one pass through all samples. With small batches it takes several "
            "iterations."
        ),
    ),
    "iteration": (
        say("iteration"),
        say("An iteration is one training step: forward, loss, backward, update."),
    ),
}
"""The words that a walk is told with, by the name of each: how it is said, and what it means."""


KINDS: Final[Mapping[str, Sentence]] = {
    "data": say("data"),
    "parameter": say("parameter"),
    "constant": say("constant"),
    "setting": say("setting"),
}
"""What kinds of given quantities are called."""


def shape_words(shape: Shape) -> Text:
    """Return the shape of an array as none of its values could be written: 4 × 2, 2 numbers."""
    if len(shape) != 1:
        return " × ".join(map(str, shape))
    return say("{count} {count:number|numbers}", count=shape[0])


def extent_sentence(values: Sequence[float], shape: Shape, digits: int) -> Sentence:
    """Say what a value is that is not printed: its shape and range, or that it is not finite.

    Large ones come as NumPy arrays.
    """
    lowest, highest = entry_range(values)
    for value in (lowest, highest):
        if math.isnan(value) or value == math.inf or (value == -math.inf == highest):
            return say("This is {kind}, not a finite number.", kind=number_text(value, digits))
    norm = _norm(values)
    numbers = (values[0], values[-1], lowest, highest, norm)
    figures = (shown_figure(number_text(value, digits)) for value in numbers)
    slots = dict(zip(("first", "last", "low", "high", "norm"), figures, strict=True))
    if not math.isfinite(norm):
        return say("{shape}, entries from {low} to {high}.", shape=shape_words(shape), **slots)
    return say(
        "{shape}: {first}, …, {last}; entries from {low} to {high}, norm {norm}.",
        shape=shape_words(shape),
        **slots,
    )


def entry_range(values: Sequence[float]) -> tuple[float, float]:
    """Return the lowest and the highest entry; NaN where one is."""
    if isinstance(values, list):
        has_nan = any(map(math.isnan, values))
        return (math.nan, math.nan) if has_nan else (min(values), max(values))
    array = np.asarray(values)  # a large array is one of NumPy's
    return float(array.min()), float(array.max())


def _norm(values: Sequence[float]) -> float:
    if isinstance(values, list):
        return math.sqrt(math.fsum(value * value for value in values if math.isfinite(value)))
    with np.errstate(all="ignore"):  # what is not finite is said in words
        # Not `linalg.norm`: its dot product keeps a thread of each core busy for 0.1 s afterwards.
        return float(np.sqrt(np.add.reduce(np.square(values, dtype=np.float64))))


def shown_figure(text: str) -> Node:
    """Return a figure as formulas have it: with a power of ten."""
    return Textbook(lambda node: ()).numbers(number_node(text))


def formula_text(node: Node) -> str:
    """Return a formula in ASCII, as the equations of a scenario are written."""
    formula = node.drawn if isinstance(node, DrawnPart) else node
    return render(formula, "ascii", vocabulary=vocabulary())


def description_blocks(scenario: Scenario) -> Iterator[Paragraph]:
    """Yield what the scenario says of itself, and before it what has been changed in it."""
    changes = [it.settings for it in scenario.variants if it.name == scenario.variant_name]
    yield from (
        Paragraph(
            [
                say(
                    "This is the variant {name}: {changes}.",
                    name=scenario.variant_name,
                    changes=list(map(setting_words, settings)),
                )
                if settings
                else say("This is the variant {name}.", name=scenario.variant_name)
            ]
        )
        for settings in changes
    )
    settings = list(map(setting_words, scenario.overrides))
    described = present(
        say(
            "Settings have been changed: {settings}. This describes the scenario without the "
            "changes.",
            settings=settings,
        )
        if settings and scenario.description
        else say("Settings have been changed: {settings}.", settings=settings)
        if settings
        else None,
        say("{text}", text=scenario.purpose) if scenario.description else None,
    )
    if described:
        yield Paragraph(described)


def setting_words(setting: str) -> Slot:
    """Return a setting as a command has it; of a long one, what it sets."""
    key, text = setting_key(setting), one_line(setting)
    if key[-1] == "equations":
        return say("other equations") if "update" not in key else say("another update rule")
    if len(text) > MOST_SETTING:
        return say("other values of {key}", key=Code(".".join(key)))
    return Code(text)
