"""The processes of a Dask cluster, as workers for many tasks."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager, ExitStack
from importlib import import_module
from multiprocessing import resource_tracker
from typing import Any, Final, cast

from tracer.commands.workers import WithoutInterrupts, portion_results
from tracer.errors import TracerError
from tracer.sentences import say
from tracer.version import __version__

LOCAL: Final = "local"  # a cluster of this machine, that ends with the work
PATIENCE: Final = 30  # seconds for the cluster to answer, and to have a worker

SETTINGS: Final = {
    "distributed.worker.daemon": False,  # a daemon may start no process, and code is read in one
    "distributed.scheduler.allowed-failures": 0,  # a second try is made here, alone
    "distributed.admin.tick.limit": "1h",  # no remarks on what a long calculation delays
}


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
                expected=say("pip install 'gradient-tracer[cluster]'"),
            ) from None
        try:
            resource_tracker.ensure_running()  # its start with the workers would let interrupts in
            with ExitStack() as stack:
                with WithoutInterrupts():
                    stack.enter_context(dask.config.set(SETTINGS))
                    place: Any = address
                    if address == LOCAL:
                        place = stack.enter_context(
                            distributed.LocalCluster(
                                n_workers=size,
                                threads_per_worker=1,
                                dashboard_address=None,  # a page that nobody asked for
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
        """Let go of the cluster; what nobody waits for any more is cancelled with its client."""
        self._open.close()

    def submit(
        self, function: Callable[[Any], Any], tasks: Sequence[Any], *, alone: bool = False
    ) -> Future[list[Any]]:
        """Hand over some tasks; a worker with one thread has nothing else in work."""
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
        return isinstance(future.exception(), self._killed)

    def replace_dead(self) -> None:
        """Do nothing: the cluster starts its own processes."""


def _dask_version() -> str:
    return __version__
