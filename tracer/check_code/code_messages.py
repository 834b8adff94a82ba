"""The sentences about gradients in code."""

from __future__ import annotations

from typing import Literal

from tracer.narrative.messages import Sentence, say
from tracer.sentences import Text

__all__ = ["What", "words"]

What = Literal[
    "right",
    "downhill",
    "uphill",
    "reversed",
    "turned",
    "half",
    "twice",
    "summed",
    "divided",
    "constant",
    "otherwise",
    "shapes",
    "unknown",
]


def words(what: What, names: str, loss: str = "", detail: Text = "") -> Sentence:
    """Return what is said of gradients; `detail` is the ratio, or what does not fit."""
    return {
        "right": say("{names}: agrees with the derivative of {loss}", names=names, loss=loss),
        "downhill": say("{names}: the update goes downhill on {loss}", names=names, loss=loss),
        "uphill": say(
            "{names}: the update adds the gradient of {loss}, which it must subtract",
            names=names,
            loss=loss,
        ),
        "reversed": say(
            "{names}: −1 times the gradient of {loss}; the error is subtracted the wrong way round",
            names=names,
            loss=loss,
        ),
        "turned": say("{names}: −1 times the gradient of {loss}", names=names, loss=loss),
        "half": say(
            "{names}: half the gradient of {loss}; a factor 2 is left out",
            names=names,
            loss=loss,
        ),
        "twice": say(
            "{names}: twice the gradient of {loss}; it has an extra factor 2",
            names=names,
            loss=loss,
        ),
        "summed": say(
            "{names}: the gradient of {loss} times the number of samples; it is a sum and should "
            "be a mean",
            names=names,
            loss=loss,
        ),
        "divided": say(
            "{names}: the gradient of {loss} divided once too often by the number of samples",
            names=names,
            loss=loss,
        ),
        "constant": say(
            "{names}: {ratio} times the gradient of {loss}",
            names=names,
            ratio=detail,
            loss=loss,
        ),
        "otherwise": say(
            "{names}: not the gradient of {loss}, nor a multiple of it", names=names, loss=loss
        ),
        "shapes": say("{names}: the shapes do not fit: {problem}", names=names, problem=detail),
        "unknown": say(
            "{names}: no loss was found to compare this gradient with",
            names=names,
        ),
    }[what]
