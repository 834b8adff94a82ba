"""Many tasks, each by itself: a process for each core, the results in order.

A process that dies (killed for its memory, or by a fault of a library) costs its task alone: what
was in work with it is done again, each task by itself, and one that ends its process again is
reported.
"""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from threading import Thread
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from tracer.sentences import say

if TYPE_CHECKING:
    from concurrent.futures import Future, ProcessPoolExecutor

__all__ = ["PROCESS_DIED", "map_in_processes"]

PROCESS_DIED: Final = say("the process that worked on it died, twice")

MANY: Final = 40  # tasks from which starting further processes pays
TOGETHER: Final = 8  # tasks that a process takes at once
MOST: Final = 8  # processes
AHEAD: Final = 2  # portions that wait for each process, so that none has nothing to do

Task = TypeVar("Task")
Result = TypeVar("Result")


def map_in_processes(
    function: Callable[[Task], Result],
    tasks: Sequence[Task],
    *,
    lost: Callable[[Task], Result],
    many: int = MANY,
    together: int = TOGETHER,
) -> Iterator[Result]:
    """Yield the result of each task in order; many of them are worked on by several processes.

    `lost` gives the result of a task whose process died twice, the second time with nothing else
    to do. `many` is the number of tasks from which several processes pay; a process takes so many
    `together`. Where the caller wants no more, by an error or an interrupt, the processes end at
    once; and they end with this process, however that ends.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    if len(tasks) < many or not cores or cores < 2:
        yield from map(function, tasks)
        return
    work = _Work(function, lost, min(cores, MOST))
    try:
        portions = (tasks[at : at + together] for at in range(0, len(tasks), together))
        yield from work.results(portions)
    except BaseException:
        work.terminate()
        raise
    finally:
        work.close()


class _Work(Generic[Task, Result]):
    """The processes, started anew where one of them has died."""

    def __init__(
        self, function: Callable[[Task], Result], lost: Callable[[Task], Result], size: int
    ) -> None:
        self._function = function
        self._lost = lost
        self._size = size
        self._pool: ProcessPoolExecutor | None = None

    def results(self, portions: Iterator[Sequence[Task]]) -> Iterator[Result]:
        """Yield the results of all tasks in order."""
        from concurrent.futures.process import BrokenProcessPool

        begun: deque[tuple[Sequence[Task], Future[list[Result]]]] = deque()
        while True:
            while len(begun) < AHEAD * self._size:
                portion = next(portions, None)
                if portion is None:
                    break
                begun.append((portion, self._submit(portion, self._size)))
            if not begun:
                return
            portion, future = begun.popleft()
            try:
                results = future.result()
            except BrokenProcessPool:
                # Any of what was in work may have done it. What is done already stays done.
                self.close()
                begun.appendleft((portion, future))
                finished = [self._results_of(*item) for item in begun]
                begun.clear()
                self.close()  # the one process that worked alone
                for results in finished:
                    yield from results
                continue
            yield from results

    def _results_of(self, portion: Sequence[Task], future: Future[list[Result]]) -> list[Result]:
        """Return the results of a portion, worked out task by task where they are not there."""
        if future.done() and not future.cancelled() and future.exception() is None:
            return future.result()
        return [self._alone(task) for task in portion]

    def _alone(self, task: Task) -> Result:
        """Work on one task with nothing beside it."""
        from concurrent.futures.process import BrokenProcessPool

        try:
            return self._submit([task], 1).result()[0]
        except BrokenProcessPool:
            self.close()
            return self._lost(task)

    def _submit(self, portion: Sequence[Task], size: int) -> Future[list[Result]]:
        from concurrent.futures import ProcessPoolExecutor
        from concurrent.futures.process import BrokenProcessPool

        if self._pool is None:
            self._pool = ProcessPoolExecutor(size, initializer=_end_with_parent)
        # Ctrl+C reaches all processes. The others do not hear it, or each would print a traceback.
        # They start with the first tasks, and inherit what is blocked.
        can_block = hasattr(signal, "pthread_sigmask")
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}) if can_block else ()
        try:
            return self._pool.submit(_work_through, self._function, portion)
        except BrokenProcessPool:  # a process died before this was handed over
            self.close()
            return self._submit(portion, size)
        finally:
            if can_block:
                signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def terminate(self) -> None:
        """End the processes at once."""
        # The executor has a public way to its processes only from Python 3.14 on; the children of
        # this process may be others' too.
        if self._pool is not None:
            for process in [*(self._pool._processes or {}).values()]:
                process.terminate()

    def close(self) -> None:
        """Forget the processes; they end with what they are doing."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None


def _work_through(function: Callable[[Task], Result], portion: Sequence[Task]) -> list[Result]:
    return [function(task) for task in portion]


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
