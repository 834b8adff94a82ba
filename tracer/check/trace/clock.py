"""Which iteration a line of a document belongs to.

A document walks through forward pass, loss, gradients and update, again and again. Words such as
"Iteration 2" say where it is; where there are none, a forward line after an update begins the
next iteration, and so does a quantity that is computed anew.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tracer.check.trace.traced import Traced
    from tracer.check.written import Marker

__all__ = ["Clock"]


Target = tuple[str, tuple[int, ...]]  # a quantity and the index of an entry


class Moment(NamedTuple):
    """A place in the walk: the iteration, what was computed in it, and whether it was updated."""

    now: int
    computed: frozenset[Target]
    last: Target | None
    updated: bool


class Clock:
    """The iteration at hand, from 1. `now` is the one that the last line belonged to."""

    def __init__(self, traced: Traced) -> None:
        self.traced = traced
        self.now = 1
        self.only_words = False  # each iteration has its heading, so that nothing else begins one
        self._computed: set[Target] = set()
        self._last: Target | None = None
        self._updated = False
        self._counts_from = 1
        self._left: Moment | None = None  # where the document was before it looked back
        self._is_named = False  # words say where an iteration begins

    @property
    def has_updated(self) -> bool:
        """Whether a parameter was updated in the iteration at hand."""
        return self._updated

    def numbers(self, iteration: int) -> tuple[int, int]:
        """Return the numbers by which words may name an iteration: its own, and its epoch's."""
        return iteration - 1 + self._counts_from, self.traced.trace.iteration(iteration).epoch

    def marker(self, marker: Marker) -> None:
        """Go to the iteration that words name: an iteration, an epoch, or a sample of it."""
        number = marker.number
        if marker.kind == "iteration":
            self._is_named = True
            if number == 0:
                self._counts_from = 0
            self._look(number + 1 - self._counts_from)
        elif marker.kind == "epoch":
            self._go_to_epoch(number)
        elif marker.kind == "sample":
            self._go_to_sample(number)

    def _look(self, number: int) -> None:
        """Go to a named iteration; if that is over, words may only look back to it."""
        left = None
        if number < self.now:
            left = Moment(self.now, frozenset(self._computed), self._last, self._updated)
        self.go(number)
        self._left = left

    def come_back(self, fits: Callable[[int], bool], *, stated: bool) -> None:
        """Return from a look back where the figures of a line are those of the iteration left."""
        left = self._left
        if left is None or stated or fits(self.now):
            return
        if fits(left.now) or (left.updated and fits(left.now + 1)):
            self._left = None
            self.now, self._last, self._updated = left.now, left.last, left.updated
            self._computed = set(left.computed)

    def place(
        self,
        quantity: str,
        phase: str,
        stated: bool,
        index: tuple[int, ...] = (),
        fits: Callable[[int], bool] | None = None,
    ) -> int:
        """Return the iteration of a line that computes (or only states) a quantity.

        A forward line or a loss after an update begins the next iteration, so does a target that
        was computed in this one (but for one that is computed twice running, in two notations);
        what is only stated never does. Where only the repetition speaks for it, `fits(iteration)`
        is asked whether the written figure is that iteration's: a line that is right where the
        document stands was only said again.
        """
        if self.only_words:
            return self.now
        if stated or phase == "given":
            if phase == "update" and self._computed:
                self._updated = True
            return self._stated(quantity)
        target = quantity, index
        is_begun = self._updated and phase in ("forward", "loss")
        if is_begun or (target in self._computed and not self._is_said_again(target, phase, fits)):
            self.go(self.now + 1)
        if phase == "update":
            self._updated = True
        self._computed.add(target)
        self._last = target
        return self.now

    def _stated(self, quantity: str) -> int:
        """Return the iteration of a value that is said: after an update, w is the next one's w."""
        after = self.traced.program.carried.get(quantity)
        if after is not None and any(name == after for name, _ in self._computed):
            return min(self.now + 1, max(self.traced.iterations, 1))
        return self.now

    def _is_said_again(
        self, target: Target, phase: str, fits: Callable[[int], bool] | None
    ) -> bool:
        """Tell whether a target that was computed before is the same one, not the next."""
        if fits is not None:
            if fits(self.now):
                return True
            if self.traced.extend(self.now + 1) and fits(self.now + 1):
                return False
            if self._is_named or (phase == "backward" and not self._updated):
                return True  # no words say so, or nothing was updated: the name may be wrong
        return target == self._last and phase != "update"

    def go(self, number: int) -> None:
        """Begin an iteration, tracing further where the run is too short."""
        if number > self.traced.iterations:
            self.traced.extend(number)
        self.now = max(1, min(number, self.traced.iterations))
        self._computed.clear()
        self._last = None
        self._updated = False

    def _go_to_epoch(self, number: int) -> None:
        """Go to the first iteration of a pass over the data (from 1), if this is not one of it."""
        if self.traced.trace.iteration(self.now).epoch == number:
            return
        for segment in self.traced.trace.segments:
            for place, batch in enumerate(segment.batches):
                if batch.epoch == number and segment.first + place <= segment.last:
                    self.go(segment.first + place)
                    return
        self.go(number)

    def _go_to_sample(self, number: int) -> None:
        """Go to the iteration of a sample, where a step sees one at a time and the data has it.

        Where a step sees all of them, the iteration stays: the line is about an entry.
        """
        trace = self.traced.trace
        training = trace.scenario.training
        if training is None or training.batch_size != 1 or not len(trace):
            return
        epoch = trace.iteration(self.now).epoch
        later = range(self.now, len(trace) + 1)
        for at in (*later, *range(1, self.now)):
            iteration = trace.iteration(at)
            if iteration.samples == (number - 1,) and (iteration.epoch == epoch or at > self.now):
                self.go(at)
                return
