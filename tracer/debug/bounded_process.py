"""Work that has no end of its own, in a process with bounds on its time and its memory.

A single call of a library may take hours or all memory, and nothing inside a process can stop it:
the system ends the process instead. Where a process cannot safely be copied (Windows; macOS, whose
libraries do not outlive a copy), the work is done in this one.
"""

from __future__ import annotations

import os
import signal
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar, cast

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

PROCESSOR_SECONDS: Final = 8
LONGEST_WAIT: Final = 600  # seconds, for what computes nothing: how long those of the processor
# take depends on what else the machine does, and no finding may
MEMORY_BYTES: Final = 1024**3  # bytes beyond those that the process has at its start
CAN_BE_BOUNDED: Final = hasattr(os, "fork") and sys.platform not in ("win32", "darwin")

Result = TypeVar("Result")


class OutOfBoundsError(Exception):
    """The work took too long or too much memory, or ended its process in another way."""


def result_within_bounds(work: Callable[[], Result]) -> Result:
    """Return what some work gives, done in a process of its own; the result must be picklable.

    Raises what the work raises, and OutOfBoundsError where it takes more than the bounds.
    """
    if not CAN_BE_BOUNDED:
        return work()
    from multiprocessing import current_process, get_context

    if current_process().daemon:  # one that may start none
        return work()
    context = get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_work_alone, args=(work, sender), daemon=True)
    try:
        with (
            warnings.catch_warnings()
        ):  # a warning of other threads, whose locks the work does not use
            for each in (DeprecationWarning, RuntimeWarning):  # Python's, and JAX's
                warnings.simplefilter("ignore", each)
            process.start()
        sender.close()
        if not receiver.poll(LONGEST_WAIT):
            raise OutOfBoundsError
        result, error = receiver.recv()
    except EOFError:
        raise OutOfBoundsError from None
    finally:
        receiver.close()
        sender.close()
        if process.pid is not None:
            process.kill()
            process.join()
            process.close()
    if error is not None:
        raise error
    return cast("Result", result)


def _work_alone(work: Callable[[], Result], sender: Connection) -> None:
    """Send what some work gives, or the error that it raises; nothing beyond the bounds."""
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)  # what libraries write while they fail
    _set_bounds()
    try:
        sender.send((work(), None))
    except MemoryError:
        return
    except Exception as error:  # noqa: BLE001 - raised again in the process that asked
        sender.send((None, error))


def _set_bounds() -> None:
    """Limit the processor time and memory of this process; beyond them the system ends it."""
    import resource

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM):
        signal.signal(number, signal.SIG_DFL)
    bounds = [(resource.RLIMIT_CORE, 0), (resource.RLIMIT_CPU, PROCESSOR_SECONDS)]
    sizes = Path("/proc/self/statm")
    if sizes.exists():
        pages = int(sizes.read_text("ascii").split()[0])
        bounds.append((resource.RLIMIT_AS, pages * resource.getpagesize() + MEMORY_BYTES))
    for kind, most in bounds:
        hard = resource.getrlimit(kind)[1]
        least = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (least, hard))
