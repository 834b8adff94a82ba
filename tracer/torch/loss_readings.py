"""Losses of PyTorch in the language: each by its entries, and a mean or a sum over them.

The definitions are those of the documentation of `torch.nn`, "Loss Functions". Where the language
has a loss of its own, that stands instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Final

from tracer.operations import shape_text
from tracer.torch.aten_call import AtenCall, Reading

NONE, MEAN, SUM = 0, 1, 2  # PyTorch's numbers of reductions
LEAST_LOGARITHM: Final = "2.3e-308"  # the smallest normal double: its logarithm times 0 is 0


def _reduce_entries(call: AtenCall, entries: str, axes: int) -> str:
    """Return entries times their weights, or the mean or sum; `axes` is how many axes they have."""
    if call.get("weight") is not None:
        entries = f"{call['weight']} * ({entries})"
    if call["reduction"] == NONE or not axes:
        return entries
    return f"{'mean' if call['reduction'] == MEAN else 'sum'}({entries})"


def _named_loss(loss: str, total: str, entries: str, call: AtenCall) -> str:
    """Return a loss that the language has: as its mean, its sum, by its entries."""
    form = {NONE: entries, MEAN: loss, SUM: total}[call["reduction"]]
    return form.format(a=call["self"], b=call["target"])


def _kl_div(call: AtenCall) -> str:
    """Return t (ln t − x), of a logarithm x; PyTorch's own terms have 0 times infinity."""
    x, target = call["self"], call["target"]
    own = f"{target} * (log(maximum({target}, {LEAST_LOGARITHM})) - {x})"
    entries = f"exp({target}) * ({target} - {x})" if call["log_target"] else own
    return _reduce_entries(call, entries, max(len(call.size("self")), len(call.size("target"))))


def _mean_or_sum(call: AtenCall, name: str, settings: str = "") -> str:
    """Return a mean of the language, or its sum: the mean times the number of entries."""
    mean = f"{name}({call['self']}, {call['target']}{settings})"
    return mean if call["reduction"] == MEAN else f"{call.count('self')} * {mean}"


def _binary(call: AtenCall) -> str:
    """−w (y ln p + (1 − y) ln(1 − p)), no logarithm below −100."""
    p, y = call["self"], call["target"]
    if call["weight"] is None and call["reduction"] != NONE:
        return _mean_or_sum(call, "bce")
    first, second = (f"maximum(log({item}), -100)" for item in (p, f"1 - {p}"))
    entries = f"-({y} * {first} + (1 - {y}) * {second})"
    return _reduce_entries(call, entries, len(call.size("self")))


def _binary_with_logits(call: AtenCall) -> str:
    """Return w ((1 − y) z + (1 + (q − 1) y) ln(1 + exp(−z))), q the positive weight, reduced."""
    z, y, weight, positive = (call[name] for name in ("self", "target", "weight", "pos_weight"))
    if weight is None and positive is None and call["reduction"] != NONE:
        return _mean_or_sum(call, "bce_with_logits")
    factor = "" if positive is None else f"(1 + ({positive} - 1) * {y}) * "
    entries = f"(1 - {y}) * {z} + {factor}softplus(-{z})"
    return _reduce_entries(call, entries, len(call.size("self")))


# Losses of classes ------------------------------------------------------------------------------


