"""Processes that work on portions of tasks: those of this machine, or of a Dask cluster."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, ExitStack
from importlib import import_module
from multiprocessing import parent_process, resource_tracker
from threading import Thread, current_thread, main_thread
from typing import Any, Final, cast

from tracer.errors import TracerError
from tracer.sentences import say
from tracer.version import __version__

LOCAL: Final = "local"  # a cluster of this machine, that ends with the work
EXECUTOR: Final = "distributed.cfexecutor"
PATIENCE: Final = 30  # seconds for the cluster to answer, and to have a worker

SETTINGS: Final = {
    "distributed.worker.daemon": False,  # a daemon may start no process, and code is read in one
    "distributed.scheduler.allowed-failures": 0,  # a second try is made here, alone
    "distributed.admin.tick.limit": "1h",  # no remarks on what a long calculation delays
}


class ProcessWorkers(AbstractContextManager["ProcessWorkers"]):
    """Processes of this machine, started anew where one of them has died.

    As a context manager they end with the work.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._pool: ProcessPoolExecutor | None = None

    def __exit__(self, *error: object) -> None:
        if self._pool is not None and error[0] is not None:
            # Python 3.11.2 waits for ever for a task that is being written to a process which has
            # ended. Nothing here reads what is written. Later versions close it themselves, as soon
            # as they notice that a process has ended, so it is closed before one does.
            queue = getattr(self._pool, "_call_queue", None)
            if queue is not None:
                queue._reader.close()
            # The executor has a public way to its processes only from Python 3.14 on; the children
            # of this process may be others' too.
            for process in [*(self._pool._processes or {}).values()]:
                process.kill()  # one that was stopped would not hear a request
        self.replace_dead()

    def submit(self, function: Callable[[Any], Any], tasks: Sequence[Any]) -> Future[list[Any]]:
        """Hand over some tasks."""
        if self._pool is None:
            self._pool = ProcessPoolExecutor(self.size, initializer=_end_with_parent)
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


class ClusterWorkers(AbstractContextManager["ClusterWorkers"]):
    """The workers of a cluster at an address, or of one of `size` processes on this machine.

    Dask hands what was in work in a process that died to another one. Raises TracerError where
    there is no such cluster, its workers have another version, or Dask is not installed.
    """

    def __init__(self, address: str, size: int) -> None:
        try:
            dask, distributed = import_module("dask"), import_module("distributed")
        except ImportError:
            raise TracerError(
                say("--cluster needs Dask, which is not installed"),
                expected=say(
                    "the extra {name}: pip install 'gradient-tracer[{name}]'", name="cluster"
                ),
            ) from None
        try:
            resource_tracker.ensure_running()  # its start with the workers would let interrupts in
            with ExitStack() as stack:
                with WithoutInterrupts():
                    stack.enter_context(dask.config.set(SETTINGS))
                    # What it says of a scheduler that is gone is a traceback; we say it ourselves.
                    stack.enter_context(distributed.utils.silence_logging_cmgr(logging.CRITICAL))
                    place: Any = address
                    if address == LOCAL:
                        place = stack.enter_context(
                            distributed.LocalCluster(
                                n_workers=size,
                                threads_per_worker=1,
                                # No page that nobody asked for. Its server runs all the same, and
                                # without an address it takes port 8787, or warns where it cannot.
                                scheduler_kwargs={
                                    "dashboard": False,
                                    "dashboard_address": "127.0.0.1:0",
                                },
                                silence_logs=logging.CRITICAL,
                            )
                        )
                    client = distributed.Client(place, timeout=PATIENCE, set_as_default=False)
                    stack.enter_context(client)
                    client.wait_for_workers(1, timeout=PATIENCE)
                    versions = {*client.run(_dask_version).values()}
                    if versions != {__version__}:
                        raise TracerError(
                            say("the workers of the cluster have another version of tracer"),
                            where=f"--cluster {address}",
                            found=", ".join(sorted(versions)),
                            expected=__version__,
                        )
                    self.size = sum(client.nthreads().values())
                    self._executor = client.get_executor(pure=False)
                    self._killed: type[Exception] = distributed.KilledWorker
                self._open = stack.pop_all()  # an interrupt until then ends what has begun
        except (OSError, TimeoutError, ValueError, ImportError, AttributeError) as error:
            raise TracerError(
                say("the cluster cannot be used"),
                where=f"--cluster {address}",
                found=str(error),
                expected=say("the address of a Dask scheduler with workers that have tracer"),
            ) from None

    def __exit__(self, *_: object) -> None:
        """Close the client, which cancels the tasks that are left."""
        self._open.close()

    def submit(self, function: Callable[[Any], Any], tasks: Sequence[Any]) -> Future[list[Any]]:
        """Hand over some tasks."""
        return cast("Future[list[Any]]", self._executor.submit(portion_results, function, tasks))

    def has_died(self, future: Future[list[Any]]) -> bool:
        """Tell whether a future has no result because the processes that had it have died.

        Raises TracerError where the cluster is gone.
        """
        if not future.done():
            return False
        if future.cancelled():
            raise TracerError(
                say("the cluster is gone"),
                expected=say("the same command again, to go on from there"),
            )
        error = future.exception()
        return isinstance(error, self._killed) or _is_of_executor(error)

    def replace_dead(self) -> None:
        """Do nothing: the cluster starts its own processes."""


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


def _is_of_executor(error: BaseException | None) -> bool:
    """Say whether Dask's executor itself has failed, and not a task.

    It reads how a task ended after it has asked for the result. Where a process dies in between,
    it takes the results for an error, and fails.
    """
    last = error.__traceback__ if isinstance(error, ValueError) else None
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    return last is not None and last.tb_frame.f_globals.get("__name__") == EXECUTOR


def _dask_version() -> str:
    return __version__
