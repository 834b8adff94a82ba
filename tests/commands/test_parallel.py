"""Work on many files: results in order, and no process is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from multiprocessing import active_children, get_context
from pathlib import Path

import pytest

from tracer.commands.parallel import MANY, run_tasks

ROOT = Path(__file__).resolve().parents[2]

# Each task says that it has begun, and takes far longer than the test waits.
PROGRAM = f"""
import os
import time
from tracer.commands.parallel import run_tasks

def work(seconds):
    os.write(1, b"begun\\n")  # in one piece: other workers write too
    time.sleep(seconds)

if __name__ == "__main__":
    for _ in run_tasks(work, [600] * {MANY}, lost=abs):
        pass
"""


def test_each_of_many_tasks_has_its_result() -> None:
    """As one process would give them, each with the number of its task."""
    tasks = list(range(-2 * MANY, 0))
    results = list(run_tasks(abs, iter(tasks), lost=abs))
    assert sorted(results) == list(enumerate(map(abs, tasks)))


def in_order(results: Iterable[tuple[int, str]]) -> list[str]:
    """Return results in the order of their tasks, each of which has exactly one."""
    numbers, texts = zip(*sorted(results), strict=True)
    assert numbers == tuple(range(len(texts)))
    return list(texts)


def fragile(task: tuple[int, str]) -> str:
    """End the process of this task: always, or where no file says that it did so before."""
    number, marker = task
    if marker and (marker == "always" or not Path(marker).exists()):
        if marker != "always":
            Path(marker).write_text("died once", "utf-8")
        os.kill(os.getpid(), signal.SIGKILL)
    return f"{number} done"


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize("places", [(0,), (13,), (2 * MANY - 1,), (3, 4, 50)])
def test_a_task_that_ends_its_process_costs_nothing_but_itself(places: tuple[int, ...]) -> None:
    """All others have their results, in their places; the one that died twice is reported."""
    tasks = [(number, "always" if number in places else "") for number in range(2 * MANY)]
    results = in_order(run_tasks(fragile, tasks, lost=lambda task: f"{task[0]} lost"))
    assert results == [
        f"{number} {'lost' if number in places else 'done'}" for number in range(2 * MANY)
    ]


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_a_task_whose_process_died_once_is_done_alone(tmp_path: Path) -> None:
    """What the system killed for the sake of others has its result the second time."""
    tasks = [(number, str(tmp_path / "died") if number == 20 else "") for number in range(MANY)]
    results = in_order(run_tasks(fragile, tasks, lost=lambda task: f"{task[0]} lost"))
    assert results == [f"{number} done" for number in range(MANY)]
    assert (tmp_path / "died").exists()


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM], ids=lambda item: item.name)
def test_workers_end_with_the_process_that_started_them(
    tmp_path: Path, ending: signal.Signals
) -> None:
    """Workers hold the output open, so it ends only when the last of them is gone."""
    program = tmp_path / "program.py"
    program.write_text(PROGRAM, "utf-8")
    with subprocess.Popen(
        [sys.executable, str(program)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == b"begun\n"
            process.send_signal(ending)
            process.communicate(timeout=20)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise


def stopped(number: int) -> int:
    """Stop the process of one task, as Ctrl+Z does, and work on the others."""
    if number == MANY - 1:
        os.kill(os.getpid(), signal.SIGSTOP)
    return number


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_an_error_ends_a_worker_that_was_stopped() -> None:
    """It hears no request to end itself."""
    results = run_tasks(stopped, range(MANY), lost=abs, together=1)
    for _ in range(MANY - 1):
        next(results)
    with pytest.raises(RuntimeError, match="no more"):
        results.throw(RuntimeError("no more"))  # type: ignore[attr-defined]  # a generator
    assert active_children() == []


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_an_error_ends_no_process_of_others() -> None:
    """Whoever uses this in a program of their own keeps their processes."""
    other = get_context("spawn").Process(target=time.sleep, args=(600,))
    other.start()
    try:
        results = run_tasks(abs, list(range(MANY)), lost=abs)
        next(results)
        with pytest.raises(RuntimeError, match="no more"):
            results.throw(RuntimeError("no more"))  # type: ignore[attr-defined]  # a generator
        assert active_children() == [other]
        other.join(0.2)
        assert other.is_alive()
    finally:
        other.terminate()
        other.join()
