"""Sentences that every renderer needs, so that all of them say the same."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from tracer.expression.syntax import Node
from tracer.lazy_numpy import np
from tracer.narrative.blocks import EquationLine, Extent, Paragraph, present
from tracer.operations import Shape
from tracer.operations.numbers import number_node, number_text
from tracer.operations.textbook import Textbook
from tracer.sentences import Sentence, Text, say

if TYPE_CHECKING:
    from tracer.program.scenario import Scenario


def shape_words(shape: Shape) -> Text:
    """Return the shape of an array as none of its values could be written: 4 × 2, 2 numbers."""
    if len(shape) != 1:
        return " × ".join(map(str, shape))
    return say("{count} {count:number|numbers}", count=shape[0])


def extent_of(values: Sequence[float], digits: int) -> Extent:
    """Return what is said of an array too large to print. Large ones come as NumPy arrays."""
    lowest, highest, norm = _range(values)
    for value in (lowest, highest):
        if math.isnan(value) or value == math.inf or (value == -math.inf == highest):
            return Extent(kind=number_text(value, digits))
    return Extent(
        number_text(lowest, digits),
        number_text(highest, digits),
        number_text(norm, digits) if math.isfinite(norm) else "",
        first=number_text(values[0], digits),
        last=number_text(values[-1], digits),
    )


def _range(values: Sequence[float]) -> tuple[float, float, float]:
    if isinstance(values, list):
        if any(map(math.isnan, values)):
            return math.nan, math.nan, math.nan
        norm = math.sqrt(math.fsum(value * value for value in values if math.isfinite(value)))
        return min(values), max(values), norm
    array = np.asarray(values)  # a large array is one of NumPy's
    with np.errstate(all="ignore"):  # what is not finite is said in words
        # Not `linalg.norm`: its dot product keeps a thread of each core busy for 0.1 s afterwards.
        norm = np.sqrt(np.add.reduce(np.square(array, dtype=np.float64)))
    return float(array.min()), float(array.max()), float(norm)


def extent_words(line: EquationLine) -> Sentence:
    """Say what a value is that is not printed: its shape and range, or that it is not finite."""
    extent = line.extent
    assert extent is not None
    if extent.kind:
        return say("This is {kind}, not a finite number.", kind=extent.kind)
    slots = {
        "shape": shape_words(line.shape),
        "first": shown_figure(extent.first or "0"),
        "last": shown_figure(extent.last or "0"),
        "low": shown_figure(extent.lowest),
        "high": shown_figure(extent.highest),
        "norm": shown_figure(extent.norm or "0"),
    }
    return present(
        say("{shape}, entries from {low} to {high}.", **slots) if not extent.norm else None,
        say("{shape}: {first}, …, {last}; entries from {low} to {high}, norm {norm}.", **slots)
        if extent.first
        else None,
        say("{shape}, entries from {low} to {high}, norm {norm}.", **slots),
    )[0]


def shown_figure(text: str) -> Node:
    """Return a figure as formulas have it: with a power of ten."""
    return Textbook(lambda node: ()).numbers(number_node(text))


def description_blocks(scenario: Scenario) -> Iterator[Paragraph]:
    """Yield what the scenario says of itself: of its settings as they stand in its text."""
    if scenario.description:
        yield Paragraph(
            present(
                say("Settings have been changed; this describes the scenario without the changes.")
                if scenario.overrides
                else None,
                say("{text}", text=scenario.purpose),
            )
        )
