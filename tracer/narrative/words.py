"""Sentences that every renderer needs, so that all of them say the same."""

from __future__ import annotations

from tracer.narrative.blocks import EquationLine
from tracer.narrative.messages import Sentence, say
from tracer.narrative.numbers import number_node
from tracer.operations import shape_text

__all__ = ["extent_words"]


def extent_words(line: EquationLine) -> Sentence:
    """Say what a value is that is not printed: its shape and range, or that it is not finite."""
    extent = line.extent
    assert extent is not None
    if extent.kind:
        return say("This is {kind}, not a finite number.", kind=extent.kind)
    return say(
        "Shape {shape}, entries from {low} to {high}, norm {norm}.",
        shape=shape_text(line.shape),
        low=number_node(extent.lowest),
        high=number_node(extent.highest),
        norm=number_node(extent.norm),
    )
