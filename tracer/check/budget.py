"""How long one document may be judged: what a hostile one asks for has no end."""

from __future__ import annotations

import os
from time import monotonic, thread_time
from typing import Final

__all__ = ["Budget"]

SECONDS: Final = 20.0  # processor time; twenty thousand worked lines take half of it


class Budget:
    """Processor time of this thread and of the processes that it waited for, from now on."""

    __slots__ = ("_end", "_first")

    def __init__(self) -> None:
        self._end: Final = _processor_time() + SECONDS
        self._first: Final = monotonic() + SECONDS  # before which it cannot be over

    @property
    def is_spent(self) -> bool:
        """Whether the time is over. A thread's clock is slow to read, so it is read late."""
        return monotonic() >= self._first and _processor_time() >= self._end


def _processor_time() -> float:
    ended = os.times()
    return thread_time() + ended.children_user + ended.children_system
