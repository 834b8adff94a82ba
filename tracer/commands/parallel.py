"""Many files, each by itself: a process for each core, the results in order."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from typing import Final, TypeVar

__all__ = ["mapped"]

MANY: Final = 40  # tasks from which starting further processes pays
MOST: Final = 8  # processes

Task = TypeVar("Task")
Result = TypeVar("Result")


def mapped(function: Callable[[Task], Result], tasks: Sequence[Task]) -> Iterator[Result]:
    """Yield the result of each task in order; many of them are worked on by several processes."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    if len(tasks) < MANY or not cores or cores < 2:
        yield from map(function, tasks)
        return
    from concurrent.futures import ProcessPoolExecutor

    with ProcessPoolExecutor(min(cores, MOST)) as pool:
        yield from pool.map(function, tasks, chunksize=8)
