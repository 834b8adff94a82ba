"""What the first step would have come to at other learning rates: worked out, not estimated."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from tracer.frozen import Value
from tracer.run.checks import is_small
from tracer.run.diagnosis import Diagnosis
from tracer.run.loss_surface import LossSurface, point_along

__all__ = ["OtherRate", "other_rates"]

TIMES: Final = (Fraction(1, 10), Fraction(1, 2), Fraction(2), Fraction(10))


class OtherRate(Value):
    """The loss behind a first step that is as many times as long as the rate is larger."""

    rate: float
    loss: float


def other_rates(diagnosis: Diagnosis) -> Sequence[OtherRate]:
    """Return what the first step would have led to, from a tenth of the rate to ten times it.

    Every optimizer's first step is proportional to its rate. None of a rule of one's own, of a
    network that takes long, of other samples in each iteration, and of losses that are not finite.
    """
    trace = diagnosis.trace
    training = trace.scenario.training
    if training is None or training.update is not None or training.learning_rate is None:
        return []
    if not (diagnosis.losses and diagnosis.trained and diagnosis.whole and diagnosis.is_same_data):
        return []
    if not is_small(trace.iteration(1).built):
        return []
    surface = LossSurface(trace)
    steps = dict(zip(diagnosis.trained, diagnosis.step(1), strict=True))
    start = surface.place_entries()
    step = [entry for name in surface.names for entry in steps[name]]
    rate = Fraction(str(training.learning_rate.floats()[0]))
    found = [
        OtherRate(float(times * rate), surface.loss(point_along(start, step, float(times))))
        for times in TIMES
    ]
    return [item for item in found if math.isfinite(item.loss)]
