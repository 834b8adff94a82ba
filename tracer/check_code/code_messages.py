"""The sentences about gradients in code."""

from __future__ import annotations

from typing import Literal

from tracer.sentences import Sentence, say

What = Literal[
    "right",
    "downhill",
    "uphill",
    "turned",
    "otherwise",
    "unknown",
]


def gradient_words(what: What, names: str, loss: str = "") -> Sentence:
    """Return what is said of gradients."""
    return {
        "right": say("{names}: agrees with the derivative of {loss}", names=names, loss=loss),
        "downhill": say("{names}: the update goes downhill on {loss}", names=names, loss=loss),
        "uphill": say(
            "{names}: the update adds the gradient of {loss}, which it must subtract",
            names=names,
            loss=loss,
        ),
        "turned": say("{names}: −1 times the gradient of {loss}", names=names, loss=loss),
        "otherwise": say(
            "{names}: not the gradient of {loss}, nor a multiple of it", names=names, loss=loss
        ),
        "unknown": say(
            "{names}: no loss whose value can be computed was found for this gradient",
            names=names,
        ),
    }[what]
