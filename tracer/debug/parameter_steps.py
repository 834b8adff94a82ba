"""How the step of a parameter goes along its gradient, entry by entry.

What is done with a gradient on purpose, a clip, its sign, a norm, a mask, leaves each entry its
sign; decay takes a small share of the parameter itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

import numpy as np

NEAR: Final = 1e-6  # relative to the largest entry; differences below it are rounding
MOST_DECAY: Final = 0.5  # largest share of a parameter that one step takes away


class ParameterStep(NamedTuple):
    """The change of a parameter by an update, its gradient, and what it was before."""

    change: Any
    slope: Any
    start: Any

    @property
    def size(self) -> float:
        """An upper bound of the rounding error of the change."""
        return NEAR * float(np.abs(self.change).max()) + 1e-12 * float(np.abs(self.start).max())

    @property
    def is_down(self) -> bool:
        """Whether no entry goes up its gradient, or one that is 0 anywhere, but for decay."""
        rate, decay = self.shares or (0.0, 0.0)
        is_decay = rate > 0 and 0 <= decay < MOST_DECAY
        change = self.change + decay * self.start if is_decay else self.change
        slope = np.where(np.abs(self.slope) > NEAR * np.abs(self.slope).max(), self.slope, 0)
        return bool(
            (np.where(slope > 0, change, np.where(slope < 0, -change, 0)) <= self.size).all()
        )

    @property
    def shares(self) -> tuple[float, float] | None:
        """By what a step takes its gradient and its parameter away; None where it does more."""
        parts = np.stack([np.ravel(self.slope), np.ravel(self.start)], axis=1)
        is_finite = np.isfinite(self.change).all() and np.isfinite(parts).all()
        if len(parts) < 3 or not is_finite or np.linalg.matrix_rank(parts) < 2:
            return None
        found = np.linalg.lstsq(parts, np.ravel(self.change), rcond=None)[0]
        more = np.abs(parts @ found - np.ravel(self.change)).max()
        return None if more > self.size else (-float(found[0]), -float(found[1]))

    @property
    def is_repeated(self) -> bool:
        """Whether the change is the same along an axis along which the gradient is not."""
        return any(
            np.ptp(self.change, axis).max() <= self.size < np.abs(self.change).max()
            and np.ptp(self.slope, axis).max() > NEAR * np.abs(self.slope).max()
            for axis in range(np.ndim(self.change))
        )


def is_no_decay(steps: Iterable[ParameterStep]) -> bool:
    """Tell whether steps take the same share of a parameter away everywhere, which is no decay.

    It makes the parameter grow, or leaves nearly nothing of it. A norm takes another share at
    other numbers.
    """
    shares = [each.shares for each in steps]
    decays = [each[1] for each in shares if each is not None and each[0] > 0]
    return (
        1 < len(decays) == len(shares)
        and np.ptp(decays) <= NEAR * max(map(abs, decays))
        and not -NEAR < decays[0] < MOST_DECAY
    )


def are_bounded(steps: Sequence[ParameterStep], rates: Sequence[float]) -> bool:
    """Tell whether steps are a function of their gradients that bounds them, as a clip is.

    What is larger gets no smaller step, and not more of one than what is smaller. `rates` are those
    of others at these numbers.
    """
    units = [
        each._replace(change=each.change / rate) for each, rate in zip(steps, rates, strict=True)
    ]
    slopes, changes = (
        np.abs(np.concatenate([np.ravel(part) for part in parts]))
        for parts in zip(*((each.slope, each.change) for each in units), strict=True)
    )
    norms = [
        np.array([float(np.linalg.norm(part)) for part in parts])
        for parts in zip(*((each.slope, each.change) for each in units), strict=True)
    ]
    is_whole = all(_is_multiple(each) for each in units)
    return all(each.is_down for each in steps) and (
        _is_bounded(slopes, changes) or (is_whole and _is_bounded(*norms))
    )


def _is_multiple(step: ParameterStep) -> bool:
    rate = np.vdot(step.change, step.slope) / np.vdot(step.slope, step.slope)
    return bool(np.abs(step.change - rate * step.slope).max() <= step.size)


def _is_bounded(slopes: Any, changes: Any) -> bool:
    """Tell whether changes grow with slopes, and no faster than these."""
    order = np.argsort(slopes[slopes > 0])
    slopes, changes = slopes[slopes > 0][order], changes[slopes > 0][order]
    near = NEAR * changes.max(initial=0)
    return bool(
        (np.diff(changes) >= -near).all()
        and (changes[1:] <= changes[:-1] * slopes[1:] / slopes[:-1] + near).all()
    )
