"""Many files, each by itself: a process for each core, the results in order."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from threading import Thread
from typing import Final, TypeVar

__all__ = ["mapped"]

MANY: Final = 40  # tasks from which starting further processes pays
TOGETHER: Final = 8  # tasks that a process takes at once
MOST: Final = 8  # processes

Task = TypeVar("Task")
Result = TypeVar("Result")


def mapped(
    function: Callable[[Task], Result],
    tasks: Sequence[Task],
    *,
    many: int = MANY,
    together: int = TOGETHER,
) -> Iterator[Result]:
    """Yield the result of each task in order; many of them are worked on by several processes.

    `many` is the number of tasks from which that pays; a process takes so many `together`.
    Where the caller wants no more, by an error or an interrupt, the processes end at once; and
    they end with this process, however that ends.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    if len(tasks) < many or not cores or cores < 2:
        yield from map(function, tasks)
        return
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import active_children

    # Ctrl+C reaches all processes. The others do not hear it, or each would print a traceback.
    can_block = hasattr(signal, "pthread_sigmask")
    pool = ProcessPoolExecutor(min(cores, MOST), initializer=_end_with_parent)
    try:
        if can_block:
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # the new ones inherit it
        try:
            results = pool.map(function, tasks, chunksize=together)
        finally:
            if can_block:
                signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        yield from results
    except BaseException:
        for process in active_children():
            process.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _end_with_parent() -> None:
    """Let this process end as soon as the one that started it is gone, even if it was killed.

    A worker waits for its next task for ever: the queue stays open, for the workers themselves
    hold it open.
    """
    from multiprocessing import parent_process

    parent = parent_process()
    assert parent is not None, "only a worker is started with this"

    def wait() -> None:
        parent.join()
        os._exit(1)  # nobody is left who would read a result

    Thread(target=wait, daemon=True).start()
