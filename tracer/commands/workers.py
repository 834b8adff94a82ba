"""Processes that work on portions of tasks: those of this machine."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager
from multiprocessing import parent_process
from threading import Thread, current_thread, main_thread
from typing import Any


class ProcessWorkers(AbstractContextManager["ProcessWorkers"]):
    """Processes of this machine, started anew where one of them has died.

    As a context manager they end with the work.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._pool: ProcessPoolExecutor | None = None
        self._is_alone = False

    def __exit__(self, *error: object) -> None:
        # The executor has a public way to its processes only from Python 3.14 on; the children of
        # this process may be others' too.
        if self._pool is not None and error[0] is not None:
            for process in [*(self._pool._processes or {}).values()]:
                process.terminate()
            # Python 3.11.2 waits for ever for a task that is being written to a process which has
            # ended. Nothing here reads what is written.
            queue = getattr(self._pool, "_call_queue", None)
            if queue is not None:
                queue._reader.close()
        self.replace_dead()

    def submit(
        self, function: Callable[[Any], Any], tasks: Sequence[Any], *, alone: bool = False
    ) -> Future[list[Any]]:
        """Hand over some tasks; with `alone` to one process, which has nothing else in work."""
        if alone != self._is_alone:
            self.replace_dead()
        if self._pool is None:
            size = 1 if alone else self.size
            self._pool = ProcessPoolExecutor(size, initializer=_end_with_parent)
            self._is_alone = alone
        try:
            with WithoutInterrupts():
                return self._pool.submit(portion_results, function, tasks)
        except BrokenProcessPool as error:  # a process died before this was handed over
            broken: Future[list[Any]] = Future()
            broken.set_exception(error)
            return broken

    def has_died(self, future: Future[list[Any]]) -> bool:
        """Tell whether a future has no result because a process has died."""
        return future.done() and (
            future.cancelled() or isinstance(future.exception(), BrokenProcessPool)
        )

    def replace_dead(self) -> None:
        """Forget the processes; what they have in work is done, or has died with one of them."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None


class WithoutInterrupts:
    """Processes that are started in here do not hear Ctrl+C, which reaches all processes.

    They inherit what is blocked, and would each print a traceback; the one that started them ends
    them. What is pressed meanwhile, which a thread of a library may hear, counts at the end.
    """

    def __enter__(self) -> None:
        self._is_pressed = False
        is_main = current_thread() is main_thread()
        self._handler = signal.getsignal(signal.SIGINT) if is_main else None
        if self._handler is not None:
            signal.signal(signal.SIGINT, self._note)
        can_block = hasattr(signal, "pthread_sigmask")
        self._before = (
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}) if can_block else ()
        )

    def __exit__(self, *_: object) -> None:
        if hasattr(signal, "pthread_sigmask"):
            signal.pthread_sigmask(signal.SIG_SETMASK, self._before)
        if self._handler is not None:
            signal.signal(signal.SIGINT, self._handler)
        if self._is_pressed:
            signal.raise_signal(signal.SIGINT)

    def _note(self, *_: object) -> None:
        self._is_pressed = True


def portion_results(function: Callable[[Any], Any], tasks: Sequence[Any]) -> list[Any]:
    """Return the results of a portion of tasks."""
    return [function(task) for task in tasks]


def _end_with_parent() -> None:
    """Let this process end as soon as the one that started it is gone, even if it was killed.

    A worker waits for its next task for ever: the queue stays open, for the workers themselves
    hold it open.
    """
    parent = parent_process()
    assert parent is not None, "only a worker is started with this"

    def wait() -> None:
        parent.join()
        os._exit(1)  # nobody is left who would read a result

    Thread(target=wait, daemon=True).start()
