"""Iterations that are computed again when somebody asks for them, the same to the last bit."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from threading import Lock
from typing import TYPE_CHECKING, Any

from tracer.run.layout import Store

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Recomputed", "Replayed"]

KEPT = 2  # stretches: a reader who walks on from one to the next still looks back


class Replayed:
    """The last few stretches that were computed again."""

    def __init__(self) -> None:
        self._stores: OrderedDict[int, Store] = OrderedDict()
        self._lock = Lock()  # a check, an export and the reader may ask at the same time

    def store(self, first: int, compute: Callable[[], Store]) -> Store:
        """Return the values of the stretch that begins with the iteration `first`."""
        with self._lock:
            store = self._stores.pop(first, None)
            if store is None:
                while len(self._stores) >= KEPT:
                    self._stores.popitem(last=False)
                store = compute()
            self._stores[first] = store
            return store


class Recomputed:
    """A store that keeps a few columns; the others come from running the stretch again."""

    def __init__(
        self,
        kept: Store,
        names: Sequence[str],
        first: int,
        compute: Callable[[], Store],
        replayed: Replayed,
    ) -> None:
        self._kept = kept
        self._names = tuple(names)
        self._first = first
        self._compute = compute
        self._replayed = replayed
        self.count = kept.count

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def names(self) -> Sequence[str]:
        """Return the recorded quantities in the order they are computed."""
        return self._names

    def floats(self, name: str, row: int) -> list[float]:
        """Return the entries of a quantity in one iteration, row by row."""
        return self._with(name).floats(name, row)

    def several(self, names: tuple[str, ...], row: int) -> Sequence[float]:
        """Return the entries of several quantities in one iteration, one after the other."""
        return [value for name in names for value in self.floats(name, row)]

    def numbers(self, name: str) -> list[float]:
        """Return a single number in all iterations."""
        return self._with(name).numbers(name)

    def column(self, name: str) -> NDArray[Any]:
        """Return a quantity in all iterations, the first axis being the iteration; read-only."""
        return self._with(name).column(name)

    def first_non_finite(self) -> tuple[int, str] | None:
        """Return the first row with a value that is not finite, and the quantity."""
        return self._kept.first_non_finite()

    def cut(self, count: int) -> None:
        """Forget the rows from `count` on."""
        self._kept.cut(count)
        self.count = count

    def size(self) -> int:
        """Return the bytes that the values take."""
        return self._kept.size()

    def _with(self, name: str) -> Store:
        """Return a store that has this column."""
        if name in self._kept.names():
            return self._kept
        return self._replayed.store(self._first, self._compute)
