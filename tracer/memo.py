"""A cache of bounded size, so that no program is built or compiled twice."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, Final, TypeVar

Result = TypeVar("Result")

# Measured, between Python 3.11 and 3.13.
EQUATION_BYTES: Final = 1500  # memory for an equation and its tree
COMPILED_BYTES: Final = 12  # bytes of a compiled plan, for each character of its source


class Memo:
    """Results by all that they depend on; those used last stay, as many as `budget` bytes hold.

    Who is given a result shares it with others, other threads too, and must not change it.
    """

    def __init__(self, budget: int) -> None:
        self._budget = budget
        self._results: dict[Hashable, tuple[Any, int]] = {}  # each result with its size in bytes
        self._size = 0
        self._lock = Lock()

    def result(
        self,
        key: Hashable,
        make: Callable[[], Result],
        nbytes: Callable[[Result], int],
        *,
        is_valid: Callable[[Result], bool] = lambda result: True,
    ) -> Result:
        """Return what was made for an equal key, where that `is_valid`; else make it."""
        with self._lock:
            entry = self._results.get(key)
            if entry is not None and is_valid(entry[0]):
                self._results[key] = self._results.pop(key)
                result: Result = entry[0]
                return result
        result = make()
        size = nbytes(result)
        if size <= self._budget:
            with self._lock:
                self._drop(key)
                self._results[key] = result, size
                self._size += size
                while self._size > self._budget:
                    self._drop(next(iter(self._results)))
        return result

    def clear(self) -> None:
        """Forget all results."""
        with self._lock:
            self._results.clear()
            self._size = 0

    def _drop(self, key: Hashable) -> None:
        self._size -= self._results.pop(key, (None, 0))[1]


PROGRAMS: Final = Memo(8 * 1024**2)  # programs, their plans' sources, and these compiled