class _Classes:
    """Scores with the classes as last axis of two, their labels, and the weight of each sample."""

    def __init__(self, call: AtenCall) -> None:
        self.call = call
        shape = call.size("self")
        self.scores, self.labels = call["self"], call["target"]
        self.count = call.count("self") // shape[1 if len(shape) > 1 else 0]
        self.classes = call.count("self") // self.count
        self.has_labels = call.size("target") != shape
        if len(shape) != 2:
            self.scores = self._rows(self.scores)
            self.labels = (
                call.quantity("labels", f"reshape({self.labels}, (-1,))")
                if self.has_labels
                else self._rows(self.labels)
            )

    def _rows(self, text: str) -> str:
        """Return an array with classes along its second axis as a row for each sample."""
        shape = self.call.size("self")
        if len(shape) > 2:
            axes = [0, *range(2, len(shape)), 1]
            text = f"transpose({text}, {shape_text(axes)})"
        return self.call.quantity("rows", f"reshape({text}, (-1, {self.classes}))")

    def weights(self) -> str:
        """Return the weights of the samples, '' where all are 1: by class, 0 where ignored."""
        factors = []
        if self.call["weight"] is not None:
            factors.append(f"{self.call['weight']}[{self.labels}]")
        if self.call["ignore_index"] >= 0:
            factors.append(f"(1 - equal({self.labels}, {self.call['ignore_index']}))")
        return self.call.quantity("weights", " * ".join(factors)) if factors else ""

    def reduce_samples(self, entries: str, weights: str) -> str:
        """Return entries, their sum, or their mean over the weights of the samples."""
        reduction = self.call["reduction"]
        if reduction == NONE:
            return f"reshape({entries}, {shape_text(self.call.shape)})"
        if reduction == SUM:
            return f"sum({entries})"
        return f"sum({entries}) / sum({weights})" if weights else f"mean({entries})"


def _cross_entropy(call: AtenCall) -> str:
    classes = _Classes(call)
    smoothing = call["label_smoothing"]
    if not classes.has_labels:
        return _soft_cross_entropy(classes, smoothing)
    weights = classes.weights()
    if not weights and not smoothing and call["reduction"] != NONE:
        text = f"cross_entropy({classes.scores}, {classes.labels})"
        return text if call["reduction"] == MEAN else f"{classes.count} * {text}"
    logs = call.quantity("logs", f"log_softmax({classes.scores}, axis=-1)")
    entries = f"-{weights or 1} * pick({logs}, {classes.labels})"
    if smoothing:
        weighted = logs if call["weight"] is None else f"{call['weight']} * {logs}"
        every = f"sum({weighted}, axis=-1)"
        if call["ignore_index"] >= 0:
            every = f"(1 - equal({classes.labels}, {call['ignore_index']})) * {every}"
        entries = f"{1 - smoothing!r} * ({entries}) - {smoothing / classes.classes!r} * {every}"
    return classes.reduce_samples(entries, weights)


def _soft_cross_entropy(classes: _Classes, smoothing: float) -> str:
    """−∑ w t ln p, of probabilities t."""
    call, target = classes.call, classes.labels
    if smoothing:
        target = f"({1 - smoothing!r} * {target} + {smoothing / classes.classes!r})"
    factor = "" if call["weight"] is None else f"{call['weight']} * "
    entries = f"-sum({factor}{target} * log_softmax({classes.scores}, axis=-1), axis=-1)"
    return classes.reduce_samples(entries, "")


def _nll(call: AtenCall) -> str:
    classes = _Classes(call)
    weights = classes.weights()
    factor = f"{weights} * " if weights else ""
    return classes.reduce_samples(f"-{factor}pick({classes.scores}, {classes.labels})", weights)


def _huber(call: AtenCall) -> str:
    """Return e²/2 where the error e is at most δ, and δ (|e| − δ/2) beyond it, reduced."""
    delta = call["delta"]
    if call["reduction"] != NONE:
        return _mean_or_sum(call, "huber", f", delta={delta}")
    error = f"{call['self']} - {call['target']}"
    far = f"{delta} * (abs({error}) - {delta / 2})"
    return f"where(step(abs({error}) - {delta}), {far}, ({error})**2 / 2)"


LOSS_READINGS: Final[Mapping[str, Reading]] = {
    "mse_loss": partial(_named_loss, "mse({a}, {b})", "squared_error({a}, {b})", "({a} - {b})**2"),
    "l1_loss": partial(_named_loss, "mae({a}, {b})", "sum(abs({a} - {b}))", "abs({a} - {b})"),
    "huber_loss": _huber,
    "kl_div": _kl_div,
    "binary_cross_entropy": _binary,
    "binary_cross_entropy_with_logits": _binary_with_logits,
    "cross_entropy_loss": _cross_entropy,
    "nll_loss": _nll,
    "nll_loss_nd": _nll,
}
"""What each loss is in the language, by its name without overload."""
