"""The words that a walk is told with: what each means, in a sentence or two."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tracer.sentences import Sentence, say

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
"""By the name of each: how it is said, and what it means."""
