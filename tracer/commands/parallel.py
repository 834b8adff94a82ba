"""Many tasks, each by itself: in processes of this machine or on a cluster.

A process that dies (killed for its memory, or by a fault of a library) costs its task alone: what
was in work with it is done again, each task by itself, and one that ends its process again is
reported.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

from tracer.lazy_modules import LazyModule
from tracer.sentences import say

if TYPE_CHECKING:
    from concurrent.futures import Future

    from tracer.commands import workers as kinds_of_workers
    from tracer.commands.workers import ClusterWorkers, ProcessWorkers
else:
    kinds_of_workers = LazyModule("tracer.commands.workers")

PROCESS_DIED: Final = say("the process that worked on it died twice")

MANY: Final = 40  # tasks, from which on starting further processes pays
TOGETHER: Final = 8  # tasks that a process takes at once
MOST: Final = 8  # the largest number of processes
AHEAD: Final = 2  # portions that wait for each process, so that none has nothing to do

Workers: TypeAlias = "ProcessWorkers | ClusterWorkers"
Task = TypeVar("Task")
Result = TypeVar("Result")


def run_tasks(
    function: Callable[[Task], Result],
    tasks: Iterable[Task],
    *,
    lost: Callable[[Task], Result],
    many: int = MANY,
    together: int = TOGETHER,
    cluster: str | None = None,
) -> Iterator[tuple[int, Result]]:
    """Yield the number of each task, from 0, and its result, as they are finished.

    Each task has one result. `lost` gives that of a task whose process died twice, the second time
    with nothing else to do. `many` is the number of tasks from which several processes pay; a
    process takes so many `together`. `cluster` is the address of a Dask cluster that has the
    processes, or `local`. Where the caller wants no more, by an error or an interrupt, the
    processes end at once; and they end with this process, however that ends. Raises TracerError
    where the cluster cannot be used.
    """
    numbered = enumerate(tasks)
    first = list(islice(numbered, many))
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    if cluster is None and (len(first) < many or not cores or cores < 2):
        for number, task in chain(first, numbered):
            yield number, function(task)
        return
    if not first:
        return
    size = min(cores or 1, MOST)
    workers: Workers = (
        kinds_of_workers.ProcessWorkers(size)
        if cluster is None
        else kinds_of_workers.ClusterWorkers(cluster, size)
    )
    with workers:
        yield from _results_of_tasks(workers, function, chain(first, numbered), lost, together)


def _results_of_tasks(
    workers: Workers,
    function: Callable[[Task], Result],
    tasks: Iterator[tuple[int, Task]],
    lost: Callable[[Task], Result],
    together: int,
) -> Iterator[tuple[int, Result]]:
    from concurrent.futures import FIRST_COMPLETED, wait

    begun: dict[Future[list[Result]], list[tuple[int, Task]]] = {}
    alone: list[tuple[int, Task]] = []
    while True:
        while len(begun) < AHEAD * workers.size and (portion := list(islice(tasks, together))):
            begun[workers.submit(function, [task for _, task in portion])] = portion
        if not begun:
            break
        futures = wait(begun, return_when=FIRST_COMPLETED).done
        if any(map(workers.has_died, futures)):
            # Any of what was in work may have done it. What is done already stays done.
            workers.replace_dead()
            futures = {future for future in begun if future.done()}
        for future in futures:
            portion = begun.pop(future)
            if workers.has_died(future):
                alone += portion
            else:
                yield from zip((number for number, _ in portion), future.result(), strict=True)
    # Nothing else is in work any more, so that no task dies for another.
    for number, task in alone:
        single = workers.submit(function, [task])
        wait([single])
        if workers.has_died(single):
            workers.replace_dead()
            yield number, lost(task)
        else:
            yield number, single.result()[0]
