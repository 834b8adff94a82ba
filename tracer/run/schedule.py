"""Which samples each step of a run sees. Batches are made when somebody asks for them."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator, Sequence
from copy import copy
from typing import overload

from tracer.lazy_numpy import np
from tracer.run.layout import ARRAY_BYTES, Batch


class Schedule(Sequence[Batch]):
    """The batch of every step, epoch after epoch; the last batch of an epoch may be smaller.

    `chosen` are the places of the samples (None where the data has no samples' axis), `size` is
    how many a step sees (None: all of them), `total` counts the steps. With a `seed` the samples
    are shuffled anew in each epoch, from one stream of NumPy's default generator. The memory it
    takes does not grow with the steps, but for four bytes a sample and epoch where it shuffles.
    """

    def __init__(
        self,
        chosen: Sequence[int] | None,
        total: int,
        *,
        size: int | None = None,
        seed: int | None = None,
    ) -> None:
        self._chosen = chosen if seed is None or chosen is None else array("I", chosen)
        self._total = total
        self._steps = range(total)  # a slice of a schedule has some of them
        self._samples = 0 if chosen is None else len(chosen)
        self._size = max(min(size or self._samples, self._samples), 1)
        self._is_ragged = self._samples % self._size > 0
        self._steps_of_epoch = max(math.ceil(self._samples / self._size), 1)
        self._seed = seed
        self._shuffled: list[array[int]] = []
        self._generators: list[np.random.Generator] = []  # one for the schedule and its slices
        self._examples: dict[int, Batch] = {}  # a batch of each size

    def __len__(self) -> int:
        return len(self._steps)

    def __iter__(self) -> Iterator[Batch]:
        return self._batches(self._steps)

    @overload
    def __getitem__(self, index: int) -> Batch: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Batch]: ...
    def __getitem__(self, index: int | slice) -> Batch | Sequence[Batch]:
        if isinstance(index, slice):
            part = copy(self)
            part._steps = self._steps[index]
            return part
        step = self._steps[index]
        return next(self._batches(range(step, step + 1)))

    def _batches(self, steps: range) -> Iterator[Batch]:
        """Yield the batches of some steps, which follow one another."""
        size = self._size
        epoch, order = -1, self._chosen
        for step in steps:
            before, position = epoch, step % self._steps_of_epoch
            epoch = step // self._steps_of_epoch
            if self._chosen is not None and epoch != before:
                order = self._order(epoch)
            begin = position * size
            yield Batch(epoch + 1, None if order is None else order[begin : begin + size])

    def alike(self, begin: int) -> int:
        """Return how many steps from `begin` on see batches of one size."""
        if not self._is_ragged:
            return self._total - begin
        left = self._steps_of_epoch - 1 - begin % self._steps_of_epoch
        return max(min(left, self._total - begin), 1)

    def kinds(self) -> dict[Batch, int]:
        """Return a batch of each size, and how many such steps follow one another at the most."""
        last = min(self._steps_of_epoch, self._total) - 1
        return {self.like(step): self.alike(step) for step in (last, 0)}

    def like(self, step: int) -> Batch:
        """Return a batch as large as that of a step, counted from 0; the same for all of a size."""
        is_last = step % self._steps_of_epoch == self._steps_of_epoch - 1
        place = self._steps_of_epoch - 1 if self._is_ragged and is_last else 0
        if place not in self._examples:
            self._examples[place] = self[place]
        return self._examples[place]

    @property
    def nbytes(self) -> int:
        """The bytes that the orders of all epochs take."""
        if self._seed is None or self._chosen is None:
            return 0
        epochs = math.ceil(self._total / self._steps_of_epoch)
        return (epochs + 1) * (ARRAY_BYTES + 4 * self._samples)

    def _order(self, epoch: int) -> Sequence[int]:
        """Return the samples of an epoch in the order it sees them; epochs count from 0 here."""
        assert self._chosen is not None
        if self._seed is None:
            return self._chosen
        if not self._generators:
            self._generators.append(np.random.default_rng(self._seed))
        while len(self._shuffled) <= epoch:
            order = self._generators[0].permutation(self._samples)
            chosen = np.asarray(self._chosen, np.uintc)[order]
            self._shuffled.append(array("I", chosen.tobytes()))
        return self._shuffled[epoch]
