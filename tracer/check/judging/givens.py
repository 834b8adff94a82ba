"""What a document says of the given numbers of a run: the run's, another sample's, or its own.

Data and first parameters are looked at where they are mentioned first. A document whose numbers
are all its own is another exercise; one that takes the data of another sample is about that one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from tracer.check.judging.quantities import is_within
from tracer.check.judging.values import entries_of, transposed
from tracer.expression.syntax import Node
from tracer.intervals import Interval, Value

if TYPE_CHECKING:
    from tracer.check.trace.traced import Traced

__all__ = ["Differing", "Givens"]

ENOUGH: Final = 2  # given numbers that differ before they are another exercise's
MOST_KEPT: Final = 2000


class Differing(NamedTuple):
    """A given number that is not the run's: its name there, and what was written."""

    name: str
    written: str


class Givens:
    """The given numbers of a document, as they are mentioned."""

    def __init__(self, traced: Traced) -> None:
        self.traced: Final = traced
        self.differing: Final[list[Differing]] = []
        self.is_torn = False  # data of different samples stand side by side
        self._seen: set[str] = set()
        self._agrees: set[str] = set()  # the kinds of which some are the run's
        self._others = 0  # data that are those of another sample
        self._group: dict[str, frozenset[int]] = {}  # the samples that each datum of late is of
        self._lists = False  # the data of one sample after the other are only stated
        self._found: dict[tuple[str, tuple[int, ...], Value], frozenset[int]] = {}

    @property
    def are_of_another_exercise(self) -> bool:
        """Whether several were mentioned, and none is the run's; or no datum, but a sample's."""
        if self._others >= ENOUGH and not self.is_torn and "data" not in self._agrees:
            return True
        return len(self.differing) >= ENOUGH and not self._agrees

    def mention(
        self, node: Node, value: Value, written: str, iteration: int, *, stated: bool
    ) -> None:
        """Note that a document states what a name is, or puts it in; `value` has its bounds."""
        for quantity, index in self.traced.quantities(node, target=False)[:1]:
            item = self.traced.program.inputs.get(quantity)
            kind = "" if item is None else item.kind
            if kind != "data" and (kind != "parameter" or iteration > 1):
                return
            name = f"{quantity}{list(index)}" if index else quantity
            samples = self._samples_of(quantity, index, value) if kind == "data" else frozenset()
            if samples:
                self._join(name, samples, stated=stated)
            right = self.traced.value(quantity, index, 1)
            if name in self._seen or right is None:
                return
            self._seen.add(name)
            if _may_be(value, right):
                self._agrees.add(kind)
            else:
                self.differing.append(Differing(name, written))
                self._others += bool(samples)

    def is_of_sample_at_hand(self, node: Node, value: Interval) -> bool:
        """Say whether a datum is of the sample that other data of late are of."""
        for quantity, index in self.traced.quantities(node, target=False)[:1]:
            samples = self._samples_of(quantity, index, value)
            others = [item for name, item in self._group.items() if name != quantity]
            return bool(samples and others and samples.intersection(*others))
        return False

    def _join(self, name: str, samples: frozenset[int], *, stated: bool) -> None:
        """Keep the samples of a datum beside those of the data that were mentioned with it.

        Where one value after the other is stated, the data are only listed.
        """
        if self._group.get(name, samples) != samples:
            self._group.clear()
            self._lists = True
        self._group[name] = samples
        self._lists = self._lists and stated
        if not self._lists and not samples.intersection(*self._group.values()):
            self.is_torn = True

    def _samples_of(self, quantity: str, index: tuple[int, ...], value: Value) -> frozenset[int]:
        """Return the samples that have a number at an entry of a datum; none if all are seen."""
        at = quantity, index, value
        if at not in self._found:
            if len(self._found) >= MOST_KEPT:
                self._found.clear()
            self._found[at] = frozenset(self._having(quantity, index, value))
        return self._found[at]

    def _having(self, quantity: str, index: tuple[int, ...], value: Value) -> Iterator[int]:
        entries = self.traced.samples(quantity)
        if not entries or not isinstance(value, Interval):
            return
        shape = self.traced.trace.scenario.data[quantity].shape
        if self.traced.trace.iteration(1).shape(quantity) == shape:
            return
        width = len(entries) // shape[0]
        for place, entry in enumerate(entries):
            if value.low <= entry <= value.high and (not index or place % width == index[-1]):
                yield place // width


def _may_be(value: Value, right: Value) -> bool:
    """Say whether a written value is a given one, an entry of it, or it the other way round."""
    if isinstance(value, Interval) and not isinstance(right, Interval):
        return any(is_within(entry, value) for entry in entries_of(right))
    return is_within(right, value) or is_within(transposed(right), value)
