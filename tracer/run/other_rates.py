"""What the first step would have come to at other learning rates: worked out, not estimated."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from tracer.errors import UnknownNameError
from tracer.frozen import Value
from tracer.run.checks import is_small
from tracer.run.diagnosis import Diagnosis
from tracer.run.forward import Forward

__all__ = ["OtherRate", "other_rates"]

TIMES: Final = (Fraction(1, 10), Fraction(1, 2), Fraction(2), Fraction(10))
NEAR: Final = 1e-5  # relative difference up to which a run in float32 has the same loss


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
    training, name = trace.scenario.training, trace.program.loss
    if training is None or training.update is not None or training.learning_rate is None:
        return []
    if name is None or not (diagnosis.trained and diagnosis.whole and diagnosis.is_same_data):
        return []
    iteration = trace.iteration(1)
    if not is_small(iteration.built):
        return []
    given = {item: iteration.given(item) for item in trace.scenario.data}
    data = {item: value for item, value in given.items() if value is not None}
    forward = Forward(trace.scenario, data, evaluate=False)
    steps = dict(zip(diagnosis.trained, diagnosis.step(1), strict=True))
    start = {item: iteration.floats(item) for item in forward.built.program.parameters}

    def loss_after(times: Fraction) -> float:
        point = {
            item: [
                one + float(times) * way
                for one, way in zip(entries, steps.get(item, [0.0] * len(entries)), strict=True)
            ]
            for item, entries in start.items()
        }
        return forward(point, only=frozenset({name}))[name][0]

    try:
        if not math.isclose(loss_after(Fraction(0)), diagnosis.losses[0], rel_tol=NEAR):
            return []
        rate = Fraction(str(training.learning_rate.floats()[0]))
        found = [OtherRate(float(times * rate), loss_after(times)) for times in TIMES]
    except UnknownNameError:
        return []  # the run stopped before
    return [item for item in found if math.isfinite(item.loss)]
